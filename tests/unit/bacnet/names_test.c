/* names.c, words.c */
#include "test_env.h"

#include "basalt/bacnet.h"

static const struct {
    const char *text;
    int type; /* -1: refused */
    uint32_t instance;
} objects[] = {
    { "ai:1", 0, 1 },
    { "ai,1", 0, 1 },
    { "AO,4194303", 1, 4194303 },
    { "analog-input,1", 0, 1 },
    { "Analog_Value:7", 2, 7 },
    { "8:100", 8, 100 },
    { "1023,0", 1023, 0 },
    { "dev,0", 8, 0 },
    { "mi,1", 13, 1 },
    { "msi,1", 13, 1 },
    { "mso,1", 14, 1 },
    { "mo,1", 14, 1 },
    { "msv,1", 19, 1 },
    { "mv,1", 19, 1 },
    { "np,1", 56, 1 },
    { "network-port,1", 56, 1 },
    { "file,3", 10, 3 },
    { "ai", -1, 0 },
    { "ai:", -1, 0 },
    { ":1", -1, 0 },
    { "ai:x", -1, 0 },
    { "ai:-1", -1, 0 },
    { "ai:1 ", -1, 0 },
    { "ai:4194304", -1, 0 },
    { "1024:1", -1, 0 },
    { "99999999999999999999:1", -1, 0 },
    { "", -1, 0 },
};

static void object_identifiers_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(objects); i++) {
        struct bac_object_id id = { 7, 7 };
        bool ok = bac_object_id_parse(objects[i].text, &id);
        assert_int_equal(ok, objects[i].type >= 0);
        assert_int_equal(id.type, ok ? objects[i].type : 7);
        assert_int_equal(id.instance, ok ? objects[i].instance : 7);
    }
}

static void object_identifiers_are_written_with_the_name_of_their_type(void **state)
{
    (void)state;
    uint8_t memory[64];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    bac_object_id_text((struct bac_object_id){ 56, 1 }, &out);
    bas_buf_add_text(&out, " ");
    bac_object_id_text((struct bac_object_id){ 520, 9 }, &out);
    assert_string_equal(bas_buf_text(&out), "network-port,1 520,9");
}

static const struct {
    const char *text;
    int64_t property; /* -1: refused */
    uint32_t index;
} properties[] = {
    { "pv", 85, BAC_NO_INDEX },
    { "present-value", 85, BAC_NO_INDEX },
    { "Present_Value", 85, BAC_NO_INDEX },
    { "85", 85, BAC_NO_INDEX },
    { "pv[0]", 85, 0 },
    { "priority-array[8]", 87, 8 },
    { "pa[16]", 87, 16 },
    { "object-list[4294967294]", 76, 4294967294U },
    { "desc", 28, BAC_NO_INDEX },
    { "name", 77, BAC_NO_INDEX },
    { "oid", 75, BAC_NO_INDEX },
    { "list", 76, BAC_NO_INDEX },
    { "all", 8, BAC_NO_INDEX },
    { "required", 105, BAC_NO_INDEX },
    { "property-list", 371, BAC_NO_INDEX },
    { "device-uuid", 507, BAC_NO_INDEX },
    { "sc-primary-hub-uri", 4194325, BAC_NO_INDEX },
    { "4294967295", 4294967295, BAC_NO_INDEX },
    { "4294967296", -1, 0 },
    { "pv[", -1, 0 },
    { "pv[]", -1, 0 },
    { "pv[1", -1, 0 },
    { "pv[1]x", -1, 0 },
    { "pv[x]", -1, 0 },
    { "pv[4294967295]", -1, 0 },
    { "[1]", -1, 0 },
    { "warmth", -1, 0 },
    { "", -1, 0 },
};

static void properties_are_read_with_and_without_an_index(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(properties); i++) {
        uint32_t property = 7;
        uint32_t index = 7;
        bool ok = bac_property_parse(properties[i].text, &property, &index);
        assert_int_equal(ok, properties[i].property >= 0);
        assert_int_equal(property, ok ? properties[i].property : 7);
        assert_int_equal(index, ok ? properties[i].index : 7);
    }
}

/* bsc 9.1-18 */
static void numbers_have_the_names_of_the_standard(void **state)
{
    (void)state;
    assert_string_equal(bac_object_type_name(0), "analog-input");
    assert_string_equal(bac_object_type_name(64), "color-temperature");
    assert_null(bac_object_type_name(65));
    assert_string_equal(bac_property_name(85), "present-value");
    assert_string_equal(bac_property_name(4194304), "max-bvlc-length-accepted");
    assert_string_equal(bac_property_name(4194327), "sc-minimum-reconnect-time");
    assert_null(bac_property_name(18));
    assert_string_equal(bac_enum_name(&bac_type_engineering_units, 62), "degrees-celsius");
    assert_string_equal(bac_enum_name(&bac_type_engineering_units, 95), "no-units");
    assert_string_equal(bac_enum_name(&bac_type_network_type, 11), "secure-connect");
    assert_null(bac_enum_name(&bac_type_network_type, 8));
    assert_null(bac_enum_name(&bac_type_real, 0));
    uint32_t number = 0;
    assert_true(bac_enum_number(&bac_type_reliability, "Communication Failure", &number));
    assert_int_equal(number, BAC_RELIABILITY_COMMUNICATION_FAILURE);
    assert_false(bac_enum_number(&bac_type_reliability, "communication", &number));
}

