/* Owns the arithmetic of limited rates. */
#include "knx/bucket.h"

bool knx_bucket_spend(struct knx_bucket *bucket, struct knx_rate rate, bas_time now)
{
    bas_time passed = now - bucket->at;
    bucket->spent = passed < bucket->spent ? bucket->spent - passed : 0;
    bucket->at = now;
    if (bucket->spent + rate.cost > rate.cost * (bas_time)rate.burst) {
        return false;
    }
    bucket->spent += rate.cost;
    return true;
}
