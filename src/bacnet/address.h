/* Inside: where an address goes in a hash table. */
#ifndef BASALT_BACNET_ADDRESS_H
#define BASALT_BACNET_ADDRESS_H

#include "basalt/bacnet.h"

/* A remote address is the same through whichever port it is reached. */
static inline bool bac_address_same(const struct bac_address *a, bac_port_id a_port,
                                    const struct bac_address *b, bac_port_id b_port)
{
    return bac_address_equal(a, b) && (a->network != 0 || a_port == b_port);
}

/* Equal for addresses that are the same; seeded, so that nobody can choose who collides. */
static inline uint32_t bac_address_hash(const struct bac_address *address, bac_port_id port,
                                        uint32_t seed)
{
    uint32_t hash = seed ^ address->network ^ (address->network == 0 ? (uint32_t)port << 24 : 0U);
    for (size_t i = 0; i < address->mac_len; i++) {
        hash = (hash ^ address->mac[i]) * 0x01000193U;
    }
    hash ^= hash >> 15;
    hash *= 0x2C1B3C6DU;
    return hash ^ hash >> 13;
}

/* A power of two that suits n entries. */
static inline uint32_t bac_bucket_count(uint32_t n)
{
    uint32_t count = 8;
    while (count < n) {
        count *= 2;
    }
    return count;
}

#endif
