/*
 * Owns COV notifications (13.1, 13.17): which changes are worth one, and their parameters, written
 * when one can leave. Confirmed ones leave as calls, the others as APDUs.
 */
#include "bacnet/server/cov.h"

#include "bacnet/tag.h"

#include <assert.h>
#include <string.h>

enum {
    MOST_SUBSCRIPTIONS = 1000000,
    RETRY_S = 60, /* after a notification that was not acknowledged */
    UNCONFIRMED_HEADER = 2,
    CONFIRMED_HEADER = 4,
    CLOSING_TAGS = 2 /* that may stand behind a value of a multiple notification */
};

/* Changes */

/* Reads what a monitor watches into seen; raw gets the encoded values, flags maybe none. */
static bas_err look(const struct bac_server *server, struct bac_monitor *m,
                    const struct bac_object *object, struct bas_slice raw[2],
                    struct bas_buf *values)
{
    const struct bac_cov *cov = &server->cov;
    struct bac_cov_reading value = { .object = object, .property = m->property, .index = m->index };
    bas_err err = bac_cov_read(cov, &value, values, NULL);
    if (err != BAS_OK) {
        return err;
    }
    m->seen[0] = value.sample;
    raw[0] = value.raw;
    raw[1] = (struct bas_slice){ NULL, 0 };
    bool has_flags = cov->subscriptions[m->subscription].kind != BAC_COV_MULTIPLE &&
                     m->property != BAC_PROPERTY_STATUS_FLAGS;
    if (has_flags && bac_object_row(object, BAC_PROPERTY_STATUS_FLAGS) != NULL) {
        struct bac_cov_reading flags = { .object = object,
                                         .property = BAC_PROPERTY_STATUS_FLAGS,
                                         .index = BAC_NO_INDEX };
        err = bac_cov_read(cov, &flags, values, NULL);
        m->seen[1] = flags.sample;
        raw[1] = flags.raw;
    }
    return err;
}

static void check(struct bac_server *server, const struct bac_object *object, uint32_t at,
                  const struct bac_date_time *clock)
{
    struct bac_cov *cov = &server->cov;
    struct bac_monitor *m = &cov->monitors[at];
    struct bac_cov_sample before = m->seen[0];
    struct bas_slice raw[2];
    struct bas_buf values;
    bas_buf_init(&values, cov->values, BAC_COV_MAX_VALUES);
    if (look(server, m, object, raw, &values) != BAS_OK) {
        return; /* it cannot be read now; whoever changes that touches it again */
    }
    double increment = bac_cov_increment(cov, object, m, &m->seen[0]);
    bool is_changed = bac_cov_differs(&m->heard[0], &m->seen[0], increment) ||
                      bac_cov_differs(&m->heard[1], &m->seen[1], 0);
    if (is_changed && (!m->is_due || bac_cov_differs(&before, &m->seen[0], 0))) {
        m->time_of_change = clock->time;
    }
    if (is_changed) {
        bac_cov_set_due(cov, at, server->now);
    }
}

static void look_at_changes(struct bac_server *server)
{
    struct bac_cov *cov = &server->cov;
    struct bac_object *object = bac_database_next_changed(&server->db);
    struct bac_date_time clock = { 0 };
    if (object != NULL && cov->n_monitors != 0) {
        bac_server_clock(server, &clock);
    }
    for (; object != NULL; object = bac_database_next_changed(&server->db)) {
        for (uint32_t at = object->monitors.first; at != 0; at = cov->object_links[at].next) {
            check(server, object, at, &clock);
        }
    }
}

/* Notifications */

/* Appends what encode cannot refuse, but for room. */
static void add(struct bas_buf *out, const struct bac_type *type, const void *value, int tag)
{
    bas_err err = bac_encode(type, value, tag, out);
    assert(err == BAS_OK || err == BAS_ERR_NO_SPACE);
    out->full = out->full || err != BAS_OK;
}

/* The parameters of one notification, on their way into out. */
struct notice {
    struct bac_server *server;
    uint32_t subscription;
    struct bas_buf *out;
    uint32_t n; /* monitors that it tells of, the first that are due */
    bool has_time;
};

