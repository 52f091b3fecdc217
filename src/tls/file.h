/* Files of the TLS layer: reading material, and making new files that replace nothing. */
#ifndef BASALT_TLS_FILE_H
#define BASALT_TLS_FILE_H

#include "basalt/base.h"

#include <gnutls/gnutls.h>

/* The octets of a file, in memory of env. */
struct bas_tls_file {
    uint8_t *data;
    size_t len;
    size_t cap;
};

/*
 * Reads a file of at most 1 MiB. is_key: refuses a file that its group or others may touch. The
 * fault names the file and what to do. Free with bas_tls_file_free, which wipes.
 */
bas_err bas_tls_file_read(const struct bas_env *env, const char *path, bool is_key,
                          struct bas_tls_file *file, struct bas_fault *fault);
/* The same with the word for what others must not touch: "private key"; NULL: they may. */
bas_err bas_tls_file_read_secret(const struct bas_env *env, const char *path, const char *kind,
                                 struct bas_tls_file *file, struct bas_fault *fault);
void bas_tls_file_free(const struct bas_env *env, struct bas_tls_file *file);
gnutls_datum_t bas_tls_file_datum(const struct bas_tls_file *file);

/* Whether something of that name exists. */
bool bas_tls_file_exists(const char *path);
/* A new file with this content and mode, on the disk when it returns. BAS_ERR_EXISTS: there is one
 * of that name, which stays as it is. Nothing is left behind on failure. */
bas_err bas_tls_file_create(const char *path, gnutls_datum_t content, unsigned mode,
                            struct bas_fault *fault);
/* The same, but nobody ever sees half of it: written beside and renamed. The caller holds the name
 * (by a key file that it created). */
bas_err bas_tls_file_publish(const char *path, gnutls_datum_t content, struct bas_fault *fault);

#endif
