/* Tests of listener.c: where it listens, and what it lets in. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/link.h"

#include "link_fixture.h"
#include "test_folder.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { NOBODY = 65534 };

static struct listener *listen_at(struct fixture *f, const char *bind, struct bas_fault *fault)
{
    *fault = (struct bas_fault){ 0 };
    const struct listener_config config = {
        .link = f->config, .bind = bind, .max_links = 8, .max_half_open = 8
    };
    return listener_new(&config, fault);
}

static void refuses(const char *bind, bas_err err, const char *text)
{
    struct fixture f;
    struct bas_fault fault;
    fixture_begin(&f);
    assert_null(listen_at(&f, bind, &fault));
    assert_int_equal(fault.err, err);
    assert_has(fault.text, text);
    assert_has(fault.text, bind);
    fixture_end(&f);
}

/* Where. */

static void port_0_takes_a_free_port_and_says_which(void **state)
{
    (void)state;
    struct fixture f;
    struct bas_fault fault;
    fixture_begin(&f);
    f.listener = listen_at(&f, "127.0.0.1:0", &fault);
    assert_non_null(f.listener);
    assert_ptr_equal(strstr(listener_address(f.listener), "127.0.0.1:"),
                     listener_address(f.listener));
    assert_string_not_equal(listener_address(f.listener), "127.0.0.1:0");
    fixture_end(&f);
}

static void a_port_in_use_is_told_with_what_to_do(void **state)
{
    (void)state;
    struct fixture f;
    struct bas_fault fault;
    char bind[64];
    fixture_begin(&f);
    f.listener = listen_at(&f, "127.0.0.1:0", &fault);
    assert_non_null(f.listener);
    (void)snprintf(bind, sizeof(bind), "%s", listener_address(f.listener));
    assert_null(listen_at(&f, bind, &fault));
    assert_int_equal(fault.err, BAS_ERR_IN_USE);
    assert_has(fault.text, bind);
    assert_has(fault.text, "0 takes a free one");
    fixture_end(&f);
}

static void a_bind_address_must_be_an_address_and_a_port(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "4443",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "127.0.0.1:44x",
        "[::1]",
        "a host name that is longer than any address can be in its longest form:1",
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(wrong); i++) {
        refuses(wrong[i], BAS_ERR_CONFIG, "expected ADDR:PORT");
    }
}

static void a_host_name_is_no_bind_address(void **state)
{
    (void)state;
    static const char *const wrong[] = { "localhost:0", ":0", "[]:0", "[127.0.0.1:0", "1.2.3:0" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(wrong); i++) {
        refuses(wrong[i], BAS_ERR_CONFIG, "is not an IP address");
    }
}

static void an_address_of_another_machine_is_told(void **state)
{
    (void)state;
    refuses("203.0.113.77:0", BAS_ERR_CONFIG, "this machine does not have that address");
}

/* The first port that is free to all. */
static unsigned first_free_port(void)
{
    unsigned first = 1024;
    FILE *file = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "r");
    if (file != NULL) {
        assert_int_equal(fscanf(file, "%u", &first), 1);
        (void)fclose(file);
    }
    return first;
}

static void a_privileged_port_needs_a_capability_that_the_fault_names(void **state)
{
    (void)state;
    struct fixture f;
    struct bas_fault fault;
    bool is_root = geteuid() == 0;
    if (first_free_port() <= 1) {
        print_message("skipped: every port is free to all here\n");
        skip();
    }
    fixture_begin(&f);
    assert_true(!is_root || seteuid(NOBODY) == 0);
    struct listener *listener = listen_at(&f, "127.0.0.1:1", &fault);
    assert_true(!is_root || seteuid(0) == 0);
    (void)prctl(PR_SET_DUMPABLE, 1); /* what the leak check needs and seteuid takes */
    assert_null(listener);
    assert_int_equal(fault.err, BAS_ERR_PERMISSION);
    assert_has(fault.text, "CAP_NET_BIND_SERVICE");
    fixture_end(&f);
}

