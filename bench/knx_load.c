/*
 * The bench of KNX Secure: the engines alone, then the server and the floor on one core, loaded in
 * turn from the other. Prints what they cost beside the targets. See doc/performance.md.
 *
 *     knx_load HOST FLOOR [--quick] [--xknx=PYTHON SCRIPT]
 *     knx_load HOST FLOOR --only=one|many     many rounds of that: for profiling
 */
#include "figure.h"
#include "knx_crowd.h"
#include "knx_engines.h"
#include "knx_other.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FEW = 15, /* tunnels before those whose growth is measured */
    BATCH = 24,
    TIME_LIMIT_S = 300
};

struct bench {
    bool is_quick;
    const char *only;
    unsigned rounds;
    uint32_t telegrams; /* of a round */
    unsigned over;
    unsigned host_core, load_core;
    const char *host_program, *floor_program;
    struct other other;
    struct site site;
    struct child host, floor;
    struct crowd *crowd;
    struct echoes *echoes;
};

static void judge(struct bench *b, const char *what, double value, double target)
{
    b->over += figure_judge(what, value, target) ? 0 : 1;
    (void)fflush(stdout);
}

/* Engines alone */

static void measure_telegram(struct bench *b, const char *name, bool is_data, double target)
{
    struct engine_cost cost = { .both = { .n = 0 } };
    for (unsigned i = 0; i < b->rounds; i++) {
        engines_telegram(&b->site, is_data, b->is_quick ? 20000 : 50000, &cost);
    }
    figure_print(name, &cost.both, NULL);
    judge(b, "CPU us, both ends", series_median(&cost.both), target);
    figure_note("each of %d tunnels in turn: client %.2f us, server %.2f us", SITE_TUNNELS,
                series_median(&cost.client), series_median(&cost.server));
}

static void measure_engines(struct bench *b)
{
    struct series session = { .n = 0 };
    measure_telegram(b, "telegram in a session, us", false, 3);
    measure_telegram(b, "  with Data Secure inside, us", true, 5);
    for (unsigned i = 0; i < b->rounds; i++) {
        series_add(&session, engines_session(&b->site, 50));
    }
    double derivation = engines_derivation();
    figure_print("session and tunnel set up, us", &session, NULL);
    judge(b, "CPU us, both ends, keys derived before", series_median(&session), 1000);
    figure_note("deriving the keys of a user, a device and a keyring: %.0f us, once", derivation);
    figure_note("a first connection with them: %.0f us", derivation + series_median(&session));
    double memory = engines_memory(&b->site);
    figure_note("memory that a tunnel takes of the server engine, all at its creation");
    judge(b, "octets", memory, 8192);
}

/* Over TCP */

struct costs {
    struct series wall, client, server;
};

static void add(struct costs *costs, struct cost cost)
{
    series_add(&costs->wall, cost.wall_us);
    series_add(&costs->client, cost.client_us);
    series_add(&costs->server, cost.server_us);
}

static void judge_ratio(struct bench *b, const char *what, const struct series *ours,
                        const struct series *floor)
{
    const struct series ratio = series_ratio(ours, floor);
    judge(b, what, series_median(&ratio), 1.5);
}

static void print_costs(struct bench *b, const char *name, const struct costs *ours,
                        const struct costs *floor)
{
    figure_print(name, &ours->wall, &floor->wall);
    figure_print("  CPU of the client, us", &ours->client, &floor->client);
    figure_print("  CPU of the server, us", &ours->server, &floor->server);
    figure_note("telegrams per second, each confirmed %23.0f   (floor %.0f)",
                1e6 / series_median(&ours->wall), 1e6 / series_median(&floor->wall));
    judge_ratio(b, "time, ratio to the floor", &ours->wall, &floor->wall);
    judge_ratio(b, "CPU of the client, ratio to the floor", &ours->client, &floor->client);
    judge_ratio(b, "CPU of the server, ratio to the floor", &ours->server, &floor->server);
}

struct pattern {
    const char *name, *group;
    uint32_t members;
    bool is_data;
};

static void measure_patterns(struct bench *b, const char *group)
{
    static const struct pattern patterns[] = {
        { "one tunnel, a telegram, us", "one", 1, false },
        { "one tunnel, Data Secure, us", "one", 1, true },
        { "255 tunnels, a telegram, us", "many", SITE_TUNNELS, false },
        { "255 tunnels, Data Secure, us", "many", SITE_TUNNELS, true },
    };
    enum { PATTERNS = sizeof(patterns) / sizeof(patterns[0]) };
    struct costs ours[PATTERNS] = { { .wall = { .n = 0 } } };
    struct costs floor[PATTERNS] = { { .wall = { .n = 0 } } };
    for (unsigned round = 0; round < b->rounds; round++) {
        for (unsigned i = 0; i < PATTERNS; i++) {
            const struct work work = { patterns[i].members, b->telegrams, patterns[i].is_data };
            if (strcmp(patterns[i].group, group) == 0) {
                add(&ours[i], crowd_work(b->crowd, &work));
                add(&floor[i], echoes_work(b->echoes, &work, crowd_frame(b->crowd)));
            }
        }
    }
    for (unsigned i = 0; i < PATTERNS; i++) {
        if (strcmp(patterns[i].group, group) == 0) {
            print_costs(b, patterns[i].name, &ours[i], &floor[i]);
        }
    }
}

