/*
 * The bench of a hub under load: what the others notice when one of 200 nodes stalls, whether fifty
 * senders lose anything on their way to one receiver, and what new certificates do to 1,000
 * sessions. See doc/performance.md.
 *
 *     crowd HUB [--quick]
 *
 * Messages leave at their times whatever the hub does (an open loop); each carries when it was
 * sent. Runs with and without the stall alternate, and what is compared is the 99th percentile.
 */
#define _GNU_SOURCE
#include "credentials.h"
#include "figure.h"
#include "hub_view.h"
#include "swarm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    NODES = 200,
    SPECIAL = NODES - 1, /* the one that stalls */
    UNICASTS = 4000,     /* messages a second, all nodes together */
    TO_SPECIAL = 1000,   /* and to the special one, in its case of SWARM_LONGEST octets */
    BROADCASTS = 5,
    STALL_MS = 10000,
    PENDING_TOTAL = 16 << 20,
    PENDING_ENOUGH = 256 << 10, /* of the 1 MiB that may wait for one: the rest fills meanwhile */
    SESSIONS = 1001,            /* 1,000 when the special one has gone */
    SENDERS = 50,
    EACH = 80, /* messages: 4,000 of the 4,096 that may wait for one */
    SAMPLES = 1 << 16,
    ENOUGH_SAMPLES = 2000, /* of a run */
    WINDOW_NS = 5000000,
    DELAY_NS = 1000000, /* in a window, that is not to be blamed on the hub */
    RUN_PARTS = 25,     /* of a run, of 100 ms each, at most */
    TIME_LIMIT_S = 300
};
#define SECOND_NS UINT64_C(1000000000)

/*
 * Latencies of the messages to the others. Other work on the machine takes the cores away now and
 * then, which says nothing about the hub: samples are kept by windows of time, and those of a
 * window in which hub or load was ready to run and had to wait are thrown away, with those of what
 * was sent before it ended.
 */
struct sampling {
    bool is_on;
    uint32_t n;
    uint32_t n_clean; /* of these, in windows that are over */
    uint64_t window_end;
    uint64_t clean_since; /* what was sent before does not count */
    uint64_t delay[2];    /* of hub and load, at the window's beginning */
    uint32_t windows, thrown_away;
    double latency_us[SAMPLES];
};

struct crowd {
    unsigned over;
    unsigned rounds;
    unsigned hub_core, load_core;
    struct credentials credentials;
    struct child hub;
    struct swarm nodes;
    const volatile struct hub_view *view;
    struct sampling sampling;
    uint64_t sent_special, got_special;
    uint64_t sent_others, expected_others, got_others;
    uint32_t next;
};

static void judge(struct crowd *c, const char *what, double value, double target)
{
    c->over += figure_judge(what, value, target) ? 0 : 1;
    (void)fflush(stdout);
}

/* Deliveries. */

static void on_delivery(void *user, const struct swarm_delivery *delivery)
{
    struct crowd *c = user;
    if (delivery->to == SPECIAL) {
        c->got_special++;
        return;
    }
    c->got_others++;
    struct sampling *s = &c->sampling;
    if (s->is_on && s->n < SAMPLES && delivery->sent_ns >= s->clean_since) {
        s->latency_us[s->n++] = (double)(swarm_now_ns() - delivery->sent_ns) / 1e3;
    }
}

static void begin_window(struct crowd *c, uint64_t now)
{
    struct sampling *s = &c->sampling;
    s->window_end = now + WINDOW_NS;
    s->delay[0] = run_delay_ns(c->hub.pid);
    s->delay[1] = run_delay_ns(getpid());
}

static void begin_sampling(struct crowd *c)
{
    const uint64_t now = swarm_now_ns();
    c->sampling = (struct sampling){ .is_on = true, .clean_since = now };
    begin_window(c, now);
}

