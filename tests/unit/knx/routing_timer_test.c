/* The common timer of secure routing: every row of the tables of spec 2.8, with virtual time. */
#include "test_env.h"

#include "knx/routing/timer.h"

#include <string.h>

enum { L = 2000, S = 204, START = 1000000 /* value at T0 */ };
static const bas_time T0 = 5000 * BAS_SECOND;
static const uint8_t ours[KNX_SERIAL_LEN] = { 0, 0xFA, 1, 1, 1, 1 };
static const uint8_t theirs[KNX_SERIAL_LEN] = { 0, 0xFA, 2, 2, 2, 2 };

struct world {
    struct test_env env;
    struct knx_routing_timer timer;
    bas_time now;
};

static void start(struct world *w, uint32_t startup_ms)
{
    struct knx_timer_setup setup = {
        .value = START, .latency_ms = L, .sync_fraction = 26, .startup_ms = startup_ms
    };
    memcpy(setup.serial, ours, sizeof(ours));
    w->now = T0;
    knx_routing_timer_init(&w->timer, &w->env.env, &setup, w->now);
}

/* The first TIMER_NOTIFY is out: keeper, PERIODIC. */
static void settle(struct world *w)
{
    struct knx_wrapper notify;
    test_env_init(&w->env);
    start(w, 0);
    assert_true(knx_routing_timer_fire(&w->timer, w->now, &notify));
    assert_int_equal(w->timer.state, KNX_TIMER_PERIODIC);
    assert_true(w->timer.is_keeper);
}

static struct knx_wrapper heard(uint64_t value)
{
    struct knx_wrapper wrapper = { .sequence = value, .tag = 0x4711 };
    memcpy(wrapper.serial, theirs, sizeof(theirs));
    return wrapper;
}

static uint64_t own(const struct world *w)
{
    return knx_routing_timer_value(&w->timer, w->now);
}

static void assert_between(bas_time delay, bas_time least_ms, bas_time most_ms)
{
    assert_true(delay >= least_ms * BAS_MILLISECOND);
    assert_true(delay <= most_ms * BAS_MILLISECOND);
}

static void the_timer_counts_milliseconds_and_ends_at_48_bits(void **state)
{
    (void)state;
    struct world w;
    settle(&w);
    assert_true(own(&w) == START);
    w.now += 999;
    assert_true(own(&w) == START);
    w.now += 1;
    assert_true(own(&w) == START + 1);
    w.now += 3600 * BAS_SECOND;
    assert_true(own(&w) == START + 1 + 3600000);
    w.timer.value = KNX_COUNTER_MAX - 1;
    assert_true(own(&w) == KNX_COUNTER_MAX);
}

static void the_sync_tolerance_is_a_fraction_of_the_latency(void **state)
{
    (void)state;
    struct world w;
    settle(&w);
    assert_int_equal(w.timer.sync_ms, S);
}

static void a_value_belongs_to_the_class_that_its_distance_says(void **state)
{
    (void)state;
    static const struct {
        int behind;
        enum knx_timer_class wanted;
    } rows[] = {
        { -1000000, KNX_TIMER_AHEAD }, { -1, KNX_TIMER_AHEAD },  { 0, KNX_TIMER_IN_SYNC },
        { S - 1, KNX_TIMER_IN_SYNC },  { S, KNX_TIMER_LATE },    { L - 1, KNX_TIMER_LATE },
        { L, KNX_TIMER_OLD },          { START, KNX_TIMER_OLD },
    };
    struct world w;
    settle(&w);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        uint64_t value = (uint64_t)(START - rows[i].behind);
        assert_int_equal(knx_routing_timer_class(&w.timer, value, w.now), rows[i].wanted);
    }
}

/* Draws many times; the draws keep to the interval and use all of it. */
struct range {
    bas_time least, most;
};

static void widen(struct range *range, bas_time delay)
{
    range->least = delay < range->least ? delay : range->least;
    range->most = delay > range->most ? delay : range->most;
}

static void assert_uses(const struct range *range, bas_time least_ms, bas_time most_ms)
{
    bas_time tenth = (most_ms - least_ms) / 10;
    assert_between(range->least, least_ms, least_ms + tenth);
    assert_between(range->most, most_ms - tenth, most_ms);
}

