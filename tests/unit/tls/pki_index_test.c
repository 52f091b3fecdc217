/* Also of file.c and name.c, on which the index stands. */
#define _XOPEN_SOURCE 700
#include "world.h"

#include "tls/pki/file.h"
#include "tls/pki/index.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bas_err load(struct world *world, struct bas_pki_index *index, bool *is_missing,
                    struct bas_fault *fault)
{
    return bas_pki_index_load(&world->t.env, world->folder, index, is_missing, fault);
}

static void what_is_issued_stands_in_the_index(void **state)
{
    (void)state;
    struct world world;
    struct bas_pki_index index;
    struct bas_pki_certificate hub;
    bool is_missing = true;
    world_init(&world);
    assert_int_equal(load(&world, &index, &is_missing, NULL), BAS_OK);
    assert_false(is_missing);
    assert_int_equal(index.n, 2);
    assert_int_equal(bas_pki_show(&world.t.env, world_path(&world, "hub.pem"), &hub, NULL), BAS_OK);
    const struct bas_pki_issued *item = bas_pki_index_find(&index, hub.serial);
    assert_non_null(item);
    assert_string_equal(item->name, "hub");
    assert_memory_equal(item->uuid, hub.uuid, 16);
    assert_int_equal(item->not_before, hub.not_before);
    assert_int_equal(item->not_after, hub.not_after);
    assert_int_equal(item->origin, BAS_PKI_ISSUED);
    assert_int_equal(item->revoked, 0);
    assert_null(bas_pki_index_find(&index, "00"));
    bas_pki_index_free(&world.t.env, &index);
    world_fini(&world);
}

static void an_index_reads_back_as_it_was_written(void **state)
{
    (void)state;
    struct world world;
    struct bas_pki_index index = { 0 };
    struct bas_pki_index again;
    bool is_missing = true;
    world_init(&world);
    for (int i = 0; i < 200; i++) {
        struct bas_pki_certificate c = { .has_uuid = i % 2 == 0,
                                         .not_before = 86399 + i * INT64_C(86400 * 27),
                                         .not_after = INT64_C(253402300799) - i };
        (void)snprintf(c.serial, sizeof(c.serial), "%032x", (unsigned)i);
        memset(c.uuid, i, sizeof(c.uuid));
        assert_int_equal(bas_pki_index_add(&world.t.env, &index, "some.name-1", &c,
                                           (enum bas_pki_origin)(i % 4)),
                         BAS_OK);
        index.items[i].revoked = i % 3 == 0 ? 1767225600 + i : 0;
        index.items[i].reason = i % 3 == 0 ? BAS_PKI_PRIVILEGE_WITHDRAWN : BAS_PKI_UNSPECIFIED;
    }
    assert_int_equal(bas_pki_index_save(&world.t.env, world.folder, &index, NULL), BAS_OK);
    assert_int_equal(load(&world, &again, &is_missing, NULL), BAS_OK);
    assert_int_equal(again.n, 200);
    for (size_t i = 0; i < again.n; i++) {
        const struct bas_pki_issued *a = &index.items[i];
        const struct bas_pki_issued *b = &again.items[i];
        assert_string_equal(a->serial, b->serial);
        assert_string_equal(a->name, b->name);
        assert_int_equal(a->has_uuid, b->has_uuid);
        assert_true(!a->has_uuid || memcmp(a->uuid, b->uuid, 16) == 0);
        assert_int_equal(a->not_before, b->not_before);
        assert_int_equal(a->not_after, b->not_after);
        assert_int_equal(a->origin, b->origin);
        assert_int_equal(a->revoked, b->revoked);
        assert_int_equal(a->reason, b->reason);
    }
    bas_pki_index_free(&world.t.env, &index);
    bas_pki_index_free(&world.t.env, &again);
    world_fini(&world);
}

