/* Of knx_connect.c, knx_listener.c, knx_socket.c: the three have one face. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt_world.h"
#include "test_folder.h"

#include "rt/knx_socket_internal.h"

#include <stdlib.h>
#include <string.h>

enum { ANSWER_MAX = 65536 };

/* Writes down what its sockets tell. */
struct log {
    struct rt_world w;
    unsigned opened, accepted, received, closed, gone;
    struct knx_socket *socket; /* that was opened */
    struct knx_socket *accepted_socket;
    struct knx_endpoint from;
    uint8_t octets[ANSWER_MAX];
    size_t len;
    struct bas_fault why;
};

static void on_open(void *user, struct knx_socket *socket)
{
    struct log *l = user;
    (void)socket;
    l->opened++;
}

static void on_received(void *user, struct knx_socket *socket, struct bas_slice octets,
                        const struct knx_endpoint *from)
{
    struct log *l = user;
    (void)socket;
    assert_true(l->len + octets.len <= sizeof(l->octets));
    memcpy(l->octets + l->len, octets.data, octets.len);
    l->len += octets.len;
    l->from = *from;
    l->received++;
}

static void on_closed(void *user, struct knx_socket *socket, const struct bas_fault *why)
{
    struct log *l = user;
    (void)socket;
    l->why = *why;
    l->closed++;
}

static void on_accepted(void *user, struct knx_socket *socket)
{
    struct log *l = user;
    l->accepted++;
    l->accepted_socket = socket;
}

static void on_gone(void *user)
{
    struct log *l = user;
    l->gone++;
}

static const struct knx_socket_owner owner = { on_open, on_received, on_closed };
static const struct knx_endpoint loopback = { { 127, 0, 0, 1 }, 0 };

static struct knx_socket_config config_of(struct log *l)
{
    const struct knx_socket_config config = { l->w.loop, &owner, l };
    return config;
}

static struct log *begin(void)
{
    struct log *l = calloc(1, sizeof(*l));
    assert_non_null(l);
    rt_begin(&l->w);
    return l;
}

static void end(struct log *l)
{
    rt_end(&l->w);
    free(l);
}

static struct knx_listener *listen_here(struct log *l, char target[KNX_SOCKET_ADDRESS])
{
    struct bas_fault fault = { 0 };
    const struct knx_listener_config config = {
        .socket = config_of(l), .accepted = on_accepted, .local = loopback, .max_connections = 2
    };
    struct knx_listener *listener = knx_listener_new(&config, &fault);
    assert_non_null(listener);
    const struct knx_endpoint local = knx_listener_local(listener);
    (void)knx_endpoint_text(&local, target);
    return listener;
}

static struct knx_socket *connect_to(struct log *l, const char *target)
{
    const struct knx_socket_config config = config_of(l);
    struct knx_socket *socket = knx_socket_connect(&config, KNX_TCP, target, 20000);
    assert_non_null(socket);
    return socket;
}

static void frames_of_one_go_arrive_in_order_over_tcp(void **state)
{
    (void)state;
    struct log *l = begin();
    char target[KNX_SOCKET_ADDRESS];
    struct knx_listener *listener = listen_here(l, target);
    struct knx_socket *socket = connect_to(l, target);
    rt_until(&l->w, &l->opened, 1);
    rt_until(&l->w, &l->accepted, 1);
    knx_socket_add(socket, test_hex("0610"), NULL);
    knx_socket_add(socket, test_hex("0201"), NULL);
    knx_socket_flush(socket);
    while (l->len < 4) {
        rt_until(&l->w, &l->received, l->received + 1);
    }
    assert_memory_equal(l->octets, test_hex("06100201").data, 4);
    assert_string_equal(knx_socket_address(socket), target);
    knx_socket_close(socket);
    rt_until(&l->w, &l->closed, 2);
    knx_listener_close(listener, on_gone, l);
    rt_until(&l->w, &l->gone, 1);
    end(l);
}

static void a_connection_above_the_bound_is_ended_at_once(void **state)
{
    (void)state;
    struct log *l = begin();
    char target[KNX_SOCKET_ADDRESS];
    struct knx_listener *listener = listen_here(l, target);
    struct knx_socket *first = connect_to(l, target);
    struct knx_socket *second = connect_to(l, target);
    rt_until(&l->w, &l->accepted, 2);
    (void)connect_to(l, target);
    rt_until(&l->w, &l->closed, 1);
    assert_int_equal(l->accepted, 2);
    assert_int_equal(l->why.err, BAS_ERR_CLOSED);
    knx_socket_close(first);
    knx_socket_close(second);
    rt_until(&l->w, &l->closed, 5);
    knx_listener_close(listener, on_gone, l);
    rt_until(&l->w, &l->gone, 1);
    end(l);
}

