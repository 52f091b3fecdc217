/* Keys and passwords as a keyring holds them (spec 5.2): encrypted, in base64. */
#ifndef BASALT_KNX_KEYRING_CRYPTO_H
#define BASALT_KNX_KEYRING_CRYPTO_H

#include "basalt/knx_keyring.h"

/* Wipe with bas_wipe. */
struct knx_keyring_cipher {
    struct knx_key key;
    uint8_t iv[KNX_KEY_LEN];
};
/* created: the attribute of the root element as it stands there. */
void knx_keyring_cipher_init(struct knx_keyring_cipher *cipher, const struct knx_key *keyring_key,
                             const char *created);

/* Both give BAS_ERR_MALFORMED for what is not base64 of a length that fits, and then leave zeros.
 * A password whose pad is wrong is BAS_ERR_KEY: another key made it. */
bas_err knx_keyring_decrypt_key(const struct knx_keyring_cipher *cipher, struct bas_slice text,
                                struct knx_key *key);
bas_err knx_keyring_decrypt_password(const struct knx_keyring_cipher *cipher, struct bas_slice text,
                                     struct knx_password *password);

void knx_keyring_encrypt_key(const struct knx_keyring_cipher *cipher, const struct knx_key *key,
                             struct bas_buf *text);
void knx_keyring_encrypt_password(const struct knx_keyring_cipher *cipher,
                                  const struct bas_env *env, const struct knx_password *password,
                                  struct bas_buf *text);

#endif
