/* Tests of links without TLS: the same link with a channel that adds nothing (channel.c). */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/channel.h"

#include "link_fixture.h"
#include "rt_resolver.h"
#include "test_folder.h"

#include <stdio.h>
#include <string.h>

static void strict(struct rt_peer *peer, struct bas_slice octets)
{
    assert_int_equal(rt_npdu_check(octets, NULL), peer->messages - 1);
}

static void plain_begin(struct fixture *f)
{
    fixture_begin(f);
    f->config.tls = NULL;
}

static void plain_open(struct fixture *f)
{
    const struct rt_peer_config peer = { .level = RT_WS, .is_plain = true, .message = strict };
    plain_begin(f);
    fixture_connect(f, &peer);
    rt_until(&f->w, &f->owner.opened, 1);
}

/* Messages. */

static void messages_of_all_sizes_arrive_whole_and_in_order(void **state)
{
    (void)state;
    struct fixture f;
    plain_open(&f);
    f.owner.is_strict = true;
    f.owner.ends[0].wanted = 1000;
    for (uint32_t tag = 0; tag < 1000; tag++) {
        rt_peer_send(&f.peer, rt_npdu(1, tag, rt_size(tag)));
        if (tag % 10 == 0) {
            rt_turns(&f.w, 1);
        }
    }
    rt_until(&f.w, &f.peer.messages, 1000);
    rt_until(&f.w, &f.owner.messages, 1000);
    fixture_end(&f);
}

static void nothing_is_hidden_on_the_wire(void **state)
{
    (void)state;
    struct fixture f;
    const struct rt_peer_config peer = { .level = RT_TLS, .is_plain = true };
    plain_begin(&f);
    fixture_connect(&f, &peer);
    rt_peer_write(&f.peer, (struct bas_slice){ (const uint8_t *)"GET / HTTP/1.0\r\n\r\n", 18 });
    rt_until(&f.w, &f.peer.records, 1);
    assert_memory_equal(f.peer.block->data, "HTTP/1.1 505 ", 13);
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.why.error_code, BAC_ERROR_CODE_HTTP_ERROR);
    fixture_end(&f);
}

static void nobody_is_known(void **state)
{
    (void)state;
    struct fixture f;
    struct bas_tls_identity identity;
    plain_open(&f);
    assert_false(link_peer(f.owner.ends[0].link, &identity));
    assert_int_equal(link_recheck(f.owner.ends[0].link, f.w.client, NULL), BAS_OK);
    assert_ptr_equal(strstr(link_address(f.owner.ends[0].link), "127.0.0.1:"),
                     link_address(f.owner.ends[0].link));
    fixture_end(&f);
}

static void a_peer_that_does_not_read_gets_everything_when_it_does(void **state)
{
    (void)state;
    struct fixture f;
    plain_open(&f);
    struct rt_end *end = &f.owner.ends[0];
    rt_peer_pause(&f.peer);
    end->size = 10000;
    end->wanted = UINT32_MAX;
    rt_until(&f.w, &end->leftovers, 1);
    assert_in_range(end->leftover, 1, LOOP_STAGING);
    end->wanted = end->popped + 20;
    rt_peer_resume(&f.peer);
    rt_until(&f.w, &f.peer.messages, end->wanted);
    fixture_end(&f);
}

static void half_a_message_may_not_wait_for_ever(void **state)
{
    (void)state;
    struct fixture f;
    static const uint8_t half[] = { 0x82, 0x85, 0, 0, 0, 0, 1, 2 };
    plain_open(&f);
    rt_peer_write(&f.peer, (struct bas_slice){ half, sizeof(half) });
    const struct link *link = f.owner.ends[0].link;
    while (link->unfinished_since == 0) {
        rt_turns(&f.w, 1);
    }
    assert_true(f.w.loop->unfinished.used > 0);
    f.owner.ends[0].link->unfinished_since -= 30 * BAS_SECOND; /* the set-up time */
    assert_true(rt_hasten(&f.owner.ends[0].link->timer));
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.why.err, BAS_ERR_TIMEOUT);
    fixture_end(&f);
}

/* The calling side. */

