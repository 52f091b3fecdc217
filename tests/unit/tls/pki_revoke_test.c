#define _XOPEN_SOURCE 700
#include "world.h"

#include "tls/pki/crl.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bas_err revoke(struct world *world, const char *name, const char *serial,
                      struct bas_pki_crl *crl, struct bas_fault *fault)
{
    struct bas_pki_revoke_request request = { .size = sizeof(request) };
    request.directory = world->folder;
    request.name = name;
    request.serial = serial;
    request.reason = BAS_PKI_KEY_COMPROMISE;
    return bas_pki_revoke(&world->t.env, &request, crl, fault);
}

static void show(struct world *world, const char *name, struct bas_pki_certificate *certificate)
{
    assert_int_equal(bas_pki_show(&world->t.env, world_path(world, name), certificate, NULL),
                     BAS_OK);
}

/* Whether ca.crl, by the eyes of the library, is ours and holds the certificate of that file. */
static bool is_on_list(struct world *world, const char *name)
{
    char text[65536];
    gnutls_x509_crl_t list;
    gnutls_x509_crt_t certificate;
    gnutls_x509_crt_t ca;
    unsigned status = 0;
    size_t len = world_read(world, "ca.crl", text, sizeof(text));
    assert_int_equal(gnutls_x509_crl_init(&list), 0);
    assert_int_equal(
        gnutls_x509_crl_import(list, &(gnutls_datum_t){ (unsigned char *)text, (unsigned)len },
                               GNUTLS_X509_FMT_PEM),
        0);
    gnutls_x509_crt_t *const certificates[] = { &certificate, &ca };
    const char *const names[] = { name, "ca.pem" };
    for (size_t i = 0; i < 2; i++) {
        len = world_read(world, names[i], text, sizeof(text));
        assert_int_equal(gnutls_x509_crt_init(certificates[i]), 0);
        assert_int_equal(
            gnutls_x509_crt_import(*certificates[i],
                                   &(gnutls_datum_t){ (unsigned char *)text, (unsigned)len },
                                   GNUTLS_X509_FMT_PEM),
            0);
    }
    assert_int_equal(gnutls_x509_crl_verify(list, &ca, 1, 0, &status), 0);
    assert_int_equal(status &
                         ~(unsigned)(GNUTLS_CERT_INVALID | GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED |
                                     GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE),
                     0);
    bool is_on = gnutls_x509_crt_check_revocation(certificate, &list, 1) == 1;
    gnutls_x509_crl_deinit(list);
    gnutls_x509_crt_deinit(certificate);
    gnutls_x509_crt_deinit(ca);
    return is_on;
}

static void a_revoked_certificate_is_on_the_list_and_others_are_not(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    struct bas_pki_crl crl;
    struct bas_pki_list list;
    world_init(&world);
    assert_int_equal(revoke(&world, "hub", NULL, &crl, &fault), BAS_OK);
    assert_string_equal(crl.file, world_path(&world, "ca.crl"));
    assert_int_equal(crl.number, 1);
    assert_int_equal(crl.n, 1);
    assert_int_equal(crl.n_new, 1);
    assert_true(crl.is_written);
    assert_int_equal(crl.next_update, world.t.wall / BAS_SECOND + BAS_PKI_CRL_DAYS * 86400);
    assert_true(is_on_list(&world, "hub.pem"));
    assert_false(is_on_list(&world, "node.pem"));
    assert_int_equal(bas_pki_list(&world.t.env, world.folder, &list, &fault), BAS_OK);
    assert_int_equal(list.n, 3);
    assert_true(list.entries[1].is_revoked);
    assert_false(list.entries[2].is_revoked);
    bas_pki_list_free(&world.t.env, &list);
    world_fini(&world);
}

