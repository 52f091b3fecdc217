/* Owns the connection of a client verb: from its options to the network, the device, and back. */
#define _DEFAULT_SOURCE /* sigaction */
#include "session.h"

#include "refusal.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARENA = 4194304,    /* touched only as far as it is used */
    CONNECT_MS = 10000, /* for all attempts together */
    ATTEMPT_MS =
        4500, /* each wait of one: a hub that keeps silent on Hello is asked again without it */
    DISCONNECT_WAIT_MS = 2000,
    AT_ONCE_MS = 1,
    NO_RETRIES = 255, /* what gets lost on a TCP connection is lost with it */
    STATUS_INTERRUPTED = 130,
    REQUEST_OCTETS = BAC_MAX_APDU
};

/* The end. */

void session_end(struct session *s, int status)
{
    if (s->is_ending) {
        return;
    }
    s->is_ending = true;
    s->status = status;
    bas_alarm_free(s->alarm);
    s->alarm = NULL;
    if (s->station != NULL) {
        bas_station_stop(s->station);
        s->station = NULL;
    }
    if (s->is_working) {
        bas_loop_stop(s->loop);
    }
}

void session_fail(struct session *s, const struct bas_fault *fault)
{
    if (!s->is_ending) {
        session_end(s, out_fail(&s->tool->out, s->tool->verb->name, fault));
    }
}

BAS_PRINTF(3, 4)
static void fail(struct session *s, bas_err err, const char *format, ...)
{
    struct bas_fault fault = { .err = err };
    va_list args;
    va_start(args, format);
    (void)vsnprintf(fault.text, sizeof(fault.text), format, args);
    va_end(args);
    session_fail(s, &fault);
}

static void on_signal(void *user, int number)
{
    struct session *s = user;
    (void)number;
    if (s->is_ending || s->task->interrupted == NULL || !s->task->interrupted(s)) {
        session_end(s, STATUS_INTERRUPTED);
    }
}

/* "5 s", "0.5 s". */
static const char *seconds(const struct session *s, char text[24])
{
    (void)snprintf(text, 24, "%.3g s", (double)s->options->timeout_ms / 1000);
    return text;
}

/* Requests. */

void session_refusal(const struct bac_client_event *event, struct bas_fault *fault)
{
    const struct bac_error_pair error = bas_refusal(event);
    const char *advice = refusal_advice(&error);
    *fault = event->fault;
    size_t len = strlen(fault->text);
    (void)snprintf(fault->text + len, sizeof(fault->text) - len, "%s%s", advice[0] != 0 ? "; " : "",
                   advice);
    fault->error_class = (uint16_t)error.error_class;
    fault->error_code = (uint16_t)error.error_code;
}

/* The device said no. */
static void refuse(struct session *s, const struct bac_client_event *event)
{
    const struct bac_error_pair error = bas_refusal(event);
    if (s->task->refused != NULL && s->task->refused(s, &error)) {
        return;
    }
    struct bas_fault fault;
    session_refusal(event, &fault);
    session_fail(s, &fault);
}

void session_fail_silent(struct session *s)
{
    char time[24];
    const struct target_device *device = s->task->device;
    if (device->has_vmac) {
        fail(s, BAS_ERR_TIMEOUT,
             "%s did not answer in %s; basalt whois lists who is there, --timeout waits longer",
             device->text, seconds(s, time));
    } else {
        fail(s, BAS_ERR_TIMEOUT, "device %u did not answer in %s; --timeout waits longer",
             (unsigned)device->instance, seconds(s, time));
    }
}

static void on_answer(void *user, const struct bac_client_event *event)
{
    struct session *s = user;
    if (s->is_ending) {
        return;
    }
    switch (event->kind) {
    case BAC_CLIENT_ACK:
        s->acknowledged(s, event->body);
        break;
    case BAC_CLIENT_ERROR:
    case BAC_CLIENT_REJECT:
    case BAC_CLIENT_ABORT:
        refuse(s, event);
        break;
    case BAC_CLIENT_TIMEOUT:
        session_fail_silent(s);
        break;
    case BAC_CLIENT_UNREACHABLE:
        session_fail(s, &event->fault);
        break;
    }
}

