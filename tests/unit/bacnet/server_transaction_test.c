/* The server's transactions: requests in segments, answers in segments, repetitions (5.4.5:
 * server/tsm.c, server/place.c, server/answer.c). */
#include "server_fixture.h"

#include <stdio.h>

enum { DEVICE_LIST = 77 }; /* octets of the ComplexACK with Object_List of the fixture's device */

#define READ_LIST  "0C 0C 02 00 04 D2 19 4C" /* ReadProperty of it */
#define WRITE_50   "0F 0C 00 80 00 01 19 55 3E 44 42 48 00 00 3F"
#define WRITE_HEAD "0F 0C 00 80 00 01 19 55"
#define WRITE_TAIL "0F 3E 44 42 48 00 00 3F" /* the same service in its second segment */

static void open_repeating(struct fixture *f, const struct bac_server_config *changed)
{
    struct bac_server_config config = fixture_config();
    config.max_transactions = changed->max_transactions;
    config.max_request = changed->max_request;
    config.max_memory = changed->max_memory;
    config.window = changed->window;
    config.hooks = changed->hooks;
    config.n_hooks = changed->n_hooks;
    fixture_open_with(f, &config);
    f->is_repeating = true;
    f->now = 1000 * BAS_SECOND;
}

static void open_plain(struct fixture *f)
{
    const struct bac_server_config none = { 0 };
    open_repeating(f, &none);
}

/* What leaves next: its first octets. */
static struct bac_apdu expect_tx(struct fixture *f, const char *begin)
{
    static uint8_t octets[2000];
    struct bac_apdu_tx tx;
    assert_true(bac_server_next_tx(f->server, &tx));
    struct bas_slice got = bas_frame_slice(tx.frame);
    struct bas_slice want = test_hex(begin);
    assert_true(got.len >= want.len && got.len <= sizeof(octets));
    memcpy(octets, got.data, got.len);
    struct bac_apdu apdu;
    assert_int_equal(bac_apdu_decode((struct bas_slice){ octets, got.len }, &apdu, NULL), BAS_OK);
    bas_frame_unref(tx.frame);
    assert_memory_equal(octets, want.data, want.len);
    return apdu;
}

static void expect_silence(struct fixture *f)
{
    struct bac_apdu_tx tx;
    assert_false(bac_server_next_tx(f->server, &tx));
}

static void hear(struct fixture *f, const char *apdu)
{
    assert_int_equal(fixture_send(f, test_hex(apdu)), BAS_OK);
}

static void tick_at_deadline(struct fixture *f)
{
    assert_true(bac_server_deadline(f->server) != BAS_NEVER);
    f->now = bac_server_deadline(f->server);
    bac_server_tick(f->server, f->now);
}

static void a_request_in_segments_is_executed_when_it_is_whole(void **state)
{
    (void)state;
    struct fixture f;
    open_plain(&f);
    hear(&f, "0C 05 09 00 04 " WRITE_HEAD);
    expect_tx(&f, "41 09 00 04");
    expect_silence(&f);
    expect_present(&f, SETPOINT, 0);
    assert_int_equal(bac_server_deadline(f.server), f.now + 8 * BAS_SECOND);
    hear(&f, "08 05 09 01 04 " WRITE_TAIL);
    expect_tx(&f, "41 09 01 04");
    expect_tx(&f, "20 09 0F");
    expect_silence(&f);
    expect_present(&f, SETPOINT, 50);
    assert_int_equal(bac_server_deadline(f.server), BAS_NEVER);
    hear(&f, "08 05 09 01 04 " WRITE_TAIL); /* it did not hear us */
    expect_tx(&f, "41 09 01 04");
    expect_tx(&f, "20 09 0F");
    hear(&f, "08 05 09 02 04 " WRITE_TAIL); /* this was none of it */
    expect_silence(&f);
    struct bac_server_event e;
    assert_false(bac_server_next_event(f.server, &e));
    fixture_close(&f);
}

static void what_was_written_in_segments_can_be_fetched_behind_it(void **state)
{
    (void)state;
    struct fixture f;
    open_plain(&f);
    hear(&f, "0C 05 09 00 04 " WRITE_HEAD);
    hear(&f, "08 05 09 01 04 " WRITE_TAIL);
    struct bac_server_event e;
    assert_true(bac_server_next_event(f.server, &e));
    assert_int_equal(e.kind, BAC_SERVER_WRITTEN);
    assert_int_equal(e.raw.len, 5);
    assert_memory_equal(e.raw.data, test_hex("44 42 48 00 00").data, 5);
    struct bac_apdu_tx tx;
    while (bac_server_next_tx(f.server, &tx)) {
        bas_frame_unref(tx.frame);
    }
    fixture_close(&f);
}

