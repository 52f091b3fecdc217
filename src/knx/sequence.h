/*
 * Sequence numbers for sending (spec 4.6): one counter for all that is sent, in blocks that a store
 * has reserved. Arithmetic alone: who asks for a block and who keeps it is not known here.
 */
#ifndef BASALT_KNX_SEQUENCE_H
#define BASALT_KNX_SEQUENCE_H

#include "basalt/knx_secure.h"

/* Numbers first .. end - 1. */
struct knx_block_of_numbers {
    uint64_t first;
    uint64_t end;
};
struct knx_sequence {
    struct knx_block_of_numbers present;
    struct knx_block_of_numbers following; /* granted while the present one is in use */
    uint64_t next;                         /* the lowest number that may still be given */
    uint64_t granted;                      /* behind all numbers that were ever granted */
    bool is_asked;                         /* for a block, and none came yet */
};

void knx_sequence_init(struct knx_sequence *sequence);
/* Numbers first .. first + count - 1. BAS_ERR_INVALID: empty, 0, beyond 48 bits, or not above all
 * that were granted; BAS_ERR_NO_SPACE: the following block is there already. */
BAS_MUST_USE bas_err knx_sequence_grant(struct knx_sequence *sequence, uint64_t first,
                                        uint64_t count);
/* The number that knx_sequence_take would give. BAS_ERR_BUSY: none is granted; BAS_ERR_STATE: the
 * last of all was given. */
BAS_MUST_USE bas_err knx_sequence_peek(const struct knx_sequence *sequence, uint64_t *number);
BAS_MUST_USE bas_err knx_sequence_take(struct knx_sequence *sequence, uint64_t *number);
/* Lower numbers are not given any more. */
void knx_sequence_raise(struct knx_sequence *sequence, uint64_t number);
/* What was granted and not used is given back: it is not given any more. */
void knx_sequence_renounce(struct knx_sequence *sequence);
/* True, once for each block, when the next one is to be reserved: numbers from *from on. */
bool knx_sequence_asks(struct knx_sequence *sequence, uint64_t *from);

#endif
