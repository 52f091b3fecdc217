/*
 * Owns direct connections (AB.4, spec 6): when one is wanted, the attempts at a peer's URIs, who
 * is let in, and that there is one to each peer at most.
 */
#include "sc/node.h"

#include "sc/vmac.h"

#include <string.h>

/* How many there are. */

/* Direct connections and attempts that are not on their way out. */
static uint32_t live_links(const struct bsc_node *node, bool connected_only)
{
    uint32_t n = 0;
    for (uint32_t i = BSC_HUB_PLACES; i < node->links_used; i++) {
        const struct bsc_link *link = &node->links[i];
        enum bsc_conn_state state = (enum bsc_conn_state)link->conn.state;
        bool is_over = link->id == 0 || state == BSC_IDLE || state == BSC_DISCONNECTING;
        n += !is_over && (!connected_only || state == BSC_CONNECTED) ? 1 : 0;
    }
    return n;
}

bool bsc_switch_has_place(const struct bsc_node *node)
{
    return live_links(node, false) < node->config.direct_max;
}

static bool is_running(const struct bsc_node *node)
{
    enum bsc_connector_state state = node->connector.state;
    return state != BSC_CONNECTOR_IDLE && state != BSC_RESTARTING && state != BSC_STOPPING;
}

/* When something is due. */

void bsc_switch_schedule(struct bsc_node *node, struct bsc_peer_row *row)
{
    bool is_idle = row->link == NULL && row->attempt == NULL && !row->is_heard;
    bas_time due = BAS_NEVER;
    if (row->resolution == BSC_RESOLVING) {
        due = row->resolution_until;
    } else if (is_idle && row->policy == BSC_DIRECT_ALWAYS && node->config.direct_initiate &&
               node->connector.active != NULL) {
        due = row->retry_at;
        if (row->resolution == BSC_REFUSED && row->fresh_until > due) {
            due = row->fresh_until;
        }
    }
    bsc_peers_set_due(&node->peers, row, due);
}

void bsc_switch_hub_changed(struct bsc_node *node, bas_time now)
{
    (void)now;
    for (uint32_t i = 0; i < node->peers.n; i++) {
        if (node->peers.rows[i].policy == BSC_DIRECT_ALWAYS) {
            bsc_switch_schedule(node, &node->peers.rows[i]);
        }
    }
}

/* Attempts of ours. */

static void retry_after(struct bsc_node *node, struct bsc_peer_row *row, bas_time now)
{
    row->retry_at = now + node->config.direct_retry_ms * BAS_MILLISECOND;
    bsc_switch_schedule(node, row);
}

void bsc_switch_fail(struct bsc_node *node, struct bsc_peer_row *row, const struct bas_fault *fault,
                     bas_time now)
{
    row->status.state = BSC_FAILED_TO_CONNECT;
    row->status.fault = *fault;
    if (!row->is_uris_set && row->resolution == BSC_RESOLVED) {
        row->resolution = BSC_UNRESOLVED; /* they may be stale */
        row->uris[0] = 0;
    }
    struct bsc_node_event *event = bsc_node_raise(node, BSC_NODE_DIRECT_FAILED, NULL);
    event->uri = row->uri;
    event->vmac = row->vmac;
    event->fault = *fault;
    retry_after(node, row, now);
}

/* Opens row->uri. False: no place for it. */
static bool open_uri(struct bsc_node *node, struct bsc_peer_row *row, bas_time now)
{
    struct bsc_link *link =
        bsc_switch_has_place(node) ? bsc_link_new(node, BSC_LINK_DIRECT, true, now) : NULL;
    if (link == NULL) {
        return false;
    }
    row->attempt = link;
    row->hello.sent = row->hello.next;
    link->peer = row;
    link->uri = row->uri;
    link->conn.hello = row->hello.next;
    node->counters.direct_attempts++;
    (void)bsc_link_local(node, link, BSC_EV_START, now);
    struct bsc_node_event *event = bsc_node_raise(node, BSC_NODE_LINK_OPEN, link);
    event->subprotocol = "dc.bsc.bacnet.org";
    event->vmac = row->vmac;
    bsc_switch_schedule(node, row);
    return true;
}

static void fail_for(struct bsc_node *node, struct bsc_peer_row *row, bas_err err, const char *what,
                     bas_time now)
{
    struct bas_fault fault = { 0 };
    (void)bas_fail_code(&fault, err, BAC_ERROR_CLASS_COMMUNICATION, BAC_ERROR_CODE_OTHER, "%s",
                        what);
    bsc_switch_fail(node, row, &fault, now);
}

