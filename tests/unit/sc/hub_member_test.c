/* Joining, leaving, and what one member can do to the others: a hub under members that behave
 * badly. */
#include "sc_peer.h"

#include <string.h>

#define BROADCAST "ffffffffffff"

struct fixture {
    struct test_env t;
    struct bsc_hub *hub;
};

static void setup_with(struct fixture *f, struct bsc_hub_config config)
{
    test_env_init(&f->t);
    config.size = sizeof(config);
    config.vmac = (struct bsc_vmac){ { 0xE2, 0x11, 0x22, 0x33, 0x44, 0x55 } };
    memset(config.uuid.octets, 0xAA, sizeof(config.uuid.octets));
    f->hub = bsc_hub_new(&f->t.env, &config);
    assert_non_null(f->hub);
}

static void setup(struct fixture *f)
{
    setup_with(f, (struct bsc_hub_config){ .max_connections = 8, .pending_entries = 256 });
}

static void finish(struct fixture *f)
{
    bsc_hub_free(f->hub);
    test_env_check(&f->t);
}

static bsc_conn_id asks(struct fixture *f, uint8_t n)
{
    bsc_conn_id conn = 0;
    assert_int_equal(bsc_hub_open(f->hub, NULL, 0, &conn), BAS_OK);
    peer_gives(f->hub, conn, peer_connect_request(n), 0);
    return conn;
}

/* Takes everything off a connection. Gives the number of messages. */
static uint32_t takes_all(struct fixture *f, bsc_conn_id conn)
{
    struct bsc_tx tx;
    uint32_t n = 0;
    while (bsc_hub_peek(f->hub, conn, &tx)) {
        bsc_hub_pop(f->hub, conn, 0);
        n++;
    }
    return n;
}

/* Admission. */

static void an_admission_after_connect_wait_admits_nobody(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    bsc_conn_id conn = asks(&f, 1);
    hub_says(f.hub, BSC_HUB_ADMIT);
    bsc_hub_tick(f.hub, 10 * BAS_SECOND);
    assert_int_equal(bsc_hub_admit(f.hub, conn, NULL, 10 * BAS_SECOND), BAS_ERR_STATE);
    assert_int_equal(bsc_hub_connected(f.hub), 0);
    peer_gets(f.hub, conn, "");
    hub_says(f.hub, BSC_HUB_CLOSE);
    bsc_hub_closed(f.hub, conn, NULL, 10 * BAS_SECOND);
    peer_joins(f.hub, 1, 11 * BAS_SECOND); /* its VMAC and slot are free */
    finish(&f);
}

static void a_request_taken_back_at_once_asks_for_no_admission(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    bsc_conn_id conn = asks(&f, 1);
    peer_gives_hex(f.hub, conn, "08000002", 0);
    assert_int_equal(bsc_hub_admit(f.hub, conn, NULL, 0), BAS_ERR_STATE);
    assert_int_equal(hub_says(f.hub, BSC_HUB_CLOSE).conn, conn);
    hub_says_nothing(f.hub);
    peer_gets(f.hub, conn, "09000002");
    assert_int_equal(bsc_hub_connected(f.hub), 0);
    finish(&f);
}

static void two_that_ask_for_one_vmac_at_once_cannot_both_have_it(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    uint8_t request[30];
    bsc_conn_id first = asks(&f, 1);
    bsc_conn_id second = 0;
    assert_int_equal(bsc_hub_open(f.hub, NULL, 0, &second), BAS_OK);
    memcpy(request, peer_connect_request(1).data, sizeof(request));
    memset(request + 10, 9, 16); /* another device */
    peer_gives(f.hub, second, (struct bas_slice){ request, sizeof(request) }, 0);
    hub_says(f.hub, BSC_HUB_ADMIT);
    hub_says(f.hub, BSC_HUB_ADMIT);
    assert_int_equal(bsc_hub_admit(f.hub, second, NULL, 0), BAS_OK);
    assert_int_equal(bsc_hub_admit(f.hub, first, NULL, 0), BAS_OK);
    assert_int_equal(bsc_hub_connected(f.hub), 1);
    peer_gets(f.hub, first, "0000000106010000070097");
    finish(&f);
}

