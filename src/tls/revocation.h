/* What our issuers have revoked: their lists, verified and put in order. */
#ifndef BASALT_TLS_REVOCATION_H
#define BASALT_TLS_REVOCATION_H

#include "tls/crl.h"
#include "tls/verify.h"

enum { BAS_TLS_LIST_NAME = 40 };

/* A row, the issuer whose serial numbers it speaks of, and the file that it stands in. */
struct bas_tls_revoked {
    struct bas_tls_crl_row row;
    uint8_t issuer; /* the first of this name in the trust */
    uint8_t file;
};

struct bas_tls_revocations {
    const struct bas_env *env;         /* set by the caller */
    const struct bas_tls_trust *trust; /* set by the caller */
    struct bas_tls_revoked *revoked;   /* by issuer and serial */
    size_t n;
    size_t n_files;
    char files[BAS_TLS_MAX_CRLS][BAS_TLS_LIST_NAME]; /* the end of each name */
};

/*
 * Adds the lists of a PEM text. Each must be signed by one of the issuers. A list that should have
 * been replaced by now, or that is of the future, still revokes; the log of env says so.
 */
bas_err bas_tls_revocations_add(struct bas_tls_revocations *revocations, const char *file,
                                gnutls_datum_t pem, struct bas_fault *fault);
void bas_tls_revocations_fini(struct bas_tls_revocations *revocations);

/* The row that revokes this certificate, or NULL. */
const struct bas_tls_revoked *
bas_tls_revocations_find(const struct bas_tls_revocations *revocations,
                         gnutls_x509_crt_t certificate);

#endif
