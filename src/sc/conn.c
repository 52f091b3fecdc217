/* Owns the connection state machines of AB.6.2 (figures AB-11 and AB-12) as two tables, and the
 * heartbeat of AB.6.3. */
#include "sc/conn.h"

#include "sc/policy.h"

#include <assert.h>

#define ROW(action_, next_)                                                                        \
    {                                                                                              \
        .action = BSC_DO_##action_, .next = BSC_##next_                                            \
    }

/* An empty cell is all zeros: DROP. Its next state is not read. bsc 5.2-20 5.2-26 5.3-13 */
static const struct bsc_conn_rule initiating_rules[BSC_CONN_STATES][BSC_CONN_EVENTS] = {
    [BSC_IDLE] = {
        [BSC_EV_START] = ROW(WAIT, AWAITING_WEBSOCKET), /* bsc 5.2-01 */
    },
    [BSC_AWAITING_WEBSOCKET] = {
        [BSC_EV_WEBSOCKET_OPEN] = ROW(SEND_REQUEST, AWAITING_ACCEPT), /* bsc 5.2-02 */
        [BSC_EV_WAIT_EXPIRED] = ROW(CLOSE_TIMEOUT, IDLE), /* bsc 5.2-01 5.2-03 */
        [BSC_EV_DISCONNECT] = ROW(CLOSE, IDLE),
        [BSC_EV_WEBSOCKET_CLOSED] = ROW(GONE, IDLE), /* bsc 5.2-03 */
    },
    [BSC_AWAITING_ACCEPT] = {
        [BSC_EV_CONNECT_ACCEPT] = ROW(JOIN, CONNECTED), /* bsc 5.2-04 */
        [BSC_EV_NAK_CONNECT] = ROW(CLOSE_REFUSED, IDLE), /* bsc 5.2-05 5.2-06 11-12 */
        [BSC_EV_DISCONNECT_REQUEST] = ROW(CLOSE, IDLE), /* bsc 5.2-07 */
        [BSC_EV_DISCONNECT_ACK] = ROW(CLOSE, IDLE), /* bsc 5.2-07 */
        [BSC_EV_WAIT_EXPIRED] = ROW(CLOSE_TIMEOUT, IDLE), /* bsc 5.2-08 */
        [BSC_EV_DISCONNECT] = ROW(CLOSE, IDLE),
        [BSC_EV_WEBSOCKET_CLOSED] = ROW(GONE, IDLE), /* bsc 5.2-09 */
    },
    [BSC_CONNECTED] = {
        [BSC_EV_MESSAGE] = ROW(DELIVER, CONNECTED), /* bsc 5.2-12 */
        [BSC_EV_HEARTBEAT_DUE] = ROW(HEARTBEAT, CONNECTED), /* bsc 5.2-13 */
        [BSC_EV_HEARTBEAT_ACK] = ROW(ALIVE, CONNECTED), /* bsc 5.2-14 */
        [BSC_EV_NAK_HEARTBEAT] = ROW(ALIVE, CONNECTED), /* bsc 5.4-04 */
        [BSC_EV_ACK_MISSING] = ROW(SEND_DISCONNECT, DISCONNECTING), /* bsc 5.2-15 11-12 11-22 */
        [BSC_EV_HEARTBEAT_REQUEST] = ROW(ANSWER, CONNECTED), /* bsc 5.2-16 */
        [BSC_EV_DISCONNECT_REQUEST] = ROW(ANSWER_AND_CLOSE, IDLE), /* bsc 5.2-17 */
        [BSC_EV_DISCONNECT] = ROW(SEND_DISCONNECT, DISCONNECTING), /* bsc 5.2-18 */
        [BSC_EV_WEBSOCKET_CLOSED] = ROW(GONE, IDLE), /* bsc 5.2-19 */
    },
    [BSC_DISCONNECTING] = {
        [BSC_EV_DISCONNECT_ACK] = ROW(CLOSE, IDLE), /* bsc 5.2-21 */
        [BSC_EV_NAK_DISCONNECT] = ROW(CLOSE, IDLE), /* bsc 5.2-22 */
        [BSC_EV_WAIT_EXPIRED] = ROW(CLOSE, IDLE), /* bsc 5.2-23 */
        [BSC_EV_DISCONNECT_REQUEST] = ROW(ANSWER, DISCONNECTING), /* bsc 5.2-25 */
        [BSC_EV_WEBSOCKET_CLOSED] = ROW(GONE, IDLE), /* bsc 5.2-24 */
    },
};

