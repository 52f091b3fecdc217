/* Whole conversations: in every segmentation, damaged, random, and with memory running out. */
#include "ws_kit.h"

enum { MAX_MESSAGE = 3000 };

static void fill(struct kit *k, uint8_t *out, size_t len)
{
    k->world.env.random(k->world.env.ctx, out, len);
}

/* Appends frames that touch every path of the engine. */
static void add_conversation(struct kit *k, struct bas_buf *out, bool to_server)
{
    static uint8_t octets[5000];
    fill(k, octets, sizeof(octets));
    static const size_t lens[] = { 0, 1, 7, 8, 60, 125, 126, 127, 1497, MAX_MESSAGE };
    for (size_t i = 0; i < BAS_ARRAY_LEN(lens); i++) {
        kit_frame(out, 0x82, (struct bas_slice){ octets, lens[i] }, to_server);
    }
    kit_frame(out, 0x02, (struct bas_slice){ octets, 100 }, to_server);
    kit_frame(out, 0x89, (struct bas_slice){ octets, 125 }, to_server);
    kit_frame(out, 0x00, (struct bas_slice){ octets, 0 }, to_server);
    kit_frame(out, 0x00, (struct bas_slice){ octets, 1000 }, to_server);
    kit_frame(out, 0x8A, (struct bas_slice){ octets, 3 }, to_server);
    kit_frame(out, 0x80, (struct bas_slice){ octets, 33 }, to_server);
    kit_frame(out, 0x82, (struct bas_slice){ octets, MAX_MESSAGE + 1 }, to_server);
    kit_frame(out, 0x02, (struct bas_slice){ octets, MAX_MESSAGE }, to_server);
    kit_frame(out, 0x89, (struct bas_slice){ octets, 2 }, to_server);
    kit_frame(out, 0x00, (struct bas_slice){ octets, 1 }, to_server);
    kit_frame(out, 0x80, (struct bas_slice){ octets, 200 }, to_server);
    kit_frame(out, 0x82, (struct bas_slice){ octets, 5 }, to_server);
}

static const struct ending {
    uint8_t first;
    const char *payload;
} endings[] = {
    { 0x88, "03e8627965" }, { 0x88, "" },   { 0x88, "03" },       { 0x88, "03e8ff" },
    { 0x81, "41" },         { 0xC2, "41" }, { 0x80, "" },         { 0x8B, "" },
    { 0x09, "" },           { 0x83, "" },   { 0x88, "03ed4142" },
};

/* An engine as it is after creation, with the small maximum. */
static bool begin(struct kit *k, enum bas_ws_role role)
{
    struct bas_ws_config config = kit_config(k, role);
    config.max_message = MAX_MESSAGE;
    k->ws = bas_ws_new(&k->t.env, &config);
    return k->ws != NULL;
}

/* What the other side says: upgrade, conversation, ending. */
static void make_stream(struct kit *k, enum bas_ws_role role, const struct ending *ending,
                        struct bas_buf *stream)
{
    stream->len = 0;
    if (role == BAS_WS_SERVER) {
        bas_buf_add_text(stream, KIT_REQUEST);
    } else {
        static struct kit server;
        k->sent.len = 0;
        kit_control(k);
        kit_new(&server, BAS_WS_SERVER);
        (void)kit_feed(&server, (struct bas_slice){ k->sent.data, k->sent.len });
        kit_control(&server);
        bas_buf_add(stream, server.sent.data, server.sent.len);
        kit_free(&server);
    }
    k->world.seed = 7;
    add_conversation(k, stream, role == BAS_WS_SERVER);
    kit_frame(stream, ending->first, test_hex(ending->payload), role == BAS_WS_SERVER);
    kit_frame(stream, 0x82, test_hex("00"), role == BAS_WS_SERVER); /* is not heard any more */
}

static void play(struct kit *k, enum bas_ws_role role, const struct ending *ending, size_t chunk,
                 uint64_t seed)
{
    static uint8_t room[1 << 16];
    struct bas_buf stream;
    bas_buf_init(&stream, room, sizeof(room));
    kit_init(k, 1 << 20);
    assert_true(begin(k, role));
    make_stream(k, role, ending, &stream);
    k->sent.len = 0;
    k->world.seed = seed;
    kit_feed_chunks(k, (struct bas_slice){ stream.data, stream.len }, chunk);
    kit_control(k);
    bas_ws_eof(k->ws);
    kit_drain(k);
}

static void each_segmentation_of_a_conversation_gives_the_same_events(void **state)
{
    (void)state;
    static struct kit whole;
    static struct kit parts;
    static const size_t chunks[] = { 1, 2, 3, 4, 5, 13, 64, 1000, 4096 };
    for (size_t i = 0; i < 2 * BAS_ARRAY_LEN(endings); i++) {
        enum bas_ws_role role = i % 2 == 0 ? BAS_WS_SERVER : BAS_WS_CLIENT;
        play(&whole, role, &endings[i / 2], 0, 1);
        assert_non_null(strstr(bas_buf_text(&whole.said), "too long 3001\n"));
        assert_non_null(strstr(bas_buf_text(&whole.said), "\nclosed "));
        for (size_t j = 0; j < BAS_ARRAY_LEN(chunks) + 10; j++) {
            size_t chunk = j < BAS_ARRAY_LEN(chunks) ? chunks[j] : KIT_RANDOM_CHUNKS;
            play(&parts, role, &endings[i / 2], chunk, j);
            assert_string_equal(bas_buf_text(&parts.said), bas_buf_text(&whole.said));
            if (role == BAS_WS_SERVER) { /* a client's masks are random */
                assert_int_equal(parts.sent.len, whole.sent.len);
                assert_memory_equal(parts.sent.data, whole.sent.data, whole.sent.len);
            }
            kit_free(&parts);
        }
        kit_free(&whole);
    }
}

