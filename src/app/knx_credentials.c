/* Owns what a server takes from its keyring: users, keys, tunnels. */
#include "app/knx_credentials.h"

#include "rt/textfile.h"

#include <string.h>

enum { PASSWORD_FILE_MAX = 1024 };

/* The first line of a file is the password. */
static bas_err load_keyring(const struct bas_env *env,
                            const struct bas_knx_server_settings *settings,
                            struct knx_keyring **keyring, struct bas_fault *fault)
{
    struct bas_textfile file;
    const char *path = settings->keyring_password_file;
    if (path == NULL) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "keyring-password-file is missing: the keyring %s cannot be read without "
                        "its password",
                        settings->keyring);
    }
    bas_err err = bas_textfile_read(env, path, PASSWORD_FILE_MAX, &file, fault);
    if (err != BAS_OK) {
        return err;
    }
    const struct bas_slice password = { (const uint8_t *)file.text, strcspn(file.text, "\r\n") };
    err = bas_knx_keyring_load(env, settings->keyring, password, false, keyring, fault);
    bas_wipe(file.text, file.len);
    bas_textfile_free(env, &file);
    return err;
}

static struct bas_slice octets_of(const struct knx_password *password)
{
    const struct bas_slice octets = { password->octets, password->len };
    return octets;
}

/* The only host that has secure tunnels, when none is set. */
static bas_err find_host(struct knx_credentials *c, knx_ia wanted, struct bas_fault *fault)
{
    const struct knx_keyring *keyring = c->keyring;
    c->host = wanted;
    for (size_t i = 0; i < keyring->n_interfaces; i++) {
        const struct knx_keyring_interface *interface = &keyring->interfaces[i];
        if (interface->host == 0 || interface->user == 0 || wanted != 0) {
            continue;
        }
        if (c->host != 0 && c->host != interface->host) {
            char one[KNX_ADDRESS_TEXT];
            char other[KNX_ADDRESS_TEXT];
            return bas_fail(fault, BAS_ERR_CONFIG,
                            "individual-address is missing: the keyring has the hosts %s and %s",
                            knx_ia_text(c->host, one), knx_ia_text(interface->host, other));
        }
        c->host = interface->host;
    }
    return BAS_OK;
}

static bool has_user(const struct knx_credentials *c, uint8_t id)
{
    for (size_t i = 0; i < c->n_users; i++) {
        if (c->users[i].id == id) {
            return true;
        }
    }
    return false;
}

static void add_user(struct knx_credentials *c, uint8_t id, const struct knx_password *password)
{
    if (password->is_set && !has_user(c, id) && c->n_users < BAS_ARRAY_LEN(c->users)) {
        struct knx_server_user *user = &c->users[c->n_users++];
        user->id = id;
        knx_user_key(octets_of(password), &user->key);
    }
}

static void set_device_key(struct knx_credentials *c, const struct knx_password *password)
{
    if (password->is_set && !c->has_device_key) {
        c->has_device_key = true;
        knx_device_key(octets_of(password), &c->device_key);
    }
}

static bas_err take_interfaces(struct knx_credentials *c, struct bas_fault *fault)
{
    char text[KNX_ADDRESS_TEXT];
    for (size_t i = 0; i < c->keyring->n_interfaces; i++) {
        const struct knx_keyring_interface *interface = &c->keyring->interfaces[i];
        if (interface->host != c->host || interface->type != KNX_INTERFACE_TUNNELLING) {
            continue;
        }
        if (c->n_tunnels == BAS_ARRAY_LEN(c->tunnels)) {
            return bas_fail(fault, BAS_ERR_NO_SPACE, "host %s has more than %d tunnels",
                            knx_ia_text(c->host, text), KNX_SERVER_MAX_TUNNELS);
        }
        c->tunnels[c->n_tunnels++] =
            (struct knx_server_tunnel){ interface->address, interface->user };
        if (interface->user != 0) {
            add_user(c, interface->user, &interface->password);
            set_device_key(c, &interface->authentication);
        }
    }
    if (c->n_tunnels != 0) {
        return BAS_OK;
    }
    return bas_fail(fault, BAS_ERR_CONFIG,
                    "the keyring has no tunnel of host %s; set individual-address to the host of "
                    "the tunnels",
                    knx_ia_text(c->host, text));
}

static bas_err take_keyring(const struct bas_env *env,
                            const struct bas_knx_server_settings *settings,
                            struct knx_credentials *c, struct bas_fault *fault)
{
    bas_err err = load_keyring(env, settings, &c->keyring, fault);
    err = err == BAS_OK ? find_host(c, settings->individual_address, fault) : err;
    if (err != BAS_OK) {
        return err;
    }
    const struct knx_keyring_device *device = knx_keyring_find_device(c->keyring, c->host);
    if (device != NULL) {
        set_device_key(c, &device->authentication);
        add_user(c, 1, &device->management);
    }
    return take_interfaces(c, fault);
}

static bas_err take_tunnels(const struct bas_knx_server_settings *settings,
                            struct knx_credentials *c, struct bas_fault *fault)
{
    c->host = settings->individual_address;
    for (size_t i = 0; i < settings->tunnels.n; i++) {
        knx_ia address;
        if (!knx_ia_parse(settings->tunnels.items[i], &address) || address == 0) {
            return bas_fail(fault, BAS_ERR_CONFIG,
                            "tunnels: '%.40s' is not an Individual Address such as 1.1.10",
                            settings->tunnels.items[i]);
        }
        if (c->n_tunnels == BAS_ARRAY_LEN(c->tunnels)) {
            return bas_fail(fault, BAS_ERR_CONFIG, "tunnels: more than %d", KNX_SERVER_MAX_TUNNELS);
        }
        c->tunnels[c->n_tunnels++] = (struct knx_server_tunnel){ address, 0 };
    }
    if (c->n_tunnels == 0) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "neither keyring nor tunnels is set: there is nothing to connect to");
    }
    return BAS_OK;
}

bas_err knx_credentials_load(const struct bas_env *env,
                             const struct bas_knx_server_settings *settings,
                             struct knx_credentials **credentials, struct bas_fault *fault)
{
    struct knx_credentials *c = bas_alloc(env, sizeof(*c));
    if (c == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the keyring");
    }
    bas_err err = settings->keyring != NULL ? take_keyring(env, settings, c, fault)
                                            : take_tunnels(settings, c, fault);
    if (err != BAS_OK) {
        knx_credentials_free(env, c);
        return err;
    }
    *credentials = c;
    return BAS_OK;
}

void knx_credentials_free(const struct bas_env *env, struct knx_credentials *credentials)
{
    if (credentials != NULL) {
        knx_keyring_free(credentials->keyring);
        bas_wipe(credentials, sizeof(*credentials));
        bas_release(env, credentials, sizeof(*credentials));
    }
}
