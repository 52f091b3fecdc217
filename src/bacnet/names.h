/* Names and numbers inside a longer text. */
#ifndef BASALT_BACNET_NAMES_H
#define BASALT_BACNET_NAMES_H

#include "basalt/bacnet_value.h"

/* Whether text[0 .. len) is name; case does not matter, '_' and ' ' equal '-'. */
bool bac_same_name(const char *name, const char *text, size_t len);
/* Decimal digits and nothing else, at most max. */
bool bac_digits(const char *text, size_t len, uint64_t max, uint64_t *number);
/* As bac_enum_number. */
bool bac_enum_word(const struct bac_type *type, struct bas_slice word, uint32_t *number);

#endif
