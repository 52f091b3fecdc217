/*
 * The KNXnet/IP server engine: discovery, description, tunnelling and device management over UDP
 * and TCP, and KNX IP Secure sessions over TCP (03_08_02, 03_08_03, 03_08_04, 03_08_09).
 *
 * Pure: octets and time in, frames and events out. Behind it is a bus that the owner brings: a
 * TELEGRAM event goes to the bus, knx_server_confirm and knx_server_indicate bring back what the
 * bus said.
 */
#ifndef BASALT_KNX_SERVER_H
#define BASALT_KNX_SERVER_H

#include "basalt/knx_client.h" /* struct knx_endpoint */

#ifdef __cplusplus
extern "C" {
#endif

enum {
    KNX_SERVER_AUTHENTICATE_MS = 10000,
    KNX_SERVER_SESSION_MS = 60000,
    KNX_SERVER_CHANNEL_MS = 120000,
    KNX_SERVER_IDLE_MS = 10000, /* a TCP connection with neither session nor channel */
    KNX_SERVER_ACK_MS = 1000,
    KNX_SERVER_MAX_TUNNELS = 255,
    KNX_SERVER_CONNECTIONS = 64,
    KNX_SERVER_SESSIONS = 64,
    KNX_SERVER_HALF_OPEN = 8,
    KNX_SERVER_REQUESTS_PER_SECOND = 20,
    KNX_SERVER_PENDING = 12,
    KNX_SERVER_MANAGEMENT = 8, /* channels beside those of the tunnels */
    KNX_SERVER_MANAGEMENT_ACK_MS = 10000,
    KNX_SERVER_NOTES = 20,           /* DROPPED events that are told at once, and REFUSED ones; */
    KNX_SERVER_NOTES_PER_SECOND = 5, /* in the long run. All are counted */
    KNX_SERVER_ANSWERS_PER_SECOND = 100, /* to searches and descriptions over UDP */
    KNX_SERVER_MAX_CONNECTIONS = 65535,
    KNX_SERVER_MAX_SESSIONS = 65535,
    KNX_SERVER_MAX_TELEGRAM = 288, /* longest cEMI that the engine sends: L_Data with L 254 and
                                      some additional information */
    KNX_SERVER_RECV = 16384        /* see knx_server_recv */
};

struct knx_server_user {
    uint8_t id; /* 1: management; 2 .. 127: tunnels */
    struct knx_key key;
};
struct knx_server_tunnel {
    knx_ia address;
    uint8_t user; /* who may use it beside user 1; 0: nobody else when secured */
};

/* Zero means the default above, where there is one. */
struct knx_server_config {
    size_t size;                 /* sizeof(struct knx_server_config) */
    struct knx_device_info info; /* address: the host's; serial all zero: a random one */
    uint16_t manufacturer;
    uint16_t mask;                /* device descriptor type 0; 0: 0x091A */
    uint16_t max_apdu;            /* 0: 254 */
    struct knx_endpoint endpoint; /* told to UDP clients; all zero: route back */
    bool tunnelling_is_secured;   /* family 04: refused in the plain */
    bool management_is_secured;   /* family 03 */
    bool owner_manages; /* MANAGEMENT events are answered; else M_Prop of what the engine does not
                           know, and writing of keys, are refused */
    bool has_device_key;
    struct knx_key device_key;
    const struct knx_server_user *users;
    size_t n_users;
    const struct knx_server_tunnel *tunnels;
    size_t n_tunnels;
    uint32_t max_connections; /* TCP */
    uint32_t max_sessions;
    uint32_t max_half_open;       /* sessions not authenticated: of one peer address */
    uint32_t requests_per_second; /* SESSION_REQUESTs of all: more are dropped */
    uint32_t max_channels;        /* 0: n_tunnels + 8; at most 255. What a reload can grow into */
    uint32_t pending;             /* UDP: telegrams waiting for one channel */
    uint32_t authenticate_ms, session_ms, channel_ms, idle_ms, ack_ms;
};

/* A TCP connection, and a channel: small numbers with a generation inside, never reused at once. */
typedef uint32_t knx_conn_id;
typedef uint32_t knx_channel_id;

enum knx_server_event_kind {
    KNX_SERVER_EVENT_SESSION_UP,   /* session, user */
    KNX_SERVER_EVENT_SESSION_DOWN, /* session, user, fault: why */
    KNX_SERVER_EVENT_REFUSED,      /* an attempt to authenticate or to connect: fault */
    KNX_SERVER_EVENT_CHANNEL_UP,   /* channel, address, user (0: plain) */
    KNX_SERVER_EVENT_CHANNEL_DOWN, /* channel, address, fault */
    KNX_SERVER_EVENT_TELEGRAM,     /* channel, cemi: an L_Data.req for the bus, source filled in */
    KNX_SERVER_EVENT_MANAGEMENT,   /* channel, cemi: M_Prop that the engine did not answer itself;
                                      M_Reset, which it did */
    KNX_SERVER_EVENT_DROPPED,      /* fault */
    KNX_SERVER_EVENT_CLOSE         /* connection: close its transport after sending what waits */
};
struct knx_server_event {
    enum knx_server_event_kind kind;
    knx_conn_id connection; /* 0: UDP */
    void *transport;        /* of the connection; NULL: UDP, or the connection is gone */
    struct knx_endpoint peer;
    knx_channel_id channel;
    uint16_t session;
    uint8_t user;
    knx_ia address;
    struct bas_slice cemi;
    const struct bas_fault *fault;
};

/* Whether a configuration can be: BAS_ERR_CONFIG with the member and what is wrong with it. */
BAS_API BAS_MUST_USE bas_err knx_server_config_check(const struct knx_server_config *config,
                                                     struct bas_fault *fault);
/*
 * NULL: out of memory, or a configuration that cannot be: the log says which member. All memory is
 * taken here; nothing is allocated later.
 */
struct knx_server;
BAS_API struct knx_server *knx_server_new(const struct bas_env *env,
                                          const struct knx_server_config *config);
/* Wipes keys. NULL is allowed. */
BAS_API void knx_server_free(struct knx_server *server);
/*
 * New users, keys, tunnels and what is secured (a keyring was reloaded); other members are not
 * looked at. Sessions of users whose key changed are closed, and channels that could not be opened
 * now (the tunnel is gone or another user's, the plain is not allowed any more); all others stay.
 * BAS_ERR_CONFIG: a configuration that cannot be, the log says which member; the old one stays.
 */
BAS_API BAS_MUST_USE bas_err knx_server_reload(struct knx_server *server,
                                               const struct knx_server_config *config,
                                               bas_time now);

/* TCP. transport comes back with what is for the connection, until knx_server_lost.
 * BAS_ERR_NO_SPACE: too many connections; BAS_ERR_REFUSED: too many of this peer (a quarter, or as
 * many as it may have half-open sessions) that carry neither a session nor a channel. Close it;
 * event REFUSED says why. */
BAS_API BAS_MUST_USE bas_err knx_server_accept(struct knx_server *server,
                                               const struct knx_endpoint *peer, void *transport,
                                               bas_time now, knx_conn_id *connection);
/*
 * A piece of a connection's stream; used up before it returns. Hand over at most KNX_SERVER_RECV
 * octets at a time and drain events and frames after it: then no telegram is lost for want of room.
 */
BAS_API void knx_server_recv(struct knx_server *server, knx_conn_id connection,
                             struct bas_slice octets, bas_time now);
BAS_API void knx_server_lost(struct knx_server *server, knx_conn_id connection, bas_time now);
/* Our own endpoint as UDP clients that come from now on see it, in place of the configuration's. */
BAS_API void knx_server_set_endpoint(struct knx_server *server,
                                     const struct knx_endpoint *endpoint);
/* UDP: one datagram. */
BAS_API void knx_server_datagram(struct knx_server *server, const struct knx_endpoint *from,
                                 struct bas_slice datagram, bas_time now);

/* The bus: outcome of a TELEGRAM (ok false: negative L_Data.con); cemi is the L_Data.req of the
 * event. A channel that is gone is ignored. */
BAS_API void knx_server_confirm(struct knx_server *server, knx_channel_id channel,
                                struct bas_slice cemi, bool ok, bas_time now);
/* A telegram for all tunnels (L_Data.ind, whatever code it has) but except (0: none). */
BAS_API void knx_server_indicate(struct knx_server *server, struct bas_slice cemi,
                                 knx_channel_id except, bas_time now);
/* Answer of a MANAGEMENT event. */
BAS_API void knx_server_manage(struct knx_server *server, knx_channel_id channel,
                               struct bas_slice cemi, bas_time now);
/* The bus is gone or back: feature 03, connection state 27. */
BAS_API void knx_server_set_bus(struct knx_server *server, bool is_connected, bas_time now);
/* Closes every channel and session in order; CLOSE follows for each connection. */
BAS_API void knx_server_close(struct knx_server *server, bas_time now);

/* All timers due by now; when the next one is. */
BAS_API void knx_server_tick(struct knx_server *server, bas_time now);
BAS_API bas_time knx_server_deadline(const struct knx_server *server);
/* Cemi and fault are borrowed until the next call of this function. */
BAS_API bool knx_server_next_event(struct knx_server *server, struct knx_server_event *event);
/* The next frame to send: to a connection, or (connection 0) as a datagram. Borrowed until the next
 * call of this function. */
struct knx_server_frame {
    knx_conn_id connection;
    void *transport; /* of the connection; NULL: UDP, or the connection is gone */
    struct knx_endpoint to;
    struct bas_slice octets;
};
BAS_API bool knx_server_next_frame(struct knx_server *server, struct knx_server_frame *frame);

/* All since creation. */
struct knx_server_counts {
    uint64_t sessions;          /* authenticated */
    uint64_t sessions_refused;  /* not authenticated: wrong, missing, late; keys of low order */
    uint64_t channels;          /* opened */
    uint64_t channels_refused;  /* CONNECT_RESPONSEs with an error */
    uint64_t telegrams_in;      /* TELEGRAM events */
    uint64_t telegrams_out;     /* L_Data sent, each channel counts */
    uint64_t telegrams_dropped; /* both ways: queue full, ring full, too long */
    uint64_t wrapper_mac;       /* MAC wrong */
    uint64_t wrapper_replay;    /* sequence not above the last one */
    uint64_t wrapper_session;   /* no such session on this connection */
    uint64_t wrapper_inner;     /* what was inside must not be */
    uint64_t malformed;         /* frames and cEMI that cannot be read */
    uint64_t skipped;           /* services not meant for us or not allowed there, too long frames,
                                   frames of channels that the sender does not have */
    uint64_t requests_limited;  /* SESSION_REQUESTs, and searches over UDP, dropped by a limit */
    uint64_t output_full;       /* frames that found no room: the owner did not drain */
};
BAS_API struct knx_server_counts knx_server_counts(const struct knx_server *server);

#ifdef __cplusplus
}
#endif

#endif