static void revoking_again_changes_nothing_and_a_refresh_renews_the_list(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    struct bas_pki_crl crl;
    char before[4096];
    char after[4096];
    world_init(&world);
    assert_int_equal(revoke(&world, "hub", NULL, &crl, &fault), BAS_OK);
    (void)world_read(&world, "ca.crl", before, sizeof(before));
    world.t.wall += 86400 * BAS_SECOND;
    assert_int_equal(revoke(&world, "hub", NULL, &crl, &fault), BAS_OK);
    assert_int_equal(crl.n_meant, 1);
    assert_int_equal(crl.n_new, 0);
    assert_int_equal(crl.number, 1);
    assert_false(crl.is_written);
    (void)world_read(&world, "ca.crl", after, sizeof(after));
    assert_string_equal(before, after);
    assert_int_equal(revoke(&world, NULL, NULL, &crl, &fault), BAS_OK);
    assert_int_equal(crl.number, 2);
    assert_int_equal(crl.n, 1);
    assert_true(crl.is_written);
    assert_int_equal(crl.next_update, world.t.wall / BAS_SECOND + BAS_PKI_CRL_DAYS * 86400);
    assert_true(is_on_list(&world, "hub.pem"));
    assert_int_equal(remove(world_path(&world, "ca.crl")), 0); /* a list that is lost comes back */
    assert_int_equal(revoke(&world, "hub", NULL, &crl, &fault), BAS_OK);
    assert_true(crl.is_written);
    assert_true(is_on_list(&world, "hub.pem"));
    world_fini(&world);
}

static void an_empty_list_is_a_list(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    struct bas_pki_crl crl;
    world_init(&world);
    assert_int_equal(revoke(&world, NULL, NULL, &crl, &fault), BAS_OK);
    assert_int_equal(crl.n, 0);
    assert_int_equal(crl.number, 1);
    assert_false(is_on_list(&world, "hub.pem"));
    world_fini(&world);
}

static void a_serial_number_names_one_certificate_as_people_write_it(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    struct bas_pki_crl crl;
    struct bas_pki_certificate hub;
    char text[120] = "0x00";
    world_init(&world);
    show(&world, "hub.pem", &hub);
    for (size_t i = 0; hub.serial[i] != 0; i++) {
        size_t n = strlen(text);
        (void)snprintf(text + n, sizeof(text) - n, "%s%c", i % 2 == 0 ? ":" : "",
                       hub.serial[i] >= 'a' ? hub.serial[i] - 32 : hub.serial[i]);
    }
    assert_int_equal(revoke(&world, NULL, text, &crl, &fault), BAS_OK);
    assert_int_equal(crl.n_new, 1);
    assert_true(is_on_list(&world, "hub.pem"));
    assert_int_equal(revoke(&world, NULL, "4a4b", &crl, &fault), BAS_ERR_NOT_FOUND);
    assert_contains(fault.text, "of number 4a4b");
    assert_int_equal(revoke(&world, NULL, "xyz", &crl, &fault), BAS_ERR_INVALID);
    assert_int_equal(revoke(&world, "hub", "4a", &crl, &fault), BAS_ERR_INVALID);
    assert_int_equal(revoke(&world, "nobody", NULL, &crl, &fault), BAS_ERR_NOT_FOUND);
    world_fini(&world);
}

static void a_name_means_all_its_certificates_that_are_still_valid(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    struct bas_pki_crl crl;
    struct bas_pki_renewal made;
    world_init(&world);
    struct bas_pki_renew_request request = { .size = sizeof(request), .directory = world.folder };
    request.name = "hub";
    request.days = 10;
    assert_int_equal(bas_pki_renew(&world.t.env, &request, &made, &fault), BAS_OK);
    assert_int_equal(bas_pki_renew(&world.t.env, &request, &made, &fault), BAS_OK);
    world.t.wall += 11 * INT64_C(86400) * BAS_SECOND; /* two of the three have expired */
    assert_int_equal(revoke(&world, "hub", NULL, &crl, &fault), BAS_OK);
    assert_int_equal(crl.n_new, 1);
    assert_int_equal(crl.n, 1);
    world_fini(&world);
}

