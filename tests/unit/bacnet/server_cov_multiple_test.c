/* SubscribeCOVPropertyMultiple (13.16) and what its subscribers hear (13.17, 13.18); the clock of
 * server/clock.c with it. */
#include "cov_fixture.h"

#include <stdio.h>

/* process 18, confirmed, 60 s; Present_Value and Status_Flags of analog-input,1 */
#define BEGIN(form)  "00 05 07 1E 09 12 19 " form " 29 3C "
#define ROOM_BOTH    "4E 0C 00 00 00 01 1E 0E 09 55 0F 29 00 0E 09 6F 0F 29 00 1F 4F"
#define ACK          "20 07 1E"
#define SAYS(left)   "09 12 1C 02 00 04 D2 29 " left " "
#define IN_ROOM      "0C 00 00 00 01 1E "
#define VALUE(real)  "09 55 2E 44 " real " 2F "
#define FLAGS(flags) "09 6F 2E 82 04 " flags " 2F "
#define CLOCK        "3E A4 7E 0A 0C 01 B4 0D 1E 00 32 3F "

/* 2026-10-12, a Monday, 13:30:00.50 */
#define NOON (1791811800 * INT64_C(1000000) + 500000)

static void all_properties_come_first_and_then_those_that_changed(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ask(&f, BEGIN("00") ROOM_BOTH, ACK);
    expect_tx(&f, "10 0B " SAYS("3C") "4E " IN_ROOM VALUE("41 AC 00 00") FLAGS("00") "1F 4F");
    expect_quiet(&f);
    set_real(&f, ROOM, 30);
    expect_tx(&f, "10 0B " SAYS("3C") "4E " IN_ROOM VALUE("41 F0 00 00") "1F 4F");
    assert_int_equal(bac_server_set_reliability(f.server, ROOM, BAC_RELIABILITY_NO_SENSOR), BAS_OK);
    expect_tx(&f, "10 0B " SAYS("3C") "4E " IN_ROOM FLAGS("40") "1F 4F");
    set_real(&f, ROOM, 30.2F); /* within COV_Increment */
    expect_quiet(&f);
    fixture_close(&f);
}

static void several_objects_stand_in_one_notification(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ask(&f,
        BEGIN("01") "4E 0C 00 00 00 01 1E 0E 09 55 0F 29 00 1F "
                    "0C 00 40 00 01 1E 0E 09 57 19 08 0F 29 00 0E 09 55 0F 29 00 1F 4F",
        ACK);
    uint32_t id = expect_call(
        &f, 31,
        SAYS("3C") "4E " IN_ROOM VALUE("41 AC 00 00") "1F "
                                                      "0C 00 40 00 01 1E 09 57 19 08 2E 00 2F "
                                                      "09 55 2E 44 41 20 00 00 2F 1F 4F");
    set_real(&f, ROOM, 30);
    set_real(&f, VALVE, 20);
    expect_quiet(&f); /* one at a time */
    bac_server_call_done(f.server, id, true, f.now);
    id = expect_call(&f, 31,
                     SAYS("3C") "4E 0C 00 40 00 01 1E 09 55 2E 44 41 A0 00 00 2F 1F " IN_ROOM VALUE(
                         "41 F0 00 00") "1F 4F");
    bac_server_call_done(f.server, id, true, f.now);
    expect_quiet(&f);
    fixture_close(&f);
}

