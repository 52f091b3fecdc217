/* Secure sessions of the KNXnet/IP server (spec 2.3 to 2.5): server/session.c. */
#include "knx_visitor.h"

#include <string.h>

enum { ALL = 1000 };

static const struct knx_key wrong_key = { { 0xFF } };

/* The table. */

/* A session in a state, and the frame that is each event. */
static const struct knx_server_session *session_of(const struct visitor *v)
{
    const struct knx_server *server = v->house->server;
    for (uint32_t i = 0; i < server->config.max_sessions; i++) {
        if (server->sessions[i].state != KNX_STATE_FREE && server->sessions[i].id == v->session) {
            return &server->sessions[i];
        }
    }
    return NULL;
}

static enum knx_session_state state_of(const struct visitor *v)
{
    const struct knx_server_session *session = session_of(v);
    return session != NULL ? (enum knx_session_state)session->state : KNX_STATE_FREE;
}

static struct visitor visitor_in(struct house *h, enum knx_session_state state)
{
    struct visitor v = visitor_tcp(h, 10);
    if (state == KNX_STATE_UNAUTHENTICATED) {
        visitor_begins_session(&v);
    } else if (state == KNX_STATE_AUTHENTICATED) {
        visitor_enters(&v, 2);
    }
    return v;
}

static void authenticate(struct visitor *v)
{
    visitor_authenticates(v, 2, &v->house->users[1].key);
}

static void authenticate_bad(struct visitor *v)
{
    visitor_authenticates(v, 2, &wrong_key);
}

static void keepalive(struct visitor *v)
{
    visitor_sends_status(v, KNX_SESSION_KEEPALIVE);
}

static void close_session(struct visitor *v)
{
    visitor_sends_status(v, KNX_SESSION_CLOSE);
}

static void another_status(struct visitor *v)
{
    visitor_sends_status(v, KNX_SESSION_TIMEOUT);
}

static void frame(struct visitor *v)
{
    const struct knx_message message = { .service = KNX_DESCRIPTION_REQUEST,
                                         .control = { .protocol = KNX_TCP } };
    visitor_sends(v, &message);
}

static void foreign(struct visitor *v)
{
    const struct knx_message message = { .service = KNX_DISCONNECT_RESPONSE + 0x4000 };
    visitor_sends(v, &message);
}

static void timeout(struct visitor *v)
{
    house_waits(v->house, KNX_SERVER_SESSION_MS);
}

static void end(struct visitor *v)
{
    knx_server_close(v->house->server, v->house->now);
}

static const struct {
    const char *name;
    void (*happens)(struct visitor *v);
} events[KNX_SESSION_EVENTS] = {
    [KNX_EVENT_REQUEST] = { "request", visitor_asks_for_session },
    [KNX_EVENT_AUTHENTICATE] = { "authenticate", authenticate },
    [KNX_EVENT_AUTHENTICATE_BAD] = { "authenticate wrongly", authenticate_bad },
    [KNX_EVENT_KEEPALIVE] = { "keepalive", keepalive },
    [KNX_EVENT_CLOSE] = { "close", close_session },
    [KNX_EVENT_STATUS] = { "another status", another_status },
    [KNX_EVENT_FRAME] = { "frame", frame },
    [KNX_EVENT_FOREIGN] = { "foreign frame", foreign },
    [KNX_EVENT_TIMEOUT] = { "timeout", timeout },
    [KNX_EVENT_LOST] = { "lost", visitor_leaves },
    [KNX_EVENT_END] = { "end", end },
};

enum { NO_STATUS = -1 };
struct cell {
    enum knx_session_state state;
    enum knx_session_event event;
    int status; /* of the SESSION_STATUS that goes out */
    enum knx_session_state next;
};

