/*
 * A site in one thread and under virtual time: two hubs, some nodes that know both, and links with
 * a delay between nodes and hubs and between nodes.
 *
 * All that happens follows from one seed. Hubs are killed and come back; links break, told to both
 * ends, to one, to none. The test says what nodes send and what must hold.
 */
#ifndef BASALT_SIM_SITE_H
#define BASALT_SIM_SITE_H

#include "basalt/sc.h"
#include "test_env.h"

enum { SITE_NODES = 6, SITE_HUBS = 2 };

/* What nodes are set to, in milliseconds. */
enum {
    SITE_CONNECT_WAIT = 3000,
    SITE_DISCONNECT_WAIT = 2000,
    SITE_HEARTBEAT = 5000,
    SITE_HEARTBEAT_ACK = 2000,
    SITE_MINIMUM_RECONNECT = 1000,
    SITE_MAXIMUM_RECONNECT = 8000,
    SITE_DIRECT_RETRY = 4000,
    SITE_RESOLUTION_WAIT = 2000,
    SITE_SILENCE = 30000,
    SITE_LONGEST_DELAY = 40
};

struct site_parcel {
    struct site_parcel *next;
    bas_time at; /* of arrival */
    bool is_end; /* the writer closed */
    uint32_t len;
    uint8_t octets[];
};

struct site_channel {
    struct site_parcel *first, *last;
    bool is_hole; /* nothing arrives any more */
};

struct site_end {
    bool is_open; /* it knows of the link and has not closed it */
    bool is_hub;
    unsigned index; /* which hub or node */
    uint32_t id;    /* its own for the link */
};

struct site_link {
    struct site_link *next;
    struct site_end ends[2]; /* 0 initiated it */
    struct site_channel from[2];
    bas_time delay;
    bas_time accept_at, up_at; /* while it opens; else BAS_NEVER */
};

struct site_node {
    struct bsc_node *node;
    struct bsc_vmac vmac;
    unsigned hub_state;
    bas_time hub_since;
    uint64_t ups, downs, direct_ups;
};

struct site_hub {
    struct bsc_hub *hub; /* NULL while it is dead */
    bool is_silent;      /* and connecting to it is not even refused */
    bas_time alive_since;
};

struct site {
    uint64_t seed;
    struct test_env dice;
    struct test_env memory; /* of engines */
    struct test_env heap;   /* of frames */
    struct site_hub hubs[SITE_HUBS];
    struct site_node nodes[SITE_NODES];
    unsigned n; /* 0 at the start: SITE_NODES */
    struct site_link *links;
    bas_time now;
    bas_time next_work; /* the test's */
    bool is_direct;     /* nodes open and accept direct connections */
    enum bsc_direct_policy policy;
    uint64_t steps;
};

#define SITE_CHECK(site, condition) site_check((site), (condition), #condition)
void site_check(const struct site *s, bool holds, const char *what);
uint32_t site_random(struct site *s, uint32_t below);

/* Everything is there and started; nobody is connected yet. */
void site_init(struct site *s, uint64_t seed);
/* Stops the nodes, waits for their end, frees all, checks that no memory is left. */
void site_fini(struct site *s);
/* Lets time pass until done says so, at most limit. False: the limit came first. */
bool site_run(struct site *s, bas_time limit, bool (*done)(const struct site *s));

void site_kill_hub(struct site *s, unsigned hub);
void site_raise_hub(struct site *s, unsigned hub);
/* Breaks one link: its ends learn it or not. */
void site_break_link(struct site *s, struct site_link *link, bool tells_0, bool tells_1);
/* The n-th link between two nodes that is open at both ends. NULL: there are not so many. */
struct site_link *site_direct_link(struct site *s, unsigned n);

/* Given by the test: an NPDU, and its own work when next_work has come. */
void site_npdu(struct site *s, unsigned node, const struct bsc_node_event *event);
void site_work(struct site *s);
/* Sends octets (copied) from one node to another. */
bas_err site_send(struct site *s, unsigned from, unsigned to, struct bas_slice octets);

#endif
