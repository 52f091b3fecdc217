/* The node switch, initiating: which path a message takes, when a direct connection is tried, and
 * the attempts (spec 6.1 to 6.3). */
#include "sc_node.h"

#include <string.h>

#define P         PEER_VMAC
#define BROADCAST "ffffffffffff"
#define HELLO     "22000100"
#define LIMITS    "ffffef8f"
#define URIS_ONE  "7773733a2f2f3139322e302e322e373a343434332f6463" /* PEER_URI */
#define URIS_TWO  URIS_ONE "207773733a2f2f6168752d372e6578616d706c652e6e65742f6261636e65742d6463"
static const struct bas_slice no_options = { 0 };

/* When to try (6.2). */

/* bsc 6.2-02 6.3-01 6.3-04 */
static void the_message_that_triggers_an_attempt_goes_through_the_hub_at_once(void **state)
{
    (void)state;
    struct node_test n;
    node_up_direct(&n);
    for (int i = 0; i < 4; i++) {
        node_unicasts_through_the_hub(&n);
        node_sends_nothing(&n);
    }
    node_unicasts_through_the_hub(&n); /* the fifth within ten seconds */
    uint16_t id = node_sends(&n, "0204", P);
    node_says_nothing(&n);
    node_unicasts_through_the_hub(&n);
    node_sends_nothing(&n);
    node_gets_answer(&n, "0308", id, P URIS_TWO);
    bsc_link_id first = node_opens(&n, PEER_URI, DIRECT); /* nobody asked: no RESOLVED */
    node_unicasts_through_the_hub(&n);
    node_sends_nothing(&n);
    node_through(&n, first);
    node_gets_direct(&n, PEER_SELF, LIMITS);
    assert_int_equal(node_send(&n, P, 3, no_options), BAS_OK);
    node_sends(&n, "0100", "010001");
    node_through(&n, n.hub);
    node_sends_nothing(&n);
    assert_int_equal(node_peer(&n).sent_hub, 7);
    assert_int_equal(node_peer(&n).sent_direct, 1);
    node_finish(&n);
}

static void few_unicasts_are_not_worth_an_attempt(void **state)
{
    (void)state;
    struct node_test n;
    node_up_direct(&n);
    for (int i = 0; i < 20; i++) {
        n.now += 2600 * BAS_MILLISECOND;
        node_unicasts_through_the_hub(&n);
        node_sends_nothing(&n);
    }
    for (int i = 0; i < 20; i++) { /* and broadcasts never */
        assert_int_equal(node_send(&n, BROADCAST, 3, no_options), BAS_OK);
        node_sends(&n, "0104", BROADCAST "010001");
        node_sends_nothing(&n);
    }
    node_finish(&n);
}

static void a_peer_that_advertises_acceptance_is_tried_at_the_first_unicast(void **state)
{
    (void)state;
    struct node_test n;
    node_up_direct(&n);
    node_gets_hex(&n, "04080032" P "0101ffffef8f");
    node_says(&n, BSC_NODE_ADVERTISEMENT);
    node_sends_nothing(&n);
    node_unicasts_through_the_hub(&n);
    node_sends(&n, "0204", P);
    node_finish(&n);
}

static void a_peer_that_advertises_that_it_does_not_accept_is_never_tried(void **state)
{
    (void)state;
    struct node_test n;
    node_up_direct(&n);
    node_gets_hex(&n, "04080032" P "0100ffffef8f");
    node_says(&n, BSC_NODE_ADVERTISEMENT);
    for (int i = 0; i < 20; i++) {
        node_unicasts_through_the_hub(&n);
        node_sends_nothing(&n);
    }
    node_finish(&n);
}

