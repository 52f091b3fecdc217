/* The client engine's requests and telegrams on the wire: acknowledged and repeated over UDP and
 * never over TCP, duplicates, the data endpoint (spec 1.6, 1.7). */
#include "knx/client/client.h"
#include "knx_peer.h"

#include <string.h>

static void up_with(struct knx_peer *peer, enum knx_host_protocol transport,
                    enum knx_connection_type connection)
{
    knx_peer_begin(peer, transport, false);
    peer->config.connection = connection;
    knx_peer_start(peer);
    knx_peer_connects(peer);
}

static void up(struct knx_peer *peer, enum knx_host_protocol transport)
{
    up_with(peer, transport, KNX_CONNECTION_TUNNEL);
}

static void gives_cemi(struct knx_peer *peer, uint8_t sequence, const char *hex)
{
    peer->sequence = sequence;
    knx_peer_gives_cemi(peer, hex);
}

static void gets_ack(struct knx_peer *peer, uint8_t sequence)
{
    struct knx_message message = knx_peer_gets(peer, KNX_TUNNELLING_ACK);
    assert_int_equal(message.channel, PEER_CHANNEL);
    assert_int_equal(message.sequence, sequence);
    assert_int_equal(message.status, 0);
}

static void hears_confirmed(struct knx_peer *peer, uint32_t id, const char *hex)
{
    struct knx_client_event event = knx_peer_hears(peer, KNX_CLIENT_EVENT_CONFIRMED);
    struct bas_slice wanted = test_hex(hex);
    assert_int_equal(event.id, id);
    assert_int_equal(event.cemi.len, wanted.len);
    if (wanted.len != 0) {
        assert_memory_equal(event.cemi.data, wanted.data, wanted.len);
    }
    knx_peer_hears_nothing(peer);
}

static void hears_failed(struct knx_peer *peer, uint32_t id, bas_err err, const char *words)
{
    struct knx_client_event event = knx_peer_hears(peer, KNX_CLIENT_EVENT_FAILED);
    assert_int_equal(event.id, id);
    assert_int_equal(event.fault->err, err);
    if (strstr(event.fault->text, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", event.fault->text, words);
    }
}

static void hears_dropped(struct knx_peer *peer, const char *words)
{
    struct knx_client_event event = knx_peer_hears(peer, KNX_CLIENT_EVENT_DROPPED);
    if (strstr(event.fault->text, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", event.fault->text, words);
    }
    knx_peer_hears_nothing(peer);
}

/* TCP. */

static void requests_go_one_at_a_time_and_wait_for_their_confirmation(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_TCP);
    for (unsigned i = 0; i < 300; i += 2) { /* the counter wraps */
        uint32_t id = knx_peer_sends(&peer, PEER_REQ);
        uint32_t next = knx_peer_sends(&peer, PEER_REQ);
        assert_int_equal(knx_peer_gets_cemi(&peer, PEER_SENT), (uint8_t)i);
        knx_peer_gets_nothing(&peer);
        knx_peer_gives_cemi(&peer, PEER_CON);
        hears_confirmed(&peer, id, PEER_CON);
        assert_int_equal(knx_peer_gets_cemi(&peer, PEER_SENT), (uint8_t)(i + 1));
        knx_peer_gives_cemi(&peer, PEER_CON);
        hears_confirmed(&peer, next, PEER_CON);
    }
    knx_peer_end(&peer);
}

static void the_next_request_waits_until_the_events_were_taken(void **state)
{
    (void)state;
    struct knx_peer peer;
    struct knx_client_event event;
    up(&peer, KNX_TCP);
    uint32_t first = knx_peer_sends(&peer, PEER_REQ);
    uint32_t second = knx_peer_sends(&peer, PEER_REQ);
    (void)knx_peer_gets_cemi(&peer, PEER_SENT);
    knx_peer_gives_cemi(&peer, PEER_CON);
    knx_peer_gets_nothing(&peer);
    assert_true(knx_client_next_event(peer.client, &event));
    assert_int_equal(event.id, first);
    assert_false(knx_client_next_event(peer.client, &event));
    (void)knx_peer_gets_cemi(&peer, PEER_SENT);
    knx_peer_gives_cemi(&peer, PEER_CON);
    hears_confirmed(&peer, second, PEER_CON);
    knx_peer_end(&peer);
}

static void over_tcp_no_ack_is_sent_and_none_is_awaited(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_TCP);
    uint32_t id = knx_peer_sends(&peer, PEER_REQ);
    (void)knx_peer_gets_cemi(&peer, PEER_SENT);
    knx_peer_waits(&peer, 2900); /* longer than any ack */
    knx_peer_gets_nothing(&peer);
    knx_peer_gives_cemi(&peer, PEER_CON);
    hears_confirmed(&peer, id, PEER_CON);
    knx_peer_gives_cemi(&peer, PEER_IND);
    (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_TELEGRAM);
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
}

