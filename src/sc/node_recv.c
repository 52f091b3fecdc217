/*
 * Owns what a node receives (spec 2, 6.5): judged by its role on the link, run through the
 * connection's state machine, then answered, kept or handed up.
 */
#include "sc/node.h"

#include <assert.h>

static enum bsc_role role_of(const struct bsc_link *link)
{
    bool connected = link->conn.state == BSC_CONNECTED || link->conn.state == BSC_DISCONNECTING;
    if (!connected) {
        return link->conn.initiating ? BSC_ROLE_INITIATING : BSC_ROLE_ACCEPTING;
    }
    return link->kind == BSC_LINK_DIRECT ? BSC_ROLE_DIRECT : BSC_ROLE_NODE;
}

/* Who sent it: on a direct connection nobody says so (spec 6.5). bsc 6.5-01 */
static const struct bsc_vmac *sender_of(const struct bsc_link *link,
                                        const struct bsc_message *message)
{
    return link->kind == BSC_LINK_DIRECT ? &link->conn.peer.vmac : &message->originating;
}

static struct bsc_node_event *raise_message(struct bsc_node *node, enum bsc_node_event_kind kind,
                                            const struct bsc_link *link,
                                            const struct bsc_message *message)
{
    struct bsc_node_event *event = bsc_node_raise(node, kind, link);
    event->vmac = *sender_of(link, message);
    event->broadcast = message->has_destination;
    event->id = message->id;
    event->dest_options = message->dest_options;
    event->data_options = message->data_options;
    return event;
}

static void raise_fault(struct bsc_node *node, const struct bsc_link *link,
                        const struct bas_fault *fault)
{
    bsc_node_raise(node, BSC_NODE_FAULT, link)->fault = *fault;
}

/* Refusing. */

static void refuse(struct bsc_node *node, struct bsc_link *link, const struct bsc_message *message,
                   const struct bas_fault *fault, bas_time now)
{
    uint8_t memory[BSC_STEP_REPLY];
    struct bas_buf reply;
    if (!bsc_tokens_spend(&link->tokens, now)) {
        return;
    }
    bas_buf_init(&reply, memory, sizeof(memory));
    bsc_nak(message, fault, false, &reply);
    (void)bsc_link_send(node, link, &reply);
    node->counters.naks++;
    raise_fault(node, link, fault);
    bool bad_request = link->conn.state == BSC_AWAITING_REQUEST;
    if (bad_request && ++link->bad_requests == BSC_POLICY_BAD_CONNECT_REQUESTS) {
        bsc_link_blame(link, fault);
        (void)bsc_link_local(node, link, BSC_EV_DISCONNECT, now);
    }
}

/* Answering. */

/* Address-Resolution and Advertisement-Solicitation: answered from what we are, on the connection
 * that they came on. False: it is not answered any more. bsc 6.5-03 6.6-01 */
static bool answer(struct bsc_node *node, struct bsc_link *link, const struct bsc_message *message,
                   bas_time now)
{
    uint8_t memory[BSC_MAX_HEADER + BSC_URIS_MAX];
    struct bas_buf reply;
    if (link->conn.state != BSC_CONNECTED || !bsc_tokens_spend(&link->tokens, now)) {
        return false;
    }
    bas_buf_init(&reply, memory, sizeof(memory));
    bsc_answer(message, &node->self, link->conn.next_id++, &reply);
    bool is_nak = message->function == BSC_ADDRESS_RESOLUTION && !node->self.accept_direct;
    node->counters.naks += is_nak ? 1 : 0;
    (void)bsc_node_send_back(node, link, &reply);
    return true;
}

/* Delivering: the payload was judged, so the decoders cannot fail. */

/* bsc 10.1-01 */
static void deliver_npdu(struct bsc_node *node, const struct bsc_link *link,
                         const struct bsc_message *message)
{
    if (message->payload.len > node->config.max_npdu) {
        node->counters.dropped_too_long++; /* bsc 2.2-15 */
        return;
    }
    raise_message(node, BSC_NODE_NPDU, link, message)->npdu = message->payload;
}

static void deliver_result(struct bsc_node *node, const struct bsc_link *link,
                           const struct bsc_message *message, bas_time now)
{
    struct bsc_result result;
    bas_err err = bsc_result_decode(message->payload, &result, NULL);
    assert(err == BAS_OK);
    (void)err;
    if (!bsc_resolve_nak(node, sender_of(link, message), message->id, &result, now)) {
        raise_message(node, BSC_NODE_RESULT, link, message)->result = result;
    }
}

