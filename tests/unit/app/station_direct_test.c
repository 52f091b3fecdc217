/* Tests of station.c: what a station makes of two hubs and of direct connections. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include "rt_port.h"
#include "rt_station.h"
#include "sc_peer.h"
#include "test_folder.h"

#include <string.h>

/* A hub, a station, and a port that it can connect to directly. */
struct fixture {
    struct rt_site site;
    struct rt_station s;
    struct rt_port peer;
    unsigned node_events[BSC_NODE_FAULT + 1];
};

static struct fixture *told; /* to, by on_event */

static void on_event(void *user, const struct bas_station_event *event)
{
    if (event->kind == BAS_STATION_NODE) {
        told->node_events[event->node->kind]++;
    }
    rt_station_event(user, event);
}

static void prepare(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    told = f;
    rt_site_begin(&f->site);
    const char *uri = rt_site_start(&f->site, 0);
    rt_station_begin(&f->site.w, &f->s, "client", uri);
    f->s.config.event = on_event;
    f->s.node.direct_initiate = true;
    f->s.node.direct_retry_ms = 3600000;
    rt_port_begin(&f->site.w, &f->peer, "device", uri);
    f->peer.node.direct_accept = true;
    f->peer.config.direct_bind = "127.0.0.1:0";
}

static void start(struct fixture *f)
{
    rt_port_start(&f->peer);
    rt_port_until(&f->peer, BSC_NODE_UP, 1);
    rt_station_start(&f->s);
    rt_station_until(&f->s, BAS_STATION_UP, 1);
}

static void end(struct fixture *f)
{
    rt_station_end(&f->s);
    rt_port_end(&f->peer);
    rt_site_end(&f->site);
}

static struct bsc_node *node_of(const struct fixture *f)
{
    return bas_port_node(bas_station_port(f->s.station));
}

static void wake(const struct fixture *f)
{
    bas_port_wake(bas_station_port(f->s.station));
}

static struct bac_address address_of(const struct rt_port *p)
{
    struct bac_address address = { .mac_len = 6 };
    const struct bsc_vmac vmac = rt_port_vmac(p);
    memcpy(address.mac, vmac.octets, sizeof(vmac.octets));
    return address;
}

static void connect_directly(struct fixture *f)
{
    const struct bsc_vmac to = rt_port_vmac(&f->peer);
    assert_int_equal(bsc_node_connect_direct(node_of(f), &to, bas_loop_now(f->site.w.loop)),
                     BAS_OK);
    wake(f);
    rt_until(&f->site.w, &f->node_events[BSC_NODE_DIRECT_UP], 1);
    rt_port_until(&f->peer, BSC_NODE_DIRECT_UP, 1);
}

/* Two hubs. */

static void each_change_of_hub_is_told_and_the_network_layer_hears_of_losses_alone(void **state)
{
    (void)state;
    static struct fixture f;
    prepare(&f);
    f.s.node.failover_uri = rt_site_start(&f.site, 1);
    start(&f);
    assert_int_equal(bas_station_hub_state(f.s.station), 1);
    rt_site_stop(&f.site, 0);
    rt_station_until(&f.s, BAS_STATION_UP, 2);
    assert_int_equal(f.s.events[BAS_STATION_DOWN], 1);
    assert_int_equal(bas_station_hub_state(f.s.station), 2);
    uint64_t asked = bac_net_stats(f.s.station->net)->sent; /* What-Is-Network-Number, twice */
    (void)rt_site_start(&f.site, 0);
    rt_station_until(&f.s, BAS_STATION_UP, 3);
    assert_int_equal(f.s.events[BAS_STATION_DOWN], 1);
    assert_int_equal(bas_station_hub_state(f.s.station), 1);
    rt_turns(&f.site.w, 5);
    assert_int_equal(bac_net_stats(f.s.station->net)->sent, asked);
    end(&f);
}

static unsigned last_up;

static void keep_hub_state(void *user, const struct bas_station_event *event)
{
    if (event->kind == BAS_STATION_UP) {
        last_up = event->hub_state;
        assert_has(event->uri, "127.0.0.1");
    }
    rt_station_event(user, event);
}

