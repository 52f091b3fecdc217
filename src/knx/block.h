/* What the frame codec needs of DIBs and SRPs. */
#ifndef BASALT_KNX_BLOCK_H
#define BASALT_KNX_BLOCK_H

#include "basalt/knx.h"

/* True when list is blocks from its first to its last octet. */
bool knx_dibs_fit(struct bas_slice list);
bool knx_srps_fit(struct bas_slice list);

#endif
