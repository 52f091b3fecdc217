/* Tests of link_input.c: the bounds of a turn, and what may stay unfinished. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "link_fixture.h"
#include "test_folder.h"

#include <string.h>

enum { STORM = 40, BATCH = 900, BATCHES = 6 };

/* BATCHES times BATCH messages of about a kilobyte. */
static void flood(struct rt_peer *peer)
{
    for (uint32_t tag = 0; tag < BATCH * BATCHES; tag++) {
        if (tag % BATCH == 0) {
            rt_peer_uncork(peer);
            rt_peer_cork(peer);
        }
        rt_peer_send(peer, rt_npdu(1, tag, 1000));
    }
    rt_peer_uncork(peer);
}

/* Turns. */

static void count_pauses(struct rt_end *end, const struct bas_window *window)
{
    unsigned *pauses = end->owner->user;
    (void)window;
    *pauses += end->link->wants_resume;
}

static void a_flooding_peer_is_read_64_kb_a_turn_until_all_has_arrived(void **state)
{
    (void)state;
    struct fixture f;
    unsigned pauses = 0;
    fixture_open(&f);
    f.owner.is_strict = true;
    f.owner.on_message = count_pauses;
    f.owner.user = &pauses;
    flood(&f.peer);
    rt_until(&f.w, &f.owner.messages, BATCH * BATCHES);
    assert_int_not_equal(pauses, 0);
    assert_in_range(f.owner.ends[0].read.most, 1, LOOP_CIPHER + 1100);
    fixture_end(&f);
}

/* What the flooding peer had sent when the other's message came. */
static void note_flood(struct rt_end *end, const struct bas_window *window)
{
    size_t *octets = end->owner->user;
    (void)window;
    if (end == &end->owner->ends[1]) {
        *octets = end->owner->ends[0].octets;
    }
}

static void a_flooding_peer_does_not_starve_another(void **state)
{
    (void)state;
    struct fixture f;
    struct rt_peer other;
    const struct rt_peer_config config = { .level = RT_WS };
    size_t at_arrival = 0;
    fixture_open(&f);
    rt_peer_connect(&f.w, &other, &config, listener_address(f.listener));
    rt_peer_ready(&other);
    f.owner.on_message = note_flood;
    f.owner.user = &at_arrival;
    flood(&f.peer);
    rt_until(&f.w, &f.owner.ends[0].messages, 100);
    size_t at_sending = f.owner.ends[0].octets;
    rt_peer_send(&other, rt_npdu(1, 0, 10));
    rt_until(&f.w, &f.owner.ends[1].messages, 1);
    rt_until(&f.w, &f.owner.ends[0].messages, BATCH * BATCHES);
    assert_true(at_arrival - at_sending <= 2 * LOOP_CIPHER);
    assert_true(f.owner.ends[0].octets - at_sending > 8 * LOOP_CIPHER);
    fixture_end(&f);
}

/* Handshakes. */

struct storm {
    struct fixture f;
    struct flusher flusher;
    struct rt_peer peers[STORM];
    unsigned most; /* handshakes in one turn */
    unsigned waiting;
};

static bool watch_handshakes(void *user, bas_time now)
{
    struct storm *s = user;
    unsigned n = s->f.w.loop->handshakes;
    (void)now;
    s->most = n > s->most ? n : s->most;
    s->waiting += s->f.w.loop->deferred != NULL;
    return false;
}

static void storm_listen(struct storm *s)
{
    fixture_begin(&s->f);
    s->f.listener = rt_owner_listen(&s->f.owner, &s->f.config);
    s->flusher = (struct flusher){ watch_handshakes, s, NULL };
    s->most = 0;
    s->waiting = 0;
    loop_add_flusher(s->f.w.loop, &s->flusher);
}

static void storm_connect(struct storm *s)
{
    const struct rt_peer_config config = { .level = RT_WS };
    for (unsigned i = 0; i < STORM; i++) {
        rt_peer_connect(&s->f.w, &s->peers[i], &config, listener_address(s->f.listener));
    }
}

static void storm_begin(struct storm *s)
{
    storm_listen(s);
    storm_connect(s);
}

static void forty_clients_at_once_are_spread_over_turns_and_all_succeed(void **state)
{
    (void)state;
    static struct storm s;
    storm_begin(&s);
    rt_until(&s.f.w, &s.f.owner.opened, STORM);
    assert_int_equal(s.most, LOOP_HANDSHAKES_PER_TURN);
    assert_true(s.waiting > STORM / LOOP_HANDSHAKES_PER_TURN / 2);
    for (unsigned i = 0; i < STORM; i++) {
        rt_peer_ready(&s.peers[i]);
    }
    assert_int_equal(s.f.owner.closed, 0);
    fixture_end(&s.f);
}