/* Spec 2.5, row by row. What is not named here changes nothing. */
static const struct cell cells[] = {
    { KNX_STATE_FREE, KNX_EVENT_REQUEST, NO_STATUS, KNX_STATE_UNAUTHENTICATED },

    { KNX_STATE_UNAUTHENTICATED, KNX_EVENT_AUTHENTICATE, 0, KNX_STATE_AUTHENTICATED },
    { KNX_STATE_UNAUTHENTICATED, KNX_EVENT_AUTHENTICATE_BAD, 1, KNX_STATE_FREE },
    { KNX_STATE_UNAUTHENTICATED, KNX_EVENT_KEEPALIVE, 2, KNX_STATE_FREE },
    { KNX_STATE_UNAUTHENTICATED, KNX_EVENT_CLOSE, 5, KNX_STATE_FREE },
    { KNX_STATE_UNAUTHENTICATED, KNX_EVENT_STATUS, 2, KNX_STATE_FREE },
    { KNX_STATE_UNAUTHENTICATED, KNX_EVENT_FRAME, 2, KNX_STATE_FREE },
    { KNX_STATE_UNAUTHENTICATED, KNX_EVENT_FOREIGN, 2, KNX_STATE_FREE },
    { KNX_STATE_UNAUTHENTICATED, KNX_EVENT_TIMEOUT, 3, KNX_STATE_FREE },
    { KNX_STATE_UNAUTHENTICATED, KNX_EVENT_LOST, NO_STATUS, KNX_STATE_FREE },
    { KNX_STATE_UNAUTHENTICATED, KNX_EVENT_END, 5, KNX_STATE_FREE },

    { KNX_STATE_AUTHENTICATED, KNX_EVENT_AUTHENTICATE, 1, KNX_STATE_FREE },
    { KNX_STATE_AUTHENTICATED, KNX_EVENT_AUTHENTICATE_BAD, 1, KNX_STATE_FREE },
    { KNX_STATE_AUTHENTICATED, KNX_EVENT_KEEPALIVE, NO_STATUS, KNX_STATE_AUTHENTICATED },
    { KNX_STATE_AUTHENTICATED, KNX_EVENT_CLOSE, 5, KNX_STATE_FREE },
    { KNX_STATE_AUTHENTICATED, KNX_EVENT_STATUS, NO_STATUS, KNX_STATE_AUTHENTICATED },
    { KNX_STATE_AUTHENTICATED, KNX_EVENT_FRAME, NO_STATUS, KNX_STATE_AUTHENTICATED },
    { KNX_STATE_AUTHENTICATED, KNX_EVENT_FOREIGN, NO_STATUS, KNX_STATE_AUTHENTICATED },
    { KNX_STATE_AUTHENTICATED, KNX_EVENT_TIMEOUT, 3, KNX_STATE_FREE },
    { KNX_STATE_AUTHENTICATED, KNX_EVENT_LOST, NO_STATUS, KNX_STATE_FREE },
    { KNX_STATE_AUTHENTICATED, KNX_EVENT_END, 5, KNX_STATE_FREE },
};

static void check_cell(const struct cell *cell)
{
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_in(&h, cell->state);
    print_message("# state %d: %s\n", cell->state, events[cell->event].name);
    events[cell->event].happens(&v);
    if (cell->event == KNX_EVENT_REQUEST) {
        v.session = visitor_gets(&v, KNX_SESSION_RESPONSE).session;
    }
    if (cell->status != NO_STATUS) {
        assert_int_equal(visitor_gets_status(&v), cell->status);
    }
    if (cell->state == KNX_STATE_AUTHENTICATED && cell->event == KNX_EVENT_FRAME) {
        (void)visitor_gets(&v, KNX_DESCRIPTION_RESPONSE);
    }
    house_sends_nothing(&h);
    assert_int_equal(state_of(&v), cell->next);
    house_end(&h);
}

static void every_cell_of_the_table_does_what_the_standard_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(cells); i++) {
        check_cell(&cells[i]);
    }
}

static void what_the_standard_does_not_name_is_an_empty_cell(void **state)
{
    (void)state;
    size_t acting = 0;
    for (unsigned s = 0; s < KNX_SESSION_STATES; s++) {
        for (unsigned e = 0; e < KNX_SESSION_EVENTS; e++) {
            struct knx_session_rule rule =
                knx_session_rule((enum knx_session_state)s, (enum knx_session_event)e);
            acting += rule.action != KNX_DO_NOTHING;
            assert_true(rule.action != KNX_DO_NOTHING || (rule.next == s && rule.sends == 0));
        }
    }
    assert_int_equal(acting, BAS_ARRAY_LEN(cells));
}

/* Authentication. */

static void a_session_that_ends_before_authentication_is_refused_and_told(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_in(&h, KNX_STATE_UNAUTHENTICATED);
    authenticate_bad(&v);
    assert_int_equal(visitor_gets_status(&v), KNX_SESSION_AUTHENTICATION_FAILED);
    struct knx_server_event event = house_says(&h, KNX_SERVER_EVENT_REFUSED);
    assert_int_equal(event.user, 2);
    assert_int_equal(event.fault->err, BAS_ERR_KEY);
    assert_int_equal(event.connection, v.connection);
    assert_int_equal(house_counts(&h).sessions_refused, 1);
    house_says_nothing(&h);
    house_end(&h);
}

