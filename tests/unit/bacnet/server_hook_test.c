/* Hooks: services that the program serves before the server or instead of it; visitors. */
#include "server_fixture.h"

/* What a program does with the next request, and what it saw. */
struct program {
    bas_err err;
    unsigned error_class, error_code;
    const char *answer; /* hex */
    unsigned calls;
    struct bac_hook_request seen;
    uint8_t parameters[64];
};

static bas_err serve(void *ctx, const struct bac_hook_request *request, struct bas_buf *out,
                     struct bas_fault *fault)
{
    struct program *p = ctx;
    p->calls++;
    p->seen = *request;
    assert_true(request->parameters.len <= sizeof(p->parameters));
    if (request->parameters.len != 0) {
        memcpy(p->parameters, request->parameters.data, request->parameters.len);
    }
    if (p->answer != NULL) {
        struct bas_slice answer = test_hex(p->answer);
        bas_buf_add(out, answer.data, answer.len);
    }
    if (p->err != BAS_OK && p->error_code != 0) {
        return bas_fail_code(fault, p->err, p->error_class, p->error_code, "no");
    }
    return p->err;
}

static void open_hooked(struct fixture *f, struct program *p, uint8_t service, bool is_confirmed)
{
    struct bac_service_hook hook = { service, is_confirmed, serve, p };
    struct bac_server_config config = fixture_config();
    config.hooks = &hook;
    config.n_hooks = 1;
    fixture_open_with(f, &config);
}

static void the_program_goes_before_the_server(void **state)
{
    (void)state;
    struct fixture f;
    struct program p = { .answer = "0C 00 00 00 01 19 55 3E 44 00 00 00 00 3F" };
    open_hooked(&f, &p, BAC_CONFIRMED_READ_PROPERTY, true);
    f.from.network = 7;
    fixture_expect(&f, "00 05 07 0C 0C 00 00 00 01 19 55",
                   "30 07 0C 0C 00 00 00 01 19 55 3E 44 00 00 00 00 3F");
    assert_int_equal(p.seen.service, BAC_CONFIRMED_READ_PROPERTY);
    assert_int_equal(p.seen.from.network, 7);
    assert_int_equal(p.seen.parameters.len, 7);
    assert_memory_equal(p.parameters, "\x0C\x00\x00\x00\x01\x19\x55", 7);
    p.err = BAS_ERR_UNSUPPORTED; /* what it wrote before it declined is forgotten */
    fixture_expect(&f, "00 05 07 0C 0C 00 00 00 01 19 55",
                   "30 07 0C 0C 00 00 00 01 19 55 3E 44 41 AC 00 00 3F");
    assert_int_equal(p.calls, 2);
    fixture_close(&f);
}

static void what_does_not_fit_is_forgotten_when_the_program_declines(void **state)
{
    (void)state;
    struct fixture f;
    struct program p = { .err = BAS_ERR_UNSUPPORTED,
                         .answer = "00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 00 01 02 03" };
    open_hooked(&f, &p, BAC_CONFIRMED_READ_PROPERTY, true);
    f.way = 20;
    fixture_expect(&f, "00 05 07 0C 0C 00 00 00 01 19 55",
                   "30 07 0C 0C 00 00 00 01 19 55 3E 44 41 AC 00 00 3F");
    fixture_close(&f);
}

static void the_program_says_no_by_class_and_code(void **state)
{
    (void)state;
    struct fixture f;
    struct program p = { .err = BAS_ERR_INVALID };
    open_hooked(&f, &p, BAC_CONFIRMED_WRITE_PROPERTY, true);
    static const char request[] = "00 05 07 0F 0C 00 80 00 01 19 55 3E 44 42 48 00 00 3F";
    fixture_expect(&f, request, "50 07 0F 91 05 91 00"); /* services: other */
    p.error_class = BAC_ERROR_CLASS_RESOURCES;
    p.error_code = BAC_ERROR_CODE_OUT_OF_MEMORY;
    fixture_expect(&f, request, "50 07 0F 91 03 91 85");
    p.err = BAS_OK;
    fixture_expect(&f, request, "20 07 0F");
    expect_present(&f, SETPOINT, 0);
    fixture_close(&f);
}

static void the_program_sees_well_formed_requests_only(void **state)
{
    (void)state;
    struct fixture f;
    struct program p = { 0 };
    open_hooked(&f, &p, BAC_CONFIRMED_COV_NOTIFICATION, true);
    fixture_expect(&f, "00 05 07 01 09 12 1C 02 00 00 04 2C 00 00 00 0A 39 00 4E", "60 07 04");
    fixture_expect(&f, "00 05 07 01 09 12", "60 07 05");
    assert_int_equal(p.calls, 0);
    fixture_expect(&f,
                   "00 05 07 01 09 12 1C 02 00 00 04 2C 00 00 00 0A 39 00 4E 09 55 2E 44 42 82 00 "
                   "00 2F 4F",
                   "20 07 01");
    assert_int_equal(p.calls, 1);
    fixture_close(&f);
}

