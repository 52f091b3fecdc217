/* Owns the connection of a client verb of KNX: from its options to a tunnel, and back. */
#define _DEFAULT_SOURCE /* sigaction */
#include "knx_session.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum {
    DESCRIPTION_MS = 2000,
    STATUS_INTERRUPTED = 130,
    MINIMUM_RETRY_MS = 1000,
    MAXIMUM_RETRY_MS = 30000
};

/* Options. */

#define ROW(name, type, member, min, max, fallback, help)                                          \
    OPTION(struct knx_session_options, name, type, member, min, max, fallback, help, false, NULL)

const struct option_row knx_session_rows[KNX_SESSION_ROWS] = {
    { ROW("gateway", HOST, gateway, 0, 0, NULL, "the interface (KNX_GATEWAY); port 3671 if none"),
      0,
      "HOST[:PORT]",
      { "KNX_GATEWAY" } },
    { ROW("keyring", PATH, keyring, 1, 4095, NULL, "keyring of the project (KNX_KEYRING)"),
      0,
      "FILE",
      { "KNX_KEYRING" } },
    SECRET_ROWS(struct knx_session_options, "keyring", keyring_password, "the keyring's password"),
    { ROW("interface", ADDRESS, interface, 0, 0, NULL, "this tunnel, not any that is free"),
      0,
      "ADDRESS",
      { NULL } },
    { ROW("user", UNSIGNED, user, 1, 127, NULL, "without a keyring: our user number"),
      0,
      "N",
      { NULL } },
    SECRET_ROWS(struct knx_session_options, "user", user_password, "the user's password"),
    SECRET_ROWS(struct knx_session_options, "device", device_password,
                "the device authentication code"),
    { ROW("skip-device-check", BOOL, skip_device_check, 0, 0, NULL,
          "trust whoever answers, without that code"),
      0,
      NULL,
      { NULL } },
    { ROW("group-key-file", PATH, group_key_file, 1, 4095, NULL,
          "without a keyring: lines GROUP KEY, or a key alone"),
      0,
      "FILE",
      { NULL } },
    { ROW("tcp", BOOL, tcp, 0, 0, NULL, "in the plain over TCP, not UDP"), 0, NULL, { NULL } },
    { ROW("nat", BOOL, nat, 0, 0, NULL, "UDP through a NAT: answers come back the same way"),
      0,
      NULL,
      { NULL } },
    { ROW("state", PATH, state, 1, 4000, NULL, "sequence numbers (~/.local/state/basalt/knx.db)"),
      0,
      "FILE",
      { NULL } },
    { ROW("no-state", BOOL, no_state, 0, 0, NULL, "keep no sequence numbers: the clock gives them"),
      0,
      NULL,
      { NULL } },
    { ROW("timeout", DURATION, common.timeout_ms, 100, 3600000, "5",
          "wait so long for each answer"),
      0,
      "SECONDS",
      { NULL } },
};

/* The end. */

void knx_session_end(struct knx_session *s, int status)
{
    if (s->is_ending) {
        return;
    }
    s->is_ending = true;
    s->status = status;
    bas_alarm_free(s->alarm);
    s->alarm = NULL;
    if (s->inquiry != NULL) {
        bas_knx_inquiry_stop(s->inquiry);
        s->inquiry = NULL;
    }
    if (s->knx != NULL) {
        bas_knx_stop(s->knx);
        s->knx = NULL;
    }
}

static void fail_at(struct knx_session *s, enum knx_client_state step,
                    const struct bas_fault *fault)
{
    if (s->is_ending) {
        return;
    }
    if (s->task->failed == NULL) {
        knx_session_end(s, out_fail(&s->tool->out, s->tool->verb->name, fault));
        return;
    }
    s->task->failed(s, step, fault);
    knx_session_end(s, bas_err_exit_status(fault->err));
}

void knx_session_fail(struct knx_session *s, const struct bas_fault *fault)
{
    fail_at(s, KNX_CLIENT_UP, fault);
}

static void on_signal(void *user, int number)
{
    struct knx_session *s = user;
    knx_session_end(s, s->task->is_lasting && number == SIGTERM ? 0 : STATUS_INTERRUPTED);
}

/* Why a connection failed. */

enum { HAS_DEVICE_CODE = 16 }; /* beside the modes: an option gave it */

