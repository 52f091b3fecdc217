/* switch.c: direct connections that peers open, and both sides at once (spec 5.3, 6.4). */
#include "sc/conn.h"

#include "sc_node.h"

#include <string.h>

#define P      PEER_VMAC
#define HELLO  "22000100"
#define LIMITS "164905d9"
#define LOWER  "020000000001" /* than the node's VMAC; the peer's is higher */
#define OTHER  "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
static const struct bas_slice no_options = { 0 };

static void through(struct node_test *n, bsc_link_id link)
{
    n->link = link;
}

static struct bsc_peer peer_of(struct node_test *n, const char *hex)
{
    struct bsc_vmac vmac = node_vmac(hex);
    struct bsc_peer peer;
    assert_true(bsc_node_find_peer(n->node, &vmac, &peer));
    return peer;
}

static bas_err admit(struct node_test *n)
{
    return bsc_node_admit(n->node, n->link, NULL, n->now);
}

/* The Connect-Request in n->link is refused with that code. */
static void is_refused(struct node_test *n, unsigned error_class, unsigned code, const char *nak)
{
    assert_int_equal(admit(n), BAS_OK);
    struct bsc_node_event failed = node_says(n, BSC_NODE_DIRECT_FAILED);
    assert_int_equal(failed.fault.error_class, error_class);
    assert_int_equal(failed.fault.error_code, code);
    assert_int_equal(failed.link, n->link);
    assert_int_equal(node_says(n, BSC_NODE_LINK_CLOSE).close_code, 1000);
    assert_int_equal(node_sends(n, "0000", nak), 7); /* flushed before the end */
    node_says_nothing(n);
    node_link_down(n);
    node_says_nothing(n);
}

/* Letting in. */

/* bsc 6.1-01 5.3-01 5.3-02 */
static void a_peer_is_let_in_when_its_owner_says_so(void **state)
{
    (void)state;
    struct node_test n;
    node_up_direct(&n);
    bsc_link_id link = node_admits(&n, PEER_SELF);
    assert_true(peer_of(&n, P).is_direct);
    assert_false(peer_of(&n, P).is_initiator);
    assert_string_equal(peer_of(&n, P).direct_connection.uri, "");
    assert_int_equal(peer_of(&n, P).direct_connection.state, BSC_IS_CONNECTED);
    assert_int_equal(admit(&n), BAS_ERR_STATE); /* once */
    assert_int_equal(node_send(&n, P, 3, no_options), BAS_OK);
    node_sends(&n, "0100", "010001");
    node_gets_hex(&n, "0100001001001008");
    struct bsc_node_event event = node_says(&n, BSC_NODE_NPDU);
    assert_memory_equal(&event.vmac, test_hex(P).data, 6);
    assert_int_equal(event.link, link);
    node_finish(&n);
}

/* bsc 11-44 */
static void hello_is_answered_with_hello(void **state)
{
    (void)state;
    struct node_test n;
    node_up_direct(&n);
    assert_int_equal(bsc_node_accept(n.node, n.now, &n.link), BAS_OK);
    node_gets_hex(&n, "06020007" HELLO PEER_SELF LIMITS);
    node_says(&n, BSC_NODE_ADMIT);
    assert_int_equal(admit(&n), BAS_OK);
    node_says(&n, BSC_NODE_DIRECT_UP);
    node_sends(&n, "0702", HELLO NODE_SELF);
    node_finish(&n);
}

static void a_node_that_does_not_accept_or_does_not_run_lets_nobody_in(void **state)
{
    (void)state;
    struct node_test n;
    bsc_link_id link = 1;
    node_up(&n);
    assert_int_equal(bsc_node_accept(n.node, n.now, &link), BAS_ERR_STATE);
    assert_int_equal(link, 0);
    node_finish(&n);
    node_begin(&n);
    n.config.direct_accept = true;
    n.node = bsc_node_new(&n.t.env, &n.config);
    assert_int_equal(bsc_node_accept(n.node, n.now, &link), BAS_ERR_STATE);
    assert_int_equal(bsc_node_admit(n.node, 1, NULL, n.now), BAS_ERR_STATE);
    node_finish(&n);
}

