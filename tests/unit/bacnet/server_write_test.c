/* Writing, by the network (15.9) and by the program: priorities (19.2), Out_Of_Service, refusals.
 */
#include "server_fixture.h"

#include <stdio.h>

static struct bac_value real(float value)
{
    return (struct bac_value){ .tag = BAC_TAG_REAL, .as.real = value };
}

static void a_commandable_value_follows_its_highest_priority(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    expect_present(&f, VALVE, 10);
    static const struct {
        const char *value_and_priority;
        float present;
        uint8_t priority;
    } rows[] = {
        { "3E 44 42 48 00 00 3F", 50, 16 },       /* 50, no priority: 16 */
        { "3E 44 41 F0 00 00 3F 49 08", 30, 8 },  /* 30 at 8 */
        { "3E 44 42 8C 00 00 3F 49 0A", 30, 10 }, /* 70 at 10 is hidden */
        { "3E 44 42 C8 00 00 3F 49 01", 100, 1 }, /* 100 at 1 */
        { "3E 00 3F 49 01", 30, 1 },              /* relinquished */
        { "3E 00 3F 49 08", 70, 8 },
        { "3E 00 3F", 70, 16 },
        { "3E 00 3F 49 05", 70, 5 },  /* was free */
        { "3E 00 3F 49 0A", 10, 10 }, /* Relinquish_Default */
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        char request[128];
        (void)snprintf(request, sizeof(request), "00 05 07 0F 0C 00 40 00 01 19 55 %s",
                       rows[i].value_and_priority);
        fixture_expect(&f, request, "20 07 0F");
        expect_present(&f, VALVE, rows[i].present);
        struct bac_server_event e;
        assert_true(bac_server_next_event(f.server, &e));
        assert_int_equal(e.object.type, BAC_OBJECT_ANALOG_OUTPUT);
        assert_int_equal(e.property, BAC_PROPERTY_PRESENT_VALUE);
        assert_int_equal(e.priority, rows[i].priority);
        assert_float_equal(e.present.as.real, rows[i].present, 0.0001F);
        assert_true(bac_address_equal(&e.from, &f.from));
        expect_no_event(&f);
    }
    fixture_close(&f);
}

static void the_priority_array_shows_what_was_commanded(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    static const struct exchange rows[] = {
        { "00 05 07 0C 0C 01 40 00 01 1A 01 AF", /* Current_Command_Priority */
          "30 07 0C 0C 01 40 00 01 1A 01 AF 3E 00 3F" },
        { "00 05 07 0F 0C 01 40 00 01 19 55 3E 91 01 3F 49 03", "20 07 0F" },
        { "00 05 07 0C 0C 01 40 00 01 19 57", "30 07 0C 0C 01 40 00 01 19 57 3E 00 00 91 01 00 00 "
                                              "00 00 00 00 00 00 00 00 00 00 00 3F" },
        { "00 05 07 0C 0C 01 40 00 01 19 57 29 03",
          "30 07 0C 0C 01 40 00 01 19 57 29 03 3E 91 01 3F" },
        { "00 05 07 0C 0C 01 40 00 01 19 57 29 00",
          "30 07 0C 0C 01 40 00 01 19 57 29 00 3E 21 10 3F" },
        { "00 05 07 0C 0C 01 40 00 01 19 57 29 11", "50 07 0C 91 02 91 2A" },
        { "00 05 07 0C 0C 01 40 00 01 19 68", "30 07 0C 0C 01 40 00 01 19 68 3E 91 00 3F" },
        { "00 05 07 0C 0C 01 40 00 01 1A 01 AF", "30 07 0C 0C 01 40 00 01 1A 01 AF 3E 21 03 3F" },
        { "00 05 07 0F 0C 01 40 00 01 19 57 3E 91 01 3F 29 03", "60 07 07" },
        { "00 05 07 0F 0C 01 40 00 01 19 57 29 03 3E 91 01 3F", "50 07 0F 91 02 91 28" },
    };
    run(&f, rows, BAS_ARRAY_LEN(rows));
    fixture_close(&f);
}

