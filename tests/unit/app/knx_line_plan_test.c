/* Tests of knx_line_plan.c. */
#include "app/knx_line_plan.h"

#include "test_env.h"

#include <string.h>

enum { TUNNEL = 0x11FA, OTHER_TUNNEL = 0x11FB, HOST = 0x1101, DEVICE = 0x110A, SECOND = 0x110B };
enum { SENSOR = 0x1205 };

static struct bas_group_object_settings objects[] = {
    { .group = 0x0A03, .device = DEVICE, .dpt = "1.001", .value = "on", .flags = 3, .line = 7 },
    { .group = 0x0A04, .device = DEVICE, .dpt = "9.001", .value = "21.0", .flags = 3, .line = 8 },
    { .group = 0x0A03, .device = SECOND, .dpt = "1.001", .flags = 3, .line = 9 },
    { .group = 0x0A05, .device = 0x110C, .dpt = "1.001", .flags = 3, .line = 10 },
};
static const struct bas_knx_server_settings settings = { .objects = objects,
                                                         .n_objects = BAS_ARRAY_LEN(objects) };

static const knx_ia senders[] = { SENSOR, DEVICE };
static const struct knx_keyring_group used[] = { { 0x0A03, senders, 2 } };
static const knx_ia no_senders[] = { 0x1206 };
static const struct knx_keyring_group other[] = { { 0x0A09, no_senders, 1 } };
static const struct knx_keyring_interface interfaces[] = {
    { .type = KNX_INTERFACE_TUNNELLING,
      .address = TUNNEL,
      .host = HOST,
      .user = 2,
      .groups = used,
      .n_groups = 1 },
    { .type = KNX_INTERFACE_TUNNELLING,
      .address = OTHER_TUNNEL,
      .host = HOST,
      .user = 3,
      .groups = other,
      .n_groups = 1 },
};
static const struct knx_group_key groups[] = { { 0x0A03, { { 0xA3 } } }, { 0x0A09, { { 0xA9 } } } };
static const struct knx_keyring_device devices[] = {
    { .address = SENSOR, .sequence = 4711 },
    { .address = DEVICE, .has_tool_key = true, .tool_key = { { 0x70 } }, .sequence = 12 },
};
static const struct knx_keyring keyring = { .interfaces = interfaces,
                                            .n_interfaces = 2,
                                            .devices = devices,
                                            .n_devices = 2,
                                            .groups = groups,
                                            .n_groups = 2 };

struct made {
    struct test_env t;
    struct knx_line_plan plan;
    struct bas_fault fault;
};

static void make(struct made *m, const struct knx_keyring *with)
{
    test_env_init(&m->t);
    m->fault = (struct bas_fault){ 0 };
    assert_int_equal(knx_line_plan_make(&m->t.env, &settings, with, &m->plan, &m->fault), BAS_OK);
}

static void done(struct made *m)
{
    knx_line_plan_free(&m->plan);
    test_env_check(&m->t);
}

static void objects_keep_their_order_and_devices_stand_once(void **state)
{
    (void)state;
    struct made m;
    make(&m, NULL);
    const struct knx_line_config *config = &m.plan.config;
    assert_int_equal(config->n_objects, 4);
    assert_int_equal(config->n_devices, 3);
    assert_int_equal(config->devices[0].address, DEVICE);
    assert_int_equal(config->devices[1].address, SECOND);
    assert_null(config->devices[0].secure);
    assert_int_equal(config->objects[0].value.len, 1);
    assert_int_equal(config->objects[0].value.data[0], 1);
    assert_int_equal(config->objects[1].dpt->main, 9);
    assert_memory_equal(config->objects[1].value.data, "\x0c\x1a", 2);
    assert_int_equal(config->objects[2].value.len, 0);
    assert_int_equal(config->objects[3].flags, 3);
    done(&m);
}

enum { NONE = -1 };

/* The last number of a sender; NONE: it is not one. */
static int64_t last_of(const struct knx_data_secure_config *secure, knx_ia address)
{
    for (size_t i = 0; i < secure->n_senders; i++) {
        if (secure->senders[i].address == address && !secure->senders[i].is_tool) {
            return (int64_t)secure->senders[i].last;
        }
    }
    return NONE;
}

