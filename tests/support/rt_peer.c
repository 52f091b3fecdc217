#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt_peer.h"

#include "sc_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STAGING = 65535 + 4096, /* a largest message and control frames */
    OUT = 1 << 20,
    CHUNK = 65536
};

/* Life. */

static void on_closed(uv_handle_t *handle)
{
    struct rt_peer *peer = handle->data;
    const struct bas_env *env = &peer->world->outside.env;
    bas_ws_free(peer->ws);
    bas_tls_free(peer->tls);
    bas_frame_unref(peer->block);
    bas_release(env, peer->staging.data, STAGING);
    bas_release(env, peer->out.data, OUT);
    struct rt_peer **at = &peer->world->peers;
    while (*at != peer) {
        at = &(*at)->next;
    }
    *at = peer->next;
}

void rt_peer_end(struct rt_peer *peer)
{
    if (!uv_is_closing((uv_handle_t *)&peer->tcp)) {
        uv_close((uv_handle_t *)&peer->tcp, on_closed);
    }
}

void rt_peer_reset(struct rt_peer *peer)
{
    if (!uv_is_closing((uv_handle_t *)&peer->tcp)) {
        assert_int_equal(uv_tcp_close_reset(&peer->tcp, on_closed), 0);
    }
}

static void begin(struct rt_world *w, struct rt_peer *peer, const struct rt_peer_config *config)
{
    const struct bas_env *env = &w->outside.env;
    memset(peer, 0, sizeof(*peer));
    peer->config = *config;
    peer->world = w;
    peer->next = w->peers;
    w->peers = peer;
    peer->block = bas_frame_new(env, 0, BAS_TLS_RECORD);
    bas_buf_init(&peer->staging, bas_alloc(env, STAGING), STAGING);
    bas_buf_init(&peer->out, bas_alloc(env, OUT), OUT);
    assert_non_null(peer->block);
    assert_non_null(peer->staging.data);
    assert_non_null(peer->out.data);
    peer->tcp.data = peer;
}

static void begin_tls(struct rt_peer *peer)
{
    struct bas_tls_context *context = peer->config.tls;
    if (context == NULL) {
        context = peer->is_server ? peer->world->peer_hub : peer->world->peer_client;
    }
    peer->tls =
        bas_tls_new(context, peer->is_server ? BAS_TLS_SERVER : BAS_TLS_CLIENT, NULL, &peer->out);
    assert_non_null(peer->tls);
}

static void begin_ws(struct rt_peer *peer)
{
    const struct bas_ws_config config = { .size = sizeof(config),
                                          .role = peer->is_server ? BAS_WS_SERVER : BAS_WS_CLIENT,
                                          .host = "peer",
                                          .subprotocols = { "hub.bsc.bacnet.org" } };
    peer->ws = bas_ws_new(&peer->world->outside.env, &config);
    assert_non_null(peer->ws);
}

/* Output. */

struct write {
    uv_write_t request;
    uint8_t octets[];
};

static void on_written(uv_write_t *request, int status)
{
    (void)status; /* where it matters the reader learns of it */
    free(request->data);
}

void rt_peer_write(struct rt_peer *peer, struct bas_slice octets)
{
    if (octets.len == 0 || uv_is_closing((uv_handle_t *)&peer->tcp)) {
        return;
    }
    struct write *write = malloc(sizeof(*write) + octets.len);
    assert_non_null(write);
    write->request.data = write;
    memcpy(write->octets, octets.data, octets.len);
    const uv_buf_t buf = uv_buf_init((char *)write->octets, (unsigned)octets.len);
    if (uv_write(&write->request, (uv_stream_t *)&peer->tcp, &buf, 1, on_written) != 0) {
        free(write);
    }
}

size_t rt_peer_unsent(const struct rt_peer *peer)
{
    return uv_stream_get_write_queue_size((const uv_stream_t *)&peer->tcp);
}

static void send_out(struct rt_peer *peer)
{
    assert_false(peer->out.full);
    if (!peer->is_corked) {
        rt_peer_write(peer, (struct bas_slice){ peer->out.data, peer->out.len });
        peer->out.len = 0;
    }
}