static void over_tcp_acks_of_the_server_are_tolerated(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_TCP);
    uint32_t id = knx_peer_sends(&peer, PEER_REQ);
    (void)knx_peer_gets_cemi(&peer, PEER_SENT);
    for (unsigned sequence = 0; sequence < 256; sequence++) {
        knx_peer_acks(&peer, (uint8_t)sequence);
        knx_peer_hears_nothing(&peer);
    }
    knx_peer_gives_cemi(&peer, PEER_CON);
    hears_confirmed(&peer, id, PEER_CON);
    assert_int_equal(knx_client_dropped(peer.client), 0);
    knx_peer_end(&peer);
}

static void over_tcp_the_counter_of_the_server_is_not_looked_at(void **state)
{
    (void)state;
    static const uint8_t counters[] = { 7, 7, 0, 0, 255, 3, 2, 1 };
    struct knx_peer peer;
    up(&peer, KNX_TCP);
    for (size_t i = 0; i < BAS_ARRAY_LEN(counters); i++) {
        gives_cemi(&peer, counters[i], PEER_IND);
        struct knx_client_event event = knx_peer_hears(&peer, KNX_CLIENT_EVENT_TELEGRAM);
        assert_memory_equal(event.cemi.data, test_hex(PEER_IND).data, event.cemi.len);
        knx_peer_hears_nothing(&peer);
    }
    knx_peer_end(&peer);
}

/* UDP. */

static void over_udp_a_request_is_acknowledged_then_confirmed(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_UDP);
    peer.client->timers[KNX_TIMER_HEARTBEAT] = BAS_NEVER; /* not this test's */
    for (unsigned i = 0; i < 300; i++) {
        uint32_t id = knx_peer_sends(&peer, PEER_REQ);
        assert_int_equal(knx_peer_gets_cemi(&peer, PEER_SENT), (uint8_t)i);
        knx_peer_acks(&peer, (uint8_t)i);
        knx_peer_hears_nothing(&peer);
        knx_peer_waits(&peer, 2000);
        knx_peer_gets_nothing(&peer); /* it is not repeated */
        knx_peer_gives_cemi(&peer, PEER_CON);
        hears_confirmed(&peer, id, PEER_CON);
        gets_ack(&peer, (uint8_t)i);
    }
    knx_peer_end(&peer);
}

static void over_udp_a_request_is_repeated_once_with_the_same_number(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_UDP);
    uint32_t id = knx_peer_sends(&peer, PEER_REQ);
    assert_int_equal(knx_peer_gets_cemi(&peer, PEER_SENT), 0);
    knx_peer_waits(&peer, KNX_CLIENT_ACK_MS - 1);
    knx_peer_gets_nothing(&peer);
    knx_peer_waits(&peer, 1);
    assert_int_equal(knx_peer_gets_cemi(&peer, PEER_SENT), 0);
    knx_peer_acks(&peer, 0);
    knx_peer_gives_cemi(&peer, PEER_CON);
    hears_confirmed(&peer, id, PEER_CON);
    gets_ack(&peer, 0);
    (void)knx_peer_sends(&peer, PEER_REQ);
    assert_int_equal(knx_peer_gets_cemi(&peer, PEER_SENT), 1);
    knx_peer_end(&peer);
}

static void over_udp_two_requests_without_ack_end_the_connection(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_UDP);
    uint32_t id = knx_peer_sends(&peer, PEER_REQ);
    uint32_t waiting = knx_peer_sends(&peer, PEER_REQ);
    (void)knx_peer_gets_cemi(&peer, PEER_SENT);
    knx_peer_waits(&peer, KNX_CLIENT_ACK_MS);
    (void)knx_peer_gets_cemi(&peer, PEER_SENT);
    knx_peer_waits(&peer, KNX_CLIENT_ACK_MS);
    hears_failed(&peer, id, BAS_ERR_TIMEOUT, "did not acknowledge a request that was sent 2 times");
    hears_failed(&peer, waiting, BAS_ERR_TIMEOUT, "did not acknowledge");
    (void)knx_peer_hears_down(&peer, BAS_ERR_TIMEOUT, "sent 2 times: look");
    (void)knx_peer_gets(&peer, KNX_DISCONNECT_REQUEST);
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
}

