#include "test_env.h"

#include "base/timer.h"

static void an_unarmed_heap_is_never_due(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct bas_timers timers;
    assert_int_equal(bas_timers_init(&timers, &t.env, 1), BAS_OK);
    uint32_t id = 9;
    assert_int_equal(bas_timers_next(&timers), BAS_NEVER);
    assert_false(bas_timers_expire(&timers, BAS_NEVER, &id));
    bas_timers_fini(&timers, &t.env);
    test_env_check(&t);
}

static void due_ids_come_out_earliest_first_and_once(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct bas_timers timers;
    assert_int_equal(bas_timers_init(&timers, &t.env, 5), BAS_OK);
    static const bas_time at[] = { 50, 10, 40, 20, 30 };
    for (uint32_t i = 0; i < BAS_ARRAY_LEN(at); i++) {
        bas_timers_arm(&timers, i, at[i]);
    }
    static const uint32_t order[] = { 1, 3, 4, 2 };
    uint32_t id = 0;
    assert_int_equal(bas_timers_next(&timers), 10);
    assert_false(bas_timers_expire(&timers, 9, &id));
    for (size_t i = 0; i < BAS_ARRAY_LEN(order); i++) {
        assert_true(bas_timers_expire(&timers, 49, &id));
        assert_int_equal(id, order[i]);
    }
    assert_false(bas_timers_expire(&timers, 49, &id));
    assert_int_equal(bas_timers_next(&timers), 50);
    bas_timers_fini(&timers, &t.env);
    test_env_check(&t);
}

static void arming_again_later_or_earlier_or_disarming_holds(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct bas_timers timers;
    assert_int_equal(bas_timers_init(&timers, &t.env, 3), BAS_OK);
    uint32_t id = 0;
    bas_timers_arm(&timers, 0, 10);
    bas_timers_arm(&timers, 1, 20);
    bas_timers_arm(&timers, 0, 30);
    assert_int_equal(bas_timers_next(&timers), 20);
    bas_timers_arm(&timers, 0, 15);
    assert_int_equal(bas_timers_next(&timers), 15);
    bas_timers_disarm(&timers, 0);
    assert_int_equal(bas_timers_deadline(&timers, 0), BAS_NEVER);
    assert_true(bas_timers_expire(&timers, 100, &id));
    assert_int_equal(id, 1);
    assert_false(bas_timers_expire(&timers, 100, &id));
    bas_timers_fini(&timers, &t.env);
    test_env_check(&t);
}

/* Against the plain array that it stands for. */
static void the_heap_agrees_with_a_plain_list_under_random_use(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    enum { CAP = 17, STEPS = 20000 };
    bas_time plain[CAP];
    struct bas_timers timers;
    assert_int_equal(bas_timers_init(&timers, &t.env, CAP), BAS_OK);
    for (size_t i = 0; i < CAP; i++) {
        plain[i] = BAS_NEVER;
    }
    bas_time now = 0;
    for (int step = 0; step < STEPS; step++) {
        uint8_t dice[3];
        t.env.random(&t, dice, sizeof(dice));
        uint32_t id = dice[0] % CAP;
        plain[id] = dice[1] % 4 == 0 ? BAS_NEVER : now + dice[2];
        bas_timers_arm(&timers, id, plain[id]);
        now += dice[1] % 8;
        uint32_t due = 0;
        while (bas_timers_expire(&timers, now, &due)) {
            assert_true(plain[due] <= now);
            plain[due] = BAS_NEVER;
        }
        bas_time least = BAS_NEVER;
        for (size_t i = 0; i < CAP; i++) {
            least = plain[i] < least ? plain[i] : least;
        }
        assert_true(least > now);
        assert_int_equal(bas_timers_next(&timers), least);
    }
    bas_timers_fini(&timers, &t.env);
    test_env_check(&t);
}

static void no_memory_is_said_and_leaves_nothing(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    t.fail_at = 1;
    struct bas_timers timers;
    assert_int_equal(bas_timers_init(&timers, &t.env, 3), BAS_ERR_NO_MEMORY);
    bas_timers_fini(&timers, &t.env);
    test_env_check(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unarmed_heap_is_never_due),
        cmocka_unit_test(due_ids_come_out_earliest_first_and_once),
        cmocka_unit_test(arming_again_later_or_earlier_or_disarming_holds),
        cmocka_unit_test(the_heap_agrees_with_a_plain_list_under_random_use),
        cmocka_unit_test(no_memory_is_said_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
