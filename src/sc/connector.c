/*
 * Owns the hub connector (AB.5.2): the state machine of two hub connections as a table, the delays
 * between attempts (AB.6.1), and what Network Port says of both.
 */
#include "sc/node.h"

#include <assert.h>

#define ROW(action_, next_)                                                                        \
    {                                                                                              \
        .action = BSC_CA_##action_, .next = BSC_##next_                                            \
    }

static const struct bsc_connector_rule rules[BSC_CONNECTOR_STATES][BSC_CONNECTOR_EVENTS] = {
    [BSC_CONNECTOR_IDLE] = {
        [BSC_CE_START] = ROW(BEGIN, TRY_PRIMARY), /* bsc 4.2-01 4.2-02 */
    },
    [BSC_TRY_PRIMARY] = {
        [BSC_CE_PRIMARY_UP] = ROW(USE_PRIMARY, ON_PRIMARY), /* bsc 4.2-03 */
        [BSC_CE_PRIMARY_ENDED] = ROW(TELL_AND_TRY_FAILOVER, TRY_FAILOVER), /* bsc 4.2-04 4.2-05 */
        [BSC_CE_DUPLICATE] = ROW(RESTART, RESTARTING), /* bsc 4.2-15 8.1-05 */
        [BSC_CE_STOP] = ROW(STOP, STOPPING), /* bsc 4.2-16 */
    },
    [BSC_TRY_FAILOVER] = {
        [BSC_CE_FAILOVER_UP] = ROW(USE_FAILOVER, ON_FAILOVER), /* bsc 4.2-06 */
        [BSC_CE_FAILOVER_ENDED] = ROW(WAIT, DELAY), /* bsc 4.2-07 */
        [BSC_CE_DUPLICATE] = ROW(RESTART, RESTARTING),
        [BSC_CE_STOP] = ROW(STOP, STOPPING),
    },
    [BSC_DELAY] = {
        [BSC_CE_TIMER] = ROW(TRY_PRIMARY, TRY_PRIMARY), /* bsc 4.2-08 */
        [BSC_CE_STOP] = ROW(STOP, STOPPING),
    },
    [BSC_ON_PRIMARY] = {
        [BSC_CE_PRIMARY_ENDED] = ROW(TRY_PRIMARY, TRY_PRIMARY), /* bsc 4.2-09 */
        [BSC_CE_PRIMARY_THROWN] = ROW(TRY_FAILOVER, TRY_FAILOVER),
        [BSC_CE_STOP] = ROW(STOP, STOPPING),
    },
    [BSC_ON_FAILOVER] = {
        [BSC_CE_TIMER] = ROW(TRY_PRIMARY, PROBING), /* bsc 4.2-10 4.2-18 11-23 */
        [BSC_CE_FAILOVER_ENDED] = ROW(TRY_PRIMARY, TRY_PRIMARY), /* bsc 4.2-11 */
        [BSC_CE_FAILOVER_THROWN] = ROW(WAIT, DELAY),
        [BSC_CE_STOP] = ROW(STOP, STOPPING),
    },
    [BSC_PROBING] = {
        [BSC_CE_PRIMARY_UP] = ROW(RETURN, ON_PRIMARY), /* bsc 4.2-12 */
        [BSC_CE_PRIMARY_ENDED] = ROW(PROBE_LATER, ON_FAILOVER), /* bsc 4.2-13 */
        [BSC_CE_FAILOVER_ENDED] = ROW(KEEP, TRY_PRIMARY), /* bsc 4.2-14 */
        [BSC_CE_FAILOVER_THROWN] = ROW(KEEP, TRY_PRIMARY),
        [BSC_CE_DUPLICATE] = ROW(RESTART, RESTARTING),
        [BSC_CE_STOP] = ROW(STOP, STOPPING),
    },
    [BSC_RESTARTING] = {
        [BSC_CE_QUIET] = ROW(TRY_PRIMARY, TRY_PRIMARY),
        [BSC_CE_QUIET_AGAIN] = ROW(WAIT, DELAY),
        [BSC_CE_STOP] = ROW(STOP, STOPPING),
    },
    [BSC_STOPPING] = {
        [BSC_CE_QUIET] = ROW(KEEP, CONNECTOR_IDLE),
        [BSC_CE_QUIET_AGAIN] = ROW(KEEP, CONNECTOR_IDLE),
    },
};

