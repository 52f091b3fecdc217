#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/link.h"

#include "link_fixture.h"
#include "test_folder.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* How a link ends from here. */

static void close_at_once(struct rt_end *end, const struct bas_window *window)
{
    (void)window;
    if (end->owner->messages == 1) {
        link_close(end->link, BAS_WS_CLOSE_POLICY);
    }
}

static void a_close_frame_with_its_code_is_answered_and_both_ends_are_in_order(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    link_close(f.owner.ends[0].link, BAS_WS_CLOSE_POLICY);
    assert_int_equal(f.owner.closed, 1);
    assert_int_equal(f.owner.why.err, BAS_OK);
    rt_until(&f.w, &f.peer.ended, 1);
    assert_int_equal(f.peer.close_code, BAS_WS_CLOSE_POLICY);
    assert_true(f.peer.by_peer);
    assert_int_equal(f.peer.notified, 1);
    assert_int_equal(f.peer.end, UV_EOF);
    fixture_end(&f);
}

static void a_close_frame_arrives_though_the_peer_has_data_in_flight(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.owner.on_message = close_at_once;
    rt_peer_pause(&f.peer);
    rt_peer_send(&f.peer, rt_npdu(1, 0, 100));
    rt_until(&f.w, &f.owner.closed, 1);
    for (unsigned i = 0; i < 4; i++) { /* less than is thrown away while it drains */
        rt_peer_send(&f.peer, rt_npdu(1, 1, 10000));
    }
    rt_turns(&f.w, 5);
    rt_peer_resume(&f.peer);
    rt_until(&f.w, &f.peer.ended, 1);
    assert_int_equal(f.peer.close_code, BAS_WS_CLOSE_POLICY);
    assert_int_equal(f.peer.end, UV_EOF);
    assert_int_equal(f.owner.messages, 1);
    fixture_end(&f);
}

static void what_was_pending_goes_out_before_the_close_frame(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct rt_end *end = &f.owner.ends[0];
    end->wanted = 300;
    end->size = 1000;
    link_close(end->link, BAS_WS_CLOSE_GOING_AWAY);
    rt_until(&f.w, &f.peer.closed, 1);
    assert_int_equal(f.peer.messages, 300);
    assert_int_equal(f.peer.close_code, BAS_WS_CLOSE_GOING_AWAY);
    fixture_end(&f);
}

static void a_second_close_changes_nothing(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct link *link = f.owner.ends[0].link;
    link_close(link, BAS_WS_CLOSE_POLICY);
    link_close(link, BAS_WS_CLOSE_NORMAL);
    link_flush(link);
    rt_until(&f.w, &f.peer.closed, 1);
    assert_int_equal(f.peer.close_code, BAS_WS_CLOSE_POLICY);
    assert_int_equal(f.owner.closed, 1);
    fixture_end(&f);
}

static void a_link_that_drains_ends_when_its_time_is_over(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct link *link = f.owner.ends[0].link;
    rt_peer_pause(&f.peer); /* it never ends its side */
    link_close(link, BAS_WS_CLOSE_NORMAL);
    assert_int_equal(link->state, LINK_DRAINING);
    assert_in_range(uv_timer_get_due_in(&link->timer), 1, 1000);
    assert_true(rt_hasten(&link->timer));
    rt_turns(&f.w, 3);
    rt_peer_resume(&f.peer);
    rt_until(&f.w, &f.peer.ended, 1);
    fixture_end(&f);
}

static void a_peer_that_goes_on_sending_while_it_drains_is_cut_off(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    link_close(f.owner.ends[0].link, BAS_WS_CLOSE_NORMAL);
    rt_peer_pause(&f.peer);
    for (unsigned i = 0; i < 20; i++) {
        rt_peer_send(&f.peer, rt_npdu(1, i, 10000));
    }
    rt_turns(&f.w, 10);
    rt_peer_resume(&f.peer);
    rt_until(&f.w, &f.peer.ended, 1);
    assert_int_equal(f.owner.messages, 0);
    fixture_end(&f);
}

