/* Owns the life of a KNXnet/IP server: creation, connections, timers, and which service goes to
 * which part of it. */
#include "knx/server/server.h"

#include <assert.h>
#include <string.h>

/* Where a service may come from. */
enum { UDP = 1, TCP = 2, SESSION = 4, ANYWHERE = UDP | TCP | SESSION };

static const struct row {
    uint16_t service;
    uint8_t from;
    knx_server_handler *handler;
} rows[] = {
    { KNX_SEARCH_REQUEST, UDP, knx_discovery_search },
    { KNX_DESCRIPTION_REQUEST, ANYWHERE, knx_discovery_describe },
    { KNX_CONNECT_REQUEST, ANYWHERE, knx_channel_connect },
    { KNX_CONNECTIONSTATE_REQUEST, ANYWHERE, knx_channel_state },
    { KNX_DISCONNECT_REQUEST, ANYWHERE, knx_channel_disconnect },
    { KNX_DISCONNECT_RESPONSE, ANYWHERE, knx_channel_disconnected },
    { KNX_SEARCH_REQUEST_EXTENDED, ANYWHERE, knx_discovery_search_extended },
    { KNX_DEVICE_CONFIGURATION_REQUEST, ANYWHERE, knx_management_request },
    { KNX_DEVICE_CONFIGURATION_ACK, ANYWHERE, knx_channel_ack },
    { KNX_TUNNELLING_REQUEST, ANYWHERE, knx_tunnel_request },
    { KNX_TUNNELLING_ACK, ANYWHERE, knx_channel_ack },
    { KNX_TUNNELLING_FEATURE_GET, ANYWHERE, knx_feature_get },
    { KNX_TUNNELLING_FEATURE_SET, ANYWHERE, knx_feature_set },
    { KNX_SESSION_REQUEST, TCP, knx_session_request },
};

static const struct row *row_of(uint16_t service)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        if (rows[i].service == service) {
            return &rows[i];
        }
    }
    return NULL;
}

bool knx_server_take_frame(uint16_t service)
{
    const struct row *row = row_of(service);
    return row != NULL && (row->from & SESSION) != 0;
}

void knx_server_frame(struct knx_server *server, const struct knx_way *way,
                      const struct knx_message *message)
{
    const struct row *row = row_of(message->service);
    unsigned from = UDP;
    if (way->conn != NULL) {
        from = way->session != NULL ? SESSION : TCP;
    }
    if (row == NULL || (row->from & from) == 0) {
        server->counts.skipped++;
        return;
    }
    row->handler(server, way, message);
}

/* Life */

static uint32_t or_default(uint32_t value, uint32_t other)
{
    return value != 0 ? value : other;
}

static uint32_t default_channels(const struct knx_server_config *config)
{
    size_t n = config->n_tunnels + KNX_SERVER_MANAGEMENT;
    return n < KNX_SERVER_MAX_TUNNELS ? (uint32_t)n : KNX_SERVER_MAX_TUNNELS;
}

static void take_defaults(struct knx_server *server, const struct knx_server_config *config)
{
    static const uint8_t zero[KNX_SERIAL_LEN] = { 0 };
    struct knx_server_config *c = &server->config;
    *c = *config;
    c->mask = c->mask != 0 ? c->mask : 0x091A;
    c->max_apdu = c->max_apdu != 0 ? c->max_apdu : 254;
    c->max_connections = or_default(c->max_connections, KNX_SERVER_CONNECTIONS);
    c->max_sessions = or_default(c->max_sessions, KNX_SERVER_SESSIONS);
    c->max_half_open = or_default(c->max_half_open, KNX_SERVER_HALF_OPEN);
    c->requests_per_second = or_default(c->requests_per_second, KNX_SERVER_REQUESTS_PER_SECOND);
    c->max_channels = or_default(c->max_channels, default_channels(config));
    c->pending = or_default(c->pending, KNX_SERVER_PENDING);
    c->authenticate_ms = or_default(c->authenticate_ms, KNX_SERVER_AUTHENTICATE_MS);
    c->session_ms = or_default(c->session_ms, KNX_SERVER_SESSION_MS);
    c->channel_ms = or_default(c->channel_ms, KNX_SERVER_CHANNEL_MS);
    c->idle_ms = or_default(c->idle_ms, KNX_SERVER_IDLE_MS);
    c->ack_ms = or_default(c->ack_ms, KNX_SERVER_ACK_MS);
    while (bas_equal_secret(c->info.serial, zero, sizeof(zero))) {
        server->env.random(server->env.ctx, c->info.serial, sizeof(c->info.serial));
    }
    c->users = NULL;
    c->tunnels = NULL;
}

