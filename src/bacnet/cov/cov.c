/* Owns the table of COV subscriptions: their memory, and how they are found. */
#include "bacnet/cov/cov.h"

#include <assert.h>
#include <string.h>

enum { ALIGN = 16 };

/* Memory */

/* Peers outlive their subscriptions while calls to them are on their way. */
static uint32_t max_peers(const struct bac_cov *cov)
{
    return cov->max + BAC_COV_CALLS;
}

/* A piece of the memory. Without base it only counts. */
static void *take(uint8_t *base, size_t *used, size_t len)
{
    size_t at = *used;
    *used += (len + ALIGN - 1) / ALIGN * ALIGN;
    return base != NULL ? base + at : NULL;
}

static size_t lay_out(struct bac_cov *cov, uint8_t *base)
{
    size_t n = cov->max + (size_t)1;
    size_t n_peers = max_peers(cov) + (size_t)1;
    size_t used = 0;
    cov->subscriptions = take(base, &used, n * sizeof(*cov->subscriptions));
    cov->monitors = take(base, &used, n * sizeof(*cov->monitors));
    cov->peers = take(base, &used, n_peers * sizeof(*cov->peers));
    cov->queue_links = take(base, &used, n * sizeof(struct bac_link));
    cov->active[0] = take(base, &used, n * sizeof(uint32_t));
    cov->active[1] = take(base, &used, n * sizeof(uint32_t));
    cov->object_links = take(base, &used, n * sizeof(struct bac_link));
    cov->subscription_links = take(base, &used, n * sizeof(struct bac_link));
    cov->due_links = take(base, &used, n * sizeof(struct bac_link));
    cov->peer_links = take(base, &used, n_peers * sizeof(struct bac_link));
    cov->values = take(base, &used, BAC_COV_MAX_VALUES);
    cov->parameters = take(base, &used, BAC_COV_MAX_VALUES);
    return used;
}

static void fill_free(struct bac_cov *cov)
{
    for (uint32_t i = 1; i <= cov->max; i++) {
        bac_links_append(cov->queue_links, &cov->free_subscriptions, i);
        bac_links_append(cov->subscription_links, &cov->free_monitors, i);
    }
    for (uint32_t i = 1; i <= max_peers(cov); i++) {
        bac_links_append(cov->peer_links, &cov->free_peers, i);
    }
    for (uint32_t i = 0; i < BAC_COV_CALLS; i++) {
        cov->free_calls[cov->n_free_calls++] = BAC_COV_CALLS - 1 - i;
    }
}

bas_err bac_cov_open(struct bac_cov *cov, const struct bas_env *env,
                     const struct bac_server_config *config)
{
    *cov = (struct bac_cov){ .max = config->is_visitor ? 0 : config->max_subscriptions,
                             .max_lifetime_s = config->max_lifetime_s,
                             .room_at = BAS_NEVER };
    env->random(env->ctx, (uint8_t *)cov->seeds, sizeof(cov->seeds));
    cov->memory_len = lay_out(cov, NULL);
    cov->memory = bas_alloc(env, cov->memory_len);
    if (cov->memory == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    (void)lay_out(cov, cov->memory);
    if (bas_map_init(&cov->index, env, 2 * (size_t)cov->max + max_peers(cov)) != BAS_OK ||
        bas_timers_init(&cov->timers, env, cov->max + 1) != BAS_OK) {
        return BAS_ERR_NO_MEMORY;
    }
    fill_free(cov);
    return BAS_OK;
}

void bac_cov_close(struct bac_cov *cov, const struct bas_env *env)
{
    bas_release(env, cov->memory, cov->memory_len);
    if (cov->index.slots != NULL) {
        bas_map_fini(&cov->index, env);
    }
    if (cov->timers.slots != NULL) {
        bas_timers_fini(&cov->timers, env);
    }
    *cov = (struct bac_cov){ 0 };
}

uint32_t bac_cov_n_free(const struct bac_cov *cov)
{
    return cov->max - cov->n_monitors;
}

/* Finding. Keys of 128 bits stand for longer ones; whoever finds one looks whether it is meant. */

enum key_of { KEY_PEER, KEY_MULTIPLE, KEY_MONITOR };

static uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= UINT64_C(0xD6E8FEB86659FD93);
    x ^= x >> 32;
    x *= UINT64_C(0xD6E8FEB86659FD93);
    return x ^ (x >> 32);
}

static struct bas_map_key digest(const struct bac_cov *cov, const uint64_t *words, size_t n)
{
    struct bas_map_key key = { cov->seeds[0], cov->seeds[1] };
    for (size_t i = 0; i < n; i++) {
        key.high = mix(key.high ^ words[i]);
        key.low = mix(key.low + words[i]) ^ key.high;
    }
    return key;
}

