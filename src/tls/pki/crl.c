/* Owns the revocation list of an authority (RFC 5280, 5), with numbers and reasons. */
#include "tls/pki/crl.h"

#include "tls/file.h"
#include "tls/pki/der.h"
#include "tls/pki/file.h"
#include "wire/rd.h"
#include "wire/wr.h"

#include <gnutls/abstract.h>
#include <stdio.h>
#include <string.h>

/* Octets of one entry, and of all else: the issuer's name is the longest part. */
enum { ENTRY = 80, REST = 8192 };

/* Reasons */

static const char *const reasons[] = { [BAS_PKI_UNSPECIFIED] = "unspecified",
                                       [BAS_PKI_KEY_COMPROMISE] = "keyCompromise",
                                       [BAS_PKI_CA_COMPROMISE] = "cACompromise",
                                       [BAS_PKI_AFFILIATION_CHANGED] = "affiliationChanged",
                                       [BAS_PKI_SUPERSEDED] = "superseded",
                                       [BAS_PKI_CESSATION_OF_OPERATION] = "cessationOfOperation",
                                       [BAS_PKI_PRIVILEGE_WITHDRAWN] = "privilegeWithdrawn" };

const char *bas_pki_reason_name(enum bas_pki_reason reason)
{
    const char *name =
        (size_t)reason < BAS_ARRAY_LEN(reasons) ? reasons[reason] : reasons[BAS_PKI_UNSPECIFIED];
    return name != NULL ? name : reasons[BAS_PKI_UNSPECIFIED];
}

bool bas_pki_reason_find(const char *name, enum bas_pki_reason *reason)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(reasons); i++) {
        if (reasons[i] != NULL && strcmp(reasons[i], name) == 0) {
            *reason = (enum bas_pki_reason)i;
            return true;
        }
    }
    return false;
}

/* Reading */

static bas_err check_issuer(const char *path, gnutls_x509_crl_t crl, gnutls_x509_crt_t issuer,
                            struct bas_fault *fault)
{
    /* one that is out of date is still the issuer's */
    const unsigned harmless = GNUTLS_CERT_INVALID | GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED |
                              GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE;
    unsigned status = GNUTLS_CERT_INVALID;
    if (gnutls_x509_crl_verify(crl, &issuer, 1, 0, &status) < 0 || (status & ~harmless) != 0) {
        return bas_fail(fault, BAS_ERR_CERTIFICATE,
                        "%s is not signed by this authority: move it away, and find out where it "
                        "came from",
                        path);
    }
    return BAS_OK;
}

bas_err bas_pki_crl_read(const struct bas_env *env, const char *path, gnutls_x509_crt_t issuer,
                         gnutls_x509_crl_t *crl, struct bas_fault *fault)
{
    struct bas_tls_file file;
    *crl = NULL;
    if (!bas_tls_file_exists(path)) {
        return BAS_OK;
    }
    bas_err err = bas_tls_file_read(env, path, false, &file, fault);
    if (err != BAS_OK) {
        return err;
    }
    gnutls_datum_t pem = bas_tls_file_datum(&file);
    int status = gnutls_x509_crl_init(crl);
    if (status >= 0) {
        status = gnutls_x509_crl_import(*crl, &pem, GNUTLS_X509_FMT_PEM);
    }
    bas_tls_file_free(env, &file);
    err = status < 0 ? bas_fail(fault, BAS_ERR_CERTIFICATE,
                                "%s holds no revocation list in PEM form (%s): move it away", path,
                                gnutls_strerror(status))
                     : check_issuer(path, *crl, issuer, fault);
    if (err != BAS_OK && *crl != NULL) {
        gnutls_x509_crl_deinit(*crl);
        *crl = NULL;
    }
    return err;
}

void bas_pki_crl_describe(gnutls_x509_crl_t crl, struct bas_pki_crl *out)
{
    uint8_t number[32] = { 0 };
    size_t len = sizeof(number);
    int n = gnutls_x509_crl_get_crt_count(crl);
    out->n = n < 0 ? 0 : (size_t)n;
    out->this_update = (int64_t)gnutls_x509_crl_get_this_update(crl);
    out->next_update = (int64_t)gnutls_x509_crl_get_next_update(crl);
    out->number = 0;
    if (gnutls_x509_crl_get_number(crl, number, &len, NULL) >= 0) {
        struct rd r = rd_init((struct bas_slice){ number, len });
        while (rd_left(&r) > 8) {
            (void)rd_u8(&r);
        }
        out->number = len == 0 ? 0 : rd_uint(&r, rd_left(&r));
    }
}

