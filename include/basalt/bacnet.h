/*
 * BACnet (ASHRAE 135): NPDU and APDU, the network layer. Values and the table-driven codec are in
 * bacnet_value.h, numbers in bacnet_enum.h, data types in bacnet_type.h, services in
 * bacnet_service.h; this header includes them all. The engines above are bacnet_client.h and
 * bacnet_server.h.
 *
 * Engines are pure: APDUs, NPDUs and time in, events and frames out.
 */
#ifndef BASALT_BACNET_H
#define BASALT_BACNET_H

#include "basalt/bacnet_enum.h"
#include "basalt/bacnet_equipment_enum.h"
#include "basalt/bacnet_event.h"
#include "basalt/bacnet_event_enum.h"
#include "basalt/bacnet_property.h"
#include "basalt/bacnet_service.h"
#include "basalt/bacnet_type.h"
#include "basalt/bacnet_value.h"
#include "basalt/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* NPDU (clause 6) */

enum { BAC_MAX_MAC = 18, BAC_BROADCAST_NETWORK = 0xFFFF, BAC_NPDU_VERSION = 1 };

/* An address: network 0 is the network of the port; mac_len 0 is the broadcast of that network. */
struct bac_address {
    uint16_t network;
    uint8_t mac_len;
    uint8_t mac[BAC_MAX_MAC];
};
BAS_API bool bac_address_equal(const struct bac_address *a, const struct bac_address *b);
BAS_API bool bac_address_is_broadcast(const struct bac_address *address);

/* Network layer messages (6.4). */
enum bac_network_message {
    BAC_NET_WHO_IS_ROUTER = 0x00,
    BAC_NET_I_AM_ROUTER = 0x01,
    BAC_NET_I_COULD_BE_ROUTER = 0x02,
    BAC_NET_REJECT_MESSAGE = 0x03,
    BAC_NET_ROUTER_BUSY = 0x04,
    BAC_NET_ROUTER_AVAILABLE = 0x05,
    BAC_NET_INITIALIZE_ROUTING_TABLE = 0x06,
    BAC_NET_INITIALIZE_ROUTING_TABLE_ACK = 0x07,
    BAC_NET_ESTABLISH_CONNECTION = 0x08,
    BAC_NET_DISCONNECT_CONNECTION = 0x09,
    BAC_NET_WHAT_IS_NETWORK_NUMBER = 0x12,
    BAC_NET_NETWORK_NUMBER_IS = 0x13,
    BAC_NET_VENDOR_MESSAGE = 0x80 /* and above: a vendor id follows */
};
/* Reasons of Reject-Message-To-Network (6.4.4). */
enum bac_network_reject {
    BAC_NET_REJECT_OTHER = 0,
    BAC_NET_REJECT_UNREACHABLE = 1,
    BAC_NET_REJECT_BUSY = 2,
    BAC_NET_REJECT_UNKNOWN_MESSAGE = 3,
    BAC_NET_REJECT_TOO_LONG = 4,
    BAC_NET_REJECT_SECURITY = 5,
    BAC_NET_REJECT_ADDRESS = 6
};

struct bac_npdu {
    bool has_destination;
    bool has_source;
    bool is_network_message;
    bool expecting_reply;
    uint8_t priority; /* 0 normal .. 3 life safety */
    uint8_t hop_count;
    struct bac_address destination;
    struct bac_address source;
    uint8_t message_type;  /* network message */
    uint16_t vendor;       /* message_type >= 0x80 */
    struct bas_slice body; /* APDU, or the rest of the network message */
};
BAS_API BAS_MUST_USE bas_err bac_npdu_decode(struct bas_slice octets, struct bac_npdu *npdu,
                                             struct bas_fault *fault);
/* Appends the NPCI (all but body). */
BAS_API void bac_npdu_encode_header(const struct bac_npdu *npdu, struct bas_buf *out);

/* APDU (clause 20.1) */

