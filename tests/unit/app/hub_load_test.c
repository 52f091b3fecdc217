/* A hub under load from many: one of them stalls and the others do not notice, fifty send to one
 * and nothing is lost. The same with figures is in bench/. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt_hub.h"
#include "sc_peer.h"
#include "test_folder.h"

#include <string.h>

enum {
    NODES = 40,
    STALLED = NODES, /* the last of them */
    SIZE = 1000,
    MANY_ROUNDS = 20000,
    BURST = 120, /* messages: some 120,000 octets, of the 81,919 that may wait */
    SENDERS = 50,
    RECEIVER = SENDERS + 1,
    EACH = 40 /* messages: 2,000 together, of the 4,096 that may wait for one */
};

static void join(struct rt_hub *h, unsigned n, const struct rt_peer_config *config)
{
    for (unsigned i = 1; i <= n; i++) {
        (void)rt_hub_join(h, i, config);
    }
}

/* One that stalls. */

struct tally {
    unsigned expected[NODES + 1]; /* messages that were sent to each */
};

/* Every node sends to its neighbour, and one of them to the stalled one and to all. */
static void send_round(struct rt_hub *h, struct tally *tally, unsigned round)
{
    const unsigned loud = 1 + round % (NODES - 1);
    for (unsigned i = 1; i < NODES; i++) {
        const unsigned to = i % (NODES - 1) + 1;
        rt_peer_send(&h->peers[i], rt_npdu((uint8_t)to, round, SIZE));
        tally->expected[to]++;
    }
    rt_peer_send(&h->peers[loud], rt_npdu(STALLED, round, SIZE));
    rt_peer_send(&h->peers[loud], rt_npdu(0, round, SIZE));
    for (unsigned i = 1; i <= NODES; i++) {
        tally->expected[i] += i == loud ? 0 : 1;
    }
    tally->expected[STALLED]++;
}

/* More than may wait for it, at once: however slow the machine, the queue is full before the stall
 * is over. */
static void send_burst(struct rt_hub *h, struct tally *tally)
{
    for (unsigned i = 0; i < BURST; i++) {
        rt_peer_send(&h->peers[1], rt_npdu(STALLED, i, SIZE));
        tally->expected[STALLED]++;
    }
}

/* All but the stalled one have what was sent to them. */
static void await_round(struct rt_hub *h, const struct tally *tally)
{
    for (unsigned i = 1; i < NODES; i++) {
        rt_until(&h->w, &h->peers[i].messages, tally->expected[i]);
        assert_int_equal(h->peers[i].messages, tally->expected[i]);
    }
}

static void one_that_stalls_is_disconnected_in_time_and_the_others_lose_nothing(void **state)
{
    (void)state;
    static struct rt_hub h;
    struct tally tally = { .expected = { 0 } };
    unsigned round = 0;
    rt_hub_begin(&h);
    h.settings.engine.pending_max = 1; /* the least that is allowed stands in */
    h.settings.engine.stall_limit_ms = 1500;
    rt_hub_start(&h);
    const struct rt_peer_config slow = { .level = RT_JOINED, .buffer = 4096 };
    join(&h, NODES - 1, NULL);
    struct rt_peer *stalled = rt_hub_join(&h, STALLED, &slow);
    const struct bsc_hub_counters *counters = rt_hub_counters(&h);
    rt_peer_pause(stalled);
    const size_t base = h.w.t.live;
    bool is_full = false;
    while (h.left == 0) {
        assert_true(round < MANY_ROUNDS);
        if (!is_full && rt_hub_pending(&h) > 0) {
            is_full = true;
            send_burst(&h, &tally);
        }
        send_round(&h, &tally, round++);
        await_round(&h, &tally); /* nobody waits for it */
        assert_true(rt_hub_pending(&h) <= 65535 + 16384);
        assert_true(h.w.t.live - base < 1 << 20);
    }
    assert_has(h.fault.text, "took nothing");
    assert_int_equal(counters->stalled, 1);
    assert_true(counters->dropped_pending_full > 0);
    assert_true(counters->dropped_closed > 0);
    rt_peer_resume(stalled);
    rt_until(&h.w, &stalled->ended, 1);
    assert_int_equal(stalled->close_code, BAS_WS_CLOSE_POLICY);
    /* What it got and what was dropped, by reason, is what was sent; the broadcast of the round in
     * which it left may have come after it. */
    const uint64_t known = stalled->messages + counters->dropped_pending_full +
                           counters->dropped_closed + counters->dropped_unknown_destination;
    assert_in_range(tally.expected[STALLED] - known, 0, 1);
    assert_int_equal(counters->dropped_total_full, 0);
    assert_int_equal(rt_hub_pending(&h), 0);
    send_round(&h, &tally, round);
    await_round(&h, &tally);
    assert_int_equal(h.left, 1);
    rt_hub_end(&h);
}

