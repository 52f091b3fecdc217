/* Inside the network layer (clause 6): what net.c, net_route.c and net_message.c share. */
#ifndef BASALT_BACNET_NET_H
#define BASALT_BACNET_NET_H

#include "basalt/bacnet.h"

struct bac_port {
    bool is_up;
    uint16_t network; /* 0: not known */
    enum bac_network_number_quality quality;
    uint16_t max_npdu;
    uint8_t mac_len;
    uint8_t mac[BAC_MAX_MAC];
};

/* Where an NPDU leaves: a port and a MAC on it. mac_len 0 is the broadcast of the data link. */
struct bac_hop {
    bac_port_id port;
    uint8_t mac_len;
    uint8_t mac[BAC_MAX_MAC];
};

/* A router that leads to a network. */
struct bac_route {
    uint16_t network; /* 0: the place is free */
    uint16_t max_npdu;
    struct bac_hop hop;
    bas_time learned;
    bas_time busy_until;
};

/* An APDU that waits for a router. */
struct bac_waiting {
    struct bac_send send;
    struct bas_frame *apdu;
    bas_time deadline;
    bas_time retry; /* when the router is no longer busy */
};

struct bac_net {
    struct bas_env env;
    struct bac_net_config config;
    struct bac_port *ports; /* config.max_ports */
    size_t n_ports;
    struct bac_route *routes;    /* config.max_routers */
    struct bac_waiting *waiting; /* config.max_waiting, oldest first */
    size_t n_waiting;
    struct bac_net_tx *tx; /* a ring of config.pending_entries */
    size_t tx_first, n_tx;
    struct bac_net_event *events; /* event_cap, emptied from the front */
    size_t event_cap, event_first, n_events;
    struct bac_net_stats stats;
};

/* net.c */

/* Pushes the NPCI in front of frame and queues it. Takes frame, also on error. */
bas_err bac_net_transmit(struct bac_net *net, const struct bac_hop *hop,
                         const struct bac_npdu *npdu, struct bas_frame *frame);
/* Queues an event; NULL, and counted, when nobody drained the queue. */
struct bac_net_event *bac_net_put_event(struct bac_net *net, enum bac_net_event_kind kind,
                                        bac_port_id port);
/* Tells of octets that were dropped, and returns err. */
bas_err bac_net_malformed(struct bac_net *net, bac_port_id port, const struct bas_fault *fault);
/* The port of that network, or NULL. */
struct bac_port *bac_net_port_of(struct bac_net *net, uint16_t network, bac_port_id *id);

/* net_route.c */

/* The router of that network, or NULL when none is known (any more). */
struct bac_route *bac_route_find(const struct bac_net *net, uint16_t network, bas_time now);
/* Notes a router; the oldest entry makes room. What waited for that network goes out. */
void bac_route_learn(struct bac_net *net, uint16_t network, const struct bac_hop *hop,
                     bas_time now);
void bac_route_forget_port(struct bac_net *net, bac_port_id port);
bool bac_route_is_by(const struct bac_route *route, const struct bac_hop *hop);
/* Sends through the router of send->to.network, or asks for one and waits. Takes apdu. */
bas_err bac_route_send(struct bac_net *net, const struct bac_send *send, struct bas_frame *apdu,
                       bas_time now);
/* Sends what waited for network, if it can be sent now. */
void bac_route_flush(struct bac_net *net, uint16_t network, bas_time now);
void bac_route_tick(struct bac_net *net, bas_time now);
bas_time bac_route_deadline(const struct bac_net *net);
/* The largest APDU for to by way of a link that takes max_npdu. */
size_t bac_route_room(const struct bac_address *to, uint16_t max_npdu, uint8_t mac_len);

/* net_message.c */

/* Acts on a network layer message that is meant for us. */
bas_err bac_net_message(struct bac_net *net, const struct bac_arrival *arrival,
                        const struct bac_npdu *npdu, bas_time now);
/* A message of our own, without memory or room dropped and counted. */
void bac_net_say(struct bac_net *net, const struct bac_hop *hop, const struct bac_npdu *npdu,
                 struct bas_slice body);
void bac_net_ask_router(struct bac_net *net, uint16_t network);
void bac_net_ask_number(struct bac_net *net, bac_port_id port);

#endif
