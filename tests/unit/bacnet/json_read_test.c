#include "test_env.h"

#include "basalt/bacnet.h"

#include <stdio.h>
#include <string.h>

enum { MEMORY = 4096, OCTETS = 1024 };

struct desk {
    _Alignas(16) uint8_t memory[MEMORY];
    _Alignas(16) uint8_t value[768];
    struct bac_arena arena;
    uint8_t octets[OCTETS];
    struct bas_buf out;
    struct bas_fault fault;
};

static bas_err read_json(struct desk *d, const struct bac_type *type, const char *text)
{
    bac_arena_init(&d->arena, d->memory, sizeof(d->memory));
    d->fault = (struct bas_fault){ 0 };
    return bac_json_read(type, (struct bas_slice){ (const uint8_t *)text, strlen(text) }, d->value,
                         &d->arena, &d->fault);
}

struct good {
    const struct bac_type *type;
    const char *json;
    const char *hex;
};
/* What people write, beside what we write: the octets that it means. */
static const struct good goods[] = {
    { &bac_type_read_property, "{\"property-identifier\": \"pv\", \"object-identifier\": \"ai,5\"}",
      "0c000000051955" },
    { &bac_type_read_property,
      "{\"object-identifier\":\"0:5\",\"property-identifier\":85,\"property-array-index\":3}",
      "0c0000000519552903" },
    { &bac_type_write_property,
      "{\"object-identifier\":\"av,1\",\"property-identifier\":\"present-value\","
      "\"property-value\":72.5,\"priority\":8}",
      "0c0080000119553e44429100003f4908" },
    { &bac_type_write_property,
      "{\"object-identifier\":\"av,1\",\"property-identifier\":\"present-value\","
      "\"property-value\":null}",
      "0c0080000119553e003f" },
    { &bac_type_write_property,
      "{\"object-identifier\":\"bv,1\",\"property-identifier\":\"pv\","
      "\"property-value\":{\"enumerated\":1}}",
      "0c0140000119553e91013f" },
    { &bac_type_any, "\"91 01\"", "9101" },
    { &bac_type_any, "[1, -1, 1.0, true, \"x\"]",
      "210131ff443f800000117200"
      "78" },
    { &bac_type_any, "[{\"date\":\"*-12-25\"},{\"time\":\"13:30\"},{\"object\":\"dev,9\"}]",
      "a4ff0c19ffb40d1e0000c402000009" },
    { &bac_type_any, "[{\"tag\":2,\"items\":[{\"tag\":200,\"octets\":\"0a0b\"}]}]",
      "2efac80a0b2f" },
    { &bac_type_status_flags, "[\"fault\", 3]", "820450" },
    { &bac_type_status_flags, "\"0101\"", "820450" },
    { &bac_type_services_supported, "{\"bits\":3,\"set\":[1]}", "820540" },
    { &bac_type_object_type, "\"ai\"", "9100" },
    { &bac_type_date, "\"*-12-25\"", "a4ff0c19ff" },
    { &bac_type_date, "\"octets:00000000\"", "a400000000" },
    { &bac_type_real, "72", "4442900000" },
    { &bac_type_real, "-0.0", "4480000000" },
    { &bac_type_real, "\"-Infinity\"", "44ff800000" },
    { &bac_type_real, "\"nan:7f800001\"", "447f800001" },
    { &bac_type_unsigned, "\"18446744073709551615\"", "2508ffffffffffffffff" },
    { &bac_type_character_string, "\"gr\\u00fcn\"", "7506006772c3bc6e" },
    { &bac_type_character_string, "{\"charset\":5,\"text\":\"gr\\u00fcn\"}", "7505056772fc6e" },
    { &bac_type_character_string, "{\"charset\":4,\"text\":\"\\ud834\\udd1e\"}", "750504d834dd1e" },
    { &bac_type_character_string, "\"a\\u0000b\"", "7400610062" },
    { &bac_type_get_alarm_summary_ack, "{\"list-of-alarm-summaries\":[]}", "" },
};

