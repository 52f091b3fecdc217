/* The client engine: requests, answers and time (clause 5.4.4), and what they are for a person
 * (client/event.c). */
#include "client_fixture.h"

static void a_request_carries_our_size_its_invoke_id_and_its_parameters(void **state)
{
    (void)state;
    struct user u;
    open_user(&u, NULL);
    bac_request_id id = 0;
    assert_int_equal(request(&u, &PEER, READ, "0C 02 00 00 01 19 55", &id), BAS_OK);
    struct bac_apdu_tx tx;
    assert_true(bac_client_next_tx(u.client, &tx));
    assert_true(bac_address_equal(&tx.to, &PEER));
    assert_true(tx.expecting_reply);
    bas_frame_unref(tx.frame);
    close_user(&u);
}

static void the_size_that_is_announced_fits_ours_and_the_way(void **state)
{
    (void)state;
    static const struct {
        uint16_t ours;
        uint16_t way;
        const char *head;
    } rows[] = { { 0, 1476, "02 55" },   { 0, 1475, "02 64" },  { 480, 1476, "02 73" },
                 { 1476, 480, "02 73" }, { 206, 205, "02 71" }, { 50, 1476, "02 70" },
                 { 9000, 9000, "02 55" } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct user u;
        struct bac_client_config config = { .size = sizeof(config), .max_apdu = rows[i].ours };
        open_user(&u, &config);
        bac_request_id id = 0;
        const struct bac_call call = call_to(&PEER, READ, test_hex("AA"), (uint16_t)rows[i].way);
        assert_int_equal(bac_client_request(u.client, &call, u.now, &id), BAS_OK);
        expect_request(&u, rows[i].head, "0C AA");
        close_user(&u);
    }
}

static void a_complex_ack_ends_a_request_with_its_parameters(void **state)
{
    (void)state;
    struct user u;
    open_user(&u, NULL);
    bac_request_id id = ask(&u);
    answer(&u, "30", "0C 01 02 03");
    struct bac_client_event e = expect_event(&u, BAC_CLIENT_ACK, id);
    assert_int_equal(e.service, READ);
    assert_true(bac_address_equal(&e.from, &PEER));
    assert_int_equal(e.body.len, 3);
    assert_int_equal(e.fault.err, BAS_OK);
    expect_no_event(&u);
    assert_int_equal(bac_client_deadline(u.client), BAS_NEVER);
    answer(&u, "30", "0C 01 02 03"); /* a duplicate */
    expect_no_event(&u);
    assert_int_equal(bac_client_stats(u.client)->unmatched, 1);
    close_user(&u);
}

static void a_simple_ack_ends_a_request(void **state)
{
    (void)state;
    struct user u;
    open_user(&u, NULL);
    bac_request_id id = 0;
    assert_int_equal(request(&u, &PEER, WRITE, "", &id), BAS_OK);
    expect_request(&u, ONE_PIECE, "0F");
    answer(&u, "20", "0F");
    assert_int_equal(expect_event(&u, BAC_CLIENT_ACK, id).body.len, 0);
    close_user(&u);
}

static void an_error_names_its_class_and_code(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        uint16_t error_class, error_code;
        const char *text;
    } rows[] = {
        { "0C 91 02 91 20", 2, 32,
          "the device answered with error property: unknown-property (2:32)" },
        { "0C 0E 91 01 91 1F 0F 1E 0C 00 00 00 01 1F", 1, 31,
          "the device answered with error object: unknown-object (1:31)" },
        { "0C 91 40 92 03 E7", 64, 999,
          "the device answered with error unknown: unknown (64:999)" },
        { "0C", 5, 0, "the device answered with an error that cannot be read" },
        { "0C 91", 5, 0, "the device answered with an error that cannot be read" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct user u;
        open_user(&u, NULL);
        bac_request_id id = ask(&u);
        answer(&u, "50", rows[i].body);
        struct bac_client_event e = expect_event(&u, BAC_CLIENT_ERROR, id);
        assert_int_equal(e.fault.err, BAS_ERR_REMOTE);
        assert_int_equal(e.fault.error_class, rows[i].error_class);
        assert_int_equal(e.fault.error_code, rows[i].error_code);
        assert_string_equal(e.fault.text, rows[i].text);
        close_user(&u);
    }
}

