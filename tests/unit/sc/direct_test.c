/* switch.c: the traffic on a direct connection, and its end (spec 6.5). */
#include "sc_node.h"

#include <string.h>

#define P         PEER_VMAC
#define BROADCAST "ffffffffffff"
#define HELLO     "22000100"
#define LIMITS    "ffffef8f"
#define URIS_ONE  "7773733a2f2f3139322e302e322e373a343434332f6463" /* PEER_URI */
static const struct bas_slice no_options = { 0 };

/* A direct connection that we opened, by configured URI. */
static bsc_link_id up_with_direct(struct node_test *n)
{
    node_up_direct(n);
    node_set_peer(n, BSC_DIRECT_AUTO, PEER_URI);
    assert_int_equal(node_connect_direct(n), BAS_OK);
    node_opens(n, PEER_URI, DIRECT);
    node_gets_direct(n, PEER_SELF, LIMITS);
    bsc_link_id dirty;
    while (bsc_node_next_dirty(n->node, &dirty)) {
    }
    return n->link;
}

/* Traffic (6.5). */

/* bsc 6.2-01 6.5-01 1.2-07 6.1-02 */
static void on_a_direct_connection_there_are_no_addresses(void **state)
{
    (void)state;
    struct node_test n;
    bsc_link_id direct = up_with_direct(&n);
    const struct bsc_send both = { .to = node_vmac(P),
                                   .dest_options = test_hex("3f0005010407aabb"),
                                   .data_options = test_hex("41") };
    assert_int_equal(node_send(&n, P, 3, no_options), BAS_OK);
    node_sends(&n, "0100", "010001");
    struct bas_frame *npdu = bas_frame_new(&n.heap.env, 0, 2);
    memcpy(bas_frame_put(npdu, 2), "\x01\x00", 2);
    assert_int_equal(bsc_node_send(n.node, &both, npdu, n.now), BAS_OK);
    node_sends(&n, "0103", "3f0005010407aabb410100");
    assert_int_equal(node_send(&n, BROADCAST, 3, no_options), BAS_OK);
    node_sends_nothing(&n);
    node_gets_hex(&n, "0101001041"
                      "01001008");
    struct bsc_node_event event = node_says(&n, BSC_NODE_NPDU);
    assert_memory_equal(&event.vmac, test_hex(P).data, 6); /* as the handshake told */
    assert_int_equal(event.link, direct);
    assert_false(event.broadcast);
    assert_int_equal(event.data_options.len, 1);
    assert_int_equal(bsc_node_counters(n.node)->received_direct, 2); /* and its Connect-Accept */
    node_through(&n, n.hub);
    node_sends(&n, "0104", BROADCAST "010001");
    node_gets_hex(&n, "01080011" P "01001008"); /* through the hub all the same */
    assert_int_equal(node_says(&n, BSC_NODE_NPDU).link, n.hub);
    node_finish(&n);
}

/* bsc 6.5-03 */
static void answers_go_back_on_the_direct_connection(void **state)
{
    (void)state;
    static const struct {
        const char *gets, *start, *rest;
    } rows[] = {
        { "02000021", "0300", "7773733a2f2f612f207773733a2f2f622f6463" },
        { "0d00006800", "0000", "0d01000007008f" },
        { "0102001340"
          "01001008",
          "0000", "01014000070091" },
        { "01000070", "0000", "01010000070095" },
        { "0a000041", "0b00", "" },
    };
    struct node_test n;
    up_with_direct(&n);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bsc_node_event event;
        node_gets_hex(&n, rows[i].gets);
        uint16_t id = node_sends(&n, rows[i].start, rows[i].rest);
        assert_int_equal(id, test_hex(rows[i].gets).data[2] << 8 | test_hex(rows[i].gets).data[3]);
        node_sends_nothing(&n);
        (void)bsc_node_next_event(n.node, &event);
    }
    node_gets_hex(&n, "05000034");
    node_sends(&n, "0400", "0101164905d9");
    node_gets_hex(&n, "0c00005201040901");
    struct bsc_node_event event = node_says(&n, BSC_NODE_PROPRIETARY);
    assert_int_equal(event.id, 0x52);
    assert_int_equal(bsc_node_answer_proprietary(n.node, &event, NULL, n.now), BAS_OK);
    assert_int_equal(node_sends(&n, "0000", "0c00"), 0x52);
    node_through(&n, n.hub);
    node_sends_nothing(&n);
    node_finish(&n);
}

