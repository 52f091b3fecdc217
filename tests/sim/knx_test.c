/*
 * KNXnet/IP clients and a server in one thread and under virtual time: over TCP whose segments are
 * cut anywhere and whose connections break, in secure sessions, and over UDP that loses, doubles
 * and overtakes. Behind the server is a bus that confirms each telegram and gives it to all others.
 *
 * Whatever happens: each request ends exactly once, what was confirmed was on the bus exactly once,
 * in order, and nobody hears a telegram twice. All follows from one seed; BAS_SEED runs that one.
 */
#include "basalt/knx_server.h"
#include "test_env.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CLIENTS = 4,
    SENDS = 40, /* telegrams of each client */
    SEEDS = 25,
    TUNNELS = 64, /* a client that comes back may find its old channel still there */
    DELAY_MS = 20
};
#define TIME_LIMIT (3600 * BAS_SECOND)

struct scenario {
    enum knx_host_protocol transport;
    bool is_secure;
    unsigned breaks_per_mille; /* TCP: of every piece */
    unsigned loss_per_mille;   /* UDP: of every datagram; as many are doubled */
};

enum job_kind {
    JOB_TO_SERVER,
    JOB_TO_CLIENT,
    JOB_END_TO_SERVER,
    JOB_END_TO_CLIENT,
    JOB_BUS,
    JOB_OPEN,
    JOB_SEND
};

/* What will happen, in the order of its time. */
struct job {
    struct job *next;
    bas_time at;
    enum job_kind kind;
    unsigned client;
    unsigned epoch; /* of the client's link; an older one means nothing any more */
    knx_channel_id channel;
    size_t len;
    uint8_t octets[];
};

enum fate { UNKNOWN, CONFIRMED, FAILED };

struct sim_client {
    struct knx_client *client;
    unsigned epoch;
    bool is_open;
    knx_conn_id conn;        /* TCP: the server's end */
    bas_time up_at, down_at; /* when the last octet arrives there */
    uint32_t ids[SENDS];     /* of telegram n */
    enum fate fates[SENDS];
    unsigned sent, done;
    unsigned bus_count[SENDS];
    unsigned bus_last;       /* the last one on the bus, plus 1 */
    unsigned heard[CLIENTS]; /* the last one of each other, plus 1 */
    unsigned n_heard;
};

struct world {
    struct test_env t;
    struct scenario scenario;
    struct knx_server *server;
    struct sim_client clients[CLIENTS];
    struct job *jobs;
    bas_time now;
    unsigned ups, downs, failed, on_bus;
};

static unsigned roll(struct world *w, unsigned n)
{
    uint8_t octets[4];
    w->t.env.random(&w->t, octets, sizeof(octets));
    unsigned value = (unsigned)octets[0] << 16 | (unsigned)octets[1] << 8 | octets[2];
    return value % n;
}

static bas_time some_ms(struct world *w, unsigned most)
{
    return (bas_time)(1 + roll(w, most)) * BAS_MILLISECOND;
}

/* Jobs. */

static struct job *plan(struct world *w, const struct job *what, struct bas_slice octets)
{
    struct job *job = malloc(sizeof(*job) + octets.len);
    assert_non_null(job);
    *job = *what;
    job->len = octets.len;
    if (octets.len != 0) {
        memcpy(job->octets, octets.data, octets.len);
    }
    struct job **at = &w->jobs;
    while (*at != NULL && (*at)->at <= job->at) {
        at = &(*at)->next;
    }
    job->next = *at;
    *at = job;
    return job;
}

static void plan_plain(struct world *w, enum job_kind kind, unsigned client, bas_time at)
{
    const struct job job = {
        .kind = kind, .client = client, .epoch = w->clients[client].epoch, .at = at
    };
    (void)plan(w, &job, (struct bas_slice){ NULL, 0 });
}

/* Links. */

/* In order, in pieces of any size. */
static void carry_tcp(struct world *w, unsigned client, bool to_server, struct bas_slice octets)
{
    struct sim_client *c = &w->clients[client];
    bas_time *last = to_server ? &c->up_at : &c->down_at;
    while (octets.len != 0) {
        size_t n = 1 + roll(w, (unsigned)octets.len);
        bas_time at = w->now + some_ms(w, DELAY_MS);
        *last = at > *last ? at : *last;
        const struct job job = { .kind = to_server ? JOB_TO_SERVER : JOB_TO_CLIENT,
                                 .client = client,
                                 .epoch = c->epoch,
                                 .at = *last };
        (void)plan(w, &job, (struct bas_slice){ octets.data, n });
        octets.data += n;
        octets.len -= n;
    }
}

