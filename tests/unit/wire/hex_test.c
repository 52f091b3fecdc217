#include "test_env.h"
#include "wire/rd.h"
#include "wire/wr.h"

static void hex_may_have_separators_between_octets_but_not_within(void **state)
{
    (void)state;
    uint8_t out[4];
    size_t len = sizeof(out);
    assert_int_equal(bas_hex_decode(" 0A:1b ff\n", out, &len), BAS_OK);
    assert_int_equal(len, 3);
    assert_memory_equal(out, "\x0a\x1b\xff", 3);
    static const char *const bad[] = { "0", "0 1", "0g", "zz", "00 0" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad); i++) {
        len = sizeof(out);
        assert_int_equal(bas_hex_decode(bad[i], out, &len), BAS_ERR_MALFORMED);
    }
    len = 1;
    assert_int_equal(bas_hex_decode("0001", out, &len), BAS_ERR_TOO_LONG);
}

static void the_first_error_of_a_reader_sticks_and_later_reads_give_zero(void **state)
{
    (void)state;
    struct rd r = rd_init(test_hex("0102030405"));
    assert_int_equal(rd_u16(&r), 0x0102);
    assert_int_equal(rd_u32(&r), 0);
    assert_int_equal(r.err, BAS_ERR_TRUNCATED);
    assert_int_equal(rd_u8(&r), 0);
    assert_int_equal(rd_take(&r, 0).len, 0);
    assert_int_equal(rd_left(&r), 0);
    assert_int_equal(rd_peek(&r), -1);
}

static void an_empty_slice_is_read_without_touching_memory(void **state)
{
    (void)state;
    struct rd r = rd_init((struct bas_slice){ NULL, 0 });
    assert_int_equal(rd_rest(&r).len, 0);
    assert_int_equal(r.err, BAS_OK);
    uint8_t out[2] = { 7, 7 };
    rd_copy(&r, out, 2);
    assert_memory_equal(out, "\0\0", 2);
    assert_int_equal(r.err, BAS_ERR_TRUNCATED);
}

static void what_the_writer_writes_the_reader_reads(void **state)
{
    (void)state;
    uint8_t memory[15];
    struct bas_buf buf;
    bas_buf_init(&buf, memory, sizeof(memory));
    wr_u8(&buf, 0xFE);
    wr_u16(&buf, 0xABCD);
    wr_u32(&buf, 0x01020304);
    wr_uint(&buf, UINT64_C(0x1122334455667788), 8);
    assert_false(buf.full);
    assert_memory_equal(memory, test_hex("feabcd010203041122334455667788").data, 15);
    struct rd r = rd_init((struct bas_slice){ memory, buf.len });
    assert_int_equal(rd_u8(&r), 0xFE);
    assert_int_equal(rd_u16(&r), 0xABCD);
    assert_int_equal(rd_u32(&r), 0x01020304);
    assert_true(rd_uint(&r, 8) == UINT64_C(0x1122334455667788));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_may_have_separators_between_octets_but_not_within),
        cmocka_unit_test(the_first_error_of_a_reader_sticks_and_later_reads_give_zero),
        cmocka_unit_test(an_empty_slice_is_read_without_touching_memory),
        cmocka_unit_test(what_the_writer_writes_the_reader_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
