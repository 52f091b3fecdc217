#define _XOPEN_SOURCE 700 /* lstat, truncate, symlink */
#include "test_env.h"

#include "store_fixture.h"

/* Opening is refused with these words, and the file stays as it is. */
static void assert_refused(const char *path, bas_err wanted, const char *why)
{
    struct test_env t;
    struct bas_store *store = NULL;
    struct bas_fault fault = { 0 };
    struct stat before = { 0 };
    struct stat after = { 0 };
    const struct bas_store_config config = { .size = sizeof(config), .path = path, .wait_ms = 1 };
    test_env_init(&t);
    int is_there = lstat(path, &before);
    bas_err err = bas_store_open(&t.env, &config, &store, &fault);
    if (err != wanted || strstr(fault.text, why) == NULL) {
        fail_msg("%d: \"%s\" is not \"%s\"", (int)err, fault.text, why);
    }
    assert_int_equal(fault.err, wanted);
    assert_null(store);
    assert_int_equal(lstat(path, &after), is_there);
    assert_true(before.st_size == after.st_size && before.st_ino == after.st_ino &&
                before.st_mtime == after.st_mtime);
    test_env_check(&t);
}

static void make_store(void)
{
    struct test_env t;
    test_env_init(&t);
    struct bas_store *store = store_open_in(&t);
    (void)store_reserve(store, &store_name, 0, 100);
    bas_store_close(store);
    test_env_check(&t);
}

static void a_new_store_is_for_its_user_alone(void **state)
{
    (void)state;
    struct test_env t;
    struct stat st;
    test_env_init(&t);
    mode_t old = umask(0);
    struct bas_store *store = store_open_in(&t);
    (void)umask(old);
    (void)store_reserve(store, &store_name, 0, 1);
    static const char *const files[] = { STORE_FILE, STORE_FILE "-wal", STORE_FILE "-shm" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(files); i++) {
        assert_int_equal(stat(files[i], &st), 0);
        assert_int_equal(st.st_mode & 07777U, 0600);
    }
    bas_store_close(store);
    test_env_check(&t);
}

static void a_store_that_is_made_leaves_no_other_file(void **state)
{
    (void)state;
    make_store();
    assert_int_equal(system("test \"$(ls -A)\" = " STORE_FILE), 0);
}

static void what_is_not_a_store_is_refused_and_kept(void **state)
{
    (void)state;
    test_folder_write(STORE_FILE, "this is a text that is long enough to be looked at by anybody "
                                  "who expects the header of a database, a hundred octets.");
    assert_refused(STORE_FILE, BAS_ERR_MALFORMED, STORE_FILE ": cannot be opened: file is not a");
    test_folder_write(STORE_FILE, "short");
    assert_refused(STORE_FILE, BAS_ERR_MALFORMED, "move it away");
}

static void an_empty_file_is_a_damaged_store(void **state)
{
    (void)state;
    test_folder_write(STORE_FILE, "");
    assert_refused(STORE_FILE, BAS_ERR_MALFORMED, STORE_FILE ": is damaged (it is empty): move it");
}

static void a_database_of_another_program_is_refused(void **state)
{
    (void)state;
    store_sql("CREATE TABLE sender (x)");
    (void)chmod(STORE_FILE, 0600);
    assert_refused(STORE_FILE, BAS_ERR_MALFORMED, "is a database of another program");
}

static void a_newer_schema_is_refused(void **state)
{
    (void)state;
    make_store();
    store_sql("PRAGMA user_version = 2");
    assert_refused(STORE_FILE, BAS_ERR_UNSUPPORTED, "has the schema 2, this program knows 1");
}

static void a_missing_table_is_told(void **state)
{
    (void)state;
    make_store();
    store_sql("DROP TABLE peer");
    assert_refused(STORE_FILE, BAS_ERR_MALFORMED,
                   "cannot be used: SQL logic error; it is no store");
}

static void damaged_pages_are_told(void **state)
{
    (void)state;
    make_store();
    struct stat st;
    assert_int_equal(stat(STORE_FILE, &st), 0);
    assert_true(st.st_size >= 3 * 4096);
    for (long page = 0; page < st.st_size / 4096; page++) {
        uint8_t kept[4096];
        uint8_t garbage[4096];
        memset(garbage, 0x5A, sizeof(garbage));
        FILE *file = fopen(STORE_FILE, "r+b");
        assert_non_null(file);
        assert_int_equal(fseek(file, page * 4096, SEEK_SET), 0);
        assert_int_equal(fread(kept, 1, sizeof(kept), file), sizeof(kept));
        assert_int_equal(fseek(file, page * 4096 + (page == 0 ? 100 : 0), SEEK_SET), 0);
        assert_int_equal(fwrite(garbage, 1, sizeof(garbage) - 100, file), sizeof(garbage) - 100);
        assert_int_equal(fclose(file), 0);
        assert_refused(STORE_FILE, BAS_ERR_MALFORMED, "amaged");
        file = fopen(STORE_FILE, "r+b");
        assert_non_null(file);
        assert_int_equal(fseek(file, page * 4096, SEEK_SET), 0);
        assert_int_equal(fwrite(kept, 1, sizeof(kept), file), sizeof(kept));
        assert_int_equal(fclose(file), 0);
    }
    make_store(); /* whole again */
}

