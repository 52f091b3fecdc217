/* Telegrams through the KNXnet/IP server (spec 1.6, 3.1): server/tunnel.c. */
#include "knx_visitor.h"

#include <string.h>

#define GROUP "2900bce0110509010100 81"

static struct visitor tunnel(struct house *h)
{
    house_open_plain(h);
    struct visitor v = visitor_tcp(h, 10);
    visitor_connects(&v, tunnel_cri());
    return v;
}

/* What the owner gets for an L_Data.req of the first tunnel (1.1.10). */
static void check_request(const char *cemi, const char *told)
{
    struct house h;
    struct visitor v = tunnel(&h);
    struct bas_slice wanted = test_hex(told);
    visitor_tunnels(&v, 0, cemi);
    struct knx_server_event event = house_says(&h, KNX_SERVER_EVENT_TELEGRAM);
    assert_int_equal(event.address, TUNNEL_A);
    assert_int_equal(event.connection, v.connection);
    assert_int_equal(event.cemi.len, wanted.len);
    assert_memory_equal(event.cemi.data, wanted.data, wanted.len);
    house_sends_nothing(&h);
    house_end(&h);
}

static void a_telegram_without_a_source_gets_the_address_of_its_tunnel(void **state)
{
    (void)state;
    check_request("1100bce0 0000 0901 01 0081", "1100bce0 110a 0901 01 0081");
    check_request("1100bce0 110a 0901 01 0081", "1100bce0 110a 0901 01 0081");
}

static void a_tunnel_speaks_for_itself_alone(void **state)
{
    (void)state;
    check_request("1100bce0 110b 0901 01 0081", "1100bce0 110a 0901 01 0081");
    check_request("1100bce0 ffff 0901 01 0081", "1100bce0 110a 0901 01 0081");
}

static void the_frame_type_is_repaired_by_the_length(void **state)
{
    (void)state; /* spec 8, row 7 */
    check_request("1100bce0 110a 0901 10 03f10102030405060708090a0b0c0d0e0f",
                  "11003ce0 110a 0901 10 03f10102030405060708090a0b0c0d0e0f");
    check_request("11003ce0 110a 0901 0f 03f10102030405060708090a0b0c0d0e",
                  "1100bce0 110a 0901 0f 03f10102030405060708090a0b0c0d0e");
}

static void hop_count_priority_and_additional_information_stay(void **state)
{
    (void)state;
    check_request("1100b0b0 0000 0901 01 0081", "1100b0b0 110a 0901 01 0081");
    check_request("110604 04 00000001 bce0 0000 0901 01 0081",
                  "110604 04 00000001 bce0 110a 0901 01 0081");
    check_request("1100b060 0000 1105 00 80", "1100b060 110a 1105 00 80");
}

static void a_confirmation_goes_to_the_sender_alone(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = tunnel(&h);
    struct visitor other = visitor_tcp(&h, 11);
    visitor_connects(&other, tunnel_cri());
    visitor_tunnels(&v, 0, "1100bce0000009010100 81");
    struct knx_server_event event = house_says(&h, KNX_SERVER_EVENT_TELEGRAM);
    knx_server_confirm(h.server, event.channel, event.cemi, true, h.now);
    visitor_gets_telegram(&v, "2e00bce0110a09010100 81");
    house_sends_nothing(&h);
    knx_server_confirm(h.server, event.channel, event.cemi, false, h.now);
    visitor_gets_telegram(&v, "2e00bde0110a09010100 81");
    house_end(&h);
}

