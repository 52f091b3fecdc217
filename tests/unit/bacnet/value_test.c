#include "test_env.h"

#include "basalt/bacnet.h"

#include <string.h>

struct scratch {
    uint8_t memory[2048];
    struct bac_arena arena;
    uint8_t text[2048];
    struct bas_buf out;
};

static void begin(struct scratch *s)
{
    bac_arena_init(&s->arena, s->memory, sizeof(s->memory));
    bas_buf_init(&s->out, s->text, sizeof(s->text));
}

struct parse_row {
    const struct bac_type *type;
    const char *text;
    int tag;          /* -1: refused */
    const char *back; /* how it prints with its type; NULL: as text */
};

static const struct parse_row rows[] = {
    /* guesses */
    { NULL, "null", BAC_TAG_NULL, NULL },
    { NULL, "NULL", BAC_TAG_NULL, "null" },
    { NULL, "true", BAC_TAG_BOOLEAN, NULL },
    { NULL, "false", BAC_TAG_BOOLEAN, NULL },
    { NULL, "72", BAC_TAG_UNSIGNED, NULL },
    { NULL, "18446744073709551615", BAC_TAG_UNSIGNED, NULL },
    { NULL, "18446744073709551616", BAC_TAG_REAL, "1.8446744e+19" },
    { NULL, "-1", BAC_TAG_INTEGER, NULL },
    { NULL, "-9223372036854775808", BAC_TAG_INTEGER, NULL },
    { NULL, "72.5", BAC_TAG_REAL, NULL },
    { NULL, "0.1", BAC_TAG_REAL, NULL },
    { NULL, "-1e3", BAC_TAG_REAL, "-1000" },
    { NULL, "1e39", -1, NULL },
    { NULL, "\"text\"", BAC_TAG_CHARACTER_STRING, NULL },
    { NULL, "\"\"", BAC_TAG_CHARACTER_STRING, NULL },
    { NULL, "\"a \\\"b\\\" \\\\\"", BAC_TAG_CHARACTER_STRING, NULL },
    { NULL, "2026-10-12", BAC_TAG_DATE, NULL },
    { NULL, "*-12-25", BAC_TAG_DATE, NULL },
    { NULL, "13:30", BAC_TAG_TIME, "13:30:00.00" },
    { NULL, "ai,1", BAC_TAG_OBJECT_IDENTIFIER, "analog-input,1" },
    { NULL, "8:100", BAC_TAG_OBJECT_IDENTIFIER, "device,100" },
    { NULL, "active", BAC_TAG_ENUMERATED, "1" },
    { NULL, "Inactive", BAC_TAG_ENUMERATED, "0" },
    { NULL, "hello", -1, NULL },
    { NULL, "", -1, NULL },
    { NULL, "\"", -1, NULL },
    { NULL, "72 ", -1, NULL },
    { NULL, "72.5x", -1, NULL },
    /* kinds in front */
    { NULL, "real:72", BAC_TAG_REAL, "72" },
    { NULL, "double:0.1", BAC_TAG_DOUBLE, "0.1" },
    { NULL, "double:0.30000000000000004", BAC_TAG_DOUBLE, "0.30000000000000004" },
    { NULL, "real:16777217", BAC_TAG_REAL, "16777216" },
    { NULL, "0.100000024", BAC_TAG_REAL, NULL },
    { NULL, "enumerated:3", BAC_TAG_ENUMERATED, "3" },
    { NULL, "enumerated:4294967296", -1, NULL },
    { NULL, "octets:0a 0B", BAC_TAG_OCTET_STRING, "0a0b" },
    { NULL, "octets:0", -1, NULL },
    { NULL, "bits:0110", BAC_TAG_BIT_STRING, "0110" },
    { NULL, "bits:012", -1, NULL },
    { NULL, "text:on", BAC_TAG_CHARACTER_STRING, "\"on\"" },
    { NULL, "integer:9223372036854775808", -1, NULL },
    { NULL, "boolean:on", BAC_TAG_BOOLEAN, "true" },
    /* declared types */
    { &bac_type_real, "72", BAC_TAG_REAL, NULL },
    { &bac_type_real, "nan", BAC_TAG_REAL, NULL },
    { &bac_type_real, "-inf", BAC_TAG_REAL, NULL },
    { &bac_type_real, "null", BAC_TAG_NULL, NULL },
    { &bac_type_real, "warm", -1, NULL },
    { &bac_type_real, "unsigned:72", BAC_TAG_UNSIGNED, "72" },
    { &bac_type_double, "72.25", BAC_TAG_DOUBLE, NULL },
    { &bac_type_boolean, "1", BAC_TAG_BOOLEAN, "true" },
    { &bac_type_boolean, "maybe", -1, NULL },
    { &bac_type_unsigned16, "65535", BAC_TAG_UNSIGNED, NULL },
    { &bac_type_unsigned16, "65536", -1, NULL },
    { &bac_type_priority, "0", -1, NULL },
    { &bac_type_integer, "5", BAC_TAG_INTEGER, NULL },
    { &bac_type_binary_pv, "active", BAC_TAG_ENUMERATED, NULL },
    { &bac_type_binary_pv, "1", BAC_TAG_ENUMERATED, "active" },
    { &bac_type_binary_pv, "2", -1, NULL },
    { &bac_type_engineering_units, "Degrees Celsius", BAC_TAG_ENUMERATED, "degrees-celsius" },
    { &bac_type_engineering_units, "DEGREES_CELSIUS", BAC_TAG_ENUMERATED, "degrees-celsius" },
    { &bac_type_engineering_units, "300", BAC_TAG_ENUMERATED, NULL },
    { &bac_type_character_string, "null", BAC_TAG_CHARACTER_STRING, "\"null\"" },
    { &bac_type_character_string, "AHU 1", BAC_TAG_CHARACTER_STRING, "\"AHU 1\"" },
    { &bac_type_character_string, "real:1", BAC_TAG_CHARACTER_STRING, "\"real:1\"" },
    { &bac_type_character_string, "\"q\"", BAC_TAG_CHARACTER_STRING, NULL },
    { &bac_type_octet_string, "0a0b", BAC_TAG_OCTET_STRING, NULL },
    { &bac_type_status_flags, "{in-alarm,out-of-service}", BAC_TAG_BIT_STRING, NULL },
    { &bac_type_status_flags, "fault", BAC_TAG_BIT_STRING, "{fault}" },
    { &bac_type_object_types_supported, "{device,64}", BAC_TAG_BIT_STRING,
      "{device,color-temperature}" },
    { &bac_type_status_flags, "{}", BAC_TAG_BIT_STRING, NULL },
    { &bac_type_status_flags, "0100", BAC_TAG_BIT_STRING, "{fault}" },
    { &bac_type_status_flags, "010", -1, NULL },
    { &bac_type_status_flags, "{4}", -1, NULL },
    { &bac_type_status_flags, "{smoke}", -1, NULL },
    { &bac_type_status_flags, "{fault}x", -1, NULL },
    { &bac_type_date, "2026-02-29", -1, NULL },
    { &bac_type_date, "2024-02-29", BAC_TAG_DATE, NULL },
    { &bac_type_date, "*-02-29", BAC_TAG_DATE, NULL },
    { &bac_type_date, "*-odd-last", BAC_TAG_DATE, NULL },
    { &bac_type_date, "*-*-* mon", BAC_TAG_DATE, NULL },
    { &bac_type_date, "2026-10-12 *", BAC_TAG_DATE, NULL },
    { &bac_type_date, "2026-10-12 mon", BAC_TAG_DATE, "2026-10-12" },
    { &bac_type_date, "2026-10-12 tue", BAC_TAG_DATE, NULL },
    { &bac_type_date, "2026-13-12", -1, NULL },
    { &bac_type_date, "1899-01-01", -1, NULL },
    { &bac_type_date, "2026-10-12 noon", -1, NULL },
    { &bac_type_date, "2026-10", -1, NULL },
    { &bac_type_date, "2026-10-12x", -1, NULL },
    { &bac_type_date, "2026-04-31", -1, NULL },
    { &bac_type_time, "*:*:*.*", BAC_TAG_TIME, NULL },
    { &bac_type_time, "23:59:59.99", BAC_TAG_TIME, NULL },
    { &bac_type_time, "7:05", BAC_TAG_TIME, "07:05:00.00" },
    { &bac_type_time, "7:05:01.5", BAC_TAG_TIME, "07:05:01.50" },
    { &bac_type_time, "24:00", -1, NULL },
    { &bac_type_time, "12", -1, NULL },
    { &bac_type_time, "12:00:00.00Z", -1, NULL },
    { &bac_type_object_id, "dev:9", BAC_TAG_OBJECT_IDENTIFIER, "device,9" },
    { &bac_type_object_id, "dev:4194304", -1, NULL },
};

