/* What encode, decode and JSON share about rows. */
#ifndef BASALT_BACNET_SCHEMA_H
#define BASALT_BACNET_SCHEMA_H

#include "basalt/bacnet_value.h"

/* Whether value lies within the closed range of its type (and an enumeration is defined). */
bool bac_in_range(const struct bac_type *type, const void *value);

/* As bac_in_range, without a call for numbers and what has no range. */
static inline bool bac_is_within(const struct bac_type *type, const void *value)
{
    if ((type->min | type->max) == 0) {
        return true;
    }
    if (type->kind != BAC_KIND_ENUMERATED && type->kind != BAC_KIND_UNSIGNED) {
        return bac_in_range(type, value);
    }
    uint64_t n =
        type->kind == BAC_KIND_UNSIGNED ? *(const uint64_t *)value : *(const uint32_t *)value;
    return n >= type->min && (type->max == 0 || n <= type->max);
}

static inline const void *bac_member(const void *value, const struct bac_field *field)
{
    return (const uint8_t *)value + field->offset;
}

static inline bool bac_is_present(const void *value, const struct bac_field *field)
{
    return !field->optional || *(const bool *)((const uint8_t *)value + field->present_offset);
}

/* The alternative that a CHOICE holds, or NULL when its number is none. */
static inline const struct bac_field *bac_chosen(const struct bac_type *type, const void *value)
{
    uint32_t choice = *(const uint32_t *)value;
    return choice < type->n_fields ? &type->fields[choice] : NULL;
}

#endif
