/*
 * Owns a running KNX server: the engine, its TCP connections and UDP socket, its keys, and the bus
 * behind it.
 */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "basalt/app_knx.h"

#include "app/knx_bus.h"
#include "app/knx_credentials.h"
#include "rt/knx_socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MEDIUM_IP = 0x20,
    FREE_PORTS = 8, /* that are tried, where TCP and UDP need the same one */
    MORE = 16       /* connections above the bound that are still accepted to be refused by name */
};

/* A reload on its way: keys are derived beside the loop. */
struct reload {
    uv_work_t work;
    struct bas_knx_server *server;
    struct knx_credentials *credentials;
    struct bas_fault fault;
    bas_err err;
};

struct bas_knx_server {
    struct bas_loop *loop;
    const struct bas_knx_server_settings *settings;
    struct bas_knx_server_callbacks callbacks;
    struct knx_server *engine;
    struct knx_credentials *credentials;
    struct knx_bus *bus;
    struct knx_listener *listener;
    struct knx_endpoint local;
    struct knx_socket *udp;
    struct knx_socket *group; /* of discovery, where udp does not hear it */
    struct knx_endpoint told; /* the UDP client that our address was looked up for last */
    struct reload *reload;    /* NULL: none on its way */
    bool reloads_again;
    uv_timer_t timer;
    bool is_stopping;
    bool is_ended; /* everything was told to close */
    bool is_pumping;
    unsigned parts; /* that are still to end */
    uint8_t serial[KNX_SERIAL_LEN];
    char address[KNX_SOCKET_ADDRESS];
};

static void pump(struct bas_knx_server *server, bas_time now);

/* The end. */

static void release(struct bas_knx_server *server)
{
    struct bas_env env = server->loop->env;
    knx_server_free(server->engine);
    knx_credentials_free(&env, server->credentials);
    bas_release(&env, server, sizeof(*server));
}

static void part_gone(void *user)
{
    struct bas_knx_server *server = user;
    if (--server->parts != 0) {
        return;
    }
    struct bas_knx_server_callbacks callbacks = server->callbacks;
    release(server);
    if (callbacks.stopped != NULL) {
        callbacks.stopped(callbacks.user);
    }
}

static void on_timer_closed(uv_handle_t *handle)
{
    part_gone(handle->data);
}

/* What is not closed by the engine's word. */
static void end_parts(struct bas_knx_server *server)
{
    server->is_ended = true;
    if (server->udp != NULL) {
        knx_socket_close(server->udp);
    }
    if (server->group != NULL) {
        knx_socket_close(server->group);
    }
    knx_listener_close(server->listener, part_gone, server);
    if (server->bus != NULL) {
        server->bus->kind->stop(server->bus, part_gone, server);
    }
    uv_close((uv_handle_t *)&server->timer, on_timer_closed);
}

/* The rest ends when the last frames are on their way. */
void bas_knx_server_stop(struct bas_knx_server *server)
{
    bas_time now = loop_now();
    if (server->is_stopping) {
        return;
    }
    server->is_stopping = true;
    knx_server_close(server->engine, now);
    pump(server, now);
}

/* Connections: their tag is the engine's connection, its transport is the socket. */

static void on_accepted(void *user, struct knx_socket *socket)
{
    struct bas_knx_server *server = user;
    const struct knx_endpoint peer = knx_socket_peer(socket);
    bas_time now = loop_now();
    knx_conn_id connection = 0;
    if (knx_server_accept(server->engine, &peer, socket, now, &connection) == BAS_OK) {
        knx_socket_set_tag(socket, connection);
    } else {
        knx_socket_close(socket);
    }
    pump(server, now);
}

/* In pieces that leave room for what comes of them. */
static void take_stream(struct bas_knx_server *server, const struct knx_socket *socket,
                        struct bas_slice octets, bas_time now)
{
    for (size_t at = 0; at < octets.len; at += KNX_SERVER_RECV) {
        size_t left = octets.len - at;
        const struct bas_slice piece = { octets.data + at,
                                         left < KNX_SERVER_RECV ? left : KNX_SERVER_RECV };
        knx_server_recv(server->engine, knx_socket_tag(socket), piece, now);
        pump(server, now);
    }
}

