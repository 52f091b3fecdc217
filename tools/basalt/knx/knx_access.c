/* Owns what options say of the way to an interface: its keyring, passwords, keys, tunnels. */
#include "knx_access.h"

#include "keyring_file.h"
#include "state_file.h"

#include <string.h>

enum {
    ANYBODY = 65535, /* every Individual Address but 0 */
    STORE_BLOCK = 16 /* a command sends one telegram, and the clock gives 1000 numbers a second */
};

static const struct secret_kind user_secret = { "the user's password", "user-pwd", NULL, NULL };
static const struct secret_kind device_secret = { "the device authentication code", "device-pwd",
                                                  NULL, NULL };

/* Which options go together. */

static enum knx_access_mode mode_of(const struct knx_session_options *o)
{
    bool has_user = o->user != UINT8_MAX || secret_is_given(&user_secret, &o->user_password);
    if (o->keyring != NULL) {
        return o->interface != 0 ? KNX_ACCESS_TUNNEL : KNX_ACCESS_KEYRING;
    }
    return has_user ? KNX_ACCESS_USER : KNX_ACCESS_PLAIN;
}

/* A row: in this mode (a set of them), what was given cannot be. */
static bas_err check_options(const struct knx_access *a, struct bas_fault *fault)
{
    const struct knx_session_options *o = a->options;
    enum { KEYRING = KNX_ACCESS_KEYRING | KNX_ACCESS_TUNNEL };
    bool has_user = o->user != UINT8_MAX;
    bool has_user_pwd = secret_is_given(&user_secret, &o->user_password);
    bool has_device_pwd = secret_is_given(&device_secret, &o->device_password);
    const struct {
        unsigned modes;
        bool is_wrong;
        const char *why;
    } rows[] = {
        { KEYRING, has_user || has_user_pwd,
          "--user: the keyring tells the user of a tunnel; leave --user and its password out, or "
          "--keyring" },
        { KEYRING, o->group_key_file != NULL,
          "--group-key-file: the keyring has the keys of groups; leave one of both out" },
        { KNX_ACCESS_USER, !has_user,
          "--user: is missing; give the number (1 to 127) whose password this is" },
        { KNX_ACCESS_USER, has_user && !has_user_pwd,
          "the user's password is missing; give --user-pwd-file FILE" },
        { KNX_ACCESS_USER, !has_device_pwd && !o->skip_device_check,
          "the device authentication code is missing; give --device-pwd-file FILE, or "
          "--skip-device-check to trust whoever answers" },
        { KNX_ACCESS_PLAIN, has_device_pwd || o->skip_device_check,
          "a device authentication code is for KNX IP Secure; give --keyring, or --user with "
          "--user-pwd-file, too" },
        { UINT32_MAX, has_device_pwd && o->skip_device_check,
          "--skip-device-check: the device authentication code is given; leave one of both out" },
        { UINT32_MAX, o->tcp && o->nat, "--nat: is for UDP; leave it or --tcp out" },
        { UINT32_MAX, o->no_state && o->state != NULL,
          "--no-state: a file is given with --state; leave one of both out" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        if ((rows[i].modes & a->mode) != 0 && rows[i].is_wrong) {
            return bas_fail(fault, BAS_ERR_INVALID, "%s", rows[i].why);
        }
    }
    return BAS_OK;
}

/* Keys. */

static bas_err read_device_key(struct knx_access *a, struct bas_fault *fault)
{
    struct secret secret;
    if (!secret_is_given(&device_secret, &a->options->device_password)) {
        return BAS_OK;
    }
    bas_err err =
        secret_read(a->tool, &device_secret, &a->options->device_password, &secret, fault);
    if (err == BAS_OK) {
        knx_device_key(secret_slice(&secret), &a->device_key);
        a->has_device_key = true;
    }
    bas_wipe(&secret, sizeof(secret));
    return err;
}

static bas_err read_user_key(struct knx_access *a, struct bas_fault *fault)
{
    struct secret secret;
    bas_err err = secret_read(a->tool, &user_secret, &a->options->user_password, &secret, fault);
    if (err == BAS_OK) {
        knx_user_key(secret_slice(&secret), &a->keys.engine.user_key);
        a->keys.engine.is_secure = true;
        a->keys.engine.transport = KNX_TCP;
        a->keys.engine.user = a->options->user;
    }
    bas_wipe(&secret, sizeof(secret));
    return err;
}

/* Without a keyring nobody says who sends to a group: all may who know its key. */
static bas_err admit_anybody(struct knx_access *a, struct bas_fault *fault)
{
    a->anybody = bas_alloc(&a->tool->env, ANYBODY * sizeof(*a->anybody));
    if (a->anybody == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the senders of groups");
    }
    for (size_t i = 0; i < ANYBODY; i++) {
        a->anybody[i].address = (knx_ia)(i + 1);
    }
    return BAS_OK;
}

static bas_err read_groups(struct knx_access *a, knx_ga group, struct bas_fault *fault)
{
    struct knx_data_secure_config *secure = &a->keys.secure;
    if (a->options->group_key_file == NULL) {
        return BAS_OK;
    }
    bas_err err = group_keys_read(a->tool, a->options->group_key_file, group, &a->groups, fault);
    err = err == BAS_OK ? admit_anybody(a, fault) : err;
    secure->size = sizeof(*secure);
    secure->groups = a->groups.rows;
    secure->n_groups = a->groups.n;
    secure->senders = a->anybody;
    secure->n_senders = err == BAS_OK ? ANYBODY : 0;
    return err;
}

/* The keyring and its tunnels. */

static bool is_secure(const struct knx_keyring_interface *interface)
{
    return interface->user != 0 && interface->password.is_set;
}

/* Secure tunnels, all others only where there are none of those. */
static void collect_tunnels(struct knx_access *a)
{
    for (int pass = 0; pass < 2 && a->n_tunnels == 0; pass++) {
        for (size_t i = 0; i < a->keyring->n_interfaces; i++) {
            const struct knx_keyring_interface *interface = &a->keyring->interfaces[i];
            if (interface->type == KNX_INTERFACE_TUNNELLING &&
                is_secure(interface) == (pass == 0)) {
                a->tunnels[a->n_tunnels++] = interface->address;
            }
        }
    }
}

static bas_err read_keyring(struct knx_access *a, struct bas_fault *fault)
{
    struct secret secret;
    const struct knx_session_options *o = a->options;
    bas_err err = secret_read(a->tool, &secret_keyring, &o->keyring_password, &secret, fault);
    if (err == BAS_OK) {
        err = keyring_file_read(a->tool, o->keyring, &secret, false, &a->keyring, fault);
    }
    bas_wipe(&secret, sizeof(secret));
    if (err != BAS_OK) {
        return err;
    }
    a->room = a->keyring->n_interfaces + 1;
    a->tunnels = bas_alloc(&a->tool->env, a->room * sizeof(*a->tunnels));
    if (a->tunnels == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the tunnels");
    }
    if (o->interface != 0) {
        a->tunnels[a->n_tunnels++] = o->interface;
    } else {
        collect_tunnels(a);
    }
    if (a->n_tunnels == 0) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "%s: names no tunnel of an interface; export the keyring of the whole "
                        "project",
                        o->keyring);
    }
    return BAS_OK;
}

