/* Owns `basalt write`: one property (WriteProperty, clause 15.9). */
#include "session.h"
#include "value.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

enum {
    LONGEST_VALUE = BAC_MAX_APDU,
    TEXT_MAX = 8 * BAC_MAX_APDU,
    MIN_PRIORITY = 1,
    MAX_PRIORITY = 16,
    FEW_NAMES = 8
};

const struct verb_options write_options = {
    .arguments = "DEVICE OBJECT PROPERTY[INDEX] VALUE[@PRIORITY]",
    .min_arguments = 4,
    .max_arguments = 4,
    .uses_hub = true,
    .size = sizeof(struct common_options),
    .examples = "  basalt write 1234 ao:1 pv 72.5@8         at priority 8\n"
                "  basalt write 1234 ao:1 pv null@8         relinquish it\n"
                "  basalt write 1234 bv:2 pv active\n"
                "  basalt write 1234 av:1 description 'Set point'\n"
                "  basalt write 1234 av:1 pv real:20        with the kind in front\n",
};

struct writing {
    struct target_device device;
    struct target_property of;
    uint8_t priority; /* 0: none given */
    struct bac_value value;
    uint8_t encoded[LONGEST_VALUE];
    size_t len;
    struct bac_arena arena; /* octets of the value */
    uint8_t memory[LONGEST_VALUE + 64];
};

static void tell_json(struct out *out, const struct writing *w, const struct value *value)
{
    struct bas_json *json = out_begin(out);
    target_device_json(&w->device, json);
    target_json(&w->of, json);
    value_json(value, json);
    if (w->priority != 0) {
        bas_json_unsigned(json, "priority", w->priority);
    }
    bas_json_bool(json, "acknowledged", true);
    out_end(out);
}

static void tell_text(struct out *out, const struct writing *w, const struct value *value)
{
    char memory[TEXT_MAX];
    struct bas_buf text;
    bas_buf_init(&text, memory, sizeof(memory));
    bac_object_id_text(w->of.object, &text);
    bas_buf_add_text(&text, " ");
    target_property_text(&w->of, &text);
    if (w->value.tag == BAC_TAG_NULL) {
        bas_buf_add_text(&text, " relinquished");
    } else {
        bas_buf_add_text(&text, " = ");
        value_text(value, ", ", &text);
    }
    if (w->priority != 0) {
        bas_buf_format(&text, " @%u", w->priority);
    }
    out_line(out, "%s", bas_buf_text(&text));
}

static void acknowledged(struct session *s, struct bas_slice body)
{
    const struct writing *w = s->user;
    const struct value value = { w->of, { w->encoded, w->len }, &s->arena };
    (void)body;
    if (s->tool->out.json) {
        tell_json(&s->tool->out, w, &value);
    } else {
        tell_text(&s->tool->out, w, &value);
    }
    session_end(s, 0);
}

static void begin(struct session *s)
{
    const struct writing *w = s->user;
    const struct bac_write_property asked = { .object = w->of.object,
                                              .property = w->of.property,
                                              .has_index = w->of.index != BAC_NO_INDEX,
                                              .index = w->of.index,
                                              .has_priority = w->priority != 0,
                                              .priority = w->priority,
                                              .value = { w->encoded, w->len } };
    session_ask(s, BAC_CONFIRMED_WRITE_PROPERTY, &asked, acknowledged);
}

/* The arguments. */

/*
 * Cuts "@8" off. Quotes keep it: "a@8" is a text; in a text without quotes only what can be a
 * priority is one. False: told.
 */
static bool split_priority(struct tool *tool, char *text, uint8_t *priority)
{
    char *at = strrchr(text, '@');
    if (at == NULL || at[1] == 0 || at[1 + strspn(at + 1, "0123456789")] != 0) {
        return true;
    }
    unsigned long number = strtoul(at + 1, NULL, 10);
    if (number < MIN_PRIORITY || number > MAX_PRIORITY) {
        (void)out_usage(&tool->out, tool->verb->name,
                        "\"%.40s\" is no priority; from @1 (the highest) to @16", at);
        return false;
    }
    *priority = (uint8_t)number;
    *at = 0;
    return true;
}

/* Tells what is wrong with a value, and the names of a short enumeration. */
static void complain(struct tool *tool, const struct bac_type *type, struct bas_fault *fault)
{
    struct bas_buf why;
    size_t len = strlen(fault->text);
    bas_buf_init(&why, fault->text + len, sizeof(fault->text) - len);
    bool is_short = type != NULL && type->kind == BAC_KIND_ENUMERATED && type->n_names > 0 &&
                    type->n_names <= FEW_NAMES;
    for (size_t i = 0; is_short && i < type->n_names; i++) {
        const char *before = i == 0 ? "; " : i + 1U == type->n_names ? " or " : ", ";
        bas_buf_format(&why, "%s%s", before, type->names[i].name);
    }
    (void)bas_buf_text(&why);
    (void)out_fail(&tool->out, tool->verb->name, fault);
}

static bool read_value(struct tool *tool, char *text, struct writing *w)
{
    struct bas_fault fault = { 0 };
    struct bas_buf out;
    const struct bac_type *type = value_type(&w->of);
    bool is_null = w->of.property == BAC_PROPERTY_PRESENT_VALUE && strcmp(text, "null") == 0;
    bas_buf_init(&out, w->encoded, sizeof(w->encoded));
    bac_arena_init(&w->arena, w->memory, sizeof(w->memory));
    if (is_null) { /* to a text object, too */
        w->value.tag = BAC_TAG_NULL;
    } else if (bac_value_parse(type, text, &w->arena, &w->value, &fault) != BAS_OK) {
        complain(tool, type, &fault);
        return false;
    }
    if (bac_encode(&bac_type_value, &w->value, BAC_APPLICATION, &out) != BAS_OK) {
        (void)out_usage(&tool->out, tool->verb->name, "the value is too long for one message");
        return false;
    }
    w->len = out.len;
    return true;
}

static int run(struct tool *tool, int argc, char **argv)
{
    struct common_options options;
    struct arguments arguments;
    struct writing w = { 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    char **items = arguments.items;
    if (!target_device(tool, items[0], &w.device) || !target_object(tool, items[1], &w.of.object) ||
        !target_one_property(tool, items[2], &w.of) ||
        !split_priority(tool, items[3], &w.priority) || !read_value(tool, items[3], &w)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    const struct session_task task = { .device = &w.device, .begin = begin, .user = &w };
    return session_run(tool, &options, &task);
}

int cmd_write(struct tool *tool, int argc, char **argv)
{
    char **words = options_guard_number(&argc, argv);
    int status = run(tool, argc, words != NULL ? words : argv);
    free(words);
    return status;
}
