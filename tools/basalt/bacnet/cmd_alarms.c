/* Owns `basalt alarms` and `basalt ack`: what is in alarm or waits for its acknowledgment
 * (clauses 13.5, 13.6 and 13.12). */
#define _DEFAULT_SOURCE /* localtime_r */
#include "session_call.h"
#include "verbs.h"

#include "refusal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TRANSITIONS = 3, OFFNORMAL = 0, FAULT = 1, NORMAL = 2, MICROSECONDS = 1000000, LONG = 160 };

const struct verb_options alarms_options = {
    .arguments = "DEVICE",
    .min_arguments = 1,
    .max_arguments = 1,
    .uses_hub = true,
    .size = sizeof(struct common_options),
    .examples =
        "  basalt alarms 1234\n"
        "  basalt alarms 1234 --json     also time stamps, priorities and what is enabled\n",
};

struct ack_options {
    struct common_options common;
    const char *source;
    uint32_t process;
};

static const struct option_row ack_rows[] = {
    { OPTION(struct ack_options, "source", TEXT, source, 1, 255, "basalt", "who acknowledges",
             false, NULL),
      0,
      "TEXT",
      { NULL } },
    { OPTION(struct ack_options, "process", UNSIGNED, process, 0, 4294967294, "0",
             "process identifier of who acknowledges", false, NULL),
      0,
      "N",
      { NULL } },
};

const struct verb_options ack_options = {
    .arguments = "DEVICE OBJECT [STATE [STAMP]]",
    .min_arguments = 2,
    .max_arguments = 4,
    .rows = ack_rows,
    .n = BAS_ARRAY_LEN(ack_rows),
    .uses_hub = true,
    .size = sizeof(struct ack_options),
    .examples = "  basalt ack 1234 ai:1               all of its transitions that wait for it\n"
                "  basalt ack 1234 ai:1 high-limit    the transition to that state\n"
                "  basalt ack 1234 ai:1 high-limit '2026-10-12 13:30:00' --source Smith\n"
                "  basalt ack 1234 ai:1 normal 17     a stamp may be a sequence number\n",
};

struct alarms {
    struct target_device device;
    size_t n;
    /* ack */
    const char *source;
    uint32_t process;
    struct bac_object_id object;
    bool has_state;
    bool has_stamp;
    uint32_t state;
    struct bac_time_stamp stamp;
};

/* Times */

static void stamp_text(const struct bac_time_stamp *stamp, struct bas_buf *out)
{
    switch ((enum bac_time_stamp_choice)stamp->choice) {
    case BAC_TIME_STAMP_TIME:
        bac_time_text(stamp->as.time, out);
        break;
    case BAC_TIME_STAMP_SEQUENCE:
        bas_buf_format(out, "%u", (unsigned)stamp->as.sequence);
        break;
    case BAC_TIME_STAMP_DATE_TIME:
        bac_date_text(stamp->as.date_time.date, out);
        bas_buf_add_text(out, " ");
        bac_time_text(stamp->as.date_time.time, out);
        break;
    }
}

/* "17", "13:30", "2026-10-12 13:30". */
static bool stamp_parse(const char *text, struct bac_time_stamp *stamp)
{
    char date[32];
    size_t len = strlen(text);
    const char *space = strchr(text, ' ');
    if (len != 0 && len < 6 && strspn(text, "0123456789") == len) {
        stamp->choice = BAC_TIME_STAMP_SEQUENCE;
        stamp->as.sequence = strtoul(text, NULL, 10);
        return true;
    }
    if (space == NULL) {
        stamp->choice = BAC_TIME_STAMP_TIME;
        return bac_time_parse(text, &stamp->as.time);
    }
    stamp->choice = BAC_TIME_STAMP_DATE_TIME;
    (void)snprintf(date, sizeof(date), "%.*s", (int)(space - text), text);
    return bac_date_parse(date, &stamp->as.date_time.date) &&
           bac_time_parse(space + 1, &stamp->as.date_time.time);
}

