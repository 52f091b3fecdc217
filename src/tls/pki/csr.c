/* Owns what may be asked of an authority: the checks of a request for a certificate (PKCS #10). */
#include "tls/pki/csr.h"

#include "tls/describe.h"
#include "tls/file.h"

#include <string.h>

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 8192, RSA_EXPONENT_MAX = 8 };

static bas_err refuse(const struct bas_pki_work *work, const char *file, const char *why)
{
    return bas_fail(work->fault, BAS_ERR_CERTIFICATE, "%.120s: %s", file, why);
}

static bool is_fit_rsa(gnutls_x509_crq_t csr, unsigned bits)
{
    gnutls_datum_t modulus = { NULL, 0 };
    gnutls_datum_t exponent = { NULL, 0 };
    if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX ||
        gnutls_x509_crq_get_key_rsa_raw(csr, &modulus, &exponent) < 0) {
        return false;
    }
    bool is_fit = exponent.size <= RSA_EXPONENT_MAX;
    gnutls_free(modulus.data);
    gnutls_free(exponent.data);
    return is_fit;
}

/* Looked at before the signature, which takes minutes to verify with a monstrous RSA key. */
bool bas_pki_csr_has_fit_key(gnutls_x509_crq_t csr)
{
    unsigned bits = 0;
    int kind = gnutls_x509_crq_get_pk_algorithm(csr, &bits);
    return kind == GNUTLS_PK_EDDSA_ED25519 ||
           (kind == GNUTLS_PK_ECDSA && (bits == 256 || bits == 384)) ||
           (kind == GNUTLS_PK_RSA && is_fit_rsa(csr, bits));
}

static bool wants_authority(gnutls_x509_crq_t csr)
{
    unsigned critical = 0;
    unsigned is_ca = 0;
    unsigned usage = 0;
    int path_length = -1;
    bool wants = gnutls_x509_crq_get_basic_constraints(csr, &critical, &is_ca, &path_length) >= 0 &&
                 is_ca != 0;
    bool signs = gnutls_x509_crq_get_key_usage(csr, &usage, &critical) >= 0 &&
                 (usage & (GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN)) != 0;
    return wants || signs;
}

static bas_err copy_names(const struct bas_pki_work *work, const char *file, gnutls_x509_crq_t csr,
                          struct bas_pki_names *names)
{
    size_t n_uuids = 0;
    *names = (struct bas_pki_names){ .n = 0 };
    for (unsigned i = 0;; i++) {
        struct bas_tls_name name = { .len = sizeof(name.octets) };
        unsigned kind = 0;
        int status =
            gnutls_x509_crq_get_subject_alt_name(csr, i, name.octets, &name.len, &kind, NULL);
        if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
            break;
        }
        if (status < 0 || i == BAS_PKI_NAMES) {
            return refuse(work, file,
                          "it asks for more than 16 subject alternative names, or for one that "
                          "cannot be read");
        }
        name.kind = status;
        n_uuids += status == GNUTLS_SAN_URI;
        names->items[names->n++] = name;
    }
    if (n_uuids > 1) {
        return refuse(work, file, "it asks for two UUIDs: a device has one");
    }
    return bas_pki_names_check(names, file, work->fault);
}

static bas_err check(const struct bas_pki_work *work, const char *file, gnutls_x509_crq_t csr)
{
    if (!bas_pki_csr_has_fit_key(csr)) {
        return refuse(work, file,
                      "its key is not fit: P-256, P-384, Ed25519 and RSA of 2048 to 8192 bits are "
                      "certified here; make a new key and request");
    }
    if (gnutls_x509_crq_verify(csr, 0) < 0) {
        return refuse(work, file,
                      "its signature is not that of its own key: it was changed on its way; ask "
                      "for it again");
    }
    if (wants_authority(csr)) {
        return refuse(work, file,
                      "it asks to be an authority (CA:TRUE, keyCertSign or cRLSign): a device's "
                      "certificate is not one; make a new request");
    }
    return BAS_OK;
}

static bas_err import(const struct bas_pki_work *work, const char *file, gnutls_x509_crq_t csr)
{
    struct bas_tls_file content;
    bas_err err = bas_tls_file_read(work->env, file, false, &content, work->fault);
    if (err != BAS_OK) {
        return err;
    }
    gnutls_datum_t pem = bas_tls_file_datum(&content);
    int status = gnutls_x509_crq_import(csr, &pem, GNUTLS_X509_FMT_PEM);
    bas_tls_file_free(work->env, &content);
    return status < 0 ? refuse(work, file, "it holds no certificate request in PEM form") : BAS_OK;
}

bas_err bas_pki_csr_read(const struct bas_pki_work *work, const char *file,
                         struct bas_pki_names *names)
{
    gnutls_x509_crq_t csr = NULL;
    bas_err err = bas_pki_work_check(work, "hold a request", gnutls_x509_crq_init(&csr));
    if (err != BAS_OK) {
        return err;
    }
    err = import(work, file, csr);
    if (err == BAS_OK) {
        err = check(work, file, csr);
    }
    if (err == BAS_OK) {
        err = copy_names(work, file, csr, names);
    }
    if (err == BAS_OK && gnutls_x509_crt_set_crq(work->certificate, csr) < 0) {
        err = refuse(work, file, "its subject or key cannot be taken over");
    }
    gnutls_x509_crq_deinit(csr);
    return err;
}

/* Subject, key and names without what only an authority adds. */
static bas_err describe(const struct bas_pki_work *work, const struct bas_pki_names *names,
                        struct bas_pki_certificate *wanted)
{
    uint8_t id[64];
    size_t len = sizeof(id);
    int status = gnutls_x509_crt_get_key_id(work->certificate, 0, id, &len);
    if (status >= 0) {
        status = gnutls_x509_crt_set_subject_key_id(work->certificate, id, len);
    }
    if (status >= 0) {
        bas_pki_describe_parts(wanted, work->certificate);
        wanted->issuer[0] = 0;
        wanted->not_before = 0;
        wanted->not_after = 0;
        wanted->signature[0] = 0;
        for (size_t i = 0; i < names->n; i++) {
            bas_pki_describe_name(wanted, &names->items[i]);
        }
    }
    return bas_pki_work_check(work, "describe a request", status);
}

bas_err bas_pki_show_request(const struct bas_env *env, const char *file,
                             struct bas_pki_certificate *wanted, struct bas_fault *fault)
{
    struct bas_pki_work work;
    struct bas_pki_names names;
    memset(wanted, 0, sizeof(*wanted));
    bas_pki_work_init(&work, env, NULL, fault);
    bas_err err = bas_pki_work_begin(&work);
    if (err == BAS_OK) {
        err = bas_pki_csr_read(&work, file, &names);
    }
    if (err == BAS_OK) {
        err = describe(&work, &names, wanted);
    }
    bas_pki_work_fini(&work);
    return err;
}
