/*
 * Owns what moves in a station: between its BACnet/SC port, the network layer, a client and perhaps
 * a server.
 *
 * Whatever happens, station_pump() carries events up and frames down until nothing moves; output
 * goes out at the end of the turn.
 */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include <string.h>

/* How long notifications wait for a port that takes nothing. */
#define HOLD (5 * BAS_SECOND)

static void tell(struct bas_station *s, const struct bas_station_event *event)
{
    if (s->config.event != NULL) {
        s->config.event(s->config.user, event);
    }
}

static void tell_fault(struct bas_station *s, enum bas_station_event_kind kind, const char *uri,
                       const struct bas_fault *fault)
{
    const struct bas_station_event event = { .kind = kind, .uri = uri, .fault = fault };
    tell(s, &event);
}

/* Upwards: from the node to the network layer to client and server. */

/* What the data link to that address takes now, which may be less (or more, over a direct
 * connection) than the hub does. */
size_t station_max_apdu(const struct bas_station *s, const struct bac_address *to, bac_port_id port)
{
    struct bsc_vmac peer;
    struct bac_address next = *to;
    size_t net = bac_net_max_apdu(s->net, to, port);
    bac_net_resolve(s->net, &next, &port);
    bool is_peer = next.network == 0 && next.mac_len == sizeof(peer.octets);
    memcpy(peer.octets, next.mac, sizeof(peer.octets));
    size_t link = bsc_node_max_npdu(bas_port_node(s->sc), is_peer ? &peer : NULL);
    if (link == 0) {
        return net; /* not connected: it may be in time */
    }
    next.network = next.network == 0 ? 0 : BAC_BROADCAST_NETWORK; /* no route's limit counts */
    size_t header = s->max_npdu - bac_net_max_apdu(s->net, &next, port);
    size_t most = link > header ? link - header : 0;
    return net < most ? net : most;
}

static void take_answer(struct bas_station *s, const struct bac_net_event *event, bas_time now)
{
    (void)bac_client_recv(s->client, &event->source, event->port, event->apdu, now);
}

/* A confirmed notification that our hook accepted. */
static void tell_notice(struct bas_station *s, const struct bac_net_event *event)
{
    uint8_t *octets = s->notice.octets;
    size_t len = s->notice.len;
    s->notice.octets = NULL;
    s->notice.len = 0;
    if (octets != NULL) {
        client_hear_cov(s, event, (struct bas_slice){ octets, len }, true);
        bas_release(&s->loop->env, octets, len);
    }
}

static void take_request(struct bas_station *s, const struct bac_net_event *event,
                         const struct bac_apdu *apdu)
{
    const struct bac_peer *peer = bac_peers_at(s->calls.peers, &event->source, event->port);
    struct bac_net_event known = *event;
    known.max_apdu = peer != NULL ? peer->max_apdu : 0;
    (void)bac_server_recv(s->server, &known, station_max_apdu(s, &event->source, event->port),
                          loop_now());
    tell_notice(s, event);
    if (apdu->type == BAC_PDU_UNCONFIRMED_REQUEST) {
        client_hear(s, event, apdu);
        const struct bas_station_event told = { .kind = BAS_STATION_REQUEST,
                                                .source = event->source,
                                                .service = apdu->service,
                                                .parameters = apdu->body };
        tell(s, &told);
    }
}

static void take_apdu(struct bas_station *s, const struct bac_net_event *event, bas_time now)
{
    struct bac_apdu apdu;
    struct bas_fault fault = { 0 };
    if (bac_apdu_decode(event->apdu, &apdu, &fault) != BAS_OK) {
        tell_fault(s, BAS_STATION_FAULT, NULL, &fault);
        return;
    }
    switch ((enum bac_pdu_type)apdu.type) {
    case BAC_PDU_CONFIRMED_REQUEST:
    case BAC_PDU_UNCONFIRMED_REQUEST:
        take_request(s, event, &apdu);
        break;
    case BAC_PDU_SIMPLE_ACK:
    case BAC_PDU_COMPLEX_ACK:
    case BAC_PDU_ERROR:
    case BAC_PDU_REJECT:
        take_answer(s, event, now);
        break;
    case BAC_PDU_SEGMENT_ACK: /* of either side */
    case BAC_PDU_ABORT:
        if (apdu.server) {
            take_answer(s, event, now);
        } else {
            take_request(s, event, &apdu);
        }
        break;
    }
}

