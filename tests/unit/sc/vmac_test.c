#include "test_env.h"

#include "basalt/sc.h"

#include <string.h>

static struct bsc_vmac vmac_of(const char *hex)
{
    struct bsc_vmac vmac;
    memcpy(vmac.octets, test_hex(hex).data, sizeof(vmac.octets));
    return vmac;
}

static void only_all_ones_is_the_broadcast_vmac(void **state)
{
    (void)state;
    struct bsc_vmac all = vmac_of("FFFFFFFFFFFF");
    assert_true(bsc_vmac_is_broadcast(&all));
    for (size_t i = 0; i < 48; i++) {
        struct bsc_vmac near = all;
        near.octets[i / 8] ^= (uint8_t)(1U << i % 8);
        assert_false(bsc_vmac_is_broadcast(&near));
        assert_false(bsc_vmac_is_reserved(&near));
        assert_false(bsc_vmac_equal(&near, &all));
    }
}

/* bsc 8.1-02 */
static void zero_and_broadcast_are_nobodys_identity(void **state)
{
    (void)state;
    struct bsc_vmac zero = { { 0 } };
    struct bsc_vmac all = vmac_of("FFFFFFFFFFFF");
    assert_true(bsc_vmac_is_reserved(&zero));
    assert_true(bsc_vmac_is_reserved(&all));
    for (size_t i = 0; i < 48; i++) {
        struct bsc_vmac near = zero;
        near.octets[i / 8] = (uint8_t)(1U << i % 8);
        assert_false(bsc_vmac_is_reserved(&near));
        assert_false(bsc_vmac_is_broadcast(&near));
    }
}

static void equality_looks_at_every_octet(void **state)
{
    (void)state;
    struct bsc_uuid a = { { 1, 2, 3 } };
    for (size_t i = 0; i < sizeof(a.octets); i++) {
        struct bsc_uuid b = a;
        assert_true(bsc_uuid_equal(&a, &b));
        b.octets[i] ^= 0x10;
        assert_false(bsc_uuid_equal(&a, &b));
    }
    struct bsc_vmac v = vmac_of("123456789ABC");
    struct bsc_vmac w = vmac_of("123456789ABC");
    assert_true(bsc_vmac_equal(&v, &w));
}

/* Section 11 row 21: the low nibble of the first octet, not two bits of it. bsc 8.1-01 11-21 */
static void a_random_vmac_has_the_low_nibble_2_and_all_other_bits_vary(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct bsc_vmac ones = { { 0 } };
    struct bsc_vmac zeros = { { 0 } };
    for (unsigned n = 0; n < 200; n++) {
        struct bsc_vmac vmac = bsc_vmac_random(&t.env);
        assert_int_equal(vmac.octets[0] & 0x0F, 0x02);
        for (size_t i = 0; i < sizeof(vmac.octets); i++) {
            ones.octets[i] |= vmac.octets[i];
            zeros.octets[i] |= (uint8_t)~vmac.octets[i];
        }
    }
    assert_memory_equal(ones.octets, test_hex("F2FFFFFFFFFF").data, 6);
    assert_memory_equal(zeros.octets, test_hex("FDFFFFFFFFFF").data, 6);
}

static void a_random_uuid_is_of_version_4_and_variant_1(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct bsc_uuid last = { { 0 } };
    for (unsigned n = 0; n < 200; n++) {
        struct bsc_uuid uuid = bsc_uuid_random(&t.env);
        assert_int_equal(uuid.octets[6] >> 4, 4);
        assert_int_equal(uuid.octets[8] >> 6, 2);
        assert_false(bsc_uuid_equal(&uuid, &last));
        last = uuid;
    }
}

static void vmac_text_is_read_with_colons_with_hyphens_or_plain(void **state)
{
    (void)state;
    const char *const texts[] = { "12:34:56:78:9a:bc", "12-34-56-78-9A-BC", "123456789aBc" };
    const struct bsc_vmac wanted = vmac_of("123456789ABC");
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        struct bsc_vmac vmac = { { 0 } };
        assert_int_equal(bsc_vmac_parse(texts[i], &vmac), BAS_OK);
        assert_true(bsc_vmac_equal(&vmac, &wanted));
    }
}

