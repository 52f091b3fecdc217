#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/loop.h"

#include "test_env.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

struct world {
    struct test_env t;
    struct bas_loop *loop;
    struct flusher first, second;
    unsigned first_calls, second_calls;
    unsigned wants; /* so many turns more */
    bool takes_off_itself, takes_off_second, adds_second;
    struct bas_alarm *alarm;
    unsigned alarms;
    int signal;
    unsigned signals;
};

static void begin(struct world *w)
{
    memset(w, 0, sizeof(*w));
    test_env_init(&w->t);
    w->loop = bas_loop_new(&w->t.env);
    assert_non_null(w->loop);
}

static void finish(struct world *w)
{
    bas_loop_free(w->loop);
    test_env_check(&w->t);
}

static bool flush_first(void *user, bas_time now)
{
    struct world *w = user;
    w->first_calls++;
    assert_true(now <= bas_loop_now(w->loop));
    if (w->takes_off_itself) {
        loop_remove_flusher(w->loop, &w->first);
    }
    if (w->takes_off_second) {
        loop_remove_flusher(w->loop, &w->second);
    }
    if (w->adds_second) {
        w->adds_second = false;
        loop_add_flusher(w->loop, &w->second);
    }
    if (w->wants == 0) {
        return false;
    }
    w->wants--;
    return true;
}

static bool flush_second(void *user, bas_time now)
{
    struct world *w = user;
    (void)now;
    w->second_calls++;
    return false;
}

static void on_alarm(void *user)
{
    struct world *w = user;
    w->alarms++;
    bas_alarm_free(w->alarm);
    w->alarm = NULL;
}

/* One alarm at once: a turn or two, and the loop has nothing left to do. */
static void run_a_little(struct world *w)
{
    w->alarm = bas_alarm_new(w->loop, on_alarm, w);
    assert_non_null(w->alarm);
    bas_alarm_set(w->alarm, 0);
    bas_loop_run(w->loop);
}

static void a_loop_with_nothing_to_do_ends_at_once(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.first = (struct flusher){ flush_first, &w, NULL };
    loop_add_flusher(w.loop, &w.first);
    bas_loop_run(w.loop);
    finish(&w);
}

static void every_flusher_is_asked_in_a_turn(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.first = (struct flusher){ flush_first, &w, NULL };
    w.second = (struct flusher){ flush_second, &w, NULL };
    loop_add_flusher(w.loop, &w.first);
    loop_add_flusher(w.loop, &w.second);
    run_a_little(&w);
    assert_int_not_equal(w.first_calls, 0);
    assert_int_equal(w.first_calls, w.second_calls);
    finish(&w);
}

static void one_who_has_more_to_send_keeps_the_loop_from_sleeping(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.first = (struct flusher){ flush_first, &w, NULL };
    w.wants = 100;
    loop_add_flusher(w.loop, &w.first);
    run_a_little(&w); /* nothing but the flusher asks for turns after the alarm */
    assert_int_equal(w.wants, 0);
    assert_true(w.first_calls > 100);
    finish(&w);
}

static void a_flusher_may_go_while_it_is_asked(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.first = (struct flusher){ flush_first, &w, NULL };
    w.second = (struct flusher){ flush_second, &w, NULL };
    w.takes_off_itself = true;
    loop_add_flusher(w.loop, &w.second);
    loop_add_flusher(w.loop, &w.first); /* asked before the second */
    run_a_little(&w);
    assert_int_equal(w.first_calls, 1);
    assert_int_not_equal(w.second_calls, 0);
    finish(&w);
}

static void a_flusher_may_come_while_another_is_asked(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.first = (struct flusher){ flush_first, &w, NULL };
    w.second = (struct flusher){ flush_second, &w, NULL };
    w.adds_second = true;
    loop_add_flusher(w.loop, &w.first);
    run_a_little(&w);
    assert_int_equal(w.second_calls + 1, w.first_calls);
    finish(&w);
}

static void removing_a_flusher_that_is_not_there_does_nothing(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.first = (struct flusher){ flush_first, &w, NULL };
    w.second = (struct flusher){ flush_second, &w, NULL };
    w.takes_off_second = true;
    loop_add_flusher(w.loop, &w.first);
    run_a_little(&w);
    assert_int_not_equal(w.first_calls, 0);
    assert_int_equal(w.second_calls, 0);
    finish(&w);
}

/* Receive blocks. */

static void a_block_that_nobody_kept_is_used_again_in_the_next_turn(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    struct bas_frame *block = loop_block(w.loop);
    assert_non_null(bas_frame_put(block, 100));
    run_a_little(&w);
    assert_ptr_equal(loop_block(w.loop), block);
    assert_int_equal(block->len, 0);
    finish(&w);
}

static void a_block_that_somebody_kept_is_left_alone(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    struct bas_frame *block = loop_block(w.loop);
    memset(bas_frame_put(block, 100), 0x5A, 100);
    (void)bas_frame_ref(block);
    run_a_little(&w);
    assert_ptr_not_equal(loop_block(w.loop), block);
    assert_int_equal(block->len, 100);
    assert_int_equal(block->data[99], 0x5A);
    bas_frame_unref(block);
    finish(&w);
}

static void a_block_always_has_room_for_a_record(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    for (unsigned i = 0; i < 50; i++) {
        struct bas_frame *block = loop_block(w.loop);
        assert_true(block->cap - block->len >= BAS_TLS_RECORD);
        block->len += i % 2 == 0 ? BAS_TLS_RECORD : 1;
    }
    finish(&w);
}

