/* Owns the timers of programs on the loop. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/loop.h"

struct bas_alarm {
    struct bas_env env;
    uv_timer_t timer;
    void (*called)(void *user);
    void *user;
};

struct bas_alarm *bas_alarm_new(struct bas_loop *loop, void (*called)(void *user), void *user)
{
    struct bas_alarm *alarm = bas_alloc(&loop->env, sizeof(*alarm));
    if (alarm == NULL) {
        return NULL;
    }
    alarm->env = loop->env;
    alarm->called = called;
    alarm->user = user;
    (void)uv_timer_init(&loop->uv, &alarm->timer);
    alarm->timer.data = alarm;
    return alarm;
}

static void on_timer(uv_timer_t *timer)
{
    struct bas_alarm *alarm = timer->data;
    alarm->called(alarm->user);
}

void bas_alarm_set(struct bas_alarm *alarm, uint32_t after_ms)
{
    uv_update_time(alarm->timer.loop); /* from now, not from when this turn began */
    (void)uv_timer_start(&alarm->timer, on_timer, after_ms, 0);
}

static void on_closed(uv_handle_t *handle)
{
    struct bas_alarm *alarm = handle->data;
    struct bas_env env = alarm->env;
    bas_release(&env, alarm, sizeof(*alarm));
}

void bas_alarm_free(struct bas_alarm *alarm)
{
    if (alarm != NULL) {
        uv_close((uv_handle_t *)&alarm->timer, on_closed);
    }
}
