/* A running hub, what it told, and peers that join it. */
#ifndef BASALT_RT_HUB_H
#define BASALT_RT_HUB_H

#include "rt_peer.h"

#include "basalt/app.h"

enum { RT_HUB_PEERS = 64 };

struct rt_hub {
    struct rt_world w;
    struct bas_hub_settings settings; /* before rt_hub_start */
    struct bas_hub *hub;              /* NULL: stopped */
    struct rt_peer peers[RT_HUB_PEERS];
    struct bas_fault fault; /* of the last notice that has one, or of the start */
    unsigned joined, left, refused, faults, replaced, stopped;
    struct bsc_vmac vmac; /* of the last notice */
    char subject[64];
    char address[64];
    uint8_t stop_at; /* a bit per kind: the hub is stopped from within that notice */
};

/* Fills the settings: 127.0.0.1, a free port, certificate "hub". */
void rt_hub_begin(struct rt_hub *h);
void rt_hub_start(struct rt_hub *h);
/* Both. */
void rt_hub_run(struct rt_hub *h);
/* Connects peer n; joined as number n if nothing else is said in config (NULL). */
struct rt_peer *rt_hub_connect(struct rt_hub *h, unsigned n, const struct rt_peer_config *config);
/* And waits until it has joined. */
struct rt_peer *rt_hub_join(struct rt_hub *h, unsigned n, const struct rt_peer_config *config);
/* Runs turns, timers sent off, until it has stopped. */
void rt_hub_runs_out(struct rt_hub *h);
/* Stops the hub, unless it is; asserts that it was told once. */
void rt_hub_end(struct rt_hub *h);
/* Octets that wait for all peers together. */
uint64_t rt_hub_pending(const struct rt_hub *h);
const struct bsc_hub_counters *rt_hub_counters(const struct rt_hub *h);

#endif
