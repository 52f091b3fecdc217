/*
 * A small KNX site for tests of the runtime: a keyring file, a server with a virtual line behind
 * it, and clients that write down what they are told.
 *
 * Host 1.1.0 with tunnels 1.1.10 to 1.1.12 of users 2 to 4 (passwords "tunnel-2" ...), management
 * password "management", device password "device". Device 1.1.6 on the line: 1/0/1 a plain switch
 * (on), 1/1/1 a secured one (on), 1/1/2 a secured temperature (21.5).
 */
#ifndef BASALT_KNX_SITE_H
#define BASALT_KNX_SITE_H

#include "rt_world.h"

#include "basalt/app_knx.h"

enum { KNX_SITE_TUNNEL = 0x110A };
#define KNX_SITE_PASSWORD "site"

/* Writes site.knxkeys and site.password into the current folder, and changed.knxkeys, where the
 * password of user 2 is another one, and rekeyed.knxkeys, where 1/1/2 has another key. */
void knx_site_files(void);

/* Settings of the server: bind 127.0.0.1:0 and the files above. */
struct bas_config *knx_site_config(struct rt_world *w);
void knx_site_set(struct bas_config *config, const char *name, const char *text);

struct knx_site_server {
    struct rt_world *w;
    struct bas_config *config;
    struct bas_knx_server *server; /* NULL: not running */
    unsigned events[16];           /* by kind of knx_server_event */
    unsigned bus_up, bus_down, notices, reloads, stopped;
    bas_err reloaded;
    struct bas_fault fault; /* of the last event that has one */
    knx_ia address;         /* of the last event */
    uint8_t user;
};
/* Starts with the site's settings (config NULL) or others, which it takes. */
void knx_site_server_start(struct rt_world *w, struct knx_site_server *s,
                           struct bas_config *config);
void knx_site_server_end(struct knx_site_server *s);

struct knx_site_client {
    struct rt_world *w;
    struct bas_knx_keys keys; /* before the start: what to change */
    struct knx_keyring *keyring;
    struct bas_knx_config config;
    struct bas_knx *knx;                  /* NULL: not running */
    unsigned events[BAS_KNX_STOPPED + 1]; /* by kind */
    struct bas_fault fault;               /* of the last event that has one */
    struct bas_knx_event last;            /* without what it borrows */
    uint8_t value[16];                    /* of the last group telegram */
    size_t value_len;
    uint16_t apci;
    knx_ga group;
    bool was_secured;
    knx_ia source;
};
/* Keys of the tunnel 1.1.10 + n and a gateway to server; nothing is started. */
void knx_site_client_init(struct rt_world *w, struct knx_site_client *c,
                          const struct knx_site_server *server, unsigned n);
void knx_site_client_start(struct knx_site_client *c);
void knx_site_client_until(struct knx_site_client *c, enum bas_knx_event_kind kind, unsigned least);
/* Stops it and runs until it has. */
void knx_site_client_end(struct knx_site_client *c);

#endif
