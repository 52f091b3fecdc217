/* Owns the connection of the client engine: CONNECT_REQUEST, heartbeat, DISCONNECT_REQUEST (spec
 * 1.5), and every way in which it ends. */
#include "knx/client/client.h"

#include <string.h>

static void put(struct knx_client *client, uint16_t service)
{
    knx_client_put(client,
                   &(struct knx_client_out){ .service = service, .channel = client->channel });
}

bool knx_client_connect(struct knx_client *client, const struct knx_client_input *input)
{
    (void)input;
    put(client, KNX_CONNECT_REQUEST);
    knx_client_arm(client, KNX_TIMER_WAIT, client->config.connect_response_ms);
    return true;
}

/* What the server granted must be what was asked for; else client->end says why not. */
static bool is_as_asked(struct knx_client *client, const struct knx_message *message)
{
    char got[KNX_ADDRESS_TEXT], wanted[KNX_ADDRESS_TEXT];
    const struct knx_client_config *config = &client->config;
    bool is_tunnel = config->connection == KNX_CONNECTION_TUNNEL;
    if (message->cri.type != config->connection) {
        knx_end_set(client, BAS_ERR_PROTOCOL, true,
                    "the interface opened a connection of type %02X where %02X was asked for: its "
                    "firmware is at fault",
                    message->cri.type, (unsigned)config->connection);
        return false;
    }
    if (is_tunnel && config->address != 0 && message->cri.address != config->address) {
        knx_end_set(client, BAS_ERR_CONFIG, true,
                    "the interface gave us tunnel %s where %s was asked for: the keyring or the "
                    "setting is out of date, or the interface cannot be asked for an address",
                    knx_ia_text(message->cri.address, got), knx_ia_text(config->address, wanted));
        return false;
    }
    return true;
}

/* Zeros, also in part (spec 1.2): where the control frames go. */
static void set_data_endpoint(struct knx_client *client, const struct knx_hpai *hpai)
{
    static const uint8_t none[sizeof(hpai->address)];
    if (hpai->port != 0 && !bas_equal_secret(hpai->address, none, sizeof(none))) {
        memcpy(client->data.address, hpai->address, sizeof(client->data.address));
        client->data.port = hpai->port;
    }
}

bool knx_client_connected(struct knx_client *client, const struct knx_client_input *input)
{
    const struct knx_message *message = input->message;
    if (message->status != KNX_E_NO_ERROR) {
        knx_end_refused(client, message->status);
        knx_client_finish(client);
        return false;
    }
    client->channel = message->channel;
    if (!is_as_asked(client, message)) {
        knx_client_abandon(client);
        return false;
    }
    client->address = message->cri.address;
    if (knx_client_is_udp(client)) {
        set_data_endpoint(client, &message->data);
    }
    client->timers[KNX_TIMER_WAIT] = BAS_NEVER;
    knx_client_arm(client, KNX_TIMER_HEARTBEAT, client->config.heartbeat_ms);
    const struct knx_client_event event = { .kind = KNX_CLIENT_EVENT_UP,
                                            .channel = client->channel,
                                            .address = client->address };
    knx_client_say(client, &event, NULL);
    return true;
}

bool knx_client_heartbeat(struct knx_client *client, const struct knx_client_input *input)
{
    (void)input;
    if (client->heartbeat_tries == KNX_CLIENT_HEARTBEAT_TRIES) {
        uint8_t status = client->heartbeat_status;
        knx_end_set(client, status != 0 ? BAS_ERR_REMOTE : BAS_ERR_TIMEOUT, false,
                    "the interface %s %d CONNECTIONSTATE_REQUESTs (%s): %s",
                    status != 0 ? "reported an error to" : "did not answer",
                    KNX_CLIENT_HEARTBEAT_TRIES, status != 0 ? knx_status_name(status) : "heartbeat",
                    status != 0 ? knx_status_text(status) : "look at it and at the network");
        client->end.status = status;
        knx_client_abandon(client);
        return false;
    }
    client->heartbeat_tries++;
    client->heartbeat_status = 0;
    put(client, KNX_CONNECTIONSTATE_REQUEST);
    knx_client_arm(client, KNX_TIMER_HEARTBEAT, client->config.heartbeat_wait_ms);
    return true;
}

bool knx_client_alive(struct knx_client *client, const struct knx_client_input *input)
{
    uint8_t status = input->message->status;
    if (client->heartbeat_tries == 0) {
        knx_client_drop(client, "CONNECTIONSTATE_RESPONSE that nobody asked for");
    } else if (status == KNX_E_NO_ERROR) {
        client->heartbeat_tries = 0;
        knx_client_arm(client, KNX_TIMER_HEARTBEAT, client->config.heartbeat_ms);
    } else if (status == KNX_E_CONNECTION_ID) { /* asking again does not bring it back */
        knx_end_set(client, BAS_ERR_CLOSED, false,
                    "the interface does not know our connection any more (E_CONNECTION_ID): it was "
                    "restarted, or has ended it");
        client->end.status = status;
        knx_client_finish(client);
        return false;
    } else {
        client->heartbeat_status = status; /* the next try when its time has come */
    }
    return true;
}

/* Local. What went wrong, if anything, comes with the answer or with its absence. */
bool knx_client_disconnect(struct knx_client *client, const struct knx_client_input *input)
{
    (void)input;
    client->timers[KNX_TIMER_HEARTBEAT] = BAS_NEVER;
    client->timers[KNX_TIMER_REQUEST] = BAS_NEVER;
    put(client, KNX_DISCONNECT_REQUEST);
    knx_client_arm(client, KNX_TIMER_WAIT, client->config.disconnect_ms);
    return true;
}

bool knx_client_disconnected(struct knx_client *client, const struct knx_client_input *input)
{
    (void)input;
    knx_client_finish(client);
    return true;
}

void knx_client_abandon(struct knx_client *client)
{
    put(client, KNX_DISCONNECT_REQUEST);
    knx_client_finish(client);
}

bool knx_client_thrown_out(struct knx_client *client, const struct knx_client_input *input)
{
    (void)input;
    put(client, KNX_DISCONNECT_RESPONSE);
    if (client->state != KNX_CLIENT_DISCONNECT) {
        knx_end_set(client, BAS_ERR_CLOSED, false,
                    "the interface ended the connection (DISCONNECT_REQUEST): it was restarted or "
                    "programmed, or gives the tunnel to somebody else");
    }
    knx_client_finish(client);
    return true;
}

bool knx_client_answer(struct knx_client *client, const struct knx_client_input *input)
{
    const struct knx_client_event event = { .kind = KNX_CLIENT_EVENT_ANSWER, .cemi = input->frame };
    knx_client_say(client, &event, NULL);
    return true;
}

bool knx_client_time_out(struct knx_client *client, const struct knx_client_input *input)
{
    (void)input;
    knx_end_timeout(client);
    knx_client_finish(client);
    return true;
}

bool knx_client_leave(struct knx_client *client, const struct knx_client_input *input)
{
    (void)input;
    knx_client_finish(client);
    return true;
}

bool knx_client_lose(struct knx_client *client, const struct knx_client_input *input)
{
    client->session.is_keyed = false; /* nobody hears what would be said in it */
    client->n_out = 0;
    if (client->state != KNX_CLIENT_DISCONNECT) {
        knx_end_set(client, BAS_ERR_CLOSED, false, "the connection to the interface was lost");
        if (input->fault != NULL && input->fault->err != BAS_OK) {
            client->end.fault = *input->fault;
        }
    }
    knx_client_finish(client);
    return true;
}
