/*
 * BACnet Secure Connect (ASHRAE 135 Annex AB): the BVLC-SC codec and its rules, the hub engine, the
 * node engine.
 *
 * All pure: whole BVLC-SC messages and time in, events and messages out. NPDUs are opaque octets
 * here. "Spec 2.2" and the like in comments are sections of the project's doc/decisions.md sources;
 * clause numbers are the standard's.
 */
#ifndef BASALT_SC_H
#define BASALT_SC_H

#include "basalt/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Codec */

enum bsc_function {
    BSC_BVLC_RESULT = 0x00,
    BSC_ENCAPSULATED_NPDU = 0x01,
    BSC_ADDRESS_RESOLUTION = 0x02,
    BSC_ADDRESS_RESOLUTION_ACK = 0x03,
    BSC_ADVERTISEMENT = 0x04,
    BSC_ADVERTISEMENT_SOLICITATION = 0x05,
    BSC_CONNECT_REQUEST = 0x06,
    BSC_CONNECT_ACCEPT = 0x07,
    BSC_DISCONNECT_REQUEST = 0x08,
    BSC_DISCONNECT_ACK = 0x09,
    BSC_HEARTBEAT_REQUEST = 0x0A,
    BSC_HEARTBEAT_ACK = 0x0B,
    BSC_PROPRIETARY_MESSAGE = 0x0C,
    BSC_FUNCTIONS = 0x0D
};

enum {
    BSC_MAX_HEADER = 16,    /* without options */
    BSC_MAX_BVLC = 65535,   /* largest message */
    BSC_MAX_NPDU = 61327,   /* largest NPDU: 65535 - 16 - 4192 */
    BSC_MIN_OPTIONS = 4192, /* octets of options everybody must cope with (AB.5.1) */
    BSC_DEFAULT_BVLC = 5705,
    BSC_DEFAULT_NPDU = 1497,
    BSC_VMAC_TEXT = 18, /* "12:34:56:78:9a:bc" and its end */
    BSC_UUID_TEXT = 37
};

struct bsc_vmac {
    uint8_t octets[6];
};
struct bsc_uuid {
    uint8_t octets[16];
};

/* FF:FF:FF:FF:FF:FF is the local broadcast, 00:00:00:00:00:00 nobody: neither is an identity. */
BAS_API bool bsc_vmac_is_broadcast(const struct bsc_vmac *vmac);
BAS_API bool bsc_vmac_is_reserved(const struct bsc_vmac *vmac);
BAS_API bool bsc_vmac_equal(const struct bsc_vmac *a, const struct bsc_vmac *b);
BAS_API bool bsc_uuid_equal(const struct bsc_uuid *a, const struct bsc_uuid *b);
/* A new Random-48 (H.7.3): low nibble of the first octet is 2. */
BAS_API struct bsc_vmac bsc_vmac_random(const struct bas_env *env);
/* A new version 4 UUID. */
BAS_API struct bsc_uuid bsc_uuid_random(const struct bas_env *env);
/* Text to value: 12 hex digits, ':' or '-' between octets allowed; 32 with or without '-'. */
BAS_API BAS_MUST_USE bas_err bsc_vmac_parse(const char *text, struct bsc_vmac *vmac);
BAS_API BAS_MUST_USE bas_err bsc_uuid_parse(const char *text, struct bsc_uuid *uuid);
/* Value to text; both return text. */
BAS_API const char *bsc_vmac_text(const struct bsc_vmac *vmac, char text[BSC_VMAC_TEXT]);
BAS_API const char *bsc_uuid_text(const struct bsc_uuid *uuid, char text[BSC_UUID_TEXT]);

/*
 * One message, taken apart. The slices borrow the octets it was decoded from. Option lists are the
 * raw octets, markers included; empty where the control flag is clear.
 */
struct bsc_message {
    uint8_t function;
    uint8_t control; /* as received; encode sets the four flags from what is present and keeps bits
                        7-4 */
    uint16_t id;
    bool has_originating;
    bool has_destination;
    struct bsc_vmac originating;
    struct bsc_vmac destination;
    struct bas_slice dest_options;
    struct bas_slice data_options;
    struct bas_slice payload;
};

/*
 * Takes a message apart (header and option lists; the payload stays octets). BAS_ERR_TRUNCATED with
 * 7/147, BAS_ERR_MALFORMED with 7/145 for an option of type 0: fault tells it. What was read before
 * the fault is in message (function and id from 4 octets on).
 */
BAS_API BAS_MUST_USE bas_err bsc_decode(struct bas_slice octets, struct bsc_message *message,
                                        struct bas_fault *fault);
/* Appends header, options and payload of message to out; what does not fit sets out->full. The
 * exact inverse of bsc_decode. */
BAS_API void bsc_encode(const struct bsc_message *message, struct bas_buf *out);
/* "Encapsulated-NPDU" and so on; "unknown" from 0x0D. */
BAS_API const char *bsc_function_name(unsigned function);

enum bsc_option_type {
    BSC_OPTION_SECURE_PATH = 1,
    BSC_OPTION_HELLO = 2,
    BSC_OPTION_IDENTITY = 3,
    BSC_OPTION_HINT = 4,
    BSC_OPTION_TOKEN = 5,
    BSC_OPTION_PROPRIETARY = 31
};
enum { BSC_OPTION_MORE = 0x80, BSC_OPTION_BIT6 = 0x40, BSC_OPTION_HAS_DATA = 0x20 };

