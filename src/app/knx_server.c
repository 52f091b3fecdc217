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

enum { MEDIUM_IP = 0x20 };

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
    struct knx_socket *udp;
    struct knx_socket **sockets; /* by place: those that are open */
    size_t n_sockets;
    struct reload *reload; /* NULL: none on its way */
    uv_timer_t timer;
    bool is_stopping;
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
    bas_release(&env, server->sockets, server->n_sockets * sizeof(struct knx_socket *));
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

void bas_knx_server_stop(struct bas_knx_server *server)
{
    bas_time now = loop_now();
    if (server->is_stopping) {
        return;
    }
    server->is_stopping = true;
    knx_server_close(server->engine, now);
    pump(server, now);
    if (server->udp != NULL) {
        knx_socket_close(server->udp);
    }
    for (size_t i = 0; i < server->n_sockets; i++) {
        if (server->sockets[i] != NULL) {
            knx_socket_close(server->sockets[i]);
        }
    }
    knx_listener_close(server->listener, part_gone, server);
    server->bus->kind->stop(server->bus, part_gone, server);
    uv_close((uv_handle_t *)&server->timer, on_timer_closed);
}

/* Connections: their tag is the engine's connection. */

static struct knx_socket **place_of(struct bas_knx_server *server, const struct knx_socket *socket)
{
    for (size_t i = 0; i < server->n_sockets; i++) {
        if (server->sockets[i] == socket) {
            return &server->sockets[i];
        }
    }
    return NULL;
}

static struct knx_socket *socket_of(const struct bas_knx_server *server, knx_conn_id connection)
{
    for (size_t i = 0; i < server->n_sockets; i++) {
        if (server->sockets[i] != NULL && knx_socket_tag(server->sockets[i]) == connection) {
            return server->sockets[i];
        }
    }
    return NULL;
}

