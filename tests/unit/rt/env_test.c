#include "basalt/rt.h"

#include "test_env.h"

#include <string.h>
#include <time.h>

struct heard {
    enum bas_log_level level;
    char text[64];
};

static void on_log(void *ctx, enum bas_log_level level, const char *text)
{
    struct heard *heard = ctx;
    heard->level = level;
    strncpy(heard->text, text, sizeof(heard->text) - 1);
}

static void memory_is_zeroed_also_where_it_was_used_before(void **state)
{
    (void)state;
    const struct bas_env env = bas_env_host(NULL, NULL);
    static const uint8_t zero[64] = { 0 };
    for (unsigned i = 0; i < 16; i++) {
        uint8_t *memory = bas_alloc(&env, sizeof(zero));
        assert_non_null(memory);
        assert_memory_equal(memory, zero, sizeof(zero));
        memset(memory, 0xA5, sizeof(zero));
        bas_release(&env, memory, sizeof(zero));
    }
}

static void memory_that_nobody_has_is_null(void **state)
{
    (void)state;
    const struct bas_env env = bas_env_host(NULL, NULL);
    assert_null(bas_alloc(&env, 0));
}

static void random_octets_fill_all_of_a_large_buffer_and_differ(void **state)
{
    (void)state;
    static uint8_t a[100000], b[100000]; /* more than the kernel gives in one call to a signal */
    static const uint8_t zero[32] = { 0 };
    const struct bas_env env = bas_env_host(NULL, NULL);
    env.random(env.ctx, a, sizeof(a));
    env.random(env.ctx, b, sizeof(b));
    assert_memory_not_equal(a, b, 32);
    assert_memory_not_equal(a + sizeof(a) - 32, b + sizeof(b) - 32, 32);
    assert_memory_not_equal(a + sizeof(a) - 32, zero, 32);
    env.random(env.ctx, a, 0);
}

static void the_wall_clock_is_that_of_the_system_in_microseconds(void **state)
{
    (void)state;
    const struct bas_env env = bas_env_host(NULL, NULL);
    int64_t before = (int64_t)time(NULL) - 1; /* time() may lag behind by a tick */
    int64_t wall = env.wall(env.ctx);
    int64_t after = (int64_t)time(NULL) + 1;
    assert_true(wall >= before * 1000000);
    assert_true(wall < (after + 1) * 1000000);
}

static void log_lines_go_where_the_program_wants_them(void **state)
{
    (void)state;
    struct heard heard = { .level = BAS_LOG_ERROR };
    const struct bas_env env = bas_env_host(&heard, on_log);
    bas_log(&env, BAS_LOG_INFO, "port %d", 4443);
    assert_int_equal(heard.level, BAS_LOG_INFO);
    assert_string_equal(heard.text, "port 4443");
    const struct bas_env quiet = bas_env_host(NULL, NULL);
    bas_log(&quiet, BAS_LOG_ERROR, "nobody hears this");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_also_where_it_was_used_before),
        cmocka_unit_test(memory_that_nobody_has_is_null),
        cmocka_unit_test(random_octets_fill_all_of_a_large_buffer_and_differ),
        cmocka_unit_test(the_wall_clock_is_that_of_the_system_in_microseconds),
        cmocka_unit_test(log_lines_go_where_the_program_wants_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
