/* Handshake MACs, SECURE_WRAPPER and TIMER_NOTIFY: the standard's own frames (03_08_09, Annex A),
 * every truncation, every flipped bit, every service that must not be wrapped. */
#include "test_env.h"

#include "basalt/knx_secure.h"

#include <stdlib.h>
#include <string.h>

static const char session_key[] = "289426c2912535ba98279a4d1843c487";
static const char backbone_key[] = "000102030405060708090a0b0c0d0e0f";
static const char authenticate[] = "06100953001800011f1d59ea9f12a152e5d9727f08462cde";
static const char wrapped_authenticate[] =
    "06100950003e 0001 000000000000 00fa12345678 affe"
    "7915a4f36e6e4208d28b4a207d8f35c0d138c26a7b5e7169 52dba8e7e4bd80bd7d868a3ae78749de";
static const char wrapped_routing[] =
    "061009500037 0000 c0c1c2c3c4c5 00fa12345678 affe b7ee7e8a1c2f7bbabec775fd6e10d0bc4b"
    "7212a03aaae49da85689774c1d2b4da4";
static const char timer_notify[] =
    "061009550024 c0c1c2c3c4c5 00fa12345678 affe ee7b9b3083deb1570eb38d073adad985";
static const uint8_t serial[KNX_SERIAL_LEN] = { 0x00, 0xFA, 0x12, 0x34, 0x56, 0x78 };

static struct knx_key key_of(const char *hex)
{
    struct knx_key key;
    memcpy(key.octets, test_hex(hex).data, sizeof(key.octets));
    return key;
}

static struct knx_cipher cipher_of(const char *hex)
{
    struct knx_key key = key_of(hex);
    struct knx_cipher cipher;
    knx_cipher_init(&cipher, &key);
    return cipher;
}

static struct knx_wrapper standard_wrapper(uint16_t session, uint64_t sequence)
{
    struct knx_wrapper w = { .session = session, .sequence = sequence, .tag = 0xAFFE };
    memcpy(w.serial, serial, sizeof(serial));
    return w;
}

static void assert_buf(const struct bas_buf *buf, const char *hex)
{
    struct bas_slice wanted = test_hex(hex);
    assert_false(buf->full);
    assert_int_equal(buf->len, wanted.len);
    assert_memory_equal(buf->data, wanted.data, wanted.len);
}

static void assert_inner(struct bas_slice inner, const char *hex)
{
    struct bas_slice wanted = test_hex(hex);
    assert_int_equal(inner.len, wanted.len);
    assert_memory_equal(inner.data, wanted.data, wanted.len);
}

static void the_macs_of_the_handshake_are_those_of_the_standard(void **state)
{
    (void)state;
    struct knx_key device = key_of("e158e4012047bd6cc41aafbc5c04c1fc");
    struct knx_key user = key_of("03fcedb66660251ec81a1a716901696a");
    struct bas_slice x =
        test_hex("0aa227b4fd7a32319ba9960ac036ce0e5c4507b5ae55161f1078b1dcfb3cb631");
    struct bas_slice y =
        test_hex("bdf099909923143ef0a5de0b3be3687bc5bd3cf5f9e6f901699cd870ec1ff824");
    uint8_t mac[KNX_MAC_LEN];
    knx_response_mac(&device, 1, x.data, y.data, mac);
    assert_memory_equal(mac, test_hex("a922505aaa436163570bd5494c2df2a3").data, sizeof(mac));
    knx_authenticate_mac(&user, 1, x.data, y.data, mac);
    assert_memory_equal(mac, test_hex("1f1d59ea9f12a152e5d9727f08462cde").data, sizeof(mac));
    knx_authenticate_mac(&user, 2, x.data, y.data, mac);
    assert_memory_not_equal(mac, test_hex("1f1d59ea9f12a152e5d9727f08462cde").data, sizeof(mac));
}

static void a_wrapper_is_that_of_the_standard(void **state)
{
    (void)state;
    uint8_t memory[200];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    struct knx_cipher cipher = cipher_of(session_key);
    struct knx_wrapper wrapper = standard_wrapper(1, 0);
    knx_wrap(&cipher, &wrapper, test_hex(authenticate), &out);
    assert_buf(&out, wrapped_authenticate);
    cipher = cipher_of(backbone_key);
    wrapper = standard_wrapper(0, 0xC0C1C2C3C4C5);
    bas_buf_init(&out, memory, sizeof(memory));
    knx_wrap(&cipher, &wrapper, test_hex("0610053000112900bcd011590ade010081"), &out);
    assert_buf(&out, wrapped_routing);
}

