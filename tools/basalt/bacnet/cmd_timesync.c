/* Owns `basalt timesync`: sets the clock of a device or of all (clauses 16.7 and 16.8). */
#define _DEFAULT_SOURCE /* localtime_r */
#include "session_call.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MICROSECONDS = 1000000, HUNDREDTH = 10000 };

struct timesync_options {
    struct common_options common;
    bool utc;
};

static const struct option_row rows[] = {
    { OPTION(struct timesync_options, "utc", BOOL, utc, 0, 0, NULL,
             "UTCTimeSynchronization; the time is UTC", false, NULL),
      0,
      NULL,
      { NULL } },
};

const struct verb_options timesync_options = {
    .arguments = "DEVICE|all [DATE TIME]",
    .min_arguments = 1,
    .max_arguments = 3,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .uses_hub = true,
    .size = sizeof(struct timesync_options),
    .examples = "  basalt timesync all               everybody gets the time of this machine\n"
                "  basalt timesync all --utc         for devices that know their zone\n"
                "  basalt timesync 1234 2026-10-12 13:30\n\n"
                "The service is unconfirmed: nobody tells whether a clock was set.\n",
};

struct timesync {
    const char *whom;
    struct target_device device;
    bool is_utc;
    bool is_given;
    struct bac_time_synchronization message;
};

static struct bac_date_time now_of(const struct session *s, bool is_utc)
{
    int64_t wall = s->tool->env.wall(s->tool->env.ctx);
    time_t seconds = (time_t)(wall / MICROSECONDS);
    struct tm parts = { 0 };
    (void)(is_utc ? gmtime_r(&seconds, &parts) : localtime_r(&seconds, &parts));
    struct bac_date_time now = {
        { (uint8_t)(parts.tm_year), (uint8_t)(parts.tm_mon + 1), (uint8_t)parts.tm_mday, 0 },
        { (uint8_t)parts.tm_hour, (uint8_t)parts.tm_min, (uint8_t)parts.tm_sec,
          (uint8_t)(wall % MICROSECONDS / HUNDREDTH) }
    };
    now.date.weekday = bac_date_weekday(now.date);
    return now;
}

static void tell(struct session *s)
{
    const struct timesync *t = s->user;
    struct out *out = &s->tool->out;
    char memory[64];
    struct bas_buf text;
    bas_buf_init(&text, memory, sizeof(memory));
    bac_date_text(t->message.time.date, &text);
    bas_buf_add_text(&text, " ");
    bac_time_text(t->message.time.time, &text);
    if (out->json) {
        struct bas_json *json = out_begin(out);
        if (s->task->device != NULL) {
            target_device_json(&t->device, json);
        } else {
            bas_json_text(json, "device", "all");
        }
        bas_json_text(json, "time", bas_buf_text(&text));
        bas_json_bool(json, "utc", t->is_utc);
        bas_json_bool(json, "sent", true);
        out_end(out);
    } else {
        out_line(out, "sent %s%s to %s%s", bas_buf_text(&text), t->is_utc ? " UTC" : "",
                 s->task->device != NULL ? "device " : "", t->whom);
    }
}

static int work(struct session *s)
{
    struct timesync *t = s->user;
    if (!t->is_given) {
        t->message.time = now_of(s, t->is_utc);
    }
    uint8_t service =
        t->is_utc ? BAC_UNCONFIRMED_UTC_TIME_SYNCHRONIZATION : BAC_UNCONFIRMED_TIME_SYNCHRONIZATION;
    if (session_send(s, s->task->device != NULL ? &s->device : NULL, service, &t->message)) {
        tell(s);
    }
    return 0;
}

/* "2026-10-12" "13:30", every part of them. */
static bool read_time(struct tool *tool, const struct arguments *arguments, struct timesync *t)
{
    struct bac_date_time *time = &t->message.time;
    const char *clock = arguments->n > 2 ? arguments->items[2] : "";
    t->is_given = true;
    if (bac_date_parse(arguments->items[1], &time->date) && bac_time_parse(clock, &time->time) &&
        bac_date_is_exact(time->date) && bac_time_is_exact(time->time)) {
        return true;
    }
    (void)out_usage(&tool->out, tool->verb->name,
                    "\"%.40s%s%.40s\" is no time; such as 2026-10-12 13:30:00", arguments->items[1],
                    clock[0] != 0 ? " " : "", clock);
    return false;
}

int cmd_timesync(struct tool *tool, int argc, char **argv)
{
    struct timesync_options options;
    struct arguments arguments;
    struct timesync t = { 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    t.is_utc = options.utc;
    t.whom = arguments.items[0];
    bool is_all = strcmp(t.whom, "all") == 0;
    if ((!is_all && !target_device(tool, t.whom, &t.device)) ||
        (arguments.n > 1 && !read_time(tool, &arguments, &t))) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    const struct session_task task = { .device = is_all ? NULL : &t.device,
                                       .work = work,
                                       .user = &t };
    return session_run(tool, &options.common, &task);
}