static void the_window_is_the_least_of_both(void **state)
{
    (void)state;
    static const struct {
        uint8_t ours;
        const char *segment, *ack;
    } rows[] = {
        { 0, "0C 05 09 00 7F " WRITE_HEAD, "41 09 00 10" },
        { 127, "0C 05 09 00 7F " WRITE_HEAD, "41 09 00 7F" },
        { 200, "0C 05 09 00 7F " WRITE_HEAD, "41 09 00 7F" },
        { 2, "0C 05 09 00 01 " WRITE_HEAD, "41 09 00 01" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct fixture f;
        const struct bac_server_config config = { .window = rows[i].ours };
        open_repeating(&f, &config);
        hear(&f, rows[i].segment);
        expect_tx(&f, rows[i].ack);
        fixture_close(&f);
    }
}

static void a_gap_is_told_and_a_request_that_stops_is_forgotten(void **state)
{
    (void)state;
    struct fixture f;
    open_plain(&f);
    hear(&f, "0C 05 09 00 04 " WRITE_HEAD);
    expect_tx(&f, "41 09 00 04");
    hear(&f, "08 05 09 02 04 " WRITE_TAIL);
    expect_tx(&f, "43 09 00 04");
    tick_at_deadline(&f);
    expect_silence(&f);
    assert_int_equal(bac_server_deadline(f.server), BAS_NEVER);
    hear(&f, "08 05 09 01 04 " WRITE_TAIL);
    expect_tx(&f, "71 09 02");
    expect_present(&f, SETPOINT, 0);
    fixture_close(&f);
}

static void what_does_not_belong_into_a_request_in_segments_ends_it(void **state)
{
    (void)state;
    static const struct {
        const char *apdu, *answer;
    } rows[] = {
        { "00 05 09 " READ_LIST, "71 09 02" },
        { "40 09 00 04", "71 09 02" },
        { "08 05 09 01 04 0E 00", "71 09 02" },
        { "08 05 09 01 00 " WRITE_TAIL, "71 09 07" },
        { "70 09 00", "" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct fixture f;
        open_plain(&f);
        hear(&f, "0C 05 09 00 04 " WRITE_HEAD);
        expect_tx(&f, "41 09 00 04");
        hear(&f, rows[i].apdu);
        if (rows[i].answer[0] != '\0') {
            expect_tx(&f, rows[i].answer);
        }
        expect_silence(&f);
        assert_int_equal(bac_server_deadline(f.server), BAS_NEVER);
        fixture_close(&f);
    }
}

static void an_answer_leaves_in_windows_as_they_are_granted(void **state)
{
    (void)state;
    struct fixture f;
    open_plain(&f);
    f.way = 20; /* 15 octets a segment: 74 of the list in 5 */
    hear(&f, "02 05 09 " READ_LIST);
    uint8_t whole[100];
    size_t len = 0;
    static const struct {
        const char *ack; /* what the client says before */
        unsigned n;      /* segments that follow */
    } rows[] = { { "", 1 }, { "40 09 00 02", 2 }, { "40 09 02 7F", 2 } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        if (i > 0) {
            hear(&f, rows[i].ack);
        }
        for (unsigned n = 0; n < rows[i].n; n++) {
            bool is_last = i == 2 && n == 1;
            struct bac_apdu segment = expect_tx(&f, is_last ? "38 09" : "3C 09");
            assert_int_equal(segment.window, 16);
            memcpy(whole + len, segment.body.data, segment.body.len);
            len += segment.body.len;
        }
        expect_silence(&f);
        assert_int_equal(bac_server_deadline(f.server), f.now + 2 * BAS_SECOND);
    }
    hear(&f, "40 09 04 04");
    assert_int_equal(bac_server_deadline(f.server), BAS_NEVER);
    expect_silence(&f);
    f.way = 1476;
    hear(&f, "00 05 0A " READ_LIST);
    struct bac_apdu one_piece = expect_tx(&f, "30 0A 0C");
    assert_int_equal(one_piece.body.len, DEVICE_LIST - 3);
    assert_int_equal(len, DEVICE_LIST - 3);
    assert_memory_equal(whole, one_piece.body.data, len);
    fixture_close(&f);
}

static void segments_wait_while_the_way_down_is_full(void **state)
{
    (void)state;
    struct fixture f;
    open_plain(&f);
    f.way = 20;
    bac_server_hold(f.server, true);
    hear(&f, "02 05 09 " READ_LIST);
    expect_silence(&f);
    hear(&f, "00 05 0A 0C 0C 00 00 00 01 19 55"); /* what is short does not */
    expect_tx(&f, "30 0A");
    bac_server_hold(f.server, false);
    expect_tx(&f, "3C 09 00 10");
    hear(&f, "40 09 00 02");
    bac_server_hold(f.server, true);
    tick_at_deadline(&f);
    expect_silence(&f);
    bac_server_hold(f.server, false);
    expect_tx(&f, "3C 09 01 10"); /* each once */
    expect_tx(&f, "3C 09 02 10");
    expect_silence(&f);
    fixture_close(&f);
}

static void segments_that_nobody_acknowledges_are_repeated_three_times(void **state)
{
    (void)state;
    struct fixture f;
    open_plain(&f);
    f.way = 20;
    hear(&f, "02 05 09 " READ_LIST);
    for (int i = 0; i < 4; i++) {
        expect_tx(&f, "3C 09 00 10");
        expect_silence(&f);
        tick_at_deadline(&f);
    }
    expect_silence(&f);
    assert_int_equal(bac_server_deadline(f.server), BAS_NEVER);
    hear(&f, "40 09 00 04");
    expect_tx(&f, "71 09 02");
    fixture_close(&f);
}

static void what_comes_while_an_answer_leaves_is_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *apdu, *answer;
        bool goes_on; /* the answer in segments */
    } rows[] = {
        { "02 05 09 " READ_LIST, "", true },                    /* asked again */
        { "40 09 07 04", "", true },                            /* not in the window */
        { "00 05 09 0C 0C 00 00 00 02 19 55", "50 09", false }, /* the client gave up */
        { "40 09 00 00", "71 09 07", false },
        { "40 09 00 C8", "71 09 07", false },
        { "70 09 04", "", false },
        { "41 09 00 04", "", true }, /* of a server */
        { "71 09 04", "", true },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct fixture f;
        open_plain(&f);
        f.way = 20;
        hear(&f, "02 05 09 " READ_LIST);
        expect_tx(&f, "3C 09 00 10");
        hear(&f, rows[i].apdu);
        if (rows[i].answer[0] != '\0') {
            expect_tx(&f, rows[i].answer);
        }
        expect_silence(&f);
        assert_int_equal(bac_server_deadline(f.server) != BAS_NEVER, rows[i].goes_on);
        fixture_close(&f);
    }
}

