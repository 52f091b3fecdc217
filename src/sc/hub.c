/*
 * Owns the hub function (AB.5.3): the table of connected nodes, admission, forwarding, and what
 * waits for each destination.
 *
 * A relayed message is never changed: it becomes one record (new header, window on the octets that
 * arrived) that the lists of all its destinations share. Nobody waits for a slow node: over its
 * bound the newest messages for it are dropped.
 */
#include "sc/hub.h"

#include <assert.h>
#include <string.h>

/* Creation. */

static void set_default(uint32_t *value, uint32_t standard)
{
    if (*value == 0) {
        *value = standard;
    }
}

/* bsc 3.3-11 11-30 */
static void apply_defaults(struct bsc_hub_config *c)
{
    enum { PENDING_LEAST = BSC_MAX_BVLC + 16384 };
    c->max_bvlc = c->max_bvlc == 0 ? BSC_MAX_BVLC : c->max_bvlc;
    c->max_npdu = c->max_npdu == 0 ? BSC_MAX_NPDU : c->max_npdu;
    set_default(&c->max_connections, 1024);
    set_default(&c->connect_wait_ms, 10000);
    set_default(&c->disconnect_wait_ms, 10000);
    set_default(&c->silence_limit_ms, BSC_POLICY_SILENCE_MS);
    set_default(&c->stall_limit_ms, 30000);
    set_default(&c->pending_max, 1 << 20);
    c->pending_max = c->pending_max < PENDING_LEAST ? PENDING_LEAST : c->pending_max;
    c->pending_total_max = c->pending_total_max == 0 ? UINT64_C(256) << 20 : c->pending_total_max;
    /* A broadcast for everybody may wait several times over. Entries that are never used cost no
     * resident memory. */
    set_default(&c->pending_entries, c->max_connections < 4096 ? 65536 : 16 * c->max_connections);
    if (c->max_connections > MAX_CONNECTIONS) {
        c->max_connections = MAX_CONNECTIONS;
    }
}

/* Nobody may fill with what it does not read the room that others need to be served at all. */
static void share_out(struct bsc_hub *hub)
{
    const struct bsc_outbox *box = &hub->outbox;
    uint32_t part = box->cap / QUEUE_PART;
    hub->queue_max = part > QUEUE_LEAST ? part : QUEUE_LEAST;
    hub->share_entries = box->cap_open / OWN_PART / hub->slots;
    hub->share_octets = box->octets_open / OWN_PART / hub->slots;
    hub->common_entries = box->cap_open - hub->share_entries * hub->slots;
    hub->common_octets = box->octets_open - hub->share_octets * hub->slots;
}

static bas_err allocate(struct bsc_hub *hub)
{
    const struct bsc_hub_config *c = &hub->config;
    hub->slots = c->max_connections + c->max_connections / 16 + SLACK_MIN;
    hub->members = bas_alloc(&hub->env, hub->slots * sizeof(*hub->members));
    hub->joined_list = bas_alloc(&hub->env, hub->slots * sizeof(*hub->joined_list));
    bool lacks = hub->members == NULL || hub->joined_list == NULL;
    bas_err err = lacks ? BAS_ERR_NO_MEMORY : BAS_OK;
    if (err == BAS_OK) {
        err = bas_map_init(&hub->by_vmac, &hub->env, hub->slots);
    }
    if (err == BAS_OK) {
        err = bas_map_init(&hub->by_uuid, &hub->env, hub->slots);
    }
    if (err == BAS_OK) {
        err = bas_timers_init(&hub->timers, &hub->env, hub->slots);
    }
    if (err == BAS_OK) {
        err = bsc_outbox_init(&hub->outbox, &hub->env, c->pending_entries, c->pending_total_max);
    }
    if (err == BAS_OK) {
        share_out(hub);
    }
    return err;
}

