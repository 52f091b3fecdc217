/* Owns the hash table: open addressing, linear probing, removal by shifting back. */
#include "base/map.h"

#include <assert.h>

static uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= UINT64_C(0xD6E8FEB86659FD93);
    x ^= x >> 32;
    x *= UINT64_C(0xD6E8FEB86659FD93);
    return x ^ (x >> 32);
}

static size_t home(const struct bas_map *map, struct bas_map_key key)
{
    return (size_t)mix(mix(key.high ^ map->seed) ^ key.low) & map->mask;
}

static bool same(struct bas_map_key a, struct bas_map_key b)
{
    return a.high == b.high && a.low == b.low;
}

/* The slot of key, or the free slot where it would go. */
static size_t find(const struct bas_map *map, struct bas_map_key key)
{
    size_t at = home(map, key);
    while (map->slots[at].used && !same(map->slots[at].key, key)) {
        at = (at + 1) & map->mask;
    }
    return at;
}

bas_err bas_map_init(struct bas_map *map, const struct bas_env *env, size_t max)
{
    size_t slots = 8;
    while (slots < max * 2) {
        slots *= 2;
    }
    *map = (struct bas_map){ .mask = slots - 1, .max = max };
    env->random(env->ctx, (uint8_t *)&map->seed, sizeof(map->seed));
    map->slots = bas_alloc(env, slots * sizeof(*map->slots));
    return map->slots == NULL ? BAS_ERR_NO_MEMORY : BAS_OK;
}

void bas_map_fini(struct bas_map *map, const struct bas_env *env)
{
    bas_release(env, map->slots, (map->mask + 1) * sizeof(*map->slots));
    map->slots = NULL;
}

struct bas_map_key bas_map_key(const uint8_t *octets, size_t len)
{
    assert(len <= 16);
    struct bas_map_key key = { 0, 0 };
    for (size_t i = 0; i < len; i++) {
        uint64_t *half = i < 8 ? &key.high : &key.low;
        *half = *half << 8 | octets[i];
    }
    return key;
}

void bas_map_set(struct bas_map *map, struct bas_map_key key, uint32_t value)
{
    struct bas_map_slot *slot = &map->slots[find(map, key)];
    if (!slot->used) {
        assert(map->count < map->max);
        map->count++;
    }
    *slot = (struct bas_map_slot){ key, value, true };
}

bool bas_map_get(const struct bas_map *map, struct bas_map_key key, uint32_t *value)
{
    const struct bas_map_slot *slot = &map->slots[find(map, key)];
    if (slot->used) {
        *value = slot->value;
    }
    return slot->used;
}

void bas_map_remove(struct bas_map *map, struct bas_map_key key)
{
    size_t hole = find(map, key);
    if (!map->slots[hole].used) {
        return;
    }
    map->count--;
    for (size_t at = (hole + 1) & map->mask; map->slots[at].used; at = (at + 1) & map->mask) {
        size_t distance = (at - home(map, map->slots[at].key)) & map->mask;
        if (distance >= ((at - hole) & map->mask)) {
            map->slots[hole] = map->slots[at];
            hole = at;
        }
    }
    map->slots[hole].used = false;
}
