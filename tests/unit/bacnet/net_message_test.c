/* Network layer messages (clause 6.4). */
#include "net_fixture.h"

static void an_i_am_router_that_was_routed_is_not_believed(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    assert_int_equal(arrive(&d, ROUTER, true, "01 88 07 D2 01 0C 01 00 0A"), BAS_OK);
    assert_int_equal(send(&d, 10, "0C", "AA"), BAS_OK);
    expect_tx(&d, "", "01 80 00 00 0A");
    close_device(&d);
}

static void a_rejected_network_is_unreachable_and_its_router_forgotten(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 01 07 D2"), BAS_OK);
    assert_int_equal(arrive(&d, ROUTER, false, "01 80 03 01 07 D2"), BAS_OK);
    struct bac_net_event e = expect_event(&d, BAC_NET_UNREACHABLE);
    assert_int_equal(e.network, 2002);
    assert_int_equal(e.reason, 1);
    assert_int_equal(send(&d, 2002, "0C", "AA"), BAS_OK);
    expect_tx(&d, "", "01 80 00 07 D2");
    close_device(&d);
}

static void only_the_router_in_use_can_reject(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 01 07 D2"), BAS_OK);
    assert_int_equal(arrive(&d, OTHER_ROUTER, false, "01 80 03 01 07 D2"), BAS_OK);
    expect_no_event(&d);
    assert_int_equal(send(&d, 2002, "0C", "AA"), BAS_OK);
    expect_tx(&d, "B2 00 00 00 00 02", "01 20 07 D2 01 0C FF AA");
    close_device(&d);
}

static void too_long_lowers_the_limit_and_keeps_the_router(void **state)
{
    (void)state;
    static const size_t left[] = { 480, 207, 207 };
    struct device d;
    open_up(&d, 5);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 01 07 D2"), BAS_OK);
    for (size_t i = 0; i < BAS_ARRAY_LEN(left); i++) {
        assert_int_equal(arrive(&d, ROUTER, false, "01 80 03 04 07 D2"), BAS_OK);
        assert_int_equal(expect_event(&d, BAC_NET_UNREACHABLE).reason, 4);
        assert_int_equal(max_to(&d, 2002, 6), left[i]);
        assert_int_equal(send_len(&d, 2002, left[i] + 1), BAS_ERR_TOO_LONG);
    }
    expect_no_tx(&d);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 01 07 D2"), BAS_OK);
    assert_int_equal(max_to(&d, 2002, 6), 207);
    d.now += 600 * BAS_SECOND; /* what was learned ends with its lifetime */
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 01 07 D2"), BAS_OK);
    assert_int_equal(max_to(&d, 2002, 6), 1476);
    close_device(&d);
}

static void a_rejected_network_message_is_no_unreachable_network(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    assert_int_equal(arrive(&d, ROUTER, false, "01 80 03 03 07 D2"), BAS_OK);
    expect_no_event(&d);
    expect_no_tx(&d);
    close_device(&d);
}

static void a_busy_router_is_waited_for_until_it_is_available(void **state)
{
    (void)state;
    static const char *const busy[] = { "01 80 04 07 D2", "01 80 04", "01 80 03 02 07 D2" };
    static const char *const available[] = { "01 80 05 07 D2", "01 80 05", "01 80 05 07 D1 07 D2" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(busy); i++) {
        struct device d;
        open_up(&d, 5);
        assert_int_equal(arrive(&d, ROUTER, true, "01 80 01 07 D2"), BAS_OK);
        assert_int_equal(arrive(&d, ROUTER, true, busy[i]), BAS_OK);
        assert_int_equal(send(&d, 2002, "0C", "AA"), BAS_OK);
        expect_no_tx(&d);
        assert_int_equal(arrive(&d, OTHER_ROUTER, true, available[i]), BAS_OK);
        assert_int_equal(arrive(&d, ROUTER, false, "01 08 07 D2 01 0C 10 63"), BAS_OK);
        expect_no_tx(&d);
        assert_int_equal(arrive(&d, ROUTER, true, available[i]), BAS_OK);
        expect_tx(&d, "B2 00 00 00 00 02", "01 20 07 D2 01 0C FF AA");
        close_device(&d);
    }
}