/* AddListElement to VALVE, which has no such list: whoever serves it counts. */
static bas_err count_call(void *ctx, const struct bac_hook_request *request, struct bas_buf *out,
                          struct bas_fault *fault)
{
    (void)request, (void)out, (void)fault;
    ++*(unsigned *)ctx;
    return BAS_OK;
}

#define ADD_1   "08 0C 00 40 00 01 19 55 3E 21 01 3F"
#define ADD_2   "08 0C 00 40 00 01 19 55 3E 21 02 3F"
#define ADD_ACK "20 09 08"

static void open_counting(struct fixture *f, uint16_t max_transactions, unsigned *n)
{
    const struct bac_service_hook hook = {
        .service = BAC_CONFIRMED_ADD_LIST_ELEMENT, .confirmed = true, .serve = count_call, .ctx = n
    };
    const struct bac_server_config config = { .max_transactions = max_transactions,
                                              .hooks = &hook,
                                              .n_hooks = 1 };
    open_repeating(f, &config);
}

static void what_cannot_be_done_twice_is_confirmed_again_and_done_once(void **state)
{
    (void)state;
    struct fixture f;
    unsigned n_calls = 0;
    open_counting(&f, 0, &n_calls);
    static const struct {
        bas_time later;
        const char *request;
        unsigned others;  /* requests of the same client in between */
        bool is_executed; /* not taken for a repetition */
    } rows[] = {
        { 0, "00 05 09 " ADD_1, 0, true },
        { 9 * BAS_SECOND, "00 05 09 " ADD_1, 0, false },
        { 12 * BAS_SECOND, "00 05 09 " ADD_1, 100, false },
        { 13 * BAS_SECOND, "00 05 09 " ADD_1, 0, true }, /* later than any retry */
        { 0, "00 05 0A " ADD_1, 0, true },               /* another invoke id */
        { 0, "00 05 09 " ADD_1, 0, false },
        { 0, "00 05 09 " ADD_2, 0, true },   /* another request */
        { 0, "00 05 09 " ADD_2, 200, true }, /* the ids came round */
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        f.now += rows[i].later;
        for (unsigned n = 0; n < rows[i].others; n++) {
            hear(&f, "00 05 55 0C 0C 00 00 00 01 19 55");
            expect_tx(&f, "30 55");
        }
        n_calls = 0;
        hear(&f, rows[i].request);
        expect_tx(&f, i == 4 ? "20 0A 08" : ADD_ACK);
        expect_silence(&f);
        assert_int_equal(n_calls, rows[i].is_executed);
    }
    f.from.mac[5]++; /* somebody else */
    n_calls = 0;
    hear(&f, "00 05 0A " ADD_1);
    expect_tx(&f, "20 0A 08");
    assert_int_equal(n_calls, 1);
    fixture_close(&f);
}