/* bsc 6.1-01 */
static void nothing_is_initiated_where_it_is_not_enabled_or_never_wanted(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct node_test n;
        node_begin(&n);
        n.config.direct_accept = true;
        n.config.direct_initiate = i == 1;
        n.config.direct_policy = i == 1 ? BSC_DIRECT_NEVER : BSC_DIRECT_ALWAYS;
        node_goes_up(&n);
        node_gets_hex(&n, "04080032" P "0101ffffef8f");
        node_says(&n, BSC_NODE_ADVERTISEMENT);
        for (int k = 0; k < 10; k++) {
            node_unicasts_through_the_hub(&n);
            node_sends_nothing(&n);
        }
        assert_int_equal(bsc_node_deadline(n.node), n.now + 60 * BAS_SECOND);
        assert_int_equal(node_connect_direct(&n), i == 1 ? BAS_OK : BAS_ERR_STATE);
        node_finish(&n);
    }
}

static void
a_peer_that_is_always_wanted_is_tried_when_there_is_a_hub_and_when_it_was_lost(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    n.config.direct_initiate = true;
    n.config.direct_retry_ms = 5000;
    node_starts(&n);
    node_set_peer(&n, BSC_DIRECT_ALWAYS, PEER_URI);
    bsc_node_tick(n.node, n.now);
    node_says_nothing(&n); /* no hub yet */
    node_joins(&n, LIMITS);
    n.hub = n.link;
    assert_true(bsc_node_deadline(n.node) <= n.now);
    bsc_node_tick(n.node, n.now);
    node_opens(&n, PEER_URI, DIRECT);
    node_gets_direct(&n, PEER_SELF, LIMITS);
    n.now += 5 * BAS_SECOND; /* it lasted longer than the retry time: tried at once */
    node_link_breaks(&n);
    node_says(&n, BSC_NODE_DIRECT_DOWN);
    node_says_nothing(&n);
    bsc_node_tick(n.node, n.now);
    node_opens(&n, PEER_URI, DIRECT);
    node_gets_direct(&n, PEER_SELF, LIMITS);
    n.now += BAS_SECOND;
    node_link_breaks(&n); /* it did not: tried after it */
    node_says(&n, BSC_NODE_DIRECT_DOWN);
    bsc_node_tick(n.node, n.now + 5 * BAS_SECOND - 1);
    node_says_nothing(&n);
    bsc_node_tick(n.node, n.now + 5 * BAS_SECOND);
    node_opens(&n, PEER_URI, DIRECT);
    node_finish(&n);
}

static void an_attempt_can_be_asked_for_once(void **state)
{
    (void)state;
    struct node_test n;
    node_up_direct(&n);
    assert_int_equal(node_connect_direct(&n), BAS_OK);
    assert_int_equal(node_connect_direct(&n), BAS_ERR_EXISTS); /* being resolved */
    node_gets_answer(&n, "0308", node_sends(&n, "0204", P), P URIS_ONE);
    node_opens(&n, PEER_URI, DIRECT);
    assert_int_equal(node_connect_direct(&n), BAS_ERR_EXISTS); /* being opened */
    node_gets_direct(&n, PEER_SELF, LIMITS);
    assert_int_equal(node_connect_direct(&n), BAS_ERR_EXISTS); /* there */
    struct bsc_vmac vmac = node_vmac(NODE_VMAC);
    assert_int_equal(bsc_node_connect_direct(n.node, &vmac, n.now), BAS_ERR_INVALID);
    memset(&vmac, 0xFF, sizeof(vmac));
    assert_int_equal(bsc_node_connect_direct(n.node, &vmac, n.now), BAS_ERR_INVALID);
    node_finish(&n);
}

