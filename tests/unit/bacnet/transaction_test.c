/* Clients' and servers' transactions against each other on a bad wire: every request ends once, and
 * what arrives is what was sent (clause 5.4). */
#include "wire_fixture.h"

static const uint8_t WINDOWS[] = { 1, 2, 16, 127 };

static void expect_each_ended_once(const struct wire *w)
{
    for (uint32_t i = 0; i < w->asked; i++) {
        assert_int_equal(w->echoes[i].events, 1);
        assert_true(w->echoes[i].kind != BAC_CLIENT_ACK || w->echoes[i].executed != 0);
    }
}

static void on_a_good_wire_everything_arrives_at_every_window_and_size(void **state)
{
    (void)state;
    static const uint16_t sizes[] = { 50, 128, 206, 480, 1024, 1476 };
    static const size_t lens[] = { 4, 40, 46, 47, 1472, 1473, 13500 }; /* 300 segments of 50 */
    for (size_t i = 0; i < BAS_ARRAY_LEN(WINDOWS) * BAS_ARRAY_LEN(WINDOWS); i++) {
        const struct bac_client_config client = { .size = sizeof(client),
                                                  .window = WINDOWS[i % 4],
                                                  .max_answer = 65535 };
        const struct bac_server_config server = { .window = WINDOWS[i / 4] };
        static struct wire w;
        assert_true(wire_open(&w, &client, &server, 0));
        for (size_t k = 0; k < BAS_ARRAY_LEN(lens) * BAS_ARRAY_LEN(lens); k++) {
            assert_int_equal(wire_ask(&w, (unsigned)k % SERVERS, lens[k % 7], lens[k / 7],
                                      sizes[(k + i) % BAS_ARRAY_LEN(sizes)]),
                             BAS_OK);
        }
        bas_time start = w.now;
        wire_run(&w, 0);
        expect_each_ended_once(&w);
        assert_int_equal(w.acked, w.asked);
        assert_true(w.now - start < 2 * BAS_SECOND); /* no timer had to help */
        assert_int_equal(bac_client_stats(w.client)->repeated, 0);
        wire_close(&w);
    }
}

/* n requests, so many at once. */
static void ask_many(struct wire *w, uint32_t n, uint32_t at_once, size_t longest)
{
    static const uint16_t sizes[] = { 50, 128, 206, 480 };
    while (w->asked < n) {
        size_t ask = 4 + wire_dice(w, 4) * wire_dice(w, (uint32_t)longest / 4);
        size_t answer = wire_dice(w, 4) * wire_dice(w, (uint32_t)longest / 4);
        assert_int_equal(wire_ask(w, wire_dice(w, SERVERS), ask, answer,
                                  sizes[wire_dice(w, BAS_ARRAY_LEN(sizes))]),
                         BAS_OK);
        wire_run(w, at_once);
    }
    wire_run(w, 0);
}

static void on_a_bad_wire_every_request_ends_in_exactly_one_event(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(WINDOWS); i++) {
        const struct bac_client_config client = { .size = sizeof(client), .window = WINDOWS[i] };
        const struct bac_server_config server = { .window = WINDOWS[3 - i] };
        static struct wire w;
        assert_true(wire_open(&w, &client, &server, 0));
        w.loss = 20;
        w.twice = 20;
        w.jitter = 20 * BAS_MILLISECOND;
        ask_many(&w, 6000, 24, 1200);
        expect_each_ended_once(&w);
        assert_true(w.acked > 5700);
        wire_close(&w);
    }
}

static void what_is_done_is_not_done_twice_however_often_it_is_repeated(void **state)
{
    (void)state;
    const struct bac_client_config client = { .size = sizeof(client), .window = 4 };
    static struct wire w;
    assert_true(wire_open(&w, &client, NULL, 0));
    w.loss = 300;
    w.twice = 100;
    size_t repeated = 0;
    for (int i = 0; i < 1500; i++) {
        size_t before = w.carried;
        assert_int_equal(wire_ask(&w, 0, i % 3 == 0 ? 200 : 30, 20, 128), BAS_OK);
        wire_run(&w, 0);
        repeated += w.carried - before > 2;
    }
    expect_each_ended_once(&w);
    for (uint32_t i = 0; i < w.asked; i++) {
        assert_true(w.echoes[i].executed <= 1);
    }
    assert_true(repeated > 300);
    assert_true(w.acked > 1000);
    wire_close(&w);
}

static void a_wire_that_carries_nothing_ends_requests_in_timeouts(void **state)
{
    (void)state;
    static struct wire w;
    assert_true(wire_open(&w, NULL, NULL, 0));
    w.loss = 1024;
    assert_int_equal(wire_ask(&w, 0, 4, 4, 480), BAS_OK);
    assert_int_equal(wire_ask(&w, 0, 900, 4, 480), BAS_OK);
    wire_run(&w, 0);
    expect_each_ended_once(&w);
    assert_int_equal(w.echoes[0].kind, BAC_CLIENT_TIMEOUT);
    assert_int_equal(w.echoes[1].kind, BAC_CLIENT_TIMEOUT);
    assert_int_equal(w.carried, 8);
    wire_close(&w);
}

