/* What sessions see of their context: credentials, trust and settings of one identity. */
#ifndef BASALT_TLS_CONTEXT_H
#define BASALT_TLS_CONTEXT_H

#include "tls/verify.h"

#include <gnutls/gnutls.h>

struct bas_tls_context {
    struct bas_env env;
    size_t refs;
    struct bas_tls_trust trust;
    gnutls_certificate_credentials_t credentials;
    gnutls_priority_t priority;
    struct bas_tls_identity identity;
    int keylog; /* a file descriptor, or -1 */
};

struct bas_tls_context *bas_tls_context_ref(struct bas_tls_context *context);

#endif
