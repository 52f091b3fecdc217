/*
 * Inside of the KNXnet/IP server engine: what its parts share. server.c owns life and dispatch,
 * config.c what may be configured, event.c and outbox.c what goes out,
 * session.c the secure sessions, channel.c connect to disconnect, pending.c
 * the way of a service to a client, tunnel.c telegrams, feature.c tunnelling
 * features, management.c properties, discovery.c descriptions.
 */
#ifndef BASALT_KNX_SERVER_INTERNAL_H
#define BASALT_KNX_SERVER_INTERNAL_H

#include "basalt/knx_server.h"
#include "base/timer.h"
#include "knx/bucket.h"
#include "knx/ring.h"

/* One TCP connection. */
struct knx_server_conn {
    knx_conn_id id; /* 0: free */
    uint16_t generation;
    uint32_t uses; /* sessions and plain channels */
    bool is_over;  /* CLOSE was said; nothing more is read */
    void *transport;
    struct knx_endpoint peer;
    struct knx_server_session *session; /* where its last wrapper was found: looked at first */
    struct knx_stream stream;
    uint64_t skipped; /* frames of the stream, counted so far */
    uint8_t stash[KNX_MAX_FRAME];
};

/* Secure sessions (spec 2.5) */

enum knx_session_state {
    KNX_STATE_FREE,
    KNX_STATE_UNAUTHENTICATED,
    KNX_STATE_AUTHENTICATED,
    KNX_SESSION_STATES
};
enum knx_session_event {
    KNX_EVENT_REQUEST,          /* a SESSION_REQUEST that passed the limits; the key is agreed */
    KNX_EVENT_AUTHENTICATE,     /* SESSION_AUTHENTICATE: user and MAC are right */
    KNX_EVENT_AUTHENTICATE_BAD, /* they are not */
    KNX_EVENT_KEEPALIVE,        /* SESSION_STATUS 04 */
    KNX_EVENT_CLOSE,            /* SESSION_STATUS 05 */
    KNX_EVENT_STATUS,           /* SESSION_STATUS of another value */
    KNX_EVENT_FRAME,            /* a service that a client may send inside a session */
    KNX_EVENT_FOREIGN,          /* any other frame */
    KNX_EVENT_TIMEOUT,          /* */
    KNX_EVENT_LOST,             /* the TCP connection is gone */
    KNX_EVENT_END,              /* we end it: closing, other keys, counter used up */
    KNX_SESSION_EVENTS
};
enum knx_session_action {
    KNX_DO_NOTHING, /* an empty cell */
    KNX_DO_RESPOND, /* SESSION_RESPONSE */
    KNX_DO_WELCOME,
    KNX_DO_STAY,
    KNX_DO_DISCARD, /* count it */
    KNX_DO_HANDLE,
    KNX_DO_END /* drop the session and its channels */
};
struct knx_session_rule {
    uint8_t action;
    uint8_t sends; /* SESSION_STATUS: the status plus one; 0: none */
    uint8_t next;
};
struct knx_session_rule knx_session_rule(enum knx_session_state state,
                                         enum knx_session_event event);

struct knx_server_session {
    uint8_t state; /* enum knx_session_state */
    uint8_t user;  /* authenticated: which */
    uint16_t id;
    struct knx_server_conn *conn;
    uint64_t expects; /* the least sequence number that is accepted next */
    uint64_t sends;   /* the next one of ours */
    uint8_t serial[KNX_SERIAL_LEN];
    struct knx_cipher cipher;
    uint8_t x[KNX_PUBLIC_KEY_LEN]; /* public keys, the client's and ours */
    uint8_t y[KNX_PUBLIC_KEY_LEN];
};

/* Where a frame came from, and where an answer goes. */
struct knx_way {
    struct knx_server_conn *conn;       /* NULL: UDP */
    struct knx_server_session *session; /* NULL: in the plain */
    struct knx_endpoint peer;
};

/* What waits for a UDP client: one frame without its connection header. */
struct knx_pending {
    uint16_t service;
    uint8_t feature;
    uint8_t return_code;
    uint16_t len;
    uint8_t octets[KNX_SERVER_MAX_TELEGRAM];
};

