#include "ws_kit.h"

/* bsc 7.6-01 7.6-02 */
static void a_close_of_the_peer_is_echoed_and_mapped(void **state)
{
    (void)state;
    static const struct {
        const char *payload;
        const char *said;
        const char *sent;
    } rows[] = {
        { "", "closed 1005 by peer 7/179: the peer closed the WebSocket with 1005 (other)\n",
          "8800" },
        { "03e8", "closed 1000 by peer 7/169: the peer closed the WebSocket with 1000 (normal)\n",
          "880203e8" },
        { "03e9627965", /* "bye" */
          "closed 1001 by peer 7/170: the peer closed the WebSocket with 1001 (going away): bye\n",
          "880203e9" },
        { "03ea",
          "closed 1002 by peer 7/171: the peer closed the WebSocket with 1002 (protocol error)\n",
          "880203ea" },
        { "03eb",
          "closed 1003 by peer 7/172: the peer closed the WebSocket with 1003 (data not "
          "accepted)\n",
          "880203eb" },
        { "03ef",
          "closed 1007 by peer 7/174: the peer closed the WebSocket with 1007 (data "
          "inconsistent)\n",
          "880203ef" },
        { "03f0",
          "closed 1008 by peer 7/175: the peer closed the WebSocket with 1008 (against policy)\n",
          "880203f0" },
        { "03f1",
          "closed 1009 by peer 7/176: the peer closed the WebSocket with 1009 (message too long)\n",
          "880203f1" },
        { "03f2",
          "closed 1010 by peer 7/177: the peer closed the WebSocket with 1010 (extension "
          "missing)\n",
          "880203f2" },
        { "03f3",
          "closed 1011 by peer 7/178: the peer closed the WebSocket with 1011 (internal error)\n",
          "880203f3" },
        { "0fa0", "closed 4000 by peer 7/179: the peer closed the WebSocket with 4000 (other)\n",
          "88020fa0" },
    };
    static struct kit k;
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        kit_open_server(&k);
        kit_feed_frame(&k, 0x88, test_hex(rows[i].payload), true);
        kit_expect(&k, rows[i].said);
        assert_false(bas_ws_is_open(k.ws));
        kit_expect_sent(&k, rows[i].sent);
        bas_ws_eof(k.ws);
        kit_drain(&k);
        kit_expect(&k, "");
        kit_free(&k);
    }
}

static void a_reason_cannot_put_control_characters_into_a_log(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    kit_feed_frame(&k, 0x88, test_hex("03e8 c3bc 0a 1b 7f c29b c2a0 41"), true);
    kit_expect(&k, "closed 1000 by peer 7/169: the peer closed the WebSocket with 1000 (normal): "
                   "\xC3\xBC?????\xC2\xA0"
                   "A\n");
    kit_free(&k);
}

static void our_close_waits_for_the_answer_and_discards_data(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    kit_feed_frame(&k, 0x02, test_hex("0102"), true); /* a message under way is given up */
    assert_true(bas_ws_unfinished(k.ws) > 0);
    bas_ws_close(k.ws, BAS_WS_CLOSE_GOING_AWAY, "bye");
    bas_ws_close(k.ws, BAS_WS_CLOSE_INTERNAL, "only the first counts");
    assert_int_equal(bas_ws_unfinished(k.ws), 0);
    assert_false(bas_ws_is_open(k.ws));
    kit_expect_sent(&k, "880503e9627965");
    struct bas_buf out;
    uint8_t room[16];
    bas_buf_init(&out, room, sizeof(room));
    assert_int_equal(bas_ws_write(k.ws, &out, kit_text("x"), kit_text("")), BAS_ERR_STATE);
    kit_feed_frame(&k, 0x80, test_hex("03"), true);
    kit_feed_frame(&k, 0x82, test_hex("04"), true);
    kit_feed_frame(&k, 0x81, test_hex("41"), true);
    kit_feed_frame(&k, 0x89, test_hex("41"), true);
    static const uint8_t zeros[70000];
    kit_feed_frame(&k, 0x82, (struct bas_slice){ zeros, sizeof(zeros) }, true);
    kit_expect(&k, "");
    assert_false(bas_ws_has_control(k.ws));
    kit_feed_frame(&k, 0x88, test_hex("03e9"), true);
    kit_expect(&k, "closed 1001\n");
    assert_false(bas_ws_has_control(k.ws));
    kit_free(&k);
}

static void closing_drops_what_was_fed_and_not_yet_drained(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    struct bas_slice two = test_hex("828137fa213d36 828137fa213d36 888237fa213d3412");
    struct bas_frame *block = bas_frame_new(&k.world.env, 0, two.len);
    memcpy(bas_frame_put(block, two.len), two.data, two.len);
    assert_int_equal(bas_ws_feed(k.ws, block, 0, two.len, 0), BAS_OK);
    struct bas_ws_event e;
    assert_true(bas_ws_next(k.ws, &e));
    assert_int_equal(e.kind, BAS_WS_EVENT_MESSAGE);
    bas_ws_close(k.ws, BAS_WS_CLOSE_NORMAL, NULL);
    kit_drain(&k);
    kit_expect(&k, "closed 1000\n");
    bas_frame_unref(block);
    kit_free(&k);
}

