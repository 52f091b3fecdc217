/* What the KNX engines cost without sockets. */
#ifndef BASALT_BENCH_KNX_ENGINES_H
#define BASALT_BENCH_KNX_ENGINES_H

#include "figure.h"
#include "knx_site.h"

/* CPU microseconds of a telegram through one tunnel, there and back. */
struct engine_cost {
    struct series both;           /* one tunnel, over and over */
    struct series client, server; /* each of 255 tunnels in turn */
};
void engines_telegram(const struct site *site, bool is_data, unsigned telegrams,
                      struct engine_cost *cost);
/* CPU microseconds from SESSION_REQUEST to CONNECT_RESPONSE, both ends together; of the three
 * derivations of the keys that a client needs before the first one. */
double engines_session(const struct site *site, unsigned sessions);
double engines_derivation(void);
/* Octets that a server takes for each tunnel beyond the first. */
double engines_memory(const struct site *site);

#endif
