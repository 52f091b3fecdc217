#include "knx_visitor.h"

#include <stdlib.h>
#include <string.h>

/* The house */

static struct knx_key key_of(uint8_t octet)
{
    struct knx_key key;
    memset(key.octets, octet, sizeof(key.octets));
    return key;
}

void house_begin(struct house *h)
{
    static const struct knx_server_tunnel tunnels[HOUSE_TUNNELS] = {
        { TUNNEL_A, 2 }, { TUNNEL_B, 2 }, { TUNNEL_C, 3 }, { TUNNEL_D, 0 }
    };
    *h = (struct house){ .now = 1000 * BAS_SECOND };
    test_env_init(&h->t);
    memcpy(h->tunnels, tunnels, sizeof(tunnels));
    for (uint8_t i = 0; i < HOUSE_USERS; i++) {
        h->users[i] = (struct knx_server_user){ (uint8_t)(i + 1), key_of((uint8_t)(0x10 + i)) };
    }
    h->config = (struct knx_server_config){
        .size = sizeof(h->config),
        .info = { .medium = 0x20,
                  .address = 0x1100,
                  .installation = 0x0123,
                  .serial = { 0x00, 0xFA, 0xAA, 0xAA, 0xAA, 0xAA },
                  .multicast = { 224, 0, 23, 12 },
                  .mac = { 2, 0, 0, 0, 0, 1 },
                  .name = "house" },
        .manufacturer = 0x00FA,
        .endpoint = { { 192, 0, 2, 1 }, KNX_PORT },
        .tunnelling_is_secured = true,
        .management_is_secured = true,
        .has_device_key = true,
        .device_key = key_of(0xDE),
        .users = h->users,
        .n_users = HOUSE_USERS,
        .tunnels = h->tunnels,
        .n_tunnels = HOUSE_TUNNELS,
    };
}

void house_open(struct house *h)
{
    h->server = knx_server_new(&h->t.env, &h->config);
    assert_non_null(h->server);
}

void house_open_plain(struct house *h)
{
    house_begin(h);
    h->config.tunnelling_is_secured = false;
    h->config.management_is_secured = false;
    house_open(h);
}

void house_open_secured(struct house *h)
{
    house_begin(h);
    house_open(h);
}

void house_end(struct house *h)
{
    knx_server_free(h->server);
    test_env_check(&h->t);
}

struct knx_server_event house_says(struct house *h, enum knx_server_event_kind kind)
{
    struct knx_server_event event = { 0 };
    assert_true(knx_server_next_event(h->server, &event));
    if (event.kind != kind) {
        fail_msg("event %d instead of %d: %s", event.kind, kind,
                 event.fault != NULL ? event.fault->text : "no fault");
    }
    return event;
}

void house_says_nothing(struct house *h)
{
    struct knx_server_event event = { 0 };
    if (knx_server_next_event(h->server, &event)) {
        fail_msg("event %d: %s", event.kind, event.fault != NULL ? event.fault->text : "no fault");
    }
}

void house_ignore_events(struct house *h)
{
    struct knx_server_event event;
    while (knx_server_next_event(h->server, &event)) {
    }
}

void house_ignore_frames(struct house *h)
{
    struct knx_server_frame frame;
    while (knx_server_next_frame(h->server, &frame)) {
    }
}

void house_sends_nothing(struct house *h)
{
    struct knx_server_frame frame = { 0 };
    if (knx_server_next_frame(h->server, &frame)) {
        char text[256];
        struct bas_buf out;
        bas_buf_init(&out, text, sizeof(text));
        bas_buf_add_hex(&out, frame.octets);
        fail_msg("a frame to connection %u: %s", frame.connection, bas_buf_text(&out));
    }
}

void house_waits(struct house *h, uint32_t ms)
{
    h->now += ms * BAS_MILLISECOND;
    knx_server_tick(h->server, h->now);
}

struct knx_server_counts house_counts(const struct house *h)
{
    return knx_server_counts(h->server);
}

/* Who comes */

