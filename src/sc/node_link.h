/* One WebSocket of a node: its connection's state machine, what waits to be sent on it, and why it
 * ends. Connector and switch say what it is for. */
#ifndef BASALT_SC_NODE_LINK_H
#define BASALT_SC_NODE_LINK_H

#include "sc/conn.h"
#include "sc/outbox.h"
#include "sc/tokens.h"

struct bsc_node;
struct bsc_peer_row;

enum bsc_link_kind { BSC_LINK_PRIMARY, BSC_LINK_FAILOVER, BSC_LINK_DIRECT };

struct bsc_link {
    bsc_link_id id; /* 0: free */
    enum bsc_link_kind kind;
    bool is_dirty;
    bool is_up;      /* it was CONNECTED and used */
    bool is_told;    /* direct: its end needs no event any more */
    bool is_drained; /* hub: the traffic has moved to the other hub; what still arrives is
                        delivered */
    bool is_full;    /* there was no room since it last took something: since full_since */
    bas_time full_since;
    uint8_t bad_requests;
    struct bsc_conn conn;
    struct bsc_queue queue;
    struct bsc_tokens tokens;
    struct bas_fault why;      /* it ends; err BAS_OK: orderly */
    struct bsc_peer_row *peer; /* direct: who is there, or is wanted there; NULL: not known yet */
    const char *uri;           /* "": accepted */
    bas_time up_since;
};

/* Which form of Connect-Request a hub or peer takes (spec 1.3). */
struct bsc_hello {
    bool next;        /* with Hello, in the next attempt */
    bool sent;        /* in the present one */
    bool plain_works; /* the last one that was taken had none */
};

/* A link in state IDLE with a new id. NULL: all are in use. */
struct bsc_link *bsc_link_new(struct bsc_node *node, enum bsc_link_kind kind, bool initiating,
                              bas_time now);
/* Drops what waits and frees the place. */
void bsc_link_free(struct bsc_node *node, struct bsc_link *link);
/* NULL: there is none. */
struct bsc_link *bsc_link_find(struct bsc_node *node, bsc_link_id id);
/* Keeps the first reason. NULL or BAS_OK is none. */
void bsc_link_blame(struct bsc_link *link, const struct bas_fault *fault);
/* node_room.c: whether one more message of len octets may wait there, one of the node's own making,
 * and what follows when there was no room: links that have taken nothing for too long end. */
bool bsc_link_has_room(const struct bsc_node *node, const struct bsc_link *link, size_t len);
bool bsc_link_has_own_room(const struct bsc_node *node, const struct bsc_link *link);
void bsc_link_found_full(struct bsc_node *node, bas_time now);
/* Output of the node's own making; no message at all is allowed. */
bas_err bsc_link_send(struct bsc_node *node, struct bsc_link *link, const struct bas_buf *message);
/* Runs one event through the connection's table and carries out what follows; gives the outcome. */
unsigned bsc_link_step(struct bsc_node *node, struct bsc_link *link,
                       const struct bsc_conn_input *input);
unsigned bsc_link_local(struct bsc_node *node, struct bsc_link *link, enum bsc_conn_event event,
                        bas_time now);
/* Disconnects every link in order, except one (NULL: really all). */
void bsc_link_disconnect_all(struct bsc_node *node, const struct bsc_link *except, bas_time now);
/* Whether any is in use. */
bool bsc_link_any(const struct bsc_node *node);

#endif
