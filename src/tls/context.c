/* Owns the material of one TLS identity: issuers, certificate, key, cipher policy, key log. All is
 * checked at loading, so that a mistake is found at start and not at the first connection. */
#define _POSIX_C_SOURCE 200809L
#include "tls/context.h"

#include "tls/file.h"
#include "tls/identity.h"
#include "tls/key.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* NONE: what is not named here is off. The library takes the server's order only when told.
 * bsc 7.4-01 7.4-02 7.4-03 7.4-04 */
static const char priorities[] =
    "NONE:+VERS-TLS1.3:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:+AEAD:+GROUP-X25519:"
    "+GROUP-SECP256R1:+SIGN-ECDSA-SECP256R1-SHA256:+SIGN-ECDSA-SECP384R1-SHA384:"
    "+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-PSS-RSAE-SHA384:+SIGN-RSA-SHA256:+SIGN-EDDSA-ED25519:"
    "+CTYPE-X509:+COMP-NULL:%SERVER_PRECEDENCE";

static bas_err fail_library(struct bas_fault *fault, const char *what, int status)
{
    bas_err err = status == GNUTLS_E_MEMORY_ERROR ? BAS_ERR_NO_MEMORY : BAS_ERR_TLS;
    return bas_fail(fault, err, "the TLS library cannot %s: %s", what, gnutls_strerror(status));
}

/* Cipher policy */

enum { NEEDED, WANTED };

struct algorithm {
    const char *name;
    unsigned id;
    bool (*is_on)(gnutls_priority_t priority, unsigned id);
    int need;
};

static bool holds(const unsigned *ids, int n, unsigned id)
{
    for (int i = 0; i < n; i++) {
        if (ids[i] == id) {
            return true;
        }
    }
    return false;
}

static bool is_version_on(gnutls_priority_t priority, unsigned id)
{
    const unsigned *ids = NULL;
    int n = gnutls_priority_protocol_list(priority, &ids);
    return holds(ids, n, id);
}

static bool is_cipher_on(gnutls_priority_t priority, unsigned id)
{
    const unsigned *ids = NULL;
    int n = gnutls_priority_cipher_list(priority, &ids);
    return holds(ids, n, id);
}

static bool is_signature_on(gnutls_priority_t priority, unsigned id)
{
    const unsigned *ids = NULL;
    int n = gnutls_priority_sign_list(priority, &ids);
    return holds(ids, n, id);
}

/* A disabled curve stays in the priority's own list; it is gone from the library's. */
static bool is_group_on(gnutls_priority_t priority, unsigned id)
{
    (void)priority;
    for (const gnutls_group_t *group = gnutls_group_list(); *group != 0; group++) {
        if (*group == id) {
            return true;
        }
    }
    return false;
}

static const struct algorithm algorithms[] = {
    { "TLS 1.3", GNUTLS_TLS1_3, is_version_on, NEEDED },
    { "AES-128-GCM", GNUTLS_CIPHER_AES_128_GCM, is_cipher_on, NEEDED },
    { "P-256", GNUTLS_GROUP_SECP256R1, is_group_on, NEEDED },
    { "ECDSA with P-256", GNUTLS_SIGN_ECDSA_SECP256R1_SHA256, is_signature_on, NEEDED },
    { "X25519", GNUTLS_GROUP_X25519, is_group_on, WANTED },
    { "AES-256-GCM", GNUTLS_CIPHER_AES_256_GCM, is_cipher_on, WANTED },
    { "ChaCha20-Poly1305", GNUTLS_CIPHER_CHACHA20_POLY1305, is_cipher_on, WANTED },
};

/* The system-wide configuration of the library takes algorithms away silently, even from us. */
static bas_err check_priorities(const struct bas_tls_context *context, struct bas_fault *fault)
{
    const char *file = gnutls_get_system_config_file();
    file = file != NULL ? file : "the system-wide configuration of GnuTLS";
    for (size_t i = 0; i < BAS_ARRAY_LEN(algorithms); i++) {
        if (algorithms[i].is_on(context->priority, algorithms[i].id)) {
            continue;
        }
        if (algorithms[i].need == NEEDED) {
            return bas_fail(fault, BAS_ERR_CONFIG,
                            "BACnet/SC needs %s, but this machine switches it off: look at "
                            "[overrides] in %s",
                            algorithms[i].name, file);
        }
        bas_log(&context->env, BAS_LOG_WARNING, "TLS runs without %s: %s switches it off",
                algorithms[i].name, file);
    }
    return BAS_OK;
}

static bas_err set_priorities(struct bas_tls_context *context, struct bas_fault *fault)
{
    int status = gnutls_priority_init(&context->priority, priorities, NULL);
    if (status == GNUTLS_E_MEMORY_ERROR) {
        return fail_library(fault, "set the cipher policy", status);
    }
    if (status < 0) {
        context->priority = NULL;
        const char *file = gnutls_get_system_config_file();
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "nothing of what BACnet/SC needs of TLS 1.3 is left on this machine (%s): "
                        "look at [overrides] in %s",
                        gnutls_strerror(status), file != NULL ? file : "the GnuTLS configuration");
    }
    return check_priorities(context, fault);
}

