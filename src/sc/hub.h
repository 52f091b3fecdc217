/* The inside of a hub, shared by its files: hub.c (life, time, events, output), hub_member.c
 * (joining and leaving), hub_recv.c (what arrives). */
#ifndef BASALT_SC_HUB_H
#define BASALT_SC_HUB_H

#include "base/map.h"
#include "base/timer.h"
#include "sc/conn.h"
#include "sc/outbox.h"
#include "sc/tokens.h"

enum {
    INDEX_BITS = 20,
    INDEX_MASK = (1 << INDEX_BITS) - 1,
    SLACK_MIN = 16,
    QUEUE_LEAST = 64, /* messages that may wait for one connection: this, or ... */
    QUEUE_PART = 16,  /* ... that part of pending_entries */
    QUEUE_OWN = 16,   /* and so many more of the hub's own */
    OWN_PART = 4,     /* that part of what may wait in all is shared out in advance */
    MAX_CONNECTIONS = 1 << 18
};

enum event_bit { EVENT_ADMIT = 1, EVENT_JOINED = 2, EVENT_LEFT = 4, EVENT_CLOSE = 8 };

struct member {
    struct bsc_conn conn;
    struct bsc_queue queue;
    void *user;
    bsc_conn_id id; /* 0: free slot */
    uint32_t generation;
    uint32_t dirty_next, event_next;
    uint32_t joined_at;   /* place in joined_list */
    int64_t connected_at; /* wall clock */
    uint8_t events;       /* enum event_bit */
    bool is_dirty, has_event, is_gone, is_joined, replaces;
    uint8_t bad_requests;
    struct bsc_tokens tokens;
    uint16_t close_code;
    size_t leftover; /* octets below the engine that have not left */
    bas_time last_progress;
    struct bas_fault *why; /* of LEFT and CLOSE; allocated when there is something to say */
};

struct list {
    uint32_t first, last;
};

struct bsc_hub {
    struct bas_env env;
    struct bsc_hub_config config;
    struct bsc_identity self;
    struct bsc_conn_times times;
    struct member *members;
    uint32_t slots;
    uint32_t used;
    uint32_t joined;
    uint32_t *joined_list; /* indexes of the joined, dense */
    uint32_t free_first;   /* as the outbox's free lists: links in dirty_next */
    struct bas_map by_vmac, by_uuid;
    struct bas_timers timers;
    struct bsc_outbox outbox;
    uint32_t queue_max; /* messages that may wait for one connection */
    /* Whoever has less than its own share waiting may have more whatever the others have; the rest
     * is for who comes first. */
    uint32_t share_entries, common_entries;
    uint64_t share_octets, common_octets;
    struct list dirty, events;
    uint32_t dirty_count;
    struct bsc_hub_counters counters;
    bsc_conn_id fault_conn; /* 0: no FAULT event waits */
    struct bas_fault fault;
};

/* The connection of an id, NULL when it is gone. */
static inline struct member *bsc_hub_find(const struct bsc_hub *hub, bsc_conn_id id)
{
    uint32_t index = id & INDEX_MASK;
    if (id == 0 || index >= hub->slots || hub->members[index].id != id) {
        return NULL;
    }
    return hub->members[index].is_gone ? NULL : &hub->members[index];
}

uint32_t bsc_hub_index(const struct bsc_hub *hub, const struct member *m);
struct member *bsc_hub_by_vmac(const struct bsc_hub *hub, const struct bsc_vmac *vmac);
void bsc_hub_mark_dirty(struct bsc_hub *hub, struct member *m);
void bsc_hub_raise_event(struct bsc_hub *hub, struct member *m, enum event_bit bit);
/* Sets the connection's timer to what is due next. */
void bsc_hub_arm(struct bsc_hub *hub, struct member *m);
/* The first reason stays; it is told with LEFT and CLOSE. */
void bsc_hub_remember_why(struct bsc_hub *hub, struct member *m, const struct bas_fault *fault);
void bsc_hub_forget_why(struct bsc_hub *hub, struct member *m);
/* Queues a message of the hub's own making; one that reads nothing gets no more of them than others
 * can bear. */
void bsc_hub_send_own(struct bsc_hub *hub, struct member *m, const struct bas_buf *message);
/* Drops what waits for a connection, and counts it. */
void bsc_hub_drop_waiting(struct bsc_hub *hub, struct member *m);
/* Sets what waits below the engine for a connection; it counts as pending. */
void bsc_hub_set_leftover(struct bsc_hub *hub, struct member *m, size_t octets);
void bsc_hub_begin_close(struct bsc_hub *hub, struct member *m, uint16_t close_code);
/* Runs one event through the connection's table and carries out what follows for the hub. Gives the
 * outcome (enum bsc_outcome). */
unsigned bsc_hub_step(struct bsc_hub *hub, struct member *m, const struct bsc_conn_input *input);
unsigned bsc_hub_local_event(struct bsc_hub *hub, struct member *m, enum bsc_conn_event event,
                             bas_time now);

#endif
