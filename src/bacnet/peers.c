/*
 * Owns what I-Am told of devices (16.10): found by instance, by address, and in order. The one that
 * was heard longest ago gives way.
 */
#include "bacnet/address.h"
#include "basalt/bacnet_client.h"

#include <string.h>

#define NONE UINT32_MAX

struct place {
    struct bac_peer peer;
    uint32_t same;         /* the next in its bucket, or among the free ones */
    uint32_t older, newer; /* in the order of hearing */
};

struct bac_peers {
    struct bas_env env;
    uint32_t cap, n;
    uint32_t n_buckets, seed;
    struct place *places;
    uint32_t *buckets; /* by address */
    uint32_t *order;   /* places in the order of instances */
    uint32_t first_free;
    uint32_t oldest, newest;
};

struct bac_peers *bac_peers_new(const struct bas_env *env, uint32_t capacity)
{
    struct bac_peers *p = bas_alloc(env, sizeof(*p));
    if (p == NULL) {
        return NULL;
    }
    p->env = *env;
    p->cap = capacity != 0 ? capacity : 1;
    p->n_buckets = bac_bucket_count(p->cap);
    p->places = bas_alloc(env, p->cap * sizeof(*p->places));
    p->buckets = bas_alloc(env, p->n_buckets * sizeof(*p->buckets));
    p->order = bas_alloc(env, p->cap * sizeof(*p->order));
    if (p->places == NULL || p->buckets == NULL || p->order == NULL) {
        bac_peers_free(p);
        return NULL;
    }
    env->random(env->ctx, (uint8_t *)&p->seed, sizeof(p->seed));
    memset(p->buckets, 0xFF, p->n_buckets * sizeof(*p->buckets));
    for (uint32_t i = 0; i < p->cap; i++) {
        p->places[i].same = i + 1 < p->cap ? i + 1 : NONE;
    }
    p->oldest = NONE;
    p->newest = NONE;
    return p;
}

void bac_peers_free(struct bac_peers *p)
{
    if (p == NULL) {
        return;
    }
    const struct bas_env env = p->env;
    bas_release(&env, p->places, p->cap * sizeof(*p->places));
    bas_release(&env, p->buckets, p->n_buckets * sizeof(*p->buckets));
    bas_release(&env, p->order, p->cap * sizeof(*p->order));
    bas_release(&env, p, sizeof(*p));
}

/* By instance. */

/* Where in the order that instance is, or would be. */
static uint32_t rank_of(const struct bac_peers *p, uint32_t instance)
{
    uint32_t low = 0;
    uint32_t high = p->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (p->places[p->order[middle]].peer.instance < instance) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static uint32_t place_of(const struct bac_peers *p, uint32_t instance)
{
    uint32_t rank = rank_of(p, instance);
    bool is_it = rank < p->n && p->places[p->order[rank]].peer.instance == instance;
    return is_it ? p->order[rank] : NONE;
}

/* By address. */

static uint32_t *bucket_of(const struct bac_peers *p, const struct bac_address *address,
                           bac_port_id port)
{
    return &p->buckets[bac_address_hash(address, port, p->seed) & (p->n_buckets - 1)];
}

static uint32_t place_at(const struct bac_peers *p, const struct bac_address *address,
                         bac_port_id port)
{
    uint32_t place = *bucket_of(p, address, port);
    while (place != NONE && !bac_address_same(&p->places[place].peer.address,
                                              p->places[place].peer.port, address, port)) {
        place = p->places[place].same;
    }
    return place;
}

/* By age. */

static void link_newest(struct bac_peers *p, uint32_t place)
{
    p->places[place].older = p->newest;
    p->places[place].newer = NONE;
    *(p->newest == NONE ? &p->oldest : &p->places[p->newest].newer) = place;
    p->newest = place;
}

static void unlink_age(struct bac_peers *p, uint32_t place)
{
    const struct place *it = &p->places[place];
    *(it->older == NONE ? &p->oldest : &p->places[it->older].newer) = it->newer;
    *(it->newer == NONE ? &p->newest : &p->places[it->newer].older) = it->older;
}

/* Coming and going. */

static void drop(struct bac_peers *p, uint32_t place)
{
    struct place *it = &p->places[place];
    uint32_t rank = rank_of(p, it->peer.instance);
    uint32_t *link = bucket_of(p, &it->peer.address, it->peer.port);
    while (*link != place) {
        link = &p->places[*link].same;
    }
    *link = it->same;
    unlink_age(p, place);
    memmove(&p->order[rank], &p->order[rank + 1], (p->n - rank - 1) * sizeof(*p->order));
    p->n--;
    it->same = p->first_free;
    p->first_free = place;
}

static void add(struct bac_peers *p, const struct bac_peer *peer)
{
    if (p->n == p->cap) {
        drop(p, p->oldest);
    }
    uint32_t place = p->first_free;
    uint32_t rank = rank_of(p, peer->instance);
    uint32_t *bucket = bucket_of(p, &peer->address, peer->port);
    p->first_free = p->places[place].same;
    p->places[place].peer = *peer;
    p->places[place].same = *bucket;
    *bucket = place;
    memmove(&p->order[rank + 1], &p->order[rank], (p->n - rank) * sizeof(*p->order));
    p->order[rank] = place;
    p->n++;
    link_newest(p, place);
}

static uint16_t at_most_16(uint64_t number)
{
    return number < UINT16_MAX ? (uint16_t)number : UINT16_MAX;
}

void bac_peers_heard(struct bac_peers *p, const struct bac_i_am *i_am,
                     const struct bac_address *from, bac_port_id port, bas_time now)
{
    uint32_t known = place_of(p, i_am->device.instance);
    struct bac_peer peer = { .instance = i_am->device.instance,
                             .address = *from,
                             .port = port,
                             .max_apdu = at_most_16(i_am->max_apdu),
                             .segmentation =
                                 (uint8_t)(i_am->segmentation < BAC_SEGMENTATION_NO_SEGMENTATION
                                               ? i_am->segmentation
                                               : BAC_SEGMENTATION_NO_SEGMENTATION),
                             .vendor = at_most_16(i_am->vendor),
                             .heard = now };
    if (known != NONE) {
        peer.max_segments = p->places[known].peer.max_segments;
        drop(p, known);
    }
    uint32_t other = place_at(p, from, port);
    if (other != NONE) {
        drop(p, other);
    }
    add(p, &peer);
}

void bac_peers_forget(struct bac_peers *p, uint32_t instance)
{
    uint32_t place = place_of(p, instance);
    if (place != NONE) {
        drop(p, place);
    }
}

void bac_peers_set_max_segments(struct bac_peers *p, uint32_t instance, uint16_t max_segments)
{
    uint32_t place = place_of(p, instance);
    if (place != NONE) {
        p->places[place].peer.max_segments = max_segments;
    }
}

/* Looking. */

const struct bac_peer *bac_peers_find(const struct bac_peers *p, uint32_t instance)
{
    uint32_t place = place_of(p, instance);
    return place != NONE ? &p->places[place].peer : NULL;
}

const struct bac_peer *bac_peers_at(const struct bac_peers *p, const struct bac_address *address,
                                    bac_port_id port)
{
    uint32_t place = place_at(p, address, port);
    return place != NONE ? &p->places[place].peer : NULL;
}

const struct bac_peer *bac_peers_nth(const struct bac_peers *p, size_t n)
{
    return n < p->n ? &p->places[p->order[n]].peer : NULL;
}
