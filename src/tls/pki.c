/* Owns making a site's authority and issuing certificates to its devices: P-256, SHA-256, files
 * that are never replaced. */
#define _POSIX_C_SOURCE 200809L
#include "basalt/pki.h"

#include "tls/address.h"
#include "tls/describe.h"
#include "tls/file.h"
#include "tls/identity.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { DAY = 86400, SERIAL = 16, NAME_MAX_OCTETS = 64, DNS_MAX = 253, LABEL_MAX = 63 };

/* What is being made, and what is needed for it. */
struct work {
    const struct bas_env *env;
    struct bas_fault *fault;
    gnutls_x509_crt_t certificate;
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t issuer;
    gnutls_x509_privkey_t issuer_key;
};

static bas_err check(const struct work *work, const char *what, int status)
{
    if (status >= 0) {
        return BAS_OK;
    }
    bas_err err = status == GNUTLS_E_MEMORY_ERROR ? BAS_ERR_NO_MEMORY : BAS_ERR_INTERNAL;
    return bas_fail(work->fault, err, "cannot %s: %s", what, gnutls_strerror(status));
}

static bas_err begin(struct work *work)
{
    int status = gnutls_x509_crt_init(&work->certificate);
    if (status >= 0) {
        status = gnutls_x509_privkey_init(&work->key);
    }
    return check(work, "begin a certificate", status);
}

static void end(struct work *work)
{
    if (work->certificate != NULL) {
        gnutls_x509_crt_deinit(work->certificate);
    }
    if (work->key != NULL) {
        gnutls_x509_privkey_deinit(work->key);
    }
    if (work->issuer != NULL) {
        gnutls_x509_crt_deinit(work->issuer);
    }
    if (work->issuer_key != NULL) {
        gnutls_x509_privkey_deinit(work->issuer_key);
    }
}

/* Names and paths */

static bas_err path_of(char path[BAS_PKI_PATH], const char *directory, const char *name,
                       const char *suffix, struct bas_fault *fault)
{
    int n = snprintf(path, BAS_PKI_PATH, "%s/%s%s", directory, name, suffix);
    if (n < 0 || n >= BAS_PKI_PATH) {
        return bas_fail(fault, BAS_ERR_TOO_LONG, "the path %.100s/%.64s%s is too long", directory,
                        name, suffix);
    }
    return BAS_OK;
}

static bas_err paths_of(struct bas_pki_pair *made, const char *directory, const char *name,
                        struct bas_fault *fault)
{
    bas_err err = path_of(made->certificate_file, directory, name, ".pem", fault);
    return err == BAS_OK ? path_of(made->key_file, directory, name, ".key", fault) : err;
}

static bas_err check_free(const struct bas_pki_pair *made, struct bas_fault *fault)
{
    const char *paths[] = { made->certificate_file, made->key_file };
    for (size_t i = 0; i < BAS_ARRAY_LEN(paths); i++) {
        if (bas_tls_file_exists(paths[i])) {
            return bas_fail(fault, BAS_ERR_EXISTS, "%s exists already; nothing was changed",
                            paths[i]);
        }
    }
    return BAS_OK;
}

static bas_err check_name(const char *name, struct bas_fault *fault)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = name != NULL ? strlen(name) : 0;
    if (len == 0 || len > NAME_MAX_OCTETS || strspn(name, allowed) != len || name[0] == '.' ||
        name[0] == '-') {
        return bas_fail(fault, BAS_ERR_INVALID,
                        "\"%.80s\" cannot be a device's name: 1 to 64 of A-Z a-z 0-9 . _ -, "
                        "beginning with a letter or digit",
                        name != NULL ? name : "");
    }
    bool is_ca = len == 2 && (name[0] | 0x20) == 'c' && (name[1] | 0x20) == 'a';
    if (is_ca) {
        return bas_fail(fault, BAS_ERR_INVALID,
                        "the name ca belongs to the authority: choose another for the device");
    }
    return BAS_OK;
}

static bas_err check_days(unsigned days, struct bas_fault *fault)
{
    if (days > BAS_PKI_MAX_DAYS) {
        return bas_fail(fault, BAS_ERR_INVALID, "%u days are too many: at most %d", days,
                        BAS_PKI_MAX_DAYS);
    }
    return BAS_OK;
}

/* Letters, digits and hyphens between dots; the first label may be a star. */
static bool is_dns_name(const char *name)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t len = strlen(name);
    if (len == 0 || len > DNS_MAX) {
        return false;
    }
    if (strncmp(name, "*.", 2) == 0) {
        name += 2;
    }
    for (;;) {
        size_t label = strspn(name, allowed);
        if (label == 0 || label > LABEL_MAX || name[0] == '-' || name[label - 1] == '-') {
            return false;
        }
        if (name[label] == 0) {
            return true;
        }
        if (name[label] != '.') {
            return false;
        }
        name += label + 1;
    }
}

