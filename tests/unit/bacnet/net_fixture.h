/* A device on one port or two, whose data links are these functions. For tests of the network
 * layer. */
#ifndef BASALT_TEST_NET_FIXTURE_H
#define BASALT_TEST_NET_FIXTURE_H

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

static inline void open_device(struct device *d, const struct bac_net_config *config,
                               uint16_t network)
{
    memset(d, 0, sizeof(*d));
    test_env_init(&d->t);
    d->now = 1000 * BAS_SECOND;
    d->net = bac_net_new(&d->t.env, config);
    assert_non_null(d->net);
    struct bac_port_config port = { .size = sizeof(port), .network = network };
    assert_int_equal(bac_net_add_port(d->net, &port, &d->port), BAS_OK);
}

static inline void close_device(struct device *d)
{
    bac_net_free(d->net);
    test_env_check(&d->t);
}

static inline void open_up(struct device *d, uint16_t network)
{
    open_device(d, NULL, network);
    bac_net_port_up(d->net, d->port, OUR_MAC, sizeof(OUR_MAC), 1497, d->now);
}

static inline bas_err arrive(struct device *d, const uint8_t *mac, bool broadcast, const char *hex)
{
    struct bac_arrival a = { .port = d->port, .mac_len = 6, .broadcast = broadcast };
    memcpy(a.mac, mac, 6);
    return bac_net_recv(d->net, &a, test_hex(hex), d->now);
}

static inline struct bas_frame *apdu_of(struct device *d, const char *hex)
{
    struct bas_slice s = test_hex(hex);
    struct bas_frame *f = bas_frame_new(&d->t.env, BAS_HEADROOM, BAS_HEADROOM + s.len);
    assert_non_null(f);
    memcpy(bas_frame_put(f, s.len), s.data, s.len);
    return f;
}

static inline bas_err send(struct device *d, uint16_t network, const char *mac, const char *apdu)
{
    struct bas_slice m = test_hex(mac);
    struct bac_send s = { .to = { .network = network, .mac_len = (uint8_t)m.len },
                          .port = d->port };
    memcpy(s.to.mac, m.data, m.len);
    return bac_net_send(d->net, &s, apdu_of(d, apdu), d->now);
}

/* The next NPDU goes to that MAC ("": broadcast) on the port and is exactly hex. */
static inline void expect_tx_on(struct device *d, bac_port_id port, const char *mac,
                                const char *hex)
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

static inline void expect_tx(struct device *d, const char *mac, const char *hex)
{
    expect_tx_on(d, d->port, mac, hex);
}

static inline void expect_no_tx(struct device *d)
{
    struct bac_net_tx tx;
    assert_false(bac_net_next_tx(d->net, &tx));
}

static inline struct bac_net_event expect_event(struct device *d, enum bac_net_event_kind kind)
{
    struct bac_net_event e;
    assert_true(bac_net_next_event(d->net, &e));
    assert_int_equal(e.kind, kind);
    return e;
}

static inline void expect_no_event(struct device *d)
{
    struct bac_net_event e;
    assert_false(bac_net_next_event(d->net, &e));
}

static inline bas_err send_len(struct device *d, uint16_t network, size_t len)
{
    struct bac_send s = { .to = { .network = network, .mac_len = 6 }, .port = d->port };
    struct bas_frame *f = bas_frame_new(&d->t.env, BAS_HEADROOM, BAS_HEADROOM + len);
    memset(bas_frame_put(f, len), 0x55, len);
    return bac_net_send(d->net, &s, f, d->now);
}

static inline size_t max_to(struct device *d, uint16_t network, uint8_t mac_len)
{
    struct bac_address to = { .network = network, .mac_len = mac_len };
    return bac_net_max_apdu(d->net, &to, d->port);
}

#endif
