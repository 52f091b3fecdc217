/*
 * The KNXnet/IP server engine under arbitrary commands: each octet picks one (accept, pieces of
 * streams, datagrams, good and bad wrappers made with the known key, what the owner does, time),
 * the octets behind it are its parameters. The first octet says what is secured.
 */
#include "knx/server/server.h"

#include "wire/rd.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

enum {
    CONNECTIONS = 6,
    SESSIONS = 8,
    USERS = 3,
    TUNNELS = 4,
    MAX_STEPS = 2000,
    MAX_ALIVE = 64,
    FIRST_TUNNEL = 0x110A
};

struct memory {
    size_t live;
    size_t allocations;
    uint8_t random;
};

/* A session as its client sees it. */
struct session {
    uint16_t id; /* 0: none */
    knx_conn_id connection;
    uint64_t sends;
    uint64_t expects;
};

struct world {
    struct memory memory;
    struct bas_env env;
    struct rd input;
    struct knx_server_user users[USERS];
    struct knx_server_tunnel tunnels[TUNNELS];
    struct knx_server_config config;
    struct knx_server_preset preset;
    struct knx_cipher cipher;
    struct knx_server *server;
    bas_time now;
    knx_conn_id connections[CONNECTIONS]; /* 0: not there */
    bool is_closing[CONNECTIONS];
    struct session sessions[SESSIONS];
    knx_channel_id alive[MAX_ALIVE];
    knx_channel_id last_channel;
    uint8_t cemi[KNX_MAX_CEMI];
    size_t cemi_len;
};

static void *count_alloc(void *ctx, size_t len)
{
    struct memory *m = ctx;
    m->live += len;
    m->allocations++;
    return calloc(1, len);
}

static void count_release(void *ctx, void *memory, size_t len)
{
    struct memory *m = ctx;
    m->live -= len;
    free(memory);
}

static void count_random(void *ctx, uint8_t *out, size_t len)
{
    struct memory *m = ctx;
    for (size_t i = 0; i < len; i++) {
        out[i] = ++m->random;
    }
}

static void no_log(void *ctx, enum bas_log_level level, const char *text)
{
    (void)ctx;
    (void)level;
    FUZZ_CHECK(strlen(text) < 512);
}

/* What the server says */

static knx_channel_id *alive_of(struct world *w, knx_channel_id channel)
{
    for (size_t i = 0; i < MAX_ALIVE; i++) {
        if (w->alive[i] == channel) {
            return &w->alive[i];
        }
    }
    return NULL;
}

static void replace_alive(struct world *w, knx_channel_id old, knx_channel_id channel)
{
    knx_channel_id *place = alive_of(w, old);
    if (place == NULL) {
        abort();
    }
    *place = channel;
}

static void look_at_telegram(struct world *w, const struct knx_server_event *event)
{
    struct knx_cemi cemi;
    FUZZ_CHECK(knx_cemi_decode(event->cemi, &cemi, NULL) == BAS_OK);
    FUZZ_CHECK(cemi.code == KNX_L_DATA_REQ && cemi.source == event->address);
    FUZZ_CHECK(((cemi.control1 & KNX_CONTROL1_STANDARD) != 0) == (cemi.tpdu.len <= 16));
    FUZZ_CHECK(event->cemi.len <= KNX_SERVER_MAX_TELEGRAM);
    memcpy(w->cemi, event->cemi.data, event->cemi.len);
    w->cemi_len = event->cemi.len;
    w->last_channel = event->channel;
}

static void look_at_event(struct world *w, const struct knx_server_event *event)
{
    FUZZ_CHECK(event->fault == NULL || strlen(event->fault->text) < sizeof(event->fault->text));
    switch (event->kind) {
    case KNX_SERVER_EVENT_CHANNEL_UP:
        FUZZ_CHECK(alive_of(w, event->channel) == NULL);
        replace_alive(w, 0, event->channel);
        w->last_channel = event->channel;
        break;
    case KNX_SERVER_EVENT_CHANNEL_DOWN:
        replace_alive(w, event->channel, 0);
        break;
    case KNX_SERVER_EVENT_TELEGRAM:
        FUZZ_CHECK(alive_of(w, event->channel) != NULL);
        look_at_telegram(w, event);
        break;
    case KNX_SERVER_EVENT_MANAGEMENT:
        FUZZ_CHECK(alive_of(w, event->channel) != NULL);
        break;
    case KNX_SERVER_EVENT_CLOSE:
        for (size_t i = 0; i < CONNECTIONS; i++) {
            w->is_closing[i] = w->is_closing[i] || w->connections[i] == event->connection;
        }
        break;
    case KNX_SERVER_EVENT_SESSION_UP:
        FUZZ_CHECK(event->user >= 1 && event->user <= USERS);
        break;
    case KNX_SERVER_EVENT_SESSION_DOWN:
    case KNX_SERVER_EVENT_REFUSED:
    case KNX_SERVER_EVENT_DROPPED:
        break;
    }
}

