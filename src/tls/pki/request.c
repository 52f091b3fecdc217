/* Owns making a key and the request for its certificate (PKCS #10), on the machine where the key
 * stays. */
#define _POSIX_C_SOURCE 200809L
#include "basalt/pki.h"

#include "tls/file.h"
#include "tls/pki/csr.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int put_names(gnutls_x509_crq_t csr, const struct bas_pki_names *names)
{
    int status = 0;
    for (size_t i = 0; i < names->n && status >= 0; i++) {
        const struct bas_tls_name *name = &names->items[i];
        status = gnutls_x509_crq_set_subject_alt_name(
            csr, (gnutls_x509_subject_alt_name_t)name->kind, name->octets, (unsigned)name->len,
            GNUTLS_FSAN_APPEND);
    }
    return status;
}

static int fill(gnutls_x509_crq_t csr, const char *name, gnutls_x509_privkey_t key)
{
    int status = gnutls_x509_crq_set_version(csr, 1);
    if (status >= 0) {
        status = gnutls_x509_crq_set_dn_by_oid(csr, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                               (unsigned)strlen(name));
    }
    if (status >= 0) {
        status = gnutls_x509_crq_set_key(csr, key);
    }
    if (status >= 0) {
        status = gnutls_x509_crq_set_key_usage(csr, GNUTLS_KEY_DIGITAL_SIGNATURE);
    }
    if (status >= 0) {
        status = gnutls_x509_crq_set_key_purpose_oid(csr, GNUTLS_KP_TLS_WWW_SERVER, 0);
    }
    if (status >= 0) {
        status = gnutls_x509_crq_set_key_purpose_oid(csr, GNUTLS_KP_TLS_WWW_CLIENT, 0);
    }
    return status;
}

/* The request as PEM; free with gnutls_free. The digest is the key's own choice. */
static bas_err make(const struct bas_pki_work *work, const char *name,
                    const struct bas_pki_names *names, gnutls_datum_t *pem)
{
    gnutls_x509_crq_t csr = NULL;
    int status = gnutls_x509_crq_init(&csr);
    if (status >= 0) {
        status = fill(csr, name, work->key);
    }
    bool is_fit = status < 0 || bas_pki_csr_has_fit_key(csr);
    if (status >= 0) {
        status = put_names(csr, names);
    }
    if (status >= 0 && is_fit) {
        status = gnutls_x509_crq_sign2(csr, work->key, GNUTLS_DIG_UNKNOWN, 0);
    }
    if (status >= 0 && is_fit) {
        status = gnutls_x509_crq_export2(csr, GNUTLS_X509_FMT_PEM, pem);
    }
    if (csr != NULL) {
        gnutls_x509_crq_deinit(csr);
    }
    if (!is_fit) {
        return bas_fail(work->fault, BAS_ERR_KEY,
                        "the key is of a kind that is not fit: P-256, P-384, Ed25519, or RSA of "
                        "2048 to 8192 bits; leave --key out for a new one");
    }
    return bas_pki_work_check(work, "make a request", status);
}

static bas_err check(const struct bas_pki_csr_request *request, struct bas_pki_csr *made,
                     struct bas_fault *fault)
{
    bas_err err = bas_pki_directory_check(request->directory, fault);
    if (err == BAS_OK) {
        err = bas_pki_name_check(request->name, fault);
    }
    if (err == BAS_OK) {
        err = bas_pki_path(made->request_file, request->directory, request->name, ".csr", fault);
    }
    if (err == BAS_OK) {
        err = bas_pki_path_check_free(made->request_file, fault);
    }
    if (err == BAS_OK && request->key_file == NULL) {
        err = bas_pki_path(made->key_file, request->directory, request->name, ".key", fault);
        if (err == BAS_OK && bas_tls_file_exists(made->key_file)) {
            return bas_fail(fault, BAS_ERR_EXISTS,
                            "%s exists already; name it (--key) to ask for a certificate of this "
                            "key; nothing was changed",
                            made->key_file);
        }
    } else if (err == BAS_OK && strncmp(request->key_file, "pkcs11:", 7) == 0) {
        /* Not named: its URI may hold a PIN. */
        return bas_fail(fault, BAS_ERR_INVALID,
                        "a key in a token (pkcs11:) cannot be used here: name a PEM file, or let "
                        "the token's own tool make the request");
    } else if (err == BAS_OK) {
        int n = snprintf(made->key_file, sizeof(made->key_file), "%s", request->key_file);
        if (n < 0 || (size_t)n >= sizeof(made->key_file)) {
            return bas_fail(fault, BAS_ERR_TOO_LONG, "the path %.100s is too long",
                            request->key_file);
        }
    }
    return err;
}

