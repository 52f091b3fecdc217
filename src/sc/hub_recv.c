/* Owns what a hub does with a message: forwarding (AB.5.3.2, AB.5.3.3), and what concerns the
 * connection. */
#include "sc/hub.h"

#include <assert.h>

/* Relaying. */

struct relay {
    uint32_t record;
    size_t len;  /* of the message as it goes out */
    size_t npdu; /* length of the NPDU in it, 0 when it is none */
};

static bool has_room(const struct bsc_hub *hub, const struct member *to, size_t len)
{
    const struct bsc_outbox *box = &hub->outbox;
    return (box->used < hub->common_entries && box->octets + len <= hub->common_octets) ||
           (to->queue.messages < hub->share_entries &&
            to->queue.octets + to->leftover < hub->share_octets);
}

/* bsc 1.4-14 3.3-10 3.3-13 */
static void deliver(struct bsc_hub *hub, struct member *to, const struct relay *relay)
{
    const struct bsc_connect *peer = &to->conn.peer;
    if (relay->len > peer->max_bvlc || relay->npdu > peer->max_npdu) {
        hub->counters.dropped_too_long++;
        return;
    }
    if (to->queue.messages >= hub->queue_max ||
        to->queue.octets + to->leftover + relay->len > hub->config.pending_max) {
        hub->counters.dropped_pending_full++;
        return;
    }
    if (!has_room(hub, to, relay->len) ||
        bsc_queue_put(&hub->outbox, &to->queue, relay->record) != BAS_OK) {
        hub->counters.dropped_total_full++;
        return;
    }
    hub->counters.deliveries++;
    bsc_hub_mark_dirty(hub, to);
}

/* The length of the NPDU in a message; its option lists are walked only when there are some. bsc
 * 11-38 */
static size_t npdu_len(struct bas_slice octets, const struct bsc_message *message,
                       struct bas_slice rest)
{
    enum { HAS_OPTIONS = 0x03 };
    if (message->function != BSC_ENCAPSULATED_NPDU) {
        return 0;
    }
    if ((message->control & HAS_OPTIONS) == 0) {
        return rest.len;
    }
    struct bsc_message whole;
    return bsc_decode(octets, &whole, NULL) == BAS_OK ? whole.payload.len : rest.len;
}

/* bsc 3.3-03 3.3-04 3.3-05 11-59 */
static void relay_message(struct bsc_hub *hub, struct member *from, const struct bas_window *window,
                          const struct bsc_message *message)
{
    bool broadcast = bsc_vmac_is_broadcast(&message->destination);
    struct member *to = broadcast ? NULL : bsc_hub_by_vmac(hub, &message->destination);
    if (!broadcast && (to == NULL || to == from)) {
        *(to == NULL ? &hub->counters.dropped_unknown_destination
                     : &hub->counters.dropped_to_self) += 1;
        return;
    }
    *(broadcast ? &hub->counters.relayed_broadcast : &hub->counters.relayed_unicast) += 1;
    uint8_t head[BSC_MAX_HEADER];
    struct bas_slice octets = bas_window_slice(window);
    struct bsc_record_spec spec = { .frame = window->frame, .in_block = true };
    spec.head.data = head;
    spec.head.len = bsc_forward_header(octets, message, &from->conn.peer.vmac, head, &spec.rest);
    const struct relay relay = { .record = bsc_record_new(&hub->outbox, &spec),
                                 .len = spec.head.len + spec.rest.len,
                                 .npdu = npdu_len(octets, message, spec.rest) };
    if (relay.record == BSC_NONE) {
        hub->counters.dropped_total_full += broadcast ? hub->joined - 1 : 1;
        return;
    }
    if (broadcast) {
        for (uint32_t i = 0; i < hub->joined; i++) {
            struct member *each = &hub->members[hub->joined_list[i]];
            if (each != from) {
                deliver(hub, each, &relay);
            }
        }
    } else {
        deliver(hub, to, &relay);
    }
    bsc_record_unref(&hub->outbox, relay.record);
}

static void raise_fault(struct bsc_hub *hub, const struct member *m, const struct bas_fault *fault)
{
    hub->fault_conn = m->id;
    hub->fault = *fault;
}

static void send_nak(struct bsc_hub *hub, struct member *m, const struct bsc_message *message,
                     const struct bas_fault *fault)
{
    uint8_t memory[BSC_STEP_REPLY];
    struct bas_buf reply;
    bas_buf_init(&reply, memory, sizeof(memory));
    bsc_nak(message, fault, false, &reply);
    bsc_hub_send_own(hub, m, &reply);
    hub->counters.naks++;
}

/* Receiving. */

