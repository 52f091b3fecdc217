#include "sc_hub.h"
#include "sc_peer.h"

#include <string.h>

#define BROADCAST "ffffffffffff"

/* The fake link of the architecture's data path: what it takes off a connection in one turn, packed
 * into one record. */
static size_t take_record(struct bsc_hub *hub, bsc_conn_id conn, uint8_t *record, size_t cap)
{
    struct bas_buf out;
    struct bsc_tx tx;
    bas_buf_init(&out, record, cap);
    while (bsc_hub_peek(hub, conn, &tx) && out.cap - out.len >= tx.head.len + tx.rest.len) {
        bas_buf_add(&out, tx.head.data, tx.head.len);
        bas_buf_add(&out, tx.rest.data, tx.rest.len);
        bsc_hub_pop(hub, conn, 0);
    }
    return out.len;
}

/* bsc 3.3-12 3.3-13 */
static void sixteen_messages_of_one_record_reach_the_fast_and_wait_for_the_slow(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id sender = peer_joins(f.hub, 1, 0);
    bsc_conn_id fast = peer_joins(f.hub, 2, 0);
    bsc_conn_id slow = peer_joins(f.hub, 3, 0);
    struct bas_frame *block = bas_frame_new(&f.t.env, 0, 16 * 14);
    for (uint8_t i = 0; i < 16;
         i++) { /* eight broadcasts, eight unicasts to the slow one, side by side in one block */
        struct bas_slice m = i % 2 == 0 ? test_hex("010400ff" BROADCAST "01001008")
                                        : test_hex("010400ff02000000000301001008");
        uint8_t *at = bas_frame_put(block, m.len);
        memcpy(at, m.data, m.len);
        at[3] = i;
    }
    size_t allocations = f.t.allocations;
    for (uint32_t i = 0; i < 16; i++) {
        const struct bas_window window = { block, i * 14, 14 };
        assert_int_equal(bsc_hub_recv(f.hub, sender, &window, 0), BAS_OK);
    }
    assert_int_equal(f.t.allocations, allocations); /* the hot path allocates nothing */
    bsc_conn_id conn;
    void *user;
    assert_true(bsc_hub_next_dirty(f.hub, &conn, &user));
    assert_int_equal(conn, fast);
    uint8_t record[16384];
    assert_int_equal(take_record(f.hub, fast, record, sizeof(record)), 8 * 20);
    assert_memory_equal(record + 20, test_hex("010c0002020000000001" BROADCAST "01001008").data,
                        20);
    assert_true(bsc_hub_next_dirty(f.hub, &conn, &user));
    assert_int_equal(conn, slow);
    assert_false(bsc_hub_next_dirty(f.hub, &conn, &user));
    assert_int_equal(take_record(f.hub, slow, record, 40), 34); /* the transport takes two */
    assert_true(block->refs > 1);

    bsc_hub_turn_end(f.hub);
    assert_int_equal(block->refs, 1); /* the block may go ... */
    assert_int_equal(bsc_hub_counters(f.hub)->retained, 14);
    memset(block->data, 0xEE, block->cap);
    bas_frame_unref(block);
    assert_int_equal(take_record(f.hub, slow, record, sizeof(record)), 7 * 20 + 7 * 14);
    assert_memory_equal(record, test_hex("010c0002020000000001" BROADCAST "01001008").data, 20);
    assert_memory_equal(record + 20, test_hex("0108000302000000000101001008").data, 14);
    assert_int_equal(bsc_hub_pending(f.hub, 0), 0);
    sc_hub_finish(&f);
}

static void a_slow_broadcast_is_copied_once_for_all_who_wait(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id sender = peer_joins(f.hub, 1, 0);
    for (uint8_t n = 2; n < 8; n++) {
        peer_joins(f.hub, n, 0);
    }
    peer_gives_hex(f.hub, sender, "01040001" BROADCAST "01001008", 0);
    assert_int_equal(bsc_hub_counters(f.hub)->retained, 1);
    assert_int_equal(bsc_hub_pending(f.hub, 0), 6 * 20);
    sc_hub_finish(&f);
}

