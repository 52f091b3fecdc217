/*
 * The inside of the KNXnet/IP client engine, shared by its files: client.c (the table, what the
 * owner says), recv.c (what arrives), connect.c (connection), session.c (KNX
 * IP Secure), tunnel.c (requests), queue.c (what waits: requests, frames, events),
 * fault.c (sentences).
 */
#ifndef BASALT_KNX_CLIENT_INTERNAL_H
#define BASALT_KNX_CLIENT_INTERNAL_H

#include "basalt/knx_client.h"

/* What can happen to a client: columns of the table. */
enum knx_on {
    KNX_ON_OPEN,        /* local, plain */
    KNX_ON_OPEN_SECURE, /* local, secure */
    KNX_ON_SESSION_RESPONSE,
    KNX_ON_AUTHENTICATED, /* SESSION_STATUS 0 */
    KNX_ON_SESSION_END,   /* SESSION_STATUS 1, 2, 3, 5 */
    KNX_ON_CONNECT_RESPONSE,
    KNX_ON_STATE_RESPONSE,
    KNX_ON_DISCONNECT_REQUEST,
    KNX_ON_DISCONNECT_RESPONSE,
    KNX_ON_DATA, /* cEMI or a feature from the server */
    KNX_ON_ACK,
    KNX_ON_ANSWER, /* to knx_client_ask */
    KNX_ON_WAIT_EXPIRED,
    KNX_ON_HEARTBEAT_DUE,
    KNX_ON_KEEPALIVE_DUE,
    KNX_ON_REQUEST_EXPIRED,
    KNX_ON_CLOSE, /* local */
    KNX_ON_LOST,  /* the transport */
    KNX_ON_EVENTS
};

/* What an action is given. */
struct knx_client_input {
    const struct knx_message *message; /* events of frames */
    struct bas_slice frame;            /* and the frame itself */
    const struct bas_fault *fault;     /* LOST */
};

/* True: the state becomes the cell's next. False: it stays, or the action has set it. */
typedef bool (*knx_client_action)(struct knx_client *client, const struct knx_client_input *input);

struct knx_client_rule {
    knx_client_action act; /* NULL: an empty cell */
    enum knx_client_state next;
};
const struct knx_client_rule *knx_client_rule(enum knx_client_state state, enum knx_on event);

enum knx_client_timer {
    KNX_TIMER_WAIT, /* for the answer of SESSION, AUTHENTICATE, CONNECT, DISCONNECT */
    KNX_TIMER_HEARTBEAT,
    KNX_TIMER_KEEPALIVE,
    KNX_TIMER_REQUEST, /* for an acknowledgement or a confirmation */
    KNX_CLIENT_TIMERS
};

/* A request of the owner; the first one of the queue may be on its way. */
struct knx_client_request {
    uint32_t id; /* 0: a feature */
    uint16_t service;
    uint8_t feature;
    uint16_t len;
    uint8_t octets[KNX_MAX_CEMI]; /* cEMI, or value of a feature */
};
struct knx_client_requests {
    struct knx_client_request *slots;
    uint32_t cap;
    uint32_t first;
    uint32_t count;
};
enum knx_flight {
    KNX_FLIGHT_NONE,
    KNX_FLIGHT_WAITING, /* among the frames to be sent */
    KNX_FLIGHT_ACK,     /* UDP: sent, not acknowledged yet */
    KNX_FLIGHT_CONFIRM  /* sent for good, L_Data.con (or its like) awaited */
};

/* A frame to be sent: encoded and sealed when it is taken out. */
struct knx_client_out {
    uint16_t service; /* 0: the frame of knx_client_ask */
    uint8_t channel;
    uint8_t sequence;
    uint8_t status;
};

enum {
    KNX_CLIENT_OUT = 16,       /* frames waiting; every service but acks waits once at most */
    KNX_CLIENT_OUT_ACKS = 6,   /* acks only while no more than so many wait */
    KNX_CLIENT_EVENTS = 8,     /* events waiting */
    KNX_CLIENT_ASK = 128,      /* longest frame of knx_client_ask */
    KNX_CLIENT_FEATURE = 32,   /* longest value of a feature */
    KNX_CLIENT_PLAIN = 768,    /* longest frame of our own, before it is wrapped */
    KNX_CLIENT_DROP_BURST = 16 /* DROPPED events at once; then one a second */
};

