/*
 * The bench: starts the hub and the floor on one core, loads both in turn from the other, and
 * prints what they cost beside the targets. See doc/performance.md.
 *
 *     load HUB FLOOR [--quick]
 *     load HUB FLOOR --only=WORD     only the relays whose names hold WORD, many rounds: for
 * profiling
 */
#define _GNU_SOURCE
#include "asymmetric.h"
#include "credentials.h"
#include "figure.h"
#include "swarm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    CONNECTIONS = 400,
    MANY = 2000,
    MOST = 10000,
    BATCHES = 8,
    TIME_LIMIT_S = 300,
    SPARE_FILES = 64
};

struct bench {
    bool is_quick;
    const char *only; /* NULL: everything */
    unsigned rounds;
    unsigned over; /* targets that are missed */
    unsigned hub_core, load_core;
    struct credentials credentials;
    const char *hub_program, *floor_program;
    struct child hub, floor;
    struct swarm nodes;  /* of the hub */
    struct swarm others; /* of the floor */
};

static void judge(struct bench *b, const char *what, double value, double target)
{
    b->over += figure_judge(what, value, target) ? 0 : 1;
    (void)fflush(stdout);
}

/* Preparing and clearing up */

/* How many connections fit in the file limit, which is raised as far as may be. */
static unsigned most_connections(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return MANY;
    }
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur > MOST + MANY ? MOST : (unsigned)limit.rlim_cur - SPARE_FILES;
}

/* Measuring */

/* CPU microseconds of the measured program per delivery. */
static double cost_of(struct swarm *swarm, const struct wave *wave, unsigned waves)
{
    uint64_t before = child_cpu_ns(swarm->child);
    uint64_t deliveries = 0;
    for (unsigned i = 0; i < waves; i++) {
        deliveries += swarm_wave(swarm, wave);
    }
    return (double)(child_cpu_ns(swarm->child) - before) / 1e3 / (double)deliveries;
}

static void measure_handshakes(struct bench *b)
{
    struct series hub = { .n = 0 };
    struct series floor = { .n = 0 };
    struct series asymmetric = { .n = 0 };
    struct asymmetric *yardstick = asymmetric_new();
    for (unsigned i = 1; i <= BATCHES; i++) {
        uint32_t n = CONNECTIONS * i / BATCHES;
        uint64_t before = child_cpu_ns(&b->hub);
        swarm_grow(&b->nodes, n);
        series_add(&hub, (double)(child_cpu_ns(&b->hub) - before) / 1e3 / (CONNECTIONS / BATCHES));
        before = child_cpu_ns(&b->floor);
        swarm_grow(&b->others, n);
        series_add(&floor,
                   (double)(child_cpu_ns(&b->floor) - before) / 1e3 / (CONNECTIONS / BATCHES));
        (void)pin_to(b->hub_core);
        series_add(&asymmetric, asymmetric_run(yardstick, 25));
        (void)pin_to(b->load_core);
    }
    asymmetric_free(yardstick);
    struct series ratio = series_ratio(&hub, &asymmetric);
    figure_print("mutual handshake, accept, join, us", &hub, &floor);
    figure_print("  its asymmetric crypto, us", &asymmetric, NULL);
    figure_note("handshakes per second of one core %28.0f", 1e6 / series_median(&hub));
    judge(b, "CPU us", series_median(&hub), 900);
    judge(b, "ratio to its asymmetric crypto", series_median(&ratio), 3.5);
}

struct pattern {
    const char *name;
    struct wave wave;
    unsigned waves;
    double ratio, absolute; /* targets, 0: none */
};

static void measure_relays(struct bench *b)
{
    static const struct pattern patterns[] = {
        { "unicast, saturated, us", { CONNECTIONS, 1, false }, 25, 1.3, 0 },
        { "unicast, burst of 8, us", { CONNECTIONS, 8, false }, 8, 0, 0 },
        { "broadcast, per delivery, us", { 1, 1, true }, 40, 1.2, 0 },
        { "broadcast, 16 queued, us", { 1, 16, true }, 25, 0.4 / 0.23, 0.4 },
    };
    enum { PATTERNS = sizeof(patterns) / sizeof(patterns[0]) };
    struct series hub[PATTERNS] = { { .n = 0 } };
    struct series floor[PATTERNS] = { { .n = 0 } };
    for (unsigned round = 0; round < b->rounds; round++) {
        for (unsigned i = 0; i < PATTERNS; i++) {
            if (b->only != NULL && strstr(patterns[i].name, b->only) == NULL) {
                continue;
            }
            series_add(&hub[i], cost_of(&b->nodes, &patterns[i].wave, patterns[i].waves));
            series_add(&floor[i], cost_of(&b->others, &patterns[i].wave, patterns[i].waves));
        }
    }
    for (unsigned i = 0; i < PATTERNS; i++) {
        if (hub[i].n == 0) {
            continue;
        }
        const struct series ratio = series_ratio(&hub[i], &floor[i]);
        figure_print(patterns[i].name, &hub[i], &floor[i]);
        if (patterns[i].ratio > 0) {
            judge(b, "ratio to the floor", series_median(&ratio), patterns[i].ratio);
        }
        if (patterns[i].absolute > 0) {
            judge(b, "CPU us", series_median(&hub[i]), patterns[i].absolute);
        }
    }
}

