#include "test_env.h"

#include "tls/pki/der.h"

#include <string.h>

static struct bas_buf begin(uint8_t *memory, size_t cap)
{
    struct bas_buf out;
    bas_buf_init(&out, memory, cap);
    return out;
}

static void assert_octets(const struct bas_buf *out, const char *hex)
{
    struct bas_slice expected = test_hex(hex);
    assert_false(out->full);
    assert_int_equal(out->len, expected.len);
    assert_memory_equal(out->data, expected.data, expected.len);
}

static void integers_are_positive_and_shortest(void **state)
{
    (void)state;
    static const struct {
        const char *octets;
        const char *der;
    } rows[] = { { "", "020100" },     { "00", "020100" },         { "7f", "02017f" },
                 { "80", "02020080" }, { "0000017f", "0202017f" }, { "00ff", "020200ff" } };
    uint8_t memory[40];
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bas_buf out = begin(memory, sizeof(memory));
        bas_der_integer(&out, test_hex(rows[i].octets));
        assert_octets(&out, rows[i].der);
    }
    struct bas_buf out = begin(memory, sizeof(memory));
    bas_der_unsigned(&out, UINT64_MAX);
    assert_octets(&out, "020900ffffffffffffffff");
}

static void lengths_take_as_many_octets_as_they_need(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        const char *header;
    } rows[] = { { 0, "3000" },          { 127, "307f" },     { 128, "308180" },
                 { 255, "3081ff" },      { 256, "30820100" }, { 65535, "3082ffff" },
                 { 65536, "3083010000" } };
    static uint8_t memory[70000];
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bas_buf out = begin(memory, sizeof(memory));
        bas_buf_add(&out, "x", 1);
        for (size_t n = 0; n < rows[i].len; n++) {
            bas_buf_add(&out, n == 0 ? "a" : "b", 1);
        }
        bas_der_close(&out, BAS_DER_SEQUENCE, 1);
        struct bas_slice header = test_hex(rows[i].header);
        assert_int_equal(out.len, 1 + header.len + rows[i].len);
        assert_memory_equal(out.data + 1, header.data, header.len);
        assert_int_equal(out.data[0], 'x');
        assert_true(rows[i].len == 0 || out.data[1 + header.len] == 'a');
    }
}

static void times_change_their_shape_in_2050(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        uint8_t tag;
        const char *text;
    } rows[] = { { 0, BAS_DER_UTC_TIME, "700101000000Z" },
                 { 1767225600, BAS_DER_UTC_TIME, "260101000000Z" },
                 { 2524607999, BAS_DER_UTC_TIME, "491231235959Z" },
                 { 2524608000, BAS_DER_GENERALIZED_TIME, "20500101000000Z" } };
    uint8_t memory[40];
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bas_buf out = begin(memory, sizeof(memory));
        bas_der_time(&out, rows[i].seconds);
        assert_int_equal(out.data[0], rows[i].tag);
        assert_int_equal(out.data[1], strlen(rows[i].text));
        assert_int_equal(out.len, 2 + strlen(rows[i].text));
        assert_memory_equal(out.data + 2, rows[i].text, strlen(rows[i].text));
    }
}

static void what_does_not_fit_is_not_written_behind_the_end(void **state)
{
    (void)state;
    for (size_t cap = 1; cap < 12; cap++) {
        uint8_t memory[16];
        memset(memory, 0xEE, sizeof(memory));
        struct bas_buf out = begin(memory, cap);
        bas_der_unsigned(&out, 0x1234);
        bas_der_add(&out, BAS_DER_OID, test_hex("551d14"));
        bas_der_close(&out, BAS_DER_SEQUENCE, 0);
        assert_int_equal(out.full, cap < 11);
        assert_int_equal(memory[cap], 0xEE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_positive_and_shortest),
        cmocka_unit_test(lengths_take_as_many_octets_as_they_need),
        cmocka_unit_test(times_change_their_shape_in_2050),
        cmocka_unit_test(what_does_not_fit_is_not_written_behind_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
