/* Owns the identity of a port (VMAC and device UUID) and the file that keeps it over restarts. */
#define _DEFAULT_SOURCE /* flock */
#include "basalt/rt.h"

#include "rt/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FILE = 4096 };

#define NO_HOLDER                                                                                  \
    "%s: no process has it in use; start the one that is meant, or name its state file"

struct bas_state {
    struct bas_env env;
    struct bsc_vmac vmac;
    struct bsc_uuid uuid;
    char *path; /* NULL: nothing is kept */
    size_t path_len;
    int lock; /* -1: none */
};

/* What stood in the file. */
struct content {
    bool has_vmac;
    bool has_uuid;
    struct bsc_vmac vmac;
    struct bsc_uuid uuid;
};

/* Lock */

/* The process that holds the lock wrote its id into it; 0: it did not. */
static long read_holder(int fd)
{
    char text[16] = { 0 };
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    long holder = n > 0 ? strtol(text, NULL, 10) : 0;
    return holder > 0 && holder <= INT_MAX ? holder : 0;
}

static bas_err complain_of_holder(struct bas_fault *fault, const char *path, int fd)
{
    long holder = read_holder(fd);
    if (holder != 0) {
        return bas_fail(fault, BAS_ERR_IN_USE,
                        "%s: is in use by process %ld; stop that one or name another state file",
                        path, holder);
    }
    return bas_fail(fault, BAS_ERR_IN_USE,
                    "%s: is in use by another process; stop that one or name another state file",
                    path);
}

/* The name of the lock beside a state file. False: it is too long. */
static bool lock_name(const char *path, char name[BAS_PATH_MAX])
{
    int n = snprintf(name, BAS_PATH_MAX, "%s.lock", path);
    return n >= 0 && n < BAS_PATH_MAX;
}

/* Locks path.lock, which lives beside the state file because a rename replaces that one. */
static bas_err lock(struct bas_state *state, struct bas_fault *fault)
{
    char name[BAS_PATH_MAX];
    if (!lock_name(state->path, name)) {
        return bas_textfile_fail(fault, state->path, "cannot be locked", ENAMETOOLONG);
    }
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (fd < 0) {
        return bas_textfile_fail(fault, name, "cannot be opened", errno);
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        bas_err err = errno == EWOULDBLOCK
                          ? complain_of_holder(fault, state->path, fd)
                          : bas_textfile_fail(fault, name, "cannot be locked", errno);
        (void)close(fd);
        return err;
    }
    char text[16];
    int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
    /* The id only helps the one who is refused; the lock holds without it. */
    bool written = ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)len, 0) == len;
    (void)written;
    state->lock = fd;
    return BAS_OK;
}

/* True when the process belongs to whom the lock belongs to: its id could have been written by
 * nobody else, but is a number to whoever may signal everybody. */
static bool is_owner_s(int fd, long process)
{
    char name[32];
    struct stat lock_file;
    struct stat folder;
    (void)snprintf(name, sizeof(name), "/proc/%ld", process);
    return fstat(fd, &lock_file) == 0 && stat(name, &folder) == 0 &&
           folder.st_uid == lock_file.st_uid;
}

/* fd: of the lock file. */
static bas_err find_holder(const char *path, int fd, long *process, struct bas_fault *fault)
{
    if (flock(fd, LOCK_SH | LOCK_NB) == 0) {
        return bas_fail(fault, BAS_ERR_NOT_FOUND, NO_HOLDER, path);
    }
    long holder = read_holder(fd);
    if (holder == 0 || !is_owner_s(fd, holder)) {
        return bas_fail(fault, BAS_ERR_IN_USE,
                        "%s: is in use, but its lock does not tell a process of the same user; "
                        "find it with fuser %s.lock",
                        path, path);
    }
    *process = holder;
    return BAS_OK;
}

bas_err bas_state_holder(const char *path, long *process, struct bas_fault *fault)
{
    char name[BAS_PATH_MAX];
    if (!lock_name(path, name)) {
        return bas_textfile_fail(fault, path, "cannot be locked", ENAMETOOLONG);
    }
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT) {
        return bas_fail(fault, BAS_ERR_NOT_FOUND, NO_HOLDER, path);
    }
    if (fd < 0) {
        return bas_textfile_fail(fault, name, "cannot be opened", errno);
    }
    bas_err err = find_holder(path, fd, process, fault);
    (void)close(fd);
    return err;
}