static void a_datagram_goes_there_and_back(void **state)
{
    (void)state;
    struct log *l = begin();
    struct bas_fault fault = { 0 };
    const struct knx_socket_config config = config_of(l);
    struct knx_socket *server = knx_socket_bind(&config, &loopback, false, &fault);
    assert_non_null(server);
    struct knx_socket *client =
        knx_socket_connect(&config, KNX_UDP, knx_socket_address(server), 20000);
    rt_until(&l->w, &l->opened, 1);
    knx_socket_add(client, test_hex("0102"), NULL);
    rt_until(&l->w, &l->received, 1);
    const struct knx_endpoint own = knx_socket_local(client);
    assert_memory_equal(l->from.address, loopback.address, 4);
    assert_int_equal(l->from.port, own.port);
    const struct knx_endpoint back = l->from;
    knx_socket_add(server, test_hex("0304"), &back);
    rt_until(&l->w, &l->received, 2);
    assert_memory_equal(l->octets, test_hex("01020304").data, 4);
    knx_socket_close(client);
    knx_socket_close(server);
    rt_until(&l->w, &l->closed, 2);
    end(l);
}

static void nobody_listens_is_said_with_the_address(void **state)
{
    (void)state;
    struct log *l = begin();
    char target[KNX_SOCKET_ADDRESS];
    knx_listener_close(listen_here(l, target), on_gone, l);
    rt_until(&l->w, &l->gone, 1);
    (void)connect_to(l, target);
    rt_until(&l->w, &l->closed, 1);
    assert_int_equal(l->why.err, BAS_ERR_REFUSED);
    assert_has(l->why.text, target);
    end(l);
}

static void a_target_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = { "",           ":3671",   "host:", "host:0",
                                         "host:65536", "host:1x", "::1" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(wrong); i++) {
        struct log *l = begin();
        (void)connect_to(l, wrong[i]);
        rt_until(&l->w, &l->closed, 1);
        assert_int_equal(l->why.err, BAS_ERR_INVALID);
        assert_int_equal(l->opened, 0);
        end(l);
    }
}

static void a_target_without_a_port_gets_the_one_of_knx(void **state)
{
    (void)state;
    char host[256];
    char port[6];
    assert_int_equal(knx_target_parse("gateway.example", host, port, NULL), BAS_OK);
    assert_string_equal(host, "gateway.example");
    assert_string_equal(port, "3671");
}

static void who_does_not_read_is_dropped_at_the_bound(void **state)
{
    (void)state;
    struct log *l = begin();
    char target[KNX_SOCKET_ADDRESS];
    struct knx_listener *listener = listen_here(l, target);
    struct knx_socket *socket = connect_to(l, target);
    rt_until(&l->w, &l->accepted, 1);
    rt_until(&l->w, &l->opened, 1);
    uv_read_stop((uv_stream_t *)&l->accepted_socket->handle.tcp);
    static const uint8_t block[32768];
    const struct bas_slice frame = { block, sizeof(block) };
    for (unsigned i = 0; i < 4096 && !socket->is_dead; i++) {
        knx_socket_add(socket, frame, NULL);
        knx_socket_flush(socket);
    }
    assert_true(socket->is_dead);
    assert_true(socket->pending <= KNX_SOCKET_PENDING);
    rt_until(&l->w, &l->closed, 1);
    assert_has(l->why.text, "does not read");
    knx_socket_close(l->accepted_socket);
    rt_hasten_all(&l->w);
    knx_listener_close(listener, on_gone, l);
    rt_until(&l->w, &l->gone, 1);
    end(l);
}

static void a_connection_that_nobody_answers_ends_in_time(void **state)
{
    (void)state;
    struct log *l = begin();
    char target[KNX_SOCKET_ADDRESS];
    struct knx_listener *listener = listen_here(l, target);
    struct knx_socket *socket = connect_to(l, target);
    assert_true(rt_hasten(&socket->timer));
    rt_until(&l->w, &l->closed, 1);
    assert_int_equal(l->why.err, BAS_ERR_TIMEOUT);
    knx_listener_close(listener, on_gone, l);
    rt_until(&l->w, &l->gone, 1);
    end(l);
}

static void no_memory_ends_in_a_fault(void **state)
{
    (void)state;
    for (unsigned fail = 0; fail < 3; fail++) {
        struct log *l = begin();
        char target[KNX_SOCKET_ADDRESS];
        struct knx_listener *listener = listen_here(l, target);
        const struct knx_socket_config config = config_of(l);
        l->w.t.fail_at = l->w.t.allocations + 1 + fail;
        struct knx_socket *socket = knx_socket_connect(&config, KNX_TCP, target, 20000);
        if (socket != NULL) {
            rt_turns(&l->w, 3);
            if (l->closed == 0) {
                knx_socket_close(socket);
                rt_hasten_all(&l->w);
                rt_until(&l->w, &l->closed, 1);
            }
        }
        l->w.t.fail_at = 0;
        knx_listener_close(listener, on_gone, l);
        end(l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_of_one_go_arrive_in_order_over_tcp),
        cmocka_unit_test(a_connection_above_the_bound_is_ended_at_once),
        cmocka_unit_test(a_datagram_goes_there_and_back),
        cmocka_unit_test(nobody_listens_is_said_with_the_address),
        cmocka_unit_test(a_target_that_is_none_is_refused),
        cmocka_unit_test(a_target_without_a_port_gets_the_one_of_knx),
        cmocka_unit_test(who_does_not_read_is_dropped_at_the_bound),
        cmocka_unit_test(a_connection_that_nobody_answers_ends_in_time),
        cmocka_unit_test(no_memory_ends_in_a_fault),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
