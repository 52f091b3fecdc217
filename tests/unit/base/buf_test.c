#include "test_env.h"

#include <string.h>

static void what_does_not_fit_sets_full_and_writes_nothing_more(void **state)
{
    (void)state;
    uint8_t memory[4] = { 9, 9, 9, 9 };
    struct bas_buf buf;
    bas_buf_init(&buf, memory, 3);
    bas_buf_add(&buf, "ab", 2);
    bas_buf_add(&buf, "cd", 2);
    bas_buf_add(&buf, "e", 1);
    assert_true(buf.full);
    assert_int_equal(buf.len, 2);
    assert_memory_equal(memory, "ab\x09\x09", 4);
}

static void a_formatted_text_needs_room_for_its_end(void **state)
{
    (void)state;
    char memory[4];
    struct bas_buf buf;
    bas_buf_init(&buf, memory, sizeof(memory));
    bas_buf_format(&buf, "%d", 123);
    assert_false(buf.full);
    assert_string_equal(bas_buf_text(&buf), "123");
    bas_buf_format(&buf, "%d", 4);
    assert_true(buf.full);
}

static void a_full_text_is_cut_by_its_end(void **state)
{
    (void)state;
    char memory[3];
    struct bas_buf buf;
    bas_buf_init(&buf, memory, sizeof(memory));
    bas_buf_add_text(&buf, "abc");
    assert_string_equal(bas_buf_text(&buf), "ab");
}

static void hex_is_written_in_lower_case(void **state)
{
    (void)state;
    char memory[16];
    struct bas_buf buf;
    bas_buf_init(&buf, memory, sizeof(memory));
    bas_buf_add_hex(&buf, test_hex("00A5ff"));
    assert_string_equal(bas_buf_text(&buf), "00a5ff");
}

static void secrets_are_compared_whole_and_wiped_whole(void **state)
{
    (void)state;
    char a[8] = "secret1";
    char b[8] = "secret1";
    assert_true(bas_equal_secret(a, b, sizeof(a)));
    for (size_t i = 0; i < sizeof(a); i++) {
        b[i] = (char)(b[i] ^ 1);
        assert_false(bas_equal_secret(a, b, sizeof(a)));
        b[i] = (char)(b[i] ^ 1);
    }
    bas_wipe(a, sizeof(a));
    assert_memory_equal(a, "\0\0\0\0\0\0\0\0", sizeof(a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_fit_sets_full_and_writes_nothing_more),
        cmocka_unit_test(a_formatted_text_needs_room_for_its_end),
        cmocka_unit_test(a_full_text_is_cut_by_its_end),
        cmocka_unit_test(hex_is_written_in_lower_case),
        cmocka_unit_test(secrets_are_compared_whole_and_wiped_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
