/* Owns deadlines: a binary heap of ids whose order is mended only at its top. */
#include "base/timer.h"

#include <assert.h>

/*
 * Slot i holds two things: what concerns id i, and the i-th place of the heap. Every id is always
 * in the heap, the disarmed ones with the key BAS_NEVER or with an old key that nobody has looked
 * at yet. key <= wanted, so the top of the heap is never too late.
 */
struct bas_timer_slot {
    bas_time wanted;
    bas_time key;
    uint32_t place; /* of this id in the heap */
    uint32_t id;    /* at this place of the heap */
};

bas_err bas_timers_init(struct bas_timers *timers, const struct bas_env *env, uint32_t cap)
{
    assert(cap > 0);
    *timers = (struct bas_timers){ bas_alloc(env, cap * sizeof(struct bas_timer_slot)), cap };
    if (timers->slots == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < cap; i++) {
        timers->slots[i] = (struct bas_timer_slot){ BAS_NEVER, BAS_NEVER, i, i };
    }
    return BAS_OK;
}

void bas_timers_fini(struct bas_timers *timers, const struct bas_env *env)
{
    bas_release(env, timers->slots, timers->cap * sizeof(struct bas_timer_slot));
    timers->slots = NULL;
}

static bas_time key_at(const struct bas_timer_slot *slots, uint32_t place)
{
    return slots[slots[place].id].key;
}

static void swap(struct bas_timer_slot *slots, uint32_t a, uint32_t b)
{
    uint32_t id = slots[a].id;
    slots[a].id = slots[b].id;
    slots[b].id = id;
    slots[slots[a].id].place = a;
    slots[slots[b].id].place = b;
}

static void move_up(struct bas_timer_slot *slots, uint32_t place)
{
    while (place > 0 && key_at(slots, place) < key_at(slots, (place - 1) / 2)) {
        swap(slots, place, (place - 1) / 2);
        place = (place - 1) / 2;
    }
}

static void move_down(struct bas_timer_slot *slots, uint32_t cap, uint32_t place)
{
    for (;;) {
        uint32_t least = place;
        for (uint64_t child = 2 * (uint64_t)place + 1;
             child <= 2 * (uint64_t)place + 2 && child < cap; child++) {
            if (key_at(slots, (uint32_t)child) < key_at(slots, least)) {
                least = (uint32_t)child;
            }
        }
        if (least == place) {
            return;
        }
        swap(slots, place, least);
        place = least;
    }
}

void bas_timers_arm(struct bas_timers *timers, uint32_t id, bas_time deadline)
{
    assert(id < timers->cap);
    struct bas_timer_slot *slot = &timers->slots[id];
    slot->wanted = deadline;
    if (deadline < slot->key) {
        slot->key = deadline;
        move_up(timers->slots, slot->place);
    }
}

void bas_timers_disarm(struct bas_timers *timers, uint32_t id)
{
    bas_timers_arm(timers, id, BAS_NEVER);
}

bas_time bas_timers_deadline(const struct bas_timers *timers, uint32_t id)
{
    assert(id < timers->cap);
    return timers->slots[id].wanted;
}

/* Sinks ids whose deadline went later since they were put in, until the top tells the truth. */
static struct bas_timer_slot *settle(const struct bas_timers *timers)
{
    for (;;) {
        struct bas_timer_slot *top = &timers->slots[timers->slots[0].id];
        if (top->key == top->wanted) {
            return top;
        }
        top->key = top->wanted;
        move_down(timers->slots, timers->cap, 0);
    }
}

bas_time bas_timers_next(const struct bas_timers *timers)
{
    return settle(timers)->wanted;
}

bool bas_timers_expire(struct bas_timers *timers, bas_time now, uint32_t *id)
{
    const struct bas_timer_slot *top = settle(timers);
    if (top->wanted == BAS_NEVER || top->wanted > now) {
        return false;
    }
    *id = timers->slots[0].id;
    bas_timers_disarm(timers, *id);
    return true;
}