static bool drain_net(struct bas_station *s, bas_time now)
{
    struct bac_net_event event;
    bool any = false;
    while (bac_net_next_event(s->net, &event)) {
        any = true;
        switch (event.kind) {
        case BAC_NET_APDU:
            take_apdu(s, &event, now);
            break;
        case BAC_NET_UNREACHABLE:
            bac_client_unreachable(s->client, event.network, event.reason, now);
            break;
        case BAC_NET_NETWORK_LEARNED:
            break;
        case BAC_NET_FAULT:
            tell_fault(s, BAS_STATION_FAULT, NULL, &event.fault);
            break;
        }
    }
    return any;
}

static void take_npdu(struct bas_station *s, const struct bsc_node_event *event, bas_time now)
{
    struct bac_arrival arrival = { .port = s->port,
                                   .mac_len = sizeof(event->vmac.octets),
                                   .broadcast = event->broadcast,
                                   .attributes = event->data_options };
    memcpy(arrival.mac, event->vmac.octets, sizeof(event->vmac.octets));
    (void)bac_net_recv(s->net, &arrival, event->npdu, now);
    (void)drain_net(s, now);
}

/* The port. */

/* The network layer asks for its network again each time that a port comes up: moving from one hub
 * to the other is none of its business. */
static void hub_is_up(struct bas_station *s, const struct bsc_node_event *event, bas_time now)
{
    struct bsc_vmac vmac = bas_station_vmac(s);
    if (!s->is_up || !bsc_vmac_equal(&vmac, &s->mac)) {
        s->is_up = true;
        s->mac = vmac;
        bac_net_port_up(s->net, s->port, vmac.octets, sizeof(vmac.octets), (uint16_t)s->max_npdu,
                        now);
    }
    client_up(s);
    const struct bas_station_event told = { .kind = BAS_STATION_UP,
                                            .uri = event->uri,
                                            .hub_state = event->hub_state,
                                            .vmac = event->vmac,
                                            .uuid = event->uuid };
    tell(s, &told);
}

static void hub_is_down(struct bas_station *s, const struct bsc_node_event *event, bas_time now)
{
    s->is_up = false;
    bac_net_port_down(s->net, s->port, now);
    tell_fault(s, BAS_STATION_DOWN, event->uri, &event->fault);
}

static void tell_retry(struct bas_station *s, const struct bsc_node_event *event)
{
    const struct bas_station_event told = { .kind = BAS_STATION_RETRY,
                                            .uri = event->uri,
                                            .hub_state = event->hub_state,
                                            .fault = &event->fault };
    tell(s, &told);
}

static void tell_vmac(struct bas_station *s, const struct bsc_node_event *event)
{
    const struct bas_station_event told = { .kind = BAS_STATION_VMAC, .vmac = event->vmac };
    tell(s, &told);
}

static void tell_node(struct bas_station *s, const struct bsc_node_event *event)
{
    const struct bas_station_event told = { .kind = BAS_STATION_NODE, .node = event };
    tell(s, &told);
}

/* Somebody refused a message of ours, most often because it cannot be delivered there. */
static void tell_refusal(struct bas_station *s, const struct bsc_node_event *event)
{
    const struct bsc_result *result = &event->result;
    const char *name = bac_error_code_name(result->error_code);
    char vmac[BSC_VMAC_TEXT];
    struct bas_fault fault = { 0 };
    if (result->result_code == 0) {
        return;
    }
    (void)bas_fail_code(&fault, BAS_ERR_REMOTE, result->error_class, result->error_code,
                        "%s refused a message of ours (function %u): %s (class %u, code %u)",
                        bsc_vmac_is_reserved(&event->vmac) ? "the hub"
                                                           : bsc_vmac_text(&event->vmac, vmac),
                        result->result_for, name != NULL ? name : "unknown code",
                        result->error_class, result->error_code);
    tell_fault(s, BAS_STATION_FAULT, NULL, &fault);
}

