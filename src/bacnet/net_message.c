/* Owns the network layer messages (clause 6.4): a row for each that a device acts on. */
#include "bacnet/net.h"

#include "wire/rd.h"
#include "wire/wr.h"

#include <assert.h>
#include <string.h>

enum { IS_CONFIGURED = 1, ORIGIN_HOP_COUNT = 255, MAX_BODY = 8 };

/* How long a router that said busy is left alone (6.6.3.6). */
#define BUSY_TIME (30 * BAS_SECOND)

/* A message under way to its handler. */
struct incoming {
    const struct bac_arrival *arrival;
    const struct bac_npdu *npdu;
    struct bac_hop from; /* who sent it to us on the link: for routes, the router */
    bas_time now;
    struct rd body;
};

/* What we say */

void bac_net_say(struct bac_net *net, const struct bac_hop *hop, const struct bac_npdu *npdu,
                 struct bas_slice body)
{
    assert(body.len <= MAX_BODY);
    struct bas_frame *frame = bas_frame_new(&net->env, BAS_HEADROOM, BAS_HEADROOM + MAX_BODY);
    if (frame == NULL) {
        net->stats.not_sent++;
        return;
    }
    if (body.len != 0) {
        memcpy(bas_frame_put(frame, body.len), body.data, body.len);
    }
    (void)bac_net_transmit(net, hop, npdu, frame); /* counted there */
}

static void say_on_port(struct bac_net *net, bac_port_id port, uint8_t type, struct bas_slice body)
{
    const struct bac_npdu npdu = { .is_network_message = true, .message_type = type };
    const struct bac_hop hop = { .port = port };
    bac_net_say(net, &hop, &npdu, body);
}

void bac_net_ask_number(struct bac_net *net, bac_port_id port)
{
    say_on_port(net, port, BAC_NET_WHAT_IS_NETWORK_NUMBER, (struct bas_slice){ NULL, 0 });
}

void bac_net_ask_router(struct bac_net *net, uint16_t network)
{
    uint8_t octets[2];
    struct bas_buf body;
    bas_buf_init(&body, octets, sizeof(octets));
    wr_u16(&body, network);
    for (size_t i = 0; i < net->n_ports; i++) {
        if (net->ports[i].is_up) {
            say_on_port(net, (bac_port_id)i, BAC_NET_WHO_IS_ROUTER,
                        (struct bas_slice){ body.data, body.len });
        }
    }
}

/* The network in a rejection of reason 3 is a local matter (6.4.4): ours. */
static void reject_unknown(struct bac_net *net, const struct incoming *in)
{
    const struct bac_npdu *npdu = in->npdu;
    net->stats.unknown_messages++;
    if (in->arrival->broadcast ||
        (npdu->has_destination && bac_address_is_broadcast(&npdu->destination))) {
        return;
    }
    uint8_t octets[3];
    struct bas_buf body;
    bas_buf_init(&body, octets, sizeof(octets));
    wr_u8(&body, BAC_NET_REJECT_UNKNOWN_MESSAGE);
    wr_u16(&body, net->ports[in->arrival->port].network);
    const struct bac_npdu answer = { .is_network_message = true,
                                     .message_type = BAC_NET_REJECT_MESSAGE,
                                     .has_destination = npdu->has_source,
                                     .destination = npdu->source,
                                     .hop_count = ORIGIN_HOP_COUNT };
    bac_net_say(net, &in->from, &answer, (struct bas_slice){ body.data, body.len });
}

/* What we hear: each handler reads its body and leaves the judgement of it to in->body.err */

static void on_i_am_router(struct bac_net *net, struct incoming *in)
{
    if (in->npdu->has_source) {
        return; /* it is never routed (6.4.2) */
    }
    for (size_t n = 0; rd_left(&in->body) != 0 && n < net->config.max_routers; n++) {
        uint16_t network = rd_u16(&in->body);
        if (in->body.err == BAS_OK) {
            bac_route_learn(net, network, &in->from, in->now);
        }
    }
}

/* The longest NPDUs of the data links (Table 6-1), as steps down when a router says too long: it
 * does not say how long is not. */
static uint16_t next_lower(uint16_t max_npdu)
{
    static const uint16_t steps[] = { 1497, 501, 228 };
    for (size_t i = 0; i < BAS_ARRAY_LEN(steps); i++) {
        if (steps[i] < max_npdu) {
            return steps[i];
        }
    }
    return max_npdu;
}

/* What a rejection says of the route. Security and address: the way is right, the message was not.
 */
static void mend_route(struct bac_net *net, struct bac_route *route, uint8_t reason, bas_time now)
{
    if (reason == BAC_NET_REJECT_BUSY) {
        route->busy_until = now + BUSY_TIME;
    } else if (reason == BAC_NET_REJECT_TOO_LONG) {
        uint16_t of_link = net->ports[route->hop.port].max_npdu;
        route->max_npdu = next_lower(route->max_npdu != 0 ? route->max_npdu : of_link);
    } else if (reason != BAC_NET_REJECT_SECURITY && reason != BAC_NET_REJECT_ADDRESS) {
        *route = (struct bac_route){ 0 };
    }
}

static void on_reject(struct bac_net *net, struct incoming *in)
{
    uint8_t reason = rd_u8(&in->body);
    uint16_t network = rd_u16(&in->body);
    if (in->body.err != BAS_OK || reason == BAC_NET_REJECT_UNKNOWN_MESSAGE) {
        return;
    }
    struct bac_route *route = bac_route_find(net, network, in->now);
    if (route != NULL && !bac_route_is_by(route, &in->from)) {
        net->stats.ignored_messages++; /* not from the router that we use */
        return;
    }
    if (route != NULL) {
        mend_route(net, route, reason, in->now);
    }
    struct bac_net_event *event = bac_net_put_event(net, BAC_NET_UNREACHABLE, in->arrival->port);
    if (event != NULL) {
        event->network = network;
        event->reason = reason;
    }
}

