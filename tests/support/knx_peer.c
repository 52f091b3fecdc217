#include "knx_peer.h"

#include <string.h>

void knx_peer_begin(struct knx_peer *peer, enum knx_host_protocol transport, bool is_secure)
{
    memset(peer, 0, sizeof(*peer));
    test_env_init(&peer->t);
    peer->now = 1000 * BAS_SECOND;
    peer->config = (struct knx_client_config){
        .size = sizeof(struct knx_client_config),
        .transport = transport,
        .connection = KNX_CONNECTION_TUNNEL,
        .is_secure = is_secure,
        .user = PEER_USER,
        .user_key = { "user key of test" },
        .device_key = { "the device's key" },
        .serial = { 0, 0xFA, 1, 2, 3, 4 },
    };
    peer->wrapper =
        (struct knx_wrapper){ .session = PEER_SESSION, .serial = { 0, 0xC5, 9, 8, 7, 6 } };
}

void knx_peer_start(struct knx_peer *peer)
{
    peer->client = knx_client_new(&peer->t.env, &peer->config);
    assert_non_null(peer->client);
    knx_client_open(peer->client, peer->now);
}

void knx_peer_end(struct knx_peer *peer)
{
    knx_client_free(peer->client);
    test_env_check(&peer->t);
}

void knx_peer_gives_octets(struct knx_peer *peer, struct bas_slice octets)
{
    assert_true(octets.len <= sizeof(peer->input));
    memmove(peer->input, octets.data, octets.len); /* it must stay while events are taken */
    knx_client_recv(peer->client, (struct bas_slice){ peer->input, octets.len }, peer->now);
}

struct bas_slice knx_peer_frame(struct knx_peer *peer, const struct knx_message *message)
{
    struct bas_buf out;
    bas_buf_init(&out, peer->kept, sizeof(peer->kept));
    knx_message_encode(message, &out);
    assert_false(out.full);
    return (struct bas_slice){ out.data, out.len };
}

struct bas_slice knx_peer_seal(struct knx_peer *peer, struct bas_slice inner)
{
    struct bas_buf out;
    bas_buf_init(&out, peer->input, sizeof(peer->input));
    knx_wrap(&peer->cipher, &peer->wrapper, inner, &out);
    peer->wrapper.sequence++;
    assert_false(out.full);
    return (struct bas_slice){ out.data, out.len };
}

void knx_peer_gives(struct knx_peer *peer, const struct knx_message *message)
{
    struct bas_slice frame = knx_peer_frame(peer, message);
    knx_peer_gives_octets(peer, peer->is_keyed ? knx_peer_seal(peer, frame) : frame);
}

void knx_peer_answers_session(struct knx_peer *peer, const struct knx_key *device_key)
{
    uint8_t mac[KNX_MAC_LEN];
    struct knx_key key;
    knx_key_pair_make(&peer->t.env, &peer->pair);
    memcpy(peer->public_key, peer->pair.public_key, sizeof(peer->public_key));
    knx_response_mac(device_key, peer->wrapper.session, peer->client_key, peer->public_key, mac);
    assert_true(knx_agree(&peer->pair, peer->client_key, &key));
    knx_cipher_init(&peer->cipher, &key);
    const struct knx_message response = {
        .service = KNX_SESSION_RESPONSE,
        .session = peer->wrapper.session,
        .public_key = { peer->public_key, KNX_PUBLIC_KEY_LEN },
        .mac = { mac, sizeof(mac) },
    };
    peer->is_keyed = false;
    knx_peer_gives(peer, &response);
    peer->is_keyed = true;
}

void knx_peer_gives_status(struct knx_peer *peer, uint8_t status)
{
    knx_peer_gives(peer, &(struct knx_message){ .service = KNX_SESSION_STATUS, .status = status });
}

