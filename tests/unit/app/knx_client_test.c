/* Of knx_client.c, knx_keys.c and sequences.c, with a real server on the same loop. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "knx_site.h"
#include "test_folder.h"

#include "app/sequences.h"
#include "rt/knx_socket.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int set_up(void **state)
{
    int status = rt_certificates(state);
    knx_site_files();
    return status;
}

struct scene {
    struct rt_world w;
    struct knx_site_server server;
    struct knx_site_client client;
};

static void begin(struct scene *s)
{
    rt_begin(&s->w);
    knx_site_server_start(&s->w, &s->server, NULL);
    assert_non_null(s->server.server);
    knx_site_client_init(&s->w, &s->client, &s->server, 0);
}

static void end(struct scene *s)
{
    knx_site_client_end(&s->client);
    knx_site_server_end(&s->server);
    rt_end(&s->w);
}

static uint32_t group(struct knx_site_client *c, unsigned apci, knx_ga ga, const char *hex,
                      bool is_small)
{
    uint32_t id = 0;
    struct bas_fault fault = { 0 };
    uint8_t octets[16];
    size_t len = sizeof(octets);
    assert_int_equal(bas_hex_decode(hex, octets, &len), BAS_OK);
    const struct knx_group_value value = { is_small, { octets, len } };
    if (bas_knx_group(c->knx, apci, ga, len != 0 ? &value : NULL, &id, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
    return id;
}

static void a_plain_group_is_read_through_a_secure_tunnel(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    knx_site_client_start(&s.client);
    knx_site_client_until(&s.client, BAS_KNX_UP, 1);
    assert_int_equal(s.client.last.address, KNX_SITE_TUNNEL);
    assert_int_equal(bas_knx_address(s.client.knx), KNX_SITE_TUNNEL);
    uint32_t id = group(&s.client, KNX_GROUP_VALUE_READ, 0x0801, "", false);
    knx_site_client_until(&s.client, BAS_KNX_CONFIRMED, 1);
    knx_site_client_until(&s.client, BAS_KNX_TELEGRAM, 1);
    assert_int_not_equal(id, 0);
    assert_int_equal(s.client.apci, KNX_GROUP_VALUE_RESPONSE);
    assert_int_equal(s.client.value[0], 1);
    assert_false(s.client.was_secured);
    assert_int_equal(s.client.source, 0x1106);
    end(&s);
}

static void a_secured_group_is_written_and_read_back_secured(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    knx_site_client_start(&s.client);
    knx_site_client_until(&s.client, BAS_KNX_UP, 1);
    (void)group(&s.client, KNX_GROUP_VALUE_WRITE, 0x0902, "0c1a", false);
    knx_site_client_until(&s.client, BAS_KNX_CONFIRMED, 1);
    (void)group(&s.client, KNX_GROUP_VALUE_READ, 0x0902, "", false);
    knx_site_client_until(&s.client, BAS_KNX_TELEGRAM, 1);
    assert_true(s.client.was_secured);
    assert_int_equal(s.client.value_len, 2);
    assert_memory_equal(s.client.value, test_hex("0c1a").data, 2);
    end(&s);
}

static void other_tunnels_hear_what_one_sends(void **state)
{
    (void)state;
    struct scene s;
    struct knx_site_client other;
    begin(&s);
    knx_site_client_init(&s.w, &other, &s.server, 1);
    knx_site_client_start(&s.client);
    knx_site_client_start(&other);
    knx_site_client_until(&s.client, BAS_KNX_UP, 1);
    knx_site_client_until(&other, BAS_KNX_UP, 1);
    (void)group(&s.client, KNX_GROUP_VALUE_WRITE, 0x0901, "00", true);
    knx_site_client_until(&other, BAS_KNX_TELEGRAM, 1);
    assert_true(other.was_secured);
    assert_int_equal(other.source, KNX_SITE_TUNNEL);
    assert_int_equal(other.value[0], 0);
    assert_int_equal(s.client.events[BAS_KNX_TELEGRAM], 0);
    knx_site_client_end(&other);
    end(&s);
}

static void a_wrong_password_is_said_and_not_tried_again(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    s.client.keys.engine.user_key.octets[0] ^= 1;
    knx_site_client_start(&s.client);
    knx_site_client_until(&s.client, BAS_KNX_DOWN, 1);
    assert_true(s.client.last.is_permanent);
    assert_int_equal(s.client.fault.err, BAS_ERR_KEY);
    assert_has(s.client.fault.text, "password");
    assert_int_equal(s.server.events[KNX_SERVER_EVENT_REFUSED], 1);
    end(&s);
}

static void a_server_that_does_not_know_the_device_code_is_left(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    s.client.keys.engine.device_key.octets[0] ^= 1;
    knx_site_client_start(&s.client);
    knx_site_client_until(&s.client, BAS_KNX_DOWN, 1);
    assert_int_equal(s.client.last.step, KNX_CLIENT_SESSION);
    assert_int_equal(s.client.fault.err, BAS_ERR_KEY);
    assert_int_equal(s.server.events[KNX_SERVER_EVENT_SESSION_UP], 0);
    end(&s);
}

static void a_tunnel_that_is_taken_is_said_so(void **state)
{
    (void)state;
    struct scene s;
    struct knx_site_client other;
    begin(&s);
    knx_site_client_start(&s.client);
    knx_site_client_until(&s.client, BAS_KNX_UP, 1);
    knx_site_client_init(&s.w, &other, &s.server, 0);
    other.config.is_once = true;
    knx_site_client_start(&other);
    knx_site_client_until(&other, BAS_KNX_DOWN, 1);
    assert_has(other.fault.text, "in use");
    knx_site_client_end(&other);
    end(&s);
}

static void a_connection_comes_back_when_the_server_does(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    char address[64];
    (void)snprintf(address, sizeof(address), "%s", bas_knx_server_address(s.server.server));
    s.client.config.minimum_retry_ms = 1;
    s.client.config.maximum_retry_ms = 20;
    knx_site_client_start(&s.client);
    knx_site_client_until(&s.client, BAS_KNX_UP, 1);
    knx_site_server_end(&s.server);
    knx_site_client_until(&s.client, BAS_KNX_DOWN, 1);
    assert_false(s.client.last.is_permanent);
    knx_site_client_until(&s.client, BAS_KNX_DOWN, 4); /* it is not there yet, again and again */
    assert_has(s.client.fault.text, "refused");
    assert_false(s.client.last.is_permanent);
    struct bas_config *config = knx_site_config(&s.w);
    knx_site_set(config, "bind", address);
    knx_site_server_start(&s.w, &s.server, config);
    if (s.server.server != NULL) {
        knx_site_client_until(&s.client, BAS_KNX_UP, 2);
        (void)group(&s.client, KNX_GROUP_VALUE_READ, 0x0901, "", false);
        knx_site_client_until(&s.client, BAS_KNX_TELEGRAM, 1);
        assert_true(s.client.was_secured);
    }
    end(&s);
}

