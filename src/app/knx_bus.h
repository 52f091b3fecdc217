/*
 * What is behind a KNX server: a bus. It takes the telegrams of tunnels, says of each whether it
 * was sent, and brings what others send.
 */
#ifndef BASALT_APP_KNX_BUS_H
#define BASALT_APP_KNX_BUS_H

#include "basalt/app_knx.h"

/* What a bus tells. */
struct knx_bus_owner {
    /* The outcome of a request; exactly one for each. */
    void (*confirm)(void *user, knx_channel_id channel, struct bas_slice cemi, bool ok);
    /* A telegram for all tunnels but except (0: none). */
    void (*indicate)(void *user, struct bas_slice cemi, knx_channel_id except);
    /* The bus is there, or gone (why). */
    void (*connected)(void *user, bool is_connected, const struct bas_fault *why);
    void (*notice)(void *user, const struct bas_knx_notice *notice);
    void *user;
};

/* One kind of bus. */
struct knx_bus;
struct knx_bus_kind {
    /* Sends an L_Data.req of a tunnel. Its confirmation may come before this returns. */
    void (*request)(struct knx_bus *bus, knx_channel_id channel, struct bas_slice cemi);
    /* The keyring was read again: new keys for what is on the bus. NULL: there is nothing of it. */
    bas_err (*reload)(struct knx_bus *bus, const struct knx_keyring *keyring,
                      struct bas_fault *fault);
    /* Ends; gone is called when nothing of it is on the loop any more, and it is freed. */
    void (*stop)(struct knx_bus *bus, void (*gone)(void *user), void *user);
};
/* What every bus begins with. */
struct knx_bus {
    const struct knx_bus_kind *kind;
    struct bas_loop *loop;
    struct knx_bus_owner owner;
};

/* A virtual line with the devices and objects of the settings. */
struct knx_bus *knx_bus_line(struct bas_loop *loop, const struct bas_knx_server_settings *settings,
                             const struct knx_keyring *keyring, const struct knx_bus_owner *owner,
                             struct bas_fault *fault);
/* Another KNXnet/IP interface upstream. */
struct knx_bus *knx_bus_upstream(struct bas_loop *loop,
                                 const struct bas_knx_server_settings *settings,
                                 const struct knx_bus_owner *owner, struct bas_fault *fault);

#endif
