/* Why we refuse, in three languages: a sentence, a TLS alert, a BACnet error code. */
#ifndef BASALT_TLS_REASON_H
#define BASALT_TLS_REASON_H

#include "basalt/tls.h"

enum bas_tls_reason {
    BAS_TLS_ACCEPTED,
    /* about a certificate that was shown */
    BAS_TLS_EXPIRED,
    BAS_TLS_NOT_YET_VALID,
    BAS_TLS_UNKNOWN_ISSUER,
    BAS_TLS_OTHER_ISSUER_KEY,
    BAS_TLS_BAD_SIGNATURE,
    BAS_TLS_REVOKED,
    BAS_TLS_IS_ISSUER,
    BAS_TLS_IS_CA,
    BAS_TLS_OLD_VERSION,
    BAS_TLS_WEAK,
    BAS_TLS_UNFIT_KEY,
    BAS_TLS_NOT_FOR_SIGNING,
    BAS_TLS_OTHER_PURPOSE,
    BAS_TLS_UNKNOWN_EXTENSION,
    BAS_TLS_BEYOND_ISSUER,
    BAS_TLS_UNFIT,
    BAS_TLS_OTHER_HOST,
    BAS_TLS_NOT_ITS_KEY,
    /* about one that was not, or that nobody can read */
    BAS_TLS_MALFORMED,
    BAS_TLS_MISSING,
    /* about the connection */
    BAS_TLS_OLD_TLS,
    BAS_TLS_NOTHING_IN_COMMON,
    BAS_TLS_TAMPERED,
    BAS_TLS_NOT_TLS,
    BAS_TLS_RECORD_TOO_LONG,
    BAS_TLS_FLOOD,
    BAS_TLS_CLOSED_EARLY,
    BAS_TLS_NO_ROOM,
    BAS_TLS_NO_MEMORY,
    BAS_TLS_OTHER,
    BAS_TLS_REASONS
};

/* The kinds that bacnet-sc.md 7.6 knows: each has a code for a client's and one for a server's
 * certificate. */
enum bas_tls_kind {
    BAS_TLS_KIND_CERTIFICATE,
    BAS_TLS_KIND_AUTHENTICATION,
    BAS_TLS_KIND_EXPIRED,
    BAS_TLS_KIND_REVOKED,
    BAS_TLS_KIND_TLS,
    BAS_TLS_KINDS
};
unsigned bas_tls_kind_code(enum bas_tls_kind kind, enum bas_tls_role shown_by);

enum { BAS_TLS_NO_ALERT = 256 };
/* One refusal of a peer. identity: what it showed, or NULL. detail: a part of the sentence where
 * the reason has one (a host, a revocation, the library's text), or NULL. alert: what was sent. */
struct bas_tls_refusal {
    enum bas_tls_reason reason;
    enum bas_tls_role peer;
    const struct bas_tls_identity *identity;
    const char *detail;
    unsigned alert;
    int64_t now;
};
/* The sentence about a peer; gives fault->err. */
bas_err bas_tls_refusal_fault(const struct bas_tls_refusal *refusal, struct bas_fault *fault);
/* The sentence about our own certificate, which file holds. */
bas_err bas_tls_own_fault(const struct bas_tls_refusal *refusal, const char *file,
                          struct bas_fault *fault);

/* The alert that names a reason truly. */
unsigned bas_tls_reason_alert(enum bas_tls_reason reason);
/* The reason behind an error of the library during a handshake or a read. */
enum bas_tls_reason bas_tls_reason_of(int library_error);

/*
 * What an alert from the peer means for us: the peer refused our certificate, or the connection.
 * Gives fault->err.
 */
bas_err bas_tls_alert_fault(unsigned alert, enum bas_tls_role we,
                            const struct bas_tls_identity *ours, int64_t now,
                            struct bas_fault *fault);

#endif
