/* Owns certificates for keys that others hold: signing a request that passed the checks. */
#include "basalt/pki.h"

#include "tls/file.h"
#include "tls/pki/csr.h"

#include <stdio.h>
#include <string.h>

static bas_err check(const struct bas_pki_sign_request *request, struct bas_fault *fault)
{
    bas_err err = bas_pki_directory_check(request->directory, fault);
    if (err == BAS_OK && request->request_file == NULL) {
        err = bas_fail(fault, BAS_ERR_INVALID, "no request is named");
    }
    if (err == BAS_OK && request->name != NULL) {
        err = bas_pki_name_check(request->name, fault);
    }
    return err == BAS_OK ? bas_pki_days_check(request->days, fault) : err;
}

/* The name of the files: as asked for, else the common name of the request. */
static bas_err find_name(const struct bas_pki_work *work,
                         const struct bas_pki_sign_request *request, char name[BAS_PKI_DEVICE_NAME])
{
    char common_name[256] = { 0 };
    size_t len = sizeof(common_name) - 1;
    if (request->name != NULL) {
        (void)snprintf(name, BAS_PKI_DEVICE_NAME, "%s", request->name);
        return BAS_OK;
    }
    int status = gnutls_x509_crt_get_dn_by_oid(work->certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0,
                                               common_name, &len);
    if (status < 0 || strlen(common_name) != len ||
        bas_pki_name_check(common_name, NULL) != BAS_OK) {
        return bas_fail(work->fault, BAS_ERR_INVALID,
                        "the common name of %.120s is no name for a file: give one (--name)",
                        request->request_file);
    }
    (void)snprintf(name, BAS_PKI_DEVICE_NAME, "%s", common_name);
    return BAS_OK;
}

/* A certificate of the authority's own name would be taken for the authority's. */
static bas_err check_subject(const struct bas_pki_work *work, const char *file)
{
    gnutls_datum_t subject = { NULL, 0 };
    gnutls_datum_t authority = { NULL, 0 };
    int status = gnutls_x509_crt_get_raw_dn(work->certificate, &subject);
    if (status >= 0) {
        status = gnutls_x509_crt_get_raw_dn(work->issuer, &authority);
    }
    bool is_same = status >= 0 && subject.size == authority.size &&
                   bas_equal_secret(subject.data, authority.data, subject.size);
    bool is_empty = status >= 0 && subject.size <= 2;
    gnutls_free(subject.data);
    gnutls_free(authority.data);
    if (is_same || is_empty) {
        return bas_fail(work->fault, BAS_ERR_CERTIFICATE,
                        "%.120s: its subject is %s: make a request with the device's name", file,
                        is_same ? "the authority's" : "empty");
    }
    return bas_pki_work_check(work, "compare subjects", status);
}

/* The UUID that is asked for joins the names. */
static bas_err add_uuid(const struct bas_pki_work *work, const uint8_t *uuid,
                        struct bas_pki_names *names, const char *file)
{
    uint8_t has[16];
    for (size_t i = 0; i < names->n; i++) {
        const struct bas_tls_name *name = &names->items[i];
        if (name->kind != GNUTLS_SAN_URI ||
            !bas_tls_uuid_parse((struct bas_slice){ name->octets, name->len }, has)) {
            continue;
        }
        return bas_equal_secret(has, uuid, sizeof(has))
                   ? BAS_OK
                   : bas_fail(work->fault, BAS_ERR_CERTIFICATE,
                              "%.120s: it asks for another UUID than you give", file);
    }
    if (names->n == BAS_PKI_NAMES) {
        return bas_fail(work->fault, BAS_ERR_INVALID, "%.120s: no room for a UUID", file);
    }
    bas_pki_names_add_uuid(names, work->env, uuid);
    return BAS_OK;
}

/* Nobody gets the UUID under which another device is known. */
static bas_err check_uuid(const struct bas_pki_work *work, const struct bas_pki_names *names,
                          const char *name)
{
    uint8_t uuid[16];
    int64_t now = bas_tls_now(work->env);
    for (size_t i = 0; i < names->n; i++) {
        const struct bas_slice urn = { names->items[i].octets, names->items[i].len };
        if (names->items[i].kind != GNUTLS_SAN_URI || !bas_tls_uuid_parse(urn, uuid)) {
            continue;
        }
        const struct bas_pki_issued *other = bas_pki_index_find_uuid(&work->index, uuid, name, now);
        if (other != NULL) {
            return bas_fail(work->fault, BAS_ERR_EXISTS,
                            "the UUID that is asked for belongs to %s: find out which of the two "
                            "is wrong; if %s is gone, revoke it first",
                            other->name, other->name);
        }
    }
    return BAS_OK;
}

/* The certificate as far as the signature; made gets its path. */
static bas_err make(struct bas_pki_work *work, const struct bas_pki_sign_request *request,
                    char name[BAS_PKI_DEVICE_NAME], struct bas_pki_pair *made)
{
    struct bas_pki_names names;
    unsigned days = request->days != 0 ? request->days : BAS_PKI_DEVICE_DAYS;
    bas_err err = bas_pki_csr_read(work, request->request_file, &names);
    if (err == BAS_OK) {
        err = find_name(work, request, name);
    }
    if (err == BAS_OK) {
        err = bas_pki_path(made->certificate_file, request->directory, name, ".pem", work->fault);
    }
    if (err == BAS_OK) {
        err = bas_pki_path_check_free(made->certificate_file, work->fault);
    }
    if (err == BAS_OK) {
        err = check_subject(work, request->request_file);
    }
    if (err == BAS_OK && request->uuid != NULL) {
        err = add_uuid(work, request->uuid, &names, request->request_file);
    }
    if (err == BAS_OK) {
        err = check_uuid(work, &names, name);
    }
    if (err == BAS_OK) {
        err = bas_pki_work_term(work, days);
    }
    if (err == BAS_OK) {
        err = bas_pki_work_fill(work, days);
    }
    if (err == BAS_OK) {
        err =
            bas_pki_work_check(work, "add the names", bas_pki_names_put(&names, work->certificate));
    }
    return err == BAS_OK ? bas_pki_work_sign(work) : err;
}

static bas_err publish(struct bas_pki_work *work, const char *name, struct bas_pki_pair *made)
{
    bas_err err = bas_pki_work_write(work, NULL, made);
    if (err == BAS_OK) {
        err = bas_pki_work_record(work, name, &made->certificate, BAS_PKI_SIGNED);
        if (err != BAS_OK) {
            (void)remove(made->certificate_file);
        }
    }
    return err;
}

bas_err bas_pki_sign(const struct bas_env *env, const struct bas_pki_sign_request *request,
                     struct bas_pki_pair *made, struct bas_fault *fault)
{
    struct bas_pki_sign_request known = { 0 };
    char name[BAS_PKI_DEVICE_NAME];
    memcpy(&known, request, request->size < sizeof(known) ? request->size : sizeof(known));
    memset(made, 0, sizeof(*made));
    struct bas_pki_work work;
    bas_pki_work_init(&work, env, known.directory, fault);
    bas_err err = check(&known, fault);
    if (err == BAS_OK) {
        err = bas_pki_work_open(&work, known.ca_password);
    }
    if (err == BAS_OK) {
        err = bas_pki_work_begin(&work);
    }
    if (err == BAS_OK) {
        err = make(&work, &known, name, made);
    }
    if (err == BAS_OK) {
        err = publish(&work, name, made);
    }
    bas_pki_work_fini(&work);
    return err;
}
