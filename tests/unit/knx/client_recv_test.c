/* The client engine: what arrives (client/recv.c, client/queue.c), and how it is made. */
#include "knx/client/client.h"
#include "knx_peer.h"

#include <string.h>

/* A client that is up. */
static void up(struct knx_peer *peer, enum knx_host_protocol transport, bool is_secure)
{
    knx_peer_begin(peer, transport, is_secure);
    knx_peer_start(peer);
    knx_peer_connects(peer);
}

/* What arrives. */

static void a_stream_may_be_cut_anywhere(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_TCP, false);
    struct bas_slice one =
        test_hex("06100420001504170000" PEER_IND "06100420001504170100" PEER_IND);
    for (size_t cut = 0; cut <= one.len; cut++) {
        unsigned heard = 0;
        struct knx_client_event event;
        for (int part = 0; part < 2; part++) {
            struct bas_slice octets = part == 0
                                          ? (struct bas_slice){ one.data, cut }
                                          : (struct bas_slice){ one.data + cut, one.len - cut };
            knx_peer_gives_octets(&peer, octets);
            while (knx_client_next_event(peer.client, &event)) {
                assert_int_equal(event.kind, KNX_CLIENT_EVENT_TELEGRAM);
                assert_memory_equal(event.cemi.data, test_hex(PEER_IND).data, event.cemi.len);
                heard++;
            }
        }
        assert_int_equal(heard, 2);
    }
    knx_peer_end(&peer);
}

static void a_stream_that_is_not_knx_ends_the_connection(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_TCP, false);
    knx_peer_gives_octets(&peer, test_hex("485454502f312e31"));
    (void)knx_peer_hears_down(&peer, BAS_ERR_PROTOCOL, "not KNXnet/IP");
    knx_peer_gives_octets(&peer, test_hex("485454502f312e31"));
    knx_peer_hears_nothing(&peer);
    knx_peer_end(&peer);
}

static void a_datagram_that_is_not_knx_is_dropped(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_UDP, false);
    static const char *const bad[] = { "",
                                       "06",
                                       "485454502f312e31",
                                       "0620042000070417",
                                       "0610042000150417000029",
                                       "061009990006",
                                       "06100420001504170000" PEER_IND "00" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad); i++) {
        knx_peer_gives_octets(&peer, test_hex(bad[i]));
        if (bad[i][0] != 0) {
            (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_DROPPED);
        }
        knx_peer_hears_nothing(&peer);
        knx_peer_gets_nothing(&peer);
    }
    assert_int_equal(knx_client_state(peer.client), KNX_CLIENT_UP);
    knx_peer_end(&peer);
}

static void rubbish_is_reported_once_a_second_at_most(void **state)
{
    (void)state;
    struct knx_peer peer;
    struct knx_client_event event;
    up(&peer, KNX_UDP, false);
    unsigned heard = 0;
    for (int i = 0; i < 1000; i++) {
        knx_peer_gives_octets(&peer, test_hex("061009990006"));
        heard += knx_client_next_event(peer.client, &event);
    }
    assert_int_equal(heard, KNX_CLIENT_DROP_BURST);
    assert_int_equal(knx_client_dropped(peer.client), 1000);
    knx_peer_waits(&peer, 1000);
    knx_peer_gives_octets(&peer, test_hex("061009990006"));
    (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_DROPPED);
    knx_peer_gives_octets(&peer, test_hex("061009990006"));
    knx_peer_hears_nothing(&peer);
    knx_peer_end(&peer);
}

static void events_not_taken_are_lost_at_the_next_recv_but_nothing_breaks(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_TCP, false);
    for (int i = 0; i < 100; i++) {
        knx_peer_gives_octets(
            &peer, test_hex("06100420001504170000" PEER_IND "06100420001504170100" PEER_IND));
        knx_client_tick(peer.client, peer.now);
    }
    assert_int_equal(knx_client_deadline(peer.client), peer.now); /* events are waiting */
    (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_TELEGRAM);
    (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_TELEGRAM);
    knx_peer_hears_nothing(&peer);
    knx_peer_end(&peer);
}

static void an_answer_to_a_question_of_the_owner_is_handed_over(void **state)
{
    (void)state;
    struct knx_peer peer;
    struct bas_slice question = test_hex("06100203000e0802000000000000");
    struct bas_slice answer = test_hex("0610020400080202");
    up(&peer, KNX_TCP, true);
    assert_int_equal(knx_client_ask(peer.client, question, peer.now), BAS_OK);
    assert_int_equal(knx_client_ask(peer.client, question, peer.now), BAS_ERR_BUSY);
    (void)knx_peer_gets(&peer, KNX_DESCRIPTION_REQUEST);
    assert_memory_equal(peer.frame.data, question.data, question.len);
    knx_peer_gives_octets(&peer, knx_peer_seal(&peer, answer));
    struct knx_client_event event = knx_peer_hears(&peer, KNX_CLIENT_EVENT_ANSWER);
    assert_int_equal(event.cemi.len, answer.len);
    assert_memory_equal(event.cemi.data, answer.data, answer.len);
    assert_int_not_equal(knx_client_ask(peer.client, test_hex("0610"), peer.now), BAS_OK);
    uint8_t octets[200] = { 6, 0x10, 0x07, 0x40, 0, 200 };
    assert_int_equal(
        knx_client_ask(peer.client, (struct bas_slice){ octets, sizeof(octets) }, peer.now),
        BAS_ERR_TOO_LONG);
    knx_client_lost(peer.client, NULL, peer.now);
    assert_int_equal(knx_client_ask(peer.client, question, peer.now), BAS_ERR_STATE);
    knx_peer_end(&peer);
}