static void a_confirmation_for_a_channel_that_is_gone_is_ignored(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = tunnel(&h);
    visitor_tunnels(&v, 0, "1100bce0000009010100 81");
    knx_channel_id old = house_says(&h, KNX_SERVER_EVENT_TELEGRAM).channel;
    assert_int_equal(visitor_disconnects(&v), KNX_E_NO_ERROR);
    house_ignore_events(&h);
    visitor_connects(&v, tunnel_cri()); /* the same tunnel, another channel */
    knx_server_confirm(h.server, old, test_hex("1100bce0110a09010100 81"), true, h.now);
    knx_server_confirm(h.server, 0, test_hex("1100bce0110a09010100 81"), true, h.now);
    knx_server_confirm(h.server, 255, test_hex("1100bce0110a09010100 81"), true, h.now);
    house_sends_nothing(&h);
    house_end(&h);
}

static void an_indication_goes_to_all_tunnels_but_one(void **state)
{
    (void)state;
    struct house h;
    struct visitor a = tunnel(&h);
    struct visitor b = visitor_udp(&h, 11);
    struct visitor c = visitor_secure(&h, 12, 3);
    struct visitor manager = visitor_again(&a);
    visitor_connects(&b, tunnel_cri());
    visitor_connects(&c, tunnel_cri());
    visitor_connects(&manager, management_cri());
    visitor_tunnels(&a, 0, "1100bce0000009010100 81");
    struct knx_server_event event = house_says(&h, KNX_SERVER_EVENT_TELEGRAM);
    knx_server_indicate(h.server, event.cemi, event.channel, h.now);
    visitor_gets_telegram(&b, "2900bce0110a09010100 81");
    visitor_gets_telegram(&c, "2900bce0110a09010100 81");
    house_sends_nothing(&h);
    assert_int_equal(house_counts(&h).telegrams_out, 2);
    bus_indicates(&h, "2e00bde0110509010100 81");
    visitor_acknowledges(&b, 0);
    visitor_gets_telegram(&a, GROUP); /* whatever code it has, and not an error */
    visitor_gets_telegram(&c, GROUP);
    visitor_gets_telegram(&b, GROUP);
    house_end(&h);
}

static void what_the_bus_says_that_is_no_telegram_is_ignored(void **state)
{
    (void)state;
    static const char *const none[] = {
        "", "29", "2900bce0110509010200 81", "fb000001 0b 1001 00", "f0", "99"
    };
    struct house h;
    struct visitor v = tunnel(&h);
    for (size_t i = 0; i < BAS_ARRAY_LEN(none); i++) {
        knx_server_indicate(h.server, test_hex(none[i]), 0, h.now);
        knx_server_confirm(h.server, h.server->channels[0].id, test_hex(none[i]), true, h.now);
    }
    house_sends_nothing(&h);
    assert_int_equal(visitor_asks_state(&v), KNX_E_NO_ERROR);
    house_end(&h);
}

static void only_requests_of_the_link_layer_are_taken(void **state)
{
    (void)state;
    static const char *const others[] = {
        "2900bce0000009010100 81", /* L_Data.ind */
        "2e00bce0000009010100 81", /* L_Data.con */
        "1000bce0000009010100 81", /* L_Raw.req */
        "2b00bce0000009010100 81", /* L_Busmon.ind */
        "fc000001 0b 1001",        /* M_PropRead.req */
        "f1",                      /* M_Reset.req */
    };
    struct house h;
    struct visitor v = tunnel(&h);
    for (size_t i = 0; i < BAS_ARRAY_LEN(others); i++) {
        visitor_tunnels(&v, 0, others[i]);
        (void)house_says(&h, KNX_SERVER_EVENT_DROPPED);
        house_says_nothing(&h);
        house_sends_nothing(&h);
    }
    house_end(&h);
}

static void a_telegram_that_cannot_be_read_is_dropped_and_counted(void **state)
{
    (void)state;
    static const char *const broken[] = { "11",
                                          "1100bce0000009010200 81",
                                          "1100bce00000090100",
                                          "1100bce0000009010100 8100",
                                          "11ffbce0000009010100 81",
                                          "1100bce000000901ff00 81" };
    struct house h;
    struct visitor v = tunnel(&h);
    for (size_t i = 0; i < BAS_ARRAY_LEN(broken); i++) {
        visitor_tunnels(&v, 0, broken[i]);
        (void)house_says(&h, KNX_SERVER_EVENT_DROPPED);
        house_says_nothing(&h);
        house_sends_nothing(&h);
        assert_int_equal(house_counts(&h).malformed, i + 1);
    }
    house_end(&h);
}