void knx_peer_gives_cemi(struct knx_peer *peer, const char *hex)
{
    bool is_tunnel = peer->config.connection == KNX_CONNECTION_TUNNEL;
    const struct knx_message message = {
        .service = is_tunnel ? KNX_TUNNELLING_REQUEST : KNX_DEVICE_CONFIGURATION_REQUEST,
        .channel = PEER_CHANNEL,
        .sequence = peer->sequence++,
        .payload = test_hex(hex),
    };
    knx_peer_gives(peer, &message);
}

void knx_peer_acks(struct knx_peer *peer, uint8_t sequence)
{
    bool is_tunnel = peer->config.connection == KNX_CONNECTION_TUNNEL;
    knx_peer_gives(peer,
                   &(struct knx_message){
                       .service = is_tunnel ? KNX_TUNNELLING_ACK : KNX_DEVICE_CONFIGURATION_ACK,
                       .channel = PEER_CHANNEL,
                       .sequence = sequence,
                   });
}

/* A wrapper of the client: in order, of our session, with its serial. */
static void open_wrapper(struct knx_peer *peer)
{
    struct knx_wrapper wrapper;
    assert_int_equal(knx_wrapper_peek(peer->raw, &wrapper), BAS_OK);
    assert_int_equal(wrapper.session, peer->wrapper.session);
    assert_int_equal(wrapper.sequence, peer->sealed++);
    assert_memory_equal(wrapper.serial, peer->config.serial, KNX_SERIAL_LEN);
    assert_int_equal(wrapper.tag, 0);
    assert_int_equal(knx_unwrap(&peer->cipher, peer->raw, peer->scratch, &peer->frame), BAS_OK);
}

struct knx_message knx_peer_gets(struct knx_peer *peer, enum knx_service service)
{
    struct knx_message message;
    assert_true(knx_client_next_frame(peer->client, &peer->raw, &peer->to));
    peer->frame = peer->raw;
    assert_int_equal(knx_message_decode(peer->frame, &message, NULL), BAS_OK);
    if (message.service == KNX_SECURE_WRAPPER) {
        open_wrapper(peer);
        assert_int_equal(knx_message_decode(peer->frame, &message, NULL), BAS_OK);
    } else {
        assert_true(!peer->config.is_secure || message.service == KNX_SESSION_REQUEST);
    }
    assert_string_equal(knx_service_name(message.service), knx_service_name(service));
    if (service == KNX_SESSION_REQUEST) {
        memcpy(peer->client_key, message.public_key.data, sizeof(peer->client_key));
    }
    return message;
}

void knx_peer_gets_nothing(struct knx_peer *peer)
{
    assert_false(knx_client_next_frame(peer->client, &peer->raw, &peer->to));
}

uint8_t knx_peer_gets_cemi(struct knx_peer *peer, const char *hex)
{
    bool is_tunnel = peer->config.connection == KNX_CONNECTION_TUNNEL;
    struct bas_slice wanted = test_hex(hex);
    struct knx_message message =
        knx_peer_gets(peer, is_tunnel ? KNX_TUNNELLING_REQUEST : KNX_DEVICE_CONFIGURATION_REQUEST);
    assert_int_equal(message.channel, PEER_CHANNEL);
    assert_int_equal(message.payload.len, wanted.len);
    assert_memory_equal(message.payload.data, wanted.data, wanted.len);
    return message.sequence;
}

const char *knx_peer_event_name(enum knx_client_event_kind kind)
{
    static const char *const names[] = {
        [KNX_CLIENT_EVENT_SESSION] = "SESSION",   [KNX_CLIENT_EVENT_UP] = "UP",
        [KNX_CLIENT_EVENT_TELEGRAM] = "TELEGRAM", [KNX_CLIENT_EVENT_CONFIRMED] = "CONFIRMED",
        [KNX_CLIENT_EVENT_FAILED] = "FAILED",     [KNX_CLIENT_EVENT_FEATURE] = "FEATURE",
        [KNX_CLIENT_EVENT_ANSWER] = "ANSWER",     [KNX_CLIENT_EVENT_DROPPED] = "DROPPED",
        [KNX_CLIENT_EVENT_DOWN] = "DOWN",
    };
    return names[kind];
}