#define ADD_HEAD "08 0C 00 40 00 01 19 55"
#define ADD_TAIL "08 3E 21 01 3F"

static void only_the_last_segment_of_what_was_answered_is_answered_again(void **state)
{
    (void)state;
    struct fixture f;
    unsigned n_calls = 0;
    open_counting(&f, 0, &n_calls);
    hear(&f, "08 05 09 00 04 " ADD_1); /* all of it in one segment */
    expect_tx(&f, "41 09 00 04");
    expect_tx(&f, ADD_ACK);
    hear(&f, "08 05 09 00 04 " ADD_1);
    expect_tx(&f, "41 09 00 04");
    expect_tx(&f, ADD_ACK);
    assert_int_equal(n_calls, 1);
    hear(&f, "08 05 09 00 04 " ADD_2); /* another one */
    expect_tx(&f, "41 09 00 04");
    expect_tx(&f, ADD_ACK);
    assert_int_equal(n_calls, 2);
    hear(&f, "00 05 0A " ADD_1);
    expect_tx(&f, "20 0A 08");
    hear(&f, "08 05 0A 01 04 " ADD_TAIL); /* that was in one piece */
    expect_silence(&f);
    fixture_close(&f);
}

static void a_repetition_in_segments_leaves_no_timer(void **state)
{
    (void)state;
    struct fixture f;
    unsigned n_calls = 0;
    open_counting(&f, 0, &n_calls);
    for (int i = 0; i < 2; i++) {
        hear(&f, "0C 05 09 00 04 " ADD_HEAD);
        expect_tx(&f, "41 09 00 04");
        hear(&f, "08 05 09 01 04 " ADD_TAIL);
        expect_tx(&f, "41 09 01 04");
        expect_tx(&f, ADD_ACK);
        assert_int_equal(bac_server_deadline(f.server), BAS_NEVER);
    }
    assert_int_equal(n_calls, 1);
    fixture_close(&f);
}

static void the_last_of_257_segments_is_known_again(void **state)
{
    (void)state;
    struct fixture f;
    unsigned n_calls = 0;
    open_counting(&f, 0, &n_calls);
    hear(&f, "0C 05 09 00 04 " ADD_HEAD);
    expect_tx(&f, "41 09 00 04");
    char segment[] = "0C 05 09 00 04 08";
    for (unsigned i = 1; i < 256; i++) { /* empty ones */
        (void)snprintf(segment, sizeof(segment), "0C 05 09 %02X 04 08", i);
        hear(&f, segment);
        struct bac_apdu_tx tx;
        while (bac_server_next_tx(f.server, &tx)) {
            bas_frame_unref(tx.frame);
        }
    }
    for (int i = 0; i < 2; i++) {
        hear(&f, "08 05 09 00 04 " ADD_TAIL);
        expect_tx(&f, "41 09 00 04");
        expect_tx(&f, ADD_ACK);
    }
    assert_int_equal(n_calls, 1);
    fixture_close(&f);
}