struct bsc_option {
    uint8_t marker;
    uint8_t type; /* marker & 0x1F */
    struct bas_slice data;
};
/* Takes the first option off list. False when the list is empty (or cut off: bsc_decode has refused
 * that before); then option is untouched. */
BAS_API bool bsc_option_next(struct bas_slice *list, struct bsc_option *option);
/* Finds the first option of that type. False: none; then option is untouched. */
BAS_API bool bsc_option_find(struct bas_slice list, unsigned type, struct bsc_option *option);
/*
 * Appends an option to a list that begins at the start of list (an empty one may get its first);
 * the More bits are set as needed. Of option, type, BSC_OPTION_BIT6 of the marker and data count;
 * data of no octets is the form without length unless the marker has BSC_OPTION_HAS_DATA. What does
 * not fit sets list->full. BAS_ERR_INVALID: type 0 or over 31, or data over 65,535 octets.
 */
BAS_API BAS_MUST_USE bas_err bsc_option_append(struct bas_buf *list,
                                               const struct bsc_option *option);
/* The Secure Path data option ("41", spec 10.1), and a proprietary one: vendor, type, data. */
BAS_API BAS_MUST_USE bas_err bsc_option_append_secure_path(struct bas_buf *list);
struct bsc_proprietary_option {
    uint16_t vendor;
    uint8_t type;
    bool must_understand;
    struct bas_slice data;
};
BAS_API BAS_MUST_USE bas_err
bsc_option_append_proprietary(struct bas_buf *list, const struct bsc_proprietary_option *option);
/* Takes one apart. BAS_ERR_MALFORMED: it is none. */
BAS_API BAS_MUST_USE bas_err bsc_option_proprietary(const struct bsc_option *option,
                                                    struct bsc_proprietary_option *proprietary);

/* Payloads. A decode answers BAS_OK or the fault of spec 2.2 (147 short, 149 absent, 150 long, 80
 * value). */
struct bsc_result {
    uint8_t result_for;
    uint8_t result_code; /* 0 ACK, 1 NAK */
    uint8_t marker;      /* the rest: NAK only */
    uint16_t error_class;
    uint16_t error_code;
    struct bas_slice details; /* UTF-8, not checked */
};
struct bsc_connect { /* Connect-Request and Connect-Accept */
    struct bsc_vmac vmac;
    struct bsc_uuid uuid;
    uint16_t max_bvlc;
    uint16_t max_npdu;
};
struct bsc_advertisement {
    uint8_t hub_status; /* 0 none, 1 primary, 2 failover */
    bool accept_direct;
    uint16_t max_bvlc;
    uint16_t max_npdu;
};
struct bsc_proprietary {
    uint16_t vendor;
    uint8_t function;
    struct bas_slice data;
};
BAS_API BAS_MUST_USE bas_err bsc_result_decode(struct bas_slice payload, struct bsc_result *result,
                                               struct bas_fault *fault);
BAS_API BAS_MUST_USE bas_err bsc_connect_decode(struct bas_slice payload,
                                                struct bsc_connect *connect,
                                                struct bas_fault *fault);
BAS_API BAS_MUST_USE bas_err bsc_advertisement_decode(struct bas_slice payload,
                                                      struct bsc_advertisement *advertisement,
                                                      struct bas_fault *fault);
BAS_API BAS_MUST_USE bas_err bsc_proprietary_decode(struct bas_slice payload,
                                                    struct bsc_proprietary *proprietary,
                                                    struct bas_fault *fault);
BAS_API void bsc_result_encode(const struct bsc_result *result, struct bas_buf *out);
BAS_API void bsc_connect_encode(const struct bsc_connect *connect, struct bas_buf *out);
BAS_API void bsc_advertisement_encode(const struct bsc_advertisement *advertisement,
                                      struct bas_buf *out);
BAS_API void bsc_proprietary_encode(const struct bsc_proprietary *proprietary, struct bas_buf *out);

/* Rules: what is to be done with a message (spec section 2) */

enum bsc_role {
    BSC_ROLE_HUB,        /* a hub gets it from a connected node */
    BSC_ROLE_NODE,       /* a connected node gets it from its hub */
    BSC_ROLE_DIRECT,     /* either end of a direct connection, connected */
    BSC_ROLE_ACCEPTING,  /* the accepting peer, before CONNECTED */
    BSC_ROLE_INITIATING, /* the initiating peer, before CONNECTED */
};

enum bsc_action {
    BSC_ACTION_DELIVER, /* for us: hand it up, or it concerns the connection */
    BSC_ACTION_FORWARD, /* hub: send it on */
    BSC_ACTION_ANSWER,  /* for us, and its answer is a message of its own (bsc_answer) */
    BSC_ACTION_NAK,     /* refuse it with bsc_nak */
    BSC_ACTION_DROP     /* silently; fault.err is set where something is wrong with it */
};

