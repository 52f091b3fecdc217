/* Of knx_server.c, knx_credentials.c and knx_bus_upstream.c: real sockets, and clients on the same
 * loop. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "knx_site.h"
#include "test_folder.h"

#include "rt/knx_socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LAMP = 0x0801 };

static int set_up(void **state)
{
    int status = rt_certificates(state);
    knx_site_files();
    return status;
}

/* Settings without a keyring: plain tunnels 1.1.250 and 1.1.251, the rest as they are. */
static struct bas_config *plain_config(struct rt_world *w, const char *bind)
{
    struct bas_config *config = bas_config_new(&w->t.env);
    assert_non_null(config);
    knx_site_set(config, "bind", bind);
    knx_site_set(config, "tunnels", "1.1.250");
    knx_site_set(config, "tunnels", "1.1.251");
    knx_site_set(config, "telegrams-per-second", "0");
    return config;
}

static void start(struct rt_world *w, struct knx_site_server *s, struct bas_config *config)
{
    knx_site_server_start(w, s, config);
    if (s->server == NULL) {
        fail_msg("%s", s->fault.text);
    }
}

/* A client of a plain tunnel. */
static void init_plain(struct rt_world *w, struct knx_site_client *c,
                       const struct knx_site_server *server, enum knx_host_protocol transport)
{
    knx_site_client_init(w, c, server, 0);
    c->keys.engine.is_secure = false;
    c->keys.engine.transport = transport;
    c->keys.engine.address = 0;
    c->config.secure = NULL;
    c->config.is_once = true;
}

static bas_err write_lamp(struct knx_site_client *c, uint8_t value)
{
    uint32_t id = 0;
    const struct knx_group_value small = { true, { &value, 1 } };
    return bas_knx_group(c->knx, KNX_GROUP_VALUE_WRITE, LAMP, &small, &id, NULL);
}

/* A peer that is nothing but a socket. */
struct stranger {
    struct rt_world *w;
    struct knx_socket *socket;
    unsigned opened, received, closed;
    uint8_t octets[512];
    size_t len;
};

static void on_open(void *user, struct knx_socket *socket)
{
    (void)socket;
    ((struct stranger *)user)->opened++;
}

static void on_received(void *user, struct knx_socket *socket, struct bas_slice octets,
                        const struct knx_endpoint *from)
{
    struct stranger *s = user;
    (void)socket;
    (void)from;
    assert_true(octets.len <= sizeof(s->octets));
    memcpy(s->octets, octets.data, octets.len);
    s->len = octets.len;
    s->received++;
}

static void on_closed(void *user, struct knx_socket *socket, const struct bas_fault *why)
{
    struct stranger *s = user;
    (void)socket;
    (void)why;
    s->socket = NULL;
    s->closed++;
}

static const struct knx_socket_owner owner = { on_open, on_received, on_closed };

static void come(struct rt_world *w, struct stranger *s, enum knx_host_protocol transport,
                 const char *target)
{
    const struct knx_socket_config config = { w->loop, &owner, s };
    *s = (struct stranger){ .w = w };
    s->socket = knx_socket_connect(&config, transport, target, 20000);
    assert_non_null(s->socket);
    rt_until(w, &s->opened, 1);
}

static void leave(struct stranger *s)
{
    if (s->socket != NULL) {
        knx_socket_close(s->socket);
        rt_until(s->w, &s->closed, 1);
    }
}

/* Life */

static void it_listens_tells_what_it_has_and_stops_in_order(void **state)
{
    (void)state;
    struct rt_world w;
    struct knx_site_server s;
    rt_begin(&w);
    start(&w, &s, NULL);
    const struct bas_knx_server_facts facts = bas_knx_server_facts(s.server);
    assert_has(bas_knx_server_address(s.server), "127.0.0.1:");
    assert_null(strstr(bas_knx_server_address(s.server), ":0"));
    assert_int_equal(facts.host, 0x1100);
    assert_int_equal(facts.n_tunnels, 3);
    assert_int_equal(facts.n_users, 4);
    rt_turns(&w, 1);
    assert_int_equal(s.bus_up, 1);
    bas_knx_server_stop(s.server);
    bas_knx_server_stop(s.server); /* once more changes nothing */
    s.server = NULL;
    rt_until(&w, &s.stopped, 1);
    knx_site_server_end(&s);
    assert_int_equal(s.stopped, 1);
    rt_end(&w);
}

