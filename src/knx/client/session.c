/* Owns the KNX IP Secure session of the client engine: handshake, wrapper in both directions,
 * keepalive (03_08_09; spec 2.2 to 2.6). */
#include "knx/client/client.h"

#include <string.h>

bool knx_session_start(struct knx_client *client, const struct knx_client_input *input)
{
    (void)input;
    if (client->config.skips_device_check) {
        bas_log(&client->env, BAS_LOG_WARNING,
                "KNX IP Secure: the interface is not asked to prove itself, for want of its device "
                "authentication code; somebody in between could pretend to be it");
    }
    knx_key_pair_make(&client->env, &client->session.pair);
    knx_client_put(client, &(struct knx_client_out){ .service = KNX_SESSION_REQUEST });
    knx_client_arm(client, KNX_TIMER_WAIT, client->config.session_response_ms);
    return true;
}

/* Spec 2.6. True when the server has shown that it knows the device authentication code. */
static bool device_is_proven(const struct knx_client *client, const struct knx_message *message)
{
    uint8_t mac[KNX_MAC_LEN];
    if (client->config.skips_device_check) {
        return true;
    }
    knx_response_mac(&client->config.device_key, message->session, client->session.pair.public_key,
                     message->public_key.data, mac);
    return bas_equal_secret(mac, message->mac.data, sizeof(mac));
}

/* Derives all that the session needs. False: the server's key is worth nothing, ours is kept. */
static bool agree(struct knx_client *client, const struct knx_message *message)
{
    struct knx_client_session *session = &client->session;
    struct knx_key_pair pair = session->pair; /* knx_agree wipes what it is given */
    struct knx_key key;
    bool is_good = knx_agree(&pair, message->public_key.data, &key);
    if (is_good) {
        knx_cipher_init(&session->cipher, &key);
        knx_authenticate_mac(&client->config.user_key, client->config.user,
                             session->pair.public_key, message->public_key.data, session->mac);
        bas_wipe(session->pair.private_key, sizeof(session->pair.private_key));
        session->id = message->session;
        session->send_next = session->recv_next = 0;
        session->is_keyed = true;
    }
    bas_wipe(&pair, sizeof(pair));
    bas_wipe(&key, sizeof(key));
    return is_good;
}

bool knx_session_respond(struct knx_client *client, const struct knx_client_input *input)
{
    const struct knx_message *message = input->message;
    if (message->mac.len == 0 || message->session == 0) {
        knx_end_set(client, BAS_ERR_IN_USE, false,
                    "the interface has no secure session free: end another client, or try again "
                    "later");
        client->end.status = KNX_E_NO_MORE_CONNECTIONS;
        knx_client_finish(client);
        return false;
    }
    if (!device_is_proven(client, message)) {
        knx_end_set(client, BAS_ERR_KEY, true,
                    "the interface does not know the device authentication code that we have for "
                    "it: the keyring is out of date or another interface's, or somebody is in "
                    "between");
        knx_client_finish(client);
        return false;
    }
    if (!agree(client, message)) {
        knx_client_drop(client, "SESSION_RESPONSE with a public key of low order: no secret can be "
                                "made of it");
        return false;
    }
    knx_client_put(client, &(struct knx_client_out){ .service = KNX_SESSION_AUTHENTICATE });
    knx_client_arm(client, KNX_TIMER_WAIT, client->config.session_status_ms);
    return true;
}

bool knx_session_authenticated(struct knx_client *client, const struct knx_client_input *input)
{
    bas_wipe(client->session.mac, sizeof(client->session.mac));
    const struct knx_client_event event = { .kind = KNX_CLIENT_EVENT_SESSION };
    knx_client_say(client, &event, NULL);
    return knx_client_connect(client, input);
}