void session_ask(struct session *s, uint8_t service, const void *parameters,
                 void (*acknowledged)(struct session *session, struct bas_slice body))
{
    uint8_t memory[REQUEST_OCTETS];
    struct bas_buf body;
    bas_buf_init(&body, memory, sizeof(memory));
    const struct bac_service *row = bac_service_find(true, service);
    bas_err err = bac_encode(row->request, parameters, BAC_APPLICATION, &body);
    if (err == BAS_OK) {
        const struct bas_request request = { s->device, service, { memory, body.len } };
        s->acknowledged = acknowledged;
        err = bas_station_request(s->station, &request, on_answer, s);
    }
    if (err == BAS_ERR_NO_SPACE || err == BAS_ERR_TOO_LONG) {
        fail(s, BAS_ERR_INVALID, "the request does not fit one message; ask for less at once");
    } else if (err != BAS_OK) {
        fail(s, err, "the request cannot be sent: %s", bas_err_text(err));
    }
}

bool session_decode(struct session *s, const struct bac_type *type, struct bas_slice body,
                    void *value)
{
    struct bas_fault why = { 0 };
    if (bac_decode_all(type, body, value, &s->arena, &why) == BAS_OK) {
        return true;
    }
    fail(s, BAS_ERR_PROTOCOL, "the answer cannot be decoded: %s", why.text);
    return false;
}

void session_who_is(struct session *s, const struct bac_who_is *limits)
{
    uint8_t memory[32];
    struct bas_buf body;
    const struct bac_who_is all = { 0 };
    bas_buf_init(&body, memory, sizeof(memory));
    bas_err err =
        bac_encode(&bac_type_who_is, limits != NULL ? limits : &all, BAC_APPLICATION, &body);
    const struct bas_request request = { .to = { .network = BAC_BROADCAST_NETWORK },
                                         .service = BAC_UNCONFIRMED_WHO_IS,
                                         .parameters = { memory, body.len } };
    err = err == BAS_OK ? bas_station_unconfirmed(s->station, &request) : err;
    if (err != BAS_OK) {
        fail(s, err, "Who-Is cannot be sent: %s", bas_err_text(err));
    }
}

void session_wait(struct session *s)
{
    s->is_waiting = true;
    bas_alarm_set(s->alarm, s->options->timeout_ms);
}

void session_ask_peer(struct session *s,
                      bas_err (*ask)(struct bsc_node *node, const struct bsc_vmac *peer,
                                     bas_time now),
                      const struct bsc_vmac *peer)
{
    struct bas_port *port = bas_station_port(s->station);
    bas_err err = ask(bas_port_node(port), peer, bas_loop_now(s->loop));
    if (err != BAS_OK) {
        fail(s, err, "the question cannot be sent: %s", bas_err_text(err));
        return;
    }
    session_wait(s);
    bas_port_wake(port);
}

/* Finding the device. */

static void begin(struct session *s)
{
    s->is_begun = true;
    if (s->task->work != NULL) {
        bas_loop_stop(s->loop); /* session_run goes on */
    } else {
        s->task->begin(s);
    }
}

static void find_device(struct session *s)
{
    const struct target_device *device = s->task->device;
    if (device != NULL && !device->has_vmac) {
        const struct bac_who_is limits = { true, true, device->instance, device->instance };
        session_wait(s);
        session_who_is(s, &limits);
        return;
    }
    if (device != NULL) {
        s->device.mac_len = sizeof(device->vmac.octets);
        memcpy(s->device.mac, device->vmac.octets, sizeof(device->vmac.octets));
    }
    begin(s);
}

static bool has_failover(const struct session *s)
{
    return s->options->failover_hub != NULL;
}

