#include "test_env.h"

#include "basalt/sc.h"

#include <stdlib.h>
#include <string.h>

static bas_err decode(const char *hex, struct bsc_message *message, struct bas_fault *fault)
{
    *fault = (struct bas_fault){ 0 };
    return bsc_decode(test_hex(hex), message, fault);
}

static void assert_encodes_to(const struct bsc_message *message, const char *hex)
{
    uint8_t memory[300];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    bsc_encode(message, &out);
    struct bas_slice wanted = test_hex(hex);
    assert_false(out.full);
    assert_int_equal(out.len, wanted.len);
    assert_memory_equal(out.data, wanted.data, wanted.len);
}

/* Section 11 row 1. bsc 1.1-02 11-01 */
static void numbers_of_two_octets_are_big_endian(void **state)
{
    (void)state;
    struct bsc_message m;
    struct bas_fault fault;
    assert_int_equal(decode("0A001234", &m, &fault), BAS_OK);
    assert_int_equal(m.id, 0x1234);
    assert_int_equal(decode("01010001 26 0001 55 00", &m, &fault), BAS_OK);
    assert_int_equal(m.data_options.len, 4);
    m = (struct bsc_message){ .function = BSC_HEARTBEAT_ACK, .id = 0x0102 };
    assert_encodes_to(&m, "0B000102");
}

/* Section 11 row 34: data options belong to 01, not to the originating flag. bsc 1.1-03 11-34 */
static void each_control_flag_announces_its_own_field(void **state)
{
    (void)state;
    struct bsc_message m;
    struct bas_fault fault;
    assert_int_equal(decode("01080001 123456789ABC 4100", &m, &fault), BAS_OK);
    assert_true(m.has_originating && !m.has_destination);
    assert_int_equal(m.dest_options.len + m.data_options.len, 0);
    assert_int_equal(m.payload.len, 2);
    assert_int_equal(decode("01040001 123456789ABC 4100", &m, &fault), BAS_OK);
    assert_true(!m.has_originating && m.has_destination);
    assert_int_equal(decode("01020001 41 00", &m, &fault), BAS_OK);
    assert_true(!m.has_originating && !m.has_destination);
    assert_int_equal(m.dest_options.len, 1);
    assert_int_equal(m.data_options.len, 0);
    assert_int_equal(decode("01010001 41 00", &m, &fault), BAS_OK);
    assert_int_equal(m.dest_options.len, 0);
    assert_int_equal(m.data_options.len, 1);
    assert_int_equal(m.payload.len, 1);
}

static void
originating_stands_before_destination_and_destination_options_before_data_options(void **state)
{
    (void)state;
    struct bsc_message m;
    struct bas_fault fault;
    assert_int_equal(decode("010F0001 020000000001 020000000002 26000155 41 0100", &m, &fault),
                     BAS_OK);
    assert_int_equal(m.originating.octets[5], 1);
    assert_int_equal(m.destination.octets[5], 2);
    assert_int_equal(m.dest_options.len, 4);
    assert_int_equal(m.data_options.len, 1);
    assert_int_equal(m.payload.len, 2);
    assert_encodes_to(&m, "010F0001 020000000001 020000000002 26000155 41 0100");
}

/* Section 11 row 18: nothing is masked away. */
static void reserved_control_bits_are_kept(void **state)
{
    (void)state;
    struct bsc_message m;
    struct bas_fault fault;
    assert_int_equal(decode("20F40001 A20B0C0D0E0F 00", &m, &fault), BAS_OK);
    assert_int_equal(m.control, 0xF4);
    assert_encodes_to(&m, "20F40001 A20B0C0D0E0F 00");
}

/* bsc 1.1-04 */
static void encode_sets_the_flags_from_what_is_there(void **state)
{
    (void)state;
    struct bsc_message m = { .function = BSC_ENCAPSULATED_NPDU, .control = 0xFF, .id = 1 };
    assert_encodes_to(&m, "01F00001");
    m.control = 0;
    m.has_destination = true;
    m.data_options = test_hex("41");
    assert_encodes_to(&m, "01050001 000000000000 41");
}

/* Section 11 row 52. bsc 1.1-02 */
static void fewer_than_four_octets_are_truncated_with_a_fault(void **state)
{
    (void)state;
    const char *const texts[] = { "", "01", "0100", "010000" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        struct bsc_message m;
        struct bas_fault fault;
        assert_int_equal(decode(texts[i], &m, &fault), BAS_ERR_TRUNCATED);
        assert_int_equal(fault.err, BAS_ERR_TRUNCATED);
        assert_int_equal(fault.error_class, 7);
        assert_int_equal(fault.error_code, 147);
    }
}

static void what_was_read_before_the_end_is_in_the_message(void **state)
{
    (void)state;
    struct bsc_message m;
    struct bas_fault fault;
    assert_int_equal(decode("010C0203 123456789ABC A20B", &m, &fault), BAS_ERR_TRUNCATED);
    assert_int_equal(m.function, 1);
    assert_int_equal(m.id, 0x0203);
    assert_true(m.has_originating);
    assert_false(m.has_destination);
    assert_int_equal(decode("01080203 123456789A", &m, &fault), BAS_ERR_TRUNCATED);
    assert_false(m.has_originating);
    assert_int_equal(fault.error_code, 147);
}

static void a_message_without_fault_leaves_the_fault_alone(void **state)
{
    (void)state;
    struct bas_fault fault;
    memset(&fault, 0x5A, sizeof(fault));
    const struct bas_fault before = fault;
    struct bsc_message m;
    assert_int_equal(bsc_decode(test_hex("0A000001"), &m, &fault), BAS_OK);
    assert_memory_equal(&fault, &before, sizeof(fault));
    assert_int_equal(bsc_decode(test_hex("0A"), &m, NULL), BAS_ERR_TRUNCATED);
    assert_int_equal(bsc_decode(test_hex("0A02000100"), &m, NULL), BAS_ERR_MALFORMED);
}

