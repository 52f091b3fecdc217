/* Tests of connect.c: from a URI to a connected socket. The name server is the test's own. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "link_fixture.h"
#include "rt_resolver.h"
#include "test_folder.h"

#include <dirent.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One link that calls, and a peer that may answer. */
struct caller {
    struct rt_world w;
    struct rt_owner owner;
    struct link_config config;
    struct rt_server server;
    struct rt_peer peer;
    struct rt_peer_config peer_config;
    struct link *link;
    char uri[80];
};

static void answers(const char *first, const char *second, const char *third)
{
    const struct rt_resolver resolver = { .addresses = { first, second, third }, .gate = -1 };
    rt_resolver_set(&resolver);
}

static void fails_with(int error)
{
    const struct rt_resolver resolver = { .error = error, .gate = -1 };
    rt_resolver_set(&resolver);
}

static void begin(struct caller *c, enum rt_level level)
{
    rt_begin(&c->w);
    rt_owner_begin(&c->w, &c->owner);
    c->config = rt_owner_config(&c->owner);
    c->config.tls = c->w.client;
    c->peer_config = (struct rt_peer_config){ .level = level };
    rt_server_begin(&c->w, &c->server, &c->peer, 1, &c->peer_config);
    (void)snprintf(c->uri, sizeof(c->uri), "wss://hub.example%s/", strchr(c->server.address, ':'));
    answers("127.0.0.1", NULL, NULL);
}

static void call(struct caller *c)
{
    c->link = link_connect(&c->config, c->uri);
    assert_non_null(c->link);
    assert_int_equal(c->owner.closed, 0); /* never before this returns */
}

static void finish(struct caller *c)
{
    rt_server_end(&c->server);
    rt_owner_end(&c->owner);
    rt_end(&c->w);
}

/* The call must fail so. */
static void call_fails(struct caller *c, bas_err err, unsigned error_code, const char *text)
{
    call(c);
    rt_until(&c->w, &c->owner.closed, 1);
    assert_int_equal(c->owner.why.err, err);
    assert_int_equal(c->owner.why.error_code, error_code);
    assert_has(c->owner.why.text, text);
    assert_int_equal(c->owner.opened, 0);
}

static unsigned open_files(void)
{
    unsigned n = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder) != NULL) {
        n++;
    }
    (void)closedir(folder);
    return n;
}

/* Addresses. */

static void a_link_opens_and_knows_the_address_and_the_certificate(void **state)
{
    (void)state;
    struct caller c;
    struct bas_tls_identity identity;
    begin(&c, RT_WS);
    call(&c);
    rt_until(&c.w, &c.owner.opened, 1);
    assert_string_equal(link_address(c.link), c.server.address);
    assert_true(link_peer(c.link, &identity));
    assert_string_equal(identity.subject, "CN=hub");
    assert_string_equal(c.owner.subprotocol, "hub.bsc.bacnet.org");
    finish(&c);
}

/* What was reached before a link opened; user of the config is the owner, so they are static. */
static char steps[8];
static unsigned reached[2];

static void on_step(void *user, struct link *link, enum link_step step)
{
    const struct rt_owner *owner = user;
    assert_int_equal(owner->opened, 0);
    assert_true(link_address(link)[0] != 0);
    size_t n = strlen(steps);
    assert_true(n + 1 < sizeof(steps));
    steps[n] = step == LINK_STEP_TCP ? 'c' : 's';
    reached[step]++;
}

static void the_steps_of_a_connection_are_told_once_each_and_in_order(void **state)
{
    (void)state;
    static const struct {
        enum rt_level level;
        const char *steps;
    } rows[] = { { RT_WS, "cs" }, { RT_TLS, "cs" }, { RT_TCP, "c" } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct caller c;
        memset(steps, 0, sizeof(steps));
        memset(reached, 0, sizeof(reached));
        begin(&c, rows[i].level);
        c.config.reached = on_step;
        call(&c);
        rt_until(&c.w, &reached[rows[i].level == RT_TCP ? LINK_STEP_TCP : LINK_STEP_TLS], 1);
        if (rows[i].level == RT_WS) {
            rt_until(&c.w, &c.owner.opened, 1);
        }
        assert_string_equal(steps, rows[i].steps);
        finish(&c);
    }
}