static struct session *session_of(struct world *w, uint16_t id)
{
    for (size_t i = 0; i < SESSIONS; i++) {
        if (w->sessions[i].id == id) {
            return &w->sessions[i];
        }
    }
    return NULL;
}

/* The newest take the place of the oldest; those are not looked into any more. */
static void note_session(struct world *w, knx_conn_id connection, uint16_t id)
{
    memmove(w->sessions + 1, w->sessions, sizeof(w->sessions) - sizeof(w->sessions[0]));
    w->sessions[0] = (struct session){ .id = id, .connection = connection };
}

static void look_at_wrapper(struct world *w, const struct knx_server_frame *frame)
{
    struct knx_wrapper wrapper;
    uint8_t scratch[KNX_MAX_FRAME];
    struct bas_slice inner;
    struct knx_message message;
    FUZZ_CHECK(knx_wrapper_peek(frame->octets, &wrapper) == BAS_OK);
    struct session *session = session_of(w, wrapper.session);
    if (session == NULL) {
        return;
    }
    FUZZ_CHECK(session->connection == frame->connection);
    FUZZ_CHECK(wrapper.sequence >= session->expects); /* no number twice */
    session->expects = wrapper.sequence + 1;
    FUZZ_CHECK(knx_unwrap(&w->cipher, frame->octets, scratch, &inner) == BAS_OK);
    FUZZ_CHECK(knx_message_decode(inner, &message, NULL) == BAS_OK);
}

static void look_at_frame(struct world *w, const struct knx_server_frame *frame)
{
    struct knx_message message;
    FUZZ_CHECK(knx_message_decode(frame->octets, &message, NULL) == BAS_OK);
    if (message.service == KNX_SECURE_WRAPPER) {
        look_at_wrapper(w, frame);
    } else if (message.service == KNX_SESSION_RESPONSE) {
        FUZZ_CHECK(frame->connection != 0 && message.session != 0);
        note_session(w, frame->connection, message.session);
    }
}

static void drain(struct world *w)
{
    struct knx_server_event event;
    struct knx_server_frame frame;
    while (knx_server_next_event(w->server, &event)) {
        look_at_event(w, &event);
    }
    while (knx_server_next_frame(w->server, &frame)) {
        look_at_frame(w, &frame);
    }
}

/* What happens to it */

static struct bas_slice take_piece(struct world *w)
{
    size_t len = rd_u8(&w->input);
    len = len < rd_left(&w->input) ? len : rd_left(&w->input);
    return rd_take(&w->input, len);
}

static knx_conn_id take_connection(struct world *w)
{
    return w->connections[rd_u8(&w->input) % CONNECTIONS];
}

static void give(struct world *w, knx_conn_id connection, struct bas_slice octets)
{
    const struct knx_endpoint from = { { 192, 0, 2, 10 }, 40000 };
    uint8_t *exact = malloc(octets.len + 1);
    FUZZ_CHECK(exact != NULL);
    if (octets.len != 0) {
        memcpy(exact, octets.data, octets.len);
    }
    const struct bas_slice copy = { exact, octets.len };
    if (connection != 0) {
        knx_server_recv(w->server, connection, copy, w->now);
    } else {
        knx_server_datagram(w->server, &from, copy, w->now);
    }
    free(exact);
}

static void do_accept(struct world *w)
{
    size_t at = rd_u8(&w->input) % CONNECTIONS;
    const struct knx_endpoint peer = { { 192, 0, 2, (uint8_t)at }, 50000 };
    if (w->connections[at] == 0) {
        bas_err err = knx_server_accept(w->server, &peer, NULL, w->now, &w->connections[at]);
        FUZZ_CHECK((err == BAS_OK) == (w->connections[at] != 0));
        w->is_closing[at] = false;
    }
}

static void do_lose(struct world *w)
{
    size_t at = rd_u8(&w->input) % CONNECTIONS;
    knx_server_lost(w->server, w->connections[at], w->now);
    w->connections[at] = 0;
}

