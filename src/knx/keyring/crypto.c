/* Owns the encryption of keys and passwords in a keyring (spec 5.2). */
#include "knx/keyring/crypto.h"

#include "crypto/crypto.h"
#include "wire/base64.h"
#include "wire/rd.h"
#include "wire/wr.h"

#include <assert.h>
#include <string.h>

enum {
    RANDOM_LEN = 8, /* in front of a password, so that equal ones look different */
    MIN_PADDED = 32,
    MAX_PADDED = 112 /* the longest password, and the longest pad that was seen (24) behind it */
};
_Static_assert(RANDOM_LEN + KNX_KEYRING_MAX_PASSWORD + 24 <= MAX_PADDED, "every password fits");
_Static_assert(MAX_PADDED % BAS_AES_BLOCK == 0, "whole blocks");

void knx_keyring_cipher_init(struct knx_keyring_cipher *cipher, const struct knx_key *keyring_key,
                             const char *created)
{
    uint8_t digest[BAS_SHA256_LEN];
    bas_sha256((struct bas_slice){ (const uint8_t *)created, strlen(created) }, digest);
    cipher->key = *keyring_key;
    memcpy(cipher->iv, digest, sizeof(cipher->iv));
}

bas_err knx_keyring_decrypt_key(const struct knx_keyring_cipher *cipher, struct bas_slice text,
                                struct knx_key *key)
{
    size_t len = KNX_KEY_LEN;
    if (bas_base64_decode(text, key->octets, &len) != BAS_OK || len != KNX_KEY_LEN) {
        bas_wipe(key, sizeof(*key));
        return BAS_ERR_MALFORMED;
    }
    bas_aes128_cbc_decrypt(cipher->key.octets, cipher->iv, key->octets, key->octets, len);
    return BAS_OK;
}

/* Octets in front of the pad, or 0 when the pad is wrong. */
static size_t len_without_pad(const uint8_t *plain, size_t len)
{
    size_t pad = plain[len - 1];
    uint8_t different = 0;
    if (pad == 0 || pad > len - RANDOM_LEN) {
        return 0;
    }
    for (size_t i = len - pad; i < len; i++) {
        different |= (uint8_t)(plain[i] ^ pad);
    }
    return different == 0 ? len - pad : 0;
}

static bas_err password_take(const uint8_t *plain, size_t len, struct knx_password *password)
{
    size_t end = len_without_pad(plain, len);
    if (end == 0) {
        return BAS_ERR_KEY;
    }
    if (end - RANDOM_LEN > KNX_KEYRING_MAX_PASSWORD) {
        return BAS_ERR_MALFORMED;
    }
    struct rd r = rd_init((struct bas_slice){ plain, end });
    (void)rd_take(&r, RANDOM_LEN);
    password->len = (uint8_t)rd_left(&r);
    rd_copy(&r, password->octets, password->len);
    password->is_set = true;
    return BAS_OK;
}

bas_err knx_keyring_decrypt_password(const struct knx_keyring_cipher *cipher, struct bas_slice text,
                                     struct knx_password *password)
{
    uint8_t plain[MAX_PADDED];
    size_t len = sizeof(plain);
    *password = (struct knx_password){ 0 };
    if (bas_base64_decode(text, plain, &len) != BAS_OK || len == 0 || len % BAS_AES_BLOCK != 0) {
        return BAS_ERR_MALFORMED;
    }
    bas_aes128_cbc_decrypt(cipher->key.octets, cipher->iv, plain, plain, len);
    bas_err err = password_take(plain, len, password);
    bas_wipe(plain, sizeof(plain));
    return err;
}

void knx_keyring_encrypt_key(const struct knx_keyring_cipher *cipher, const struct knx_key *key,
                             struct bas_buf *text)
{
    uint8_t octets[KNX_KEY_LEN];
    bas_aes128_cbc_encrypt(cipher->key.octets, cipher->iv, key->octets, octets, sizeof(octets));
    bas_base64_encode(text, (struct bas_slice){ octets, sizeof(octets) });
}

void knx_keyring_encrypt_password(const struct knx_keyring_cipher *cipher,
                                  const struct bas_env *env, const struct knx_password *password,
                                  struct bas_buf *text)
{
    uint8_t octets[MAX_PADDED];
    struct bas_buf plain;
    assert(password->len <= KNX_KEYRING_MAX_PASSWORD);
    size_t end = RANDOM_LEN + (size_t)password->len;
    size_t len = (end / BAS_AES_BLOCK + 1) * BAS_AES_BLOCK;
    len = len < MIN_PADDED ? MIN_PADDED : len;
    bas_buf_init(&plain, octets, sizeof(octets));
    env->random(env->ctx, octets, RANDOM_LEN);
    plain.len = RANDOM_LEN;
    wr_slice(&plain, (struct bas_slice){ password->octets, password->len });
    while (plain.len < len) {
        wr_u8(&plain, (uint8_t)(len - end));
    }
    bas_aes128_cbc_encrypt(cipher->key.octets, cipher->iv, octets, octets, len);
    bas_base64_encode(text, (struct bas_slice){ octets, len });
    bas_wipe(octets, sizeof(octets));
}
