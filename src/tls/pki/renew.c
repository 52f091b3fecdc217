/* Owns renewing a certificate: the same subject and names with a new serial number and new dates,
 * put in the old one's place in one step, the old one kept beside it. */
#define _POSIX_C_SOURCE 200809L
#include "basalt/pki.h"

#include "tls/describe.h"
#include "tls/file.h"
#include "tls/pki/csr.h"
#include "tls/pki/file.h"

#include <gnutls/abstract.h>
#include <stdio.h>
#include <string.h>

enum { DAY = 86400 };

/* What is replaced. */
struct old {
    gnutls_x509_crt_t certificate;
    struct bas_pki_certificate description;
    struct bas_pki_names names;
};

static bas_err check(const struct bas_pki_renew_request *request, struct bas_fault *fault)
{
    bas_err err = bas_pki_directory_check(request->directory, fault);
    if (err == BAS_OK) {
        err = bas_pki_name_check(request->name, fault);
    }
    if (err == BAS_OK && request->new_key && request->request_file != NULL) {
        err = bas_fail(fault, BAS_ERR_INVALID,
                       "a new key is made here, or comes with a request, not both");
    }
    return err == BAS_OK ? bas_pki_days_check(request->days, fault) : err;
}

static bas_err read_old(const struct bas_pki_work *work, const char *path, struct old *old)
{
    struct bas_tls_file file;
    bas_err err = bas_tls_file_read(work->env, path, false, &file, work->fault);
    if (err != BAS_OK) {
        return err;
    }
    gnutls_datum_t pem = bas_tls_file_datum(&file);
    int status = gnutls_x509_crt_init(&old->certificate);
    if (status >= 0) {
        status = gnutls_x509_crt_import(old->certificate, &pem, GNUTLS_X509_FMT_PEM);
    }
    bas_tls_file_free(work->env, &file);
    if (status < 0) {
        return bas_fail(work->fault, BAS_ERR_CERTIFICATE,
                        "%s holds no certificate in PEM form (%s)", path, gnutls_strerror(status));
    }
    bas_pki_describe_parts(&old->description, old->certificate);
    struct bas_fault why = { 0 };
    err = bas_pki_names_copy(&old->names, old->certificate, &why);
    return err == BAS_OK ? BAS_OK : bas_fail(work->fault, err, "%.120s: %s", path, why.text);
}

/* Who was revoked does not come back by this door. */
static bas_err check_old(const struct bas_pki_work *work, const struct old *old, const char *path)
{
    const struct bas_pki_issued *known = bas_pki_index_find(&work->index, old->description.serial);
    if (known != NULL && known->revoked != 0) {
        return bas_fail(work->fault, BAS_ERR_CERTIFICATE,
                        "%s was revoked: move its files away and issue a new one, with a new key",
                        path);
    }
    if (old->description.is_ca) {
        return bas_fail(work->fault, BAS_ERR_CERTIFICATE, "%s is an authority's: make a new one",
                        path);
    }
    return BAS_OK;
}

static bas_err copy_key(const struct bas_pki_work *work, gnutls_x509_crt_t from,
                        gnutls_x509_crt_t certificate)
{
    gnutls_pubkey_t key = NULL;
    int status = gnutls_pubkey_init(&key);
    if (status >= 0) {
        status = gnutls_pubkey_import_x509(key, from, 0);
    }
    if (status >= 0) {
        status = gnutls_x509_crt_set_pubkey(certificate, key);
    }
    if (key != NULL) {
        gnutls_pubkey_deinit(key);
    }
    return bas_pki_work_check(work, "copy the key", status);
}

static int copy_subject(const struct old *old, gnutls_x509_crt_t certificate)
{
    gnutls_x509_dn_t subject = NULL;
    gnutls_datum_t text = { NULL, 0 };
    int status = gnutls_x509_crt_get_subject(old->certificate, &subject);
    if (status >= 0) {
        status = gnutls_x509_dn_get_str2(subject, &text, 0);
    }
    if (status >= 0) {
        status = gnutls_x509_crt_set_dn(certificate, (const char *)text.data, NULL);
    }
    gnutls_free(text.data);
    return status;
}