static void nothing_is_sent_before_the_tunnel_is_up(void **state)
{
    (void)state;
    struct scene s;
    uint32_t id = 0;
    struct bas_fault fault = { 0 };
    begin(&s);
    knx_site_client_start(&s.client);
    assert_int_equal(bas_knx_group(s.client.knx, KNX_GROUP_VALUE_READ, 0x0801, NULL, &id, &fault),
                     BAS_ERR_STATE);
    assert_has(fault.text, "not connected");
    knx_site_client_until(&s.client, BAS_KNX_UP, 1);
    end(&s);
}

static void sequence_numbers_go_on_from_the_store(void **state)
{
    (void)state;
    uint64_t first = 0;
    (void)unlink("numbers.db");
    for (unsigned i = 0; i < 2; i++) {
        struct scene s;
        begin(&s);
        s.client.config.store_file = "numbers.db";
        s.client.config.store_owner = "site";
        knx_site_client_start(&s.client);
        knx_site_client_until(&s.client, BAS_KNX_UP, 1);
        (void)group(&s.client, KNX_GROUP_VALUE_WRITE, 0x0901, "01", true);
        knx_site_client_until(&s.client, BAS_KNX_CONFIRMED, 1);
        uint64_t next = knx_data_secure_next_number(bas_knx_secure(s.client.knx));
        assert_true(i == 0 || next == first + SEQUENCES_BLOCK);
        first = next;
        end(&s);
    }
}