/* A peer that reads nothing must not keep a closing link for ever. */
static void a_link_that_closes_ends_when_nothing_is_read(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct rt_end *end = &f.owner.ends[0];
    struct link *link = end->link;
    rt_peer_pause(&f.peer);
    end->wanted = UINT32_MAX;
    end->size = 60000;
    rt_until(&f.w, &end->leftovers, 1);
    while (!end->is_blocked || rt_peer_unsent(&f.peer) != 0) {
        rt_turns(&f.w, 1);
    }
    rt_turns(&f.w, 20); /* nothing moves any more */
    link_close(link, BAS_WS_CLOSE_POLICY);
    assert_int_equal(f.owner.closed, 0); /* the leftover still waits */
    assert_in_range(uv_timer_get_due_in(&link->timer), 1, 5000);
    assert_true(rt_hasten(&link->timer));
    rt_until(&f.w, &f.owner.closed, 1);
    fixture_end(&f);
}

/* How the peer ends it. */

static void the_end_of_the_stream_without_a_close_frame_is_abnormal(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rt_peer_finish(&f.peer);
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.why.err, BAS_ERR_CLOSED);
    assert_int_equal(f.owner.why.error_class, BAC_ERROR_CLASS_COMMUNICATION);
    assert_int_equal(f.owner.why.error_code, BAC_ERROR_CODE_WEBSOCKET_CLOSED_ABNORMALLY);
    assert_has(f.owner.why.text, "without a close frame");
    fixture_end(&f);
}

static void the_end_of_the_stream_during_the_set_up_says_so(void **state)
{
    (void)state;
    struct fixture f;
    const struct rt_peer_config peer = { .level = RT_TLS };
    fixture_begin(&f);
    fixture_connect(&f, &peer);
    rt_peer_finish(&f.peer);
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.why.error_code, BAC_ERROR_CODE_HTTP_ERROR);
    assert_has(f.owner.why.text, "during the WebSocket upgrade");
    assert_int_equal(f.owner.opened, 0);
    fixture_end(&f);
}

static void a_reset_is_told_as_what_it_is(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rt_peer_reset(&f.peer);
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.why.err, BAS_ERR_CLOSED);
    assert_int_equal(f.owner.why.error_code, BAC_ERROR_CODE_TCP_CLOSED_OTHER);
    assert_has(f.owner.why.text, "broke the connection");
    fixture_end(&f);
}

static void the_end_of_the_tls_session_alone_is_told_and_answered(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rt_peer_notify(&f.peer);
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.why.err, BAS_ERR_CLOSED);
    assert_int_equal(f.owner.why.error_code, BAC_ERROR_CODE_WEBSOCKET_CLOSED_ABNORMALLY);
    assert_has(f.owner.why.text, "closed the TLS session without a close frame");
    rt_until(&f.w, &f.peer.ended, 1);
    assert_int_equal(f.peer.end, UV_EOF);
    fixture_end(&f);
}

static void each_close_code_of_the_peer_has_its_error_code(void **state)
{
    (void)state;
    static const struct {
        uint16_t close_code;
        uint16_t error_code;
    } rows[] = {
        { BAS_WS_CLOSE_NORMAL, BAC_ERROR_CODE_WEBSOCKET_CLOSED_BY_PEER },
        { BAS_WS_CLOSE_GOING_AWAY, BAC_ERROR_CODE_WEBSOCKET_ENDPOINT_LEAVES },
        { BAS_WS_CLOSE_PROTOCOL_ERROR, BAC_ERROR_CODE_WEBSOCKET_PROTOCOL_ERROR },
        { BAS_WS_CLOSE_UNSUPPORTED_DATA, BAC_ERROR_CODE_WEBSOCKET_DATA_NOT_ACCEPTED },
        { BAS_WS_CLOSE_POLICY, BAC_ERROR_CODE_WEBSOCKET_DATA_AGAINST_POLICY },
        { BAS_WS_CLOSE_TOO_BIG, BAC_ERROR_CODE_WEBSOCKET_FRAME_TOO_LONG },
        { BAS_WS_CLOSE_INTERNAL, BAC_ERROR_CODE_WEBSOCKET_REQUEST_UNAVAILABLE },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct fixture f;
        fixture_open(&f);
        rt_peer_close(&f.peer, rows[i].close_code);
        rt_until(&f.w, &f.owner.closed, 1);
        assert_int_equal(f.owner.why.err, BAS_ERR_CLOSED);
        assert_int_equal(f.owner.why.error_code, rows[i].error_code);
        rt_until(&f.w, &f.peer.ended, 1);
        assert_int_equal(f.peer.closed, 1); /* our close frame answered it */
        assert_int_equal(f.peer.end, UV_EOF);
        fixture_end(&f);
    }
}

