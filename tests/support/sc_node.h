/* A node whose hub exists only as bytes: for tests of the node engine under virtual time. */
#ifndef BASALT_TEST_SC_NODE_H
#define BASALT_TEST_SC_NODE_H

#include "basalt/sc.h"
#include "test_env.h"

/* Who the node and its hub are. */
#define NODE_VMAC         "123456789abc"
#define NODE_UUID         "0f1e2d3c4b5a46879786a5b4c3d2e1f0"
#define NODE_SELF         NODE_VMAC NODE_UUID "164905d9"
#define HUB_SELF          "e211223344558a6d5f103c2b4e19b7a80123456789ab"
#define NODE_URI          "wss://hub.example.net:4443/"
#define NODE_FAILOVER_URI "wss://second.example.net:4443/"

/* A peer with a higher VMAC than the node's, and its URIs. */
#define PEER_VMAC "a20b0c0d0e0f"
#define PEER_UUID "b0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
#define PEER_SELF PEER_VMAC PEER_UUID
#define PEER_URI  "wss://192.0.2.7:4443/dc"
#define PEER_URI2 "wss://ahu-7.example.net/bacnet-dc"
#define DIRECT    "dc.bsc.bacnet.org"

struct node_test {
    struct test_env t;      /* of the node */
    struct test_env heap;   /* of the frames that go in */
    struct bas_frame *held; /* the last message: events borrow from it */
    struct bsc_node_config config;
    struct bsc_node *node;
    bsc_link_id link; /* the last one it asked for */
    bsc_link_id hub;  /* the one to its hub, for node_up_direct */
    bas_time now;     /* of every call */
};

/* Fills the configuration; the test may change it before node_starts. */
void node_begin(struct node_test *n);
/* Creates and starts it; asserts that it asks for a link. */
void node_starts(struct node_test *n);
/* Frees it and asserts that nothing is left. */
void node_finish(struct node_test *n);
/* From link_up to UP with hub limits in hex ("ffffef8f"). */
void node_joins(struct node_test *n, const char *limits);
/* node_begin, node_starts and node_joins with the limits of a large hub. */
void node_up(struct node_test *n);

/* node_up of a node that initiates and accepts direct connections. */
void node_up_direct(struct node_test *n);
/* The same, started and CONNECTED with the configuration as it is. */
void node_goes_up(struct node_test *n);
/* What the peer does, through its hub or on the link that is n->link. The VMAC of a peer from hex.
 */
struct bsc_vmac node_vmac(const char *hex);
/* The peer accepts on the link that was opened last; asserts DIRECT_UP. */
void node_gets_direct(struct node_test *n, const char *self, const char *limits);
/* A peer comes in: accepted, Connect-Request with id 7, ADMIT. Gives the link. */
bsc_link_id node_is_asked(struct node_test *n, const char *self);
/* And is admitted: Connect-Accept, DIRECT_UP. */
bsc_link_id node_admits(struct node_test *n, const char *self);

/* The next event, asserted to be of that kind; LINK_OPEN is remembered in n->link. */
struct bsc_node_event node_says(struct node_test *n, enum bsc_node_event_kind kind);
void node_says_nothing(struct node_test *n);
/* The next event, asserted to ask for a link to uri with that subprotocol. Later calls go through
 * it: n->link. */
bsc_link_id node_opens(struct node_test *n, const char *uri, const char *subprotocol);
/* Takes the next message and asserts its octets, given without its id. Gives the id. */
uint16_t node_sends(struct node_test *n, const char *start, const char *rest);
void node_sends_nothing(struct node_test *n);
/* One message to the node, in memory of exactly its size that lives until the next one. */
void node_gets(struct node_test *n, struct bas_slice octets);
void node_gets_hex(struct node_test *n, const char *hex);
/* One message with an id put between start (two octets) and rest. */
void node_gets_answer(struct node_test *n, const char *start, uint16_t id, const char *rest);
void node_link_up(struct node_test *n);
/* The link is over, without or with a reason. */
void node_link_down(struct node_test *n);
void node_link_breaks(struct node_test *n);
/* Lets time pass to the next deadline and ticks. */
void node_waits(struct node_test *n);
/* Sends an NPDU of len octets (01 00 01 02 ...); the node takes the frame. */
bas_err node_send(struct node_test *n, const char *to, size_t len, struct bas_slice options);

/* With the peer whose VMAC is PEER_VMAC. What follows is sent and received on that link. */
void node_through(struct node_test *n, bsc_link_id link);
struct bsc_peer node_peer(struct node_test *n);
void node_set_peer(struct node_test *n, enum bsc_direct_policy policy, const char *uris);
bas_err node_connect_direct(struct node_test *n);
void node_unicasts_through_the_hub(struct node_test *n);
/* Its direct connection failed, with a reason, and nothing else happened. */
struct bsc_node_event node_fails_directly(struct node_test *n);

#endif