/* A socket on all addresses tells each client the one that it reaches. */
static void set_endpoint(struct bas_knx_server *server, const struct knx_endpoint *from)
{
    static const uint8_t any[4] = { 0 };
    struct knx_endpoint own = server->local;
    if (memcmp(own.address, any, sizeof(any)) != 0 ||
        memcmp(server->told.address, from->address, sizeof(from->address)) == 0) {
        return;
    }
    if (!knx_own_address(from, &own)) {
        memcpy(own.address, any, sizeof(any)); /* it answers to where we send from */
    }
    own.port = memcmp(own.address, any, sizeof(any)) != 0 ? server->local.port : 0;
    server->told = *from;
    knx_server_set_endpoint(server->engine, &own);
}

static void on_received(void *user, struct knx_socket *socket, struct bas_slice octets,
                        const struct knx_endpoint *from)
{
    struct bas_knx_server *server = user;
    bas_time now = loop_now();
    if (server->is_stopping) {
        return;
    }
    if (socket == server->udp || socket == server->group) {
        set_endpoint(server, from);
        knx_server_datagram(server->engine, from, octets, now);
    } else if (knx_socket_tag(socket) != 0) {
        take_stream(server, socket, octets, now);
        return;
    }
    pump(server, now);
}

static void on_closed(void *user, struct knx_socket *socket, const struct bas_fault *why)
{
    struct bas_knx_server *server = user;
    bas_time now = loop_now();
    if (socket == server->udp || socket == server->group) {
        struct knx_socket **datagrams = socket == server->udp ? &server->udp : &server->group;
        *datagrams = NULL;
        if (why->err != BAS_OK) {
            bas_log(&server->loop->env, BAS_LOG_ERROR, "UDP is over: %s", why->text);
        }
        part_gone(server);
    } else if (knx_socket_tag(socket) != 0) {
        knx_server_lost(server->engine, knx_socket_tag(socket), now);
        pump(server, now);
    }
}

static const struct knx_socket_owner owner = { NULL, on_received, on_closed };

/* What the bus says. */

static void on_confirm(void *user, knx_channel_id channel, struct bas_slice cemi, bool ok)
{
    struct bas_knx_server *server = user;
    bas_time now = loop_now();
    knx_server_confirm(server->engine, channel, cemi, ok, now);
    pump(server, now);
}

static void on_indicate(void *user, struct bas_slice cemi, knx_channel_id except)
{
    struct bas_knx_server *server = user;
    bas_time now = loop_now();
    knx_server_indicate(server->engine, cemi, except, now);
    pump(server, now);
}

static void on_connected(void *user, bool is_connected, const struct bas_fault *why)
{
    struct bas_knx_server *server = user;
    bas_time now = loop_now();
    if (server->engine != NULL && !server->is_stopping) {
        knx_server_set_bus(server->engine, is_connected, now);
        pump(server, now);
    }
    if (server->callbacks.bus != NULL) {
        server->callbacks.bus(server->callbacks.user, is_connected, why);
    }
}

static void on_notice(void *user, const struct bas_knx_notice *notice)
{
    struct bas_knx_server *server = user;
    if (server->callbacks.notice != NULL) {
        server->callbacks.notice(server->callbacks.user, notice);
    }
}

/* Events, output, time. */

static void take_event(struct bas_knx_server *server, const struct knx_server_event *event)
{
    if (event->kind == KNX_SERVER_EVENT_TELEGRAM) {
        server->bus->kind->request(server->bus, event->channel, event->cemi);
        return;
    }
    if (event->kind == KNX_SERVER_EVENT_CLOSE) {
        if (event->transport != NULL) {
            knx_socket_close(event->transport);
        }
        return;
    }
    if (server->callbacks.event != NULL) {
        server->callbacks.event(server->callbacks.user, event);
    }
}

