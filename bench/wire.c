/* Owns the floor's record and its WebSocket frames. */
#include "wire.h"

#include <string.h>

enum { FIN_BINARY = 0x82, MASKED = 0x80, LENGTH = 0x7F, SHORT_MAX = 125, NONCE = 12 };

static bool key(gnutls_aead_cipher_hd_t *handle, uint8_t filling)
{
    uint8_t octets[16];
    memset(octets, filling, sizeof(octets));
    const gnutls_datum_t datum = { octets, sizeof(octets) };
    return gnutls_aead_cipher_init(handle, GNUTLS_CIPHER_AES_128_GCM, &datum) >= 0;
}

bool wire_init(struct wire *wire, bool is_server)
{
    memset(wire, 0, sizeof(*wire));
    return key(&wire->sealing, is_server ? 1 : 2) && key(&wire->opening, is_server ? 2 : 1);
}

void wire_fini(struct wire *wire)
{
    gnutls_aead_cipher_deinit(wire->sealing);
    gnutls_aead_cipher_deinit(wire->opening);
}

static void nonce_of(uint64_t record, uint8_t nonce[NONCE])
{
    memset(nonce, 0, NONCE);
    memcpy(nonce, &record, sizeof(record));
}

size_t wire_seal(struct wire *wire, const uint8_t *plain, size_t len, uint8_t *out)
{
    uint8_t nonce[NONCE];
    size_t sealed = len + WIRE_TAG;
    const uint8_t header[WIRE_HEADER] = { 23, 3, 3, (uint8_t)(sealed >> 8), (uint8_t)sealed };
    nonce_of(wire->sealed++, nonce);
    memcpy(out, header, sizeof(header));
    int status = gnutls_aead_cipher_encrypt(wire->sealing, nonce, NONCE, header, WIRE_HEADER,
                                            WIRE_TAG, plain, len, out + WIRE_HEADER, &sealed);
    return status < 0 ? 0 : WIRE_HEADER + sealed;
}

bool wire_open(struct wire *wire, const uint8_t *octets, size_t len, size_t *used, uint8_t *plain,
               size_t *plain_len)
{
    uint8_t nonce[NONCE];
    *used = 0;
    *plain_len = 0;
    if (len < WIRE_HEADER) {
        return true;
    }
    size_t sealed = (size_t)octets[3] << 8 | octets[4];
    if (sealed < WIRE_TAG || sealed > WIRE_RECORD + WIRE_TAG) {
        return false;
    }
    if (len < WIRE_HEADER + sealed) {
        return true;
    }
    *plain_len = sealed - WIRE_TAG;
    *used = WIRE_HEADER + sealed;
    nonce_of(wire->opened++, nonce);
    return gnutls_aead_cipher_decrypt(wire->opening, nonce, NONCE, octets, WIRE_HEADER, WIRE_TAG,
                                      octets + WIRE_HEADER, sealed, plain, plain_len) >= 0;
}

static void mask_octets(uint8_t *octets, size_t len, const uint8_t *mask)
{
    uint64_t wide = 0;
    memcpy(&wide, mask, WIRE_MASK);
    wide |= wide << 32;
    size_t at = 0;
    for (; len - at >= sizeof(wide); at += sizeof(wide)) {
        uint64_t word = 0;
        memcpy(&word, octets + at, sizeof(word));
        word ^= wide;
        memcpy(octets + at, &word, sizeof(word));
    }
    for (; at < len; at++) {
        octets[at] ^= mask[at % WIRE_MASK];
    }
}

size_t wire_frame_put(uint8_t *out, const uint8_t *payload, size_t len, const uint8_t *mask)
{
    size_t at = WIRE_FRAME_HEADER;
    out[0] = FIN_BINARY;
    out[1] = (uint8_t)(len | (mask != NULL ? MASKED : 0U));
    if (mask != NULL) {
        memcpy(out + at, mask, WIRE_MASK);
        at += WIRE_MASK;
    }
    memcpy(out + at, payload, len);
    if (mask != NULL) {
        mask_octets(out + at, len, mask);
    }
    return at + len;
}

size_t wire_frame_take(uint8_t *octets, size_t len, uint8_t **payload, size_t *payload_len)
{
    if (len < WIRE_FRAME_HEADER || octets[0] != FIN_BINARY) {
        return 0;
    }
    size_t at = WIRE_FRAME_HEADER + ((octets[1] & MASKED) != 0 ? (size_t)WIRE_MASK : 0);
    *payload_len = octets[1] & LENGTH;
    if (*payload_len > SHORT_MAX || len < at + *payload_len) {
        return 0;
    }
    *payload = octets + at;
    if ((octets[1] & MASKED) != 0) {
        mask_octets(*payload, *payload_len, octets + WIRE_FRAME_HEADER);
    }
    return at + *payload_len;
}