void rt_peer_cork(struct rt_peer *peer)
{
    peer->is_corked = true;
}

void rt_peer_uncork(struct rt_peer *peer)
{
    peer->is_corked = false;
    send_out(peer);
}

void rt_peer_seal(struct rt_peer *peer, struct bas_slice octets)
{
    if (peer->config.is_plain) {
        bas_buf_add(&peer->out, octets.data, octets.len);
        send_out(peer);
        return;
    }
    for (size_t at = 0; at < octets.len;) {
        size_t n = octets.len - at < BAS_TLS_RECORD ? octets.len - at : BAS_TLS_RECORD;
        assert_int_equal(bas_tls_seal(peer->tls, octets.data + at, n), BAS_OK);
        at += n;
    }
    send_out(peer);
}

static void seal_staging(struct rt_peer *peer)
{
    assert_false(peer->staging.full);
    rt_peer_seal(peer, (struct bas_slice){ peer->staging.data, peer->staging.len });
    peer->staging.len = 0;
}

static void send_control(struct rt_peer *peer)
{
    if (bas_ws_has_control(peer->ws)) {
        bas_ws_control(peer->ws, &peer->staging);
        seal_staging(peer);
    }
}

void rt_peer_send(struct rt_peer *peer, struct bas_slice octets)
{
    const struct bas_slice none = { NULL, 0 };
    assert_int_equal(bas_ws_write(peer->ws, &peer->staging, octets, none), BAS_OK);
    seal_staging(peer);
}

void rt_peer_ping(struct rt_peer *peer)
{
    bas_ws_ping(peer->ws);
    send_control(peer);
}

void rt_peer_close(struct rt_peer *peer, uint16_t code)
{
    bas_ws_close(peer->ws, code, NULL);
    send_control(peer);
}

void rt_peer_notify(struct rt_peer *peer)
{
    if (peer->tls != NULL) {
        bas_tls_close(peer->tls);
    }
    send_out(peer);
}

static void on_finished(uv_shutdown_t *request, int status)
{
    (void)request;
    (void)status;
}

void rt_peer_finish(struct rt_peer *peer)
{
    (void)uv_shutdown(&peer->shutdown, (uv_stream_t *)&peer->tcp, on_finished);
}

/* BVLC-SC. */

void rt_peer_say(struct rt_peer *peer, uint8_t function, uint16_t id)
{
    uint8_t payload[32];
    uint8_t memory[64];
    struct bas_buf body;
    struct bas_buf out;
    uint8_t number = peer->config.number;
    uint8_t uuid = peer->config.uuid != 0 ? peer->config.uuid : number;
    const struct bsc_connect connect = { peer_vmac(number), peer_uuid(uuid), BSC_MAX_BVLC,
                                         BSC_MAX_NPDU };
    struct bsc_message message = { .function = function, .id = id };
    bas_buf_init(&body, payload, sizeof(payload));
    if (function == BSC_CONNECT_REQUEST || function == BSC_CONNECT_ACCEPT) {
        bsc_connect_encode(&connect, &body);
        message.payload = (struct bas_slice){ payload, body.len };
    }
    bas_buf_init(&out, memory, sizeof(memory));
    bsc_encode(&message, &out);
    rt_peer_send(peer, (struct bas_slice){ memory, out.len });
}

/* True: the message was one of joining or leaving and is dealt with. */
static bool join(struct rt_peer *peer, const struct bsc_message *message)
{
    if (peer->config.level < RT_JOINED) {
        return false;
    }
    uint8_t other = peer->is_server ? BSC_CONNECT_REQUEST : BSC_CONNECT_ACCEPT;
    if (message->function == other && peer->joined == 0) {
        assert_int_equal(bsc_connect_decode(message->payload, &peer->other, NULL), BAS_OK);
        peer->joined++;
        if (peer->is_server) {
            rt_peer_say(peer, BSC_CONNECT_ACCEPT, message->id);
        }
        return true;
    }
    if (message->function == BSC_DISCONNECT_REQUEST && !peer->config.is_deaf) {
        rt_peer_say(peer, BSC_DISCONNECT_ACK, message->id);
        return true;
    }
    return false;
}

