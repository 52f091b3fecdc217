#include "test_env.h"

#include "xml/xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct xml_limits limits = { 8, 16, 100 };

/* What was read, as one line of text: <name attribute="value"@line and > for a close. */
struct story {
    struct bas_buf text;
    uint8_t room[4096];
    size_t opened;
    size_t refuse_at; /* the handler of this open (1 is the first) says false */
    bool refuses_close;
};

static bool on_open(void *user, const char *name, const struct xml_attribute *attributes, size_t n,
                    uint32_t line)
{
    struct story *s = user;
    s->opened++;
    bas_buf_format(&s->text, "<%s", name);
    for (size_t i = 0; i < n; i++) {
        bas_buf_format(&s->text, " %s=\"%s\"", attributes[i].name, attributes[i].value);
    }
    bas_buf_format(&s->text, "@%u", line);
    return s->opened != s->refuse_at;
}

static bool on_close(void *user, const char *name)
{
    struct story *s = user;
    bas_buf_format(&s->text, "%s>", name);
    return !s->refuses_close;
}

/* In memory of its own length, so that a read behind the end is seen. */
static bas_err read_octets(struct story *s, const void *octets, size_t len, struct bas_fault *fault)
{
    const struct xml_handler handler = { on_open, on_close, s };
    uint8_t *exact = malloc(len == 0 ? 1 : len);
    assert_non_null(exact);
    memcpy(exact, octets, len);
    s->opened = 0;
    bas_buf_init(&s->text, s->room, sizeof(s->room));
    bas_err err = xml_read((struct bas_slice){ exact, len }, &limits, &handler, fault);
    free(exact);
    return err;
}

static bas_err read_text(struct story *s, const char *text, struct bas_fault *fault)
{
    *fault = (struct bas_fault){ 0 };
    return read_octets(s, text, strlen(text), fault);
}

static void assert_story(const char *xml, const char *wanted)
{
    struct story s = { 0 };
    struct bas_fault fault;
    assert_int_equal(read_text(&s, xml, &fault), BAS_OK);
    assert_int_equal(fault.err, BAS_OK);
    assert_string_equal(bas_buf_text(&s.text), wanted);
}

static void assert_refused(const char *xml, bas_err wanted, const char *why)
{
    struct story s = { 0 };
    struct bas_fault fault;
    assert_int_equal(read_text(&s, xml, &fault), wanted);
    assert_int_equal(fault.err, wanted);
    assert_non_null(strstr(fault.text, why));
}

static void elements_come_in_document_order_with_their_lines(void **state)
{
    (void)state;
    assert_story("<?xml version=\"1.0\"?>\n<a x='1'>\n <b/>\n <!-- no --> text <c y='2' z=''/></a>",
                 "<a x=\"1\"@2<b@3b><c y=\"2\" z=\"\"@4c>a>");
}

static void a_byte_order_mark_is_accepted(void **state)
{
    (void)state;
    assert_story("\xEF\xBB\xBF<a/>", "<a@1a>");
}

static void a_document_in_utf_16_comes_out_as_utf_8(void **state)
{
    (void)state;
    static const uint8_t octets[] = { 0xFF, 0xFE, '<', 0,    'a', 0,   ' ', 0,   'x', 0,   '=',
                                      0,    '"',  0,   0xE4, 0,   '"', 0,   '/', 0,   '>', 0 };
    struct story s = { 0 };
    struct bas_fault fault = { 0 };
    assert_int_equal(read_octets(&s, octets, sizeof(octets), &fault), BAS_OK);
    assert_string_equal(bas_buf_text(&s.text), "<a x=\"\xC3\xA4\"@1a>");
}

static void namespaces_and_prefixes_are_left_out(void **state)
{
    (void)state;
    assert_story("<k:a xmlns:k='urn:k' xmlns='urn:d' k:x='1' y='2'><b/></k:a>",
                 "<a x=\"1\" y=\"2\"@1<b@1b>a>");
}

