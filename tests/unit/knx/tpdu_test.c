#include "test_env.h"

#include "basalt/knx.h"

#include <string.h>

static const struct {
    const char *octets;
    uint8_t kind;
    uint8_t sequence;
    uint16_t apci;
    uint8_t small;
    size_t data;
} tpdus[] = {
    { "0000", KNX_T_DATA_GROUP, 0, KNX_GROUP_VALUE_READ, 0, 0 },
    { "0081", KNX_T_DATA_GROUP, 0, KNX_GROUP_VALUE_WRITE, 1, 0 },
    { "00bf", KNX_T_DATA_GROUP, 0, KNX_GROUP_VALUE_WRITE, 0x3F, 0 },
    { "0041", KNX_T_DATA_GROUP, 0, KNX_GROUP_VALUE_RESPONSE, 1, 0 },
    { "00800c1a", KNX_T_DATA_GROUP, 0, KNX_GROUP_VALUE_WRITE, 0, 2 },
    { "0481", KNX_T_DATA_TAG_GROUP, 0, KNX_GROUP_VALUE_WRITE, 1, 0 },
    { "4300", KNX_T_DATA_CONNECTED, 0, KNX_DEVICE_DESCRIPTOR_READ, 0, 0 },
    { "7f4007b0", KNX_T_DATA_CONNECTED, 15, KNX_DEVICE_DESCRIPTOR_RESPONSE, 0, 2 },
    { "434207b0", KNX_T_DATA_CONNECTED, 0, KNX_DEVICE_DESCRIPTOR_RESPONSE, 2, 2 },
    { "020b1234", KNX_T_DATA_GROUP, 0, 0x200, 11, 2 },
    { "01c8000000b0", KNX_T_DATA_GROUP, 0, 0x1C8, 0, 4 },
    { "03f11000", KNX_T_DATA_GROUP, 0, KNX_SECURE_SERVICE, 0, 2 },
    { "03c4", KNX_T_DATA_GROUP, 0, 0x3C4, 0, 0 }, /* no service */
    { "80", KNX_T_CONNECT, 0, 0, 0, 0 },
    { "81", KNX_T_DISCONNECT, 0, 0, 0, 0 },
    { "c2", KNX_T_ACK, 0, 0, 0, 0 },
    { "fe", KNX_T_ACK, 15, 0, 0, 0 },
    { "d7", KNX_T_NAK, 5, 0, 0, 0 },
};

static struct knx_tpdu decoded(const char *octets)
{
    struct knx_tpdu tpdu;
    assert_int_equal(knx_tpdu_decode(test_hex(octets), &tpdu, NULL), BAS_OK);
    return tpdu;
}

static void every_kind_comes_back_from_its_octets(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(tpdus); i++) {
        struct bas_slice octets = test_hex(tpdus[i].octets);
        struct knx_tpdu tpdu = decoded(tpdus[i].octets);
        assert_int_equal(tpdu.kind, tpdus[i].kind);
        assert_int_equal(tpdu.has_apdu, tpdus[i].kind <= KNX_T_DATA_CONNECTED);
        assert_int_equal(tpdu.sequence, tpdus[i].sequence);
        assert_int_equal(tpdu.apci, tpdus[i].apci);
        assert_int_equal(tpdu.small, tpdus[i].small);
        assert_int_equal(tpdu.data.len, tpdus[i].data);
        assert_int_equal(tpdu.tpci, octets.data[0] & (tpdu.has_apdu ? 0xFC : 0xFF));
        uint8_t memory[16];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        knx_tpdu_encode(&tpdu, &out);
        assert_int_equal(out.len, octets.len);
        assert_memory_equal(out.data, octets.data, octets.len);
    }
}

/* Every first octet there is: a kind or refused, and if a kind then the same octet comes back. */
static void reserved_control_octets_are_refused(void **state)
{
    (void)state;
    size_t refused = 0;
    for (unsigned first = 0; first < 256; first++) {
        uint8_t octets[2] = { (uint8_t)first, 0 };
        struct bas_slice slice = { octets, first < 0x80 ? 2 : 1 };
        struct knx_tpdu tpdu;
        struct bas_fault fault = { 0 };
        bas_err err = knx_tpdu_decode(slice, &tpdu, &fault);
        if (err != BAS_OK) {
            assert_int_equal(err, BAS_ERR_MALFORMED);
            assert_int_equal(tpdu.tpci, 0);
            refused++;
            continue;
        }
        uint8_t memory[2];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        knx_tpdu_encode(&tpdu, &out);
        assert_int_equal(out.len, slice.len);
        assert_memory_equal(out.data, octets, slice.len);
    }
    /* 08 .. 3F; 80 .. BF but for two; C0 .. FF with 00 or 01 in the low bits. */
    assert_int_equal(refused, 56 + 62 + 32);
}

