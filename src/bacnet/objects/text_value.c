/* Owns the rows of CharacterString, OctetString and BitString Value (clauses 12.37 to 12.46). */
#include "bacnet/objects/rows.h"

BAC_CREATED(created, .max_value = 0)

#define NO_MORE
#define TEXT_VALUE(id, type_number, kind, element, ...)                                            \
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
#define BIT_TEXT BAC_ROW(BIT_TEXT, character_string, OPTIONAL, .shape = BAC_SHAPE_ARRAY),

TEXT_VALUE(characterstring_value, BAC_OBJECT_CHARACTERSTRING_VALUE, text, character_string, NO_MORE)
TEXT_VALUE(octetstring_value, BAC_OBJECT_OCTETSTRING_VALUE, octets, octet_string, NO_MORE)
TEXT_VALUE(bitstring_value, BAC_OBJECT_BITSTRING_VALUE, bits, bit_string, BIT_TEXT)