static void an_answer_over_the_bounds_of_either_side_is_aborted(void **state)
{
    (void)state;
    static const struct {
        uint32_t client, server, memory;
        uint16_t max_apdu;
        uint8_t reason;
    } rows[] = {
        { 2000, 0, 0, 480, BAC_ABORT_BUFFER_OVERFLOW },  /* 4 segments are announced */
        { 0, 2999, 0, 480, BAC_ABORT_BUFFER_OVERFLOW },  /* the server has no room */
        { 2000, 0, 0, 50, BAC_ABORT_BUFFER_OVERFLOW },   /* 32 segments of 45 */
        { 0, 0, 2000, 480, BAC_ABORT_OUT_OF_RESOURCES }, /* of the client */
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        const struct bac_client_config client = { .size = sizeof(client),
                                                  .max_answer = rows[i].client,
                                                  .max_memory = rows[i].memory };
        const struct bac_server_config server = { .max_answer = rows[i].server };
        static struct wire w;
        assert_true(wire_open(&w, &client, &server, 0));
        assert_int_equal(wire_ask(&w, 0, 4, 3000, rows[i].max_apdu), BAS_OK);
        wire_run(&w, 0);
        expect_each_ended_once(&w);
        assert_int_equal(w.echoes[0].kind, BAC_CLIENT_ABORT);
        assert_int_equal(w.echoes[0].reason, rows[i].reason);
        wire_close(&w);
    }
}

static void more_than_1476_octets_go_in_one_piece_only_where_both_told_so(void **state)
{
    (void)state;
    static const struct {
        uint16_t client, server, call, announced;
        size_t there, back; /* APDUs */
    } rows[] = {
        { 0, 0, 1476, 0, 3 + 2, 3 + 2 },          /* three segments, each way two SegmentACKs */
        { 9000, 9000, 9000, 9000, 1 + 0, 1 + 0 }, /* all told */
        { 9000, 9000, 9000, 0, 1 + 2, 3 + 0 },    /* the server does not know the client */
        { 9000, 0, 9000, 9000, 1 + 2, 3 + 0 },    /* it sends no more than it takes */
        { 0, 9000, 9000, 0, 3 + 2, 3 + 2 },       /* the client is not configured */
        { 9000, 9000, 1476, 9000, 3 + 0, 1 + 2 }, /* the client does not know the server */
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        const struct bac_client_config client = { .size = sizeof(client),
                                                  .max_apdu = rows[i].client };
        const struct bac_server_config server = { .max_apdu = rows[i].server };
        static struct wire w;
        assert_true(wire_open(&w, &client, &server, 0));
        w.announced = rows[i].announced;
        assert_int_equal(wire_ask(&w, 0, 4400, 4400, rows[i].call), BAS_OK);
        wire_run(&w, 0);
        assert_int_equal(w.acked, 1);
        assert_int_equal(w.carried, rows[i].there + rows[i].back);
        wire_close(&w);
    }
}

static void with_any_allocation_failing_requests_still_end_once_and_nothing_leaks(void **state)
{
    (void)state;
    bool is_through = false;
    size_t acked = 0;
    for (size_t k = 1; !is_through; k++) {
        static struct wire w;
        if (wire_open(&w, NULL, NULL, k)) {
            (void)wire_ask(&w, 0, 700, 900, 206);
            (void)wire_ask(&w, 1, 4, 500, 128);
            (void)wire_ask(&w, 2, 300, 4, 128);
            wire_run(&w, 0);
            expect_each_ended_once(&w);
            acked += w.acked;
            is_through = w.t.allocations < k;
        }
        wire_close(&w);
        assert_true(k < 400);
    }
    assert_true(acked >= 3);
}

static void when_memory_comes_back_the_next_request_is_served(void **state)
{
    (void)state;
    for (size_t k = 40; k < 120; k++) {
        static struct wire w;
        assert_true(wire_open(&w, NULL, NULL, 0));
        w.t.fail_at = w.t.allocations + 1;
        w.t.allocations -= k; /* the k-th from now, and all after it until */
        (void)wire_ask(&w, 0, 700, 900, 206);
        (void)wire_ask(&w, 1, 300, 4, 128);
        wire_send_all(&w);
        w.t.fail_at = 0;
        wire_run(&w, 0);
        expect_each_ended_once(&w);
        assert_int_equal(wire_ask(&w, 0, 700, 900, 206), BAS_OK);
        wire_run(&w, 0);
        assert_int_equal(w.echoes[w.asked - 1].kind, BAC_CLIENT_ACK);
        wire_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_a_good_wire_everything_arrives_at_every_window_and_size),
        cmocka_unit_test(on_a_bad_wire_every_request_ends_in_exactly_one_event),
        cmocka_unit_test(what_is_done_is_not_done_twice_however_often_it_is_repeated),
        cmocka_unit_test(a_wire_that_carries_nothing_ends_requests_in_timeouts),
        cmocka_unit_test(an_answer_over_the_bounds_of_either_side_is_aborted),
        cmocka_unit_test(more_than_1476_octets_go_in_one_piece_only_where_both_told_so),
        cmocka_unit_test(with_any_allocation_failing_requests_still_end_once_and_nothing_leaks),
        cmocka_unit_test(when_memory_comes_back_the_next_request_is_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
