#include "test_env.h"

#include "basalt/bacnet.h"

#include <string.h>

struct row {
    const char *hex;
    struct bac_apdu apdu; /* less its body */
    const char *body;
};

static const struct row rows[] = {
    { "0005010c 0c00000001",
      { .type = BAC_PDU_CONFIRMED_REQUEST, .max_apdu = 1476, .invoke_id = 1, .service = 12 },
      "0c00000001" },
    { "0275ff0e",
      { .type = BAC_PDU_CONFIRMED_REQUEST,
        .segmented_response_accepted = true,
        .max_segments = 65,
        .max_apdu = 1476,
        .invoke_id = 255,
        .service = 14 },
      "" },
    { "0e4307021010 aa",
      { .type = BAC_PDU_CONFIRMED_REQUEST,
        .segmented = true,
        .more_follows = true,
        .segmented_response_accepted = true,
        .max_segments = 16,
        .max_apdu = 480,
        .invoke_id = 7,
        .sequence = 2,
        .window = 16,
        .service = 16 },
      "aa" },
    { "0010010c",
      { .type = BAC_PDU_CONFIRMED_REQUEST,
        .max_segments = 2,
        .max_apdu = 50,
        .invoke_id = 1,
        .service = 12 },
      "" },
    { "1008", { .type = BAC_PDU_UNCONFIRMED_REQUEST, .service = 8 }, "" },
    { "1000 c402000009", { .type = BAC_PDU_UNCONFIRMED_REQUEST, .service = 0 }, "c402000009" },
    { "20010f", { .type = BAC_PDU_SIMPLE_ACK, .invoke_id = 1, .service = 15 }, "" },
    { "30010c 0c", { .type = BAC_PDU_COMPLEX_ACK, .invoke_id = 1, .service = 12 }, "0c" },
    { "3c0100040c 0c",
      { .type = BAC_PDU_COMPLEX_ACK,
        .segmented = true,
        .more_follows = true,
        .invoke_id = 1,
        .sequence = 0,
        .window = 4,
        .service = 12 },
      "0c" },
    { "43010304",
      { .type = BAC_PDU_SEGMENT_ACK,
        .negative_ack = true,
        .server = true,
        .invoke_id = 1,
        .sequence = 3,
        .window = 4 },
      "" },
    { "4001ff7f",
      { .type = BAC_PDU_SEGMENT_ACK, .invoke_id = 1, .sequence = 255, .window = 127 },
      "" },
    { "50010c 91019120", { .type = BAC_PDU_ERROR, .invoke_id = 1, .service = 12 }, "91019120" },
    { "600109", { .type = BAC_PDU_REJECT, .invoke_id = 1, .reason = 9 }, "" },
    { "710104", { .type = BAC_PDU_ABORT, .server = true, .invoke_id = 1, .reason = 4 }, "" },
    { "700104", { .type = BAC_PDU_ABORT, .invoke_id = 1, .reason = 4 }, "" },
};

static void assert_same(const struct bac_apdu *a, const struct bac_apdu *b)
{
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->segmented, b->segmented);
    assert_int_equal(a->more_follows, b->more_follows);
    assert_int_equal(a->segmented_response_accepted, b->segmented_response_accepted);
    assert_int_equal(a->negative_ack, b->negative_ack);
    assert_int_equal(a->server, b->server);
    assert_int_equal(a->max_segments, b->max_segments);
    assert_int_equal(a->max_apdu, b->max_apdu);
    assert_int_equal(a->invoke_id, b->invoke_id);
    assert_int_equal(a->sequence, b->sequence);
    assert_int_equal(a->window, b->window);
    assert_int_equal(a->service, b->service);
    assert_int_equal(a->reason, b->reason);
}

static void a_header_reads_and_writes_as_its_octets(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bas_slice octets = test_hex(rows[i].hex);
        struct bas_slice body = test_hex(rows[i].body);
        struct bac_apdu apdu;
        assert_int_equal(bac_apdu_decode(octets, &apdu, NULL), BAS_OK);
        assert_same(&apdu, &rows[i].apdu);
        assert_int_equal(apdu.body.len, body.len);
        if (body.len != 0) {
            assert_memory_equal(apdu.body.data, body.data, body.len);
        }
        uint8_t memory[16];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        bac_apdu_encode_header(&apdu, &out);
        assert_int_equal(out.len, octets.len - body.len);
        assert_memory_equal(memory, octets.data, out.len);
        for (size_t n = 0; n < out.len; n++) {
            struct bas_fault fault = { 0 };
            struct bas_slice cut = { octets.data, n };
            assert_int_equal(bac_apdu_decode(cut, &apdu, &fault), BAS_ERR_TRUNCATED);
            assert_string_equal(fault.text, "APDU: the header is cut off");
            assert_int_equal(fault.error_code, BAC_ERROR_CODE_MESSAGE_INCOMPLETE);
        }
    }
}

