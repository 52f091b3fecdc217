/* Owns the world of a verb: memory, randomness, wall time, the log on standard error. */
#define _DEFAULT_SOURCE /* getrandom, unsetenv */
#include "tool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static void *env_alloc(void *ctx, size_t len)
{
    (void)ctx;
    return calloc(1, len);
}

static void env_release(void *ctx, void *memory, size_t len)
{
    (void)ctx;
    (void)len;
    free(memory);
}

static void env_random(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    while (len > 0) {
        ssize_t n = getrandom(out, len, 0);
        if (n > 0) {
            out += n;
            len -= (size_t)n;
        }
    }
}

static int64_t env_wall(void *ctx)
{
    struct timespec now = { 0 };
    (void)ctx;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void env_log(void *ctx, enum bas_log_level level, const char *text)
{
    static const char *const names[] = { "error", "warning", "info", "debug" };
    const struct tool *tool = ctx;
    if (tool->verbose || level <= BAS_LOG_WARNING) {
        char line[512]; /* as long as bas_log makes it */
        (void)snprintf(line, sizeof(line), "%s", text);
        out_tame(line);
        (void)fprintf(tool->out.errors, "%s: %s\n", names[level], line);
    }
}

/* What the TLS library would write to, if it saw this, is written loudly or not at all. */
static bas_err take_keylog(struct tool *tool)
{
    static const char variable[] = "SSLKEYLOGFILE";
    const char *file = getenv(variable);
    if (file != NULL && file[0] != 0) {
        char *kept = bas_keep_take(&tool->store, strlen(file) + 1);
        if (kept == NULL) {
            return BAS_ERR_NO_MEMORY;
        }
        memcpy(kept, file, strlen(file) + 1);
        tool->keylog_file = kept;
    }
    (void)unsetenv(variable);
    return BAS_OK;
}

/* A standard stream that is closed would give its number to a socket. It is held by a descriptor
 * that refuses what the stream is for. */
static void hold_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) == -1) {
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        }
    }
}

bas_err tool_init(struct tool *tool)
{
    hold_streams();
    *tool = (struct tool){ 0 };
    tool->env = (struct bas_env){ tool, env_alloc, env_release, env_random, env_wall, env_log };
    tool->store.env = &tool->env;
    bas_err err = take_keylog(tool);
    return err == BAS_OK ? out_init(&tool->out) : err;
}

void tool_free(struct tool *tool)
{
    bas_keep_free(&tool->store);
    out_free(&tool->out);
}