/* As many stacks close: frame, close_notify and the end of writing at once, without waiting. */
static void a_close_frame_keeps_its_meaning_when_everything_ends_behind_it(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rt_peer_cork(&f.peer);
    rt_peer_close(&f.peer, BAS_WS_CLOSE_GOING_AWAY);
    rt_peer_notify(&f.peer);
    rt_peer_uncork(&f.peer);
    rt_peer_finish(&f.peer);
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.why.error_code, BAC_ERROR_CODE_WEBSOCKET_ENDPOINT_LEAVES);
    rt_until(&f.w, &f.peer.ended, 1);
    assert_int_equal(f.peer.closed, 1);
    assert_int_equal(f.peer.end, UV_EOF);
    fixture_end(&f);
}

/* What was sent to it before it shut its side down is its own; the close frame still answers. */
static void messages_before_the_end_arrive(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.owner.is_strict = true;
    rt_peer_cork(&f.peer);
    for (unsigned i = 0; i < 10; i++) {
        rt_peer_send(&f.peer, rt_npdu(1, i, 1000));
    }
    rt_peer_uncork(&f.peer);
    rt_peer_finish(&f.peer);
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.messages, 10);
    fixture_end(&f);
}

/* Certificates. */

static void an_alert_reaches_a_peer_that_has_data_in_flight(void **state)
{
    (void)state;
    struct fixture f;
    fixture_begin(&f);
    const struct rt_peer_config peer = { .level = RT_TLS, .tls = f.w.peer_stranger };
    fixture_connect(&f, &peer);
    static const uint8_t junk[16000];
    rt_peer_pause(&f.peer);
    for (unsigned i = 0; i < 3; i++) { /* it thinks that the handshake is done */
        rt_peer_seal(&f.peer, (struct bas_slice){ junk, sizeof(junk) });
    }
    rt_until(&f.w, &f.owner.closed, 1);
    rt_turns(&f.w, 3);
    rt_peer_resume(&f.peer);
    rt_until(&f.w, &f.peer.ended, 1);
    assert_int_equal(f.peer.end, UV_EOF);
    assert_int_equal(f.peer.fault.err, BAS_ERR_CERTIFICATE);
    assert_int_equal(f.owner.why.err, BAS_ERR_CERTIFICATE);
    assert_has(f.owner.why.text, "CN=stranger");
    fixture_end(&f);
}

static void remember_subject(struct rt_owner *owner, struct link *link)
{
    struct bas_tls_identity *identity = owner->user;
    assert_true(link_peer(link, identity));
    assert_has(link_address(link), "127.0.0.1:");
}

static void a_refused_peer_is_known_by_its_certificate_and_address(void **state)
{
    (void)state;
    struct fixture f;
    struct bas_tls_identity identity = { .has_uuid = false };
    fixture_begin(&f);
    f.owner.on_closed = remember_subject;
    f.owner.user = &identity;
    const struct rt_peer_config peer = { .level = RT_TLS, .tls = f.w.peer_stranger };
    fixture_connect(&f, &peer);
    rt_until(&f.w, &f.owner.closed, 1);
    assert_string_equal(identity.subject, "CN=stranger");
    fixture_end(&f);
}

static void a_peer_is_judged_by_another_context_as_by_its_own(void **state)
{
    (void)state;
    struct fixture f;
    struct bas_fault fault = { 0 };
    struct bas_tls_config config = rt_credentials("other/stranger");
    fixture_open(&f);
    config.issuer_files[0] = "other/ca.pem";
    struct bas_tls_context *other = bas_tls_context_new(&f.w.t.env, &config, &fault);
    assert_non_null(other);
    struct link *link = f.owner.ends[0].link;
    assert_int_equal(link_recheck(link, f.w.client, &fault), BAS_OK);
    assert_int_equal(link_recheck(link, other, &fault), BAS_ERR_CERTIFICATE);
    assert_has(fault.text, "CN=client");
    assert_int_equal(link->state, LINK_OPEN); /* what follows from it is its owner's */
    bas_tls_context_unref(other);
    fixture_end(&f);
}

static void what_is_not_tls_gets_an_alert_and_is_closed(void **state)
{
    (void)state;
    static const char http[] = "GET / HTTP/1.1\r\nHost: hub\r\n\r\n";
    struct fixture f;
    const struct rt_peer_config peer = { .level = RT_TCP };
    fixture_begin(&f);
    fixture_connect(&f, &peer);
    rt_peer_write(&f.peer, (struct bas_slice){ (const uint8_t *)http, sizeof(http) - 1 });
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.why.err, BAS_ERR_TLS);
    rt_until(&f.w, &f.peer.ended, 1);
    assert_int_equal(f.peer.octets, 7);
    assert_int_equal(f.peer.end, UV_EOF);
    fixture_end(&f);
}

