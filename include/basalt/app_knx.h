/*
 * Ready-made KNX applications on an event loop: the client (a tunnel that comes back, with Data
 * Secure and its persisted sequence numbers) and the server (KNXnet/IP and KNX IP Secure in front
 * of a bus).
 */
#ifndef BASALT_APP_KNX_H
#define BASALT_APP_KNX_H

#include "basalt/knx_keyring.h"
#include "basalt/knx_server.h"
#include "basalt/rt.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Client */

enum bas_knx_event_kind {
    BAS_KNX_UP,       /* connected: address */
    BAS_KNX_DOWN,     /* lost: fault; it comes back by itself after retry_ms, unless is_permanent */
    BAS_KNX_TELEGRAM, /* cemi: from the bus, plain */
    BAS_KNX_DROPPED,  /* a telegram, or a frame, that was not let through: fault; drop, cemi where
                         it was Data Secure that dropped it */
    BAS_KNX_CONFIRMED, /* id: it is on the bus */
    BAS_KNX_FAILED,    /* id: it is not, fault says why */
    BAS_KNX_ANSWER,    /* frame: a DESCRIPTION_RESPONSE or SEARCH_RESPONSE_EXTENDED */
    BAS_KNX_FEATURE,   /* feature, return_code, frame: its value */
    BAS_KNX_SYNCED,    /* source answered an S-A_Sync_Req (ok) or did not */
    BAS_KNX_STOPPED    /* the last event */
};
struct bas_knx_event {
    enum bas_knx_event_kind kind;
    const struct bas_fault *fault;
    enum knx_client_state step; /* DOWN: where it was */
    unsigned status;            /* DOWN: of KNXnet/IP, or of the session, that ended it; 0: none */
    bool is_permanent;          /* DOWN: it is not tried again */
    uint32_t retry_ms;          /* DOWN */
    knx_ia address;             /* UP: the tunnel's */
    uint32_t id;                /* CONFIRMED, FAILED */
    const struct knx_cemi *cemi;
    bool is_secured;
    uint64_t sequence; /* of Data Secure */
    enum knx_drop drop;
    bool ok;
    uint8_t feature;
    uint8_t return_code;
    struct bas_slice frame;
};

struct bas_knx_config {
    size_t size;                                 /* sizeof(struct bas_knx_config) */
    const char *gateway;                         /* "HOST[:PORT]" */
    const struct knx_client_config *engine;      /* transport, session, timeouts */
    bool route_back;                             /* UDP: NAT mode */
    const struct knx_data_secure_config *secure; /* NULL: no Data Secure; its address is set by the
                                                    tunnel */
    const char *store_file;                      /* keeps sequence numbers; NULL: clock alone */
    const char *store_owner;                     /* whose they are, beside the address: a project */
    uint32_t store_block; /* numbers reserved at a time; 0: 4096. A small one is for who sends
                             little: what is not used is lost at the end, and with many short runs
                             the numbers would get ahead of the clock */
    bool is_once;         /* one attempt, no reconnection */
    uint32_t connect_ms;  /* TCP connection; 0: 5 s */
    uint32_t minimum_retry_ms, maximum_retry_ms; /* 0: 1 s, 60 s */
    void (*event)(void *user, const struct bas_knx_event *event);
    void *user;
};
struct bas_knx;
/* Starts to connect. NULL with fault. */
BAS_API struct bas_knx *bas_knx_start(struct bas_loop *loop, const struct bas_knx_config *config,
                                      struct bas_fault *fault);
/* Disconnects in order; STOPPED follows, and it is freed after it. */
BAS_API void bas_knx_stop(struct bas_knx *knx);
/*
 * Sends one telegram (L_Data.req; source 0: the tunnel's address), secured where a key of its group
 * is known. Ends in CONFIRMED or FAILED with *id. BAS_ERR_STATE: not connected at the moment.
 * BAS_ERR_BUSY: the queue is full, or no sequence number is reserved yet: try again.
 */
BAS_API BAS_MUST_USE bas_err bas_knx_send(struct bas_knx *knx, const struct knx_cemi *cemi,
                                          uint32_t *id, struct bas_fault *fault);
/* A group service: KNX_GROUP_VALUE_READ (value NULL), _RESPONSE, _WRITE. */
BAS_API BAS_MUST_USE bas_err bas_knx_group(struct bas_knx *knx, unsigned apci, knx_ga group,
                                           const struct knx_group_value *value, uint32_t *id,
                                           struct bas_fault *fault);
BAS_API BAS_MUST_USE bas_err bas_knx_feature(struct bas_knx *knx, uint8_t feature,
                                             struct bas_slice value);
/* Any core request inside the session (a DESCRIPTION_REQUEST): ANSWER follows. */
BAS_API BAS_MUST_USE bas_err bas_knx_ask(struct bas_knx *knx, struct bas_slice frame);
BAS_API knx_ia bas_knx_address(const struct bas_knx *knx);
BAS_API const struct knx_data_secure *bas_knx_secure(const struct bas_knx *knx);
/* New keys of a keyring that was reloaded; the connection stays. */
BAS_API BAS_MUST_USE bas_err bas_knx_reload(struct bas_knx *knx,
                                            const struct knx_data_secure_config *secure);

/* Inquiry: asking servers what they are, one or all that a multicast reaches. */