/* The time for all attempts is over. */
static void tell_no_hub(struct session *s)
{
    const char *why = s->last[0].text;
    if (has_failover(s)) {
        fail(s, BAS_ERR_TIMEOUT, "no connection to %.80s or %.80s within %d s: %.100s; %.100s",
             s->options->hub, s->options->failover_hub, CONNECT_MS / 1000,
             why[0] != 0 ? why : "no answer", s->last[1].text);
        return;
    }
    fail(s, BAS_ERR_TIMEOUT, "no connection to %s within %d s%s%s", s->options->hub,
         CONNECT_MS / 1000, why[0] != 0 ? ": " : "; is it a BACnet/SC hub?", why);
}

static void on_alarm(void *user)
{
    struct session *s = user;
    char time[24];
    if (!s->is_up) {
        tell_no_hub(s);
        return;
    }
    if (!s->is_waiting) {
        return; /* it was set for the connection */
    }
    if (s->is_working) {
        s->is_late = true;
        bas_loop_stop(s->loop);
        return;
    }
    if (s->is_begun && s->task->waited != NULL) {
        s->task->waited(s);
        return;
    }
    if (s->is_begun) {
        fail(s, BAS_ERR_TIMEOUT,
             "nobody answered in %s; basalt whois lists who is there, --timeout waits longer",
             seconds(s, time));
        return;
    }
    fail(s, BAS_ERR_TIMEOUT,
         "no device %u: nobody answered Who-Is in %s; basalt whois lists who is there",
         (unsigned)s->task->device->instance, seconds(s, time));
}

static void take_i_am(struct session *s, const struct bas_station_event *event)
{
    struct bac_i_am i_am;
    if (bac_decode_all(&bac_type_i_am, event->parameters, &i_am, NULL, NULL) != BAS_OK ||
        i_am.device.type != BAC_OBJECT_DEVICE) {
        return;
    }
    const struct session_peer peer = { &i_am, &event->source };
    if (s->is_begun) {
        if (s->task->heard != NULL) {
            s->task->heard(s, &peer);
        }
    } else if (s->task->device != NULL && i_am.device.instance == s->task->device->instance) {
        s->device = event->source;
        begin(s);
    }
}

/* The connection. */

static void tell_up(const struct session *s, const struct bas_station_event *event)
{
    char ours[BSC_VMAC_TEXT];
    char theirs[BSC_VMAC_TEXT];
    struct bsc_vmac vmac = bas_station_vmac(s->station);
    bas_log(&s->tool->env, BAS_LOG_INFO, "connected to %s (VMAC %s) as VMAC %s", event->uri,
            bsc_vmac_text(&event->vmac, theirs), bsc_vmac_text(&vmac, ours));
}

/* What the next attempt may change: it goes without the Hello option, or with another VMAC; and
 * silence may end. */
static const struct {
    uint16_t code;
    bool is_silence;
} worth_another[] = {
    { BAC_ERROR_CODE_HEADER_ENCODING_ERROR, false },
    { BAC_ERROR_CODE_HEADER_NOT_UNDERSTOOD, false },
    { BAC_ERROR_CODE_NODE_DUPLICATE_VMAC, false },
    { BAC_ERROR_CODE_TIMEOUT, true },
    { BAC_ERROR_CODE_TCP_CONNECT_TIMEOUT, true },
    { BAC_ERROR_CODE_HTTP_RESPONSE_TIMEOUT, true },
};

/* One more attempt at a hub for what was said; silence is met until the time for all attempts is
 * over. */
static bool is_worth_another(const struct bas_fault *fault, bool has_retried)
{
    if (fault->err == BAS_ERR_TIMEOUT) {
        return true; /* also a late TLS handshake, whose code says no more than that it failed */
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(worth_another); i++) {
        if (fault->error_class == BAC_ERROR_CLASS_COMMUNICATION &&
            fault->error_code == worth_another[i].code) {
            return worth_another[i].is_silence || !has_retried;
        }
    }
    return false;
}

static void tell_lost(struct session *s, const struct bas_fault *fault)
{
    if (fault->err == BAS_OK) {
        fail(s, BAS_ERR_CLOSED, "the hub ended the connection; look at its log");
    } else {
        session_fail(s, fault);
    }
}

