/* Tests of state.c and textfile.c. */
#define _DEFAULT_SOURCE /* fork, symlink */
#include "basalt/rt.h"

#include "test_env.h"
#include "test_folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_TEXT "vmac: 22:34:56:78:9a:bc\nuuid: 0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0\n"

static const struct bsc_uuid uuid_a = { { 0x0f, 0x1e, 0x2d, 0x3c, 0x4b, 0x5a, 0x46, 0x87, 0x97,
                                          0x86, 0xa5, 0xb4, 0xc3, 0xd2, 0xe1, 0xf0 } };
static const struct bsc_uuid uuid_b = { { 0x8a, 0x6d, 0x5f, 0x10 } };
static const struct bsc_vmac vmac_a = { { 0x22, 0x34, 0x56, 0x78, 0x9a, 0xbc } };

struct opened {
    struct test_env t;
    struct bas_state *state;
    struct bas_fault fault;
    bas_err err;
};

static void open_config(struct opened *o, struct bas_state_config config)
{
    test_env_init(&o->t);
    o->state = NULL;
    o->fault = (struct bas_fault){ 0 };
    config.size = sizeof(config);
    o->err = bas_state_open(&o->t.env, &config, &o->state, &o->fault);
}

static void open_path(struct opened *o, const char *path)
{
    open_config(o, (struct bas_state_config){ .path = path });
}

static void done(struct opened *o)
{
    bas_state_close(o->state);
    test_env_check(&o->t);
}

static void read_text(const char *name, char *text, size_t cap)
{
    FILE *file = fopen(name, "r");
    assert_non_null(file);
    text[fread(text, 1, cap - 1, file)] = 0;
    (void)fclose(file);
}

static void refuses(const char *content, const char *text)
{
    struct opened o;
    test_folder_write("bad.state", content);
    open_path(&o, "bad.state");
    assert_string_equal(o.fault.text, text);
    assert_int_equal(o.err, BAS_ERR_CONFIG);
    assert_null(o.state);
    done(&o);
    char after[8192];
    read_text("bad.state", after, sizeof(after));
    assert_string_equal(after, content); /* left as it was */
}