static struct bas_map_key key_of_peer(const struct bac_cov *cov, const struct bac_address *address,
                                      bac_port_id port)
{
    uint64_t words[4] = { KEY_PEER | (uint64_t)address->network << 8 |
                          (uint64_t)address->mac_len << 24 | (uint64_t)port << 32 };
    memcpy(&words[1], address->mac, address->mac_len);
    return digest(cov, words, BAS_ARRAY_LEN(words));
}

static struct bas_map_key key_of_multiple(const struct bac_cov *cov, const struct bac_cov_key *key)
{
    const uint64_t words[] = { KEY_MULTIPLE | (uint64_t)key->confirmed << 8,
                               (uint64_t)key->peer << 32 | key->process };
    return digest(cov, words, BAS_ARRAY_LEN(words));
}

static struct bas_map_key key_of_monitor(const struct bac_cov *cov, const struct bac_cov_key *key)
{
    const uint64_t words[] = { KEY_MONITOR | (uint64_t)key->confirmed << 8 |
                                   (uint64_t)key->kind << 16,
                               (uint64_t)key->peer << 32 | key->process,
                               (uint64_t)key->object.type << 32 | key->object.instance,
                               (uint64_t)key->property << 32 | key->index };
    return digest(cov, words, BAS_ARRAY_LEN(words));
}

static struct bac_cov_key key_of_subscription(const struct bac_subscription *s)
{
    return (struct bac_cov_key){ .kind = s->kind,
                                 .confirmed = s->kind == BAC_COV_MULTIPLE && s->confirmed,
                                 .peer = s->peer,
                                 .process = s->process };
}

static struct bac_cov_key key_of(const struct bac_cov *cov, const struct bac_monitor *m)
{
    struct bac_cov_key key = key_of_subscription(&cov->subscriptions[m->subscription]);
    key.object = m->object;
    key.property = m->property;
    key.index = m->index;
    return key;
}

static bool same_subscription(const struct bac_cov_key *a, const struct bac_cov_key *b)
{
    return a->kind == b->kind && a->confirmed == b->confirmed && a->peer == b->peer &&
           a->process == b->process;
}

uint32_t bac_cov_find_peer(const struct bac_cov *cov, const struct bac_address *address,
                           bac_port_id port)
{
    uint32_t at = 0;
    if (!bas_map_get(&cov->index, key_of_peer(cov, address, port), &at)) {
        return 0;
    }
    const struct bac_cov_peer *peer = &cov->peers[at];
    return bac_address_equal(&peer->address, address) && peer->port == port ? at : 0;
}

uint32_t bac_cov_find_multiple(const struct bac_cov *cov, const struct bac_cov_key *key)
{
    uint32_t at = 0;
    if (!bas_map_get(&cov->index, key_of_multiple(cov, key), &at)) {
        return 0;
    }
    const struct bac_cov_key found = key_of_subscription(&cov->subscriptions[at]);
    return same_subscription(&found, key) ? at : 0;
}

uint32_t bac_cov_find_monitor(const struct bac_cov *cov, const struct bac_cov_key *key)
{
    uint32_t at = 0;
    if (!bas_map_get(&cov->index, key_of_monitor(cov, key), &at)) {
        return 0;
    }
    const struct bac_cov_key found = key_of(cov, &cov->monitors[at]);
    bool is_meant = same_subscription(&found, key) && found.object.type == key->object.type &&
                    found.object.instance == key->object.instance &&
                    found.property == key->property && found.index == key->index;
    return is_meant ? at : 0;
}

/* Takes a place in the index; false for the odd two keys that look the same (and never more than
 * an unlucky pair). */
static bool enter(struct bac_cov *cov, struct bas_map_key key, uint32_t at)
{
    uint32_t taken = 0;
    if (bas_map_get(&cov->index, key, &taken)) {
        return false;
    }
    bas_map_set(&cov->index, key, at);
    return true;
}

/* Adding and removing */

uint32_t bac_cov_add_peer(struct bac_cov *cov, const struct bac_address *address, bac_port_id port)
{
    uint32_t at = cov->free_peers.first;
    if (at == 0 || !enter(cov, key_of_peer(cov, address, port), at)) {
        return 0;
    }
    bac_links_remove(cov->peer_links, &cov->free_peers, at);
    cov->peers[at] = (struct bac_cov_peer){ .address = *address, .port = port, .is_taken = true };
    return at;
}

