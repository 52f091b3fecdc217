/*
 * Owns the router cache of the network layer and the APDUs that wait for a router (clause 6.5.3),
 * and what fits one NPDU on the way there.
 */
#include "bacnet/net.h"

#include <assert.h>
#include <string.h>

enum {
    ORIGIN_HOP_COUNT = 255,
    LOCAL_NPCI = 2,       /* version, control */
    DESTINATION_NPCI = 4, /* DNET, DLEN, hop count */
    SOURCE_NPCI = 3       /* SNET, SLEN */
};

bool bac_route_is_by(const struct bac_route *route, const struct bac_hop *hop)
{
    return route->hop.port == hop->port && route->hop.mac_len == hop->mac_len &&
           memcmp(route->hop.mac, hop->mac, hop->mac_len) == 0;
}

static bas_time lifetime(const struct bac_net *net)
{
    return net->config.route_lifetime_ms * BAS_MILLISECOND;
}

struct bac_route *bac_route_find(const struct bac_net *net, uint16_t network, bas_time now)
{
    for (size_t i = 0; i < net->config.max_routers; i++) {
        struct bac_route *route = &net->routes[i];
        if (route->network == network) {
            return now - route->learned < lifetime(net) ? route : NULL;
        }
    }
    return NULL;
}

/* The entry of that network, else a free one, else the one that was learned longest ago. */
static struct bac_route *place_for(const struct bac_net *net, uint16_t network)
{
    struct bac_route *place = &net->routes[0];
    for (size_t i = 0; i < net->config.max_routers; i++) {
        struct bac_route *route = &net->routes[i];
        if (route->network == network) {
            return route;
        }
        bool is_better = route->network == 0 || route->learned < place->learned;
        if (place->network != 0 && is_better) {
            place = route;
        }
    }
    return place;
}

void bac_route_learn(struct bac_net *net, uint16_t network, const struct bac_hop *hop, bas_time now)
{
    bac_port_id own = 0;
    if (network == 0 || network == BAC_BROADCAST_NETWORK || hop->mac_len == 0 ||
        bac_net_port_of(net, network, &own) != NULL) {
        return;
    }
    struct bac_route *route = place_for(net, network);
    bool is_known = route->network == network && bac_route_is_by(route, hop);
    if (!is_known || now - route->learned >= lifetime(net)) {
        *route = (struct bac_route){ .network = network, .hop = *hop };
    }
    route->learned = now;
    if (net->n_waiting != 0) {
        bac_route_flush(net, network, now);
    }
}

void bac_route_forget_port(struct bac_net *net, bac_port_id port)
{
    for (size_t i = 0; i < net->config.max_routers; i++) {
        if (net->routes[i].network != 0 && net->routes[i].hop.port == port) {
            net->routes[i] = (struct bac_route){ 0 };
        }
    }
}

/*
 * An NPDU for a remote network must still fit when a router puts the source in front of it (6.2.2):
 * its place is kept free, as long as our own MAC.
 */
size_t bac_route_room(const struct bac_address *to, uint16_t max_npdu, uint8_t mac_len)
{
    size_t npci = LOCAL_NPCI;
    if (to->network != 0) {
        npci += DESTINATION_NPCI + (size_t)to->mac_len + SOURCE_NPCI + mac_len;
    }
    return max_npdu > npci ? max_npdu - npci : 0;
}

static size_t room_by(const struct bac_net *net, const struct bac_address *to,
                      const struct bac_route *route)
{
    const struct bac_port *port = &net->ports[route->hop.port];
    bool is_limited = route->max_npdu != 0 && route->max_npdu < port->max_npdu;
    return bac_route_room(to, is_limited ? route->max_npdu : port->max_npdu, port->mac_len);
}

/* The entry of that network, of whatever age. */
static const struct bac_route *entry_of(const struct bac_net *net, uint16_t network)
{
    for (size_t i = 0; i < net->config.max_routers; i++) {
        if (net->routes[i].network == network) {
            return &net->routes[i];
        }
    }
    return NULL;
}

size_t bac_net_max_apdu(const struct bac_net *net, const struct bac_address *to, bac_port_id port)
{
    struct bac_address a = *to;
    bac_net_resolve(net, &a, &port);
    if (a.network == 0) {
        assert(port < net->n_ports);
        return bac_route_room(&a, net->ports[port].max_npdu, net->ports[port].mac_len);
    }
    const struct bac_route *route =
        a.network == BAC_BROADCAST_NETWORK ? NULL : entry_of(net, a.network);
    if (route != NULL) {
        return room_by(net, &a, route);
    }
    size_t least = net->n_ports == 0 ? 0 : SIZE_MAX;
    for (size_t i = 0; i < net->n_ports; i++) {
        size_t room = bac_route_room(&a, net->ports[i].max_npdu, net->ports[i].mac_len);
        least = room < least ? room : least;
    }
    return least;
}