static void closing_in_the_middle_of_a_feed_gives_up_the_message_under_way(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    bas_ws_ping(k.ws);
    kit_expect_sent(&k, "8900");
    struct bas_slice parts = test_hex("028137fa213d36 8a8037fa213d 008137fa213d36");
    struct bas_frame *block = bas_frame_new(&k.world.env, 0, parts.len);
    memcpy(bas_frame_put(block, parts.len), parts.data, parts.len);
    assert_int_equal(bas_ws_feed(k.ws, block, 0, parts.len, 0), BAS_OK);
    struct bas_ws_event e;
    assert_true(bas_ws_next(k.ws, &e));
    assert_int_equal(e.kind, BAS_WS_EVENT_PONG);
    bas_ws_close(k.ws, BAS_WS_CLOSE_NORMAL, NULL);
    kit_drain(&k);
    assert_int_equal(bas_ws_unfinished(k.ws), 0);
    kit_feed_frame(&k, 0x80, test_hex("02"), true);
    kit_expect(&k, "");
    bas_frame_unref(block);
    kit_free(&k);
}

static void nothing_is_taken_once_the_end_is_said(void **state)
{
    (void)state;
    static struct kit k;
    struct test_env world;
    test_env_init(&world);
    struct bas_frame *block = bas_frame_new(&world.env, 0, 6);
    kit_open_server(&k);
    bas_ws_eof(k.ws);
    assert_int_equal(bas_ws_feed(k.ws, block, 0, 6, 0), BAS_ERR_CLOSED);
    kit_free(&k);
    kit_new(&k, BAS_WS_SERVER);
    bas_ws_close(k.ws, BAS_WS_CLOSE_NORMAL, NULL);
    assert_int_equal(bas_ws_feed(k.ws, block, 0, 6, 0), BAS_ERR_CLOSED);
    kit_free(&k);
    bas_frame_unref(block);
    test_env_check(&world);
}

/* bsc 7.6-04 */
static void closes_that_cross_are_orderly_and_both_go_out(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    bas_ws_close(k.ws, BAS_WS_CLOSE_NORMAL, NULL);
    kit_feed_frame(&k, 0x88, test_hex("03e9"), true);
    kit_expect(&k, "closed 1000\n");
    kit_expect_sent(&k, "880203e8");
    kit_free(&k);
}

/* bsc 7.6-02 */
static void a_broken_answer_to_our_close_is_a_close_error(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    bas_ws_close(k.ws, BAS_WS_CLOSE_NORMAL, NULL);
    kit_expect_sent(&k, "880203e8");
    (void)kit_feed(&k, test_hex("c28000000000"));
    kit_expect(&k, "closed 1000 7/168: reserved bits of a frame are set, but no extension was "
                   "agreed\n");
    assert_false(bas_ws_has_control(k.ws));
    kit_free(&k);
}

static void a_long_reason_is_cut_between_characters(void **state)
{
    (void)state;
    static struct kit k;
    char reason[200];
    memset(reason, 'a', 122);
    memcpy(reason + 122, "\xC3\xBC and more", 11);
    reason[133] = 0;
    kit_open_server(&k);
    bas_ws_close(k.ws, BAS_WS_CLOSE_NORMAL, reason);
    kit_control(&k);
    assert_int_equal(k.sent.len, 2 + 2 + 122);
    kit_free(&k);
}

/* bsc 7.6-01 11-47 */
static void the_end_of_the_transport_is_told_once_as_1006(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    kit_feed_frame(&k, 0x89, test_hex("41"), true);
    (void)kit_feed(&k, test_hex("828537fa213d36")); /* in the middle of a message */
    bas_ws_eof(k.ws);
    bas_ws_eof(k.ws);
    kit_drain(&k);
    kit_expect(&k, "closed 1006 7/173: the connection ended without a close frame\n");
    assert_false(bas_ws_has_control(k.ws));
    assert_int_equal(kit_feed(&k, test_hex("00")), BAS_ERR_CLOSED);
    kit_free(&k);
    kit_open_server(&k);
    bas_ws_close(k.ws, BAS_WS_CLOSE_NORMAL, NULL);
    kit_expect_sent(&k, "880203e8");
    bas_ws_eof(k.ws);
    kit_drain(&k);
    kit_expect(&k, "closed 1006 7/168: the connection ended before the peer answered our close "
                   "frame\n");
    kit_free(&k);
}

/* bsc 5.2-27 */
static void what_was_fed_before_the_end_comes_out_first(void **state)
{
    (void)state;
    static struct kit k;
    kit_open_server(&k);
    struct bas_slice one = test_hex("828137fa213d36");
    struct bas_frame *block = bas_frame_new(&k.world.env, 0, one.len);
    memcpy(bas_frame_put(block, one.len), one.data, one.len);
    assert_int_equal(bas_ws_feed(k.ws, block, 0, one.len, 0), BAS_OK);
    bas_ws_eof(k.ws);
    kit_drain(&k);
    kit_expect(&k, "message 01\nclosed 1006 7/173: the connection ended without a close frame\n");
    bas_frame_unref(block);
    kit_free(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_close_of_the_peer_is_echoed_and_mapped),
        cmocka_unit_test(a_reason_cannot_put_control_characters_into_a_log),
        cmocka_unit_test(our_close_waits_for_the_answer_and_discards_data),
        cmocka_unit_test(closing_drops_what_was_fed_and_not_yet_drained),
        cmocka_unit_test(closing_in_the_middle_of_a_feed_gives_up_the_message_under_way),
        cmocka_unit_test(nothing_is_taken_once_the_end_is_said),
        cmocka_unit_test(closes_that_cross_are_orderly_and_both_go_out),
        cmocka_unit_test(a_broken_answer_to_our_close_is_a_close_error),
        cmocka_unit_test(a_long_reason_is_cut_between_characters),
        cmocka_unit_test(the_end_of_the_transport_is_told_once_as_1006),
        cmocka_unit_test(what_was_fed_before_the_end_comes_out_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