/* bsc 8.2-01 */
static void a_missing_file_is_made_and_gives_the_same_identity_again(void **state)
{
    (void)state;
    struct opened o;
    open_path(&o, "new.state");
    assert_string_equal(o.fault.text, "");
    assert_int_equal(o.err, BAS_OK);
    struct bsc_vmac vmac = bas_state_vmac(o.state);
    struct bsc_uuid uuid = bas_state_uuid(o.state);
    assert_int_equal(vmac.octets[0] & 0x0F, 2); /* Random-48 */
    done(&o);
    struct stat st;
    assert_int_equal(stat("new.state", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    open_path(&o, "new.state");
    struct bsc_vmac again = bas_state_vmac(o.state);
    struct bsc_uuid uuid_again = bas_state_uuid(o.state);
    assert_true(bsc_vmac_equal(&vmac, &again));
    assert_true(bsc_uuid_equal(&uuid, &uuid_again));
    done(&o);
}

static void a_file_with_comments_and_other_forms_of_the_values_is_read(void **state)
{
    (void)state;
    struct opened o;
    test_folder_write("forms.state", "# a comment\n\nuuid: 0F1E2D3C4B5A46879786A5B4C3D2E1F0\n"
                                     "vmac: 22-34-56-78-9A-BC");
    open_path(&o, "forms.state");
    assert_string_equal(o.fault.text, "");
    struct bsc_vmac vmac = bas_state_vmac(o.state);
    struct bsc_uuid uuid = bas_state_uuid(o.state);
    assert_true(bsc_vmac_equal(&vmac, &vmac_a));
    assert_true(bsc_uuid_equal(&uuid, &uuid_a));
    done(&o);
}

static void a_new_identity_takes_the_uuid_of_the_certificate(void **state)
{
    (void)state;
    struct opened o;
    open_config(&o, (struct bas_state_config){ .path = "cert.state", .certificate_uuid = &uuid_a });
    struct bsc_uuid uuid = bas_state_uuid(o.state);
    assert_true(bsc_uuid_equal(&uuid, &uuid_a));
    done(&o);
    char text[512];
    read_text("cert.state", text, sizeof(text));
    assert_non_null(strstr(text, "\nuuid: 0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0\n"));
}

static void two_different_uuids_are_refused_and_both_named(void **state)
{
    (void)state;
    struct opened o;
    test_folder_write("two.state", FILE_TEXT);
    open_config(&o, (struct bas_state_config){ .path = "two.state", .certificate_uuid = &uuid_b });
    assert_int_equal(o.err, BAS_ERR_CONFIG);
    assert_string_equal(
        o.fault.text, "the device UUID in the state file is 0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0, "
                      "in the certificate 8a6d5f10-0000-0000-0000-000000000000; use what belongs "
                      "to this device (state file: two.state)");
    done(&o);
    open_config(&o, (struct bas_state_config){ .certificate_uuid = &uuid_b, .uuid = &uuid_a });
    assert_int_equal(o.err, BAS_ERR_CONFIG);
    assert_string_equal(o.fault.text,
                        "the device UUID in the configuration is "
                        "0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0, in the certificate "
                        "8a6d5f10-0000-0000-0000-000000000000; use what belongs to this device "
                        "(state file: none)");
    done(&o);
}

static void a_configured_vmac_counts_and_is_kept(void **state)
{
    (void)state;
    struct opened o;
    struct bsc_vmac wanted = { { 0x32, 1, 2, 3, 4, 5 } };
    test_folder_write("vmac.state", FILE_TEXT);
    open_config(&o, (struct bas_state_config){ .path = "vmac.state", .vmac = &wanted });
    struct bsc_vmac vmac = bas_state_vmac(o.state);
    assert_true(bsc_vmac_equal(&vmac, &wanted));
    done(&o);
    open_path(&o, "vmac.state");
    vmac = bas_state_vmac(o.state);
    assert_true(bsc_vmac_equal(&vmac, &wanted));
    done(&o);
}

static void without_a_path_nothing_is_written(void **state)
{
    (void)state;
    struct opened o;
    open_config(&o, (struct bas_state_config){ .path = NULL });
    assert_int_equal(o.err, BAS_OK);
    assert_int_equal(bas_state_set_vmac(o.state, &vmac_a, &o.fault), BAS_OK);
    struct bsc_vmac vmac = bas_state_vmac(o.state);
    assert_true(bsc_vmac_equal(&vmac, &vmac_a));
    done(&o);
    assert_int_not_equal(access(".lock", F_OK), 0);
}

static void a_new_vmac_is_saved_and_the_uuid_stays(void **state)
{
    (void)state;
    struct opened o;
    struct bsc_vmac changed = { { 0x42, 9, 9, 9, 9, 9 } };
    test_folder_write("change.state", FILE_TEXT);
    open_path(&o, "change.state");
    assert_int_equal(bas_state_set_vmac(o.state, &changed, &o.fault), BAS_OK);
    done(&o);
    open_path(&o, "change.state");
    struct bsc_vmac vmac = bas_state_vmac(o.state);
    struct bsc_uuid uuid = bas_state_uuid(o.state);
    assert_true(bsc_vmac_equal(&vmac, &changed));
    assert_true(bsc_uuid_equal(&uuid, &uuid_a));
    done(&o);
    assert_int_not_equal(access("change.state.tmp", F_OK), 0);
}

static void a_malformed_file_is_told_its_line(void **state)
{
    (void)state;
#define REMEDY "; correct it, or remove the file for a new identity"
    refuses("", "bad.state:1: the vmac is missing" REMEDY);
    refuses("vmac: 22:34:56:78:9a:bc\n", "bad.state:2: the uuid is missing" REMEDY);
    refuses("# x\nvmac: 22:34\n", "bad.state:2: not one VMAC of 12 hex digits" REMEDY);
    refuses("vmac: ff:ff:ff:ff:ff:ff\n", "bad.state:1: not one VMAC of 12 hex digits" REMEDY);
    refuses("vmac: 00:00:00:00:00:00\n", "bad.state:1: not one VMAC of 12 hex digits" REMEDY);
    refuses(FILE_TEXT "vmac: 22:34:56:78:9a:bc\n",
            "bad.state:3: not one VMAC of 12 hex digits" REMEDY);
    refuses("uuid: 0f1e\n", "bad.state:1: not one UUID of 32 hex digits" REMEDY);
    refuses("garbage\n", "bad.state:1: neither \"vmac: ...\" nor \"uuid: ...\"" REMEDY);
    char big[5000];
    memset(big, '#', sizeof(big) - 1);
    big[sizeof(big) - 1] = 0;
    refuses(big, "bad.state: is longer than 4096 octets; name another file");
#undef REMEDY
}

static void a_second_process_is_refused_and_told_who_has_the_file(void **state)
{
    (void)state;
    struct opened first;
    open_path(&first, "shared.state");
    assert_int_equal(first.err, BAS_OK);
    struct opened second; /* a second open of the lock file is as good as a second process */
    open_path(&second, "shared.state");
    assert_int_equal(second.err, BAS_ERR_IN_USE);
    char text[256];
    (void)snprintf(text, sizeof(text),
                   "shared.state: is in use by process %ld; stop that one or name another state "
                   "file",
                   (long)getpid());
    assert_string_equal(second.fault.text, text);
    done(&second);
    done(&first);
    open_path(&second, "shared.state");
    assert_int_equal(second.err, BAS_OK);
    done(&second);
}

static void a_lock_without_a_readable_owner_is_refused_too(void **state)
{
    (void)state;
    int fd = open("anon.state.lock", O_RDWR | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    struct opened o;
    open_path(&o, "anon.state");
    assert_int_equal(o.err, BAS_ERR_IN_USE);
    assert_string_equal(o.fault.text, "anon.state: is in use by another process; stop that one or "
                                      "name another state file");
    done(&o);
    (void)close(fd);
}

static void a_file_that_is_in_use_can_be_read(void **state)
{
    (void)state;
    struct opened o;
    struct test_env t;
    struct bas_fault fault = { 0 };
    struct bsc_vmac vmac = { { 0 } };
    struct bsc_uuid uuid = { { 0 } };
    test_env_init(&t);
    assert_int_equal(bas_state_read(&t.env, "seen.state", &vmac, &uuid, &fault), BAS_ERR_NOT_FOUND);
    assert_string_equal(fault.text, "seen.state: there is no such file");
    open_path(&o, "seen.state");
    assert_int_equal(bas_state_read(&t.env, "seen.state", &vmac, &uuid, &fault), BAS_OK);
    struct bsc_vmac own_vmac = bas_state_vmac(o.state);
    struct bsc_uuid own_uuid = bas_state_uuid(o.state);
    assert_true(bsc_vmac_equal(&vmac, &own_vmac));
    assert_true(bsc_uuid_equal(&uuid, &own_uuid));
    done(&o);
    test_folder_write("seen.state", "vmac: 1\n");
    assert_int_equal(bas_state_read(&t.env, "seen.state", &vmac, &uuid, &fault), BAS_ERR_CONFIG);
    assert_true(bsc_vmac_equal(&vmac, &own_vmac));
    test_env_check(&t);
}

static void whoever_has_a_file_is_found_by_its_lock(void **state)
{
    (void)state;
    struct opened o;
    struct bas_fault fault = { 0 };
    long process = 0;
    assert_int_equal(bas_state_holder("held.state", &process, &fault), BAS_ERR_NOT_FOUND);
    assert_string_equal(fault.text, "held.state: no process has it in use; start the one that is "
                                    "meant, or name its state file");
    open_path(&o, "held.state");
    assert_int_equal(bas_state_holder("held.state", &process, &fault), BAS_OK);
    assert_int_equal(process, getpid());
    assert_int_equal(truncate("held.state.lock", 0), 0);
    assert_int_equal(bas_state_holder("held.state", &process, &fault), BAS_ERR_IN_USE);
    assert_string_equal(fault.text, "held.state: is in use, but its lock does not tell a process "
                                    "of the same user; find it with fuser held.state.lock");
    done(&o);
    assert_int_equal(bas_state_holder("held.state", &process, &fault), BAS_ERR_NOT_FOUND);
}

static void a_process_of_somebody_else_is_not_told_as_the_holder(void **state)
{
    (void)state;
    struct bas_fault fault = { 0 };
    long process = 0;
    int fd = open("forged.state.lock", O_RDWR | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    assert_int_equal(write(fd, "1\n", 2), 2);
    if (getuid() == 0) { /* then process 1 is ours, and the file must not be */
        assert_int_equal(fchown(fd, 65534, 65534), 0);
    }
    assert_int_equal(bas_state_holder("forged.state", &process, &fault), BAS_ERR_IN_USE);
    assert_int_equal(process, 0);
    assert_int_equal(pwrite(fd, "99999999999\n", 12, 0), 12);
    assert_int_equal(bas_state_holder("forged.state", &process, &fault), BAS_ERR_IN_USE);
    assert_int_equal(process, 0);
    (void)close(fd);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct opened o;
    open_path(&o, "none/x.state");
    assert_int_equal(o.err, BAS_ERR_NOT_FOUND);
    assert_string_equal(o.fault.text, "none/x.state.lock: cannot be opened: No such file or "
                                      "directory; check the name");
    done(&o);
}

static void a_link_in_place_of_the_lock_or_the_new_file_is_not_followed(void **state)
{
    (void)state;
    struct opened o;
    test_folder_write("victim", "precious");
    assert_int_equal(symlink("victim", "link.state.tmp"), 0);
    open_path(&o, "link.state");
    assert_int_equal(o.err, BAS_OK);
    done(&o);
    assert_int_equal(symlink("victim", "link2.state.lock"), 0);
    open_path(&o, "link2.state");
    assert_int_equal(o.err, BAS_ERR_IO);
    done(&o);
    char text[32];
    read_text("victim", text, sizeof(text));
    assert_string_equal(text, "precious");
}

static void a_failed_save_keeps_the_old_file_and_the_old_vmac(void **state)
{
    (void)state;
    struct opened o;
    test_folder_make("gone");
    open_path(&o, "gone/x.state");
    assert_int_equal(o.err, BAS_OK);
    struct bsc_vmac before = bas_state_vmac(o.state);
    assert_int_equal(rename("gone", "moved"), 0);
    assert_int_equal(bas_state_set_vmac(o.state, &vmac_a, &o.fault), BAS_ERR_NOT_FOUND);
    assert_string_equal(o.fault.text, "gone/x.state.tmp: cannot be created: No such file or "
                                      "directory; check the name");
    struct bsc_vmac after = bas_state_vmac(o.state);
    assert_true(bsc_vmac_equal(&before, &after));
    done(&o);
    open_path(&o, "moved/x.state");
    after = bas_state_vmac(o.state);
    assert_true(bsc_vmac_equal(&before, &after));
    done(&o);
}

static void running_out_of_memory_at_any_point_is_an_error_and_leaks_nothing(void **state)
{
    (void)state;
    test_folder_write("memory.state", FILE_TEXT);
    size_t k = 1;
    for (;; k++) {
        struct test_env t;
        struct bas_fault fault = { 0 };
        struct bas_state *s = NULL;
        struct bas_state_config config = { .size = sizeof(config), .path = "memory.state" };
        test_env_init(&t);
        t.fail_at = k;
        bas_err err = bas_state_open(&t.env, &config, &s, &fault);
        bas_state_close(s);
        test_env_check(&t);
        if (err == BAS_OK) {
            break;
        }
        assert_int_equal(err, BAS_ERR_NO_MEMORY);
        assert_int_equal(fault.err, BAS_ERR_NO_MEMORY);
    }
    assert_true(k > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_file_is_made_and_gives_the_same_identity_again),
        cmocka_unit_test(a_file_with_comments_and_other_forms_of_the_values_is_read),
        cmocka_unit_test(a_new_identity_takes_the_uuid_of_the_certificate),
        cmocka_unit_test(two_different_uuids_are_refused_and_both_named),
        cmocka_unit_test(a_configured_vmac_counts_and_is_kept),
        cmocka_unit_test(without_a_path_nothing_is_written),
        cmocka_unit_test(a_new_vmac_is_saved_and_the_uuid_stays),
        cmocka_unit_test(a_malformed_file_is_told_its_line),
        cmocka_unit_test(a_second_process_is_refused_and_told_who_has_the_file),
        cmocka_unit_test(a_lock_without_a_readable_owner_is_refused_too),
        cmocka_unit_test(a_file_that_is_in_use_can_be_read),
        cmocka_unit_test(whoever_has_a_file_is_found_by_its_lock),
        cmocka_unit_test(a_process_of_somebody_else_is_not_told_as_the_holder),
        cmocka_unit_test(a_folder_that_is_not_there_is_named),
        cmocka_unit_test(a_link_in_place_of_the_lock_or_the_new_file_is_not_followed),
        cmocka_unit_test(a_failed_save_keeps_the_old_file_and_the_old_vmac),
        cmocka_unit_test(running_out_of_memory_at_any_point_is_an_error_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, test_folder_enter, test_folder_leave);
}
