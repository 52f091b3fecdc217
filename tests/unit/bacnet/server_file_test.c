/* AtomicReadFile and AtomicWriteFile (14.1, 14.2). */
#include "server_fixture.h"

static const struct bac_file_config STREAM = { .content = { (const uint8_t *)"0123456789", 10 },
                                               .max_size = 12 };
static const struct bac_file_config LINES = {
    .content = { (const uint8_t *)"one\ntwo\n\nfour", 13 }, .by_record = true, .max_size = 20
};
static const struct bac_file_config FIXED = { .content = { (const uint8_t *)"fix", 3 },
                                              .read_only = true };
static const struct bac_file_config EMPTY = { .max_size = 4 };

static const struct bac_object_config FILES[] = {
    { .type = BAC_OBJECT_FILE, .instance = 1, .name = "stream", .file = &STREAM },
    { .type = BAC_OBJECT_FILE, .instance = 2, .name = "lines", .file = &LINES },
    { .type = BAC_OBJECT_FILE, .instance = 3, .name = "fixed", .file = &FIXED },
    { .type = BAC_OBJECT_FILE, .instance = 4, .name = "empty", .file = &EMPTY },
};

static void open_files(struct fixture *f)
{
    struct bac_server_config config = fixture_config();
    config.objects = FILES;
    config.n_objects = BAS_ARRAY_LEN(FILES);
    fixture_open_with(f, &config);
}

static void run_files(const struct exchange *rows, size_t n)
{
    struct fixture f;
    open_files(&f);
    run(&f, rows, n);
    fixture_close(&f);
}

#define READ  "00 05 07 06 C4 02 80 00 "
#define WRITE "00 05 07 07 C4 02 80 00 "

static void octets_are_read_up_to_the_end_of_the_file(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { READ "01 0E 31 00 21 04 0F", "30 07 06 10 0E 31 00 64 30 31 32 33 0F" },
        { READ "01 0E 31 06 21 04 0F", "30 07 06 11 0E 31 06 64 36 37 38 39 0F" },
        { READ "01 0E 31 08 22 FF FF 0F", "30 07 06 11 0E 31 08 62 38 39 0F" },
        { READ "01 0E 31 08 25 08 FF FF FF FF FF FF FF FF 0F", "30 07 06 11 0E 31 08 62 38 39 0F" },
        { READ "01 0E 31 02 21 00 0F", "30 07 06 10 0E 31 02 60 0F" },
        { READ "01 0E 31 0A 21 04 0F", "30 07 06 11 0E 31 0A 60 0F" },
        { READ "04 0E 31 00 21 04 0F", "30 07 06 11 0E 31 00 60 0F" },
        { READ "03 0E 31 00 21 04 0F", "30 07 06 11 0E 31 00 63 66 69 78 0F" },
    };
    run_files(rows, BAS_ARRAY_LEN(rows));
}

static void records_are_read_up_to_the_last_one(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { READ "02 1E 31 00 21 02 1F", "30 07 06 10 1E 31 00 21 02 63 6F 6E 65 63 74 77 6F 1F" },
        { READ "02 1E 31 01 21 03 1F",
          "30 07 06 11 1E 31 01 21 03 63 74 77 6F 60 64 66 6F 75 72 1F" },
        { READ "02 1E 31 03 21 09 1F", "30 07 06 11 1E 31 03 21 01 64 66 6F 75 72 1F" },
        { READ "02 1E 31 04 21 09 1F", "30 07 06 11 1E 31 04 21 00 1F" },
        { READ "02 1E 31 00 21 00 1F", "30 07 06 10 1E 31 00 21 00 1F" },
    };
    run_files(rows, BAS_ARRAY_LEN(rows));
}

static void what_cannot_be_read_is_told(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { READ "09 0E 31 00 21 04 0F", "50 07 06 91 01 91 1F" }, /* unknown-object */
        { "00 05 07 06 C4 02 00 04 D2 0E 31 00 21 04 0F", "50 07 06 91 05 91 82" },
        { READ "01 1E 31 00 21 04 1F", "50 07 06 91 05 91 0A" }, /* invalid access method */
        { READ "02 0E 31 00 21 04 0F", "50 07 06 91 05 91 0A" },
        { READ "01 0E 31 0B 21 04 0F", "50 07 06 91 05 91 0B" }, /* invalid start position */
        { READ "01 0E 31 FF 21 04 0F", "50 07 06 91 05 91 0B" },
        { READ "01 0E 35 08 7F FF FF FF FF FF FF FF 21 04 0F", "50 07 06 91 05 91 0B" },
        { READ "02 1E 31 05 21 04 1F", "50 07 06 91 05 91 0B" },
        { READ "02 1E 31 FF 21 04 1F", "50 07 06 91 05 91 0B" },
        { READ "01 2E 31 00 21 04 2F", "60 07 05" },
        { READ "01 0E 31 00 0F", "60 07 05" },
        { READ "01", "60 07 05" },
    };
    run_files(rows, BAS_ARRAY_LEN(rows));
}

