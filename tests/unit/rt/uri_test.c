#include "rt/uri.h"
#include "test_env.h"

#include <string.h>

static void a_uri_is_taken_apart_as_the_host_header_and_the_resolver_want_it(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host, *port, *authority, *path;
    } rows[] = {
        { "wss://hub.example.net", "hub.example.net", "443", "hub.example.net", "/" },
        { "wss://hub:4443/", "hub", "4443", "hub:4443", "/" },
        { "wss://192.0.2.7:443/dc?x=1", "192.0.2.7", "443", "192.0.2.7", "/dc?x=1" },
        { "wss://[2001:db8::1]:47808", "2001:db8::1", "47808", "[2001:db8::1]:47808", "/" },
        { "wss://[::1]", "::1", "443", "[::1]", "/" },
        { "wss://hub?q", "hub", "443", "hub", "/?q" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct uri uri;
        struct bas_fault fault = { 0 };
        assert_int_equal(uri_parse(rows[i].text, &uri, &fault), BAS_OK);
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
        assert_int_equal(uri_parse(bad[i], &uri, &fault), BAS_ERR_INVALID);
        assert_memory_equal(fault.text, bad[i], strlen(bad[i]));
        assert_non_null(strstr(fault.text, "expected wss://"));
    }
}

static void another_scheme_has_the_code_166(void **state)
{
    (void)state;
    static const char *const bad[] = { "ws://hub", "https://hub", "hub:4443", "", "WSS://hub" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(bad); i++) {
        struct uri uri;
        struct bas_fault fault = { 0 };
        assert_int_equal(uri_parse(bad[i], &uri, &fault), BAS_ERR_INVALID);
        assert_int_equal(fault.error_code, BAC_ERROR_CODE_WEBSOCKET_SCHEME_NOT_SUPPORTED);
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
        bas_err err = uri_parse(text, &uri, &fault);
        assert_int_equal(err == BAS_OK, len - 6 < sizeof(uri.host));
        memcpy(text, "wss://a/", 8);
        err = uri_parse(text, &uri, &fault);
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
