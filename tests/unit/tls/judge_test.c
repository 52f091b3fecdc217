/* Certificates judged without a handshake, and sessions judged again. */
#include "end.h"

#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

static struct bas_slice slice_of(const char *text, size_t len)
{
    return (struct bas_slice){ (const uint8_t *)text, len };
}

static void the_issuers_of_a_context_can_be_counted(void **state)
{
    (void)state;
    struct world world;
    struct bas_tls_identity issuer;
    const char *const issuers[2] = { "ca.pem", "other-ca.pem" };
    world_init(&world);
    world_issue_odd(&world,
                    &(struct odd){ .name = "other-ca", .is_ca = true, .is_self_signed = true });
    struct bas_tls_context *hub = world_context_of(&world, &world.t.env, "hub", issuers);
    assert_true(bas_tls_context_issuer(hub, 0, &issuer));
    assert_string_equal(issuer.subject, "CN=Site CA");
    assert_true(bas_tls_context_issuer(hub, 1, &issuer));
    assert_string_equal(issuer.subject, "CN=other-ca");
    assert_false(bas_tls_context_issuer(hub, 2, &issuer));
    bas_tls_context_unref(hub);
    world_fini(&world);
}

static void a_certificate_is_judged_in_pem_and_in_der(void **state)
{
    (void)state;
    struct world world;
    struct bas_tls_identity identity;
    struct bas_fault fault = { 0 };
    char pem[4096];
    world_init(&world);
    struct bas_tls_context *hub = world_context(&world, "hub");
    size_t len = world_read(&world, "node.pem", pem, sizeof(pem));
    assert_int_equal(bas_tls_judge(hub, false, slice_of(pem, len), &identity, &fault), BAS_OK);
    assert_string_equal(identity.subject, "CN=node");
    gnutls_datum_t text = { (unsigned char *)pem, (unsigned)len };
    gnutls_datum_t der = { NULL, 0 };
    assert_int_equal(gnutls_pem_base64_decode2("CERTIFICATE", &text, &der), 0);
    memset(&identity, 0, sizeof(identity));
    assert_int_equal(
        bas_tls_judge(hub, true, (struct bas_slice){ der.data, der.size }, &identity, &fault),
        BAS_OK);
    assert_string_equal(identity.subject, "CN=node");
    assert_int_equal(bas_tls_judge(hub, true, (struct bas_slice){ der.data, der.size }, NULL, NULL),
                     BAS_OK);
    assert_int_equal(fault.err, BAS_OK);
    gnutls_free(der.data);
    bas_tls_context_unref(hub);
    world_fini(&world);
}

static void a_bad_certificate_is_judged_as_a_session_would(void **state)
{
    (void)state;
    struct world world;
    struct bas_tls_identity identity;
    struct bas_fault fault = { 0 };
    char pem[4096];
    world_init(&world);
    struct bas_tls_context *hub = world_context(&world, "hub");
    world_issue_odd(&world,
                    &(struct odd){ .name = "late", .not_after = world.t.wall / BAS_SECOND - 1 });
    size_t len = world_read(&world, "late.pem", pem, sizeof(pem));
    assert_int_equal(bas_tls_judge(hub, false, slice_of(pem, len), &identity, &fault),
                     BAS_ERR_CERTIFICATE);
    assert_string_equal(identity.subject, "CN=late");
    assert_string_equal(fault.text,
                        "the client's certificate CN=late expired at 2025-12-31T23:59:59Z; our "
                        "clock says 2026-01-01T00:00:00Z; issue a new one, or set our clock");
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_EXPIRED);
    assert_int_equal(bas_tls_judge(hub, true, slice_of(pem, len), NULL, &fault),
                     BAS_ERR_CERTIFICATE);
    assert_int_equal(fault.error_code, BAC_ERROR_CODE_TLS_SERVER_CERTIFICATE_EXPIRED);
    bas_tls_context_unref(hub);
    world_fini(&world);
}

static void every_truncation_of_a_certificate_is_malformed(void **state)
{
    (void)state;
    struct world world;
    char pem[4096];
    world_init(&world);
    struct bas_tls_context *hub = world_context(&world, "hub");
    gnutls_datum_t text = { (unsigned char *)pem,
                            (unsigned)world_read(&world, "node.pem", pem, sizeof(pem)) };
    gnutls_datum_t der = { NULL, 0 };
    assert_int_equal(gnutls_pem_base64_decode2("CERTIFICATE", &text, &der), 0);
    for (size_t len = 0; len < der.size; len++) {
        struct bas_tls_identity identity;
        struct bas_fault fault = { 0 };
        assert_int_equal(
            bas_tls_judge(hub, true, (struct bas_slice){ der.data, len }, &identity, &fault),
            BAS_ERR_CERTIFICATE);
        assert_int_equal(identity.subject[0], 0);
        assert_contains(fault.text, "the server's certificate cannot be decoded");
        assert_int_equal(fault.error_code, BAC_ERROR_CODE_TLS_SERVER_CERTIFICATE_ERROR);
    }
    gnutls_free(der.data);
    bas_tls_context_unref(hub);
    world_fini(&world);
}

