/* The routing engine, plain and secured, with virtual time; routing/flow.c and routing/replay.c
 * with it. */
#include "test_env.h"

#include "basalt/knx_routing.h"

#include "knx/routing/flow.h"
#include "knx/routing/replay.h"

#include <stdlib.h>
#include <string.h>

static const char telegram[] = "2900bcd011590ade010081";
static const char indication[] = "0610053000112900bcd011590ade010081";
static const struct knx_key backbone = { { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 } };

struct world {
    struct test_env env;
    struct knx_routing *here;
    struct knx_routing *there; /* secure worlds only */
    bas_time now;
};

static struct knx_routing *engine_of(struct world *w, uint8_t serial, bool is_secure)
{
    const struct knx_routing_config config = {
        .size = sizeof(config),
        .is_secure = is_secure,
        .backbone_key = backbone,
        .serial = { 0, 0xFA, 0, 0, 0, serial },
        .queue = 4,
    };
    struct knx_routing *engine = knx_routing_new(&w->env.env, &config, w->now);
    assert_non_null(engine);
    return engine;
}

static struct knx_routing_event next_event(struct knx_routing *engine,
                                           enum knx_routing_event_kind kind)
{
    struct knx_routing_event event;
    assert_true(knx_routing_next_event(engine, &event));
    assert_int_equal(event.kind, kind);
    return event;
}

static void assert_no_event(struct knx_routing *engine)
{
    struct knx_routing_event event;
    assert_false(knx_routing_next_event(engine, &event));
}

static void drain(struct knx_routing *engine)
{
    struct knx_routing_event event;
    while (knx_routing_next_event(engine, &event)) {
    }
}

/* Everything that the engine sends now, counted; the last one stays in frame. */
static unsigned frames(struct knx_routing *engine, bas_time now, struct bas_slice *frame)
{
    unsigned n = 0;
    while (knx_routing_next_frame(engine, now, frame)) {
        assert_true(++n < 100);
    }
    return n;
}

static int make_plain(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    test_env_init(&w->env);
    w->now = 1000 * BAS_SECOND;
    w->here = engine_of(w, 1, false);
    drain(w->here);
    *state = w;
    return 0;
}

/* Two that have waited until their timers are authentic. */
static int make_secure(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    test_env_init(&w->env);
    w->now = 1000 * BAS_SECOND;
    w->here = engine_of(w, 1, true);
    w->there = engine_of(w, 2, true);
    struct bas_slice frame;
    assert_int_equal(frames(w->here, w->now, &frame), 1);
    assert_int_equal(frames(w->there, w->now, &frame), 1);
    w->now += 7 * BAS_SECOND;
    knx_routing_tick(w->here, w->now);
    knx_routing_tick(w->there, w->now);
    (void)next_event(w->here, KNX_ROUTING_EVENT_READY);
    (void)next_event(w->there, KNX_ROUTING_EVENT_READY);
    drain(w->here);
    drain(w->there);
    *state = w;
    return 0;
}

static int drop_world(void **state)
{
    struct world *w = *state;
    knx_routing_free(w->here);
    knx_routing_free(w->there);
    test_env_check(&w->env);
    free(w);
    return 0;
}

static void receive(struct knx_routing *engine, const char *hex, bas_time now)
{
    knx_routing_recv(engine, test_hex(hex), now);
}

static void assert_drops(struct knx_routing *engine, struct bas_slice datagram, bas_time now,
                         enum knx_routing_drop why)
{
    uint64_t before[KNX_ROUTING_DROPS];
    for (unsigned i = 0; i < KNX_ROUTING_DROPS; i++) {
        before[i] = knx_routing_drops(engine, (enum knx_routing_drop)i);
    }
    knx_routing_recv(engine, datagram, now);
    for (unsigned i = 0; i < KNX_ROUTING_DROPS; i++) {
        uint64_t counted = knx_routing_drops(engine, (enum knx_routing_drop)i) - before[i];
        assert_int_equal(counted, i == (unsigned)why ? 1 : 0);
    }
    assert_no_event(engine);
}