/*
 * Judges one received message: every row of spec 2.1, 2.2 and 3.3 that needs no memory of earlier
 * messages. message is filled as far as it could be read. fault is written only when err would not
 * be BAS_OK (so that the hub's path of a good message touches nothing): class 7 and the code of
 * spec 2.3, also where the action is DROP; every DROP has one. fault may be NULL. HUB with FORWARD
 * judges only the header: options and payload of a message in transit are none of the hub's
 * business; payload then holds all that follows the addresses, and both option lists are empty.
 *
 * A NAK goes to where the fault came from: has_originating is false where that is the connection
 * peer itself (HUB, DIRECT). A Connect-Request is ANSWER for ACCEPTING only; a later one is
 * DELIVER.
 */
BAS_API enum bsc_action bsc_judge(enum bsc_role role, struct bas_slice octets,
                                  struct bsc_message *message, struct bas_fault *fault);

/* Who we are, as far as answers tell it. */
struct bsc_identity {
    struct bsc_vmac vmac;
    struct bsc_uuid uuid;
    uint16_t max_bvlc;
    uint16_t max_npdu;
    uint8_t hub_status; /* for Advertisement */
    bool accept_direct; /* for Advertisement and Address-Resolution */
    const char *uris;   /* Address-Resolution-ACK: separated by single spaces; NULL is none */
};

/* Appends the BVLC-Result NAK for message: addressed back as spec 1.2 says, class, code and marker
 * from fault, text as details only if details is true. */
BAS_API void bsc_nak(const struct bsc_message *message, const struct bas_fault *fault, bool details,
                     struct bas_buf *out);
/*
 * Appends the normal answer to message (action ANSWER): Connect-Accept (with Hello exactly when the
 * request had it), Disconnect-ACK, Heartbeat-ACK, Advertisement (fresh_id becomes its id),
 * Address-Resolution-ACK, or the NAK 45 when self does not accept direct connections.
 */
BAS_API void bsc_answer(const struct bsc_message *message, const struct bsc_identity *self,
                        uint16_t fresh_id, struct bas_buf *out);
/*
 * Writes the header with which a hub sends a message on: origin in, destination out for a unicast,
 * both for a broadcast. Returns its length; the rest of the message follows from *rest on.
 */
BAS_API size_t bsc_forward_header(struct bas_slice octets, const struct bsc_message *message,
                                  const struct bsc_vmac *origin, uint8_t head[BSC_MAX_HEADER],
                                  struct bas_slice *rest);

/* What both engines share */

/* One message to send: head, then rest. Borrowed until it is popped. */
struct bsc_tx {
    struct bas_slice head;
    struct bas_slice rest;
};

/* Why a connection ended, or what was wrong with a message, is a struct bas_fault with the code of
 * spec 7.6 or 2.3. */

/* Hub */

/* A connection of a hub; never 0. An id is not used again soon. */
typedef uint32_t bsc_conn_id;

struct bsc_hub_config {
    size_t size; /* sizeof(struct bsc_hub_config) */
    struct bsc_vmac vmac;
    struct bsc_uuid uuid;
    uint16_t max_bvlc;        /* default 65535 */
    uint16_t max_npdu;        /* default 61327 */
    uint32_t max_connections; /* default 1024 */
    uint32_t connect_wait_ms; /* default 10,000 (5..300 s by the standard; shorter is for tests) */
    uint32_t disconnect_wait_ms; /* default 10,000 */
    uint32_t silence_limit_ms;   /* default 660,000: closed when nothing comes for so long */
    uint32_t stall_limit_ms;     /* default 30,000: pending output without progress closes (1008) */
    uint32_t pending_max;        /* octets per connection, default 1 MiB, at least 81,919 */
    uint64_t pending_total_max;  /* octets of all, default 256 MiB; a quarter in equal shares */
    uint32_t pending_entries;    /* messages of all, default 65,536 or 16 each if that is more; */
                                 /* one may have a sixteenth, 64 at least; a quarter in shares */
};

struct bsc_hub;
BAS_API struct bsc_hub *bsc_hub_new(const struct bas_env *env, const struct bsc_hub_config *config);
BAS_API void bsc_hub_free(struct bsc_hub *hub);

/*
 * A WebSocket was accepted (TLS and upgrade done, hub.bsc.bacnet.org). user comes back in every
 * event. Gives its id; BAS_ERR_NO_SPACE when max_connections and the slack for takeovers (max/16 +
 * 16) are used up.
 */
BAS_API BAS_MUST_USE bas_err bsc_hub_open(struct bsc_hub *hub, void *user, bas_time now,
                                          bsc_conn_id *conn);
/*
 * One received message. Borrows window; what must wait for a slow destination keeps a reference
 * until bsc_hub_turn_end. A malformed message is answered as AB.3.1.5 asks and is not an error
 * here. BAS_ERR_NOT_FOUND: no such connection.
 */
BAS_API bas_err bsc_hub_recv(struct bsc_hub *hub, bsc_conn_id conn, const struct bas_window *window,
                             bas_time now);
/* A message arrived that was so long that it was not kept: counted as if it had been given. */
BAS_API void bsc_hub_skipped(struct bsc_hub *hub, bsc_conn_id conn);
/* The WebSocket is gone (reason may be NULL). Frees the id; pending output is dropped, counted. */
BAS_API void bsc_hub_closed(struct bsc_hub *hub, bsc_conn_id conn, const struct bas_fault *reason,
                            bas_time now);