static void no_more_than_direct_max_are_opened(void **state)
{
    (void)state;
    struct node_test n;
    struct bsc_vmac other = node_vmac("b20000000001");
    node_begin(&n);
    n.config.direct_initiate = true;
    n.config.direct_max = 1;
    node_goes_up(&n);
    node_set_peer(&n, BSC_DIRECT_AUTO, PEER_URI);
    assert_int_equal(bsc_node_set_peer(n.node, &other, BSC_DIRECT_ALWAYS, PEER_URI2, n.now),
                     BAS_OK);
    assert_int_equal(node_connect_direct(&n), BAS_OK);
    node_opens(&n, PEER_URI, DIRECT);
    bsc_node_tick(n.node, n.now);
    node_says_nothing(&n);
    assert_int_equal(bsc_node_connect_direct(n.node, &other, n.now), BAS_ERR_NO_SPACE);
    node_link_breaks(&n);
    node_fails_directly(&n);
    bsc_node_tick(n.node, n.now + 60 * BAS_SECOND);
    node_opens(&n, PEER_URI2, DIRECT);
    node_finish(&n);
}

/* Attempts (6.3). */

/* bsc 6.3-01 */
static void configured_uris_are_used_without_asking_and_in_their_order(void **state)
{
    (void)state;
    struct node_test n;
    node_up_direct(&n);
    node_set_peer(&n, BSC_DIRECT_AUTO, PEER_URI " " PEER_URI2);
    assert_int_equal(node_connect_direct(&n), BAS_OK);
    node_sends_nothing(&n);
    node_opens(&n, PEER_URI, DIRECT);
    node_says_nothing(&n);
    node_link_breaks(&n);
    node_opens(&n, PEER_URI2, DIRECT);
    node_says_nothing(&n);
    node_gets_direct(&n, PEER_SELF, LIMITS);
    assert_string_equal(node_peer(&n).direct_connection.uri, PEER_URI2);
    assert_int_equal(bsc_node_counters(n.node)->direct_attempts, 2);
    assert_int_equal(bsc_node_counters(n.node)->direct_ups, 1);
    node_finish(&n);
}

/* bsc 6.3-05 */
static void another_node_at_the_uri_is_disconnected_and_the_next_uri_tried(void **state)
{
    (void)state;
    struct node_test n;
    node_up_direct(&n);
    node_set_peer(&n, BSC_DIRECT_AUTO, PEER_URI " " PEER_URI2);
    assert_int_equal(node_connect_direct(&n), BAS_OK);
    node_opens(&n, PEER_URI, DIRECT);
    node_link_up(&n);
    uint16_t id = node_sends(&n, "0602", HELLO NODE_SELF);
    node_gets_answer(&n, "0700", id, "b20b0c0d0e0f" PEER_UUID LIMITS);
    node_says_nothing(&n);
    id = node_sends(&n, "0800", "");
    node_gets_hex(&n, "0100000101001008"); /* of somebody whom we did not ask */
    node_says_nothing(&n);
    node_unicasts_through_the_hub(&n);
    node_through(&n, n.hub + 1);
    node_gets_answer(&n, "0900", id, "");
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_link_down(&n);
    node_opens(&n, PEER_URI2, DIRECT);
    node_gets_direct(&n, PEER_SELF, LIMITS);
    node_finish(&n);
}

/* bsc 6.2-03 */
static void when_all_uris_fail_it_is_told_and_tried_again_after_a_time(void **state)
{
    (void)state;
    struct node_test n;
    node_up_direct(&n);
    assert_int_equal(node_connect_direct(&n), BAS_OK);
    node_gets_answer(&n, "0308", node_sends(&n, "0204", P), P URIS_TWO);
    node_opens(&n, PEER_URI, DIRECT);
    node_link_breaks(&n);
    node_opens(&n, PEER_URI2, DIRECT);
    node_link_breaks(&n);
    struct bsc_node_event failed = node_fails_directly(&n);
    assert_string_equal(failed.uri, PEER_URI2);
    assert_string_equal(failed.fault.text, "the link broke");
    assert_int_equal(node_peer(&n).direct_connection.state, BSC_FAILED_TO_CONNECT);
    assert_int_equal(node_peer(&n).resolution, BSC_UNRESOLVED); /* the URIs may be stale */
    for (int i = 0; i < 10; i++) {
        node_unicasts_through_the_hub(&n);
        node_sends_nothing(&n);
    }
    n.now += 60 * BAS_SECOND;
    for (int i = 0; i < 4; i++) {
        node_unicasts_through_the_hub(&n);
        node_sends_nothing(&n);
    }
    node_unicasts_through_the_hub(&n);
    node_sends(&n, "0204", P); /* asked anew */
    node_finish(&n);
}

