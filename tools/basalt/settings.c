/* Owns how file and options become the settings of the verbs that keep running. */
#include "settings.h"

#include "rt/setting.h"
#include "variables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXTS(option, key, member, n, ...)                                                         \
    {                                                                                              \
        option, key, offsetof(struct settings_options, member), n, SETTINGS_TEXTS,                 \
            { __VA_ARGS__ }, SETTINGS_AS_OPTION, NULL                                              \
    }

static const struct settings_row common_rows[] = {
    TEXTS("state", "state-file", state, 1, NULL),
    TEXTS("ca", "ca", common.ca, BAS_TLS_MAX_ISSUERS, "BACNET_SC_ISSUER_1_CERTIFICATE_FILE",
          "BACNET_SC_ISSUER_2_CERTIFICATE_FILE"),
    TEXTS("cert", "certificate", common.cert, 1, "BACNET_SC_OPERATIONAL_CERTIFICATE_FILE"),
    TEXTS("key", "key", common.key, 1, "BACNET_SC_OPERATIONAL_CERTIFICATE_PRIVATE_KEY_FILE"),
    TEXTS("crl", "crl", common.crl, BAS_TLS_MAX_CRLS, NULL),
    TEXTS("key-password-file", "key-password-file", common.key_password_file, 1, NULL),
    { .option = "allow-plaintext",
      .key = "allow-plaintext",
      .offset = offsetof(struct settings_options, common.allow_plaintext),
      .kind = SETTINGS_FLAG,
      .flag = "loopback" },
};

/* Whether the section has certificates: those rows of common_rows behind the first. */
static bool has_tls(const struct settings_request *r)
{
    return r->section != BAS_SECTION_KNX_SERVER;
}

/* The verb's own rows first. */
static const struct settings_row *row_at(const struct settings_request *r, size_t n)
{
    if (n < r->n) {
        return &r->rows[n];
    }
    return n - r->n < (has_tls(r) ? BAS_ARRAY_LEN(common_rows) : 1) ? &common_rows[n - r->n] : NULL;
}

static const void *member_of(const struct settings_request *r, const struct settings_row *row)
{
    return (const char *)r->options + row->offset;
}

/* What was given for a row: the n-th text; NULL: none, or no more. */
static const char *given(const struct settings_request *r, const struct settings_row *row, size_t n,
                         char digits[16])
{
    const char *text = NULL;
    uint32_t number;
    struct bas_texts list;
    bool flag;
    switch (row->kind) {
    case SETTINGS_TEXTS:
        if (n < row->n) {
            memcpy(&text, (const char *)member_of(r, row) + n * sizeof(text), sizeof(text));
        }
        return text;
    case SETTINGS_NUMBER:
        memcpy(&number, member_of(r, row), sizeof(number));
        (void)snprintf(digits, 16, "%u", (unsigned)number);
        return n == 0 && number != UINT32_MAX ? digits : NULL;
    case SETTINGS_LIST:
        memcpy(&list, member_of(r, row), sizeof(list));
        return n < list.n ? list.items[n] : NULL;
    case SETTINGS_FLAG:
        memcpy(&flag, member_of(r, row), sizeof(flag));
        return n == 0 && flag ? row->flag : NULL;
    }
    return NULL;
}

static bool is_given(const struct settings_request *r, const struct settings_row *row)
{
    char digits[16];
    return given(r, row, 0, digits) != NULL;
}

/* One variable, in its own form. */
static bas_err apply_variable(const struct settings_request *r, const struct settings_row *row,
                              const char *name, struct bas_config *config, struct bas_fault *fault)
{
    char text[VARIABLES_BINDING];
    const char *value = getenv(name);
    bas_err err = BAS_OK;
    switch (row->form) {
    case SETTINGS_AS_OPTION:
        return bas_config_set(config, r->section, row->key, name, value, fault);
    case SETTINGS_BINDING:
        return bas_config_set(config, r->section, row->key, name, variables_binding(value, text),
                              fault);
    case SETTINGS_WORDS:
        while (err == BAS_OK && variables_word(&value, text, sizeof(text))) {
            err = bas_config_set(config, r->section, row->key, name, text, fault);
        }
        return err;
    case SETTINGS_YES:
        return bas_config_set(config, r->section, row->key, name,
                              variables_is_yes(value) ? "true" : "false", fault);
    }
    return BAS_OK;
}