/* Local disconnect of one connection, or of all (conn 0): Disconnect-Request, wait, CLOSE event. */
BAS_API void bsc_hub_disconnect(struct bsc_hub *hub, bsc_conn_id conn, bas_time now);
/* The same for one that may not stay: LEFT and CLOSE tell reason, what waits is dropped. */
BAS_API void bsc_hub_expel(struct bsc_hub *hub, bsc_conn_id conn, const struct bas_fault *reason,
                           bas_time now);
/* Ends the loop turn: frames still pending that stand in receive blocks are copied once, so that
 * the blocks can go. */
BAS_API void bsc_hub_turn_end(struct bsc_hub *hub);
BAS_API void bsc_hub_tick(struct bsc_hub *hub, bas_time now);
BAS_API bas_time bsc_hub_deadline(const struct bsc_hub *hub);

enum bsc_hub_event_kind {
    BSC_HUB_ADMIT,  /* a valid Connect-Request: answer with bsc_hub_admit */
    BSC_HUB_JOINED, /* CONNECTED */
    BSC_HUB_LEFT,   /* was CONNECTED and is no more; fault says why (err BAS_OK: orderly) */
    BSC_HUB_FAULT,  /* a message was refused or dropped for a fault (limited in rate) */
    BSC_HUB_CLOSE   /* send what is pending, then close the WebSocket with close_code, then
                       bsc_hub_closed */
};
struct bsc_hub_event {
    enum bsc_hub_event_kind kind;
    bsc_conn_id conn;
    void *user;
    struct bsc_vmac vmac;
    struct bsc_uuid uuid;
    uint16_t close_code; /* CLOSE */
    bool replaces; /* JOINED: the same UUID was connected; its old connection is being closed */
    int64_t connected_at;   /* LEFT: when it had joined, wall clock in microseconds since 1970 */
    struct bas_fault fault; /* LEFT, FAULT, CLOSE */
};
BAS_API bool bsc_hub_next_event(struct bsc_hub *hub, struct bsc_hub_event *event);
/*
 * Answers ADMIT. refusal NULL: admitted, as far as the hub's own rules (duplicate VMAC, capacity)
 * allow; else refused with class and code of refusal as a NAK. BAS_ERR_STATE: nothing was asked for
 * conn (it may have gone meanwhile: harmless).
 */
BAS_API bas_err bsc_hub_admit(struct bsc_hub *hub, bsc_conn_id conn,
                              const struct bas_fault *refusal, bas_time now);
/* True when even a device that comes back could not be let in: all connections and their slack for
 * takeovers are used up. Known before the upgrade, it is HTTP's 503 (spec 3.2 rule 5). */
BAS_API bool bsc_hub_is_full(const struct bsc_hub *hub);
/* The VMAC of the port that hosts the hub has changed (spec 8.1): tell it in Connect-Accept from
 * now on and guard it. */
BAS_API void bsc_hub_set_vmac(struct bsc_hub *hub, const struct bsc_vmac *vmac);
/* The n-th connection that is CONNECTED, from 0 on, in no order. False: there are not so many. */
struct bsc_hub_member {
    bsc_conn_id conn;
    void *user;
    struct bsc_connect peer;
    bas_time last_received;
    uint64_t pending;     /* octets */
    int64_t connected_at; /* wall clock in microseconds since 1970 */
};
BAS_API bool bsc_hub_member(const struct bsc_hub *hub, uint32_t n, struct bsc_hub_member *member);

/* Connections with something to send, each named once until popped empty, or anew by output. */
BAS_API bool bsc_hub_next_dirty(struct bsc_hub *hub, bsc_conn_id *conn, void **user);
/* How many there are: whoever flushes takes so many, and leaves those named anew for the next. */
BAS_API uint32_t bsc_hub_dirty(const struct bsc_hub *hub);
/* Half of what may wait on all connections together does: flush before more is received, although
 * the turn is not over. Many nodes that broadcast at once (the answers to a Who-Is) would fill it
 * within one turn. */
BAS_API bool bsc_hub_is_crowded(const struct bsc_hub *hub);
/* The first pending message of conn. False: none. */
BAS_API bool bsc_hub_peek(struct bsc_hub *hub, bsc_conn_id conn, struct bsc_tx *tx);
/* It was taken (sealed, or copied out). */
BAS_API void bsc_hub_pop(struct bsc_hub *hub, bsc_conn_id conn, bas_time now);
/* Puts conn on the dirty list again: its transport can take more. */
BAS_API void bsc_hub_writable(struct bsc_hub *hub, bsc_conn_id conn, bas_time now);
/* Octets below the engine that have not left yet (a sealed leftover) count as pending: the link
 * says how many. */
BAS_API void bsc_hub_charge_leftover(struct bsc_hub *hub, bsc_conn_id conn, size_t octets,
                                     bas_time now);

/* Counters since creation; rows: member, Prometheus name part, help. A message received ends in one
 * of relayed_unicast, relayed_broadcast, handled and the first five of dropped, each destination of
 * a relayed one in deliveries or the next three, a delivery or own is sent, dropped_closed or
 * pending. */
