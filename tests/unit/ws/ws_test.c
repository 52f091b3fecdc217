#include "ws_kit.h"

/* Messages in */

/* bsc 1.1-01 */
static void sixteen_messages_in_one_block_are_sixteen_windows_into_it(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    struct bas_frame *block = bas_frame_new(&k.world.env, 0, 4096);
    struct bas_buf buf;
    bas_buf_init(&buf, block->data + 5, 4000); /* not at the front, not aligned */
    for (uint8_t i = 0; i < 16; i++) {
        uint8_t payload[60];
        memset(payload, i, sizeof(payload));
        kit_frame(&buf, 0x82, (struct bas_slice){ payload, sizeof(payload) }, true);
    }
    size_t allocations = k.t.allocations;
    assert_int_equal(bas_ws_feed(k.ws, block, 5, buf.len, 0), BAS_OK);
    struct bas_ws_event e;
    for (uint8_t i = 0; i < 16; i++) {
        uint8_t wanted[60];
        memset(wanted, i, sizeof(wanted));
        assert_true(bas_ws_next(k.ws, &e));
        assert_int_equal(e.kind, BAS_WS_EVENT_MESSAGE);
        assert_ptr_equal(e.window.frame, block);
        assert_int_equal(e.window.offset, 5U + i * 66U + 6U);
        assert_int_equal(e.window.len, 60);
        assert_memory_equal(bas_window_slice(&e.window).data, wanted, 60);
    }
    assert_false(bas_ws_next(k.ws, &e));
    assert_int_equal(k.t.allocations, allocations);
    assert_int_equal(block->refs, 1);
    bas_frame_unref(block);
    kit_free(&k);
}

/* bsc 7.3-02 */
static void fragments_in_one_block_are_joined_there_without_memory(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    static uint8_t room[256];
    struct bas_buf buf;
    bas_buf_init(&buf, room, sizeof(room));
    kit_frame(&buf, 0x82, test_hex("aa"), true);
    kit_frame(&buf, 0x02, test_hex("010203"), true);
    kit_frame(&buf, 0x00, test_hex(""), true);
    kit_frame(&buf, 0x89, test_hex("77"), true); /* a ping in between */
    kit_frame(&buf, 0x00, test_hex("0405060708090a0b0c0d0e0f"), true);
    kit_frame(&buf, 0x80, test_hex("10"), true);
    kit_frame(&buf, 0x82, test_hex("bb"), true);
    size_t allocations = k.t.allocations;
    (void)kit_feed(&k, (struct bas_slice){ room, buf.len });
    kit_expect(&k, "message aa\nmessage 0102030405060708090a0b0c0d0e0f10\nmessage bb\n");
    assert_int_equal(k.t.allocations, allocations);
    kit_expect_sent(&k, "8a0177");
    kit_free(&k);
}

/* bsc 7.3-05 */
static void an_empty_message_is_a_message(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    (void)kit_feed(&k, test_hex("828137fa213d36 828137fa213d36"));
    kit_feed_frame(&k, 0x82, test_hex(""), true);
    kit_expect(&k, "message 01\nmessage 01\nmessage \n");
    kit_feed_frame(&k, 0x02, test_hex(""), true);
    kit_feed_frame(&k, 0x80, test_hex(""), true);
    kit_expect(&k, "message \n");
    kit_free(&k);
}

static void a_window_may_be_kept_beyond_the_engine(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    kit_feed_frame(&k, 0x02, test_hex("0102"), true);
    struct bas_slice rest = test_hex("808137fa213d34"); /* 03 */
    struct bas_frame *block = bas_frame_new(&k.world.env, 0, rest.len);
    memcpy(bas_frame_put(block, rest.len), rest.data, rest.len);
    assert_int_equal(bas_ws_feed(k.ws, block, 0, rest.len, 0), BAS_OK);
    struct bas_ws_event e;
    assert_true(bas_ws_next(k.ws, &e));
    struct bas_frame *kept = bas_frame_ref(e.window.frame);
    assert_ptr_not_equal(kept, block);
    assert_int_equal(bas_ws_unfinished(k.ws), 0);
    bas_ws_free(k.ws);
    assert_memory_equal(bas_window_slice(&e.window).data, test_hex("010203").data, 3);
    bas_frame_unref(kept);
    bas_frame_unref(block);
    k.ws = NULL;
    kit_free(&k);
}

