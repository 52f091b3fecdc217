/* Owns the way of services with a connection header: sequence counters, acknowledgements and
 * repetitions over UDP; none of them over TCP (spec 1.6, 1.7). */
#include "knx/server/server.h"

#include <assert.h>
#include <string.h>

enum { TUNNEL_REPEATS = 1, MANAGEMENT_REPEATS = 3 };

static bool is_management(const struct knx_server_channel *channel)
{
    return channel->type == KNX_CONNECTION_MANAGEMENT;
}

static uint16_t ack_of(uint16_t service)
{
    return service == KNX_DEVICE_CONFIGURATION_REQUEST ? KNX_DEVICE_CONFIGURATION_ACK
                                                       : KNX_TUNNELLING_ACK;
}

/* Receiving */

static void acknowledge(struct knx_server *server, const struct knx_way *way,
                        const struct knx_message *message, unsigned status)
{
    const struct knx_message ack = { .service = ack_of(message->service),
                                     .channel = message->channel,
                                     .sequence = message->sequence,
                                     .status = (uint8_t)status };
    (void)knx_server_send(server, way, &ack, KNX_WEIGHT_MUST);
}

static struct knx_server_channel *find(struct knx_server *server, const struct knx_way *way,
                                       const struct knx_message *message,
                                       enum knx_connection_type type)
{
    struct knx_server_channel *channel = knx_channel_find(server, way, message->channel);
    if (channel != NULL && channel->type == type) {
        return channel;
    }
    struct bas_fault fault = { 0 };
    server->counts.skipped++;
    if (way->conn == NULL) {
        acknowledge(server, way, message, KNX_E_CONNECTION_ID);
    }
    (void)bas_fail(&fault, BAS_ERR_NOT_FOUND, "%s of channel %u, which the sender does not have",
                   knx_service_name(message->service), message->channel);
    knx_server_note(server, way, KNX_SERVER_EVENT_DROPPED, &fault);
    return NULL;
}

/* UDP: acknowledges the expected one and the one before it; only the former is new. */
static bool is_new(struct knx_server *server, struct knx_server_channel *channel,
                   const struct knx_message *message)
{
    uint8_t ahead = (uint8_t)(message->sequence - channel->expects);
    if (ahead == 0 || ahead == UINT8_MAX) {
        acknowledge(server, &channel->way, message, KNX_E_NO_ERROR);
    } else {
        server->counts.skipped++;
    }
    channel->expects = (uint8_t)(channel->expects + (ahead == 0));
    return ahead == 0;
}

struct knx_server_channel *knx_channel_take(struct knx_server *server, const struct knx_way *way,
                                            const struct knx_message *message,
                                            enum knx_connection_type type)
{
    struct knx_server_channel *channel = find(server, way, message, type);
    if (channel == NULL) {
        return NULL;
    }
    knx_channel_heard(server, channel);
    return way->conn != NULL || is_new(server, channel, message) ? channel : NULL;
}

/* Sending */

static struct knx_pending *slot(struct knx_server *server, const struct knx_server_channel *channel,
                                uint32_t at)
{
    uint32_t cap = server->config.pending;
    return &server
                ->pending[(size_t)(channel - server->channels) * cap + (channel->first + at) % cap];
}

/* The first of what waits, once more or for the first time. */
static void transmit(struct knx_server *server, struct knx_server_channel *channel)
{
    const struct knx_pending *first = slot(server, channel, 0);
    const struct knx_message message = { .service = first->service,
                                         .channel = channel->number,
                                         .sequence = channel->sends,
                                         .feature = first->feature,
                                         .return_code = first->return_code,
                                         .payload = { first->octets, first->len } };
    uint32_t wait_ms =
        is_management(channel) ? KNX_SERVER_MANAGEMENT_ACK_MS : server->config.ack_ms;
    (void)knx_server_send(server, &channel->way, &message, KNX_WEIGHT_MUST);
    channel->repeat_at = server->now + wait_ms * BAS_MILLISECOND;
}

static bool queue(struct knx_server *server, struct knx_server_channel *channel,
                  const struct knx_message *message)
{
    if (channel->n_pending == server->config.pending) {
        return false;
    }
    struct knx_pending *last = slot(server, channel, channel->n_pending);
    last->service = message->service;
    last->feature = message->feature;
    last->return_code = message->return_code;
    last->len = (uint16_t)message->payload.len;
    if (last->len != 0) {
        memcpy(last->octets, message->payload.data, last->len);
    }
    channel->n_pending++;
    if (channel->n_pending == 1) {
        channel->repeats = 0;
        transmit(server, channel);
        knx_channel_arm(server, channel);
    }
    return true;
}

bool knx_channel_send(struct knx_server *server, struct knx_server_channel *channel,
                      const struct knx_message *message, enum knx_weight weight)
{
    if (message->payload.len > KNX_SERVER_MAX_TELEGRAM) {
        return false;
    }
    if (channel->way.conn == NULL) {
        return queue(server, channel, message);
    }
    struct knx_message whole = *message;
    whole.channel = channel->number;
    whole.sequence = channel->sends;
    bool is_sent = knx_server_send(server, &channel->way, &whole, weight);
    channel->sends = (uint8_t)(channel->sends + is_sent);
    return is_sent;
}

/* Over TCP and in sessions peers send acknowledgements that nobody asked for: spec 1.7. */
void knx_channel_ack(struct knx_server *server, const struct knx_way *way,
                     const struct knx_message *message)
{
    if (way->conn != NULL) {
        return;
    }
    struct knx_server_channel *channel = knx_channel_find(server, way, message->channel);
    if (channel == NULL || channel->n_pending == 0 || message->sequence != channel->sends ||
        message->status != KNX_E_NO_ERROR ||
        message->service != ack_of(slot(server, channel, 0)->service)) {
        server->counts.skipped++;
        return;
    }
    channel->sends++;
    channel->first = (channel->first + 1) % server->config.pending;
    channel->n_pending--;
    channel->repeats = 0;
    channel->repeat_at = BAS_NEVER;
    if (channel->n_pending != 0) {
        transmit(server, channel);
    }
    knx_channel_heard(server, channel);
}

void knx_channel_repeat(struct knx_server *server, struct knx_server_channel *channel)
{
    static const struct knx_reason reason = { BAS_ERR_TIMEOUT, "it does not acknowledge" };
    assert(channel->n_pending != 0);
    if (channel->repeats == (is_management(channel) ? MANAGEMENT_REPEATS : TUNNEL_REPEATS)) {
        knx_channel_close(server, channel, true, &reason);
        return;
    }
    channel->repeats++;
    transmit(server, channel);
}