static void a_reject_and_an_abort_give_their_reason(void **state)
{
    (void)state;
    struct user u;
    open_user(&u, NULL);
    bac_request_id id = ask(&u);
    answer(&u, "60", "09");
    struct bac_client_event e = expect_event(&u, BAC_CLIENT_REJECT, id);
    assert_int_equal(e.reason, 9);
    assert_string_equal(e.fault.text, "the device rejected the request: unrecognized-service (9)");
    id = ask(&u);
    answer(&u, "71", "04");
    e = expect_event(&u, BAC_CLIENT_ABORT, id);
    assert_int_equal(e.reason, 4);
    assert_string_equal(e.fault.text, "the request was aborted: segmentation-not-supported (4)");
    close_user(&u);
}

static void an_answer_must_fit_peer_port_invoke_id_and_service(void **state)
{
    (void)state;
    struct user u;
    open_user(&u, NULL);
    bac_request_id id = ask(&u);
    assert_int_equal(answer_from(&u, &OTHER, 0, "30", "0C 01"), BAS_OK);
    assert_int_equal(answer_from(&u, &PEER, 1, "30", "0C 01"), BAS_OK);
    answer(&u, "30", "0E 01");
    answer(&u, "20", "0F");
    answer(&u, "50", "0F 91 02 91 20");
    answer(&u, "70", "04"); /* an abort of a client */
    answer(&u, "40", "00 01");
    answer(&u, "00 05", "0C 01");
    u.invoke_id++;
    answer(&u, "30", "0C 01");
    expect_no_event(&u);
    assert_int_equal(bac_client_stats(u.client)->unmatched, 9);
    u.invoke_id--;
    answer(&u, "30", "0C 01");
    expect_event(&u, BAC_CLIENT_ACK, id);
    close_user(&u);
}

static void a_remote_peer_may_answer_through_another_port(void **state)
{
    (void)state;
    struct user u;
    open_user(&u, NULL);
    bac_request_id id = 0;
    assert_int_equal(request(&u, &REMOTE, READ, "", &id), BAS_OK);
    expect_request(&u, ONE_PIECE, "0C");
    assert_int_equal(answer_from(&u, &REMOTE, 3, "30", "0C 01"), BAS_OK);
    expect_event(&u, BAC_CLIENT_ACK, id);
    close_user(&u);
}

static void expect_abort(struct user *u, uint8_t invoke_id, uint8_t reason)
{
    struct bac_apdu_tx tx;
    assert_true(bac_client_next_tx(u->client, &tx));
    const uint8_t abort[] = { 0x70, invoke_id, reason };
    assert_int_equal(tx.frame->len, sizeof(abort));
    assert_memory_equal(bas_frame_slice(tx.frame).data, abort, sizeof(abort));
    assert_false(tx.expecting_reply);
    bas_frame_unref(tx.frame);
}