static void a_session_key_allows_one_attempt(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_in(&h, KNX_STATE_UNAUTHENTICATED);
    authenticate_bad(&v);
    (void)visitor_gets_status(&v);
    authenticate(&v);
    house_sends_nothing(&h);
    assert_int_equal(house_counts(&h).wrapper_session, 1);
    house_end(&h);
}

static void users_without_a_key_and_numbers_that_are_none_fail(void **state)
{
    (void)state;
    static const uint8_t users[] = { 0, 4, 127, 128, 255 };
    static const struct knx_key zero = { { 0 } };
    for (size_t i = 0; i < sizeof(users); i++) {
        struct house h;
        house_open_secured(&h);
        struct visitor v = visitor_in(&h, KNX_STATE_UNAUTHENTICATED);
        visitor_authenticates(&v, users[i], &zero);
        assert_int_equal(visitor_gets_status(&v), KNX_SESSION_AUTHENTICATION_FAILED);
        house_end(&h);
    }
}

static void the_key_of_another_user_fails(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_in(&h, KNX_STATE_UNAUTHENTICATED);
    visitor_authenticates(&v, 2, &h.users[2].key);
    assert_int_equal(visitor_gets_status(&v), KNX_SESSION_AUTHENTICATION_FAILED);
    house_end(&h);
}

static void an_authentication_with_its_reserved_octet_set_fails(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_in(&h, KNX_STATE_UNAUTHENTICATED);
    uint8_t sealed[100];
    struct bas_buf out;
    bas_buf_init(&out, sealed, sizeof(sealed));
    visitor_seals(&v, test_hex("061009530018 01 02 000102030405060708090a0b0c0d0e0f"), &out);
    visitor_sends_octets(&v, (struct bas_slice){ out.data, out.len });
    assert_int_equal(visitor_gets_status(&v), KNX_SESSION_AUTHENTICATION_FAILED);
    house_end(&h);
}

/* Timers. */

static void a_session_has_ten_seconds_to_authenticate(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_in(&h, KNX_STATE_UNAUTHENTICATED);
    assert_int_equal(knx_server_deadline(h.server), h.now + 10 * BAS_SECOND);
    house_waits(&h, 9999);
    house_sends_nothing(&h);
    house_waits(&h, 1);
    assert_int_equal(visitor_gets_status(&v), KNX_SESSION_TIMEOUT);
    house_end(&h);
}

static void
sixty_seconds_of_silence_end_a_session_and_every_valid_wrapper_begins_them_anew(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_in(&h, KNX_STATE_AUTHENTICATED);
    house_waits(&h, 59999);
    keepalive(&v);
    house_waits(&h, 59999);
    frame(&v);
    (void)visitor_gets(&v, KNX_DESCRIPTION_RESPONSE);
    house_waits(&h, 59999);
    house_sends_nothing(&h);
    house_waits(&h, 1);
    assert_int_equal(visitor_gets_status(&v), KNX_SESSION_TIMEOUT);
    struct knx_server_event down = house_says(&h, KNX_SERVER_EVENT_SESSION_DOWN);
    assert_int_equal(down.user, 2);
    assert_int_equal(down.fault->err, BAS_ERR_TIMEOUT);
    house_end(&h);
}

static void a_forged_wrapper_keeps_nothing_alive(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_in(&h, KNX_STATE_AUTHENTICATED);
    struct visitor forger = v;
    knx_cipher_init(&forger.cipher, &wrong_key);
    house_waits(&h, 59999);
    keepalive(&forger);
    assert_int_equal(house_counts(&h).wrapper_mac, 1);
    house_waits(&h, 1);
    assert_int_equal(visitor_gets_status(&v), KNX_SESSION_TIMEOUT);
    house_end(&h);
}

/* What a session takes with it. */

static void the_end_of_a_session_closes_its_channels_without_a_disconnect(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_secure(&h, 10, 2);
    visitor_connects(&v, tunnel_cri());
    visitor_connects(&v, tunnel_cri());
    close_session(&v);
    assert_int_equal(visitor_gets_status(&v), KNX_SESSION_CLOSE);
    house_sends_nothing(&h);
    assert_int_equal(house_says(&h, KNX_SERVER_EVENT_CHANNEL_DOWN).address, TUNNEL_A);
    assert_int_equal(house_says(&h, KNX_SERVER_EVENT_CHANNEL_DOWN).address, TUNNEL_B);
    (void)house_says(&h, KNX_SERVER_EVENT_SESSION_DOWN);
    house_says_nothing(&h);
    house_end(&h);
}