static void an_object_type_alone_is_read(void **state)
{
    (void)state;
    uint32_t type = 0;
    assert_true(bac_object_type_parse("np", &type));
    assert_int_equal(type, BAC_OBJECT_NETWORK_PORT);
    assert_true(bac_object_type_parse("1023", &type));
    assert_int_equal(type, 1023);
    assert_false(bac_object_type_parse("1024", &type));
    assert_false(bac_object_type_parse("thing", &type));
}

static void a_property_has_the_type_of_its_object(void **state)
{
    (void)state;
    assert_ptr_equal(bac_property_type(BAC_OBJECT_BINARY_VALUE, BAC_PROPERTY_PRESENT_VALUE),
                     &bac_type_binary_pv);
    assert_ptr_equal(bac_property_type(BAC_OBJECT_ANALOG_VALUE, BAC_PROPERTY_COV_INCREMENT),
                     &bac_type_real);
    assert_ptr_equal(bac_property_type(BAC_OBJECT_INTEGER_VALUE, BAC_PROPERTY_COV_INCREMENT),
                     &bac_type_unsigned);
    assert_null(bac_property_type(BAC_OBJECT_BINARY_VALUE, BAC_PROPERTY_COV_INCREMENT));
    assert_null(bac_property_type(BAC_OBJECT_ANALOG_INPUT, 5000));
    assert_null(bac_property_type(700, BAC_PROPERTY_PRESENT_VALUE));
    assert_ptr_equal(bac_property_type(700, BAC_PROPERTY_OBJECT_NAME), &bac_type_character_string);
}

static void a_property_has_the_shape_of_its_object(void **state)
{
    (void)state;
    assert_int_equal(bac_property_shape(BAC_OBJECT_DEVICE, BAC_PROPERTY_OBJECT_LIST),
                     BAC_SHAPE_ARRAY);
    assert_int_equal(bac_property_shape(BAC_OBJECT_DEVICE, BAC_PROPERTY_OBJECT_NAME),
                     BAC_SHAPE_SCALAR);
    assert_int_equal(bac_property_shape(BAC_OBJECT_NOTIFICATION_CLASS, BAC_PROPERTY_RECIPIENT_LIST),
                     BAC_SHAPE_LIST);
    assert_int_equal(
        bac_property_shape(BAC_OBJECT_TREND_LOG, BAC_PROPERTY_LOG_DEVICE_OBJECT_PROPERTY),
        BAC_SHAPE_SCALAR);
    assert_int_equal(
        bac_property_shape(BAC_OBJECT_TREND_LOG_MULTIPLE, BAC_PROPERTY_LOG_DEVICE_OBJECT_PROPERTY),
        BAC_SHAPE_ARRAY);
    assert_int_equal(bac_property_shape(BAC_OBJECT_DEVICE, 5000), BAC_SHAPE_SCALAR);
}

/* The rows are found by halves: one out of order would hide others. */
static void every_row_of_the_property_types_is_found(void **state)
{
    (void)state;
#define BAC_PROPERTY_TYPE(property, id, shape)                                                     \
    assert_ptr_equal(bac_property_type(1023, BAC_PROPERTY_##property), &bac_type_##id);
#define BAC_OBJECT_PROPERTY_TYPE(property, object, id, shape)                                      \
    assert_ptr_equal(bac_property_type(BAC_OBJECT_##object, BAC_PROPERTY_##property),              \
                     &bac_type_##id);                                                              \
    assert_int_equal(bac_property_shape(BAC_OBJECT_##object, BAC_PROPERTY_##property),             \
                     BAC_SHAPE_##shape);
#include "bacnet/property_type.def"
#undef BAC_PROPERTY_TYPE
#undef BAC_OBJECT_PROPERTY_TYPE
}

/* Every word of words.c reads as its number, and stands once; no name of the standard means
 * something else by it. */
static void check_words(const struct bac_name *words, size_t n, const struct bac_type *names,
                        bool (*parse)(const char *text, uint32_t *number))
{
    for (size_t i = 0; i < n; i++) {
        uint32_t number = 0;
        assert_true(parse(words[i].name, &number));
        assert_int_equal(number, words[i].number);
        assert_non_null(bac_enum_name(names, number));
        if (bac_enum_number(names, words[i].name, &number)) {
            assert_int_equal(number, words[i].number);
        }
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(words[i].name, words[j].name);
        }
    }
}

static bool parse_property(const char *text, uint32_t *number)
{
    uint32_t index = 0;
    return bac_property_parse(text, number, &index) && index == BAC_NO_INDEX;
}

static size_t distinct(const struct bac_name *words, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        count += i == 0 || words[i - 1].number != words[i].number;
    }
    return count;
}

static void short_words_are_unique_and_read_back(void **state)
{
    (void)state;
    size_t n = 0;
    const struct bac_name *words = bac_object_type_words(&n);
    check_words(words, n, &bac_type_object_type, bac_object_type_parse);
    assert_int_equal(distinct(words, n), bac_type_object_type.n_names);
    words = bac_property_words(&n);
    check_words(words, n, &bac_type_property_identifier, parse_property);
    assert_true(distinct(words, n) >= 45);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(object_identifiers_are_read),
        cmocka_unit_test(object_identifiers_are_written_with_the_name_of_their_type),
        cmocka_unit_test(properties_are_read_with_and_without_an_index),
        cmocka_unit_test(numbers_have_the_names_of_the_standard),
        cmocka_unit_test(an_object_type_alone_is_read),
        cmocka_unit_test(short_words_are_unique_and_read_back),
        cmocka_unit_test(a_property_has_the_type_of_its_object),
        cmocka_unit_test(a_property_has_the_shape_of_its_object),
        cmocka_unit_test(every_row_of_the_property_types_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
