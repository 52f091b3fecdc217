/* Life of the KNXnet/IP server: creation, connections, streams, dispatch, closing: server.c. */
#include "knx_visitor.h"

#include <string.h>

#define TELEGRAM "1100bce0000009010100 81"

/* Creation. */

static void without_memory_there_is_no_server(void **state)
{
    (void)state;
    size_t needed = 0;
    for (size_t k = 1; needed == 0; k++) {
        struct house h;
        house_begin(&h);
        h.t.fail_at = k;
        h.server = knx_server_new(&h.t.env, &h.config);
        needed = h.server != NULL ? k : 0;
        house_end(&h);
    }
    assert_true(needed > 5);
}

static void nothing_is_freed_where_there_is_nothing(void **state)
{
    (void)state;
    knx_server_free(NULL);
}

static void a_serial_number_of_zeros_becomes_a_random_one(void **state)
{
    (void)state;
    static const uint8_t zero[KNX_SERIAL_LEN] = { 0 };
    struct house h;
    house_begin(&h);
    memset(h.config.info.serial, 0, sizeof(h.config.info.serial));
    house_open(&h);
    assert_memory_not_equal(h.server->config.info.serial, zero, sizeof(zero));
    house_end(&h);
}

/* Connections. */

static void connections_beyond_the_bound_are_refused(void **state)
{
    (void)state;
    struct house h;
    struct visitor v[3];
    knx_conn_id other = 0;
    house_begin(&h);
    h.config.max_connections = 3;
    house_open(&h);
    for (uint8_t i = 0; i < 3; i++) {
        v[i] = visitor_tcp(&h, (uint8_t)(10 + i));
    }
    assert_int_equal(knx_server_accept(h.server, &v[0].self, NULL, h.now, &other),
                     BAS_ERR_NO_SPACE);
    assert_int_equal(other, 0);
    struct knx_server_event event = house_says(&h, KNX_SERVER_EVENT_REFUSED);
    assert_memory_equal(event.peer.address, v[0].self.address, sizeof(event.peer.address));
    assert_non_null(strstr(event.fault->text, "above 3"));
    visitor_leaves(&v[1]);
    struct visitor next = visitor_tcp(&h, 20);
    assert_int_not_equal(next.connection, v[1].connection); /* not used again at once */
    house_end(&h);
}

static void connections_of_one_peer_that_carry_nothing_leave_room_for_others(void **state)
{
    (void)state;
    enum { SHARE = KNX_SERVER_CONNECTIONS / 4 };
    struct house h;
    struct visitor v[SHARE];
    knx_conn_id other = 0;
    house_open_plain(&h);
    for (unsigned i = 0; i < SHARE; i++) {
        v[i] = visitor_tcp(&h, 10);
    }
    assert_int_equal(knx_server_accept(h.server, &v[0].self, NULL, h.now, &other), BAS_ERR_REFUSED);
    assert_int_equal(other, 0);
    struct knx_server_event event = house_says(&h, KNX_SERVER_EVENT_REFUSED);
    assert_non_null(strstr(event.fault->text, "of this host"));
    (void)visitor_tcp(&h, 11);
    visitor_connects(&v[0], tunnel_cri()); /* it carries something now */
    (void)visitor_tcp(&h, 10);
    assert_int_equal(knx_server_accept(h.server, &v[0].self, NULL, h.now, &other), BAS_ERR_REFUSED);
    visitor_leaves(&v[1]);
    (void)visitor_tcp(&h, 10);
    house_end(&h);
}

