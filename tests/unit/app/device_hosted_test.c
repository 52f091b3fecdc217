/* Tests of device.c: a device in the process of its hub, and one that connects directly. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include "rt_port.h"
#include "rt_station.h"
#include "sc_peer.h"
#include "test_folder.h"

#include <stdio.h>
#include <string.h>

enum { INSTANCE = 4000 };

static struct bas_object_settings objects[] = {
    { .type = BAC_OBJECT_ANALOG_INPUT, .instance = 1, .name = "Room", .value = "21.5" },
};

/* A hub, a device, and a client. */
struct fixture {
    struct rt_site site;
    struct rt_station device, client;
    struct bas_device_settings settings;
};

static void prepare(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    rt_site_begin(&f->site);
    const char *uri = rt_site_start(&f->site, 0);
    rt_station_begin(&f->site.w, &f->device, "device", uri);
    rt_station_begin(&f->site.w, &f->client, "client", uri);
    f->settings = (struct bas_device_settings){
        .instance = INSTANCE, .vendor_identifier = 555, .objects = objects, .n_objects = 1
    };
}

static void prepare_own(struct fixture *f)
{
    prepare(f);
    f->settings.tls = f->device.tls;
    f->settings.engine = f->device.node;
}

static struct bas_hub *hub(const struct fixture *f)
{
    return f->site.hubs[0].hub;
}

static void start(struct fixture *f, struct bas_hub *host)
{
    f->device.station = bas_device_start(f->site.w.loop, &f->settings, host, rt_station_event,
                                         &f->device, &f->device.fault);
    if (f->device.station == NULL) {
        fail_msg("%s", f->device.fault.text);
    }
}

static void fails(struct fixture *f, bas_err err, const char *part)
{
    struct bas_fault fault = { 0 };
    assert_null(
        bas_device_start(f->site.w.loop, &f->settings, NULL, rt_station_event, &f->device, &fault));
    assert_int_equal(fault.err, err);
    assert_has(fault.text, part);
}

/* In the hub's process. */

/* bsc 3.1-02 */
static void a_device_beside_its_hub_is_found_and_read_by_a_client(void **state)
{
    (void)state;
    static struct fixture f;
    prepare(&f);
    start(&f, hub(&f)); /* instance and objects are all that was set */
    const struct bsc_vmac vmac = bas_station_vmac(f.device.station);
    const struct bsc_vmac of_hub = bas_hub_vmac(hub(&f));
    assert_true(bsc_vmac_equal(&vmac, &of_hub));
    rt_station_start(&f.client);
    rt_station_until(&f.device, BAS_STATION_UP, 1);
    rt_station_until(&f.client, BAS_STATION_UP, 1);
    rt_station_who_is(&f.client);
    while (f.client.i_am.device.instance != INSTANCE) {
        rt_turns(&f.site.w, 1);
    }
    assert_memory_equal(f.client.source.mac, of_hub.octets, sizeof(of_hub.octets));
    assert_int_equal(rt_station_ask(&f.client, &f.client.source), BAS_OK);
    rt_until(&f.site.w, &f.client.answers, 1);
    assert_int_equal(f.client.fault.err, BAS_OK);
    assert_int_equal(f.site.hubs[0].joined, 2); /* like everybody else */
    rt_station_end(&f.client);
    rt_station_end(&f.device);
    rt_site_end(&f.site);
}

static void the_hubs_other_nodes_stay_when_its_device_stops(void **state)
{
    (void)state;
    static struct fixture f;
    prepare(&f);
    start(&f, hub(&f));
    rt_station_start(&f.client);
    rt_station_until(&f.device, BAS_STATION_UP, 1);
    rt_station_until(&f.client, BAS_STATION_UP, 1);
    rt_station_end(&f.device);
    rt_turns(&f.site.w, 10);
    assert_int_equal(f.client.events[BAS_STATION_DOWN], 0);
    rt_station_end(&f.client);
    rt_site_end(&f.site);
}

