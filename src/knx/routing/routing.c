/* Owns the routing engine: what of a datagram is let through, what is sent when. */
#include "basalt/knx_routing.h"

#include "knx/ring.h"
#include "knx/routing/flow.h"
#include "knx/routing/replay.h"
#include "knx/routing/timer.h"
#include "wire/wr.h"

#include <string.h>

enum { MAX_INDICATION = KNX_IP_HEADER + KNX_MAX_CEMI };

struct knx_routing {
    struct bas_env env;
    bool is_secure;
    struct knx_cipher cipher;
    struct knx_routing_timer timer;
    struct knx_routing_replay replay;
    struct knx_routing_flow flow;
    struct knx_ring queue;
    uint32_t queued;
    uint32_t queue_max;
    bool is_ready;
    bool is_spent; /* the timer has come to its end: what is wrapped would not be unique any more */
    uint64_t kept; /* the timer that was told to be kept */
    uint16_t last_tag;
    uint64_t last_value; /* with it: no two frames of ours have the same blocks */
    bool is_pending[KNX_ROUTING_EVENTS];
    struct knx_routing_event pending[KNX_ROUTING_EVENTS];
    uint64_t drops[KNX_ROUTING_DROPS];
    uint8_t cemi[KNX_MAX_CEMI];   /* of the pending telegram */
    uint8_t plain[KNX_MAX_FRAME]; /* a frame without its wrapper, in or out */
    uint8_t frame[MAX_INDICATION + KNX_WRAPPER_OVERHEAD];
};

static const char *const drop_names[KNX_ROUTING_DROPS] = {
    [KNX_ROUTING_DROP_MALFORMED] = "malformed",
    [KNX_ROUTING_DROP_SERVICE] = "service",
    [KNX_ROUTING_DROP_PLAIN] = "plain",
    [KNX_ROUTING_DROP_WRAPPED] = "wrapped",
    [KNX_ROUTING_DROP_MAC] = "mac",
    [KNX_ROUTING_DROP_OLD] = "old",
    [KNX_ROUTING_DROP_REPLAY] = "replay",
    [KNX_ROUTING_DROP_NOT_READY] = "not-ready",
};

const char *knx_routing_drop_name(enum knx_routing_drop drop)
{
    return (size_t)drop < BAS_ARRAY_LEN(drop_names) ? drop_names[drop] : "unknown";
}

static void set_default(uint32_t *value, uint32_t standard)
{
    *value = *value != 0 ? *value : standard;
}

static struct knx_routing_config known_part(const struct bas_env *env,
                                            const struct knx_routing_config *config)
{
    static const uint8_t zero[KNX_SERIAL_LEN];
    struct knx_routing_config known = { 0 };
    memcpy(&known, config, config->size < sizeof(known) ? config->size : sizeof(known));
    set_default(&known.latency_ms, KNX_ROUTING_LATENCY_MS);
    set_default(&known.queue, KNX_ROUTING_QUEUE);
    if (known.sync_fraction == 0) {
        known.sync_fraction = KNX_ROUTING_SYNC_FRACTION;
    }
    if (bas_equal_secret(known.serial, zero, sizeof(zero))) {
        env->random(env->ctx, known.serial, sizeof(known.serial));
    }
    return known;
}

static struct knx_routing_event *tell(struct knx_routing *r, enum knx_routing_event_kind kind)
{
    r->is_pending[kind] = true;
    r->pending[kind] = (struct knx_routing_event){ .kind = kind };
    return &r->pending[kind];
}

/* The timer that is kept always lies ahead, so that it never goes back after a crash. */
static void keep_timer(struct knx_routing *r, bas_time now)
{
    uint64_t value = knx_routing_timer_value(&r->timer, now);
    if (r->is_secure && value == KNX_COUNTER_MAX && !r->is_spent) {
        r->is_spent = true;
        bas_log(&r->env, BAS_LOG_ERROR,
                "secure routing: its timer is at its end, nothing is sent any more; the project "
                "needs a new backbone key");
    }
    if (r->is_secure && value + KNX_ROUTING_STORE_MS >= r->kept) {
        uint64_t ahead = value + UINT64_C(2) * KNX_ROUTING_STORE_MS;
        r->kept = ahead < KNX_COUNTER_MAX ? ahead : KNX_COUNTER_MAX;
        tell(r, KNX_ROUTING_EVENT_TIMER)->timer = r->kept;
    }
}

