/* IP addresses as text, without the socket headers. */
#ifndef BASALT_TLS_ADDRESS_H
#define BASALT_TLS_ADDRESS_H

#include "basalt/base.h"

enum { BAS_TLS_ADDRESS_TEXT = 48 };

/* The 4 or 16 octets of an address; their count, 0 when text is none. */
size_t bas_tls_address_parse(const char *text, uint8_t octets[16]);
/* 4 or 16 octets as text (RFC 5952); another count gives hex. Gives text. */
const char *bas_tls_address_text(char text[BAS_TLS_ADDRESS_TEXT], struct bas_slice octets);

#endif
