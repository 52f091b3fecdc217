/*
 * The inside of a node (AB.2): what its files share.
 *
 * node.c is its life, identity and events; node_link.c one WebSocket of it; connector.c the two hub
 * connections and which of them is used; switch.c direct connections; peer.c what is known of
 * peers; node_send.c and node_recv.c the messages; node_room.c what may wait of them.
 */
#ifndef BASALT_SC_NODE_H
#define BASALT_SC_NODE_H

#include "sc/connector.h"
#include "sc/node_link.h"
#include "sc/peer.h"
#include "sc/switch.h"

struct bsc_node {
    struct bas_env env;
    struct bsc_node_config config;
    char accept_uris[BSC_URIS_MAX];
    struct bsc_identity self;
    struct bsc_conn_times times;
    struct bsc_connector connector;
    struct bsc_peers peers;
    struct bsc_link *links;
    uint32_t links_max;
    uint32_t links_used; /* of these from the first on; those behind were never in use */
    uint32_t tried;      /* URIs that peers named, less what time has forgiven at tried_at */
    bas_time tried_at;
    uint32_t direct_spare;   /* places over direct_max, for those that come back */
    bsc_link_id last_link;   /* id given last */
    uint16_t first_id;       /* of the messages of the last link */
    char uris[BSC_URIS_MAX]; /* of the RESOLVED event */
    struct bsc_outbox outbox;
    struct bsc_node_counters counters;
    struct bsc_node_event *ring;
    uint32_t ring_max, ring_first, ring_count;
};

/* A place for one more event about a link (NULL: about none); the owner drains after each call, so
 * the ring has room. */
struct bsc_node_event *bsc_node_raise(struct bsc_node *node, enum bsc_node_event_kind kind,
                                      const struct bsc_link *link);
/* Whether a call that handles many things may go on to the next. */
bool bsc_node_has_room(const struct bsc_node *node);
/* The wall clock in microseconds since 1970. */
int64_t bsc_node_wall(const struct bsc_node *node);

/* What was resolved or refused of what we asked a peer; node_recv.c hands them up to switch.c. */

/* One message to send: the header's parts, and its payload as octets (copied), a frame, or both. */
struct bsc_outgoing {
    struct bsc_vmac to;
    uint8_t function;
    uint16_t id; /* set by sending */
    struct bas_slice dest_options;
    struct bas_slice data_options;
    struct bas_slice payload;
    struct bas_frame *frame; /* not consumed; NULL: none */
};
/* Sends it on the path to its destination; told in id. BAS_ERR_CLOSED, _TOO_LONG, _BUSY,
 * _NO_MEMORY: counted. */
BAS_MUST_USE bas_err bsc_node_send_out(struct bsc_node *node, struct bsc_outgoing *out,
                                       bas_time now);
/* Sends a whole message, made by bsc_answer or bsc_nak, back on the link. BAS_ERR_TOO_LONG: it did
 * not fit its buffer; BAS_ERR_BUSY, _NO_MEMORY: counted. */
bas_err bsc_node_send_back(struct bsc_node *node, struct bsc_link *link,
                           const struct bas_buf *message);

#endif