/* Frames that follow each other to one connection leave in one piece. */
static void send_frames(struct bas_knx_server *server)
{
    struct knx_server_frame frame;
    struct knx_socket *last = NULL;
    while (knx_server_next_frame(server->engine, &frame)) {
        struct knx_socket *socket = frame.connection == 0 ? server->udp : frame.transport;
        if (last != NULL && last != socket) {
            knx_socket_flush(last);
        }
        if (socket != NULL) {
            knx_socket_add(socket, frame.octets, &frame.to);
        }
        last = socket != server->udp ? socket : NULL;
    }
    if (last != NULL) {
        knx_socket_flush(last);
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct bas_knx_server *server = timer->data;
    bas_time now = loop_now();
    knx_server_tick(server->engine, now);
    pump(server, now);
}

static void set_timer(struct bas_knx_server *server, bas_time now)
{
    bas_time due = knx_server_deadline(server->engine);
    if (due == BAS_NEVER || server->is_stopping) {
        (void)uv_timer_stop(&server->timer);
        return;
    }
    bas_time left = due > now ? due - now : 0;
    uv_update_time(&server->loop->uv);
    (void)uv_timer_start(&server->timer, on_timer,
                         (uint64_t)((left + BAS_MILLISECOND - 1) / BAS_MILLISECOND), 0);
}

static void pump(struct bas_knx_server *server, bas_time now)
{
    struct knx_server_event event;
    if (server->is_pumping) {
        return; /* the bus answered at once: the one below goes on */
    }
    server->is_pumping = true;
    while (knx_server_next_event(server->engine, &event)) {
        take_event(server, &event);
        send_frames(server);
    }
    server->is_pumping = false;
    send_frames(server);
    set_timer(server, now);
    if (server->is_stopping && !server->is_ended) {
        end_parts(server);
    }
}

/* Keys. */

/* What a reload may change, too: room for as many tunnels again. */
static uint32_t channels_for(size_t n_tunnels)
{
    size_t n = 2 * n_tunnels + KNX_SERVER_MANAGEMENT;
    return n < KNX_SERVER_MAX_TUNNELS ? (uint32_t)n : KNX_SERVER_MAX_TUNNELS;
}

static struct knx_server_config engine_config(const struct bas_knx_server *server)
{
    const struct bas_knx_server_settings *s = server->settings;
    const struct knx_credentials *c = server->credentials;
    enum bas_knx_secure secure = bas_knx_server_secure(s);
    struct knx_server_config config = {
        .size = sizeof(config),
        .manufacturer = s->manufacturer,
        .tunnelling_is_secured = secure == BAS_KNX_SECURE_REQUIRED,
        .management_is_secured = secure == BAS_KNX_SECURE_REQUIRED,
        .has_device_key = c->has_device_key && secure != BAS_KNX_SECURE_OFF,
        .device_key = c->device_key,
        .users = c->users,
        .n_users = secure == BAS_KNX_SECURE_OFF ? 0 : c->n_users,
        .tunnels = c->tunnels,
        .n_tunnels = c->n_tunnels,
        .max_connections = s->max_connections,
        .max_sessions = s->max_sessions,
        .max_half_open = s->max_half_open,
        .requests_per_second = s->session_requests_per_second,
        .max_channels = channels_for(c->n_tunnels),
    };
    config.info.medium = MEDIUM_IP;
    config.info.address = c->host;
    memcpy(config.info.serial, server->serial, sizeof(server->serial));
    (void)snprintf(config.info.name, sizeof(config.info.name), "%s",
                   s->name != NULL ? s->name : "Basalt");
    return config;
}

/* Whether the credentials let anybody in, and the engine takes them. */
static bas_err check_credentials(const struct bas_knx_server *server, struct bas_fault *fault)
{
    if (bas_knx_server_secure(server->settings) == BAS_KNX_SECURE_REQUIRED &&
        server->credentials->n_users == 0) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "secure is required, but no user has a password: a keyring with secure "
                        "tunnels is needed, or secure: off");
    }
    struct knx_server_config config = engine_config(server);
    bas_err err = knx_server_config_check(&config, fault);
    bas_wipe(&config, sizeof(config));
    return err;
}

static void derive(uv_work_t *work)
{
    struct reload *reload = work->data;
    struct bas_knx_server *server = reload->server;
    reload->err = knx_credentials_load(&server->loop->env, server->settings, &reload->credentials,
                                       &reload->fault);
}

static void swap_credentials(struct bas_knx_server *server, struct reload *reload)
{
    struct knx_credentials *other = server->credentials;
    server->credentials = reload->credentials;
    reload->credentials = other;
}

/* The old ones stay when the new ones cannot be. */
static bas_err take_credentials(struct bas_knx_server *server, struct reload *reload, bas_time now)
{
    swap_credentials(server, reload);
    bas_err err = check_credentials(server, &reload->fault);
    if (err == BAS_OK) {
        struct knx_server_config config = engine_config(server);
        err = knx_server_reload(server->engine, &config, now);
        bas_wipe(&config, sizeof(config));
    }
    if (err != BAS_OK) {
        swap_credentials(server, reload);
        return err;
    }
    return server->bus->kind->reload == NULL
               ? BAS_OK
               : server->bus->kind->reload(server->bus, server->credentials->keyring,
                                           &reload->fault);
}

