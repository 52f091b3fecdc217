#include "test_env.h"

#include "ws/frame.h"

#include <string.h>

static enum ws_problem read_hex(const char *hex, bool to_server, struct ws_frame *frame,
                                size_t *left)
{
    struct rd r = rd_init(test_hex(hex));
    enum ws_problem problem = bas_ws_frame_read(&r, to_server, frame);
    *left = r.err != BAS_OK ? SIZE_MAX : rd_left(&r);
    return problem;
}

static void the_frames_of_the_rfc_are_read(void **state)
{
    (void)state;
    static const struct { /* RFC 6455 section 5.7 */
        const char *hex;
        bool to_server;
        uint8_t opcode;
        bool fin;
        uint64_t len;
        size_t left;
    } rows[] = {
        { "818537fa213d7f9f4d5158", true, WS_OP_TEXT, true, 5, 5 },
        { "010348656c", false, WS_OP_TEXT, false, 3, 3 },
        { "80026c6f", false, WS_OP_CONTINUATION, true, 2, 2 },
        { "890548656c6c6f", false, WS_OP_PING, true, 5, 5 },
        { "8a8537fa213d7f9f4d5158", true, WS_OP_PONG, true, 5, 5 },
        { "827e0100", false, WS_OP_BINARY, true, 256, 0 },
        { "827f0000000000010000", false, WS_OP_BINARY, true, 65536, 0 },
        { "827f7fffffffffffffff", false, WS_OP_BINARY, true, INT64_MAX, 0 },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct ws_frame frame = { 0 };
        size_t left = 0;
        assert_int_equal(read_hex(rows[i].hex, rows[i].to_server, &frame, &left), WS_NONE);
        assert_int_equal(frame.opcode, rows[i].opcode);
        assert_int_equal(frame.fin, rows[i].fin);
        assert_int_equal(frame.len, rows[i].len);
        assert_int_equal(left, rows[i].left);
    }
}

/* bsc 7.3-06 7.6-03 */
static void each_broken_rule_has_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        bool to_server;
        enum ws_problem problem;
    } rows[] = {
        { "c200", false, WS_RESERVED_BITS },
        { "a200", false, WS_RESERVED_BITS },
        { "9200", false, WS_RESERVED_BITS },
        { "8300", false, WS_DATA_OPCODE },
        { "8700", false, WS_DATA_OPCODE },
        { "8b00", false, WS_CONTROL_OPCODE },
        { "8f00", false, WS_CONTROL_OPCODE },
        { "8200", true, WS_NOT_MASKED },
        { "8280", false, WS_MASKED },
        { "0900", false, WS_CONTROL_FRAGMENT },
        { "897e", false, WS_CONTROL_LENGTH },
        { "887f", false, WS_CONTROL_LENGTH },
        { "827e007d", false, WS_LENGTH_FORM },
        { "827f000000000000ffff", false, WS_LENGTH_FORM },
        { "827f8000000000000000", false, WS_LENGTH_SIGN },
        { "827fffffffffffffffff", false, WS_LENGTH_SIGN },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct ws_frame frame = { 0 };
        size_t left = 0;
        assert_int_equal(read_hex(rows[i].hex, rows[i].to_server, &frame, &left), rows[i].problem);
    }
}

static void every_problem_has_a_reason_that_fits_a_close_frame(void **state)
{
    (void)state;
    for (unsigned p = WS_NONE + 1; p <= WS_MEMORY; p++) {
        const struct ws_problem_row *row = bas_ws_problem((enum ws_problem)p);
        assert_in_range(strlen(row->text), 1, WS_MAX_REASON);
        assert_true(bas_ws_close_code_is_sendable(row->close_code));
        assert_int_not_equal(row->err, BAS_OK);
        assert_non_null(bac_error_code_name(row->error_code));
    }
}

static void a_cut_header_asks_for_more(void **state)
{
    (void)state;
    static const char *const headers[] = { "828037fa213d", "82fe010037fa213d",
                                           "82ff000000000001000037fa213d" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(headers); i++) {
        struct bas_slice whole = test_hex(headers[i]);
        for (size_t len = 0; len <= whole.len; len++) {
            struct ws_frame frame = { 0 };
            struct rd r = rd_init((struct bas_slice){ whole.data, len });
            assert_int_equal(bas_ws_frame_read(&r, true, &frame), WS_NONE);
            assert_int_equal(r.err, len < whole.len ? BAS_ERR_TRUNCATED : BAS_OK);
        }
    }
}

