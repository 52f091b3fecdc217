/* Tests of port.c: what moves in ports, with real hubs and real TLS over loopback. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/port.h"

#include "rt_peer.h"
#include "rt_port.h"
#include "sc_peer.h"
#include "test_folder.h"

#include <stdio.h>
#include <string.h>

/* A hub and two ports. The first one connects directly, the second one is connected to. */
struct fixture {
    struct rt_site site;
    struct rt_port a, b;
};

static void prepare(struct fixture *f)
{
    rt_site_begin(&f->site);
    const char *uri = rt_site_start(&f->site, 0);
    rt_port_begin(&f->site.w, &f->a, "client", uri);
    rt_port_begin(&f->site.w, &f->b, "device", uri);
    f->a.node.direct_initiate = true;
    f->b.node.direct_accept = true;
    f->b.config.direct_bind = "127.0.0.1:0";
}

static void start(struct fixture *f)
{
    rt_port_start(&f->a);
    rt_port_start(&f->b);
    rt_port_until(&f->a, BSC_NODE_UP, 1);
    rt_port_until(&f->b, BSC_NODE_UP, 1);
}

static void begin(struct fixture *f)
{
    prepare(f);
    start(f);
}

static void end(struct fixture *f)
{
    rt_port_end(&f->a);
    rt_port_end(&f->b);
    rt_site_end(&f->site);
}

/* One octet from a port to another, and until it is there. */
static void arrives(struct rt_port *from, struct rt_port *to, uint8_t octet)
{
    const struct bsc_vmac vmac = rt_port_vmac(to);
    const struct bsc_vmac own = rt_port_vmac(from);
    unsigned before = to->events[BSC_NODE_NPDU];
    rt_port_send(from, &vmac, octet);
    rt_port_until(to, BSC_NODE_NPDU, before + 1);
    assert_int_equal(to->npdu_len, 1);
    assert_int_equal(to->npdu[0], octet);
    assert_true(bsc_vmac_equal(&to->from, &own));
}

static void connect_directly(struct fixture *f)
{
    const struct bsc_vmac b = rt_port_vmac(&f->b);
    unsigned ups = f->b.events[BSC_NODE_DIRECT_UP];
    assert_int_equal(
        bsc_node_connect_direct(bas_port_node(f->a.port), &b, bas_loop_now(f->site.w.loop)),
        BAS_OK);
    bas_port_wake(f->a.port);
    rt_port_until(&f->a, BSC_NODE_DIRECT_UP, ups + 1);
    rt_port_until(&f->b, BSC_NODE_DIRECT_UP, ups + 1);
}

static uint64_t relayed(const struct fixture *f)
{
    return rt_site_counters(&f->site, 0)->relayed_unicast;
}

/* Through the hub. */

static void npdus_go_through_the_hub_both_ways(void **state)
{
    (void)state;
    static struct fixture f;
    begin(&f);
    arrives(&f.a, &f.b, 1);
    arrives(&f.b, &f.a, 2);
    assert_true(relayed(&f) >= 2);
    end(&f);
}

static void a_broadcast_comes_to_all_but_its_sender(void **state)
{
    (void)state;
    static struct fixture f;
    struct bsc_vmac all;
    memset(&all, 0xFF, sizeof(all));
    begin(&f);
    rt_port_send(&f.a, &all, 7);
    rt_port_until(&f.b, BSC_NODE_NPDU, 1);
    rt_turns(&f.site.w, 5);
    assert_int_equal(f.a.events[BSC_NODE_NPDU], 0);
    end(&f);
}

static void without_a_hub_connection_an_npdu_is_refused(void **state)
{
    (void)state;
    static struct fixture f;
    const struct bsc_send send = { .to = peer_vmac(9) };
    prepare(&f);
    rt_port_start(&f.a);
    rt_port_start(&f.b);
    assert_int_equal(bas_port_send(f.a.port, &send, (struct bas_slice){ NULL, 0 }), BAS_ERR_CLOSED);
    end(&f);
}

