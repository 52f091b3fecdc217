/* Owns the channels of a KNXnet/IP server from connect over heartbeat to disconnect, and who may
 * have one (spec 1.5, 2.7). */
#include "knx/server/server.h"

#include <string.h>

/* Ids: the index in the low octet, a generation above it. */

static uint32_t index_of(const struct knx_server *server, const struct knx_server_channel *channel)
{
    return (uint32_t)(channel - server->channels);
}

struct knx_server_channel *knx_channel_of(struct knx_server *server, knx_channel_id id)
{
    uint32_t index = (id & UINT8_MAX) - 1;
    if (index >= server->config.max_channels || server->channels[index].id != id) {
        return NULL;
    }
    return &server->channels[index];
}

static struct knx_server_channel *of_number(struct knx_server *server, uint8_t number)
{
    struct knx_server_channel *channel = &server->channels[server->numbered[number]];
    return channel->id != 0 && channel->number == number ? channel : NULL;
}

/* The endpoint check: the same connection and session; over UDP the same host. */
struct knx_server_channel *knx_channel_find(struct knx_server *server, const struct knx_way *way,
                                            uint8_t number)
{
    struct knx_server_channel *channel = of_number(server, number);
    if (channel == NULL || channel->way.conn != way->conn || channel->way.session != way->session) {
        return NULL;
    }
    if (way->conn == NULL &&
        !bas_equal_secret(channel->source.address, way->peer.address, sizeof(way->peer.address))) {
        return NULL;
    }
    return channel;
}

/* Connecting */

struct request {
    const struct knx_way *way;
    const struct knx_message *message;
    struct knx_way answer;
    struct knx_way data;
    uint8_t user; /* 0: in the plain */
    size_t tunnel;
    struct knx_server_channel *channel;
};

static unsigned check_endpoints(const struct knx_server *server, struct request *r)
{
    (void)server;
    bool is_good = knx_server_answer_way(r->way, &r->message->control, &r->answer);
    return knx_server_answer_way(r->way, &r->message->data, &r->data) && is_good
               ? KNX_E_NO_ERROR
               : KNX_E_HOST_PROTOCOL_TYPE;
}

static unsigned check_type(const struct knx_server *server, struct request *r)
{
    const struct knx_server_config *c = &server->config;
    switch (r->message->cri.type) {
    case KNX_CONNECTION_MANAGEMENT:
        return c->management_is_secured && r->user != 1 ? KNX_E_CONNECTION_TYPE : KNX_E_NO_ERROR;
    case KNX_CONNECTION_TUNNEL:
        return c->tunnelling_is_secured && r->user == 0 ? KNX_E_CONNECTION_TYPE : KNX_E_NO_ERROR;
    default:
        return KNX_E_CONNECTION_TYPE;
    }
}

static unsigned check_layer(const struct knx_server *server, struct request *r)
{
    (void)server;
    const struct knx_cri *cri = &r->message->cri;
    return cri->type == KNX_CONNECTION_TUNNEL && cri->layer != KNX_LAYER_LINK
               ? KNX_E_TUNNELLING_LAYER
               : KNX_E_NO_ERROR;
}

/* Extended CRI: that address. */
static unsigned find_address(const struct knx_server *server, struct request *r)
{
    for (size_t i = 0; i < server->n_tunnels; i++) {
        if (server->tunnels[i].address != r->message->cri.address) {
            continue;
        }
        r->tunnel = i;
        if (!knx_server_may_use(server, r->user, &server->tunnels[i])) {
            return KNX_E_AUTHORISATION_ERROR;
        }
        return server->tunnel_users[i] != 0 ? KNX_E_CONNECTION_IN_USE : KNX_E_NO_ERROR;
    }
    return KNX_E_NO_TUNNELLING_ADDRESS;
}

/* Basic CRI: the first one that is free. */
static unsigned find_free(const struct knx_server *server, struct request *r)
{
    size_t usable = 0;
    for (size_t i = 0; i < server->n_tunnels; i++) {
        if (!knx_server_may_use(server, r->user, &server->tunnels[i])) {
            continue;
        }
        if (server->tunnel_users[i] == 0) {
            r->tunnel = i;
            return KNX_E_NO_ERROR;
        }
        usable++;
    }
    bool is_bound = server->config.tunnelling_is_secured && r->user != 1;
    return usable == 0 && is_bound ? KNX_E_AUTHORISATION_ERROR : KNX_E_NO_MORE_CONNECTIONS;
}