/* bsc 3.3-03 11-59 */
static void a_broadcast_is_not_echoed_to_its_source(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    bsc_conn_id b = peer_joins(f.hub, 2, 0);
    peer_gives_hex(f.hub, a, "01040011" BROADCAST "01001008", 0);
    peer_gets(f.hub, a, "");
    peer_gets(f.hub, b, "010c0011020000000001" BROADCAST "01001008");
    sc_hub_finish(&f);
}

static void a_message_over_the_hubs_own_limit_is_dropped_and_counted_as_that(void **state)
{
    (void)state;
    struct sc_hub f;
    static uint8_t npdu[1601] = { 0x01, 0x04, 0, 1, 2, 0, 0, 0, 0, 2, 1 };
    sc_hub_begin(&f);
    f.config.max_bvlc = 1600;
    sc_hub_start(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    bsc_conn_id b = peer_joins(f.hub, 2, 0);
    peer_gives(f.hub, a, (struct bas_slice){ npdu, 1601 }, 0);
    peer_gets(f.hub, a, "");
    peer_gets(f.hub, b, "");
    assert_int_equal(bsc_hub_counters(f.hub)->dropped_over_limit, 1);
    npdu[0] = 0x0C;
    peer_gives(f.hub, a, (struct bas_slice){ npdu, 1600 }, 0);
    assert_int_equal(bsc_hub_pending(f.hub, b), 1600);
    sc_hub_finish(&f);
}

static void members_are_told_one_by_one_with_what_waits_for_them(void **state)
{
    (void)state;
    struct sc_hub f;
    struct bsc_hub_member member;
    sc_hub_setup(&f);
    assert_false(bsc_hub_member(f.hub, 0, &member));
    bsc_conn_id a = peer_joins(f.hub, 1, 7);
    bsc_conn_id b = peer_joins(f.hub, 2, 8);
    peer_gives_hex(f.hub, a, "0104001402000000000201001008", 9);
    assert_true(bsc_hub_member(f.hub, 0, &member));
    assert_int_equal(member.conn, a);
    assert_int_equal(member.last_received, 9);
    assert_int_equal(member.peer.max_bvlc, 5705);
    assert_true(bsc_hub_member(f.hub, 1, &member));
    assert_int_equal(member.conn, b);
    assert_int_equal(member.pending, 14);
    assert_false(bsc_hub_member(f.hub, 2, &member));
    bsc_hub_closed(f.hub, a, NULL, 10);
    assert_true(bsc_hub_member(f.hub, 0, &member));
    assert_int_equal(member.conn, b);
    assert_false(bsc_hub_member(f.hub, 1, &member));
    sc_hub_finish(&f);
}

static void half_of_what_may_wait_makes_a_hub_crowded(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f); /* 64 entries */
    bsc_conn_id ids[8];
    for (uint8_t n = 0; n < 8; n++) {
        ids[n] = peer_joins(f.hub, (uint8_t)(n + 1), 0);
    }
    for (uint8_t n = 0; n < 4; n++) {
        peer_gives_hex(f.hub, ids[n], "01040001" BROADCAST "01001008", 0);
    }
    assert_false(bsc_hub_is_crowded(f.hub)); /* 28 wait */
    peer_gives_hex(f.hub, ids[4], "01040001" BROADCAST "01001008", 0);
    assert_true(bsc_hub_is_crowded(f.hub)); /* 35 */
    uint8_t record[1024];
    (void)take_record(f.hub, ids[0], record, sizeof(record));
    assert_false(bsc_hub_is_crowded(f.hub)); /* 31 */
    sc_hub_finish(&f);
}

