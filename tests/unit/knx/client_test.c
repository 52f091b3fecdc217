/* The client engine: connecting, heartbeat, disconnecting, every sentence at the end (spec 1.5,
 * 2.7). client/connect.c, client/fault.c. */
#include "knx/client/client.h"
#include "knx_peer.h"

#include <string.h>

static void gives_connect_status(struct knx_peer *peer, uint8_t status)
{
    knx_peer_gives(peer,
                   &(struct knx_message){ .service = KNX_CONNECT_RESPONSE, .status = status });
}

static void gives_channel(struct knx_peer *peer, enum knx_service service, uint8_t status)
{
    knx_peer_gives(peer, &(struct knx_message){
                             .service = (uint16_t)service,
                             .channel = PEER_CHANNEL,
                             .status = status,
                             .control = { .protocol = (uint8_t)peer->config.transport },
                         });
}

/* A client that is up. */
static void up(struct knx_peer *peer, enum knx_host_protocol transport, bool is_secure)
{
    knx_peer_begin(peer, transport, is_secure);
    knx_peer_start(peer);
    knx_peer_connects(peer);
}

/* Connecting. */

static void a_plain_tcp_client_asks_for_any_tunnel(void **state)
{
    (void)state;
    struct knx_peer peer;
    knx_peer_begin(&peer, KNX_TCP, false);
    knx_peer_start(&peer);
    assert_int_equal(knx_client_state(peer.client), KNX_CLIENT_CONNECT);
    (void)knx_peer_gets(&peer, KNX_CONNECT_REQUEST);
    struct bas_slice wanted = test_hex("06100205001a0802000000000000080200000000000004040200");
    assert_int_equal(peer.raw.len, wanted.len);
    assert_memory_equal(peer.raw.data, wanted.data, wanted.len);
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
}

static void a_tunnel_is_asked_for_by_its_address(void **state)
{
    (void)state;
    struct knx_peer peer;
    knx_peer_begin(&peer, KNX_TCP, false);
    peer.config.address = PEER_ADDRESS;
    knx_peer_start(&peer);
    struct knx_message message = knx_peer_gets(&peer, KNX_CONNECT_REQUEST);
    assert_int_equal(peer.raw.len, 0x1C);
    assert_true(message.cri.has_address);
    assert_int_equal(message.cri.address, PEER_ADDRESS);
    knx_peer_end(&peer);
}

static void a_udp_client_names_its_address_or_asks_for_the_way_back(void **state)
{
    (void)state;
    struct knx_peer peer;
    knx_peer_begin(&peer, KNX_UDP, false);
    peer.config.local = (struct knx_endpoint){ { 192, 168, 1, 9 }, 50000 };
    knx_peer_start(&peer);
    struct knx_message message = knx_peer_gets(&peer, KNX_CONNECT_REQUEST);
    assert_int_equal(message.control.protocol, KNX_UDP);
    assert_memory_equal(message.control.address, peer.config.local.address, 4);
    assert_int_equal(message.control.port, 50000);
    assert_memory_equal(message.data.address, peer.config.local.address, 4);
    knx_peer_end(&peer);
    knx_peer_begin(&peer, KNX_UDP, false);
    knx_peer_start(&peer);
    message = knx_peer_gets(&peer, KNX_CONNECT_REQUEST);
    assert_int_equal(message.control.protocol, KNX_UDP);
    assert_int_equal(message.control.port, 0);
    assert_int_equal(message.data.port, 0);
    knx_client_lost(peer.client, NULL, peer.now);
    knx_client_set_local(peer.client, &(struct knx_endpoint){ { 192, 168, 1, 9 }, 50001 });
    (void)knx_peer_hears_down(&peer, BAS_ERR_CLOSED, "lost");
    knx_client_open(peer.client, peer.now); /* another socket */
    assert_int_equal(knx_peer_gets(&peer, KNX_CONNECT_REQUEST).control.port, 50001);
    knx_peer_end(&peer);
}

static void a_management_connection_has_no_address(void **state)
{
    (void)state;
    struct knx_peer peer;
    knx_peer_begin(&peer, KNX_TCP, false);
    peer.config.connection = KNX_CONNECTION_MANAGEMENT;
    knx_peer_start(&peer);
    knx_peer_connects(&peer);
    assert_int_equal(knx_client_address(peer.client), 0);
    knx_peer_end(&peer);
}

struct refusal {
    uint8_t status;
    bas_err err;
    bool is_permanent;
    const char *words;
};