static void a_header_that_cannot_be_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *hex, *text;
    } bad[] = {
        { "80010c", "APDU: there is no such type" },
        { "f0", "APDU: there is no such type" },
        { "20010f00", "APDU: octets behind its end" },
        { "60010900", "APDU: octets behind its end" },
        { "4001000100", "APDU: octets behind its end" },
        { "0405010c", "APDU: more segments of an unsegmented message" },
        { "34010c", "APDU: more segments of an unsegmented message" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad); i++) {
        struct bac_apdu apdu;
        struct bas_fault fault;
        static const struct bac_apdu nothing = { 0 };
        assert_int_equal(bac_apdu_decode(test_hex(bad[i].hex), &apdu, &fault), BAS_ERR_MALFORMED);
        assert_string_equal(fault.text, bad[i].text);
        assert_memory_equal(&apdu, &nothing, sizeof(apdu));
    }
}

static void a_window_of_any_size_is_read_for_the_transaction_to_judge(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        uint8_t window;
    } windows[] = { { "08050100000c", 0 }, { "38010080 0c", 128 }, { "400100ff", 255 } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(windows); i++) {
        struct bac_apdu apdu;
        assert_int_equal(bac_apdu_decode(test_hex(windows[i].hex), &apdu, NULL), BAS_OK);
        assert_int_equal(apdu.window, windows[i].window);
    }
}

static void the_sizes_that_we_announce_never_promise_more(void **state)
{
    (void)state;
    static const uint16_t known[] = { 50, 128, 206, 480, 1024, 1476 };
    for (uint16_t max_apdu = 50; max_apdu < 2000; max_apdu++) {
        uint16_t want = 0;
        for (size_t i = 0; i < BAS_ARRAY_LEN(known) && known[i] <= max_apdu; i++) {
            want = known[i];
        }
        struct bac_apdu apdu = { .max_apdu = max_apdu, .max_segments = 40 };
        uint8_t memory[8];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        bac_apdu_encode_header(&apdu, &out);
        struct bac_apdu back;
        assert_int_equal(bac_apdu_decode((struct bas_slice){ memory, out.len }, &back, NULL),
                         BAS_OK);
        assert_int_equal(back.max_apdu, want);
        assert_int_equal(back.max_segments, 32);
    }
}

static void reserved_size_codes_are_taken_as_the_largest(void **state)
{
    (void)state;
    struct bac_apdu apdu;
    assert_int_equal(bac_apdu_decode(test_hex("000f010c"), &apdu, NULL), BAS_OK);
    assert_int_equal(apdu.max_apdu, BAC_MAX_APDU);
}

static void random_octets_are_refused_or_encode_again(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    for (int round = 0; round < 20000; round++) {
        uint8_t octets[8];
        t.env.random(&t, octets, sizeof(octets));
        octets[0] &= 0x8F | (octets[1] & 0x70);
        size_t len = octets[7] % sizeof(octets);
        struct bac_apdu apdu;
        struct bac_apdu back;
        if (bac_apdu_decode((struct bas_slice){ octets, len }, &apdu, NULL) != BAS_OK) {
            continue;
        }
        uint8_t memory[16];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        bac_apdu_encode_header(&apdu, &out);
        assert_int_equal(out.len + apdu.body.len, len);
        assert_int_equal(bac_apdu_decode((struct bas_slice){ memory, out.len }, &back, NULL),
                         BAS_OK);
        assert_same(&apdu, &back);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_reads_and_writes_as_its_octets),
        cmocka_unit_test(a_header_that_cannot_be_is_refused),
        cmocka_unit_test(a_window_of_any_size_is_read_for_the_transaction_to_judge),
        cmocka_unit_test(the_sizes_that_we_announce_never_promise_more),
        cmocka_unit_test(reserved_size_codes_are_taken_as_the_largest),
        cmocka_unit_test(random_octets_are_refused_or_encode_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
