#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt_hub.h"

#include <stdio.h>
#include <string.h>

static void on_notice(void *user, const struct bas_hub_notice *notice)
{
    struct rt_hub *h = user;
    h->joined += notice->kind == BSC_HUB_JOINED;
    h->left += notice->kind == BSC_HUB_LEFT;
    h->refused += notice->kind == BSC_HUB_CLOSE;
    h->faults += notice->kind == BSC_HUB_FAULT;
    if (notice->kind != BSC_HUB_JOINED) {
        h->fault = *notice->fault;
    }
    h->vmac = *notice->vmac;
    h->replaced += notice->replaces;
    (void)snprintf(h->subject, sizeof(h->subject), "%s", notice->subject);
    (void)snprintf(h->address, sizeof(h->address), "%s", notice->address);
    if ((h->stop_at & (1U << notice->kind)) != 0) {
        bas_hub_stop(h->hub);
    }
}

static void on_stopped(void *user)
{
    struct rt_hub *h = user;
    h->stopped++;
}

void rt_hub_begin(struct rt_hub *h)
{
    memset(h, 0, sizeof(*h));
    rt_begin(&h->w);
    h->settings = (struct bas_hub_settings){ .bind = "127.0.0.1:0",
                                             .tls = rt_credentials("hub"),
                                             .engine = { .size = sizeof(h->settings.engine) } };
}

void rt_hub_start(struct rt_hub *h)
{
    const struct bas_hub_callbacks callbacks = { on_notice, on_stopped, h };
    h->hub = bas_hub_start(h->w.loop, &h->settings, &callbacks, &h->fault);
    if (h->hub == NULL) {
        fail_msg("%s", h->fault.text);
    }
}

void rt_hub_run(struct rt_hub *h)
{
    rt_hub_begin(h);
    rt_hub_start(h);
}

struct rt_peer *rt_hub_connect(struct rt_hub *h, unsigned n, const struct rt_peer_config *config)
{
    struct rt_peer_config own = { .level = RT_JOINED };
    assert_true(n < RT_HUB_PEERS);
    own = config != NULL ? *config : own;
    own.number = own.number != 0 ? own.number : (uint8_t)n;
    rt_peer_connect(&h->w, &h->peers[n], &own, bas_hub_address(h->hub));
    return &h->peers[n];
}

struct rt_peer *rt_hub_join(struct rt_hub *h, unsigned n, const struct rt_peer_config *config)
{
    struct rt_peer *peer = rt_hub_connect(h, n, config);
    rt_peer_ready(peer);
    return peer;
}

void rt_hub_runs_out(struct rt_hub *h)
{
    bas_time end = bas_loop_now(h->w.loop) + 30 * BAS_SECOND;
    while (h->stopped == 0) {
        (void)rt_hasten_all(&h->w);
        rt_turns(&h->w, 1);
        if (bas_loop_now(h->w.loop) > end) {
            fail_msg("the hub does not stop");
        }
    }
}

void rt_hub_end(struct rt_hub *h)
{
    if (h->stopped == 0) {
        bas_hub_stop(h->hub);
    }
    rt_end(&h->w);
    assert_int_equal(h->stopped, 1);
}

uint64_t rt_hub_pending(const struct rt_hub *h)
{
    return bsc_hub_pending(bas_hub_engine(h->hub), 0);
}

const struct bsc_hub_counters *rt_hub_counters(const struct rt_hub *h)
{
    return bsc_hub_counters(bas_hub_engine(h->hub));
}
