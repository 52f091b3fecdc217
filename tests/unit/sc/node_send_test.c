/* What a program sends with options, proprietary messages and their answers, and what is counted
 * (spec 1.3, 2.1, 2.2). */
#include "sc_node.h"

#include <string.h>

#define A         "123456789abc"
#define B         "a20b0c0d0e0f"
#define BROADCAST "ffffffffffff"
static const struct bas_slice no_options = { 0 };

static bas_err send_with(struct node_test *n, const struct bsc_send *send, size_t len)
{
    struct bas_frame *npdu = bas_frame_new(&n->heap.env, BAS_HEADROOM, BAS_HEADROOM + len);
    assert_non_null(npdu);
    memset(bas_frame_put(npdu, len), 1, len);
    return bsc_node_send(n->node, send, npdu, n->now);
}

/* bsc 1.3-06 1.3-15 11-02 11-56 */
static void both_lists_of_options_go_out_in_their_order(void **state)
{
    (void)state;
    struct node_test n;
    uint8_t dest_memory[32];
    uint8_t data_memory[32];
    struct bas_buf dest;
    struct bas_buf data;
    const struct bsc_proprietary_option mine = { 0x0104, 7, true, test_hex("aabb") };
    node_up(&n);
    bas_buf_init(&dest, dest_memory, sizeof(dest_memory));
    bas_buf_init(&data, data_memory, sizeof(data_memory));
    assert_int_equal(bsc_option_append_proprietary(&dest, &mine), BAS_OK);
    assert_int_equal(bsc_option_append_secure_path(&data), BAS_OK);
    const struct bsc_send send = { .to = node_vmac(B),
                                   .dest_options = { dest_memory, dest.len },
                                   .data_options = { data_memory, data.len } };
    assert_int_equal(send_with(&n, &send, 2), BAS_OK);
    node_sends(&n, "0107", B "7f0005010407aabb410101");
    const struct bsc_send all = { .to = node_vmac(BROADCAST),
                                  .dest_options = { dest_memory, dest.len } };
    assert_int_equal(send_with(&n, &all, 2), BAS_OK);
    node_sends(&n, "0106", BROADCAST "7f0005010407aabb0101");
    node_finish(&n);
}

static void both_lists_count_for_the_limit_of_the_hub(void **state)
{
    (void)state;
    struct node_test n;
    static const uint8_t list[40] = { 0x3F, 0, 37, 1, 4, 7 };
    node_begin(&n);
    node_starts(&n);
    node_joins(&n, "00c805d9"); /* 200 */
    const struct bsc_send send = { .to = node_vmac(B),
                                   .dest_options = { list, 40 },
                                   .data_options = { list, 40 } };
    assert_int_equal(send_with(&n, &send, 200 - 16 - 80), BAS_OK);
    assert_int_equal(send_with(&n, &send, 200 - 16 - 80 + 1), BAS_ERR_TOO_LONG);
    node_finish(&n);
}

/* bsc 1.3-11 1.3-15 */
static void both_lists_come_with_the_event(void **state)
{
    (void)state;
    struct node_test n;
    struct bsc_option option;
    struct bsc_proprietary_option read;
    node_up(&n);
    node_gets_hex(&n, "010b0017" B "3f0005010407aabb4101001008");
    struct bsc_node_event event = node_says(&n, BSC_NODE_NPDU);
    assert_true(bsc_option_find(event.dest_options, BSC_OPTION_PROPRIETARY, &option));
    assert_int_equal(bsc_option_proprietary(&option, &read), BAS_OK);
    assert_int_equal(read.vendor, 260);
    assert_true(bsc_option_find(event.data_options, BSC_OPTION_SECURE_PATH, &option));
    assert_int_equal(event.id, 0x17);
    assert_int_equal(event.npdu.len, 4);
    node_finish(&n);
}

/* Proprietary messages. */

