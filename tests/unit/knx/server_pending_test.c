/* Sequence counters, acknowledgements and repetitions of the KNXnet/IP server over UDP, and that
 * there are none over TCP (spec 1.6, 1.7): server/pending.c. */
#include "knx_visitor.h"

#define TELEGRAM "1100bce0000009010100 81"
#define GROUP    "2900bce0110509010100 81"

static void indicate(struct house *h)
{
    bus_indicates(h, GROUP);
}

static struct visitor udp_tunnel(struct house *h)
{
    house_open_plain(h);
    struct visitor v = visitor_udp(h, 10);
    visitor_connects(&v, tunnel_cri());
    return v;
}

/* Receiving. */

static void
only_the_expected_request_is_taken_and_only_it_and_the_one_before_acknowledged(void **state)
{
    (void)state;
    for (unsigned sequence = 0; sequence < 256; sequence++) {
        struct house h;
        struct visitor v = udp_tunnel(&h);
        visitor_tunnels(&v, 0, TELEGRAM);
        visitor_gets_ack(&v, 0, KNX_E_NO_ERROR);
        (void)house_says(&h, KNX_SERVER_EVENT_TELEGRAM);
        visitor_tunnels(&v, (uint8_t)sequence, TELEGRAM); /* expected: 1 */
        if (sequence <= 1) {
            visitor_gets_ack(&v, (uint8_t)sequence, KNX_E_NO_ERROR);
        }
        if (sequence == 1) {
            (void)house_says(&h, KNX_SERVER_EVENT_TELEGRAM);
        }
        house_sends_nothing(&h);
        house_says_nothing(&h);
        uint8_t next = sequence == 1 ? 2 : 1; /* only the expected one moved the counter */
        visitor_tunnels(&v, next, TELEGRAM);
        visitor_gets_ack(&v, next, KNX_E_NO_ERROR);
        (void)house_says(&h, KNX_SERVER_EVENT_TELEGRAM);
        house_end(&h);
    }
}

static void the_receiving_counter_wraps(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = udp_tunnel(&h);
    for (unsigned i = 0; i < 600; i++) {
        visitor_tunnels(&v, (uint8_t)i, TELEGRAM);
        visitor_gets_ack(&v, (uint8_t)i, KNX_E_NO_ERROR);
        (void)house_says(&h, KNX_SERVER_EVENT_TELEGRAM);
    }
    assert_int_equal(house_counts(&h).telegrams_in, 600);
    house_end(&h);
}

static void a_request_before_the_first_one_counts_as_its_repetition(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = udp_tunnel(&h);
    visitor_tunnels(&v, 0xFF, TELEGRAM);
    visitor_gets_ack(&v, 0xFF, KNX_E_NO_ERROR);
    house_says_nothing(&h);
    house_end(&h);
}

static void a_request_without_a_channel_is_acknowledged_with_an_error(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = udp_tunnel(&h);
    v.channel++;
    visitor_tunnels(&v, 0, TELEGRAM);
    visitor_gets_ack(&v, 0, KNX_E_CONNECTION_ID);
    assert_int_equal(house_says(&h, KNX_SERVER_EVENT_DROPPED).fault->err, BAS_ERR_NOT_FOUND);
    house_end(&h);
}

static void a_tunnelling_request_in_a_management_channel_is_not_taken(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_udp(&h, 10);
    visitor_connects(&v, management_cri());
    visitor_tunnels(&v, 0, TELEGRAM);
    visitor_gets_ack(&v, 0, KNX_E_CONNECTION_ID);
    (void)house_says(&h, KNX_SERVER_EVENT_DROPPED);
    house_end(&h);
}

/* Sending. */

