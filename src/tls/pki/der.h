/* A writer of DER (X.690), for what the TLS library cannot write: revocation lists with reasons. */
#ifndef BASALT_TLS_PKI_DER_H
#define BASALT_TLS_PKI_DER_H

#include "basalt/base.h"

enum bas_der_tag {
    BAS_DER_BOOLEAN = 0x01,
    BAS_DER_INTEGER = 0x02,
    BAS_DER_BIT_STRING = 0x03,
    BAS_DER_OCTET_STRING = 0x04,
    BAS_DER_OID = 0x06,
    BAS_DER_ENUMERATED = 0x0A,
    BAS_DER_UTC_TIME = 0x17,
    BAS_DER_GENERALIZED_TIME = 0x18,
    BAS_DER_SEQUENCE = 0x30,
    BAS_DER_CONTEXT_0 = 0x80,
    BAS_DER_CONSTRUCTED_0 = 0xA0
};

/* Puts tag and length in front of all that was written since start (out->len then). */
void bas_der_close(struct bas_buf *out, unsigned tag, size_t start);
/* A whole element. */
void bas_der_add(struct bas_buf *out, unsigned tag, struct bas_slice content);
/* A number that is not negative, from its octets in network order. */
void bas_der_integer(struct bas_buf *out, struct bas_slice octets);
void bas_der_unsigned(struct bas_buf *out, uint64_t value);
/* UTCTime to 2049, GeneralizedTime from then on (RFC 5280, 5.1.2.4). */
void bas_der_time(struct bas_buf *out, int64_t seconds);

#endif
