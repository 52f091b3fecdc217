/* Our private key and certificate, out of files or out of a token (PKCS #11). */
#ifndef BASALT_TLS_KEY_H
#define BASALT_TLS_KEY_H

#include "tls/password.h"

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

/*
 * Where material comes from. name: a file, or a pkcs11: URI. password must live as long as what is
 * made of it: a token may ask for its PIN again, and gets none once it is wiped.
 */
struct bas_tls_source {
    const struct bas_env *env;
    const char *name;
    struct bas_tls_password *password;
};

/* Free with gnutls_privkey_deinit. */
bas_err bas_tls_key_read(const struct bas_tls_source *source, gnutls_privkey_t *key,
                         struct bas_fault *fault);
/* The first certificate. Free with gnutls_x509_crt_deinit. */
bas_err bas_tls_certificate_read(const struct bas_tls_source *source,
                                 gnutls_x509_crt_t *certificate, struct bas_fault *fault);

enum { BAS_TLS_SOURCE_NAME = 96 };
/* The name as people may see it: a URI without what follows "?", which may hold a PIN. Gives text.
 */
const char *bas_tls_source_text(char text[BAS_TLS_SOURCE_NAME], const char *name);

#endif
