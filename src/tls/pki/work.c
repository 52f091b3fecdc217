/* Owns the steps of which every certificate of an authority is made: P-256, SHA-256, files that
 * appear whole. */
#define _POSIX_C_SOURCE 200809L
#include "tls/pki/work.h"

#include "tls/describe.h"
#include "tls/file.h"
#include "tls/pki/file.h"

#include <stdio.h>
#include <string.h>

enum { DAY = 86400, SERIAL = 16 };

void bas_pki_work_init(struct bas_pki_work *work, const struct bas_env *env, const char *directory,
                       struct bas_fault *fault)
{
    *work = (struct bas_pki_work){ .env = env, .fault = fault, .directory = directory, .lock = -1 };
}

static void end_certificate(struct bas_pki_work *work)
{
    if (work->certificate != NULL) {
        gnutls_x509_crt_deinit(work->certificate);
    }
    if (work->key != NULL) {
        gnutls_x509_privkey_deinit(work->key);
    }
    work->certificate = NULL;
    work->key = NULL;
}

void bas_pki_work_fini(struct bas_pki_work *work)
{
    end_certificate(work);
    if (work->issuer != NULL) {
        gnutls_x509_crt_deinit(work->issuer);
    }
    if (work->issuer_key != NULL) {
        gnutls_x509_privkey_deinit(work->issuer_key);
    }
    bas_pki_index_free(work->env, &work->index);
    bas_pki_folder_unlock(work->lock);
}

bas_err bas_pki_work_check(const struct bas_pki_work *work, const char *what, int status)
{
    if (status >= 0) {
        return BAS_OK;
    }
    bas_err err = status == GNUTLS_E_MEMORY_ERROR ? BAS_ERR_NO_MEMORY : BAS_ERR_INTERNAL;
    return bas_fail(work->fault, err, "cannot %s: %s", what, gnutls_strerror(status));
}

bas_err bas_pki_work_begin(struct bas_pki_work *work)
{
    end_certificate(work);
    int status = gnutls_x509_crt_init(&work->certificate);
    if (status >= 0) {
        status = gnutls_x509_privkey_init(&work->key);
    }
    return bas_pki_work_check(work, "begin a certificate", status);
}

/* Reading keys and the authority */

static bas_err refuse_key(const struct bas_pki_work *work, const char *path, const char *password,
                          int status)
{
    if (status == GNUTLS_E_DECRYPTION_FAILED && password == NULL) {
        return bas_fail(work->fault, BAS_ERR_KEY, "%s is encrypted: give its password", path);
    }
    if (status == GNUTLS_E_DECRYPTION_FAILED) {
        return bas_fail(work->fault, BAS_ERR_KEY, "the password of %s is not right", path);
    }
    return bas_fail(work->fault, BAS_ERR_KEY, "%s holds no private key in PEM form (%s)", path,
                    gnutls_strerror(status));
}

static bas_err read_key(const struct bas_pki_work *work, const char *path, const char *password,
                        gnutls_x509_privkey_t key)
{
    struct bas_tls_file file;
    bas_err err = bas_tls_file_read(work->env, path, true, &file, work->fault);
    if (err != BAS_OK) {
        return err;
    }
    gnutls_datum_t pem = bas_tls_file_datum(&file);
    int status = gnutls_x509_privkey_import2(key, &pem, GNUTLS_X509_FMT_PEM, password, 0);
    bas_tls_file_free(work->env, &file);
    return status < 0 ? refuse_key(work, path, password, status) : BAS_OK;
}

bas_err bas_pki_work_read_key(const struct bas_pki_work *work, const char *path,
                              const char *password)
{
    return read_key(work, path, password, work->key);
}

static bas_err read_issuer(const struct bas_pki_work *work, const char *path)
{
    struct bas_tls_file file;
    bas_err err = bas_tls_file_read(work->env, path, false, &file, work->fault);
    if (err != BAS_OK) {
        return err;
    }
    gnutls_datum_t pem = bas_tls_file_datum(&file);
    int status = gnutls_x509_crt_import(work->issuer, &pem, GNUTLS_X509_FMT_PEM);
    bas_tls_file_free(work->env, &file);
    return status < 0
               ? bas_fail(work->fault, BAS_ERR_CERTIFICATE,
                          "%s holds no certificate in PEM form (%s)", path, gnutls_strerror(status))
               : BAS_OK;
}

bool bas_pki_belong_together(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key)
{
    uint8_t a[64];
    uint8_t b[64];
    size_t a_len = sizeof(a);
    size_t b_len = sizeof(b);
    return gnutls_x509_crt_get_key_id(certificate, 0, a, &a_len) >= 0 &&
           gnutls_x509_privkey_get_key_id(key, 0, b, &b_len) >= 0 && a_len == b_len &&
           bas_equal_secret(a, b, a_len);
}

