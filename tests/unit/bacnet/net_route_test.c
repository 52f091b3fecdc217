/* Routers and what waits for them (clause 6.5.3). */
#include "net_fixture.h"

static void routers_of_a_port_that_goes_down_are_forgotten(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 01 07 D2"), BAS_OK);
    bac_net_port_down(d.net, d.port, d.now);
    bac_net_port_up(d.net, d.port, OUR_MAC, 6, 0, d.now);
    assert_int_equal(send(&d, 2002, "0C", "AA"), BAS_OK);
    expect_tx(&d, "", "01 80 00 07 D2");
    close_device(&d);
}

static void a_remote_apdu_asks_for_a_router_once_and_goes_out_when_one_answers(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    assert_int_equal(send(&d, 2002, "0C", "30 01 0F"), BAS_OK);
    expect_tx(&d, "", "01 80 00 07 D2");
    assert_int_equal(send(&d, 2002, "", "10 08"), BAS_OK);
    expect_no_tx(&d);
    assert_int_equal(bac_net_deadline(d.net), d.now + 2 * BAS_SECOND);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 01 07 D2 07 D3"), BAS_OK);
    expect_tx(&d, "B2 00 00 00 00 02", "01 20 07 D2 01 0C FF 30 01 0F");
    expect_tx(&d, "B2 00 00 00 00 02", "01 20 07 D2 00 FF 10 08");
    assert_int_equal(bac_net_deadline(d.net), BAS_NEVER);
    assert_int_equal(send(&d, 2003, "0C", "AA"), BAS_OK); /* told in the same message */
    expect_tx(&d, "B2 00 00 00 00 02", "01 20 07 D3 01 0C FF AA");
    close_device(&d);
}

static void without_a_router_all_that_waits_ends_in_one_unreachable(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    assert_int_equal(send(&d, 2002, "0C", "AA"), BAS_OK);
    d.now += BAS_SECOND;
    assert_int_equal(send(&d, 2002, "0D", "BB"), BAS_OK);
    assert_int_equal(send(&d, 2003, "0D", "CC"), BAS_OK);
    expect_tx(&d, "", "01 80 00 07 D2");
    expect_tx(&d, "", "01 80 00 07 D3");
    d.now += BAS_SECOND - 1;
    bac_net_tick(d.net, d.now);
    expect_no_event(&d);
    d.now++;
    bac_net_tick(d.net, d.now);
    struct bac_net_event e = expect_event(&d, BAC_NET_UNREACHABLE);
    assert_int_equal(e.network, 2002);
    assert_int_equal(e.reason, BAC_NET_REJECT_UNREACHABLE);
    expect_no_event(&d);
    assert_int_equal(bac_net_deadline(d.net), d.now + BAS_SECOND);
    close_device(&d);
}

static void the_router_of_a_routed_apdu_is_remembered_for_the_answer(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    assert_int_equal(arrive(&d, ROUTER, false, "01 08 07 D2 01 0C 10 08"), BAS_OK);
    assert_int_equal(send(&d, 2002, "0C", "AA"), BAS_OK);
    expect_tx(&d, "B2 00 00 00 00 02", "01 20 07 D2 01 0C FF AA");
    assert_int_equal(arrive(&d, OTHER_ROUTER, false, "01 08 07 D2 01 0C 10 08"), BAS_OK);
    assert_int_equal(send(&d, 2002, "0C", "AA"), BAS_OK); /* the way may change */
    expect_tx(&d, "B2 00 00 00 00 03", "01 20 07 D2 01 0C FF AA");
    close_device(&d);
}

static void a_router_is_forgotten_after_its_lifetime(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 01 07 D2"), BAS_OK);
    d.now += 599 * BAS_SECOND;
    assert_int_equal(send(&d, 2002, "0C", "AA"), BAS_OK);
    expect_tx(&d, "B2 00 00 00 00 02", "01 20 07 D2 01 0C FF AA");
    d.now += BAS_SECOND;
    assert_int_equal(send(&d, 2002, "0C", "AA"), BAS_OK);
    expect_tx(&d, "", "01 80 00 07 D2");
    close_device(&d);
}