static void nothing_is_held_between_whole_messages(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    size_t live = k.t.live;
    struct bas_slice frame = test_hex("828337fa213d36f822");
    kit_feed_chunks(&k, frame, 1);
    kit_expect(&k, "message 010203\n");
    assert_int_equal(k.t.live, live);
    assert_int_equal(k.budget.used, 0);
    assert_in_range(live, 1, 640); /* the whole engine */
    kit_free(&k);
}

static void memory_for_a_message_grows_with_what_arrives_not_with_what_is_promised(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    size_t live = k.t.live;
    (void)kit_feed(&k, test_hex("82fe ffff 00000000 010203"));
    assert_in_range(bas_ws_unfinished(k.ws), 3, 1024);
    assert_int_equal(k.t.live - live, bas_ws_unfinished(k.ws));
    static const uint8_t zeros[65535 - 3];
    kit_feed_chunks(&k, (struct bas_slice){ zeros, sizeof(zeros) - 1 }, 1400);
    assert_in_range(bas_ws_unfinished(k.ws), 65534, 65535 + 256);
    kit_expect(&k, "");
    (void)kit_feed(&k, (struct bas_slice){ zeros, 1 });
    assert_int_equal(bas_ws_unfinished(k.ws), 0);
    assert_int_equal(strncmp(bas_buf_text(&k.said), "message of 65535 octets", 23), 0);
    kit_free(&k);
}

static void a_spent_budget_closes_with_1008(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    k.budget.max = 400;
    (void)kit_feed(&k, test_hex("82fe 00c8 00000000 010203")); /* 3 of 200 */
    kit_expect(&k, "");
    assert_in_range(k.budget.used, 200, 400);
    struct bas_ws *first = k.ws;
    struct bas_ws_config config = kit_config(&k, BAS_WS_SERVER);
    k.ws = bas_ws_new(&k.t.env, &config);
    k.is_shared = true;
    kit_feed_chunks(&k, kit_text(KIT_REQUEST), 0);
    kit_control(&k);
    k.said.len = 0;
    k.sent.len = 0;
    (void)kit_feed(&k, test_hex("82fe 00c8 00000000 010203"));
    kit_expect(&k, "closed 1008 7/175: the memory limit for unfinished messages is reached\n");
    assert_int_equal(k.budget.used, bas_ws_unfinished(first));
    kit_control(&k);
    assert_memory_equal(k.sent.data, test_hex("883503f0").data, 4);
    bas_ws_free(first);
    kit_free(&k);
}

static void what_has_begun_and_is_not_whole_is_midway_with_or_without_memory(void **state)
{
    (void)state;
    static const struct {
        const char *octets;
        bool is_midway;
    } rows[] = {
        { "", false },
        { "82", true },                  /* less than a header */
        { "8281000000", true },          /* not all of its mask */
        { "828100000000", true },        /* no payload */
        { "828100000000 01", false },    /* whole */
        { "028000000000", true },        /* a fragment without octets */
        { "028000000000 898000", true }, /* with a ping behind it, not whole */
        { "028000000000 808000000000", false },
        { "82ff7fffffffffffffff 00000000 01", true }, /* too long, skipped */
        { "898000000000", false },
    };
    static struct kit k;
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        kit_open_server(&k);
        (void)kit_feed(&k, test_hex(rows[i].octets));
        assert_int_equal(bas_ws_is_midway(k.ws), rows[i].is_midway);
        kit_free(&k);
    }
}

