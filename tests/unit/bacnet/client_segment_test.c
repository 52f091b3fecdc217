/* The client engine's segments, octet by octet (5.4.4: client/act.c), and many requests at once
 * (client/place.c). */
#include "client_fixture.h"

enum { WAY = 64, PART = WAY - 6, SEGMENTS = 5 };

static uint8_t parameters_of_five[SEGMENTS * PART];

static void open_with(struct user *u, uint8_t window, uint32_t max_answer)
{
    const struct bac_client_config config = { .size = sizeof(config),
                                              .window = window,
                                              .max_answer = max_answer };
    open_user(u, &config);
    for (size_t i = 0; i < sizeof(parameters_of_five); i++) {
        parameters_of_five[i] = (uint8_t)i;
    }
}

static bac_request_id ask_long(struct user *u)
{
    struct bac_call call = call_to(
        &PEER, WRITE, (struct bas_slice){ parameters_of_five, sizeof(parameters_of_five) }, WAY);
    call.user = u;
    call.priority = 2;
    bac_request_id id = 0;
    assert_int_equal(bac_client_request(u->client, &call, u->now, &id), BAS_OK);
    return id;
}

/* Segment n of the request leaves. */
static void expect_segment(struct user *u, uint8_t n, uint8_t window)
{
    struct bac_apdu_tx tx;
    assert_true(bac_client_next_tx(u->client, &tx));
    struct bas_slice got = bas_frame_slice(tx.frame);
    assert_int_equal(got.len, WAY);
    const uint8_t head[] = { n + 1 < SEGMENTS ? 0x0E : 0x0A, 0x70, got.data[2], n, window, WRITE };
    assert_memory_equal(got.data, head, sizeof(head));
    assert_memory_equal(got.data + sizeof(head), parameters_of_five + n * PART, PART);
    assert_true(tx.expecting_reply);
    assert_int_equal(tx.priority, 2);
    assert_true(tx.frame->start >= BAS_HEADROOM);
    u->invoke_id = got.data[2];
    bas_frame_unref(tx.frame);
}

/* A short APDU of ours leaves: first octet, invoke id, and those behind it. */
static void expect_short(struct user *u, const char *before, const char *after)
{
    uint8_t invoke_id = u->invoke_id;
    expect_request(u, before, after);
    assert_int_equal(u->invoke_id, invoke_id);
}

static void a_long_request_leaves_in_windows_as_they_are_granted(void **state)
{
    (void)state;
    struct user u;
    open_with(&u, 16, 0);
    bac_request_id id = ask_long(&u);
    expect_segment(&u, 0, 16);
    expect_no_tx(&u);
    assert_int_equal(bac_client_deadline(u.client), u.now + 2 * BAS_SECOND);
    answer(&u, "41", "00 02");
    expect_segment(&u, 1, 16);
    expect_segment(&u, 2, 16);
    expect_no_tx(&u);
    answer(&u, "43", "01 02"); /* the third was lost */
    expect_segment(&u, 2, 16);
    expect_segment(&u, 3, 16);
    answer(&u, "41", "01 02"); /* late */
    expect_no_tx(&u);
    answer(&u, "41", "03 02");
    expect_segment(&u, 4, 16);
    answer(&u, "41", "04 02");
    expect_no_tx(&u);
    assert_int_equal(bac_client_deadline(u.client), u.now + 3 * BAS_SECOND);
    answer(&u, "20", "0F");
    expect_event(&u, BAC_CLIENT_ACK, id);
    assert_int_equal(bac_client_stats(u.client)->segments, 6);
    assert_int_equal(bac_client_stats(u.client)->repeated, 2);
    close_user(&u);
}

static void a_window_out_of_range_aborts_a_request(void **state)
{
    (void)state;
    static const char *const grants[] = { "00 00", "00 80", "00 C8" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(grants); i++) {
        struct user u;
        open_with(&u, 16, 0);
        bac_request_id id = ask_long(&u);
        expect_segment(&u, 0, 16);
        answer(&u, "41", grants[i]);
        expect_short(&u, "70", "07");
        struct bac_client_event e = expect_event(&u, BAC_CLIENT_ABORT, id);
        assert_int_equal(e.reason, BAC_ABORT_WINDOW_SIZE_OUT_OF_RANGE);
        close_user(&u);
    }
}

