/* The password of a private key, or the PIN of its token. */
#ifndef BASALT_TLS_PASSWORD_H
#define BASALT_TLS_PASSWORD_H

#include "basalt/tls.h"

enum { BAS_TLS_PASSWORD_MAX = 255, BAS_TLS_SOURCE_TEXT = 64 };

struct bas_tls_password {
    bool is_set;
    char source[BAS_TLS_SOURCE_TEXT]; /* "from the file X": where it comes from, for people */
    char text[BAS_TLS_PASSWORD_MAX + 1];
};

/*
 * Takes it from the one source that config names; not set where it names none. The fault never
 * holds it. Wipe what was read with bas_tls_password_wipe.
 */
bas_err bas_tls_password_read(struct bas_tls_password *password, const struct bas_env *env,
                              const struct bas_tls_config *config, struct bas_fault *fault);
void bas_tls_password_wipe(struct bas_tls_password *password);

#endif