/* Some are lost, some come twice, all may overtake each other. */
static void carry_udp(struct world *w, unsigned client, bool to_server, struct bas_slice octets)
{
    unsigned copies = roll(w, 1000) < w->scenario.loss_per_mille   ? 0
                      : roll(w, 1000) < w->scenario.loss_per_mille ? 2
                                                                   : 1;
    for (unsigned i = 0; i < copies; i++) {
        const struct job job = { .kind = to_server ? JOB_TO_SERVER : JOB_TO_CLIENT,
                                 .client = client,
                                 .epoch = w->clients[client].epoch,
                                 .at = w->now + some_ms(w, 3 * DELAY_MS) };
        (void)plan(w, &job, octets);
    }
}

static void carry(struct world *w, unsigned client, bool to_server, struct bas_slice octets)
{
    if (w->scenario.transport == KNX_TCP) {
        carry_tcp(w, client, to_server, octets);
    } else {
        carry_udp(w, client, to_server, octets);
    }
}

static struct knx_endpoint endpoint_of(const struct world *w, unsigned client)
{
    return (struct knx_endpoint){ { 10, 0, 0, (uint8_t)(1 + client) },
                                  (uint16_t)(40000 + w->clients[client].epoch) };
}

/* The telegrams: client and number. */

static struct bas_slice telegram(unsigned client, unsigned number, uint8_t memory[16])
{
    const uint8_t octets[] = { 0x11, 0,    0xBC, 0xE0,           0, 0, 0x09, (uint8_t)client, 3,
                               0x00, 0x80, 0x55, (uint8_t)number };
    memcpy(memory, octets, sizeof(octets));
    return (struct bas_slice){ memory, sizeof(octets) };
}

static void read_telegram(struct bas_slice octets, unsigned *client, unsigned *number)
{
    struct knx_cemi cemi;
    assert_int_equal(knx_cemi_decode(octets, &cemi, NULL), BAS_OK);
    assert_int_equal(cemi.tpdu.len, 4);
    assert_int_not_equal(cemi.source, 0);
    *client = cemi.destination & 0xFF;
    *number = cemi.tpdu.data[3];
    assert_true(*client < CLIENTS && *number < SENDS);
}

/* What the clients' owner does. */

static void ended(struct world *w, struct sim_client *c, const struct knx_client_event *event)
{
    unsigned n = 0;
    while (n < c->sent && c->ids[n] != event->id) {
        n++;
    }
    assert_true(n < c->sent);
    assert_int_equal(c->fates[n], UNKNOWN); /* each one ends once */
    bool is_good = event->kind == KNX_CLIENT_EVENT_CONFIRMED;
    c->fates[n] = is_good ? CONFIRMED : FAILED;
    c->done++;
    w->failed += !is_good;
}

static void heard(struct sim_client *c, const struct knx_client_event *event)
{
    unsigned client, number;
    read_telegram(event->cemi, &client, &number);
    assert_true(number >= c->heard[client]); /* in order and never twice */
    c->heard[client] = number + 1;
    c->n_heard++;
}

static void down(struct world *w, unsigned i)
{
    struct sim_client *c = &w->clients[i];
    for (unsigned n = 0; n < c->sent; n++) {
        assert_int_not_equal(c->fates[n], UNKNOWN); /* nothing is lost in silence */
    }
    c->is_open = false;
    w->downs++;
    plan_plain(w, JOB_END_TO_SERVER, i, (c->up_at > w->now ? c->up_at : w->now));
    plan_plain(w, JOB_OPEN, i, w->now + BAS_SECOND + some_ms(w, 1000));
}

static void client_event(struct world *w, unsigned i, const struct knx_client_event *event)
{
    struct sim_client *c = &w->clients[i];
    switch (event->kind) {
    case KNX_CLIENT_EVENT_CONFIRMED:
    case KNX_CLIENT_EVENT_FAILED:
        ended(w, c, event);
        break;
    case KNX_CLIENT_EVENT_TELEGRAM:
        heard(c, event);
        break;
    case KNX_CLIENT_EVENT_UP:
        w->ups++;
        break;
    case KNX_CLIENT_EVENT_DROPPED:
        if (w->scenario.transport == KNX_TCP) {
            fail_msg("client %u: %s", i, event->fault->text);
        }
        break;
    case KNX_CLIENT_EVENT_SESSION:
    case KNX_CLIENT_EVENT_FEATURE:
    case KNX_CLIENT_EVENT_ANSWER:
    case KNX_CLIENT_EVENT_DOWN:
        break;
    }
}