/* Router-Busy and Router-Available name networks, or none for all of that router (6.4.5, 6.4.6). */
static void set_busy(struct bac_net *net, struct incoming *in, bas_time until)
{
    bool is_all = rd_left(&in->body) == 0;
    for (size_t i = 0; is_all && i < net->config.max_routers; i++) {
        struct bac_route *route = &net->routes[i];
        if (route->network != 0 && bac_route_is_by(route, &in->from)) {
            route->busy_until = until;
            bac_route_flush(net, route->network, in->now);
        }
    }
    for (size_t n = 0; rd_left(&in->body) != 0 && n < net->config.max_routers; n++) {
        uint16_t network = rd_u16(&in->body);
        struct bac_route *route =
            in->body.err == BAS_OK ? bac_route_find(net, network, in->now) : NULL;
        if (route != NULL && bac_route_is_by(route, &in->from)) {
            route->busy_until = until;
            bac_route_flush(net, network, in->now);
        }
    }
}

static void on_busy(struct bac_net *net, struct incoming *in)
{
    set_busy(net, in, in->now + BUSY_TIME);
}

static void on_available(struct bac_net *net, struct incoming *in)
{
    set_busy(net, in, 0);
}

/* Both network number messages stay on one network (6.4.19, 6.4.20). */
static bool is_routed(const struct bac_npdu *npdu)
{
    return npdu->has_source || npdu->has_destination;
}

static void on_what_is_number(struct bac_net *net, struct incoming *in)
{
    const struct bac_port *port = &net->ports[in->arrival->port];
    if (is_routed(in->npdu) || port->network == 0) {
        return;
    }
    uint8_t octets[3];
    struct bas_buf body;
    bas_buf_init(&body, octets, sizeof(octets));
    wr_u16(&body, port->network);
    wr_u8(&body, port->quality == BAC_NETWORK_NUMBER_CONFIGURED ? IS_CONFIGURED : 0);
    say_on_port(net, in->arrival->port, BAC_NET_NETWORK_NUMBER_IS,
                (struct bas_slice){ body.data, body.len });
}

static void on_number_is(struct bac_net *net, struct incoming *in)
{
    uint16_t network = rd_u16(&in->body);
    bool is_configured = rd_u8(&in->body) == IS_CONFIGURED;
    struct bac_port *port = &net->ports[in->arrival->port];
    enum bac_network_number_quality quality =
        is_configured ? BAC_NETWORK_NUMBER_LEARNED_CONFIGURED : BAC_NETWORK_NUMBER_LEARNED;
    if (in->body.err != BAS_OK || is_routed(in->npdu) || !in->arrival->broadcast || network == 0 ||
        network == BAC_BROADCAST_NETWORK || quality < port->quality) {
        return;
    }
    bac_port_id other = 0;
    const struct bac_port *same = bac_net_port_of(net, network, &other);
    if (same != NULL && same != port) {
        net->stats.ignored_messages++; /* two ports cannot be one network */
        return;
    }
    port->quality = quality;
    if (port->network == network) {
        return;
    }
    port->network = network;
    struct bac_net_event *event =
        bac_net_put_event(net, BAC_NET_NETWORK_LEARNED, in->arrival->port);
    if (event != NULL) {
        event->network = network;
    }
}

/* Meant for routers; a device lets it pass. */
static void on_nothing(struct bac_net *net, struct incoming *in)
{
    net->stats.ignored_messages++;
    (void)rd_rest(&in->body);
}

struct message_row {
    uint8_t type;
    void (*on)(struct bac_net *net, struct incoming *in);
};
static const struct message_row rows[] = {
    { BAC_NET_WHO_IS_ROUTER, on_nothing },
    { BAC_NET_I_AM_ROUTER, on_i_am_router },
    { BAC_NET_I_COULD_BE_ROUTER, on_nothing },
    { BAC_NET_REJECT_MESSAGE, on_reject },
    { BAC_NET_ROUTER_BUSY, on_busy },
    { BAC_NET_ROUTER_AVAILABLE, on_available },
    { BAC_NET_INITIALIZE_ROUTING_TABLE, on_nothing },
    { BAC_NET_INITIALIZE_ROUTING_TABLE_ACK, on_nothing },
    { BAC_NET_ESTABLISH_CONNECTION, on_nothing },
    { BAC_NET_DISCONNECT_CONNECTION, on_nothing },
    { BAC_NET_WHAT_IS_NETWORK_NUMBER, on_what_is_number },
    { BAC_NET_NETWORK_NUMBER_IS, on_number_is },
};

static const struct message_row *row_of(uint8_t type)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        if (rows[i].type == type) {
            return &rows[i];
        }
    }
    return NULL;
}

bas_err bac_net_message(struct bac_net *net, const struct bac_arrival *arrival,
                        const struct bac_npdu *npdu, bas_time now)
{
    struct incoming in = { .arrival = arrival,
                           .npdu = npdu,
                           .from = { arrival->port, arrival->mac_len, { 0 } },
                           .now = now,
                           .body = rd_init(npdu->body) };
    memcpy(in.from.mac, arrival->mac, arrival->mac_len);
    const struct message_row *row = row_of(npdu->message_type);
    if (row == NULL) {
        reject_unknown(net, &in);
        return BAS_OK;
    }
    row->on(net, &in);
    if (in.body.err != BAS_OK) {
        struct bas_fault fault;
        (void)bas_fail(&fault, in.body.err, "network layer message %u ends too early", row->type);
        return bac_net_malformed(net, arrival->port, &fault);
    }
    return BAS_OK;
}