static void tell_reloaded(const struct bas_knx_server *server, bas_err err,
                          const struct bas_fault *fault)
{
    if (server->callbacks.reloaded != NULL && !server->is_stopping) {
        server->callbacks.reloaded(server->callbacks.user, err, fault);
    }
}

static void on_derived(uv_work_t *work, int status)
{
    struct reload *reload = work->data;
    struct bas_knx_server *server = reload->server;
    bas_time now = loop_now();
    (void)status;
    server->reload = NULL;
    if (reload->err == BAS_OK && !server->is_stopping) {
        reload->err = take_credentials(server, reload, now);
        pump(server, now);
    }
    tell_reloaded(server, reload->err, &reload->fault);
    knx_credentials_free(&server->loop->env, reload->credentials);
    bas_release(&server->loop->env, reload, sizeof(*reload));
    if (server->reloads_again) {
        bas_knx_server_reload(server);
    }
    part_gone(server);
}

/* It cannot even begin. */
static void fail_reload(const struct bas_knx_server *server, bas_err err, const char *why)
{
    struct bas_fault fault = { 0 };
    (void)bas_fail(&fault, err, "%s", why);
    tell_reloaded(server, err, &fault);
}

void bas_knx_server_reload(struct bas_knx_server *server)
{
    server->reloads_again = server->reload != NULL;
    if (server->is_stopping || server->reload != NULL) {
        return;
    }
    if (server->settings->keyring == NULL) {
        fail_reload(server, BAS_ERR_STATE, "there is no keyring to be read again");
        return;
    }
    struct reload *reload = bas_alloc(&server->loop->env, sizeof(*reload));
    if (reload == NULL) {
        fail_reload(server, BAS_ERR_NO_MEMORY, "out of memory: the keyring is not read again");
        return;
    }
    reload->server = server;
    reload->work.data = reload;
    server->reload = reload;
    server->parts++;
    if (uv_queue_work(&server->loop->uv, &reload->work, derive, on_derived) != 0) {
        (void)bas_fail(&reload->fault, BAS_ERR_NO_SPACE, "no thread to derive keys");
        reload->err = BAS_ERR_NO_SPACE;
        on_derived(&reload->work, 0);
    }
}

/* The beginning. */

static bas_err parse_bind(const char *text, struct knx_endpoint *local, struct bas_fault *fault)
{
    char host[48] = "";
    const char *colon = strrchr(text, ':');
    size_t len = colon == NULL ? 0 : (size_t)(colon - text);
    struct sockaddr_in address;
    if (len < sizeof(host)) {
        memcpy(host, text, len);
    }
    unsigned long port = colon == NULL ? 65536 : strtoul(colon + 1, NULL, 10);
    if (port > 65535 || uv_ip4_addr(host, (int)port, &address) != 0) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "bind: '%.60s' is not an IPv4 ADDR:PORT such as 0.0.0.0:3671; KNXnet/IP "
                        "knows IPv4 alone",
                        text);
    }
    memcpy(local->address, &address.sin_addr, sizeof(local->address));
    local->port = (uint16_t)port;
    return BAS_OK;
}

static bas_err listen_tcp(struct bas_knx_server *server, const struct knx_endpoint *local,
                          struct bas_fault *fault)
{
    const struct knx_listener_config config = {
        .socket = { server->loop, &owner, server },
        .accepted = on_accepted,
        .local = *local,
        .max_connections = server->settings->max_connections + MORE,
    };
    server->listener = knx_listener_new(&config, fault);
    if (server->listener == NULL) {
        return fault->err;
    }
    server->parts++;
    server->local = knx_listener_local(server->listener);
    (void)knx_endpoint_text(&server->local, server->address);
    return BAS_OK;
}

static bas_err listen_udp(struct bas_knx_server *server, struct bas_fault *fault)
{
    static const uint8_t any[4] = { 0 };
    const struct knx_socket_config config = { server->loop, &owner, server };
    bool is_found = server->local.port == KNX_PORT; /* by those who search */
    bool is_any = memcmp(server->local.address, any, sizeof(any)) == 0;
    server->udp = knx_socket_bind(&config, &server->local, is_found && is_any, fault);
    server->parts += server->udp != NULL;
    if (server->udp != NULL && is_found && !is_any) {
        server->group = knx_socket_bind_group(&config, &server->local);
        server->parts += server->group != NULL;
    }
    return server->udp != NULL ? BAS_OK : fault->err;
}

