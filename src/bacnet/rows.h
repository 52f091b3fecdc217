/*
 * The macros that rows of data types are written with: see doc/adding-a-service.md.
 *
 *     #define S struct bac_date_time
 *     static const struct bac_field date_time_fields[] = {
 *         BAC_FIELD(S, date, "date", date, BAC_APPLICATION),
 *         BAC_OPTIONAL(S, time, "time", time, 3),      (has_time says whether it is there)
 *     };
 *     BAC_SEQUENCE(date_time, "BACnetDateTime", S, date_time_fields)
 *     #undef S
 */
#ifndef BASALT_BACNET_ROWS_H
#define BASALT_BACNET_ROWS_H

#include "basalt/bacnet_property.h"

#include <stddef.h>

/* struct, member, name, type without its bac_type_, context tag number or BAC_APPLICATION */
#define BAC_FIELD(S, member, text, id, context)                                                    \
    {                                                                                              \
        .name = text, .type = &bac_type_##id, .tag = context, .offset = offsetof(S, member),       \
        .size = sizeof(((S *)NULL)->member)                                                        \
    }
#define BAC_OPTIONAL(S, member, text, id, context)                                                 \
    {                                                                                              \
        .name = text, .type = &bac_type_##id, .tag = context, .optional = true,                    \
        .offset = offsetof(S, member), .present_offset = offsetof(S, has_##member),                \
        .size = sizeof(((S *)NULL)->member)                                                        \
    }

#define BAC_SEQUENCE(id, text, S, rows)                                                            \
    const struct bac_type bac_type_##id = { .name = text,                                          \
                                            .kind = BAC_KIND_SEQUENCE,                             \
                                            .size = sizeof(S),                                     \
                                            .fields = rows,                                        \
                                            .n_fields = BAS_ARRAY_LEN(rows) };
/* S begins with uint32_t choice; the rows name its alternatives in the order of its enum. */
#define BAC_CHOICE(id, text, S, rows)                                                              \
    const struct bac_type bac_type_##id = { .name = text,                                          \
                                            .kind = BAC_KIND_CHOICE,                               \
                                            .size = sizeof(S),                                     \
                                            .fields = rows,                                        \
                                            .n_fields = BAS_ARRAY_LEN(rows) };
#define BAC_LIST(id, text, of)                                                                     \
    const struct bac_type bac_type_##id = { .name = text,                                          \
                                            .kind = BAC_KIND_LIST,                                 \
                                            .size = sizeof(struct bac_list),                       \
                                            .element = &bac_type_##of };
/* Neither fewer nor more than count elements. */
#define BAC_ARRAY(id, text, of, count)                                                             \
    const struct bac_type bac_type_##id = { .name = text,                                          \
                                            .kind = BAC_KIND_LIST,                                 \
                                            .size = sizeof(struct bac_list),                       \
                                            .element = &bac_type_##of,                             \
                                            .min = count,                                          \
                                            .max = count };

#endif
