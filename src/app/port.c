/*
 * Owns what moves in a BACnet/SC port: links to hubs and to peers, what they bring to the node, and
 * what the node has to say.
 *
 * Whatever happens, port_pump() carries it out until the node is silent; output goes out at the end
 * of the turn.
 */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/port.h"
#include "app/admission.h"
#include "app/hub.h"
#include "tls/context.h"

#include <stdio.h>
#include <string.h>

static const char *const hub_protocols[] = { "hub.bsc.bacnet.org", NULL };
static const char *const direct_protocols[] = { "dc.bsc.bacnet.org", NULL };

static void tell(struct bas_port *p, const struct bsc_node_event *event)
{
    if (p->config.event != NULL) {
        p->config.event(p->config.user, event);
    }
}

/* The places of links. */

/* NULL: there is none; for id 0: all are taken. */
static struct port_link *find(struct bas_port *p, bsc_link_id id)
{
    for (size_t i = 0; i < p->n_links; i++) {
        if (p->links[i].id == id) {
            return &p->links[i];
        }
    }
    return NULL;
}

static struct port_link *take_place(struct bas_port *p, bsc_link_id id, struct link *link)
{
    struct port_link *l = find(p, 0);
    if (l != NULL) {
        *l = (struct port_link){ .id = id, .link = link };
        link_set_tag(link, id);
    }
    return l;
}

static void leave_place(struct port_link *l)
{
    bas_tls_context_unref(l->tls);
    *l = (struct port_link){ .id = 0 };
}

/* Links that the node asks for. */

static const struct link_owner owner;

struct link_config port_link_config(struct bas_port *p, bool is_direct)
{
    return (struct link_config){ .loop = p->loop,
                                 .tls = p->tls,
                                 .owner = &owner,
                                 .user = p,
                                 .subprotocols = is_direct ? direct_protocols : hub_protocols,
                                 .setup_ms = p->setup_ms,
                                 .max_message = BSC_MAX_BVLC };
}

static void warn_of_plaintext(struct bas_port *p, const char *uri)
{
    if (!p->has_warned) {
        p->has_warned = true;
        bas_log(&p->loop->env, BAS_LOG_WARNING,
                "%s: PLAINTEXT: nothing is encrypted, and anybody may read, change and send; this "
                "is for tests alone",
                uri);
    }
}

static bas_err connect_link(struct bas_port *p, const struct bsc_node_event *event,
                            struct bas_fault *fault)
{
    const struct port_plan plan = { p->config.plaintext, p->tls != NULL };
    bool is_plain = false;
    bas_err err = port_judge_uri(&plan, event->uri, &is_plain, fault);
    if (err != BAS_OK) {
        return err;
    }
    struct link_config config =
        port_link_config(p, strcmp(event->subprotocol, direct_protocols[0]) == 0);
    if (is_plain) {
        config.tls = NULL;
        warn_of_plaintext(p, event->uri);
    }
    struct port_link *l = find(p, 0);
    struct link *link = l == NULL ? NULL : link_connect(&config, event->uri);
    if (link == NULL) {
        return bas_fail(fault, l == NULL ? BAS_ERR_NO_SPACE : BAS_ERR_NO_MEMORY,
                        "%s for a connection", l == NULL ? "no place is left" : "out of memory");
    }
    l = take_place(p, event->link, link);
    l->tls = config.tls == NULL ? NULL : bas_tls_context_ref(config.tls);
    return BAS_OK;
}

static void open_link(struct bas_port *p, const struct bsc_node_event *event, bas_time now)
{
    struct bas_fault fault = { 0 };
    if (connect_link(p, event, &fault) != BAS_OK) {
        bsc_node_link_down(p->node, event->link, &fault, now);
    }
}

static void close_link(struct bas_port *p, const struct bsc_node_event *event)
{
    const struct port_link *l = find(p, event->link);
    if (l != NULL) {
        link_close(l->link, event->close_code);
    }
}

/* Who wants to connect directly. */

/* Whoever is refused may come again at once: a line in a minute must do. */
static void log_refusal(struct bas_port *p, const struct bas_fault *refusal, bas_time now)
{
    const bas_time pause = 60 * BAS_SECOND;
    p->refused++;
    if (p->refused_told_at == 0 || now - p->refused_told_at >= pause) {
        p->refused_told_at = now;
        bas_log(&p->loop->env, BAS_LOG_WARNING,
                "a direct connection was refused (%llu since the start): %s",
                (unsigned long long)p->refused, refusal->text);
    }
}

/* bsc 3.2-07 */
static void admit(struct bas_port *p, const struct bsc_node_event *event, bas_time now)
{
    struct port_link *l = find(p, event->link);
    struct bas_fault refusal = { 0 };
    if (l == NULL) {
        return;
    }
    l->is_admitted = true;
    l->uuid = event->uuid;
    bas_err err = port_judge_admission(p, l, &refusal);
    if (err != BAS_OK) {
        log_refusal(p, &refusal, now);
    }
    (void)bsc_node_admit(p->node, event->link, err == BAS_OK ? NULL : &refusal, now);
}