struct bsc_connector_rule bsc_connector_rule(enum bsc_connector_state state,
                                             enum bsc_connector_event event)
{
    assert(state < BSC_CONNECTOR_STATES && event < BSC_CONNECTOR_EVENTS);
    struct bsc_connector_rule rule = rules[state][event];
    if (rule.action == BSC_CA_NONE) {
        rule.next = (uint8_t)state;
    }
    return rule;
}

void bsc_connector_init(struct bsc_node *node)
{
    struct bsc_connector *c = &node->connector;
    for (int i = 0; i < BSC_HUBS; i++) {
        c->lines[i].hello.next = !node->config.no_hello;
        c->lines[i].status.uri = c->lines[i].uri;
    }
    c->delay = node->config.minimum_reconnect_ms * BAS_MILLISECOND;
    c->retry_at = BAS_NEVER;
}

/* Delays. */

/* The delay before the next attempt, jittered within its bounds so that a thousand nodes do not
 * come back in step (AB.6.1). bsc 4.2-17 */
static bas_time jittered(const struct bsc_node *node, bas_time delay)
{
    bas_time span = delay * BSC_POLICY_JITTER_PERCENT / 100;
    bas_time least = node->config.minimum_reconnect_ms * BAS_MILLISECOND;
    bas_time most = node->config.maximum_reconnect_ms * BAS_MILLISECOND;
    least = delay - span > least ? delay - span : least;
    most = delay + span < most ? delay + span : most;
    uint16_t random;
    node->env.random(node->env.ctx, (uint8_t *)&random, sizeof(random));
    return least + (most - least) * random / UINT16_MAX;
}

/* The first wait is the minimum: the delay grows behind it. bsc 4.2-17 11-11 */
static void start_timer(struct bsc_node *node, bas_time now)
{
    struct bsc_connector *c = &node->connector;
    bas_time most = node->config.maximum_reconnect_ms * BAS_MILLISECOND;
    c->retry_at = now + jittered(node, c->delay);
    c->delay = c->delay * 2 > most ? most : c->delay * 2;
}

static void reset_delay(struct bsc_node *node)
{
    node->connector.delay = node->config.minimum_reconnect_ms * BAS_MILLISECOND;
}

void bsc_connector_new_delays(struct bsc_node *node, bas_time now)
{
    struct bsc_connector *c = &node->connector;
    bas_time least = node->config.minimum_reconnect_ms * BAS_MILLISECOND;
    bas_time most = node->config.maximum_reconnect_ms * BAS_MILLISECOND;
    c->delay = c->delay < least ? least : c->delay > most ? most : c->delay;
    if (c->retry_at != BAS_NEVER && c->retry_at > now + most) {
        c->retry_at = now + most;
    }
}

/* Once for each end of an attempt or connection that is followed by another attempt later. */
static void tell_retry(struct bsc_node *node)
{
    struct bsc_connector *c = &node->connector;
    if (!c->is_told) {
        struct bsc_node_event *event = bsc_node_raise(node, BSC_NODE_RETRY, NULL);
        event->uri = c->lines[c->last_ended].uri;
        event->hub_state = (unsigned)c->last_ended + 1;
        event->fault = c->last_fault;
        c->is_told = true;
    }
}

/* Actions. */

/* False: no such hub is configured, or both its places hold links that are being left.
 * bsc 4.1-04 4.2-02 4.2-05 4.2-21 */
static bool open_line(struct bsc_node *node, enum bsc_link_kind kind, bas_time now)
{
    struct bsc_hub_line *line = &node->connector.lines[kind];
    struct bsc_link *link = line->uri[0] != 0 ? bsc_link_new(node, kind, true, now) : NULL;
    if (link == NULL) {
        return false;
    }
    line->link = link;
    line->hello.sent = line->hello.next;
    link->uri = line->uri;
    link->conn.hello = line->hello.next;
    (void)bsc_link_local(node, link, BSC_EV_START, now);
    bsc_node_raise(node, BSC_NODE_LINK_OPEN, link)->subprotocol = "hub.bsc.bacnet.org";
    return true;
}

