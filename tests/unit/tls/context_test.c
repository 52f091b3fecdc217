#define _XOPEN_SOURCE 700
#include "raw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ca.pem, node.pem, node.key: what each test spoils one of. */
static struct bas_tls_config good(struct world *world)
{
    struct bas_tls_config config = { .size = sizeof(config) };
    config.issuer_files[0] = world_path(world, "ca.pem");
    config.certificate_file = world_path(world, "node.pem");
    config.key_file = world_path(world, "node.key");
    return config;
}

static void a_context_knows_its_own_identity(void **state)
{
    (void)state;
    struct world world;
    struct bas_tls_identity identity;
    world_init(&world);
    struct bas_tls_context *node = world_context(&world, "node");
    bas_tls_context_identity(node, &identity);
    assert_string_equal(identity.subject, "CN=node");
    assert_string_equal(identity.issuer, "CN=Site CA");
    assert_int_equal(strlen(identity.serial), 32);
    assert_int_equal(identity.not_before, world.t.wall / BAS_SECOND - BAS_PKI_BACKDATE);
    assert_int_equal(identity.not_after, world.t.wall / BAS_SECOND + 365 * 86400);
    assert_true(identity.has_uuid);
    bas_tls_context_unref(node);
    world_fini(&world);
}

/* bsc 7.4-12 */
static void missing_parts_of_a_configuration_are_named(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    struct bas_tls_config config = good(&world);
    config.issuer_files[0] = NULL;
    struct bas_fault fault = world_refusal(&world, &config);
    assert_int_equal(fault.err, BAS_ERR_CONFIG);
    assert_contains(fault.text, "no issuer certificate is configured");
    config = good(&world);
    config.certificate_file = NULL;
    fault = world_refusal(&world, &config);
    assert_contains(fault.text, "no certificate is configured");
    config = good(&world);
    config.key_file = NULL;
    fault = world_refusal(&world, &config);
    assert_contains(fault.text, "no private key is configured");
    config = good(&world);
    config.size = offsetof(struct bas_tls_config, key_file); /* an older caller */
    fault = world_refusal(&world, &config);
    assert_contains(fault.text, "no private key is configured");
    world_fini(&world);
}

static void files_that_cannot_be_read_are_named(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    struct bas_tls_config config = good(&world);
    config.issuer_files[3] = world_path(&world, "nowhere.pem");
    struct bas_fault fault = world_refusal(&world, &config);
    assert_int_equal(fault.err, BAS_ERR_NOT_FOUND);
    assert_contains(fault.text, "nowhere.pem: No such file");
    config = good(&world);
    config.certificate_file = world.folder;
    fault = world_refusal(&world, &config);
    assert_contains(fault.text, "is a directory");
    world_write(&world, "junk.pem", "this is no PEM\n", 0600);
    config = good(&world);
    config.issuer_files[0] = world_path(&world, "junk.pem");
    fault = world_refusal(&world, &config);
    assert_contains(fault.text, "junk.pem holds no issuer certificate");
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_CERTIFICATE_MALFORMED);
    config = good(&world);
    config.certificate_file = world_path(&world, "junk.pem");
    fault = world_refusal(&world, &config);
    assert_contains(fault.text, "junk.pem holds no certificate");
    assert_int_equal(fault.err, BAS_ERR_CERTIFICATE);
    config = good(&world);
    config.key_file = world_path(&world, "junk.pem");
    fault = world_refusal(&world, &config);
    assert_contains(fault.text, "junk.pem holds no private key");
    assert_int_equal(fault.err, BAS_ERR_KEY);
    world_fini(&world);
}

static void an_empty_issuer_file_is_an_unused_slot(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    world_write(&world, "empty.pem", "", 0600);
    struct bas_tls_config config = good(&world);
    struct bas_fault fault;
    config.issuer_files[1] = world_path(&world, "empty.pem");
    struct bas_tls_context *context = bas_tls_context_new(&world.t.env, &config, &fault);
    assert_non_null(context);
    bas_tls_context_unref(context);
    config.issuer_files[0] = NULL;
    fault = world_refusal(&world, &config);
    assert_contains(fault.text, "no issuer certificate is configured");
    world_fini(&world);
}

