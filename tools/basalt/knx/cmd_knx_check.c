/* Owns `basalt knx check`: every step on the way to a tunnel, and which one fails. */
#define _DEFAULT_SOURCE /* getaddrinfo */
#include "gateway.h"
#include "knx_session.h"
#include "verbs.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>

enum {
    DETAIL = 200,
    HEARTBEAT_MS = 50, /* after the tunnel is there */
    HEARTBEAT_WAIT_MS = 400,
    STATE_MS = HEARTBEAT_MS + KNX_CLIENT_HEARTBEAT_TRIES * HEARTBEAT_WAIT_MS + 150,
    NAME_WIDTH = 12
};

const struct verb_options knx_check_options = {
    .arguments = "HOST[:PORT]",
    .min_arguments = 1,
    .max_arguments = 1,
    .shared = knx_session_rows + 1, /* the gateway is the argument */
    .n_shared = KNX_SESSION_ROWS - 1,
    .size = sizeof(struct knx_session_options),
    .examples = "  basalt knx check 192.0.2.7\n"
                "  basalt knx check knx.example --keyring house.knxkeys --keyring-pwd-file pwd\n"
                "\n"
                "A line a step: ok, or failed and why. With keys also the session, the user and\n"
                "the tunnel are tried, without them a tunnel in the plain.\n",
};

/* What went well so far. */
struct checking {
    struct tool *tool;
    const char *host;
    uint32_t timeout_ms;
    bool has_failed;
    bool is_up;
    int status; /* of the last step that failed */
};

/* Lines. */

static struct bas_json *begin_step(struct checking *c, const char *step, bool ok)
{
    struct bas_json *json = out_begin(&c->tool->out);
    bas_json_text(json, "step", step);
    bas_json_bool(json, "ok", ok);
    return json;
}

static void tell_good(struct checking *c, const char *step, const char *detail)
{
    if (!c->tool->out.json) {
        out_line(&c->tool->out, "%-*s ok%s%s", NAME_WIDTH, step, detail[0] != 0 ? ": " : "",
                 detail);
        return;
    }
    struct bas_json *json = begin_step(c, step, true);
    if (detail[0] != 0) {
        bas_json_text(json, "detail", detail);
    }
    out_end(&c->tool->out);
}

static void tell_bad(struct checking *c, const char *step, const struct bas_fault *fault)
{
    struct bas_fault told = *fault;
    out_tame(told.text);
    c->has_failed = true;
    c->status = bas_err_exit_status(fault->err);
    if (!c->tool->out.json) {
        out_line(&c->tool->out, "%-*s failed: %s", NAME_WIDTH, step, told.text);
        return;
    }
    struct bas_json *json = begin_step(c, step, false);
    bas_json_text(json, "error", told.text);
    bas_json_unsigned(json, "status", (unsigned)c->status);
    out_end(&c->tool->out);
}

/* The name. */

/* HOST without its port. */
static void host_name(const char *target, char host[256])
{
    size_t len = strcspn(target, ":");
    len = len < 255 ? len : 255;
    memcpy(host, target, len);
    host[len] = 0;
}

static bool check_name(struct checking *c)
{
    struct addrinfo *found = NULL;
    const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
    struct bas_fault fault = { 0 };
    char host[256];
    char text[INET_ADDRSTRLEN] = "";
    host_name(c->host, host);
    int status = getaddrinfo(host, NULL, &hints, &found);
    if (status != 0) {
        (void)bas_fail(&fault, BAS_ERR_RESOLVE,
                       "%.100s has no IPv4 address (%s); check its spelling and the name server",
                       host, gai_strerror(status));
        tell_bad(c, "name", &fault);
        return false;
    }
    struct sockaddr_in address;
    memcpy(&address, found->ai_addr, sizeof(address));
    (void)inet_ntop(AF_INET, &address.sin_addr, text, sizeof(text));
    freeaddrinfo(found);
    tell_good(c, "name", text);
    return true;
}

/* Inquiries. */

