/* The network layer of a device: arrival and departure, NPDU by NPDU (clause 6). */
#include "net_fixture.h"

static void an_apdu_comes_up_with_the_source_of_the_data_link(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    struct bac_arrival a = { .port = d.port, .mac_len = 6, .attributes = test_hex("41") };
    memcpy(a.mac, ROUTER, 6);
    assert_int_equal(bac_net_recv(d.net, &a, test_hex("01 06 10 08"), d.now), BAS_OK);
    struct bac_net_event e = expect_event(&d, BAC_NET_APDU);
    assert_int_equal(e.source.network, 0);
    assert_int_equal(e.source.mac_len, 6);
    assert_memory_equal(e.source.mac, ROUTER, 6);
    assert_true(e.expecting_reply);
    assert_int_equal(e.priority, 2);
    assert_false(e.broadcast);
    assert_int_equal(e.apdu.len, 2);
    assert_memory_equal(e.apdu.data, "\x10\x08", 2);
    assert_int_equal(e.attributes.len, 1);
    expect_no_event(&d);
    assert_int_equal(arrive(&d, ROUTER, true, "01 00 10 08"), BAS_OK);
    assert_true(expect_event(&d, BAC_NET_APDU).broadcast);
    close_device(&d);
}

static void a_routed_apdu_comes_up_with_its_remote_source(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    assert_int_equal(arrive(&d, ROUTER, false, "01 08 07 D2 01 0C 10 08"), BAS_OK);
    struct bac_net_event e = expect_event(&d, BAC_NET_APDU);
    assert_int_equal(e.source.network, 2002);
    assert_int_equal(e.source.mac_len, 1);
    assert_int_equal(e.source.mac[0], 0x0C);
    close_device(&d);
}

static void a_source_in_our_own_network_is_a_local_one(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    assert_int_equal(arrive(&d, ROUTER, false, "01 08 00 05 01 0C 10 08"), BAS_OK);
    assert_int_equal(expect_event(&d, BAC_NET_APDU).source.network, 0);
    close_device(&d);
}

static void only_what_is_meant_for_us_comes_up(void **state)
{
    (void)state;
    static const struct {
        const char *npdu;
        bool is_ours, is_broadcast;
    } rows[] = {
        { "01 20 FF FF 00 FF 10 08", true, true },                     /* everywhere */
        { "01 20 00 05 00 FE 10 08", true, true },                     /* all of our network */
        { "01 20 00 05 06 A2 00 00 00 00 01 FE 10 08", true, false },  /* us, by address */
        { "01 20 00 05 06 A2 00 00 00 00 09 FE 10 08", false, false }, /* a neighbour */
        { "01 20 00 06 00 FE 10 08", false, false },                   /* another network */
        { "01 20 00 06 06 A2 00 00 00 00 01 FE 10 08", false, false },
    };
    struct device d;
    open_up(&d, 5);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        assert_int_equal(arrive(&d, ROUTER, false, rows[i].npdu), BAS_OK);
        if (rows[i].is_ours) {
            assert_int_equal(expect_event(&d, BAC_NET_APDU).broadcast, rows[i].is_broadcast);
        }
        expect_no_event(&d);
    }
    assert_int_equal(bac_net_stats(d.net)->not_for_us, 3);
    expect_no_tx(&d);
    close_device(&d);
}

static void a_network_that_we_do_not_know_the_number_of_is_not_ours(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 0);
    expect_tx(&d, "", "01 80 12");
    assert_int_equal(arrive(&d, ROUTER, false, "01 20 00 05 00 FE 10 08"), BAS_OK);
    expect_no_event(&d);
    close_device(&d);
}

static void a_malformed_npdu_is_a_fault_and_nothing_else(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "01", "02 00 10 08", "01 20 FF FF", "01 08 00 00 01 05 10", "01 08 00 07 00 10 08"
    };
    struct device d;
    open_up(&d, 5);
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad); i++) {
        assert_int_not_equal(arrive(&d, ROUTER, false, bad[i]), BAS_OK);
        assert_int_not_equal(expect_event(&d, BAC_NET_FAULT).fault.err, BAS_OK);
        expect_no_event(&d);
    }
    assert_int_equal(bac_net_stats(d.net)->malformed, BAS_ARRAY_LEN(bad));
    expect_no_tx(&d);
    close_device(&d);
}

static void a_port_starts_down_and_hears_and_says_nothing_then(void **state)
{
    (void)state;
    struct device d;
    open_device(&d, NULL, 5);
    assert_int_equal(arrive(&d, ROUTER, false, "01 00 10 08"), BAS_ERR_CLOSED);
    assert_int_equal(send(&d, 0, "0C", "10 08"), BAS_ERR_CLOSED);
    assert_int_equal(send(&d, 9, "0C", "10 08"), BAS_ERR_CLOSED);
    assert_int_equal(send(&d, 0xFFFF, "", "10 08"), BAS_ERR_CLOSED);
    expect_no_event(&d);
    close_device(&d);
}