static void an_answer_before_all_segments_are_sent_is_aborted(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
    } rows[] = { { "20", "0F" },
                 { "30", "0F 00" },
                 { "50", "0F 91 02 91 20" },
                 { "60", "09" },
                 { "3C", "00 04 0F 00" } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct user u;
        open_with(&u, 16, 0);
        bac_request_id id = ask_long(&u);
        expect_segment(&u, 0, 16);
        answer(&u, rows[i].before, rows[i].after);
        expect_short(&u, "70", "02");
        expect_event(&u, BAC_CLIENT_ABORT, id);
        close_user(&u);
    }
}

static void segments_are_repeated_and_then_the_request_ends(void **state)
{
    (void)state;
    struct user u;
    open_with(&u, 16, 0);
    bac_request_id id = ask_long(&u);
    for (int i = 0; i < 4; i++) {
        expect_segment(&u, 0, 16);
        expect_no_tx(&u);
        expect_no_event(&u);
        bac_client_tick(u.client, u.now = bac_client_deadline(u.client));
    }
    expect_event(&u, BAC_CLIENT_TIMEOUT, id);
    expect_no_tx(&u);
    close_user(&u);
}

static void a_request_whose_answer_is_lost_begins_anew(void **state)
{
    (void)state;
    struct user u;
    open_with(&u, 127, 0);
    bac_request_id id = ask_long(&u);
    for (int i = 0; i < 4; i++) {
        expect_segment(&u, 0, 127);
        answer(&u, "41", "00 7F");
        for (uint8_t n = 1; n < SEGMENTS; n++) {
            expect_segment(&u, n, 127);
        }
        answer(&u, "41", "04 7F");
        bac_client_tick(u.client, u.now = bac_client_deadline(u.client));
    }
    expect_event(&u, BAC_CLIENT_TIMEOUT, id);
    close_user(&u);
}

static void a_cancelled_request_in_segments_is_told_to_the_server(void **state)
{
    (void)state;
    struct user u;
    open_with(&u, 16, 0);
    bac_request_id id = ask_long(&u);
    expect_segment(&u, 0, 16);
    bac_client_cancel(u.client, id);
    expect_short(&u, "70", "00");
    id = ask_long(&u);
    bac_client_cancel(u.client, id); /* nothing has left */
    (void)drain_tx(&u);
    id = ask(&u);
    answer(&u, "3C", "00 04 0C 01");
    expect_short(&u, "40", "00 04");
    bac_client_cancel(u.client, id);
    expect_short(&u, "70", "00");
    expect_no_event(&u);
    close_user(&u);
}

static void an_answer_in_segments_is_put_together(void **state)
{
    (void)state;
    struct user u;
    open_with(&u, 2, 0);
    bac_request_id id = ask(&u);
    answer(&u, "3C", "00 09 0C 01 02");
    expect_short(&u, "40", "00 02"); /* a window of 2 is granted */
    answer(&u, "3C", "01 09 0C 03");
    expect_no_tx(&u);
    answer(&u, "3C", "01 09 0C 03");
    expect_no_tx(&u);
    answer(&u, "3C", "02 09 0C 04");
    expect_short(&u, "40", "02 02");
    answer(&u, "3C", "04 09 0C 06");
    expect_short(&u, "42", "02 02");
    answer(&u, "41", "00 02"); /* late, to a request in segments: it changes nothing */
    assert_int_equal(bac_client_deadline(u.client), u.now + 8 * BAS_SECOND);
    answer(&u, "38", "03 09 0C 05");
    expect_short(&u, "40", "03 02");
    struct bac_client_event e = expect_event(&u, BAC_CLIENT_ACK, id);
    assert_int_equal(e.body.len, 5);
    assert_memory_equal(e.body.data, test_hex("01 02 03 04 05").data, 5);
    answer(&u, "38", "03 09 0C 05"); /* it did not hear that */
    expect_short(&u, "70", "02");
    close_user(&u);
}

