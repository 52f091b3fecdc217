/* The rows of revocation lists, from octets. */
#include "tls/crl.h"

#include "test_env.h"

#include <stdlib.h>
#include <string.h>

/* A list around these rows: what stands behind them is not looked at. */
static struct bas_slice list_of(const char *rows_hex)
{
    static uint8_t memory[4096];
    static uint8_t inner[4096];
    struct bas_slice rows = test_hex(rows_hex);
    struct bas_slice head = test_hex("020101300a06082a8648ce3d0403023000"
                                     "170d3235313230313030303030305a"
                                     "170d3236303130313030303030305a");
    struct bas_buf body;
    struct bas_buf whole;
    bas_buf_init(&body, inner, sizeof(inner));
    bas_buf_init(&whole, memory, sizeof(memory));
    bas_buf_add(&body, head.data, head.len);
    uint8_t rows_head[4] = { 0x30, 0x82, (uint8_t)(rows.len >> 8), (uint8_t)rows.len };
    bas_buf_add(&body, rows_head, 4);
    bas_buf_add(&body, rows.data, rows.len);
    uint8_t body_head[4] = { 0x30, 0x82, (uint8_t)(body.len >> 8), (uint8_t)body.len };
    size_t all = body.len + 4 + 2;
    uint8_t whole_head[4] = { 0x30, 0x82, (uint8_t)(all >> 8), (uint8_t)all };
    bas_buf_add(&whole, whole_head, 4);
    bas_buf_add(&whole, body_head, 4);
    bas_buf_add(&whole, body.data, body.len);
    bas_buf_add(&whole, "\x30\x00", 2);
    return (struct bas_slice){ memory, whole.len };
}

#define PLAIN    "30140203112233170d3235313230313030303030305a"
#define REASONED "30220203112234170d3235313230313030303030305a300c300a0603551d1504030a0101"

static void rows_are_read_with_serial_date_and_reason(void **state)
{
    (void)state;
    struct bas_tls_crl crl;
    struct bas_tls_crl_row row;
    assert_int_equal(bas_tls_crl_open(&crl, list_of(PLAIN REASONED)), BAS_OK);
    assert_int_equal(bas_tls_crl_next(&crl, &row), BAS_OK);
    assert_int_equal(row.serial_len, 3);
    assert_memory_equal(row.serial, "\x11\x22\x33", 3);
    assert_int_equal(row.at, 1764547200); /* 2025-12-01 */
    assert_string_equal(bas_tls_crl_reason(row.reason), "no reason given");
    assert_int_equal(bas_tls_crl_next(&crl, &row), BAS_OK);
    assert_memory_equal(row.serial, "\x11\x22\x34", 3);
    assert_string_equal(bas_tls_crl_reason(row.reason), "keyCompromise");
    assert_int_equal(bas_tls_crl_next(&crl, &row), BAS_ERR_NOT_FOUND);
    assert_int_equal(bas_tls_crl_next(&crl, &row), BAS_ERR_NOT_FOUND);
}

static void a_list_without_rows_has_none(void **state)
{
    (void)state;
    struct bas_tls_crl crl;
    struct bas_tls_crl_row row;
    /* no member for rows at all, neither version nor next date: a list of version 1 */
    assert_int_equal(bas_tls_crl_open(&crl, test_hex("3021301d300a06082a8648ce3d0403023000170d32"
                                                     "35313230313030303030305a3000")),
                     BAS_OK);
    assert_int_equal(bas_tls_crl_next(&crl, &row), BAS_ERR_NOT_FOUND);
    assert_int_equal(bas_tls_crl_open(&crl, list_of("")), BAS_OK);
    assert_int_equal(bas_tls_crl_next(&crl, &row), BAS_ERR_NOT_FOUND);
}

static void a_date_beyond_2049_has_four_digits_of_year(void **state)
{
    (void)state;
    struct bas_tls_crl crl;
    struct bas_tls_crl_row row;
    assert_int_equal(bas_tls_crl_open(&crl, list_of("30140201"
                                                    "05180f32303530303130313030303030305a")),
                     BAS_OK);
    assert_int_equal(bas_tls_crl_next(&crl, &row), BAS_OK);
    assert_int_equal(row.at, INT64_C(2524608000)); /* 2050-01-01 */
}

static void other_extensions_of_a_row_are_passed_over(void **state)
{
    (void)state;
    struct bas_tls_crl crl;
    struct bas_tls_crl_row row;
    /* invalidityDate (critical, for once), then the reason */
    assert_int_equal(bas_tls_crl_open(&crl, list_of("303d0203112234170d3235313230313030303030305a"
                                                    "3027"
                                                    "30190603551d180101ff040f180d"
                                                    "32303235313230313030303030"
                                                    "300a0603551d1504030a0104")),
                     BAS_OK);
    assert_int_equal(bas_tls_crl_next(&crl, &row), BAS_OK);
    assert_string_equal(bas_tls_crl_reason(row.reason), "superseded");
}

