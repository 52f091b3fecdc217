#define _DEFAULT_SOURCE /* what libuv's header needs of the C library; setenv */
#include "app/device/device.h"
#include "test_env.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct fixture {
    struct test_env t;
    struct device device;
    struct bac_property_config properties[DEVICE_CLOCK_PROPERTIES];
};

static void begin(struct fixture *f, const char *zone)
{
    memset(f, 0, sizeof(*f));
    assert_int_equal(setenv("TZ", zone, 1), 0);
    tzset();
    test_env_init(&f->t);
    f->device.env = f->t.env;
    device_clock_properties(&f->device, f->properties);
}

static void reads(const struct fixture *f, uint32_t property, const char *hex)
{
    uint8_t memory[16];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    for (size_t i = 0; i < DEVICE_CLOCK_PROPERTIES; i++) {
        const struct bac_property_config *p = &f->properties[i];
        if (p->property == property) {
            assert_int_equal(p->get(p->ctx, property, BAC_NO_INDEX, &out), BAS_OK);
        }
    }
    struct bas_slice want = test_hex(hex);
    assert_int_equal(out.len, want.len);
    assert_memory_equal(memory, want.data, want.len);
}

static void it_shows_the_machine_s_time_in_its_zone(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "XYZ-2");               /* two hours east of Greenwich */
    f.t.wall += INT64_C(45296120000); /* 12:34:56.12 */
    reads(&f, BAC_PROPERTY_LOCAL_DATE, "a47e010104");
    reads(&f, BAC_PROPERTY_LOCAL_TIME, "b40e22380c");
    reads(&f, BAC_PROPERTY_UTC_OFFSET, "3188");
    reads(&f, BAC_PROPERTY_DAYLIGHT_SAVINGS_STATUS, "10");
}

static void a_time_synchronization_sets_it_and_it_goes_on(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "XYZ-2");
    struct bac_server_event event = { .kind = BAC_SERVER_TIME,
                                      .date_time = { { 130, 5, 17, 5 }, { 8, 30, 0, 50 } } };
    device_set_clock(&f.device, &event);
    reads(&f, BAC_PROPERTY_LOCAL_DATE, "a482051105");
    reads(&f, BAC_PROPERTY_LOCAL_TIME, "b4081e0032");
    f.t.wall += 3600 * BAS_SECOND;
    reads(&f, BAC_PROPERTY_LOCAL_TIME, "b4091e0032");
    event.is_utc = true;
    device_set_clock(&f.device, &event);
    reads(&f, BAC_PROPERTY_LOCAL_TIME, "b40a1e0032");
}

static void times_of_the_past_are_told_by_it_and_none_is_unspecified(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "UTC");
    struct bac_date_time never = device_date_time(&f.device, 0);
    assert_int_equal(never.date.year, 255);
    assert_int_equal(never.time.hundredths, 255);
    f.device.clock_offset = 60 * BAS_SECOND;
    struct bac_date_time then = device_date_time(&f.device, f.t.wall);
    assert_int_equal(then.date.year, 126);
    assert_int_equal(then.date.weekday, 4);
    assert_int_equal(then.time.minute, 1);
    assert_int_equal(device_now(&f.device), f.t.wall + 60 * BAS_SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_shows_the_machine_s_time_in_its_zone),
        cmocka_unit_test(a_time_synchronization_sets_it_and_it_goes_on),
        cmocka_unit_test(times_of_the_past_are_told_by_it_and_none_is_unspecified),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