bas_err bas_pki_work_authority(struct bas_pki_work *work, const char *ca_password, bool without_key)
{
    struct bas_pki_pair paths;
    bas_err err = bas_pki_paths(&paths, work->directory, "ca", work->fault);
    if (err != BAS_OK) {
        return err;
    }
    if (!bas_tls_file_exists(paths.certificate_file)) {
        return bas_fail(work->fault, BAS_ERR_NOT_FOUND,
                        "there is no authority in %s: make one first (pki init)", work->directory);
    }
    int status = gnutls_x509_crt_init(&work->issuer);
    if (status >= 0) {
        status = gnutls_x509_privkey_init(&work->issuer_key);
    }
    err = bas_pki_work_check(work, "hold the authority", status);
    if (err == BAS_OK) {
        err = read_issuer(work, paths.certificate_file);
    }
    if (err != BAS_OK || without_key) {
        return err;
    }
    err = read_key(work, paths.key_file, ca_password, work->issuer_key);
    if (err == BAS_OK && !bas_pki_belong_together(work->issuer, work->issuer_key)) {
        err = bas_fail(work->fault, BAS_ERR_KEY,
                       "%.100s is not the key of %.100s: put the right one back", paths.key_file,
                       paths.certificate_file);
    }
    return err;
}

bas_err bas_pki_work_open(struct bas_pki_work *work, const char *ca_password)
{
    bool is_missing = false;
    work->lock = bas_pki_folder_lock(work->directory);
    bas_err err = bas_pki_work_authority(work, ca_password, false);
    if (err == BAS_OK) {
        err =
            bas_pki_index_load(work->env, work->directory, &work->index, &is_missing, work->fault);
    }
    if (err == BAS_OK && is_missing) {
        err = bas_pki_index_adopt(work->env, work->directory, &work->index, work->fault);
    }
    return err;
}

bas_err bas_pki_work_term(const struct bas_pki_work *work, unsigned days)
{
    int64_t now = bas_tls_now(work->env);
    int64_t end_of_ca = (int64_t)gnutls_x509_crt_get_expiration_time(work->issuer);
    char then[BAS_TLS_TIME_TEXT];
    char clock[BAS_TLS_TIME_TEXT];
    if (end_of_ca < now + (int64_t)days * DAY) {
        return bas_fail(work->fault, BAS_ERR_CERTIFICATE,
                        "%u days from now (%s) the authority has expired (%s): ask for fewer days, "
                        "or make a new authority in another folder",
                        days, bas_tls_time_text(clock, now), bas_tls_time_text(then, end_of_ca));
    }
    return BAS_OK;
}

/* What every certificate has */

