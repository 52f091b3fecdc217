/* Of knx_inquiry.c: one server is asked over real sockets. Multicast needs a fixed port: that is
 * tested in a namespace of its own (tests/cli/knx_find_test.py). */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "knx_site.h"
#include "test_folder.h"

#include "rt/knx_socket.h"

#include <stdio.h>
#include <string.h>

static int set_up(void **state)
{
    int status = rt_certificates(state);
    knx_site_files();
    return status;
}

struct asking {
    struct rt_world w;
    struct knx_site_server server;
    struct bas_knx_inquiry_config config; /* before ask */
    struct bas_knx_inquiry *inquiry;
    unsigned answers, done;
    unsigned services[3]; /* SEARCH_RESPONSE, DESCRIPTION_RESPONSE, the extended one */
    unsigned stops_at;    /* an answer from within which it is stopped; 0: none */
    bool has_fault;
    struct bas_fault fault;
    struct knx_endpoint from;
    unsigned blocks; /* of the last answer, a bit per type */
};

static void on_answer(void *user, const struct knx_message *message,
                      const struct knx_endpoint *from)
{
    struct asking *a = user;
    struct bas_slice list = message->payload;
    struct knx_block block;
    a->answers++;
    a->from = *from;
    a->blocks = 0;
    while (knx_dib_next(&list, &block)) {
        a->blocks |= block.type < 32 ? 1U << block.type : 0;
    }
    a->services[0] += message->service == KNX_SEARCH_RESPONSE;
    a->services[1] += message->service == KNX_DESCRIPTION_RESPONSE;
    a->services[2] += message->service == KNX_SEARCH_RESPONSE_EXTENDED;
    if (a->answers == a->stops_at) {
        bas_knx_inquiry_stop(a->inquiry);
        bas_knx_inquiry_stop(a->inquiry); /* once more changes nothing */
    }
}

static void on_done(void *user, const struct bas_fault *fault)
{
    struct asking *a = user;
    a->done++;
    a->inquiry = NULL;
    a->has_fault = fault != NULL;
    if (fault != NULL) {
        a->fault = *fault;
    }
}

/* With a server that is asked for a description. */
static void begin(struct asking *a)
{
    memset(a, 0, sizeof(*a));
    rt_begin(&a->w);
    knx_site_server_start(&a->w, &a->server, NULL);
    assert_non_null(a->server.server);
    a->config = (struct bas_knx_inquiry_config){ .size = sizeof(a->config),
                                                 .transport = KNX_UDP,
                                                 .target = bas_knx_server_address(a->server.server),
                                                 .requests = BAS_KNX_DESCRIPTION,
                                                 .wait_ms = 600000,
                                                 .answer = on_answer,
                                                 .done = on_done,
                                                 .user = a };
}

static void ask(struct asking *a)
{
    a->inquiry = bas_knx_inquiry_start(a->w.loop, &a->config, &a->fault);
    if (a->inquiry == NULL) {
        fail_msg("%s", a->fault.text);
    }
}

static void end(struct asking *a)
{
    if (a->inquiry != NULL) {
        bas_knx_inquiry_stop(a->inquiry);
        rt_until(&a->w, &a->done, 1);
    }
    knx_site_server_end(&a->server);
    rt_end(&a->w);
    assert_true(a->done <= 1);
}