static void octets_of_segments_fetched_too_late_are_gone(void **state)
{
    (void)state;
    struct user u;
    open_with(&u, 2, 0);
    bac_request_id id = ask(&u);
    size_t before = u.t.live;
    answer(&u, "3C", "00 09 0C 01 02");
    answer(&u, "38", "01 09 0C 03");
    bac_client_tick(u.client, u.now);
    assert_int_equal(expect_event(&u, BAC_CLIENT_ACK, id).body.len, 0);
    (void)drain_tx(&u);
    assert_true(u.t.live <= before);
    id = ask(&u);
    answer(&u, "3C", "00 09 0C 01 02");
    answer(&u, "38", "01 09 0C 03");
    bac_client_cancel(u.client, id); /* done, and not fetched */
    expect_no_event(&u);
    close_user(&u);
}

static void segments_that_stop_end_in_an_abort_of_ours(void **state)
{
    (void)state;
    struct user u;
    open_with(&u, 2, 0);
    bac_request_id id = ask(&u);
    answer(&u, "3C", "00 09 0C 01 02");
    expect_short(&u, "40", "00 02");
    bac_client_tick(u.client, u.now += 8 * BAS_SECOND);
    struct bac_client_event e = expect_event(&u, BAC_CLIENT_ABORT, id);
    assert_int_equal(e.reason, BAC_ABORT_TSM_TIMEOUT);
    assert_true(e.is_ours);
    expect_no_tx(&u);
    close_user(&u);
}

static void a_server_that_ignores_our_limits_is_aborted(void **state)
{
    (void)state;
    struct user u;
    open_with(&u, 1, 3000); /* 2 segments of 1476 are announced */
    bac_request_id id = 0;
    assert_int_equal(request(&u, &PEER, READ, "", &id), BAS_OK);
    expect_request(&u, "02 15", "0C");
    answer(&u, "3C", "00 09 0C 01");
    answer(&u, "3C", "01 09 0C 01");
    (void)drain_tx(&u);
    answer(&u, "3C", "02 09 0C 01");
    expect_short(&u, "70", "01");
    assert_int_equal(expect_event(&u, BAC_CLIENT_ABORT, id).reason, BAC_ABORT_BUFFER_OVERFLOW);
    close_user(&u);
    open_with(&u, 1, 1000); /* no two segments fit: none are accepted */
    assert_int_equal(request(&u, &PEER, READ, "", &id), BAS_OK);
    expect_request(&u, "00 05", "0C");
    answer(&u, "3C", "00 09 0C 01");
    expect_short(&u, "70", "01");
    expect_event(&u, BAC_CLIENT_ABORT, id);
    close_user(&u);
}

static void what_a_peer_cannot_take_is_refused_at_once(void **state)
{
    (void)state;
    static const struct {
        uint8_t segmentation;
        uint16_t max_segments, max_apdu;
        bas_err err;
    } rows[] = {
        { BAC_SEGMENTATION_SEGMENTED_BOTH, 0, WAY, BAS_OK },
        { BAC_SEGMENTATION_SEGMENTED_RECEIVE, 5, WAY, BAS_OK },
        { BAC_SEGMENTATION_SEGMENTED_BOTH, 4, WAY, BAS_ERR_TOO_LONG },
        { BAC_SEGMENTATION_SEGMENTED_TRANSMIT, 0, WAY, BAS_ERR_TOO_LONG },
        { BAC_SEGMENTATION_NO_SEGMENTATION, 0, WAY, BAS_ERR_TOO_LONG },
        { BAC_SEGMENTATION_NO_SEGMENTATION, 0, 4 + SEGMENTS * PART, BAS_OK },
        { BAC_SEGMENTATION_SEGMENTED_BOTH, 0, 6, BAS_ERR_TOO_LONG },
        { BAC_SEGMENTATION_SEGMENTED_BOTH, 0, 7, BAS_OK },
    };
    struct user u;
    open_with(&u, 1, 0);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bac_call call = call_to(
            &PEER, WRITE, (struct bas_slice){ parameters_of_five, sizeof(parameters_of_five) },
            rows[i].max_apdu);
        call.segmentation = rows[i].segmentation;
        call.max_segments = rows[i].max_segments;
        bac_request_id id = 0;
        assert_int_equal(bac_client_request(u.client, &call, u.now, &id), rows[i].err);
    }
    (void)drain_tx(&u);
    close_user(&u);
}

