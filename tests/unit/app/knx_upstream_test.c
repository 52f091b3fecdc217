/* Of knx_bus_upstream.c and knx_credentials.c: a secure server in front of a plain one. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "knx_site.h"
#include "test_folder.h"

#include "app/knx_credentials.h"

#include <stdio.h>
#include <string.h>

static int set_up(void **state)
{
    int status = rt_certificates(state);
    knx_site_files();
    return status;
}

struct scene {
    struct rt_world w;
    struct knx_site_server bus;   /* plain, with a line: what knxd would be */
    struct knx_site_server front; /* secure, the other one upstream */
    struct knx_site_client client;
};

static void begin_with(struct scene *s, const char *transport, const char *telegrams_per_second)
{
    char address[64];
    rt_begin(&s->w);
    struct bas_config *plain = knx_site_config(&s->w);
    knx_site_set(plain, "secure", "optional");
    knx_site_server_start(&s->w, &s->bus, plain);
    assert_non_null(s->bus.server);
    (void)snprintf(address, sizeof(address), "%s", bas_knx_server_address(s->bus.server));
    struct bas_config *config = knx_site_config(&s->w);
    bas_config_knx_server(config)->n_objects = 0;
    knx_site_set(config, "upstream", address);
    knx_site_set(config, "upstream-transport", transport);
    knx_site_set(config, "telegrams-per-second", telegrams_per_second);
    knx_site_server_start(&s->w, &s->front, config);
    assert_non_null(s->front.server);
    rt_until(&s->w, &s->front.bus_up, 1);
    knx_site_client_init(&s->w, &s->client, &s->front, 1);
    knx_site_client_start(&s->client);
    knx_site_client_until(&s->client, BAS_KNX_UP, 1);
}

static void begin(struct scene *s, const char *transport)
{
    begin_with(s, transport, "0");
}

static void end(struct scene *s)
{
    knx_site_client_end(&s->client);
    knx_site_server_end(&s->front);
    if (s->bus.server != NULL) {
        knx_site_server_end(&s->bus);
    }
    rt_end(&s->w);
}

static void a_group_behind_the_upstream_is_read(void **state)
{
    (void)state;
    static const char *const transports[] = { "udp", "tcp" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(transports); i++) {
        struct scene s;
        uint32_t id = 0;
        begin(&s, transports[i]);
        assert_int_equal(bas_knx_group(s.client.knx, KNX_GROUP_VALUE_READ, 0x0801, NULL, &id, NULL),
                         BAS_OK);
        knx_site_client_until(&s.client, BAS_KNX_CONFIRMED, 1);
        knx_site_client_until(&s.client, BAS_KNX_TELEGRAM, 1);
        assert_int_equal(s.client.apci, KNX_GROUP_VALUE_RESPONSE);
        assert_int_equal(s.client.value[0], 1);
        end(&s);
    }
}

static void what_one_tunnel_sends_the_others_hear(void **state)
{
    (void)state;
    struct scene s;
    struct knx_site_client other;
    uint32_t id = 0;
    static const uint8_t off = 0;
    const struct knx_group_value value = { true, { &off, 1 } };
    begin(&s, "tcp");
    knx_site_client_init(&s.w, &other, &s.front, 2);
    knx_site_client_start(&other);
    knx_site_client_until(&other, BAS_KNX_UP, 1);
    assert_int_equal(bas_knx_group(s.client.knx, KNX_GROUP_VALUE_WRITE, 0x0801, &value, &id, NULL),
                     BAS_OK);
    knx_site_client_until(&other, BAS_KNX_TELEGRAM, 1);
    assert_int_equal(other.source, KNX_SITE_TUNNEL + 1);
    knx_site_client_until(&s.client, BAS_KNX_CONFIRMED, 1);
    assert_int_equal(s.client.events[BAS_KNX_TELEGRAM], 0);
    knx_site_client_end(&other);
    end(&s);
}

static void without_an_upstream_a_request_fails_in_words(void **state)
{
    (void)state;
    struct scene s;
    uint32_t id = 0;
    begin(&s, "tcp");
    knx_site_server_end(&s.bus);
    rt_until(&s.w, &s.front.bus_down, 1);
    assert_int_equal(bas_knx_group(s.client.knx, KNX_GROUP_VALUE_READ, 0x0801, NULL, &id, NULL),
                     BAS_OK);
    knx_site_client_until(&s.client, BAS_KNX_FAILED, 1);
    assert_int_equal(s.client.last.id, id);
    assert_int_equal(s.client.fault.err, BAS_ERR_REMOTE);
    end(&s);
}