static void assert_telegram(struct knx_routing *engine)
{
    struct knx_routing_event event = next_event(engine, KNX_ROUTING_EVENT_TELEGRAM);
    struct bas_slice wanted = test_hex(telegram);
    assert_int_equal(event.cemi.len, wanted.len);
    assert_memory_equal(event.cemi.data, wanted.data, wanted.len);
    assert_no_event(engine);
}

/* Plain */

static void a_plain_engine_is_ready_at_once(void **state)
{
    struct world *w = *state;
    struct knx_routing *engine = engine_of(w, 9, false);
    (void)next_event(engine, KNX_ROUTING_EVENT_READY);
    assert_no_event(engine);
    assert_true(knx_routing_deadline(engine) == BAS_NEVER);
    assert_int_equal(knx_routing_timer(engine, w->now), 0);
    knx_routing_free(engine);
}

static void a_telegram_is_an_indication_both_ways(void **state)
{
    struct world *w = *state;
    assert_int_equal(knx_routing_send(w->here, test_hex(telegram)), BAS_OK);
    assert_true(knx_routing_deadline(w->here) <= w->now);
    struct bas_slice frame;
    assert_int_equal(frames(w->here, w->now, &frame), 1);
    struct bas_slice wanted = test_hex(indication);
    assert_int_equal(frame.len, wanted.len);
    assert_memory_equal(frame.data, wanted.data, wanted.len);
    assert_true(knx_routing_deadline(w->here) == BAS_NEVER);
    receive(w->here, indication, w->now);
    assert_telegram(w->here);
}

static void only_an_indication_is_taken_for_sending(void **state)
{
    struct world *w = *state;
    assert_int_equal(knx_routing_send(w->here, test_hex("1100bcd011590ade010081")),
                     BAS_ERR_INVALID);
    assert_int_equal(knx_routing_send(w->here, test_hex("2900bcd011590ade0100")),
                     BAS_ERR_TRUNCATED);
    struct bas_slice frame;
    assert_int_equal(frames(w->here, w->now, &frame), 0);
}

static void a_full_queue_is_busy(void **state)
{
    struct world *w = *state;
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(knx_routing_send(w->here, test_hex(telegram)), BAS_OK);
    }
    assert_int_equal(knx_routing_send(w->here, test_hex(telegram)), BAS_ERR_BUSY);
    struct bas_slice frame;
    assert_int_equal(frames(w->here, w->now, &frame), 1);
    assert_int_equal(knx_routing_send(w->here, test_hex(telegram)), BAS_OK);
}

static void between_two_telegrams_there_is_a_pause(void **state)
{
    struct world *w = *state;
    assert_int_equal(knx_routing_send(w->here, test_hex(telegram)), BAS_OK);
    assert_int_equal(knx_routing_send(w->here, test_hex(telegram)), BAS_OK);
    struct bas_slice frame;
    assert_int_equal(frames(w->here, w->now, &frame), 1);
    assert_true(knx_routing_deadline(w->here) == w->now + 5 * BAS_MILLISECOND);
    assert_int_equal(frames(w->here, w->now + 5 * BAS_MILLISECOND - 1, &frame), 0);
    assert_int_equal(frames(w->here, w->now + 5 * BAS_MILLISECOND, &frame), 1);
}

static void in_any_second_there_are_fifty_telegrams_at_most(void **state)
{
    struct world *w = *state;
    bas_time sent[200];
    unsigned n = 0;
    for (bas_time t = w->now; n < 200; t = knx_routing_deadline(w->here)) {
        while (knx_routing_send(w->here, test_hex(telegram)) == BAS_OK) {
        }
        struct bas_slice frame;
        t = t < w->now ? w->now : t;
        if (frames(w->here, t, &frame) == 1) {
            sent[n++] = t;
        }
    }
    for (unsigned i = 50; i < n; i++) {
        assert_true(sent[i] - sent[i - 50] >= BAS_SECOND);
    }
    assert_true(sent[199] - sent[0] < 4 * BAS_SECOND); /* and it uses them */
}