static void a_truncated_store_is_told(void **state)
{
    (void)state;
    static const off_t lengths[] = { 1, 99, 100, 512, 4095, 4096, 8191, 8192 };
    for (size_t i = 0; i < BAS_ARRAY_LEN(lengths); i++) {
        (void)store_remove(NULL);
        make_store();
        assert_int_equal(truncate(STORE_FILE, lengths[i]), 0);
        assert_refused(STORE_FILE, BAS_ERR_MALFORMED, "amaged");
    }
}

static void a_number_out_of_its_range_is_told(void **state)
{
    (void)state;
    static const char *const changes[] = { "UPDATE sender SET bound = -1",
                                           "UPDATE sender SET bound = 281474976710657",
                                           "UPDATE sender SET bound = 'x'" };
    make_store();
    for (size_t i = 0; i < BAS_ARRAY_LEN(changes); i++) {
        struct test_env t;
        struct bas_store_block block;
        struct bas_fault fault = { 0 };
        store_sql(changes[i]);
        test_env_init(&t);
        struct bas_store *store = store_open_in(&t);
        assert_int_equal(bas_store_reserve(store, &store_name, 0, 1, &block, &fault),
                         BAS_ERR_MALFORMED);
        assert_non_null(strstr(fault.text, "a number out of its range"));
        assert_int_equal(block.count, 0);
        bas_store_close(store);
        test_env_check(&t);
    }
}

static void a_store_that_others_may_write_is_refused(void **state)
{
    (void)state;
    make_store();
    assert_int_equal(chmod(STORE_FILE, 0620), 0);
    assert_refused(STORE_FILE, BAS_ERR_PERMISSION, "(mode 0620)");
    assert_int_equal(chmod(STORE_FILE, 0602), 0);
    assert_refused(STORE_FILE, BAS_ERR_PERMISSION, "chmod 600");
    assert_int_equal(chmod(STORE_FILE, 0644), 0);
    make_store();
}

static void what_is_no_file_is_refused(void **state)
{
    (void)state;
    test_folder_make("folder");
    assert_refused("folder", BAS_ERR_INVALID, "folder: is not a file");
    assert_int_equal(symlink("elsewhere", "link"), 0);
    assert_refused("link", BAS_ERR_INVALID, "link: is not a file");
    assert_int_equal(unlink("link"), 0);
    assert_refused("missing/store", BAS_ERR_NOT_FOUND, "make its folder first");
    assert_refused("", BAS_ERR_INVALID, "a store needs a path");
}

static void a_lock_that_is_held_ends_in_busy(void **state)
{
    (void)state;
    struct test_env t;
    struct bas_store_block block;
    struct bas_fault fault = { 0 };
    struct bas_store *store = NULL;
    const struct bas_store_config config = { .size = sizeof(config),
                                             .path = STORE_FILE,
                                             .wait_ms = 1 };
    sqlite3 *db = NULL;
    make_store();
    test_env_init(&t);
    assert_int_equal(bas_store_open(&t.env, &config, &store, &fault), BAS_OK);
    assert_int_equal(sqlite3_open(STORE_FILE, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(bas_store_reserve(store, &store_name, 0, 1, &block, &fault), BAS_ERR_BUSY);
    assert_non_null(strstr(fault.text, "another process keeps it locked"));
    assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(bas_store_reserve(store, &store_name, 0, 1, &block, &fault), BAS_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    bas_store_close(store);
    test_env_check(&t);
}

static void memory_may_be_out_at_every_allocation(void **state)
{
    (void)state;
    make_store();
    for (size_t i = 1; i <= 2; i++) {
        struct test_env t;
        struct bas_store *store = NULL;
        struct bas_fault fault = { 0 };
        const struct bas_store_config config = { .size = sizeof(config), .path = STORE_FILE };
        test_env_init(&t);
        t.fail_at = i;
        assert_int_equal(bas_store_open(&t.env, &config, &store, &fault), BAS_ERR_NO_MEMORY);
        assert_null(store);
        test_env_check(&t);
    }
    bas_store_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_new_store_is_for_its_user_alone, store_remove),
        cmocka_unit_test_teardown(a_store_that_is_made_leaves_no_other_file, store_remove),
        cmocka_unit_test_teardown(what_is_not_a_store_is_refused_and_kept, store_remove),
        cmocka_unit_test_teardown(an_empty_file_is_a_damaged_store, store_remove),
        cmocka_unit_test_teardown(a_database_of_another_program_is_refused, store_remove),
        cmocka_unit_test_teardown(a_newer_schema_is_refused, store_remove),
        cmocka_unit_test_teardown(a_missing_table_is_told, store_remove),
        cmocka_unit_test_teardown(damaged_pages_are_told, store_remove),
        cmocka_unit_test_teardown(a_truncated_store_is_told, store_remove),
        cmocka_unit_test_teardown(a_number_out_of_its_range_is_told, store_remove),
        cmocka_unit_test_teardown(a_store_that_others_may_write_is_refused, store_remove),
        cmocka_unit_test_teardown(what_is_no_file_is_refused, store_remove),
        cmocka_unit_test_teardown(a_lock_that_is_held_ends_in_busy, store_remove),
        cmocka_unit_test_teardown(memory_may_be_out_at_every_allocation, store_remove),
    };
    return cmocka_run_group_tests(tests, test_folder_enter, test_folder_leave);
}
