/* Cryptographic primitives: the only place that the library behind them is known to. */
#ifndef BASALT_CRYPTO_CRYPTO_H
#define BASALT_CRYPTO_CRYPTO_H

#include "basalt/base.h"

enum { BAS_SHA1_LEN = 20 };

/* SHA-1 (FIPS 180-4). For the WebSocket upgrade (RFC 6455 section 4.2.2), which needs no
 * resistance against collisions; not for anything that does. */
void bas_sha1(struct bas_slice octets, uint8_t digest[BAS_SHA1_LEN]);

#endif