static void a_device_has_the_keys_of_its_groups_and_no_others(void **state)
{
    (void)state;
    struct made m;
    make(&m, &keyring);
    const struct knx_data_secure_config *secure = m.plan.config.devices[1].secure;
    assert_non_null(secure);
    assert_int_equal(secure->address, SECOND);
    assert_int_equal(secure->n_groups, 1);
    assert_int_equal(secure->groups[0].group, 0x0A03);
    assert_int_equal(secure->groups[0].key.octets[0], 0xA3);
    assert_false(secure->has_tool_key);
    assert_null(m.plan.config.devices[2].secure); /* its group has no key */
    done(&m);
}

static void who_may_send_to_a_group_is_a_sender_with_its_number(void **state)
{
    (void)state;
    struct made m;
    make(&m, &keyring);
    const struct knx_data_secure_config *secure = m.plan.config.devices[1].secure;
    assert_int_equal(secure->n_senders, 3); /* and not itself, not OTHER_TUNNEL */
    assert_int_equal(last_of(secure, SENSOR), 4711);
    assert_int_equal(last_of(secure, TUNNEL), 0);
    assert_int_equal(last_of(secure, DEVICE), 12);
    done(&m);
}

static void a_tool_key_of_the_keyring_lets_tools_in(void **state)
{
    (void)state;
    struct made m;
    make(&m, &keyring);
    const struct knx_data_secure_config *secure = m.plan.config.devices[0].secure;
    assert_true(secure->has_tool_key);
    assert_int_equal(secure->tool_key.octets[0], 0x70);
    assert_int_equal(secure->senders[0].address, 0);
    assert_true(secure->senders[0].is_tool);
    assert_int_equal(last_of(secure, SECOND), 0);
    done(&m);
}

static void what_is_wrong_with_an_object_is_told_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *dpt;
        const char *value;
        const char *text;
    } rows[] = {
        { "9.999", NULL, "knx-server.objects, line 7: 9.999 is not a datapoint type" },
        { "9.001", "warm", "knx-server.objects, line 7: 9.001 temperature: \"warm\" is no number" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct made m;
        struct bas_group_object_settings object = objects[0];
        const struct bas_knx_server_settings one = { .objects = &object, .n_objects = 1 };
        object.dpt = rows[i].dpt;
        object.value = rows[i].value;
        test_env_init(&m.t);
        assert_int_equal(knx_line_plan_make(&m.t.env, &one, NULL, &m.plan, &m.fault),
                         BAS_ERR_CONFIG);
        assert_int_equal(strncmp(m.fault.text, rows[i].text, strlen(rows[i].text)), 0);
        test_env_check(&m.t);
    }
}

static void no_objects_make_an_empty_line(void **state)
{
    (void)state;
    struct made m;
    const struct bas_knx_server_settings none = { 0 };
    test_env_init(&m.t);
    assert_int_equal(knx_line_plan_make(&m.t.env, &none, &keyring, &m.plan, &m.fault), BAS_OK);
    assert_int_equal(m.plan.config.n_devices, 0);
    done(&m);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    size_t k = 1;
    for (bool is_made = false; !is_made; k++) {
        struct made m;
        test_env_init(&m.t);
        m.t.fail_at = k;
        bas_err err = knx_line_plan_make(&m.t.env, &settings, &keyring, &m.plan, &m.fault);
        is_made = err == BAS_OK;
        assert_true(is_made || err == BAS_ERR_NO_MEMORY);
        if (is_made) {
            knx_line_plan_free(&m.plan);
        }
        test_env_check(&m.t);
    }
    assert_true(k > 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_keep_their_order_and_devices_stand_once),
        cmocka_unit_test(a_device_has_the_keys_of_its_groups_and_no_others),
        cmocka_unit_test(who_may_send_to_a_group_is_a_sender_with_its_number),
        cmocka_unit_test(a_tool_key_of_the_keyring_lets_tools_in),
        cmocka_unit_test(what_is_wrong_with_an_object_is_told_with_its_line),
        cmocka_unit_test(no_objects_make_an_empty_line),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
