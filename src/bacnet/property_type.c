/* Owns which data type a property has, as far as it does not depend on more than the object type.
 */
#include "bacnet/rows.h"

#include "basalt/bacnet_enum.h"

struct type_row {
    uint32_t number;
    const struct bac_type *type;
};

/* Present_Value and what shares its type, by object type. */
static const struct type_row present_values[] = {
    { BAC_OBJECT_ANALOG_INPUT, &bac_type_real },
    { BAC_OBJECT_ANALOG_OUTPUT, &bac_type_real },
    { BAC_OBJECT_ANALOG_VALUE, &bac_type_real },
    { BAC_OBJECT_BINARY_INPUT, &bac_type_binary_pv },
    { BAC_OBJECT_BINARY_OUTPUT, &bac_type_binary_pv },
    { BAC_OBJECT_BINARY_VALUE, &bac_type_binary_pv },
    { BAC_OBJECT_CALENDAR, &bac_type_boolean },
    { BAC_OBJECT_LOOP, &bac_type_real },
    { BAC_OBJECT_MULTI_STATE_INPUT, &bac_type_unsigned },
    { BAC_OBJECT_MULTI_STATE_OUTPUT, &bac_type_unsigned },
    { BAC_OBJECT_MULTI_STATE_VALUE, &bac_type_unsigned },
    { BAC_OBJECT_ACCUMULATOR, &bac_type_unsigned },
    { BAC_OBJECT_PULSE_CONVERTER, &bac_type_real },
    { BAC_OBJECT_BITSTRING_VALUE, &bac_type_bit_string },
    { BAC_OBJECT_CHARACTERSTRING_VALUE, &bac_type_character_string },
    { BAC_OBJECT_DATE_PATTERN_VALUE, &bac_type_date },
    { BAC_OBJECT_DATE_VALUE, &bac_type_date },
    { BAC_OBJECT_DATETIME_PATTERN_VALUE, &bac_type_date_time },
    { BAC_OBJECT_DATETIME_VALUE, &bac_type_date_time },
    { BAC_OBJECT_INTEGER_VALUE, &bac_type_integer },
    { BAC_OBJECT_LARGE_ANALOG_VALUE, &bac_type_double },
    { BAC_OBJECT_OCTETSTRING_VALUE, &bac_type_octet_string },
    { BAC_OBJECT_POSITIVE_INTEGER_VALUE, &bac_type_unsigned },
    { BAC_OBJECT_TIME_PATTERN_VALUE, &bac_type_time },
    { BAC_OBJECT_TIME_VALUE, &bac_type_time },
    { BAC_OBJECT_LIGHTING_OUTPUT, &bac_type_real },
};

/* What is REAL in analog objects and something else elsewhere. */
static const uint32_t analog_reals[] = {
    BAC_PROPERTY_COV_INCREMENT, BAC_PROPERTY_DEADBAND,       BAC_PROPERTY_HIGH_LIMIT,
    BAC_PROPERTY_LOW_LIMIT,     BAC_PROPERTY_MAX_PRES_VALUE, BAC_PROPERTY_MIN_PRES_VALUE,
    BAC_PROPERTY_RESOLUTION,
};

static const struct type_row properties[] = {
#define BAC_PROPERTY_TYPE(property, id) { BAC_PROPERTY_##property, &bac_type_##id },
#include "bacnet/property_type.def"
#undef BAC_PROPERTY_TYPE
};

static const struct bac_type *find(const struct type_row *rows, size_t n, uint32_t number)
{
    for (size_t i = 0; i < n; i++) {
        if (rows[i].number == number) {
            return rows[i].type;
        }
    }
    return NULL;
}

const struct bac_type *bac_property_type(uint32_t object_type, uint32_t property)
{
    if (property == BAC_PROPERTY_PRESENT_VALUE || property == BAC_PROPERTY_RELINQUISH_DEFAULT) {
        return find(present_values, BAS_ARRAY_LEN(present_values), object_type);
    }
    if (object_type <= BAC_OBJECT_ANALOG_VALUE) {
        for (size_t i = 0; i < BAS_ARRAY_LEN(analog_reals); i++) {
            if (analog_reals[i] == property) {
                return &bac_type_real;
            }
        }
    }
    return find(properties, BAS_ARRAY_LEN(properties), property);
}
