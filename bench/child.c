/* Owns the processes that are measured. */
#define _GNU_SOURCE
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)fputs("bench: ", stderr);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
    exit(1);
}

void sleep_us(long us)
{
    const struct timespec t = { us / 1000000, us % 1000000 * 1000 };
    (void)nanosleep(&t, NULL);
}

bool pin_to(unsigned core)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    return sched_setaffinity(0, sizeof(set), &set) == 0;
}

void cores_find(unsigned *load, unsigned *measured)
{
    cpu_set_t set;
    unsigned found[2] = { 0, 0 };
    unsigned n = 0;
    if (sched_getaffinity(0, sizeof(set), &set) != 0) {
        die("sched_getaffinity: %s", strerror(errno));
    }
    for (unsigned i = 0; i < CPU_SETSIZE && n < 2; i++) {
        if (CPU_ISSET(i, &set)) {
            found[n++] = i;
        }
    }
    *load = found[0];
    *measured = n == 2 ? found[1] : found[0];
    if (n < 2) {
        (void)printf("only one core: load and what is measured share it, the figures are worth "
                     "little\n");
    }
}

static _Noreturn void become(const char *program, const char *folder, unsigned core, int out)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)pin_to(core);
    if (dup2(out, STDOUT_FILENO) < 0 || chdir(folder) != 0) {
        _exit(127);
    }
    (void)execl(program, program, (char *)NULL);
    (void)fprintf(stderr, "bench: cannot run %s: %s\n", program, strerror(errno));
    _exit(127);
}

static bool read_port(struct child *child, int from)
{
    char line[64] = "";
    FILE *file = fdopen(from, "r");
    const char *colon = NULL;
    if (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        colon = strrchr(line, ':');
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    child->port = colon == NULL ? 0 : (uint16_t)strtoul(colon + 1, NULL, 10);
    return child->port != 0;
}

bool child_start(struct child *child, const char *program, const char *folder, unsigned core)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    (void)fflush(stdout);
    child->pid = fork();
    if (child->pid == 0) {
        become(program, folder, core, ends[1]);
    }
    (void)close(ends[1]);
    return child->pid > 0 && read_port(child, ends[0]);
}

void child_stop(struct child *child)
{
    if (child->pid > 0) {
        (void)kill(child->pid, SIGKILL);
        (void)waitpid(child->pid, NULL, 0);
        child->pid = 0;
    }
}

void child_hang_up(const struct child *child)
{
    (void)kill(child->pid, SIGHUP);
}

void child_freeze(const struct child *child)
{
    int status = 0;
    (void)kill(child->pid, SIGSTOP);
    if (waitpid(child->pid, &status, WUNTRACED) != child->pid || !WIFSTOPPED(status)) {
        die("a measured program has ended");
    }
}

void child_thaw(const struct child *child)
{
    (void)kill(child->pid, SIGCONT);
}

/* Reads a small file of /proc/PID. */
static void read_proc(const struct child *child, const char *name, char *text, size_t cap)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)child->pid, name);
    FILE *file = fopen(path, "r");
    size_t len = file == NULL ? 0 : fread(text, 1, cap - 1, file);
    text[len] = 0;
    if (file != NULL) {
        (void)fclose(file);
    }
    if (len == 0) {
        die("%s: %s", path, strerror(errno));
    }
}

static bool is_asleep(const struct child *child)
{
    char text[512];
    read_proc(child, "stat", text, sizeof(text));
    const char *end = strrchr(text, ')');
    return end != NULL && end[1] == ' ' && end[2] == 'S';
}

uint64_t child_cpu_ns(const struct child *child)
{
    enum { TRIES = 5000 };
    char text[128];
    /* While it runs the figure is up to a tick old. */
    for (unsigned i = 0; i < TRIES && !is_asleep(child); i++) {
        sleep_us(1000);
    }
    read_proc(child, "schedstat", text, sizeof(text));
    return strtoull(text, NULL, 10);
}

uint64_t run_delay_ns(pid_t pid)
{
    char name[64];
    char text[128];
    (void)snprintf(name, sizeof(name), "/proc/%d/schedstat", (int)pid);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
    if (fd >= 0) {
        (void)close(fd);
    }
    text[len < 0 ? 0 : len] = 0;
    const char *second = strchr(text, ' ');
    return second == NULL ? 0 : strtoull(second, NULL, 10);
}

uint64_t child_memory(const struct child *child)
{
    static char text[4096];
    read_proc(child, "smaps_rollup", text, sizeof(text));
    const char *line = strstr(text, "\nRss:");
    return line == NULL ? 0 : strtoull(line + 5, NULL, 10) * 1024;
}