static void a_wrapper_of_the_standard_opens(void **state)
{
    (void)state;
    struct knx_cipher cipher = cipher_of(session_key);
    struct bas_slice frame = test_hex(wrapped_authenticate);
    struct knx_wrapper wrapper;
    assert_int_equal(knx_wrapper_peek(frame, &wrapper), BAS_OK);
    assert_int_equal(wrapper.session, 1);
    assert_int_equal(wrapper.sequence, 0);
    assert_memory_equal(wrapper.serial, serial, sizeof(serial));
    assert_int_equal(wrapper.tag, 0xAFFE);
    uint8_t scratch[24];
    struct bas_slice inner;
    assert_int_equal(knx_unwrap(&cipher, frame, scratch, &inner), BAS_OK);
    assert_inner(inner, authenticate);
    cipher = cipher_of(backbone_key);
    assert_int_equal(knx_unwrap(&cipher, test_hex(wrapped_routing), scratch, &inner), BAS_OK);
    assert_inner(inner, "0610053000112900bcd011590ade010081");
}

static void what_does_not_fit_is_not_written_at_all(void **state)
{
    (void)state;
    uint8_t memory[64];
    struct knx_cipher cipher = cipher_of(session_key);
    struct knx_wrapper wrapper = standard_wrapper(1, 0);
    struct bas_buf out;
    bas_buf_init(&out, memory, 61);
    knx_wrap(&cipher, &wrapper, test_hex(authenticate), &out);
    assert_true(out.full);
    assert_int_equal(out.len, 0);
    bas_buf_init(&out, memory, 62);
    knx_wrap(&cipher, &wrapper, test_hex(authenticate), &out);
    assert_buf(&out, wrapped_authenticate);
    bas_buf_init(&out, memory, 35);
    knx_timer_notify(&cipher, &wrapper, &out);
    assert_true(out.full);
    assert_int_equal(out.len, 0);
}

static void a_wrapper_is_appended_to_what_stands_there(void **state)
{
    (void)state;
    uint8_t memory[100] = { 7 };
    struct knx_cipher cipher = cipher_of(session_key);
    struct knx_wrapper wrapper = standard_wrapper(1, 0);
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    bas_buf_add(&out, "\x07", 1);
    knx_wrap(&cipher, &wrapper, test_hex(authenticate), &out);
    assert_int_equal(out.len, 63);
    assert_int_equal(memory[0], 7);
    assert_memory_equal(memory + 1, test_hex(wrapped_authenticate).data, 62);
}

static void no_truncation_of_a_wrapper_is_read(void **state)
{
    (void)state;
    struct bas_slice frame = test_hex(wrapped_authenticate);
    struct knx_cipher cipher = cipher_of(session_key);
    for (size_t len = 0; len < frame.len; len++) {
        uint8_t *part = malloc(len == 0 ? 1 : len); /* exact: ASan sees a read behind it */
        assert_non_null(part);
        memcpy(part, frame.data, len);
        struct knx_wrapper wrapper;
        struct bas_slice inner = { NULL, 0 };
        uint8_t scratch[64];
        assert_int_equal(knx_wrapper_peek((struct bas_slice){ part, len }, &wrapper),
                         BAS_ERR_TRUNCATED);
        assert_int_equal(knx_unwrap(&cipher, (struct bas_slice){ part, len }, scratch, &inner),
                         BAS_ERR_TRUNCATED);
        assert_null(inner.data);
        free(part);
    }
}

static void a_header_that_is_not_a_wrappers_is_malformed(void **state)
{
    (void)state;
    const char *frames[] = {
        "05100950002c 0001 000000000000 00fa12345678 affe 000000000000"
        "00000000000000000000000000000000",
        "06110950002c 0001 000000000000 00fa12345678 affe 000000000000"
        "00000000000000000000000000000000",
        "06100955002c 0001 000000000000 00fa12345678 affe 000000000000"
        "00000000000000000000000000000000",
        /* longer than it says */
        "06100950002c 0001 000000000000 00fa12345678 affe 00000000000000"
        "00000000000000000000000000000000",
        /* below 44 */
        "06100950002b 0001 000000000000 00fa12345678 affe 0000000000"
        "00000000000000000000000000000000",
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(frames); i++) {
        struct knx_wrapper wrapper;
        assert_int_equal(knx_wrapper_peek(test_hex(frames[i]), &wrapper), BAS_ERR_MALFORMED);
    }
}

