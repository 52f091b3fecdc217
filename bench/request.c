/*
 * The bench of the application layer: ReadProperty through a hub over mutual TLS with one request
 * in flight, beside two relayed messages of the floor, and with 25 clients; and 10,000
 * subscriptions of change of value of which every change is delivered. See doc/performance.md.
 *
 *     request HUB FLOOR [--quick]
 *
 * Hub and floor run on one core; device and clients, or the two ends of the floor, share the other
 * and one process.
 */
#define _GNU_SOURCE
#include "credentials.h"
#include "figure.h"
#include "stations.h"
#include "swarm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    ROUNDS = 9,
    ROUND_TRIPS = 2000,
    CLIENTS = 25,
    REQUESTS = 10000, /* of all clients together, in a round */
    SUBSCRIPTIONS = 10000,
    CHANGES = 5, /* of every object */
    TIME_LIMIT_S = 300
};

struct bench {
    unsigned rounds;
    unsigned over; /* targets that are missed */
    unsigned trips, requests;
    unsigned relay_core, load_core;
    struct credentials credentials;
    struct child hub, floor;
    struct swarm ends; /* of the floor */
    struct stations stations;
    uint32_t left; /* round trips of the floor */
};

static void judge(struct bench *b, const char *what, double value, double target)
{
    b->over += figure_judge(what, value, target) ? 0 : 1;
    (void)fflush(stdout);
}

/* Microseconds of a round trip on the clock, and of the processor in relay and ends together. */
struct cost {
    double wall_us, cpu_us;
};

static uint64_t own_cpu_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

struct watch {
    uint64_t wall, own, child;
};

static struct watch watch_start(const struct child *child)
{
    return (
        struct watch){ .child = child_cpu_ns(child), .own = own_cpu_ns(), .wall = swarm_now_ns() };
}

static struct cost watch_stop(const struct watch *start, const struct child *child, double n)
{
    uint64_t wall = swarm_now_ns() - start->wall;
    uint64_t own = own_cpu_ns() - start->own;
    uint64_t others = child_cpu_ns(child) - start->child;
    return (struct cost){ (double)wall / 1e3 / n, (double)(own + others) / 1e3 / n };
}

/* The floor: a message there and one back. */

static void on_delivery(void *user, const struct swarm_delivery *delivery)
{
    struct bench *b = user;
    if (delivery->to == 1) {
        swarm_send(&b->ends, 1, 0, SWARM_MESSAGE);
    } else if (--b->left != 0) {
        swarm_send(&b->ends, 0, 1, SWARM_MESSAGE);
    }
}

static struct cost floor_trips(struct bench *b)
{
    const struct watch start = watch_start(&b->floor);
    b->left = b->trips;
    swarm_send(&b->ends, 0, 1, SWARM_MESSAGE);
    while (b->left != 0) {
        if (!swarm_pump(&b->ends, 5000)) {
            die("the floor lost a message");
        }
    }
    return watch_stop(&start, &b->floor, b->trips);
}

static struct cost request_trips(struct bench *b, uint32_t clients, uint32_t requests)
{
    const struct watch start = watch_start(&b->hub);
    stations_ask(&b->stations, clients, requests);
    return watch_stop(&start, &b->hub, requests);
}

static void measure_one(struct bench *b)
{
    struct series ours[2] = { { .n = 0 } };
    struct series floor[2] = { { .n = 0 } };
    struct series p99 = { .n = 0 };
    for (unsigned i = 0; i < b->rounds; i++) {
        const struct cost f = floor_trips(b);
        const struct cost r = request_trips(b, 1, b->trips);
        series_add(&floor[0], f.wall_us);
        series_add(&floor[1], f.cpu_us);
        series_add(&ours[0], r.wall_us);
        series_add(&ours[1], r.cpu_us);
        series_add(&p99, stations_quantile(&b->stations, 0.99));
    }
    figure_head("basalt");
    figure_print("ReadProperty, 1 in flight, us", &ours[0], &floor[0]);
    struct series ratio = series_ratio(&ours[0], &floor[0]);
    judge(b, "request and answer against two relayed messages", series_median(&ratio), 1.5);
    figure_print("  CPU of relay and both ends, us", &ours[1], &floor[1]);
    figure_print("  99th percentile, us", &p99, NULL);
    figure_note("%.0f requests a second", 1e6 / series_median(&ours[0]));
}