static void values_are_decoded_and_normalised(void **state)
{
    (void)state;
    assert_story("<a x='&lt;&amp;&gt;&quot;&apos;&#228;&#x9;' y='1\n2\t3'/>",
                 "<a x=\"<&>\"'\xC3\xA4\t\" y=\"1 2 3\"@1a>");
}

static void a_document_type_declaration_is_refused(void **state)
{
    (void)state;
    const char *why = "document type declaration";
    assert_refused("<!DOCTYPE a><a/>", BAS_ERR_MALFORMED, why);
    assert_refused("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", BAS_ERR_MALFORMED, why);
    assert_refused("<!DOCTYPE a PUBLIC 'p' 'http://127.0.0.1/x'><a/>", BAS_ERR_MALFORMED, why);
}

static void laughs_by_the_billion_are_refused_before_the_first(void **state)
{
    (void)state;
    char text[2048];
    struct bas_buf buf;
    bas_buf_init(&buf, text, sizeof(text));
    bas_buf_add_text(&buf, "<!DOCTYPE a [<!ENTITY l0 'lol'>");
    for (unsigned i = 1; i < 10; i++) {
        bas_buf_format(&buf, "<!ENTITY l%u '&l%u;&l%u;&l%u;&l%u;&l%u;&l%u;&l%u;&l%u;'>", i, i - 1,
                       i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    }
    bas_buf_add_text(&buf, "]><a x='&l9;'>&l9;</a>");
    assert_false(buf.full);
    assert_refused(bas_buf_text(&buf), BAS_ERR_MALFORMED, "document type declaration");
}

static void external_and_undefined_entities_are_refused(void **state)
{
    (void)state;
    assert_refused("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
                   BAS_ERR_MALFORMED, "document type declaration");
    assert_refused("<a>&x;</a>", BAS_ERR_MALFORMED, "line 1: not XML: undefined entity");
    assert_refused("<a x='&x;'/>", BAS_ERR_MALFORMED, "undefined entity");
}

static void elements_are_refused_beyond_their_depth(void **state)
{
    (void)state;
    assert_story("<a><a><a><a><a><a><a><a/></a></a></a></a></a></a></a>",
                 "<a@1<a@1<a@1<a@1<a@1<a@1<a@1<a@1a>a>a>a>a>a>a>a>");
    assert_refused("<a><a><a><a><a><a><a><a>\n<a/></a></a></a></a></a></a></a></a>",
                   BAS_ERR_TOO_LONG, "line 2: more than 8 elements inside each other");
}

static void elements_are_refused_beyond_their_count(void **state)
{
    (void)state;
    char text[2048];
    struct bas_buf buf;
    for (unsigned n = 100; n <= 101; n++) {
        struct story s = { 0 };
        struct bas_fault fault;
        bas_buf_init(&buf, text, sizeof(text));
        bas_buf_add_text(&buf, "<a>");
        for (unsigned i = 1; i < n; i++) {
            bas_buf_add_text(&buf, "<b/>");
        }
        bas_buf_add_text(&buf, "</a>");
        bas_err err = read_text(&s, bas_buf_text(&buf), &fault);
        assert_int_equal(err, n == 100 ? BAS_OK : BAS_ERR_TOO_LONG);
        assert_int_equal(s.opened, 100);
    }
}

static void attributes_are_refused_beyond_their_count(void **state)
{
    (void)state;
    char text[512];
    struct bas_buf buf;
    for (unsigned n = 16; n <= 17; n++) {
        struct story s = { 0 };
        struct bas_fault fault;
        bas_buf_init(&buf, text, sizeof(text));
        bas_buf_add_text(&buf, "<a");
        for (unsigned i = 0; i < n; i++) {
            bas_buf_format(&buf, " a%u=''", i);
        }
        bas_buf_add_text(&buf, "/>");
        bas_err err = read_text(&s, bas_buf_text(&buf), &fault);
        assert_int_equal(err, n == 16 ? BAS_OK : BAS_ERR_TOO_LONG);
    }
}

static void two_attributes_of_one_local_name_are_refused(void **state)
{
    (void)state;
    assert_refused("<a x='1' x='2'/>", BAS_ERR_MALFORMED, "duplicate attribute");
    assert_refused("<a xmlns:k='urn:k' k:x='1' x='2'/>", BAS_ERR_MALFORMED,
                   "two attributes have the name x");
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    static const char whole[] = "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                                "<a x=\"&lt;\xC3\xA4\"><!-- c --><b y='1'>t</b><c/></a>";
    struct story s = { 0 };
    struct bas_fault fault;
    assert_int_equal(read_text(&s, whole, &fault), BAS_OK);
    for (size_t len = 0; len < sizeof(whole) - 1; len++) {
        fault = (struct bas_fault){ 0 };
        assert_int_equal(read_octets(&s, whole, len, &fault), BAS_ERR_MALFORMED);
        assert_non_null(strstr(fault.text, "line "));
    }
}

static void garbage_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = { "",
                                       " ",
                                       "x",
                                       "<a></b>",
                                       "<a/><a/>",
                                       "<a/>x",
                                       "<a x/>",
                                       "<a x=1/>",
                                       "<k:a/>",
                                       "<a>\x01</a>",
                                       "<a>\xFF</a>",
                                       "<a x='\xC0\x80'/>",
                                       "<a><![CDATA[",
                                       "PK\x03\x04",
                                       "<?xml encoding='ebcdic'?><a/>" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad); i++) {
        assert_refused(bad[i], BAS_ERR_MALFORMED, "line 1: ");
    }
    struct story s = { 0 };
    struct bas_fault fault = { 0 };
    assert_int_equal(read_octets(&s, "<a/>\0", 5, &fault), BAS_ERR_MALFORMED);
}

