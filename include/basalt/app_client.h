/*
 * The client of a station: finding devices, typed calls of the common services, any service with
 * its struct or with JSON. What stands on the wire, and what the peer can take, is the station's
 * business: limits of I-Am, segments, splitting of what is too long for a peer.
 *
 * Every call ends in exactly one call of its last callback (called, done, found, read). A call that
 * cannot be begun ends so before the function returns, which then gives 0; all others end later,
 * from the event loop. A station that stops ends what is open with BAS_ERR_CLOSED, before its
 * STOPPED. Structs and texts of the caller are read during the function only, where nothing else is
 * said; what a callback is given lives during the callback. Callbacks may begin and cancel calls,
 * and stop the station.
 */
#ifndef BASALT_APP_CLIENT_H
#define BASALT_APP_CLIENT_H

#include "basalt/app.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whom to ask: a device by its instance (found by Who-Is and remembered), or an address. */
struct bas_peer_name {
    bool has_address;
    uint32_t instance;
    struct bac_address address;
};
BAS_API struct bas_peer_name bas_peer_device(uint32_t instance);
BAS_API struct bas_peer_name bas_peer_address(const struct bac_address *address);
/* "device 1234", or "02:00:00:00:00:01", "network 5 address 0a": as faults name it. */
BAS_API void bas_peer_name_text(const struct bas_peer_name *peer, struct bas_buf *out);

typedef uint64_t bas_call_id; /* of a station; 0: the call has ended already */
/*
 * Ends a call: its last callback is called with BAS_ERR_INTERRUPTED before this returns. A
 * subscription is cancelled at the device first, and ends when that has answered (BAS_OK) or not;
 * a second cancel does not wait for it. A call that has ended is no error.
 */
BAS_API void bas_cancel(struct bas_station *station, bas_call_id id);

/* How a call ended. */
struct bas_outcome {
    bas_err err;                 /* BAS_OK: acknowledged. BAS_ERR_REMOTE: the peer said no */
    const struct bac_type *type; /* of value: the ack's; NULL: SimpleACK, or no single answer */
    const void *value;           /* the decoded ack */
    struct bas_slice raw;        /* the same, encoded */
    struct bac_arena *arena;     /* scratch for the callback */
    const struct bac_client_event *event; /* what the peer answered; NULL: it was not reached */
    /* For a person: whom was asked what, what it said, what to do. error_class and error_code are
     * those of an Error; of a Reject or an Abort communication and the code of its reason. Never
     * NULL; BAS_OK and no text in the good case. */
    const struct bas_fault *fault;
};
typedef void (*bas_called)(void *user, const struct bas_outcome *outcome);
/* Writes value as JSON under key, null for none. */
BAS_API void bas_outcome_json(const struct bas_outcome *outcome, struct bas_json *json,
                              const char *key);
/* Class and code of a refusal (ERROR, REJECT, ABORT), as in bas_outcome. */
BAS_API struct bac_error_pair bas_refusal(const struct bac_client_event *event);
/* What a person can do about it: "" where we do not know. */
BAS_API const char *bas_refusal_advice(const struct bac_error_pair *error);

/* Any service */

/* A confirmed service: parameters is the struct of its request type (bac_service). */
BAS_API bas_call_id bas_call(struct bas_station *station, const struct bas_peer_name *to,
                             uint8_t service, const void *parameters, bas_called called,
                             void *user);
/* The same: service is a name ("read-property"), an unconfirmed one too (to NULL: everybody). */
struct bas_json_call {
    const char *service;
    const char *json; /* the parameters, for bac_json_read; NULL: "{}" */
};
BAS_API bas_call_id bas_call_json(struct bas_station *station, const struct bas_peer_name *to,
                                  const struct bas_json_call *call, bas_called called, void *user);
/* An unconfirmed service. Ends when it was given to the network (no answer is awaited). to NULL:
 * everybody. */
BAS_API bas_call_id bas_tell(struct bas_station *station, const struct bas_peer_name *to,
                             uint8_t service, const void *parameters, bas_called called,
                             void *user);

/* Finding */

/* What I-Am told of a device. peer NULL: nobody answered; fault says so. */
struct bas_found {
    bas_err err;
    const struct bac_peer *peer;
    const struct bas_fault *fault;
};
/* Finds a device: at once, if it is known. timeout_ms 0: as the station's configuration says. */
BAS_API bas_call_id bas_find(struct bas_station *station, uint32_t instance, uint32_t timeout_ms,
                             void (*found)(void *user, const struct bas_found *found), void *user);