static void a_segment_that_cannot_be_is_aborted_on_both_sides(void **state)
{
    (void)state;
    static const struct {
        const char *segment;
        uint8_t reason;
        const char *text;
    } rows[] = {
        { "01 04 0C 01 02", BAC_ABORT_INVALID_APDU_IN_THIS_STATE,
          "we gave the request up: invalid-apdu-in-this-state (2)" },
        { "00 00 0C 01 02", BAC_ABORT_WINDOW_SIZE_OUT_OF_RANGE,
          "we gave the request up: window-size-out-of-range (7)" },
        { "00 80 0C 01 02", BAC_ABORT_WINDOW_SIZE_OUT_OF_RANGE,
          "we gave the request up: window-size-out-of-range (7)" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct user u;
        open_user(&u, NULL);
        bac_request_id id = ask(&u);
        answer(&u, "3C", rows[i].segment);
        struct bac_client_event e = expect_event(&u, BAC_CLIENT_ABORT, id);
        assert_int_equal(e.reason, rows[i].reason);
        assert_true(e.is_ours);
        assert_string_equal(e.fault.text, rows[i].text);
        assert_int_equal(e.body.len, 0);
        expect_abort(&u, u.invoke_id, rows[i].reason);
        answer(&u, "3C", "00 04 0C 01 02");
        answer(&u, "41", "00 04");
        expect_abort(&u, u.invoke_id, BAC_ABORT_INVALID_APDU_IN_THIS_STATE);
        expect_abort(&u, u.invoke_id, BAC_ABORT_INVALID_APDU_IN_THIS_STATE);
        expect_no_event(&u);
        expect_no_tx(&u);
        close_user(&u);
    }
}

static void octets_of_an_event_fetched_too_late_are_gone(void **state)
{
    (void)state;
    struct user u;
    open_user(&u, NULL);
    bac_request_id id = ask(&u);
    answer(&u, "30", "0C 01 02 03");
    bac_client_tick(u.client, u.now);
    assert_int_equal(expect_event(&u, BAC_CLIENT_ACK, id).body.len, 0);
    close_user(&u);
}

static void an_unconfirmed_request_is_sent_and_forgotten(void **state)
{
    (void)state;
    struct user u;
    open_user(&u, NULL);
    struct bac_address all = { .network = BAC_BROADCAST_NETWORK };
    assert_int_equal(
        bac_client_unconfirmed(u.client, &all, 2, BAC_UNCONFIRMED_WHO_IS, test_hex("09 01 19 02")),
        BAS_OK);
    struct bac_apdu_tx tx;
    assert_true(bac_client_next_tx(u.client, &tx));
    assert_int_equal(tx.to.network, BAC_BROADCAST_NETWORK);
    assert_int_equal(tx.port, 2);
    assert_false(tx.expecting_reply);
    assert_memory_equal(bas_frame_slice(tx.frame).data, "\x10\x08\x09\x01\x19\x02", 6);
    bas_frame_unref(tx.frame);
    assert_int_equal(bac_client_deadline(u.client), BAS_NEVER);
    close_user(&u);
}

static void what_cannot_be_asked_is_refused(void **state)
{
    (void)state;
    struct user u;
    open_user(&u, NULL);
    bac_request_id id = 0;
    struct bac_address all = { .network = BAC_BROADCAST_NETWORK };
    struct bac_address local = { 0 };
    assert_int_equal(request(&u, &all, READ, "", &id), BAS_ERR_INVALID);
    assert_int_equal(request(&u, &local, READ, "", &id), BAS_ERR_INVALID);
    uint8_t many[1473] = { 0 };
    struct bac_call call = call_to(&PEER, READ, (struct bas_slice){ many, 1473 }, 1476);
    call.segmentation = BAC_SEGMENTATION_NO_SEGMENTATION;
    assert_int_equal(bac_client_request(u.client, &call, 0, &id), BAS_ERR_TOO_LONG);
    call.max_apdu = 9999;
    assert_int_equal(bac_client_request(u.client, &call, 0, &id), BAS_ERR_TOO_LONG);
    call.max_apdu = 1476;
    call.parameters.len = 1472;
    assert_int_equal(bac_client_request(u.client, &call, 0, &id), BAS_OK);
    call.max_apdu = 3;
    call.parameters.len = 0;
    assert_int_equal(bac_client_request(u.client, &call, 0, &id), BAS_ERR_TOO_LONG);
    close_user(&u);
}

static void an_unanswered_request_is_tried_again_and_ends_in_a_timeout(void **state)
{
    (void)state;
    static const struct {
        uint8_t retries;
        uint32_t timeout_ms;
        size_t tries;
        bas_time end;
        const char *text;
    } rows[] = {
        { 0, 0, 4, 12 * BAS_SECOND, "no answer to 4 tries of 3000 ms" },
        { 1, 500, 2, BAS_SECOND, "no answer to 2 tries of 500 ms" },
        { 255, 0, 1, 3 * BAS_SECOND, "no answer to 1 tries of 3000 ms" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct user u;
        struct bac_client_config config = { .size = sizeof(config),
                                            .retries = rows[i].retries,
                                            .apdu_timeout_ms = rows[i].timeout_ms };
        open_user(&u, &config);
        bas_time start = u.now;
        bac_request_id id = ask(&u);
        uint8_t first = u.invoke_id;
        for (size_t k = 1; k < rows[i].tries; k++) {
            u.now = bac_client_deadline(u.client);
            bac_client_tick(u.client, u.now - 1);
            expect_no_tx(&u);
            bac_client_tick(u.client, u.now);
            expect_request(&u, ONE_PIECE, "0C 0C 02 00 00 01 19 55");
            assert_int_equal(u.invoke_id, first);
            expect_no_event(&u);
        }
        u.now = bac_client_deadline(u.client);
        assert_int_equal(u.now - start, rows[i].end);
        bac_client_tick(u.client, u.now);
        struct bac_client_event e = expect_event(&u, BAC_CLIENT_TIMEOUT, id);
        assert_int_equal(e.fault.err, BAS_ERR_TIMEOUT);
        assert_string_equal(e.fault.text, rows[i].text);
        expect_no_tx(&u);
        assert_int_equal(bac_client_deadline(u.client), BAS_NEVER);
        answer(&u, "30", "0C 01"); /* too late */
        expect_no_event(&u);
        close_user(&u);
    }
}

static void an_answer_to_a_later_try_ends_the_request(void **state)
{
    (void)state;
    struct user u;
    open_user(&u, NULL);
    bac_request_id id = ask(&u);
    u.now += 6 * BAS_SECOND;
    bac_client_tick(u.client, u.now);
    assert_int_equal(drain_tx(&u), 1);
    answer(&u, "30", "0C 01");
    expect_event(&u, BAC_CLIENT_ACK, id);
    u.now += 100 * BAS_SECOND;
    bac_client_tick(u.client, u.now);
    assert_int_equal(drain_tx(&u), 0);
    expect_no_event(&u);
    close_user(&u);
}

static void an_unreachable_network_ends_its_requests_and_no_others(void **state)
{
    (void)state;
    struct user u;
    open_user(&u, NULL);
    bac_request_id local = 0;
    bac_request_id remote[2] = { 0 };
    assert_int_equal(request(&u, &REMOTE, READ, "", &remote[0]), BAS_OK);
    assert_int_equal(request(&u, &PEER, READ, "", &local), BAS_OK);
    assert_int_equal(request(&u, &REMOTE, READ, "", &remote[1]), BAS_OK);
    bac_client_unreachable(u.client, 0, 1, u.now);
    bac_client_unreachable(u.client, 2003, 1, u.now);
    expect_no_event(&u);
    bac_client_unreachable(u.client, 2002, 1, u.now);
    for (int i = 0; i < 2; i++) {
        struct bac_client_event e = expect_event(&u, BAC_CLIENT_UNREACHABLE, remote[i]);
        assert_int_equal(e.reason, 1);
        assert_int_equal(e.fault.err, BAS_ERR_UNREACHABLE);
    }
    expect_no_event(&u);
    close_user(&u);
}

static void a_cancelled_request_ends_in_no_event(void **state)
{
    (void)state;
    struct user u;
    open_user(&u, NULL);
    bac_request_id id = ask(&u);
    bac_client_cancel(u.client, id);
    bac_client_cancel(u.client, id);
    bac_client_cancel(u.client, 0);
    bac_client_cancel(u.client, UINT32_MAX);
    answer(&u, "30", "0C 01");
    assert_int_equal(bac_client_deadline(u.client), BAS_NEVER);
    expect_no_event(&u);
    bac_request_id ids[3];
    for (int i = 0; i < 3; i++) {
        ids[i] = ask(&u);
        answer(&u, "30", "0C 01");
    }
    bac_client_cancel(u.client, ids[2]); /* ended, not fetched */
    bac_client_cancel(u.client, ids[1]);
    expect_event(&u, BAC_CLIENT_ACK, ids[0]);
    expect_no_event(&u);
    id = ask(&u);
    assert_int_not_equal(id, ids[0]);
    close_user(&u);
}

static void all_256_invoke_ids_of_a_peer_are_used_and_then_it_is_busy(void **state)
{
    (void)state;
    struct user u;
    struct bac_client_config config = { .size = sizeof(config), .max_transactions = 300 };
    open_user(&u, &config);
    bool is_used[256] = { false };
    bac_request_id id = 0;
    for (int i = 0; i < 256; i++) {
        id = ask(&u);
        assert_false(is_used[u.invoke_id]);
        is_used[u.invoke_id] = true;
    }
    bac_request_id more = 0;
    assert_int_equal(request(&u, &PEER, READ, "", &more), BAS_ERR_BUSY);
    uint8_t last = u.invoke_id;
    assert_int_equal(request(&u, &OTHER, READ, "", &more), BAS_OK);
    expect_request(&u, ONE_PIECE, "0C");
    u.invoke_id = last;
    answer(&u, "30", "0C 01");
    expect_event(&u, BAC_CLIENT_ACK, id);
    ask(&u);
    assert_int_equal(u.invoke_id, last);
    close_user(&u);
}

static void an_invoke_id_rests_before_it_comes_again(void **state)
{
    (void)state;
    struct user u;
    open_user(&u, NULL);
    bool is_used[256] = { false };
    for (int i = 0; i < 256; i++) {
        bac_request_id id = ask(&u);
        assert_false(is_used[u.invoke_id]);
        is_used[u.invoke_id] = true;
        answer(&u, "30", "0C 01");
        expect_event(&u, BAC_CLIENT_ACK, id);
    }
    close_user(&u);
}

static void a_place_is_free_again_when_its_event_is_fetched(void **state)
{
    (void)state;
    struct user u;
    struct bac_client_config config = { .size = sizeof(config), .max_transactions = 1 };
    open_user(&u, &config);
    bac_request_id id = ask(&u);
    bac_request_id more = 0;
    assert_int_equal(request(&u, &OTHER, READ, "", &more), BAS_ERR_BUSY);
    answer(&u, "30", "0C 01");
    assert_int_equal(request(&u, &OTHER, READ, "", &more), BAS_ERR_BUSY);
    expect_event(&u, BAC_CLIENT_ACK, id);
    assert_int_equal(request(&u, &OTHER, READ, "", &more), BAS_OK);
    assert_int_not_equal(more, id);
    close_user(&u);
}

static void a_full_queue_is_busy_and_costs_a_try_later(void **state)
{
    (void)state;
    struct user u;
    struct bac_client_config config = { .size = sizeof(config), .max_transactions = 2 };
    open_user(&u, &config);
    bac_request_id id = ask(&u);
    struct bac_address all = { .network = BAC_BROADCAST_NETWORK };
    for (int i = 0; i < 10; i++) {
        assert_int_equal(bac_client_unconfirmed(u.client, &all, 0, 8, test_hex("")), BAS_OK);
    }
    assert_int_equal(bac_client_unconfirmed(u.client, &all, 0, 8, test_hex("")), BAS_ERR_BUSY);
    bac_request_id more = 0;
    assert_int_equal(request(&u, &PEER, READ, "", &more), BAS_ERR_BUSY);
    while (bac_client_deadline(u.client) != BAS_NEVER) {
        bac_client_tick(u.client, bac_client_deadline(u.client));
    }
    expect_event(&u, BAC_CLIENT_TIMEOUT, id);
    assert_int_equal(bac_client_stats(u.client)->not_sent, 3);
    close_user(&u);
}

static void malformed_answers_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = { "", "20", "20 01", "30 01", "50 01", "60 01", "80 01 02" };
    struct user u;
    open_user(&u, NULL);
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad); i++) {
        assert_int_not_equal(bac_client_recv(u.client, &PEER, 0, test_hex(bad[i]), u.now), BAS_OK);
    }
    assert_int_equal(bac_client_stats(u.client)->malformed, BAS_ARRAY_LEN(bad));
    close_user(&u);
}

