/* A certificate as struct bas_pki_certificate. */
#ifndef BASALT_TLS_DESCRIBE_H
#define BASALT_TLS_DESCRIBE_H

#include "basalt/pki.h"

#include <gnutls/x509.h>

/* The first certificate of a PEM text. BAS_ERR_CERTIFICATE: there is none. */
bas_err bas_pki_describe(struct bas_pki_certificate *out, gnutls_datum_t pem);

#endif
