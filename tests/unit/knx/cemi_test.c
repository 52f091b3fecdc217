#include "test_env.h"

#include "basalt/knx.h"

#include <string.h>

/* Recorded: a secure group write, 1.1.10 to 1/1/1 (spec 3.1). */
#define SECURE_WRITE "1100bce0110a09010e03f110004138f413752ada6f972ae5"

static const struct {
    uint8_t code;
    const char *octets;
} messages[] = {
    { KNX_L_DATA_REQ, SECURE_WRITE },
    { KNX_L_DATA_IND, "29 00 bce0 1109 0802 03 0080 0c1a" },
    { KNX_L_DATA_CON, "2e 00 bde0 110a 0901 01 0081" },
    { KNX_L_DATA_IND, "29 06 0504000001f4 bce0 1109 0802 01 0081" },
    { KNX_L_RAW_REQ, "10 00 bc110a" },
    { KNX_L_RAW_IND, "2d 00" },
    { KNX_L_RAW_CON, "2f 00 00" },
    { KNX_L_BUSMON_IND, "2b 07 030100 04021234 bc110a" },
    { KNX_L_POLL_DATA_REQ, "13 00 f0" },
    { KNX_L_POLL_DATA_CON, "25 00 f0" },
    { KNX_T_DATA_CONNECTED_REQ, "41 00 000000000000 01 0300" },
    { KNX_T_DATA_INDIVIDUAL_REQ, "4a 00 000000000000 01 0300" },
    { KNX_T_DATA_CONNECTED_IND, "89 00" },
    { KNX_T_DATA_INDIVIDUAL_IND, "94 00" },
    { KNX_M_PROP_READ_REQ, "fc 000b 01 34 1001" },
    { KNX_M_PROP_READ_CON, "fb 000b 01 34 1001 1203" },
    { KNX_M_PROP_READ_CON, "fb 000b 01 34 0001 07" },
    { KNX_M_PROP_WRITE_REQ, "f6 000b 01 34 1001 1203" },
    { KNX_M_PROP_WRITE_CON, "f5 000b 01 34 1001" },
    { KNX_M_PROP_WRITE_CON, "f5 000b 01 34 0001 05" },
    { KNX_M_PROP_INFO_IND, "f7 000b 01 45 1001 01" },
    { KNX_M_FUNC_PROP_COMMAND_REQ, "f8 000b 01 5e 0001" },
    { KNX_M_FUNC_PROP_STATE_READ_REQ, "f9 000b 01 5e" },
    { KNX_M_FUNC_PROP_CON, "fa 000b 01 5e 0002" },
    { KNX_M_RESET_REQ, "f1" },
    { KNX_M_RESET_IND, "f0" },
};

static struct knx_cemi decoded(const char *octets)
{
    struct knx_cemi cemi;
    struct bas_fault fault = { 0 };
    bas_err err = knx_cemi_decode(test_hex(octets), &cemi, &fault);
    if (err != BAS_OK) {
        fail_msg("%s: %s", octets, fault.text);
    }
    return cemi;
}

static void assert_encodes(const struct knx_cemi *cemi, const char *wanted)
{
    uint8_t memory[600];
    struct bas_buf out;
    struct bas_slice octets = test_hex(wanted);
    bas_buf_init(&out, memory, sizeof(memory));
    knx_cemi_encode(cemi, &out);
    assert_false(out.full);
    assert_int_equal(out.len, octets.len);
    assert_memory_equal(out.data, octets.data, octets.len);
}

static void assert_refused(const char *octets, bas_err wanted)
{
    struct knx_cemi cemi;
    struct bas_fault fault = { 0 };
    const struct knx_cemi zero = { 0 };
    bas_err err = knx_cemi_decode(test_hex(octets), &cemi, &fault);
    if (err != wanted) {
        fail_msg("%s: %s, wanted %s", octets, bas_err_text(err), bas_err_text(wanted));
    }
    assert_int_not_equal(fault.text[0], 0);
    assert_memory_equal(&cemi, &zero, sizeof(zero));
}

static void every_message_comes_back_from_its_octets(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(messages); i++) {
        struct knx_cemi cemi = decoded(messages[i].octets);
        assert_int_equal(cemi.code, messages[i].code);
        assert_encodes(&cemi, messages[i].octets);
        uint8_t memory[64];
        for (size_t cap = 0; cap < test_hex(messages[i].octets).len; cap++) {
            struct bas_buf out;
            bas_buf_init(&out, memory, cap);
            knx_cemi_encode(&cemi, &out);
            assert_true(out.full);
        }
    }
}