static void a_store_that_cannot_be_opened_is_named(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    s.client.config.store_file = "no/such/folder/numbers.db";
    knx_site_client_start(&s.client);
    assert_null(s.client.knx);
    assert_has(s.client.fault.text, "no/such/folder");
    end(&s);
}

/* The environment of a loop that looks at what is given back. */
struct looking {
    struct bas_env env;
    struct knx_key key;
    bool is_found;
};

static void *looking_alloc(void *ctx, size_t len)
{
    const struct looking *l = ctx;
    return l->env.alloc(l->env.ctx, len);
}

static void looking_release(void *ctx, void *memory, size_t len)
{
    struct looking *l = ctx;
    const uint8_t *octets = memory;
    for (size_t i = 0; i + sizeof(l->key) <= len; i++) {
        l->is_found |= bas_equal_secret(octets + i, &l->key, sizeof(l->key));
    }
    l->env.release(l->env.ctx, memory, len);
}

static void looking_random(void *ctx, uint8_t *out, size_t len)
{
    const struct looking *l = ctx;
    l->env.random(l->env.ctx, out, len);
}

static void a_client_that_cannot_be_leaves_no_key_in_memory(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    struct looking l = { .env = s.w.loop->env, .key = s.client.keys.engine.user_key };
    s.w.loop->env.ctx = &l;
    s.w.loop->env.alloc = looking_alloc;
    s.w.loop->env.release = looking_release;
    s.w.loop->env.random = looking_random;
    s.w.loop->env.log = NULL;
    s.client.config.store_file = "no/such/folder/numbers.db";
    knx_site_client_start(&s.client);
    assert_null(s.client.knx);
    s.w.loop->env = l.env;
    assert_false(l.is_found);
    end(&s);
}

static void a_block_that_runs_out_is_followed_by_the_next(void **state)
{
    (void)state;
    struct scene s;
    (void)unlink("numbers.db");
    begin(&s);
    s.client.config.store_file = "numbers.db";
    knx_site_client_start(&s.client);
    knx_site_client_until(&s.client, BAS_KNX_UP, 1);
    uint64_t first = knx_data_secure_next_number(bas_knx_secure(s.client.knx));
    for (unsigned i = 1; i <= SEQUENCES_BLOCK + 10; i++) {
        (void)group(&s.client, KNX_GROUP_VALUE_WRITE, 0x0901, "01", true);
        knx_site_client_until(&s.client, BAS_KNX_CONFIRMED, i);
    }
    uint64_t next = knx_data_secure_next_number(bas_knx_secure(s.client.knx));
    assert_int_equal(next, first + SEQUENCES_BLOCK + 10);
    end(&s);
}

static void a_tunnel_that_the_keyring_lacks_is_told_with_those_it_has(void **state)
{
    (void)state;
    struct scene s;
    struct bas_knx_keys keys;
    struct bas_fault fault = { 0 };
    begin(&s);
    assert_int_equal(bas_knx_keys_of(&s.w.t.env, s.client.keyring, 0x1163, &keys, &fault),
                     BAS_ERR_NOT_FOUND);
    assert_has(fault.text, "1.1.99");
    assert_has(fault.text, "1.1.10, 1.1.11, 1.1.12");
    end(&s);
}

static void a_keyring_with_a_wrong_password_names_its_file(void **state)
{
    (void)state;
    struct rt_world w;
    struct knx_keyring *keyring = NULL;
    struct bas_fault fault = { 0 };
    const struct bas_slice wrong = { (const uint8_t *)"wrong", 5 };
    rt_begin(&w);
    assert_int_equal(bas_knx_keyring_load(&w.t.env, "site.knxkeys", wrong, false, &keyring, &fault),
                     BAS_ERR_KEY);
    assert_has(fault.text, "site.knxkeys");
    assert_null(keyring);
    rt_end(&w);
}

static void a_gateway_that_is_none_is_refused_at_once(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    s.client.config.gateway = "a:b:c";
    knx_site_client_start(&s.client);
    assert_null(s.client.knx);
    assert_int_equal(s.client.fault.err, BAS_ERR_INVALID);
    end(&s);
}

