/* What gets through a secure session of the KNXnet/IP server and what must not (spec 2.4):
 * server/session.c. */
#include "knx_visitor.h"

#include <string.h>

/* The server's side of a visitor's session; an empty one when there is none. */
static struct knx_server_session session_of(const struct visitor *v)
{
    const struct knx_server *server = v->house->server;
    for (uint32_t i = 0; i < server->config.max_sessions; i++) {
        if (server->sessions[i].state != KNX_STATE_FREE && server->sessions[i].id == v->session) {
            return server->sessions[i];
        }
    }
    return (struct knx_server_session){ 0 };
}

static uint64_t expects_of(const struct visitor *v)
{
    return session_of(v).expects;
}

static bool is_alive(const struct visitor *v)
{
    return session_of(v).state == KNX_STATE_AUTHENTICATED;
}

static void describe(struct visitor *v)
{
    const struct knx_message message = { .service = KNX_DESCRIPTION_REQUEST,
                                         .control = { .protocol = KNX_TCP } };
    visitor_sends(v, &message);
}

/* Wrappers that must not get in. */

static size_t seal_keepalive(struct visitor *v, uint8_t sealed[100])
{
    struct bas_buf out;
    bas_buf_init(&out, sealed, 100);
    visitor_seals(v, test_hex("061009540008 04 00"), &out);
    return out.len;
}

static void a_wrapper_with_any_octet_changed_is_discarded_silently(void **state)
{
    (void)state; /* spec 8, row 9 */
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_secure(&h, 10, 2);
    uint8_t sealed[100];
    size_t len = seal_keepalive(&v, sealed);
    for (size_t i = KNX_IP_HEADER; i < len; i++) {
        sealed[i] ^= 0x01;
        visitor_sends_octets(&v, (struct bas_slice){ sealed, len });
        sealed[i] ^= 0x01;
        house_sends_nothing(&h);
        assert_int_equal(expects_of(&v), 1); /* nothing moved */
    }
    struct knx_server_counts counts = house_counts(&h);
    assert_int_equal(counts.wrapper_session, 2); /* the session's two octets */
    assert_int_equal(counts.wrapper_replay, 1);  /* the last octet of the sequence: 1 becomes 0 */
    assert_int_equal(counts.wrapper_mac, len - KNX_IP_HEADER - 3);
    visitor_sends_octets(&v, (struct bas_slice){ sealed, len });
    assert_int_equal(expects_of(&v), 2);
    house_end(&h);
}

static void a_replayed_wrapper_is_discarded(void **state)
{
    (void)state; /* spec 8, row 10 */
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_secure(&h, 10, 2);
    uint8_t sealed[100];
    size_t len = seal_keepalive(&v, sealed);
    visitor_sends_octets(&v, (struct bas_slice){ sealed, len });
    visitor_sends_octets(&v, (struct bas_slice){ sealed, len });
    assert_int_equal(house_counts(&h).wrapper_replay, 1);
    house_end(&h);
}

static void gaps_in_the_sequence_are_allowed_and_older_ones_are_not(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_secure(&h, 10, 2);
    v.sends = 100;
    visitor_sends_status(&v, KNX_SESSION_KEEPALIVE);
    assert_int_equal(expects_of(&v), 101);
    v.sends = 99;
    visitor_sends_status(&v, KNX_SESSION_KEEPALIVE);
    assert_int_equal(house_counts(&h).wrapper_replay, 1);
    v.sends = KNX_COUNTER_MAX;
    visitor_sends_status(&v, KNX_SESSION_KEEPALIVE);
    assert_int_equal(expects_of(&v), KNX_COUNTER_MAX + 1);
    house_end(&h);
}

static void a_wrapper_of_a_session_is_not_taken_from_another_connection(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_secure(&h, 10, 2);
    struct visitor thief = visitor_tcp(&h, 66);
    uint8_t sealed[100];
    size_t len = seal_keepalive(&v, sealed);
    visitor_sends_octets(&thief, (struct bas_slice){ sealed, len });
    thief.connection = 0;
    visitor_sends_octets(&thief, (struct bas_slice){ sealed, len });
    assert_int_equal(house_counts(&h).wrapper_session, 1);
    assert_int_equal(house_counts(&h).skipped, 1);
    assert_int_equal(expects_of(&v), 1);
    house_sends_nothing(&h);
    house_end(&h);
}