static void an_address_that_refuses_gives_way_to_the_next(void **state)
{
    (void)state;
    struct caller c;
    begin(&c, RT_WS);
    answers("::1", "127.0.0.2", "127.0.0.1"); /* the peer listens on the last alone */
    call(&c);
    rt_until(&c.w, &c.owner.opened, 1);
    assert_string_equal(link_address(c.link), c.server.address);
    finish(&c);
}

/* Some errors come at once, without waiting: connecting to a broadcast address is one. */
static void an_address_that_fails_at_once_gives_way_to_the_next(void **state)
{
    (void)state;
    struct caller c;
    begin(&c, RT_WS);
    answers("255.255.255.255", "127.0.0.1", NULL);
    call(&c);
    rt_until(&c.w, &c.owner.opened, 1);
    assert_string_equal(link_address(c.link), c.server.address);
    finish(&c);
}

static void the_last_address_decides_what_is_told(void **state)
{
    (void)state;
    struct caller c;
    begin(&c, RT_WS);
    (void)snprintf(c.uri, sizeof(c.uri), "wss://hub.example:1/");
    answers("::1", "255.255.255.255", "127.0.0.1");
    call_fails(&c, BAS_ERR_REFUSED, BAC_ERROR_CODE_TCP_CONNECTION_REFUSED, "hub.example:1");
    finish(&c);
}

static void when_all_addresses_fail_at_once_the_fault_comes_later_all_the_same(void **state)
{
    (void)state;
    struct caller c;
    begin(&c, RT_WS);
    answers("255.255.255.255", "255.255.255.255", NULL);
    call(&c);
    rt_until(&c.w, &c.owner.closed, 1);
    assert_int_equal(c.owner.why.err, BAS_ERR_UNREACHABLE);
    assert_has(c.owner.why.text, "connecting to hub.example:");
    finish(&c);
}

static void an_ip_version_6_address_is_shown_in_brackets(void **state)
{
    (void)state;
    struct caller c;
    begin(&c, RT_WS);
    c.config.setup_ms = 60000;
    (void)snprintf(c.uri, sizeof(c.uri), "wss://[::1]:1/");
    answers("::1", NULL, NULL);
    call(&c);
    while (link_address(c.link)[0] == 0 && c.owner.closed == 0) {
        rt_turns(&c.w, 1);
    }
    assert_string_equal(link_address(c.link), "[::1]:1");
    rt_until(&c.w, &c.owner.closed, 1);
    assert_has(c.owner.why.text, "[::1]:1");
    finish(&c);
}

/* Names. */

static void a_name_that_nobody_has_is_told(void **state)
{
    (void)state;
    struct caller c;
    begin(&c, RT_WS);
    fails_with(EAI_NONAME);
    call_fails(&c, BAS_ERR_RESOLVE, BAC_ERROR_CODE_DNS_NAME_RESOLUTION_FAILED,
               "looking up the host of hub.example:");
    finish(&c);
}

static void a_name_server_that_does_not_answer_is_told(void **state)
{
    (void)state;
    struct caller c;
    begin(&c, RT_WS);
    fails_with(EAI_AGAIN);
    call_fails(&c, BAS_ERR_RESOLVE, BAC_ERROR_CODE_DNS_UNAVAILABLE, "/etc/resolv.conf");
    finish(&c);
}

static void a_uri_that_is_none_is_told_later_too(void **state)
{
    (void)state;
    struct caller c;
    begin(&c, RT_WS);
    (void)snprintf(c.uri, sizeof(c.uri), "wss://hub:0/");
    call_fails(&c, BAS_ERR_INVALID, 0, "1 to 65535");
    finish(&c);
}