/* The option that mends it, a row each: all that is not 0 must fit. */
static const struct advice {
    bas_err err;
    unsigned modes; /* enum knx_access_mode, or the above */
    uint8_t step;   /* enum knx_client_state */
    uint8_t status;
    bool is_udp;
    const char *text;
} advices[] = {
    { 0, 0, 0, KNX_E_AUTHORISATION_ERROR, false, "see --interface" },
    { BAS_ERR_KEY, HAS_DEVICE_CODE, KNX_CLIENT_SESSION, 0, false, "see --device-pwd-file" },
    { BAS_ERR_KEY, KNX_ACCESS_USER, 0, 0, false, "see --user and --user-pwd-file" },
    { BAS_ERR_KEY, 0, 0, 0, false, "see --keyring" },
    { 0, KNX_ACCESS_PLAIN, 0, KNX_E_CONNECTION_TYPE, false,
      "see --keyring, or --user with --user-pwd-file" },
    { 0, KNX_ACCESS_PLAIN, 0, KNX_E_HOST_PROTOCOL_TYPE, false, "see --tcp" },
    { 0, KNX_ACCESS_TUNNEL, 0, KNX_E_CONNECTION_IN_USE, false,
      "without --interface, any that is free is taken" },
    { 0, 0, 0, KNX_E_NO_TUNNELLING_ADDRESS, false, "see --interface" },
    { BAS_ERR_NOT_FOUND, 0, 0, 0, false, "see --interface" },
    { BAS_ERR_TIMEOUT, 0, 0, 0, true, "--tcp or --nat may get through, --timeout waits longer" },
    { BAS_ERR_TIMEOUT, 0, 0, 0, false, "--timeout waits longer" },
    { BAS_ERR_REFUSED, 0, 0, 0, false, "see --gateway" },
    { BAS_ERR_RESOLVE, 0, 0, 0, false, "see --gateway" },
    { BAS_ERR_UNREACHABLE, 0, 0, 0, false, "see --gateway" },
};

static bool fits(const struct knx_session *s, const struct advice *row, unsigned step,
                 const struct bas_fault *fault, unsigned status)
{
    unsigned modes = s->access.mode | (s->access.has_device_key ? HAS_DEVICE_CODE : 0U);
    return (row->err == BAS_OK || row->err == fault->err) &&
           (row->modes == 0 || (row->modes & modes) != 0) &&
           (row->step == 0 || row->step == step) && (row->status == 0 || row->status == status) &&
           (!row->is_udp || s->access.keys.engine.transport == KNX_UDP);
}

/* Tells why there is no connection, and which option to look at. */
static void tell_failure(struct knx_session *s, unsigned step, const struct bas_fault *fault,
                         unsigned status)
{
    struct bas_fault told = *fault;
    size_t len = strlen(told.text);
    for (size_t i = 0; i < BAS_ARRAY_LEN(advices); i++) {
        if (fits(s, &advices[i], step, fault, status)) {
            (void)snprintf(told.text + len, sizeof(told.text) - len, "; %s", advices[i].text);
            break;
        }
    }
    fail_at(s, (enum knx_client_state)step, &told);
}

/* Tunnels. */

/* Another tunnel of the same interface may do. */
static bool is_of_tunnel(const struct bas_knx_event *event)
{
    return event->step == KNX_CLIENT_CONNECT &&
           (event->status == KNX_E_CONNECTION_IN_USE ||
            event->status == KNX_E_NO_MORE_CONNECTIONS ||
            event->status == KNX_E_NO_MORE_UNIQUE_CONNECTIONS ||
            event->status == KNX_E_AUTHORISATION_ERROR ||
            event->status == KNX_E_NO_TUNNELLING_ADDRESS);
}

/* The keys that were tried belong to another interface of the keyring. */
static bool is_of_host(const struct knx_session *s, const struct bas_knx_event *event)
{
    return event->fault->err == BAS_ERR_KEY && knx_access_has_hosts(&s->access);
}