bas_err bas_pki_work_generate(const struct bas_pki_work *work)
{
    return bas_pki_work_check(
        work, "generate a key",
        gnutls_x509_privkey_generate(work->key, GNUTLS_PK_ECDSA,
                                     GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
}

bas_err bas_pki_work_common_name(const struct bas_pki_work *work, const char *name)
{
    return bas_pki_work_check(work, "set the common name",
                              gnutls_x509_crt_set_dn_by_oid(work->certificate,
                                                            GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                                            (unsigned)strlen(name)));
}

static int set_serial(const struct bas_pki_work *work)
{
    uint8_t serial[SERIAL];
    char memory[2 * SERIAL + 1];
    struct bas_buf text;
    do {
        work->env->random(work->env->ctx, serial, sizeof(serial));
        serial[0] = (uint8_t)((serial[0] & 0x3F) | 0x40); /* positive and of full length */
        bas_buf_init(&text, memory, sizeof(memory));
        bas_buf_add_hex(&text, (struct bas_slice){ serial, sizeof(serial) });
    } while (bas_pki_index_find(&work->index, bas_buf_text(&text)) != NULL);
    return gnutls_x509_crt_set_serial(work->certificate, serial, sizeof(serial));
}

static int set_dates(const struct bas_pki_work *work, unsigned days)
{
    int64_t now = bas_tls_now(work->env);
    int status =
        gnutls_x509_crt_set_activation_time(work->certificate, (time_t)(now - BAS_PKI_BACKDATE));
    if (status < 0) {
        return status;
    }
    return gnutls_x509_crt_set_expiration_time(work->certificate,
                                               (time_t)(now + (int64_t)days * DAY));
}

static int set_subject_key_id(const struct bas_pki_work *work)
{
    uint8_t id[64];
    size_t len = sizeof(id);
    int status = gnutls_x509_crt_get_key_id(work->certificate, 0, id, &len);
    return status < 0 ? status : gnutls_x509_crt_set_subject_key_id(work->certificate, id, len);
}

bas_err bas_pki_work_fill(const struct bas_pki_work *work, unsigned days)
{
    int status = gnutls_x509_crt_set_version(work->certificate, 3);
    if (status >= 0) {
        status = set_serial(work);
    }
    if (status >= 0) {
        status = set_dates(work, days);
    }
    if (status >= 0) {
        status = set_subject_key_id(work);
    }
    return bas_pki_work_check(work, "fill a certificate", status);
}

/* What a device's has */

static int set_purposes(const struct bas_pki_work *work)
{
    static const char *const purposes[] = { GNUTLS_KP_TLS_WWW_SERVER, GNUTLS_KP_TLS_WWW_CLIENT };
    int status = gnutls_x509_crt_set_basic_constraints(work->certificate, 0, -1);
    if (status >= 0) {
        status = gnutls_x509_crt_set_key_usage(work->certificate, GNUTLS_KEY_DIGITAL_SIGNATURE);
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(purposes) && status >= 0; i++) {
        status = gnutls_x509_crt_set_key_purpose_oid(work->certificate, purposes[i], 0);
    }
    return status;
}

static int set_authority_key_id(const struct bas_pki_work *work)
{
    uint8_t id[64];
    size_t len = sizeof(id);
    int status = gnutls_x509_crt_get_subject_key_id(work->issuer, id, &len, NULL);
    if (status >= 0) {
        status = gnutls_x509_crt_set_authority_key_id(work->certificate, id, len);
    }
    return status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE ? 0 : status;
}

/* Ed25519 has its digest in itself. */
static gnutls_digest_algorithm_t digest_of(const struct bas_pki_work *work)
{
    int kind = gnutls_x509_privkey_get_pk_algorithm(work->issuer_key);
    return kind == GNUTLS_PK_EDDSA_ED25519 ? GNUTLS_DIG_SHA512 : GNUTLS_DIG_SHA256;
}

bas_err bas_pki_work_sign(const struct bas_pki_work *work)
{
    int status = set_purposes(work);
    if (status >= 0) {
        status = set_authority_key_id(work);
    }
    if (status >= 0) {
        status = gnutls_x509_crt_sign2(work->certificate, work->issuer, work->issuer_key,
                                       digest_of(work), 0);
    }
    return bas_pki_work_check(work, "sign the certificate", status);
}

/* To the disk: the key first, which holds the name; then the certificate, whole */

bas_err bas_pki_work_pem(const struct bas_pki_work *work, gnutls_datum_t *pem,
                         struct bas_pki_certificate *description)
{
    *pem = (gnutls_datum_t){ NULL, 0 };
    int status = gnutls_x509_crt_export2(work->certificate, GNUTLS_X509_FMT_PEM, pem);
    if (status < 0) {
        return bas_pki_work_check(work, "write a certificate as PEM", status);
    }
    bas_err err = bas_pki_describe(description, *pem);
    if (err != BAS_OK) {
        gnutls_free(pem->data);
        return bas_fail(work->fault, err, "cannot read the certificate that was made");
    }
    return BAS_OK;
}

bas_err bas_pki_work_key_pem(const struct bas_pki_work *work, const char *password,
                             gnutls_datum_t *pem)
{
    *pem = (gnutls_datum_t){ NULL, 0 };
    unsigned flags = password == NULL ? GNUTLS_PKCS_PLAIN : GNUTLS_PKCS_PBES2_AES_256;
    int status =
        gnutls_x509_privkey_export2_pkcs8(work->key, GNUTLS_X509_FMT_PEM, password, flags, pem);
    return bas_pki_work_check(work, "write a key as PEM", status);
}

void bas_pki_key_pem_free(gnutls_datum_t *pem)
{
    if (pem->data != NULL) {
        bas_wipe(pem->data, pem->size);
        gnutls_free(pem->data);
    }
}

static bas_err write_key(const struct bas_pki_work *work, const char *password, const char *path)
{
    gnutls_datum_t pem;
    bas_err err = bas_pki_work_key_pem(work, password, &pem);
    if (err == BAS_OK) {
        err = bas_tls_file_create(path, pem, 0600, work->fault);
    }
    bas_pki_key_pem_free(&pem);
    return err;
}

bas_err bas_pki_work_write(const struct bas_pki_work *work, const char *key_password,
                           struct bas_pki_pair *made)
{
    gnutls_datum_t pem;
    bool has_key = made->key_file[0] != 0;
    bas_err err = bas_pki_work_pem(work, &pem, &made->certificate);
    if (err != BAS_OK) {
        return err;
    }
    if (has_key) {
        err = write_key(work, key_password, made->key_file);
    }
    if (err == BAS_OK) {
        err = bas_tls_file_publish(made->certificate_file, pem, work->fault);
        if (err != BAS_OK && has_key) {
            (void)remove(made->key_file);
        }
    }
    gnutls_free(pem.data);
    return err;
}

bas_err bas_pki_work_record(struct bas_pki_work *work, const char *name,
                            const struct bas_pki_certificate *certificate,
                            enum bas_pki_origin origin)
{
    if (bas_pki_index_add(work->env, &work->index, name, certificate, origin) != BAS_OK) {
        return bas_fail(work->fault, BAS_ERR_NO_MEMORY, "no memory for the index of %s",
                        work->directory);
    }
    return bas_pki_index_save(work->env, work->directory, &work->index, work->fault);
}
