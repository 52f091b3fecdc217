/*
 * How the options of a client verb of KNX say that an interface is reached: a keyring with its
 * tunnels, a user with passwords, or in the plain; and which keys of groups there are.
 */
#ifndef BASALT_TOOLS_KNX_ACCESS_H
#define BASALT_TOOLS_KNX_ACCESS_H

#include "basalt/app_knx.h"

#include "group_keys.h"
#include "secret.h"

/* What the struct of such a verb begins with. */
struct knx_session_options {
    struct common_options common; /* with timeout_ms */
    const char *gateway;
    const char *keyring;
    struct secret_options keyring_password;
    knx_ia interface;
    uint8_t user; /* UINT8_MAX: not given */
    struct secret_options user_password;
    struct secret_options device_password;
    bool skip_device_check;
    const char *group_key_file;
    bool tcp;
    bool nat;
    const char *state;
    bool no_state;
};

enum knx_access_mode {
    KNX_ACCESS_PLAIN = 1,
    KNX_ACCESS_USER = 2,    /* user and passwords */
    KNX_ACCESS_KEYRING = 4, /* any tunnel of the keyring */
    KNX_ACCESS_TUNNEL = 8   /* the one that --interface names */
};

struct knx_access {
    struct tool *tool;
    const struct knx_session_options *options;
    enum knx_access_mode mode;
    struct knx_keyring *keyring; /* NULL: none */
    struct group_keys groups;
    struct knx_sender *anybody; /* senders where no keyring names them */
    knx_ia *tunnels;            /* of the keyring, those that come into question */
    size_t n_tunnels;
    size_t room;
    size_t at;                 /* the present one */
    struct bas_knx_keys keys;  /* of the present tunnel, or of the user */
    bool has_device_key;       /* of an option, over the keyring's */
    struct knx_key device_key; /* */
    const char *state;         /* NULL: the clock alone */
};

/* Reads and checks all that the options name; group: of the command, or 0. Some tens of
 * milliseconds. Free with knx_access_close, also after an error. */
bas_err knx_access_open(struct tool *tool, const struct knx_session_options *options, knx_ga group,
                        struct knx_access *access, struct bas_fault *fault);
void knx_access_close(struct knx_access *access);

/* True when the tunnels belong to several interfaces, of which the gateway is one. */
bool knx_access_has_hosts(const struct knx_access *access);
/* Leaves the tunnels of host alone, where it has any. */
void knx_access_keep_host(struct knx_access *access, knx_ia host);

/* Fills config for the present tunnel: all but gateway, is_once and event. */
bas_err knx_access_prepare(struct knx_access *access, struct bas_knx_config *config,
                           struct bas_fault *fault);
/* Goes on to the next tunnel, the first one after the last. */
void knx_access_next(struct knx_access *access);
/* The present tunnel's interface, and that of the next one, are the same. */
bool knx_access_stays_with_host(const struct knx_access *access);

#endif