/* bsc 7.3-03 */
static void a_too_long_message_is_skipped_and_the_next_one_comes(void **state)
{
    (void)state;
    static struct kit k;
    kit_init(&k, 1 << 20);
    struct bas_ws_config config = kit_config(&k, BAS_WS_SERVER);
    config.max_message = 100;
    k.ws = bas_ws_new(&k.t.env, &config);
    (void)kit_feed(&k, kit_text(KIT_REQUEST));
    kit_expect(&k, "open " KIT_HUB "\n");
    static const uint8_t zeros[200];
    kit_feed_frame(&k, 0x82, (struct bas_slice){ zeros, 100 }, true);
    assert_int_equal(strncmp(bas_buf_text(&k.said), "message of 100", 14), 0);
    k.said.len = 0;
    kit_feed_frame(&k, 0x82, (struct bas_slice){ zeros, 101 }, true);
    kit_feed_frame(&k, 0x82, test_hex("01"), true);
    kit_expect(&k, "too long 101\nmessage 01\n");
    /* found out in the second fragment, one report, all fragments skipped */
    kit_feed_frame(&k, 0x02, (struct bas_slice){ zeros, 99 }, true);
    assert_true(bas_ws_unfinished(k.ws) > 0);
    kit_feed_frame(&k, 0x00, (struct bas_slice){ zeros, 2 }, true);
    kit_expect(&k, "too long 101\n");
    assert_int_equal(bas_ws_unfinished(k.ws), 0);
    kit_feed_frame(&k, 0x00, (struct bas_slice){ zeros, 200 }, true);
    kit_feed_frame(&k, 0x80, (struct bas_slice){ zeros, 50 }, true);
    kit_feed_frame(&k, 0x82, test_hex("02"), true);
    kit_expect(&k, "message 02\n");
    assert_true(bas_ws_is_open(k.ws));
    kit_free(&k);
}

static void the_longest_length_neither_overflows_nor_blocks(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    size_t live = k.t.live;
    (void)kit_feed(&k, test_hex("028137fa213d37")); /* one octet before */
    (void)kit_feed(&k, test_hex("80ff7fffffffffffffff 00000000"));
    kit_expect(&k, "too long 9223372036854775808\n");
    static const uint8_t zeros[60000];
    for (int i = 0; i < 20; i++) {
        (void)kit_feed(&k, (struct bas_slice){ zeros, sizeof(zeros) });
    }
    kit_expect(&k, "");
    assert_int_equal(k.t.live, live);
    kit_free(&k);
}

static void a_second_feed_before_draining_is_a_state_error(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    struct bas_frame *block = bas_frame_new(&k.world.env, 0, 8);
    assert_int_equal(bas_ws_feed(k.ws, block, 0, 0, 0), BAS_OK);
    assert_int_equal(bas_ws_feed(k.ws, block, 0, 0, 0), BAS_ERR_STATE);
    kit_drain(&k);
    assert_int_equal(bas_ws_feed(k.ws, block, 8, 0, 0), BAS_OK);
    kit_drain(&k);
    bas_frame_unref(block);
    kit_free(&k);
}

/* Rules */

/* bsc 2.2-17 7.3-01 7.3-06 7.6-05 */
static void each_broken_rule_closes_with_its_code(void **state)
{
    (void)state;
    static const struct {
        const char *fed;
        const char *said;
        const char *sent; /* the begin of the close frame's payload */
    } rows[] = {
        { "c28000000000",
          "closed 1002 7/171: reserved bits of a frame are set, but no extension was agreed\n",
          "03ea" },
        { "838000000000", "closed 1002 7/171: a data frame has an unknown opcode\n", "03ea" },
        { "8b8000000000", "closed 1002 7/167: a control frame has an unknown opcode\n", "03ea" },
        { "820101", "closed 1002 7/171: a frame of the client is not masked\n", "03ea" },
        { "098000000000", "closed 1002 7/171: a control frame is fragmented\n", "03ea" },
        { "89fe007e", "closed 1002 7/171: a control frame is longer than 125 octets\n", "03ea" },
        { "82fe007d", "closed 1002 7/171: a frame length is not written in its shortest form\n",
          "03ea" },
        { "82ff8000000000000000", "closed 1002 7/171: a frame length has its highest bit set\n",
          "03ea" },
        { "808000000000", "closed 1002 7/171: a continuation frame has no message to continue\n",
          "03ea" },
        { "028000000000 828000000000",
          "closed 1002 7/171: a message begins before the one before it has ended\n", "03ea" },
        { "818000000000",
          "closed 1003 7/172: a text message came; only binary messages are accepted\n", "03eb" },
        { "018000000000",
          "closed 1003 7/172: a text message came; only binary messages are accepted\n", "03eb" },
        { "88810000000003", "closed 1002 7/171: a close frame has half a close code\n", "03ea" },
        { "88820000000003ed",
          "closed 1002 7/171: a close frame has a close code that must not be sent\n", "03ea" },
        { "88820000000003ee",
          "closed 1002 7/171: a close frame has a close code that must not be sent\n", "03ea" },
        { "88820000000003f7",
          "closed 1002 7/171: a close frame has a close code that must not be sent\n", "03ea" },
        { "88820000000003e7",
          "closed 1002 7/171: a close frame has a close code that must not be sent\n", "03ea" },
        { "88840000000003e8c3c3", "closed 1007 7/174: the reason in a close frame is not UTF-8\n",
          "03ef" },
    };
    static struct kit k;
    for (size_t i = 0; i < 2 * BAS_ARRAY_LEN(rows); i++) {
        kit_open_server(&k);
        kit_feed_chunks(&k, test_hex(rows[i / 2].fed), i % 2);
        kit_expect(&k, rows[i / 2].said);
        assert_false(bas_ws_is_open(k.ws));
        kit_control(&k);
        assert_int_equal(k.sent.data[0], 0x88);
        assert_int_equal(k.sent.data[1], k.sent.len - 2);
        assert_memory_equal(k.sent.data + 2, test_hex(rows[i / 2].sent).data, 2);
        assert_int_equal(kit_feed(&k, test_hex("828000000000")), BAS_ERR_CLOSED);
        kit_expect(&k, "");
        kit_free(&k);
    }
}

