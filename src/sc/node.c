/*
 * Owns a node (AB.2): its life from creation to its end, its events, its time, and what its owner
 * sees of links.
 *
 * Links are opened and closed at the node's wish by its owner, or accepted by its owner; what they
 * are for is the connector's (hubs) and the switch's (direct connections).
 */
#include "sc/node.h"

#include <assert.h>
#include <string.h>

enum { EVENTS_OF_LINK = 3, EVENTS_BESIDE = 16 };

static void set_default(uint32_t *value, uint32_t standard)
{
    if (*value == 0) {
        *value = standard;
    }
}

/* bsc 4.1-01 4.1-02 5.5-01 5.5-02 5.5-03 5.5-04 5.5-05 5.5-06 11-30 11-51 */
static void apply_defaults(struct bsc_node_config *c)
{
    c->max_bvlc = c->max_bvlc == 0 ? BSC_DEFAULT_BVLC : c->max_bvlc;
    c->max_npdu = c->max_npdu == 0 ? BSC_DEFAULT_NPDU : c->max_npdu;
    set_default(&c->connect_wait_ms, 10000);
    set_default(&c->disconnect_wait_ms, 10000);
    set_default(&c->heartbeat_ms, BSC_POLICY_HEARTBEAT_MS);
    set_default(&c->heartbeat_ack_ms, BSC_POLICY_HEARTBEAT_ACK_MS);
    set_default(&c->minimum_reconnect_ms, 10000);
    set_default(&c->maximum_reconnect_ms, 600000);
    set_default(&c->pending_max, 256 * 1024);
    set_default(&c->pending_entries, 256);
    set_default(&c->direct_max, BSC_POLICY_DIRECT_MAX);
    set_default(&c->peers_max, BSC_POLICY_PEERS_MAX);
    set_default(&c->resolution_wait_ms, BSC_POLICY_RESOLUTION_WAIT_MS);
    set_default(&c->resolution_fresh_ms, BSC_POLICY_RESOLUTION_FRESH_MS);
    set_default(&c->direct_retry_ms, BSC_POLICY_DIRECT_RETRY_MS);
    set_default(&c->direct_refused_ms, BSC_POLICY_DIRECT_REFUSED_MS);
    set_default(&c->silence_limit_ms, BSC_POLICY_SILENCE_MS);
    if (c->minimum_reconnect_ms > c->maximum_reconnect_ms) {
        c->minimum_reconnect_ms = c->maximum_reconnect_ms;
    }
}

/* False: it does not fit. NULL is the empty text. */
static bool copy_text(char *out, size_t cap, const char *text)
{
    size_t len = text != NULL ? strlen(text) : 0;
    if (len >= cap) {
        return false;
    }
    if (len != 0) {
        memcpy(out, text, len);
    }
    out[len] = 0;
    return true;
}

static bool copy_texts(struct bsc_node *node)
{
    struct bsc_node_config *c = &node->config;
    struct bsc_hub_line *lines = node->connector.lines;
    bool fit = copy_text(lines[BSC_LINK_PRIMARY].uri, BSC_URI_MAX, c->primary_uri) &&
               copy_text(lines[BSC_LINK_FAILOVER].uri, BSC_URI_MAX, c->failover_uri) &&
               copy_text(node->accept_uris, BSC_URIS_MAX, c->direct_accept_uris);
    c->primary_uri = lines[BSC_LINK_PRIMARY].uri;
    c->failover_uri = lines[BSC_LINK_FAILOVER].uri;
    c->direct_accept_uris = node->accept_uris;
    return fit;
}

static void set_times(struct bsc_node *node)
{
    const struct bsc_node_config *c = &node->config;
    node->times = (struct bsc_conn_times){
        .connect_wait = c->connect_wait_ms * BAS_MILLISECOND,
        .disconnect_wait = c->disconnect_wait_ms * BAS_MILLISECOND,
        .heartbeat = c->heartbeat_ms * BAS_MILLISECOND,
        .heartbeat_ack = c->heartbeat_ack_ms * BAS_MILLISECOND,
        .silence = c->silence_limit_ms * BAS_MILLISECOND,
    };
}

