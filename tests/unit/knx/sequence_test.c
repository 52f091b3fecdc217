/* Numbers for sending: never twice, never outside of what was granted, never 0, no wrap. */
#include "test_env.h"

#include "knx/sequence.h"

static void assert_takes(struct knx_sequence *s, uint64_t wanted)
{
    uint64_t number = 0;
    uint64_t seen = 0;
    assert_int_equal(knx_sequence_peek(s, &seen), BAS_OK);
    assert_int_equal(knx_sequence_take(s, &number), BAS_OK);
    assert_true(number == wanted);
    assert_true(seen == wanted);
}

static void assert_takes_nothing(struct knx_sequence *s, bas_err wanted)
{
    uint64_t number = 77;
    assert_int_equal(knx_sequence_take(s, &number), wanted);
    assert_int_equal(knx_sequence_peek(s, &number), wanted);
    assert_int_equal(number, 77);
}

/* Zero: it does not ask. */
static uint64_t asked(struct knx_sequence *s)
{
    uint64_t from = 0;
    return knx_sequence_asks(s, &from) ? from : 0;
}

static void nothing_is_given_before_a_grant(void **state)
{
    (void)state;
    struct knx_sequence s;
    knx_sequence_init(&s);
    assert_takes_nothing(&s, BAS_ERR_BUSY);
    assert_int_equal(asked(&s), 1);
    assert_int_equal(asked(&s), 0);
}

static void a_block_is_given_from_its_first_to_its_last_number(void **state)
{
    (void)state;
    struct knx_sequence s;
    knx_sequence_init(&s);
    assert_int_equal(knx_sequence_grant(&s, 10, 3), BAS_OK);
    assert_takes(&s, 10);
    assert_takes(&s, 11);
    assert_takes(&s, 12);
    assert_takes_nothing(&s, BAS_ERR_BUSY);
}

static void half_of_a_block_asks_for_the_next_one_once(void **state)
{
    (void)state;
    struct knx_sequence s;
    knx_sequence_init(&s);
    assert_int_equal(knx_sequence_grant(&s, 100, 10), BAS_OK);
    for (uint64_t i = 0; i < 5; i++) {
        assert_int_equal(asked(&s), 0);
        assert_takes(&s, 100 + i);
    }
    assert_int_equal(asked(&s), 110);
    assert_int_equal(asked(&s), 0);
    assert_takes(&s, 105);
    assert_int_equal(asked(&s), 0);
}

static void the_following_block_is_entered_at_the_end_of_the_present_one(void **state)
{
    (void)state;
    struct knx_sequence s;
    knx_sequence_init(&s);
    assert_int_equal(knx_sequence_grant(&s, 1, 2), BAS_OK);
    assert_takes(&s, 1);
    assert_int_equal(asked(&s), 3);
    assert_int_equal(knx_sequence_grant(&s, 50, 2), BAS_OK); /* a gap */
    assert_int_equal(asked(&s), 0);
    assert_takes(&s, 2);
    assert_takes(&s, 50);
    assert_int_equal(asked(&s), 52);
    assert_takes(&s, 51);
    assert_takes_nothing(&s, BAS_ERR_BUSY);
}

static void a_grant_must_lie_above_all_grants_before(void **state)
{
    (void)state;
    struct knx_sequence s;
    knx_sequence_init(&s);
    assert_int_equal(knx_sequence_grant(&s, 0, 5), BAS_ERR_INVALID);
    assert_int_equal(knx_sequence_grant(&s, 5, 0), BAS_ERR_INVALID);
    assert_int_equal(knx_sequence_grant(&s, 5, 5), BAS_OK);
    assert_int_equal(knx_sequence_grant(&s, 5, 5), BAS_ERR_INVALID);
    assert_int_equal(knx_sequence_grant(&s, 9, 5), BAS_ERR_INVALID);
    assert_int_equal(knx_sequence_grant(&s, 1, 2), BAS_ERR_INVALID);
    assert_int_equal(knx_sequence_grant(&s, 10, 5), BAS_OK);
    assert_int_equal(knx_sequence_grant(&s, 15, 5), BAS_ERR_NO_SPACE);
    for (uint64_t i = 5; i < 15; i++) {
        assert_takes(&s, i);
    }
    assert_int_equal(knx_sequence_grant(&s, 14, 5), BAS_ERR_INVALID);
    assert_int_equal(knx_sequence_grant(&s, 15, 1), BAS_OK);
    assert_takes(&s, 15);
}

static void the_last_of_all_numbers_is_the_end(void **state)
{
    (void)state;
    struct knx_sequence s;
    knx_sequence_init(&s);
    assert_int_equal(knx_sequence_grant(&s, KNX_COUNTER_MAX - 1, 3), BAS_ERR_INVALID);
    assert_int_equal(knx_sequence_grant(&s, KNX_COUNTER_MAX + 1, 1), BAS_ERR_INVALID);
    assert_int_equal(knx_sequence_grant(&s, 1, UINT64_MAX), BAS_ERR_INVALID);
    assert_int_equal(knx_sequence_grant(&s, KNX_COUNTER_MAX - 1, 2), BAS_OK);
    assert_takes(&s, KNX_COUNTER_MAX - 1);
    assert_takes(&s, KNX_COUNTER_MAX);
    assert_takes_nothing(&s, BAS_ERR_STATE);
    assert_int_equal(asked(&s), 0);
    assert_int_equal(knx_sequence_grant(&s, 1, 10), BAS_ERR_INVALID);
}

