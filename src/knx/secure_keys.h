/* The keys of Data Secure, made ready for use once, found by what they are for. */
#ifndef BASALT_KNX_SECURE_KEYS_H
#define BASALT_KNX_SECURE_KEYS_H

#include "basalt/knx_secure.h"

#include "base/map.h"

enum knx_key_use {
    KNX_KEY_GROUP, /* of a group */
    KNX_KEY_PEER,  /* of the pair with a peer */
    KNX_KEY_TOOL   /* tool key of a device; address 0: ours */
};

struct knx_secure_keys {
    struct bas_map map; /* use and address -> ciphers */
    struct knx_cipher *ciphers;
    size_t n;
    size_t cap;
};

/* Of two keys for the same use, the later one counts. BAS_ERR_NO_MEMORY leaves *keys safe to
 * fini. */
BAS_MUST_USE bas_err knx_secure_keys_init(struct knx_secure_keys *keys, const struct bas_env *env,
                                          const struct knx_data_secure_config *config);
void knx_secure_keys_fini(struct knx_secure_keys *keys, const struct bas_env *env);
/* NULL: there is none. */
const struct knx_cipher *knx_secure_keys_find(const struct knx_secure_keys *keys,
                                              enum knx_key_use use, uint16_t address);

#endif