static void ip_version_6_is_written_in_brackets(void **state)
{
    (void)state;
    struct fixture f;
    struct bas_fault fault;
    fixture_begin(&f);
    f.listener = listen_at(&f, "[::1]:0", &fault);
    if (f.listener == NULL) {
        fixture_end(&f);
        print_message("skipped: no IP version 6 here\n");
        skip();
    }
    assert_ptr_equal(strstr(listener_address(f.listener), "[::1]:"), listener_address(f.listener));
    fixture_end(&f);
}

/* Whom. */

static void connect_silent(struct fixture *f, struct rt_peer *peers, unsigned n)
{
    static const struct rt_peer_config silent = { .level = RT_TCP };
    for (unsigned i = 0; i < n; i++) {
        rt_peer_connect(&f->w, &peers[i], &silent, listener_address(f->listener));
        rt_peer_ready(&peers[i]);
    }
}

static void listen_narrow(struct fixture *f, uint32_t links, uint32_t half_open)
{
    struct bas_fault fault = { 0 };
    const struct listener_config config = {
        .link = f->config, .bind = "127.0.0.1:0", .max_links = links, .max_half_open = half_open
    };
    f->listener = listener_new(&config, &fault);
    assert_non_null(f->listener);
}

static void more_silent_connections_than_the_bound_are_refused_at_once(void **state)
{
    (void)state;
    struct fixture f;
    struct rt_peer silent[3];
    fixture_begin(&f);
    listen_narrow(&f, 8, 2);
    connect_silent(&f, silent, 3);
    rt_until(&f.w, &silent[2].ended, 1);
    assert_int_equal(silent[0].ended + silent[1].ended, 0);
    assert_int_equal(f.owner.closed, 0); /* its owner never heard of it */
    fixture_end(&f);
}

static void silent_connections_make_room_when_their_time_is_over(void **state)
{
    (void)state;
    struct fixture f;
    struct rt_peer silent[2];
    fixture_begin(&f);
    f.config.setup_ms = 100;
    listen_narrow(&f, 8, 2);
    connect_silent(&f, silent, 2);
    rt_until(&f.w, &f.owner.closed, 2);
    assert_int_equal(f.owner.why.err, BAS_ERR_TIMEOUT);
    rt_until(&f.w, &silent[0].ended, 1);
    rt_until(&f.w, &silent[1].ended, 1);
    rt_turns(&f.w, 2);
    connect_silent(&f, &f.peer, 1); /* not turned away, but given its time */
    rt_until(&f.w, &f.owner.closed, 3);
    assert_int_equal(f.owner.why.err, BAS_ERR_TIMEOUT);
    fixture_end(&f);
}

static void one_that_is_open_is_not_half_open_any_more(void **state)
{
    (void)state;
    struct fixture f;
    struct rt_peer good[4];
    const struct rt_peer_config config = { .level = RT_WS };
    fixture_begin(&f);
    listen_narrow(&f, 8, 1);
    for (unsigned i = 0; i < 4; i++) {
        rt_peer_connect(&f.w, &good[i], &config, listener_address(f.listener));
        rt_peer_ready(&good[i]);
    }
    assert_int_equal(f.owner.opened, 4);
    fixture_end(&f);
}

static void more_open_links_than_the_bound_are_refused(void **state)
{
    (void)state;
    struct fixture f;
    struct rt_peer peers[3];
    const struct rt_peer_config config = { .level = RT_WS };
    fixture_begin(&f);
    listen_narrow(&f, 2, 2);
    for (unsigned i = 0; i < 2; i++) {
        rt_peer_connect(&f.w, &peers[i], &config, listener_address(f.listener));
        rt_peer_ready(&peers[i]);
    }
    rt_peer_connect(&f.w, &peers[2], &config, listener_address(f.listener));
    rt_until(&f.w, &peers[2].ended, 1);
    assert_int_equal(f.owner.opened, 2);
    rt_peer_end(&peers[0]); /* there is room again when one has gone */
    rt_until(&f.w, &f.owner.closed, 1);
    rt_turns(&f.w, 2);
    rt_peer_connect(&f.w, &peers[2], &config, listener_address(f.listener));
    rt_peer_ready(&peers[2]);
    fixture_end(&f);
}

