/* Owns `basalt read`: one property (ReadProperty, clause 15.5), and what says what it means
 * (ReadPropertyMultiple, clause 15.7). */
#include "context.h"
#include "session_call.h"
#include "verbs.h"

enum { LONGEST_TEXT = 65536 };

struct read_options {
    struct common_options common;
    bool is_plain;
};

static const struct option_row rows[] = {
    { OPTION(struct read_options, "plain", BOOL, is_plain, 0, 0, NULL,
             "the value alone, without units or texts", false, NULL),
      0,
      NULL,
      { NULL } },
};

const struct verb_options read_options = {
    .arguments = "DEVICE OBJECT PROPERTY[INDEX]",
    .min_arguments = 3,
    .max_arguments = 3,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .uses_hub = true,
    .size = sizeof(struct read_options),
    .examples = "  basalt read 1234 ai:1 pv                    21.5 degrees-celsius\n"
                "  basalt read 1234 ai:1 pv --plain            21.5\n"
                "  basalt read 1234 dev:1234 object-list       an element a line\n"
                "  basalt read 1234 multi-state-value,3 state-text[2]\n"
                "  basalt read 1234 av:1 priority-array[0]     how many elements\n"
                "  basalt read vmac:02:1a:2b:3c:4d:5e dev:4194303 object-identifier\n",
};

struct reading {
    struct target_device device;
    struct target_property of;
    bool is_plain;
    struct context context;
};

static void tell_json(struct out *out, const struct reading *r, const struct value *value)
{
    struct bas_json *json = out_begin(out);
    target_device_json(&r->device, json);
    target_json(&value->of, json);
    value_json(value, json);
    context_json(&r->context, value, json);
    out_end(out);
}

static void tell_text(struct session *s, const struct value *value)
{
    const struct reading *r = s->user;
    struct bas_buf text;
    char *memory = bac_arena_take(&s->arena, LONGEST_TEXT);
    bas_buf_init(&text, memory, memory == NULL ? 0 : LONGEST_TEXT);
    value_text(value, "\n", &text);
    context_text(&r->context, value, &text);
    if (text.len != 0) { /* an empty list has no line */
        out_line(&s->tool->out, "%s", bas_buf_text(&text));
    }
}

static void tell(struct session *s, const struct value *value)
{
    if (s->tool->out.json) {
        tell_json(&s->tool->out, s->user, value);
    } else {
        tell_text(s, value);
    }
}

/* What was read with others. False: it is not in there. */
static bool tell_first(struct session *s, const struct bac_read_property_multiple_ack *ack)
{
    struct reading *r = s->user;
    const struct bac_read_access_result *objects = ack->results.items;
    const struct bac_read_result *results = ack->results.n == 1 ? objects[0].results.items : NULL;
    if (results == NULL || objects[0].results.n == 0 || results[0].property != r->of.property ||
        results[0].outcome.choice != BAC_READ_VALUE) {
        return false;
    }
    for (size_t i = 1; i < objects[0].results.n; i++) {
        if (results[i].outcome.choice == BAC_READ_VALUE) {
            context_take(&r->context, results[i].property, results[i].outcome.as.value, &s->arena);
        }
    }
    const struct value value = { r->of, results[0].outcome.as.value, &s->arena };
    tell(s, &value);
    return true;
}

/* Asks for the property and what says what it means. False: not so, or not with this device. */
static bool read_with_context(struct session *s)
{
    const struct reading *r = s->user;
    uint32_t others[CONTEXT_PROPERTIES];
    struct bac_property_reference properties[1 + CONTEXT_PROPERTIES] = {
        { r->of.property, r->of.index != BAC_NO_INDEX, r->of.index }
    };
    size_t n = r->is_plain ? 0 : context_properties(&r->of, others);
    for (size_t i = 0; i < n; i++) {
        properties[1 + i].property = others[i];
    }
    struct bac_read_access access = { r->of.object, { properties, 1 + n } };
    const struct bac_read_property_multiple asked = { { &access, 1 } };
    struct bac_read_property_multiple_ack ack;
    struct session_answer answer;
    return n != 0 && session_call(s, BAC_CONFIRMED_READ_PROPERTY_MULTIPLE, &asked, &answer) &&
           answer.is_good &&
           bac_decode_all(&bac_type_read_property_multiple_ack, answer.body, &ack, &s->arena,
                          NULL) == BAS_OK &&
           tell_first(s, &ack);
}

static int work(struct session *s)
{
    const struct reading *r = s->user;
    const struct bac_read_property asked = { .object = r->of.object,
                                             .property = r->of.property,
                                             .has_index = r->of.index != BAC_NO_INDEX,
                                             .index = r->of.index };
    struct bac_read_property_ack ack;
    if (read_with_context(s) || !session_get(s, BAC_CONFIRMED_READ_PROPERTY, &asked, &ack)) {
        return 0;
    }
    const struct value value = { { ack.object, ack.property,
                                   ack.has_index ? (uint32_t)ack.index : BAC_NO_INDEX },
                                 ack.value,
                                 &s->arena };
    tell(s, &value);
    return 0;
}

int cmd_read(struct tool *tool, int argc, char **argv)
{
    struct read_options options;
    struct arguments arguments;
    struct reading r = { 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    r.is_plain = options.is_plain;
    if (!target_device(tool, arguments.items[0], &r.device) ||
        !target_object(tool, arguments.items[1], &r.of.object) ||
        !target_one_property(tool, arguments.items[2], &r.of)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    const struct session_task task = { .device = &r.device, .work = work, .user = &r };
    return session_run(tool, &options.common, &task);
}