static void do_octets(struct world *w)
{
    knx_conn_id connection = take_connection(w);
    give(w, connection, take_piece(w));
}

static void do_datagram(struct world *w)
{
    give(w, 0, take_piece(w));
}

/* A frame plainly or in a session; sometimes cut, replayed or spoilt. */
static void deliver(struct world *w, knx_conn_id connection, struct bas_slice frame)
{
    uint8_t memory[KNX_MAX_FRAME + KNX_WRAPPER_OVERHEAD];
    unsigned how = rd_u8(&w->input);
    struct session *session = &w->sessions[how % SESSIONS];
    struct bas_buf out;
    if (how < 64 || session->id == 0) {
        give(w, connection, frame);
        return;
    }
    struct knx_wrapper wrapper = { .session = session->id, .sequence = session->sends };
    session->sends += how < 240;
    wrapper.serial[5] = (uint8_t)(how >= 250); /* zero, or that of the server after all */
    bas_buf_init(&out, memory, sizeof(memory));
    knx_wrap(&w->cipher, &wrapper, frame, &out);
    FUZZ_CHECK(!out.full);
    if (how == 255) {
        out.data[rd_u8(&w->input) % out.len] ^= 1;
    }
    give(w, session->connection, (struct bas_slice){ out.data, out.len });
}

static void send_message(struct world *w, knx_conn_id connection, const struct knx_message *message)
{
    uint8_t memory[KNX_MAX_FRAME];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_message_encode(message, &out);
    if (!out.full) {
        deliver(w, connection, (struct bas_slice){ out.data, out.len });
    }
}

static struct knx_hpai hpai_of(bool is_tcp)
{
    return (struct knx_hpai){ .protocol = is_tcp ? KNX_TCP : KNX_UDP };
}

/* Any service, its members from the input. */
static void do_message(struct world *w)
{
    static const uint16_t services[] = {
        KNX_SEARCH_REQUEST,           KNX_DESCRIPTION_REQUEST,
        KNX_SEARCH_REQUEST_EXTENDED,  KNX_CONNECT_REQUEST,
        KNX_CONNECTIONSTATE_REQUEST,  KNX_DISCONNECT_REQUEST,
        KNX_DISCONNECT_RESPONSE,      KNX_DEVICE_CONFIGURATION_REQUEST,
        KNX_DEVICE_CONFIGURATION_ACK, KNX_TUNNELLING_REQUEST,
        KNX_TUNNELLING_ACK,           KNX_TUNNELLING_FEATURE_GET,
        KNX_TUNNELLING_FEATURE_SET,   KNX_SESSION_STATUS,
        KNX_ROUTING_INDICATION,
    };
    knx_conn_id connection = take_connection(w);
    struct knx_message message = { .service =
                                       services[rd_u8(&w->input) % BAS_ARRAY_LEN(services)] };
    uint8_t what = rd_u8(&w->input);
    message.control = hpai_of(connection != 0);
    message.data = message.control;
    message.channel = (uint8_t)(1 + what % 6);
    message.sequence = (uint8_t)(what >> 4);
    message.feature = (uint8_t)(what % 10);
    message.status = (uint8_t)(message.service == KNX_SESSION_STATUS ? what % 7 : 0);
    message.cri.type = what % 3 == 0 ? KNX_CONNECTION_MANAGEMENT : KNX_CONNECTION_TUNNEL;
    message.cri.layer = what < 240 ? KNX_LAYER_LINK : KNX_LAYER_BUSMONITOR;
    message.cri.has_address = what % 5 == 0;
    message.cri.address = (knx_ia)(FIRST_TUNNEL + what % 6);
    if (message.service != KNX_CONNECT_REQUEST) {
        message.payload = take_piece(w);
    }
    send_message(w, connection, &message);
}

static void do_tunnel(struct world *w)
{
    uint8_t memory[KNX_MAX_CEMI];
    uint8_t what = rd_u8(&w->input);
    struct bas_slice tpdu = take_piece(w);
    struct bas_buf out;
    static const uint8_t one[] = { 0x00, 0x81 };
    struct knx_cemi cemi = knx_cemi_group(KNX_L_DATA_REQ, 0, 0x0901,
                                          tpdu.len != 0 ? tpdu : (struct bas_slice){ one, 2 });
    bas_buf_init(&out, memory, sizeof(memory));
    knx_cemi_encode(&cemi, &out);
    const struct knx_message message = { .service = KNX_TUNNELLING_REQUEST,
                                         .channel = (uint8_t)(1 + what % 6),
                                         .sequence = (uint8_t)(what >> 4),
                                         .payload = { out.data, out.len } };
    if (!out.full) {
        send_message(w, take_connection(w), &message);
    }
}

