/* Owns where the password of a key comes from: four sources, of which one may be named. */
#define _POSIX_C_SOURCE 200809L
#include "tls/password.h"

#include "tls/file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bas_err set(struct bas_tls_password *password, struct bas_slice text,
                   struct bas_fault *fault)
{
    if (text.len == 0) {
        return bas_fail(fault, BAS_ERR_KEY, "the key's password %s is empty", password->source);
    }
    if (text.len > BAS_TLS_PASSWORD_MAX || memchr(text.data, 0, text.len) != NULL) {
        return bas_fail(fault, BAS_ERR_KEY,
                        "the key's password %s is longer than %d octets, or holds a zero octet",
                        password->source, BAS_TLS_PASSWORD_MAX);
    }
    memcpy(password->text, text.data, text.len);
    password->text[text.len] = 0;
    password->is_set = true;
    return BAS_OK;
}

/* Up to the end of the first line; an editor's CR LF counts as one. */
static struct bas_slice first_line(const struct bas_tls_file *file)
{
    const uint8_t *end = file->len != 0 ? memchr(file->data, '\n', file->len) : NULL;
    size_t len = end != NULL ? (size_t)(end - file->data) : file->len;
    if (len != 0 && file->data[len - 1] == '\r') {
        len--;
    }
    return (struct bas_slice){ file->data, len };
}

/* The four sources */

struct asked {
    struct bas_tls_password *password;
    const struct bas_env *env;
    const char *name; /* what config says of this source */
    struct bas_fault *fault;
};

static bas_err from_text(const struct asked *asked)
{
    (void)snprintf(asked->password->source, BAS_TLS_SOURCE_TEXT, "that was given");
    return set(asked->password,
               (struct bas_slice){ (const uint8_t *)asked->name, strlen(asked->name) },
               asked->fault);
}

/* kind: what a file is that others must not read, or NULL. */
static bas_err from_path(const struct asked *asked, const char *path, const char *kind)
{
    struct bas_tls_file file;
    bas_err err = bas_tls_file_read_secret(asked->env, path, kind, &file, asked->fault);
    if (err != BAS_OK) {
        return err;
    }
    err = set(asked->password, first_line(&file), asked->fault);
    bas_tls_file_free(asked->env, &file);
    return err;
}

static bas_err from_file(const struct asked *asked)
{
    (void)snprintf(asked->password->source, BAS_TLS_SOURCE_TEXT, "in the file %s", asked->name);
    return from_path(asked, asked->name, "password file");
}

static bas_err from_variable(const struct asked *asked)
{
    (void)snprintf(asked->password->source, BAS_TLS_SOURCE_TEXT, "in the variable %s", asked->name);
    const char *value = getenv(asked->name);
    if (value == NULL) {
        return bas_fail(asked->fault, BAS_ERR_CONFIG,
                        "the environment variable %s, which holds the key's password, is not set",
                        asked->name);
    }
    return set(asked->password, (struct bas_slice){ (const uint8_t *)value, strlen(value) },
               asked->fault);
}

/* systemd guards its files itself, with access lists that a mode shows as open to the group. */
static bas_err from_credential(const struct asked *asked)
{
    char path[PATH_MAX];
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    (void)snprintf(asked->password->source, BAS_TLS_SOURCE_TEXT, "in the credential %s",
                   asked->name);
    if (folder == NULL) {
        return bas_fail(asked->fault, BAS_ERR_CONFIG,
                        "the credential %s cannot be read, as systemd gave none "
                        "(CREDENTIALS_DIRECTORY is not set): add LoadCredential=%s:FILE to the "
                        "unit",
                        asked->name, asked->name);
    }
    int n = snprintf(path, sizeof(path), "%s/%s", folder, asked->name);
    if (strchr(asked->name, '/') != NULL || n < 0 || (size_t)n >= sizeof(path)) {
        return bas_fail(asked->fault, BAS_ERR_CONFIG, "%.80s is no name of a credential",
                        asked->name);
    }
    return from_path(asked, path, NULL);
}

bas_err bas_tls_password_read(struct bas_tls_password *password, const struct bas_env *env,
                              const struct bas_tls_config *config, struct bas_fault *fault)
{
    const struct {
        const char *name;
        const char *kind;
        bas_err (*read)(const struct asked *asked);
    } sources[] = {
        { config->key_password, "the password itself", from_text },
        { config->key_password_file, "a password file", from_file },
        { config->key_password_variable, "an environment variable", from_variable },
        { config->key_password_credential, "a credential", from_credential },
    };
    size_t chosen = BAS_ARRAY_LEN(sources);
    *password = (struct bas_tls_password){ .is_set = false };
    for (size_t i = 0; i < BAS_ARRAY_LEN(sources); i++) {
        if (sources[i].name == NULL) {
            continue;
        }
        if (chosen != BAS_ARRAY_LEN(sources)) {
            return bas_fail(fault, BAS_ERR_CONFIG,
                            "the key's password is to come from two places, %s and %s: name one",
                            sources[chosen].kind, sources[i].kind);
        }
        chosen = i;
    }
    if (chosen == BAS_ARRAY_LEN(sources)) {
        return BAS_OK;
    }
    return sources[chosen].read(&(struct asked){ password, env, sources[chosen].name, fault });
}

void bas_tls_password_wipe(struct bas_tls_password *password)
{
    bas_wipe(password, sizeof(*password));
}