static void one_server_answers_what_it_is_asked(void **state)
{
    (void)state;
    static const struct {
        enum knx_host_protocol transport;
        bool route_back;
        unsigned requests;
        unsigned services[3];
    } rows[] = {
        { KNX_UDP, false, BAS_KNX_DESCRIPTION, { 0, 1, 0 } },
        { KNX_UDP, true, BAS_KNX_DESCRIPTION, { 0, 1, 0 } },
        { KNX_UDP, false, BAS_KNX_SEARCH | BAS_KNX_SEARCH_EXTENDED, { 1, 0, 1 } },
        { KNX_TCP, false, BAS_KNX_DESCRIPTION | BAS_KNX_SEARCH_EXTENDED, { 0, 1, 1 } },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct asking a;
        char address[KNX_SOCKET_ADDRESS];
        begin(&a);
        a.config.transport = rows[i].transport;
        a.config.route_back = rows[i].route_back;
        a.config.requests = rows[i].requests;
        ask(&a);
        unsigned wanted = rows[i].services[0] + rows[i].services[1] + rows[i].services[2];
        rt_until(&a.w, &a.answers, wanted);
        assert_memory_equal(a.services, rows[i].services, sizeof(a.services));
        assert_string_equal(knx_endpoint_text(&a.from, address), a.config.target);
        bas_knx_inquiry_stop(a.inquiry);
        rt_until(&a.w, &a.done, 1);
        assert_false(a.has_fault);
        end(&a);
    }
}

static void an_extended_search_asks_for_all_blocks(void **state)
{
    (void)state;
    struct asking a;
    begin(&a);
    a.config.requests = BAS_KNX_SEARCH_EXTENDED;
    ask(&a);
    rt_until(&a.w, &a.answers, 1);
    const unsigned wanted = 1U << KNX_DIB_DEVICE_INFO | 1U << KNX_DIB_SUPP_SVC_FAMILIES |
                            1U << KNX_DIB_KNX_ADDRESSES | 1U << KNX_DIB_SECURED_SERVICE_FAMILIES |
                            1U << KNX_DIB_TUNNELLING_INFO | 1U << KNX_DIB_EXTENDED_DEVICE_INFO;
    assert_int_equal(a.blocks & wanted, wanted);
    end(&a);
}

static void it_ends_when_its_time_is_over(void **state)
{
    (void)state;
    struct asking a;
    begin(&a);
    ask(&a);
    rt_until(&a.w, &a.answers, 1);
    assert_true(rt_hasten_all(&a.w) > 0);
    rt_until(&a.w, &a.done, 1);
    assert_false(a.has_fault);
    end(&a);
}

static void it_can_be_stopped_out_of_an_answer(void **state)
{
    (void)state;
    static const enum knx_host_protocol transports[] = { KNX_UDP, KNX_TCP };
    for (size_t i = 0; i < BAS_ARRAY_LEN(transports); i++) {
        struct asking a;
        begin(&a);
        a.config.transport = transports[i];
        a.config.requests = BAS_KNX_DESCRIPTION | BAS_KNX_SEARCH_EXTENDED;
        a.stops_at = 1;
        ask(&a);
        rt_until(&a.w, &a.done, 1);
        assert_int_equal(a.answers, 1);
        assert_false(a.has_fault);
        end(&a);
    }
}

static void a_target_that_cannot_be_asked_is_told_at_the_end(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        bas_err err;
    } rows[] = { { "127.0.0.1:1", BAS_ERR_REFUSED }, { "a:b:c", BAS_ERR_INVALID } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct asking a;
        begin(&a);
        a.config.transport = KNX_TCP;
        a.config.target = rows[i].target;
        ask(&a);
        assert_int_equal(a.done, 0); /* never before it has begun */
        rt_until(&a.w, &a.done, 1);
        assert_true(a.has_fault);
        assert_int_equal(a.fault.err, rows[i].err);
        assert_has(a.fault.text, rows[i].target);
        end(&a);
    }
}

static void an_interface_that_is_not_ours_is_refused_at_once(void **state)
{
    (void)state;
    static const struct {
        const char *interface;
        bas_err err;
    } rows[] = { { "192.0.2.1", BAS_ERR_CONFIG }, { "eth0", BAS_ERR_INVALID } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct asking a;
        begin(&a);
        a.config.target = NULL;
        a.config.interface = rows[i].interface;
        a.config.requests = BAS_KNX_SEARCH;
        assert_null(bas_knx_inquiry_start(a.w.loop, &a.config, &a.fault));
        assert_int_equal(a.fault.err, rows[i].err);
        assert_has(a.fault.text, rows[i].interface);
        end(&a);
        assert_int_equal(a.done, 0);
    }
}

