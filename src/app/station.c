/*
 * Owns a station: a BACnet/SC port (node engine and its link) with the network layer, a client and
 * perhaps a server above it.
 *
 * Whatever happens, pump() carries events up and frames down until nothing moves; output goes out
 * at the end of the turn.
 */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include <string.h>

static const char *const subprotocols[] = { "hub.bsc.bacnet.org", NULL };

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

static void take_answer(struct bas_station *s, const struct bac_net_event *event, bas_time now)
{
    (void)bac_client_recv(s->client, &event->source, event->port, event->apdu, now);
}

static void take_request(struct bas_station *s, const struct bac_net_event *event,
                         const struct bac_apdu *apdu)
{
    if (s->server != NULL) {
        (void)bac_server_recv(s->server, event,
                              bac_net_max_apdu(s->net, &event->source, event->port));
    }
    if (apdu->type == BAC_PDU_UNCONFIRMED_REQUEST) {
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
    case BAC_PDU_SEGMENT_ACK:
    case BAC_PDU_ERROR:
    case BAC_PDU_REJECT:
    case BAC_PDU_ABORT:
        take_answer(s, event, now);
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

/* The node. */

static const struct link_owner owner;

static void open_link(struct bas_station *s, const struct bsc_node_event *event, bas_time now)
{
    const struct link_config config = { .loop = s->loop,
                                        .tls = s->tls,
                                        .owner = &owner,
                                        .user = s,
                                        .subprotocols = subprotocols,
                                        .setup_ms = s->setup_ms,
                                        .max_message = BSC_MAX_BVLC };
    struct link *link = link_connect(&config, event->uri);
    if (link == NULL) {
        struct bas_fault fault = { 0 };
        (void)bas_fail(&fault, BAS_ERR_NO_MEMORY, "out of memory for a connection");
        bsc_node_link_down(s->node, event->link, &fault, now);
        return;
    }
    link_set_tag(link, event->link);
    s->link = link;
    s->is_blocked = false; /* as the one before may have been */
}

static void hub_is_up(struct bas_station *s, const struct bsc_node_event *event, bas_time now)
{
    struct bsc_vmac vmac = bsc_node_vmac(s->node);
    bac_net_port_up(s->net, s->port, vmac.octets, sizeof(vmac.octets),
                    (uint16_t)bsc_node_max_npdu(s->node, NULL), now);
    s->has_peer = s->link != NULL && link_peer(s->link, &s->peer);
    const struct bas_station_event told = {
        .kind = BAS_STATION_UP, .uri = event->uri, .vmac = event->vmac, .uuid = event->uuid
    };
    tell(s, &told);
}

static void vmac_changed(struct bas_station *s, const struct bsc_node_event *event)
{
    struct bas_fault fault = { 0 };
    if (bas_state_set_vmac(s->state, &event->vmac, &fault) != BAS_OK) {
        tell_fault(s, BAS_STATION_FAULT, NULL, &fault);
    }
    const struct bas_station_event told = { .kind = BAS_STATION_VMAC, .vmac = event->vmac };
    tell(s, &told);
}

/* Somebody refused a message of ours, most often because it cannot be delivered there. */
static void tell_result(struct bas_station *s, const struct bsc_node_event *event)
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

static void node_event(struct bas_station *s, const struct bsc_node_event *event, bas_time now)
{
    switch (event->kind) {
    case BSC_NODE_LINK_OPEN:
        open_link(s, event, now);
        break;
    case BSC_NODE_LINK_CLOSE:
        if (s->link != NULL && link_tag(s->link) == event->link) {
            link_close(s->link, event->close_code);
        }
        break;
    case BSC_NODE_UP:
        hub_is_up(s, event, now);
        break;
    case BSC_NODE_DOWN:
        bac_net_port_down(s->net, s->port, now);
        tell_fault(s, BAS_STATION_DOWN, event->uri, &event->fault);
        break;
    case BSC_NODE_RETRY:
        tell_fault(s, BAS_STATION_RETRY, event->uri, &event->fault);
        break;
    case BSC_NODE_NPDU:
        take_npdu(s, event, now);
        break;
    case BSC_NODE_VMAC_CHANGED:
        vmac_changed(s, event);
        break;
    case BSC_NODE_RESULT:
        tell_result(s, event);
        break;
    case BSC_NODE_FAULT:
        tell_fault(s, BAS_STATION_FAULT, NULL, &event->fault);
        break;
    case BSC_NODE_ADVERTISEMENT:
    case BSC_NODE_PROPRIETARY:
    case BSC_NODE_RESOLVED:
    case BSC_NODE_ADMIT:
    case BSC_NODE_DIRECT_UP:
    case BSC_NODE_DIRECT_DOWN:
    case BSC_NODE_DIRECT_FAILED:
        break;
    }
}

static bool drain_node(struct bas_station *s, bas_time now)
{
    struct bsc_node_event event;
    bool any = false;
    while (bsc_node_next_event(s->node, &event)) {
        any = true;
        node_event(s, &event, now);
    }
    return any;
}

/* Client and server. */

static bool drain_client(struct bas_station *s)
{
    struct bac_client_event event;
    bool any = false;
    while (bac_client_next_event(s->client, &event)) {
        struct pending_answer *pending = event.user;
        const struct pending_answer told = *pending;
        any = true;
        station_forget(s, pending);
        if (!s->is_stopping) {
            told.answer(told.user, &event);
        }
    }
    return any;
}

static bool drain_server(struct bas_station *s)
{
    struct bac_server_event write;
    bool any = false;
    while (s->server != NULL && bac_server_next_event(s->server, &write)) {
        const struct bas_station_event told = { .kind = BAS_STATION_WRITE, .write = &write };
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
    bas_err err = bsc_node_send(s->node, &send, tx->frame, now);
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

/* Each APDU goes all the way down before the next: the network layer queues few. */
static bool send_all(struct bas_station *s, bas_time now)
{
    struct bac_apdu_tx apdu;
    bool any = send_npdus(s, now);
    while (bac_client_next_tx(s->client, &apdu) ||
           (s->server != NULL && bac_server_next_tx(s->server, &apdu))) {
        any = true;
        send_apdu(s, &apdu, now);
        (void)send_npdus(s, now);
    }
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
        moved = drain_node(s, now);
        moved |= drain_net(s, now);
        moved |= drain_client(s);
        moved |= drain_server(s);
        moved |= send_all(s, now);
    }
    s->is_pumping = false;
    station_check_end(s);
}

/* The link. */

static void on_open(void *user, struct link *link, const char *subprotocol)
{
    struct bas_station *s = user;
    (void)subprotocol;
    bsc_node_link_up(s->node, link_tag(link), loop_now());
    station_pump(s, loop_now());
}

static void on_message(void *user, struct link *link, const struct bas_window *window)
{
    struct bas_station *s = user;
    bas_time now = loop_now();
    (void)bsc_node_recv(s->node, link_tag(link), window, now);
    station_pump(s, now);
}

static void on_closed(void *user, struct link *link, const struct bas_fault *why)
{
    struct bas_station *s = user;
    bas_time now = loop_now();
    if (s->link == link) {
        s->link = NULL;
    }
    bsc_node_link_down(s->node, link_tag(link), why, now);
    station_pump(s, now);
}

static bool on_peek(void *user, struct link *link, struct bsc_tx *tx)
{
    const struct bas_station *s = user;
    return bsc_node_peek(s->node, link_tag(link), tx);
}

static void on_pop(void *user, struct link *link)
{
    const struct bas_station *s = user;
    bsc_node_pop(s->node, link_tag(link));
}

static void on_leftover(void *user, struct link *link, size_t octets)
{
    struct bas_station *s = user;
    (void)link;
    s->is_blocked = octets != 0;
}

static const struct link_owner owner = { on_open, on_message, on_closed,
                                         on_peek, on_pop,     on_leftover };

/* Time and the end of a turn. */

static void on_timer(uv_timer_t *timer)
{
    struct bas_station *s = timer->data;
    bas_time now = loop_now();
    s->timer_at = BAS_NEVER;
    bsc_node_tick(s->node, now);
    bac_net_tick(s->net, now);
    bac_client_tick(s->client, now);
    station_pump(s, now);
}

static bas_time earliest(bas_time a, bas_time b)
{
    return a < b ? a : b;
}

static void set_timer(struct bas_station *s, bas_time now)
{
    bas_time deadline = bsc_node_deadline(s->node);
    deadline = earliest(deadline, bac_net_deadline(s->net));
    deadline = earliest(deadline, bac_client_deadline(s->client));
    if (deadline == s->timer_at) {
        return;
    }
    s->timer_at = deadline;
    if (deadline == BAS_NEVER) {
        (void)uv_timer_stop(&s->timer);
        return;
    }
    bas_time wait = deadline <= now ? 0 : (deadline - now) / BAS_MILLISECOND + 1;
    (void)uv_timer_start(&s->timer, on_timer, (uint64_t)wait, 0);
}

bool station_flush(void *user, bas_time now)
{
    struct bas_station *s = user;
    bsc_link_id id;
    struct bsc_tx tx;
    station_pump(s, now);
    bool is_dirty = bsc_node_next_dirty(s->node, &id);
    if (s->link != NULL &&
        (is_dirty || (!s->is_blocked && bsc_node_peek(s->node, link_tag(s->link), &tx)))) {
        link_flush(s->link);
    }
    if (!s->is_ending) {
        set_timer(s, now);
    }
    return s->link != NULL && !s->is_blocked && bsc_node_peek(s->node, link_tag(s->link), &tx);
}
