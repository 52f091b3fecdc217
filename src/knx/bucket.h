/*
 * How often something may happen: a bucket that fills with time. Each time costs a part of it, and
 * what it holds at most is what may happen at once. All zeros: full.
 */
#ifndef BASALT_KNX_BUCKET_H
#define BASALT_KNX_BUCKET_H

#include "basalt/base.h"

struct knx_bucket {
    bas_time spent; /* at that time; it comes back as time passes */
    bas_time at;
};

/* So many at once, and cost between two of them in the long run. */
struct knx_rate {
    bas_time cost;
    uint32_t burst;
};

/* False: too often; it costs nothing then. */
bool knx_bucket_spend(struct knx_bucket *bucket, struct knx_rate rate, bas_time now);

#endif