static void values_parse_and_print(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct scratch s;
        begin(&s);
        struct bac_value value;
        struct bas_fault fault = { 0 };
        bas_err err = bac_value_parse(rows[i].type, rows[i].text, &s.arena, &value, &fault);
        assert_int_equal(err, rows[i].tag < 0 ? BAS_ERR_INVALID : BAS_OK);
        assert_int_equal(fault.err, err);
        if (rows[i].tag < 0) {
            assert_non_null(strstr(fault.text, rows[i].text));
            continue;
        }
        assert_int_equal(value.tag, rows[i].tag);
        bac_value_text(rows[i].type, &value, &s.out);
        const char *want = rows[i].back == NULL ? rows[i].text : rows[i].back;
        assert_string_equal(bas_buf_text(&s.out), want);
    }
}

static void a_refusal_says_what_was_expected(void **state)
{
    (void)state;
    struct scratch s;
    struct bac_value value;
    struct bas_fault fault;
    begin(&s);
    assert_int_equal(bac_value_parse(&bac_type_real, "warm", &s.arena, &value, &fault),
                     BAS_ERR_INVALID);
    assert_string_equal(fault.text, "'warm' is not a number such as 72.5");
    assert_int_equal(bac_value_parse(&bac_type_binary_pv, "2", &s.arena, &value, &fault),
                     BAS_ERR_INVALID);
    assert_string_equal(fault.text, "'2' is out of range of BACnetBinaryPV");
}