#define BSC_HUB_COUNTERS(ROW)                                                                      \
    ROW(received, "received", "messages received")                                                 \
    ROW(relayed_unicast, "relayed_unicast", "unicast messages relayed")                            \
    ROW(relayed_broadcast, "relayed_broadcast", "broadcast messages relayed")                      \
    ROW(handled, "handled", "messages for the hub itself")                                         \
    ROW(deliveries, "deliveries", "messages queued to a connection by relaying")                   \
    ROW(own, "own", "messages queued that the hub made itself")                                    \
    ROW(dropped_rule, "dropped_rule", "dropped by a rule of Annex AB")                             \
    ROW(dropped_state, "dropped_state", "not allowed in the state of their connection")            \
    ROW(dropped_over_limit, "dropped_over_limit", "longer than the hub accepts")                   \
    ROW(dropped_unknown_destination, "dropped_unknown_destination", "no such VMAC here")           \
    ROW(dropped_to_self, "dropped_to_self", "addressed to their own sender")                       \
    ROW(dropped_too_long, "dropped_too_long", "longer than the destination accepts")               \
    ROW(dropped_pending_full, "dropped_pending_full", "destination's pending output full")         \
    ROW(dropped_total_full, "dropped_total_full", "pending output of the whole hub full")          \
    ROW(dropped_closed, "dropped_closed", "pending when the connection closed")                    \
    ROW(dropped_own, "dropped_own", "messages of the hub's own without room")                      \
    ROW(naks, "naks", "BVLC-Result NAKs sent")                                                     \
    ROW(naks_suppressed, "naks_suppressed", "NAKs not sent for their rate")                        \
    ROW(joins, "joins", "connections that became CONNECTED")                                       \
    ROW(refused, "refused", "Connect-Requests refused")                                            \
    ROW(replaced, "replaced", "connections replaced by the same UUID")                             \
    ROW(stalled, "stalled", "connections closed for not reading")                                  \
    ROW(silent, "silent", "connections closed for silence")                                        \
    ROW(retained, "retained", "frames copied because a destination was slow")
struct bsc_hub_counters {
#define BSC_COUNTER_MEMBER(member, name, help) uint64_t member;
    BSC_HUB_COUNTERS(BSC_COUNTER_MEMBER)
#undef BSC_COUNTER_MEMBER
};
BAS_API const struct bsc_hub_counters *bsc_hub_counters(const struct bsc_hub *hub);
BAS_API uint32_t bsc_hub_connected(const struct bsc_hub *hub);
/* Octets pending for one connection, or for all (conn 0). */
BAS_API uint64_t bsc_hub_pending(const struct bsc_hub *hub, bsc_conn_id conn);

/* Node */

/* One WebSocket of a node, opened at its wish or accepted by its owner; never 0. An id is not used
 * again soon. */
typedef uint32_t bsc_link_id;

/* Whether unicasts to a peer may leave the hub (AB.4; ours to choose, spec 6.2). */
enum bsc_direct_policy {
    BSC_DIRECT_AUTO,   /* when its Advertisement accepts: at once; else after 5 unicasts in 10 s */
    BSC_DIRECT_NEVER,  /* we do not initiate; a connection of its own is used */
    BSC_DIRECT_ALWAYS, /* as soon as there is a hub connection, and again when it was lost */
};

struct bsc_node_config {
    size_t size; /* sizeof(struct bsc_node_config) */
    struct bsc_vmac vmac;
    struct bsc_uuid uuid;
    const char *primary_uri;  /* copied; wss:// */
    const char *failover_uri; /* copied; NULL: none */
    uint16_t max_bvlc;        /* default 5705 */
    uint16_t max_npdu;        /* default 1497 */
    uint32_t connect_wait_ms; /* default 10,000 */
    uint32_t disconnect_wait_ms;
    uint32_t heartbeat_ms;         /* default 60,000 */
    uint32_t heartbeat_ack_ms;     /* default 10,000 */
    uint32_t minimum_reconnect_ms; /* default 10,000 */
    uint32_t maximum_reconnect_ms; /* default 600,000 */
    bool no_hello;            /* leave the Hello option out of Connect-Request from the start */
    uint32_t pending_max;     /* octets, default 256 KiB; of both, a sixteenth is kept for ... */
    uint32_t pending_entries; /* ... the node's own messages; default 256 */
    /* The node switch. */
    bool direct_initiate;           /* SC_Direct_Connect_Initiate_Enable */
    bool direct_accept;             /* SC_Direct_Connect_Accept_Enable */
    const char *direct_accept_uris; /* copied; separated by single spaces; NULL: none are told */
    enum bsc_direct_policy direct_policy; /* of peers that bsc_node_set_peer did not name */
    uint32_t direct_max;                  /* direct connections at a time, both kinds; default 32 */
    uint32_t peers_max;           /* peers remembered; default 256, the one unused longest goes */
    uint32_t resolution_wait_ms;  /* for an Address-Resolution-ACK; default 10,000 */
    uint32_t resolution_fresh_ms; /* resolved URIs are believed so long; default 600,000 */
    uint32_t direct_retry_ms;     /* after a failed attempt; default 60,000 */
    uint32_t direct_refused_ms;   /* after a peer answered 45; default 3,600,000 */
    uint32_t silence_limit_ms;    /* of accepted direct connections; default 660,000 */
};