/* Issuers */

static bas_err load_issuer(struct bas_tls_context *context, const char *path,
                           struct bas_fault *fault)
{
    struct bas_tls_file file;
    bas_err err = bas_tls_file_read(&context->env, path, false, &file, fault);
    if (err != BAS_OK) {
        return err;
    }
    if (file.len != 0) { /* an empty file is an unused slot (bacnet-sc.md 7.5) */
        err = bas_tls_trust_add(&context->trust, path, bas_tls_file_datum(&file), fault);
    }
    bas_tls_file_free(&context->env, &file);
    return err;
}

static bas_err load_issuers(struct bas_tls_context *context, const struct bas_tls_config *config,
                            struct bas_fault *fault)
{
    for (size_t i = 0; i < BAS_TLS_MAX_ISSUERS; i++) {
        if (config->issuer_files[i] == NULL) {
            continue;
        }
        bas_err err = load_issuer(context, config->issuer_files[i], fault);
        if (err != BAS_OK) {
            return err;
        }
    }
    if (context->trust.n == 0) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "no issuer certificate is configured: name the CA certificate that signs "
                        "the site's devices");
    }
    return BAS_OK;
}

static bas_err load_list(struct bas_tls_context *context, const char *path, struct bas_fault *fault)
{
    struct bas_tls_file file;
    bas_err err = bas_tls_file_read(&context->env, path, false, &file, fault);
    if (err != BAS_OK) {
        return err;
    }
    err = bas_tls_revocations_add(&context->revocations, path, bas_tls_file_datum(&file), fault);
    bas_tls_file_free(&context->env, &file);
    return err;
}

static bas_err load_lists(struct bas_tls_context *context, const struct bas_tls_config *config,
                          struct bas_fault *fault)
{
    bas_err err = BAS_OK;
    context->revocations.env = &context->env;
    context->revocations.trust = &context->trust;
    for (size_t i = 0; i < BAS_TLS_MAX_CRLS && err == BAS_OK; i++) {
        if (config->crl_files[i] != NULL) {
            err = load_list(context, config->crl_files[i], fault);
        }
    }
    return err;
}

/* Our certificate and key */

/* One that serves one role alone is taken, since many a device has no other role. */
static void log_purpose(const struct bas_tls_context *context, const char *path,
                        gnutls_x509_crt_t certificate)
{
    unsigned purposes = bas_tls_purposes(certificate);
    if (purposes == BAS_TLS_AS_CLIENT || purposes == BAS_TLS_AS_SERVER) {
        bas_log(&context->env, BAS_LOG_WARNING,
                "our certificate %s allows %s alone: peers will refuse us where we are the %s; "
                "issue it anew with both",
                path, purposes == BAS_TLS_AS_CLIENT ? "clientAuth" : "serverAuth",
                purposes == BAS_TLS_AS_CLIENT ? "server" : "client");
    }
}

static bas_err judge_own(struct bas_tls_context *context, const char *path,
                         gnutls_x509_crt_t certificate, struct bas_fault *fault)
{
    struct bas_tls_verdict verdict;
    if (!bas_tls_context_judge_own(context, certificate, &verdict)) {
        return bas_tls_own_fault(&(struct bas_tls_refusal){ .reason = verdict.reason,
                                                            .identity = &verdict.identity,
                                                            .detail = verdict.detail,
                                                            .now = bas_tls_now(&context->env) },
                                 path, fault);
    }
    log_purpose(context, path, certificate);
    return BAS_OK;
}

/* The credentials take over what they get. */
static int give(struct bas_tls_context *context, gnutls_x509_crt_t certificate,
                gnutls_privkey_t key)
{
    gnutls_pcert_st shown;
    int status = gnutls_pcert_import_x509(&shown, certificate, 0);
    if (status < 0) {
        gnutls_privkey_deinit(key);
        return status;
    }
    status = gnutls_certificate_set_key(context->credentials, NULL, 0, &shown, 1, key);
    if (status < 0) {
        gnutls_pcert_deinit(&shown);
        gnutls_privkey_deinit(key);
    }
    return status;
}

static bas_err join(struct bas_tls_context *context, const struct bas_tls_config *config,
                    gnutls_x509_crt_t certificate, struct bas_fault *fault)
{
    struct bas_tls_source source = { &context->env, config->key_file, &context->password };
    gnutls_privkey_t key = NULL;
    bas_err err = bas_tls_key_read(&source, &key, fault);
    if (err != BAS_OK) {
        return err;
    }
    int status = give(context, certificate, key);
    if (status == GNUTLS_E_CERTIFICATE_KEY_MISMATCH) {
        char key_text[BAS_TLS_SOURCE_NAME];
        char certificate_text[BAS_TLS_SOURCE_NAME];
        return bas_fail_code(fault, BAS_ERR_KEY, BAC_ERROR_CLASS_SECURITY,
                             BAC_ERROR_CODE_UNKNOWN_CERTIFICATE_KEY,
                             "the key %.80s does not belong to the certificate %.80s: name the "
                             "pair that was issued together",
                             bas_tls_source_text(key_text, config->key_file),
                             bas_tls_source_text(certificate_text, config->certificate_file));
    }
    return status < 0 ? fail_library(fault, "take our certificate and key", status) : BAS_OK;
}

