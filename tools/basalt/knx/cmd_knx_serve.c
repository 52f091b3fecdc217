/* Owns `basalt knx serve`: a KNXnet/IP server that runs until it is told to stop. */
#include "basalt/app_knx.h"

#include "service.h"
#include "settings.h"
#include "verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct serve_options {
    struct settings_options settings;
    const char *bind;
    const char *keyring;
    const char *password_file;
    const char *host;
};

static const struct option_row rows[] = {
    { OPTION(struct serve_options, "bind", BIND, bind, 0, 0, NULL,
             "where to listen; port 0 takes a free one", false, NULL),
      0,
      "ADDR:PORT",
      { NULL } },
    { OPTION(struct serve_options, "keyring", PATH, keyring, 1, 4095, NULL,
             "keyring with tunnels, users and keys", false, NULL),
      0,
      "FILE",
      { NULL } },
    { OPTION(struct serve_options, "keyring-pwd-file", PATH, password_file, 1, 4095, NULL,
             "file with the keyring's password in its first line", false, NULL),
      0,
      "FILE",
      { NULL } },
    { OPTION(struct serve_options, "host", TEXT, host, 1, 15, NULL,
             "our Individual Address: the host in the keyring", false, NULL),
      0,
      "ADDRESS",
      { NULL } },
    SETTINGS_CONFIG(struct serve_options),
    SETTINGS_STATE(struct serve_options, "file that keeps sequence numbers of Data Secure"),
    SETTINGS_SET(struct serve_options),
};

const struct verb_options knx_serve_options = {
    .arguments = "",
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .size = sizeof(struct serve_options),
    .examples = "  basalt knx serve --keyring house.knxkeys --keyring-pwd-file pwd\n"
                "  basalt knx serve --config knx.yaml --json      events as JSON Lines\n"
                "  basalt knx serve --bind 127.0.0.1:0 --set tunnels=1.1.250 --set udp=false\n"
                "\n"
                "Prints a line when it listens, then one for each session, tunnel and changed\n"
                "value. SIGHUP reads the keyring again: sessions whose keys did not change stay.\n"
                "SIGTERM or Ctrl-C closes all tunnels and sessions in order and ends it; the\n"
                "second one ends it at once. Without --config, KNX_KEYRING_PASSWORD_FILE names\n"
                "the file with the password. basalt config dump prints a configuration file to\n"
                "begin with.",
};

static const struct settings_row settings_rows[] = {
    { "bind",
      "bind",
      offsetof(struct serve_options, bind),
      1,
      SETTINGS_TEXTS,
      { NULL },
      SETTINGS_AS_OPTION,
      NULL },
    { "keyring",
      "keyring",
      offsetof(struct serve_options, keyring),
      1,
      SETTINGS_TEXTS,
      { NULL },
      SETTINGS_AS_OPTION,
      NULL },
    { "keyring-pwd-file",
      "keyring-password-file",
      offsetof(struct serve_options, password_file),
      1,
      SETTINGS_TEXTS,
      { "KNX_KEYRING_PASSWORD_FILE" },
      SETTINGS_AS_OPTION,
      NULL },
    { "host",
      "individual-address",
      offsetof(struct serve_options, host),
      1,
      SETTINGS_TEXTS,
      { NULL },
      SETTINGS_AS_OPTION,
      NULL },
};

struct run {
    struct service service;
    const struct bas_knx_server_settings *settings;
    struct bas_knx_server *server;   /* NULL: not running (any more) */
    struct knx_server_counts counts; /* after it was told to stop */
};

enum { PEER_TEXT = 24 };

/* Events */

/* What the engine calls an event, and how it is told. */
static const struct row {
    const char *name;       /* of a session, or of a tunnel */
    const char *management; /* of device management; NULL: the same */
    bool is_bounded;        /* anybody can cause it at will, also in a session */
} event_rows[] = {
    [KNX_SERVER_EVENT_SESSION_UP] = { "session-up", NULL, false },
    [KNX_SERVER_EVENT_SESSION_DOWN] = { "session-down", NULL, false },
    [KNX_SERVER_EVENT_REFUSED] = { "refused", NULL, true },
    [KNX_SERVER_EVENT_CHANNEL_UP] = { "tunnel-taken", "management-open", false },
    [KNX_SERVER_EVENT_CHANNEL_DOWN] = { "tunnel-free", "management-closed", false },
    [KNX_SERVER_EVENT_DROPPED] = { "dropped", NULL, true },
};

