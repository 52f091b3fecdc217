/*
 * Owns the memory for what is not whole at the end of a feed. It grows as octets arrive, never by
 * what a header promises, and all of it is charged to the owner's budget.
 */
#include "ws/ws_internal.h"

#include <assert.h>
#include <string.h>

/* A stash may outlive the engine as somebody's window, so it carries its own copy of the env in
 * front of the octets. */
enum { OVERHEAD = sizeof(struct bas_frame) + sizeof(struct bas_env), SMALLEST = 512 };

static struct bas_frame *make(const struct bas_env *env, size_t cap)
{
    struct bas_frame *frame = bas_frame_new(env, sizeof(*env), sizeof(*env) + cap);
    if (frame != NULL) {
        frame->env = memcpy(frame->data, env, sizeof(*env));
    }
    return frame;
}

static size_t cap_of(const struct bas_frame *stash)
{
    return stash == NULL ? 0 : stash->cap - sizeof(struct bas_env);
}

struct bas_slice bas_ws_stash_slice(const struct bas_ws *ws)
{
    return ws->stash == NULL ? (struct bas_slice){ NULL, 0 } : bas_frame_slice(ws->stash);
}

static size_t larger_cap(size_t cap, size_t need, size_t limit)
{
    size_t wanted = 2 * cap > SMALLEST ? 2 * cap : SMALLEST;
    if (wanted > limit) {
        wanted = limit;
    }
    return wanted > need ? wanted : need;
}

static enum ws_problem grow(struct bas_ws *ws, size_t cap)
{
    size_t charge = OVERHEAD + cap;
    size_t more = charge - ws->charged;
    if (ws->budget != NULL && !bas_budget_charge(ws->budget, more)) {
        return WS_BUDGET;
    }
    struct bas_frame *frame = make(&ws->env, cap);
    if (frame == NULL) {
        if (ws->budget != NULL) {
            bas_budget_release(ws->budget, more);
        }
        return WS_MEMORY;
    }
    struct bas_slice old = bas_ws_stash_slice(ws);
    if (old.len != 0) {
        memcpy(bas_frame_put(frame, old.len), old.data, old.len);
    }
    bas_frame_unref(ws->stash);
    ws->stash = frame;
    ws->charged = (uint32_t)charge;
    return WS_NONE;
}

enum ws_problem bas_ws_stash_add(struct bas_ws *ws, const uint8_t *octets, size_t n, size_t limit)
{
    size_t need = bas_ws_stash_slice(ws).len + n;
    size_t cap = cap_of(ws->stash);
    assert(n > 0 && need <= limit);
    if (need > cap) {
        enum ws_problem problem = grow(ws, larger_cap(cap, need, limit));
        if (problem != WS_NONE) {
            return problem;
        }
    }
    memcpy(bas_frame_put(ws->stash, n), octets, n);
    return WS_NONE;
}

struct bas_frame *bas_ws_stash_take(struct bas_ws *ws)
{
    struct bas_frame *frame = ws->stash;
    if (ws->budget != NULL && frame != NULL) {
        bas_budget_release(ws->budget, ws->charged);
    }
    ws->charged = 0;
    ws->stash = NULL;
    return frame;
}

void bas_ws_stash_drop(struct bas_ws *ws)
{
    bas_frame_unref(bas_ws_stash_take(ws));
}