static bas_err send_proprietary(struct node_test *n, const char *to, struct bas_slice data,
                                uint16_t *id)
{
    const struct bsc_send send = { .to = node_vmac(to) };
    const struct bsc_proprietary message = { 260, 9, data };
    return bsc_node_send_proprietary(n->node, &send, &message, n->now, id);
}

/* bsc 1.4-12 */
static void a_proprietary_message_goes_to_one_or_to_all(void **state)
{
    (void)state;
    struct node_test n;
    uint16_t id = 0;
    node_up(&n);
    assert_int_equal(send_proprietary(&n, B, test_hex("01020304"), &id), BAS_OK);
    assert_int_equal(node_sends(&n, "0c04", B "01040901020304"), id);
    assert_int_equal(send_proprietary(&n, BROADCAST, no_options, NULL), BAS_OK);
    assert_int_equal(node_sends(&n, "0c04", BROADCAST "010409"), id + 1);
    struct bsc_send send = { .to = node_vmac(B), .dest_options = test_hex("3f0005010407aabb") };
    const struct bsc_proprietary message = { 260, 9, test_hex("01") };
    assert_int_equal(bsc_node_send_proprietary(n.node, &send, &message, n.now, NULL), BAS_OK);
    node_sends(&n, "0c06", B "3f0005010407aabb01040901");
    send.data_options = test_hex("41"); /* bsc 1.3-12 */
    assert_int_equal(bsc_node_send_proprietary(n.node, &send, &message, n.now, NULL),
                     BAS_ERR_INVALID);
    node_sends_nothing(&n);
    node_finish(&n);
}

static void a_long_proprietary_message_is_sent_whole_or_refused(void **state)
{
    (void)state;
    struct node_test n;
    static uint8_t data[5705];
    struct bsc_tx tx;
    node_begin(&n);
    node_starts(&n);
    node_joins(&n, "164905d9"); /* 5705 octets; the limit of NPDUs is not for it: bsc 11-38 */
    assert_int_equal(send_proprietary(&n, B, (struct bas_slice){ data, 5705 - 16 - 3 }, NULL),
                     BAS_OK);
    assert_true(bsc_node_peek(n.node, n.link, &tx));
    assert_int_equal(tx.head.len + tx.rest.len, 10 + 3 + 5705 - 16 - 3);
    bsc_node_pop(n.node, n.link);
    assert_int_equal(send_proprietary(&n, B, (struct bas_slice){ data, 5705 - 16 - 2 }, NULL),
                     BAS_ERR_TOO_LONG);
    assert_int_equal(bsc_node_counters(n.node)->dropped_too_long, 1);
    node_finish(&n);
}

static void no_memory_at_any_point_of_a_proprietary_message_is_an_answer(void **state)
{
    (void)state;
    struct node_test n;
    static uint8_t data[500];
    static const uint8_t list[200] = { 0x3F, 0, 197, 1, 4, 7 };
    const struct bsc_send send = { .to = node_vmac(B), .dest_options = { list, sizeof(list) } };
    const struct bsc_proprietary message = { 260, 9, { data, sizeof(data) } };
    node_up(&n);
    for (size_t k = 1; k <= 2; k++) {
        n.t.allocations = 0;
        n.t.fail_at = k;
        uint16_t id = 0xABCD;
        assert_int_equal(bsc_node_send_proprietary(n.node, &send, &message, n.now, &id),
                         BAS_ERR_NO_MEMORY);
        assert_int_equal(id, 0xABCD);
        node_sends_nothing(&n);
    }
    n.t.fail_at = 0;
    assert_int_equal(bsc_node_counters(n.node)->dropped_pending_full, 2);
    assert_int_equal(bsc_node_send_proprietary(n.node, &send, &message, n.now, NULL), BAS_OK);
    bsc_node_pop(n.node, n.link);
    node_finish(&n);
}

