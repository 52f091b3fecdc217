/* Owns how files of an authority's folder change: many at once, each whole or not at all. */
#define _GNU_SOURCE /* syncfs */
#include "tls/pki/file.h"

#include "tls/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static bas_err io_fault(struct bas_fault *fault, const char *verb, const char *path)
{
    int code = errno;
    bas_err err = code == ENOENT                    ? BAS_ERR_NOT_FOUND
                  : code == EACCES || code == EPERM ? BAS_ERR_PERMISSION
                                                    : BAS_ERR_IO;
    return bas_fail(fault, err, "cannot %s %s: %s", verb, path, strerror(code));
}

/* Texts */

static bas_err read_text(const struct bas_env *env, int fd, const char *path,
                         struct bas_pki_text *text, struct bas_fault *fault)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return io_fault(fault, "look at", path);
    }
    if (!S_ISREG(st.st_mode)) {
        return bas_fail(fault, BAS_ERR_CONFIG, "%s is no file of text", path);
    }
    if (st.st_size > BAS_PKI_TEXT_MAX) {
        return bas_fail(fault, BAS_ERR_CONFIG, "%s is longer than 64 MiB: is it the right file?",
                        path);
    }
    text->cap = (size_t)st.st_size + 1;
    text->text = bas_alloc(env, text->cap);
    if (text->text == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "no memory to read %s", path);
    }
    ssize_t n = 1;
    while (n > 0 && text->len + 1 < text->cap) {
        n = read(fd, text->text + text->len, text->cap - 1 - text->len);
        if (n < 0) {
            return io_fault(fault, "read", path);
        }
        text->len += (size_t)n;
    }
    text->text[text->len] = 0;
    return strlen(text->text) == text->len
               ? BAS_OK
               : bas_fail(fault, BAS_ERR_MALFORMED, "%s holds a zero octet: it is no text", path);
}

bas_err bas_pki_text_read(const struct bas_env *env, const char *path, struct bas_pki_text *text,
                          struct bas_fault *fault)
{
    *text = (struct bas_pki_text){ 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return io_fault(fault, "read", path);
    }
    bas_err err = read_text(env, fd, path, text, fault);
    (void)close(fd);
    if (err != BAS_OK) {
        bas_pki_text_free(env, text);
    }
    return err;
}

void bas_pki_text_free(const struct bas_env *env, struct bas_pki_text *text)
{
    bas_release(env, text->text, text->cap);
    *text = (struct bas_pki_text){ 0 };
}

/* Changes */

static bas_err beside(char path_new[PATH_MAX], const char *path, struct bas_fault *fault)
{
    int n = snprintf(path_new, PATH_MAX, "%s.new", path);
    return n < 0 || n >= PATH_MAX
               ? bas_fail(fault, BAS_ERR_TOO_LONG, "the path %s is too long", path)
               : BAS_OK;
}

static bool write_all(int fd, gnutls_datum_t content)
{
    size_t done = 0;
    while (done < content.size) {
        ssize_t n = write(fd, content.data + done, content.size - done);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

bas_err bas_pki_file_stage(const char *path, gnutls_datum_t content, unsigned mode,
                           struct bas_fault *fault)
{
    char path_new[PATH_MAX];
    bas_err err = beside(path_new, path, fault);
    if (err != BAS_OK) {
        return err;
    }
    (void)unlink(path_new); /* what a run that was killed left */
    int fd = open(path_new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
    if (fd < 0) {
        return io_fault(fault, "create", path_new);
    }
    bool is_written = write_all(fd, content);
    int code = errno;
    if (close(fd) != 0 || !is_written) {
        errno = is_written ? errno : code;
        err = io_fault(fault, "write", path_new);
        (void)unlink(path_new);
    }
    return err;
}

bas_err bas_pki_file_sync(const char *directory, struct bas_fault *fault)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return io_fault(fault, "open the folder", directory);
    }
    bas_err err = syncfs(fd) == 0 ? BAS_OK : io_fault(fault, "write to the disk of", directory);
    (void)close(fd);
    return err;
}

bas_err bas_pki_file_settle(const char *path, struct bas_fault *fault)
{
    char path_new[PATH_MAX];
    bas_err err = beside(path_new, path, fault);
    if (err == BAS_OK && rename(path_new, path) != 0) {
        err = io_fault(fault, "put in place", path);
    }
    return err;
}

void bas_pki_file_unstage(const char *path)
{
    char path_new[PATH_MAX];
    if (beside(path_new, path, NULL) == BAS_OK) {
        (void)unlink(path_new);
    }
}

/* The file PATH.new alone onto the disk. */
static bas_err sync_one(const char *path, struct bas_fault *fault)
{
    char path_new[PATH_MAX];
    bas_err err = beside(path_new, path, fault);
    int fd = err == BAS_OK ? open(path_new, O_RDONLY | O_CLOEXEC) : -1;
    if (err == BAS_OK && (fd < 0 || fsync(fd) != 0)) {
        err = io_fault(fault, "write to the disk", path_new);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return err;
}

bas_err bas_pki_file_replace(const char *path, gnutls_datum_t content, unsigned mode,
                             struct bas_fault *fault)
{
    bas_err err = bas_pki_file_stage(path, content, mode, fault);
    if (err == BAS_OK) {
        err = sync_one(path, fault);
        err = err == BAS_OK ? bas_pki_file_settle(path, fault) : err;
        if (err != BAS_OK) {
            bas_pki_file_unstage(path);
        }
    }
    return err;
}

static bool is_same(const struct bas_env *env, const char *path, const struct bas_tls_file *file)
{
    struct bas_tls_file other;
    bool same = bas_tls_file_read(env, path, false, &other, NULL) == BAS_OK;
    same = same && other.len == file->len && bas_equal_secret(other.data, file->data, file->len);
    bas_tls_file_free(env, &other);
    return same;
}

bas_err bas_pki_file_keep(const struct bas_env *env, const char *path, const char *kept,
                          struct bas_fault *fault)
{
    struct bas_tls_file file;
    struct stat st;
    bas_err err = bas_tls_file_read(env, path, false, &file, fault);
    if (err != BAS_OK) {
        return err;
    }
    if (stat(path, &st) != 0) {
        err = io_fault(fault, "look at", path);
    } else if (!bas_tls_file_exists(kept)) {
        err = bas_tls_file_create(kept, bas_tls_file_datum(&file), st.st_mode & 0777, fault);
    } else if (!is_same(env, kept, &file)) {
        err = bas_fail(fault, BAS_ERR_EXISTS,
                       "%s is in the way of keeping %s: move it; nothing was changed", kept, path);
    }
    bas_tls_file_free(env, &file);
    return err;
}

/* One at a time */

int bas_pki_folder_lock(const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd >= 0 && flock(fd, LOCK_EX) != 0) {
        if (errno != EINTR) {
            (void)close(fd);
            return -1;
        }
    }
    return fd;
}

void bas_pki_folder_unlock(int lock)
{
    if (lock >= 0) {
        (void)close(lock);
    }
}
