/* Owns the arithmetic of the CCM profile. Works on slices as they lie, without copying them. */
#include "knx/ccm.h"

#include "crypto/crypto.h"

#include <assert.h>
#include <string.h>

/* Blocks of stream made by one call into the library: enough for nearly every telegram. */
enum { STREAM_BLOCKS = 8, STREAM_LEN = STREAM_BLOCKS * KNX_BLOCK_LEN };

_Static_assert(sizeof(struct knx_cipher) == sizeof(struct bas_aes128), "an expanded key fits");
_Static_assert((int)KNX_BLOCK_LEN == (int)BAS_AES_BLOCK, "blocks are those of AES");

static void encrypt(const struct knx_cipher *cipher, uint8_t *blocks, size_t len)
{
    const void *aes = cipher; /* of the same layout */
    bas_aes128_encrypt(aes, blocks, blocks, len);
}

void knx_cipher_init(struct knx_cipher *cipher, const struct knx_key *key)
{
    struct bas_aes128 aes;
    bas_aes128_init(&aes, key->octets);
    memcpy(cipher, &aes, sizeof(*cipher));
    bas_wipe(&aes, sizeof(aes));
}

/* out = a ^ b, eight octets at a time; out may be a. */
static void xor_octets(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t len)
{
    size_t i = 0;
    for (; i + sizeof(uint64_t) <= len; i += sizeof(uint64_t)) {
        uint64_t x = 0;
        uint64_t y = 0;
        memcpy(&x, a + i, sizeof(x));
        memcpy(&y, b + i, sizeof(y));
        x ^= y;
        memcpy(out + i, &x, sizeof(x));
    }
    for (; i < len; i++) {
        out[i] = (uint8_t)(a[i] ^ b[i]);
    }
}

/* The running CBC-MAC: at octets of block hold input that is not encrypted yet. */
struct running {
    const struct knx_cipher *cipher;
    uint8_t *block;
    size_t at;
};

static void absorb(struct running *r, struct bas_slice octets)
{
    size_t done = 0;
    while (done < octets.len) {
        if (r->at == KNX_BLOCK_LEN) {
            encrypt(r->cipher, r->block, KNX_BLOCK_LEN);
            r->at = 0;
        }
        size_t room = KNX_BLOCK_LEN - r->at;
        size_t n = octets.len - done < room ? octets.len - done : room;
        xor_octets(r->block + r->at, r->block + r->at, octets.data + done, n);
        r->at += n;
        done += n;
    }
}

void knx_ccm_mac(const struct knx_ccm *ccm, const struct bas_slice *associated, size_t n_associated,
                 struct bas_slice payload, uint8_t mac[KNX_BLOCK_LEN])
{
    size_t len = 0;
    for (size_t i = 0; i < n_associated; i++) {
        len += associated[i].len;
    }
    const uint8_t length[] = { (uint8_t)(len >> 8), (uint8_t)len };
    memcpy(mac, ccm->b0, KNX_BLOCK_LEN);
    struct running r = { ccm->cipher, mac, KNX_BLOCK_LEN };
    absorb(&r, (struct bas_slice){ length, sizeof(length) });
    for (size_t i = 0; i < n_associated; i++) {
        absorb(&r, associated[i]);
    }
    absorb(&r, payload);
    encrypt(ccm->cipher, mac, KNX_BLOCK_LEN); /* the padding is zeros: nothing to add */
}

/* n blocks of stream from block number first on. */
static void make_stream(const struct knx_ccm *ccm, size_t first, uint8_t *stream, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t *block = stream + i * KNX_BLOCK_LEN;
        memcpy(block, ccm->counter, KNX_BLOCK_LEN);
        block[KNX_BLOCK_LEN - 1] = (uint8_t)(block[KNX_BLOCK_LEN - 1] + first + i);
    }
    encrypt(ccm->cipher, stream, n * KNX_BLOCK_LEN);
}

void knx_ccm_crypt(const struct knx_ccm *ccm, const struct knx_ccm_text *text)
{
    size_t total = text->mac_len + text->payload.len;
    assert(text->mac_len <= KNX_CCM_MAC_MAX && total <= 256 * KNX_BLOCK_LEN);
    uint8_t stream[STREAM_LEN];
    size_t done = 0; /* of the payload */
    for (size_t at = 0; at < total; at += STREAM_LEN) {
        size_t n = total - at < STREAM_LEN ? total - at : STREAM_LEN;
        size_t blocks = (n + KNX_BLOCK_LEN - 1) / KNX_BLOCK_LEN;
        make_stream(ccm, at / KNX_BLOCK_LEN, stream, blocks);
        size_t skip = at == 0 ? text->mac_len : 0;
        xor_octets(text->mac, text->mac, stream, skip);
        if (n > skip) {
            xor_octets(text->out + done, text->payload.data + done, stream + skip, n - skip);
            done += n - skip;
        }
    }
    bas_wipe(stream, total < STREAM_LEN ? total : STREAM_LEN);
}
