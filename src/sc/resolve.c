/*
 * Owns the resolution of peers (AB.3.3, spec 6.3): the question for a peer's URIs, its answer, and
 * how long the answer is believed.
 */
#include "sc/node.h"

#include "sc/vmac.h"

#include <string.h>

/* bsc 6.3-01 11-58 */
bas_err bsc_resolve_send(struct bsc_node *node, struct bsc_peer_row *row, bas_time now)
{
    struct bsc_outgoing out = { .to = row->vmac, .function = BSC_ADDRESS_RESOLUTION };
    bas_err err = bsc_node_send_out(node, &out, now);
    if (err == BAS_OK) {
        node->counters.resolutions++;
        row->resolution = BSC_RESOLVING;
        row->resolution_id = out.id;
        row->resolution_until = now + node->config.resolution_wait_ms * BAS_MILLISECOND;
        bsc_switch_schedule(node, row);
    }
    return err;
}

bas_err bsc_node_resolve(struct bsc_node *node, const struct bsc_vmac *peer, bas_time now)
{
    if (bsc_vmac_is_reserved(peer)) {
        return BAS_ERR_INVALID;
    }
    struct bsc_peer_row *row = bsc_peers_get(node, peer);
    if (row == NULL) {
        return BAS_ERR_NO_SPACE;
    }
    bas_err err = row->resolution == BSC_RESOLVING ? BAS_OK : bsc_resolve_send(node, row, now);
    row->is_asked |= err == BAS_OK;
    return err;
}

/* The row whose question this answers. NULL: none. */
static struct bsc_peer_row *asked_row(struct bsc_node *node, const struct bsc_vmac *from,
                                      uint16_t id)
{
    struct bsc_peer_row *row = bsc_peers_find(&node->peers, from);
    bool is_answer = row != NULL && row->resolution == BSC_RESOLVING && row->resolution_id == id;
    return is_answer ? row : NULL;
}

/* Ends the question: tells the owner if it asked, and goes on with what it was asked for. */
static void settle(struct bsc_node *node, struct bsc_peer_row *row, const struct bas_fault *fault,
                   bas_time now)
{
    bool is_wanted = row->is_wanted;
    row->is_wanted = false;
    if (row->is_asked) {
        row->is_asked = false;
        struct bsc_node_event *event = bsc_node_raise(node, BSC_NODE_RESOLVED, NULL);
        event->vmac = row->vmac;
        event->uris = node->uris;
        event->fault = *fault;
    }
    bsc_switch_schedule(node, row);
    if (is_wanted && fault->err == BAS_OK) {
        row->uri_at = 0;
        bsc_switch_try_next(node, row, now);
    } else if (is_wanted) {
        bsc_switch_fail(node, row, fault, now);
    }
}

/* URIs that the owner has set outlive what is resolved. */
static void end_resolving(struct bsc_peer_row *row, enum bsc_peer_resolution resolution,
                          bas_time fresh_until)
{
    row->resolution = row->is_uris_set ? BSC_RESOLVED : resolution;
    row->fresh_until = fresh_until;
}

/* bsc 6.3-02 6.3-07 */
bool bsc_resolve_ack(struct bsc_node *node, const struct bsc_vmac *from,
                     const struct bsc_message *message, bas_time now)
{
    const struct bas_fault none = { .err = BAS_OK };
    struct bsc_peer_row *row = asked_row(node, from, message->id);
    if (row == NULL) {
        return false;
    }
    end_resolving(row, BSC_RESOLVED, now + node->config.resolution_fresh_ms * BAS_MILLISECOND);
    bsc_uris_copy(node->uris, message->payload);
    if (!row->is_uris_set) {
        memcpy(row->uris, node->uris, sizeof(row->uris));
        bsc_uris_cut(row->uris, BSC_POLICY_DIRECT_URIS);
    }
    settle(node, row, &none, now);
    return true;
}

/* bsc 6.3-03 */
bool bsc_resolve_nak(struct bsc_node *node, const struct bsc_vmac *from, uint16_t id,
                     const struct bsc_result *result, bas_time now)
{
    bool is_ours = result->result_for == BSC_ADDRESS_RESOLUTION && result->result_code != 0;
    struct bsc_peer_row *row = is_ours ? asked_row(node, from, id) : NULL;
    struct bas_fault fault = { 0 };
    if (row == NULL) {
        return false;
    }
    bool is_final = result->error_code == BAC_ERROR_CODE_OPTIONAL_FUNCTIONALITY_NOT_SUPPORTED;
    const char *name = bac_error_code_name(result->error_code);
    (void)bas_fail_code(&fault, BAS_ERR_REFUSED, result->error_class, result->error_code,
                        is_final ? "the peer does not accept direct connections (%s)"
                                 : "the peer refused to tell its URIs: %s",
                        name != NULL ? name : "unknown code");
    end_resolving(row, is_final ? BSC_REFUSED : BSC_UNRESOLVED,
                  now + node->config.direct_refused_ms * BAS_MILLISECOND);
    node->uris[0] = 0;
    settle(node, row, &fault, now);
    return true;
}

/* bsc 6.3-03 */
void bsc_resolve_timeout(struct bsc_node *node, struct bsc_peer_row *row, bas_time now)
{
    struct bas_fault fault = { 0 };
    (void)bas_fail_code(&fault, BAS_ERR_TIMEOUT, BAC_ERROR_CLASS_COMMUNICATION,
                        BAC_ERROR_CODE_TIMEOUT, "the peer did not answer Address-Resolution");
    end_resolving(row, BSC_UNRESOLVED, 0);
    node->uris[0] = 0;
    settle(node, row, &fault, now);
}
