/* Tests of port_life.c: how ports begin, wait and end, in plaintext and beside their hub. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/port.h"

#include "rt_peer.h"
#include "rt_port.h"
#include "sc_peer.h"
#include "test_folder.h"

#include <stdio.h>
#include <string.h>

static const char nobody[] = "wss://127.0.0.1:1";

/* A site without a hub, and a port that was not started. */
struct fixture {
    struct rt_site site;
    struct rt_port p;
};

static void prepare(struct fixture *f, const char *uri)
{
    rt_site_begin(&f->site);
    rt_port_begin(&f->site.w, &f->p, "client", uri);
}

static void prepare_with_hub(struct fixture *f)
{
    rt_site_begin(&f->site);
    rt_port_begin(&f->site.w, &f->p, "client", rt_site_start(&f->site, 0));
}

static void end(struct fixture *f)
{
    rt_port_end(&f->p);
    rt_site_end(&f->site);
}

/* The beginning. */

static void fails(struct fixture *f, bas_err err, const char *part)
{
    struct bas_fault fault = { 0 };
    assert_null(bas_port_start(f->site.w.loop, &f->p.config, &fault));
    assert_int_equal(fault.err, err);
    assert_has(fault.text, part);
}

/* bsc 7.4-12 */
static void a_port_that_cannot_start_says_why_and_leaves_nothing(void **state)
{
    (void)state;
    static struct fixture f;
    static char long_uri[400] = "wss://hub.example/";
    memset(long_uri + strlen(long_uri), 'a', sizeof(long_uri) - 1 - strlen(long_uri));
    prepare(&f, NULL);
    fails(&f, BAS_ERR_CONFIG, "primary hub is not set");
    f.p.node.primary_uri = nobody;
    f.p.node.failover_uri = long_uri;
    fails(&f, BAS_ERR_CONFIG, "failover hub is longer than 255");
    f.p.node.failover_uri = "ws://127.0.0.1:1";
    fails(&f, BAS_ERR_INVALID, "ws://127.0.0.1:1");
    f.p.node.failover_uri = NULL;
    f.p.node.direct_accept = true;
    fails(&f, BAS_ERR_CONFIG, "direct-bind");
    f.p.config.direct_bind = "127.0.0.1";
    fails(&f, BAS_ERR_CONFIG, "ADDR:PORT");
    f.p.config.direct_bind = rt_site_start(&f.site, 0) + strlen("wss://");
    fails(&f, BAS_ERR_IN_USE, "in use");
    f.p.node.direct_accept = false;
    f.p.config.tls = NULL;
    fails(&f, BAS_ERR_CONFIG, "certificate");
    f.p.config.state_file = "no/such/folder/port.state";
    f.p.config.tls = &f.p.tls;
    fails(&f, BAS_ERR_NOT_FOUND, "no/such/folder");
    rt_site_end(&f.site);
}

static void nothing_is_told_before_the_loop_runs(void **state)
{
    (void)state;
    static struct fixture f;
    prepare(&f, "wss://"); /* fails at once */
    rt_port_start(&f.p);
    assert_int_equal(f.p.events[BSC_NODE_RETRY], 0);
    rt_port_until(&f.p, BSC_NODE_RETRY, 1);
    end(&f);
}

/* bsc 8.2-01 */
static void identity_is_the_certificates_and_is_kept(void **state)
{
    (void)state;
    static struct fixture f;
    struct bas_tls_identity peer;
    prepare_with_hub(&f);
    f.p.config.state_file = "kept.state";
    rt_port_start(&f.p);
    const struct bsc_vmac vmac = rt_port_vmac(&f.p);
    const struct bsc_uuid uuid = bas_port_uuid(f.p.port);
    assert_false(bas_port_peer(f.p.port, &peer));
    rt_port_until(&f.p, BSC_NODE_UP, 1);
    assert_true(bas_port_peer(f.p.port, &peer));
    assert_string_equal(peer.subject, "CN=hub");
    rt_port_end(&f.p);
    rt_port_begin(&f.site.w, &f.p, "client", f.site.hubs[0].uri);
    f.p.config.state_file = "kept.state";
    rt_port_start(&f.p);
    const struct bsc_vmac again = rt_port_vmac(&f.p);
    const struct bsc_uuid same = bas_port_uuid(f.p.port);
    assert_true(bsc_vmac_equal(&vmac, &again));
    assert_true(bsc_uuid_equal(&uuid, &same));
    end(&f);
}

