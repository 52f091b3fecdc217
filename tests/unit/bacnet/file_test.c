/* File objects: octets, records, sizes, and what was changed when. */
#include "object_fixture.h"

#include "bacnet/file.h"
#include "bacnet/server/server.h"

static struct bac_object *file_of(struct fixture *f, uint32_t instance)
{
    struct bac_object *object =
        bac_database_find(&f->server->db, (struct bac_object_id){ BAC_OBJECT_FILE, instance });
    assert_non_null(object);
    return object;
}

static struct bas_slice text(const char *octets)
{
    return (struct bas_slice){ (const uint8_t *)octets, strlen(octets) };
}

static void expect_content(const struct bac_object *object, const char *want)
{
    uint8_t memory[64];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(bac_file_read(object, 0, 64, &out, NULL), BAS_OK);
    assert_int_equal(out.len, strlen(want));
    assert_memory_equal(memory, want, out.len);
    assert_int_equal(bac_file_size(object), out.len);
}

static void expect(const struct bac_object *object, uint32_t property, const char *hex)
{
    uint8_t memory[64];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(bac_object_read(object, property, BAC_NO_INDEX, &out, NULL), BAS_OK);
    struct bas_slice want = test_hex(hex);
    assert_int_equal(out.len, want.len);
    assert_memory_equal(memory, want.data, want.len);
}

static unsigned write(struct bac_object *object, uint32_t property, const char *hex)
{
    struct bac_write w = { .property = property, .index = BAC_NO_INDEX };
    struct bas_fault fault = { 0 };
    bas_err err = bac_object_write(object, &w, test_hex(hex), &fault);
    return err == BAS_OK ? 0 : fault.error_code;
}

static void octets_are_read_and_written_within_the_bounds(void **state)
{
    (void)state;
    struct fixture f;
    every_open(&f);
    struct bac_object *file = file_of(&f, 1);
    uint8_t memory[8];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(bac_file_read(file, 4, 3, &out, NULL), BAS_OK);
    assert_memory_equal(memory, "two", 3);
    assert_int_equal(bac_file_read(file, 8, 3, &out, NULL), BAS_OK);
    assert_int_equal(out.len, 3); /* nothing behind the end */
    assert_int_equal(bac_file_write(file, 4, text("TWOS"), NULL), BAS_OK);
    assert_int_equal(bac_file_write(file, 8, text("more"), NULL), BAS_OK);
    expect_content(file, "one\nTWOSmore");
    struct bas_fault fault = { 0 };
    assert_true(bac_file_write(file, 13, text("x"), &fault) != BAS_OK);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_INVALID_FILE_START_POSITION);
    assert_true(bac_file_write(file, 12, text("123456789012345678901"), &fault) != BAS_OK);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_FILE_FULL);
    expect_content(file, "one\nTWOSmore");
    fixture_close(&f);
}

static void a_change_clears_archive_and_tells_when(void **state)
{
    (void)state;
    struct fixture f;
    every_open(&f);
    f.t.wall = 1791812345670000; /* 2026-10-12 13:39:05.67 */
    struct bac_object *file = file_of(&f, 1);
    expect(file, BAC_PROPERTY_MODIFICATION_DATE, "A4 FF FF FF FF B4 FF FF FF FF");
    assert_int_equal(write(file, BAC_PROPERTY_ARCHIVE, "11"), 0);
    expect(file, BAC_PROPERTY_ARCHIVE, "11");
    assert_int_equal(bac_file_write(file, 0, text("O"), NULL), BAS_OK);
    expect(file, BAC_PROPERTY_ARCHIVE, "10");
    expect(file, BAC_PROPERTY_MODIFICATION_DATE, "A4 7E 0A 0C 01 B4 0D 27 05 43");
    expect(f.server->db.device, BAC_PROPERTY_LOCAL_DATE, "A4 7E 0A 0C 01");
    expect(f.server->db.device, BAC_PROPERTY_UTC_OFFSET, "31 00");
    fixture_close(&f);
}

static void the_size_can_be_written(void **state)
{
    (void)state;
    struct fixture f;
    every_open(&f);
    struct bac_object *file = file_of(&f, 1);
    assert_int_equal(write(file, BAC_PROPERTY_FILE_SIZE, "21 03"), 0);
    expect_content(file, "one");
    assert_int_equal(write(file, BAC_PROPERTY_FILE_SIZE, "21 05"), 0);
    assert_int_equal(bac_file_size(file), 5);
    expect(file, BAC_PROPERTY_FILE_SIZE, "21 05");
    assert_int_equal(write(file, BAC_PROPERTY_FILE_SIZE, "21 21"), BAC_ERROR_CODE_FILE_FULL);
    assert_int_equal(write(file, BAC_PROPERTY_FILE_SIZE, "25 05 01 00 00 00 00"),
                     BAC_ERROR_CODE_VALUE_OUT_OF_RANGE);
    assert_int_equal(write(file, BAC_PROPERTY_FILE_SIZE, "21 00"), 0);
    expect_content(file, "");
    struct bac_object *records = file_of(&f, 2);
    assert_int_equal(write(records, BAC_PROPERTY_FILE_SIZE, "21 03"),
                     BAC_ERROR_CODE_VALUE_OUT_OF_RANGE);
    assert_int_equal(write(records, BAC_PROPERTY_FILE_SIZE, "21 00"), 0);
    assert_int_equal(bac_file_count_records(records), 0);
    fixture_close(&f);
}