static void on_accepted(void *user, struct knx_socket *socket)
{
    struct bas_knx_server *server = user;
    const struct knx_endpoint peer = knx_socket_peer(socket);
    bas_time now = loop_now();
    knx_conn_id connection = 0;
    struct knx_socket **place = place_of(server, NULL);
    if (place == NULL || server->is_stopping ||
        knx_server_accept(server->engine, &peer, now, &connection) != BAS_OK) {
        knx_socket_close(socket);
        return;
    }
    *place = socket;
    knx_socket_set_tag(socket, connection);
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

static void on_received(void *user, struct knx_socket *socket, struct bas_slice octets,
                        const struct knx_endpoint *from)
{
    struct bas_knx_server *server = user;
    bas_time now = loop_now();
    if (server->is_stopping) {
        return;
    }
    if (socket == server->udp) {
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
    struct knx_socket **place = place_of(server, socket);
    (void)why;
    if (socket == server->udp) {
        server->udp = NULL;
        part_gone(server);
        return;
    }
    if (place != NULL) {
        *place = NULL;
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

static void on_notice(void *user, const char *what, const struct bas_fault *fault)
{
    struct bas_knx_server *server = user;
    if (server->callbacks.notice != NULL) {
        server->callbacks.notice(server->callbacks.user, what, fault);
    }
}

/* Events, output, time. */

static void take_event(struct bas_knx_server *server, const struct knx_server_event *event)
{
    struct knx_socket *socket;
    if (event->kind == KNX_SERVER_EVENT_TELEGRAM) {
        server->bus->kind->request(server->bus, event->channel, event->cemi);
        return;
    }
    if (event->kind == KNX_SERVER_EVENT_CLOSE) {
        socket = socket_of(server, event->connection);
        if (socket != NULL) {
            knx_socket_close(socket);
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
        struct knx_socket *socket =
            frame.connection == 0 ? server->udp : socket_of(server, frame.connection);
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
}

/* Keys. */

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
        .has_device_key = c->has_device_key,
        .device_key = c->device_key,
        .users = c->users,
        .n_users = secure == BAS_KNX_SECURE_OFF ? 0 : c->n_users,
        .tunnels = c->tunnels,
        .n_tunnels = c->n_tunnels,
        .max_connections = s->max_connections,
        .max_sessions = s->max_sessions,
        .max_half_open = s->max_half_open,
        .requests_per_second = s->session_requests_per_second,
    };
    config.info.medium = MEDIUM_IP;
    config.info.address = c->host;
    memcpy(config.info.serial, server->serial, sizeof(server->serial));
    (void)snprintf(config.info.name, sizeof(config.info.name), "%s",
                   s->name != NULL ? s->name : "Basalt");
    return config;
}

static void derive(uv_work_t *work)
{
    struct reload *reload = work->data;
    struct bas_knx_server *server = reload->server;
    reload->err = knx_credentials_load(&server->loop->env, server->settings, &reload->credentials,
                                       &reload->fault);
}

static void on_derived(uv_work_t *work, int status)
{
    struct reload *reload = work->data;
    struct bas_knx_server *server = reload->server;
    bas_time now = loop_now();
    (void)status;
    server->reload = NULL;
    if (reload->err == BAS_OK && !server->is_stopping) {
        struct knx_credentials *old = server->credentials;
        server->credentials = reload->credentials;
        struct knx_server_config config = engine_config(server);
        reload->err = knx_server_reload(server->engine, &config, now);
        reload->credentials = reload->err == BAS_OK ? old : server->credentials;
        server->credentials = reload->err == BAS_OK ? server->credentials : old;
        bas_wipe(&config, sizeof(config));
        pump(server, now);
    }
    if (server->callbacks.reloaded != NULL && !server->is_stopping) {
        server->callbacks.reloaded(server->callbacks.user, reload->err, &reload->fault);
    }
    knx_credentials_free(&server->loop->env, reload->credentials);
    bas_release(&server->loop->env, reload, sizeof(*reload));
    part_gone(server);
}

void bas_knx_server_reload(struct bas_knx_server *server)
{
    if (server->is_stopping || server->reload != NULL || server->settings->keyring == NULL) {
        return;
    }
    struct reload *reload = bas_alloc(&server->loop->env, sizeof(*reload));
    if (reload == NULL) {
        bas_log(&server->loop->env, BAS_LOG_ERROR, "out of memory: the keyring is not read again");
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

static bas_err listen_on(struct bas_knx_server *server, struct bas_fault *fault)
{
    const struct knx_socket_config socket = { server->loop, &owner, server };
    struct knx_listener_config config = { .socket = socket,
                                          .accepted = on_accepted,
                                          .max_connections = server->settings->max_connections };
    bas_err err = parse_bind(server->settings->bind, &config.local, fault);
    if (err != BAS_OK) {
        return err;
    }
    server->listener = knx_listener_new(&config, fault);
    if (server->listener == NULL) {
        return fault->err;
    }
    server->parts++;
    struct knx_endpoint local = knx_listener_local(server->listener);
    (void)knx_endpoint_text(&local, server->address);
    if (!server->settings->udp) {
        return BAS_OK;
    }
    server->udp = knx_socket_bind(&socket, &local, local.port == KNX_PORT, fault);
    server->parts += server->udp != NULL;
    return server->udp != NULL ? BAS_OK : fault->err;
}

static bas_err make_engine(struct bas_knx_server *server, struct bas_fault *fault)
{
    struct bas_env *env = &server->loop->env;
    bas_err err = knx_credentials_load(env, server->settings, &server->credentials, fault);
    if (err != BAS_OK) {
        return err;
    }
    if (bas_knx_server_secure(server->settings) == BAS_KNX_SECURE_REQUIRED &&
        server->credentials->n_users == 0) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "secure is required, but no user has a password: a keyring with secure "
                        "tunnels is needed, or secure: off");
    }
    env->random(env->ctx, server->serial, sizeof(server->serial));
    struct knx_server_config config = engine_config(server);
    server->engine = knx_server_new(env, &config);
    bas_wipe(&config, sizeof(config));
    server->n_sockets = server->settings->max_connections;
    server->sockets = bas_alloc(env, server->n_sockets * sizeof(struct knx_socket *));
    if (server->engine == NULL || server->sockets == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for a server");
    }
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
    if (server->udp != NULL) {
        knx_socket_close(server->udp);
    }
    knx_listener_close(server->listener, part_gone, server);
    if (server->bus != NULL) {
        server->bus->kind->stop(server->bus, part_gone, server);
    }
    uv_close((uv_handle_t *)&server->timer, on_timer_closed);
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
    bas_err err = make_engine(server, fault);
    err = err == BAS_OK ? listen_on(server, fault) : err;
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

struct knx_server_counts bas_knx_server_counts(const struct bas_knx_server *server)
{
    return knx_server_counts(server->engine);
}