static knx_ia host_of(const struct knx_access *a, size_t at)
{
    const struct knx_keyring_interface *interface =
        knx_keyring_find_interface(a->keyring, a->tunnels[at]);
    return interface == NULL ? 0 : interface->host;
}

bool knx_access_has_hosts(const struct knx_access *a)
{
    for (size_t i = 1; i < a->n_tunnels; i++) {
        if (host_of(a, i) != host_of(a, 0)) {
            return true;
        }
    }
    return false;
}

void knx_access_keep_host(struct knx_access *a, knx_ia host)
{
    size_t n = 0;
    for (size_t i = 0; i < a->n_tunnels; i++) {
        if (host_of(a, i) == host) {
            a->tunnels[n++] = a->tunnels[i];
        }
    }
    a->n_tunnels = n != 0 ? n : a->n_tunnels; /* nothing was moved when there is none */
}

void knx_access_next(struct knx_access *a)
{
    a->at = a->n_tunnels == 0 ? 0 : (a->at + 1) % a->n_tunnels;
}

bool knx_access_stays_with_host(const struct knx_access *a)
{
    return a->n_tunnels == 0 || host_of(a, a->at) == host_of(a, (a->at + 1) % a->n_tunnels);
}

/* One connection. */

static bas_err choose_check(struct knx_access *a, struct bas_fault *fault)
{
    struct knx_client_config *engine = &a->keys.engine;
    if (a->has_device_key) {
        engine->device_key = a->device_key;
        engine->skips_device_check = false;
    } else if (a->options->skip_device_check) {
        engine->skips_device_check = true;
    } else if (engine->skips_device_check) {
        char text[KNX_ADDRESS_TEXT];
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "the keyring has no device authentication code for tunnel %s; give "
                        "--device-pwd-file FILE, or --skip-device-check to trust whoever answers",
                        knx_ia_text(a->tunnels[a->at], text));
    }
    return BAS_OK;
}

