/* A WebSocket URI taken apart: wss://host[:port][/path], or ws:// (RFC 6455 section 3). */
#ifndef BASALT_RT_URI_H
#define BASALT_RT_URI_H

#include "basalt/base.h"

struct uri {
    char host[254];      /* without brackets */
    char port[6];        /* "443" or, of ws, "80" when none was given */
    char authority[264]; /* as the Host header wants it: brackets kept, default port left out */
    char path[256];      /* "/" at least */
};

/* BAS_ERR_INVALID; says what is wrong and what is expected. Another scheme than wss, or than ws
 * where is_secure is false, has the BACnet code 166. */
BAS_MUST_USE bas_err uri_parse(const char *text, bool is_secure, struct uri *uri,
                               struct bas_fault *fault);

#endif
