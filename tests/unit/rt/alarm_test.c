#include "test_env.h"

#include "basalt/rt.h"

struct world {
    struct bas_env env;
    struct bas_loop *loop;
    struct bas_alarm *alarm;
    struct bas_alarm *other;
    unsigned calls;
    unsigned again;
};

static void on_alarm(void *user)
{
    struct world *w = user;
    w->calls++;
    if (w->again > 0) {
        w->again--;
        bas_alarm_set(w->alarm, 1);
        return;
    }
    bas_alarm_free(w->alarm);
    bas_alarm_free(w->other);
    w->alarm = NULL;
}

static void never(void *user)
{
    (void)user;
    fail_msg("an alarm that was freed went off");
}

static void begin(struct world *w)
{
    *w = (struct world){ .env = bas_env_host(NULL, NULL) };
    w->loop = bas_loop_new(&w->env);
    assert_non_null(w->loop);
    w->alarm = bas_alarm_new(w->loop, on_alarm, w);
    assert_non_null(w->alarm);
}

static void finish(struct world *w)
{
    bas_loop_run(w->loop);
    bas_loop_free(w->loop);
}

static void an_alarm_goes_off_once_each_time_it_is_set(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.again = 2;
    bas_alarm_set(w.alarm, 1);
    finish(&w);
    assert_int_equal(w.calls, 3);
}

static void setting_it_again_replaces_the_time(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    bas_alarm_set(w.alarm, 3600000);
    bas_alarm_set(w.alarm, 0);
    finish(&w);
    assert_int_equal(w.calls, 1);
}

static void a_freed_alarm_keeps_quiet_and_the_loop_ends(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.other = bas_alarm_new(w.loop, never, &w);
    assert_non_null(w.other);
    bas_alarm_set(w.other, 3600000);
    bas_alarm_set(w.alarm, 0);
    finish(&w);
    assert_int_equal(w.calls, 1);
}

static void an_alarm_without_memory_is_null(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    bas_alarm_free(w.alarm);
    finish(&w);
    struct test_env t;
    test_env_init(&t);
    struct bas_loop *loop = bas_loop_new(&t.env);
    assert_non_null(loop);
    t.fail_at = t.allocations + 1;
    assert_null(bas_alarm_new(loop, never, NULL));
    bas_loop_free(loop);
    bas_alarm_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_alarm_goes_off_once_each_time_it_is_set),
        cmocka_unit_test(setting_it_again_replaces_the_time),
        cmocka_unit_test(a_freed_alarm_keeps_quiet_and_the_loop_ends),
        cmocka_unit_test(an_alarm_without_memory_is_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
