/* Strangers at a listener: floods, silence, garbage, handshakes that are given up. What they cost
 * is bounded, each is counted, and their neighbours go on. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "link_fixture.h"
#include "test_folder.h"

#include <stdio.h>
#include <string.h>

enum { CROWD = 40 };

static const char *const stranger = "127.0.0.66";

static void listen_with(struct fixture *f, uint32_t half_open, uint32_t share)
{
    struct bas_fault fault = { 0 };
    const struct listener_config config = { .link = f->config,
                                            .bind = "127.0.0.1:0",
                                            .max_links = RT_ENDS,
                                            .max_half_open = half_open,
                                            .half_open_share = share };
    f->listener = listener_new(&config, &fault);
    assert_non_null(f->listener);
}

static const struct listener_counters *counters(const struct fixture *f)
{
    return listener_counters(f->listener);
}

static void connect_from(struct fixture *f, struct rt_peer *peers, unsigned n,
                         const struct rt_peer_config *config)
{
    for (unsigned i = 0; i < n; i++) {
        rt_peer_connect(&f->w, &peers[i], config, listener_address(f->listener));
    }
}

/* Every connection that was accepted is open or was counted once for what became of it. */
static void all_are_counted(const struct fixture *f, uint64_t being_set_up)
{
    const struct listener_counters *c = counters(f);
    uint64_t sum = being_set_up;
#define ADD(member, name, help) sum += c->member;
    LISTENER_COUNTERS(ADD)
#undef ADD
    assert_int_equal(sum - c->accepted, c->accepted);
}

static void until(struct fixture *f, const uint64_t *counter, uint64_t least)
{
    rt_until_count(&f->w, counter, least);
}

/* Places. */

static void a_stranger_who_took_all_places_gives_way(void **state)
{
    (void)state;
    struct fixture f;
    struct rt_peer crowd[8];
    const struct rt_peer_config silent = { .level = RT_TCP, .from = stranger };
    const struct rt_peer_config good = { .level = RT_WS };
    fixture_begin(&f);
    listen_with(&f, 8, 2);
    connect_from(&f, crowd, 8, &silent);
    until(&f, &counters(&f)->accepted, 8);
    assert_int_equal(counters(&f)->refused_half_open, 0); /* places were free */
    rt_peer_connect(&f.w, &f.peer, &good, listener_address(f.listener));
    rt_peer_ready(&f.peer);
    assert_int_equal(counters(&f)->evicted, 1);
    rt_until(&f.w, &crowd[0].ended, 1); /* the oldest */
    for (unsigned i = 1; i < 8; i++) {
        assert_int_equal(crowd[i].ended, 0);
    }
    assert_int_equal(f.owner.closed, 0); /* its owner never heard of it */
    all_are_counted(&f, 7);
    fixture_end(&f);
}

static void a_stranger_with_all_places_gets_no_more_but_the_next_one_does(void **state)
{
    (void)state;
    struct fixture f;
    struct rt_peer crowd[12];
    const struct rt_peer_config silent = { .level = RT_TCP, .from = stranger };
    const struct rt_peer_config good = { .level = RT_WS };
    fixture_begin(&f);
    listen_with(&f, 8, 2);
    connect_from(&f, crowd, 12, &silent);
    until(&f, &counters(&f)->refused_address, 4);
    for (unsigned i = 0; i < 5; i++) { /* each one as soon as it comes */
        struct rt_peer *peer = i == 0 ? &f.peer : &crowd[7 + i];
        if (i != 0) {
            rt_until(&f.w, &peer->ended, 1);
            rt_turns(&f.w, 2);
        }
        rt_peer_connect(&f.w, peer, &good, listener_address(f.listener));
        rt_peer_ready(peer);
    }
    assert_int_equal(counters(&f)->evicted, 1); /* one place is enough for all, one by one */
    assert_int_equal(f.owner.opened, 5);
    all_are_counted(&f, 7);
    fixture_end(&f);
}

static void many_strangers_with_no_more_than_their_share_keep_their_places(void **state)
{
    (void)state;
    struct fixture f;
    struct rt_peer crowd[4];
    const struct rt_peer_config good = { .level = RT_WS };
    fixture_begin(&f);
    listen_with(&f, 4, 1);
    for (unsigned i = 0; i < 4; i++) {
        char from[16];
        (void)snprintf(from, sizeof(from), "127.0.0.%u", 70 + i);
        const struct rt_peer_config silent = { .level = RT_TCP, .from = from };
        connect_from(&f, &crowd[i], 1, &silent);
    }
    until(&f, &counters(&f)->accepted, 4);
    rt_peer_connect(&f.w, &f.peer, &good, listener_address(f.listener));
    rt_until(&f.w, &f.peer.ended, 1);
    assert_int_equal(counters(&f)->refused_half_open, 1);
    rt_peer_end(&crowd[2]); /* a place is free again */
    until(&f, &counters(&f)->abandoned, 1);
    rt_peer_connect(&f.w, &f.peer, &good, listener_address(f.listener));
    rt_peer_ready(&f.peer);
    all_are_counted(&f, 3);
    fixture_end(&f);
}