/* "Accept direct connections" is what it says, and not whether we initiate. bsc 11-46 6.3-06 */
static void set_identity(struct bsc_node *node)
{
    const struct bsc_node_config *c = &node->config;
    node->self = (struct bsc_identity){ .vmac = c->vmac,
                                        .uuid = c->uuid,
                                        .max_bvlc = c->max_bvlc,
                                        .max_npdu = c->max_npdu,
                                        .accept_direct = c->direct_accept,
                                        .uris = node->accept_uris };
    set_times(node);
}

void bsc_node_set_timers(struct bsc_node *node, const struct bsc_node_config *config, bas_time now)
{
    struct bsc_node_config *c = &node->config;
    c->connect_wait_ms = config->connect_wait_ms;
    c->disconnect_wait_ms = config->disconnect_wait_ms;
    c->heartbeat_ms = config->heartbeat_ms;
    c->minimum_reconnect_ms = config->minimum_reconnect_ms;
    c->maximum_reconnect_ms = config->maximum_reconnect_ms;
    apply_defaults(c);
    set_times(node);
    bsc_connector_new_delays(node, now);
}

/* Everything a node will ever need, except what its owner gives it to send. */
static bas_err allocate(struct bsc_node *node)
{
    const struct bsc_node_config *c = &node->config;
    bool has_direct = c->direct_initiate || c->direct_accept;
    node->direct_spare = c->direct_max / BSC_POLICY_DIRECT_SPARE_PART + BSC_POLICY_DIRECT_SPARE;
    node->links_max = BSC_HUB_PLACES + (has_direct ? c->direct_max + node->direct_spare : 0);
    node->ring_max = EVENTS_OF_LINK * node->links_max + EVENTS_BESIDE;
    node->links = bas_alloc(&node->env, node->links_max * sizeof(*node->links));
    node->ring = bas_alloc(&node->env, node->ring_max * sizeof(*node->ring));
    if (node->links == NULL || node->ring == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    bas_err err = bsc_peers_init(&node->peers, &node->env, c->peers_max);
    return err == BAS_OK
               ? bsc_outbox_init(&node->outbox, &node->env, c->pending_entries, c->pending_max)
               : err;
}

struct bsc_node *bsc_node_new(const struct bas_env *env, const struct bsc_node_config *config)
{
    struct bsc_node *node = config->primary_uri != NULL ? bas_alloc(env, sizeof(*node)) : NULL;
    if (node == NULL) {
        return NULL;
    }
    node->env = *env;
    memcpy(&node->config, config, config->size < sizeof(*config) ? config->size : sizeof(*config));
    apply_defaults(&node->config);
    env->random(env->ctx, (uint8_t *)&node->first_id, sizeof(node->first_id));
    if (!copy_texts(node) || allocate(node) != BAS_OK) {
        bsc_node_free(node);
        return NULL;
    }
    set_identity(node);
    bsc_connector_init(node);
    return node;
}

void bsc_node_free(struct bsc_node *node)
{
    if (node == NULL) {
        return;
    }
    struct bas_env env = node->env;
    for (uint32_t i = 0; i < node->links_used; i++) {
        if (node->links[i].id != 0) {
            bsc_link_free(node, &node->links[i]);
        }
    }
    if (node->outbox.env != NULL) {
        bsc_outbox_fini(&node->outbox);
    }
    bsc_peers_fini(&node->peers, &env);
    bas_release(&env, node->links, node->links_max * sizeof(*node->links));
    bas_release(&env, node->ring, node->ring_max * sizeof(*node->ring));
    bas_release(&env, node, sizeof(*node));
}

/* Events. */

struct bsc_node_event *bsc_node_raise(struct bsc_node *node, enum bsc_node_event_kind kind,
                                      const struct bsc_link *link)
{
    assert(node->ring_count < node->ring_max);
    struct bsc_node_event *event =
        &node->ring[(node->ring_first + node->ring_count) % node->ring_max];
    node->ring_count++;
    *event = (struct bsc_node_event){ .kind = kind,
                                      .link = link != NULL ? link->id : 0,
                                      .uri = link != NULL ? link->uri : "" };
    return event;
}

bool bsc_node_has_room(const struct bsc_node *node)
{
    return node->ring_count + EVENTS_BESIDE / 2 <= node->ring_max;
}

bool bsc_node_next_event(struct bsc_node *node, struct bsc_node_event *event)
{
    if (node->ring_count == 0) {
        node->ring_first = 0; /* so that few of the ring are ever touched */
        return false;
    }
    *event = node->ring[node->ring_first];
    node->ring_first = (node->ring_first + 1) % node->ring_max;
    node->ring_count--;
    return true;
}

int64_t bsc_node_wall(const struct bsc_node *node)
{
    return node->env.wall != NULL ? node->env.wall(node->env.ctx) : 0;
}

/* Life. */

void bsc_node_start(struct bsc_node *node, bas_time now)
{
    bsc_connector_event(node, BSC_CE_START, now);
}

void bsc_node_stop(struct bsc_node *node, bas_time now)
{
    bsc_connector_event(node, BSC_CE_STOP, now);
}

bool bsc_node_is_stopped(const struct bsc_node *node)
{
    return node->connector.state == BSC_CONNECTOR_IDLE;
}

void bsc_node_link_up(struct bsc_node *node, bsc_link_id id, bas_time now)
{
    struct bsc_link *link = bsc_link_find(node, id);
    if (link != NULL) {
        (void)bsc_link_local(node, link, BSC_EV_WEBSOCKET_OPEN, now);
    }
}

void bsc_node_link_down(struct bsc_node *node, bsc_link_id id, const struct bas_fault *reason,
                        bas_time now)
{
    struct bsc_link *link = bsc_link_find(node, id);
    if (link == NULL) {
        return;
    }
    bsc_link_blame(link, reason);
    (void)bsc_link_local(node, link, BSC_EV_WEBSOCKET_CLOSED, now);
    if (link->kind == BSC_LINK_DIRECT) {
        bsc_switch_link_gone(node, link, now);
    } else {
        bsc_connector_link_gone(node, link, now);
    }
    bsc_connector_after_link(node, now);
}

/* Time. */

void bsc_node_tick(struct bsc_node *node, bas_time now)
{
    enum bsc_conn_event event;
    if (node->connector.retry_at <= now) {
        node->connector.retry_at = BAS_NEVER;
        bsc_connector_event(node, BSC_CE_TIMER, now);
    }
    for (uint32_t i = 0; i < node->links_used; i++) {
        struct bsc_link *link = &node->links[i];
        if (link->id != 0 && bsc_conn_due(&link->conn, &node->times, now, &event)) {
            (void)bsc_link_local(node, link, event, now);
        }
    }
    bsc_switch_tick(node, now);
}

bas_time bsc_node_deadline(const struct bsc_node *node)
{
    bas_time at = node->connector.retry_at;
    at = node->peers.next_due < at ? node->peers.next_due : at;
    for (uint32_t i = 0; i < node->links_used; i++) {
        const struct bsc_link *link = &node->links[i];
        bas_time due = link->id != 0 ? bsc_conn_deadline(&link->conn, &node->times) : BAS_NEVER;
        at = due < at ? due : at;
    }
    return at;
}

/* Output. */

bool bsc_node_next_dirty(struct bsc_node *node, bsc_link_id *id)
{
    *id = 0;
    for (uint32_t i = 0; i < node->links_used; i++) {
        struct bsc_link *link = &node->links[i];
        if (link->id != 0 && link->is_dirty) {
            link->is_dirty = false;
            *id = link->id;
            return true;
        }
    }
    return false;
}

bool bsc_node_peek(struct bsc_node *node, bsc_link_id id, struct bsc_tx *tx)
{
    const struct bsc_link *link = bsc_link_find(node, id);
    return link != NULL && bsc_queue_peek(&node->outbox, &link->queue, tx);
}

void bsc_node_pop(struct bsc_node *node, bsc_link_id id)
{
    struct bsc_link *link = bsc_link_find(node, id);
    if (link != NULL && link->queue.messages != 0) {
        bsc_queue_pop(&node->outbox, &link->queue);
        link->is_full = false;
    }
}

/* What it is. */

struct bsc_vmac bsc_node_vmac(const struct bsc_node *node)
{
    return node->self.vmac;
}

const struct bsc_node_counters *bsc_node_counters(const struct bsc_node *node)
{
    return &node->counters;
}