/* A client may use one invoke id for all that it asks, and somebody else may write in between. */
static void a_write_that_is_repeated_is_done_and_confirmed_again(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "00 05 09 " WRITE_50,
        "00 05 09 10 0C 00 80 00 01 1E 09 55 2E 44 42 48 00 00 2F 1F", /* of many properties */
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(requests); i++) {
        struct fixture f;
        open_plain(&f);
        const struct bac_value zero = { .tag = BAC_TAG_REAL };
        for (int n = 0; n < 3; n++) {
            assert_int_equal(bac_server_set(f.server, SETPOINT, &zero, 0), BAS_OK);
            hear(&f, requests[i]);
            expect_tx(&f, i == 0 ? "20 09 0F" : "20 09 10");
            expect_silence(&f);
            expect_present(&f, SETPOINT, 50);
        }
        fixture_close(&f);
    }
}

static void a_write_in_segments_is_done_and_confirmed_again(void **state)
{
    (void)state;
    struct fixture f;
    open_plain(&f);
    const struct bac_value zero = { .tag = BAC_TAG_REAL };
    for (int n = 0; n < 3; n++) {
        assert_int_equal(bac_server_set(f.server, SETPOINT, &zero, 0), BAS_OK);
        hear(&f, "0C 05 09 00 04 " WRITE_HEAD);
        expect_tx(&f, "41 09 00 04");
        hear(&f, "08 05 09 01 04 " WRITE_TAIL);
        expect_tx(&f, "41 09 01 04");
        expect_tx(&f, "20 09 0F");
        expect_silence(&f);
        expect_present(&f, SETPOINT, 50);
    }
    fixture_close(&f);
}

static void a_read_is_done_as_often_as_it_is_asked(void **state)
{
    (void)state;
    struct fixture f;
    open_plain(&f);
    struct bac_value value = { .tag = BAC_TAG_REAL, .as.real = 1 };
    hear(&f, "00 05 09 0C 0C 00 00 00 01 19 55");
    expect_tx(&f, "30 09 0C 0C 00 00 00 01 19 55 3E 44 41 AC 00 00 3F");
    assert_int_equal(bac_server_set(f.server, ROOM, &value, 0), BAS_OK);
    hear(&f, "00 05 09 0C 0C 00 00 00 01 19 55");
    expect_tx(&f, "30 09 0C 0C 00 00 00 01 19 55 3E 44 3F 80 00 00 3F");
    fixture_close(&f);
}

/* A first segment of somebody's request. */
static void begin_request(struct fixture *f, uint8_t who)
{
    f->from.mac[4] = who;
    hear(f, "0C 05 09 00 04 " WRITE_HEAD);
}

static void kept_answers_give_way_to_work_and_work_to_nothing(void **state)
{
    (void)state;
    struct fixture f;
    unsigned n_calls = 0;
    open_counting(&f, 3, &n_calls);
    static const struct {
        uint8_t who;
        unsigned n_calls; /* by then */
    } rows[] = {
        { 0, 1 }, { 1, 2 }, { 2, 3 }, { 3, 4 }, { 1, 4 }, /* still kept */
        { 0, 5 },                                         /* gave way to that of 3 */
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        f.from.mac[4] = rows[i].who;
        hear(&f, "00 05 09 " ADD_1);
        expect_tx(&f, ADD_ACK);
        assert_int_equal(n_calls, rows[i].n_calls);
    }
    for (uint8_t who = 10; who < 13; who++) {
        begin_request(&f, who);
        expect_tx(&f, "41 09 00 04");
    }
    begin_request(&f, 13);
    expect_tx(&f, "71 09 09");
    f.from.mac[4] = 14;
    hear(&f, "00 05 09 " ADD_1); /* served, not kept */
    expect_tx(&f, ADD_ACK);
    assert_int_equal(n_calls, 6);
    f.way = 20;
    hear(&f, "02 05 0B " READ_LIST);
    expect_tx(&f, "71 0B 09");
    expect_silence(&f);
    fixture_close(&f);
}

