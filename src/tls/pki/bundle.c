/* Owns bundles (PKCS #12): key, certificate and issuer in one file, for importers that want it so.
 */
#define _POSIX_C_SOURCE 200809L
#include "basalt/pki.h"

#include "tls/file.h"
#include "tls/pki/work.h"

#include <gnutls/pkcs12.h>
#include <stdio.h>
#include <string.h>

/* What is put in, and how it is locked. */
struct packing {
    gnutls_pkcs12_t bundle;
    const char *name;
    const char *password;
    unsigned cipher; /* gnutls_pkcs_encrypt_flags_t */
    gnutls_mac_algorithm_t mac;
    gnutls_datum_t key_id;
};

static bas_err check(const struct bas_pki_bundle_request *request, struct bas_pki_bundle *made,
                     struct bas_fault *fault)
{
    bas_err err = bas_pki_directory_check(request->directory, fault);
    if (err == BAS_OK) {
        err = bas_pki_name_check(request->name, fault);
    }
    if (err == BAS_OK && request->password == NULL && !request->is_bare) {
        err = bas_fail(fault, BAS_ERR_INVALID,
                       "a bundle holds a private key: give a password for it");
    }
    if (err != BAS_OK) {
        return err;
    }
    if (request->file == NULL) {
        err = bas_pki_path(made->file, request->directory, request->name, ".p12", fault);
    } else {
        int n = snprintf(made->file, sizeof(made->file), "%s", request->file);
        if (n < 0 || (size_t)n >= sizeof(made->file)) {
            err = bas_fail(fault, BAS_ERR_TOO_LONG, "the path %.100s is too long", request->file);
        }
    }
    return err == BAS_OK ? bas_pki_path_check_free(made->file, fault) : err;
}

/* The certificate into work->certificate, its key into work->key. */
static bas_err load(struct bas_pki_work *work, const struct bas_pki_bundle_request *request)
{
    struct bas_pki_pair paths;
    struct bas_tls_file file;
    bas_err err = bas_pki_paths(&paths, request->directory, request->name, work->fault);
    if (err == BAS_OK) {
        err = bas_tls_file_read(work->env, paths.certificate_file, false, &file, work->fault);
    }
    if (err != BAS_OK) {
        return err;
    }
    gnutls_datum_t pem = bas_tls_file_datum(&file);
    int status = gnutls_x509_crt_import(work->certificate, &pem, GNUTLS_X509_FMT_PEM);
    bas_tls_file_free(work->env, &file);
    if (status < 0) {
        return bas_fail(work->fault, BAS_ERR_CERTIFICATE,
                        "%s holds no certificate in PEM form (%s)", paths.certificate_file,
                        gnutls_strerror(status));
    }
    err = bas_pki_work_read_key(work, paths.key_file, request->key_password);
    if (err == BAS_OK && !bas_pki_belong_together(work->certificate, work->key)) {
        err = bas_fail(work->fault, BAS_ERR_KEY, "%.100s is not the key of %.100s", paths.key_file,
                       paths.certificate_file);
    }
    return err;
}

/* Puts a bag into the bundle, encrypted as a whole where it is not yet. */
static int close_bag(const struct packing *packing, gnutls_pkcs12_bag_t bag, bool is_locked)
{
    int status = 0;
    if (packing->password != NULL && !is_locked) {
        status = gnutls_pkcs12_bag_encrypt(bag, packing->password, packing->cipher);
    }
    return status < 0 ? status : gnutls_pkcs12_set_bag(packing->bundle, bag);
}

static int add_certificates(const struct packing *packing, const struct bas_pki_work *work)
{
    gnutls_pkcs12_bag_t bag = NULL;
    int status = gnutls_pkcs12_bag_init(&bag);
    int at = status < 0 ? status : gnutls_pkcs12_bag_set_crt(bag, work->certificate);
    status = at;
    if (status >= 0) {
        status = gnutls_pkcs12_bag_set_friendly_name(bag, (unsigned)at, packing->name);
    }
    if (status >= 0) {
        status = gnutls_pkcs12_bag_set_key_id(bag, (unsigned)at, &packing->key_id);
    }
    if (status >= 0) {
        status = gnutls_pkcs12_bag_set_crt(bag, work->issuer);
    }
    if (status >= 0) {
        status = close_bag(packing, bag, false);
    }
    if (bag != NULL) {
        gnutls_pkcs12_bag_deinit(bag);
    }
    return status;
}

