/* Owns what a KNXnet/IP server may be configured to, and who may use which tunnel (spec 2.7). */
#include "knx/server/server.h"

#include <string.h>

static bas_err wrong(struct bas_fault *fault, const char *what)
{
    return bas_fail(fault, BAS_ERR_CONFIG, "KNX server: %s", what);
}

static bas_err check_bounds(const struct knx_server_config *config, struct bas_fault *fault)
{
    if (config->size != sizeof(*config)) {
        return wrong(fault, "size is not sizeof(struct knx_server_config)");
    }
    if (config->max_connections > KNX_SERVER_MAX_CONNECTIONS) {
        return wrong(fault, "max_connections is above 65535");
    }
    if (config->max_sessions > KNX_SERVER_MAX_SESSIONS) {
        return wrong(fault, "max_sessions is above 65535");
    }
    if (config->max_channels > KNX_SERVER_MAX_TUNNELS) {
        return wrong(fault, "max_channels is above 255");
    }
    if (config->requests_per_second > BAS_SECOND) {
        return wrong(fault, "requests_per_second is above 1000000");
    }
    if (config->pending > UINT16_MAX) {
        return wrong(fault, "pending is above 65535");
    }
    return BAS_OK;
}

static bas_err check_users(const struct knx_server_config *config, struct bas_fault *fault)
{
    bool is_known[KNX_MAX_USER + 1] = { false };
    for (size_t i = 0; i < config->n_users; i++) {
        uint8_t id = config->users[i].id;
        if (id == 0 || id > KNX_MAX_USER) {
            return bas_fail(fault, BAS_ERR_CONFIG,
                            "KNX server: user %u: users are numbered from 1 to 127", id);
        }
        if (is_known[id]) {
            return bas_fail(fault, BAS_ERR_CONFIG, "KNX server: user %u is there twice", id);
        }
        is_known[id] = true;
    }
    return BAS_OK;
}

static bas_err check_tunnels(const struct knx_server_config *config, struct bas_fault *fault)
{
    char text[KNX_ADDRESS_TEXT];
    if (config->n_tunnels > KNX_SERVER_MAX_TUNNELS) {
        return wrong(fault, "more than 255 tunnels");
    }
    for (size_t i = 0; i < config->n_tunnels; i++) {
        const struct knx_server_tunnel *tunnel = &config->tunnels[i];
        if (tunnel->address == 0) {
            return wrong(fault, "a tunnel has the address 0.0.0");
        }
        if (tunnel->user > KNX_MAX_USER) {
            return bas_fail(fault, BAS_ERR_CONFIG, "KNX server: tunnel %s: there is no user %u",
                            knx_ia_text(tunnel->address, text), tunnel->user);
        }
        for (size_t j = 0; j < i; j++) {
            if (config->tunnels[j].address == tunnel->address) {
                return bas_fail(fault, BAS_ERR_CONFIG,
                                "KNX server: two tunnels have the address %s",
                                knx_ia_text(tunnel->address, text));
            }
        }
    }
    return BAS_OK;
}

static bas_err check_security(const struct knx_server_config *config, struct bas_fault *fault)
{
    bool is_secured = config->tunnelling_is_secured || config->management_is_secured;
    if (is_secured && !config->has_device_key) {
        return wrong(fault, "secured, but without a device authentication code nobody can connect");
    }
    return BAS_OK;
}

bas_err knx_server_config_check(const struct knx_server_config *config, struct bas_fault *fault)
{
    static bas_err (*const checks[])(const struct knx_server_config *,
                                     struct bas_fault *) = { check_bounds, check_users,
                                                             check_tunnels, check_security };
    for (size_t i = 0; i < BAS_ARRAY_LEN(checks); i++) {
        bas_err err = checks[i](config, fault);
        if (err != BAS_OK) {
            return err;
        }
    }
    return BAS_OK;
}

void knx_server_config_take(struct knx_server *server, const struct knx_server_config *config)
{
    server->config.tunnelling_is_secured = config->tunnelling_is_secured;
    server->config.management_is_secured = config->management_is_secured;
    server->config.has_device_key = config->has_device_key;
    server->config.device_key = config->device_key;
    bas_wipe(server->users, sizeof(server->users));
    for (size_t i = 0; i < config->n_users; i++) {
        server->users[config->users[i].id] =
            (struct knx_server_user_key){ true, config->users[i].key };
    }
    memset(server->tunnels, 0, sizeof(server->tunnels));
    for (size_t i = 0; i < config->n_tunnels; i++) {
        server->tunnels[i] = config->tunnels[i];
    }
    server->n_tunnels = config->n_tunnels;
}

bool knx_server_may_use(const struct knx_server *server, uint8_t user,
                        const struct knx_server_tunnel *tunnel)
{
    return !server->config.tunnelling_is_secured || user == 1 ||
           (user != 0 && tunnel->user == user);
}

/* Reload */

static bool has_same_key(const struct knx_server *server, const struct knx_server_session *session,
                         const struct knx_server_config *config)
{
    const struct knx_key *old = &server->users[session->user].key;
    for (size_t i = 0; i < config->n_users; i++) {
        if (config->users[i].id == session->user) {
            return bas_equal_secret(old, &config->users[i].key, sizeof(*old));
        }
    }
    return false;
}

/* Half-open sessions will be judged by the new keys. */
static void end_sessions(struct knx_server *server, const struct knx_server_config *config)
{
    for (uint32_t i = 0; i < server->config.max_sessions; i++) {
        struct knx_server_session *session = &server->sessions[i];
        if (session->state == KNX_STATE_AUTHENTICATED && !has_same_key(server, session, config)) {
            knx_session_step(server, session, KNX_EVENT_END, NULL);
        }
    }
}

/* Whether a channel could be opened now as it is; finds where its tunnel stands now. */
static bool may_stay(const struct knx_server *server, struct knx_server_channel *channel)
{
    uint8_t user = channel->way.session != NULL ? channel->way.session->user : 0;
    if (channel->type == KNX_CONNECTION_MANAGEMENT) {
        return !server->config.management_is_secured || user == 1;
    }
    for (size_t i = 0; i < server->n_tunnels; i++) {
        if (server->tunnels[i].address == channel->address) {
            channel->tunnel = (uint8_t)i;
            return knx_server_may_use(server, user, &server->tunnels[i]);
        }
    }
    return false;
}

static void end_channels(struct knx_server *server)
{
    static const struct knx_reason reason = { BAS_ERR_CONFIG, "the new configuration has no "
                                                              "place for it" };
    memset(server->tunnel_users, 0, sizeof(server->tunnel_users));
    for (uint32_t i = 0; i < server->config.max_channels; i++) {
        struct knx_server_channel *channel = &server->channels[i];
        if (channel->id == 0) {
            continue;
        }
        if (!may_stay(server, channel)) {
            knx_channel_close(server, channel, true, &reason);
        } else if (channel->type == KNX_CONNECTION_TUNNEL) {
            server->tunnel_users[channel->tunnel] = channel->id;
        }
    }
}

bas_err knx_server_reload(struct knx_server *server, const struct knx_server_config *config,
                          bas_time now)
{
    struct bas_fault fault = { 0 };
    bas_err err = knx_server_config_check(config, &fault);
    if (err != BAS_OK) {
        bas_log(&server->env, BAS_LOG_ERROR, "%s", fault.text);
        return err;
    }
    server->now = now;
    end_sessions(server, config);
    knx_server_config_take(server, config);
    end_channels(server);
    return BAS_OK;
}
