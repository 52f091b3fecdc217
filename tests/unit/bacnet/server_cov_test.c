/* SubscribeCOV and SubscribeCOVProperty, and what their subscribers hear (13.1, 13.14, 13.15);
 * server/notify.c, cov/list.c, cov/queue.c and cov/sample.c with them. */
#include "cov_fixture.h"

#include <stdio.h>

/* process 18, analog-input,1; unconfirmed, 60 s */
#define SUBSCRIBE    "00 05 07 05 09 12 1C 00 00 00 01 29 00 39 3C"
#define CONFIRM      "00 05 07 05 09 12 1C 00 00 00 01 29 01 39 3C"
#define CANCEL       "00 05 07 05 09 12 1C 00 00 00 01"
#define ACK          "20 07 05"
#define ROOM_SAYS    "09 12 1C 02 00 04 D2 2C 00 00 00 01 "
#define REAL(number) "4E 09 55 2E 44 " number " 2F 09 6F 2E 82 04 "
#define NORMAL       "00 2F 4F"
#define FAULTY       "40 2F 4F"

static void a_subscriber_hears_the_value_right_after_the_acknowledgement(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ask(&f, SUBSCRIBE, ACK);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    expect_quiet(&f);
    assert_int_equal(bac_server_stats(f.server)->notifications, 1);
    fixture_close(&f);
}

static void a_change_of_the_increment_is_told_and_a_smaller_one_is_not(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ask(&f, SUBSCRIBE, ACK);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    set_real(&f, ROOM, 21.9F);
    expect_quiet(&f);
    set_real(&f, ROOM, 22.0F); /* 0.5 since 21.5 was told */
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 B0 00 00") NORMAL);
    expect_quiet(&f);
    set_real(&f, ROOM, 21.6F);
    expect_quiet(&f);
    set_real(&f, ROOM, 21.5F);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    fixture_close(&f);
}

static void a_flag_that_changes_is_told_whatever_the_value_does(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ask(&f, SUBSCRIBE, ACK);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    assert_int_equal(bac_server_set_reliability(f.server, ROOM, BAC_RELIABILITY_NO_SENSOR), BAS_OK);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 AC 00 00") FAULTY);
    assert_int_equal(bac_server_set_reliability(f.server, ROOM, BAC_RELIABILITY_OVER_RANGE),
                     BAS_OK);
    expect_quiet(&f); /* the flags are the same */
    fixture_close(&f);
}

static void a_state_is_told_with_any_change(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct bac_object_id window = { BAC_OBJECT_BINARY_INPUT, 1 };
    struct bac_value open = { .tag = BAC_TAG_ENUMERATED, .as.unsigned_integer = 1 };
    ask(&f, "00 05 07 05 09 01 1C 00 C0 00 01 29 00 39 0A", ACK);
    expect_tx(&f, "10 02 09 01 1C 02 00 04 D2 2C 00 C0 00 01 39 0A "
                  "4E 09 55 2E 91 00 2F 09 6F 2E 82 04 00 2F 4F");
    assert_int_equal(bac_server_set(f.server, window, &open, 0), BAS_OK);
    expect_tx(&f, "10 02 09 01 1C 02 00 04 D2 2C 00 C0 00 01 39 0A "
                  "4E 09 55 2E 91 01 2F 09 6F 2E 82 04 00 2F 4F");
    assert_int_equal(bac_server_set(f.server, window, &open, 0), BAS_OK);
    expect_quiet(&f);
    fixture_close(&f);
}

static void what_is_written_over_the_network_is_told_behind_its_answer(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ask(&f, "00 05 07 1C 09 01 1C 00 80 00 01 29 00 39 0A 4E 09 55 4F", "20 07 1C");
    expect_tx(&f, "10 02 09 01 1C 02 00 04 D2 2C 00 80 00 01 39 0A " REAL("00 00 00 00") NORMAL);
    ask(&f, "00 05 07 0F 0C 00 80 00 01 19 55 3E 44 42 48 00 00 3F", "20 07 0F");
    expect_tx(&f, "10 02 09 01 1C 02 00 04 D2 2C 00 80 00 01 39 0A " REAL("42 48 00 00") NORMAL);
    expect_quiet(&f);
    fixture_close(&f);
}