static void an_issuer_file_may_hold_several_certificates(void **state)
{
    (void)state;
    struct world world;
    char both[8192];
    world_init(&world);
    world_issue_odd(&world,
                    &(struct odd){ .name = "other-ca", .is_ca = true, .is_self_signed = true });
    size_t len = world_read(&world, "other-ca.pem", both, sizeof(both));
    (void)world_read(&world, "ca.pem", both + len, sizeof(both) - len);
    world_write(&world, "both.pem", both, 0600);
    struct bas_tls_config config = good(&world);
    struct bas_fault fault;
    config.issuer_files[0] = world_path(&world, "both.pem");
    struct bas_tls_context *context = bas_tls_context_new(&world.t.env, &config, &fault);
    assert_non_null(context);
    bas_tls_context_unref(context);
    world_fini(&world);
}

static void a_key_that_others_can_read_is_refused(void **state)
{
    (void)state;
    static const unsigned modes[] = { 0640, 0604, 0620, 0601 };
    struct world world;
    world_init(&world);
    struct bas_tls_config config = good(&world);
    for (size_t i = 0; i < BAS_ARRAY_LEN(modes); i++) {
        assert_int_equal(chmod(config.key_file, modes[i]), 0);
        struct bas_fault fault = world_refusal(&world, &config);
        assert_int_equal(fault.err, BAS_ERR_PERMISSION);
        assert_contains(fault.text, "node.key is open to group or others");
        assert_contains(fault.text, "chmod 600");
    }
    world_fini(&world);
}

static void a_key_of_another_certificate_is_refused_and_both_files_are_named(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    struct bas_tls_config config = good(&world);
    config.key_file = world_path(&world, "hub.key");
    struct bas_fault fault = world_refusal(&world, &config);
    assert_int_equal(fault.err, BAS_ERR_KEY);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_UNKNOWN_CERTIFICATE_KEY);
    assert_contains(fault.text, "hub.key does not belong to the certificate");
    assert_contains(fault.text, "node.pem");
    world_fini(&world);
}

static void refuse_own(struct world *world, const struct odd *odd, unsigned code, const char *part)
{
    char certificate[64];
    char key[64];
    if (strcmp(odd->name, "ca") != 0) {
        world_issue_odd(world, odd);
    }
    (void)snprintf(certificate, sizeof(certificate), "%s.pem", odd->name);
    (void)snprintf(key, sizeof(key), "%s.key", odd->name);
    struct bas_tls_config config = good(world);
    config.certificate_file = world_path(world, certificate);
    config.key_file = world_path(world, key);
    struct bas_fault fault = world_refusal(world, &config);
    assert_int_equal(fault.err, BAS_ERR_CERTIFICATE);
    assert_int_equal(fault.error_class, BAC_ERROR_CLASS_SECURITY);
    assert_int_equal(fault.error_code, code);
    assert_contains(fault.text, certificate);
    assert_contains(fault.text, part);
}