static void what_is_no_routing_is_dropped(void **state)
{
    struct world *w = *state;
    assert_drops(w->here, test_hex("06100530"), w->now, KNX_ROUTING_DROP_MALFORMED);
    assert_drops(w->here, test_hex("0610053000082900"), w->now, KNX_ROUTING_DROP_MALFORMED);
    assert_drops(w->here, test_hex("0610053000111100bcd011590ade010081"), w->now,
                 KNX_ROUTING_DROP_MALFORMED); /* L_Data.req */
    assert_drops(w->here, test_hex("06100201000e08010000000000 00"), w->now,
                 KNX_ROUTING_DROP_SERVICE);
    assert_drops(w->here,
                 test_hex("0610095000370000c0c1c2c3c4c500fa12345678affeb7ee7e8a1c2f7bbabec775"
                          "fd6e10d0bc4b7212a03aaae49da85689774c1d2b4da4"),
                 w->now, KNX_ROUTING_DROP_WRAPPED);
    static uint8_t large[KNX_MAX_FRAME + 1];
    assert_drops(w->here, (struct bas_slice){ large, sizeof(large) }, w->now,
                 KNX_ROUTING_DROP_MALFORMED);
}

static void lost_telegrams_of_a_router_are_told(void **state)
{
    struct world *w = *state;
    receive(w->here, "06100531000a04010005", w->now);
    struct knx_routing_event event = next_event(w->here, KNX_ROUTING_EVENT_LOST);
    assert_int_equal(event.lost, 5);
    assert_int_equal(event.device_state, 1);
}

/* ROUTING_BUSY */

static void a_busy_router_is_left_alone_for_its_time(void **state)
{
    struct world *w = *state;
    assert_int_equal(knx_routing_send(w->here, test_hex(telegram)), BAS_OK);
    receive(w->here, "06100532000c060000640000", w->now); /* 100 ms */
    struct knx_routing_event event = next_event(w->here, KNX_ROUTING_EVENT_BUSY);
    assert_int_equal(event.wait_ms, 100);
    bas_time at = knx_routing_deadline(w->here);
    assert_true(at >= w->now + 100 * BAS_MILLISECOND); /* and up to 50 ms more */
    assert_true(at <= w->now + 150 * BAS_MILLISECOND);
    struct bas_slice frame;
    assert_int_equal(frames(w->here, at - 1, &frame), 0);
    assert_int_equal(frames(w->here, at, &frame), 1);
}

static void only_the_longest_wait_counts(void **state)
{
    struct world *w = *state;
    struct knx_routing_flow flow;
    knx_routing_flow_init(&flow, &w->env.env);
    knx_routing_flow_busy(&flow, 1000, w->now);
    knx_routing_flow_busy(&flow, 10, w->now + 20 * BAS_MILLISECOND);
    assert_true(flow.wait_end == w->now + 1000 * BAS_MILLISECOND);
    knx_routing_flow_busy(&flow, 2000, w->now + 40 * BAS_MILLISECOND);
    assert_true(flow.wait_end == w->now + 2040 * BAS_MILLISECOND);
    bas_time random_part = knx_routing_flow_free_at(&flow) - flow.wait_end;
    assert_true(random_part >= 0 && random_part <= 3 * 50 * BAS_MILLISECOND);
}

static void busy_frames_close_together_are_one(void **state)
{
    struct world *w = *state;
    struct knx_routing_flow flow;
    knx_routing_flow_init(&flow, &w->env.env);
    knx_routing_flow_busy(&flow, 0, w->now);
    knx_routing_flow_busy(&flow, 0, w->now + 9 * BAS_MILLISECOND);
    assert_int_equal(flow.busy, 1);
    knx_routing_flow_busy(&flow, 0, w->now + 10 * BAS_MILLISECOND);
    assert_int_equal(flow.busy, 2);
    knx_routing_flow_busy(&flow, 0, w->now + 15 * BAS_MILLISECOND);
    assert_int_equal(flow.busy, 2);
}

static void the_random_part_grows_with_their_number(void **state)
{
    struct world *w = *state;
    struct knx_routing_flow flow;
    bas_time most = 0;
    for (unsigned i = 0; i < 200; i++) {
        knx_routing_flow_init(&flow, &w->env.env);
        for (unsigned n = 0; n < 4; n++) {
            knx_routing_flow_busy(&flow, 0, w->now + (bas_time)n * 10 * BAS_MILLISECOND);
        }
        bas_time part = knx_routing_flow_free_at(&flow) - flow.wait_end;
        assert_true(part >= 0 && part <= 200 * BAS_MILLISECOND);
        most = part > most ? part : most;
    }
    assert_true(most > 150 * BAS_MILLISECOND);
}