static void a_certificate_that_the_index_lost_can_be_revoked(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    struct bas_pki_crl crl;
    world_init(&world);
    world_write(&world, "index.csv", "serial\n", 0644);
    assert_int_equal(revoke(&world, "node", NULL, &crl, &fault), BAS_OK);
    assert_true(is_on_list(&world, "node.pem"));
    world_write(&world, "index.csv", "serial\n", 0644); /* what the list knows is not forgotten */
    assert_int_equal(revoke(&world, "hub", NULL, &crl, &fault), BAS_OK);
    assert_int_equal(crl.n, 2);
    assert_true(is_on_list(&world, "node.pem"));
    assert_true(is_on_list(&world, "hub.pem"));
    world_fini(&world);
}

static void a_list_of_somebody_else_is_not_continued(void **state)
{
    (void)state;
    struct world world;
    struct world other;
    struct bas_fault fault;
    struct bas_pki_crl crl;
    char text[4096];
    world_init(&world);
    world_init(&other);
    assert_int_equal(revoke(&other, "hub", NULL, &crl, &fault), BAS_OK);
    (void)world_read(&other, "ca.crl", text, sizeof(text));
    world_fini(&other);
    world_write(&world, "ca.crl", text, 0644);
    assert_int_equal(revoke(&world, "hub", NULL, &crl, &fault), BAS_ERR_CERTIFICATE);
    assert_contains(fault.text, "is not signed by this authority");
    world_write(&world, "ca.crl", "junk", 0644);
    assert_int_equal(revoke(&world, "hub", NULL, &crl, &fault), BAS_ERR_CERTIFICATE);
    assert_contains(fault.text, "holds no revocation list");
    world_fini(&world);
}

static void many_are_revoked_in_one_list(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    struct bas_pki_crl crl;
    char name[16];
    world_init(&world);
    for (int i = 0; i < 40; i++) {
        (void)snprintf(name, sizeof(name), "d%d", i);
        world_issue(&world, name);
        assert_int_equal(revoke(&world, name, NULL, &crl, &fault), BAS_OK);
        assert_int_equal(crl.number, i + 1);
    }
    assert_int_equal(crl.n, 40);
    assert_true(is_on_list(&world, "d0.pem"));
    assert_true(is_on_list(&world, "d39.pem"));
    assert_false(is_on_list(&world, "hub.pem"));
    world_fini(&world);
}

static void every_failing_allocation_can_be_tried_again(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    struct bas_pki_crl crl;
    world_init(&world);
    bas_err err = BAS_ERR_NO_MEMORY;
    for (size_t k = 1; err == BAS_ERR_NO_MEMORY; k++) {
        world.t.allocations = 0;
        world.t.fail_at = k;
        err = revoke(&world, "hub", NULL, &crl, &fault);
    }
    assert_int_equal(err, BAS_OK);
    assert_true(is_on_list(&world, "hub.pem"));
    world_fini(&world);
}

static void reasons_have_the_names_of_the_standard(void **state)
{
    (void)state;
    enum bas_pki_reason reason = BAS_PKI_UNSPECIFIED;
    assert_true(bas_pki_reason_find("keyCompromise", &reason));
    assert_int_equal(reason, 1);
    assert_true(bas_pki_reason_find("privilegeWithdrawn", &reason));
    assert_int_equal(reason, 9);
    assert_false(bas_pki_reason_find("certificateHold", &reason));
    assert_string_equal(bas_pki_reason_name(BAS_PKI_SUPERSEDED), "superseded");
    assert_string_equal(bas_pki_reason_name((enum bas_pki_reason)7), "unspecified");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_revoked_certificate_is_on_the_list_and_others_are_not),
        cmocka_unit_test(revoking_again_changes_nothing_and_a_refresh_renews_the_list),
        cmocka_unit_test(an_empty_list_is_a_list),
        cmocka_unit_test(a_serial_number_names_one_certificate_as_people_write_it),
        cmocka_unit_test(a_name_means_all_its_certificates_that_are_still_valid),
        cmocka_unit_test(a_certificate_that_the_index_lost_can_be_revoked),
        cmocka_unit_test(a_list_of_somebody_else_is_not_continued),
        cmocka_unit_test(many_are_revoked_in_one_list),
        cmocka_unit_test(every_failing_allocation_can_be_tried_again),
        cmocka_unit_test(reasons_have_the_names_of_the_standard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