static void one_that_goes_while_its_handshake_waits_takes_nobody_with_it(void **state)
{
    (void)state;
    static struct storm s;
    storm_begin(&s);
    rt_until(&s.f.w, &s.waiting, 1);
    for (unsigned i = 0; i < STORM; i += 4) {
        rt_peer_reset(&s.peers[i]);
    }
    rt_until(&s.f.w, &s.f.owner.opened, STORM - STORM / 4);
    rt_turns(&s.f.w, 20);
    assert_int_equal(s.f.owner.opened + s.f.owner.closed, STORM);
    fixture_end(&s.f);
}

static void handshakes_that_wait_end_when_their_time_is_over(void **state)
{
    (void)state;
    static struct storm s;
    storm_begin(&s);
    rt_until(&s.f.w, &s.waiting, 1);
    (void)rt_hasten_all(&s.f.w);
    rt_until(&s.f.w, &s.f.owner.closed, STORM / 2);
    assert_int_equal(s.f.owner.why.err, BAS_ERR_TIMEOUT);
    fixture_end(&s.f);
    assert_null(s.f.w.peers);
}

/* All sessions write into one buffer: what one that is over leaves there would go to another. */
static void handshakes_that_are_over_say_nothing_on_other_links(void **state)
{
    (void)state;
    static struct storm s;
    struct rt_peer other;
    const struct rt_peer_config config = { .level = RT_WS };
    storm_listen(&s);
    rt_peer_connect(&s.f.w, &other, &config, listener_address(s.f.listener));
    rt_until(&s.f.w, &s.f.owner.opened, 1);
    storm_connect(&s);
    rt_until(&s.f.w, &s.waiting, 1);
    (void)rt_hasten_all(&s.f.w);
    for (unsigned i = 0; i < 20; i++) {
        s.f.owner.ends[0].wanted++;
        rt_turns(&s.f.w, 1);
    }
    rt_until(&s.f.w, &other.messages, 20);
    assert_int_equal(other.fault.err, BAS_OK);
    fixture_end(&s.f);
}

static void a_listener_that_closes_forgets_handshakes_that_wait(void **state)
{
    (void)state;
    static struct storm s;
    storm_begin(&s);
    rt_until(&s.f.w, &s.waiting, 1);
    listener_close(s.f.listener, NULL, NULL);
    s.f.listener = NULL;
    assert_null(s.f.w.loop->deferred);
    rt_until(&s.f.w, &s.peers[STORM - 1].ended, 1);
    assert_int_equal(s.f.owner.opened, 0);
    fixture_end(&s.f);
}

/* Unfinished input. */

/* Sends the first half of what stands in the peer's corked output and keeps the second. */
static struct bas_slice send_half(struct rt_peer *peer)
{
    size_t half = peer->out.len / 2;
    struct bas_slice rest = { peer->out.data + half, peer->out.len - half };
    rt_peer_write(peer, (struct bas_slice){ peer->out.data, half });
    peer->out.len = 0;
    return rest;
}

static void until_unfinished(struct fixture *f)
{
    while (f->w.loop->unfinished.used == 0) {
        rt_turns(&f->w, 1);
    }
}

static void half_a_record_ends_the_link_when_the_time_is_over(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.owner.ends[0].link->config.setup_ms = 50;
    rt_peer_cork(&f.peer);
    rt_peer_send(&f.peer, rt_npdu(1, 0, 1000));
    (void)send_half(&f.peer);
    until_unfinished(&f);
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.why.err, BAS_ERR_TIMEOUT);
    assert_int_equal(f.owner.why.error_code, BAC_ERROR_CODE_WEBSOCKET_DATA_AGAINST_POLICY);
    assert_has(f.owner.why.text, "not completed");
    rt_until(&f.w, &f.peer.ended, 1);
    fixture_end(&f);
}

static void half_a_message_ends_the_link_when_the_time_is_over(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.owner.ends[0].link->config.setup_ms = 50;
    rt_peer_seal(&f.peer, test_hex("82fe03e800000000 0102030405")); /* 5 octets of 1000 */
    until_unfinished(&f);
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.why.err, BAS_ERR_TIMEOUT);
    assert_has(f.owner.why.text, "not completed");
    fixture_end(&f);
}

static void half_an_upgrade_request_ends_the_link_when_the_time_is_over(void **state)
{
    (void)state;
    static const char half[] = "GET / HTTP/1.1\r\nHost: hub\r\nUpgrade: webs";
    struct fixture f;
    const struct rt_peer_config peer = { .level = RT_TLS };
    fixture_begin(&f);
    fixture_connect(&f, &peer);
    rt_peer_seal(&f.peer, (struct bas_slice){ (const uint8_t *)half, sizeof(half) - 1 });
    until_unfinished(&f);
    assert_int_equal(rt_hasten_all(&f.w), 1);
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.why.error_code, BAC_ERROR_CODE_HTTP_RESPONSE_TIMEOUT);
    fixture_end(&f);
}