/* bsc 2.2-06 */
static void a_proprietary_message_is_answered_with_ack_or_nak(void **state)
{
    (void)state;
    struct node_test n;
    struct bas_fault unknown = { 0 };
    node_up(&n);
    (void)bas_fail_code(&unknown, BAS_ERR_UNSUPPORTED, BAC_ERROR_CLASS_COMMUNICATION,
                        BAC_ERROR_CODE_BVLC_PROPRIETARY_FUNCTION_UNKNOWN, "not ours");
    node_gets_hex(&n, "0c08002a" B "010409");
    struct bsc_node_event event = node_says(&n, BSC_NODE_PROPRIETARY);
    assert_int_equal(bsc_node_answer_proprietary(n.node, &event, NULL, n.now), BAS_OK);
    assert_int_equal(node_sends(&n, "0004", B "0c00"), 0x2A);
    assert_int_equal(bsc_node_answer_proprietary(n.node, &event, &unknown, n.now), BAS_OK);
    assert_int_equal(node_sends(&n, "0004", B "0c010000070090"), 0x2A);
    assert_int_equal(bsc_node_counters(n.node)->naks, 1);
    node_gets_hex(&n, "0c0c0051" B BROADCAST "010409");
    event = node_says(&n, BSC_NODE_PROPRIETARY);
    assert_int_equal(bsc_node_answer_proprietary(n.node, &event, &unknown, n.now), BAS_OK);
    node_sends_nothing(&n); /* a broadcast is not answered */
    event.broadcast = false;
    node_link_breaks(&n);
    node_says(&n, BSC_NODE_DOWN);
    node_says(&n, BSC_NODE_RETRY);
    assert_int_equal(bsc_node_answer_proprietary(n.node, &event, NULL, n.now), BAS_ERR_CLOSED);
    node_finish(&n);
}

static void an_answer_for_which_there_is_no_room_is_told_as_busy(void **state)
{
    (void)state;
    struct node_test n;
    struct bas_fault unknown = { 0 };
    node_up(&n);
    (void)bas_fail_code(&unknown, BAS_ERR_UNSUPPORTED, BAC_ERROR_CLASS_COMMUNICATION,
                        BAC_ERROR_CODE_BVLC_PROPRIETARY_FUNCTION_UNKNOWN, "not ours");
    node_gets_hex(&n, "0c08002a" B "010409");
    struct bsc_node_event event = node_says(&n, BSC_NODE_PROPRIETARY);
    unsigned taken = 0;
    while (bsc_node_answer_proprietary(n.node, &event, &unknown, n.now) == BAS_OK) {
        assert_true(++taken < 1000);
    }
    assert_int_equal(bsc_node_answer_proprietary(n.node, &event, &unknown, n.now), BAS_ERR_BUSY);
    assert_int_equal(bsc_node_counters(n.node)->naks, taken);
    assert_int_equal(bsc_node_counters(n.node)->dropped_pending_full, 2);
    for (unsigned i = 0; i < taken; i++) {
        assert_int_equal(node_sends(&n, "0004", B "0c010000070090"), 0x2A);
    }
    node_finish(&n);
}

/* Nothing to send on. */

/* bsc 4.2-19 */
static void without_a_connection_messages_are_dropped_and_counted(void **state)
{
    (void)state;
    struct node_test n;
    uint16_t id = 0;
    node_begin(&n);
    node_starts(&n);
    assert_int_equal(node_send(&n, B, 3, no_options), BAS_ERR_CLOSED);
    assert_int_equal(node_send(&n, BROADCAST, 3, no_options), BAS_ERR_CLOSED);
    assert_int_equal(send_proprietary(&n, B, test_hex("01"), &id), BAS_ERR_CLOSED);
    assert_int_equal(bsc_node_counters(n.node)->dropped_no_connection, 3);
    node_joins(&n, "ffffef8f");
    node_sends_nothing(&n); /* nothing was kept for later */
    node_finish(&n);
}

/* Counters. */