static int add_key(const struct packing *packing, const struct bas_pki_work *work)
{
    gnutls_pkcs12_bag_t bag = NULL;
    gnutls_datum_t der = { NULL, 0 };
    bool is_locked = packing->password != NULL;
    int status =
        gnutls_x509_privkey_export2_pkcs8(work->key, GNUTLS_X509_FMT_DER, packing->password,
                                          is_locked ? packing->cipher : GNUTLS_PKCS_PLAIN, &der);
    if (status >= 0) {
        status = gnutls_pkcs12_bag_init(&bag);
    }
    int at =
        status < 0
            ? status
            : gnutls_pkcs12_bag_set_data(
                  bag, is_locked ? GNUTLS_BAG_PKCS8_ENCRYPTED_KEY : GNUTLS_BAG_PKCS8_KEY, &der);
    status = at;
    if (status >= 0) {
        status = gnutls_pkcs12_bag_set_friendly_name(bag, (unsigned)at, packing->name);
    }
    if (status >= 0) {
        status = gnutls_pkcs12_bag_set_key_id(bag, (unsigned)at, &packing->key_id);
    }
    if (status >= 0) {
        status = close_bag(packing, bag, is_locked);
    }
    if (bag != NULL) {
        gnutls_pkcs12_bag_deinit(bag);
    }
    bas_pki_key_pem_free(&der);
    return status;
}

static int pack(struct packing *packing, const struct bas_pki_work *work, gnutls_datum_t *der)
{
    uint8_t id[64];
    size_t len = sizeof(id);
    int status = gnutls_x509_crt_get_key_id(work->certificate, 0, id, &len);
    packing->key_id = (gnutls_datum_t){ id, (unsigned)len };
    if (status >= 0) {
        status = gnutls_pkcs12_init(&packing->bundle);
    }
    if (status >= 0) {
        status = add_certificates(packing, work);
    }
    if (status >= 0) {
        status = add_key(packing, work);
    }
    if (status >= 0) {
        status = gnutls_pkcs12_generate_mac2(packing->bundle, packing->mac,
                                             packing->password != NULL ? packing->password : "");
    }
    if (status >= 0) {
        status = gnutls_pkcs12_export2(packing->bundle, GNUTLS_X509_FMT_DER, der);
    }
    if (packing->bundle != NULL) {
        gnutls_pkcs12_deinit(packing->bundle);
    }
    return status;
}

static bas_err run(struct bas_pki_work *work, const struct bas_pki_bundle_request *request,
                   struct bas_pki_bundle *made)
{
    struct packing packing = {
        .name = request->name,
        .password = request->is_bare ? NULL : request->password,
        .cipher = request->is_legacy ? GNUTLS_PKCS_PKCS12_3DES : GNUTLS_PKCS_PBES2_AES_256,
        .mac = request->is_legacy ? GNUTLS_MAC_SHA1 : GNUTLS_MAC_SHA256,
    };
    gnutls_datum_t der = { NULL, 0 };
    bas_err err = bas_pki_work_authority(work, NULL, true);
    if (err == BAS_OK) {
        err = bas_pki_work_begin(work);
    }
    if (err == BAS_OK) {
        err = load(work, request);
    }
    if (err == BAS_OK) {
        err = bas_pki_work_check(work, "pack the bundle", pack(&packing, work, &der));
    }
    if (err == BAS_OK) {
        err = bas_tls_file_create(made->file, der, 0600, work->fault);
    }
    bas_pki_key_pem_free(&der);
    return err;
}

bas_err bas_pki_bundle(const struct bas_env *env, const struct bas_pki_bundle_request *request,
                       struct bas_pki_bundle *made, struct bas_fault *fault)
{
    struct bas_pki_bundle_request known = { 0 };
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