static void there_is_no_block_while_all_are_held(void **state)
{
    (void)state;
    static struct bas_frame *held[LOOP_BLOCKS];
    struct world w;
    begin(&w);
    for (size_t i = 0; i < LOOP_BLOCKS; i++) {
        held[i] = loop_block(w.loop);
        assert_non_null(held[i]);
        (void)bas_frame_ref(held[i]);
        held[i]->len = held[i]->cap;
    }
    assert_null(loop_block(w.loop));
    bas_frame_unref(held[7]);
    assert_ptr_equal(loop_block(w.loop), held[7]);
    for (size_t i = 0; i < LOOP_BLOCKS; i++) {
        if (i != 7) {
            bas_frame_unref(held[i]);
        }
    }
    finish(&w);
}

/* The program's side. */

static void on_alarm_that_stops(void *user)
{
    struct world *w = user;
    w->alarms++;
    bas_loop_stop(w->loop);
}

static void a_stopped_loop_goes_on_where_it_was(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.alarm = bas_alarm_new(w.loop, on_alarm_that_stops, &w);
    bas_alarm_set(w.alarm, 0);
    struct bas_alarm *other = bas_alarm_new(w.loop, on_alarm_that_stops, &w);
    bas_alarm_set(other, 3600000); /* keeps the loop alive */
    bas_loop_run(w.loop);
    assert_int_equal(w.alarms, 1);
    bas_alarm_set(other, 0);
    bas_loop_run(w.loop);
    assert_int_equal(w.alarms, 2);
    bas_alarm_free(w.alarm);
    bas_alarm_free(other);
    finish(&w);
}

static void on_signal(void *user, int signal)
{
    struct world *w = user;
    w->signal = signal;
    w->signals++;
    bas_loop_stop(w->loop);
}

static void each_signal_is_told_and_does_not_keep_the_loop_alive(void **state)
{
    (void)state;
    static const int signals[] = { SIGTERM, SIGINT, SIGTERM };
    struct world w;
    begin(&w);
    bas_loop_on_signal(w.loop, on_signal, &w);
    bas_loop_run(w.loop); /* nothing to do: it returns */
    struct bas_alarm *waits = bas_alarm_new(w.loop, on_alarm, &w);
    bas_alarm_set(waits, 3600000);
    for (unsigned i = 0; i < BAS_ARRAY_LEN(signals); i++) {
        assert_int_equal(kill(getpid(), signals[i]), 0);
        bas_loop_run(w.loop);
        assert_int_equal(w.signals, i + 1);
        assert_int_equal(w.signal, signals[i]);
    }
    bas_alarm_free(waits);
    finish(&w);
}

static void on_hangup(void *user)
{
    on_signal(user, SIGHUP);
}

static void a_hangup_that_was_asked_for_is_told_and_ends_nothing(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    bas_loop_on_hangup(w.loop, on_hangup, &w);
    bas_loop_run(w.loop); /* it does not keep the loop alive */
    struct bas_alarm *waits = bas_alarm_new(w.loop, on_alarm, &w);
    bas_alarm_set(waits, 3600000);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(kill(getpid(), SIGHUP), 0);
        bas_loop_run(w.loop);
        assert_int_equal(w.signals, i + 1);
        assert_int_equal(w.signal, SIGHUP);
    }
    bas_alarm_free(waits);
    finish(&w);
}

static void time_does_not_go_backwards(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    bas_time last = bas_loop_now(w.loop);
    for (unsigned i = 0; i < 1000; i++) {
        bas_time now = bas_loop_now(w.loop);
        assert_true(now >= last);
        last = now;
    }
    finish(&w);
}

static void a_loop_without_memory_is_null_and_leaves_nothing(void **state)
{
    (void)state;
    struct test_env t;
    size_t k = 1;
    for (; k < 100; k++) {
        test_env_init(&t);
        t.fail_at = k;
        struct bas_loop *loop = bas_loop_new(&t.env);
        if (loop != NULL) {
            bas_loop_free(loop);
            break;
        }
        test_env_check(&t);
    }
    assert_in_range(k, 4, 20);
    bas_loop_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loop_with_nothing_to_do_ends_at_once),
        cmocka_unit_test(every_flusher_is_asked_in_a_turn),
        cmocka_unit_test(one_who_has_more_to_send_keeps_the_loop_from_sleeping),
        cmocka_unit_test(a_flusher_may_go_while_it_is_asked),
        cmocka_unit_test(a_flusher_may_come_while_another_is_asked),
        cmocka_unit_test(removing_a_flusher_that_is_not_there_does_nothing),
        cmocka_unit_test(a_block_that_nobody_kept_is_used_again_in_the_next_turn),
        cmocka_unit_test(a_block_that_somebody_kept_is_left_alone),
        cmocka_unit_test(a_block_always_has_room_for_a_record),
        cmocka_unit_test(there_is_no_block_while_all_are_held),
        cmocka_unit_test(a_stopped_loop_goes_on_where_it_was),
        cmocka_unit_test(each_signal_is_told_and_does_not_keep_the_loop_alive),
        cmocka_unit_test(a_hangup_that_was_asked_for_is_told_and_ends_nothing),
        cmocka_unit_test(time_does_not_go_backwards),
        cmocka_unit_test(a_loop_without_memory_is_null_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
