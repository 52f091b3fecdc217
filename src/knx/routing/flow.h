/* When the next telegram of ours may go out (spec 1.9): pauses, the limit per second, and what
 * routers ask for with ROUTING_BUSY. */
#ifndef BASALT_KNX_ROUTING_FLOW_H
#define BASALT_KNX_ROUTING_FLOW_H

#include "basalt/knx_routing.h"

struct knx_routing_flow {
    const struct bas_env *env;
    bas_time sent[KNX_ROUTING_PER_SECOND]; /* the last ones, a ring */
    unsigned next_sent;                    /* the oldest of them */
    unsigned n_sent;
    bas_time wait_end;     /* of the longest wait */
    bas_time resume_at;    /* with its random part */
    unsigned busy;         /* N of the standard at last_busy */
    bas_time last_busy;    /* */
    bas_time last_counted; /* the last that N counted */
};

/* env must outlive it. */
void knx_routing_flow_init(struct knx_routing_flow *flow, const struct bas_env *env);
/* A ROUTING_BUSY arrived. */
void knx_routing_flow_busy(struct knx_routing_flow *flow, uint16_t wait_ms, bas_time now);
/* A telegram goes out. */
void knx_routing_flow_sent(struct knx_routing_flow *flow, bas_time now);
/* From when on the next one may; INT64_MIN: at any time. */
bas_time knx_routing_flow_free_at(const struct knx_routing_flow *flow);

#endif
