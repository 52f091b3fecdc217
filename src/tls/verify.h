/* Which certificates we accept: the policy of bacnet-sc.md 7.4, for a peer's and for our own. */
#ifndef BASALT_TLS_VERIFY_H
#define BASALT_TLS_VERIFY_H

#include "tls/reason.h"

#include <gnutls/x509.h>

enum { BAS_TLS_TRUST_MAX = 32 };

struct bas_tls_revocations;

/* The issuers that are trusted, and nothing else. */
struct bas_tls_trust {
    gnutls_x509_crt_t issuers[BAS_TLS_TRUST_MAX];
    size_t n;
};

/* Adds every certificate of a PEM text. The fault names file. */
bas_err bas_tls_trust_add(struct bas_tls_trust *trust, const char *file, gnutls_datum_t pem,
                          struct bas_fault *fault);
void bas_tls_trust_fini(struct bas_tls_trust *trust);

/* What a certificate is to be good for. */
enum { BAS_TLS_AS_CLIENT = 1, BAS_TLS_AS_SERVER = 2 };

/* A device's certificate, and what is asked about it. */
struct bas_tls_question {
    const struct bas_tls_trust *trust;
    const struct bas_tls_revocations *revocations; /* NULL: no lists */
    gnutls_x509_crt_t certificate;
    unsigned purposes; /* at least one of these must be allowed */
    int64_t now;       /* seconds since 1970 */
};

/*
 * Judges it: signed directly by one of the issuers, not revoked, X.509 version 3, no CA, a fit key
 * that may sign, the purpose, and valid now. The issuer's own dates do not count.
 */
enum bas_tls_reason bas_tls_trust_judge(const struct bas_tls_question *question);

/* The purposes that a certificate allows, both where it does not say (bacnet-sc.md 7.4). */
unsigned bas_tls_purposes(gnutls_x509_crt_t certificate);

/*
 * Judges the key alone: P-256, P-384, Ed25519, or RSA up to 8192 bits, and allowed to sign a
 * handshake. Asked before a peer's
 * signature is verified, which with a monstrous RSA key takes minutes.
 */
enum bas_tls_reason bas_tls_key_judge(gnutls_x509_crt_t certificate);

/* Whether the certificate carries host as subject alternative name (DNS name or IP address). */
bool bas_tls_host_matches(gnutls_x509_crt_t certificate, const char *host);

#endif