static void write_single(struct notice *notice)
{
    struct bac_server *server = notice->server;
    struct bac_cov *cov = &server->cov;
    const struct bac_subscription *s = &cov->subscriptions[notice->subscription];
    struct bac_monitor *m = &cov->monitors[s->monitors.first];
    const struct bac_object *object = bac_database_find(&server->db, m->object);
    struct bas_slice raw[2];
    struct bas_buf values;
    bas_buf_init(&values, cov->values, BAC_COV_MAX_VALUES);
    if (look(server, m, object, raw, &values) != BAS_OK) {
        return;
    }
    struct bac_property_value told[2] = {
        { .property = m->property,
          .has_index = m->index != BAC_NO_INDEX,
          .index = m->index,
          .value = raw[0] },
        { .property = BAC_PROPERTY_STATUS_FLAGS, .value = raw[1] },
    };
    const struct bac_cov_notification parameters = {
        .process = s->process,
        .device = server->db.device->id,
        .object = m->object,
        .time_remaining = bac_cov_time_remaining(&server->cov, s),
        .values = { told, raw[1].len != 0 ? 2 : 1 },
    };
    add(notice->out, &bac_type_cov_notification, &parameters, BAC_APPLICATION);
    notice->n = 1;
}

static void add_cov_value(struct notice *notice, struct bac_monitor *m, struct bas_slice raw)
{
    const struct bac_cov_value value = { .property = m->property,
                                         .has_index = m->index != BAC_NO_INDEX,
                                         .index = m->index,
                                         .has_time = m->is_timestamped,
                                         .value = raw,
                                         .time = m->time_of_change };
    add(notice->out, &bac_type_cov_value, &value, BAC_APPLICATION);
}

/* One value behind the others of its object, or behind the object's identifier. False: it does not
 * fit, and nothing was written. */
static bool add_monitor(struct notice *notice, struct bac_monitor *m,
                        const struct bac_monitor *last)
{
    struct bac_server *server = notice->server;
    struct bas_buf *out = notice->out;
    const struct bac_object *object = bac_database_find(&server->db, m->object);
    struct bas_slice raw[2];
    struct bas_buf values;
    bas_buf_init(&values, server->cov.values, BAC_COV_MAX_VALUES);
    if (look(server, m, object, raw, &values) != BAS_OK) {
        return true; /* nothing to tell of it now */
    }
    size_t before = out->len;
    bool is_same = last != NULL && last->object.type == m->object.type &&
                   last->object.instance == m->object.instance;
    if (!is_same) {
        if (last != NULL) {
            bac_head_add(out, BAC_HEAD_CLOSING, 1, 0);
        }
        add(out, &bac_type_object_id, &m->object, 0);
        bac_head_add(out, BAC_HEAD_OPENING, 1, 0);
    }
    add_cov_value(notice, m, raw[0]);
    notice->has_time = notice->has_time || m->is_timestamped;
    if (out->full || out->cap - out->len < CLOSING_TAGS) {
        out->full = false;
        out->len = before;
        return false;
    }
    return true;
}

static void write_values(struct notice *notice, const struct bac_subscription *s)
{
    struct bac_cov *cov = &notice->server->cov;
    const struct bac_monitor *last = NULL;
    for (uint32_t at = s->due.first; at != 0; at = cov->due_links[at].next) {
        struct bac_monitor *m = &cov->monitors[at];
        size_t before = notice->out->len;
        if (!add_monitor(notice, m, last)) {
            break;
        }
        notice->n++;
        last = notice->out->len != before ? m : last;
    }
    if (last == NULL) {
        notice->n = 0;
        return;
    }
    bac_head_add(notice->out, BAC_HEAD_CLOSING, 1, 0);
}

static void write_multiple(struct notice *notice, bool with_time)
{
    struct bac_server *server = notice->server;
    const struct bac_subscription *s = &server->cov.subscriptions[notice->subscription];
    struct bas_buf *out = notice->out;
    const uint64_t process = s->process;
    const uint64_t remaining = bac_cov_time_remaining(&server->cov, s);
    out->len = 0;
    notice->n = 0;
    add(out, &bac_type_unsigned, &process, 0);
    add(out, &bac_type_object_id, &server->db.device->id, 1);
    add(out, &bac_type_unsigned, &remaining, 2);
    if (with_time) {
        struct bac_date_time clock;
        bac_server_clock(server, &clock);
        add(out, &bac_type_date_time, &clock, 3);
    }
    bac_head_add(out, BAC_HEAD_OPENING, 4, 0);
    write_values(notice, s);
    bac_head_add(out, BAC_HEAD_CLOSING, 4, 0);
}

