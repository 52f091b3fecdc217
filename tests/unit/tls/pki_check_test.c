/* What a look finds: report.c, too. */
#define _XOPEN_SOURCE 700
#include "world.h"

#include "tls/pki/report.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t DAY = INT64_C(86400) * BAS_SECOND;

static struct bas_pki_report look(struct world *world, const char *name)
{
    char path[200];
    struct bas_fault fault = { 0 };
    struct bas_pki_report report;
    (void)snprintf(path, sizeof(path), "%s%s%s", world->folder, name[0] != 0 ? "/" : "", name);
    const char *const paths[] = { path };
    const struct bas_pki_check_request request = { .size = sizeof(request),
                                                   .paths = paths,
                                                   .n_paths = 1 };
    if (bas_pki_check(&world->t.env, &request, &report, &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
    return report;
}

/* Exactly one finding in the folder: of that kind, level, file and text. */
static void assert_finds(struct world *world, enum bas_pki_kind kind, enum bas_pki_level level,
                         const char *file, const char *text)
{
    struct bas_pki_report report = look(world, "");
    if (report.n != 1) {
        fail_msg("%zu findings, the first: %s %s", report.n,
                 report.n == 0 ? "none" : report.findings[0].file,
                 report.n == 0 ? "" : report.findings[0].text);
    }
    assert_string_equal(bas_pki_kind_name(report.findings[0].kind), bas_pki_kind_name(kind));
    assert_int_equal(report.findings[0].level, level);
    assert_int_equal(report.worst, level);
    assert_string_equal(strrchr(report.findings[0].file, '/') + 1, file);
    assert_contains(report.findings[0].text, text);
    bas_pki_report_free(&world->t.env, &report);
}

static void assert_fine(struct world *world, const char *name, size_t n_files)
{
    struct bas_pki_report report = look(world, name);
    if (report.n != 0) {
        fail_msg("%s %s", report.findings[0].file, report.findings[0].text);
    }
    assert_int_equal(report.worst, BAS_PKI_FINE);
    assert_int_equal(report.n_files, n_files);
    bas_pki_report_free(&world->t.env, &report);
}

static void a_new_folder_is_fine(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    assert_fine(&world, "", 3);
    assert_fine(&world, "hub.pem", 1);
    struct bas_pki_report report = look(&world, "");
    assert_int_equal(report.next_expiry,
                     world.t.wall / BAS_SECOND + (int64_t)BAS_PKI_DEVICE_DAYS * 86400);
    bas_pki_report_free(&world.t.env, &report);
    world_fini(&world);
}

static void what_expires_is_told_90_30_and_7_days_before(void **state)
{
    (void)state;
    static const struct {
        int64_t days; /* left */
        enum bas_pki_level level;
        const char *text;
    } rows[] = {
        { 91, BAS_PKI_FINE, "" },
        { 90, BAS_PKI_NOTICE, "expires in 90 days (2027-01-01T00:00:00Z): renew it" },
        { 31, BAS_PKI_NOTICE, "expires in 31 days" },
        { 30, BAS_PKI_WARNING, "expires in 30 days" },
        { 8, BAS_PKI_WARNING, "expires in 8 days" },
        { 7, BAS_PKI_CRITICAL, "expires in 7 days" },
        { 1, BAS_PKI_CRITICAL, "expires in 1 day (" },
        { 0, BAS_PKI_CRITICAL, "expires in 0 days" },
        { -1, BAS_PKI_CRITICAL, "expired 2027-01-01T00:00:00Z" },
    };
    struct world world;
    world_init(&world);
    assert_int_equal(remove(world_path(&world, "node.pem")), 0);
    assert_int_equal(remove(world_path(&world, "node.key")), 0);
    int64_t start = world.t.wall;
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        world.t.wall = start + (BAS_PKI_DEVICE_DAYS - rows[i].days) * DAY;
        if (rows[i].level == BAS_PKI_FINE) {
            assert_fine(&world, "", 2);
        } else {
            assert_finds(&world, BAS_PKI_KIND_EXPIRY, rows[i].level, "hub.pem", rows[i].text);
        }
    }
    world.t.wall = start - DAY;
    struct bas_pki_report report = look(&world, "hub.pem");
    assert_int_equal(report.n, 1);
    assert_int_equal(report.findings[0].kind, BAS_PKI_KIND_DATES);
    bas_pki_report_free(&world.t.env, &report);
    world_fini(&world);
}

static void keys_are_looked_after(void **state)
{
    (void)state;
    struct world world;
    char key[4096];
    world_init(&world);
    assert_int_equal(chmod(world_path(&world, "hub.key"), 0640), 0);
    assert_finds(&world, BAS_PKI_KIND_KEY_OPEN, BAS_PKI_CRITICAL, "hub.key", "(mode 0640)");
    assert_int_equal(chmod(world_path(&world, "hub.key"), 0600), 0);
    assert_int_equal(chmod(world_path(&world, "ca.key"), 0604), 0);
    assert_finds(&world, BAS_PKI_KIND_KEY_OPEN, BAS_PKI_CRITICAL, "ca.key", "(mode 0604)");
    assert_int_equal(remove(world_path(&world, "ca.key")), 0);
    assert_fine(&world, "", 3); /* kept elsewhere: so it should be */
    (void)world_read(&world, "node.key", key, sizeof(key));
    world_write(&world, "hub.key", key, 0600);
    assert_finds(&world, BAS_PKI_KIND_KEY_OTHER, BAS_PKI_CRITICAL, "hub.key", "is not the key");
    world_write(&world, "hub.key", "junk", 0600);
    assert_finds(&world, BAS_PKI_KIND_KEY_OTHER, BAS_PKI_CRITICAL, "hub.key", "no private key");
    assert_int_equal(remove(world_path(&world, "hub.key")), 0);
    assert_finds(&world, BAS_PKI_KIND_KEY_MISSING, BAS_PKI_WARNING, "hub.key", "is not there");
    world_fini(&world);
}

static void a_key_that_was_never_here_is_not_missed_and_an_encrypted_one_is_believed(void **state)
{
    (void)state;
    struct world world;
    struct bas_pki_csr csr;
    struct bas_pki_pair pair;
    world_init(&world);
    struct bas_pki_csr_request ask = { .size = sizeof(ask), .directory = world.folder };
    ask.name = "far";
    assert_int_equal(bas_pki_request(&world.t.env, &ask, &csr, NULL), BAS_OK);
    struct bas_pki_sign_request sign = { .size = sizeof(sign), .directory = world.folder };
    sign.request_file = csr.request_file;
    assert_int_equal(bas_pki_sign(&world.t.env, &sign, &pair, NULL), BAS_OK);
    assert_int_equal(remove(csr.key_file), 0);
    struct bas_pki_device_request device = { .size = sizeof(device), .directory = world.folder };
    device.name = "locked";
    device.key_password = "open";
    assert_int_equal(bas_pki_issue(&world.t.env, &device, &pair, NULL), BAS_OK);
    assert_fine(&world, "", 5);
    world_fini(&world);
}

static void what_peers_would_refuse_is_critical(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    world_issue_odd(&world, &(struct odd){ .name = "alien", .is_self_signed = true });
    assert_finds(&world, BAS_PKI_KIND_AUTHORITY, BAS_PKI_CRITICAL, "alien.pem",
                 "does not pass for a certificate of this authority (its issuer is CN=alien)");
    assert_int_equal(remove(world_path(&world, "alien.pem")), 0);
    world_write(&world, "junk.pem", "junk", 0644);
    assert_finds(&world, BAS_PKI_KIND_UNREADABLE, BAS_PKI_CRITICAL, "junk.pem", "no certificate");
    assert_int_equal(remove(world_path(&world, "junk.pem")), 0);
    world_write(&world, "index.csv", "serial\nx\n", 0644);
    struct bas_pki_report report = look(&world, "");
    assert_int_equal(report.n, 1);
    assert_int_equal(report.findings[0].kind, BAS_PKI_KIND_UNREADABLE);
    assert_contains(report.findings[0].text, "index.csv:2");
    bas_pki_report_free(&world.t.env, &report);
    world_fini(&world);
}

static void revocation_and_its_list_are_looked_after(void **state)
{
    (void)state;
    struct world world;
    struct bas_pki_crl crl;
    world_init(&world);
    struct bas_pki_revoke_request revoke = { .size = sizeof(revoke), .directory = world.folder };
    revoke.days = 20;
    assert_int_equal(bas_pki_revoke(&world.t.env, &revoke, &crl, NULL), BAS_OK);
    assert_fine(&world, "", 3);
    world.t.wall += 13 * DAY;
    assert_finds(&world, BAS_PKI_KIND_CRL, BAS_PKI_WARNING, "ca.crl", "must be replaced by 2026");
    world.t.wall += 7 * DAY;
    assert_finds(&world, BAS_PKI_KIND_CRL, BAS_PKI_CRITICAL, "ca.crl", "should have been");
    revoke.name = "hub";
    assert_int_equal(bas_pki_revoke(&world.t.env, &revoke, &crl, NULL), BAS_OK);
    assert_finds(&world, BAS_PKI_KIND_REVOKED, BAS_PKI_CRITICAL, "hub.pem", "was revoked");
    struct bas_pki_report report = look(&world, "hub.pem"); /* the list lies beside it */
    assert_int_equal(report.n, 1);
    assert_int_equal(report.findings[0].kind, BAS_PKI_KIND_REVOKED);
    bas_pki_report_free(&world.t.env, &report);
    assert_int_equal(remove(world_path(&world, "ca.crl")), 0);
    assert_finds(&world, BAS_PKI_KIND_CRL, BAS_PKI_CRITICAL, "hub.pem", "does not tell");
    world_write(&world, "ca.crl", "junk", 0644);
    report = look(&world, "node.pem");
    assert_int_equal(report.n, 1);
    assert_int_equal(report.findings[0].kind, BAS_PKI_KIND_CRL);
    bas_pki_report_free(&world.t.env, &report);
    world_fini(&world);
}

static void what_cannot_be_looked_at_is_an_error(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    struct bas_pki_report report;
    world_init(&world);
    struct bas_pki_check_request request = { .size = sizeof(request) };
    assert_int_equal(bas_pki_check(&world.t.env, &request, &report, &fault), BAS_ERR_INVALID);
    const char *hub = world_path(&world, "hub.pem");
    request.paths = &hub;
    request.n_paths = 1;
    request.ca_file = world_path(&world, "nowhere");
    assert_int_equal(bas_pki_check(&world.t.env, &request, &report, &fault), BAS_ERR_NOT_FOUND);
    request.ca_file = NULL;
    request.crl_file = world_path(&world, "nowhere");
    assert_int_equal(bas_pki_check(&world.t.env, &request, &report, &fault), BAS_ERR_NOT_FOUND);
    request.crl_file = NULL;
    request.ca_file = hub;
    assert_int_equal(bas_pki_check(&world.t.env, &request, &report, &fault), BAS_ERR_CERTIFICATE);
    world_fini(&world);
}

static void every_failing_allocation_gives_no_report(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    struct bas_pki_report report;
    world_init(&world);
    assert_int_equal(chmod(world_path(&world, "hub.key"), 0640), 0);
    const char *folder = world.folder;
    const struct bas_pki_check_request request = { .size = sizeof(request),
                                                   .paths = &folder,
                                                   .n_paths = 1 };
    bas_err err = BAS_ERR_NO_MEMORY;
    for (size_t k = 1; err == BAS_ERR_NO_MEMORY; k++) {
        world.t.allocations = 0;
        world.t.fail_at = k;
        err = bas_pki_check(&world.t.env, &request, &report, &fault);
    }
    assert_int_equal(err, BAS_OK);
    assert_int_equal(report.n, 1);
    bas_pki_report_free(&world.t.env, &report);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_folder_is_fine),
        cmocka_unit_test(what_expires_is_told_90_30_and_7_days_before),
        cmocka_unit_test(keys_are_looked_after),
        cmocka_unit_test(a_key_that_was_never_here_is_not_missed_and_an_encrypted_one_is_believed),
        cmocka_unit_test(what_peers_would_refuse_is_critical),
        cmocka_unit_test(revocation_and_its_list_are_looked_after),
        cmocka_unit_test(what_cannot_be_looked_at_is_an_error),
        cmocka_unit_test(every_failing_allocation_gives_no_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