/* What is known of devices so far. */
BAS_API const struct bac_peers *bas_station_peers(const struct bas_station *station);

/* Asks who is there, and gathers for wait_ms. */
struct bas_who_is {
    bool has_range;
    uint32_t low, high;
    const struct bac_address *to; /* NULL: everybody */
    uint32_t wait_ms;             /* 0: as the station's configuration says */
    /* Each I-Am that fits the range, the repeated ones too. */
    void (*heard)(void *user, const struct bac_peer *peer);
    bas_called done; /* BAS_OK when the time is over */
    void *user;
};
BAS_API bas_call_id bas_who_is(struct bas_station *station, const struct bas_who_is *what);
/* Asks who has an object, by its identifier or its name. */
struct bas_who_has {
    bool has_range;
    uint32_t low, high;
    const char *name; /* NULL: object */
    struct bac_object_id object;
    const struct bac_address *to;
    uint32_t wait_ms;
    void (*heard)(void *user, const struct bac_i_have *i_have, const struct bac_address *from);
    bas_called done;
    void *user;
};
BAS_API bas_call_id bas_who_has(struct bas_station *station, const struct bas_who_has *what);

/* Reading */

struct bas_property {
    struct bac_object_id object;
    uint32_t property;
    uint32_t index; /* BAC_NO_INDEX: all of it */
};
/* "analog-input,1 priority-array[8]" */
BAS_API void bas_property_text(const struct bas_property *property, struct bas_buf *out);

/* One property, or why not. */
struct bas_property_read {
    size_t n; /* in the list that was asked for, from 0 */
    struct bas_property of;
    bas_err err;
    struct bas_slice raw;        /* encoded */
    const struct bac_type *type; /* of one element, for bac_json_typed; NULL: not known */
    bool has_value;              /* raw is one primitive */
    struct bac_value value;
    struct bac_arena *arena; /* scratch for the callback */
    const struct bas_fault *fault;
};
BAS_API bas_call_id bas_read(struct bas_station *station, const struct bas_peer_name *to,
                             const struct bas_property *property,
                             void (*read)(void *user, const struct bas_property_read *read),
                             void *user);

/*
 * Many properties, with ReadPropertyMultiple in pieces as large as the peer can answer, one after
 * another where it cannot do that. read is told each in the order of the list; an error of one is
 * its own. ALL, REQUIRED and OPTIONAL stand for several: n is then the same for all of these.
 * done: BAS_OK when all were read, BAS_ERR_PARTIAL when some were not, BAS_ERR_REMOTE when none
 * was; else the peer was lost, and what is missing was not told.
 */
struct bas_read_list {
    const struct bas_property *items; /* copied */
    size_t n;
    void (*read)(void *user, const struct bas_property_read *read);
    bas_called done;
    void *user;
};
BAS_API bas_call_id bas_read_many(struct bas_station *station, const struct bas_peer_name *to,
                                  const struct bas_read_list *list);

/* All objects of a device (Object_List, element by element where it does not fit). */
struct bas_object_list {
    /* n of total, from 0 */
    void (*object)(void *user, struct bac_object_id object, size_t n, size_t total);
    bas_called done;
    void *user;
};
BAS_API bas_call_id bas_object_list(struct bas_station *station, const struct bas_peer_name *to,
                                    const struct bas_object_list *list);
/* All properties of an object, Property_List's and the four that it leaves out. */
struct bas_property_list {
    struct bac_object_id object;
    void (*property)(void *user, uint32_t property, size_t n, size_t total);
    bas_called done;
    void *user;
};
BAS_API bas_call_id bas_property_list(struct bas_station *station, const struct bas_peer_name *to,
                                      const struct bas_property_list *list);

/* Items of a list or a log buffer (ReadRange, 15.8), in pieces until the end. */
enum bas_range_by { BAS_RANGE_ALL, BAS_RANGE_POSITION, BAS_RANGE_SEQUENCE, BAS_RANGE_TIME };
struct bas_range_piece {
    struct bas_property of;
    struct bas_slice items;      /* n values, one after another */
    const struct bac_type *type; /* of one; NULL: not known */
    size_t n;
    bool has_sequence;
    uint32_t sequence; /* of the first */
    bool is_last;
    struct bac_arena *arena;
};
struct bas_range {
    struct bas_property of;
    enum bas_range_by by;
    uint32_t first;            /* POSITION (from 1), SEQUENCE */
    struct bac_date_time time; /* TIME: those behind it, or in front of it */
    int32_t count;             /* negative: backwards from there; 0: all up to the end */
    void (*piece)(void *user, const struct bas_range_piece *piece);
    bas_called done;
    void *user;
};
BAS_API bas_call_id bas_read_range(struct bas_station *station, const struct bas_peer_name *to,
                                   const struct bas_range *range);

