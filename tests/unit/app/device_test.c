#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "device_fixture.h"
#include "sc_peer.h"

/* Objects. */

static void every_object_type_has_a_name_and_the_value_of_its_settings(void **state)
{
    (void)state;
    static const struct {
        uint32_t type;
        const char *value;
        const char *name;
        const char *present;
    } rows[] = {
        { BAC_OBJECT_ANALOG_INPUT, "21.5", "analog-input 7", "4441ac0000" },
        { BAC_OBJECT_ANALOG_OUTPUT, "-1", "analog-output 7", "44bf800000" },
        { BAC_OBJECT_ANALOG_VALUE, "0.5", "analog-value 7", "443f000000" },
        { BAC_OBJECT_BINARY_INPUT, "1", "binary-input 7", "9101" },
        { BAC_OBJECT_BINARY_OUTPUT, "1", "binary-output 7", "9101" },
        { BAC_OBJECT_BINARY_VALUE, "1", "binary-value 7", "9101" },
        { BAC_OBJECT_MULTI_STATE_INPUT, "2", "multi-state-input 7", "2102" },
        { BAC_OBJECT_MULTI_STATE_OUTPUT, "2", "multi-state-output 7", "2102" },
        { BAC_OBJECT_MULTI_STATE_VALUE, "2", "multi-state-value 7", "2102" },
    };
    struct bas_object_settings objects[BAS_ARRAY_LEN(rows)];
    static struct fixture f;
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        objects[i] = (struct bas_object_settings){ .type = (uint16_t)rows[i].type,
                                                   .instance = 7,
                                                   .value = rows[i].value };
    }
    begin(&f, objects, BAS_ARRAY_LEN(rows));
    start(&f);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        reads(&f, rows[i].type, 7, BAC_PROPERTY_PRESENT_VALUE, rows[i].present);
        reads_text(&f, rows[i].type, 7, BAC_PROPERTY_OBJECT_NAME, rows[i].name);
    }
    end(&f);
}

static void an_object_without_a_value_has_the_least_one(void **state)
{
    (void)state;
    static struct fixture f;
    struct bas_object_settings objects[] = {
        { .type = BAC_OBJECT_ANALOG_INPUT, .instance = 1 },
        { .type = BAC_OBJECT_BINARY_VALUE, .instance = 1 },
        { .type = BAC_OBJECT_MULTI_STATE_VALUE, .instance = 1 },
    };
    begin(&f, objects, BAS_ARRAY_LEN(objects));
    start(&f);
    reads(&f, BAC_OBJECT_ANALOG_INPUT, 1, BAC_PROPERTY_PRESENT_VALUE, "4400000000");
    reads(&f, BAC_OBJECT_BINARY_VALUE, 1, BAC_PROPERTY_PRESENT_VALUE, "9100");
    reads(&f, BAC_OBJECT_MULTI_STATE_VALUE, 1, BAC_PROPERTY_PRESENT_VALUE, "2101");
    reads(&f, BAC_OBJECT_MULTI_STATE_VALUE, 1, BAC_PROPERTY_NUMBER_OF_STATES, "2102");
    end(&f);
}

static void texts_units_and_states_come_from_the_settings(void **state)
{
    (void)state;
    static struct fixture f;
    static const char *fan[] = { "off", "on" };
    static const char *mode[] = { "cold", "warm", "hot" };
    struct bas_object_settings objects[] = {
        { .type = BAC_OBJECT_ANALOG_INPUT,
          .instance = 1,
          .name = "Supply air",
          .description = "roof",
          .units = "degrees-celsius" },
        { .type = BAC_OBJECT_BINARY_OUTPUT, .instance = 1, .states = { fan, 2 } },
        { .type = BAC_OBJECT_MULTI_STATE_INPUT, .instance = 1, .states = { mode, 3 } },
        { .type = BAC_OBJECT_ANALOG_OUTPUT, .instance = 1, .relinquish_default = "2" },
        { .type = BAC_OBJECT_ANALOG_VALUE, .instance = 1, .commandable = true },
    };
    begin(&f, objects, BAS_ARRAY_LEN(objects));
    start(&f);
    reads_text(&f, BAC_OBJECT_ANALOG_INPUT, 1, BAC_PROPERTY_OBJECT_NAME, "Supply air");
    reads_text(&f, BAC_OBJECT_ANALOG_INPUT, 1, BAC_PROPERTY_DESCRIPTION, "roof");
    reads(&f, BAC_OBJECT_ANALOG_INPUT, 1, BAC_PROPERTY_UNITS, "913e");
    reads_text(&f, BAC_OBJECT_BINARY_OUTPUT, 1, BAC_PROPERTY_INACTIVE_TEXT, "off");
    reads_text(&f, BAC_OBJECT_BINARY_OUTPUT, 1, BAC_PROPERTY_ACTIVE_TEXT, "on");
    reads(&f, BAC_OBJECT_MULTI_STATE_INPUT, 1, BAC_PROPERTY_NUMBER_OF_STATES, "2103");
    reads(&f, BAC_OBJECT_MULTI_STATE_INPUT, 1, BAC_PROPERTY_STATE_TEXT,
          "750500636f6c64 7505007761726d 7400686f74");
    reads(&f, BAC_OBJECT_ANALOG_OUTPUT, 1, BAC_PROPERTY_RELINQUISH_DEFAULT, "4440000000");
    reads(&f, BAC_OBJECT_ANALOG_VALUE, 1, BAC_PROPERTY_RELINQUISH_DEFAULT, "4400000000");
    end(&f);
}

