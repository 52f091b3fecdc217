/*
 * The primary hub, a process of its own, is killed under traffic (BASALT_KILLS times, 5 when it is
 * not set): every node goes to the failover hub and comes back when the primary does, and every
 * confirmed request ends in an answer if its peers shared a hub for one retry interval after one of
 * its tries. All with real TLS and the times of a real site made short; what an outage took is
 * printed, not judged.
 */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt_station.h"
#include "test_folder.h"

#include "basalt/pki.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    KILLS = 5,
    NODES = 6,
    IN_FLIGHT = 80, /* requests of each node at a time: one in each tick of all their tries */
    TICK_MS = 20,
    RETRY_MS = 500, /* APDU_Timeout */
    RETRIES = 2,
    MINIMUM_RECONNECT_MS = 50,
    MAXIMUM_RECONNECT_MS = 400,
    PATIENCE_MS = 60000, /* for anything; a test that waits so long has failed */
    CHANGES = 64,        /* of a node's hub that are remembered: more than happen in a request */
    LATE = 20            /* a timer may be so many milliseconds late */
};

/* Hubs. */

struct hub {
    const char *certificate;
    char bind[64];
    char address[64]; /* of its first life, and then of all */
    char uri[80];
    pid_t pid; /* 0: not running */
    int from;
    bool is_ready;
};

/* A hub and nothing else: what this program is when it is started with an address. */
static int run_hub(const char *bind, const char *certificate)
{
    struct bas_env env = bas_env_host(NULL, NULL);
    struct bas_loop *loop = bas_loop_new(&env);
    const struct bas_hub_callbacks callbacks = { NULL, NULL, NULL };
    const struct bas_hub_settings settings = { .bind = bind,
                                               .tls = rt_credentials(certificate),
                                               .engine = { .size = sizeof(settings.engine) } };
    struct bas_fault fault = { 0 };
    const struct bas_hub *hub =
        loop == NULL ? NULL : bas_hub_start(loop, &settings, &callbacks, &fault);
    if (hub == NULL) {
        (void)fprintf(stderr, "%s\n", fault.text);
        return 1;
    }
    (void)printf("%s\n", bas_hub_address(hub));
    (void)fflush(stdout);
    bas_loop_run(loop);
    return 1; /* it was to be killed */
}

static void start_hub(struct hub *hub)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t parent = getpid();
    hub->pid = fork();
    assert_true(hub->pid >= 0);
    if (hub->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent && dup2(ends[1], STDOUT_FILENO) >= 0) {
            (void)execl("/proc/self/exe", "hub", hub->bind, hub->certificate, (char *)NULL);
        }
        _exit(127);
    }
    (void)close(ends[1]);
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    hub->from = ends[0];
    hub->is_ready = false;
}

/* True: it listens. */
static bool hub_is_ready(struct hub *hub)
{
    if (hub->is_ready) {
        return true;
    }
    char line[64] = "";
    ssize_t n = read(hub->from, line, sizeof(line) - 1); /* one write, far shorter than a pipe */
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return false;
    }
    if (n <= 0 || line[n - 1] != '\n') {
        fail_msg("the hub %s at %s does not come up", hub->certificate, hub->bind);
    }
    line[n - 1] = 0;
    (void)snprintf(hub->address, sizeof(hub->address), "%s", line);
    (void)snprintf(hub->bind, sizeof(hub->bind), "%s", line);
    (void)snprintf(hub->uri, sizeof(hub->uri), "wss://%s/", line);
    hub->is_ready = true;
    return true;
}

