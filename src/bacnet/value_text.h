/* What the text and the JSON of values share. */
#ifndef BASALT_BACNET_VALUE_TEXT_H
#define BASALT_BACNET_VALUE_TEXT_H

#include "basalt/bacnet_value.h"

/* "0110" */
void bac_bits_digits(const struct bac_bits *bits, struct bas_buf *out);

/* Appends a text in UTF-8 in one of the sets that we convert. False: that set does not have all of
 * it, or it is no UTF-8. */
bool bac_charset_from_utf8(uint8_t charset, struct bas_slice utf8, struct bas_buf *out);

#endif