static const struct bsc_conn_rule accepting_rules[BSC_CONN_STATES][BSC_CONN_EVENTS] = {
    [BSC_IDLE] = {
        [BSC_EV_START] = ROW(WAIT, AWAITING_REQUEST), /* bsc 5.3-01 */
    },
    [BSC_AWAITING_REQUEST] = {
        [BSC_EV_CONNECT_REQUEST] = ROW(ASK, AWAITING_REQUEST), /* bsc 5.3-02 */
        [BSC_EV_ADMITTED] = ROW(SEND_ACCEPT, CONNECTED), /* bsc 5.3-02 */
        [BSC_EV_REFUSED] = ROW(SEND_REFUSAL, IDLE), /* bsc 5.3-04 */
        [BSC_EV_WAIT_EXPIRED] = ROW(CLOSE_TIMEOUT, IDLE), /* bsc 5.3-06 */
        [BSC_EV_DISCONNECT_REQUEST] = ROW(ANSWER_AND_CLOSE, IDLE), /* bsc 5.3-07 */
        [BSC_EV_DISCONNECT] = ROW(CLOSE, IDLE),
        [BSC_EV_WEBSOCKET_CLOSED] = ROW(GONE, IDLE), /* bsc 5.3-09 */
    },
    [BSC_CONNECTED] = {
        [BSC_EV_MESSAGE] = ROW(DELIVER, CONNECTED),
        [BSC_EV_HEARTBEAT_REQUEST] = ROW(ANSWER, CONNECTED), /* bsc 5.3-10 */
        [BSC_EV_DISCONNECT_REQUEST] = ROW(ANSWER_AND_CLOSE, IDLE), /* bsc 5.3-11 */
        [BSC_EV_WAIT_EXPIRED] = ROW(CLOSE_TIMEOUT, IDLE), /* bsc 5.3-14 */
        [BSC_EV_DISCONNECT] = ROW(SEND_DISCONNECT, DISCONNECTING), /* bsc 5.3-12 */
        [BSC_EV_WEBSOCKET_CLOSED] = ROW(GONE, IDLE), /* bsc 5.3-15 */
    },
    [BSC_DISCONNECTING] = {
        [BSC_EV_DISCONNECT_ACK] = ROW(CLOSE, IDLE), /* bsc 5.3-16 11-57 */
        [BSC_EV_NAK_DISCONNECT] = ROW(CLOSE, IDLE), /* bsc 5.3-16 */
        [BSC_EV_WAIT_EXPIRED] = ROW(CLOSE, IDLE), /* bsc 5.3-16 */
        [BSC_EV_DISCONNECT_REQUEST] = ROW(ANSWER, DISCONNECTING),
        [BSC_EV_WEBSOCKET_CLOSED] = ROW(GONE, IDLE),
    },
};

/* bsc 5.4-05 11-12 */
struct bsc_conn_rule bsc_conn_rule(bool initiating, enum bsc_conn_state state,
                                   enum bsc_conn_event event)
{
    assert(state < BSC_CONN_STATES && event < BSC_CONN_EVENTS);
    struct bsc_conn_rule rule =
        initiating ? initiating_rules[state][event] : accepting_rules[state][event];
    if (rule.action == BSC_DO_DROP) {
        rule.next = (uint8_t)state;
    }
    return rule;
}

void bsc_conn_init(struct bsc_conn *conn, bool initiating, uint16_t first_id)
{
    *conn = (struct bsc_conn){ .initiating = initiating, .hello = true, .next_id = first_id };
}

/* bsc 2.2-18 */
static enum bsc_conn_event classify_result(const struct bsc_conn *conn,
                                           const struct bsc_message *message)
{
    struct bsc_result result;
    if (bsc_result_decode(message->payload, &result, NULL) != BAS_OK || result.result_code != 1) {
        return BSC_EV_MESSAGE;
    }
    if (result.result_for == BSC_CONNECT_REQUEST && message->id == conn->sent_id) {
        return BSC_EV_NAK_CONNECT;
    }
    if (result.result_for == BSC_DISCONNECT_REQUEST && message->id == conn->sent_id) {
        return BSC_EV_NAK_DISCONNECT;
    }
    if (result.result_for == BSC_HEARTBEAT_REQUEST && message->id == conn->heartbeat_id) {
        return BSC_EV_NAK_HEARTBEAT;
    }
    return BSC_EV_MESSAGE;
}