/* bsc 2.1-19 2.2-20 5.3-05 */
static void refuse_message(struct bsc_hub *hub, struct member *m, const struct bsc_message *message,
                           const struct bas_fault *fault, bas_time now)
{
    hub->counters.dropped_rule++;
    if (!bsc_tokens_spend(&m->tokens, now)) {
        hub->counters.naks_suppressed++;
        return;
    }
    raise_fault(hub, m, fault);
    send_nak(hub, m, message, fault);
    bool bad_request = m->conn.state == BSC_AWAITING_REQUEST;
    if (bad_request && ++m->bad_requests == BSC_POLICY_BAD_CONNECT_REQUESTS) {
        bsc_hub_remember_why(hub, m, fault);
        (void)bsc_hub_local_event(hub, m, BSC_EV_DISCONNECT, now);
    }
}

static void tell_fault(struct bsc_hub *hub, struct member *m, const struct bas_fault *fault,
                       bas_time now)
{
    if (fault->err != BAS_OK && bsc_tokens_spend(&m->tokens, now)) {
        raise_fault(hub, m, fault);
    }
}

/* A BVLC-Result about something that the hub itself sent: worth a log line, nothing more. */
static void note_result(struct bsc_hub *hub, struct member *m, const struct bsc_message *message,
                        bas_time now)
{
    struct bsc_result result;
    struct bas_fault fault = { 0 };
    if (message->function != BSC_BVLC_RESULT ||
        bsc_result_decode(message->payload, &result, NULL) != BAS_OK || result.result_code == 0) {
        hub->counters.dropped_rule++;
        return;
    }
    (void)bas_fail_code(&fault, BAS_ERR_REMOTE, result.error_class, result.error_code,
                        "the node refused our %s: error class %u, code %u",
                        bsc_function_name(result.result_for), result.error_class,
                        result.error_code);
    hub->counters.handled++;
    tell_fault(hub, m, &fault, now);
}

static void connection_message(struct bsc_hub *hub, struct member *m,
                               const struct bsc_message *message, bas_time now)
{
    const struct bsc_conn_input input = { .event = bsc_conn_classify(&m->conn, message),
                                          .message = message,
                                          .self = &hub->self,
                                          .times = &hub->times,
                                          .now = now };
    unsigned outcome = bsc_hub_step(hub, m, &input);
    if ((outcome & BSC_OUT_DELIVER) != 0) {
        note_result(hub, m, message, now);
    } else if ((outcome & BSC_OUT_DROPPED) == 0) {
        hub->counters.handled++;
    }
}

/* bsc 2.2-14 3.3-14 */
bas_err bsc_hub_recv(struct bsc_hub *hub, bsc_conn_id conn, const struct bas_window *window,
                     bas_time now)
{
    struct member *m = bsc_hub_find(hub, conn);
    if (m == NULL) {
        return BAS_ERR_NOT_FOUND;
    }
    hub->counters.received++;
    if (window->len > hub->config.max_bvlc) {
        hub->counters.dropped_over_limit++;
        return BAS_OK;
    }
    enum bsc_role role = m->conn.state == BSC_AWAITING_REQUEST ? BSC_ROLE_ACCEPTING : BSC_ROLE_HUB;
    struct bsc_message message;
    struct bas_fault fault;
    fault.err = BAS_OK;
    enum bsc_action action = bsc_judge(role, bas_window_slice(window), &message, &fault);
    if (action != BSC_ACTION_NAK && (action != BSC_ACTION_DROP || fault.err == BAS_OK)) {
        m->conn.last_received = now;
    }
    switch (action) {
    case BSC_ACTION_FORWARD:
        if (m->conn.state == BSC_CONNECTED) {
            relay_message(hub, m, window, &message);
        } else {
            hub->counters.dropped_state++;
        }
        break;
    case BSC_ACTION_DELIVER:
    case BSC_ACTION_ANSWER:
        connection_message(hub, m, &message, now);
        break;
    case BSC_ACTION_NAK:
        if (m->conn.state == BSC_CONNECTED || m->conn.state == BSC_AWAITING_REQUEST) {
            refuse_message(hub, m, &message, &fault, now);
        } else {
            hub->counters.dropped_state++;
        }
        break;
    case BSC_ACTION_DROP:
        *(fault.err == BAS_ERR_STATE ? &hub->counters.dropped_state
                                     : &hub->counters.dropped_rule) += 1;
        tell_fault(hub, m, &fault, now);
        break;
    }
    return BAS_OK;
}

/* bsc 2.2-14 */
void bsc_hub_skipped(struct bsc_hub *hub, bsc_conn_id conn)
{
    if (bsc_hub_find(hub, conn) != NULL) {
        hub->counters.received++;
        hub->counters.dropped_over_limit++;
    }
}
