/* Owns the sentences with which a connection of the client engine ends: what happened, and what to
 * do about it. One row for each status that an interface can answer with. */
#include "knx/client/client.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

struct refusal {
    uint8_t status;
    bas_err err;
    bool is_permanent;
    const char *text;
};

/* Of a CONNECT_RESPONSE (spec 1.5, 2.7). Permanent is what only another configuration can change,
 * ours or the interface's. */
static const struct refusal refusals[] = {
    { KNX_E_HOST_PROTOCOL_TYPE, BAS_ERR_REFUSED, true,
      "the interface does not take connections over this transport: use the other one (UDP or "
      "TCP)" },
    { KNX_E_VERSION_NOT_SUPPORTED, BAS_ERR_UNSUPPORTED, true,
      "the interface speaks another version of KNXnet/IP: is it a KNXnet/IP interface with "
      "current firmware?" },
    { KNX_E_CONNECTION_TYPE, BAS_ERR_REFUSED, true,
      "the interface refuses this type of connection in the plain: it wants KNX IP Secure; give "
      "user and keyring" },
    { KNX_E_CONNECTION_OPTION, BAS_ERR_REFUSED, true,
      "the interface does not know an option of the connection: ask for a link layer tunnel "
      "without an address" },
    { KNX_E_NO_MORE_CONNECTIONS, BAS_ERR_IN_USE, false,
      "no tunnel of the interface is free: end another client, or try again later" },
    { KNX_E_NO_MORE_UNIQUE_CONNECTIONS, BAS_ERR_IN_USE, false,
      "the interface has no address of its own left for one more tunnel: end another client, or "
      "try again later" },
    { KNX_E_KNX_CONNECTION, BAS_ERR_UNREACHABLE, false,
      "the interface is not connected to the KNX bus: check its bus cable and the bus power" },
    { KNX_E_AUTHORISATION_ERROR, BAS_ERR_KEY, true,
      "this user may not use that tunnel: take the user that the keyring names for it" },
    { KNX_E_TUNNELLING_LAYER, BAS_ERR_UNSUPPORTED, true,
      "the interface does not offer this tunnelling layer: use the link layer" },
    { KNX_E_NO_TUNNELLING_ADDRESS, BAS_ERR_REFUSED, true,
      "the address asked for is not one of the interface's tunnels: the keyring or the setting "
      "is out of date" },
    { KNX_E_CONNECTION_IN_USE, BAS_ERR_IN_USE, false,
      "the tunnel asked for is in use by another client: end that one, or take another tunnel" },
};

/* The same status says something else to a client that is in a session already. */
static const struct refusal refused_type_in_session = {
    KNX_E_CONNECTION_TYPE, BAS_ERR_REFUSED, true,
    "the interface does not offer this type of connection to this user: device management needs "
    "user 1"
};

void knx_end_set(struct knx_client *client, bas_err err, bool is_permanent, const char *format, ...)
{
    char text[BAS_FAULT_TEXT];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    client->end = (struct knx_client_end){ .is_permanent = is_permanent };
    (void)bas_fail(&client->end.fault, err, "%s", text);
}

static const struct refusal *find_refusal(const struct knx_client *client, unsigned status)
{
    if (status == KNX_E_CONNECTION_TYPE && client->config.is_secure) {
        return &refused_type_in_session;
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(refusals); i++) {
        if (refusals[i].status == status) {
            return &refusals[i];
        }
    }
    return NULL;
}

void knx_end_refused(struct knx_client *client, unsigned status)
{
    const struct refusal *row = find_refusal(client, status);
    if (row == NULL) {
        knx_end_set(client, BAS_ERR_REFUSED, false,
                    "the interface refused the connection with status %02X (%s): %s", status,
                    knx_status_name(status), knx_status_text(status));
    } else if (client->config.address != 0 && client->config.connection == KNX_CONNECTION_TUNNEL) {
        char address[KNX_ADDRESS_TEXT];
        knx_end_set(client, row->err, row->is_permanent, "%s (%s, tunnel %s)", row->text,
                    knx_status_name(status), knx_ia_text(client->config.address, address));
    } else {
        knx_end_set(client, row->err, row->is_permanent, "%s (%s)", row->text,
                    knx_status_name(status));
    }
    client->end.status = status;
}

void knx_end_session_status(struct knx_client *client, unsigned status)
{
    unsigned user = client->config.user;
    switch (status) {
    case KNX_SESSION_AUTHENTICATION_FAILED:
        knx_end_set(client, BAS_ERR_KEY, true,
                    "the interface does not accept user %u with this password: wrong user id, "
                    "wrong password, or the keyring is out of date",
                    user);
        break;
    case KNX_SESSION_UNAUTHENTICATED:
        knx_end_set(client, BAS_ERR_PROTOCOL, false,
                    "the interface says that the session of user %u is not authenticated: it has "
                    "forgotten it; try again",
                    user);
        break;
    case KNX_SESSION_TIMEOUT:
        knx_end_set(client, BAS_ERR_TIMEOUT, false,
                    "the interface ended the session of user %u because nothing arrived from us "
                    "in time: look at the network, try again",
                    user);
        break;
    default:
        knx_end_set(client, BAS_ERR_CLOSED, false, "the interface closed the session of user %u",
                    user);
        break;
    }
    client->end.status = status;
}

void knx_end_timeout(struct knx_client *client)
{
    const struct knx_client_config *config = &client->config;
    const struct row {
        uint32_t ms;
        const char *request, *advice;
    } rows[KNX_CLIENT_STATES] = {
        [KNX_CLIENT_SESSION] = { config->session_response_ms, "SESSION_REQUEST",
                                 "perhaps no session is free, or it does not speak KNX IP Secure: "
                                 "end other clients, check the address" },
        [KNX_CLIENT_AUTHENTICATE] = { config->session_status_ms, "SESSION_AUTHENTICATE",
                                      "try again; restart it if that does not help" },
        [KNX_CLIENT_CONNECT] = { config->connect_response_ms, "CONNECT_REQUEST",
                                 "check its address and port, and what filters the network" },
        [KNX_CLIENT_DISCONNECT] = { config->disconnect_ms, "DISCONNECT_REQUEST",
                                    "it may hold the tunnel for two more minutes" },
    };
    const struct row *row = &rows[client->state];
    knx_end_set(client, BAS_ERR_TIMEOUT, false,
                "the interface did not answer %s within %" PRIu32 " ms: %s", row->request, row->ms,
                row->advice);
}

const char *knx_client_state_name(enum knx_client_state state)
{
    static const char *const names[KNX_CLIENT_STATES] = {
        [KNX_CLIENT_IDLE] = "idle",
        [KNX_CLIENT_SESSION] = "session",
        [KNX_CLIENT_AUTHENTICATE] = "authenticate",
        [KNX_CLIENT_CONNECT] = "connect",
        [KNX_CLIENT_UP] = "up",
        [KNX_CLIENT_DISCONNECT] = "disconnect",
    };
    return names[state];
}
