/* Owns one attempt to connect to a hub: a node engine on one link, watched. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "probe.h"

#include "basalt/rt.h"
#include "rt/link.h"

#include <stdio.h>
#include <string.h>

enum { DISCONNECT_WAIT_MS = 2000, AT_ONCE_MS = 1, ATTEMPTS = 2 };

struct probe {
    const struct probe_config *config;
    struct probe_result *result;
    struct bas_loop *loop;
    struct bas_alarm *alarm;
    struct flusher flusher;
    struct bsc_node *node;
    struct link *link; /* NULL: none */
    bsc_link_id id;
    unsigned attempts;
    enum probe_step at; /* the step that is being tried */
    bas_time since;     /* when it began */
    bool is_over;       /* what was to be learned is known */
    bool is_pumping;
};

static void pump(struct probe *p);

/* Steps */

static void begin_steps(struct probe *p)
{
    struct probe_result *r = p->result;
    memset(r->took, 0, sizeof(r->took));
    p->at = PROBE_TCP;
    p->since = bas_loop_now(p->loop);
}

static void pass(struct probe *p, enum probe_step step)
{
    bas_time now = bas_loop_now(p->loop);
    if (!p->is_over && p->at == step) {
        p->result->took[step] = now - p->since;
        p->since = now;
        p->at = (enum probe_step)(step + 1);
    }
}

/* A hub refuses our certificate when the handshake is over for us (RFC 8446, 2): what is told then
 * is still the handshake's. */
static enum probe_step step_of(const struct probe *p, const struct bas_fault *fault)
{
    bool is_tls = fault->err == BAS_ERR_TLS || fault->err == BAS_ERR_CERTIFICATE;
    return is_tls && p->at > PROBE_TLS ? PROBE_TLS : p->at;
}

static void end(struct probe *p)
{
    p->is_over = true;
    bsc_node_stop(p->node, bas_loop_now(p->loop));
}

static void fail(struct probe *p, const struct bas_fault *fault)
{
    p->result->failed = step_of(p, fault);
    p->result->fault = *fault;
    p->result->took[p->result->failed] = bas_loop_now(p->loop) - p->since;
    end(p);
}

/* The link */

static void look_at_peer(struct probe *p, const struct link *link)
{
    struct probe_result *r = p->result;
    (void)snprintf(r->address, sizeof(r->address), "%s", link_address(link));
    r->has_peer = link_peer(link, &r->peer) || r->has_peer;
}

static void on_reached(void *user, struct link *link, enum link_step step)
{
    struct probe *p = user;
    look_at_peer(p, link);
    pass(p, step == LINK_STEP_TCP ? PROBE_TCP : PROBE_TLS);
    if (step == LINK_STEP_TCP && strncmp(p->config->uri, "ws:", 3) == 0) {
        pass(p, PROBE_TLS); /* there is none, so it cannot be what fails */
    }
}

static void on_open(void *user, struct link *link, const char *subprotocol)
{
    struct probe *p = user;
    (void)subprotocol;
    look_at_peer(p, link);
    pass(p, PROBE_TLS); /* ws:// has none */
    pass(p, PROBE_WEBSOCKET);
    bsc_node_link_up(p->node, p->id, bas_loop_now(p->loop));
    pump(p);
}

static void on_message(void *user, struct link *link, const struct bas_window *window)
{
    struct probe *p = user;
    (void)link;
    (void)bsc_node_recv(p->node, p->id, window, bas_loop_now(p->loop));
    pump(p);
}

static void on_closed(void *user, struct link *link, const struct bas_fault *why)
{
    struct probe *p = user;
    look_at_peer(p, link);
    p->link = NULL;
    bsc_node_link_down(p->node, p->id, why, bas_loop_now(p->loop));
    pump(p);
}

static bool on_peek(void *user, struct link *link, struct bsc_tx *tx)
{
    const struct probe *p = user;
    (void)link;
    return bsc_node_peek(p->node, p->id, tx);
}

static void on_pop(void *user, struct link *link)
{
    const struct probe *p = user;
    (void)link;
    bsc_node_pop(p->node, p->id);
}

static void on_leftover(void *user, struct link *link, size_t octets)
{
    (void)user; /* a few short messages: they wait in the link */
    (void)link;
    (void)octets;
}

static void open_link(struct probe *p, const struct bsc_node_event *event)
{
    static const struct link_owner owner = { .open = on_open,
                                             .message = on_message,
                                             .closed = on_closed,
                                             .peek = on_peek,
                                             .pop = on_pop,
                                             .leftover = on_leftover };
    static const char *const subprotocols[] = { "hub.bsc.bacnet.org", NULL };
    const struct link_config config = { .loop = p->loop,
                                        .tls = p->config->tls,
                                        .owner = &owner,
                                        .user = p,
                                        .subprotocols = subprotocols,
                                        .setup_ms = p->config->timeout_ms,
                                        .max_message = BSC_MAX_BVLC,
                                        .reached = on_reached };
    begin_steps(p);
    p->attempts++;
    p->id = event->link;
    p->link = link_connect(&config, event->uri);
    if (p->link == NULL) {
        struct bas_fault fault = { 0 };
        (void)bas_fail(&fault, BAS_ERR_NO_MEMORY, "out of memory for a connection");
        bsc_node_link_down(p->node, p->id, &fault, bas_loop_now(p->loop));
    }
}

/* The node */