static void a_line_that_cannot_be_read_is_named_and_nothing_is_issued(void **state)
{
    (void)state;
    static const char head[] = "serial,name,uuid,not_before,not_after,origin,revoked,reason\n";
    static const struct {
        const char *line;
        const char *why;
    } rows[] = {
        { "4a,hub", "number of values" },
        { "4A,hub,,2026-01-01T00:00:00Z,2027-01-01T00:00:00Z,issue,,", "serial" },
        { ",hub,,2026-01-01T00:00:00Z,2027-01-01T00:00:00Z,issue,,", "serial" },
        { "4a,../hub,,2026-01-01T00:00:00Z,2027-01-01T00:00:00Z,issue,,", "name" },
        { "4a,hub,12,2026-01-01T00:00:00Z,2027-01-01T00:00:00Z,issue,,", "uuid" },
        { "4a,hub,,2026-01-01,2027-01-01T00:00:00Z,issue,,", "not_before" },
        { "4a,hub,,2026-01-01T00:00:00Z,2027-13-01T00:00:00Z,issue,,", "not_after" },
        { "4a,hub,,2026-01-01T00:00:00Z,2027-01-01T00:00:00Z,gift,,", "origin" },
        { "4a,hub,,2026-01-01T00:00:00Z,2027-01-01T00:00:00Z,issue,yes,", "revoked" },
        { "4a,hub,,2026-01-01T00:00:00Z,2027-01-01T00:00:00Z,issue,2026-01-01T00:00:00Z,bored",
          "reason" },
        { "\"4a", "a quote is never closed" },
    };
    struct world world;
    struct bas_pki_index index;
    struct bas_fault fault;
    bool is_missing = false;
    char text[400];
    world_init(&world);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        (void)snprintf(text, sizeof(text), "%s\n%s\n", head, rows[i].line);
        world_write(&world, "index.csv", text, 0644);
        assert_int_equal(load(&world, &index, &is_missing, &fault), BAS_ERR_MALFORMED);
        (void)snprintf(text, sizeof(text), "index.csv:3: cannot be read (%s)", rows[i].why);
        assert_contains(fault.text, text);
        bas_pki_index_free(&world.t.env, &index);
    }
    struct bas_pki_device_request request = { .size = sizeof(request) };
    struct bas_pki_pair pair;
    request.directory = world.folder;
    request.name = "new";
    assert_int_equal(bas_pki_issue(&world.t.env, &request, &pair, &fault), BAS_ERR_MALFORMED);
    assert_int_not_equal(access(world_path(&world, "new.pem"), F_OK), 0);
    world_fini(&world);
}

static void a_folder_without_an_index_gets_one_of_what_lies_in_it(void **state)
{
    (void)state;
    struct world world;
    struct bas_pki_index index;
    bool is_missing = false;
    world_init(&world);
    assert_int_equal(remove(world_path(&world, "index.csv")), 0);
    world_issue_odd(&world, &(struct odd){ .name = "alien", .is_self_signed = true });
    assert_int_equal(load(&world, &index, &is_missing, NULL), BAS_OK);
    assert_true(is_missing);
    assert_int_equal(index.n, 0);
    world_issue(&world, "third");
    assert_int_equal(load(&world, &index, &is_missing, NULL), BAS_OK);
    assert_int_equal(index.n, 3); /* hub, node, third: neither the authority nor the alien */
    assert_string_equal(index.items[0].name, "hub");
    assert_int_equal(index.items[0].origin, BAS_PKI_FOUND);
    assert_int_equal(index.items[2].origin, BAS_PKI_ISSUED);
    bas_pki_index_free(&world.t.env, &index);
    world_fini(&world);
}

static void every_failing_allocation_leaves_the_index_whole(void **state)
{
    (void)state;
    struct world world;
    char before[4096];
    char after[4096];
    world_init(&world);
    (void)world_read(&world, "index.csv", before, sizeof(before));
    bas_err err = BAS_ERR_NO_MEMORY;
    for (size_t k = 1; err == BAS_ERR_NO_MEMORY; k++) {
        struct bas_pki_index index;
        bool is_missing = false;
        world.t.allocations = 0;
        world.t.fail_at = k;
        err = load(&world, &index, &is_missing, NULL);
        if (err == BAS_OK) {
            err = bas_pki_index_save(&world.t.env, world.folder, &index, NULL);
        }
        bas_pki_index_free(&world.t.env, &index);
        (void)world_read(&world, "index.csv", after, sizeof(after));
        assert_string_equal(before, after);
    }
    assert_int_equal(err, BAS_OK);
    world_fini(&world);
}