/* File */

BAS_PRINTF(4, 5)
static bas_err complain(struct bas_fault *fault, const char *path, unsigned line,
                        const char *format, ...)
{
    char text[BAS_FAULT_TEXT];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return bas_fail(fault, BAS_ERR_CONFIG,
                    "%s:%u: %s; correct it, or remove the file for a new "
                    "identity",
                    path, line, text);
}

static bas_err read_line(struct content *c, const char *path, unsigned line, const char *text,
                         struct bas_fault *fault)
{
    static const char vmac[] = "vmac: ";
    static const char uuid[] = "uuid: ";
    if (text[0] == 0 || text[0] == '#') {
        return BAS_OK;
    }
    if (strncmp(text, vmac, sizeof(vmac) - 1) == 0) {
        const char *value = text + sizeof(vmac) - 1;
        bool good = !c->has_vmac && bsc_vmac_parse(value, &c->vmac) == BAS_OK &&
                    !bsc_vmac_is_reserved(&c->vmac) && !bsc_vmac_is_broadcast(&c->vmac);
        c->has_vmac = true;
        return good ? BAS_OK : complain(fault, path, line, "not one VMAC of 12 hex digits");
    }
    if (strncmp(text, uuid, sizeof(uuid) - 1) == 0) {
        bool good = !c->has_uuid && bsc_uuid_parse(text + sizeof(uuid) - 1, &c->uuid) == BAS_OK;
        c->has_uuid = true;
        return good ? BAS_OK : complain(fault, path, line, "not one UUID of 32 hex digits");
    }
    return complain(fault, path, line, "neither \"vmac: ...\" nor \"uuid: ...\"");
}

static bas_err parse(const char *path, struct bas_textfile *file, struct content *c,
                     struct bas_fault *fault)
{
    unsigned line = 0;
    if (strlen(file->text) != file->len) {
        return complain(fault, path, 1, "not a text file");
    }
    for (char *at = file->text; *at != 0;) {
        char *end = at + strcspn(at, "\n");
        bool is_last = *end == 0;
        *end = 0;
        bas_err err = read_line(c, path, ++line, at, fault);
        if (err != BAS_OK) {
            return err;
        }
        at = is_last ? end : end + 1;
    }
    if (!c->has_vmac || !c->has_uuid) {
        return complain(fault, path, line + 1, "the %s is missing", c->has_vmac ? "uuid" : "vmac");
    }
    return BAS_OK;
}

/* A file that does not exist leaves c empty. */
static bas_err load(const struct bas_env *env, const char *path, struct content *c,
                    struct bas_fault *fault)
{
    struct bas_textfile file = { NULL, 0 };
    struct bas_fault why = { 0 };
    bas_err err = bas_textfile_read(env, path, MAX_FILE, &file, &why);
    if (err == BAS_ERR_NOT_FOUND && access(path, F_OK) != 0 && errno == ENOENT) {
        return BAS_OK;
    }
    if (err != BAS_OK) {
        return bas_fail(fault, err, "%s", why.text);
    }
    err = parse(path, &file, c, fault);
    bas_textfile_free(env, &file);
    return err;
}

bas_err bas_state_read(const struct bas_env *env, const char *path, struct bsc_vmac *vmac,
                       struct bsc_uuid *uuid, struct bas_fault *fault)
{
    struct content c = { 0 };
    bas_err err = load(env, path, &c, fault);
    if (err == BAS_OK && !c.has_uuid) {
        return bas_fail(fault, BAS_ERR_NOT_FOUND, "%s: there is no such file", path);
    }
    if (err == BAS_OK) {
        *vmac = c.vmac;
        *uuid = c.uuid;
    }
    return err;
}

static bas_err save(const struct bas_state *state, struct bas_fault *fault)
{
    char memory[256];
    char vmac[BSC_VMAC_TEXT];
    char uuid[BSC_UUID_TEXT];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    bas_buf_format(&out,
                   "# The identity of one BACnet/SC port, written by basalt. Never give a copy to "
                   "another device.\nvmac: %s\nuuid: %s\n",
                   bsc_vmac_text(&state->vmac, vmac), bsc_uuid_text(&state->uuid, uuid));
    return bas_textfile_replace(state->path, (struct bas_slice){ out.data, out.len }, fault);
}

