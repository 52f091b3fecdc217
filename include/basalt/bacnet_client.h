/*
 * The client engine of BACnet (clause 5.4): confirmed requests and their answers, in segments where
 * they need it, unconfirmed requests; and what I-Am told of the peers.
 *
 * Engines are pure: APDUs and time in, events and APDUs out.
 */
#ifndef BASALT_BACNET_CLIENT_H
#define BASALT_BACNET_CLIENT_H

#include "basalt/bacnet.h"

#ifdef __cplusplus
extern "C" {
#endif

struct bac_client_config {
    size_t size;               /* sizeof(struct bac_client_config) */
    uint16_t max_transactions; /* default 256; invoke ids are per peer */
    uint32_t apdu_timeout_ms;  /* default 3,000 */
    uint8_t retries;           /* default 3; 255: none */
    uint16_t max_apdu;         /* ours, default 1476; above it where the data link carries more */
    /* Segments (5.3). */
    uint32_t segment_timeout_ms; /* default 2,000 */
    uint8_t window;              /* proposed, and the most granted: 1 .. 127, default 16 */
    uint32_t max_answer;         /* octets of one answer in segments, default 65,536 */
    uint32_t max_memory;         /* of all answers that arrive in segments, default 4 MiB */
};
struct bac_client;
BAS_API struct bac_client *bac_client_new(const struct bas_env *env,
                                          const struct bac_client_config *config);
/* As bac_net_free. */
BAS_API void bac_client_free(struct bac_client *client);

typedef uint32_t bac_request_id; /* never 0 */

/* A confirmed request. Zero means default. */
struct bac_call {
    struct bac_address to; /* as bac_net_resolve gives it, no broadcast */
    bac_port_id port;
    uint8_t priority; /* of the NPDU: 0 normal .. 3 life safety */
    uint8_t service;
    struct bas_slice parameters; /* encoded; copied */
    /* What the way to the peer and the peer itself take (bac_net_max_apdu, I-Am). */
    uint16_t max_apdu;
    uint8_t segmentation;  /* the peer's, enum bac_segmentation; 0 (both) where it is not known */
    uint16_t max_segments; /* Max_Segments_Accepted of the peer; 0: not known */
    void *user;            /* comes back in the event */
};
/*
 * Starts a confirmed request, in segments where it does not fit max_apdu. Every request ends in
 * exactly one event. BAS_ERR_BUSY: all transactions (those whose event was not fetched too), or all
 * 256 invoke ids of that peer, are in use; BAS_ERR_TOO_LONG: it does not fit, and the peer takes no
 * segments, or not so many. BAS_ERR_INVALID: a broadcast.
 */
BAS_API BAS_MUST_USE bas_err bac_client_request(struct bac_client *client,
                                                const struct bac_call *call, bas_time now,
                                                bac_request_id *id);
/* An unconfirmed request (no answer is tracked). */
BAS_API BAS_MUST_USE bas_err bac_client_unconfirmed(struct bac_client *client,
                                                    const struct bac_address *to, bac_port_id port,
                                                    uint8_t service, struct bas_slice parameters);
/* Forgets a request: no event follows. */
BAS_API void bac_client_cancel(struct bac_client *client, bac_request_id id);
/* An APDU that is an answer (acks, error, reject, abort from a server). Borrows. What fits no
 * transaction is dropped and counted. */
BAS_API bas_err bac_client_recv(struct bac_client *client, const struct bac_address *from,
                                bac_port_id port, struct bas_slice apdu, bas_time now);
/* The network layer could not deliver to that network. */
BAS_API void bac_client_unreachable(struct bac_client *client, uint16_t network, uint8_t reason,
                                    bas_time now);

enum bac_client_event_kind {
    BAC_CLIENT_ACK,     /* body: encoded ack parameters, of all segments (empty for a SimpleACK) */
    BAC_CLIENT_ERROR,   /* fault: class and code; body: the encoded error */
    BAC_CLIENT_REJECT,  /* reason */
    BAC_CLIENT_ABORT,   /* reason; ours too, when an answer is larger than max_answer */
    BAC_CLIENT_TIMEOUT, /* all tries unanswered */
    BAC_CLIENT_UNREACHABLE
};
struct bac_client_event {
    enum bac_client_event_kind kind;
    bac_request_id id;
    void *user;
    struct bac_address from;
    uint8_t service;
    uint8_t reason;
    bool is_ours;           /* ABORT: we ended it */
    struct bas_slice body;  /* until the next recv or tick; gone if fetched after one */
    struct bas_fault fault; /* all but ACK: for a person */
};
BAS_API bool bac_client_next_event(struct bac_client *client, struct bac_client_event *event);
BAS_API bool bac_client_next_tx(struct bac_client *client, struct bac_apdu_tx *tx);
BAS_API void bac_client_tick(struct bac_client *client, bas_time now);
BAS_API bas_time bac_client_deadline(const struct bac_client *client);

/* Counters since creation. Borrowed. */
struct bac_client_stats {
    uint64_t malformed;
    uint64_t unmatched; /* answers that fit no transaction */
    uint64_t dropped;   /* answers that do not fit the state of theirs */
    uint64_t not_sent;  /* APDUs without memory or room in the queue; the next try may do */
    uint64_t segments;  /* sent and received in windows */
    uint64_t repeated;  /* segments sent again, received again or out of order */
};
BAS_API const struct bac_client_stats *bac_client_stats(const struct bac_client *client);

/* Peers: what I-Am told of devices. The one that was heard longest ago gives way to a new one. */

struct bac_peer {
    uint32_t instance;
    struct bac_address address;
    bac_port_id port;
    uint16_t max_apdu;
    uint8_t segmentation;  /* enum bac_segmentation */
    uint16_t max_segments; /* 0: not known (a Device object tells it, I-Am does not) */
    uint16_t vendor;
    bas_time heard;
};
struct bac_peers;
BAS_API struct bac_peers *bac_peers_new(const struct bas_env *env, uint32_t capacity);
BAS_API void bac_peers_free(struct bac_peers *peers);
/* Notes an I-Am from that address. A device that moved has its new address from now on; an address
 * that tells another device forgets the old one. */
BAS_API void bac_peers_heard(struct bac_peers *peers, const struct bac_i_am *i_am,
                             const struct bac_address *from, bac_port_id port, bas_time now);
/* Borrowed until the next heard or forget; NULL: not known. */
BAS_API const struct bac_peer *bac_peers_find(const struct bac_peers *peers, uint32_t instance);
BAS_API const struct bac_peer *bac_peers_at(const struct bac_peers *peers,
                                            const struct bac_address *address, bac_port_id port);
BAS_API void bac_peers_set_max_segments(struct bac_peers *peers, uint32_t instance,
                                        uint16_t max_segments);
/* It does not answer where it was: ask again. */
BAS_API void bac_peers_forget(struct bac_peers *peers, uint32_t instance);
/* The n-th in the order of instances, or NULL. */
BAS_API const struct bac_peer *bac_peers_nth(const struct bac_peers *peers, size_t n);

#ifdef __cplusplus
}
#endif

#endif
