/* Owns which certificates we accept (Annex AB.7.4): trust is the configured issuers alone. */
#include "tls/verify.h"

#include "tls/address.h"
#include "tls/identity.h"
#include "tls/revocation.h"

#include <string.h>

/* Dates are judged here with the clock of env; the issuer's do not count. A certificate that equals
 * a trusted one must not pass for that. */
static const unsigned flags = GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DO_NOT_ALLOW_SAME |
                              GNUTLS_VERIFY_DO_NOT_ALLOW_X509_V1_CA_CRT |
                              GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_MEDIUM);

static bool is_ca(gnutls_x509_crt_t certificate)
{
    unsigned critical = 0;
    return gnutls_x509_crt_get_ca_status(certificate, &critical) > 0;
}

static bool may_sign(gnutls_x509_crt_t certificate)
{
    unsigned usage = 0;
    unsigned critical = 0;
    int status = gnutls_x509_crt_get_key_usage(certificate, &usage, &critical);
    return status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE ||
           (status == GNUTLS_E_SUCCESS && (usage & GNUTLS_KEY_KEY_CERT_SIGN) != 0);
}

static bas_err check_issuer(gnutls_x509_crt_t issuer, const char *file, struct bas_fault *fault)
{
    if (is_ca(issuer) && may_sign(issuer)) {
        return BAS_OK;
    }
    struct bas_tls_identity identity;
    bas_tls_identity_fill(&identity, issuer);
    return bas_fail_code(fault, BAS_ERR_CERTIFICATE, BAC_ERROR_CLASS_SECURITY,
                         BAC_ERROR_CODE_CERTIFICATE_INVALID,
                         "%.100s: %.60s cannot be an issuer: it lacks CA:TRUE or keyCertSign; name "
                         "the CA certificate there, not a device's",
                         file, identity.subject);
}

static bas_err add_all(struct bas_tls_trust *trust, const char *file, gnutls_x509_crt_t *list,
                       unsigned n, struct bas_fault *fault)
{
    bas_err err = BAS_OK;
    for (unsigned i = 0; i < n; i++) {
        if (err == BAS_OK && trust->n == BAS_TLS_TRUST_MAX) {
            err = bas_fail(fault, BAS_ERR_NO_SPACE,
                           "%s: more than %d issuer certificates are configured", file,
                           BAS_TLS_TRUST_MAX);
        }
        if (err == BAS_OK) {
            err = check_issuer(list[i], file, fault);
        }
        if (err == BAS_OK) {
            trust->issuers[trust->n++] = list[i];
        } else {
            gnutls_x509_crt_deinit(list[i]);
        }
    }
    return err;
}

/* bsc 7.4-06 7.5-06 */
bas_err bas_tls_trust_add(struct bas_tls_trust *trust, const char *file, gnutls_datum_t pem,
                          struct bas_fault *fault)
{
    gnutls_x509_crt_t *list = NULL;
    unsigned n = 0;
    int status = gnutls_x509_crt_list_import2(&list, &n, &pem, GNUTLS_X509_FMT_PEM, 0);
    if (status < 0) {
        return bas_fail_code(fault, BAS_ERR_CERTIFICATE, BAC_ERROR_CLASS_SECURITY,
                             BAC_ERROR_CODE_CERTIFICATE_MALFORMED,
                             "%s holds no issuer certificate in PEM form (%s)", file,
                             gnutls_strerror(status));
    }
    bas_err err = add_all(trust, file, list, n, fault);
    gnutls_free(list);
    return err;
}

void bas_tls_trust_fini(struct bas_tls_trust *trust)
{
    for (size_t i = 0; i < trust->n; i++) {
        gnutls_x509_crt_deinit(trust->issuers[i]);
    }
    trust->n = 0;
}

