/* The rows of a certificate revocation list, read from its DER octets (RFC 5280, 5.1). */
#ifndef BASALT_TLS_CRL_H
#define BASALT_TLS_CRL_H

#include "wire/rd.h"

enum {
    BAS_TLS_SERIAL_MAX = 24, /* RFC 5280 allows 20 octets */
    BAS_TLS_REASON_UNSAID = 0
};

/* One certificate that was revoked. */
struct bas_tls_crl_row {
    uint8_t serial[BAS_TLS_SERIAL_MAX]; /* without leading zeros */
    uint8_t serial_len;
    uint8_t reason; /* CRLReason */
    int64_t at;     /* seconds since 1970 */
};

/* A list that is being read. */
struct bas_tls_crl {
    struct rd rows;
};

/* Goes to the first row. The list's signature and dates are not looked at. BAS_ERR_MALFORMED. */
bas_err bas_tls_crl_open(struct bas_tls_crl *crl, struct bas_slice der);
/* The next row. BAS_ERR_NOT_FOUND: there is no more. BAS_ERR_MALFORMED: it cannot be read. */
bas_err bas_tls_crl_next(struct bas_tls_crl *crl, struct bas_tls_crl_row *row);

/* A serial number as it is compared: without leading zeros. False: it is too long. */
bool bas_tls_serial_copy(struct bas_slice serial, uint8_t out[BAS_TLS_SERIAL_MAX], uint8_t *len);
/* keyCompromise and the like; "no reason given". */
const char *bas_tls_crl_reason(unsigned reason);

#endif
