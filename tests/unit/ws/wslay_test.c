/* A second opinion: random conversations are given to our engine and to wslay, and ours are read
 * by wslay. */
#include "ws_kit.h"

#ifdef BASALT_HAVE_WSLAY
#include <wslay/wslay.h>

enum { MAX_STREAM = 1 << 16 };

/* wslay at the end of a wire: reads in, writes what it says into out. */
struct other {
    wslay_event_context_ptr ctx;
    struct bas_slice in;
    size_t at;
    struct bas_buf said;
    struct bas_buf out;
    struct test_env *random;
    char said_room[1 << 16];
    uint8_t out_room[1 << 16];
};

static ssize_t give(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags, void *user)
{
    struct other *o = user;
    (void)flags;
    size_t n = o->in.len - o->at;
    n = n < len ? n : len;
    if (n == 0) {
        wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    memcpy(buf, o->in.data + o->at, n);
    o->at += n;
    return (ssize_t)n;
}

static ssize_t take(wslay_event_context_ptr ctx, const uint8_t *data, size_t len, int flags,
                    void *user)
{
    struct other *o = user;
    (void)ctx;
    (void)flags;
    bas_buf_add(&o->out, data, len);
    return (ssize_t)len;
}

static int make_mask(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, void *user)
{
    struct other *o = user;
    (void)ctx;
    o->random->env.random(o->random->env.ctx, buf, len);
    return 0;
}

static void heard(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *arg,
                  void *user)
{
    struct other *o = user;
    (void)ctx;
    if (arg->opcode == WSLAY_BINARY_FRAME) {
        kit_say_message(&o->said, (struct bas_slice){ arg->msg, arg->msg_length });
    } else if (arg->opcode == WSLAY_CONNECTION_CLOSE) {
        bas_buf_format(&o->said, "closed %u\n",
                       (unsigned)(arg->status_code == 0 ? 1005 : arg->status_code));
    }
}

static void other_new(struct other *o, bool is_server, struct test_env *random)
{
    static const struct wslay_event_callbacks callbacks = {
        give, take, make_mask, NULL, NULL, NULL, heard,
    };
    memset(o, 0, sizeof(*o));
    o->random = random;
    bas_buf_init(&o->said, o->said_room, sizeof(o->said_room));
    bas_buf_init(&o->out, o->out_room, sizeof(o->out_room));
    int err = is_server ? wslay_event_context_server_init(&o->ctx, &callbacks, o)
                        : wslay_event_context_client_init(&o->ctx, &callbacks, o);
    assert_int_equal(err, 0);
    wslay_event_config_set_max_recv_msg_length(o->ctx, 65535);
}

/* Reads octets; says "closed" with the code that it answers with where it finds fault. */
static void other_read(struct other *o, struct bas_slice octets)
{
    o->in = octets;
    o->at = 0;
    while (o->at < octets.len && wslay_event_get_read_enabled(o->ctx) != 0) {
        if (wslay_event_recv(o->ctx) != 0) {
            break;
        }
    }
    assert_int_equal(wslay_event_send(o->ctx), 0);
    if (wslay_event_get_close_sent(o->ctx) != 0 && wslay_event_get_close_received(o->ctx) == 0) {
        uint16_t code = wslay_event_get_status_code_sent(o->ctx);
        code = code == 1005 ? 1002 : code; /* it gives no code for a frame that it cannot read */
        bas_buf_format(&o->said, "closed %u\n", (unsigned)code);
    }
}

static uint32_t pick(struct test_env *t, uint32_t n)
{
    uint8_t r[3];
    t->env.random(t->env.ctx, r, sizeof(r));
    return ((uint32_t)r[0] << 16 | (uint32_t)r[1] << 8 | r[2]) % n;
}

/* Appends one frame, in most cases a right one. */
static void random_frame(struct test_env *t, struct bas_buf *out, bool to_server, bool *in_message)
{
    static const uint16_t lens[] = { 0, 1, 7, 60, 124, 125, 126, 127, 300, 1497 };
    static const uint16_t codes[] = { 1,    999,  1000, 1001, 1003, 1004, 1005,
                                      1006, 1007, 1011, 1015, 3000, 4999, 5000 };
    uint8_t payload[1500];
    size_t len = lens[pick(t, BAS_ARRAY_LEN(lens))];
    t->env.random(t->env.ctx, payload, sizeof(payload));
    bool is_control = pick(t, 4) == 0;
    uint8_t fin = (uint8_t)(pick(t, 2) << 7);
    uint8_t first = (uint8_t)(fin | (*in_message ? 0 : 2));
    if (is_control) {
        first = (uint8_t)(0x89 + pick(t, 2));
        len = len > 125 ? 125 : len;
    }
    uint32_t defect = pick(t, 60);
    if (defect == 0) {
        first |= (uint8_t)(0x10U << pick(t, 3));
    } else if (defect == 1) {
        first = (uint8_t)(first ^ pick(t, 16));    /* another opcode */
        first = (first & 0x07) < 2 ? 0x83 : first; /* no text and no close with random octets */
    } else if (defect < 5) {
        bool is_code = pick(t, 2) == 0; /* a code, else a reason that may be wrong */
        uint16_t code = is_code ? codes[pick(t, BAS_ARRAY_LEN(codes))] : 1000;
        payload[0] = (uint8_t)(code >> 8);
        payload[1] = (uint8_t)code;
        memcpy(payload + 2, "Gr\xC3\xBC\xC3\x9F\x65", 7);
        /* wslay reads 4096 octets at a time and misjudges a reason on that border */
        bool is_damaged = !is_code && out->len < 4000 && pick(t, 2) == 0;
        payload[2 + pick(t, 7)] ^= is_damaged ? 0x80 : 0;
        first = 0x88;
        len = is_code || out->len >= 4000 ? 2 : pick(t, 10);
        len = len == 1 ? 0 : len; /* wslay takes half a close code for none */
    }
    size_t at = out->len;
    kit_frame(out, first, (struct bas_slice){ payload, len }, defect == 5 ? !to_server : to_server);
    if (defect == 6 && len < 126) { /* not the shortest form */
        memmove(out->data + at + 4, out->data + at + 2, out->len - at - 2);
        out->data[at + 1] = (uint8_t)(to_server ? 0xFE : 0x7E);
        out->data[at + 2] = 0;
        out->data[at + 3] = (uint8_t)len;
        out->len += 2;
    }
    if ((first & 0x0F) < 8) {
        *in_message = (first & 0x80) == 0;
    }
}

static void say_ours(struct kit *k, struct bas_slice octets, size_t chunk)
{
    for (size_t at = 0; at < octets.len;) {
        size_t n = octets.len - at < chunk ? octets.len - at : chunk;
        struct bas_frame *block = bas_frame_new(&k->world.env, 0, n);
        memcpy(bas_frame_put(block, n), octets.data + at, n);
        at += n;
        (void)bas_ws_feed(k->ws, block, 0, n, 0);
        struct bas_ws_event e;
        while (bas_ws_next(k->ws, &e)) {
            if (e.kind == BAS_WS_EVENT_MESSAGE) {
                kit_say_message(&k->said, bas_window_slice(&e.window));
            } else {
                assert_int_equal(e.kind, BAS_WS_EVENT_CLOSED);
                bas_buf_format(&k->said, "closed %u\n", (unsigned)e.close_code);
            }
        }
        bas_frame_unref(block);
    }
}

static void random_conversations_are_heard_alike(void **state)
{
    (void)state;
    static struct kit k;
    static struct other o;
    static uint8_t room[MAX_STREAM];
    size_t closed = 0;
    for (uint64_t round = 0; round < 3000; round++) {
        bool is_server = round % 2 == 0;
        struct test_env t;
        test_env_init(&t);
        t.seed += round * 977;
        struct bas_buf stream;
        bas_buf_init(&stream, room, sizeof(room));
        bool in_message = false;
        for (size_t n = 1 + pick(&t, 20); n > 0; n--) {
            random_frame(&t, &stream, is_server, &in_message);
        }
        struct bas_slice octets = { stream.data, stream.len };
        if (is_server) {
            kit_open_server(&k);
        } else {
            kit_open_client(&k);
        }
        other_new(&o, is_server, &t);
        other_read(&o, octets);
        say_ours(&k, octets, 1 + pick(&t, 2000));
        if (strcmp(bas_buf_text(&k.said), bas_buf_text(&o.said)) != 0) {
            print_message("round %u:\n", (unsigned)round);
            assert_string_equal(bas_buf_text(&k.said), bas_buf_text(&o.said));
        }
        closed += strstr(bas_buf_text(&k.said), "closed") != NULL;
        wslay_event_context_free(o.ctx);
        kit_free(&k);
    }
    assert_in_range(closed, 500, 2500); /* the conversations are neither all good nor all bad */
}

static void what_we_say_is_heard_by_the_other(void **state)
{
    (void)state;
    static struct kit k;
    static struct other o;
    static char wanted_room[KIT_ROOM];
    for (uint64_t round = 0; round < 200; round++) {
        bool is_server = round % 2 == 0; /* the other's role */
        struct test_env t;
        test_env_init(&t);
        t.seed += round;
        if (is_server) {
            kit_open_client(&k);
        } else {
            kit_open_server(&k);
        }
        other_new(&o, is_server, &t);
        struct bas_buf wanted;
        bas_buf_init(&wanted, wanted_room, sizeof(wanted_room));
        for (size_t n = 0; n < 10; n++) {
            uint8_t payload[2000];
            t.env.random(t.env.ctx, payload, sizeof(payload));
            struct bas_slice head = { payload, pick(&t, 20) };
            struct bas_slice rest = { payload + head.len, pick(&t, 1900) };
            assert_int_equal(bas_ws_write(k.ws, &k.sent, head, rest), BAS_OK);
            bas_ws_ping(k.ws);
            kit_control(&k);
            kit_say_message(&wanted, (struct bas_slice){ payload, head.len + rest.len });
        }
        bas_ws_close(k.ws, BAS_WS_CLOSE_GOING_AWAY, "bye");
        kit_control(&k);
        bas_buf_add_text(&wanted, "closed 1001\n");
        other_read(&o, (struct bas_slice){ k.sent.data, k.sent.len });
        assert_string_equal(bas_buf_text(&o.said), bas_buf_text(&wanted));
        /* and its answers are pongs, which we hear no more, and a close that completes ours */
        (void)kit_feed(&k, (struct bas_slice){ o.out.data, o.out.len });
        kit_expect(&k, "closed 1001\n");
        wslay_event_context_free(o.ctx);
        kit_free(&k);
    }
}

#else

static void random_conversations_are_heard_alike(void **state)
{
    (void)state;
    skip(); /* libwslay is not installed */
}

static void what_we_say_is_heard_by_the_other(void **state)
{
    (void)state;
    skip();
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_conversations_are_heard_alike),
        cmocka_unit_test(what_we_say_is_heard_by_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
