/* The connection's state machine (AB.6.2, AB.6.3) against spec 5.2 to 5.4, without an engine around
 * it. */
#include "test_env.h"

#include "sc/conn.h"

#include <string.h>

#define VMAC   "123456789abc"
#define UUID   "0f1e2d3c4b5a46879786a5b4c3d2e1f0"
#define LIMITS "164905d9"
#define HUB    "e211223344558a6d5f103c2b4e19b7a80123456789ab"

/* The ids of a connection in the middle of its life; its next own message is 0100. */
enum { SENT_ID = 0x0050, HEARTBEAT_ID = 0x0060, REQUEST_ID = 0x0007, NEXT_ID = 0x0100 };

static const struct bsc_identity self = {
    .vmac = { { 0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC } },
    .uuid = { { 0x0F, 0x1E, 0x2D, 0x3C, 0x4B, 0x5A, 0x46, 0x87, 0x97, 0x86, 0xA5, 0xB4, 0xC3, 0xD2,
                0xE1, 0xF0 } },
    .max_bvlc = 5705,
    .max_npdu = 1497,
};
static const struct bsc_conn_times times = {
    .connect_wait = 10 * BAS_SECOND,
    .disconnect_wait = 7 * BAS_SECOND,
    .heartbeat = 60 * BAS_SECOND,
    .heartbeat_ack = 5 * BAS_SECOND,
    .silence = 660 * BAS_SECOND,
};

struct result {
    unsigned outcome;
    struct bas_slice reply;
};

/* One event through the machine. message may be NULL for what is not a message. */
static struct result step(struct bsc_conn *conn, enum bsc_conn_event event,
                          const struct bsc_message *message, bas_time now)
{
    static uint8_t memory[BSC_STEP_REPLY];
    const struct bas_fault refusal = { .err = BAS_ERR_EXISTS,
                                       .error_class = BAC_ERROR_CLASS_COMMUNICATION,
                                       .error_code = BAC_ERROR_CODE_NODE_DUPLICATE_VMAC };
    const struct bsc_conn_input input = { .event = event,
                                          .message = message,
                                          .self = &self,
                                          .refusal = &refusal,
                                          .times = &times,
                                          .now = now };
    struct bsc_step out = { 0 };
    bas_buf_init(&out.reply, memory, sizeof(memory));
    bsc_conn_step(conn, &input, &out);
    return (struct result){ out.outcome, { memory, out.reply.len } };
}

static struct result local(struct bsc_conn *conn, enum bsc_conn_event event, bas_time now)
{
    return step(conn, event, NULL, now);
}

static struct bsc_message message_of(struct bas_slice octets)
{
    struct bsc_message message;
    assert_int_equal(bsc_decode(octets, &message, NULL), BAS_OK);
    return message;
}

/* What an engine does with a valid message: the time, the name, the step. */
static struct result give(struct bsc_conn *conn, struct bas_slice octets, bas_time now)
{
    struct bsc_message message = message_of(octets);
    conn->last_received = now;
    return step(conn, bsc_conn_classify(conn, &message), &message, now);
}

static struct result give_hex(struct bsc_conn *conn, const char *hex, bas_time now)
{
    return give(conn, test_hex(hex), now);
}

static void assert_sent(struct result result, const char *hex)
{
    struct bas_slice wanted = test_hex(hex);
    assert_int_equal(result.reply.len, wanted.len);
    if (wanted.len != 0) {
        assert_memory_equal(result.reply.data, wanted.data, wanted.len);
    }
}

/* A connection that stands in state, as if it had come there. */
static struct bsc_conn conn_in(bool initiating, enum bsc_conn_state state)
{
    struct bsc_conn conn;
    bsc_conn_init(&conn, initiating, NEXT_ID);
    conn.state = (uint8_t)state;
    conn.sent_id = SENT_ID;
    conn.heartbeat_id = HEARTBEAT_ID;
    conn.request_id = REQUEST_ID;
    conn.awaits_ack = initiating && state == BSC_CONNECTED;
    return conn;
}

/* The tables. */

struct cell {
    bool initiating;
    enum bsc_conn_state state;
    enum bsc_conn_event event;
    unsigned outcome;
    const char *sends;
    enum bsc_conn_state next;
};

