/* Owns the revocation lists (RFC 5280, 5): which are taken, and who stands in them. They are read
 * once, since the library walks a list anew for every certificate. */
#include "tls/revocation.h"

#include "tls/identity.h"

#include <stdlib.h>
#include <string.h>

/* The issuer's own dates do not count, as for certificates. */
static const unsigned flags =
    GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_MEDIUM);

static bool same(gnutls_datum_t a, gnutls_datum_t b)
{
    return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

/* The first issuer of this name from index on; n of the trust: none. */
static size_t find_issuer(const struct bas_tls_trust *trust, gnutls_datum_t name, size_t index)
{
    for (; index < trust->n; index++) {
        gnutls_datum_t subject = { NULL, 0 };
        bool found =
            gnutls_x509_crt_get_raw_dn(trust->issuers[index], &subject) >= 0 && same(subject, name);
        gnutls_free(subject.data);
        if (found) {
            break;
        }
    }
    return index;
}

static int compare(const void *left, const void *right)
{
    const struct bas_tls_revoked *a = left;
    const struct bas_tls_revoked *b = right;
    if (a->issuer != b->issuer) {
        return a->issuer < b->issuer ? -1 : 1;
    }
    if (a->row.serial_len != b->row.serial_len) {
        return a->row.serial_len < b->row.serial_len ? -1 : 1;
    }
    return memcmp(a->row.serial, b->row.serial, a->row.serial_len);
}

/* One list that is being added */

struct adding {
    struct bas_tls_revocations *to;
    const char *file;
    gnutls_x509_crl_t list;
    char issuer[256];
    size_t issuer_index;
    struct bas_fault *fault;
};

static bas_err refuse(const struct adding *adding, unsigned code, const char *why)
{
    return bas_fail_code(adding->fault, BAS_ERR_CERTIFICATE, BAC_ERROR_CLASS_SECURITY, code,
                         "the revocation list %.80s of %.44s %s", adding->file, adding->issuer,
                         why);
}

static void read_issuer_name(struct adding *adding)
{
    gnutls_datum_t dn = { NULL, 0 };
    if (gnutls_x509_crl_get_issuer_dn3(adding->list, &dn, 0) >= 0) {
        bas_text_copy(adding->issuer, sizeof(adding->issuer),
                      (struct bas_slice){ dn.data, dn.size });
        gnutls_free(dn.data);
    }
}

/* The weightiest of the status bits; NULL: the list is sound. That it is old is no fault. */
static const char *weigh(unsigned status)
{
    static const struct {
        unsigned bits;
        const char *why;
    } rows[] = {
        { GNUTLS_CERT_SIGNATURE_FAILURE, "is damaged or forged: its signature does not verify; "
                                         "fetch it anew" },
        { GNUTLS_CERT_SIGNER_NOT_CA | GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE,
          "is signed by an issuer that may not sign lists: it lacks cRLSign; issue the CA anew" },
        { GNUTLS_CERT_INSECURE_ALGORITHM,
          "has a signature that is too weak; sign it with ECDSA and SHA-256" },
        { GNUTLS_CERT_SIGNER_NOT_FOUND,
          "is signed with another key than that of our issuer; add that issuer" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        if ((status & rows[i].bits) != 0) {
            return rows[i].why;
        }
    }
    status &= ~(unsigned)(GNUTLS_CERT_INVALID | GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED |
                          GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE);
    return status == 0 ? NULL : "breaks the rules of X.509; make it anew";
}

/* Two issuers of one name happen when a CA is rolled over: one of them must have signed. bsc 7.4-08
 */
static bas_err verify(struct adding *adding)
{
    const struct bas_tls_trust *trust = adding->to->trust;
    gnutls_datum_t name = { NULL, 0 };
    const char *why = "is of none of our issuers; name the list of an issuer that is configured";
    if (gnutls_x509_crl_get_raw_issuer_dn(adding->list, &name) < 0) {
        return refuse(adding, BAC_ERROR_CODE_CERTIFICATE_MALFORMED, "names no issuer");
    }
    adding->issuer_index = find_issuer(trust, name, 0);
    for (size_t i = adding->issuer_index; i < trust->n && why != NULL;
         i = find_issuer(trust, name, i + 1)) {
        unsigned status = GNUTLS_CERT_SIGNER_NOT_FOUND;
        gnutls_x509_crt_t issuer = trust->issuers[i];
        if (gnutls_x509_crl_verify(adding->list, &issuer, 1, flags, &status) < 0) {
            status = GNUTLS_CERT_SIGNATURE_FAILURE;
        }
        why = weigh(status);
    }
    gnutls_free(name.data);
    return why != NULL ? refuse(adding, BAC_ERROR_CODE_CERTIFICATE_INVALID, why) : BAS_OK;
}

/* A delta, a list of a part, or one that speaks for other issuers says so in a critical extension
 * (RFC 5280, 5.2): taken for a full one it would mislead. */
static bas_err check_extensions(const struct adding *adding)
{
    for (unsigned i = 0;; i++) {
        char oid[128];
        size_t len = sizeof(oid);
        unsigned critical = 0;
        int status = gnutls_x509_crl_get_extension_info(adding->list, i, oid, &len, &critical);
        if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
            return BAS_OK;
        }
        if (status < 0 || critical != 0) {
            return refuse(adding, BAC_ERROR_CODE_CERTIFICATE_INVALID,
                          "is not a full one (it has a critical extension); make a full one");
        }
    }
}

static bas_err grow(struct adding *adding, size_t more)
{
    struct bas_tls_revocations *to = adding->to;
    if (more == 0) {
        return BAS_OK;
    }
    struct bas_tls_revoked *grown = bas_alloc(to->env, (to->n + more) * sizeof(*grown));
    if (grown == NULL) {
        return bas_fail(adding->fault, BAS_ERR_NO_MEMORY, "no memory for the revocation list %s",
                        adding->file);
    }
    if (to->n != 0) {
        memcpy(grown, to->revoked, to->n * sizeof(*grown));
        bas_release(to->env, to->revoked, to->n * sizeof(*grown));
    }
    to->revoked = grown;
    return BAS_OK;
}

/* The rows, counted or (into not NULL) copied. */
static bas_err read_rows(const struct adding *adding, struct bas_slice der,
                         struct bas_tls_revoked *into, size_t *n)
{
    struct bas_tls_crl crl;
    struct bas_tls_crl_row row;
    *n = 0;
    bas_err err = bas_tls_crl_open(&crl, der);
    while (err == BAS_OK) {
        err = bas_tls_crl_next(&crl, &row);
        if (err == BAS_OK && into != NULL) {
            into[*n] = (struct bas_tls_revoked){ .row = row,
                                                 .issuer = (uint8_t)adding->issuer_index,
                                                 .file = (uint8_t)adding->to->n_files };
        }
        *n += err == BAS_OK;
    }
    return err == BAS_ERR_NOT_FOUND ? BAS_OK
                                    : refuse(adding, BAC_ERROR_CODE_CERTIFICATE_MALFORMED,
                                             "has a row that cannot be decoded; make it anew");
}

static bas_err take_rows(struct adding *adding)
{
    gnutls_datum_t octets = { NULL, 0 };
    if (gnutls_x509_crl_export2(adding->list, GNUTLS_X509_FMT_DER, &octets) < 0) {
        return bas_fail(adding->fault, BAS_ERR_NO_MEMORY, "no memory for the revocation list %s",
                        adding->file);
    }
    struct bas_slice der = { octets.data, octets.size };
    struct bas_tls_revocations *to = adding->to;
    size_t n = 0;
    bas_err err = read_rows(adding, der, NULL, &n);
    if (err == BAS_OK) {
        err = grow(adding, n);
    }
    if (err == BAS_OK && n != 0) {
        err = read_rows(adding, der, to->revoked + to->n, &n);
        to->n += n;
        qsort(to->revoked, to->n, sizeof(*to->revoked), compare);
    }
    gnutls_free(octets.data);
    return err;
}

static void log_dates(const struct adding *adding)
{
    const struct bas_env *env = adding->to->env;
    int64_t now = bas_tls_now(env);
    int64_t from = (int64_t)gnutls_x509_crl_get_this_update(adding->list);
    int64_t next = (int64_t)gnutls_x509_crl_get_next_update(adding->list);
    char then[BAS_TLS_TIME_TEXT];
    char clock[BAS_TLS_TIME_TEXT];
    if (next != -1 && now > next) {
        bas_log(env, BAS_LOG_WARNING,
                "the revocation list %s of %s should have been replaced by %s; our clock says %s: "
                "what was revoked since is not known; fetch the new one",
                adding->file, adding->issuer, bas_tls_time_text(then, next),
                bas_tls_time_text(clock, now));
    }
    if (from > now) {
        bas_log(env, BAS_LOG_WARNING,
                "the revocation list %s of %s is of %s, but our clock says %s: set the clock",
                adding->file, adding->issuer, bas_tls_time_text(then, from),
                bas_tls_time_text(clock, now));
    }
}

static bas_err add_one(struct adding *adding)
{
    read_issuer_name(adding);
    bas_err err = verify(adding);
    if (err == BAS_OK) {
        err = check_extensions(adding);
    }
    if (err == BAS_OK) {
        err = take_rows(adding);
    }
    if (err == BAS_OK) {
        log_dates(adding);
    }
    return err;
}

static void keep_name(struct bas_tls_revocations *to, const char *file)
{
    size_t len = strlen(file);
    size_t most = BAS_TLS_LIST_NAME - 1;
    size_t skip = len > most ? len - most : 0;
    memcpy(to->files[to->n_files], file + skip, len - skip);
    if (skip != 0) {
        memcpy(to->files[to->n_files], "...", 3);
    }
    to->n_files++;
}

bas_err bas_tls_revocations_add(struct bas_tls_revocations *revocations, const char *file,
                                gnutls_datum_t pem, struct bas_fault *fault)
{
    gnutls_x509_crl_t *lists = NULL;
    unsigned n = 0;
    int status = gnutls_x509_crl_list_import2(&lists, &n, &pem, GNUTLS_X509_FMT_PEM, 0);
    if (status < 0 || n == 0) {
        return bas_fail_code(fault, BAS_ERR_CERTIFICATE, BAC_ERROR_CLASS_SECURITY,
                             BAC_ERROR_CODE_CERTIFICATE_MALFORMED,
                             "%s holds no revocation list in PEM form (%s)", file,
                             gnutls_strerror(status));
    }
    bas_err err = BAS_OK;
    for (unsigned i = 0; i < n; i++) {
        struct adding adding = {
            .to = revocations, .file = file, .list = lists[i], .fault = fault
        };
        err = err == BAS_OK ? add_one(&adding) : err;
        gnutls_x509_crl_deinit(lists[i]);
    }
    gnutls_free(lists);
    if (err == BAS_OK) {
        keep_name(revocations, file);
    }
    return err;
}

void bas_tls_revocations_fini(struct bas_tls_revocations *revocations)
{
    if (revocations->revoked != NULL) {
        bas_release(revocations->env, revocations->revoked,
                    revocations->n * sizeof(*revocations->revoked));
    }
    *revocations = (struct bas_tls_revocations){ 0 };
}

const struct bas_tls_revoked *
bas_tls_revocations_find(const struct bas_tls_revocations *revocations,
                         gnutls_x509_crt_t certificate)
{
    struct bas_tls_revoked wanted = { 0 };
    gnutls_datum_t name = { NULL, 0 };
    uint8_t serial[256];
    size_t len = sizeof(serial);
    if (revocations->n == 0 || gnutls_x509_crt_get_serial(certificate, serial, &len) < 0 ||
        !bas_tls_serial_copy((struct bas_slice){ serial, len }, wanted.row.serial,
                             &wanted.row.serial_len) ||
        gnutls_x509_crt_get_raw_issuer_dn(certificate, &name) < 0) {
        return NULL; /* such a serial number stands in no list that was taken */
    }
    wanted.issuer = (uint8_t)find_issuer(revocations->trust, name, 0);
    gnutls_free(name.data);
    return bsearch(&wanted, revocations->revoked, revocations->n, sizeof(wanted), compare);
}