static const struct refusal refusals[] = {
    { 0x01, BAS_ERR_REFUSED, true, "transport" },
    { 0x02, BAS_ERR_UNSUPPORTED, true, "another version" },
    { 0x22, BAS_ERR_REFUSED, true, "wants KNX IP Secure" },
    { 0x23, BAS_ERR_REFUSED, true, "option" },
    { 0x24, BAS_ERR_IN_USE, false, "no tunnel of the interface is free" },
    { 0x25, BAS_ERR_IN_USE, false, "no address of its own left" },
    { 0x27, BAS_ERR_UNREACHABLE, false, "bus" },
    { 0x28, BAS_ERR_KEY, true, "this user may not use that tunnel" },
    { 0x29, BAS_ERR_UNSUPPORTED, true, "layer" },
    { 0x2D, BAS_ERR_REFUSED, true, "not one of the interface's tunnels" },
    { 0x2E, BAS_ERR_IN_USE, false, "in use by another client" },
    { 0x0F, BAS_ERR_REFUSED, false, "status 0F (E_ERROR)" },
    { 0x77, BAS_ERR_REFUSED, false, "status 77" },
};

static void every_refusal_of_a_connection_has_its_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(refusals); i++) {
        for (int with_address = 0; with_address < 2; with_address++) {
            struct knx_peer peer;
            knx_peer_begin(&peer, KNX_TCP, false);
            peer.config.address = with_address ? 0xFFFF : 0;
            knx_peer_start(&peer);
            (void)knx_peer_gets(&peer, KNX_CONNECT_REQUEST);
            gives_connect_status(&peer, refusals[i].status);
            struct knx_client_event event =
                knx_peer_hears_down(&peer, refusals[i].err, refusals[i].words);
            assert_int_equal(event.status, refusals[i].status);
            assert_int_equal(event.is_permanent, refusals[i].is_permanent);
            assert_int_equal(event.step, KNX_CLIENT_CONNECT);
            knx_peer_gets_nothing(&peer);
            knx_peer_end(&peer);
        }
    }
}

static void a_refused_type_in_a_session_is_about_the_user(void **state)
{
    (void)state;
    struct knx_peer peer;
    knx_peer_begin(&peer, KNX_TCP, true);
    peer.config.connection = KNX_CONNECTION_MANAGEMENT;
    knx_peer_start(&peer);
    knx_peer_authenticates(&peer);
    (void)knx_peer_gets(&peer, KNX_CONNECT_REQUEST);
    gives_connect_status(&peer, KNX_E_CONNECTION_TYPE);
    assert_true(knx_peer_hears_down(&peer, BAS_ERR_REFUSED, "needs user 1").is_permanent);
    assert_int_equal(knx_peer_gets(&peer, KNX_SESSION_STATUS).status, KNX_SESSION_CLOSE);
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
}

static void grants(struct knx_peer *peer, uint8_t type, knx_ia address)
{
    knx_peer_gives(peer, &(struct knx_message){
                             .service = KNX_CONNECT_RESPONSE,
                             .channel = PEER_CHANNEL,
                             .data = { .protocol = (uint8_t)peer->config.transport },
                             .cri = { type, 0, type == KNX_CONNECTION_TUNNEL, address },
                         });
}

static void a_tunnel_other_than_the_one_asked_for_is_given_back(void **state)
{
    (void)state;
    struct knx_peer peer;
    knx_peer_begin(&peer, KNX_TCP, false);
    peer.config.address = PEER_ADDRESS;
    knx_peer_start(&peer);
    (void)knx_peer_gets(&peer, KNX_CONNECT_REQUEST);
    grants(&peer, KNX_CONNECTION_TUNNEL, PEER_ADDRESS + 1);
    struct knx_client_event event =
        knx_peer_hears_down(&peer, BAS_ERR_CONFIG, "tunnel 1.1.11 where 1.1.10 was asked for");
    assert_true(event.is_permanent);
    assert_int_equal(knx_peer_gets(&peer, KNX_DISCONNECT_REQUEST).channel, PEER_CHANNEL);
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
}

static void what_is_given_back_in_a_session_ends_the_session_too(void **state)
{
    (void)state;
    struct knx_peer peer;
    knx_peer_begin(&peer, KNX_TCP, true);
    peer.config.address = PEER_ADDRESS;
    knx_peer_start(&peer);
    knx_peer_authenticates(&peer);
    (void)knx_peer_gets(&peer, KNX_CONNECT_REQUEST);
    grants(&peer, KNX_CONNECTION_TUNNEL, PEER_ADDRESS + 1);
    (void)knx_peer_hears_down(&peer, BAS_ERR_CONFIG, "1.1.11");
    assert_int_equal(knx_peer_gets(&peer, KNX_DISCONNECT_REQUEST).channel, PEER_CHANNEL);
    assert_int_equal(knx_peer_gets(&peer, KNX_SESSION_STATUS).status, KNX_SESSION_CLOSE);
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
}

