/* Owns how material is read from files, and how new files come to be without replacing any. */
#define _POSIX_C_SOURCE 200809L
#include "tls/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20, PIPE_MAX = 1 << 16, ANY_BUT_OWNER = 077 };

static const char *advice(int code)
{
    static const struct {
        int code;
        const char *text;
    } rows[] = {
        { ENOENT, "; check the name" },
        { ENOTDIR, "; check the name" },
        { EACCES, "; look at its permissions and those of its folder" },
        { EPERM, "; look at its permissions and those of its folder" },
        { EROFS, "; name a folder that can be written" },
        { ENOSPC, "; make room" },
        { EMFILE, "; raise the limit of open files (ulimit -n)" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        if (rows[i].code == code) {
            return rows[i].text;
        }
    }
    return "";
}

static bas_err io_fault(struct bas_fault *fault, const char *verb, const char *path)
{
    int code = errno;
    bas_err err = code == ENOENT                    ? BAS_ERR_NOT_FOUND
                  : code == EACCES || code == EPERM ? BAS_ERR_PERMISSION
                  : code == EEXIST                  ? BAS_ERR_EXISTS
                                                    : BAS_ERR_IO;
    return bas_fail(fault, err, "cannot %s %s: %s%s", verb, path, strerror(code), advice(code));
}

static bas_err check_shape(int fd, const char *path, const char *secret, size_t *cap,
                           struct bas_fault *fault)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return io_fault(fault, "look at", path);
    }
    if (S_ISDIR(st.st_mode)) {
        return bas_fail(fault, BAS_ERR_CONFIG, "%s is a directory: name a PEM file", path);
    }
    if (secret != NULL && (st.st_mode & ANY_BUT_OWNER) != 0) {
        return bas_fail(fault, BAS_ERR_PERMISSION,
                        "the %s %s is open to group or others (mode %04o): chmod 600 it, "
                        "and issue a new one if somebody may have read it",
                        secret, path, (unsigned)(st.st_mode & 07777));
    }
    if (S_ISREG(st.st_mode) && st.st_size > FILE_MAX) {
        return bas_fail(fault, BAS_ERR_TOO_LONG, "%s is longer than 1 MiB: is it a PEM file?",
                        path);
    }
    *cap = S_ISREG(st.st_mode) ? (size_t)st.st_size : PIPE_MAX;
    return BAS_OK;
}

static bas_err read_all(int fd, const char *path, struct bas_tls_file *file,
                        struct bas_fault *fault)
{
    while (file->len < file->cap) {
        ssize_t n = read(fd, file->data + file->len, file->cap - file->len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return io_fault(fault, "read", path);
        }
        if (n == 0) {
            break;
        }
        file->len += (size_t)n;
    }
    return BAS_OK;
}

static bas_err read_open(const struct bas_env *env, int fd, const char *path, const char *secret,
                         struct bas_tls_file *file, struct bas_fault *fault)
{
    bas_err err = check_shape(fd, path, secret, &file->cap, fault);
    if (err != BAS_OK || file->cap == 0) {
        return err;
    }
    file->data = bas_alloc(env, file->cap);
    if (file->data == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "no memory to read %s", path);
    }
    err = read_all(fd, path, file, fault);
    if (err != BAS_OK) {
        bas_tls_file_free(env, file);
    }
    return err;
}

bas_err bas_tls_file_read(const struct bas_env *env, const char *path, bool is_key,
                          struct bas_tls_file *file, struct bas_fault *fault)
{
    return bas_tls_file_read_secret(env, path, is_key ? "private key" : NULL, file, fault);
}

bas_err bas_tls_file_read_secret(const struct bas_env *env, const char *path, const char *kind,
                                 struct bas_tls_file *file, struct bas_fault *fault)
{
    *file = (struct bas_tls_file){ 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return io_fault(fault, "read", path);
    }
    bas_err err = read_open(env, fd, path, kind, file, fault);
    (void)close(fd);
    return err;
}

void bas_tls_file_free(const struct bas_env *env, struct bas_tls_file *file)
{
    if (file->data != NULL) {
        bas_wipe(file->data, file->cap);
        bas_release(env, file->data, file->cap);
    }
    *file = (struct bas_tls_file){ 0 };
}

gnutls_datum_t bas_tls_file_datum(const struct bas_tls_file *file)
{
    return (gnutls_datum_t){ file->data, (unsigned)file->len };
}

bool bas_tls_file_exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static bool write_all(int fd, gnutls_datum_t content)
{
    size_t done = 0;
    while (done < content.size) {
        ssize_t n = write(fd, content.data + done, content.size - done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return false;
        }
        done += (size_t)n;
    }
    return fsync(fd) == 0;
}

bas_err bas_tls_file_create(const char *path, gnutls_datum_t content, unsigned mode,
                            struct bas_fault *fault)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
    if (fd < 0 && errno == EEXIST) {
        return bas_fail(fault, BAS_ERR_EXISTS, "%s exists already; nothing was changed", path);
    }
    if (fd < 0) {
        return io_fault(fault, "create", path);
    }
    bool written = write_all(fd, content);
    int code = errno;
    (void)close(fd);
    if (!written) {
        (void)unlink(path);
        errno = code;
        return io_fault(fault, "write", path);
    }
    return BAS_OK;
}

/* Makes the names in the folder of path last, as far as the file system knows how. */
static void sync_folder(const char *path)
{
    char folder[PATH_MAX];
    (void)snprintf(folder, sizeof(folder), "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash != NULL) {
        slash[1] = 0;
    }
    int fd = open(slash != NULL ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
}

bas_err bas_tls_file_publish(const char *path, gnutls_datum_t content, struct bas_fault *fault)
{
    char beside[PATH_MAX];
    int n = snprintf(beside, sizeof(beside), "%s.new", path);
    if (n < 0 || (size_t)n >= sizeof(beside)) {
        return bas_fail(fault, BAS_ERR_TOO_LONG, "the path %s is too long", path);
    }
    (void)unlink(beside); /* what a run that was killed left */
    bas_err err = bas_tls_file_create(beside, content, 0644, fault);
    if (err != BAS_OK) {
        return err;
    }
    if (rename(beside, path) != 0) {
        err = io_fault(fault, "put in place", path);
        (void)unlink(beside);
        return err;
    }
    sync_folder(path);
    return BAS_OK;
}
