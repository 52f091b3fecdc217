#include "test_env.h"

#include "basalt/bacnet.h"

#include <string.h>

struct row {
    const char *hex;
    struct bac_npdu npdu; /* less its body */
    const char *body;
};

static const struct row rows[] = {
    { "0100 1008", { .priority = 0 }, "1008" },
    { "0104 00", { .expecting_reply = true }, "00" },
    { "0103", { .priority = 3 }, "" },
    { "0120ffff00ff 1008",
      { .has_destination = true, .hop_count = 255, .destination = { 0xFFFF, 0, { 0 } } },
      "1008" },
    { "01240005017ffe 00",
      { .has_destination = true,
        .expecting_reply = true,
        .hop_count = 254,
        .destination = { 5, 1, { 0x7F } } },
      "00" },
    { "010800070601020304bac0 30",
      { .has_source = true, .source = { 7, 6, { 1, 2, 3, 4, 0xBA, 0xC0 } } },
      "30" },
    { "0128000501120007020a0b09 ff",
      { .has_destination = true,
        .has_source = true,
        .hop_count = 9,
        .destination = { 5, 1, { 0x12 } },
        .source = { 7, 2, { 10, 11 } } },
      "ff" },
    { "0180 01 00050006", { .is_network_message = true, .message_type = 1 }, "00050006" },
    { "0180 00", { .is_network_message = true, .message_type = 0 }, "" },
    { "01a0 0005 00 ff 12",
      { .is_network_message = true,
        .has_destination = true,
        .hop_count = 255,
        .destination = { 5, 0, { 0 } },
        .message_type = 0x12 },
      "" },
    { "0180 80 0104 aa",
      { .is_network_message = true, .message_type = 0x80, .vendor = 260 },
      "aa" },
};

static void assert_same(const struct bac_npdu *a, const struct bac_npdu *b)
{
    assert_int_equal(a->has_destination, b->has_destination);
    assert_int_equal(a->has_source, b->has_source);
    assert_int_equal(a->is_network_message, b->is_network_message);
    assert_int_equal(a->expecting_reply, b->expecting_reply);
    assert_int_equal(a->priority, b->priority);
    assert_int_equal(a->hop_count, b->hop_count);
    assert_true(bac_address_equal(&a->destination, &b->destination));
    assert_true(bac_address_equal(&a->source, &b->source));
    assert_int_equal(a->message_type, b->message_type);
    assert_int_equal(a->vendor, b->vendor);
}

/* bsc 10.2-01 */
static void a_header_reads_and_writes_as_its_octets(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bas_slice octets = test_hex(rows[i].hex);
        struct bas_slice body = test_hex(rows[i].body);
        struct bac_npdu npdu;
        assert_int_equal(bac_npdu_decode(octets, &npdu, NULL), BAS_OK);
        assert_same(&npdu, &rows[i].npdu);
        assert_int_equal(npdu.body.len, body.len);
        assert_memory_equal(npdu.body.data, body.data, body.len);
        uint8_t memory[64];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        bac_npdu_encode_header(&npdu, &out);
        assert_int_equal(out.len, octets.len - body.len);
        assert_memory_equal(memory, octets.data, out.len);
        for (size_t n = 0; n < out.len; n++) {
            struct bas_fault fault = { 0 };
            struct bas_slice cut = { octets.data, n };
            assert_int_equal(bac_npdu_decode(cut, &npdu, &fault), BAS_ERR_TRUNCATED);
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
        { "0000", "NPDU: another version than 1" },
        { "0200", "NPDU: another version than 1" },
        { "0120000513000000000000000000000000000000000000ff",
          "NPDU: the destination address is too long" },
        { "010800051300000000000000000000000000000000000000",
          "NPDU: the source address is too long" },
        { "0120000000ff", "NPDU: destination network 0" },
        { "0120ffff0101ff", "NPDU: the global broadcast has a destination address" },
        { "010800000101", "NPDU: the source is no one device" },
        { "0108ffff0101", "NPDU: the source is no one device" },
        { "0108000500", "NPDU: the source is no one device" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad); i++) {
        struct bac_npdu npdu;
        struct bas_fault fault;
        static const struct bac_npdu nothing = { 0 };
        assert_int_equal(bac_npdu_decode(test_hex(bad[i].hex), &npdu, &fault), BAS_ERR_MALFORMED);
        assert_string_equal(fault.text, bad[i].text);
        assert_int_equal(fault.error_code, BAC_ERROR_CODE_MALFORMED_MESSAGE);
        assert_memory_equal(&npdu, &nothing, sizeof(npdu));
    }
}

static void reserved_control_bits_are_let_through(void **state)
{
    (void)state;
    struct bac_npdu npdu;
    assert_int_equal(bac_npdu_decode(test_hex("01501008"), &npdu, NULL), BAS_OK);
    assert_int_equal(npdu.body.len, 2);
}

static void the_longest_header_fits_the_headroom(void **state)
{
    (void)state;
    struct bac_npdu npdu = { .has_destination = true,
                             .has_source = true,
                             .is_network_message = true,
                             .destination = { 1, BAC_MAX_MAC, { 0 } },
                             .source = { 2, BAC_MAX_MAC, { 0 } },
                             .message_type = 0xFF };
    uint8_t memory[BAS_HEADROOM - 16];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    bac_npdu_encode_header(&npdu, &out);
    assert_false(out.full);
    struct bac_npdu back;
    assert_int_equal(bac_npdu_decode((struct bas_slice){ memory, out.len }, &back, NULL), BAS_OK);
    assert_same(&npdu, &back);
}

static void random_octets_are_refused_or_encode_again(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    for (int round = 0; round < 20000; round++) {
        uint8_t octets[48];
        t.env.random(&t, octets, sizeof(octets));
        octets[0] = 1;
        size_t len = octets[47] % sizeof(octets);
        struct bac_npdu npdu;
        struct bac_npdu back;
        if (bac_npdu_decode((struct bas_slice){ octets, len }, &npdu, NULL) != BAS_OK) {
            continue;
        }
        uint8_t memory[64];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        bac_npdu_encode_header(&npdu, &out);
        assert_int_equal(out.len + npdu.body.len, len);
        assert_int_equal(bac_npdu_decode((struct bas_slice){ memory, out.len }, &back, NULL),
                         BAS_OK);
        assert_same(&npdu, &back);
    }
}

static void an_address_without_a_mac_is_a_broadcast(void **state)
{
    (void)state;
    struct bac_address a = { 5, 1, { 1 } };
    struct bac_address b = { 5, 1, { 2 } };
    assert_false(bac_address_equal(&a, &b));
    b.mac[0] = 1;
    b.mac[1] = 9; /* behind its length */
    assert_true(bac_address_equal(&a, &b));
    b.network = 6;
    assert_false(bac_address_equal(&a, &b));
    assert_false(bac_address_is_broadcast(&a));
    a.mac_len = 0;
    assert_true(bac_address_is_broadcast(&a));
    b.network = BAC_BROADCAST_NETWORK;
    assert_true(bac_address_is_broadcast(&b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_reads_and_writes_as_its_octets),
        cmocka_unit_test(a_header_that_cannot_be_is_refused),
        cmocka_unit_test(reserved_control_bits_are_let_through),
        cmocka_unit_test(the_longest_header_fits_the_headroom),
        cmocka_unit_test(random_octets_are_refused_or_encode_again),
        cmocka_unit_test(an_address_without_a_mac_is_a_broadcast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