static struct bac_address device(uint32_t n)
{
    return (
        struct bac_address){ 0, 6, { 2, 0, 0, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n } };
}

static void as_many_requests_as_there_are_places_are_under_way_at_once(void **state)
{
    (void)state;
    enum { PLACES = 65534, PEERS = 700 };
    struct user u;
    const struct bac_client_config config = { .size = sizeof(config), .max_transactions = 65535 };
    open_user(&u, &config);
    static uint8_t invoke_ids[PLACES];
    static bac_request_id ids[PLACES];
    for (uint32_t i = 0; i < PLACES; i++) {
        const struct bac_address to = device(i % PEERS);
        struct bac_call call = call_to(&to, READ, (struct bas_slice){ NULL, 0 }, 1476);
        call.user = &u;
        assert_int_equal(bac_client_request(u.client, &call, u.now, &ids[i]), BAS_OK);
        struct bac_apdu_tx tx;
        assert_true(bac_client_next_tx(u.client, &tx));
        invoke_ids[i] = bas_frame_slice(tx.frame).data[2];
        bas_frame_unref(tx.frame);
    }
    const struct bac_address to = device(0);
    bac_request_id id;
    assert_int_equal(request(&u, &to, READ, "", &id), BAS_ERR_BUSY);
    for (uint32_t k = 0; k < PLACES; k++) {
        uint32_t i = (k * 40503U) % PLACES; /* in another order */
        const struct bac_address from = device(i % PEERS);
        const uint8_t octets[] = { 0x20, invoke_ids[i], READ };
        const struct bas_slice apdu = { octets, sizeof(octets) };
        assert_int_equal(bac_client_recv(u.client, &from, 0, apdu, u.now), BAS_OK);
        expect_event(&u, BAC_CLIENT_ACK, ids[i]);
    }
    assert_int_equal(bac_client_deadline(u.client), BAS_NEVER);
    close_user(&u);
}

static void each_peer_has_its_own_round_of_invoke_ids(void **state)
{
    (void)state;
    enum { PEERS = 100 };
    struct user u;
    open_user(&u, NULL);
    static uint8_t last[PEERS];
    for (unsigned round = 0; round < 3; round++) {
        unsigned same = 0;
        for (uint32_t i = 0; i < PEERS; i++) {
            const struct bac_address to = device(i);
            bac_request_id id = 0;
            assert_int_equal(request(&u, &to, READ, "", &id), BAS_OK);
            expect_request(&u, ONE_PIECE, "0C");
            same += round != 0 && u.invoke_id == last[i];
            last[i] = u.invoke_id;
            assert_int_equal(answer_from(&u, &to, 0, "30", "0C 01"), BAS_OK);
            expect_event(&u, BAC_CLIENT_ACK, id);
        }
        assert_int_equal(same, 0);
    }
    close_user(&u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_request_leaves_in_windows_as_they_are_granted),
        cmocka_unit_test(a_window_out_of_range_aborts_a_request),
        cmocka_unit_test(an_answer_before_all_segments_are_sent_is_aborted),
        cmocka_unit_test(segments_are_repeated_and_then_the_request_ends),
        cmocka_unit_test(a_request_whose_answer_is_lost_begins_anew),
        cmocka_unit_test(a_cancelled_request_in_segments_is_told_to_the_server),
        cmocka_unit_test(an_answer_in_segments_is_put_together),
        cmocka_unit_test(octets_of_segments_fetched_too_late_are_gone),
        cmocka_unit_test(segments_that_stop_end_in_an_abort_of_ours),
        cmocka_unit_test(a_server_that_ignores_our_limits_is_aborted),
        cmocka_unit_test(what_a_peer_cannot_take_is_refused_at_once),
        cmocka_unit_test(as_many_requests_as_there_are_places_are_under_way_at_once),
        cmocka_unit_test(each_peer_has_its_own_round_of_invoke_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