static void settings_that_cannot_be_are_refused_with_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value;
        bas_err err;
        const char *says;
    } rows[] = {
        { "bind", "[::1]:0", BAS_ERR_CONFIG, "IPv4" },
        { "bind", "192.0.2.1:0", BAS_ERR_CONFIG, "does not have that address" },
        { "keyring", "none.knxkeys", BAS_ERR_NOT_FOUND, "none.knxkeys" },
        { "keyring", "site.yaml", BAS_ERR_MALFORMED, "site.yaml" },
        { "keyring-password-file", "site.yaml", BAS_ERR_KEY, "site.knxkeys" },
        { "keyring-password-file", "none", BAS_ERR_NOT_FOUND, "none" },
        { "individual-address", "1.1.77", BAS_ERR_CONFIG, "no tunnel of host 1.1.77" },
        { "state-file", "no/such/folder/numbers.db", BAS_ERR_NOT_FOUND, "no/such/folder" },
        { "upstream", "a:b:c", BAS_ERR_INVALID, "HOST" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct rt_world w;
        struct knx_site_server s;
        rt_begin(&w);
        struct bas_config *config = knx_site_config(&w);
        if (strcmp(rows[i].key, "upstream") == 0) {
            bas_config_knx_server(config)->upstream = rows[i].value; /* the file refuses it */
        } else {
            knx_site_set(config, rows[i].key, rows[i].value);
        }
        knx_site_server_start(&w, &s, config);
        assert_null(s.server);
        if (s.fault.err != rows[i].err) {
            fail_msg("%s %s: %d %s", rows[i].key, rows[i].value, s.fault.err, s.fault.text);
        }
        assert_has(s.fault.text, rows[i].says);
        knx_site_server_end(&s);
        rt_end(&w);
        assert_int_equal(s.stopped, 0); /* nobody is told of what never was */
    }
}

static void two_tunnels_with_one_address_and_a_device_on_a_tunnel_are_refused(void **state)
{
    (void)state;
    struct rt_world w;
    struct knx_site_server s;
    rt_begin(&w);
    struct bas_config *config = plain_config(&w, "127.0.0.1:0");
    knx_site_set(config, "tunnels", "1.1.250");
    knx_site_server_start(&w, &s, config);
    assert_null(s.server);
    assert_has(s.fault.text, "two tunnels have the address 1.1.250");
    knx_site_server_end(&s);
    config = knx_site_config(&w);
    bas_config_knx_server(config)->objects[0].device = KNX_SITE_TUNNEL;
    knx_site_server_start(&w, &s, config);
    assert_null(s.server);
    assert_has(s.fault.text, "1.1.10 is the server itself or a tunnel");
    knx_site_server_end(&s);
    rt_end(&w);
}

static void a_port_that_is_taken_is_said_so(void **state)
{
    (void)state;
    struct rt_world w;
    struct knx_site_server s;
    struct knx_site_server other;
    rt_begin(&w);
    start(&w, &s, NULL);
    struct bas_config *config = knx_site_config(&w);
    knx_site_set(config, "bind", bas_knx_server_address(s.server));
    knx_site_server_start(&w, &other, config);
    assert_null(other.server);
    assert_int_equal(other.fault.err, BAS_ERR_IN_USE);
    assert_has(other.fault.text, bas_knx_server_address(s.server));
    knx_site_server_end(&other);
    knx_site_server_end(&s);
    rt_end(&w);
}

static void each_allocation_that_fails_ends_in_a_fault_or_a_server(void **state)
{
    (void)state;
    bool is_started = false;
    for (size_t k = 1; !is_started; k++) {
        struct rt_world w;
        struct knx_site_server s;
        rt_begin(&w);
        struct bas_config *config = plain_config(&w, "127.0.0.1:0");
        w.t.fail_at = w.t.allocations + k;
        knx_site_server_start(&w, &s, config);
        is_started = s.server != NULL && w.t.allocations < w.t.fail_at;
        w.t.fail_at = 0;
        assert_true(s.server != NULL || s.fault.err == BAS_ERR_NO_MEMORY);
        knx_site_server_end(&s);
        rt_end(&w);
    }
}

/* Who comes */