/* Chooses the tunnel to be tried next. False: all were. */
static bool move(struct knx_session *s, const struct bas_knx_event *event)
{
    bool leaves_host = is_of_host(s, event);
    if (s->access.mode != KNX_ACCESS_KEYRING || (!leaves_host && !is_of_tunnel(event))) {
        return false;
    }
    while (leaves_host && knx_access_stays_with_host(&s->access)) {
        knx_access_next(&s->access);
        s->tried++;
    }
    knx_access_next(&s->access);
    s->tried++;
    if (event->fault->err == BAS_ERR_IN_USE) {
        s->taken = *event->fault;
    }
    return s->tried < s->access.n_tunnels;
}

/* None of the tunnels could be had. */
static void tell_none(struct knx_session *s, const struct bas_knx_event *event)
{
    struct bas_fault fault = { 0 };
    size_t n = s->access.n_tunnels;
    if (n < 2 || s->taken.err == BAS_OK) {
        tell_failure(s, event->step, event->fault, event->status);
        return;
    }
    (void)bas_fail(&fault, BAS_ERR_IN_USE,
                   "none of the %zu tunnels that the keyring has for the interface is free: end "
                   "another client, or try again later",
                   n);
    fail_at(s, event->step, &fault);
}

/* The connection. */

static void log_up(const struct knx_session *s, const struct bas_knx_event *event)
{
    char text[KNX_ADDRESS_TEXT];
    const struct knx_client_config *engine = &s->access.keys.engine;
    bas_log(&s->tool->env, BAS_LOG_INFO, "connected to %s as %s: %s%s", s->options->gateway,
            knx_ia_text(event->address, text), engine->transport == KNX_UDP ? "UDP" : "TCP",
            engine->is_secure ? ", KNX IP Secure" : "");
}

static void go_down(struct knx_session *s, const struct bas_knx_event *event)
{
    if (move(s, event)) {
        bas_log(&s->tool->env, BAS_LOG_INFO, "%s", event->fault->text);
        s->is_moving = true;
        bas_knx_stop(s->knx);
        s->knx = NULL;
    } else if (event->is_permanent || !s->was_up) {
        tell_none(s, event);
    } else {
        s->tried = 0;
        s->task->event(s, event);
    }
}

static void connect_tunnel(struct knx_session *s);

static void on_knx(void *user, const struct bas_knx_event *event)
{
    struct knx_session *s = user;
    if (s->is_ending) {
        return;
    }
    switch (event->kind) {
    case BAS_KNX_UP:
        s->was_up = true;
        s->tried = 0;
        log_up(s, event);
        s->task->event(s, event);
        break;
    case BAS_KNX_DOWN:
        go_down(s, event);
        break;
    case BAS_KNX_FAILED:
        knx_session_fail(s, event->fault);
        break;
    case BAS_KNX_STOPPED:
        if (s->is_moving) {
            s->is_moving = false;
            connect_tunnel(s);
        }
        break;
    case BAS_KNX_TELEGRAM:
    case BAS_KNX_DROPPED:
    case BAS_KNX_CONFIRMED:
    case BAS_KNX_ANSWER:
    case BAS_KNX_FEATURE:
    case BAS_KNX_SYNCED:
        s->task->event(s, event);
        break;
    }
}

static void connect_tunnel(struct knx_session *s)
{
    struct bas_fault fault = { 0 };
    struct bas_knx_config config = { .gateway = s->options->gateway,
                                     .is_once = !s->task->is_lasting,
                                     .minimum_retry_ms = MINIMUM_RETRY_MS,
                                     .maximum_retry_ms = MAXIMUM_RETRY_MS,
                                     .event = on_knx,
                                     .user = s };
    if (knx_access_prepare(&s->access, &config, &fault) == BAS_OK) {
        if (s->task->adjust != NULL) {
            s->task->adjust(s, &s->access.keys.engine);
        }
        s->knx = bas_knx_start(s->loop, &config, &fault);
    }
    if (s->knx == NULL) {
        tell_failure(s, KNX_CLIENT_IDLE, &fault, 0);
    }
}

/* Which of the keyring's interfaces it is. */

static void take_address(struct knx_session *s, const struct knx_message *message)
{
    struct bas_slice list = message->payload;
    struct knx_block block;
    struct knx_device_info info;
    while (knx_dib_next(&list, &block)) {
        if (block.type == KNX_DIB_DEVICE_INFO &&
            knx_device_info_decode(block.data, &info) == BAS_OK) {
            knx_access_keep_host(&s->access, info.address);
        }
    }
}

