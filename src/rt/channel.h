/*
 * What stands between the octets of TCP and those of the WebSocket: a TLS session, or in plaintext
 * nothing. A link drives both alike; the contracts are those of bas_tls.
 */
#ifndef BASALT_RT_CHANNEL_H
#define BASALT_RT_CHANNEL_H

#include "basalt/tls.h"

struct channel {
    struct bas_tls *tls;      /* NULL: plaintext */
    struct bas_slice arrived; /* plaintext: fed and not read yet */
    struct bas_buf *out;      /* NULL: not begun */
};

/* context NULL: plaintext, which is open at once. False: no memory. */
bool channel_begin(struct channel *channel, struct bas_tls_context *context, enum bas_tls_role role,
                   struct bas_buf *out);
void channel_end(struct channel *channel);

bas_err channel_feed(struct channel *channel, const uint8_t *octets, size_t len);
/* As bas_tls_read; plain octets come in pieces as large as cap. */
BAS_MUST_USE bas_err channel_read(struct channel *channel, uint8_t *plain, size_t cap, size_t *len);
/* Any number of octets, in as many records as they need. */
BAS_MUST_USE bas_err channel_seal(struct channel *channel, struct bas_slice plain);
/* The last word of TLS; plaintext has none. */
void channel_close(struct channel *channel);

bool channel_is_open(const struct channel *channel);
/* Why reading or sealing failed; NULL: memory or room. */
const struct bas_fault *channel_fault(const struct channel *channel);
/* Octets kept of a record that is not whole. */
size_t channel_unfinished(const struct channel *channel);

#endif