/* A telegram a second: the next one waits for its time, and is not lost. */
static void the_pace_of_the_bus_is_kept(void **state)
{
    (void)state;
    struct scene s;
    uint32_t id = 0;
    begin_with(&s, "tcp", "1");
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(bas_knx_group(s.client.knx, KNX_GROUP_VALUE_READ, 0x0801, NULL, &id, NULL),
                         BAS_OK);
    }
    knx_site_client_until(&s.client, BAS_KNX_TELEGRAM, 1);
    rt_turns(&s.w, 20);
    assert_int_equal(s.client.events[BAS_KNX_CONFIRMED], 1);
    knx_site_client_until(&s.client, BAS_KNX_CONFIRMED, 2);
    end(&s);
}

/* Credentials */

static bas_err load(struct rt_world *w, struct bas_config *config, struct bas_fault *fault)
{
    struct knx_credentials *credentials = NULL;
    bas_err err =
        knx_credentials_load(&w->t.env, bas_config_knx_server(config), &credentials, fault);
    assert_true((err == BAS_OK) == (credentials != NULL));
    knx_credentials_free(&w->t.env, credentials);
    bas_config_free(config);
    return err;
}

static void every_tunnel_and_user_of_the_host_is_taken(void **state)
{
    (void)state;
    struct rt_world w;
    struct bas_fault fault = { 0 };
    struct knx_credentials *c = NULL;
    struct knx_key expected;
    rt_begin(&w);
    struct bas_config *config = knx_site_config(&w);
    assert_int_equal(knx_credentials_load(&w.t.env, bas_config_knx_server(config), &c, &fault),
                     BAS_OK);
    assert_int_equal(c->host, 0x1100);
    assert_int_equal(c->n_tunnels, 3);
    assert_int_equal(c->tunnels[2].address, KNX_SITE_TUNNEL + 2);
    assert_int_equal(c->tunnels[2].user, 4);
    assert_int_equal(c->n_users, 4); /* three tunnels and management */
    knx_user_key((struct bas_slice){ (const uint8_t *)"management", 10 }, &expected);
    assert_int_equal(c->users[0].id, 1);
    assert_memory_equal(&c->users[0].key, &expected, sizeof(expected));
    knx_device_key((struct bas_slice){ (const uint8_t *)"device", 6 }, &expected);
    assert_memory_equal(&c->device_key, &expected, sizeof(expected));
    knx_credentials_free(&w.t.env, c);
    bas_config_free(config);
    rt_end(&w);
}

static void a_host_without_tunnels_is_told(void **state)
{
    (void)state;
    struct rt_world w;
    struct bas_fault fault = { 0 };
    rt_begin(&w);
    struct bas_config *config = knx_site_config(&w);
    knx_site_set(config, "individual-address", "1.1.5");
    assert_int_equal(load(&w, config, &fault), BAS_ERR_CONFIG);
    assert_has(fault.text, "1.1.5");
    rt_end(&w);
}

static void files_that_cannot_be_read_are_named(void **state)
{
    (void)state;
    struct rt_world w;
    struct bas_fault fault = { 0 };
    rt_begin(&w);
    struct bas_config *config = knx_site_config(&w);
    knx_site_set(config, "keyring", "missing.knxkeys");
    assert_int_equal(load(&w, config, &fault), BAS_ERR_NOT_FOUND);
    assert_has(fault.text, "missing.knxkeys");
    fault = (struct bas_fault){ 0 };
    config = knx_site_config(&w);
    knx_site_set(config, "keyring-password-file", "missing.password");
    assert_int_equal(load(&w, config, &fault), BAS_ERR_NOT_FOUND);
    assert_has(fault.text, "missing.password");
    rt_end(&w);
}

static void memory_that_ends_leaks_nothing(void **state)
{
    (void)state;
    struct rt_world w;
    rt_begin(&w);
    struct bas_config *config = knx_site_config(&w);
    bas_err err = BAS_ERR_NO_MEMORY;
    for (size_t k = 1; err != BAS_OK && k < 100; k += 7) {
        struct bas_fault fault = { 0 };
        struct knx_credentials *c = NULL;
        w.t.fail_at = w.t.allocations + k;
        err = knx_credentials_load(&w.t.env, bas_config_knx_server(config), &c, &fault);
        w.t.fail_at = 0;
        assert_true(err == BAS_OK || err == BAS_ERR_NO_MEMORY);
        knx_credentials_free(&w.t.env, c);
    }
    assert_int_equal(err, BAS_OK);
    bas_config_free(config);
    rt_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_behind_the_upstream_is_read),
        cmocka_unit_test(what_one_tunnel_sends_the_others_hear),
        cmocka_unit_test(without_an_upstream_a_request_fails_in_words),
        cmocka_unit_test(the_pace_of_the_bus_is_kept),
        cmocka_unit_test(every_tunnel_and_user_of_the_host_is_taken),
        cmocka_unit_test(a_host_without_tunnels_is_told),
        cmocka_unit_test(files_that_cannot_be_read_are_named),
        cmocka_unit_test(memory_that_ends_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, test_folder_leave);
}