/* After N * 100 ms, one less every 5 ms. */
static void silence_makes_their_number_fall(void **state)
{
    struct world *w = *state;
    static const struct {
        bas_time silence_ms;
        unsigned left;
    } rows[] = {
        { 300, 3 }, { 304, 3 }, { 305, 2 }, { 310, 1 }, { 314, 1 }, { 315, 0 }, { 9000, 0 }
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct knx_routing_flow flow;
        knx_routing_flow_init(&flow, &w->env.env);
        for (unsigned n = 0; n < 3; n++) {
            knx_routing_flow_busy(&flow, 0, w->now + (bas_time)n * 10 * BAS_MILLISECOND);
        }
        bas_time last = w->now + 20 * BAS_MILLISECOND;
        knx_routing_flow_busy(&flow, 0, last + rows[i].silence_ms * BAS_MILLISECOND);
        assert_int_equal(flow.busy, rows[i].left + 1);
    }
}

/* Secured */

/* A wrapped frame as somebody with the key makes it. */
static struct bas_slice wrapped(const char *inner, uint64_t timer, uint16_t tag)
{
    static uint8_t memory[100];
    struct knx_cipher cipher;
    struct bas_buf out;
    const struct knx_wrapper wrapper = { .sequence = timer,
                                         .serial = { 0, 0xFA, 9, 9, 9, 9 },
                                         .tag = tag };
    knx_cipher_init(&cipher, &backbone);
    bas_buf_init(&out, memory, sizeof(memory));
    knx_wrap(&cipher, &wrapper, test_hex(inner), &out);
    return (struct bas_slice){ out.data, out.len };
}

static void before_the_timer_is_authentic_nothing_goes_either_way(void **state)
{
    struct world *w = *state;
    struct knx_routing *engine = engine_of(w, 3, true);
    struct knx_routing_event event = next_event(engine, KNX_ROUTING_EVENT_TIMER);
    assert_int_equal(event.timer, 2 * KNX_ROUTING_STORE_MS);
    assert_int_equal(knx_routing_send(engine, test_hex(telegram)), BAS_OK);
    struct bas_slice frame;
    assert_int_equal(frames(engine, w->now, &frame), 1);
    assert_int_equal(frame.data[3], 0x55); /* the first TIMER_NOTIFY */
    assert_drops(engine, wrapped(indication, 5000, 1), w->now, KNX_ROUTING_DROP_NOT_READY);
    assert_int_equal(knx_routing_timer(engine, w->now), 5000); /* but its time counts */
    bas_time at = knx_routing_deadline(engine);
    assert_true(at == w->now + (100 + 12 * 204 + 4000) * BAS_MILLISECOND);
    knx_routing_tick(engine, at);
    (void)next_event(engine, KNX_ROUTING_EVENT_READY);
    assert_int_equal(frames(engine, at, &frame), 1);
    assert_int_equal(frame.data[3], 0x50);
    knx_routing_free(engine);
}

static void an_answer_makes_it_ready_at_once(void **state)
{
    struct world *w = *state;
    w->now += 3600 * BAS_SECOND; /* somebody who was here for long */
    struct bas_slice frame;
    (void)frames(w->here, w->now, &frame);
    drain(w->here);
    struct knx_routing *engine = engine_of(w, 3, true);
    drain(engine);
    assert_true(knx_routing_next_frame(engine, w->now, &frame));
    knx_routing_recv(w->here, frame, w->now);
    bas_time at = knx_routing_deadline(w->here);
    assert_true(at <= w->now + 100 * BAS_MILLISECOND + 12 * 204 * BAS_MILLISECOND);
    assert_true(knx_routing_next_frame(w->here, at, &frame));
    knx_routing_recv(engine, frame, at);
    (void)next_event(engine, KNX_ROUTING_EVENT_READY);
    assert_true(knx_routing_timer(engine, at) == knx_routing_timer(w->here, at));
    knx_routing_free(engine);
}

