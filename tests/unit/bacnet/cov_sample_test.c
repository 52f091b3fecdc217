/* What counts as a change of a value (tables 13-1, 13-1a). */
#include "bacnet/cov/cov.h"

#include "test_env.h"

#include <math.h>

/* The macros are floats. */
#define NONE    ((double)NAN)
#define ENDLESS ((double)INFINITY)

static struct bac_cov_sample number(double value, uint64_t digest)
{
    return (struct bac_cov_sample){
        .is_number = true, .is_real = true, .number = value, .digest = digest
    };
}

static bool differ(double a, double b, double increment)
{
    const struct bac_cov_sample x = number(a, 1);
    const struct bac_cov_sample y = number(b, 2);
    bool is_change = bac_cov_differs(&x, &y, increment);
    assert_int_equal(bac_cov_differs(&y, &x, increment), is_change);
    return is_change;
}

static void a_number_changes_by_its_increment_or_more(void **state)
{
    (void)state;
    static const struct {
        double a, b, increment;
        bool is_change;
    } rows[] = {
        { 20, 20.5, 0.5, true }, { 20, 20.49, 0.5, false }, { -1, 1, 2, true },
        { -1, 1, 2.1, false },   { 20, 20.0001, 0, true }, /* no increment: any change */
        { 0.0, 5, 1e30, false }, { 1e30, 2e30, 1, true },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        assert_int_equal(differ(rows[i].a, rows[i].b, rows[i].increment), rows[i].is_change);
    }
}

static void a_step_of_the_increment_is_one_whatever_a_real_makes_of_it(void **state)
{
    (void)state;
    for (int i = -2000; i < 2000; i++) {
        float from = (float)i / 10;
        float to = (float)(i + 1) / 10;
        assert_true(differ((double)from, (double)to, (double)0.1F));
        float nearer = (float)(10 * i + 9) / 100;
        assert_false(differ((double)from, (double)nearer, (double)0.1F));
    }
}

static void no_number_and_no_end_are_changes_once(void **state)
{
    (void)state;
    assert_true(differ(20, NONE, 0.5));
    assert_false(differ(NONE, -NONE, 0.5)); /* other octets, but still none */
    assert_true(differ(20, ENDLESS, 0.5));
    assert_true(differ(-ENDLESS, ENDLESS, 0.5));
    assert_true(differ(NONE, ENDLESS, 0.5));
    assert_true(differ(20, 21, NONE));
    assert_false(differ(20, 21, ENDLESS));
}

static void the_same_octets_never_are_a_change(void **state)
{
    (void)state;
    const struct bac_cov_sample same = number(NONE, 7);
    assert_false(bac_cov_differs(&same, &same, 0));
    const struct bac_cov_sample text = { .digest = 7 };
    assert_false(bac_cov_differs(&text, &text, 0));
}

static void what_is_no_number_changes_with_any_octet(void **state)
{
    (void)state;
    const struct bac_cov_sample a = { .digest = 7 };
    const struct bac_cov_sample b = { .digest = 8 };
    const struct bac_cov_sample five = number(5, 9);
    assert_true(bac_cov_differs(&a, &b, 100));
    assert_true(bac_cov_differs(&a, &five, 100)); /* relinquished, say */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_changes_by_its_increment_or_more),
        cmocka_unit_test(a_step_of_the_increment_is_one_whatever_a_real_makes_of_it),
        cmocka_unit_test(no_number_and_no_end_are_changes_once),
        cmocka_unit_test(the_same_octets_never_are_a_change),
        cmocka_unit_test(what_is_no_number_changes_with_any_octet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
