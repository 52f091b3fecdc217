/* Managing the device: DeviceCommunicationControl (16.1), ReinitializeDevice (16.4), time (16.7,
 * 16.8). */
#include "server_fixture.h"

#include "bacnet/server/server.h"

#define I_AM "10 00 C4 02 00 04 D2 22 05 C4 91 00 22 03 E7"

static void open_with_password(struct fixture *f)
{
    struct bac_server_config config = fixture_config();
    config.password = "#egbdf!";
    fixture_open_with(f, &config);
}

static void expect_event(struct fixture *f, enum bac_server_event_kind kind, uint32_t state)
{
    struct bac_server_event e;
    assert_true(bac_server_next_event(f->server, &e));
    assert_int_equal(e.kind, kind);
    assert_int_equal(e.state, state);
}

static void silence_is_for_requests_of_our_own_and_ends_by_time(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.now = 1000 * BAS_SECOND;
    assert_true(bac_server_may_initiate(f.server));
    fixture_expect(&f, "00 05 07 11 09 05 19 02", "20 07 11");
    struct bac_server_event e;
    assert_true(bac_server_next_event(f.server, &e));
    assert_int_equal(e.kind, BAC_SERVER_COMMUNICATION);
    assert_int_equal(e.state, BAC_COMMUNICATION_DISABLE_INITIATION);
    assert_int_equal(e.minutes, 5);
    assert_true(bac_address_equal(&e.from, &f.from));
    assert_false(bac_server_may_initiate(f.server));
    static const struct exchange rows[] = {
        { "10 08", I_AM },              /* Who-Is is answered */
        { "10 07 2C 00 00 00 01", "" }, /* Who-Has is not */
        { "00 05 07 0C 0C 00 00 00 01 19 55",
          "30 07 0C 0C 00 00 00 01 19 55 3E 44 41 AC 00 00 3F" },
    };
    run(&f, rows, BAS_ARRAY_LEN(rows));
    const struct bac_address all = { .network = BAC_BROADCAST_NETWORK };
    assert_int_equal(bac_server_announce(f.server, &all, 0), BAS_OK);
    struct bac_apdu_tx tx;
    assert_false(bac_server_next_tx(f.server, &tx));
    bas_time end = f.now + 300 * BAS_SECOND;
    assert_true(bac_server_deadline(f.server) == end);
    bac_server_tick(f.server, end - 1);
    assert_false(bac_server_may_initiate(f.server));
    expect_no_event(&f);
    bac_server_tick(f.server, end);
    assert_true(bac_server_may_initiate(f.server));
    expect_event(&f, BAC_SERVER_COMMUNICATION, BAC_COMMUNICATION_ENABLE);
    assert_true(bac_server_deadline(f.server) == BAS_NEVER);
    fixture_close(&f);
}

static void silence_without_a_time_lasts_until_it_is_lifted(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    static const char *const ends[] = { "00 05 07 11 19 00", "00 05 07 14 09 01",
                                        "00 05 07 14 09 00" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(ends); i++) {
        fixture_expect(&f, "00 05 07 11 19 02", "20 07 11");
        assert_true(bac_server_deadline(f.server) == BAS_NEVER);
        bac_server_tick(f.server, BAS_NEVER - 1);
        assert_false(bac_server_may_initiate(f.server));
        (void)fixture_send(&f, test_hex(ends[i]));
        assert_true(bac_server_may_initiate(f.server));
        struct bac_apdu_tx tx;
        assert_true(bac_server_next_tx(f.server, &tx));
        bas_frame_unref(tx.frame);
    }
    fixture_close(&f);
}

static void nobody_can_make_the_device_deaf(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { "00 05 07 11 19 01", "50 07 11 91 05 91 1D" }, /* services: service-request-denied */
        { "00 05 07 11 09 05 19 01", "50 07 11 91 05 91 1D" },
        { "00 05 07 11 19 03", "60 07 08" }, /* undefined enumeration */
        { "00 05 07 11 0B 01 00 00 19 02", "60 07 06" },
        { "00 05 07 11", "60 07 05" },
        { "00 05 07 11 09 05", "60 07 05" },
    };
    struct fixture f;
    fixture_open(&f);
    run(&f, rows, BAS_ARRAY_LEN(rows));
    expect_no_event(&f);
    assert_true(bac_server_may_initiate(f.server));
    fixture_close(&f);
}

