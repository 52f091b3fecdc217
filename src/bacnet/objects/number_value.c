/* Owns the rows of Large Analog, Integer and Positive Integer Value (clauses 12.42 to 12.44). */
#include "bacnet/objects/rows.h"

BAC_CREATED(created, .cov_increment = 0)

#define NUMBER_VALUE(id, type_number, element, increment)                                          \
    static const struct bac_property_row id##_rows[] = {                                           \
        BAC_ROWS_OF_ALL,                                                                           \
        BAC_ROW_OF_PRESENT(element, REQUIRED),                                                     \
        BAC_ROWS_OF_HEALTH(OPTIONAL, OPTIONAL),                                                    \
        BAC_ROWS_OF_NUMBER(element, increment),                                                    \
        BAC_ROWS_OF_COMMAND(element, OPTIONAL),                                                    \
    };                                                                                             \
    const struct bac_object_class bac_class_##id = {                                               \
        .number = type_number,                                                                     \
        .role = BAC_ROLE_VALUE,                                                                    \
        .level = &bac_level_##element,                                                             \
        .rows = id##_rows,                                                                         \
        .n_rows = BAS_ARRAY_LEN(id##_rows),                                                        \
        .fill = bac_fill_number,                                                                   \
        .created = &created,                                                                       \
    };

NUMBER_VALUE(large_analog_value, BAC_OBJECT_LARGE_ANALOG_VALUE, double, double)
NUMBER_VALUE(integer_value, BAC_OBJECT_INTEGER_VALUE, integer, unsigned)
NUMBER_VALUE(positive_integer_value, BAC_OBJECT_POSITIVE_INTEGER_VALUE, unsigned, unsigned)
