#include "tls/identity.h"

#include "world.h"

#include <string.h>

static bool parse(const char *text, uint8_t uuid[16])
{
    return bas_tls_uuid_parse((struct bas_slice){ (const uint8_t *)text, strlen(text) }, uuid);
}

static void a_uuid_is_read_from_its_urn(void **state)
{
    (void)state;
    uint8_t uuid[16] = { 0 };
    assert_true(parse("urn:uuid:0f1e2d3c-4b5a-4687-8796-a5b4c3d2e1f0", uuid));
    assert_memory_equal(uuid, test_hex("0f1e2d3c4b5a46878796a5b4c3d2e1f0").data, 16);
    assert_true(parse("URN:UUID:0F1E2D3C-4B5A-4687-8796-A5B4C3D2E1F1", uuid));
    assert_int_equal(uuid[15], 0xF1);
}

static void what_is_no_uuid_is_left_alone(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "urn:uuid:",
        "0f1e2d3c-4b5a-4687-8796-a5b4c3d2e1f0",
        "urn:uuid:0f1e2d3c-4b5a-4687-8796-a5b4c3d2e1f",
        "urn:uuid:0f1e2d3c-4b5a-4687-8796-a5b4c3d2e1f00",
        "urn:uuid:0f1e2d3c4b5a-4687-8796-a5b4c3d2e1f0-",
        "urn:uuid:0f1e2d3c-4b5a-4687-8796-a5b4c3d2e1fg",
        "urn:uuid:0f1e2d3c-4b5a-4687-8796-a5b4c3d2e1 0",
        "urn:uuid:0f1e2d3c-4b5a-4687-8796-a5b4c3d2e1:0",
        "urn:oid:0f1e2d3c-4b5a-4687-8796-a5b4c3d2e1f0",
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        uint8_t uuid[16] = { 7 };
        assert_false(parse(texts[i], uuid));
        assert_int_equal(uuid[0], 7);
    }
}

static void times_are_written_as_utc(void **state)
{
    (void)state;
    char text[BAS_TLS_TIME_TEXT];
    assert_string_equal(bas_tls_time_text(text, 0), "1970-01-01T00:00:00Z");
    assert_string_equal(bas_tls_time_text(text, INT64_C(1767225600)), "2026-01-01T00:00:00Z");
    assert_string_equal(bas_tls_time_text(text, INT64_C(253402300799)), "9999-12-31T23:59:59Z");
    assert_string_equal(bas_tls_time_text(text, INT64_MAX), "an unreadable time");
}

static struct bas_tls_identity identity_of(struct world *world, const char *name)
{
    struct bas_tls_identity identity;
    gnutls_x509_crt_t c = NULL;
    char pem[4096];
    gnutls_datum_t data = { (unsigned char *)pem,
                            (unsigned)world_read(world, name, pem, sizeof(pem)) };
    assert_int_equal(gnutls_x509_crt_init(&c), 0);
    assert_int_equal(gnutls_x509_crt_import(c, &data, GNUTLS_X509_FMT_PEM), 0);
    bas_tls_identity_fill(&identity, c);
    gnutls_x509_crt_deinit(c);
    return identity;
}

static void an_identity_says_what_stands_in_the_certificate(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    world_issue_odd(
        &world,
        &(struct odd){ .name = "bare", .subject = "bare", .not_before = 7, .not_after = 8 });
    struct bas_tls_identity identity = identity_of(&world, "bare.pem");
    assert_string_equal(identity.subject, "CN=bare");
    assert_string_equal(identity.issuer, "CN=Site CA");
    assert_string_equal(identity.serial, "112233");
    assert_int_equal(identity.not_before, 7);
    assert_int_equal(identity.not_after, 8);
    assert_false(identity.has_uuid);
    world_issue_odd(&world,
                    &(struct odd){ .name = "uri",
                                   .dns = "a.example",
                                   .uri = "urn:uuid:0f1e2d3c-4b5a-4687-8796-a5b4c3d2e1f0" });
    identity = identity_of(&world, "uri.pem");
    assert_true(identity.has_uuid);
    assert_int_equal(identity.uuid[0], 0x0F);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_uuid_is_read_from_its_urn),
        cmocka_unit_test(what_is_no_uuid_is_left_alone),
        cmocka_unit_test(times_are_written_as_utc),
        cmocka_unit_test(an_identity_says_what_stands_in_the_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