static void more_than_the_hub_takes_is_refused(void **state)
{
    (void)state;
    static struct fixture f;
    static const uint8_t octets[BSC_MAX_NPDU + 1];
    rt_site_begin(&f.site);
    f.site.hubs[0].settings.engine.max_npdu = 1497;
    rt_port_run(&f.site.w, &f.a, "client", rt_site_start(&f.site, 0));
    const struct bsc_send send = { .to = peer_vmac(9) };
    const size_t lens[] = { 1498, BSC_MAX_NPDU, BSC_MAX_NPDU + 1 };
    for (size_t i = 0; i < BAS_ARRAY_LEN(lens); i++) {
        assert_int_equal(bas_port_send(f.a.port, &send, (struct bas_slice){ octets, lens[i] }),
                         BAS_ERR_TOO_LONG);
    }
    assert_int_equal(bas_port_send(f.a.port, &send, (struct bas_slice){ octets, 1497 }), BAS_OK);
    rt_port_end(&f.a);
    rt_site_end(&f.site);
}

/* Many large ones in one turn: more than the link sends at once. */
static void what_one_turn_cannot_send_goes_out_in_the_next(void **state)
{
    (void)state;
    static struct fixture f;
    enum { LEN = 1400, MANY = 100 };
    static const uint8_t octets[LEN] = { 1, 2, 3 };
    begin(&f);
    const struct bsc_send send = { .to = rt_port_vmac(&f.b) };
    for (unsigned i = 0; i < MANY; i++) {
        assert_int_equal(bas_port_send(f.a.port, &send, (struct bas_slice){ octets, LEN }), BAS_OK);
    }
    assert_true(port_flush(f.a.port, bas_loop_now(f.site.w.loop))); /* it asks for the next one */
    rt_port_until(&f.b, BSC_NODE_NPDU, MANY);
    assert_int_equal(f.b.npdu_len, LEN);
    end(&f);
}

/* Directly. */

static void unicast_moves_off_the_hub_when_two_ports_connect_directly(void **state)
{
    (void)state;
    static struct fixture f;
    begin(&f);
    connect_directly(&f);
    uint64_t before = relayed(&f);
    for (uint8_t i = 0; i < 20; i++) {
        arrives(&f.a, &f.b, i);
        arrives(&f.b, &f.a, i);
    }
    assert_int_equal(relayed(&f), before); /* the hub's counters stand still */
    assert_int_equal(bsc_node_counters(bas_port_node(f.a.port))->sent_direct >= 20, 1);
    end(&f);
    assert_int_equal(f.b.faults[BSC_NODE_DIRECT_DOWN].err, BAS_OK); /* in order */
}

static void traffic_alone_makes_a_direct_connection(void **state)
{
    (void)state;
    static struct fixture f;
    begin(&f);
    for (uint8_t i = 0; f.a.events[BSC_NODE_DIRECT_UP] == 0; i++) {
        arrives(&f.a, &f.b, i);
        assert_int_not_equal(i, 200);
    }
    end(&f);
}

/* The transport of a direct connection breaks: nothing says goodbye. */
static void break_direct(struct rt_port *p)
{
    for (size_t i = 0; i < p->port->n_links; i++) {
        struct port_link *l = &p->port->links[i];
        struct bas_fault broken = { 0 };
        (void)bas_fail_code(&broken, BAS_ERR_CLOSED, BAC_ERROR_CLASS_COMMUNICATION,
                            BAC_ERROR_CODE_TCP_CLOSED_OTHER, "cut by the test");
        if (l->id != 0 && strcmp(link_address(l->link), p->user) == 0) {
            l->why = broken;
            link_close(l->link, BAS_WS_CLOSE_GOING_AWAY);
        }
    }
}