/* The counter has one octet: behind 4080 octets it would come round. */
static void an_inner_frame_beyond_the_counter_is_malformed(void **state)
{
    (void)state;
    enum { TOO_LONG = KNX_WRAPPER_OVERHEAD + KNX_WRAPPER_MAX_INNER + 1 };
    static uint8_t frame[TOO_LONG] = { 0x06, 0x10, 0x09, 0x50, TOO_LONG >> 8, TOO_LONG & 0xFF };
    struct knx_wrapper wrapper;
    assert_int_equal(knx_wrapper_peek((struct bas_slice){ frame, sizeof(frame) }, &wrapper),
                     BAS_ERR_MALFORMED);
}

static void no_flipped_bit_is_let_through(void **state)
{
    (void)state;
    struct knx_cipher cipher = cipher_of(session_key);
    struct bas_slice good = test_hex(wrapped_authenticate);
    for (size_t bit = 0; bit < good.len * 8; bit++) {
        uint8_t frame[62];
        memcpy(frame, good.data, sizeof(frame));
        frame[bit / 8] ^= (uint8_t)(1U << bit % 8);
        uint8_t scratch[64];
        memset(scratch, 0xA5, sizeof(scratch));
        struct bas_slice inner = { NULL, 0 };
        assert_int_not_equal(
            knx_unwrap(&cipher, (struct bas_slice){ frame, sizeof(frame) }, scratch, &inner),
            BAS_OK);
        assert_null(inner.data);
    }
}

static void a_wrong_mac_leaves_nothing_in_the_scratch(void **state)
{
    (void)state;
    static const uint8_t zero[24];
    struct knx_cipher cipher = cipher_of(session_key);
    uint8_t frame[62];
    memcpy(frame, test_hex(wrapped_authenticate).data, sizeof(frame));
    frame[61] ^= 1;
    uint8_t scratch[24];
    struct bas_slice inner;
    assert_int_equal(
        knx_unwrap(&cipher, (struct bas_slice){ frame, sizeof(frame) }, scratch, &inner),
        BAS_ERR_KEY);
    assert_memory_equal(scratch, zero, sizeof(zero));
}

static bas_err unwrap_of(const char *inner_hex, uint16_t session)
{
    struct knx_cipher cipher = cipher_of(session_key);
    struct knx_wrapper wrapper = standard_wrapper(session, 9);
    uint8_t memory[200];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_wrap(&cipher, &wrapper, test_hex(inner_hex), &out);
    assert_false(out.full);
    uint8_t scratch[200];
    struct bas_slice inner = { NULL, 0 };
    bas_err err = knx_unwrap(&cipher, (struct bas_slice){ out.data, out.len }, scratch, &inner);
    assert_int_equal(err == BAS_OK, inner.data != NULL);
    return err;
}

static void services_that_must_not_be_wrapped_are_refused(void **state)
{
    (void)state;
    const char *never[] = { "061009500006", "061009510006", "061009520006",
                            "061009550006", "061007400006", "061007410006",
                            "061007420006", "061007430006", "061005330006" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(never); i++) {
        assert_int_equal(unwrap_of(never[i], 1), BAS_ERR_PROTOCOL);
        assert_int_equal(unwrap_of(never[i], 0), BAS_ERR_PROTOCOL);
    }
    const char *always[] = { "061009530006", "061009540006", "061002050006", "061004200006",
                             "0610073f0006", "061007440006", "0610094f0006" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(always); i++) {
        assert_int_equal(unwrap_of(always[i], 1), BAS_OK);
    }
}

static void routing_is_taken_on_multicast_only(void **state)
{
    (void)state;
    const char *routing[] = { "061005300006", "061005310006", "061005320006" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(routing); i++) {
        assert_int_equal(unwrap_of(routing[i], 0), BAS_OK);
        assert_int_equal(unwrap_of(routing[i], 1), BAS_ERR_PROTOCOL);
        assert_int_equal(unwrap_of(routing[i], 0xFFFF), BAS_ERR_PROTOCOL);
    }
}

