/* The network layer of a device, NPDU by NPDU (clause 6). */
#include "test_env.h"

#include "basalt/bacnet.h"

#include <string.h>

/* One device on one port (or two), whose data links are these functions. */
struct device {
    struct test_env t;
    struct bac_net *net;
    bac_port_id port;
    bas_time now;
};

static const uint8_t OUR_MAC[] = { 0xA2, 0, 0, 0, 0, 1 };
static const uint8_t ROUTER[] = { 0xB2, 0, 0, 0, 0, 2 };
static const uint8_t OTHER_ROUTER[] = { 0xB2, 0, 0, 0, 0, 3 };

static void open_device(struct device *d, const struct bac_net_config *config, uint16_t network)
{
    memset(d, 0, sizeof(*d));
    test_env_init(&d->t);
    d->now = 1000 * BAS_SECOND;
    d->net = bac_net_new(&d->t.env, config);
    assert_non_null(d->net);
    struct bac_port_config port = { .size = sizeof(port), .network = network };
    assert_int_equal(bac_net_add_port(d->net, &port, &d->port), BAS_OK);
}

static void close_device(struct device *d)
{
    bac_net_free(d->net);
    test_env_check(&d->t);
}

static void open_up(struct device *d, uint16_t network)
{
    open_device(d, NULL, network);
    bac_net_port_up(d->net, d->port, OUR_MAC, sizeof(OUR_MAC), 1497, d->now);
}

static bas_err arrive(struct device *d, const uint8_t *mac, bool broadcast, const char *hex)
{
    struct bac_arrival a = { .port = d->port, .mac_len = 6, .broadcast = broadcast };
    memcpy(a.mac, mac, 6);
    return bac_net_recv(d->net, &a, test_hex(hex), d->now);
}

static struct bas_frame *apdu_of(struct device *d, const char *hex)
{
    struct bas_slice s = test_hex(hex);
    struct bas_frame *f = bas_frame_new(&d->t.env, BAS_HEADROOM, BAS_HEADROOM + s.len);
    assert_non_null(f);
    memcpy(bas_frame_put(f, s.len), s.data, s.len);
    return f;
}

static bas_err send(struct device *d, uint16_t network, const char *mac, const char *apdu)
{
    struct bas_slice m = test_hex(mac);
    struct bac_send s = { .to = { .network = network, .mac_len = (uint8_t)m.len },
                          .port = d->port };
    memcpy(s.to.mac, m.data, m.len);
    return bac_net_send(d->net, &s, apdu_of(d, apdu), d->now);
}

/* The next NPDU goes to that MAC ("": broadcast) on the port and is exactly hex. */
static void expect_tx_on(struct device *d, bac_port_id port, const char *mac, const char *hex)
{
    struct bac_net_tx tx;
    assert_true(bac_net_next_tx(d->net, &tx));
    struct bas_slice m = test_hex(mac);
    struct bas_slice want = test_hex(hex);
    struct bas_slice got = bas_frame_slice(tx.frame);
    assert_int_equal(tx.port, port);
    assert_int_equal(tx.mac_len, m.len);
    assert_memory_equal(tx.mac, m.data, m.len);
    assert_int_equal(got.len, want.len);
    assert_memory_equal(got.data, want.data, want.len);
    assert_int_equal(tx.frame->refs, 1);
    bas_frame_unref(tx.frame);
}

static void expect_tx(struct device *d, const char *mac, const char *hex)
{
    expect_tx_on(d, d->port, mac, hex);
}

static void expect_no_tx(struct device *d)
{
    struct bac_net_tx tx;
    assert_false(bac_net_next_tx(d->net, &tx));
}

static struct bac_net_event expect_event(struct device *d, enum bac_net_event_kind kind)
{
    struct bac_net_event e;
    assert_true(bac_net_next_event(d->net, &e));
    assert_int_equal(e.kind, kind);
    return e;
}

static void expect_no_event(struct device *d)
{
    struct bac_net_event e;
    assert_false(bac_net_next_event(d->net, &e));
}

/* Arrival */

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

/* Departure */

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

static bas_err send_len(struct device *d, uint16_t network, size_t len)
{
    struct bac_send s = { .to = { .network = network, .mac_len = 6 }, .port = d->port };
    struct bas_frame *f = bas_frame_new(&d->t.env, BAS_HEADROOM, BAS_HEADROOM + len);
    memset(bas_frame_put(f, len), 0x55, len);
    return bac_net_send(d->net, &s, f, d->now);
}

static size_t max_to(struct device *d, uint16_t network, uint8_t mac_len)
{
    struct bac_address to = { .network = network, .mac_len = mac_len };
    return bac_net_max_apdu(d->net, &to, d->port);
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

/* Network layer messages */

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

/* Two ports */

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

/* Robustness */

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
        cmocka_unit_test(routers_of_a_port_that_goes_down_are_forgotten),
        cmocka_unit_test(a_new_mac_of_a_port_counts_at_once_and_asks_nothing),
        cmocka_unit_test(frames_of_a_port_that_goes_down_are_dropped),
        cmocka_unit_test(a_local_apdu_wears_two_octets),
        cmocka_unit_test(a_global_broadcast_wears_dnet_ffff_and_hop_count_ff),
        cmocka_unit_test(a_remote_apdu_asks_for_a_router_once_and_goes_out_when_one_answers),
        cmocka_unit_test(without_a_router_all_that_waits_ends_in_one_unreachable),
        cmocka_unit_test(the_router_of_a_routed_apdu_is_remembered_for_the_answer),
        cmocka_unit_test(a_router_is_forgotten_after_its_lifetime),
        cmocka_unit_test(the_router_learned_longest_ago_makes_room),
        cmocka_unit_test(a_router_is_no_way_into_our_own_network),
        cmocka_unit_test(an_i_am_router_that_was_routed_is_not_believed),
        cmocka_unit_test(full_queues_say_busy),
        cmocka_unit_test(the_largest_apdu_is_what_fits_beside_the_largest_npci),
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
        cmocka_unit_test(a_global_broadcast_leaves_by_every_port_that_is_up),
        cmocka_unit_test(the_address_of_one_port_is_heard_on_the_other),
        cmocka_unit_test(two_ports_cannot_be_one_network),
        cmocka_unit_test(random_octets_do_no_harm),
        cmocka_unit_test(memory_that_fails_is_said_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
