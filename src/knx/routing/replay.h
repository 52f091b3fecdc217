/* The wrapped frames of the last seconds (spec 2.8): within the latency tolerance the timer alone
 * does not keep a recording out. */
#ifndef BASALT_KNX_ROUTING_REPLAY_H
#define BASALT_KNX_ROUTING_REPLAY_H

#include "basalt/knx_secure.h"

#include "base/map.h"

/* More of them at a time than a line of any size has in two seconds. */
enum { KNX_ROUTING_RECENT = 1024 };

struct knx_routing_replay {
    struct bas_map map;
    struct bas_map_key *recent; /* in the order in which they came */
    size_t first;
    size_t n;
};

/* BAS_ERR_NO_MEMORY leaves *replay safe to fini. */
BAS_MUST_USE bas_err knx_routing_replay_init(struct knx_routing_replay *replay,
                                             const struct bas_env *env);
void knx_routing_replay_fini(struct knx_routing_replay *replay, const struct bas_env *env);
bool knx_routing_replay_has(const struct knx_routing_replay *replay,
                            const struct knx_wrapper *wrapper);
/* Remembers one that is not there yet, and forgets those whose timer is below oldest. */
void knx_routing_replay_add(struct knx_routing_replay *replay, const struct knx_wrapper *wrapper,
                            uint64_t oldest);

#endif