/* Creation. */

static void a_configuration_that_cannot_be_makes_no_client(void **state)
{
    (void)state;
    struct knx_peer peer;
    knx_peer_begin(&peer, KNX_TCP, true);
    struct knx_client_config config = peer.config;
    config.transport = KNX_UDP; /* spec 2.7: secure over TCP only */
    assert_null(knx_client_new(&peer.t.env, &config));
    config = peer.config;
    config.user = 0;
    assert_null(knx_client_new(&peer.t.env, &config));
    config.user = 128;
    assert_null(knx_client_new(&peer.t.env, &config));
    config = peer.config;
    config.transport = (enum knx_host_protocol)3;
    assert_null(knx_client_new(&peer.t.env, &config));
    config = peer.config;
    config.connection = KNX_CONNECTION_OBJECT_SERVER;
    assert_null(knx_client_new(&peer.t.env, &config));
    config = peer.config;
    config.layer = (enum knx_layer)1;
    assert_null(knx_client_new(&peer.t.env, &config));
    test_env_check(&peer.t);
}

static void no_memory_at_any_point_of_creation_gives_null_and_leaks_nothing(void **state)
{
    (void)state;
    struct knx_peer peer;
    knx_peer_begin(&peer, KNX_TCP, true);
    for (size_t k = 1;; k++) {
        peer.t.allocations = 0;
        peer.t.fail_at = k;
        peer.client = knx_client_new(&peer.t.env, &peer.config);
        if (peer.client != NULL) {
            break;
        }
        test_env_check(&peer.t);
        assert_true(k < 10);
    }
    knx_peer_end(&peer);
    knx_client_free(NULL);
}

static void nothing_is_allocated_after_creation(void **state)
{
    (void)state;
    struct knx_peer peer;
    knx_peer_begin(&peer, KNX_TCP, true);
    peer.client = knx_client_new(&peer.t.env, &peer.config);
    peer.t.fail_at = 1;
    knx_client_open(peer.client, peer.now);
    knx_peer_connects(&peer);
    (void)knx_peer_sends(&peer, PEER_REQ);
    (void)knx_peer_gets_cemi(&peer, PEER_SENT);
    knx_peer_gives_cemi(&peer, PEER_CON);
    (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_CONFIRMED);
    knx_peer_end(&peer);
}

static void times_of_the_configuration_are_kept(void **state)
{
    (void)state;
    struct knx_peer peer;
    knx_peer_begin(&peer, KNX_TCP, false);
    peer.config.connect_response_ms = 7;
    peer.config.heartbeat_ms = 11;
    peer.config.heartbeat_wait_ms = 13;
    peer.config.disconnect_ms = 17;
    knx_peer_start(&peer);
    assert_int_equal(knx_client_deadline(peer.client), peer.now + 7 * BAS_MILLISECOND);
    knx_peer_connects(&peer);
    assert_int_equal(knx_client_deadline(peer.client), peer.now + 11 * BAS_MILLISECOND);
    knx_peer_waits(&peer, 11);
    assert_int_equal(knx_client_deadline(peer.client), peer.now + 13 * BAS_MILLISECOND);
    knx_client_close(peer.client, peer.now);
    assert_int_equal(knx_client_deadline(peer.client), peer.now + 17 * BAS_MILLISECOND);
    knx_peer_end(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_may_be_cut_anywhere),
        cmocka_unit_test(a_stream_that_is_not_knx_ends_the_connection),
        cmocka_unit_test(a_datagram_that_is_not_knx_is_dropped),
        cmocka_unit_test(rubbish_is_reported_once_a_second_at_most),
        cmocka_unit_test(events_not_taken_are_lost_at_the_next_recv_but_nothing_breaks),
        cmocka_unit_test(an_answer_to_a_question_of_the_owner_is_handed_over),
        cmocka_unit_test(a_configuration_that_cannot_be_makes_no_client),
        cmocka_unit_test(no_memory_at_any_point_of_creation_gives_null_and_leaks_nothing),
        cmocka_unit_test(nothing_is_allocated_after_creation),
        cmocka_unit_test(times_of_the_configuration_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