static bool same(const gnutls_datum_t *a, const gnutls_datum_t *b)
{
    return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

/* Whether the certificate names this issuer as its own. */
static bool names_issuer(gnutls_x509_crt_t certificate, gnutls_x509_crt_t issuer)
{
    gnutls_datum_t named = { NULL, 0 };
    gnutls_datum_t name = { NULL, 0 };
    bool known = gnutls_x509_crt_get_raw_issuer_dn(certificate, &named) == GNUTLS_E_SUCCESS &&
                 gnutls_x509_crt_get_raw_dn(issuer, &name) == GNUTLS_E_SUCCESS &&
                 same(&named, &name);
    gnutls_free(named.data);
    gnutls_free(name.data);
    return known;
}

/* The reason behind the status bits, the weightiest first. */
static enum bas_tls_reason reason_of_status(unsigned status)
{
    static const struct {
        unsigned bits;
        enum bas_tls_reason reason;
    } reasons[] = {
        { GNUTLS_CERT_SIGNATURE_FAILURE, BAS_TLS_BAD_SIGNATURE },
        { GNUTLS_CERT_SIGNER_NOT_CA | GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE,
          BAS_TLS_BEYOND_ISSUER },
        { GNUTLS_CERT_SIGNER_NOT_FOUND, BAS_TLS_OTHER_ISSUER_KEY },
        { GNUTLS_CERT_INSECURE_ALGORITHM, BAS_TLS_WEAK },
        { GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS, BAS_TLS_UNKNOWN_EXTENSION },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(reasons); i++) {
        if ((status & reasons[i].bits) != 0) {
            return reasons[i].reason;
        }
    }
    return status == 0 ? BAS_TLS_ACCEPTED : BAS_TLS_UNFIT;
}

/* Two issuers of one name happen when a CA is rolled over: every one is tried. bsc 7.4-07 */
static enum bas_tls_reason judge_signature(const struct bas_tls_trust *trust,
                                           gnutls_x509_crt_t certificate)
{
    enum bas_tls_reason verdict = BAS_TLS_UNKNOWN_ISSUER;
    for (size_t i = 0; i < trust->n && verdict != BAS_TLS_ACCEPTED; i++) {
        if (!names_issuer(certificate, trust->issuers[i])) {
            continue;
        }
        unsigned status = GNUTLS_CERT_INVALID;
        if (gnutls_x509_crt_verify(certificate, &trust->issuers[i], 1, flags, &status) < 0) {
            status = GNUTLS_CERT_INVALID;
        }
        enum bas_tls_reason reason = reason_of_status(status);
        if (verdict == BAS_TLS_UNKNOWN_ISSUER || reason != BAS_TLS_OTHER_ISSUER_KEY) {
            verdict = reason;
        }
    }
    return verdict;
}

/* bsc 7.4-08 7.4-11 */
static enum bas_tls_reason judge_dates(gnutls_x509_crt_t certificate, int64_t now)
{
    int64_t not_before = (int64_t)gnutls_x509_crt_get_activation_time(certificate);
    int64_t not_after = (int64_t)gnutls_x509_crt_get_expiration_time(certificate);
    if (not_before == -1 || not_after == -1) {
        return BAS_TLS_MALFORMED;
    }
    if (now < not_before) {
        return BAS_TLS_NOT_YET_VALID;
    }
    return now > not_after ? BAS_TLS_EXPIRED : BAS_TLS_ACCEPTED;
}

static bool is_issuer(const struct bas_tls_trust *trust, gnutls_x509_crt_t certificate)
{
    for (size_t i = 0; i < trust->n; i++) {
        if (gnutls_x509_crt_equals(certificate, trust->issuers[i]) != 0) {
            return true;
        }
    }
    return false;
}

enum { RSA_BITS_MAX = 8192, RSA_EXPONENT_MAX = 8 };

static bool is_fit_rsa(gnutls_x509_crt_t certificate, unsigned bits)
{
    gnutls_datum_t modulus = { NULL, 0 };
    gnutls_datum_t exponent = { NULL, 0 };
    if (bits > RSA_BITS_MAX ||
        gnutls_x509_crt_get_pk_rsa_raw(certificate, &modulus, &exponent) < 0) {
        return false;
    }
    bool is_fit = exponent.size <= RSA_EXPONENT_MAX;
    gnutls_free(modulus.data);
    gnutls_free(exponent.data);
    return is_fit;
}

/* A handshake of TLS 1.3 is always signed. */
static bool may_sign_handshake(gnutls_x509_crt_t certificate)
{
    unsigned usage = 0;
    unsigned critical = 0;
    int status = gnutls_x509_crt_get_key_usage(certificate, &usage, &critical);
    return status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE ||
           (status == GNUTLS_E_SUCCESS && (usage & GNUTLS_KEY_DIGITAL_SIGNATURE) != 0);
}

enum bas_tls_reason bas_tls_key_judge(gnutls_x509_crt_t certificate)
{
    unsigned bits = 0;
    int kind = gnutls_x509_crt_get_pk_algorithm(certificate, &bits);
    bool is_fit = kind == GNUTLS_PK_EDDSA_ED25519 ||
                  (kind == GNUTLS_PK_ECDSA && (bits == 256 || bits == 384)) ||
                  (kind == GNUTLS_PK_RSA && is_fit_rsa(certificate, bits));
    if (!is_fit) {
        return BAS_TLS_UNFIT_KEY;
    }
    return may_sign_handshake(certificate) ? BAS_TLS_ACCEPTED : BAS_TLS_NOT_FOR_SIGNING;
}

unsigned bas_tls_purposes(gnutls_x509_crt_t certificate)
{
    static const struct {
        const char *oid;
        unsigned purposes;
    } rows[] = {
        { GNUTLS_KP_TLS_WWW_CLIENT, BAS_TLS_AS_CLIENT },
        { GNUTLS_KP_TLS_WWW_SERVER, BAS_TLS_AS_SERVER },
        { GNUTLS_KP_ANY, BAS_TLS_AS_CLIENT | BAS_TLS_AS_SERVER },
    };
    unsigned allowed = 0;
    for (unsigned i = 0;; i++) {
        char oid[128];
        size_t len = sizeof(oid);
        int status = gnutls_x509_crt_get_key_purpose_oid(certificate, i, oid, &len, NULL);
        if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
            return i == 0 ? BAS_TLS_AS_CLIENT | BAS_TLS_AS_SERVER : allowed;
        }
        if (status < 0 && status != GNUTLS_E_SHORT_MEMORY_BUFFER) {
            return allowed;
        }
        for (size_t row = 0; row < BAS_ARRAY_LEN(rows); row++) {
            if (status >= 0 && strcmp(oid, rows[row].oid) == 0) {
                allowed |= rows[row].purposes;
            }
        }
    }
}