static void a_part_that_does_not_fit_is_aborted(void **state)
{
    (void)state;
    struct fixture f;
    open_files(&f);
    f.way = 18;
    fixture_expect(&f, READ "01 0E 31 00 21 0A 0F", "71 07 04");
    fixture_expect(&f, READ "01 0E 31 00 21 08 0F",
                   "30 07 06 10 0E 31 00 65 08 30 31 32 33 34 35 36 37 0F");
    fixture_expect(&f, READ "02 1E 31 00 21 04 1F", "71 07 04");
    fixture_close(&f);
}

static void octets_are_written_over_and_behind(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { WRITE "01 0E 31 03 62 41 42 0F", "30 07 07 09 03" },
        { READ "01 0E 31 00 21 FF 0F",
          "30 07 06 11 0E 31 00 65 0A 30 31 32 41 42 35 36 37 38 39 0F" },
        { WRITE "01 0E 31 FF 61 43 0F", "30 07 07 09 0A" }, /* append */
        { WRITE "01 0E 31 0B 61 44 0F", "30 07 07 09 0B" }, /* the same */
        { READ "01 0E 31 09 21 FF 0F", "30 07 06 11 0E 31 09 63 39 43 44 0F" },
        { WRITE "01 0E 31 FF 61 45 0F", "50 07 07 91 01 91 80" }, /* object: file-full */
        { WRITE "01 0E 31 00 60 0F", "30 07 07 09 00" },
        { READ "01 0E 31 09 21 FF 0F", "30 07 06 11 0E 31 09 63 39 43 44 0F" },
    };
    run_files(rows, BAS_ARRAY_LEN(rows));
}

static void records_are_written_over_and_behind(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { WRITE "02 1E 31 01 21 02 61 32 61 33 1F", "30 07 07 19 01" },
        { WRITE "02 1E 31 FF 21 01 64 66 69 76 65 1F", "30 07 07 19 04" },
        { READ "02 1E 31 00 21 FF 1F",
          "30 07 06 11 1E 31 00 21 05 63 6F 6E 65 61 32 61 33 64 66 6F 75 72 64 66 69 76 65 1F" },
        { WRITE "02 1E 31 FF 21 01 64 73 69 78 21 1F", "50 07 07 91 01 91 80" }, /* file-full */
        { WRITE "02 1E 31 00 21 02 61 41 1F", "60 07 02" },             /* one record is not two */
        { WRITE "02 1E 31 00 21 01 61 0A 1F", "50 07 07 91 02 91 25" }, /* a newline */
    };
    run_files(rows, BAS_ARRAY_LEN(rows));
}

static void what_cannot_be_written_is_told(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        { WRITE "09 0E 31 00 61 41 0F", "50 07 07 91 01 91 1F" },
        { "00 05 07 07 C4 02 00 04 D2 0E 31 00 61 41 0F", "50 07 07 91 05 91 82" },
        { WRITE "01 1E 31 00 21 01 61 41 1F", "50 07 07 91 05 91 0A" },
        { WRITE "02 0E 31 00 61 41 0F", "50 07 07 91 05 91 0A" },
        { WRITE "03 0E 31 00 61 41 0F", "50 07 07 91 05 91 05" }, /* file-access-denied */
        { WRITE "01 0E 31 0B 61 41 0F", "50 07 07 91 05 91 0B" },
        { WRITE "01 0E 31 FE 61 41 0F", "50 07 07 91 05 91 0B" },
        { WRITE "02 1E 31 05 21 01 61 41 1F", "50 07 07 91 05 91 0B" },
        { WRITE "01 0E 31 0A 63 41 41 41 0F", "50 07 07 91 01 91 80" }, /* file-full */
        { WRITE "01 0E 31 FF 63 41 41 41 0F", "50 07 07 91 01 91 80" },
        { WRITE "01 0E 31 00 0F", "60 07 05" },
    };
    struct fixture f;
    open_files(&f);
    run(&f, rows, BAS_ARRAY_LEN(rows));
    expect_no_event(&f);
    fixture_close(&f);
}

