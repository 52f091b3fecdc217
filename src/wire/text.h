/* A peer's text on its way to people: logs, faults, terminals. */
#ifndef BASALT_WIRE_TEXT_H
#define BASALT_WIRE_TEXT_H

#include "basalt/base.h"

/*
 * Copies text into out (cap octets, terminated): one line in which every octet of a control
 * character (C0, DEL, and C1 as UTF-8) became '?'. What does not fit is cut between two UTF-8
 * characters.
 */
void bas_text_copy(char *out, size_t cap, struct bas_slice text);

#endif