static bas_err send_by(struct bac_net *net, const struct bac_route *route,
                       const struct bac_send *send, struct bas_frame *apdu)
{
    if (apdu->len > room_by(net, &send->to, route)) {
        net->stats.not_sent++;
        bas_frame_unref(apdu);
        return BAS_ERR_TOO_LONG;
    }
    const struct bac_npdu npdu = { .has_destination = true,
                                   .expecting_reply = send->expecting_reply,
                                   .priority = send->priority,
                                   .hop_count = ORIGIN_HOP_COUNT,
                                   .destination = send->to };
    return bac_net_transmit(net, &route->hop, &npdu, apdu);
}

static bool is_any_port_up(const struct bac_net *net)
{
    for (size_t i = 0; i < net->n_ports; i++) {
        if (net->ports[i].is_up) {
            return true;
        }
    }
    return false;
}

static bool is_waited_for(const struct bac_net *net, uint16_t network)
{
    for (size_t i = 0; i < net->n_waiting; i++) {
        if (net->waiting[i].send.to.network == network) {
            return true;
        }
    }
    return false;
}

static bas_err refuse(struct bac_net *net, struct bas_frame *apdu, bas_err err)
{
    net->stats.not_sent++;
    bas_frame_unref(apdu);
    return err;
}

bas_err bac_route_send(struct bac_net *net, const struct bac_send *send, struct bas_frame *apdu,
                       bas_time now)
{
    const struct bac_route *route = bac_route_find(net, send->to.network, now);
    if (route != NULL && route->busy_until <= now) {
        return send_by(net, route, send, apdu);
    }
    if (!is_any_port_up(net)) {
        return refuse(net, apdu, BAS_ERR_CLOSED);
    }
    if (apdu->len > bac_net_max_apdu(net, &send->to, send->port)) {
        return refuse(net, apdu, BAS_ERR_TOO_LONG);
    }
    if (net->n_waiting == net->config.max_waiting) {
        return refuse(net, apdu, BAS_ERR_BUSY);
    }
    bool is_asked = route != NULL || is_waited_for(net, send->to.network);
    net->waiting[net->n_waiting++] = (struct bac_waiting){
        .send = *send,
        .apdu = apdu,
        .deadline = now + net->config.route_wait_ms * BAS_MILLISECOND,
        .retry = route != NULL ? route->busy_until : BAS_NEVER,
    };
    if (!is_asked) {
        bac_net_ask_router(net, send->to.network);
    }
    return BAS_OK;
}

static struct bac_waiting take_waiting(struct bac_net *net, size_t at)
{
    struct bac_waiting w = net->waiting[at];
    net->n_waiting--;
    memmove(&net->waiting[at], &net->waiting[at + 1], (net->n_waiting - at) * sizeof(w));
    return w;
}

void bac_route_flush(struct bac_net *net, uint16_t network, bas_time now)
{
    const struct bac_route *route = bac_route_find(net, network, now);
    if (route == NULL || route->busy_until > now) {
        return;
    }
    for (size_t i = 0; i < net->n_waiting;) {
        if (net->waiting[i].send.to.network != network) {
            i++;
            continue;
        }
        struct bac_waiting w = take_waiting(net, i);
        (void)send_by(net, route, &w.send, w.apdu); /* counted there; the client tries again */
    }
}

/* All that waits for a network ends together, in one event. */
static void give_up_network(struct bac_net *net, uint16_t network, bas_time now)
{
    const struct bac_route *route = bac_route_find(net, network, now);
    struct bac_net_event *event = bac_net_put_event(net, BAC_NET_UNREACHABLE, 0);
    if (event != NULL) {
        event->network = network;
        event->reason = route != NULL ? BAC_NET_REJECT_BUSY : BAC_NET_REJECT_UNREACHABLE;
    }
    for (size_t i = 0; i < net->n_waiting;) {
        if (net->waiting[i].send.to.network != network) {
            i++;
            continue;
        }
        (void)refuse(net, take_waiting(net, i).apdu, BAS_ERR_UNREACHABLE);
    }
}

void bac_route_tick(struct bac_net *net, bas_time now)
{
    for (size_t i = 0; i < net->n_waiting;) {
        struct bac_waiting *w = &net->waiting[i];
        uint16_t network = w->send.to.network;
        size_t before = net->n_waiting;
        if (w->deadline <= now) {
            give_up_network(net, network, now);
        } else if (w->retry <= now) {
            w->retry = BAS_NEVER;
            bac_route_flush(net, network, now);
        }
        i = net->n_waiting == before ? i + 1 : 0;
    }
}

bas_time bac_route_deadline(const struct bac_net *net)
{
    bas_time first = BAS_NEVER;
    for (size_t i = 0; i < net->n_waiting; i++) {
        const struct bac_waiting *w = &net->waiting[i];
        bas_time at = w->deadline < w->retry ? w->deadline : w->retry;
        first = at < first ? at : first;
    }
    return first;
}