struct knx_client_end {
    struct bas_fault fault;
    unsigned status;
    bool is_permanent;
    enum knx_client_state step;
};

/* The KNX IP Secure session. */
struct knx_client_session {
    bool is_keyed; /* id and cipher are good */
    uint16_t id;
    struct knx_key_pair pair;
    uint8_t mac[KNX_MAC_LEN]; /* of SESSION_AUTHENTICATE */
    uint8_t serial[KNX_SERIAL_LEN];
    struct knx_cipher cipher;
    uint64_t send_next; /* wrapper sequence */
    uint64_t recv_next; /* the lowest that is accepted */
};

struct knx_client {
    struct bas_env env;
    struct knx_client_config config; /* defaults filled in */
    enum knx_client_state state;
    bas_time now; /* of the last call that told it */
    bas_time timers[KNX_CLIENT_TIMERS];

    struct knx_client_session session;
    uint8_t channel;
    knx_ia address;
    struct knx_endpoint data; /* all zero: the control endpoint */
    unsigned heartbeat_tries;
    uint8_t heartbeat_status; /* of the last answer that was an error */

    struct knx_client_requests requests;
    enum knx_flight flight; /* of the first request */
    unsigned repeats;
    uint8_t ack_status; /* of the last acknowledgement that was an error */
    uint8_t send_sequence, recv_sequence;
    uint32_t next_id;

    struct knx_client_out out[KNX_CLIENT_OUT];
    unsigned out_first, n_out;
    struct knx_client_event events[KNX_CLIENT_EVENTS];
    struct bas_fault faults[KNX_CLIENT_EVENTS]; /* of events, in the same slots */
    unsigned event_first, n_events;
    struct bas_fault given_fault; /* of the event that the owner has */
    struct knx_client_end end;    /* what DOWN will say */
    bool is_ending;               /* FAILED of all requests, then DOWN, are still to be given */
    bool is_over;                 /* DOWN was given since the last open */

    uint64_t dropped;
    unsigned drop_tokens;
    bas_time drop_refilled;

    struct knx_stream stream;  /* TCP */
    struct bas_slice datagram; /* UDP */
    size_t ask_len;
    uint8_t ask[KNX_CLIENT_ASK];
    uint8_t stash[KNX_MAX_FRAME];
    uint8_t scratch[KNX_MAX_FRAME];
    uint8_t plain[KNX_CLIENT_PLAIN];
    uint8_t sealed[KNX_CLIENT_PLAIN + KNX_WRAPPER_OVERHEAD];
};

static inline bool knx_client_is_udp(const struct knx_client *client)
{
    return client->config.transport == KNX_UDP;
}

/* client.c */

/* One event through the table. False: the cell is empty. */
bool knx_client_step(struct knx_client *client, enum knx_on event,
                     const struct knx_client_input *input);
/* Arms a timer to ms from now. */
void knx_client_arm(struct knx_client *client, enum knx_client_timer timer, uint32_t ms);
/* The end, as client->end tells: leaves the session, FAILED of all requests and DOWN follow. */
void knx_client_finish(struct knx_client *client);

/* recv.c */

/* Takes frames one by one until one of them has something to say: the slices of its event stay
 * good until that was heard. */
void knx_client_advance(struct knx_client *client);

/* connect.c: actions */

