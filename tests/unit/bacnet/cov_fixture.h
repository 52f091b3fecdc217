/* A device with subscribers: what leaves for them, and when. For tests of change of value. */
#ifndef BASALT_TEST_COV_FIXTURE_H
#define BASALT_TEST_COV_FIXTURE_H

#include "server_fixture.h"

/* An answer or a notification: exactly these octets, next. */
static inline void expect_tx(struct fixture *f, const char *want)
{
    struct bac_apdu_tx tx;
    struct bas_slice octets = test_hex(want);
    if (!bac_server_next_tx(f->server, &tx)) {
        fail_msg("nothing left instead of %s", want);
    }
    struct bas_slice got = bas_frame_slice(tx.frame);
    char text[3200];
    struct bas_buf b;
    bas_buf_init(&b, text, sizeof(text));
    bas_buf_add_hex(&b, got);
    if (got.len != octets.len || memcmp(got.data, octets.data, octets.len) != 0) {
        fail_msg("%s\n  left instead of %s", bas_buf_text(&b), want);
    }
    assert_true(bac_address_equal(&tx.to, &f->from));
    assert_int_equal(tx.frame->start, BAS_HEADROOM);
    assert_false(tx.expecting_reply);
    bas_frame_unref(tx.frame);
}

static inline void expect_quiet(struct fixture *f)
{
    struct bac_apdu_tx tx;
    struct bac_server_call call;
    assert_false(bac_server_next_tx(f->server, &tx));
    assert_false(bac_server_next_call(f->server, &call));
}

/* A confirmed notification with these parameters; its id. */
static inline uint32_t expect_call(struct fixture *f, uint8_t service, const char *want)
{
    struct bac_server_call call;
    struct bas_slice octets = test_hex(want);
    if (!bac_server_next_call(f->server, &call)) {
        fail_msg("no call instead of %s", want);
    }
    char text[3200];
    struct bas_buf b;
    bas_buf_init(&b, text, sizeof(text));
    bas_buf_add_hex(&b, call.parameters);
    if (call.parameters.len != octets.len ||
        memcmp(call.parameters.data, octets.data, octets.len) != 0) {
        fail_msg("%s\n  was called instead of %s", bas_buf_text(&b), want);
    }
    assert_int_equal(call.service, service);
    assert_true(bac_address_equal(&call.to, &f->from));
    assert_true(call.id != 0);
    return call.id;
}

/* A request and its answer; what follows waits. */
static inline void ask(struct fixture *f, const char *request, const char *answer)
{
    (void)fixture_send(f, test_hex(request));
    expect_tx(f, answer);
}

static inline void tick_at(struct fixture *f, bas_time now)
{
    f->now = now;
    bac_server_tick(f->server, now);
}

static inline void set_real(struct fixture *f, struct bac_object_id id, float real)
{
    struct bac_value value = { .tag = BAC_TAG_REAL, .as.real = real };
    assert_int_equal(bac_server_set(f->server, id, &value, 0), BAS_OK);
}

#endif