static void a_new_mac_of_a_port_counts_at_once_and_asks_nothing(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 0);
    expect_tx(&d, "", "01 80 12");
    assert_int_equal(arrive(&d, ROUTER, true, "01 80 13 00 05 01"), BAS_OK);
    expect_event(&d, BAC_NET_NETWORK_LEARNED);
    bac_net_port_up(d.net, d.port, OTHER_ROUTER, 6, 600, d.now);
    expect_no_tx(&d);
    assert_int_equal(arrive(&d, ROUTER, false, "01 20 00 05 06 B2 00 00 00 00 03 FE AA"), BAS_OK);
    expect_event(&d, BAC_NET_APDU);
    struct bac_address local = { .mac_len = 6 };
    assert_int_equal(bac_net_max_apdu(d.net, &local, d.port), 598);
    close_device(&d);
    open_up(&d, 0);
    expect_tx(&d, "", "01 80 12");
    bac_net_port_up(d.net, d.port, OTHER_ROUTER, 6, 0, d.now);
    expect_no_tx(&d);
    close_device(&d);
}

static void frames_of_a_port_that_goes_down_are_dropped(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    assert_int_equal(send(&d, 0, "0C", "10 08"), BAS_OK);
    bac_net_port_down(d.net, d.port, d.now);
    expect_no_tx(&d);
    close_device(&d);
}

static void a_local_apdu_wears_two_octets(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    assert_int_equal(send(&d, 0, "0C 0D", "10 08"), BAS_OK);
    expect_tx(&d, "0C 0D", "01 00 10 08");
    assert_int_equal(send(&d, 0, "", "10 08"), BAS_OK);
    expect_tx(&d, "", "01 00 10 08");
    assert_int_equal(send(&d, 5, "0C", "10 08"), BAS_OK); /* our network by its number */
    expect_tx(&d, "0C", "01 00 10 08");
    struct bac_send s = { .priority = 3, .expecting_reply = true, .to = { .mac_len = 1 } };
    assert_int_equal(bac_net_send(d.net, &s, apdu_of(&d, "AA"), d.now), BAS_OK);
    expect_tx(&d, "00", "01 07 AA");
    close_device(&d);
}

static void a_global_broadcast_wears_dnet_ffff_and_hop_count_ff(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    assert_int_equal(send(&d, 0xFFFF, "", "10 08"), BAS_OK);
    expect_tx(&d, "", "01 20 FF FF 00 FF 10 08");
    assert_int_equal(send(&d, 0xFFFF, "0C", "10 08"), BAS_ERR_INVALID);
    close_device(&d);
}

static void a_global_broadcast_leaves_by_every_port_that_is_up(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    bac_port_id more[2];
    struct bac_port_config config = { .size = sizeof(config), .network = 6 };
    assert_int_equal(bac_net_add_port(d.net, &config, &more[0]), BAS_OK);
    config.network = 7;
    assert_int_equal(bac_net_add_port(d.net, &config, &more[1]), BAS_OK);
    bac_net_port_up(d.net, more[1], OUR_MAC, 6, 0, d.now);
    assert_int_equal(send(&d, 0xFFFF, "", "10 08"), BAS_OK);
    expect_tx_on(&d, more[1], "", "01 20 FF FF 00 FF 10 08");
    expect_tx_on(&d, d.port, "", "01 20 FF FF 00 FF 10 08");
    expect_no_tx(&d);
    assert_int_equal(send(&d, 7, "0C", "AA"), BAS_OK); /* a directly connected network */
    expect_tx_on(&d, more[1], "0C", "01 00 AA");
    close_device(&d);
}

static void the_address_of_one_port_is_heard_on_the_other(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    bac_port_id second;
    struct bac_port_config config = { .size = sizeof(config), .network = 6 };
    assert_int_equal(bac_net_add_port(d.net, &config, &second), BAS_OK);
    bac_net_port_up(d.net, second, ROUTER, 6, 0, d.now);
    assert_int_equal(arrive(&d, OTHER_ROUTER, false, "01 20 00 06 06 B2 00 00 00 00 02 FE AA"),
                     BAS_OK);
    assert_int_equal(expect_event(&d, BAC_NET_APDU).port, d.port);
    close_device(&d);
}

