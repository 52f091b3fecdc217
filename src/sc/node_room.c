/*
 * Owns how much may wait on each link of a node, and the end of links that take nothing.
 *
 * All links share what may wait. Hubs may have all of it; direct connections have half together and
 * a quarter each, so that a peer that reads nothing silences nobody but itself.
 */
#include "sc/node.h"

#include "sc/policy.h"

enum {
    ALL_DIRECT_PART = 2, /* that part of what may wait is for all direct connections ... */
    ONE_DIRECT_PART = 4, /* ... and that part for one */
    OWN_BESIDE = 8       /* and so many more messages of the node's own */
};

static bool is_over(uint64_t waiting, uint64_t all, unsigned part)
{
    return waiting > all / part;
}

/* With one more message of len octets. The first that waits has no bound but the outbox's. */
static bool direct_have_room(const struct bsc_node *node, size_t len)
{
    const struct bsc_outbox *box = &node->outbox;
    uint64_t messages = 1;
    uint64_t octets = len;
    for (uint32_t i = BSC_HUB_PLACES; i < node->links_used; i++) {
        if (node->links[i].id != 0) {
            messages += node->links[i].queue.messages;
            octets += node->links[i].queue.octets;
        }
    }
    return messages == 1 || (!is_over(messages, box->cap_open, ALL_DIRECT_PART) &&
                             !is_over(octets, box->octets_open, ALL_DIRECT_PART));
}

bool bsc_link_has_room(const struct bsc_node *node, const struct bsc_link *link, size_t len)
{
    const struct bsc_outbox *box = &node->outbox;
    const struct bsc_queue *queue = &link->queue;
    if (!bsc_outbox_has_room(box, len)) {
        return false;
    }
    if (link->kind != BSC_LINK_DIRECT) {
        return true;
    }
    bool one = queue->messages == 0 ||
               (!is_over(queue->messages + UINT64_C(1), box->cap_open, ONE_DIRECT_PART) &&
                !is_over(queue->octets + len, box->octets_open, ONE_DIRECT_PART));
    return one && direct_have_room(node, len);
}

/* Half of the reserve is for hubs alone. */
bool bsc_link_has_own_room(const struct bsc_node *node, const struct bsc_link *link)
{
    const struct bsc_outbox *box = &node->outbox;
    return link->kind != BSC_LINK_DIRECT ||
           (link->queue.messages < box->cap_open / ONE_DIRECT_PART + OWN_BESIDE &&
            box->used < box->cap - (box->cap - box->cap_open) / 2);
}

/* Asking it to disconnect would be no use. */
static void give_up(struct bsc_node *node, struct bsc_link *link, bas_time now)
{
    struct bas_fault fault = { 0 };
    (void)bas_fail_code(&fault, BAS_ERR_TIMEOUT, BAC_ERROR_CLASS_COMMUNICATION,
                        BAC_ERROR_CODE_WEBSOCKET_DATA_AGAINST_POLICY,
                        "the other end took nothing for %d s while %u messages waited",
                        BSC_POLICY_STALL_MS / 1000, link->queue.messages);
    bsc_link_blame(link, &fault);
    node->counters.dropped_pending_full += bsc_queue_clear(&node->outbox, &link->queue);
    (void)bsc_link_local(node, link, BSC_EV_WEBSOCKET_CLOSED, now);
    bsc_node_raise(node, BSC_NODE_LINK_CLOSE, link)->close_code = BSC_CLOSE_POLICY;
}

void bsc_link_found_full(struct bsc_node *node, bas_time now)
{
    const bas_time limit = BSC_POLICY_STALL_MS * BAS_MILLISECOND;
    for (uint32_t i = 0; i < node->links_used; i++) {
        struct bsc_link *link = &node->links[i];
        bool waits = link->id != 0 && link->conn.state == BSC_CONNECTED && link->queue.messages > 0;
        if (waits && !link->is_full) {
            link->is_full = true;
            link->full_since = now;
        } else if (waits && now - link->full_since >= limit && bsc_node_has_room(node)) {
            give_up(node, link, now);
        }
    }
}

/* Half of what a direct connection may have alone. One that takes nothing, as was seen when there
 * was no room for it, is not waited for. */
static bool takes_more(const struct bsc_node *node, const struct bsc_link *link)
{
    const struct bsc_outbox *box = &node->outbox;
    return link->is_full || (link->queue.messages < box->cap_open / (2 * ONE_DIRECT_PART) &&
                             link->queue.octets < box->octets_open / (2 * ONE_DIRECT_PART));
}

bool bsc_node_takes_more(const struct bsc_node *node)
{
    const struct bsc_outbox *box = &node->outbox;
    bool is_up = node->connector.active != NULL;
    for (uint32_t i = BSC_HUB_PLACES; i < node->links_used; i++) {
        const struct bsc_link *link = &node->links[i];
        if (link->id != 0 && !takes_more(node, link)) {
            return false;
        }
        is_up = is_up || (link->id != 0 && link->is_up);
    }
    return is_up && (box->used == 0 || (box->used < box->cap_open / ALL_DIRECT_PART &&
                                        box->octets < box->octets_open / ALL_DIRECT_PART));
}
