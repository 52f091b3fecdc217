/*
 * Owns the network layer of a device (clause 6): its ports, what arrives for us, what leaves, and
 * the queues of both.
 */
#include "bacnet/net.h"

#include <assert.h>
#include <string.h>

enum { ORIGIN_HOP_COUNT = 255, RESERVED_NETWORK = 0, DEFAULT_MAX_NPDU = 1497, MORE_EVENTS = 4 };

static struct bac_net_config with_defaults(const struct bac_net_config *given)
{
    struct bac_net_config c = { 0 };
    if (given != NULL) {
        memcpy(&c, given, given->size < sizeof(c) ? given->size : sizeof(c));
    }
    c.size = sizeof(c);
    c.max_ports = c.max_ports != 0 ? c.max_ports : 4;
    c.max_routers = c.max_routers != 0 ? c.max_routers : 64;
    c.route_lifetime_ms = c.route_lifetime_ms != 0 ? c.route_lifetime_ms : 600000;
    c.route_wait_ms = c.route_wait_ms != 0 ? c.route_wait_ms : 2000;
    c.max_waiting = c.max_waiting != 0 ? c.max_waiting : 16;
    c.pending_entries = c.pending_entries != 0 ? c.pending_entries : 64;
    return c;
}

struct bac_net *bac_net_new(const struct bas_env *env, const struct bac_net_config *config)
{
    struct bac_net *net = bas_alloc(env, sizeof(*net));
    if (net == NULL) {
        return NULL;
    }
    net->env = *env;
    net->config = with_defaults(config);
    const struct bac_net_config *c = &net->config;
    net->event_cap = (size_t)c->max_waiting + MORE_EVENTS;
    net->ports = bas_alloc(env, c->max_ports * sizeof(*net->ports));
    net->routes = bas_alloc(env, c->max_routers * sizeof(*net->routes));
    net->waiting = bas_alloc(env, c->max_waiting * sizeof(*net->waiting));
    net->tx = bas_alloc(env, c->pending_entries * sizeof(*net->tx));
    net->events = bas_alloc(env, net->event_cap * sizeof(*net->events));
    if (net->ports == NULL || net->routes == NULL || net->waiting == NULL || net->tx == NULL ||
        net->events == NULL) {
        bac_net_free(net);
        return NULL;
    }
    return net;
}

void bac_net_free(struct bac_net *net)
{
    if (net == NULL) {
        return;
    }
    for (size_t i = 0; i < net->n_tx; i++) {
        bas_frame_unref(net->tx[(net->tx_first + i) % net->config.pending_entries].frame);
    }
    for (size_t i = 0; i < net->n_waiting; i++) {
        bas_frame_unref(net->waiting[i].apdu);
    }
    struct bas_env env = net->env;
    const struct bac_net_config *c = &net->config;
    bas_release(&env, net->ports, c->max_ports * sizeof(*net->ports));
    bas_release(&env, net->routes, c->max_routers * sizeof(*net->routes));
    bas_release(&env, net->waiting, c->max_waiting * sizeof(*net->waiting));
    bas_release(&env, net->tx, c->pending_entries * sizeof(*net->tx));
    bas_release(&env, net->events, net->event_cap * sizeof(*net->events));
    bas_release(&env, net, sizeof(*net));
}

/* Ports */

bas_err bac_net_add_port(struct bac_net *net, const struct bac_port_config *config,
                         bac_port_id *port)
{
    struct bac_port_config c = { 0 };
    memcpy(&c, config, config->size < sizeof(c) ? config->size : sizeof(c));
    if (c.network == BAC_BROADCAST_NETWORK || c.mac_len > BAC_MAX_MAC) {
        return BAS_ERR_INVALID;
    }
    bac_port_id other = 0;
    if (c.network != 0 && bac_net_port_of(net, c.network, &other) != NULL) {
        return BAS_ERR_EXISTS;
    }
    if (net->n_ports == net->config.max_ports) {
        return BAS_ERR_NO_SPACE;
    }
    struct bac_port *p = &net->ports[net->n_ports];
    p->network = c.network;
    p->quality = c.network != 0 ? BAC_NETWORK_NUMBER_CONFIGURED : BAC_NETWORK_NUMBER_UNKNOWN;
    p->max_npdu = c.max_npdu != 0 ? c.max_npdu : DEFAULT_MAX_NPDU;
    p->mac_len = c.mac_len;
    memcpy(p->mac, c.mac, c.mac_len);
    *port = (bac_port_id)net->n_ports++;
    return BAS_OK;
}

