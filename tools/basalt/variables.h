/* How bacnet-stack writes what our settings call otherwise. */
#ifndef BASALT_TOOLS_VARIABLES_H
#define BASALT_TOOLS_VARIABLES_H

#include "basalt/base.h"

/*
 * "50000" or "eth0:50000" as an address and port: that of all interfaces, or the first one of that
 * interface. What is neither stays as it is. Gives text.
 */
enum { VARIABLES_BINDING = 280 };
const char *variables_binding(const char *value, char text[VARIABLES_BINDING]);
/* "1", "y" or "Y". */
bool variables_is_yes(const char *value);
/* Takes the next word off *value into word of cap octets; a longer one is cut. False: no more. */
bool variables_word(const char **value, char *word, size_t cap);

#endif
