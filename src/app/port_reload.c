/* Owns replacing the certificates of a BACnet/SC port while it runs. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/port.h"

bool port_judge_link(struct bas_port *p, struct port_link *l)
{
    (void)p;
    (void)l;
    return true;
}

bas_err bas_port_reload(struct bas_port *p, const struct bas_tls_config *tls,
                        struct bas_reload *what, struct bas_fault *fault)
{
    (void)p;
    (void)tls;
    (void)what;
    return bas_fail(fault, BAS_ERR_UNSUPPORTED,
                    "certificates cannot be reloaded yet; restart the device");
}