static void a_session_outlives_its_last_channel(void **state)
{
    (void)state; /* spec 8, row 12 */
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_secure(&h, 10, 2);
    visitor_connects(&v, tunnel_cri());
    assert_int_equal(visitor_disconnects(&v), KNX_E_NO_ERROR);
    (void)house_says(&h, KNX_SERVER_EVENT_CHANNEL_DOWN);
    assert_int_equal(visitor_connects(&v, tunnel_cri()), TUNNEL_A);
    house_end(&h);
}

static void sessions_of_one_connection_do_not_know_each_other(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor a = visitor_secure(&h, 10, 2);
    struct visitor b = visitor_again(&a);
    visitor_enters(&b, 3);
    assert_int_not_equal(a.session, b.session);
    assert_int_equal(visitor_connects(&a, tunnel_cri()), TUNNEL_A);
    assert_int_equal(visitor_connects(&b, tunnel_cri()), TUNNEL_C);
    close_session(&a);
    assert_int_equal(visitor_gets_status(&a), KNX_SESSION_CLOSE);
    assert_int_equal(visitor_asks_state(&b), KNX_E_NO_ERROR);
    house_end(&h);
}

/* Requests. */

static void requests_with_a_key_of_low_order_get_no_answer(void **state)
{
    (void)state;
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_tcp(&h, 10);
    for (size_t i = 0; i < BAS_ARRAY_LEN(points); i++) {
        const struct knx_message request = { .service = KNX_SESSION_REQUEST,
                                             .control = { .protocol = KNX_TCP },
                                             .public_key = test_hex(points[i]) };
        visitor_sends(&v, &request);
        house_sends_nothing(&h);
    }
    assert_int_equal(house_counts(&h).sessions_refused, BAS_ARRAY_LEN(points));
    visitor_begins_session(&v); /* none of them holds a place */
    house_end(&h);
}

static void requests_over_udp_or_with_another_endpoint_get_no_answer(void **state)
{
    (void)state; /* spec 8, row 26 */
    static const struct knx_hpai hpais[] = { { KNX_UDP, { 0 }, 0 },
                                             { KNX_TCP, { 192, 0, 2, 9 }, 0 },
                                             { KNX_TCP, { 0 }, 3671 } };
    struct house h;
    house_open_secured(&h);
    struct visitor udp = visitor_udp(&h, 10);
    visitor_asks_for_session(&udp);
    house_sends_nothing(&h);
    struct visitor v = visitor_tcp(&h, 10);
    for (size_t i = 0; i < BAS_ARRAY_LEN(hpais); i++) {
        const struct knx_message request = { .service = KNX_SESSION_REQUEST,
                                             .control = hpais[i],
                                             .public_key = { v.x, sizeof(v.x) } };
        visitor_sends(&v, &request);
        house_sends_nothing(&h);
    }
    assert_int_equal(house_counts(&h).skipped, 4);
    house_end(&h);
}

static void a_server_without_a_device_key_has_no_sessions(void **state)
{
    (void)state;
    struct house h;
    house_begin(&h);
    h.config.tunnelling_is_secured = false;
    h.config.management_is_secured = false;
    h.config.has_device_key = false;
    house_open(&h);
    struct visitor v = visitor_tcp(&h, 10);
    visitor_asks_for_session(&v);
    house_sends_nothing(&h);
    house_end(&h);
}

static void a_peer_has_so_many_half_open_sessions_and_no_more(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor a = visitor_tcp(&h, 10);
    struct visitor again = visitor_tcp(&h, 10); /* another connection of the same host */
    for (unsigned i = 0; i < KNX_SERVER_HALF_OPEN / 2; i++) {
        visitor_begins_session(&a);
        visitor_begins_session(&again);
    }
    visitor_asks_for_session(&again);
    house_sends_nothing(&h);
    assert_int_equal(house_counts(&h).requests_limited, 1);
    struct visitor other = visitor_tcp(&h, 11);
    visitor_enters(&other, 2);
    visitor_authenticates(&a, 2, &h.users[1].key); /* one of them is not half-open any more */
    assert_int_equal(visitor_gets_status(&a), KNX_SESSION_AUTHENTICATION_SUCCESS);
    visitor_begins_session(&again);
    house_end(&h);
}