static void what_comes_for_a_connection_that_is_gone_is_ignored(void **state)
{
    (void)state;
    static const knx_conn_id strangers[] = { 0, 1, 0xFFFF, 0xFFFFFFFF, 0x00010041 };
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_tcp(&h, 10);
    struct visitor gone = v;
    visitor_leaves(&v);
    visitor_leaves(&v);
    visitor_sends_hex(&gone, "06100203000e 0802000000000000");
    for (size_t i = 0; i < BAS_ARRAY_LEN(strangers); i++) {
        knx_server_recv(h.server, strangers[i], test_hex("06100203000e 0802000000000000"), h.now);
        knx_server_lost(h.server, strangers[i], h.now);
    }
    house_sends_nothing(&h);
    house_says_nothing(&h);
    house_end(&h);
}

static void what_is_for_a_connection_tells_its_transport_until_it_is_gone(void **state)
{
    (void)state;
    struct house h;
    struct knx_server_frame frame;
    int one;
    int other;
    house_open_plain(&h);
    struct visitor v[2] = { visitor_udp(&h, 10), visitor_udp(&h, 11) };
    void *const transports[2] = { &one, &other };
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(
            knx_server_accept(h.server, &v[i].self, transports[i], h.now, &v[i].connection),
            BAS_OK);
        visitor_sends_hex(&v[i], "06100203000e 0802000000000000");
    }
    visitor_leaves(&v[1]); /* its answer still waits */
    assert_true(knx_server_next_frame(h.server, &frame));
    assert_ptr_equal(frame.transport, &one);
    assert_true(knx_server_next_frame(h.server, &frame));
    assert_int_equal(frame.connection, v[1].connection);
    assert_null(frame.transport);
    house_waits(&h, KNX_SERVER_IDLE_MS);
    assert_ptr_equal(house_says(&h, KNX_SERVER_EVENT_CLOSE).transport, &one);
    house_waits(&h, KNX_SERVER_IDLE_MS);
    house_says_nothing(&h);
    struct visitor datagram = visitor_udp(&h, 12);
    visitor_sends_hex(&datagram, "06100203000e 0801000000000000");
    assert_true(knx_server_next_frame(h.server, &frame));
    assert_null(frame.transport);
    house_end(&h);
}

static void an_idle_connection_is_closed_after_ten_seconds(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_tcp(&h, 10);
    house_waits(&h, 9000);
    visitor_sends_hex(&v, "06100203000e 0802000000000000"); /* neither session nor channel */
    (void)visitor_gets(&v, KNX_DESCRIPTION_RESPONSE);
    house_waits(&h, 999);
    house_says_nothing(&h);
    house_waits(&h, 1);
    struct knx_server_event close = house_says(&h, KNX_SERVER_EVENT_CLOSE);
    assert_int_equal(close.connection, v.connection);
    assert_int_equal(close.fault->err, BAS_ERR_TIMEOUT);
    visitor_sends_hex(&v, "06100203000e 0802000000000000"); /* nothing more is read */
    house_sends_nothing(&h);
    house_waits(&h, 100000);
    house_says_nothing(&h); /* said once */
    visitor_leaves(&v);
    house_end(&h);
}

static void a_channel_or_a_session_keeps_a_connection_and_its_end_begins_the_wait_anew(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor plain = visitor_tcp(&h, 10);
    struct visitor secure = visitor_secure(&h, 11, 2);
    visitor_connects(&plain, tunnel_cri());
    house_waits(&h, 30000);
    house_says_nothing(&h);
    assert_int_equal(visitor_disconnects(&plain), KNX_E_NO_ERROR);
    visitor_sends_status(&secure, KNX_SESSION_CLOSE);
    assert_int_equal(visitor_gets_status(&secure), KNX_SESSION_CLOSE);
    house_ignore_events(&h);
    house_waits(&h, 9999);
    house_says_nothing(&h);
    house_waits(&h, 1);
    (void)house_says(&h, KNX_SERVER_EVENT_CLOSE);
    (void)house_says(&h, KNX_SERVER_EVENT_CLOSE);
    house_end(&h);
}

/* Streams. */

struct stream {
    uint8_t octets[1024];
    struct bas_buf out;
    struct knx_server_preset preset;
};