static void lifetimes_end_when_they_said(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    tick_at(&f, 5 * BAS_SECOND);
    ask(&f, SUBSCRIBE, ACK);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    assert_int_equal(bac_server_deadline(f.server), 65 * BAS_SECOND);
    set_real(&f, ROOM, 30);
    tick_at(&f, 65 * BAS_SECOND - 1);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 01 " REAL("41 F0 00 00") NORMAL); /* less than a second */
    set_real(&f, ROOM, 20);
    tick_at(&f, 65 * BAS_SECOND);
    expect_quiet(&f);
    assert_int_equal(bac_server_deadline(f.server), BAS_NEVER);
    fixture_close(&f);
}

static void a_lifetime_is_cut_to_what_the_device_grants(void **state)
{
    (void)state;
    struct fixture f;
    struct bac_server_config config = fixture_config();
    config.max_lifetime_s = 100;
    fixture_open_with(&f, &config);
    static const char *const rows[] = {
        "00 05 07 05 09 12 1C 00 00 00 01 29 00",       /* for ever */
        "00 05 07 05 09 12 1C 00 00 00 01 29 00 39 00", /* for ever */
        "00 05 07 05 09 12 1C 00 00 00 01 29 00 39 65",
        "00 05 07 05 09 12 1C 00 00 00 01 29 00 3D 08 FF FF FF FF FF FF FF FF",
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        ask(&f, rows[i], ACK);
        expect_tx(&f, "10 02 " ROOM_SAYS "39 64 " REAL("41 AC 00 00") NORMAL);
    }
    fixture_close(&f);
    config.max_lifetime_s = UINT32_MAX;
    fixture_open_with(&f, &config);
    for (size_t i = 0; i < 2; i++) {
        ask(&f, rows[i], ACK);
        expect_tx(&f, "10 02 " ROOM_SAYS "39 00 " REAL("41 AC 00 00") NORMAL);
    }
    assert_int_equal(bac_server_deadline(f.server), BAS_NEVER);
    ask(&f, rows[3], ACK);
    expect_tx(&f, "10 02 " ROOM_SAYS "3C FF FF FF FF " REAL("41 AC 00 00") NORMAL);
    fixture_close(&f);
}