static void two_ports_cannot_be_one_network(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    bac_port_id second;
    struct bac_port_config config = { .size = sizeof(config), .network = 5 };
    assert_int_equal(bac_net_add_port(d.net, &config, &second), BAS_ERR_EXISTS);
    config.network = 0xFFFF;
    assert_int_equal(bac_net_add_port(d.net, &config, &second), BAS_ERR_INVALID);
    config.network = 0;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(bac_net_add_port(d.net, &config, &second), BAS_OK);
    }
    assert_int_equal(bac_net_add_port(d.net, &config, &second), BAS_ERR_NO_SPACE);
    bac_net_port_up(d.net, second, ROUTER, 6, 0, d.now);
    struct bac_arrival a = { .port = second, .mac_len = 6, .broadcast = true };
    assert_int_equal(bac_net_recv(d.net, &a, test_hex("01 80 13 00 05 01"), d.now), BAS_OK);
    assert_int_equal(bac_net_port_network(d.net, second, NULL), 0);
    close_device(&d);
}

static void random_octets_do_no_harm(void **state)
{
    (void)state;
    struct device d;
    open_up(&d, 5);
    for (int i = 0; i < 20000; i++) {
        uint8_t octets[24];
        uint8_t dice[4];
        d.t.env.random(&d.t, dice, sizeof(dice));
        d.t.env.random(&d.t, octets, sizeof(octets));
        octets[0] = dice[0] < 240 ? 1 : octets[0];
        octets[1] = dice[1] < 200 ? octets[1] & 0xAC : octets[1];
        struct bac_arrival a = { .port = d.port, .mac_len = 6, .broadcast = dice[2] % 2 == 0 };
        memcpy(a.mac, ROUTER, 6);
        struct bas_slice npdu = { octets, dice[3] % (sizeof(octets) + 1) };
        (void)bac_net_recv(d.net, &a, npdu, d.now);
        d.now += BAS_MILLISECOND;
        if (i % 7 == 0) {
            (void)send_len(&d, (uint16_t)(dice[0] % 4), 1);
        }
        bac_net_tick(d.net, d.now);
        struct bac_net_event e;
        while (bac_net_next_event(d.net, &e)) {
            assert_true(e.apdu.len <= sizeof(octets));
        }
        struct bac_net_tx tx;
        while (bac_net_next_tx(d.net, &tx)) {
            bas_frame_unref(tx.frame);
        }
    }
    close_device(&d);
}

static void memory_that_fails_is_said_and_nothing_leaks(void **state)
{
    (void)state;
    for (size_t k = 1; k <= 6; k++) {
        struct test_env t;
        test_env_init(&t);
        t.fail_at = k;
        assert_null(bac_net_new(&t.env, NULL));
        test_env_check(&t);
    }
    struct device d;
    open_up(&d, 0);
    expect_tx(&d, "", "01 80 12");
    struct bas_frame *apdu = apdu_of(&d, "AA");
    d.t.fail_at = 1;
    struct bac_send s = { .to = { .network = 9, .mac_len = 1 } };
    assert_int_equal(bac_net_send(d.net, &s, apdu, d.now), BAS_OK); /* the question is lost */
    assert_int_equal(arrive(&d, ROUTER, false, "01 80 0A"), BAS_OK);
    expect_no_tx(&d);
    d.now = bac_net_deadline(d.net);
    bac_net_tick(d.net, d.now);
    expect_event(&d, BAC_NET_UNREACHABLE);
    close_device(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_apdu_comes_up_with_the_source_of_the_data_link),
        cmocka_unit_test(a_routed_apdu_comes_up_with_its_remote_source),
        cmocka_unit_test(a_source_in_our_own_network_is_a_local_one),
        cmocka_unit_test(only_what_is_meant_for_us_comes_up),
        cmocka_unit_test(a_network_that_we_do_not_know_the_number_of_is_not_ours),
        cmocka_unit_test(a_malformed_npdu_is_a_fault_and_nothing_else),
        cmocka_unit_test(a_port_starts_down_and_hears_and_says_nothing_then),
        cmocka_unit_test(a_new_mac_of_a_port_counts_at_once_and_asks_nothing),
        cmocka_unit_test(frames_of_a_port_that_goes_down_are_dropped),
        cmocka_unit_test(a_local_apdu_wears_two_octets),
        cmocka_unit_test(a_global_broadcast_wears_dnet_ffff_and_hop_count_ff),
        cmocka_unit_test(a_global_broadcast_leaves_by_every_port_that_is_up),
        cmocka_unit_test(the_address_of_one_port_is_heard_on_the_other),
        cmocka_unit_test(two_ports_cannot_be_one_network),
        cmocka_unit_test(random_octets_do_no_harm),
        cmocka_unit_test(memory_that_fails_is_said_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
