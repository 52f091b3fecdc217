/* Owns a value on its way to a group. */
#include "group_send.h"

#include "group_value.h"
#include "knx_session.h"

#include <stdlib.h>

enum { LONGEST_TEXT = 2048 };

const struct option_row group_send_rows[GROUP_SEND_ROWS] = {
    { OPTION(struct group_send_options, "dpt", TEXT, dpt, 1, 20, NULL,
             "datapoint type that VALUE is read as, such as 9.001", false, NULL),
      0,
      "N.NNN",
      { NULL } },
    { OPTION(struct group_send_options, "raw", BOOL, raw, 0, 0, NULL,
             "VALUE is hex; one digit: a value of up to 4 bits", false, NULL),
      0,
      NULL,
      { NULL } },
};

struct sending {
    unsigned apci;
    knx_ga group;
    const struct knx_dpt *dpt; /* NULL: raw */
    struct group_value value;
};

static void tell(struct knx_session *s)
{
    const struct sending *w = s->user;
    struct out *out = &s->tool->out;
    char group[KNX_ADDRESS_TEXT];
    char text[LONGEST_TEXT];
    struct bas_buf buf;
    bool is_secured = knx_session_has_key(s, w->group);
    bas_buf_init(&buf, text, sizeof(text));
    bas_err err = group_value_text(&w->value.value, w->dpt, &buf, NULL);
    (void)knx_ga_text(w->group, group);
    if (!out->json) {
        out_line(out, "%s = %s%s", group, bas_buf_text(&buf), is_secured ? " (secured)" : "");
        return;
    }
    struct bas_json *json = out_begin(out);
    bas_json_text(json, "group", group);
    bas_json_text(json, "service", knx_apci_name(w->apci));
    err = err == BAS_OK ? group_value_json(&w->value.value, w->dpt, json, NULL) : err;
    (void)err; /* we made the octets ourselves */
    bas_json_bool(json, "secured", is_secured);
    bas_json_bool(json, "confirmed", true);
    out_end(out);
}

static void on_event(struct knx_session *s, const struct bas_knx_event *event)
{
    const struct sending *w = s->user;
    if (event->kind == BAS_KNX_UP) {
        knx_session_group(s, w->apci, w->group, &w->value.value);
    } else if (event->kind == BAS_KNX_CONFIRMED) {
        tell(s);
        knx_session_end(s, 0);
    }
}

/* The type that VALUE is read as, NULL for hex. False: the mistake was told. */
static bool read_type(struct tool *tool, const struct group_send_options *o,
                      const struct knx_dpt **dpt)
{
    const char *verb = tool->verb->name;
    if (o->dpt == NULL && !o->raw) {
        (void)out_usage(&tool->out, verb,
                        "--dpt: is missing; give the datapoint type of the value, such as 9.001, "
                        "or --raw for hex");
        return false;
    }
    if (o->dpt != NULL && o->raw) {
        (void)out_usage(&tool->out, verb, "--raw: is for hex; leave it or --dpt out");
        return false;
    }
    return o->dpt == NULL || group_dpt(tool, o->dpt, dpt);
}

static int run(struct tool *tool, int argc, char **argv, unsigned apci)
{
    struct group_send_options options;
    struct arguments arguments;
    struct sending w = { .apci = apci };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (!group_address(tool, arguments.items[0], &w.group) || !read_type(tool, &options, &w.dpt) ||
        !group_value_read(tool, arguments.items[1], w.dpt, &w.value)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    const struct knx_session_task task = { .group = w.group, .event = on_event, .user = &w };
    return knx_session_run(tool, &options.session, &task);
}

int group_send(struct tool *tool, int argc, char **argv, unsigned apci)
{
    char **words = options_guard_number(&argc, argv);
    int status = run(tool, argc, words != NULL ? words : argv, apci);
    free(words);
    return status;
}