static void what_is_written_reads_back_in_its_shortest_form(void **state)
{
    (void)state;
    static const size_t lens[] = { 0, 1, 125, 126, 127, 65535, 65536, 1 << 20 };
    static const uint8_t mask[WS_MASK] = { 1, 2, 3, 4 };
    for (size_t i = 0; i < 2 * BAS_ARRAY_LEN(lens); i++) {
        bool to_server = i % 2 == 1;
        size_t len = lens[i / 2];
        uint8_t room[BAS_WS_MAX_HEADER];
        size_t header_len = ws_header_len(to_server, len);
        bas_ws_header_write(room, WS_OP_BINARY, len, to_server ? mask : NULL);
        struct ws_frame frame = { 0 };
        struct rd r = rd_init((struct bas_slice){ room, header_len });
        assert_int_equal(bas_ws_frame_read(&r, to_server, &frame), WS_NONE);
        assert_int_equal(r.err, BAS_OK);
        assert_int_equal(rd_left(&r), 0);
        assert_int_equal(frame.len, len);
        assert_true(frame.fin);
        assert_memory_equal(frame.mask, to_server ? mask : (const uint8_t[4]){ 0 }, WS_MASK);
    }
}

static void masking_in_parts_equals_masking_octet_by_octet(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    for (size_t round = 0; round < 2000; round++) {
        uint8_t random[8];
        uint8_t plain[67];
        uint8_t wanted[67];
        t.env.random(t.env.ctx, random, sizeof(random));
        t.env.random(t.env.ctx, plain, sizeof(plain));
        for (size_t i = 0; i < sizeof(plain); i++) {
            wanted[i] = plain[i] ^ random[i % 4];
        }
        size_t a = random[4] % 40;
        size_t b = random[5] % 27;
        bas_ws_mask(plain, a, random);
        bas_ws_mask(plain + a, b, random);
        bas_ws_mask(plain + a + b, sizeof(plain) - a - b, random);
        assert_memory_equal(plain, wanted, sizeof(plain));
    }
}

/* bsc 11-40 */
static void only_the_close_codes_of_the_registry_may_be_sent(void **state)
{
    (void)state;
    static const uint16_t good[] = { 1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4000, 4999 };
    static const uint16_t bad[] = { 0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535 };
    for (size_t i = 0; i < BAS_ARRAY_LEN(good); i++) {
        assert_true(bas_ws_close_code_is_sendable(good[i]));
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad); i++) {
        assert_false(bas_ws_close_code_is_sendable(bad[i]));
    }
}

static void utf8_is_told_from_what_looks_like_it(void **state)
{
    (void)state;
    static const char *const good[] = { "",       "00",       "7f",       "c280",
                                        "dfbf",   "e0a080",   "ed9fbf",   "ee8080",
                                        "efbfbf", "f0908080", "f48fbfbf", "4772c3bcc39f65" };
    static const char *const bad[] = {
        "80",       "bf",     "c0af", "c1bf",       "c2",       "c2c2",     "e08080",   "e09fbf",
        "eda080",   "edbfbf", "e0a0", "e0a0c0",     "f0808080", "f08fbfbf", "f4908080", "f5808080",
        "f8808080", "ff",     "fe",   "41f0908041", "c3bc80",   "e282",     "41e2",     "f09080",
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(good); i++) {
        assert_true(bas_ws_is_utf8(test_hex(good[i])));
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad); i++) {
        assert_false(bas_ws_is_utf8(test_hex(bad[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_frames_of_the_rfc_are_read),
        cmocka_unit_test(each_broken_rule_has_its_name),
        cmocka_unit_test(every_problem_has_a_reason_that_fits_a_close_frame),
        cmocka_unit_test(a_cut_header_asks_for_more),
        cmocka_unit_test(what_is_written_reads_back_in_its_shortest_form),
        cmocka_unit_test(masking_in_parts_equals_masking_octet_by_octet),
        cmocka_unit_test(only_the_close_codes_of_the_registry_may_be_sent),
        cmocka_unit_test(utf8_is_told_from_what_looks_like_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
