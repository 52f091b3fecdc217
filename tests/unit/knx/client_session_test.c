/* The client engine's side of KNX IP Secure: handshake, wrappers that are not what they seem,
 * keepalive, the ends that a session can have (spec 2.2 to 2.6). */
#include "knx/client/client.h"
#include "knx_peer.h"

#include <string.h>

static void authenticated(struct knx_peer *peer)
{
    knx_peer_begin(peer, KNX_TCP, true);
    knx_peer_start(peer);
    knx_peer_authenticates(peer);
    (void)knx_peer_gets(peer, KNX_CONNECT_REQUEST);
}

static void up(struct knx_peer *peer)
{
    knx_peer_begin(peer, KNX_TCP, true);
    knx_peer_start(peer);
    knx_peer_connects(peer);
}

/* A client that waits for SESSION_RESPONSE. */
static void asked(struct knx_peer *peer)
{
    knx_peer_begin(peer, KNX_TCP, true);
    knx_peer_start(peer);
    (void)knx_peer_gets(peer, KNX_SESSION_REQUEST);
}

/* A TUNNELLING_REQUEST with PEER_IND; good until the next frame is made. */
static struct bas_slice telegram(struct knx_peer *peer)
{
    return knx_peer_frame(peer, &(struct knx_message){ .service = KNX_TUNNELLING_REQUEST,
                                                       .channel = PEER_CHANNEL,
                                                       .payload = test_hex(PEER_IND) });
}

