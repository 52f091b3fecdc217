/* Our private key and certificate, out of files and out of a token. */
#define _XOPEN_SOURCE 700
#include "tls/key.h"

#include "tls/context.h"

#include "end.h"

#include <gnutls/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ca.pem, node.pem and this key. */
static struct bas_tls_config with_key(struct world *world, const char *key, const char *password)
{
    struct bas_tls_config config = { .size = sizeof(config) };
    config.issuer_files[0] = world_path(world, "ca.pem");
    config.certificate_file = world_path(world, "node.pem");
    config.key_file = world_path(world, key);
    config.key_password = password;
    return config;
}

static void lock(struct world *world, const char *to, gnutls_pkcs_encrypt_flags_t how)
{
    char pem[4096];
    gnutls_x509_privkey_t key = NULL;
    gnutls_datum_t locked = { NULL, 0 };
    gnutls_datum_t data = { (unsigned char *)pem,
                            (unsigned)world_read(world, "node.key", pem, sizeof(pem)) };
    assert_int_equal(gnutls_x509_privkey_init(&key), 0);
    assert_int_equal(gnutls_x509_privkey_import2(key, &data, GNUTLS_X509_FMT_PEM, NULL, 0), 0);
    assert_int_equal(
        gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, "secret", how, &locked), 0);
    world_write(world, to, (char *)locked.data, 0600);
    gnutls_free(locked.data);
    gnutls_x509_privkey_deinit(key);
}

static void check_refused(struct world *world, const struct bas_tls_config *config, bas_err err,
                          const char *part)
{
    struct bas_fault fault = world_refusal(world, config);
    assert_contains(fault.text, part);
    assert_int_equal(fault.err, err);
    assert_null(strstr(fault.text, "secret"));
    assert_null(strstr(fault.text, "1234"));
}

static void an_encrypted_key_opens_with_its_password_alone(void **state)
{
    (void)state;
    static const gnutls_pkcs_encrypt_flags_t ways[] = { GNUTLS_PKCS_PBES2_AES_256,
                                                        GNUTLS_PKCS_PBES2_AES_128,
                                                        GNUTLS_PKCS_PBES2_3DES };
    struct world world;
    world_init(&world);
    for (size_t i = 0; i < BAS_ARRAY_LEN(ways); i++) {
        struct bas_fault fault = { 0 };
        lock(&world, "locked.key", ways[i]);
        struct bas_tls_config config = with_key(&world, "locked.key", "secret");
        struct bas_tls_context *node = bas_tls_context_new(&world.t.env, &config, &fault);
        if (node == NULL) {
            fail_msg("%s", fault.text);
        }
        bas_tls_context_unref(node);
        config.key_password = "Secret";
        check_refused(&world, &config, BAS_ERR_KEY,
                      "the password that was given does not open the private key /");
        config.key_password = NULL;
        check_refused(&world, &config, BAS_ERR_KEY,
                      "locked.key is encrypted, and no password is configured: name a file");
    }
    world_fini(&world);
}

/* What openssl ec -aes128 writes. */
static const char old_style[] = "-----BEGIN EC PRIVATE KEY-----\n"
                                "Proc-Type: 4,ENCRYPTED\n"
                                "DEK-Info: AES-128-CBC,D424ACC742EAA80C6990976D7CF58123\n"
                                "\n"
                                "KZOJ+ga5TO1m+xUacgztBAKkDo4M4Nt9TLqiW/h++C3qDul3DWuVyJAO+IEzoMUD\n"
                                "nWXO4BC5Pgg1bp47ZFq4N5PeyxvHvFJww3+3Kra+hvjEJ9PWJ7XJRgsJYQvG5fe8\n"
                                "OTNBc04KtwATtyDux7db4RJXDgae+PZ7YnOo45LRHNE=\n"
                                "-----END EC PRIVATE KEY-----\n";
/* What openssl pkcs8 -scrypt writes. */
static const char scrypt_style[] =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIHkME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAiBmSq7J52XBgICQAAC\n"
    "AQgCAQEwHQYJYIZIAWUDBAEqBBDv6NFxcXtAQLQyAr2iuMnxBIGQN9jReYF7stYr\n"
    "XfWDwTU3l6Ffxv+PeThRo6UPPgZqkLaM4buMKUJnS9TZyEHsgct7erT2KHpcmj8V\n"
    "aIAjICVl3lXmRDroIYEOh1FZd7vGC6OO5LxzNetIcpfynBtk3CySvRPRBaaj3CZI\n"
    "qdEq0Ub+zS/RdAbhrOr8neg1jC8tCr0/hhLDPCCQ++iRr3Q6oJo2\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";

