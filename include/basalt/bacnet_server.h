/*
 * The server engine of a BACnet device and its objects (clauses 12, 15, 16): APDUs and program
 * values in, answers and accepted writes out.
 *
 * Objects, their texts and all memory are set at creation from const structs, which are copied.
 * Which properties an object has is in the rows of src/bacnet/objects.
 */
#ifndef BASALT_BACNET_SERVER_H
#define BASALT_BACNET_SERVER_H

#include "basalt/bacnet.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the Device object claims (clause 12.11); doc/conformance says what follows from it. Network
 * type SECURE_CONNECT needs 24. */
enum { BAC_PROTOCOL_VERSION = 1, BAC_PROTOCOL_REVISION = 24 };

enum { BAC_MAX_NAME = 255 }; /* octets of any text of an object */

/*
 * A property whose value comes with the configuration: constant, or asked when somebody reads it.
 * Which ones an object type takes so is in its rows (all of a Network Port, the optional ones that
 * nothing here computes).
 */
struct bac_property_config {
    uint32_t property;
    struct bac_value value; /* copied, its octets too; arrays and constructed values need get */
    /*
     * If not NULL, asked instead of value: appends the encoded value (bac_encode) of the element
     * index of an array (0: its length), or of all for BAC_NO_INDEX. BAS_ERR_NOT_FOUND: no such
     * index; any other error is told as device: operational-problem. What does not fit sets
     * out->full. Must not call the server.
     */
    bas_err (*get)(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out);
    /*
     * If not NULL the property can be written: raw is the encoded value, of the type of its row
     * (BAC_NO_INDEX: all of an array or a list). BAS_OK, or a fault with class and code
     * (bas_fail_code); one without them is told as property: write-access-denied. What is written
     * so does not last: whoever sets it keeps it.
     */
    bas_err (*set)(void *ctx, uint32_t property, uint32_t index, struct bas_slice raw,
                   struct bas_fault *fault);
    void *ctx;
};

/* Where the octets of a File object are when they are not in the object itself. Positions and sizes
 * are octets. Errors: a fault with class and code, or device: operational-problem. */
struct bac_file_ops {
    uint32_t (*size)(void *ctx);
    /* Appends count octets from start, fewer at the end of the file. */
    bas_err (*read)(void *ctx, uint32_t start, uint32_t count, struct bas_buf *out,
                    struct bas_fault *fault);
    /* start is at most the size. NULL: the file is read-only. */
    bas_err (*write)(void *ctx, uint32_t start, struct bas_slice data, struct bas_fault *fault);
    bas_err (*resize)(void *ctx, uint32_t size, struct bas_fault *fault); /* as write */
};
/* A File object (12.13). */
struct bac_file_config {
    const char *type;         /* File_Type: "text/plain"; NULL: empty */
    bool by_record;           /* record access: a record is a line, kept without its newline */
    bool read_only;           /* of content; with ops they say it */
    uint32_t max_size;        /* 0: the size that content has */
    struct bas_slice content; /* copied */
    const struct bac_file_ops *ops; /* instead of content */
    void *ctx;
};

/* A subordinate of a Structured View (12.29). */
struct bac_subordinate_config {
    struct bac_object_id object;
    uint32_t device; /* instance; UINT32_MAX: our own */
    const char *annotation;
};