static void all_sessions_together_are_bounded(void **state)
{
    (void)state;
    struct house h;
    house_begin(&h);
    h.config.max_sessions = 3;
    house_open(&h);
    struct visitor v[4];
    for (uint8_t i = 0; i < 3; i++) {
        v[i] = visitor_secure(&h, (uint8_t)(10 + i), 2);
    }
    v[3] = visitor_tcp(&h, 20);
    visitor_asks_for_session(&v[3]);
    house_sends_nothing(&h);
    assert_int_equal(house_counts(&h).requests_limited, 1);
    close_session(&v[0]);
    (void)visitor_gets_status(&v[0]);
    visitor_begins_session(&v[3]);
    house_end(&h);
}

static void requests_of_all_are_limited_a_second(void **state)
{
    (void)state;
    struct house h;
    house_begin(&h);
    h.config.max_half_open = ALL;
    h.config.max_sessions = ALL;
    house_open(&h);
    struct visitor v = visitor_tcp(&h, 10);
    for (unsigned i = 0; i < KNX_SERVER_REQUESTS_PER_SECOND; i++) {
        visitor_begins_session(&v);
    }
    for (unsigned i = 0; i < ALL; i++) { /* a flood */
        visitor_asks_for_session(&v);
    }
    house_sends_nothing(&h);
    assert_int_equal(house_counts(&h).requests_limited, ALL);
    house_waits(&h, 1000 / KNX_SERVER_REQUESTS_PER_SECOND - 1);
    visitor_asks_for_session(&v);
    house_sends_nothing(&h);
    house_waits(&h, 1);
    visitor_begins_session(&v);
    visitor_asks_for_session(&v);
    house_sends_nothing(&h);
    house_end(&h);
}

/* Asks for sessions in a flood and gives them up before anybody can prove who he is. */
static void floods(struct visitor *v, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        uint64_t limited = house_counts(v->house).requests_limited;
        struct visitor one = visitor_again(v);
        visitor_asks_for_session(&one);
        if (house_counts(v->house).requests_limited != limited) {
            continue;
        }
        house_ignore_frames(v->house);
        knx_server_lost(v->house->server, v->connection, v->house->now);
        *v = visitor_tcp(v->house, 66);
    }
    house_ignore_events(v->house);
}

static void who_asks_in_vain_leaves_half_of_all_requests_to_others(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor stranger = visitor_tcp(&h, 66);
    floods(&stranger, 100);
    assert_true(house_counts(&h).requests_limited >= 89);
    for (uint8_t i = 0; i < KNX_SERVER_REQUESTS_PER_SECOND / 2 - 1; i++) {
        struct visitor v = visitor_secure(&h, (uint8_t)(10 + i), 2);
        (void)v;
    }
    house_waits(&h, 1000);
    floods(&stranger, 100);
    struct visitor owner = visitor_tcp(&h, 67);
    visitor_enters(&owner, 2);
    house_end(&h);
}

static void who_proves_himself_is_no_stranger_any_more(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_tcp(&h, 66);
    visitor_begins_session(&v);
    visitor_authenticates(&v, 2, &h.users[0].key); /* mistyped */
    assert_int_equal(visitor_gets_status(&v), KNX_SESSION_AUTHENTICATION_FAILED);
    house_ignore_events(&h);
    for (unsigned i = 1; i < KNX_SERVER_REQUESTS_PER_SECOND / 2; i++) {
        struct visitor other = visitor_secure(&h, 30, 2);
        (void)other;
    }
    visitor_asks_for_session(&v); /* half of all is used */
    house_sends_nothing(&h);
    house_waits(&h, 1000);
    struct visitor again = visitor_again(&v);
    visitor_enters(&again, 2);
    for (unsigned i = 1; i < KNX_SERVER_REQUESTS_PER_SECOND; i++) {
        struct visitor more = visitor_again(&v);
        visitor_enters(&more, 2);
    }
    house_end(&h);
}