static void a_device_without_a_name_is_called_by_its_instance(void **state)
{
    (void)state;
    static struct fixture f;
    begin(&f, NULL, 0);
    f.settings.location = "cellar";
    start(&f);
    reads_text(&f, BAC_OBJECT_DEVICE, INSTANCE, BAC_PROPERTY_OBJECT_NAME, "basalt device 1234");
    reads_text(&f, BAC_OBJECT_DEVICE, INSTANCE, BAC_PROPERTY_LOCATION, "cellar");
    reads(&f, BAC_OBJECT_DEVICE, INSTANCE, BAC_PROPERTY_VENDOR_IDENTIFIER, "22022b");
    end(&f);
}

/* bsc 9.1-11 */
static void the_network_port_shows_what_the_port_is_set_to(void **state)
{
    (void)state;
    static struct fixture f;
    begin(&f, NULL, 0);
    start_with_hub(&f);
    f.settings.engine.vmac = peer_vmac(9);
    f.settings.engine.heartbeat_ms = 30000;
    start(&f);
    reads(&f, BAC_OBJECT_NETWORK_PORT, 1, BAC_PROPERTY_MAC_ADDRESS, "6506020000000009");
    reads(&f, BAC_OBJECT_NETWORK_PORT, 1, BAC_PROPERTY_SC_HUB_CONNECTOR_STATE, "9100");
    reads(&f, BAC_OBJECT_NETWORK_PORT, 1, BAC_PROPERTY_SC_HEARTBEAT_TIMEOUT, "211e");
    reads(&f, BAC_OBJECT_NETWORK_PORT, 1, BAC_PROPERTY_SC_CONNECT_WAIT_TIMEOUT, "210a");
    reads(&f, BAC_OBJECT_NETWORK_PORT, 1, BAC_PROPERTY_MAX_BVLC_LENGTH_ACCEPTED, "221649");
    reads(&f, BAC_OBJECT_NETWORK_PORT, 1, BAC_PROPERTY_SC_HUB_FUNCTION_ENABLE, "10");
    reads_text(&f, BAC_OBJECT_NETWORK_PORT, 1, BAC_PROPERTY_SC_PRIMARY_HUB_URI, f.uri);
    reads_text(&f, BAC_OBJECT_NETWORK_PORT, 1, BAC_PROPERTY_SC_FAILOVER_HUB_URI, "");
    rt_station_until(&f.s, BAS_STATION_UP, 1);
    reads(&f, BAC_OBJECT_NETWORK_PORT, 1, BAC_PROPERTY_SC_HUB_CONNECTOR_STATE, "9101");
    end(&f);
}

/* Faults. */

static void fails_to_start(struct bas_object_settings *objects, size_t n, bas_err err,
                           const char *text)
{
    static struct fixture f;
    struct bas_fault fault = { 0 };
    begin(&f, objects, n);
    assert_null(bas_device_start(f.h.w.loop, &f.settings, NULL, rt_station_event, &f.s, &fault));
    assert_int_equal(fault.err, err);
    assert_has(fault.text, text);
    end(&f);
}

