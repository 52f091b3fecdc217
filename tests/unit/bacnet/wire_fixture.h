/*
 * A client and servers on a wire that loses, doubles and delays, under virtual time. The servers
 * answer service 200 from a program: a request names the length of its answer, and both can be told
 * from all others, octet for octet.
 */
#ifndef BASALT_TEST_WIRE_FIXTURE_H
#define BASALT_TEST_WIRE_FIXTURE_H

#include "test_env.h"

#include "basalt/bacnet_client.h"
#include "basalt/bacnet_server.h"

#include <string.h>

enum { ECHO = 200, SERVERS = 3, MOST_ON_WIRE = 4096, LONGEST = 20000, NUMBERS = 1 << 16 };

struct on_wire {
    bas_time at;
    struct bac_address from, to;
    struct bas_frame *frame;
};

/* What became of the request of that number. */
struct echo {
    uint16_t ask, answer; /* octets */
    uint8_t executed, events;
    enum bac_client_event_kind kind;
    uint8_t reason;
};

struct wire {
    struct test_env t;
    bas_time now;
    struct bac_client *client;
    struct bac_server *servers[SERVERS];
    struct on_wire waiting[MOST_ON_WIRE];
    size_t n, carried;
    unsigned loss, twice; /* of 1024 */
    bas_time jitter;      /* at most, above a millisecond */
    struct echo echoes[NUMBERS];
    uint32_t asked, ended, acked;
    uint16_t announced; /* what the servers know of the client's I-Am */
};

static inline struct bac_address wire_server(unsigned i)
{
    return (struct bac_address){ 0, 6, { 0xA2, 0, 0, 0, 1, (uint8_t)i } };
}

static const struct bac_address WIRE_CLIENT = { 0, 6, { 0xA2, 0, 0, 0, 0, 7 } };

static inline uint32_t wire_dice(struct wire *w, uint32_t sides)
{
    uint8_t octets[4];
    w->t.env.random(&w->t, octets, 4);
    return (uint32_t)(octets[0] << 16 | octets[1] << 8 | octets[2]) % sides;
}

/* Octet i of request or answer number n. */
static inline uint8_t wire_octet(uint32_t number, size_t i, bool is_answer)
{
    return (uint8_t)((number + i + is_answer) * 2654435761U >> 13);
}

static inline bas_err wire_echo(void *ctx, const struct bac_hook_request *request,
                                struct bas_buf *out, struct bas_fault *fault)
{
    struct wire *w = ctx;
    (void)fault;
    struct bas_slice p = request->parameters;
    assert_true(p.len >= 4);
    uint32_t number = (uint32_t)(p.data[0] << 8 | p.data[1]);
    struct echo *e = &w->echoes[number];
    assert_int_equal(p.len, e->ask);
    assert_int_equal(p.data[2] << 8 | p.data[3], e->answer);
    for (size_t i = 4; i < p.len; i++) {
        assert_int_equal(p.data[i], wire_octet(number, i, false));
    }
    e->executed++;
    for (size_t i = 0; i < e->answer; i++) {
        uint8_t octet = wire_octet(number, i, true);
        bas_buf_add(out, &octet, 1);
    }
    return BAS_OK;
}

/* Whether there was memory for all. */
static inline bool wire_open(struct wire *w, const struct bac_client_config *client,
                             const struct bac_server_config *server, size_t fail_at)
{
    memset(w, 0, sizeof(*w));
    test_env_init(&w->t);
    w->t.fail_at = fail_at;
    w->now = 1000 * BAS_SECOND;
    const struct bac_service_hook hook = { ECHO, true, wire_echo, w };
    struct bac_server_config config = { 0 };
    if (server != NULL) {
        config = *server;
    }
    config.size = sizeof(config);
    config.object_size = sizeof(struct bac_object_config);
    config.name = "Device";
    config.instance = 1;
    config.hooks = &hook;
    config.n_hooks = 1;
    w->client = bac_client_new(&w->t.env, client);
    bool is_open = w->client != NULL;
    for (unsigned i = 0; i < SERVERS; i++) {
        w->servers[i] = bac_server_new(&w->t.env, &config, NULL);
        is_open = is_open && w->servers[i] != NULL;
    }
    return is_open;
}

static inline void wire_close(struct wire *w)
{
    for (size_t i = 0; i < w->n; i++) {
        bas_frame_unref(w->waiting[i].frame);
    }
    bac_client_free(w->client);
    for (unsigned i = 0; i < SERVERS; i++) {
        bac_server_free(w->servers[i]);
    }
    test_env_check(&w->t);
}

