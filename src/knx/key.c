/* Owns the keys of KNX IP Secure (spec 2.1): derivation from passwords, agreement of a session. */
#include "basalt/knx_secure.h"

#include "crypto/crypto.h"

#include <string.h>

enum { KDF_ROUNDS = 65536 };

_Static_assert((int)KNX_PUBLIC_KEY_LEN == (int)BAS_X25519_LEN, "keys are those of X25519");

static void derive(struct bas_slice password, const char *salt, struct knx_key *key)
{
    const struct bas_slice octets = { (const uint8_t *)salt, strlen(salt) };
    bas_pbkdf2_sha256(password, octets, KDF_ROUNDS, key->octets, sizeof(key->octets));
}

void knx_device_key(struct bas_slice password, struct knx_key *key)
{
    derive(password, "device-authentication-code.1.secure.ip.knx.org", key);
}

void knx_user_key(struct bas_slice password, struct knx_key *key)
{
    derive(password, "user-password.1.secure.ip.knx.org", key);
}

void knx_keyring_key(struct bas_slice password, struct knx_key *key)
{
    derive(password, "1.keyring.ets.knx.org", key);
}

void knx_key_pair_make(const struct bas_env *env, struct knx_key_pair *pair)
{
    env->random(env->ctx, pair->private_key, sizeof(pair->private_key));
    bas_x25519_public(pair->private_key, pair->public_key);
}

bool knx_agree(struct knx_key_pair *pair, const uint8_t peer[KNX_PUBLIC_KEY_LEN],
               struct knx_key *key)
{
    uint8_t shared[BAS_X25519_LEN];
    uint8_t digest[BAS_SHA256_LEN];
    memset(key, 0, sizeof(*key));
    bool ok = bas_x25519(pair->private_key, peer, shared);
    if (ok) {
        bas_sha256((struct bas_slice){ shared, sizeof(shared) }, digest);
        memcpy(key->octets, digest, sizeof(key->octets));
        bas_wipe(digest, sizeof(digest));
    }
    bas_wipe(shared, sizeof(shared));
    bas_wipe(pair->private_key, sizeof(pair->private_key));
    return ok;
}