static bas_err take_memory(struct knx_server *server)
{
    const struct knx_server_config *c = &server->config;
    const struct bas_env *env = &server->env;
    server->conns = bas_alloc(env, c->max_connections * sizeof(*server->conns));
    server->sessions = bas_alloc(env, c->max_sessions * sizeof(*server->sessions));
    server->channels = bas_alloc(env, c->max_channels * sizeof(*server->channels));
    server->pending =
        bas_alloc(env, (size_t)c->max_channels * c->pending * sizeof(*server->pending));
    if (server->conns == NULL || server->sessions == NULL || server->channels == NULL ||
        server->pending == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    bas_err err = bas_timers_init(&server->timers, env,
                                  c->max_connections + c->max_sessions + c->max_channels);
    if (err == BAS_OK) {
        err = knx_server_events_init(server);
    }
    return err == BAS_OK ? knx_server_outbox_init(server) : err;
}

struct knx_server *knx_server_new(const struct bas_env *env, const struct knx_server_config *config)
{
    struct bas_fault fault = { 0 };
    if (knx_server_config_check(config, &fault) != BAS_OK) {
        bas_log(env, BAS_LOG_ERROR, "%s", fault.text);
        return NULL;
    }
    struct knx_server *server = bas_alloc(env, sizeof(*server));
    if (server == NULL) {
        return NULL;
    }
    server->env = *env;
    server->has_bus = true;
    take_defaults(server, config);
    knx_server_config_take(server, config);
    env->random(env->ctx, (uint8_t *)&server->last_session, sizeof(server->last_session));
    if (take_memory(server) != BAS_OK) {
        knx_server_free(server);
        return NULL;
    }
    return server;
}

static void wipe_and_release(const struct bas_env *env, void *memory, size_t len)
{
    if (memory != NULL) {
        bas_wipe(memory, len);
        bas_release(env, memory, len);
    }
}

void knx_server_free(struct knx_server *server)
{
    if (server == NULL) {
        return;
    }
    const struct bas_env env = server->env;
    const struct knx_server_config *c = &server->config;
    wipe_and_release(&env, server->conns, c->max_connections * sizeof(*server->conns));
    wipe_and_release(&env, server->sessions, c->max_sessions * sizeof(*server->sessions));
    wipe_and_release(&env, server->channels, c->max_channels * sizeof(*server->channels));
    wipe_and_release(&env, server->pending,
                     (size_t)c->max_channels * c->pending * sizeof(*server->pending));
    bas_timers_fini(&server->timers, &env);
    knx_ring_fini(&server->events);
    knx_ring_fini(&server->output);
    wipe_and_release(&env, server, sizeof(*server));
}

void knx_server_preset(struct knx_server *server, const struct knx_server_preset *preset)
{
    server->preset = preset;
}

/* Timers */

uint32_t knx_server_session_timer(const struct knx_server *server,
                                  const struct knx_server_session *session)
{
    return server->config.max_connections + (uint32_t)(session - server->sessions);
}

uint32_t knx_server_channel_timer(const struct knx_server *server,
                                  const struct knx_server_channel *channel)
{
    return server->config.max_connections + server->config.max_sessions +
           (uint32_t)(channel - server->channels);
}

void knx_server_conn_arm(struct knx_server *server, struct knx_server_conn *conn)
{
    bool is_idle = conn->uses == 0 && !conn->is_over;
    bas_timers_arm(&server->timers, (uint32_t)(conn - server->conns),
                   is_idle ? server->now + server->config.idle_ms * BAS_MILLISECOND : BAS_NEVER);
}

/* The owner is to close it; nothing more is read. */
static void end_conn(struct knx_server *server, struct knx_server_conn *conn, bas_err err,
                     const char *text)
{
    if (conn->is_over) {
        return;
    }
    struct bas_fault fault = { 0 };
    const struct knx_way way = { conn, NULL, conn->peer };
    struct knx_server_event event = knx_server_event_of(&way, KNX_SERVER_EVENT_CLOSE);
    (void)bas_fail(&fault, err, "%s", text);
    event.fault = &fault;
    conn->is_over = true;
    (void)knx_server_tell(server, &event, KNX_WEIGHT_MUST);
    knx_server_conn_arm(server, conn);
}

static void expire(struct knx_server *server, uint32_t timer)
{
    const struct knx_server_config *c = &server->config;
    if (timer < c->max_connections) {
        end_conn(server, &server->conns[timer], BAS_ERR_TIMEOUT,
                 "the connection has neither a session nor a channel");
    } else if (timer < c->max_connections + c->max_sessions) {
        knx_session_step(server, &server->sessions[timer - c->max_connections], KNX_EVENT_TIMEOUT,
                         NULL);
    } else {
        knx_channel_tick(server, &server->channels[timer - c->max_connections - c->max_sessions]);
    }
}

void knx_server_tick(struct knx_server *server, bas_time now)
{
    uint32_t timer = 0;
    server->now = now;
    while (bas_timers_expire(&server->timers, now, &timer)) {
        expire(server, timer);
    }
}

bas_time knx_server_deadline(const struct knx_server *server)
{
    return bas_timers_next(&server->timers);
}

/* Connections */

static struct knx_server_conn *conn_of(struct knx_server *server, knx_conn_id id)
{
    uint32_t index = (id & UINT16_MAX) - 1;
    if (index >= server->config.max_connections || server->conns[index].id != id) {
        return NULL;
    }
    return &server->conns[index];
}

static struct knx_server_conn *free_conn(struct knx_server *server)
{
    for (uint32_t i = 0; i < server->config.max_connections; i++) {
        if (server->conns[i].id == 0) {
            return &server->conns[i];
        }
    }
    return NULL;
}

/* Whether connections with neither session nor channel of that peer leave no room for others. */
static bool has_its_share(const struct knx_server *server, const struct knx_endpoint *peer)
{
    const struct knx_server_config *c = &server->config;
    uint32_t share =
        c->max_connections / 4 > c->max_half_open ? c->max_connections / 4 : c->max_half_open;
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->max_connections; i++) {
        const struct knx_server_conn *conn = &server->conns[i];
        n += conn->id != 0 && conn->uses == 0 &&
             bas_equal_secret(conn->peer.address, peer->address, sizeof(peer->address));
    }
    return n >= share;
}