/* Input. */

static void note_last(struct rt_peer *peer, struct bas_slice octets)
{
    peer->last_len = octets.len < sizeof(peer->last) ? octets.len : sizeof(peer->last);
    if (peer->last_len != 0) {
        memcpy(peer->last, octets.data, peer->last_len);
    }
}

static void take_message(struct rt_peer *peer, struct bas_slice octets)
{
    struct bsc_message message;
    bool is_whole = bsc_decode(octets, &message, NULL) == BAS_OK;
    if (is_whole && join(peer, &message)) {
        return;
    }
    peer->messages++;
    note_last(peer, octets);
    if (peer->config.message != NULL) {
        peer->config.message(peer, octets);
    }
}

static void take_event(struct rt_peer *peer, const struct bas_ws_event *event)
{
    switch (event->kind) {
    case BAS_WS_EVENT_OPEN:
        peer->opened++;
        if (peer->config.level >= RT_JOINED && !peer->is_server) {
            rt_peer_say(peer, BSC_CONNECT_REQUEST, 1);
        }
        break;
    case BAS_WS_EVENT_MESSAGE:
        take_message(peer, bas_window_slice(&event->window));
        break;
    case BAS_WS_EVENT_CLOSED:
        peer->closed++;
        peer->close_code = event->close_code;
        peer->by_peer = event->by_peer;
        peer->http_status = event->http_status;
        break;
    case BAS_WS_EVENT_PONG:
        peer->pongs++;
        break;
    case BAS_WS_EVENT_TOO_LONG:
        break;
    }
}

static void take_plain(struct rt_peer *peer, size_t len)
{
    struct bas_ws_event event;
    peer->records++;
    if (peer->ws == NULL) {
        peer->plain += len;
        note_last(peer, (struct bas_slice){ peer->block->data, len });
        return;
    }
    if (bas_ws_feed(peer->ws, peer->block, 0, len, 0) != BAS_OK) {
        return;
    }
    while (bas_ws_next(peer->ws, &event)) {
        take_event(peer, &event);
    }
}

static void become_secured(struct rt_peer *peer)
{
    peer->secured++;
    if (peer->config.level >= RT_WS) {
        begin_ws(peer);
    }
}

static void end_if_over(struct rt_peer *peer)
{
    if (peer->closed != 0 && (peer->notified != 0 || peer->config.is_plain)) {
        rt_peer_notify(peer);
        rt_peer_finish(peer);
    }
}

static void drive_plain(struct rt_peer *peer, struct bas_slice octets)
{
    for (size_t at = 0; at < octets.len;) {
        size_t n = octets.len - at < peer->block->cap ? octets.len - at : peer->block->cap;
        memcpy(peer->block->data, octets.data + at, n);
        take_plain(peer, n);
        at += n;
    }
    if (peer->ws != NULL) {
        send_control(peer);
    }
    end_if_over(peer);
}

static void drive_tls(struct rt_peer *peer, struct bas_slice cipher)
{
    bas_err err = cipher.len == 0 ? BAS_OK : bas_tls_feed(peer->tls, cipher.data, cipher.len);
    while (err == BAS_OK) {
        size_t len = 0;
        err = bas_tls_read(peer->tls, peer->block->data, peer->block->cap, &len);
        if (bas_tls_is_open(peer->tls) && peer->secured == 0) {
            become_secured(peer);
        }
        if (err == BAS_OK) {
            take_plain(peer, len);
        }
    }
    peer->notified += err == BAS_ERR_CLOSED;
    if (err != BAS_ERR_AGAIN && err != BAS_ERR_CLOSED) {
        peer->fault = *bas_tls_fault(peer->tls);
    }
    send_out(peer);
    if (peer->ws != NULL && (err == BAS_ERR_AGAIN || err == BAS_ERR_CLOSED)) {
        send_control(peer);
    }
    end_if_over(peer);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)handle;
    (void)suggested;
    static char chunk[CHUNK];
    *buf = uv_buf_init(chunk, CHUNK);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct rt_peer *peer = stream->data;
    if (n < 0) {
        peer->ended++;
        peer->end = (int)n;
        rt_peer_end(peer);
        return;
    }
    peer->octets += (size_t)n;
    const struct bas_slice octets = { (const uint8_t *)buf->base, (size_t)n };
    if (peer->tls != NULL && n > 0) {
        drive_tls(peer, octets);
    } else if (peer->secured != 0) {
        drive_plain(peer, octets);
    }
}

