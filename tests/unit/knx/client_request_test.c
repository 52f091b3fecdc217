/* The client engine's requests and their ends: confirmations and how they are matched, the queue,
 * device management, features; none is lost in silence (spec 1.6 to 1.8). client/tunnel.c,
 * client/queue.c. */
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

/* Confirmations. */

static void no_confirmation_in_time_fails_the_request_and_the_next_one_goes(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_TCP);
    uint32_t id = knx_peer_sends(&peer, PEER_REQ);
    uint32_t next = knx_peer_sends(&peer, PEER_REQ);
    (void)knx_peer_gets_cemi(&peer, PEER_SENT);
    knx_peer_waits(&peer, KNX_CLIENT_CONFIRM_MS - 1);
    knx_peer_hears_nothing(&peer);
    knx_peer_waits(&peer, 1);
    hears_failed(&peer, id, BAS_ERR_TIMEOUT, "did not confirm the telegram within 3000 ms");
    knx_peer_hears_nothing(&peer);
    assert_int_equal(knx_client_state(peer.client), KNX_CLIENT_UP);
    (void)knx_peer_gets_cemi(&peer, PEER_SENT);
    knx_peer_gives_cemi(&peer, PEER_CON);
    hears_confirmed(&peer, next, PEER_CON);
    knx_peer_gives_cemi(&peer, PEER_CON); /* the late one */
    hears_dropped(&peer, "confirms no request of ours");
    knx_peer_end(&peer);
}

static void a_negative_confirmation_fails_the_request(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_TCP);
    uint32_t id = knx_peer_sends(&peer, PEER_REQ);
    (void)knx_peer_gets_cemi(&peer, PEER_SENT);
    knx_peer_gives_cemi(&peer, PEER_NEG);
    hears_failed(&peer, id, BAS_ERR_REMOTE, "no device acknowledged the telegram on the bus");
    knx_peer_hears_nothing(&peer);
    assert_int_equal(knx_client_state(peer.client), KNX_CLIENT_UP);
    knx_peer_end(&peer);
}

static void a_confirmation_is_matched_by_destination_and_contents(void **state)
{
    (void)state;
    static const char *const others[] = {
        "2e00bce0110a0902010081", /* another group */
        "2e00bc60110a0901010081", /* an Individual Address of the same number */
        "2e00bce0110a0901010080", /* another value */
        "2e00bce0110a090102008000", "fb000001013b1001",
    };
    struct knx_peer peer;
    up(&peer, KNX_TCP);
    uint32_t id = knx_peer_sends(&peer, PEER_REQ);
    (void)knx_peer_gets_cemi(&peer, PEER_SENT);
    for (size_t i = 0; i < BAS_ARRAY_LEN(others); i++) {
        knx_peer_gives_cemi(&peer, others[i]);
        hears_dropped(&peer, "");
    }
    /* Priority, hop count and repeat flag are the server's to change. */
    knx_peer_gives_cemi(&peer, "2e00b0d0110a0901010081");
    hears_confirmed(&peer, id, "2e00b0d0110a0901010081");
    knx_peer_end(&peer);
}

static void a_source_that_is_given_stays(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_TCP);
    (void)knx_peer_sends(&peer, "1100bce012340901010081");
    (void)knx_peer_gets_cemi(&peer, "1100bce012340901010081");
    knx_peer_end(&peer);
}

static void what_is_malformed_or_no_request_is_not_queued(void **state)
{
    (void)state;
    static const char *const bad[] = { "",
                                       "11",
                                       "1100bce00000090101008",
                                       PEER_IND,
                                       PEER_CON,
                                       "1100bce00000090102",
                                       "fc000001013b1001" /* management only */ };
    struct knx_peer peer;
    uint32_t id = 0;
    up(&peer, KNX_TCP);
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad); i++) {
        if (strlen(bad[i]) % 2 == 0) {
            assert_int_equal(knx_client_send(peer.client, test_hex(bad[i]), peer.now, &id),
                             BAS_ERR_MALFORMED);
        }
    }
    assert_int_equal(id, 0);
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
    knx_peer_begin(&peer, KNX_TCP, false);
    peer.config.layer = KNX_LAYER_BUSMONITOR; /* it only listens */
    knx_peer_start(&peer);
    knx_peer_connects(&peer);
    assert_int_equal(knx_client_send(peer.client, test_hex(PEER_REQ), peer.now, &id),
                     BAS_ERR_MALFORMED);
    knx_peer_gives_cemi(&peer, "2b000301000401020304bce011050901010041");
    (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_TELEGRAM);
    knx_peer_end(&peer);
}