/* bsc 7.3-06 */
static void a_masked_frame_of_a_server_is_refused(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_client(&k);
    (void)kit_feed(&k, test_hex("828100000000 01"));
    kit_expect(&k, "closed 1002 7/171: a frame of the server is masked\n");
    kit_free(&k);
}

/* Control frames */

/* bsc 7.3-04 5.4-06 */
static void a_ping_is_answered_with_its_own_octets(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    kit_feed_frame(&k, 0x89, test_hex("48656c6c6f"), true);
    kit_expect(&k, "");
    kit_expect_sent(&k, "8a0548656c6c6f");
    kit_feed_frame(&k, 0x89, test_hex(""), true);
    kit_expect_sent(&k, "8a00");
    assert_false(bas_ws_has_control(k.ws));
    kit_free(&k);
}

static void of_many_pings_the_newest_is_answered(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    uint8_t longest[125];
    memset(longest, 0x55, sizeof(longest));
    for (int i = 0; i < 1000; i++) {
        kit_feed_frame(&k, 0x89, (struct bas_slice){ longest, sizeof(longest) }, true);
    }
    kit_feed_frame(&k, 0x89, test_hex("4e6577"), true);
    kit_expect_sent(&k, "8a034e6577");
    kit_free(&k);
}

static void a_ping_is_sent_once_and_its_answer_is_told(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    kit_feed_frame(&k, 0x8A, test_hex(""), true); /* not asked for */
    kit_expect(&k, "");
    bas_ws_ping(k.ws);
    bas_ws_ping(k.ws);
    kit_expect_sent(&k, "8900");
    kit_feed_frame(&k, 0x8A, test_hex(""), true);
    kit_feed_frame(&k, 0x8A, test_hex(""), true);
    kit_expect(&k, "pong\n");
    kit_free(&k);
}

static void control_output_that_does_not_fit_waits_for_the_next_call(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    kit_feed_frame(&k, 0x89, test_hex("48656c6c6f"), true);
    bas_ws_ping(k.ws);
    uint8_t room[6];
    struct bas_buf small;
    bas_buf_init(&small, room, sizeof(room));
    bas_ws_control(k.ws, &small);
    assert_int_equal(small.len, 2); /* the ping */
    assert_false(small.full);
    assert_true(bas_ws_has_control(k.ws));
    kit_expect_sent(&k, "8a0548656c6c6f");
    kit_free(&k);
}

/* Messages out */

static void a_server_writes_head_and_rest_as_one_frame(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    assert_int_equal(bas_ws_write(k.ws, &k.sent, test_hex("0102"), test_hex("03")), BAS_OK);
    assert_int_equal(k.sent.len, bas_ws_frame_len(k.ws, 3));
    kit_expect_sent(&k, "8203010203");
    assert_int_equal(bas_ws_write(k.ws, &k.sent, test_hex(""), test_hex("")), BAS_OK);
    kit_expect_sent(&k, "8200");
    assert_int_equal(bas_ws_frame_len(k.ws, 125), 127);
    assert_int_equal(bas_ws_frame_len(k.ws, 126), 130);
    assert_int_equal(bas_ws_frame_len(k.ws, 65536), 65546);
    kit_free(&k);
}