static void what_people_write_means_these_octets(void **state)
{
    (void)state;
    struct desk *d = test_malloc(sizeof(*d));
    for (size_t i = 0; i < BAS_ARRAY_LEN(goods); i++) {
        struct bas_slice want = test_hex(goods[i].hex);
        if (read_json(d, goods[i].type, goods[i].json) != BAS_OK) {
            fail_msg("%s: %s", goods[i].json, d->fault.text);
        }
        bas_buf_init(&d->out, d->octets, sizeof(d->octets));
        assert_int_equal(bac_encode(goods[i].type, d->value, BAC_APPLICATION, &d->out), BAS_OK);
        if (d->out.len != want.len || memcmp(d->octets, want.data, want.len) != 0) {
            fail_msg("%s is not %s", goods[i].json, goods[i].hex);
        }
    }
    test_free(d);
}

struct bad {
    const struct bac_type *type;
    const char *json;
    bas_err err;
    const char *fault;
};
#define RPM                                                                                        \
    "{\"list-of-read-access-specifications\":[{\"object-identifier\":\"ai,1\","                    \
    "\"list-of-property-references\":["
static const struct bad bads[] = {
    { &bac_type_read_property, "{\"object-identifier\":\"ai,1\"", BAS_ERR_MALFORMED,
      "line 1 column 27: '}' expected near end of file" },
    { &bac_type_read_property, "[]", BAS_ERR_INVALID, "expected an object, ReadProperty-Request" },
    { &bac_type_read_property, "{\"object-identifier\":\"ai,1\"}", BAS_ERR_INVALID,
      "property-identifier: it is missing" },
    { &bac_type_read_property, "{\"object\":\"ai,1\"}", BAS_ERR_INVALID,
      "ReadProperty-Request has no \"object\"" },
    { &bac_type_read_property, "{\"object-identifier\":1,\"property-identifier\":85}",
      BAS_ERR_INVALID,
      "object-identifier: expected an object identifier such as \"analog-input,1\" or \"ai,1\"" },
    { &bac_type_read_property_multiple,
      RPM "{\"property-identifier\":\"pv\"},{\"property-identifier\":\"colour\"}]}]}",
      BAS_ERR_INVALID,
      "list-of-read-access-specifications[0].list-of-property-references[1].property-identifier: "
      "BACnetPropertyIdentifier has no name \"colour\"" },
    { &bac_type_read_property_multiple, RPM "{\"property-identifier\":\"pv[3]\"}]}]}",
      BAS_ERR_INVALID,
      "list-of-read-access-specifications[0].list-of-property-references[0].property-identifier: "
      "BACnetPropertyIdentifier has no name \"pv[3]\"" },
    { &bac_type_write_property,
      "{\"object-identifier\":\"av,1\",\"property-identifier\":\"pv\",\"property-value\":[1],"
      "\"priority\":17}",
      BAS_ERR_INVALID, "priority: out of range for Unsigned (1..16)" },
    { &bac_type_any, "[1,[2]]", BAS_ERR_INVALID,
      "[1]: expected a value such as 72.5, \"text\", {\"enumerated\":1}, {\"date\":...}" },
    { &bac_type_any, "[{\"real\":1,\"date\":2}]", BAS_ERR_INVALID,
      "[0]: expected a value such as 72.5, \"text\", {\"enumerated\":1}, {\"date\":...}" },
    { &bac_type_any, "[{\"tag\":255,\"octets\":\"\"}]", BAS_ERR_INVALID,
      "[0]: expected {\"tag\":0 .. 254,\"octets\":...} or \"items\"" },
    { &bac_type_any, "[{\"tag\":1,\"items\":[{\"date\":\"soon\"}]}]", BAS_ERR_INVALID,
      "[0][0]: expected a date such as \"2026-10-12\" or \"*-12-25\"" },
    { &bac_type_any, "\"910\"", BAS_ERR_INVALID, "expected hex octets such as \"0a0b\"" },
    { &bac_type_time_stamp, "{\"time\":\"13:30\",\"datetime\":1}", BAS_ERR_INVALID,
      "expected an object with one member, BACnetTimeStamp" },
    { &bac_type_time_stamp, "{\"sequence-number\":65536}", BAS_ERR_INVALID,
      "sequence-number: out of range for Unsigned16" },
    { &bac_type_time_stamp, "{\"hour\":1}", BAS_ERR_INVALID, "BACnetTimeStamp has no \"hour\"" },
    { &bac_type_three_priorities, "[1,2]", BAS_ERR_INVALID,
      "SEQUENCE SIZE (3) OF Unsigned cannot have 2 elements" },
    { &bac_type_status_flags, "[\"in-alarm\",4]", BAS_ERR_INVALID, "[1]: there are 4 bits" },
    { &bac_type_status_flags, "\"01\"", BAS_ERR_INVALID, "out of range for BACnetStatusFlags" },
    { &bac_type_bit_string, "[0]", BAS_ERR_INVALID, "expected bits such as \"0110\"" },
    { &bac_type_bit_string, "{\"bits\":9,\"octets\":\"00\"}", BAS_ERR_INVALID,
      "1 octets do not hold 9 bits" },
    { &bac_type_real, "1e39", BAS_ERR_INVALID, "the number is too big for a REAL" },
    { &bac_type_unsigned, "-1", BAS_ERR_INVALID, "expected a whole number from 0 up" },
    { &bac_type_unsigned, "1.0", BAS_ERR_INVALID, "expected a whole number from 0 up" },
    { &bac_type_boolean, "1", BAS_ERR_INVALID, "expected true or false" },
    { &bac_type_character_string, "{\"charset\":5,\"text\":\"\\u20ac\"}", BAS_ERR_INVALID,
      "character set 5 does not have this text" },
    { &bac_type_uuid, "\"00\"", BAS_ERR_INVALID, "out of range for OCTET STRING (16)" },
};

