/* Owns frames: reference-counted blocks, their windows, the pool that they return to, and the
 * budget that bounds them. */
#include "basalt/base.h"

#include <assert.h>

struct bas_pool {
    struct bas_env env;
    size_t block_len;
    size_t max;
    size_t made;
    size_t out;
    struct bas_frame *idle;
};

static struct bas_frame *make(const struct bas_env *env, size_t cap)
{
    assert(cap <= UINT32_MAX - sizeof(struct bas_frame));
    struct bas_frame *frame = bas_alloc(env, sizeof(*frame) + cap);
    if (frame == NULL) {
        return NULL;
    }
    frame->data = (uint8_t *)(frame + 1);
    frame->cap = (uint32_t)cap;
    frame->refs = 1;
    frame->env = env;
    return frame;
}

static void destroy(struct bas_frame *frame)
{
    bas_release(frame->env, frame, sizeof(*frame) + frame->cap);
}

struct bas_frame *bas_frame_new(const struct bas_env *env, size_t headroom, size_t cap)
{
    assert(headroom <= cap);
    struct bas_frame *frame = make(env, cap);
    if (frame != NULL) {
        frame->start = (uint32_t)headroom;
    }
    return frame;
}

struct bas_frame *bas_frame_ref(struct bas_frame *frame)
{
    assert(frame->refs > 0 && frame->refs < UINT32_MAX);
    frame->refs++;
    return frame;
}

void bas_frame_unref(struct bas_frame *frame)
{
    if (frame == NULL) {
        return;
    }
    assert(frame->refs > 0);
    if (--frame->refs > 0) {
        return;
    }
    struct bas_pool *pool = frame->pool;
    if (pool == NULL) {
        destroy(frame);
        return;
    }
    frame->next = pool->idle;
    pool->idle = frame;
    pool->out--;
}

uint8_t *bas_frame_push(struct bas_frame *frame, size_t n)
{
    assert(frame->refs == 1);
    if (n > frame->start) {
        return NULL;
    }
    frame->start -= (uint32_t)n;
    frame->len += (uint32_t)n;
    return frame->data + frame->start;
}

uint8_t *bas_frame_put(struct bas_frame *frame, size_t n)
{
    assert(frame->refs == 1);
    if (n > frame->cap - frame->start - frame->len) {
        return NULL;
    }
    uint8_t *at = frame->data + frame->start + frame->len;
    frame->len += (uint32_t)n;
    return at;
}

struct bas_slice bas_frame_slice(const struct bas_frame *frame)
{
    return (struct bas_slice){ frame->data + frame->start, frame->len };
}

struct bas_slice bas_window_slice(const struct bas_window *window)
{
    if (window->len == 0) {
        return (struct bas_slice){ NULL, 0 };
    }
    return (struct bas_slice){ window->frame->data + window->offset, window->len };
}

struct bas_window bas_frame_window(struct bas_frame *frame)
{
    return (struct bas_window){ frame, frame->start, frame->len };
}

struct bas_pool *bas_pool_new(const struct bas_env *env, size_t block_len, size_t max)
{
    struct bas_pool *pool = bas_alloc(env, sizeof(*pool));
    if (pool != NULL) {
        pool->env = *env;
        pool->block_len = block_len;
        pool->max = max;
    }
    return pool;
}

void bas_pool_free(struct bas_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    assert(pool->out == 0);
    while (pool->idle != NULL) {
        struct bas_frame *frame = pool->idle;
        pool->idle = frame->next;
        destroy(frame);
    }
    struct bas_env env = pool->env;
    bas_release(&env, pool, sizeof(*pool));
}

struct bas_frame *bas_pool_get(struct bas_pool *pool)
{
    struct bas_frame *frame = pool->idle;
    if (frame != NULL) {
        pool->idle = frame->next;
        frame->next = NULL;
        frame->start = 0;
        frame->len = 0;
        frame->refs = 1;
        pool->out++;
        return frame;
    }
    if (pool->made == pool->max) {
        return NULL;
    }
    frame = make(&pool->env, pool->block_len);
    if (frame != NULL) {
        frame->pool = pool;
        pool->made++;
        pool->out++;
    }
    return frame;
}

bool bas_budget_charge(struct bas_budget *budget, size_t len)
{
    if (len > budget->max - budget->used) {
        return false;
    }
    budget->used += len;
    return true;
}

void bas_budget_release(struct bas_budget *budget, size_t len)
{
    assert(len <= budget->used);
    budget->used -= len;
}