static void a_write_that_does_not_fit_writes_nothing(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    uint8_t room[5];
    struct bas_buf out;
    bas_buf_init(&out, room, 4);
    assert_int_equal(bas_ws_write(k.ws, &out, test_hex("0102"), test_hex("03")), BAS_ERR_NO_SPACE);
    assert_int_equal(out.len, 0);
    assert_false(out.full);
    bas_buf_init(&out, room, 5);
    assert_int_equal(bas_ws_write(k.ws, &out, test_hex("0102"), test_hex("03")), BAS_OK);
    kit_free(&k);
}

static void the_upgrade_goes_before_the_first_message_in_any_case(void **state)
{
    (void)state;
    static struct kit k;
    kit_new(&k, BAS_WS_SERVER);
    struct bas_slice none = { NULL, 0 };
    assert_int_equal(bas_ws_write(k.ws, &k.sent, none, none), BAS_ERR_STATE);
    (void)kit_feed(&k, kit_text(KIT_REQUEST));
    static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                 "Connection: Upgrade\r\n"
                                 "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                                 "Sec-WebSocket-Protocol: " KIT_HUB "\r\n\r\n";
    uint8_t room[sizeof(answer) + 1];
    struct bas_buf small;
    for (size_t cap = 0; cap < sizeof(room); cap++) {
        bas_buf_init(&small, room, cap);
        assert_int_equal(bas_ws_write(k.ws, &small, none, none), BAS_ERR_NO_SPACE);
        assert_int_equal(small.len, 0);
    }
    bas_buf_init(&k.sent, k.sent_room, sizeof(room));
    assert_int_equal(bas_ws_write(k.ws, &k.sent, none, none), BAS_OK);
    assert_memory_equal(k.sent.data, "HTTP/1.1 101 ", 13);
    assert_memory_equal(k.sent.data + k.sent.len - 6, "\r\n\r\n\x82", 6);
    assert_false(bas_ws_has_control(k.ws));
    kit_free(&k);
}

/* bsc 7.3-06 */
static void what_a_client_writes_is_masked_anew_each_time_and_a_server_reads_it(void **state)
{
    (void)state;
    static struct kit client;
    static struct kit server;
    kit_open_client(&client);
    kit_open_server(&server);
    uint8_t masks[300][4];
    for (size_t i = 0; i < BAS_ARRAY_LEN(masks); i++) {
        uint8_t payload[300];
        memset(payload, (int)i, sizeof(payload));
        struct bas_slice head = { payload, i % 17 };
        struct bas_slice rest = { payload, i };
        client.sent.len = 0;
        assert_int_equal(bas_ws_write(client.ws, &client.sent, head, rest), BAS_OK);
        assert_int_equal(client.sent.len, bas_ws_frame_len(client.ws, head.len + rest.len));
        size_t at = head.len + rest.len < 126 ? 2 : 4;
        memcpy(masks[i], client.sent.data + at, 4);
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(masks[i], masks[j], 4);
        }
        struct bas_frame *block = bas_frame_new(&server.world.env, 0, client.sent.len);
        memcpy(bas_frame_put(block, client.sent.len), client.sent.data, client.sent.len);
        assert_int_equal(bas_ws_feed(server.ws, block, 0, client.sent.len, 0), BAS_OK);
        struct bas_ws_event e;
        assert_true(bas_ws_next(server.ws, &e));
        assert_int_equal(e.window.len, head.len + rest.len);
        for (size_t j = 0; j < e.window.len; j++) {
            assert_int_equal(bas_window_slice(&e.window).data[j], (uint8_t)i);
        }
        assert_false(bas_ws_next(server.ws, &e));
        bas_frame_unref(block);
    }
    kit_free(&client);
    kit_free(&server);
}

static void a_client_masks_its_control_frames(void **state)
{
    (void)state;
    static struct kit client;
    static struct kit server;
    kit_open_client(&client);
    kit_open_server(&server);
    kit_feed_frame(&client, 0x89, test_hex("4142"), false);
    bas_ws_ping(client.ws);
    bas_ws_ping(server.ws);
    kit_expect_sent(&server, "8900");
    kit_control(&client);
    bas_ws_close(client.ws, BAS_WS_CLOSE_NORMAL, "done");
    kit_control(&client);
    (void)kit_feed(&server, (struct bas_slice){ client.sent.data, client.sent.len });
    kit_expect(&server, "pong\nclosed 1000 by peer 7/169: the peer closed the WebSocket with 1000 "
                        "(normal): done\n");
    kit_expect_sent(&server, "880203e8"); /* no pong once closed */
    kit_free(&client);
    kit_free(&server);
}