/* Spec 5.2 and 5.3, row by row. What is not named here is dropped and changes nothing (5.4). */
static const struct cell cells[] = {
    /* 5.2: the initiating peer, figure AB-11. */
    { true, BSC_IDLE, BSC_EV_START, 0, "", BSC_AWAITING_WEBSOCKET },

    { true, BSC_AWAITING_WEBSOCKET, BSC_EV_WEBSOCKET_OPEN, 0, "0602010022000100" VMAC UUID LIMITS,
      BSC_AWAITING_ACCEPT },
    { true, BSC_AWAITING_WEBSOCKET, BSC_EV_WAIT_EXPIRED, BSC_OUT_CLOSE | BSC_OUT_TIMEOUT, "",
      BSC_IDLE },
    { true, BSC_AWAITING_WEBSOCKET, BSC_EV_DISCONNECT, BSC_OUT_CLOSE, "", BSC_IDLE },
    { true, BSC_AWAITING_WEBSOCKET, BSC_EV_WEBSOCKET_CLOSED, 0, "", BSC_IDLE },

    { true, BSC_AWAITING_ACCEPT, BSC_EV_CONNECT_ACCEPT, BSC_OUT_UP, "", BSC_CONNECTED },
    { true, BSC_AWAITING_ACCEPT, BSC_EV_NAK_CONNECT, BSC_OUT_CLOSE | BSC_OUT_REFUSED, "",
      BSC_IDLE },
    { true, BSC_AWAITING_ACCEPT, BSC_EV_DISCONNECT_REQUEST, BSC_OUT_CLOSE, "", BSC_IDLE },
    { true, BSC_AWAITING_ACCEPT, BSC_EV_DISCONNECT_ACK, BSC_OUT_CLOSE, "", BSC_IDLE },
    { true, BSC_AWAITING_ACCEPT, BSC_EV_WAIT_EXPIRED, BSC_OUT_CLOSE | BSC_OUT_TIMEOUT, "",
      BSC_IDLE },
    { true, BSC_AWAITING_ACCEPT, BSC_EV_DISCONNECT, BSC_OUT_CLOSE, "", BSC_IDLE },
    { true, BSC_AWAITING_ACCEPT, BSC_EV_WEBSOCKET_CLOSED, 0, "", BSC_IDLE },

    { true, BSC_CONNECTED, BSC_EV_MESSAGE, BSC_OUT_DELIVER, "", BSC_CONNECTED },
    { true, BSC_CONNECTED, BSC_EV_HEARTBEAT_DUE, 0, "0a000100", BSC_CONNECTED },
    { true, BSC_CONNECTED, BSC_EV_HEARTBEAT_ACK, 0, "", BSC_CONNECTED },
    { true, BSC_CONNECTED, BSC_EV_NAK_HEARTBEAT, 0, "", BSC_CONNECTED },
    { true, BSC_CONNECTED, BSC_EV_ACK_MISSING, BSC_OUT_DOWN | BSC_OUT_TIMEOUT, "08000100",
      BSC_DISCONNECTING },
    { true, BSC_CONNECTED, BSC_EV_HEARTBEAT_REQUEST, 0, "0b000041", BSC_CONNECTED },
    { true, BSC_CONNECTED, BSC_EV_DISCONNECT_REQUEST, BSC_OUT_DOWN | BSC_OUT_CLOSE, "09000040",
      BSC_IDLE },
    { true, BSC_CONNECTED, BSC_EV_DISCONNECT, BSC_OUT_DOWN, "08000100", BSC_DISCONNECTING },
    { true, BSC_CONNECTED, BSC_EV_WEBSOCKET_CLOSED, BSC_OUT_DOWN, "", BSC_IDLE },

    { true, BSC_DISCONNECTING, BSC_EV_DISCONNECT_ACK, BSC_OUT_CLOSE, "", BSC_IDLE },
    { true, BSC_DISCONNECTING, BSC_EV_NAK_DISCONNECT, BSC_OUT_CLOSE, "", BSC_IDLE },
    { true, BSC_DISCONNECTING, BSC_EV_WAIT_EXPIRED, BSC_OUT_CLOSE, "", BSC_IDLE },
    { true, BSC_DISCONNECTING, BSC_EV_DISCONNECT_REQUEST, 0, "09000040", BSC_DISCONNECTING },
    { true, BSC_DISCONNECTING, BSC_EV_WEBSOCKET_CLOSED, 0, "", BSC_IDLE },

    /* 5.3: the accepting peer, figure AB-12. */
    { false, BSC_IDLE, BSC_EV_START, 0, "", BSC_AWAITING_REQUEST },

    { false, BSC_AWAITING_REQUEST, BSC_EV_CONNECT_REQUEST, BSC_OUT_ADMIT, "",
      BSC_AWAITING_REQUEST },
    { false, BSC_AWAITING_REQUEST, BSC_EV_ADMITTED, BSC_OUT_UP, "07000007" VMAC UUID LIMITS,
      BSC_CONNECTED },
    { false, BSC_AWAITING_REQUEST, BSC_EV_REFUSED, BSC_OUT_CLOSE | BSC_OUT_REFUSED,
      "0000000706010000070097", BSC_IDLE },
    { false, BSC_AWAITING_REQUEST, BSC_EV_WAIT_EXPIRED, BSC_OUT_CLOSE | BSC_OUT_TIMEOUT, "",
      BSC_IDLE },
    { false, BSC_AWAITING_REQUEST, BSC_EV_DISCONNECT_REQUEST, BSC_OUT_CLOSE, "09000040", BSC_IDLE },
    { false, BSC_AWAITING_REQUEST, BSC_EV_DISCONNECT, BSC_OUT_CLOSE, "", BSC_IDLE },
    { false, BSC_AWAITING_REQUEST, BSC_EV_WEBSOCKET_CLOSED, 0, "", BSC_IDLE },

    { false, BSC_CONNECTED, BSC_EV_MESSAGE, BSC_OUT_DELIVER, "", BSC_CONNECTED },
    { false, BSC_CONNECTED, BSC_EV_HEARTBEAT_REQUEST, 0, "0b000041", BSC_CONNECTED },
    { false, BSC_CONNECTED, BSC_EV_DISCONNECT_REQUEST, BSC_OUT_DOWN | BSC_OUT_CLOSE, "09000040",
      BSC_IDLE },
    { false, BSC_CONNECTED, BSC_EV_WAIT_EXPIRED, BSC_OUT_DOWN | BSC_OUT_CLOSE | BSC_OUT_TIMEOUT, "",
      BSC_IDLE },
    { false, BSC_CONNECTED, BSC_EV_DISCONNECT, BSC_OUT_DOWN, "08000100", BSC_DISCONNECTING },
    { false, BSC_CONNECTED, BSC_EV_WEBSOCKET_CLOSED, BSC_OUT_DOWN, "", BSC_IDLE },

    { false, BSC_DISCONNECTING, BSC_EV_DISCONNECT_ACK, BSC_OUT_CLOSE, "", BSC_IDLE },
    { false, BSC_DISCONNECTING, BSC_EV_NAK_DISCONNECT, BSC_OUT_CLOSE, "", BSC_IDLE },
    { false, BSC_DISCONNECTING, BSC_EV_WAIT_EXPIRED, BSC_OUT_CLOSE, "", BSC_IDLE },
    { false, BSC_DISCONNECTING, BSC_EV_DISCONNECT_REQUEST, 0, "09000040", BSC_DISCONNECTING },
    { false, BSC_DISCONNECTING, BSC_EV_WEBSOCKET_CLOSED, 0, "", BSC_IDLE },
};