static void one_request_is_on_its_way_at_a_time(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = udp_tunnel(&h);
    indicate(&h);
    indicate(&h);
    assert_int_equal(visitor_gets(&v, KNX_TUNNELLING_REQUEST).sequence, 0);
    house_sends_nothing(&h);
    visitor_acknowledges(&v, 0);
    assert_int_equal(visitor_gets(&v, KNX_TUNNELLING_REQUEST).sequence, 1);
    house_sends_nothing(&h);
    visitor_acknowledges(&v, 1);
    house_sends_nothing(&h);
    house_end(&h);
}

static void the_sending_counter_wraps(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = udp_tunnel(&h);
    for (unsigned i = 0; i < 600; i++) {
        indicate(&h);
        assert_int_equal(visitor_gets(&v, KNX_TUNNELLING_REQUEST).sequence, (uint8_t)i);
        visitor_acknowledges(&v, (uint8_t)i);
    }
    assert_int_equal(house_counts(&h).telegrams_out, 600);
    house_end(&h);
}

static void acknowledgements_that_do_not_fit_change_nothing(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = udp_tunnel(&h);
    struct visitor stranger = visitor_udp(&h, 11);
    stranger.channel = v.channel;
    visitor_acknowledges(&v, 0); /* nothing is waiting */
    indicate(&h);
    indicate(&h);
    (void)visitor_gets(&v, KNX_TUNNELLING_REQUEST);
    visitor_acknowledges(&v, 1);
    visitor_acknowledges(&v, 0xFF);
    visitor_acknowledges(&stranger, 0);
    const struct knx_message wrong[] = {
        { .service = KNX_TUNNELLING_ACK, .channel = v.channel, .status = KNX_E_SEQUENCE_NUMBER },
        { .service = KNX_DEVICE_CONFIGURATION_ACK, .channel = v.channel },
        { .service = KNX_TUNNELLING_ACK, .channel = (uint8_t)(v.channel + 1) },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(wrong); i++) {
        visitor_sends(&v, &wrong[i]);
    }
    house_sends_nothing(&h);
    assert_int_equal(house_counts(&h).skipped, 4 + BAS_ARRAY_LEN(wrong));
    visitor_acknowledges(&v, 0);
    assert_int_equal(visitor_gets(&v, KNX_TUNNELLING_REQUEST).sequence, 1);
    house_end(&h);
}

static void a_telegram_is_repeated_once_after_a_second_and_then_the_channel_ends(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = udp_tunnel(&h);
    indicate(&h);
    indicate(&h);
    (void)visitor_gets(&v, KNX_TUNNELLING_REQUEST);
    assert_int_equal(knx_server_deadline(h.server), h.now + BAS_SECOND);
    house_waits(&h, 999);
    house_sends_nothing(&h);
    house_waits(&h, 1);
    assert_int_equal(visitor_gets(&v, KNX_TUNNELLING_REQUEST).sequence, 0);
    house_waits(&h, 999);
    house_sends_nothing(&h);
    house_waits(&h, 1);
    (void)visitor_gets(&v, KNX_DISCONNECT_REQUEST);
    house_sends_nothing(&h);
    assert_int_equal(house_says(&h, KNX_SERVER_EVENT_CHANNEL_DOWN).fault->err, BAS_ERR_TIMEOUT);
    assert_int_equal(knx_server_deadline(h.server), BAS_NEVER);
    house_end(&h);
}

static void an_acknowledged_repetition_lets_the_next_one_be_repeated_again(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = udp_tunnel(&h);
    indicate(&h);
    indicate(&h);
    for (uint8_t i = 0; i < 2; i++) {
        assert_int_equal(visitor_gets(&v, KNX_TUNNELLING_REQUEST).sequence, i);
        house_waits(&h, 1000);
        assert_int_equal(visitor_gets(&v, KNX_TUNNELLING_REQUEST).sequence, i);
        visitor_acknowledges(&v, i);
    }
    house_waits(&h, 5000);
    house_sends_nothing(&h);
    house_end(&h);
}