static void add_sealed(struct stream *s, struct visitor *v, const char *hex)
{
    visitor_seals(v, test_hex(hex), &s->out);
}

/* A whole visit that was written before: session, channel, telegrams, and a plain frame between. */
static void write_visit(struct stream *s, struct house *h)
{
    uint8_t mac[KNX_MAC_LEN];
    char text[100];
    struct bas_buf authenticate;
    struct visitor v = { .house = h, .session = 7, .serial = { 0, 0, 0, 0, 1, 1 } };
    bas_buf_init(&s->out, s->octets, sizeof(s->octets));
    s->preset = (struct knx_server_preset){ .session = 7, .channel = 9, .y = { 2 } };
    v.x[0] = 9;
    v.y[0] = 2;
    knx_cipher_init(&v.cipher, &s->preset.key);
    knx_authenticate_mac(&h->users[1].key, 2, v.x, v.y, mac);
    bas_buf_init(&authenticate, text, sizeof(text));
    bas_buf_add_text(&authenticate, "0610095300180002");
    bas_buf_add_hex(&authenticate, (struct bas_slice){ mac, sizeof(mac) });
    struct bas_slice request =
        test_hex("06100951002e 0802000000000000"
                 "0900000000000000000000000000000000000000000000000000000000000000");
    bas_buf_add(&s->out, request.data, request.len);
    add_sealed(s, &v, bas_buf_text(&authenticate));
    add_sealed(s, &v, "06100205001a 0802000000000000 0802000000000000 04040200");
    struct bas_slice plain = test_hex("06100203000e 0802000000000000");
    bas_buf_add(&s->out, plain.data, plain.len);
    add_sealed(s, &v, "061004200015 04090000" TELEGRAM);
    add_sealed(s, &v, "061004200015 04090000" TELEGRAM);
    assert_false(s->out.full);
}

static void feed_in_pieces(struct visitor *v, struct bas_slice octets, size_t piece, size_t first)
{
    size_t n = first;
    for (size_t at = 0; at < octets.len; at += n, n = piece) {
        n = n < octets.len - at ? n : octets.len - at;
        visitor_sends_octets(v, (struct bas_slice){ octets.data + at, n });
    }
}

static void check_visit(size_t piece, size_t first)
{
    struct house h;
    struct stream s;
    house_open_secured(&h);
    write_visit(&s, &h);
    knx_server_preset(h.server, &s.preset);
    struct visitor v = visitor_tcp(&h, 10);
    feed_in_pieces(&v, (struct bas_slice){ s.out.data, s.out.len }, piece, first);
    (void)visitor_gets(&v, KNX_SESSION_RESPONSE);
    struct visitor secure = v;
    secure.session = 7;
    knx_cipher_init(&secure.cipher, &s.preset.key);
    assert_int_equal(visitor_gets_status(&secure), KNX_SESSION_AUTHENTICATION_SUCCESS);
    assert_int_equal(visitor_gets(&secure, KNX_CONNECT_RESPONSE).status, KNX_E_NO_ERROR);
    (void)visitor_gets(&v, KNX_DESCRIPTION_RESPONSE);
    house_sends_nothing(&h);
    (void)house_says(&h, KNX_SERVER_EVENT_SESSION_UP);
    (void)house_says(&h, KNX_SERVER_EVENT_CHANNEL_UP);
    (void)house_says(&h, KNX_SERVER_EVENT_TELEGRAM);
    (void)house_says(&h, KNX_SERVER_EVENT_TELEGRAM);
    house_says_nothing(&h);
    house_end(&h);
}

static void a_stream_means_the_same_wherever_it_is_cut(void **state)
{
    (void)state;
    struct house h;
    struct stream s;
    house_begin(&h);
    write_visit(&s, &h);
    size_t len = s.out.len;
    for (size_t cut = 1; cut <= len; cut++) {
        check_visit(len, cut);
    }
    for (size_t piece = 1; piece < 20; piece++) {
        check_visit(piece, piece);
    }
}