static void a_telegram_goes_wrapped_from_one_to_the_other(void **state)
{
    struct world *w = *state;
    assert_int_equal(knx_routing_send(w->here, test_hex(telegram)), BAS_OK);
    struct bas_slice frame;
    assert_int_equal(frames(w->here, w->now, &frame), 1);
    assert_int_equal(frame.len, 55);
    struct knx_wrapper wrapper;
    assert_int_equal(knx_wrapper_peek(frame, &wrapper), BAS_OK);
    assert_int_equal(wrapper.session, 0);
    assert_true(wrapper.sequence == knx_routing_timer(w->here, w->now));
    knx_routing_recv(w->there, frame, w->now);
    assert_telegram(w->there);
    assert_drops(w->there, frame, w->now, KNX_ROUTING_DROP_REPLAY);
    knx_routing_recv(w->here, frame, w->now); /* looped back */
    assert_no_event(w->here);
}

static void a_telegram_of_ours_tells_the_time_as_well(void **state)
{
    struct world *w = *state;
    bas_time notify_at = knx_routing_deadline(w->here);
    w->now = notify_at - 1;
    assert_int_equal(knx_routing_send(w->here, test_hex(telegram)), BAS_OK);
    struct bas_slice frame;
    assert_int_equal(frames(w->here, w->now, &frame), 1);
    assert_true(knx_routing_deadline(w->here) >= w->now + 10 * BAS_SECOND);
}

static void the_standards_frame_opens(void **state)
{
    struct world *w = *state;
    receive(w->here,
            "0610095000370000c0c1c2c3c4c500fa12345678affeb7ee7e8a1c2f7bbabec775fd6e10d0bc4b"
            "7212a03aaae49da85689774c1d2b4da4",
            w->now);
    struct knx_routing_event event = next_event(w->here, KNX_ROUTING_EVENT_TIMER);
    assert_true(event.timer == UINT64_C(0xC0C1C2C3C4C5) + 2 * KNX_ROUTING_STORE_MS);
    assert_telegram(w->here);
    assert_true(knx_routing_timer(w->here, w->now) == UINT64_C(0xC0C1C2C3C4C5));
}

static void a_recording_is_kept_out(void **state)
{
    struct world *w = *state;
    uint64_t own = knx_routing_timer(w->here, w->now);
    uint8_t recording[100];
    struct bas_slice frame = wrapped(indication, own, 7);
    memcpy(recording, frame.data, frame.len);
    frame.data = recording;
    knx_routing_recv(w->here, frame, w->now);
    assert_telegram(w->here);
    for (bas_time ms = 0; ms < 2000; ms += 100) { /* within the tolerance: remembered */
        assert_drops(w->here, frame, w->now + ms * BAS_MILLISECOND, KNX_ROUTING_DROP_REPLAY);
        knx_routing_recv(w->here, wrapped(indication, own + (uint64_t)ms, 8),
                         w->now + ms * BAS_MILLISECOND);
        assert_telegram(w->here);
    }
    knx_routing_recv(w->here, wrapped(indication, own + 3000, 9), w->now + 3 * BAS_SECOND);
    assert_telegram(w->here);
    assert_drops(w->here, frame, w->now + 3 * BAS_SECOND, KNX_ROUTING_DROP_OLD);
}

static void what_is_not_of_the_group_is_dropped(void **state)
{
    struct world *w = *state;
    assert_drops(w->here, test_hex(indication), w->now, KNX_ROUTING_DROP_PLAIN);
    assert_drops(w->here, test_hex("06100532000c060000640000"), w->now, KNX_ROUTING_DROP_PLAIN);
    assert_drops(w->here, test_hex("0610053300112900bcd011590ade010081"), w->now,
                 KNX_ROUTING_DROP_SERVICE);
    assert_drops(w->here,
                 test_hex("061009550024c0c1c2c3c4c500fa12345678affeee7b9b3083deb1570eb38d07"
                          "3adad986"),
                 w->now, KNX_ROUTING_DROP_MAC);
    uint64_t own = knx_routing_timer(w->here, w->now);
    uint8_t bad[100];
    struct bas_slice frame = wrapped(indication, own + 500000, 7);
    memcpy(bad, frame.data, frame.len);
    bad[frame.len - 1] ^= 1;
    frame.data = bad;
    assert_drops(w->here, frame, w->now, KNX_ROUTING_DROP_MAC);
    assert_true(knx_routing_timer(w->here, w->now) == own); /* and moves no timer */
    bad[6] = 1;                                             /* of a session */
    assert_drops(w->here, frame, w->now, KNX_ROUTING_DROP_MALFORMED);
    assert_drops(w->here, wrapped("061002010006", own, 8), w->now, KNX_ROUTING_DROP_MALFORMED);
    assert_drops(w->here, wrapped("06100201000e0801000000000000", own, 9), w->now,
                 KNX_ROUTING_DROP_SERVICE);
}