static void a_router_that_stays_busy_ends_in_unreachable_with_reason_busy(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 01 07 D2"), BAS_OK);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 04"), BAS_OK);
    assert_int_equal(send(&d, 2002, "0C", "AA"), BAS_OK);
    d.now = bac_net_deadline(d.net);
    bac_net_tick(d.net, d.now);
    assert_int_equal(expect_event(&d, BAC_NET_UNREACHABLE).reason, 2);
    expect_no_tx(&d);
    close_device(&d);
}

static void busy_ends_by_itself_after_thirty_seconds(void **state)
{
    (void)state;
    struct device d;
    struct bac_net_config config = { .size = sizeof(config), .route_wait_ms = 60000 };
    open_device(&d, &config, 5);
    bac_net_port_up(d.net, d.port, OUR_MAC, sizeof(OUR_MAC), 0, d.now);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 01 07 D2"), BAS_OK);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 04"), BAS_OK);
    assert_int_equal(send(&d, 2002, "0C", "AA"), BAS_OK);
    assert_int_equal(bac_net_deadline(d.net), d.now + 30 * BAS_SECOND);
    d.now += 30 * BAS_SECOND;
    bac_net_tick(d.net, d.now);
    expect_tx(&d, "B2 00 00 00 00 02", "01 20 07 D2 01 0C FF AA");
    assert_int_equal(bac_net_deadline(d.net), BAS_NEVER);
    close_device(&d);
}

static void the_network_number_is_asked_for_and_learned(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 0);
    expect_tx(&d, "", "01 80 12");
    assert_int_equal(arrive(&d, ROUTER, false, "01 80 13 00 07 01"), BAS_OK); /* not broadcast */
    assert_int_equal(arrive(&d, ROUTER, true, "01 88 00 09 01 01 13 00 07 01"), BAS_OK);
    expect_no_event(&d);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 13 00 07 00"), BAS_OK);
    struct bac_net_event e = expect_event(&d, BAC_NET_NETWORK_LEARNED);
    assert_int_equal(e.network, 7);
    assert_int_equal(e.port, d.port);
    enum bac_network_number_quality quality;
    assert_int_equal(bac_net_port_network(d.net, d.port, &quality), 7);
    assert_int_equal(quality, BAC_NETWORK_NUMBER_LEARNED);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 13 00 08 01"), BAS_OK); /* who knows better */
    assert_int_equal(expect_event(&d, BAC_NET_NETWORK_LEARNED).network, 8);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 13 00 09 00"), BAS_OK); /* who does not */
    expect_no_event(&d);
    assert_int_equal(bac_net_port_network(d.net, d.port, &quality), 8);
    assert_int_equal(quality, BAC_NETWORK_NUMBER_LEARNED_CONFIGURED);
    bac_net_port_down(d.net, d.port, d.now);
    assert_int_equal(bac_net_port_network(d.net, d.port, NULL), 0);
    close_device(&d);
}

static void a_configured_network_number_stays(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 13 00 07 01"), BAS_OK);
    expect_no_event(&d);
    assert_int_equal(bac_net_port_network(d.net, d.port, NULL), 5);
    bac_net_port_down(d.net, d.port, d.now);
    assert_int_equal(bac_net_port_network(d.net, d.port, NULL), 5);
    close_device(&d);
}

static void a_known_network_number_is_told_to_who_asks_on_this_network(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 12"), BAS_OK);
    expect_tx(&d, "", "01 80 13 00 05 01");
    assert_int_equal(arrive(&d, ROUTER, true, "01 88 00 09 01 01 12"), BAS_OK);
    assert_int_equal(arrive(&d, ROUTER, true, "01 A0 FF FF 00 FF 12"), BAS_OK);
    expect_no_tx(&d);
    close_device(&d);
    open_up(&d, 0);
    expect_tx(&d, "", "01 80 12");
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 12"), BAS_OK);
    expect_no_tx(&d);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 13 00 07 01"), BAS_OK);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 12"), BAS_OK);
    expect_tx(&d, "", "01 80 13 00 07 00");
    close_device(&d);
}