struct knx_client_event knx_peer_hears(struct knx_peer *peer, enum knx_client_event_kind kind)
{
    struct knx_client_event event;
    assert_true(knx_client_next_event(peer->client, &event));
    if (event.kind != kind) {
        print_message("# %s\n", event.fault->text);
    }
    assert_string_equal(knx_peer_event_name(event.kind), knx_peer_event_name(kind));
    return event;
}

void knx_peer_hears_nothing(struct knx_peer *peer)
{
    struct knx_client_event event;
    if (knx_client_next_event(peer->client, &event)) {
        fail_msg("%s: %s", knx_peer_event_name(event.kind), event.fault->text);
    }
}

struct knx_client_event knx_peer_hears_down(struct knx_peer *peer, bas_err err, const char *words)
{
    struct knx_client_event event = knx_peer_hears(peer, KNX_CLIENT_EVENT_DOWN);
    assert_int_equal(event.fault->err, err);
    if (strstr(event.fault->text, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", event.fault->text, words);
    }
    assert_true(strlen(event.fault->text) < BAS_FAULT_TEXT - 1); /* it was not cut */
    assert_int_equal(knx_client_state(peer->client), KNX_CLIENT_IDLE);
    assert_int_equal(knx_client_deadline(peer->client), BAS_NEVER);
    knx_peer_hears_nothing(peer);
    return event;
}

void knx_peer_waits(struct knx_peer *peer, uint32_t ms)
{
    bas_time end = peer->now + (bas_time)ms * BAS_MILLISECOND;
    while (knx_client_deadline(peer->client) < end) {
        bas_time due = knx_client_deadline(peer->client);
        assert_true(due > peer->now); /* else the test has not taken an event, or nothing moves */
        peer->now = due;
        knx_client_tick(peer->client, peer->now);
    }
    peer->now = end;
    knx_client_tick(peer->client, peer->now);
}

uint32_t knx_peer_sends(struct knx_peer *peer, const char *hex)
{
    uint32_t id = 0;
    assert_int_equal(knx_client_send(peer->client, test_hex(hex), peer->now, &id), BAS_OK);
    assert_int_not_equal(id, 0);
    return id;
}

void knx_peer_authenticates(struct knx_peer *peer)
{
    (void)knx_peer_gets(peer, KNX_SESSION_REQUEST);
    knx_peer_answers_session(peer, &peer->config.device_key);
    (void)knx_peer_gets(peer, KNX_SESSION_AUTHENTICATE);
    knx_peer_gives_status(peer, KNX_SESSION_AUTHENTICATION_SUCCESS);
    (void)knx_peer_hears(peer, KNX_CLIENT_EVENT_SESSION);
    knx_peer_hears_nothing(peer);
}

void knx_peer_connects(struct knx_peer *peer)
{
    bool is_tunnel = peer->config.connection == KNX_CONNECTION_TUNNEL;
    if (peer->config.is_secure) {
        knx_peer_authenticates(peer);
    }
    (void)knx_peer_gets(peer, KNX_CONNECT_REQUEST);
    const struct knx_message response = {
        .service = KNX_CONNECT_RESPONSE,
        .channel = PEER_CHANNEL,
        .data = { .protocol = (uint8_t)peer->config.transport },
        .cri = { .type = (uint8_t)peer->config.connection,
                 .has_address = is_tunnel,
                 .address = is_tunnel ? PEER_ADDRESS : 0 },
    };
    knx_peer_gives(peer, &response);
    struct knx_client_event event = knx_peer_hears(peer, KNX_CLIENT_EVENT_UP);
    assert_int_equal(event.channel, PEER_CHANNEL);
    assert_int_equal(event.address, is_tunnel ? PEER_ADDRESS : 0);
    knx_peer_hears_nothing(peer);
}