static bas_err add_name(const struct work *work, const char *name)
{
    uint8_t address[16];
    if (strncmp(name, "dns:", 4) == 0 && is_dns_name(name + 4)) {
        return check(work, "add a DNS name",
                     gnutls_x509_crt_set_subject_alt_name(work->certificate, GNUTLS_SAN_DNSNAME,
                                                          name + 4, (unsigned)strlen(name + 4),
                                                          GNUTLS_FSAN_APPEND));
    }
    size_t len = strncmp(name, "ip:", 3) == 0 ? bas_tls_address_parse(name + 3, address) : 0;
    if (len != 0) {
        return check(work, "add an address",
                     gnutls_x509_crt_set_subject_alt_name(work->certificate, GNUTLS_SAN_IPADDRESS,
                                                          address, (unsigned)len,
                                                          GNUTLS_FSAN_APPEND));
    }
    return bas_fail(work->fault, BAS_ERR_INVALID,
                    "\"%.80s\" is no name for a certificate: write dns:HOST or ip:ADDRESS", name);
}

static bas_err add_uuid(const struct work *work, const uint8_t *given)
{
    static const size_t groups[] = { 4, 2, 2, 2, 6 };
    uint8_t uuid[16];
    if (given != NULL) {
        memcpy(uuid, given, sizeof(uuid));
    } else {
        work->env->random(work->env->ctx, uuid, sizeof(uuid));
        uuid[6] = (uint8_t)((uuid[6] & 0x0F) | 0x40);
        uuid[8] = (uint8_t)((uuid[8] & 0x3F) | 0x80);
    }
    char octets[48];
    struct bas_buf text;
    bas_buf_init(&text, octets, sizeof(octets));
    bas_buf_add_text(&text, "urn:uuid");
    size_t at = 0;
    for (size_t i = 0; i < BAS_ARRAY_LEN(groups); i++) {
        bas_buf_add_text(&text, i == 0 ? ":" : "-");
        bas_buf_add_hex(&text, (struct bas_slice){ uuid + at, groups[i] });
        at += groups[i];
    }
    return check(work, "add the UUID",
                 gnutls_x509_crt_set_subject_alt_name(work->certificate, GNUTLS_SAN_URI, octets,
                                                      (unsigned)text.len, GNUTLS_FSAN_APPEND));
}

/* What every certificate has */

static int set_serial(const struct work *work)
{
    uint8_t serial[SERIAL];
    work->env->random(work->env->ctx, serial, sizeof(serial));
    serial[0] = (uint8_t)((serial[0] & 0x3F) | 0x40); /* positive and of full length */
    return gnutls_x509_crt_set_serial(work->certificate, serial, sizeof(serial));
}

static int set_dates(const struct work *work, unsigned days)
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

static int set_common_name(const struct work *work, const char *name)
{
    return gnutls_x509_crt_set_dn_by_oid(work->certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                         (unsigned)strlen(name));
}

static int set_subject_key_id(const struct work *work)
{
    uint8_t id[64];
    size_t len = sizeof(id);
    int status = gnutls_x509_crt_get_key_id(work->certificate, 0, id, &len);
    return status < 0 ? status : gnutls_x509_crt_set_subject_key_id(work->certificate, id, len);
}