/* The octets that are each event of a message; NULL: it is none. */
static const char *const octets_of_event[BSC_CONN_EVENTS] = {
    [BSC_EV_CONNECT_REQUEST] = "06000001" VMAC UUID "064005d9",
    [BSC_EV_CONNECT_ACCEPT] = "07000050" HUB LIMITS,
    [BSC_EV_NAK_CONNECT] = "0000005006010000070097",
    [BSC_EV_DISCONNECT_REQUEST] = "08000040",
    [BSC_EV_DISCONNECT_ACK] = "09000050",
    [BSC_EV_NAK_DISCONNECT] = "0000005008010000070096",
    [BSC_EV_HEARTBEAT_REQUEST] = "0a000041",
    [BSC_EV_HEARTBEAT_ACK] = "0b000060",
    [BSC_EV_NAK_HEARTBEAT] = "000000600a010000070096",
    [BSC_EV_MESSAGE] = "01080010a20b0c0d0e0f01001008",
};

static struct cell cell_of(bool initiating, enum bsc_conn_state state, enum bsc_conn_event event)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(cells); i++) {
        const struct cell *cell = &cells[i];
        if (cell->initiating == initiating && cell->state == state && cell->event == event) {
            return *cell;
        }
    }
    return (struct cell){ initiating, state, event, BSC_OUT_DROPPED, "", state };
}

