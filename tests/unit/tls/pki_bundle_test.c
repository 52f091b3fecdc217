#define _XOPEN_SOURCE 700
#include "world.h"

#include <gnutls/gnutls.h>
#include <gnutls/pkcs12.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct bas_pki_bundle_request bundle_of(struct world *world, const char *name)
{
    struct bas_pki_bundle_request request = { .size = sizeof(request) };
    request.directory = world->folder;
    request.name = name;
    request.password = "correct horse";
    return request;
}

/* What the library reads back: the key, and how many certificates. Its status. */
static int read_back(struct world *world, const char *file, const char *password, unsigned *n)
{
    static char octets[65536];
    gnutls_pkcs12_t bundle;
    gnutls_x509_privkey_t key = NULL;
    gnutls_x509_crt_t *chain = NULL;
    gnutls_x509_crt_t *extra = NULL;
    unsigned n_extra = 0;
    *n = 0;
    size_t len = world_read(world, file, octets, sizeof(octets));
    assert_int_equal(gnutls_pkcs12_init(&bundle), 0);
    assert_int_equal(
        gnutls_pkcs12_import(bundle, &(gnutls_datum_t){ (unsigned char *)octets, (unsigned)len },
                             GNUTLS_X509_FMT_DER, 0),
        0);
    int status = gnutls_pkcs12_verify_mac(bundle, password);
    if (status >= 0) {
        status = gnutls_pkcs12_simple_parse(bundle, password, &key, &chain, n, &extra, &n_extra,
                                            NULL, 0);
    }
    for (unsigned i = 0; i < *n; i++) {
        gnutls_x509_crt_deinit(chain[i]);
    }
    for (unsigned i = 0; i < n_extra; i++) {
        gnutls_x509_crt_deinit(extra[i]);
    }
    *n += n_extra;
    gnutls_free(chain);
    gnutls_free(extra);
    if (key != NULL) {
        gnutls_x509_privkey_deinit(key);
    }
    gnutls_pkcs12_deinit(bundle);
    return status;
}

static void a_bundle_holds_key_certificate_and_issuer_for_who_has_the_password(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    struct bas_pki_bundle made;
    struct stat st;
    unsigned n = 0;
    world_init(&world);
    struct bas_pki_bundle_request request = bundle_of(&world, "hub");
    assert_int_equal(bas_pki_bundle(&world.t.env, &request, &made, &fault), BAS_OK);
    assert_string_equal(made.file, world_path(&world, "hub.p12"));
    assert_int_equal(stat(made.file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(read_back(&world, "hub.p12", "correct horse", &n), 0);
    assert_int_equal(n, 2);
    assert_int_not_equal(read_back(&world, "hub.p12", "wrong", &n), 0);
    request.is_legacy = true;
    request.file = world_path(&world, "old.p12");
    assert_int_equal(bas_pki_bundle(&world.t.env, &request, &made, &fault), BAS_OK);
    assert_int_equal(read_back(&world, "old.p12", "correct horse", &n), 0);
    assert_int_equal(n, 2);
    world_fini(&world);
}

static void a_bare_bundle_is_made_only_when_it_is_asked_for(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault = { 0 };
    struct bas_pki_bundle made;
    unsigned n = 0;
    world_init(&world);
    struct bas_pki_bundle_request request = bundle_of(&world, "hub");
    request.password = NULL;
    assert_int_equal(bas_pki_bundle(&world.t.env, &request, &made, &fault), BAS_ERR_INVALID);
    assert_contains(fault.text, "give a password");
    assert_int_not_equal(access(world_path(&world, "hub.p12"), F_OK), 0);
    request.is_bare = true;
    assert_int_equal(bas_pki_bundle(&world.t.env, &request, &made, &fault), BAS_OK);
    assert_int_equal(read_back(&world, "hub.p12", "", &n), 0);
    assert_int_equal(n, 2);
    world_fini(&world);
}

static void what_does_not_fit_together_is_not_packed(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    struct bas_pki_bundle made;
    char key[4096];
    world_init(&world);
    struct bas_pki_bundle_request request = bundle_of(&world, "nobody");
    assert_int_equal(bas_pki_bundle(&world.t.env, &request, &made, &fault), BAS_ERR_NOT_FOUND);
    (void)world_read(&world, "node.key", key, sizeof(key));
    world_write(&world, "hub.key", key, 0600);
    request = bundle_of(&world, "hub");
    assert_int_equal(bas_pki_bundle(&world.t.env, &request, &made, &fault), BAS_ERR_KEY);
    assert_contains(fault.text, "hub.key is not the key of");
    world_write(&world, "hub.p12", "mine", 0600);
    assert_int_equal(bas_pki_bundle(&world.t.env, &request, &made, &fault), BAS_ERR_EXISTS);
    assert_int_equal(world_read(&world, "hub.p12", key, sizeof(key)), 4);
    world_fini(&world);
}

static void every_failing_allocation_makes_no_bundle(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    struct bas_pki_bundle made;
    world_init(&world);
    struct bas_pki_bundle_request request = bundle_of(&world, "hub");
    bas_err err = BAS_ERR_NO_MEMORY;
    for (size_t k = 1; err == BAS_ERR_NO_MEMORY; k++) {
        assert_int_not_equal(access(world_path(&world, "hub.p12"), F_OK), 0);
        world.t.allocations = 0;
        world.t.fail_at = k;
        err = bas_pki_bundle(&world.t.env, &request, &made, &fault);
    }
    assert_int_equal(err, BAS_OK);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bundle_holds_key_certificate_and_issuer_for_who_has_the_password),
        cmocka_unit_test(a_bare_bundle_is_made_only_when_it_is_asked_for),
        cmocka_unit_test(what_does_not_fit_together_is_not_packed),
        cmocka_unit_test(every_failing_allocation_makes_no_bundle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