static void a_session_number_is_never_zero_and_never_used_twice_at_a_time(void **state)
{
    (void)state;
    struct house h;
    house_begin(&h);
    h.config.max_sessions = 4;
    h.config.requests_per_second = ALL;
    house_open(&h);
    struct visitor stays = visitor_secure(&h, 10, 2);
    struct visitor v = visitor_again(&stays);
    h.server->last_session = 0xFFFE;
    visitor_begins_session(&v);
    assert_int_equal(v.session, 0xFFFF);
    close_session(&v);
    (void)visitor_gets_status(&v);
    h.server->last_session = (uint16_t)(stays.session - 1);
    visitor_begins_session(&v);
    assert_int_equal(v.session, (uint16_t)(stays.session + 1) != 0 ? stays.session + 1 : 1);
    h.server->last_session = 0xFFFF;
    visitor_begins_session(&v);
    assert_int_not_equal(v.session, 0);
    house_end(&h);
}

/* The standard's own numbers (spec 7.2), keys put in place of chance. */
static void the_worked_example_of_the_standard_is_answered_as_printed(void **state)
{
    (void)state;
    struct house h;
    struct knx_server_preset preset = { .session = 1 };
    house_begin(&h);
    memcpy(h.config.device_key.octets, test_hex("e158e4012047bd6cc41aafbc5c04c1fc").data, 16);
    memcpy(h.users[0].key.octets, test_hex("03fcedb66660251ec81a1a716901696a").data, 16);
    memcpy(preset.key.octets, test_hex("289426c2912535ba98279a4d1843c487").data, 16);
    memcpy(preset.y,
           test_hex("bdf099909923143ef0a5de0b3be3687bc5bd3cf5f9e6f901699cd870ec1ff824").data, 32);
    house_open(&h);
    knx_server_preset(h.server, &preset);
    struct visitor v = visitor_tcp(&h, 10);
    visitor_sends_hex(&v, "06100951002e 0802000000000000"
                          "0aa227b4fd7a32319ba9960ac036ce0e5c4507b5ae55161f1078b1dcfb3cb631");
    struct bas_slice wanted =
        test_hex("061009520038 0001"
                 "bdf099909923143ef0a5de0b3be3687bc5bd3cf5f9e6f901699cd870ec1ff824"
                 "a922505aaa436163570bd5494c2df2a3");
    struct bas_slice is = visitor_gets_octets(&v);
    assert_int_equal(is.len, wanted.len);
    assert_memory_equal(is.data, wanted.data, wanted.len);
    visitor_sends_hex(&v, "06100950003e 0001 000000000000 00fa12345678 affe"
                          "7915a4f36e6e4208d28b4a207d8f35c0d138c26a7b5e7169"
                          "52dba8e7e4bd80bd7d868a3ae78749de");
    assert_int_equal(house_says(&h, KNX_SERVER_EVENT_SESSION_UP).user, 1);
    house_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_of_the_table_does_what_the_standard_says),
        cmocka_unit_test(what_the_standard_does_not_name_is_an_empty_cell),
        cmocka_unit_test(a_session_that_ends_before_authentication_is_refused_and_told),
        cmocka_unit_test(a_session_key_allows_one_attempt),
        cmocka_unit_test(users_without_a_key_and_numbers_that_are_none_fail),
        cmocka_unit_test(the_key_of_another_user_fails),
        cmocka_unit_test(an_authentication_with_its_reserved_octet_set_fails),
        cmocka_unit_test(a_session_has_ten_seconds_to_authenticate),
        cmocka_unit_test(
            sixty_seconds_of_silence_end_a_session_and_every_valid_wrapper_begins_them_anew),
        cmocka_unit_test(a_forged_wrapper_keeps_nothing_alive),
        cmocka_unit_test(the_end_of_a_session_closes_its_channels_without_a_disconnect),
        cmocka_unit_test(a_session_outlives_its_last_channel),
        cmocka_unit_test(sessions_of_one_connection_do_not_know_each_other),
        cmocka_unit_test(requests_with_a_key_of_low_order_get_no_answer),
        cmocka_unit_test(requests_over_udp_or_with_another_endpoint_get_no_answer),
        cmocka_unit_test(a_server_without_a_device_key_has_no_sessions),
        cmocka_unit_test(a_peer_has_so_many_half_open_sessions_and_no_more),
        cmocka_unit_test(all_sessions_together_are_bounded),
        cmocka_unit_test(requests_of_all_are_limited_a_second),
        cmocka_unit_test(who_asks_in_vain_leaves_half_of_all_requests_to_others),
        cmocka_unit_test(who_proves_himself_is_no_stranger_any_more),
        cmocka_unit_test(a_session_number_is_never_zero_and_never_used_twice_at_a_time),
        cmocka_unit_test(the_worked_example_of_the_standard_is_answered_as_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