static void a_connection_above_the_bound_is_closed_and_told(void **state)
{
    (void)state;
    struct rt_world w;
    struct knx_site_server s;
    struct stranger one;
    struct stranger other;
    rt_begin(&w);
    struct bas_config *config = knx_site_config(&w);
    knx_site_set(config, "max-connections", "1");
    start(&w, &s, config);
    come(&w, &one, KNX_TCP, bas_knx_server_address(s.server));
    come(&w, &other, KNX_TCP, bas_knx_server_address(s.server));
    rt_until(&w, &other.closed, 1);
    assert_int_equal(s.events[KNX_SERVER_EVENT_REFUSED], 1);
    assert_has(s.fault.text, "max-connections");
    assert_int_equal(one.closed, 0);
    leave(&one);
    struct knx_site_client client; /* there is room again */
    knx_site_client_init(&w, &client, &s, 0);
    knx_site_client_start(&client);
    knx_site_client_until(&client, BAS_KNX_UP, 1);
    knx_site_client_end(&client);
    knx_site_server_end(&s);
    rt_end(&w);
}

static void what_is_not_knxnet_ip_is_closed(void **state)
{
    (void)state;
    struct rt_world w;
    struct knx_site_server s;
    struct stranger stranger;
    rt_begin(&w);
    start(&w, &s, NULL);
    come(&w, &stranger, KNX_TCP, bas_knx_server_address(s.server));
    knx_socket_add(stranger.socket, test_hex("474554202f20485454502f312e310d0a"), NULL);
    knx_socket_flush(stranger.socket);
    rt_until(&w, &stranger.closed, 1);
    assert_int_equal(bas_knx_server_counts(s.server).malformed, 1);
    knx_site_server_end(&s);
    rt_end(&w);
}

static void each_client_is_told_the_address_that_it_reaches(void **state)
{
    (void)state;
    struct rt_world w;
    struct knx_site_server s;
    struct stranger stranger;
    struct knx_message message;
    char target[64];
    rt_begin(&w);
    start(&w, &s, plain_config(&w, "0.0.0.0:0"));
    const char *port = strchr(bas_knx_server_address(s.server), ':');
    (void)snprintf(target, sizeof(target), "127.0.0.1%s", port);
    come(&w, &stranger, KNX_UDP, target);
    knx_socket_add(stranger.socket, test_hex("06100201000e 0801000000000000"), NULL);
    rt_until(&w, &stranger.received, 1);
    const struct bas_slice answer = { stranger.octets, stranger.len };
    assert_int_equal(knx_message_decode(answer, &message, NULL), BAS_OK);
    assert_int_equal(message.service, KNX_SEARCH_RESPONSE);
    assert_memory_equal(message.control.address, test_hex("7f000001").data, 4);
    assert_int_equal(message.control.port, strtoul(port + 1, NULL, 10));
    leave(&stranger);
    knx_site_server_end(&s);
    rt_end(&w);
}

/* The server of the test below. */
struct hasty {
    struct bas_knx_server *server;
    unsigned stopped, downs;
};

static void on_hasty_event(void *user, const struct knx_server_event *event)
{
    struct hasty *h = user;
    if (event->kind == KNX_SERVER_EVENT_CHANNEL_UP) {
        bas_knx_server_stop(h->server);
    }
    h->downs += event->kind == KNX_SERVER_EVENT_CHANNEL_DOWN;
}

static void on_hasty_stopped(void *user)
{
    ((struct hasty *)user)->stopped++;
}

static void a_stop_from_within_an_event_still_says_good_bye(void **state)
{
    (void)state;
    static const enum knx_host_protocol transports[] = { KNX_UDP, KNX_TCP };
    for (size_t i = 0; i < BAS_ARRAY_LEN(transports); i++) {
        struct rt_world w;
        struct knx_site_client client;
        struct hasty h = { 0 };
        struct bas_fault fault = { 0 };
        rt_begin(&w);
        struct bas_config *config = plain_config(&w, "127.0.0.1:0");
        const struct bas_knx_server_callbacks callbacks = { .event = on_hasty_event,
                                                            .stopped = on_hasty_stopped,
                                                            .user = &h };
        h.server = bas_knx_server_start(w.loop, bas_config_knx_server(config), &callbacks, &fault);
        assert_non_null(h.server);
        const struct knx_site_server s = { .server = h.server };
        init_plain(&w, &client, &s, transports[i]);
        knx_site_client_start(&client);
        rt_until(&w, &h.stopped, 1);
        assert_int_equal(h.downs, 1);
        knx_site_client_until(&client, BAS_KNX_DOWN, 1);
        assert_has(client.fault.text, "DISCONNECT_REQUEST");
        knx_site_client_end(&client);
        bas_config_free(config);
        rt_end(&w);
    }
}