/* An object. Zero means default. Texts are UTF-8 of at most BAC_MAX_NAME octets. */
struct bac_object_config {
    uint16_t type; /* enum bac_object_type: one of src/bacnet/objects.def, not Device */
    uint32_t instance;
    const char *name;        /* not empty, unique in the device */
    const char *description; /* NULL: none */
    /* Present_Value at first, and the Relinquish_Default of a commandable one. Of the kind of the
     * object: REAL, ENUMERATED (binary), UNSIGNED (multi-state), ... NULL: 0, inactive, 1, empty,
     * unspecified. */
    struct bac_value initial;
    /* Instead of initial, encoded; for a DateTime Value, and for more than 500 octets, the only
     * way. */
    struct bas_slice initial_raw;
    uint16_t max_value; /* octets of a text, octet string or bit string; default 255 */
    bool commandable;   /* a value object with a priority array; outputs always have one */
    bool writable;      /* a value object without one: whether Present_Value may be written */
    /* analog */
    bool has_units, has_range;
    uint32_t units;       /* enum bac_units; without has_units no-units */
    double min, max;      /* Min_ and Max_Pres_Value, and the range for writes */
    double cov_increment; /* 0: every change is told */
    /* binary: both texts or neither */
    bool is_reverse; /* Polarity, input and output */
    const char *inactive_text, *active_text;
    /* multi-state */
    uint32_t n_states;             /* 1 or more */
    const char *const *state_text; /* n_states texts, or NULL */
    /* Network Port: the port of bac_net that it shows */
    bac_port_id port;
    const struct bac_file_config *file; /* File */
    /* Notification Class (12.21): to-offnormal, to-fault, to-normal. The list of recipients is
     * written over the network, or restored. */
    uint8_t notify_priority[3], ack_required; /* bits 0, 1, 2 */
    /* Structured View */
    uint32_t node_type; /* enum bac_node_type */
    const struct bac_subordinate_config *subordinates;
    size_t n_subordinates;
    bool deletable; /* DeleteObject may take it */
    const struct bac_property_config *properties;
    size_t n_properties;
};

/* A request that a hook looks at. */
struct bac_hook_request {
    struct bac_address from;
    bac_port_id port;
    bool broadcast;
    uint8_t service;
    struct bas_slice parameters;
};
struct bac_service_hook;

struct bac_server_config {
    size_t size;        /* sizeof(struct bac_server_config) */
    size_t object_size; /* sizeof(struct bac_object_config) */
    const struct bac_object_config *objects;
    size_t n_objects;
    /* The Device object. Vendor_Identifier is the user's own; texts that are NULL are empty. */
    uint32_t instance;
    const char *name; /* not empty */
    const char *description, *location;
    const char *vendor_name, *model_name, *firmware_revision, *application_software_version;
    uint16_t vendor;
    uint8_t uuid[16]; /* Device_UUID; zeros: none */
    uint32_t database_revision;
    uint16_t max_apdu;                            /* default 1476 */
    uint32_t apdu_timeout_ms;                     /* shown, default 3,000 */
    uint8_t retries;                              /* shown, default 3; 255: none */
    const struct bac_property_config *properties; /* more of the Device object */
    size_t n_properties;
    uint16_t pending_entries; /* answers not fetched yet, default 64 */
    uint16_t pending_events;  /* default 256; a request that would need more is refused */
    /* Segments, as bac_client_config. */
    uint32_t segment_timeout_ms;
    uint8_t window;
    uint16_t max_transactions; /* requests in segments that arrive, and answers that leave so; and
                                  answers kept for repetitions; default 64 */
    uint32_t max_request;      /* octets of one request in segments, default 65,536 */
    uint32_t max_answer;       /* octets of one answer, default 65,536 */
    uint32_t max_memory;       /* of all of them, default 4 MiB */
    /* Subscriptions of change of value. */
    uint32_t max_subscriptions; /* default 1,024; each monitored property is one */
    uint32_t max_lifetime_s; /* default 86,400; longer ones, and for ever, are cut to it (13.14.1);
                                UINT32_MAX: no limit */
    /* Objects that CreateObject may make, default 0. What they are like is in the rows. */
    uint32_t max_created;
    /* Of DeviceCommunicationControl and ReinitializeDevice; NULL: none is asked for. Copied. */
    const char *password;
    /* A visitor: no objects are shown, nothing is served but hooks. instance and name may be 0. */
    bool is_visitor;
    const struct bac_service_hook *hooks; /* copied */
    size_t n_hooks;
};

/*
 * A service that the program serves, before or instead of the server: private transfers, text
 * messages, notifications, VT, audit. For ReinitializeDevice and DeviceCommunicationControl it is
 * asked after the password was right whether it agrees; the server then does its part. parameters
 * are the encoded ones, well-formed as the service's type says, and live during the
 * call. Must not call the server.
 *
 * BAS_OK: acknowledged; out has the encoded parameters of the answer, if the service has any.
 * BAS_ERR_UNSUPPORTED: the server goes on as without hook. Any other error: an Error PDU with class
 * and code of the fault (bas_fail_code), else services: other. Unconfirmed: the result is ignored.
 */