static void hears_dropped(struct knx_peer *peer, const char *words)
{
    struct knx_client_event event = knx_peer_hears(peer, KNX_CLIENT_EVENT_DROPPED);
    if (strstr(event.fault->text, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", event.fault->text, words);
    }
    knx_peer_hears_nothing(peer);
    knx_peer_gets_nothing(peer);
}

/* A telegram in a good wrapper still arrives. */
static void still_hears(struct knx_peer *peer)
{
    knx_peer_gives_octets(peer, knx_peer_seal(peer, telegram(peer)));
    (void)knx_peer_hears(peer, KNX_CLIENT_EVENT_TELEGRAM);
    knx_peer_hears_nothing(peer);
}

/* Handshake. */

static void the_handshake_proves_the_user_and_asks_for_the_tunnel(void **state)
{
    (void)state;
    struct knx_peer peer;
    uint8_t mac[KNX_MAC_LEN];
    asked(&peer);
    knx_peer_gets_nothing(&peer);
    knx_peer_answers_session(&peer, &peer.config.device_key);
    knx_peer_hears_nothing(&peer);
    struct knx_message message = knx_peer_gets(&peer, KNX_SESSION_AUTHENTICATE);
    knx_authenticate_mac(&peer.config.user_key, PEER_USER, peer.client_key, peer.public_key, mac);
    assert_int_equal(message.user, PEER_USER);
    assert_memory_equal(message.mac.data, mac, sizeof(mac));
    knx_peer_gives_status(&peer, KNX_SESSION_AUTHENTICATION_SUCCESS);
    (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_SESSION);
    (void)knx_peer_gets(&peer, KNX_CONNECT_REQUEST);
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
}

static void every_session_has_a_fresh_key_pair(void **state)
{
    (void)state;
    struct knx_peer peer;
    uint8_t first[KNX_PUBLIC_KEY_LEN];
    asked(&peer);
    memcpy(first, peer.client_key, sizeof(first));
    knx_client_lost(peer.client, NULL, peer.now);
    (void)knx_peer_hears_down(&peer, BAS_ERR_CLOSED, "lost");
    knx_client_open(peer.client, peer.now);
    (void)knx_peer_gets(&peer, KNX_SESSION_REQUEST);
    assert_memory_not_equal(first, peer.client_key, sizeof(first));
    knx_peer_end(&peer);
}

static void a_server_without_the_device_authentication_code_gets_nothing(void **state)
{
    (void)state;
    struct knx_peer peer;
    asked(&peer);
    knx_peer_answers_session(&peer, &(struct knx_key){ "something else" });
    struct knx_client_event event =
        knx_peer_hears_down(&peer, BAS_ERR_KEY, "does not know the device authentication code");
    assert_true(event.is_permanent);
    assert_int_equal(event.step, KNX_CLIENT_SESSION);
    knx_peer_gets_nothing(&peer); /* above all no SESSION_AUTHENTICATE */
    knx_peer_end(&peer);
}

static void the_device_check_can_be_left_out_but_is_warned_about(void **state)
{
    (void)state;
    struct knx_peer peer;
    knx_peer_begin(&peer, KNX_TCP, true);
    peer.config.skips_device_check = true;
    knx_peer_start(&peer);
    assert_non_null(strstr(peer.t.last_log, "device authentication code"));
    (void)knx_peer_gets(&peer, KNX_SESSION_REQUEST);
    knx_peer_answers_session(&peer, &(struct knx_key){ "something else" });
    (void)knx_peer_gets(&peer, KNX_SESSION_AUTHENTICATE);
    knx_peer_end(&peer);
    asked(&peer);
    assert_int_equal(peer.t.logs, 0);
    knx_peer_end(&peer);
}

static void a_response_without_a_session_says_that_none_is_free(void **state)
{
    (void)state;
    struct knx_peer peer;
    asked(&peer);
    knx_peer_gives_octets(&peer, test_hex("0610095200080000"));
    struct knx_client_event event = knx_peer_hears_down(&peer, BAS_ERR_IN_USE, "no secure session");
    assert_false(event.is_permanent);
    assert_int_equal(event.status, KNX_E_NO_MORE_CONNECTIONS);
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
    asked(&peer);
    peer.wrapper.session = 0; /* a whole one with id 0 */
    knx_peer_answers_session(&peer, &peer.config.device_key);
    (void)knx_peer_hears_down(&peer, BAS_ERR_IN_USE, "no secure session");
    knx_peer_end(&peer);
}

static void silence_after_a_session_request_ends_after_its_time(void **state)
{
    (void)state;
    struct knx_peer peer;
    asked(&peer);
    knx_peer_waits(&peer, KNX_CLIENT_SESSION_RESPONSE_MS - 1);
    knx_peer_hears_nothing(&peer);
    knx_peer_waits(&peer, 1);
    struct knx_client_event event =
        knx_peer_hears_down(&peer, BAS_ERR_TIMEOUT, "SESSION_REQUEST within 5000 ms");
    assert_int_equal(event.step, KNX_CLIENT_SESSION);
    assert_false(event.is_permanent);
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
}

static void silence_after_authenticate_ends_after_its_time(void **state)
{
    (void)state;
    struct knx_peer peer;
    asked(&peer);
    knx_peer_answers_session(&peer, &peer.config.device_key);
    (void)knx_peer_gets(&peer, KNX_SESSION_AUTHENTICATE);
    knx_peer_waits(&peer, KNX_CLIENT_SESSION_STATUS_MS - 1);
    knx_peer_hears_nothing(&peer);
    knx_peer_waits(&peer, 1);
    struct knx_client_event event =
        knx_peer_hears_down(&peer, BAS_ERR_TIMEOUT, "SESSION_AUTHENTICATE within 5000 ms");
    assert_int_equal(event.step, KNX_CLIENT_AUTHENTICATE);
    assert_int_equal(knx_peer_gets(&peer, KNX_SESSION_STATUS).status, KNX_SESSION_CLOSE);
    knx_peer_end(&peer);
}

static void a_public_key_of_low_order_is_dropped_and_a_good_one_still_taken(void **state)
{
    (void)state;
    /* The points whose product with any scalar is zero: 0, 1, and the two of order 8. */
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    struct knx_peer peer;
    asked(&peer);
    for (size_t i = 0; i < BAS_ARRAY_LEN(points); i++) {
        uint8_t mac[KNX_MAC_LEN];
        struct bas_slice y = test_hex(points[i]);
        knx_response_mac(&peer.config.device_key, PEER_SESSION, peer.client_key, y.data, mac);
        knx_peer_gives(&peer, &(struct knx_message){ .service = KNX_SESSION_RESPONSE,
                                                     .session = PEER_SESSION,
                                                     .public_key = y,
                                                     .mac = { mac, sizeof(mac) } });
        hears_dropped(&peer, "low order");
        assert_int_equal(knx_client_state(peer.client), KNX_CLIENT_SESSION);
    }
    knx_peer_answers_session(&peer, &peer.config.device_key);
    (void)knx_peer_gets(&peer, KNX_SESSION_AUTHENTICATE);
    knx_peer_end(&peer);
}

static void a_session_response_cut_off_anywhere_changes_nothing(void **state)
{
    (void)state;
    struct knx_peer peer;
    asked(&peer);
    for (size_t len = 9; len < 56; len++) {
        uint8_t octets[56] = { 6, 0x10, 9, 0x52, 0, (uint8_t)len, 0, 6 };
        knx_peer_gives_octets(&peer, (struct bas_slice){ octets, len });
        struct knx_client_event event;
        (void)knx_client_next_event(peer.client, &event);
        knx_peer_hears_nothing(&peer);
        assert_int_equal(knx_client_state(peer.client), KNX_CLIENT_SESSION);
    }
    assert_int_equal(knx_client_dropped(peer.client), 56 - 9);
    knx_peer_end(&peer);
}

static void a_second_session_response_is_dropped(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer);
    struct knx_cipher cipher = peer.cipher;
    struct knx_key_pair pair;
    knx_key_pair_make(&peer.t.env, &pair); /* a fresh, honest one */
    uint8_t mac[KNX_MAC_LEN];
    knx_response_mac(&peer.config.device_key, 7, peer.client_key, pair.public_key, mac);
    peer.is_keyed = false;
    knx_peer_gives(&peer,
                   &(struct knx_message){ .service = KNX_SESSION_RESPONSE,
                                          .session = 7,
                                          .public_key = { pair.public_key, KNX_PUBLIC_KEY_LEN },
                                          .mac = { mac, sizeof(mac) } });
    hears_dropped(&peer, "not expected in state up");
    peer.is_keyed = true;
    peer.cipher = cipher;
    still_hears(&peer);
    knx_peer_end(&peer);
}