/* Neither hub connects us. What the primary says decides the exit status. */
static void tell_both_lost(struct session *s)
{
    char why[OUT_WHY_TEXT];
    (void)snprintf(why, sizeof(why), "primary hub: %s; failover hub: %s", s->last[0].text,
                   s->last[1].text);
    if (!s->is_ending) {
        session_end(s, out_fail_why(&s->tool->out, s->tool->verb->name, &s->last[0], why));
    }
}

/* An attempt at one of the hubs failed. The other one may be there. */
static void retry(struct session *s, const struct bas_station_event *event)
{
    size_t hub = event->hub_state == 2 ? 1 : 0;
    s->has_given_up[hub] = !is_worth_another(event->fault, s->has_retried[hub]);
    s->has_retried[hub] = true;
    s->last[hub] = *event->fault;
    if (!s->has_given_up[0] || (has_failover(s) && !s->has_given_up[1])) {
        return;
    }
    if (!has_failover(s)) {
        tell_lost(s, event->fault);
        return;
    }
    tell_both_lost(s);
}

static void on_event(void *user, const struct bas_station_event *event)
{
    struct session *s = user;
    s->is_stopped = s->is_stopped || event->kind == BAS_STATION_STOPPED;
    if (s->is_ending) {
        return;
    }
    switch (event->kind) {
    case BAS_STATION_UP:
        tell_up(s, event);
        if (!s->is_up) { /* else it moved from one hub to the other */
            s->is_up = true;
            find_device(s);
        }
        break;
    case BAS_STATION_RETRY:
        retry(s, event);
        break;
    case BAS_STATION_DOWN:
        tell_lost(s, event->fault);
        break;
    case BAS_STATION_FAULT:
        bas_log(&s->tool->env, BAS_LOG_INFO, "%s", event->fault->text);
        break;
    case BAS_STATION_REQUEST:
        if (event->service == BAC_UNCONFIRMED_I_AM) {
            take_i_am(s, event);
        } else if (s->is_begun && s->task->request != NULL) {
            s->task->request(s, event);
        }
        break;
    case BAS_STATION_NODE:
        if (s->is_begun && s->task->node != NULL) {
            s->task->node(s, event->node);
        }
        break;
    case BAS_STATION_VMAC:
    case BAS_STATION_SERVER:
    case BAS_STATION_STOPPED:
        break;
    }
}

struct bas_tls_config session_tls(const struct tool *tool, const struct common_options *o)
{
    struct bas_tls_config tls = { .size = sizeof(tls),
                                  .certificate_file = o->cert,
                                  .key_file = o->key,
                                  .key_password_file = o->key_password_file,
                                  .keylog_file = tool->keylog_file };
    memcpy(tls.issuer_files, o->ca, sizeof(tls.issuer_files));
    memcpy(tls.crl_files, o->crl, sizeof(tls.crl_files));
    return tls;
}

static void connect_hub(struct session *s)
{
    const struct common_options *o = s->options;
    const struct bas_tls_config tls = session_tls(s->tool, o);
    const struct bsc_node_config node = { .size = sizeof(node),
                                          .primary_uri = o->hub,
                                          .failover_uri = o->failover_hub,
                                          .connect_wait_ms = ATTEMPT_MS,
                                          .disconnect_wait_ms = DISCONNECT_WAIT_MS,
                                          .minimum_reconnect_ms = AT_ONCE_MS,
                                          .resolution_wait_ms = o->timeout_ms };
    const struct bas_station_config config = { .size = sizeof(config),
                                               .port.size = sizeof(config.port),
                                               .port.node = &node,
                                               .port.tls = &tls,
                                               .port.is_visitor = !o->own_uuid,
                                               .port.plaintext = o->allow_plaintext
                                                                     ? BAS_PLAINTEXT_ANYWHERE
                                                                     : BAS_PLAINTEXT_NO,
                                               .apdu_timeout_ms = o->timeout_ms,
                                               .apdu_retries = NO_RETRIES,
                                               .segment_timeout_ms = o->timeout_ms,
                                               .event = on_event,
                                               .user = s };
    struct bas_fault fault = { 0 };
    bas_alarm_set(s->alarm, CONNECT_MS);
    struct bas_station *station = bas_station_start(s->loop, &config, &fault);
    if (station == NULL) {
        session_fail(s, &fault);
    } else if (s->is_ending) { /* it failed at once */
        bas_station_stop(station);
    } else {
        s->station = station;
    }
}

