/* Whatever subscribers ask and however they answer, each hears the last value in the end (13.1,
 * 13.14). */
#include "cov_fixture.h"

#include "bac_random.h"

enum { PEERS = 3, PROCESSES = 12, OBJECTS = 2, STEPS = 6000, CALLS = 64, LIFETIME = 250 };

static const struct bac_object_id OBJECT[OBJECTS] = { { BAC_OBJECT_ANALOG_VALUE, 1 },
                                                      { BAC_OBJECT_ANALOG_VALUE, 2 } };

/* What one subscriber knows. */
struct subscriber {
    bool is_there;
    bool was_silent; /* he did not acknowledge: he waits for a minute */
    bas_time expires;
    float heard;
    unsigned last; /* number of the notification that told it */
};
struct world {
    struct fixture f;
    struct subscriber subscribers[PEERS][PROCESSES][OBJECTS];
    float values[OBJECTS];
    struct {
        uint32_t id;
        struct subscriber *who;
        float value;
        unsigned number;
    } calls[CALLS];
    size_t n_calls;
    unsigned n_told;
};

static uint32_t dice(struct world *w, uint32_t n)
{
    return (uint32_t)bac_random_below(&w->f.t, n);
}

static struct subscriber *told(struct world *w, uint16_t network, struct bas_slice parameters,
                               float *value)
{
    uint8_t memory[1024];
    struct bac_arena arena;
    struct bac_cov_notification n;
    bac_arena_init(&arena, memory, sizeof(memory));
    assert_int_equal(bac_decode_all(&bac_type_cov_notification, parameters, &n, &arena, NULL),
                     BAS_OK);
    const struct bac_property_value *values = n.values.items;
    struct bac_value present;
    assert_int_equal(bac_decode_all(&bac_type_value, values[0].value, &present, NULL, NULL),
                     BAS_OK);
    *value = present.as.real;
    return &w->subscribers[network][n.process][n.object.instance - 1];
}

static void drain(struct world *w)
{
    struct bac_apdu_tx tx;
    while (bac_server_next_tx(w->f.server, &tx)) {
        struct bas_slice apdu = bas_frame_slice(tx.frame);
        if (apdu.data[0] == 0x10) {
            float value;
            apdu = (struct bas_slice){ apdu.data + 2, apdu.len - 2 };
            struct subscriber *who = told(w, tx.to.network, apdu, &value);
            who->heard = value;
            who->was_silent = false;
            who->last = ++w->n_told;
        }
        bas_frame_unref(tx.frame);
    }
    struct bac_server_call call;
    while (w->n_calls < CALLS && bac_server_next_call(w->f.server, &call)) {
        float value;
        struct subscriber *who = told(w, call.to.network, call.parameters, &value);
        w->calls[w->n_calls].id = call.id;
        w->calls[w->n_calls].who = who;
        w->calls[w->n_calls].number = ++w->n_told;
        w->calls[w->n_calls++].value = value;
    }
}

static void answer(struct world *w, size_t at, bool is_acknowledged)
{
    struct subscriber *who = w->calls[at].who;
    if (is_acknowledged && w->calls[at].number > who->last) { /* no newer one overtook it */
        who->heard = w->calls[at].value;
        who->was_silent = false;
        who->last = w->calls[at].number;
    }
    who->was_silent = who->was_silent || !is_acknowledged;
    bac_server_call_done(w->f.server, w->calls[at].id, is_acknowledged, w->f.now);
    w->calls[at] = w->calls[--w->n_calls];
}

static void subscribe(struct world *w, bool is_cancel)
{
    uint32_t peer = dice(w, PEERS);
    uint32_t process = dice(w, PROCESSES);
    uint32_t object = dice(w, OBJECTS);
    struct subscriber *who = &w->subscribers[peer][process][object];
    const uint8_t request[] = { 0x00, 0x05, 0x07, 0x05, 0x09, (uint8_t)process, 0x1C, 0x00, 0x80,
                                0x00, (uint8_t)OBJECT[object].instance,
                                /* where it is no cancellation */
                                0x29, dice(w, 4) != 0, 0x39, LIFETIME };
    size_t len = sizeof(request) - (is_cancel ? 4U : 0U);
    w->f.from.network = (uint16_t)peer;
    if (fixture_send(&w->f, (struct bas_slice){ request, len }) != BAS_OK) {
        return; /* its answer has no room: nothing was done */
    }
    who->is_there = !is_cancel;
    who->expires = w->f.now + LIFETIME * BAS_SECOND;
    who->heard = -1;
    who->was_silent = false;
}

static void tick(struct world *w, bas_time later)
{
    w->f.now += later;
    bac_server_tick(w->f.server, w->f.now);
}

/* Nobody answers, and many leave. */
static void hush(struct world *w)
{
    while (w->n_calls != 0) {
        answer(w, 0, false);
    }
    for (int i = 0; i < 20; i++) {
        subscribe(w, true);
    }
}

static void do_something(struct world *w)
{
    uint32_t what = dice(w, 20);
    if (what < 4) {
        subscribe(w, what == 0);
    } else if (what < 7) {
        uint32_t object = dice(w, OBJECTS);
        uint32_t value = dice(w, 5);
        w->values[object] = (float)value;
        set_real(&w->f, OBJECT[object], w->values[object]);
    } else if (what < 12 && w->n_calls != 0) {
        answer(w, dice(w, (uint32_t)w->n_calls), dice(w, 3) != 0);
    } else if (what < 14) {
        drain(w);
    } else if (what == 14) {
        tick(w, (bas_time)dice(w, 20) * BAS_SECOND);
    } else if (what == 15) {
        tick(w, 0);
    } else if (what == 16) {
        hush(w);
    } else {
        subscribe(w, false);
    }
}

/* Everybody answers now. */
static void settle(struct world *w)
{
    tick(w, 0);
    do {
        drain(w);
        while (w->n_calls != 0) {
            answer(w, 0, true);
        }
        drain(w);
    } while (w->n_calls != 0);
}

static void expect_heard(struct world *w, bool by_silent)
{
    for (size_t i = 0; i < (size_t)PEERS * PROCESSES * OBJECTS; i++) {
        const struct subscriber *who = &w->subscribers[0][0][0] + i;
        if (who->is_there && who->expires > w->f.now && (by_silent || !who->was_silent)) {
            assert_float_equal(who->heard, w->values[i % OBJECTS], 0);
        }
    }
}

static void each_subscriber_hears_the_last_value_whatever_happened(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        static struct world w;
        memset(&w, 0, sizeof(w));
        fixture_open(&w.f);
        w.f.t.seed = seed + 1;
        for (size_t i = 0; i < OBJECTS; i++) {
            set_real(&w.f, OBJECT[i], 0);
        }
        for (int n = 0; n < STEPS; n++) {
            do_something(&w);
            if (dice(&w, 40) == 0) {
                settle(&w);
                expect_heard(&w, false);
                tick(&w, 60 * BAS_SECOND); /* what was not acknowledged is told again */
                settle(&w);
                expect_heard(&w, true);
            }
        }
        fixture_close(&w.f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_subscriber_hears_the_last_value_whatever_happened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