bool knx_client_connect(struct knx_client *client, const struct knx_client_input *input);
bool knx_client_connected(struct knx_client *client, const struct knx_client_input *input);
bool knx_client_heartbeat(struct knx_client *client, const struct knx_client_input *input);
bool knx_client_alive(struct knx_client *client, const struct knx_client_input *input);
bool knx_client_disconnect(struct knx_client *client, const struct knx_client_input *input);
bool knx_client_disconnected(struct knx_client *client, const struct knx_client_input *input);
bool knx_client_thrown_out(struct knx_client *client, const struct knx_client_input *input);
bool knx_client_answer(struct knx_client *client, const struct knx_client_input *input);
bool knx_client_time_out(struct knx_client *client, const struct knx_client_input *input);
bool knx_client_leave(struct knx_client *client, const struct knx_client_input *input);
bool knx_client_lose(struct knx_client *client, const struct knx_client_input *input);
/* Disconnects without waiting for the answer; client->end is filled in. */
void knx_client_abandon(struct knx_client *client);

/* session.c */

bool knx_session_start(struct knx_client *client, const struct knx_client_input *input);
bool knx_session_respond(struct knx_client *client, const struct knx_client_input *input);
bool knx_session_authenticated(struct knx_client *client, const struct knx_client_input *input);
bool knx_session_ended(struct knx_client *client, const struct knx_client_input *input);
bool knx_session_keepalive(struct knx_client *client, const struct knx_client_input *input);
/* Opens a wrapper: inner (in client->scratch) on true; else it was dropped. */
bool knx_session_open(struct knx_client *client, struct bas_slice frame, struct bas_slice *inner);
/* Seals client->plain[0 .. len) into client->sealed. False: the numbers are used up; the end. */
bool knx_session_seal(struct knx_client *client, size_t len, struct bas_slice *frame);
void knx_session_wipe(struct knx_client *client);

/* tunnel.c */

bool knx_tunnel_data(struct knx_client *client, const struct knx_client_input *input);
bool knx_tunnel_acked(struct knx_client *client, const struct knx_client_input *input);
bool knx_tunnel_expired(struct knx_client *client, const struct knx_client_input *input);
bool knx_tunnel_sends(uint16_t service); /* frames that carry a request */
void knx_tunnel_reset(struct knx_client *client);
/* Sends the next request when there is one and nothing is on its way. */
void knx_tunnel_pump(struct knx_client *client);
/* Adds to message what the request on its way says. body: memory of KNX_MAX_CEMI octets. */
void knx_tunnel_fill(struct knx_client *client, struct knx_message *message, uint8_t *body);
/* The frame of the request on its way was taken out. */
void knx_tunnel_taken(struct knx_client *client);
/* BAS_OK: cemi may be sent as a request of this kind of connection. */
bas_err knx_tunnel_check(const struct knx_client *client, struct bas_slice cemi);

/* queue.c */

struct knx_client_request *knx_requests_add(struct knx_client_requests *requests); /* NULL: full */
struct knx_client_request *knx_requests_first(const struct knx_client_requests *requests);
void knx_requests_pop(struct knx_client_requests *requests); /* wipes it */
/* Puts a frame among those to be sent; one of its service that waits already is enough (but for
 * acks). */
void knx_client_put(struct knx_client *client, const struct knx_client_out *out);
bool knx_client_take(struct knx_client *client, struct knx_client_out *out);
bool knx_client_waits(const struct knx_client *client, uint16_t service);
/* Takes all frames of service back. */
void knx_client_recall(struct knx_client *client, uint16_t service);
/* No fault. Its text is not touched but for its end: most events have none. */
void knx_fault_clear(struct bas_fault *fault);
/* An event. fault may be NULL, and is copied. */
void knx_client_say(struct knx_client *client, const struct knx_client_event *event,
                    const struct bas_fault *fault);
/* Counts a frame that was dropped and, not too often, says so. */
void knx_client_drop(struct knx_client *client, const char *format, ...) BAS_PRINTF(2, 3);

/* fault.c: each fills client->end, or the fault of a request */

void knx_end_refused(struct knx_client *client, unsigned status); /* CONNECT_RESPONSE */
void knx_end_session_status(struct knx_client *client, unsigned status);
void knx_end_timeout(struct knx_client *client); /* of the present state's answer */
void knx_end_set(struct knx_client *client, bas_err err, bool is_permanent, const char *format, ...)
    BAS_PRINTF(4, 5);
const char *knx_client_state_name(enum knx_client_state state); /* "session" */

#endif