/* From the k-th allocation on there is no memory, until it is up. */
static void no_failing_allocation_of_a_port_leaves_anything(void **state)
{
    (void)state;
    static struct fixture f;
    const char *allowed[] = { "CN=client" };
    const struct bas_admission rules = { .allow = { allowed, 1 } };
    bool was_up = false;
    unsigned starts = 0;
    for (size_t k = 1; k < 200 && !was_up; k++) {
        prepare(&f, nobody);
        struct rt_server server;
        static struct rt_peer hubs[8];
        const struct rt_peer_config hub = { .level = RT_JOINED, .number = 200 };
        rt_server_begin(&f.site.w, &server, hubs, BAS_ARRAY_LEN(hubs), &hub);
        f.p.node.primary_uri = server.uri;
        f.p.node.direct_accept = true;
        f.p.config.direct_bind = "127.0.0.1:0";
        f.p.config.admission = &rules;
        f.site.w.t.fail_at = f.site.w.t.allocations + k;
        f.p.port = bas_port_start(f.site.w.loop, &f.p.config, &f.p.fault);
        if (f.p.port == NULL) {
            assert_int_equal(f.p.fault.err, BAS_ERR_NO_MEMORY);
            f.p.stopped = 1;
        } else {
            starts++;
            while (f.p.events[BSC_NODE_UP] + f.p.events[BSC_NODE_RETRY] == 0) {
                rt_turns(&f.site.w, 1);
            }
            was_up = f.p.events[BSC_NODE_UP] != 0;
            f.site.w.t.fail_at = starts % 2 == 0 ? 0 : f.site.w.t.fail_at;
        }
        if (starts % 2 == 0 && f.p.port != NULL) {
            rt_port_until(&f.p, BSC_NODE_UP, 1); /* it recovers */
        }
        rt_port_end(&f.p);
        rt_server_end(&server);
        rt_site_end(&f.site);
    }
    assert_true(was_up);
}

/* Waiting. */

static void waiting_ends_when_there_is_a_hub_connection(void **state)
{
    (void)state;
    static struct fixture f;
    struct bas_fault fault = { 0 };
    prepare_with_hub(&f);
    rt_port_start(&f.p);
    assert_int_equal(bas_port_wait(f.p.port, 20000, &fault), BAS_OK);
    assert_int_equal(f.p.events[BSC_NODE_UP], 1);
    assert_int_equal(bas_port_wait(f.p.port, 0, &fault), BAS_OK); /* it has one */
    rt_port_end(&f.p);
    rt_port_begin(&f.site.w, &f.p, "client", f.site.hubs[0].uri);
    rt_port_start(&f.p);
    assert_int_equal(bas_port_wait(f.p.port, UINT32_MAX, &fault), BAS_OK);
    end(&f);
}

static void waiting_in_vain_ends_with_the_reason_of_the_last_attempt(void **state)
{
    (void)state;
    static struct fixture f;
    struct bas_fault fault = { 0 };
    prepare(&f, nobody);
    rt_port_start(&f.p);
    rt_port_until(&f.p, BSC_NODE_RETRY, 1);
    assert_int_equal(bas_port_wait(f.p.port, 20, &fault), BAS_ERR_TIMEOUT);
    assert_int_equal(fault.err, BAS_ERR_TIMEOUT);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_TCP_CONNECTION_REFUSED);
    assert_has(fault.text, "0.02 s");
    assert_has(fault.text, "127.0.0.1:1");
    end(&f);
}

static void waiting_for_an_attempt_that_is_not_over_says_so(void **state)
{
    (void)state;
    static struct fixture f;
    struct rt_server server;
    struct rt_peer hub;
    const struct rt_peer_config silent = { .level = RT_TCP };
    struct bas_fault fault = { 0 };
    prepare(&f, nobody);
    rt_server_begin(&f.site.w, &server, &hub, 1, &silent);
    f.p.node.primary_uri = server.uri;
    rt_port_start(&f.p);
    assert_int_equal(bas_port_wait(f.p.port, 30, &fault), BAS_ERR_TIMEOUT);
    assert_has(fault.text, "not over");
    rt_port_end(&f.p);
    rt_server_end(&server);
    rt_site_end(&f.site);
}