static void an_encrypted_key_of_the_old_style_opens_too(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    struct bas_tls_password password = { .is_set = true, .text = "secret" };
    gnutls_privkey_t key = NULL;
    world_init(&world);
    world_write(&world, "old.key", old_style, 0600);
    struct bas_tls_source source = { &world.t.env, world_path(&world, "old.key"), &password };
    assert_int_equal(bas_tls_key_read(&source, &key, &fault), BAS_OK);
    unsigned bits = 0;
    assert_int_equal(gnutls_privkey_get_pk_algorithm(key, &bits), GNUTLS_PK_ECDSA);
    assert_int_equal(bits, 256);
    gnutls_privkey_deinit(key);
    struct bas_tls_config config = with_key(&world, "old.key", "wrong");
    check_refused(&world, &config, BAS_ERR_KEY, "does not open the private key");
    config.key_password = NULL;
    check_refused(&world, &config, BAS_ERR_KEY, "is encrypted, and no password");
    config.key_password = "secret"; /* it opens, but it is another device's */
    check_refused(&world, &config, BAS_ERR_KEY, "does not belong to the certificate");
    world_fini(&world);
}

static void a_key_that_cannot_be_decrypted_here_is_told_from_a_wrong_password(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    world_write(&world, "scrypt.key", scrypt_style, 0600);
    struct bas_tls_config config = with_key(&world, "scrypt.key", "secret");
    check_refused(&world, &config, BAS_ERR_KEY, "in a way that is not known here");
    world_fini(&world);
}

static void a_key_in_the_clear_needs_no_password_and_takes_any(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    world_init(&world);
    struct bas_tls_config config = with_key(&world, "node.key", "unused");
    struct bas_tls_context *node = bas_tls_context_new(&world.t.env, &config, &fault);
    assert_non_null(node);
    bas_tls_context_unref(node);
    world_fini(&world);
}

static void no_password_is_left_in_the_memory_of_a_context(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    world_init(&world);
    lock(&world, "locked.key", GNUTLS_PKCS_PBES2_AES_256);
    char password[] = "secret";
    struct bas_tls_config config = with_key(&world, "locked.key", password);
    struct bas_tls_context *node = bas_tls_context_new(&world.t.env, &config, &fault);
    assert_non_null(node);
    const unsigned char *octets = (const unsigned char *)node;
    for (size_t i = 0; i + 6 <= sizeof(*node); i++) {
        assert_memory_not_equal(octets + i, "secret", 6);
    }
    bas_tls_context_unref(node);
    world_fini(&world);
}

static void a_pin_in_a_uri_is_not_shown(void **state)
{
    (void)state;
    char text[BAS_TLS_SOURCE_NAME];
    assert_string_equal(
        bas_tls_source_text(text, "pkcs11:token=hub;object=key?pin-value=1234&module-name=x"),
        "pkcs11:token=hub;object=key");
    assert_string_equal(bas_tls_source_text(text, "pkcs11:token=hub;pin-value=1234;object=key"),
                        "pkcs11:token=hub;");
    assert_string_equal(bas_tls_source_text(text, "/etc/pin-board?.pem"), "/etc/pin-board?.pem");
}

/* A token in software, made for one test. The library reads the list of modules once, so the token
 * is there before it does, and all that needs it is one test. */

static const char module[] = "/usr/lib/softhsm/libsofthsm2.so";

static void run(const char *const *words)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (freopen("/dev/null", "w", stdout) != NULL) {
            (void)execvp(words[0], (char *const *)(uintptr_t)words);
        }
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void fill_token(struct world *world)
{
    char conf[256];
    (void)snprintf(conf, sizeof(conf), "directories.tokendir = %s/tokens\nlog.level = ERROR\n",
                   world->folder);
    world_write(world, "softhsm2.conf", conf, 0600);
    assert_int_equal(mkdir(world_path(world, "tokens"), 0700), 0);
    assert_int_equal(setenv("SOFTHSM2_CONF", world_path(world, "softhsm2.conf"), 1), 0);
    run((const char *const[]){ "softhsm2-util", "--init-token", "--free", "--label", "site",
                               "--pin", "1234", "--so-pin", "5678", NULL });
    run((const char *const[]){ "softhsm2-util", "--import", world_path(world, "node.key"),
                               "--token", "site", "--label", "nodekey", "--id", "01", "--pin",
                               "1234", NULL });
    run((const char *const[]){ "softhsm2-util", "--import", world_path(world, "hub.key"), "--token",
                               "site", "--label", "hubkey", "--id", "02", "--pin", "1234", NULL });
}

static struct bas_tls_config with_token(struct world *world, const char *key, const char *pin)
{
    struct bas_tls_config config = with_key(world, "node.key", pin);
    config.key_file = key;
    return config;
}

