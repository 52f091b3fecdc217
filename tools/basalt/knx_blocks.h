/* What a KNXnet/IP server says of itself (its DIBs), in a line for people. */
#ifndef BASALT_TOOLS_KNX_BLOCKS_H
#define BASALT_TOOLS_KNX_BLOCKS_H

#include "basalt/knx.h"

/* Appends "Hall, 1.1.0, core 2, tunnelling 2": name, address, service families. */
void knx_blocks_device(struct bas_slice blocks, struct bas_buf *out);
/* Appends "KNX IP Secure for tunnelling; 3 of 4 tunnels are free; its bus is not connected": what
 * only a SEARCH_RESPONSE_EXTENDED tells. */
void knx_blocks_tunnels(struct bas_slice blocks, struct bas_buf *out);

#endif