/* The end of a session. */

struct ending {
    uint8_t status;
    bas_err err;
    bool is_permanent;
    const char *words;
};
static const struct ending endings[] = {
    { KNX_SESSION_AUTHENTICATION_FAILED, BAS_ERR_KEY, true, "does not accept user 2" },
    { KNX_SESSION_UNAUTHENTICATED, BAS_ERR_PROTOCOL, false, "not authenticated" },
    { KNX_SESSION_TIMEOUT, BAS_ERR_TIMEOUT, false, "nothing arrived from us" },
    { KNX_SESSION_CLOSE, BAS_ERR_CLOSED, false, "closed the session of user 2" },
};

static void every_status_that_ends_a_session_has_its_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(endings); i++) {
        for (int is_up = 0; is_up < 2; is_up++) {
            struct knx_peer peer;
            if (is_up) {
                up(&peer);
            } else {
                asked(&peer);
                knx_peer_answers_session(&peer, &peer.config.device_key);
                (void)knx_peer_gets(&peer, KNX_SESSION_AUTHENTICATE);
            }
            knx_peer_gives_status(&peer, endings[i].status);
            struct knx_client_event event =
                knx_peer_hears_down(&peer, endings[i].err, endings[i].words);
            assert_int_equal(event.status, endings[i].status);
            assert_int_equal(event.is_permanent, endings[i].is_permanent);
            assert_int_equal(event.step, is_up ? KNX_CLIENT_UP : KNX_CLIENT_AUTHENTICATE);
            knx_peer_gets_nothing(&peer); /* the session is gone: nothing is said in it */
            knx_peer_end(&peer);
        }
    }
}

static void statuses_that_mean_nothing_to_a_client_are_dropped(void **state)
{
    (void)state;
    static const uint8_t statuses[] = { 0, KNX_SESSION_KEEPALIVE, 6, 0x7F, 0xFF };
    struct knx_peer peer;
    up(&peer);
    for (size_t i = 0; i < BAS_ARRAY_LEN(statuses); i++) {
        knx_peer_gives_status(&peer, statuses[i]);
        hears_dropped(&peer, "SESSION_STATUS is not expected");
    }
    still_hears(&peer);
    knx_peer_end(&peer);
}