static void endless_segments_cost_what_was_allowed(void **state)
{
    (void)state;
    static const struct {
        uint32_t max_request, max_memory;
        size_t len;
        uint8_t reason;
    } rows[] = {
        { 5000, 0, 400, BAC_ABORT_BUFFER_OVERFLOW },
        { 5000, 0, 0, BAC_ABORT_BUFFER_OVERFLOW },
        { 0, 20000, 400, BAC_ABORT_OUT_OF_RESOURCES },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct fixture f;
        const struct bac_server_config config = { .max_request = rows[i].max_request,
                                                  .max_memory = rows[i].max_memory };
        open_repeating(&f, &config);
        size_t before = f.t.live;
        bool is_over = false;
        for (unsigned n = 0; !is_over; n++) {
            uint8_t octets[500] = { 0x0C, 0x05, 0x09, (uint8_t)n, 0x04, 0x0F };
            (void)fixture_send(&f, (struct bas_slice){ octets, 6 + rows[i].len });
            struct bac_apdu_tx tx;
            while (bac_server_next_tx(f.server, &tx)) {
                struct bas_slice got = bas_frame_slice(tx.frame);
                is_over = got.data[0] == 0x71;
                assert_true(!is_over || got.data[2] == rows[i].reason);
                bas_frame_unref(tx.frame);
            }
            assert_true(f.t.live - before <= 2 * 20000);
            assert_true(n < 1000);
        }
        assert_int_equal(f.t.live, before);
        assert_int_equal(bac_server_deadline(f.server), BAS_NEVER);
        fixture_close(&f);
    }
}

static void segments_by_broadcast_are_dropped(void **state)
{
    (void)state;
    struct fixture f;
    open_plain(&f);
    f.broadcast = true;
    hear(&f, "0C 05 09 00 04 " WRITE_HEAD);
    hear(&f, "40 09 00 04");
    expect_silence(&f);
    assert_int_equal(bac_server_deadline(f.server), BAS_NEVER);
    fixture_close(&f);
}

static void with_any_allocation_failing_segments_leak_nothing(void **state)
{
    (void)state;
    for (size_t k = 1; k < 20; k++) {
        struct fixture f;
        open_plain(&f);
        f.way = 20;
        f.t.fail_at = f.t.allocations + k;
        (void)fixture_send(&f, test_hex("0C 05 09 00 04 " WRITE_HEAD));
        (void)fixture_send(&f, test_hex("08 05 09 01 04 " WRITE_TAIL));
        (void)fixture_send(&f, test_hex("02 05 0A " READ_LIST));
        (void)fixture_send(&f, test_hex("40 0A 00 04"));
        struct bac_apdu_tx tx;
        while (bac_server_next_tx(f.server, &tx)) {
            bas_frame_unref(tx.frame);
        }
        f.t.fail_at = 0;
        hear(&f, "70 0A 00");
        hear(&f, "02 05 0B " READ_LIST);
        expect_tx(&f, "3C 0B 00 10");
        fixture_close(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_in_segments_is_executed_when_it_is_whole),
        cmocka_unit_test(what_was_written_in_segments_can_be_fetched_behind_it),
        cmocka_unit_test(the_window_is_the_least_of_both),
        cmocka_unit_test(a_gap_is_told_and_a_request_that_stops_is_forgotten),
        cmocka_unit_test(what_does_not_belong_into_a_request_in_segments_ends_it),
        cmocka_unit_test(an_answer_leaves_in_windows_as_they_are_granted),
        cmocka_unit_test(segments_wait_while_the_way_down_is_full),
        cmocka_unit_test(segments_that_nobody_acknowledges_are_repeated_three_times),
        cmocka_unit_test(what_comes_while_an_answer_leaves_is_told_apart),
        cmocka_unit_test(what_cannot_be_done_twice_is_confirmed_again_and_done_once),
        cmocka_unit_test(only_the_last_segment_of_what_was_answered_is_answered_again),
        cmocka_unit_test(a_repetition_in_segments_leaves_no_timer),
        cmocka_unit_test(the_last_of_257_segments_is_known_again),
        cmocka_unit_test(a_write_that_is_repeated_is_done_and_confirmed_again),
        cmocka_unit_test(a_write_in_segments_is_done_and_confirmed_again),
        cmocka_unit_test(a_read_is_done_as_often_as_it_is_asked),
        cmocka_unit_test(kept_answers_give_way_to_work_and_work_to_nothing),
        cmocka_unit_test(endless_segments_cost_what_was_allowed),
        cmocka_unit_test(segments_by_broadcast_are_dropped),
        cmocka_unit_test(with_any_allocation_failing_segments_leak_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
