/*
 * The inside of a station's client, shared by its files: client.c (the table of calls, their time),
 * client/ask.c (one request of a call), client/fault.c (what a person is told), client/find.c (who
 * is there) and a file per kind of call.
 */
#ifndef BASALT_APP_CLIENT_INTERNAL_H
#define BASALT_APP_CLIENT_INTERNAL_H

#include "basalt/app_client.h"

struct call;
struct cov_call;
struct pending_answer;

enum {
    CLIENT_BUCKETS = 256,
    CLIENT_OCTETS = 65536,    /* the largest request */
    CLIENT_ARENA = 1048576,   /* of a decoded answer; touched only as far as it is used */
    CLIENT_FIRST_CALLS = 64,  /* places at first */
    CLIENT_MOST_CALLS = 65536 /* open at once, subscriptions too */
};

/* Where an open call is found by its id. */
struct client_place {
    struct call *call; /* NULL: free */
    bas_time deadline; /* its timer */
    uint32_t next_free;
};

/* What the calls of a station share. */
struct client {
    struct client_place *places;
    uint32_t n_places;
    uint32_t first_free; /* n_places: none */
    uint32_t serial;
    bas_time next_deadline; /* no timer is earlier */
    struct bac_peers *peers;
    struct call *waiting[CLIENT_BUCKETS];           /* for I-Am, by instance */
    struct cov_call *subscriptions[CLIENT_BUCKETS]; /* by process identifier */
    struct call *listening;                         /* Who-Is, Who-Has */
    struct call *next_listening;                    /* where a walk over them goes on */
    uint8_t *octets;                                /* a request that is being written */
    void *arena;                                    /* of the answer that is being told */
    bool is_arena_taken;
};

bas_err client_open(struct bas_station *station, struct bas_fault *fault);
/* Ends all calls with BAS_ERR_CLOSED. */
void client_close(struct bas_station *station);
void client_free(struct bas_station *station);
bas_time client_deadline(const struct bas_station *station);
void client_tick(struct bas_station *station, bas_time now);
/* The connection is there (again). */
void client_up(struct bas_station *station);

/* An unconfirmed request that concerns the client: I-Am, I-Have, notifications. */
void client_hear(struct bas_station *station, const struct bac_net_event *event,
                 const struct bac_apdu *apdu);
void client_hear_i_am(struct bas_station *station, const struct bac_net_event *event,
                      struct bas_slice parameters);
void client_hear_i_have(struct bas_station *station, const struct bac_net_event *event,
                        struct bas_slice parameters);
/* Whether a confirmed notification is for a subscription of ours. */
bool client_knows_cov(struct bas_station *station, const struct bac_address *from,
                      struct bas_slice parameters);
void client_hear_cov(struct bas_station *station, const struct bac_net_event *event,
                     struct bas_slice parameters, bool is_confirmed);

/* A kind of call. */
struct call_kind {
    size_t size; /* of the struct that begins with struct call */
    /* The time that call_set_timer asked for is over. */
    void (*timer)(struct call *call);
    void (*cancel)(struct call *call); /* NULL: it ends with BAS_ERR_INTERRUPTED */
    /* Tells the last callback. NULL: done. */
    void (*tell)(struct call *call, const struct bas_outcome *outcome);
    void (*release)(struct call *call); /* frees what it has of its own; may be NULL */
};

typedef void (*call_answered)(struct call *call, const struct bas_outcome *outcome);

/* An open call. It is freed when it has ended and nobody holds it. */
struct call {
    struct bas_station *station;
    const struct call_kind *kind;
    bas_call_id id;
    struct bas_peer_name to;
    bas_called done;
    void *user;
    unsigned held;
    bool is_ended;
    bool is_asking; /* for the device: it is in the list of those who wait */
    bool has_asked_again;
    bas_call_id part;         /* a call that is made for this one; 0: none */
    struct call *next, *prev; /* in one of the lists */
    struct call **list;       /* NULL: in none */
    /* The request under way. */
    struct pending_answer *pending;
    uint8_t service;
    bool is_unconfirmed;
    struct bas_property about; /* what it is about; type UINT16_MAX: nothing */
    call_answered answered;
    void (*found)(struct call *call); /* the device was; NULL: the request is sent */
    uint8_t *parameters;              /* kept while the device is looked for */
    size_t parameters_len;
    uint32_t find_ms; /* 0: of the station's configuration */
    bas_time find_until;
};