static void objects_that_cannot_be_are_told(void **state)
{
    (void)state;
    struct bas_object_settings units[] = {
        { .type = BAC_OBJECT_ANALOG_INPUT, .instance = 1, .units = "celsius" },
    };
    struct bas_object_settings type[] = { { .type = 30, .instance = 1 } }; /* life-safety-zone */
    struct bas_object_settings names[] = {
        { .type = BAC_OBJECT_ANALOG_INPUT, .instance = 1, .name = "Room" },
        { .type = BAC_OBJECT_ANALOG_INPUT, .instance = 2, .name = "Room" },
    };
    struct bas_object_settings given[] = {
        { .type = BAC_OBJECT_ANALOG_INPUT, .instance = 1 },
        { .type = BAC_OBJECT_BINARY_INPUT, .instance = 2, .name = "analog-input 1" },
    };
    struct bas_object_settings twice[] = {
        { .type = BAC_OBJECT_ANALOG_INPUT, .instance = 1, .name = "Room" },
        { .type = BAC_OBJECT_ANALOG_INPUT, .instance = 1, .name = "Hall" },
    };
    struct bas_object_settings port[] = {
        { .type = BAC_OBJECT_ANALOG_INPUT, .instance = 1, .name = "BACnet/SC port" },
    };
    fails_to_start(units, 1, BAS_ERR_CONFIG, "'celsius'");
    fails_to_start(type, 1, BAS_ERR_CONFIG, "object type 30");
    fails_to_start(names, 2, BAS_ERR_EXISTS, "(Room)");
    fails_to_start(given, 2, BAS_ERR_EXISTS, "(analog-input 1)");
    fails_to_start(twice, 2, BAS_ERR_EXISTS, "identifier of analog-input,1");
    fails_to_start(port, 1, BAS_ERR_EXISTS, "(BACnet/SC port)");
}

static void a_state_that_there_is_not_is_told(void **state)
{
    (void)state;
    static const char *mode[] = { "cold", "warm" };
    struct bas_object_settings objects[] = {
        { .type = BAC_OBJECT_MULTI_STATE_VALUE,
          .instance = 1,
          .value = "3",
          .states = { mode, 2 } },
    };
    fails_to_start(objects, 1, BAS_ERR_INVALID, "multi-state-value");
}

static void no_failing_allocation_at_the_start_leaves_anything(void **state)
{
    (void)state;
    struct bas_object_settings objects[] = {
        { .type = BAC_OBJECT_ANALOG_INPUT, .instance = 1 },
    };
    bool has_started = false;
    for (size_t k = 1; k < 100 && !has_started; k++) {
        static struct fixture f;
        begin(&f, objects, 1);
        f.h.w.t.fail_at = f.h.w.t.allocations + k;
        f.s.station =
            bas_device_start(f.h.w.loop, &f.settings, NULL, rt_station_event, &f.s, &f.s.fault);
        has_started = f.s.station != NULL;
        assert_true(has_started || f.s.fault.err == BAS_ERR_NO_MEMORY);
        end(&f);
    }
    assert_true(has_started);
}

/* On the network. */

static void begin_on_network(struct fixture *f, struct rt_station *client)
{
    static struct bas_object_settings objects[] = {
        { .type = BAC_OBJECT_ANALOG_OUTPUT, .instance = 2 },
    };
    begin(f, objects, 1);
    start_with_hub(f);
    rt_station_begin(&f->h.w, client, "client", f->uri);
    rt_station_start(client);
    rt_station_until(client, BAS_STATION_UP, 1);
}

/* bsc 10.8-01 */
static void a_device_says_i_am_each_time_it_connects(void **state)
{
    (void)state;
    static struct fixture f;
    struct rt_station client;
    begin_on_network(&f, &client);
    start(&f);
    rt_station_until(&client, BAS_STATION_REQUEST, 1);
    while (client.service != BAC_UNCONFIRMED_I_AM) {
        rt_turns(&f.h.w, 1);
    }
    assert_int_equal(client.i_am.device.instance, INSTANCE);
    rt_station_end(&f.s);
    memset(f.s.events, 0, sizeof(f.s.events));
    client.i_am.device.instance = 0;
    start(&f);
    while (client.i_am.device.instance == 0) {
        rt_turns(&f.h.w, 1);
    }
    rt_station_end(&client);
    end(&f);
}

static void on_written(void *user, const struct bac_client_event *event)
{
    struct rt_station *client = user;
    client->answers += event->kind == BAC_CLIENT_ACK;
}