static void stop_loop(struct rt_port *p, const struct bsc_node_event *event)
{
    (void)event;
    bas_loop_stop(p->w->loop);
}

static void waiting_ends_when_the_loop_is_stopped_or_the_port_is(void **state)
{
    (void)state;
    static struct fixture f;
    struct bas_fault fault = { 0 };
    prepare(&f, nobody);
    f.p.on_event = stop_loop;
    rt_port_start(&f.p);
    assert_int_equal(bas_port_wait(f.p.port, UINT32_MAX, &fault), BAS_ERR_INTERRUPTED);
    f.p.on_event = NULL;
    f.p.stop_at = 1U << BSC_NODE_RETRY;
    assert_int_equal(bas_port_wait(f.p.port, 20000, &fault), BAS_ERR_CLOSED);
    assert_int_equal(f.p.stopped, 1);
    end(&f);
}

static void waiting_without_memory_is_told(void **state)
{
    (void)state;
    static struct fixture f;
    struct bas_fault fault = { 0 };
    prepare(&f, nobody);
    rt_port_start(&f.p);
    f.site.w.t.fail_at = f.site.w.t.allocations + 1;
    assert_int_equal(bas_port_wait(f.p.port, 1, &fault), BAS_ERR_NO_MEMORY);
    f.site.w.t.fail_at = 0;
    end(&f);
}

/* Plaintext. */

static void plain_hub(struct fixture *f)
{
    rt_site_begin(&f->site);
    f->site.hubs[0].settings.plaintext = BAS_PLAINTEXT_LOOPBACK;
    f->site.hubs[0].settings.tls = (struct bas_tls_config){ .size = sizeof(struct bas_tls_config) };
    const char *uri = rt_site_start(&f->site, 0);
    assert_has(uri, "ws://");
    rt_port_begin(&f->site.w, &f->p, "client", uri);
    f->p.config.tls = NULL;
}

static void a_port_without_certificates_needs_plaintext_and_says_so_loudly(void **state)
{
    (void)state;
    static struct fixture f;
    struct bas_tls_identity identity;
    plain_hub(&f);
    f.p.config.plaintext = BAS_PLAINTEXT_LOOPBACK;
    rt_port_start(&f.p);
    rt_port_until(&f.p, BSC_NODE_UP, 1);
    assert_false(bas_port_peer(f.p.port, &identity));
    assert_has(f.site.w.t.last_log, "PLAINTEXT");
    end(&f);
}

/* bsc 4.1-03 */
static void plaintext_that_nobody_allowed_fails_with_its_code(void **state)
{
    (void)state;
    static struct fixture f;
    struct bas_fault fault = { 0 };
    plain_hub(&f);
    f.p.config.tls = &f.p.tls;
    assert_null(bas_port_start(f.site.w.loop, &f.p.config, &fault));
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_WEBSOCKET_SCHEME_NOT_SUPPORTED);
    assert_has(fault.text, "--allow-plaintext");
    f.p.config.plaintext = BAS_PLAINTEXT_LOOPBACK;
    f.p.node.primary_uri = "ws://192.0.2.7:4443";
    assert_null(bas_port_start(f.site.w.loop, &f.p.config, &fault));
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_WEBSOCKET_SCHEME_NOT_SUPPORTED);
    rt_site_end(&f.site);
}

static void plaintext_is_no_way_around_certificates_for_wss(void **state)
{
    (void)state;
    static struct fixture f;
    prepare_with_hub(&f);
    f.p.config.plaintext = BAS_PLAINTEXT_ANYWHERE;
    f.p.config.tls = NULL;
    fails(&f, BAS_ERR_CONFIG, "certificate");
    f.p.config.tls = &f.p.tls;
    rt_port_start(&f.p);
    rt_port_until(&f.p, BSC_NODE_UP, 1);
    assert_int_equal(f.site.w.t.logs, 0);
    end(&f);
}