static void a_wrong_header_closes_the_connection(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "05100203000e",
        "06200203000e",
        "0610020300050000",
        "061002030000",
        "474554202f20485454502f312e310d0a",
        "160301020001",
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(wrong); i++) {
        struct house h;
        house_open_secured(&h);
        struct visitor v = visitor_secure(&h, 10, 2);
        visitor_connects(&v, tunnel_cri());
        visitor_sends_hex(&v, wrong[i]);
        struct knx_server_event close = house_says(&h, KNX_SERVER_EVENT_CLOSE);
        assert_int_equal(close.fault->err, BAS_ERR_MALFORMED);
        visitor_sends_hex(&v, "06100203000e 0802000000000000");
        house_sends_nothing(&h);
        house_says_nothing(&h);
        visitor_leaves(&v);
        (void)house_says(&h, KNX_SERVER_EVENT_CHANNEL_DOWN);
        (void)house_says(&h, KNX_SERVER_EVENT_SESSION_DOWN);
        house_end(&h);
    }
}

static void a_frame_longer_than_the_buffer_is_skipped_and_counted(void **state)
{
    (void)state;
    static uint8_t octets[40000] = {
        0x06, 0x10, 0x04, 0x20, sizeof(octets) >> 8, sizeof(octets) & 0xFF
    };
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_tcp(&h, 10);
    feed_in_pieces(&v, (struct bas_slice){ octets, sizeof(octets) }, 1000, 1000);
    feed_in_pieces(&v, (struct bas_slice){ octets, sizeof(octets) }, 16384, 16384);
    assert_int_equal(house_counts(&h).skipped, 2);
    visitor_sends_hex(&v, "06100203000e 0802000000000000");
    (void)visitor_gets(&v, KNX_DESCRIPTION_RESPONSE);
    house_says_nothing(&h);
    house_end(&h);
}

static void every_truncation_of_every_service_is_harmless(void **state)
{
    (void)state;
    static const char *const frames[] = {
        "06100205001a 0802000000000000 0802000000000000 04040200",
        "061002070010 0100 0802000000000000",
        "06100209001001000802000000000000",
        "0610020b0012 0802000000000000 0403 0402",
        "061003100011 04010000 fc000b01341001",
        "061004200015 04010000 1100bce0000009010100 81",
        "06100422000c 04010000 0600",
        "06100424000e 04010000 0800 0100",
        "06100951002e 0802000000000000"
        "0900000000000000000000000000000000000000000000000000000000000000",
        "06100950002e 0001 000000000000 00faaaaaaaaa affe 26156db5c749888f "
        "a373c3e0b4bde4497c395e4b1c2f46a1",
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(frames); i++) {
        struct bas_slice whole = test_hex(frames[i]);
        for (size_t len = KNX_IP_HEADER; len < whole.len; len++) {
            uint8_t cut[100];
            struct house h;
            memcpy(cut, whole.data, len);
            cut[4] = 0;
            cut[5] = (uint8_t)len; /* a whole frame, but of less content */
            house_open_plain(&h);
            struct visitor tcp = visitor_tcp(&h, 10);
            struct visitor udp = visitor_udp(&h, 11);
            visitor_sends_octets(&tcp, (struct bas_slice){ cut, len });
            visitor_sends_octets(&udp, (struct bas_slice){ cut, len });
            visitor_sends_octets(&udp, (struct bas_slice){ whole.data, len });
            house_ignore_frames(&h);
            house_ignore_events(&h);
            struct knx_server_counts counts = house_counts(&h);
            assert_int_equal(counts.telegrams_in + counts.channels + counts.sessions, 0);
            house_end(&h);
        }
    }
}

/* Dispatch. */