static void cemi_that_is_malformed_is_dropped(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_UDP);
    knx_peer_gives_cemi(&peer, "2900bce0110509010100");
    hears_dropped(&peer, "cEMI from the interface");
    gets_ack(&peer, 0); /* it has arrived */
    knx_peer_end(&peer);
}

/* The queue. */

static void the_queue_is_bounded_and_keeps_its_order(void **state)
{
    (void)state;
    struct knx_peer peer;
    uint32_t ids[4], id = 0;
    knx_peer_begin(&peer, KNX_TCP, false);
    peer.config.queue = 4;
    peer.client = knx_client_new(&peer.t.env, &peer.config);
    for (int i = 0; i < 4; i++) { /* before it is open */
        ids[i] = knx_peer_sends(&peer, PEER_REQ);
    }
    assert_int_equal(knx_client_send(peer.client, test_hex(PEER_REQ), peer.now, &id), BAS_ERR_BUSY);
    knx_client_open(peer.client, peer.now);
    knx_peer_connects(&peer);
    for (int i = 0; i < 4; i++) {
        (void)knx_peer_gets_cemi(&peer, PEER_SENT);
        knx_peer_gives_cemi(&peer, PEER_CON);
        hears_confirmed(&peer, ids[i], PEER_CON);
    }
    (void)knx_peer_sends(&peer, PEER_REQ);
    knx_peer_end(&peer);
}

/* Ways in which a connection ends, with one request on its way and two waiting. */
static void ends(struct knx_peer *peer, int way)
{
    switch (way) {
    case 0:
        knx_client_lost(peer->client, NULL, peer->now);
        break;
    case 1:
        knx_peer_gives(peer, &(struct knx_message){ .service = KNX_DISCONNECT_REQUEST,
                                                    .channel = PEER_CHANNEL,
                                                    .control = { .protocol = KNX_TCP } });
        break;
    case 2:
        knx_client_close(peer->client, peer->now);
        knx_peer_gives(peer, &(struct knx_message){ .service = KNX_DISCONNECT_RESPONSE,
                                                    .channel = PEER_CHANNEL });
        break;
    case 3:
        knx_client_close(peer->client, peer->now);
        knx_peer_waits(peer, KNX_CLIENT_DISCONNECT_MS);
        break;
    default:
        knx_peer_gives_octets(peer, test_hex("ffffffffffff"));
        break;
    }
}

static void every_request_has_its_failed_before_down(void **state)
{
    (void)state;
    for (int way = 0; way < 5; way++) {
        for (int is_taken = 0; is_taken < 2; is_taken++) {
            struct knx_peer peer;
            uint32_t ids[3], id;
            up(&peer, KNX_TCP);
            for (int i = 0; i < 3; i++) {
                ids[i] = knx_peer_sends(&peer, PEER_REQ);
            }
            if (is_taken) {
                (void)knx_peer_gets_cemi(&peer, PEER_SENT);
            }
            ends(&peer, way);
            assert_int_equal(knx_client_send(peer.client, test_hex(PEER_REQ), peer.now, &id),
                             BAS_ERR_STATE);
            for (int i = 0; i < 3; i++) {
                struct knx_client_event event = knx_peer_hears(&peer, KNX_CLIENT_EVENT_FAILED);
                assert_int_equal(event.id, ids[i]);
                assert_int_not_equal(event.fault->err, BAS_OK);
                assert_non_null(strstr(event.fault->text, "before the end of the connection"));
            }
            (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_DOWN);
            knx_peer_hears_nothing(&peer);
            while (knx_client_next_frame(peer.client, &peer.raw, &peer.to)) {
                struct knx_message message;
                assert_int_equal(knx_message_decode(peer.raw, &message, NULL), BAS_OK);
                assert_int_not_equal(message.service, KNX_TUNNELLING_REQUEST);
            }
            knx_peer_end(&peer);
        }
    }
}