void *knx_server_transport(struct knx_server *server, knx_conn_id id)
{
    const struct knx_server_conn *conn = conn_of(server, id);
    return conn != NULL ? conn->transport : NULL;
}

static bas_err refuse_conn(struct knx_server *server, const struct knx_endpoint *peer, bas_err err,
                           const char *text)
{
    struct bas_fault fault = { 0 };
    const struct knx_way way = { NULL, NULL, *peer };
    (void)bas_fail(&fault, err, "%s; raise max-connections above %u if they are wanted", text,
                   (unsigned)server->config.max_connections);
    knx_server_note(server, &way, KNX_SERVER_EVENT_REFUSED, &fault);
    return err;
}

bas_err knx_server_accept(struct knx_server *server, const struct knx_endpoint *peer,
                          void *transport, bas_time now, knx_conn_id *connection)
{
    struct knx_server_conn *conn = free_conn(server);
    server->now = now;
    if (server->is_closing) {
        return BAS_ERR_CLOSED;
    }
    if (conn == NULL || !knx_server_has_room(server)) {
        return refuse_conn(server, peer, BAS_ERR_NO_SPACE, "too many connections");
    }
    if (has_its_share(server, peer)) {
        return refuse_conn(server, peer, BAS_ERR_REFUSED,
                           "too many connections of this host without session or channel");
    }
    uint32_t index = (uint32_t)(conn - server->conns);
    conn->generation++;
    conn->id = (uint32_t)conn->generation << 16 | (index + 1);
    conn->peer = *peer;
    conn->transport = transport;
    conn->uses = 0;
    conn->is_over = false;
    conn->skipped = 0;
    knx_stream_init(&conn->stream, conn->stash, sizeof(conn->stash));
    knx_server_conn_arm(server, conn);
    *connection = conn->id;
    return BAS_OK;
}

