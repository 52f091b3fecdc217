/* Owns `basalt knx monitor`: telegrams as they come, a line each. */
#include "group_names.h"
#include "group_value.h"
#include "knx_session.h"
#include "verbs.h"

#include <string.h>

enum { LONGEST_TEXT = 2048, PRIORITY_SHIFT = 2 };

struct monitor_options {
    struct knx_session_options session;
    struct bas_texts dpt;
    const char *names;
    uint32_t count;
    uint32_t wait_ms;
};

static const struct option_row rows[] = {
    { OPTION(struct monitor_options, "dpt", TEXTS, dpt, 1, 4096, NULL,
             "datapoint type of a group, may be repeated", false, NULL),
      0,
      "GROUP=N.NNN",
      { NULL } },
    { OPTION(struct monitor_options, "names", PATH, names, 1, 4095, NULL,
             "CSV of group addresses: name, address, dpt", false, NULL),
      0,
      "FILE",
      { NULL } },
    { OPTION(struct monitor_options, "count", UNSIGNED, count, 1, 4294967294, NULL,
             "stop after N telegrams", false, NULL),
      'C',
      "N",
      { NULL } },
    { OPTION(struct monitor_options, "wait", DURATION, wait_ms, 100, 4294967000, NULL,
             "stop after that time", false, NULL),
      'W',
      "SECONDS",
      { NULL } },
};

const struct verb_options knx_monitor_options = {
    .arguments = "",
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .shared = knx_session_rows,
    .n_shared = KNX_SESSION_ROWS,
    .size = sizeof(struct monitor_options),
    .examples = "  basalt knx monitor --gateway 192.0.2.7 --dpt 1/2/3=9.001 -C 10\n"
                "  basalt knx monitor --gateway knx.example --keyring house.knxkeys \\\n"
                "                     --keyring-pwd-file pwd --names groups.csv --json\n",
};

struct monitor {
    struct group_names names;
    uint32_t left; /* telegrams until the end */
    uint32_t wait_ms;
    bool is_waiting;
};

/* One telegram, taken apart. */
struct telegram {
    const struct bas_knx_event *event;
    const struct knx_cemi *cemi;
    char time[OUT_TIME_TEXT];
    char source[KNX_ADDRESS_TEXT];
    char destination[KNX_ADDRESS_TEXT];
    struct group_name group;
    struct knx_tpdu tpdu;
    bool has_tpdu;
    bool has_value;
    struct knx_group_value value;
};

static const char *const priorities[] = {
    [KNX_PRIORITY_SYSTEM] = "system",
    [KNX_PRIORITY_NORMAL] = "normal",
    [KNX_PRIORITY_URGENT] = "urgent",
    [KNX_PRIORITY_LOW] = "low",
};

static const char *priority_of(const struct telegram *t)
{
    return priorities[t->cemi->control1 >> PRIORITY_SHIFT & 3];
}

static void take_apart(const struct knx_session *s, const struct bas_knx_event *event,
                       struct telegram *t)
{
    const struct monitor *m = s->user;
    *t = (struct telegram){ .event = event, .cemi = event->cemi };
    bool is_group = (t->cemi->control2 & KNX_CONTROL2_GROUP) != 0;
    (void)knx_ia_text(t->cemi->source, t->source);
    (void)(is_group ? knx_ga_text(t->cemi->destination, t->destination)
                    : knx_ia_text(t->cemi->destination, t->destination));
    if (is_group) {
        t->group = group_names_find(&m->names, t->cemi->destination);
    }
    t->has_tpdu = knx_tpdu_decode(t->cemi->tpdu, &t->tpdu, NULL) == BAS_OK;
    t->has_value = is_group && t->has_tpdu && knx_group_value_of(&t->tpdu, &t->value) &&
                   t->value.octets.len != 0;
}

static void set_time(const struct knx_session *s, char time[OUT_TIME_TEXT])
{
    (void)out_time_text(time, s->tool->env.wall(s->tool->env.ctx));
}