/* What bacnet-stack calls the same, each an item of its own. An empty variable is none. */
static bas_err apply_environment(const struct settings_request *r, const struct settings_row *row,
                                 struct bas_config *config, struct bas_fault *fault)
{
    bas_err err = BAS_OK;
    for (size_t i = 0; i < BAS_ARRAY_LEN(row->environment) && err == BAS_OK; i++) {
        const char *name = row->environment[i];
        const char *text = name != NULL ? getenv(name) : NULL;
        if (text != NULL && text[0] != 0) {
            err = apply_variable(r, row, name, config, fault);
        }
    }
    return err;
}

static bas_err apply_row(const struct settings_request *r, const struct settings_row *row,
                         struct bas_config *config, struct bas_fault *fault)
{
    char label[40];
    char digits[16];
    if (!is_given(r, row)) {
        return r->options->config == NULL ? apply_environment(r, row, config, fault) : BAS_OK;
    }
    (void)snprintf(label, sizeof(label), "--%s", row->option);
    bas_err err = BAS_OK;
    for (size_t i = 0; err == BAS_OK; i++) {
        const char *text = given(r, row, i, digits);
        if (text == NULL) {
            break;
        }
        err = bas_config_set(config, r->section, row->key, label, text, fault);
    }
    return err;
}

static struct bas_tls_config *tls_of(const struct settings_request *r, struct bas_config *config)
{
    return r->section == BAS_SECTION_HUB ? &bas_config_hub(config)->tls
                                         : &bas_config_device(config)->tls;
}

/* A list of options stands in place of that of the file. */
static void clear_list(const struct settings_request *r, const char *key, struct bas_config *config)
{
    if (strcmp(key, "ca") == 0) {
        memset(tls_of(r, config)->issuer_files, 0, sizeof(tls_of(r, config)->issuer_files));
    } else if (strcmp(key, "crl") == 0) {
        memset(tls_of(r, config)->crl_files, 0, sizeof(tls_of(r, config)->crl_files));
    } else if (strcmp(key, "direct-uris") == 0) {
        bas_config_device(config)->direct_uris = (struct bas_texts){ NULL, 0 };
    }
}

static bas_err apply_rows(const struct settings_request *r, struct bas_config *config,
                          struct bas_fault *fault)
{
    bas_err err = BAS_OK;
    for (size_t n = 0; err == BAS_OK && row_at(r, n) != NULL; n++) {
        const struct settings_row *row = row_at(r, n);
        if (is_given(r, row)) {
            clear_list(r, row->key, config);
        }
        err = apply_row(r, row, config, fault);
    }
    return err;
}

/* The key of a section that name probably means, or NULL. */
static const char *nearest_key(enum bas_section section, const char *name)
{
    const char *names[64] = { NULL };
    struct bas_config_key key;
    for (size_t n = 0; n < BAS_ARRAY_LEN(names) && bas_config_key(section, n, &key); n++) {
        names[n] = key.name;
    }
    return bas_nearest(name, names, BAS_ARRAY_LEN(names), sizeof(names[0]), 0);
}

static bas_err unknown_key(const struct settings_request *r, const char *name,
                           struct bas_fault *fault)
{
    const char *nearest = nearest_key(r->section, name);
    if (nearest != NULL) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "--set: \"%.60s\" is not a key of %s; did you mean %s", name,
                        bas_section_name(r->section), nearest);
    }
    return bas_fail(fault, BAS_ERR_CONFIG,
                    "--set: \"%.60s\" is not a key of %s; basalt config keys lists them", name,
                    bas_section_name(r->section));
}

/* One "KEY=VALUE". */
static bas_err apply_set(const struct settings_request *r, const char *text,
                         struct bas_config *config, struct bas_fault *fault)
{
    char name[64];
    char label[80];
    size_t len = strcspn(text, "=");
    if (text[len] == 0 || len == 0 || len >= sizeof(name)) {
        return bas_fail(fault, BAS_ERR_CONFIG, "--set: \"%.60s\" is not KEY=VALUE", text);
    }
    memcpy(name, text, len);
    name[len] = 0;
    (void)snprintf(label, sizeof(label), "--set %s", name);
    bas_err err = bas_config_set(config, r->section, name, label, text + len + 1, fault);
    return err == BAS_ERR_NOT_FOUND ? unknown_key(r, name, fault) : err;
}