struct bsc_hub *bsc_hub_new(const struct bas_env *env, const struct bsc_hub_config *config)
{
    struct bsc_hub *hub = bas_alloc(env, sizeof(*hub));
    if (hub == NULL) {
        return NULL;
    }
    hub->env = *env;
    memcpy(&hub->config, config, config->size < sizeof(*config) ? config->size : sizeof(*config));
    apply_defaults(&hub->config);
    const struct bsc_hub_config *c = &hub->config;
    hub->self = (struct bsc_identity){
        .vmac = c->vmac, .uuid = c->uuid, .max_bvlc = c->max_bvlc, .max_npdu = c->max_npdu
    };
    hub->times =
        (struct bsc_conn_times){ .connect_wait = c->connect_wait_ms * BAS_MILLISECOND,
                                 .disconnect_wait = c->disconnect_wait_ms * BAS_MILLISECOND,
                                 .silence = c->silence_limit_ms * BAS_MILLISECOND };
    hub->dirty = (struct list){ BSC_NONE, BSC_NONE };
    hub->events = (struct list){ BSC_NONE, BSC_NONE };
    if (allocate(hub) != BAS_OK) {
        bsc_hub_free(hub);
        return NULL;
    }
    return hub;
}

void bsc_hub_free(struct bsc_hub *hub)
{
    if (hub == NULL) {
        return;
    }
    struct bas_env env = hub->env;
    for (uint32_t i = 0; hub->members != NULL && i < hub->slots; i++) {
        if (hub->members[i].id != 0) {
            bsc_queue_clear(&hub->outbox, &hub->members[i].queue);
            bsc_hub_forget_why(hub, &hub->members[i]);
        }
    }
    bas_release(&env, hub->members, hub->slots * sizeof(*hub->members));
    bas_release(&env, hub->joined_list, hub->slots * sizeof(*hub->joined_list));
    if (hub->by_vmac.slots != NULL) {
        bas_map_fini(&hub->by_vmac, &env);
    }
    if (hub->by_uuid.slots != NULL) {
        bas_map_fini(&hub->by_uuid, &env);
    }
    bas_timers_fini(&hub->timers, &env);
    if (hub->outbox.records != NULL) {
        bsc_outbox_fini(&hub->outbox);
    }
    bas_release(&env, hub, sizeof(*hub));
}

/* Life of a connection. */

bas_err bsc_hub_open(struct bsc_hub *hub, void *user, bas_time now, bsc_conn_id *conn)
{
    uint32_t index = hub->free_first;
    if (index >= hub->slots) {
        return BAS_ERR_NO_SPACE;
    }
    struct member *m = &hub->members[index];
    hub->free_first = m->dirty_next == 0 ? index + 1 : m->dirty_next - 1;
    uint32_t generation = (m->generation + 1) & (UINT32_MAX >> INDEX_BITS);
    uint16_t first_id;
    hub->env.random(hub->env.ctx, (uint8_t *)&first_id, sizeof(first_id));
    *m = (struct member){ .user = user,
                          .generation = generation == 0 ? 1 : generation,
                          .last_progress = now };
    bsc_tokens_init(&m->tokens, now);
    m->id = m->generation << INDEX_BITS | index;
    bsc_queue_init(&m->queue);
    bsc_conn_init(&m->conn, false, first_id);
    hub->used++;
    (void)bsc_hub_local_event(hub, m, BSC_EV_START, now);
    *conn = m->id;
    return BAS_OK;
}

static void free_member(struct bsc_hub *hub, struct member *m)
{
    assert(!m->is_dirty && !m->has_event);
    bsc_hub_forget_why(hub, m);
    m->id = 0;
    m->dirty_next = hub->free_first + 1;
    hub->free_first = bsc_hub_index(hub, m);
    hub->used--;
}

void bsc_hub_closed(struct bsc_hub *hub, bsc_conn_id conn, const struct bas_fault *reason,
                    bas_time now)
{
    struct member *m = bsc_hub_find(hub, conn);
    if (m == NULL) {
        return;
    }
    bsc_hub_remember_why(hub, m, reason);
    (void)bsc_hub_local_event(hub, m, BSC_EV_WEBSOCKET_CLOSED, now);
    bas_timers_disarm(&hub->timers, bsc_hub_index(hub, m));
    bsc_hub_drop_waiting(hub, m);
    bsc_hub_set_leftover(hub, m, 0);
    m->events &= EVENT_LEFT | EVENT_JOINED; /* its user may be gone: nothing more is asked of it */
    m->is_gone = true;
    if (!m->is_dirty && !m->has_event) {
        free_member(hub, m);
    }
}

void bsc_hub_disconnect(struct bsc_hub *hub, bsc_conn_id conn, bas_time now)
{
    struct member *one = bsc_hub_find(hub, conn);
    if (one != NULL) {
        (void)bsc_hub_local_event(hub, one, BSC_EV_DISCONNECT, now);
    }
    for (uint32_t i = 0; conn == 0 && i < hub->slots; i++) {
        if (hub->members[i].id != 0 && !hub->members[i].is_gone) {
            (void)bsc_hub_local_event(hub, &hub->members[i], BSC_EV_DISCONNECT, now);
        }
    }
}