static void a_request_after_down_waits_for_the_next_connection(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_TCP);
    knx_client_lost(peer.client, NULL, peer.now);
    (void)knx_peer_hears_down(&peer, BAS_ERR_CLOSED, "lost");
    uint32_t id = knx_peer_sends(&peer, PEER_REQ);
    knx_client_open(peer.client, peer.now);
    knx_peer_connects(&peer);
    assert_int_equal(knx_peer_gets_cemi(&peer, PEER_SENT), 0); /* the counter starts again */
    knx_peer_gives_cemi(&peer, PEER_CON);
    hears_confirmed(&peer, id, PEER_CON);
    knx_client_lost(peer.client, NULL, peer.now);
    (void)knx_peer_hears_down(&peer, BAS_ERR_CLOSED, "lost");
    id = knx_peer_sends(&peer, PEER_REQ);
    knx_client_close(peer.client, peer.now); /* or does not */
    hears_failed(&peer, id, BAS_ERR_CLOSED, "closed by us");
    knx_peer_hears_nothing(&peer);
    knx_peer_end(&peer);
}

static void a_confirmation_during_disconnect_still_counts(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_TCP);
    uint32_t id = knx_peer_sends(&peer, PEER_REQ);
    (void)knx_peer_gets_cemi(&peer, PEER_SENT);
    knx_client_close(peer.client, peer.now);
    (void)knx_peer_gets(&peer, KNX_DISCONNECT_REQUEST);
    knx_peer_gives_cemi(&peer, PEER_CON);
    hears_confirmed(&peer, id, PEER_CON);
    knx_peer_gives(&peer, &(struct knx_message){ .service = KNX_DISCONNECT_RESPONSE,
                                                 .channel = PEER_CHANNEL });
    (void)knx_peer_hears_down(&peer, BAS_OK, "");
    knx_peer_end(&peer);
}

/* Management. */

static void management_requests_are_matched_by_their_property(void **state)
{
    (void)state;
    struct knx_peer peer;
    up_with(&peer, KNX_TCP, KNX_CONNECTION_MANAGEMENT);
    uint32_t id = knx_peer_sends(&peer, "fc000b01341001");
    (void)knx_peer_gets_cemi(&peer, "fc000b01341001");
    knx_peer_gives_cemi(&peer, "fb000b013510011105"); /* another property */
    hears_dropped(&peer, "confirms no request");
    knx_peer_gives_cemi(&peer, "f5000b01341001"); /* a write */
    hears_dropped(&peer, "confirms no request");
    knx_peer_gives_cemi(&peer, "fb000b01341001110a");
    hears_confirmed(&peer, id, "fb000b01341001110a");
    id = knx_peer_sends(&peer, "f6000b0134100112ff");
    (void)knx_peer_gets_cemi(&peer, "f6000b0134100112ff");
    knx_peer_gives_cemi(&peer, "f5000b0134000105"); /* read only: the owner reads it */
    hears_confirmed(&peer, id, "f5000b0134000105");
    id = knx_peer_sends(&peer, "f8000b013400");
    (void)knx_peer_gets_cemi(&peer, "f8000b013400");
    knx_peer_gives_cemi(&peer, "fa000b013400");
    hears_confirmed(&peer, id, "fa000b013400");
    knx_peer_gives_cemi(&peer, "f7000b01341001110a");
    (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_TELEGRAM);
    knx_peer_end(&peer);
}

static void a_reset_is_done_when_it_was_sent(void **state)
{
    (void)state;
    struct knx_peer peer;
    up_with(&peer, KNX_TCP, KNX_CONNECTION_MANAGEMENT);
    uint32_t id = knx_peer_sends(&peer, "f1");
    uint32_t next = knx_peer_sends(&peer, "f1");
    knx_peer_hears_nothing(&peer);
    (void)knx_peer_gets_cemi(&peer, "f1");
    assert_int_equal(knx_client_deadline(peer.client), peer.now);
    hears_confirmed(&peer, id, "");
    (void)knx_peer_gets_cemi(&peer, "f1");
    hears_confirmed(&peer, next, "");
    knx_peer_end(&peer);
    up_with(&peer, KNX_UDP, KNX_CONNECTION_MANAGEMENT);
    id = knx_peer_sends(&peer, "f1");
    (void)knx_peer_gets_cemi(&peer, "f1");
    knx_peer_hears_nothing(&peer);
    knx_peer_acks(&peer, 0);
    hears_confirmed(&peer, id, "");
    knx_peer_end(&peer);
}