/* bsc 6.3-07 6.2-03 */
static void resolved_uris_are_used_again_while_they_are_fresh(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct node_test n;
        struct bsc_vmac peer = node_vmac(P);
        node_begin(&n);
        n.config.direct_initiate = true;
        n.config.resolution_fresh_ms = 20000;
        node_goes_up(&n);
        assert_int_equal(bsc_node_resolve(n.node, &peer, n.now), BAS_OK);
        node_gets_answer(&n, "0308", node_sends(&n, "0204", P), P URIS_ONE);
        node_says(&n, BSC_NODE_RESOLVED);
        n.now += 20 * BAS_SECOND - 1 + i;
        assert_int_equal(node_connect_direct(&n), BAS_OK);
        if (i == 0) {
            node_opens(&n, PEER_URI, DIRECT);
        } else {
            node_sends(&n, "0204", P);
        }
        node_finish(&n);
    }
}

/* bsc 6.3-02 */
static void a_peer_without_uris_cannot_be_connected_for_now(void **state)
{
    (void)state;
    struct node_test n;
    node_up_direct(&n);
    assert_int_equal(node_connect_direct(&n), BAS_OK);
    node_gets_answer(&n, "0308", node_sends(&n, "0204", P), P);
    assert_int_equal(node_fails_directly(&n).fault.err, BAS_ERR_NOT_FOUND);
    node_finish(&n);
}

/* bsc 6.3-03 */
static void a_peer_that_answers_45_is_not_asked_again_soon(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    n.config.direct_initiate = true;
    n.config.direct_refused_ms = 100000;
    node_goes_up(&n);
    node_set_peer(&n, BSC_DIRECT_ALWAYS, NULL);
    bsc_node_tick(n.node, n.now);
    node_gets_answer(&n, "0008", node_sends(&n, "0204", P), P "0201000007002d");
    assert_int_equal(node_fails_directly(&n).fault.error_code, 45);
    for (int i = 0; i < 9; i++) {
        node_unicasts_through_the_hub(&n);
        n.now += 10 * BAS_SECOND;
        node_gets_hex(&n, "0a000041");
        node_sends(&n, "0b00", "");
        bsc_node_tick(n.node, n.now);
        node_sends_nothing(&n);
    }
    n.now += 10 * BAS_SECOND;
    bsc_node_tick(n.node, n.now);
    node_sends(&n, "0204", P);
    node_finish(&n);
}

static void a_peer_that_does_not_answer_is_asked_again_after_a_time(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    n.config.direct_initiate = true;
    n.config.direct_retry_ms = 20000;
    node_goes_up(&n);
    node_set_peer(&n, BSC_DIRECT_ALWAYS, NULL);
    bsc_node_tick(n.node, n.now);
    node_sends(&n, "0204", P);
    node_waits(&n);
    assert_int_equal(node_fails_directly(&n).fault.err, BAS_ERR_TIMEOUT);
    assert_int_equal(bsc_node_deadline(n.node), n.now + 20 * BAS_SECOND);
    node_waits(&n);
    node_sends(&n, "0204", P);
    node_finish(&n);
}