static void two_ports_talk_directly_in_plaintext(void **state)
{
    (void)state;
    static struct fixture f;
    static struct rt_port q;
    plain_hub(&f);
    f.p.config.plaintext = BAS_PLAINTEXT_LOOPBACK;
    f.p.node.direct_initiate = true;
    rt_port_begin(&f.site.w, &q, "device", f.site.hubs[0].uri);
    q.config.tls = NULL;
    q.config.plaintext = BAS_PLAINTEXT_LOOPBACK;
    q.node.direct_accept = true;
    q.config.direct_bind = "127.0.0.1:0";
    rt_port_start(&f.p);
    rt_port_start(&q);
    rt_port_until(&f.p, BSC_NODE_UP, 1);
    rt_port_until(&q, BSC_NODE_UP, 1);
    const struct bsc_vmac to = rt_port_vmac(&q);
    assert_int_equal(
        bsc_node_connect_direct(bas_port_node(f.p.port), &to, bas_loop_now(f.site.w.loop)), BAS_OK);
    bas_port_wake(f.p.port);
    rt_port_until(&f.p, BSC_NODE_DIRECT_UP, 1);
    rt_port_until(&q, BSC_NODE_DIRECT_UP, 1);
    rt_port_end(&q);
    end(&f);
}

static void a_peer_that_tells_a_plaintext_uri_is_not_connected_to(void **state)
{
    (void)state;
    static struct fixture f;
    const struct bsc_vmac peer = peer_vmac(9);
    prepare_with_hub(&f);
    f.p.node.direct_initiate = true;
    rt_port_start(&f.p);
    rt_port_until(&f.p, BSC_NODE_UP, 1);
    assert_int_equal(bsc_node_set_peer(bas_port_node(f.p.port), &peer, BSC_DIRECT_ALWAYS,
                                       "ws://127.0.0.1:1", bas_loop_now(f.site.w.loop)),
                     BAS_OK);
    bas_port_wake(f.p.port);
    rt_port_until(&f.p, BSC_NODE_DIRECT_FAILED, 1);
    assert_int_equal(f.p.fault.error_code, BAC_ERROR_CODE_WEBSOCKET_SCHEME_NOT_SUPPORTED);
    end(&f);
}

/* Beside its hub. */

static void prepare_hosted(struct fixture *f)
{
    prepare(f, NULL);
    f->site.hubs[0].settings.state_file = "host.state";
    f->site.hubs[0].settings.engine.vmac = peer_vmac(1);
    (void)rt_site_start(&f->site, 0);
    f->p.config.host = f->site.hubs[0].hub;
    f->p.config.tls = NULL;
}

/* bsc 3.1-02 */
static void a_port_beside_its_hub_is_the_hubs_device_and_connects_like_everybody(void **state)
{
    (void)state;
    static struct fixture f;
    struct bas_tls_identity peer;
    prepare_hosted(&f);
    rt_port_start(&f.p);
    rt_port_until(&f.p, BSC_NODE_UP, 1);
    const struct bsc_vmac vmac = rt_port_vmac(&f.p);
    const struct bsc_vmac of_hub = bas_hub_vmac(f.p.config.host);
    const struct bsc_uuid uuid = bas_port_uuid(f.p.port);
    const struct bsc_uuid uuid_of_hub = bas_hub_uuid(f.p.config.host);
    assert_true(bsc_vmac_equal(&vmac, &of_hub));
    assert_true(bsc_uuid_equal(&uuid, &uuid_of_hub));
    assert_int_equal(f.site.hubs[0].joined, 1);
    assert_true(bas_port_peer(f.p.port, &peer));
    assert_string_equal(peer.subject, "CN=hub");
    end(&f);
}

