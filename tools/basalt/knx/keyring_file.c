/* Owns reading and making files of keyrings. */
#define _DEFAULT_SOURCE /* fsync */
#include "keyring_file.h"

#include "rt/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_ROOM = 65536 };

bas_err keyring_file_read(struct tool *tool, const char *path, const struct secret *password,
                          bool ignore_signature, struct knx_keyring **keyring,
                          struct bas_fault *fault)
{
    struct bas_textfile file;
    struct bas_fault why = { 0 };
    struct knx_key key;
    *keyring = NULL;
    bas_err err = bas_textfile_read(&tool->env, path, KNX_KEYRING_MAX_FILE, &file, fault);
    if (err != BAS_OK) {
        return err;
    }
    knx_keyring_key(secret_slice(password), &key);
    const struct bas_slice octets = { (const uint8_t *)file.text, file.len };
    err = knx_keyring_read(&tool->env, octets, &key, ignore_signature, keyring, &why);
    bas_wipe(&key, sizeof(key));
    bas_textfile_free(&tool->env, &file);
    return err == BAS_OK ? BAS_OK : bas_fail(fault, err, "%s: %s", path, why.text);
}

static bool write_all(int fd, struct bas_slice octets)
{
    size_t done = 0;
    while (done < octets.len) {
        ssize_t n = write(fd, octets.data + done, octets.len - done);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return fsync(fd) == 0;
}

static bas_err make_file(const char *path, struct bas_slice octets, struct bas_fault *fault)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0 && errno == EEXIST) {
        return bas_fail(fault, BAS_ERR_EXISTS, "%s: exists; move it away or name another file",
                        path);
    }
    if (fd < 0) {
        return bas_textfile_fail(fault, path, "cannot be made", errno);
    }
    bool is_good = fchmod(fd, S_IRUSR | S_IWUSR) == 0 && write_all(fd, octets);
    int error = errno;
    is_good = close(fd) == 0 && is_good;
    if (!is_good) {
        (void)unlink(path);
        return bas_textfile_fail(fault, path, "cannot be written", error);
    }
    return BAS_OK;
}

bas_err keyring_file_write(struct tool *tool, const char *path, const struct secret *password,
                           const struct knx_keyring *keyring, struct bas_fault *fault)
{
    struct knx_key key;
    bas_err err = BAS_ERR_TOO_LONG;
    knx_keyring_key(secret_slice(password), &key);
    for (size_t cap = FIRST_ROOM; err == BAS_ERR_TOO_LONG && cap <= KNX_KEYRING_MAX_FILE;
         cap *= 2) {
        struct bas_buf out;
        bas_buf_init(&out, bas_alloc(&tool->env, cap), cap);
        if (out.data == NULL) {
            err = bas_fail(fault, BAS_ERR_NO_MEMORY, "%s: out of memory", path);
            break;
        }
        err = knx_keyring_write(&tool->env, keyring, &key, &out, fault);
        if (err == BAS_OK) {
            err = make_file(path, (struct bas_slice){ out.data, out.len }, fault);
        }
        bas_release(&tool->env, out.data, cap);
    }
    bas_wipe(&key, sizeof(key));
    return err;
}
