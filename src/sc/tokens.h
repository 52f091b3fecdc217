/* What one peer may cause per second (NAKs, log lines): a token bucket. A peer that sends garbage
 * must not double the traffic. */
#ifndef BASALT_SC_TOKENS_H
#define BASALT_SC_TOKENS_H

#include "basalt/base.h"
#include "sc/policy.h"

struct bsc_tokens {
    bas_time refilled;
    uint8_t left;
};

static inline void bsc_tokens_init(struct bsc_tokens *t, bas_time now)
{
    *t = (struct bsc_tokens){ now, BSC_POLICY_NAK_BURST };
}

static inline bool bsc_tokens_spend(struct bsc_tokens *t, bas_time now)
{
    bas_time fresh = (now - t->refilled) / (BAS_SECOND / BSC_POLICY_NAKS_PER_SECOND);
    if (fresh > 0) {
        t->refilled = now;
        bas_time sum = t->left + fresh;
        t->left = (uint8_t)(sum > BSC_POLICY_NAK_BURST ? BSC_POLICY_NAK_BURST : sum);
    }
    if (t->left == 0) {
        return false;
    }
    t->left--;
    return true;
}

#endif