static const char *peer_text(const struct knx_endpoint *peer, char text[PEER_TEXT])
{
    const uint8_t *a = peer->address;
    (void)snprintf(text, PEER_TEXT, "%u.%u.%u.%u:%u", a[0], a[1], a[2], a[3], peer->port);
    return text;
}

static void on_event(void *user, const struct knx_server_event *event)
{
    struct run *r = user;
    char address[KNX_ADDRESS_TEXT];
    char peer[PEER_TEXT];
    const uint64_t session = event->session;
    const uint64_t knx_user = event->user;
    const struct row *row =
        event->kind < BAS_ARRAY_LEN(event_rows) ? &event_rows[event->kind] : NULL;
    if (row == NULL || row->name == NULL) {
        return;
    }
    bool is_plain = event->user == 0; /* it costs a peer nothing */
    const struct field fields[] = {
        { .name = "address",
          .label = "",
          .text = event->address != 0 ? knx_ia_text(event->address, address) : NULL },
        { .name = "user", .label = "user ", .number = is_plain ? NULL : &knx_user },
        { .name = "session", .number = event->session != 0 ? &session : NULL },
        { .name = "peer", .label = "at ", .text = peer_text(&event->peer, peer) },
        { .name = "transport", .label = "", .text = event->connection == 0 ? "UDP" : "TCP" },
        { .name = "reason",
          .label = "",
          .text = event->fault != NULL ? service_reason(event->fault) : NULL },
    };
    bool is_channel =
        event->kind == KNX_SERVER_EVENT_CHANNEL_UP || event->kind == KNX_SERVER_EVENT_CHANNEL_DOWN;
    const char *name = is_channel && event->address == 0 ? row->management : row->name;
    (row->is_bounded || is_plain ? service_tell_bounded : service_tell)(&r->service, name, fields,
                                                                        BAS_ARRAY_LEN(fields));
}

static void on_bus(void *user, bool is_connected, const struct bas_fault *why)
{
    struct run *r = user;
    const struct field fields[] = {
        { .name = "upstream", .label = "", .text = r->settings->upstream },
        { .name = "reason",
          .label = "",
          .text = !is_connected && why != NULL ? service_reason(why) : NULL },
    };
    service_tell(&r->service, is_connected ? "bus-up" : "bus-down", fields, BAS_ARRAY_LEN(fields));
}

/* What anybody on the bus can cause is bounded, but for values: they are what the bus is for, and
 * its pace bounds them. */
static void on_notice(void *user, const struct bas_knx_notice *notice)
{
    static const char *const names[] = { [BAS_KNX_NOTICE_CHANGED] = "changed",
                                         [BAS_KNX_NOTICE_DROPPED] = "dropped",
                                         [BAS_KNX_NOTICE_UNSENT] = "not-sent" };
    struct run *r = user;
    char group[KNX_ADDRESS_TEXT];
    char device[KNX_ADDRESS_TEXT];
    char source[KNX_ADDRESS_TEXT];
    bool is_changed = notice->kind == BAS_KNX_NOTICE_CHANGED;
    const struct field fields[] = {
        { .label = "", .text = notice->fault->text },
        { .name = "group", .text = notice->group != 0 ? knx_ga_text(notice->group, group) : NULL },
        { .name = "name", .text = notice->name },
        { .name = "device",
          .text = notice->device != 0 ? knx_ia_text(notice->device, device) : NULL },
        { .name = "source",
          .text = notice->source != 0 ? knx_ia_text(notice->source, source) : NULL },
        { .name = "value", .text = notice->value },
        { .name = "reason", .text = is_changed ? NULL : notice->fault->text },
    };
    (is_changed ? service_tell : service_tell_bounded)(&r->service, names[notice->kind], fields,
                                                       BAS_ARRAY_LEN(fields));
}

static void on_reloaded(void *user, bas_err err, const struct bas_fault *fault)
{
    struct run *r = user;
    const struct bas_knx_server_facts facts = bas_knx_server_facts(r->server);
    const uint64_t tunnels = facts.n_tunnels;
    const uint64_t users = facts.n_users;
    const struct field good[] = {
        { .name = "keyring", .label = "", .text = r->settings->keyring },
        { .name = "tunnels", .label = "tunnels ", .number = &tunnels },
        { .name = "users", .label = "users ", .number = &users },
    };
    const struct field bad[] = { { .name = "reason", .label = "", .text = fault->text } };
    if (err == BAS_OK) {
        service_tell(&r->service, "reloaded", good, BAS_ARRAY_LEN(good));
    } else {
        service_tell(&r->service, "reload-failed", bad, BAS_ARRAY_LEN(bad));
    }
}