/* A look-up that takes its time: the link is over long before. */
static void a_link_can_end_while_its_name_is_looked_up(void **state)
{
    (void)state;
    struct caller c;
    int gate[2];
    assert_int_equal(pipe(gate), 0);
    begin(&c, RT_WS);
    const struct rt_resolver slow = { .addresses = { "127.0.0.1" }, .gate = gate[0] };
    rt_resolver_set(&slow);
    call(&c);
    rt_turns(&c.w, 3);
    link_close(c.link, BAS_WS_CLOSE_NORMAL);
    assert_int_equal(c.owner.closed, 1);
    rt_turns(&c.w, 3);
    assert_int_equal(write(gate[1], "x", 1), 1);
    finish(&c);
    assert_int_equal(c.server.accepted, 0);
    (void)close(gate[0]);
    (void)close(gate[1]);
}

/* All threads of the pool are busy: the look-up has not begun and is taken back. */
static void a_look_up_that_has_not_begun_is_taken_back(void **state)
{
    (void)state;
    enum { BUSY = 5 }; /* one more than libuv has threads */
    struct caller c;
    int gate[2];
    assert_int_equal(pipe(gate), 0);
    begin(&c, RT_WS);
    const struct rt_resolver slow = { .addresses = { "127.0.0.1" }, .gate = gate[0] };
    rt_resolver_set(&slow);
    struct link *links[BUSY];
    for (unsigned i = 0; i < BUSY; i++) {
        links[i] = link_connect(&c.config, c.uri);
    }
    for (unsigned i = 0; i < BUSY; i++) {
        link_close(links[i], BAS_WS_CLOSE_NORMAL);
    }
    rt_turns(&c.w, 3);
    assert_int_equal(write(gate[1], "xxxxx", BUSY), BUSY);
    finish(&c);
    assert_int_equal(c.owner.closed, BUSY);
    (void)close(gate[0]);
    (void)close(gate[1]);
}

/* Ends while it connects. */

/* Closes its link before the poll in which the connection is made: the flusher is asked at the end
 * of the turn in which the attempt began, and again before the poll. */
struct closer {
    struct flusher flusher;
    struct caller *caller;
    unsigned seen;
};

static bool close_before_poll(void *user, bas_time now)
{
    struct closer *closer = user;
    const struct caller *c = closer->caller;
    (void)now;
    if (c->owner.closed == 0 && c->link != NULL && link_address(c->link)[0] != 0 &&
        ++closer->seen == 2) {
        link_close(c->link, BAS_WS_CLOSE_NORMAL);
    }
    return false;
}

static void a_link_that_is_over_does_not_come_back_when_tcp_connects(void **state)
{
    (void)state;
    struct caller c = { .link = NULL };
    unsigned files = open_files();
    begin(&c, RT_WS);
    struct closer closer = { .caller = &c };
    closer.flusher = (struct flusher){ close_before_poll, &closer, NULL };
    loop_add_flusher(c.w.loop, &closer.flusher);
    call(&c);
    rt_until(&c.w, &c.owner.closed, 1);
    rt_turns(&c.w, 10);
    loop_remove_flusher(c.w.loop, &closer.flusher);
    finish(&c);
    assert_int_equal(c.owner.closed, 1);
    assert_int_equal(open_files(), files);
}

/* A listener whose queue is full lets nobody in and says nothing. */
static void an_address_that_never_answers_ends_with_the_set_up_time(void **state)
{
    (void)state;
    enum { QUEUE = 4 };
    struct caller c;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(0x7F000001) } };
    socklen_t len = sizeof(address);
    int queue[QUEUE];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(fd, 0), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    for (unsigned i = 0; i < QUEUE; i++) {
        queue[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(queue[i], (struct sockaddr *)&address, len);
    }
    begin(&c, RT_WS);
    c.config.setup_ms = 100;
    (void)snprintf(c.uri, sizeof(c.uri), "wss://hub.example:%u/", ntohs(address.sin_port));
    call_fails(&c, BAS_ERR_TIMEOUT, BAC_ERROR_CODE_TCP_CONNECT_TIMEOUT, "the TCP connection");
    finish(&c);
    for (unsigned i = 0; i < QUEUE; i++) {
        (void)close(queue[i]);
    }
    (void)close(fd);
}