static struct bac_time_stamp now_of(const struct session *s)
{
    int64_t wall = s->tool->env.wall(s->tool->env.ctx);
    time_t seconds = (time_t)(wall / MICROSECONDS);
    struct tm parts = { 0 };
    (void)localtime_r(&seconds, &parts);
    struct bac_time_stamp now = { .choice = BAC_TIME_STAMP_DATE_TIME };
    struct bac_date_time *time = &now.as.date_time;
    time->date = (struct bac_date){ (uint8_t)parts.tm_year, (uint8_t)(parts.tm_mon + 1),
                                    (uint8_t)parts.tm_mday, 0 };
    time->date.weekday = bac_date_weekday(time->date);
    time->time = (struct bac_time){ (uint8_t)parts.tm_hour, (uint8_t)parts.tm_min,
                                    (uint8_t)parts.tm_sec, 0 };
    return now;
}

/* Which of the three transitions led to a state. */
static size_t transition_of(uint32_t state)
{
    return state == BAC_EVENT_STATE_NORMAL  ? NORMAL
           : state == BAC_EVENT_STATE_FAULT ? FAULT
                                            : OFFNORMAL;
}

/* Telling */

static void tell_json(struct session *s, const struct bac_event_summary *e, bool is_whole)
{
    const struct alarms *a = s->user;
    struct bas_json *json = out_begin(&s->tool->out);
    target_device_json(&a->device, json);
    bac_json(&bac_type_object_id, &e->object, json, "object");
    bac_json(&bac_type_event_state, &e->state, json, "state");
    bac_json(&bac_type_event_transition_bits, &e->acknowledged, json, "acknowledged");
    if (is_whole) {
        const struct bac_time_stamp *stamps = e->time_stamps.items;
        const uint64_t *priorities = e->priorities.items;
        bas_json_open(json, "time_stamps", '[');
        for (size_t i = 0; i < e->time_stamps.n; i++) {
            bac_json(&bac_type_time_stamp, &stamps[i], json, NULL);
        }
        bas_json_close(json, ']');
        bac_json(&bac_type_notify_type, &e->notify_type, json, "notify_type");
        bac_json(&bac_type_event_transition_bits, &e->enabled, json, "enabled");
        bas_json_open(json, "priorities", '[');
        for (size_t i = 0; i < e->priorities.n; i++) {
            bas_json_unsigned(json, NULL, priorities[i]);
        }
        bas_json_close(json, ']');
    }
    out_end(&s->tool->out);
}

/* The transitions that wait for their acknowledgment. */
static void waiting_text(const struct bac_event_summary *e, struct bas_buf *out)
{
    static const char *const names[TRANSITIONS] = { "to-offnormal", "to-fault", "to-normal" };
    for (size_t i = 0; i < TRANSITIONS; i++) {
        if (!bac_bit(&e->acknowledged, i)) {
            bas_buf_format(out, "%s%s", out->len == 0 ? "" : ",", names[i]);
        }
    }
    if (out->len == 0) {
        bas_buf_add_text(out, "-");
    }
}

static void tell_text(struct session *s, const struct bac_event_summary *e)
{
    const struct alarms *a = s->user;
    char memory[3][LONG];
    struct bas_buf object;
    struct bas_buf waiting;
    struct bas_buf since;
    const struct bac_time_stamp *stamps = e->time_stamps.items;
    size_t which = transition_of(e->state);
    const char *state = bac_enum_name(&bac_type_event_state, e->state);
    bas_buf_init(&object, memory[0], LONG);
    bas_buf_init(&waiting, memory[1], LONG);
    bas_buf_init(&since, memory[2], LONG);
    bac_object_id_text(e->object, &object);
    waiting_text(e, &waiting);
    if (which < e->time_stamps.n) {
        stamp_text(&stamps[which], &since);
    }
    if (a->n == 0) {
        out_line(&s->tool->out, "%-22s  %-10s  %-22s  %s", "object", "state", "unacknowledged",
                 "since");
    }
    out_line(&s->tool->out, "%-22s  %-10s  %-22s  %s", bas_buf_text(&object),
             state != NULL ? state : "?", bas_buf_text(&waiting), bas_buf_text(&since));
}