static bas_err fill_common(const struct work *work, const char *common_name, unsigned days)
{
    int status = gnutls_x509_privkey_generate(work->key, GNUTLS_PK_ECDSA,
                                              GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    if (status < 0) {
        return check(work, "generate a key", status);
    }
    status = gnutls_x509_crt_set_version(work->certificate, 3);
    if (status >= 0) {
        status = set_serial(work);
    }
    if (status >= 0) {
        status = set_dates(work, days);
    }
    if (status >= 0) {
        status = set_common_name(work, common_name);
    }
    if (status >= 0) {
        status = gnutls_x509_crt_set_key(work->certificate, work->key);
    }
    if (status >= 0) {
        status = set_subject_key_id(work);
    }
    return check(work, "fill a certificate", status);
}

/* To the disk: the key first, which holds the name; then the certificate, whole */

static bas_err write_key(const struct work *work, const char *path)
{
    gnutls_datum_t pem = { NULL, 0 };
    int status = gnutls_x509_privkey_export2_pkcs8(work->key, GNUTLS_X509_FMT_PEM, NULL,
                                                   GNUTLS_PKCS_PLAIN, &pem);
    if (status < 0) {
        return check(work, "write a key as PEM", status);
    }
    bas_err err = bas_tls_file_create(path, pem, 0600, work->fault);
    bas_wipe(pem.data, pem.size);
    gnutls_free(pem.data);
    return err;
}

static bas_err write_both(const struct work *work, const struct bas_pki_pair *made,
                          gnutls_datum_t pem)
{
    bas_err err = write_key(work, made->key_file);
    if (err != BAS_OK) {
        return err;
    }
    err = bas_tls_file_publish(made->certificate_file, pem, work->fault);
    if (err != BAS_OK) {
        (void)remove(made->key_file);
    }
    return err;
}

static bas_err write_pair(const struct work *work, struct bas_pki_pair *made)
{
    gnutls_datum_t pem = { NULL, 0 };
    int status = gnutls_x509_crt_export2(work->certificate, GNUTLS_X509_FMT_PEM, &pem);
    if (status < 0) {
        return check(work, "write a certificate as PEM", status);
    }
    bas_err err = bas_pki_describe(&made->certificate, pem);
    if (err == BAS_OK) {
        err = write_both(work, made, pem);
    } else {
        (void)bas_fail(work->fault, err, "cannot read the certificate that was made");
    }
    gnutls_free(pem.data);
    return err;
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

static bas_err make_authority(const struct work *work, const char *common_name, unsigned days)
{
    bas_err err = fill_common(work, common_name, days);
    if (err != BAS_OK) {
        return err;
    }
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
    return check(work, "sign the authority's certificate", status);
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
    if (request->directory == NULL || request->directory[0] == 0) {
        return bas_fail(fault, BAS_ERR_INVALID, "no folder is named for the authority");
    }
    size_t len = request->common_name != NULL ? strlen(request->common_name) : 1;
    if (len == 0 || len > NAME_MAX_OCTETS) {
        return bas_fail(fault, BAS_ERR_INVALID,
                        "the authority's name has %zu octets: 1 to 64 are possible", len);
    }
    return check_days(request->days, fault);
}

bas_err bas_pki_init(const struct bas_env *env, const struct bas_pki_authority_request *request,
                     struct bas_pki_pair *made, struct bas_fault *fault)
{
    struct bas_pki_authority_request known = { 0 };
    memcpy(&known, request, request->size < sizeof(known) ? request->size : sizeof(known));
    memset(made, 0, sizeof(*made));
    struct work work = { .env = env, .fault = fault };
    bas_err err = check_authority(&known, fault);
    if (err == BAS_OK) {
        err = paths_of(made, known.directory, "ca", fault);
    }
    if (err == BAS_OK) {
        err = check_free(made, fault);
    }
    if (err == BAS_OK) {
        err = make_folder(known.directory, fault);
    }
    if (err == BAS_OK) {
        err = begin(&work);
    }
    if (err == BAS_OK) {
        char name[NAME_MAX_OCTETS + 1];
        default_name(env, name);
        err = make_authority(&work, known.common_name != NULL ? known.common_name : name,
                             known.days != 0 ? known.days : BAS_PKI_AUTHORITY_DAYS);
    }
    if (err == BAS_OK) {
        err = write_pair(&work, made);
    }
    end(&work);
    return err;
}

/* A device */

static bas_err read_pem(const struct work *work, const char *path, bool is_key,
                        int (*import)(const struct work *work, const gnutls_datum_t *pem))
{
    struct bas_tls_file file;
    bas_err err = bas_tls_file_read(work->env, path, is_key, &file, work->fault);
    if (err != BAS_OK) {
        return err;
    }
    gnutls_datum_t pem = bas_tls_file_datum(&file);
    int status = import(work, &pem);
    bas_tls_file_free(work->env, &file);
    if (status < 0) {
        return bas_fail(work->fault, is_key ? BAS_ERR_KEY : BAS_ERR_CERTIFICATE,
                        "%s holds no %s in PEM form (%s)", path,
                        is_key ? "private key without password" : "certificate",
                        gnutls_strerror(status));
    }
    return BAS_OK;
}

static int import_issuer(const struct work *work, const gnutls_datum_t *pem)
{
    return gnutls_x509_crt_import(work->issuer, pem, GNUTLS_X509_FMT_PEM);
}

static int import_issuer_key(const struct work *work, const gnutls_datum_t *pem)
{
    return gnutls_x509_privkey_import2(work->issuer_key, pem, GNUTLS_X509_FMT_PEM, NULL, 0);
}

static bool belong_together(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key)
{
    uint8_t a[64];
    uint8_t b[64];
    size_t a_len = sizeof(a);
    size_t b_len = sizeof(b);
    return gnutls_x509_crt_get_key_id(certificate, 0, a, &a_len) >= 0 &&
           gnutls_x509_privkey_get_key_id(key, 0, b, &b_len) >= 0 && a_len == b_len &&
           memcmp(a, b, a_len) == 0;
}

static bas_err load_authority(struct work *work, const char *directory)
{
    struct bas_pki_pair paths;
    bas_err err = paths_of(&paths, directory, "ca", work->fault);
    if (err != BAS_OK) {
        return err;
    }
    if (!bas_tls_file_exists(paths.certificate_file)) {
        return bas_fail(work->fault, BAS_ERR_NOT_FOUND,
                        "there is no authority in %s: make one first (pki init)", directory);
    }
    int status = gnutls_x509_crt_init(&work->issuer);
    if (status >= 0) {
        status = gnutls_x509_privkey_init(&work->issuer_key);
    }
    err = check(work, "hold the authority", status);
    if (err == BAS_OK) {
        err = read_pem(work, paths.certificate_file, false, import_issuer);
    }
    if (err == BAS_OK) {
        err = read_pem(work, paths.key_file, true, import_issuer_key);
    }
    if (err == BAS_OK && !belong_together(work->issuer, work->issuer_key)) {
        err = bas_fail(work->fault, BAS_ERR_KEY,
                       "%.100s is not the key of %.100s: put the right one back", paths.key_file,
                       paths.certificate_file);
    }
    return err;
}

static bas_err check_term(const struct work *work, unsigned days)
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

static int set_purposes(const struct work *work)
{
    int status = gnutls_x509_crt_set_basic_constraints(work->certificate, 0, -1);
    if (status >= 0) {
        status = gnutls_x509_crt_set_key_usage(work->certificate, GNUTLS_KEY_DIGITAL_SIGNATURE);
    }
    if (status >= 0) {
        status =
            gnutls_x509_crt_set_key_purpose_oid(work->certificate, GNUTLS_KP_TLS_WWW_SERVER, 0);
    }
    if (status >= 0) {
        status =
            gnutls_x509_crt_set_key_purpose_oid(work->certificate, GNUTLS_KP_TLS_WWW_CLIENT, 0);
    }
    return status;
}

static int sign_device(const struct work *work)
{
    uint8_t id[64];
    size_t len = sizeof(id);
    int status = gnutls_x509_crt_get_subject_key_id(work->issuer, id, &len, NULL);
    if (status >= 0) {
        status = gnutls_x509_crt_set_authority_key_id(work->certificate, id, len);
    }
    if (status < 0 && status != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
        return status;
    }
    return gnutls_x509_crt_sign2(work->certificate, work->issuer, work->issuer_key,
                                 GNUTLS_DIG_SHA256, 0);
}

static bas_err make_device(const struct work *work, const struct bas_pki_device_request *request)
{
    bas_err err = fill_common(work, request->name, request->days);
    if (err == BAS_OK) {
        err = add_uuid(work, request->uuid);
    }
    for (size_t i = 0; i < request->n_names && err == BAS_OK; i++) {
        err = add_name(work, request->names[i]);
    }
    if (err == BAS_OK) {
        err = check(work, "set what the certificate is for", set_purposes(work));
    }
    return err == BAS_OK ? check(work, "sign the certificate", sign_device(work)) : err;
}

static bas_err check_device(const struct bas_pki_device_request *request, struct bas_fault *fault)
{
    if (request->directory == NULL || request->directory[0] == 0) {
        return bas_fail(fault, BAS_ERR_INVALID, "no folder is named");
    }
    if (request->n_names >= BAS_PKI_NAMES) {
        return bas_fail(fault, BAS_ERR_INVALID, "%zu names are too many: at most %d",
                        request->n_names, BAS_PKI_NAMES - 1);
    }
    bas_err err = check_name(request->name, fault);
    return err == BAS_OK ? check_days(request->days, fault) : err;
}

bas_err bas_pki_issue(const struct bas_env *env, const struct bas_pki_device_request *request,
                      struct bas_pki_pair *made, struct bas_fault *fault)
{
    struct bas_pki_device_request known = { 0 };
    memcpy(&known, request, request->size < sizeof(known) ? request->size : sizeof(known));
    known.days = known.days != 0 ? known.days : BAS_PKI_DEVICE_DAYS;
    memset(made, 0, sizeof(*made));
    struct work work = { .env = env, .fault = fault };
    bas_err err = check_device(&known, fault);
    if (err == BAS_OK) {
        err = paths_of(made, known.directory, known.name, fault);
    }
    if (err == BAS_OK) {
        err = check_free(made, fault);
    }
    if (err == BAS_OK) {
        err = load_authority(&work, known.directory);
    }
    if (err == BAS_OK) {
        err = check_term(&work, known.days);
    }
    if (err == BAS_OK) {
        err = begin(&work);
    }
    if (err == BAS_OK) {
        err = make_device(&work, &known);
    }
    if (err == BAS_OK) {
        err = write_pair(&work, made);
    }
    end(&work);
    return err;
}