bool knx_session_ended(struct knx_client *client, const struct knx_client_input *input)
{
    client->session.is_keyed = false; /* nothing more can be said in it */
    if (client->state != KNX_CLIENT_DISCONNECT) {
        knx_end_session_status(client, input->message->status);
    }
    knx_client_finish(client);
    return false;
}

bool knx_session_keepalive(struct knx_client *client, const struct knx_client_input *input)
{
    (void)input;
    knx_client_arm(client, KNX_TIMER_KEEPALIVE, client->config.keepalive_ms);
    if (client->n_out == 0) { /* what waits will do as well */
        knx_client_put(client, &(struct knx_client_out){ .service = KNX_SESSION_STATUS,
                                                         .status = KNX_SESSION_KEEPALIVE });
    }
    return true;
}

/*
 * Both directions use one key and count from 0: equal serial numbers would repeat the key stream
 * (spec 2.4). A server that sends ours gets another one from now on.
 */
static void part_serials(struct knx_client *client, const uint8_t *peer)
{
    uint8_t *own = client->session.serial;
    if (bas_equal_secret(own, peer, KNX_SERIAL_LEN)) {
        client->env.random(client->env.ctx, own, KNX_SERIAL_LEN);
        own[0] = (uint8_t)(peer[0] ^ 0x80);
        bas_log(&client->env, BAS_LOG_WARNING,
                "KNX IP Secure: the interface uses our serial number in its frames; we take "
                "another one, but the first frames can be read by others");
    }
}

bool knx_session_open(struct knx_client *client, struct bas_slice frame, struct bas_slice *inner)
{
    struct knx_client_session *session = &client->session;
    struct knx_wrapper wrapper;
    if (knx_wrapper_peek(frame, &wrapper) != BAS_OK) {
        knx_client_drop(client, "SECURE_WRAPPER that is malformed");
        return false;
    }
    if (!session->is_keyed || wrapper.session != session->id) {
        knx_client_drop(client, "SECURE_WRAPPER of session %u, which is not ours", wrapper.session);
        return false;
    }
    if (wrapper.sequence < session->recv_next) {
        knx_client_drop(client, "SECURE_WRAPPER with sequence number %llu, which was used before",
                        (unsigned long long)wrapper.sequence);
        return false;
    }
    bas_err err = knx_unwrap(&session->cipher, frame, client->scratch, inner);
    if (err == BAS_ERR_KEY) {
        knx_client_drop(client, "SECURE_WRAPPER with a wrong MAC");
        return false;
    }
    session->recv_next = wrapper.sequence + 1;
    part_serials(client, wrapper.serial);
    if (err != BAS_OK) {
        knx_client_drop(client, "SECURE_WRAPPER around what must not be wrapped");
        return false;
    }
    return true;
}

bool knx_session_seal(struct knx_client *client, size_t len, struct bas_slice *frame)
{
    struct knx_client_session *session = &client->session;
    if (session->send_next >= KNX_COUNTER_MAX) { /* spec 2.4: the session must end */
        session->is_keyed = false;
        knx_end_set(client, BAS_ERR_CLOSED, false,
                    "the sequence numbers of the secure session are used up: connect again");
        knx_client_finish(client);
        client->n_out = 0;
        return false;
    }
    struct knx_wrapper wrapper = { .session = session->id, .sequence = session->send_next++ };
    memcpy(wrapper.serial, session->serial, sizeof(wrapper.serial));
    struct bas_buf out;
    bas_buf_init(&out, client->sealed, sizeof(client->sealed));
    knx_wrap(&session->cipher, &wrapper, (struct bas_slice){ client->plain, len }, &out);
    *frame = (struct bas_slice){ out.data, out.len };
    return true;
}

void knx_session_wipe(struct knx_client *client)
{
    struct knx_client_session *session = &client->session;
    session->is_keyed = false;
    bas_wipe(&session->pair, sizeof(session->pair));
    bas_wipe(session->mac, sizeof(session->mac));
    bas_wipe(&session->cipher, sizeof(session->cipher));
}