static void no_failing_allocation_of_a_device_beside_its_hub_leaves_anything(void **state)
{
    (void)state;
    static struct fixture f;
    static const char *uris[] = { "wss://ahu-1.example:4444" };
    static const char *peers[] = { "020000000009 never" };
    bool has_started = false;
    for (size_t k = 1; k < 100 && !has_started; k++) {
        prepare(&f);
        f.settings.direct_uris = (struct bas_texts){ uris, 1 };
        f.settings.direct_peers = (struct bas_texts){ peers, 1 };
        f.settings.direct_bind = "127.0.0.1:0";
        f.settings.engine.direct_accept = true;
        f.site.w.t.fail_at = f.site.w.t.allocations + k;
        f.device.station = bas_device_start(f.site.w.loop, &f.settings, hub(&f), rt_station_event,
                                            &f.device, &f.device.fault);
        f.site.w.t.fail_at = 0;
        has_started = f.device.station != NULL;
        if (has_started) {
            rt_station_end(&f.device);
        } else {
            assert_int_equal(f.device.fault.err, BAS_ERR_NO_MEMORY);
        }
        rt_site_end(&f.site);
    }
    assert_true(has_started);
}

/* Directly. */

static void settings_say_what_is_told_and_who_is_connected_to(void **state)
{
    (void)state;
    static struct fixture f;
    static struct rt_port peer;
    static const char *uris[] = { "wss://ahu-1.example:4444", "wss://192.0.2.7/dc" };
    char item[120];
    const char *peers[] = { item };
    prepare_own(&f);
    rt_port_begin(&f.site.w, &peer, "client", f.site.hubs[0].uri);
    peer.node.direct_accept = true;
    peer.config.direct_bind = "127.0.0.1:0";
    peer.node.vmac = peer_vmac(9);
    rt_port_start(&peer);
    rt_port_until(&peer, BSC_NODE_UP, 1);
    (void)snprintf(item, sizeof(item), "02:00:00:00:00:09 always wss://%s",
                   bas_port_direct_address(peer.port));
    f.settings.engine.direct_initiate = true;
    f.settings.engine.direct_accept = true;
    f.settings.direct_bind = "127.0.0.1:0";
    f.settings.direct_uris = (struct bas_texts){ uris, 2 };
    f.settings.direct_peers = (struct bas_texts){ peers, 1 };
    f.settings.engine.direct_policy = BSC_DIRECT_NEVER;
    start(&f, NULL);
    rt_port_until(&peer, BSC_NODE_DIRECT_UP, 1); /* no traffic was needed */
    rt_station_until(&f.device, BAS_STATION_NODE, 1);
    const struct bsc_vmac vmac = bas_station_vmac(f.device.station);
    assert_int_equal(bsc_node_resolve(bas_port_node(peer.port), &vmac, bas_loop_now(f.site.w.loop)),
                     BAS_OK);
    bas_port_wake(peer.port);
    rt_port_until(&peer, BSC_NODE_RESOLVED, 1);
    assert_string_equal(peer.uris, "wss://ahu-1.example:4444 wss://192.0.2.7/dc");
    rt_station_end(&f.device);
    rt_port_end(&peer);
    rt_site_end(&f.site);
}

static void accepting_needs_an_address_to_listen_on(void **state)
{
    (void)state;
    static struct fixture f;
    prepare_own(&f);
    f.settings.engine.direct_accept = true; /* as it is by default */
    start(&f, NULL);
    rt_station_until(&f.device, BAS_STATION_UP, 1);
    const struct bas_port *port = bas_station_port(f.device.station);
    assert_string_equal(bas_port_direct_address(port), "");
    rt_station_end(&f.device);
    rt_site_end(&f.site);
}

static void what_is_wrong_with_direct_settings_is_told(void **state)
{
    (void)state;
    static struct fixture f;
    static const char *peers[] = { "020000000009 never", "020000000009 sometimes" };
    static const char *uris[] = { "ahu-1.example" };
    prepare_own(&f);
    f.settings.direct_peers = (struct bas_texts){ peers, 2 };
    fails(&f, BAS_ERR_CONFIG, "'020000000009 sometimes'");
    f.settings.direct_peers.n = 0;
    f.settings.direct_uris = (struct bas_texts){ uris, 1 };
    fails(&f, BAS_ERR_CONFIG, "ahu-1.example");
    f.settings.direct_uris.n = 0;
    f.settings.engine.direct_accept = true;
    f.settings.direct_bind = "nowhere:1";
    fails(&f, BAS_ERR_CONFIG, "nowhere");
    rt_site_end(&f.site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_beside_its_hub_is_found_and_read_by_a_client),
        cmocka_unit_test(the_hubs_other_nodes_stay_when_its_device_stops),
        cmocka_unit_test(no_failing_allocation_of_a_device_beside_its_hub_leaves_anything),
        cmocka_unit_test(settings_say_what_is_told_and_who_is_connected_to),
        cmocka_unit_test(accepting_needs_an_address_to_listen_on),
        cmocka_unit_test(what_is_wrong_with_direct_settings_is_told),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
