/* Owns every call into nettle. */
#include "crypto/crypto.h"

#include <nettle/aes.h>
#include <nettle/cbc.h>
#include <nettle/curve25519.h>
#include <nettle/pbkdf2.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

#include <assert.h>
#include <string.h>

_Static_assert(BAS_SHA1_LEN == SHA1_DIGEST_SIZE, "the digest is as long as the library says");
_Static_assert(BAS_SHA256_LEN == SHA256_DIGEST_SIZE, "the digest is as long as the library says");
_Static_assert(BAS_X25519_LEN == CURVE25519_SIZE, "a key is as long as the library says");
_Static_assert(sizeof(struct bas_sha256_parts) == sizeof(struct sha256_ctx), "a state fits");
_Static_assert(sizeof(struct bas_aes128) == sizeof(struct aes128_ctx), "an expanded key fits");

void bas_sha1(struct bas_slice octets, uint8_t digest[BAS_SHA1_LEN])
{
    struct sha1_ctx sha1;
    sha1_init(&sha1);
    sha1_update(&sha1, octets.len, octets.data);
    sha1_digest(&sha1, BAS_SHA1_LEN, digest);
}

void bas_sha256(struct bas_slice octets, uint8_t digest[BAS_SHA256_LEN])
{
    struct sha256_ctx sha256;
    sha256_init(&sha256);
    sha256_update(&sha256, octets.len, octets.data);
    sha256_digest(&sha256, BAS_SHA256_LEN, digest);
    bas_wipe(&sha256, sizeof(sha256));
}

void bas_sha256_init(struct bas_sha256_parts *parts)
{
    void *context = parts; /* of the same size, asserted above */
    sha256_init(context);
}

void bas_sha256_add(struct bas_sha256_parts *parts, struct bas_slice octets)
{
    void *context = parts;
    sha256_update(context, octets.len, octets.data);
}

void bas_sha256_end(struct bas_sha256_parts *parts, uint8_t digest[BAS_SHA256_LEN])
{
    void *context = parts;
    sha256_digest(context, BAS_SHA256_LEN, digest);
}

void bas_pbkdf2_sha256(struct bas_slice password, struct bas_slice salt, uint32_t rounds,
                       uint8_t *key, size_t len)
{
    assert(rounds >= 1);
    pbkdf2_hmac_sha256(password.len, password.data, rounds, salt.len, salt.data, len, key);
}

void bas_aes128_init(struct bas_aes128 *aes, const uint8_t key[BAS_AES_BLOCK])
{
    struct aes128_ctx context;
    aes128_set_encrypt_key(&context, key);
    memcpy(aes, &context, sizeof(*aes));
    bas_wipe(&context, sizeof(context));
}

void bas_aes128_encrypt(const struct bas_aes128 *aes, const uint8_t *in, uint8_t *out, size_t len)
{
    assert(len % BAS_AES_BLOCK == 0);
    const void *context = aes; /* of the same size and alignment, asserted above */
    aes128_encrypt(context, len, out, in);
}

void bas_aes128_cbc_encrypt(const uint8_t key[BAS_AES_BLOCK], const uint8_t iv[BAS_AES_BLOCK],
                            const uint8_t *in, uint8_t *out, size_t len)
{
    assert(len % BAS_AES_BLOCK == 0);
    struct CBC_CTX(struct aes128_ctx, AES_BLOCK_SIZE) cbc;
    aes128_set_encrypt_key(&cbc.ctx, key);
    CBC_SET_IV(&cbc, iv);
    CBC_ENCRYPT(&cbc, aes128_encrypt, len, out, in);
    bas_wipe(&cbc, sizeof(cbc));
}

void bas_aes128_cbc_decrypt(const uint8_t key[BAS_AES_BLOCK], const uint8_t iv[BAS_AES_BLOCK],
                            const uint8_t *in, uint8_t *out, size_t len)
{
    assert(len % BAS_AES_BLOCK == 0);
    struct CBC_CTX(struct aes128_ctx, AES_BLOCK_SIZE) cbc;
    aes128_set_decrypt_key(&cbc.ctx, key);
    CBC_SET_IV(&cbc, iv);
    CBC_DECRYPT(&cbc, aes128_decrypt, len, out, in);
    bas_wipe(&cbc, sizeof(cbc));
}

void bas_x25519_public(const uint8_t private_key[BAS_X25519_LEN],
                       uint8_t public_key[BAS_X25519_LEN])
{
    curve25519_mul_g(public_key, private_key);
}

bool bas_x25519(const uint8_t private_key[BAS_X25519_LEN], const uint8_t peer[BAS_X25519_LEN],
                uint8_t shared[BAS_X25519_LEN])
{
    static const uint8_t zero[BAS_X25519_LEN];
    curve25519_mul(shared, private_key, peer);
    return !bas_equal_secret(shared, zero, BAS_X25519_LEN);
}