/* Events of the node. */

static void hub_is_up(struct bas_port *p, const struct bsc_node_event *event)
{
    const struct port_link *l = find(p, event->link);
    p->has_peer = l != NULL && link_peer(l->link, &p->peer);
    p->last.err = BAS_OK;
    if (p->wait != NULL) {
        bas_loop_stop(p->loop);
    }
}

static void no_hub(struct bas_port *p, const struct bsc_node_event *event)
{
    if (event->fault.err != BAS_OK) {
        p->last = event->fault;
    }
}

/* bsc 8.1-05 */
static void keep_vmac(struct bas_port *p, const struct bsc_node_event *event)
{
    struct bsc_node_event wrong = { .kind = BSC_NODE_FAULT };
    if (p->is_stopping) {
        return; /* it will never be used */
    }
    if (bas_state_set_vmac(port_state(p), &event->vmac, &wrong.fault) != BAS_OK) {
        tell(p, &wrong);
    }
    if (p->config.host != NULL) {
        hub_set_vmac(p->config.host, &event->vmac);
    }
}

/* A direct connection of somebody else that did not come to be. bsc 9.4-02 */
static void note_failure(struct bas_port *p, const struct bsc_node_event *event,
                         const char *address)
{
    const struct bas_env *env = &p->loop->env;
    const struct connection_record record = { .ended_at = env->wall(env->ctx),
                                              .vmac = event->vmac,
                                              .uuid = event->uuid };
    if (event->uri == NULL || event->uri[0] == 0) {
        connection_log_note(&p->failed, &record, address, &event->fault);
    }
}

static void take_event(struct bas_port *p, const struct bsc_node_event *event, bas_time now)
{
    const struct port_link *l = event->link == 0 ? NULL : find(p, event->link);
    switch (event->kind) {
    case BSC_NODE_LINK_OPEN:
        open_link(p, event, now);
        return;
    case BSC_NODE_LINK_CLOSE:
        close_link(p, event);
        return;
    case BSC_NODE_ADMIT:
        admit(p, event, now);
        return;
    case BSC_NODE_UP:
        hub_is_up(p, event);
        break;
    case BSC_NODE_DOWN:
    case BSC_NODE_RETRY:
        no_hub(p, event);
        break;
    case BSC_NODE_VMAC_CHANGED:
        keep_vmac(p, event);
        break;
    case BSC_NODE_NPDU:
    case BSC_NODE_RESULT:
    case BSC_NODE_ADVERTISEMENT:
    case BSC_NODE_PROPRIETARY:
    case BSC_NODE_RESOLVED:
    case BSC_NODE_DIRECT_UP:
    case BSC_NODE_DIRECT_DOWN:
    case BSC_NODE_FAULT:
        break;
    case BSC_NODE_DIRECT_FAILED:
        note_failure(p, event, l == NULL ? NULL : link_address(l->link));
        break;
    }
    tell(p, event);
}

void port_pump(struct bas_port *p, bas_time now)
{
    struct bsc_node_event event;
    if (p->is_pumping) {
        return; /* called from a callback: the pump below goes on */
    }
    p->is_pumping = true;
    while (bsc_node_next_event(p->node, &event)) {
        take_event(p, &event, now);
    }
    p->is_pumping = false;
    port_check_end(p);
}

/* What links say. */

/* A peer has connected: it is the node's from here on. */
static bas_err accept_link(struct bas_port *p, struct link *link, bas_time now)
{
    bsc_link_id id = 0;
    bas_err err = find(p, 0) == NULL ? BAS_ERR_NO_SPACE : bsc_node_accept(p->node, now, &id);
    if (err == BAS_OK) {
        take_place(p, id, link)->is_open = true;
    }
    return err;
}

static void open_accepted(struct bas_port *p, struct link *link, bas_time now)
{
    enum { TRY_AGAIN_LATER = 1013 };
    bas_err err = p->is_stopping ? BAS_ERR_STATE : accept_link(p, link, now);
    if (err != BAS_OK) {
        link_close(link, err == BAS_ERR_STATE ? BAS_WS_CLOSE_GOING_AWAY : TRY_AGAIN_LATER);
    }
}

static void open_own(struct bas_port *p, const struct link *link, bas_time now)
{
    struct port_link *l = find(p, link_tag(link));
    if (l == NULL) {
        return; /* it cannot be: places are left when a link is closed */
    }
    l->is_open = true;
    if (port_judge_link(p, l)) {
        bsc_node_link_up(p->node, l->id, now);
    }
}

static void on_open(void *user, struct link *link, const char *subprotocol)
{
    struct bas_port *p = user;
    bas_time now = loop_now();
    (void)subprotocol;
    if (link_tag(link) == 0) {
        open_accepted(p, link, now);
    } else {
        open_own(p, link, now);
    }
    port_pump(p, now);
}

