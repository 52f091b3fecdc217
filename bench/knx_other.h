/* Another client of the KNX server under measurement: xknx, run by Python. */
#ifndef BASALT_BENCH_KNX_OTHER_H
#define BASALT_BENCH_KNX_OTHER_H

#include "knx_crowd.h"

enum { OTHER_TELEGRAMS = 1000 };

struct other {
    const char *python; /* NULL: it is not there */
    const char *script;
    char version[16];
};
/* Lets it write OTHER_TELEGRAMS to the plain group, then to the one with a key. False: it failed.
 */
bool other_run(struct other *other, const struct site *site, const struct child *host,
               struct cost costs[2]);

#endif