static void a_lost_direct_connection_falls_back_to_the_hub(void **state)
{
    (void)state;
    static struct fixture f;
    char address[64];
    prepare(&f);
    f.a.node.direct_retry_ms = 3600000;
    start(&f);
    connect_directly(&f);
    (void)snprintf(address, sizeof(address), "%s", bas_port_direct_address(f.b.port));
    f.a.user = address;
    break_direct(&f.a);
    rt_port_until(&f.a, BSC_NODE_DIRECT_DOWN, 1);
    rt_port_until(&f.b, BSC_NODE_DIRECT_DOWN, 1);
    assert_int_equal(f.a.faults[BSC_NODE_DIRECT_DOWN].error_code, BAC_ERROR_CODE_TCP_CLOSED_OTHER);
    uint64_t before = relayed(&f);
    arrives(&f.a, &f.b, 3);
    arrives(&f.b, &f.a, 4);
    assert_int_equal(relayed(&f), before + 2);
    assert_int_equal(f.a.events[BSC_NODE_DOWN] + f.b.events[BSC_NODE_DOWN], 0);
    end(&f);
}

static void resolve(struct fixture *f)
{
    const struct bsc_vmac b = rt_port_vmac(&f->b);
    assert_int_equal(bsc_node_resolve(bas_port_node(f->a.port), &b, bas_loop_now(f->site.w.loop)),
                     BAS_OK);
    bas_port_wake(f->a.port);
    rt_port_until(&f->a, BSC_NODE_RESOLVED, 1);
}

/* bsc 6.3-06 */
static void an_address_resolution_is_answered_with_the_configured_uris(void **state)
{
    (void)state;
    static struct fixture f;
    static const char uris[] = "wss://ahu-1.example:4444/dc wss://192.0.2.7:4444";
    prepare(&f);
    f.b.node.direct_accept_uris = uris;
    start(&f);
    resolve(&f);
    assert_string_equal(f.a.uris, uris);
    end(&f);
}

static void without_configured_uris_the_address_that_listens_is_told(void **state)
{
    (void)state;
    static struct fixture f;
    char uri[80];
    begin(&f);
    resolve(&f);
    (void)snprintf(uri, sizeof(uri), "wss://%s", bas_port_direct_address(f.b.port));
    assert_string_equal(f.a.uris, uri);
    end(&f);
}

/* bsc 6.3-06 */
static void who_listens_everywhere_tells_no_uri(void **state)
{
    (void)state;
    static struct fixture f;
    prepare(&f);
    f.b.config.direct_bind = "0.0.0.0:0";
    start(&f);
    resolve(&f);
    assert_string_equal(f.a.uris, "");
    end(&f);
}

static void who_does_not_accept_answers_so_and_listens_nowhere(void **state)
{
    (void)state;
    static struct fixture f;
    prepare(&f);
    f.b.node.direct_accept = false;
    start(&f);
    assert_string_equal(bas_port_direct_address(f.b.port), "");
    resolve(&f);
    assert_int_equal(f.a.faults[BSC_NODE_RESOLVED].error_code, 45);
    end(&f);
}

static void many_can_be_connected_to_at_once(void **state)
{
    (void)state;
    static struct fixture f;
    prepare(&f);
    f.b.node.direct_initiate = true;
    f.a.node.direct_accept = true;
    f.a.config.direct_bind = "127.0.0.1:0";
    start(&f);
    const struct bsc_vmac a = rt_port_vmac(&f.a);
    const struct bsc_vmac b = rt_port_vmac(&f.b);
    const bas_time now = bas_loop_now(f.site.w.loop);
    assert_int_equal(bsc_node_connect_direct(bas_port_node(f.a.port), &b, now), BAS_OK);
    assert_int_equal(bsc_node_connect_direct(bas_port_node(f.b.port), &a, now), BAS_OK);
    bas_port_wake(f.a.port);
    bas_port_wake(f.b.port);
    rt_port_until(&f.a, BSC_NODE_DIRECT_UP, 1);
    rt_port_until(&f.b, BSC_NODE_DIRECT_UP, 1);
    arrives(&f.a, &f.b, 1);
    arrives(&f.b, &f.a, 2);
    end(&f);
}

/* Who is let in. */