static void write_property_tells_what_is_wrong_and_changes_nothing(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { "00 05 07 0F 0C 00 00 00 09 19 55 3E 44 00 00 00 00 3F", "50 07 0F 91 01 91 1F" },
        { "00 05 07 0F 0C 02 3F FF FF 19 4D 3E 75 02 00 41 3F", "50 07 0F 91 01 91 1F" },
        { "00 05 07 0F 0C 00 40 00 01 19 50 3E 44 00 00 00 00 3F", "50 07 0F 91 02 91 20" },
        { "00 05 07 0F 0C 00 40 00 01 19 55 29 01 3E 44 00 00 00 00 3F", "50 07 0F 91 02 91 32" },
        { "00 05 07 0F 0C 03 80 00 01 19 6E 29 04 3E 75 02 00 41 3F", "50 07 0F 91 02 91 2A" },
        { "00 05 07 0F 0C 03 80 00 01 19 6E 29 00 3E 21 03 3F", "50 07 0F 91 02 91 28" },
        { "00 05 07 0F 0C 00 40 00 01 19 4D 3E 75 05 00 52 6F 6F 6D 3F", "50 07 0F 91 02 91 30" },
        { "00 05 07 0F 0C 00 00 00 01 19 55 3E 44 00 00 00 00 3F", "50 07 0F 91 02 91 28" },
        { "00 05 07 0F 0C 00 80 00 03 19 55 3E 44 00 00 00 00 3F", "50 07 0F 91 02 91 28" },
        { "00 05 07 0F 0C 00 00 00 01 19 55 3E 00 3F", "50 07 0F 91 02 91 28" },
        { "00 05 07 0F 0C 00 00 00 01 19 67 3E 91 01 3F", "50 07 0F 91 02 91 28" },
        { "00 05 07 0F 0C 00 40 00 01 19 55 3E 44 00 00 00 00 3F 49 06", "50 07 0F 91 02 91 28" },
        { "00 05 07 0F 0C 00 40 00 01 19 55 3E 21 05 3F", "50 07 0F 91 02 91 09" },
        { "00 05 07 0F 0C 00 40 00 01 19 55 3E 3F", "50 07 0F 91 02 91 09" },
        { "00 05 07 0F 0C 00 40 00 01 19 55 3E 44 00 00 00 00 00 3F", "50 07 0F 91 02 91 09" },
        { "00 05 07 0F 0C 00 40 00 01 19 55 3E 0E 0F 3F", "50 07 0F 91 02 91 09" },
        { "00 05 07 0F 0C 00 40 00 01 19 55 3E 44 42 CA 00 00 3F", "50 07 0F 91 02 91 25" },
        { "00 05 07 0F 0C 00 40 00 01 19 55 3E 44 BF 80 00 00 3F", "50 07 0F 91 02 91 25" },
        { "00 05 07 0F 0C 00 40 00 01 19 55 3E 44 7F C0 00 00 3F", "50 07 0F 91 02 91 25" },
        { "00 05 07 0F 0C 00 40 00 01 19 55 3E 44 7F 80 00 00 3F", "50 07 0F 91 02 91 25" },
        { "00 05 07 0F 0C 00 80 00 01 19 55 3E 44 7F C0 00 00 3F", "50 07 0F 91 02 91 25" },
        { "00 05 07 0F 0C 00 80 00 01 19 55 3E 44 FF 80 00 00 3F", "50 07 0F 91 02 91 25" },
        { "00 05 07 0F 0C 01 40 00 01 19 55 3E 91 02 3F", "50 07 0F 91 02 91 25" },
        { "00 05 07 0F 0C 04 C0 00 01 19 55 3E 21 00 3F", "50 07 0F 91 02 91 25" },
        { "00 05 07 0F 0C 04 C0 00 01 19 55 3E 21 04 3F", "50 07 0F 91 02 91 25" },
        { "00 05 07 0F 0C 04 C0 00 01 19 55 3E 25 05 01 00 00 00 02 3F", "50 07 0F 91 02 91 25" },
        { "00 05 07 0F 0C 00 00 00 01 19 16 3E 44 BF 80 00 00 3F", "50 07 0F 91 02 91 25" },
    };
    struct fixture f;
    fixture_open(&f);
    run(&f, rows, BAS_ARRAY_LEN(rows));
    expect_no_event(&f);
    expect_present(&f, VALVE, 10);
    expect_present(&f, ROOM, 21.5F);
    assert_int_equal(bac_server_stats(f.server)->errors, BAS_ARRAY_LEN(rows));
    fixture_close(&f);
}