static void a_time_stamped_change_waits_for_others_within_the_delay(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.t.wall = NOON;
    /* Present_Value time-stamped, with an increment of 1; at most 5 s late */
    ask(&f,
        BEGIN("00") "39 05 4E 0C 00 00 00 01 1E 0E 09 55 0F 1C 3F 80 00 00 29 01 "
                    "0E 09 6F 0F 29 00 1F 4F",
        ACK);
    expect_tx(&f, "10 0B " SAYS("3C") CLOCK
              "4E " IN_ROOM VALUE("41 AC 00 00") "3C 0D 1E 00 32 " FLAGS("00") "1F 4F");
    f.t.wall += 1000000;
    tick_at(&f, BAS_SECOND);
    set_real(&f, ROOM, 30);
    tick_at(&f, BAS_SECOND);
    expect_quiet(&f);
    assert_int_equal(bac_server_deadline(f.server), 6 * BAS_SECOND);
    f.t.wall = NOON;
    tick_at(&f, 6 * BAS_SECOND - 1);
    expect_quiet(&f);
    tick_at(&f, 6 * BAS_SECOND);
    expect_tx(&f,
              "10 0B " SAYS("36") CLOCK "4E " IN_ROOM VALUE("41 F0 00 00") "3C 0D 1E 01 32 1F 4F");
    expect_quiet(&f);
    set_real(&f, ROOM, 40);
    tick_at(&f, 7 * BAS_SECOND);
    expect_quiet(&f);
    /* what has no time stamp takes it along */
    assert_int_equal(bac_server_set_reliability(f.server, ROOM, BAC_RELIABILITY_NO_SENSOR), BAS_OK);
    expect_tx(&f, "10 0B " SAYS("35") CLOCK
              "4E " IN_ROOM VALUE("42 20 00 00") "3C 0D 1E 00 32 " FLAGS("40") "1F 4F");
    expect_quiet(&f);
    fixture_close(&f);
}

static void a_change_that_may_wait_is_told_before_its_subscription_ends(void **state)
{
    (void)state;
    static const struct {
        const char *delay;
        int64_t at, told_at; /* s */
    } rows[] = { { "39 1E", 40, 59 }, { "39 0A", 20, 30 } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct fixture f;
        struct bac_apdu_tx tx;
        char request[128];
        fixture_open(&f);
        (void)snprintf(request, sizeof(request),
                       BEGIN("00") "%s 4E 0C 00 00 00 01 1E 0E 09 55 0F 29 01 1F 4F",
                       rows[i].delay);
        ask(&f, request, ACK);
        assert_true(bac_server_next_tx(f.server, &tx));
        bas_frame_unref(tx.frame);
        tick_at(&f, rows[i].at * BAS_SECOND);
        set_real(&f, ROOM, 30);
        tick_at(&f, rows[i].at * BAS_SECOND);
        expect_quiet(&f);
        assert_int_equal(bac_server_deadline(f.server), rows[i].told_at * BAS_SECOND);
        tick_at(&f, rows[i].told_at * BAS_SECOND);
        assert_true(bac_server_next_tx(f.server, &tx));
        bas_frame_unref(tx.frame);
        fixture_close(&f);
    }
}

static bas_err local_time(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    (void)ctx;
    assert_int_equal(index, BAC_NO_INDEX);
    const struct bac_date date = { 126, 1, 2, 5 };
    const struct bac_time time = { 3, 4, 5, 6 };
    return property == BAC_PROPERTY_LOCAL_DATE ? bac_encode(&bac_type_date, &date, -1, out)
                                               : bac_encode(&bac_type_time, &time, -1, out);
}

static void time_stamps_are_local_time_where_the_device_has_it(void **state)
{
    (void)state;
    static const struct bac_property_config clock[] = {
        { .property = BAC_PROPERTY_LOCAL_DATE, .get = local_time },
        { .property = BAC_PROPERTY_LOCAL_TIME, .get = local_time },
    };
    struct bac_server_config config = fixture_config();
    config.properties = clock;
    config.n_properties = BAS_ARRAY_LEN(clock);
    struct fixture f;
    fixture_open_with(&f, &config);
    ask(&f, BEGIN("00") "4E 0C 00 00 00 01 1E 0E 09 55 0F 29 01 1F 4F", ACK);
    expect_tx(&f, "10 0B " SAYS("3C") "3E A4 7E 01 02 05 B4 03 04 05 06 3F 4E " IN_ROOM VALUE(
                      "41 AC 00 00") "3C 03 04 05 06 1F 4F");
    fixture_close(&f);
}

