/* What groups are called and which type their values have: a CSV export of ETS, and GROUP=N.NNN. */
#ifndef BASALT_TOOLS_GROUP_NAMES_H
#define BASALT_TOOLS_GROUP_NAMES_H

#include "basalt/knx_dpt.h"

#include "tool.h"

struct group_name {
    const char *name; /* NULL: none */
    const struct knx_dpt *dpt;
};
/* By the group's address. */
struct group_names {
    struct group_name *rows; /* NULL: none */
};

/* BAS_ERR_NO_MEMORY. */
bas_err group_names_init(struct tool *tool, struct group_names *names, struct bas_fault *fault);
void group_names_free(struct tool *tool, struct group_names *names);
/*
 * Reads a CSV file: commas, semicolons or tabs; columns by the names of the first line ("name" or
 * "group name", "address", "dpt" or "datapoint type"), without those in that order. Lines whose
 * address is no group (the main groups of ETS) are skipped. Errors of files; BAS_ERR_CONFIG.
 */
bas_err group_names_read(struct tool *tool, struct group_names *names, const char *path,
                         struct bas_fault *fault);
/* "1/2/3=9.001" */
bas_err group_names_set(struct group_names *names, const char *text, struct bas_fault *fault);
struct group_name group_names_find(const struct group_names *names, knx_ga group);

#endif