/* bsc 6.5-02 */
static void what_has_a_destination_on_a_direct_connection_is_dropped(void **state)
{
    (void)state;
    struct node_test n;
    up_with_direct(&n);
    node_gets_hex(&n, "01040095" BROADCAST "01001008");
    assert_int_not_equal(node_says(&n, BSC_NODE_FAULT).fault.err, BAS_OK);
    node_gets_hex(&n, "01040096" NODE_VMAC "01001008");
    node_says(&n, BSC_NODE_FAULT);
    node_sends_nothing(&n);
    node_says_nothing(&n);
    assert_int_equal(bsc_node_counters(n.node)->dropped_rule, 2);
    node_finish(&n);
}

/* bsc 6.5-04 */
static void when_it_is_lost_traffic_goes_through_the_hub_without_a_word(void **state)
{
    (void)state;
    struct node_test n;
    up_with_direct(&n);
    n.now += BAS_SECOND;
    node_link_breaks(&n);
    struct bsc_node_event down = node_says(&n, BSC_NODE_DIRECT_DOWN);
    assert_string_equal(down.fault.text, "the link broke");
    assert_string_equal(down.uri, PEER_URI);
    node_says_nothing(&n); /* the hub connection is not concerned */
    node_unicasts_through_the_hub(&n);
    assert_int_equal(node_peer(&n).direct_connection.state, BSC_DISCONNECTED_WITH_ERRORS);
    assert_false(node_peer(&n).is_direct);
    node_finish(&n);
}

static void it_goes_on_without_the_hub_for_those_who_have_it(void **state)
{
    (void)state;
    struct node_test n;
    bsc_link_id direct = up_with_direct(&n);
    node_through(&n, n.hub);
    node_link_breaks(&n);
    node_says(&n, BSC_NODE_DOWN);
    node_says(&n, BSC_NODE_RETRY);
    node_through(&n, direct);
    assert_int_equal(node_send(&n, P, 3, no_options), BAS_OK);
    node_sends(&n, "0100", "010001");
    assert_int_equal(node_send(&n, BROADCAST, 3, no_options), BAS_ERR_CLOSED);
    assert_int_equal(bsc_node_max_npdu(n.node, NULL), 0);
    node_gets_hex(&n, "05000034"); /* Advertisement: no hub connection */
    node_sends(&n, "0400", "0001164905d9");
    node_finish(&n);
}

static void the_limits_of_the_peer_count_there_not_those_of_the_hub(void **state)
{
    (void)state;
    struct node_test n;
    struct bsc_vmac peer = node_vmac(P);
    node_up_direct(&n);
    node_set_peer(&n, BSC_DIRECT_AUTO, PEER_URI);
    assert_int_equal(node_connect_direct(&n), BAS_OK);
    node_opens(&n, PEER_URI, DIRECT);
    node_gets_direct(&n, PEER_SELF, "020001e0"); /* 512 and 480 */
    assert_int_equal(bsc_node_max_npdu(n.node, &peer), 480);
    assert_int_equal(bsc_node_max_npdu(n.node, NULL), 1497);
    assert_int_equal(node_send(&n, P, 480, no_options), BAS_OK);
    assert_int_equal(node_send(&n, P, 481, no_options), BAS_ERR_TOO_LONG);
    static const uint8_t list[17] = { 0x3F, 0, 14, 1, 4, 7 };
    assert_int_equal(node_send(&n, P, 480, (struct bas_slice){ list, 17 }), BAS_ERR_TOO_LONG);
    node_finish(&n);
}

