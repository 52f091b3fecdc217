#include "basalt/bacnet_enum.h"
#include "rt/object_value.h"
#include "test_env.h"

#include <string.h>

static bas_err encoded(uint32_t type, const char *text, char hex[256], char why[200])
{
    uint8_t memory[100];
    struct bas_buf out;
    struct bas_buf said;
    struct bas_buf as_hex;
    bas_buf_init(&out, memory, sizeof(memory));
    bas_buf_init(&said, why, 200);
    bas_buf_init(&as_hex, hex, 256);
    bas_err err = object_value_encode(object_kind_of(type), text, &out, &said);
    bas_buf_add_hex(&as_hex, (struct bas_slice){ memory, out.len });
    (void)bas_buf_text(&as_hex);
    (void)bas_buf_text(&said);
    return err;
}

static void a_value_of_each_type_is_encoded_as_its_type(void **state)
{
    (void)state;
    static const struct {
        uint32_t type;
        const char *text, *hex;
    } rows[] = {
        { BAC_OBJECT_ANALOG_INPUT, "21.5", "4441ac0000" },
        { BAC_OBJECT_ANALOG_VALUE, "-1", "44bf800000" },
        { BAC_OBJECT_BINARY_VALUE, "active", "9101" },
        { BAC_OBJECT_BINARY_VALUE, "true", "9101" },
        { BAC_OBJECT_BINARY_INPUT, "0", "9100" },
        { BAC_OBJECT_MULTI_STATE_VALUE, "3", "2103" },
        { BAC_OBJECT_INTEGER_VALUE, "-2", "31fe" },
        { BAC_OBJECT_INTEGER_VALUE, "2", "3102" },
        { BAC_OBJECT_POSITIVE_INTEGER_VALUE, "300", "22012c" },
        { BAC_OBJECT_LARGE_ANALOG_VALUE, "1", "55083ff0000000000000" },
        { BAC_OBJECT_CHARACTERSTRING_VALUE, "21.5", "7505003231 2e35" },
        { BAC_OBJECT_CHARACTERSTRING_VALUE, "null", "7505006e756c6c" },
        { BAC_OBJECT_BITSTRING_VALUE, "0110", "820460" },
        { BAC_OBJECT_OCTETSTRING_VALUE, "0a0b", "620a0b" },
        { BAC_OBJECT_DATE_VALUE, "2026-10-12", "a47e0a0c01" },
        { BAC_OBJECT_TIME_VALUE, "13:30", "b40d1e0000" },
        { BAC_OBJECT_DATETIME_VALUE, "2026-10-12 13:30", "a47e0a0c01b40d1e0000" },
        { BAC_OBJECT_DATE_PATTERN_VALUE, "*-12-25", "a4ff0c19ff" },
        { BAC_OBJECT_TIME_PATTERN_VALUE, "*:30", "b4ff1e0000" },
        { BAC_OBJECT_DATETIME_PATTERN_VALUE, "*-*-* fri *:00", "a4ffffff05b4ff000000" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        char hex[256];
        char why[200];
        char wanted[64];
        struct bas_buf out;
        bas_buf_init(&out, wanted, sizeof(wanted));
        bas_buf_add_hex(&out, test_hex(rows[i].hex));
        bas_err err = encoded(rows[i].type, rows[i].text, hex, why);
        assert_string_equal(why, "");
        assert_int_equal(err, BAS_OK);
        assert_string_equal(hex, bas_buf_text(&out));
    }
}

static void what_does_not_fit_is_told_with_what_does(void **state)
{
    (void)state;
    static const struct {
        uint32_t type;
        const char *text, *why;
    } rows[] = {
        { BAC_OBJECT_ANALOG_INPUT, "warm", "\"warm\" is no value of an analog-input; a number" },
        { BAC_OBJECT_ANALOG_INPUT, "nan", "a number" },
        { BAC_OBJECT_ANALOG_INPUT, "null", "a number" },
        { BAC_OBJECT_BINARY_INPUT, "2", "active or inactive" },
        { BAC_OBJECT_POSITIVE_INTEGER_VALUE, "-1", "a whole number from 0 on" },
        { BAC_OBJECT_OCTETSTRING_VALUE, "0a0", "hex digits" },
        { BAC_OBJECT_BITSTRING_VALUE, "012", "bits" },
        { BAC_OBJECT_DATE_VALUE, "*-12-25", "a date such as" },
        { BAC_OBJECT_TIME_VALUE, "*:30", "a time such as" },
        { BAC_OBJECT_DATETIME_VALUE, "2026-10-12", "a date and a time" },
        { BAC_OBJECT_DATETIME_VALUE, "*-10-12 13:30", "a date and a time" },
        { BAC_OBJECT_FILE, "x", "a file has no value; leave it out" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        char hex[256];
        char why[200];
        assert_int_equal(encoded(rows[i].type, rows[i].text, hex, why), BAS_ERR_INVALID);
        assert_string_equal(hex, "");
        assert_non_null(strstr(why, rows[i].why));
    }
    assert_null(object_kind_of(BAC_OBJECT_LIFE_SAFETY_ZONE));
}

static void a_subordinate_names_an_object_here_or_elsewhere(void **state)
{
    (void)state;
    struct object_subordinate s;
    assert_true(object_subordinate_read("analog-input,1", &s));
    assert_int_equal(s.object.instance, 1);
    assert_true(s.device == UINT32_MAX && s.annotation == NULL);
    assert_true(object_subordinate_read("7/bv,2 Pump / 1", &s));
    assert_int_equal(s.device, 7);
    assert_int_equal(s.object.type, BAC_OBJECT_BINARY_VALUE);
    assert_string_equal(s.annotation, "Pump / 1");
    static const char *const wrong[] = { "", "fan", "7/", "x/ai,1", "4194303/ai,1", "/ai,1x" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(wrong); i++) {
        assert_false(object_subordinate_read(wrong[i], &s));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_of_each_type_is_encoded_as_its_type),
        cmocka_unit_test(what_does_not_fit_is_told_with_what_does),
        cmocka_unit_test(a_subordinate_names_an_object_here_or_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