static void no_changed_octets_make_an_acceptable_certificate(void **state)
{
    (void)state;
    struct world world;
    char pem[4096];
    uint32_t seed = 1;
    unsigned readable = 0;
    world_init(&world);
    struct bas_tls_context *hub = world_context(&world, "hub");
    gnutls_datum_t text = { (unsigned char *)pem,
                            (unsigned)world_read(&world, "node.pem", pem, sizeof(pem)) };
    gnutls_datum_t der = { NULL, 0 };
    assert_int_equal(gnutls_pem_base64_decode2("CERTIFICATE", &text, &der), 0);
    uint8_t *changed = malloc(der.size);
    assert_non_null(changed);
    for (unsigned round = 0; round < 3000; round++) {
        struct bas_tls_identity identity;
        struct bas_fault fault = { 0 };
        memcpy(changed, der.data, der.size);
        for (unsigned i = 0; i < 1 + round % 3; i++) {
            seed = seed * 1664525 + 1013904223;
            changed[(seed >> 8) % der.size] ^= (uint8_t)(1 + (seed >> 24) % 255);
        }
        if (memcmp(changed, der.data, der.size) == 0) {
            continue; /* one change undid the other */
        }
        assert_int_equal(bas_tls_judge(hub, round % 2 == 0, (struct bas_slice){ changed, der.size },
                                       &identity, &fault),
                         BAS_ERR_CERTIFICATE);
        assert_true(strlen(fault.text) > 0);
        readable += identity.subject[0] != 0;
    }
    assert_true(readable > 300);
    free(changed);
    gnutls_free(der.data);
    bas_tls_context_unref(hub);
    world_fini(&world);
}

/* A session under another trust */

static struct bas_tls_context *other_hub(struct world *world, bool knows_site)
{
    const char *const issuers[2] = { "other-ca.pem", knows_site ? "ca.pem" : NULL };
    world_issue_odd(world,
                    &(struct odd){ .name = "other-ca", .is_ca = true, .is_self_signed = true });
    world_issue_odd(world, &(struct odd){ .name = "new-hub", .signer = "other-ca" });
    return world_context_of(world, &world->t.env, "new-hub", issuers);
}

/* bsc 7.4-13 */
static void an_open_session_is_kept_or_not_by_the_new_trust(void **state)
{
    (void)state;
    for (int knows_site = 0; knows_site < 2; knows_site++) {
        struct link link;
        struct bas_fault fault = { 0 };
        link_open(&link);
        struct bas_tls_context *hub = other_hub(&link.world, knows_site != 0);
        bas_err err = bas_tls_recheck(link.server.tls, hub, &fault);
        assert_int_equal(err, knows_site != 0 ? BAS_OK : BAS_ERR_CERTIFICATE);
        if (knows_site == 0) {
            assert_contains(fault.text, "the client's certificate CN=node was signed by none");
        }
        err = bas_tls_recheck(link.client.tls, hub, &fault);
        assert_int_equal(err, knows_site != 0 ? BAS_OK : BAS_ERR_CERTIFICATE);
        assert_true(bas_tls_is_open(link.server.tls)); /* what follows is the caller's */
        bas_tls_context_unref(hub);
        link_fini(&link);
    }
}

/* bsc 7.4-13 */
static void a_handshake_under_way_is_judged_by_the_new_trust(void **state)
{
    (void)state;
    for (int knows_site = 0; knows_site < 2; knows_site++) {
        struct link link;
        struct bas_fault fault = { 0 };
        link_init(&link);
        struct bas_tls_context *hub = other_hub(&link.world, knows_site != 0);
        assert_int_equal(bas_tls_recheck(link.server.tls, hub, &fault), BAS_OK);
        assert_int_equal(bas_tls_recheck(link.server.tls, hub, &fault), BAS_OK);
        bas_tls_context_unref(hub); /* the session holds it */
        ends_shake(&link.client, &link.server, 0);
        assert_int_equal(bas_tls_is_open(link.server.tls), knows_site != 0);
        if (knows_site == 0) {
            assert_contains(bas_tls_fault(link.server.tls)->text, "signed by none of our issuers");
        }
        link_fini(&link);
    }
}

static void a_recheck_looks_for_the_host_too(void **state)
{
    (void)state;
    struct world world;
    struct end client;
    struct end server;
    struct bas_fault fault = { 0 };
    world_init(&world);
    world_issue_odd(&world, &(struct odd){ .name = "named", .dns = "hub.example" });
    struct bas_tls_context *hub = world_context(&world, "named");
    struct bas_tls_context *node = world_context(&world, "node");
    end_init(&client, node, BAS_TLS_CLIENT, "hub.example");
    end_init(&server, hub, BAS_TLS_SERVER, NULL);
    ends_shake(&client, &server, 0);
    assert_true(bas_tls_is_open(client.tls));
    assert_int_equal(bas_tls_recheck(client.tls, node, &fault), BAS_OK);
    end_fini(&client);
    end_fini(&server);
    bas_tls_context_unref(hub);
    bas_tls_context_unref(node);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_issuers_of_a_context_can_be_counted),
        cmocka_unit_test(a_certificate_is_judged_in_pem_and_in_der),
        cmocka_unit_test(a_bad_certificate_is_judged_as_a_session_would),
        cmocka_unit_test(every_truncation_of_a_certificate_is_malformed),
        cmocka_unit_test(no_changed_octets_make_an_acceptable_certificate),
        cmocka_unit_test(an_open_session_is_kept_or_not_by_the_new_trust),
        cmocka_unit_test(a_handshake_under_way_is_judged_by_the_new_trust),
        cmocka_unit_test(a_recheck_looks_for_the_host_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