static const char *service_of(const struct telegram *t)
{
    static const char *const kinds[] = {
        [KNX_T_CONNECT] = "T_Connect",
        [KNX_T_DISCONNECT] = "T_Disconnect",
        [KNX_T_ACK] = "T_ACK",
        [KNX_T_NAK] = "T_NAK",
    };
    if (!t->has_tpdu) {
        return "unknown";
    }
    if (t->tpdu.has_apdu) {
        return knx_apci_name(t->tpdu.apci);
    }
    return kinds[t->tpdu.kind] != NULL ? kinds[t->tpdu.kind] : "unknown";
}

/* Lines. */

/* The value by its type; in hex, with the reason, where it does not fit it. */
static void add_value(const struct telegram *t, struct bas_buf *out)
{
    struct bas_fault why = { 0 };
    if (!t->has_value) {
        if (t->has_tpdu && t->tpdu.data.len != 0) {
            bas_buf_add_hex(out, t->tpdu.data);
        }
    } else if (group_value_text(&t->value, t->group.dpt, out, &why) != BAS_OK) {
        bas_err err = group_value_text(&t->value, NULL, out, NULL);
        (void)err; /* hex always does */
        bas_buf_format(out, " (%s)", why.text);
    }
}

static void tell_text(const struct knx_session *s, const struct telegram *t)
{
    char text[LONGEST_TEXT];
    struct bas_buf out;
    bas_buf_init(&out, text, sizeof(text));
    bas_buf_format(&out, "%s  %-9s %-9s  %-18s ", t->time, t->source, t->destination,
                   service_of(t));
    size_t before = out.len;
    add_value(t, &out);
    bas_buf_format(&out, "%s%s", out.len != before ? "  " : "", priority_of(t));
    if (t->event->is_secured) {
        bas_buf_format(&out, " secured %llu", (unsigned long long)t->event->sequence);
    } else {
        bas_buf_add_text(&out, " plain");
    }
    bas_buf_format(&out, "%s%s", t->group.name != NULL ? "  " : "",
                   t->group.name != NULL ? t->group.name : "");
    out_line(&s->tool->out, "%s", bas_buf_text(&out));
}

static struct bas_json *begin_json(const struct knx_session *s, const char *event, const char *time)
{
    struct bas_json *json = out_begin(&s->tool->out);
    bas_json_text(json, "event", event);
    bas_json_text(json, "time", time);
    return json;
}

static void add_addresses(const struct telegram *t, struct bas_json *json)
{
    bas_json_text(json, "source", t->source);
    bas_json_text(json, "destination", t->destination);
    if (t->group.name != NULL) {
        bas_json_text(json, "name", t->group.name);
    }
    bas_json_text(json, "priority", priority_of(t));
}

static void tell_json(const struct knx_session *s, const struct telegram *t)
{
    struct bas_fault why = { 0 };
    struct bas_json *json = begin_json(s, "telegram", t->time);
    add_addresses(t, json);
    bas_json_text(json, "service", service_of(t));
    if (t->has_value && group_value_json(&t->value, t->group.dpt, json, &why) != BAS_OK) {
        bas_json_text(json, "error", why.text);
    } else if (!t->has_value && t->has_tpdu && t->tpdu.data.len != 0) {
        bas_json_hex(json, "data", t->tpdu.data);
    }
    bas_json_bool(json, "secured", t->event->is_secured);
    if (t->event->is_secured) {
        bas_json_unsigned(json, "sequence", t->event->sequence);
    }
    out_end(&s->tool->out);
}

static void tell_telegram(struct knx_session *s, const struct bas_knx_event *event)
{
    struct monitor *m = s->user;
    struct telegram t;
    take_apart(s, event, &t);
    set_time(s, t.time);
    if (s->tool->out.json) {
        tell_json(s, &t);
    } else {
        tell_text(s, &t);
    }
    if (m->left != UINT32_MAX && --m->left == 0) {
        knx_session_end(s, 0);
    }
}

