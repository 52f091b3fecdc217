#define _XOPEN_SOURCE 700
#include "tls/file.h"

#include "world.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gnutls_datum_t datum(const char *text)
{
    static unsigned char octets[64];
    size_t len = strlen(text);
    memcpy(octets, text, len);
    return (gnutls_datum_t){ octets, (unsigned)len };
}

static void a_file_comes_back_as_it_was_written(void **state)
{
    (void)state;
    struct world world;
    struct bas_tls_file file;
    struct bas_fault fault;
    struct stat st;
    world_init(&world);
    const char *path = world_path(&world, "new.key");
    assert_int_equal(bas_tls_file_create(path, datum("content"), 0600, &fault), BAS_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(bas_tls_file_read(&world.t.env, path, true, &file, &fault), BAS_OK);
    assert_int_equal(file.len, 7);
    assert_memory_equal(file.data, "content", 7);
    bas_tls_file_free(&world.t.env, &file);
    world_fini(&world);
}

static void a_file_that_exists_is_not_replaced(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    char text[16];
    world_init(&world);
    world_write(&world, "there", "old", 0600);
    const char *path = world_path(&world, "there");
    assert_int_equal(bas_tls_file_create(path, datum("new"), 0600, &fault), BAS_ERR_EXISTS);
    assert_contains(fault.text, "there exists already; nothing was changed");
    (void)world_read(&world, "there", text, sizeof(text));
    assert_string_equal(text, "old");
    /* nor is one that a link points to, even where nothing is */
    assert_int_equal(symlink(world_path(&world, "nowhere"), world_path(&world, "link")), 0);
    assert_int_equal(bas_tls_file_create(world_path(&world, "link"), datum("new"), 0600, &fault),
                     BAS_ERR_EXISTS);
    assert_false(bas_tls_file_exists(world_path(&world, "nowhere")));
    assert_true(bas_tls_file_exists(world_path(&world, "link")));
    world_fini(&world);
}

static void a_published_file_leaves_nothing_beside_it(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    char text[16];
    world_init(&world);
    world_write(&world, "a.pem.new", "left by a run that was killed", 0600);
    assert_int_equal(bas_tls_file_publish(world_path(&world, "a.pem"), datum("whole"), &fault),
                     BAS_OK);
    assert_false(bas_tls_file_exists(world_path(&world, "a.pem.new")));
    (void)world_read(&world, "a.pem", text, sizeof(text));
    assert_string_equal(text, "whole");
    assert_int_equal(bas_tls_file_publish(world_path(&world, "no/a.pem"), datum("x"), &fault),
                     BAS_ERR_NOT_FOUND);
    assert_contains(fault.text, "cannot create");
    world_fini(&world);
}

static void what_is_no_small_file_is_refused(void **state)
{
    (void)state;
    struct world world;
    struct bas_tls_file file;
    struct bas_fault fault;
    world_init(&world);
    const char *path = world_path(&world, "big");
    world_write(&world, "big", "", 0600);
    assert_int_equal(truncate(path, (1 << 20) + 1), 0);
    assert_int_equal(bas_tls_file_read(&world.t.env, path, false, &file, &fault), BAS_ERR_TOO_LONG);
    assert_int_equal(truncate(path, 1 << 20), 0);
    assert_int_equal(bas_tls_file_read(&world.t.env, path, false, &file, &fault), BAS_OK);
    assert_int_equal(file.len, 1 << 20);
    bas_tls_file_free(&world.t.env, &file);
    assert_int_equal(bas_tls_file_read(&world.t.env, world.folder, false, &file, &fault),
                     BAS_ERR_CONFIG);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(bas_tls_file_read(&world.t.env, path, false, &file, &fault), BAS_OK);
    assert_int_equal(file.len, 0);
    bas_tls_file_free(&world.t.env, &file);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_comes_back_as_it_was_written),
        cmocka_unit_test(a_file_that_exists_is_not_replaced),
        cmocka_unit_test(a_published_file_leaves_nothing_beside_it),
        cmocka_unit_test(what_is_no_small_file_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