/* bsc 5.4-01 5.4-03 */
static void whoever_initiated_sends_heartbeats_there_and_misses_their_answers(void **state)
{
    (void)state;
    struct node_test n;
    up_with_direct(&n);
    bsc_link_id direct = n.link;
    bas_time joined = n.now;
    n.now += 30 * BAS_SECOND;
    node_through(&n, n.hub);
    node_gets_hex(&n, "0a000041");
    node_sends(&n, "0b00", "");
    node_through(&n, direct);
    assert_int_equal(bsc_node_deadline(n.node), joined + 60 * BAS_SECOND);
    node_waits(&n);
    node_sends(&n, "0a00", "");
    node_sends_nothing(&n);
    node_waits(&n);
    assert_int_equal(node_says(&n, BSC_NODE_DIRECT_DOWN).fault.err, BAS_ERR_TIMEOUT);
    node_sends(&n, "0800", "");
    assert_int_equal(bsc_node_counters(n.node)->heartbeats, 1);
    assert_int_equal(bsc_node_counters(n.node)->heartbeats_missed, 1);
    assert_int_equal(bsc_node_hub_state(n.node), 1);
    node_finish(&n);
}

/* The end. */

static void its_owner_can_disconnect_it_and_traffic_does_not_bring_it_back_at_once(void **state)
{
    (void)state;
    struct node_test n;
    struct bsc_vmac peer = node_vmac(P);
    bsc_link_id direct = up_with_direct(&n);
    assert_int_equal(bsc_node_disconnect_direct(n.node, &peer, n.now), BAS_OK);
    assert_int_equal(node_says(&n, BSC_NODE_DIRECT_DOWN).fault.err, BAS_OK);
    assert_int_equal(node_peer(&n).direct_connection.state, BSC_NOT_CONNECTED);
    assert_int_equal(bsc_node_disconnect_direct(n.node, &peer, n.now), BAS_ERR_NOT_FOUND);
    for (int i = 0; i < 10; i++) {
        node_unicasts_through_the_hub(&n);
    }
    node_through(&n, direct);
    node_gets_answer(&n, "0900", node_sends(&n, "0800", ""), "");
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_link_down(&n);
    node_says_nothing(&n);
    n.now += 60 * BAS_SECOND;
    for (int i = 0; i < 5; i++) {
        node_unicasts_through_the_hub(&n);
    }
    node_opens(&n, PEER_URI, DIRECT);
    node_finish(&n);
}

static void an_attempt_that_is_given_up_ends_with_direct_failed(void **state)
{
    (void)state;
    struct node_test n;
    struct bsc_vmac peer = node_vmac(P);
    node_up_direct(&n);
    assert_int_equal(node_connect_direct(&n), BAS_OK);
    uint16_t id = node_sends(&n, "0204", P);
    assert_int_equal(bsc_node_disconnect_direct(n.node, &peer, n.now), BAS_OK);
    node_fails_directly(&n);
    node_gets_answer(&n, "0308", id, P URIS_ONE); /* its answer is kept, and nothing opened */
    node_says_nothing(&n);
    node_set_peer(&n, BSC_DIRECT_AUTO, PEER_URI " " PEER_URI2);
    assert_int_equal(node_connect_direct(&n), BAS_OK);
    node_opens(&n, PEER_URI, DIRECT);
    assert_int_equal(bsc_node_disconnect_direct(n.node, &peer, n.now), BAS_OK);
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_fails_directly(&n);
    node_link_down(&n);
    node_says_nothing(&n); /* and not the next URI */
    node_finish(&n);
}

/* bsc 6.5-05 4.2-15 */
static void a_new_vmac_of_ours_ends_all_direct_connections_first(void **state)
{
    (void)state;
    struct node_test n;
    bsc_link_id direct = up_with_direct(&n);
    n.now += 10 * BAS_SECOND;
    node_through(&n, n.hub);
    node_link_breaks(&n);
    node_says(&n, BSC_NODE_DOWN);
    node_opens(&n, NODE_URI, "hub.bsc.bacnet.org");
    node_link_up(&n);
    node_gets_answer(&n, "0000", node_sends(&n, "0602", HELLO NODE_SELF), "06010000070097");
    node_says(&n, BSC_NODE_VMAC_CHANGED);
    node_says(&n, BSC_NODE_LINK_CLOSE);
    assert_int_equal(node_says(&n, BSC_NODE_DIRECT_DOWN).link, direct);
    node_link_down(&n);
    node_says_nothing(&n);
    assert_int_equal(node_connect_direct(&n), BAS_ERR_STATE);
    bsc_link_id none;
    assert_int_equal(bsc_node_accept(n.node, n.now, &none), BAS_ERR_STATE);
    node_through(&n, direct);
    node_gets_answer(&n, "0900", node_sends(&n, "0800", ""), "");
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_link_down(&n);
    node_opens(&n, NODE_URI, "hub.bsc.bacnet.org");
    node_finish(&n);
}

