/* WritePropertyMultiple (15.10). */
#include "server_fixture.h"

/* Setpoint, valve and command as floats. */
static void expect_values(struct fixture *f, float setpoint, float valve)
{
    expect_present(f, SETPOINT, setpoint);
    expect_present(f, VALVE, valve);
}

static void all_is_written_in_order_and_told(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    /* the setpoint 67 and then 68; the valve 50 at priority 8 */
    fixture_expect(&f,
                   "00 05 07 10 0C 00 80 00 01 1E 09 55 2E 44 42 86 00 00 2F 09 55 2E 44 42 88 00 "
                   "00 2F 1F 0C 00 40 00 01 1E 09 55 2E 44 42 48 00 00 2F 39 08 1F",
                   "20 07 10");
    expect_values(&f, 68, 50);
    static const struct {
        uint16_t type;
        uint8_t priority;
        float value;
    } rows[] = { { BAC_OBJECT_ANALOG_VALUE, 0, 67 },
                 { BAC_OBJECT_ANALOG_VALUE, 0, 68 },
                 { BAC_OBJECT_ANALOG_OUTPUT, 8, 50 } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bac_server_event e;
        assert_true(bac_server_next_event(f.server, &e));
        assert_int_equal(e.object.type, rows[i].type);
        assert_int_equal(e.priority, rows[i].priority);
        assert_float_equal(e.value.as.real, rows[i].value, 0.001F);
    }
    expect_no_event(&f);
    fixture_close(&f);
}

static void a_text_that_is_written_twice_is_told_with_what_stands_there_now(void **state)
{
    (void)state;
    const struct bac_object_config object = {
        .type = BAC_OBJECT_CHARACTERSTRING_VALUE, .instance = 1, .name = "Text", .writable = true
    };
    struct bac_server_config config = fixture_config();
    config.objects = &object;
    config.n_objects = 1;
    struct fixture f;
    fixture_open_with(&f, &config);
    fixture_expect(&f,
                   "00 05 07 10 0C 0A 00 00 01 1E 09 55 2E 75 05 00 61 62 63 64 2F 09 55 2E 72 00 "
                   "78 2F 1F",
                   "20 07 10");
    for (int i = 0; i < 2; i++) {
        struct bac_server_event e;
        assert_true(bac_server_next_event(f.server, &e));
        assert_int_equal(e.present.as.text.octets.len, 1);
        assert_memory_equal(e.present.as.text.octets.data, "x", 1);
    }
    fixture_close(&f);
}

/* The first write of each request is good; the third never happens. */
static void the_first_that_fails_is_named_and_those_before_it_stay(void **state)
{
    (void)state;
    static const struct {
        const char *second, *answer;
    } rows[] = {
        { "0C 00 80 00 09 1E 09 55 2E 44 42 88 00 00 2F 1F", /* unknown-object */
          "50 07 10 0E 91 01 91 1F 0F 1E 0C 00 80 00 09 19 55 1F" },
        { "0C 02 3F FF FF 1E 09 1C 2E 75 02 00 41 2F 1F", /* no wildcard for who writes */
          "50 07 10 0E 91 01 91 1F 0F 1E 0C 02 3F FF FF 19 1C 1F" },
        { "0C 00 80 00 01 1E 09 54 2E 44 42 88 00 00 2F 1F", /* unknown-property */
          "50 07 10 0E 91 02 91 20 0F 1E 0C 00 80 00 01 19 54 1F" },
        { "0C 00 80 00 01 1E 09 55 19 01 2E 44 42 88 00 00 2F 1F", /* not an array */
          "50 07 10 0E 91 02 91 32 0F 1E 0C 00 80 00 01 19 55 29 01 1F" },
        { "0C 00 80 00 01 1E 09 55 2E 21 05 2F 1F", /* invalid-data-type */
          "50 07 10 0E 91 02 91 09 0F 1E 0C 00 80 00 01 19 55 1F" },
        { "0C 00 40 00 01 1E 09 55 2E 44 42 CA 00 00 2F 1F", /* value-out-of-range */
          "50 07 10 0E 91 02 91 25 0F 1E 0C 00 40 00 01 19 55 1F" },
        { "0C 00 00 00 01 1E 09 55 2E 44 42 88 00 00 2F 1F", /* write-access-denied */
          "50 07 10 0E 91 02 91 28 0F 1E 0C 00 00 00 01 19 55 1F" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct fixture f;
        fixture_open(&f);
        char request[300];
        struct bas_buf b;
        bas_buf_init(&b, request, sizeof(request));
        bas_buf_format(&b,
                       "00 05 07 10 0C 00 80 00 01 1E 09 55 2E 44 42 86 00 00 2F 1F %s "
                       "0C 00 40 00 01 1E 09 55 2E 44 42 48 00 00 2F 1F",
                       rows[i].second);
        fixture_expect(&f, bas_buf_text(&b), rows[i].answer);
        expect_values(&f, 67, 10);
        struct bac_server_event e;
        assert_true(bac_server_next_event(f.server, &e));
        expect_no_event(&f);
        fixture_close(&f);
    }
}

static void a_malformed_request_writes_nothing(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { "00 05 07 10", "60 07 05" },
        { "00 05 07 10 0C 00 80 00 01 1E 1F", "60 07 05" },
        { "00 05 07 10 0C 00 80 00 01 1E 09 55 2E 44 42 86 00 00 2F 1F 0C 00 40 00 01 1E 1F",
          "60 07 05" },
        { "00 05 07 10 0C 00 80 00 01 1E 09 55 2E 44 42 86 00 00 2F", "60 07 04" },
        { "00 05 07 10 0C 00 80 00 01 1E 09 55 2E 44 42 86 00 00 2F 1F 0C 00 40 00 01",
          "60 07 05" },
        { "00 05 07 10 0C 00 80 00 01 1E 09 55 2E 44 42 86 00 00 2F 39 11 1F", "60 07 06" },
        { "00 05 07 10 0C 00 80 00 01 1E 09 55 2E 44 42 86 00 00 2F 1F 19 00", "60 07 07" },
    };
    struct fixture f;
    fixture_open(&f);
    run(&f, rows, BAS_ARRAY_LEN(rows));
    expect_values(&f, 0, 10);
    expect_no_event(&f);
    fixture_close(&f);
}

static void a_request_with_more_events_than_there_is_room_for_writes_nothing(void **state)
{
    (void)state;
    struct fixture f;
    struct bac_server_config config = fixture_config();
    config.pending_events = 1;
    fixture_open_with(&f, &config);
    fixture_expect(&f,
                   "00 05 07 10 0C 00 80 00 01 1E 09 55 2E 44 42 86 00 00 2F 1F "
                   "0C 00 40 00 01 1E 09 55 2E 44 42 48 00 00 2F 1F",
                   "71 07 09"); /* out-of-resources */
    expect_values(&f, 0, 10);
    fixture_expect(&f, "00 05 07 10 0C 00 80 00 01 1E 09 55 2E 44 42 86 00 00 2F 1F", "20 07 10");
    expect_values(&f, 67, 10);
    fixture_expect(&f, "00 05 07 0F 0C 00 80 00 01 19 55 3E 44 42 88 00 00 3F", "20 07 0F");
    expect_values(&f, 68, 10);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_written_in_order_and_told),
        cmocka_unit_test(a_text_that_is_written_twice_is_told_with_what_stands_there_now),
        cmocka_unit_test(the_first_that_fails_is_named_and_those_before_it_stay),
        cmocka_unit_test(a_malformed_request_writes_nothing),
        cmocka_unit_test(a_request_with_more_events_than_there_is_room_for_writes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
