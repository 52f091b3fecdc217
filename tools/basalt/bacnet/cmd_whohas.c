/* Owns `basalt whohas`: which devices have an object (Who-Has, clause 16.9). */
#include "session_call.h"
#include "verbs.h"

#include <string.h>

enum { MAX_ANSWERS = 4096, LONGEST_NAME = 512 };

struct whohas_options {
    struct common_options common;
    bool by_name;
};

static const struct option_row rows[] = {
    { OPTION(struct whohas_options, "name", BOOL, by_name, 0, 0, NULL,
             "ai:1 is a name, not an object's identifier", false, NULL),
      0,
      NULL,
      { NULL } },
};

const struct verb_options whohas_options = {
    .arguments = "OBJECT|NAME [LOW [HIGH]]",
    .min_arguments = 1,
    .max_arguments = 3,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .uses_hub = true,
    .size = sizeof(struct whohas_options),
    .examples = "  basalt whohas 'Supply air'        whose object has this name\n"
                "  basalt whohas ai:1                which devices have an analog-input 1\n"
                "  basalt whohas av:7 1000 1999      of these devices\n",
};

struct whohas {
    struct bac_who_has asked;
    size_t n;
    uint32_t heard[MAX_ANSWERS]; /* devices: each is told once */
};

static void tell(struct session *s, const struct bac_i_have *i_have,
                 const struct bas_station_event *event)
{
    const struct whohas *w = s->user;
    struct out *out = &s->tool->out;
    char address[SESSION_ADDRESS_TEXT];
    char memory[LONGEST_NAME];
    struct bas_buf text;
    (void)session_address_text(&event->source, address);
    if (out->json) {
        struct bas_json *json = out_begin(out);
        bas_json_unsigned(json, "device", i_have->device.instance);
        bas_json_text(json, event->source.network == 0 ? "vmac" : "address", address);
        bac_json(&bac_type_object_id, &i_have->object, json, "object");
        bac_json(&bac_type_character_string, &i_have->name, json, "name");
        out_end(out);
        return;
    }
    bas_buf_init(&text, memory, sizeof(memory));
    bac_object_id_text(i_have->object, &text);
    while (text.len < 22) {
        bas_buf_add_text(&text, " ");
    }
    bas_buf_add_text(&text, "  ");
    (void)bac_text_utf8(&i_have->name, &text);
    (void)bas_buf_text(&text);
    out_tame(memory);
    if (w->n == 1) {
        out_line(out, "%8s  %-17s  %-22s  %s", "instance", "vmac", "object", "name");
    }
    out_line(out, "%8u  %-17s  %s", (unsigned)i_have->device.instance, address, memory);
}

static bool is_new(struct whohas *w, uint32_t device)
{
    for (size_t i = 0; i < w->n; i++) {
        if (w->heard[i] == device) {
            return false;
        }
    }
    if (w->n == MAX_ANSWERS) {
        return false;
    }
    w->heard[w->n++] = device;
    return true;
}

static void request(struct session *s, const struct bas_station_event *event)
{
    struct whohas *w = s->user;
    struct bac_i_have i_have;
    if (event->service != BAC_UNCONFIRMED_I_HAVE ||
        bac_decode_all(&bac_type_i_have, event->parameters, &i_have, NULL, NULL) != BAS_OK ||
        !is_new(w, i_have.device.instance)) {
        return;
    }
    tell(s, &i_have, event);
    if (w->asked.has_low && w->n == w->asked.high - w->asked.low + 1) {
        session_wake(s);
    }
}

static int work(struct session *s)
{
    const struct whohas *w = s->user;
    if (session_send(s, NULL, BAC_UNCONFIRMED_WHO_HAS, &w->asked) &&
        session_pause(s, s->options->timeout_ms) && w->n == 0) {
        (void)session_fail_with(s, BAS_ERR_TIMEOUT,
                                "nobody has it, or nobody answered in %.3g s; --timeout waits "
                                "longer",
                                (double)s->options->timeout_ms / 1000);
    }
    return 0;
}

static bool read_range(struct tool *tool, const struct arguments *arguments, struct whohas *w)
{
    uint32_t low = 0;
    uint32_t high = 0;
    if (arguments->n < 2) {
        return true;
    }
    if (!target_instance(tool, arguments->items[1], &low) ||
        !target_instance(tool, arguments->items[arguments->n - 1], &high)) {
        return false;
    }
    if (low > high) {
        (void)out_usage(&tool->out, "whohas", "%u is above %u; give the lower one first",
                        (unsigned)low, (unsigned)high);
        return false;
    }
    w->asked.has_low = true;
    w->asked.has_high = true;
    w->asked.low = low;
    w->asked.high = high;
    return true;
}

int cmd_whohas(struct tool *tool, int argc, char **argv)
{
    struct whohas_options options;
    struct arguments arguments;
    struct whohas w = { 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    struct bac_who_has_object *object = &w.asked.object;
    if (!options.by_name && bac_object_id_parse(arguments.items[0], &object->as.id)) {
        object->choice = BAC_WHO_HAS_ID;
    } else {
        object->choice = BAC_WHO_HAS_NAME;
        object->as.name = bac_text_from(arguments.items[0]);
    }
    if (!read_range(tool, &arguments, &w)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    const struct session_task task = { .work = work, .request = request, .user = &w };
    return session_run(tool, &options.common, &task);
}
