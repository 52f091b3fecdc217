/* Tests of node_room.c: what may wait for whom in a node, and who takes nothing. */
#include "sc_node.h"

#include <string.h>

#define ELSEWHERE "b20000000001"
#define THIRD     "c20000000001"

static const struct bas_slice no_options = { NULL, 0 };

/* A peer is connected directly, to a node of 64 pending messages. */
static void begins(struct node_test *n)
{
    node_begin(n);
    n->config.direct_accept = true;
    n->config.pending_entries = 64;
    node_goes_up(n);
    node_admits(n, PEER_SELF);
}

/* How many NPDUs go to it before it is said that there is no room. */
static unsigned fill(struct node_test *n, const char *to, size_t len)
{
    unsigned sent = 0;
    while (node_send(n, to, len, no_options) == BAS_OK) {
        assert_true(++sent < 1000);
    }
    return sent;
}

static void a_direct_peer_that_reads_nothing_leaves_room_for_all_others(void **state)
{
    (void)state;
    static struct node_test n;
    begins(&n);
    assert_true(fill(&n, PEER_VMAC, 40) >= 15);
    assert_int_equal(node_send(&n, PEER_VMAC, 40, no_options), BAS_ERR_BUSY);
    assert_true(fill(&n, ELSEWHERE, 40) >= 30); /* through the hub */
    node_finish(&n);
}

static void it_may_not_hold_more_octets_than_its_part_either(void **state)
{
    (void)state;
    static struct node_test n;
    begins(&n);
    assert_true(fill(&n, PEER_VMAC, 1497) >= 15);
    assert_int_equal(node_send(&n, ELSEWHERE, 1497, no_options), BAS_OK);
    node_finish(&n);
}

static void one_message_of_any_length_goes_to_a_direct_peer_that_has_read_all(void **state)
{
    (void)state;
    static struct node_test n;
    node_begin(&n);
    n.config.direct_initiate = true;
    n.config.max_bvlc = BSC_MAX_BVLC;
    n.config.max_npdu = BSC_MAX_NPDU;
    n.config.pending_max = 72 * 1024;
    node_goes_up(&n);
    const struct bsc_vmac peer = node_vmac(PEER_VMAC);
    assert_int_equal(bsc_node_set_peer(n.node, &peer, BSC_DIRECT_NEVER, PEER_URI, n.now), BAS_OK);
    assert_int_equal(bsc_node_connect_direct(n.node, &peer, n.now), BAS_OK);
    node_opens(&n, PEER_URI, DIRECT);
    struct bsc_tx tx;
    node_link_up(&n);
    assert_true(bsc_node_peek(n.node, n.link, &tx));
    struct bsc_message request;
    assert_int_equal(bsc_decode(tx.head, &request, NULL), BAS_OK);
    bsc_node_pop(n.node, n.link);
    node_gets_answer(&n, "0700", request.id, PEER_SELF "ffffef8f");
    node_says(&n, BSC_NODE_DIRECT_UP);
    assert_int_equal(node_send(&n, PEER_VMAC, BSC_MAX_NPDU, no_options), BAS_OK);
    assert_int_equal(node_send(&n, PEER_VMAC, 1000, no_options), BAS_ERR_BUSY);
    node_finish(&n);
}

/* It reads none of the answers, which the node owes it. */
static void requests_of_a_direct_peer_that_reads_nothing_do_not_silence_the_node(void **state)
{
    (void)state;
    static struct node_test n;
    begins(&n);
    for (int i = 0; i < 1000; i++) {
        node_gets_hex(&n, "0a000001");
    }
    assert_true(bsc_node_counters(n.node)->dropped_pending_full >= 900);
    assert_int_equal(node_send(&n, ELSEWHERE, 40, no_options), BAS_OK);
    n.link = n.hub;
    node_gets_hex(&n, "0a000002"); /* the hub's own request is answered */
    node_sends(&n, "0104",
               ELSEWHERE "01000102030405060708090a0b0c0d0e0f101112131415161718191a1b"
                         "1c1d1e1f20212223242526");
    assert_int_equal(node_sends(&n, "0b00", ""), 2);
    node_finish(&n);
}