/* Port 0: one that is free for TCP may be taken for UDP. */
static bas_err listen_on(struct bas_knx_server *server, struct bas_fault *fault)
{
    struct knx_endpoint local = { { 0 }, 0 };
    bas_err err = parse_bind(server->settings->bind, &local, fault);
    for (int i = 0; i < FREE_PORTS && err == BAS_OK; i++) {
        err = listen_tcp(server, &local, fault);
        if (err != BAS_OK || !server->settings->udp) {
            break;
        }
        err = listen_udp(server, fault);
        if (err != BAS_ERR_IN_USE || local.port != 0 || i == FREE_PORTS - 1) {
            break;
        }
        knx_listener_close(server->listener, part_gone, server);
        server->listener = NULL;
        err = BAS_OK;
    }
    return err;
}

/* Known by the same number after it was started anew, where the keyring has one. */
static void set_serial(struct bas_knx_server *server)
{
    const struct knx_credentials *c = server->credentials;
    const struct knx_keyring_device *device =
        c->keyring != NULL ? knx_keyring_find_device(c->keyring, c->host) : NULL;
    const struct bas_env *env = &server->loop->env;
    if (device != NULL && device->has_serial) {
        memcpy(server->serial, device->serial, sizeof(server->serial));
    } else {
        env->random(env->ctx, server->serial, sizeof(server->serial));
    }
}

static bas_err make_engine(struct bas_knx_server *server, struct bas_fault *fault)
{
    const struct bas_env *env = &server->loop->env;
    set_serial(server);
    bas_err err = check_credentials(server, fault);
    if (err != BAS_OK) {
        return err;
    }
    struct knx_server_config config = engine_config(server);
    server->engine = knx_server_new(env, &config);
    bas_wipe(&config, sizeof(config));
    if (server->engine == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for a server");
    }
    knx_server_set_endpoint(server->engine, &server->local); /* of the one address that it has */
    knx_server_set_bus(server->engine, false, loop_now());   /* until it says that it is there */
    return BAS_OK;
}

static bas_err make_bus(struct bas_knx_server *server, struct bas_fault *fault)
{
    const struct knx_bus_owner bus = { on_confirm, on_indicate, on_connected, on_notice, server };
    server->bus = server->settings->upstream != NULL
                      ? knx_bus_upstream(server->loop, server->settings, &bus, fault)
                      : knx_bus_line(server->loop, server->settings, server->credentials->keyring,
                                     &bus, fault);
    server->parts += server->bus != NULL;
    return server->bus != NULL ? BAS_OK : fault->err;
}

/* What was made before something failed is taken down without a word to the owner. */
static void abandon(struct bas_knx_server *server)
{
    server->callbacks = (struct bas_knx_server_callbacks){ 0 };
    server->is_stopping = true;
    end_parts(server);
}

struct bas_knx_server *bas_knx_server_start(struct bas_loop *loop,
                                            const struct bas_knx_server_settings *settings,
                                            const struct bas_knx_server_callbacks *callbacks,
                                            struct bas_fault *fault)
{
    struct bas_knx_server *server = bas_alloc(&loop->env, sizeof(*server));
    if (server == NULL) {
        (void)bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for a server");
        return NULL;
    }
    server->loop = loop;
    server->settings = settings;
    server->callbacks = *callbacks;
    (void)uv_timer_init(&loop->uv, &server->timer);
    server->timer.data = server;
    server->parts = 1;
    bas_err err = knx_credentials_load(&loop->env, settings, &server->credentials, fault);
    err = err == BAS_OK ? listen_on(server, fault) : err;
    err = err == BAS_OK ? make_engine(server, fault) : err;
    err = err == BAS_OK ? make_bus(server, fault) : err;
    if (err != BAS_OK) {
        abandon(server);
        return NULL;
    }
    pump(server, loop_now());
    return server;
}

const char *bas_knx_server_address(const struct bas_knx_server *server)
{
    return server->address;
}

struct bas_knx_server_facts bas_knx_server_facts(const struct bas_knx_server *server)
{
    const struct knx_credentials *c = server->credentials;
    const struct bas_knx_server_facts facts = { c->host, c->n_tunnels, c->n_users };
    return facts;
}

struct knx_server_counts bas_knx_server_counts(const struct bas_knx_server *server)
{
    return knx_server_counts(server->engine);
}
