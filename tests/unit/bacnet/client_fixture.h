/* A client under virtual time, and the wire on both sides of it. */
#ifndef BASALT_TEST_CLIENT_FIXTURE_H
#define BASALT_TEST_CLIENT_FIXTURE_H

#include "test_env.h"

#include "basalt/bacnet_client.h"

#include <string.h>

/* The first two octets of a request in one piece that can be answered with 32 segments of 1476. */
#define ONE_PIECE "02 55"

enum { READ = BAC_CONFIRMED_READ_PROPERTY, WRITE = BAC_CONFIRMED_WRITE_PROPERTY };

struct user {
    struct test_env t;
    struct bac_client *client;
    bas_time now;
    uint8_t invoke_id; /* of the request that expect_request saw last */
};

static const struct bac_address PEER = { 0, 6, { 0xA2, 0, 0, 0, 0, 1 } };

static const struct bac_address OTHER = { 0, 6, { 0xA2, 0, 0, 0, 0, 2 } };

static const struct bac_address REMOTE = { 2002, 1, { 0x0C } };

static inline void open_user(struct user *u, const struct bac_client_config *config)
{
    memset(u, 0, sizeof(*u));
    test_env_init(&u->t);
    u->now = 1000 * BAS_SECOND;
    u->client = bac_client_new(&u->t.env, config);
    assert_non_null(u->client);
}

static inline void close_user(struct user *u)
{
    bac_client_free(u->client);
    test_env_check(&u->t);
}

static inline struct bac_call call_to(const struct bac_address *to, uint8_t service,
                                      struct bas_slice parameters, uint16_t max_apdu)
{
    return (struct bac_call){
        .to = *to, .service = service, .parameters = parameters, .max_apdu = max_apdu
    };
}

static inline bas_err request(struct user *u, const struct bac_address *to, uint8_t service,
                              const char *parameters, bac_request_id *id)
{
    struct bac_call call = call_to(to, service, test_hex(parameters), 1476);
    call.user = u;
    return bac_client_request(u->client, &call, u->now, id);
}

/* A request leaves: its bytes without the invoke id, which is noted. */
static inline void expect_request(struct user *u, const char *before, const char *after)
{
    struct bac_apdu_tx tx;
    assert_true(bac_client_next_tx(u->client, &tx));
    struct bas_slice got = bas_frame_slice(tx.frame);
    struct bas_slice head = test_hex(before);
    struct bas_slice tail = test_hex(after);
    assert_int_equal(got.len, head.len + 1 + tail.len);
    assert_memory_equal(got.data, head.data, head.len);
    assert_memory_equal(got.data + head.len + 1, tail.data, tail.len);
    assert_true(tx.frame->start >= BAS_HEADROOM);
    u->invoke_id = got.data[head.len];
    bas_frame_unref(tx.frame);
}

static inline void expect_no_tx(struct user *u)
{
    struct bac_apdu_tx tx;
    assert_false(bac_client_next_tx(u->client, &tx));
}

static inline size_t drain_tx(struct user *u)
{
    struct bac_apdu_tx tx;
    size_t n = 0;
    for (; bac_client_next_tx(u->client, &tx); n++) {
        bas_frame_unref(tx.frame);
    }
    return n;
}

static inline bas_err answer_from(struct user *u, const struct bac_address *from, bac_port_id port,
                                  const char *before, const char *after)
{
    struct bas_slice head = test_hex(before);
    struct bas_slice tail = test_hex(after);
    uint8_t octets[64] = { 0 };
    memcpy(octets, head.data, head.len);
    octets[head.len] = u->invoke_id;
    memcpy(octets + head.len + 1, tail.data, tail.len);
    static uint8_t heard[64]; /* events borrow it */
    memcpy(heard, octets, sizeof(heard));
    struct bas_slice apdu = { heard, head.len + 1 + tail.len };
    return bac_client_recv(u->client, from, port, apdu, u->now);
}

static inline void answer(struct user *u, const char *before, const char *after)
{
    assert_int_equal(answer_from(u, &PEER, 0, before, after), BAS_OK);
}

static inline struct bac_client_event expect_event(struct user *u, enum bac_client_event_kind kind,
                                                   bac_request_id id)
{
    struct bac_client_event e;
    assert_true(bac_client_next_event(u->client, &e));
    assert_int_equal(e.kind, kind);
    assert_int_equal(e.id, id);
    assert_ptr_equal(e.user, u);
    return e;
}

static inline void expect_no_event(struct user *u)
{
    struct bac_client_event e;
    assert_false(bac_client_next_event(u->client, &e));
}

static inline bac_request_id ask(struct user *u)
{
    bac_request_id id = 0;
    assert_int_equal(request(u, &PEER, READ, "0C 02 00 00 01 19 55", &id), BAS_OK);
    assert_int_not_equal(id, 0);
    expect_request(u, ONE_PIECE, "0C 0C 02 00 00 01 19 55");
    return id;
}

#endif
