/*
 * Ready-made applications on an event loop: the hub, the device, the client. They put engines,
 * links, settings and state together; the command line is a thin layer over them.
 */
#ifndef BASALT_APP_H
#define BASALT_APP_H

#include "basalt/bacnet.h"
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
/* Disconnects every node in order, closes everything; stopped follows, and the hub is freed after
 * it. */
BAS_API void bas_hub_stop(struct bas_hub *hub);

/* Station: one BACnet/SC port with the network layer, a client and, optionally, a server above it.
 */

enum bas_station_event_kind {
    BAS_STATION_UP,      /* connected to the hub */
    BAS_STATION_DOWN,    /* lost it; it comes back by itself */
    BAS_STATION_RETRY,   /* an attempt failed (fault); the next one follows */
    BAS_STATION_VMAC,    /* our VMAC had to change */
    BAS_STATION_FAULT,   /* something wrong arrived and was refused or dropped */
    BAS_STATION_WRITE,   /* write: a property of ours was written */
    BAS_STATION_REQUEST, /* unconfirmed request from source (an I-Am, for example) */
    BAS_STATION_STOPPED  /* the last event */
};
struct bas_station_event {
    enum bas_station_event_kind kind;
    const char *uri;      /* UP, RETRY */
    struct bsc_vmac vmac; /* UP: the hub's; VMAC: ours */
    struct bsc_uuid uuid; /* UP: the hub's */
    const struct bas_fault *fault;
    const struct bac_server_event *write;
    struct bac_address source; /* REQUEST */
    uint8_t service;
    struct bas_slice parameters;
};

struct bas_station_config {
    size_t size;                        /* sizeof(struct bas_station_config) */
    const struct bsc_node_config *node; /* VMAC and UUID: all zero to make them */
    const struct bas_tls_config *tls;
    const char *state_file; /* NULL: nothing is kept */
    /* The certificate's UUID is not ours: for a visitor beside the device that has it, whose
     * connection the hub would end for ours (AB.6.2.3). */
    bool is_visitor;
    uint32_t apdu_timeout_ms;
    uint8_t apdu_retries;
    /* NULL: no server. Its Device_UUID is filled in. */
    const struct bac_server_config *server;
    void (*event)(void *user, const struct bas_station_event *event);
    void *user;
};
struct bas_station;
BAS_API struct bas_station *bas_station_start(struct bas_loop *loop,
                                              const struct bas_station_config *config,
                                              struct bas_fault *fault);
/* Disconnects in order; STOPPED follows, and the station is freed after it. Requests in flight end
 * without an event. */
BAS_API void bas_station_stop(struct bas_station *station);
BAS_API struct bac_server *bas_station_server(struct bas_station *station);
BAS_API struct bsc_vmac bas_station_vmac(const struct bas_station *station);
BAS_API struct bsc_uuid bas_station_uuid(const struct bas_station *station);
/* As bsc_node_hub_state. */
BAS_API unsigned bas_station_hub_state(const struct bas_station *station);
/* The certificate that the hub showed in the connection that is up or was last. */
BAS_API bool bas_station_peer(const struct bas_station *station, struct bas_tls_identity *identity);

/* Answers arrive here; event's slices live during the call. */
typedef void (*bas_answer)(void *user, const struct bac_client_event *event);
struct bas_request {
    struct bac_address to; /* network 0xFFFF: everywhere */
    uint8_t service;
    struct bas_slice parameters; /* encoded; copied */
};
/* Starts a confirmed request. It ends in one call of answer, unless the station is stopped before.
 */
BAS_API BAS_MUST_USE bas_err bas_station_request(struct bas_station *station,
                                                 const struct bas_request *request,
                                                 bas_answer answer, void *user);
/* Sends an unconfirmed request. */
BAS_API BAS_MUST_USE bas_err bas_station_unconfirmed(struct bas_station *station,
                                                     const struct bas_request *request);
/* Sends I-Am to all. */
BAS_API void bas_station_announce(struct bas_station *station);

/* Device: a station with the objects of its settings. */
BAS_API struct bas_station *
bas_device_start(struct bas_loop *loop, const struct bas_device_settings *settings,
                 void (*event)(void *user, const struct bas_station_event *event), void *user,
                 struct bas_fault *fault);

#ifdef __cplusplus
}
#endif

#endif