struct bac_port *bac_net_port_of(struct bac_net *net, uint16_t network, bac_port_id *id)
{
    for (size_t i = 0; i < net->n_ports; i++) {
        if (net->ports[i].network == network) {
            *id = (bac_port_id)i;
            return &net->ports[i];
        }
    }
    return NULL;
}

void bac_net_port_up(struct bac_net *net, bac_port_id port, const uint8_t *mac, uint8_t mac_len,
                     uint16_t max_npdu, bas_time now)
{
    assert(port < net->n_ports && mac_len <= BAC_MAX_MAC);
    (void)now;
    struct bac_port *p = &net->ports[port];
    bool was_up = p->is_up;
    p->is_up = true;
    p->mac_len = mac_len;
    if (mac_len != 0) {
        memcpy(p->mac, mac, mac_len);
    }
    p->max_npdu = max_npdu != 0 ? max_npdu : p->max_npdu;
    if (!was_up && p->network == 0) {
        bac_net_ask_number(net, port);
    }
}

/* Frames for a port that is gone will not be fetched: the others move up. */
static void drop_tx(struct bac_net *net, bac_port_id port)
{
    size_t kept = 0;
    for (size_t i = 0; i < net->n_tx; i++) {
        struct bac_net_tx *tx = &net->tx[(net->tx_first + i) % net->config.pending_entries];
        if (tx->port == port) {
            bas_frame_unref(tx->frame);
            net->stats.not_sent++;
            continue;
        }
        net->tx[(net->tx_first + kept++) % net->config.pending_entries] = *tx;
    }
    net->n_tx = kept;
}

void bac_net_port_down(struct bac_net *net, bac_port_id port, bas_time now)
{
    assert(port < net->n_ports);
    (void)now;
    struct bac_port *p = &net->ports[port];
    p->is_up = false;
    if (p->quality != BAC_NETWORK_NUMBER_CONFIGURED) {
        p->network = 0;
        p->quality = BAC_NETWORK_NUMBER_UNKNOWN;
    }
    bac_route_forget_port(net, port);
    drop_tx(net, port);
}

uint16_t bac_net_port_network(const struct bac_net *net, bac_port_id port,
                              enum bac_network_number_quality *quality)
{
    assert(port < net->n_ports);
    if (quality != NULL) {
        *quality = net->ports[port].quality;
    }
    return net->ports[port].network;
}

void bac_net_resolve(const struct bac_net *net, struct bac_address *to, bac_port_id *port)
{
    if (to->network == RESERVED_NETWORK) {
        return;
    }
    for (size_t i = 0; i < net->n_ports; i++) {
        if (net->ports[i].network == to->network) {
            to->network = 0;
            *port = (bac_port_id)i;
            return;
        }
    }
}

const struct bac_net_stats *bac_net_stats(const struct bac_net *net)
{
    return &net->stats;
}

/* Arrival */

struct bac_net_event *bac_net_put_event(struct bac_net *net, enum bac_net_event_kind kind,
                                        bac_port_id port)
{
    size_t at = net->event_first + net->n_events;
    if (at >= net->event_cap) {
        net->stats.lost_events++;
        return NULL;
    }
    net->n_events++;
    net->events[at] = (struct bac_net_event){ .kind = kind, .port = port };
    return &net->events[at];
}

bool bac_net_next_event(struct bac_net *net, struct bac_net_event *event)
{
    if (net->n_events == 0) {
        net->event_first = 0;
        return false;
    }
    *event = net->events[net->event_first++];
    net->n_events--;
    return true;
}

bas_err bac_net_malformed(struct bac_net *net, bac_port_id port, const struct bas_fault *fault)
{
    net->stats.malformed++;
    struct bac_net_event *event = bac_net_put_event(net, BAC_NET_FAULT, port);
    if (event != NULL) {
        event->fault = *fault;
    }
    return fault->err;
}

static bool is_our_address(const struct bac_port *port, const struct bac_address *a)
{
    return a->mac_len == 0 ||
           (a->mac_len == port->mac_len && memcmp(a->mac, port->mac, a->mac_len) == 0);
}