void rt_peer_pause(struct rt_peer *peer)
{
    (void)uv_read_stop((uv_stream_t *)&peer->tcp);
}

void rt_peer_resume(struct rt_peer *peer)
{
    (void)uv_read_start((uv_stream_t *)&peer->tcp, on_alloc, on_read);
}

static void begin_channel(struct rt_peer *peer)
{
    if (peer->config.level >= RT_TLS && peer->config.is_plain) {
        become_secured(peer);
        drive_plain(peer, (struct bas_slice){ NULL, 0 });
    } else if (peer->config.level >= RT_TLS) {
        begin_tls(peer);
        drive_tls(peer, (struct bas_slice){ NULL, 0 });
    }
}

/* TCP is there. */
static void begin_connection(struct rt_peer *peer)
{
    peer->connected++;
    rt_peer_resume(peer);
    begin_channel(peer);
}

void rt_peer_go_on(struct rt_peer *peer, enum rt_level level)
{
    bool was_secured = peer->secured != 0;
    peer->config.level = level;
    if (was_secured) {
        begin_ws(peer);
        send_control(peer);
    } else {
        begin_channel(peer);
    }
}

/* Connecting. */

static void on_connected(uv_connect_t *request, int status)
{
    struct rt_peer *peer = request->data;
    if (status != 0) {
        peer->ended++;
        peer->end = status;
        rt_peer_end(peer);
        return;
    }
    begin_connection(peer);
}

void rt_peer_connect(struct rt_world *w, struct rt_peer *peer, const struct rt_peer_config *config,
                     const char *address)
{
    struct sockaddr_in to;
    const char *colon = strrchr(address, ':');
    assert_non_null(colon);
    begin(w, peer, config);
    assert_int_equal(uv_tcp_init_ex(&w->loop->uv, &peer->tcp, AF_INET), 0);
    assert_int_equal(uv_ip4_addr("127.0.0.1", (int)strtol(colon + 1, NULL, 10), &to), 0);
    if (config->from != NULL) {
        struct sockaddr_in from;
        assert_int_equal(uv_ip4_addr(config->from, 0, &from), 0);
        const struct sockaddr *at = (const struct sockaddr *)(const void *)&from;
        assert_int_equal(uv_tcp_bind(&peer->tcp, at, 0), 0);
    }
    if (config->buffer != 0) {
        int octets = config->buffer;
        assert_int_equal(uv_recv_buffer_size((uv_handle_t *)&peer->tcp, &octets), 0);
    }
    peer->connect.data = peer;
    const struct sockaddr *plain = (const struct sockaddr *)(const void *)&to;
    assert_int_equal(uv_tcp_connect(&peer->connect, &peer->tcp, plain, on_connected), 0);
}

void rt_peer_ready(struct rt_peer *peer)
{
    const unsigned *at[] = { &peer->connected, &peer->secured, &peer->opened, &peer->joined };
    rt_until(peer->world, at[peer->config.level], 1);
}

/* Accepting. */

static void on_stray_closed(uv_handle_t *handle)
{
    free(handle);
}

static void turn_away(struct rt_server *server)
{
    uv_tcp_t *stray = malloc(sizeof(*stray));
    assert_non_null(stray);
    (void)uv_tcp_init(&server->world->loop->uv, stray);
    (void)uv_accept((uv_stream_t *)&server->tcp, (uv_stream_t *)stray);
    uv_close((uv_handle_t *)stray, on_stray_closed);
}