/* A server of something else. */

static void on_strange_received(void *user, struct knx_socket *socket, struct bas_slice octets,
                                const struct knx_endpoint *from)
{
    (void)user;
    (void)octets;
    (void)from;
    knx_socket_add(socket, test_hex("485454502f312e3120343030"), NULL);
    knx_socket_flush(socket);
}

static void on_strange_closed(void *user, struct knx_socket *socket, const struct bas_fault *why)
{
    (void)user;
    (void)socket;
    (void)why;
}

static void on_strange_accepted(void *user, struct knx_socket *socket)
{
    (void)user;
    (void)socket;
}

static void what_does_not_speak_knxnet_ip_is_told(void **state)
{
    (void)state;
    static const struct knx_socket_owner owner = { NULL, on_strange_received, on_strange_closed };
    struct asking a;
    struct bas_fault fault = { 0 };
    char target[KNX_SOCKET_ADDRESS];
    begin(&a);
    const struct knx_listener_config config = { .socket = { a.w.loop, &owner, NULL },
                                                .accepted = on_strange_accepted,
                                                .local = { { 127, 0, 0, 1 }, 0 },
                                                .max_connections = 1 };
    struct knx_listener *listener = knx_listener_new(&config, &fault);
    assert_non_null(listener);
    const struct knx_endpoint local = knx_listener_local(listener);
    a.config.transport = KNX_TCP;
    a.config.target = knx_endpoint_text(&local, target);
    ask(&a);
    rt_until(&a.w, &a.done, 1);
    assert_true(a.has_fault);
    assert_int_equal(a.fault.err, BAS_ERR_PROTOCOL);
    assert_has(a.fault.text, target);
    knx_listener_close(listener, NULL, NULL);
    end(&a);
}

static void a_server_that_closes_is_told_unless_everything_was_over(void **state)
{
    (void)state;
    struct asking a;
    begin(&a);
    a.config.transport = KNX_TCP;
    ask(&a);
    rt_until(&a.w, &a.answers, 1);
    bas_knx_server_stop(a.server.server);
    a.server.server = NULL;
    rt_until(&a.w, &a.done, 1);
    assert_true(a.has_fault);
    assert_int_equal(a.fault.err, BAS_ERR_CLOSED);
    rt_until(&a.w, &a.server.stopped, 1);
    end(&a);
}

static void each_allocation_that_fails_ends_in_a_fault(void **state)
{
    (void)state;
    bool is_whole = false;
    for (size_t k = 1; !is_whole; k++) {
        struct asking a;
        begin(&a);
        a.w.t.fail_at = a.w.t.allocations + k;
        a.inquiry = bas_knx_inquiry_start(a.w.loop, &a.config, &a.fault);
        bool is_started = a.inquiry != NULL;
        is_whole = a.w.t.allocations < a.w.t.fail_at;
        a.w.t.fail_at = 0;
        if (is_started && !is_whole) {
            rt_until(&a.w, &a.done, 1);
            assert_true(a.has_fault);
        }
        assert_true(is_whole || a.fault.err == BAS_ERR_NO_MEMORY);
        end(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_server_answers_what_it_is_asked),
        cmocka_unit_test(an_extended_search_asks_for_all_blocks),
        cmocka_unit_test(it_ends_when_its_time_is_over),
        cmocka_unit_test(it_can_be_stopped_out_of_an_answer),
        cmocka_unit_test(a_target_that_cannot_be_asked_is_told_at_the_end),
        cmocka_unit_test(an_interface_that_is_not_ours_is_refused_at_once),
        cmocka_unit_test(what_does_not_speak_knxnet_ip_is_told),
        cmocka_unit_test(a_server_that_closes_is_told_unless_everything_was_over),
        cmocka_unit_test(each_allocation_that_fails_ends_in_a_fault),
    };
    return cmocka_run_group_tests(tests, set_up, test_folder_leave);
}
