/* Owns the common timer of secure routing: states, classes and schedules of spec 2.8. */
#include "knx/routing/timer.h"

#include <string.h>

/* A delay is drawn from base + low * S to base + high * S. */
struct delay {
    uint32_t base_ms;
    uint32_t low;
    uint32_t high;
};
static const struct delay periodic_delays[] = {
    [false] = { 10000, 4, 14 }, /* as follower */
    [true] = { 10000, 0, 3 },   /* as time keeper */
};
static const struct delay update_delays[] = {
    [false] = { 100, 2, 12 },
    [true] = { 100, 0, 1 },
};

static uint64_t random_of(const struct bas_env *env, uint64_t max)
{
    uint64_t value = 0;
    env->random(env->ctx, (uint8_t *)&value, sizeof(value));
    return value % (max + 1);
}

static bas_time draw(const struct knx_routing_timer *t, const struct delay *delay)
{
    uint64_t spread = (uint64_t)(delay->high - delay->low) * t->sync_ms * 1000;
    bas_time least = ((bas_time)delay->base_ms + (bas_time)delay->low * t->sync_ms) * 1000;
    return least + (bas_time)random_of(t->env, spread);
}

static void schedule_periodic(struct knx_routing_timer *t, bas_time now)
{
    t->notify_at = now + draw(t, &periodic_delays[t->is_keeper]);
}

void knx_routing_timer_init(struct knx_routing_timer *timer, const struct bas_env *env,
                            const struct knx_timer_setup *setup, bas_time now)
{
    uint64_t parts = (uint64_t)setup->latency_ms * setup->sync_fraction;
    *timer = (struct knx_routing_timer){
        .env = env,
        .latency_ms = setup->latency_ms,
        .sync_ms = (uint32_t)((parts + 127) / 255),
        .value = setup->value,
        .at = now,
        .state = KNX_TIMER_WAITING,
        .authentic_at = BAS_NEVER,
    };
    memcpy(timer->serial, setup->serial, sizeof(timer->serial));
    timer->notify_at = now + (bas_time)random_of(env, (uint64_t)setup->startup_ms * 1000);
}

uint64_t knx_routing_timer_value(const struct knx_routing_timer *timer, bas_time now)
{
    uint64_t passed = (uint64_t)(now - timer->at) / 1000;
    return passed < KNX_COUNTER_MAX - timer->value ? timer->value + passed : KNX_COUNTER_MAX;
}

enum knx_timer_class knx_routing_timer_class(const struct knx_routing_timer *timer, uint64_t value,
                                             bas_time now)
{
    uint64_t own = knx_routing_timer_value(timer, now);
    if (value > own) {
        return KNX_TIMER_AHEAD;
    }
    uint64_t behind = own - value;
    if (behind < timer->sync_ms) {
        return KNX_TIMER_IN_SYNC;
    }
    return behind < timer->latency_ms ? KNX_TIMER_LATE : KNX_TIMER_OLD;
}

static void adopt(struct knx_routing_timer *t, uint64_t value, bas_time now)
{
    if (value > knx_routing_timer_value(t, now)) {
        t->value = value;
        t->at = now;
    }
}

static void remember_outdated(struct knx_routing_timer *t, const struct knx_wrapper *heard,
                              bas_time now)
{
    if (t->state == KNX_TIMER_PERIODIC) {
        t->outdated = *heard;
        t->state = KNX_TIMER_UPDATE;
        t->notify_at = now + draw(t, &update_delays[t->is_keeper]);
    }
}

/* Somebody else told the time before us. The first TIMER_NOTIFY goes out whatever is heard. */
static void follow(struct knx_routing_timer *t, bas_time now)
{
    t->is_keeper = false;
    if (t->state != KNX_TIMER_WAITING) {
        t->state = KNX_TIMER_PERIODIC;
        schedule_periodic(t, now);
    }
}

static bool is_same(const struct knx_wrapper *a, const struct knx_wrapper *b)
{
    return a->sequence == b->sequence && a->tag == b->tag &&
           bas_equal_secret(a->serial, b->serial, sizeof(a->serial));
}

static bool answers_us(const struct knx_routing_timer *t, const struct knx_wrapper *notify)
{
    return t->authentic_at != BAS_NEVER && notify->tag == t->first_tag &&
           bas_equal_secret(notify->serial, t->serial, sizeof(t->serial));
}

void knx_routing_timer_hear_notify(struct knx_routing_timer *timer,
                                   const struct knx_wrapper *notify, bas_time now)
{
    if (is_same(notify, &timer->sent)) {
        return; /* our own, looped back */
    }
    if (answers_us(timer, notify)) {
        timer->is_authentic = true;
    }
    switch (knx_routing_timer_class(timer, notify->sequence, now)) {
    case KNX_TIMER_AHEAD:
        adopt(timer, notify->sequence, now);
        follow(timer, now);
        break;
    case KNX_TIMER_IN_SYNC:
        follow(timer, now);
        break;
    case KNX_TIMER_LATE:
        break;
    case KNX_TIMER_OLD:
        remember_outdated(timer, notify, now);
        break;
    }
}

static void put_off(struct knx_routing_timer *t, bas_time now)
{
    if (t->state == KNX_TIMER_PERIODIC) {
        schedule_periodic(t, now);
    }
}

bool knx_routing_timer_hear_wrapper(struct knx_routing_timer *timer,
                                    const struct knx_wrapper *wrapper, bas_time now)
{
    switch (knx_routing_timer_class(timer, wrapper->sequence, now)) {
    case KNX_TIMER_AHEAD:
        adopt(timer, wrapper->sequence, now);
        put_off(timer, now);
        return true;
    case KNX_TIMER_IN_SYNC:
        put_off(timer, now);
        return true;
    case KNX_TIMER_LATE:
        return true;
    case KNX_TIMER_OLD:
        remember_outdated(timer, wrapper, now);
        return false;
    }
    return false;
}

void knx_routing_timer_sent_wrapper(struct knx_routing_timer *timer, bas_time now)
{
    put_off(timer, now);
}

bool knx_routing_timer_fire(struct knx_routing_timer *timer, bas_time now,
                            struct knx_wrapper *notify)
{
    struct knx_routing_timer *t = timer;
    if (now < t->notify_at) {
        return false;
    }
    struct knx_wrapper n = { .tag = (uint16_t)random_of(t->env, UINT16_MAX) };
    memcpy(n.serial, t->serial, sizeof(n.serial));
    if (t->state == KNX_TIMER_UPDATE) {
        n = t->outdated;
    }
    n.session = 0;
    n.sequence = knx_routing_timer_value(t, now);
    if (t->state == KNX_TIMER_WAITING) {
        const struct delay *longest = &update_delays[false];
        bas_time wait = (bas_time)longest->base_ms + (bas_time)longest->high * t->sync_ms +
                        2 * (bas_time)t->latency_ms;
        t->first_tag = n.tag;
        t->authentic_at = now + wait * BAS_MILLISECOND;
    }
    t->state = KNX_TIMER_PERIODIC;
    t->is_keeper = true;
    schedule_periodic(t, now);
    t->sent = n;
    *notify = n;
    return true;
}

void knx_routing_timer_tick(struct knx_routing_timer *timer, bas_time now)
{
    if (now >= timer->authentic_at) {
        timer->is_authentic = true;
    }
}

bas_time knx_routing_timer_deadline(const struct knx_routing_timer *timer)
{
    bool waits = !timer->is_authentic && timer->authentic_at < timer->notify_at;
    return waits ? timer->authentic_at : timer->notify_at;
}
