#include "test_env.h"

#include "json/json.h"

#include <string.h>

static struct bas_slice text_of(const char *text)
{
    return (struct bas_slice){ (const uint8_t *)text, strlen(text) };
}

static const struct jv_limits limits = { .octets = 200, .depth = 4 };

static struct jv *read_good(const char *text)
{
    struct jv *document = NULL;
    struct bas_fault fault = { 0 };
    assert_int_equal(jv_read(text_of(text), &limits, &document, &fault), BAS_OK);
    assert_non_null(document);
    return document;
}

static void every_kind_reads_as_itself(void **state)
{
    (void)state;
    struct jv *document =
        read_good("[null, true, false, -7, 72.5, 1e2, \"gr\\u00fcn\", [1], {\"a\": 2}]");
    static const enum jv_kind kinds[] = { JV_NULL, JV_BOOLEAN, JV_BOOLEAN, JV_INTEGER, JV_REAL,
                                          JV_REAL, JV_TEXT,    JV_ARRAY,   JV_OBJECT };
    assert_int_equal(jv_count(document), BAS_ARRAY_LEN(kinds));
    for (size_t i = 0; i < BAS_ARRAY_LEN(kinds); i++) {
        assert_int_equal(jv_kind(jv_element(document, i)), kinds[i]);
    }
    assert_true(jv_boolean(jv_element(document, 1)));
    assert_false(jv_boolean(jv_element(document, 2)));
    assert_int_equal(jv_integer(jv_element(document, 3)), -7);
    assert_int_equal((int)(2 * jv_real(jv_element(document, 4))), 145);
    assert_string_equal((const char *)jv_text(jv_element(document, 6)).data, "gr\xC3\xBCn");
    assert_int_equal(jv_text(jv_element(document, 6)).len, 5);
    assert_null(jv_element(document, 9));
    jv_free(document);
}

static void members_are_found_and_walked(void **state)
{
    (void)state;
    struct jv *document = read_good("{\"b\": 1, \"a\": \"x\\u0000y\"}");
    assert_int_equal(jv_integer(jv_member(document, "b")), 1);
    assert_int_equal(jv_text(jv_member(document, "a")).len, 3);
    assert_null(jv_member(document, "c"));
    const char *name = jv_next(document, NULL);
    assert_string_equal(name, "b");
    name = jv_next(document, name);
    assert_string_equal(name, "a");
    assert_null(jv_next(document, name));
    jv_free(document);
    document = read_good("{}");
    assert_null(jv_next(document, NULL));
    jv_free(document);
}

struct bad {
    const char *text;
    bas_err err;
    const char *fault;
};
static const struct bad bads[] = {
    { "", BAS_ERR_MALFORMED, "line 1 column 0: " },
    { "{\"a\": 1,\n \"a\": 2}", BAS_ERR_MALFORMED, "line 2 column 4: duplicate object key" },
    { "[1,\n  2,,]", BAS_ERR_MALFORMED, "line 2 column 5: " },
    { "[1] 2", BAS_ERR_MALFORMED, "line 1 column 5: " },
    { "{'a': 1}", BAS_ERR_MALFORMED, "line 1 column 2: " },
    { "01", BAS_ERR_MALFORMED, "line 1 column " },
    { "NaN", BAS_ERR_MALFORMED, "line 1 column " },
    { "9223372036854775808", BAS_ERR_MALFORMED, "line 1 column 19: too big integer" },
    { "1e999", BAS_ERR_MALFORMED, "line 1 column 5: real number overflow" },
    { "\"\xC3\"", BAS_ERR_MALFORMED, "line 1 column " },
    { "[[[[[1]]]]]", BAS_ERR_TOO_LONG, "arrays and objects more than 4 deep" },
    { "{\"[[[\":[[[{}]]]}", BAS_ERR_TOO_LONG, "arrays and objects more than 4 deep" },
};

static void what_is_no_json_names_its_line_and_column(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(bads); i++) {
        struct jv *document = NULL;
        struct bas_fault fault = { 0 };
        assert_int_equal(jv_read(text_of(bads[i].text), &limits, &document, &fault), bads[i].err);
        assert_null(document);
        if (strncmp(fault.text, bads[i].fault, strlen(bads[i].fault)) != 0) {
            fail_msg("%s: %s", bads[i].text, fault.text);
        }
    }
}

static void a_long_text_is_refused_unread(void **state)
{
    (void)state;
    char text[202];
    memset(text, ' ', sizeof(text));
    text[0] = '1';
    struct jv *document = NULL;
    struct bas_fault fault = { 0 };
    assert_int_equal(
        jv_read((struct bas_slice){ (const uint8_t *)text, 200 }, &limits, &document, &fault),
        BAS_OK);
    jv_free(document);
    assert_int_equal(
        jv_read((struct bas_slice){ (const uint8_t *)text, 201 }, &limits, &document, &fault),
        BAS_ERR_TOO_LONG);
    assert_string_equal(fault.text, "JSON of more than 200 octets");
}

static void brackets_in_strings_are_no_depth(void **state)
{
    (void)state;
    struct jv *document = read_good("[\"[[[[[[\", \"\\\"[[[[[\", [[[\"]\"]]]]");
    assert_int_equal(jv_count(document), 3);
    jv_free(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_reads_as_itself),
        cmocka_unit_test(members_are_found_and_walked),
        cmocka_unit_test(what_is_no_json_names_its_line_and_column),
        cmocka_unit_test(a_long_text_is_refused_unread),
        cmocka_unit_test(brackets_in_strings_are_no_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