static void on_message(void *user, struct link *link, const struct bas_window *window)
{
    struct bas_port *p = user;
    bas_time now = loop_now();
    if (link_tag(link) != 0) {
        (void)bsc_node_recv(p->node, link_tag(link), window, now);
        port_pump(p, now);
    }
}

/* It came for a direct connection and did not get so far that the node knows it. */
static void stranger_left(struct bas_port *p, const struct link *link, const struct bas_fault *why)
{
    struct bsc_node_event event = { .kind = BSC_NODE_DIRECT_FAILED, .uri = "", .fault = *why };
    if (p->is_stopping || why->err == BAS_OK) {
        return;
    }
    (void)snprintf(event.fault.text, sizeof(event.fault.text), "a direct connection from %s: %.*s",
                   link_address(link), (int)sizeof(why->text) - 80, why->text);
    note_failure(p, &event, link_address(link));
    tell(p, &event);
}

static void on_closed(void *user, struct link *link, const struct bas_fault *why)
{
    struct bas_port *p = user;
    bas_time now = loop_now();
    bsc_link_id id = link_tag(link);
    struct port_link *l = id == 0 ? NULL : find(p, id);
    if (l == NULL) {
        stranger_left(p, link, why);
        return;
    }
    const struct bas_fault reason = l->why.err != BAS_OK ? l->why : *why;
    leave_place(l);
    bsc_node_link_down(p->node, id, &reason, now);
    port_pump(p, now);
}

static bool on_peek(void *user, struct link *link, struct bsc_tx *tx)
{
    const struct bas_port *p = user;
    return link_tag(link) != 0 && bsc_node_peek(p->node, link_tag(link), tx);
}

static void on_pop(void *user, struct link *link)
{
    const struct bas_port *p = user;
    bsc_node_pop(p->node, link_tag(link));
}

static void on_leftover(void *user, struct link *link, size_t octets)
{
    struct bas_port *p = user;
    struct port_link *l = link_tag(link) == 0 ? NULL : find(p, link_tag(link));
    if (l != NULL) {
        l->is_blocked = octets != 0;
        l->is_dirty = true;
    }
}

static void on_skipped(void *user, struct link *link)
{
    const struct bas_port *p = user;
    bsc_node_skipped(p->node, link_tag(link));
}

static const struct link_owner owner = { on_open, on_message,  on_closed, on_peek,
                                         on_pop,  on_leftover, on_skipped };

/* Time and the end of a turn. */

static void on_timer(uv_timer_t *timer)
{
    struct bas_port *p = timer->data;
    bas_time now = loop_now();
    p->timer_at = BAS_NEVER;
    bsc_node_tick(p->node, now);
    port_pump(p, now);
}

void port_begin(struct bas_port *p)
{
    (void)uv_timer_init(&p->loop->uv, &p->timer);
    p->timer.data = p;
    p->timer_at = loop_now();
    (void)uv_timer_start(&p->timer, on_timer, 0, 0); /* nothing is told before the loop runs */
    p->flusher = (struct flusher){ port_flush, p, NULL };
    loop_add_flusher(p->loop, &p->flusher);
    bsc_node_start(p->node, loop_now());
}

static void set_timer(struct bas_port *p, bas_time now)
{
    bas_time deadline = bsc_node_deadline(p->node);
    if (deadline == p->timer_at) {
        return;
    }
    p->timer_at = deadline;
    if (deadline == BAS_NEVER) {
        (void)uv_timer_stop(&p->timer);
        return;
    }
    bas_time wait = deadline <= now ? 0 : (deadline - now) / BAS_MILLISECOND + 1;
    (void)uv_timer_start(&p->timer, on_timer, (uint64_t)wait, 0);
}

/* Sends on one link. True: there is more for the next turn. */
static bool flush_link(struct bas_port *p, struct port_link *l)
{
    const bsc_link_id id = l->id;
    struct bsc_tx tx;
    if (id == 0 || !l->is_dirty || l->is_blocked) {
        return false;
    }
    link_flush(l->link);
    if (l->id != id) {
        return false; /* it is over */
    }
    l->is_dirty = bsc_node_peek(p->node, id, &tx);
    return l->is_dirty && !l->is_blocked;
}

bool port_flush(void *user, bas_time now)
{
    struct bas_port *p = user;
    bsc_link_id id;
    bool has_more = false;
    port_follow_host(p);
    port_pump(p, now);
    while (bsc_node_next_dirty(p->node, &id)) {
        struct port_link *l = find(p, id);
        if (l != NULL) {
            l->is_dirty = true;
        }
    }
    for (size_t i = 0; i < p->n_links; i++) {
        has_more |= flush_link(p, &p->links[i]);
    }
    if (!p->is_ending) {
        set_timer(p, now);
    }
    return has_more;
}
