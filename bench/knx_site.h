/* The installation that the programs of the KNX bench share: one secure interface with up to 255
 * tunnels of one user, a group in the plain and one with a key. */
#ifndef BASALT_BENCH_KNX_SITE_H
#define BASALT_BENCH_KNX_SITE_H

#include "basalt/knx_keyring.h"
#include "basalt/knx_server.h"

enum {
    SITE_TUNNELS = 255,
    SITE_USER = 2,
    SITE_HOST = 0x1100,  /* 1.1.0; tunnels are 1.1.1 .. 1.1.255 */
    SITE_PLAIN = 0x0A01, /* groups */
    SITE_SECURED = 0x0A02,
    SITE_TELEGRAM = 64 /* octets that hold any telegram of the bench */
};

/* All keys, derived from the passwords of the installation (about 60 ms of CPU). */
struct site {
    struct knx_key user, device, group, keyring;
};
void site_init(struct site *site);

/* NULL: out of memory. The server takes nothing in the plain; its limits on new sessions are far
 * above what the bench does. */
struct knx_server *site_server(const struct bas_env *env, const struct site *site,
                               uint32_t tunnels);
struct knx_client *site_client(const struct bas_env *env, const struct site *site);
/* Data Secure of a tunnel, with numbers to send for as long as the bench may run. */
struct knx_data_secure *site_data_secure(const struct bas_env *env, const struct site *site,
                                         knx_ia tunnel);
/* Appends an L_Data.req: GroupValueWrite of a temperature, to the group with a key through secure
 * (NULL: to the plain one). False: it was refused. */
bool site_telegram(struct knx_data_secure *secure, knx_ia source, bas_time now,
                   struct bas_buf *out);
/* Writes the keyring of the installation. False: fault. */
bool site_keyring(const struct bas_env *env, const struct site *site, struct bas_buf *out,
                  struct bas_fault *fault);
extern const char site_keyring_password[];

#endif
