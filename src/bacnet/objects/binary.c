/* Owns the rows of Binary Input, Binary Output and Binary Value (clauses 12.6 to 12.8). */
#include "bacnet/objects/rows.h"

static void get_polarity(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_enumerated(value, object->is_reverse ? BAC_POLARITY_REVERSE : BAC_POLARITY_NORMAL);
}

static bool has_texts(const struct bac_object *object)
{
    return object->active_text.data != NULL;
}

static void get_inactive_text(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_text(value, object->inactive_text);
}

static void get_active_text(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_text(value, object->active_text);
}

#define BINARY_ROWS                                                                                \
    BAC_ROW(INACTIVE_TEXT, character_string, OPTIONAL, .has = has_texts,                           \
            .get = get_inactive_text),                                                             \
        BAC_ROW(ACTIVE_TEXT, character_string, OPTIONAL, .has = has_texts, .get = get_active_text)

static const struct bac_property_row input_rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW(PRESENT_VALUE, binary_pv, REQUIRED, .get = bac_get_present, .set = bac_set_present),
    BAC_ROW(DEVICE_TYPE, character_string, OPTIONAL, BAC_CONFIGURED),
    BAC_ROWS_OF_STATE,
    BAC_ROW(POLARITY, polarity, REQUIRED, .get = get_polarity),
    BINARY_ROWS,
};

static const struct bac_property_row output_rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW(PRESENT_VALUE, binary_pv, WRITABLE, .get = bac_get_present, .set = bac_set_present),
    BAC_ROW(DEVICE_TYPE, character_string, OPTIONAL, BAC_CONFIGURED),
    BAC_ROWS_OF_STATE,
    BAC_ROW(POLARITY, polarity, REQUIRED, .get = get_polarity),
    BINARY_ROWS,
    BAC_ROWS_OF_COMMAND(binary_pv, REQUIRED),
};

static const struct bac_property_row value_rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW(PRESENT_VALUE, binary_pv, REQUIRED, .get = bac_get_present, .set = bac_set_present),
    BAC_ROWS_OF_STATE,
    BINARY_ROWS,
    BAC_ROWS_OF_COMMAND(binary_pv, OPTIONAL),
};

const struct bac_object_class bac_class_binary_input = {
    BAC_OBJECT_BINARY_INPUT,   BAC_ROLE_INPUT, BAC_TAG_ENUMERATED, input_rows,
    BAS_ARRAY_LEN(input_rows),
};
const struct bac_object_class bac_class_binary_output = {
    BAC_OBJECT_BINARY_OUTPUT,   BAC_ROLE_OUTPUT, BAC_TAG_ENUMERATED, output_rows,
    BAS_ARRAY_LEN(output_rows),
};
const struct bac_object_class bac_class_binary_value = {
    BAC_OBJECT_BINARY_VALUE,   BAC_ROLE_VALUE, BAC_TAG_ENUMERATED, value_rows,
    BAS_ARRAY_LEN(value_rows),
};
