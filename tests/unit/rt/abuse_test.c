/* A peer whose WebSocket is open and who abuses it: lengths that are lies, fragments without end,
 * pings in floods, records of one octet. It costs bounded memory and time, and its neighbour goes
 * on. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "link_fixture.h"
#include "test_folder.h"

#include <string.h>

enum { STEPS = 60, MASKED_PING = 6, PINGS = 2000, MARGIN = 256 * 1024 };

struct abuse {
    struct fixture f;
    struct rt_peer neighbour;
    size_t live; /* memory before it began */
    uint32_t tag;
};

static void begin(struct abuse *a, const struct rt_peer_config *abuser)
{
    const struct rt_peer_config good = { .level = RT_WS };
    fixture_begin(&a->f);
    a->tag = 0;
    fixture_connect(&a->f, abuser);
    rt_until(&a->f.w, &a->f.owner.opened, 1);
    rt_peer_connect(&a->f.w, &a->neighbour, &good, listener_address(a->f.listener));
    rt_peer_ready(&a->neighbour);
    rt_until(&a->f.w, &a->f.owner.opened, 2);
    a->live = a->f.w.t.live;
}

static struct rt_end *abuser(struct abuse *a)
{
    return &a->f.owner.ends[0];
}

/* The neighbour has a message through, and memory is bounded. */
static void neighbour_goes_on(struct abuse *a)
{
    rt_peer_send(&a->neighbour, rt_npdu(1, a->tag++, 300));
    rt_until(&a->f.w, &a->f.owner.ends[1].messages, a->tag);
    assert_true(a->f.w.t.live < a->live + MARGIN);
}

static void end(struct abuse *a)
{
    neighbour_goes_on(a);
    assert_int_equal(a->f.owner.ends[1].messages, a->tag);
    fixture_end(&a->f);
}

/* Its time is over, if it runs. */
static void ends_by_time(struct abuse *a)
{
    struct rt_end *at = abuser(a);
    assert_non_null(at->link);
    assert_true(at->link->unfinished_since != 0);
    at->link->unfinished_since -= 60 * BAS_SECOND;
    assert_true(rt_hasten(&at->link->timer));
    rt_until(&a->f.w, &a->f.owner.closed, 1);
    assert_int_equal(at->why.err, BAS_ERR_TIMEOUT);
    assert_int_equal(at->why.error_code, BAC_ERROR_CODE_WEBSOCKET_DATA_AGAINST_POLICY);
}

static void junk(struct rt_peer *peer, size_t len)
{
    static const uint8_t octets[60000] = { 0 };
    rt_peer_seal(peer, (struct bas_slice){ octets, len });
}

static const struct rt_peer_config as_usual = { .level = RT_WS };

/* Lengths. */

static void a_length_of_exabytes_takes_no_memory_and_is_not_waited_for(void **state)
{
    (void)state;
    struct abuse a;
    begin(&a, &as_usual);
    rt_peer_seal(&a.f.peer, test_hex("82ff7fffffffffffffff00000000"));
    for (unsigned i = 0; i < STEPS; i++) {
        junk(&a.f.peer, 60000);
        neighbour_goes_on(&a);
    }
    assert_int_equal(a.f.owner.ends[0].messages, 0);
    ends_by_time(&a);
    end(&a);
}

static void a_length_that_is_not_kept_is_not_waited_for(void **state)
{
    (void)state;
    static const char *const begins[] = {
        "82fefff000000000 01", /* 65,520 octets, of which one comes */
        "82fe0100",            /* half a header */
        "82",                  /* less than that */
        "89850000",            /* half a ping */
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(begins); i++) {
        struct abuse a;
        begin(&a, &as_usual);
        rt_peer_seal(&a.f.peer, test_hex(begins[i]));
        while (abuser(&a)->link->unfinished_since == 0) {
            rt_turns(&a.f.w, 1);
        }
        assert_true(a.f.w.loop->unfinished.used < 2048); /* what came, not what was said */
        neighbour_goes_on(&a);
        ends_by_time(&a);
        end(&a);
    }
}

/* Fragments. */

static void fragments(struct abuse *a, const char *fragment)
{
    const struct bas_slice one = test_hex(fragment);
    rt_peer_seal(&a->f.peer, test_hex("028000000000"));
    for (unsigned i = 0; i < STEPS; i++) {
        rt_peer_cork(&a->f.peer);
        for (unsigned n = 0; n < 100; n++) {
            rt_peer_seal(&a->f.peer, one);
        }
        rt_peer_uncork(&a->f.peer);
        neighbour_goes_on(a);
    }
}

static void empty_fragments_without_end_have_the_time_of_one_message(void **state)
{
    (void)state;
    struct abuse a;
    begin(&a, &as_usual);
    fragments(&a, "008000000000");
    assert_int_equal(abuser(&a)->messages, 0);
    ends_by_time(&a);
    end(&a);
}

static void small_fragments_without_end_take_no_more_than_one_message(void **state)
{
    (void)state;
    struct abuse a;
    begin(&a, &as_usual);
    fragments(&a, "009000000000 00000000000000000000000000000000"); /* 96,000 octets in all */
    assert_int_equal(abuser(&a)->messages, 0);
    assert_true(a.f.w.loop->unfinished.used < 1024); /* too long, so it is skipped */
    ends_by_time(&a);
    end(&a);
}