/* Leaving. */

static void an_orderly_end_counts_as_nothing_dropped(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    peer_gives_hex(f.hub, a, "08000040", 0);
    bsc_hub_disconnect(f.hub, 0, 0);
    bsc_hub_closed(f.hub, a, NULL, 0);
    assert_int_equal(bsc_hub_counters(f.hub)->dropped_rule, 0);
    assert_int_equal(bsc_hub_counters(f.hub)->dropped_closed, 1); /* the ACK nobody took */
    finish(&f);
}

/* bsc 5.2-26 */
/* bsc 3.2-02 */
static void what_waits_for_a_connection_that_is_replaced_is_not_sent(void **state)
{
    (void)state;
    struct fixture f;
    struct bsc_tx tx;
    setup(&f);
    bsc_conn_id old = peer_joins(f.hub, 1, 0);
    bsc_conn_id b = peer_joins(f.hub, 2, 0);
    peer_gives_hex(f.hub, b, "0104001402000000000101001008", 0);
    peer_gives_hex(f.hub, b, "0104001502000000000101001008", 0);
    bsc_conn_id again = asks(&f, 1);
    hub_says(f.hub, BSC_HUB_ADMIT);
    assert_int_equal(bsc_hub_admit(f.hub, again, NULL, 0), BAS_OK);
    assert_true(bsc_hub_peek(f.hub, old, &tx));
    assert_int_equal(tx.head.data[0], BSC_DISCONNECT_REQUEST);
    assert_int_equal(takes_all(&f, old), 1);
    assert_int_equal(takes_all(&f, again), 1); /* its Connect-Accept */
    assert_int_equal(bsc_hub_counters(f.hub)->dropped_closed, 2);
    assert_int_equal(bsc_hub_pending(f.hub, 0), 0);
    finish(&f);
}