struct knx_server_channel {
    knx_channel_id id; /* 0: free */
    uint32_t generation;
    uint8_t number; /* on the wire */
    uint8_t type;   /* enum knx_connection_type */
    uint8_t tunnel; /* its index */
    knx_ia address; /* of the tunnel; 0: device management */
    bool wants_info;
    bool is_unpadded;            /* it sends features of one octet without a second one */
    uint8_t sends;               /* sequence counters of both directions */
    uint8_t expects;             /* UDP */
    struct knx_way way;          /* UDP: peer is where requests go */
    struct knx_endpoint control; /* UDP: where a DISCONNECT_REQUEST goes */
    struct knx_endpoint source;  /* UDP: who opened it */
    bas_time heard;
    /* UDP: the first of what waits is on its way when repeat_at is set. */
    uint8_t repeats;
    bas_time repeat_at;
    uint32_t first, n_pending;
};

/* What a test puts in place of chance: the next session, and the next channel (0: any). */
struct knx_server_preset {
    uint16_t session;
    uint8_t channel;
    struct knx_key key;
    uint8_t y[KNX_PUBLIC_KEY_LEN];
};

struct knx_server_user_key {
    bool is_known;
    struct knx_key key;
};
enum { KNX_MAX_USER = 127, KNX_STRANGERS = 32 };

struct knx_server {
    struct bas_env env;
    struct knx_server_config config; /* its pointers are not used */
    struct knx_server_user_key users[KNX_MAX_USER + 1];
    struct knx_server_tunnel tunnels[KNX_SERVER_MAX_TUNNELS];
    knx_channel_id tunnel_users[KNX_SERVER_MAX_TUNNELS]; /* 0: the tunnel is free */
    size_t n_tunnels;
    bool has_bus;
    bool is_closing;
    bas_time now;

    struct knx_server_conn *conns;
    struct knx_server_session *sessions;
    struct knx_server_channel *channels;
    struct knx_pending *pending; /* config.pending for each channel */
    struct bas_timers timers;    /* connections, then sessions, then channels */
    uint16_t last_session;
    uint8_t last_channel;
    uint8_t numbered[UINT8_MAX + 1];     /* the channel that had that number last: its index */
    struct knx_bucket requests;          /* SESSION_REQUESTs */
    uint8_t strangers[KNX_STRANGERS][4]; /* addresses that asked in vain last; zeros: none */
    uint32_t next_stranger;

    struct knx_ring events;
    struct knx_bucket dropped, refused; /* of what nobody misses */
    struct knx_bucket answers;          /* to searches and descriptions over UDP */
    size_t events_reserve;              /* so that the end of everything that lives can be told */
    struct bas_fault fault;             /* of the event that was told last */
    size_t told_len;                    /* octets of its cEMI */
    uint8_t told[KNX_MAX_FRAME];        /* */
    struct knx_ring output;             /* */
    bool has_frame;                     /* the first of output was given to the owner */
    uint8_t scratch[KNX_MAX_FRAME];     /* a frame that is being made */
    uint8_t unwrapped[KNX_MAX_FRAME];   /* the inner frame that is being handled */
    uint8_t cemi[KNX_MAX_FRAME];        /* a cEMI that is being made */
    struct knx_server_counts counts;
    const struct knx_server_preset *preset;
};

/* server.c */

void knx_server_preset(struct knx_server *server, const struct knx_server_preset *preset);
/* Judges one whole frame that came that way. */
void knx_server_frame(struct knx_server *server, const struct knx_way *way,
                      const struct knx_message *message);
/* What the owner knows a connection by; NULL: it is gone, or UDP. */
void *knx_server_transport(struct knx_server *server, knx_conn_id id);
/* Starts or stops waiting for the first session or channel of a connection. */
void knx_server_conn_arm(struct knx_server *server, struct knx_server_conn *conn);
bool knx_server_take_frame(uint16_t service); /* a client may send it in a session */
uint32_t knx_server_session_timer(const struct knx_server *server,
                                  const struct knx_server_session *session);
uint32_t knx_server_channel_timer(const struct knx_server *server,
                                  const struct knx_server_channel *channel);

/* config.c */

/* Takes over what knx_server_reload may change. */
void knx_server_config_take(struct knx_server *server, const struct knx_server_config *config);
/* Whether that user (0: in the plain) may use a tunnel now. */
bool knx_server_may_use(const struct knx_server *server, uint8_t user,
                        const struct knx_server_tunnel *tunnel);

/* event.c */