static void services_that_are_not_for_a_server_are_passed_over_silently(void **state)
{
    (void)state;
    static const char *const others[] = {
        "061002020006",                                       /* malformed, in fact */
        "061002060008 0024",                                  /* CONNECT_RESPONSE */
        "061002080008 0100",                                  /* CONNECTIONSTATE_RESPONSE */
        "061005300011 2900bcd011590ade010081",                /* ROUTING_INDICATION */
        "06100532000c 06 00 0064 0000",                       /* ROUTING_BUSY */
        "06100740000e 0801000000000000",                      /* remote diagnosis */
        "061009530018 0002 000102030405060708090a0b0c0d0e0f", /* authentication in the plain */
        "061009540008 0400",                                  /* session status in the plain */
        "06100955002400000000000000000000000000000000000000000000000000000000000000",
        "0610f0800010 00112233445566778899", /* object server */
    };
    struct house h;
    house_open_plain(&h);
    struct visitor tcp = visitor_tcp(&h, 10);
    struct visitor udp = visitor_udp(&h, 11);
    for (size_t i = 0; i < BAS_ARRAY_LEN(others); i++) {
        visitor_sends_hex(&udp, others[i]);
        house_sends_nothing(&h);
    }
    for (size_t i = 1; i < BAS_ARRAY_LEN(others) - 2; i++) {
        visitor_sends_hex(&tcp, others[i]);
        house_sends_nothing(&h);
    }
    assert_true(house_counts(&h).skipped >= 12);
    house_end(&h);
}

static void a_datagram_that_is_not_exactly_a_frame_is_dropped(void **state)
{
    (void)state;
    static const char *const wrong[] = { "",
                                         "06",
                                         "06100203000e08010000000000",
                                         "06100203000e0801000000000000 00",
                                         "06200203000e",
                                         "0610020300060610020300060000" };
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_udp(&h, 10);
    for (size_t i = 0; i < BAS_ARRAY_LEN(wrong); i++) {
        visitor_sends_hex(&v, wrong[i]);
        house_sends_nothing(&h);
        assert_int_equal(house_counts(&h).malformed, i + 1);
        struct knx_server_event dropped = house_says(&h, KNX_SERVER_EVENT_DROPPED);
        assert_memory_equal(dropped.peer.address, v.self.address, 4);
        assert_int_equal(dropped.connection, 0);
    }
    house_end(&h);
}

static void a_datagram_longer_than_any_frame_of_ours_is_passed_over(void **state)
{
    (void)state;
    uint8_t octets[KNX_MAX_FRAME + 1] = { 0x06, 0x10, 0x03, 0x10, 0, 0, 4, 0, 0, 0, 0xF6, 0, 8, 1 };
    struct house h;
    house_begin(&h);
    h.config.owner_manages = true;
    h.config.management_is_secured = false;
    house_open(&h);
    struct visitor v = visitor_udp(&h, 10);
    visitor_connects(&v, management_cri());
    octets[7] = v.channel;
    octets[14] = 51;
    octets[15] = 0x10;
    for (size_t len = KNX_MAX_FRAME + 1; len >= KNX_MAX_FRAME; len--) {
        octets[4] = (uint8_t)(len >> 8);
        octets[5] = (uint8_t)len;
        visitor_sends_octets(&v, (struct bas_slice){ octets, len });
        assert_int_equal(house_counts(&h).skipped, 1);
    }
    size_t told = house_says(&h, KNX_SERVER_EVENT_MANAGEMENT).cemi.len; /* of the second one */
    assert_int_equal(told, KNX_MAX_FRAME - KNX_IP_HEADER - 4);
    house_end(&h);
}

/* Closing. */