static void kill_hub(struct hub *hub)
{
    int status = 0;
    assert_int_equal(kill(hub->pid, SIGKILL), 0);
    assert_int_equal(waitpid(hub->pid, &status, 0), hub->pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
    (void)close(hub->from);
    hub->pid = 0;
}

/* The site. */

struct change {
    bas_time at;
    unsigned hub; /* 0, 1 primary, 2 failover */
};

struct site;
struct node {
    struct rt_station s; /* first: its events come with it */
    struct site *site;
    struct change changes[CHANGES]; /* the n-th at n % CHANGES */
    unsigned n_changes;
    bool is_out; /* has lost its hub, and is not on the other one yet */
};

struct request {
    struct node *from, *to; /* NULL: this place is free */
    bas_time at;
};

struct times {
    bas_time *at;
    size_t n, cap;
};

struct site {
    struct rt_world w;
    struct hub primary, failover;
    struct node nodes[NODES];
    struct request requests[NODES * IN_FLIGHT];
    struct bas_alarm *alarm;
    bool is_busy;   /* requests are made */
    bas_time since; /* of the last kill, or of the primary's coming back */
    struct times outages, returns;
    unsigned long answers, excused, broken, unsent;
    uint64_t random;
};

static unsigned long kills(void)
{
    const char *text = getenv("BASALT_KILLS");
    return text == NULL ? KILLS : strtoul(text, NULL, 10);
}

static uint32_t next_random(struct site *site, uint32_t below)
{
    site->random = site->random * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(site->random >> 33) % below;
}

/* Who was on which hub. */

static void note_hub(struct node *node, unsigned hub)
{
    node->changes[node->n_changes++ % CHANGES] =
        (struct change){ bas_loop_now(node->s.w->loop), hub };
}

static unsigned hub_now(const struct node *node)
{
    return node->n_changes == 0 ? 0 : node->changes[(node->n_changes - 1) % CHANGES].hub;
}

/* The hub that it was on from begin to end, 0 when there was none or more than one. */
static unsigned hub_during(const struct node *node, bas_time begin, bas_time end)
{
    unsigned first = node->n_changes > CHANGES ? node->n_changes - CHANGES : 0;
    for (unsigned i = node->n_changes; i > first; i--) {
        const struct change *change = &node->changes[(i - 1) % CHANGES];
        if (change->at <= begin) {
            return change->hub;
        }
        if (change->at < end) {
            return 0;
        }
    }
    return 0;
}

/* Whether one of its tries had a whole retry interval in which both ends shared a hub. */
static bool had_its_chance(const struct request *request)
{
    for (unsigned i = 0; i <= RETRIES; i++) {
        bas_time begin = request->at + i * RETRY_MS * BAS_MILLISECOND;
        bas_time end = begin + RETRY_MS * BAS_MILLISECOND;
        unsigned hub = hub_during(request->from, begin - LATE * BAS_MILLISECOND, end);
        unsigned other = hub_during(request->to, begin - LATE * BAS_MILLISECOND, end);
        if (hub != 0 && hub == other) {
            return true;
        }
    }
    return false;
}

static void add_time(struct times *times, bas_time took)
{
    assert_true(times->n < times->cap);
    times->at[times->n++] = took;
}

static void on_station(void *user, const struct bas_station_event *event)
{
    struct node *node = user;
    struct site *site = node->site;
    rt_station_event(&node->s, event);
    if (event->kind == BAS_STATION_DOWN) {
        note_hub(node, 0);
    }
    if (event->kind != BAS_STATION_UP) {
        return;
    }
    note_hub(node, event->hub_state);
    if (node->is_out) {
        add_time(event->hub_state == 2 ? &site->outages : &site->returns,
                 bas_loop_now(site->w.loop) - site->since);
    }
    node->is_out = false;
}

/* Traffic. */

static void on_answer(void *user, const struct bac_client_event *event)
{
    struct request *request = user;
    struct site *site = request->from->site;
    if (event->kind == BAC_CLIENT_ACK) {
        site->answers++;
    } else if (event->kind == BAC_CLIENT_TIMEOUT && !had_its_chance(request)) {
        site->excused++;
    } else {
        site->broken++;
        print_message("# a request ended with %d: %s\n", (int)event->kind, event->fault.text);
    }
    request->from = NULL;
}

static void ask(struct site *site, struct request *request, struct node *from)
{
    uint32_t other = next_random(site, NODES - 1);
    struct node *to = &site->nodes[other + (&site->nodes[other] >= from ? 1 : 0)];
    struct bsc_vmac vmac = bas_station_vmac(to->s.station);
    struct bac_address address = { .mac_len = sizeof(vmac.octets) };
    memcpy(address.mac, vmac.octets, sizeof(vmac.octets));
    *request = (struct request){ from, to, bas_loop_now(site->w.loop) };
    if (rt_station_ask_then(&from->s, &address, on_answer, request) != BAS_OK) {
        request->from = NULL;
        site->unsent++;
    }
}

/* Every node on a hub asks another one, wherever that is. */
static void on_tick(void *user)
{
    struct site *site = user;
    struct request *free = site->requests;
    bas_alarm_set(site->alarm, TICK_MS);
    for (size_t i = 0; site->is_busy && i < NODES; i++) {
        while (free->from != NULL) {
            free++;
        }
        if (hub_now(&site->nodes[i]) != 0) {
            ask(site, free, &site->nodes[i]);
        }
    }
}

/* Waiting. */

static void run_until(struct site *site, bool (*is_so)(struct site *site), const char *what)
{
    bas_time end = bas_loop_now(site->w.loop) + PATIENCE_MS * BAS_MILLISECOND;
    while (!is_so(site)) {
        (void)uv_run(&site->w.loop->uv, UV_RUN_ONCE); /* no longer than a tick */
        if (bas_loop_now(site->w.loop) > end) {
            fail_msg("%s", what);
        }
    }
}

static void run_for(struct site *site, uint32_t ms)
{
    bas_time end = bas_loop_now(site->w.loop) + ms * BAS_MILLISECOND;
    while (bas_loop_now(site->w.loop) < end) {
        (void)uv_run(&site->w.loop->uv, UV_RUN_ONCE);
    }
}

static bool all_on(const struct site *site, unsigned hub)
{
    for (size_t i = 0; i < NODES; i++) {
        if (hub_now(&site->nodes[i]) != hub) {
            return false;
        }
    }
    return true;
}

static bool all_on_primary(struct site *site)
{
    return all_on(site, 1);
}

static bool all_on_failover(struct site *site)
{
    return all_on(site, 2);
}

static bool hubs_are_ready(struct site *site)
{
    return hub_is_ready(&site->primary) && hub_is_ready(&site->failover);
}

static bool nothing_is_in_flight(struct site *site)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(site->requests); i++) {
        if (site->requests[i].from != NULL) {
            return false;
        }
    }
    return true;
}