struct bac_service_hook {
    uint8_t service;
    bool confirmed;
    bas_err (*serve)(void *ctx, const struct bac_hook_request *request, struct bas_buf *out,
                     struct bas_fault *fault);
    void *ctx;
};

struct bac_server;
/* NULL with a fault that says what is wrong with the configuration, or that memory is out. */
BAS_API struct bac_server *bac_server_new(const struct bas_env *env,
                                          const struct bac_server_config *config,
                                          struct bas_fault *fault);
/* As bac_net_free. */
BAS_API void bac_server_free(struct bac_server *server);

/*
 * An APDU that the network layer gave (BAC_NET_APDU). Borrows it. max_apdu: what can go back to its
 * source (bac_net_max_apdu). What is not a request is ignored. A request is answered with one APDU
 * or, where the standard says so, none. Drain the events before the next call. Returns what became
 * of it, which can be ignored: BAS_ERR_BUSY or BAS_ERR_NO_MEMORY when there was no room for the
 * answer (the peer asks again), BAS_ERR_MALFORMED.
 */
BAS_API bas_err bac_server_recv(struct bac_server *server, const struct bac_net_event *request,
                                size_t max_apdu, bas_time now);
/* All timers due by now: segments, lifetimes of subscriptions, DeviceCommunicationControl; and
 * changes of value since the last call, whoever made them: the deadline is at once then. Drain
 * next_tx and next_call behind it. */
BAS_API void bac_server_tick(struct bac_server *server, bas_time now);
BAS_API bas_time bac_server_deadline(const struct bac_server *server);
/* Sends I-Am to that address, a broadcast as a rule. A visitor sends none. */
BAS_API BAS_MUST_USE bas_err bac_server_announce(struct bac_server *server,
                                                 const struct bac_address *to, bac_port_id port);

enum bac_server_event_kind {
    BAC_SERVER_WRITTEN,       /* somebody wrote a property over the network */
    BAC_SERVER_CREATED,       /* CreateObject: object; raw is its Object_Name, encoded */
    BAC_SERVER_DELETED,       /* DeleteObject: object */
    BAC_SERVER_TIME,          /* time synchronization: date_time, is_utc */
    BAC_SERVER_COMMUNICATION, /* DeviceCommunicationControl: state, minutes (0: for ever), or the
                                 time is over */
    BAC_SERVER_REINITIALIZE   /* state; the answer leaves before the event is fetched */
};
/* Slices live until the next recv or tick. */
struct bac_server_event {
    enum bac_server_event_kind kind;
    struct bac_object_id object;
    uint32_t property;
    uint32_t index;           /* BAC_NO_INDEX: none */
    uint8_t priority;         /* 1 .. 16 of a commandable Present_Value, else 0 */
    struct bac_value value;   /* what was written, if it is one primitive; NULL: relinquished */
    struct bas_slice raw;     /* what was written, encoded */
    struct bac_value present; /* Present_Value now; NULL where the object has none */
    bool lasts;               /* to be kept, and given to bac_server_restore at the next start */
    struct bac_date_time date_time;
    bool is_utc;
    uint32_t state; /* enum bac_device_communication_state, enum bac_reinitialized_state */
    uint16_t minutes;
    struct bac_address from;
    bac_port_id port;
};
BAS_API bool bac_server_next_event(struct bac_server *server, struct bac_server_event *event);
/*
 * Answers first, then notifications of changes of value. Those are written when they are fetched,
 * with the values of that moment: who fetches after each change sends each change, who cannot send
 * now fetches later and sends the newest.
 */
BAS_API bool bac_server_next_tx(struct bac_server *server, struct bac_apdu_tx *tx);
/* Notifications wait, confirmed or not, and the segments of long answers; other answers do not: for
 * an owner whose way down is full or closed. Until it says otherwise. */
BAS_API void bac_server_hold(struct bac_server *server, bool is_held);

