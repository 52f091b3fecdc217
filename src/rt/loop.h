/*
 * The event loop and what all links on it share: the ciphertext buffers, the receive blocks, the
 * end of a turn.
 *
 * A turn is one pass of the loop: everything that arrived is read and handed to the engines; then
 * owners flush (each dirty connection gets as few records and sends as fit), and the receive blocks
 * go.
 */
#ifndef BASALT_RT_LOOP_H
#define BASALT_RT_LOOP_H

#include "basalt/rt.h"

#include <uv.h>

enum {
    LOOP_CIPHER = 64 * 1024,    /* read at once, and at most per connection and turn */
    LOOP_BLOCK = 64 * 1024,     /* a receive block */
    LOOP_BLOCKS = 1024,         /* receive blocks alive at most */
    LOOP_RECORD_TARGET = 16384, /* messages are packed into records up to this */
    LOOP_STAGING = 65535 + 64,  /* one largest message with its WebSocket header */
    LOOP_OUT = LOOP_STAGING + 16384 + 16 * 64,
    LOOP_HANDSHAKES_PER_TURN =
        8, /* a handshake costs 150-300 relays: a storm must not stall traffic */
    LOOP_SIGNALS = 2,
    LOOP_UNFINISHED = 64 << 20 /* octets of incomplete input of all connections */
};

struct link;

/* Somebody who sends at the end of a turn. True: there is more to send in the next one. */
struct flusher {
    bool (*flush)(void *user, bas_time now);
    void *user;
    struct flusher *next;
};

struct bas_loop {
    struct bas_env env;
    uv_loop_t uv;
    uv_check_t check;     /* the end of a turn: after polling */
    uv_prepare_t prepare; /* and what timers left to send */
    uv_idle_t idle; /* runs while work is left for the next turn, so that polling does not sleep */
    uint8_t *cipher;
    uint8_t *staging;
    struct bas_buf out;
    struct bas_pool *blocks;
    struct bas_frame *block; /* the one being filled */
    struct bas_budget unfinished;
    struct flusher *flushers;
    struct link *resume;   /* stopped for this turn: 64 KB read */
    struct link *deferred; /* handshakes that wait for the next turn */
    struct link **deferred_end;
    void (*trace)(void *user, const struct bas_traced *message); /* NULL: nobody looks */
    void *trace_user;
    uv_signal_t signal[LOOP_SIGNALS];
    void (*on_signal)(void *user, int signal);
    void *on_signal_user;
    uv_signal_t hangup;
    void (*on_hangup)(void *user);
    void *on_hangup_user;
    uint64_t too_long;      /* messages over the maximum of their link */
    uint64_t too_long_told; /* of these when the log last said so */
    bas_time too_long_told_at;
    uint32_t turn;
    unsigned handshakes; /* done in this turn */
    bool wants_flush;    /* before its end */
};

bas_time loop_now(void);
/* The receive block with at least one record's room, or NULL: all blocks are held. */
struct bas_frame *loop_block(struct bas_loop *loop);
/* Lets everybody send, and give back the receive blocks that they hold. Not while octets of a link
 * stand in out. */
void loop_flush(struct bas_loop *loop);
void loop_add_flusher(struct bas_loop *loop, struct flusher *flusher);
void loop_remove_flusher(struct bas_loop *loop, struct flusher *flusher);
/* An owner asks, while it is given input, that all flush before other links read on in this turn;
 * the link does it when it has done with that input. */
void loop_flush_soon(struct bas_loop *loop);
void loop_flush_if_asked(struct bas_loop *loop);

#endif