/* bsc 5.2-05 */
static void on_a_direct_connection_151_does_not_change_our_vmac(void **state)
{
    (void)state;
    struct node_test n;
    node_up_direct(&n);
    node_set_peer(&n, BSC_DIRECT_AUTO, PEER_URI);
    assert_int_equal(node_connect_direct(&n), BAS_OK);
    node_opens(&n, PEER_URI, DIRECT);
    node_link_up(&n);
    node_gets_answer(&n, "0000", node_sends(&n, "0602", HELLO NODE_SELF), "06010000070097");
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_link_down(&n);
    assert_int_equal(node_fails_directly(&n).fault.error_code, BAC_ERROR_CODE_NODE_DUPLICATE_VMAC);
    struct bsc_vmac vmac = bsc_node_vmac(n.node);
    assert_memory_equal(&vmac, test_hex(NODE_VMAC).data, 6);
    assert_int_equal(bsc_node_hub_state(n.node), 1);
    node_finish(&n);
}

/* bsc 11-44 */
static void a_peer_that_takes_no_hello_is_tried_again_without_at_the_same_uri(void **state)
{
    (void)state;
    struct node_test n;
    node_up_direct(&n);
    node_set_peer(&n, BSC_DIRECT_AUTO, PEER_URI);
    assert_int_equal(node_connect_direct(&n), BAS_OK);
    node_opens(&n, PEER_URI, DIRECT);
    node_link_up(&n);
    node_gets_answer(&n, "0000", node_sends(&n, "0602", HELLO NODE_SELF), "06012200070091");
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_link_down(&n);
    node_opens(&n, PEER_URI, DIRECT);
    node_says_nothing(&n);
    node_link_up(&n);
    node_gets_answer(&n, "0000", node_sends(&n, "0600", NODE_SELF), "06010000070091");
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_link_down(&n);
    node_fails_directly(&n); /* once */
    node_finish(&n);
}

static void an_attempt_that_gets_no_answer_ends_with_connect_wait(void **state)
{
    (void)state;
    struct node_test n;
    node_up_direct(&n);
    node_set_peer(&n, BSC_DIRECT_AUTO, PEER_URI);
    assert_int_equal(node_connect_direct(&n), BAS_OK);
    node_opens(&n, PEER_URI, DIRECT);
    node_waits(&n);
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_link_down(&n);
    assert_int_equal(node_fails_directly(&n).fault.err, BAS_ERR_TIMEOUT);
    node_finish(&n);
}

/* A peer chooses whom we connect to: the number is bounded, and the time between. */
static void no_more_than_eight_uris_of_an_answer_are_tried(void **state)
{
    (void)state;
    static struct node_test n;
    static uint8_t ack[1000] = { BSC_ADDRESS_RESOLUTION_ACK, 0x08 };
    struct bas_buf list;
    node_up_direct(&n);
    const struct bsc_vmac peer = node_vmac(PEER_VMAC);
    assert_int_equal(bsc_node_connect_direct(n.node, &peer, n.now), BAS_OK);
    uint16_t id = node_sends(&n, "0204", PEER_VMAC);
    ack[2] = (uint8_t)(id >> 8);
    ack[3] = (uint8_t)id;
    memcpy(ack + 4, peer.octets, 6);
    bas_buf_init(&list, ack + 10, sizeof(ack) - 10);
    for (int i = 0; i < 80; i++) {
        bas_buf_add_text(&list, "wss://h:1 ");
    }
    node_gets(&n, (struct bas_slice){ ack, 10 + list.len });
    for (int i = 0; i < 8; i++) {
        node_opens(&n, "wss://h:1", DIRECT);
        node_link_breaks(&n);
    }
    node_says(&n, BSC_NODE_DIRECT_FAILED);
    node_says_nothing(&n);
    assert_int_equal(bsc_node_counters(n.node)->direct_attempts, 8);
    node_finish(&n);
}

/* The n-th of many. */
static struct bsc_vmac many_vmac(unsigned n)
{
    return (struct bsc_vmac){ { 0xB2, 0, 0, 0, (uint8_t)(n >> 8), (uint8_t)n } };
}

enum { MANY = 256 };

