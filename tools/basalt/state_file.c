/* Owns the folder of the program's state (XDG Base Directory Specification). */
#define _DEFAULT_SOURCE /* what sys/stat.h needs of the C library */
#include "state_file.h"

#include "rt/textfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Makes every folder in front of the last part of path. */
static bas_err make_folders(char *path, struct bas_fault *fault)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdir(path, S_IRWXU) != 0 && errno != EEXIST) {
            return bas_textfile_fail(fault, path, "this folder for our state cannot be made",
                                     errno);
        }
        *slash = '/';
    }
    return BAS_OK;
}

bas_err state_file_path(struct tool *tool, const char *name, const char **path,
                        struct bas_fault *fault)
{
    const char *home = getenv("HOME");
    const char *state = getenv("XDG_STATE_HOME");
    bool is_state = state != NULL && state[0] == '/'; /* others are not valid, and ignored */
    char *text = bas_keep_take(&tool->store, BAS_PATH_MAX);
    if (text == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory");
    }
    if (!is_state && (home == NULL || home[0] != '/')) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "HOME is not set, so there is no place for sequence numbers; give --state "
                        "FILE");
    }
    int n = snprintf(text, BAS_PATH_MAX, "%s%s/basalt/%s", is_state ? state : home,
                     is_state ? "" : "/.local/state", name);
    if (n >= BAS_PATH_MAX) {
        return bas_fail(fault, BAS_ERR_CONFIG, "HOME is too long a path; give --state FILE");
    }
    *path = text;
    return make_folders(text, fault);
}
