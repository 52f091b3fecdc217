
#include "test_env.h"

#include <string.h>

static void control_characters_do_not_reach_a_log(void **state)
{
    (void)state;
    char out[16];
    bas_text_copy(out, sizeof(out),
                  (struct bas_slice){ (const uint8_t *)"a\nb\x1B\x7F"
                                                       "c",
                                      6 });
    assert_string_equal(out, "a?b??c");
}

static void a_cut_does_not_split_a_character(void **state)
{
    (void)state;
    static const char text[] = "ab\xC3\xA4\xE2\x82\xAC"
                               "c"; /* ab, a with dots, euro, c */
    static const size_t whole[] = { 0, 0, 1, 2, 2, 4, 4, 4, 7, 8 };
    for (size_t cap = 1; cap < BAS_ARRAY_LEN(whole); cap++) {
        char out[16];
        bas_text_copy(out, cap, (struct bas_slice){ (const uint8_t *)text, 8 });
        assert_int_equal(strlen(out), whole[cap]);
        assert_memory_equal(out, text, whole[cap]);
    }
}

static void c1_controls_do_not_reach_a_terminal(void **state)
{
    (void)state;
    char out[16];
    bas_text_copy(out, sizeof(out), test_hex("61c29b62c2a9c280c2"));
    assert_string_equal(out, "a??b\xC2\xA9??\xC2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_characters_do_not_reach_a_log),
        cmocka_unit_test(a_cut_does_not_split_a_character),
        cmocka_unit_test(c1_controls_do_not_reach_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
