/* Owns a running hub: the engine, its links, its listener and state, and what it tells. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/hub.h"

#include "app/admission.h"
#include "app/identity.h"
#include "rt/link.h"

#include <stdio.h>
#include <string.h>

enum { HALF_OPEN_MAX = 512 };

struct bas_hub {
    struct bas_loop *loop;
    struct bas_hub_callbacks callbacks;
    struct bsc_hub *engine;
    struct bas_tls_context *tls;
    struct bas_admission admission;
    struct bas_state *state;
    struct listener *listener;
    struct flusher flusher;
    uv_timer_t timer;
    bas_time now;  /* when the last message came or the last flush began */
    uint64_t lost; /* messages that good peers lost, as far as it was told */
    bas_time lost_told;
    uint64_t turned_away; /* with HTTP 503 */
    bas_time turned_away_told;
    bas_time reloaded_at; /* 0: never */
    uint32_t setup_ms;
    bool is_stopping;
    struct connection_log ended, failed;
    char address[64];
    char uri[80];
};

static const char *const subprotocols[] = { "hub.bsc.bacnet.org", NULL };

/* The end. */

static void free_hub(struct bas_hub *hub)
{
    struct bas_env env = hub->loop->env;
    bsc_hub_free(hub->engine);
    bas_tls_context_unref(hub->tls);
    admission_release(&env, &hub->admission);
    bas_state_close(hub->state);
    bas_release(&env, hub, sizeof(*hub));
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct bas_hub *hub = handle->data;
    struct bas_hub_callbacks callbacks = hub->callbacks;
    free_hub(hub);
    if (callbacks.stopped != NULL) {
        callbacks.stopped(callbacks.user);
    }
}

static void finish(void *user)
{
    struct bas_hub *hub = user;
    loop_remove_flusher(hub->loop, &hub->flusher);
    uv_close((uv_handle_t *)&hub->timer, on_timer_closed);
}

/* Events of the engine. */

/* Who left, or was not let in. bsc 9.4-01 9.4-02 */
static void note_end(struct bas_hub *hub, const struct bsc_hub_event *event, const char *address)
{
    const struct bas_env *env = &hub->loop->env;
    const struct connection_record record = { .connected_at = event->connected_at,
                                              .ended_at = env->wall(env->ctx),
                                              .vmac = event->vmac,
                                              .uuid = event->uuid };
    if (event->kind == BSC_HUB_LEFT) {
        connection_log_note(&hub->ended, &record, address, &event->fault);
    } else if (event->kind == BSC_HUB_CLOSE && event->fault.err != BAS_OK) {
        connection_log_note(&hub->failed, &record, address, &event->fault);
    }
}

static void give_notice(struct bas_hub *hub, const struct bsc_hub_event *event)
{
    const struct link *link = event->user;
    struct bas_tls_identity identity;
    const struct bas_hub_notice notice = {
        .kind = event->kind,
        .vmac = &event->vmac,
        .uuid = &event->uuid,
        .address = link_address(link),
        .subject = link_peer(link, &identity) ? identity.subject : "",
        .fault = &event->fault,
        .replaces = event->replaces,
    };
    note_end(hub, event, notice.address);
    if (hub->callbacks.notice != NULL) {
        hub->callbacks.notice(hub->callbacks.user, &notice);
    }
}

/* Each link ends with one notice: LEFT when it had joined, else CLOSE. A mark is on those that have
 * joined or were given theirs. */
static void give_end(struct bas_hub *hub, struct link *link, const struct bsc_hub_event *event)
{
    if (!link_is_marked(link)) {
        link_mark(link);
        give_notice(hub, event);
    }
}

static void give_plain_end(struct bas_hub *hub, struct link *link, const struct bas_fault *why)
{
    const struct bsc_hub_event event = { .kind = BSC_HUB_CLOSE, .user = link, .fault = *why };
    give_end(hub, link, &event);
}

/* Whether a device may be here: by the rules of admission, and by the certificates if
 * by_certificates says so (their handshake may have been by those before). */
static bas_err judge(const struct bas_hub *hub, struct link *link, const struct bsc_uuid *uuid,
                     bool by_certificates, struct bas_fault *fault)
{
    struct bas_tls_identity identity;
    if (by_certificates && hub->tls != NULL && link_recheck(link, hub->tls, fault) != BAS_OK) {
        return fault->err;
    }
    bool has_identity = link_peer(link, &identity);
    return admission_judge(&hub->admission, has_identity ? &identity : NULL, uuid, fault);
}

/* Those who had been let in before a reload, but had not joined, are judged again when they do:
 * it may take them the set-up time and the connect wait. */
