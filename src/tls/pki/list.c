/* Owns looking at a site's certificates: one file, or all of a folder. */
#define _POSIX_C_SOURCE 200809L
#include "basalt/pki.h"

#include "tls/describe.h"
#include "tls/file.h"
#include "tls/pki/index.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bas_err bas_pki_show(const struct bas_env *env, const char *file,
                     struct bas_pki_certificate *certificate, struct bas_fault *fault)
{
    memset(certificate, 0, sizeof(*certificate));
    struct bas_tls_file content;
    bas_err err = bas_tls_file_read(env, file, false, &content, fault);
    if (err != BAS_OK) {
        return err;
    }
    err = bas_pki_describe(certificate, bas_tls_file_datum(&content));
    bas_tls_file_free(env, &content);
    if (err == BAS_ERR_CERTIFICATE) {
        return bas_fail_code(fault, err, BAC_ERROR_CLASS_SECURITY,
                             BAC_ERROR_CODE_CERTIFICATE_MALFORMED,
                             "%s holds no certificate in PEM form", file);
    }
    return err == BAS_OK ? BAS_OK : bas_fail(fault, err, "no memory to show %s", file);
}

enum bas_pki_state bas_pki_state(const struct bas_pki_certificate *certificate, int64_t now)
{
    if (now < certificate->not_before) {
        return BAS_PKI_NOT_YET_VALID;
    }
    return now > certificate->not_after ? BAS_PKI_EXPIRED : BAS_PKI_VALID;
}

void bas_pki_list_free(const struct bas_env *env, struct bas_pki_list *list)
{
    bas_release(env, list->entries, list->cap * sizeof(*list->entries));
    *list = (struct bas_pki_list){ 0 };
}

enum { FIRST_CAP = 16 };

static struct bas_pki_entry *add_entry(const struct bas_env *env, struct bas_pki_list *list)
{
    if (list->n == list->cap) {
        size_t cap = list->cap == 0 ? FIRST_CAP : 2 * list->cap;
        struct bas_pki_entry *entries = bas_alloc(env, cap * sizeof(*entries));
        if (entries == NULL) {
            return NULL;
        }
        if (list->n != 0) {
            memcpy(entries, list->entries, list->n * sizeof(*entries));
        }
        bas_release(env, list->entries, list->cap * sizeof(*entries));
        list->entries = entries;
        list->cap = cap;
    }
    return &list->entries[list->n++];
}

/* NAME of NAME.pem, or false for any other file. */
static bool name_of(const char *file, char name[BAS_PKI_DEVICE_NAME])
{
    size_t len = strlen(file);
    if (len <= 4 || len - 4 >= BAS_PKI_DEVICE_NAME || strcmp(file + len - 4, ".pem") != 0) {
        return false;
    }
    memcpy(name, file, len - 4);
    name[len - 4] = 0;
    return true;
}

static bas_err list_one(const struct bas_env *env, const char *directory, const char *file,
                        struct bas_pki_list *list)
{
    char name[BAS_PKI_DEVICE_NAME];
    char path[BAS_PKI_PATH];
    if (!name_of(file, name)) {
        return BAS_OK;
    }
    struct bas_pki_entry *entry = add_entry(env, list);
    if (entry == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    memcpy(entry->name, name, sizeof(name));
    (void)snprintf(path, sizeof(path), "%s/%s.key", directory, name);
    entry->has_key = bas_tls_file_exists(path);
    (void)snprintf(path, sizeof(path), "%s/%s.pem", directory, name);
    entry->err = bas_pki_show(env, path, &entry->certificate, NULL);
    return entry->err == BAS_ERR_NO_MEMORY ? BAS_ERR_NO_MEMORY : BAS_OK;
}

static int compare(const void *a, const void *b)
{
    const struct bas_pki_entry *x = a;
    const struct bas_pki_entry *y = b;
    int x_is_ca = strcmp(x->name, "ca") == 0;
    int y_is_ca = strcmp(y->name, "ca") == 0;
    return x_is_ca != y_is_ca ? y_is_ca - x_is_ca : strcmp(x->name, y->name);
}

/* An index that cannot be read does not spoil the list. */
static bas_err mark_revoked(const struct bas_env *env, const char *directory,
                            struct bas_pki_list *list)
{
    struct bas_pki_index index;
    bool is_missing = false;
    bas_err err = bas_pki_index_load(env, directory, &index, &is_missing, NULL);
    for (size_t i = 0; i < list->n && err == BAS_OK; i++) {
        struct bas_pki_entry *entry = &list->entries[i];
        const struct bas_pki_issued *issued =
            entry->err != BAS_OK ? NULL : bas_pki_index_find(&index, entry->certificate.serial);
        entry->is_revoked = issued != NULL && issued->revoked != 0;
    }
    bas_pki_index_free(env, &index);
    return err == BAS_ERR_NO_MEMORY ? err : BAS_OK;
}

bas_err bas_pki_list(const struct bas_env *env, const char *directory, struct bas_pki_list *list,
                     struct bas_fault *fault)
{
    *list = (struct bas_pki_list){ 0 };
    DIR *folder = opendir(directory);
    if (folder == NULL) {
        bas_err err = errno == ENOENT ? BAS_ERR_NOT_FOUND : BAS_ERR_IO;
        return bas_fail(fault, err, "cannot list %s: %s", directory, strerror(errno));
    }
    bas_err err = BAS_OK;
    for (struct dirent *file = readdir(folder); file != NULL && err == BAS_OK;
         file = readdir(folder)) {
        err = list_one(env, directory, file->d_name, list);
    }
    (void)closedir(folder);
    if (err == BAS_OK) {
        err = mark_revoked(env, directory, list);
    }
    if (err != BAS_OK) {
        bas_pki_list_free(env, list);
        return bas_fail(fault, err, "no memory to list %s", directory);
    }
    if (list->n != 0) {
        qsort(list->entries, list->n, sizeof(*list->entries), compare);
    }
    return BAS_OK;
}
