/* Tests of port_reload.c: certificates of a port that are replaced under its connections. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/port.h"

#include "basalt/pki.h"
#include "rt_peer.h"
#include "rt_port.h"
#include "test_folder.h"

#include <stdio.h>
#include <string.h>

/* A hub, and two ports with a direct connection that the first one opened. */
struct fixture {
    struct rt_site site;
    struct rt_port a, b;
    struct bas_reload what;
    struct bas_fault fault;
};

static void begin(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    rt_site_begin(&f->site);
    const char *uri = rt_site_start(&f->site, 0);
    rt_port_begin(&f->site.w, &f->a, "client", uri);
    rt_port_begin(&f->site.w, &f->b, "device", uri);
    f->a.node.direct_initiate = true;
    f->a.node.direct_retry_ms = 3600000;
    f->b.node.direct_accept = true;
    f->b.config.direct_bind = "127.0.0.1:0";
    rt_port_start(&f->a);
    rt_port_start(&f->b);
    rt_port_until(&f->a, BSC_NODE_UP, 1);
    rt_port_until(&f->b, BSC_NODE_UP, 1);
}

static void connect_directly(struct fixture *f)
{
    const struct bsc_vmac to = rt_port_vmac(&f->b);
    assert_int_equal(
        bsc_node_connect_direct(bas_port_node(f->a.port), &to, bas_loop_now(f->site.w.loop)),
        BAS_OK);
    bas_port_wake(f->a.port);
}

static void begin_direct(struct fixture *f)
{
    begin(f);
    connect_directly(f);
    rt_port_until(&f->a, BSC_NODE_DIRECT_UP, 1);
    rt_port_until(&f->b, BSC_NODE_DIRECT_UP, 1);
}

static void end(struct fixture *f)
{
    rt_port_end(&f->b); /* before its host */
    rt_port_end(&f->a);
    rt_site_end(&f->site);
}

static void reload(struct fixture *f, struct rt_port *p, const struct bas_tls_config *tls)
{
    if (bas_port_reload(p->port, tls, NULL, &f->what, &f->fault) != BAS_OK) {
        fail_msg("%s", f->fault.text);
    }
}

static void arrives(struct rt_port *from, struct rt_port *to)
{
    const struct bsc_vmac vmac = rt_port_vmac(to);
    unsigned before = to->events[BSC_NODE_NPDU];
    rt_port_send(from, &vmac, 5);
    rt_port_until(to, BSC_NODE_NPDU, before + 1);
}

/* Nobody noticed anything. */
static void all_goes_on(struct fixture *f)
{
    const struct rt_port *ports[] = { &f->a, &f->b };
    arrives(&f->a, &f->b);
    arrives(&f->b, &f->a);
    for (size_t i = 0; i < BAS_ARRAY_LEN(ports); i++) {
        assert_int_equal(ports[i]->events[BSC_NODE_UP], 1);
        assert_int_equal(ports[i]->events[BSC_NODE_DOWN], 0);
        assert_int_equal(ports[i]->events[BSC_NODE_DIRECT_DOWN], 0);
    }
}

static void renew(struct fixture *f, const char *name)
{
    struct bas_pki_renewal made;
    const struct bas_pki_renew_request request = {
        .size = sizeof(request), .directory = ".", .name = name, .new_key = true
    };
    if (bas_pki_renew(&f->site.w.outside.env, &request, &made, &f->fault) != BAS_OK) {
        fail_msg("%s", f->fault.text);
    }
}