/* The rules, in the order in which they are asked: what weighs more stands first. */

static enum bas_tls_reason rule_no_issuer(const struct bas_tls_question *q)
{
    return is_issuer(q->trust, q->certificate) ? BAS_TLS_IS_ISSUER : BAS_TLS_ACCEPTED;
}

static enum bas_tls_reason rule_signature(const struct bas_tls_question *q)
{
    return judge_signature(q->trust, q->certificate);
}

/* Before the dates: they must not hide it. bsc 7.4-08 */
static enum bas_tls_reason rule_not_revoked(const struct bas_tls_question *q)
{
    bool is_revoked =
        q->revocations != NULL && bas_tls_revocations_find(q->revocations, q->certificate) != NULL;
    return is_revoked ? BAS_TLS_REVOKED : BAS_TLS_ACCEPTED;
}

static enum bas_tls_reason rule_version(const struct bas_tls_question *q)
{
    return gnutls_x509_crt_get_version(q->certificate) == 3 ? BAS_TLS_ACCEPTED
                                                            : BAS_TLS_OLD_VERSION;
}

static enum bas_tls_reason rule_no_ca(const struct bas_tls_question *q)
{
    return is_ca(q->certificate) ? BAS_TLS_IS_CA : BAS_TLS_ACCEPTED;
}

static enum bas_tls_reason rule_key(const struct bas_tls_question *q)
{
    return bas_tls_key_judge(q->certificate);
}

/* bsc 7.4-10 */
static enum bas_tls_reason rule_purpose(const struct bas_tls_question *q)
{
    bool is_for_it = (bas_tls_purposes(q->certificate) & q->purposes) != 0;
    return is_for_it ? BAS_TLS_ACCEPTED : BAS_TLS_OTHER_PURPOSE;
}

static enum bas_tls_reason rule_dates(const struct bas_tls_question *q)
{
    return judge_dates(q->certificate, q->now);
}

enum bas_tls_reason bas_tls_trust_judge(const struct bas_tls_question *question)
{
    static enum bas_tls_reason (*const rules[])(const struct bas_tls_question *) = {
        rule_no_issuer, rule_signature, rule_not_revoked, rule_version,
        rule_no_ca,     rule_key,       rule_purpose,     rule_dates,
    };
    enum bas_tls_reason verdict = BAS_TLS_ACCEPTED;
    for (size_t i = 0; i < BAS_ARRAY_LEN(rules) && verdict == BAS_TLS_ACCEPTED; i++) {
        verdict = rules[i](question);
    }
    return verdict;
}

static bool has_dns_name(gnutls_x509_crt_t certificate)
{
    struct bas_tls_name name;
    for (unsigned i = 0; i < BAS_TLS_NAMES; i++) {
        if (!bas_tls_identity_name(certificate, i, &name)) {
            return false;
        }
        if (name.kind == GNUTLS_SAN_DNSNAME) {
            return true;
        }
    }
    return false;
}

/* bsc 7.4-09 */
bool bas_tls_host_matches(gnutls_x509_crt_t certificate, const char *host)
{
    uint8_t address[16];
    size_t len = bas_tls_address_parse(host, address);
    if (len != 0) {
        return gnutls_x509_crt_check_ip(certificate, address, (unsigned)len, 0) != 0;
    }
    /* without a DNS name the library would fall back to the common name */
    return has_dns_name(certificate) &&
           gnutls_x509_crt_check_hostname2(certificate, host,
                                           GNUTLS_VERIFY_DO_NOT_ALLOW_IP_MATCHES) != 0;
}