/* Whoever answers in many names chooses whom we connect to: so many at once, then a few a second.
 */
static bool may_try(struct bsc_node *node, const struct bsc_peer_row *row, bas_time now)
{
    const bas_time per_attempt = BAS_SECOND / BSC_POLICY_DIRECT_ATTEMPTS_PER_SECOND;
    if (row->is_uris_set) {
        return true; /* our owner has chosen */
    }
    bas_time fresh = (now - node->tried_at) / per_attempt;
    node->tried_at += fresh * per_attempt;
    node->tried = fresh < node->tried ? node->tried - (uint32_t)fresh : 0;
    if (node->tried >= node->config.direct_max) {
        return false;
    }
    node->tried++;
    return true;
}

/* bsc 6.3-04 */
void bsc_switch_try_next(struct bsc_node *node, struct bsc_peer_row *row, bas_time now)
{
    if (row->link != NULL || row->attempt != NULL || !is_running(node)) {
        return; /* its own attempt was quicker */
    }
    if (!bsc_uris_next(row->uris, &row->uri_at, row->uri)) {
        row->uri[0] = 0;
        fail_for(node, row, BAS_ERR_NOT_FOUND, "the peer has told no URI for direct connections",
                 now);
    } else if (!may_try(node, row, now)) {
        fail_for(node, row, BAS_ERR_BUSY, "too many URIs that peers named were tried just now",
                 now);
    } else if (!open_uri(node, row, now)) {
        fail_for(node, row, BAS_ERR_NO_SPACE, "too many direct connections: direct_max", now);
    }
}

/* What is known decides what comes first: trying, or asking. bsc 6.3-01 6.3-07 */
static bas_err begin(struct bsc_node *node, struct bsc_peer_row *row, bas_time now)
{
    bool is_known = row->is_uris_set || (row->resolution == BSC_RESOLVED && row->fresh_until > now);
    if (is_known) {
        row->uri_at = 0;
        bsc_switch_try_next(node, row, now);
        return BAS_OK;
    }
    bas_err err = row->resolution == BSC_RESOLVING ? BAS_OK : bsc_resolve_send(node, row, now);
    row->is_wanted |= err == BAS_OK;
    return err;
}

/* bsc 6.1-01 6.2-03 6.3-03 */
static bool may_begin(const struct bsc_node *node, const struct bsc_peer_row *row, bas_time now)
{
    bool is_refused = row->resolution == BSC_REFUSED && row->fresh_until > now;
    bool has_one = row->link != NULL || row->attempt != NULL || row->is_wanted;
    return node->config.direct_initiate && is_running(node) && !has_one && !is_refused &&
           row->retry_at <= now && !bsc_vmac_equal(&row->vmac, &node->self.vmac);
}

void bsc_switch_consider(struct bsc_node *node, struct bsc_peer_row *row, bas_time now)
{
    bool is_busy = bsc_peer_is_busy(row, now);
    if (!may_begin(node, row, now) || !bsc_node_has_room(node)) {
        return; /* many were sent in a row: it is for a later one */
    }
    bool accepts = row->has_advertisement && row->advertisement.accept_direct;
    bool is_worth = accepts || (!row->has_advertisement && is_busy);
    if (row->policy == BSC_DIRECT_ALWAYS || (row->policy == BSC_DIRECT_AUTO && is_worth)) {
        if (!bsc_switch_has_place(node) || begin(node, row, now) != BAS_OK) {
            retry_after(node, row, now);
        }
    }
}

/* Our own attempt ends: for the peer's, or for good. */
static void abandon(struct bsc_node *node, struct bsc_peer_row *row, bas_time now)
{
    struct bsc_link *attempt = row->attempt;
    if (attempt != NULL) {
        row->attempt = NULL;
        attempt->is_told = true;
        (void)bsc_link_local(node, attempt, BSC_EV_DISCONNECT, now);
    }
}

bas_err bsc_node_connect_direct(struct bsc_node *node, const struct bsc_vmac *peer, bas_time now)
{
    if (!node->config.direct_initiate || !is_running(node)) {
        return BAS_ERR_STATE;
    }
    if (bsc_vmac_is_reserved(peer) || bsc_vmac_equal(peer, &node->self.vmac)) {
        return BAS_ERR_INVALID;
    }
    struct bsc_peer_row *row = bsc_peers_get(node, peer);
    if (row == NULL) {
        return BAS_ERR_NO_SPACE;
    }
    if (row->link != NULL || row->attempt != NULL || row->is_wanted) {
        return BAS_ERR_EXISTS;
    }
    if (!bsc_node_has_room(node)) {
        return BAS_ERR_BUSY;
    }
    return bsc_switch_has_place(node) ? begin(node, row, now) : BAS_ERR_NO_SPACE;
}