static void a_serial_number_is_compared_without_leading_zeros(void **state)
{
    (void)state;
    uint8_t serial[BAS_TLS_SERIAL_MAX];
    uint8_t len = 0;
    assert_true(bas_tls_serial_copy(test_hex("0000ab01"), serial, &len));
    assert_int_equal(len, 2);
    assert_memory_equal(serial, "\xab\x01", 2);
    assert_true(bas_tls_serial_copy(test_hex("00"), serial, &len));
    assert_int_equal(len, 0);
    char digits[2 * BAS_TLS_SERIAL_MAX + 3];
    memset(digits, 'a', sizeof(digits));
    digits[sizeof(digits) - 1] = 0;
    assert_false(bas_tls_serial_copy(test_hex(digits), serial, &len));
    digits[2 * BAS_TLS_SERIAL_MAX] = 0;
    assert_true(bas_tls_serial_copy(test_hex(digits), serial, &len));
}

static void rows_that_break_the_rules_are_malformed(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "30140303112233170d3235313230313030303030305a",     /* no INTEGER */
        "30140203112233170e3235313230313030303030305a",     /* a date beyond the row */
        "30140203112233170d32353132303130303030303030",     /* no Z */
        "30140203112233170d32353132303a313030303030305a",   /* no digit */
        "30130203112233170c32353132303130303030305a",       /* a digit too few */
        "31140203112233170d3235313230313030303030305a",     /* no SEQUENCE */
        "30800203112233170d3235313230313030303030305a0000", /* of no definite length */
        "30220203112234170d3235313230313030303030305a300c300a0603551d150403020101",
        "30220203112234170d3235313230313030303030305a300c300a0603551d1504040a0101",
        "30220203112234170d3235313230313030303030305a310c300a0603551d1504030a0101",
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bas_tls_crl crl;
        struct bas_tls_crl_row row;
        assert_int_equal(bas_tls_crl_open(&crl, list_of(rows[i])), BAS_OK);
        if (bas_tls_crl_next(&crl, &row) != BAS_ERR_MALFORMED) {
            fail_msg("row %zu was taken", i);
        }
    }
}

static void every_truncation_is_malformed(void **state)
{
    (void)state;
    struct bas_slice whole = list_of(PLAIN REASONED);
    for (size_t len = 0; len < whole.len; len++) {
        struct bas_tls_crl crl;
        uint8_t *part = malloc(len + 1);
        assert_non_null(part);
        memcpy(part, whole.data, len);
        assert_int_equal(bas_tls_crl_open(&crl, (struct bas_slice){ part, len }),
                         BAS_ERR_MALFORMED);
        free(part);
    }
}

static void no_octets_make_it_read_beyond_or_turn_in_circles(void **state)
{
    (void)state;
    struct bas_slice whole = list_of(PLAIN REASONED PLAIN);
    uint32_t seed = 1;
    for (unsigned round = 0; round < 20000; round++) {
        uint8_t *copy = malloc(whole.len);
        assert_non_null(copy);
        memcpy(copy, whole.data, whole.len);
        for (unsigned i = 0; i < 1 + round % 4; i++) {
            seed = seed * 1664525 + 1013904223;
            copy[(seed >> 8) % whole.len] = (uint8_t)(seed >> 24);
        }
        struct bas_tls_crl crl;
        struct bas_tls_crl_row row;
        bas_err err = bas_tls_crl_open(&crl, (struct bas_slice){ copy, whole.len });
        unsigned rows = 0;
        while (err == BAS_OK && rows < 100) {
            err = bas_tls_crl_next(&crl, &row);
            assert_true(row.serial_len <= BAS_TLS_SERIAL_MAX);
            assert_non_null(bas_tls_crl_reason(row.reason));
            rows++;
        }
        assert_true(rows < 100);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_read_with_serial_date_and_reason),
        cmocka_unit_test(a_list_without_rows_has_none),
        cmocka_unit_test(a_date_beyond_2049_has_four_digits_of_year),
        cmocka_unit_test(other_extensions_of_a_row_are_passed_over),
        cmocka_unit_test(a_serial_number_is_compared_without_leading_zeros),
        cmocka_unit_test(rows_that_break_the_rules_are_malformed),
        cmocka_unit_test(every_truncation_is_malformed),
        cmocka_unit_test(no_octets_make_it_read_beyond_or_turn_in_circles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