static void do_property(struct world *w)
{
    uint8_t memory[KNX_MAX_CEMI];
    struct bas_buf out;
    uint8_t what = rd_u8(&w->input);
    struct knx_cemi cemi = { .code = what % 2 == 0 ? KNX_M_PROP_READ_REQ : KNX_M_PROP_WRITE_REQ,
                             .object_type = (uint16_t)(what % 3 == 0 ? 11 : what % 4),
                             .object_instance = 1,
                             .property = rd_u8(&w->input),
                             .elements = (uint8_t)(what >> 4),
                             .start_index = rd_u8(&w->input) };
    cemi.data = what % 2 == 0 ? cemi.data : take_piece(w);
    bas_buf_init(&out, memory, sizeof(memory));
    knx_cemi_encode(&cemi, &out);
    const struct knx_message message = { .service = KNX_DEVICE_CONFIGURATION_REQUEST,
                                         .channel = (uint8_t)(1 + what % 6),
                                         .sequence = (uint8_t)(what >> 4),
                                         .payload = { out.data, out.len } };
    send_message(w, take_connection(w), &message);
}

static void do_session(struct world *w)
{
    static const uint8_t x[KNX_PUBLIC_KEY_LEN] = { 9 };
    knx_conn_id connection = take_connection(w);
    const struct knx_message message = { .service = KNX_SESSION_REQUEST,
                                         .control = hpai_of(connection != 0),
                                         .public_key = { x, sizeof(x) } };
    w->preset.session = (uint16_t)(w->preset.session % 0xFFFF + 1);
    send_message(w, connection, &message);
    drain(w);
}

static void do_authenticate(struct world *w)
{
    static const uint8_t x[KNX_PUBLIC_KEY_LEN] = { 9 };
    uint8_t mac[KNX_MAC_LEN];
    uint8_t what = rd_u8(&w->input);
    uint8_t user = (uint8_t)(what % (USERS + 1));
    knx_authenticate_mac(&w->users[what % USERS].key, user, x, w->preset.y, mac);
    const struct knx_message message = { .service = KNX_SESSION_AUTHENTICATE,
                                         .user = user,
                                         .mac = { mac, sizeof(mac) } };
    send_message(w, take_connection(w), &message);
}

/* The same as good clients do it: they know what the server knows. */

static void send_as(struct world *w, const struct knx_way *way, const struct knx_message *message)
{
    uint8_t plain[KNX_MAX_FRAME];
    uint8_t sealed[KNX_MAX_FRAME + KNX_WRAPPER_OVERHEAD];
    struct bas_buf out;
    bas_buf_init(&out, plain, sizeof(plain));
    knx_message_encode(message, &out);
    struct bas_slice frame = { out.data, out.len };
    knx_conn_id connection = way->conn != NULL ? way->conn->id : 0;
    if (out.full) {
        return;
    }
    if (way->session != NULL) {
        struct session *session = session_of(w, way->session->id);
        const struct knx_wrapper wrapper = { .session = way->session->id,
                                             .sequence = way->session->expects };
        bas_buf_init(&out, sealed, sizeof(sealed));
        knx_wrap(&w->cipher, &wrapper, frame, &out);
        frame = (struct bas_slice){ out.data, out.len };
        if (session != NULL) {
            session->sends = wrapper.sequence + 1;
        }
    }
    give(w, connection, frame);
}

/* The next open channel from a random one on, or NULL. */
static struct knx_server_channel *some_channel(struct world *w)
{
    uint32_t max = w->server->config.max_channels;
    uint32_t at = rd_u8(&w->input);
    for (uint32_t i = 0; i < max; i++) {
        struct knx_server_channel *channel = &w->server->channels[(at + i) % max];
        if (channel->id != 0) {
            return channel;
        }
    }
    return NULL;
}

static struct knx_server_session *some_session(struct world *w, enum knx_session_state state)
{
    uint32_t max = w->server->config.max_sessions;
    uint32_t at = rd_u8(&w->input);
    for (uint32_t i = 0; i < max; i++) {
        struct knx_server_session *session = &w->server->sessions[(at + i) % max];
        if (session->state == state) {
            return session;
        }
    }
    return NULL;
}