static void up_says_which_hub_it_is(void **state)
{
    (void)state;
    static struct fixture f;
    prepare(&f);
    f.s.node.failover_uri = rt_site_start(&f.site, 1);
    f.s.node.primary_uri = "wss://127.0.0.1:1";
    f.s.config.event = keep_hub_state;
    rt_port_start(&f.peer);
    rt_station_start(&f.s);
    rt_station_until(&f.s, BAS_STATION_UP, 1);
    assert_int_equal(last_up, 2);
    end(&f);
}

/* What the node tells. */

static void what_the_node_tells_is_handed_up(void **state)
{
    (void)state;
    static struct fixture f;
    prepare(&f);
    start(&f);
    const struct bsc_vmac to = rt_port_vmac(&f.peer);
    const struct bsc_send send = { .to = to };
    const struct bsc_proprietary message = { .vendor = 555, .function = 1 };
    const bas_time now = bas_loop_now(f.site.w.loop);
    assert_int_equal(bsc_node_resolve(node_of(&f), &to, now), BAS_OK);
    assert_int_equal(bsc_node_solicit(node_of(&f), &to, now), BAS_OK);
    wake(&f);
    rt_until(&f.site.w, &f.node_events[BSC_NODE_RESOLVED], 1);
    rt_until(&f.site.w, &f.node_events[BSC_NODE_ADVERTISEMENT], 1);
    connect_directly(&f);
    const struct bsc_vmac own = bas_station_vmac(f.s.station);
    const struct bsc_send back = { .to = own };
    assert_int_equal(
        bsc_node_send_proprietary(bas_port_node(f.peer.port), &back, &message, now, NULL), BAS_OK);
    rt_until(&f.site.w, &f.node_events[BSC_NODE_PROPRIETARY], 1);
    assert_int_equal(bsc_node_send_proprietary(node_of(&f), &send, &message, now, NULL), BAS_OK);
    rt_port_until(&f.peer, BSC_NODE_PROPRIETARY, 1);
    rt_port_end(&f.peer);
    rt_until(&f.site.w, &f.node_events[BSC_NODE_DIRECT_DOWN], 1);
    assert_int_equal(bsc_node_connect_direct(node_of(&f), &to, bas_loop_now(f.site.w.loop)),
                     BAS_OK);
    wake(&f);
    rt_until(&f.site.w, &f.node_events[BSC_NODE_DIRECT_FAILED], 1);
    rt_station_end(&f.s);
    rt_site_end(&f.site);
}

/* A refusal is a NODE event and, for people, a FAULT. */
static void answer_nak(struct rt_port *p, const struct bsc_node_event *event)
{
    struct bas_fault no = { 0 };
    (void)bas_fail_code(&no, BAS_ERR_UNSUPPORTED, BAC_ERROR_CLASS_COMMUNICATION,
                        BAC_ERROR_CODE_BVLC_PROPRIETARY_FUNCTION_UNKNOWN, "no");
    if (event->kind == BSC_NODE_PROPRIETARY) {
        assert_int_equal(bsc_node_answer_proprietary(bas_port_node(p->port), event, &no,
                                                     bas_loop_now(p->w->loop)),
                         BAS_OK);
    }
}

static void a_refusal_is_told_to_programs_and_to_people(void **state)
{
    (void)state;
    static struct fixture f;
    const struct bsc_proprietary message = { .vendor = 555, .function = 1 };
    prepare(&f);
    f.peer.on_event = answer_nak;
    start(&f);
    const struct bsc_send send = { .to = rt_port_vmac(&f.peer) };
    assert_int_equal(
        bsc_node_send_proprietary(node_of(&f), &send, &message, bas_loop_now(f.site.w.loop), NULL),
        BAS_OK);
    rt_until(&f.site.w, &f.node_events[BSC_NODE_RESULT], 1);
    rt_station_until(&f.s, BAS_STATION_FAULT, 1);
    assert_int_equal(f.s.fault.error_code, BAC_ERROR_CODE_BVLC_PROPRIETARY_FUNCTION_UNKNOWN);
    end(&f);
}

/* Limits. */