static void a_direct_connection_that_takes_nothing_for_half_a_minute_is_given_up(void **state)
{
    (void)state;
    static struct node_test n;
    begins(&n);
    bsc_link_id direct = n.link;
    (void)fill(&n, PEER_VMAC, 40);
    n.now += 30 * BAS_SECOND - 1;
    assert_int_equal(node_send(&n, PEER_VMAC, 40, no_options), BAS_ERR_BUSY);
    node_says_nothing(&n);
    n.now += 1;
    assert_int_equal(node_send(&n, PEER_VMAC, 40, no_options), BAS_ERR_BUSY);
    struct bsc_node_event down = node_says(&n, BSC_NODE_DIRECT_DOWN);
    assert_int_equal(down.link, direct);
    assert_int_equal(down.fault.err, BAS_ERR_TIMEOUT);
    assert_non_null(strstr(down.fault.text, "took nothing for 30 s"));
    struct bsc_node_event closing = node_says(&n, BSC_NODE_LINK_CLOSE);
    assert_int_equal(closing.link, direct);
    assert_int_equal(closing.close_code, 1008);
    node_sends_nothing(&n);
    assert_int_equal(node_send(&n, PEER_VMAC, 40, no_options), BAS_OK);
    n.link = n.hub;
    struct bsc_tx tx;
    assert_true(bsc_node_peek(n.node, n.hub, &tx));
    bsc_node_link_down(n.node, direct, NULL, n.now);
    node_says_nothing(&n);
    node_finish(&n);
}

static void one_that_takes_something_now_and_then_stays(void **state)
{
    (void)state;
    static struct node_test n;
    begins(&n);
    for (int i = 0; i < 10; i++) {
        (void)fill(&n, PEER_VMAC, 40);
        n.now += 20 * BAS_SECOND;
        bsc_node_pop(n.node, n.link);
    }
    node_says_nothing(&n);
    node_finish(&n);
}

static void a_hub_that_takes_nothing_for_half_a_minute_is_left(void **state)
{
    (void)state;
    static struct node_test n;
    begins(&n);
    (void)fill(&n, ELSEWHERE, 40);
    n.now += 30 * BAS_SECOND;
    assert_int_equal(node_send(&n, THIRD, 40, no_options), BAS_ERR_BUSY);
    struct bsc_node_event down = node_says(&n, BSC_NODE_DOWN);
    assert_non_null(strstr(down.fault.text, "took nothing for 30 s"));
    node_says(&n, BSC_NODE_LINK_CLOSE);
    assert_int_equal(bsc_node_hub_state(n.node), 0);
    bsc_node_link_down(n.node, n.hub, NULL, n.now);
    node_says(&n, BSC_NODE_LINK_OPEN);
    node_finish(&n);
}

static void more_is_taken_while_there_is_room_on_whatever_link_it_goes(void **state)
{
    (void)state;
    static struct node_test n;
    node_begin(&n);
    n.config.direct_accept = true;
    n.config.pending_entries = 64;
    node_goes_up(&n);
    assert_true(bsc_node_takes_more(n.node));
    unsigned sent = 0;
    for (; bsc_node_takes_more(n.node); sent++) {
        assert_int_equal(node_send(&n, ELSEWHERE, 40, no_options), BAS_OK);
        assert_true(sent < 64);
    }
    assert_true(sent >= 20);
    node_finish(&n);
    begins(&n);
    for (sent = 0; bsc_node_takes_more(n.node); sent++) {
        assert_int_equal(node_send(&n, PEER_VMAC, 40, no_options), BAS_OK);
        assert_true(sent < 64);
    }
    assert_true(sent >= 7);
    (void)fill(&n, PEER_VMAC, 40); /* it takes nothing: the others do not wait for it */
    assert_true(bsc_node_takes_more(n.node));
    node_finish(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_direct_peer_that_reads_nothing_leaves_room_for_all_others),
        cmocka_unit_test(it_may_not_hold_more_octets_than_its_part_either),
        cmocka_unit_test(one_message_of_any_length_goes_to_a_direct_peer_that_has_read_all),
        cmocka_unit_test(requests_of_a_direct_peer_that_reads_nothing_do_not_silence_the_node),
        cmocka_unit_test(a_direct_connection_that_takes_nothing_for_half_a_minute_is_given_up),
        cmocka_unit_test(one_that_takes_something_now_and_then_stays),
        cmocka_unit_test(more_is_taken_while_there_is_room_on_whatever_link_it_goes),
        cmocka_unit_test(a_hub_that_takes_nothing_for_half_a_minute_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