/* bsc 6.6-03 */
static void deliver_advertisement(struct bsc_node *node, const struct bsc_link *link,
                                  const struct bsc_message *message)
{
    struct bsc_advertisement advertisement;
    bas_err err = bsc_advertisement_decode(message->payload, &advertisement, NULL);
    assert(err == BAS_OK);
    (void)err;
    struct bsc_peer_row *peer = bsc_peers_hear(node, sender_of(link, message));
    if (peer != NULL) {
        peer->has_advertisement = true;
        peer->advertisement = advertisement;
    }
    raise_message(node, BSC_NODE_ADVERTISEMENT, link, message)->advertisement = advertisement;
}

static void deliver_proprietary(struct bsc_node *node, const struct bsc_link *link,
                                const struct bsc_message *message)
{
    struct bsc_proprietary proprietary;
    bas_err err = bsc_proprietary_decode(message->payload, &proprietary, NULL);
    assert(err == BAS_OK);
    (void)err;
    raise_message(node, BSC_NODE_PROPRIETARY, link, message)->proprietary = proprietary;
}

/* False: nobody wants it. */
static bool deliver(struct bsc_node *node, const struct bsc_link *link,
                    const struct bsc_message *message, bas_time now)
{
    switch (message->function) {
    case BSC_ENCAPSULATED_NPDU:
        deliver_npdu(node, link, message);
        return true;
    case BSC_BVLC_RESULT:
        deliver_result(node, link, message, now);
        return true;
    case BSC_ADVERTISEMENT:
        deliver_advertisement(node, link, message);
        return true;
    case BSC_PROPRIETARY_MESSAGE:
        deliver_proprietary(node, link, message);
        return true;
    case BSC_ADDRESS_RESOLUTION_ACK:
        return bsc_resolve_ack(node, sender_of(link, message), message, now);
    default:
        return false;
    }
}

/* Whether a message is handed up. What the hub that we are leaving for the other one had sent
 * before it knew is, although its connection is DISCONNECTING. bsc 4.2-20 */
static bool is_delivered(const struct bsc_link *link, enum bsc_conn_event event, unsigned outcome)
{
    bool is_late = link->is_drained && link->conn.state == BSC_DISCONNECTING;
    return (outcome & BSC_OUT_DELIVER) != 0 || (is_late && event == BSC_EV_MESSAGE);
}

static void valid_message(struct bsc_node *node, struct bsc_link *link,
                          const struct bsc_message *message, enum bsc_action action, bas_time now)
{
    const struct bsc_conn_input input = { .event = bsc_conn_classify(&link->conn, message),
                                          .message = message,
                                          .self = &node->self,
                                          .times = &node->times,
                                          .now = now };
    link->conn.last_received = now;
    unsigned outcome = bsc_link_step(node, link, &input);
    bool is_taken = (outcome & BSC_OUT_DROPPED) == 0;
    if (is_delivered(link, input.event, outcome)) {
        bool is_answer = action == BSC_ACTION_ANSWER;
        is_taken = is_answer ? answer(node, link, message, now) : deliver(node, link, message, now);
    }
    node->counters.dropped_rule += is_taken ? 0 : 1;
}

static void count_received(struct bsc_node *node, const struct bsc_link *link)
{
    if (link->kind == BSC_LINK_DIRECT) {
        node->counters.received_direct++;
    } else {
        node->counters.received_hub++;
    }
}

bas_err bsc_node_recv(struct bsc_node *node, bsc_link_id id, const struct bas_window *window,
                      bas_time now)
{
    struct bsc_link *link = bsc_link_find(node, id);
    if (link == NULL) {
        return BAS_ERR_NOT_FOUND;
    }
    count_received(node, link);
    if (window->len > node->config.max_bvlc) {
        node->counters.dropped_too_long++; /* bsc 2.2-14 */
        return BAS_OK;
    }
    struct bsc_message message;
    struct bas_fault fault = { 0 };
    enum bsc_action action = bsc_judge(role_of(link), bas_window_slice(window), &message, &fault);
    switch (action) {
    case BSC_ACTION_DELIVER:
    case BSC_ACTION_ANSWER:
        valid_message(node, link, &message, action, now);
        break;
    case BSC_ACTION_NAK:
        node->counters.dropped_rule++;
        if (link->conn.state == BSC_CONNECTED || link->conn.state == BSC_AWAITING_REQUEST) {
            refuse(node, link, &message, &fault, now);
        }
        break;
    case BSC_ACTION_DROP:
        node->counters.dropped_rule++;
        if (fault.err != BAS_OK && bsc_tokens_spend(&link->tokens, now)) {
            raise_fault(node, link, &fault);
        }
        break;
    case BSC_ACTION_FORWARD: /* the hub's alone */
        break;
    }
    return BAS_OK;
}

/* bsc 2.2-14 */
void bsc_node_skipped(struct bsc_node *node, bsc_link_id id)
{
    const struct bsc_link *link = bsc_link_find(node, id);
    if (link != NULL) {
        count_received(node, link);
        node->counters.dropped_too_long++;
    }
}
