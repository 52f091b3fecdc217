/* A certificate as struct bas_pki_certificate. */
#ifndef BASALT_TLS_DESCRIBE_H
#define BASALT_TLS_DESCRIBE_H

#include "basalt/pki.h"

#include "tls/identity.h"

#include <gnutls/x509.h>

/* The first certificate of a PEM text. BAS_ERR_CERTIFICATE: there is none. */
bas_err bas_pki_describe(struct bas_pki_certificate *out, gnutls_datum_t pem);

/* The same of a certificate that is in memory, perhaps not signed yet: what it lacks stays empty.
 */
void bas_pki_describe_parts(struct bas_pki_certificate *out, gnutls_x509_crt_t certificate);
/* One more name, and the UUID where it is the first. */
void bas_pki_describe_name(struct bas_pki_certificate *out, const struct bas_tls_name *name);

#endif