static bas_err take_tunnel(struct knx_access *a, struct bas_fault *fault)
{
    if (a->keyring == NULL) {
        return BAS_OK;
    }
    bas_knx_keys_free(&a->tool->env, &a->keys);
    return bas_knx_keys_of(&a->tool->env, a->keyring, a->tunnels[a->at], &a->keys, fault);
}

static void set_times(struct knx_access *a)
{
    struct knx_client_config *engine = &a->keys.engine;
    uint32_t ms = a->options->common.timeout_ms;
    engine->size = sizeof(*engine);
    engine->session_response_ms = ms;
    engine->session_status_ms = ms;
    engine->connect_response_ms = ms;
}

bas_err knx_access_prepare(struct knx_access *a, struct bas_knx_config *config,
                           struct bas_fault *fault)
{
    struct knx_client_config *engine = &a->keys.engine;
    bas_err err = take_tunnel(a, fault);
    if (err == BAS_OK && engine->is_secure) {
        err = choose_check(a, fault);
    }
    if (!engine->is_secure) {
        engine->transport = a->options->tcp ? KNX_TCP : KNX_UDP;
    }
    if (a->keyring == NULL) {
        engine->address = a->options->interface;
    }
    set_times(a);
    bool has_keys = a->keys.secure.n_groups != 0;
    config->size = sizeof(*config);
    config->engine = engine;
    config->route_back = a->options->nat;
    config->secure = has_keys ? &a->keys.secure : NULL;
    config->store_file = has_keys ? a->state : NULL;
    config->store_owner = a->keyring != NULL ? a->keyring->project : NULL;
    config->store_block = STORE_BLOCK;
    config->connect_ms = a->options->common.timeout_ms;
    return err;
}

/* The whole. */

static bas_err find_state(struct knx_access *a, struct bas_fault *fault)
{
    bool has_keys = a->groups.n != 0 || (a->keyring != NULL && a->keyring->n_groups != 0);
    a->state = a->options->state;
    if (a->state != NULL || a->options->no_state || !has_keys) {
        return BAS_OK;
    }
    return state_file_path(a->tool, "knx.db", &a->state, fault);
}

bas_err knx_access_open(struct tool *tool, const struct knx_session_options *options, knx_ga group,
                        struct knx_access *a, struct bas_fault *fault)
{
    *a = (struct knx_access){ .tool = tool, .options = options, .mode = mode_of(options) };
    bas_err err = check_options(a, fault);
    if (err == BAS_OK && options->keyring != NULL) {
        err = read_keyring(a, fault);
    }
    if (err == BAS_OK && a->mode == KNX_ACCESS_USER) {
        err = read_user_key(a, fault);
    }
    err = err == BAS_OK ? read_device_key(a, fault) : err;
    err = err == BAS_OK ? read_groups(a, group, fault) : err;
    return err == BAS_OK ? find_state(a, fault) : err;
}

void knx_access_close(struct knx_access *a)
{
    const struct bas_env *env = &a->tool->env;
    bas_knx_keys_free(env, &a->keys);
    bas_wipe(&a->device_key, sizeof(a->device_key));
    group_keys_free(a->tool, &a->groups);
    bas_release(env, a->anybody, ANYBODY * sizeof(*a->anybody));
    bas_release(env, a->tunnels, a->room * sizeof(*a->tunnels));
    knx_keyring_free(a->keyring);
}
