/* Tests of setting.c, setting_write.c and nearest.c. */
#include "rt/setting.h"

#include "test_env.h"

#include <string.h>

struct target {
    uint8_t u8;
    uint64_t u64;
    uint32_t ms;
};

#define TARGET(member) offsetof(struct target, member), sizeof(((struct target *)0)->member)

static void a_number_fills_its_member_and_touches_no_other(void **state)
{
    (void)state;
    static const struct bas_setting row = {
        0, "a", BAS_SETTING_UNSIGNED, TARGET(u8), 0, 200, NULL, NULL, "help", false, NULL
    };
    struct bas_setting_reader reader = { NULL, NULL, false };
    struct target target = { 1, 2, 3 };
    char why[BAS_SETTING_WHY];
    assert_int_equal(bas_setting_read(&row, &reader, "200", &target, why), BAS_OK);
    assert_int_equal(target.u8, 200);
    assert_int_equal(target.u64, 2);
    assert_int_equal(bas_setting_read(&row, &reader, "201", &target, why), BAS_ERR_CONFIG);
    assert_string_equal(why, "\"201\" is out of range; a whole number from 0 to 200");
    assert_int_equal(target.u8, 200);
}

static void seconds_keep_their_milliseconds_both_ways(void **state)
{
    (void)state;
    static const struct bas_setting row = {
        0, "a", BAS_SETTING_DURATION, TARGET(ms), 0, 100000, NULL, "s", "help", false, NULL
    };
    static const struct {
        const char *in;
        uint32_t ms;
        const char *out;
    } rows[] = { { "0", 0, "0" },          { "10", 10000, "10" },    { "0.5", 500, "0.5" },
                 { "1.25", 1250, "1.25" }, { "0.001", 1, "0.001" },  { "0.0019", 1, "0.001" },
                 { "3.", 3000, "3" },      { "1.050", 1050, "1.05" } };
    struct bas_setting_reader reader = { NULL, NULL, false };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct target target = { 0 };
        char why[BAS_SETTING_WHY];
        char text[32];
        struct bas_buf out;
        assert_int_equal(bas_setting_read(&row, &reader, rows[i].in, &target, why), BAS_OK);
        assert_int_equal(target.ms, rows[i].ms);
        bas_buf_init(&out, text, sizeof(text));
        bas_setting_write(&row, &target, &out);
        assert_string_equal(bas_buf_text(&out), rows[i].out);
    }
}

static void what_a_person_typed_is_cut_between_characters(void **state)
{
    (void)state;
    char text[128];
    struct bas_buf out;
    bas_buf_init(&out, text, sizeof(text));
    /* 39 letters, then a character of two octets across the limit of 40 */
    bas_setting_quote(&out, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xa4\x62");
    assert_string_equal(bas_buf_text(&out), "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\"");
    bas_buf_init(&out, text, sizeof(text));
    bas_setting_quote(&out, "a\nb\x7f");
    assert_string_equal(bas_buf_text(&out), "\"a?b?\"");
}

static void the_nearest_name_is_at_most_two_errors_away(void **state)
{
    (void)state;
    static const char *const names[] = { "decode", "device", "hub", "read", "readm", NULL };
    static const struct {
        const char *typed;
        const char *meant;
    } rows[] = { { "decod", "decode" }, { "dedoce", "decode" }, { "devcie", "device" },
                 { "hbu", NULL },       { "hup", "hub" },       { "reed", "read" },
                 { "readn", "read" },   { "serve", NULL },      { "", NULL },
                 { "d", NULL },         { "reader", "read" } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        const char *found =
            bas_nearest(rows[i].typed, names, BAS_ARRAY_LEN(names), sizeof(names[0]), 0);
        if (rows[i].meant == NULL) {
            assert_null(found);
        } else {
            assert_non_null(found);
            assert_string_equal(found, rows[i].meant);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_fills_its_member_and_touches_no_other),
        cmocka_unit_test(seconds_keep_their_milliseconds_both_ways),
        cmocka_unit_test(what_a_person_typed_is_cut_between_characters),
        cmocka_unit_test(the_nearest_name_is_at_most_two_errors_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