/* The key of a request, whose own subject and names do not count. */
static bas_err take_request_key(struct bas_pki_work *work, const char *file)
{
    struct bas_pki_names ignored;
    gnutls_x509_crt_t certificate = NULL;
    bas_err err = bas_pki_csr_read(work, file, &ignored);
    if (err == BAS_OK) {
        err = bas_pki_work_check(work, "begin a certificate", gnutls_x509_crt_init(&certificate));
    }
    if (err != BAS_OK) {
        return err;
    }
    err = copy_key(work, work->certificate, certificate);
    gnutls_x509_crt_deinit(work->certificate);
    work->certificate = certificate;
    return err;
}

static bas_err set_key(struct bas_pki_work *work, const struct bas_pki_renew_request *request,
                       const struct old *old)
{
    if (request->request_file != NULL) {
        return take_request_key(work, request->request_file);
    }
    if (!request->new_key) {
        return copy_key(work, old->certificate, work->certificate);
    }
    bas_err err = bas_pki_work_generate(work);
    return err == BAS_OK ? bas_pki_work_check(work, "set the key",
                                              gnutls_x509_crt_set_key(work->certificate, work->key))
                         : err;
}

static unsigned days_of(const struct bas_pki_renew_request *request, const struct old *old)
{
    int64_t seconds = old->description.not_after - old->description.not_before - BAS_PKI_BACKDATE;
    int64_t days = seconds / DAY;
    if (request->days != 0) {
        return request->days;
    }
    return days >= 1 && days <= BAS_PKI_MAX_DAYS ? (unsigned)days : BAS_PKI_DEVICE_DAYS;
}

static bas_err make(struct bas_pki_work *work, const struct bas_pki_renew_request *request,
                    const struct old *old)
{
    unsigned days = days_of(request, old);
    bas_err err = bas_pki_work_term(work, days);
    if (err == BAS_OK) {
        err = bas_pki_work_begin(work);
    }
    if (err == BAS_OK) {
        err = set_key(work, request, old);
    }
    if (err == BAS_OK) {
        err = bas_pki_work_check(work, "copy the subject", copy_subject(old, work->certificate));
    }
    if (err == BAS_OK) {
        err = bas_pki_work_fill(work, days);
    }
    if (err == BAS_OK) {
        err = bas_pki_work_check(work, "add the names",
                                 bas_pki_names_put(&old->names, work->certificate));
    }
    return err == BAS_OK ? bas_pki_work_sign(work) : err;
}

/* Files */

static bas_err keep(const struct bas_pki_work *work, const char *serial, const char *path,
                    char kept[BAS_PKI_PATH])
{
    int n = snprintf(kept, BAS_PKI_PATH, "%s.%s", path, serial);
    if (n < 0 || n >= BAS_PKI_PATH) {
        return bas_fail(work->fault, BAS_ERR_TOO_LONG, "the path %s is too long", path);
    }
    return bas_pki_file_keep(work->env, path, kept, work->fault);
}

static bas_err keep_old(const struct bas_pki_work *work, const struct old *old,
                        struct bas_pki_renewal *made)
{
    const char *serial = old->description.serial;
    bas_err err = keep(work, serial, made->pair.certificate_file, made->old_certificate_file);
    bool has_key = made->pair.key_file[0] != 0 && bas_tls_file_exists(made->pair.key_file);
    return err == BAS_OK && has_key ? keep(work, serial, made->pair.key_file, made->old_key_file)
                                    : err;
}

