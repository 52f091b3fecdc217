#include "test_env.h"

#include "basalt/sc.h"

#include <string.h>

/* bsc 1.3-02 */
static void the_iterator_gives_each_option_with_its_marker_and_data(void **state)
{
    (void)state;
    struct bas_slice list = test_hex("C1 A6 0000 FF 0003 01040A 3F 0005 010407AABB");
    struct bsc_option option;
    assert_true(bsc_option_next(&list, &option));
    assert_int_equal(option.marker, 0xC1);
    assert_int_equal(option.type, BSC_OPTION_SECURE_PATH);
    assert_int_equal(option.data.len, 0);
    assert_true(bsc_option_next(&list, &option));
    assert_int_equal(option.type, 6);
    assert_int_equal(option.data.len, 0);
    assert_true(bsc_option_next(&list, &option));
    assert_int_equal(option.marker, 0xFF);
    assert_int_equal(option.data.len, 3);
    assert_memory_equal(option.data.data, test_hex("01040A").data, 3);
    assert_true(bsc_option_next(&list, &option));
    assert_int_equal(option.type, BSC_OPTION_PROPRIETARY);
    assert_int_equal(option.data.len, 5);
    assert_false(bsc_option_next(&list, &option));
    assert_int_equal(list.len, 0);
}

/* bsc 1.3-01 */
static void the_iterator_ends_at_the_first_option_without_more(void **state)
{
    (void)state;
    struct bas_slice list = test_hex("41 41 41");
    struct bsc_option option;
    assert_true(bsc_option_next(&list, &option));
    assert_false(bsc_option_next(&list, &option));
}

static void the_iterator_refuses_what_is_cut_off_and_keeps_the_option(void **state)
{
    (void)state;
    const char *const texts[] = { "", "3F", "3F00", "3F0001", "3F0003AABB", "FFFFFF" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        struct bas_slice list = test_hex(texts[i]);
        struct bsc_option option = { .marker = 0x77 };
        assert_false(bsc_option_next(&list, &option));
        assert_int_equal(option.marker, 0x77);
    }
}

/* Section 11 rows 6, 19 and 37. bsc 2.2-02 11-37 */
static void a_list_is_cut_off_wherever_an_announced_octet_is_missing(void **state)
{
    (void)state;
    const char *const texts[] = {
        "01020001",                    /* announced, and nothing there */
        "01010001",                    /* the same for data options */
        "01030001 41",                 /* the second list is missing */
        "01020001 C1",                 /* more to follow, and nothing does */
        "01010001 3F",                 /* no length */
        "01010001 3F 00",              /* half a length */
        "01010001 3F 0007 010407",     /* half the data */
        "01020001 A6 0000 A6 0001 55", /* more to follow after an option with data */
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        struct bsc_message m;
        struct bas_fault fault = { 0 };
        assert_int_equal(bsc_decode(test_hex(texts[i]), &m, &fault), BAS_ERR_TRUNCATED);
        assert_int_equal(fault.error_class, 7);
        assert_int_equal(fault.error_code, 147);
        assert_int_equal(fault.marker, 0);
    }
}

/* Section 11 rows 19 and 31. bsc 2.2-07 11-19 11-31 */
static void type_0_is_no_option(void **state)
{
    (void)state;
    const struct {
        const char *hex;
        uint8_t marker; /* the whole octet of a destination option, 0 for a data option */
    } rows[] = {
        { "01020001 40 00", 0x40 },
        { "01020001 00 00", 0x00 },
        { "01020001 C1 60 0001 55 00", 0x60 },
        { "01020001 80 41 00", 0x80 },
        { "01010001 40 00", 0x00 },
        { "01010001 C1 E0 0000 41 00", 0x00 },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bsc_message m;
        struct bas_fault fault = { 0 };
        assert_int_equal(bsc_decode(test_hex(rows[i].hex), &m, &fault), BAS_ERR_MALFORMED);
        assert_int_equal(fault.error_class, 7);
        assert_int_equal(fault.error_code, 145);
        assert_int_equal(fault.marker, rows[i].marker);
    }
}

/* Section 11 row 6. bsc 1.3-04 11-06 */
static void every_type_from_1_to_31_is_skipped_by_its_length(void **state)
{
    (void)state;
    for (unsigned type = 1; type < 32; type++) {
        const uint8_t both[] = { 1, 3, 0, 1, (uint8_t)type, 0x61, 0, 1, 9, 0x55 };
        struct bsc_message m;
        assert_int_equal(bsc_decode((struct bas_slice){ both, sizeof(both) }, &m, NULL), BAS_OK);
        assert_int_equal(m.dest_options.len, 1);
        assert_int_equal(m.data_options.len, 4);
        assert_int_equal(m.payload.len, 1);
        const uint8_t with_data[] = { 1, 2, 0, 1, (uint8_t)(0x20 | type), 0, 2, 7, 8, 0x55 };
        assert_int_equal(bsc_decode((struct bas_slice){ with_data, sizeof(with_data) }, &m, NULL),
                         BAS_OK);
        assert_int_equal(m.dest_options.len, 5);
        assert_int_equal(m.payload.len, 1);
    }
}