bas_err bsc_node_disconnect_direct(struct bsc_node *node, const struct bsc_vmac *peer, bas_time now)
{
    struct bsc_peer_row *row = bsc_peers_find(&node->peers, peer);
    struct bas_fault fault = { 0 };
    if (row == NULL || (row->link == NULL && row->attempt == NULL && !row->is_wanted)) {
        return BAS_ERR_NOT_FOUND;
    }
    if (!bsc_node_has_room(node)) {
        return BAS_ERR_BUSY;
    }
    (void)bas_fail(&fault, BAS_ERR_CLOSED, "given up here");
    if (row->link != NULL) {
        (void)bsc_link_local(node, row->link, BSC_EV_DISCONNECT, now);
        retry_after(node, row, now);
    } else {
        row->is_wanted = false;
        abandon(node, row, now);
        bsc_switch_fail(node, row, &fault, now);
    }
    return BAS_OK;
}

/* Accepting. */

/* bsc 6.1-01 */
bas_err bsc_node_accept(struct bsc_node *node, bas_time now, bsc_link_id *id)
{
    *id = 0;
    if (!node->config.direct_accept || !is_running(node)) {
        return BAS_ERR_STATE;
    }
    uint32_t most = node->config.direct_max + node->direct_spare;
    struct bsc_link *link =
        live_links(node, false) < most ? bsc_link_new(node, BSC_LINK_DIRECT, false, now) : NULL;
    if (link == NULL) {
        return BAS_ERR_NO_SPACE;
    }
    (void)bsc_link_local(node, link, BSC_EV_START, now);
    *id = link->id;
    return BAS_OK;
}

void bsc_switch_ask(struct bsc_node *node, struct bsc_link *link)
{
    struct bsc_node_event *event = bsc_node_raise(node, BSC_NODE_ADMIT, link);
    event->vmac = link->conn.peer.vmac;
    event->uuid = link->conn.peer.uuid;
}

/* A direct connection with that UUID other than link. NULL: none. */
static struct bsc_link *same_device(struct bsc_node *node, const struct bsc_link *link)
{
    for (uint32_t i = BSC_HUB_PLACES; i < node->links_used; i++) {
        struct bsc_link *other = &node->links[i];
        if (other != link && other->id != 0 && other->is_up && other->conn.state == BSC_CONNECTED &&
            bsc_uuid_equal(&other->conn.peer.uuid, &link->conn.peer.uuid)) {
            return other;
        }
    }
    return NULL;
}

/*
 * Both sides open at once (spec 6.4): of the two connections the one that the lower VMAC opened
 * stays. We have sent our Connect-Request and have the lower VMAC: ours stays, and also when its
 * answer has just overtaken theirs. bsc 6.4-03
 */
static bool ours_goes_first(const struct bsc_node *node, const struct bsc_peer_row *row,
                            bas_time now)
{
    bool is_lower = memcmp(node->self.vmac.octets, row->vmac.octets, 6) < 0;
    bool has_asked = row->attempt != NULL && row->attempt->conn.state == BSC_AWAITING_ACCEPT;
    bool has_just_joined = row->link != NULL && row->link->conn.initiating &&
                           now - row->link->up_since < node->times.connect_wait;
    return is_lower && (has_asked || has_just_joined);
}

static bas_err fail_full(struct bas_fault *fault, const char *setting)
{
    return bas_fail_code(fault, BAS_ERR_NO_SPACE, BAC_ERROR_CLASS_RESOURCES, BAC_ERROR_CODE_OTHER,
                         "too many direct connections: %s", setting);
}