static bas_err stage(const struct bas_pki_work *work, const char *key_password,
                     gnutls_datum_t certificate, const struct bas_pki_renewal *made)
{
    gnutls_datum_t key = { NULL, 0 };
    bool has_key = made->pair.key_file[0] != 0;
    bas_err err = has_key ? bas_pki_work_key_pem(work, key_password, &key) : BAS_OK;
    if (err == BAS_OK && has_key) {
        err = bas_pki_file_stage(made->pair.key_file, key, 0600, work->fault);
    }
    if (err == BAS_OK) {
        err = bas_pki_file_stage(made->pair.certificate_file, certificate, 0644, work->fault);
    }
    bas_pki_key_pem_free(&key);
    return err == BAS_OK ? bas_pki_file_sync(work->directory, work->fault) : err;
}

/* The key, then the certificate: whoever reads between the two finds that they do not fit and keeps
 * what it has. */
static bas_err settle(const struct bas_pki_work *work, const struct bas_pki_renewal *made)
{
    bool has_key = made->pair.key_file[0] != 0;
    bas_err err = has_key ? bas_pki_file_settle(made->pair.key_file, work->fault) : BAS_OK;
    if (err == BAS_OK) {
        err = bas_pki_file_settle(made->pair.certificate_file, work->fault);
        if (err != BAS_OK && has_key) {
            (void)rename(made->old_key_file, made->pair.key_file);
        }
    }
    return err;
}

/* The index knows the new one before it is in place: nothing that was ever out is missing there. */
static bas_err replace(struct bas_pki_work *work, const struct bas_pki_renew_request *request,
                       const struct old *old, struct bas_pki_renewal *made)
{
    gnutls_datum_t pem;
    bas_err err = bas_pki_work_pem(work, &pem, &made->pair.certificate);
    if (err != BAS_OK) {
        return err;
    }
    err = keep_old(work, old, made);
    if (err == BAS_OK) {
        err = stage(work, request->key_password, pem, made);
    }
    if (err == BAS_OK) {
        err = bas_pki_work_record(work, request->name, &made->pair.certificate, BAS_PKI_RENEWED);
    }
    if (err == BAS_OK) {
        err = settle(work, made);
    }
    if (err != BAS_OK) {
        bas_pki_file_unstage(made->pair.certificate_file);
        if (made->pair.key_file[0] != 0) {
            bas_pki_file_unstage(made->pair.key_file);
        }
    }
    gnutls_free(pem.data);
    return err;
}

static bas_err run(struct bas_pki_work *work, const struct bas_pki_renew_request *request,
                   struct bas_pki_renewal *made)
{
    struct old old = { .certificate = NULL };
    bas_err err = bas_pki_paths(&made->pair, request->directory, request->name, work->fault);
    if (err == BAS_OK && !request->new_key) {
        made->pair.key_file[0] = 0; /* the key stays where it is, here or with the device */
    }
    if (err == BAS_OK) {
        err = bas_pki_work_open(work, request->ca_password);
    }
    if (err == BAS_OK) {
        err = read_old(work, made->pair.certificate_file, &old);
    }
    if (err == BAS_OK) {
        err = check_old(work, &old, made->pair.certificate_file);
    }
    if (err == BAS_OK) {
        err = make(work, request, &old);
    }
    if (err == BAS_OK) {
        err = replace(work, request, &old, made);
    }
    if (old.certificate != NULL) {
        gnutls_x509_crt_deinit(old.certificate);
    }
    return err;
}

bas_err bas_pki_renew(const struct bas_env *env, const struct bas_pki_renew_request *request,
                      struct bas_pki_renewal *made, struct bas_fault *fault)
{
    struct bas_pki_renew_request known = { 0 };
    memcpy(&known, request, request->size < sizeof(known) ? request->size : sizeof(known));
    memset(made, 0, sizeof(*made));
    struct bas_pki_work work;
    bas_pki_work_init(&work, env, known.directory, fault);
    bas_err err = check(&known, fault);
    if (err == BAS_OK) {
        err = run(&work, &known, made);
    }
    bas_pki_work_fini(&work);
    return err;
}
