/* A loop with up to two hubs and ports beside them, and what they told. */
#ifndef BASALT_RT_PORT_H
#define BASALT_RT_PORT_H

#include "rt_world.h"

#include "basalt/app.h"

enum { RT_SITE_HUBS = 2 };

struct rt_site_hub {
    struct bas_hub_settings settings; /* before rt_site_start */
    struct bas_hub *hub;              /* NULL: not running */
    unsigned joined, left, refused, stopped;
    char uri[80];
    char address[64]; /* where it is, or was: it listens there again */
};

struct rt_site {
    struct rt_world w;
    struct rt_site_hub hubs[RT_SITE_HUBS];
};

/* Nobody runs yet. Certificate of both hubs: "hub". */
void rt_site_begin(struct rt_site *site);
/* Starts hub n, on a free port or on the one it had. Gives its URI. */
const char *rt_site_start(struct rt_site *site, unsigned n);
/* Stops it, and waits until it has. */
void rt_site_stop(struct rt_site *site, unsigned n);
/* Stops hubs that run; asserts that nothing is left. Ports must have ended. */
void rt_site_end(struct rt_site *site);
const struct bsc_hub_counters *rt_site_counters(const struct rt_site *site, unsigned n);

struct rt_port {
    struct rt_world *w;
    struct bsc_node_config node; /* before rt_port_start */
    struct bas_tls_config tls;
    struct bas_port_config config;
    struct bas_port *port;               /* NULL: not started, or stopped */
    unsigned events[BSC_NODE_FAULT + 1]; /* of each kind */
    unsigned stopped;
    struct bas_fault fault; /* of the last event that has one, or of the start */
    struct bas_fault faults[BSC_NODE_FAULT + 1];
    struct bsc_vmac vmac; /* of the last event */
    unsigned hub_state;   /* of the last UP */
    char uris[256];       /* of the last RESOLVED */
    uint8_t npdu[64];     /* the beginning of the last one */
    size_t npdu_len;
    struct bsc_vmac from; /* and who sent it */
    uint32_t stop_at;     /* a bit per kind: it is stopped from within that event */
    void (*on_event)(struct rt_port *p, const struct bsc_node_event *event);
    void *user;
};

/* Certificate NAME; timers of a few milliseconds where they make a test wait. */
void rt_port_begin(struct rt_world *w, struct rt_port *p, const char *name, const char *uri);
void rt_port_start(struct rt_port *p);
/* Begins, starts and waits for its hub. */
void rt_port_run(struct rt_world *w, struct rt_port *p, const char *name, const char *uri);
void rt_port_until(struct rt_port *p, enum bsc_node_event_kind kind, unsigned least);
/* Sends an NPDU of one octet; asserts that it could. */
void rt_port_send(struct rt_port *p, const struct bsc_vmac *to, uint8_t octet);
struct bsc_vmac rt_port_vmac(const struct rt_port *p);
/* Runs until it has stopped; asserts that it said so once. */
void rt_port_end(struct rt_port *p);

#endif
