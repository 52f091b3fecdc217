/*
 * The table of peers: policy, resolved URIs with their lifetime, Advertisements, and the direct
 * connection to each. A fixed number of rows; the one that was unused longest makes room.
 */
#ifndef BASALT_SC_PEER_H
#define BASALT_SC_PEER_H

#include "sc/connector.h"
#include "sc/policy.h"

enum { BSC_URIS_MAX = 1024 };

struct bsc_peer_row {
    struct bsc_vmac vmac;
    enum bsc_direct_policy policy;
    bool is_set;      /* by bsc_node_set_peer: the row stays */
    bool is_heard;    /* we know it by what it says alone, and never dealt with it */
    bool is_uris_set; /* and its URIs too: no resolving */
    bool is_asked;    /* the owner waits for RESOLVED */
    bool is_wanted;   /* a direct connection is wanted once the URIs are known */
    enum bsc_peer_resolution resolution;
    uint16_t resolution_id;
    bas_time resolution_until;                    /* RESOLVING */
    bas_time fresh_until;                         /* RESOLVED, REFUSED */
    bas_time retry_at;                            /* we do not try before */
    bas_time sent_at[BSC_POLICY_DIRECT_UNICASTS]; /* the last unicasts, going round */
    unsigned sent_next;
    struct bsc_link *link;    /* the direct connection, CONNECTED; NULL: none */
    struct bsc_link *attempt; /* our own attempt; NULL: none */
    size_t uri_at;            /* in uris: the next to try */
    struct bsc_hello hello;
    bool has_advertisement;
    struct bsc_advertisement advertisement;
    struct bsc_connection_status status;
    uint64_t sent_direct, sent_hub;
    char uri[BSC_URI_MAX]; /* of the present or last connection */
    char uris[BSC_URIS_MAX];
};

struct bsc_peers {
    struct bsc_peer_row *rows;
    /* What is looked at for all rows, side by side. */
    uint64_t *numbers; /* VMACs */
    uint64_t *used;    /* when used last, in uses */
    bas_time *due;     /* of each row */
    bas_time next_due;
    uint64_t uses;
    uint32_t n, max;
};

BAS_MUST_USE bas_err bsc_peers_init(struct bsc_peers *peers, const struct bas_env *env,
                                    uint32_t max);
void bsc_peers_fini(struct bsc_peers *peers, const struct bas_env *env);
/* NULL: not known. */
struct bsc_peer_row *bsc_peers_find(const struct bsc_peers *peers, const struct bsc_vmac *vmac);
/* Finds it or makes it, and marks it used. NULL: every row is needed. */
struct bsc_peer_row *bsc_peers_get(struct bsc_node *node, const struct bsc_vmac *vmac);
/* The same for one that tells of itself, unasked perhaps: it makes nobody go that we deal with.
 * NULL: there is no room for it. */
struct bsc_peer_row *bsc_peers_hear(struct bsc_node *node, const struct bsc_vmac *vmac);
/* When the row next wants something of tick. */
void bsc_peers_set_due(struct bsc_peers *peers, const struct bsc_peer_row *row, bas_time due);
/* A row that is due at now. NULL: none. */
struct bsc_peer_row *bsc_peers_due(const struct bsc_peers *peers, bas_time now);
/* Counts one unicast; whether so many went out within the window that a direct connection is worth
 * its while (spec 6.2). */
bool bsc_peer_is_busy(struct bsc_peer_row *row, bas_time now);
/* Copies a received list of URIs (spec 1.4): whole ones that are printable, single spaces between
 * them. */
void bsc_uris_copy(char out[BSC_URIS_MAX], struct bas_slice text);
/* Leaves the first n URIs of a list. */
void bsc_uris_cut(char *uris, unsigned n);
/* Takes the next URI off a list, from *at on, into uri. False: there is none; one that does not fit
 * is passed over. */
bool bsc_uris_next(const char *uris, size_t *at, char uri[BSC_URI_MAX]);

#endif
