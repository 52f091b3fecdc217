/* Present_Value of every kind: what it takes, how it is kept, commanded and relinquished. */
#include "object_fixture.h"

#include "bacnet/object.h"
#include "bacnet/server/server.h"

static struct bac_object *object_of(struct fixture *f, uint16_t type)
{
    struct bac_object *object =
        bac_database_find(&f->server->db, (struct bac_object_id){ type, 1 });
    assert_non_null(object);
    return object;
}

static unsigned write(struct bac_object *object, uint32_t property, uint8_t priority,
                      const char *hex)
{
    struct bac_write w = { .property = property, .index = BAC_NO_INDEX, .priority = priority };
    struct bas_fault fault = { 0 };
    bas_err err = bac_object_write(object, &w, test_hex(hex), &fault);
    return err == BAS_OK ? (unsigned)BAC_ERROR_CODE_SUCCESS : fault.error_code;
}

static void expect(const struct bac_object *object, uint32_t property, uint32_t index,
                   const char *hex)
{
    uint8_t memory[512];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(bac_object_read(object, property, index, &out, NULL), BAS_OK);
    struct bas_slice want = test_hex(hex);
    char text[256];
    struct bas_buf b;
    bas_buf_init(&b, text, sizeof(text));
    bas_buf_add_hex(&b, (struct bas_slice){ out.data, out.len });
    if (out.len != want.len || memcmp(out.data, want.data, want.len) != 0) {
        fail_msg("%s %u is %s instead of %s", bac_object_type_name(object->id.type),
                 (unsigned)property, bas_buf_text(&b), hex);
    }
}

enum {
    OK = BAC_ERROR_CODE_SUCCESS,
    TYPE = BAC_ERROR_CODE_INVALID_DATA_TYPE,
    RANGE = BAC_ERROR_CODE_VALUE_OUT_OF_RANGE,
    ROOM = BAC_ERROR_CODE_NO_SPACE_TO_WRITE_PROPERTY,
    CHARSET = BAC_ERROR_CODE_CHARACTER_SET_NOT_SUPPORTED
};