static void a_close_in_order_ends_channel_and_session(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer);
    knx_client_close(peer.client, peer.now);
    (void)knx_peer_gets(&peer, KNX_DISCONNECT_REQUEST);
    knx_peer_gives(&peer, &(struct knx_message){ .service = KNX_DISCONNECT_RESPONSE,
                                                 .channel = PEER_CHANNEL });
    (void)knx_peer_hears_down(&peer, BAS_OK, "");
    assert_int_equal(knx_peer_gets(&peer, KNX_SESSION_STATUS).status, KNX_SESSION_CLOSE);
    knx_peer_gets_nothing(&peer);
    assert_false(peer.client->session.is_keyed); /* and the key is gone */
    const struct knx_cipher zero = { { 0 } };
    assert_memory_equal(&peer.client->session.cipher, &zero, sizeof(zero));
    knx_peer_end(&peer);
}

/* Keepalive. */

static void a_keepalive_goes_out_after_thirty_seconds_of_own_silence(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer);
    knx_peer_waits(&peer, KNX_CLIENT_KEEPALIVE_MS - 1000);
    (void)knx_peer_sends(&peer, PEER_REQ); /* not silent */
    (void)knx_peer_gets_cemi(&peer, PEER_SENT);
    knx_peer_gives_cemi(&peer, PEER_CON);
    (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_CONFIRMED);
    knx_peer_waits(&peer, KNX_CLIENT_KEEPALIVE_MS - 1);
    still_hears(&peer); /* what arrives is not ours */
    knx_peer_gets_nothing(&peer);
    knx_peer_waits(&peer, 1);
    assert_int_equal(knx_peer_gets(&peer, KNX_SESSION_STATUS).status, KNX_SESSION_KEEPALIVE);
    knx_peer_waits(&peer, 1000); /* the heartbeat, 60 s after UP */
    (void)knx_peer_gets(&peer, KNX_CONNECTIONSTATE_REQUEST);
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
}

static void a_keepalive_waits_once_however_long_nobody_takes_it(void **state)
{
    (void)state;
    struct knx_peer peer;
    authenticated(&peer);
    peer.client->timers[KNX_TIMER_WAIT] = BAS_NEVER;
    knx_peer_waits(&peer, 10 * KNX_CLIENT_KEEPALIVE_MS);
    (void)knx_peer_gets(&peer, KNX_SESSION_STATUS);
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
}

static void a_plain_client_sends_no_keepalive(void **state)
{
    (void)state;
    struct knx_peer peer;
    knx_peer_begin(&peer, KNX_TCP, false);
    knx_peer_start(&peer);
    knx_peer_connects(&peer);
    knx_peer_waits(&peer, KNX_CLIENT_HEARTBEAT_MS - 1);
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
}

/* Wrappers that are not what they seem. */

static void a_wrapper_forged_in_any_octet_changes_nothing(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer);
    struct bas_slice good = knx_peer_seal(&peer, telegram(&peer));
    uint8_t kept[128];
    assert_true(good.len <= sizeof(kept));
    memcpy(kept, good.data, good.len);
    for (size_t i = 6; i < good.len; i++) { /* its header is the stream's */
        uint8_t forged[128];
        memcpy(forged, kept, good.len);
        forged[i] ^= 0x01;
        knx_peer_gives_octets(&peer, (struct bas_slice){ forged, good.len });
        struct knx_client_event event;
        if (knx_client_next_event(peer.client, &event)) { /* not all say so */
            assert_int_equal(event.kind, KNX_CLIENT_EVENT_DROPPED);
        }
        knx_peer_hears_nothing(&peer);
        knx_peer_gets_nothing(&peer);
    }
    assert_int_equal(knx_client_dropped(peer.client), good.len - 6);
    knx_peer_gives_octets(&peer, (struct bas_slice){ kept, good.len }); /* its number is unused */
    (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_TELEGRAM);
    knx_peer_end(&peer);
}