static void a_renewed_certificate_drops_nobody_and_is_shown_from_then_on(void **state)
{
    (void)state;
    static struct fixture f;
    struct bas_tls_identity old, shown;
    begin_direct(&f);
    bas_tls_context_identity(f.a.port->tls, &old);
    renew(&f, "client");
    reload(&f, &f.a, &f.a.tls);
    assert_int_equal(f.what.kept, 2);
    assert_int_equal(f.what.closed, 0);
    assert_string_equal(f.what.identity.subject, "CN=client");
    assert_string_not_equal(f.what.identity.serial, old.serial);
    all_goes_on(&f);
    const struct bsc_vmac to = rt_port_vmac(&f.b);
    assert_int_equal(
        bsc_node_disconnect_direct(bas_port_node(f.a.port), &to, bas_loop_now(f.site.w.loop)),
        BAS_OK);
    bas_port_wake(f.a.port);
    rt_port_until(&f.b, BSC_NODE_DIRECT_DOWN, 1);
    rt_port_until(&f.a, BSC_NODE_DIRECT_DOWN, 1);
    connect_directly(&f);
    rt_port_until(&f.b, BSC_NODE_DIRECT_UP, 2);
    bool is_new = false;
    for (size_t i = 0; i < f.b.port->n_links; i++) {
        const struct port_link *l = &f.b.port->links[i];
        is_new |= l->id != 0 && link_peer(l->link, &shown) &&
                  strcmp(shown.serial, f.what.identity.serial) == 0;
    }
    assert_true(is_new);
    end(&f);
}

static void who_accepts_shows_the_renewed_certificate_too(void **state)
{
    (void)state;
    static struct fixture f;
    struct bas_tls_identity shown = { .serial = "" };
    begin(&f);
    renew(&f, "device");
    reload(&f, &f.b, &f.b.tls);
    assert_int_equal(f.what.kept, 1);
    connect_directly(&f);
    rt_port_until(&f.a, BSC_NODE_DIRECT_UP, 1);
    bool is_new = false;
    for (size_t i = 0; i < f.a.port->n_links; i++) {
        const struct port_link *l = &f.a.port->links[i];
        is_new |= l->id != 0 && link_peer(l->link, &shown) &&
                  strcmp(shown.serial, f.what.identity.serial) == 0;
    }
    assert_true(is_new);
    end(&f);
}

/* bsc 7.4-13 */
static void a_peer_that_is_revoked_is_closed_and_the_others_are_kept(void **state)
{
    (void)state;
    static struct fixture f;
    begin_direct(&f);
    struct bas_tls_config tls = f.a.tls;
    tls.crl_files[0] = "device.crl";
    reload(&f, &f.a, &tls);
    assert_int_equal(f.what.kept, 1);
    assert_int_equal(f.what.closed, 1);
    rt_port_until(&f.a, BSC_NODE_DIRECT_DOWN, 1);
    rt_port_until(&f.b, BSC_NODE_DIRECT_DOWN, 1);
    assert_int_equal(f.a.faults[BSC_NODE_DIRECT_DOWN].err, BAS_ERR_CERTIFICATE);
    assert_has(f.a.faults[BSC_NODE_DIRECT_DOWN].text, "CN=device");
    arrives(&f.a, &f.b); /* through the hub, which does not know of the list */
    assert_int_equal(f.a.events[BSC_NODE_DOWN], 0);
    connect_directly(&f);
    rt_port_until(&f.a, BSC_NODE_DIRECT_FAILED, 1);
    assert_int_equal(f.a.faults[BSC_NODE_DIRECT_FAILED].err, BAS_ERR_CERTIFICATE);
    end(&f);
}

static void who_accepts_closes_a_revoked_peer_too_and_lets_it_in_no_more(void **state)
{
    (void)state;
    static struct fixture f;
    begin_direct(&f);
    struct bas_tls_config tls = f.b.tls;
    tls.crl_files[0] = "client.crl";
    reload(&f, &f.b, &tls);
    assert_int_equal(f.what.kept, 1);
    assert_int_equal(f.what.closed, 1);
    rt_port_until(&f.b, BSC_NODE_DIRECT_DOWN, 1);
    assert_int_equal(f.b.faults[BSC_NODE_DIRECT_DOWN].err, BAS_ERR_CERTIFICATE);
    rt_port_until(&f.a, BSC_NODE_DIRECT_DOWN, 1);
    connect_directly(&f);
    rt_port_until(&f.b, BSC_NODE_DIRECT_FAILED, 1);
    assert_int_equal(f.b.faults[BSC_NODE_DIRECT_FAILED].err, BAS_ERR_CERTIFICATE);
    rt_port_until(&f.a, BSC_NODE_DIRECT_FAILED, 1);
    end(&f);
}