static void each_kind_takes_its_values_and_no_others(void **state)
{
    (void)state;
    static const struct {
        uint16_t type;
        const char *value;
        unsigned code;
        const char *kept; /* NULL: as written */
    } rows[] = {
        { BAC_OBJECT_LARGE_ANALOG_VALUE, "55 08 40 59 00 00 00 00 00 00", OK, NULL },
        { BAC_OBJECT_LARGE_ANALOG_VALUE, "44 42 C8 00 00", TYPE, NULL },
        { BAC_OBJECT_LARGE_ANALOG_VALUE, "55 08 BF F0 00 00 00 00 00 00", RANGE, NULL },
        { BAC_OBJECT_LARGE_ANALOG_VALUE, "55 08 7F F8 00 00 00 00 00 00", RANGE, NULL },
        { BAC_OBJECT_INTEGER_VALUE, "31 CE", OK, NULL },
        { BAC_OBJECT_INTEGER_VALUE, "34 FF FF FF CE", OK, "31 CE" },
        { BAC_OBJECT_INTEGER_VALUE, "31 00", RANGE, NULL },
        { BAC_OBJECT_INTEGER_VALUE, "35 08 80 00 00 00 00 00 00 00", RANGE, NULL },
        { BAC_OBJECT_INTEGER_VALUE, "21 01", TYPE, NULL },
        { BAC_OBJECT_POSITIVE_INTEGER_VALUE, "25 08 FF FF FF FF FF FF FF FF", OK, NULL },
        { BAC_OBJECT_POSITIVE_INTEGER_VALUE, "31 01", TYPE, NULL },
        { BAC_OBJECT_CHARACTERSTRING_VALUE, "75 06 00 48 65 6C 6C 6F", OK, NULL },
        { BAC_OBJECT_CHARACTERSTRING_VALUE, "75 05 04 00 48 00 69", OK, NULL },
        { BAC_OBJECT_CHARACTERSTRING_VALUE, "71 00", OK, NULL },
        { BAC_OBJECT_CHARACTERSTRING_VALUE, "72 09 41", CHARSET, NULL },
        { BAC_OBJECT_CHARACTERSTRING_VALUE,
          "75 16 00 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41", ROOM, NULL },
        { BAC_OBJECT_CHARACTERSTRING_VALUE, "60", TYPE, NULL },
        { BAC_OBJECT_OCTETSTRING_VALUE, "64 01 02 03 04", OK, NULL },
        { BAC_OBJECT_OCTETSTRING_VALUE, "65 05 01 02 03 04 05", ROOM, NULL },
        { BAC_OBJECT_OCTETSTRING_VALUE, "60", OK, NULL },
        { BAC_OBJECT_BITSTRING_VALUE, "82 04 A0", OK, NULL },
        { BAC_OBJECT_BITSTRING_VALUE, "84 00 01 02 03", ROOM, NULL },
        { BAC_OBJECT_DATE_VALUE, "A4 7E 0A 0C 01", OK, NULL },
        { BAC_OBJECT_DATE_VALUE, "A4 7E 0A 0C FF", OK, NULL },
        { BAC_OBJECT_DATE_VALUE, "A4 FF FF FF FF", OK, NULL },
        { BAC_OBJECT_DATE_VALUE, "A4 7E 0A 0C 02", RANGE, NULL }, /* that was a Monday */
        { BAC_OBJECT_DATE_VALUE, "A4 FF 0A 0C FF", RANGE, NULL },
        { BAC_OBJECT_DATE_VALUE, "A4 7E 02 1E FF", RANGE, NULL },
        { BAC_OBJECT_DATE_PATTERN_VALUE, "A4 FF 0A 20 FF", OK, NULL },
        { BAC_OBJECT_DATE_PATTERN_VALUE, "A4 FF 0F 01 FF", RANGE, NULL },
        { BAC_OBJECT_TIME_VALUE, "B4 0D 1E 00 00", OK, NULL },
        { BAC_OBJECT_TIME_VALUE, "B4 0D FF 00 00", RANGE, NULL },
        { BAC_OBJECT_TIME_VALUE, "B4 18 00 00 00", RANGE, NULL },
        { BAC_OBJECT_TIME_VALUE, "B3 18 00 00", TYPE, NULL },
        { BAC_OBJECT_TIME_PATTERN_VALUE, "B4 0D FF 00 00", OK, NULL },
        { BAC_OBJECT_TIME_PATTERN_VALUE, "B4 18 FF 00 00", RANGE, NULL },
        { BAC_OBJECT_DATETIME_VALUE, "A4 7E 0A 0C 01 B4 0D 1E 00 00", OK, NULL },
        { BAC_OBJECT_DATETIME_VALUE, "A4 7E 0A 0C 01 B4 FF FF FF FF", RANGE, NULL },
        { BAC_OBJECT_DATETIME_VALUE, "A4 7E 0A 0C 01", TYPE, NULL },
        { BAC_OBJECT_DATETIME_VALUE, "A4 7E 0A 0C 01 B4 0D 1E 00 00 00", TYPE, NULL },
        { BAC_OBJECT_DATETIME_PATTERN_VALUE, "A4 FF FF FF 01 B4 0D FF FF FF", OK, NULL },
        { BAC_OBJECT_DATETIME_PATTERN_VALUE, "A4 FF FF FF 08 B4 0D FF FF FF", RANGE, NULL },
        { BAC_OBJECT_ANALOG_OUTPUT, "45 04 42 48 00 00", OK, "44 42 48 00 00" },
        { BAC_OBJECT_BINARY_OUTPUT, "91 02", RANGE, NULL },
        { BAC_OBJECT_BINARY_OUTPUT, "94 00 00 00 01", OK, "91 01" },
    };
    struct fixture f;
    every_open(&f);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bac_object *object = object_of(&f, rows[i].type);
        unsigned code = write(object, BAC_PROPERTY_PRESENT_VALUE, 8, rows[i].value);
        if (code != rows[i].code) {
            fail_msg("%s := %s gives %u instead of %u", bac_object_type_name(rows[i].type),
                     rows[i].value, code, rows[i].code);
        }
        if (rows[i].code == OK) {
            expect(object, BAC_PROPERTY_PRESENT_VALUE, BAC_NO_INDEX,
                   rows[i].kept != NULL ? rows[i].kept : rows[i].value);
        }
    }
    fixture_close(&f);
}

