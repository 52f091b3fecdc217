#define _POSIX_C_SOURCE 200809L /* setenv, open_memstream, strdup */
#include "tools/basalt/options.h"
#include "tools/basalt/variables.h"

#include "test_env.h"

#include <stdlib.h>
#include <string.h>

struct my_options {
    struct common_options common;
    uint32_t count;
    bool fast;
};

static const struct option_row rows[] = {
    { OPTION(struct my_options, "count", UNSIGNED, count, 1, 9, "3", "how many", false, NULL),
      'c',
      "N",
      { NULL } },
    { OPTION(struct my_options, "fast", BOOL, fast, 0, 0, NULL, "be fast", false, NULL),
      0,
      NULL,
      { NULL } },
};
static const struct verb_options options = {
    .arguments = "NAME",
    .min_arguments = 1,
    .max_arguments = 2,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .uses_hub = true,
    .size = sizeof(struct my_options),
    .examples = "  basalt try x",
};
static const struct verb verb = { "try", "t", "try something", NULL, &options, NULL };

struct parsed {
    char *argv[16];
    struct tool tool;
    struct my_options options;
    struct arguments arguments;
    bool good;
    int status;
    char *text;
    char *errors;
    size_t text_len;
    size_t errors_len;
};

/* words end with NULL. */
static void parse(struct parsed *p, const char *const *words)
{
    int argc = 0;
    memset(p, 0, sizeof(*p));
    assert_int_equal(tool_init(&p->tool), BAS_OK);
    p->tool.out.text = open_memstream(&p->text, &p->text_len);
    p->tool.out.errors = open_memstream(&p->errors, &p->errors_len);
    p->tool.verb = &verb;
    for (; words[argc] != NULL; argc++) {
        assert_true((size_t)argc + 1 < BAS_ARRAY_LEN(p->argv));
        p->argv[argc] = strdup(words[argc]);
    }
    p->good = options_parse(&p->tool, argc, p->argv, &p->options, &p->arguments, &p->status);
    (void)fflush(p->tool.out.text);
    (void)fflush(p->tool.out.errors);
}

static void done(struct parsed *p)
{
    (void)fclose(p->tool.out.text);
    (void)fclose(p->tool.out.errors);
    for (size_t i = 0; i < BAS_ARRAY_LEN(p->argv); i++) {
        free(p->argv[i]);
    }
    free(p->text);
    free(p->errors);
    tool_free(&p->tool);
}

#define PARSE(p, ...) parse(p, (const char *const[]){ "try", __VA_ARGS__, NULL })

static void fails(struct parsed *p, const char *text)
{
    assert_false(p->good);
    assert_int_equal(p->status, 2);
    assert_string_equal(p->errors, text);
    done(p);
}

static void values_land_in_the_struct_and_defaults_stay(void **state)
{
    (void)state;
    struct parsed p;
    PARSE(&p, "a", "--hub", "wss://h:1/", "--ca", "x", "b", "--ca=y", "-v");
    assert_true(p.good);
    assert_string_equal(p.options.common.hub, "wss://h:1/");
    assert_string_equal(p.options.common.ca[0], "x");
    assert_string_equal(p.options.common.ca[1], "y");
    assert_null(p.options.common.ca[2]);
    assert_int_equal(p.options.common.timeout_ms, 5000);
    assert_int_equal(p.options.count, 3);
    assert_false(p.options.fast);
    assert_true(p.tool.verbose);
    assert_int_equal(p.arguments.n, 2);
    assert_string_equal(p.arguments.items[0], "a");
    assert_string_equal(p.arguments.items[1], "b");
    done(&p);
    PARSE(&p, "-c", "9", "--fast", "--timeout", "0.5", "--", "-a");
    assert_true(p.good);
    assert_int_equal(p.options.count, 9);
    assert_true(p.options.fast);
    assert_int_equal(p.options.common.timeout_ms, 500);
    assert_string_equal(p.arguments.items[0], "-a");
    done(&p);
}