static void check_ready(struct knx_routing *r)
{
    if (!r->is_ready && (!r->is_secure || r->timer.is_authentic)) {
        r->is_ready = true;
        (void)tell(r, KNX_ROUTING_EVENT_READY);
    }
}

static bas_err make_memory(struct knx_routing *r)
{
    bas_err err = knx_ring_init(&r->queue, &r->env, r->queue_max * knx_ring_cost(KNX_MAX_CEMI));
    return err == BAS_OK ? knx_routing_replay_init(&r->replay, &r->env) : err;
}

struct knx_routing *knx_routing_new(const struct bas_env *env,
                                    const struct knx_routing_config *config, bas_time now)
{
    struct knx_routing *r = bas_alloc(env, sizeof(*r));
    if (r == NULL) {
        return NULL;
    }
    struct knx_routing_config known = known_part(env, config);
    r->env = *env;
    r->is_secure = known.is_secure;
    r->queue_max = known.queue;
    knx_cipher_init(&r->cipher, &known.backbone_key);
    struct knx_timer_setup setup = { .value = known.timer,
                                     .latency_ms = known.latency_ms,
                                     .sync_fraction = known.sync_fraction,
                                     .startup_ms = known.startup_ms };
    memcpy(setup.serial, known.serial, sizeof(setup.serial));
    bas_wipe(&known, sizeof(known));
    knx_routing_timer_init(&r->timer, &r->env, &setup, now);
    knx_routing_flow_init(&r->flow, &r->env);
    if (make_memory(r) != BAS_OK) {
        knx_routing_free(r);
        return NULL;
    }
    keep_timer(r, now);
    check_ready(r);
    return r;
}

void knx_routing_free(struct knx_routing *routing)
{
    if (routing == NULL) {
        return;
    }
    const struct bas_env env = routing->env;
    knx_routing_replay_fini(&routing->replay, &env);
    knx_ring_fini(&routing->queue);
    bas_wipe(routing, sizeof(*routing));
    bas_release(&env, routing, sizeof(*routing));
}

/* Receiving */

static void drop(struct knx_routing *r, enum knx_routing_drop why)
{
    r->drops[why]++;
}

static void take_indication(struct knx_routing *r, const struct knx_message *message)
{
    struct knx_cemi cemi;
    if (message->payload.len > sizeof(r->cemi) ||
        knx_cemi_decode(message->payload, &cemi, NULL) != BAS_OK || cemi.code != KNX_L_DATA_IND) {
        drop(r, KNX_ROUTING_DROP_MALFORMED);
        return;
    }
    memcpy(r->cemi, message->payload.data, message->payload.len);
    tell(r, KNX_ROUTING_EVENT_TELEGRAM)->cemi = (struct bas_slice){ r->cemi, message->payload.len };
}

static void take_busy(struct knx_routing *r, const struct knx_message *message, bas_time now)
{
    knx_routing_flow_busy(&r->flow, message->wait_ms, now);
    struct knx_routing_event *event = tell(r, KNX_ROUTING_EVENT_BUSY);
    event->wait_ms = message->wait_ms;
    event->device_state = message->device_state;
}

static void take_lost(struct knx_routing *r, const struct knx_message *message)
{
    struct knx_routing_event *event = tell(r, KNX_ROUTING_EVENT_LOST);
    event->lost = message->lost;
    event->device_state = message->device_state;
}

/* A frame that was plain, or is so now. */
static void take_frame(struct knx_routing *r, struct bas_slice frame, bas_time now)
{
    struct knx_message message;
    bas_err err = knx_message_decode(frame, &message, NULL);
    if (err != BAS_OK && err != BAS_ERR_UNSUPPORTED) {
        drop(r, KNX_ROUTING_DROP_MALFORMED);
    } else if (message.service == KNX_ROUTING_INDICATION) {
        take_indication(r, &message);
    } else if (message.service == KNX_ROUTING_BUSY) {
        take_busy(r, &message, now);
    } else if (message.service == KNX_ROUTING_LOST_MESSAGE) {
        take_lost(r, &message);
    } else {
        drop(r, KNX_ROUTING_DROP_SERVICE);
    }
}