/* Gives b the rule that only one subject may connect directly. */
static void allow_only(struct fixture *f, const char *subject)
{
    const char *items[] = { subject };
    const struct bas_admission rules = { .allow = { .items = items, .n = 1 } };
    if (bas_port_reload(f->b.port, NULL, &rules, &f->what, &f->fault) != BAS_OK) {
        fail_msg("%s", f->fault.text);
    }
}

static void new_rules_of_admission_count_for_who_is_connected_directly_too(void **state)
{
    (void)state;
    static struct fixture f;
    begin_direct(&f);
    allow_only(&f, "CN=client");
    assert_int_equal(f.what.kept, 2);
    all_goes_on(&f);
    allow_only(&f, "CN=somebody else");
    assert_int_equal(f.what.kept, 1); /* its hub: the rules are about those who come to us */
    assert_int_equal(f.what.closed, 1);
    assert_string_equal(f.what.identity.subject, "CN=device");
    rt_port_until(&f.b, BSC_NODE_DIRECT_DOWN, 1);
    assert_has(f.b.faults[BSC_NODE_DIRECT_DOWN].text, "allow list");
    rt_port_until(&f.a, BSC_NODE_DIRECT_DOWN, 1);
    connect_directly(&f);
    rt_port_until(&f.a, BSC_NODE_DIRECT_FAILED, 1);
    assert_int_equal(f.b.events[BSC_NODE_DOWN], 0);
    end(&f);
}

static void a_hub_that_is_revoked_is_left_until_it_is_trusted_again(void **state)
{
    (void)state;
    static struct fixture f;
    begin(&f);
    struct bas_tls_config tls = f.a.tls;
    tls.crl_files[0] = "hub.crl";
    reload(&f, &f.a, &tls);
    assert_int_equal(f.what.closed, 1);
    rt_port_until(&f.a, BSC_NODE_DOWN, 1);
    assert_int_equal(f.a.faults[BSC_NODE_DOWN].err, BAS_ERR_CERTIFICATE);
    assert_has(f.a.faults[BSC_NODE_DOWN].text, "CN=hub");
    rt_port_until(&f.a, BSC_NODE_RETRY, 2);
    assert_int_equal(f.a.faults[BSC_NODE_RETRY].err, BAS_ERR_CERTIFICATE);
    assert_int_equal(f.a.events[BSC_NODE_UP], 1);
    reload(&f, &f.a, &f.a.tls);
    rt_port_until(&f.a, BSC_NODE_UP, 2);
    end(&f);
}

/* The hub's certificate is revoked between TCP and the end of the handshake. */
static void a_link_that_is_being_set_up_is_judged_by_the_new_set(void **state)
{
    (void)state;
    static struct fixture f;
    struct rt_server server;
    struct rt_peer hubs[2];
    const struct rt_peer_config hub = { .level = RT_JOINED, .number = 200 };
    for (unsigned turns = 0; turns < 12; turns++) {
        memset(&f, 0, sizeof(f));
        rt_site_begin(&f.site);
        rt_server_begin(&f.site.w, &server, hubs, BAS_ARRAY_LEN(hubs), &hub);
        rt_port_begin(&f.site.w, &f.a, "client", server.uri);
        f.a.node.minimum_reconnect_ms = 3600000;
        f.a.node.maximum_reconnect_ms = 3600000;
        rt_port_start(&f.a);
        rt_turns(&f.site.w, turns);
        struct bas_tls_config tls = f.a.tls;
        tls.crl_files[0] = "hub.crl";
        bool was_up = f.a.events[BSC_NODE_UP] != 0;
        reload(&f, &f.a, &tls);
        rt_port_until(&f.a, was_up ? BSC_NODE_DOWN : BSC_NODE_RETRY, 1);
        assert_int_equal(f.a.events[BSC_NODE_UP], was_up);
        assert_int_equal(f.a.fault.err, BAS_ERR_CERTIFICATE);
        rt_port_end(&f.a);
        rt_server_end(&server);
        rt_site_end(&f.site);
    }
}