/* The rules of spec 6.4. BAS_OK: it may come in. bsc 6.4-02 */
static bas_err check_request(struct bsc_node *node, const struct bsc_link *link,
                             struct bas_fault *fault, bas_time now)
{
    const struct bsc_connect *peer = &link->conn.peer;
    if (bsc_vmac_equal(&peer->vmac, &node->self.vmac)) {
        return bas_fail_code(fault, BAS_ERR_EXISTS, BAC_ERROR_CLASS_COMMUNICATION,
                             BAC_ERROR_CODE_NODE_DUPLICATE_VMAC, "a peer has our own VMAC");
    }
    const struct bsc_peer_row *row = bsc_peers_find(&node->peers, &peer->vmac);
    const struct bsc_link *same = same_device(node, link);
    bool is_full = same == NULL && live_links(node, true) >= node->config.direct_max;
    if (is_full) {
        return fail_full(fault, "direct_max");
    }
    if (row != NULL && row->link != NULL &&
        !bsc_uuid_equal(&row->link->conn.peer.uuid, &peer->uuid)) {
        return bas_fail_code(fault, BAS_ERR_EXISTS, BAC_ERROR_CLASS_COMMUNICATION,
                             BAC_ERROR_CODE_NODE_DUPLICATE_VMAC,
                             "another device has a direct connection with that VMAC");
    }
    if (row != NULL && ours_goes_first(node, row, now)) {
        return bas_fail_code(fault, BAS_ERR_EXISTS, BAC_ERROR_CLASS_COMMUNICATION,
                             BAC_ERROR_CODE_OTHER, "both sides connect at once: ours stays");
    }
    return bsc_peers_get(node, &peer->vmac) != NULL ? BAS_OK : fail_full(fault, "peers_max");
}

static void raise_failed(struct bsc_node *node, struct bsc_link *link,
                         const struct bas_fault *fault)
{
    link->is_told = true;
    struct bsc_node_event *event = bsc_node_raise(node, BSC_NODE_DIRECT_FAILED, link);
    event->vmac = link->conn.peer.vmac;
    event->uuid = link->conn.peer.uuid;
    event->fault = *fault;
}

bas_err bsc_node_admit(struct bsc_node *node, bsc_link_id id, const struct bas_fault *refusal,
                       bas_time now)
{
    struct bsc_link *link = bsc_link_find(node, id);
    struct bas_fault fault = { 0 };
    if (link == NULL || !link->conn.asked) {
        return BAS_ERR_STATE;
    }
    if (refusal != NULL) {
        fault = *refusal;
    } else if (check_request(node, link, &fault, now) == BAS_OK) {
        (void)bsc_link_local(node, link, BSC_EV_ADMITTED, now);
        return BAS_OK;
    }
    const struct bsc_conn_input input = { .event = BSC_EV_REFUSED,
                                          .self = &node->self,
                                          .refusal = &fault,
                                          .times = &node->times,
                                          .now = now };
    node->counters.naks++;
    bsc_link_blame(link, &fault);
    raise_failed(node, link, &fault);
    (void)bsc_link_step(node, link, &input);
    return BAS_OK;
}

/* What becomes of links. */

/* bsc 6.1-03 6.4-01 */
static void register_link(struct bsc_node *node, struct bsc_link *link, bas_time now)
{
    struct bsc_peer_row *row = link->peer;
    struct bsc_link *old = same_device(node, link);
    while (old != NULL) { /* the same device came back: what was is a ghost */
        (void)bsc_link_local(node, old, BSC_EV_DISCONNECT, now);
        old = same_device(node, link);
    }
    if (row->link != NULL) { /* a direct connection of ours led to another device with that VMAC */
        (void)bsc_link_local(node, row->link, BSC_EV_DISCONNECT, now);
    }
    link->is_up = true;
    row->link = link;
    row->is_wanted = false;
    row->status = (struct bsc_connection_status){ .state = BSC_IS_CONNECTED,
                                                  .connected_at = bsc_node_wall(node),
                                                  .vmac = link->conn.peer.vmac,
                                                  .uuid = link->conn.peer.uuid };
    node->counters.direct_ups++;
    struct bsc_node_event *event = bsc_node_raise(node, BSC_NODE_DIRECT_UP, link);
    event->vmac = link->conn.peer.vmac;
    event->uuid = link->conn.peer.uuid;
    bsc_switch_schedule(node, row);
}

/* bsc 6.3-05 */
static void initiated_is_up(struct bsc_node *node, struct bsc_link *link, bas_time now)
{
    struct bsc_peer_row *row = link->peer;
    struct bas_fault fault = { 0 };
    char is[BSC_VMAC_TEXT];
    if (bsc_vmac_equal(&link->conn.peer.vmac, &row->vmac)) {
        row->attempt = NULL;
        register_link(node, link, now);
        return;
    }
    (void)bas_fail_code(&fault, BAS_ERR_NOT_FOUND, BAC_ERROR_CLASS_COMMUNICATION,
                        BAC_ERROR_CODE_OTHER, "another node (%s) answers at the peer's URI",
                        bsc_vmac_text(&link->conn.peer.vmac, is));
    bsc_link_blame(link, &fault);
    (void)bsc_link_local(node, link, BSC_EV_DISCONNECT, now);
}

