/* Owns reading and replacing small text files. */
#define _GNU_SOURCE /* strerror_r that returns the text */
#include "rt/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What an errno means for us, a row each. */
static const struct {
    int error;
    bas_err err;
    const char *remedy;
} reasons[] = {
    { ENOENT, BAS_ERR_NOT_FOUND, "check the name" },
    { ENOTDIR, BAS_ERR_NOT_FOUND, "check the name" },
    { EACCES, BAS_ERR_PERMISSION, "check the owner and the mode of the file and its folders" },
    { EPERM, BAS_ERR_PERMISSION, "check the owner and the mode of the file and its folders" },
    { EROFS, BAS_ERR_PERMISSION, "name a file where this program may write" },
    { EISDIR, BAS_ERR_IO, "name a file, not a folder" },
    { ENOSPC, BAS_ERR_IO, "make room on the disk" },
    { EDQUOT, BAS_ERR_IO, "make room on the disk" },
};

bas_err bas_textfile_fail(struct bas_fault *fault, const char *path, const char *doing, int error)
{
    bas_err err = BAS_ERR_IO;
    const char *remedy = "check the disk";
    for (size_t i = 0; i < BAS_ARRAY_LEN(reasons); i++) {
        if (reasons[i].error == error) {
            err = reasons[i].err;
            remedy = reasons[i].remedy;
        }
    }
    char text[64];
    return bas_fail(fault, err, "%s: %s: %s; %s", path, doing,
                    strerror_r(error, text, sizeof(text)), remedy);
}

/* Reads until the end or until buf is full; false: errno tells. */
static bool read_all(int fd, char *text, size_t cap, size_t *len)
{
    *len = 0;
    while (*len < cap) {
        ssize_t n = read(fd, text + *len, cap - *len);
        if (n == 0) {
            return true;
        }
        if (n < 0 && errno != EINTR) {
            return false;
        }
        *len += n > 0 ? (size_t)n : 0;
    }
    return true;
}

static size_t first_guess(int fd, size_t max)
{
    struct stat st;
    bool known = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= 0;
    return known && (uint64_t)st.st_size < max ? (size_t)st.st_size + 1 : max + 1;
}

bas_err bas_textfile_read(const struct bas_env *env, const char *path, size_t max,
                          struct bas_textfile *file, struct bas_fault *fault)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return bas_textfile_fail(fault, path, "cannot be opened", errno);
    }
    bas_err err = BAS_OK;
    size_t len = 0;
    size_t cap = first_guess(fd, max);
    char *text = bas_alloc(env, cap);
    if (text == NULL) {
        err = bas_fail(fault, BAS_ERR_NO_MEMORY, "%s: out of memory", path);
    } else if (!read_all(fd, text, cap, &len)) {
        err = bas_textfile_fail(fault, path, "cannot be read", errno);
    } else if (len == cap) {
        err = bas_fail(fault, BAS_ERR_CONFIG, "%s: is longer than %zu octets; name another file",
                       path, max);
    }
    (void)close(fd);
    if (err != BAS_OK) {
        bas_release(env, text, cap);
        return err;
    }
    /* one more than needed, so that the length alone tells what to release */
    char *exact = bas_alloc(env, len + 1);
    if (exact != NULL) {
        memcpy(exact, text, len);
        *file = (struct bas_textfile){ exact, len };
    } else {
        err = bas_fail(fault, BAS_ERR_NO_MEMORY, "%s: out of memory", path);
    }
    bas_release(env, text, cap);
    return err;
}

void bas_textfile_free(const struct bas_env *env, struct bas_textfile *file)
{
    bas_release(env, file->text, file->len + 1);
    *file = (struct bas_textfile){ NULL, 0 };
}

static bool write_all(int fd, struct bas_slice text)
{
    for (size_t done = 0; done < text.len;) {
        ssize_t n = write(fd, text.data + done, text.len - done);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* Makes a rename last: syncs the folder that path stands in. */
static void sync_folder(const char *path)
{
    char folder[BAS_PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    if (len >= sizeof(folder)) {
        return;
    }
    if (len != 0) {
        memcpy(folder, path, len);
    }
    folder[len] = 0;
    int fd = open(len == 0 ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd); /* some file systems cannot: the file itself is synced */
        (void)close(fd);
    }
}

bas_err bas_textfile_replace(const char *path, struct bas_slice text, struct bas_fault *fault)
{
    char beside[BAS_PATH_MAX];
    int n = snprintf(beside, sizeof(beside), "%s.tmp", path);
    if (n < 0 || (size_t)n >= sizeof(beside)) {
        return bas_textfile_fail(fault, path, "cannot be written", ENAMETOOLONG);
    }
    (void)unlink(beside); /* of a run that died */
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0) {
        return bas_textfile_fail(fault, beside, "cannot be created", errno);
    }
    bool good = write_all(fd, text) && fsync(fd) == 0;
    int error = errno;
    if (close(fd) != 0 && good) {
        good = false;
        error = errno;
    }
    if (good && rename(beside, path) != 0) {
        good = false;
        error = errno;
    }
    if (!good) {
        (void)unlink(beside);
        return bas_textfile_fail(fault, path, "cannot be written", error);
    }
    sync_folder(path);
    return BAS_OK;
}