struct visitor visitor_udp(struct house *h, uint8_t host)
{
    return (struct visitor){ .house = h,
                             .self = { { 192, 0, 2, host }, 40000 },
                             .serial = { 0, 0, 0, 0, 1, host } };
}

struct visitor visitor_tcp(struct house *h, uint8_t host)
{
    struct visitor v = visitor_udp(h, host);
    assert_int_equal(knx_server_accept(h->server, &v.self, h, h->now, &v.connection), BAS_OK);
    assert_int_not_equal(v.connection, 0);
    return v;
}

struct visitor visitor_again(const struct visitor *v)
{
    struct visitor other = { .house = v->house, .connection = v->connection, .self = v->self };
    memcpy(other.serial, v->serial, sizeof(other.serial));
    other.serial[0] = 0x77;
    return other;
}

void visitor_leaves(struct visitor *v)
{
    knx_server_lost(v->house->server, v->connection, v->house->now);
}

/* Frames */

void visitor_sends_octets(struct visitor *v, struct bas_slice octets)
{
    struct house *h = v->house;
    uint8_t *exact = malloc(octets.len != 0 ? octets.len : 1); /* a read behind its end is seen */
    assert_non_null(exact);
    memcpy(exact, octets.data, octets.len);
    const struct bas_slice copy = { exact, octets.len };
    if (v->connection != 0) {
        knx_server_recv(h->server, v->connection, copy, h->now);
    } else {
        knx_server_datagram(h->server, &v->self, copy, h->now);
    }
    free(exact);
}

void visitor_sends_hex(struct visitor *v, const char *hex)
{
    visitor_sends_octets(v, test_hex(hex));
}

void visitor_seals(struct visitor *v, struct bas_slice inner, struct bas_buf *out)
{
    struct knx_wrapper wrapper = { .session = v->session, .sequence = v->sends++ };
    memcpy(wrapper.serial, v->serial, sizeof(wrapper.serial));
    knx_wrap(&v->cipher, &wrapper, inner, out);
    assert_false(out->full);
}

void visitor_sends(struct visitor *v, const struct knx_message *message)
{
    uint8_t plain[KNX_MAX_FRAME];
    uint8_t sealed[KNX_MAX_FRAME];
    struct bas_buf out;
    bas_buf_init(&out, plain, sizeof(plain));
    knx_message_encode(message, &out);
    assert_false(out.full);
    struct bas_slice frame = { out.data, out.len };
    if (v->session != 0) {
        bas_buf_init(&out, sealed, sizeof(sealed));
        visitor_seals(v, frame, &out);
        frame = (struct bas_slice){ out.data, out.len };
    }
    visitor_sends_octets(v, frame);
}

struct bas_slice visitor_gets_octets(struct visitor *v)
{
    struct knx_server_frame frame = { 0 };
    assert_true(knx_server_next_frame(v->house->server, &frame));
    assert_int_equal(frame.connection, v->connection);
    assert_memory_equal(frame.to.address, v->self.address, sizeof(frame.to.address));
    assert_int_equal(frame.to.port, v->self.port);
    return frame.octets;
}

static struct bas_slice unwrap(struct visitor *v, struct bas_slice frame)
{
    struct knx_wrapper wrapper;
    struct bas_slice inner = { NULL, 0 };
    assert_int_equal(knx_wrapper_peek(frame, &wrapper), BAS_OK);
    assert_int_equal(wrapper.session, v->session);
    assert_int_equal(wrapper.sequence, v->expects);
    v->expects++;
    memcpy(v->server_serial, wrapper.serial, sizeof(v->server_serial));
    assert_int_equal(knx_unwrap(&v->cipher, frame, v->house->opened, &inner), BAS_OK);
    return inner;
}

struct knx_message visitor_gets(struct visitor *v, enum knx_service service)
{
    struct knx_message message = { 0 };
    struct bas_slice frame = visitor_gets_octets(v);
    if (v->session != 0) {
        frame = unwrap(v, frame);
    }
    assert_int_equal(knx_message_decode(frame, &message, NULL), BAS_OK);
    if (message.service != service) {
        fail_msg("%s instead of %s", knx_service_name(message.service), knx_service_name(service));
    }
    return message;
}