static void a_refusal_of_the_owner_goes_out_with_its_class_and_code(void **state)
{
    (void)state;
    struct node_test n;
    struct bas_fault refusal = { 0 };
    node_up_direct(&n);
    node_is_asked(&n, PEER_SELF);
    (void)bas_fail_code(&refusal, BAS_ERR_PERMISSION, BAC_ERROR_CLASS_SECURITY, 9, "not listed");
    assert_int_equal(bsc_node_admit(n.node, n.link, &refusal, n.now), BAS_OK);
    struct bsc_node_event failed = node_says(&n, BSC_NODE_DIRECT_FAILED);
    assert_string_equal(failed.fault.text, "not listed");
    assert_memory_equal(&failed.uuid, test_hex(PEER_UUID).data, 16);
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_sends(&n, "0000", "06010000040009");
    node_link_down(&n);
    node_says_nothing(&n);
    assert_int_equal(bsc_node_counters(n.node)->naks, 1);
    assert_int_equal(bsc_node_counters(n.node)->direct_ups, 0);
    node_finish(&n);
}

/* bsc 6.4-02 5.3-04 */
static void a_vmac_that_is_ours_or_another_devices_is_a_duplicate(void **state)
{
    (void)state;
    struct node_test n;
    node_up_direct(&n);
    node_is_asked(&n, NODE_VMAC OTHER);
    is_refused(&n, 7, 151, "06010000070097");
    bsc_link_id first = node_admits(&n, PEER_SELF);
    node_is_asked(&n, P OTHER);
    is_refused(&n, 7, 151, "06010000070097");
    through(&n, first); /* which did not feel it */
    assert_int_equal(node_send(&n, P, 3, no_options), BAS_OK);
    node_sends(&n, "0100", "010001");
    struct bsc_vmac vmac = bsc_node_vmac(n.node);
    assert_memory_equal(&vmac, test_hex(NODE_VMAC).data, 6);
    node_finish(&n);
}

/* bsc 6.4-01 5.3-03 6.1-03 */
static void a_device_that_comes_back_takes_the_place_of_its_ghost(void **state)
{
    (void)state;
    static const char *const selves[] = { PEER_SELF, "b20000000009" PEER_UUID };
    for (size_t i = 0; i < BAS_ARRAY_LEN(selves); i++) { /* with its VMAC, and with a new one */
        struct node_test n;
        node_up_direct(&n);
        n.now += 100 * BAS_SECOND;
        bsc_link_id old = node_admits(&n, PEER_SELF);
        bsc_link_id fresh = node_is_asked(&n, selves[i]);
        assert_int_equal(admit(&n), BAS_OK);
        assert_int_equal(node_says(&n, BSC_NODE_DIRECT_DOWN).link, old);
        assert_int_equal(node_says(&n, BSC_NODE_DIRECT_UP).link, fresh);
        node_says_nothing(&n);
        node_sends(&n, "0700", NODE_SELF);
        assert_int_equal(peer_of(&n, P).is_direct, i == 0);
        assert_int_equal(node_send(&n, i == 0 ? P : "b20000000009", 3, no_options), BAS_OK);
        node_sends(&n, "0100", "010001");
        through(&n, old);
        uint16_t id = node_sends(&n, "0800", "");
        node_sends_nothing(&n);
        node_gets_hex(&n, "0100001001001008"); /* it sources nothing any more */
        node_says_nothing(&n);
        node_gets_answer(&n, "0900", id, "");
        node_says(&n, BSC_NODE_LINK_CLOSE);
        node_link_down(&n);
        node_says_nothing(&n);
        node_finish(&n);
    }
}

static void up_with_room_for_one(struct node_test *n)
{
    node_begin(n);
    n->config.direct_accept = true;
    n->config.direct_max = 1;
    node_goes_up(n);
}

static void when_all_places_are_taken_only_a_known_device_is_let_in(void **state)
{
    (void)state;
    struct node_test n;
    up_with_room_for_one(&n);
    bsc_link_id old = node_admits(&n, PEER_SELF);
    node_is_asked(&n, "b20000000009" OTHER);
    is_refused(&n, 3, 0, "06010000030000");
    bsc_link_id fresh = node_is_asked(&n, PEER_SELF);
    assert_int_equal(admit(&n), BAS_OK);
    assert_int_equal(node_says(&n, BSC_NODE_DIRECT_DOWN).link, old);
    assert_int_equal(node_says(&n, BSC_NODE_DIRECT_UP).link, fresh);
    node_finish(&n);
}

