/*
 * bacnet-stack's commands: who calls the program by one of their names (bacrp, bacwp, ...) gives
 * the words in their order, and numbers for types, properties and kinds.
 */
#ifndef BASALT_TOOLS_BAC_NAMES_H
#define BASALT_TOOLS_BAC_NAMES_H

#include "tool.h"

/* Whether argv[0] is such a name, with or without folders in front. */
bool bac_names_is_one(const char *name);
/*
 * The same command in our words; argc and argv are theirs and become ours, which live as long as
 * the tool. False: a word is missing or wrong, which was told with its usage; *status is the exit
 * status.
 */
bool bac_names_translate(struct tool *tool, int *argc, char ***argv, int *status);

#endif
