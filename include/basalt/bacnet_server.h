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
    void *ctx;
};

/* An object. Zero means default. Texts are UTF-8 of at most BAC_MAX_NAME octets. */
struct bac_object_config {
    uint16_t type; /* enum bac_object_type: one of src/bacnet/objects.def, not Device */
    uint32_t instance;
    const char *name;        /* not empty, unique in the device */
    const char *description; /* NULL: none */
    /* Present_Value at first, and the Relinquish_Default of a commandable one. Of the kind of the
     * object: REAL, ENUMERATED (binary), UNSIGNED (multi-state). NULL: 0, inactive, 1. */
    struct bac_value initial;
    bool commandable; /* a value object with a priority array; outputs always have one */
    bool writable;    /* a value object without one: whether Present_Value may be written */
    /* analog */
    bool has_units, has_range;
    uint32_t units;      /* enum bac_units; without has_units no-units */
    float min, max;      /* Min_ and Max_Pres_Value, and the range for writes */
    float cov_increment; /* 0: none */
    /* binary: both texts or neither */
    bool is_reverse; /* Polarity, input and output */
    const char *inactive_text, *active_text;
    /* multi-state */
    uint32_t n_states;             /* 1 or more */
    const char *const *state_text; /* n_states texts, or NULL */
    /* Network Port: the port of bac_net that it shows */
    bac_port_id port;
    const struct bac_property_config *properties;
    size_t n_properties;
};

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
                                size_t max_apdu);
/* Sends I-Am to that address, a broadcast as a rule. */
BAS_API BAS_MUST_USE bas_err bac_server_announce(struct bac_server *server,
                                                 const struct bac_address *to, bac_port_id port);

/* Somebody wrote a property over the network. */
struct bac_server_event {
    struct bac_object_id object;
    uint32_t property;
    uint8_t priority;         /* 1 .. 16 of a commandable Present_Value, else 0 */
    struct bac_value value;   /* what was written; NULL: relinquished */
    struct bac_value present; /* Present_Value now; NULL where the object has none */
    struct bac_address from;
    bac_port_id port;
};
BAS_API bool bac_server_next_event(struct bac_server *server, struct bac_server_event *event);
BAS_API bool bac_server_next_tx(struct bac_server *server, struct bac_apdu_tx *tx);

/* The program's side */

/*
 * Sets Present_Value. An input and a value that is not commandable take it as it is; while
 * Out_Of_Service it is kept and shows when service resumes. A commandable one takes it into slot
 * priority (1 .. 16; 0 is 16) of its priority array; NULL relinquishes the slot.
 * BAS_ERR_NOT_FOUND: no such object, or none with Present_Value; BAS_ERR_INVALID: kind or range.
 */
BAS_API BAS_MUST_USE bas_err bac_server_set(struct bac_server *server, struct bac_object_id object,
                                            const struct bac_value *value, uint8_t priority);
BAS_API BAS_MUST_USE bas_err bac_server_get(const struct bac_server *server,
                                            struct bac_object_id object, struct bac_value *value);
/* Sets Reliability (enum bac_reliability) and with it the fault flag. */
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
};
BAS_API const struct bac_server_stats *bac_server_stats(const struct bac_server *server);

#ifdef __cplusplus
}
#endif

#endif