/* Identity */

/* One place that a UUID can come from, and how it is called. */
struct source {
    const struct bsc_uuid *uuid;
    const char *name;
};

static bas_err complain_of_two(struct bas_fault *fault, const struct source *a,
                               const struct source *b, const char *path)
{
    char first[BSC_UUID_TEXT];
    char second[BSC_UUID_TEXT];
    return bas_fail(fault, BAS_ERR_CONFIG,
                    "the device UUID in %s is %s, in %s %s; use what belongs to this device (state "
                    "file: %s)",
                    a->name, bsc_uuid_text(a->uuid, first), b->name, bsc_uuid_text(b->uuid, second),
                    path == NULL ? "none" : path);
}

/* The UUID on which all sources agree; none: a random one. bsc 8.2-01 */
static bas_err choose_uuid(struct bas_state *state, const struct bas_state_config *config,
                           const struct content *c, struct bas_fault *fault)
{
    const struct source sources[] = {
        { c->has_uuid ? &c->uuid : NULL, "the state file" },
        { config->uuid, "the configuration" },
        { config->certificate_uuid, "the certificate" },
    };
    const struct source *first = NULL;
    for (size_t i = 0; i < BAS_ARRAY_LEN(sources); i++) {
        const struct source *s = &sources[i];
        if (s->uuid == NULL) {
            continue;
        }
        if (first != NULL && !bsc_uuid_equal(first->uuid, s->uuid)) {
            return complain_of_two(fault, first, s, config->path);
        }
        first = first == NULL ? s : first;
    }
    state->uuid = first == NULL ? bsc_uuid_random(&state->env) : *first->uuid;
    return BAS_OK;
}

static bas_err fill(struct bas_state *state, const struct bas_state_config *config,
                    struct bas_fault *fault)
{
    struct content c = { 0 };
    bas_err err = BAS_OK;
    if (state->path != NULL) {
        err = lock(state, fault);
        err = err == BAS_OK ? load(&state->env, state->path, &c, fault) : err;
    }
    err = err == BAS_OK ? choose_uuid(state, config, &c, fault) : err;
    if (err != BAS_OK) {
        return err;
    }
    state->vmac = config->vmac != NULL ? *config->vmac
                  : c.has_vmac         ? c.vmac
                                       : bsc_vmac_random(&state->env);
    bool is_changed = !c.has_vmac || !bsc_vmac_equal(&c.vmac, &state->vmac);
    return state->path != NULL && is_changed ? save(state, fault) : BAS_OK;
}

bas_err bas_state_open(const struct bas_env *env, const struct bas_state_config *config,
                       struct bas_state **out, struct bas_fault *fault)
{
    struct bas_state *state = bas_alloc(env, sizeof(*state));
    if (state == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "state: out of memory");
    }
    state->env = *env;
    state->lock = -1;
    bas_err err = BAS_OK;
    if (config->path != NULL) {
        state->path_len = strlen(config->path) + 1;
        state->path = bas_alloc(env, state->path_len);
        if (state->path == NULL) {
            err = bas_fail(fault, BAS_ERR_NO_MEMORY, "state: out of memory");
        } else {
            memcpy(state->path, config->path, state->path_len);
        }
    }
    err = err == BAS_OK ? fill(state, config, fault) : err;
    if (err != BAS_OK) {
        bas_state_close(state);
        return err;
    }
    *out = state;
    return BAS_OK;
}

void bas_state_close(struct bas_state *state)
{
    if (state == NULL) {
        return;
    }
    if (state->lock >= 0) {
        (void)close(state->lock); /* which unlocks; removing the file would let two in */
    }
    struct bas_env env = state->env;
    bas_release(&env, state->path, state->path_len);
    bas_release(&env, state, sizeof(*state));
}

struct bsc_vmac bas_state_vmac(const struct bas_state *state)
{
    return state->vmac;
}

struct bsc_uuid bas_state_uuid(const struct bas_state *state)
{
    return state->uuid;
}

bas_err bas_state_set_vmac(struct bas_state *state, const struct bsc_vmac *vmac,
                           struct bas_fault *fault)
{
    struct bsc_vmac old = state->vmac;
    state->vmac = *vmac;
    bas_err err = state->path == NULL ? BAS_OK : save(state, fault);
    if (err != BAS_OK) {
        state->vmac = old;
    }
    return err;
}