static void a_link_of_ours_calls_a_listener_of_ours(void **state)
{
    (void)state;
    struct fixture f;
    char uri[96];
    const struct rt_resolver resolver = { .addresses = { "127.0.0.1" }, .gate = -1 };
    rt_resolver_set(&resolver);
    plain_begin(&f);
    f.owner.is_strict = true;
    f.listener = rt_owner_listen(&f.owner, &f.config);
    (void)snprintf(uri, sizeof(uri), "ws://%s/", listener_address(f.listener));
    assert_non_null(link_connect(&f.config, uri));
    rt_until(&f.w, &f.owner.opened, 2);
    f.owner.ends[0].wanted = 300;
    f.owner.ends[1].wanted = 300;
    rt_until(&f.w, &f.owner.messages, 600);
    link_close(f.owner.ends[0].link, BAS_WS_CLOSE_NORMAL);
    rt_until(&f.w, &f.owner.closed, 2);
    assert_int_equal(f.owner.ends[0].why.err, BAS_OK);
    assert_int_equal(f.owner.ends[1].why.error_code, BAC_ERROR_CODE_WEBSOCKET_CLOSED_BY_PEER);
    fixture_end(&f);
}

static void the_scheme_must_fit_what_was_asked_for(void **state)
{
    (void)state;
    static const struct {
        bool is_plain;
        const char *uri, *text;
    } rows[] = {
        { true, "wss://127.0.0.1:1/", "expected ws://" },
        { false, "ws://127.0.0.1:1/", "expected wss://" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct fixture f;
        fixture_begin(&f);
        f.config.tls = rows[i].is_plain ? NULL : f.w.client;
        assert_non_null(link_connect(&f.config, rows[i].uri));
        rt_until(&f.w, &f.owner.closed, 1);
        assert_int_equal(f.owner.why.error_code, BAC_ERROR_CODE_WEBSOCKET_SCHEME_NOT_SUPPORTED);
        assert_has(f.owner.why.text, rows[i].text);
        fixture_end(&f);
    }
}

/* One end in plaintext, the other one with TLS. */

static void who_speaks_tls_to_a_plaintext_listener_is_no_http(void **state)
{
    (void)state;
    struct fixture f;
    const struct rt_peer_config peer = { .level = RT_WS };
    plain_begin(&f);
    f.listener = rt_owner_listen(&f.owner, &f.config);
    rt_peer_connect(&f.w, &f.peer, &peer, listener_address(f.listener));
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.why.error_code, BAC_ERROR_CODE_HTTP_ERROR);
    assert_has(f.owner.why.text, "not well-formed HTTP");
    rt_until(&f.w, &f.peer.ended, 1);
    assert_int_equal(f.peer.secured, 0);
    fixture_end(&f);
}

static void a_listener_with_tls_does_not_answer_plaintext(void **state)
{
    (void)state;
    struct fixture f;
    const struct rt_peer_config peer = { .level = RT_WS, .is_plain = true };
    fixture_begin(&f);
    f.listener = rt_owner_listen(&f.owner, &f.config);
    rt_peer_connect(&f.w, &f.peer, &peer, listener_address(f.listener));
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.why.error_code, BAC_ERROR_CODE_TLS_ERROR);
    rt_until(&f.w, &f.peer.ended, 1);
    assert_int_equal(f.peer.opened, 0);
    assert_int_equal(f.peer.http_status, 0);
    fixture_end(&f);
}

static void who_calls_a_tls_server_in_plaintext_is_told_that_it_is_no_http_server(void **state)
{
    (void)state;
    struct fixture f;
    struct rt_server server;
    const struct rt_peer_config peer = { .level = RT_TLS };
    char uri[96];
    plain_begin(&f);
    rt_server_begin(&f.w, &server, &f.peer, 1, &peer);
    (void)snprintf(uri, sizeof(uri), "ws://%s/", server.address);
    assert_non_null(link_connect(&f.config, uri));
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.why.error_code, BAC_ERROR_CODE_HTTP_NOT_A_SERVER);
    rt_server_end(&server);
    fixture_end(&f);
}

/* The end. */

static void a_close_frame_with_its_code_is_answered_and_both_ends_are_in_order(void **state)
{
    (void)state;
    struct fixture f;
    plain_open(&f);
    link_close(f.owner.ends[0].link, BAS_WS_CLOSE_POLICY);
    assert_int_equal(f.owner.why.err, BAS_OK);
    rt_until(&f.w, &f.peer.ended, 1);
    assert_int_equal(f.peer.close_code, BAS_WS_CLOSE_POLICY);
    assert_int_equal(f.peer.end, UV_EOF);
    fixture_end(&f);
}

