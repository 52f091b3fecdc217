/*
 * A bounded ring of records of any length: frames that wait to be sent, events that wait to be
 * told. Memory is taken at creation alone, each record lies in one piece, the oldest leaves first.
 */
#ifndef BASALT_KNX_RING_H
#define BASALT_KNX_RING_H

#include "basalt/base.h"

struct knx_ring {
    const struct bas_env *env;
    uint8_t *memory;
    size_t cap;
    size_t first; /* where the oldest record begins */
    size_t end;   /* where the next one may begin */
    size_t used;  /* octets of records, their lengths and the gap at the wrap */
};

BAS_MUST_USE bas_err knx_ring_init(struct knx_ring *ring, const struct bas_env *env, size_t cap);
/* Wipes what still waits. */
void knx_ring_fini(struct knx_ring *ring);
/* What a record of len octets takes from cap. Beside it one gap may be lost, shorter than the
 * record behind it. */
size_t knx_ring_cost(size_t len);
/* Memory of a new record, to be filled at once. NULL: it would not leave reserve octets free. */
uint8_t *knx_ring_put(struct knx_ring *ring, size_t len, size_t reserve);
/* The oldest record; empty when there is none. Stays until it is popped. */
struct bas_slice knx_ring_peek(const struct knx_ring *ring);
/* Drops and wipes the oldest record. There must be one. */
void knx_ring_pop(struct knx_ring *ring);

#endif