static void a_writable_value_takes_what_is_written_and_null_changes_nothing(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_expect(&f, "00 05 07 0F 0C 00 80 00 01 19 55 3E 44 42 48 00 00 3F 49 08", "20 07 0F");
    expect_present(&f, SETPOINT, 50);
    struct bac_server_event e;
    assert_true(bac_server_next_event(f.server, &e));
    assert_int_equal(e.priority, 0); /* it means nothing here */
    fixture_expect(&f, "00 05 07 0F 0C 00 80 00 01 19 51 3E 11 3F", "20 07 0F");
    fixture_expect(&f, "00 05 07 0F 0C 00 80 00 01 19 51 3E 10 3F", "20 07 0F");
    expect_present(&f, SETPOINT, 50);
    fixture_expect(&f, "00 05 07 0F 0C 00 80 00 01 19 55 3E 00 3F", "20 07 0F");
    fixture_expect(&f, "00 05 07 0F 0C 00 80 00 01 19 51 3E 00 3F", "20 07 0F");
    fixture_expect(&f, "00 05 07 0F 0C 00 00 00 01 19 16 3E 00 3F", "20 07 0F");
    expect_no_event(&f);
    expect_present(&f, SETPOINT, 50);
    fixture_expect(&f, "00 05 07 0F 0C 00 00 00 01 19 16 3E 44 40 00 00 00 3F", "20 07 0F");
    fixture_expect(&f, "00 05 07 0C 0C 00 00 00 01 19 16",
                   "30 07 0C 0C 00 00 00 01 19 16 3E 44 40 00 00 00 3F");
    fixture_close(&f);
}

static void out_of_service_parts_an_input_from_the_program(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct bac_value value = real(22);
    assert_int_equal(bac_server_set(f.server, ROOM, &value, 0), BAS_OK);
    expect_present(&f, ROOM, 22);
    fixture_expect(&f, "00 05 07 0F 0C 00 00 00 01 19 51 3E 11 3F", "20 07 0F");
    struct bac_server_event e;
    assert_true(bac_server_next_event(f.server, &e));
    assert_int_equal(e.property, BAC_PROPERTY_OUT_OF_SERVICE);
    assert_true(e.value.as.boolean);
    value = real(23);
    assert_int_equal(bac_server_set(f.server, ROOM, &value, 0), BAS_OK);
    expect_present(&f, ROOM, 22);
    static const struct exchange tests[] = {
        { "00 05 07 0F 0C 00 00 00 01 19 55 3E 44 42 48 00 00 3F", "20 07 0F" },
        { "00 05 07 0F 0C 00 00 00 01 19 67 3E 91 01 3F", "20 07 0F" }, /* no-sensor */
        { "00 05 07 0C 0C 00 00 00 01 19 6F",
          "30 07 0C 0C 00 00 00 01 19 6F 3E 82 04 50 3F" }, /* fault, out of service */
        { "00 05 07 0F 0C 00 00 00 01 19 67 3E 93 01 00 00 3F", "50 07 0F 91 02 91 25" },
        { "00 05 07 0F 0C 00 00 00 01 19 67 3E 91 00 3F", "20 07 0F" },
    };
    run(&f, tests, BAS_ARRAY_LEN(tests));
    expect_present(&f, ROOM, 50);
    fixture_expect(&f, "00 05 07 0F 0C 00 00 00 01 19 51 3E 10 3F", "20 07 0F");
    expect_present(&f, ROOM, 23);
    fixture_close(&f);
}