/* Creation */

static void a_wrong_config_gives_no_engine(void **state)
{
    (void)state;
    static struct kit k;
    kit_init(&k, 1000);
    static const char *const hosts[] = { NULL, "", "a b", "a\r\nX: y", "h\xC3\xBC" };
    static const char *const paths[] = { "", "hub", "/a b", "/\r\n", "/\x7F" };
    static const char *const subprotocols[] = { NULL, "", "a b", "a,b", "a\r\n" };
    for (size_t i = 0; i < 5; i++) {
        struct bas_ws_config config = kit_config(&k, BAS_WS_CLIENT);
        config.host = hosts[i];
        assert_null(bas_ws_new(&k.t.env, &config));
        config = kit_config(&k, BAS_WS_CLIENT);
        config.path = paths[i];
        assert_null(bas_ws_new(&k.t.env, &config));
        config = kit_config(&k, BAS_WS_CLIENT);
        config.subprotocols[0] = subprotocols[i];
        assert_null(bas_ws_new(&k.t.env, &config));
        config = kit_config(&k, BAS_WS_SERVER);
        config.subprotocols[0] = subprotocols[i];
        assert_null(bas_ws_new(&k.t.env, &config));
    }
    struct bas_ws_config config = kit_config(&k, BAS_WS_CLIENT);
    config.subprotocols[1] = KIT_DIRECT; /* a client offers one */
    assert_null(bas_ws_new(&k.t.env, &config));
    config = kit_config(&k, BAS_WS_SERVER);
    config.size = 0;
    assert_null(bas_ws_new(&k.t.env, &config));
    config = kit_config(&k, BAS_WS_SERVER);
    config.max_message = SIZE_MAX;
    assert_null(bas_ws_new(&k.t.env, &config));
    static char path[3000];
    memset(path, '/', sizeof(path) - 1);
    config = kit_config(&k, BAS_WS_CLIENT);
    config.path = path; /* the request would not fit */
    assert_null(bas_ws_new(&k.t.env, &config));
    assert_int_equal(k.t.allocations, 0);
    bas_ws_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixteen_messages_in_one_block_are_sixteen_windows_into_it),
        cmocka_unit_test(fragments_in_one_block_are_joined_there_without_memory),
        cmocka_unit_test(an_empty_message_is_a_message),
        cmocka_unit_test(a_window_may_be_kept_beyond_the_engine),
        cmocka_unit_test(nothing_is_held_between_whole_messages),
        cmocka_unit_test(memory_for_a_message_grows_with_what_arrives_not_with_what_is_promised),
        cmocka_unit_test(a_spent_budget_closes_with_1008),
        cmocka_unit_test(what_has_begun_and_is_not_whole_is_midway_with_or_without_memory),
        cmocka_unit_test(a_too_long_message_is_skipped_and_the_next_one_comes),
        cmocka_unit_test(the_longest_length_neither_overflows_nor_blocks),
        cmocka_unit_test(each_broken_rule_closes_with_its_code),
        cmocka_unit_test(a_masked_frame_of_a_server_is_refused),
        cmocka_unit_test(a_ping_is_answered_with_its_own_octets),
        cmocka_unit_test(of_many_pings_the_newest_is_answered),
        cmocka_unit_test(a_ping_is_sent_once_and_its_answer_is_told),
        cmocka_unit_test(control_output_that_does_not_fit_waits_for_the_next_call),
        cmocka_unit_test(a_second_feed_before_draining_is_a_state_error),
        cmocka_unit_test(a_server_writes_head_and_rest_as_one_frame),
        cmocka_unit_test(a_write_that_does_not_fit_writes_nothing),
        cmocka_unit_test(the_upgrade_goes_before_the_first_message_in_any_case),
        cmocka_unit_test(what_a_client_writes_is_masked_anew_each_time_and_a_server_reads_it),
        cmocka_unit_test(a_client_masks_its_control_frames),
        cmocka_unit_test(a_wrong_config_gives_no_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