/* Its owner has no room. */

static bool is_full(void *user)
{
    const struct rt_owner *owner = user;
    return *(const bool *)owner->user;
}

static void listen_full(struct fixture *f, bool *full)
{
    struct bas_fault fault = { 0 };
    const struct listener_config config = { .link = f->config,
                                            .bind = "127.0.0.1:0",
                                            .max_links = 8,
                                            .max_half_open = 8,
                                            .is_full = is_full };
    f->owner.user = full;
    f->listener = listener_new(&config, &fault);
    assert_non_null(f->listener);
}

static void who_asks_a_full_owner_is_answered_503_and_the_owner_never_hears_of_it(void **state)
{
    (void)state;
    struct fixture f;
    bool full = true;
    const struct rt_peer_config config = { .level = RT_WS };
    fixture_begin(&f);
    listen_full(&f, &full);
    rt_peer_connect(&f.w, &f.peer, &config, listener_address(f.listener));
    rt_until(&f.w, &f.peer.ended, 1);
    assert_int_equal(f.peer.http_status, 503);
    assert_int_equal(f.peer.notified, 1); /* it ended in order */
    assert_int_equal(f.owner.opened + f.owner.closed, 0);
    full = false;
    rt_peer_connect(&f.w, &f.peer, &config, listener_address(f.listener));
    rt_peer_ready(&f.peer);
    assert_int_equal(f.owner.opened, 1);
    fixture_end(&f);
}

static void what_counts_is_whether_there_is_room_when_the_request_is_whole(void **state)
{
    (void)state;
    struct fixture f;
    bool full = false;
    const struct rt_peer_config config = { .level = RT_TLS };
    static const char request[] = "GET / HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\n"
                                  "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                                  "Sec-WebSocket-Protocol: hub.bsc.bacnet.org\r\n\r\n";
    const uint8_t *octets = (const uint8_t *)request;
    const size_t len = sizeof(request) - 1;
    fixture_begin(&f);
    listen_full(&f, &full);
    rt_peer_connect(&f.w, &f.peer, &config, listener_address(f.listener));
    rt_peer_ready(&f.peer);
    rt_peer_seal(&f.peer, (struct bas_slice){ octets, len - 1 });
    rt_turns(&f.w, 5);
    full = true;
    rt_peer_seal(&f.peer, (struct bas_slice){ octets + len - 1, 1 });
    rt_until(&f.w, &f.peer.records, 1);
    static const char answer[] = "HTTP/1.1 503 Service Unavailable\r\n";
    assert_memory_equal(f.peer.block->data, answer, sizeof(answer) - 1);
    assert_int_equal(f.owner.opened + f.owner.closed, 0);
    fixture_end(&f);
}

/* Its certificate. */

static void shows(struct rt_peer *peer, const char *subject)
{
    struct bas_tls_identity identity;
    assert_true(bas_tls_peer(peer->tls, &identity));
    assert_string_equal(identity.subject, subject);
}

static void a_new_certificate_is_for_links_that_come_after_it(void **state)
{
    (void)state;
    struct fixture f;
    struct rt_peer peers[3];
    const struct rt_peer_config config = { .level = RT_WS };
    fixture_begin(&f);
    listen_narrow(&f, 8, 8);
    for (unsigned i = 0; i < 2; i++) {
        rt_peer_connect(&f.w, &peers[i], &config, listener_address(f.listener));
    }
    rt_peer_ready(&peers[0]);
    listener_set_tls(f.listener, f.w.client);
    rt_peer_ready(&peers[1]); /* wherever it was on the way */
    rt_peer_connect(&f.w, &peers[2], &config, listener_address(f.listener));
    rt_peer_ready(&peers[2]);
    shows(&peers[0], "CN=hub");
    shows(&peers[2], "CN=client");
    rt_peer_send(&peers[0], rt_npdu(9, 0, 4)); /* the old one goes on */
    rt_until(&f.w, &f.owner.messages, 1);
    fixture_end(&f);
}