static bool is_after_reload(const struct bas_hub *hub, bas_time now)
{
    return hub->reloaded_at != 0 && now - hub->reloaded_at < hub->setup_ms * BAS_MILLISECOND;
}

static void admit(struct bas_hub *hub, const struct bsc_hub_event *event, bas_time now)
{
    struct bas_fault fault = { 0 };
    bas_err err = judge(hub, event->user, &event->uuid, is_after_reload(hub, now), &fault);
    (void)bsc_hub_admit(hub->engine, event->conn, err == BAS_OK ? NULL : &fault, now);
}

static void drain_events(struct bas_hub *hub, bas_time now)
{
    struct bsc_hub_event event;
    while (bsc_hub_next_event(hub->engine, &event)) {
        switch (event.kind) {
        case BSC_HUB_ADMIT:
            admit(hub, &event, now);
            break;
        case BSC_HUB_CLOSE:
            give_end(hub, event.user, &event);
            link_close(event.user, event.close_code);
            break;
        case BSC_HUB_JOINED:
            link_mark(event.user);
            give_notice(hub, &event);
            break;
        case BSC_HUB_LEFT:
        case BSC_HUB_FAULT:
            give_notice(hub, &event);
            break;
        }
    }
}

void bas_hub_stop(struct bas_hub *hub)
{
    if (hub->is_stopping) {
        return;
    }
    hub->is_stopping = true;
    bsc_hub_disconnect(hub->engine, 0, loop_now());
    drain_events(hub, loop_now());
    listener_close(hub->listener, finish, hub);
}

/* What links say. */

static void on_open(void *user, struct link *link, const char *subprotocol)
{
    struct bas_hub *hub = user;
    bsc_conn_id conn = 0;
    (void)subprotocol;
    if (hub->is_stopping) {
        link_close(link, BAS_WS_CLOSE_GOING_AWAY);
        return;
    }
    if (bsc_hub_open(hub->engine, link, loop_now(), &conn) != BAS_OK) {
        struct bas_fault full = { 0 };
        (void)bas_fail(&full, BAS_ERR_NO_SPACE,
                       "all connections and their slack are in use; raise max-connections");
        give_plain_end(hub, link, &full);
        link_close(link, 1013); /* try again later */
        return;
    }
    link_set_tag(link, conn);
}

static void on_message(void *user, struct link *link, const struct bas_window *window)
{
    struct bas_hub *hub = user;
    hub->now = loop_now();
    (void)bsc_hub_recv(hub->engine, link_tag(link), window, hub->now);
    drain_events(hub, hub->now);
    if (bsc_hub_is_crowded(hub->engine)) {
        loop_flush_soon(hub->loop);
    }
}

static void on_closed(void *user, struct link *link, const struct bas_fault *why)
{
    struct bas_hub *hub = user;
    bas_time now = loop_now();
    if (link_tag(link) != 0) {
        bsc_hub_closed(hub->engine, link_tag(link), why, now);
        drain_events(hub, now);
    }
    if (!hub->is_stopping) {
        give_plain_end(hub, link, why);
    }
}

static bool on_peek(void *user, struct link *link, struct bsc_tx *tx)
{
    struct bas_hub *hub = user;
    return bsc_hub_peek(hub->engine, link_tag(link), tx);
}

static void on_pop(void *user, struct link *link)
{
    struct bas_hub *hub = user;
    bsc_hub_pop(hub->engine, link_tag(link), hub->now);
}

static void on_leftover(void *user, struct link *link, size_t octets)
{
    struct bas_hub *hub = user;
    bas_time now = loop_now();
    bsc_hub_charge_leftover(hub->engine, link_tag(link), octets, now);
    if (octets == 0) {
        bsc_hub_writable(hub->engine, link_tag(link), now);
    }
}

static void on_skipped(void *user, struct link *link)
{
    struct bas_hub *hub = user;
    bsc_hub_skipped(hub->engine, link_tag(link));
}

static const struct link_owner owner = { on_open, on_message,  on_closed, on_peek,
                                         on_pop,  on_leftover, on_skipped };

/* Before the upgrade is answered; above max_connections plus the slack for those who come back. */
static bool on_is_full(void *user)
{
    const bas_time pause = 60 * BAS_SECOND;
    struct bas_hub *hub = user;
    if (!bsc_hub_is_full(hub->engine)) {
        return false;
    }
    bas_time now = loop_now();
    hub->turned_away++;
    if (hub->turned_away_told == 0 || now - hub->turned_away_told >= pause) {
        hub->turned_away_told = now;
        bas_log(&hub->loop->env, BAS_LOG_WARNING,
                "all connections and their slack are in use: %llu connections were turned away "
                "with HTTP 503 since the start; raise max-connections",
                (unsigned long long)hub->turned_away);
    }
    return true;
}