static void stopping_before_the_connection_is_up_ends_it(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    knx_site_client_start(&s.client);
    bas_knx_stop(s.client.knx);
    knx_site_client_until(&s.client, BAS_KNX_STOPPED, 1);
    assert_int_equal(s.client.events[BAS_KNX_UP], 0);
    end(&s);
}

static void a_plain_tunnel_over_udp_and_tcp_works_where_it_is_allowed(void **state)
{
    (void)state;
    static const struct {
        enum knx_host_protocol transport;
        bool route_back;
    } rows[] = { { KNX_UDP, false }, { KNX_UDP, true }, { KNX_TCP, false } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct scene s;
        rt_begin(&s.w);
        struct bas_config *config = knx_site_config(&s.w);
        knx_site_set(config, "secure", "optional");
        knx_site_server_start(&s.w, &s.server, config);
        assert_non_null(s.server.server);
        knx_site_client_init(&s.w, &s.client, &s.server, 0);
        s.client.keys.engine.is_secure = false;
        s.client.keys.engine.transport = rows[i].transport;
        s.client.config.route_back = rows[i].route_back;
        knx_site_client_start(&s.client);
        knx_site_client_until(&s.client, BAS_KNX_UP, 1);
        (void)group(&s.client, KNX_GROUP_VALUE_READ, 0x0902, "", false);
        knx_site_client_until(&s.client, BAS_KNX_TELEGRAM, 1);
        assert_true(s.client.was_secured);
        end(&s);
    }
}

/* Group 1/1/2 gets another key; the session stays, and the line speaks with the new key. */
static void a_keyring_that_is_read_again_reaches_line_and_client(void **state)
{
    (void)state;
    struct scene s;
    struct bas_knx_keys keys;
    struct knx_keyring *keyring = NULL;
    const struct bas_slice password = { (const uint8_t *)KNX_SITE_PASSWORD, 4 };
    knx_site_files();
    begin(&s);
    knx_site_client_start(&s.client);
    knx_site_client_until(&s.client, BAS_KNX_UP, 1);
    assert_int_equal(rename("rekeyed.knxkeys", "site.knxkeys"), 0);
    bas_knx_server_reload(s.server.server);
    rt_until(&s.w, &s.server.reloads, 1);
    assert_int_equal(s.server.reloaded, BAS_OK);
    (void)group(&s.client, KNX_GROUP_VALUE_READ, 0x0902, "", false);
    rt_until(&s.w, &s.server.notices, 1); /* with the old key nobody answers */
    assert_int_equal(s.client.events[BAS_KNX_TELEGRAM], 0);
    assert_int_equal(bas_knx_keyring_load(&s.w.t.env, "site.knxkeys", password, false, &keyring,
                                          &s.client.fault),
                     BAS_OK);
    assert_int_equal(bas_knx_keys_of(&s.w.t.env, keyring, KNX_SITE_TUNNEL, &keys, &s.client.fault),
                     BAS_OK);
    assert_int_equal(bas_knx_reload(s.client.knx, &keys.secure), BAS_OK);
    bas_knx_keys_free(&s.w.t.env, &keys);
    knx_keyring_free(keyring);
    (void)group(&s.client, KNX_GROUP_VALUE_READ, 0x0902, "", false);
    knx_site_client_until(&s.client, BAS_KNX_TELEGRAM, 1);
    assert_true(s.client.was_secured);
    assert_int_equal(s.client.events[BAS_KNX_DOWN], 0);
    end(&s);
    knx_site_files();
}

static void plain_is_refused_where_secure_is_required(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    s.client.keys.engine.is_secure = false;
    s.client.keys.engine.transport = KNX_UDP;
    s.client.config.is_once = true;
    knx_site_client_start(&s.client);
    knx_site_client_until(&s.client, BAS_KNX_DOWN, 1);
    assert_has(s.client.fault.text, "wants KNX IP Secure");
    end(&s);
}

