/* A folder with an authority and the certificates of the hub and of all nodes of a bench. */
#ifndef BASALT_BENCH_CREDENTIALS_H
#define BASALT_BENCH_CREDENTIALS_H

#include "basalt/tls.h"

struct credentials {
    char folder[64];             /* ca.pem, hub.pem, hub.key: what hub_host wants */
    struct bas_tls_context *tls; /* of a node; the caller's reference */
};
/* Ends the bench when it fails. */
void credentials_make(struct credentials *credentials);
/* Puts a new key and certificate of that name in the place of the old ones. */
void credentials_renew(const struct credentials *credentials, const char *name);
/* Removes the folder; tls stays. */
void credentials_remove(const struct credentials *credentials);

#endif
