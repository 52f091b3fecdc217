/* The identity of a port at its start: what was set, what the certificate says, what the state file
 * keeps. */
#ifndef BASALT_APP_IDENTITY_H
#define BASALT_APP_IDENTITY_H

#include "basalt/rt.h"

struct identity_request {
    const struct bas_tls_context *tls; /* NULL: plaintext, no certificate */
    const char *state_file;            /* NULL: nothing is kept */
    const struct bsc_vmac *vmac;       /* all zero: not set */
    const struct bsc_uuid *uuid;       /* all zero: not set */
    bool ignores_certificate;          /* its UUID is another's: a visitor */
};

/* As bas_state_open. */
BAS_MUST_USE bas_err identity_open(const struct bas_env *env,
                                   const struct identity_request *request, struct bas_state **state,
                                   struct bas_fault *fault);

#endif