/* What every call has. */
struct call_begin {
    const struct call_kind *kind;
    const struct bas_peer_name *to; /* NULL: nobody */
    bas_called done;
    void *user;
};
/*
 * A call, held once by whoever makes it: call_begun lets it go and gives what the public function
 * gives. NULL: there is no memory or no place, or the station is being stopped; *fault says so.
 */
struct call *call_new(struct bas_station *station, const struct call_begin *begin,
                      struct bas_fault *fault);
bas_call_id call_begun(struct call *call);
/* A call that could not be made: tells done. Gives 0. */
bas_call_id call_refused(bas_called done, void *user, const struct bas_fault *fault);
void call_hold(struct call *call);
void call_drop(struct call *call);
/* The open call of that id, or NULL. */
struct call *call_find(const struct bas_station *station, bas_call_id id);
/* Ends it: the request under way is forgotten, the last callback told. Nothing if it has ended. */
void call_end(struct call *call, const struct bas_outcome *outcome);
void call_end_ok(struct call *call);
void call_end_fault(struct call *call, const struct bas_fault *fault);
BAS_PRINTF(3, 4)
void call_end_with(struct call *call, bas_err err, const char *format, ...);
/* kind's timer is called then. BAS_NEVER: not. */
void call_set_timer(struct call *call, bas_time at);
void call_join(struct call *call, struct call **list);
void call_leave(struct call *call);

/* Asks the device: finds it first, if need be. answered is called once, from within this function
 * when the request cannot be sent; not when the call ends before. about may be NULL. */
void call_ask(struct call *call, uint8_t service, const void *parameters,
              const struct bas_property *about, call_answered answered);
/* The same; parameters are encoded. */
void call_ask_raw(struct call *call, uint8_t service, struct bas_slice parameters,
                  call_answered answered);
/* Finds the device, if it is not known, so that its limits are; then calls found. The call ends
 * when it is not found. */
void call_meet(struct call *call, void (*found)(struct call *call));
/* Sends Who-Is for all that wait. */
void client_ask_again(struct bas_station *station);
/* Waits for an I-Am of the device; answered is called when none comes. */
void call_look_for(struct call *call);
void call_stop_looking(struct call *call);
/* The device was found: sends what waits. */
void call_go_on(struct call *call);
/* Time is over: asks again, or gives up. */
void call_not_found(struct call *call);
/* Who-Is for the call's device, or for a range. */
bas_err client_send_who_is(struct bas_station *station, const struct bac_who_is *limits,
                           const struct bac_address *to);
/* The octets that a request is written into, all of them free. data NULL: no memory. */
struct bas_buf client_octets(struct bas_station *station);
/* The memory of a decoded answer, until it is given back. Empty when memory is out. */
struct client_arena {
    struct bac_arena arena;
    void *memory;
};
struct client_arena client_arena_take(struct bas_station *station);
void client_arena_give(struct bas_station *station, const struct client_arena *arena);
/* What the peer takes: its largest APDU, whether it sends segments. */
struct client_limits {
    size_t max_apdu;
    bool sends_segments;
};
/* What is known of the call's device, or NULL. Borrowed until the next I-Am. */
const struct bac_peer *client_peer(const struct call *call);
struct client_limits client_limits(const struct bas_station *station, const struct call *call);

/* Faults. */

/* Fills fault for what the peer did to the call. */
void client_fault(const struct call *call, const struct bac_client_event *event,
                  struct bas_fault *fault);
/* "device 1234, analog-input,1 present-value: " and what follows, cut where it is too long. */
BAS_PRINTF(4, 5)
bas_err call_fail(const struct call *call, struct bas_fault *fault, bas_err err, const char *format,
                  ...);
/* Whether a refusal says that the request or its answer was too large. */
bool client_is_of_size(const struct bas_fault *fault);
/* Whether it says that the peer does not know the service. */
bool client_is_of_service(const struct bas_fault *fault);
/* Who has no more to say than err and a sentence. */
struct bas_outcome client_outcome(const struct bas_fault *fault);

/* Values. */

/* What an ack of ReadProperty says, or why there is none. */
void client_read_ack(struct bas_property_read *read, const struct bas_outcome *outcome);
/* Takes raw apart: type, and the value if it is one primitive. */
void client_describe(struct bas_property_read *read, struct bas_slice raw);
struct bac_read_property client_read_of(const struct bas_property *of);

#endif
