/* Owns what the keys of the sections hub and device ask of each other. */
#include "rt/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

BAS_PRINTF(4, 5)
static bool wrong(const char **key, const char *name, struct bas_buf *why, const char *format, ...)
{
    char text[BAS_SETTING_WHY];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    *key = name;
    bas_buf_add_text(why, text);
    return false;
}

static bool is_plain(const char *uri)
{
    return uri != NULL && strncmp(uri, "ws:", 3) == 0;
}

static bool is_one_of(const char *key, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(key, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_certificate(const char *key)
{
    static const char *const names[] = { "ca", "certificate", "key" };
    return is_one_of(key, names, BAS_ARRAY_LEN(names));
}

/* The password of a key stands in one place. */
static bool check_password(const struct bas_tls_config *tls, const char **key, struct bas_buf *why)
{
    const struct {
        const char *name;
        const char *value;
    } places[] = { { "key-password-file", tls->key_password_file },
                   { "key-password-variable", tls->key_password_variable },
                   { "key-password-credential", tls->key_password_credential } };
    const char *first = NULL;
    for (size_t i = 0; i < BAS_ARRAY_LEN(places); i++) {
        if (places[i].value == NULL) {
            continue;
        }
        if (first != NULL) {
            return wrong(key, places[i].name, why, "%s says where the password is; leave one out",
                         first);
        }
        first = places[i].name;
    }
    return true;
}

/* "CN=ahu-1,O=Site", as certificates are told: TYPE=VALUE. */
static bool is_subject(const char *text)
{
    static const char type[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";
    size_t len = strspn(text, type);
    return len > 0 && text[len] == '=' && text[len + 1] != ' ';
}

/* What can never be a subject or UUID would let nobody in, and keep out who was meant. */
static bool check_allow(const struct bas_admission *admission, const char **key,
                        struct bas_buf *why)
{
    struct bsc_uuid uuid;
    for (size_t i = 0; i < admission->allow.n; i++) {
        const char *item = admission->allow.items[i];
        if (!is_subject(item) && bsc_uuid_parse(item, &uuid) != BAS_OK) {
            return wrong(key, "allow", why,
                         "\"%.80s\" is neither a certificate's subject nor a UUID; CN=ahu-1,O=Site "
                         "as the log tells it, or "
                         "0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0",
                         item);
        }
    }
    return true;
}

/* hub */

bool bas_config_excuses_hub(const struct bas_config *config, const char *key)
{
    return config->hub.plaintext != BAS_PLAINTEXT_NO && is_certificate(key);
}

bool bas_config_check_hub(const struct bas_config *config, const char **key, struct bas_buf *why)
{
    return check_password(&config->hub.tls, key, why) &&
           check_allow(&config->hub.admission, key, why);
}

/* device */

/* It has no hub URI of its own: it is the hub's device, in the hub's process. */
static bool is_hosted(const struct bas_config *config)
{
    return bas_config_has(config, BAS_SECTION_HUB) && config->device.engine.primary_uri == NULL;
}

bool bas_config_excuses_device(const struct bas_config *config, const char *key)
{
    const struct bas_device_settings *device = &config->device;
    if (is_hosted(config)) {
        return strcmp(key, "hub-uri") == 0 || is_certificate(key);
    }
    return is_plain(device->engine.primary_uri) && device->plaintext != BAS_PLAINTEXT_NO &&
           is_certificate(key);
}

/* What the hub's device has from the hub, and would not be read. */
static bool check_hosted(const struct bas_device_settings *device, const char **key,
                         struct bas_buf *why)
{
    static const struct bsc_vmac no_vmac = { { 0 } };
    static const struct bsc_uuid no_uuid = { { 0 } };
    const struct {
        const char *name;
        bool is_set;
    } rows[] = {
        { "failover-uri", device->engine.failover_uri != NULL },
        { "ca", device->tls.issuer_files[0] != NULL },
        { "certificate", device->tls.certificate_file != NULL },
        { "key", device->tls.key_file != NULL },
        { "crl", device->tls.crl_files[0] != NULL },
        { "state-file", device->state_file != NULL },
        { "vmac", !bsc_vmac_equal(&device->engine.vmac, &no_vmac) },
        { "uuid", !bsc_uuid_equal(&device->engine.uuid, &no_uuid) },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        if (rows[i].is_set) {
            return wrong(key, rows[i].name, why,
                         "without hub-uri this is the hub's own device, and has the hub's; give "
                         "hub-uri, or leave it out");
        }
    }
    return true;
}

/* ws:// only where somebody has said so. */
static bool check_uris(const struct bas_device_settings *device, const char **key,
                       struct bas_buf *why)
{
    static const char not_encrypted[] =
        "ws:// is not encrypted; wss://, or allow-plaintext for a test";
    if (device->plaintext != BAS_PLAINTEXT_NO) {
        return true;
    }
    if (is_plain(device->engine.primary_uri)) {
        return wrong(key, "hub-uri", why, "%s", not_encrypted);
    }
    if (is_plain(device->engine.failover_uri)) {
        return wrong(key, "failover-uri", why, "%s", not_encrypted);
    }
    for (size_t i = 0; i < device->direct_uris.n; i++) {
        if (is_plain(device->direct_uris.items[i])) {
            return wrong(key, "direct-uris", why, "%s", not_encrypted);
        }
    }
    return true;
}

/* A policy that opens connections, and where it stands; NULL: none. */
static const char *always_key(const struct bas_device_settings *device)
{
    for (size_t i = 0; i < device->direct_peers.n; i++) {
        if (strstr(device->direct_peers.items[i], " always") != NULL) {
            return "direct-peers";
        }
    }
    return device->engine.direct_policy == BSC_DIRECT_ALWAYS ? "direct-policy" : NULL;
}

static bool check_direct(const struct bas_device_settings *device, const char **key,
                         struct bas_buf *why)
{
    const char *always = always_key(device);
    if (device->direct_uris.n != 0 && device->direct_bind == NULL) {
        return wrong(key, "direct-uris", why,
                     "nobody listens at them; give direct-bind, or leave them out");
    }
    if (always != NULL && !device->engine.direct_initiate) {
        return wrong(key, always, why,
                     "always opens connections, which direct-initiate forbids; set it to true");
    }
    return true;
}

bool bas_config_check_device(const struct bas_config *config, const char **key, struct bas_buf *why)
{
    const struct bas_device_settings *device = &config->device;
    if (is_hosted(config) && !check_hosted(device, key, why)) {
        return false;
    }
    return check_password(&device->tls, key, why) && check_uris(device, key, why) &&
           check_direct(device, key, why) && check_allow(&device->admission, key, why);
}