static void records_are_lines(void **state)
{
    (void)state;
    struct fixture f;
    every_open(&f);
    struct bac_object *file = file_of(&f, 2);
    assert_int_equal(bac_file_count_records(file), 2);
    expect(file, BAC_PROPERTY_RECORD_COUNT, "21 02");
    struct bas_slice two = bac_file_record(file, 1);
    assert_int_equal(two.len, 3);
    assert_memory_equal(two.data, "two", 3);
    assert_int_equal(bac_file_record(file, 2).len, 0);
    const struct bas_slice three[] = { text("three"), text("") };
    assert_int_equal(bac_file_write_records(file, 2, three, 2, NULL), BAS_OK);
    expect_content(file, "one\ntwo\nthree\n\n");
    const struct bas_slice zero[] = { text("0"), text("1") };
    assert_int_equal(bac_file_write_records(file, 0, zero, 2, NULL), BAS_OK);
    expect_content(file, "0\n1\nthree\n\n");
    assert_int_equal(bac_file_write_records(file, 3, zero, 2, NULL), BAS_OK);
    expect_content(file, "0\n1\nthree\n0\n1\n");
    struct bas_fault fault = { 0 };
    const struct bas_slice bad[] = { text("a\nb") };
    assert_true(bac_file_write_records(file, 0, bad, 1, &fault) != BAS_OK);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_VALUE_OUT_OF_RANGE);
    const struct bas_slice large[] = { text("12345678901234567890") };
    assert_true(bac_file_write_records(file, 0, large, 1, &fault) != BAS_OK);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_FILE_FULL);
    expect_content(file, "0\n1\nthree\n0\n1\n");
    fixture_close(&f);
}

/* A file elsewhere */

static uint32_t elsewhere_size(void *ctx)
{
    (void)ctx;
    return 3;
}

static bas_err elsewhere_read(void *ctx, uint32_t start, uint32_t count, struct bas_buf *out,
                              struct bas_fault *fault)
{
    (void)fault;
    bas_buf_add(out, (const uint8_t *)ctx + start, count < 3 - start ? count : 3 - start);
    return BAS_OK;
}

static bas_err elsewhere_write(void *ctx, uint32_t start, struct bas_slice data,
                               struct bas_fault *fault)
{
    (void)ctx;
    (void)start;
    return data.len == 1 ? BAS_ERR_IO
                         : bas_fail_code(fault, BAS_ERR_INVALID, BAC_ERROR_CLASS_PROPERTY,
                                         BAC_ERROR_CODE_VALUE_OUT_OF_RANGE, "no");
}

static void ops_stand_for_content(void **state)
{
    (void)state;
    char octets[] = "abc";
    struct bac_file_ops ops = { .size = elsewhere_size,
                                .read = elsewhere_read,
                                .write = elsewhere_write };
    struct bac_file_config files[] = { { .ops = &ops, .ctx = octets }, { .by_record = true } };
    struct bac_object_config object = {
        .type = BAC_OBJECT_FILE, .instance = 1, .name = "f", .file = &files[0]
    };
    struct bac_server_config config = fixture_config();
    config.objects = &object;
    config.n_objects = 1;
    struct fixture f;
    fixture_open_with(&f, &config);
    struct bac_object *file = file_of(&f, 1);
    expect_content(file, "abc");
    struct bas_fault fault = { 0 };
    assert_int_equal(bac_file_write(file, 0, text("x"), &fault), BAS_ERR_INVALID);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_OPERATIONAL_PROBLEM);
    assert_int_equal(bac_file_write(file, 0, text("xy"), &fault), BAS_ERR_INVALID);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_VALUE_OUT_OF_RANGE);
    assert_true(bac_file_resize(file, 0, &fault) != BAS_OK);
    ops.write = NULL;
    expect(file, BAC_PROPERTY_READ_ONLY, "11");
    assert_int_equal(write(file, BAC_PROPERTY_FILE_SIZE, "21 00"),
                     BAC_ERROR_CODE_WRITE_ACCESS_DENIED);
    assert_true(bac_file_write(file, 0, text("x"), &fault) != BAS_OK);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_FILE_ACCESS_DENIED);
    fixture_close(&f);
    struct test_env t;
    test_env_init(&t);
    files[0].by_record = true;
    assert_null(bac_server_new(&t.env, &config, &fault));
    test_env_check(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(octets_are_read_and_written_within_the_bounds),
        cmocka_unit_test(a_change_clears_archive_and_tells_when),
        cmocka_unit_test(the_size_can_be_written),
        cmocka_unit_test(records_are_lines),
        cmocka_unit_test(ops_stand_for_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