static inline void wire_put(struct wire *w, const struct bac_address *from,
                            const struct bac_apdu_tx *tx)
{
    w->carried++;
    unsigned copies = wire_dice(w, 1024) < w->loss ? 0 : wire_dice(w, 1024) < w->twice ? 2 : 1;
    while (copies-- > 0) {
        assert_true(w->n < MOST_ON_WIRE);
        bas_time delay = w->jitter != 0 ? wire_dice(w, (uint32_t)w->jitter) : 0;
        w->waiting[w->n++] = (struct on_wire){ w->now + BAS_MILLISECOND + delay, *from, tx->to,
                                               bas_frame_ref(tx->frame) };
    }
    bas_frame_unref(tx->frame);
}

static inline void wire_take_events(struct wire *w)
{
    struct bac_client_event e;
    while (bac_client_next_event(w->client, &e)) {
        uint32_t number = (uint32_t)(uintptr_t)e.user;
        struct echo *echo = &w->echoes[number];
        echo->events++;
        echo->kind = e.kind;
        echo->reason = e.reason;
        w->ended++;
        if (e.kind == BAC_CLIENT_ACK) {
            w->acked++;
            assert_int_equal(e.body.len, echo->answer);
            for (size_t i = 0; i < e.body.len; i++) {
                assert_int_equal(e.body.data[i], wire_octet(number, i, true));
            }
        }
    }
}

static inline void wire_send_all(struct wire *w)
{
    struct bac_apdu_tx tx;
    while (bac_client_next_tx(w->client, &tx)) {
        wire_put(w, &WIRE_CLIENT, &tx);
    }
    for (unsigned i = 0; i < SERVERS; i++) {
        const struct bac_address from = wire_server(i);
        while (bac_server_next_tx(w->servers[i], &tx)) {
            wire_put(w, &from, &tx);
        }
    }
}

static inline void wire_arrive(struct wire *w, const struct on_wire *a)
{
    struct bas_slice apdu = bas_frame_slice(a->frame);
    if (bac_address_equal(&a->to, &WIRE_CLIENT)) {
        assert_int_equal(bac_client_recv(w->client, &a->from, 0, apdu, w->now), BAS_OK);
        wire_take_events(w);
        return;
    }
    struct bac_net_event event = {
        .kind = BAC_NET_APDU, .source = a->from, .apdu = apdu, .max_apdu = w->announced
    };
    unsigned i = a->to.mac[5];
    assert_true(i < SERVERS);
    (void)bac_server_recv(w->servers[i], &event, UINT16_MAX, w->now);
}

static inline bas_time wire_next(const struct wire *w, size_t *first)
{
    bas_time next = BAS_NEVER;
    *first = w->n;
    for (size_t i = 0; i < w->n; i++) {
        if (w->waiting[i].at < next) {
            next = w->waiting[i].at;
            *first = i;
        }
    }
    return next;
}

/* Lets time pass until that many requests are under way at most. */
static inline void wire_run(struct wire *w, uint32_t open)
{
    for (;;) {
        wire_send_all(w);
        if (w->asked - w->ended <= open && (open != 0 || w->n == 0)) {
            return;
        }
        size_t first;
        bas_time arrival = wire_next(w, &first);
        bas_time timer = bac_client_deadline(w->client);
        for (unsigned i = 0; i < SERVERS; i++) {
            bas_time of_server = bac_server_deadline(w->servers[i]);
            timer = of_server < timer ? of_server : timer;
        }
        if (arrival <= timer && first < w->n) {
            struct on_wire a = w->waiting[first];
            w->n--;
            memmove(&w->waiting[first], &w->waiting[first + 1], (w->n - first) * sizeof(a));
            w->now = arrival;
            wire_arrive(w, &a);
            bas_frame_unref(a.frame);
            continue;
        }
        assert_true(timer != BAS_NEVER);
        w->now = timer > w->now ? timer : w->now;
        bac_client_tick(w->client, w->now);
        wire_take_events(w);
        for (unsigned i = 0; i < SERVERS; i++) {
            bac_server_tick(w->servers[i], w->now);
        }
    }
}

/* Asks that server with so many octets, at least 4, for an answer of so many. */
static inline bas_err wire_ask(struct wire *w, unsigned server, size_t ask, size_t answer,
                               uint16_t max_apdu)
{
    static uint8_t octets[LONGEST];
    uint32_t number = w->asked;
    assert_true(number < NUMBERS && ask >= 4 && ask <= LONGEST);
    octets[0] = (uint8_t)(number >> 8);
    octets[1] = (uint8_t)number;
    octets[2] = (uint8_t)(answer >> 8);
    octets[3] = (uint8_t)answer;
    for (size_t i = 4; i < ask; i++) {
        octets[i] = wire_octet(number, i, false);
    }
    w->echoes[number] = (struct echo){ .ask = (uint16_t)ask, .answer = (uint16_t)answer };
    const struct bac_call call = { .to = wire_server(server),
                                   .service = ECHO,
                                   .parameters = { octets, ask },
                                   .max_apdu = max_apdu,
                                   .user = (void *)(uintptr_t)number };
    bac_request_id id;
    bas_err err = bac_client_request(w->client, &call, w->now, &id);
    w->asked += err == BAS_OK;
    return err;
}

#endif