static void a_server_that_says_nothing_ends_with_the_set_up_time(void **state)
{
    (void)state;
    struct caller c;
    begin(&c, RT_TCP);
    c.config.setup_ms = 100;
    call_fails(&c, BAS_ERR_TIMEOUT, BAC_ERROR_CODE_TLS_ERROR, "the TLS handshake");
    finish(&c);
}

static void a_server_that_hangs_up_is_told(void **state)
{
    (void)state;
    struct caller c;
    begin(&c, RT_TCP);
    call(&c);
    rt_until(&c.w, &c.server.accepted, 1);
    rt_peer_finish(&c.peer);
    rt_until(&c.w, &c.owner.closed, 1);
    assert_has(c.owner.why.text, "during the TLS handshake");
    finish(&c);
}

/* The request. */

static void the_request_names_host_and_port_of_the_uri(void **state)
{
    (void)state;
    struct caller c;
    begin(&c, RT_TLS);
    call(&c);
    rt_until(&c.w, &c.peer.records, 1);
    char expected[96];
    (void)snprintf(expected, sizeof(expected), "\r\nHost: hub.example%s\r\n",
                   strchr(c.server.address, ':'));
    char text[2048];
    size_t n = c.peer.plain < sizeof(text) ? c.peer.plain : sizeof(text) - 1;
    memcpy(text, c.peer.block->data, n);
    text[n] = 0;
    assert_has(text, expected);
    assert_ptr_equal(strstr(text, "GET / HTTP/1.1\r\n"), text);
    finish(&c);
}

/* Memory. */

static void no_failing_allocation_of_the_calling_side_leaves_anything(void **state)
{
    (void)state;
    unsigned opened = 0;
    unsigned files = open_files();
    for (size_t k = 1; k < 40 && opened == 0; k++) {
        struct caller c;
        begin(&c, RT_WS);
        c.w.t.fail_at = c.w.t.allocations + k;
        c.link = link_connect(&c.config, c.uri);
        while (c.link != NULL && c.owner.closed + c.owner.opened == 0) {
            rt_turns(&c.w, 1);
        }
        opened = c.owner.opened;
        assert_true(opened != 0 || c.link == NULL || c.owner.why.err == BAS_ERR_NO_MEMORY);
        finish(&c);
    }
    assert_int_equal(opened, 1);
    assert_int_equal(open_files(), files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_opens_and_knows_the_address_and_the_certificate),
        cmocka_unit_test(the_steps_of_a_connection_are_told_once_each_and_in_order),
        cmocka_unit_test(an_address_that_refuses_gives_way_to_the_next),
        cmocka_unit_test(an_address_that_fails_at_once_gives_way_to_the_next),
        cmocka_unit_test(the_last_address_decides_what_is_told),
        cmocka_unit_test(when_all_addresses_fail_at_once_the_fault_comes_later_all_the_same),
        cmocka_unit_test(an_ip_version_6_address_is_shown_in_brackets),
        cmocka_unit_test(a_name_that_nobody_has_is_told),
        cmocka_unit_test(a_name_server_that_does_not_answer_is_told),
        cmocka_unit_test(a_uri_that_is_none_is_told_later_too),
        cmocka_unit_test(a_link_can_end_while_its_name_is_looked_up),
        cmocka_unit_test(a_look_up_that_has_not_begun_is_taken_back),
        cmocka_unit_test(a_link_that_is_over_does_not_come_back_when_tcp_connects),
        cmocka_unit_test(an_address_that_never_answers_ends_with_the_set_up_time),
        cmocka_unit_test(a_server_that_says_nothing_ends_with_the_set_up_time),
        cmocka_unit_test(a_server_that_hangs_up_is_told),
        cmocka_unit_test(the_request_names_host_and_port_of_the_uri),
        cmocka_unit_test(no_failing_allocation_of_the_calling_side_leaves_anything),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