static bool write_within(struct notice *notice, size_t cap)
{
    const struct bac_cov *cov = &notice->server->cov;
    bas_buf_init(notice->out, cov->parameters, cap < BAC_COV_MAX_VALUES ? cap : BAC_COV_MAX_VALUES);
    notice->n = 0;
    notice->has_time = false;
    if (cov->subscriptions[notice->subscription].kind != BAC_COV_MULTIPLE) {
        write_single(notice);
    } else {
        write_multiple(notice, false);
        if (notice->has_time) { /* 13.17: then it has a time of its own */
            write_multiple(notice, true);
        }
    }
    return notice->n != 0 && !notice->out->full;
}

/* A confirmed one can be longer than an APDU of its peer: it goes in segments. */
static bool write_notice(struct notice *notice)
{
    const struct bac_cov *cov = &notice->server->cov;
    const struct bac_subscription *s = &cov->subscriptions[notice->subscription];
    size_t header = s->confirmed ? CONFIRMED_HEADER : UNCONFIRMED_HEADER;
    size_t most = cov->peers[s->peer].max_apdu;
    return write_within(notice, most > header ? most - header : 0) ||
           (s->confirmed && write_within(notice, BAC_COV_MAX_VALUES));
}

/* What the notice tells was heard. */
static void commit(const struct notice *notice)
{
    struct bac_cov *cov = &notice->server->cov;
    struct bac_subscription *s = &cov->subscriptions[notice->subscription];
    for (uint32_t i = 0; i < notice->n; i++) {
        uint32_t at = s->due.first;
        struct bac_monitor *m = &cov->monitors[at];
        memcpy(m->heard, m->seen, sizeof(m->heard));
        m->is_new = false;
        bac_cov_clear_due(cov, at);
    }
    notice->server->stats.notifications++;
}

/* A value that cannot be told is left until it changes again. */
static void drop(struct bac_server *server, uint32_t at)
{
    bac_cov_clear_due(&server->cov, server->cov.subscriptions[at].due.first);
    server->stats.not_sent++;
}

/* The next subscription of a form whose notice is written, or 0. */
static uint32_t next_notice(struct bac_server *server, bool confirmed, struct notice *notice)
{
    struct bac_cov *cov = &server->cov;
    if (cov->is_held || !bac_server_may_initiate(server)) {
        return 0;
    }
    look_at_changes(server);
    for (;;) {
        uint32_t at = confirmed ? bac_cov_next_confirmed(cov) : bac_cov_next_unconfirmed(cov);
        if (at == 0) {
            return 0;
        }
        notice->subscription = at;
        if (cov->subscriptions[at].expires <= server->now) {
            bac_cov_remove_subscription(cov, &server->db, at);
        } else if (write_notice(notice)) {
            return at;
        } else {
            drop(server, at);
        }
    }
}

void bac_server_hold(struct bac_server *server, bool is_held)
{
    server->cov.is_held = is_held;
}

static bas_err queue(struct bac_server *server, const struct notice *notice)
{
    struct bac_cov *cov = &server->cov;
    const struct bac_subscription *s = &cov->subscriptions[notice->subscription];
    bool is_multiple = s->kind == BAC_COV_MULTIPLE;
    const struct bac_apdu_tx tx = { .to = cov->peers[s->peer].address,
                                    .port = cov->peers[s->peer].port };
    const struct bac_apdu head = { .type = BAC_PDU_UNCONFIRMED_REQUEST,
                                   .service = is_multiple
                                                  ? BAC_UNCONFIRMED_COV_NOTIFICATION_MULTIPLE
                                                  : BAC_UNCONFIRMED_COV_NOTIFICATION };
    return bac_apdu_queue_put(&server->tx, &server->env, &tx, &head,
                              (struct bas_slice){ notice->out->data, notice->out->len });
}

bool bac_server_next_notification(struct bac_server *server, struct bac_apdu_tx *tx)
{
    struct bas_buf out;
    struct notice notice = { .server = server, .out = &out };
    uint32_t at = next_notice(server, false, &notice);
    if (at == 0) {
        return false;
    }
    if (queue(server, &notice) != BAS_OK) { /* it keeps its place */
        server->cov.room_at = server->now + BAS_SECOND;
        return false;
    }
    commit(&notice);
    bac_cov_requeue(&server->cov, at);
    return bac_apdu_queue_take(&server->tx, tx);
}

