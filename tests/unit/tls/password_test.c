/* Where the password of a key comes from. */
#define _XOPEN_SOURCE 700
#include "tls/password.h"

#include "world.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bas_err read_one(struct world *world, const struct bas_tls_config *config,
                        struct bas_tls_password *password, struct bas_fault *fault)
{
    *fault = (struct bas_fault){ 0 };
    bas_err err = bas_tls_password_read(password, &world->t.env, config, fault);
    assert_int_equal(err, fault->err);
    return err;
}

static void check_taken(struct world *world, const struct bas_tls_config *config,
                        const char *expected, const char *source)
{
    struct bas_tls_password password;
    struct bas_fault fault;
    if (read_one(world, config, &password, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
    assert_true(password.is_set);
    assert_string_equal(password.text, expected);
    assert_contains(password.source, source);
    bas_tls_password_wipe(&password);
    assert_false(password.is_set);
    assert_string_equal(password.text, "");
}

static void check_refused(struct world *world, const struct bas_tls_config *config, bas_err err,
                          const char *part)
{
    struct bas_tls_password password;
    struct bas_fault fault;
    assert_int_equal(read_one(world, config, &password, &fault), err);
    assert_false(password.is_set);
    assert_contains(fault.text, part);
    assert_null(strstr(fault.text, "secret"));
}

static void no_source_gives_no_password(void **state)
{
    (void)state;
    struct world world;
    struct bas_tls_password password;
    struct bas_fault fault;
    world_init(&world);
    struct bas_tls_config config = { .size = sizeof(config) };
    assert_int_equal(read_one(&world, &config, &password, &fault), BAS_OK);
    assert_false(password.is_set);
    world_fini(&world);
}

static void each_source_gives_its_password(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    world_write(&world, "pw", "secret one\nsecond line\n", 0600);
    world_write(&world, "plain", "secret two", 0400);
    world_write(&world, "windows", "secret three\r\n", 0600);
    world_write(&world, "credential", "secret four\n", 0440); /* as systemd shows its own */
    assert_int_equal(setenv("BASALT_TEST_PASSWORD", "secret five", 1), 0);
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", world.folder, 1), 0);
    struct bas_tls_config text = { .key_password = "secret zero" };
    struct bas_tls_config file = { .key_password_file = world_path(&world, "pw") };
    struct bas_tls_config plain = { .key_password_file = world_path(&world, "plain") };
    struct bas_tls_config windows = { .key_password_file = world_path(&world, "windows") };
    struct bas_tls_config variable = { .key_password_variable = "BASALT_TEST_PASSWORD" };
    struct bas_tls_config credential = { .key_password_credential = "credential" };
    check_taken(&world, &text, "secret zero", "that was given");
    check_taken(&world, &file, "secret one", "in the file /");
    check_taken(&world, &plain, "secret two", "in the file /");
    check_taken(&world, &windows, "secret three", "in the file /");
    check_taken(&world, &variable, "secret five", "in the variable BASALT_TEST_PASSWORD");
    check_taken(&world, &credential, "secret four", "in the credential credential");
    assert_int_equal(unsetenv("BASALT_TEST_PASSWORD"), 0);
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
    world_fini(&world);
}

static void two_sources_are_refused_and_both_are_named(void **state)
{
    (void)state;
    static const char *const kinds[] = { "the password itself", "a password file",
                                         "an environment variable", "a credential" };
    struct world world;
    world_init(&world);
    for (unsigned i = 0; i < 16; i++) {
        struct bas_tls_config config = { 0 };
        const char **members[] = { &config.key_password, &config.key_password_file,
                                   &config.key_password_variable, &config.key_password_credential };
        unsigned n = 0;
        for (unsigned bit = 0; bit < 4; bit++) {
            if ((i >> bit & 1) != 0) {
                *members[bit] = "secret";
                n++;
            }
        }
        for (unsigned bit = 0; bit < 4 && n == 2; bit++) {
            if ((i >> bit & 1) != 0) {
                check_refused(&world, &config, BAS_ERR_CONFIG, kinds[bit]);
            }
        }
        if (n > 2) {
            check_refused(&world, &config, BAS_ERR_CONFIG, "from two places");
        }
    }
    world_fini(&world);
}

static void a_source_that_gives_nothing_is_named(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    world_write(&world, "open", "secret\n", 0640);
    world_write(&world, "empty", "", 0600);
    world_write(&world, "blank", "\nsecret\n", 0600);
    (void)unsetenv("CREDENTIALS_DIRECTORY");
    (void)unsetenv("BASALT_TEST_PASSWORD");
    struct bas_tls_config config = { .key_password_file = world_path(&world, "open") };
    check_refused(&world, &config, BAS_ERR_PERMISSION, "the password file ");
    check_refused(&world, &config, BAS_ERR_PERMISSION, "open is open to group or others");
    config.key_password_file = world_path(&world, "nowhere");
    check_refused(&world, &config, BAS_ERR_NOT_FOUND, "nowhere: No such file");
    config.key_password_file = world_path(&world, "empty");
    check_refused(&world, &config, BAS_ERR_KEY, "empty is empty");
    config.key_password_file = world_path(&world, "blank");
    check_refused(&world, &config, BAS_ERR_KEY, "blank is empty");
    struct bas_tls_config variable = { .key_password_variable = "BASALT_TEST_PASSWORD" };
    check_refused(&world, &variable, BAS_ERR_CONFIG,
                  "variable BASALT_TEST_PASSWORD, which holds the key's password, is not set");
    struct bas_tls_config credential = { .key_password_credential = "pw" };
    check_refused(&world, &credential, BAS_ERR_CONFIG, "add LoadCredential=pw:FILE");
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", world.folder, 1), 0);
    check_refused(&world, &credential, BAS_ERR_NOT_FOUND, "/pw: No such file");
    credential.key_password_credential = "../pw";
    check_refused(&world, &credential, BAS_ERR_CONFIG, "../pw is no name of a credential");
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
    world_fini(&world);
}

static void a_password_may_have_255_octets_and_no_zero(void **state)
{
    (void)state;
    struct world world;
    char text[BAS_TLS_PASSWORD_MAX + 2] = { 0 };
    world_init(&world);
    memset(text, 'p', BAS_TLS_PASSWORD_MAX);
    struct bas_tls_config config = { .key_password = text };
    check_taken(&world, &config, text, "given");
    text[BAS_TLS_PASSWORD_MAX] = 'p';
    check_refused(&world, &config, BAS_ERR_KEY, "longer than 255 octets");
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_source_gives_no_password),
        cmocka_unit_test(each_source_gives_its_password),
        cmocka_unit_test(two_sources_are_refused_and_both_are_named),
        cmocka_unit_test(a_source_that_gives_nothing_is_named),
        cmocka_unit_test(a_password_may_have_255_octets_and_no_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
