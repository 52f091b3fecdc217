/* The other end as the library makes it, without our policy: for peers that do what we never do. */
#ifndef BASALT_TEST_TLS_RAW_H
#define BASALT_TEST_TLS_RAW_H

#include "end.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

struct raw {
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials;
    struct bas_buf in;
    size_t in_used;
    struct bas_buf out;
    bool open;
    int status; /* of the last call */
    int alert;  /* received, -1: none */
};

struct raw_config {
    bool is_server;
    const char *name;       /* NAME.pem, NAME.key; NULL: no certificate */
    bool is_mismatched;     /* NAME.key is not the key of NAME.pem */
    const char *priorities; /* default: TLS 1.3 */
    size_t max_recv;        /* record_size_limit; 0: none */
    unsigned flags;
};

void raw_init(struct raw *raw, struct world *world, const struct raw_config *config);
void raw_fini(struct raw *raw);
/* Handshake against our end until nobody has more to say; then reads once for a late alert. */
void raw_shake(struct raw *raw, struct end *end);
/* Takes what stands in the end's out, and reads. Gives the library's answer. */
ssize_t raw_recv(struct raw *raw, struct end *end, void *plain, size_t cap);

#endif