static void do_good_authenticate(struct world *w)
{
    struct knx_server_session *session = some_session(w, KNX_STATE_UNAUTHENTICATED);
    uint8_t user = (uint8_t)(1 + rd_u8(&w->input) % USERS);
    if (session != NULL) {
        uint8_t mac[KNX_MAC_LEN];
        const struct knx_way way = { session->conn, session, session->conn->peer };
        knx_authenticate_mac(&w->users[user - 1].key, user, session->x, session->y, mac);
        const struct knx_message message = { .service = KNX_SESSION_AUTHENTICATE,
                                             .user = user,
                                             .mac = { mac, sizeof(mac) } };
        send_as(w, &way, &message);
    }
}

static void do_good_connect(struct world *w)
{
    struct knx_server_session *session = some_session(w, KNX_STATE_AUTHENTICATED);
    struct knx_way way = { NULL, session, { { 192, 0, 2, 10 }, 40000 } };
    uint8_t what = rd_u8(&w->input);
    way.conn = session != NULL ? session->conn : NULL;
    struct knx_message message = { .service = KNX_CONNECT_REQUEST,
                                   .control = hpai_of(session != NULL),
                                   .data = hpai_of(session != NULL) };
    message.cri.type = what % 4 == 0 ? KNX_CONNECTION_MANAGEMENT : KNX_CONNECTION_TUNNEL;
    message.cri.layer = KNX_LAYER_LINK;
    send_as(w, &way, &message);
}

static void do_good_request(struct world *w)
{
    static const uint8_t group[] = { 0x11, 0, 0xBC, 0xE0, 0, 0, 9, 1, 1, 0, 0x81 };
    static const uint8_t read[] = { 0xFC, 0, 11, 1, 52, 0x10, 1 };
    static const uint8_t feature[] = { 1 };
    const struct knx_server_channel *channel = some_channel(w);
    uint8_t what = rd_u8(&w->input);
    if (channel == NULL) {
        return;
    }
    struct knx_message message = { .service = KNX_TUNNELLING_REQUEST,
                                   .channel = channel->number,
                                   .sequence = channel->expects,
                                   .payload = { group, sizeof(group) } };
    if (channel->type == KNX_CONNECTION_MANAGEMENT) {
        message.service = KNX_DEVICE_CONFIGURATION_REQUEST;
        message.payload = (struct bas_slice){ read, sizeof(read) };
    } else if (what % 8 == 0) {
        message.service = KNX_TUNNELLING_FEATURE_SET;
        message.feature = 8;
        message.payload = (struct bas_slice){ feature, sizeof(feature) };
    }
    send_as(w, &channel->way, &message);
}

static void do_good_ack(struct world *w)
{
    const struct knx_server_channel *channel = some_channel(w);
    if (channel != NULL) {
        const struct knx_message message = {
            .service = channel->type == KNX_CONNECTION_MANAGEMENT ? KNX_DEVICE_CONFIGURATION_ACK
                                                                  : KNX_TUNNELLING_ACK,
            .channel = channel->number,
            .sequence = channel->sends,
        };
        send_as(w, &channel->way, &message);
    }
}

static void do_good_end(struct world *w)
{
    const struct knx_server_channel *channel = some_channel(w);
    uint8_t what = rd_u8(&w->input);
    if (channel != NULL) {
        const struct knx_message message = { .service = what % 2 == 0 ? KNX_DISCONNECT_REQUEST
                                                                      : KNX_CONNECTIONSTATE_REQUEST,
                                             .channel = channel->number,
                                             .control = hpai_of(channel->way.conn != NULL) };
        send_as(w, &channel->way, &message);
    }
}

static void do_confirm(struct world *w)
{
    bool ok = rd_u8(&w->input) % 2 == 0;
    knx_server_confirm(w->server, w->last_channel, (struct bas_slice){ w->cemi, w->cemi_len }, ok,
                       w->now);
}

static void do_indicate(struct world *w)
{
    knx_server_indicate(w->server, (struct bas_slice){ w->cemi, w->cemi_len },
                        rd_u8(&w->input) % 2 == 0 ? w->last_channel : 0, w->now);
}

static void do_bus(struct world *w)
{
    uint8_t what = rd_u8(&w->input);
    struct bas_slice piece = take_piece(w);
    if (what < 64) {
        knx_server_set_bus(w->server, what % 2 == 0, w->now);
    } else if (what < 160) {
        knx_server_indicate(w->server, piece, 0, w->now);
    } else {
        knx_server_manage(w->server, w->last_channel, piece, w->now);
    }
}