static void on_description(void *user, const struct knx_message *message,
                           const struct knx_endpoint *from)
{
    struct knx_session *s = user;
    (void)from;
    if (s->inquiry != NULL) {
        take_address(s, message);
        bas_knx_inquiry_stop(s->inquiry);
        s->inquiry = NULL;
    }
}

/* Whatever is wrong shows again when it is connected to. */
static void on_described(void *user, const struct bas_fault *fault)
{
    struct knx_session *s = user;
    (void)fault;
    s->inquiry = NULL;
    if (!s->is_ending) {
        connect_tunnel(s);
    }
}

static void find_host(struct knx_session *s)
{
    struct bas_fault fault = { 0 };
    const struct bas_knx_inquiry_config config = { .size = sizeof(config),
                                                   .transport = KNX_TCP,
                                                   .target = s->options->gateway,
                                                   .requests = BAS_KNX_DESCRIPTION,
                                                   .wait_ms = DESCRIPTION_MS,
                                                   .answer = on_description,
                                                   .done = on_described,
                                                   .user = s };
    s->inquiry = bas_knx_inquiry_start(s->loop, &config, &fault);
    if (s->inquiry == NULL) {
        tell_failure(s, KNX_CLIENT_IDLE, &fault, 0);
    }
}

/* The whole. */

static void on_alarm(void *user)
{
    struct knx_session *s = user;
    s->task->waited(s);
}

static bool open_all(struct knx_session *s)
{
    struct bas_fault fault = { 0 };
    const struct sigaction ignore = { .sa_handler = SIG_IGN };
    if (knx_access_open(s->tool, s->options, s->task->group, &s->access, &fault) != BAS_OK) {
        fail_at(s, KNX_CLIENT_IDLE, &fault);
        return false;
    }
    s->loop = bas_loop_new(&s->tool->env);
    s->alarm = s->loop == NULL ? NULL : bas_alarm_new(s->loop, on_alarm, s);
    if (s->alarm == NULL) {
        (void)bas_fail(&fault, BAS_ERR_NO_MEMORY, "out of memory");
        knx_session_fail(s, &fault);
        return false;
    }
    (void)sigaction(SIGPIPE, &ignore, NULL); /* a lost peer shows as an error of the write */
    bas_loop_on_signal(s->loop, on_signal, s);
    return true;
}

int knx_session_run(struct tool *tool, const struct knx_session_options *options,
                    const struct knx_session_task *task)
{
    struct knx_session s = { .tool = tool, .options = options, .task = task, .user = task->user };
    if (options->gateway == NULL) {
        return out_usage(&tool->out, tool->verb->name,
                         "--gateway: is missing; give the interface, or its variable KNX_GATEWAY");
    }
    if (open_all(&s)) {
        if (knx_access_has_hosts(&s.access) && s.access.mode == KNX_ACCESS_KEYRING) {
            find_host(&s);
        } else {
            connect_tunnel(&s);
        }
        bas_loop_run(s.loop);
    }
    bas_loop_free(s.loop);
    knx_access_close(&s.access);
    return s.status;
}

/* For tasks. */

static void check_sent(struct knx_session *s, bas_err err, const struct bas_fault *fault)
{
    if (err != BAS_OK) {
        knx_session_fail(s, fault);
    }
}

void knx_session_group(struct knx_session *s, unsigned apci, knx_ga group,
                       const struct knx_group_value *value)
{
    struct bas_fault fault = { 0 };
    uint32_t id = 0;
    check_sent(s, bas_knx_group(s->knx, apci, group, value, &id, &fault), &fault);
}

void knx_session_send(struct knx_session *s, const struct knx_cemi *cemi)
{
    struct bas_fault fault = { 0 };
    uint32_t id = 0;
    check_sent(s, bas_knx_send(s->knx, cemi, &id, &fault), &fault);
}

void knx_session_wait(struct knx_session *s, uint32_t ms)
{
    bas_alarm_set(s->alarm, ms);
}

bool knx_session_has_key(const struct knx_session *s, knx_ga group)
{
    const struct knx_data_secure *secure = s->knx == NULL ? NULL : bas_knx_secure(s->knx);
    return secure != NULL && knx_data_secure_has_key(secure, group);
}