static void check_cell(const struct cell *wanted)
{
    struct bsc_conn conn = conn_in(wanted->initiating, wanted->state);
    struct bsc_message message = { 0 };
    const char *octets = octets_of_event[wanted->event];
    if (octets != NULL) {
        message = message_of(test_hex(octets));
        assert_int_equal(bsc_conn_classify(&conn, &message), wanted->event);
    }
    conn.asked = wanted->event == BSC_EV_ADMITTED || wanted->event == BSC_EV_REFUSED;
    struct result is = step(&conn, wanted->event, octets != NULL ? &message : NULL, 0);
    struct bas_slice sends = test_hex(wanted->sends);
    if (conn.state != wanted->next || is.outcome != wanted->outcome || is.reply.len != sends.len ||
        (sends.len != 0 && memcmp(is.reply.data, sends.data, sends.len) != 0)) {
        fail_msg("%s, state %d, event %d: went to %d (wanted %d) with outcome %#x (%#x) and %zu "
                 "octets (%zu)",
                 wanted->initiating ? "initiating" : "accepting", wanted->state, wanted->event,
                 conn.state, wanted->next, is.outcome, wanted->outcome, is.reply.len, sends.len);
    }
}

/* bsc 5.2-01 5.2-02 5.2-03 5.2-04 5.2-05 5.2-06 5.2-07 5.2-08 5.2-09 5.2-13 5.2-16 5.2-17 5.2-18 5.2-19
 * 5.2-20 5.2-21 5.2-22 5.2-23 5.2-24 5.2-25 5.2-26 5.3-01 5.3-02 5.3-04 5.3-06 5.3-07 5.3-09 5.3-10 5.3-11
 * 5.3-12 5.3-15 5.3-16 11-12 */
static void every_cell_of_both_tables_does_what_the_standard_says(void **state)
{
    (void)state;
    size_t acting = 0;
    for (int initiating = 0; initiating < 2; initiating++) {
        for (int s = 0; s < BSC_CONN_STATES; s++) {
            for (int e = 0; e < BSC_CONN_EVENTS; e++) {
                struct cell wanted =
                    cell_of(initiating != 0, (enum bsc_conn_state)s, (enum bsc_conn_event)e);
                check_cell(&wanted);
                acting += (wanted.outcome & BSC_OUT_DROPPED) == 0;
            }
        }
    }
    assert_int_equal(acting, BAS_ARRAY_LEN(cells)); /* no row stands twice or nowhere */
}

/* bsc 5.4-05 */
static void an_empty_cell_stays_in_its_state_and_drops(void **state)
{
    (void)state;
    size_t acting = 0;
    for (int initiating = 0; initiating < 2; initiating++) {
        for (int s = 0; s < BSC_CONN_STATES; s++) {
            for (int e = 0; e < BSC_CONN_EVENTS; e++) {
                struct bsc_conn_rule rule =
                    bsc_conn_rule(initiating != 0, (enum bsc_conn_state)s, (enum bsc_conn_event)e);
                acting += rule.action != BSC_DO_DROP;
                assert_true(rule.action != BSC_DO_DROP || rule.next == s);
            }
        }
    }
    assert_int_equal(acting, BAS_ARRAY_LEN(cells));
}

/* Connecting. */