/* Every request of a long random run ends exactly once, or was cancelled. */
static void under_random_answers_every_request_ends_exactly_once(void **state)
{
    (void)state;
    enum { STEPS = 30000, PLACES = 40 };
    struct user u;
    struct bac_client_config config = { .size = sizeof(config), .max_transactions = PLACES };
    open_user(&u, &config);
    bac_request_id open[PLACES] = { 0 };
    size_t begun = 0;
    size_t ended = 0;
    for (int step = 0; step < STEPS; step++) {
        uint8_t dice[8];
        u.t.env.random(&u.t, dice, sizeof(dice));
        struct bac_address peer = { dice[0] % 3, 1, { dice[1] % 2 } };
        bac_request_id id = 0;
        const struct bac_call call = call_to(&peer, READ, (struct bas_slice){ NULL, 0 }, 1476);
        if (dice[2] < 120) {
            if (bac_client_request(u.client, &call, u.now, &id) == BAS_OK) {
                size_t at = 0;
                while (open[at] != 0) {
                    at++;
                }
                open[at] = id;
                begun++;
            }
        } else if (dice[2] < 125) {
            bac_client_unreachable(u.client, dice[0] % 3, 1, u.now);
        } else if (dice[2] < 140 && open[dice[3] % PLACES] != 0) {
            bac_client_cancel(u.client, open[dice[3] % PLACES]);
            open[dice[3] % PLACES] = 0;
            ended++;
        } else {
            uint8_t apdu[] = { (uint8_t)(dice[4] & 0x7F), dice[5], READ, dice[6], READ, dice[7] };
            (void)bac_client_recv(u.client, &peer, 0, (struct bas_slice){ apdu, dice[3] % 7 },
                                  u.now);
        }
        u.now += dice[1] * BAS_MILLISECOND;
        bac_client_tick(u.client, u.now);
        drain_tx(&u);
        struct bac_client_event e;
        while (dice[7] % 3 != 0 && bac_client_next_event(u.client, &e)) {
            size_t at = 0;
            while (at < PLACES && open[at] != e.id) {
                at++;
            }
            assert_true(at < PLACES);
            open[at] = 0;
            ended++;
        }
    }
    bac_client_tick(u.client, u.now + 100 * BAS_SECOND);
    bac_client_tick(u.client, u.now + 200 * BAS_SECOND);
    bac_client_tick(u.client, u.now + 300 * BAS_SECOND);
    bac_client_tick(u.client, u.now + 400 * BAS_SECOND);
    struct bac_client_event e;
    while (bac_client_next_event(u.client, &e)) {
        ended++;
    }
    assert_true(begun > 1000);
    assert_int_equal(begun, ended);
    close_user(&u);
}