static void take_node_event(struct bas_station *s, const struct bsc_node_event *event, bas_time now)
{
    switch (event->kind) {
    case BSC_NODE_UP:
        hub_is_up(s, event, now);
        break;
    case BSC_NODE_DOWN:
        hub_is_down(s, event, now);
        break;
    case BSC_NODE_RETRY:
        tell_retry(s, event);
        break;
    case BSC_NODE_NPDU:
        take_npdu(s, event, now);
        break;
    case BSC_NODE_VMAC_CHANGED:
        tell_vmac(s, event);
        break;
    case BSC_NODE_RESULT:
        tell_node(s, event);
        tell_refusal(s, event);
        break;
    case BSC_NODE_FAULT:
        tell_fault(s, BAS_STATION_FAULT, NULL, &event->fault);
        break;
    case BSC_NODE_ADVERTISEMENT:
    case BSC_NODE_PROPRIETARY:
    case BSC_NODE_RESOLVED:
    case BSC_NODE_DIRECT_UP:
    case BSC_NODE_DIRECT_DOWN:
    case BSC_NODE_DIRECT_FAILED:
        tell_node(s, event);
        break;
    case BSC_NODE_LINK_OPEN: /* the port's own */
    case BSC_NODE_LINK_CLOSE:
    case BSC_NODE_ADMIT:
        break;
    }
}

void station_node_event(void *user, const struct bsc_node_event *event)
{
    struct bas_station *s = user;
    bas_time now = loop_now();
    take_node_event(s, event, now);
    station_pump(s, now);
}

/* Client and server. */

static bool drain_client(struct bas_station *s, bas_time now)
{
    struct bac_client_event event;
    bool any = false;
    while (bac_client_next_event(s->client, &event)) {
        struct pending_answer *pending = event.user;
        const struct pending_answer told = *pending;
        any = true;
        station_forget(s, pending);
        if (told.server_call != 0) {
            bac_server_call_done(s->server, told.server_call, event.kind == BAC_CLIENT_ACK, now);
        } else if (!s->is_stopping) {
            told.answer(told.user, &event);
        }
    }
    return any;
}

static bool drain_server(struct bas_station *s)
{
    struct bac_server_event event;
    bool any = false;
    while (bac_server_next_event(s->server, &event)) {
        const struct bas_station_event told = { .kind = BAS_STATION_SERVER, .server = &event };
        any = true;
        tell(s, &told);
    }
    return any;
}

/* Downwards. */

static void send_apdu(struct bas_station *s, const struct bac_apdu_tx *tx, bas_time now)
{
    const struct bac_send send = { .to = tx->to,
                                   .port = tx->port,
                                   .priority = tx->priority,
                                   .expecting_reply = tx->expecting_reply };
    bas_err err = bac_net_send(s->net, &send, tx->frame, now);
    if (err != BAS_OK) {
        bas_log(&s->loop->env, BAS_LOG_DEBUG, "an APDU was not sent: %s", bas_err_text(err));
    }
}

static void send_npdu(struct bas_station *s, const struct bac_net_tx *tx, bas_time now)
{
    struct bsc_send send = { .data_options = { NULL, 0 } };
    memset(send.to.octets, 0xFF, sizeof(send.to.octets));
    if (tx->mac_len == sizeof(send.to.octets)) {
        memcpy(send.to.octets, tx->mac, sizeof(send.to.octets));
    }
    bas_err err = bsc_node_send(bas_port_node(s->sc), &send, tx->frame, now);
    if (err != BAS_OK) {
        bas_log(&s->loop->env, BAS_LOG_DEBUG, "an NPDU was not sent: %s", bas_err_text(err));
    }
}

static bool send_npdus(struct bas_station *s, bas_time now)
{
    struct bac_net_tx npdu;
    bool any = false;
    while (bac_net_next_tx(s->net, &npdu)) {
        any = true;
        send_npdu(s, &npdu, now);
    }
    return any;
}