static bool open_all(struct session *s)
{
    const struct sigaction ignore = { .sa_handler = SIG_IGN };
    s->memory = malloc(ARENA);
    bac_arena_init(&s->arena, s->memory, s->memory != NULL ? ARENA : 0);
    s->loop = bas_loop_new(&s->tool->env);
    s->alarm = s->loop == NULL ? NULL : bas_alarm_new(s->loop, on_alarm, s);
    if (s->alarm == NULL || s->memory == NULL) {
        fail(s, BAS_ERR_NO_MEMORY, "out of memory");
        return false;
    }
    (void)sigaction(SIGPIPE, &ignore, NULL); /* a lost peer shows as an error of the write */
    bas_loop_on_signal(s->loop, on_signal, s);
    return true;
}

static bool is_plain(const char *uri)
{
    return uri != NULL && strncmp(uri, "ws:", 3) == 0;
}

/* Which of the options is missing that every session needs, or NULL. */
static const char *missing(const struct common_options *o)
{
    bool needs_tls = !is_plain(o->hub) || (o->failover_hub != NULL && !is_plain(o->failover_hub));
    const struct {
        const char *name;
        bool is_missing;
    } needed[] = { { "hub", o->hub == NULL },
                   { "ca", needs_tls && o->ca[0] == NULL },
                   { "cert", needs_tls && o->cert == NULL },
                   { "key", needs_tls && o->key == NULL } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(needed); i++) {
        if (needed[i].is_missing) {
            return needed[i].name;
        }
    }
    return NULL;
}

bool session_check_options(struct tool *tool, const struct common_options *o, int *status)
{
    const char *name = missing(o);
    if (name != NULL) {
        *status = out_usage(&tool->out, tool->verb->name,
                            "--%s: is missing; give it, or its variable (basalt %s --help)", name,
                            tool->verb->name);
        return false;
    }
    if (!o->allow_plaintext && (is_plain(o->hub) || is_plain(o->failover_hub))) {
        *status = out_usage(&tool->out, tool->verb->name,
                            "--%s: ws:// is not encrypted; wss://, or --allow-plaintext for a test",
                            is_plain(o->hub) ? "hub" : "failover-hub");
        return false;
    }
    return true;
}

static void work(struct session *s)
{
    s->is_working = true;
    int status = s->task->work(s);
    s->is_working = false;
    session_end(s, status);
    while (!s->is_stopped) { /* a stop from before ends one run of the loop */
        bas_loop_run(s->loop);
    }
}

int session_run(struct tool *tool, const struct common_options *options,
                const struct session_task *task)
{
    int status = 0;
    if (!session_check_options(tool, options, &status)) {
        return status;
    }
    struct session s = { .tool = tool, .options = options, .task = task, .user = task->user };
    if (open_all(&s)) {
        connect_hub(&s);
        bas_loop_run(s.loop);
        if (s.is_begun && !s.is_ending && task->work != NULL) {
            work(&s);
        }
    }
    bas_loop_free(s.loop);
    free(s.memory);
    return s.status;
}

const char *session_address_text(const struct bac_address *address, char text[SESSION_ADDRESS_TEXT])
{
    struct bas_buf out;
    struct bsc_vmac vmac;
    if (address->network == 0 && address->mac_len == sizeof(vmac.octets)) {
        memcpy(vmac.octets, address->mac, sizeof(vmac.octets));
        return bsc_vmac_text(&vmac, text);
    }
    bas_buf_init(&out, text, SESSION_ADDRESS_TEXT);
    bas_buf_format(&out, "%u:", (unsigned)address->network);
    bas_buf_add_hex(&out, (struct bas_slice){ address->mac, address->mac_len });
    return bas_buf_text(&out);
}