void bsc_hub_expel(struct bsc_hub *hub, bsc_conn_id conn, const struct bas_fault *reason,
                   bas_time now)
{
    struct member *m = bsc_hub_find(hub, conn);
    if (m != NULL) {
        bsc_hub_remember_why(hub, m, reason);
        bsc_hub_drop_waiting(hub, m);
        (void)bsc_hub_local_event(hub, m, BSC_EV_DISCONNECT, now);
    }
}

/* Time. */

static void stall(struct bsc_hub *hub, struct member *m, bas_time now)
{
    struct bas_fault fault = { 0 };
    (void)bas_fail_code(&fault, BAS_ERR_TIMEOUT, BAC_ERROR_CLASS_COMMUNICATION,
                        BAC_ERROR_CODE_WEBSOCKET_DATA_AGAINST_POLICY,
                        "took nothing for %u s while %llu octets waited",
                        hub->config.stall_limit_ms / 1000,
                        (unsigned long long)(m->queue.octets + m->leftover));
    hub->counters.stalled++;
    bsc_hub_remember_why(hub, m, &fault);
    bsc_hub_set_leftover(hub, m, 0);
    (void)bsc_hub_local_event(hub, m, BSC_EV_WEBSOCKET_CLOSED,
                              now); /* no use in asking it to disconnect */
    bsc_hub_drop_waiting(hub, m);
    bsc_hub_begin_close(hub, m, BSC_CLOSE_POLICY);
}

void bsc_hub_tick(struct bsc_hub *hub, bas_time now)
{
    uint32_t index;
    while (bas_timers_expire(&hub->timers, now, &index)) {
        struct member *m = &hub->members[index];
        bas_time limit = hub->config.stall_limit_ms * BAS_MILLISECOND;
        enum bsc_conn_event event;
        if (m->leftover != 0 && now - m->last_progress >= limit) {
            stall(hub, m, now);
        } else if (bsc_conn_due(&m->conn, &hub->times, now, &event)) {
            (void)bsc_hub_local_event(hub, m, event, now);
        } else {
            bsc_hub_arm(hub, m);
        }
    }
}

bas_time bsc_hub_deadline(const struct bsc_hub *hub)
{
    return bas_timers_next(&hub->timers);
}

/* Events. */

static const struct {
    uint8_t bit;
    enum bsc_hub_event_kind kind;
} event_order[] = {
    { EVENT_ADMIT, BSC_HUB_ADMIT },
    { EVENT_JOINED, BSC_HUB_JOINED },
    { EVENT_LEFT, BSC_HUB_LEFT },
    { EVENT_CLOSE, BSC_HUB_CLOSE },
};

static void fill_event(const struct member *m, enum bsc_hub_event_kind kind,
                       struct bsc_hub_event *event)
{
    *event = (struct bsc_hub_event){ .kind = kind,
                                     .conn = m->id,
                                     .user = m->user,
                                     .vmac = m->conn.peer.vmac,
                                     .connected_at = m->connected_at,
                                     .uuid = m->conn.peer.uuid,
                                     .close_code = m->close_code,
                                     .replaces = m->replaces };
    bool has_reason = kind == BSC_HUB_LEFT || kind == BSC_HUB_CLOSE;
    if (has_reason && m->why != NULL) {
        event->fault = *m->why;
    }
}

static bool next_fault(struct bsc_hub *hub, struct bsc_hub_event *event)
{
    struct member *m = bsc_hub_find(hub, hub->fault_conn);
    hub->fault_conn = 0;
    if (m == NULL) {
        return false;
    }
    fill_event(m, BSC_HUB_FAULT, event);
    event->fault = hub->fault;
    return true;
}

/* The first connection of the event list has no event (any more). */
static void unlist_first(struct bsc_hub *hub)
{
    struct member *m = &hub->members[hub->events.first];
    hub->events.first = m->event_next;
    m->has_event = false;
    if (m->is_gone && !m->is_dirty) {
        free_member(hub, m);
    }
}