static void settle_client(struct world *w, unsigned i)
{
    struct sim_client *c = &w->clients[i];
    struct knx_client_event event;
    struct bas_slice frame;
    struct knx_endpoint to;
    uint8_t segment[4096];
    bool is_down = false;
    while (knx_client_next_event(c->client, &event)) {
        client_event(w, i, &event);
        is_down = is_down || event.kind == KNX_CLIENT_EVENT_DOWN;
    }
    struct bas_buf out;
    bas_buf_init(&out, segment, sizeof(segment));
    while (knx_client_next_frame(c->client, &frame, &to)) {
        if (w->scenario.transport == KNX_UDP) {
            carry_udp(w, i, true, frame);
        } else {
            bas_buf_add(&out, frame.data, frame.len);
        }
    }
    assert_false(out.full);
    carry_tcp(w, i, true, (struct bas_slice){ out.data, out.len });
    if (is_down) {
        down(w, i);
    }
}

/* What the server's owner does: the bus, and the frames. */

static void server_event(struct world *w, const struct knx_server_event *event)
{
    if (event->kind == KNX_SERVER_EVENT_TELEGRAM) {
        const struct job job = { .kind = JOB_BUS,
                                 .channel = event->channel,
                                 .at = w->now + some_ms(w, 30) };
        (void)plan(w, &job, event->cemi);
    }
    for (unsigned i = 0; event->kind == KNX_SERVER_EVENT_CLOSE && i < CLIENTS; i++) {
        struct sim_client *c = &w->clients[i];
        if (c->is_open && c->conn == event->connection) {
            plan_plain(w, JOB_END_TO_CLIENT, i, c->down_at > w->now ? c->down_at : w->now);
        }
    }
}

static bool is_for(const struct world *w, unsigned i, const struct knx_server_frame *frame)
{
    const struct sim_client *c = &w->clients[i];
    struct knx_endpoint own = endpoint_of(w, i);
    if (w->scenario.transport == KNX_TCP) {
        return c->is_open && frame->connection == c->conn;
    }
    return memcmp(own.address, frame->to.address, 4) == 0 && own.port == frame->to.port;
}

static void settle_server(struct world *w)
{
    struct knx_server_event event;
    struct knx_server_frame frame;
    while (knx_server_next_event(w->server, &event)) {
        server_event(w, &event);
    }
    while (knx_server_next_frame(w->server, &frame)) {
        for (unsigned i = 0; i < CLIENTS; i++) {
            if (is_for(w, i, &frame)) {
                carry(w, i, false, frame.octets);
            }
        }
    }
}

static void bus(struct world *w, const struct job *job)
{
    unsigned client, number;
    struct bas_slice cemi = { job->octets, job->len };
    read_telegram(cemi, &client, &number);
    struct sim_client *c = &w->clients[client];
    c->bus_count[number]++;
    assert_int_equal(c->bus_count[number], 1); /* a repetition never comes through */
    assert_true(number >= c->bus_last);
    c->bus_last = number + 1;
    w->on_bus++;
    knx_server_confirm(w->server, job->channel, cemi, true, w->now);
    settle_server(w);
    knx_server_indicate(w->server, cemi, job->channel, w->now);
}

/* What happens. */

static void open_client(struct world *w, unsigned i)
{
    struct sim_client *c = &w->clients[i];
    if (c->is_open) {
        return;
    }
    c->epoch++;
    struct knx_endpoint self = endpoint_of(w, i);
    c->up_at = c->down_at = w->now;
    if (w->scenario.transport == KNX_TCP) {
        assert_int_equal(knx_server_accept(w->server, &self, NULL, w->now, &c->conn), BAS_OK);
    }
    c->is_open = true;
    knx_client_open(c->client, w->now);
}

static void send_one(struct world *w, unsigned i)
{
    struct sim_client *c = &w->clients[i];
    uint8_t memory[16];
    if (c->sent == SENDS) {
        return;
    }
    bas_err err =
        knx_client_send(c->client, telegram(i, c->sent, memory), w->now, &c->ids[c->sent]);
    assert_true(err == BAS_OK || err == BAS_ERR_STATE || err == BAS_ERR_BUSY);
    c->sent += err == BAS_OK;
    plan_plain(w, JOB_SEND, i, w->now + some_ms(w, 400));
}

static void break_link(struct world *w, unsigned i)
{
    struct sim_client *c = &w->clients[i];
    knx_server_lost(w->server, c->conn, w->now);
    c->epoch++; /* what is on its way never arrives */
    knx_client_lost(c->client, NULL, w->now);
}

