/*
 * The signature of a keyring (spec 5.3), over its elements as they come. The length in front of a
 * text of 128 octets and more is written in two ways by those who make and read keyrings: both
 * signatures come out.
 */
#ifndef BASALT_KNX_KEYRING_SIGN_H
#define BASALT_KNX_KEYRING_SIGN_H

#include "basalt/knx_keyring.h"

#include "crypto/crypto.h"

enum { KNX_KEYRING_SIGNATURE = 16, KNX_KEYRING_MAX_ATTRIBUTES = 64 };

struct knx_keyring_attribute {
    const char *name;
    struct bas_slice value; /* decoded, UTF-8 */
};
struct knx_keyring_signatures {
    uint8_t of_groups[KNX_KEYRING_SIGNATURE];    /* lengths in groups of 7 bits, low first */
    uint8_t of_one_octet[KNX_KEYRING_SIGNATURE]; /* lengths as one octet, cut off */
};

/* Wipe with bas_wipe. */
struct knx_keyring_sign {
    struct bas_sha256_parts of_groups;
    struct bas_sha256_parts of_one_octet;
};
void knx_keyring_sign_init(struct knx_keyring_sign *sign);
/* Sorts attributes (n <= KNX_KEYRING_MAX_ATTRIBUTES). Signature and namespaces are left out. */
void knx_keyring_sign_open(struct knx_keyring_sign *sign, const char *name,
                           struct knx_keyring_attribute *attributes, size_t n);
void knx_keyring_sign_close(struct knx_keyring_sign *sign);
void knx_keyring_sign_end(struct knx_keyring_sign *sign, const struct knx_key *keyring_key,
                          struct knx_keyring_signatures *signatures);

#endif