enum knx_weight {
    KNX_WEIGHT_NOTE, /* nobody misses it */
    KNX_WEIGHT_WORK, /* leaves room for what must be said */
    KNX_WEIGHT_MUST  /* an end: room for it was kept */
};
BAS_MUST_USE bas_err knx_server_events_init(struct knx_server *server);
/* An event of that way: connection, peer, session and user filled in. */
struct knx_server_event knx_server_event_of(const struct knx_way *way,
                                            enum knx_server_event_kind kind);
/* False: no room. Cemi and fault are copied. */
bool knx_server_tell(struct knx_server *server, const struct knx_server_event *event,
                     enum knx_weight weight);
/* A DROPPED or REFUSED event with that text. */
void knx_server_note(struct knx_server *server, const struct knx_way *way,
                     enum knx_server_event_kind kind, const struct bas_fault *fault);
bool knx_server_has_room(const struct knx_server *server);

/* outbox.c */

BAS_MUST_USE bas_err knx_server_outbox_init(struct knx_server *server);
/* Makes a frame of message and queues it that way, wrapped where the way is a session. Telegrams
 * (WORK) leave room for answers. False: no room, counted. */
bool knx_server_send(struct knx_server *server, const struct knx_way *way,
                     const struct knx_message *message, enum knx_weight weight);
/* UDP: address and port are zero, or (leniently) one of them. */
bool knx_server_routes_back(const struct knx_hpai *hpai);
/* Where an answer to an HPAI goes. False: it does not fit the transport. */
bool knx_server_answer_way(const struct knx_way *way, const struct knx_hpai *hpai,
                           struct knx_way *answer);
/* Our own endpoint as that way's peers must see it. */
struct knx_hpai knx_server_hpai(const struct knx_server *server, const struct knx_way *way);

/* session.c */

void knx_session_request(struct knx_server *server, const struct knx_way *way,
                         const struct knx_message *message);
/* A whole SECURE_WRAPPER. */
void knx_session_wrapper(struct knx_server *server, struct knx_server_conn *conn,
                         struct bas_slice frame);
void knx_session_step(struct knx_server *server, struct knx_server_session *session,
                      enum knx_session_event event, const struct knx_message *message);

/* channel.c */

typedef void knx_server_handler(struct knx_server *server, const struct knx_way *way,
                                const struct knx_message *message);
knx_server_handler knx_channel_connect, knx_channel_state, knx_channel_disconnect,
    knx_channel_disconnected;
/* Why a channel ends. */
struct knx_reason {
    bas_err err;
    const char *text;
};
/* says: a DISCONNECT_REQUEST goes to the client first. */
void knx_channel_close(struct knx_server *server, struct knx_server_channel *channel, bool says,
                       const struct knx_reason *reason);
void knx_channel_tick(struct knx_server *server, struct knx_server_channel *channel);
void knx_channel_arm(struct knx_server *server, const struct knx_server_channel *channel);
/* A sign of life: the 120 s begin again. */
void knx_channel_heard(struct knx_server *server, struct knx_server_channel *channel);
/* The channel of that number, when it is the sender's; else NULL. */
struct knx_server_channel *knx_channel_find(struct knx_server *server, const struct knx_way *way,
                                            uint8_t number);
struct knx_server_channel *knx_channel_of(struct knx_server *server, knx_channel_id id);

/* pending.c */

/* A service with a connection header came: its channel, when it is to be processed. Acknowledges
 * (UDP). NULL: dropped. */
struct knx_server_channel *knx_channel_take(struct knx_server *server, const struct knx_way *way,
                                            const struct knx_message *message,
                                            enum knx_connection_type type);
/* Sends a service (service, feature, return code, payload of message): at once over TCP; over UDP
 * when all before it is acknowledged. False: no room. */
bool knx_channel_send(struct knx_server *server, struct knx_server_channel *channel,
                      const struct knx_message *message, enum knx_weight weight);
knx_server_handler knx_channel_ack;
/* No acknowledgement in time. */
void knx_channel_repeat(struct knx_server *server, struct knx_server_channel *channel);

/* The others */

knx_server_handler knx_tunnel_request, knx_feature_get, knx_feature_set, knx_management_request;
knx_server_handler knx_discovery_search, knx_discovery_search_extended, knx_discovery_describe;
/* TUNNELLING_FEATURE_INFO to all who want it, or to one (channel not NULL). */
void knx_feature_inform(struct knx_server *server, struct knx_server_channel *channel,
                        uint8_t feature);

#endif
