/* Owns the ways that a password comes into the program. */
#define _DEFAULT_SOURCE /* unsetenv */
#include "secret.h"

#include "rt/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct secret_kind secret_keyring = { "the keyring's password", "keyring-pwd",
                                            "KNX_KEYRING_PWD", "KNX_KEYRING_PASSWORD_FILE" };
const struct secret_kind secret_device = { "the device's password", "device-pwd",
                                           "BACNET_DEVICE_PWD", "BACNET_DEVICE_PASSWORD_FILE" };

static const char *variable(const char *name)
{
    const char *value = name == NULL ? NULL : getenv(name);
    return value == NULL || value[0] == 0 ? NULL : value;
}

static unsigned count_options(const struct secret_options *options)
{
    return (unsigned)(options->file != NULL) + (unsigned)(options->fd != UINT32_MAX) +
           (unsigned)(options->text != NULL);
}

bool secret_is_given(const struct secret_kind *kind, const struct secret_options *options)
{
    return count_options(options) != 0 || variable(kind->variable) != NULL ||
           variable(kind->file_variable) != NULL;
}

/* Reads up to the end or one octet more than fits. False: errno tells. */
static bool read_all(int fd, uint8_t *octets, size_t cap, size_t *len)
{
    *len = 0;
    while (*len < cap) {
        ssize_t n = read(fd, octets + *len, cap - *len);
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

/* The first line of octets becomes the secret. */
static bas_err take_line(const char *from, const uint8_t *octets, size_t len, struct secret *secret,
                         struct bas_fault *fault)
{
    const uint8_t *end = memchr(octets, '\n', len);
    size_t n = end == NULL ? len : (size_t)(end - octets);
    n -= n > 0 && octets[n - 1] == '\r';
    if (n > SECRET_MAX) {
        return bas_fail(fault, BAS_ERR_INVALID,
                        "%s: its first line is longer than %d octets; give the password alone",
                        from, (int)SECRET_MAX);
    }
    if (n != 0 && memchr(octets, 0, n) != NULL) {
        return bas_fail(fault, BAS_ERR_INVALID,
                        "%s: holds a zero octet; give a file of text with the password", from);
    }
    memcpy(secret->octets, octets, n);
    secret->len = n;
    return BAS_OK;
}

static bas_err read_fd(int fd, const char *from, struct secret *secret, struct bas_fault *fault)
{
    uint8_t octets[SECRET_MAX + 2]; /* with the end of the line */
    size_t len = 0;
    bas_err err = read_all(fd, octets, sizeof(octets), &len)
                      ? take_line(from, octets, len, secret, fault)
                      : bas_textfile_fail(fault, from, "cannot be read", errno);
    bas_wipe(octets, sizeof(octets));
    return err;
}

static bas_err read_file(struct tool *tool, const char *path, struct secret *secret,
                         struct bas_fault *fault)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return bas_textfile_fail(fault, path, "cannot be opened", errno);
    }
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        bas_log(&tool->env, BAS_LOG_WARNING,
                "%s: holds a password, and others may open it; "
                "chmod 600",
                path);
    }
    bas_err err = read_fd(fd, path, secret, fault);
    (void)close(fd);
    return err;
}

static bas_err read_text(const char *from, const char *text, struct secret *secret,
                         struct bas_fault *fault)
{
    secret->len = strlen(text);
    if (secret->len > SECRET_MAX) {
        secret->len = 0;
        return bas_fail(fault, BAS_ERR_INVALID, "%s: is longer than %d octets", from,
                        (int)SECRET_MAX);
    }
    memcpy(secret->octets, text, secret->len);
    return BAS_OK;
}

static bas_err read_environment(struct tool *tool, const struct secret_kind *kind,
                                struct secret *secret, struct bas_fault *fault)
{
    const char *text = variable(kind->variable);
    const char *file = variable(kind->file_variable);
    if (text != NULL && file != NULL) {
        return bas_fail(fault, BAS_ERR_INVALID, "%s and %s are both set; unset one", kind->variable,
                        kind->file_variable);
    }
    if (text == NULL && file == NULL) {
        return bas_fail(fault, BAS_ERR_INVALID,
                        "%s is missing; give --%s-file FILE, a file with it in its first line%s"
                        "%s",
                        kind->what, kind->name, kind->file_variable == NULL ? "" : ", or set ",
                        kind->file_variable == NULL ? "" : kind->file_variable);
    }
    if (file != NULL) {
        return read_file(tool, file, secret, fault);
    }
    bas_err err = read_text(kind->variable, text, secret, fault);
    char *kept = getenv(kind->variable); /* what others see in /proc/PID/environ */
    bas_wipe(kept, strlen(kept));
    (void)unsetenv(kind->variable);
    return err;
}

static bas_err read_options(struct tool *tool, const struct secret_kind *kind,
                            const struct secret_options *options, struct secret *secret,
                            struct bas_fault *fault)
{
    char label[40];
    if (options->file != NULL) {
        return read_file(tool, options->file, secret, fault);
    }
    if (options->fd != UINT32_MAX) {
        (void)snprintf(label, sizeof(label), "--%s-fd %u", kind->name, options->fd);
        return read_fd((int)options->fd, label, secret, fault);
    }
    (void)snprintf(label, sizeof(label), "--%s", kind->name);
    bas_log(&tool->env, BAS_LOG_WARNING,
            "%s: everybody on this machine can see it on the command line; use %s-file", label,
            label);
    return read_text(label, options->text, secret, fault);
}

bas_err secret_read(struct tool *tool, const struct secret_kind *kind,
                    const struct secret_options *options, struct secret *secret,
                    struct bas_fault *fault)
{
    unsigned n = count_options(options);
    *secret = (struct secret){ .len = 0 };
    if (n > 1) {
        return bas_fail(fault, BAS_ERR_INVALID,
                        "%s is given twice; give one of --%s-file, --%s-fd%s%s", kind->what,
                        kind->name, kind->name, options->text != NULL ? " and --" : "",
                        options->text != NULL ? kind->name : "");
    }
    return n == 1 ? read_options(tool, kind, options, secret, fault)
                  : read_environment(tool, kind, secret, fault);
}

struct bas_slice secret_slice(const struct secret *secret)
{
    return (struct bas_slice){ secret->octets, secret->len };
}
