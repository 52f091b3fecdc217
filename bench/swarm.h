/*
 * Many nodes in one process, all connected to one hub (TLS 1.3, WebSocket, BVLC-SC through the
 * library's own engines) or to the floor (its own wire): connects them, sends waves, counts what
 * arrives and checks it.
 */
#ifndef BASALT_BENCH_SWARM_H
#define BASALT_BENCH_SWARM_H

#include "basalt/tls.h"
#include "child.h"

enum { SWARM_MESSAGE = 60, SWARM_LONGEST = 1400, SWARM_EVERYBODY = -1, SWARM_NOBODY = -1 };

/* One delivery as a watcher sees it: to whom, and when it was sent (CLOCK_MONOTONIC, ns). */
struct swarm_delivery {
    uint32_t to;
    uint64_t sent_ns;
};

struct peer;
struct swarm {
    const struct child *child;   /* where to */
    struct bas_tls_context *tls; /* NULL: the floor */
    struct bas_env env;
    struct peer *peers;
    uint32_t n;   /* connected */
    uint32_t cap; /* of peers */
    uint32_t joined;
    int epoll;
    uint64_t deliveries;
    uint64_t sum; /* of the numbers in the messages delivered */
    uint64_t expected, expected_sum;
    uint32_t next_value;
    struct bas_frame *block;
    struct bas_buf staging;
    struct bas_buf out;
    uint8_t *input;
    /* Instead of counting, for messages of swarm_send. */
    void (*watch)(void *user, const struct swarm_delivery *delivery);
    void *user;
    int64_t special; /* number of one that has a small receive buffer and may be lost */
    bool has_lost_special;
};

/* tls NULL: the floor. */
void swarm_init(struct swarm *swarm, const struct child *child, struct bas_tls_context *tls,
                uint32_t cap);
void swarm_fini(struct swarm *swarm);
/* Connects and joins until there are n. */
void swarm_grow(struct swarm *swarm, uint32_t n);

/*
 * Each of the first n peers, step apart, sends count messages in one record to the one that lies
 * across (or to all). What is sent in one wave the hub finds all at once; returns when every
 * delivery has arrived.
 */
struct wave {
    uint32_t senders;
    uint32_t count;
    bool broadcast;
};
/* Gives the number of deliveries. */
uint64_t swarm_wave(struct swarm *swarm, const struct wave *wave);

uint64_t swarm_now_ns(void);
/* One message of len octets (SWARM_MESSAGE .. SWARM_LONGEST) from one peer to another, or to
 * SWARM_EVERYBODY. */
void swarm_send(struct swarm *swarm, uint32_t from, int64_t to, size_t len);
/* Takes what has arrived, for timeout_ms at most. False: nothing. */
bool swarm_pump(struct swarm *swarm, int timeout_ms);
/* A peer that reads nothing from now on, and one that does again. */
void swarm_pause(struct swarm *swarm, uint32_t number);
void swarm_resume(struct swarm *swarm, uint32_t number);

#endif
