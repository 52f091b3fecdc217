/*
 * Subscriptions of change of value (clauses 13.1, 13.14 to 13.18): who subscribed to what, what he
 * heard last, and whose turn it is.
 *
 * A monitor is one property that is watched for one subscription. One of SubscribeCOV or
 * SubscribeCOVProperty has one monitor, one of SubscribeCOVPropertyMultiple any number. A monitor
 * whose value changed enough is due; a subscription with one waits in a queue until its
 * notification can leave, and is written then, with the values of that moment. So nothing is lost
 * for want of room, and several changes become one notification only while none could leave.
 *
 * All memory is taken at creation. A change costs the subscriptions of its object, a tick those
 * whose time has come.
 */
#ifndef BASALT_BACNET_COV_H
#define BASALT_BACNET_COV_H

#include "bacnet/cov/links.h"
#include "bacnet/object.h"
#include "base/map.h"
#include "base/timer.h"

enum {
    BAC_COV_CALLS = 128,      /* confirmed notifications on their way at once */
    BAC_COV_PEER_CALLS = 8,   /* to one subscriber; 1 after one was not acknowledged */
    BAC_COV_MAX_VALUES = 4096 /* octets of a notification, and of a monitored value */
};

enum bac_cov_kind { BAC_COV_OBJECT, BAC_COV_PROPERTY, BAC_COV_MULTIPLE };

/* What is kept of a value, to tell whether it changed. */
struct bac_cov_sample {
    bool is_number, is_real; /* real: REAL or DOUBLE */
    double number;
    uint64_t digest; /* of its octets */
};

struct bac_monitor {
    uint32_t subscription;
    struct bac_object_id object;
    uint32_t property, index;
    bool has_increment, is_timestamped;
    bool is_due, is_new; /* new: nobody heard of it yet */
    float increment;
    /* The value and, but for MULTIPLE, Status_Flags: as the subscriber heard of them, and as they
     * were when we looked last. */
    struct bac_cov_sample heard[2], seen[2];
    struct bac_time time_of_change;
};

/* Whether it waits, and where. */
enum bac_cov_place {
    BAC_COV_IDLE,   /* nothing to tell, or not yet: due_at */
    BAC_COV_QUEUED, /* for next_tx or next_call */
    BAC_COV_HELD,   /* its peer has enough calls to answer */
    BAC_COV_CALLED  /* its call is on its way */
};

struct bac_subscription {
    enum bac_cov_kind kind;
    enum bac_cov_place place;
    bool confirmed;
    uint32_t peer;
    uint32_t process;
    uint32_t call;     /* CALLED: in calls */
    uint32_t position; /* in active */
    uint64_t max_delay_s;
    bas_time expires;
    bas_time due_at; /* of the first due monitor; BAS_NEVER: none is due */
    bas_time retry_at;
    struct bac_links monitors, due;
};

struct bac_cov_peer {
    struct bac_address address;
    bac_port_id port;
    size_t max_apdu;
    uint32_t n_subscriptions, n_calls;
    bool is_silent; /* did not acknowledge the last call */
    bool is_taken;  /* not among the free ones */
    struct bac_links held;
};

struct bac_cov_call {
    uint32_t id; /* 0: free */
    uint32_t peer;
    uint32_t subscription; /* 0: it ended meanwhile */
};

struct bac_cov {
    uint32_t max; /* subscriptions, and monitors */
    uint32_t n_monitors;
    uint64_t max_lifetime_s;
    uint64_t seeds[2];
    struct bac_subscription *subscriptions; /* 1 .. max, as those below */
    struct bac_monitor *monitors;
    struct bac_cov_peer *peers;
    struct bas_map index;                                           /* of all three */
    struct bas_timers timers;                                       /* of subscriptions */
    struct bac_link *queue_links, *peer_links;                      /* peers: the free ones */
    struct bac_link *object_links, *subscription_links, *due_links; /* of monitors */
    struct bac_links free_subscriptions, free_monitors, free_peers;
    struct bac_links unconfirmed, confirmed; /* QUEUED */
    /* Those that Active_COV_Subscriptions and its sister for MULTIPLE show, in no order. */
    uint32_t *active[2];
    uint32_t n_active[2];
    const bas_time *clock; /* the time of the server */
    bool is_held;
    struct bac_cov_call calls[BAC_COV_CALLS];
    uint32_t free_calls[BAC_COV_CALLS], n_free_calls, last_call;
    bas_time room_at; /* when memory was out: try again */
    uint8_t *values, *parameters;
    void *memory; /* of all arrays above */
    size_t memory_len;
};

/* cov.c: the table */

/* Needs config->max_subscriptions and max_lifetime_s with their defaults. On error *cov is safe to
 * close. */
