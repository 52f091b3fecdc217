/* What a KNXnet/IP server says when nobody listens, and what peers can make it hold:
 * server/event.c, server/outbox.c. */
#include "knx_visitor.h"

#define TELEGRAM "1100bce0000009010100 81"
#define GROUP    "2900bce0110509010100 81"

enum { VERY_MANY = 100000 };

static void fill_events(struct visitor *v)
{
    for (unsigned i = 0; house_counts(v->house).telegrams_dropped == 0; i++) {
        visitor_tunnels(v, 0, TELEGRAM);
        assert_true(i < VERY_MANY);
    }
    house_ignore_frames(v->house);
}

static void the_end_of_everything_that_lives_is_told_however_much_waits(void **state)
{
    (void)state;
    struct house h;
    struct knx_server_event event;
    unsigned ends[KNX_SERVER_EVENT_CLOSE + 1] = { 0 };
    house_begin(&h);
    h.config.management_is_secured = false;
    h.config.tunnelling_is_secured = false;
    h.config.max_channels = 255;
    h.config.max_half_open = 100;
    h.config.requests_per_second = 1000;
    house_open(&h);
    struct visitor busy = visitor_tcp(&h, 10);
    visitor_connects(&busy, tunnel_cri());
    for (unsigned i = 0; i < KNX_SERVER_SESSIONS; i++) {
        struct visitor v = visitor_again(&busy);
        visitor_enters(&v, 2);
    }
    for (unsigned i = 1; i < 255; i++) {
        struct visitor v = visitor_again(&busy);
        visitor_connects(&v, management_cri());
    }
    for (uint8_t i = 1; i < KNX_SERVER_CONNECTIONS; i++) {
        (void)visitor_tcp(&h, i);
    }
    fill_events(&busy);
    knx_server_close(h.server, h.now);
    while (knx_server_next_event(h.server, &event)) {
        ends[event.kind]++;
    }
    assert_int_equal(ends[KNX_SERVER_EVENT_CHANNEL_DOWN], 255);
    assert_int_equal(ends[KNX_SERVER_EVENT_SESSION_DOWN], KNX_SERVER_SESSIONS);
    assert_int_equal(ends[KNX_SERVER_EVENT_CLOSE], KNX_SERVER_CONNECTIONS);
    house_end(&h);
}

static void nothing_new_begins_while_its_end_could_not_be_told(void **state)
{
    (void)state;
    struct house h;
    knx_conn_id connection = 0;
    house_open_plain(&h);
    struct visitor busy = visitor_tcp(&h, 10);
    struct visitor session = visitor_tcp(&h, 11);
    visitor_connects(&busy, tunnel_cri());
    visitor_begins_session(&session);
    fill_events(&busy);
    assert_int_equal(visitor_asks_for(&busy, management_cri()), KNX_E_NO_MORE_CONNECTIONS);
    visitor_authenticates(&session, 2, &h.users[1].key);
    assert_int_equal(visitor_gets_status(&session), KNX_SESSION_AUTHENTICATION_FAILED);
    assert_int_equal(knx_server_accept(h.server, &busy.self, NULL, h.now, &connection),
                     BAS_ERR_NO_SPACE);
    house_ignore_events(&h);
    visitor_connects(&busy, management_cri());
    house_end(&h);
}

static void garbage_leaves_room_for_telegrams(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_tcp(&h, 10);
    struct visitor bad = visitor_udp(&h, 11);
    struct bas_slice garbage = test_hex("0610020300");
    visitor_connects(&v, tunnel_cri());
    for (unsigned i = 0; i < 20000; i++) {
        visitor_sends_octets(&bad, garbage);
    }
    assert_int_equal(house_counts(&h).malformed, 20000);
    visitor_tunnels(&v, 0, TELEGRAM);
    assert_int_equal(house_counts(&h).telegrams_in, 1);
    house_end(&h);
}

