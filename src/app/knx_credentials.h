/*
 * What a KNX server needs of its keyring: who may come in, with which keys, to which tunnels.
 * Loading derives keys and takes its time: it runs before the loop does, or beside it.
 */
#ifndef BASALT_APP_KNX_CREDENTIALS_H
#define BASALT_APP_KNX_CREDENTIALS_H

#include "basalt/app_knx.h"

struct knx_credentials {
    struct knx_keyring *keyring; /* NULL: none */
    knx_ia host;
    bool has_device_key;
    struct knx_key device_key;
    struct knx_server_user users[128];
    size_t n_users;
    struct knx_server_tunnel tunnels[KNX_SERVER_MAX_TUNNELS];
    size_t n_tunnels;
};

/*
 * Tunnels, users and keys of settings' host (the keyring's only host when none is set). Free with
 * knx_credentials_free, which wipes. Faults name the file and what to do.
 */
BAS_MUST_USE bas_err knx_credentials_load(const struct bas_env *env,
                                          const struct bas_knx_server_settings *settings,
                                          struct knx_credentials **credentials,
                                          struct bas_fault *fault);
void knx_credentials_free(const struct bas_env *env, struct knx_credentials *credentials);

#endif
