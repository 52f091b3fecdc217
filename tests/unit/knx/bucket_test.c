/* Of bucket.c. */
#include "test_env.h"

#include "knx/bucket.h"

enum { START = 1000 };

static const struct knx_rate rate = { 10, 3 };

static void so_many_at_once_and_then_one_for_each_cost(void **state)
{
    (void)state;
    struct knx_bucket b = { 0 };
    for (unsigned i = 0; i < 3; i++) {
        assert_true(knx_bucket_spend(&b, rate, START));
    }
    assert_false(knx_bucket_spend(&b, rate, START));
    assert_false(knx_bucket_spend(&b, rate, START + 9));
    assert_true(knx_bucket_spend(&b, rate, START + 10));
    assert_false(knx_bucket_spend(&b, rate, START + 10));
    assert_false(knx_bucket_spend(&b, rate, START + 19)); /* a refusal has cost nothing */
    assert_true(knx_bucket_spend(&b, rate, START + 20));
}

static void a_long_pause_gives_no_more_than_all_at_once(void **state)
{
    (void)state;
    struct knx_bucket b = { 0 };
    assert_true(knx_bucket_spend(&b, rate, START));
    for (unsigned i = 0; i < 3; i++) {
        assert_true(knx_bucket_spend(&b, rate, 1000 * START));
    }
    assert_false(knx_bucket_spend(&b, rate, 1000 * START));
}

static void those_with_a_smaller_burst_leave_the_rest_to_others(void **state)
{
    (void)state;
    static const struct knx_rate smaller = { 10, 1 };
    struct knx_bucket b = { 0 };
    assert_true(knx_bucket_spend(&b, smaller, START));
    assert_false(knx_bucket_spend(&b, smaller, START));
    assert_true(knx_bucket_spend(&b, rate, START));
    assert_true(knx_bucket_spend(&b, rate, START));
    assert_false(knx_bucket_spend(&b, rate, START));
    assert_false(knx_bucket_spend(&b, smaller, START + 20));
    assert_true(knx_bucket_spend(&b, smaller, START + 30));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(so_many_at_once_and_then_one_for_each_cost),
        cmocka_unit_test(a_long_pause_gives_no_more_than_all_at_once),
        cmocka_unit_test(those_with_a_smaller_burst_leave_the_rest_to_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