static void the_password_is_asked_for_first(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { "00 05 07 11 09 05 19 01 2D 08 00 23 65 67 62 64 66 21",
          "50 07 11 91 05 91 1D" },                      /* right, but disable */
        { "00 05 07 11 19 02", "50 07 11 91 04 91 1A" }, /* security: password-failure */
        { "00 05 07 11 19 01", "50 07 11 91 04 91 1A" },
        { "00 05 07 11 19 02 2D 08 00 23 65 67 62 64 66 22", "50 07 11 91 04 91 1A" },
        { "00 05 07 11 19 02 2D 07 00 23 65 67 62 64 66", "50 07 11 91 04 91 1A" },
        { "00 05 07 11 19 02 2D 09 00 23 65 67 62 64 66 21 21", "50 07 11 91 04 91 1A" },
        { "00 05 07 11 19 02 29 00", "50 07 11 91 04 91 1A" }, /* empty */
        { "00 05 07 14 09 01", "50 07 14 91 04 91 1A" },
        { "00 05 07 14 09 01 1D 07 00 23 65 67 62 64 66", "50 07 14 91 04 91 1A" },
        { "00 05 07 14 09 01 1D 08 00 23 65 67 62 64 66 21", "20 07 14" },
        { "00 05 07 11 19 02 2D 0F 04 00 23 00 65 00 67 00 62 00 64 00 66 00 21", /* UCS-2 */
          "20 07 11" },
    };
    struct fixture f;
    open_with_password(&f);
    run(&f, rows, BAS_ARRAY_LEN(rows));
    fixture_close(&f);
    fixture_open(&f); /* none is asked for: any will do */
    fixture_expect(&f, "00 05 07 11 19 02 2D 02 00 41", "20 07 11");
    fixture_close(&f);
}

static void a_password_that_no_request_can_carry_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *password;
        bool is_good;
    } rows[] = { { "", false },
                 { "12345678901234567890", true },
                 { "123456789012345678901", false },
                 { "\xC3\xA4\xC3\xB6\xC3\xBC\xC3\xA4\xC3\xB6\xC3\xBC\xC3\xA4\xC3\xB6\xC3\xBC",
                   true } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct bac_server_config config = fixture_config();
        config.password = rows[i].password;
        struct test_env t;
        test_env_init(&t);
        struct bas_fault fault = { 0 };
        struct bac_server *server = bac_server_new(&t.env, &config, &fault);
        assert_int_equal(server != NULL, rows[i].is_good);
        assert_true(rows[i].is_good || fault.err == BAS_ERR_INVALID);
        bac_server_free(server);
        test_env_check(&t);
    }
}

static bas_err decide(void *ctx, const struct bac_hook_request *request, struct bas_buf *out,
                      struct bas_fault *fault)
{
    (void)out;
    const bas_err *err = ctx;
    assert_true(request->service == BAC_CONFIRMED_REINITIALIZE_DEVICE ||
                request->service == BAC_CONFIRMED_DEVICE_COMMUNICATION_CONTROL);
    return *err == BAS_ERR_CONFIG
               ? bas_fail_code(fault, *err, BAC_ERROR_CLASS_DEVICE,
                               BAC_ERROR_CODE_INVALID_CONFIGURATION_DATA, "no such hub")
               : *err;
}

static void a_restart_is_told_to_the_program_and_backups_are_not_there(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    static const uint32_t told[] = { BAC_REINITIALIZE_COLDSTART, BAC_REINITIALIZE_WARMSTART,
                                     BAC_REINITIALIZE_ACTIVATE_CHANGES };
    static const char *const requests[] = { "00 05 07 14 09 00", "00 05 07 14 09 01",
                                            "00 05 07 14 09 07" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(told); i++) {
        fixture_expect(&f, requests[i], "20 07 14");
        expect_event(&f, BAC_SERVER_REINITIALIZE, told[i]);
        expect_no_event(&f);
    }
    static const struct exchange rows[] = {
        { "00 05 07 14 09 02", "50 07 14 91 05 91 2D" }, /* optional-functionality-not-supported */
        { "00 05 07 14 09 06", "50 07 14 91 05 91 2D" },
        { "00 05 07 14 09 08", "60 07 08" },
        { "00 05 07 14", "60 07 05" },
        { "00 05 07 14 09 00 29 00", "60 07 07" },
    };
    run(&f, rows, BAS_ARRAY_LEN(rows));
    expect_no_event(&f);
    fixture_close(&f);
}

static void the_program_decides_whether_to_reinitialize(void **state)
{
    (void)state;
    static const struct {
        bas_err err;
        const char *request, *answer;
        bool is_told;
    } rows[] = {
        { BAS_OK, "00 05 07 14 09 07", "20 07 14", true },
        { BAS_OK, "00 05 07 14 09 02", "20 07 14", true }, /* it knows backups */
        { BAS_ERR_CONFIG, "00 05 07 14 09 07", "50 07 14 91 00 91 2E", false },
        { BAS_ERR_IO, "00 05 07 14 09 01", "50 07 14 91 05 91 00", false },
        { BAS_ERR_UNSUPPORTED, "00 05 07 14 09 01", "20 07 14", true },
        { BAS_ERR_UNSUPPORTED, "00 05 07 14 09 02", "50 07 14 91 05 91 2D", false },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        bas_err err = rows[i].err;
        struct bac_service_hook hook = { BAC_CONFIRMED_REINITIALIZE_DEVICE, true, decide, &err };
        struct bac_server_config config = fixture_config();
        config.hooks = &hook;
        config.n_hooks = 1;
        struct fixture f;
        fixture_open_with(&f, &config);
        fixture_expect(&f, rows[i].request, rows[i].answer);
        struct bac_server_event e;
        assert_int_equal(bac_server_next_event(f.server, &e), rows[i].is_told);
        fixture_close(&f);
    }
}

