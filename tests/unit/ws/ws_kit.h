/*
 * What the tests of the WebSocket engine share: an engine whose events are written down as text, a
 * line each, and frames made by hand.
 */
#ifndef BASALT_TEST_WS_KIT_H
#define BASALT_TEST_WS_KIT_H

#include "test_env.h"

#include "basalt/ws.h"

#include <string.h>

#define KIT_HUB    "hub.bsc.bacnet.org"
#define KIT_DIRECT "dc.bsc.bacnet.org"

/* RFC 6455 section 1.3's key; its accept value is s3pPLMBiTxaQ9kYGzzhZRbK+xOo= */
#define KIT_REQUEST                                                                                \
    "GET / HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"                 \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"                 \
    "Sec-WebSocket-Protocol: " KIT_HUB "\r\n\r\n"

enum { KIT_ROOM = 1 << 18, KIT_RANDOM_CHUNKS = 1 << 30 };

struct kit {
    struct test_env t;     /* of the engine */
    struct test_env world; /* of the blocks that are fed */
    struct bas_budget budget;
    struct bas_ws *ws;
    struct bas_buf said; /* the events */
    struct bas_buf sent; /* what bas_ws_control gave */
    bool is_shared;      /* the budget, with another engine */
    char said_room[KIT_ROOM];
    uint8_t sent_room[KIT_ROOM];
};

static inline struct bas_slice kit_text(const char *text)
{
    return (struct bas_slice){ (const uint8_t *)text, strlen(text) };
}

static inline void kit_init(struct kit *k, size_t budget)
{
    test_env_init(&k->t);
    test_env_init(&k->world);
    k->budget = (struct bas_budget){ budget, 0 };
    k->ws = NULL;
    k->is_shared = false;
    bas_buf_init(&k->said, k->said_room, sizeof(k->said_room));
    bas_buf_init(&k->sent, k->sent_room, sizeof(k->sent_room));
}

static inline struct bas_ws_config kit_config(struct kit *k, enum bas_ws_role role)
{
    struct bas_ws_config config = { .size = sizeof(config),
                                    .role = role,
                                    .unfinished = &k->budget };
    config.subprotocols[0] = KIT_HUB;
    if (role == BAS_WS_CLIENT) {
        config.host = "hub:4443";
    } else {
        config.subprotocols[1] = KIT_DIRECT;
    }
    return config;
}

static inline void kit_new(struct kit *k, enum bas_ws_role role)
{
    kit_init(k, 1 << 20);
    struct bas_ws_config config = kit_config(k, role);
    k->ws = bas_ws_new(&k->t.env, &config);
    assert_non_null(k->ws);
}

static inline void kit_free(struct kit *k)
{
    bas_ws_free(k->ws);
    assert_int_equal(k->budget.used, 0);
    test_env_check(&k->t);
    test_env_check(&k->world);
}

/* Writes a message down; a long one as length and checksum. */
static inline void kit_say_message(struct bas_buf *out, struct bas_slice octets)
{
    uint32_t sum = 2166136261U;
    bas_buf_add_text(out, "message ");
    if (octets.len <= 32) {
        bas_buf_add_hex(out, octets);
        bas_buf_add_text(out, "\n");
        return;
    }
    for (size_t i = 0; i < octets.len; i++) {
        sum = (sum ^ octets.data[i]) * 16777619U;
    }
    bas_buf_format(out, "of %zu octets %08x\n", octets.len, (unsigned)sum);
}

/* Writes an event down. */
static inline void kit_say(struct kit *k, const struct bas_ws_event *e)
{
    switch (e->kind) {
    case BAS_WS_EVENT_OPEN:
        bas_buf_format(&k->said, "open %s\n", e->subprotocol);
        break;
    case BAS_WS_EVENT_MESSAGE:
        assert_non_null(e->window.frame);
        assert_in_range(e->window.offset + e->window.len, 0, e->window.frame->cap);
        kit_say_message(&k->said, bas_window_slice(&e->window));
        break;
    case BAS_WS_EVENT_TOO_LONG:
        bas_buf_format(&k->said, "too long %llu\n", (unsigned long long)e->too_long);
        break;
    case BAS_WS_EVENT_PONG:
        bas_buf_add_text(&k->said, "pong\n");
        break;
    case BAS_WS_EVENT_CLOSED:
        bas_buf_format(&k->said, "closed %u%s", (unsigned)e->close_code,
                       e->by_peer ? " by peer" : "");
        if (e->http_status != 0) {
            bas_buf_format(&k->said, " http %u", (unsigned)e->http_status);
        }
        if (e->fault.err != BAS_OK) {
            bas_buf_format(&k->said, " %u/%u: %s", (unsigned)e->fault.error_class,
                           (unsigned)e->fault.error_code, e->fault.text);
        }
        bas_buf_add_text(&k->said, "\n");
        break;
    }
}