/* A node whose owner asked so many peers, none of which has a URI to tell. */
static void many_without_uris(struct node_test *n)
{
    node_begin(n);
    n->config.direct_initiate = true;
    n->config.direct_policy = BSC_DIRECT_ALWAYS;
    n->config.pending_entries = 1024;
    node_goes_up(n);
    for (unsigned i = 0; i < MANY; i++) {
        const struct bsc_vmac peer = many_vmac(i);
        uint8_t ack[10] = { BSC_ADDRESS_RESOLUTION_ACK, 0x08 };
        assert_int_equal(bsc_node_resolve(n->node, &peer, n->now), BAS_OK);
        struct bsc_tx tx;
        assert_true(bsc_node_peek(n->node, n->hub, &tx));
        memcpy(ack + 2, tx.head.data + 2, 2);
        memcpy(ack + 4, peer.octets, 6);
        bsc_node_pop(n->node, n->hub);
        node_gets(n, (struct bas_slice){ ack, sizeof(ack) });
        node_says(n, BSC_NODE_RESOLVED);
    }
}

/* A hub that speaks in many names, each with a URI of its own to try. */
static void uris_of_any_number_of_peers_are_tried_at_a_bounded_rate(void **state)
{
    (void)state;
    static struct node_test n;
    struct bsc_node_event event;
    unsigned opened = 0;
    node_begin(&n);
    n.config.direct_initiate = true;
    n.config.direct_max = 4;
    n.config.direct_retry_ms = 3600000;
    node_goes_up(&n);
    for (unsigned i = 0; i < 100; i++) {
        const struct bsc_vmac peer = many_vmac(i);
        uint8_t ack[20] = { BSC_ADDRESS_RESOLUTION_ACK, 0x08 };
        assert_int_equal(bsc_node_connect_direct(n.node, &peer, n.now), BAS_OK);
        struct bsc_tx tx;
        n.link = n.hub;
        assert_true(bsc_node_peek(n.node, n.hub, &tx));
        memcpy(ack + 2, tx.head.data + 2, 2);
        memcpy(ack + 4, peer.octets, 6);
        memcpy(ack + 10, "wss://a:80", 10);
        bsc_node_pop(n.node, n.hub);
        node_gets(&n, (struct bas_slice){ ack, sizeof(ack) });
        assert_true(bsc_node_next_event(n.node, &event));
        if (event.kind == BSC_NODE_LINK_OPEN) {
            opened++;
            n.link = event.link;
            node_link_breaks(&n);
            assert_true(bsc_node_next_event(n.node, &event));
        }
        assert_int_equal(event.kind, BSC_NODE_DIRECT_FAILED);
        n.now += 50 * BAS_MILLISECOND;
    }
    assert_in_range(opened, 4 + 24, 4 + 25); /* in five seconds */
    assert_int_equal(event.fault.err, BAS_ERR_BUSY);
    node_finish(&n);
}

/* Always is for those that we deal with. */
static void an_advertisement_nobody_asked_for_makes_no_attempt(void **state)
{
    (void)state;
    static struct node_test n;
    node_begin(&n);
    n.config.direct_initiate = true;
    n.config.direct_policy = BSC_DIRECT_ALWAYS;
    node_goes_up(&n);
    node_gets_hex(&n, "04080031" PEER_VMAC "0101164905d9");
    node_says(&n, BSC_NODE_ADVERTISEMENT);
    bsc_node_tick(n.node, n.now);
    node_says_nothing(&n);
    node_sends_nothing(&n);
    node_unicasts_through_the_hub(&n);
    node_sends(&n, "0204", PEER_VMAC);
    node_finish(&n);
}

static void unicasts_to_any_number_of_peers_in_a_row_leave_room_for_events(void **state)
{
    (void)state;
    static struct node_test n;
    struct bsc_node_event event;
    unsigned failed = 0;
    many_without_uris(&n);
    for (unsigned i = 0; i < MANY; i++) {
        const struct bsc_send send = { .to = many_vmac(i) };
        struct bas_frame *npdu = bas_frame_new(&n.heap.env, 0, 1);
        assert_non_null(bas_frame_put(npdu, 1));
        assert_int_equal(bsc_node_send(n.node, &send, npdu, n.now), BAS_OK);
    }
    while (bsc_node_next_event(n.node, &event)) {
        assert_int_equal(event.kind, BSC_NODE_DIRECT_FAILED);
        failed++;
    }
    assert_true(failed >= 32);
    node_finish(&n);
}