static void out_of_service_leaves_a_commandable_value_its_commands(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { "00 05 07 0F 0C 00 40 00 01 19 51 3E 11 3F", "20 07 0F" },
        { "00 05 07 0F 0C 00 40 00 01 19 55 3E 44 42 48 00 00 3F 49 08", "20 07 0F" },
        { "00 05 07 0F 0C 00 40 00 01 19 51 3E 10 3F", "20 07 0F" },
    };
    struct fixture f;
    fixture_open(&f);
    run(&f, rows, BAS_ARRAY_LEN(rows));
    expect_present(&f, VALVE, 50);
    fixture_close(&f);
}

static bas_err put(struct fixture *f, struct bac_object_id id, uint32_t property, const char *raw,
                   struct bas_fault *fault)
{
    const struct bac_write_property what = { .object = id,
                                             .property = property,
                                             .value = test_hex(raw) };
    return bac_server_put(f->server, &what, fault);
}

static void the_program_puts_what_the_network_must_not_write(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct bas_fault fault = { 0 };
    assert_int_equal(put(&f, ROOM, BAC_PROPERTY_PRESENT_VALUE, "44 41 B0 00 00", &fault), BAS_OK);
    expect_present(&f, ROOM, 22);
    assert_int_equal(put(&f, ROOM, BAC_PROPERTY_RELIABILITY, "91 01", &fault), BAS_OK);
    assert_int_equal(put(&f, ROOM, BAC_PROPERTY_PRESENT_VALUE, "21 01", &fault), BAS_ERR_INVALID);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_INVALID_DATA_TYPE);
    struct bac_object_id none = { BAC_OBJECT_ANALOG_INPUT, 9 };
    assert_int_equal(put(&f, none, BAC_PROPERTY_PRESENT_VALUE, "21 01", &fault), BAS_ERR_NOT_FOUND);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_UNKNOWN_OBJECT);
    expect_no_event(&f);
    assert_int_equal(put(&f, ROOM, BAC_PROPERTY_OUT_OF_SERVICE, "11", &fault), BAS_OK);
    assert_int_equal(put(&f, ROOM, BAC_PROPERTY_PRESENT_VALUE, "44 41 B8 00 00", &fault), BAS_OK);
    expect_present(&f, ROOM, 22); /* as bac_server_set: it shows when service resumes */
    assert_int_equal(put(&f, ROOM, BAC_PROPERTY_OUT_OF_SERVICE, "10", &fault), BAS_OK);
    expect_present(&f, ROOM, 23);
    fixture_close(&f);
}

static void an_event_that_lasts_is_given_back_to_a_new_server(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_expect(&f, "00 05 07 0F 0C 00 40 00 01 19 55 3E 44 42 48 00 00 3F 49 08", "20 07 0F");
    struct bac_server_event e;
    assert_true(bac_server_next_event(f.server, &e));
    assert_true(e.lasts);
    assert_int_equal(e.index, BAC_NO_INDEX);
    assert_int_equal(e.raw.len, 5);
    uint8_t kept[5];
    memcpy(kept, e.raw.data, sizeof(kept));
    e.raw.data = kept;
    fixture_close(&f);
    fixture_open(&f);
    struct bas_fault fault = { 0 };
    assert_int_equal(bac_server_restore(f.server, &e, &fault), BAS_OK);
    expect_present(&f, VALVE, 50);
    fixture_expect(&f, "00 05 07 0C 0C 00 40 00 01 1A 01 AF",
                   "30 07 0C 0C 00 40 00 01 1A 01 AF 3E 21 08 3F");
    e.kind = BAC_SERVER_TIME;
    assert_int_equal(bac_server_restore(f.server, &e, &fault), BAS_ERR_INVALID);
    fixture_close(&f);
}

static void the_objects_are_listed_in_order(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct bac_object_id id;
    struct bac_object_id before = { 0, 0 };
    size_t n = 0;
    for (; bac_server_object(f.server, n, &id); n++) {
        assert_true(id.type > before.type ||
                    (id.type == before.type && id.instance > before.instance));
        before = id;
    }
    assert_int_equal(n, BAS_ARRAY_LEN(FIXTURE_OBJECTS) + 1);
    fixture_close(&f);
}