/* One inquiry on a loop of its own. */
struct inquiring {
    struct checking *checking;
    const char *connected; /* a step that went well when it is connected; NULL: none */
    const char *step;
    void (*write)(const struct gateway *gateway, struct bas_buf *out);
    const char *silence; /* what to say when nobody answers */
    struct bas_knx_inquiry *inquiry;
    bool is_answered;
    struct bas_fault fault;
};

static void tell_connected(const struct inquiring *i)
{
    if (i->connected != NULL) {
        tell_good(i->checking, i->connected, "");
    }
}

static void on_answer(void *user, const struct knx_message *message,
                      const struct knx_endpoint *from)
{
    struct inquiring *i = user;
    char text[DETAIL];
    struct bas_buf out;
    struct gateway gateway;
    if (i->is_answered) {
        return;
    }
    i->is_answered = true;
    tell_connected(i);
    bas_buf_init(&out, text, sizeof(text));
    gateway_init(&gateway, message, from);
    i->write(&gateway, &out);
    if (i->checking->tool->out.json) {
        struct bas_json *json = begin_step(i->checking, i->step, true);
        bas_json_text(json, "detail", bas_buf_text(&out));
        knx_dibs_json(message->payload, json);
        out_end(&i->checking->tool->out);
    } else {
        tell_good(i->checking, i->step, bas_buf_text(&out));
    }
    bas_knx_inquiry_stop(i->inquiry);
}

static void on_done(void *user, const struct bas_fault *fault)
{
    struct inquiring *i = user;
    if (fault != NULL) {
        i->fault = *fault;
    }
}

/* The fault's err is BAS_OK when it was answered, or when nobody did (is_answered is false). */
static void inquire(struct inquiring *i, enum knx_host_protocol transport, unsigned requests)
{
    struct checking *c = i->checking;
    const struct bas_knx_inquiry_config config = { .size = sizeof(config),
                                                   .transport = transport,
                                                   .target = c->host,
                                                   .requests = requests,
                                                   .wait_ms = c->timeout_ms,
                                                   .answer = on_answer,
                                                   .done = on_done,
                                                   .user = i };
    struct bas_loop *loop = bas_loop_new(&c->tool->env);
    if (loop == NULL) {
        (void)bas_fail(&i->fault, BAS_ERR_NO_MEMORY, "out of memory");
        return;
    }
    i->inquiry = bas_knx_inquiry_start(loop, &config, &i->fault);
    bas_loop_run(loop);
    bas_loop_free(loop);
}

/* Connected, or at least not for want of it. */
static bool is_past_connecting(bas_err err)
{
    return err == BAS_OK || err == BAS_ERR_PROTOCOL || err == BAS_ERR_CLOSED;
}

/* Tells of an inquiry that was not answered. */
static void tell_silence(struct inquiring *i)
{
    struct bas_fault fault = { 0 };
    if (!is_past_connecting(i->fault.err)) {
        tell_bad(i->checking, i->connected != NULL ? i->connected : i->step, &i->fault);
        return;
    }
    tell_connected(i);
    if (i->fault.err != BAS_OK) {
        tell_bad(i->checking, i->step, &i->fault);
        return;
    }
    (void)bas_fail(&fault, BAS_ERR_TIMEOUT, "no answer in %.3g s: %s",
                   (double)i->checking->timeout_ms / 1000, i->silence);
    tell_bad(i->checking, i->step, &fault);
}

static void check_description(struct checking *c)
{
    struct inquiring i = { .checking = c,
                           .step = "description",
                           .write = gateway_tell_device,
                           .silence =
                               "nothing answers over UDP there, or a firewall is in between; "
                               "secure tunnels need TCP alone" };
    inquire(&i, KNX_UDP, BAS_KNX_DESCRIPTION);
    if (!i.is_answered) {
        tell_silence(&i);
    }
}

static void check_search(struct checking *c)
{
    struct inquiring i = { .checking = c,
                           .connected = "tcp",
                           .step = "search",
                           .write = gateway_tell_tunnels,
                           .silence = "it takes TCP connections, but not the extended search; is "
                                      "it a KNXnet/IP interface of core version 2?" };
    inquire(&i, KNX_TCP, BAS_KNX_SEARCH_EXTENDED);
    if (!i.is_answered) {
        tell_silence(&i);
    }
}