/* bsc 4.2-16 */
static void stop_ends_direct_connections_and_attempts(void **state)
{
    (void)state;
    struct node_test n;
    struct bsc_vmac other = node_vmac("b20000000001");
    bsc_link_id direct = up_with_direct(&n);
    assert_int_equal(bsc_node_set_peer(n.node, &other, BSC_DIRECT_ALWAYS, PEER_URI2, n.now),
                     BAS_OK);
    bsc_node_tick(n.node, n.now);
    bsc_link_id attempt = node_opens(&n, PEER_URI2, DIRECT);
    bsc_node_stop(n.node, n.now);
    node_says(&n, BSC_NODE_DOWN);
    assert_int_equal(node_says(&n, BSC_NODE_DIRECT_DOWN).link, direct);
    assert_int_equal(node_says(&n, BSC_NODE_LINK_CLOSE).link, attempt);
    node_link_down(&n);
    node_through(&n, direct);
    node_link_down(&n);
    assert_false(bsc_node_is_stopped(n.node));
    node_through(&n, n.hub);
    node_link_down(&n);
    node_says_nothing(&n);
    assert_true(bsc_node_is_stopped(n.node));
    assert_int_equal(bsc_node_deadline(n.node), BAS_NEVER);
    assert_int_equal(node_connect_direct(&n), BAS_ERR_STATE);
    node_finish(&n);
}

/* bsc 9.4-01 */
static void the_status_of_a_direct_connection_tells_uri_times_and_peer(void **state)
{
    (void)state;
    struct node_test n;
    up_with_direct(&n);
    struct bsc_connection_status status = node_peer(&n).direct_connection;
    assert_int_equal(status.state, BSC_IS_CONNECTED);
    assert_int_equal(status.connected_at, n.t.wall);
    assert_int_equal(status.disconnected_at, 0);
    assert_string_equal(status.uri, PEER_URI);
    assert_memory_equal(&status.uuid, test_hex(PEER_UUID).data, 16);
    assert_true(node_peer(&n).is_direct);
    assert_true(node_peer(&n).is_initiator);
    n.t.wall += 5000000;
    node_gets_hex(&n, "08001234");
    assert_int_equal(node_says(&n, BSC_NODE_DIRECT_DOWN).fault.err, BAS_OK);
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_sends(&n, "0900", "");
    status = node_peer(&n).direct_connection;
    assert_int_equal(status.state, BSC_NOT_CONNECTED);
    assert_int_equal(status.disconnected_at, status.connected_at + 5000000);
    node_finish(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_a_direct_connection_there_are_no_addresses),
        cmocka_unit_test(answers_go_back_on_the_direct_connection),
        cmocka_unit_test(what_has_a_destination_on_a_direct_connection_is_dropped),
        cmocka_unit_test(when_it_is_lost_traffic_goes_through_the_hub_without_a_word),
        cmocka_unit_test(it_goes_on_without_the_hub_for_those_who_have_it),
        cmocka_unit_test(the_limits_of_the_peer_count_there_not_those_of_the_hub),
        cmocka_unit_test(whoever_initiated_sends_heartbeats_there_and_misses_their_answers),
        cmocka_unit_test(its_owner_can_disconnect_it_and_traffic_does_not_bring_it_back_at_once),
        cmocka_unit_test(an_attempt_that_is_given_up_ends_with_direct_failed),
        cmocka_unit_test(a_new_vmac_of_ours_ends_all_direct_connections_first),
        cmocka_unit_test(stop_ends_direct_connections_and_attempts),
        cmocka_unit_test(the_status_of_a_direct_connection_tells_uri_times_and_peer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