/*
 * Whether the destination is this device: everywhere, or one of our ports. A device with several
 * ports hears on one of them what is addressed to it on another (6.5.4); forwarding what is not for
 * us has its place where this says no.
 */
static bool is_for_us(struct bac_net *net, const struct bac_npdu *npdu)
{
    if (!npdu->has_destination || npdu->destination.network == BAC_BROADCAST_NETWORK) {
        return true;
    }
    bac_port_id id = 0;
    const struct bac_port *port = bac_net_port_of(net, npdu->destination.network, &id);
    return port != NULL && is_our_address(port, &npdu->destination);
}

/* Who sent it: SNET and SADR, or the data link's source. Our own network's number is written as 0,
 * so that a device has one address only. */
static struct bac_address source_of(const struct bac_net *net, const struct bac_arrival *arrival,
                                    const struct bac_npdu *npdu)
{
    struct bac_address source = { 0 };
    if (npdu->has_source) {
        source = npdu->source;
        if (source.network == net->ports[arrival->port].network) {
            source.network = 0;
        }
        return source;
    }
    source.mac_len = arrival->mac_len;
    memcpy(source.mac, arrival->mac, arrival->mac_len);
    return source;
}

static bas_err deliver(struct bac_net *net, const struct bac_arrival *arrival,
                       const struct bac_npdu *npdu)
{
    struct bac_net_event *event = bac_net_put_event(net, BAC_NET_APDU, arrival->port);
    if (event == NULL) {
        return BAS_ERR_BUSY;
    }
    event->source = source_of(net, arrival, npdu);
    event->broadcast = arrival->broadcast ||
                       (npdu->has_destination && bac_address_is_broadcast(&npdu->destination));
    event->priority = npdu->priority;
    event->expecting_reply = npdu->expecting_reply;
    event->apdu = npdu->body;
    event->attributes = arrival->attributes;
    net->stats.delivered++;
    return BAS_OK;
}

static void learn_source(struct bac_net *net, const struct bac_arrival *arrival,
                         const struct bac_npdu *npdu, bas_time now)
{
    struct bac_hop hop = { arrival->port, arrival->mac_len, { 0 } };
    memcpy(hop.mac, arrival->mac, arrival->mac_len);
    bac_route_learn(net, npdu->source.network, &hop, now);
}

bas_err bac_net_recv(struct bac_net *net, const struct bac_arrival *arrival,
                     struct bas_slice octets, bas_time now)
{
    assert(arrival->port < net->n_ports && arrival->mac_len <= BAC_MAX_MAC);
    net->event_first = 0;
    net->n_events = 0;
    if (!net->ports[arrival->port].is_up) {
        return BAS_ERR_CLOSED;
    }
    net->stats.received++;
    struct bac_npdu npdu;
    struct bas_fault fault = { 0 };
    if (bac_npdu_decode(octets, &npdu, &fault) != BAS_OK) {
        return bac_net_malformed(net, arrival->port, &fault);
    }
    if (npdu.has_source) {
        learn_source(net, arrival, &npdu, now);
    }
    if (!is_for_us(net, &npdu)) {
        net->stats.not_for_us++;
        return BAS_OK;
    }
    return npdu.is_network_message ? bac_net_message(net, arrival, &npdu, now)
                                   : deliver(net, arrival, &npdu);
}

/* Departure */

static bas_err give_up(struct bac_net *net, struct bas_frame *frame, bas_err err)
{
    net->stats.not_sent++;
    bas_frame_unref(frame);
    return err;
}

bas_err bac_net_transmit(struct bac_net *net, const struct bac_hop *hop,
                         const struct bac_npdu *npdu, struct bas_frame *frame)
{
    if (!net->ports[hop->port].is_up) {
        return give_up(net, frame, BAS_ERR_CLOSED);
    }
    if (net->n_tx == net->config.pending_entries) {
        return give_up(net, frame, BAS_ERR_BUSY);
    }
    uint8_t octets[BAS_HEADROOM];
    struct bas_buf header;
    bas_buf_init(&header, octets, sizeof(octets));
    bac_npdu_encode_header(npdu, &header);
    assert(!header.full);
    uint8_t *front = bas_frame_push(frame, header.len);
    if (front == NULL) {
        return give_up(net, frame, BAS_ERR_INVALID);
    }
    memcpy(front, octets, header.len);
    struct bac_net_tx *tx = &net->tx[(net->tx_first + net->n_tx++) % net->config.pending_entries];
    *tx = (struct bac_net_tx){ .port = hop->port, .mac_len = hop->mac_len, .frame = frame };
    memcpy(tx->mac, hop->mac, hop->mac_len);
    net->stats.sent++;
    return BAS_OK;
}

