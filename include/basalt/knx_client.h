/*
 * The KNXnet/IP client engine: one connection (tunnel or device management) over UDP, TCP, or a KNX
 * IP Secure session over TCP.
 *
 * Pure: octets of the transport and time in, frames and events out. The owner opens the transport,
 * says so, feeds what arrives, sends what knx_client_next_frame gives; when the engine is done or
 * lost (event DOWN) what next_frame still gives is to be sent, then the transport to be closed. A
 * new attempt is a new knx_client_open; that and its backoff are the owner's.
 */
#ifndef BASALT_KNX_CLIENT_H
#define BASALT_KNX_CLIENT_H

#include "basalt/knx_secure.h"

#ifdef __cplusplus
extern "C" {
#endif

struct knx_endpoint {
    uint8_t address[4];
    uint16_t port;
};

enum {
    KNX_CLIENT_SESSION_RESPONSE_MS = 5000,
    KNX_CLIENT_SESSION_STATUS_MS = 5000,
    KNX_CLIENT_CONNECT_RESPONSE_MS = 15000,
    KNX_CLIENT_HEARTBEAT_MS = 60000,
    KNX_CLIENT_HEARTBEAT_WAIT_MS = 10000,
    KNX_CLIENT_HEARTBEAT_TRIES = 3,
    KNX_CLIENT_KEEPALIVE_MS = 30000,
    KNX_CLIENT_ACK_MS = 1000,
    KNX_CLIENT_MANAGEMENT_ACK_MS = 10000, /* for ack_ms, on a management connection */
    KNX_CLIENT_CONFIRM_MS = 3000,
    KNX_CLIENT_DISCONNECT_MS = 2000,
    KNX_CLIENT_QUEUE = 64
};

/* Zero means the default above, where there is one. */
struct knx_client_config {
    size_t size;                         /* sizeof(struct knx_client_config) */
    enum knx_host_protocol transport;    /* KNX_UDP or KNX_TCP */
    enum knx_connection_type connection; /* KNX_CONNECTION_TUNNEL (or 0), _MANAGEMENT */
    enum knx_layer layer;                /* of a tunnel; 0: link layer */
    knx_ia address;                      /* tunnel to ask for (extended CRI); 0: any */
    bool is_secure;                      /* over TCP only */
    uint8_t user;                        /* 1 .. 127 */
    struct knx_key user_key;
    bool skips_device_check; /* device_key is not known: logged, a warning */
    struct knx_key device_key;
    uint8_t serial[KNX_SERIAL_LEN]; /* all zero: a random one */
    struct knx_endpoint local;      /* UDP: our address; all zero: route back */
    uint32_t session_response_ms;
    uint32_t session_status_ms;
    uint32_t connect_response_ms;
    uint32_t heartbeat_ms;
    uint32_t heartbeat_wait_ms;
    uint32_t keepalive_ms;
    uint32_t ack_ms;
    uint32_t confirm_ms;
    uint32_t disconnect_ms;
    uint32_t queue; /* requests waiting */
};

enum knx_client_state {
    KNX_CLIENT_IDLE,
    KNX_CLIENT_SESSION,      /* SESSION_REQUEST sent */
    KNX_CLIENT_AUTHENTICATE, /* SESSION_AUTHENTICATE sent */
    KNX_CLIENT_CONNECT,      /* CONNECT_REQUEST sent */
    KNX_CLIENT_UP,
    KNX_CLIENT_DISCONNECT, /* DISCONNECT_REQUEST sent */
    KNX_CLIENT_STATES
};

enum knx_client_event_kind {
    KNX_CLIENT_EVENT_SESSION,   /* the session is authenticated */
    KNX_CLIENT_EVENT_UP,        /* channel, address: connected */
    KNX_CLIENT_EVENT_TELEGRAM,  /* cemi: from the bus (L_Data.ind, busmonitor, M_Prop) */
    KNX_CLIENT_EVENT_CONFIRMED, /* request id was sent to the bus: L_Data.con, in cemi */
    KNX_CLIENT_EVENT_FAILED,    /* request id was not: fault (negative L_Data.con, which is in cemi;
                                   no confirmation; connection lost). id 0: feature got no answer */
    KNX_CLIENT_EVENT_FEATURE,   /* TUNNELLING_FEATURE_RESPONSE or _INFO: feature, return_code, value
                                 */
    KNX_CLIENT_EVENT_ANSWER,    /* a DESCRIPTION_RESPONSE or SEARCH_RESPONSE_EXTENDED: frame */
    KNX_CLIENT_EVENT_DROPPED,   /* something wrong arrived and was dropped: fault. At most one a
                                   second after the first ones; knx_client_dropped counts all */
    KNX_CLIENT_EVENT_DOWN       /* over: fault (err BAS_OK: closed in order). step: where. All
                                   requests, on their way or waiting, have had their FAILED before */
};
struct knx_client_event {
    enum knx_client_event_kind kind;
    uint8_t channel;
    knx_ia address;
    uint32_t id;
    struct bas_slice cemi; /* also value of a feature, frame of an ANSWER */
    uint8_t feature;
    uint8_t return_code;
    enum knx_client_state step;
    unsigned status;   /* DOWN: the KNXnet/IP or session status that ended it */
    bool is_permanent; /* DOWN: trying again with the same configuration will not help */
    const struct bas_fault *fault; /* never NULL; err BAS_OK where none is told above */
};

struct knx_client;
/* NULL: out of memory, or a configuration that cannot be (secure over UDP, user 0). */
BAS_API struct knx_client *knx_client_new(const struct bas_env *env,
                                          const struct knx_client_config *config);
/* Wipes keys. NULL is allowed. */
BAS_API void knx_client_free(struct knx_client *client);
/*
 * The transport is open: the session or the connection begins. Requests that were queued since the
 * last DOWN are kept, and sent as soon as it is up.
 */
BAS_API void knx_client_open(struct knx_client *client, bas_time now);
/* UDP: our address on the way to the server, for the HPAIs; before knx_client_open. */
BAS_API void knx_client_set_local(struct knx_client *client, const struct knx_endpoint *local);
/*
 * The transport of a new attempt could not be opened (fault). FAILED for what waits, then DOWN
 * follow, also where DOWN came of the attempt before.
 */
BAS_API void knx_client_unopened(struct knx_client *client, const struct bas_fault *fault,
                                 bas_time now);
/* The transport is gone. Event DOWN follows unless it came already. */
BAS_API void knx_client_lost(struct knx_client *client, const struct bas_fault *fault,
                             bas_time now);
/*
 * What arrived: any piece of a stream (TCP) or one datagram. octets are looked at frame by frame
 * while events are taken: they must stay until knx_client_next_event has answered false. Events
 * that were not taken before the next recv are lost.
 */
BAS_API void knx_client_recv(struct knx_client *client, struct bas_slice octets, bas_time now);
/*
 * Queues one cEMI request (L_Data.req, L_Raw.req by the layer; M_Prop, M_FuncProp, M_Reset, T_Data
 * on a management connection), before open too. An L_Data.req of source 0 gets the tunnel's
 * address. It ends in one event CONFIRMED or FAILED with *id. One is on its way at a time
 * (spec 1.7), and the next one only when all events have been taken. BAS_ERR_BUSY: the queue is
 * full; BAS_ERR_MALFORMED: also a message that is no request of this connection; BAS_ERR_STATE:
 * closing.
 */
BAS_API BAS_MUST_USE bas_err knx_client_send(struct knx_client *client, struct bas_slice cemi,
                                             bas_time now, uint32_t *id);
/* TUNNELLING_FEATURE_GET; SET when value is not empty (32 octets at most). Queued like a request;
 * it ends in an event FEATURE, or FAILED with id 0. Errors as above, BAS_ERR_TOO_LONG. */
BAS_API BAS_MUST_USE bas_err knx_client_feature(struct knx_client *client, uint8_t feature,
                                                struct bas_slice value, bas_time now);
/*
 * Any other frame of the core services, 128 octets at most (a DESCRIPTION_REQUEST), inside the
 * session where there is one. BAS_ERR_STATE: neither connecting nor connected; BAS_ERR_BUSY: the
 * last one was not taken out yet; errors of knx_message_decode. What answers it is an event ANSWER;
 * nothing waits for it.
 */
BAS_API BAS_MUST_USE bas_err knx_client_ask(struct knx_client *client, struct bas_slice frame,
                                            bas_time now);
/* Disconnects in order; DOWN follows. */
BAS_API void knx_client_close(struct knx_client *client, bas_time now);
BAS_API void knx_client_tick(struct knx_client *client, bas_time now);
/* When tick is due; now when events are waiting. */
BAS_API bas_time knx_client_deadline(const struct knx_client *client);
BAS_API bool knx_client_next_event(struct knx_client *client, struct knx_client_event *event);
/* The next frame to send (borrowed until the next call on this engine). UDP: to all zero: the
 * server's control endpoint. */
BAS_API bool knx_client_next_frame(struct knx_client *client, struct bas_slice *frame,
                                   struct knx_endpoint *to);
BAS_API enum knx_client_state knx_client_state(const struct knx_client *client);
BAS_API knx_ia knx_client_address(const struct knx_client *client);   /* of the tunnel; 0: none */
BAS_API uint64_t knx_client_dropped(const struct knx_client *client); /* frames, since creation */

#ifdef __cplusplus
}
#endif

#endif