/* Session, user, tunnel. */

/* Steps that went well before the one of that state. */
static void tell_before(struct checking *c, const struct knx_session *s, unsigned state)
{
    char text[DETAIL];
    const struct knx_client_config *engine = &s->access.keys.engine;
    if (!engine->is_secure) {
        return;
    }
    if (state > KNX_CLIENT_SESSION) {
        tell_good(c, "session",
                  engine->skips_device_check ? "the interface was not asked to prove itself"
                                             : "the interface knows its authentication code");
    }
    if (state > KNX_CLIENT_AUTHENTICATE) {
        (void)snprintf(text, sizeof(text), "user %u", (unsigned)engine->user);
        tell_good(c, "user", text);
    }
}

static void adjust(struct knx_session *s, struct knx_client_config *engine)
{
    (void)s;
    engine->heartbeat_ms = HEARTBEAT_MS;
    engine->heartbeat_wait_ms = HEARTBEAT_WAIT_MS;
}

static void on_event(struct knx_session *s, const struct bas_knx_event *event)
{
    struct checking *c = s->user;
    char text[DETAIL];
    char address[KNX_ADDRESS_TEXT];
    const struct knx_client_config *engine = &s->access.keys.engine;
    if (event->kind != BAS_KNX_UP) {
        return;
    }
    c->is_up = true;
    tell_before(c, s, KNX_CLIENT_UP);
    (void)snprintf(text, sizeof(text), "tunnel %s over %s%s", knx_ia_text(event->address, address),
                   engine->transport == KNX_UDP ? "UDP" : "TCP",
                   engine->is_secure ? ", KNX IP Secure" : "");
    tell_good(c, "connect", text);
    knx_session_wait(s, STATE_MS);
}

static void waited(struct knx_session *s)
{
    tell_good(s->user, "state", "the interface keeps the connection, and has its bus");
    knx_session_end(s, 0);
}

static void failed(struct knx_session *s, enum knx_client_state step, const struct bas_fault *fault)
{
    static const char *const steps[KNX_CLIENT_STATES] = {
        [KNX_CLIENT_IDLE] = "connect",      [KNX_CLIENT_SESSION] = "session",
        [KNX_CLIENT_AUTHENTICATE] = "user", [KNX_CLIENT_CONNECT] = "connect",
        [KNX_CLIENT_UP] = "state",          [KNX_CLIENT_DISCONNECT] = "state",
    };
    struct checking *c = s->user;
    if (!c->is_up) {
        tell_before(c, s, step);
    }
    tell_bad(c, s->loop == NULL ? "keys" : steps[step], fault);
}

/* The exit status: all is well, or there is a tunnel though a step before it failed. */
static int run(struct checking *c, struct knx_session_options *options)
{
    const struct knx_session_task task = {
        .event = on_event, .waited = waited, .failed = failed, .adjust = adjust, .user = c
    };
    if (!check_name(c)) {
        return c->status;
    }
    check_description(c);
    check_search(c);
    bool had_failed = c->has_failed;
    int status = knx_session_run(c->tool, options, &task);
    return status == 0 && had_failed ? bas_err_exit_status(BAS_ERR_PARTIAL) : status;
}

/* The argument, as --gateway reads it. False: the mistake was told. */
static bool read_host(struct tool *tool, const char *text, struct knx_session_options *options)
{
    const struct bas_setting_reader reader = { &tool->store, NULL, false };
    char why[BAS_SETTING_WHY];
    bas_err err = bas_setting_read(&knx_session_rows[0].setting, &reader, text, options, why);
    if (err != BAS_OK) {
        (void)out_usage(&tool->out, tool->verb->name, "HOST: %s",
                        err == BAS_ERR_CONFIG ? why : "out of memory");
    }
    return err == BAS_OK;
}

int cmd_knx_check(struct tool *tool, int argc, char **argv)
{
    struct knx_session_options options;
    struct arguments arguments;
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (!read_host(tool, arguments.items[0], &options)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    struct checking c = { .tool = tool,
                          .host = options.gateway,
                          .timeout_ms = options.common.timeout_ms };
    return run(&c, &options);
}
