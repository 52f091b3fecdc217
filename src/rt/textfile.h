/* Small text files: read whole with a bound, replaced atomically; faults say what to do. */
#ifndef BASALT_RT_TEXTFILE_H
#define BASALT_RT_TEXTFILE_H

#include "basalt/base.h"

struct bas_textfile {
    char *text; /* terminated */
    size_t len; /* without the end */
};

/* Reads path. Free with bas_textfile_free. BAS_ERR_NOT_FOUND, _PERMISSION, _IO, _NO_MEMORY;
 * BAS_ERR_CONFIG: longer than max. */
bas_err bas_textfile_read(const struct bas_env *env, const char *path, size_t max,
                          struct bas_textfile *file, struct bas_fault *fault);
void bas_textfile_free(const struct bas_env *env, struct bas_textfile *file);

/* Replaces path by text, mode 0600: written beside it, synced, renamed. After an error the old file
 * is whole. */
bas_err bas_textfile_replace(const char *path, struct bas_slice text, struct bas_fault *fault);

/* Fills fault with "PATH: DOING: reason of errno; what to do". */
bas_err bas_textfile_fail(struct bas_fault *fault, const char *path, const char *doing, int error);

enum { BAS_PATH_MAX = 4096 };

#endif