static void random_octets_never_crash(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    static const char alphabet[] = "<>/a='\"&;!?x- \n[]#\xC3\xA4";
    for (unsigned round = 0; round < 2000; round++) {
        uint8_t octets[64];
        struct story s = { 0 };
        struct bas_fault fault = { 0 };
        t.env.random(t.env.ctx, octets, sizeof(octets));
        for (size_t i = 0; i < sizeof(octets); i++) {
            octets[i] = (uint8_t)alphabet[octets[i] % (sizeof(alphabet) - 1)];
        }
        octets[0] = '<';
        bas_err err = read_octets(&s, octets, sizeof(octets), &fault);
        assert_int_equal(err, fault.err);
    }
}

static void a_handler_stops_the_reading(void **state)
{
    (void)state;
    struct bas_fault fault;
    for (size_t at = 1; at <= 3; at++) {
        struct story s = { .refuse_at = at };
        assert_int_equal(read_text(&s, "<a><b/><c></c></a>", &fault), BAS_ERR_STATE);
        assert_int_equal(fault.err, BAS_OK);
        assert_int_equal(s.opened, at);
    }
    struct story s = { .refuses_close = true };
    assert_int_equal(read_text(&s, "<a><b/><c></c></a>", &fault), BAS_ERR_STATE);
    assert_string_equal(bas_buf_text(&s.text), "<a@1<b@1b>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_come_in_document_order_with_their_lines),
        cmocka_unit_test(a_byte_order_mark_is_accepted),
        cmocka_unit_test(a_document_in_utf_16_comes_out_as_utf_8),
        cmocka_unit_test(namespaces_and_prefixes_are_left_out),
        cmocka_unit_test(values_are_decoded_and_normalised),
        cmocka_unit_test(a_document_type_declaration_is_refused),
        cmocka_unit_test(laughs_by_the_billion_are_refused_before_the_first),
        cmocka_unit_test(external_and_undefined_entities_are_refused),
        cmocka_unit_test(elements_are_refused_beyond_their_depth),
        cmocka_unit_test(elements_are_refused_beyond_their_count),
        cmocka_unit_test(attributes_are_refused_beyond_their_count),
        cmocka_unit_test(two_attributes_of_one_local_name_are_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(garbage_is_refused),
        cmocka_unit_test(random_octets_never_crash),
        cmocka_unit_test(a_handler_stops_the_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