static void whoever_subscribes_again_replaces_his_lifetime_and_hears_again(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ask(&f, SUBSCRIBE, ACK);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    tick_at(&f, 50 * BAS_SECOND);
    ask(&f, SUBSCRIBE, ACK);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    assert_int_equal(bac_server_deadline(f.server), 110 * BAS_SECOND);
    ask(&f, CONFIRM, ACK); /* and the form */
    uint32_t id = expect_call(&f, 1, ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    expect_quiet(&f);
    bac_server_call_done(f.server, id, true, f.now);
    set_real(&f, ROOM, 30);
    id = expect_call(&f, 1, ROOM_SAYS "39 3C " REAL("41 F0 00 00") NORMAL);
    expect_quiet(&f);
    bac_server_call_done(f.server, id, true, f.now);
    fixture_close(&f);
}

static void processes_objects_and_addresses_make_subscriptions_of_their_own(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    const struct bac_address first = f.from;
    ask(&f, SUBSCRIBE, ACK);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    ask(&f, "00 05 07 05 09 13 1C 00 00 00 01 29 00 39 3C", ACK);
    expect_tx(&f, "10 02 09 13 1C 02 00 04 D2 2C 00 00 00 01 39 3C " REAL("41 AC 00 00") NORMAL);
    f.from.network = 5;
    ask(&f, SUBSCRIBE, ACK);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    ask(&f, CANCEL, ACK);
    set_real(&f, ROOM, 30);
    f.from = first; /* both processes of the first hear it, the other asker does not */
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 F0 00 00") NORMAL);
    expect_tx(&f, "10 02 09 13 1C 02 00 04 D2 2C 00 00 00 01 39 3C " REAL("41 F0 00 00") NORMAL);
    expect_quiet(&f);
    fixture_close(&f);
}

static void a_cancellation_is_acknowledged_and_ends_the_notifications(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ask(&f, CANCEL, ACK); /* of what is not there */
    ask(&f, "00 05 07 1C 09 01 1C 00 80 00 01 4E 09 55 4F", "20 07 1C");
    ask(&f, SUBSCRIBE, ACK);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    set_real(&f, ROOM, 30);
    ask(&f, CANCEL, ACK); /* before that was told */
    expect_quiet(&f);
    set_real(&f, ROOM, 20);
    expect_quiet(&f);
    assert_int_equal(bac_server_deadline(f.server), BAS_NEVER);
    fixture_close(&f);
}

static void subscriptions_tell_what_is_wrong(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        /* unknown-object */
        { "00 05 07 05 09 12 1C 00 00 00 02 29 00 39 3C", "50 07 05 91 01 91 1F" },
        /* optional-functionality-not-supported: a device, a port */
        { "00 05 07 05 09 12 1C 02 00 04 D2 29 00 39 3C", "50 07 05 91 01 91 2D" },
        { "00 05 07 05 09 12 1C 0E 00 00 01 29 00 39 3C", "50 07 05 91 01 91 2D" },
        { "00 05 07 05 09 12 1C 00 00 00 01 39 3C", "60 07 02" }, /* a lifetime alone */
        { "00 05 07 05 09 12", "60 07 05" },
        { "00 05 07 05 0D 05 01 00 00 00 00 1C 00 00 00 01", "60 07 06" }, /* no 32 bits */
        { "00 05 07 05 09 12 1C 00 00 00 01 29 02 39 3C", "60 07 06" },
        { "00 05 07 1C 09 12 1C 00 00 00 02 29 00 39 3C 4E 09 55 4F", "50 07 1C 91 01 91 1F" },
        { "00 05 07 1C 09 12 1C 00 00 00 01 29 00 39 3C 4E 09 57 4F", "50 07 1C 91 02 91 20" },
        { "00 05 07 1C 09 12 1C 00 00 00 01 29 00 39 3C 4E 09 08 4F", "50 07 1C 91 02 91 20" },
        { "00 05 07 1C 09 12 1C 00 00 00 01 29 00 39 3C 4E 09 55 19 01 4F",
          "50 07 1C 91 02 91 32" },
        { "00 05 07 1C 09 12 1C 00 40 00 01 29 00 39 3C 4E 09 57 19 11 4F",
          "50 07 1C 91 02 91 2A" },
        { "00 05 07 1C 09 12 1C 0E 00 00 01 29 00 39 3C 4E 0B 40 00 0B 4F", /* broken getter */
          "50 07 1C 91 00 91 19" },
        { "00 05 07 1C 09 12 1C 00 00 00 01 39 3C 4E 09 55 4F", "60 07 02" },
        { "00 05 07 1C 09 12 1C 00 00 00 01 29 00 39 3C 4E 09 55 4F 5C BF 80 00 00", "60 07 06" },
        { "00 05 07 1C 09 12 1C 00 00 00 01 29 00 39 3C 4E 09 55 4F 5C 7F C0 00 00", "60 07 06" },
        { "00 05 07 1C 09 12 1C 00 00 00 01 29 00 39 3C", "60 07 05" },
    };
    run_alone(rows, BAS_ARRAY_LEN(rows));
}

static void a_full_table_says_so_and_takes_renewals(void **state)
{
    (void)state;
    struct fixture f;
    struct bac_server_config config = fixture_config();
    config.max_subscriptions = 2;
    fixture_open_with(&f, &config);
    ask(&f, SUBSCRIBE, ACK);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    ask(&f, "00 05 07 1C 09 12 1C 00 00 00 01 29 00 39 0A 4E 09 55 4F", "20 07 1C");
    expect_tx(&f, "10 02 " ROOM_SAYS "39 0A " REAL("41 AC 00 00") NORMAL);
    f.from.network = 9; /* from whomever */
    ask(&f, SUBSCRIBE, "50 07 05 91 03 91 13");
    ask(&f, "00 05 07 1C 09 12 1C 00 00 00 01 29 00 39 3C 4E 09 55 4F", "50 07 1C 91 03 91 13");
    f.from.network = 0;
    ask(&f, SUBSCRIBE, ACK);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    tick_at(&f, 10 * BAS_SECOND); /* the second one ends */
    f.from.network = 9;
    ask(&f, SUBSCRIBE, ACK);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    fixture_close(&f);
}