static void who_is_being_set_up_when_trust_changes_is_judged_by_the_new_one(void **state)
{
    (void)state;
    struct bas_tls_config config = rt_credentials("hub");
    config.issuer_files[1] = "other/ca.pem";
    for (enum rt_level level = RT_TCP; level <= RT_TLS; level++) {
        struct fixture f;
        struct rt_peer good;
        struct bas_fault fault = { 0 };
        fixture_begin(&f);
        const struct rt_peer_config trusted = { .level = level };
        const struct rt_peer_config stranger = { .level = level, .tls = f.w.peer_stranger };
        f.config.tls = bas_tls_context_new(&f.w.t.env, &config, &fault);
        assert_non_null(f.config.tls);
        listen_narrow(&f, 8, 8);
        rt_peer_connect(&f.w, &f.peer, &stranger, listener_address(f.listener));
        rt_peer_connect(&f.w, &good, &trusted, listener_address(f.listener));
        rt_peer_ready(&f.peer);
        rt_peer_ready(&good);
        rt_turns(&f.w, 5);
        assert_int_equal(f.owner.closed, 0);
        listener_set_tls(f.listener, f.w.hub);
        rt_peer_go_on(&f.peer, RT_WS);
        rt_peer_go_on(&good, RT_WS);
        rt_peer_ready(&good);
        rt_until(&f.w, &f.owner.closed, 1);
        assert_int_equal(f.owner.why.err, BAS_ERR_CERTIFICATE);
        assert_has(f.owner.why.text, "CN=stranger");
        rt_until(&f.w, &f.peer.ended, 1);
        assert_int_equal(f.peer.opened, 0);
        bas_tls_context_unref(f.config.tls);
        fixture_end(&f);
    }
}

/* Its end. */

static void count_gone(void *user)
{
    unsigned *gone = user;
    (*gone)++;
}

static void closing_ends_who_is_not_open_and_waits_for_the_others(void **state)
{
    (void)state;
    struct fixture f;
    struct rt_peer silent[2];
    unsigned gone = 0;
    fixture_open(&f);
    connect_silent(&f, silent, 2);
    rt_turns(&f.w, 3);
    listener_close(f.listener, count_gone, &gone);
    listener_close(f.listener, NULL, NULL); /* the first one counts */
    rt_until(&f.w, &silent[1].ended, 1);
    rt_until(&f.w, &silent[0].ended, 1);
    rt_turns(&f.w, 5);
    assert_int_equal(gone, 0);
    assert_int_equal(f.owner.closed, 2);
    link_close(f.owner.ends[0].link, BAS_WS_CLOSE_NORMAL);
    rt_until(&f.w, &gone, 1);
    f.listener = NULL;
    fixture_end(&f);
    assert_int_equal(gone, 1);
}

static void nobody_can_connect_to_a_listener_that_was_closed(void **state)
{
    (void)state;
    struct fixture f;
    char address[64];
    const struct rt_peer_config config = { .level = RT_TCP };
    fixture_begin(&f);
    listen_narrow(&f, 2, 2);
    (void)snprintf(address, sizeof(address), "%s", listener_address(f.listener));
    listener_close(f.listener, NULL, NULL);
    f.listener = NULL;
    rt_turns(&f.w, 2);
    rt_peer_connect(&f.w, &f.peer, &config, address);
    rt_until(&f.w, &f.peer.ended, 1);
    assert_int_equal(f.peer.end, UV_ECONNREFUSED);
    fixture_end(&f);
}

/* Memory. */

/* The k-th allocation of the accepting side and all later ones fail: the peer is turned away or
 * gets through, and nothing is left. */
static void no_failing_allocation_of_the_accepting_side_leaves_anything(void **state)
{
    (void)state;
    unsigned opened = 0;
    for (size_t k = 1; k < 40 && opened == 0; k++) {
        struct fixture f;
        const struct rt_peer_config peer = { .level = RT_WS };
        fixture_begin(&f);
        f.listener = rt_owner_listen(&f.owner, &f.config);
        rt_peer_connect(&f.w, &f.peer, &peer, listener_address(f.listener));
        f.w.t.fail_at = f.w.t.allocations + k;
        while (f.peer.ended + f.peer.opened == 0) {
            rt_turns(&f.w, 1);
        }
        opened = f.owner.opened;
        assert_true(f.owner.closed <= 1);
        fixture_end(&f);
    }
    assert_int_equal(opened, 1); /* there is an end to the allocations */
}