static void management_over_udp_repeats_three_times_every_ten_seconds(void **state)
{
    (void)state;
    struct knx_peer peer;
    up_with(&peer, KNX_UDP, KNX_CONNECTION_MANAGEMENT);
    uint32_t id = knx_peer_sends(&peer, "fc000b01341001");
    for (int i = 0; i < 4; i++) {
        assert_int_equal(knx_peer_gets_cemi(&peer, "fc000b01341001"), 0);
        knx_peer_waits(&peer, KNX_CLIENT_MANAGEMENT_ACK_MS - 1);
        knx_peer_gets_nothing(&peer);
        knx_peer_waits(&peer, 1);
    }
    hears_failed(&peer, id, BAS_ERR_TIMEOUT, "sent 4 times");
    (void)knx_peer_hears_down(&peer, BAS_ERR_TIMEOUT, "sent 4 times");
    knx_peer_end(&peer);
}

static void frames_of_the_other_kind_of_connection_are_dropped(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_TCP);
    knx_peer_gives(&peer, &(struct knx_message){ .service = KNX_DEVICE_CONFIGURATION_REQUEST,
                                                 .channel = PEER_CHANNEL,
                                                 .payload = test_hex("fb000b01341001110a") });
    hears_dropped(&peer, "DEVICE_CONFIGURATION_REQUEST");
    knx_peer_end(&peer);
    up_with(&peer, KNX_TCP, KNX_CONNECTION_MANAGEMENT);
    knx_peer_gives(&peer, &(struct knx_message){ .service = KNX_TUNNELLING_REQUEST,
                                                 .channel = PEER_CHANNEL,
                                                 .payload = test_hex(PEER_IND) });
    hears_dropped(&peer, "TUNNELLING_REQUEST");
    assert_int_equal(knx_client_feature(peer.client, 6, (struct bas_slice){ NULL, 0 }, peer.now),
                     BAS_ERR_STATE);
    knx_peer_end(&peer);
}

/* Features. */

static void gives_feature(struct knx_peer *peer, enum knx_service service, uint8_t feature,
                          const char *value)
{
    knx_peer_gives(peer, &(struct knx_message){ .service = (uint16_t)service,
                                                .channel = PEER_CHANNEL,
                                                .sequence = peer->sequence++,
                                                .feature = feature,
                                                .payload = test_hex(value) });
}

static void a_feature_is_asked_for_and_answered(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_TCP);
    assert_int_equal(knx_client_feature(peer.client, 6, (struct bas_slice){ NULL, 0 }, peer.now),
                     BAS_OK);
    uint32_t id = knx_peer_sends(&peer, PEER_REQ); /* waits behind it */
    assert_int_equal(knx_peer_gets(&peer, KNX_TUNNELLING_FEATURE_GET).feature, 6);
    knx_peer_gets_nothing(&peer);
    gives_feature(&peer, KNX_TUNNELLING_FEATURE_RESPONSE, 7, "00fe");
    hears_dropped(&peer, "feature 7, which is not awaited");
    gives_feature(&peer, KNX_TUNNELLING_FEATURE_RESPONSE, 6, "110c");
    struct knx_client_event event = knx_peer_hears(&peer, KNX_CLIENT_EVENT_FEATURE);
    assert_int_equal(event.feature, 6);
    assert_int_equal(event.return_code, 0);
    assert_int_equal(event.cemi.len, 2);
    assert_int_equal(knx_client_address(peer.client), 0x110C); /* it tells the tunnel's address */
    knx_peer_hears_nothing(&peer);
    assert_int_equal(knx_peer_gets_cemi(&peer, "1100bce0110c0901010081"), 1);
    knx_peer_gives_cemi(&peer, PEER_CON);
    hears_confirmed(&peer, id, PEER_CON);
    gives_feature(&peer, KNX_TUNNELLING_FEATURE_RESPONSE, 6, "110c");
    hears_dropped(&peer, "not awaited");
    knx_peer_end(&peer);
}