BAS_MUST_USE bas_err bac_cov_open(struct bac_cov *cov, const struct bas_env *env,
                                  const struct bac_server_config *config);
void bac_cov_close(struct bac_cov *cov, const struct bas_env *env);

/* What tells one subscription, or one property of it, from all others. */
struct bac_cov_key {
    enum bac_cov_kind kind;
    bool confirmed; /* MULTIPLE: both forms stand beside each other; else false */
    uint32_t peer, process;
    struct bac_object_id object; /* of a monitor, as are the next two */
    uint32_t property, index;
};
/* 0: not there. */
uint32_t bac_cov_find_peer(const struct bac_cov *cov, const struct bac_address *address,
                           bac_port_id port);
uint32_t bac_cov_find_monitor(const struct bac_cov *cov, const struct bac_cov_key *key);
uint32_t bac_cov_find_multiple(const struct bac_cov *cov, const struct bac_cov_key *key);

/* 0: no room. A peer without subscriptions is let go with bac_cov_release_peer; one that is gone
 * already stays so. */
uint32_t bac_cov_add_peer(struct bac_cov *cov, const struct bac_address *address, bac_port_id port);
void bac_cov_release_peer(struct bac_cov *cov, uint32_t peer);
uint32_t bac_cov_add_subscription(struct bac_cov *cov, const struct bac_cov_key *key);
uint32_t bac_cov_add_monitor(struct bac_cov *cov, uint32_t subscription, struct bac_object *object,
                             const struct bac_cov_key *key);
/* Ends a monitor, and its subscription when that was its last. */
void bac_cov_remove_monitor(struct bac_cov *cov, struct bac_database *db, uint32_t monitor);
void bac_cov_remove_subscription(struct bac_cov *cov, struct bac_database *db,
                                 uint32_t subscription);
uint32_t bac_cov_n_free(const struct bac_cov *cov);

/* cov/queue.c: whose turn it is */

/* Takes a subscription off every queue; its call goes on without it. */
void bac_cov_unqueue(struct bac_cov *cov, uint32_t subscription);
/* The earliest of its times. */
void bac_cov_arm(struct bac_cov *cov, uint32_t subscription);
/* Notes that the monitor has something to tell, at once or within the delay it grants. */
void bac_cov_set_due(struct bac_cov *cov, uint32_t monitor, bas_time now);
void bac_cov_clear_due(struct bac_cov *cov, uint32_t monitor);
/* Queues the subscription if one of its monitors is due by now. */
void bac_cov_settle(struct bac_cov *cov, uint32_t subscription, bas_time now);
/* The next whose notification is to leave, or 0; it stays where it is until it is IDLE or CALLED.
 */
uint32_t bac_cov_next_unconfirmed(const struct bac_cov *cov);
uint32_t bac_cov_next_confirmed(struct bac_cov *cov);
/* Lets the others of its queue go first. */
void bac_cov_requeue(struct bac_cov *cov, uint32_t subscription);
/* Begins the call of a subscription; its id. */
uint32_t bac_cov_begin_call(struct bac_cov *cov, uint32_t subscription);
/* Ends a call; its subscription, or 0 when that ended before. */
uint32_t bac_cov_end_call(struct bac_cov *cov, uint32_t id, bool acknowledged);

/* cov/sample.c: what counts as a change */

struct bac_cov_reading {
    const struct bac_object *object;
    uint32_t property, index;
    struct bas_slice raw; /* out: encoded, in values */
    struct bac_cov_sample sample;
};
/* Appends the value to values. What does not fit is no property for COV. */
bas_err bac_cov_read(const struct bac_cov *cov, struct bac_cov_reading *reading,
                     struct bas_buf *values, struct bas_fault *fault);
/* Whether the value differs by at least increment, or at all where that is 0 or they are no
 * numbers. */
bool bac_cov_differs(const struct bac_cov_sample *a, const struct bac_cov_sample *b,
                     double increment);
/* The increment that counts for a monitor with that value; 0: any change. */
double bac_cov_increment(const struct bac_cov *cov, const struct bac_object *object,
                         const struct bac_monitor *monitor, const struct bac_cov_sample *value);
/* Whether SubscribeCOV is for such objects (table 13-1). */
bool bac_cov_is_for(const struct bac_object *object);

/* cov/list.c: the properties of the Device object; at from 1 */

uint32_t bac_cov_count_active(const struct bac_object *device);
void bac_cov_add_active(const struct bac_object *device, uint32_t at, struct bas_buf *out);
uint32_t bac_cov_count_active_multiple(const struct bac_object *device);
void bac_cov_add_active_multiple(const struct bac_object *device, uint32_t at, struct bas_buf *out);

/* Seconds that a subscription has left, begun ones count; 0: it does not end. */
uint64_t bac_cov_time_remaining(const struct bac_cov *cov, const struct bac_subscription *s);

#endif