static void half_a_client_hello_ends_the_link_when_the_time_is_over(void **state)
{
    (void)state;
    struct fixture f;
    const struct rt_peer_config peer = { .level = RT_TCP };
    fixture_begin(&f);
    fixture_connect(&f, &peer);
    rt_peer_write(&f.peer, test_hex("16030100c8010000c40303000102030405060708"));
    until_unfinished(&f);
    assert_int_equal(rt_hasten_all(&f.w), 1);
    rt_until(&f.w, &f.owner.closed, 1);
    assert_has(f.owner.why.text, "the TLS handshake");
    fixture_end(&f);
}

static void what_is_completed_in_time_is_forgiven(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct link *link = f.owner.ends[0].link;
    rt_peer_cork(&f.peer);
    rt_peer_send(&f.peer, rt_npdu(1, 0, 1000));
    struct bas_slice rest = send_half(&f.peer);
    until_unfinished(&f);
    rt_peer_write(&f.peer, rest);
    rt_until(&f.w, &f.owner.messages, 1);
    assert_int_equal(f.w.loop->unfinished.used, 0);
    assert_true(rt_hasten(&link->timer));
    rt_turns(&f.w, 3);
    assert_int_equal(link->state, LINK_OPEN);
    assert_false(uv_is_active((uv_handle_t *)&link->timer));
    fixture_end(&f);
}

static void each_message_has_the_whole_time(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct link *link = f.owner.ends[0].link;
    rt_peer_cork(&f.peer);
    rt_peer_send(&f.peer, rt_npdu(1, 0, 1000));
    struct bas_slice rest = send_half(&f.peer);
    until_unfinished(&f);
    rt_peer_write(&f.peer, rest);
    rt_until(&f.w, &f.owner.messages, 1);
    rt_peer_send(&f.peer, rt_npdu(1, 1, 1000));
    (void)send_half(&f.peer);
    until_unfinished(&f);
    assert_true(rt_hasten(&link->timer)); /* that of the first message */
    rt_turns(&f.w, 3);
    assert_int_equal(link->state, LINK_OPEN);
    assert_in_range(uv_timer_get_due_in(&link->timer), 1, link->config.setup_ms);
    fixture_end(&f);
}

static void all_unfinished_records_together_have_a_bound(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.w.loop->unfinished.max = 400;
    rt_peer_cork(&f.peer);
    rt_peer_send(&f.peer, rt_npdu(1, 0, 1000));
    (void)send_half(&f.peer);
    rt_until(&f.w, &f.owner.closed, 1);
    assert_int_equal(f.owner.why.err, BAS_ERR_NO_SPACE);
    assert_has(f.owner.why.text, "too much unfinished input");
    fixture_end(&f);
}

static void all_unfinished_messages_together_have_a_bound(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.w.loop->unfinished.max = 400;
    rt_peer_seal(&f.peer, test_hex("82fe03e800000000 0102030405"));
    rt_until(&f.w, &f.peer.closed, 1);
    assert_int_equal(f.peer.close_code, BAS_WS_CLOSE_POLICY);
    assert_int_equal(f.owner.closed, 1);
    fixture_end(&f);
}

/* Messages. */

static void a_message_over_the_maximum_is_discarded_and_the_link_stays(void **state)
{
    (void)state;
    struct fixture f;
    const struct rt_peer_config peer = { .level = RT_WS };
    fixture_begin(&f);
    f.config.max_message = 1000;
    fixture_connect(&f, &peer);
    rt_peer_send(&f.peer, rt_npdu(1, 0, 5000));
    rt_peer_send(&f.peer, rt_npdu(1, 0, 10));
    f.owner.is_strict = true;
    rt_until(&f.w, &f.owner.messages, 1);
    assert_int_equal(f.owner.ends[0].octets, 20);
    assert_has(f.w.t.last_log, "5010 octets is over our maximum");
    fixture_end(&f);
}

