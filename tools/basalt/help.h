/* Help and shell completion, from the rows of verbs and options. */
#ifndef BASALT_TOOLS_HELP_H
#define BASALT_TOOLS_HELP_H

#include "options.h"

void help_program(struct out *out, struct verbs verbs);
/* The same, a line each with what it is for. */
void help_verbs(struct out *out, struct verbs verbs);
void help_verb(struct out *out, const struct verb *verb);
void help_completion(struct out *out, struct verbs verbs);

#endif