static void every_truncation_is_refused_or_another_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(messages); i++) {
        struct bas_slice octets = test_hex(messages[i].octets);
        for (size_t len = 0; len < octets.len; len++) {
            uint8_t *copy = test_malloc(len + 1);
            memcpy(copy + 1, octets.data, len);
            struct knx_cemi cemi;
            bas_err err = knx_cemi_decode((struct bas_slice){ copy + 1, len }, &cemi, NULL);
            uint8_t memory[64];
            struct bas_buf out;
            bas_buf_init(&out, memory, sizeof(memory));
            if (err == BAS_OK) {
                knx_cemi_encode(&cemi, &out);
                assert_int_equal(out.len, len);
                assert_memory_equal(out.data, octets.data, len);
            } else {
                assert_int_equal(err, BAS_ERR_TRUNCATED);
            }
            test_free(copy);
        }
    }
}

static void the_members_of_a_telegram(void **state)
{
    (void)state;
    struct knx_cemi cemi = decoded("29 04 04021234 bce0 1109 0802 03 0080 0c1a");
    assert_int_equal(cemi.additional.len, 4);
    assert_int_equal(cemi.control1, 0xBC);
    assert_int_equal(cemi.control2, 0xE0);
    assert_int_equal(cemi.source, 0x1109);
    assert_int_equal(cemi.destination, 0x0802);
    assert_int_equal(cemi.tpdu.len, 4);
    assert_true(knx_cemi_is_group(&cemi));
    cemi.destination = 0;
    assert_false(knx_cemi_is_group(&cemi)); /* broadcast */
    cemi = decoded("29 00 b060 1109 0802 00 80");
    assert_false(knx_cemi_is_group(&cemi)); /* individual */
}

static void the_members_of_a_property_message(void **state)
{
    (void)state;
    struct knx_cemi cemi = decoded("fb 000b 02 34 2345 12030405");
    assert_int_equal(cemi.object_type, 11);
    assert_int_equal(cemi.object_instance, 2);
    assert_int_equal(cemi.property, 0x34);
    assert_int_equal(cemi.elements, 2);
    assert_int_equal(cemi.start_index, 0x345);
    assert_int_equal(cemi.data.len, 4);
    assert_false(knx_cemi_is_group(&cemi));
    cemi = decoded("f8 000b 01 5e 0001");
    assert_int_equal(cemi.property, 0x5E);
    assert_int_equal(cemi.data.len, 2);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    assert_refused("", BAS_ERR_TRUNCATED);
    assert_refused("29", BAS_ERR_TRUNCATED);
    assert_refused("29 00 bce0 1109 0802 01 00", BAS_ERR_TRUNCATED);
    assert_refused("29 00 bce0 1109 0802 01 0081 00", BAS_ERR_TOO_LONG);
    assert_refused("29 03 030200 bce0 1109 0802 01 0081", BAS_ERR_MALFORMED); /* item of 2 in 1 */
    assert_refused("29 01 03 bce0 1109 0802 01 0081", BAS_ERR_MALFORMED); /* item without length */
    assert_refused("29 ff 03", BAS_ERR_TRUNCATED);
    assert_refused("f1 00", BAS_ERR_TOO_LONG);
    assert_refused("fc 000b 01 34 1001 00", BAS_ERR_TOO_LONG);   /* data in a request to read */
    assert_refused("fb 000b 01 34 1001", BAS_ERR_TRUNCATED);     /* elements without data */
    assert_refused("fb 000b 01 34 0001 0700", BAS_ERR_TOO_LONG); /* an error of two octets */
    assert_refused("fb 000b 01 34 0001", BAS_ERR_TRUNCATED);     /* an error of none */
    assert_refused("f5 000b 01 34 1001 07", BAS_ERR_TOO_LONG);
    assert_refused("f6 000b 01 34 1001", BAS_ERR_TRUNCATED);
    assert_refused("f8 000b 01", BAS_ERR_TRUNCATED);
}