bool bac_server_next_call(struct bac_server *server, struct bac_server_call *call)
{
    struct bac_cov *cov = &server->cov;
    struct bas_buf out;
    struct notice notice = { .server = server, .out = &out };
    bool is_answered = server->tx.n == 0; /* 13.14.2: the answer goes first */
    uint32_t at = is_answered ? next_notice(server, true, &notice) : 0;
    if (at == 0) {
        return false;
    }
    const struct bac_subscription *s = &cov->subscriptions[at];
    bool is_multiple = s->kind == BAC_COV_MULTIPLE;
    const uint32_t id = bac_cov_begin_call(cov, at);
    commit(&notice);
    *call =
        (struct bac_server_call){ .id = id,
                                  .to = cov->peers[s->peer].address,
                                  .port = cov->peers[s->peer].port,
                                  .service = is_multiple ? BAC_CONFIRMED_COV_NOTIFICATION_MULTIPLE
                                                         : BAC_CONFIRMED_COV_NOTIFICATION,
                                  .parameters = { out.data, out.len } };
    return true;
}

/* The subscription stays whatever the peer said; he may have lost what we told him. */
void bac_server_call_done(struct bac_server *server, uint32_t id, bool acknowledged, bas_time now)
{
    struct bac_cov *cov = &server->cov;
    server->now = now;
    server->stats.not_acknowledged += !acknowledged;
    uint32_t at = bac_cov_end_call(cov, id, acknowledged);
    if (at != 0) {
        struct bac_subscription *s = &cov->subscriptions[at];
        if (!acknowledged) {
            s->retry_at = now + RETRY_S * BAS_SECOND;
        } else if (s->kind != BAC_COV_MULTIPLE) { /* else it may be about other properties */
            s->retry_at = BAS_NEVER;
        }
        bac_cov_settle(cov, at, now);
    }
}

/* The part of the server */

/* An object that is deleted takes its subscriptions along. */
static void forget(void *ctx, const struct bac_object *object)
{
    struct bac_server *server = ctx;
    while (object->monitors.first != 0) {
        bac_cov_remove_monitor(&server->cov, &server->db, object->monitors.first);
    }
}

static bas_err open_cov(struct bac_server *server, const struct bac_server_config *config,
                        struct bas_fault *fault)
{
    if (config->max_subscriptions > MOST_SUBSCRIPTIONS) {
        return bas_fail(fault, BAS_ERR_INVALID, "max_subscriptions %u is above %u",
                        (unsigned)config->max_subscriptions, (unsigned)MOST_SUBSCRIPTIONS);
    }
    if (bac_cov_open(&server->cov, &server->env, config) != BAS_OK) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "no memory for %u subscriptions",
                        (unsigned)config->max_subscriptions);
    }
    server->cov.clock = &server->now;
    server->db.cov = &server->cov;
    server->db.ending = forget;
    server->db.ending_ctx = server;
    return BAS_OK;
}

static void close_cov(struct bac_server *server)
{
    bac_cov_close(&server->cov, &server->env);
}

static void wake(struct bac_server *server, uint32_t at)
{
    struct bac_cov *cov = &server->cov;
    struct bac_subscription *s = &cov->subscriptions[at];
    if (s->expires <= server->now) {
        bac_cov_remove_subscription(cov, &server->db, at);
        return;
    }
    if (s->retry_at <= server->now) {
        s->retry_at = BAS_NEVER;
        for (uint32_t m = s->monitors.first; m != 0; m = cov->subscription_links[m].next) {
            bac_cov_set_due(cov, m, server->now);
        }
    }
    bac_cov_settle(cov, at, server->now);
}

static void tick_cov(struct bac_server *server, bas_time now)
{
    struct bac_cov *cov = &server->cov;
    uint32_t at = 0;
    while (bas_timers_expire(&cov->timers, now, &at)) {
        wake(server, at);
    }
    cov->room_at = BAS_NEVER;
    look_at_changes(server);
}

/* At once while there are changes that nobody looked at. */
static bas_time cov_deadline(const struct bac_server *server)
{
    const struct bac_cov *cov = &server->cov;
    if (server->db.changed != NULL && cov->n_monitors != 0) {
        return server->now;
    }
    bas_time first = bas_timers_next(&cov->timers);
    return cov->room_at < first ? cov->room_at : first;
}

const struct bac_server_part bac_server_cov = { open_cov, close_cov, tick_cov, cov_deadline };