static void file_has(const char *name, const struct bsc_vmac *vmac)
{
    char text[512];
    char address[BSC_VMAC_TEXT];
    FILE *file = fopen(name, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = 0;
    (void)fclose(file);
    assert_has(text, bsc_vmac_text(vmac, address));
}

/* At another hub, that is: its own gives it its VMAC. bsc 8.1-05 */
static void a_vmac_that_is_taken_changes_the_hubs_too(void **state)
{
    (void)state;
    static struct fixture f;
    static struct rt_peer twin, node;
    const struct rt_peer_config taken = { .level = RT_JOINED, .number = 1 };
    const struct rt_peer_config other = { .level = RT_JOINED, .number = 2 };
    prepare_hosted(&f);
    f.p.node.primary_uri = rt_site_start(&f.site, 1);
    rt_peer_connect(&f.site.w, &twin, &taken, f.site.hubs[1].address);
    rt_peer_ready(&twin);
    rt_port_start(&f.p);
    rt_port_until(&f.p, BSC_NODE_UP, 1);
    assert_int_equal(f.p.events[BSC_NODE_VMAC_CHANGED], 1);
    const struct bsc_vmac vmac = rt_port_vmac(&f.p);
    const struct bsc_vmac of_hub = bas_hub_vmac(f.p.config.host);
    const struct bsc_vmac old = peer_vmac(1);
    assert_false(bsc_vmac_equal(&vmac, &old));
    assert_true(bsc_vmac_equal(&vmac, &of_hub));
    file_has("host.state", &vmac);
    rt_peer_connect(&f.site.w, &node, &other, f.site.hubs[0].address);
    rt_peer_ready(&node);
    assert_true(bsc_vmac_equal(&node.other.vmac, &vmac)); /* its Connect-Accept says so */
    end(&f);
}

/* Whichever is over first. */
static void a_port_and_its_hub_may_be_stopped_at_once(void **state)
{
    (void)state;
    static struct fixture f;
    for (unsigned turns = 0; turns < 20; turns += 4) {
        prepare_hosted(&f);
        f.p.node.disconnect_wait_ms = 1000;
        rt_port_start(&f.p);
        rt_turns(&f.site.w, turns);
        bas_port_stop(f.p.port);
        bas_hub_stop(f.site.hubs[0].hub);
        rt_until(&f.site.w, &f.p.stopped, 1);
        rt_until(&f.site.w, &f.site.hubs[0].stopped, 1);
        end(&f);
    }
}

/* The end. */

static void a_second_stop_changes_nothing(void **state)
{
    (void)state;
    static struct fixture f;
    prepare_with_hub(&f);
    rt_port_start(&f.p);
    bas_port_stop(f.p.port); /* before the loop has run */
    bas_port_stop(f.p.port);
    bas_port_wake(f.p.port);
    rt_until(&f.site.w, &f.p.stopped, 1);
    assert_int_equal(f.p.events[BSC_NODE_UP], 0);
    end(&f);
}

static void strangers_do_not_hold_up_the_end(void **state)
{
    (void)state;
    static struct fixture f;
    static struct rt_peer peers[3];
    prepare_with_hub(&f);
    f.p.node.direct_accept = true;
    f.p.config.direct_bind = "127.0.0.1:0";
    rt_port_start(&f.p);
    rt_port_until(&f.p, BSC_NODE_UP, 1);
    for (unsigned i = 0; i < BAS_ARRAY_LEN(peers); i++) {
        const struct rt_peer_config config = { .level = i == 0 ? RT_TCP : RT_TLS };
        rt_peer_connect(&f.site.w, &peers[i], &config, bas_port_direct_address(f.p.port));
        rt_peer_ready(&peers[i]);
    }
    rt_port_end(&f.p);
    assert_int_equal(f.p.events[BSC_NODE_DIRECT_FAILED], 0); /* nothing is told of them */
    rt_site_end(&f.site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_port_that_cannot_start_says_why_and_leaves_nothing),
        cmocka_unit_test(nothing_is_told_before_the_loop_runs),
        cmocka_unit_test(identity_is_the_certificates_and_is_kept),
        cmocka_unit_test(no_failing_allocation_of_a_port_leaves_anything),
        cmocka_unit_test(waiting_ends_when_there_is_a_hub_connection),
        cmocka_unit_test(waiting_in_vain_ends_with_the_reason_of_the_last_attempt),
        cmocka_unit_test(waiting_for_an_attempt_that_is_not_over_says_so),
        cmocka_unit_test(waiting_ends_when_the_loop_is_stopped_or_the_port_is),
        cmocka_unit_test(waiting_without_memory_is_told),
        cmocka_unit_test(a_port_without_certificates_needs_plaintext_and_says_so_loudly),
        cmocka_unit_test(plaintext_that_nobody_allowed_fails_with_its_code),
        cmocka_unit_test(plaintext_is_no_way_around_certificates_for_wss),
        cmocka_unit_test(two_ports_talk_directly_in_plaintext),
        cmocka_unit_test(a_peer_that_tells_a_plaintext_uri_is_not_connected_to),
        cmocka_unit_test(a_port_beside_its_hub_is_the_hubs_device_and_connects_like_everybody),
        cmocka_unit_test(a_vmac_that_is_taken_changes_the_hubs_too),
        cmocka_unit_test(a_port_and_its_hub_may_be_stopped_at_once),
        cmocka_unit_test(a_second_stop_changes_nothing),
        cmocka_unit_test(strangers_do_not_hold_up_the_end),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
