/* What the text and the JSON of values share. */
#ifndef BASALT_BACNET_VALUE_TEXT_H
#define BASALT_BACNET_VALUE_TEXT_H

#include "basalt/bacnet_value.h"

/* "0110" */
void bac_bits_digits(const struct bac_bits *bits, struct bas_buf *out);

#endif
