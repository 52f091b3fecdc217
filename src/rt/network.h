/* What errors of the network are called: a plain line, and a BACnet error code (spec 7.6). */
#ifndef BASALT_RT_NETWORK_H
#define BASALT_RT_NETWORK_H

#include "basalt/error.h"

/* The fault that stands for an error number of libuv, met while doing something ("connecting to
 * 192.0.2.7:4443"). */
void network_fault(int status, const char *doing, struct bas_fault *fault);
/* The same for an address ("127.0.0.1:4443") that cannot be listened on. Gives its error. */
bas_err network_listen_fault(int status, const char *bind, struct bas_fault *fault);

#endif