enum bac_pdu_type {
    BAC_PDU_CONFIRMED_REQUEST = 0,
    BAC_PDU_UNCONFIRMED_REQUEST = 1,
    BAC_PDU_SIMPLE_ACK = 2,
    BAC_PDU_COMPLEX_ACK = 3,
    BAC_PDU_SEGMENT_ACK = 4,
    BAC_PDU_ERROR = 5,
    BAC_PDU_REJECT = 6,
    BAC_PDU_ABORT = 7
};
/* BAC_MAX_APDU is the largest size that a header can tell (20.1.2.5); I-Am tells larger ones, up to
 * what an NPDU of BACnet/SC (61327) can carry between two networks. */
enum { BAC_MAX_APDU = 1476, BAC_MIN_APDU = 50, BAC_LARGEST_APDU = 61306 };

struct bac_apdu {
    uint8_t type; /* enum bac_pdu_type */
    bool segmented, more_follows, segmented_response_accepted, negative_ack, server;
    uint8_t max_segments; /* 0 unspecified, else 2, 4, 8, 16, 32, 64, 65 (more than 64) */
    uint16_t max_apdu;    /* 50, 128, 206, 480, 1024, 1476 */
    uint8_t invoke_id;
    uint8_t sequence;
    uint8_t window;  /* 1 .. 127; anything else is for the transaction to refuse */
    uint8_t service; /* choice; Error: the service it is about */
    uint8_t reason;  /* Reject, Abort */
    struct bas_slice body;
};
BAS_API BAS_MUST_USE bas_err bac_apdu_decode(struct bas_slice octets, struct bac_apdu *apdu,
                                             struct bas_fault *fault);
BAS_API void bac_apdu_encode_header(const struct bac_apdu *apdu, struct bas_buf *out);
/* The Reject reason for a fault of bac_decode (error codes 59 .. 69); other where it names none. */
BAS_API uint8_t bac_reject_reason(const struct bas_fault *fault);

/* Network layer of a device: ports, network numbers, router cache */

struct bac_net_config {
    size_t size;                /* sizeof(struct bac_net_config) */
    uint8_t max_ports;          /* default 4 */
    uint16_t max_routers;       /* router cache entries, default 64 */
    uint32_t route_lifetime_ms; /* default 600,000 */
    uint32_t route_wait_ms;     /* how long an APDU waits for I-Am-Router, default 2,000 */
    uint16_t max_waiting;       /* APDUs waiting for a route, default 16 */
    uint16_t pending_entries;   /* NPDUs not taken yet, default 64 */
};
struct bac_port_config {
    size_t size;
    uint16_t network;  /* 0: not known */
    uint16_t max_npdu; /* the data link's, 1497 by default */
    uint8_t mac_len;
    uint8_t mac[BAC_MAX_MAC];
};
typedef uint8_t bac_port_id;

struct bac_net;
BAS_API struct bac_net *bac_net_new(const struct bas_env *env, const struct bac_net_config *config);
/* Frames that it gave out must be gone: whoever sends them is freed first. */
BAS_API void bac_net_free(struct bac_net *net);
BAS_API BAS_MUST_USE bas_err bac_net_add_port(struct bac_net *net,
                                              const struct bac_port_config *config,
                                              bac_port_id *port);
/* The data link came up or went down, or its MAC or limit changed. A port starts down. */
BAS_API void bac_net_port_up(struct bac_net *net, bac_port_id port, const uint8_t *mac,
                             uint8_t mac_len, uint16_t max_npdu, bas_time now);
BAS_API void bac_net_port_down(struct bac_net *net, bac_port_id port, bas_time now);

/* The network number of a port, 0 while it is not known. quality may be NULL. What was learned is
 * forgotten when the port goes down; when it comes up without a number, we ask for it. */
BAS_API uint16_t bac_net_port_network(const struct bac_net *net, bac_port_id port,
                                      enum bac_network_number_quality *quality);
/*
 * Turns the number of a directly connected network into network 0 and its port, else changes
 * nothing. Arrivals name their source in that form; who matches answers with requests (bac_client)
 * asks with a resolved address.
 */
BAS_API void bac_net_resolve(const struct bac_net *net, struct bac_address *to, bac_port_id *port);

