/* A node that does not read: what the hub of hub.c does for it, and what the others notice of it.
 */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt_hub.h"
#include "sc_peer.h"
#include "test_folder.h"

#include <string.h>

enum { SENDER = 1, SLOW = 2, OTHER = 3, BATCH = 20, SIZE = 10000 };

static void strict(struct rt_peer *peer, struct bas_slice octets)
{
    assert_int_equal(rt_npdu_check(octets, NULL), peer->messages - 1);
}

/* A sender, one that does not read, one that does. */
static void begin(struct rt_hub *h)
{
    rt_hub_begin(h);
    h->settings.engine.disconnect_wait_ms = 50;
}

static void join_all(struct rt_hub *h)
{
    const struct rt_peer_config config = { .level = RT_JOINED, .message = strict };
    rt_hub_start(h);
    (void)rt_hub_join(h, SENDER, &config);
    rt_peer_pause(rt_hub_join(h, SLOW, &config));
    (void)rt_hub_join(h, OTHER, &config);
}

/* Sends batches to a peer (0: to all) until so many octets wait in the hub, or messages were
 * dropped. Gives how many were sent. */
static unsigned send_until(struct rt_hub *h, uint8_t to, uint64_t pending)
{
    unsigned sent = 0;
    while (rt_hub_pending(h) < pending && rt_hub_counters(h)->dropped_pending_full == 0) {
        for (unsigned i = 0; i < BATCH; i++) {
            rt_peer_send(&h->peers[SENDER], rt_npdu(to, sent++, SIZE));
        }
        while (rt_hub_counters(h)->relayed_unicast + rt_hub_counters(h)->relayed_broadcast < sent) {
            rt_turns(&h->w, 1);
        }
        rt_turns(&h->w, 10);
    }
    return sent;
}

static void others_get_everything_while_what_waits_for_a_slow_node_is_bounded(void **state)
{
    (void)state;
    static struct rt_hub h;
    begin(&h);
    h.settings.engine.pending_max = 200000;
    join_all(&h);
    unsigned sent = send_until(&h, 0, UINT64_MAX);
    rt_until(&h.w, &h.peers[OTHER].messages, sent);
    assert_int_not_equal(rt_hub_counters(&h)->dropped_pending_full, 0);
    assert_in_range(rt_hub_pending(&h), 100000, 200000);
    assert_int_equal(h.left, 0);
    rt_hub_end(&h);
}

static void a_node_that_takes_nothing_is_closed_and_its_notice_says_why(void **state)
{
    (void)state;
    static struct rt_hub h;
    begin(&h);
    h.settings.engine.stall_limit_ms = 100;
    join_all(&h);
    unsigned sent = send_until(&h, 0, 100000);
    rt_until(&h.w, &h.left, 1);
    assert_int_equal(h.fault.err, BAS_ERR_TIMEOUT);
    assert_int_equal(h.fault.error_code, BAC_ERROR_CODE_WEBSOCKET_DATA_AGAINST_POLICY);
    assert_has(h.fault.text, "took nothing");
    const struct bsc_vmac slow = peer_vmac(SLOW);
    assert_true(bsc_vmac_equal(&h.vmac, &slow));
    assert_int_equal(rt_hub_counters(&h)->stalled, 1);
    rt_until(&h.w, &h.peers[OTHER].messages, sent);
    rt_turns(&h.w, 5);
    assert_int_equal(rt_hub_pending(&h), 0);
    (void)rt_hasten_all(&h.w); /* it is given some seconds for the close frame */
    rt_turns(&h.w, 3);
    rt_peer_resume(&h.peers[SLOW]);
    rt_until(&h.w, &h.peers[SLOW].ended, 1);
    assert_int_equal(h.left + h.refused, 1);
    rt_hub_end(&h);
}

static void one_that_was_closed_for_it_gets_the_close_code_when_it_reads(void **state)
{
    (void)state;
    static struct rt_hub h;
    begin(&h);
    h.settings.engine.stall_limit_ms = 100;
    join_all(&h);
    (void)send_until(&h, SLOW, 100000);
    rt_until(&h.w, &h.left, 1);
    rt_peer_resume(&h.peers[SLOW]);
    rt_until(&h.w, &h.peers[SLOW].ended, 1);
    assert_int_equal(h.peers[SLOW].close_code, BAS_WS_CLOSE_POLICY);
    rt_hub_end(&h);
}