static void half_of_the_octets_that_may_wait_do_it_too(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_begin(&f);
    f.config.pending_total_max = 100;
    sc_hub_start(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    (void)peer_joins(f.hub, 2, 0);
    peer_gives_hex(f.hub, a, "01040001" BROADCAST "01001008", 0);
    peer_gives_hex(f.hub, a, "01040001" BROADCAST "01001008", 0);
    assert_false(bsc_hub_is_crowded(f.hub)); /* 40 octets */
    peer_gives_hex(f.hub, a, "01040001" BROADCAST "01001008", 0);
    assert_true(bsc_hub_is_crowded(f.hub));
    sc_hub_finish(&f);
}

/* bsc 3.3-08 11-03 */
static void the_originating_address_that_a_node_writes_is_overwritten(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    bsc_conn_id b = peer_joins(f.hub, 2, 0);
    peer_gives_hex(f.hub, a, "010c001202000000000702000000000201001008", 0);
    peer_gets(f.hub, b, "0108001202000000000101001008");
    sc_hub_finish(&f);
}

/* bsc 1.3-03 2.1-14 3.1-04 3.3-06 3.3-15 11-10 */
static void unknown_functions_and_options_travel_untouched(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    bsc_conn_id b = peer_joins(f.hub, 2, 0);
    peer_gives_hex(f.hub, a, "20f70013020000000002ff00016628000041beef", 0);
    peer_gets(f.hub, b, "20fb0013020000000001ff00016628000041beef");
    sc_hub_finish(&f);
}

/* bsc 3.3-04 3.3-05 */
static void nothing_goes_to_an_unknown_destination_or_back_to_the_sender(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    peer_gives_hex(f.hub, a, "01040014b2999999999901001008", 0);
    peer_gives_hex(f.hub, a, "0104001402000000000101001008", 0);
    peer_gets(f.hub, a, "");
    assert_int_equal(bsc_hub_counters(f.hub)->dropped_unknown_destination, 1);
    assert_int_equal(bsc_hub_counters(f.hub)->dropped_to_self, 1);
    sc_hub_finish(&f);
}

/* bsc 2.2-16 5.3-08 */
static void npdus_before_connect_request_are_dropped_in_silence(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id b = peer_joins(f.hub, 2, 0);
    bsc_conn_id a = 0;
    assert_int_equal(bsc_hub_open(f.hub, NULL, 0, &a), BAS_OK);
    peer_gives_hex(f.hub, a, "0104009402000000000201001008", 0);
    peer_gets(f.hub, a, "");
    peer_gets(f.hub, b, "");
    assert_int_equal(bsc_hub_counters(f.hub)->dropped_state, 1);
    sc_hub_finish(&f);
}

static void heartbeats_are_answered_and_disconnects_are_acknowledged(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    peer_gives_hex(f.hub, a, "0a0200423f00050104 07aabb", 0);
    peer_gets(f.hub, a, "0b000042");
    peer_gives_hex(f.hub, a, "08000040", 0);
    peer_gets(f.hub, a, "09000040");
    struct bsc_hub_event left = hub_says(f.hub, BSC_HUB_LEFT);
    assert_int_equal(left.fault.err, BAS_OK);
    assert_int_equal(hub_says(f.hub, BSC_HUB_CLOSE).close_code, 1000);
    bsc_hub_closed(f.hub, a, NULL, 0);
    hub_says_nothing(f.hub);
    sc_hub_finish(&f);
}

/* bsc 5.3-06 */
static void a_connection_without_request_is_closed_after_the_connect_wait(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id conn = 0;
    assert_int_equal(bsc_hub_open(f.hub, NULL, 5, &conn), BAS_OK);
    assert_int_equal(bsc_hub_deadline(f.hub), 5 + 10 * BAS_SECOND);
    bsc_hub_tick(f.hub, 4 + 10 * BAS_SECOND);
    hub_says_nothing(f.hub);
    bsc_hub_tick(f.hub, 5 + 10 * BAS_SECOND);
    assert_int_equal(hub_says(f.hub, BSC_HUB_CLOSE).fault.err, BAS_ERR_TIMEOUT);
    sc_hub_finish(&f);
}

/* bsc 3.3-14 5.3-14 */
static void silence_closes_a_connection_and_any_message_puts_it_off(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    peer_gives_hex(f.hub, a, "01040014b2999999999901001008", 600 * BAS_SECOND);
    bsc_hub_tick(f.hub, 660 * BAS_SECOND);
    hub_says_nothing(f.hub);
    bsc_hub_tick(f.hub, 1260 * BAS_SECOND);
    assert_string_equal(hub_says(f.hub, BSC_HUB_LEFT).fault.text, "nothing received for 660 s");
    hub_says(f.hub, BSC_HUB_CLOSE);
    assert_int_equal(bsc_hub_counters(f.hub)->silent, 1);
    sc_hub_finish(&f);
}

static void
over_its_bound_the_newest_messages_for_a_destination_are_dropped_and_counted(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_begin(&f);
    f.config.pending_max = 1; /* the least that is allowed stands in: 65,535 + 16,384 */
    sc_hub_start(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    bsc_conn_id b = peer_joins(f.hub, 2, 0);
    static uint8_t big[5000] = { 0x01, 0x04, 0, 1, 2, 0, 0, 0, 0, 2, 1 };
    big[10] = 0x01;
    for (int i = 0; i < 60; i++) {
        peer_gives(f.hub, a, (struct bas_slice){ big, 1400 }, 0);
    }
    assert_int_equal(bsc_hub_counters(f.hub)->dropped_pending_full, 60 - (65535 + 16384) / 1400);
    assert_true(bsc_hub_pending(f.hub, b) <= 65535 + 16384);
    assert_int_equal(f.t.live > 0, 1);
    bsc_hub_closed(f.hub, b, NULL, 0);
    assert_int_equal(bsc_hub_pending(f.hub, 0), 0);
    assert_int_equal(bsc_hub_counters(f.hub)->dropped_closed, (65535 + 16384) / 1400);
    sc_hub_finish(&f);
}

static void one_bound_holds_for_all_connections_together(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_begin(&f);
    f.config.pending_total_max = 30;
    sc_hub_start(&f);
    f.config.pending_entries = 64;
    bsc_conn_id a = 0;
    assert_int_equal(bsc_hub_open(f.hub, NULL, 0, &a), BAS_OK);
    peer_gives(f.hub, a, peer_connect_request(1), 0);
    hub_says(f.hub, BSC_HUB_ADMIT);
    assert_int_equal(bsc_hub_admit(f.hub, a, NULL, 0),
                     BAS_OK); /* its Connect-Accept takes all 30 */
    peer_gives_hex(f.hub, a, "0a000042", 0);
    assert_int_equal(bsc_hub_counters(f.hub)->dropped_own, 1);
    sc_hub_finish(&f);
}

/* bsc 1.4-14 3.3-10 */
static void messages_over_a_receivers_limits_are_not_sent_to_it(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    bsc_conn_id b = peer_joins(f.hub, 2, 0);
    static uint8_t npdu[6000] = { 0x01, 0x04, 0, 1, 2, 0, 0, 0, 0, 2, 1 };
    peer_gives(f.hub, a, (struct bas_slice){ npdu, 10 + 1497 }, 0);
    assert_int_equal(bsc_hub_pending(f.hub, b), 10 + 1497);
    peer_gives(f.hub, a, (struct bas_slice){ npdu, 10 + 1498 }, 0);
    npdu[0] = 0x0C; /* not an NPDU: only the length of the whole message counts */
    peer_gives(f.hub, a, (struct bas_slice){ npdu, 5705 }, 0);
    peer_gives(f.hub, a, (struct bas_slice){ npdu, 5706 }, 0);
    assert_int_equal(bsc_hub_counters(f.hub)->dropped_too_long, 2);
    assert_int_equal(bsc_hub_pending(f.hub, b), 10 + 1497 + 5705);
    sc_hub_finish(&f);
}

/* bsc 3.3-13 */
static void a_peer_that_takes_nothing_is_closed_with_1008(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    bsc_conn_id b = peer_joins(f.hub, 2, 0);
    peer_gives_hex(f.hub, a, "0104001402000000000201001008", 0);
    bsc_hub_pop(f.hub, b, 0);
    bsc_hub_charge_leftover(f.hub, b, 14, 1 * BAS_SECOND);
    bsc_hub_charge_leftover(f.hub, b, 7, 20 * BAS_SECOND); /* progress puts it off */
    bsc_hub_tick(f.hub, 31 * BAS_SECOND);
    hub_says_nothing(f.hub);
    bsc_hub_tick(f.hub, 50 * BAS_SECOND);
    hub_says(f.hub, BSC_HUB_LEFT);
    assert_int_equal(hub_says(f.hub, BSC_HUB_CLOSE).close_code, 1008);
    assert_int_equal(bsc_hub_counters(f.hub)->stalled, 1);
    sc_hub_finish(&f);
}

/* bsc 2.2-20 */
static void garbage_at_line_rate_is_not_answered_at_line_rate(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    for (int i = 0; i < 1000; i++) {
        peer_gives_hex(f.hub, a, "0a00006b00", i);
    }
    assert_int_equal(bsc_hub_counters(f.hub)->naks, 20);
    assert_int_equal(bsc_hub_counters(f.hub)->naks_suppressed, 980);
    peer_gives_hex(f.hub, a, "0a00006b00", BAS_SECOND);
    assert_int_equal(bsc_hub_counters(f.hub)->naks, 21);
    sc_hub_finish(&f);
}

static void closing_all_asks_every_node_to_disconnect(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    bsc_conn_id b = peer_joins(f.hub, 2, 0);
    bsc_hub_disconnect(f.hub, 0, 0);
    struct bsc_tx tx;
    assert_true(bsc_hub_peek(f.hub, a, &tx) && tx.head.data[0] == BSC_DISCONNECT_REQUEST);
    assert_true(bsc_hub_peek(f.hub, b, &tx) && tx.head.data[0] == BSC_DISCONNECT_REQUEST);
    uint8_t ack[4] = { BSC_DISCONNECT_ACK, 0, tx.head.data[2], tx.head.data[3] };
    peer_gives(f.hub, b, (struct bas_slice){ ack, 4 }, 0);
    hub_says(f.hub, BSC_HUB_LEFT);
    struct bsc_hub_event event;
    bool closes = false;
    while (bsc_hub_next_event(f.hub, &event)) {
        closes |= event.kind == BSC_HUB_CLOSE && event.conn == b;
    }
    assert_true(closes);
    bsc_hub_tick(f.hub, 10 * BAS_SECOND); /* a never answers */
    assert_int_equal(hub_says(f.hub, BSC_HUB_CLOSE).conn, a);
    sc_hub_finish(&f);
}

static void an_id_is_not_used_again_soon(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id first = 0;
    bsc_conn_id conn = 0;
    assert_int_equal(bsc_hub_open(f.hub, NULL, 0, &first), BAS_OK);
    bsc_hub_closed(f.hub, first, NULL, 0);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(bsc_hub_open(f.hub, NULL, 0, &conn), BAS_OK);
        assert_int_not_equal(conn, first);
        bsc_hub_closed(f.hub, conn, NULL, 0);
    }
    const struct bas_window none = { 0 };
    assert_int_equal(bsc_hub_recv(f.hub, first, &none, 0), BAS_ERR_NOT_FOUND);
    sc_hub_finish(&f);
}

static void more_connections_than_slots_are_refused_at_the_door(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id conn = 0;
    bsc_conn_id first = 0;
    assert_int_equal(bsc_hub_open(f.hub, NULL, 0, &first), BAS_OK);
    int opened = 1;
    assert_false(bsc_hub_is_full(f.hub));
    while (bsc_hub_open(f.hub, NULL, 0, &conn) == BAS_OK) {
        opened++;
    }
    assert_int_equal(opened, 8 + 8 / 16 + 16);
    assert_true(bsc_hub_is_full(f.hub));
    bsc_hub_closed(f.hub, first, NULL, 0);
    assert_false(bsc_hub_is_full(f.hub));
    assert_int_equal(bsc_hub_open(f.hub, NULL, 0, &conn), BAS_OK);
    sc_hub_finish(&f);
}

static void no_memory_at_any_point_of_creation_gives_null_and_leaks_nothing(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_begin(&f);
    for (size_t k = 1;; k++) {
        f.t.allocations = 0;
        f.t.fail_at = k;
        f.hub = bsc_hub_new(&f.t.env, &f.config);
        if (f.hub != NULL) {
            break;
        }
        test_env_check(&f.t);
        assert_true(k < 20);
    }
    sc_hub_finish(&f);
}

static void a_hub_out_of_memory_keeps_relaying_and_keeps_its_blocks(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    bsc_conn_id b = peer_joins(f.hub, 2, 0);
    struct bas_frame *block = bas_frame_new(&f.t.env, 0, 14);
    memcpy(bas_frame_put(block, 14), test_hex("0104001402000000000201001008").data, 14);
    const struct bas_window window = bas_frame_window(block);
    f.t.fail_at = 1;
    assert_int_equal(bsc_hub_recv(f.hub, a, &window, 0), BAS_OK);
    bsc_hub_turn_end(f.hub);
    assert_int_equal(block->refs, 2);
    peer_gets(f.hub, b, "0108001402000000000101001008");
    assert_int_equal(block->refs, 1);
    bas_frame_unref(block);
    sc_hub_finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixteen_messages_of_one_record_reach_the_fast_and_wait_for_the_slow),
        cmocka_unit_test(a_slow_broadcast_is_copied_once_for_all_who_wait),
        cmocka_unit_test(a_broadcast_is_not_echoed_to_its_source),
        cmocka_unit_test(a_message_over_the_hubs_own_limit_is_dropped_and_counted_as_that),
        cmocka_unit_test(members_are_told_one_by_one_with_what_waits_for_them),
        cmocka_unit_test(half_of_what_may_wait_makes_a_hub_crowded),
        cmocka_unit_test(half_of_the_octets_that_may_wait_do_it_too),
        cmocka_unit_test(the_originating_address_that_a_node_writes_is_overwritten),
        cmocka_unit_test(unknown_functions_and_options_travel_untouched),
        cmocka_unit_test(nothing_goes_to_an_unknown_destination_or_back_to_the_sender),
        cmocka_unit_test(npdus_before_connect_request_are_dropped_in_silence),
        cmocka_unit_test(heartbeats_are_answered_and_disconnects_are_acknowledged),
        cmocka_unit_test(a_connection_without_request_is_closed_after_the_connect_wait),
        cmocka_unit_test(silence_closes_a_connection_and_any_message_puts_it_off),
        cmocka_unit_test(
            over_its_bound_the_newest_messages_for_a_destination_are_dropped_and_counted),
        cmocka_unit_test(one_bound_holds_for_all_connections_together),
        cmocka_unit_test(messages_over_a_receivers_limits_are_not_sent_to_it),
        cmocka_unit_test(a_peer_that_takes_nothing_is_closed_with_1008),
        cmocka_unit_test(garbage_at_line_rate_is_not_answered_at_line_rate),
        cmocka_unit_test(closing_all_asks_every_node_to_disconnect),
        cmocka_unit_test(an_id_is_not_used_again_soon),
        cmocka_unit_test(more_connections_than_slots_are_refused_at_the_door),
        cmocka_unit_test(no_memory_at_any_point_of_creation_gives_null_and_leaks_nothing),
        cmocka_unit_test(a_hub_out_of_memory_keeps_relaying_and_keeps_its_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