static void a_certificate_of_ours_that_peers_would_refuse_is_refused_at_loading(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    int64_t now = world.t.wall / BAS_SECOND;
    refuse_own(&world, &(struct odd){ .name = "late", .not_after = now - 60 },
               BAC_ERROR_CODE_CERTIFICATE_EXPIRED,
               "expired at 2025-12-31T23:59:00Z; our clock says 2026-01-01T00:00:00Z; issue a new");
    refuse_own(&world, &(struct odd){ .name = "early", .not_before = now + 60 },
               BAC_ERROR_CODE_CERTIFICATE_EXPIRED, "not valid before 2026-01-01T00:01:00Z");
    refuse_own(&world, &(struct odd){ .name = "self", .is_self_signed = true },
               BAC_ERROR_CODE_CERTIFICATE_INVALID, "none of our issuers");
    refuse_own(&world, &(struct odd){ .name = "sub", .is_ca = true },
               BAC_ERROR_CODE_CERTIFICATE_INVALID, "CA:TRUE");
    refuse_own(&world, &(struct odd){ .name = "old", .version = 1 },
               BAC_ERROR_CODE_CERTIFICATE_INVALID, "X.509 version 3");
    static const char *const signer[] = { GNUTLS_KP_CODE_SIGNING, NULL };
    refuse_own(&world, &(struct odd){ .name = "signer", .purposes = signer },
               BAC_ERROR_CODE_CERTIFICATE_INVALID,
               "an extended key usage without clientAuth and serverAuth; issue it anew");
    refuse_own(&world, &(struct odd){ .name = "cipher", .key_usage = GNUTLS_KEY_KEY_ENCIPHERMENT },
               BAC_ERROR_CODE_CERTIFICATE_INVALID, "a key usage without digitalSignature");
    refuse_own(&world, &(struct odd){ .name = "ca" }, BAC_ERROR_CODE_CERTIFICATE_INVALID,
               "an issuer's own");
    world_fini(&world);
}

static void a_certificate_of_ours_for_one_role_is_taken_and_the_log_says_so(void **state)
{
    (void)state;
    static const char *const client[] = { GNUTLS_KP_TLS_WWW_CLIENT, NULL };
    static const char *const server[] = { GNUTLS_KP_TLS_WWW_SERVER, NULL };
    struct world world;
    world_init(&world);
    world_issue_odd(&world, &(struct odd){ .name = "as-client", .purposes = client });
    world_issue_odd(&world, &(struct odd){ .name = "as-server", .purposes = server });
    bas_tls_context_unref(world_context(&world, "node"));
    assert_int_equal(world.t.logs, 0);
    bas_tls_context_unref(world_context(&world, "as-client"));
    assert_int_equal(world.t.logs, 1);
    assert_contains(world.t.last_log,
                    "clientAuth alone: peers will refuse us where we are the server");
    bas_tls_context_unref(world_context(&world, "as-server"));
    assert_contains(world.t.last_log,
                    "serverAuth alone: peers will refuse us where we are the client");
    world_fini(&world);
}

static void every_failing_allocation_gives_a_fault_and_no_leak(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    struct bas_tls_config config = good(&world);
    struct bas_tls_context *context = NULL;
    size_t k = 0;
    while (context == NULL) {
        struct bas_fault fault = { 0 };
        world.t.allocations = 0;
        world.t.fail_at = ++k;
        context = bas_tls_context_new(&world.t.env, &config, &fault);
        assert_true(context != NULL || fault.err == BAS_ERR_NO_MEMORY);
        assert_true(k < 20);
    }
    assert_int_equal(k, 5); /* the context and three files were refused in turn */
    world.t.fail_at = 0;
    bas_tls_context_unref(context);
    world_fini(&world);
}

/* Key log */

static unsigned count(const char *text, const char *part)
{
    unsigned n = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        n++;
    }
    return n;
}

static void shake_once(struct bas_tls_context *client, struct bas_tls_context *server)
{
    struct end a;
    struct end b;
    end_init(&a, client, BAS_TLS_CLIENT, NULL);
    end_init(&b, server, BAS_TLS_SERVER, NULL);
    ends_shake(&a, &b, 0);
    assert_true(bas_tls_is_open(a.tls));
    end_seal(&a, "x", 1);
    (void)end_carry(&a, &b, 0);
    end_fini(&a);
    end_fini(&b);
}