static void who_does_not_drain_events_can_ask_for_no_more_of_them(void **state)
{
    (void)state;
    static struct node_test n;
    struct bsc_node_event event;
    bas_err err = BAS_OK;
    many_without_uris(&n);
    for (unsigned i = 0; i < MANY && err == BAS_OK; i++) {
        const struct bsc_vmac peer = many_vmac(i);
        err = bsc_node_connect_direct(n.node, &peer, n.now);
    }
    assert_int_equal(err, BAS_ERR_BUSY);
    while (bsc_node_next_event(n.node, &event)) {
        assert_int_equal(event.kind, BSC_NODE_DIRECT_FAILED);
    }
    for (unsigned i = 0; i < 2 * MANY; i++) { /* fails, is forgotten, then it is asked again */
        const struct bsc_vmac peer = many_vmac(i % MANY);
        err = bsc_node_connect_direct(n.node, &peer, n.now);
        while (bsc_node_next_event(n.node, &event)) {
        }
    }
    err = BAS_OK;
    for (unsigned i = 0; i < MANY && err == BAS_OK; i++) {
        const struct bsc_vmac peer = many_vmac(i);
        err = bsc_node_disconnect_direct(n.node, &peer, n.now);
    }
    assert_int_equal(err, BAS_ERR_BUSY);
    node_finish(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_message_that_triggers_an_attempt_goes_through_the_hub_at_once),
        cmocka_unit_test(few_unicasts_are_not_worth_an_attempt),
        cmocka_unit_test(a_peer_that_advertises_acceptance_is_tried_at_the_first_unicast),
        cmocka_unit_test(a_peer_that_advertises_that_it_does_not_accept_is_never_tried),
        cmocka_unit_test(nothing_is_initiated_where_it_is_not_enabled_or_never_wanted),
        cmocka_unit_test(
            a_peer_that_is_always_wanted_is_tried_when_there_is_a_hub_and_when_it_was_lost),
        cmocka_unit_test(an_attempt_can_be_asked_for_once),
        cmocka_unit_test(no_more_than_direct_max_are_opened),
        cmocka_unit_test(configured_uris_are_used_without_asking_and_in_their_order),
        cmocka_unit_test(another_node_at_the_uri_is_disconnected_and_the_next_uri_tried),
        cmocka_unit_test(when_all_uris_fail_it_is_told_and_tried_again_after_a_time),
        cmocka_unit_test(resolved_uris_are_used_again_while_they_are_fresh),
        cmocka_unit_test(a_peer_without_uris_cannot_be_connected_for_now),
        cmocka_unit_test(a_peer_that_answers_45_is_not_asked_again_soon),
        cmocka_unit_test(a_peer_that_does_not_answer_is_asked_again_after_a_time),
        cmocka_unit_test(on_a_direct_connection_151_does_not_change_our_vmac),
        cmocka_unit_test(a_peer_that_takes_no_hello_is_tried_again_without_at_the_same_uri),
        cmocka_unit_test(an_attempt_that_gets_no_answer_ends_with_connect_wait),
        cmocka_unit_test(no_more_than_eight_uris_of_an_answer_are_tried),
        cmocka_unit_test(uris_of_any_number_of_peers_are_tried_at_a_bounded_rate),
        cmocka_unit_test(an_advertisement_nobody_asked_for_makes_no_attempt),
        cmocka_unit_test(unicasts_to_any_number_of_peers_in_a_row_leave_room_for_events),
        cmocka_unit_test(who_does_not_drain_events_can_ask_for_no_more_of_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