static void raising_leaves_numbers_out(void **state)
{
    (void)state;
    struct knx_sequence s;
    knx_sequence_init(&s);
    assert_int_equal(knx_sequence_grant(&s, 10, 10), BAS_OK);
    knx_sequence_raise(&s, 5); /* below: nothing */
    assert_takes(&s, 10);
    knx_sequence_raise(&s, 18);
    assert_takes(&s, 18);
    assert_int_equal(asked(&s), 20);
    assert_int_equal(knx_sequence_grant(&s, 20, 10), BAS_OK);
    knx_sequence_raise(&s, 25); /* into the following block */
    assert_takes(&s, 25);
}

static void raising_beyond_what_is_granted_asks_from_there(void **state)
{
    (void)state;
    struct knx_sequence s;
    knx_sequence_init(&s);
    assert_int_equal(knx_sequence_grant(&s, 10, 4), BAS_OK);
    assert_takes(&s, 10);
    assert_takes(&s, 11);
    assert_int_equal(asked(&s), 14);
    knx_sequence_raise(&s, 1000);
    assert_takes_nothing(&s, BAS_ERR_BUSY);
    assert_int_equal(asked(&s), 1000);
    assert_int_equal(knx_sequence_grant(&s, 14, 10), BAS_OK); /* was on its way; all of it below */
    assert_takes_nothing(&s, BAS_ERR_BUSY);
    assert_int_equal(asked(&s), 1000);
    assert_int_equal(knx_sequence_grant(&s, 990, 20), BAS_OK);
    assert_takes(&s, 1000);
}

static void what_is_given_back_is_not_given_any_more(void **state)
{
    (void)state;
    struct knx_sequence s;
    knx_sequence_init(&s);
    knx_sequence_renounce(&s);
    assert_takes_nothing(&s, BAS_ERR_BUSY);
    assert_int_equal(asked(&s), 1);
    assert_int_equal(knx_sequence_grant(&s, 10, 4), BAS_OK);
    assert_int_equal(knx_sequence_grant(&s, 14, 4), BAS_OK);
    assert_takes(&s, 10);
    knx_sequence_renounce(&s);
    assert_takes_nothing(&s, BAS_ERR_BUSY);
    assert_int_equal(asked(&s), 18);
    assert_int_equal(knx_sequence_grant(&s, 17, 1), BAS_ERR_INVALID);
    assert_int_equal(knx_sequence_grant(&s, 20, 2), BAS_OK);
    assert_takes(&s, 20);
    knx_sequence_raise(&s, 1000);
    knx_sequence_renounce(&s);
    assert_int_equal(asked(&s), 1000);
}

static void a_wall_clock_counts_milliseconds_since_2018_01_05(void **state)
{
    (void)state;
    assert_true(knx_sequence_of_clock(INT64_C(1515110400000000)) == 1);
    assert_true(knx_sequence_of_clock(INT64_C(1515110400001999)) == 1);
    assert_true(knx_sequence_of_clock(INT64_C(1515110400002000)) == 2);
    /* 2026-11-21T05:00:00Z */
    assert_true(knx_sequence_of_clock(INT64_C(1795237200000000)) == UINT64_C(0x004138DBC080));
    assert_true(knx_sequence_of_clock(0) == 1);
    assert_true(knx_sequence_of_clock(-5) == 1);
    assert_true(knx_sequence_of_clock(INT64_MIN) == 1);
    assert_true(knx_sequence_of_clock(INT64_MAX) <= KNX_COUNTER_MAX);
}

/* Random grants, takes and raises: each number is above the one before and inside a grant. */
static void whatever_happens_numbers_rise_and_are_granted(void **state)
{
    (void)state;
    struct test_env env;
    test_env_init(&env);
    struct knx_sequence s;
    knx_sequence_init(&s);
    static bool granted[70000];
    uint64_t top = 1;
    uint64_t last = 0;
    for (unsigned i = 0; i < 4000; i++) {
        uint8_t dice[3];
        env.env.random(env.env.ctx, dice, sizeof(dice));
        if (dice[0] < 60) {
            uint64_t first = top + dice[1] % 4;
            uint64_t count = 1U + dice[2] % 12;
            if (knx_sequence_grant(&s, first, count) == BAS_OK) {
                for (uint64_t n = first; n < first + count; n++) {
                    granted[n] = true;
                }
                top = first + count;
            }
        } else if (dice[0] < 64) {
            knx_sequence_raise(&s, last + dice[1] % 20);
        } else {
            uint64_t number = 0;
            if (knx_sequence_take(&s, &number) == BAS_OK) {
                assert_true(number > last);
                assert_true(granted[number]);
                last = number;
            }
        }
    }
    assert_true(last > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_given_before_a_grant),
        cmocka_unit_test(a_block_is_given_from_its_first_to_its_last_number),
        cmocka_unit_test(half_of_a_block_asks_for_the_next_one_once),
        cmocka_unit_test(the_following_block_is_entered_at_the_end_of_the_present_one),
        cmocka_unit_test(a_grant_must_lie_above_all_grants_before),
        cmocka_unit_test(the_last_of_all_numbers_is_the_end),
        cmocka_unit_test(raising_leaves_numbers_out),
        cmocka_unit_test(raising_beyond_what_is_granted_asks_from_there),
        cmocka_unit_test(what_is_given_back_is_not_given_any_more),
        cmocka_unit_test(a_wall_clock_counts_milliseconds_since_2018_01_05),
        cmocka_unit_test(whatever_happens_numbers_rise_and_are_granted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