static void an_error_changes_nothing(void **state)
{
    (void)state;
    static struct fixture f;
    static const struct {
        const char *certificate, *key, *crl;
        bas_err err;
        const char *part;
    } rows[] = {
        { "nothing.pem", "client.key", NULL, BAS_ERR_NOT_FOUND, "nothing.pem" },
        { "client.pem", "hub.key", NULL, BAS_ERR_KEY, "hub.key" },
        { "client.pem", "client.key", "nothing.crl", BAS_ERR_NOT_FOUND, "nothing.crl" },
        { "hub.pem", "hub.key", NULL, BAS_ERR_CONFIG, "UUID" }, /* of another device */
    };
    begin_direct(&f);
    const struct bas_tls_context *before = f.a.port->tls;
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        const struct bas_tls_config tls = { .size = sizeof(tls),
                                            .issuer_files = { "ca.pem" },
                                            .certificate_file = rows[i].certificate,
                                            .key_file = rows[i].key,
                                            .crl_files = { rows[i].crl } };
        struct bas_fault fault = { 0 };
        f.what.kept = 99;
        assert_int_equal(bas_port_reload(f.a.port, &tls, NULL, &f.what, &fault), rows[i].err);
        assert_has(fault.text, rows[i].part);
        assert_int_equal(f.what.kept, 99);
        assert_ptr_equal(f.a.port->tls, before);
    }
    all_goes_on(&f);
    end(&f);
}

static void a_visitor_may_change_its_certificate(void **state)
{
    (void)state;
    static struct fixture f;
    memset(&f, 0, sizeof(f));
    rt_site_begin(&f.site);
    rt_port_begin(&f.site.w, &f.a, "client", rt_site_start(&f.site, 0));
    f.a.config.is_visitor = true;
    rt_port_start(&f.a);
    rt_port_until(&f.a, BSC_NODE_UP, 1);
    const struct bas_tls_config tls = rt_credentials("device");
    reload(&f, &f.a, &tls);
    assert_string_equal(f.what.identity.subject, "CN=device");
    rt_port_end(&f.a);
    rt_site_end(&f.site);
}

static void no_failing_allocation_of_a_reload_changes_anything(void **state)
{
    (void)state;
    static struct fixture f;
    begin_direct(&f);
    struct bas_tls_config tls = f.a.tls;
    tls.crl_files[0] = "device.crl";
    bas_err err = BAS_ERR_NO_MEMORY;
    for (size_t k = 1; k < 50 && err != BAS_OK; k++) {
        struct bas_fault fault = { 0 };
        const struct bas_tls_context *before = f.a.port->tls;
        f.site.w.t.fail_at = f.site.w.t.allocations + k;
        err = bas_port_reload(f.a.port, &tls, NULL, NULL, &fault);
        f.site.w.t.fail_at = 0;
        if (err != BAS_OK) {
            assert_int_equal(err, BAS_ERR_NO_MEMORY);
            assert_ptr_equal(f.a.port->tls, before);
            all_goes_on(&f);
        }
    }
    assert_int_equal(err, BAS_OK);
    end(&f);
}

static void a_port_without_certificates_has_none_to_replace(void **state)
{
    (void)state;
    static struct fixture f;
    memset(&f, 0, sizeof(f));
    rt_site_begin(&f.site);
    rt_port_begin(&f.site.w, &f.a, "client", "ws://127.0.0.1:1");
    f.a.config.tls = NULL;
    f.a.config.plaintext = BAS_PLAINTEXT_LOOPBACK;
    rt_port_start(&f.a);
    assert_int_equal(bas_port_reload(f.a.port, &f.a.tls, NULL, &f.what, &f.fault), BAS_ERR_STATE);
    assert_has(f.fault.text, "no certificate");
    rt_port_end(&f.a);
    rt_site_end(&f.site);
}