static void each_kind_shows_something_before_anybody_says_anything(void **state)
{
    (void)state;
    static const struct {
        uint16_t type;
        const char *value;
    } rows[] = {
        { BAC_OBJECT_LARGE_ANALOG_VALUE, "55 08 00 00 00 00 00 00 00 00" },
        { BAC_OBJECT_INTEGER_VALUE, "31 9C" }, /* 0 is out of its range */
        { BAC_OBJECT_POSITIVE_INTEGER_VALUE, "21 00" },
        { BAC_OBJECT_CHARACTERSTRING_VALUE, "75 05 00 6E 6F 6E 65" },
        { BAC_OBJECT_OCTETSTRING_VALUE, "60" },
        { BAC_OBJECT_BITSTRING_VALUE, "81 00" },
        { BAC_OBJECT_DATE_VALUE, "A4 FF FF FF FF" },
        { BAC_OBJECT_TIME_VALUE, "B4 FF FF FF FF" },
        { BAC_OBJECT_DATETIME_VALUE, "A4 FF FF FF FF B4 FF FF FF FF" },
        { BAC_OBJECT_MULTI_STATE_INPUT, "21 01" },
    };
    struct fixture f;
    every_open(&f);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        expect(object_of(&f, rows[i].type), BAC_PROPERTY_PRESENT_VALUE, BAC_NO_INDEX,
               rows[i].value);
    }
    fixture_close(&f);
}

static void a_priority_array_holds_any_kind(void **state)
{
    (void)state;
    struct fixture f;
    every_open(&f);
    struct bac_object *moment = object_of(&f, BAC_OBJECT_DATETIME_VALUE);
    assert_int_equal(write(moment, 85, 3, "A4 7E 0A 0C 01 B4 0D 1E 00 00"), OK);
    expect(moment, BAC_PROPERTY_PRIORITY_ARRAY, 3, "1E A4 7E 0A 0C 01 B4 0D 1E 00 00 1F");
    expect(moment, BAC_PROPERTY_CURRENT_COMMAND_PRIORITY, BAC_NO_INDEX, "21 03");
    assert_int_equal(write(moment, 85, 3, "00"), OK);
    expect(moment, BAC_PROPERTY_PRIORITY_ARRAY, 3, "00");
    expect(moment, 85, BAC_NO_INDEX, "A4 FF FF FF FF B4 FF FF FF FF");
    struct bac_object *message = object_of(&f, BAC_OBJECT_CHARACTERSTRING_VALUE);
    assert_int_equal(write(message, 85, 16, "72 00 61"), OK);
    assert_int_equal(write(message, 85, 2, "72 00 62"), OK);
    expect(message, 85, BAC_NO_INDEX, "72 00 62");
    assert_int_equal(write(message, 85, 2, "00"), OK);
    expect(message, 85, BAC_NO_INDEX, "72 00 61");
    assert_int_equal(write(message, 85, 6, "72 00 61"), BAC_ERROR_CODE_WRITE_ACCESS_DENIED);
    fixture_close(&f);
}

