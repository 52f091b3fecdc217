/* Owns the event loop: its turn, the buffers that all connections share, and the order in which a
 * turn ends. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/loop.h"

#include "rt/link.h"

#include <signal.h>

bas_time loop_now(void)
{
    return (bas_time)(uv_hrtime() / 1000);
}

bas_time bas_loop_now(const struct bas_loop *loop)
{
    (void)loop;
    return loop_now();
}

static void renew_block(struct bas_loop *loop)
{
    struct bas_frame *block = loop->block;
    if (block == NULL) {
        return;
    }
    if (block->refs == 1) {
        block->start = 0;
        block->len = 0;
        return;
    }
    bas_frame_unref(block);
    loop->block = NULL;
}

struct bas_frame *loop_block(struct bas_loop *loop)
{
    if (loop->block != NULL && loop->block->cap - loop->block->len < BAS_TLS_RECORD) {
        renew_block(loop);
    }
    if (loop->block != NULL && loop->block->cap - loop->block->len < BAS_TLS_RECORD) {
        bas_frame_unref(loop->block);
        loop->block = NULL;
    }
    if (loop->block == NULL) {
        loop->block = bas_pool_get(loop->blocks);
    }
    return loop->block;
}

void loop_add_flusher(struct bas_loop *loop, struct flusher *flusher)
{
    flusher->next = loop->flushers;
    loop->flushers = flusher;
}

void loop_remove_flusher(struct bas_loop *loop, struct flusher *flusher)
{
    for (struct flusher **at = &loop->flushers; *at != NULL; at = &(*at)->next) {
        if (*at == flusher) {
            *at = flusher->next;
            return;
        }
    }
}

static void stay_awake(uv_idle_t *idle)
{
    (void)idle;
}

void loop_flush(struct bas_loop *loop)
{
    bas_time now = loop_now();
    bool more = loop->deferred != NULL;
    loop->wants_flush = false;
    for (struct flusher *f = loop->flushers; f != NULL;) {
        struct flusher *next = f->next;
        more |= f->flush(f->user, now);
        f = next;
    }
    if (more) {
        (void)uv_idle_start(&loop->idle, stay_awake);
    } else {
        (void)uv_idle_stop(&loop->idle);
    }
}

void loop_flush_soon(struct bas_loop *loop)
{
    loop->wants_flush = true;
}

void loop_flush_if_asked(struct bas_loop *loop)
{
    if (loop->wants_flush) {
        loop_flush(loop);
    }
}

static void end_turn(uv_check_t *check)
{
    struct bas_loop *loop = check->data;
    link_run_deferred(loop);
    loop_flush(loop);
    renew_block(loop);
    loop->turn++;
    loop->handshakes = 0;
    link_resume_all(loop);
}

static void before_poll(uv_prepare_t *prepare)
{
    loop_flush(prepare->data);
}

static void *take(const struct bas_env *env, size_t len, bool *ok)
{
    void *memory = bas_alloc(env, len);
    *ok = *ok && memory != NULL;
    return memory;
}

static void release(struct bas_loop *loop)
{
    struct bas_env env = loop->env;
    bas_frame_unref(loop->block);
    bas_pool_free(loop->blocks);
    bas_release(&env, loop->cipher, LOOP_CIPHER);
    bas_release(&env, loop->staging, LOOP_STAGING);
    bas_release(&env, loop->out.data, LOOP_OUT);
    bas_release(&env, loop, sizeof(*loop));
}

struct bas_loop *bas_loop_new(const struct bas_env *env)
{
    struct bas_loop *loop = bas_alloc(env, sizeof(*loop));
    if (loop == NULL) {
        return NULL;
    }
    bool ok = true;
    loop->env = *env;
    loop->cipher = take(env, LOOP_CIPHER, &ok);
    loop->staging = take(env, LOOP_STAGING, &ok);
    bas_buf_init(&loop->out, take(env, LOOP_OUT, &ok), LOOP_OUT);
    loop->blocks = bas_pool_new(&loop->env, LOOP_BLOCK, LOOP_BLOCKS);
    loop->unfinished.max = LOOP_UNFINISHED;
    loop->deferred_end = &loop->deferred;
    if (!ok || loop->blocks == NULL || uv_loop_init(&loop->uv) != 0) {
        release(loop);
        return NULL;
    }
    (void)uv_check_init(&loop->uv, &loop->check);
    (void)uv_prepare_init(&loop->uv, &loop->prepare);
    (void)uv_idle_init(&loop->uv, &loop->idle);
    loop->check.data = loop;
    loop->prepare.data = loop;
    loop->idle.data = loop;
    (void)uv_check_start(&loop->check, end_turn);
    (void)uv_prepare_start(&loop->prepare, before_poll);
    uv_unref((uv_handle_t *)&loop->check);
    uv_unref((uv_handle_t *)&loop->prepare);
    return loop;
}

/* Signals: their handles do not keep the loop alive. */
static void on_signal(uv_signal_t *handle, int number)
{
    struct bas_loop *loop = handle->data;
    loop->on_signal(loop->on_signal_user, number);
}

void bas_loop_on_signal(struct bas_loop *loop, void (*called)(void *user, int signal), void *user)
{
    static const int numbers[LOOP_SIGNALS] = { SIGINT, SIGTERM };
    loop->on_signal = called;
    loop->on_signal_user = user;
    for (size_t i = 0; i < LOOP_SIGNALS; i++) {
        (void)uv_signal_init(&loop->uv, &loop->signal[i]);
        loop->signal[i].data = loop;
        (void)uv_signal_start(&loop->signal[i], on_signal, numbers[i]);
        uv_unref((uv_handle_t *)&loop->signal[i]);
    }
}

static void on_hangup(uv_signal_t *handle, int number)
{
    struct bas_loop *loop = handle->data;
    (void)number;
    loop->on_hangup(loop->on_hangup_user);
}

void bas_loop_on_hangup(struct bas_loop *loop, void (*called)(void *user), void *user)
{
    loop->on_hangup = called;
    loop->on_hangup_user = user;
    (void)uv_signal_init(&loop->uv, &loop->hangup);
    loop->hangup.data = loop;
    (void)uv_signal_start(&loop->hangup, on_hangup, SIGHUP);
    uv_unref((uv_handle_t *)&loop->hangup);
}

void bas_loop_trace(struct bas_loop *loop,
                    void (*trace)(void *user, const struct bas_traced *message), void *user)
{
    loop->trace = trace;
    loop->trace_user = user;
}

void bas_loop_run(struct bas_loop *loop)
{
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void bas_loop_stop(struct bas_loop *loop)
{
    uv_stop(&loop->uv);
}

void bas_loop_free(struct bas_loop *loop)
{
    if (loop == NULL) {
        return;
    }
    for (size_t i = 0; i < LOOP_SIGNALS && loop->on_signal != NULL; i++) {
        uv_close((uv_handle_t *)&loop->signal[i], NULL);
    }
    if (loop->on_hangup != NULL) {
        uv_close((uv_handle_t *)&loop->hangup, NULL);
    }
    uv_close((uv_handle_t *)&loop->check, NULL);
    uv_close((uv_handle_t *)&loop->prepare, NULL);
    uv_close((uv_handle_t *)&loop->idle, NULL);
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
    (void)uv_loop_close(&loop->uv);
    release(loop);
}