void bsc_switch_link_up(struct bsc_node *node, struct bsc_link *link, bas_time now)
{
    if (link->conn.initiating) {
        initiated_is_up(node, link, now);
        return;
    }
    struct bsc_peer_row *row = bsc_peers_get(node, &link->conn.peer.vmac);
    link->peer = row; /* admitted: so there is one */
    abandon(node, row, now);
    row->uri[0] = 0;
    register_link(node, link, now);
}

void bsc_switch_link_down(struct bsc_node *node, struct bsc_link *link, bas_time now)
{
    struct bsc_peer_row *row = link->peer;
    bas_time least = node->config.direct_retry_ms * BAS_MILLISECOND;
    if (!link->is_up || row == NULL) {
        return; /* the wrong node: it was never used */
    }
    if (row->link == link) {
        row->link = NULL;
        row->status.state =
            link->why.err == BAS_OK ? BSC_NOT_CONNECTED : BSC_DISCONNECTED_WITH_ERRORS;
        row->status.disconnected_at = bsc_node_wall(node);
        row->status.fault = link->why;
        row->retry_at = now - link->up_since < least ? now + least : now;
    }
    struct bsc_node_event *event = bsc_node_raise(node, BSC_NODE_DIRECT_DOWN, link);
    event->vmac = link->conn.peer.vmac;
    event->uuid = link->conn.peer.uuid;
    event->fault = link->why;
    bsc_switch_schedule(node, row);
}

/* An attempt of ours is over without a connection: the next URI, or the same one without Hello
 * where that was what it did not take. */
static void attempt_is_over(struct bsc_node *node, struct bsc_peer_row *row,
                            const struct bas_fault *why, bas_time now)
{
    bool is_form = why->err == BAS_ERR_REFUSED && row->hello.sent && !row->hello.next &&
                   (why->error_code == BAC_ERROR_CODE_HEADER_ENCODING_ERROR ||
                    why->error_code == BAC_ERROR_CODE_HEADER_NOT_UNDERSTOOD);
    size_t at = row->uri_at;
    char uri[BSC_URI_MAX];
    if (is_form && open_uri(node, row, now)) {
        return;
    }
    if (bsc_uris_next(row->uris, &at, uri)) {
        bsc_switch_try_next(node, row, now);
    } else {
        bsc_switch_fail(node, row, why, now);
    }
}

/* So that every end without a connection has a reason. */
static void blame_closing(struct bsc_link *link)
{
    struct bas_fault closed = { 0 };
    (void)bas_fail_code(&closed, BAS_ERR_CLOSED, BAC_ERROR_CLASS_COMMUNICATION,
                        BAC_ERROR_CODE_WEBSOCKET_CLOSED_BY_PEER,
                        "the peer closed the connection before it was ready");
    bsc_link_blame(link, &closed);
}

void bsc_switch_link_gone(struct bsc_node *node, struct bsc_link *link, bas_time now)
{
    struct bsc_peer_row *row = link->peer;
    bool is_failure = !link->is_up && !link->is_told && is_running(node);
    bool is_ours = row != NULL && row->attempt == link;
    if (is_failure) {
        blame_closing(link);
    }
    if (is_failure && !is_ours) {
        raise_failed(node, link, &link->why);
    }
    const struct bas_fault why = link->why;
    bsc_link_free(node, link);
    if (is_ours) {
        row->attempt = NULL;
        bsc_switch_schedule(node, row);
    }
    if (is_ours && is_failure) {
        attempt_is_over(node, row, &why, now);
    }
}

/* Time, and the end. */

/* The connections themselves are disconnected with all links. bsc 6.5-05 */
void bsc_switch_reset(struct bsc_node *node)
{
    for (uint32_t i = 0; i < node->peers.n; i++) {
        struct bsc_peer_row *row = &node->peers.rows[i];
        row->is_wanted = false;
        if (row->resolution == BSC_RESOLVING && !row->is_asked) { /* nobody waits for it any more */
            row->resolution = row->is_uris_set ? BSC_RESOLVED : BSC_UNRESOLVED;
            bsc_switch_schedule(node, row);
        }
    }
}

void bsc_switch_tick(struct bsc_node *node, bas_time now)
{
    struct bsc_peer_row *row = bsc_peers_due(&node->peers, now);
    while (row != NULL && bsc_node_has_room(node)) {
        if (row->resolution == BSC_RESOLVING) {
            bsc_resolve_timeout(node, row, now);
        } else if (!may_begin(node, row, now) || !bsc_switch_has_place(node) ||
                   begin(node, row, now) != BAS_OK) {
            retry_after(node, row, now);
        }
        row = bsc_peers_due(&node->peers, now);
    }
}