static void each_schedule_is_drawn_from_its_interval(void **state)
{
    (void)state;
    static const struct {
        bool is_keeper;
        bool is_update;
        bas_time least_ms;
        bas_time most_ms;
    } rows[] = {
        { true, false, 10000, 10000 + 3 * S },
        { false, false, 10000 + 4 * S, 10000 + 14 * S },
        { true, true, 100, 100 + 1 * S },
        { false, true, 100 + 2 * S, 100 + 12 * S },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct range range = { BAS_NEVER, 0 };
        struct world w;
        settle(&w);
        w.timer.is_authentic = true;
        for (unsigned n = 0; n < 400; n++) {
            w.timer.state = KNX_TIMER_PERIODIC;
            w.timer.is_keeper = rows[i].is_keeper;
            const struct knx_wrapper wrapper = heard(rows[i].is_update ? START - L : START);
            (void)knx_routing_timer_hear_wrapper(&w.timer, &wrapper, w.now);
            widen(&range, knx_routing_timer_deadline(&w.timer) - w.now);
        }
        assert_uses(&range, rows[i].least_ms, rows[i].most_ms);
    }
}

/* What a message leaves behind, from the state that the test has set. */
struct outcome {
    bool is_accepted;
    bool is_adopted;
    bool is_keeper;
    bool is_put_off; /* scheduled anew */
    enum knx_timer_state state;
};

static struct outcome hear(enum knx_timer_state state, bool is_notify, uint64_t value)
{
    struct world w;
    settle(&w);
    w.timer.is_authentic = true;
    w.timer.state = state;
    w.timer.notify_at = T0 + 77;
    const struct knx_wrapper message = heard(value);
    struct outcome o = { .is_accepted = true };
    if (is_notify) {
        knx_routing_timer_hear_notify(&w.timer, &message, w.now);
    } else {
        o.is_accepted = knx_routing_timer_hear_wrapper(&w.timer, &message, w.now);
    }
    o.is_adopted = own(&w) == value && value != START;
    o.is_keeper = w.timer.is_keeper;
    o.is_put_off = w.timer.notify_at != T0 + 77;
    o.state = w.timer.state;
    return o;
}

static void a_notify_does_what_its_class_says(void **state)
{
    (void)state;
    static const struct {
        uint64_t value;
        enum knx_timer_state from;
        struct outcome wanted;
    } rows[] = {
        { START + 5, KNX_TIMER_PERIODIC, { true, true, false, true, KNX_TIMER_PERIODIC } },
        { START + 5, KNX_TIMER_UPDATE, { true, true, false, true, KNX_TIMER_PERIODIC } },
        { START - 5, KNX_TIMER_PERIODIC, { true, false, false, true, KNX_TIMER_PERIODIC } },
        { START - 5, KNX_TIMER_UPDATE, { true, false, false, true, KNX_TIMER_PERIODIC } },
        { START - S, KNX_TIMER_PERIODIC, { true, false, true, false, KNX_TIMER_PERIODIC } },
        { START - S, KNX_TIMER_UPDATE, { true, false, true, false, KNX_TIMER_UPDATE } },
        { START - L, KNX_TIMER_PERIODIC, { true, false, true, true, KNX_TIMER_UPDATE } },
        { START - L, KNX_TIMER_UPDATE, { true, false, true, false, KNX_TIMER_UPDATE } },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct outcome is = hear(rows[i].from, true, rows[i].value);
        assert_memory_equal(&is, &rows[i].wanted, sizeof(is));
    }
}

static void a_wrapper_does_what_its_class_says(void **state)
{
    (void)state;
    static const struct {
        uint64_t value;
        enum knx_timer_state from;
        struct outcome wanted;
    } rows[] = {
        { START + 5, KNX_TIMER_PERIODIC, { true, true, true, true, KNX_TIMER_PERIODIC } },
        { START + 5, KNX_TIMER_UPDATE, { true, true, true, false, KNX_TIMER_UPDATE } },
        { START - 5, KNX_TIMER_PERIODIC, { true, false, true, true, KNX_TIMER_PERIODIC } },
        { START - 5, KNX_TIMER_UPDATE, { true, false, true, false, KNX_TIMER_UPDATE } },
        { START - S, KNX_TIMER_PERIODIC, { true, false, true, false, KNX_TIMER_PERIODIC } },
        { START - S, KNX_TIMER_UPDATE, { true, false, true, false, KNX_TIMER_UPDATE } },
        { START - L, KNX_TIMER_PERIODIC, { false, false, true, true, KNX_TIMER_UPDATE } },
        { START - L, KNX_TIMER_UPDATE, { false, false, true, false, KNX_TIMER_UPDATE } },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct outcome is = hear(rows[i].from, false, rows[i].value);
        assert_memory_equal(&is, &rows[i].wanted, sizeof(is));
    }
}