static void an_ack_that_is_late_takes_the_repetition_back(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_UDP);
    uint32_t id = knx_peer_sends(&peer, PEER_REQ);
    (void)knx_peer_gets_cemi(&peer, PEER_SENT);
    knx_peer_waits(&peer, KNX_CLIENT_ACK_MS); /* it waits to be sent */
    knx_peer_acks(&peer, 0);
    knx_peer_gets_nothing(&peer);
    knx_peer_gives_cemi(&peer, PEER_CON);
    hears_confirmed(&peer, id, PEER_CON);
    gets_ack(&peer, 0);
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
}

static void an_ack_with_an_error_is_no_ack(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_UDP);
    uint32_t id = knx_peer_sends(&peer, PEER_REQ);
    for (int i = 0; i < 2; i++) {
        (void)knx_peer_gets_cemi(&peer, PEER_SENT);
        knx_peer_gives(&peer, &(struct knx_message){ .service = KNX_TUNNELLING_ACK,
                                                     .channel = PEER_CHANNEL,
                                                     .status = KNX_E_TUNNELLING_LAYER });
        knx_peer_hears_nothing(&peer);
        knx_peer_gets_nothing(&peer);
        knx_peer_waits(&peer, KNX_CLIENT_ACK_MS);
    }
    hears_failed(&peer, id, BAS_ERR_TIMEOUT, "E_TUNNELLING_LAYER");
    struct knx_client_event event =
        knx_peer_hears_down(&peer, BAS_ERR_TIMEOUT, "it answered E_TUNNELLING_LAYER");
    assert_int_equal(event.status, KNX_E_TUNNELLING_LAYER);
    knx_peer_end(&peer);
}

static void an_ack_of_another_number_is_dropped(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_UDP);
    knx_peer_acks(&peer, 0); /* nothing was sent */
    hears_dropped(&peer, "not awaited");
    (void)knx_peer_sends(&peer, PEER_REQ);
    knx_peer_acks(&peer, 0); /* it was not sent yet */
    hears_dropped(&peer, "not awaited");
    (void)knx_peer_gets_cemi(&peer, PEER_SENT);
    knx_peer_acks(&peer, 1);
    hears_dropped(&peer, "not awaited");
    knx_peer_waits(&peer, KNX_CLIENT_ACK_MS);
    assert_int_equal(knx_peer_gets_cemi(&peer, PEER_SENT), 0);
    knx_peer_end(&peer);
}

static void a_confirmation_that_overtakes_its_ack_counts(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_UDP);
    uint32_t id = knx_peer_sends(&peer, PEER_REQ);
    (void)knx_peer_gets_cemi(&peer, PEER_SENT);
    knx_peer_waits(&peer, KNX_CLIENT_ACK_MS); /* the repetition waits to be sent */
    knx_peer_gives_cemi(&peer, PEER_CON);
    hears_confirmed(&peer, id, PEER_CON);
    gets_ack(&peer, 0);
    knx_peer_gets_nothing(&peer); /* and is not sent any more */
    knx_peer_acks(&peer, 0);
    hears_dropped(&peer, "not awaited");
    (void)knx_peer_sends(&peer, PEER_REQ);
    assert_int_equal(knx_peer_gets_cemi(&peer, PEER_SENT), 1);
    knx_peer_end(&peer);
}

static void over_udp_a_repeated_telegram_is_acknowledged_and_not_delivered(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_UDP);
    for (unsigned i = 0; i < 260; i++) {
        gives_cemi(&peer, (uint8_t)i, PEER_IND);
        (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_TELEGRAM);
        knx_peer_hears_nothing(&peer);
        gets_ack(&peer, (uint8_t)i);
        gives_cemi(&peer, (uint8_t)i, PEER_IND);
        knx_peer_hears_nothing(&peer);
        gets_ack(&peer, (uint8_t)i);
    }
    knx_peer_end(&peer);
}