static void do_reload(struct world *w)
{
    uint8_t what = rd_u8(&w->input);
    w->users[what % USERS].key.octets[0] ^= (uint8_t)(what >> 7);
    w->tunnels[what % TUNNELS].user = (uint8_t)(what % (USERS + 1));
    w->config.tunnelling_is_secured = what % 5 == 0;
    w->config.n_tunnels = (size_t)(1 + what % TUNNELS);
    FUZZ_CHECK(knx_server_reload(w->server, &w->config, w->now) == BAS_OK);
}

static void do_time(struct world *w)
{
    static const uint32_t steps[] = { 1, 500, 1000, 9999, 10000, 60000, 120000 };
    w->now += steps[rd_u8(&w->input) % BAS_ARRAY_LEN(steps)] * BAS_MILLISECOND;
    knx_server_tick(w->server, w->now);
    FUZZ_CHECK(knx_server_deadline(w->server) > w->now);
}

/* What often happens stands here often. */
static void (*const commands[])(struct world *) = {
    do_accept,
    do_accept,
    do_octets,
    do_datagram,
    do_message,
    do_message,
    do_tunnel,
    do_property,
    do_session,
    do_session,
    do_lose,
    do_time,
    do_authenticate,
    do_confirm,
    do_indicate,
    do_indicate,
    do_bus,
    drain,
    drain,
    do_reload,
    do_good_request,
    do_good_request,
    do_good_request,
    do_good_authenticate,
    do_good_authenticate,
    do_good_connect,
    do_good_connect,
    do_good_connect,
    do_good_ack,
    do_good_ack,
    do_good_end,
};

static void begin(struct world *w, struct bas_slice octets)
{
    w->input = rd_init(octets);
    uint8_t flags = rd_u8(&w->input);
    w->now = BAS_SECOND;
    w->env = (struct bas_env){ .ctx = &w->memory,
                               .alloc = count_alloc,
                               .release = count_release,
                               .random = count_random,
                               .log = no_log };
    for (uint8_t i = 0; i < USERS; i++) {
        w->users[i] = (struct knx_server_user){ (uint8_t)(i + 1), { { i } } };
    }
    for (uint8_t i = 0; i < TUNNELS; i++) {
        w->tunnels[i] = (struct knx_server_tunnel){ (knx_ia)(FIRST_TUNNEL + i), i };
    }
    w->config = (struct knx_server_config){ .size = sizeof(w->config),
                                            .info.serial = { 0, 0, 0, 0, 0, 1 },
                                            .tunnelling_is_secured = (flags & 1) != 0,
                                            .management_is_secured = (flags & 2) != 0,
                                            .owner_manages = (flags & 4) != 0,
                                            .has_device_key = true,
                                            .users = w->users,
                                            .n_users = USERS,
                                            .tunnels = w->tunnels,
                                            .n_tunnels = TUNNELS,
                                            .max_connections = CONNECTIONS - 1,
                                            .max_sessions = SESSIONS / 2,
                                            .max_channels = 8,
                                            .pending = 3 };
    w->preset.y[0] = 2;
    knx_cipher_init(&w->cipher, &w->preset.key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world w;
    w = (struct world){ 0 };
    begin(&w, (struct bas_slice){ data, size });
    w.server = knx_server_new(&w.env, &w.config);
    FUZZ_CHECK(w.server != NULL);
    knx_server_preset(w.server, &w.preset);
    size_t allocations = w.memory.allocations;
    for (unsigned step = 0; step < MAX_STEPS && rd_left(&w.input) != 0; step++) {
        commands[rd_u8(&w.input) % BAS_ARRAY_LEN(commands)](&w);
    }
    drain(&w);
    knx_server_close(w.server, w.now);
    drain(&w);
    FUZZ_CHECK(alive_of(&w, 0) == w.alive); /* every channel that came up went down */
    for (size_t i = 0; i < CONNECTIONS; i++) {
        FUZZ_CHECK(w.connections[i] == 0 || w.is_closing[i]);
    }
    FUZZ_CHECK(w.memory.allocations == allocations);
    FUZZ_CHECK(knx_server_deadline(w.server) == BAS_NEVER);
    knx_server_free(w.server);
    FUZZ_CHECK(w.memory.live == 0);
    return 0;
}