/* bsc 1.2-12 5.2-10 11-40 */
enum bsc_conn_event bsc_conn_classify(const struct bsc_conn *conn,
                                      const struct bsc_message *message)
{
    struct row {
        enum bsc_conn_event event;
        const uint16_t *id; /* that the message must carry to be this event */
    };
    const struct row rows[BSC_FUNCTIONS] = {
        [BSC_CONNECT_REQUEST] = { BSC_EV_CONNECT_REQUEST, NULL },
        [BSC_CONNECT_ACCEPT] = { BSC_EV_CONNECT_ACCEPT, &conn->sent_id },
        [BSC_DISCONNECT_REQUEST] = { BSC_EV_DISCONNECT_REQUEST, NULL },
        /* Before CONNECTED it ends the attempt whatever its id (5.2): nothing that it could
         * answer was sent. */
        [BSC_DISCONNECT_ACK] = { BSC_EV_DISCONNECT_ACK,
                                 conn->state == BSC_DISCONNECTING ? &conn->sent_id : NULL },
        [BSC_HEARTBEAT_REQUEST] = { BSC_EV_HEARTBEAT_REQUEST, NULL },
        [BSC_HEARTBEAT_ACK] = { BSC_EV_HEARTBEAT_ACK, &conn->heartbeat_id },
    };
    if (message->function == BSC_BVLC_RESULT) {
        return classify_result(conn, message);
    }
    if (message->function >= BSC_FUNCTIONS || rows[message->function].event == BSC_EV_START) {
        return BSC_EV_MESSAGE;
    }
    const struct row *row = &rows[message->function];
    return row->id != NULL && *row->id != message->id ? BSC_EV_MESSAGE : row->event;
}

/* A message of ours without payload: Disconnect-Request, Heartbeat-Request. bsc 1.1-07 */
static uint16_t send_plain(struct bsc_conn *conn, uint8_t function, struct bas_buf *reply)
{
    const struct bsc_message message = { .function = function, .id = conn->next_id++ };
    bsc_encode(&message, reply);
    return message.id;
}

/* bsc 1.3-07 */
static void send_request(struct bsc_conn *conn, const struct bsc_identity *self,
                         struct bas_buf *reply)
{
    static const uint8_t hello[] = { BSC_OPTION_HAS_DATA | BSC_OPTION_HELLO, 0, 1,
                                     BSC_POLICY_HELLO_FLAGS };
    uint8_t payload[26];
    struct bas_buf body;
    bas_buf_init(&body, payload, sizeof(payload));
    const struct bsc_connect connect = { self->vmac, self->uuid, self->max_bvlc, self->max_npdu };
    bsc_connect_encode(&connect, &body);
    const struct bsc_message message = {
        .function = BSC_CONNECT_REQUEST,
        .id = conn->next_id++,
        .dest_options = { conn->hello ? hello : NULL, conn->hello ? sizeof(hello) : 0 },
        .payload = { payload, body.len },
    };
    conn->sent_id = message.id;
    bsc_encode(&message, reply);
}

/* The Connect-Request that is being decided, as far as its answer needs it. */
static void answer_request(const struct bsc_conn *conn, const struct bsc_conn_input *input,
                           struct bas_buf *reply)
{
    static const uint8_t hello[] = { BSC_OPTION_HAS_DATA | BSC_OPTION_HELLO, 0, 1, 0 };
    struct bsc_message request = { .function = BSC_CONNECT_REQUEST, .id = conn->request_id };
    if (conn->request_hello) {
        request.dest_options = (struct bas_slice){ hello, sizeof(hello) };
    }
    if (input->event == BSC_EV_ADMITTED) {
        bsc_answer(&request, input->self, 0, reply);
    } else {
        bsc_nak(&request, input->refusal, false, reply);
    }
}

static void remember_request(struct bsc_conn *conn, const struct bsc_message *message)
{
    struct bas_slice list = message->dest_options;
    struct bsc_option option;
    conn->request_id = message->id;
    conn->request_hello = false;
    while (bsc_option_next(&list, &option)) {
        conn->request_hello |= option.type == BSC_OPTION_HELLO;
    }
}

/* Reads the payload of a Connect message that rules.c has judged good. */
static void store_peer(struct bsc_conn *conn, const struct bsc_message *message)
{
    bas_err err = bsc_connect_decode(message->payload, &conn->peer, NULL);
    assert(err == BAS_OK);
    (void)err;
}

