/* Owns the rows of Multi-state Input, Output and Value (clauses 12.18 to 12.20). */
#include "bacnet/objects/rows.h"

#include <assert.h>

static void get_number_of_states(const struct bac_object *object, uint32_t at,
                                 struct bac_value *value)
{
    (void)at;
    bac_put_unsigned(value, object->n_states);
}

static bool has_state_text(const struct bac_object *object)
{
    return object->state_text != NULL;
}

static uint32_t count_states(const struct bac_object *object)
{
    return object->n_states;
}

static void get_state_text_at(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    assert(at >= 1 && at <= object->n_states);
    bac_put_text(value, object->state_text[at - 1]);
}

#define MULTI_STATE_ROWS                                                                           \
    BAC_ROW(NUMBER_OF_STATES, unsigned, REQUIRED, .get = get_number_of_states),                    \
        BAC_ROW(STATE_TEXT, character_string, OPTIONAL, .shape = BAC_SHAPE_ARRAY,                  \
                .has = has_state_text, .count = count_states, .get = get_state_text_at)

static const struct bac_property_row input_rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW(PRESENT_VALUE, unsigned, REQUIRED, .get = bac_get_present, .set = bac_set_present),
    BAC_ROW(DEVICE_TYPE, character_string, OPTIONAL, BAC_CONFIGURED),
    BAC_ROWS_OF_STATE,
    MULTI_STATE_ROWS,
};

static const struct bac_property_row output_rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW(PRESENT_VALUE, unsigned, WRITABLE, .get = bac_get_present, .set = bac_set_present),
    BAC_ROW(DEVICE_TYPE, character_string, OPTIONAL, BAC_CONFIGURED),
    BAC_ROWS_OF_STATE,
    MULTI_STATE_ROWS,
    BAC_ROWS_OF_COMMAND(unsigned, REQUIRED),
};

static const struct bac_property_row value_rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW(PRESENT_VALUE, unsigned, REQUIRED, .get = bac_get_present, .set = bac_set_present),
    BAC_ROWS_OF_STATE,
    MULTI_STATE_ROWS,
    BAC_ROWS_OF_COMMAND(unsigned, OPTIONAL),
};

const struct bac_object_class bac_class_multi_state_input = {
    BAC_OBJECT_MULTI_STATE_INPUT, BAC_ROLE_INPUT, BAC_TAG_UNSIGNED, input_rows,
    BAS_ARRAY_LEN(input_rows),
};
const struct bac_object_class bac_class_multi_state_output = {
    BAC_OBJECT_MULTI_STATE_OUTPUT, BAC_ROLE_OUTPUT, BAC_TAG_UNSIGNED, output_rows,
    BAS_ARRAY_LEN(output_rows),
};
const struct bac_object_class bac_class_multi_state_value = {
    BAC_OBJECT_MULTI_STATE_VALUE, BAC_ROLE_VALUE, BAC_TAG_UNSIGNED, value_rows,
    BAS_ARRAY_LEN(value_rows),
};
