/*
 * A world in one thread and under virtual time: one hub, some nodes, and links between them that
 * have a delay and a rate, break in every way, and carry whole messages octet for octet.
 *
 * All that happens follows from one seed. The world drives the engines exactly as a runtime would:
 * several messages in one receive block, the end of a turn, a leftover below the engine, closing
 * after what is pending has gone.
 */
#ifndef BASALT_SIM_WORLD_H
#define BASALT_SIM_WORLD_H

#include "basalt/sc.h"
#include "test_env.h"

enum { SIM_NODES_MAX = 10, SIM_MAX_NPDU = 1497 };

struct sim_scenario {
    bool breaks;    /* links break: told to both ends, to one, to none */
    bool is_slow;   /* some nodes read slowly, and the hub's bounds are tight */
    bool restarts;  /* the hub dies and comes back */
    bool has_twins; /* nodes start with the same VMAC */
};

/* What one end of a link has written and the other has not read. */
struct sim_parcel {
    struct sim_parcel *next;
    bas_time at; /* of arrival */
    bool is_end; /* the writer closed */
    uint32_t len;
    uint8_t octets[];
};

struct sim_channel {
    struct sim_parcel *first, *last;
    bas_time free_at; /* when all that was written has left */
    bas_time delay;
    bas_time per_octet;
    bool is_hole; /* nothing arrives any more */
};

struct sim_link {
    struct sim_link *next;
    unsigned node;
    bsc_link_id id;
    bsc_conn_id conn;
    bool node_open, hub_open;    /* this end knows of it and has not closed it */
    bool hub_closing;            /* the hub wants it closed ... */
    bas_time close_by;           /* ... at the latest then */
    bas_time accept_at, up_at;   /* while it opens; else BAS_NEVER */
    bas_time admit_at;           /* the owner's answer to ADMIT; else BAS_NEVER */
    struct sim_parcel *leftover; /* taken from the hub, and the channel did not take it */
    struct sim_channel up, down;
};

struct sim_node {
    struct bsc_node *node;
    struct bsc_vmac vmac;
    uint16_t max_npdu;
    bas_time down_delay, per_octet; /* of its links */
    uint32_t next_seq;
    uint32_t last_seq[SIM_NODES_MAX]; /* by source */
    uint64_t expected, delivered;
    bool is_up;
    bas_time not_before; /* the next attempt, after a RETRY */
};

struct sim_world {
    uint64_t seed;
    struct sim_scenario scenario;
    struct test_env dice;     /* what happens */
    struct test_env hub_env;  /* the hub's memory */
    struct test_env node_env; /* the nodes' memory */
    struct test_env app_env;  /* blocks and NPDUs */
    struct bas_pool *blocks;
    struct bsc_hub_config hub_config;
    struct bsc_hub *hub; /* NULL while it is dead */
    size_t hub_base;     /* its memory when nothing waits */
    bas_time hub_back_at;
    unsigned joined; /* JOINED less LEFT */
    struct sim_link *links;
    struct sim_node nodes[SIM_NODES_MAX];
    unsigned n;
    bas_time now;
    bool faults; /* things may go wrong now */
    bas_time next_fault, next_send;
    uint64_t sent, breaks;
};

/* Fails with seed and time when what must hold does not. */
#define SIM_CHECK(world, condition) sim_check((world), (condition), #condition)
void sim_check(const struct sim_world *w, bool holds, const char *what);

/* 0 .. below - 1. */
uint32_t sim_random(struct sim_world *w, uint32_t below);

void sim_init(struct sim_world *w, uint64_t seed, const struct sim_scenario *scenario);
/* Frees all and checks that no memory is left. */
void sim_fini(struct sim_world *w);
/* Lets time pass until done says so, at most limit. False: the limit came first. */
bool sim_run(struct sim_world *w, bas_time limit, bool (*done)(const struct sim_world *w));

/* Given by the test: what a node hears, and what it does when its time comes. */
void sim_npdu(struct sim_world *w, unsigned node, const struct bsc_node_event *event);
void sim_workload(struct sim_world *w);
/* What must hold after every step. */
void sim_invariants(const struct sim_world *w);

#endif