static void the_escape_length_is_refused(void **state)
{
    (void)state;
    uint8_t octets[10 + 255] = { 0x29, 0, 0x3C, 0xE0, 0, 1, 0, 1, 255 };
    struct knx_cemi cemi;
    assert_int_equal(knx_cemi_decode((struct bas_slice){ octets, sizeof(octets) }, &cemi, NULL),
                     BAS_ERR_MALFORMED);
    octets[8] = 254;
    assert_int_equal(knx_cemi_decode((struct bas_slice){ octets, sizeof(octets) - 1 }, &cemi, NULL),
                     BAS_OK);
    assert_int_equal(cemi.tpdu.len, 255);
}

static void what_is_not_known_is_called_so(void **state)
{
    (void)state;
    struct knx_cemi cemi;
    assert_int_equal(knx_cemi_decode(test_hex("30 0102"), &cemi, NULL), BAS_ERR_UNSUPPORTED);
    assert_int_equal(cemi.code, 0x30);
    assert_int_equal(cemi.data.len, 2);
    assert_encodes(&cemi, "30 0102");
    assert_string_equal(knx_message_code_name(0x30), "unknown");
    assert_string_equal(knx_message_code_name(0x11), "L_Data.req");
    assert_string_equal(knx_message_code_name(0xFA), "M_FuncProp.con");
    static const uint8_t formats[] = { 0x84, 0x81, 0x8F };
    for (size_t i = 0; i < sizeof(formats); i++) {
        uint8_t octets[] = { 0x29, 0, 0x80, formats[i], 0, 1, 0, 1, 1, 0, 0 };
        assert_int_equal(knx_cemi_decode((struct bas_slice){ octets, sizeof(octets) }, &cemi, NULL),
                         BAS_ERR_UNSUPPORTED);
        assert_int_equal(cemi.control2, formats[i]);
    }
}

/* Spec 3.1: L up to 15 is a standard frame, above it an extended one. */
static void the_frame_type_follows_the_length(void **state)
{
    (void)state;
    struct bas_slice tpdu = test_hex("0080 000102030405060708090a0b0c0d 0e");
    struct knx_cemi cemi = knx_cemi_group(KNX_L_DATA_REQ, 0x110A, 0x0901, tpdu);
    assert_encodes(&cemi, "11 00 3ce0 110a 0901 10 0080 000102030405060708090a0b0c0d 0e");
    cemi.tpdu.len--;
    assert_encodes(&cemi, "11 00 bce0 110a 0901 0f 0080 000102030405060708090a0b0c0d");
    cemi.control1 = 0x3C;
    assert_encodes(&cemi, "11 00 bce0 110a 0901 0f 0080 000102030405060708090a0b0c0d");
}

static void what_has_no_wire_form_is_not_written(void **state)
{
    (void)state;
    static const uint8_t zeros[256];
    uint8_t memory[600];
    struct knx_cemi bad[] = {
        { .code = KNX_L_DATA_REQ },
        { .code = KNX_L_DATA_REQ, .tpdu = { zeros, 256 } },
        { .code = KNX_L_DATA_REQ, .tpdu = { zeros, 1 }, .additional = { zeros, 256 } },
        { .code = KNX_L_RAW_REQ, .additional = { zeros, 256 } },
        { .code = KNX_M_PROP_READ_REQ, .elements = 16 },
        { .code = KNX_M_PROP_READ_REQ, .start_index = 4096 },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad); i++) {
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        knx_cemi_encode(&bad[i], &out);
        assert_true(out.full);
    }
}

static void the_longest_message_fits_the_announced_room(void **state)
{
    (void)state;
    static const uint8_t zeros[255];
    uint8_t memory[KNX_MAX_CEMI];
    struct knx_cemi cemi = knx_cemi_group(KNX_L_DATA_REQ, 1, 1, (struct bas_slice){ zeros, 255 });
    cemi.additional = (struct bas_slice){ zeros, 254 };
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_cemi_encode(&cemi, &out);
    assert_false(out.full);
    struct knx_cemi read;
    assert_int_equal(knx_cemi_decode((struct bas_slice){ out.data, out.len }, &read, NULL), BAS_OK);
    assert_int_equal(read.tpdu.len, 255);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_comes_back_from_its_octets),
        cmocka_unit_test(every_truncation_is_refused_or_another_message),
        cmocka_unit_test(the_members_of_a_telegram),
        cmocka_unit_test(the_members_of_a_property_message),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(the_escape_length_is_refused),
        cmocka_unit_test(what_is_not_known_is_called_so),
        cmocka_unit_test(the_frame_type_follows_the_length),
        cmocka_unit_test(what_has_no_wire_form_is_not_written),
        cmocka_unit_test(the_longest_message_fits_the_announced_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