static void when_the_queue_is_full_the_newest_is_dropped_and_counted(void **state)
{
    (void)state;
    struct house h;
    struct visitor v = udp_tunnel(&h);
    for (unsigned i = 0; i < KNX_SERVER_PENDING; i++) {
        indicate(&h);
    }
    assert_int_equal(house_counts(&h).telegrams_dropped, 0);
    bus_indicates(&h, "2900bce0110509010100 80");
    assert_int_equal(house_counts(&h).telegrams_dropped, 1);
    for (uint8_t i = 0; i < KNX_SERVER_PENDING; i++) {
        visitor_gets_telegram(&v, GROUP);
        visitor_acknowledges(&v, i);
    }
    house_sends_nothing(&h);
    house_end(&h);
}

static void a_slow_client_does_not_hold_up_the_others(void **state)
{
    (void)state;
    struct house h;
    struct visitor slow = udp_tunnel(&h);
    struct visitor quick = visitor_udp(&h, 11);
    struct visitor tcp = visitor_tcp(&h, 12);
    visitor_connects(&quick, tunnel_cri());
    visitor_connects(&tcp, tunnel_cri());
    indicate(&h);
    (void)visitor_gets(&slow, KNX_TUNNELLING_REQUEST);
    (void)visitor_gets(&quick, KNX_TUNNELLING_REQUEST);
    (void)visitor_gets(&tcp, KNX_TUNNELLING_REQUEST);
    visitor_acknowledges(&quick, 0);
    indicate(&h);
    (void)visitor_gets(&quick, KNX_TUNNELLING_REQUEST);
    (void)visitor_gets(&tcp, KNX_TUNNELLING_REQUEST);
    house_sends_nothing(&h);
    house_end(&h);
}

static void device_configuration_waits_ten_seconds_and_repeats_three_times(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_udp(&h, 10);
    visitor_connects(&v, management_cri());
    const struct knx_message request = { .service = KNX_DEVICE_CONFIGURATION_REQUEST,
                                         .channel = v.channel,
                                         .payload = test_hex("fc000001 0b 1001") };
    visitor_sends(&v, &request);
    struct knx_message ack = visitor_gets(&v, KNX_DEVICE_CONFIGURATION_ACK);
    assert_int_equal(ack.status, KNX_E_NO_ERROR);
    for (unsigned i = 0; i < 4; i++) {
        struct knx_message answer = visitor_gets(&v, KNX_DEVICE_CONFIGURATION_REQUEST);
        assert_int_equal(answer.sequence, 0);
        house_sends_nothing(&h);
        house_waits(&h, 9999);
        house_sends_nothing(&h);
        house_waits(&h, 1);
    }
    (void)visitor_gets(&v, KNX_DISCONNECT_REQUEST);
    house_end(&h);
}

static void an_acknowledged_device_configuration_is_over(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_udp(&h, 10);
    visitor_connects(&v, management_cri());
    const struct knx_message request = { .service = KNX_DEVICE_CONFIGURATION_REQUEST,
                                         .channel = v.channel,
                                         .payload = test_hex("fc000001 0b 1001") };
    const struct knx_message ack = { .service = KNX_DEVICE_CONFIGURATION_ACK,
                                     .channel = v.channel };
    visitor_sends(&v, &request);
    (void)visitor_gets(&v, KNX_DEVICE_CONFIGURATION_ACK);
    (void)visitor_gets(&v, KNX_DEVICE_CONFIGURATION_REQUEST);
    visitor_sends(&v, &ack);
    house_waits(&h, 60000);
    house_sends_nothing(&h);
    house_end(&h);
}

/* TCP: spec 8, row 1. */