/* Section 11 row 8: thousands in one message; AB.5.1: 4192 octets and more. bsc 1.3-05 11-08 */
static void the_number_of_options_has_no_limit_but_the_message(void **state)
{
    (void)state;
    static uint8_t octets[BSC_MAX_BVLC];
    memset(octets, 0x86, sizeof(octets));
    memcpy(octets, test_hex("01020001").data, 4);
    octets[sizeof(octets) - 2] = 0x06;
    struct bsc_message m;
    assert_int_equal(bsc_decode((struct bas_slice){ octets, sizeof(octets) }, &m, NULL), BAS_OK);
    assert_int_equal(m.dest_options.len, sizeof(octets) - 5);
    assert_int_equal(m.payload.len, 1);
    struct bsc_option option;
    size_t n = 0;
    while (bsc_option_next(&m.dest_options, &option)) {
        n++;
    }
    assert_int_equal(n, sizeof(octets) - 5);
}

/* Section 11 rows 2, 19 and 35: the same octets again, also where two encodings mean the same.
 * bsc 1.3-02 11-19 11-35 */
static void option_lists_are_kept_octet_for_octet(void **state)
{
    (void)state;
    const char *const texts[] = {
        "01010001 26 0000 0100", /* flag set, no octets */
        "01010001 06 0100",      /* flag clear */
        "01010001 01 0100",      /* row 56: Secure Path without bit 6 */
        "01030001 FF 0003 01040A 3F 0003 010407 E6 0000 C1 41 0100",
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        struct bas_slice octets = test_hex(texts[i]);
        struct bsc_message m;
        assert_int_equal(bsc_decode(octets, &m, NULL), BAS_OK);
        uint8_t memory[64];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        bsc_encode(&m, &out);
        assert_int_equal(out.len, octets.len);
        assert_memory_equal(out.data, octets.data, octets.len);
    }
}

/* Lists of our own (spec 1.3). */

static void find_gives_the_first_of_a_type_and_leaves_the_rest(void **state)
{
    (void)state;
    struct bas_slice list = test_hex("C1 BF 0003 010407 3F 0004 010408AA");
    struct bsc_option option = { .marker = 0x77 };
    assert_false(bsc_option_find(list, BSC_OPTION_HELLO, &option));
    assert_int_equal(option.marker, 0x77);
    assert_true(bsc_option_find(list, BSC_OPTION_PROPRIETARY, &option));
    assert_int_equal(option.marker, 0xBF);
    assert_int_equal(option.data.len, 3);
    assert_true(bsc_option_find(list, BSC_OPTION_SECURE_PATH, &option));
    assert_int_equal(option.marker, 0xC1);
    assert_false(bsc_option_find((struct bas_slice){ NULL, 0 }, 1, &option));
}

static void buf_holds(const struct bas_buf *buf, const char *hex)
{
    struct bas_slice want = test_hex(hex);
    assert_int_equal(buf->len, want.len);
    assert_memory_equal(buf->data, want.data, want.len);
}

static void an_appended_option_sets_the_more_bit_of_the_one_before(void **state)
{
    (void)state;
    uint8_t memory[64];
    struct bas_buf list;
    const struct bsc_proprietary_option mine = { 0x0104, 7, false, test_hex("DEADBEEF") };
    const struct bsc_proprietary_option must = { 0x0104, 8, true, { NULL, 0 } };
    bas_buf_init(&list, memory, sizeof(memory));
    assert_int_equal(bsc_option_append_secure_path(&list), BAS_OK);
    buf_holds(&list, "41");
    assert_int_equal(bsc_option_append_proprietary(&list, &mine), BAS_OK);
    buf_holds(&list, "C1 3F 0007 010407DEADBEEF");
    assert_int_equal(bsc_option_append_proprietary(&list, &must), BAS_OK);
    buf_holds(&list, "C1 BF 0007 010407DEADBEEF 7F 0003 010408");
    assert_false(list.full);
}