/* The MAC first; then nothing that was here before reaches the timer. */
static void take_wrapper(struct knx_routing *r, struct bas_slice frame, bas_time now)
{
    struct knx_wrapper wrapper;
    struct bas_slice inner;
    if (knx_wrapper_peek(frame, &wrapper) != BAS_OK || wrapper.session != 0) {
        drop(r, KNX_ROUTING_DROP_MALFORMED);
        return;
    }
    if (bas_equal_secret(wrapper.serial, r->timer.serial, sizeof(wrapper.serial))) {
        return; /* our own, looped back */
    }
    bas_err err = knx_unwrap(&r->cipher, frame, r->plain, &inner);
    if (err != BAS_OK) {
        drop(r, err == BAS_ERR_KEY ? KNX_ROUTING_DROP_MAC : KNX_ROUTING_DROP_MALFORMED);
    } else if (knx_routing_replay_has(&r->replay, &wrapper)) {
        drop(r, KNX_ROUTING_DROP_REPLAY);
    } else if (!knx_routing_timer_hear_wrapper(&r->timer, &wrapper, now)) {
        drop(r, KNX_ROUTING_DROP_OLD);
    } else {
        uint64_t own = knx_routing_timer_value(&r->timer, now);
        uint64_t oldest = own > r->timer.latency_ms ? own - r->timer.latency_ms : 0;
        knx_routing_replay_add(&r->replay, &wrapper, oldest);
        if (r->is_ready) {
            take_frame(r, inner, now);
        } else {
            drop(r, KNX_ROUTING_DROP_NOT_READY);
        }
    }
}

static void take_secured(struct knx_routing *r, const struct knx_message *message,
                         struct bas_slice frame, bas_time now)
{
    struct knx_wrapper timer;
    if (message->service == KNX_SECURE_WRAPPER) {
        take_wrapper(r, frame, now);
    } else if (message->service != KNX_TIMER_NOTIFY) {
        bool is_routing =
            message->service >= KNX_ROUTING_INDICATION && message->service <= KNX_ROUTING_BUSY;
        drop(r, is_routing ? KNX_ROUTING_DROP_PLAIN : KNX_ROUTING_DROP_SERVICE);
    } else if (knx_timer_notify_check(&r->cipher, frame, &timer)) {
        knx_routing_timer_hear_notify(&r->timer, &timer, now);
    } else {
        drop(r, KNX_ROUTING_DROP_MAC);
    }
}

void knx_routing_recv(struct knx_routing *routing, struct bas_slice datagram, bas_time now)
{
    struct knx_message message;
    knx_routing_tick(routing, now);
    bas_err err = datagram.len <= KNX_MAX_FRAME ? knx_message_decode(datagram, &message, NULL)
                                                : BAS_ERR_TOO_LONG;
    if (err != BAS_OK && err != BAS_ERR_UNSUPPORTED) {
        drop(routing, KNX_ROUTING_DROP_MALFORMED);
    } else if (routing->is_secure) {
        take_secured(routing, &message, datagram, now);
    } else if (message.service == KNX_SECURE_WRAPPER || message.service == KNX_TIMER_NOTIFY) {
        drop(routing, KNX_ROUTING_DROP_WRAPPED);
    } else {
        take_frame(routing, datagram, now);
    }
    check_ready(routing);
    keep_timer(routing, now);
}

/* Sending */

bas_err knx_routing_send(struct knx_routing *routing, struct bas_slice cemi)
{
    struct knx_cemi decoded;
    bas_err err = knx_cemi_decode(cemi, &decoded, NULL);
    if (err != BAS_OK) {
        return err;
    }
    if (decoded.code != KNX_L_DATA_IND) {
        return BAS_ERR_INVALID;
    }
    if (routing->is_spent) {
        return BAS_ERR_STATE;
    }
    uint8_t *record =
        routing->queued < routing->queue_max ? knx_ring_put(&routing->queue, cemi.len, 0) : NULL;
    if (record == NULL) {
        return BAS_ERR_BUSY;
    }
    memcpy(record, cemi.data, cemi.len);
    routing->queued++;
    return BAS_OK;
}