static void check_without_acknowledgements(struct visitor *v)
{
    struct house *h = v->house;
    static const uint8_t sequences[] = { 0, 0, 7, 255, 3 };
    visitor_connects(v, tunnel_cri());
    for (size_t i = 0; i < sizeof(sequences); i++) { /* none of them is looked at */
        visitor_tunnels(v, sequences[i], TELEGRAM);
        house_sends_nothing(h);
        (void)house_says(h, KNX_SERVER_EVENT_TELEGRAM);
    }
    for (unsigned i = 0; i < 300; i++) { /* all at once, with a running counter */
        indicate(h);
        assert_int_equal(visitor_gets(v, KNX_TUNNELLING_REQUEST).sequence, (uint8_t)i);
    }
    visitor_acknowledges(v, 0); /* nobody asked for it: taken silently */
    visitor_acknowledges(v, 200);
    house_waits(h, 5000);
    house_sends_nothing(h);
    house_says_nothing(h);
    assert_int_equal(house_counts(h).skipped, 0);
}

static void over_tcp_there_are_no_acknowledgements(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    struct visitor v = visitor_tcp(&h, 10);
    check_without_acknowledgements(&v);
    house_end(&h);
    house_open_secured(&h);
    v = visitor_secure(&h, 10, 2);
    check_without_acknowledgements(&v);
    house_end(&h);
}

/* Memory. */

static size_t memory_of(size_t n_tunnels)
{
    static struct knx_server_tunnel tunnels[KNX_SERVER_MAX_TUNNELS];
    struct house h;
    house_begin(&h);
    for (size_t i = 0; i < n_tunnels; i++) {
        tunnels[i] = (struct knx_server_tunnel){ (knx_ia)(0x1201 + i), 2 };
    }
    h.config.tunnels = tunnels;
    h.config.n_tunnels = n_tunnels;
    house_open(&h);
    size_t live = h.t.live;
    house_end(&h);
    return live;
}

static void a_tunnel_costs_at_most_eight_kilobytes(void **state)
{
    (void)state;
    size_t few = memory_of(40);
    size_t many = memory_of(240);
    print_message("# %zu octets a tunnel, %zu with 40 tunnels\n", (many - few) / 200, few);
    assert_true((many - few) / 200 <= 8192);
}

static void nothing_is_allocated_after_creation(void **state)
{
    (void)state;
    struct house h;
    house_open_plain(&h);
    size_t allocations = h.t.allocations;
    struct visitor udp = visitor_udp(&h, 10);
    struct visitor secure = visitor_secure(&h, 11, 2);
    visitor_connects(&udp, tunnel_cri());
    visitor_connects(&secure, tunnel_cri());
    for (unsigned i = 0; i < 3 * KNX_SERVER_PENDING; i++) {
        indicate(&h);
    }
    visitor_tunnels(&secure, 0, TELEGRAM);
    house_waits(&h, 500000);
    assert_int_equal(h.t.allocations, allocations);
    house_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            only_the_expected_request_is_taken_and_only_it_and_the_one_before_acknowledged),
        cmocka_unit_test(the_receiving_counter_wraps),
        cmocka_unit_test(a_request_before_the_first_one_counts_as_its_repetition),
        cmocka_unit_test(a_request_without_a_channel_is_acknowledged_with_an_error),
        cmocka_unit_test(a_tunnelling_request_in_a_management_channel_is_not_taken),
        cmocka_unit_test(one_request_is_on_its_way_at_a_time),
        cmocka_unit_test(the_sending_counter_wraps),
        cmocka_unit_test(acknowledgements_that_do_not_fit_change_nothing),
        cmocka_unit_test(a_telegram_is_repeated_once_after_a_second_and_then_the_channel_ends),
        cmocka_unit_test(an_acknowledged_repetition_lets_the_next_one_be_repeated_again),
        cmocka_unit_test(when_the_queue_is_full_the_newest_is_dropped_and_counted),
        cmocka_unit_test(a_slow_client_does_not_hold_up_the_others),
        cmocka_unit_test(device_configuration_waits_ten_seconds_and_repeats_three_times),
        cmocka_unit_test(an_acknowledged_device_configuration_is_over),
        cmocka_unit_test(over_tcp_there_are_no_acknowledgements),
        cmocka_unit_test(a_tunnel_costs_at_most_eight_kilobytes),
        cmocka_unit_test(nothing_is_allocated_after_creation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
