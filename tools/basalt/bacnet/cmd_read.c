/* Owns `basalt read`: one property (ReadProperty, clause 15.5). */
#include "session.h"
#include "value.h"
#include "verbs.h"

enum { LONGEST_TEXT = 65536 };

const struct verb_options read_options = {
    .arguments = "DEVICE OBJECT PROPERTY[INDEX]",
    .min_arguments = 3,
    .max_arguments = 3,
    .uses_hub = true,
    .size = sizeof(struct common_options),
    .examples = "  basalt read 1234 ai:1 pv                    analog-input 1, present-value\n"
                "  basalt read 1234 dev:1234 object-list       an element a line\n"
                "  basalt read 1234 multi-state-value,3 state-text[2]\n"
                "  basalt read 1234 av:1 priority-array[0]     how many elements\n"
                "  basalt read vmac:02:1a:2b:3c:4d:5e dev:4194303 object-identifier\n",
};

struct reading {
    struct target_device device;
    struct target_property of;
};

static void tell_json(struct out *out, const struct reading *r, const struct value *value)
{
    struct bas_json *json = out_begin(out);
    target_device_json(&r->device, json);
    target_json(&value->of, json);
    value_json(value, json);
    out_end(out);
}

static void tell_text(struct session *s, const struct value *value)
{
    struct bas_buf text;
    char *memory = bac_arena_take(&s->arena, LONGEST_TEXT);
    bas_buf_init(&text, memory, memory == NULL ? 0 : LONGEST_TEXT);
    value_text(value, "\n", &text);
    if (text.len != 0) { /* an empty list has no line */
        out_line(&s->tool->out, "%s", bas_buf_text(&text));
    }
}

static void acknowledged(struct session *s, struct bas_slice body)
{
    const struct reading *r = s->user;
    struct bac_read_property_ack ack;
    if (!session_decode(s, &bac_type_read_property_ack, body, &ack)) {
        return;
    }
    const struct value value = { { ack.object, ack.property,
                                   ack.has_index ? (uint32_t)ack.index : BAC_NO_INDEX },
                                 ack.value,
                                 &s->arena };
    if (s->tool->out.json) {
        tell_json(&s->tool->out, r, &value);
    } else {
        tell_text(s, &value);
    }
    session_end(s, 0);
}

static void begin(struct session *s)
{
    const struct reading *r = s->user;
    const struct bac_read_property asked = { .object = r->of.object,
                                             .property = r->of.property,
                                             .has_index = r->of.index != BAC_NO_INDEX,
                                             .index = r->of.index };
    session_ask(s, BAC_CONFIRMED_READ_PROPERTY, &asked, acknowledged);
}

int cmd_read(struct tool *tool, int argc, char **argv)
{
    struct common_options options;
    struct arguments arguments;
    struct reading r = { 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (!target_device(tool, arguments.items[0], &r.device) ||
        !target_object(tool, arguments.items[1], &r.of.object) ||
        !target_one_property(tool, arguments.items[2], &r.of)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    const struct session_task task = { .device = &r.device, .begin = begin, .user = &r };
    return session_run(tool, &options, &task);
}