/* What a data link says of an NPDU it got. attributes: the raw data options of BACnet/SC. */
struct bac_arrival {
    bac_port_id port;
    uint8_t mac_len;
    uint8_t mac[BAC_MAX_MAC];
    bool broadcast;
    struct bas_slice attributes;
};
/*
 * One received NPDU. Borrows it; drain the events before the next call (older ones are forgotten).
 * A malformed one is counted and dropped, with an event BAC_NET_FAULT; the return value says the
 * same and can be ignored. BAS_ERR_CLOSED: the port is down.
 */
BAS_API bas_err bac_net_recv(struct bac_net *net, const struct bac_arrival *arrival,
                             struct bas_slice npdu, bas_time now);

struct bac_send {
    struct bac_address to; /* network 0: on port; 0xFFFF: everywhere */
    bac_port_id port;      /* for network 0 and for local broadcasts */
    uint8_t priority;
    bool expecting_reply;
};
/*
 * Sends an APDU. Takes one reference of apdu (it needs BAS_HEADROOM in front), also on error. A
 * remote network without a known router is asked for first. BAS_ERR_TOO_LONG: over the maximum of
 * the way; BAS_ERR_CLOSED: port down; BAS_ERR_BUSY: a queue is full.
 */
BAS_API BAS_MUST_USE bas_err bac_net_send(struct bac_net *net, const struct bac_send *send,
                                          struct bas_frame *apdu, bas_time now);
/* The largest APDU that can go to that address now (6.2: the port's NPDU less the NPCI). */
BAS_API size_t bac_net_max_apdu(const struct bac_net *net, const struct bac_address *to,
                                bac_port_id port);

enum bac_net_event_kind {
    BAC_NET_APDU,        /* apdu from source, to us */
    BAC_NET_UNREACHABLE, /* a router said Reject-Message-To-Network (reason), or no router answered
                          */
    BAC_NET_NETWORK_LEARNED, /* Network-Number-Is told the number of a port */
    BAC_NET_FAULT            /* dropped for a fault */
};
struct bac_net_event {
    enum bac_net_event_kind kind;
    bac_port_id port;
    struct bac_address source; /* network 0: on the port */
    bool broadcast;
    uint8_t priority;
    bool expecting_reply;
    struct bas_slice apdu; /* slices: until the next recv or tick */
    struct bas_slice attributes;
    /* What I-Am of the source told, where whoever hands the event to a server knows it
     * (bac_peers_at); 0: not known. Only then answers of more than 1476 octets go unsegmented. */
    uint16_t max_apdu;
    uint16_t network; /* UNREACHABLE, NETWORK_LEARNED */
    uint8_t reason;
    struct bas_fault fault;
};
BAS_API bool bac_net_next_event(struct bac_net *net, struct bac_net_event *event);

/* An NPDU for a data link: gives one reference of frame. mac_len 0 is a broadcast on the link. */
struct bac_net_tx {
    bac_port_id port;
    uint8_t mac_len;
    uint8_t mac[BAC_MAX_MAC];
    struct bas_frame *frame;
};
BAS_API bool bac_net_next_tx(struct bac_net *net, struct bac_net_tx *tx);
BAS_API void bac_net_tick(struct bac_net *net, bas_time now);
BAS_API bas_time bac_net_deadline(const struct bac_net *net);

/* Counters since creation. Borrowed. */
struct bac_net_stats {
    uint64_t received, delivered, sent;
    uint64_t malformed;
    uint64_t not_for_us;       /* an NPDU for another device or network */
    uint64_t unknown_messages; /* network layer messages that we do not know */
    uint64_t ignored_messages; /* known ones that do not concern us or cannot be true */
    uint64_t not_sent;         /* NPDUs of ours that were dropped, for whatever reason */
    uint64_t lost_events;      /* nobody drained them */
};
BAS_API const struct bac_net_stats *bac_net_stats(const struct bac_net *net);

/* An APDU to send: gives one reference of frame. */
struct bac_apdu_tx {
    struct bac_address to;
    bac_port_id port;
    uint8_t priority;
    bool expecting_reply;
    struct bas_frame *frame;
};

#ifdef __cplusplus
}
#endif

#endif
