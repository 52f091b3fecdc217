#include "test_env.h"

#include <string.h>

static void every_error_has_a_text_and_an_exit_status(void **state)
{
    (void)state;
    for (int e = BAS_OK; e <= BAS_ERR_INTERNAL; e++) {
        assert_true(strlen(bas_err_text((bas_err)e)) > 1);
        int status = bas_err_exit_status((bas_err)e);
        assert_true((status >= 0 && status <= 7) || status == 130);
    }
    assert_int_equal(bas_err_exit_status(BAS_OK), 0);
    assert_int_equal(bas_err_exit_status(BAS_ERR_CERTIFICATE), 4);
}

static void numbers_from_a_peer_have_a_name_or_none(void **state)
{
    (void)state;
    assert_string_equal(bac_error_class_name(7), "communication");
    assert_null(bac_error_class_name(8));
    assert_string_equal(bac_error_code_name(151), "node-duplicate-vmac");
    assert_string_equal(bac_error_code_name(BAC_ERROR_CODE_OTHER), "other");
    assert_null(bac_error_code_name(33));
    assert_null(bac_error_code_name(60000));
}

static void a_fault_carries_err_code_and_a_text_that_is_cut_to_fit(void **state)
{
    (void)state;
    struct bas_fault fault;
    char lengthy[600];
    memset(lengthy, 'a', sizeof(lengthy));
    lengthy[sizeof(lengthy) - 1] = 0;
    memset(&fault, 0xEE, sizeof(fault));
    assert_int_equal(bas_fail_code(&fault, BAS_ERR_IO, 7, 151, "%s", lengthy), BAS_ERR_IO);
    assert_int_equal(fault.err, BAS_ERR_IO);
    assert_int_equal(fault.error_class, 7);
    assert_int_equal(fault.error_code, 151);
    assert_int_equal(fault.marker, 0);
    assert_int_equal(strlen(fault.text), BAS_FAULT_TEXT - 1);
    assert_int_equal(bas_fail(NULL, BAS_ERR_TLS, "nobody listens"), BAS_ERR_TLS);
}

static void a_log_line_reaches_the_environment(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    bas_log(&t.env, BAS_LOG_WARNING, "%s at %d", "overheated", 95);
    assert_string_equal(t.last_log, "overheated at 95");
    t.env.log = NULL;
    bas_log(&t.env, BAS_LOG_WARNING, "nobody reads this");
    assert_int_equal(t.logs, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_has_a_text_and_an_exit_status),
        cmocka_unit_test(numbers_from_a_peer_have_a_name_or_none),
        cmocka_unit_test(a_fault_carries_err_code_and_a_text_that_is_cut_to_fit),
        cmocka_unit_test(a_log_line_reaches_the_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
