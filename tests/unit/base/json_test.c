#include "test_env.h"

#include <float.h>
#include <math.h>
#include <string.h>

struct page {
    char memory[512];
    struct bas_buf buf;
    struct bas_json json;
};

static void begin(struct page *p)
{
    bas_buf_init(&p->buf, p->memory, sizeof(p->memory));
    bas_json_init(&p->json, &p->buf);
}

static void expect(struct page *p, const char *text)
{
    assert_string_equal(bas_buf_text(&p->buf), text);
}

static void commas_and_brackets_stand_where_they_must(void **state)
{
    (void)state;
    struct page p;
    begin(&p);
    bas_json_open(&p.json, NULL, '{');
    bas_json_unsigned(&p.json, "a", UINT64_MAX);
    bas_json_open(&p.json, "b", '[');
    bas_json_signed(&p.json, NULL, INT64_MIN);
    bas_json_bool(&p.json, NULL, true);
    bas_json_null(&p.json, NULL);
    bas_json_open(&p.json, NULL, '{');
    bas_json_close(&p.json, '}');
    bas_json_close(&p.json, ']');
    bas_json_hex(&p.json, "c", test_hex("00ff"));
    bas_json_close(&p.json, '}');
    expect(&p,
           "{\"a\":18446744073709551615,\"b\":[-9223372036854775808,true,null,{}],\"c\":\"00ff\"}");
}

static void control_characters_and_quotes_are_escaped(void **state)
{
    (void)state;
    struct page p;
    begin(&p);
    bas_json_text(&p.json, NULL, "a\"b\\c\n\x7f\x1b");
    expect(&p, "\"a\\\"b\\\\c\\u000a\\u007f\\u001b\"");
}

static void what_is_not_utf8_becomes_the_replacement_character(void **state)
{
    (void)state;
    /* a lone continuation, an overlong '/', a surrogate, a code beyond Unicode, a cut sequence */
    static const char *const bad[] = { "80", "c0af", "eda080", "f4908080", "e282" };
    static const char *const good[] = { "c3b6", "e29c93", "f09f8fa2" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad); i++) {
        struct page p;
        begin(&p);
        bas_json_utf8(&p.json, NULL, test_hex(bad[i]));
        assert_memory_equal(p.memory, "\"\xEF\xBF\xBD", 4);
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(good); i++) {
        struct page p;
        begin(&p);
        bas_json_utf8(&p.json, NULL, test_hex(good[i]));
        assert_int_equal(p.buf.len, strlen(good[i]) / 2 + 2);
    }
}

static void reals_are_as_short_as_they_can_be_and_read_back_equal(void **state)
{
    (void)state;
    struct page p;
    begin(&p);
    bas_json_open(&p.json, NULL, '[');
    bas_json_real(&p.json, NULL, (double)21.5F, 9);
    bas_json_real(&p.json, NULL, (double)0.1F, 9);
    bas_json_real(&p.json, NULL, 180, 9);
    bas_json_real(&p.json, NULL, (double)FLT_MAX, 9);
    bas_json_real(&p.json, NULL, 12.34567, 3);
    bas_json_real(&p.json, NULL, 0.1, 17);
    bas_json_real(&p.json, NULL, 1.0 / 3, 17);
    bas_json_real(&p.json, NULL, (double)NAN, 17);
    bas_json_real(&p.json, NULL, (double)-INFINITY, 17);
    bas_json_close(&p.json, ']');
    expect(&p, "[21.5,0.1,180,3.4028235e+38,12.3,0.1,0.3333333333333333,\"NaN\",\"-Infinity\"]");
}

static void a_full_page_stays_full_and_within_its_memory(void **state)
{
    (void)state;
    char memory[8];
    struct bas_buf buf;
    struct bas_json json;
    memset(memory, 'x', sizeof(memory));
    bas_buf_init(&buf, memory, 6);
    bas_json_init(&json, &buf);
    bas_json_text(&json, NULL, "longer than six");
    assert_true(buf.full);
    assert_true(buf.len <= 6);
    assert_memory_equal(memory + 6, "xx", 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_and_brackets_stand_where_they_must),
        cmocka_unit_test(control_characters_and_quotes_are_escaped),
        cmocka_unit_test(what_is_not_utf8_becomes_the_replacement_character),
        cmocka_unit_test(reals_are_as_short_as_they_can_be_and_read_back_equal),
        cmocka_unit_test(a_full_page_stays_full_and_within_its_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