static void end_window(struct crowd *c, uint64_t now)
{
    struct sampling *s = &c->sampling;
    const uint64_t before[2] = { s->delay[0], s->delay[1] };
    begin_window(c, now);
    s->windows++;
    if (s->delay[0] - before[0] > DELAY_NS || s->delay[1] - before[1] > DELAY_NS) {
        s->thrown_away++;
        s->n = s->n_clean;
        s->clean_since = now;
    }
    s->n_clean = s->n;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Load. */

/* One kind of message: so many a second. */
struct stream {
    uint64_t per_second;
    uint64_t next_at;
    void (*send)(struct crowd *c);
};

static void send_unicast(struct crowd *c)
{
    const uint32_t from = c->next++ % SPECIAL;
    swarm_send(&c->nodes, from, (from + SPECIAL / 2) % SPECIAL, SWARM_MESSAGE);
    c->expected_others++;
}

static void send_special(struct crowd *c)
{
    swarm_send(&c->nodes, c->next++ % SPECIAL, SPECIAL, SWARM_LONGEST);
    c->sent_special++;
}

static void send_broadcast(struct crowd *c)
{
    swarm_send(&c->nodes, c->next++ % SPECIAL, SWARM_EVERYBODY, SWARM_MESSAGE);
    c->expected_others += SPECIAL - 1;
    c->sent_special++;
}

/* Sends each stream at its pace for so long, and takes what arrives. */
static void load(struct crowd *c, uint64_t duration_ns, struct stream *streams, size_t n)
{
    const uint64_t begin = swarm_now_ns();
    uint64_t now = begin;
    for (size_t i = 0; i < n; i++) {
        streams[i].next_at = begin + i * 10000;
    }
    while (now < begin + duration_ns) {
        for (size_t i = 0; i < n; i++) {
            if (now >= streams[i].next_at) {
                streams[i].next_at += SECOND_NS / streams[i].per_second;
                streams[i].send(c);
            }
        }
        (void)swarm_pump(&c->nodes, 0);
        now = swarm_now_ns();
        if (c->sampling.is_on && now >= c->sampling.window_end) {
            end_window(c, now);
        }
    }
}

/* What a kind of run gave. */
struct run {
    struct series p99, p50;
    uint32_t windows, thrown_away;
};

/* Until all that was sent to the others has arrived: nothing is lost. */
static void settle(struct crowd *c)
{
    const uint64_t end = swarm_now_ns() + 10 * SECOND_NS;
    while (c->got_others < c->expected_others) {
        (void)swarm_pump(&c->nodes, 1);
        if (swarm_now_ns() > end) {
            die("%llu of %llu deliveries arrived, then nothing came",
                (unsigned long long)c->got_others, (unsigned long long)c->expected_others);
        }
    }
}

static void measure(struct crowd *c, struct run *run)
{
    struct stream streams[] = { { .per_second = UNICASTS, .send = send_unicast },
                                { .per_second = TO_SPECIAL, .send = send_special },
                                { .per_second = BROADCASTS, .send = send_broadcast } };
    struct sampling *s = &c->sampling;
    begin_sampling(c);
    for (unsigned i = 0; i < RUN_PARTS && s->n_clean < ENOUGH_SAMPLES; i++) {
        load(c, SECOND_NS / 10, streams, sizeof(streams) / sizeof(streams[0]));
    }
    s->is_on = false;
    settle(c);
    run->windows += s->windows;
    run->thrown_away += s->thrown_away;
    if (s->n_clean < ENOUGH_SAMPLES / 4) {
        return; /* too busy a machine: this run does not count */
    }
    qsort(s->latency_us, s->n_clean, sizeof(s->latency_us[0]), by_size);
    series_add(&run->p99, s->latency_us[(uint32_t)(0.99 * (s->n_clean - 1))]);
    series_add(&run->p50, s->latency_us[s->n_clean / 2]);
}

/* The stall. */

static void wait_view(void)
{
    sleep_us(3000L * HUB_VIEW_EVERY_MS);
}

/* Fills what the kernel takes for the one that does not read, until much waits in the hub. */
static void begin_stall(struct crowd *c)
{
    const uint64_t end = swarm_now_ns() + SECOND_NS * STALL_MS / 1000;
    swarm_pause(&c->nodes, SPECIAL);
    while (c->view->pending < PENDING_ENOUGH) {
        if (swarm_now_ns() > end) {
            die("too little waits for the stalled node; the hub has ended %llu stalls already",
                (unsigned long long)c->view->counters.stalled);
        }
        for (unsigned i = 0; i < 32; i++) {
            send_special(c);
        }
        (void)swarm_pump(&c->nodes, 1);
        sleep_us(1000L * HUB_VIEW_EVERY_MS / 4);
    }
}

/* It reads again, and gets everything that was not dropped. */
static void end_stall(struct crowd *c)
{
    const uint64_t end = swarm_now_ns() + 20 * SECOND_NS;
    swarm_resume(&c->nodes, SPECIAL);
    do {
        while (swarm_pump(&c->nodes, 5)) {
        }
        wait_view();
        if (swarm_now_ns() > end) {
            die("what waits for the stalled node does not leave the hub");
        }
    } while (c->view->pending != 0 || swarm_pump(&c->nodes, 5));
}

static uint64_t dropped(const struct crowd *c)
{
    const volatile struct bsc_hub_counters *n = &c->view->counters;
    return n->dropped_pending_full + n->dropped_total_full + n->dropped_closed +
           n->dropped_unknown_destination + n->dropped_too_long;
}

static void measure_stall(struct crowd *c)
{
    struct run quiet = { .windows = 0 };
    struct run stalled = { .windows = 0 };
    struct run warm = { .windows = 0 };
    measure(c, &warm);
    const uint64_t before = child_memory(&c->hub);
    uint64_t most = before;
    for (unsigned round = 0; round < c->rounds; round++) {
        measure(c, &quiet);
        begin_stall(c);
        measure(c, &stalled);
        const uint64_t now = child_memory(&c->hub);
        most = now > most ? now : most;
        end_stall(c);
    }
    figure_head2("one stalls", "none does");
    figure_print("latency to the others, p99, us", &stalled.p99, &quiet.p99);
    figure_print("  and p50, us", &stalled.p50, &quiet.p50);
    judge(c, "p99 with the stall, ratio of the medians",
          series_median(&stalled.p99) / series_median(&quiet.p99), 1.1);
    figure_note("%u of %u windows of 5 ms were thrown away: other work had the cores",
                quiet.thrown_away + stalled.thrown_away, quiet.windows + stalled.windows);
    judge(c, "deliveries to the others that were lost",
          (double)(c->expected_others - c->got_others), 0);
    judge(c, "growth of the hub's memory, KiB (bound: 16 MiB)", (double)(most - before) / 1024,
          PENDING_TOTAL / 1024.0);
}

/* It stays stalled, under load, until the hub ends it. */
static void measure_end(struct crowd *c)
{
    struct stream streams[] = { { .per_second = UNICASTS, .send = send_unicast },
                                { .per_second = TO_SPECIAL, .send = send_special } };
    begin_stall(c);
    const uint64_t begin = swarm_now_ns();
    while (c->view->counters.stalled == 0 &&
           swarm_now_ns() < begin + 3 * SECOND_NS * STALL_MS / 1000) {
        load(c, SECOND_NS / 20, streams, sizeof(streams) / sizeof(streams[0]));
    }
    const double seconds = (double)(swarm_now_ns() - begin) / 1e9;
    settle(c);
    swarm_resume(&c->nodes, SPECIAL);
    while (!c->nodes.has_lost_special) {
        if (!swarm_pump(&c->nodes, 5000)) {
            die("the stalled node was not disconnected");
        }
    }
    wait_view();
    const volatile struct bsc_hub_counters *n = &c->view->counters;
    judge(c, "disconnected after a stall of so many s (set: 10)", seconds, STALL_MS / 1000.0 + 0.5);
    judge(c, "messages to it that no counter knows",
          (double)(c->sent_special - c->got_special - dropped(c)), 0);
    figure_note("of %llu messages to it: %llu arrived; dropped: %llu because too much waited for "
                "it, %llu when it was ended, %llu after that",
                (unsigned long long)c->sent_special, (unsigned long long)c->got_special,
                (unsigned long long)n->dropped_pending_full, (unsigned long long)n->dropped_closed,
                (unsigned long long)n->dropped_unknown_destination);
}

/* Fifty to one. */

static void measure_many_to_one(struct crowd *c)
{
    const uint64_t before = dropped(c);
    const uint64_t got = c->got_others;
    child_freeze(&c->hub); /* it finds them all at once */
    for (unsigned k = 0; k < EACH; k++) {
        for (uint32_t from = 1; from <= SENDERS; from++) {
            swarm_send(&c->nodes, from, 0, SWARM_MESSAGE);
            c->expected_others++;
        }
    }
    child_thaw(&c->hub);
    settle(c);
    wait_view();
    judge(c, "50 senders, one receiver: lost of 4000",
          (double)(SENDERS * EACH - (c->got_others - got) + dropped(c) - before), 0);
}

/* Many sessions and a new set of certificates. */

static void measure_reload(struct crowd *c)
{
    swarm_grow(&c->nodes, SESSIONS);
    wait_view();
    const uint32_t before = c->view->connected;
    credentials_renew(&c->credentials, "hub");
    child_hang_up(&c->hub);
    for (unsigned i = 0; c->view->reloads == 0 && i < 10000; i++) {
        (void)swarm_pump(&c->nodes, 1);
    }
    const uint64_t got = c->got_others;
    swarm_send(&c->nodes, 0, SWARM_EVERYBODY, SWARM_MESSAGE);
    for (unsigned i = 0; c->got_others - got < SESSIONS - 2 && i < 10000; i++) {
        (void)swarm_pump(&c->nodes, 1);
    }
    judge(c, "SIGHUP with 1000 sessions: not there any more",
          (double)(SESSIONS - 1 - (c->got_others - got + 1)) + before - c->view->kept, 0);
    figure_note("%u sessions were judged again in %.0f ms, %u of them closed", before,
                (double)c->view->reload_us / 1e3, c->view->closed);
}

/* The program. */

static void set_number(const char *name, uint32_t number)
{
    char text[16];
    (void)snprintf(text, sizeof(text), "%u", number);
    (void)setenv(name, text, 1);
}

static void share_view(struct crowd *c)
{
    char name[96];
    (void)snprintf(name, sizeof(name), "%s/view", c->credentials.folder);
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof(*c->view)) != 0) {
        die("%s: %s", name, strerror(errno));
    }
    void *memory = mmap(NULL, sizeof(*c->view), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        die("%s: %s", name, strerror(errno));
    }
    (void)close(fd);
    c->view = memory;
    (void)setenv(HUB_VIEW_FILE, name, 1);
}