/* Time and output. */

static void on_timer(uv_timer_t *timer)
{
    struct bas_hub *hub = timer->data;
    bas_time now = loop_now();
    bsc_hub_tick(hub->engine, now);
    drain_events(hub, now);
}

/* The timer follows the engine's deadline; it is set once a turn, not per message. */
static void set_timer(struct bas_hub *hub, bas_time now)
{
    bas_time deadline = bsc_hub_deadline(hub->engine);
    if (deadline == BAS_NEVER) {
        (void)uv_timer_stop(&hub->timer);
        return;
    }
    bas_time wait = deadline <= now ? 0 : (deadline - now) / BAS_MILLISECOND + 1;
    if (!uv_is_active((uv_handle_t *)&hub->timer) ||
        uv_timer_get_due_in(&hub->timer) != (uint64_t)wait) {
        (void)uv_timer_start(&hub->timer, on_timer, (uint64_t)wait, 0);
    }
}

/* What good peers lost is told, but not for every message of a flood. */
static void tell_lost(struct bas_hub *hub, bas_time now)
{
    const bas_time pause = 10 * BAS_SECOND;
    const struct bsc_hub_counters *c = bsc_hub_counters(hub->engine);
    uint64_t lost = c->dropped_pending_full + c->dropped_total_full + c->dropped_too_long;
    if (lost == hub->lost || (hub->lost_told != 0 && now - hub->lost_told < pause)) {
        return;
    }
    bas_log(&hub->loop->env, BAS_LOG_WARNING,
            "%llu more messages were dropped; since the start: %llu for nodes that were slow to "
            "read, %llu because "
            "too much was waiting for all, %llu longer than their destination takes",
            (unsigned long long)(lost - hub->lost), (unsigned long long)c->dropped_pending_full,
            (unsigned long long)c->dropped_total_full, (unsigned long long)c->dropped_too_long);
    hub->lost = lost;
    hub->lost_told = now;
}

static bool flush(void *user, bas_time now)
{
    struct bas_hub *hub = user;
    bsc_conn_id conn;
    void *link;
    hub->now = now;
    /* Links that have more than one turn's worth come back on the list: they are for the next turn.
     */
    for (uint32_t n = bsc_hub_dirty(hub->engine); n > 0; n--) {
        if (bsc_hub_next_dirty(hub->engine, &conn, &link)) {
            link_flush(link);
        }
    }
    bsc_hub_turn_end(hub->engine);
    tell_lost(hub, now);
    set_timer(hub, now);
    return bsc_hub_dirty(hub->engine) != 0;
}

/* The beginning. */

/* ws:// is for tests alone, and for this machine alone unless that was asked for too. */
static bas_err check_plaintext(const struct bas_hub *hub, const struct bas_hub_settings *settings,
                               struct bas_fault *fault)
{
    bool is_loopback =
        strncmp(settings->bind, "127.", 4) == 0 || strncmp(settings->bind, "[::1]:", 6) == 0;
    if (settings->plaintext != BAS_PLAINTEXT_ANYWHERE && !is_loopback) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "bind address %s: a hub without TLS (allow-plaintext) listens on loopback "
                        "alone, 127.0.0.1 or [::1]; allow-plaintext anywhere if you must",
                        settings->bind);
    }
    bas_log(&hub->loop->env, BAS_LOG_WARNING,
            "NO TLS: this hub speaks ws://, nothing is encrypted and anybody may connect; this is "
            "for tests alone");
    return BAS_OK;
}

static bas_err open_tls(struct bas_hub *hub, const struct bas_hub_settings *settings,
                        struct bas_fault *fault)
{
    if (settings->plaintext != BAS_PLAINTEXT_NO) {
        return check_plaintext(hub, settings, fault);
    }
    hub->tls = bas_tls_context_new(&hub->loop->env, &settings->tls, fault);
    return hub->tls == NULL ? fault->err : BAS_OK;
}

static bas_err open_admission(struct bas_hub *hub, const struct bas_hub_settings *settings,
                              struct bas_fault *fault)
{
    if (admission_copy(&hub->loop->env, &settings->admission, &hub->admission) != BAS_OK) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the list of who may connect");
    }
    return BAS_OK;
}

static bas_err open_state(struct bas_hub *hub, const struct bas_hub_settings *settings,
                          struct bas_fault *fault)
{
    const struct identity_request request = { .tls = hub->tls,
                                              .state_file = settings->state_file,
                                              .vmac = &settings->engine.vmac,
                                              .uuid = &settings->engine.uuid };
    return identity_open(&hub->loop->env, &request, &hub->state, fault);
}