static void on_stopped(void *user)
{
    struct run *r = user;
    const struct knx_server_counts *c = &r->counts;
    uint64_t refused = c->sessions_refused + c->channels_refused + c->requests_limited;
    uint64_t forged = c->wrapper_mac + c->wrapper_replay + c->wrapper_session + c->wrapper_inner;
    uint64_t lost = c->telegrams_dropped + c->output_full;
    const struct field fields[] = {
        { .name = "sessions", .label = "sessions ", .number = &c->sessions },
        { .name = "channels", .label = "channels ", .number = &c->channels },
        { .name = "refused", .label = "refused ", .number = &refused },
        { .name = "telegrams_in", .label = "telegrams in ", .number = &c->telegrams_in },
        { .name = "telegrams_out", .label = "out ", .number = &c->telegrams_out },
        { .name = "dropped", .label = "dropped ", .number = &lost },
        { .name = "wrappers_dropped", .label = "secure wrappers dropped ", .number = &forged },
        { .name = "malformed", .label = "malformed ", .number = &c->malformed },
        { .name = "skipped", .label = "skipped ", .number = &c->skipped },
    };
    r->server = NULL;
    service_tell(&r->service, "stopped", fields, BAS_ARRAY_LEN(fields));
}

static void stop(void *user)
{
    struct run *r = user;
    if (r->server != NULL) {
        bas_knx_server_stop(r->server);
        r->counts = bas_knx_server_counts(r->server);
    }
}

static void reload(void *user)
{
    struct run *r = user;
    if (r->server != NULL) {
        bas_knx_server_reload(r->server);
    }
}

/* The first event of all. */
static void tell_listening(struct run *r)
{
    static const char *const secured[] = { [BAS_KNX_SECURE_OFF] = "off",
                                           [BAS_KNX_SECURE_OPTIONAL] = "optional",
                                           [BAS_KNX_SECURE_REQUIRED] = "required" };
    const struct bas_knx_server_facts facts = bas_knx_server_facts(r->server);
    const char *text = bas_knx_server_address(r->server);
    const char *colon = strrchr(text, ':');
    char address[PEER_TEXT] = "";
    char host[KNX_ADDRESS_TEXT];
    uint64_t port = strtoull(colon + 1, NULL, 10);
    const uint64_t tunnels = facts.n_tunnels;
    memcpy(address, text, (size_t)(colon - text));
    const struct field fields[] = {
        { .name = "address", .text = address },
        { .name = "port", .number = &port },
        { .label = "", .text = text },
        { .name = "host",
          .label = "host ",
          .text = facts.host != 0 ? knx_ia_text(facts.host, host) : NULL },
        { .name = "tunnels", .label = "tunnels ", .number = &tunnels },
        { .name = "secure",
          .label = "KNX IP Secure ",
          .text = secured[bas_knx_server_secure(r->settings)] },
    };
    service_tell(&r->service, "listening", fields, BAS_ARRAY_LEN(fields));
}

/* Life */

static int run(struct run *r)
{
    struct bas_fault fault = { 0 };
    const struct bas_knx_server_callbacks callbacks = {
        .event = on_event,
        .bus = on_bus,
        .notice = on_notice,
        .reloaded = on_reloaded,
        .stopped = on_stopped,
        .user = r,
    };
    service_raise_files(r->service.tool, (uint64_t)r->settings->max_connections + 64);
    service_on_reload(&r->service, reload);
    r->server = bas_knx_server_start(r->service.loop, r->settings, &callbacks, &fault);
    if (r->server == NULL) {
        return out_fail(&r->service.tool->out, r->service.tool->verb->name, &fault);
    }
    tell_listening(r);
    return service_run(&r->service);
}

int cmd_knx_serve(struct tool *tool, int argc, char **argv)
{
    struct serve_options options;
    struct arguments arguments;
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    const struct settings_request request = { .tool = tool,
                                              .section = BAS_SECTION_KNX_SERVER,
                                              .options = &options.settings,
                                              .rows = settings_rows,
                                              .n = BAS_ARRAY_LEN(settings_rows) };
    struct bas_config *config = settings_load(&request, &status);
    if (config == NULL) {
        return status;
    }
    struct run r = { .settings = bas_config_knx_server(config) };
    if (service_open(&r.service, tool, stop, &r, &status)) {
        status = run(&r);
        service_close(&r.service);
    }
    bas_config_free(config);
    return status;
}