static void ask_directly(struct fixture *f)
{
    const struct bsc_vmac b = rt_port_vmac(&f->b);
    assert_int_equal(
        bsc_node_connect_direct(bas_port_node(f->a.port), &b, bas_loop_now(f->site.w.loop)),
        BAS_OK);
    bas_port_wake(f->a.port);
}

static void ask_in_vain(struct fixture *f, unsigned error_code)
{
    ask_directly(f);
    rt_port_until(&f->a, BSC_NODE_DIRECT_FAILED, 1);
    rt_port_until(&f->b, BSC_NODE_DIRECT_FAILED, 1);
    assert_int_equal(f->a.faults[BSC_NODE_DIRECT_FAILED].error_code, error_code);
}

/* bsc 3.2-07 */
static void who_is_not_on_the_list_is_refused_and_goes_on_through_the_hub(void **state)
{
    (void)state;
    static struct fixture f;
    const char *allowed[] = { "CN=somebody-else" };
    const struct bas_admission rules = { .allow = { allowed, 1 } };
    prepare(&f);
    f.b.config.admission = &rules;
    f.a.node.direct_retry_ms = 3600000;
    start(&f);
    allowed[0] = "CN=client"; /* it was read at the start */
    ask_in_vain(&f, BAC_ERROR_CODE_ACCESS_DENIED);
    assert_has(f.b.fault.text, "CN=client");
    assert_has(f.site.w.t.last_log, "CN=client");
    unsigned logs = (unsigned)f.site.w.t.logs;
    for (unsigned i = 2; i <= 4; i++) { /* it may come as often as it likes */
        ask_directly(&f);
        rt_port_until(&f.b, BSC_NODE_DIRECT_FAILED, i);
        rt_port_until(&f.a, BSC_NODE_DIRECT_FAILED, i);
    }
    assert_int_equal(f.site.w.t.logs, logs);
    arrives(&f.a, &f.b, 1);
    end(&f);
}

static void who_is_on_the_list_is_let_in(void **state)
{
    (void)state;
    static struct fixture f;
    const char *allowed[] = { "CN=somebody-else", "CN=client" };
    const struct bas_admission rules = { .allow = { allowed, 2 } };
    prepare(&f);
    f.b.config.admission = &rules;
    start(&f);
    connect_directly(&f);
    end(&f);
}

static void a_stranger_who_is_not_trusted_is_told_with_where_it_came_from(void **state)
{
    (void)state;
    static struct fixture f;
    struct rt_peer peer;
    const struct rt_peer_config stranger = { .level = RT_TLS };
    begin(&f);
    struct rt_peer_config config = stranger;
    config.tls = f.site.w.peer_stranger;
    rt_peer_connect(&f.site.w, &peer, &config, bas_port_direct_address(f.b.port));
    rt_port_until(&f.b, BSC_NODE_DIRECT_FAILED, 1);
    assert_int_equal(f.b.fault.err, BAS_ERR_CERTIFICATE);
    assert_has(f.b.fault.text, "127.0.0.1:");
    assert_has(f.b.fault.text, "CN=stranger");
    end(&f);
}

/* Two hubs. */

static void the_other_hub_takes_over_and_gives_back(void **state)
{
    (void)state;
    static struct fixture f;
    prepare(&f);
    f.a.node.failover_uri = rt_site_start(&f.site, 1);
    f.b.node.failover_uri = f.a.node.failover_uri;
    start(&f);
    assert_int_equal(f.a.hub_state, 1);
    rt_site_stop(&f.site, 0);
    rt_port_until(&f.a, BSC_NODE_UP, 2);
    rt_port_until(&f.b, BSC_NODE_UP, 2);
    assert_int_equal(f.a.hub_state, 2);
    arrives(&f.a, &f.b, 1);
    (void)rt_site_start(&f.site, 0);
    rt_port_until(&f.a, BSC_NODE_UP, 3);
    rt_port_until(&f.b, BSC_NODE_UP, 3);
    assert_int_equal(f.a.hub_state, 1);
    arrives(&f.b, &f.a, 2);
    assert_int_equal(f.a.events[BSC_NODE_DOWN], 1); /* none when it moved back */
    rt_until(&f.site.w, &f.site.hubs[1].left, 2);
    end(&f);
}