static void on_connection(uv_stream_t *stream, int status)
{
    struct rt_server *server = stream->data;
    assert_int_equal(status, 0);
    if (server->accepted == server->n) {
        turn_away(server);
        return;
    }
    struct rt_peer *peer = &server->peers[server->accepted++];
    begin(server->world, peer, server->config);
    peer->is_server = true;
    assert_int_equal(uv_tcp_init(&server->world->loop->uv, &peer->tcp), 0);
    assert_int_equal(uv_accept(stream, (uv_stream_t *)&peer->tcp), 0);
    begin_connection(peer);
}

void rt_server_begin(struct rt_world *w, struct rt_server *server, struct rt_peer *peers,
                     unsigned n, const struct rt_peer_config *config)
{
    struct sockaddr_in address;
    const struct sockaddr *plain = (const struct sockaddr *)(const void *)&address;
    int len = sizeof(address);
    *server = (struct rt_server){ .world = w, .peers = peers, .n = n, .config = config };
    assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &address), 0);
    assert_int_equal(uv_tcp_init(&w->loop->uv, &server->tcp), 0);
    server->tcp.data = server;
    assert_int_equal(uv_tcp_bind(&server->tcp, plain, 0), 0);
    assert_int_equal(uv_listen((uv_stream_t *)&server->tcp, 128, on_connection), 0);
    (void)uv_tcp_getsockname(&server->tcp, (struct sockaddr *)(void *)&address, &len);
    (void)snprintf(server->address, sizeof(server->address), "127.0.0.1:%u",
                   ntohs(address.sin_port));
    (void)snprintf(server->uri, sizeof(server->uri), "%s://%s/", config->is_plain ? "ws" : "wss",
                   server->address);
}

void rt_server_end(struct rt_server *server)
{
    uv_close((uv_handle_t *)&server->tcp, NULL);
}

/* NPDUs. */

static uint8_t filler(uint32_t tag, size_t at)
{
    return (uint8_t)(tag * 31 + at * 7 + at / 251);
}

struct bas_slice rt_npdu(uint8_t to, uint32_t tag, size_t len)
{
    static uint8_t npdu[BSC_MAX_BVLC];
    static uint8_t memory[BSC_MAX_BVLC];
    struct bas_buf out;
    assert_in_range(len, 4, sizeof(npdu));
    for (size_t i = 0; i < len; i++) {
        npdu[i] = (uint8_t)(i < 4 ? tag >> (8 * (3 - i)) : filler(tag, i));
    }
    struct bsc_message message = { .function = BSC_ENCAPSULATED_NPDU,
                                   .id = (uint16_t)tag,
                                   .has_destination = true,
                                   .destination = peer_vmac(to),
                                   .payload = { npdu, len } };
    if (to == 0) {
        memset(message.destination.octets, 0xFF, sizeof(message.destination.octets));
    }
    bas_buf_init(&out, memory, sizeof(memory));
    bsc_encode(&message, &out);
    assert_false(out.full);
    return (struct bas_slice){ memory, out.len };
}

size_t rt_size(unsigned n)
{
    uint32_t mixed = (n + 1) * UINT32_C(2654435761);
    unsigned kind = mixed >> 28;
    size_t most = kind == 0 ? BSC_MAX_BVLC - 10 : kind < 4 ? 20000 : 1500;
    return n % 97 == 13 ? BSC_MAX_BVLC - 10 : 4 + (mixed & 0xFFFFFF) % (most - 3);
}

uint32_t rt_npdu_check(struct bas_slice octets, size_t *len)
{
    struct bsc_message message;
    uint32_t tag = 0;
    assert_int_equal(bsc_decode(octets, &message, NULL), BAS_OK);
    assert_int_equal(message.function, BSC_ENCAPSULATED_NPDU);
    assert_true(message.payload.len >= 4);
    for (size_t i = 0; i < 4; i++) {
        tag = tag << 8 | message.payload.data[i];
    }
    for (size_t i = 4; i < message.payload.len; i++) {
        if (message.payload.data[i] != filler(tag, i)) {
            fail_msg("octet %zu of message %u is wrong", i, tag);
        }
    }
    if (len != NULL) {
        *len = message.payload.len;
    }
    return tag;
}