/*
 * Notifications of the server wait while there is no connection, and while the port could lose
 * them; but not long for one that takes nothing: then those for the others go on.
 */
static bool hold(struct bas_station *s, bas_time now)
{
    const struct bsc_node *node = bas_port_node(s->sc);
    if (bsc_node_takes_more(node)) {
        s->held_since = BAS_NEVER;
    } else if (s->held_since == BAS_NEVER) {
        s->held_since = now;
    }
    bool is_late = s->held_since != BAS_NEVER && now - s->held_since >= HOLD;
    bool is_held = s->held_since != BAS_NEVER && !(is_late && bsc_node_hub_state(node) != 0);
    bac_server_hold(s->server, is_held);
    return is_held;
}

/* When they have waited long enough. */
static bas_time hold_deadline(const struct bas_station *s, bas_time now)
{
    bool is_soon = s->held_since != BAS_NEVER && now - s->held_since < HOLD;
    return is_soon ? s->held_since + HOLD : BAS_NEVER;
}

/* Requests wait as well, but not for a connection: their time runs. */
static bool next_apdu(struct bas_station *s, struct bac_apdu_tx *apdu, bas_time now)
{
    bool is_held = hold(s, now) && bsc_node_hub_state(bas_port_node(s->sc)) != 0;
    return (!is_held && bac_client_next_tx(s->client, apdu)) || bac_server_next_tx(s->server, apdu);
}

/* Each APDU goes all the way down before the next: the network layer queues few. */
static bool send_all(struct bas_station *s, bas_time now)
{
    struct bac_apdu_tx apdu;
    bool any = send_npdus(s, now);
    while (next_apdu(s, &apdu, now)) {
        any = true;
        send_apdu(s, &apdu, now);
        (void)send_npdus(s, now);
    }
    s->has_more = s->has_more || (any && hold(s, now));
    return any;
}

void station_pump(struct bas_station *s, bas_time now)
{
    if (s->is_pumping) {
        return; /* called from a callback: the pump below goes on */
    }
    s->is_pumping = true;
    bool moved = true;
    while (moved) {
        moved = drain_net(s, now);
        moved |= drain_client(s, now);
        moved |= drain_server(s);
        (void)hold(s, now);
        moved |= station_notify(s, now);
        moved |= send_all(s, now);
    }
    s->is_pumping = false;
}

/* Time and the end of a turn. */

void station_tick(void *user)
{
    struct bas_station *s = user;
    bas_time now = loop_now();
    s->alarm_at = BAS_NEVER;
    bac_net_tick(s->net, now);
    bac_client_tick(s->client, now);
    bac_server_tick(s->server, now);
    client_tick(s, now);
    station_pump(s, now);
}

static bas_time earliest(bas_time a, bas_time b)
{
    return a < b ? a : b;
}

/* An alarm that is not wanted any more goes off for nothing. */
static void set_alarm(struct bas_station *s, bas_time now)
{
    bas_time deadline = earliest(bac_net_deadline(s->net), bac_client_deadline(s->client));
    deadline = earliest(deadline, bac_server_deadline(s->server));
    deadline = earliest(deadline, client_deadline(s));
    deadline = earliest(deadline, hold_deadline(s, now));
    if (deadline >= s->alarm_at) {
        return;
    }
    s->alarm_at = deadline;
    bas_time wait = deadline <= now ? 0 : (deadline - now) / BAS_MILLISECOND + 1;
    bas_alarm_set(s->alarm, wait < UINT32_MAX ? (uint32_t)wait : UINT32_MAX);
}

bool station_flush(void *user, bas_time now)
{
    struct bas_station *s = user;
    station_pump(s, now);
    if (s->settled != NULL) {
        s->settled(s->settled_user);
    }
    set_alarm(s, now);
    /* What it sent waits in the port, which is flushed next; then there is room for more. When the
     * port takes nothing, its turn comes with what it can write again. */
    bool has_more = s->has_more;
    s->has_more = false;
    return has_more;
}