static void what_is_cut_or_too_long_is_refused(void **state)
{
    (void)state;
    struct knx_tpdu tpdu;
    struct bas_fault fault = { 0 };
    assert_int_equal(knx_tpdu_decode(test_hex(""), &tpdu, &fault), BAS_ERR_TRUNCATED);
    assert_int_equal(knx_tpdu_decode(test_hex("00"), &tpdu, &fault), BAS_ERR_TRUNCATED);
    assert_int_equal(knx_tpdu_decode(test_hex("47"), &tpdu, &fault), BAS_ERR_TRUNCATED);
    assert_int_equal(knx_tpdu_decode(test_hex("8000"), &tpdu, &fault), BAS_ERR_TOO_LONG);
    assert_int_equal(knx_tpdu_decode(test_hex("c200"), &tpdu, &fault), BAS_ERR_TOO_LONG);
    assert_int_equal(tpdu.kind, 0);
}

static void what_has_no_wire_form_is_not_written(void **state)
{
    (void)state;
    static const struct knx_tpdu bad[] = {
        { .kind = KNX_T_ACK, .sequence = 16 },
        { .kind = KNX_T_DATA_GROUP, .apci = 0x400 },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad); i++) {
        uint8_t memory[4];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        knx_tpdu_encode(&bad[i], &out);
        assert_true(out.full);
        assert_int_equal(out.len, 0);
    }
}

/* Group values */

static void assert_group(unsigned apci, bool is_small, const char *octets, const char *wanted)
{
    struct knx_group_value value = { is_small, test_hex(octets) };
    uint8_t memory[32];
    struct bas_buf out;
    struct bas_slice expected = test_hex(wanted);
    bas_buf_init(&out, memory, sizeof(memory));
    knx_group_encode(apci, &value, &out);
    assert_false(out.full);
    assert_int_equal(out.len, expected.len);
    assert_memory_equal(out.data, expected.data, expected.len);
    struct knx_tpdu tpdu = decoded(wanted);
    struct knx_group_value read;
    assert_true(knx_group_value_of(&tpdu, &read));
    assert_int_equal(read.is_small, is_small);
    assert_int_equal(read.octets.len, value.octets.len);
    assert_memory_equal(read.octets.data, value.octets.data, value.octets.len);
}

static void group_values_are_small_or_octets(void **state)
{
    (void)state;
    assert_group(KNX_GROUP_VALUE_WRITE, true, "01", "0081");
    assert_group(KNX_GROUP_VALUE_RESPONSE, true, "3f", "007f");
    assert_group(KNX_GROUP_VALUE_WRITE, false, "0c1a", "00800c1a");
    assert_group(KNX_GROUP_VALUE_RESPONSE, false, "01", "004001");
}

static void a_request_to_read_has_no_value(void **state)
{
    (void)state;
    uint8_t memory[8];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_group_encode(KNX_GROUP_VALUE_READ, NULL, &out);
    assert_int_equal(out.len, 2);
    assert_memory_equal(memory, test_hex("0000").data, 2);
    struct knx_tpdu tpdu = decoded("0000");
    struct knx_group_value value;
    assert_true(knx_group_value_of(&tpdu, &value));
    assert_false(value.is_small);
    assert_int_equal(value.octets.len, 0);
}

static void other_services_have_no_group_value(void **state)
{
    (void)state;
    static const char *const octets[] = { "4081", "80", "0300", "03f110" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(octets); i++) {
        struct knx_tpdu tpdu = decoded(octets[i]);
        struct knx_group_value value;
        assert_false(knx_group_value_of(&tpdu, &value));
    }
}

static void a_group_value_without_form_is_not_written(void **state)
{
    (void)state;
    const struct knx_group_value bad[] = {
        { true, test_hex("40") },
        { true, test_hex("0101") },
        { true, { NULL, 0 } },
        { false, { NULL, 0 } },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad); i++) {
        uint8_t memory[8];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        knx_group_encode(KNX_GROUP_VALUE_WRITE, &bad[i], &out);
        assert_true(out.full);
        assert_int_equal(out.len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_comes_back_from_its_octets),
        cmocka_unit_test(reserved_control_octets_are_refused),
        cmocka_unit_test(what_is_cut_or_too_long_is_refused),
        cmocka_unit_test(what_has_no_wire_form_is_not_written),
        cmocka_unit_test(group_values_are_small_or_octets),
        cmocka_unit_test(a_request_to_read_has_no_value),
        cmocka_unit_test(other_services_have_no_group_value),
        cmocka_unit_test(a_group_value_without_form_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