static void days_of_all_kinds_are_told_right(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *date; /* of the notification */
    } rows[] = {
        { 0, "A4 46 01 01 04" },          { 951782400, "A4 64 02 1D 02" },
        { 951868800, "A4 64 03 01 03" },  { 1709164800, "A4 7C 02 1D 04" },
        { 1735603200, "A4 7C 0C 1F 02" }, { 4107542400, "A4 C8 03 01 01" },
    };
    struct fixture f;
    fixture_open(&f);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        f.t.wall = rows[i].seconds * 1000000;
        ask(&f, BEGIN("00") "4E 0C 00 00 00 01 1E 0E 09 55 0F 29 01 1F 4F", ACK);
        char want[256];
        (void)snprintf(want, sizeof(want), "10 0B %s 3E %s B4 00 00 00 00 3F 4E %s %s", SAYS("3C"),
                       rows[i].date, IN_ROOM VALUE("41 AC 00 00"), "3C 00 00 00 00 1F 4F");
        expect_tx(&f, want);
    }
    fixture_close(&f);
}

static void a_renewal_keeps_what_it_does_not_name(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ask(&f, BEGIN("00") ROOM_BOTH, ACK);
    expect_tx(&f, "10 0B " SAYS("3C") "4E " IN_ROOM VALUE("41 AC 00 00") FLAGS("00") "1F 4F");
    tick_at(&f, 50 * BAS_SECOND);
    ask(&f, BEGIN("00") "4E 0C 00 40 00 01 1E 0E 09 55 0F 29 00 1F 4F", ACK);
    expect_tx(&f, "10 0B " SAYS("3C") "4E 0C 00 40 00 01 1E " VALUE("41 20 00 00") "1F 4F");
    expect_quiet(&f);
    tick_at(&f, 100 * BAS_SECOND);
    ask(&f, BEGIN("00") "4E 4F", ACK); /* of nothing: the lifetime */
    expect_quiet(&f);
    tick_at(&f, 159 * BAS_SECOND);
    set_real(&f, ROOM, 30);
    expect_tx(&f, "10 0B " SAYS("01") "4E " IN_ROOM VALUE("41 F0 00 00") "1F 4F");
    tick_at(&f, 160 * BAS_SECOND);
    set_real(&f, ROOM, 20);
    expect_quiet(&f);
    assert_int_equal(bac_server_deadline(f.server), BAS_NEVER);
    ask(&f, BEGIN("00") "4E 4F", ACK); /* what is not there is not made */
    expect_quiet(&f);
    assert_int_equal(bac_server_deadline(f.server), BAS_NEVER);
    fixture_close(&f);
}

static void a_cancellation_is_of_some_properties_or_of_all(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ask(&f, "00 05 07 1E 09 12 4E 4F", ACK);
    ask(&f, "00 05 07 1E 09 12 " ROOM_BOTH, ACK);
    ask(&f, BEGIN("00") ROOM_BOTH, ACK);
    expect_tx(&f, "10 0B " SAYS("3C") "4E " IN_ROOM VALUE("41 AC 00 00") FLAGS("00") "1F 4F");
    ask(&f, "00 05 07 1E 09 12 4E 0C 00 00 00 01 1E 0E 09 55 0F 29 00 1F 4F", ACK);
    set_real(&f, ROOM, 30);
    expect_quiet(&f);
    assert_int_equal(bac_server_set_reliability(f.server, ROOM, BAC_RELIABILITY_NO_SENSOR), BAS_OK);
    expect_tx(&f, "10 0B " SAYS("3C") "4E " IN_ROOM FLAGS("40") "1F 4F");
    ask(&f, BEGIN("01") ROOM_BOTH, ACK); /* the other form beside it */
    (void)expect_call(&f, 31, SAYS("3C") "4E " IN_ROOM VALUE("41 F0 00 00") FLAGS("40") "1F 4F");
    ask(&f, "00 05 07 1E 09 12 4E 4F", ACK); /* both */
    assert_int_equal(bac_server_set_reliability(f.server, ROOM, 0), BAS_OK);
    expect_quiet(&f);
    assert_int_equal(bac_server_deadline(f.server), BAS_NEVER);
    ask(&f, BEGIN("00") ROOM_BOTH, ACK);
    expect_tx(&f, "10 0B " SAYS("3C") "4E " IN_ROOM VALUE("41 F0 00 00") FLAGS("00") "1F 4F");
    ask(&f, "00 05 07 1E 09 12 " ROOM_BOTH, ACK); /* the last one ends it */
    assert_int_equal(bac_server_deadline(f.server), BAS_NEVER);
    fixture_close(&f);
}