static void a_telegram_longer_than_the_bus_can_carry_is_confirmed_negatively(void **state)
{
    (void)state;
    struct house h;
    house_begin(&h);
    h.config.tunnelling_is_secured = false;
    h.config.max_apdu = 15;
    house_open(&h);
    struct visitor v = visitor_tcp(&h, 10);
    visitor_connects(&v, tunnel_cri());
    visitor_tunnels(&v, 0, "1100bce0000009010f 03f10102030405060708090a0b0c0d0e");
    (void)house_says(&h, KNX_SERVER_EVENT_TELEGRAM);
    visitor_tunnels(&v, 0, "11003ce00000090110 03f10102030405060708090a0b0c0d0e0f");
    visitor_gets_telegram(&v, "2e003de0110a090110 03f10102030405060708090a0b0c0d0e0f");
    assert_int_equal(house_says(&h, KNX_SERVER_EVENT_DROPPED).fault->err, BAS_ERR_TOO_LONG);
    assert_int_equal(house_counts(&h).telegrams_dropped, 1);
    house_end(&h);
}

static void the_longest_telegram_goes_through(void **state)
{
    (void)state;
    uint8_t octets[10 + 254] = { 0x11, 0x00, 0x3C, 0xE0, 0, 0, 0x09, 0x01, 254, 0x00, 0x80 };
    struct house h;
    struct visitor v = tunnel(&h);
    const struct knx_message message = { .service = KNX_TUNNELLING_REQUEST,
                                         .channel = v.channel,
                                         .payload = { octets, sizeof(octets) } };
    visitor_sends(&v, &message);
    struct knx_server_event event = house_says(&h, KNX_SERVER_EVENT_TELEGRAM);
    assert_int_equal(event.cemi.len, sizeof(octets));
    knx_server_confirm(h.server, event.channel, event.cemi, true, h.now);
    assert_int_equal(visitor_gets(&v, KNX_TUNNELLING_REQUEST).payload.len, sizeof(octets));
    house_end(&h);
}

/* An L_Data.req with 255 octets of additional information and a TPDU of len octets. */
static size_t told_of(size_t len)
{
    uint8_t octets[KNX_MAX_CEMI] = { 0x11, 255, 0xFE, 253 };
    uint8_t head[] = { 0x3C, 0xE0, 0, 0, 9, 1, (uint8_t)(len - 1) };
    size_t before = 2 + 255 + sizeof(head);
    struct house h;
    struct visitor v = tunnel(&h);
    memcpy(octets + 2 + 255, head, sizeof(head));
    const struct knx_message message = { .service = KNX_TUNNELLING_REQUEST,
                                         .channel = v.channel,
                                         .payload = { octets, before + len } };
    visitor_sends(&v, &message);
    size_t told = house_says(&h, KNX_SERVER_EVENT_TELEGRAM).cemi.len;
    house_end(&h);
    return told;
}

static void additional_information_that_does_not_fit_is_left_out(void **state)
{
    (void)state;
    assert_int_equal(told_of(24), KNX_SERVER_MAX_TELEGRAM);
    assert_int_equal(told_of(25), 9 + 25);
    assert_int_equal(told_of(255), 9 + 255);
}

