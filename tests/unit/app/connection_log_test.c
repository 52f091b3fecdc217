#include "app/connection_log.h"
#include "test_env.h"

#include <string.h>

/* bsc 9.4-02 */
static void the_newest_come_first_and_the_oldest_go(void **state)
{
    (void)state;
    static struct connection_log log;
    const struct bas_fault orderly = { .err = BAS_OK };
    assert_null(connection_log_at(&log, 0));
    for (int i = 1; i <= CONNECTION_LOG + 3; i++) {
        const struct connection_record record = { .ended_at = i };
        connection_log_note(&log, &record, "192.0.2.7:4711", &orderly);
    }
    assert_int_equal(connection_log_at(&log, 0)->ended_at, CONNECTION_LOG + 3);
    assert_int_equal(connection_log_at(&log, CONNECTION_LOG - 1)->ended_at, 4);
    assert_null(connection_log_at(&log, CONNECTION_LOG));
    assert_false(connection_log_at(&log, 0)->has_failed);
    assert_string_equal(connection_log_at(&log, 0)->address, "192.0.2.7:4711");
    connection_log_clear(&log);
    assert_null(connection_log_at(&log, 0));
}

static void a_fault_without_words_of_the_standard_gets_some(void **state)
{
    (void)state;
    static struct connection_log log;
    const struct connection_record record = { .ended_at = 1 };
    struct bas_fault fault = { 0 };
    (void)bas_fail(&fault, BAS_ERR_IO, "a\nline");
    connection_log_note(&log, &record, NULL, &fault);
    const struct connection_record *r = connection_log_at(&log, 0);
    assert_true(r->has_failed);
    assert_int_equal(r->error_class, BAC_ERROR_CLASS_COMMUNICATION);
    assert_int_equal(r->error_code, BAC_ERROR_CODE_OTHER);
    assert_string_equal(r->details, "a?line");
    assert_string_equal(r->address, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_come_first_and_the_oldest_go),
        cmocka_unit_test(a_fault_without_words_of_the_standard_gets_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