static void relinquish_default_can_be_written_and_shows_at_once(void **state)
{
    (void)state;
    struct fixture f;
    every_open(&f);
    struct bac_object *valve = object_of(&f, BAC_OBJECT_ANALOG_OUTPUT);
    assert_int_equal(write(valve, BAC_PROPERTY_RELINQUISH_DEFAULT, 0, "44 41 F0 00 00"), OK);
    expect(valve, 85, BAC_NO_INDEX, "44 41 F0 00 00");
    assert_int_equal(write(valve, BAC_PROPERTY_RELINQUISH_DEFAULT, 0, "44 43 F0 00 00"), RANGE);
    assert_int_equal(write(valve, BAC_PROPERTY_RELINQUISH_DEFAULT, 0, "00"), OK); /* no change */
    assert_int_equal(write(valve, 85, 4, "44 40 00 00 00"), OK);
    assert_int_equal(write(valve, BAC_PROPERTY_RELINQUISH_DEFAULT, 0, "44 41 00 00 00"), OK);
    expect(valve, 85, BAC_NO_INDEX, "44 40 00 00 00");
    fixture_close(&f);
}

static void numbers_show_their_range_and_increment_in_their_own_type(void **state)
{
    (void)state;
    struct fixture f;
    every_open(&f);
    struct bac_object *energy = object_of(&f, BAC_OBJECT_LARGE_ANALOG_VALUE);
    expect(energy, BAC_PROPERTY_MAX_PRES_VALUE, BAC_NO_INDEX, "55 08 42 6D 1A 94 A2 00 00 00");
    expect(energy, BAC_PROPERTY_COV_INCREMENT, BAC_NO_INDEX, "55 08 00 00 00 00 00 00 00 00");
    struct bac_object *offset = object_of(&f, BAC_OBJECT_INTEGER_VALUE);
    expect(offset, BAC_PROPERTY_MIN_PRES_VALUE, BAC_NO_INDEX, "31 9C");
    assert_int_equal(write(offset, BAC_PROPERTY_COV_INCREMENT, 0, "21 05"), OK);
    expect(offset, BAC_PROPERTY_COV_INCREMENT, BAC_NO_INDEX, "21 05");
    assert_int_equal(write(offset, BAC_PROPERTY_COV_INCREMENT, 0, "31 05"), TYPE);
    assert_int_equal(write(energy, BAC_PROPERTY_COV_INCREMENT, 0, "55 08 BF F0 00 00 00 00 00 00"),
                     RANGE);
    fixture_close(&f);
}

static void what_was_written_out_of_service_stays_where_it_may_be_written(void **state)
{
    (void)state;
    struct fixture f;
    every_open(&f);
    struct bac_object *count = object_of(&f, BAC_OBJECT_POSITIVE_INTEGER_VALUE);
    assert_int_equal(write(count, BAC_PROPERTY_OUT_OF_SERVICE, 0, "11"), OK);
    assert_int_equal(write(count, 85, 0, "21 07"), OK);
    assert_int_equal(write(count, BAC_PROPERTY_OUT_OF_SERVICE, 0, "10"), OK);
    expect(count, 85, BAC_NO_INDEX, "21 07");
    struct bac_object *window = object_of(&f, BAC_OBJECT_BINARY_INPUT);
    assert_int_equal(write(window, BAC_PROPERTY_OUT_OF_SERVICE, 0, "11"), OK);
    assert_int_equal(write(window, 85, 0, "91 01"), OK);
    assert_int_equal(write(window, BAC_PROPERTY_OUT_OF_SERVICE, 0, "10"), OK);
    expect(window, 85, BAC_NO_INDEX, "91 00");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_takes_its_values_and_no_others),
        cmocka_unit_test(each_kind_shows_something_before_anybody_says_anything),
        cmocka_unit_test(a_priority_array_holds_any_kind),
        cmocka_unit_test(relinquish_default_can_be_written_and_shows_at_once),
        cmocka_unit_test(numbers_show_their_range_and_increment_in_their_own_type),
        cmocka_unit_test(what_was_written_out_of_service_stays_where_it_may_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
