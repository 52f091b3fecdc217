/* Owns what is configured in the installation of the KNX bench. */
#include "knx_site.h"

#include <string.h>

static const char user_password[] = "a user of the bench";
static const char device_password[] = "an interface of the bench";
const char site_keyring_password[] = "a keyring of the bench";

static struct bas_slice octets_of(const char *text)
{
    return (struct bas_slice){ (const uint8_t *)text, strlen(text) };
}

void site_init(struct site *site)
{
    knx_user_key(octets_of(user_password), &site->user);
    knx_device_key(octets_of(device_password), &site->device);
    knx_keyring_key(octets_of(site_keyring_password), &site->keyring);
    memset(&site->group, 0x5A, sizeof(site->group));
}

struct knx_server *site_server(const struct bas_env *env, const struct site *site, uint32_t tunnels)
{
    struct knx_server_tunnel rows[SITE_TUNNELS];
    const struct knx_server_user user = { SITE_USER, site->user };
    for (uint32_t i = 0; i < tunnels; i++) {
        rows[i] = (struct knx_server_tunnel){ (knx_ia)(SITE_HOST + 1 + i), SITE_USER };
    }
    const struct knx_server_config config = {
        .size = sizeof(config),
        .info = { .medium = 2, .address = SITE_HOST, .name = "bench" },
        .tunnelling_is_secured = true,
        .management_is_secured = true,
        .has_device_key = true,
        .device_key = site->device,
        .users = &user,
        .n_users = 1,
        .tunnels = rows,
        .n_tunnels = tunnels,
        .max_connections = tunnels,
        .max_sessions = tunnels,
        .max_half_open = tunnels,
        .max_channels = tunnels,
        .requests_per_second = 100000,
    };
    return knx_server_new(env, &config);
}

struct knx_client *site_client(const struct bas_env *env, const struct site *site)
{
    const struct knx_client_config config = {
        .size = sizeof(config),
        .transport = KNX_TCP,
        .is_secure = true,
        .user = SITE_USER,
        .user_key = site->user,
        .device_key = site->device,
    };
    return knx_client_new(env, &config);
}

struct knx_data_secure *site_data_secure(const struct bas_env *env, const struct site *site,
                                         knx_ia tunnel)
{
    const struct knx_group_key group = { SITE_SECURED, site->group };
    const struct knx_sender sender = { SITE_HOST, 0, false };
    const struct knx_data_secure_config config = { .size = sizeof(config),
                                                   .address = tunnel,
                                                   .groups = &group,
                                                   .n_groups = 1,
                                                   .senders = &sender,
                                                   .n_senders = 1 };
    struct knx_data_secure *secure = knx_data_secure_new(env, &config);
    if (secure != NULL && knx_data_secure_grant(secure, 1, UINT32_MAX) != BAS_OK) {
        knx_data_secure_free(secure);
        return NULL;
    }
    return secure;
}

bool site_telegram(struct knx_data_secure *secure, knx_ia source, bas_time now, struct bas_buf *out)
{
    const uint8_t temperature[] = { 0x0C, 0x1A }; /* 21.0 degrees */
    const struct knx_group_value value = { false, { temperature, sizeof(temperature) } };
    uint8_t memory[SITE_TELEGRAM];
    struct bas_buf tpdu;
    bas_buf_init(&tpdu, memory, sizeof(memory));
    knx_group_encode(KNX_GROUP_VALUE_WRITE, &value, &tpdu);
    const struct knx_cemi cemi =
        knx_cemi_group(KNX_L_DATA_REQ, source, secure != NULL ? SITE_SECURED : SITE_PLAIN,
                       (struct bas_slice){ tpdu.data, tpdu.len });
    bool is_secured = false;
    if (secure == NULL) {
        knx_cemi_encode(&cemi, out);
        return !out->full;
    }
    return knx_data_secure_seal(secure, &cemi, now, out, &is_secured, NULL) == BAS_OK && is_secured;
}

static struct knx_password password_of(const char *text)
{
    struct knx_password password = { .is_set = true, .len = (uint8_t)strlen(text) };
    memcpy(password.octets, text, password.len);
    return password;
}

/* Two tunnels, so that a client of another make and one of ours have one each. */
bool site_keyring(const struct bas_env *env, const struct site *site, struct bas_buf *out,
                  struct bas_fault *fault)
{
    enum { TUNNELS = 2 };
    static const knx_ia senders[] = { SITE_HOST + 1, SITE_HOST + 2 };
    const struct knx_keyring_group group = { SITE_SECURED, senders, TUNNELS };
    struct knx_keyring_interface interfaces[TUNNELS];
    for (size_t i = 0; i < TUNNELS; i++) {
        interfaces[i] = (struct knx_keyring_interface){
            .type = KNX_INTERFACE_TUNNELLING,
            .address = senders[i],
            .host = SITE_HOST,
            .user = SITE_USER,
            .password = password_of(user_password),
            .authentication = password_of(device_password),
            .groups = &group,
            .n_groups = 1,
        };
    }
    const struct knx_keyring_device device = { .address = SITE_HOST,
                                               .management = password_of(user_password),
                                               .authentication = password_of(device_password) };
    const struct knx_group_key key = { SITE_SECURED, site->group };
    const struct knx_keyring keyring = {
        .project = "Bench",
        .created_by = "Basalt",
        .created = "2026-01-01T00:00:00",
        .interfaces = interfaces,
        .n_interfaces = TUNNELS,
        .devices = &device,
        .n_devices = 1,
        .groups = &key,
        .n_groups = 1,
    };
    return knx_keyring_write(env, &keyring, &site->keyring, out, fault) == BAS_OK;
}