static void an_unknown_network_message_is_rejected_to_its_sender_but_no_broadcast_is(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    assert_int_equal(arrive(&d, ROUTER, false, "01 80 0A 01"), BAS_OK);
    expect_tx(&d, "B2 00 00 00 00 02", "01 80 03 03 00 05");
    assert_int_equal(arrive(&d, ROUTER, false, "01 80 99 01 02 AA"), BAS_OK);
    expect_tx(&d, "B2 00 00 00 00 02", "01 80 03 03 00 05");
    assert_int_equal(arrive(&d, ROUTER, false, "01 88 07 D2 01 0C 0A 01"), BAS_OK);
    expect_tx(&d, "B2 00 00 00 00 02", "01 A0 07 D2 01 0C FF 03 03 00 05");
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 0A 01"), BAS_OK);
    assert_int_equal(arrive(&d, ROUTER, false, "01 A0 FF FF 00 FF 0A 01"), BAS_OK);
    expect_no_tx(&d);
    assert_int_equal(bac_net_stats(d.net)->unknown_messages, 5);
    close_device(&d);
}

static void messages_for_routers_pass_in_silence(void **state)
{
    (void)state;
    static const char *const said[] = { "01 80 00 07 D2", "01 80 00",    "01 80 02 07 D2 01",
                                        "01 80 06 00",    "01 80 07 00", "01 80 08 00 07 05",
                                        "01 80 09 00 07" };
    struct device d;
    open_up(&d, 5);
    for (size_t i = 0; i < BAS_ARRAY_LEN(said); i++) {
        assert_int_equal(arrive(&d, ROUTER, false, said[i]), BAS_OK);
        expect_no_tx(&d);
        expect_no_event(&d);
    }
    close_device(&d);
}

static void a_network_message_that_ends_too_early_is_a_fault(void **state)
{
    (void)state;
    static const char *const cut[] = { "01 80 01 07", "01 80 01 07 D2 07", "01 80 03 01 07",
                                       "01 80 03",    "01 80 04 07",       "01 80 13 00 07",
                                       "01 80 13" };
    struct device d;
    open_up(&d, 5);
    for (size_t i = 0; i < BAS_ARRAY_LEN(cut); i++) {
        assert_int_equal(arrive(&d, ROUTER, true, cut[i]), BAS_ERR_TRUNCATED);
        expect_event(&d, BAC_NET_FAULT);
        expect_no_event(&d);
    }
    assert_int_equal(bac_net_port_network(d.net, d.port, NULL), 5);
    close_device(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_i_am_router_that_was_routed_is_not_believed),
        cmocka_unit_test(a_rejected_network_is_unreachable_and_its_router_forgotten),
        cmocka_unit_test(only_the_router_in_use_can_reject),
        cmocka_unit_test(too_long_lowers_the_limit_and_keeps_the_router),
        cmocka_unit_test(a_rejected_network_message_is_no_unreachable_network),
        cmocka_unit_test(a_busy_router_is_waited_for_until_it_is_available),
        cmocka_unit_test(a_router_that_stays_busy_ends_in_unreachable_with_reason_busy),
        cmocka_unit_test(busy_ends_by_itself_after_thirty_seconds),
        cmocka_unit_test(the_network_number_is_asked_for_and_learned),
        cmocka_unit_test(a_configured_network_number_stays),
        cmocka_unit_test(a_known_network_number_is_told_to_who_asks_on_this_network),
        cmocka_unit_test(an_unknown_network_message_is_rejected_to_its_sender_but_no_broadcast_is),
        cmocka_unit_test(messages_for_routers_pass_in_silence),
        cmocka_unit_test(a_network_message_that_ends_too_early_is_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