static void memory_that_fails_is_said_and_costs_a_try_later(void **state)
{
    (void)state;
    for (size_t k = 1; k <= 4; k++) {
        struct test_env t;
        test_env_init(&t);
        t.fail_at = k;
        assert_null(bac_client_new(&t.env, NULL));
        test_env_check(&t);
    }
    for (size_t k = 1; k <= 2; k++) {
        struct user u;
        open_user(&u, NULL);
        bac_request_id id = 0;
        u.t.fail_at = u.t.allocations + k;
        assert_int_equal(request(&u, &PEER, READ, "AA", &id), BAS_ERR_NO_MEMORY);
        expect_no_event(&u);
        assert_int_equal(bac_client_deadline(u.client), BAS_NEVER);
        u.t.fail_at = 0;
        id = ask(&u);
        u.t.fail_at = 1;
        while (bac_client_deadline(u.client) != BAS_NEVER) {
            bac_client_tick(u.client, bac_client_deadline(u.client));
        }
        expect_no_tx(&u);
        expect_event(&u, BAC_CLIENT_TIMEOUT, id);
        close_user(&u);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_carries_our_size_its_invoke_id_and_its_parameters),
        cmocka_unit_test(the_size_that_is_announced_fits_ours_and_the_way),
        cmocka_unit_test(a_complex_ack_ends_a_request_with_its_parameters),
        cmocka_unit_test(a_simple_ack_ends_a_request),
        cmocka_unit_test(an_error_names_its_class_and_code),
        cmocka_unit_test(a_reject_and_an_abort_give_their_reason),
        cmocka_unit_test(an_answer_must_fit_peer_port_invoke_id_and_service),
        cmocka_unit_test(a_remote_peer_may_answer_through_another_port),
        cmocka_unit_test(a_segment_that_cannot_be_is_aborted_on_both_sides),
        cmocka_unit_test(octets_of_an_event_fetched_too_late_are_gone),
        cmocka_unit_test(an_unconfirmed_request_is_sent_and_forgotten),
        cmocka_unit_test(what_cannot_be_asked_is_refused),
        cmocka_unit_test(an_unanswered_request_is_tried_again_and_ends_in_a_timeout),
        cmocka_unit_test(an_answer_to_a_later_try_ends_the_request),
        cmocka_unit_test(an_unreachable_network_ends_its_requests_and_no_others),
        cmocka_unit_test(a_cancelled_request_ends_in_no_event),
        cmocka_unit_test(all_256_invoke_ids_of_a_peer_are_used_and_then_it_is_busy),
        cmocka_unit_test(an_invoke_id_rests_before_it_comes_again),
        cmocka_unit_test(a_place_is_free_again_when_its_event_is_fetched),
        cmocka_unit_test(a_full_queue_is_busy_and_costs_a_try_later),
        cmocka_unit_test(malformed_answers_are_refused),
        cmocka_unit_test(under_random_answers_every_request_ends_exactly_once),
        cmocka_unit_test(memory_that_fails_is_said_and_costs_a_try_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
