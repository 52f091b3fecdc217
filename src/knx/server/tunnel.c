/* Owns the telegrams of a KNXnet/IP server: L_Data.req from a tunnel to the owner, L_Data.con and
 * L_Data.ind back (spec 1.6, 3.1). */
#include "knx/server/server.h"

enum { L_DATA_HEAD = 9 /* what stands in front of the TPDU beside additional information */ };

/* A cEMI L_Data of that code, FT as its length asks, in server->cemi. Additional information goes
 * with it where there is room. */
static struct bas_slice encode(struct knx_server *server, const struct knx_cemi *telegram,
                               enum knx_message_code code, bool is_error)
{
    struct knx_cemi cemi = *telegram;
    struct bas_buf out;
    cemi.code = (uint8_t)code;
    if (L_DATA_HEAD + cemi.additional.len + cemi.tpdu.len > KNX_SERVER_MAX_TELEGRAM) {
        cemi.additional = (struct bas_slice){ NULL, 0 };
    }
    cemi.control1 = (uint8_t)(cemi.control1 & ~(unsigned)KNX_CONTROL1_ERROR);
    cemi.control1 |= is_error ? KNX_CONTROL1_ERROR : 0;
    bas_buf_init(&out, server->cemi, sizeof(server->cemi));
    knx_cemi_encode(&cemi, &out);
    return (struct bas_slice){ out.data, out.full ? 0 : out.len };
}

static void send(struct knx_server *server, struct knx_server_channel *channel,
                 struct bas_slice cemi)
{
    const struct knx_message message = { .service = KNX_TUNNELLING_REQUEST, .payload = cemi };
    if (cemi.len != 0 && knx_channel_send(server, channel, &message, KNX_WEIGHT_WORK)) {
        server->counts.telegrams_out++;
    } else {
        server->counts.telegrams_dropped++;
    }
}

static void drop(struct knx_server *server, const struct knx_way *way, bas_err err,
                 const char *what)
{
    struct bas_fault fault = { 0 };
    (void)bas_fail(&fault, err, "%s", what);
    knx_server_note(server, way, KNX_SERVER_EVENT_DROPPED, &fault);
}

/* Only L_Data.req; whatever its source, the tunnel speaks for itself alone. */
static bool read_request(struct knx_server *server, const struct knx_server_channel *channel,
                         struct bas_slice octets, struct knx_cemi *cemi)
{
    struct bas_fault fault = { 0 };
    if (knx_cemi_decode(octets, cemi, &fault) != BAS_OK) {
        server->counts.malformed++;
        knx_server_note(server, &channel->way, KNX_SERVER_EVENT_DROPPED, &fault);
        return false;
    }
    if (cemi->code != KNX_L_DATA_REQ) {
        server->counts.skipped++;
        drop(server, &channel->way, BAS_ERR_UNSUPPORTED, "a tunnel takes L_Data.req only");
        return false;
    }
    cemi->source = channel->address;
    return true;
}

static bool give(struct knx_server *server, const struct knx_server_channel *channel,
                 const struct knx_cemi *cemi)
{
    /* L counts what follows the first octet; an APDU of max_apdu has just that. */
    if (cemi->tpdu.len > (size_t)server->config.max_apdu + 1) {
        drop(server, &channel->way, BAS_ERR_TOO_LONG, "a telegram longer than the bus can carry");
        return false;
    }
    struct knx_server_event event = knx_server_event_of(&channel->way, KNX_SERVER_EVENT_TELEGRAM);
    event.channel = channel->id;
    event.address = channel->address;
    event.cemi = encode(server, cemi, KNX_L_DATA_REQ, false);
    return event.cemi.len != 0 && knx_server_tell(server, &event, KNX_WEIGHT_WORK);
}

void knx_tunnel_request(struct knx_server *server, const struct knx_way *way,
                        const struct knx_message *message)
{
    struct knx_cemi cemi = { 0 };
    struct knx_server_channel *channel =
        knx_channel_take(server, way, message, KNX_CONNECTION_TUNNEL);
    if (channel == NULL || !read_request(server, channel, message->payload, &cemi)) {
        return;
    }
    if (give(server, channel, &cemi)) {
        server->counts.telegrams_in++;
        return;
    }
    server->counts.telegrams_dropped++;
    send(server, channel, encode(server, &cemi, KNX_L_DATA_CON, true));
}

void knx_server_confirm(struct knx_server *server, knx_channel_id id, struct bas_slice octets,
                        bool ok, bas_time now)
{
    struct knx_cemi cemi = { 0 };
    struct knx_server_channel *channel = knx_channel_of(server, id);
    server->now = now;
    if (channel == NULL || channel->type != KNX_CONNECTION_TUNNEL ||
        knx_cemi_decode(octets, &cemi, NULL) != BAS_OK || cemi.tpdu.len == 0) {
        return;
    }
    send(server, channel, encode(server, &cemi, KNX_L_DATA_CON, !ok));
}

void knx_server_indicate(struct knx_server *server, struct bas_slice octets, knx_channel_id except,
                         bas_time now)
{
    struct knx_cemi cemi = { 0 };
    server->now = now;
    if (knx_cemi_decode(octets, &cemi, NULL) != BAS_OK || cemi.tpdu.len == 0) {
        return;
    }
    struct bas_slice indication = encode(server, &cemi, KNX_L_DATA_IND, false);
    for (uint32_t i = 0; i < server->config.max_channels; i++) {
        struct knx_server_channel *channel = &server->channels[i];
        if (channel->id != 0 && channel->id != except && channel->type == KNX_CONNECTION_TUNNEL) {
            send(server, channel, indication);
        }
    }
}
