#include "test_env.h"

#include <string.h>

static void layers_push_their_headers_in_front_without_moving_the_body(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct bas_frame *f = bas_frame_new(&t.env, 4, 8);
    memcpy(bas_frame_put(f, 3), "abc", 3);
    const uint8_t *body = bas_frame_slice(f).data;
    memcpy(bas_frame_push(f, 2), "xy", 2);
    assert_memory_equal(bas_frame_slice(f).data, "xyabc", 5);
    assert_ptr_equal(bas_frame_slice(f).data + 2, body);
    assert_null(bas_frame_push(f, 3));
    assert_null(bas_frame_put(f, 2));
    bas_frame_unref(f);
    test_env_check(&t);
}

static void the_last_reference_frees_a_frame(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct bas_frame *f = bas_frame_new(&t.env, 0, 1);
    bas_frame_ref(f);
    bas_frame_unref(f);
    assert_true(t.live > 0);
    bas_frame_unref(f);
    test_env_check(&t);
}

static void a_pool_gives_no_more_than_its_maximum_and_uses_blocks_again(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct bas_pool *pool = bas_pool_new(&t.env, 100, 2);
    struct bas_frame *a = bas_pool_get(pool);
    struct bas_frame *b = bas_pool_get(pool);
    assert_null(bas_pool_get(pool));
    assert_non_null(bas_frame_put(a, 10));
    size_t allocations = t.allocations;
    bas_frame_unref(a);
    struct bas_frame *again = bas_pool_get(pool);
    assert_ptr_equal(again, a);
    assert_int_equal(again->len, 0);
    assert_int_equal(t.allocations, allocations);
    bas_frame_unref(again);
    bas_frame_unref(b);
    bas_pool_free(pool);
    test_env_check(&t);
}

static void a_budget_refuses_what_would_exceed_it(void **state)
{
    (void)state;
    struct bas_budget budget = { 10, 0 };
    assert_true(bas_budget_charge(&budget, 10));
    assert_false(bas_budget_charge(&budget, 1));
    assert_false(bas_budget_charge(&budget, SIZE_MAX));
    bas_budget_release(&budget, 4);
    assert_true(bas_budget_charge(&budget, 4));
}

static void no_memory_gives_no_frame_and_no_pool(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    t.fail_at = 1;
    assert_null(bas_frame_new(&t.env, 0, 8));
    assert_null(bas_pool_new(&t.env, 8, 1));
    test_env_check(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_push_their_headers_in_front_without_moving_the_body),
        cmocka_unit_test(the_last_reference_frees_a_frame),
        cmocka_unit_test(a_pool_gives_no_more_than_its_maximum_and_uses_blocks_again),
        cmocka_unit_test(a_budget_refuses_what_would_exceed_it),
        cmocka_unit_test(no_memory_gives_no_frame_and_no_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
