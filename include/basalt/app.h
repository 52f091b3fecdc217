/*
 * Ready-made applications on an event loop: the hub, the device, the client. They put engines,
 * links, settings and state together; the command line is a thin layer over them.
 */
#ifndef BASALT_APP_H
#define BASALT_APP_H

#include "basalt/bacnet_client.h"
#include "basalt/bacnet_server.h"
#include "basalt/rt.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Hub */

/*
 * What a hub tells: a node joined, left, was refused, sent something wrong. Every connection ends
 * with one notice, LEFT when it had joined, else CLOSE; a hub that stops is silent about those that
 * never joined.
 */
struct bas_hub_notice {
    enum bsc_hub_event_kind
        kind;                    /* JOINED, LEFT, CLOSE (refused or gone before it joined), FAULT */
    const struct bsc_vmac *vmac; /* both all zero before it told them */
    const struct bsc_uuid *uuid;
    const char *address; /* "192.0.2.7:4711" */
    const char *subject; /* of the peer's certificate; "" where none was shown */
    const struct bas_fault *fault;
    bool replaces;
};

struct bas_hub_callbacks {
    void (*notice)(void *user, const struct bas_hub_notice *notice); /* may be NULL */
    /* Stopped for good: nothing of it is on the loop any more. */
    void (*stopped)(void *user); /* may be NULL */
    void *user;
};

/*
 * Starts a hub: loads its credentials, opens its state file, listens. settings are read in this
 * call only. NULL with fault.
 */
struct bas_hub;
BAS_API struct bas_hub *bas_hub_start(struct bas_loop *loop,
                                      const struct bas_hub_settings *settings,
                                      const struct bas_hub_callbacks *callbacks,
                                      struct bas_fault *fault);
/* "127.0.0.1:4443": where it listens. */
BAS_API const char *bas_hub_address(const struct bas_hub *hub);
BAS_API struct bsc_vmac bas_hub_vmac(const struct bas_hub *hub);
BAS_API struct bsc_uuid bas_hub_uuid(const struct bas_hub *hub);
BAS_API const struct bsc_hub *bas_hub_engine(const struct bas_hub *hub);
/* "wss://127.0.0.1:4443": how a node on this host reaches it. */
BAS_API const char *bas_hub_uri(const struct bas_hub *hub);
/* Disconnects every node in order, closes everything; stopped follows, and the hub is freed after
 * it. */
BAS_API void bas_hub_stop(struct bas_hub *hub);

/* What a reload of certificates came to. */
struct bas_reload {
    struct bas_tls_identity identity; /* our certificate from now on */
    uint32_t kept;                    /* sessions whose peers are trusted by the new set too */
    uint32_t closed;                  /* and those that were disconnected */
};
/*
 * Loads certificate, key, issuers and CRLs anew. New sessions use the new set; those that are open
 * go on unless their peer's certificate is no longer trusted: these are disconnected in order, each
 * with its notice. On any error the old set stays in use and nothing has changed.
 *
 * tls NULL: keep the certificates, as a hub in plaintext must. admission replaces the old rules,
 * and open sessions are judged by the new ones too (NULL: keep them). what may be NULL.
 *
 * BAS_ERR_CONFIG: the new certificate has another UUID than the hub, which is its device for ever
 * (spec 8.2). BAS_ERR_STATE: certificates for a hub in plaintext, or it is being stopped. Else the
 * errors of bas_tls_context_new.
 */
BAS_API BAS_MUST_USE bas_err bas_hub_reload(struct bas_hub *hub, const struct bas_tls_config *tls,
                                            const struct bas_admission *admission,
                                            struct bas_reload *what, struct bas_fault *fault);

/* Port: one BACnet/SC network port, that is a node with its links, its certificates and its
 * identity. NPDUs go in and out; what stands above them is the caller's. */

