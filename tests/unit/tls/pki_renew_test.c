#define _XOPEN_SOURCE 700
#include "world.h"

#include "basalt/tls.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct bas_pki_renew_request renewal_of(struct world *world, const char *name)
{
    struct bas_pki_renew_request request = { .size = sizeof(request) };
    request.directory = world->folder;
    request.name = name;
    return request;
}

static bas_err renew(struct world *world, const struct bas_pki_renew_request *request,
                     struct bas_fault *fault)
{
    struct bas_pki_renewal made;
    return bas_pki_renew(&world->t.env, request, &made, fault);
}

static void assert_loads(struct world *world, const char *name)
{
    char certificate[64];
    char key[64];
    struct bas_fault fault = { 0 };
    (void)snprintf(certificate, sizeof(certificate), "%s.pem", name);
    (void)snprintf(key, sizeof(key), "%s.key", name);
    const struct bas_tls_config config = { .size = sizeof(config),
                                           .issuer_files = { world_path(world, "ca.pem") },
                                           .certificate_file = world_path(world, certificate),
                                           .key_file = world_path(world, key) };
    struct bas_tls_context *context = bas_tls_context_new(&world->t.env, &config, &fault);
    if (context == NULL) {
        fail_msg("%s", fault.text);
    }
    bas_tls_context_unref(context);
}

static void show(struct world *world, const char *name, struct bas_pki_certificate *certificate)
{
    assert_int_equal(bas_pki_show(&world->t.env, world_path(world, name), certificate, NULL),
                     BAS_OK);
}

static void a_renewed_certificate_is_the_same_device_with_the_same_key(void **state)
{
    (void)state;
    static const char *const names[] = { "dns:ahu.example", "ip:192.0.2.7" };
    struct world world;
    struct bas_fault fault = { 0 };
    struct bas_pki_renewal made;
    struct bas_pki_pair pair;
    struct bas_pki_certificate kept;
    world_init(&world);
    struct bas_pki_device_request device = { .size = sizeof(device), .directory = world.folder };
    device.name = "ahu";
    device.names = names;
    device.n_names = 2;
    device.days = 50;
    assert_int_equal(bas_pki_issue(&world.t.env, &device, &pair, &fault), BAS_OK);
    world.t.wall += 40 * INT64_C(86400) * BAS_SECOND;
    struct bas_pki_renew_request request = renewal_of(&world, "ahu");
    assert_int_equal(bas_pki_renew(&world.t.env, &request, &made, &fault), BAS_OK);
    const struct bas_pki_certificate *old = &pair.certificate;
    const struct bas_pki_certificate *c = &made.pair.certificate;
    assert_string_equal(c->subject, old->subject);
    assert_string_equal(c->subject_key_id, old->subject_key_id);
    assert_memory_equal(c->uuid, old->uuid, 16);
    assert_int_equal(c->n_names, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(c->names[i], old->names[i]);
    }
    assert_string_not_equal(c->serial, old->serial);
    assert_int_equal(c->not_before, world.t.wall / BAS_SECOND - BAS_PKI_BACKDATE);
    assert_int_equal(c->not_after, world.t.wall / BAS_SECOND + 50 * 86400); /* as many days */
    assert_string_equal(made.pair.key_file, "");
    assert_string_equal(made.old_key_file, "");
    assert_int_equal(bas_pki_show(&world.t.env, made.old_certificate_file, &kept, NULL), BAS_OK);
    assert_string_equal(kept.serial, old->serial);
    assert_contains(made.old_certificate_file, "ahu.pem.");
    assert_contains(made.old_certificate_file, old->serial);
    assert_loads(&world, "ahu");
    world_fini(&world);
}