static void a_connection_of_another_type_is_given_back(void **state)
{
    (void)state;
    struct knx_peer peer;
    knx_peer_begin(&peer, KNX_TCP, false);
    knx_peer_start(&peer);
    (void)knx_peer_gets(&peer, KNX_CONNECT_REQUEST);
    grants(&peer, KNX_CONNECTION_MANAGEMENT, 0);
    assert_true(knx_peer_hears_down(&peer, BAS_ERR_PROTOCOL, "type 03").is_permanent);
    (void)knx_peer_gets(&peer, KNX_DISCONNECT_REQUEST);
    knx_peer_end(&peer);
}

static void silence_after_a_connect_request_ends_after_its_time(void **state)
{
    (void)state;
    struct knx_peer peer;
    knx_peer_begin(&peer, KNX_UDP, false);
    knx_peer_start(&peer);
    (void)knx_peer_gets(&peer, KNX_CONNECT_REQUEST);
    knx_peer_waits(&peer, KNX_CLIENT_CONNECT_RESPONSE_MS - 1);
    knx_peer_hears_nothing(&peer);
    knx_peer_waits(&peer, 1);
    struct knx_client_event event =
        knx_peer_hears_down(&peer, BAS_ERR_TIMEOUT, "CONNECT_REQUEST within 15000 ms");
    assert_int_equal(event.step, KNX_CLIENT_CONNECT);
    assert_false(event.is_permanent);
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
}

/* Heartbeat. */

static void the_heartbeat_goes_out_every_minute(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_TCP, false);
    for (int i = 0; i < 5; i++) {
        knx_peer_waits(&peer, KNX_CLIENT_HEARTBEAT_MS - 1);
        knx_peer_gets_nothing(&peer);
        knx_peer_waits(&peer, 1);
        assert_int_equal(knx_peer_gets(&peer, KNX_CONNECTIONSTATE_REQUEST).channel, PEER_CHANNEL);
        gives_channel(&peer, KNX_CONNECTIONSTATE_RESPONSE, 0);
        knx_peer_hears_nothing(&peer);
    }
    knx_peer_end(&peer);
}

static void three_heartbeats_without_an_answer_end_the_connection(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_UDP, false);
    knx_peer_waits(&peer, KNX_CLIENT_HEARTBEAT_MS);
    for (int i = 0; i < KNX_CLIENT_HEARTBEAT_TRIES; i++) {
        (void)knx_peer_gets(&peer, KNX_CONNECTIONSTATE_REQUEST);
        knx_peer_hears_nothing(&peer);
        knx_peer_waits(&peer, KNX_CLIENT_HEARTBEAT_WAIT_MS);
    }
    struct knx_client_event event = knx_peer_hears_down(&peer, BAS_ERR_TIMEOUT, "did not answer 3");
    assert_int_equal(event.step, KNX_CLIENT_UP);
    (void)knx_peer_gets(&peer, KNX_DISCONNECT_REQUEST);
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
}

static void a_heartbeat_answered_at_the_third_try_keeps_the_connection(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_TCP, false);
    knx_peer_waits(&peer, KNX_CLIENT_HEARTBEAT_MS);
    for (int i = 0; i < 2; i++) {
        (void)knx_peer_gets(&peer, KNX_CONNECTIONSTATE_REQUEST);
        gives_channel(&peer, KNX_CONNECTIONSTATE_RESPONSE, KNX_E_DATA_CONNECTION);
        knx_peer_waits(&peer, KNX_CLIENT_HEARTBEAT_WAIT_MS);
    }
    (void)knx_peer_gets(&peer, KNX_CONNECTIONSTATE_REQUEST);
    gives_channel(&peer, KNX_CONNECTIONSTATE_RESPONSE, 0);
    knx_peer_waits(&peer, KNX_CLIENT_HEARTBEAT_MS - 1);
    knx_peer_gets_nothing(&peer);
    knx_peer_hears_nothing(&peer);
    knx_peer_waits(&peer, 1);
    (void)knx_peer_gets(&peer, KNX_CONNECTIONSTATE_REQUEST);
    knx_peer_end(&peer);
}

