/* Owns subscriptions to changes of value (13.14, 13.15): their renewal, their notifications, their
 * end. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

enum {
    DEFAULT_LIFETIME_S = 300,
    RETRY_S = 10, /* after a renewal that was not answered */
    PROCESS_SHIFT = 17
};

struct cov_call {
    struct call call;
    struct bas_cov cov;
    bool is_property;   /* SubscribeCOVProperty */
    bool is_subscribed; /* it was, at least once */
    bool is_cancelling;
    bas_time renew_at;
    struct cov_call *next; /* with the same remainder of their process identifiers */
    struct cov_call **link;
};

static struct cov_call *cov_of(struct call *call)
{
    return (struct cov_call *)call;
}

static void join(struct cov_call *c, struct cov_call **bucket)
{
    c->next = *bucket;
    c->link = bucket;
    if (c->next != NULL) {
        c->next->link = &c->next;
    }
    *bucket = c;
}

static void leave(struct cov_call *c)
{
    if (c->link == NULL) {
        return;
    }
    *c->link = c->next;
    if (c->next != NULL) {
        c->next->link = c->link;
    }
    c->link = NULL;
}

/* Asking. */

static struct bas_property about(const struct cov_call *c)
{
    struct bas_property of = { c->cov.object, BAC_PROPERTY_PRESENT_VALUE, BAC_NO_INDEX };
    if (c->is_property) {
        of.property = c->cov.property;
        of.index = c->cov.index;
    }
    return of;
}

static uint32_t lifetime_s(const struct cov_call *c)
{
    return c->cov.lifetime_s == UINT32_MAX ? 0 : c->cov.lifetime_s; /* 0: for ever */
}

/* A subscription, or a cancellation: the same without confirmed and lifetime. */
static void ask(struct cov_call *c, bool is_wanted, call_answered answered)
{
    const struct bas_property of = about(c);
    const struct bac_property_reference property = { of.property, of.index != BAC_NO_INDEX,
                                                     of.index };
    if (c->is_property) {
        const struct bac_subscribe_cov_property what = {
            .process = c->cov.process,
            .object = c->cov.object,
            .has_confirmed = is_wanted,
            .has_lifetime = is_wanted,
            .confirmed = c->cov.is_confirmed,
            .lifetime = lifetime_s(c),
            .property = property,
            .has_increment = is_wanted && c->cov.has_increment,
            .increment = c->cov.increment,
        };
        call_ask(&c->call, BAC_CONFIRMED_SUBSCRIBE_COV_PROPERTY, &what, &of, answered);
    } else {
        const struct bac_subscribe_cov what = { .process = c->cov.process,
                                                .object = c->cov.object,
                                                .has_confirmed = is_wanted,
                                                .has_lifetime = is_wanted,
                                                .confirmed = c->cov.is_confirmed,
                                                .lifetime = lifetime_s(c) };
        call_ask(&c->call, BAC_CONFIRMED_SUBSCRIBE_COV, &what, &of, answered);
    }
}

static void set_renewal(struct cov_call *c, bas_time at)
{
    c->renew_at = at;
    call_set_timer(&c->call, at);
}

static void tell_state(struct cov_call *c, const struct bas_outcome *outcome)
{
    if (c->cov.state != NULL) {
        c->cov.state(c->call.user, outcome);
    }
}

static void on_subscribed(struct call *call, const struct bas_outcome *outcome)
{
    struct cov_call *c = cov_of(call);
    bas_time half = (bas_time)lifetime_s(c) * BAS_SECOND / 2;
    bas_time retry = (bas_time)RETRY_S * BAS_SECOND;
    bool is_refused = outcome->err == BAS_ERR_REMOTE || outcome->err == BAS_ERR_PROTOCOL;
    if (outcome->err == BAS_OK) {
        c->is_subscribed = true;
        set_renewal(c, half == 0 ? BAS_NEVER : loop_now() + half);
        tell_state(c, outcome);
    } else if (is_refused || !c->is_subscribed) {
        call_end(call, outcome);
    } else {
        set_renewal(c, loop_now() + (half != 0 && half / 2 < retry ? half / 2 : retry));
        tell_state(c, outcome);
    }
}

static void cov_renew(struct call *call)
{
    struct cov_call *c = cov_of(call);
    c->renew_at = BAS_NEVER;
    if (call->pending == NULL && !call->is_asking && !c->is_cancelling) {
        ask(c, true, on_subscribed);
    }
}

/* Cancelling. */

static void cov_cancel(struct call *call)
{
    struct cov_call *c = cov_of(call);
    bool was_sent = c->is_subscribed || call->pending != NULL;
    if (c->is_cancelling || !was_sent || call->station->is_stopping) {
        call_end_with(call, BAS_ERR_INTERRUPTED, "the subscription was cancelled");
        return;
    }
    c->is_cancelling = true;
    if (call->pending != NULL) {
        station_cancel(call->station, call->pending);
        call->pending = NULL;
    }
    if (call->is_asking) {
        call_stop_looking(call);
    }
    call_set_timer(call, BAS_NEVER);
    ask(c, false, call_end);
}