static void everything_is_counted_where_it_happens(void **state)
{
    (void)state;
    static uint8_t octets[5706] = { 1, 8, 0, 1, 0xA2, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 1 };
    struct node_test n;
    node_begin(&n);
    n.config.pending_entries = 32;
    node_starts(&n);
    node_joins(&n, "ffffef8f");
    const struct bsc_node_counters *c = bsc_node_counters(n.node);
    assert_int_equal(c->sent_hub, 1); /* Connect-Request */
    assert_int_equal(c->received_hub, 1);
    node_gets_hex(&n, "01080010" B "01001008");
    node_says(&n, BSC_NODE_NPDU);
    node_gets_hex(&n, "0d080068" A "00"); /* a NAK */
    node_says(&n, BSC_NODE_FAULT);
    node_gets_hex(&n, "0b001234"); /* nobody waits for it: delivered to nobody */
    node_gets(&n, (struct bas_slice){ octets, 5706 });
    node_gets(&n, (struct bas_slice){ octets, 10 + 1498 }); /* bsc 2.2-15 */
    bsc_node_skipped(n.node, n.link);                       /* longer than the link keeps */
    bsc_node_skipped(n.node, n.link + 1);
    assert_int_equal(c->received_hub, 7);
    assert_int_equal(c->naks, 1);
    assert_int_equal(c->dropped_rule, 2);
    assert_int_equal(c->dropped_too_long, 3);
    assert_int_equal(c->sent_hub, 2);
    while (node_send(&n, B, 3, no_options) == BAS_OK) {
    }
    assert_int_equal(c->dropped_pending_full, 1);
    assert_int_equal(c->sent_hub, 1 + 30);
    assert_int_equal(c->received_direct + c->sent_direct + c->direct_attempts + c->direct_ups, 0);
    node_finish(&n);
}

static void no_memory_at_any_point_of_creation_leaks_nothing_with_all_that_there_is(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    n.config.direct_accept = true;
    n.config.direct_initiate = true;
    n.config.failover_uri = NODE_FAILOVER_URI;
    size_t k = 1;
    for (;; k++) {
        n.t.allocations = 0;
        n.t.fail_at = k;
        n.node = bsc_node_new(&n.t.env, &n.config);
        if (n.node != NULL) {
            break;
        }
        test_env_check(&n.t);
        assert_true(k < 20);
    }
    assert_true(k > 5);
    n.t.fail_at = 1; /* and from here on a node needs none */
    n.t.allocations = 0;
    bsc_node_start(n.node, n.now);
    node_says(&n, BSC_NODE_LINK_OPEN);
    node_joins(&n, "ffffef8f");
    assert_int_equal(node_send(&n, B, 3, no_options), BAS_OK);
    bsc_node_pop(n.node, n.link);
    n.hub = n.link;
    node_admits(&n, PEER_SELF);
    assert_int_equal(node_send(&n, PEER_VMAC, 3, no_options), BAS_OK);
    assert_int_equal(n.t.allocations, 0);
    node_finish(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_lists_of_options_go_out_in_their_order),
        cmocka_unit_test(both_lists_count_for_the_limit_of_the_hub),
        cmocka_unit_test(both_lists_come_with_the_event),
        cmocka_unit_test(a_proprietary_message_goes_to_one_or_to_all),
        cmocka_unit_test(a_long_proprietary_message_is_sent_whole_or_refused),
        cmocka_unit_test(no_memory_at_any_point_of_a_proprietary_message_is_an_answer),
        cmocka_unit_test(a_proprietary_message_is_answered_with_ack_or_nak),
        cmocka_unit_test(an_answer_for_which_there_is_no_room_is_told_as_busy),
        cmocka_unit_test(without_a_connection_messages_are_dropped_and_counted),
        cmocka_unit_test(everything_is_counted_where_it_happens),
        cmocka_unit_test(no_memory_at_any_point_of_creation_leaks_nothing_with_all_that_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
