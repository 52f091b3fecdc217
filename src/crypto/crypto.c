/* Owns every call into nettle. */
#include "crypto/crypto.h"

#include <nettle/sha1.h>

_Static_assert(BAS_SHA1_LEN == SHA1_DIGEST_SIZE, "the digest is as long as the library says");

void bas_sha1(struct bas_slice octets, uint8_t digest[BAS_SHA1_LEN])
{
    struct sha1_ctx sha1;
    sha1_init(&sha1);
    sha1_update(&sha1, octets.len, octets.data);
    sha1_digest(&sha1, BAS_SHA1_LEN, digest);
}