/* It accepts, then answers neither a heartbeat nor Disconnect-Request: the connections to it that
 * are being left must not take the place of the one to the other hub. */
static void a_hub_that_falls_silent_does_not_keep_the_other_hub_waiting(void **state)
{
    (void)state;
    static struct fixture f;
    static struct rt_peer hubs[4];
    struct rt_server server;
    const struct rt_peer_config silent = { .level = RT_JOINED, .number = 200, .is_deaf = true };
    rt_site_begin(&f.site);
    rt_server_begin(&f.site.w, &server, hubs, BAS_ARRAY_LEN(hubs), &silent);
    rt_port_begin(&f.site.w, &f.a, "client", server.uri);
    f.a.node.failover_uri = rt_site_start(&f.site, 1);
    f.a.node.heartbeat_ms = 30;
    f.a.node.heartbeat_ack_ms = 10;
    f.a.node.disconnect_wait_ms = 60000;
    rt_port_start(&f.a);
    rt_port_until(&f.a, BSC_NODE_UP, 3); /* two with the silent one */
    assert_int_equal(f.a.hub_state, 2);
    assert_true(server.accepted >= 2);
    for (size_t i = 0; i < BAS_ARRAY_LEN(hubs); i++) {
        if (i < server.accepted) {
            rt_peer_reset(&hubs[i]);
        }
    }
    rt_port_end(&f.a);
    rt_server_end(&server);
    rt_site_end(&f.site);
}

/* bsc 2.2-14 */
static void a_message_that_a_hub_sends_too_long_is_counted(void **state)
{
    (void)state;
    static struct fixture f;
    static struct rt_peer hub;
    struct rt_server server;
    const struct rt_peer_config config = { .level = RT_JOINED, .number = 200 };
    rt_site_begin(&f.site);
    rt_server_begin(&f.site.w, &server, &hub, 1, &config);
    rt_port_run(&f.site.w, &f.a, "client", server.uri);
    rt_peer_seal(&hub, test_hex("827f 0000000000010000")); /* of 65,536 octets */
    while (bsc_node_counters(bas_port_node(f.a.port))->dropped_too_long == 0) {
        rt_turns(&f.site.w, 1);
    }
    rt_port_end(&f.a);
    rt_server_end(&server);
    rt_site_end(&f.site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(npdus_go_through_the_hub_both_ways),
        cmocka_unit_test(a_broadcast_comes_to_all_but_its_sender),
        cmocka_unit_test(without_a_hub_connection_an_npdu_is_refused),
        cmocka_unit_test(more_than_the_hub_takes_is_refused),
        cmocka_unit_test(what_one_turn_cannot_send_goes_out_in_the_next),
        cmocka_unit_test(unicast_moves_off_the_hub_when_two_ports_connect_directly),
        cmocka_unit_test(traffic_alone_makes_a_direct_connection),
        cmocka_unit_test(a_lost_direct_connection_falls_back_to_the_hub),
        cmocka_unit_test(an_address_resolution_is_answered_with_the_configured_uris),
        cmocka_unit_test(without_configured_uris_the_address_that_listens_is_told),
        cmocka_unit_test(who_listens_everywhere_tells_no_uri),
        cmocka_unit_test(who_does_not_accept_answers_so_and_listens_nowhere),
        cmocka_unit_test(many_can_be_connected_to_at_once),
        cmocka_unit_test(who_is_not_on_the_list_is_refused_and_goes_on_through_the_hub),
        cmocka_unit_test(who_is_on_the_list_is_let_in),
        cmocka_unit_test(a_stranger_who_is_not_trusted_is_told_with_where_it_came_from),
        cmocka_unit_test(the_other_hub_takes_over_and_gives_back),
        cmocka_unit_test(a_hub_that_falls_silent_does_not_keep_the_other_hub_waiting),
        cmocka_unit_test(a_message_that_a_hub_sends_too_long_is_counted),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
