#include "rt/uri.h"
#include "test_env.h"

#include <string.h>

/* bsc 7.1-01 */
static void a_uri_is_taken_apart_as_the_host_header_and_the_resolver_want_it(void **state)
{
    (void)state;
    static const struct {
        bool is_secure;
        const char *text, *host, *port, *authority, *path;
    } rows[] = {
        { true, "wss://hub.example.net", "hub.example.net", "443", "hub.example.net", "/" },
        { true, "wss://hub:4443/", "hub", "4443", "hub:4443", "/" },
        { true, "wss://192.0.2.7:443/dc?x=1", "192.0.2.7", "443", "192.0.2.7", "/dc?x=1" },
        { true, "wss://[2001:db8::1]:47808", "2001:db8::1", "47808", "[2001:db8::1]:47808", "/" },
        { true, "wss://[::1]", "::1", "443", "[::1]", "/" },
        { true, "wss://hub?q", "hub", "443", "hub", "/?q" },
        { true, "WSS://Hub", "Hub", "443", "Hub", "/" },
        { false, "ws://hub", "hub", "80", "hub", "/" },
        { false, "ws://hub:80/x", "hub", "80", "hub", "/x" },
        { false, "Ws://127.0.0.1:443", "127.0.0.1", "443", "127.0.0.1:443", "/" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct uri uri;
        struct bas_fault fault = { 0 };
        assert_int_equal(uri_parse(rows[i].text, rows[i].is_secure, &uri, &fault), BAS_OK);
        assert_string_equal(uri.host, rows[i].host);
        assert_string_equal(uri.port, rows[i].port);
        assert_string_equal(uri.authority, rows[i].authority);
        assert_string_equal(uri.path, rows[i].path);
    }
}

static void what_is_wrong_with_a_uri_is_said_with_the_uri(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "wss://",          "wss://:4443",   "wss://hub:0",      "wss://hub:65536", "wss://hub:44x",
        "wss://hub:",      "wss://[::1",    "wss://[::1]4443",  "wss://a@b",       "wss://hu b",
        "wss://hub/\r\nX", "wss://hub/a#b", "wss://h\303\266b",
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad); i++) {
        struct uri uri;
        struct bas_fault fault = { 0 };
        assert_int_equal(uri_parse(bad[i], true, &uri, &fault), BAS_ERR_INVALID);
        assert_memory_equal(fault.text, bad[i], strlen(bad[i]));
        assert_non_null(strstr(fault.text, "expected wss://"));
    }
}

/* bsc 4.1-03 7.1-01 */
static void another_scheme_has_the_code_166(void **state)
{
    (void)state;
    static const struct {
        bool is_secure;
        const char *text, *expected;
    } rows[] = {
        { true, "ws://hub", "the scheme is not wss; expected wss://" },
        { true, "https://hub", "the scheme is not wss" },
        { true, "hub:4443", "the scheme is not wss" },
        { true, "", "the scheme is not wss" },
        { true, "wss:/", "the scheme is not wss" },
        { false, "wss://hub",
          "the scheme is not ws, and plaintext is what was asked for; "
          "expected ws://" },
        { false, "http://hub", "the scheme is not ws" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct uri uri;
        struct bas_fault fault = { 0 };
        assert_int_equal(uri_parse(rows[i].text, rows[i].is_secure, &uri, &fault), BAS_ERR_INVALID);
        assert_int_equal(fault.err, BAS_ERR_INVALID);
        assert_int_equal(fault.error_class, BAC_ERROR_CLASS_COMMUNICATION);
        assert_int_equal(fault.error_code, BAC_ERROR_CODE_WEBSOCKET_SCHEME_NOT_SUPPORTED);
        assert_non_null(strstr(fault.text, rows[i].expected));
    }
}

static void texts_that_are_too_long_are_refused(void **state)
{
    (void)state;
    char text[1200];
    for (size_t len = 200; len < 1100; len += 50) {
        struct uri uri;
        struct bas_fault fault = { 0 };
        memset(text, 'a', sizeof(text));
        memcpy(text, "wss://", 6);
        text[len] = 0;
        bas_err err = uri_parse(text, true, &uri, &fault);
        assert_int_equal(err == BAS_OK, len - 6 < sizeof(uri.host));
        memcpy(text, "wss://a/", 8);
        err = uri_parse(text, true, &uri, &fault);
        assert_int_equal(err == BAS_OK, len - 7 < sizeof(uri.path));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_uri_is_taken_apart_as_the_host_header_and_the_resolver_want_it),
        cmocka_unit_test(what_is_wrong_with_a_uri_is_said_with_the_uri),
        cmocka_unit_test(another_scheme_has_the_code_166),
        cmocka_unit_test(texts_that_are_too_long_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