static bas_err open_engine(struct bas_hub *hub, const struct bas_hub_settings *settings,
                           struct bas_fault *fault)
{
    struct bsc_hub_config config = settings->engine;
    config.size = sizeof(config);
    config.vmac = bas_state_vmac(hub->state);
    config.uuid = bas_state_uuid(hub->state);
    if (config.pending_entries == UINT32_MAX) { /* not set: the engine knows what suits */
        config.pending_entries = 0;
    }
    hub->engine = bsc_hub_new(&hub->loop->env, &config);
    if (hub->engine == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY,
                        "out of memory for the hub; lower max-connections or pending-entries");
    }
    return BAS_OK;
}

static bas_err open_listener(struct bas_hub *hub, const struct bas_hub_settings *settings,
                             struct bas_fault *fault)
{
    uint32_t max = settings->engine.max_connections == 0 ? 1024 : settings->engine.max_connections;
    uint32_t wait = settings->engine.connect_wait_ms;
    hub->setup_ms = wait == 0 ? 10000 : wait;
    const struct listener_config config = {
        .link = { .loop = hub->loop,
                  .tls = hub->tls,
                  .owner = &owner,
                  .user = hub,
                  .subprotocols = subprotocols,
                  .setup_ms = hub->setup_ms,
                  .max_message = BSC_MAX_BVLC },
        .bind = settings->bind,
        .max_links = max + max / 16 + HALF_OPEN_MAX,
        .max_half_open = HALF_OPEN_MAX,
        .is_full = on_is_full,
    };
    hub->listener = listener_new(&config, fault);
    return hub->listener == NULL ? fault->err : BAS_OK;
}

/* A hub that listens everywhere is reached on this host's loopback. */
static void make_uri(struct bas_hub *hub)
{
    static const struct {
        const char *everywhere, *here;
    } rows[] = { { "0.0.0.0:", "127.0.0.1:" }, { "[::]:", "[::1]:" } };
    const char *at = hub->address;
    const char *host = "";
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        size_t len = strlen(rows[i].everywhere);
        if (strncmp(at, rows[i].everywhere, len) == 0) {
            host = rows[i].here;
            at += len;
            break;
        }
    }
    (void)snprintf(hub->uri, sizeof(hub->uri), "%s://%s%s", hub->tls == NULL ? "ws" : "wss", host,
                   at);
}

struct bas_hub *bas_hub_start(struct bas_loop *loop, const struct bas_hub_settings *settings,
                              const struct bas_hub_callbacks *callbacks, struct bas_fault *fault)
{
    struct bas_hub *hub = bas_alloc(&loop->env, sizeof(*hub));
    if (hub == NULL) {
        (void)bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the hub");
        return NULL;
    }
    hub->loop = loop;
    hub->callbacks = *callbacks;
    static bas_err (*const steps[])(struct bas_hub * hub, const struct bas_hub_settings *settings,
                                    struct bas_fault *fault) = {
        open_tls, open_admission, open_state, open_engine, open_listener,
    };
    bas_err err = BAS_OK;
    for (size_t i = 0; i < BAS_ARRAY_LEN(steps) && err == BAS_OK; i++) {
        err = steps[i](hub, settings, fault);
    }
    if (err != BAS_OK) {
        free_hub(hub);
        return NULL;
    }
    memcpy(hub->address, listener_address(hub->listener), sizeof(hub->address));
    make_uri(hub);
    (void)uv_timer_init(&loop->uv, &hub->timer);
    hub->timer.data = hub;
    hub->flusher = (struct flusher){ flush, hub, NULL };
    loop_add_flusher(loop, &hub->flusher);
    return hub;
}

const char *bas_hub_address(const struct bas_hub *hub)
{
    return hub->address;
}

const char *bas_hub_uri(const struct bas_hub *hub)
{
    return hub->uri;
}

struct bas_tls_context *hub_tls(const struct bas_hub *hub)
{
    return hub->tls;
}

struct bas_state *hub_state(struct bas_hub *hub)
{
    return hub->state;
}

const struct connection_log *hub_ended(const struct bas_hub *hub)
{
    return &hub->ended;
}

struct connection_log *hub_failed(struct bas_hub *hub)
{
    return &hub->failed;
}

void hub_set_vmac(struct bas_hub *hub, const struct bsc_vmac *vmac)
{
    bsc_hub_set_vmac(hub->engine, vmac);
}

struct bsc_vmac bas_hub_vmac(const struct bas_hub *hub)
{
    return bas_state_vmac(hub->state);
}

