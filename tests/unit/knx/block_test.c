#include "test_env.h"

#include "basalt/knx.h"

#include <string.h>

/* Of a DESCRIPTION_RESPONSE recorded from a router. */
#define DEVICE_INFO                                                                                \
    "36010200 1000 0000 00082d40834d e000170c 000ab3274a32"                                        \
    "4b4e582f49502d526f757465720000000000000000000000000000000000"
#define FAMILIES "0c0202020302040205020701"

static void description_blocks_come_one_by_one(void **state)
{
    (void)state;
    struct bas_slice list = test_hex(DEVICE_INFO FAMILIES "02fe");
    struct knx_block block;
    assert_true(knx_dib_next(&list, &block));
    assert_int_equal(block.type, KNX_DIB_DEVICE_INFO);
    assert_int_equal(block.data.len, 52);
    assert_true(knx_dib_next(&list, &block));
    assert_int_equal(block.type, KNX_DIB_SUPP_SVC_FAMILIES);
    assert_int_equal(block.data.len, 10);
    assert_true(knx_dib_next(&list, &block));
    assert_int_equal(block.type, KNX_DIB_MFR_DATA);
    assert_int_equal(block.data.len, 0);
    assert_false(block.is_mandatory);
    assert_false(knx_dib_next(&list, &block));
    assert_int_equal(list.len, 0);
}

static void a_malformed_description_block_ends_the_list(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "", "00", "02", "0001", "0101", "030100", "040100", "ff01"
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(lists); i++) {
        struct bas_slice list = test_hex(lists[i]);
        struct bas_slice before = list;
        struct knx_block block;
        assert_false(knx_dib_next(&list, &block));
        assert_ptr_equal(list.data, before.data);
        assert_int_equal(list.len, before.len);
    }
}

static void search_parameters_have_a_mandatory_bit(void **state)
{
    (void)state;
    struct bas_slice list = test_hex("0281 0802010203040506 05040102ff");
    struct knx_block block;
    assert_true(knx_srp_next(&list, &block));
    assert_int_equal(block.type, 1);
    assert_true(block.is_mandatory);
    assert_true(knx_srp_next(&list, &block));
    assert_int_equal(block.type, 2);
    assert_false(block.is_mandatory);
    assert_memory_equal(block.data.data, test_hex("010203040506").data, 6);
    assert_true(knx_srp_next(&list, &block));
    assert_int_equal(block.data.len, 3);
    assert_false(knx_srp_next(&list, &block));
    assert_int_equal(list.len, 0);
}

static void a_block_is_padded_to_an_even_length(void **state)
{
    (void)state;
    uint8_t memory[300];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_block_encode(0x84, test_hex("010206"), &out);
    knx_block_encode(0x81, (struct bas_slice){ 0 }, &out);
    struct bas_slice expected = test_hex("060401020600 0281");
    assert_int_equal(out.len, expected.len);
    assert_memory_equal(out.data + 2, expected.data + 2, 4);
    assert_int_equal(out.data[0], 6);
    assert_int_equal(out.data[1], 0x84);
}

static void a_block_that_is_too_long_is_not_written(void **state)
{
    (void)state;
    static const uint8_t zeros[256];
    uint8_t memory[600];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_block_encode(1, (struct bas_slice){ zeros, 252 }, &out);
    assert_false(out.full);
    assert_int_equal(out.len, 254);
    knx_block_encode(1, (struct bas_slice){ zeros, 253 }, &out);
    assert_true(out.full);
    assert_int_equal(out.len, 254);
}

static void device_information_is_read_and_written(void **state)
{
    (void)state;
    struct bas_slice octets = test_hex(DEVICE_INFO);
    struct bas_slice list = octets;
    struct knx_block block;
    struct knx_device_info info;
    assert_true(knx_dib_next(&list, &block));
    assert_int_equal(knx_device_info_decode(block.data, &info), BAS_OK);
    assert_int_equal(info.medium, 2);
    assert_false(info.is_programming);
    assert_int_equal(info.address, 0x1000);
    assert_int_equal(info.installation, 0);
    assert_memory_equal(info.serial, test_hex("00082d40834d").data, 6);
    assert_memory_equal(info.multicast, test_hex("e000170c").data, 4);
    assert_memory_equal(info.mac, test_hex("000ab3274a32").data, 6);
    assert_string_equal(info.name, "KNX/IP-Router");
    uint8_t memory[54];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_device_info_encode(&info, &out);
    assert_int_equal(out.len, octets.len);
    assert_memory_equal(out.data, octets.data, octets.len);
}

static void programming_mode_and_a_name_of_full_length_survive(void **state)
{
    (void)state;
    struct knx_device_info info = { .is_programming = true };
    memset(info.name, 'n', KNX_NAME_LEN);
    uint8_t memory[54];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    knx_device_info_encode(&info, &out);
    struct bas_slice list = { out.data, out.len };
    struct knx_block block;
    struct knx_device_info read;
    assert_true(knx_dib_next(&list, &block));
    assert_int_equal(knx_device_info_decode(block.data, &read), BAS_OK);
    assert_memory_equal(&read, &info, sizeof(info));
}

static void device_information_of_another_length_is_refused(void **state)
{
    (void)state;
    static const uint8_t zeros[54];
    struct knx_device_info info = { .medium = 1 };
    for (size_t len = 0; len < 52; len++) {
        assert_int_equal(knx_device_info_decode((struct bas_slice){ zeros, len }, &info),
                         BAS_ERR_TRUNCATED);
        assert_int_equal(info.medium, 0);
    }
    assert_int_equal(knx_device_info_decode((struct bas_slice){ zeros, 53 }, &info),
                     BAS_ERR_TOO_LONG);
}

static void service_families_have_names(void **state)
{
    (void)state;
    assert_string_equal(knx_family_name(KNX_FAMILY_CORE), "core");
    assert_string_equal(knx_family_name(KNX_FAMILY_SECURITY), "security");
    assert_string_equal(knx_family_name(0), "unknown");
    assert_string_equal(knx_family_name(10), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(description_blocks_come_one_by_one),
        cmocka_unit_test(a_malformed_description_block_ends_the_list),
        cmocka_unit_test(search_parameters_have_a_mandatory_bit),
        cmocka_unit_test(a_block_is_padded_to_an_even_length),
        cmocka_unit_test(a_block_that_is_too_long_is_not_written),
        cmocka_unit_test(device_information_is_read_and_written),
        cmocka_unit_test(programming_mode_and_a_name_of_full_length_survive),
        cmocka_unit_test(device_information_of_another_length_is_refused),
        cmocka_unit_test(service_families_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
