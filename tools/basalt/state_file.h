/* Where the program keeps what must survive it, when nobody names a file. */
#ifndef BASALT_TOOLS_STATE_FILE_H
#define BASALT_TOOLS_STATE_FILE_H

#include "tool.h"

/*
 * The path of name in $XDG_STATE_HOME/basalt, or ~/.local/state/basalt; makes the folders that are
 * missing (mode 0700). *path lives as long as the tool. BAS_ERR_CONFIG: neither variable is set;
 * errors of files.
 */
bas_err state_file_path(struct tool *tool, const char *name, const char **path,
                        struct bas_fault *fault);

#endif
