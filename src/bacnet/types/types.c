/* Owns the primitive types and the register of all types. */
#include "bacnet/rows.h"

#include <string.h>

#define PRIMITIVE(id, text, k, T)                                                                  \
    const struct bac_type bac_type_##id = { .name = text, .kind = BAC_KIND_##k, .size = sizeof(T) };
#define RANGE(id, text, k, T, least, most)                                                         \
    const struct bac_type bac_type_##id = {                                                        \
        .name = text, .kind = BAC_KIND_##k, .size = sizeof(T), .min = least, .max = most           \
    };

PRIMITIVE(null, "NULL", NULL, uint8_t)
PRIMITIVE(boolean, "BOOLEAN", BOOLEAN, bool)
PRIMITIVE(unsigned, "Unsigned", UNSIGNED, uint64_t)
PRIMITIVE(integer, "INTEGER", INTEGER, int64_t)
PRIMITIVE(real, "REAL", REAL, float)
PRIMITIVE(double, "Double", DOUBLE, double)
PRIMITIVE(octet_string, "OCTET STRING", OCTET_STRING, struct bas_slice)
PRIMITIVE(character_string, "CharacterString", CHARACTER_STRING, struct bac_text)
PRIMITIVE(bit_string, "BIT STRING", BIT_STRING, struct bac_bits)
PRIMITIVE(enumerated, "ENUMERATED", ENUMERATED, uint32_t)
PRIMITIVE(date, "Date", DATE, struct bac_date)
PRIMITIVE(time, "Time", TIME, struct bac_time)
PRIMITIVE(object_id, "BACnetObjectIdentifier", OBJECT_ID, struct bac_object_id)
PRIMITIVE(value, "BACnetValue", VALUE, struct bac_value)
PRIMITIVE(any, "ABSTRACT-SYNTAX.&Type", ANY, struct bas_slice)

RANGE(unsigned8, "Unsigned8", UNSIGNED, uint64_t, 0, UINT8_MAX)
RANGE(unsigned16, "Unsigned16", UNSIGNED, uint64_t, 0, UINT16_MAX)
RANGE(unsigned32, "Unsigned32", UNSIGNED, uint64_t, 0, UINT32_MAX)
RANGE(instance, "Unsigned (0..4194303)", UNSIGNED, uint64_t, 0, BAC_MAX_INSTANCE)
RANGE(flag, "Unsigned (0..1)", UNSIGNED, uint64_t, 0, 1)
RANGE(fade_time, "Unsigned (100..86400000)", UNSIGNED, uint64_t, 100, 86400000)
RANGE(ramp_rate, "Unsigned (1..30000)", UNSIGNED, uint64_t, 1, 30000)
RANGE(priority, "Unsigned (1..16)", UNSIGNED, uint64_t, 1, 16)
RANGE(week_n_day, "BACnetWeekNDay", OCTET_STRING, struct bas_slice, 3, 3)
RANGE(vmac, "OCTET STRING (6)", OCTET_STRING, struct bas_slice, 6, 6)
RANGE(uuid, "OCTET STRING (16)", OCTET_STRING, struct bas_slice, 16, 16)

static const struct bac_type *const types[] = {
#define BAC_ROW(id) &bac_type_##id,
    BAC_TYPES(BAC_ROW)
#undef BAC_ROW
};

const struct bac_type *const *bac_types(size_t *n)
{
    *n = BAS_ARRAY_LEN(types);
    return types;
}

const struct bac_type *bac_type_find(const char *name)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(types); i++) {
        if (strcmp(types[i]->name, name) == 0) {
            return types[i];
        }
    }
    return NULL;
}