/* A gateway that says what it likes: it grants the tunnel and sends these at once. */
static void gateway_received(void *user, struct knx_socket *socket, struct bas_slice octets,
                             const struct knx_endpoint *from)
{
    static const char *const frames[] = {
        "0610020600140100 0802000000000000 0404110a",
        "061004200015 04010000 1100bce0110609010100 81", /* an L_Data.req, plain, to 1/1/1 */
        "061004200015 04010100 2900bce0110608010100 81", /* an L_Data.ind, plain, to 1/0/1 */
    };
    (void)user;
    (void)from;
    if (octets.len > 3 && octets.data[3] == 0x05) {
        for (size_t i = 0; i < BAS_ARRAY_LEN(frames); i++) {
            knx_socket_add(socket, test_hex(frames[i]), NULL);
        }
        knx_socket_flush(socket);
    }
}

static void gateway_closed(void *user, struct knx_socket *socket, const struct bas_fault *why)
{
    (void)user;
    (void)socket;
    (void)why;
}

static void gateway_accepted(void *user, struct knx_socket *socket)
{
    (void)user;
    (void)socket;
}

static void gateway_gone(void *user)
{
    unsigned *gone = user;
    (*gone)++;
}

static void a_plain_request_of_the_gateway_does_not_pass_for_a_secured_telegram(void **state)
{
    (void)state;
    static const struct knx_socket_owner owner = { NULL, gateway_received, gateway_closed };
    struct scene s;
    char target[KNX_SOCKET_ADDRESS];
    unsigned gone = 0;
    begin(&s);
    const struct knx_listener_config config = { .socket = { s.w.loop, &owner, &s },
                                                .accepted = gateway_accepted,
                                                .local = { { 127, 0, 0, 1 }, 0 },
                                                .max_connections = 1 };
    struct bas_fault fault = { 0 };
    struct knx_listener *listener = knx_listener_new(&config, &fault);
    assert_non_null(listener);
    const struct knx_endpoint local = knx_listener_local(listener);
    s.client.config.gateway = knx_endpoint_text(&local, target);
    s.client.keys.engine.is_secure = false;
    s.client.keys.engine.transport = KNX_TCP;
    knx_site_client_start(&s.client);
    knx_site_client_until(&s.client, BAS_KNX_TELEGRAM, 1);
    assert_int_equal(s.client.group, 0x0801);
    assert_int_equal(s.client.events[BAS_KNX_TELEGRAM], 1);
    assert_int_equal(s.client.events[BAS_KNX_DROPPED], 1);
    knx_listener_close(listener, gateway_gone, &gone);
    end(&s);
    assert_int_equal(gone, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_group_is_read_through_a_secure_tunnel),
        cmocka_unit_test(a_secured_group_is_written_and_read_back_secured),
        cmocka_unit_test(other_tunnels_hear_what_one_sends),
        cmocka_unit_test(a_wrong_password_is_said_and_not_tried_again),
        cmocka_unit_test(a_server_that_does_not_know_the_device_code_is_left),
        cmocka_unit_test(a_tunnel_that_is_taken_is_said_so),
        cmocka_unit_test(a_connection_comes_back_when_the_server_does),
        cmocka_unit_test(nothing_is_sent_before_the_tunnel_is_up),
        cmocka_unit_test(sequence_numbers_go_on_from_the_store),
        cmocka_unit_test(a_store_that_cannot_be_opened_is_named),
        cmocka_unit_test(a_client_that_cannot_be_leaves_no_key_in_memory),
        cmocka_unit_test(a_block_that_runs_out_is_followed_by_the_next),
        cmocka_unit_test(a_tunnel_that_the_keyring_lacks_is_told_with_those_it_has),
        cmocka_unit_test(a_keyring_with_a_wrong_password_names_its_file),
        cmocka_unit_test(a_gateway_that_is_none_is_refused_at_once),
        cmocka_unit_test(stopping_before_the_connection_is_up_ends_it),
        cmocka_unit_test(a_plain_tunnel_over_udp_and_tcp_works_where_it_is_allowed),
        cmocka_unit_test(a_keyring_that_is_read_again_reaches_line_and_client),
        cmocka_unit_test(plain_is_refused_where_secure_is_required),
        cmocka_unit_test(a_plain_request_of_the_gateway_does_not_pass_for_a_secured_telegram),
    };
    return cmocka_run_group_tests(tests, set_up, test_folder_leave);
}