struct bsc_node;
BAS_API struct bsc_node *bsc_node_new(const struct bas_env *env,
                                      const struct bsc_node_config *config);
BAS_API void bsc_node_free(struct bsc_node *node);
/* Nothing happens unless the node is stopped. */
BAS_API void bsc_node_start(struct bsc_node *node, bas_time now);
/* Disconnect-Request on every connection; the node is stopped when bsc_node_is_stopped says so. */
BAS_API void bsc_node_stop(struct bsc_node *node, bas_time now);
BAS_API bool bsc_node_is_stopped(const struct bsc_node *node);

/* The link that LINK_OPEN asked for: open (upgrade done), or over (reason: why it failed or ended;
 * NULL: orderly). Accepted ones end with bsc_node_link_down too. */
BAS_API void bsc_node_link_up(struct bsc_node *node, bsc_link_id link, bas_time now);
BAS_API void bsc_node_link_down(struct bsc_node *node, bsc_link_id link,
                                const struct bas_fault *reason, bas_time now);
/*
 * A WebSocket for dc.bsc.bacnet.org was accepted (TLS and upgrade done). BAS_ERR_STATE: the node
 * does not accept direct connections, or is stopped; BAS_ERR_NO_SPACE: direct_max of them are there
 * and so are those who came over it (a device that comes back is let in, others get NAK 3/0).
 */
BAS_API BAS_MUST_USE bas_err bsc_node_accept(struct bsc_node *node, bas_time now,
                                             bsc_link_id *link);
/* Answers BSC_NODE_ADMIT as bsc_hub_admit does; BSC_NODE_DIRECT_UP or _FAILED follows. */
BAS_API bas_err bsc_node_admit(struct bsc_node *node, bsc_link_id link,
                               const struct bas_fault *refusal, bas_time now);
/* One received message. Borrows window. Drain the events before the next call. */
BAS_API bas_err bsc_node_recv(struct bsc_node *node, bsc_link_id link,
                              const struct bas_window *window, bas_time now);
/* A message arrived that was so long that it was not kept: counted as if it had been given. */
BAS_API void bsc_node_skipped(struct bsc_node *node, bsc_link_id link);

/* Where a message goes and what goes with it. Option lists are raw, as bsc_option_append makes
 * them; empty: none. They are copied. */
struct bsc_send {
    struct bsc_vmac to; /* FF:FF:FF:FF:FF:FF: all */
    struct bas_slice dest_options;
    struct bas_slice data_options; /* NPDUs alone */
};
/*
 * Sends an NPDU, over the direct connection to its destination when there is one, else through the
 * hub. Drain the events: it may be the one that asks for a direct connection. Takes one reference
 * of npdu, also on error. BAS_ERR_CLOSED: no connection for it, discarded; BAS_ERR_TOO_LONG: over
 * the limits of hub or peer; BAS_ERR_BUSY: pending output is full; BAS_ERR_NO_MEMORY.
 */
BAS_API BAS_MUST_USE bas_err bsc_node_send(struct bsc_node *node, const struct bsc_send *send,
                                           struct bas_frame *npdu, bas_time now);
/* Sends a Proprietary-Message; *id (may be NULL) is what a BSC_NODE_RESULT about it will carry.
 * Errors as bsc_node_send's; BAS_ERR_INVALID: data options, which it cannot have. */
BAS_API BAS_MUST_USE bas_err bsc_node_send_proprietary(struct bsc_node *node,
                                                       const struct bsc_send *send,
                                                       const struct bsc_proprietary *message,
                                                       bas_time now, uint16_t *id);
/* Answers a BSC_NODE_PROPRIETARY with a BVLC-Result: refusal NULL is an ACK, else a NAK with class
 * and code of refusal. A broadcast is not answered. Errors as bsc_node_send's. */
struct bsc_node_event;
BAS_API BAS_MUST_USE bas_err bsc_node_answer_proprietary(struct bsc_node *node,
                                                         const struct bsc_node_event *message,
                                                         const struct bas_fault *refusal,
                                                         bas_time now);

/* Direct connections and what is known of peers */

/*
 * Asks a peer for its URIs (Address-Resolution). One BSC_NODE_RESOLVED follows: uris, or fault (45:
 * it does not accept direct connections; a timeout). What the node asks for its own attempts raises
 * none. Errors as bsc_node_send's; BAS_ERR_INVALID: all, or nobody; BAS_ERR_NO_SPACE: peers_max.
 */
BAS_API BAS_MUST_USE bas_err bsc_node_resolve(struct bsc_node *node, const struct bsc_vmac *peer,
                                              bas_time now);
/* Asks a peer for its status: one BSC_NODE_ADVERTISEMENT follows, or BSC_NODE_RESULT, or nothing.
 * Errors as bsc_node_send's. */
BAS_API BAS_MUST_USE bas_err bsc_node_solicit(struct bsc_node *node, const struct bsc_vmac *peer,
                                              bas_time now);
/* Sends our own Advertisement to a peer, unasked; the node itself never does. */
BAS_API BAS_MUST_USE bas_err bsc_node_advertise(struct bsc_node *node, const struct bsc_vmac *peer,
                                                bas_time now);