/* Files */

static void a_staged_file_is_seen_when_it_is_settled(void **state)
{
    (void)state;
    struct world world;
    struct stat st;
    unsigned char one[] = "one";
    unsigned char two[] = "two";
    char text[16];
    world_init(&world);
    const char *path = world_path(&world, "x");
    assert_int_equal(bas_pki_file_stage(path, (gnutls_datum_t){ one, 3 }, 0600, NULL), BAS_OK);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(bas_pki_file_sync(world.folder, NULL), BAS_OK);
    assert_int_equal(bas_pki_file_settle(path, NULL), BAS_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(bas_pki_file_stage(path, (gnutls_datum_t){ two, 3 }, 0600, NULL), BAS_OK);
    bas_pki_file_unstage(path);
    (void)world_read(&world, "x", text, sizeof(text));
    assert_string_equal(text, "one");
    assert_int_not_equal(access(world_path(&world, "x.new"), F_OK), 0);
    assert_int_equal(bas_pki_file_replace(path, (gnutls_datum_t){ two, 3 }, 0600, NULL), BAS_OK);
    (void)world_read(&world, "x", text, sizeof(text));
    assert_string_equal(text, "two");
    world_fini(&world);
}

static void a_kept_copy_replaces_nothing(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    char text[16];
    world_init(&world);
    world_write(&world, "x", "one", 0600);
    const char *x = world_path(&world, "x");
    const char *kept = world_path(&world, "x.1");
    assert_int_equal(bas_pki_file_keep(&world.t.env, x, kept, &fault), BAS_OK);
    assert_int_equal(bas_pki_file_keep(&world.t.env, x, kept, &fault), BAS_OK); /* it is the same */
    world_write(&world, "x", "two", 0600);
    assert_int_equal(bas_pki_file_keep(&world.t.env, x, kept, &fault), BAS_ERR_EXISTS);
    assert_contains(fault.text, "x.1 is in the way of keeping");
    (void)world_read(&world, "x.1", text, sizeof(text));
    assert_string_equal(text, "one");
    world_fini(&world);
}

static void a_text_with_a_zero_octet_is_none(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    struct bas_pki_text text;
    world_init(&world);
    FILE *file = fopen(world_path(&world, "x"), "w");
    assert_non_null(file);
    assert_int_equal(fwrite("a\0b", 1, 3, file), 3);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(bas_pki_text_read(&world.t.env, world_path(&world, "x"), &text, &fault),
                     BAS_ERR_MALFORMED);
    assert_int_equal(bas_pki_text_read(&world.t.env, world_path(&world, "y"), &text, &fault),
                     BAS_ERR_NOT_FOUND);
    assert_int_equal(bas_pki_text_read(&world.t.env, world.folder, &text, &fault), BAS_ERR_CONFIG);
    world_fini(&world);
}

static void a_folder_is_locked_by_one_at_a_time(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    int lock = bas_pki_folder_lock(world.folder);
    assert_true(lock >= 0);
    bas_pki_folder_unlock(lock);
    lock = bas_pki_folder_lock(world.folder); /* it would hang here */
    assert_true(lock >= 0);
    bas_pki_folder_unlock(lock);
    assert_int_equal(bas_pki_folder_lock(world_path(&world, "nowhere")), -1);
    bas_pki_folder_unlock(-1);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_issued_stands_in_the_index),
        cmocka_unit_test(an_index_reads_back_as_it_was_written),
        cmocka_unit_test(a_line_that_cannot_be_read_is_named_and_nothing_is_issued),
        cmocka_unit_test(a_folder_without_an_index_gets_one_of_what_lies_in_it),
        cmocka_unit_test(every_failing_allocation_leaves_the_index_whole),
        cmocka_unit_test(a_staged_file_is_seen_when_it_is_settled),
        cmocka_unit_test(a_kept_copy_replaces_nothing),
        cmocka_unit_test(a_text_with_a_zero_octet_is_none),
        cmocka_unit_test(a_folder_is_locked_by_one_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