static void the_program_sets_and_gets_values_of_every_kind(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    static const struct {
        struct bac_object_id id;
        enum bac_tag kind;
        uint64_t good, bad;
    } rows[] = {
        { { BAC_OBJECT_BINARY_INPUT, 1 }, BAC_TAG_ENUMERATED, 1, 2 },
        { { BAC_OBJECT_BINARY_OUTPUT, 1 }, BAC_TAG_ENUMERATED, 1, 2 },
        { { BAC_OBJECT_BINARY_VALUE, 1 }, BAC_TAG_ENUMERATED, 1, 2 },
        { { BAC_OBJECT_MULTI_STATE_INPUT, 1 }, BAC_TAG_UNSIGNED, 4, 5 },
        { { BAC_OBJECT_MULTI_STATE_OUTPUT, 1 }, BAC_TAG_UNSIGNED, 3, 0 },
        { { BAC_OBJECT_MULTI_STATE_VALUE, 1 }, BAC_TAG_UNSIGNED, 2, 4 },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bac_value value = { .tag = rows[i].kind, .as.unsigned_integer = rows[i].bad };
        assert_int_equal(bac_server_set(f.server, rows[i].id, &value, 0), BAS_ERR_INVALID);
        value.as.unsigned_integer = rows[i].good;
        assert_int_equal(bac_server_set(f.server, rows[i].id, &value, 0), BAS_OK);
        struct bac_value got;
        assert_int_equal(bac_server_get(f.server, rows[i].id, &got), BAS_OK);
        assert_int_equal(got.tag, rows[i].kind);
        assert_int_equal(got.as.unsigned_integer, rows[i].good);
        value = real(1);
        assert_int_equal(bac_server_set(f.server, rows[i].id, &value, 0), BAS_ERR_INVALID);
    }
    struct bac_value value = real(1);
    struct bac_object_id none = { BAC_OBJECT_ANALOG_INPUT, 9 };
    struct bac_object_id device = { BAC_OBJECT_DEVICE, 1234 };
    assert_int_equal(bac_server_set(f.server, none, &value, 0), BAS_ERR_NOT_FOUND);
    assert_int_equal(bac_server_set(f.server, device, &value, 0), BAS_ERR_NOT_FOUND);
    assert_int_equal(bac_server_get(f.server, device, &value), BAS_ERR_NOT_FOUND);
    assert_int_equal(bac_server_set(f.server, VALVE, &value, 17), BAS_ERR_INVALID);
    fixture_close(&f);
}

static void the_program_commands_at_its_own_priority(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct bac_value value = real(40);
    assert_int_equal(bac_server_set(f.server, VALVE, &value, 9), BAS_OK);
    fixture_expect(&f, "00 05 07 0F 0C 00 40 00 01 19 55 3E 44 42 48 00 00 3F", "20 07 0F");
    expect_present(&f, VALVE, 40);
    struct bac_value null = { .tag = BAC_TAG_NULL };
    assert_int_equal(bac_server_set(f.server, VALVE, &null, 9), BAS_OK);
    expect_present(&f, VALVE, 50);
    assert_int_equal(bac_server_set(f.server, ROOM, &null, 0), BAS_ERR_INVALID);
    fixture_close(&f);
}

static void reliability_raises_the_fault_flag(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct bac_object_id port = { BAC_OBJECT_NETWORK_PORT, 1 };
    struct bac_object_id device = { BAC_OBJECT_DEVICE, 1234 };
    assert_int_equal(
        bac_server_set_reliability(f.server, port, BAC_RELIABILITY_COMMUNICATION_FAILURE), BAS_OK);
    fixture_expect(&f, "00 05 07 0C 0C 0E 00 00 01 19 6F",
                   "30 07 0C 0C 0E 00 00 01 19 6F 3E 82 04 40 3F");
    fixture_expect(&f, "00 05 07 0C 0C 0E 00 00 01 19 67",
                   "30 07 0C 0C 0E 00 00 01 19 67 3E 91 0C 3F");
    assert_int_equal(bac_server_set_reliability(f.server, device, 1), BAS_ERR_NOT_FOUND);
    assert_int_equal(bac_server_set_reliability(f.server, port, 65536), BAS_ERR_INVALID);
    fixture_close(&f);
}

