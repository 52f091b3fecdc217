/* Owns `basalt create` and `basalt delete`: objects that come and go (clauses 15.3 and 15.4). */
#include "entry.h"
#include "session_call.h"
#include "verbs.h"

#include <string.h>

const struct verb_options create_options = {
    .arguments = "DEVICE OBJECT|TYPE [PROPERTY=VALUE...]",
    .min_arguments = 2,
    .max_arguments = 66,
    .uses_hub = true,
    .size = sizeof(struct common_options),
    .examples = "  basalt create 1234 av                        the device chooses the instance\n"
                "  basalt create 1234 av:7 name='Set point' units=degrees-celsius pv=20\n",
};

const struct verb_options delete_options = {
    .arguments = "DEVICE OBJECT",
    .min_arguments = 2,
    .max_arguments = 2,
    .uses_hub = true,
    .size = sizeof(struct common_options),
    .examples = "  basalt delete 1234 av:7\n",
};

struct creation {
    struct target_device device;
    struct bac_create_object asked;
    struct bac_property_value values[64];
    const char *words[64]; /* their properties, for a complaint */
    struct bac_object_id object;
};

static void tell(struct session *s, struct bac_object_id object, const char *what)
{
    const struct creation *c = s->user;
    struct out *out = &s->tool->out;
    char memory[64];
    struct bas_buf text;
    if (out->json) {
        struct bas_json *json = out_begin(out);
        target_device_json(&c->device, json);
        bac_json(&bac_type_object_id, &object, json, "object");
        bas_json_bool(json, what, true);
        out_end(out);
        return;
    }
    bas_buf_init(&text, memory, sizeof(memory));
    bac_object_id_text(object, &text);
    out_line(out, "%s %s", bas_buf_text(&text), what);
}

/* The device says which of the initial values it did not like. */
static void refuse(struct session *s, struct session_answer *answer)
{
    const struct creation *c = s->user;
    struct bac_create_object_error error;
    if (bac_decode_all(&bac_type_create_object_error, answer->body, &error, NULL, NULL) == BAS_OK &&
        error.first_failed >= 1 && error.first_failed <= c->asked.values.n) {
        struct bas_fault fault = answer->fault;
        struct bas_buf text;
        bas_buf_init(&text, fault.text, sizeof(fault.text));
        bas_buf_format(&text, "%.60s: %s", c->words[error.first_failed - 1], answer->fault.text);
        (void)bas_buf_text(&text);
        session_fail(s, &fault);
        return;
    }
    session_fail(s, &answer->fault);
}

static int create_work(struct session *s)
{
    struct creation *c = s->user;
    struct session_answer answer;
    struct bac_create_object_ack ack;
    if (!session_call(s, BAC_CONFIRMED_CREATE_OBJECT, &c->asked, &answer)) {
        return 0;
    }
    if (!answer.is_good) {
        refuse(s, &answer);
    } else if (session_decode(s, &bac_type_create_object_ack, answer.body, &ack)) {
        tell(s, ack.object, "created");
    }
    return 0;
}

static int delete_work(struct session *s)
{
    const struct creation *c = s->user;
    const struct bac_delete_object asked = { c->object };
    if (session_get(s, BAC_CONFIRMED_DELETE_OBJECT, &asked, NULL)) {
        tell(s, c->object, "deleted");
    }
    return 0;
}

static bool read_specifier(struct tool *tool, const char *text, struct creation *c)
{
    struct bac_create_specifier *specifier = &c->asked.specifier;
    uint32_t type = 0;
    if (strpbrk(text, ":,") == NULL && bac_object_type_parse(text, &type)) {
        specifier->choice = BAC_CREATE_TYPE;
        specifier->as.type = type;
        c->object.type = (uint16_t)type;
        return true;
    }
    specifier->choice = BAC_CREATE_ID;
    if (!target_object(tool, text, &specifier->as.id)) {
        return false;
    }
    c->object = specifier->as.id;
    return true;
}

static bool read_values(struct tool *tool, const struct arguments *arguments, struct creation *c)
{
    size_t n = 0;
    for (size_t i = 2; i < arguments->n; i++, n++) {
        struct entry entry = { 0 };
        c->words[n] = arguments->items[i];
        if (!entry_read_assignment(tool, c->object, arguments->items[i], &entry)) {
            return false;
        }
        c->values[n] = (struct bac_property_value){ .property = entry.of.property,
                                                    .has_index = entry.of.index != BAC_NO_INDEX,
                                                    .index = entry.of.index,
                                                    .value = entry.raw,
                                                    .has_priority = entry.priority != 0,
                                                    .priority = entry.priority };
    }
    c->asked.has_values = n != 0;
    c->asked.values = (struct bac_list){ c->values, n };
    return true;
}

int cmd_create(struct tool *tool, int argc, char **argv)
{
    struct common_options options;
    struct arguments arguments;
    struct creation c = { 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (!target_device(tool, arguments.items[0], &c.device) ||
        !read_specifier(tool, arguments.items[1], &c) || !read_values(tool, &arguments, &c)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    const struct session_task task = { .device = &c.device, .work = create_work, .user = &c };
    return session_run(tool, &options, &task);
}

int cmd_delete(struct tool *tool, int argc, char **argv)
{
    struct common_options options;
    struct arguments arguments;
    struct creation c = { 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (!target_device(tool, arguments.items[0], &c.device) ||
        !target_object(tool, arguments.items[1], &c.object)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    const struct session_task task = { .device = &c.device, .work = delete_work, .user = &c };
    return session_run(tool, &options, &task);
}