static bas_err send_local(struct bac_net *net, const struct bac_send *send, struct bas_frame *apdu)
{
    const struct bac_port *port = &net->ports[send->port];
    if (apdu->len > bac_route_room(&send->to, port->max_npdu, port->mac_len)) {
        return give_up(net, apdu, BAS_ERR_TOO_LONG);
    }
    struct bac_hop hop = { send->port, send->to.mac_len, { 0 } };
    memcpy(hop.mac, send->to.mac, send->to.mac_len);
    struct bac_npdu npdu = { .expecting_reply = send->expecting_reply, .priority = send->priority };
    return bac_net_transmit(net, &hop, &npdu, apdu);
}

static struct bas_frame *copy_of(const struct bac_net *net, const struct bas_frame *apdu)
{
    struct bas_frame *copy = bas_frame_new(&net->env, BAS_HEADROOM, BAS_HEADROOM + apdu->len);
    if (copy != NULL && apdu->len != 0) {
        memcpy(bas_frame_put(copy, apdu->len), bas_frame_slice(apdu).data, apdu->len);
    }
    return copy;
}

static bas_err send_broadcast(struct bac_net *net, const struct bac_send *send, size_t port,
                              struct bas_frame *frame)
{
    if (frame == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    const struct bac_npdu npdu = { .has_destination = true,
                                   .expecting_reply = send->expecting_reply,
                                   .priority = send->priority,
                                   .hop_count = ORIGIN_HOP_COUNT,
                                   .destination = { .network = BAC_BROADCAST_NETWORK } };
    const struct bac_hop hop = { (bac_port_id)port, 0, { 0 } };
    return bac_net_transmit(net, &hop, &npdu, frame);
}

/* The first port that is up gets the frame itself, the others copies: each link pushes its own
 * header. */
static bas_err send_everywhere(struct bac_net *net, const struct bac_send *send,
                               struct bas_frame *apdu)
{
    size_t first = 0;
    while (first < net->n_ports && !net->ports[first].is_up) {
        first++;
    }
    if (first == net->n_ports) {
        return give_up(net, apdu, BAS_ERR_CLOSED);
    }
    if (apdu->len > bac_net_max_apdu(net, &send->to, 0)) {
        return give_up(net, apdu, BAS_ERR_TOO_LONG);
    }
    bas_err worst = BAS_OK;
    for (size_t i = first + 1; i < net->n_ports; i++) {
        if (net->ports[i].is_up) {
            bas_err err = send_broadcast(net, send, i, copy_of(net, apdu));
            worst = err != BAS_OK ? err : worst;
        }
    }
    bas_err err = send_broadcast(net, send, first, apdu);
    return err != BAS_OK ? err : worst;
}

bas_err bac_net_send(struct bac_net *net, const struct bac_send *send, struct bas_frame *apdu,
                     bas_time now)
{
    assert(send->to.mac_len <= BAC_MAX_MAC && send->priority <= 3);
    struct bac_send s = *send;
    bac_net_resolve(net, &s.to, &s.port);
    if (s.to.network == BAC_BROADCAST_NETWORK) {
        return s.to.mac_len == 0 ? send_everywhere(net, &s, apdu)
                                 : give_up(net, apdu, BAS_ERR_INVALID);
    }
    if (s.to.network != 0) {
        return bac_route_send(net, &s, apdu, now);
    }
    assert(s.port < net->n_ports);
    return send_local(net, &s, apdu);
}

bool bac_net_next_tx(struct bac_net *net, struct bac_net_tx *tx)
{
    if (net->n_tx == 0) {
        return false;
    }
    *tx = net->tx[net->tx_first];
    net->tx_first = (net->tx_first + 1) % net->config.pending_entries;
    net->n_tx--;
    return true;
}

void bac_net_tick(struct bac_net *net, bas_time now)
{
    bac_route_tick(net, now);
}

bas_time bac_net_deadline(const struct bac_net *net)
{
    return bac_route_deadline(net);
}