static void a_node_that_reads_again_in_time_gets_everything_in_order(void **state)
{
    (void)state;
    static struct rt_hub h;
    begin(&h);
    join_all(&h);
    unsigned sent = send_until(&h, SLOW, 400000);
    assert_int_equal(rt_hub_counters(&h)->dropped_pending_full, 0);
    rt_peer_resume(&h.peers[SLOW]);
    rt_until(&h.w, &h.peers[SLOW].messages, sent);
    rt_turns(&h.w, 3);
    assert_int_equal(rt_hub_pending(&h), 0);
    assert_int_equal(h.left, 0);
    rt_hub_end(&h);
}

/* What was sent to it before it said goodbye is still its own. */
static void a_node_that_leaves_with_much_pending_gets_all_of_it_and_the_answer(void **state)
{
    (void)state;
    static struct rt_hub h;
    begin(&h);
    join_all(&h);
    struct rt_peer *slow = &h.peers[SLOW];
    unsigned sent = send_until(&h, SLOW, 600000);
    slow->config.message = NULL;
    rt_peer_say(slow, BSC_DISCONNECT_REQUEST, 77);
    rt_until(&h.w, &h.left, 1);
    assert_int_equal(h.fault.err, BAS_OK);
    rt_peer_resume(slow);
    rt_until(&h.w, &slow->ended, 1);
    assert_int_equal(slow->messages, sent + 1);
    assert_int_equal(slow->last[0], BSC_DISCONNECT_ACK);
    assert_int_equal(slow->close_code, BAS_WS_CLOSE_NORMAL);
    assert_int_equal(slow->end, UV_EOF);
    rt_hub_end(&h);
}

static void a_slow_node_that_resets_leaves_with_a_reason_and_nothing_waits_for_it(void **state)
{
    (void)state;
    static struct rt_hub h;
    begin(&h);
    join_all(&h);
    (void)send_until(&h, SLOW, 400000);
    rt_peer_reset(&h.peers[SLOW]);
    rt_until(&h.w, &h.left, 1);
    assert_int_equal(h.fault.error_code, BAC_ERROR_CODE_TCP_CLOSED_OTHER);
    assert_int_equal(rt_hub_pending(&h), 0);
    rt_hub_end(&h);
}

static void a_hub_stops_though_a_node_takes_nothing(void **state)
{
    (void)state;
    static struct rt_hub h;
    begin(&h);
    join_all(&h);
    (void)send_until(&h, SLOW, 400000);
    bas_hub_stop(h.hub);
    rt_hub_runs_out(&h);
    rt_hub_end(&h);
}

static void a_hub_stops_while_a_stalled_node_is_being_closed(void **state)
{
    (void)state;
    static struct rt_hub h;
    begin(&h);
    h.settings.engine.stall_limit_ms = 50;
    join_all(&h);
    (void)send_until(&h, SLOW, 100000);
    rt_until(&h.w, &h.left, 1);
    bas_hub_stop(h.hub);
    rt_hub_runs_out(&h);
    rt_hub_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_get_everything_while_what_waits_for_a_slow_node_is_bounded),
        cmocka_unit_test(a_node_that_takes_nothing_is_closed_and_its_notice_says_why),
        cmocka_unit_test(one_that_was_closed_for_it_gets_the_close_code_when_it_reads),
        cmocka_unit_test(a_node_that_reads_again_in_time_gets_everything_in_order),
        cmocka_unit_test(a_node_that_leaves_with_much_pending_gets_all_of_it_and_the_answer),
        cmocka_unit_test(a_slow_node_that_resets_leaves_with_a_reason_and_nothing_waits_for_it),
        cmocka_unit_test(a_hub_stops_though_a_node_takes_nothing),
        cmocka_unit_test(a_hub_stops_while_a_stalled_node_is_being_closed),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