/* Sessions */

static struct knx_key_pair pair_of(struct visitor *v)
{
    struct knx_key_pair pair;
    knx_key_pair_make(&v->house->t.env, &pair);
    memcpy(v->x, pair.public_key, sizeof(v->x));
    return pair;
}

static void send_request(struct visitor *v)
{
    const struct knx_message request = { .service = KNX_SESSION_REQUEST,
                                         .control = { .protocol = KNX_TCP },
                                         .public_key = { v->x, sizeof(v->x) } };
    v->session = 0;
    visitor_sends(v, &request);
}

void visitor_asks_for_session(struct visitor *v)
{
    (void)pair_of(v);
    send_request(v);
}

void visitor_begins_session(struct visitor *v)
{
    uint8_t mac[KNX_MAC_LEN];
    struct knx_key key;
    struct knx_key_pair pair = pair_of(v);
    send_request(v);
    struct knx_message response = visitor_gets(v, KNX_SESSION_RESPONSE);
    assert_int_not_equal(response.session, 0);
    memcpy(v->y, response.public_key.data, sizeof(v->y));
    knx_response_mac(&v->house->config.device_key, response.session, v->x, v->y, mac);
    assert_memory_equal(mac, response.mac.data, sizeof(mac));
    assert_true(knx_agree(&pair, v->y, &key));
    knx_cipher_init(&v->cipher, &key);
    v->session = response.session;
    v->sends = 0;
    v->expects = 0;
}

void visitor_authenticates(struct visitor *v, uint8_t user, const struct knx_key *key)
{
    uint8_t mac[KNX_MAC_LEN];
    knx_authenticate_mac(key, user, v->x, v->y, mac);
    const struct knx_message message = { .service = KNX_SESSION_AUTHENTICATE,
                                         .user = user,
                                         .mac = { mac, sizeof(mac) } };
    visitor_sends(v, &message);
}

uint8_t visitor_gets_status(struct visitor *v)
{
    return visitor_gets(v, KNX_SESSION_STATUS).status;
}

void visitor_sends_status(struct visitor *v, uint8_t status)
{
    const struct knx_message message = { .service = KNX_SESSION_STATUS, .status = status };
    visitor_sends(v, &message);
}

void visitor_enters(struct visitor *v, uint8_t user)
{
    visitor_begins_session(v);
    visitor_authenticates(v, user, &v->house->users[user - 1].key);
    assert_int_equal(visitor_gets_status(v), KNX_SESSION_AUTHENTICATION_SUCCESS);
    struct knx_server_event up = house_says(v->house, KNX_SERVER_EVENT_SESSION_UP);
    assert_int_equal(up.session, v->session);
    assert_int_equal(up.user, user);
    assert_int_equal(up.connection, v->connection);
}

struct visitor visitor_secure(struct house *h, uint8_t host, uint8_t user)
{
    struct visitor v = visitor_tcp(h, host);
    visitor_enters(&v, user);
    return v;
}

/* Channels */

struct knx_hpai visitor_hpai(const struct visitor *v)
{
    struct knx_hpai hpai = { .protocol = KNX_TCP };
    if (v->connection == 0) {
        hpai.protocol = KNX_UDP;
        memcpy(hpai.address, v->self.address, sizeof(hpai.address));
        hpai.port = v->self.port;
    }
    return hpai;
}

struct knx_cri tunnel_cri(void)
{
    return (struct knx_cri){ .type = KNX_CONNECTION_TUNNEL, .layer = KNX_LAYER_LINK };
}

struct knx_cri tunnel_cri_to(knx_ia address)
{
    return (struct knx_cri){ .type = KNX_CONNECTION_TUNNEL,
                             .layer = KNX_LAYER_LINK,
                             .has_address = true,
                             .address = address };
}

struct knx_cri management_cri(void)
{
    return (struct knx_cri){ .type = KNX_CONNECTION_MANAGEMENT };
}

