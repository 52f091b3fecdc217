/* Owns making a site's authority and issuing certificates to its devices: files that are never
 * replaced. */
#define _POSIX_C_SOURCE 200809L
#include "basalt/pki.h"

#include "tls/pki/work.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { NAME_MAX_OCTETS = 64 };

static bas_err check_free(const struct bas_pki_pair *made, struct bas_fault *fault)
{
    bas_err err = bas_pki_path_check_free(made->certificate_file, fault);
    return err == BAS_OK ? bas_pki_path_check_free(made->key_file, fault) : err;
}

/* The authority */

static bas_err make_folder(const char *directory, struct bas_fault *fault)
{
    if (mkdir(directory, 0700) == 0 || errno == EEXIST) {
        return BAS_OK;
    }
    bas_err err = errno == EACCES ? BAS_ERR_PERMISSION : BAS_ERR_IO;
    return bas_fail(fault, errno == ENOENT ? BAS_ERR_NOT_FOUND : err,
                    "cannot make the folder %s: %s", directory, strerror(errno));
}

static int sign_authority(const struct bas_pki_work *work)
{
    int status = gnutls_x509_crt_set_basic_constraints(work->certificate, 1, 0);
    if (status >= 0) {
        status = gnutls_x509_crt_set_key_usage(work->certificate, GNUTLS_KEY_DIGITAL_SIGNATURE |
                                                                      GNUTLS_KEY_KEY_CERT_SIGN |
                                                                      GNUTLS_KEY_CRL_SIGN);
    }
    if (status >= 0) {
        status = gnutls_x509_crt_sign2(work->certificate, work->certificate, work->key,
                                       GNUTLS_DIG_SHA256, 0);
    }
    return status;
}

/* A new key and all that stands in front of the names. */
static bas_err make_common(struct bas_pki_work *work, const char *common_name, unsigned days)
{
    bas_err err = bas_pki_work_begin(work);
    if (err == BAS_OK) {
        err = bas_pki_work_generate(work);
    }
    if (err == BAS_OK) {
        err = bas_pki_work_common_name(work, common_name);
    }
    if (err == BAS_OK) {
        err = bas_pki_work_check(work, "set the key",
                                 gnutls_x509_crt_set_key(work->certificate, work->key));
    }
    return err == BAS_OK ? bas_pki_work_fill(work, days) : err;
}

static void default_name(const struct bas_env *env, char out[NAME_MAX_OCTETS + 1])
{
    uint8_t mark[4];
    env->random(env->ctx, mark, sizeof(mark));
    struct bas_buf text;
    bas_buf_init(&text, out, NAME_MAX_OCTETS + 1);
    bas_buf_add_text(&text, "Basalt CA ");
    bas_buf_add_hex(&text, (struct bas_slice){ mark, sizeof(mark) });
    (void)bas_buf_text(&text);
}

static bas_err check_authority(const struct bas_pki_authority_request *request,
                               struct bas_fault *fault)
{
    bas_err err = bas_pki_directory_check(request->directory, fault);
    if (err != BAS_OK) {
        return err;
    }
    size_t len = request->common_name != NULL ? strlen(request->common_name) : 1;
    if (len == 0 || len > NAME_MAX_OCTETS) {
        return bas_fail(fault, BAS_ERR_INVALID,
                        "the authority's name has %zu octets: 1 to 64 are possible", len);
    }
    return bas_pki_days_check(request->days, fault);
}

bas_err bas_pki_init(const struct bas_env *env, const struct bas_pki_authority_request *request,
                     struct bas_pki_pair *made, struct bas_fault *fault)
{
    struct bas_pki_authority_request known = { 0 };
    memcpy(&known, request, request->size < sizeof(known) ? request->size : sizeof(known));
    memset(made, 0, sizeof(*made));
    struct bas_pki_work work;
    bas_pki_work_init(&work, env, known.directory, fault);
    bas_err err = check_authority(&known, fault);
    if (err == BAS_OK) {
        err = bas_pki_paths(made, known.directory, "ca", fault);
    }
    if (err == BAS_OK) {
        err = check_free(made, fault);
    }
    if (err == BAS_OK) {
        err = make_folder(known.directory, fault);
    }
    if (err == BAS_OK) {
        char name[NAME_MAX_OCTETS + 1];
        default_name(env, name);
        err = make_common(&work, known.common_name != NULL ? known.common_name : name,
                          known.days != 0 ? known.days : BAS_PKI_AUTHORITY_DAYS);
    }
    if (err == BAS_OK) {
        err = bas_pki_work_check(&work, "sign the authority's certificate", sign_authority(&work));
    }
    if (err == BAS_OK) {
        err = bas_pki_work_write(&work, known.key_password, made);
    }
    bas_pki_work_fini(&work);
    return err;
}

/* A device */

static bas_err check_device(const struct bas_pki_device_request *request, struct bas_fault *fault)
{
    bas_err err = bas_pki_directory_check(request->directory, fault);
    if (err == BAS_OK) {
        err = bas_pki_name_check(request->name, fault);
    }
    return err == BAS_OK ? bas_pki_days_check(request->days, fault) : err;
}

bas_err bas_pki_device_make(struct bas_pki_work *work, const struct bas_pki_device_request *request)
{
    struct bas_pki_names names = { .n = 0 };
    unsigned days = request->days != 0 ? request->days : BAS_PKI_DEVICE_DAYS;
    bas_pki_names_add_uuid(&names, work->env, request->uuid);
    bas_err err = bas_pki_names_add_all(&names, request->names, request->n_names, work->fault);
    if (err == BAS_OK) {
        err = bas_pki_work_term(work, days);
    }
    if (err == BAS_OK) {
        err = make_common(work, request->name, days);
    }
    if (err == BAS_OK) {
        err =
            bas_pki_work_check(work, "add the names", bas_pki_names_put(&names, work->certificate));
    }
    return err == BAS_OK ? bas_pki_work_sign(work) : err;
}

bas_err bas_pki_issue(const struct bas_env *env, const struct bas_pki_device_request *request,
                      struct bas_pki_pair *made, struct bas_fault *fault)
{
    struct bas_pki_device_request known = { 0 };
    memcpy(&known, request, request->size < sizeof(known) ? request->size : sizeof(known));
    memset(made, 0, sizeof(*made));
    struct bas_pki_work work;
    bas_pki_work_init(&work, env, known.directory, fault);
    bas_err err = check_device(&known, fault);
    if (err == BAS_OK) {
        err = bas_pki_paths(made, known.directory, known.name, fault);
    }
    if (err == BAS_OK) {
        err = check_free(made, fault);
    }
    if (err == BAS_OK) {
        err = bas_pki_work_open(&work, known.ca_password);
    }
    if (err == BAS_OK) {
        err = bas_pki_device_make(&work, &known);
    }
    if (err == BAS_OK) {
        err = bas_pki_work_write(&work, known.key_password, made);
    }
    if (err == BAS_OK) {
        err = bas_pki_work_record(&work, known.name, &made->certificate, BAS_PKI_ISSUED);
        if (err != BAS_OK) {
            (void)remove(made->certificate_file);
            (void)remove(made->key_file);
        }
    }
    bas_pki_work_fini(&work);
    return err;
}