static void a_flood_becomes_a_few_events_a_second_and_all_of_it_is_counted(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_udp(&h, 10);
    for (unsigned second = 0; second < 3; second++) {
        for (unsigned i = 0; i < 1000; i++) {
            visitor_sends_hex(&v, "0610020300");
            assert_int_equal(visitor_asks_for(&v, tunnel_cri()), KNX_E_CONNECTION_TYPE);
        }
        unsigned n = second == 0 ? KNX_SERVER_NOTES : KNX_SERVER_NOTES_PER_SECOND;
        struct knx_server_event event;
        unsigned told[KNX_SERVER_EVENT_CLOSE + 1] = { 0 };
        while (knx_server_next_event(h.server, &event)) {
            told[event.kind]++;
        }
        assert_int_equal(told[KNX_SERVER_EVENT_DROPPED], n);
        assert_int_equal(told[KNX_SERVER_EVENT_REFUSED], n);
        house_waits(&h, 1000);
    }
    assert_int_equal(house_counts(&h).malformed, 3000);
    assert_int_equal(house_counts(&h).channels_refused, 3000);
    house_end(&h);
}

static void frames_that_nobody_takes_are_bounded_and_counted(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_tcp(&h, 10);
    for (unsigned i = 0; house_counts(&h).output_full == 0; i++) {
        visitor_sends_hex(&v, "06100203000e 0802000000000000");
        assert_true(i < VERY_MANY);
    }
    struct knx_server_frame frame;
    unsigned n = 0;
    while (knx_server_next_frame(h.server, &frame)) {
        n++;
    }
    assert_true(n > 100);
    visitor_sends_hex(&v, "06100203000e 0802000000000000");
    (void)visitor_gets(&v, KNX_DESCRIPTION_RESPONSE);
    house_end(&h);
}

static void telegrams_leave_room_for_answers(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_tcp(&h, 10);
    visitor_connects(&v, tunnel_cri());
    for (unsigned i = 0; house_counts(&h).telegrams_dropped == 0; i++) {
        bus_indicates(&h, GROUP);
        assert_true(i < VERY_MANY);
    }
    uint64_t before = house_counts(&h).output_full;
    const struct knx_message request = { .service = KNX_CONNECTIONSTATE_REQUEST,
                                         .channel = v.channel,
                                         .control = { .protocol = KNX_TCP } };
    visitor_sends(&v, &request);
    assert_int_equal(house_counts(&h).output_full, before);
    for (uint64_t i = house_counts(&h).telegrams_out; i > 0; i--) {
        visitor_gets_telegram(&v, GROUP);
    }
    (void)visitor_gets(&v, KNX_CONNECTIONSTATE_RESPONSE);
    house_end(&h);
}

static void a_number_of_a_session_is_used_up_also_when_its_frame_found_no_room(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_secure(&h, 10, 2);
    visitor_connects(&v, tunnel_cri());
    uint64_t sent = 0;
    for (; house_counts(&h).telegrams_dropped < 3; sent++) {
        bus_indicates(&h, GROUP);
    }
    for (uint64_t i = 0; i < sent - 3; i++) {
        visitor_gets_telegram(&v, GROUP);
    }
    v.expects += 3; /* never given twice: spec 2.4 */
    bus_indicates(&h, GROUP);
    visitor_gets_telegram(&v, GROUP);
    house_end(&h);
}

static void a_frame_stays_until_the_next_one_is_asked_for(void **state)
{
    (void)state;
    struct house h;
    struct knx_server_frame frame;
    struct knx_message message;
    house_open_plain(&h);
    struct visitor v = visitor_udp(&h, 10);
    visitor_sends_hex(&v, "06100203000e 0801000000000000");
    assert_true(knx_server_next_frame(h.server, &frame));
    for (unsigned i = 0; i < 100; i++) {
        visitor_sends_hex(&v, "06100201000e 0801000000000000");
    }
    assert_int_equal(knx_message_decode(frame.octets, &message, NULL), BAS_OK);
    assert_int_equal(message.service, KNX_DESCRIPTION_RESPONSE);
    house_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_of_everything_that_lives_is_told_however_much_waits),
        cmocka_unit_test(nothing_new_begins_while_its_end_could_not_be_told),
        cmocka_unit_test(garbage_leaves_room_for_telegrams),
        cmocka_unit_test(a_flood_becomes_a_few_events_a_second_and_all_of_it_is_counted),
        cmocka_unit_test(frames_that_nobody_takes_are_bounded_and_counted),
        cmocka_unit_test(telegrams_leave_room_for_answers),
        cmocka_unit_test(a_number_of_a_session_is_used_up_also_when_its_frame_found_no_room),
        cmocka_unit_test(a_frame_stays_until_the_next_one_is_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