static void the_first_that_fails_is_named_and_none_is_subscribed(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { BEGIN("00") "4E 0C 00 00 00 01 1E 0E 09 55 0F 29 00 0E 09 57 19 03 0F 29 00 1F 4F",
          "50 07 1E 1E 0C 00 00 00 01 1E 09 57 19 03 1F 2E 91 02 91 20 2F 1F" },
        { BEGIN("00") "4E 0C 00 00 00 01 1E 0E 09 55 0F 29 00 1F "
                      "0C 00 00 00 02 1E 0E 09 55 0F 29 00 1F 4F",
          "50 07 1E 1E 0C 00 00 00 02 1E 09 55 1F 2E 91 01 91 1F 2F 1F" },
        { BEGIN("00") "4E 0C 00 00 00 01 1E 0E 09 55 0F 1C BF 80 00 00 29 00 1F 4F", "60 07 06" },
        { "00 05 07 1E 09 12 19 00 29 00 " ROOM_BOTH, "60 07 06" },       /* for ever */
        { "00 05 07 1E 09 12 19 00 29 05 39 05 " ROOM_BOTH, "60 07 06" }, /* later than its end */
        { "00 05 07 1E 09 12 19 00 " ROOM_BOTH, "60 07 02" },
        { "00 05 07 1E 09 12 29 05 " ROOM_BOTH, "60 07 02" },
        { "00 05 07 1E 09 12 19 00 29 05", "60 07 05" },
    };
    struct fixture f;
    fixture_open(&f);
    run(&f, rows, BAS_ARRAY_LEN(rows));
    assert_int_equal(bac_server_deadline(f.server), BAS_NEVER);
    fixture_close(&f);
}

static void a_request_with_more_than_there_is_room_for_is_refused_whole(void **state)
{
    (void)state;
    struct fixture f;
    struct bac_server_config config = fixture_config();
    config.max_subscriptions = 1;
    fixture_open_with(&f, &config);
    ask(&f, BEGIN("00") ROOM_BOTH, "50 07 1E 0E 91 03 91 13 0F");
    expect_quiet(&f);
    ask(&f, BEGIN("00") "4E 0C 00 00 00 01 1E 0E 09 55 0F 29 00 1F 4F", ACK);
    expect_tx(&f, "10 0B " SAYS("3C") "4E " IN_ROOM VALUE("41 AC 00 00") "1F 4F");
    f.from.network = 3;
    ask(&f, BEGIN("00") "4E 0C 00 00 00 01 1E 0E 09 55 0F 29 00 1F 4F",
        "50 07 1E 0E 91 03 91 13 0F");
    fixture_close(&f);
}

static void what_does_not_fit_into_one_notification_goes_in_several(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.way = 35; /* both take 34 octets and 2 */
    ask(&f, BEGIN("00") ROOM_BOTH, ACK);
    expect_tx(&f, "10 0B " SAYS("3C") "4E " IN_ROOM VALUE("41 AC 00 00") "1F 4F");
    expect_tx(&f, "10 0B " SAYS("3C") "4E " IN_ROOM FLAGS("00") "1F 4F");
    expect_quiet(&f);
    f.way = 36;
    ask(&f, BEGIN("00") ROOM_BOTH, ACK);
    expect_tx(&f, "10 0B " SAYS("3C") "4E " IN_ROOM VALUE("41 AC 00 00") FLAGS("00") "1F 4F");
    fixture_close(&f);
}

static void what_was_not_acknowledged_is_told_again_whatever_was_told_since(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ask(&f, "00 05 07 1E 09 12 19 01 29 C8 " ROOM_BOTH, ACK);
    uint32_t id =
        expect_call(&f, 31, SAYS("C8") "4E " IN_ROOM VALUE("41 AC 00 00") FLAGS("00") "1F 4F");
    bac_server_call_done(f.server, id, false, f.now);
    set_real(&f, ROOM, 30);
    id = expect_call(&f, 31, SAYS("C8") "4E " IN_ROOM VALUE("41 F0 00 00") "1F 4F");
    bac_server_call_done(f.server, id, true, f.now);
    ask(&f, "00 05 07 1E 09 12 19 01 29 C8 4E 0C 00 00 00 01 1E 0E 09 55 0F 29 00 1F 4F", ACK);
    id = expect_call(&f, 31, SAYS("C8") "4E " IN_ROOM VALUE("41 F0 00 00") "1F 4F");
    bac_server_call_done(f.server, id, true, f.now);
    tick_at(&f, 60 * BAS_SECOND);
    id = expect_call(&f, 31, SAYS("8C") "4E " IN_ROOM VALUE("41 F0 00 00") FLAGS("00") "1F 4F");
    bac_server_call_done(f.server, id, true, f.now);
    assert_int_equal(bac_server_deadline(f.server), 200 * BAS_SECOND);
    fixture_close(&f);
}