/* Writing */

struct algorithm {
    gnutls_pk_algorithm_t key;
    gnutls_sign_algorithm_t sign;
    uint8_t oid[12];
    size_t len;
    bool has_null; /* parameters are NULL, not absent */
};

static const struct algorithm *algorithm_of(gnutls_x509_privkey_t key)
{
    static const struct algorithm algorithms[] = {
        { GNUTLS_PK_ECDSA,
          GNUTLS_SIGN_ECDSA_SHA256,
          { 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02 },
          8,
          false },
        { GNUTLS_PK_RSA,
          GNUTLS_SIGN_RSA_SHA256,
          { 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B },
          9,
          true },
        { GNUTLS_PK_EDDSA_ED25519, GNUTLS_SIGN_EDDSA_ED25519, { 0x2B, 0x65, 0x70 }, 3, false },
    };
    int kind = gnutls_x509_privkey_get_pk_algorithm(key);
    for (size_t i = 0; i < BAS_ARRAY_LEN(algorithms); i++) {
        if ((int)algorithms[i].key == kind) {
            return &algorithms[i];
        }
    }
    return NULL;
}

static void add_algorithm(struct bas_buf *out, const struct algorithm *algorithm)
{
    size_t start = out->len;
    bas_der_add(out, BAS_DER_OID, (struct bas_slice){ algorithm->oid, algorithm->len });
    if (algorithm->has_null) {
        bas_der_add(out, 0x05, (struct bas_slice){ NULL, 0 });
    }
    bas_der_close(out, BAS_DER_SEQUENCE, start);
}

/* An extension that is not critical; its value was written since value_start. */
static void close_extension(struct bas_buf *out, size_t start, size_t value_start)
{
    bas_der_close(out, BAS_DER_OCTET_STRING, value_start);
    bas_der_close(out, BAS_DER_SEQUENCE, start);
}

static void add_extension_name(struct bas_buf *out, uint8_t number)
{
    const uint8_t oid[] = { 0x55, 0x1D, number };
    bas_der_add(out, BAS_DER_OID, (struct bas_slice){ oid, sizeof(oid) });
}

static void add_reason(struct bas_buf *out, enum bas_pki_reason reason)
{
    enum { REASON_CODE = 21 };
    uint8_t value = (uint8_t)reason;
    size_t extensions = out->len;
    if (reason == BAS_PKI_UNSPECIFIED) {
        return; /* RFC 5280, 5.3.1: it is left out */
    }
    add_extension_name(out, REASON_CODE);
    size_t content = out->len;
    bas_der_add(out, BAS_DER_ENUMERATED, (struct bas_slice){ &value, 1 });
    close_extension(out, extensions, content);
    bas_der_close(out, BAS_DER_SEQUENCE, extensions);
}

static void add_entry(struct bas_buf *out, const struct bas_pki_issued *item)
{
    uint8_t serial[32];
    size_t len = sizeof(serial);
    size_t start = out->len;
    if (bas_hex_decode(item->serial, serial, &len) != BAS_OK) {
        out->full = true; /* the index lets only hex digits in */
        return;
    }
    bas_der_integer(out, (struct bas_slice){ serial, len });
    bas_der_time(out, item->revoked);
    add_reason(out, item->reason);
    bas_der_close(out, BAS_DER_SEQUENCE, start);
}

static void add_entries(struct bas_buf *out, const struct bas_pki_index *index)
{
    size_t start = out->len;
    for (size_t i = 0; i < index->n; i++) {
        if (index->items[i].revoked != 0) {
            add_entry(out, &index->items[i]);
        }
    }
    if (out->len != start) { /* RFC 5280, 5.1.2.6: absent when nothing is revoked */
        bas_der_close(out, BAS_DER_SEQUENCE, start);
    }
}