/* Time. */

static void the_set_up_has_a_time_limit_that_names_what_was_not_done(void **state)
{
    (void)state;
    static const struct {
        enum rt_level level;
        uint16_t error_code;
        const char *stage;
    } rows[] = {
        { RT_TCP, BAC_ERROR_CODE_TLS_ERROR, "the TLS handshake" },
        { RT_TLS, BAC_ERROR_CODE_HTTP_RESPONSE_TIMEOUT, "the WebSocket upgrade" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct fixture f;
        const struct rt_peer_config peer = { .level = rows[i].level };
        fixture_begin(&f);
        fixture_connect(&f, &peer);
        rt_turns(&f.w, 5);
        assert_int_equal(rt_hasten_all(&f.w), 1);
        rt_until(&f.w, &f.owner.closed, 1);
        assert_int_equal(f.owner.why.err, BAS_ERR_TIMEOUT);
        assert_int_equal(f.owner.why.error_code, rows[i].error_code);
        assert_has(f.owner.why.text, rows[i].stage);
        rt_until(&f.w, &f.peer.ended, 1);
        fixture_end(&f);
    }
}

static void the_set_up_takes_no_longer_than_was_said(void **state)
{
    (void)state;
    struct fixture f;
    const struct rt_peer_config peer = { .level = RT_TCP };
    fixture_begin(&f);
    f.config.setup_ms = 30;
    fixture_connect(&f, &peer);
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.why.err, BAS_ERR_TIMEOUT);
    fixture_end(&f);
}

/* bsc 7.1-03 */
static void a_link_does_not_wait_to_fill_its_segments(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    int descriptor = -1;
    int is_on = 0;
    socklen_t len = sizeof(is_on);
    assert_int_equal(uv_fileno((const uv_handle_t *)&f.owner.ends[0].link->tcp, &descriptor), 0);
    assert_int_equal(getsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &is_on, &len), 0);
    assert_int_not_equal(is_on, 0);
    fixture_end(&f);
}

static void a_link_that_is_open_has_no_time_limit(void **state)
{
    (void)state;
    struct fixture f;
    const struct rt_peer_config peer = { .level = RT_WS };
    fixture_begin(&f);
    f.config.setup_ms = 5000;
    fixture_connect(&f, &peer);
    rt_until(&f.w, &f.owner.opened, 1);
    assert_false(uv_is_active((uv_handle_t *)&f.owner.ends[0].link->timer));
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_close_frame_with_its_code_is_answered_and_both_ends_are_in_order),
        cmocka_unit_test(a_close_frame_arrives_though_the_peer_has_data_in_flight),
        cmocka_unit_test(what_was_pending_goes_out_before_the_close_frame),
        cmocka_unit_test(a_second_close_changes_nothing),
        cmocka_unit_test(a_link_that_drains_ends_when_its_time_is_over),
        cmocka_unit_test(a_peer_that_goes_on_sending_while_it_drains_is_cut_off),
        cmocka_unit_test(a_link_that_closes_ends_when_nothing_is_read),
        cmocka_unit_test(the_end_of_the_stream_without_a_close_frame_is_abnormal),
        cmocka_unit_test(the_end_of_the_stream_during_the_set_up_says_so),
        cmocka_unit_test(a_reset_is_told_as_what_it_is),
        cmocka_unit_test(the_end_of_the_tls_session_alone_is_told_and_answered),
        cmocka_unit_test(each_close_code_of_the_peer_has_its_error_code),
        cmocka_unit_test(a_close_frame_keeps_its_meaning_when_everything_ends_behind_it),
        cmocka_unit_test(messages_before_the_end_arrive),
        cmocka_unit_test(an_alert_reaches_a_peer_that_has_data_in_flight),
        cmocka_unit_test(a_refused_peer_is_known_by_its_certificate_and_address),
        cmocka_unit_test(a_peer_is_judged_by_another_context_as_by_its_own),
        cmocka_unit_test(what_is_not_tls_gets_an_alert_and_is_closed),
        cmocka_unit_test(the_set_up_has_a_time_limit_that_names_what_was_not_done),
        cmocka_unit_test(the_set_up_takes_no_longer_than_was_said),
        cmocka_unit_test(a_link_does_not_wait_to_fill_its_segments),
        cmocka_unit_test(a_link_that_is_open_has_no_time_limit),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