static void three_heartbeats_answered_with_an_error_end_with_that_error(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_TCP, false);
    knx_peer_waits(&peer, KNX_CLIENT_HEARTBEAT_MS);
    for (int i = 0; i < KNX_CLIENT_HEARTBEAT_TRIES; i++) {
        (void)knx_peer_gets(&peer, KNX_CONNECTIONSTATE_REQUEST);
        gives_channel(&peer, KNX_CONNECTIONSTATE_RESPONSE, KNX_E_KNX_CONNECTION);
        knx_peer_waits(&peer, KNX_CLIENT_HEARTBEAT_WAIT_MS);
    }
    struct knx_client_event event = knx_peer_hears_down(&peer, BAS_ERR_REMOTE, "E_KNX_CONNECTION");
    assert_int_equal(event.status, KNX_E_KNX_CONNECTION);
    knx_peer_end(&peer);
}

static void a_channel_that_the_interface_has_forgotten_ends_at_once(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_UDP, false);
    knx_peer_waits(&peer, KNX_CLIENT_HEARTBEAT_MS);
    (void)knx_peer_gets(&peer, KNX_CONNECTIONSTATE_REQUEST);
    gives_channel(&peer, KNX_CONNECTIONSTATE_RESPONSE, KNX_E_CONNECTION_ID);
    (void)knx_peer_hears_down(&peer, BAS_ERR_CLOSED, "does not know our connection any more");
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
}

/* Disconnecting. */

static void a_close_in_order_has_no_fault(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_UDP, false);
    knx_client_close(peer.client, peer.now);
    assert_int_equal(knx_peer_gets(&peer, KNX_DISCONNECT_REQUEST).channel, PEER_CHANNEL);
    knx_peer_hears_nothing(&peer);
    uint32_t id;
    assert_int_equal(knx_client_send(peer.client, test_hex(PEER_REQ), peer.now, &id),
                     BAS_ERR_STATE);
    gives_channel(&peer, KNX_DISCONNECT_RESPONSE, 0);
    (void)knx_peer_hears_down(&peer, BAS_OK, "");
    knx_client_close(peer.client, peer.now); /* once is enough */
    knx_client_lost(peer.client, NULL, peer.now);
    knx_peer_hears_nothing(&peer);
    knx_peer_end(&peer);
}

static void a_disconnect_request_without_an_answer_ends_after_two_seconds(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_UDP, false);
    knx_client_close(peer.client, peer.now);
    (void)knx_peer_gets(&peer, KNX_DISCONNECT_REQUEST);
    knx_peer_waits(&peer, KNX_CLIENT_DISCONNECT_MS - 1);
    knx_peer_hears_nothing(&peer);
    knx_peer_waits(&peer, 1);
    struct knx_client_event event =
        knx_peer_hears_down(&peer, BAS_ERR_TIMEOUT, "DISCONNECT_REQUEST within 2000 ms");
    assert_int_equal(event.step, KNX_CLIENT_DISCONNECT);
    knx_peer_end(&peer);
}

static void a_disconnect_request_of_the_server_is_answered(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_UDP, false);
    gives_channel(&peer, KNX_DISCONNECT_REQUEST, 0);
    struct knx_client_event event =
        knx_peer_hears_down(&peer, BAS_ERR_CLOSED, "the interface ended the connection");
    assert_false(event.is_permanent);
    struct knx_message message = knx_peer_gets(&peer, KNX_DISCONNECT_RESPONSE);
    assert_int_equal(message.channel, PEER_CHANNEL);
    assert_int_equal(message.status, 0);
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
}

static void frames_of_another_channel_change_nothing(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_UDP, false);
    static const enum knx_service services[] = { KNX_DISCONNECT_REQUEST, KNX_TUNNELLING_REQUEST,
                                                 KNX_CONNECTIONSTATE_RESPONSE, KNX_TUNNELLING_ACK };
    for (size_t i = 0; i < BAS_ARRAY_LEN(services); i++) {
        knx_peer_gives(&peer, &(struct knx_message){ .service = (uint16_t)services[i],
                                                     .channel = PEER_CHANNEL + 1,
                                                     .control = { .protocol = KNX_UDP },
                                                     .payload = test_hex(PEER_IND) });
        struct knx_client_event event = knx_peer_hears(&peer, KNX_CLIENT_EVENT_DROPPED);
        assert_non_null(strstr(event.fault->text, "another channel"));
        knx_peer_gets_nothing(&peer);
    }
    assert_int_equal(knx_client_state(peer.client), KNX_CLIENT_UP);
    assert_int_equal(knx_client_dropped(peer.client), BAS_ARRAY_LEN(services));
    knx_peer_end(&peer);
}

