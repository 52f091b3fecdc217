/*
 * The floor's own wire: what is left of a secured relay when only its AEAD stays. A record is the
 * five-octet header of TLS, AES-128-GCM over WebSocket frames, and the tag; keys are fixed.
 */
#ifndef BASALT_BENCH_WIRE_H
#define BASALT_BENCH_WIRE_H

#include <gnutls/crypto.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WIRE_HEADER = 5,
    WIRE_TAG = 16,
    WIRE_RECORD = 16384,   /* plain octets in a record, at most */
    WIRE_FRAME_HEADER = 2, /* of a WebSocket frame of up to 125 octets */
    WIRE_MASK = 4
};

/* One end of a connection: its own keys, as every secured connection has. */
struct wire {
    gnutls_aead_cipher_hd_t sealing, opening;
    uint64_t sealed, opened; /* records: the nonces */
};

bool wire_init(struct wire *wire, bool is_server);
void wire_fini(struct wire *wire);
/* Writes one record; gives its length, 0 on error. */
size_t wire_seal(struct wire *wire, const uint8_t *plain, size_t len, uint8_t *out);
/*
 * Opens the record at the front of octets into plain. *used is what it took, 0 when it is not
 * whole. False: it is not genuine.
 */
bool wire_open(struct wire *wire, const uint8_t *octets, size_t len, size_t *used, uint8_t *plain,
               size_t *plain_len);

/* Appends one WebSocket frame; mask may be NULL. Gives its length. */
size_t wire_frame_put(uint8_t *out, const uint8_t *payload, size_t len, const uint8_t *mask);
/* Takes the frame at the front: unmasks it in place. Gives its whole length, 0 when there is none.
 */
size_t wire_frame_take(uint8_t *octets, size_t len, uint8_t **payload, size_t *payload_len);

#endif