/* A port of the hub's, that accepts, and one that has connected to it. */
static void begin_hosted(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    rt_site_begin(&f->site);
    const char *uri = rt_site_start(&f->site, 0);
    rt_port_begin(&f->site.w, &f->a, "client", uri);
    rt_port_begin(&f->site.w, &f->b, "hub", NULL);
    f->a.node.direct_initiate = true;
    f->a.node.direct_retry_ms = 3600000;
    f->b.config.host = f->site.hubs[0].hub;
    f->b.node.direct_accept = true;
    f->b.config.direct_bind = "127.0.0.1:0";
    rt_port_start(&f->a);
    rt_port_start(&f->b);
    rt_port_until(&f->a, BSC_NODE_UP, 1);
    rt_port_until(&f->b, BSC_NODE_UP, 1);
    connect_directly(f);
    rt_port_until(&f->a, BSC_NODE_DIRECT_UP, 1);
    rt_port_until(&f->b, BSC_NODE_DIRECT_UP, 1);
}

static void a_port_beside_its_hub_uses_the_hubs(void **state)
{
    (void)state;
    static struct fixture f;
    begin_hosted(&f);
    reload(&f, &f.b, NULL);
    assert_int_equal(f.what.kept, 2);
    assert_string_equal(f.what.identity.subject, "CN=hub");
    all_goes_on(&f);
    end(&f);
}

static void a_reload_of_the_hub_counts_for_its_port_without_a_word(void **state)
{
    (void)state;
    static struct fixture f;
    begin_hosted(&f);
    struct bas_tls_config tls = rt_credentials("hub");
    if (bas_hub_reload(f.site.hubs[0].hub, &tls, NULL, &f.what, &f.fault) != BAS_OK) {
        fail_msg("%s", f.fault.text);
    }
    rt_turns(&f.site.w, 5);
    all_goes_on(&f);
    tls.crl_files[0] = "client.crl";
    assert_int_equal(bas_hub_reload(f.site.hubs[0].hub, &tls, NULL, &f.what, &f.fault), BAS_OK);
    rt_port_until(&f.b, BSC_NODE_DIRECT_DOWN, 1);
    assert_int_equal(f.b.faults[BSC_NODE_DIRECT_DOWN].err, BAS_ERR_CERTIFICATE);
    assert_int_equal(f.b.events[BSC_NODE_DOWN], 0);
    end(&f);
}

static void a_port_that_is_being_stopped_loads_nothing(void **state)
{
    (void)state;
    static struct fixture f;
    begin_hosted(&f);
    bas_port_stop(f.b.port);
    assert_int_equal(bas_port_reload(f.b.port, NULL, NULL, NULL, &f.fault), BAS_ERR_STATE);
    end(&f);
}

static void reload_and_stop(struct rt_port *p, const struct bsc_node_event *event)
{
    struct bas_reload what;
    struct bas_fault fault = { 0 };
    struct bas_tls_config tls = p->tls;
    tls.crl_files[0] = "hub.crl";
    if (event->kind == BSC_NODE_UP) {
        assert_int_equal(bas_port_reload(p->port, &tls, NULL, &what, &fault), BAS_OK);
        bas_port_stop(p->port);
    }
}

static void a_reload_and_a_stop_may_come_from_within_an_event(void **state)
{
    (void)state;
    static struct fixture f;
    memset(&f, 0, sizeof(f));
    rt_site_begin(&f.site);
    rt_port_begin(&f.site.w, &f.a, "client", rt_site_start(&f.site, 0));
    f.a.on_event = reload_and_stop;
    rt_port_start(&f.a);
    rt_until(&f.site.w, &f.a.stopped, 1);
    rt_port_end(&f.a);
    rt_site_end(&f.site);
}

static void reload_again(struct rt_port *p, const struct bsc_node_event *event)
{
    struct bas_fault fault = { 0 };
    if (event->kind == BSC_NODE_DIRECT_FAILED && p->events[BSC_NODE_DIRECT_FAILED] == 1) {
        assert_int_equal(bas_port_reload(p->port, &p->tls, NULL, NULL, &fault), BAS_OK);
    }
}