static struct knx_message connect(struct visitor *v, struct knx_cri cri)
{
    const struct knx_message request = { .service = KNX_CONNECT_REQUEST,
                                         .control = visitor_hpai(v),
                                         .data = visitor_hpai(v),
                                         .cri = cri };
    visitor_sends(v, &request);
    return visitor_gets(v, KNX_CONNECT_RESPONSE);
}

unsigned visitor_asks_for(struct visitor *v, struct knx_cri cri)
{
    struct knx_message response = connect(v, cri);
    assert_true(response.status == KNX_E_NO_ERROR || response.channel == 0);
    return response.status;
}

knx_ia visitor_connects(struct visitor *v, struct knx_cri cri)
{
    struct knx_message response = connect(v, cri);
    assert_int_equal(response.status, KNX_E_NO_ERROR);
    assert_int_not_equal(response.channel, 0);
    assert_int_equal(response.cri.type, cri.type);
    v->channel = response.channel;
    struct knx_server_event up = house_says(v->house, KNX_SERVER_EVENT_CHANNEL_UP);
    assert_int_equal(up.address, response.cri.address);
    assert_int_equal(up.session, v->session);
    return response.cri.address;
}

static unsigned ask(struct visitor *v, enum knx_service request, enum knx_service response)
{
    const struct knx_message message = { .service = (uint16_t)request,
                                         .channel = v->channel,
                                         .control = visitor_hpai(v) };
    visitor_sends(v, &message);
    struct knx_message answer = visitor_gets(v, response);
    assert_int_equal(answer.channel, v->channel);
    return answer.status;
}

unsigned visitor_disconnects(struct visitor *v)
{
    return ask(v, KNX_DISCONNECT_REQUEST, KNX_DISCONNECT_RESPONSE);
}

unsigned visitor_asks_state(struct visitor *v)
{
    return ask(v, KNX_CONNECTIONSTATE_REQUEST, KNX_CONNECTIONSTATE_RESPONSE);
}

/* As test_hex, for those that do it very often: into memory of the caller. */
static struct bas_slice hex(const char *text, uint8_t memory[KNX_MAX_CEMI])
{
    size_t len = KNX_MAX_CEMI;
    assert_int_equal(bas_hex_decode(text, memory, &len), BAS_OK);
    return (struct bas_slice){ memory, len };
}

void visitor_tunnels(struct visitor *v, uint8_t sequence, const char *cemi)
{
    uint8_t memory[KNX_MAX_CEMI];
    const struct knx_message message = { .service = KNX_TUNNELLING_REQUEST,
                                         .channel = v->channel,
                                         .sequence = sequence,
                                         .payload = hex(cemi, memory) };
    visitor_sends(v, &message);
}

void visitor_gets_telegram(struct visitor *v, const char *cemi)
{
    uint8_t memory[KNX_MAX_CEMI];
    struct bas_slice wanted = hex(cemi, memory);
    struct knx_message message = visitor_gets(v, KNX_TUNNELLING_REQUEST);
    assert_int_equal(message.channel, v->channel);
    assert_int_equal(message.payload.len, wanted.len);
    assert_memory_equal(message.payload.data, wanted.data, wanted.len);
}

void visitor_gets_ack(struct visitor *v, uint8_t sequence, uint8_t status)
{
    struct knx_message ack = visitor_gets(v, KNX_TUNNELLING_ACK);
    assert_int_equal(ack.channel, v->channel);
    assert_int_equal(ack.sequence, sequence);
    assert_int_equal(ack.status, status);
}

void bus_indicates(struct house *h, const char *cemi)
{
    uint8_t memory[KNX_MAX_CEMI];
    knx_server_indicate(h->server, hex(cemi, memory), 0, h->now);
}

void visitor_acknowledges(struct visitor *v, uint8_t sequence)
{
    const struct knx_message ack = { .service = KNX_TUNNELLING_ACK,
                                     .channel = v->channel,
                                     .sequence = sequence };
    visitor_sends(v, &ack);
}