/* Writes 42.0 to analog-output 2 with priority 8. */
static void write_output(struct rt_station *client, const struct bsc_vmac *device)
{
    uint8_t memory[64];
    struct bas_buf parameters;
    const struct bac_write_property write = { .object = { BAC_OBJECT_ANALOG_OUTPUT, 2 },
                                              .property = BAC_PROPERTY_PRESENT_VALUE,
                                              .value = test_hex("4442280000"),
                                              .has_priority = true,
                                              .priority = 8 };
    struct bas_request request = { .to = { .mac_len = 6 },
                                   .service = BAC_CONFIRMED_WRITE_PROPERTY };
    memcpy(request.to.mac, device->octets, sizeof(device->octets));
    bas_buf_init(&parameters, memory, sizeof(memory));
    assert_int_equal(bac_encode(&bac_type_write_property, &write, BAC_APPLICATION, &parameters),
                     BAS_OK);
    request.parameters = (struct bas_slice){ memory, parameters.len };
    assert_int_equal(bas_station_request(client->station, &request, on_written, client), BAS_OK);
}

static void a_write_is_told_and_shows(void **state)
{
    (void)state;
    static struct fixture f;
    struct rt_station client;
    begin_on_network(&f, &client);
    start(&f);
    rt_station_until(&f.s, BAS_STATION_UP, 1);
    const struct bsc_vmac device = bas_station_vmac(f.s.station);
    write_output(&client, &device);
    rt_until(&f.h.w, &client.answers, 1);
    assert_int_equal(f.s.events[BAS_STATION_SERVER], 1);
    assert_int_equal(f.s.written.type, BAC_OBJECT_ANALOG_OUTPUT);
    assert_int_equal(f.s.written.instance, 2);
    assert_int_equal(f.s.value.tag, BAC_TAG_REAL);
    assert_float_equal(f.s.value.as.real, 42, 0);
    reads(&f, BAC_OBJECT_ANALOG_OUTPUT, 2, BAC_PROPERTY_PRESENT_VALUE, "4442280000");
    rt_station_end(&client);
    end(&f);
}

static void a_device_can_be_stopped_from_within_a_write(void **state)
{
    (void)state;
    static struct fixture f;
    struct rt_station client;
    begin_on_network(&f, &client);
    f.s.stop_at = 1U << BAS_STATION_SERVER;
    start(&f);
    rt_station_until(&f.s, BAS_STATION_UP, 1);
    const struct bsc_vmac device = bas_station_vmac(f.s.station);
    write_output(&client, &device);
    rt_station_until(&f.s, BAS_STATION_STOPPED, 1);
    rt_station_end(&client);
    end(&f);
}

static void a_device_whose_vmac_is_taken_shows_and_keeps_its_new_one(void **state)
{
    (void)state;
    static struct fixture f;
    char hex[32];
    struct bas_buf out;
    begin(&f, NULL, 0);
    start_with_hub(&f);
    (void)rt_hub_join(&f.h, 1, NULL);
    f.settings.engine.vmac = peer_vmac(1);
    f.settings.state_file = "device.state";
    start(&f);
    rt_station_until(&f.s, BAS_STATION_UP, 1);
    assert_int_equal(f.s.events[BAS_STATION_VMAC], 1);
    const struct bsc_vmac own = bas_station_vmac(f.s.station);
    bas_buf_init(&out, hex, sizeof(hex));
    bas_buf_add_text(&out, "6506");
    bas_buf_add_hex(&out, (struct bas_slice){ own.octets, sizeof(own.octets) });
    reads(&f, BAC_OBJECT_NETWORK_PORT, 1, BAC_PROPERTY_MAC_ADDRESS, bas_buf_text(&out));
    rt_station_end(&f.s);
    memset(f.s.events, 0, sizeof(f.s.events));
    memset(f.settings.engine.vmac.octets, 0, sizeof(f.settings.engine.vmac.octets));
    start(&f);
    const struct bsc_vmac again = bas_station_vmac(f.s.station);
    assert_true(bsc_vmac_equal(&own, &again));
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_object_type_has_a_name_and_the_value_of_its_settings),
        cmocka_unit_test(an_object_without_a_value_has_the_least_one),
        cmocka_unit_test(texts_units_and_states_come_from_the_settings),
        cmocka_unit_test(a_device_without_a_name_is_called_by_its_instance),
        cmocka_unit_test(the_network_port_shows_what_the_port_is_set_to),
        cmocka_unit_test(objects_that_cannot_be_are_told),
        cmocka_unit_test(a_state_that_there_is_not_is_told),
        cmocka_unit_test(no_failing_allocation_at_the_start_leaves_anything),
        cmocka_unit_test(a_device_says_i_am_each_time_it_connects),
        cmocka_unit_test(a_write_is_told_and_shows),
        cmocka_unit_test(a_device_can_be_stopped_from_within_a_write),
        cmocka_unit_test(a_device_whose_vmac_is_taken_shows_and_keeps_its_new_one),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
