/* Tests of link_output.c: messages into records, records into the transport, and a transport that
 * takes nothing. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "link_fixture.h"
#include "test_folder.h"

#include <string.h>

enum { RECORD_ROOM = LOOP_RECORD_TARGET + BAS_TLS_RECORD_OVERHEAD };

/* The peer stops to read, and the owner sends until something is left over and nothing moves. */
static void fill(struct fixture *f, size_t size)
{
    struct rt_end *end = &f->owner.ends[0];
    rt_peer_pause(&f->peer);
    end->size = size;
    end->wanted = UINT32_MAX;
    rt_until(&f->w, &end->leftovers, 1);
    for (unsigned still = 0, before = end->popped; still < 20; still++) {
        rt_turns(&f->w, 1);
        still = end->popped == before ? still : 0;
        before = end->popped;
    }
    assert_true(end->is_blocked);
    end->wanted = end->popped;
}

static void strict(struct rt_peer *peer, struct bas_slice octets)
{
    assert_int_equal(rt_npdu_check(octets, NULL), peer->messages - 1);
}

static void open_strict(struct fixture *f)
{
    const struct rt_peer_config peer = { .level = RT_WS, .message = strict };
    fixture_begin(f);
    fixture_connect(f, &peer);
    rt_until(&f->w, &f->owner.opened, 1);
}

/* Records. */

static void small_messages_share_records(void **state)
{
    (void)state;
    struct fixture f;
    open_strict(&f);
    f.peer.records = 0;
    f.owner.ends[0].size = 100;
    f.owner.ends[0].wanted = 300; /* of 114 octets on the wire: 34,200 */
    rt_until(&f.w, &f.peer.messages, 300);
    assert_int_equal(f.peer.records, 3);
    fixture_end(&f);
}

static void messages_of_all_sizes_arrive_whole_and_in_order(void **state)
{
    (void)state;
    struct fixture f;
    open_strict(&f);
    f.owner.is_strict = true;
    f.owner.ends[0].wanted = 1000;
    for (uint32_t tag = 0; tag < 1000; tag++) {
        rt_peer_send(&f.peer, rt_npdu(1, tag, rt_size(tag)));
        if (tag % 10 == 0) {
            rt_turns(&f.w, 1);
        }
    }
    rt_until(&f.w, &f.peer.messages, 1000);
    rt_until(&f.w, &f.owner.messages, 1000);
    fixture_end(&f);
}

static void the_largest_message_arrives_in_both_directions(void **state)
{
    (void)state;
    struct fixture f;
    open_strict(&f);
    f.owner.is_strict = true;
    f.owner.ends[0].size = BSC_MAX_BVLC - 10;
    f.owner.ends[0].wanted = 3;
    for (uint32_t tag = 0; tag < 3; tag++) {
        rt_peer_send(&f.peer, rt_npdu(1, tag, BSC_MAX_BVLC - 10));
    }
    rt_until(&f.w, &f.peer.messages, 3);
    rt_until(&f.w, &f.owner.messages, 3);
    assert_int_equal(f.owner.ends[0].octets, 3 * BSC_MAX_BVLC);
    fixture_end(&f);
}

static void an_empty_message_is_a_message(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rt_peer_send(&f.peer, (struct bas_slice){ NULL, 0 });
    rt_until(&f.w, &f.owner.messages, 1);
    assert_int_equal(f.owner.ends[0].octets, 0);
    fixture_end(&f);
}

/* Turns. */

static void no_more_than_64_kb_and_a_record_are_written_in_a_turn(void **state)
{
    (void)state;
    static const size_t sizes[] = { 50, 1000, 16000, 40000, BSC_MAX_BVLC - 10 };
    for (size_t i = 0; i < BAS_ARRAY_LEN(sizes); i++) {
        struct fixture f;
        open_strict(&f);
        f.owner.ends[0].size = sizes[i];
        f.owner.ends[0].wanted = (unsigned)(2000000 / sizes[i]);
        rt_until(&f.w, &f.peer.messages, f.owner.ends[0].wanted);
        size_t record = sizes[i] > LOOP_RECORD_TARGET ? sizes[i] : LOOP_RECORD_TARGET;
        assert_in_range(f.owner.ends[0].sent.most, 1, 65536 + record);
        fixture_end(&f);
    }
}

/* A peer that does not read. */

static void one_leftover_is_held_and_nothing_more_is_sealed(void **state)
{
    (void)state;
    struct fixture f;
    open_strict(&f);
    fill(&f, 1000); /* on_pop asserts that nothing is taken while something waits */
    struct rt_end *end = &f.owner.ends[0];
    assert_in_range(end->most_leftover, 1, RECORD_ROOM);
    assert_int_equal(end->leftover, end->link->leftover->len);
    unsigned taken = end->popped;
    end->wanted += 10;
    rt_turns(&f.w, 20);
    link_flush(end->link);
    assert_int_equal(end->popped, taken);
    fixture_end(&f);
}

static void a_leftover_of_a_largest_message_is_that_message_alone(void **state)
{
    (void)state;
    struct fixture f;
    open_strict(&f);
    fill(&f, BSC_MAX_BVLC - 10);
    assert_in_range(f.owner.ends[0].most_leftover, 1,
                    BSC_MAX_BVLC + BAS_WS_MAX_HEADER + 5 * BAS_TLS_RECORD_OVERHEAD);
    fixture_end(&f);
}

static void one_that_reads_again_gets_everything_in_order(void **state)
{
    (void)state;
    struct fixture f;
    open_strict(&f);
    fill(&f, 5000);
    f.owner.ends[0].wanted += 500;
    rt_peer_resume(&f.peer);
    rt_until(&f.w, &f.peer.messages, f.owner.ends[0].wanted);
    assert_int_equal(f.owner.ends[0].leftover, 0);
    fixture_end(&f);
}