static void a_service_of_the_program_alone_is_unknown_without_its_hook(void **state)
{
    (void)state;
    static const char request[] = "00 05 07 01 09 12 1C 02 00 00 04 2C 00 00 00 0A 39 00 4E 4F";
    struct fixture f;
    fixture_open(&f);
    fixture_expect(&f, request, "60 07 09");
    fixture_close(&f);
    struct program p = { .err = BAS_ERR_UNSUPPORTED };
    open_hooked(&f, &p, BAC_CONFIRMED_COV_NOTIFICATION, true);
    fixture_expect(&f, request, "50 07 01 91 05 91 4F"); /* services: unknown-subscription */
    fixture_close(&f);
}

static void an_error_of_the_program_has_the_form_of_its_service(void **state)
{
    (void)state;
    static const struct {
        uint8_t service;
        const char *request, *answer;
    } rows[] = {
        { BAC_CONFIRMED_PRIVATE_TRANSFER, "00 05 07 12 09 19 19 08 2E 44 42 90 CC CD 2F",
          "50 07 12 0E 91 05 91 1D 0F 19 19 29 08" },
        { BAC_CONFIRMED_VT_CLOSE, "00 05 07 16 21 1D", "50 07 16 0E 91 05 91 1D 0F 1E 21 1D 1F" },
        { BAC_CONFIRMED_TEXT_MESSAGE, "00 05 07 13 0C 02 00 00 05 29 00 3D 02 00 41",
          "50 07 13 91 05 91 1D" },
        { BAC_CONFIRMED_CREATE_OBJECT, "00 05 07 0A 0E 09 0A 0F",
          "50 07 0A 0E 91 05 91 1D 0F 19 00" },
        { BAC_CONFIRMED_ADD_LIST_ELEMENT, "00 05 07 08 0C 02 C0 00 03 19 35 3E 21 01 3F",
          "50 07 08 0E 91 05 91 1D 0F 19 00" },
        { BAC_CONFIRMED_SUBSCRIBE_COV_PROPERTY_MULTIPLE, "00 05 07 1E 09 12 19 00 4E 4F",
          "50 07 1E 0E 91 05 91 1D 0F" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct program p = { .err = BAS_ERR_INVALID,
                             .error_class = BAC_ERROR_CLASS_SERVICES,
                             .error_code = BAC_ERROR_CODE_SERVICE_REQUEST_DENIED };
        struct fixture f;
        open_hooked(&f, &p, rows[i].service, true);
        fixture_expect(&f, rows[i].request, rows[i].answer);
        assert_int_equal(p.calls, 1);
        fixture_close(&f);
    }
}

static void a_program_that_declines_is_answered_for(void **state)
{
    (void)state;
    static const struct {
        uint8_t service;
        const char *request, *answer;
    } rows[] = {
        { BAC_CONFIRMED_PRIVATE_TRANSFER, "00 05 07 12 09 19 19 08",
          "50 07 12 0E 91 05 91 2D 0F 19 19 29 08" },
        { BAC_CONFIRMED_TEXT_MESSAGE, "00 05 07 13 0C 02 00 00 05 29 00 3D 02 00 41",
          "50 07 13 91 05 91 1D" },
        { BAC_CONFIRMED_VT_OPEN, "00 05 07 15 91 01 21 05", "50 07 15 91 06 91 22" },
        { BAC_CONFIRMED_VT_CLOSE, "00 05 07 16 21 1D", "50 07 16 0E 91 06 91 23 0F 1E 21 1D 1F" },
        { BAC_CONFIRMED_VT_DATA, "00 05 07 17 21 1D 61 41 21 00", "50 07 17 91 06 91 23" },
        { BAC_CONFIRMED_LIFE_SAFETY_OPERATION, "00 05 07 1B 09 12 1C 00 4D 44 4C 29 04",
          "50 07 1B 91 05 91 1D" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct program p = { .err = BAS_ERR_UNSUPPORTED };
        struct fixture f;
        open_hooked(&f, &p, rows[i].service, true);
        fixture_expect(&f, rows[i].request, rows[i].answer);
        assert_int_equal(p.calls, 1);
        fixture_close(&f);
    }
}

static void services_supported_follow_the_rows_and_the_hooks(void **state)
{
    (void)state;
    static const struct {
        uint8_t service;
        bool is_confirmed;
        unsigned bit;
    } rows[] = {
        { BAC_CONFIRMED_COV_NOTIFICATION, true, BAC_SUPPORTS_CONFIRMED_COV_NOTIFICATION },
        { BAC_CONFIRMED_TEXT_MESSAGE, true, BAC_SUPPORTS_CONFIRMED_TEXT_MESSAGE },
        { BAC_UNCONFIRMED_YOU_ARE, false, BAC_SUPPORTS_YOU_ARE },
        { BAC_UNCONFIRMED_I_AM, false, BAC_SUPPORTS_I_AM },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        for (unsigned is_hooked = 0; is_hooked < 2; is_hooked++) {
            struct fixture f;
            struct program p = { 0 };
            uint8_t other = rows[i].is_confirmed ? 200 : 201;
            open_hooked(&f, &p, is_hooked ? rows[i].service : other, rows[i].is_confirmed);
            uint8_t memory[64];
            struct bas_buf out;
            bas_buf_init(&out, memory, sizeof(memory));
            const struct bac_read_property what = { .object = { BAC_OBJECT_DEVICE, 1234 },
                                                    .property =
                                                        BAC_PROPERTY_PROTOCOL_SERVICES_SUPPORTED };
            assert_int_equal(bac_server_read(f.server, &what, &out, NULL), BAS_OK);
            struct bas_slice in = { out.data, out.len };
            struct bac_value value;
            assert_int_equal(bac_decode_all(&bac_type_value, in, &value, NULL, NULL), BAS_OK);
            assert_int_equal(bac_bit(&value.as.bits, rows[i].bit), is_hooked);
            assert_true(bac_bit(&value.as.bits, BAC_SUPPORTS_READ_PROPERTY));
            fixture_close(&f);
        }
    }
}

static void an_unconfirmed_service_goes_to_the_program_and_is_never_answered(void **state)
{
    (void)state;
    struct fixture f;
    struct program p = { .err = BAS_ERR_INVALID, .answer = "00" };
    open_hooked(&f, &p, BAC_UNCONFIRMED_WHO_IS, false);
    f.broadcast = true;
    fixture_expect(&f, "10 08", "");
    assert_int_equal(p.calls, 1);
    assert_true(p.seen.broadcast);
    p.err = BAS_OK;
    fixture_expect(&f, "10 08", "");
    fixture_expect(&f, "10 08 99", ""); /* malformed */
    assert_int_equal(p.calls, 2);
    assert_int_equal(bac_server_stats(f.server)->malformed, 1);
    p.err = BAS_ERR_UNSUPPORTED;
    fixture_expect(&f, "10 08", "10 00 C4 02 00 04 D2 22 05 C4 91 00 22 03 E7");
    fixture_close(&f);
}

static void a_visitor_serves_its_hooks_and_nothing_else(void **state)
{
    (void)state;
    struct program p = { 0 };
    const struct bac_service_hook hooks[] = {
        { BAC_CONFIRMED_TEXT_MESSAGE, true, serve, &p },
        { BAC_UNCONFIRMED_I_AM, false, serve, &p },
    };
    const struct bac_server_config config = {
        .size = sizeof(config), .is_visitor = true, .hooks = hooks, .n_hooks = BAS_ARRAY_LEN(hooks)
    };
    struct fixture f;
    fixture_open_with(&f, &config);
    fixture_expect(&f, "10 08", "");
    fixture_expect(&f, "10 07 2C 02 00 00 00", "");
    fixture_expect(&f, "00 05 07 0C 0C 02 00 00 00 19 4B", "60 07 09");
    fixture_expect(&f, "00 05 07 01 09 12 1C 02 00 00 04 2C 00 00 00 0A 39 00 4E 4F", "60 07 09");
    const struct bac_address all = { .network = BAC_BROADCAST_NETWORK };
    assert_int_equal(bac_server_announce(f.server, &all, 0), BAS_OK);
    fixture_expect(&f, "10 00 C4 02 00 00 01 22 05 C4 91 03 22 03 E7", "");
    assert_int_equal(p.calls, 1);
    fixture_expect(&f, "00 05 07 13 0C 02 00 00 05 29 00 3D 02 00 41", "20 07 13");
    assert_int_equal(p.calls, 2);
    fixture_close(&f);
}

static void a_server_with_hooks_survives_every_failing_allocation(void **state)
{
    (void)state;
    struct program p = { 0 };
    struct bac_service_hook hook = { 200, true, serve, &p };
    struct bac_server_config config = fixture_config();
    config.hooks = &hook;
    config.n_hooks = 1;
    struct test_env t;
    test_env_init(&t);
    struct bac_server *server = NULL;
    for (size_t k = 1; server == NULL; k++) {
        t.allocations = 0;
        t.fail_at = k;
        struct bas_fault fault = { 0 };
        server = bac_server_new(&t.env, &config, &fault);
        assert_true(server != NULL || fault.err == BAS_ERR_NO_MEMORY);
        assert_true(k < 100);
    }
    t.fail_at = 0;
    bac_server_free(server);
    test_env_check(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_program_goes_before_the_server),
        cmocka_unit_test(what_does_not_fit_is_forgotten_when_the_program_declines),
        cmocka_unit_test(the_program_says_no_by_class_and_code),
        cmocka_unit_test(the_program_sees_well_formed_requests_only),
        cmocka_unit_test(a_service_of_the_program_alone_is_unknown_without_its_hook),
        cmocka_unit_test(an_error_of_the_program_has_the_form_of_its_service),
        cmocka_unit_test(a_program_that_declines_is_answered_for),
        cmocka_unit_test(services_supported_follow_the_rows_and_the_hooks),
        cmocka_unit_test(an_unconfirmed_service_goes_to_the_program_and_is_never_answered),
        cmocka_unit_test(a_visitor_serves_its_hooks_and_nothing_else),
        cmocka_unit_test(a_server_with_hooks_survives_every_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
