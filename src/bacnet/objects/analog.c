/* Owns the rows of Analog Input, Analog Output and Analog Value (clauses 12.2 to 12.4). */
#include "bacnet/objects/rows.h"

BAC_CREATED(created, .cov_increment = 0)

static const struct bac_property_row input_rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW_OF_PRESENT(real, REQUIRED),
    BAC_ROW(DEVICE_TYPE, character_string, OPTIONAL, BAC_CONFIGURED),
    BAC_ROWS_OF_STATE,
    BAC_ROW(UPDATE_INTERVAL, unsigned, OPTIONAL, BAC_CONFIGURED),
    BAC_ROWS_OF_NUMBER(real, real),
};

static const struct bac_property_row output_rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW_OF_PRESENT(real, WRITABLE),
    BAC_ROW(DEVICE_TYPE, character_string, OPTIONAL, BAC_CONFIGURED),
    BAC_ROWS_OF_STATE,
    BAC_ROWS_OF_NUMBER(real, real),
    BAC_ROWS_OF_COMMAND(real, REQUIRED),
};

static const struct bac_property_row value_rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW_OF_PRESENT(real, REQUIRED),
    BAC_ROWS_OF_STATE,
    BAC_ROWS_OF_NUMBER(real, real),
    BAC_ROWS_OF_COMMAND(real, OPTIONAL),
};

const struct bac_object_class bac_class_analog_input = {
    .number = BAC_OBJECT_ANALOG_INPUT,
    .role = BAC_ROLE_INPUT,
    .level = &bac_level_real,
    .rows = input_rows,
    .n_rows = BAS_ARRAY_LEN(input_rows),
    .fill = bac_fill_number,
};
const struct bac_object_class bac_class_analog_output = {
    .number = BAC_OBJECT_ANALOG_OUTPUT,
    .role = BAC_ROLE_OUTPUT,
    .level = &bac_level_real,
    .rows = output_rows,
    .n_rows = BAS_ARRAY_LEN(output_rows),
    .fill = bac_fill_number,
};
const struct bac_object_class bac_class_analog_value = {
    .number = BAC_OBJECT_ANALOG_VALUE,
    .role = BAC_ROLE_VALUE,
    .level = &bac_level_real,
    .rows = value_rows,
    .n_rows = BAS_ARRAY_LEN(value_rows),
    .fill = bac_fill_number,
    .created = &created,
};