static void the_program_hears_of_another_content(void **state)
{
    (void)state;
    struct fixture f;
    open_files(&f);
    fixture_expect(&f, WRITE "01 0E 31 FF 61 43 0F", "30 07 07 09 0A");
    struct bac_server_event e;
    assert_true(bac_server_next_event(f.server, &e));
    assert_int_equal(e.kind, BAC_SERVER_WRITTEN);
    assert_int_equal(e.object.type, BAC_OBJECT_FILE);
    assert_int_equal(e.property, BAC_PROPERTY_FILE_SIZE);
    assert_int_equal(e.value.as.unsigned_integer, 11);
    assert_int_equal(e.raw.len, 2);
    assert_memory_equal(e.raw.data, "\x21\x0B", 2);
    assert_false(e.lasts);
    expect_no_event(&f);
    fixture_close(&f);
}

/* A file behind the program's functions: "ABC", and what they fail with. */
struct behind {
    bas_err err;
    bool is_told, is_shorter;
    uint32_t start;
    size_t written;
};

static uint32_t behind_size(void *ctx)
{
    (void)ctx;
    return 3;
}

static bas_err behind_fail(const struct behind *b, struct bas_fault *fault)
{
    return b->is_told ? bas_fail_code(fault, b->err, BAC_ERROR_CLASS_SERVICES,
                                      BAC_ERROR_CODE_FILE_ACCESS_DENIED, "locked")
                      : b->err;
}

static bas_err behind_read(void *ctx, uint32_t start, uint32_t count, struct bas_buf *out,
                           struct bas_fault *fault)
{
    const struct behind *b = ctx;
    assert_true(start + count <= 3);
    static const char content[] = "ABC";
    bas_buf_add(out, content + start, b->is_shorter ? 1 : count);
    return behind_fail(b, fault);
}

static bas_err behind_write(void *ctx, uint32_t start, struct bas_slice data,
                            struct bas_fault *fault)
{
    struct behind *b = ctx;
    b->start = start;
    b->written = data.len;
    return behind_fail(b, fault);
}

static void a_file_behind_functions_is_asked_and_its_errors_are_told(void **state)
{
    (void)state;
    struct behind b = { 0 };
    const struct bac_file_ops ops = { .size = behind_size,
                                      .read = behind_read,
                                      .write = behind_write };
    const struct bac_file_config file = { .ops = &ops, .ctx = &b };
    const struct bac_object_config object = {
        .type = BAC_OBJECT_FILE, .instance = 1, .name = "behind", .file = &file
    };
    struct bac_server_config config = fixture_config();
    config.objects = &object;
    config.n_objects = 1;
    struct fixture f;
    fixture_open_with(&f, &config);
    fixture_expect(&f, READ "01 0E 31 01 21 09 0F", "30 07 06 11 0E 31 01 62 42 43 0F");
    fixture_expect(&f, WRITE "01 0E 31 FF 62 44 45 0F", "30 07 07 09 03");
    assert_int_equal(b.start, 3);
    assert_int_equal(b.written, 2);
    b.is_shorter = true; /* it became shorter meanwhile */
    fixture_expect(&f, READ "01 0E 31 00 21 09 0F", "30 07 06 10 0E 31 00 61 41 0F");
    b.err = BAS_ERR_IO; /* device: operational-problem */
    fixture_expect(&f, READ "01 0E 31 00 21 09 0F", "50 07 06 91 00 91 19");
    fixture_expect(&f, WRITE "01 0E 31 00 61 41 0F", "50 07 07 91 00 91 19");
    b.is_told = true;
    fixture_expect(&f, READ "01 0E 31 00 21 09 0F", "50 07 06 91 05 91 05");
    fixture_expect(&f, WRITE "01 0E 31 00 61 41 0F", "50 07 07 91 05 91 05");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(octets_are_read_up_to_the_end_of_the_file),
        cmocka_unit_test(records_are_read_up_to_the_last_one),
        cmocka_unit_test(what_cannot_be_read_is_told),
        cmocka_unit_test(a_part_that_does_not_fit_is_aborted),
        cmocka_unit_test(octets_are_written_over_and_behind),
        cmocka_unit_test(records_are_written_over_and_behind),
        cmocka_unit_test(what_cannot_be_written_is_told),
        cmocka_unit_test(a_file_behind_functions_is_asked_and_its_errors_are_told),
        cmocka_unit_test(the_program_hears_of_another_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
