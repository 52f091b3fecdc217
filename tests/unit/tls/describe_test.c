#include "tls/describe.h"

#include "world.h"

#include <gnutls/x509.h>
#include <string.h>

static struct bas_pki_certificate show(struct world *world, const char *name)
{
    struct bas_pki_certificate certificate;
    struct bas_fault fault;
    assert_int_equal(bas_pki_show(&world->t.env, world_path(world, name), &certificate, &fault),
                     BAS_OK);
    return certificate;
}

static void a_foreign_certificate_is_described_as_it_is(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    world_issue_odd(&world, &(struct odd){ .name = "odd",
                                           .subject = "Odd, \"one\"",
                                           .dns = "a.example",
                                           .uri = "https://b.example/",
                                           .key_usage = GNUTLS_KEY_KEY_AGREEMENT |
                                                        GNUTLS_KEY_NON_REPUDIATION });
    struct bas_pki_certificate c = show(&world, "odd.pem");
    assert_string_equal(c.subject, "CN=Odd\\, \\\"one\\\"");
    assert_string_equal(c.serial, "112233");
    assert_string_equal(c.key_usage, "nonRepudiation, keyAgreement");
    assert_string_equal(c.extended_key_usage, "");
    assert_int_equal(c.n_names, 2);
    assert_string_equal(c.names[0], "uri:https://b.example/");
    assert_string_equal(c.names[1], "dns:a.example");
    assert_false(c.has_uuid);
    assert_int_equal(c.path_length, -1);
    world_fini(&world);
}

static void a_version_1_certificate_is_described_too(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    world_issue_odd(&world, &(struct odd){ .name = "old", .version = 1 });
    struct bas_pki_certificate c = show(&world, "old.pem");
    assert_int_equal(c.version, 1);
    assert_false(c.is_ca);
    assert_string_equal(c.key_usage, "");
    assert_string_equal(c.subject_key_id, "");
    assert_string_equal(c.authority_key_id, "");
    world_fini(&world);
}

static void the_fingerprint_is_the_hash_of_the_certificate(void **state)
{
    (void)state;
    struct world world;
    char pem[4096];
    world_init(&world);
    gnutls_datum_t data = { (unsigned char *)pem,
                            (unsigned)world_read(&world, "hub.pem", pem, sizeof(pem)) };
    gnutls_datum_t der = { NULL, 0 };
    uint8_t want[32];
    size_t len = sizeof(want);
    assert_int_equal(gnutls_pem_base64_decode2("CERTIFICATE", &data, &der), 0);
    assert_int_equal(gnutls_fingerprint(GNUTLS_DIG_SHA256, &der, want, &len), 0);
    struct bas_pki_certificate c = show(&world, "hub.pem");
    assert_memory_equal(c.fingerprint, want, 32);
    gnutls_free(der.data);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_foreign_certificate_is_described_as_it_is),
        cmocka_unit_test(a_version_1_certificate_is_described_too),
        cmocka_unit_test(the_fingerprint_is_the_hash_of_the_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