static void what_a_peer_sends_is_read_though_it_does_not_read(void **state)
{
    (void)state;
    struct fixture f;
    open_strict(&f);
    fill(&f, 5000);
    f.owner.is_strict = true;
    for (uint32_t tag = 0; tag < 100; tag++) {
        rt_peer_send(&f.peer, rt_npdu(1, tag, 5000));
    }
    rt_until(&f.w, &f.owner.messages, 100);
    rt_peer_ping(&f.peer); /* its answer waits behind the leftover */
    rt_turns(&f.w, 5);
    assert_int_equal(f.owner.closed, 0);
    rt_peer_resume(&f.peer);
    rt_until(&f.w, &f.peer.pongs, 1);
    fixture_end(&f);
}

static void a_reset_with_a_leftover_ends_the_link_once(void **state)
{
    (void)state;
    struct fixture f;
    open_strict(&f);
    fill(&f, 5000);
    rt_peer_reset(&f.peer);
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.why.err, BAS_ERR_CLOSED);
    assert_int_equal(f.owner.why.error_code, BAC_ERROR_CODE_TCP_CLOSED_OTHER);
    fixture_end(&f);
    assert_int_equal(f.owner.closed, 1);
}

static void a_close_frame_keeps_its_meaning_when_a_reset_takes_the_leftover(void **state)
{
    (void)state;
    struct fixture f;
    open_strict(&f);
    fill(&f, 5000);
    struct link *link = f.owner.ends[0].link;
    rt_peer_close(&f.peer, BAS_WS_CLOSE_GOING_AWAY);
    while (link->state != LINK_CLOSING) {
        rt_turns(&f.w, 1);
    }
    rt_peer_reset(&f.peer);
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.why.error_code, BAC_ERROR_CODE_WEBSOCKET_ENDPOINT_LEAVES);
    fixture_end(&f);
}

static void a_tls_fault_is_told_though_its_alert_has_no_way_out(void **state)
{
    (void)state;
    struct fixture f;
    open_strict(&f);
    fill(&f, 5000);
    rt_peer_write(&f.peer, test_hex("1703030020000102030405060708090a0b0c0d0e0f"
                                    "101112131415161718191a1b1c1d1e1f"));
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.why.err, BAS_ERR_TLS);
    fixture_end(&f);
}

static void a_link_out_of_memory_for_its_leftover_ends(void **state)
{
    (void)state;
    struct fixture f;
    open_strict(&f);
    struct rt_end *end = &f.owner.ends[0];
    rt_peer_pause(&f.peer);
    end->size = 5000;
    end->wanted = UINT32_MAX;
    f.w.t.fail_at = 1;
    rt_until(&f.w, &f.owner.closed, 1);
    f.w.t.fail_at = 0;
    assert_int_equal(f.owner.why.err, BAS_ERR_NO_MEMORY);
    fixture_end(&f);
}

/* For who looks on. */

struct seen {
    unsigned received, sent;
    char peer[64];
};

static void on_trace(void *user, const struct bas_traced *message)
{
    struct seen *seen = user;
    seen->received += message->received;
    seen->sent += !message->received;
    assert_int_equal(message->head.len + message->rest.len, 110);
    assert_true(strlen(message->peer) < sizeof(seen->peer));
    memcpy(seen->peer, message->peer, strlen(message->peer) + 1);
}

static void a_trace_sees_every_message_and_ends(void **state)
{
    (void)state;
    struct fixture f;
    struct seen seen = { .sent = 0 };
    open_strict(&f);
    bas_loop_trace(f.w.loop, on_trace, &seen);
    f.owner.ends[0].size = 100;
    f.owner.ends[0].wanted = 5;
    for (uint32_t tag = 0; tag < 7; tag++) {
        rt_peer_send(&f.peer, rt_npdu(1, tag, 100));
    }
    rt_until(&f.w, &f.owner.messages, 7);
    rt_until(&f.w, &f.peer.messages, 5);
    assert_int_equal(seen.received, 7);
    assert_int_equal(seen.sent, 5);
    assert_string_equal(seen.peer, link_address(f.owner.ends[0].link));
    bas_loop_trace(f.w.loop, NULL, NULL);
    rt_peer_send(&f.peer, rt_npdu(1, 7, 100));
    rt_until(&f.w, &f.owner.messages, 8);
    assert_int_equal(seen.received, 7);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_messages_share_records),
        cmocka_unit_test(messages_of_all_sizes_arrive_whole_and_in_order),
        cmocka_unit_test(the_largest_message_arrives_in_both_directions),
        cmocka_unit_test(an_empty_message_is_a_message),
        cmocka_unit_test(no_more_than_64_kb_and_a_record_are_written_in_a_turn),
        cmocka_unit_test(one_leftover_is_held_and_nothing_more_is_sealed),
        cmocka_unit_test(a_leftover_of_a_largest_message_is_that_message_alone),
        cmocka_unit_test(one_that_reads_again_gets_everything_in_order),
        cmocka_unit_test(what_a_peer_sends_is_read_though_it_does_not_read),
        cmocka_unit_test(a_reset_with_a_leftover_ends_the_link_once),
        cmocka_unit_test(a_close_frame_keeps_its_meaning_when_a_reset_takes_the_leftover),
        cmocka_unit_test(a_tls_fault_is_told_though_its_alert_has_no_way_out),
        cmocka_unit_test(a_link_out_of_memory_for_its_leftover_ends),
        cmocka_unit_test(a_trace_sees_every_message_and_ends),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
