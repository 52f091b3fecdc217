/* Owns what a client takes from a keyring: the file itself, and the keys of one tunnel. */
#include "basalt/app_knx.h"

#include "rt/textfile.h"

bas_err bas_knx_keyring_load(const struct bas_env *env, const char *path, struct bas_slice password,
                             bool ignore_signature, struct knx_keyring **keyring,
                             struct bas_fault *fault)
{
    struct bas_textfile file;
    struct knx_key key;
    struct bas_fault why = { 0 };
    bas_err err = bas_textfile_read(env, path, KNX_KEYRING_MAX_FILE, &file, fault);
    if (err != BAS_OK) {
        return err;
    }
    const struct bas_slice octets = { (const uint8_t *)file.text, file.len };
    knx_keyring_key(password, &key);
    err = knx_keyring_read(env, octets, &key, ignore_signature, keyring, &why);
    bas_wipe(&key, sizeof(key));
    bas_textfile_free(env, &file);
    return err == BAS_OK ? err : bas_fail(fault, err, "%s: %s", path, why.text);
}

static struct bas_slice octets_of(const struct knx_password *password)
{
    const struct bas_slice octets = { password->octets, password->len };
    return octets;
}

/* "1.1.10, 1.1.11, ...": the tunnels that there are. */
static bas_err no_such_tunnel(const struct knx_keyring *keyring, knx_ia tunnel,
                              struct bas_fault *fault)
{
    char text[KNX_ADDRESS_TEXT];
    char memory[120];
    struct bas_buf list;
    bas_buf_init(&list, memory, sizeof(memory));
    for (size_t i = 0; i < keyring->n_interfaces && list.len + 2 * sizeof(text) < list.cap; i++) {
        bas_buf_format(&list, "%s%s", i == 0 ? "" : ", ",
                       knx_ia_text(keyring->interfaces[i].address, text));
    }
    return bas_fail(fault, BAS_ERR_NOT_FOUND, "the keyring has no interface %s; it has %s%s",
                    knx_ia_text(tunnel, text), bas_buf_text(&list),
                    list.len + 2 * sizeof(text) < list.cap ? "" : " ...");
}

static bas_err take_tools(const struct bas_env *env, const struct knx_keyring *keyring,
                          struct bas_knx_keys *keys)
{
    keys->tools = bas_alloc(env, keyring->n_devices * sizeof(*keys->tools));
    if (keys->tools == NULL && keyring->n_devices != 0) {
        return BAS_ERR_NO_MEMORY;
    }
    keys->n_tools = keyring->n_devices;
    for (size_t i = 0; i < keyring->n_devices; i++) {
        const struct knx_keyring_device *device = &keyring->devices[i];
        if (device->has_tool_key) {
            keys->tools[keys->secure.n_peers++] =
                (struct knx_peer_key){ device->address, true, device->tool_key };
        }
    }
    keys->secure.peers = keys->tools;
    return BAS_OK;
}

static void take_session(const struct knx_keyring *keyring,
                         const struct knx_keyring_interface *interface,
                         struct knx_client_config *engine)
{
    const struct knx_keyring_device *host = knx_keyring_find_device(keyring, interface->host);
    const struct knx_password *code = &interface->authentication;
    engine->size = sizeof(*engine);
    engine->transport = KNX_UDP;
    engine->connection = KNX_CONNECTION_TUNNEL;
    engine->address = interface->address;
    if (interface->user == 0 || !interface->password.is_set) {
        return;
    }
    engine->transport = KNX_TCP;
    engine->is_secure = true;
    engine->user = interface->user;
    knx_user_key(octets_of(&interface->password), &engine->user_key);
    if (!code->is_set && host != NULL) {
        code = &host->authentication;
    }
    engine->skips_device_check = !code->is_set;
    if (code->is_set) {
        knx_device_key(octets_of(code), &engine->device_key);
    }
}

bas_err bas_knx_keys_of(const struct bas_env *env, const struct knx_keyring *keyring, knx_ia tunnel,
                        struct bas_knx_keys *keys, struct bas_fault *fault)
{
    const struct knx_keyring_interface *interface = knx_keyring_find_interface(keyring, tunnel);
    *keys = (struct bas_knx_keys){ 0 };
    if (interface == NULL) {
        return no_such_tunnel(keyring, tunnel, fault);
    }
    keys->secure.size = sizeof(keys->secure);
    keys->secure.address = tunnel;
    keys->secure.groups = keyring->groups;
    keys->secure.n_groups = keyring->n_groups;
    keys->senders = knx_keyring_senders(env, keyring, tunnel, &keys->secure.n_senders);
    keys->secure.senders = keys->senders;
    bas_err err = keys->secure.n_senders != 0 && keys->senders == NULL
                      ? BAS_ERR_NO_MEMORY
                      : take_tools(env, keyring, keys);
    if (err != BAS_OK) {
        bas_knx_keys_free(env, keys);
        return bas_fail(fault, err, "out of memory for the keys of a tunnel");
    }
    take_session(keyring, interface, &keys->engine);
    return BAS_OK;
}

void bas_knx_keys_free(const struct bas_env *env, struct bas_knx_keys *keys)
{
    size_t n = keys->senders != NULL ? keys->secure.n_senders : 0;
    bas_release(env, keys->senders, n * sizeof(*keys->senders));
    if (keys->tools != NULL) {
        bas_wipe(keys->tools, keys->n_tools * sizeof(*keys->tools));
        bas_release(env, keys->tools, keys->n_tools * sizeof(*keys->tools));
    }
    bas_wipe(keys, sizeof(*keys));
}