static void an_inner_frame_must_be_exactly_one(void **state)
{
    (void)state;
    const char *wrong[] = { "05100953000611", "061109530006", "061009530007", "06100953000600",
                            "061009530000" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(wrong); i++) {
        assert_int_equal(unwrap_of(wrong[i], 1), BAS_ERR_PROTOCOL);
    }
}

static void the_longest_frame_goes_through(void **state)
{
    (void)state;
    static uint8_t inner[KNX_WRAPPER_MAX_INNER] = {
        0x06, 0x10, 0x04, 0x20, KNX_WRAPPER_MAX_INNER >> 8, KNX_WRAPPER_MAX_INNER & 0xFF
    };
    static uint8_t memory[KNX_WRAPPER_MAX_INNER + KNX_WRAPPER_OVERHEAD];
    static uint8_t scratch[KNX_WRAPPER_MAX_INNER];
    struct knx_cipher cipher = cipher_of(session_key);
    struct knx_wrapper wrapper = standard_wrapper(1, KNX_COUNTER_MAX);
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_wrap(&cipher, &wrapper, (struct bas_slice){ inner, sizeof(inner) }, &out);
    assert_int_equal(out.len, sizeof(memory));
    struct bas_slice opened;
    assert_int_equal(knx_unwrap(&cipher, (struct bas_slice){ out.data, out.len }, scratch, &opened),
                     BAS_OK);
    assert_int_equal(opened.len, sizeof(inner));
    assert_memory_equal(opened.data, inner, sizeof(inner));
}

static void a_timer_notify_is_that_of_the_standard(void **state)
{
    (void)state;
    struct knx_cipher cipher = cipher_of(backbone_key);
    struct knx_wrapper timer = standard_wrapper(0, 0xC0C1C2C3C4C5);
    uint8_t memory[40];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_timer_notify(&cipher, &timer, &out);
    assert_buf(&out, timer_notify);
    struct knx_wrapper checked = { .sequence = 1 };
    assert_true(knx_timer_notify_check(&cipher, test_hex(timer_notify), &checked));
    assert_int_equal(checked.session, 0);
    assert_true(checked.sequence == 0xC0C1C2C3C4C5);
    assert_memory_equal(checked.serial, serial, sizeof(serial));
    assert_int_equal(checked.tag, 0xAFFE);
}

static void no_other_timer_notify_is_taken(void **state)
{
    (void)state;
    struct knx_cipher cipher = cipher_of(backbone_key);
    struct bas_slice good = test_hex(timer_notify);
    struct knx_wrapper timer = { .sequence = 1 };
    for (size_t len = 0; len < good.len; len++) {
        assert_false(knx_timer_notify_check(&cipher, (struct bas_slice){ good.data, len }, &timer));
    }
    for (size_t bit = 0; bit < good.len * 8; bit++) {
        uint8_t frame[36];
        memcpy(frame, good.data, sizeof(frame));
        frame[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_false(
            knx_timer_notify_check(&cipher, (struct bas_slice){ frame, sizeof(frame) }, &timer));
    }
    assert_int_equal(timer.sequence, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_macs_of_the_handshake_are_those_of_the_standard),
        cmocka_unit_test(a_wrapper_is_that_of_the_standard),
        cmocka_unit_test(a_wrapper_of_the_standard_opens),
        cmocka_unit_test(what_does_not_fit_is_not_written_at_all),
        cmocka_unit_test(a_wrapper_is_appended_to_what_stands_there),
        cmocka_unit_test(no_truncation_of_a_wrapper_is_read),
        cmocka_unit_test(a_header_that_is_not_a_wrappers_is_malformed),
        cmocka_unit_test(an_inner_frame_beyond_the_counter_is_malformed),
        cmocka_unit_test(no_flipped_bit_is_let_through),
        cmocka_unit_test(a_wrong_mac_leaves_nothing_in_the_scratch),
        cmocka_unit_test(services_that_must_not_be_wrapped_are_refused),
        cmocka_unit_test(routing_is_taken_on_multicast_only),
        cmocka_unit_test(an_inner_frame_must_be_exactly_one),
        cmocka_unit_test(the_longest_frame_goes_through),
        cmocka_unit_test(a_timer_notify_is_that_of_the_standard),
        cmocka_unit_test(no_other_timer_notify_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
