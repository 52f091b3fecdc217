/* Files of an authority's folder beyond single new ones: a change of many at once, one that
 * replaces, copies of what is replaced, and who may change the folder now. */
#ifndef BASALT_TLS_PKI_FILE_H
#define BASALT_TLS_PKI_FILE_H

#include "basalt/base.h"

#include <gnutls/gnutls.h>

enum { BAS_PKI_TEXT_MAX = 64 << 20 }; /* of an index or a list of devices */

/* The text of a file, terminated; a zero octet inside of it is BAS_ERR_MALFORMED. */
struct bas_pki_text {
    char *text;
    size_t len;
    size_t cap;
};
bas_err bas_pki_text_read(const struct bas_env *env, const char *path, struct bas_pki_text *text,
                          struct bas_fault *fault);
void bas_pki_text_free(const struct bas_env *env, struct bas_pki_text *text);

/* A new PATH.new with this content, which nobody looks at; not yet on the disk. */
bas_err bas_pki_file_stage(const char *path, gnutls_datum_t content, unsigned mode,
                           struct bas_fault *fault);
/* All that was staged in a folder goes to the disk: once for many files. */
bas_err bas_pki_file_sync(const char *directory, struct bas_fault *fault);
/* PATH.new becomes PATH, in one step, in place of what was there. */
bas_err bas_pki_file_settle(const char *path, struct bas_fault *fault);
void bas_pki_file_unstage(const char *path);
/* Stage, sync and settle of one file. */
bas_err bas_pki_file_replace(const char *path, gnutls_datum_t content, unsigned mode,
                             struct bas_fault *fault);
/* A copy of path as PATH.MARK, of the same mode; one that is there must be the same. */
bas_err bas_pki_file_keep(const struct bas_env *env, const char *path, const char *kept,
                          struct bas_fault *fault);

/* Waits until nobody else changes the folder. A descriptor for bas_pki_folder_unlock, -1 where the
 * folder cannot be opened or its file system knows no locks. */
int bas_pki_folder_lock(const char *directory);
void bas_pki_folder_unlock(int lock);

#endif
