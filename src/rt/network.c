/* Owns the names of the network's errors. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/network.h"

#include "basalt/base.h"

#include <uv.h>

static const struct row {
    int status;
    bas_err err;
    uint16_t code;
    const char *advice;
} rows[] = {
/* bsc 7.6-13 7.6-14 7.6-15 */
#define NETWORK(name, err, code, advice)                                                           \
    { UV_##name, BAS_ERR_##err, BAC_ERROR_CODE_##code, advice },
#include "rt/network.def"
#undef NETWORK
};

/* Errors of getaddrinfo have a range of their own. */
static bool is_of_name_service(int status)
{
    return status <= UV_EAI_ADDRFAMILY && status >= UV_EAI_PROTOCOL;
}

void network_fault(int status, const char *doing, struct bas_fault *fault)
{
    const struct row *row = rows;
    while (row->status != status && row->status != UV_UNKNOWN) {
        row++;
    }
    bool is_name = row->status == UV_UNKNOWN && is_of_name_service(status);
    (void)bas_fail_code(fault, is_name ? BAS_ERR_RESOLVE : row->err, BAC_ERROR_CLASS_COMMUNICATION,
                        is_name ? BAC_ERROR_CODE_DNS_ERROR : row->code, "%s: %s%s%s", doing,
                        uv_strerror(status), row->advice[0] != 0 ? ": " : "", row->advice);
}

bas_err network_listen_fault(int status, const char *bind, struct bas_fault *fault)
{
    if (status == UV_EADDRINUSE) {
        return bas_fail(fault, BAS_ERR_IN_USE,
                        "cannot listen on %s: the port is in use; stop the program that has it, or "
                        "choose another port (0 takes a free one)",
                        bind);
    }
    if (status == UV_EACCES) {
        return bas_fail(fault, BAS_ERR_PERMISSION,
                        "cannot listen on %s: permission denied; ports below 1024 need "
                        "CAP_NET_BIND_SERVICE",
                        bind);
    }
    if (status == UV_EADDRNOTAVAIL) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "cannot listen on %s: this machine does not have that address; give one "
                        "that it has, or 0.0.0.0 or [::] for all",
                        bind);
    }
    return bas_fail(fault, BAS_ERR_IO, "cannot listen on %s: %s", bind, uv_strerror(status));
}