static void take_plain(struct knx_server *server, const struct knx_way *way, struct bas_slice frame)
{
    struct knx_message message = { 0 };
    struct bas_fault fault = { 0 };
    bas_err err = knx_message_decode(frame, &message, &fault);
    if (err == BAS_ERR_UNSUPPORTED) {
        server->counts.skipped++;
    } else if (err != BAS_OK) {
        server->counts.malformed++;
        knx_server_note(server, way, KNX_SERVER_EVENT_DROPPED, &fault);
    } else if (message.service == KNX_SECURE_WRAPPER && way->conn != NULL) {
        knx_session_wrapper(server, way->conn, frame);
    } else {
        knx_server_frame(server, way, &message);
    }
}

void knx_server_recv(struct knx_server *server, knx_conn_id connection, struct bas_slice octets,
                     bas_time now)
{
    struct knx_server_conn *conn = conn_of(server, connection);
    struct bas_slice frame;
    bas_err err = BAS_OK;
    server->now = now;
    if (conn == NULL || conn->is_over) {
        return;
    }
    const struct knx_way way = { conn, NULL, conn->peer };
    knx_stream_feed(&conn->stream, octets);
    while (!conn->is_over && (err = knx_stream_next(&conn->stream, &frame)) == BAS_OK) {
        take_plain(server, &way, frame);
    }
    server->counts.skipped += conn->stream.skipped_frames - conn->skipped;
    conn->skipped = conn->stream.skipped_frames;
    if (err == BAS_ERR_MALFORMED) {
        server->counts.malformed++;
        end_conn(server, conn, BAS_ERR_MALFORMED, "what it sends is not KNXnet/IP");
    }
}

void knx_server_set_endpoint(struct knx_server *server, const struct knx_endpoint *endpoint)
{
    server->config.endpoint = *endpoint;
}

void knx_server_datagram(struct knx_server *server, const struct knx_endpoint *from,
                         struct bas_slice datagram, bas_time now)
{
    const struct knx_way way = { NULL, NULL, *from };
    server->now = now;
    if (server->is_closing) {
        return;
    }
    if (datagram.len > KNX_MAX_FRAME) {
        server->counts.skipped++;
        return;
    }
    take_plain(server, &way, datagram);
}

static void end_uses(struct knx_server *server, const struct knx_server_conn *conn,
                     enum knx_session_event event, bool says)
{
    static const struct knx_reason lost = { BAS_ERR_CLOSED, "the connection is gone" };
    static const struct knx_reason closing = { BAS_OK, "the server is closing" };
    for (uint32_t i = 0; i < server->config.max_channels; i++) {
        struct knx_server_channel *channel = &server->channels[i];
        if (channel->id != 0 && (conn == NULL || channel->way.conn == conn)) {
            knx_channel_close(server, channel, says, says ? &closing : &lost);
        }
    }
    for (uint32_t i = 0; i < server->config.max_sessions; i++) {
        struct knx_server_session *session = &server->sessions[i];
        if (session->state != KNX_STATE_FREE && (conn == NULL || session->conn == conn)) {
            knx_session_step(server, session, event, NULL);
        }
    }
}

void knx_server_lost(struct knx_server *server, knx_conn_id connection, bas_time now)
{
    struct knx_server_conn *conn = conn_of(server, connection);
    server->now = now;
    if (conn == NULL) {
        return;
    }
    end_uses(server, conn, KNX_EVENT_LOST, false);
    conn->is_over = true;
    knx_server_conn_arm(server, conn);
    bas_wipe(conn->stash, sizeof(conn->stash));
    conn->id = 0;
}

void knx_server_close(struct knx_server *server, bas_time now)
{
    server->now = now;
    server->is_closing = true;
    end_uses(server, NULL, KNX_EVENT_END, true);
    for (uint32_t i = 0; i < server->config.max_connections; i++) {
        if (server->conns[i].id != 0) {
            end_conn(server, &server->conns[i], BAS_OK, "the server is closing");
        }
    }
}

void knx_server_set_bus(struct knx_server *server, bool is_connected, bas_time now)
{
    bool is_new = server->has_bus != is_connected;
    server->now = now;
    server->has_bus = is_connected;
    if (is_new) {
        knx_feature_inform(server, NULL, 3);
    }
}

struct knx_server_counts knx_server_counts(const struct knx_server *server)
{
    return server->counts;
}