static void an_option_comes_back_as_it_was_appended(void **state)
{
    (void)state;
    const struct bsc_option rows[] = {
        { .marker = 0xFF, .type = 9, .data = test_hex("0102") }, /* only bit 6 of it counts */
        { .marker = BSC_OPTION_HAS_DATA, .type = 6 },            /* length 0, told */
        { .type = 31, .data = test_hex("010407") },
        { .type = 1 },
    };
    const uint8_t markers[] = { 0xE9, 0xA6, 0xBF, 0x01 };
    uint8_t memory[64];
    struct bas_buf list;
    bas_buf_init(&list, memory, sizeof(memory));
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        assert_int_equal(bsc_option_append(&list, &rows[i]), BAS_OK);
    }
    struct bas_slice rest = { memory, list.len };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bsc_option option;
        assert_true(bsc_option_next(&rest, &option));
        assert_int_equal(option.marker, markers[i]);
        assert_int_equal(option.type, rows[i].type);
        assert_int_equal(option.data.len, rows[i].data.len);
    }
    assert_int_equal(rest.len, 0);
}

static void what_is_no_option_is_not_appended(void **state)
{
    (void)state;
    static uint8_t octets[65536];
    static uint8_t memory[65536 + 16];
    struct bas_buf list;
    const struct bsc_option none = { .type = 0 };
    const struct bsc_option large = { .type = 32 };
    const struct bsc_option longer = { .type = 9, .data = { octets, 65536 } };
    const struct bsc_proprietary_option most = { 260, 7, false, { octets, 65532 } };
    const struct bsc_proprietary_option over = { 260, 7, false, { octets, 65533 } };
    bas_buf_init(&list, memory, sizeof(memory));
    assert_int_equal(bsc_option_append(&list, &none), BAS_ERR_INVALID);
    assert_int_equal(bsc_option_append(&list, &large), BAS_ERR_INVALID);
    assert_int_equal(bsc_option_append(&list, &longer), BAS_ERR_INVALID);
    assert_int_equal(bsc_option_append_proprietary(&list, &over), BAS_ERR_INVALID);
    assert_int_equal(list.len, 0);
    assert_int_equal(bsc_option_append_proprietary(&list, &most), BAS_OK);
    assert_int_equal(list.len, 3 + 65535);
}

static void an_option_that_does_not_fit_leaves_the_list_as_it_was(void **state)
{
    (void)state;
    const struct bsc_proprietary_option mine = { 0x0104, 7, false, test_hex("AA") };
    for (size_t cap = 1; cap < 8; cap++) {
        uint8_t memory[8];
        struct bas_buf list;
        bas_buf_init(&list, memory, cap);
        assert_int_equal(bsc_option_append_secure_path(&list), BAS_OK);
        assert_int_equal(bsc_option_append_proprietary(&list, &mine), BAS_OK);
        assert_true(list.full);
        buf_holds(&list, "41"); /* no More bit */
    }
}

static void a_proprietary_option_is_taken_apart_when_it_is_one(void **state)
{
    (void)state;
    struct bas_slice list =
        test_hex("FF 0005 010407AABB BF 0003 000001 BF 0002 0104 23 0003 000001");
    struct bsc_option option;
    struct bsc_proprietary_option read;
    assert_true(bsc_option_next(&list, &option));
    assert_int_equal(bsc_option_proprietary(&option, &read), BAS_OK);
    assert_int_equal(read.vendor, 260);
    assert_int_equal(read.type, 7);
    assert_true(read.must_understand);
    assert_int_equal(read.data.len, 2);
    assert_true(bsc_option_next(&list, &option));
    assert_int_equal(bsc_option_proprietary(&option, &read), BAS_OK);
    assert_false(read.must_understand);
    assert_int_equal(read.data.len, 0);
    for (int i = 0; i < 2; i++) { /* too short; another type */
        assert_true(bsc_option_next(&list, &option));
        assert_int_equal(bsc_option_proprietary(&option, &read), BAS_ERR_MALFORMED);
        assert_int_equal(read.vendor, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_iterator_gives_each_option_with_its_marker_and_data),
        cmocka_unit_test(the_iterator_ends_at_the_first_option_without_more),
        cmocka_unit_test(the_iterator_refuses_what_is_cut_off_and_keeps_the_option),
        cmocka_unit_test(a_list_is_cut_off_wherever_an_announced_octet_is_missing),
        cmocka_unit_test(type_0_is_no_option),
        cmocka_unit_test(every_type_from_1_to_31_is_skipped_by_its_length),
        cmocka_unit_test(the_number_of_options_has_no_limit_but_the_message),
        cmocka_unit_test(option_lists_are_kept_octet_for_octet),
        cmocka_unit_test(find_gives_the_first_of_a_type_and_leaves_the_rest),
        cmocka_unit_test(an_appended_option_sets_the_more_bit_of_the_one_before),
        cmocka_unit_test(an_option_comes_back_as_it_was_appended),
        cmocka_unit_test(what_is_no_option_is_not_appended),
        cmocka_unit_test(an_option_that_does_not_fit_leaves_the_list_as_it_was),
        cmocka_unit_test(a_proprietary_option_is_taken_apart_when_it_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
