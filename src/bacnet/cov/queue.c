/*
 * Owns whose turn it is: which subscriptions have something to tell, when, and how many confirmed
 * notifications are on their way. One subscriber that does not answer holds up nobody else.
 */
#include "bacnet/cov/cov.h"

#include <assert.h>

static struct bac_links *queue_of(struct bac_cov *cov, const struct bac_subscription *s)
{
    return s->confirmed ? &cov->confirmed : &cov->unconfirmed;
}

static void leave(struct bac_cov *cov, uint32_t at)
{
    struct bac_subscription *s = &cov->subscriptions[at];
    if (s->place == BAC_COV_QUEUED) {
        bac_links_remove(cov->queue_links, queue_of(cov, s), at);
    } else if (s->place == BAC_COV_HELD) {
        bac_links_remove(cov->queue_links, &cov->peers[s->peer].held, at);
    } else if (s->place == BAC_COV_CALLED) {
        cov->calls[s->call].subscription = 0;
    }
    s->place = BAC_COV_IDLE;
}

/* Those who waited for the peer get in line again. */
static void let_go(struct bac_cov *cov, struct bac_cov_peer *peer)
{
    uint32_t room = peer->is_silent ? 1U : (unsigned)BAC_COV_PEER_CALLS;
    for (uint32_t n = peer->n_calls; n < room && peer->held.first != 0; n++) {
        uint32_t at = bac_links_take(cov->queue_links, &peer->held);
        cov->subscriptions[at].place = BAC_COV_QUEUED;
        bac_links_append(cov->queue_links, &cov->confirmed, at);
    }
}

void bac_cov_unqueue(struct bac_cov *cov, uint32_t at)
{
    const struct bac_subscription *s = &cov->subscriptions[at];
    bool had_turn = s->place == BAC_COV_QUEUED && s->confirmed;
    leave(cov, at);
    if (had_turn) { /* no call of his will end and let the next one go */
        let_go(cov, &cov->peers[s->peer]);
    }
}

void bac_cov_arm(struct bac_cov *cov, uint32_t at)
{
    const struct bac_subscription *s = &cov->subscriptions[at];
    bas_time first = s->expires < s->retry_at ? s->expires : s->retry_at;
    bool is_delayed = s->place == BAC_COV_IDLE && s->due_at < first;
    bas_timers_arm(&cov->timers, at, is_delayed ? s->due_at : first);
}

/* Within the delay that was granted, but before the subscription ends. */
static bas_time latest(const struct bac_subscription *s, bas_time now)
{
    bas_time delayed = now + (bas_time)s->max_delay_s * BAS_SECOND;
    bas_time last = s->expires - BAS_SECOND;
    bas_time first = delayed < last ? delayed : last;
    return first > now ? first : now;
}

void bac_cov_set_due(struct bac_cov *cov, uint32_t at, bas_time now)
{
    struct bac_monitor *m = &cov->monitors[at];
    struct bac_subscription *s = &cov->subscriptions[m->subscription];
    bool can_wait = m->is_timestamped && !m->is_new;
    bas_time due_at = can_wait ? latest(s, now) : now;
    if (!m->is_due) {
        m->is_due = true;
        bac_links_append(cov->due_links, &s->due, at);
    }
    if (due_at < s->due_at) {
        s->due_at = due_at;
    }
    bac_cov_settle(cov, m->subscription, now);
}

void bac_cov_clear_due(struct bac_cov *cov, uint32_t at)
{
    struct bac_monitor *m = &cov->monitors[at];
    struct bac_subscription *s = &cov->subscriptions[m->subscription];
    if (!m->is_due) {
        return;
    }
    m->is_due = false;
    bac_links_remove(cov->due_links, &s->due, at);
    if (s->due.first == 0) {
        s->due_at = BAS_NEVER;
        if (s->place != BAC_COV_CALLED) {
            bac_cov_unqueue(cov, m->subscription);
        }
        bac_cov_arm(cov, m->subscription);
    }
}

void bac_cov_settle(struct bac_cov *cov, uint32_t at, bas_time now)
{
    struct bac_subscription *s = &cov->subscriptions[at];
    if (s->place == BAC_COV_IDLE && s->due_at <= now) {
        s->place = BAC_COV_QUEUED;
        bac_links_append(cov->queue_links, queue_of(cov, s), at);
    }
    bac_cov_arm(cov, at);
}

uint32_t bac_cov_next_unconfirmed(const struct bac_cov *cov)
{
    return cov->unconfirmed.first;
}

void bac_cov_requeue(struct bac_cov *cov, uint32_t at)
{
    const struct bac_subscription *s = &cov->subscriptions[at];
    if (s->place == BAC_COV_QUEUED) {
        bac_links_remove(cov->queue_links, queue_of(cov, s), at);
        bac_links_append(cov->queue_links, queue_of(cov, s), at);
    }
}

static bool can_call(const struct bac_cov_peer *peer)
{
    return peer->n_calls < (peer->is_silent ? 1U : (unsigned)BAC_COV_PEER_CALLS);
}

uint32_t bac_cov_next_confirmed(struct bac_cov *cov)
{
    uint32_t at = cov->n_free_calls != 0 ? cov->confirmed.first : 0;
    while (at != 0 && !can_call(&cov->peers[cov->subscriptions[at].peer])) {
        struct bac_subscription *s = &cov->subscriptions[at];
        bac_links_remove(cov->queue_links, &cov->confirmed, at);
        bac_links_append(cov->queue_links, &cov->peers[s->peer].held, at);
        s->place = BAC_COV_HELD;
        at = cov->confirmed.first;
    }
    return at;
}

/* The slot of a call stands in the low bits of its id. */
static uint32_t next_id(struct bac_cov *cov, uint32_t slot)
{
    cov->last_call = cov->last_call < UINT32_MAX / BAC_COV_CALLS - 1 ? cov->last_call + 1 : 1;
    return cov->last_call * BAC_COV_CALLS + slot;
}

uint32_t bac_cov_begin_call(struct bac_cov *cov, uint32_t at)
{
    struct bac_subscription *s = &cov->subscriptions[at];
    assert(cov->n_free_calls != 0 && s->place != BAC_COV_CALLED);
    uint32_t slot = cov->free_calls[--cov->n_free_calls];
    leave(cov, at);
    s->place = BAC_COV_CALLED;
    s->call = slot;
    cov->calls[slot] =
        (struct bac_cov_call){ .id = next_id(cov, slot), .peer = s->peer, .subscription = at };
    cov->peers[s->peer].n_calls++;
    return cov->calls[slot].id;
}

uint32_t bac_cov_end_call(struct bac_cov *cov, uint32_t id, bool acknowledged)
{
    uint32_t slot = id % BAC_COV_CALLS;
    const struct bac_cov_call call = cov->calls[slot];
    if (id == 0 || call.id != id) {
        return 0;
    }
    struct bac_cov_peer *peer = &cov->peers[call.peer];
    cov->calls[slot] = (struct bac_cov_call){ 0 };
    cov->free_calls[cov->n_free_calls++] = slot;
    if (call.subscription != 0) {
        cov->subscriptions[call.subscription].place = BAC_COV_IDLE;
    }
    peer->n_calls--;
    peer->is_silent = !acknowledged;
    let_go(cov, peer);
    bac_cov_release_peer(cov, call.peer);
    return call.subscription;
}