static void a_wrapper_that_comes_twice_is_taken_once(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer);
    struct bas_slice frame = knx_peer_seal(&peer, telegram(&peer));
    uint8_t kept[128];
    memcpy(kept, frame.data, frame.len);
    knx_peer_gives_octets(&peer, frame);
    (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_TELEGRAM);
    knx_peer_gives_octets(&peer, (struct bas_slice){ kept, frame.len });
    hears_dropped(&peer, "used before");
    still_hears(&peer);
    knx_peer_end(&peer);
}

static void numbers_may_be_left_out_but_not_go_back(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer);
    peer.wrapper.sequence += 1000;
    still_hears(&peer);
    peer.wrapper.sequence -= 2;
    knx_peer_gives_octets(&peer, knx_peer_seal(&peer, telegram(&peer)));
    hears_dropped(&peer, "used before");
    peer.wrapper.sequence = KNX_COUNTER_MAX;
    still_hears(&peer);
    peer.wrapper.sequence = KNX_COUNTER_MAX;
    knx_peer_gives_octets(&peer, knx_peer_seal(&peer, telegram(&peer)));
    hears_dropped(&peer, "used before");
    knx_peer_end(&peer);
}

static void a_wrapper_with_a_wrong_mac_does_not_move_the_counter(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer);
    struct knx_wrapper before = peer.wrapper;
    struct knx_cipher good = peer.cipher;
    knx_cipher_init(&peer.cipher, &(struct knx_key){ "another session" });
    peer.wrapper.sequence = KNX_COUNTER_MAX; /* it would lock out all that follow */
    bas_time deadline = knx_client_deadline(peer.client);
    knx_peer_gives_octets(&peer, knx_peer_seal(&peer, telegram(&peer)));
    hears_dropped(&peer, "wrong MAC");
    assert_int_equal(knx_client_deadline(peer.client), deadline);
    peer.wrapper = before;
    peer.cipher = good;
    still_hears(&peer);
    knx_peer_end(&peer);
}

static void a_wrapper_of_another_session_is_dropped(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer);
    peer.wrapper.session = PEER_SESSION + 1;
    knx_peer_gives_octets(&peer, knx_peer_seal(&peer, telegram(&peer)));
    hears_dropped(&peer, "session 7");
    peer.wrapper.session = PEER_SESSION;
    still_hears(&peer);
    knx_peer_end(&peer);
    asked(&peer); /* no session yet: 0 is not one either */
    peer.wrapper.session = 0;
    knx_peer_gives_octets(&peer, knx_peer_seal(&peer, telegram(&peer)));
    hears_dropped(&peer, "session 0");
    knx_peer_end(&peer);
}

static void what_must_not_be_wrapped_is_dropped(void **state)
{
    (void)state;
    static const char *const inner[] = {
        "0610095200080000", "061005300011" PEER_IND,
        "06100955002400000000000000000000000000000000"
        "000000000000000000000000000000000000",
        "061004200016041700002900bce01105090101004100", /* length and octets differ */
        "052004200015041700002900bce011050901010041"
    };
    struct knx_peer peer;
    up(&peer);
    for (size_t i = 0; i < BAS_ARRAY_LEN(inner); i++) {
        knx_peer_gives_octets(&peer, knx_peer_seal(&peer, test_hex(inner[i])));
        struct knx_client_event event = knx_peer_hears(&peer, KNX_CLIENT_EVENT_DROPPED);
        (void)event;
        knx_peer_hears_nothing(&peer);
    }
    struct bas_slice once = knx_peer_seal(&peer, telegram(&peer)); /* a wrapper in a wrapper */
    uint8_t kept[128];
    memcpy(kept, once.data, once.len);
    knx_peer_gives_octets(&peer, knx_peer_seal(&peer, (struct bas_slice){ kept, once.len }));
    hears_dropped(&peer, "must not be wrapped");
    still_hears(&peer);
    knx_peer_end(&peer);
}

static void a_wrapper_cut_off_anywhere_is_dropped(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer);
    struct bas_slice good = knx_peer_seal(&peer, telegram(&peer));
    uint8_t kept[128];
    memcpy(kept, good.data, good.len);
    for (size_t len = 6; len < good.len; len++) {
        uint8_t octets[128];
        struct knx_client_event event;
        memcpy(octets, kept, len);
        octets[5] = (uint8_t)len; /* else the stream would wait for the rest */
        knx_peer_gives_octets(&peer, (struct bas_slice){ octets, len });
        if (knx_client_next_event(peer.client, &event)) {
            assert_int_equal(event.kind, KNX_CLIENT_EVENT_DROPPED);
        }
        knx_peer_hears_nothing(&peer);
    }
    assert_int_equal(knx_client_dropped(peer.client), good.len - 6);
    still_hears(&peer);
    knx_peer_end(&peer);
}

