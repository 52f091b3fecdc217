#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/port.h"

#include "rt_world.h"

#define NO       BAS_PLAINTEXT_NO
#define HERE     BAS_PLAINTEXT_LOOPBACK
#define ANYWHERE BAS_PLAINTEXT_ANYWHERE

/* bsc 4.1-03 7.1-01 */
static void a_uri_is_allowed_as_the_rows_say(void **state)
{
    (void)state;
    static const struct {
        const char *uri;
        enum bas_plaintext plaintext;
        bool has_tls;
        bas_err err;
    } rows[] = {
        { "wss://hub.example", NO, true, BAS_OK },
        { "wss://hub.example", HERE, true, BAS_OK },
        { "wss://127.0.0.1:1", ANYWHERE, false, BAS_ERR_CONFIG }, /* no certificate */
        { "ws://127.0.0.1:4443", NO, true, BAS_ERR_INVALID },
        { "ws://127.0.0.1:4443", NO, false, BAS_ERR_INVALID },
        { "ws://127.0.0.1:4443/", HERE, false, BAS_OK },
        { "ws://127.0.0.1:4443/", HERE, true, BAS_OK },
        { "ws://127.255.0.9", HERE, false, BAS_OK },
        { "ws://localhost:4443", HERE, false, BAS_OK },
        { "ws://LocalHost/hub", HERE, false, BAS_OK },
        { "ws://[::1]:4443", HERE, false, BAS_OK },
        { "ws://[::2]:4443", HERE, false, BAS_ERR_INVALID },
        { "ws://[::1", HERE, false, BAS_OK }, /* its form is for link_connect to judge */
        { "ws://192.0.2.7:4443", HERE, false, BAS_ERR_INVALID },
        { "ws://127.example.org", HERE, false, BAS_ERR_INVALID },
        { "ws://127.", HERE, false, BAS_ERR_INVALID },
        { "ws://localhost.example", HERE, false, BAS_ERR_INVALID },
        { "ws://12", HERE, false, BAS_ERR_INVALID },
        { "ws://", HERE, false, BAS_ERR_INVALID },
        { "ws://192.0.2.7:4443", ANYWHERE, false, BAS_OK },
        { "ws://hub.example", ANYWHERE, true, BAS_OK },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        const struct port_plan plan = { rows[i].plaintext, rows[i].has_tls };
        struct bas_fault fault = { 0 };
        bool is_plain = false;
        bas_err err = port_judge_uri(&plan, rows[i].uri, &is_plain, &fault);
        if (err != rows[i].err) {
            fail_msg("%s (row %zu): %s %s", rows[i].uri, i, bas_err_text(err), fault.text);
        }
        assert_int_equal(is_plain, rows[i].uri[2] == ':');
        if (err == BAS_ERR_INVALID) {
            assert_int_equal(fault.error_class, BAC_ERROR_CLASS_COMMUNICATION);
            assert_int_equal(fault.error_code, BAC_ERROR_CODE_WEBSOCKET_SCHEME_NOT_SUPPORTED);
            assert_has(fault.text, rows[i].uri);
            assert_has(fault.text, "wss://");
        }
    }
}

static void what_listens_without_tls_is_on_loopback_unless_told_otherwise(void **state)
{
    (void)state;
    static const struct {
        const char *bind;
        enum bas_plaintext plaintext;
        bool has_tls;
        bas_err err;
    } rows[] = {
        { "0.0.0.0:4444", NO, true, BAS_OK },
        { "0.0.0.0:4444", HERE, true, BAS_OK },
        { "127.0.0.1:0", NO, false, BAS_ERR_CONFIG },
        { "127.0.0.1:0", HERE, false, BAS_OK },
        { "[::1]:0", HERE, false, BAS_OK },
        { "[::]:0", HERE, false, BAS_ERR_CONFIG },
        { "0.0.0.0:0", HERE, false, BAS_ERR_CONFIG },
        { "0.0.0.0:0", ANYWHERE, false, BAS_OK },
        { "192.0.2.7:1", HERE, false, BAS_ERR_CONFIG },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        const struct port_plan plan = { rows[i].plaintext, rows[i].has_tls };
        struct bas_fault fault = { 0 };
        bas_err err = port_judge_bind(&plan, rows[i].bind, &fault);
        if (err != rows[i].err) {
            fail_msg("%s (row %zu): %s", rows[i].bind, i, bas_err_text(err));
        }
        if (err != BAS_OK) {
            assert_has(fault.text, rows[i].bind);
        }
    }
}

static void any_address_is_none_that_a_peer_can_use(void **state)
{
    (void)state;
    assert_true(port_is_any_address("0.0.0.0:4444"));
    assert_true(port_is_any_address("[::]:4444"));
    assert_false(port_is_any_address("[::1]:4444"));
    assert_false(port_is_any_address("127.0.0.1:4444"));
    assert_false(port_is_any_address("10.0.0.0:4444"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_uri_is_allowed_as_the_rows_say),
        cmocka_unit_test(what_listens_without_tls_is_on_loopback_unless_told_otherwise),
        cmocka_unit_test(any_address_is_none_that_a_peer_can_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