static void a_confirmed_notification_waits_until_the_answer_has_left(void **state)
{
    (void)state;
    struct fixture f;
    struct bac_server_call call;
    fixture_open(&f);
    assert_int_equal(fixture_send(&f, test_hex(CONFIRM)), BAS_OK);
    assert_false(bac_server_next_call(f.server, &call));
    expect_tx(&f, ACK);
    (void)expect_call(&f, 1, ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    fixture_close(&f);
}

static void a_confirmed_notification_waits_for_the_one_before_and_tells_the_newest(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ask(&f, CONFIRM, ACK);
    uint32_t id = expect_call(&f, 1, ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    set_real(&f, ROOM, 30);
    expect_quiet(&f);
    set_real(&f, ROOM, 40);
    expect_quiet(&f);
    bac_server_call_done(f.server, id, true, f.now);
    id = expect_call(&f, 1, ROOM_SAYS "39 3C " REAL("42 20 00 00") NORMAL);
    bac_server_call_done(f.server, id, true, f.now);
    bac_server_call_done(f.server, id, true, f.now); /* once more: nothing */
    bac_server_call_done(f.server, 0, true, f.now);
    expect_quiet(&f);
    fixture_close(&f);
}

static void a_notification_that_is_not_acknowledged_is_tried_again_after_a_minute(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ask(&f, "00 05 07 05 09 12 1C 00 00 00 01 29 01 39 C8", ACK);
    uint32_t id = expect_call(&f, 1, ROOM_SAYS "39 C8 " REAL("41 AC 00 00") NORMAL);
    bac_server_call_done(f.server, id, false, f.now);
    assert_int_equal(bac_server_stats(f.server)->not_acknowledged, 1);
    expect_quiet(&f);
    assert_int_equal(bac_server_deadline(f.server), 60 * BAS_SECOND);
    tick_at(&f, 60 * BAS_SECOND);
    id = expect_call(&f, 1, ROOM_SAYS "39 8C " REAL("41 AC 00 00") NORMAL);
    bac_server_call_done(f.server, id, true, f.now);
    assert_int_equal(bac_server_deadline(f.server), 200 * BAS_SECOND);
    fixture_close(&f);
}

static void a_subscription_may_end_while_its_call_is_on_its_way(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ask(&f, CONFIRM, ACK);
    uint32_t id = expect_call(&f, 1, ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    ask(&f, CANCEL, ACK);
    bac_server_call_done(f.server, id, false, f.now);
    ask(&f, CONFIRM, ACK);
    id = expect_call(&f, 1, ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    tick_at(&f, 60 * BAS_SECOND);
    bac_server_call_done(f.server, id, true, f.now);
    expect_quiet(&f);
    fixture_close(&f);
}

static void a_silent_subscriber_holds_up_nobody_else(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    char request[] = "00 05 07 05 0A 00 00 1C 00 00 00 01 29 01 39 FF";
    for (unsigned process = 0; process < 200; process++) {
        (void)snprintf(request, sizeof(request),
                       "00 05 07 05 0A 01 %02X 1C 00 00 00 01 29 01 39 FF", process);
        ask(&f, request, ACK);
    }
    struct bac_server_call calls[16];
    size_t n = 0;
    while (bac_server_next_call(f.server, &calls[n])) {
        n++;
    }
    assert_int_equal(n, 8); /* not more to one peer at once */
    f.from.network = 7;
    ask(&f, CONFIRM, ACK);
    (void)expect_call(&f, 1, ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    expect_quiet(&f);
    for (size_t i = 0; i < n; i++) {
        bac_server_call_done(f.server, calls[i].id, false, f.now);
    }
    struct bac_server_call one;
    assert_true(bac_server_next_call(f.server, &one)); /* he gets one at a time now */
    assert_int_equal(one.to.network, 0);
    expect_quiet(&f);
    bac_server_call_done(f.server, one.id, true, f.now);
    for (n = 0; bac_server_next_call(f.server, &one); n++) {
        assert_int_equal(one.to.network, 0);
    }
    assert_int_equal(n, 8); /* until he answers */
    fixture_close(&f);
}

/* analog-input,1 confirmed, for a minute; of that process. */
static void confirm(struct fixture *f, unsigned process, bool is_cancel)
{
    char request[64];
    (void)snprintf(request, sizeof(request), "00 05 07 05 09 %02X 1C 00 00 00 01%s", process,
                   is_cancel ? "" : " 29 01 39 3C");
    ask(f, request, ACK);
}

static void whoever_waits_for_his_turn_gets_it_when_the_one_before_him_leaves(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    for (unsigned process = 0; process < 10; process++) {
        confirm(&f, process, false);
    }
    struct bac_server_call calls[10];
    size_t n = 0;
    while (bac_server_next_call(f.server, &calls[n])) {
        n++;
    }
    assert_int_equal(n, 8);
    for (size_t i = 0; i < n; i++) {
        bac_server_call_done(f.server, calls[i].id, false, f.now);
    }
    confirm(&f, 8, true); /* it was his turn */
    assert_true(bac_server_next_call(f.server, &calls[0]));
    assert_memory_equal(calls[0].parameters.data, test_hex("09 09").data, 2);
    fixture_close(&f);
}

static void communication_that_is_disabled_keeps_the_last_value_for_later(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ask(&f, SUBSCRIBE, ACK);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    ask(&f, "00 05 07 11 19 02", "20 07 11");
    set_real(&f, ROOM, 30);
    expect_quiet(&f);
    set_real(&f, ROOM, 40);
    tick_at(&f, BAS_SECOND);
    expect_quiet(&f);
    ask(&f, "00 05 07 11 19 00", "20 07 11");
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3B " REAL("42 20 00 00") NORMAL);
    expect_quiet(&f);
    fixture_close(&f);
}

static void notifications_that_are_held_wait_and_answers_do_not(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    bac_server_hold(f.server, true);
    ask(&f, SUBSCRIBE, ACK);
    f.from.network = 4;
    ask(&f, CONFIRM, ACK);
    expect_quiet(&f);
    set_real(&f, ROOM, 30);
    tick_at(&f, BAS_SECOND);
    expect_quiet(&f);
    assert_int_equal(bac_server_deadline(f.server), 60 * BAS_SECOND); /* no reason to hurry */
    bac_server_hold(f.server, false);
    (void)expect_call(&f, 1, ROOM_SAYS "39 3B " REAL("41 F0 00 00") NORMAL);
    f.from.network = 0;
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3B " REAL("41 F0 00 00") NORMAL);
    expect_quiet(&f);
    fixture_close(&f);
}

static void a_property_of_any_kind_can_be_watched(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    /* an element of Priority_Array: not the others */
    ask(&f, "00 05 07 1C 09 01 1C 00 40 00 01 29 00 39 0A 4E 09 57 19 08 4F", "20 07 1C");
    expect_tx(&f, "10 02 09 01 1C 02 00 04 D2 2C 00 40 00 01 39 0A "
                  "4E 09 57 19 08 2E 00 2F 09 6F 2E 82 04 00 2F 4F");
    ask(&f, "00 05 07 0F 0C 00 40 00 01 19 55 3E 44 42 48 00 00 3F 49 09", "20 07 0F");
    expect_quiet(&f);
    ask(&f, "00 05 07 0F 0C 00 40 00 01 19 55 3E 44 42 48 00 00 3F 49 08", "20 07 0F");
    expect_tx(&f, "10 02 09 01 1C 02 00 04 D2 2C 00 40 00 01 39 0A "
                  "4E 09 57 19 08 2E 44 42 48 00 00 2F 09 6F 2E 82 04 00 2F 4F");
    /* Status_Flags stand there once; a Device has none */
    ask(&f, "00 05 07 1C 09 02 1C 00 40 00 01 29 00 39 0A 4E 09 6F 4F", "20 07 1C");
    expect_tx(&f, "10 02 09 02 1C 02 00 04 D2 2C 00 40 00 01 39 0A 4E 09 6F 2E 82 04 00 2F 4F");
    ask(&f, "00 05 07 1C 09 02 1C 02 00 04 D2 29 00 39 0A 4E 09 70 4F", "20 07 1C");
    expect_tx(&f, "10 02 09 02 1C 02 00 04 D2 2C 02 00 04 D2 39 0A 4E 09 70 2E 91 00 2F 4F");
    fixture_close(&f);
}

static void a_subscriber_may_bring_an_increment_of_his_own(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ask(&f, "00 05 07 1C 09 12 1C 00 00 00 01 29 00 39 3C 4E 09 55 4F 5C 40 00 00 00", "20 07 1C");
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    set_real(&f, ROOM, 23);
    expect_quiet(&f);
    set_real(&f, ROOM, 23.5F);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 BC 00 00") NORMAL);
    /* states have none */
    ask(&f, "00 05 07 1C 09 12 1C 03 40 00 01 29 00 39 3C 4E 09 55 4F 5C 40 00 00 00", "20 07 1C");
    expect_tx(&f, "10 02 09 12 1C 02 00 04 D2 2C 03 40 00 01 39 3C "
                  "4E 09 55 2E 21 01 2F 09 6F 2E 82 04 00 2F 4F");
    struct bac_object_id button = { BAC_OBJECT_MULTI_STATE_INPUT, 1 };
    struct bac_value two = { .tag = BAC_TAG_UNSIGNED, .as.unsigned_integer = 2 };
    assert_int_equal(bac_server_set(f.server, button, &two, 0), BAS_OK);
    expect_tx(&f, "10 02 09 12 1C 02 00 04 D2 2C 03 40 00 01 39 3C "
                  "4E 09 55 2E 21 02 2F 09 6F 2E 82 04 00 2F 4F");
    fixture_close(&f);
}

static void a_notification_that_the_way_cannot_carry_is_dropped(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.way = 33; /* the notification takes 32 and 2 */
    ask(&f, SUBSCRIBE, ACK);
    expect_quiet(&f);
    assert_int_equal(bac_server_stats(f.server)->not_sent, 1);
    f.way = 34;
    ask(&f, SUBSCRIBE, ACK);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    f.way = 33; /* a confirmed one can go in segments */
    ask(&f, CONFIRM, ACK);
    (void)expect_call(&f, 1, ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    fixture_close(&f);
}

static void a_notification_without_memory_is_not_lost(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ask(&f, SUBSCRIBE, ACK);
    f.t.fail_at = f.t.allocations + 1;
    expect_quiet(&f);
    f.t.fail_at = 0;
    assert_int_equal(bac_server_deadline(f.server), BAS_SECOND);
    tick_at(&f, BAS_SECOND);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3B " REAL("41 AC 00 00") NORMAL);
    fixture_close(&f);
}

static void the_deadline_is_now_while_a_change_waits_to_be_looked_at(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    set_real(&f, ROOM, 30);
    assert_int_equal(bac_server_deadline(f.server), BAS_NEVER); /* for whom? */
    ask(&f, SUBSCRIBE, ACK);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 F0 00 00") NORMAL);
    set_real(&f, ROOM, 40);
    assert_int_equal(bac_server_deadline(f.server), f.now);
    tick_at(&f, BAS_SECOND);
    assert_int_equal(bac_server_deadline(f.server), 60 * BAS_SECOND);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3B " REAL("42 20 00 00") NORMAL);
    fixture_close(&f);
}

static void an_object_that_is_deleted_takes_its_subscriptions_along(void **state)
{
    (void)state;
    struct bac_object_config objects[] = {
        { .type = BAC_OBJECT_ANALOG_INPUT, .instance = 1, .name = "A", .deletable = true },
        { .type = BAC_OBJECT_ANALOG_INPUT, .instance = 2, .name = "B" },
    };
    struct bac_server_config config = fixture_config();
    config.objects = objects;
    config.n_objects = 2;
    struct fixture f;
    fixture_open_with(&f, &config);
    ask(&f, SUBSCRIBE, ACK);
    ask(&f, "00 05 07 05 09 12 1C 00 00 00 02 29 01 39 3C", ACK); /* waits behind its answer */
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("00 00 00 00") NORMAL);
    ask(&f, "00 05 07 1C 09 01 1C 00 00 00 01 29 01 39 0A 4E 09 55 4F", "20 07 1C");
    set_real(&f, ROOM, 30);
    const struct bac_server_event event = { .kind = BAC_SERVER_DELETED, .object = ROOM };
    struct bas_fault fault = { 0 };
    assert_int_equal(bac_server_restore(f.server, &event, &fault), BAS_OK);
    (void)expect_call(&f, 1,
                      "09 12 1C 02 00 04 D2 2C 00 00 00 02 39 3C " REAL("00 00 00 00") NORMAL);
    expect_quiet(&f);
    fixture_close(&f);
}

static void the_device_shows_its_subscriptions(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_expect(&f, "00 05 07 0C 0C 02 00 04 D2 19 98", "30 07 0C 0C 02 00 04 D2 19 98 3E 3F");
    ask(&f, SUBSCRIBE, ACK);
    expect_tx(&f, "10 02 " ROOM_SAYS "39 3C " REAL("41 AC 00 00") NORMAL);
    f.from.network = 5;
    ask(&f, "00 05 07 1C 09 01 1C 00 40 00 01 29 01 39 0A 4E 09 57 19 08 4F 5C 3F 80 00 00",
        "20 07 1C");
    f.now = BAS_SECOND;
    fixture_expect(&f, "00 05 07 0C 0C 02 00 04 D2 19 98",
                   "30 07 0C 0C 02 00 04 D2 19 98 3E "
                   "0E 0E 1E 21 00 65 06 B2 00 00 00 00 09 1F 0F 19 12 0F "
                   "1E 0C 00 00 00 01 19 55 1F 29 00 39 3B "
                   "0E 0E 1E 21 05 65 06 B2 00 00 00 00 09 1F 0F 19 01 0F "
                   "1E 0C 00 40 00 01 19 57 29 08 1F 29 01 39 09 4C 3F 80 00 00 3F");
    ask(&f, CANCEL, ACK); /* of another: nothing */
    f.from.network = 0;
    ask(&f, CANCEL, ACK);
    fixture_expect(&f, "00 05 07 0C 0C 02 00 04 D2 19 98",
                   "30 07 0C 0C 02 00 04 D2 19 98 3E "
                   "0E 0E 1E 21 05 65 06 B2 00 00 00 00 09 1F 0F 19 01 0F "
                   "1E 0C 00 40 00 01 19 57 29 08 1F 29 01 39 09 4C 3F 80 00 00 3F");
    fixture_close(&f);
}

static void every_truncation_and_mutation_of_a_subscription_gets_one_answer(void **state)
{
    (void)state;
    static const char *const good[] = {
        SUBSCRIBE,
        CANCEL,
        "00 05 07 1C 09 01 1C 00 40 00 01 29 00 39 0A 4E 09 57 19 08 4F 5C 40 00 00 00",
    };
    struct fixture f;
    fixture_open(&f);
    for (size_t i = 0; i < BAS_ARRAY_LEN(good); i++) {
        struct bas_slice whole = test_hex(good[i]);
        for (size_t at = 4; at < 256 * whole.len; at++) {
            uint8_t octets[64];
            memcpy(octets, whole.data, whole.len);
            octets[at % whole.len] = (uint8_t)(at / whole.len);
            (void)fixture_send(&f, (struct bas_slice){ octets, whole.len });
            struct bac_apdu_tx tx;
            while (bac_server_next_tx(f.server, &tx)) {
                bas_frame_unref(tx.frame);
            }
            struct bac_server_call call;
            while (bac_server_next_call(f.server, &call)) {
                bac_server_call_done(f.server, call.id, (at & 1) != 0, f.now);
            }
        }
    }
    fixture_close(&f);
}

static void a_server_that_lacks_memory_at_any_allocation_says_so(void **state)
{
    (void)state;
    struct bac_server_config config = fixture_config();
    for (size_t k = 1;; k++) {
        struct test_env t;
        test_env_init(&t);
        t.fail_at = k;
        struct bas_fault fault = { 0 };
        struct bac_server *server = bac_server_new(&t.env, &config, &fault);
        bac_server_free(server);
        test_env_check(&t);
        if (server != NULL) {
            assert_true(k > 3);
            return;
        }
        assert_int_equal(fault.err, BAS_ERR_NO_MEMORY);
    }
}

static void a_table_without_end_is_refused(void **state)
{
    (void)state;
    struct bac_server_config config = fixture_config();
    config.max_subscriptions = 1000001;
    struct test_env t;
    test_env_init(&t);
    struct bas_fault fault = { 0 };
    assert_null(bac_server_new(&t.env, &config, &fault));
    assert_int_equal(fault.err, BAS_ERR_INVALID);
    test_env_check(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_subscriber_hears_the_value_right_after_the_acknowledgement),
        cmocka_unit_test(a_change_of_the_increment_is_told_and_a_smaller_one_is_not),
        cmocka_unit_test(a_flag_that_changes_is_told_whatever_the_value_does),
        cmocka_unit_test(a_state_is_told_with_any_change),
        cmocka_unit_test(what_is_written_over_the_network_is_told_behind_its_answer),
        cmocka_unit_test(lifetimes_end_when_they_said),
        cmocka_unit_test(a_lifetime_is_cut_to_what_the_device_grants),
        cmocka_unit_test(whoever_subscribes_again_replaces_his_lifetime_and_hears_again),
        cmocka_unit_test(processes_objects_and_addresses_make_subscriptions_of_their_own),
        cmocka_unit_test(a_cancellation_is_acknowledged_and_ends_the_notifications),
        cmocka_unit_test(subscriptions_tell_what_is_wrong),
        cmocka_unit_test(a_full_table_says_so_and_takes_renewals),
        cmocka_unit_test(a_confirmed_notification_waits_until_the_answer_has_left),
        cmocka_unit_test(a_confirmed_notification_waits_for_the_one_before_and_tells_the_newest),
        cmocka_unit_test(a_notification_that_is_not_acknowledged_is_tried_again_after_a_minute),
        cmocka_unit_test(a_subscription_may_end_while_its_call_is_on_its_way),
        cmocka_unit_test(a_silent_subscriber_holds_up_nobody_else),
        cmocka_unit_test(whoever_waits_for_his_turn_gets_it_when_the_one_before_him_leaves),
        cmocka_unit_test(communication_that_is_disabled_keeps_the_last_value_for_later),
        cmocka_unit_test(notifications_that_are_held_wait_and_answers_do_not),
        cmocka_unit_test(a_property_of_any_kind_can_be_watched),
        cmocka_unit_test(a_subscriber_may_bring_an_increment_of_his_own),
        cmocka_unit_test(a_notification_that_the_way_cannot_carry_is_dropped),
        cmocka_unit_test(a_notification_without_memory_is_not_lost),
        cmocka_unit_test(the_deadline_is_now_while_a_change_waits_to_be_looked_at),
        cmocka_unit_test(a_server_that_lacks_memory_at_any_allocation_says_so),
        cmocka_unit_test(a_table_without_end_is_refused),
        cmocka_unit_test(an_object_that_is_deleted_takes_its_subscriptions_along),
        cmocka_unit_test(the_device_shows_its_subscriptions),
        cmocka_unit_test(every_truncation_and_mutation_of_a_subscription_gets_one_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