static void the_device_shows_its_subscriptions_of_many(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ask(&f,
        BEGIN("00") "39 05 4E 0C 00 00 00 01 1E 0E 09 55 0F 1C 3F 80 00 00 29 01 "
                    "0E 09 6F 0F 29 00 1F 0C 00 40 00 01 1E 0E 09 57 19 08 0F 29 00 1F 4F",
        ACK);
    struct bac_apdu_tx tx;
    assert_true(bac_server_next_tx(f.server, &tx));
    bas_frame_unref(tx.frame);
    fixture_expect(&f, "00 05 07 0C 0C 02 00 04 D2 1A 01 E1",
                   "30 07 0C 0C 02 00 04 D2 1A 01 E1 3E "
                   "0E 0E 1E 21 00 65 06 B2 00 00 00 00 09 1F 0F 19 12 0F 19 00 29 3C 39 05 "
                   "4E 0C 00 00 00 01 1E 0E 09 55 0F 1C 3F 80 00 00 29 01 "
                   "0E 09 6F 0F 29 00 1F 0C 00 40 00 01 1E 0E 09 57 19 08 0F 29 00 1F 4F 3F");
    fixture_close(&f);
}

static void every_mutation_of_a_request_gets_one_answer(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct bas_slice whole = test_hex(
        BEGIN("01") "39 05 4E 0C 00 00 00 01 1E 0E 09 55 0F 1C 3F 80 00 00 29 01 "
                    "0E 09 6F 0F 29 00 1F 0C 00 40 00 01 1E 0E 09 57 19 08 0F 29 01 1F 4F");
    for (size_t round = 0; round < 256 * (whole.len - 4); round++) {
        uint8_t octets[80];
        memcpy(octets, whole.data, whole.len);
        octets[4 + round % (whole.len - 4)] = (uint8_t)(round / (whole.len - 4));
        (void)fixture_send(&f, (struct bas_slice){ octets, whole.len });
        struct bac_apdu_tx tx;
        size_t n = 0;
        for (; bac_server_next_tx(f.server, &tx); n++) {
            bas_frame_unref(tx.frame);
        }
        assert_true(n >= 1);
        struct bac_server_call call;
        while (bac_server_next_call(f.server, &call)) {
            bac_server_call_done(f.server, call.id, round % 3 != 0, f.now);
        }
        tick_at(&f, f.now + BAS_SECOND);
    }
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_properties_come_first_and_then_those_that_changed),
        cmocka_unit_test(several_objects_stand_in_one_notification),
        cmocka_unit_test(a_time_stamped_change_waits_for_others_within_the_delay),
        cmocka_unit_test(a_change_that_may_wait_is_told_before_its_subscription_ends),
        cmocka_unit_test(time_stamps_are_local_time_where_the_device_has_it),
        cmocka_unit_test(days_of_all_kinds_are_told_right),
        cmocka_unit_test(a_renewal_keeps_what_it_does_not_name),
        cmocka_unit_test(a_cancellation_is_of_some_properties_or_of_all),
        cmocka_unit_test(the_first_that_fails_is_named_and_none_is_subscribed),
        cmocka_unit_test(a_request_with_more_than_there_is_room_for_is_refused_whole),
        cmocka_unit_test(what_does_not_fit_into_one_notification_goes_in_several),
        cmocka_unit_test(what_was_not_acknowledged_is_told_again_whatever_was_told_since),
        cmocka_unit_test(the_device_shows_its_subscriptions_of_many),
        cmocka_unit_test(every_mutation_of_a_request_gets_one_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