static void a_listener_that_was_out_of_memory_goes_on_accepting(void **state)
{
    (void)state;
    struct fixture f;
    struct rt_peer poor[3];
    const struct rt_peer_config config = { .level = RT_WS };
    fixture_begin(&f);
    listen_narrow(&f, 8, 8);
    for (unsigned i = 0; i < 3; i++) { /* all in one turn of the listener */
        rt_peer_connect(&f.w, &poor[i], &config, listener_address(f.listener));
    }
    f.w.t.fail_at = 1;
    for (unsigned i = 0; i < 3; i++) {
        rt_until(&f.w, &poor[i].ended, 1);
    }
    f.w.t.fail_at = 0;
    rt_peer_connect(&f.w, &f.peer, &config, listener_address(f.listener));
    rt_peer_ready(&f.peer);
    fixture_end(&f);
}

static void a_listener_out_of_memory_can_be_closed(void **state)
{
    (void)state;
    struct fixture f;
    struct rt_peer poor[3];
    const struct rt_peer_config config = { .level = RT_TCP };
    unsigned gone = 0;
    fixture_begin(&f);
    listen_narrow(&f, 8, 8);
    for (unsigned i = 0; i < 3; i++) {
        rt_peer_connect(&f.w, &poor[i], &config, listener_address(f.listener));
    }
    f.w.t.fail_at = 1;
    rt_until(&f.w, &poor[2].connected, 1);
    listener_close(f.listener, count_gone, &gone);
    f.listener = NULL;
    rt_until(&f.w, &gone, 1);
    fixture_end(&f);
    assert_int_equal(gone, 1);
}

static void a_listener_without_memory_is_a_fault(void **state)
{
    (void)state;
    struct fixture f;
    struct bas_fault fault;
    for (size_t k = 1; k <= 2; k++) {
        fixture_begin(&f);
        f.w.t.fail_at = f.w.t.allocations + k;
        assert_null(listen_at(&f, "127.0.0.1:0", &fault));
        assert_int_equal(fault.err, BAS_ERR_NO_MEMORY);
        fixture_end(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(port_0_takes_a_free_port_and_says_which),
        cmocka_unit_test(a_port_in_use_is_told_with_what_to_do),
        cmocka_unit_test(a_bind_address_must_be_an_address_and_a_port),
        cmocka_unit_test(a_host_name_is_no_bind_address),
        cmocka_unit_test(an_address_of_another_machine_is_told),
        cmocka_unit_test(a_privileged_port_needs_a_capability_that_the_fault_names),
        cmocka_unit_test(ip_version_6_is_written_in_brackets),
        cmocka_unit_test(more_silent_connections_than_the_bound_are_refused_at_once),
        cmocka_unit_test(silent_connections_make_room_when_their_time_is_over),
        cmocka_unit_test(one_that_is_open_is_not_half_open_any_more),
        cmocka_unit_test(more_open_links_than_the_bound_are_refused),
        cmocka_unit_test(who_asks_a_full_owner_is_answered_503_and_the_owner_never_hears_of_it),
        cmocka_unit_test(what_counts_is_whether_there_is_room_when_the_request_is_whole),
        cmocka_unit_test(a_new_certificate_is_for_links_that_come_after_it),
        cmocka_unit_test(who_is_being_set_up_when_trust_changes_is_judged_by_the_new_one),
        cmocka_unit_test(closing_ends_who_is_not_open_and_waits_for_the_others),
        cmocka_unit_test(nobody_can_connect_to_a_listener_that_was_closed),
        cmocka_unit_test(no_failing_allocation_of_the_accepting_side_leaves_anything),
        cmocka_unit_test(a_listener_that_was_out_of_memory_goes_on_accepting),
        cmocka_unit_test(a_listener_out_of_memory_can_be_closed),
        cmocka_unit_test(a_listener_without_memory_is_a_fault),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