/* Each end has its counter. */

static void says(struct rt_peer *peer, const char *what)
{
    rt_peer_seal(peer, (struct bas_slice){ (const uint8_t *)what, strlen(what) });
}

static void sends_garbage(struct rt_peer *peer)
{
    static const uint8_t garbage[64] = { 0x47, 0xFF };
    rt_peer_write(peer, (struct bas_slice){ garbage, sizeof(garbage) });
}

static void asks_wrongly(struct rt_peer *peer)
{
    says(peer, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
}

static void is_late(struct rt_peer *peer)
{
    assert_int_equal(rt_hasten_all(peer->world), 1);
}

static void what_becomes_of_a_connection_is_counted_once(void **state)
{
    (void)state;
    static const struct {
        enum rt_level level;
        void (*act)(struct rt_peer *peer);
        size_t counter;
    } rows[] = {
        { RT_TCP, rt_peer_end, offsetof(struct listener_counters, abandoned) },
        { RT_TCP, rt_peer_finish, offsetof(struct listener_counters, abandoned) },
        { RT_TCP, rt_peer_reset, offsetof(struct listener_counters, abandoned) },
        { RT_TLS, rt_peer_end, offsetof(struct listener_counters, abandoned) },
        { RT_TLS, rt_peer_notify, offsetof(struct listener_counters, abandoned) },
        { RT_TCP, sends_garbage, offsetof(struct listener_counters, failed_tls) },
        { RT_TLS, asks_wrongly, offsetof(struct listener_counters, failed_upgrade) },
        { RT_TCP, is_late, offsetof(struct listener_counters, timed_out) },
        { RT_TLS, is_late, offsetof(struct listener_counters, timed_out) },
        { RT_WS, rt_peer_end, offsetof(struct listener_counters, opened) },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct fixture f;
        const struct rt_peer_config config = { .level = rows[i].level };
        fixture_begin(&f);
        listen_with(&f, 8, 8);
        rt_peer_connect(&f.w, &f.peer, &config, listener_address(f.listener));
        rt_peer_ready(&f.peer);
        rt_turns(&f.w, 3);
        rows[i].act(&f.peer);
        const char *at = (const char *)counters(&f) + rows[i].counter;
        until(&f, (const uint64_t *)(const void *)at, 1);
        all_are_counted(&f, 0);
        fixture_end(&f);
    }
}

/* Neighbours. */

enum { WAVES = 3, PLACES = 16, MESSAGES = 100 };

static void gives_up(struct rt_peer *peer)
{
    rt_peer_end(peer);
}

static void breaks_off(struct rt_peer *peer)
{
    rt_peer_reset(peer);
}

static void stays(struct rt_peer *peer)
{
    (void)peer;
}

/* One octet of a request that never ends, now and then. */
static void drips(struct rt_peer *peer)
{
    says(peer, "G");
}

/* As much as it may of a request that never ends. */
static void pours(struct rt_peer *peer)
{
    char line[1001];
    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = 0;
    says(peer, line);
}

static void acts_if_there(struct rt_peer *peer, void (*act)(struct rt_peer *peer))
{
    bool is_there = peer->config.level == RT_TCP ? peer->connected != 0 : peer->secured != 0;
    if (is_there && peer->ended == 0 && !uv_is_closing((uv_handle_t *)&peer->tcp)) {
        act(peer);
    }
}

/* Crowds come in waves, and a neighbour has a message answered at every step. */
static void neighbours_go_on(enum rt_level level, void (*act)(struct rt_peer *peer))
{
    struct fixture f;
    struct rt_peer other;
    static struct rt_peer crowd[WAVES * CROWD];
    const struct rt_peer_config bad = { .level = level, .from = stranger };
    const struct rt_peer_config good = { .level = RT_WS };
    fixture_begin(&f);
    f.owner.is_strict = true;
    listen_with(&f, PLACES, 2);
    rt_peer_connect(&f.w, &f.peer, &good, listener_address(f.listener));
    rt_peer_ready(&f.peer);
    size_t live = f.w.t.live;
    size_t most = live;
    for (uint32_t tag = 0; tag < WAVES * MESSAGES; tag++) {
        if (tag % MESSAGES == 0) {
            connect_from(&f, &crowd[tag / MESSAGES * CROWD], CROWD, &bad);
        }
        rt_peer_send(&f.peer, rt_npdu(1, tag, 500));
        rt_until(&f.w, &f.owner.ends[0].messages, tag + 1);
        for (unsigned i = 0; i < (tag / MESSAGES + 1) * CROWD; i++) {
            acts_if_there(&crowd[i], act);
        }
        most = f.w.t.live > most ? f.w.t.live : most;
    }
    until(&f, &counters(&f)->accepted, WAVES * CROWD + 1);
    rt_peer_connect(&f.w, &other, &good, listener_address(f.listener)); /* and others may come */
    rt_peer_ready(&other);
    rt_peer_send(&other, rt_npdu(1, 0, 10));
    rt_until(&f.w, &f.owner.ends[1].messages, 1);
    print_message("# %zu octets for each of %d places at most\n", (most - live) / PLACES, PLACES);
    assert_true(most < live + PLACES * 24 * 1024);
    fixture_end(&f);
}

static void neighbours_of_a_silent_crowd_go_on(void **state)
{
    (void)state;
    neighbours_go_on(RT_TCP, stays);
}

static void neighbours_of_garbage_go_on(void **state)
{
    (void)state;
    neighbours_go_on(RT_TCP, sends_garbage);
}

static void neighbours_of_connections_that_are_given_up_go_on(void **state)
{
    (void)state;
    neighbours_go_on(RT_TCP, breaks_off);
}

static void neighbours_of_handshakes_that_are_given_up_go_on(void **state)
{
    (void)state;
    neighbours_go_on(RT_TLS, gives_up);
}

static void neighbours_of_requests_that_drip_go_on(void **state)
{
    (void)state;
    neighbours_go_on(RT_TLS, drips);
}

static void neighbours_of_requests_that_pour_go_on(void **state)
{
    (void)state;
    neighbours_go_on(RT_TLS, pours);
}

/* Time. */

/* What drips does not win time by it. */
static void a_request_that_drips_ends_with_the_set_up_time(void **state)
{
    (void)state;
    struct fixture f;
    const struct rt_peer_config config = { .level = RT_TLS };
    fixture_begin(&f);
    f.config.setup_ms = 100;
    listen_with(&f, 8, 8);
    rt_peer_connect(&f.w, &f.peer, &config, listener_address(f.listener));
    rt_peer_ready(&f.peer);
    for (unsigned i = 0; f.owner.closed == 0; i++) {
        if (i < 4000) { /* fewer octets than a request may have */
            acts_if_there(&f.peer, drips);
        }
        (void)uv_run(&f.w.loop->uv, UV_RUN_ONCE);
    }
    assert_int_equal(counters(&f)->timed_out, 1);
    assert_int_equal(f.owner.why.err, BAS_ERR_TIMEOUT);
    fixture_end(&f);
}

/* Half an end: what was asked before it is still answered. */
static void a_request_with_the_end_right_behind_it_is_answered(void **state)
{
    (void)state;
    struct fixture f;
    const struct rt_peer_config config = { .level = RT_TLS };
    fixture_begin(&f);
    listen_with(&f, 8, 8);
    rt_peer_connect(&f.w, &f.peer, &config, listener_address(f.listener));
    rt_peer_ready(&f.peer);
    says(&f.peer, "GET / HTTP/1.1\r\nHost: hub\r\n\r\n");
    rt_peer_finish(&f.peer);
    rt_until(&f.w, &f.peer.ended, 1);
    assert_memory_equal(f.peer.last, "HTTP/1.1 426 ", 13);
    assert_int_equal(counters(&f)->failed_upgrade, 1);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stranger_who_took_all_places_gives_way),
        cmocka_unit_test(a_stranger_with_all_places_gets_no_more_but_the_next_one_does),
        cmocka_unit_test(many_strangers_with_no_more_than_their_share_keep_their_places),
        cmocka_unit_test(what_becomes_of_a_connection_is_counted_once),
        cmocka_unit_test(neighbours_of_a_silent_crowd_go_on),
        cmocka_unit_test(neighbours_of_garbage_go_on),
        cmocka_unit_test(neighbours_of_connections_that_are_given_up_go_on),
        cmocka_unit_test(neighbours_of_handshakes_that_are_given_up_go_on),
        cmocka_unit_test(neighbours_of_requests_that_drip_go_on),
        cmocka_unit_test(neighbours_of_requests_that_pour_go_on),
        cmocka_unit_test(a_request_that_drips_ends_with_the_set_up_time),
        cmocka_unit_test(a_request_with_the_end_right_behind_it_is_answered),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