/* A telegram that was not let through, or a frame that is none. */
static void tell_dropped(struct knx_session *s, const struct bas_knx_event *event)
{
    char time[OUT_TIME_TEXT];
    struct telegram t;
    set_time(s, time);
    if (!s->tool->out.json) {
        out_line(&s->tool->out, "%s  dropped%s%s: %s", time, event->cemi != NULL ? ", " : "",
                 event->cemi != NULL ? knx_drop_name(event->drop) : "", event->fault->text);
        return;
    }
    struct bas_json *json = begin_json(s, "dropped", time);
    if (event->cemi != NULL) {
        take_apart(s, event, &t);
        add_addresses(&t, json);
        bas_json_text(json, "cause", knx_drop_name(event->drop));
        if (event->sequence != 0) {
            bas_json_unsigned(json, "sequence", event->sequence);
        }
    }
    bas_json_text(json, "error", event->fault->text);
    out_end(&s->tool->out);
}

static void tell_up(struct knx_session *s, const struct bas_knx_event *event)
{
    struct monitor *m = s->user;
    char time[OUT_TIME_TEXT];
    char address[KNX_ADDRESS_TEXT];
    set_time(s, time);
    (void)knx_ia_text(event->address, address);
    if (m->wait_ms != 0 && !m->is_waiting) {
        m->is_waiting = true;
        knx_session_wait(s, m->wait_ms);
    }
    if (!s->tool->out.json) {
        out_line(&s->tool->out, "%s  connected to %s as %s", time, s->options->gateway, address);
        return;
    }
    struct bas_json *json = begin_json(s, "connected", time);
    bas_json_text(json, "gateway", s->options->gateway);
    bas_json_text(json, "address", address);
    out_end(&s->tool->out);
}

static void tell_down(struct knx_session *s, const struct bas_knx_event *event)
{
    char time[OUT_TIME_TEXT];
    const char *why =
        event->fault->err != BAS_OK ? event->fault->text : "the interface closed the connection";
    set_time(s, time);
    if (!s->tool->out.json) {
        out_line(&s->tool->out, "%s  not connected: %s; trying again in %.3g s", time, why,
                 (double)event->retry_ms / 1000);
        return;
    }
    struct bas_json *json = begin_json(s, "disconnected", time);
    bas_json_text(json, "error", why);
    bas_json_unsigned(json, "retry_ms", event->retry_ms);
    out_end(&s->tool->out);
}

static void on_event(struct knx_session *s, const struct bas_knx_event *event)
{
    if (event->kind == BAS_KNX_UP) {
        tell_up(s, event);
    } else if (event->kind == BAS_KNX_DOWN) {
        tell_down(s, event);
    } else if (event->kind == BAS_KNX_TELEGRAM) {
        tell_telegram(s, event);
    } else if (event->kind == BAS_KNX_DROPPED) {
        tell_dropped(s, event);
    }
}

static void waited(struct knx_session *s)
{
    knx_session_end(s, 0);
}

static bas_err read_names(struct tool *tool, const struct monitor_options *o, struct monitor *m,
                          struct bas_fault *fault)
{
    bas_err err = group_names_init(tool, &m->names, fault);
    if (err == BAS_OK && o->names != NULL) {
        err = group_names_read(tool, &m->names, o->names, fault);
    }
    for (size_t i = 0; err == BAS_OK && i < o->dpt.n; i++) {
        err = group_names_set(&m->names, o->dpt.items[i], fault);
    }
    return err;
}

int cmd_knx_monitor(struct tool *tool, int argc, char **argv)
{
    struct monitor_options options;
    struct arguments arguments;
    struct bas_fault fault = { 0 };
    struct monitor m = { .left = UINT32_MAX };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    m.left = options.count;
    m.wait_ms = options.wait_ms;
    if (read_names(tool, &options, &m, &fault) == BAS_OK) {
        const struct knx_session_task task = {
            .is_lasting = true, .event = on_event, .waited = waited, .user = &m
        };
        status = knx_session_run(tool, &options.session, &task);
    } else {
        status = out_fail(&tool->out, tool->verb->name, &fault);
    }
    group_names_free(tool, &m.names);
    return status;
}