struct bas_port_config {
    size_t size;                        /* sizeof(struct bas_port_config) */
    const struct bsc_node_config *node; /* VMAC and UUID: all zero to make them */
    const struct bas_tls_config *tls;
    const char *state_file; /* NULL: nothing is kept */
    /* The certificate's UUID is not ours: for a visitor beside the device that has it, whose
     * connection the hub would end for ours (AB.6.2.3). */
    bool is_visitor;
    /* The hub in this process whose device we are (spec 3.1): VMAC, UUID and certificates are its;
     * state_file and tls are not read; without a primary URI the node connects to it. NULL: none.
     * What its reload replaces counts for the port too. Stop the port before it. */
    struct bas_hub *host;
    const char *direct_bind;               /* "ADDR:PORT" to accept direct connections; or NULL */
    const struct bas_admission *admission; /* of these; NULL: none of its rules */
    enum bas_plaintext plaintext;          /* whether ws:// is allowed */
    /* What the node tells: all its events but LINK_OPEN, LINK_CLOSE and ADMIT. Slices and texts
     * live during the call. May be NULL. */
    void (*event)(void *user, const struct bsc_node_event *event);
    /* Stopped for good; the port is freed after it. May be NULL. */
    void (*stopped)(void *user);
    void *user;
};
struct bas_port;
/* Starts it; config is read in this call only. NULL with fault. */
BAS_API struct bas_port *bas_port_start(struct bas_loop *loop, const struct bas_port_config *config,
                                        struct bas_fault *fault);
/* Disconnects everything in order; stopped follows. */
BAS_API void bas_port_stop(struct bas_port *port);
/* Sends an NPDU (copied). Errors as bsc_node_send's. As with bas_port_wake, events may be told
 * before it returns. */
BAS_API BAS_MUST_USE bas_err bas_port_send(struct bas_port *port, const struct bsc_send *send,
                                           struct bas_slice npdu);
/* The node itself, for all its other calls (bsc_node_resolve, bsc_node_peer, ...). After one that
 * is not a look call bas_port_wake, so that what it asked for is carried out. */
BAS_API struct bsc_node *bas_port_node(struct bas_port *port);
BAS_API void bas_port_wake(struct bas_port *port);
BAS_API struct bsc_uuid bas_port_uuid(const struct bas_port *port);
/* "192.0.2.7:4444": where direct connections are accepted, "" for nowhere. */
BAS_API const char *bas_port_direct_address(const struct bas_port *port);
/* The certificate that the hub showed in the connection that is up or was last. */
BAS_API bool bas_port_peer(const struct bas_port *port, struct bas_tls_identity *identity);
/*
 * As bas_hub_reload, for hub and direct connections, of which those that are not trusted any more
 * are closed with the reason; admission is about accepted ones. NULL of either keeps what is. The
 * new certificate must be for the UUID we have (BAS_ERR_CONFIG), but a visitor's. With a host there
 * is no need for tls, and it is not read: reload the hub. BAS_ERR_STATE: tls is given, and it has
 * no certificates (plaintext); or it is being stopped.
 */
BAS_API BAS_MUST_USE bas_err bas_port_reload(struct bas_port *port,
                                             const struct bas_tls_config *tls,
                                             const struct bas_admission *admission,
                                             struct bas_reload *what, struct bas_fault *fault);
/*
 * Runs the loop until the port has a hub connection, for timeout_ms at most (UINT32_MAX: for ever).
 * BAS_ERR_TIMEOUT: it has none; fault says why the last attempt failed. BAS_ERR_CLOSED: the port
 * was stopped meanwhile, and is gone. BAS_ERR_INTERRUPTED: the loop was. Events are told meanwhile.
 * Not from within a callback.
 */
BAS_API BAS_MUST_USE bas_err bas_port_wait(struct bas_port *port, uint32_t timeout_ms,
                                           struct bas_fault *fault);

/* Station: a port with the network layer, a client and, optionally, a server above it. */

enum bas_station_event_kind {
    BAS_STATION_UP,      /* connected to a hub, or moved from one to the other */
    BAS_STATION_DOWN,    /* lost it; it comes back by itself */
    BAS_STATION_RETRY,   /* an attempt failed (fault); the next one follows */
    BAS_STATION_NODE,    /* node: a direct connection came, went or failed; a peer was resolved or
                            advertised itself; a proprietary message or a BVLC-Result came */
    BAS_STATION_VMAC,    /* our VMAC had to change */
    BAS_STATION_FAULT,   /* something wrong arrived and was refused or dropped */
    BAS_STATION_SERVER,  /* server: somebody wrote, created, deleted, set the clock, ... */
    BAS_STATION_REQUEST, /* unconfirmed request from source (an I-Am, for example) */
    BAS_STATION_STOPPED  /* the last event */
};
struct bas_station_event {
    enum bas_station_event_kind kind;
    const char *uri;    /* UP, RETRY */
    unsigned hub_state; /* UP, RETRY: 1 primary, 2 failover */
    const struct bsc_node_event *node;
    struct bsc_vmac vmac; /* UP: the hub's; VMAC: ours */
    struct bsc_uuid uuid; /* UP: the hub's */
    const struct bas_fault *fault;
    const struct bac_server_event *server;
    struct bac_address source; /* REQUEST */
    uint8_t service;
    struct bas_slice parameters;
};