static void a_periodic_notify_tells_our_time_under_our_serial(void **state)
{
    (void)state;
    struct world w;
    settle(&w);
    w.timer.is_authentic = true;
    w.timer.is_keeper = false;
    w.now = knx_routing_timer_deadline(&w.timer);
    struct knx_wrapper notify;
    assert_false(knx_routing_timer_fire(&w.timer, w.now - 1, &notify));
    assert_true(knx_routing_timer_fire(&w.timer, w.now, &notify));
    assert_true(notify.sequence == own(&w));
    assert_memory_equal(notify.serial, ours, sizeof(ours));
    assert_true(w.timer.is_keeper);
    assert_int_equal(w.timer.state, KNX_TIMER_PERIODIC);
    assert_between(knx_routing_timer_deadline(&w.timer) - w.now, 10000, 10000 + 3 * S);
    struct knx_wrapper next;
    assert_false(knx_routing_timer_fire(&w.timer, w.now, &next));
    w.now = knx_routing_timer_deadline(&w.timer);
    assert_true(knx_routing_timer_fire(&w.timer, w.now, &next));
    assert_int_not_equal(next.tag, notify.tag);
}

/* The one that is outdated knows its serial and tag again. */
static void an_update_answers_the_first_that_was_too_old(void **state)
{
    (void)state;
    struct world w;
    settle(&w);
    w.timer.is_authentic = true;
    struct knx_wrapper old = heard(START - L - 9);
    knx_routing_timer_hear_notify(&w.timer, &old, w.now);
    struct knx_wrapper other = heard(START - L - 10);
    other.tag = 1;
    knx_routing_timer_hear_notify(&w.timer, &other, w.now);
    w.now = knx_routing_timer_deadline(&w.timer);
    struct knx_wrapper notify;
    assert_true(knx_routing_timer_fire(&w.timer, w.now, &notify));
    assert_true(notify.sequence == own(&w));
    assert_memory_equal(notify.serial, theirs, sizeof(theirs));
    assert_int_equal(notify.tag, 0x4711);
    assert_int_equal(w.timer.state, KNX_TIMER_PERIODIC);
    assert_true(w.timer.is_keeper);
}

static void a_wrapper_of_ours_puts_a_periodic_notify_off(void **state)
{
    (void)state;
    struct world w;
    settle(&w);
    w.timer.is_authentic = true;
    w.now += 9 * BAS_SECOND;
    knx_routing_timer_sent_wrapper(&w.timer, w.now);
    assert_between(knx_routing_timer_deadline(&w.timer) - w.now, 10000, 10000 + 3 * S);
    const struct knx_wrapper old = heard(START - L);
    (void)knx_routing_timer_hear_wrapper(&w.timer, &old, w.now);
    bas_time update_at = knx_routing_timer_deadline(&w.timer);
    knx_routing_timer_sent_wrapper(&w.timer, w.now);
    assert_true(knx_routing_timer_deadline(&w.timer) == update_at); /* but not an update */
}

static void our_own_notify_that_comes_back_does_nothing(void **state)
{
    (void)state;
    struct world w;
    settle(&w);
    bas_time before = w.timer.notify_at;
    struct knx_wrapper sent = w.timer.sent;
    knx_routing_timer_hear_notify(&w.timer, &sent, w.now);
    assert_false(w.timer.is_authentic);
    assert_true(w.timer.is_keeper);
    assert_true(w.timer.notify_at == before);
}

/* Start-up */

static void the_first_notify_waits_as_long_as_it_may(void **state)
{
    (void)state;
    struct range range = { BAS_NEVER, 0 };
    struct world w;
    test_env_init(&w.env);
    for (unsigned n = 0; n < 400; n++) {
        start(&w, 10000);
        widen(&range, knx_routing_timer_deadline(&w.timer) - w.now);
    }
    assert_uses(&range, 0, 10000);
    start(&w, 0);
    assert_true(knx_routing_timer_deadline(&w.timer) == w.now);
}