static void a_feature_of_one_octet_is_set_padded(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_TCP);
    assert_int_equal(knx_client_feature(peer.client, 8, test_hex("01"), peer.now), BAS_OK);
    (void)knx_peer_gets(&peer, KNX_TUNNELLING_FEATURE_SET);
    struct bas_slice wanted = test_hex("06100424000e04170000"
                                       "08000100");
    assert_int_equal(peer.raw.len, wanted.len);
    assert_memory_equal(peer.raw.data, wanted.data, wanted.len);
    knx_peer_gives(&peer, &(struct knx_message){ .service = KNX_TUNNELLING_FEATURE_RESPONSE,
                                                 .channel = PEER_CHANNEL,
                                                 .feature = 8,
                                                 .return_code = 0xFB });
    struct knx_client_event event = knx_peer_hears(&peer, KNX_CLIENT_EVENT_FEATURE);
    assert_int_equal(event.return_code, 0xFB);
    assert_int_equal(event.cemi.len, 0);
    gives_feature(&peer, KNX_TUNNELLING_FEATURE_INFO, 3, "0000"); /* unasked */
    event = knx_peer_hears(&peer, KNX_CLIENT_EVENT_FEATURE);
    assert_int_equal(event.feature, 3);
    uint8_t octets[KNX_CLIENT_FEATURE + 1] = { 0 };
    assert_int_equal(
        knx_client_feature(peer.client, 8, (struct bas_slice){ octets, sizeof(octets) }, peer.now),
        BAS_ERR_TOO_LONG);
    knx_peer_end(&peer);
}

static void a_feature_without_an_answer_fails_with_its_number(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_TCP);
    assert_int_equal(knx_client_feature(peer.client, 3, (struct bas_slice){ NULL, 0 }, peer.now),
                     BAS_OK);
    (void)knx_peer_gets(&peer, KNX_TUNNELLING_FEATURE_GET);
    knx_peer_waits(&peer, KNX_CLIENT_CONFIRM_MS);
    struct knx_client_event event = knx_peer_hears(&peer, KNX_CLIENT_EVENT_FAILED);
    assert_int_equal(event.id, 0);
    assert_int_equal(event.feature, 3);
    assert_int_equal(event.fault->err, BAS_ERR_TIMEOUT);
    knx_peer_end(&peer);
}

static void features_over_udp_are_acknowledged_both_ways(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer, KNX_UDP);
    assert_int_equal(knx_client_feature(peer.client, 3, (struct bas_slice){ NULL, 0 }, peer.now),
                     BAS_OK);
    assert_int_equal(knx_peer_gets(&peer, KNX_TUNNELLING_FEATURE_GET).sequence, 0);
    knx_peer_waits(&peer, KNX_CLIENT_ACK_MS);
    assert_int_equal(knx_peer_gets(&peer, KNX_TUNNELLING_FEATURE_GET).sequence, 0);
    knx_peer_acks(&peer, 0);
    gives_feature(&peer, KNX_TUNNELLING_FEATURE_RESPONSE, 3, "0100");
    (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_FEATURE);
    gets_ack(&peer, 0);
    peer.sequence = 0;
    gives_feature(&peer, KNX_TUNNELLING_FEATURE_RESPONSE, 3, "0100"); /* again */
    knx_peer_hears_nothing(&peer);
    gets_ack(&peer, 0);
    (void)knx_peer_sends(&peer, PEER_REQ);
    assert_int_equal(knx_peer_gets_cemi(&peer, PEER_SENT), 1);
    knx_peer_end(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_confirmation_in_time_fails_the_request_and_the_next_one_goes),
        cmocka_unit_test(a_negative_confirmation_fails_the_request),
        cmocka_unit_test(a_confirmation_is_matched_by_destination_and_contents),
        cmocka_unit_test(a_source_that_is_given_stays),
        cmocka_unit_test(what_is_malformed_or_no_request_is_not_queued),
        cmocka_unit_test(cemi_that_is_malformed_is_dropped),
        cmocka_unit_test(the_queue_is_bounded_and_keeps_its_order),
        cmocka_unit_test(every_request_has_its_failed_before_down),
        cmocka_unit_test(a_request_after_down_waits_for_the_next_connection),
        cmocka_unit_test(a_confirmation_during_disconnect_still_counts),
        cmocka_unit_test(management_requests_are_matched_by_their_property),
        cmocka_unit_test(a_reset_is_done_when_it_was_sent),
        cmocka_unit_test(management_over_udp_repeats_three_times_every_ten_seconds),
        cmocka_unit_test(frames_of_the_other_kind_of_connection_are_dropped),
        cmocka_unit_test(a_feature_is_asked_for_and_answered),
        cmocka_unit_test(a_feature_of_one_octet_is_set_padded),
        cmocka_unit_test(a_feature_without_an_answer_fails_with_its_number),
        cmocka_unit_test(features_over_udp_are_acknowledged_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