static void what_is_wrong_is_told_with_its_place(void **state)
{
    (void)state;
    struct desk *d = test_malloc(sizeof(*d));
    for (size_t i = 0; i < BAS_ARRAY_LEN(bads); i++) {
        memset(d->value, 0xAA, sizeof(d->value));
        assert_int_equal(read_json(d, bads[i].type, bads[i].json), bads[i].err);
        assert_int_equal(d->fault.err, bads[i].err);
        assert_string_equal(d->fault.text, bads[i].fault);
        assert_int_equal(d->arena.used, 0);
        for (size_t n = 0; n < bads[i].type->size; n++) {
            assert_int_equal(d->value[n], 0);
        }
    }
    test_free(d);
}

static void an_arena_that_is_too_small_is_told(void **state)
{
    (void)state;
    static const char text[] = "{\"object-identifier\":\"ai,1\",\"property-identifier\":\"pv\","
                               "\"list-of-elements\":[\"0123456789\",{\"octets\":\"0a0b0c\"},1]}";
    struct desk *d = test_malloc(sizeof(*d));
    bas_err err = BAS_ERR_NO_SPACE;
    size_t cap = 0;
    for (; err != BAS_OK && cap < sizeof(d->memory); cap++) {
        bac_arena_init(&d->arena, d->memory, cap);
        err = bac_json_read(&bac_type_list_element,
                            (struct bas_slice){ (const uint8_t *)text, strlen(text) }, d->value,
                            &d->arena, &d->fault);
        assert_true(err == BAS_OK || err == BAS_ERR_NO_SPACE);
        assert_true(err == BAS_OK || d->arena.used == 0);
    }
    assert_int_equal(err, BAS_OK);
    assert_in_range(cap, 2 * 19, 200);
    test_free(d);
}

static void deep_json_is_refused(void **state)
{
    (void)state;
    char text[41] = { 0 };
    memset(text, '[', 40);
    struct desk *d = test_malloc(sizeof(*d));
    assert_int_equal(read_json(d, &bac_type_any, text), BAS_ERR_TOO_LONG);
    test_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_people_write_means_these_octets),
        cmocka_unit_test(what_is_wrong_is_told_with_its_place),
        cmocka_unit_test(an_arena_that_is_too_small_is_told),
        cmocka_unit_test(deep_json_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
