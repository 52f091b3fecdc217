/*
 * The common timer of secure routing (spec 2.8): what time it is for the group, who tells it and
 * when. Knows nothing of frames; what it hears has a verified MAC.
 */
#ifndef BASALT_KNX_ROUTING_TIMER_H
#define BASALT_KNX_ROUTING_TIMER_H

#include "basalt/knx_secure.h"

enum knx_timer_state {
    KNX_TIMER_WAITING,  /* before the first TIMER_NOTIFY */
    KNX_TIMER_PERIODIC, /* the next one tells our time */
    KNX_TIMER_UPDATE    /* the next one answers somebody whose timer is too old */
};
/* A received value against our own one. */
enum knx_timer_class {
    KNX_TIMER_AHEAD,
    KNX_TIMER_IN_SYNC,
    KNX_TIMER_LATE, /* but tolerable */
    KNX_TIMER_OLD
};

struct knx_routing_timer {
    const struct bas_env *env;
    uint8_t serial[KNX_SERIAL_LEN];
    uint32_t latency_ms;
    uint32_t sync_ms;
    uint64_t value; /* at the time of at */
    bas_time at;
    enum knx_timer_state state;
    bool is_keeper;
    bas_time notify_at;
    struct knx_wrapper outdated; /* UPDATE: whose serial and tag are sent back */
    struct knx_wrapper sent;     /* our last TIMER_NOTIFY, to know it again */
    uint16_t first_tag;          /* of the first one: who answers it makes us authentic */
    bool is_authentic;
    bas_time authentic_at; /* without an answer; BAS_NEVER before the first one */
};

struct knx_timer_setup {
    uint64_t value;
    uint8_t serial[KNX_SERIAL_LEN];
    uint32_t latency_ms;
    uint8_t sync_fraction; /* of 255 */
    uint32_t startup_ms;
};
/* env must outlive it. */
void knx_routing_timer_init(struct knx_routing_timer *timer, const struct bas_env *env,
                            const struct knx_timer_setup *setup, bas_time now);
uint64_t knx_routing_timer_value(const struct knx_routing_timer *timer, bas_time now);
enum knx_timer_class knx_routing_timer_class(const struct knx_routing_timer *timer, uint64_t value,
                                             bas_time now);
void knx_routing_timer_hear_notify(struct knx_routing_timer *timer,
                                   const struct knx_wrapper *notify, bas_time now);
/* Of somebody else. False: it is too old and must be dropped. */
bool knx_routing_timer_hear_wrapper(struct knx_routing_timer *timer,
                                    const struct knx_wrapper *wrapper, bas_time now);
/* A wrapper of ours goes out now. */
void knx_routing_timer_sent_wrapper(struct knx_routing_timer *timer, bas_time now);
/* True, and *notify to be sent, when one is due. */
bool knx_routing_timer_fire(struct knx_routing_timer *timer, bas_time now,
                            struct knx_wrapper *notify);
/* Becomes authentic by waiting alone. */
void knx_routing_timer_tick(struct knx_routing_timer *timer, bas_time now);
bas_time knx_routing_timer_deadline(const struct knx_routing_timer *timer);

#endif
