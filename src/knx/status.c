/* Owns the names and the words of the status octets (spec 1.5, 2.3), a row each. */
#include "basalt/knx.h"

#define STATUSES(ROW)                                                                              \
    ROW(E_NO_ERROR, "no error")                                                                    \
    ROW(E_HOST_PROTOCOL_TYPE, "the interface does not take this host protocol (UDP or TCP)")       \
    ROW(E_VERSION_NOT_SUPPORTED, "the interface does not support this version of KNXnet/IP")       \
    ROW(E_SEQUENCE_NUMBER, "the sequence number is out of order")                                  \
    ROW(E_ERROR, "the interface reports an error without saying which")                            \
    ROW(E_CONNECTION_ID, "the interface has no such channel of ours (any more)")                   \
    ROW(E_CONNECTION_TYPE,                                                                         \
        "the interface does not offer this type of connection, or only in a secure session")       \
    ROW(E_CONNECTION_OPTION, "the interface does not support an option of the connection")         \
    ROW(E_NO_MORE_CONNECTIONS, "all tunnels of the interface are in use")                          \
    ROW(E_NO_MORE_UNIQUE_CONNECTIONS, "the interface has no individual address left for a tunnel") \
    ROW(E_DATA_CONNECTION, "the interface found an error on the data connection")                  \
    ROW(E_KNX_CONNECTION, "the interface has no connection to the KNX bus")                        \
    ROW(E_AUTHORISATION_ERROR, "the user may not use this tunnel or address")                      \
    ROW(E_TUNNELLING_LAYER, "the interface does not offer this tunnelling layer")                  \
    ROW(E_NO_TUNNELLING_ADDRESS,                                                                   \
        "the address that was asked for is not one of the tunnels of the interface")               \
    ROW(E_CONNECTION_IN_USE, "the tunnel that was asked for is in use")

#define SESSION_STATUSES(ROW)                                                                      \
    ROW(AUTHENTICATION_SUCCESS, "STATUS_AUTHENTICATION_SUCCESS")                                   \
    ROW(AUTHENTICATION_FAILED, "STATUS_AUTHENTICATION_FAILED")                                     \
    ROW(UNAUTHENTICATED, "STATUS_UNAUTHENTICATED")                                                 \
    ROW(TIMEOUT, "STATUS_TIMEOUT")                                                                 \
    ROW(KEEPALIVE, "STATUS_KEEPALIVE")                                                             \
    ROW(CLOSE, "STATUS_CLOSE")

struct row {
    unsigned status;
    const char *name;
    const char *text;
};

static const struct row statuses[] = {
#define STATUS_ROW(member, text) { KNX_##member, #member, text },
    STATUSES(STATUS_ROW)
};

static const char *const session_statuses[] = {
#define SESSION_ROW(member, name) [KNX_SESSION_##member] = name,
    SESSION_STATUSES(SESSION_ROW)
};

static const struct row *row_of(unsigned status)
{
    static const struct row unknown = { 0, "unknown", "the interface reports an unknown status" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(statuses); i++) {
        if (statuses[i].status == status) {
            return &statuses[i];
        }
    }
    return &unknown;
}

const char *knx_status_name(unsigned status)
{
    return row_of(status)->name;
}

const char *knx_status_text(unsigned status)
{
    return row_of(status)->text;
}

const char *knx_session_status_name(unsigned status)
{
    return status < BAS_ARRAY_LEN(session_statuses) ? session_statuses[status] : "unknown";
}