static struct knx_wrapper make_wrapper(struct knx_routing *r, bas_time now)
{
    struct knx_wrapper wrapper = { .sequence = knx_routing_timer_value(&r->timer, now) };
    uint16_t tag = 0;
    r->env.random(r->env.ctx, (uint8_t *)&tag, sizeof(tag));
    if (wrapper.sequence == r->last_value && tag == r->last_tag) {
        tag++;
    }
    memcpy(wrapper.serial, r->timer.serial, sizeof(wrapper.serial));
    wrapper.tag = tag;
    r->last_value = wrapper.sequence;
    r->last_tag = tag;
    return wrapper;
}

static bool has_telegram(const struct knx_routing *r)
{
    return r->is_ready && r->queued != 0 && !r->is_spent;
}

static void write_telegram(struct knx_routing *r, bas_time now, struct bas_buf *out)
{
    const struct knx_message message = { .service = KNX_ROUTING_INDICATION,
                                         .payload = knx_ring_peek(&r->queue) };
    if (!r->is_secure) {
        knx_message_encode(&message, out);
        return;
    }
    struct bas_buf plain;
    bas_buf_init(&plain, r->plain, sizeof(r->plain));
    knx_message_encode(&message, &plain);
    const struct knx_wrapper wrapper = make_wrapper(r, now);
    knx_wrap(&r->cipher, &wrapper, (struct bas_slice){ plain.data, plain.len }, out);
    knx_routing_timer_sent_wrapper(&r->timer, now);
}

bool knx_routing_next_frame(struct knx_routing *routing, bas_time now, struct bas_slice *frame)
{
    struct knx_routing *r = routing;
    struct knx_wrapper notify;
    struct bas_buf out;
    knx_routing_tick(r, now);
    bas_buf_init(&out, r->frame, sizeof(r->frame));
    if (r->is_secure && knx_routing_timer_fire(&r->timer, now, &notify)) {
        r->last_value = notify.sequence;
        r->last_tag = notify.tag;
        knx_timer_notify(&r->cipher, &notify, &out);
    } else if (has_telegram(r) && now >= knx_routing_flow_free_at(&r->flow)) {
        write_telegram(r, now, &out);
        knx_routing_flow_sent(&r->flow, now);
        knx_ring_pop(&r->queue);
        r->queued--;
    } else {
        return false;
    }
    *frame = (struct bas_slice){ out.data, out.len };
    return true;
}

/* Time and events */

bool knx_routing_next_event(struct knx_routing *routing, struct knx_routing_event *event)
{
    for (unsigned kind = 0; kind < KNX_ROUTING_EVENTS; kind++) {
        if (routing->is_pending[kind]) {
            routing->is_pending[kind] = false;
            *event = routing->pending[kind];
            return true;
        }
    }
    return false;
}

void knx_routing_tick(struct knx_routing *routing, bas_time now)
{
    if (routing->is_secure) {
        knx_routing_timer_tick(&routing->timer, now);
        keep_timer(routing, now);
    }
    check_ready(routing);
}

bas_time knx_routing_deadline(const struct knx_routing *routing)
{
    bas_time at = routing->is_secure ? knx_routing_timer_deadline(&routing->timer) : BAS_NEVER;
    if (has_telegram(routing)) {
        bas_time free_at = knx_routing_flow_free_at(&routing->flow);
        at = free_at < at ? free_at : at;
    }
    return at;
}

uint64_t knx_routing_drops(const struct knx_routing *routing, enum knx_routing_drop drop)
{
    return (size_t)drop < BAS_ARRAY_LEN(routing->drops) ? routing->drops[drop] : 0;
}

uint64_t knx_routing_timer(const struct knx_routing *routing, bas_time now)
{
    return routing->is_secure ? knx_routing_timer_value(&routing->timer, now) : 0;
}