static void a_wrong_password_never_reaches_the_program(void **state)
{
    (void)state;
    bas_err err = BAS_OK;
    const struct bac_service_hook hooks[] = {
        { BAC_CONFIRMED_REINITIALIZE_DEVICE, true, decide, &err },
        { BAC_CONFIRMED_DEVICE_COMMUNICATION_CONTROL, true, decide, &err },
    };
    struct bac_server_config config = fixture_config();
    config.password = "#egbdf!";
    config.hooks = hooks;
    config.n_hooks = BAS_ARRAY_LEN(hooks);
    struct fixture f;
    fixture_open_with(&f, &config);
    fixture_expect(&f, "00 05 07 11 19 02", "50 07 11 91 04 91 1A");
    fixture_expect(&f, "00 05 07 14 09 01", "50 07 14 91 04 91 1A");
    assert_true(bac_server_may_initiate(f.server));
    expect_no_event(&f);
    fixture_expect(&f, "00 05 07 11 19 02 2D 08 00 23 65 67 62 64 66 21", "20 07 11");
    assert_false(bac_server_may_initiate(f.server)); /* the program agreed, and the server acts */
    expect_event(&f, BAC_SERVER_COMMUNICATION, BAC_COMMUNICATION_DISABLE_INITIATION);
    err = BAS_ERR_CONFIG;
    fixture_expect(&f, "00 05 07 11 19 00 2D 08 00 23 65 67 62 64 66 21", "50 07 11 91 00 91 2E");
    assert_false(bac_server_may_initiate(f.server));
    fixture_close(&f);
}

static void a_whole_time_is_told_and_any_other_ignored(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        bool is_told, is_utc;
    } rows[] = {
        { "10 06 A4 5C 0B 11 02 B4 16 2D 1E 46", true, false }, /* Annex F.4.8 */
        { "10 09 A4 5C 0B 11 02 B4 16 2D 1E 46", true, true },
        { "10 06 A4 5C 0B 11 FF B4 16 2D 1E 46", true, false },  /* the date says the weekday */
        { "10 06 A4 5C 0B 11 03 B4 16 2D 1E 46", false, false }, /* and not another one */
        { "10 06 A4 FF 0B 11 02 B4 16 2D 1E 46", false, false },
        { "10 06 A4 5C 0D 11 02 B4 16 2D 1E 46", false, false },
        { "10 06 A4 5C 02 1E FF B4 16 2D 1E 46", false, false }, /* 30 February */
        { "10 06 A4 5C 0B 11 02 B4 18 2D 1E 46", false, false },
        { "10 06 A4 5C 0B 11 02 B4 16 2D 1E FF", false, false },
        { "10 06 A4 5C 0B 11 02", false, false },
        { "10 06 A4 5C 0B 11 02 B4 16 2D 1E 46 00", false, false },
        { "10 06", false, false },
    };
    struct fixture f;
    fixture_open(&f);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        fixture_expect(&f, rows[i].request, "");
        struct bac_server_event e;
        assert_int_equal(bac_server_next_event(f.server, &e), rows[i].is_told);
        if (rows[i].is_told) {
            assert_int_equal(e.kind, BAC_SERVER_TIME);
            assert_int_equal(e.is_utc, rows[i].is_utc);
            assert_int_equal(e.date_time.date.weekday, 2);
            assert_int_equal(e.date_time.time.hundredths, 70);
        }
    }
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_is_for_requests_of_our_own_and_ends_by_time),
        cmocka_unit_test(silence_without_a_time_lasts_until_it_is_lifted),
        cmocka_unit_test(nobody_can_make_the_device_deaf),
        cmocka_unit_test(the_password_is_asked_for_first),
        cmocka_unit_test(a_password_that_no_request_can_carry_is_refused),
        cmocka_unit_test(a_restart_is_told_to_the_program_and_backups_are_not_there),
        cmocka_unit_test(the_program_decides_whether_to_reinitialize),
        cmocka_unit_test(a_wrong_password_never_reaches_the_program),
        cmocka_unit_test(a_whole_time_is_told_and_any_other_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
