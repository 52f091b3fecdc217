/* Owns how our private key and certificate are read: PEM files, encrypted or not, and tokens. */
#include "tls/key.h"

#include "tls/file.h"

#include <string.h>

static bool is_token(const char *name)
{
    return strncmp(name, "pkcs11:", 7) == 0;
}

const char *bas_tls_source_text(char text[BAS_TLS_SOURCE_NAME], const char *name)
{
    size_t len = strlen(name);
    if (is_token(name)) {
        const char *pin = strstr(name, "pin-");
        len = strcspn(name, "?");
        len = pin != NULL && (size_t)(pin - name) < len ? (size_t)(pin - name) : len;
    }
    bas_text_copy(text, BAS_TLS_SOURCE_NAME, (struct bas_slice){ (const uint8_t *)name, len });
    return text;
}

static bas_err fail_memory(struct bas_fault *fault)
{
    return bas_fail(fault, BAS_ERR_NO_MEMORY, "no memory for our certificate and key");
}

/* Tokens */

/* One try: after a second wrong PIN many a token locks itself for good. */
static int on_pin(void *user, int attempt, const char *url, const char *label, unsigned flags,
                  char *pin, size_t cap)
{
    const struct bas_tls_password *password = user;
    size_t len = strlen(password->text);
    (void)url;
    (void)label;
    if (!password->is_set || attempt > 0 || len >= cap ||
        (flags & (GNUTLS_PIN_SO | GNUTLS_PIN_WRONG | GNUTLS_PIN_FINAL_TRY)) != 0) {
        return -1;
    }
    memcpy(pin, password->text, len + 1);
    return 0;
}

static bas_err fail_pin(const struct bas_tls_source *source, const char *text,
                        struct bas_fault *fault)
{
    bool has_own = strstr(source->name, "pin-") != NULL;
    if (!source->password->is_set && !has_own) {
        return bas_fail(fault, BAS_ERR_KEY,
                        "the token of %s wants a PIN: name a file, variable or credential with it "
                        "as the key's password",
                        text);
    }
    return bas_fail(fault, BAS_ERR_KEY,
                    "the token of %s does not take the PIN %s, or is one try away from being "
                    "locked; it was not tried again",
                    text, has_own ? "in the URI" : source->password->source);
}

static bas_err fail_token(const struct bas_tls_source *source, const char *kind, int status,
                          struct bas_fault *fault)
{
    char text[BAS_TLS_SOURCE_NAME];
    (void)bas_tls_source_text(text, source->name);
    switch (status) {
    case GNUTLS_E_MEMORY_ERROR:
        return fail_memory(fault);
    case GNUTLS_E_PKCS11_PIN_ERROR:
    case GNUTLS_E_PKCS11_PIN_EXPIRED:
        return fail_pin(source, text, fault);
    case GNUTLS_E_PKCS11_PIN_LOCKED:
        return bas_fail(fault, BAS_ERR_KEY,
                        "the token of %s is locked after too many wrong PINs: unlock it", text);
    case GNUTLS_E_PARSING_ERROR:
        return bas_fail(fault, BAS_ERR_CONFIG, "%s is no PKCS #11 URI (RFC 7512)", text);
    case GNUTLS_E_PKCS11_REQUESTED_OBJECT_NOT_AVAILBLE:
    case GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE:
        return bas_fail(fault, BAS_ERR_NOT_FOUND,
                        "no token holds the %s %s: p11tool --list-all --login shows what there is",
                        kind, text);
    default:
        return bas_fail(fault, BAS_ERR_KEY, "the %s %s cannot be taken from its token: %s", kind,
                        text, gnutls_strerror(status));
    }
}

static bas_err key_of_token(const struct bas_tls_source *source, gnutls_privkey_t key,
                            struct bas_fault *fault)
{
    gnutls_privkey_set_pin_function(key, on_pin, source->password);
    int status = gnutls_privkey_import_url(key, source->name, 0);
    return status < 0 ? fail_token(source, "private key", status, fault) : BAS_OK;
}

/* Files */

static bool contains(gnutls_datum_t text, const char *word)
{
    size_t len = strlen(word);
    for (size_t at = 0; at + len <= text.size; at++) {
        if (memcmp(text.data + at, word, len) == 0) {
            return true;
        }
    }
    return false;
}

static bas_err fail_encrypted(const struct bas_tls_source *source, int status,
                              struct bas_fault *fault)
{
    if (status == GNUTLS_E_DECRYPTION_FAILED) {
        return bas_fail(fault, BAS_ERR_KEY, "the password %s does not open the private key %.100s",
                        source->password->source, source->name);
    }
    return bas_fail(fault, BAS_ERR_KEY,
                    "the private key %.80s is damaged, or encrypted in a way that is not known "
                    "here (%s): try openssl pkcs8 -topk8 -v2 aes-256-cbc",
                    source->name, gnutls_strerror(status));
}