/* Fifty to one. */

static void what_fits_the_queue_of_a_receiver_is_not_lost_though_fifty_send_to_it(void **state)
{
    (void)state;
    static struct rt_hub h;
    rt_hub_run(&h);
    join(&h, RECEIVER, NULL);
    struct rt_peer *receiver = &h.peers[RECEIVER];
    rt_peer_pause(receiver); /* it is late, but not lost */
    for (unsigned k = 0; k < EACH; k++) {
        for (unsigned i = 1; i <= SENDERS; i++) {
            rt_peer_send(&h.peers[i], rt_npdu(RECEIVER, k, 300));
        }
    }
    while (rt_hub_counters(&h)->relayed_unicast < SENDERS * EACH) {
        rt_turns(&h.w, 1);
    }
    rt_peer_resume(receiver);
    rt_until(&h.w, &receiver->messages, SENDERS * EACH);
    rt_turns(&h.w, 3);
    assert_int_equal(receiver->messages, SENDERS * EACH);
    assert_int_equal(rt_hub_counters(&h)->deliveries, SENDERS * EACH);
    assert_int_equal(rt_hub_counters(&h)->dropped_pending_full, 0);
    assert_int_equal(rt_hub_counters(&h)->dropped_total_full, 0);
    rt_hub_end(&h);
}

/* Each sender's own messages come in the order in which it sent them. */
static void in_order(struct rt_peer *peer, struct bas_slice octets)
{
    unsigned *next = peer->config.user;
    struct bsc_message message;
    assert_int_equal(bsc_decode(octets, &message, NULL), BAS_OK);
    assert_int_equal(rt_npdu_check(octets, NULL), next[message.originating.octets[5]]++);
}

static void the_order_of_each_sender_is_kept(void **state)
{
    (void)state;
    static struct rt_hub h;
    unsigned next[RECEIVER + 1] = { 0 };
    const struct rt_peer_config config = { .level = RT_JOINED, .message = in_order, .user = next };
    rt_hub_run(&h);
    join(&h, SENDERS, NULL);
    struct rt_peer *receiver = rt_hub_join(&h, RECEIVER, &config);
    for (unsigned k = 0; k < EACH; k++) {
        for (unsigned i = 1; i <= SENDERS; i++) {
            rt_peer_send(&h.peers[i], rt_npdu(RECEIVER, k, 50));
        }
        rt_turns(&h.w, k % 3);
    }
    rt_until(&h.w, &receiver->messages, SENDERS * EACH);
    for (unsigned i = 1; i <= SENDERS; i++) {
        assert_int_equal(next[i], EACH);
    }
    rt_hub_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_stalls_is_disconnected_in_time_and_the_others_lose_nothing),
        cmocka_unit_test(what_fits_the_queue_of_a_receiver_is_not_lost_though_fifty_send_to_it),
        cmocka_unit_test(the_order_of_each_sender_is_kept),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