/* The bus */

static void an_upstream_that_is_not_there_is_told_and_telegrams_fail(void **state)
{
    (void)state;
    struct rt_world w;
    struct knx_site_server s;
    struct knx_site_client client;
    rt_begin(&w);
    struct bas_config *config = plain_config(&w, "127.0.0.1:0");
    knx_site_set(config, "upstream", "127.0.0.1:1");
    knx_site_set(config, "upstream-transport", "tcp");
    start(&w, &s, config);
    rt_until(&w, &s.bus_down, 1);
    assert_has(s.fault.text, "127.0.0.1:1");
    assert_int_equal(s.bus_up, 0);
    init_plain(&w, &client, &s, KNX_TCP);
    knx_site_client_start(&client);
    knx_site_client_until(&client, BAS_KNX_UP, 1);
    assert_int_equal(write_lamp(&client, 1), BAS_OK);
    knx_site_client_until(&client, BAS_KNX_FAILED, 1);
    knx_site_client_end(&client);
    knx_site_server_end(&s);
    rt_end(&w);
}

static void telegrams_pass_upstream_and_back_until_it_is_gone(void **state)
{
    (void)state;
    struct rt_world w;
    struct knx_site_server line;
    struct knx_site_server front;
    struct knx_site_client client;
    uint32_t id = 0;
    rt_begin(&w);
    struct bas_config *config = knx_site_config(&w);
    knx_site_set(config, "secure", "optional");
    start(&w, &line, config);
    config = plain_config(&w, "127.0.0.1:0");
    knx_site_set(config, "upstream", bas_knx_server_address(line.server));
    start(&w, &front, config);
    rt_until(&w, &front.bus_up, 1);
    init_plain(&w, &client, &front, KNX_TCP);
    knx_site_client_start(&client);
    knx_site_client_until(&client, BAS_KNX_UP, 1);
    assert_int_equal(write_lamp(&client, 0), BAS_OK);
    knx_site_client_until(&client, BAS_KNX_CONFIRMED, 1);
    rt_until(&w, &line.notices, 1);
    assert_int_equal(bas_knx_group(client.knx, KNX_GROUP_VALUE_READ, LAMP, NULL, &id, NULL),
                     BAS_OK);
    knx_site_client_until(&client, BAS_KNX_TELEGRAM, 1);
    assert_int_equal(client.apci, KNX_GROUP_VALUE_RESPONSE);
    assert_int_equal(client.value[0], 0);
    assert_int_equal(client.source, 0x1106);
    knx_site_server_end(&line);
    rt_until(&w, &front.bus_down, 1);
    assert_int_equal(write_lamp(&client, 1), BAS_OK);
    knx_site_client_until(&client, BAS_KNX_FAILED, 1);
    knx_site_client_end(&client);
    knx_site_server_end(&front);
    rt_end(&w);
}

/* Reload */

