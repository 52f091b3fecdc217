/* Owns `basalt knx read`: the value of a group (A_GroupValue_Read). */
#include "group_value.h"
#include "knx_session.h"
#include "verbs.h"

#include <string.h>

enum { LONGEST_TEXT = 2048 };

struct read_options {
    struct knx_session_options session;
    const char *dpt;
};

static const struct option_row rows[] = {
    { OPTION(struct read_options, "dpt", TEXT, dpt, 1, 20, NULL,
             "datapoint type, such as 9.001; else hex", false, NULL),
      0,
      "N.NNN",
      { NULL } },
};

const struct verb_options knx_read_options = {
    .arguments = "GROUP",
    .min_arguments = 1,
    .max_arguments = 1,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .shared = knx_session_rows,
    .n_shared = KNX_SESSION_ROWS,
    .size = sizeof(struct read_options),
    .examples = "  basalt knx read 1/2/3 --dpt 9.001 --gateway 192.0.2.7      in the plain\n"
                "  basalt knx read 1/2/3 --dpt 1.001 --gateway knx.example \\\n"
                "                  --keyring house.knxkeys --keyring-pwd-file pwd\n",
};

struct reading {
    knx_ga group;
    const struct knx_dpt *dpt; /* NULL: hex */
    bool is_confirmed;
    char dropped[BAS_FAULT_TEXT]; /* why an answer was not taken */
};

static void tell(struct knx_session *s, const struct bas_knx_event *event,
                 const struct knx_group_value *value)
{
    const struct reading *r = s->user;
    struct out *out = &s->tool->out;
    struct bas_fault fault = { 0 };
    char text[LONGEST_TEXT];
    struct bas_buf buf;
    bas_buf_init(&buf, text, sizeof(text));
    if (group_value_text(value, r->dpt, &buf, &fault) != BAS_OK) {
        struct bas_fault told = { 0 };
        char id[KNX_DPT_TEXT];
        (void)bas_fail(&told, fault.err, "the answer does not fit --dpt %s: %s",
                       knx_dpt_id(r->dpt, id), fault.text);
        knx_session_fail(s, &told);
        return;
    }
    if (!out->json) {
        out_line(out, "%s", bas_buf_text(&buf));
    } else {
        struct bas_json *json = out_begin(out);
        char address[KNX_ADDRESS_TEXT];
        bas_json_text(json, "group", knx_ga_text(r->group, address));
        bas_json_text(json, "source", knx_ia_text(event->cemi->source, address));
        bas_err err = group_value_json(value, r->dpt, json, NULL);
        (void)err; /* its text was made above */
        bas_json_bool(json, "secured", event->is_secured);
        if (event->is_secured) {
            bas_json_unsigned(json, "sequence", event->sequence);
        }
        out_end(out);
    }
    knx_session_end(s, 0);
}

static void take_telegram(struct knx_session *s, const struct bas_knx_event *event)
{
    struct reading *r = s->user;
    struct knx_tpdu tpdu;
    struct knx_group_value value;
    char source[KNX_ADDRESS_TEXT];
    if (!knx_cemi_is_group(event->cemi) || event->cemi->destination != r->group ||
        knx_tpdu_decode(event->cemi->tpdu, &tpdu, NULL) != BAS_OK) {
        return;
    }
    if (tpdu.has_apdu && tpdu.apci == KNX_SECURE_SERVICE) { /* we have no keys at all */
        (void)snprintf(r->dropped, sizeof(r->dropped),
                       "%s sent a secured telegram, and we have no key; give --keyring or "
                       "--group-key-file",
                       knx_ia_text(event->cemi->source, source));
    } else if (tpdu.apci == KNX_GROUP_VALUE_RESPONSE && knx_group_value_of(&tpdu, &value)) {
        tell(s, event, &value);
    }
}

static void on_event(struct knx_session *s, const struct bas_knx_event *event)
{
    struct reading *r = s->user;
    if (event->kind == BAS_KNX_UP) {
        knx_session_wait(s, s->options->common.timeout_ms);
        knx_session_group(s, KNX_GROUP_VALUE_READ, r->group, NULL);
    } else if (event->kind == BAS_KNX_CONFIRMED) {
        r->is_confirmed = true;
    } else if (event->kind == BAS_KNX_TELEGRAM) {
        take_telegram(s, event);
    } else if (event->kind == BAS_KNX_DROPPED && event->cemi != NULL &&
               knx_cemi_is_group(event->cemi) && event->cemi->destination == r->group) {
        (void)snprintf(r->dropped, sizeof(r->dropped), "%s", event->fault->text);
    }
}

static void waited(struct knx_session *s)
{
    const struct reading *r = s->user;
    struct bas_fault fault = { 0 };
    char group[KNX_ADDRESS_TEXT];
    double seconds = (double)s->options->common.timeout_ms / 1000;
    (void)knx_ga_text(r->group, group);
    if (r->dropped[0] != 0) {
        (void)bas_fail(&fault, BAS_ERR_KEY, "no answer for %s that can be taken: %s", group,
                       r->dropped);
    } else if (r->is_confirmed) {
        (void)bas_fail(&fault, BAS_ERR_TIMEOUT,
                       "nobody answered for %s in %.3g s; the telegram was confirmed on the bus: "
                       "has any device this group, with the read flag%s",
                       group, seconds,
                       knx_session_has_key(s, r->group)
                           ? " and our key?"
                           : "? If the group is secured, give its key (--keyring)");
    } else {
        (void)bas_fail(&fault, BAS_ERR_TIMEOUT,
                       "no answer for %s in %.3g s; the interface has not confirmed the telegram "
                       "on the bus yet; --timeout waits longer",
                       group, seconds);
    }
    knx_session_fail(s, &fault);
}

int cmd_knx_read(struct tool *tool, int argc, char **argv)
{
    struct read_options options;
    struct arguments arguments;
    struct reading r = { 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (!group_address(tool, arguments.items[0], &r.group) ||
        (options.dpt != NULL && !group_dpt(tool, options.dpt, &r.dpt))) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    const struct knx_session_task task = {
        .group = r.group, .event = on_event, .waited = waited, .user = &r
    };
    return knx_session_run(tool, &options.session, &task);
}
