/*
 * Owns the bus that is another KNXnet/IP interface: telegrams of all tunnels go through one tunnel
 * to it, one at a time and no faster than the settings say.
 */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/knx_bus.h"

#include "rt/loop.h"

#include <string.h>

enum { WAITING = 64 };

struct waiting {
    knx_channel_id channel;
    uint16_t len;
    uint8_t octets[KNX_MAX_CEMI];
};

struct upstream {
    struct knx_bus bus; /* first */
    struct bas_knx *client;
    uv_timer_t pace;
    bas_time interval; /* between two telegrams; 0: none */
    bas_time next_at;  /* the next one not before */
    bool is_up;
    bool is_sent;  /* the first one waits for its confirmation */
    uint32_t sent; /* its number */
    bool is_stopping;
    unsigned parts;
    void (*gone)(void *user);
    void *gone_user;
    size_t first, n; /* of waiting */
    struct waiting waiting[WAITING];
};

static void send_next(struct upstream *u);

static struct bas_slice octets_of(const struct waiting *waiting)
{
    const struct bas_slice octets = { waiting->octets, waiting->len };
    return octets;
}

static void tell(const struct upstream *u, enum bas_knx_notice_kind kind,
                 const struct bas_fault *fault)
{
    const struct bas_knx_notice notice = { .kind = kind, .fault = fault };
    u->bus.owner.notice(u->bus.owner.user, &notice);
}

/* The first one is done with: all others on our side learn of it when it is on the bus. */
static void end_first(struct upstream *u, bool ok)
{
    const struct waiting *first = &u->waiting[u->first];
    const struct knx_bus_owner *owner = &u->bus.owner;
    u->is_sent = false;
    owner->confirm(owner->user, first->channel, octets_of(first), ok);
    if (ok) {
        owner->indicate(owner->user, octets_of(first), first->channel);
    }
    u->first = (u->first + 1) % WAITING;
    u->n--;
}

static void on_pace(uv_timer_t *timer)
{
    send_next(timer->data);
}

static bool is_too_soon(struct upstream *u)
{
    bas_time now = loop_now();
    if (now >= u->next_at) {
        u->next_at = now + u->interval;
        return false;
    }
    bas_time left = u->next_at - now;
    uv_update_time(&u->bus.loop->uv);
    (void)uv_timer_start(&u->pace, on_pace,
                         (uint64_t)((left + BAS_MILLISECOND - 1) / BAS_MILLISECOND), 0);
    return true;
}

static void send_next(struct upstream *u)
{
    while (u->is_up && !u->is_stopping && u->n != 0 && !u->is_sent && !is_too_soon(u)) {
        struct knx_cemi cemi;
        struct bas_fault fault = { 0 };
        bas_err err = knx_cemi_decode(octets_of(&u->waiting[u->first]), &cemi, &fault);
        u->is_sent = true;
        err = err == BAS_OK ? bas_knx_send(u->client, &cemi, &u->sent, &fault) : err;
        if (err != BAS_OK && u->is_sent) {
            tell(u, BAS_KNX_NOTICE_UNSENT, &fault);
            end_first(u, false);
        }
    }
}

static void request(struct knx_bus *bus, knx_channel_id channel, struct bas_slice cemi)
{
    struct upstream *u = (struct upstream *)(void *)bus;
    if (!u->is_up || u->is_stopping || u->n == WAITING || cemi.len > KNX_MAX_CEMI) {
        bus->owner.confirm(bus->owner.user, channel, cemi, false);
        return;
    }
    struct waiting *last = &u->waiting[(u->first + u->n) % WAITING];
    last->channel = channel;
    last->len = (uint16_t)cemi.len;
    memcpy(last->octets, cemi.data, cemi.len);
    u->n++;
    send_next(u);
}

/* Who sends to nobody is told so. */
static void go_down(struct upstream *u, const struct bas_fault *why)
{
    u->is_up = false;
    while (u->n != 0) {
        end_first(u, false);
    }
    if (!u->is_stopping) {
        u->bus.owner.connected(u->bus.owner.user, false, why);
    }
}

static void part_gone(struct upstream *u)
{
    if (--u->parts != 0) {
        return;
    }
    void (*gone)(void *user) = u->gone;
    void *user = u->gone_user;
    struct bas_env env = u->bus.loop->env;
    bas_release(&env, u, sizeof(*u));
    if (gone != NULL) {
        gone(user);
    }
}

static void on_timer_closed(uv_handle_t *handle)
{
    part_gone(handle->data);
}

static void indicate(struct upstream *u, const struct knx_cemi *cemi)
{
    uint8_t memory[KNX_MAX_CEMI];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_cemi_encode(cemi, &out);
    const struct bas_slice octets = { memory, out.len };
    if (!out.full && cemi->code == KNX_L_DATA_IND) {
        u->bus.owner.indicate(u->bus.owner.user, octets, 0);
    }
}

static void on_event(void *user, const struct bas_knx_event *event)
{
    struct upstream *u = user;
    switch (event->kind) {
    case BAS_KNX_UP:
        u->is_up = true;
        u->bus.owner.connected(u->bus.owner.user, true, NULL);
        break;
    case BAS_KNX_DOWN:
        go_down(u, event->fault);
        break;
    case BAS_KNX_TELEGRAM:
        indicate(u, event->cemi);
        break;
    case BAS_KNX_CONFIRMED:
    case BAS_KNX_FAILED:
        if (u->is_sent && event->id == u->sent) {
            end_first(u, event->kind == BAS_KNX_CONFIRMED);
        }
        break;
    case BAS_KNX_DROPPED:
        tell(u, BAS_KNX_NOTICE_DROPPED, event->fault);
        break;
    case BAS_KNX_STOPPED:
        part_gone(u);
        return;
    case BAS_KNX_ANSWER:
    case BAS_KNX_FEATURE:
    case BAS_KNX_SYNCED:
        break;
    }
    send_next(u);
}

static void stop(struct knx_bus *bus, void (*gone)(void *user), void *user)
{
    struct upstream *u = (struct upstream *)(void *)bus;
    u->is_stopping = true;
    u->gone = gone;
    u->gone_user = user;
    u->n = 0;
    bas_knx_stop(u->client);
    uv_close((uv_handle_t *)&u->pace, on_timer_closed);
}

static const struct knx_bus_kind kind = { request, NULL, stop };

struct knx_bus *knx_bus_upstream(struct bas_loop *loop,
                                 const struct bas_knx_server_settings *settings,
                                 const struct knx_bus_owner *owner, struct bas_fault *fault)
{
    struct upstream *u = bas_alloc(&loop->env, sizeof(*u));
    if (u == NULL) {
        (void)bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the upstream interface");
        return NULL;
    }
    const struct knx_client_config engine = { .size = sizeof(engine),
                                              .transport = settings->upstream_transport,
                                              .connection = KNX_CONNECTION_TUNNEL };
    const struct bas_knx_config config = { .size = sizeof(config),
                                           .gateway = settings->upstream,
                                           .engine = &engine,
                                           .route_back = settings->route_back,
                                           .event = on_event,
                                           .user = u };
    u->bus = (struct knx_bus){ &kind, loop, *owner };
    u->interval =
        settings->telegrams_per_second == 0 ? 0 : BAS_SECOND / settings->telegrams_per_second;
    u->parts = 2;
    u->client = bas_knx_start(loop, &config, fault);
    if (u->client == NULL) {
        bas_release(&loop->env, u, sizeof(*u));
        return NULL;
    }
    (void)uv_timer_init(&loop->uv, &u->pace);
    u->pace.data = u;
    return &u->bus;
}
