#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt_world.h"

#include "basalt/pki.h"
#include "rt_peer.h"
#include "test_folder.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { GUARD_MS = 30000 };

void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("\"%s\" does not contain \"%s\"", text, part);
    }
}

static void make_authority(const struct bas_env *env, const char *folder)
{
    struct bas_fault fault = { 0 };
    struct bas_pki_pair made;
    const struct bas_pki_authority_request ca = { .size = sizeof(ca), .directory = folder };
    if (bas_pki_init(env, &ca, &made, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
}

static void make_certificate(const struct bas_env *env, const char *folder, const char *name)
{
    struct bas_fault fault = { 0 };
    struct bas_pki_pair made;
    const struct bas_pki_device_request one = { .size = sizeof(one),
                                                .directory = folder,
                                                .name = name };
    if (bas_pki_issue(env, &one, &made, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
}

int rt_certificates(void **state)
{
    struct test_env t;
    test_env_init(&t);
    const struct sigaction ignore = { .sa_handler = SIG_IGN };
    int status = test_folder_enter(state);
    (void)sigaction(SIGPIPE, &ignore, NULL); /* as programs on the loop must */
    make_authority(&t.env, ".");
    make_authority(&t.env, "other");
    make_certificate(&t.env, ".", "hub");
    make_certificate(&t.env, ".", "device");
    make_certificate(&t.env, ".", "client");
    make_certificate(&t.env, "other", "stranger");
    test_env_check(&t);
    return status;
}

struct bas_tls_config rt_credentials(const char *name)
{
    static char files[8][2][64]; /* read when a context is made */
    static unsigned next;
    char(*file)[64] = files[next++ % BAS_ARRAY_LEN(files)];
    (void)snprintf(file[0], sizeof(file[0]), "%s.pem", name);
    (void)snprintf(file[1], sizeof(file[1]), "%s.key", name);
    return (struct bas_tls_config){ .size = sizeof(struct bas_tls_config),
                                    .issuer_files = { "ca.pem" },
                                    .certificate_file = file[0],
                                    .key_file = file[1] };
}

static struct bas_tls_context *context(const struct bas_env *env, const char *name)
{
    struct bas_fault fault = { 0 };
    struct bas_tls_config config = rt_credentials(name);
    config.issuer_files[1] = strchr(name, '/') != NULL ? "other/ca.pem" : NULL;
    struct bas_tls_context *made = bas_tls_context_new(env, &config, &fault);
    if (made == NULL) {
        fail_msg("%s", fault.text);
    }
    return made;
}

static void on_guard(uv_timer_t *timer)
{
    (void)timer;
    fail_msg("what the test waits for did not happen");
}

void rt_begin(struct rt_world *w)
{
    memset(w, 0, sizeof(*w));
    test_env_init(&w->t);
    test_env_init(&w->outside);
    w->outside.seed += 1000;
    w->hub = context(&w->t.env, "hub");
    w->client = context(&w->t.env, "client");
    w->peer_hub = context(&w->outside.env, "hub");
    w->peer_client = context(&w->outside.env, "client");
    w->peer_stranger = context(&w->outside.env, "other/stranger");
    w->loop = bas_loop_new(&w->t.env);
    assert_non_null(w->loop);
    (void)uv_timer_init(&w->loop->uv, &w->guard);
}

void rt_end(struct rt_world *w)
{
    (void)uv_timer_start(&w->guard, on_guard, GUARD_MS, 0);
    uv_unref((uv_handle_t *)&w->guard);
    for (struct rt_peer *peer = w->peers; peer != NULL; peer = peer->next) {
        rt_peer_end(peer);
    }
    bas_loop_run(w->loop);
    assert_int_equal(w->loop->unfinished.used, 0);
    uv_close((uv_handle_t *)&w->guard, NULL);
    bas_loop_free(w->loop);
    bas_tls_context_unref(w->hub);
    bas_tls_context_unref(w->client);
    bas_tls_context_unref(w->peer_hub);
    bas_tls_context_unref(w->peer_client);
    bas_tls_context_unref(w->peer_stranger);
    test_env_check(&w->t);
    test_env_check(&w->outside);
}

void rt_until(struct rt_world *w, const unsigned *counter, unsigned least)
{
    (void)uv_timer_start(&w->guard, on_guard, GUARD_MS, 0);
    while (*counter < least) {
        (void)uv_run(&w->loop->uv, UV_RUN_ONCE);
    }
    (void)uv_timer_stop(&w->guard);
}

void rt_until_count(struct rt_world *w, const uint64_t *counter, uint64_t least)
{
    (void)uv_timer_start(&w->guard, on_guard, GUARD_MS, 0);
    while (*counter < least) {
        (void)uv_run(&w->loop->uv, UV_RUN_ONCE);
    }
    (void)uv_timer_stop(&w->guard);
}

void rt_turns(struct rt_world *w, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        (void)uv_run(&w->loop->uv, UV_RUN_NOWAIT);
    }
}

bool rt_hasten(uv_timer_t *timer)
{
    bool is_running = uv_is_active((const uv_handle_t *)timer) != 0;
    if (is_running) {
        (void)uv_timer_start(timer, timer->timer_cb, 0, 0);
    }
    return is_running;
}

struct hasten {
    const uv_timer_t *guard;
    unsigned n;
};

static void hasten_one(uv_handle_t *handle, void *arg)
{
    struct hasten *h = arg;
    if (handle->type == UV_TIMER && handle != (const uv_handle_t *)h->guard) {
        h->n += rt_hasten((uv_timer_t *)handle);
    }
}

unsigned rt_hasten_all(struct rt_world *w)
{
    struct hasten h = { &w->guard, 0 };
    uv_walk(&w->loop->uv, hasten_one, &h);
    return h.n;
}
