#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "device_fixture.h"

/* Runs the loop until the property reads otherwise than now. */
static void until_it_changes(struct fixture *f, struct bac_object_id object, uint32_t property)
{
    uint8_t memory[2][64];
    struct bas_fault fault = { 0 };
    const struct bac_read_property what = { .object = object, .property = property };
    struct bas_buf out;
    bas_buf_init(&out, memory[0], sizeof(memory[0]));
    assert_int_equal(bac_server_read(bas_station_server(f->s.station), &what, &out, &fault),
                     BAS_OK);
    const size_t len = out.len;
    do {
        rt_turns(&f->h.w, 1);
        bas_buf_init(&out, memory[1], sizeof(memory[1]));
        assert_int_equal(bac_server_read(bas_station_server(f->s.station), &what, &out, &fault),
                         BAS_OK);
    } while (out.len == len && memcmp(memory[0], memory[1], len) == 0);
}

static void every_kind_of_number_takes_its_values(void **state)
{
    (void)state;
    static const char *fan[] = { "off", "low", "high" };
    static struct fixture f;
    struct bas_object_settings objects[] = {
        { .type = BAC_OBJECT_ANALOG_INPUT, .instance = 1, .value = "square 1 2 100ms" },
        { .type = BAC_OBJECT_BINARY_INPUT, .instance = 1, .simulate = "toggle 100ms" },
        { .type = BAC_OBJECT_MULTI_STATE_INPUT,
          .instance = 1,
          .simulate = "square 3 9 100ms",
          .states = { fan, 3 } },
        { .type = BAC_OBJECT_BINARY_VALUE, .instance = 1, .value = "square 0 7 100ms" },
    };
    begin(&f, objects, BAS_ARRAY_LEN(objects));
    start(&f);
    reads(&f, BAC_OBJECT_ANALOG_INPUT, 1, BAC_PROPERTY_PRESENT_VALUE, "443f800000");
    reads(&f, BAC_OBJECT_MULTI_STATE_INPUT, 1, BAC_PROPERTY_PRESENT_VALUE, "2103");
    until_it_changes(&f, (struct bac_object_id){ BAC_OBJECT_BINARY_VALUE, 1 },
                     BAC_PROPERTY_PRESENT_VALUE);
    reads(&f, BAC_OBJECT_ANALOG_INPUT, 1, BAC_PROPERTY_PRESENT_VALUE, "4440000000");
    reads(&f, BAC_OBJECT_BINARY_INPUT, 1, BAC_PROPERTY_PRESENT_VALUE, "9101");
    reads(&f, BAC_OBJECT_BINARY_VALUE, 1, BAC_PROPERTY_PRESENT_VALUE, "9101");
    reads(&f, BAC_OBJECT_MULTI_STATE_INPUT, 1, BAC_PROPERTY_PRESENT_VALUE, "2103");
    end(&f);
}

static void a_file_gives_its_values_and_a_word_in_it_is_told(void **state)
{
    (void)state;
    static struct fixture f;
    struct bas_object_settings objects[] = {
        { .type = BAC_OBJECT_ANALOG_INPUT, .instance = 1, .value = "csv data.csv 1h" },
    };
    struct bas_fault fault = { 0 };
    test_folder_write("data.csv", "21.5\n22\n");
    begin(&f, objects, 1);
    start(&f);
    reads(&f, BAC_OBJECT_ANALOG_INPUT, 1, BAC_PROPERTY_PRESENT_VALUE, "4441ac0000");
    rt_station_end(&f.s);
    test_folder_write("data.csv", "21.5\nwarm\n");
    assert_null(bas_device_start(f.h.w.loop, &f.settings, NULL, rt_station_event, &f.s, &fault));
    assert_has(fault.text, "data.csv:2: is not a number");
    end(&f);
}

static void a_command_goes_before_a_simulation(void **state)
{
    (void)state;
    static struct fixture f;
    const struct bac_object_id output = { BAC_OBJECT_ANALOG_OUTPUT, 1 };
    const struct bac_value command = { .tag = BAC_TAG_REAL, .as.real = 42 };
    struct bas_object_settings objects[] = {
        { .type = BAC_OBJECT_ANALOG_OUTPUT, .instance = 1, .value = "square 1 2 100ms" },
        { .type = BAC_OBJECT_ANALOG_INPUT, .instance = 1, .value = "square 1 2 100ms" },
    };
    begin(&f, objects, BAS_ARRAY_LEN(objects));
    start(&f);
    reads(&f, BAC_OBJECT_ANALOG_OUTPUT, 1, BAC_PROPERTY_PRESENT_VALUE, "443f800000");
    assert_int_equal(bac_server_set(bas_station_server(f.s.station), output, &command, 16), BAS_OK);
    until_it_changes(&f, output, BAC_PROPERTY_RELINQUISH_DEFAULT);
    reads(&f, BAC_OBJECT_ANALOG_OUTPUT, 1, BAC_PROPERTY_PRESENT_VALUE, "4442280000");
    end(&f);
}

static void an_object_out_of_service_stays_what_it_is(void **state)
{
    (void)state;
    static struct fixture f;
    const struct bac_object_id input = { BAC_OBJECT_ANALOG_INPUT, 1 };
    const struct bac_object_id other = { BAC_OBJECT_ANALOG_INPUT, 2 };
    struct bas_object_settings objects[] = {
        { .type = BAC_OBJECT_ANALOG_INPUT, .instance = 1, .value = "square 1 2 100ms" },
        { .type = BAC_OBJECT_ANALOG_INPUT, .instance = 2, .value = "square 1 2 100ms" },
    };
    begin(&f, objects, BAS_ARRAY_LEN(objects));
    start(&f);
    assert_int_equal(writes(&f, input, BAC_PROPERTY_OUT_OF_SERVICE, "11"), BAS_OK);
    assert_int_equal(writes(&f, input, BAC_PROPERTY_PRESENT_VALUE, "4442280000"), BAS_OK);
    until_it_changes(&f, other, BAC_PROPERTY_PRESENT_VALUE);
    reads(&f, BAC_OBJECT_ANALOG_INPUT, 1, BAC_PROPERTY_PRESENT_VALUE, "4442280000");
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_number_takes_its_values),
        cmocka_unit_test(a_file_gives_its_values_and_a_word_in_it_is_told),
        cmocka_unit_test(a_command_goes_before_a_simulation),
        cmocka_unit_test(an_object_out_of_service_stays_what_it_is),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
