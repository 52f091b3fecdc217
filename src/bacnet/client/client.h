/* Inside the client engine: its transactions, and where they are found. */
#ifndef BASALT_BACNET_CLIENT_IMPL_H
#define BASALT_BACNET_CLIENT_IMPL_H

#include "bacnet/apdu_queue.h"
#include "bacnet/tsm.h"
#include "base/timer.h"

#include "basalt/bacnet_client.h"

enum { BAC_NO_PLACE = UINT16_MAX };

struct bac_transaction {
    enum bac_tsm_state state;
    uint16_t chain;          /* next in the same bucket */
    uint16_t next, previous; /* among those that are free, or done */
    uint16_t next_sending;
    bool is_sending; /* in the list of those with segments to send; it may have none any more */
    uint16_t generation;
    uint8_t invoke_id;
    uint8_t service;
    uint8_t priority;
    uint8_t retries_left;
    uint8_t segment_retries_left;
    bac_port_id port;
    struct bac_address peer;
    struct bac_apdu head;
    uint8_t *parameters; /* a copy, for further tries */
    size_t parameters_len;
    size_t part;      /* octets of a segment; 0: the request goes in one piece */
    size_t max_count; /* segments that we announced to accept */
    struct bac_segment_sender sender;
    struct bac_segment_receiver receiver;
    void *user;
    /* DONE: the outcome */
    enum bac_client_event_kind kind;
    uint8_t reason;
    bool is_ours;
    struct bas_slice body; /* of the APDU, or of receiver */
};

struct bac_client {
    struct bas_env env;
    struct bac_client_config config;
    struct bac_transaction *transactions; /* config.max_transactions */
    uint16_t *buckets;                    /* heads of chains, by peer and invoke id */
    uint32_t n_buckets;
    uint32_t seed;
    struct bas_timers timers; /* an id is a place in transactions */
    struct bac_apdu_queue tx;
    uint16_t free_head;
    uint16_t done_head, done_tail;
    uint16_t sending_head, sending_tail;
    uint8_t last_invoke_ids[256]; /* by the hash of the peer */
    struct bas_budget memory;
    struct bac_segment_receiver fetched; /* its octets are those of the last event */
    struct bac_client_stats stats;
};

/* client/place.c: places, ids, peers */

bas_err bac_client_open_places(struct bac_client *client);
void bac_client_close_places(struct bac_client *client);
uint16_t bac_client_place_of(const struct bac_client *client, const struct bac_transaction *t);
bac_request_id bac_client_id_of(const struct bac_client *client, const struct bac_transaction *t);
/* The transaction of that id, or NULL. */
struct bac_transaction *bac_client_by_id(struct bac_client *client, bac_request_id id);
/* The open transaction with that peer and invoke id, or NULL. */
struct bac_transaction *bac_client_find(struct bac_client *client, const struct bac_address *peer,
                                        bac_port_id port, uint8_t invoke_id);
/* A free place for a request to that peer, with an invoke id that has rested; NULL: busy. It is
 * taken by begin. */
struct bac_transaction *bac_client_reserve(struct bac_client *client,
                                           const struct bac_address *peer, bac_port_id port);
void bac_client_begin(struct bac_client *client, struct bac_transaction *t);
/* What an open transaction holds goes back, but not its place and what it received. */
void bac_client_close(struct bac_client *client, struct bac_transaction *t);
/* Puts a closed one among those whose event waits; takes it back. */
void bac_client_done_in(struct bac_client *client, struct bac_transaction *t);
void bac_client_done_out(struct bac_client *client, struct bac_transaction *t);
void bac_client_free_place(struct bac_client *client, struct bac_transaction *t);
/* Those with segments to send take turns. */
void bac_client_sending_in(struct bac_client *client, struct bac_transaction *t);
struct bac_transaction *bac_client_sending_out(struct bac_client *client);

/* client/act.c: what the rows of tsm.c say */

/* What goes with an event into its action. */
struct bac_client_outcome {
    enum bac_client_event_kind kind;
    uint8_t reason;
    bool is_ours;
    struct bas_slice body;
};
bas_err bac_client_act(struct bac_client *client, struct bac_transaction *t,
                       enum bac_tsm_event event, const struct bac_client_outcome *outcome,
                       bas_time now);
/* An Abort of ours. */
void bac_client_abort(struct bac_client *client, const struct bac_apdu_tx *tx, uint8_t invoke_id,
                      uint8_t reason);
struct bac_segment_room bac_client_room(struct bac_client *client, const struct bac_transaction *t);
/* Octets of events that were not fetched in time are gone. */
void bac_client_let_bodies_go(struct bac_client *client);

/* client/event.c: an outcome for a person */
void bac_client_describe(const struct bac_client *client, struct bac_client_event *event);

#endif
