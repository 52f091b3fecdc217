/*
 * The WebSocket engine under arbitrary octets. The first octet picks role and form of the rest:
 * bit 0: 0 server, 1 client; bit 1: the upgrade is done first; bit 2: the rest are commands, each
 * of which makes a frame; bit 3: the server is unavailable; bits 4 .. 7: octets per feed (0: all at
 * once).
 */
#include "basalt/ws.h"

#include "ws/frame.h"
#include "ws/handshake.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_MESSAGE = 2000, MAX_HELD = MAX_MESSAGE + BAS_WS_MAX_UPGRADE + 256, MAX_INPUT = 1 << 16 };

struct memory {
    size_t live;
    uint8_t random;
};

static void *count_alloc(void *ctx, size_t len)
{
    struct memory *m = ctx;
    m->live += len;
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
        out[i] = m->random++;
    }
}

/* Everything that a window covers is there and inside the bound. */
static void look_at(const struct bas_ws_event *e)
{
    struct bas_slice octets = bas_window_slice(&e->window);
    volatile uint8_t sum = 0;
    for (size_t i = 0; i < octets.len; i++) {
        sum = (uint8_t)(sum + octets.data[i]);
    }
    FUZZ_CHECK(octets.len <= MAX_MESSAGE);
    FUZZ_CHECK(strlen(e->fault.text) < sizeof(e->fault.text));
}

static void drain(struct bas_ws *ws)
{
    struct bas_ws_event e;
    bool is_closed = false;
    while (bas_ws_next(ws, &e)) {
        FUZZ_CHECK(!is_closed);
        look_at(&e);
        is_closed = e.kind == BAS_WS_EVENT_CLOSED;
    }
    uint8_t room[BAS_WS_MAX_CONTROL];
    struct bas_buf out;
    bas_buf_init(&out, room, sizeof(room));
    bas_ws_control(ws, &out);
    FUZZ_CHECK(!out.full && !bas_ws_has_control(ws));
}

static void feed(struct bas_ws *ws, const struct bas_env *env, struct bas_slice octets, size_t step)
{
    const struct memory *m = env->ctx;
    for (size_t at = 0; at < octets.len;) {
        size_t n = step == 0 || step > octets.len - at ? octets.len - at : step;
        struct bas_frame *block = bas_frame_new(env, 0, n);
        memcpy(bas_frame_put(block, n), octets.data + at, n);
        (void)bas_ws_feed(ws, block, 0, n, 0);
        drain(ws);
        bas_frame_unref(block);
        FUZZ_CHECK(m->live <= MAX_HELD && bas_ws_unfinished(ws) <= MAX_HELD);
        FUZZ_CHECK(bas_ws_unfinished(ws) == 0 || bas_ws_is_midway(ws));
        at += n;
    }
}

/* Writes what the peer of ws would say in the upgrade. */
static void say_upgrade(struct bas_ws *ws, bool is_client, struct bas_buf *out)
{
    static const char *const subprotocols[BAS_WS_MAX_SUBPROTOCOLS] = { "hub.bsc.bacnet.org" };
    static const uint8_t key[WS_KEY] = { 0 };
    const struct ws_request request = { "hub", "/", subprotocols[0], key };
    uint8_t room[BAS_WS_MAX_CONTROL];
    struct bas_buf asked;
    struct ws_accepted accepted;
    if (!is_client) {
        bas_ws_request_write(out, &request);
        return;
    }
    bas_buf_init(&asked, room, sizeof(room));
    bas_ws_control(ws, &asked);
    FUZZ_CHECK(bas_ws_request_read((struct bas_slice){ asked.data, asked.len }, subprotocols,
                                   &accepted) == WS_REFUSE_NONE);
    bas_ws_response_write(out, &accepted);
}

/* Makes frames of commands: first octet of the frame, length class, then that many octets. */
static void say_frames(struct rd *in, bool is_client, struct bas_buf *out)
{
    while (rd_left(in) >= 2 && !out->full) {
        uint8_t first = rd_u8(in);
        uint8_t class = rd_u8(in);
        first &= class % 16 == 0 ? 0xFF : 0x8B; /* seldom the reserved bits and opcodes */
        size_t len = class < 200 ? class % 64U : class < 250 ? 120U + class % 16U : 1000U + class;
        static const uint8_t zeros[2000];
        struct bas_slice some = rd_take(in, len < rd_left(in) ? len : rd_left(in));
        uint8_t mask[4] = { class, first, 3, 4 };
        uint8_t head[BAS_WS_MAX_HEADER];
        bas_ws_header_write(head, WS_OP_BINARY, len, is_client ? NULL : mask);
        head[0] = first;
        bas_buf_add(out, head, ws_header_len(!is_client, len));
        size_t from = out->len;
        bas_buf_add(out, some.data, some.len);
        bas_buf_add(out, zeros, len - some.len);
        if (out->full) {
            return;
        }
        if (!is_client) {
            bas_ws_mask(out->data + from, len, mask);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rd in = rd_init((struct bas_slice){ data, size });
    uint8_t how = rd_u8(&in);
    bool is_client = (how & 1) != 0;
    struct memory memory = { 0, 0 };
    struct bas_env env = { &memory, count_alloc, count_release, count_random, NULL, NULL };
    struct bas_ws_config config = { .size = sizeof(config),
                                    .role = is_client ? BAS_WS_CLIENT : BAS_WS_SERVER,
                                    .host = is_client ? "hub" : NULL,
                                    .subprotocols = { "hub.bsc.bacnet.org" },
                                    .max_message = MAX_MESSAGE };
    struct bas_ws *ws = bas_ws_new(&env, &config);
    uint8_t *room = calloc(1, MAX_INPUT);
    FUZZ_CHECK(ws != NULL && room != NULL);
    struct bas_buf stream;
    bas_buf_init(&stream, room, MAX_INPUT);
    bas_ws_set_unavailable(ws, (how & 8) != 0);
    if ((how & 2) != 0) {
        say_upgrade(ws, is_client, &stream);
    }
    if ((how & 4) != 0) {
        say_frames(&in, is_client, &stream);
    } else {
        size_t n = stream.cap - stream.len < rd_left(&in) ? stream.cap - stream.len : rd_left(&in);
        struct bas_slice some = rd_take(&in, n);
        bas_buf_add(&stream, some.data, some.len);
    }
    size_t step = how >> 4;
    feed(ws, &env, (struct bas_slice){ stream.data, stream.len }, step < 8 ? step : step * 97);
    FUZZ_CHECK((how & 8) == 0 || is_client || !bas_ws_is_open(ws));
    bas_ws_eof(ws);
    drain(ws);
    FUZZ_CHECK(bas_ws_unfinished(ws) == 0);
    bas_ws_free(ws);
    free(room);
    FUZZ_CHECK(memory.live == 0);
    return 0;
}
