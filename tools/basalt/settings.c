/* Owns how file and options become the settings of the verbs that keep running. */
#include "settings.h"

#include "rt/setting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(option, key, member, ...)                                                             \
    {                                                                                              \
        option, key, offsetof(struct settings_options, member), 1, false,                          \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

static const struct settings_row common_rows[] = {
    TEXT("state", "state-file", state, NULL),
    { "ca",
      "ca",
      offsetof(struct settings_options, common.ca),
      BAS_TLS_MAX_ISSUERS,
      false,
      { "BACNET_SC_ISSUER_1_CERTIFICATE_FILE", "BACNET_SC_ISSUER_2_CERTIFICATE_FILE" } },
    TEXT("cert", "certificate", common.cert, "BACNET_SC_OPERATIONAL_CERTIFICATE_FILE"),
    TEXT("key", "key", common.key, "BACNET_SC_OPERATIONAL_CERTIFICATE_PRIVATE_KEY_FILE"),
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

static const char *text_of(const struct settings_request *r, const struct settings_row *row,
                           size_t n)
{
    const char *text = NULL;
    if (n < row->n) {
        memcpy(&text, (const char *)r->options + row->offset + n * sizeof(text), sizeof(text));
    }
    return text;
}

/* False: it was not given. */
static bool number_of(const struct settings_request *r, const struct settings_row *row,
                      uint32_t *number)
{
    memcpy(number, (const char *)r->options + row->offset, sizeof(*number));
    return *number != UINT32_MAX;
}

static bool is_given(const struct settings_request *r, const struct settings_row *row)
{
    uint32_t number;
    return row->is_number ? number_of(r, row, &number) : text_of(r, row, 0) != NULL;
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
            err = bas_config_set(config, r->section, row->key, name, text, fault);
        }
    }
    return err;
}

static bas_err apply_row(const struct settings_request *r, const struct settings_row *row,
                         struct bas_config *config, struct bas_fault *fault)
{
    char label[40];
    char digits[16];
    uint32_t number;
    if (!is_given(r, row)) {
        return r->options->config == NULL ? apply_environment(r, row, config, fault) : BAS_OK;
    }
    (void)snprintf(label, sizeof(label), "--%s", row->option);
    if (row->is_number && number_of(r, row, &number)) {
        (void)snprintf(digits, sizeof(digits), "%u", number);
        return bas_config_set(config, r->section, row->key, label, digits, fault);
    }
    bas_err err = BAS_OK;
    for (size_t i = 0; !row->is_number && err == BAS_OK && text_of(r, row, i) != NULL; i++) {
        err = bas_config_set(config, r->section, row->key, label, text_of(r, row, i), fault);
    }
    return err;
}

static struct bas_tls_config *tls_of(const struct settings_request *r, struct bas_config *config)
{
    return r->section == BAS_SECTION_HUB ? &bas_config_hub(config)->tls
                                         : &bas_config_device(config)->tls;
}

static bas_err apply_rows(const struct settings_request *r, struct bas_config *config,
                          struct bas_fault *fault)
{
    if (has_tls(r) && r->options->common.ca[0] != NULL) { /* in place of those of the file */
        memset(tls_of(r, config)->issuer_files, 0, sizeof(tls_of(r, config)->issuer_files));
    }
    bas_err err = BAS_OK;
    for (size_t n = 0; err == BAS_OK && row_at(r, n) != NULL; n++) {
        err = apply_row(r, row_at(r, n), config, fault);
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

static bool is_required(enum bas_section section, const char *name)
{
    struct bas_config_key key;
    for (size_t n = 0; bas_config_key(section, n, &key); n++) {
        if (strcmp(key.name, name) == 0) {
            return key.is_required;
        }
    }
    return false;
}

/* Says what is missing in the words of whoever left it out: a file's key, or an option. */
static bas_err check(const struct settings_request *r, const struct bas_config *config,
                     struct bas_fault *fault)
{
    struct bas_fault missing = { 0 };
    bas_err err = bas_config_check(config, r->section, &missing);
    if (err == BAS_OK) {
        return BAS_OK;
    }
    if (r->options->config != NULL) {
        return bas_fail(fault, err, "%s: %s", r->options->config, missing.text);
    }
    for (size_t n = 0; row_at(r, n) != NULL; n++) {
        const struct settings_row *row = row_at(r, n);
        if (!is_given(r, row) && is_required(r->section, row->key)) {
            return bas_fail(fault, err,
                            "--%s: is missing; give it, or a configuration file with --config",
                            row->option);
        }
    }
    return bas_fail(fault, err, "%s", missing.text);
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

struct bas_config *settings_load(const struct settings_request *r, int *status)
{
    struct bas_fault fault = { .err = BAS_ERR_NO_MEMORY };
    struct bas_config *config = bas_config_new(&r->tool->env);
    if (config == NULL || fill(r, config, &fault) != BAS_OK) {
        *status = out_fail(&r->tool->out, r->tool->verb->name, &fault);
        bas_config_free(config);
        return NULL;
    }
    return config;
}