static void octets_that_the_arena_cannot_hold_are_refused(void **state)
{
    (void)state;
    struct bac_arena arena;
    struct bac_value value;
    uint8_t memory[32];
    static const char *const texts[] = { "octets:000102030405060708090a0b0c0d0e0f1011121314151617"
                                         "18191a1b1c1d1e1f20",
                                         "\"a text of more than thirty-two octets\"" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        bac_arena_init(&arena, memory, sizeof(memory));
        assert_int_equal(bac_value_parse(NULL, texts[i], &arena, &value, NULL), BAS_ERR_INVALID);
    }
}

struct text_row {
    const char *hex; /* character set and octets */
    const char *utf8;
    const char *json;
    bool known;
};
static const struct text_row texts[] = {
    { "00 54", "T", "\"T\"", true },
    { "00 c3a4e282acf09d849e", "\xC3\xA4\xE2\x82\xAC\xF0\x9D\x84\x9E",
      "\"\xC3\xA4\xE2\x82\xAC\xF0\x9D\x84\x9E\"", true },
    { "00 41c041",
      "A\xEF\xBF\xBD"
      "A",
      "{\"charset\":0,\"octets\":\"41c041\",\"text\":\"A\xEF\xBF\xBD"
      "A\"}",
      false },
    { "00 e0a080 f48fbfbf", "\xE0\xA0\x80\xF4\x8F\xBF\xBF", NULL, true },
    { "00 f5", "\xEF\xBF\xBD", NULL, false },
    { "00 f5808080", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", NULL, false },
    { "00 e0808041",
      "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
      "A",
      NULL, false },
    { "00 eda080", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", NULL, false },
    { "00 f4908080", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", NULL, false },
    { "00 e282", "\xEF\xBF\xBD\xEF\xBF\xBD", NULL, false },
    { "05 41e4ff80", "A\xC3\xA4\xC3\xBF\xC2\x80",
      "{\"charset\":5,\"text\":\"A\xC3\xA4\xC3\xBF\xC2\x80\"}", true },
    { "04 004100e420ac", "A\xC3\xA4\xE2\x82\xAC",
      "{\"charset\":4,\"text\":\"A\xC3\xA4\xE2\x82\xAC\"}", true },
    { "04 d834dd1e", "\xF0\x9D\x84\x9E", NULL, true },
    { "04 d8340041",
      "\xEF\xBF\xBD"
      "A",
      NULL, false },
    { "04 e000dc00", "\xEE\x80\x80\xEF\xBF\xBD", NULL, false },
    { "04 dc00", "\xEF\xBF\xBD", NULL, false },
    { "04 004100", "A\xEF\xBF\xBD", NULL, false },
    { "03 00000041 0001d11e", "A\xF0\x9D\x84\x9E", NULL, true },
    { "03 00110000", "\xEF\xBF\xBD", NULL, false },
    { "03 0000d800", "\xEF\xBF\xBD", NULL, false },
    { "03 000041", "\xEF\xBF\xBD", NULL, false },
    { "02 2422", "jis-x-0208:2422", "{\"charset\":2,\"octets\":\"2422\"}", true },
    { "09 41", "charset-9:41", NULL, true }, /* decode lets none through */
    { "01 0352 8140", "dbcs-850:8140", "{\"charset\":1,\"octets\":\"03528140\"}", true },
};

static void every_character_set_becomes_utf8_or_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        struct scratch s;
        begin(&s);
        struct bas_slice octets = test_hex(texts[i].hex);
        const struct bac_text text = { octets.data[0], { octets.data + 1, octets.len - 1 } };
        assert_int_equal(bac_text_utf8(&text, &s.out), texts[i].known);
        assert_string_equal(bas_buf_text(&s.out), texts[i].utf8);
        if (texts[i].json != NULL) {
            struct bas_json json;
            begin(&s);
            bas_json_init(&json, &s.out);
            bac_json(&bac_type_character_string, &text, &json, NULL);
            assert_string_equal(bas_buf_text(&s.out), texts[i].json);
        }
    }
}

static void a_c_string_is_a_text_in_utf8(void **state)
{
    (void)state;
    struct bac_text text = bac_text_from("AHU 1");
    assert_int_equal(text.charset, BAC_CHARSET_UTF8);
    assert_int_equal(text.octets.len, 5);
    assert_memory_equal(text.octets.data, "AHU 1", 5);
}

static void a_weekday_belongs_to_its_date(void **state)
{
    (void)state;
    assert_int_equal(bac_date_weekday((struct bac_date){ 0, 1, 1, 255 }), 1);
    assert_int_equal(bac_date_weekday((struct bac_date){ 126, 10, 12, 255 }), 1);
    assert_int_equal(bac_date_weekday((struct bac_date){ 100, 2, 29, 255 }), 2);
    assert_int_equal(bac_date_weekday((struct bac_date){ 100, 12, 31, 255 }), 7);
    assert_int_equal(bac_date_weekday((struct bac_date){ 255, 12, 31, 255 }), 255);
    assert_int_equal(bac_date_weekday((struct bac_date){ 1, 2, 29, 255 }), 255);
    assert_true(bac_date_is_exact((struct bac_date){ 126, 10, 12, 1 }));
    assert_false(bac_date_is_exact((struct bac_date){ 126, 10, 12, 2 }));
    assert_false(bac_date_is_exact((struct bac_date){ 126, 13, 12, 1 }));
    assert_true(bac_date_is_valid((struct bac_date){ 255, 13, 34, 7 }));
    assert_false(bac_date_is_valid((struct bac_date){ 126, 15, 1, 1 }));
    assert_false(bac_date_is_valid((struct bac_date){ 126, 0, 1, 1 }));
    assert_false(bac_date_is_valid((struct bac_date){ 126, 1, 35, 1 }));
    assert_false(bac_date_is_valid((struct bac_date){ 126, 1, 1, 8 }));
    assert_true(bac_time_is_valid((struct bac_time){ 255, 59, 255, 99 }));
    assert_false(bac_time_is_valid((struct bac_time){ 24, 0, 0, 0 }));
    assert_false(bac_time_is_exact((struct bac_time){ 12, 255, 0, 0 }));
    assert_true(bac_time_is_exact((struct bac_time){ 23, 59, 59, 99 }));
}

static void octets_of_a_date_that_cannot_be_still_print(void **state)
{
    (void)state;
    struct scratch s;
    begin(&s);
    bac_date_text((struct bac_date){ 0, 0, 0, 0 }, &s.out);
    bas_buf_add_text(&s.out, "|");
    bac_time_text((struct bac_time){ 99, 0, 0, 100 }, &s.out);
    assert_string_equal(bas_buf_text(&s.out), "1900-00-00 0|99:00:00.100");
}

struct any_row {
    const char *hex;
    const char *json;
    bool is_good;
};
static const struct any_row anys[] = {
    { "", "[]", true },
    { "4442910000", "[72.5]", true },
    { "0011214831ff550840520000000000006212ab750200e48204a09103",
      "[null,true,72,-1,{\"double\":72},{\"octets\":\"12ab\"},"
      "{\"charset\":0,\"octets\":\"e4\",\"text\":\"\xEF\xBF\xBD\"},{\"bits\":\"1010\"},"
      "{\"enumerated\":3}]",
      true },
    { "a47e0a0c01b40d1e0000c402000009",
      "[{\"date\":\"2026-10-12\"},{\"time\":\"13:30:00.00\"},{\"object\":\"device,9\"}]", true },
    { "4442820000 3101 73004869 34000f4240", "[65.0,{\"integer\":1},\"Hi\",{\"integer\":1000000}]",
      true },
    { "0955 1c00000001", "[{\"tag\":0,\"octets\":\"55\"},{\"tag\":1,\"octets\":\"00000001\"}]",
      true },
    { "3e21483e3f3f 2101", "[{\"tag\":3,\"items\":[72,{\"tag\":3,\"items\":[]}]},1]", true },
    { "3e2148", "\"3e2148\"", false },
    { "3f", "\"3f\"", false },
    { "3e3f4f", "\"3e3f4f\"", false },
    { "20", "\"20\"", false },
    { "d100", "\"d100\"", false },
    { "0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f",
      "\"0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f\"", false },
};

static void octets_of_no_known_type_become_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(anys); i++) {
        struct scratch s;
        struct bas_json json;
        begin(&s);
        bas_json_init(&json, &s.out);
        assert_int_equal(bac_json_any(test_hex(anys[i].hex), &json, NULL), anys[i].is_good);
        assert_string_equal(bas_buf_text(&s.out), anys[i].json);
    }
}