/* A confirmed request of the server's own (a notification): whoever owns it carries it to its
 * client (bac_client_request) and tells the outcome. There is none while answers wait in next_tx:
 * a subscriber gets his answer first. Few at once go to one peer, and one of each subscription. */
struct bac_server_call {
    uint32_t id; /* never 0 */
    struct bac_address to;
    bac_port_id port;
    uint8_t priority;
    uint8_t service;
    struct bas_slice parameters; /* until the next call of next_call */
};
BAS_API bool bac_server_next_call(struct bac_server *server, struct bac_server_call *call);
/* Each call that was fetched is told once: acknowledged or not, whatever the reason. */
BAS_API void bac_server_call_done(struct bac_server *server, uint32_t id, bool acknowledged,
                                  bas_time now);

/* The program's side */

/*
 * Sets Present_Value. An input and a value that is not commandable take it as it is; while
 * Out_Of_Service it is kept and shows when service resumes. A commandable one takes it into slot
 * priority (1 .. 16; 0 is 16) of its priority array; NULL relinquishes the slot.
 * BAS_ERR_NOT_FOUND: no such object, or none with Present_Value; BAS_ERR_INVALID: kind or range.
 */
BAS_API BAS_MUST_USE bas_err bac_server_set(struct bac_server *server, struct bac_object_id object,
                                            const struct bac_value *value, uint8_t priority);
/* Present_Value, if it is one primitive; its octets live until the next call. */
BAS_API BAS_MUST_USE bas_err bac_server_get(const struct bac_server *server,
                                            struct bac_object_id object, struct bac_value *value);
/* Sets a property of any kind as the program may, read-only ones of objects too: raw is the encoded
 * value. Present_Value is set as by bac_server_set. The fault names class and code. */
BAS_API BAS_MUST_USE bas_err bac_server_put(struct bac_server *server,
                                            const struct bac_write_property *what,
                                            struct bas_fault *fault);
/* Gives back what an event with lasts said, at the start and in that order: CREATED, WRITTEN,
 * DELETED. The last one about each place (object, property, index, priority) is enough; what is so
 * already is no error.
 * BAS_ERR_NOT_FOUND, BAS_ERR_INVALID: the configuration has changed since and it does not fit. */
BAS_API BAS_MUST_USE bas_err bac_server_restore(struct bac_server *server,
                                                const struct bac_server_event *event,
                                                struct bas_fault *fault);
/* The n-th object in the order of types and instances; false: no more. */
BAS_API bool bac_server_object(const struct bac_server *server, size_t n, struct bac_object_id *id);
/* A property that comes with the configuration (get) changed: whoever subscribed to it hears it. */
BAS_API void bac_server_touch(struct bac_server *server, struct bac_object_id object);
/* Sets Reliability (enum bac_reliability) and with it the fault flag; while Out_Of_Service it is
 * kept and shows when service resumes. */
BAS_API BAS_MUST_USE bas_err bac_server_set_reliability(struct bac_server *server,
                                                        struct bac_object_id object,
                                                        uint32_t reliability);
/* Reads any property as the network does: appends the encoded value. The fault names class and
 * code. */
BAS_API BAS_MUST_USE bas_err bac_server_read(const struct bac_server *server,
                                             const struct bac_read_property *what,
                                             struct bas_buf *out, struct bas_fault *fault);

/* Counters since creation. Borrowed. */
struct bac_server_stats {
    uint64_t requests; /* confirmed and unconfirmed ones that we looked at */
    uint64_t errors, rejects, aborts;
    uint64_t malformed; /* no APDU at all */
    uint64_t ignored;   /* unconfirmed services that we do not know, confirmed broadcasts */
    uint64_t not_sent;  /* answers without memory or room in the queue */
    uint64_t lost_events;
    uint64_t notifications; /* of changes of value, confirmed or not */
    uint64_t not_acknowledged;
    uint64_t segments; /* sent and received in windows */
    uint64_t repeated; /* segments received again or out of order, windows asked for again */
};
BAS_API const struct bac_server_stats *bac_server_stats(const struct bac_server *server);

#ifdef __cplusplus
}
#endif

#endif