static void tell(struct session *s, const struct bac_event_summary *e)
{
    struct alarms *a = s->user;
    if (s->tool->out.json) {
        tell_json(s, e, e->time_stamps.n != 0);
    } else {
        tell_text(s, e);
    }
    a->n++;
}

/* Asking */

/* All event summaries of the device, in as many answers as it needs. told gets each; false ends
 * it. *is_known: the device has the service. False: the session is over. */
static bool walk_events(struct session *s,
                        bool (*told)(struct session *, const struct bac_event_summary *),
                        bool *is_known)
{
    struct bac_get_event_information asked = { 0 };
    struct bac_get_event_information_ack ack = { .more = true };
    const struct bac_arena before = s->arena;
    *is_known = true;
    while (ack.more) {
        struct session_answer answer;
        s->arena = before;
        if (!session_call(s, BAC_CONFIRMED_GET_EVENT_INFORMATION, &asked, &answer)) {
            return false;
        }
        *is_known =
            answer.is_good || answer.error.error_code != BAC_ERROR_CODE_REJECT_UNRECOGNIZED_SERVICE;
        if (!*is_known) {
            return true;
        }
        if (!answer.is_good) {
            session_fail(s, &answer.fault);
            return false;
        }
        if (!session_decode(s, &bac_type_get_event_information_ack, answer.body, &ack)) {
            return false;
        }
        const struct bac_event_summary *items = ack.summaries.items;
        for (size_t i = 0; i < ack.summaries.n; i++) {
            asked = (struct bac_get_event_information){ true, items[i].object };
            if (!told(s, &items[i])) {
                return !s->is_ending;
            }
        }
        ack.more = ack.more && ack.summaries.n != 0;
    }
    return true;
}

static bool tell_and_go_on(struct session *s, const struct bac_event_summary *e)
{
    tell(s, e);
    return true;
}

/* What devices had before GetEventInformation. */
static bool walk_summary(struct session *s)
{
    struct bac_get_alarm_summary_ack ack;
    if (!session_get(s, BAC_CONFIRMED_GET_ALARM_SUMMARY, NULL, &ack)) {
        return false;
    }
    const struct bac_alarm_summary *items = ack.summaries.items;
    for (size_t i = 0; i < ack.summaries.n; i++) {
        const struct bac_event_summary e = { .object = items[i].object,
                                             .state = items[i].state,
                                             .acknowledged = items[i].acknowledged };
        tell(s, &e);
    }
    return true;
}

static int alarms_work(struct session *s)
{
    const struct alarms *a = s->user;
    bool is_known = true;
    bool good = walk_events(s, tell_and_go_on, &is_known);
    good = good && (is_known || walk_summary(s));
    if (good && a->n == 0 && !s->tool->out.json) {
        out_line(&s->tool->out, "nothing is in alarm, and nothing waits to be acknowledged");
    }
    return 0;
}

/* Acknowledging */

static bool acknowledge(struct session *s, uint32_t state, const struct bac_time_stamp *stamp)
{
    struct alarms *a = s->user;
    struct out *out = &s->tool->out;
    char memory[LONG];
    struct bas_buf text;
    const struct bac_acknowledge_alarm asked = { .process = a->process,
                                                 .object = a->object,
                                                 .state = state,
                                                 .time_stamp = *stamp,
                                                 .source = bac_text_from(a->source),
                                                 .time = now_of(s) };
    if (!session_get(s, BAC_CONFIRMED_ACKNOWLEDGE_ALARM, &asked, NULL)) {
        return false;
    }
    a->n++;
    if (out->json) {
        struct bas_json *json = out_begin(out);
        target_device_json(&a->device, json);
        bac_json(&bac_type_object_id, &a->object, json, "object");
        bac_json(&bac_type_event_state, &state, json, "state");
        bac_json(&bac_type_time_stamp, stamp, json, "time_stamp");
        bas_json_bool(json, "acknowledged", true);
        out_end(out);
        return true;
    }
    bas_buf_init(&text, memory, sizeof(memory));
    bac_object_id_text(a->object, &text);
    bas_buf_format(&text, " %s of ", bac_enum_name(&bac_type_event_state, state));
    stamp_text(stamp, &text);
    out_line(out, "%s acknowledged", bas_buf_text(&text));
    return true;
}

