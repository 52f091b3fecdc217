/* Owns what arrives at the client engine: frames off a stream or datagram, whether they may have
 * come as they came, and which event each of them is. */
#include "knx/client/client.h"

/* How a frame must have come. */
enum travels {
    AS_CONFIGURED, /* wrapped when the client is secure, bare when it is not */
    BARE,          /* a secure client only, never wrapped */
    WRAPPED        /* a secure client only, always wrapped */
};

static const struct arrival {
    uint16_t service;
    uint8_t event;      /* enum knx_on */
    uint8_t travels;    /* enum travels */
    uint8_t connection; /* enum knx_connection_type; 0: any */
    bool has_channel;   /* which must be ours */
} arrivals[] = {
    { KNX_SESSION_RESPONSE, KNX_ON_SESSION_RESPONSE, BARE, 0, false },
    { KNX_SESSION_STATUS, KNX_ON_AUTHENTICATED, WRAPPED, 0, false }, /* or SESSION_END */
    { KNX_CONNECT_RESPONSE, KNX_ON_CONNECT_RESPONSE, AS_CONFIGURED, 0, false },
    { KNX_CONNECTIONSTATE_RESPONSE, KNX_ON_STATE_RESPONSE, AS_CONFIGURED, 0, true },
    { KNX_DISCONNECT_REQUEST, KNX_ON_DISCONNECT_REQUEST, AS_CONFIGURED, 0, true },
    { KNX_DISCONNECT_RESPONSE, KNX_ON_DISCONNECT_RESPONSE, AS_CONFIGURED, 0, true },
    { KNX_TUNNELLING_REQUEST, KNX_ON_DATA, AS_CONFIGURED, KNX_CONNECTION_TUNNEL, true },
    { KNX_TUNNELLING_ACK, KNX_ON_ACK, AS_CONFIGURED, KNX_CONNECTION_TUNNEL, true },
    { KNX_TUNNELLING_FEATURE_RESPONSE, KNX_ON_DATA, AS_CONFIGURED, KNX_CONNECTION_TUNNEL, true },
    { KNX_TUNNELLING_FEATURE_INFO, KNX_ON_DATA, AS_CONFIGURED, KNX_CONNECTION_TUNNEL, true },
    { KNX_DEVICE_CONFIGURATION_REQUEST, KNX_ON_DATA, AS_CONFIGURED, KNX_CONNECTION_MANAGEMENT,
      true },
    { KNX_DEVICE_CONFIGURATION_ACK, KNX_ON_ACK, AS_CONFIGURED, KNX_CONNECTION_MANAGEMENT, true },
    { KNX_DESCRIPTION_RESPONSE, KNX_ON_ANSWER, AS_CONFIGURED, 0, false },
    { KNX_SEARCH_RESPONSE_EXTENDED, KNX_ON_ANSWER, AS_CONFIGURED, 0, false },
};

static const struct arrival *arrival_of(const struct knx_client *client, uint16_t service)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(arrivals); i++) {
        const struct arrival *row = &arrivals[i];
        if (row->service == service &&
            (row->connection == 0 || row->connection == client->config.connection)) {
            return row;
        }
    }
    return NULL;
}

/* Why the frame is not taken, or NULL. */
static const char *objection(const struct knx_client *client, const struct arrival *row,
                             const struct knx_message *message, bool is_wrapped)
{
    bool is_secure = client->config.is_secure;
    bool wants_wrapper = row->travels == WRAPPED || (row->travels == AS_CONFIGURED && is_secure);
    if (row->travels != AS_CONFIGURED && !is_secure) {
        return "of KNX IP Secure, on a connection that is not secure";
    }
    if (wants_wrapper != is_wrapped) {
        return is_wrapped ? "in a wrapper" : "in the plain, on a secure connection";
    }
    if (row->has_channel && message->channel != client->channel) {
        return "of another channel";
    }
    return NULL;
}

static enum knx_on event_of(const struct arrival *row, const struct knx_message *message)
{
    if (row->event == KNX_ON_AUTHENTICATED && message->status != 0) {
        return KNX_ON_SESSION_END;
    }
    return (enum knx_on)row->event;
}

/* Keepalives are ours to send, and unknown codes mean nothing (spec 2.3). */
static bool is_empty_status(const struct knx_message *message)
{
    return message->service == KNX_SESSION_STATUS &&
           (message->status == KNX_SESSION_KEEPALIVE || message->status > KNX_SESSION_CLOSE);
}

static void take_message(struct knx_client *client, struct bas_slice frame, bool is_wrapped)
{
    struct knx_message message;
    struct bas_fault fault = { 0 };
    if (knx_message_decode(frame, &message, &fault) != BAS_OK) {
        knx_client_drop(client, "a frame from the interface: %s", fault.text);
        return;
    }
    const char *name = knx_service_name(message.service);
    const struct arrival *row = arrival_of(client, message.service);
    const char *why =
        row == NULL ? "which means nothing here" : objection(client, row, &message, is_wrapped);
    if (why != NULL) {
        knx_client_drop(client, "%s %s", name, why);
        return;
    }
    const struct knx_client_input input = { .message = &message, .frame = frame };
    if (is_empty_status(&message) || !knx_client_step(client, event_of(row, &message), &input)) {
        knx_client_drop(client, "%s is not expected in state %s", name,
                        knx_client_state_name(client->state));
    }
}

static void take_frame(struct knx_client *client, struct bas_slice frame)
{
    struct knx_message message;
    struct bas_slice inner;
    bool is_wrapper = client->config.is_secure &&
                      knx_message_decode(frame, &message, NULL) == BAS_OK &&
                      message.service == KNX_SECURE_WRAPPER;
    if (!is_wrapper) {
        take_message(client, frame, false);
    } else if (knx_session_open(client, frame, &inner)) {
        take_message(client, inner, true);
    }
}

static void stream_is_lost(struct knx_client *client)
{
    knx_end_set(client, BAS_ERR_PROTOCOL, false,
                "what arrives is not KNXnet/IP: is this the port of a KNXnet/IP interface (3671)?");
    client->session.is_keyed = false;
    knx_client_finish(client);
}

/* Takes one frame of what arrived. False: there is no whole one. */
static bool take_next(struct knx_client *client)
{
    struct bas_slice frame = client->datagram;
    if (client->state == KNX_CLIENT_IDLE) {
        return false;
    }
    if (!knx_client_is_udp(client)) {
        bas_err err = knx_stream_next(&client->stream, &frame);
        if (err == BAS_ERR_MALFORMED) {
            stream_is_lost(client);
        }
        if (err != BAS_OK) {
            return err == BAS_ERR_MALFORMED;
        }
    } else if (frame.len == 0) {
        return false;
    }
    client->datagram = (struct bas_slice){ NULL, 0 };
    take_frame(client, frame);
    return true;
}

void knx_client_advance(struct knx_client *client)
{
    while (client->n_events == 0 && !client->is_ending && take_next(client)) {
    }
    knx_tunnel_pump(client);
}