/* Three strangers have shaken hands, and one of them is told to be revoked: what is then loaded
 * trusts them again. */
static void a_reload_from_within_the_news_of_another_counts(void **state)
{
    (void)state;
    static struct fixture f;
    static struct rt_peer peers[3];
    const struct rt_peer_config config = { .level = RT_TLS };
    begin(&f);
    for (size_t i = 0; i < BAS_ARRAY_LEN(peers); i++) {
        rt_peer_connect(&f.site.w, &peers[i], &config, bas_port_direct_address(f.b.port));
        rt_peer_ready(&peers[i]);
    }
    rt_turns(&f.site.w, 3);
    struct bas_tls_config tls = f.b.tls;
    tls.crl_files[0] = "client.crl";
    f.b.on_event = reload_again;
    reload(&f, &f.b, &tls);
    assert_int_equal(f.b.events[BSC_NODE_DIRECT_FAILED], 1);
    assert_int_equal(peers[0].ended + peers[1].ended, 0);
    connect_directly(&f);
    rt_port_until(&f.b, BSC_NODE_DIRECT_UP, 1);
    end(&f);
}

static void copy(const char *from, const char *to)
{
    char octets[8192];
    FILE *file = fopen(from, "r");
    assert_non_null(file);
    octets[fread(octets, 1, sizeof(octets) - 1, file)] = 0;
    (void)fclose(file);
    test_folder_write(to, octets);
}

/* Makes NAME.crl, on which the certificate of that name stands alone. */
static void revoke(const struct bas_env *env, const char *name)
{
    char to[32];
    struct bas_fault fault = { 0 };
    struct bas_pki_crl made;
    const struct bas_pki_revoke_request request = { .size = sizeof(request),
                                                    .directory = ".",
                                                    .name = name };
    copy("index.csv", "index.old");
    if (bas_pki_revoke(env, &request, &made, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
    (void)snprintf(to, sizeof(to), "%s.crl", name);
    assert_int_equal(rename("ca.crl", to), 0);
    assert_int_equal(rename("index.old", "index.csv"), 0);
}

static int setup(void **state)
{
    static const char *const names[] = { "device", "hub", "client" };
    struct test_env t;
    int status = rt_certificates(state);
    test_env_init(&t);
    for (size_t i = 0; i < BAS_ARRAY_LEN(names); i++) {
        revoke(&t.env, names[i]);
    }
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peer_that_is_revoked_is_closed_and_the_others_are_kept),
        cmocka_unit_test(who_accepts_closes_a_revoked_peer_too_and_lets_it_in_no_more),
        cmocka_unit_test(new_rules_of_admission_count_for_who_is_connected_directly_too),
        cmocka_unit_test(a_hub_that_is_revoked_is_left_until_it_is_trusted_again),
        cmocka_unit_test(a_link_that_is_being_set_up_is_judged_by_the_new_set),
        cmocka_unit_test(an_error_changes_nothing),
        cmocka_unit_test(a_visitor_may_change_its_certificate),
        cmocka_unit_test(no_failing_allocation_of_a_reload_changes_anything),
        cmocka_unit_test(a_port_without_certificates_has_none_to_replace),
        cmocka_unit_test(a_port_beside_its_hub_uses_the_hubs),
        cmocka_unit_test(a_reload_of_the_hub_counts_for_its_port_without_a_word),
        cmocka_unit_test(a_port_that_is_being_stopped_loads_nothing),
        cmocka_unit_test(a_reload_and_a_stop_may_come_from_within_an_event),
        cmocka_unit_test(a_reload_from_within_the_news_of_another_counts),
        /* The lists do not name what is renewed: last. */
        cmocka_unit_test(a_renewed_certificate_drops_nobody_and_is_shown_from_then_on),
        cmocka_unit_test(who_accepts_shows_the_renewed_certificate_too),
    };
    return cmocka_run_group_tests(tests, setup, test_folder_leave);
}