static unsigned act(struct bsc_conn *conn, enum bsc_conn_action action,
                    const struct bsc_conn_input *input, struct bas_buf *reply)
{
    switch (action) {
    case BSC_DO_DROP:
        return BSC_OUT_DROPPED;
    case BSC_DO_WAIT:
        conn->last_received = input->now;
        conn->wait_until = input->now + input->times->connect_wait;
        return 0;
    case BSC_DO_SEND_REQUEST:
        conn->wait_until = input->now + input->times->connect_wait;
        send_request(conn, input->self, reply);
        return 0;
    case BSC_DO_ASK:
        if (conn->asked) {
            return BSC_OUT_DROPPED;
        }
        conn->asked = true;
        remember_request(conn, input->message);
        store_peer(conn, input->message);
        return BSC_OUT_ADMIT;
    case BSC_DO_SEND_ACCEPT:
        answer_request(conn, input, reply);
        return BSC_OUT_UP;
    case BSC_DO_SEND_REFUSAL:
        answer_request(conn, input, reply);
        return BSC_OUT_CLOSE | BSC_OUT_REFUSED;
    case BSC_DO_JOIN:
        store_peer(conn, input->message);
        return BSC_OUT_UP;
    case BSC_DO_ANSWER:
        bsc_answer(input->message, input->self, 0, reply);
        return 0;
    case BSC_DO_ANSWER_AND_CLOSE:
        bsc_answer(input->message, input->self, 0, reply);
        return BSC_OUT_CLOSE;
    case BSC_DO_HEARTBEAT:
        conn->heartbeat_id = send_plain(conn, BSC_HEARTBEAT_REQUEST, reply);
        conn->awaits_ack = true;
        conn->wait_until = input->now + input->times->heartbeat_ack;
        return 0;
    case BSC_DO_ALIVE:
        conn->awaits_ack = false;
        return 0;
    case BSC_DO_DELIVER:
        return BSC_OUT_DELIVER;
    case BSC_DO_SEND_DISCONNECT:
        conn->sent_id = send_plain(conn, BSC_DISCONNECT_REQUEST, reply);
        conn->wait_until = input->now + input->times->disconnect_wait;
        return input->event == BSC_EV_ACK_MISSING ? BSC_OUT_TIMEOUT : 0;
    case BSC_DO_CLOSE:
        return BSC_OUT_CLOSE;
    case BSC_DO_CLOSE_TIMEOUT:
        return BSC_OUT_CLOSE | BSC_OUT_TIMEOUT;
    case BSC_DO_CLOSE_REFUSED:
        return BSC_OUT_CLOSE | BSC_OUT_REFUSED;
    case BSC_DO_GONE:
        return 0;
    }
    return BSC_OUT_DROPPED;
}

void bsc_conn_step(struct bsc_conn *conn, const struct bsc_conn_input *input, struct bsc_step *step)
{
    struct bsc_conn_rule rule =
        bsc_conn_rule(conn->initiating, (enum bsc_conn_state)conn->state, input->event);
    bool was_connected = conn->state == BSC_CONNECTED;
    step->outcome = act(conn, (enum bsc_conn_action)rule.action, input, &step->reply);
    assert(!step->reply.full);
    conn->state = rule.next;
    conn->asked = conn->asked && conn->state == BSC_AWAITING_REQUEST;
    if (was_connected && conn->state != BSC_CONNECTED) {
        conn->awaits_ack = false;
        step->outcome |= BSC_OUT_DOWN;
    }
}

/* bsc 5.4-01 5.4-02 11-22 11-29 11-42 */
bas_time bsc_conn_deadline(const struct bsc_conn *conn, const struct bsc_conn_times *times)
{
    if (conn->state == BSC_IDLE) {
        return BAS_NEVER;
    }
    if (conn->state != BSC_CONNECTED || conn->awaits_ack) {
        return conn->wait_until;
    }
    return conn->last_received + (conn->initiating ? times->heartbeat : times->silence);
}

/* bsc 5.4-03 */
bool bsc_conn_due(const struct bsc_conn *conn, const struct bsc_conn_times *times, bas_time now,
                  enum bsc_conn_event *event)
{
    if (bsc_conn_deadline(conn, times) > now) {
        return false;
    }
    bool heartbeat = conn->state == BSC_CONNECTED && conn->initiating;
    *event = !heartbeat         ? BSC_EV_WAIT_EXPIRED
             : conn->awaits_ack ? BSC_EV_ACK_MISSING
                                : BSC_EV_HEARTBEAT_DUE;
    return true;
}
