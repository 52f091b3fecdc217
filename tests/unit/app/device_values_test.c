#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "device_fixture.h"
#include "sc_peer.h"

#include "basalt/store.h"

#include <unistd.h>

static struct bas_object_settings objects[] = {
    { .type = BAC_OBJECT_ANALOG_OUTPUT, .instance = 2, .relinquish_default = "1" },
};

static int remove_files(void **state)
{
    (void)state;
    (void)unlink("d.state.values");
    (void)unlink("d.state.values-wal");
    (void)unlink("d.state");
    return 0;
}

static void begin_kept(struct fixture *f)
{
    begin(f, objects, BAS_ARRAY_LEN(objects));
    f->settings.state_file = "d.state";
}

/* It can be started again. */
static void stop(struct fixture *f)
{
    rt_station_end(&f->s);
    memset(f->s.events, 0, sizeof(f->s.events));
}

static void on_written(void *user, const struct bac_client_event *event)
{
    struct rt_station *client = user;
    client->answers += event->kind == BAC_CLIENT_ACK;
}

/* Writes over the network and waits for the acknowledgement. */
static void write_output(struct fixture *f, struct rt_station *client, const char *hex)
{
    uint8_t memory[64];
    struct bas_buf parameters;
    const struct bsc_vmac device = bas_station_vmac(f->s.station);
    const struct bac_write_property write = { .object = { BAC_OBJECT_ANALOG_OUTPUT, 2 },
                                              .property = BAC_PROPERTY_PRESENT_VALUE,
                                              .value = test_hex(hex),
                                              .has_priority = true,
                                              .priority = 8 };
    struct bas_request request = { .to = { .mac_len = 6 },
                                   .service = BAC_CONFIRMED_WRITE_PROPERTY };
    memcpy(request.to.mac, device.octets, sizeof(device.octets));
    bas_buf_init(&parameters, memory, sizeof(memory));
    assert_int_equal(bac_encode(&bac_type_write_property, &write, BAC_APPLICATION, &parameters),
                     BAS_OK);
    request.parameters = (struct bas_slice){ memory, parameters.len };
    client->answers = 0;
    assert_int_equal(bas_station_request(client->station, &request, on_written, client), BAS_OK);
    rt_until(&f->h.w, &client->answers, 1);
}

static void what_was_acknowledged_is_there_after_a_restart(void **state)
{
    (void)state;
    static struct fixture f;
    struct rt_station client;
    begin_kept(&f);
    start_with_hub(&f);
    rt_station_begin(&f.h.w, &client, "client", f.uri);
    rt_station_start(&client);
    rt_station_until(&client, BAS_STATION_UP, 1);
    start(&f);
    rt_station_until(&f.s, BAS_STATION_UP, 1);
    write_output(&f, &client, "4442280000");
    stop(&f);
    start(&f);
    reads(&f, BAC_OBJECT_ANALOG_OUTPUT, 2, BAC_PROPERTY_PRESENT_VALUE, "4442280000");
    rt_station_until(&f.s, BAS_STATION_UP, 1);
    write_output(&f, &client, "00");
    stop(&f);
    start(&f);
    reads(&f, BAC_OBJECT_ANALOG_OUTPUT, 2, BAC_PROPERTY_PRESENT_VALUE, "443f800000");
    rt_station_end(&client);
    end(&f);
}

static void another_set_of_objects_counts_the_database_revision(void **state)
{
    (void)state;
    static struct fixture f;
    struct bas_object_settings renamed = objects[0];
    renamed.name = "Valve";
    begin_kept(&f);
    start(&f);
    reads(&f, BAC_OBJECT_DEVICE, INSTANCE, BAC_PROPERTY_DATABASE_REVISION, "2101");
    stop(&f);
    start(&f);
    reads(&f, BAC_OBJECT_DEVICE, INSTANCE, BAC_PROPERTY_DATABASE_REVISION, "2101");
    stop(&f);
    f.settings.objects = &renamed;
    start(&f);
    reads(&f, BAC_OBJECT_DEVICE, INSTANCE, BAC_PROPERTY_DATABASE_REVISION, "2102");
    end(&f);
}

static void what_does_not_fit_any_more_is_told_and_stays_kept(void **state)
{
    (void)state;
    static struct fixture f;
    struct bas_store *store = NULL;
    struct bas_fault fault = { 0 };
    begin_kept(&f);
    const struct bas_store_config config = { .size = sizeof(config), .path = "d.state.values" };
    const struct bas_value value = { .type = BAC_OBJECT_ANALOG_VALUE,
                                     .instance = 7,
                                     .property = BAC_PROPERTY_PRESENT_VALUE,
                                     .index = BAC_NO_INDEX,
                                     .octets = test_hex("4442280000") };
    assert_int_equal(bas_values_open(&f.h.w.t.env, &config, false, &store, &fault), BAS_OK);
    assert_int_equal(bas_values_begin(store, &fault), BAS_OK);
    bas_err err = bas_values_put(store, &value, &fault);
    assert_int_equal(bas_values_end(store, err, &fault), BAS_OK);
    bas_store_close(store);
    start(&f);
    assert_has(f.h.w.t.last_log, "analog-value,7 present-value was kept and does not fit any more");
    stop(&f);
    struct bas_object_settings fits[] = {
        { .type = BAC_OBJECT_ANALOG_VALUE, .instance = 7 },
    };
    f.settings.objects = fits;
    start(&f);
    reads(&f, BAC_OBJECT_ANALOG_VALUE, 7, BAC_PROPERTY_PRESENT_VALUE, "4442280000");
    end(&f);
}

static void a_damaged_file_is_told_and_nothing_starts(void **state)
{
    (void)state;
    static struct fixture f;
    struct bas_fault fault = { 0 };
    test_folder_write("d.state.values", "no store at all");
    begin_kept(&f);
    assert_null(bas_device_start(f.h.w.loop, &f.settings, NULL, rt_station_event, &f.s, &fault));
    assert_int_equal(fault.err, BAS_ERR_MALFORMED);
    assert_has(fault.text, "d.state.values");
    assert_has(fault.text, "all values are then those of the configuration");
    end(&f);
}

int main(void)
{
#define VALUES_TEST(f) cmocka_unit_test_setup(f, remove_files)
    const struct CMUnitTest tests[] = {
        VALUES_TEST(what_was_acknowledged_is_there_after_a_restart),
        VALUES_TEST(another_set_of_objects_counts_the_database_revision),
        VALUES_TEST(what_does_not_fit_any_more_is_told_and_stays_kept),
        VALUES_TEST(a_damaged_file_is_told_and_nothing_starts),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