/* What the next attempt goes without, or with another VMAC. */
static bool is_worth_another(const struct probe *p, const struct bas_fault *fault)
{
    uint16_t code = fault->error_code;
    return p->attempts < ATTEMPTS && p->at == PROBE_CONNECT &&
           (code == BAC_ERROR_CODE_HEADER_ENCODING_ERROR ||
            code == BAC_ERROR_CODE_HEADER_NOT_UNDERSTOOD ||
            code == BAC_ERROR_CODE_NODE_DUPLICATE_VMAC || code == BAC_ERROR_CODE_TIMEOUT);
}

static void succeed(struct probe *p, const struct bsc_node_event *event)
{
    struct probe_result *r = p->result;
    pass(p, PROBE_CONNECT);
    r->failed = PROBE_STEPS;
    r->vmac = event->vmac;
    r->uuid = event->uuid;
    r->max_npdu = bsc_node_max_npdu(p->node, NULL);
    r->without_hello = p->attempts > 1;
    end(p);
}

static void take_event(struct probe *p, const struct bsc_node_event *event)
{
    switch (event->kind) {
    case BSC_NODE_LINK_OPEN:
        open_link(p, event);
        break;
    case BSC_NODE_LINK_CLOSE:
        if (p->link != NULL && event->link == p->id) {
            link_close(p->link, event->close_code);
        }
        break;
    case BSC_NODE_UP:
        succeed(p, event);
        break;
    case BSC_NODE_RETRY:
        if (!p->is_over && !is_worth_another(p, &event->fault)) {
            fail(p, &event->fault);
        }
        break;
    case BSC_NODE_DOWN:
    case BSC_NODE_NPDU:
    case BSC_NODE_RESULT:
    case BSC_NODE_ADVERTISEMENT:
    case BSC_NODE_PROPRIETARY:
    case BSC_NODE_RESOLVED:
    case BSC_NODE_ADMIT:
    case BSC_NODE_DIRECT_UP:
    case BSC_NODE_DIRECT_DOWN:
    case BSC_NODE_DIRECT_FAILED:
    case BSC_NODE_VMAC_CHANGED:
    case BSC_NODE_FAULT:
        break;
    }
}

static void set_alarm(struct probe *p)
{
    bas_time now = bas_loop_now(p->loop);
    bas_time deadline = bsc_node_deadline(p->node);
    if (deadline != BAS_NEVER && p->alarm != NULL) {
        bas_time wait = deadline <= now ? 0 : (deadline - now) / BAS_MILLISECOND + 1;
        bas_alarm_set(p->alarm, (uint32_t)wait);
    }
}

static void leave_loop(struct probe *p)
{
    if (p->alarm != NULL) {
        bas_alarm_free(p->alarm);
        p->alarm = NULL;
        loop_remove_flusher(p->loop, &p->flusher);
    }
}

/* Carries out what the node wants until it is silent; when it is stopped, nothing stays on the
 * loop. */
static void pump(struct probe *p)
{
    struct bsc_node_event event;
    if (p->is_pumping) {
        return;
    }
    p->is_pumping = true;
    while (bsc_node_next_event(p->node, &event)) {
        take_event(p, &event);
    }
    p->is_pumping = false;
    if (bsc_node_is_stopped(p->node) && p->link == NULL) {
        leave_loop(p);
    } else {
        set_alarm(p);
    }
}

static void on_alarm(void *user)
{
    struct probe *p = user;
    bsc_node_tick(p->node, bas_loop_now(p->loop));
    pump(p);
}

static bool flush(void *user, bas_time now)
{
    struct probe *p = user;
    bsc_link_id id;
    (void)now;
    while (bsc_node_next_dirty(p->node, &id)) {
        if (p->link != NULL && id == p->id) {
            link_flush(p->link);
        }
    }
    return false;
}

static bool make_node(struct probe *p)
{
    const struct probe_config *c = p->config;
    const struct bsc_node_config config = {
        .size = sizeof(config),
        .vmac = bsc_vmac_random(&c->tool->env),
        .uuid = c->uuid != NULL ? *c->uuid : bsc_uuid_random(&c->tool->env),
        .primary_uri = c->uri,
        .max_bvlc = BSC_MAX_BVLC, /* so that the hub's limits are what shows */
        .max_npdu = BSC_MAX_NPDU,
        .connect_wait_ms = c->timeout_ms,
        .disconnect_wait_ms = DISCONNECT_WAIT_MS,
        .minimum_reconnect_ms = AT_ONCE_MS,
    };
    p->node = bsc_node_new(&c->tool->env, &config);
    return p->node != NULL;
}

void probe_run(const struct probe_config *config, struct probe_result *result)
{
    struct probe p = { .config = config, .result = result };
    *result = (struct probe_result){ .failed = PROBE_TCP };
    p.loop = bas_loop_new(&config->tool->env);
    p.alarm = p.loop == NULL ? NULL : bas_alarm_new(p.loop, on_alarm, &p);
    if (p.alarm == NULL || !make_node(&p)) {
        (void)bas_fail(&result->fault, BAS_ERR_NO_MEMORY, "out of memory");
        bas_alarm_free(p.alarm);
    } else {
        p.flusher = (struct flusher){ flush, &p, NULL };
        loop_add_flusher(p.loop, &p.flusher);
        bsc_node_start(p.node, bas_loop_now(p.loop));
        bas_alarm_set(p.alarm, 0);
        bas_loop_run(p.loop);
    }
    bas_loop_free(p.loop);
    bsc_node_free(p.node);
}