static void closing_ends_channels_sessions_and_connections_in_that_order(void **state)
{
    (void)state;
    struct house h;
    knx_conn_id connection = 0;
    house_open_plain(&h);
    struct visitor secure = visitor_secure(&h, 10, 2);
    struct visitor udp = visitor_udp(&h, 11);
    visitor_connects(&secure, tunnel_cri());
    visitor_connects(&udp, tunnel_cri());
    knx_server_close(h.server, h.now);
    assert_int_equal(visitor_gets(&secure, KNX_DISCONNECT_REQUEST).channel, secure.channel);
    struct knx_message request = visitor_gets(&udp, KNX_DISCONNECT_REQUEST);
    assert_int_equal(request.channel, udp.channel);
    assert_int_equal(request.control.port, KNX_PORT);
    assert_int_equal(visitor_gets_status(&secure), KNX_SESSION_CLOSE);
    house_sends_nothing(&h);
    (void)house_says(&h, KNX_SERVER_EVENT_CHANNEL_DOWN);
    (void)house_says(&h, KNX_SERVER_EVENT_CHANNEL_DOWN);
    (void)house_says(&h, KNX_SERVER_EVENT_SESSION_DOWN);
    assert_int_equal(house_says(&h, KNX_SERVER_EVENT_CLOSE).connection, secure.connection);
    house_says_nothing(&h);

    assert_int_equal(knx_server_accept(h.server, &udp.self, NULL, h.now, &connection),
                     BAS_ERR_CLOSED);
    visitor_sends_hex(&udp, "06100203000e 0801000000000000");
    visitor_sends_hex(&secure, "06100203000e 0802000000000000");
    house_sends_nothing(&h);
    assert_int_equal(knx_server_deadline(h.server), BAS_NEVER);
    visitor_leaves(&secure);
    house_says_nothing(&h);
    house_end(&h);
}

static void the_deadline_is_that_of_the_first_timer(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    assert_int_equal(knx_server_deadline(h.server), BAS_NEVER);
    struct visitor udp = visitor_udp(&h, 10);
    visitor_connects(&udp, tunnel_cri());
    assert_int_equal(knx_server_deadline(h.server), h.now + 120 * BAS_SECOND);
    struct visitor secure = visitor_secure(&h, 11, 2);
    assert_int_equal(knx_server_deadline(h.server), h.now + 60 * BAS_SECOND);
    struct visitor tcp = visitor_tcp(&h, 12);
    assert_int_equal(knx_server_deadline(h.server), h.now + 10 * BAS_SECOND);
    bus_indicates(&h, "2900bce0110509010100 81");
    assert_int_equal(knx_server_deadline(h.server), h.now + BAS_SECOND);
    (void)secure;
    (void)tcp;
    house_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_memory_there_is_no_server),
        cmocka_unit_test(nothing_is_freed_where_there_is_nothing),
        cmocka_unit_test(a_serial_number_of_zeros_becomes_a_random_one),
        cmocka_unit_test(connections_beyond_the_bound_are_refused),
        cmocka_unit_test(connections_of_one_peer_that_carry_nothing_leave_room_for_others),
        cmocka_unit_test(what_comes_for_a_connection_that_is_gone_is_ignored),
        cmocka_unit_test(what_is_for_a_connection_tells_its_transport_until_it_is_gone),
        cmocka_unit_test(an_idle_connection_is_closed_after_ten_seconds),
        cmocka_unit_test(
            a_channel_or_a_session_keeps_a_connection_and_its_end_begins_the_wait_anew),
        cmocka_unit_test(a_stream_means_the_same_wherever_it_is_cut),
        cmocka_unit_test(a_wrong_header_closes_the_connection),
        cmocka_unit_test(a_frame_longer_than_the_buffer_is_skipped_and_counted),
        cmocka_unit_test(every_truncation_of_every_service_is_harmless),
        cmocka_unit_test(services_that_are_not_for_a_server_are_passed_over_silently),
        cmocka_unit_test(a_datagram_that_is_not_exactly_a_frame_is_dropped),
        cmocka_unit_test(a_datagram_longer_than_any_frame_of_ours_is_passed_over),
        cmocka_unit_test(closing_ends_channels_sessions_and_connections_in_that_order),
        cmocka_unit_test(the_deadline_is_that_of_the_first_timer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