/* bsc 1.1-07 1.4-08 */
static void connect_request_without_hello_has_thirty_octets(void **state)
{
    (void)state;
    struct bsc_conn conn;
    bsc_conn_init(&conn, true, 0xFFFF);
    conn.hello = false;
    local(&conn, BSC_EV_START, 0);
    assert_sent(local(&conn, BSC_EV_WEBSOCKET_OPEN, 0), "0600ffff" VMAC UUID LIMITS);
    give_hex(&conn, "0700ffff" HUB "ffffef8f", 0);
    assert_int_equal(conn.state, BSC_CONNECTED);
    assert_sent(local(&conn, BSC_EV_DISCONNECT, 0), "08000000"); /* the ids wrap */
}

/* bsc 1.2-12 5.2-04 */
static void connect_accept_tells_who_the_peer_is(void **state)
{
    (void)state;
    struct bsc_conn conn = conn_in(true, BSC_AWAITING_ACCEPT);
    give_hex(&conn, "0702005022000100" HUB "ffffef8f", 0);
    assert_memory_equal(&conn.peer.vmac, test_hex(HUB).data, 6);
    assert_memory_equal(&conn.peer.uuid, test_hex(HUB).data + 6, 16);
    assert_int_equal(conn.peer.max_bvlc, 65535);
    assert_int_equal(conn.peer.max_npdu, 61327);
}

/* bsc 5.2-10 11-40 */
static void answers_with_another_id_do_not_end_the_attempt(void **state)
{
    (void)state;
    static const char *const strangers[] = {
        "07000051" HUB LIMITS,    /* Connect-Accept */
        "0000005106010000070097", /* NAK to some other Connect-Request */
        "000000500a010000070096", /* NAK to something else with this id */
        "000000500c00",           /* an ACK */
    };
    struct bsc_conn conn = conn_in(true, BSC_AWAITING_ACCEPT);
    for (size_t i = 0; i < BAS_ARRAY_LEN(strangers); i++) {
        assert_int_equal(give_hex(&conn, strangers[i], 0).outcome, BSC_OUT_DROPPED);
        assert_int_equal(conn.state, BSC_AWAITING_ACCEPT);
    }
}

/* bsc 5.2-07 */
static void a_disconnect_ack_ends_an_attempt_whatever_its_id(void **state)
{
    (void)state;
    struct bsc_conn conn = conn_in(true, BSC_AWAITING_ACCEPT);
    assert_int_equal(give_hex(&conn, "09001234", 0).outcome, BSC_OUT_CLOSE);
    assert_int_equal(conn.state, BSC_IDLE);
}

/* bsc 5.2-01 5.2-08 */
static void connect_wait_covers_websocket_and_answer_each(void **state)
{
    (void)state;
    struct bsc_conn conn;
    enum bsc_conn_event event;
    bsc_conn_init(&conn, true, 1);
    assert_int_equal(bsc_conn_deadline(&conn, &times), BAS_NEVER);
    local(&conn, BSC_EV_START, 100);
    assert_int_equal(bsc_conn_deadline(&conn, &times), 100 + 10 * BAS_SECOND);
    local(&conn, BSC_EV_WEBSOCKET_OPEN, 9 * BAS_SECOND);
    assert_false(bsc_conn_due(&conn, &times, 19 * BAS_SECOND - 1, &event));
    assert_true(bsc_conn_due(&conn, &times, 19 * BAS_SECOND, &event));
    assert_int_equal(event, BSC_EV_WAIT_EXPIRED);
    assert_int_equal(local(&conn, event, 19 * BAS_SECOND).outcome, BSC_OUT_CLOSE | BSC_OUT_TIMEOUT);
    assert_int_equal(bsc_conn_deadline(&conn, &times), BAS_NEVER);
}

/* Accepting. */

/* bsc 5.3-06 */
static void the_accepting_peer_waits_for_a_request_no_longer_than_connect_wait(void **state)
{
    (void)state;
    struct bsc_conn conn;
    enum bsc_conn_event event;
    bsc_conn_init(&conn, false, 1);
    local(&conn, BSC_EV_START, 0);
    conn.last_received = 9 * BAS_SECOND; /* other traffic does not put it off */
    assert_false(bsc_conn_due(&conn, &times, 10 * BAS_SECOND - 1, &event));
    assert_true(bsc_conn_due(&conn, &times, 10 * BAS_SECOND, &event));
    assert_int_equal(event, BSC_EV_WAIT_EXPIRED);
}

