/* What sessions see of their context: credentials, trust and settings of one identity. */
#ifndef BASALT_TLS_CONTEXT_H
#define BASALT_TLS_CONTEXT_H

#include "tls/password.h"
#include "tls/revocation.h"

#include <gnutls/gnutls.h>

struct bas_tls_context {
    struct bas_env env;
    size_t refs;
    struct bas_tls_trust trust;
    struct bas_tls_revocations revocations;
    gnutls_certificate_credentials_t credentials;
    gnutls_priority_t priority;
    struct bas_tls_identity identity;
    struct bas_tls_password password; /* wiped; here since a token's key may ask for it again */
    int keylog;                       /* a file descriptor, or -1 */
};

struct bas_tls_context *bas_tls_context_ref(struct bas_tls_context *context);

/* A certificate, and who shows it. */
struct bas_tls_shown {
    gnutls_x509_crt_t certificate;
    enum bas_tls_role by;
    const char *host; /* the name to look for, empty: none */
};

/* What became of it. */
struct bas_tls_verdict {
    enum bas_tls_reason reason;
    struct bas_tls_identity identity; /* unless it was accepted */
    char detail[160];
};

/* The judgement that a handshake, bas_tls_judge and bas_tls_recheck share. Gives whether it is
 * accepted. */
bool bas_tls_context_judge(const struct bas_tls_context *context, const struct bas_tls_shown *shown,
                           struct bas_tls_verdict *verdict);
/* The same about the context's own certificate, which serves both roles. */
bool bas_tls_context_judge_own(const struct bas_tls_context *context, gnutls_x509_crt_t certificate,
                               struct bas_tls_verdict *verdict);

#endif