static void copy_file(const char *from, const char *to)
{
    static char text[65536];
    FILE *file = fopen(from, "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof(text), file);
    (void)fclose(file);
    file = fopen(to, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    (void)fclose(file);
}

static struct bas_config *own_keyring(struct rt_world *w)
{
    struct bas_config *config = knx_site_config(w);
    copy_file("site.knxkeys", "own.knxkeys");
    knx_site_set(config, "keyring", "own.knxkeys");
    return config;
}

static void a_reload_ends_the_sessions_whose_key_changed_alone(void **state)
{
    (void)state;
    struct rt_world w;
    struct knx_site_server s;
    struct knx_site_client changed;
    struct knx_site_client same;
    rt_begin(&w);
    start(&w, &s, own_keyring(&w));
    knx_site_client_init(&w, &changed, &s, 0);
    knx_site_client_init(&w, &same, &s, 1);
    changed.config.is_once = true;
    knx_site_client_start(&changed);
    knx_site_client_start(&same);
    knx_site_client_until(&changed, BAS_KNX_UP, 1);
    knx_site_client_until(&same, BAS_KNX_UP, 1);
    copy_file("changed.knxkeys", "own.knxkeys");
    bas_knx_server_reload(s.server);
    bas_knx_server_reload(s.server); /* while one is on its way: it follows */
    rt_until(&w, &s.reloads, 2);
    assert_int_equal(s.reloaded, BAS_OK);
    knx_site_client_until(&changed, BAS_KNX_DOWN, 1);
    assert_int_equal(s.events[KNX_SERVER_EVENT_SESSION_DOWN], 1);
    assert_int_equal(write_lamp(&same, 0), BAS_OK);
    knx_site_client_until(&same, BAS_KNX_CONFIRMED, 1);
    assert_int_equal(same.events[BAS_KNX_DOWN], 0);
    knx_site_client_end(&changed);
    knx_site_client_end(&same);
    knx_site_server_end(&s);
    rt_end(&w);
}

static void a_reload_that_fails_leaves_the_old_keys(void **state)
{
    (void)state;
    struct rt_world w;
    struct knx_site_server s;
    struct knx_site_client client;
    rt_begin(&w);
    start(&w, &s, own_keyring(&w));
    knx_site_client_init(&w, &client, &s, 0);
    knx_site_client_start(&client);
    knx_site_client_until(&client, BAS_KNX_UP, 1);
    test_folder_write("own.knxkeys", "<Keyring");
    bas_knx_server_reload(s.server);
    rt_until(&w, &s.reloads, 1);
    assert_int_equal(s.reloaded, BAS_ERR_MALFORMED);
    assert_has(s.fault.text, "own.knxkeys");
    assert_int_equal(bas_knx_server_facts(s.server).n_tunnels, 3);
    assert_int_equal(write_lamp(&client, 0), BAS_OK);
    knx_site_client_until(&client, BAS_KNX_CONFIRMED, 1);
    knx_site_client_end(&client);
    knx_site_server_end(&s);
    rt_end(&w);
}

static void a_reload_without_a_keyring_says_that_there_is_none(void **state)
{
    (void)state;
    struct rt_world w;
    struct knx_site_server s;
    rt_begin(&w);
    start(&w, &s, plain_config(&w, "127.0.0.1:0"));
    bas_knx_server_reload(s.server);
    assert_int_equal(s.reloads, 1);
    assert_int_equal(s.reloaded, BAS_ERR_STATE);
    knx_site_server_end(&s);
    rt_end(&w);
}

static void a_stop_during_a_reload_waits_for_it_and_tells_nothing_of_it(void **state)
{
    (void)state;
    struct rt_world w;
    struct knx_site_server s;
    rt_begin(&w);
    start(&w, &s, own_keyring(&w));
    bas_knx_server_reload(s.server);
    bas_knx_server_reload(s.server);
    knx_site_server_end(&s);
    assert_int_equal(s.reloads, 0);
    rt_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_listens_tells_what_it_has_and_stops_in_order),
        cmocka_unit_test(settings_that_cannot_be_are_refused_with_what_is_wrong),
        cmocka_unit_test(two_tunnels_with_one_address_and_a_device_on_a_tunnel_are_refused),
        cmocka_unit_test(a_port_that_is_taken_is_said_so),
        cmocka_unit_test(each_allocation_that_fails_ends_in_a_fault_or_a_server),
        cmocka_unit_test(a_connection_above_the_bound_is_closed_and_told),
        cmocka_unit_test(what_is_not_knxnet_ip_is_closed),
        cmocka_unit_test(each_client_is_told_the_address_that_it_reaches),
        cmocka_unit_test(a_stop_from_within_an_event_still_says_good_bye),
        cmocka_unit_test(an_upstream_that_is_not_there_is_told_and_telegrams_fail),
        cmocka_unit_test(telegrams_pass_upstream_and_back_until_it_is_gone),
        cmocka_unit_test(a_reload_ends_the_sessions_whose_key_changed_alone),
        cmocka_unit_test(a_reload_that_fails_leaves_the_old_keys),
        cmocka_unit_test(a_reload_without_a_keyring_says_that_there_is_none),
        cmocka_unit_test(a_stop_during_a_reload_waits_for_it_and_tells_nothing_of_it),
    };
    return cmocka_run_group_tests(tests, set_up, test_folder_leave);
}