/* The hub, which is started later, has the same. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void begin(struct crowd *c, const char *program)
{
    raise_file_limit();
    cores_find(&c->load_core, &c->hub_core);
    credentials_make(&c->credentials);
    share_view(c);
    set_number(HUB_VIEW_STALL_MS, STALL_MS);
    set_number(HUB_VIEW_CONNECTIONS, SESSIONS);
    set_number(HUB_VIEW_PENDING_TOTAL, PENDING_TOTAL);
    bool is_started = child_start(&c->hub, program, c->credentials.folder, c->hub_core);
    for (unsigned i = 0;
         is_started && i < 500 && c->view->connected == 0 && c->view->counters.received == 0; i++) {
        sleep_us(1000); /* the view is opened after the address was told */
    }
    if (!is_started) {
        credentials_remove(&c->credentials);
        die("the hub did not start");
    }
    (void)pin_to(c->load_core);
    swarm_init(&c->nodes, &c->hub, c->credentials.tls, SESSIONS);
    c->nodes.special = SPECIAL;
    c->nodes.watch = on_delivery;
    c->nodes.user = c;
    swarm_grow(&c->nodes, NODES);
}

int main(int argc, char **argv)
{
    static struct crowd c;
    bool is_quick = argc == 3 && strcmp(argv[2], "--quick") == 0;
    if (argc != 2 && !is_quick) {
        (void)fprintf(stderr, "usage: crowd HUB [--quick]\n");
        return 2;
    }
    (void)alarm(TIME_LIMIT_S);
    c.rounds = is_quick ? 9 : 31;
    begin(&c, argv[1]);
    (void)printf("%d nodes, %d unicasts and %d broadcasts a second, %d messages of %d octets a "
                 "second to one node; %u rounds in turn\n",
                 NODES, UNICASTS, BROADCASTS, TO_SPECIAL, SWARM_LONGEST, c.rounds);
    measure_stall(&c);
    measure_many_to_one(&c);
    measure_end(&c);
    measure_reload(&c);
    credentials_remove(&c.credentials);
    swarm_fini(&c.nodes);
    bas_tls_context_unref(c.credentials.tls);
    child_stop(&c.hub);
    (void)printf("%u targets missed\n", c.over);
    return 0;
}
