/* Keys of secured groups that stand in a text file, where there is no keyring. */
#ifndef BASALT_TOOLS_GROUP_KEYS_H
#define BASALT_TOOLS_GROUP_KEYS_H

#include "basalt/knx_secure.h"

#include "tool.h"

struct group_keys {
    struct knx_group_key *rows; /* NULL: none */
    size_t n;
    size_t cap;
};

/*
 * Reads a file of lines "GROUP KEY" (a key is 32 hex digits; what begins with # is skipped). A key
 * alone is that of group, where there is one (not 0). BAS_ERR_CONFIG, and the errors of files; the
 * fault names file and line. Free with group_keys_free, also after an error.
 */
bas_err group_keys_read(struct tool *tool, const char *path, knx_ga group, struct group_keys *keys,
                        struct bas_fault *fault);
/* Wipes. */
void group_keys_free(struct tool *tool, struct group_keys *keys);

#endif