static void bad_vmac_text_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    const char *const texts[] = { "",
                                  "1",
                                  "12",
                                  "12:",
                                  "12:34:56:78:9a",
                                  "12:34:56:78:9a:",
                                  "12:34:56:78:9a:b",
                                  "12:34:56:78:9a:bc:",
                                  "12:34:56:78:9a:bc:de",
                                  "12:34-56:78:9a:bc",
                                  "1234:56789abc",
                                  "12:3456789abc",
                                  ":12:34:56:78:9a:bc",
                                  "12::34:56:78:9a:bc",
                                  "123456789abg",
                                  "123456789ab ",
                                  " 123456789abc",
                                  "12 34 56 78 9a bc",
                                  "0x3456789abc",
                                  "123456789abcd" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        struct bsc_vmac vmac = vmac_of("010203040506");
        assert_int_equal(bsc_vmac_parse(texts[i], &vmac), BAS_ERR_MALFORMED);
        assert_memory_equal(vmac.octets, test_hex("010203040506").data, 6);
    }
}

/* Spec 8.2: in the order in which it is printed. bsc 8.2-02 */
static void uuid_text_is_read_in_its_order_with_or_without_hyphens(void **state)
{
    (void)state;
    const char *const texts[] = { "0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0",
                                  "0F1E2D3C4B5A46879786A5B4C3D2E1F0" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        struct bsc_uuid uuid = { { 0 } };
        assert_int_equal(bsc_uuid_parse(texts[i], &uuid), BAS_OK);
        assert_memory_equal(uuid.octets, test_hex("0F1E2D3C4B5A46879786A5B4C3D2E1F0").data, 16);
    }
}

static void bad_uuid_text_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    const char *const texts[] = { "",
                                  "0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f",
                                  "0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f00",
                                  "0f1e2d3c-4b5a-4687-9786a5b4c3d2e1f0",
                                  "0f1e2d3c4b5a-4687-9786-a5b4c3d2e1f0",
                                  "0f-1e2d3c4b5a46879786a5b4c3d2e1f0",
                                  "{0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0}",
                                  "0f1e2d3c:4b5a:4687:9786:a5b4c3d2e1f0",
                                  "0f1e2d3c4b5a46879786a5b4c3d2e1g0",
                                  "0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0-" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        struct bsc_uuid uuid = { { 7 } };
        assert_int_equal(bsc_uuid_parse(texts[i], &uuid), BAS_ERR_MALFORMED);
        assert_int_equal(uuid.octets[0], 7);
    }
}

static void text_reads_back_as_the_same_value(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    for (unsigned n = 0; n < 50; n++) {
        char text[BSC_UUID_TEXT];
        struct bsc_uuid uuid = bsc_uuid_random(&t.env);
        struct bsc_uuid uuid_again = { { 0 } };
        assert_int_equal(bsc_uuid_parse(bsc_uuid_text(&uuid, text), &uuid_again), BAS_OK);
        assert_true(bsc_uuid_equal(&uuid, &uuid_again));
        assert_int_equal(strlen(text), BSC_UUID_TEXT - 1);
        char short_text[BSC_VMAC_TEXT];
        struct bsc_vmac vmac = bsc_vmac_random(&t.env);
        struct bsc_vmac vmac_again = { { 0 } };
        assert_int_equal(bsc_vmac_parse(bsc_vmac_text(&vmac, short_text), &vmac_again), BAS_OK);
        assert_true(bsc_vmac_equal(&vmac, &vmac_again));
        assert_int_equal(strlen(short_text), BSC_VMAC_TEXT - 1);
    }
}

static void text_is_lower_case_with_colons_or_hyphens(void **state)
{
    (void)state;
    char text[BSC_UUID_TEXT];
    const struct bsc_vmac vmac = vmac_of("A20B0C0D0E0F");
    assert_string_equal(bsc_vmac_text(&vmac, text), "a2:0b:0c:0d:0e:0f");
    struct bsc_uuid uuid;
    memcpy(uuid.octets, test_hex("8A6D5F103C2B4E19B7A80123456789AB").data, 16);
    assert_string_equal(bsc_uuid_text(&uuid, text), "8a6d5f10-3c2b-4e19-b7a8-0123456789ab");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_all_ones_is_the_broadcast_vmac),
        cmocka_unit_test(zero_and_broadcast_are_nobodys_identity),
        cmocka_unit_test(equality_looks_at_every_octet),
        cmocka_unit_test(a_random_vmac_has_the_low_nibble_2_and_all_other_bits_vary),
        cmocka_unit_test(a_random_uuid_is_of_version_4_and_variant_1),
        cmocka_unit_test(vmac_text_is_read_with_colons_with_hyphens_or_plain),
        cmocka_unit_test(bad_vmac_text_is_refused_and_changes_nothing),
        cmocka_unit_test(uuid_text_is_read_in_its_order_with_or_without_hyphens),
        cmocka_unit_test(bad_uuid_text_is_refused_and_changes_nothing),
        cmocka_unit_test(text_reads_back_as_the_same_value),
        cmocka_unit_test(text_is_lower_case_with_colons_or_hyphens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