enum {
    BAS_KNX_SEARCH = 1,          /* SEARCH_REQUEST: UDP only */
    BAS_KNX_SEARCH_EXTENDED = 2, /* SEARCH_REQUEST_EXTENDED, for all blocks that there are */
    BAS_KNX_DESCRIPTION = 4      /* DESCRIPTION_REQUEST: one server */
};
struct bas_knx_inquiry_config {
    size_t size; /* sizeof(struct bas_knx_inquiry_config) */
    enum knx_host_protocol transport;
    const char *target;    /* "HOST[:PORT]"; NULL: everybody (UDP) */
    const char *interface; /* everybody: an IPv4 address of ours; NULL: all that we have */
    bool route_back;       /* answers come to where the request came from */
    unsigned requests;     /* of the above */
    uint32_t wait_ms;      /* how long answers are collected; 0: 3 s */
    /* One answer: a SEARCH_RESPONSE, SEARCH_RESPONSE_EXTENDED or DESCRIPTION_RESPONSE. */
    void (*answer)(void *user, const struct knx_message *message, const struct knx_endpoint *from);
    /* The last call. fault is NULL when the time was over or bas_knx_inquiry_stop was called. */
    void (*done)(void *user, const struct bas_fault *fault);
    void *user;
};
struct bas_knx_inquiry;
/* NULL with fault: nothing was sent. */
BAS_API struct bas_knx_inquiry *bas_knx_inquiry_start(struct bas_loop *loop,
                                                      const struct bas_knx_inquiry_config *config,
                                                      struct bas_fault *fault);
BAS_API void bas_knx_inquiry_stop(struct bas_knx_inquiry *inquiry);

/* Keyrings */

/*
 * Reads a keyring file with its password (UTF-8). Derives a key (20 ms): not for the thread of a
 * loop. Errors of reading a file, and of knx_keyring_read; the fault names the file.
 */
BAS_API BAS_MUST_USE bas_err bas_knx_keyring_load(const struct bas_env *env, const char *path,
                                                  struct bas_slice password, bool ignore_signature,
                                                  struct knx_keyring **keyring,
                                                  struct bas_fault *fault);

/*
 * What a client needs of a keyring for one of its tunnels: user and keys of the session, groups,
 * senders and tool keys of Data Secure. Both configurations borrow from keyring and from here.
 */
struct bas_knx_keys {
    struct knx_client_config engine; /* TCP and secure, or UDP where the tunnel has no user */
    struct knx_data_secure_config secure;
    struct knx_sender *senders;
    struct knx_peer_key *tools;
    size_t n_tools;
};
/* Derives two keys (40 ms): not for the thread of a loop. BAS_ERR_NOT_FOUND: the keyring has no
 * such tunnel, the fault names those that it has; BAS_ERR_NO_MEMORY. Free with bas_knx_keys_free.
 */
BAS_API BAS_MUST_USE bas_err bas_knx_keys_of(const struct bas_env *env,
                                             const struct knx_keyring *keyring, knx_ia tunnel,
                                             struct bas_knx_keys *keys, struct bas_fault *fault);
/* Wipes. */
BAS_API void bas_knx_keys_free(const struct bas_env *env, struct bas_knx_keys *keys);

/* Server */

/* Something of the bus that an operator may want to know. */
enum bas_knx_notice_kind {
    BAS_KNX_NOTICE_CHANGED, /* a group object of the line has a new value */
    BAS_KNX_NOTICE_DROPPED, /* a telegram was not taken */
    BAS_KNX_NOTICE_UNSENT   /* a telegram could not be sent */
};
struct bas_knx_notice {
    enum bas_knx_notice_kind kind;
    const struct bas_fault *fault; /* its text: what happened, in a sentence */
    knx_ga group;                  /* 0: none, as the addresses */
    knx_ia device, source;
    const char *name;  /* CHANGED: of the object; NULL: it has none */
    const char *value; /* CHANGED: in text, as its datapoint type writes it */
};

struct bas_knx_server_callbacks {
    /* What the engine tells: sessions, channels, what was refused or dropped. May be NULL. */
    void (*event)(void *user, const struct knx_server_event *event);
    /* The bus behind is there, or gone (why). May be NULL. */
    void (*bus)(void *user, bool is_connected, const struct bas_fault *why);
    /* May be NULL. */
    void (*notice)(void *user, const struct bas_knx_notice *notice);
    /* A reload is done, or failed (BAS_ERR_STATE: there is no keyring; otherwise the old keys
       stay). May be NULL. */
    void (*reloaded)(void *user, bas_err err, const struct bas_fault *fault);
    /* Stopped for good. May be NULL. */
    void (*stopped)(void *user);
    void *user;
};

/*
 * Starts a server: reads its keyring and derives its keys (20 ms each), opens its bus, listens over
 * TCP and UDP. settings must live until it has stopped. NULL with fault.
 */
struct bas_knx_server;
BAS_API struct bas_knx_server *
bas_knx_server_start(struct bas_loop *loop, const struct bas_knx_server_settings *settings,
                     const struct bas_knx_server_callbacks *callbacks, struct bas_fault *fault);
/* "127.0.0.1:3671": where it listens. */
BAS_API const char *bas_knx_server_address(const struct bas_knx_server *server);
/* What it has: of its settings or of its keyring. */
struct bas_knx_server_facts {
    knx_ia host;
    size_t n_tunnels;
    size_t n_users;
};
BAS_API struct bas_knx_server_facts bas_knx_server_facts(const struct bas_knx_server *server);
BAS_API struct knx_server_counts bas_knx_server_counts(const struct bas_knx_server *server);
/*
 * Reads the keyring again, keys derived beside the loop (env is used by another thread then);
 * reloaded follows. Sessions whose key did not change stay. Asked for while one is on its way, it
 * is read once more after it.
 */
BAS_API void bas_knx_server_reload(struct bas_knx_server *server);
/* Closes every channel and session in order; stopped follows. */
BAS_API void bas_knx_server_stop(struct bas_knx_server *server);

#ifdef __cplusplus
}
#endif

#endif
