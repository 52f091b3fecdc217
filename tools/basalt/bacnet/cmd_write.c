/* Owns `basalt write`: one property (WriteProperty, clause 15.9). */
#include "entry.h"
#include "session_call.h"
#include "verbs.h"

#include <stdlib.h>

enum { LONGEST_TEXT = 65536 };

const struct verb_options write_options = {
    .arguments = "DEVICE OBJECT PROPERTY[INDEX] VALUE[@PRIORITY]",
    .min_arguments = 4,
    .max_arguments = 4,
    .uses_hub = true,
    .size = sizeof(struct common_options),
    .examples =
        "  basalt write 1234 ao:1 pv 72.5@8         at priority 8\n"
        "  basalt write 1234 ao:1 pv null@8         relinquish it\n"
        "  basalt write 1234 bv:2 pv active\n"
        "  basalt write 1234 av:1 description 'Set point'\n"
        "  basalt write 1234 av:1 pv real:20        with the kind in front\n"
        "  basalt write 1234 msv:1 state-text '[\"off\",\"heat\"]'   JSON: lists, structs\n",
};

struct writing {
    struct target_device device;
    struct entry entry;
};

static void tell(struct session *s)
{
    const struct writing *w = s->user;
    struct out *out = &s->tool->out;
    struct bas_buf text;
    if (out->json) {
        struct bas_json *json = out_begin(out);
        target_device_json(&w->device, json);
        target_json(&w->entry.of, json);
        entry_json(&w->entry, &s->arena, json);
        bas_json_bool(json, "acknowledged", true);
        out_end(out);
        return;
    }
    if (s->tool->is_bac) {
        out_line(out, "WriteProperty Acknowledged!");
        return;
    }
    char *memory = bac_arena_take(&s->arena, LONGEST_TEXT);
    bas_buf_init(&text, memory, memory == NULL ? 0 : LONGEST_TEXT);
    bac_object_id_text(w->entry.of.object, &text);
    bas_buf_add_text(&text, " ");
    entry_text(&w->entry, &s->arena, &text);
    out_line(out, "%s", bas_buf_text(&text));
}

static int work(struct session *s)
{
    const struct writing *w = s->user;
    const struct target_property *of = &w->entry.of;
    const struct bac_write_property asked = { .object = of->object,
                                              .property = of->property,
                                              .has_index = of->index != BAC_NO_INDEX,
                                              .index = of->index,
                                              .has_priority = w->entry.priority != 0,
                                              .priority = w->entry.priority,
                                              .value = w->entry.raw };
    if (session_get(s, BAC_CONFIRMED_WRITE_PROPERTY, &asked, NULL)) {
        tell(s);
    }
    return 0;
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
    if (!target_device(tool, items[0], &w.device) ||
        !target_object(tool, items[1], &w.entry.of.object) ||
        !target_one_property(tool, items[2], &w.entry.of) ||
        !entry_read(tool, items[3], &w.entry)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    const struct session_task task = { .device = &w.device, .work = work, .user = &w };
    return session_run(tool, &options, &task);
}

int cmd_write(struct tool *tool, int argc, char **argv)
{
    char **words = options_guard_number(&argc, argv);
    int status = run(tool, argc, words != NULL ? words : argv);
    free(words);
    return status;
}
