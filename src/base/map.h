/*
 * A hash table of fixed capacity from 16-octet keys to numbers (VMACs, UUIDs). Nothing is allocated
 * after bas_map_init, and the seed keeps peers from choosing keys that collide.
 */
#ifndef BASALT_BASE_MAP_H
#define BASALT_BASE_MAP_H

#include "basalt/base.h"

struct bas_map_key {
    uint64_t high, low;
};

struct bas_map_slot {
    struct bas_map_key key;
    uint32_t value;
    bool used;
};

struct bas_map {
    struct bas_map_slot *slots;
    size_t mask;
    size_t count;
    size_t max;
    uint64_t seed;
};

/* Room for max keys. BAS_ERR_NO_MEMORY. */
BAS_MUST_USE bas_err bas_map_init(struct bas_map *map, const struct bas_env *env, size_t max);
void bas_map_fini(struct bas_map *map, const struct bas_env *env);
/* The key made of up to 16 octets. */
struct bas_map_key bas_map_key(const uint8_t *octets, size_t len);
/* Sets or replaces. The caller keeps to max (asserted). */
void bas_map_set(struct bas_map *map, struct bas_map_key key, uint32_t value);
bool bas_map_get(const struct bas_map *map, struct bas_map_key key, uint32_t *value);
void bas_map_remove(struct bas_map *map, struct bas_map_key key);

#endif
