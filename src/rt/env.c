/* Owns the environment of a real process: its heap, its random octets, its clock. The one place
 * that allocates from libc. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

static void *host_alloc(void *ctx, size_t len)
{
    (void)ctx;
    return calloc(1, len);
}

static void host_release(void *ctx, void *memory, size_t len)
{
    (void)ctx;
    (void)len;
    free(memory);
}

static void host_random(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    for (size_t done = 0; done < len;) {
        ssize_t n = getrandom(out + done, len - done, 0);
        if (n < 0 && errno != EINTR) {
            abort(); /* a process without random octets must not make keys */
        }
        done += n > 0 ? (size_t)n : 0;
    }
}

static int64_t host_wall(void *ctx)
{
    struct timespec t;
    (void)ctx;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct bas_env bas_env_host(void *ctx,
                            void (*log)(void *ctx, enum bas_log_level level, const char *text))
{
    return (struct bas_env){ ctx, host_alloc, host_release, host_random, host_wall, log };
}
