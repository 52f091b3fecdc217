#include "test_env.h"

#include "basalt/knx.h"

static void every_status_has_a_name_and_words(void **state)
{
    (void)state;
    assert_string_equal(knx_status_name(0x00), "E_NO_ERROR");
    assert_string_equal(knx_status_name(0x24), "E_NO_MORE_CONNECTIONS");
    assert_string_equal(knx_status_name(0x2E), "E_CONNECTION_IN_USE");
    assert_string_equal(knx_status_text(0x24), "all tunnels of the interface are in use");
    assert_string_equal(knx_session_status_name(0), "STATUS_AUTHENTICATION_SUCCESS");
    assert_string_equal(knx_session_status_name(5), "STATUS_CLOSE");
}

static void an_unknown_status_is_called_so(void **state)
{
    (void)state;
    assert_string_equal(knx_status_name(0x03), "unknown");
    assert_string_equal(knx_status_name(0x1000), "unknown");
    assert_string_equal(knx_status_text(0xFF), "the interface reports an unknown status");
    assert_string_equal(knx_session_status_name(6), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_name_and_words),
        cmocka_unit_test(an_unknown_status_is_called_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