static void a_busy_router_is_heard_through_a_wrapper(void **state)
{
    struct world *w = *state;
    knx_routing_recv(w->here,
                     wrapped("06100532000c060000640000", knx_routing_timer(w->here, w->now), 5),
                     w->now);
    assert_int_equal(next_event(w->here, KNX_ROUTING_EVENT_BUSY).wait_ms, 100);
}

static void the_kept_timer_is_always_ahead(void **state)
{
    struct world *w = *state;
    uint64_t kept = 2 * KNX_ROUTING_STORE_MS;
    for (unsigned s = 0; s < 600; s++) {
        struct knx_routing_event event;
        struct bas_slice frame;
        w->now += BAS_SECOND;
        (void)frames(w->here, w->now, &frame);
        while (knx_routing_next_event(w->here, &event)) {
            assert_int_equal(event.kind, KNX_ROUTING_EVENT_TIMER);
            assert_true(event.timer > kept);
            kept = event.timer;
        }
        assert_true(kept > knx_routing_timer(w->here, w->now) + KNX_ROUTING_STORE_MS);
    }
    assert_true(kept < knx_routing_timer(w->here, w->now) + 3 * KNX_ROUTING_STORE_MS);
    struct knx_routing_config config = { .size = sizeof(config), .is_secure = true };
    config.timer = kept;
    struct knx_routing *next = knx_routing_new(&w->env.env, &config, w->now);
    assert_true(knx_routing_timer(next, w->now) == kept);
    knx_routing_free(next);
}

static void no_two_frames_of_ours_share_time_and_tag(void **state)
{
    struct world *w = *state;
    uint64_t last = 0;
    uint16_t last_tag = 0;
    for (unsigned i = 0; i < 300; i++) {
        struct bas_slice frame;
        struct knx_wrapper wrapper;
        assert_int_equal(knx_routing_send(w->here, test_hex(telegram)), BAS_OK);
        do {
            bas_time at = knx_routing_deadline(w->here);
            w->now = at > w->now ? at : w->now;
            assert_true(knx_routing_next_frame(w->here, w->now, &frame));
        } while (knx_wrapper_peek(frame, &wrapper) != BAS_OK);
        assert_true(wrapper.sequence > last || wrapper.tag != last_tag);
        assert_true(wrapper.sequence >= last);
        last = wrapper.sequence;
        last_tag = wrapper.tag;
    }
}

/* Its time stands still then: the tag alone would keep two key streams apart. */
static void at_the_end_of_its_timer_it_sends_no_more(void **state)
{
    struct world *w = *state;
    struct knx_cipher cipher;
    struct bas_slice frame;
    uint8_t memory[64];
    struct bas_buf notify;
    assert_int_equal(knx_routing_send(w->here, test_hex(telegram)), BAS_OK);
    bas_buf_init(&notify, memory, sizeof(memory));
    knx_cipher_init(&cipher, &backbone);
    knx_timer_notify(&cipher, &(struct knx_wrapper){ .sequence = KNX_COUNTER_MAX, .tag = 7 },
                     &notify);
    knx_routing_recv(w->here, (struct bas_slice){ notify.data, notify.len }, w->now);
    assert_true(knx_routing_timer(w->here, w->now) == KNX_COUNTER_MAX);
    for (unsigned i = 0; i < 100; i++) {
        w->now += BAS_SECOND;
        while (knx_routing_next_frame(w->here, w->now, &frame)) {
            struct knx_wrapper wrapper;
            assert_int_not_equal(knx_wrapper_peek(frame, &wrapper), BAS_OK);
        }
        assert_true(knx_routing_deadline(w->here) > w->now); /* it does not spin */
    }
    assert_int_equal(knx_routing_send(w->here, test_hex(telegram)), BAS_ERR_STATE);
}