static unsigned check_tunnel(const struct knx_server *server, struct request *r)
{
    if (r->message->cri.type != KNX_CONNECTION_TUNNEL) {
        return KNX_E_NO_ERROR;
    }
    return r->message->cri.has_address ? find_address(server, r) : find_free(server, r);
}

static unsigned check_room(const struct knx_server *server, struct request *r)
{
    for (uint32_t i = 0; i < server->config.max_channels; i++) {
        if (server->channels[i].id == 0 && knx_server_has_room(server)) {
            r->channel = &server->channels[i];
            return KNX_E_NO_ERROR;
        }
    }
    return KNX_E_NO_MORE_CONNECTIONS;
}

static unsigned judge(const struct knx_server *server, struct request *r)
{
    static unsigned (*const checks[])(const struct knx_server *,
                                      struct request *) = { check_endpoints, check_type,
                                                            check_layer, check_tunnel, check_room };
    unsigned status = KNX_E_NO_ERROR;
    for (size_t i = 0; i < BAS_ARRAY_LEN(checks) && status == KNX_E_NO_ERROR; i++) {
        status = checks[i](server, r);
    }
    return status;
}

/* Running, so that a number does not come back at once. There are more numbers than channels, or
 * as many. */
static uint8_t next_number(struct knx_server *server)
{
    uint8_t preset = server->preset != NULL ? server->preset->channel : 0;
    if (preset != 0 && of_number(server, preset) == NULL) {
        return preset;
    }
    do {
        server->last_channel++;
    } while (server->last_channel == 0 || of_number(server, server->last_channel) != NULL);
    return server->last_channel;
}

static void open(struct knx_server *server, const struct request *r)
{
    struct knx_server_channel *channel = r->channel;
    uint32_t generation = channel->generation + 1;
    uint8_t number = next_number(server);
    *channel = (struct knx_server_channel){ .generation = generation,
                                            .id = generation << 8 | (index_of(server, channel) + 1),
                                            .number = number,
                                            .type = r->message->cri.type,
                                            .way = r->data,
                                            .control = r->answer.peer,
                                            .source = r->way->peer,
                                            .repeat_at = BAS_NEVER };
    server->numbered[number] = (uint8_t)index_of(server, channel);
    if (channel->type == KNX_CONNECTION_TUNNEL) {
        channel->tunnel = (uint8_t)r->tunnel;
        channel->address = server->tunnels[r->tunnel].address;
        server->tunnel_users[r->tunnel] = channel->id;
    }
    if (channel->way.conn != NULL && channel->way.session == NULL) {
        channel->way.conn->uses++;
        knx_server_conn_arm(server, channel->way.conn);
    }
    server->counts.channels++;
    knx_channel_heard(server, channel);
}

static void answer_connect(struct knx_server *server, const struct request *r, unsigned status)
{
    struct knx_message response = { .service = KNX_CONNECT_RESPONSE, .status = (uint8_t)status };
    if (status == KNX_E_NO_ERROR) {
        const struct knx_hpai route_back = { .protocol = KNX_UDP };
        bool is_behind_nat = r->way->conn == NULL && knx_server_routes_back(&r->message->data);
        response.channel = r->channel->number;
        response.data = is_behind_nat ? route_back : knx_server_hpai(server, r->way);
        response.cri.type = r->channel->type;
        response.cri.has_address = r->channel->type == KNX_CONNECTION_TUNNEL;
        response.cri.address = r->channel->address;
    }
    (void)knx_server_send(server, &r->answer, &response, KNX_WEIGHT_MUST);
}

static void tell_open(struct knx_server *server, const struct knx_server_channel *channel,
                      enum knx_server_event_kind kind, const struct bas_fault *fault)
{
    struct knx_server_event event = knx_server_event_of(&channel->way, kind);
    event.channel = channel->id;
    event.address = channel->address;
    event.fault = fault;
    (void)knx_server_tell(server, &event, KNX_WEIGHT_MUST);
}

void knx_channel_connect(struct knx_server *server, const struct knx_way *way,
                         const struct knx_message *message)
{
    struct request r = { .way = way,
                         .message = message,
                         .answer = *way,
                         .user = way->session != NULL ? way->session->user : 0 };
    unsigned status = judge(server, &r);
    if (status == KNX_E_NO_ERROR) {
        open(server, &r);
        answer_connect(server, &r, status);
        tell_open(server, r.channel, KNX_SERVER_EVENT_CHANNEL_UP, NULL);
        return;
    }
    struct bas_fault fault = { 0 };
    server->counts.channels_refused++;
    answer_connect(server, &r, status);
    (void)bas_fail(&fault, BAS_ERR_REFUSED, "connect refused: %s", knx_status_text(status));
    knx_server_note(server, way, KNX_SERVER_EVENT_REFUSED, &fault);
}

