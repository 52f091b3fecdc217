/* The revocation list of an authority as a file: ca.crl. */
#ifndef BASALT_TLS_PKI_CRL_H
#define BASALT_TLS_PKI_CRL_H

#include "tls/pki/work.h"

/* Reads a list; NULL where there is none. BAS_ERR_CERTIFICATE: it is not the issuer's. Free with
 * gnutls_x509_crl_deinit. */
bas_err bas_pki_crl_read(const struct bas_env *env, const char *path, gnutls_x509_crt_t issuer,
                         gnutls_x509_crl_t *crl, struct bas_fault *fault);
/* What such a list says about itself. */
void bas_pki_crl_describe(gnutls_x509_crl_t crl, struct bas_pki_crl *out);
/* Makes a list of all that is revoked in the index and writes it in place of the old one. crl:
 * number and both dates are given. */
bas_err bas_pki_crl_write(const struct bas_pki_work *work, const struct bas_pki_crl *crl);

#endif