static void when_the_owner_does_not_listen_telegrams_are_confirmed_negatively(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = tunnel(&h);
    uint64_t sent = 0;
    while (house_counts(&h).telegrams_dropped == 0) {
        visitor_tunnels(&v, 0, "1100bce0000009010100 81");
        assert_true(++sent < 100000);
    }
    visitor_gets_telegram(&v, "2e00bde0110a09010100 81");
    house_sends_nothing(&h);
    struct knx_server_event event;
    while (knx_server_next_event(h.server, &event)) {
        sent--;
    }
    assert_int_equal(sent, 1); /* all others were told */
    visitor_leaves(&v);
    (void)house_says(&h, KNX_SERVER_EVENT_CHANNEL_DOWN);
    house_end(&h);
}

static void a_whole_read_of_the_shortest_telegrams_is_told(void **state)
{
    (void)state; /* what knx_server_recv promises */
    static uint8_t octets[KNX_SERVER_RECV];
    struct house h;
    struct visitor v = tunnel(&h);
    struct bas_buf out;
    size_t n = 0;
    const struct knx_message message = { .service = KNX_TUNNELLING_REQUEST,
                                         .channel = v.channel,
                                         .payload = test_hex("1100bce0000009010000") };
    bas_buf_init(&out, octets, sizeof(octets));
    while (sizeof(octets) - out.len >= 20) {
        knx_message_encode(&message, &out);
        n++;
    }
    visitor_sends_octets(&v, (struct bas_slice){ octets, out.len });
    assert_int_equal(house_counts(&h).telegrams_in, n);
    assert_int_equal(house_counts(&h).telegrams_dropped, 0);
    house_end(&h);
}

/* The server looks first where it found the last one. */
static void sessions_that_share_a_connection_are_told_apart_in_turn(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor first = visitor_secure(&h, 10, 2);
    struct visitor second = visitor_again(&first);
    visitor_enters(&second, 3);
    visitor_connects(&first, tunnel_cri());
    visitor_connects(&second, tunnel_cri());
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(visitor_asks_state(&first), KNX_E_NO_ERROR);
        assert_int_equal(visitor_asks_state(&second), KNX_E_NO_ERROR);
        assert_int_equal(visitor_asks_state(&second), KNX_E_NO_ERROR);
    }
    visitor_sends_status(&second, KNX_SESSION_CLOSE);
    house_ignore_events(&h);
    house_ignore_frames(&h);
    assert_int_equal(visitor_asks_state(&first), KNX_E_NO_ERROR);
    visitor_sends_status(&second, KNX_SESSION_KEEPALIVE);
    assert_int_equal(house_counts(&h).wrapper_session, 1);
    assert_int_equal(house_counts(&h).wrapper_mac, 0);
    assert_int_equal(visitor_asks_state(&first), KNX_E_NO_ERROR);
    house_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_telegram_without_a_source_gets_the_address_of_its_tunnel),
        cmocka_unit_test(a_tunnel_speaks_for_itself_alone),
        cmocka_unit_test(the_frame_type_is_repaired_by_the_length),
        cmocka_unit_test(hop_count_priority_and_additional_information_stay),
        cmocka_unit_test(a_confirmation_goes_to_the_sender_alone),
        cmocka_unit_test(a_confirmation_for_a_channel_that_is_gone_is_ignored),
        cmocka_unit_test(an_indication_goes_to_all_tunnels_but_one),
        cmocka_unit_test(what_the_bus_says_that_is_no_telegram_is_ignored),
        cmocka_unit_test(only_requests_of_the_link_layer_are_taken),
        cmocka_unit_test(a_telegram_that_cannot_be_read_is_dropped_and_counted),
        cmocka_unit_test(a_telegram_longer_than_the_bus_can_carry_is_confirmed_negatively),
        cmocka_unit_test(the_longest_telegram_goes_through),
        cmocka_unit_test(additional_information_that_does_not_fit_is_left_out),
        cmocka_unit_test(when_the_owner_does_not_listen_telegrams_are_confirmed_negatively),
        cmocka_unit_test(a_whole_read_of_the_shortest_telegrams_is_told),
        cmocka_unit_test(sessions_that_share_a_connection_are_told_apart_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
