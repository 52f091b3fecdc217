#include "test_env.h"

#include <string.h>

static void a_log_line_is_cut_and_a_missing_log_is_silent(void **state)
{
    (void)state;
    struct test_env t;
    char longest[600];
    test_env_init(&t);
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = 0;
    bas_log(&t.env, BAS_LOG_INFO, "%s", longest);
    assert_int_equal(strlen(t.last_log), 511);
    t.env.log = NULL;
    bas_log(&t.env, BAS_LOG_INFO, "%s", longest);
    assert_int_equal(t.logs, 1);
}

static void nothing_asked_of_memory_gives_nothing(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    assert_null(bas_alloc(&t.env, 0));
    assert_int_equal(t.allocations, 0);
    bas_release(&t.env, NULL, 5);
    void *memory = bas_alloc(&t.env, 5);
    assert_non_null(memory);
    bas_release(&t.env, memory, 5);
    test_env_check(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_line_is_cut_and_a_missing_log_is_silent),
        cmocka_unit_test(nothing_asked_of_memory_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