static void expect_reliability(struct fixture *f, uint64_t want)
{
    const struct bac_read_property what = { .object = ROOM, .property = BAC_PROPERTY_RELIABILITY };
    uint8_t memory[8];
    struct bas_buf out;
    struct bac_value value;
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(bac_server_read(f->server, &what, &out, NULL), BAS_OK);
    assert_int_equal(bac_decode_all(&bac_type_value, (struct bas_slice){ out.data, out.len },
                                    &value, NULL, NULL),
                     BAS_OK);
    assert_int_equal(value.as.unsigned_integer, want);
}

static void back_in_service_the_reliability_is_that_of_the_program(void **state)
{
    (void)state;
    static const char out[] = "00 05 07 0F 0C 00 00 00 01 19 51 3E 11 3F";
    static const char in[] = "00 05 07 0F 0C 00 00 00 01 19 51 3E 10 3F";
    static const char no_sensor[] = "00 05 07 0F 0C 00 00 00 01 19 67 3E 91 01 3F";
    struct fixture f;
    fixture_open(&f);
    fixture_expect(&f, out, "20 07 0F");
    fixture_expect(&f, no_sensor, "20 07 0F");
    fixture_expect(&f, out, "20 07 0F"); /* still */
    expect_reliability(&f, BAC_RELIABILITY_NO_SENSOR);
    fixture_expect(&f, in, "20 07 0F");
    expect_reliability(&f, BAC_RELIABILITY_NO_FAULT_DETECTED);
    fixture_expect(&f, out, "20 07 0F");
    assert_int_equal(bac_server_set_reliability(f.server, ROOM, BAC_RELIABILITY_OVER_RANGE),
                     BAS_OK);
    expect_reliability(&f, BAC_RELIABILITY_NO_FAULT_DETECTED); /* parted */
    fixture_expect(&f, in, "20 07 0F");
    expect_reliability(&f, BAC_RELIABILITY_OVER_RANGE);
    fixture_close(&f);
}

static void a_text_of_as_many_octets_as_there_can_be_fits(void **state)
{
    (void)state;
    const struct bac_object_config object = { .type = BAC_OBJECT_CHARACTERSTRING_VALUE,
                                              .instance = 1,
                                              .name = "Text",
                                              .max_value = UINT16_MAX,
                                              .writable = true };
    struct bac_server_config config = fixture_config();
    config.objects = &object;
    config.n_objects = 1;
    struct fixture f;
    fixture_open_with(&f, &config);
    static uint8_t octets[UINT16_MAX];
    memset(octets, 'x', sizeof(octets));
    const struct bac_value value = { .tag = BAC_TAG_CHARACTER_STRING,
                                     .as.text = { BAC_CHARSET_UTF8, { octets, sizeof(octets) } } };
    const struct bac_object_id id = { BAC_OBJECT_CHARACTERSTRING_VALUE, 1 };
    assert_int_equal(bac_server_set(f.server, id, &value, 0), BAS_OK);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_commandable_value_follows_its_highest_priority),
        cmocka_unit_test(the_priority_array_shows_what_was_commanded),
        cmocka_unit_test(write_property_tells_what_is_wrong_and_changes_nothing),
        cmocka_unit_test(a_writable_value_takes_what_is_written_and_null_changes_nothing),
        cmocka_unit_test(out_of_service_parts_an_input_from_the_program),
        cmocka_unit_test(out_of_service_leaves_a_commandable_value_its_commands),
        cmocka_unit_test(the_program_puts_what_the_network_must_not_write),
        cmocka_unit_test(an_event_that_lasts_is_given_back_to_a_new_server),
        cmocka_unit_test(the_objects_are_listed_in_order),
        cmocka_unit_test(the_program_sets_and_gets_values_of_every_kind),
        cmocka_unit_test(the_program_commands_at_its_own_priority),
        cmocka_unit_test(reliability_raises_the_fault_flag),
        cmocka_unit_test(back_in_service_the_reliability_is_that_of_the_program),
        cmocka_unit_test(a_text_of_as_many_octets_as_there_can_be_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