static void what_fits_follows_hub_peer_and_route(void **state)
{
    (void)state;
    static struct fixture f;
    enum { LOCAL = 2, REMOTE = LOCAL + 4 + 3 + 6 }; /* headers of the network layer (6.2) */
    prepare(&f);
    f.s.node.max_npdu = 4000;
    f.s.node.max_bvlc = 9000;
    f.site.hubs[0].settings.engine.max_npdu = 3000;
    rt_site_stop(&f.site, 0);
    const char *uri = rt_site_start(&f.site, 0); /* with that limit */
    f.s.node.primary_uri = uri;
    f.peer.node.max_npdu = 2000;
    start(&f);
    const struct bac_address peer = address_of(&f.peer);
    const struct bac_address remote = { .network = 7, .mac_len = 1, .mac = { 5 } };
    const struct bac_address all = { .network = BAC_BROADCAST_NETWORK };
    const struct bas_station *s = f.s.station;
    assert_int_equal(station_max_apdu(s, &peer, s->port), 3000 - LOCAL);
    assert_int_equal(station_max_apdu(s, &remote, s->port), 3000 - REMOTE - 1);
    assert_int_equal(station_max_apdu(s, &all, s->port), 3000 - REMOTE);
    connect_directly(&f);
    assert_int_equal(station_max_apdu(s, &peer, s->port), 2000 - LOCAL);
    assert_int_equal(station_max_apdu(s, &remote, s->port), 3000 - REMOTE - 1);
    end(&f);
}

static void before_there_is_a_hub_our_own_limit_counts(void **state)
{
    (void)state;
    static struct fixture f;
    const struct bac_address peer = { .mac_len = 6, .mac = { 2, 0, 0, 0, 0, 9 } };
    prepare(&f);
    rt_port_start(&f.peer);
    rt_station_start(&f.s);
    assert_int_equal(station_max_apdu(f.s.station, &peer, f.s.station->port), 1497 - 2);
    rt_station_until(&f.s, BAS_STATION_UP, 1);
    end(&f);
}

/* Requests and answers take the direct connection. */

static void a_question_and_its_answer_go_directly(void **state)
{
    (void)state;
    static struct fixture f;
    static struct rt_station server;
    static const struct bac_server_config device = {
        .size = sizeof(device), .instance = 7, .name = "ahu", .vendor_name = "", .model_name = "x"
    };
    prepare(&f);
    rt_station_begin(&f.site.w, &server, "device", f.site.hubs[0].uri);
    server.config.server = &device;
    server.node.direct_accept = true;
    server.config.port.direct_bind = "127.0.0.1:0";
    rt_station_start(&server);
    rt_station_start(&f.s);
    rt_station_until(&server, BAS_STATION_UP, 1);
    rt_station_until(&f.s, BAS_STATION_UP, 1);
    struct bac_address to = { .mac_len = 6 };
    const struct bsc_vmac vmac = bas_station_vmac(server.station);
    memcpy(to.mac, vmac.octets, sizeof(vmac.octets));
    assert_int_equal(bsc_node_connect_direct(node_of(&f), &vmac, bas_loop_now(f.site.w.loop)),
                     BAS_OK);
    wake(&f);
    rt_until(&f.site.w, &f.node_events[BSC_NODE_DIRECT_UP], 1);
    rt_station_until(&server, BAS_STATION_NODE, 1);
    uint64_t before = rt_site_counters(&f.site, 0)->relayed_unicast;
    for (unsigned i = 1; i <= 10; i++) {
        assert_int_equal(rt_station_ask(&f.s, &to), BAS_OK);
        rt_until(&f.site.w, &f.s.answers, i);
    }
    assert_int_equal(rt_site_counters(&f.site, 0)->relayed_unicast, before);
    rt_station_end(&server);
    rt_station_end(&f.s);
    rt_site_end(&f.site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_change_of_hub_is_told_and_the_network_layer_hears_of_losses_alone),
        cmocka_unit_test(up_says_which_hub_it_is),
        cmocka_unit_test(what_the_node_tells_is_handed_up),
        cmocka_unit_test(a_refusal_is_told_to_programs_and_to_people),
        cmocka_unit_test(what_fits_follows_hub_peer_and_route),
        cmocka_unit_test(before_there_is_a_hub_our_own_limit_counts),
        cmocka_unit_test(a_question_and_its_answer_go_directly),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