static void nothing_that_is_heard_keeps_the_first_notify_back(void **state)
{
    (void)state;
    static const int behind[] = { -50, 0, S, L };
    struct world w;
    test_env_init(&w.env);
    for (size_t i = 0; i < BAS_ARRAY_LEN(behind); i++) {
        start(&w, 10000);
        bas_time at = knx_routing_timer_deadline(&w.timer);
        struct knx_wrapper message = heard((uint64_t)(START - behind[i]));
        knx_routing_timer_hear_notify(&w.timer, &message, w.now);
        (void)knx_routing_timer_hear_wrapper(&w.timer, &message, w.now);
        assert_true(knx_routing_timer_deadline(&w.timer) == at);
        assert_int_equal(w.timer.state, KNX_TIMER_WAITING);
        assert_true(own(&w) == (behind[i] < 0 ? START + 50 : START));
    }
}

static void an_answer_to_our_first_notify_makes_us_authentic(void **state)
{
    (void)state;
    struct world w;
    settle(&w);
    w.now += 300 * BAS_MILLISECOND;
    struct knx_wrapper answer = heard(START + 900000);
    answer.tag = w.timer.first_tag; /* of somebody else */
    knx_routing_timer_hear_notify(&w.timer, &answer, w.now);
    assert_false(w.timer.is_authentic);
    memcpy(answer.serial, ours, sizeof(ours));
    answer.tag = (uint16_t)(w.timer.first_tag + 1);
    answer.sequence += 1;
    knx_routing_timer_hear_notify(&w.timer, &answer, w.now);
    assert_false(w.timer.is_authentic);
    answer.tag = w.timer.first_tag;
    answer.sequence += 1;
    knx_routing_timer_hear_notify(&w.timer, &answer, w.now);
    assert_true(w.timer.is_authentic);
    assert_true(own(&w) == START + 900002);
    assert_false(w.timer.is_keeper);
}

static void without_an_answer_the_timer_is_authentic_after_a_time(void **state)
{
    (void)state;
    struct world w;
    settle(&w);
    bas_time wait = (100 + 12 * S + 2 * L) * BAS_MILLISECOND;
    assert_true(knx_routing_timer_deadline(&w.timer) == T0 + wait);
    knx_routing_timer_tick(&w.timer, T0 + wait - 1);
    assert_false(w.timer.is_authentic);
    knx_routing_timer_tick(&w.timer, T0 + wait);
    assert_true(w.timer.is_authentic);
    assert_true(knx_routing_timer_deadline(&w.timer) >= T0 + 10 * BAS_SECOND);
}

static void before_the_first_notify_nobody_makes_us_authentic(void **state)
{
    (void)state;
    struct world w;
    test_env_init(&w.env);
    start(&w, 10000);
    struct knx_wrapper guess = heard(START + 1);
    memcpy(guess.serial, ours, sizeof(ours));
    guess.tag = 0;
    knx_routing_timer_hear_notify(&w.timer, &guess, w.now);
    knx_routing_timer_tick(&w.timer, w.now + 60 * BAS_SECOND);
    assert_false(w.timer.is_authentic);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_timer_counts_milliseconds_and_ends_at_48_bits),
        cmocka_unit_test(the_sync_tolerance_is_a_fraction_of_the_latency),
        cmocka_unit_test(a_value_belongs_to_the_class_that_its_distance_says),
        cmocka_unit_test(each_schedule_is_drawn_from_its_interval),
        cmocka_unit_test(a_notify_does_what_its_class_says),
        cmocka_unit_test(a_wrapper_does_what_its_class_says),
        cmocka_unit_test(a_periodic_notify_tells_our_time_under_our_serial),
        cmocka_unit_test(an_update_answers_the_first_that_was_too_old),
        cmocka_unit_test(a_wrapper_of_ours_puts_a_periodic_notify_off),
        cmocka_unit_test(our_own_notify_that_comes_back_does_nothing),
        cmocka_unit_test(the_first_notify_waits_as_long_as_it_may),
        cmocka_unit_test(nothing_that_is_heard_keeps_the_first_notify_back),
        cmocka_unit_test(an_answer_to_our_first_notify_makes_us_authentic),
        cmocka_unit_test(without_an_answer_the_timer_is_authentic_after_a_time),
        cmocka_unit_test(before_the_first_notify_nobody_makes_us_authentic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