/* Every place that memory can be short in: nothing leaks, and the engine says why it ends. */
static void each_failing_allocation_ends_in_order(void **state)
{
    (void)state;
    static struct kit k;
    static uint8_t room[1 << 16];
    for (size_t i = 0; i < 4; i++) {
        enum bas_ws_role role = i % 2 == 0 ? BAS_WS_SERVER : BAS_WS_CLIENT;
        size_t chunk = i / 2 == 0 ? 7 : 1000;
        for (size_t at = 1;; at++) {
            struct bas_buf stream;
            bas_buf_init(&stream, room, sizeof(room));
            kit_init(&k, 1 << 20);
            k.t.fail_at = at;
            if (!begin(&k, role)) {
                assert_int_equal(at, 1);
                kit_free(&k);
                continue;
            }
            make_stream(&k, role, &endings[0], &stream);
            kit_feed_chunks(&k, (struct bas_slice){ stream.data, stream.len }, chunk);
            bool is_whole = strstr(bas_buf_text(&k.said), "closed 1000 by peer") != NULL;
            assert_int_equal(is_whole, k.t.allocations < at);
            if (!is_whole) {
                assert_non_null(strstr(bas_buf_text(&k.said), "memory"));
                assert_int_equal(bas_ws_has_control(k.ws),
                                 role == BAS_WS_SERVER || strstr(k.said_room, "open") != NULL);
            }
            kit_free(&k);
            if (is_whole) {
                assert_in_range(at, 4, 100);
                break;
            }
        }
    }
}

static void check_bound(const struct kit *k, size_t before)
{
    assert_in_range(k->t.live, before, before + MAX_MESSAGE + 128);
    assert_in_range(k->budget.used, 0, MAX_MESSAGE + 128);
}

static void random_octets_neither_crash_nor_grow_beyond_the_bound(void **state)
{
    (void)state;
    static struct kit k;
    static uint8_t octets[3000];
    for (uint64_t round = 0; round < 3000; round++) {
        enum bas_ws_role role = round % 2 == 0 ? BAS_WS_SERVER : BAS_WS_CLIENT;
        kit_init(&k, 1 << 20);
        assert_true(begin(&k, role));
        k.world.seed = round;
        size_t live = k.t.live;
        if (round % 4 < 2 && role == BAS_WS_SERVER) {
            (void)kit_feed(&k, kit_text(KIT_REQUEST));
        }
        for (size_t i = 0; i < 20; i++) {
            size_t len = 1 + (size_t)((round * 31 + i * 977) % 400);
            fill(&k, octets, len);
            octets[0] = (uint8_t)(i % 3 == 0 ? 0x82 : octets[0] & 0x8F); /* go deeper */
            octets[1 % len] =
                (uint8_t)(role == BAS_WS_SERVER ? octets[1 % len] | 0x80 : octets[1 % len] & 0x7F);
            (void)kit_feed(&k, (struct bas_slice){ octets, len });
            check_bound(&k, live);
        }
        kit_control(&k);
        kit_free(&k);
    }
}

static void a_damaged_conversation_neither_crashes_nor_grows_beyond_the_bound(void **state)
{
    (void)state;
    static struct kit k;
    static uint8_t room[1 << 16];
    for (uint64_t round = 0; round < 400; round++) {
        enum bas_ws_role role = round % 2 == 0 ? BAS_WS_SERVER : BAS_WS_CLIENT;
        struct bas_buf stream;
        bas_buf_init(&stream, room, sizeof(room));
        kit_init(&k, 1 << 20);
        assert_true(begin(&k, role));
        size_t live = k.t.live;
        make_stream(&k, role, &endings[round % BAS_ARRAY_LEN(endings)], &stream);
        k.world.seed = round;
        for (size_t i = 0; i < 1 + round % 3; i++) {
            uint8_t r[4];
            fill(&k, r, sizeof(r));
            size_t span = round % 5 == 0 ? 300 : stream.len;
            stream.data[((size_t)r[0] << 16 | (size_t)r[1] << 8 | r[2]) % span] ^= r[3];
        }
        for (size_t at = 0; at < stream.len;) {
            size_t n = stream.len - at < 97 ? stream.len - at : 97;
            (void)kit_feed(&k, (struct bas_slice){ stream.data + at, n });
            check_bound(&k, live);
            at += n;
        }
        kit_control(&k);
        kit_free(&k);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_segmentation_of_a_conversation_gives_the_same_events),
        cmocka_unit_test(each_failing_allocation_ends_in_order),
        cmocka_unit_test(random_octets_neither_crash_nor_grow_beyond_the_bound),
        cmocka_unit_test(a_damaged_conversation_neither_crashes_nor_grows_beyond_the_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