static inline void kit_drain(struct kit *k)
{
    struct bas_ws_event event;
    while (bas_ws_next(k->ws, &event)) {
        kit_say(k, &event);
    }
    if (!k->is_shared) {
        assert_int_equal(k->budget.used, bas_ws_unfinished(k->ws));
    }
}

/* Feeds octets in a block of exactly their length, so that a read beyond it is seen. */
static inline bas_err kit_feed(struct kit *k, struct bas_slice octets)
{
    struct bas_frame *block = bas_frame_new(&k->world.env, 0, octets.len);
    assert_non_null(block);
    if (octets.len != 0) {
        memcpy(bas_frame_put(block, octets.len), octets.data, octets.len);
    }
    bas_err err = bas_ws_feed(k->ws, block, 0, octets.len, 0);
    kit_drain(k);
    bas_frame_unref(block);
    return err;
}

/* chunk: octets per feed, 0 for all at once, KIT_RANDOM_CHUNKS for 1 .. 40 each time. */
static inline void kit_feed_chunks(struct kit *k, struct bas_slice octets, size_t chunk)
{
    for (size_t at = 0; at < octets.len;) {
        size_t n = chunk == 0 ? octets.len : chunk;
        if (chunk == KIT_RANDOM_CHUNKS) {
            uint8_t r = 0;
            k->world.env.random(k->world.env.ctx, &r, 1);
            n = 1U + r % 40U;
        }
        n = n < octets.len - at ? n : octets.len - at;
        (void)kit_feed(k, (struct bas_slice){ octets.data + at, n });
        at += n;
    }
}

static inline void kit_control(struct kit *k)
{
    while (bas_ws_has_control(k->ws)) {
        bas_ws_control(k->ws, &k->sent);
    }
}

/* Asserts the events, and the control octets as hex, since the last look. */
static inline void kit_expect(struct kit *k, const char *said)
{
    assert_string_equal(bas_buf_text(&k->said), said);
    k->said.len = 0;
}

static inline void kit_expect_sent(struct kit *k, const char *hex)
{
    kit_control(k);
    struct bas_slice octets = test_hex(hex);
    assert_int_equal(k->sent.len, octets.len);
    assert_memory_equal(k->sent.data, octets.data, octets.len);
    k->sent.len = 0;
}

/* A server engine after the upgrade, nothing said and nothing to send. */
static inline void kit_open_server(struct kit *k)
{
    kit_new(k, BAS_WS_SERVER);
    assert_int_equal(kit_feed(k, kit_text(KIT_REQUEST)), BAS_OK);
    kit_expect(k, "open " KIT_HUB "\n");
    kit_control(k);
    k->sent.len = 0;
}

/* A client engine after the upgrade. The other side is a server engine of the tree. */
static inline void kit_open_client(struct kit *k)
{
    static struct kit other;
    kit_new(k, BAS_WS_CLIENT);
    kit_control(k);
    kit_new(&other, BAS_WS_SERVER);
    assert_int_equal(kit_feed(&other, (struct bas_slice){ k->sent.data, k->sent.len }), BAS_OK);
    kit_control(&other);
    assert_int_equal(kit_feed(k, (struct bas_slice){ other.sent.data, other.sent.len }), BAS_OK);
    kit_free(&other);
    kit_expect(k, "open " KIT_HUB "\n");
    k->sent.len = 0;
}

/* Appends a frame: first octet, payload, masked with 37FA213D when to_server. */
static inline void kit_frame(struct bas_buf *out, uint8_t first, struct bas_slice payload,
                             bool to_server)
{
    static const uint8_t mask[4] = { 0x37, 0xFA, 0x21, 0x3D };
    uint8_t head[14] = { first };
    size_t n = 2;
    uint8_t flag = to_server ? 0x80 : 0;
    size_t more = payload.len < 126 ? 0 : payload.len < 65536 ? 2 : 8;
    head[1] = (uint8_t)(flag | (more == 0 ? payload.len : more == 2 ? 126U : 127U));
    for (size_t i = more; i > 0; i--) {
        head[n++] = (uint8_t)((uint64_t)payload.len >> (8 * (i - 1)));
    }
    bas_buf_add(out, head, n);
    if (to_server) {
        bas_buf_add(out, mask, 4);
    }
    for (size_t i = 0; i < payload.len; i++) {
        uint8_t octet = (uint8_t)(payload.data[i] ^ (to_server ? mask[i % 4] : 0));
        bas_buf_add(out, &octet, 1);
    }
    assert_false(out->full);
}

/* Feeds one frame to a server (masked) or a client (not). */
static inline void kit_feed_frame(struct kit *k, uint8_t first, struct bas_slice payload,
                                  bool to_server)
{
    static uint8_t room[KIT_ROOM];
    struct bas_buf buf;
    bas_buf_init(&buf, room, sizeof(room));
    kit_frame(&buf, first, payload, to_server);
    (void)kit_feed(k, (struct bas_slice){ buf.data, buf.len });
}

#endif