static bas_err take_own(struct bas_tls_context *context, const struct bas_tls_config *config,
                        struct bas_fault *fault)
{
    struct bas_tls_source source = { &context->env, config->certificate_file, &context->password };
    gnutls_x509_crt_t certificate = NULL;
    char text[BAS_TLS_SOURCE_NAME];
    bas_err err = bas_tls_certificate_read(&source, &certificate, fault);
    if (err != BAS_OK) {
        return err;
    }
    bas_tls_identity_fill(&context->identity, certificate);
    err =
        judge_own(context, bas_tls_source_text(text, config->certificate_file), certificate, fault);
    if (err == BAS_OK) {
        err = join(context, config, certificate, fault);
    }
    gnutls_x509_crt_deinit(certificate);
    return err;
}

/* bsc 7.4-12 */
static bas_err load_own(struct bas_tls_context *context, const struct bas_tls_config *config,
                        struct bas_fault *fault)
{
    if (config->certificate_file == NULL || config->key_file == NULL) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "no %s is configured: BACnet/SC needs one with its %s",
                        config->certificate_file == NULL ? "certificate" : "private key",
                        config->certificate_file == NULL ? "private key" : "certificate");
    }
    bas_err err = bas_tls_password_read(&context->password, &context->env, config, fault);
    if (err == BAS_OK) {
        err = take_own(context, config, fault);
    }
    bas_tls_password_wipe(&context->password);
    return err;
}

/* Key log */

static bas_err open_keylog(struct bas_tls_context *context, const char *path,
                           struct bas_fault *fault)
{
    if (path == NULL) {
        return BAS_OK;
    }
    context->keylog = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    struct stat st;
    if (context->keylog < 0 || fstat(context->keylog, &st) != 0) {
        return bas_fail(fault, BAS_ERR_IO, "cannot write the key log %s: %s", path,
                        strerror(errno));
    }
    if (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0) {
        return bas_fail(fault, BAS_ERR_PERMISSION,
                        "the key log %s is open to group or others, and who reads it reads all "
                        "traffic: chmod 600 it",
                        path);
    }
    bas_log(&context->env, BAS_LOG_WARNING,
            "the keys of every TLS session are written to %s: who reads it reads all traffic",
            path);
    return BAS_OK;
}

static bas_err load(struct bas_tls_context *context, const struct bas_tls_config *config,
                    struct bas_fault *fault)
{
    int status = gnutls_certificate_allocate_credentials(&context->credentials);
    if (status < 0) {
        return fail_library(fault, "hold credentials", status);
    }
    bas_err err = set_priorities(context, fault);
    if (err == BAS_OK) {
        err = load_issuers(context, config, fault);
    }
    if (err == BAS_OK) {
        err = load_lists(context, config, fault);
    }
    if (err == BAS_OK) {
        err = load_own(context, config, fault);
    }
    return err == BAS_OK ? open_keylog(context, config->keylog_file, fault) : err;
}

struct bas_tls_context *bas_tls_context_new(const struct bas_env *env,
                                            const struct bas_tls_config *config,
                                            struct bas_fault *fault)
{
    struct bas_tls_config known = { 0 };
    memcpy(&known, config, config->size < sizeof(known) ? config->size : sizeof(known));
    struct bas_tls_context *context = bas_alloc(env, sizeof(*context));
    if (context == NULL) {
        (void)bas_fail(fault, BAS_ERR_NO_MEMORY, "no memory for a TLS context");
        return NULL;
    }
    context->env = *env;
    context->refs = 1;
    context->keylog = -1;
    if (load(context, &known, fault) != BAS_OK) {
        bas_tls_context_unref(context);
        return NULL;
    }
    return context;
}

struct bas_tls_context *bas_tls_context_ref(struct bas_tls_context *context)
{
    assert(context->refs > 0);
    context->refs++;
    return context;
}

void bas_tls_context_unref(struct bas_tls_context *context)
{
    if (context == NULL) {
        return;
    }
    assert(context->refs > 0);
    if (--context->refs > 0) {
        return;
    }
    if (context->keylog >= 0) {
        (void)close(context->keylog);
    }
    if (context->credentials != NULL) {
        gnutls_certificate_free_credentials(context->credentials);
    }
    if (context->priority != NULL) {
        gnutls_priority_deinit(context->priority);
    }
    bas_tls_revocations_fini(&context->revocations);
    bas_tls_trust_fini(&context->trust);
    struct bas_env env = context->env;
    bas_release(&env, context, sizeof(*context));
}

void bas_tls_context_identity(const struct bas_tls_context *context,
                              struct bas_tls_identity *identity)
{
    *identity = context->identity;
}
