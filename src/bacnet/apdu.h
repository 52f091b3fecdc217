/* Inside: what the header of an APDU can say. */
#ifndef BASALT_BACNET_APDU_H
#define BASALT_BACNET_APDU_H

#include "basalt/bacnet.h"

/* The largest number of segments that a header can promise (20.1.2.4) and that is not more than
 * count: 2, 4, .. 64, 65 (more than 64: any number); 0 for 0 and 1. */
uint8_t bac_segments_announced(size_t count);
/* The largest size of an APDU that a header can promise (20.1.2.5) and that is not more. */
uint16_t bac_max_apdu_announced(size_t max_apdu);

#endif