static bas_err make_folder(const char *directory, struct bas_fault *fault)
{
    if (mkdir(directory, 0700) == 0 || errno == EEXIST) {
        return BAS_OK;
    }
    bas_err err = errno == EACCES ? BAS_ERR_PERMISSION : BAS_ERR_IO;
    return bas_fail(fault, errno == ENOENT ? BAS_ERR_NOT_FOUND : err,
                    "cannot make the folder %s: %s", directory, strerror(errno));
}

static bas_err write_key(const struct bas_pki_work *work, const struct bas_pki_csr_request *request,
                         const char *path)
{
    gnutls_datum_t pem;
    bas_err err = bas_pki_work_key_pem(work, request->key_password, &pem);
    if (err == BAS_OK) {
        err = bas_tls_file_create(path, pem, 0600, work->fault);
    }
    bas_pki_key_pem_free(&pem);
    return err;
}

/* The key, when it is new, and the request. bsc 7.5-02 */
static bas_err write(const struct bas_pki_work *work, const struct bas_pki_csr_request *request,
                     struct bas_pki_csr *made, gnutls_datum_t pem)
{
    bool is_new = request->key_file == NULL;
    bas_err err = is_new ? write_key(work, request, made->key_file) : BAS_OK;
    if (err != BAS_OK) {
        return err;
    }
    err = bas_tls_file_publish(made->request_file, pem, work->fault);
    if (err == BAS_OK) {
        err = bas_pki_show_request(work->env, made->request_file, &made->wanted, work->fault);
        if (err != BAS_OK) {
            (void)remove(made->request_file);
        }
    }
    if (err != BAS_OK && is_new) {
        (void)remove(made->key_file);
    }
    return err;
}

static bas_err run(struct bas_pki_work *work, const struct bas_pki_csr_request *request,
                   struct bas_pki_csr *made)
{
    struct bas_pki_names names = { .n = 0 };
    gnutls_datum_t pem = { NULL, 0 };
    bas_pki_names_add_uuid(&names, work->env, request->uuid);
    bas_err err = bas_pki_names_add_all(&names, request->names, request->n_names, work->fault);
    if (err == BAS_OK) {
        err = bas_pki_work_begin(work);
    }
    if (err == BAS_OK) {
        err = request->key_file == NULL
                  ? bas_pki_work_generate(work)
                  : bas_pki_work_read_key(work, request->key_file, request->key_password);
    }
    if (err == BAS_OK) {
        err = make(work, request->name, &names, &pem);
    }
    if (err == BAS_OK) {
        err = make_folder(request->directory, work->fault);
    }
    if (err == BAS_OK) {
        err = write(work, request, made, pem);
    }
    gnutls_free(pem.data);
    return err;
}

/* bsc 7.5-02 */
bas_err bas_pki_request(const struct bas_env *env, const struct bas_pki_csr_request *request,
                        struct bas_pki_csr *made, struct bas_fault *fault)
{
    struct bas_pki_csr_request known = { 0 };
    memcpy(&known, request, request->size < sizeof(known) ? request->size : sizeof(known));
    memset(made, 0, sizeof(*made));
    struct bas_pki_work work;
    bas_pki_work_init(&work, env, known.directory, fault);
    bas_err err = check(&known, made, fault);
    if (err == BAS_OK) {
        err = run(&work, &known, made);
    }
    bas_pki_work_fini(&work);
    return err;
}
