/* Keyrings in files, with the sentence that a person needs where one cannot be read. */
#ifndef BASALT_TOOLS_KEYRING_FILE_H
#define BASALT_TOOLS_KEYRING_FILE_H

#include "basalt/knx_keyring.h"

#include "secret.h"

/* Reads path; about 20 ms for the key. Errors of files and of knx_keyring_read, with the file's
 * name in front. */
bas_err keyring_file_read(struct tool *tool, const char *path, const struct secret *password,
                          bool ignore_signature, struct knx_keyring **keyring,
                          struct bas_fault *fault);
/* Writes a new file with mode 0600; BAS_ERR_EXISTS. After an error there is none. */
bas_err keyring_file_write(struct tool *tool, const char *path, const struct secret *password,
                           const struct knx_keyring *keyring, struct bas_fault *fault);

#endif
