/* Cryptographic primitives: the only place that the library behind them is known to. */
#ifndef BASALT_CRYPTO_CRYPTO_H
#define BASALT_CRYPTO_CRYPTO_H

#include "basalt/base.h"

enum { BAS_SHA1_LEN = 20, BAS_SHA256_LEN = 32, BAS_AES_BLOCK = 16, BAS_X25519_LEN = 32 };

/* SHA-1 (FIPS 180-4). For the WebSocket upgrade (RFC 6455 section 4.2.2), which needs no
 * resistance against collisions; not for anything that does. */
void bas_sha1(struct bas_slice octets, uint8_t digest[BAS_SHA1_LEN]);

/* SHA-256 (FIPS 180-4). */
void bas_sha256(struct bas_slice octets, uint8_t digest[BAS_SHA256_LEN]);
/* The same over octets that come in parts. Wipe with bas_wipe where they are secret. */
struct bas_sha256_parts {
    uint64_t words[14];
};
void bas_sha256_init(struct bas_sha256_parts *parts);
void bas_sha256_add(struct bas_sha256_parts *parts, struct bas_slice octets);
/* Ready for the next run of parts afterwards. */
void bas_sha256_end(struct bas_sha256_parts *parts, uint8_t digest[BAS_SHA256_LEN]);

/* PBKDF2-HMAC-SHA256 (RFC 8018). rounds >= 1. Slow by purpose. */
void bas_pbkdf2_sha256(struct bas_slice password, struct bas_slice salt, uint32_t rounds,
                       uint8_t *key, size_t len);

/* AES-128 (FIPS 197), expanded for encryption. Wipe with bas_wipe. */
struct bas_aes128 {
    uint32_t words[44];
};
void bas_aes128_init(struct bas_aes128 *aes, const uint8_t key[BAS_AES_BLOCK]);
/* len is a multiple of 16; in and out may be the same. */
void bas_aes128_encrypt(const struct bas_aes128 *aes, const uint8_t *in, uint8_t *out, size_t len);
/* CBC over whole blocks; in and out may be the same. iv stays. */
void bas_aes128_cbc_encrypt(const uint8_t key[BAS_AES_BLOCK], const uint8_t iv[BAS_AES_BLOCK],
                            const uint8_t *in, uint8_t *out, size_t len);
void bas_aes128_cbc_decrypt(const uint8_t key[BAS_AES_BLOCK], const uint8_t iv[BAS_AES_BLOCK],
                            const uint8_t *in, uint8_t *out, size_t len);

/* X25519 (RFC 7748). */
void bas_x25519_public(const uint8_t private_key[BAS_X25519_LEN],
                       uint8_t public_key[BAS_X25519_LEN]);
/* False, and shared is zeroed, when the shared secret is all zero (a peer of low order). */
bool bas_x25519(const uint8_t private_key[BAS_X25519_LEN], const uint8_t peer[BAS_X25519_LEN],
                uint8_t shared[BAS_X25519_LEN]);

#endif