static void json_any_stays_within_the_depth_of_json(void **state)
{
    (void)state;
    uint8_t raw[24];
    for (size_t nest = 0; nest <= 12; nest++) {
        for (unsigned outer = 0; outer < 31; outer++) {
            struct scratch s;
            struct bas_json json;
            begin(&s);
            bas_json_init(&json, &s.out);
            for (unsigned n = 0; n < outer; n++) {
                bas_json_open(&json, NULL, '[');
            }
            memset(raw, 0x0E, nest);
            memset(raw + nest, 0x0F, nest);
            bool is_good = bac_json_any((struct bas_slice){ raw, 2 * nest }, &json, NULL);
            assert_int_equal(json.depth, outer);
            assert_int_equal(is_good, outer + 2 * nest + 2 <= 30);
        }
    }
}

static void json_of_a_known_type_names_its_values(void **state)
{
    (void)state;
    static const struct {
        uint32_t object, property;
        const char *hex, *json;
    } cases[] = {
        { BAC_OBJECT_ANALOG_INPUT, BAC_PROPERTY_UNITS, "913e", "[\"degrees-celsius\"]" },
        { BAC_OBJECT_ANALOG_INPUT, BAC_PROPERTY_PRESENT_VALUE, "4442910000", "[72.5]" },
        { BAC_OBJECT_BINARY_INPUT, BAC_PROPERTY_PRESENT_VALUE, "9101", "[\"active\"]" },
        { BAC_OBJECT_BINARY_OUTPUT, BAC_PROPERTY_PRESENT_VALUE, "00", "[null]" },
        { BAC_OBJECT_ANALOG_INPUT, BAC_PROPERTY_STATUS_FLAGS, "820410", "[[\"out-of-service\"]]" },
        { BAC_OBJECT_DEVICE, BAC_PROPERTY_OBJECT_LIST, "c402000009c400000001",
          "[\"device,9\",\"analog-input,1\"]" },
        { BAC_OBJECT_ANALOG_OUTPUT, BAC_PROPERTY_PRIORITY_ARRAY, "004442910000",
          "[{\"null\":null},{\"real\":72.5}]" },
        { BAC_OBJECT_DEVICE, 9999, "9101", "[{\"enumerated\":1}]" },
        { BAC_OBJECT_ANALOG_INPUT, BAC_PROPERTY_UNITS, "913e2101", "[{\"enumerated\":62},1]" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(cases); i++) {
        struct scratch s;
        struct bas_json json;
        begin(&s);
        bas_json_init(&json, &s.out);
        const struct bac_arena before = s.arena;
        assert_true(bac_json_typed(bac_property_type(cases[i].object, cases[i].property),
                                   test_hex(cases[i].hex), &s.arena, &json, NULL));
        assert_memory_equal(&s.arena, &before, sizeof(before));
        assert_string_equal(bas_buf_text(&s.out), cases[i].json);
    }
}

static void a_long_text_of_another_set_keeps_its_octets_in_json(void **state)
{
    (void)state;
    uint8_t octets[1600];
    memset(octets, 0xE4, sizeof(octets));
    const struct bac_text text = { BAC_CHARSET_LATIN1, { octets, sizeof(octets) } };
    uint8_t memory[8192];
    struct bas_buf out;
    struct bas_json json;
    bas_buf_init(&out, memory, sizeof(memory));
    bas_json_init(&json, &out);
    bac_json(&bac_type_character_string, &text, &json, NULL);
    assert_memory_equal(memory, "{\"charset\":5,\"octets\":\"e4e4", 26);
    assert_int_equal(out.len, strlen("{\"charset\":5,\"octets\":\"\"}") + 3200);
}

static void many_bits_without_names_keep_their_octets_in_json(void **state)
{
    (void)state;
    uint8_t octets[40] = { 0x80 };
    const struct bac_bits bits = { 320, { octets, sizeof(octets) } };
    struct scratch s;
    struct bas_json json;
    begin(&s);
    bas_json_init(&json, &s.out);
    bac_json(&bac_type_bit_string, &bits, &json, NULL);
    assert_memory_equal(s.text, "{\"bits\":320,\"octets\":\"8000", 26);
}

static void text_that_does_not_fit_only_fills_the_buffer(void **state)
{
    (void)state;
    const struct bac_value value = { BAC_TAG_CHARACTER_STRING,
                                     { .text = { 0, { (const uint8_t *)"a\"b\"c", 5 } } } };
    for (size_t cap = 0; cap <= 9; cap++) {
        uint8_t memory[9];
        struct bas_buf out;
        bas_buf_init(&out, memory, cap);
        bac_value_text(NULL, &value, &out);
        assert_int_equal(out.full, cap < 9);
        assert_true(out.len <= cap);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_parse_and_print),
        cmocka_unit_test(a_refusal_says_what_was_expected),
        cmocka_unit_test(octets_that_the_arena_cannot_hold_are_refused),
        cmocka_unit_test(every_character_set_becomes_utf8_or_is_named),
        cmocka_unit_test(a_c_string_is_a_text_in_utf8),
        cmocka_unit_test(a_weekday_belongs_to_its_date),
        cmocka_unit_test(octets_of_a_date_that_cannot_be_still_print),
        cmocka_unit_test(octets_of_no_known_type_become_json),
        cmocka_unit_test(json_any_stays_within_the_depth_of_json),
        cmocka_unit_test(json_of_a_known_type_names_its_values),
        cmocka_unit_test(a_long_text_of_another_set_keeps_its_octets_in_json),
        cmocka_unit_test(many_bits_without_names_keep_their_octets_in_json),
        cmocka_unit_test(text_that_does_not_fit_only_fills_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
