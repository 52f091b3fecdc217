/* Owns the keyring file for another client, its process, and what it says it has done. */
#define _DEFAULT_SOURCE
#include "knx_other.h"

#include "basalt/rt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEYRING = 8192, PATH = 64 };

static bool write_keyring(const struct site *site, char path[PATH])
{
    static uint8_t memory[KEYRING];
    const struct bas_env env = bas_env_host(NULL, NULL);
    struct bas_fault fault = { 0 };
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    if (!site_keyring(&env, site, &out, &fault)) {
        die("the keyring of the bench: %s", fault.text);
    }
    (void)snprintf(path, PATH, "/tmp/basalt-bench-XXXXXX");
    int fd = mkstemp(path);
    if (fd < 0) {
        die("%s: %s", path, strerror(errno));
    }
    bool is_written = write(fd, out.data, out.len) == (ssize_t)out.len;
    return close(fd) == 0 && is_written;
}

static pid_t start(const struct other *other, const struct child *host, const char *keyring,
                   int *from)
{
    int ends[2];
    char port[8];
    char telegrams[12];
    (void)snprintf(port, sizeof(port), "%u", (unsigned)host->port);
    (void)snprintf(telegrams, sizeof(telegrams), "%d", OTHER_TELEGRAMS);
    if (pipe(ends) != 0) {
        die("pipe: %s", strerror(errno));
    }
    (void)fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)execl(other->python, other->python, other->script, port, keyring,
                    site_keyring_password, telegrams, (char *)NULL);
        _exit(127);
    }
    (void)close(ends[1]);
    *from = ends[0];
    return pid;
}

/* "xknx 3.20.0", then a line of two numbers for each kind of telegram: microseconds of time and of
 * CPU. */
static bool read_report(struct other *other, int from, struct cost costs[2])
{
    FILE *file = fdopen(from, "r");
    bool is_good = file != NULL && fscanf(file, "xknx %15s", other->version) == 1;
    for (unsigned i = 0; i < 2 && is_good; i++) {
        costs[i] = (struct cost){ 0 };
        is_good = fscanf(file, "%lf %lf", &costs[i].wall_us, &costs[i].client_us) == 2;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return is_good;
}

bool other_run(struct other *other, const struct site *site, const struct child *host,
               struct cost costs[2])
{
    char keyring[PATH];
    int from = -1;
    int status = 0;
    bool is_good = write_keyring(site, keyring);
    pid_t pid = is_good ? start(other, host, keyring, &from) : -1;
    is_good = pid > 0 && read_report(other, from, costs);
    is_good = pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 && is_good;
    (void)unlink(keyring);
    return is_good;
}
