/* What a peer's handshake messages say, before the library acts on them. */
#ifndef BASALT_TLS_HELLO_H
#define BASALT_TLS_HELLO_H

#include "basalt/tls.h"

#include <gnutls/gnutls.h>

struct bas_tls_hello {
    bool has_tls13;
    size_t record_limit; /* plain octets of a record, BAS_TLS_RECORD when it asks for nothing */
};

/* Reads a ClientHello (from a client) or the EncryptedExtensions (from a server). An error of the
 * library when it cannot. */
int bas_tls_hello_read(struct bas_tls_hello *hello, enum bas_tls_role from,
                       const gnutls_datum_t *message);

/* The first certificate (DER, borrowed) of a Certificate message of TLS 1.3. False: there is none,
 * or the message is malformed, which is for the library to say. */
bool bas_tls_hello_leaf(const gnutls_datum_t *message, gnutls_datum_t *der);

#endif