static void those_who_say_nothing_cost_places_up_to_a_bound(void **state)
{
    (void)state;
    struct node_test n;
    bsc_link_id link;
    up_with_room_for_one(&n);
    for (int i = 0; i < 1 + 4; i++) { /* and the spare ones */
        assert_int_equal(bsc_node_accept(n.node, n.now, &link), BAS_OK);
    }
    assert_int_equal(bsc_node_accept(n.node, n.now, &link), BAS_ERR_NO_SPACE);
    assert_int_equal(link, 0);
    node_waits(&n); /* connect wait ends them all */
    for (int i = 0; i < 5; i++) {
        struct bsc_node_event event = node_says(&n, BSC_NODE_LINK_CLOSE);
        through(&n, event.link);
        bsc_node_link_down(n.node, event.link, NULL, n.now);
    }
    for (int i = 0; i < 5; i++) {
        assert_int_equal(node_says(&n, BSC_NODE_DIRECT_FAILED).fault.err, BAS_ERR_TIMEOUT);
    }
    node_says_nothing(&n);
    assert_int_equal(bsc_node_accept(n.node, n.now, &link), BAS_OK);
    node_finish(&n);
}

static void a_full_table_of_peers_lets_nobody_new_in(void **state)
{
    (void)state;
    struct node_test n;
    struct bsc_vmac set = node_vmac("b20000000001");
    node_begin(&n);
    n.config.direct_accept = true;
    n.config.peers_max = 1;
    node_goes_up(&n);
    assert_int_equal(bsc_node_set_peer(n.node, &set, BSC_DIRECT_NEVER, NULL, n.now), BAS_OK);
    node_is_asked(&n, PEER_SELF);
    is_refused(&n, 3, 0, "06010000030000");
    node_admits(&n, "b20000000001" OTHER);
    node_finish(&n);
}

/* Before CONNECTED. */

/* bsc 5.3-05 */
static void the_third_malformed_connect_request_ends_it(void **state)
{
    (void)state;
    struct node_test n;
    node_up_direct(&n);
    assert_int_equal(bsc_node_accept(n.node, n.now, &n.link), BAS_OK);
    for (int i = 0; i < 3; i++) {
        node_gets_hex(&n, "06000073" P);
        node_says(&n, BSC_NODE_FAULT);
        assert_int_equal(node_sends(&n, "0000", "06010000070093"), 0x73);
        if (i < 2) {
            node_says_nothing(&n);
        }
    }
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_link_down(&n);
    assert_int_equal(node_says(&n, BSC_NODE_DIRECT_FAILED).fault.error_code, 147);
    node_finish(&n);
}

/* bsc 5.3-07 5.3-08 5.3-09 */
static void before_connect_request_nothing_else_is_heard(void **state)
{
    (void)state;
    struct node_test n;
    node_up_direct(&n);
    assert_int_equal(bsc_node_accept(n.node, n.now, &n.link), BAS_OK);
    node_gets_hex(&n, "0100001001001008");
    node_says(&n, BSC_NODE_FAULT);
    node_gets_hex(&n, "0a000041");
    node_says(&n, BSC_NODE_FAULT);
    node_sends_nothing(&n);
    node_gets_hex(&n, "08000040");
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_sends(&n, "0900", "");
    node_link_down(&n);
    node_says(&n, BSC_NODE_DIRECT_FAILED);
    node_finish(&n);
    node_up_direct(&n);
    node_is_asked(&n, PEER_SELF);
    node_link_breaks(&n); /* while its owner thinks */
    node_says(&n, BSC_NODE_DIRECT_FAILED);
    node_says_nothing(&n);
    assert_int_equal(admit(&n), BAS_ERR_STATE);
    node_finish(&n);
}

/* CONNECTED. */

/* bsc 5.3-10 5.3-14 5.4-02 11-29 11-42 */
static void an_accepted_connection_sends_no_heartbeats_and_ends_after_silence(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    n.config.direct_accept = true;
    n.config.heartbeat_ms = 3600000;
    n.config.silence_limit_ms = 20000;
    node_goes_up(&n);
    node_admits(&n, PEER_SELF);
    n.now += 19 * BAS_SECOND;
    node_gets_hex(&n, "0a000041");
    assert_int_equal(node_sends(&n, "0b00", ""), 0x41);
    assert_int_equal(bsc_node_deadline(n.node), n.now + 20 * BAS_SECOND);
    node_waits(&n);
    assert_int_equal(node_says(&n, BSC_NODE_DIRECT_DOWN).fault.err, BAS_ERR_TIMEOUT);
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_sends_nothing(&n);
    assert_int_equal(bsc_node_counters(n.node)->heartbeats, 0);
    node_finish(&n);
}