struct bas_station_config {
    size_t size;                 /* sizeof(struct bas_station_config) */
    struct bas_port_config port; /* its event, stopped and user are not read */
    uint32_t apdu_timeout_ms;
    uint8_t apdu_retries;
    uint16_t max_apdu;        /* of ours; 0: 1476. Above it only where the data link carries it */
    uint16_t max_requests;    /* confirmed ones in flight, default 256 */
    uint32_t find_timeout_ms; /* for I-Am; default apdu_timeout_ms, or 3,000 */
    uint32_t max_peers;       /* devices remembered, default 4,096, with objects 1,024 */
    uint32_t segment_timeout_ms; /* of requests in segments; 0: 2,000 */
    /* NULL: no objects. Its Device_UUID, its limits of APDUs and its timers are filled in where
     * they are 0; a station without objects answers as a visitor, with hooks of its own. */
    const struct bac_server_config *server;
    void (*event)(void *user, const struct bas_station_event *event);
    void *user;
};
struct bas_station;
BAS_API struct bas_station *bas_station_start(struct bas_loop *loop,
                                              const struct bas_station_config *config,
                                              struct bas_fault *fault);
/* Disconnects in order; STOPPED follows, and the station is freed after it. Requests in flight end
 * without an event, calls (app_client.h) with BAS_ERR_CLOSED. */
BAS_API void bas_station_stop(struct bas_station *station);
/* NULL for a station without objects. */
BAS_API struct bac_server *bas_station_server(struct bas_station *station);
/* Its port: bas_port_node, bas_port_reload, bas_port_wait and the looks may be called on it. That
 * of a device is another one after its restart, which somebody may ask for over the network. */
BAS_API struct bas_port *bas_station_port(struct bas_station *station);
BAS_API struct bsc_vmac bas_station_vmac(const struct bas_station *station);
BAS_API struct bsc_uuid bas_station_uuid(const struct bas_station *station);
/* As bsc_node_hub_state. */
BAS_API unsigned bas_station_hub_state(const struct bas_station *station);
/* Answers arrive here; event's slices live during the call. */
typedef void (*bas_answer)(void *user, const struct bac_client_event *event);
struct bas_request {
    struct bac_address to; /* network 0xFFFF: everywhere */
    uint8_t service;
    struct bas_slice parameters; /* encoded; copied */
};
/* Starts a confirmed request. It ends in one call of answer, unless the station is stopped before.
 * BAS_ERR_BUSY: max_requests are in flight, or 256 to that peer. */
BAS_API BAS_MUST_USE bas_err bas_station_request(struct bas_station *station,
                                                 const struct bas_request *request,
                                                 bas_answer answer, void *user);
/* Sends an unconfirmed request. */
BAS_API BAS_MUST_USE bas_err bas_station_unconfirmed(struct bas_station *station,
                                                     const struct bas_request *request);
/* Whether every station executes a confirmed service for the calls of its client, whatever server
 * it has: notifications of its subscriptions. */
BAS_API bool bas_station_takes(uint8_t service);
/* Sends I-Am to all. */
BAS_API void bas_station_announce(struct bas_station *station);

/*
 * Device: a station with the objects of its settings. host: the hub in this process whose device it
 * is (bas_port_config), or NULL; then instance and objects are all that settings must have.
 */
BAS_API struct bas_station *
bas_device_start(struct bas_loop *loop, const struct bas_device_settings *settings,
                 struct bas_hub *host,
                 void (*event)(void *user, const struct bas_station_event *event), void *user,
                 struct bas_fault *fault);
/* As bas_port_reload, with the certificates and the admission of settings; where others were
 * activated over the network, those count and are loaded anew. station: of bas_device_start. */
BAS_API BAS_MUST_USE bas_err bas_device_reload(struct bas_station *station,
                                               const struct bas_device_settings *settings,
                                               struct bas_reload *what, struct bas_fault *fault);

#ifdef __cplusplus
}
#endif

#endif