/* Living */

void knx_channel_arm(struct knx_server *server, const struct knx_server_channel *channel)
{
    bas_time silent = channel->heard + server->config.channel_ms * BAS_MILLISECOND;
    bas_timers_arm(&server->timers, knx_server_channel_timer(server, channel),
                   silent < channel->repeat_at ? silent : channel->repeat_at);
}

void knx_channel_heard(struct knx_server *server, struct knx_server_channel *channel)
{
    channel->heard = server->now;
    knx_channel_arm(server, channel);
}

void knx_channel_tick(struct knx_server *server, struct knx_server_channel *channel)
{
    static const struct knx_reason reason = { BAS_ERR_TIMEOUT, "nothing was heard in time" };
    if (server->now >= channel->heard + server->config.channel_ms * BAS_MILLISECOND) {
        knx_channel_close(server, channel, true, &reason);
        return;
    }
    if (server->now >= channel->repeat_at) {
        knx_channel_repeat(server, channel);
    }
    if (channel->id != 0) {
        knx_channel_arm(server, channel);
    }
}

static unsigned state_of(struct knx_server *server, const struct knx_way *way,
                         const struct knx_message *message, struct knx_way *answer)
{
    if (!knx_server_answer_way(way, &message->control, answer)) {
        return KNX_E_HOST_PROTOCOL_TYPE;
    }
    return knx_channel_find(server, way, message->channel) == NULL ? KNX_E_CONNECTION_ID
                                                                   : KNX_E_NO_ERROR;
}

void knx_channel_state(struct knx_server *server, const struct knx_way *way,
                       const struct knx_message *message)
{
    struct knx_way answer;
    unsigned status = state_of(server, way, message, &answer);
    if (status == KNX_E_NO_ERROR) {
        knx_channel_heard(server, knx_channel_find(server, way, message->channel));
        status = server->has_bus ? KNX_E_NO_ERROR : KNX_E_KNX_CONNECTION;
    }
    const struct knx_message response = { .service = KNX_CONNECTIONSTATE_RESPONSE,
                                          .channel = message->channel,
                                          .status = (uint8_t)status };
    (void)knx_server_send(server, &answer, &response, KNX_WEIGHT_MUST);
}

/* Ending */

void knx_channel_disconnect(struct knx_server *server, const struct knx_way *way,
                            const struct knx_message *message)
{
    static const struct knx_reason reason = { BAS_OK, "disconnected by the client" };
    struct knx_way answer;
    unsigned status = state_of(server, way, message, &answer);
    if (status == KNX_E_NO_ERROR) {
        knx_channel_close(server, knx_channel_find(server, way, message->channel), false, &reason);
    }
    const struct knx_message response = { .service = KNX_DISCONNECT_RESPONSE,
                                          .channel = message->channel,
                                          .status = (uint8_t)status };
    (void)knx_server_send(server, &answer, &response, KNX_WEIGHT_MUST);
}

void knx_channel_disconnected(struct knx_server *server, const struct knx_way *way,
                              const struct knx_message *message)
{
    /* The channel is gone since our request; nothing waits for this. */
    (void)server;
    (void)way;
    (void)message;
}

void knx_channel_close(struct knx_server *server, struct knx_server_channel *channel, bool says,
                       const struct knx_reason *reason)
{
    struct bas_fault fault = { 0 };
    if (says) {
        const struct knx_message request = { .service = KNX_DISCONNECT_REQUEST,
                                             .channel = channel->number,
                                             .control = knx_server_hpai(server, &channel->way) };
        struct knx_way way = channel->way;
        way.peer = channel->control;
        (void)knx_server_send(server, &way, &request, KNX_WEIGHT_MUST);
    }
    (void)bas_fail(&fault, reason->err, "channel %u: %s", channel->number, reason->text);
    tell_open(server, channel, KNX_SERVER_EVENT_CHANNEL_DOWN, &fault);
    if (server->tunnel_users[channel->tunnel] == channel->id) {
        server->tunnel_users[channel->tunnel] = 0;
    }
    bas_timers_disarm(&server->timers, knx_server_channel_timer(server, channel));
    struct knx_server_conn *conn = channel->way.session == NULL ? channel->way.conn : NULL;
    *channel = (struct knx_server_channel){ .generation = channel->generation };
    if (conn != NULL) {
        conn->uses--;
        knx_server_conn_arm(server, conn);
    }
}