static void arrive(struct world *w, const struct job *job)
{
    struct sim_client *c = &w->clients[job->client];
    struct bas_slice octets = { job->octets, job->len };
    struct knx_endpoint from = endpoint_of(w, job->client);
    bool is_stale = job->epoch != c->epoch;
    if (is_stale || (job->kind == JOB_TO_CLIENT && !c->is_open)) {
        return;
    }
    if (w->scenario.transport == KNX_TCP && roll(w, 1000) < w->scenario.breaks_per_mille &&
        c->is_open) {
        break_link(w, job->client);
    } else if (job->kind == JOB_TO_CLIENT) {
        knx_client_recv(c->client, octets, w->now);
        settle_client(w, job->client); /* while octets are there */
    } else if (w->scenario.transport == KNX_TCP) {
        knx_server_recv(w->server, c->conn, octets, w->now);
    } else {
        knx_server_datagram(w->server, &from, octets, w->now);
    }
}

static void happen(struct world *w, const struct job *job)
{
    const struct sim_client *c = &w->clients[job->client];
    bool is_tcp = w->scenario.transport == KNX_TCP;
    switch (job->kind) {
    case JOB_TO_SERVER:
    case JOB_TO_CLIENT:
        arrive(w, job);
        break;
    case JOB_END_TO_SERVER:
        if (is_tcp && job->epoch == c->epoch) {
            knx_server_lost(w->server, c->conn, w->now);
        }
        break;
    case JOB_END_TO_CLIENT:
        if (job->epoch == c->epoch && c->is_open) {
            knx_client_lost(c->client, NULL, w->now);
        }
        break;
    case JOB_BUS:
        bus(w, job);
        break;
    case JOB_OPEN:
        open_client(w, job->client);
        break;
    case JOB_SEND:
        send_one(w, job->client);
        break;
    }
}

static void settle(struct world *w)
{
    settle_server(w);
    for (unsigned i = 0; i < CLIENTS; i++) {
        settle_client(w, i);
    }
}

static bas_time next_time(const struct world *w)
{
    bas_time next = knx_server_deadline(w->server);
    next = w->jobs != NULL && w->jobs->at < next ? w->jobs->at : next;
    for (unsigned i = 0; i < CLIENTS; i++) {
        bas_time due = knx_client_deadline(w->clients[i].client);
        next = due < next ? due : next;
    }
    return next > w->now ? next : w->now;
}

static bool is_done(const struct world *w)
{
    for (unsigned i = 0; i < CLIENTS; i++) {
        if (w->clients[i].done != SENDS) {
            return false;
        }
    }
    return true;
}

static void run(struct world *w, bas_time end)
{
    unsigned turns = 0; /* at one time: a deadline that tick does not move is a fault */
    while (w->now < end) {
        bas_time next = next_time(w) < end ? next_time(w) : end;
        turns = next > w->now ? 0 : turns + 1;
        assert_true(turns < 100);
        w->now = next;
        knx_server_tick(w->server, w->now);
        settle_server(w);
        for (unsigned i = 0; i < CLIENTS; i++) {
            knx_client_tick(w->clients[i].client, w->now);
            settle_client(w, i);
        }
        while (w->jobs != NULL && w->jobs->at <= w->now) {
            struct job *job = w->jobs;
            w->jobs = job->next;
            happen(w, job);
            settle(w);
            free(job);
        }
    }
}

/* The world. */

static void begin_server(struct world *w)
{
    struct knx_server_tunnel tunnels[TUNNELS];
    const struct knx_server_user users[] = { { 1, { "manager" } }, { 2, { "user two" } } };
    for (unsigned i = 0; i < TUNNELS; i++) {
        tunnels[i] = (struct knx_server_tunnel){ (knx_ia)(0x1110 + i), 2 };
    }
    const struct knx_server_config config = { .size = sizeof(config),
                                              .info = { .address = 0x1100, .medium = 2 },
                                              .manufacturer = 0xFA,
                                              .tunnelling_is_secured = w->scenario.is_secure,
                                              .has_device_key = true,
                                              .device_key = { "device" },
                                              .users = users,
                                              .n_users = BAS_ARRAY_LEN(users),
                                              .tunnels = tunnels,
                                              .n_tunnels = TUNNELS };
    w->server = knx_server_new(&w->t.env, &config);
    if (w->server == NULL) {
        fail_msg("%s", w->t.last_log);
    }
}