static bas_err import_pem(const struct bas_tls_source *source, gnutls_datum_t pem,
                          gnutls_x509_privkey_t key, struct bas_fault *fault)
{
    bool is_encrypted = contains(pem, "ENCRYPTED");
    if (is_encrypted && !source->password->is_set) {
        return bas_fail(fault, BAS_ERR_KEY,
                        "the private key %.100s is encrypted, and no password is configured: name "
                        "a file, variable or credential with it",
                        source->name);
    }
    const char *password = is_encrypted ? source->password->text : NULL;
    int status = gnutls_x509_privkey_import2(key, &pem, GNUTLS_X509_FMT_PEM, password, 0);
    if (status >= 0) {
        return BAS_OK;
    }
    if (status == GNUTLS_E_MEMORY_ERROR) {
        return fail_memory(fault);
    }
    return is_encrypted
               ? fail_encrypted(source, status, fault)
               : bas_fail(fault, BAS_ERR_KEY, "%.100s holds no private key that can be read (%s)",
                          source->name, gnutls_strerror(status));
}

static bas_err key_of_file(const struct bas_tls_source *source, gnutls_privkey_t key,
                           struct bas_fault *fault)
{
    struct bas_tls_file file;
    gnutls_x509_privkey_t imported = NULL;
    bas_err err = bas_tls_file_read(source->env, source->name, true, &file, fault);
    if (err != BAS_OK) {
        return err;
    }
    if (gnutls_x509_privkey_init(&imported) < 0) {
        bas_tls_file_free(source->env, &file);
        return fail_memory(fault);
    }
    err = import_pem(source, bas_tls_file_datum(&file), imported, fault);
    bas_tls_file_free(source->env, &file);
    if (err == BAS_OK &&
        gnutls_privkey_import_x509(key, imported, GNUTLS_PRIVKEY_IMPORT_COPY) < 0) {
        err = fail_memory(fault);
    }
    gnutls_x509_privkey_deinit(imported);
    return err;
}

bas_err bas_tls_key_read(const struct bas_tls_source *source, gnutls_privkey_t *key,
                         struct bas_fault *fault)
{
    if (gnutls_privkey_init(key) < 0) {
        return fail_memory(fault);
    }
    bas_err err = is_token(source->name) ? key_of_token(source, *key, fault)
                                         : key_of_file(source, *key, fault);
    if (err != BAS_OK) {
        gnutls_privkey_deinit(*key);
        *key = NULL;
    }
    return err;
}

/* Certificates */

static bas_err certificate_of_token(const struct bas_tls_source *source, gnutls_x509_crt_t crt,
                                    struct bas_fault *fault)
{
    gnutls_x509_crt_set_pin_function(crt, on_pin, source->password);
    int status = gnutls_x509_crt_import_url(crt, source->name, 0);
    return status < 0 ? fail_token(source, "certificate", status, fault) : BAS_OK;
}

static bas_err certificate_of_file(const struct bas_tls_source *source, gnutls_x509_crt_t crt,
                                   struct bas_fault *fault)
{
    struct bas_tls_file file;
    bas_err err = bas_tls_file_read(source->env, source->name, false, &file, fault);
    if (err != BAS_OK) {
        return err;
    }
    gnutls_datum_t pem = bas_tls_file_datum(&file);
    int status = gnutls_x509_crt_import(crt, &pem, GNUTLS_X509_FMT_PEM);
    bas_tls_file_free(source->env, &file);
    return status >= 0 ? BAS_OK
                       : bas_fail_code(fault, BAS_ERR_CERTIFICATE, BAC_ERROR_CLASS_SECURITY,
                                       BAC_ERROR_CODE_CERTIFICATE_MALFORMED,
                                       "%s holds no certificate in PEM form (%s)", source->name,
                                       gnutls_strerror(status));
}

bas_err bas_tls_certificate_read(const struct bas_tls_source *source,
                                 gnutls_x509_crt_t *certificate, struct bas_fault *fault)
{
    if (gnutls_x509_crt_init(certificate) < 0) {
        return fail_memory(fault);
    }
    bas_err err = is_token(source->name) ? certificate_of_token(source, *certificate, fault)
                                         : certificate_of_file(source, *certificate, fault);
    if (err != BAS_OK) {
        gnutls_x509_crt_deinit(*certificate);
        *certificate = NULL;
    }
    return err;
}