/* Beginning and end. */

static void make_certificate(const struct bas_env *env, const char *name)
{
    struct bas_fault fault = { 0 };
    struct bas_pki_pair made;
    const struct bas_pki_device_request one = { .size = sizeof(one),
                                                .directory = ".",
                                                .name = name };
    if (bas_pki_issue(env, &one, &made, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
}

static void begin_node(struct site *site, size_t i)
{
    struct node *node = &site->nodes[i];
    char name[16];
    (void)snprintf(name, sizeof(name), "node-%zu", i);
    make_certificate(&site->w.outside.env, name);
    const struct bac_server_config server = { .size = sizeof(server),
                                              .object_size = sizeof(struct bac_object_config),
                                              .instance = (uint32_t)i,
                                              .name = name,
                                              .vendor = BAS_CONFIG_DEFAULT_VENDOR };
    node->site = site;
    rt_station_begin(&site->w, &node->s, name, site->primary.uri);
    node->s.node.failover_uri = site->failover.uri;
    node->s.node.minimum_reconnect_ms = MINIMUM_RECONNECT_MS;
    node->s.node.maximum_reconnect_ms = MAXIMUM_RECONNECT_MS;
    node->s.node.disconnect_wait_ms = 1000;
    node->s.config.apdu_timeout_ms = RETRY_MS;
    node->s.config.apdu_retries = RETRIES;
    node->s.config.server = &server;
    node->s.config.event = on_station;
    rt_station_start(&node->s);
    node->s.config.server = NULL; /* read */
}

static void begin(struct site *site)
{
    const char *seed = getenv("BAS_SEED");
    memset(site, 0, sizeof(*site));
    site->random = seed == NULL ? 1 : strtoull(seed, NULL, 10);
    rt_begin(&site->w);
    make_certificate(&site->w.outside.env, "failover");
    site->primary.certificate = "hub";
    site->failover.certificate = "failover";
    pid_t self = getpid(); /* a network of our own, so that nobody takes the port meanwhile */
    (void)snprintf(site->primary.bind, sizeof(site->primary.bind), "127.%d.%d.%d:0",
                   100 + self / 62500 % 100, self / 250 % 250, 1 + self % 250);
    memcpy(site->failover.bind, site->primary.bind, sizeof(site->failover.bind));
    site->outages.cap = site->returns.cap = NODES * kills();
    site->outages.at = calloc(site->outages.cap + 1, sizeof(bas_time));
    site->returns.at = calloc(site->returns.cap + 1, sizeof(bas_time));
    assert_true(site->outages.at != NULL && site->returns.at != NULL);
    site->alarm = bas_alarm_new(site->w.loop, on_tick, site);
    assert_non_null(site->alarm);
    on_tick(site);
    start_hub(&site->primary);
    start_hub(&site->failover);
    run_until(site, hubs_are_ready, "the hubs did not come up");
    for (size_t i = 0; i < NODES; i++) {
        begin_node(site, i);
    }
    run_until(site, all_on_primary, "the nodes did not come up");
}

static void end(struct site *site)
{
    bas_alarm_free(site->alarm);
    for (size_t i = 0; i < NODES; i++) {
        rt_station_end(&site->nodes[i].s);
    }
    kill_hub(&site->primary);
    kill_hub(&site->failover);
    free(site->outages.at);
    free(site->returns.at);
    rt_end(&site->w);
}

static int compare(const void *a, const void *b)
{
    const bas_time *first = a;
    const bas_time *second = b;
    return (*first > *second) - (*first < *second);
}

static void print_times(const char *what, const struct times *times)
{
    qsort(times->at, times->n, sizeof(*times->at), compare);
    const size_t last = times->n - 1;
    const size_t at[] = { 0, last / 2, last * 99 / 100, last };
    double ms[BAS_ARRAY_LEN(at)];
    for (size_t i = 0; i < BAS_ARRAY_LEN(at); i++) {
        ms[i] = (double)times->at[at[i]] / BAS_MILLISECOND;
    }
    print_message("# %s: min %.1f, median %.1f, p99 %.1f, max %.1f ms (%zu)\n", what, ms[0], ms[1],
                  ms[2], ms[3], times->n);
}

/* The test. */

static void all_are_out(struct site *site)
{
    site->since = bas_loop_now(site->w.loop);
    for (size_t i = 0; i < NODES; i++) {
        site->nodes[i].is_out = true;
    }
}

static void kill_and_return(struct site *site)
{
    run_for(site, next_random(site, 300));
    kill_hub(&site->primary);
    all_are_out(site);
    for (size_t i = 0; i < NODES; i++) {
        note_hub(&site->nodes[i], 0); /* whether it knows or not */
    }
    run_until(site, all_on_failover, "not all nodes came to the failover hub");
    run_for(site, next_random(site, 300));
    start_hub(&site->primary);
    run_until(site, hubs_are_ready, "the primary did not come back");
    all_are_out(site);
    run_until(site, all_on_primary, "not all nodes came back to the primary");
}

static void a_primary_that_is_killed_is_survived(void **state)
{
    (void)state;
    static struct site site;
    begin(&site);
    site.is_busy = true;
    for (unsigned long i = 0; i < kills(); i++) {
        kill_and_return(&site);
    }
    run_for(&site, 200);
    site.is_busy = false;
    run_until(&site, nothing_is_in_flight, "a request does not end");
    for (size_t i = 0; i < NODES; i++) {
        const struct bsc_node *node = bas_port_node(bas_station_port(site.nodes[i].s.station));
        assert_int_equal(bsc_node_counters(node)->failovers, kills());
        assert_int_equal(bsc_node_counters(node)->returns, kills());
    }
    print_message("# %lu kills, %d nodes: %lu requests answered, %lu had no chance, %lu "
                  "not sent, %lu broken\n",
                  kills(), NODES, site.answers, site.excused, site.unsent, site.broken);
    print_times("from the kill to the failover hub", &site.outages);
    print_times("from the primary's return to it", &site.returns);
    assert_int_equal(site.broken, 0);
    assert_true(site.answers > NODES * kills());
    assert_int_equal(site.outages.n, NODES * kills());
    assert_int_equal(site.returns.n, NODES * kills());
    end(&site);
}

int main(int argc, char **argv)
{
    if (argc == 3) {
        return run_hub(argv[1], argv[2]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_primary_that_is_killed_is_survived),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