static void an_end_without_a_close_frame_has_the_code_173(void **state)
{
    (void)state;
    struct fixture f;
    plain_open(&f);
    rt_peer_finish(&f.peer);
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.why.error_code, BAC_ERROR_CODE_WEBSOCKET_CLOSED_ABNORMALLY);
    fixture_end(&f);
}

static void no_failing_allocation_leaves_anything(void **state)
{
    (void)state;
    unsigned opened = 0;
    for (size_t k = 1; k < 40 && opened == 0; k++) {
        struct fixture f;
        const struct rt_peer_config peer = { .level = RT_WS, .is_plain = true };
        plain_begin(&f);
        f.listener = rt_owner_listen(&f.owner, &f.config);
        rt_peer_connect(&f.w, &f.peer, &peer, listener_address(f.listener));
        f.w.t.fail_at = f.w.t.allocations + k;
        while (f.peer.ended + f.peer.opened == 0) {
            rt_turns(&f.w, 1);
        }
        opened = f.owner.opened;
        fixture_end(&f);
    }
    assert_int_equal(opened, 1);
}

/* The channel itself. */

static void octets_pass_a_plaintext_channel_in_pieces_as_large_as_the_room(void **state)
{
    (void)state;
    struct channel channel = { 0 };
    uint8_t memory[8];
    uint8_t plain[4];
    struct bas_buf out;
    size_t len = 0;
    bas_buf_init(&out, memory, sizeof(memory));
    assert_false(channel_is_open(&channel));
    assert_true(channel_begin(&channel, NULL, BAS_TLS_SERVER, &out));
    assert_true(channel_is_open(&channel));
    assert_int_equal(channel_read(&channel, plain, sizeof(plain), &len), BAS_ERR_AGAIN);
    assert_int_equal(channel_feed(&channel, (const uint8_t *)"abcdef", 6), BAS_OK);
    assert_int_equal(channel_read(&channel, plain, sizeof(plain), &len), BAS_OK);
    assert_int_equal(len, 4);
    assert_memory_equal(plain, "abcd", 4);
    assert_int_equal(channel_read(&channel, plain, sizeof(plain), &len), BAS_OK);
    assert_int_equal(len, 2);
    assert_int_equal(channel_read(&channel, plain, sizeof(plain), &len), BAS_ERR_AGAIN);
    const struct bas_slice five = { (const uint8_t *)"12345", 5 };
    assert_int_equal(channel_seal(&channel, five), BAS_OK);
    assert_int_equal(channel_seal(&channel, five), BAS_ERR_NO_SPACE);
    assert_null(channel_fault(&channel));
    channel_close(&channel);
    assert_int_equal(out.len, 5);
    assert_memory_equal(memory, "12345", 5);
    assert_int_equal(channel_unfinished(&channel), 0);
    channel_end(&channel);
    assert_false(channel_is_open(&channel));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_of_all_sizes_arrive_whole_and_in_order),
        cmocka_unit_test(nothing_is_hidden_on_the_wire),
        cmocka_unit_test(nobody_is_known),
        cmocka_unit_test(a_peer_that_does_not_read_gets_everything_when_it_does),
        cmocka_unit_test(half_a_message_may_not_wait_for_ever),
        cmocka_unit_test(a_link_of_ours_calls_a_listener_of_ours),
        cmocka_unit_test(the_scheme_must_fit_what_was_asked_for),
        cmocka_unit_test(who_speaks_tls_to_a_plaintext_listener_is_no_http),
        cmocka_unit_test(a_listener_with_tls_does_not_answer_plaintext),
        cmocka_unit_test(who_calls_a_tls_server_in_plaintext_is_told_that_it_is_no_http_server),
        cmocka_unit_test(a_close_frame_with_its_code_is_answered_and_both_ends_are_in_order),
        cmocka_unit_test(an_end_without_a_close_frame_has_the_code_173),
        cmocka_unit_test(no_failing_allocation_leaves_anything),
        cmocka_unit_test(octets_pass_a_plaintext_channel_in_pieces_as_large_as_the_room),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