/* Sessions and memory from FEW tunnels to all. */
static void measure_growth(struct bench *b)
{
    struct series server = { .n = 0 };
    struct series client = { .n = 0 };
    (void)crowd_grow(b->crowd, FEW);
    (void)child_cpu_ns(&b->host);
    uint64_t before = child_memory(&b->host);
    for (uint32_t n = FEW + BATCH; n <= SITE_TUNNELS; n += BATCH) {
        const struct cost cost = crowd_grow(b->crowd, n);
        series_add(&server, cost.server_us);
        series_add(&client, cost.client_us);
    }
    (void)child_cpu_ns(&b->host);
    double each = (double)(child_memory(&b->host) - before) / (SITE_TUNNELS - FEW);
    figure_print("TCP, session and tunnel, server, us", &server, NULL);
    figure_print("  client, us", &client, NULL);
    judge(b, "CPU us, both ends", series_median(&server) + series_median(&client), 1000);
    figure_note("growth of resident memory of the server from %d to %d tunnels, each", FEW,
                SITE_TUNNELS);
    judge(b, "octets", each, 8192);
}

/* Beside another client of the same server. */
static void measure_other(struct bench *b)
{
    struct costs ours[2] = { { .wall = { .n = 0 } } };
    struct costs other[2] = { { .wall = { .n = 0 } } };
    unsigned rounds = b->is_quick ? 1 : 3;
    for (unsigned round = 0; round < rounds; round++) {
        struct cost theirs[2];
        for (unsigned i = 0; i < 2; i++) {
            const struct work work = { 1, OTHER_TELEGRAMS, i == 1 };
            add(&ours[i], crowd_work(b->crowd, &work));
        }
        if (!other_run(&b->other, &b->site, &b->host, theirs)) {
            figure_note("xknx: skipped, it did not do its work");
            return;
        }
        add(&other[0], theirs[0]);
        add(&other[1], theirs[1]);
    }
    static const char *const names[] = { "in a session", "with Data Secure" };
    for (unsigned i = 0; i < 2; i++) {
        figure_note("%-18s ours %7.0f/s at %6.1f us of CPU;   xknx %s %7.0f/s at %6.1f us",
                    names[i], 1e6 / series_median(&ours[i].wall), series_median(&ours[i].client),
                    b->other.version, 1e6 / series_median(&other[i].wall),
                    series_median(&other[i].client));
    }
}

static void measure_all(struct bench *b)
{
    (void)printf("CPU time, %u rounds in turn; the engines alone, no sockets\n", b->rounds);
    figure_head("engines");
    measure_engines(b);
    (void)printf(
        "over TCP on loopback, %u telegrams a round; the floor sends back a message of the "
        "same size\n",
        b->telegrams);
    figure_head("KNX Secure");
    measure_patterns(b, "one");
    if (b->other.python != NULL) {
        (void)printf("one tunnel of this server, %d telegrams, each confirmed before the next\n",
                     OTHER_TELEGRAMS);
        measure_other(b);
    }
    measure_growth(b);
    echoes_grow(b->echoes, SITE_TUNNELS);
    measure_patterns(b, "many");
}

static void measure_only(struct bench *b)
{
    if (strcmp(b->only, "many") == 0) {
        (void)crowd_grow(b->crowd, SITE_TUNNELS);
        echoes_grow(b->echoes, SITE_TUNNELS);
    }
    figure_note("the server is process %d", (int)b->host.pid);
    figure_head("KNX Secure");
    measure_patterns(b, b->only);
}

static void run(struct bench *b)
{
    cores_find(&b->load_core, &b->host_core);
    if (!child_start(&b->host, b->host_program, "/", b->host_core) ||
        !child_start(&b->floor, b->floor_program, "/", b->host_core)) {
        die("server or floor did not start");
    }
    (void)pin_to(b->load_core);
    site_init(&b->site);
    b->crowd = crowd_new(&b->host, &b->site);
    b->echoes = echoes_new(&b->floor);
    (void)crowd_grow(b->crowd, 1);
    echoes_grow(b->echoes, 1);
    if (b->only != NULL) {
        measure_only(b);
    } else {
        measure_all(b);
    }
    crowd_free(b->crowd);
    echoes_free(b->echoes);
    child_stop(&b->host);
    child_stop(&b->floor);
}

static bool read_arguments(struct bench *b, int argc, char **argv)
{
    b->rounds = 9;
    b->telegrams = 20000;
    if (argc < 3) {
        return false;
    }
    b->host_program = argv[1];
    b->floor_program = argv[2];
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0) {
            b->is_quick = true;
            b->rounds = 5;
            b->telegrams = 5000;
        } else if (strcmp(argv[i], "--only=one") == 0 || strcmp(argv[i], "--only=many") == 0) {
            b->only = argv[i] + strlen("--only=");
            b->rounds = SERIES;
        } else if (strncmp(argv[i], "--xknx=", 7) == 0 && i + 1 < argc) {
            b->other.python = argv[i] + 7;
            b->other.script = argv[++i];
        } else {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    static struct bench b;
    if (!read_arguments(&b, argc, argv)) {
        (void)fprintf(stderr, "usage: knx_load HOST FLOOR [--quick] [--xknx=PYTHON SCRIPT] "
                              "[--only=one|many]\n");
        return 2;
    }
    (void)alarm(TIME_LIMIT_S);
    run(&b);
    (void)printf("%u targets of KNX Secure missed\n", b.over);
    return 0;
}
