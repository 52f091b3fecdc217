/* Hex text that comes octet by octet, of any length, into a bounded memory. */
#ifndef BASALT_TOOLS_HEXLINE_H
#define BASALT_TOOLS_HEXLINE_H

#include "basalt/base.h"

struct hexline {
    uint8_t *octets;
    size_t cap;
    size_t n;     /* octets so far, also those that did not fit */
    size_t seen;  /* characters so far */
    int high;     /* the first digit of an octet, or -1 */
    size_t wrong; /* the character that is none of hex, counted from 1; 0: none */
};

void hexline_begin(struct hexline *line, uint8_t *memory, size_t cap);
/* One character: a hex digit, or a space, tab, CR or colon between octets. */
void hexline_add(struct hexline *line, int c);
/* BAS_OK; BAS_ERR_TOO_LONG: good hex that did not fit; BAS_ERR_INVALID: none, fault says why. */
bas_err hexline_end(const struct hexline *line, struct bas_slice *octets, struct bas_fault *fault);

#endif