/* Idle memory from CONNECTIONS to MANY, and that all of them live and are served. */
static void measure_many(struct bench *b)
{
    uint64_t before = child_memory(&b->hub);
    swarm_grow(&b->nodes, MANY);
    (void)child_cpu_ns(&b->hub);
    double each = (double)(child_memory(&b->hub) - before) / (MANY - CONNECTIONS);
    const struct wave once = { MANY, 1, false };
    const struct wave everybody = { 1, 1, true };
    (void)swarm_wave(&b->nodes, &once);
    uint64_t alive = swarm_wave(&b->nodes, &everybody);
    struct series memory = { .n = 0 };
    series_add(&memory, each);
    figure_print("idle connection, octets of memory", &memory, NULL);
    figure_note(
        "growth of resident memory from %d to %d connections, glibc's thread cache as it is",
        CONNECTIONS, MANY);
    judge(b, "octets", each, 13 * 1024);
    figure_note("%d connections: each sent once, all %llu others heard the broadcast after it",
                MANY, (unsigned long long)alive);
}

/* n connections, each sends once. */
static void cold(struct swarm *swarm, uint32_t n, struct series *series)
{
    const struct wave once = { n, 1, false };
    swarm_grow(swarm, n);
    for (unsigned i = 0; i < 3; i++) {
        series_add(series, cost_of(swarm, &once, 1));
    }
}

static void measure_cold(struct bench *b, uint32_t n)
{
    struct series hub = { .n = 0 };
    struct series floor = { .n = 0 };
    swarm_fini(&b->others); /* both do not fit into one process's file limit */
    swarm_init(&b->others, &b->floor, NULL, n);
    cold(&b->others, n, &floor);
    swarm_fini(&b->others);
    swarm_init(&b->others, &b->floor, NULL, n);
    cold(&b->nodes, n, &hub);
    char name[48];
    (void)snprintf(name, sizeof(name), "%u cold, once each, us", n);
    figure_print(name, &hub, &floor);
    judge(b, "ratio to the floor", series_median(&hub) / series_median(&floor), 2);
    if (n < MOST) {
        figure_note("the file limit (ulimit -Hn) allows %u connections, not %d", n, MOST);
    }
    figure_note("%u connections, %llu MB of resident memory", n,
                (unsigned long long)(child_memory(&b->hub) >> 20));
}

static void begin(struct bench *b)
{
    cores_find(&b->load_core, &b->hub_core);
    credentials_make(&b->credentials);
    const char *folder = b->credentials.folder;
    bool started = child_start(&b->hub, b->hub_program, folder, b->hub_core) &&
                   child_start(&b->floor, b->floor_program, folder, b->hub_core);
    credentials_remove(&b->credentials);
    if (!started) {
        die("hub or floor did not start");
    }
    (void)pin_to(b->load_core);
}

static void measure_all(struct bench *b, unsigned most)
{
    measure_handshakes(b);
    measure_relays(b);
    measure_many(b);
    if (b->is_quick) {
        figure_note("%d connections: left out of the quick form", MOST);
    } else {
        measure_cold(b, most);
    }
}

static void measure_only(struct bench *b)
{
    swarm_grow(&b->nodes, CONNECTIONS);
    swarm_grow(&b->others, CONNECTIONS);
    figure_note("the hub is process %d", (int)b->hub.pid);
    measure_relays(b);
}

static void run(struct bench *b)
{
    unsigned most = most_connections();
    begin(b);
    swarm_init(&b->nodes, &b->hub, b->credentials.tls, MOST);
    swarm_init(&b->others, &b->floor, NULL, MOST);
    (void)printf("CPU time of the process, %d connections, %d-octet messages, %u rounds in turn\n",
                 CONNECTIONS, SWARM_MESSAGE, b->rounds);
    figure_head("hub");
    if (b->only != NULL) {
        measure_only(b);
    } else {
        measure_all(b, most);
    }
    swarm_fini(&b->nodes);
    swarm_fini(&b->others);
    bas_tls_context_unref(b->credentials.tls);
    child_stop(&b->hub);
    child_stop(&b->floor);
}

static bool read_arguments(struct bench *b, int argc, char **argv)
{
    if (argc < 3 || argc > 4) {
        return false;
    }
    b->hub_program = argv[1];
    b->floor_program = argv[2];
    b->rounds = 9;
    if (argc == 4 && strcmp(argv[3], "--quick") == 0) {
        b->is_quick = true;
        b->rounds = 5;
    } else if (argc == 4 && strncmp(argv[3], "--only=", 7) == 0) {
        b->only = argv[3] + 7;
        b->rounds = SERIES;
    } else if (argc == 4) {
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct bench b = { .is_quick = false };
    if (!read_arguments(&b, argc, argv)) {
        (void)fprintf(stderr, "usage: load HUB FLOOR [--quick | --only=WORD]\n");
        return 2;
    }
    (void)alarm(TIME_LIMIT_S);
    run(&b);
    (void)printf("%u targets missed\n", b.over);
    return 0;
}