bool bsc_hub_next_event(struct bsc_hub *hub, struct bsc_hub_event *event)
{
    while (hub->events.first != BSC_NONE) {
        struct member *m = &hub->members[hub->events.first];
        for (size_t i = 0; i < BAS_ARRAY_LEN(event_order); i++) {
            if ((m->events & event_order[i].bit) == 0) {
                continue;
            }
            m->events &= (uint8_t)~event_order[i].bit;
            fill_event(m, event_order[i].kind, event);
            if (m->events == 0) {
                unlist_first(hub);
            }
            return true;
        }
        unlist_first(hub);
    }
    return hub->fault_conn != 0 && next_fault(hub, event);
}

/* What waits to be sent. */

bool bsc_hub_next_dirty(struct bsc_hub *hub, bsc_conn_id *conn, void **user)
{
    while (hub->dirty.first != BSC_NONE) {
        struct member *m = &hub->members[hub->dirty.first];
        hub->dirty.first = m->dirty_next;
        hub->dirty_count--;
        m->is_dirty = false;
        if (!m->is_gone) {
            *conn = m->id;
            *user = m->user;
            return true;
        }
        if (!m->has_event) {
            free_member(hub, m);
        }
    }
    return false;
}

uint32_t bsc_hub_dirty(const struct bsc_hub *hub)
{
    return hub->dirty_count;
}

bool bsc_hub_is_crowded(const struct bsc_hub *hub)
{
    const struct bsc_outbox *box = &hub->outbox;
    return box->used > box->cap / 2 || box->octets > box->octets_max / 2;
}

bool bsc_hub_peek(struct bsc_hub *hub, bsc_conn_id conn, struct bsc_tx *tx)
{
    const struct member *m = bsc_hub_find(hub, conn);
    return m != NULL && bsc_queue_peek(&hub->outbox, &m->queue, tx);
}

void bsc_hub_pop(struct bsc_hub *hub, bsc_conn_id conn, bas_time now)
{
    struct member *m = bsc_hub_find(hub, conn);
    if (m != NULL && m->queue.messages != 0) {
        bsc_queue_pop(&hub->outbox, &m->queue);
        m->last_progress = now;
    }
}

void bsc_hub_writable(struct bsc_hub *hub, bsc_conn_id conn, bas_time now)
{
    struct member *m = bsc_hub_find(hub, conn);
    if (m == NULL) {
        return;
    }
    m->last_progress = now;
    if (m->queue.messages != 0) {
        bsc_hub_mark_dirty(hub, m);
    }
}

void bsc_hub_charge_leftover(struct bsc_hub *hub, bsc_conn_id conn, size_t octets, bas_time now)
{
    struct member *m = bsc_hub_find(hub, conn);
    if (m == NULL || m->leftover == octets) {
        return;
    }
    m->last_progress = now;
    bsc_hub_set_leftover(hub, m, octets);
    bsc_hub_arm(hub, m);
}

void bsc_hub_turn_end(struct bsc_hub *hub)
{
    bsc_outbox_turn_end(&hub->outbox);
    hub->counters.retained = hub->outbox.retained;
}

/* Looking in. */

const struct bsc_hub_counters *bsc_hub_counters(const struct bsc_hub *hub)
{
    return &hub->counters;
}

uint32_t bsc_hub_connected(const struct bsc_hub *hub)
{
    return hub->joined;
}

uint64_t bsc_hub_pending(const struct bsc_hub *hub, bsc_conn_id conn)
{
    if (conn == 0) {
        return hub->outbox.octets;
    }
    const struct member *m = bsc_hub_find(hub, conn);
    return m == NULL ? 0 : m->queue.octets + m->leftover;
}

bool bsc_hub_is_full(const struct bsc_hub *hub)
{
    return hub->used >= hub->slots;
}

bool bsc_hub_member(const struct bsc_hub *hub, uint32_t n, struct bsc_hub_member *member)
{
    if (n >= hub->joined) {
        return false;
    }
    const struct member *m = &hub->members[hub->joined_list[n]];
    *member = (struct bsc_hub_member){ .conn = m->id,
                                       .user = m->user,
                                       .peer = m->conn.peer,
                                       .last_received = m->conn.last_received,
                                       .pending = m->queue.octets + m->leftover,
                                       .connected_at = m->connected_at };
    return true;
}

void bsc_hub_set_vmac(struct bsc_hub *hub, const struct bsc_vmac *vmac)
{
    hub->config.vmac = *vmac;
    hub->self.vmac = *vmac;
}