struct bsc_uuid bas_hub_uuid(const struct bas_hub *hub)
{
    return bas_state_uuid(hub->state);
}

const struct bsc_hub *bas_hub_engine(const struct bas_hub *hub)
{
    return hub->engine;
}

/* Reload. */

/* A new set, loaded before anything of the old one is touched. */
struct fresh {
    struct bas_tls_context *tls;    /* NULL: the old one stays */
    struct bas_admission admission; /* of its own memory */
    bool has_admission;
};

static bas_err load_tls(const struct bas_hub *hub, const struct bas_tls_config *tls,
                        struct fresh *fresh, struct bas_fault *fault)
{
    struct bas_tls_identity identity;
    struct bsc_uuid uuid;
    char texts[2][BSC_UUID_TEXT];
    if (tls == NULL) {
        return BAS_OK;
    }
    if (hub->tls == NULL) {
        return bas_fail(fault, BAS_ERR_STATE,
                        "this hub was started without TLS (allow-plaintext): it takes no "
                        "certificates; restart it without that");
    }
    fresh->tls = bas_tls_context_new(&hub->loop->env, tls, fault);
    if (fresh->tls == NULL) {
        return fault->err;
    }
    const struct bsc_uuid own = bas_state_uuid(hub->state);
    bas_tls_context_identity(fresh->tls, &identity);
    memcpy(uuid.octets, identity.uuid, sizeof(uuid.octets));
    if (identity.has_uuid && !bsc_uuid_equal(&uuid, &own)) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "%s: its UUID is %s, but this device is %s and stays it; issue a "
                        "certificate with that UUID (basalt pki renew keeps it)",
                        tls->certificate_file, bsc_uuid_text(&uuid, texts[0]),
                        bsc_uuid_text(&own, texts[1]));
    }
    return BAS_OK;
}

static bas_err load(const struct bas_hub *hub, const struct bas_tls_config *tls,
                    const struct bas_admission *admission, struct fresh *fresh,
                    struct bas_fault *fault)
{
    if (hub->is_stopping) {
        return bas_fail(fault, BAS_ERR_STATE, "the hub is being stopped");
    }
    bas_err err = load_tls(hub, tls, fresh, fault);
    if (err == BAS_OK && admission != NULL) {
        fresh->has_admission = true;
        if (admission_copy(&hub->loop->env, admission, &fresh->admission) != BAS_OK) {
            err =
                bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the list of who may connect");
        }
    }
    return err;
}

static void exchange(struct bas_hub *hub, const struct fresh *fresh)
{
    if (fresh->has_admission) {
        admission_release(&hub->loop->env, &hub->admission);
        hub->admission = fresh->admission;
    }
    if (fresh->tls != NULL) {
        bas_tls_context_unref(hub->tls);
        hub->tls = fresh->tls;
        hub->reloaded_at = hub->now;
        listener_set_tls(hub->listener,
                         fresh->tls); /* may tell of ends: another reload may follow */
    }
}

/* From the last to the first: one that goes leaves its place to one that was judged before. */
static void judge_all(struct bas_hub *hub, bool by_certificates, struct bas_reload *what)
{
    struct bsc_hub_member member;
    for (uint32_t n = bsc_hub_connected(hub->engine);
         n > 0 && bsc_hub_member(hub->engine, n - 1, &member); n--) {
        struct bas_fault fault = { 0 };
        if (judge(hub, member.user, &member.peer.uuid, by_certificates, &fault) == BAS_OK) {
            what->kept++;
        } else {
            what->closed++;
            bsc_hub_expel(hub->engine, member.conn, &fault, hub->now);
        }
    }
}

/* bsc 7.5-05 */
bas_err bas_hub_reload(struct bas_hub *hub, const struct bas_tls_config *tls,
                       const struct bas_admission *admission, struct bas_reload *what,
                       struct bas_fault *fault)
{
    struct fresh fresh = { .tls = NULL };
    struct bas_reload result = { .kept = 0 };
    struct bas_fault own = { 0 };
    fault = fault == NULL ? &own : fault;
    bas_err err = load(hub, tls, admission, &fresh, fault);
    if (err != BAS_OK) {
        bas_tls_context_unref(fresh.tls);
        admission_release(&hub->loop->env, &fresh.admission);
        return err;
    }
    hub->now = loop_now();
    exchange(hub, &fresh);
    judge_all(hub, fresh.tls != NULL, &result);
    if (hub->tls != NULL) {
        bas_tls_context_identity(hub->tls, &result.identity);
    }
    if (what != NULL) {
        *what = result;
    }
    drain_events(hub, hub->now);
    return BAS_OK;
}
