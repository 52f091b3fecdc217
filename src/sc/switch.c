/* Owns the node switch (AB.4): direct connections. */
#include "basalt/sc.h"

bas_err bsc_node_accept(struct bsc_node *node, bas_time now, bsc_link_id *link)
{
    (void)node;
    (void)now;
    *link = 0;
    return BAS_ERR_STATE;
}

bas_err bsc_node_admit(struct bsc_node *node, bsc_link_id link, const struct bas_fault *refusal,
                       bas_time now)
{
    (void)node;
    (void)link;
    (void)refusal;
    (void)now;
    return BAS_ERR_STATE;
}

bas_err bsc_node_send_proprietary(struct bsc_node *node, const struct bsc_send *send,
                                  const struct bsc_proprietary *message, bas_time now, uint16_t *id)
{
    (void)node;
    (void)send;
    (void)message;
    (void)now;
    (void)id;
    return BAS_ERR_STATE;
}

bas_err bsc_node_answer_proprietary(struct bsc_node *node, const struct bsc_node_event *message,
                                    const struct bas_fault *refusal, bas_time now)
{
    (void)node;
    (void)message;
    (void)refusal;
    (void)now;
    return BAS_ERR_STATE;
}

bas_err bsc_node_resolve(struct bsc_node *node, const struct bsc_vmac *peer, bas_time now)
{
    (void)node;
    (void)peer;
    (void)now;
    return BAS_ERR_STATE;
}

bas_err bsc_node_solicit(struct bsc_node *node, const struct bsc_vmac *peer, bas_time now)
{
    return bsc_node_resolve(node, peer, now);
}

bas_err bsc_node_advertise(struct bsc_node *node, const struct bsc_vmac *peer, bas_time now)
{
    return bsc_node_resolve(node, peer, now);
}

bas_err bsc_node_set_peer(struct bsc_node *node, const struct bsc_vmac *peer,
                          enum bsc_direct_policy policy, const char *uris, bas_time now)
{
    (void)policy;
    (void)uris;
    return bsc_node_resolve(node, peer, now);
}

bas_err bsc_node_connect_direct(struct bsc_node *node, const struct bsc_vmac *peer, bas_time now)
{
    return bsc_node_resolve(node, peer, now);
}

bas_err bsc_node_disconnect_direct(struct bsc_node *node, const struct bsc_vmac *peer, bas_time now)
{
    (void)node;
    (void)peer;
    (void)now;
    return BAS_ERR_NOT_FOUND;
}

bool bsc_node_hub_connection(const struct bsc_node *node, bool failover,
                             struct bsc_connection_status *status)
{
    (void)node;
    (void)failover;
    (void)status;
    return false;
}

bool bsc_node_peer(const struct bsc_node *node, size_t n, struct bsc_peer *peer)
{
    (void)node;
    (void)n;
    (void)peer;
    return false;
}

bool bsc_node_find_peer(const struct bsc_node *node, const struct bsc_vmac *vmac,
                        struct bsc_peer *peer)
{
    (void)node;
    (void)vmac;
    (void)peer;
    return false;
}

const struct bsc_node_counters *bsc_node_counters(const struct bsc_node *node)
{
    static const struct bsc_node_counters none;
    (void)node;
    return &none;
}