/* bsc 1.3-14 5.3-02 */
static void connect_accept_repeats_the_hello_and_the_id_of_its_request(void **state)
{
    (void)state;
    struct bsc_conn conn;
    bsc_conn_init(&conn, false, 1);
    local(&conn, BSC_EV_START, 0);
    give_hex(&conn, "0602beef22000100" HUB "164905d9", 0);
    assert_sent(local(&conn, BSC_EV_ADMITTED, 0), "0702beef22000100" VMAC UUID LIMITS);
    assert_int_equal(conn.peer.max_bvlc, 5705);
}

/* bsc 5.3-13 */
static void a_second_request_is_dropped_while_the_first_is_decided_and_afterwards(void **state)
{
    (void)state;
    struct bsc_conn conn;
    bsc_conn_init(&conn, false, 1);
    local(&conn, BSC_EV_START, 0);
    assert_int_equal(give_hex(&conn, "06000001" HUB "164905d9", 0).outcome, BSC_OUT_ADMIT);
    assert_int_equal(give_hex(&conn, "06000002" VMAC UUID "064005d9", 0).outcome, BSC_OUT_DROPPED);
    assert_sent(local(&conn, BSC_EV_ADMITTED, 0), "07000001" VMAC UUID LIMITS);
    assert_int_equal(give_hex(&conn, "06000003" VMAC UUID "064005d9", 0).outcome, BSC_OUT_DROPPED);
    assert_int_equal(conn.state, BSC_CONNECTED);
    assert_memory_equal(&conn.peer.vmac, test_hex(HUB).data, 6); /* still the first one's */
}

static void an_attempt_that_ends_takes_its_question_along(void **state)
{
    (void)state;
    static const enum bsc_conn_event ends[] = { BSC_EV_WAIT_EXPIRED, BSC_EV_DISCONNECT_REQUEST,
                                                BSC_EV_DISCONNECT, BSC_EV_WEBSOCKET_CLOSED };
    for (size_t i = 0; i < BAS_ARRAY_LEN(ends); i++) {
        struct bsc_conn conn;
        bsc_conn_init(&conn, false, 1);
        local(&conn, BSC_EV_START, 0);
        give_hex(&conn, "06000001" HUB "164905d9", 0);
        struct bsc_message request = message_of(test_hex("08000040"));
        step(&conn, ends[i], &request, 0);
        assert_int_equal(conn.state, BSC_IDLE);
        assert_false(conn.asked);
    }
}

/* Connected. */

/* bsc 5.2-12 5.4-01 */
static void any_message_restarts_the_heartbeat_timer_of_the_initiating_peer(void **state)
{
    (void)state;
    struct bsc_conn conn = conn_in(true, BSC_CONNECTED);
    enum bsc_conn_event event;
    conn.awaits_ack = false;
    give_hex(&conn, "01080010a20b0c0d0e0f01001008", 30 * BAS_SECOND);
    assert_false(bsc_conn_due(&conn, &times, 90 * BAS_SECOND - 1, &event));
    assert_true(bsc_conn_due(&conn, &times, 90 * BAS_SECOND, &event));
    assert_int_equal(event, BSC_EV_HEARTBEAT_DUE);
}

/* bsc 5.4-03 */
static void no_second_heartbeat_goes_out_while_one_waits_for_its_answer(void **state)
{
    (void)state;
    struct bsc_conn conn = conn_in(true, BSC_CONNECTED);
    enum bsc_conn_event event;
    conn.awaits_ack = false;
    conn.last_received = 0;
    assert_sent(local(&conn, BSC_EV_HEARTBEAT_DUE, 60 * BAS_SECOND), "0a000100");
    assert_int_equal(bsc_conn_deadline(&conn, &times), 65 * BAS_SECOND);
    give_hex(&conn, "0b000101", 64 * BAS_SECOND); /* another id */
    give_hex(&conn, "000001010a010000070096", 64 * BAS_SECOND);
    give_hex(&conn, "01080010a20b0c0d0e0f01001008", 64 * BAS_SECOND);
    assert_true(bsc_conn_due(&conn, &times, 65 * BAS_SECOND, &event));
    assert_int_equal(event, BSC_EV_ACK_MISSING);
}

