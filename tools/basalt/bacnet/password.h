/* The password that a device may want before it lets itself be silenced or started anew. */
#ifndef BASALT_TOOLS_PASSWORD_H
#define BASALT_TOOLS_PASSWORD_H

#include "secret.h"
#include "session_call.h"

struct password {
    bool is_given;
    struct secret secret;
};

/* A request that carries a password: where in its struct. */
struct password_request {
    uint8_t service;
    const void *parameters;
    bool *has_password;
    struct bac_text *password;
};

/* Rows --device-pwd-file, --device-pwd-fd, --device-pwd, into a member device_pwd. */
#define PASSWORD_ROWS(container)                                                                   \
    SECRET_ROWS(container, "device", device_pwd, "the device's password")

/* Reads what options or environment give, which may be nothing. False: told, with *status. */
bool password_read(struct tool *tool, const struct secret_options *options,
                   struct password *password, int *status);
/*
 * Asks the device; where it wants a password and none was given, a person at a terminal is asked
 * for it. The password is wiped. False: the session is over.
 */
bool password_call(struct session *session, const struct password_request *request,
                   struct password *password);

#endif
