/* Lists of devices: devices.c, too. */
#define _XOPEN_SOURCE 700
#include "world.h"

#include "tls/pki/devices.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct bas_pki_batch batch;

static bas_err issue_list(struct world *world, const char *list, struct bas_fault *fault)
{
    struct bas_pki_batch_request request = { .size = sizeof(request) };
    char path[128];
    world_write(world, "devices.csv", list, 0644);
    (void)snprintf(path, sizeof(path), "%s", world_path(world, "devices.csv"));
    request.directory = world->folder;
    request.file = path;
    return bas_pki_issue_list(&world->t.env, &request, &batch, fault);
}

static size_t count_files(struct world *world)
{
    size_t n = 0;
    DIR *folder = opendir(world->folder);
    assert_non_null(folder);
    for (struct dirent *file = readdir(folder); file != NULL; file = readdir(folder)) {
        n++;
    }
    (void)closedir(folder);
    return n;
}

static void a_list_becomes_certificates_and_a_manifest(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    struct bas_pki_certificate c;
    struct stat st;
    char text[4096];
    world_init(&world);
    bas_err err = issue_list(&world,
                             "# the roof\nname;uuid;san;days;san\n"
                             "ahu-1;0f1e2d3c-4b5a-4687-8796-a5b4c3d2e1f0;dns:a.example ip:10.0.0.1;"
                             "30;dns:b.example\nahu-2\n",
                             &fault);
    if (err != BAS_OK) {
        fail_msg("%s", fault.text);
    }
    assert_int_equal(batch.n, 2);
    assert_int_equal(batch.n_new, 2);
    assert_string_equal(batch.manifest_file, world_path(&world, "devices.manifest.csv"));
    assert_int_equal(bas_pki_show(&world.t.env, world_path(&world, "ahu-1.pem"), &c, NULL), BAS_OK);
    assert_string_equal(c.subject, "CN=ahu-1");
    assert_int_equal(c.n_names, 4);
    assert_string_equal(c.names[0], "uri:urn:uuid:0f1e2d3c-4b5a-4687-8796-a5b4c3d2e1f0");
    assert_string_equal(c.names[1], "dns:a.example");
    assert_string_equal(c.names[2], "ip:10.0.0.1");
    assert_string_equal(c.names[3], "dns:b.example");
    assert_int_equal(c.not_after, world.t.wall / BAS_SECOND + 30 * 86400);
    assert_int_equal(stat(world_path(&world, "ahu-1.key"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    (void)world_read(&world, "devices.manifest.csv", text, sizeof(text));
    assert_contains(text,
                    "name,serial,uuid,fingerprint,not_after,certificate_file,key_file\nahu-1,");
    assert_contains(text, c.serial);
    assert_contains(text, ",0f1e2d3c-4b5a-4687-8796-a5b4c3d2e1f0,");
    assert_contains(text, ",2026-01-31T00:00:00Z,");
    assert_contains(text, "/ahu-2.key\n");
    assert_int_equal(bas_pki_show(&world.t.env, world_path(&world, "ahu-2.pem"), &c, NULL), BAS_OK);
    assert_int_equal(c.not_after, world.t.wall / BAS_SECOND + BAS_PKI_DEVICE_DAYS * 86400);
    assert_true(c.has_uuid);
    world_fini(&world);
}

static void a_second_run_makes_what_is_missing_and_nothing_else(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    char before[4096];
    char after[4096];
    world_init(&world);
    assert_int_equal(issue_list(&world, "name,san\na,dns:a ip:::1\nb,\n", &fault), BAS_OK);
    (void)world_read(&world, "devices.manifest.csv", before, sizeof(before));
    size_t n = count_files(&world);
    assert_int_equal(issue_list(&world, "name,san\na,ip:0:0::1 dns:a\nb,\n", &fault), BAS_OK);
    assert_int_equal(batch.n_new, 0);
    assert_int_equal(batch.n, 2);
    (void)world_read(&world, "devices.manifest.csv", after, sizeof(after));
    assert_string_equal(before, after);
    assert_int_equal(count_files(&world), n);
    assert_int_equal(issue_list(&world, "name,san\na,dns:a ip:::1\nc,\nhub,\n", &fault), BAS_OK);
    assert_int_equal(batch.n, 3);
    assert_int_equal(batch.n_new, 1);
    world_fini(&world);
}

static void assert_told(unsigned line, const char *part)
{
    for (size_t i = 0; i < batch.n_mistakes && i < BAS_PKI_MISTAKES; i++) {
        if (batch.mistakes[i].line == line && strstr(batch.mistakes[i].text, part) != NULL) {
            return;
        }
    }
    fail_msg("line %u: nobody tells \"%s\"", line, part);
}

static void all_mistakes_are_told_at_once_and_nothing_is_made(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    world_init(&world);
    world_write(&world, "lost.key", "", 0600);
    world_issue(&world, "gone");
    struct bas_pki_revoke_request revoke = { .size = sizeof(revoke), .directory = world.folder };
    struct bas_pki_crl crl;
    revoke.name = "gone";
    assert_int_equal(bas_pki_revoke(&world.t.env, &revoke, &crl, NULL), BAS_OK);
    world_write(&world, "alien.pem", "junk", 0644);
    size_t n = count_files(&world) + 1; /* the list */
    assert_int_equal(issue_list(&world,
                                "name,san,uuid,days\n"
                                "../x,ftp:a,1,0\n"
                                "good,dns:good,,5\n"
                                "good,,,\n"
                                "u1,,0f1e2d3c-4b5a-4687-8796-a5b4c3d2e1f0,\n"
                                "u2,,0f1e2d3c-4b5a-4687-8796-a5b4c3d2e1f0,\n"
                                "hub,dns:other,,\n"
                                "hub2,,,9999999999999\n"
                                "lost,,,\n"
                                "gone,,,\n"
                                "alien,,,\n"
                                "long,,,20000\n"
                                "many,,,,\n"
                                "node,,0f1e2d3c-4b5a-4687-8796-a5b4c3d2e1f1,\n"
                                "\"open,\n",
                                &fault),
                     BAS_ERR_CONFIG);
    static const struct {
        unsigned line;
        const char *part;
    } rows[] = {
        { 2, "cannot be a device's name" },
        { 2, "\"ftp:a\" is no name" },
        { 2, "\"1\" is no UUID" },
        { 2, "\"0\" days" },
        { 4, "good is in line 3 already" },
        { 6, "u2 has the UUID of u1 in line 5" },
        { 7, "hub.pem has other names" },
        { 8, "\"9999999999999\" days" },
        { 9, "lost.key is there without a certificate" },
        { 10, "gone.pem was revoked" },
        { 11, "alien.pem" },
        { 12, "20000 days from now" },
        { 13, "5 values for 4 columns" },
        { 14, "node.pem has another UUID" },
        { 15, "a quote is never closed" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        assert_told(rows[i].line, rows[i].part);
    }
    assert_int_equal(batch.n_mistakes, BAS_ARRAY_LEN(rows));
    assert_contains(fault.text, "devices.csv: 15 mistakes");
    assert_contains(fault.text, "nothing was made");
    assert_int_equal(count_files(&world), n);
    world_fini(&world);
}

static void a_list_without_good_columns_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *part;
    } rows[] = { { "", "there is nothing in it" },
                 { "# only this\n", "there is nothing in it" },
                 { "san\nx\n", "the columns name, uuid and days are there once" },
                 { "name,name\nx,y\n", "the columns name, uuid and days are there once" },
                 { "name,Days\nx,1\n", "no column is called \"Days\"" } };
    struct world world;
    struct bas_fault fault;
    world_init(&world);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        assert_int_equal(issue_list(&world, rows[i].text, &fault), BAS_ERR_CONFIG);
        assert_told(1, rows[i].part);
    }
    world_fini(&world);
}

static void more_mistakes_than_there_is_room_for_are_counted(void **state)
{
    (void)state;
    static char text[4096] = "name\n";
    struct world world;
    struct bas_fault fault;
    world_init(&world);
    for (int i = 0; i < BAS_PKI_MISTAKES + 20; i++) {
        size_t n = strlen(text);
        (void)snprintf(text + n, sizeof(text) - n, "-%d\n", i);
    }
    assert_int_equal(issue_list(&world, text, &fault), BAS_ERR_CONFIG);
    assert_int_equal(batch.n_mistakes, BAS_PKI_MISTAKES + 20);
    assert_int_equal(batch.mistakes[BAS_PKI_MISTAKES - 1].line, BAS_PKI_MISTAKES + 1);
    world_fini(&world);
}

static void a_manifest_that_is_not_ours_stays(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    char text[64];
    world_init(&world);
    world_write(&world, "devices.manifest.csv", "my own notes", 0644);
    assert_int_equal(issue_list(&world, "name\nx\n", &fault), BAS_ERR_EXISTS);
    assert_contains(fault.text, "is no manifest of ours");
    (void)world_read(&world, "devices.manifest.csv", text, sizeof(text));
    assert_string_equal(text, "my own notes");
    assert_int_not_equal(access(world_path(&world, "x.pem"), F_OK), 0);
    world_fini(&world);
}

static void what_cannot_be_written_leaves_nothing_behind(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    world_init(&world);
    assert_int_equal(mkdir(world_path(&world, "b.pem.new"), 0700), 0); /* in the way */
    size_t n = count_files(&world) + 1;                                /* the list */
    assert_int_not_equal(issue_list(&world, "name\na\nb\nc\n", &fault), BAS_OK);
    assert_contains(fault.text, "b.pem.new");
    assert_int_equal(count_files(&world), n);
    assert_int_equal(rmdir(world_path(&world, "b.pem.new")), 0);
    assert_int_equal(issue_list(&world, "name\na\nb\nc\n", &fault), BAS_OK);
    assert_int_equal(batch.n_new, 3);
    world_fini(&world);
}

static void every_failing_allocation_makes_all_or_nothing(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    world_init(&world);
    bas_err err = BAS_ERR_NO_MEMORY;
    for (size_t k = 1; err == BAS_ERR_NO_MEMORY; k++) {
        world.t.allocations = 0;
        world.t.fail_at = k;
        err = issue_list(&world, "name\na\nb\n", &fault);
        bool has_a = access(world_path(&world, "a.pem"), F_OK) == 0;
        bool has_b = access(world_path(&world, "b.pem"), F_OK) == 0;
        assert_int_equal(has_a, has_b);
        assert_int_equal(has_a, access(world_path(&world, "a.key"), F_OK) == 0);
        assert_int_not_equal(access(world_path(&world, "a.pem.new"), F_OK), 0);
        assert_int_not_equal(access(world_path(&world, "a.key.new"), F_OK), 0);
    }
    assert_int_equal(err, BAS_OK);
    world_fini(&world);
}

static void keys_of_a_list_can_be_encrypted(void **state)
{
    (void)state;
    struct world world;
    char text[4096];
    world_init(&world);
    world_write(&world, "list", "name\na\n", 0644);
    struct bas_pki_batch_request request = { .size = sizeof(request) };
    char path[128];
    (void)snprintf(path, sizeof(path), "%s", world_path(&world, "list"));
    request.directory = world.folder;
    request.file = path;
    request.key_password = "open";
    assert_int_equal(bas_pki_issue_list(&world.t.env, &request, &batch, NULL), BAS_OK);
    (void)world_read(&world, "a.key", text, sizeof(text));
    assert_contains(text, "BEGIN ENCRYPTED PRIVATE KEY");
    assert_string_equal(batch.manifest_file, world_path(&world, "list.manifest.csv"));
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_becomes_certificates_and_a_manifest),
        cmocka_unit_test(a_second_run_makes_what_is_missing_and_nothing_else),
        cmocka_unit_test(all_mistakes_are_told_at_once_and_nothing_is_made),
        cmocka_unit_test(a_list_without_good_columns_is_refused),
        cmocka_unit_test(more_mistakes_than_there_is_room_for_are_counted),
        cmocka_unit_test(a_manifest_that_is_not_ours_stays),
        cmocka_unit_test(what_cannot_be_written_leaves_nothing_behind),
        cmocka_unit_test(every_failing_allocation_makes_all_or_nothing),
        cmocka_unit_test(keys_of_a_list_can_be_encrypted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