static void one_that_is_expelled_gets_a_disconnect_request_and_nothing_else(void **state)
{
    (void)state;
    struct fixture f;
    struct bsc_tx tx;
    struct bas_fault reason = { 0 };
    setup(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    bsc_conn_id b = peer_joins(f.hub, 2, 0);
    peer_gives_hex(f.hub, b, "0104001402000000000101001008", 0);
    (void)bas_fail(&reason, BAS_ERR_CERTIFICATE, "revoked");
    bsc_hub_expel(f.hub, a, &reason, 0);
    assert_true(bsc_hub_peek(f.hub, a, &tx));
    assert_int_equal(tx.head.data[0], BSC_DISCONNECT_REQUEST);
    assert_int_equal(takes_all(&f, a), 1);
    assert_string_equal(hub_says(f.hub, BSC_HUB_LEFT).fault.text, "revoked");
    peer_gives_hex(f.hub, b, "0104001502000000000101001008", 0);
    peer_gets(f.hub, a, "");
    bsc_hub_tick(f.hub, 10 * BAS_SECOND);
    assert_string_equal(hub_says(f.hub, BSC_HUB_CLOSE).fault.text, "revoked");
    bsc_hub_expel(f.hub, 12345, &reason, 0); /* nobody */
    finish(&f);
}

static void garbage_after_our_disconnect_request_is_not_answered(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    bsc_hub_disconnect(f.hub, a, 0);
    assert_int_equal(takes_all(&f, a), 1);
    peer_gives_hex(f.hub, a, "0a00006b00", 0); /* would be a NAK 150 */
    peer_gives_hex(f.hub, a, "0a00006b", 0);
    peer_gets(f.hub, a, "");
    assert_int_equal(bsc_hub_counters(f.hub)->naks, 0);
    finish(&f);
}

static void crossing_disconnect_requests_are_both_acknowledged(void **state)
{
    (void)state;
    struct fixture f;
    struct bsc_tx tx;
    setup(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    bsc_hub_disconnect(f.hub, a, 0);
    hub_says(f.hub, BSC_HUB_LEFT);
    assert_true(bsc_hub_peek(f.hub, a, &tx));
    uint8_t ack[4] = { BSC_DISCONNECT_ACK, 0, tx.head.data[2], tx.head.data[3] };
    bsc_hub_pop(f.hub, a, 0);
    peer_gives_hex(f.hub, a, "08000041", 0);
    peer_gets(f.hub, a, "09000041");
    hub_says_nothing(f.hub);
    peer_gives(f.hub, a, (struct bas_slice){ ack, 4 }, 0);
    hub_says(f.hub, BSC_HUB_CLOSE);
    finish(&f);
}

static void a_connection_that_goes_before_its_events_are_read_leaves_no_trace(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    for (int i = 0; i < 100; i++) { /* many more than there are slots */
        bsc_conn_id conn = asks(&f, 1);
        bsc_conn_id dirty;
        void *user;
        if (i % 2 == 0) {
            hub_says(f.hub, BSC_HUB_ADMIT);
            assert_int_equal(bsc_hub_admit(f.hub, conn, NULL, 0), BAS_OK);
        }
        bsc_hub_closed(f.hub, conn, NULL, 0);
        if (i % 2 == 0) {
            hub_says(f.hub, BSC_HUB_JOINED);
            hub_says(f.hub, BSC_HUB_LEFT);
        }
        hub_says_nothing(f.hub);
        assert_false(bsc_hub_next_dirty(f.hub, &dirty, &user));
    }
    assert_int_equal(bsc_hub_connected(f.hub), 0);
    assert_int_equal(bsc_hub_deadline(f.hub), BAS_NEVER);
    finish(&f);
}

static void a_reason_that_finds_no_memory_is_left_out(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    f.t.fail_at = 1;
    bsc_hub_tick(f.hub, 660 * BAS_SECOND);
    assert_int_equal(hub_says(f.hub, BSC_HUB_LEFT).fault.err, BAS_OK);
    assert_int_equal(hub_says(f.hub, BSC_HUB_CLOSE).conn, a);
    finish(&f);
}

/* Output. */

/* bsc 3.3-13 */
static void a_connection_is_named_dirty_once_and_again_when_it_can_take_more(void **state)
{
    (void)state;
    struct fixture f;
    bsc_conn_id conn = 0;
    void *user;
    setup(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    bsc_conn_id b = peer_joins(f.hub, 2, 0);
    peer_gives_hex(f.hub, a, "0104001402000000000201001008", 0);
    peer_gives_hex(f.hub, a, "0104001502000000000201001008", 0);
    assert_true(bsc_hub_next_dirty(f.hub, &conn, &user));
    assert_int_equal(conn, b);
    assert_false(bsc_hub_next_dirty(f.hub, &conn, &user));
    bsc_hub_pop(f.hub, b, 0); /* the transport takes one */
    assert_false(bsc_hub_next_dirty(f.hub, &conn, &user));
    bsc_hub_writable(f.hub, b, 0);
    bsc_hub_writable(f.hub, b, 0);
    assert_true(bsc_hub_next_dirty(f.hub, &conn, &user));
    assert_int_equal(conn, b);
    assert_false(bsc_hub_next_dirty(f.hub, &conn, &user));
    bsc_hub_pop(f.hub, b, 0);
    bsc_hub_writable(f.hub, b, 0); /* nothing waits */
    assert_false(bsc_hub_next_dirty(f.hub, &conn, &user));
    finish(&f);
}

/* Bounds. */

static void one_that_reads_nothing_cannot_use_up_the_messages_of_all(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    bsc_conn_id slow = peer_joins(f.hub, 2, 0);
    bsc_conn_id b = peer_joins(f.hub, 3, 0);
    for (int i = 0; i < 1000; i++) {
        peer_gives_hex(f.hub, a, "0104001402000000000201001008", 0);
    }
    assert_int_equal(bsc_hub_counters(f.hub)->dropped_pending_full, 1000 - 64);
    assert_int_equal(bsc_hub_counters(f.hub)->dropped_total_full, 0);
    peer_gives_hex(f.hub, a, "0104001502000000000301001008", 0);
    peer_gets(f.hub, b, "0108001502000000000101001008");
    assert_int_equal(takes_all(&f, slow), 64);
    finish(&f);
}

static void heartbeats_from_one_that_reads_nothing_are_answered_to_a_bound(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    for (int i = 0; i < 1000; i++) {
        peer_gives_hex(f.hub, a, "0a000041", 0);
    }
    assert_in_range(takes_all(&f, a), 64, 100);
    peer_gives_hex(f.hub, a, "0a000042", 0);
    peer_gets(f.hub, a, "0b000042");
    finish(&f);
}

static void heartbeats_are_answered_however_much_relayed_traffic_waits(void **state)
{
    (void)state;
    struct fixture f;
    setup_with(&f, (struct bsc_hub_config){ .max_connections = 8, .pending_entries = 80 });
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    bsc_conn_id conns[4];
    for (uint8_t n = 0; n < 4; n++) {
        conns[n] = peer_joins(f.hub, (uint8_t)(n + 2), 0);
    }
    for (int i = 0; i < 200; i++) {
        peer_gives_hex(f.hub, a, "01040014" BROADCAST "01001008", 0);
    }
    assert_true(bsc_hub_counters(f.hub)->dropped_total_full > 0);
    peer_gives_hex(f.hub, a, "0a000041", 0);
    peer_gets(f.hub, a, "0b000041");
    uint32_t waiting = 0;
    for (int n = 0; n < 4; n++) {
        waiting += takes_all(&f, conns[n]);
    }
    assert_int_equal(waiting, 80 - 80 / 16);
    finish(&f);
}

enum { STUCK = 22 };

/* Joins a sender, a reader and many who read nothing, and sends these all that the hub takes. */
static void fill_with_stuck(struct fixture *f, size_t len, bsc_conn_id *sender, bsc_conn_id *reader)
{
    static uint8_t octets[20000] = { 0x0C, 0x04, 0, 1, 2 };
    *sender = peer_joins(f->hub, 1, 0);
    *reader = peer_joins(f->hub, 2, 0);
    for (uint8_t n = 0; n < STUCK; n++) {
        (void)peer_joins(f->hub, (uint8_t)(n + 3), 0);
    }
    for (int i = 0; i < 200; i++) {
        octets[9] = (uint8_t)(3 + i % STUCK);
        for (int k = 0; k < 20; k++) {
            peer_gives(f->hub, *sender, (struct bas_slice){ octets, len }, 0);
        }
    }
    assert_true(bsc_hub_counters(f->hub)->dropped_total_full > 0);
}

/* 41 places, 1024 messages: 960 without the reserve, a quarter of them is 5 for each. */
static void however_many_read_nothing_each_of_the_others_has_its_share(void **state)
{
    (void)state;
    struct fixture f;
    bsc_conn_id a = 0;
    bsc_conn_id b = 0;
    setup_with(&f, (struct bsc_hub_config){ .max_connections = 24, .pending_entries = 1024 });
    fill_with_stuck(&f, 14, &a, &b);
    const uint64_t dropped = bsc_hub_counters(f.hub)->dropped_total_full;
    for (int turn = 0; turn < 3; turn++) {
        for (int i = 0; i < 6; i++) {
            peer_gives_hex(f.hub, a, "0104001502000000000201001008", 0);
        }
        assert_int_equal(takes_all(&f, b), 5);
    }
    assert_int_equal(bsc_hub_counters(f.hub)->dropped_total_full, dropped + 3);
    peer_gives_hex(f.hub, b, "0a000041", 0); /* the reserve is untouched */
    peer_gets(f.hub, b, "0b000041");
    finish(&f);
}

static void the_same_holds_for_octets(void **state)
{
    (void)state;
    struct fixture f;
    bsc_conn_id a = 0;
    bsc_conn_id b = 0;
    setup_with(&f, (struct bsc_hub_config){ .max_connections = 24, .pending_total_max = 1 << 20 });
    fill_with_stuck(&f, 5000, &a, &b);
    for (int turn = 0; turn < 10; turn++) {
        peer_gives_hex(f.hub, a, "0104001502000000000201001008", 0);
        assert_int_equal(takes_all(&f, b), 1);
    }
    assert_true(bsc_hub_pending(f.hub, 0) <= 1 << 20);
    finish(&f);
}

static void leftovers_count_in_the_bound_of_all(void **state)
{
    (void)state;
    struct fixture f;
    setup_with(&f, (struct bsc_hub_config){ .pending_total_max = 16000, .pending_entries = 256 });
    bsc_conn_id a = peer_joins(f.hub, 1, 0);
    bsc_conn_id b = peer_joins(f.hub, 2, 0);
    bsc_hub_charge_leftover(f.hub, b, 15000, 0);
    assert_int_equal(bsc_hub_pending(f.hub, 0), 15000);
    peer_gives_hex(f.hub, a, "0104001402000000000201001008", 0);
    assert_int_equal(bsc_hub_counters(f.hub)->dropped_total_full, 1);
    bsc_hub_charge_leftover(f.hub, b, 0, 0);
    peer_gives_hex(f.hub, a, "0104001402000000000201001008", 0);
    assert_int_equal(bsc_hub_pending(f.hub, 0), 14);
    bsc_hub_charge_leftover(f.hub, b, 15000, 0);
    bsc_hub_closed(f.hub, b, NULL, 0);
    assert_int_equal(bsc_hub_pending(f.hub, 0), 0);
    bsc_hub_charge_leftover(f.hub, a, 15000, 0);
    bsc_hub_tick(f.hub, 30 * BAS_SECOND);
    assert_int_equal(bsc_hub_counters(f.hub)->stalled, 1);
    assert_int_equal(bsc_hub_pending(f.hub, 0), 0);
    finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_admission_after_connect_wait_admits_nobody),
        cmocka_unit_test(a_request_taken_back_at_once_asks_for_no_admission),
        cmocka_unit_test(two_that_ask_for_one_vmac_at_once_cannot_both_have_it),
        cmocka_unit_test(an_orderly_end_counts_as_nothing_dropped),
        cmocka_unit_test(what_waits_for_a_connection_that_is_replaced_is_not_sent),
        cmocka_unit_test(one_that_is_expelled_gets_a_disconnect_request_and_nothing_else),
        cmocka_unit_test(garbage_after_our_disconnect_request_is_not_answered),
        cmocka_unit_test(crossing_disconnect_requests_are_both_acknowledged),
        cmocka_unit_test(a_connection_that_goes_before_its_events_are_read_leaves_no_trace),
        cmocka_unit_test(a_reason_that_finds_no_memory_is_left_out),
        cmocka_unit_test(a_connection_is_named_dirty_once_and_again_when_it_can_take_more),
        cmocka_unit_test(one_that_reads_nothing_cannot_use_up_the_messages_of_all),
        cmocka_unit_test(heartbeats_from_one_that_reads_nothing_are_answered_to_a_bound),
        cmocka_unit_test(heartbeats_are_answered_however_much_relayed_traffic_waits),
        cmocka_unit_test(however_many_read_nothing_each_of_the_others_has_its_share),
        cmocka_unit_test(the_same_holds_for_octets),
        cmocka_unit_test(leftovers_count_in_the_bound_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