static void a_buffer_that_is_too_small_is_full_and_not_overrun(void **state)
{
    (void)state;
    struct bsc_message m;
    struct bas_fault fault;
    assert_int_equal(decode("010F0001 020000000001 020000000002 26000155 41 0100", &m, &fault),
                     BAS_OK);
    for (size_t cap = 0; cap < 23; cap++) {
        uint8_t *memory = malloc(cap == 0 ? 1 : cap);
        struct bas_buf out;
        bas_buf_init(&out, memory, cap);
        bsc_encode(&m, &out);
        assert_true(out.full);
        free(memory);
    }
}

/* bsc 1.2-03 3.3-02 */
static void a_hub_puts_the_origin_in_and_takes_a_unicast_destination_out(void **state)
{
    (void)state;
    struct bas_slice octets = test_hex("01060016 A20B0C0D0E0F 3F0005010407AABB 0100");
    struct bsc_message m;
    assert_int_equal(bsc_decode(octets, &m, NULL), BAS_OK);
    const struct bsc_vmac origin = { { 0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC } };
    uint8_t head[BSC_MAX_HEADER];
    struct bas_slice rest;
    assert_int_equal(bsc_forward_header(octets, &m, &origin, head, &rest), 10);
    assert_memory_equal(head, test_hex("010A0016 123456789ABC").data, 10);
    assert_ptr_equal(rest.data, octets.data + 10);
    assert_int_equal(rest.len, octets.len - 10);
}

/* bsc 1.2-04 3.3-03 */
static void a_hub_keeps_the_destination_of_a_broadcast(void **state)
{
    (void)state;
    struct bas_slice octets = test_hex("01050016 FFFFFFFFFFFF 41 0100");
    struct bsc_message m;
    assert_int_equal(bsc_decode(octets, &m, NULL), BAS_OK);
    const struct bsc_vmac origin = { { 0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC } };
    uint8_t head[BSC_MAX_HEADER];
    struct bas_slice rest;
    assert_int_equal(bsc_forward_header(octets, &m, &origin, head, &rest), 16);
    assert_memory_equal(head, test_hex("010D0016 123456789ABC FFFFFFFFFFFF").data, 16);
    assert_ptr_equal(rest.data, octets.data + 10);
}

/* Spec 3.3: reserved bits travel as received; a wrong origin never does. bsc 3.3-06 3.3-08 */
static void a_hub_overwrites_an_origin_and_keeps_reserved_bits(void **state)
{
    (void)state;
    const struct bsc_vmac origin = { { 0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC } };
    uint8_t head[BSC_MAX_HEADER];
    struct bas_slice rest;
    struct bsc_message m;
    struct bas_slice octets = test_hex("20AC0016 020000000001 A20B0C0D0E0F 0100");
    assert_int_equal(bsc_decode(octets, &m, NULL), BAS_OK);
    assert_int_equal(bsc_forward_header(octets, &m, &origin, head, &rest), 10);
    assert_memory_equal(head, test_hex("20A80016 123456789ABC").data, 10);
    assert_ptr_equal(rest.data, octets.data + 16);
    octets = test_hex("20FC0016 020000000001 FFFFFFFFFFFF");
    assert_int_equal(bsc_decode(octets, &m, NULL), BAS_OK);
    assert_int_equal(bsc_forward_header(octets, &m, &origin, head, &rest), 16);
    assert_memory_equal(head, test_hex("20FC0016 123456789ABC FFFFFFFFFFFF").data, 16);
    assert_int_equal(rest.len, 0);
}

/* bsc 1.1-05 */
static void every_function_has_the_name_of_the_standard(void **state)
{
    (void)state;
    static const char *const names[] = { "BVLC-Result",        "Encapsulated-NPDU",
                                         "Address-Resolution", "Address-Resolution-ACK",
                                         "Advertisement",      "Advertisement-Solicitation",
                                         "Connect-Request",    "Connect-Accept",
                                         "Disconnect-Request", "Disconnect-ACK",
                                         "Heartbeat-Request",  "Heartbeat-ACK",
                                         "Proprietary-Message" };
    assert_int_equal(BAS_ARRAY_LEN(names), BSC_FUNCTIONS);
    for (unsigned i = 0; i < BSC_FUNCTIONS; i++) {
        assert_string_equal(bsc_function_name(i), names[i]);
    }
    assert_string_equal(bsc_function_name(0x0D), "unknown");
    assert_string_equal(bsc_function_name(UINT32_MAX), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_two_octets_are_big_endian),
        cmocka_unit_test(each_control_flag_announces_its_own_field),
        cmocka_unit_test(
            originating_stands_before_destination_and_destination_options_before_data_options),
        cmocka_unit_test(reserved_control_bits_are_kept),
        cmocka_unit_test(encode_sets_the_flags_from_what_is_there),
        cmocka_unit_test(fewer_than_four_octets_are_truncated_with_a_fault),
        cmocka_unit_test(what_was_read_before_the_end_is_in_the_message),
        cmocka_unit_test(a_message_without_fault_leaves_the_fault_alone),
        cmocka_unit_test(a_buffer_that_is_too_small_is_full_and_not_overrun),
        cmocka_unit_test(a_hub_puts_the_origin_in_and_takes_a_unicast_destination_out),
        cmocka_unit_test(a_hub_keeps_the_destination_of_a_broadcast),
        cmocka_unit_test(a_hub_overwrites_an_origin_and_keeps_reserved_bits),
        cmocka_unit_test(every_function_has_the_name_of_the_standard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