static void over_udp_a_number_out_of_order_is_not_acknowledged(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_UDP);
    for (unsigned i = 1; i < 255; i++) { /* 0 is next, 255 the one before */
        gives_cemi(&peer, (uint8_t)i, PEER_IND);
        struct knx_client_event event;
        (void)knx_client_next_event(peer.client, &event);
        assert_int_equal(knx_client_dropped(peer.client), i);
        knx_peer_hears_nothing(&peer);
        knx_peer_gets_nothing(&peer);
    }
    gives_cemi(&peer, 255, PEER_IND);
    knx_peer_hears_nothing(&peer);
    gets_ack(&peer, 255);
    gives_cemi(&peer, 0, PEER_IND);
    (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_TELEGRAM);
    knx_peer_end(&peer);
}

static void data_goes_to_the_data_endpoint_of_the_server(void **state)
{
    (void)state;
    static const struct row {
        struct knx_endpoint told, used;
    } rows[] = {
        { { { 10, 0, 0, 7 }, 3672 }, { { 10, 0, 0, 7 }, 3672 } },
        { { { 0 }, 0 }, { { 0 }, 0 } },
        { { { 0 }, 3672 }, { { 0 }, 0 } }, /* in part: the way back */
        { { { 10, 0, 0, 7 }, 0 }, { { 0 }, 0 } },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct knx_peer peer;
        struct knx_message response = { .service = KNX_CONNECT_RESPONSE,
                                        .channel = PEER_CHANNEL,
                                        .data = { .protocol = KNX_UDP, .port = rows[i].told.port },
                                        .cri = { KNX_CONNECTION_TUNNEL, 0, true, PEER_ADDRESS } };
        memcpy(response.data.address, rows[i].told.address, 4);
        knx_peer_begin(&peer, KNX_UDP, false);
        knx_peer_start(&peer);
        (void)knx_peer_gets(&peer, KNX_CONNECT_REQUEST);
        knx_peer_gives(&peer, &response);
        (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_UP);
        (void)knx_peer_sends(&peer, PEER_REQ);
        (void)knx_peer_gets_cemi(&peer, PEER_SENT);
        assert_memory_equal(peer.to.address, rows[i].used.address, 4);
        assert_int_equal(peer.to.port, rows[i].used.port);
        gives_cemi(&peer, 0, PEER_IND);
        (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_TELEGRAM);
        gets_ack(&peer, 0);
        assert_int_equal(peer.to.port, rows[i].used.port);
        knx_client_close(peer.client, peer.now);
        (void)knx_peer_gets(&peer, KNX_DISCONNECT_REQUEST);
        assert_int_equal(peer.to.port, 0); /* control */
        knx_peer_end(&peer);
    }
}

static void acks_that_nobody_takes_are_bounded(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_UDP);
    for (unsigned i = 0; i < 100; i++) {
        gives_cemi(&peer, (uint8_t)i, PEER_IND);
        (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_TELEGRAM);
    }
    for (unsigned i = 0; i < KNX_CLIENT_OUT_ACKS; i++) {
        gets_ack(&peer, (uint8_t)i);
    }
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_go_one_at_a_time_and_wait_for_their_confirmation),
        cmocka_unit_test(the_next_request_waits_until_the_events_were_taken),
        cmocka_unit_test(over_tcp_no_ack_is_sent_and_none_is_awaited),
        cmocka_unit_test(over_tcp_acks_of_the_server_are_tolerated),
        cmocka_unit_test(over_tcp_the_counter_of_the_server_is_not_looked_at),
        cmocka_unit_test(over_udp_a_request_is_acknowledged_then_confirmed),
        cmocka_unit_test(over_udp_a_request_is_repeated_once_with_the_same_number),
        cmocka_unit_test(over_udp_two_requests_without_ack_end_the_connection),
        cmocka_unit_test(an_ack_that_is_late_takes_the_repetition_back),
        cmocka_unit_test(an_ack_with_an_error_is_no_ack),
        cmocka_unit_test(an_ack_of_another_number_is_dropped),
        cmocka_unit_test(a_confirmation_that_overtakes_its_ack_counts),
        cmocka_unit_test(over_udp_a_repeated_telegram_is_acknowledged_and_not_delivered),
        cmocka_unit_test(over_udp_a_number_out_of_order_is_not_acknowledged),
        cmocka_unit_test(data_goes_to_the_data_endpoint_of_the_server),
        cmocka_unit_test(acks_that_nobody_takes_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
