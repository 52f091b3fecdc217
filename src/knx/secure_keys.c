/* Owns the expanded keys of an engine. Whole projects have tens of thousands of groups: a hash
 * finds them. */
#include "knx/secure_keys.h"

static struct bas_map_key place(enum knx_key_use use, uint16_t address)
{
    return (struct bas_map_key){ (uint64_t)use, address };
}

static void add(struct knx_secure_keys *keys, struct bas_map_key at, const struct knx_key *key)
{
    bas_map_set(&keys->map, at, (uint32_t)keys->n);
    knx_cipher_init(&keys->ciphers[keys->n++], key);
}

bas_err knx_secure_keys_init(struct knx_secure_keys *keys, const struct bas_env *env,
                             const struct knx_data_secure_config *config)
{
    *keys = (struct knx_secure_keys){ .cap = config->n_groups + config->n_peers + 1 };
    bas_err err = bas_map_init(&keys->map, env, keys->cap);
    keys->ciphers = bas_alloc(env, keys->cap * sizeof(*keys->ciphers));
    if (err != BAS_OK || keys->ciphers == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < config->n_groups; i++) {
        add(keys, place(KNX_KEY_GROUP, config->groups[i].group), &config->groups[i].key);
    }
    for (size_t i = 0; i < config->n_peers; i++) {
        const struct knx_peer_key *peer = &config->peers[i];
        add(keys, place(peer->is_tool ? KNX_KEY_TOOL : KNX_KEY_PEER, peer->peer), &peer->key);
    }
    if (config->has_tool_key) {
        add(keys, place(KNX_KEY_TOOL, 0), &config->tool_key);
    }
    return BAS_OK;
}

void knx_secure_keys_fini(struct knx_secure_keys *keys, const struct bas_env *env)
{
    if (keys->ciphers != NULL) {
        bas_wipe(keys->ciphers, keys->cap * sizeof(*keys->ciphers));
        bas_release(env, keys->ciphers, keys->cap * sizeof(*keys->ciphers));
        keys->ciphers = NULL;
    }
    if (keys->map.slots != NULL) {
        bas_map_fini(&keys->map, env);
    }
}

const struct knx_cipher *knx_secure_keys_find(const struct knx_secure_keys *keys,
                                              enum knx_key_use use, uint16_t address)
{
    uint32_t index = 0;
    return bas_map_get(&keys->map, place(use, address), &index) ? &keys->ciphers[index] : NULL;
}
