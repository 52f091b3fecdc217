#include "world.h"

#include <stdio.h>
#include <string.h>

static void a_folder_is_listed_with_its_authority_first(void **state)
{
    (void)state;
    struct world world;
    struct bas_pki_list list;
    struct bas_fault fault;
    world_init(&world);
    world_issue(&world, "ahu");
    world_write(&world, "broken.pem", "junk", 0600);
    world_write(&world, "note.txt", "no certificate", 0600);
    world_write(&world, "ahu.pem.new", "left over", 0600);
    assert_int_equal(remove(world_path(&world, "node.key")), 0);
    assert_int_equal(bas_pki_list(&world.t.env, world.folder, &list, &fault), BAS_OK);
    static const struct {
        const char *name;
        bool has_key;
        bas_err err;
    } rows[] = {
        { "ca", true, BAS_OK },
        { "ahu", true, BAS_OK },
        { "broken", false, BAS_ERR_CERTIFICATE },
        { "hub", true, BAS_OK },
        { "node", false, BAS_OK },
    };
    assert_int_equal(list.n, BAS_ARRAY_LEN(rows));
    for (size_t i = 0; i < list.n; i++) {
        assert_string_equal(list.entries[i].name, rows[i].name);
        assert_int_equal(list.entries[i].has_key, rows[i].has_key);
        assert_int_equal(list.entries[i].err, rows[i].err);
    }
    assert_string_equal(list.entries[3].certificate.subject, "CN=hub");
    bas_pki_list_free(&world.t.env, &list);
    world_fini(&world);
}

static void a_long_list_grows(void **state)
{
    (void)state;
    struct world world;
    struct bas_pki_list list;
    char text[4096];
    char name[16];
    world_init(&world);
    (void)world_read(&world, "hub.pem", text, sizeof(text));
    for (int i = 0; i < 40; i++) {
        (void)snprintf(name, sizeof(name), "n%02d.pem", i);
        world_write(&world, name, text, 0644);
    }
    assert_int_equal(bas_pki_list(&world.t.env, world.folder, &list, NULL), BAS_OK);
    assert_int_equal(list.n, 43);
    assert_string_equal(list.entries[42].name, "node");
    assert_string_equal(list.entries[41].name, "n39");
    assert_string_equal(list.entries[41].certificate.subject, "CN=hub");
    bas_pki_list_free(&world.t.env, &list);
    world_fini(&world);
}

static void a_missing_folder_and_a_missing_file_are_named(void **state)
{
    (void)state;
    struct world world;
    struct bas_pki_list list;
    struct bas_pki_certificate certificate;
    struct bas_fault fault;
    world_init(&world);
    assert_int_equal(bas_pki_list(&world.t.env, world_path(&world, "no"), &list, &fault),
                     BAS_ERR_NOT_FOUND);
    assert_contains(fault.text, "cannot list");
    assert_int_equal(list.n, 0);
    assert_int_equal(bas_pki_show(&world.t.env, world_path(&world, "no.pem"), &certificate, &fault),
                     BAS_ERR_NOT_FOUND);
    assert_contains(fault.text, "no.pem");
    assert_int_equal(bas_pki_show(&world.t.env, world_path(&world, "ca.key"), &certificate, &fault),
                     BAS_ERR_CERTIFICATE);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_CERTIFICATE_MALFORMED);
    world_fini(&world);
}

static void every_failing_allocation_gives_no_list(void **state)
{
    (void)state;
    struct world world;
    struct bas_pki_list list;
    world_init(&world);
    bas_err err = BAS_ERR_NO_MEMORY;
    size_t k = 0;
    while (err != BAS_OK) {
        world.t.allocations = 0;
        world.t.fail_at = ++k;
        err = bas_pki_list(&world.t.env, world.folder, &list, NULL);
        assert_true(err == BAS_OK || err == BAS_ERR_NO_MEMORY);
    }
    assert_int_equal(k, 7);
    bas_pki_list_free(&world.t.env, &list);
    world_fini(&world);
}

static void a_certificate_is_valid_between_its_dates(void **state)
{
    (void)state;
    struct bas_pki_certificate c = { .not_before = 10, .not_after = 20 };
    assert_int_equal(bas_pki_state(&c, 9), BAS_PKI_NOT_YET_VALID);
    assert_int_equal(bas_pki_state(&c, 10), BAS_PKI_VALID);
    assert_int_equal(bas_pki_state(&c, 20), BAS_PKI_VALID);
    assert_int_equal(bas_pki_state(&c, 21), BAS_PKI_EXPIRED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_is_listed_with_its_authority_first),
        cmocka_unit_test(a_long_list_grows),
        cmocka_unit_test(a_missing_folder_and_a_missing_file_are_named),
        cmocka_unit_test(every_failing_allocation_gives_no_list),
        cmocka_unit_test(a_certificate_is_valid_between_its_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