static void plain_frames_on_a_secure_connection_change_nothing(void **state)
{
    (void)state;
    static const enum knx_service services[] = { KNX_SESSION_STATUS, KNX_CONNECT_RESPONSE,
                                                 KNX_DISCONNECT_REQUEST, KNX_TUNNELLING_REQUEST,
                                                 KNX_CONNECTIONSTATE_RESPONSE };
    struct knx_peer peer;
    up(&peer);
    for (size_t i = 0; i < BAS_ARRAY_LEN(services); i++) {
        const struct knx_message message = { .service = (uint16_t)services[i],
                                             .channel = PEER_CHANNEL,
                                             .status = KNX_SESSION_CLOSE,
                                             .control = { .protocol = KNX_TCP },
                                             .payload = test_hex(PEER_IND) };
        knx_peer_gives_octets(&peer, knx_peer_frame(&peer, &message));
        hears_dropped(&peer, "in the plain");
    }
    assert_int_equal(knx_client_state(peer.client), KNX_CLIENT_UP);
    still_hears(&peer);
    knx_peer_end(&peer);
}

static void secure_frames_on_a_plain_connection_change_nothing(void **state)
{
    (void)state;
    struct knx_peer peer;
    knx_peer_begin(&peer, KNX_TCP, false);
    knx_peer_start(&peer);
    knx_peer_connects(&peer);
    knx_peer_gives_octets(&peer, test_hex("0610095400080500"));
    hears_dropped(&peer, "not secure");
    knx_peer_gives_octets(&peer, test_hex("0610095200080000"));
    hears_dropped(&peer, "not secure");
    knx_peer_gives_octets(&peer, knx_peer_seal(&peer, telegram(&peer)));
    hears_dropped(&peer, "SECURE_WRAPPER");
    knx_peer_end(&peer);
}

/* Numbers and serials of our own. */

static void the_session_ends_before_its_numbers_do(void **state)
{
    (void)state;
    struct knx_peer peer;
    up(&peer);
    peer.client->session.send_next = peer.sealed = KNX_COUNTER_MAX - 1;
    uint32_t id = knx_peer_sends(&peer, PEER_REQ);
    (void)knx_peer_gets_cemi(&peer, PEER_SENT);
    knx_peer_gives_cemi(&peer, PEER_CON);
    assert_int_equal(knx_peer_hears(&peer, KNX_CLIENT_EVENT_CONFIRMED).id, id);
    id = knx_peer_sends(&peer, PEER_REQ);
    knx_peer_gets_nothing(&peer);
    assert_int_equal(knx_client_deadline(peer.client), peer.now); /* something is to be heard */
    assert_int_equal(knx_peer_hears(&peer, KNX_CLIENT_EVENT_FAILED).id, id);
    (void)knx_peer_hears_down(&peer, BAS_ERR_CLOSED, "used up");
    knx_peer_gets_nothing(&peer);
    knx_peer_end(&peer);
}

static void a_client_without_a_serial_makes_one_that_is_not_zero(void **state)
{
    (void)state;
    struct knx_peer peer;
    static const uint8_t zero[KNX_SERIAL_LEN];
    knx_peer_begin(&peer, KNX_TCP, true);
    memset(peer.config.serial, 0, KNX_SERIAL_LEN);
    knx_peer_start(&peer);
    assert_memory_not_equal(peer.client->session.serial, zero, KNX_SERIAL_LEN);
    memcpy(peer.config.serial, peer.client->session.serial, KNX_SERIAL_LEN); /* as it must be */
    knx_peer_connects(&peer);
    knx_peer_end(&peer);
}