static void a_message_in_very_small_fragments_arrives_all_the_same(void **state)
{
    (void)state;
    struct abuse a;
    begin(&a, &as_usual);
    fragments(&a, "008100000000 61");
    rt_peer_seal(&a.f.peer, test_hex("808000000000"));
    rt_until(&a.f.w, &abuser(&a)->messages, 1);
    assert_int_equal(abuser(&a)->octets, STEPS * 100);
    assert_int_equal(a.f.w.loop->unfinished.used, 0);
    end(&a);
}

/* Control frames. */

static void flood_of(struct rt_peer *peer, const char *frame)
{
    const struct bas_slice one = test_hex(frame);
    uint8_t many[PINGS * MASKED_PING];
    assert_int_equal(one.len, MASKED_PING);
    for (size_t i = 0; i < PINGS; i++) {
        memcpy(many + i * MASKED_PING, one.data, MASKED_PING);
    }
    rt_peer_seal(peer, (struct bas_slice){ many, sizeof(many) });
}

static void of_a_flood_of_pings_the_newest_is_answered(void **state)
{
    (void)state;
    struct abuse a;
    begin(&a, &as_usual);
    size_t before = a.f.peer.octets;
    for (uint32_t tag = 0; tag < STEPS; tag++) {
        flood_of(&a.f.peer, "898000000000");
        rt_peer_send(&a.f.peer, rt_npdu(1, tag, 100)); /* what it has to say is heard */
        rt_until(&a.f.w, &abuser(&a)->messages, tag + 1);
        neighbour_goes_on(&a);
    }
    rt_turns(&a.f.w, 10);
    /* A record for each time that it was read, of the 24 and more octets that a record has. */
    assert_in_range(a.f.peer.octets - before, 24, STEPS * 4 * 64);
    end(&a);
}

static void who_floods_with_pings_and_does_not_read_is_left_alone(void **state)
{
    (void)state;
    struct abuse a;
    begin(&a, &as_usual);
    rt_peer_pause(&a.f.peer);
    for (uint32_t tag = 0; tag < STEPS; tag++) {
        flood_of(&a.f.peer, "898000000000");
        neighbour_goes_on(&a);
    }
    assert_non_null(abuser(&a)->link);
    assert_true(abuser(&a)->most_leftover < 256);
    end(&a);
}

static void pongs_that_nobody_asked_for_are_nothing(void **state)
{
    (void)state;
    struct abuse a;
    begin(&a, &as_usual);
    size_t before = a.f.peer.octets;
    for (uint32_t tag = 0; tag < STEPS; tag++) {
        flood_of(&a.f.peer, "8a8000000000");
        neighbour_goes_on(&a);
    }
    rt_turns(&a.f.w, 10);
    assert_int_equal(a.f.peer.octets, before);
    assert_non_null(abuser(&a)->link);
    end(&a);
}

/* Records. */

static void message_octet_by_octet(struct rt_peer *peer, struct bas_slice message)
{
    uint8_t memory[512];
    struct bas_buf frame;
    bas_buf_init(&frame, memory, sizeof(memory));
    assert_int_equal(bas_ws_write(peer->ws, &frame, message, (struct bas_slice){ NULL, 0 }),
                     BAS_OK);
    rt_peer_cork(peer);
    for (size_t i = 0; i < frame.len; i++) {
        rt_peer_seal(peer, (struct bas_slice){ frame.data + i, 1 });
    }
    rt_peer_uncork(peer);
}

static void records_of_one_octet_are_read_and_the_neighbour_goes_on(void **state)
{
    (void)state;
    struct abuse a;
    begin(&a, &as_usual);
    a.f.owner.is_strict = true;
    for (uint32_t tag = 0; tag < STEPS; tag++) {
        message_octet_by_octet(&a.f.peer, rt_npdu(1, tag, 300));
        neighbour_goes_on(&a);
    }
    rt_until(&a.f.w, &abuser(&a)->messages, STEPS);
    end(&a);
}

static void messages_of_no_octets_cost_their_sender_alone(void **state)
{
    (void)state;
    struct abuse a;
    begin(&a, &as_usual);
    for (uint32_t i = 0; i < STEPS; i++) {
        flood_of(&a.f.peer, "828000000000");
        neighbour_goes_on(&a);
    }
    rt_until(&a.f.w, &abuser(&a)->messages, STEPS * PINGS);
    end(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_length_of_exabytes_takes_no_memory_and_is_not_waited_for),
        cmocka_unit_test(a_length_that_is_not_kept_is_not_waited_for),
        cmocka_unit_test(empty_fragments_without_end_have_the_time_of_one_message),
        cmocka_unit_test(small_fragments_without_end_take_no_more_than_one_message),
        cmocka_unit_test(a_message_in_very_small_fragments_arrives_all_the_same),
        cmocka_unit_test(of_a_flood_of_pings_the_newest_is_answered),
        cmocka_unit_test(who_floods_with_pings_and_does_not_read_is_left_alone),
        cmocka_unit_test(pongs_that_nobody_asked_for_are_nothing),
        cmocka_unit_test(records_of_one_octet_are_read_and_the_neighbour_goes_on),
        cmocka_unit_test(messages_of_no_octets_cost_their_sender_alone),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