/* bsc 5.3-13 */
static void a_second_connect_request_is_dropped(void **state)
{
    (void)state;
    struct node_test n;
    node_up_direct(&n);
    node_admits(&n, PEER_SELF);
    node_gets_hex(&n, "06000008" PEER_SELF LIMITS);
    node_says_nothing(&n);
    node_sends_nothing(&n);
    assert_true(peer_of(&n, P).is_direct);
    node_finish(&n);
}

/* bsc 5.3-11 5.3-12 5.3-15 5.3-16 11-57 */
static void it_ends_in_order_from_either_side_or_breaks(void **state)
{
    (void)state;
    struct node_test n;
    struct bsc_vmac peer = node_vmac(P);
    node_up_direct(&n);
    node_admits(&n, PEER_SELF);
    node_gets_hex(&n, "08000040");
    assert_int_equal(node_says(&n, BSC_NODE_DIRECT_DOWN).fault.err, BAS_OK);
    node_says(&n, BSC_NODE_LINK_CLOSE);
    assert_int_equal(node_sends(&n, "0900", ""), 0x40);
    node_link_down(&n);
    node_says_nothing(&n);
    node_admits(&n, PEER_SELF);
    assert_int_equal(bsc_node_disconnect_direct(n.node, &peer, n.now), BAS_OK);
    node_says(&n, BSC_NODE_DIRECT_DOWN);
    node_gets_answer(&n, "0900", node_sends(&n, "0800", ""), "");
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_link_down(&n);
    node_admits(&n, PEER_SELF);
    node_link_breaks(&n);
    assert_int_equal(node_says(&n, BSC_NODE_DIRECT_DOWN).fault.err, BAS_ERR_CLOSED);
    node_says_nothing(&n);
    assert_int_equal(peer_of(&n, P).direct_connection.state, BSC_DISCONNECTED_WITH_ERRORS);
    node_finish(&n);
}

/* A peer that we never call may call us, and its connection is used. */
static void a_peer_that_we_never_initiate_to_is_answered_on_its_own_connection(void **state)
{
    (void)state;
    struct node_test n;
    struct bsc_vmac peer = node_vmac(P);
    node_up_direct(&n);
    assert_int_equal(bsc_node_set_peer(n.node, &peer, BSC_DIRECT_NEVER, NULL, n.now), BAS_OK);
    node_admits(&n, PEER_SELF);
    assert_int_equal(node_send(&n, P, 3, no_options), BAS_OK);
    node_sends(&n, "0100", "010001");
    node_finish(&n);
}

/* Both sides at once (6.4). */

/* Ours to that peer, as far as its link being asked for. */
static bsc_link_id we_open(struct node_test *n, const char *vmac)
{
    struct bsc_vmac peer = node_vmac(vmac);
    node_up_direct(n);
    assert_int_equal(bsc_node_set_peer(n->node, &peer, BSC_DIRECT_AUTO, PEER_URI, n->now), BAS_OK);
    assert_int_equal(bsc_node_connect_direct(n->node, &peer, n->now), BAS_OK);
    return node_opens(n, PEER_URI, DIRECT);
}

/* Theirs is let in, and ours gives way without a word about it. */
static void theirs_stays(struct node_test *n, bsc_link_id ours, bsc_link_id theirs)
{
    assert_int_equal(admit(n), BAS_OK);
    assert_int_equal(node_says(n, BSC_NODE_LINK_CLOSE).link, ours);
    assert_int_equal(node_says(n, BSC_NODE_DIRECT_UP).link, theirs);
    node_says_nothing(n);
    node_sends(n, "0700", NODE_SELF);
    through(n, ours);
    node_sends_nothing(n);
    node_link_down(n);
    node_says_nothing(n);
    through(n, theirs);
}

/* bsc 6.4-03 */
static void theirs_stays_while_we_have_not_sent_our_connect_request(void **state)
{
    (void)state;
    static const char *const peers[][2] = { { P, PEER_SELF }, { LOWER, LOWER PEER_UUID } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(peers); i++) {
        struct node_test n;
        bsc_link_id ours = we_open(&n, peers[i][0]);
        theirs_stays(&n, ours, node_is_asked(&n, peers[i][1]));
        assert_false(peer_of(&n, peers[i][0]).is_initiator);
        node_finish(&n);
    }
}