static void a_server_with_our_serial_makes_us_take_another(void **state)
{
    (void)state;
    struct knx_peer peer;
    asked(&peer);
    memcpy(peer.wrapper.serial, peer.config.serial, KNX_SERIAL_LEN);
    knx_peer_answers_session(&peer, &peer.config.device_key);
    (void)knx_peer_gets(&peer, KNX_SESSION_AUTHENTICATE);
    knx_peer_gives_status(&peer, KNX_SESSION_AUTHENTICATION_SUCCESS);
    (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_SESSION);
    assert_non_null(strstr(peer.t.last_log, "our serial number"));
    assert_memory_not_equal(peer.client->session.serial, peer.wrapper.serial, KNX_SERIAL_LEN);
    memcpy(peer.config.serial, peer.client->session.serial, KNX_SERIAL_LEN);
    (void)knx_peer_gets(&peer, KNX_CONNECT_REQUEST); /* and goes on with it */
    knx_peer_end(&peer);
}

static void keys_are_wiped_when_the_client_goes(void **state)
{
    (void)state;
    struct knx_peer peer;
    static const uint8_t zero[KNX_PUBLIC_KEY_LEN];
    asked(&peer);
    assert_memory_not_equal(peer.client->session.pair.private_key, zero, sizeof(zero));
    knx_peer_answers_session(&peer, &peer.config.device_key);
    assert_memory_equal(peer.client->session.pair.private_key, zero, sizeof(zero));
    (void)knx_peer_gets(&peer, KNX_SESSION_AUTHENTICATE);
    knx_peer_gives_status(&peer, KNX_SESSION_AUTHENTICATION_SUCCESS);
    (void)knx_peer_hears(&peer, KNX_CLIENT_EVENT_SESSION);
    assert_memory_equal(peer.client->session.mac, zero, KNX_MAC_LEN);
    knx_peer_end(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_handshake_proves_the_user_and_asks_for_the_tunnel),
        cmocka_unit_test(every_session_has_a_fresh_key_pair),
        cmocka_unit_test(a_server_without_the_device_authentication_code_gets_nothing),
        cmocka_unit_test(the_device_check_can_be_left_out_but_is_warned_about),
        cmocka_unit_test(a_response_without_a_session_says_that_none_is_free),
        cmocka_unit_test(silence_after_a_session_request_ends_after_its_time),
        cmocka_unit_test(silence_after_authenticate_ends_after_its_time),
        cmocka_unit_test(a_public_key_of_low_order_is_dropped_and_a_good_one_still_taken),
        cmocka_unit_test(a_session_response_cut_off_anywhere_changes_nothing),
        cmocka_unit_test(a_second_session_response_is_dropped),
        cmocka_unit_test(every_status_that_ends_a_session_has_its_sentence),
        cmocka_unit_test(statuses_that_mean_nothing_to_a_client_are_dropped),
        cmocka_unit_test(a_close_in_order_ends_channel_and_session),
        cmocka_unit_test(a_keepalive_goes_out_after_thirty_seconds_of_own_silence),
        cmocka_unit_test(a_keepalive_waits_once_however_long_nobody_takes_it),
        cmocka_unit_test(a_plain_client_sends_no_keepalive),
        cmocka_unit_test(a_wrapper_forged_in_any_octet_changes_nothing),
        cmocka_unit_test(a_wrapper_that_comes_twice_is_taken_once),
        cmocka_unit_test(numbers_may_be_left_out_but_not_go_back),
        cmocka_unit_test(a_wrapper_with_a_wrong_mac_does_not_move_the_counter),
        cmocka_unit_test(a_wrapper_of_another_session_is_dropped),
        cmocka_unit_test(what_must_not_be_wrapped_is_dropped),
        cmocka_unit_test(a_wrapper_cut_off_anywhere_is_dropped),
        cmocka_unit_test(plain_frames_on_a_secure_connection_change_nothing),
        cmocka_unit_test(secure_frames_on_a_plain_connection_change_nothing),
        cmocka_unit_test(the_session_ends_before_its_numbers_do),
        cmocka_unit_test(a_client_without_a_serial_makes_one_that_is_not_zero),
        cmocka_unit_test(a_server_with_our_serial_makes_us_take_another),
        cmocka_unit_test(keys_are_wiped_when_the_client_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