static void cov_tell(struct call *call, const struct bas_outcome *outcome)
{
    leave(cov_of(call));
    if (call->done != NULL) {
        call->done(call->user, outcome);
    }
}

static const struct call_kind cov_kind = {
    .size = sizeof(struct cov_call), .timer = cov_renew, .cancel = cov_cancel, .tell = cov_tell
};

/* Notifications. */

static bool is_from(const struct cov_call *c, const struct bac_address *from,
                    const struct bac_cov_notification *n)
{
    const struct bas_station *s = c->call.station;
    struct bac_address address = c->call.to.address;
    bac_port_id port = s->port;
    if (!c->call.to.has_address) {
        return n->device.instance == c->call.to.instance;
    }
    bac_net_resolve(s->net, &address, &port);
    return bac_address_equal(&address, from);
}

static struct cov_call *find(const struct bas_station *s, const struct bac_address *from,
                             const struct bac_cov_notification *n)
{
    struct cov_call *c = s->calls.subscriptions[n->process % CLIENT_BUCKETS];
    while (c != NULL && (c->cov.process != n->process || c->cov.object.type != n->object.type ||
                         c->cov.object.instance != n->object.instance || !is_from(c, from, n))) {
        c = c->next;
    }
    return c;
}

bool client_knows_cov(struct bas_station *s, const struct bac_address *from,
                      struct bas_slice parameters)
{
    struct bac_cov_notification n;
    struct client_arena memory = client_arena_take(s);
    bool is_known =
        bac_decode_all(&bac_type_cov_notification, parameters, &n, &memory.arena, NULL) == BAS_OK &&
        find(s, from, &n) != NULL;
    client_arena_give(s, &memory);
    return is_known;
}

/* A device may keep subscriptions for less than we asked for. */
static void look_at_lifetime(struct cov_call *c, uint64_t remaining_s)
{
    bas_time now = loop_now();
    if (remaining_s == 0 || remaining_s > UINT32_MAX || c->is_cancelling || !c->is_subscribed) {
        return;
    }
    bas_time remaining = (bas_time)remaining_s * BAS_SECOND;
    if (c->renew_at != BAS_NEVER && now + remaining < c->renew_at) {
        set_renewal(c, now + remaining / 2);
    }
}

void client_hear_cov(struct bas_station *s, const struct bac_net_event *event,
                     struct bas_slice parameters, bool is_confirmed)
{
    struct bac_cov_notification n;
    struct client_arena memory = client_arena_take(s);
    struct cov_call *c = NULL;
    if (!s->is_stopping &&
        bac_decode_all(&bac_type_cov_notification, parameters, &n, &memory.arena, NULL) == BAS_OK) {
        c = find(s, &event->source, &n);
    }
    if (c != NULL) {
        const struct bas_cov_notice notice = { is_confirmed, &n, &memory.arena };
        call_hold(&c->call);
        look_at_lifetime(c, n.time_remaining);
        c->cov.notified(c->call.user, &notice);
        call_drop(&c->call);
    }
    client_arena_give(s, &memory);
}

/* Whatever happened to the device meanwhile, and to what it sent us. */
void client_up(struct bas_station *s)
{
    client_ask_again(s);
    for (size_t i = 0; i < CLIENT_BUCKETS; i++) {
        for (struct cov_call *c = s->calls.subscriptions[i]; c != NULL; c = c->next) {
            if (c->is_subscribed && !c->is_cancelling && c->call.pending == NULL &&
                !c->call.is_asking) {
                set_renewal(c, loop_now());
            }
        }
    }
}

/* The calls. */

static bas_call_id subscribe(struct bas_station *s, const struct bas_peer_name *to,
                             const struct bas_cov *cov, bool is_property)
{
    struct bas_fault fault = { 0 };
    const struct call_begin begin = { &cov_kind, to, cov->done, cov->user };
    struct call *call = call_new(s, &begin, &fault);
    if (call == NULL) {
        return call_refused(cov->done, cov->user, &fault);
    }
    struct cov_call *c = cov_of(call);
    c->cov = *cov;
    c->is_property = is_property;
    c->renew_at = BAS_NEVER;
    if (c->cov.lifetime_s == 0) {
        c->cov.lifetime_s = DEFAULT_LIFETIME_S;
    }
    if (c->cov.process == 0) { /* another one than the place had before */
        c->cov.process = (uint32_t)(call->id >> 32) << PROCESS_SHIFT | (uint32_t)call->id;
    }
    join(c, &s->calls.subscriptions[c->cov.process % CLIENT_BUCKETS]);
    ask(c, true, on_subscribed);
    return call_begun(call);
}

bas_call_id bas_subscribe_cov(struct bas_station *s, const struct bas_peer_name *to,
                              const struct bas_cov *cov)
{
    return subscribe(s, to, cov, false);
}

bas_call_id bas_subscribe_cov_property(struct bas_station *s, const struct bas_peer_name *to,
                                       const struct bas_cov *cov)
{
    return subscribe(s, to, cov, true);
}