static void use_line(struct bsc_node *node, enum bsc_link_kind kind, bas_time now)
{
    struct bsc_connector *c = &node->connector;
    struct bsc_link *link = c->lines[kind].link;
    bool was_failover = c->last_used == BSC_LINK_FAILOVER;
    node->counters.failovers += kind == BSC_LINK_FAILOVER && !was_failover ? 1 : 0;
    node->counters.returns += kind == BSC_LINK_PRIMARY && was_failover ? 1 : 0;
    c->active = link;
    c->last_used = kind;
    c->retry_at = BAS_NEVER;
    c->had_duplicate = false;
    reset_delay(node);
    node->self.hub_status = (uint8_t)(kind + 1);
    struct bsc_node_event *event = bsc_node_raise(node, BSC_NODE_UP, link);
    event->hub_state = node->self.hub_status;
    event->vmac = link->conn.peer.vmac;
    event->uuid = link->conn.peer.uuid;
    bsc_switch_hub_changed(node, now);
}

/* What waits for the failover hub still goes there, and the Disconnect-Request behind it; what
 * arrives from there until the end is delivered. bsc 4.2-20 */
static void leave_failover(struct bsc_node *node, bas_time now)
{
    struct bsc_hub_line *line = &node->connector.lines[BSC_LINK_FAILOVER];
    struct bsc_link *link = line->link;
    if (link != NULL) {
        line->link = NULL;
        link->is_drained = true;
        (void)bsc_link_local(node, link, BSC_EV_DISCONNECT, now);
    }
}

static void end_all(struct bsc_node *node, bas_time now)
{
    node->connector.retry_at = BAS_NEVER;
    bsc_switch_reset(node);
    bsc_link_disconnect_all(node, NULL, now);
}

/* Carries out an action. True: *follows is what it led to at once. */
static bool act(struct bsc_node *node, enum bsc_connector_action action, bas_time now,
                enum bsc_connector_event *follows)
{
    struct bsc_connector *c = &node->connector;
    switch (action) {
    case BSC_CA_NONE:
    case BSC_CA_KEEP:
        return false;
    case BSC_CA_BEGIN:
        reset_delay(node);
        c->had_duplicate = false;
        c->at_once = false;
        *follows = BSC_CE_PRIMARY_ENDED;
        return !open_line(node, BSC_LINK_PRIMARY, now);
    case BSC_CA_TRY_PRIMARY:
        c->retry_at = BAS_NEVER;
        *follows = BSC_CE_PRIMARY_ENDED;
        return !open_line(node, BSC_LINK_PRIMARY, now);
    case BSC_CA_TELL_AND_TRY_FAILOVER:
        if (c->lines[BSC_LINK_FAILOVER].uri[0] != 0) {
            tell_retry(node);
        }
        *follows = BSC_CE_FAILOVER_ENDED;
        return !open_line(node, BSC_LINK_FAILOVER, now);
    case BSC_CA_TRY_FAILOVER:
        *follows = BSC_CE_FAILOVER_ENDED;
        return !open_line(node, BSC_LINK_FAILOVER, now);
    case BSC_CA_USE_PRIMARY:
        use_line(node, BSC_LINK_PRIMARY, now);
        return false;
    case BSC_CA_USE_FAILOVER:
        use_line(node, BSC_LINK_FAILOVER, now);
        start_timer(node, now);
        return false;
    case BSC_CA_RETURN:
        use_line(node, BSC_LINK_PRIMARY, now);
        leave_failover(node, now);
        return false;
    case BSC_CA_WAIT:
    case BSC_CA_PROBE_LATER:
        start_timer(node, now);
        tell_retry(node);
        return false;
    case BSC_CA_RESTART:
        end_all(node, now);
        return false;
    case BSC_CA_STOP:
        end_all(node, now);
        *follows = BSC_CE_QUIET;
        return !bsc_link_any(node);
    }
    return false;
}

void bsc_connector_event(struct bsc_node *node, enum bsc_connector_event event, bas_time now)
{
    bool more = true;
    while (more) {
        struct bsc_connector_rule rule = bsc_connector_rule(node->connector.state, event);
        node->connector.state = (enum bsc_connector_state)rule.next;
        more = act(node, (enum bsc_connector_action)rule.action, now, &event);
    }
}

/* What becomes of the links. */

void bsc_connector_link_up(struct bsc_node *node, struct bsc_link *link, bas_time now)
{
    struct bsc_connection_status *status = &node->connector.lines[link->kind].status;
    link->is_up = true;
    status->state = BSC_IS_CONNECTED;
    status->connected_at = bsc_node_wall(node);
    status->vmac = link->conn.peer.vmac;
    status->uuid = link->conn.peer.uuid;
    status->fault.err = BAS_OK;
    bsc_connector_event(
        node, link->kind == BSC_LINK_PRIMARY ? BSC_CE_PRIMARY_UP : BSC_CE_FAILOVER_UP, now);
}

