/* The macros that enumerations and named bit strings are written with: their names come from the
 * rows of the public headers. most of an enumeration is the largest number that a peer may send
 * (clause 23.1 for those that vendors extend). */
#ifndef BASALT_BACNET_ENUM_ROWS_H
#define BASALT_BACNET_ENUM_ROWS_H

#include "bacnet/rows.h"

#define NAME(member, number, text) { number, text },
#define ENUMERATED(id, text, most)                                                                 \
    const struct bac_type bac_type_##id = { .name = text,                                          \
                                            .kind = BAC_KIND_ENUMERATED,                           \
                                            .size = sizeof(uint32_t),                              \
                                            .names = id##_names,                                   \
                                            .n_names = BAS_ARRAY_LEN(id##_names),                  \
                                            .max = most };
/* most 0: any number of bits */
#define BITS(id, text, least, most)                                                                \
    const struct bac_type bac_type_##id = { .name = text,                                          \
                                            .kind = BAC_KIND_BIT_STRING,                           \
                                            .size = sizeof(struct bac_bits),                       \
                                            .names = id##_names,                                   \
                                            .n_names = BAS_ARRAY_LEN(id##_names),                  \
                                            .min = least,                                          \
                                            .max = most };

#endif