/* What is to be done about one peer from now on; it is not forgotten any more. uris (NULL: ask it)
 * are used instead of resolving; copied, without those of more than 255 characters.
 * BAS_ERR_INVALID: all, or nobody; BAS_ERR_NO_SPACE: peers_max; BAS_ERR_TOO_LONG: more than 1023
 * characters. */
BAS_API BAS_MUST_USE bas_err bsc_node_set_peer(struct bsc_node *node, const struct bsc_vmac *peer,
                                               enum bsc_direct_policy policy, const char *uris,
                                               bas_time now);
/* Opens a direct connection now, whatever the policy and earlier failures say. BSC_NODE_DIRECT_UP
 * or BSC_NODE_DIRECT_FAILED follows, unless the node stops. BAS_ERR_STATE: initiating is not
 * enabled, or the node is stopped; BAS_ERR_INVALID: ourselves, all, or nobody; BAS_ERR_EXISTS:
 * there is one, or it is on its way; BAS_ERR_NO_SPACE: direct_max or peers_max; BAS_ERR_BUSY: too
 * many events were not drained; else as bsc_node_send. */
BAS_API BAS_MUST_USE bas_err bsc_node_connect_direct(struct bsc_node *node,
                                                     const struct bsc_vmac *peer, bas_time now);
/* Disconnects it in order, or gives the attempt up; by itself it comes back only with the policy
 * ALWAYS or new traffic, and not before direct_retry_ms. BAS_ERR_NOT_FOUND; BAS_ERR_BUSY: too many
 * events were not drained. */
BAS_API bas_err bsc_node_disconnect_direct(struct bsc_node *node, const struct bsc_vmac *peer,
                                           bas_time now);

/* BACnetSCConnectionState. */
enum bsc_connection_state {
    BSC_NOT_CONNECTED,
    BSC_IS_CONNECTED,
    BSC_DISCONNECTED_WITH_ERRORS,
    BSC_FAILED_TO_CONNECT
};
/* What Network Port properties say of a connection (spec 9.3, 9.4). Times are env's wall clock in
 * microseconds since 1970; 0: never. */
struct bsc_connection_status {
    enum bsc_connection_state state;
    int64_t connected_at;
    int64_t disconnected_at;
    const char *uri;      /* borrowed until the next call that is not a look; "": accepted */
    struct bsc_vmac vmac; /* of the peer; all zero: not told yet */
    struct bsc_uuid uuid;
    struct bas_fault fault; /* of the states 2 and 3; else err BAS_OK */
};
/* The primary (failover false) or failover hub's. False: no such URI is configured. */
BAS_API bool bsc_node_hub_connection(const struct bsc_node *node, bool failover,
                                     struct bsc_connection_status *status);

/* How much is known of a peer, and what is done about it. */
enum bsc_peer_resolution {
    BSC_UNRESOLVED,
    BSC_RESOLVING,
    BSC_RESOLVED, /* uris counts until fresh_until */
    BSC_REFUSED   /* it answered 45; not asked again before fresh_until */
};
struct bsc_peer {
    struct bsc_vmac vmac;
    enum bsc_direct_policy policy;
    enum bsc_peer_resolution resolution;
    const char *uris; /* separated by spaces, "" for none; borrowed until the next call that is not
                         a look */
    bas_time fresh_until;
    bool has_advertisement;
    struct bsc_advertisement advertisement;         /* its last one */
    bool is_direct;                                 /* a direct connection is CONNECTED */
    bool is_initiator;                              /* and we opened it */
    struct bsc_connection_status direct_connection; /* the present or last one */
    uint64_t sent_direct, sent_hub;                 /* NPDUs sent to it */
};
/* Looks at the n-th peer, from 0 on. False: there are not so many. */
BAS_API bool bsc_node_peer(const struct bsc_node *node, size_t n, struct bsc_peer *peer);
BAS_API bool bsc_node_find_peer(const struct bsc_node *node, const struct bsc_vmac *vmac,
                                struct bsc_peer *peer);

/* Takes the timers of a Network Port object from config, at once; 0 is the default. */
BAS_API void bsc_node_set_timers(struct bsc_node *node, const struct bsc_node_config *config,
                                 bas_time now);
BAS_API void bsc_node_tick(struct bsc_node *node, bas_time now);
BAS_API bas_time bsc_node_deadline(const struct bsc_node *node);