/* bsc 5.2-14 5.4-04 */
static void a_heartbeat_ack_or_nak_with_its_id_counts_as_life(void **state)
{
    (void)state;
    static const char *const answers[] = { "0b000100", "000001000a010000070096" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(answers); i++) {
        struct bsc_conn conn = conn_in(true, BSC_CONNECTED);
        enum bsc_conn_event event;
        local(&conn, BSC_EV_HEARTBEAT_DUE, 60 * BAS_SECOND);
        assert_int_equal(give_hex(&conn, answers[i], 64 * BAS_SECOND).outcome, 0);
        assert_false(bsc_conn_due(&conn, &times, 124 * BAS_SECOND - 1, &event));
        assert_true(bsc_conn_due(&conn, &times, 124 * BAS_SECOND, &event));
        assert_int_equal(event, BSC_EV_HEARTBEAT_DUE);
        assert_sent(local(&conn, event, 124 * BAS_SECOND), "0a000101"); /* a new id */
    }
}

/* bsc 5.2-15 5.4-03 11-22 11-42 */
static void a_missing_heartbeat_ack_disconnects_and_then_closes(void **state)
{
    (void)state;
    struct bsc_conn conn = conn_in(true, BSC_CONNECTED);
    enum bsc_conn_event event;
    local(&conn, BSC_EV_HEARTBEAT_DUE, 60 * BAS_SECOND);
    struct result out = local(&conn, BSC_EV_ACK_MISSING, 65 * BAS_SECOND);
    assert_sent(out, "08000101");
    assert_int_equal(out.outcome, BSC_OUT_DOWN | BSC_OUT_TIMEOUT);
    assert_false(bsc_conn_due(&conn, &times, 72 * BAS_SECOND - 1, &event));
    assert_true(bsc_conn_due(&conn, &times, 72 * BAS_SECOND, &event));
    assert_int_equal(event, BSC_EV_WAIT_EXPIRED);
    assert_int_equal(local(&conn, event, 72 * BAS_SECOND).outcome, BSC_OUT_CLOSE);
}

/* bsc 5.3-14 5.4-01 5.4-02 11-29 */
static void the_accepting_peer_sends_no_heartbeat_and_closes_after_long_silence(void **state)
{
    (void)state;
    struct bsc_conn conn = conn_in(false, BSC_CONNECTED);
    enum bsc_conn_event event;
    give_hex(&conn, "0a000041", 100 * BAS_SECOND);
    assert_false(bsc_conn_due(&conn, &times, 760 * BAS_SECOND - 1, &event));
    assert_true(bsc_conn_due(&conn, &times, 760 * BAS_SECOND, &event));
    assert_int_equal(event, BSC_EV_WAIT_EXPIRED);
    assert_sent(local(&conn, event, 760 * BAS_SECOND), "");
    for (int s = 0; s < BSC_CONN_STATES; s++) {
        conn = conn_in(false, (enum bsc_conn_state)s);
        assert_int_equal(local(&conn, BSC_EV_HEARTBEAT_DUE, 0).outcome, BSC_OUT_DROPPED);
    }
}

/* bsc 5.2-20 */
static void a_disconnect_ack_that_nobody_waits_for_changes_nothing(void **state)
{
    (void)state;
    for (int initiating = 0; initiating < 2; initiating++) {
        struct bsc_conn conn = conn_in(initiating != 0, BSC_CONNECTED);
        give_hex(&conn, "09000050", 0);
        give_hex(&conn, "09001234", 0);
        assert_int_equal(conn.state, BSC_CONNECTED);
    }
}

/* Disconnecting. */

/* bsc 5.2-21 5.2-22 5.3-16 11-57 */
static void only_an_answer_with_its_id_ends_disconnecting(void **state)
{
    (void)state;
    static const char *const strangers[] = { "09000101", "0000010108010000070096",
                                             "000001000a010000070096",
                                             "01080010a20b0c0d0e0f01001008" };
    struct bsc_conn conn = conn_in(true, BSC_CONNECTED);
    local(&conn, BSC_EV_DISCONNECT, 0);
    for (size_t i = 0; i < BAS_ARRAY_LEN(strangers); i++) {
        assert_int_equal(give_hex(&conn, strangers[i], 0).outcome, BSC_OUT_DROPPED);
    }
    assert_int_equal(bsc_conn_deadline(&conn, &times), 7 * BAS_SECOND); /* and is not put off */
    assert_int_equal(give_hex(&conn, "09000100", 0).outcome, BSC_OUT_CLOSE);
}

