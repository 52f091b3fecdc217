/*
 * Deadlines of one engine: a bounded binary heap over ids 0 .. cap - 1, each armed at most once.
 *
 * Lazy: arming later than before, and disarming, only note the wish (no heap work per message); the
 * heap learns of it when that id comes to its top. Memory is taken at init alone.
 */
#ifndef BASALT_BASE_TIMER_H
#define BASALT_BASE_TIMER_H

#include "basalt/base.h"

struct bas_timer_slot;
struct bas_timers {
    struct bas_timer_slot *slots;
    uint32_t cap;
};

/* cap is at least 1. BAS_ERR_NO_MEMORY leaves *timers safe to fini. */
BAS_MUST_USE bas_err bas_timers_init(struct bas_timers *timers, const struct bas_env *env,
                                     uint32_t cap);
void bas_timers_fini(struct bas_timers *timers, const struct bas_env *env);
/* Sets the deadline of id (< cap), whatever it was. BAS_NEVER disarms. */
void bas_timers_arm(struct bas_timers *timers, uint32_t id, bas_time deadline);
void bas_timers_disarm(struct bas_timers *timers, uint32_t id);
/* What id is armed for, or BAS_NEVER. */
bas_time bas_timers_deadline(const struct bas_timers *timers, uint32_t id);
/* The earliest deadline of all, exactly, or BAS_NEVER. Nothing that is promised changes; the heap
 * behind it is put in order. */
bas_time bas_timers_next(const struct bas_timers *timers);
/* Gives an id that is due by now and disarms it, earliest first; false when there is none. */
bool bas_timers_expire(struct bas_timers *timers, bas_time now, uint32_t *id);

#endif