/* The state that a transition led to, as far as the summary tells. */
static uint32_t state_of(const struct bac_event_summary *e, size_t transition)
{
    if (transition == NORMAL) {
        return BAC_EVENT_STATE_NORMAL;
    }
    if (transition == FAULT) {
        return BAC_EVENT_STATE_FAULT;
    }
    return transition_of(e->state) == OFFNORMAL ? e->state : (uint32_t)BAC_EVENT_STATE_OFFNORMAL;
}

static bool acknowledge_waiting(struct session *s, const struct bac_event_summary *e)
{
    const struct alarms *a = s->user;
    const struct bac_time_stamp *stamps = e->time_stamps.items;
    if (e->object.type != a->object.type || e->object.instance != a->object.instance) {
        return true;
    }
    for (size_t i = 0; i < TRANSITIONS && i < e->time_stamps.n; i++) {
        bool is_meant = a->has_state ? transition_of(a->state) == i : !bac_bit(&e->acknowledged, i);
        uint32_t state = a->has_state ? a->state : state_of(e, i);
        if (is_meant && !acknowledge(s, state, &stamps[i])) {
            return false;
        }
    }
    return false; /* that was it */
}

static int ack_work(struct session *s)
{
    const struct alarms *a = s->user;
    bool is_known = true;
    if (a->has_stamp) {
        (void)acknowledge(s, a->state, &a->stamp);
        return 0;
    }
    if (!walk_events(s, acknowledge_waiting, &is_known)) {
        return 0;
    }
    if (!is_known) {
        (void)session_fail_with(s, BAS_ERR_REMOTE,
                                "the device cannot tell its time stamps (GetEventInformation); "
                                "give STATE and STAMP");
    } else if (a->n == 0) {
        (void)session_fail_with(s, BAS_ERR_REMOTE,
                                "nothing of this object waits to be acknowledged; basalt alarms "
                                "%s tells what does",
                                a->device.text);
    }
    return 0;
}

int cmd_alarms(struct tool *tool, int argc, char **argv)
{
    struct common_options options;
    struct arguments arguments;
    struct alarms a = { 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (!target_device(tool, arguments.items[0], &a.device)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    const struct session_task task = { .device = &a.device, .work = alarms_work, .user = &a };
    return session_run(tool, &options, &task);
}

static bool read_ack(struct tool *tool, const struct arguments *arguments, struct alarms *a)
{
    char **items = arguments->items;
    a->has_state = arguments->n > 2;
    a->has_stamp = arguments->n > 3;
    if (!target_device(tool, items[0], &a->device) || !target_object(tool, items[1], &a->object) ||
        (a->has_state && !target_name(tool, &bac_type_event_state, items[2], &a->state))) {
        return false;
    }
    if (a->has_stamp && !stamp_parse(items[3], &a->stamp)) {
        (void)out_usage(&tool->out, tool->verb->name,
                        "\"%.40s\" is no time stamp; such as '2026-10-12 13:30:00', 13:30 or 17",
                        items[3]);
        return false;
    }
    return true;
}

int cmd_ack(struct tool *tool, int argc, char **argv)
{
    struct ack_options options;
    struct arguments arguments;
    struct alarms a = { 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    a.source = options.source;
    a.process = options.process;
    if (!read_ack(tool, &arguments, &a)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    const struct session_task task = { .device = &a.device, .work = ack_work, .user = &a };
    return session_run(tool, &options.common, &task);
}
