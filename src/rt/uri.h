/* A WebSocket URI taken apart: wss://host[:port][/path] (RFC 6455 section 3). */
#ifndef BASALT_RT_URI_H
#define BASALT_RT_URI_H

#include "basalt/base.h"

struct uri {
    char host[254];      /* without brackets */
    char port[6];        /* "443" when none was given */
    char authority[264]; /* as the Host header wants it: brackets kept, default port left out */
    char path[256];      /* "/" at least */
};

/* BAS_ERR_INVALID with the BACnet code 166 for another scheme; says what is wrong and what is
 * expected. */
BAS_MUST_USE bas_err uri_parse(const char *text, struct uri *uri, struct bas_fault *fault);

#endif