static void variables_of_bacnet_stack_fill_what_is_missing(void **state)
{
    (void)state;
    static const char *const names[] = { "BACNET_SC_PRIMARY_HUB_URI",
                                         "BACNET_SC_FAILOVER_HUB_URI",
                                         "BACNET_SC_ISSUER_1_CERTIFICATE_FILE",
                                         "BACNET_SC_ISSUER_2_CERTIFICATE_FILE",
                                         "BACNET_SC_OPERATIONAL_CERTIFICATE_FILE",
                                         "BACNET_SC_OPERATIONAL_CERTIFICATE_PRIVATE_KEY_FILE" };
    static const char *const values[] = { "wss://e/", "wss://f/", "i1", "i2", "c", "k" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(names); i++) {
        assert_int_equal(setenv(names[i], values[i], 1), 0);
    }
    struct parsed p;
    PARSE(&p, "a");
    assert_true(p.good);
    assert_string_equal(p.options.common.hub, "wss://e/");
    assert_string_equal(p.options.common.failover_hub, "wss://f/");
    assert_string_equal(p.options.common.ca[0], "i1");
    assert_string_equal(p.options.common.ca[1], "i2");
    assert_string_equal(p.options.common.cert, "c");
    assert_string_equal(p.options.common.key, "k");
    done(&p);
    PARSE(&p, "a", "--ca", "mine", "--hub=wss://o/");
    assert_string_equal(p.options.common.hub, "wss://o/");
    assert_string_equal(p.options.common.ca[0], "mine");
    assert_null(p.options.common.ca[1]);
    done(&p);
    assert_int_equal(setenv(names[0], "http://e/", 1), 0);
    PARSE(&p, "a");
    fails(&p, "basalt: try: BACNET_SC_PRIMARY_HUB_URI: \"http://e/\" does not begin with wss://; "
              "wss://HOST[:PORT][/PATH]\n");
    assert_int_equal(setenv(names[0], "", 1), 0); /* as good as none */
    PARSE(&p, "a");
    assert_true(p.good);
    assert_null(p.options.common.hub);
    done(&p);
    for (size_t i = 0; i < BAS_ARRAY_LEN(names); i++) {
        assert_int_equal(unsetenv(names[i]), 0);
    }
}