enum bsc_node_event_kind {
    BSC_NODE_LINK_OPEN,  /* open a WebSocket to uri with subprotocol */
    BSC_NODE_LINK_CLOSE, /* send what is pending, close it with close_code, then bsc_node_link_down
                          */
    BSC_NODE_UP,         /* traffic goes through this hub from now on: peer VMAC and UUID are the
                            hub's, hub_state says which; also when it moves from one hub to the other
                            without a DOWN between */
    BSC_NODE_DOWN,       /* no hub connection any more; fault says why */
    BSC_NODE_RETRY,      /* an attempt at a hub failed (fault); the next one follows by itself */
    BSC_NODE_NPDU,       /* npdu from source */
    BSC_NODE_RESULT,     /* a BVLC-Result about something we sent */
    BSC_NODE_ADVERTISEMENT,
    BSC_NODE_PROPRIETARY,
    BSC_NODE_RESOLVED,      /* vmac, uris; or fault */
    BSC_NODE_ADMIT,         /* direct connection: a valid Connect-Request; bsc_node_admit */
    BSC_NODE_DIRECT_UP,     /* a direct connection to vmac, uuid is CONNECTED */
    BSC_NODE_DIRECT_DOWN,   /* and is no more; fault (err BAS_OK: orderly) */
    BSC_NODE_DIRECT_FAILED, /* an attempt, ours or a peer's, ended before; fault */
    BSC_NODE_VMAC_CHANGED,  /* duplicate: vmac is the new one; persist it */
    BSC_NODE_FAULT,         /* a message was refused or dropped for a fault */
};
struct bsc_node_event {
    enum bsc_node_event_kind kind;
    bsc_link_id link;
    const char *uri;         /* LINK_OPEN, UP, RETRY, DIRECT_* ("" for an accepted one) */
    const char *subprotocol; /* LINK_OPEN */
    unsigned hub_state;      /* UP, DOWN, RETRY: 1 primary, 2 failover */
    uint16_t close_code;     /* LINK_CLOSE */
    uint16_t id;             /* of the message: NPDU, RESULT, ADVERTISEMENT, PROPRIETARY */
    struct bsc_vmac vmac;    /* source of a message; the hub's; the peer's; VMAC_CHANGED: ours */
    struct bsc_uuid uuid;    /* UP, ADMIT, DIRECT_* */
    bool broadcast;          /* NPDU, PROPRIETARY: it was sent to all */
    struct bas_slice npdu;   /* slices: until the next recv or tick */
    struct bas_slice dest_options;
    struct bas_slice data_options;
    struct bsc_result result;
    struct bsc_advertisement advertisement;
    struct bsc_proprietary proprietary;
    const char *uris; /* RESOLVED: separated by spaces; "" for none; until the next recv or tick */
    struct bas_fault fault;
};
BAS_API bool bsc_node_next_event(struct bsc_node *node, struct bsc_node_event *event);
BAS_API bool bsc_node_next_dirty(struct bsc_node *node, bsc_link_id *link);
BAS_API bool bsc_node_peek(struct bsc_node *node, bsc_link_id link, struct bsc_tx *tx);
BAS_API void bsc_node_pop(struct bsc_node *node, bsc_link_id link);

/* 0 no hub connection, 1 connected to primary, 2 connected to failover (SC_Hub_Connector_State). */
BAS_API unsigned bsc_node_hub_state(const struct bsc_node *node);
BAS_API struct bsc_vmac bsc_node_vmac(const struct bsc_node *node);
/* The largest NPDU that can be sent to a peer now: ours, the hub's (or, on a direct connection, the
 * peer's), the peer's Advertisement; options that go along take from it where it is the length of
 * messages that binds. 0 while there is no connection for it. to NULL: through the hub. */
BAS_API size_t bsc_node_max_npdu(const struct bsc_node *node, const struct bsc_vmac *to);
/* False without a connection, and while much waits to leave: what can as well be made later (a
 * notification, which tells the newest value then) waits above, so that it is not dropped here. */
BAS_API bool bsc_node_takes_more(const struct bsc_node *node);

/* Counters since creation; rows: member, Prometheus name part, help. */
#define BSC_NODE_COUNTERS(ROW)                                                                     \
    ROW(sent_hub, "sent_hub", "messages sent to a hub")                                            \
    ROW(sent_direct, "sent_direct", "messages sent over direct connections")                       \
    ROW(received_hub, "received_hub", "messages received from a hub")                              \
    ROW(received_direct, "received_direct", "messages received over direct connections")           \
    ROW(dropped_no_connection, "dropped_no_connection", "nothing to send them on")                 \
    ROW(dropped_pending_full, "dropped_pending_full", "pending output full")                       \
    ROW(dropped_too_long, "dropped_too_long", "longer than hub or peer accept, or we")             \
    ROW(dropped_rule, "dropped_rule", "dropped by a rule of Annex AB")                             \
    ROW(naks, "naks", "BVLC-Result NAKs sent")                                                     \
    ROW(failovers, "failovers", "times that traffic moved to the failover hub")                    \
    ROW(returns, "returns", "times that it moved back to the primary hub")                         \
    ROW(heartbeats, "heartbeats", "Heartbeat-Requests sent")                                       \
    ROW(heartbeats_missed, "heartbeats_missed", "Heartbeat-ACKs that did not come")                \
    ROW(resolutions, "resolutions", "Address-Resolutions sent")                                    \
    ROW(direct_attempts, "direct_attempts", "direct connections initiated")                        \
    ROW(direct_ups, "direct_ups", "direct connections that became CONNECTED")
struct bsc_node_counters {
#define BSC_COUNTER_MEMBER(member, name, help) uint64_t member;
    BSC_NODE_COUNTERS(BSC_COUNTER_MEMBER)
#undef BSC_COUNTER_MEMBER
};
BAS_API const struct bsc_node_counters *bsc_node_counters(const struct bsc_node *node);

#ifdef __cplusplus
}
#endif

#endif