static enum bsc_connector_event end_event(const struct bsc_node *node, const struct bsc_link *link,
                                          bas_time now)
{
    bas_time least = node->config.minimum_reconnect_ms * BAS_MILLISECOND;
    bool is_thrown = link->is_up && now - link->up_since < least;
    if (link->kind == BSC_LINK_PRIMARY) {
        return is_thrown ? BSC_CE_PRIMARY_THROWN : BSC_CE_PRIMARY_ENDED;
    }
    return is_thrown ? BSC_CE_FAILOVER_THROWN : BSC_CE_FAILOVER_ENDED;
}

/* The hub is lost, or was not reached: the line is free for the next attempt. */
static void line_ends(struct bsc_connector *c, const struct bsc_link *link)
{
    c->lines[link->kind].link = NULL;
    c->last_ended = link->kind;
    c->last_fault = link->why;
    c->is_told = false;
}

void bsc_connector_link_down(struct bsc_node *node, struct bsc_link *link, bas_time now)
{
    struct bsc_connector *c = &node->connector;
    struct bsc_connection_status *status = &c->lines[link->kind].status;
    status->state = link->why.err == BAS_OK ? BSC_NOT_CONNECTED : BSC_DISCONNECTED_WITH_ERRORS;
    status->disconnected_at = bsc_node_wall(node);
    status->fault = link->why;
    if (c->active == link) {
        c->active = NULL;
        node->self.hub_status = 0;
        struct bsc_node_event *event = bsc_node_raise(node, BSC_NODE_DOWN, link);
        event->hub_state = (unsigned)link->kind + 1;
        event->fault = link->why;
        bsc_switch_hub_changed(node, now);
        if (link->conn.state == BSC_DISCONNECTING) { /* no Heartbeat-ACK: its end may take long */
            line_ends(c, link);
            bsc_connector_event(node, end_event(node, link, now), now);
        }
    }
}

/* bsc 8.1-04 */
void bsc_connector_duplicate(struct bsc_node *node)
{
    struct bsc_connector *c = &node->connector;
    c->at_once = !c->had_duplicate;
    c->had_duplicate = true;
    node->self.vmac = bsc_vmac_random(&node->env);
    bsc_node_raise(node, BSC_NODE_VMAC_CHANGED, NULL)->vmac = node->self.vmac;
}

static void attempt_failed(struct bsc_node *node, struct bsc_link *link)
{
    struct bsc_connection_status *status = &node->connector.lines[link->kind].status;
    struct bas_fault fault = { 0 };
    if (node->connector.state == BSC_STOPPING || node->connector.state == BSC_RESTARTING) {
        return;
    }
    (void)bas_fail_code(&fault, BAS_ERR_CLOSED, BAC_ERROR_CLASS_COMMUNICATION,
                        BAC_ERROR_CODE_WEBSOCKET_CLOSED_BY_PEER,
                        "the hub closed the connection before Connect-Accept");
    bsc_link_blame(link, &fault);
    status->state = BSC_FAILED_TO_CONNECT;
    status->fault = link->why;
}

void bsc_connector_link_gone(struct bsc_node *node, struct bsc_link *link, bas_time now)
{
    struct bsc_connector *c = &node->connector;
    enum bsc_connector_event event = end_event(node, link, now);
    bool is_left = c->lines[link->kind].link != link;
    if (!link->is_up) {
        attempt_failed(node, link);
    }
    if (!is_left) {
        line_ends(c, link);
    }
    bsc_link_free(node, link);
    if (!is_left) {
        bsc_connector_event(node, event, now);
    }
}

void bsc_connector_after_link(struct bsc_node *node, bas_time now)
{
    struct bsc_connector *c = &node->connector;
    bool ends = c->state == BSC_RESTARTING || c->state == BSC_STOPPING;
    if (ends && !bsc_link_any(node)) {
        enum bsc_connector_event event = c->at_once ? BSC_CE_QUIET : BSC_CE_QUIET_AGAIN;
        c->at_once = false;
        bsc_connector_event(node, event, now);
    }
}

/* bsc 4.2-22 9.4-01 */
bool bsc_node_hub_connection(const struct bsc_node *node, bool failover,
                             struct bsc_connection_status *status)
{
    const struct bsc_hub_line *line = &node->connector.lines[failover ? 1 : 0];
    *status = line->status;
    return line->uri[0] != 0;
}

unsigned bsc_node_hub_state(const struct bsc_node *node)
{
    return node->self.hub_status;
}