static void the_bindings_of_bacnet_stack_become_addresses(void **state)
{
    (void)state;
    static const char *const bindings[][2] = {
        { "50000", "0.0.0.0:50000" },
        { "lo:4443", "127.0.0.1:4443" },
        { "192.0.2.1:4443", "192.0.2.1:4443" },
        { "[::1]:4443", "[::1]:4443" },
        { "no-such-0:1", "no-such-0:1" },
        { "", "" },
        { "lo", "lo" },
        { ":1", ":1" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(bindings); i++) {
        char text[VARIABLES_BINDING];
        assert_string_equal(variables_binding(bindings[i][0], text), bindings[i][1]);
    }
    assert_true(variables_is_yes("1") && variables_is_yes("y") && variables_is_yes("Y"));
    assert_false(variables_is_yes("0") || variables_is_yes("n") || variables_is_yes("yes"));
    const char *list = " wss://a  wss://bcdef ";
    char word[8];
    assert_true(variables_word(&list, word, sizeof(word)));
    assert_string_equal(word, "wss://a");
    assert_true(variables_word(&list, word, sizeof(word)));
    assert_string_equal(word, "wss://b");
    assert_false(variables_word(&list, word, sizeof(word)));
}

static void common_options_are_known_in_front_of_a_verb(void **state)
{
    (void)state;
    assert_int_equal(options_is_common("--json"), OPTIONS_FLAG);
    assert_int_equal(options_is_common("-v"), OPTIONS_FLAG);
    assert_int_equal(options_is_common("--hub=wss://h"), OPTIONS_FLAG);
    assert_int_equal(options_is_common("--hub"), OPTIONS_WITH_VALUE);
    assert_int_equal(options_is_common("--ca"), OPTIONS_WITH_VALUE);
    assert_int_equal(options_is_common("--role"), OPTIONS_OTHER);
    assert_int_equal(options_is_common("hub"), OPTIONS_OTHER);
    assert_int_equal(options_is_common(""), OPTIONS_OTHER);
}

static void every_mistake_is_one_line_with_a_way_out(void **state)
{
    (void)state;
    struct parsed p;
    PARSE(&p, "--count", "x", "a");
    fails(&p, "basalt: try: --count: \"x\" is not a whole number; a whole number from 1 to 9\n");
    PARSE(&p, "-c", "0", "a");
    fails(&p, "basalt: try: --count: \"0\" is out of range; a whole number from 1 to 9\n");
    PARSE(&p, "a", "--count");
    fails(&p, "basalt: try: --count: needs a value; a whole number from 1 to 9\n");
    PARSE(&p, "a", "-c");
    fails(&p, "basalt: try: -c: needs a value; a whole number from 1 to 9\n");
    PARSE(&p, "a", "--fast=1");
    fails(&p, "basalt: try: --fast=1: takes no value; leave it out\n");
    PARSE(&p, "a", "--fst");
    fails(&p, "basalt: try: \"--fst\" is not an option; did you mean --fast\n");
    PARSE(&p, "a", "--h");
    fails(&p, "basalt: try: \"--h\" is not an option; see basalt try --help\n");
    PARSE(&p, "--fast");
    fails(&p, "basalt: try: NAME is missing; see basalt try --help\n");
    PARSE(&p, "a", "b", "c");
    fails(&p, "basalt: try: \"c\" is one argument too many; see basalt try --help\n");
    PARSE(&p, "a", "--key", "1", "--key", "2");
    fails(&p, "basalt: try: --key: is there twice; give it once\n");
}

static void help_counts_even_when_something_is_missing(void **state)
{
    (void)state;
    struct parsed p;
    PARSE(&p, "--help");
    assert_false(p.good);
    assert_int_equal(p.status, 0);
    assert_non_null(strstr(p.text, "Usage: basalt try [OPTION...] NAME\nTry something."));
    assert_non_null(strstr(p.text, "  -c, --count N            how many (default 3)\n"));
    assert_non_null(strstr(p.text, "BACNET_SC_PRIMARY_HUB_URI and the like stand in for --hub"));
    assert_string_equal(p.errors, "");
    done(&p);
}

static void a_time_is_written_as_rfc_3339_in_utc(void **state)
{
    (void)state;
    static const struct {
        int64_t wall;
        const char *text;
    } times[] = { { 0, "{\"t\":\"1970-01-01T00:00:00.000Z\"}" },
                  { INT64_C(1767225600123456), "{\"t\":\"2026-01-01T00:00:00.123Z\"}" },
                  { -1, "{\"t\":\"1969-12-31T23:59:59.999Z\"}" } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(times); i++) {
        char memory[64];
        struct bas_buf buf;
        struct bas_json json;
        bas_buf_init(&buf, memory, sizeof(memory));
        bas_json_init(&json, &buf);
        bas_json_open(&json, NULL, '{');
        out_time(&json, "t", times[i].wall);
        bas_json_close(&json, '}');
        assert_string_equal(bas_buf_text(&buf), times[i].text);
    }
}

static void an_object_too_long_for_a_line_becomes_an_error(void **state)
{
    (void)state;
    struct parsed p;
    PARSE(&p, "a");
    struct bas_json *json = out_begin(&p.tool.out);
    for (unsigned i = 0; i < 1000000; i++) {
        bas_json_text(json, "k", "a text");
    }
    out_end(&p.tool.out);
    assert_string_equal(p.text, "{\"error\":\"the object is too long for a line\"}\n");
    done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_land_in_the_struct_and_defaults_stay),
        cmocka_unit_test(variables_of_bacnet_stack_fill_what_is_missing),
        cmocka_unit_test(the_bindings_of_bacnet_stack_become_addresses),
        cmocka_unit_test(common_options_are_known_in_front_of_a_verb),
        cmocka_unit_test(every_mistake_is_one_line_with_a_way_out),
        cmocka_unit_test(help_counts_even_when_something_is_missing),
        cmocka_unit_test(a_time_is_written_as_rfc_3339_in_utc),
        cmocka_unit_test(an_object_too_long_for_a_line_becomes_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