static void the_oldest_is_forgotten_when_memory_is_full(void **state)
{
    struct world *w = *state;
    struct knx_routing_replay replay;
    assert_int_equal(knx_routing_replay_init(&replay, &w->env.env), BAS_OK);
    for (uint64_t i = 0; i < 3 * KNX_ROUTING_RECENT; i++) {
        const struct knx_wrapper wrapper = { .sequence = i };
        assert_false(knx_routing_replay_has(&replay, &wrapper));
        knx_routing_replay_add(&replay, &wrapper, 0);
        assert_true(knx_routing_replay_has(&replay, &wrapper));
    }
    const struct knx_wrapper kept = { .sequence = 2 * KNX_ROUTING_RECENT };
    const struct knx_wrapper lost = { .sequence = 2 * KNX_ROUTING_RECENT - 1 };
    assert_true(knx_routing_replay_has(&replay, &kept));
    assert_false(knx_routing_replay_has(&replay, &lost));
    knx_routing_replay_fini(&replay, &w->env.env);
}

static void no_allocation_that_fails_leaks(void **state)
{
    (void)state;
    const struct knx_routing_config config = { .size = sizeof(config), .is_secure = true };
    struct knx_routing *engine = NULL;
    for (size_t k = 1; engine == NULL; k++) {
        struct test_env env;
        test_env_init(&env);
        env.fail_at = k;
        engine = knx_routing_new(&env.env, &config, 0);
        assert_true(engine == NULL || k == 5);
        knx_routing_free(engine);
        test_env_check(&env);
    }
}

static void every_drop_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KNX_ROUTING_DROPS; i++) {
        for (unsigned j = 0; j < i; j++) {
            assert_string_not_equal(knx_routing_drop_name((enum knx_routing_drop)i),
                                    knx_routing_drop_name((enum knx_routing_drop)j));
        }
    }
    assert_string_equal(knx_routing_drop_name(KNX_ROUTING_DROP_NOT_READY), "not-ready");
    assert_string_equal(knx_routing_drop_name(KNX_ROUTING_DROPS), "unknown");
}

#define plain(test)  cmocka_unit_test_setup_teardown(test, make_plain, drop_world)
#define secure(test) cmocka_unit_test_setup_teardown(test, make_secure, drop_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        plain(a_plain_engine_is_ready_at_once),
        plain(a_telegram_is_an_indication_both_ways),
        plain(only_an_indication_is_taken_for_sending),
        plain(a_full_queue_is_busy),
        plain(between_two_telegrams_there_is_a_pause),
        plain(in_any_second_there_are_fifty_telegrams_at_most),
        plain(what_is_no_routing_is_dropped),
        plain(lost_telegrams_of_a_router_are_told),
        plain(a_busy_router_is_left_alone_for_its_time),
        plain(only_the_longest_wait_counts),
        plain(busy_frames_close_together_are_one),
        plain(the_random_part_grows_with_their_number),
        plain(silence_makes_their_number_fall),
        secure(before_the_timer_is_authentic_nothing_goes_either_way),
        secure(an_answer_makes_it_ready_at_once),
        secure(a_telegram_goes_wrapped_from_one_to_the_other),
        secure(a_telegram_of_ours_tells_the_time_as_well),
        secure(the_standards_frame_opens),
        secure(a_recording_is_kept_out),
        secure(what_is_not_of_the_group_is_dropped),
        secure(a_busy_router_is_heard_through_a_wrapper),
        secure(the_kept_timer_is_always_ahead),
        secure(no_two_frames_of_ours_share_time_and_tag),
        secure(at_the_end_of_its_timer_it_sends_no_more),
        plain(the_oldest_is_forgotten_when_memory_is_full),
        cmocka_unit_test(no_allocation_that_fails_leaks),
        cmocka_unit_test(every_drop_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
