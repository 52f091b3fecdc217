/* Owns the rows of Analog Input, Analog Output and Analog Value (clauses 12.2 to 12.4). */
#include "bacnet/objects/rows.h"

#include <math.h>

static void get_units(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_enumerated(value, object->units);
}

static bool has_range(const struct bac_object *object)
{
    return object->has_range;
}

static void get_min(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_real(value, object->min);
}

static void get_max(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_real(value, object->max);
}

static bool has_cov_increment(const struct bac_object *object)
{
    return object->cov_increment > 0;
}

static void get_cov_increment(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_real(value, object->cov_increment);
}

static bas_err set_cov_increment(struct bac_object *object, const struct bac_write *write,
                                 struct bas_fault *fault)
{
    if (write->value.tag == BAC_TAG_NULL) {
        return BAS_OK;
    }
    float increment = write->value.as.real;
    if (!isfinite(increment) || increment <= 0) {
        return bac_refuse(object, write->property, BAC_ERROR_CODE_VALUE_OUT_OF_RANGE,
                          "an increment is above 0", fault);
    }
    object->cov_increment = increment;
    return BAS_OK;
}

#define ANALOG_ROWS                                                                                \
    BAC_ROW(UNITS, engineering_units, REQUIRED, .get = get_units),                                 \
        BAC_ROW(MIN_PRES_VALUE, real, OPTIONAL, .has = has_range, .get = get_min),                 \
        BAC_ROW(MAX_PRES_VALUE, real, OPTIONAL, .has = has_range, .get = get_max),                 \
        BAC_ROW(RESOLUTION, real, OPTIONAL, BAC_CONFIGURED),                                       \
        BAC_ROW(COV_INCREMENT, real, OPTIONAL, .has = has_cov_increment, .get = get_cov_increment, \
                .set = set_cov_increment)

static const struct bac_property_row input_rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW(PRESENT_VALUE, real, REQUIRED, .get = bac_get_present, .set = bac_set_present),
    BAC_ROW(DEVICE_TYPE, character_string, OPTIONAL, BAC_CONFIGURED),
    BAC_ROWS_OF_STATE,
    BAC_ROW(UPDATE_INTERVAL, unsigned, OPTIONAL, BAC_CONFIGURED),
    ANALOG_ROWS,
};

static const struct bac_property_row output_rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW(PRESENT_VALUE, real, WRITABLE, .get = bac_get_present, .set = bac_set_present),
    BAC_ROW(DEVICE_TYPE, character_string, OPTIONAL, BAC_CONFIGURED),
    BAC_ROWS_OF_STATE,
    ANALOG_ROWS,
    BAC_ROWS_OF_COMMAND(real, REQUIRED),
};

static const struct bac_property_row value_rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW(PRESENT_VALUE, real, REQUIRED, .get = bac_get_present, .set = bac_set_present),
    BAC_ROWS_OF_STATE,
    ANALOG_ROWS,
    BAC_ROWS_OF_COMMAND(real, OPTIONAL),
};

const struct bac_object_class bac_class_analog_input = {
    BAC_OBJECT_ANALOG_INPUT, BAC_ROLE_INPUT, BAC_TAG_REAL, input_rows, BAS_ARRAY_LEN(input_rows),
};
const struct bac_object_class bac_class_analog_output = {
    BAC_OBJECT_ANALOG_OUTPUT,   BAC_ROLE_OUTPUT, BAC_TAG_REAL, output_rows,
    BAS_ARRAY_LEN(output_rows),
};
const struct bac_object_class bac_class_analog_value = {
    BAC_OBJECT_ANALOG_VALUE, BAC_ROLE_VALUE, BAC_TAG_REAL, value_rows, BAS_ARRAY_LEN(value_rows),
};