/* bsc 6.4-03 */
static void when_both_have_asked_the_one_of_the_lower_vmac_stays(void **state)
{
    (void)state;
    struct node_test n;
    bsc_link_id ours = we_open(&n, LOWER); /* we are the higher one */
    node_link_up(&n);
    node_sends(&n, "0602", HELLO NODE_SELF);
    theirs_stays(&n, ours, node_is_asked(&n, LOWER PEER_UUID));
    node_finish(&n);

    ours = we_open(&n, P); /* we are the lower one */
    node_link_up(&n);
    uint16_t id = node_sends(&n, "0602", HELLO NODE_SELF);
    node_is_asked(&n, PEER_SELF);
    is_refused(&n, 7, 0, "06010000070000");
    through(&n, ours);
    node_gets_answer(&n, "0700", id, PEER_SELF LIMITS);
    assert_int_equal(node_says(&n, BSC_NODE_DIRECT_UP).link, ours);
    assert_true(peer_of(&n, P).is_initiator);
    node_finish(&n);
}

/* bsc 6.4-03 */
static void a_request_that_was_overtaken_by_the_answer_to_ours_changes_nothing(void **state)
{
    (void)state;
    for (int is_late = 0; is_late < 2; is_late++) {
        struct node_test n;
        bsc_link_id ours = we_open(&n, P);
        node_gets_direct(&n, PEER_SELF, LIMITS);
        n.now += is_late != 0 ? 10 * BAS_SECOND : 10 * BAS_SECOND - 1;
        bsc_link_id theirs = node_is_asked(&n, PEER_SELF);
        if (is_late == 0) {
            is_refused(&n, 7, 0, "06010000070000");
            assert_true(peer_of(&n, P).is_initiator);
        } else { /* it has come back meanwhile */
            assert_int_equal(admit(&n), BAS_OK);
            assert_int_equal(node_says(&n, BSC_NODE_DIRECT_DOWN).link, ours);
            assert_int_equal(node_says(&n, BSC_NODE_DIRECT_UP).link, theirs);
        }
        node_finish(&n);
    }
}

static void an_owner_that_thinks_long_decides_about_what_is_then(void **state)
{
    (void)state;
    struct node_test n;
    bsc_link_id ours = we_open(&n, P);
    bsc_link_id theirs = node_is_asked(&n, PEER_SELF); /* ours was not asked yet */
    through(&n, ours);
    node_link_up(&n);
    node_sends(&n, "0602", HELLO NODE_SELF); /* now it is */
    through(&n, theirs);
    is_refused(&n, 7, 0, "06010000070000");
    node_finish(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peer_is_let_in_when_its_owner_says_so),
        cmocka_unit_test(hello_is_answered_with_hello),
        cmocka_unit_test(a_node_that_does_not_accept_or_does_not_run_lets_nobody_in),
        cmocka_unit_test(a_refusal_of_the_owner_goes_out_with_its_class_and_code),
        cmocka_unit_test(a_vmac_that_is_ours_or_another_devices_is_a_duplicate),
        cmocka_unit_test(a_device_that_comes_back_takes_the_place_of_its_ghost),
        cmocka_unit_test(when_all_places_are_taken_only_a_known_device_is_let_in),
        cmocka_unit_test(those_who_say_nothing_cost_places_up_to_a_bound),
        cmocka_unit_test(a_full_table_of_peers_lets_nobody_new_in),
        cmocka_unit_test(the_third_malformed_connect_request_ends_it),
        cmocka_unit_test(before_connect_request_nothing_else_is_heard),
        cmocka_unit_test(an_accepted_connection_sends_no_heartbeats_and_ends_after_silence),
        cmocka_unit_test(a_second_connect_request_is_dropped),
        cmocka_unit_test(it_ends_in_order_from_either_side_or_breaks),
        cmocka_unit_test(a_peer_that_we_never_initiate_to_is_answered_on_its_own_connection),
        cmocka_unit_test(theirs_stays_while_we_have_not_sent_our_connect_request),
        cmocka_unit_test(when_both_have_asked_the_one_of_the_lower_vmac_stays),
        cmocka_unit_test(a_request_that_was_overtaken_by_the_answer_to_ours_changes_nothing),
        cmocka_unit_test(an_owner_that_thinks_long_decides_about_what_is_then),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