static void a_lost_transport_says_why(void **state)
{
    (void)state;
    struct knx_peer peer;
    struct bas_fault fault = { 0 };
    up(&peer, KNX_TCP, false);
    (void)bas_fail(&fault, BAS_ERR_UNREACHABLE, "no route to 192.168.1.2");
    knx_client_lost(peer.client, &fault, peer.now);
    (void)knx_peer_hears_down(&peer, BAS_ERR_UNREACHABLE, "no route to 192.168.1.2");
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
    knx_peer_begin(&peer, KNX_TCP, false); /* it was never open */
    peer.client = knx_client_new(&peer.t.env, &peer.config);
    knx_client_lost(peer.client, &fault, peer.now);
    (void)knx_peer_hears_down(&peer, BAS_ERR_UNREACHABLE, "no route");
    knx_client_lost(peer.client, &fault, peer.now);
    knx_peer_hears_nothing(&peer);
    knx_peer_end(&peer);
}

static void every_transport_that_cannot_be_opened_is_told(void **state)
{
    (void)state;
    struct knx_peer peer;
    struct bas_fault fault = { 0 };
    up(&peer, KNX_TCP, false);
    (void)bas_fail(&fault, BAS_ERR_UNREACHABLE, "connection refused");
    knx_client_unopened(peer.client, &fault, peer.now); /* it is open */
    knx_peer_hears_nothing(&peer);
    knx_client_lost(peer.client, NULL, peer.now);
    (void)knx_peer_hears_down(&peer, BAS_ERR_CLOSED, "lost");
    for (unsigned i = 0; i < 3; i++) {
        knx_client_unopened(peer.client, &fault, peer.now);
        (void)knx_peer_hears_down(&peer, BAS_ERR_UNREACHABLE, "refused");
        knx_client_lost(peer.client, &fault, peer.now); /* said already */
        knx_peer_hears_nothing(&peer);
    }
    knx_peer_end(&peer);
}

static void a_client_can_be_opened_again(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_TCP, true);
    knx_client_lost(peer.client, NULL, peer.now);
    (void)knx_peer_hears_down(&peer, BAS_ERR_CLOSED, "lost");
    uint8_t first[KNX_PUBLIC_KEY_LEN];
    memcpy(first, peer.client_key, sizeof(first));
    peer.is_keyed = false;
    peer.sealed = peer.wrapper.sequence = 0;
    knx_client_open(peer.client, peer.now);
    knx_peer_connects(&peer);
    assert_memory_not_equal(first, peer.client_key, sizeof(first)); /* a fresh pair */
    knx_client_open(peer.client, peer.now);                         /* it is open */
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
}

static void what_an_old_connection_left_unsent_is_not_sent_on_the_next(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_TCP, false);
    gives_channel(&peer, KNX_DISCONNECT_REQUEST, 0);
    (void)knx_peer_hears_down(&peer, BAS_ERR_CLOSED, "ended"); /* its answer is not taken */
    knx_client_open(peer.client, peer.now);
    (void)knx_peer_gets(&peer, KNX_CONNECT_REQUEST);
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_tcp_client_asks_for_any_tunnel),
        cmocka_unit_test(a_tunnel_is_asked_for_by_its_address),
        cmocka_unit_test(a_udp_client_names_its_address_or_asks_for_the_way_back),
        cmocka_unit_test(a_management_connection_has_no_address),
        cmocka_unit_test(every_refusal_of_a_connection_has_its_sentence),
        cmocka_unit_test(a_refused_type_in_a_session_is_about_the_user),
        cmocka_unit_test(a_tunnel_other_than_the_one_asked_for_is_given_back),
        cmocka_unit_test(what_is_given_back_in_a_session_ends_the_session_too),
        cmocka_unit_test(a_connection_of_another_type_is_given_back),
        cmocka_unit_test(silence_after_a_connect_request_ends_after_its_time),
        cmocka_unit_test(the_heartbeat_goes_out_every_minute),
        cmocka_unit_test(three_heartbeats_without_an_answer_end_the_connection),
        cmocka_unit_test(a_heartbeat_answered_at_the_third_try_keeps_the_connection),
        cmocka_unit_test(three_heartbeats_answered_with_an_error_end_with_that_error),
        cmocka_unit_test(a_channel_that_the_interface_has_forgotten_ends_at_once),
        cmocka_unit_test(a_close_in_order_has_no_fault),
        cmocka_unit_test(a_disconnect_request_without_an_answer_ends_after_two_seconds),
        cmocka_unit_test(a_disconnect_request_of_the_server_is_answered),
        cmocka_unit_test(frames_of_another_channel_change_nothing),
        cmocka_unit_test(a_lost_transport_says_why),
        cmocka_unit_test(every_transport_that_cannot_be_opened_is_told),
        cmocka_unit_test(a_client_can_be_opened_again),
        cmocka_unit_test(what_an_old_connection_left_unsent_is_not_sent_on_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