static void so_many_of_them_are_counted_and_told_once_a_minute(void **state)
{
    (void)state;
    struct fixture f;
    const struct rt_peer_config peer = { .level = RT_WS };
    fixture_begin(&f);
    f.config.max_message = 1000;
    fixture_connect(&f, &peer);
    for (int i = 0; i < 50; i++) {
        rt_peer_send(&f.peer, rt_npdu(1, 0, 5000));
    }
    rt_peer_send(&f.peer, rt_npdu(1, 0, 10));
    rt_until(&f.w, &f.owner.messages, 1);
    assert_int_equal(f.w.t.logs, 1);
    assert_int_equal(f.w.loop->too_long, 50);
    f.w.loop->too_long_told_at -= 60 * BAS_SECOND;
    rt_peer_send(&f.peer, rt_npdu(1, 0, 5000));
    rt_peer_send(&f.peer, rt_npdu(1, 0, 10));
    rt_until(&f.w, &f.owner.messages, 2);
    assert_int_equal(f.w.t.logs, 2);
    assert_has(f.w.t.last_log, "51 such");
    fixture_end(&f);
}

struct kept {
    struct bas_window window;
    unsigned n;
};

static void keep_first(struct rt_end *end, const struct bas_window *window)
{
    struct kept *kept = end->owner->user;
    if (kept->n++ == 0) {
        kept->window = *window;
        (void)bas_frame_ref(window->frame);
    }
}

static void a_message_that_was_kept_outlives_its_turn(void **state)
{
    (void)state;
    struct fixture f;
    struct kept kept = { .n = 0 };
    fixture_open(&f);
    f.owner.on_message = keep_first;
    f.owner.user = &kept;
    for (uint32_t tag = 0; tag < 100; tag++) {
        rt_peer_send(&f.peer, rt_npdu(1, tag, 5000));
    }
    rt_until(&f.w, &f.owner.messages, 100);
    assert_int_equal(rt_npdu_check(bas_window_slice(&kept.window), NULL), 0);
    bas_frame_unref(kept.window.frame);
    fixture_end(&f);
}

static void a_link_ends_when_all_receive_blocks_are_held(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct bas_frame *block = bas_frame_ref(loop_block(f.w.loop));
    rt_turns(&f.w, 2);
    f.w.t.fail_at = 1;
    rt_peer_send(&f.peer, rt_npdu(1, 0, 10));
    rt_until(&f.w, &f.owner.closed, 1);
    f.w.t.fail_at = 0;
    assert_int_equal(f.owner.why.err, BAS_ERR_NO_MEMORY);
    assert_has(f.owner.why.text, "receive blocks");
    bas_frame_unref(block);
    fixture_end(&f);
}

static void what_stands_behind_a_close_frame_is_not_looked_at(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rt_peer_cork(&f.peer);
    rt_peer_send(&f.peer, rt_npdu(1, 0, 10));
    rt_peer_close(&f.peer, BAS_WS_CLOSE_NORMAL);
    rt_peer_seal(&f.peer, test_hex("828400000000 01020304"));
    rt_peer_uncork(&f.peer);
    rt_until(&f.w, &f.peer.ended, 1);
    assert_int_equal(f.owner.messages, 1);
    fixture_end(&f);
}

static void a_ping_is_answered_though_nothing_else_is_to_be_sent(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rt_peer_ping(&f.peer);
    rt_until(&f.w, &f.peer.pongs, 1);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flooding_peer_is_read_64_kb_a_turn_until_all_has_arrived),
        cmocka_unit_test(a_flooding_peer_does_not_starve_another),
        cmocka_unit_test(forty_clients_at_once_are_spread_over_turns_and_all_succeed),
        cmocka_unit_test(one_that_goes_while_its_handshake_waits_takes_nobody_with_it),
        cmocka_unit_test(handshakes_that_wait_end_when_their_time_is_over),
        cmocka_unit_test(handshakes_that_are_over_say_nothing_on_other_links),
        cmocka_unit_test(a_listener_that_closes_forgets_handshakes_that_wait),
        cmocka_unit_test(half_a_record_ends_the_link_when_the_time_is_over),
        cmocka_unit_test(half_a_message_ends_the_link_when_the_time_is_over),
        cmocka_unit_test(half_an_upgrade_request_ends_the_link_when_the_time_is_over),
        cmocka_unit_test(half_a_client_hello_ends_the_link_when_the_time_is_over),
        cmocka_unit_test(what_is_completed_in_time_is_forgiven),
        cmocka_unit_test(each_message_has_the_whole_time),
        cmocka_unit_test(all_unfinished_records_together_have_a_bound),
        cmocka_unit_test(all_unfinished_messages_together_have_a_bound),
        cmocka_unit_test(a_message_over_the_maximum_is_discarded_and_the_link_stays),
        cmocka_unit_test(so_many_of_them_are_counted_and_told_once_a_minute),
        cmocka_unit_test(a_message_that_was_kept_outlives_its_turn),
        cmocka_unit_test(a_link_ends_when_all_receive_blocks_are_held),
        cmocka_unit_test(what_stands_behind_a_close_frame_is_not_looked_at),
        cmocka_unit_test(a_ping_is_answered_though_nothing_else_is_to_be_sent),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