static void services_that_must_not_be_wrapped_are_discarded(void **state)
{
    (void)state;
    static const char *const inner[] = {
        ("06100950002e0001000000000000000000000001000000000000000000000000000000000000000000000000"
         "0000"),            /* a wrapper */
        "061009510008 0000", /* SESSION_REQUEST */
        "061009520008 0000", /* SESSION_RESPONSE */
        "061009550008 0000", /* TIMER_NOTIFY */
        "061007400008 0000",
        "061007430008 0000",                   /* remote diagnosis, reset */
        "061005300011 2900bcd011590ade010081", /* routing */
        "0610053100060a00",
        "061005320006",                                   /* lengths are wrong, too */
        "061004200016 04010000 1100bce0000009010100",     /* one octet short */
        "061004200014 04010000 1100bce00000090101008100", /* one too long */
        "0610042000",
        "0710042000060000", /* no header */
    };
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_secure(&h, 10, 2);
    for (size_t i = 0; i < BAS_ARRAY_LEN(inner); i++) {
        uint8_t sealed[200];
        struct bas_buf out;
        struct bas_slice octets = test_hex(inner[i]);
        if (octets.len < KNX_IP_HEADER) {
            continue;
        }
        bas_buf_init(&out, sealed, sizeof(sealed));
        visitor_seals(&v, octets, &out);
        uint64_t before = house_counts(&h).wrapper_inner;
        visitor_sends_octets(&v, (struct bas_slice){ out.data, out.len });
        assert_int_equal(house_counts(&h).wrapper_inner, before + 1);
        house_sends_nothing(&h);
        assert_true(is_alive(&v));
    }
    house_end(&h);
}

static void a_wrapper_too_short_or_longer_than_the_buffer_is_passed_over(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_secure(&h, 10, 2);
    static uint8_t octets[60000];
    struct bas_buf out;
    for (unsigned len = KNX_IP_HEADER; len < KNX_WRAPPER_MIN; len++) {
        bas_buf_init(&out, octets, sizeof(octets));
        bas_buf_add(&out, test_hex("06100950").data, 4);
        octets[4] = 0;
        octets[5] = (uint8_t)len;
        visitor_sends_octets(&v, (struct bas_slice){ octets, len });
    }
    assert_int_equal(house_counts(&h).malformed, KNX_WRAPPER_MIN - KNX_IP_HEADER);
    octets[4] = sizeof(octets) >> 8;
    octets[5] = sizeof(octets) & 0xFF;
    visitor_sends_octets(&v, (struct bas_slice){ octets, sizeof(octets) });
    assert_int_equal(house_counts(&h).skipped, 1);
    visitor_sends_status(&v, KNX_SESSION_KEEPALIVE); /* the stream goes on behind it */
    assert_int_equal(expects_of(&v), 2);
    house_end(&h);
}

/* Key streams. */

static void each_direction_counts_from_zero_with_a_serial_number_of_its_own(void **state)
{
    (void)state; /* spec 8, rows 13 and 30 */
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_secure(&h, 10, 2);
    assert_memory_equal(v.server_serial, h.config.info.serial, KNX_SERIAL_LEN);
    house_end(&h);
}

static void a_client_that_uses_our_serial_number_is_answered_with_another(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_tcp(&h, 10);
    memcpy(v.serial, h.config.info.serial, sizeof(v.serial));
    visitor_enters(&v, 2);
    assert_memory_not_equal(v.server_serial, v.serial, KNX_SERIAL_LEN);
    assert_non_null(strstr(h.t.last_log, "serial number"));
    house_end(&h);
}

static void a_serial_number_of_zeros_is_taken_from_clients_but_never_ours(void **state)
{
    (void)state;
    struct house h;
    house_begin(&h);
    memset(h.config.info.serial, 0, sizeof(h.config.info.serial));
    house_open(&h);
    struct visitor v = visitor_tcp(&h, 10);
    static const uint8_t zero[KNX_SERIAL_LEN] = { 0 };
    memset(v.serial, 0, sizeof(v.serial));
    visitor_enters(&v, 2);
    assert_memory_not_equal(v.server_serial, zero, KNX_SERIAL_LEN);
    house_end(&h);
}

static void a_session_whose_numbers_are_used_up_ends(void **state)
{
    (void)state;
    struct house h;
    house_open_secured(&h);
    struct visitor v = visitor_secure(&h, 10, 2);
    for (uint32_t i = 0; i < h.server->config.max_sessions; i++) {
        h.server->sessions[i].sends = KNX_COUNTER_MAX;
    }
    v.expects = KNX_COUNTER_MAX;
    describe(&v);
    (void)visitor_gets(&v, KNX_DESCRIPTION_RESPONSE);
    assert_true(is_alive(&v));
    describe(&v);
    house_waits(&h, 0);
    house_sends_nothing(&h);
    assert_false(is_alive(&v));
    (void)house_says(&h, KNX_SERVER_EVENT_SESSION_DOWN);
    house_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrapper_with_any_octet_changed_is_discarded_silently),
        cmocka_unit_test(a_replayed_wrapper_is_discarded),
        cmocka_unit_test(gaps_in_the_sequence_are_allowed_and_older_ones_are_not),
        cmocka_unit_test(a_wrapper_of_a_session_is_not_taken_from_another_connection),
        cmocka_unit_test(services_that_must_not_be_wrapped_are_discarded),
        cmocka_unit_test(a_wrapper_too_short_or_longer_than_the_buffer_is_passed_over),
        cmocka_unit_test(each_direction_counts_from_zero_with_a_serial_number_of_its_own),
        cmocka_unit_test(a_client_that_uses_our_serial_number_is_answered_with_another),
        cmocka_unit_test(a_serial_number_of_zeros_is_taken_from_clients_but_never_ours),
        cmocka_unit_test(a_session_whose_numbers_are_used_up_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
