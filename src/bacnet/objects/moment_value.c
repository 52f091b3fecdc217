/* Owns the rows of Date, Time and DateTime Value and the patterns of them (clauses 12.38 to 12.48).
 */
#include "bacnet/objects/rows.h"

BAC_CREATED(created, .max_value = 0)

#define NO_MORE
#define MOMENT_VALUE(id, type_number, kind, element, ...)                                          \
    static const struct bac_property_row id##_rows[] = {                                           \
        BAC_ROWS_OF_ALL,                                                                           \
        BAC_ROW_OF_PRESENT(element, REQUIRED),                                                     \
        BAC_ROWS_OF_HEALTH(OPTIONAL, OPTIONAL),                                                    \
        __VA_ARGS__ BAC_ROWS_OF_COMMAND(element, OPTIONAL),                                        \
    };                                                                                             \
    const struct bac_object_class bac_class_##id = {                                               \
        .number = type_number,                                                                     \
        .role = BAC_ROLE_VALUE,                                                                    \
        .level = &bac_level_##kind,                                                                \
        .rows = id##_rows,                                                                         \
        .n_rows = BAS_ARRAY_LEN(id##_rows),                                                        \
        .created = &created,                                                                       \
    };
#define IS_UTC BAC_ROW(IS_UTC, boolean, OPTIONAL, BAC_CONFIGURED),

MOMENT_VALUE(date_value, BAC_OBJECT_DATE_VALUE, date, date, NO_MORE)
MOMENT_VALUE(time_value, BAC_OBJECT_TIME_VALUE, time, time, NO_MORE)
MOMENT_VALUE(datetime_value, BAC_OBJECT_DATETIME_VALUE, date_time, date_time, IS_UTC)
MOMENT_VALUE(date_pattern_value, BAC_OBJECT_DATE_PATTERN_VALUE, date_pattern, date, NO_MORE)
MOMENT_VALUE(datetime_pattern_value, BAC_OBJECT_DATETIME_PATTERN_VALUE, date_time_pattern,
             date_time, IS_UTC)
MOMENT_VALUE(time_pattern_value, BAC_OBJECT_TIME_PATTERN_VALUE, time_pattern, time, NO_MORE)
