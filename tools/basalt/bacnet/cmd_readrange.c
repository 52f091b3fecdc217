/* Owns `basalt readrange`: items of a list or a log (ReadRange, clause 15.8). */
#include "session_call.h"
#include "value.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_TEXT = 65536 };

struct readrange_options {
    struct common_options common;
    uint32_t position;
    uint32_t sequence;
    const char *time;
    const char *count;
};

static const struct option_row rows[] = {
    { OPTION(struct readrange_options, "position", UNSIGNED, position, 1, 4294967294, NULL,
             "begin with the Nth item", false, NULL),
      0,
      "N",
      { NULL } },
    { OPTION(struct readrange_options, "sequence", UNSIGNED, sequence, 0, 4294967294, NULL,
             "begin with the item of that sequence number", false, NULL),
      0,
      "N",
      { NULL } },
    { OPTION(struct readrange_options, "time", TEXT, time, 1, 64, NULL,
             "items behind that time (a negative count: before)", false, NULL),
      0,
      "DATE TIME",
      { NULL } },
    { OPTION(struct readrange_options, "count", TEXT, count, 1, 12, NULL,
             "so many; -N goes backwards", false, NULL),
      0,
      "N",
      { NULL } },
};

const struct verb_options readrange_options = {
    .arguments = "DEVICE OBJECT [PROPERTY[INDEX]]",
    .min_arguments = 2,
    .max_arguments = 3,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .uses_hub = true,
    .size = sizeof(struct readrange_options),
    .examples = "  basalt readrange 1234 tl:1                   the whole log-buffer\n"
                "  basalt readrange 1234 tl:1 --position 1 --count 10\n"
                "  basalt readrange 1234 tl:1 --time '2026-10-12 13:30' --count=-5\n"
                "  basalt readrange 1234 nc:1 recipient-list\n",
};

struct readrange {
    struct target_device device;
    struct target_property of;
    struct bas_range range;
    size_t told;
};

/* One item of a piece. */
struct item {
    struct value value;
    bool has_sequence;
    uint32_t sequence;
    size_t number; /* in all pieces, from 1 */
};

static void tell(struct session *s, const struct item *item)
{
    const struct readrange *r = s->user;
    struct out *out = &s->tool->out;
    const struct bac_arena before = s->arena;
    struct bas_buf text;
    if (out->json) {
        struct bas_json *json = out_begin(out);
        target_device_json(&r->device, json);
        target_json(&r->of, json);
        if (item->has_sequence) {
            bas_json_unsigned(json, "sequence", item->sequence);
        }
        value_item_json(&item->value, json);
        out_end(out);
        return;
    }
    char *memory = bac_arena_take(&s->arena, LONGEST_TEXT);
    bas_buf_init(&text, memory, memory == NULL ? 0 : LONGEST_TEXT);
    value_text(&item->value, ", ", &text);
    out_line(out, "%8lu  %s",
             item->has_sequence ? (unsigned long)item->sequence : (unsigned long)item->number,
             memory != NULL ? bas_buf_text(&text) : "");
    s->arena = before;
}

static void on_piece(void *user, const struct bas_range_piece *piece)
{
    struct session *s = user;
    struct readrange *r = s->user;
    struct bas_slice rest = piece->items;
    for (size_t i = 0; i < piece->n && rest.len != 0; i++) {
        struct item item = { .value = { r->of, rest, &s->arena },
                             .has_sequence = piece->has_sequence,
                             .sequence = piece->sequence + (uint32_t)i,
                             .number = ++r->told };
        if (!value_cut(&item.value, &rest)) {
            (void)session_fail_with(s, BAS_ERR_PROTOCOL, "item %zu cannot be decoded", r->told);
            return;
        }
        tell(s, &item);
    }
}

static int work(struct session *s)
{
    struct readrange *r = s->user;
    const struct bas_peer_name peer = session_peer(s);
    r->range.piece = on_piece;
    r->range.done = session_done;
    r->range.user = s;
    (void)bas_read_range(s->station, &peer, &r->range);
    if (session_await_good(s) && r->told == 0 && !s->tool->out.json) {
        out_line(&s->tool->out, "there are no items");
    }
    return 0;
}

static bool read_count(struct tool *tool, const char *text, int32_t *count)
{
    char *end = NULL;
    long number = strtol(text, &end, 10);
    if (end == text || *end != 0 || number == 0 || number > 2000000000L || number < -2000000000L) {
        (void)out_usage(&tool->out, tool->verb->name,
                        "--count: \"%.20s\" is no count; such as 10, or -10 for backwards", text);
        return false;
    }
    *count = (int32_t)number;
    return true;
}

/* "2026-10-12 13:30". */
static bool read_time(struct tool *tool, const char *text, struct bac_date_time *time)
{
    char date[32];
    size_t len = strcspn(text, " T");
    (void)snprintf(date, sizeof(date), "%.*s", (int)(len < sizeof(date) ? len : 0), text);
    const char *clock = text[len] != 0 ? text + len + 1 : "00:00";
    if (bac_date_parse(date, &time->date) && bac_time_parse(clock, &time->time) &&
        bac_date_is_exact(time->date) && bac_time_is_exact(time->time)) {
        return true;
    }
    (void)out_usage(&tool->out, tool->verb->name,
                    "--time: \"%.40s\" is no time; such as '2026-10-12 13:30:00'", text);
    return false;
}

static bool read_range(struct tool *tool, const struct readrange_options *o,
                       struct bas_range *range)
{
    bool has_position = o->position != UINT32_MAX;
    bool has_sequence = o->sequence != UINT32_MAX;
    unsigned ways = (unsigned)has_position + (unsigned)has_sequence + (unsigned)(o->time != NULL);
    if (ways > 1) {
        (void)out_usage(&tool->out, tool->verb->name,
                        "--position, --sequence and --time contradict each other; give one");
        return false;
    }
    if (o->count != NULL && !read_count(tool, o->count, &range->count)) {
        return false;
    }
    range->by = has_sequence                       ? BAS_RANGE_SEQUENCE
                : o->time != NULL                  ? BAS_RANGE_TIME
                : has_position || o->count != NULL ? BAS_RANGE_POSITION
                                                   : BAS_RANGE_ALL;
    range->first = has_sequence ? o->sequence : has_position ? o->position : 1;
    return o->time == NULL || read_time(tool, o->time, &range->time);
}

int cmd_readrange(struct tool *tool, int argc, char **argv)
{
    static const char log_buffer[] = "log-buffer";
    struct readrange_options options;
    struct arguments arguments;
    struct readrange r = { .told = 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    const char *property = arguments.n > 2 ? arguments.items[2] : log_buffer;
    if (!target_device(tool, arguments.items[0], &r.device) ||
        !target_object(tool, arguments.items[1], &r.of.object) ||
        !target_one_property(tool, property, &r.of) || !read_range(tool, &options, &r.range)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    r.range.of = (struct bas_property){ r.of.object, r.of.property, r.of.index };
    const struct session_task task = { .device = &r.device, .work = work, .user = &r };
    return session_run(tool, &options.common, &task);
}