static void measure_many(struct bench *b)
{
    struct series wall = { .n = 0 };
    struct series cpu = { .n = 0 };
    struct series p50 = { .n = 0 };
    struct series p99 = { .n = 0 };
    for (unsigned i = 0; i < b->rounds; i++) {
        const struct cost r = request_trips(b, CLIENTS, b->requests);
        series_add(&wall, r.wall_us);
        series_add(&cpu, r.cpu_us);
        series_add(&p50, stations_quantile(&b->stations, 0.5));
        series_add(&p99, stations_quantile(&b->stations, 0.99));
    }
    figure_print("ReadProperty, 25 clients, us each", &wall, NULL);
    figure_print("  CPU of hub and both ends, us", &cpu, NULL);
    figure_print("  median of a request, us", &p50, NULL);
    figure_print("  99th percentile, us", &p99, NULL);
    figure_note("%.0f requests a second", 1e6 / series_median(&wall));
}

static void measure_changes(struct bench *b)
{
    struct series cpu = { .n = 0 };
    struct series wall = { .n = 0 };
    stations_subscribe(&b->stations, SUBSCRIPTIONS);
    for (unsigned i = 0; i < CHANGES; i++) {
        const struct watch start = watch_start(&b->hub);
        stations_change(&b->stations, SUBSCRIPTIONS);
        const struct cost c = watch_stop(&start, &b->hub, SUBSCRIPTIONS);
        series_add(&wall, c.wall_us);
        series_add(&cpu, c.cpu_us);
    }
    figure_print("a change to 10,000 subscribers, us", &wall, NULL);
    figure_print("  CPU of hub and both ends, us", &cpu, NULL);
    figure_note("%d subscriptions, %u changes: %llu notifications came, none is missing",
                SUBSCRIPTIONS, CHANGES, (unsigned long long)b->stations.notified);
}

static void start(struct bench *b, char **argv)
{
    cores_find(&b->load_core, &b->relay_core);
    credentials_make(&b->credentials);
    if (!child_start(&b->hub, argv[1], b->credentials.folder, b->relay_core) ||
        !child_start(&b->floor, argv[2], b->credentials.folder, b->relay_core) ||
        !pin_to(b->load_core)) {
        die("the programs under measurement did not start");
    }
    swarm_init(&b->ends, &b->floor, NULL, 2);
    b->ends.watch = on_delivery;
    b->ends.user = b;
    swarm_grow(&b->ends, 2);
    stations_start(&b->stations, b->hub.port, b->credentials.folder, CLIENTS);
}

int main(int argc, char **argv)
{
    static struct bench b;
    if (argc < 3) {
        (void)fprintf(stderr, "usage: request HUB FLOOR [--quick]\n");
        return 2;
    }
    bool is_quick = argc > 3 && strcmp(argv[3], "--quick") == 0;
    (void)alarm(TIME_LIMIT_S);
    b.rounds = is_quick ? 3 : ROUNDS;
    b.trips = is_quick ? ROUND_TRIPS / 4 : ROUND_TRIPS;
    b.requests = is_quick ? REQUESTS / 4 : REQUESTS;
    start(&b, argv);
    (void)printf(
        "BACnet requests through a hub, mutual TLS 1.3; device and clients in one process\n");
    measure_one(&b);
    measure_many(&b);
    measure_changes(&b);
    stations_stop(&b.stations);
    swarm_fini(&b.ends);
    child_stop(&b.hub);
    child_stop(&b.floor);
    credentials_remove(&b.credentials);
    (void)printf("%u targets missed\n\n", b.over);
    return 0;
}