void bac_cov_release_peer(struct bac_cov *cov, uint32_t at)
{
    struct bac_cov_peer *peer = &cov->peers[at];
    if (peer->is_taken && peer->n_subscriptions == 0 && peer->n_calls == 0) {
        assert(peer->held.first == 0);
        peer->is_taken = false;
        bas_map_remove(&cov->index, key_of_peer(cov, &peer->address, peer->port));
        bac_links_append(cov->peer_links, &cov->free_peers, at);
    }
}

uint32_t bac_cov_add_subscription(struct bac_cov *cov, const struct bac_cov_key *key)
{
    uint32_t at = cov->free_subscriptions.first;
    bool is_multiple = key->kind == BAC_COV_MULTIPLE;
    if (at == 0 || (is_multiple && !enter(cov, key_of_multiple(cov, key), at))) {
        return 0;
    }
    bac_links_remove(cov->queue_links, &cov->free_subscriptions, at);
    cov->subscriptions[at] = (struct bac_subscription){ .kind = key->kind,
                                                        .confirmed = key->confirmed,
                                                        .peer = key->peer,
                                                        .process = key->process,
                                                        .expires = BAS_NEVER,
                                                        .due_at = BAS_NEVER,
                                                        .retry_at = BAS_NEVER };
    cov->subscriptions[at].position = cov->n_active[is_multiple];
    cov->active[is_multiple][cov->n_active[is_multiple]++] = at;
    cov->peers[key->peer].n_subscriptions++;
    return at;
}

/* One without monitors. */
static void release_subscription(struct bac_cov *cov, uint32_t at)
{
    struct bac_subscription *s = &cov->subscriptions[at];
    assert(s->monitors.first == 0 && s->due.first == 0);
    bac_cov_unqueue(cov, at);
    bas_timers_disarm(&cov->timers, at);
    bool is_multiple = s->kind == BAC_COV_MULTIPLE;
    if (is_multiple) {
        const struct bac_cov_key key = key_of_subscription(s);
        bas_map_remove(&cov->index, key_of_multiple(cov, &key));
    }
    uint32_t last = cov->active[is_multiple][--cov->n_active[is_multiple]];
    cov->active[is_multiple][s->position] = last;
    cov->subscriptions[last].position = s->position;
    bac_links_append(cov->queue_links, &cov->free_subscriptions, at);
    cov->peers[s->peer].n_subscriptions--;
    bac_cov_release_peer(cov, s->peer);
}

uint32_t bac_cov_add_monitor(struct bac_cov *cov, uint32_t subscription, struct bac_object *object,
                             const struct bac_cov_key *key)
{
    uint32_t at = cov->free_monitors.first;
    if (at == 0 || !enter(cov, key_of_monitor(cov, key), at)) {
        return 0;
    }
    bac_links_remove(cov->subscription_links, &cov->free_monitors, at);
    cov->monitors[at] = (struct bac_monitor){ .subscription = subscription,
                                              .object = key->object,
                                              .property = key->property,
                                              .index = key->index };
    bac_links_append(cov->subscription_links, &cov->subscriptions[subscription].monitors, at);
    bac_links_append(cov->object_links, &object->monitors, at);
    cov->n_monitors++;
    return at;
}

void bac_cov_remove_monitor(struct bac_cov *cov, struct bac_database *db, uint32_t at)
{
    const struct bac_monitor *m = &cov->monitors[at];
    struct bac_subscription *s = &cov->subscriptions[m->subscription];
    struct bac_object *object = bac_database_find(db, m->object);
    assert(object != NULL); /* who deletes an object forgets its monitors first */
    const struct bac_cov_key key = key_of(cov, m);
    bac_cov_clear_due(cov, at);
    bas_map_remove(&cov->index, key_of_monitor(cov, &key));
    bac_links_remove(cov->object_links, &object->monitors, at);
    bac_links_remove(cov->subscription_links, &s->monitors, at);
    bac_links_append(cov->subscription_links, &cov->free_monitors, at);
    cov->n_monitors--;
    if (s->monitors.first == 0) {
        release_subscription(cov, m->subscription);
    }
}

void bac_cov_remove_subscription(struct bac_cov *cov, struct bac_database *db, uint32_t at)
{
    struct bac_subscription *s = &cov->subscriptions[at];
    if (s->monitors.first == 0) { /* that was never filled */
        release_subscription(cov, at);
        return;
    }
    const uint32_t last = s->monitors.last;
    for (uint32_t m = s->monitors.first; m != last; m = s->monitors.first) {
        bac_cov_remove_monitor(cov, db, m);
    }
    bac_cov_remove_monitor(cov, db, last);
}
