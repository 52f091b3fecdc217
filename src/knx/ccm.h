/*
 * The CCM profile of KNX Secure (spec 2.2 and 4.2 to 4.4): CBC-MAC over B0, the associated data
 * behind its length in two octets, and the payload, padded once at the very end; CTR whose stream
 * covers the MAC first and the payload right behind it.
 */
#ifndef BASALT_KNX_CCM_H
#define BASALT_KNX_CCM_H

#include "basalt/knx_secure.h"

enum { KNX_BLOCK_LEN = 16, KNX_CCM_MAC_MAX = 16 };

/* The blocks of one message. The last octet of counter goes up by one for each block of stream. */
struct knx_ccm {
    const struct knx_cipher *cipher;
    uint8_t b0[KNX_BLOCK_LEN];
    uint8_t counter[KNX_BLOCK_LEN];
};

/* The whole CBC-MAC, not encrypted yet. The length of all parts of the associated data together
 * stands before them. */
void knx_ccm_mac(const struct knx_ccm *ccm, const struct bas_slice *associated, size_t n_associated,
                 struct bas_slice payload, uint8_t mac[KNX_BLOCK_LEN]);

/* mac_len octets at mac are encrypted or decrypted in place; payload into out, which may be the
 * same memory. mac_len + payload.len is at most 4096. */
struct knx_ccm_text {
    uint8_t *mac;
    size_t mac_len;
    struct bas_slice payload;
    uint8_t *out;
};
void knx_ccm_crypt(const struct knx_ccm *ccm, const struct knx_ccm_text *text);

#endif