static void begin(struct world *w, const struct scenario *scenario, uint64_t seed)
{
    memset(w, 0, sizeof(*w));
    test_env_init(&w->t);
    w->t.seed = seed;
    w->scenario = *scenario;
    w->now = 1000 * BAS_SECOND;
    begin_server(w);
    const struct knx_client_config config = { .size = sizeof(config),
                                              .transport = scenario->transport,
                                              .is_secure = scenario->is_secure,
                                              .user = 2,
                                              .user_key = { "user two" },
                                              .device_key = { "device" } };
    for (unsigned i = 0; i < CLIENTS; i++) {
        w->clients[i].client = knx_client_new(&w->t.env, &config);
        assert_non_null(w->clients[i].client);
        plan_plain(w, JOB_OPEN, i, w->now + some_ms(w, 100));
        plan_plain(w, JOB_SEND, i, w->now + 3 * BAS_SECOND + some_ms(w, 1000)); /* all are up */
    }
}

static void end(struct world *w)
{
    while (w->jobs != NULL) {
        struct job *job = w->jobs;
        w->jobs = job->next;
        free(job);
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        knx_client_free(w->clients[i].client);
    }
    knx_server_free(w->server);
    test_env_check(&w->t);
}

/* All requests have ended; those confirmed were on the bus. */
static void check(const struct world *w)
{
    assert_true(is_done(w));
    for (unsigned i = 0; i < CLIENTS; i++) {
        const struct sim_client *c = &w->clients[i];
        for (unsigned n = 0; n < SENDS; n++) {
            assert_true(c->fates[n] != CONFIRMED || c->bus_count[n] == 1);
        }
    }
}

/* Nothing is lost where nothing breaks. */
static void check_all(const struct world *w)
{
    assert_int_equal(w->downs, 0);
    assert_int_equal(w->failed, 0);
    assert_int_equal(w->on_bus, CLIENTS * SENDS);
    for (unsigned i = 0; i < CLIENTS; i++) {
        assert_int_equal(w->clients[i].n_heard, (CLIENTS - 1) * SENDS);
    }
}

static void run_seed(const struct scenario *scenario, uint64_t seed, unsigned *downs)
{
    struct world w;
    print_message("# seed %llu\n", (unsigned long long)seed);
    begin(&w, scenario, seed);
    bas_time limit = w.now + TIME_LIMIT;
    while (!is_done(&w) && w.now < limit) {
        run(&w, w.now + BAS_SECOND);
    }
    run(&w, w.now + 200 * BAS_SECOND); /* heartbeats, keepalives, and what is still on its way */
    check(&w);
    if (scenario->breaks_per_mille == 0 && scenario->loss_per_mille == 0) {
        check_all(&w);
    }
    *downs += w.downs;
    end(&w);
}

static unsigned run_scenario(const struct scenario *scenario)
{
    const char *one = getenv("BAS_SEED");
    unsigned downs = 0;
    if (one != NULL) {
        run_seed(scenario, strtoull(one, NULL, 0), &downs);
        return downs;
    }
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        run_seed(scenario, seed, &downs);
    }
    return downs;
}

static void over_tcp_every_telegram_arrives_in_order(void **state)
{
    (void)state;
    (void)run_scenario(&(struct scenario){ .transport = KNX_TCP });
}

static void in_secure_sessions_every_telegram_arrives_in_order(void **state)
{
    (void)state;
    (void)run_scenario(&(struct scenario){ .transport = KNX_TCP, .is_secure = true });
}

static void over_udp_that_loses_nothing_every_telegram_arrives_in_order(void **state)
{
    (void)state;
    (void)run_scenario(&(struct scenario){ .transport = KNX_UDP });
}

static void sessions_that_break_lose_no_request_in_silence(void **state)
{
    (void)state;
    const struct scenario scenario = { .transport = KNX_TCP,
                                       .is_secure = true,
                                       .breaks_per_mille = 10 };
    assert_true(run_scenario(&scenario) != 0);
}

static void over_udp_that_loses_and_doubles_nothing_is_heard_twice(void **state)
{
    (void)state;
    const struct scenario scenario = { .transport = KNX_UDP, .loss_per_mille = 100 };
    assert_true(run_scenario(&scenario) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(over_tcp_every_telegram_arrives_in_order),
        cmocka_unit_test(in_secure_sessions_every_telegram_arrives_in_order),
        cmocka_unit_test(over_udp_that_loses_nothing_every_telegram_arrives_in_order),
        cmocka_unit_test(sessions_that_break_lose_no_request_in_silence),
        cmocka_unit_test(over_udp_that_loses_and_doubles_nothing_is_heard_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