static void a_new_key_comes_with_its_certificate_and_the_old_ones_are_kept(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    struct bas_pki_renewal made;
    struct bas_pki_certificate old;
    struct stat st;
    char before[4096];
    char kept[4096];
    world_init(&world);
    show(&world, "hub.pem", &old);
    (void)world_read(&world, "hub.key", before, sizeof(before));
    struct bas_pki_renew_request request = renewal_of(&world, "hub");
    request.new_key = true;
    request.days = 7;
    assert_int_equal(bas_pki_renew(&world.t.env, &request, &made, &fault), BAS_OK);
    assert_string_not_equal(made.pair.certificate.subject_key_id, old.subject_key_id);
    assert_memory_equal(made.pair.certificate.uuid, old.uuid, 16);
    assert_int_equal(stat(made.pair.key_file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(made.old_key_file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    (void)world_read(&world, strrchr(made.old_key_file, '/') + 1, kept, sizeof(kept));
    assert_string_equal(before, kept);
    assert_loads(&world, "hub");
    assert_int_not_equal(access(world_path(&world, "hub.key.new"), F_OK), 0);
    assert_int_not_equal(access(world_path(&world, "hub.pem.new"), F_OK), 0);
    world_fini(&world);
}

static void the_key_of_a_request_is_taken_and_nothing_else_of_it(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    struct bas_pki_renewal made;
    struct bas_pki_csr csr;
    struct bas_pki_certificate old;
    world_init(&world);
    show(&world, "hub.pem", &old);
    struct bas_pki_csr_request ask = { .size = sizeof(ask), .directory = world.folder };
    ask.name = "impostor";
    assert_int_equal(bas_pki_request(&world.t.env, &ask, &csr, &fault), BAS_OK);
    struct bas_pki_renew_request request = renewal_of(&world, "hub");
    request.request_file = csr.request_file;
    assert_int_equal(bas_pki_renew(&world.t.env, &request, &made, &fault), BAS_OK);
    assert_string_equal(made.pair.certificate.subject, "CN=hub");
    assert_string_equal(made.pair.certificate.subject_key_id, csr.wanted.subject_key_id);
    assert_memory_equal(made.pair.certificate.uuid, old.uuid, 16);
    request.new_key = true;
    assert_int_equal(renew(&world, &request, &fault), BAS_ERR_INVALID);
    world_fini(&world);
}

static void what_cannot_be_renewed_stays_as_it_is(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    struct bas_pki_crl crl;
    struct bas_pki_certificate old;
    char before[4096];
    char after[4096];
    char kept[160];
    world_init(&world);
    struct bas_pki_renew_request request = renewal_of(&world, "nobody");
    assert_int_equal(renew(&world, &request, &fault), BAS_ERR_NOT_FOUND);
    request = renewal_of(&world, "ca");
    assert_int_equal(renew(&world, &request, &fault), BAS_ERR_INVALID);
    (void)world_read(&world, "hub.pem", before, sizeof(before));
    request = renewal_of(&world, "hub");
    request.days = 20000;
    assert_int_equal(renew(&world, &request, &fault), BAS_ERR_CERTIFICATE);
    assert_contains(fault.text, "fewer days");
    show(&world, "hub.pem", &old);
    (void)snprintf(kept, sizeof(kept), "hub.pem.%s", old.serial);
    world_write(&world, kept, "something else", 0600);
    request.days = 0;
    assert_int_equal(renew(&world, &request, &fault), BAS_ERR_EXISTS);
    assert_contains(fault.text, "is in the way of keeping");
    assert_int_equal(remove(world_path(&world, kept)), 0);
    struct bas_pki_revoke_request revoke = { .size = sizeof(revoke), .directory = world.folder };
    revoke.name = "hub";
    assert_int_equal(bas_pki_revoke(&world.t.env, &revoke, &crl, &fault), BAS_OK);
    assert_int_equal(renew(&world, &request, &fault), BAS_ERR_CERTIFICATE);
    assert_contains(fault.text, "was revoked");
    (void)world_read(&world, "hub.pem", after, sizeof(after));
    assert_string_equal(before, after);
    world_fini(&world);
}

static void every_failing_allocation_keeps_the_old_pair(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    char before[4096];
    char after[4096];
    world_init(&world);
    (void)world_read(&world, "hub.pem", before, sizeof(before));
    struct bas_pki_renew_request request = renewal_of(&world, "hub");
    request.new_key = true;
    bas_err err = BAS_ERR_NO_MEMORY;
    for (size_t k = 1; err == BAS_ERR_NO_MEMORY; k++) {
        (void)world_read(&world, "hub.pem", after, sizeof(after));
        assert_string_equal(before, after);
        world.t.allocations = 0;
        world.t.fail_at = 0;
        assert_loads(&world, "hub");
        world.t.allocations = 0;
        world.t.fail_at = k;
        err = renew(&world, &request, &fault);
    }
    assert_int_equal(err, BAS_OK);
    world.t.fail_at = 0;
    assert_loads(&world, "hub");
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_renewed_certificate_is_the_same_device_with_the_same_key),
        cmocka_unit_test(a_new_key_comes_with_its_certificate_and_the_old_ones_are_kept),
        cmocka_unit_test(the_key_of_a_request_is_taken_and_nothing_else_of_it),
        cmocka_unit_test(what_cannot_be_renewed_stays_as_it_is),
        cmocka_unit_test(every_failing_allocation_keeps_the_old_pair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
