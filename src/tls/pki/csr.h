/* A request for a certificate (PKCS #10) that was checked. */
#ifndef BASALT_TLS_PKI_CSR_H
#define BASALT_TLS_PKI_CSR_H

#include "tls/pki/work.h"

/*
 * Reads file into work->certificate: subject and public key. names gets the subject alternative
 * names. BAS_ERR_CERTIFICATE with the reason: it is none, its signature is not its key's, the key
 * is not fit, it wants to be an authority, or it asks for a name that we do not certify.
 */
bas_err bas_pki_csr_read(const struct bas_pki_work *work, const char *file,
                         struct bas_pki_names *names);

/* Whether we certify keys of this kind and length. */
bool bas_pki_csr_has_fit_key(gnutls_x509_crq_t csr);

#endif