/* Writing */

struct bas_write_item {
    struct bas_property of;
    const struct bac_value *value; /* one primitive; NULL: raw */
    struct bas_slice raw;          /* encoded */
    uint8_t priority;              /* 1 .. 16; 0: none is given */
};
BAS_API bas_call_id bas_write(struct bas_station *station, const struct bas_peer_name *to,
                              const struct bas_write_item *item, bas_called called, void *user);
struct bas_written {
    size_t n;
    struct bas_property of;
    bas_err err; /* BAS_ERR_INTERRUPTED: not tried, because one in front of it failed */
    const struct bas_fault *fault;
};
/*
 * Many properties, in their order, with WritePropertyMultiple or one after another where the peer
 * cannot do that. written is told each. The first that fails is the last that is tried, unless
 * goes_on is set. done as bas_read_many's.
 */
struct bas_write_list {
    const struct bas_write_item *items; /* copied, with their values */
    size_t n;
    bool goes_on;
    void (*written)(void *user, const struct bas_written *written); /* may be NULL */
    bas_called done;
    void *user;
};
BAS_API bas_call_id bas_write_many(struct bas_station *station, const struct bas_peer_name *to,
                                   const struct bas_write_list *list);

/* Changes of value */

struct bas_cov_notice {
    bool is_confirmed;
    const struct bac_cov_notification *notification; /* values: struct bac_property_value */
    struct bac_arena *arena;
};
/*
 * A subscription. It is renewed at half of its lifetime and when the connection was lost in
 * between, and lasts until bas_cancel, which takes it back at the device. done: BAS_OK when that
 * was done; any other when the device refused the subscription or a renewal. A device that is
 * silent, when it had answered before, is no end: state tells, and it is asked again.
 */
struct bas_cov {
    struct bac_object_id object;
    bool is_confirmed;   /* notifications as confirmed requests */
    uint32_t lifetime_s; /* 0: 300; UINT32_MAX: for ever */
    uint32_t process;    /* Subscriber Process Identifier; 0: one of the station's */
    /* bas_subscribe_cov_property only */
    uint32_t property;
    uint32_t index; /* BAC_NO_INDEX: none */
    bool has_increment;
    float increment;
    void (*notified)(void *user, const struct bas_cov_notice *notice);
    /* May be NULL. Subscribed or renewed (BAS_OK), or a renewal that was not answered. */
    void (*state)(void *user, const struct bas_outcome *outcome);
    bas_called done;
    void *user;
};
BAS_API bas_call_id bas_subscribe_cov(struct bas_station *station, const struct bas_peer_name *to,
                                      const struct bas_cov *cov);
BAS_API bas_call_id bas_subscribe_cov_property(struct bas_station *station,
                                               const struct bas_peer_name *to,
                                               const struct bas_cov *cov);

/* Files (clause 14), in pieces that fit one message of the peer */

struct bas_file_piece {
    int64_t start;         /* octet or record */
    struct bas_slice data; /* octets, or one record */
    bool is_end;           /* the file's */
};
struct bas_file_read {
    uint32_t file; /* instance of the File object */
    bool by_record;
    int64_t start;
    uint64_t count; /* octets or records at most; 0: up to the end */
    /* In the order of the file; with records one call each. */
    void (*piece)(void *user, const struct bas_file_piece *piece);
    bas_called done;
    void *user;
};
BAS_API bas_call_id bas_read_file(struct bas_station *station, const struct bas_peer_name *to,
                                  const struct bas_file_read *what);
struct bas_file_write {
    uint32_t file;
    int64_t start;                   /* octet or record; -1: behind the end */
    struct bas_slice data;           /* octets; kept by the caller until done */
    const struct bas_slice *records; /* instead of data; kept by the caller until done */
    size_t n_records;
    bool replaces; /* the file is emptied first (File_Size 0; Record_Count 0) */
    /* Octets or records so far. May be NULL. */
    void (*progress)(void *user, uint64_t written, uint64_t total);
    bas_called done;
    void *user;
};
BAS_API bas_call_id bas_write_file(struct bas_station *station, const struct bas_peer_name *to,
                                   const struct bas_file_write *what);

#ifdef __cplusplus
}
#endif

#endif
