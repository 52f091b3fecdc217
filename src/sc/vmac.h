/* VMACs compared without a call: for the hub's path and its table. */
#ifndef BASALT_SC_VMAC_H
#define BASALT_SC_VMAC_H

#include "basalt/sc.h"

#include <string.h>

/* The six octets as one number; equal for equal VMACs, good for hashing, without any order. */
static inline uint64_t bsc_vmac_number(const struct bsc_vmac *vmac)
{
    uint32_t head = 0;
    uint16_t tail = 0;
    memcpy(&head, vmac->octets, sizeof(head));
    memcpy(&tail, vmac->octets + sizeof(head), sizeof(tail));
    return (uint64_t)tail << 32 | head;
}

#define BSC_VMAC_NUMBER_BROADCAST UINT64_C(0xFFFFFFFFFFFF)

/* Whether message was sent to all. */
static inline bool bsc_message_is_broadcast(const struct bsc_message *message)
{
    return message->has_destination &&
           bsc_vmac_number(&message->destination) == BSC_VMAC_NUMBER_BROADCAST;
}

#endif