static void the_router_learned_longest_ago_makes_room(void **state)
{
    (void)state;
    struct device d;
    struct bac_net_config config = { .size = sizeof(config), .max_routers = 2 };
    open_device(&d, &config, 5);
    bac_net_port_up(d.net, d.port, OUR_MAC, sizeof(OUR_MAC), 0, d.now);
    static const char *const said[] = { "01 80 01 00 0A", "01 80 01 00 0B", "01 80 01 00 0A",
                                        "01 80 01 00 0C" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(said); i++) {
        d.now += BAS_SECOND;
        assert_int_equal(arrive(&d, ROUTER, true, said[i]), BAS_OK);
    }
    assert_int_equal(send(&d, 10, "01", "AA"), BAS_OK);
    expect_tx(&d, "B2 00 00 00 00 02", "01 20 00 0A 01 01 FF AA");
    assert_int_equal(send(&d, 12, "01", "AA"), BAS_OK);
    expect_tx(&d, "B2 00 00 00 00 02", "01 20 00 0C 01 01 FF AA");
    assert_int_equal(send(&d, 11, "01", "AA"), BAS_OK);
    expect_tx(&d, "", "01 80 00 00 0B");
    close_device(&d);
}

static void a_router_is_no_way_into_our_own_network(void **state)
{
    (void)state;
    struct device d;
    struct bac_net_config config = { .size = sizeof(config), .max_routers = 1 };
    open_device(&d, &config, 5);
    bac_net_port_up(d.net, d.port, OUR_MAC, sizeof(OUR_MAC), 0, d.now);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 01 00 0A"), BAS_OK);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 01 00 05"), BAS_OK);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 01 00 00"), BAS_OK);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 01 FF FF"), BAS_OK);
    assert_int_equal(send(&d, 10, "0C", "AA"), BAS_OK); /* it keeps its place */
    expect_tx(&d, "B2 00 00 00 00 02", "01 20 00 0A 01 0C FF AA");
    assert_int_equal(send(&d, 5, "0C", "AA"), BAS_OK);
    expect_tx(&d, "0C", "01 00 AA");
    close_device(&d);
}

static void full_queues_say_busy(void **state)
{
    (void)state;
    struct device d;
    struct bac_net_config config = { .size = sizeof(config),
                                     .max_waiting = 1,
                                     .pending_entries = 2 };
    open_device(&d, &config, 5);
    bac_net_port_up(d.net, d.port, OUR_MAC, sizeof(OUR_MAC), 0, d.now);
    assert_int_equal(send(&d, 9, "0C", "AA"), BAS_OK);
    assert_int_equal(send(&d, 9, "0C", "AA"), BAS_ERR_BUSY);
    assert_int_equal(send(&d, 0, "0C", "AA"), BAS_OK);
    assert_int_equal(send(&d, 0, "0C", "AA"), BAS_ERR_BUSY);
    expect_tx(&d, "", "01 80 00 00 09");
    expect_tx(&d, "0C", "01 00 AA");
    assert_int_equal(bac_net_stats(d.net)->not_sent, 2);
    close_device(&d);
}

static void the_largest_apdu_is_what_fits_beside_the_largest_npci(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    assert_int_equal(max_to(&d, 0, 6), 1495);
    assert_int_equal(max_to(&d, 5, 6), 1495);
    assert_int_equal(max_to(&d, 2002, 6), 1476);
    assert_int_equal(max_to(&d, 0xFFFF, 0), 1482);
    assert_int_equal(send_len(&d, 0, 1495), BAS_OK);
    assert_int_equal(send_len(&d, 0, 1496), BAS_ERR_TOO_LONG);
    assert_int_equal(send_len(&d, 2002, 1477), BAS_ERR_TOO_LONG);
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 01 07 D2"), BAS_OK);
    assert_int_equal(send_len(&d, 2002, 1477), BAS_ERR_TOO_LONG);
    assert_int_equal(send_len(&d, 2002, 1476), BAS_OK);
    close_device(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routers_of_a_port_that_goes_down_are_forgotten),
        cmocka_unit_test(a_remote_apdu_asks_for_a_router_once_and_goes_out_when_one_answers),
        cmocka_unit_test(without_a_router_all_that_waits_ends_in_one_unreachable),
        cmocka_unit_test(the_router_of_a_routed_apdu_is_remembered_for_the_answer),
        cmocka_unit_test(a_router_is_forgotten_after_its_lifetime),
        cmocka_unit_test(the_router_learned_longest_ago_makes_room),
        cmocka_unit_test(a_router_is_no_way_into_our_own_network),
        cmocka_unit_test(full_queues_say_busy),
        cmocka_unit_test(the_largest_apdu_is_what_fits_beside_the_largest_npci),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