static void add_extensions(struct bas_buf *out, const struct bas_pki_work *work, uint64_t number)
{
    enum { CRL_NUMBER = 20, AUTHORITY_KEY_ID = 35 };
    uint8_t id[64];
    size_t len = sizeof(id);
    size_t start = out->len;
    size_t one = start;
    if (gnutls_x509_crt_get_subject_key_id(work->issuer, id, &len, NULL) >= 0) {
        add_extension_name(out, AUTHORITY_KEY_ID);
        size_t value = out->len;
        bas_der_add(out, BAS_DER_CONTEXT_0, (struct bas_slice){ id, len });
        bas_der_close(out, BAS_DER_SEQUENCE, value);
        close_extension(out, one, value);
    }
    one = out->len;
    add_extension_name(out, CRL_NUMBER);
    size_t value = out->len;
    bas_der_unsigned(out, number);
    close_extension(out, one, value);
    bas_der_close(out, BAS_DER_SEQUENCE, start);
    bas_der_close(out, BAS_DER_CONSTRUCTED_0, start);
}

/* All that is signed. */
static int add_list(struct bas_buf *out, const struct bas_pki_work *work,
                    const struct algorithm *algorithm, const struct bas_pki_crl *crl)
{
    gnutls_datum_t issuer = { NULL, 0 };
    int status = gnutls_x509_crt_get_raw_dn(work->issuer, &issuer);
    if (status < 0) {
        return status;
    }
    size_t start = out->len;
    bas_der_unsigned(out, 1); /* version 2 */
    add_algorithm(out, algorithm);
    wr_slice(out, (struct bas_slice){ issuer.data, issuer.size });
    bas_der_time(out, crl->this_update);
    bas_der_time(out, crl->next_update);
    add_entries(out, &work->index);
    add_extensions(out, work, crl->number);
    bas_der_close(out, BAS_DER_SEQUENCE, start);
    gnutls_free(issuer.data);
    return out->full ? GNUTLS_E_SHORT_MEMORY_BUFFER : 0;
}

static int sign(const struct bas_pki_work *work, const struct algorithm *algorithm,
                struct bas_buf *out)
{
    gnutls_privkey_t key = NULL;
    gnutls_datum_t signature = { NULL, 0 };
    const gnutls_datum_t list = { out->data, (unsigned)out->len };
    int status = gnutls_privkey_init(&key);
    if (status >= 0) {
        status = gnutls_privkey_import_x509(key, work->issuer_key, 0);
    }
    if (status >= 0) {
        status = gnutls_privkey_sign_data2(key, algorithm->sign, 0, &list, &signature);
    }
    if (status >= 0) {
        add_algorithm(out, algorithm);
        size_t start = out->len;
        wr_u8(out, 0); /* no unused bits */
        wr_slice(out, (struct bas_slice){ signature.data, signature.size });
        bas_der_close(out, BAS_DER_BIT_STRING, start);
        bas_der_close(out, BAS_DER_SEQUENCE, 0);
        status = out->full ? GNUTLS_E_SHORT_MEMORY_BUFFER : 0;
    }
    gnutls_free(signature.data);
    if (key != NULL) {
        gnutls_privkey_deinit(key);
    }
    return status;
}

static bas_err make(const struct bas_pki_work *work, const struct bas_pki_crl *crl,
                    struct bas_buf *out, gnutls_datum_t *pem)
{
    const struct algorithm *algorithm = algorithm_of(work->issuer_key);
    if (algorithm == NULL) {
        return bas_fail(work->fault, BAS_ERR_UNSUPPORTED,
                        "the authority's key is of a kind that signs no revocation list here");
    }
    int status = add_list(out, work, algorithm, crl);
    if (status >= 0) {
        status = sign(work, algorithm, out);
    }
    const gnutls_datum_t der = { out->data, (unsigned)out->len };
    if (status >= 0) {
        status = gnutls_pem_base64_encode2("X509 CRL", &der, pem);
    }
    return bas_pki_work_check(work, "sign the revocation list", status);
}

bas_err bas_pki_crl_write(const struct bas_pki_work *work, const struct bas_pki_crl *crl)
{
    gnutls_datum_t pem = { NULL, 0 };
    size_t cap = REST + crl->n * ENTRY;
    uint8_t *memory = bas_alloc(work->env, cap);
    if (memory == NULL) {
        return bas_fail(work->fault, BAS_ERR_NO_MEMORY, "no memory to write %s", crl->file);
    }
    struct bas_buf out;
    bas_buf_init(&out, memory, cap);
    bas_err err = make(work, crl, &out, &pem);
    if (err == BAS_OK) {
        err = bas_pki_file_replace(crl->file, pem, 0644, work->fault);
    }
    gnutls_free(pem.data);
    bas_release(work->env, memory, cap);
    return err;
}