static void shake(struct world *world, const struct bas_tls_config *config)
{
    struct bas_fault fault = { 0 };
    struct end client;
    struct end server;
    struct bas_tls_context *node = bas_tls_context_new(&world->t.env, config, &fault);
    if (node == NULL) {
        fail_msg("%s", fault.text);
    }
    struct bas_tls_context *hub = world_context(world, "hub");
    end_init(&client, node, BAS_TLS_CLIENT, NULL);
    end_init(&server, hub, BAS_TLS_SERVER, NULL);
    ends_shake(&client, &server, 0);
    assert_true(bas_tls_is_open(client.tls));
    assert_true(bas_tls_is_open(server.tls));
    end_fini(&client);
    end_fini(&server);
    bas_tls_context_unref(node);
    bas_tls_context_unref(hub);
}

#define KEY "pkcs11:token=site;object=nodekey;type=private"

static void refuse_tokens(struct world *world)
{
    struct bas_tls_config config = with_token(world, KEY, NULL);
    check_refused(world, &config, BAS_ERR_KEY,
                  "the token of " KEY " wants a PIN: name a file, variable or credential");
    config = with_token(world, KEY "?pin-value=12345", NULL);
    check_refused(world, &config, BAS_ERR_KEY, "does not take the PIN in the URI");
    config = with_token(world, "pkcs11:token=site;object=nobody;type=private", "1234");
    check_refused(world, &config, BAS_ERR_NOT_FOUND,
                  "no token holds the private key pkcs11:token=");
    config = with_token(world, "pkcs11:token=absent;object=nodekey;type=private", "1234");
    check_refused(world, &config, BAS_ERR_NOT_FOUND, "no token holds the private key");
    config = with_token(world, "pkcs11:%%", "1234");
    check_refused(world, &config, BAS_ERR_CONFIG, "is no PKCS #11 URI");
    config = with_token(world, "pkcs11:token=site;object=hubkey;type=private", "1234");
    check_refused(world, &config, BAS_ERR_KEY, "does not belong to the certificate");
    config = with_token(world, KEY, "1235");
    check_refused(world, &config, BAS_ERR_KEY, "does not take the PIN that was given");
}

static void put_certificate(struct world *world)
{
    char pem[4096];
    gnutls_x509_crt_t c = NULL;
    gnutls_datum_t data = { (unsigned char *)pem,
                            (unsigned)world_read(world, "node.pem", pem, sizeof(pem)) };
    assert_int_equal(gnutls_x509_crt_init(&c), 0);
    assert_int_equal(gnutls_x509_crt_import(c, &data, GNUTLS_X509_FMT_PEM), 0);
    gnutls_datum_t id = { (unsigned char *)pem, 1 };
    pem[0] = 1;
    assert_int_equal(gnutls_pkcs11_copy_x509_crt2("pkcs11:token=site?pin-value=1234", c, "nodecert",
                                                  &id, GNUTLS_PKCS11_OBJ_FLAG_LOGIN),
                     0);
    gnutls_x509_crt_deinit(c);
}

static void clean_token(struct world *world)
{
    gnutls_pkcs11_deinit();
    run((const char *const[]){ "rm", "-r", world_path(world, "tokens"), NULL });
}

/* Loading the modules of a machine takes time, and runs foreign code. */
static bool is_module_loaded(void)
{
    static char maps[1 << 18];
    FILE *file = fopen("/proc/self/maps", "r");
    assert_non_null(file);
    size_t len = fread(maps, 1, sizeof(maps) - 1, file);
    maps[len] = 0;
    (void)fclose(file);
    return strstr(maps, "libsofthsm2.so") != NULL;
}

static void a_key_in_a_token_serves_as_one_in_a_file(void **state)
{
    (void)state;
    if (access(module, R_OK) != 0) {
        print_message("softhsm2 is not installed\n");
        skip();
    }
    struct world world;
    world_init(&world);
    fill_token(&world);
    struct bas_tls_config config = with_key(&world, "node.key", NULL);
    shake(&world, &config);
    assert_false(is_module_loaded());
    config = with_token(&world, KEY, "1234");
    shake(&world, &config);
    assert_true(is_module_loaded());
    config = with_token(&world, KEY "?pin-value=1234", NULL);
    shake(&world, &config);
    refuse_tokens(&world);
    put_certificate(&world);
    config = with_token(&world, KEY, "1234");
    config.certificate_file = "pkcs11:token=site;object=nodecert;type=cert";
    shake(&world, &config);
    config.certificate_file = "pkcs11:token=site;object=nocert;type=cert";
    check_refused(&world, &config, BAS_ERR_NOT_FOUND, "no token holds the certificate");
    clean_token(&world);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_encrypted_key_opens_with_its_password_alone),
        cmocka_unit_test(an_encrypted_key_of_the_old_style_opens_too),
        cmocka_unit_test(a_key_that_cannot_be_decrypted_here_is_told_from_a_wrong_password),
        cmocka_unit_test(a_key_in_the_clear_needs_no_password_and_takes_any),
        cmocka_unit_test(no_password_is_left_in_the_memory_of_a_context),
        cmocka_unit_test(a_pin_in_a_uri_is_not_shown),
        cmocka_unit_test(a_key_in_a_token_serves_as_one_in_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