static void a_key_log_gets_five_lines_a_session_and_nobody_else_may_read_it(void **state)
{
    (void)state;
    static const char *const labels[] = {
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET ", "SERVER_HANDSHAKE_TRAFFIC_SECRET ", "EXPORTER_SECRET ",
        "CLIENT_TRAFFIC_SECRET_0 ",         "SERVER_TRAFFIC_SECRET_0 ",
    };
    struct world world;
    struct bas_fault fault = { 0 };
    char text[8192];
    struct stat st;
    world_init(&world);
    struct bas_tls_config config = good(&world);
    config.keylog_file = world_path(&world, "keys.log");
    struct bas_tls_context *node = bas_tls_context_new(&world.t.env, &config, &fault);
    assert_non_null(node);
    assert_contains(world.t.last_log, "keys.log");
    struct bas_tls_context *hub = world_context(&world, "hub");
    shake_once(node, hub);
    assert_int_equal(stat(config.keylog_file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    size_t len = world_read(&world, "keys.log", text, sizeof(text));
    assert_int_equal(count(text, "\n"), 5);
    for (size_t i = 0; i < BAS_ARRAY_LEN(labels); i++) {
        assert_int_equal(count(text, labels[i]), 1);
    }
    assert_int_equal(len, 5 * (1 + 64 + 1 + 64 + 1) + 31 + 31 + 15 + 23 + 23);
    shake_once(node, hub);
    (void)world_read(&world, "keys.log", text, sizeof(text));
    assert_int_equal(count(text, "\n"), 10);
    bas_tls_context_unref(node);
    assert_int_equal(chmod(config.keylog_file, 0644), 0);
    fault = world_refusal(&world, &config);
    assert_int_equal(fault.err, BAS_ERR_PERMISSION);
    config.keylog_file = world_path(&world, "no/where.log");
    fault = world_refusal(&world, &config);
    assert_contains(fault.text, "cannot write the key log");
    bas_tls_context_unref(hub);
    world_fini(&world);
}

static void new_keys_within_a_session_are_not_logged_under_old_names(void **state)
{
    (void)state;
    struct world world;
    struct end end;
    struct raw raw;
    struct bas_fault fault = { 0 };
    char text[8192];
    world_init(&world);
    struct bas_tls_config config = good(&world);
    config.keylog_file = world_path(&world, "keys.log");
    struct bas_tls_context *node = bas_tls_context_new(&world.t.env, &config, &fault);
    assert_non_null(node);
    end_init(&end, node, BAS_TLS_SERVER, NULL);
    raw_init(&raw, &world, &(struct raw_config){ .name = "hub" });
    raw_shake(&raw, &end);
    assert_int_equal(gnutls_session_key_update(raw.session, GNUTLS_KU_PEER), 0);
    assert_int_equal(end_feed(&end, raw.out.data, raw.out.len, 0), BAS_ERR_AGAIN);
    end_seal(&end, "x", 1);
    (void)world_read(&world, "keys.log", text, sizeof(text));
    assert_int_equal(count(text, "\n"), 5);
    raw_fini(&raw);
    end_fini(&end);
    bas_tls_context_unref(node);
    world_fini(&world);
}

static void the_environment_alone_logs_no_keys(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    const char *path = world_path(&world, "leak.log");
    assert_int_equal(setenv("SSLKEYLOGFILE", path, 1), 0);
    struct bas_tls_context *node = world_context(&world, "node");
    struct bas_tls_context *hub = world_context(&world, "hub");
    shake_once(node, hub);
    assert_int_not_equal(access(path, F_OK), 0);
    /* the check can fail: the library's own function obeys the environment */
    struct raw raw;
    struct end end;
    raw_init(&raw, &world, &(struct raw_config){ .name = "node" });
    end_init(&end, hub, BAS_TLS_SERVER, NULL);
    raw_shake(&raw, &end);
    assert_int_equal(access(path, F_OK), 0);
    raw_fini(&raw);
    end_fini(&end);
    assert_int_equal(unsetenv("SSLKEYLOGFILE"), 0);
    bas_tls_context_unref(node);
    bas_tls_context_unref(hub);
    world_fini(&world);
}

/* The machine's own configuration of the library, which is read once when a program starts */

static const char program[] = "/proc/self/exe";

/* What the second run of this program does: prints the fault and the last log line. */
static int load_only(char **files)
{
    struct test_env t;
    struct bas_tls_config config = { .size = sizeof(config) };
    struct bas_fault fault = { 0 };
    test_env_init(&t);
    config.issuer_files[0] = files[0];
    config.certificate_file = files[1];
    config.key_file = files[2];
    struct bas_tls_context *context = bas_tls_context_new(&t.env, &config, &fault);
    (void)printf("%s%s", context != NULL ? "loaded: " : fault.text, t.last_log);
    bas_tls_context_unref(context);
    return 0;
}

static void run_with(struct world *world, const char *overrides, char *said, size_t cap)
{
    int ends[2];
    world_write(world, "gnutls.conf", overrides, 0600);
    struct bas_tls_config config = good(world);
    const char *conf = world_path(world, "gnutls.conf");
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)setenv("GNUTLS_SYSTEM_PRIORITY_FILE", conf, 1);
        (void)dup2(ends[1], 1);
        (void)execl(program, program, config.issuer_files[0], config.certificate_file,
                    config.key_file, (char *)NULL);
        _exit(127);
    }
    (void)close(ends[1]);
    size_t len = 0;
    ssize_t n = 1;
    while (n > 0 && len + 1 < cap) {
        n = read(ends[0], said + len, cap - 1 - len);
        len += n > 0 ? (size_t)n : 0;
    }
    said[len] = 0;
    (void)close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void a_machine_that_switches_off_what_bacnet_needs_is_named(void **state)
{
    (void)state;
    struct world world;
    char said[2048];
    world_init(&world);
    run_with(&world, "[overrides]\n", said, sizeof(said));
    assert_string_equal(said, "loaded: ");
    run_with(&world, "[overrides]\ntls-disabled-cipher = aes-128-gcm\n", said, sizeof(said));
    assert_contains(said, "needs AES-128-GCM");
    assert_contains(said, "gnutls.conf");
    run_with(&world, "[overrides]\ndisabled-curve = secp256r1\n", said, sizeof(said));
    assert_contains(said, "needs P-256");
    run_with(&world, "[overrides]\ndisabled-version = tls1.3\n", said, sizeof(said));
    assert_contains(said, "TLS 1.3");
    assert_null(strstr(said, "loaded"));
    run_with(&world, "[overrides]\ndisabled-curve = x25519\n", said, sizeof(said));
    assert_contains(said, "loaded: TLS runs without X25519");
    world_fini(&world);
}

int main(int argc, char **argv)
{
    if (argc == 4) {
        return load_only(argv + 1);
    }
    const struct CMUnitTest tests[] = {
        /* first: the library looks at the environment once */
        cmocka_unit_test(the_environment_alone_logs_no_keys),
        cmocka_unit_test(a_context_knows_its_own_identity),
        cmocka_unit_test(missing_parts_of_a_configuration_are_named),
        cmocka_unit_test(files_that_cannot_be_read_are_named),
        cmocka_unit_test(an_empty_issuer_file_is_an_unused_slot),
        cmocka_unit_test(an_issuer_file_may_hold_several_certificates),
        cmocka_unit_test(a_key_that_others_can_read_is_refused),
        cmocka_unit_test(a_key_of_another_certificate_is_refused_and_both_files_are_named),
        cmocka_unit_test(a_certificate_of_ours_that_peers_would_refuse_is_refused_at_loading),
        cmocka_unit_test(a_certificate_of_ours_for_one_role_is_taken_and_the_log_says_so),
        cmocka_unit_test(every_failing_allocation_gives_a_fault_and_no_leak),
        cmocka_unit_test(a_key_log_gets_five_lines_a_session_and_nobody_else_may_read_it),
        cmocka_unit_test(new_keys_within_a_session_are_not_logged_under_old_names),
        cmocka_unit_test(a_machine_that_switches_off_what_bacnet_needs_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