/* The environment wins over nothing that somebody wrote down. */
static bas_err apply_keylog(const struct settings_request *r, struct bas_config *config,
                            struct bas_fault *fault)
{
    const char *file = r->tool->keylog_file;
    if (file == NULL || !has_tls(r) || tls_of(r, config)->keylog_file != NULL) {
        return BAS_OK;
    }
    return bas_config_set(config, r->section, "key-log", "SSLKEYLOGFILE", file, fault);
}

/* The row of the key that a fault of bas_config_check begins with, and what it says of it. */
static const struct settings_row *row_of_fault(const struct settings_request *r,
                                               const struct bas_fault *fault, const char **rest)
{
    for (size_t n = 0; row_at(r, n) != NULL; n++) {
        char key[80];
        int len =
            snprintf(key, sizeof(key), "%s.%s: ", bas_section_name(r->section), row_at(r, n)->key);
        if (len > 0 && strncmp(fault->text, key, (size_t)len) == 0) {
            *rest = fault->text + len;
            return row_at(r, n);
        }
    }
    return NULL;
}

/* A device that has nothing but the hub beside it in the file. */
static bool is_hosted(const struct settings_request *r, struct bas_config *config)
{
    return r->section == BAS_SECTION_DEVICE && bas_config_has(config, BAS_SECTION_HUB) &&
           bas_config_device(config)->engine.primary_uri == NULL;
}

/* Says what is wrong in the words of whoever wrote it: a file's key, or an option. */
static bas_err check(const struct settings_request *r, struct bas_config *config,
                     struct bas_fault *fault)
{
    static const char missing[] = "is missing";
    struct bas_fault wrong = { 0 };
    const char *rest = NULL;
    if (is_hosted(r, config)) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "%s: device.hub-uri: is missing, so it is the device of the hub in this "
                        "file; basalt hub --config runs both",
                        r->options->config);
    }
    bas_err err = bas_config_check(config, r->section, &wrong);
    if (err == BAS_OK) {
        return BAS_OK;
    }
    if (r->options->config != NULL) {
        return bas_fail(fault, err, "%s: %s", r->options->config, wrong.text);
    }
    const struct settings_row *row = row_of_fault(r, &wrong, &rest);
    if (row == NULL) {
        return bas_fail(fault, err, "%s", wrong.text);
    }
    if (strncmp(rest, missing, sizeof(missing) - 1) == 0) {
        return bas_fail(fault, err,
                        "--%s: is missing; give it, or a configuration file with --config",
                        row->option);
    }
    return bas_fail(fault, err, "--%s: %s", row->option, rest);
}

static bas_err load_file(const struct settings_request *r, struct bas_config *config,
                         struct bas_fault *fault)
{
    const char *file = r->options->config;
    if (file == NULL) {
        return BAS_OK;
    }
    bas_err err = bas_config_load(config, file, fault);
    if (err == BAS_OK && !bas_config_has(config, r->section)) {
        const char *name = bas_section_name(r->section);
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "%s: has no section %s; basalt config dump prints one to begin with", file,
                        name);
    }
    return err;
}

static bas_err fill(const struct settings_request *r, struct bas_config *config,
                    struct bas_fault *fault)
{
    const struct bas_texts *set = &r->options->set;
    bas_err err = load_file(r, config, fault);
    if (err == BAS_OK) {
        err = apply_rows(r, config, fault);
    }
    for (size_t i = 0; err == BAS_OK && i < set->n; i++) {
        err = apply_set(r, set->items[i], config, fault);
    }
    if (err == BAS_OK) {
        err = apply_keylog(r, config, fault);
    }
    return err == BAS_OK ? check(r, config, fault) : err;
}

struct bas_config *settings_read(const struct settings_request *r, struct bas_fault *fault)
{
    struct bas_config *config = bas_config_new(&r->tool->env);
    bas_err err = config != NULL ? fill(r, config, fault)
                                 : bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory");
    if (err != BAS_OK) {
        bas_config_free(config);
        return NULL;
    }
    return config;
}

struct bas_config *settings_load(const struct settings_request *r, int *status)
{
    struct bas_fault fault = { 0 };
    struct bas_config *config = settings_read(r, &fault);
    if (config == NULL) {
        *status = out_fail(&r->tool->out, r->tool->verb->name, &fault);
    }
    return config;
}