/* bsc 5.2-25 */
static void crossing_disconnect_requests_end_both_ends_without_a_timer(void **state)
{
    (void)state;
    struct bsc_conn a = conn_in(true, BSC_CONNECTED);
    struct bsc_conn b = conn_in(false, BSC_CONNECTED);
    uint8_t from_a[4];
    uint8_t from_b[4];
    memcpy(from_a, local(&a, BSC_EV_DISCONNECT, 0).reply.data, 4);
    memcpy(from_b, local(&b, BSC_EV_DISCONNECT, 0).reply.data, 4);
    struct result ack_of_a = give(&a, (struct bas_slice){ from_b, 4 }, 0);
    assert_sent(ack_of_a, "09000100");
    assert_int_equal(a.state, BSC_DISCONNECTING);
    memcpy(from_b, ack_of_a.reply.data, 4);
    struct result ack_of_b = give(&b, (struct bas_slice){ from_a, 4 }, 0);
    memcpy(from_a, ack_of_b.reply.data, 4);
    assert_int_equal(give(&b, (struct bas_slice){ from_b, 4 }, 0).outcome, BSC_OUT_CLOSE);
    assert_int_equal(give(&a, (struct bas_slice){ from_a, 4 }, 0).outcome, BSC_OUT_CLOSE);
}

static void nothing_is_taken_or_timed_after_the_end(void **state)
{
    (void)state;
    for (int initiating = 0; initiating < 2; initiating++) {
        struct bsc_conn conn = conn_in(initiating != 0, BSC_IDLE);
        for (int e = BSC_EV_START + 1; e < BSC_CONN_EVENTS; e++) {
            const char *octets = octets_of_event[e];
            struct bsc_message message = message_of(test_hex(octets != NULL ? octets : "0a000041"));
            struct result out = step(&conn, (enum bsc_conn_event)e, &message, 0);
            assert_int_equal(out.outcome, BSC_OUT_DROPPED);
            assert_int_equal(out.reply.len, 0);
        }
        assert_int_equal(bsc_conn_deadline(&conn, &times), BAS_NEVER);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_of_both_tables_does_what_the_standard_says),
        cmocka_unit_test(an_empty_cell_stays_in_its_state_and_drops),
        cmocka_unit_test(connect_request_without_hello_has_thirty_octets),
        cmocka_unit_test(connect_accept_tells_who_the_peer_is),
        cmocka_unit_test(answers_with_another_id_do_not_end_the_attempt),
        cmocka_unit_test(a_disconnect_ack_ends_an_attempt_whatever_its_id),
        cmocka_unit_test(connect_wait_covers_websocket_and_answer_each),
        cmocka_unit_test(the_accepting_peer_waits_for_a_request_no_longer_than_connect_wait),
        cmocka_unit_test(connect_accept_repeats_the_hello_and_the_id_of_its_request),
        cmocka_unit_test(a_second_request_is_dropped_while_the_first_is_decided_and_afterwards),
        cmocka_unit_test(an_attempt_that_ends_takes_its_question_along),
        cmocka_unit_test(any_message_restarts_the_heartbeat_timer_of_the_initiating_peer),
        cmocka_unit_test(no_second_heartbeat_goes_out_while_one_waits_for_its_answer),
        cmocka_unit_test(a_heartbeat_ack_or_nak_with_its_id_counts_as_life),
        cmocka_unit_test(a_missing_heartbeat_ack_disconnects_and_then_closes),
        cmocka_unit_test(the_accepting_peer_sends_no_heartbeat_and_closes_after_long_silence),
        cmocka_unit_test(a_disconnect_ack_that_nobody_waits_for_changes_nothing),
        cmocka_unit_test(only_an_answer_with_its_id_ends_disconnecting),
        cmocka_unit_test(crossing_disconnect_requests_end_both_ends_without_a_timer),
        cmocka_unit_test(nothing_is_taken_or_timed_after_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
