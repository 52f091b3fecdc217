/*
 * The KNXnet/IP routing engine (03_08_05): telegrams over multicast, plain or wrapped with the
 * backbone key of a project (03_08_09). Flow control by ROUTING_BUSY, and the common timer that
 * keeps recordings of wrapped frames out.
 *
 * Pure: datagrams of the group and time in, datagrams and events out. The owner joins the group,
 * switches the loop back of its own datagrams off, and sends what knx_routing_next_frame gives.
 */
#ifndef BASALT_KNX_ROUTING_H
#define BASALT_KNX_ROUTING_H

#include "basalt/knx_secure.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    KNX_ROUTING_LATENCY_MS = 2000,
    KNX_ROUTING_SYNC_FRACTION = 26, /* of 255: what of the latency is still in sync */
    KNX_ROUTING_STARTUP_MS = 10000, /* after a power failure */
    KNX_ROUTING_STORE_MS = 60000,
    KNX_ROUTING_QUEUE = 64,
    KNX_ROUTING_TTL = 16,
    KNX_ROUTING_PAUSE_MS = 5,   /* between two telegrams of ours */
    KNX_ROUTING_PER_SECOND = 50 /* telegrams of ours */
};

/* Zero means the default above, where there is one; startup_ms 0 means no wait. */
struct knx_routing_config {
    size_t size;                    /* sizeof(struct knx_routing_config) */
    bool is_secure;                 /* wrapped both ways; plain routing frames are dropped */
    struct knx_key backbone_key;    /* */
    uint8_t serial[KNX_SERIAL_LEN]; /* ours alone in the group; all zero: a random one */
    uint64_t timer;                 /* of the last event TIMER; 0: this key is new */
    uint32_t startup_ms;            /* longest wait before the first TIMER_NOTIFY */
    uint32_t latency_ms;            /* of the keyring */
    uint8_t sync_fraction;          /* */
    uint32_t queue;                 /* telegrams waiting */
};

/* Why a datagram was not let through. The names are lower case with hyphens. */
enum knx_routing_drop {
    KNX_ROUTING_DROP_MALFORMED, /* */
    KNX_ROUTING_DROP_SERVICE,   /* no service of routing */
    KNX_ROUTING_DROP_PLAIN,     /* a plain one, where routing is secured */
    KNX_ROUTING_DROP_WRAPPED,   /* a wrapped one, where it is not */
    KNX_ROUTING_DROP_MAC,       /* */
    KNX_ROUTING_DROP_OLD,       /* its timer is older than the latency tolerance */
    KNX_ROUTING_DROP_REPLAY,    /* was here before */
    KNX_ROUTING_DROP_NOT_READY, /* the own timer is not authentic yet */
    KNX_ROUTING_DROPS
};
BAS_API const char *knx_routing_drop_name(enum knx_routing_drop drop);

enum knx_routing_event_kind {
    KNX_ROUTING_EVENT_READY,    /* telegrams go both ways from now on */
    KNX_ROUTING_EVENT_TIMER,    /* timer: to be kept, the timer starts with it next time */
    KNX_ROUTING_EVENT_BUSY,     /* a router asked for a pause: wait_ms, device_state */
    KNX_ROUTING_EVENT_LOST,     /* a router lost telegrams: lost, device_state */
    KNX_ROUTING_EVENT_TELEGRAM, /* cemi: an L_Data.ind */
    KNX_ROUTING_EVENTS
};
struct knx_routing_event {
    enum knx_routing_event_kind kind;
    struct bas_slice cemi;
    uint64_t timer;
    uint16_t wait_ms;
    uint16_t lost;
    uint8_t device_state;
};

struct knx_routing;
/* It begins at once. NULL: out of memory. */
BAS_API struct knx_routing *knx_routing_new(const struct bas_env *env,
                                            const struct knx_routing_config *config, bas_time now);
/* Wipes the key. NULL is allowed. */
BAS_API void knx_routing_free(struct knx_routing *routing);
/* One datagram of the group. Drain the events of it before the next one. */
BAS_API void knx_routing_recv(struct knx_routing *routing, struct bas_slice datagram, bas_time now);
/* Queues a telegram: a whole cEMI L_Data.ind, copied. BAS_ERR_BUSY: the queue is full;
 * BAS_ERR_INVALID: another message code; BAS_ERR_STATE: the timer of secure routing has come to
 * its end, which needs a new key; errors of knx_cemi_decode. */
BAS_API BAS_MUST_USE bas_err knx_routing_send(struct knx_routing *routing, struct bas_slice cemi);
/* The next datagram that may be sent now (borrowed until the next call on this engine). Ask until
 * there is none after recv, send and the deadline. */
BAS_API bool knx_routing_next_frame(struct knx_routing *routing, bas_time now,
                                    struct bas_slice *frame);
BAS_API bool knx_routing_next_event(struct knx_routing *routing, struct knx_routing_event *event);
BAS_API void knx_routing_tick(struct knx_routing *routing, bas_time now);
/* When there is something to send or tick again; may lie in the past. */
BAS_API bas_time knx_routing_deadline(const struct knx_routing *routing);
BAS_API uint64_t knx_routing_drops(const struct knx_routing *routing, enum knx_routing_drop drop);
/* The value of the common timer in milliseconds. 0 on plain routing. */
BAS_API uint64_t knx_routing_timer(const struct knx_routing *routing, bas_time now);

#ifdef __cplusplus
}
#endif

#endif
