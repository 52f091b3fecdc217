/* Inside the server engine: its transactions (clause 5.4.5), and where they are found. */
#ifndef BASALT_BACNET_SERVER_TSM_H
#define BASALT_BACNET_SERVER_TSM_H

#include "bacnet/server/server.h"
#include "bacnet/tsm.h"
#include "base/timer.h"

enum { BAC_NO_RESPONDER = UINT16_MAX, BAC_KEPT_ANSWER = 64, BAC_SOURCES = 256 };

/* The answer that is kept, and how the request is known again. */
struct bac_kept {
    uint64_t digest; /* of service and parameters */
    bas_time asked;  /* last */
    uint16_t heard;  /* requests of its source by then */
    uint8_t last;    /* sequence number of its last segment */
    bool was_single; /* that segment was the only one */
    uint8_t len;     /* 0: none */
    uint8_t octets[BAC_KEPT_ANSWER];
};

struct bac_responder {
    enum bac_responder_state state;
    uint16_t chain;        /* next in the same bucket */
    uint16_t older, newer; /* KEPT; newer is the next one of those that are free */
    uint16_t next_sending;
    bool is_sending;
    uint8_t invoke_id;
    uint8_t service;
    uint8_t retries_left;
    struct bac_apdu_tx to; /* the client */
    uint32_t source;       /* its hash */
    struct bac_segment_receiver receiver;
    struct bac_segment_sender sender;
    uint8_t *body; /* of the answer in segments; body_len of it are charged */
    size_t body_len;
    bool was_segmented; /* the request that was answered */
    struct bac_kept kept;
};

struct bac_responders {
    struct bac_responder *places;
    uint16_t n;
    uint16_t *buckets;
    uint32_t n_buckets;
    uint32_t seed;
    struct bas_timers timers; /* an id is a place */
    struct bas_budget memory;
    uint16_t free_head;
    uint16_t oldest, newest; /* of the kept ones */
    uint16_t sending_head, sending_tail;
    uint16_t heard[BAC_SOURCES]; /* confirmed requests, by the hash of their source */
    uint8_t *answer;             /* the whole answer of one request */
    size_t answer_cap;
    /* of the last request, as long as its events can be fetched */
    struct bac_segment_receiver request;
    uint8_t *scratch;
    size_t scratch_len;
};

/* server/place.c */

bas_err bac_responders_open(struct bac_server *server);
void bac_responders_close(struct bac_server *server);
uint16_t bac_responder_place(const struct bac_responders *all, const struct bac_responder *r);
/* Who sent a request: made once for each. */
struct bac_client_key {
    struct bac_apdu_tx to;
    uint32_t source; /* its hash */
    uint8_t invoke_id;
};
struct bac_client_key bac_responders_key(const struct bac_responders *all,
                                         const struct bac_request *request);
/* The transaction of that client, not idle; or NULL. */
struct bac_responder *bac_responder_find(const struct bac_responders *all,
                                         const struct bac_client_key *key);
/* A place for a new one, if need be that of the answer that is kept longest; NULL: all are at
 * work. */
struct bac_responder *bac_responder_take(struct bac_server *server,
                                         const struct bac_client_key *key);
/* Gives back all that it holds. */
void bac_responder_end(struct bac_server *server, struct bac_responder *r);
/* What it holds but its place and what is kept. */
void bac_responder_release(struct bac_server *server, struct bac_responder *r);
void bac_responder_keep(struct bac_responders *all, struct bac_responder *r);
void bac_responder_unkeep(struct bac_responders *all, struct bac_responder *r);
void bac_responder_sending_in(struct bac_responders *all, struct bac_responder *r);
struct bac_responder *bac_responder_sending_out(struct bac_responders *all);
/* Counts a request of that source, and how many there were. */
uint16_t bac_responders_hear(struct bac_responders *all, const struct bac_client_key *key);

/* server/answer.c */

/* How an answer can go back. */
struct bac_way {
    size_t whole; /* octets of an APDU in one piece */
    size_t part;  /* octets of the body of one segment; 0: the client takes none */
    size_t count; /* most segments */
};
struct bac_way bac_server_way(const struct bac_server *server, const struct bac_request *request);
/* Executes the request. request->out has the whole APDU that answers it, of the outcome that is
 * returned: COMPLEX_ACK only where it can be sent on that way. */
enum bac_outcome bac_server_execute(struct bac_server *server, struct bac_request *request,
                                    const struct bac_way *way);
void bac_server_write_abort(struct bac_server *server, struct bac_request *request, uint8_t reason);
bas_err bac_server_send(struct bac_server *server, const struct bac_apdu_tx *to,
                        struct bas_slice octets);

/* server/tsm.c */

bas_err bac_server_confirmed(struct bac_server *server, struct bac_request *request);
bas_err bac_server_segment_ack(struct bac_server *server, struct bac_request *request);
void bac_server_aborted(struct bac_server *server, struct bac_request *request);
bool bac_server_next_segment(struct bac_server *server, struct bac_apdu_tx *tx);
/* The octets of the last request go. */
void bac_server_let_request_go(struct bac_server *server);

#endif
