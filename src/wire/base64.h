/* Base64 (RFC 4648 section 4), the strict kind: padding is needed, nothing foreign is skipped. */
#ifndef BASALT_WIRE_BASE64_H
#define BASALT_WIRE_BASE64_H

#include "basalt/base.h"

/* Characters that len octets become, padding included. */
#define BAS_BASE64_LEN(len) (((len) + 2) / 3 * 4)

void bas_base64_encode(struct bas_buf *out, struct bas_slice octets);

/*
 * *len is the capacity in and the count out. BAS_ERR_MALFORMED: a foreign character, missing
 * padding, or bits behind the end that are not zero (so that a text has one spelling only);
 * BAS_ERR_TOO_LONG: does not fit. out may be written in part on failure.
 */
BAS_MUST_USE bas_err bas_base64_decode(struct bas_slice text, uint8_t *out, size_t *len);

#endif
