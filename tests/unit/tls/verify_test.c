#include "raw.h"

#include "tls/verify.h"

#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>

static const int64_t clock_says = INT64_C(1767225600); /* 2026-01-01 */
enum { HOUR = 3600 };

/* A certificate that must be refused, shown by a foreign client and by a foreign server. */
struct bad {
    struct odd odd;
    int alert;
    unsigned client_code; /* the code for a server's certificate is one more */
    const char *text;
};

static void check_fault(const struct end *end, const struct bad *bad, unsigned code)
{
    const struct bas_fault *fault = bas_tls_fault(end->tls);
    char alert[32];
    (void)snprintf(alert, sizeof(alert), "(alert %d sent)", bad->alert);
    assert_int_equal(fault->err, BAS_ERR_CERTIFICATE);
    assert_int_equal(end->err, BAS_ERR_CERTIFICATE);
    assert_int_equal(fault->error_class, BAC_ERROR_CLASS_COMMUNICATION);
    assert_int_equal(fault->error_code, code);
    assert_contains(fault->text, bad->text);
    assert_contains(fault->text, alert);
    assert_true(strlen(fault->text) < BAS_FAULT_TEXT - 1);
}

/* The peer is refused, learns why, and can be named. */
static void refuse(struct world *world, const struct bad *bad, enum bas_tls_role we)
{
    struct bas_tls_context *hub = world_context(world, "hub");
    struct end end;
    struct raw raw;
    struct bas_tls_identity identity;
    end_init(&end, hub, we, NULL);
    raw_init(&raw, world,
             &(struct raw_config){ .is_server = we == BAS_TLS_CLIENT,
                                   .name = bad->odd.name,
                                   .is_mismatched = bad->odd.rsa_bits != 0 });
    raw_shake(&raw, &end);
    check_fault(&end, bad, bad->client_code + (we == BAS_TLS_CLIENT ? 1 : 0));
    assert_int_equal(raw.alert, bad->alert);
    assert_false(bas_tls_is_open(end.tls));
    assert_true(bas_tls_peer(end.tls, &identity));
    assert_contains(bas_tls_fault(end.tls)->text, identity.subject);
    raw_fini(&raw);
    end_fini(&end);
    bas_tls_context_unref(hub);
}

static void refuse_both_ways(const struct bad *bad)
{
    struct world world;
    world_init(&world);
    world_issue_odd(&world,
                    &(struct odd){ .name = "other-ca", .is_ca = true, .is_self_signed = true });
    world_issue_odd(&world, &(struct odd){ .name = "twin-ca",
                                           .subject = "Site CA",
                                           .is_ca = true,
                                           .is_self_signed = true });
    world_issue_odd(&world, &(struct odd){ .name = "middle", .is_ca = true });
    world_issue_odd(&world, &bad->odd);
    refuse(&world, bad, BAS_TLS_SERVER);
    refuse(&world, bad, BAS_TLS_CLIENT);
    world_fini(&world);
}

/* bsc 7.4-08 7.4-11 7.6-09 */
static void an_expired_certificate_is_refused_with_dates_and_clock(void **state)
{
    (void)state;
    refuse_both_ways(
        &(struct bad){ { .name = "late", .not_after = clock_says - 1 },
                       45,
                       BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_EXPIRED,
                       "expired at 2025-12-31T23:59:59Z; our clock says 2026-01-01T00:00:00Z" });
}

/* bsc 7.4-08 7.4-11 */
static void a_certificate_of_the_future_is_refused_with_dates_and_clock(void **state)
{
    (void)state;
    refuse_both_ways(&(struct bad){
        { .name = "early", .not_before = clock_says + HOUR },
        45,
        BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_EXPIRED,
        "not valid before 2026-01-01T01:00:00Z; our clock says 2026-01-01T00:00:00Z" });
}

/* bsc 7.4-06 7.6-09 */
static void a_certificate_of_an_unknown_issuer_is_refused(void **state)
{
    (void)state;
    refuse_both_ways(&(struct bad){ { .name = "stranger", .signer = "other-ca" },
                                    48,
                                    BAC_ERROR_CODE_TLS_CLIENT_AUTHENTICATION_FAILED,
                                    "none of our issuers but by CN=other-ca" });
}

static void a_self_signed_certificate_is_refused(void **state)
{
    (void)state;
    refuse_both_ways(&(struct bad){ { .name = "self", .is_self_signed = true },
                                    48,
                                    BAC_ERROR_CODE_TLS_CLIENT_AUTHENTICATION_FAILED,
                                    "none of our issuers but by CN=self" });
}

static void an_issuer_of_the_same_name_with_another_key_is_told_apart(void **state)
{
    (void)state;
    refuse_both_ways(&(struct bad){ { .name = "twin", .signer = "twin-ca" },
                                    48,
                                    BAC_ERROR_CODE_TLS_CLIENT_AUTHENTICATION_FAILED,
                                    "another key than that of our issuer CN=Site CA" });
}

/* bsc 7.4-07 7.6-09 */
static void a_signature_that_does_not_verify_is_refused(void **state)
{
    (void)state;
    refuse_both_ways(
        &(struct bad){ { .name = "forged", .signer = "twin-ca", .has_no_key_id = true },
                       42,
                       BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_ERROR,
                       "damaged or forged" });
}

/* bsc 7.4-07 */
static void a_certificate_below_an_intermediate_is_refused(void **state)
{
    (void)state;
    refuse_both_ways(&(struct bad){ { .name = "grandchild", .signer = "middle" },
                                    48,
                                    BAC_ERROR_CODE_TLS_CLIENT_AUTHENTICATION_FAILED,
                                    "none of our issuers but by CN=middle" });
}

static void a_ca_certificate_does_not_pass_for_a_device(void **state)
{
    (void)state;
    refuse_both_ways(&(struct bad){ { .name = "sub-ca", .is_ca = true },
                                    42,
                                    BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_ERROR,
                                    "CA:TRUE" });
}

static void a_version_1_certificate_is_refused(void **state)
{
    (void)state;
    refuse_both_ways(&(struct bad){ { .name = "old", .version = 1 },
                                    42,
                                    BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_ERROR,
                                    "not of X.509 version 3" });
}

static void an_unknown_critical_extension_is_refused(void **state)
{
    (void)state;
    refuse_both_ways(&(struct bad){ { .name = "alien", .has_alien_extension = true },
                                    42,
                                    BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_ERROR,
                                    "critical extension" });
}

static void a_certificate_for_other_purposes_is_refused(void **state)
{
    (void)state;
    static const char *const purposes[] = { GNUTLS_KP_CODE_SIGNING, NULL };
    refuse_both_ways(&(struct bad){ { .name = "signer", .purposes = purposes },
                                    43,
                                    BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_ERROR,
                                    "extended key usage without" });
}

/* bsc 7.4-10 */
static void a_certificate_for_one_role_is_refused_in_the_other(void **state)
{
    (void)state;
    static const char *const for_client[] = { GNUTLS_KP_TLS_WWW_CLIENT, NULL };
    static const char *const for_server[] = { GNUTLS_KP_TLS_WWW_SERVER, NULL };
    struct bad client = { { .name = "as-client", .purposes = for_client },
                          43,
                          BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_ERROR,
                          "extended key usage without serverAuth" };
    struct bad server = { { .name = "as-server", .purposes = for_server },
                          43,
                          BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_ERROR,
                          "extended key usage without clientAuth" };
    struct world world;
    world_init(&world);
    world_issue_odd(&world, &client.odd);
    world_issue_odd(&world, &server.odd);
    refuse(&world, &client, BAS_TLS_CLIENT);
    refuse(&world, &server, BAS_TLS_SERVER);
    world_fini(&world);
}

static void a_sha1_signature_is_refused_as_too_weak(void **state)
{
    (void)state;
    refuse_both_ways(&(struct bad){ { .name = "sha1", .is_sha1 = true },
                                    42,
                                    BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_ERROR,
                                    "too weak" });
}

static void the_issuers_own_certificate_does_not_pass_for_a_device(void **state)
{
    (void)state;
    struct bad bad = {
        { .name = "ca" }, 42, BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_ERROR, "an issuer's own"
    };
    struct world world;
    world_init(&world);
    refuse(&world, &bad, BAS_TLS_SERVER);
    refuse(&world, &bad, BAS_TLS_CLIENT);
    world_fini(&world);
}

/* The library verifies the peer's signature first: with such a key that takes seconds, with one of
 * 64 KB minutes. This peer cannot sign with it, so asking the library first would give alert 51. */
static void a_monstrous_rsa_key_is_refused_before_it_is_used(void **state)
{
    (void)state;
    refuse_both_ways(&(struct bad){
        { .name = "monster", .rsa_bits = 16384, .rsa_exponent_octets = 64, .has_rsa_key = true },
        43,
        BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_ERROR,
        "kind or size" });
}

static void a_device_may_use_other_strong_keys(void **state)
{
    (void)state;
    static const unsigned curves[] = { GNUTLS_ECC_CURVE_SECP384R1, GNUTLS_ECC_CURVE_ED25519 };
    for (size_t i = 0; i < BAS_ARRAY_LEN(curves); i++) {
        struct world world;
        struct end client;
        struct end server;
        world_init(&world);
        world_issue_odd(&world, &(struct odd){ .name = "other", .curve = curves[i] });
        struct bas_tls_context *hub = world_context(&world, "hub");
        struct bas_tls_context *other = world_context(&world, "other");
        end_init(&client, other, BAS_TLS_CLIENT, NULL);
        end_init(&server, hub, BAS_TLS_SERVER, NULL);
        ends_shake(&client, &server, 0);
        assert_true(bas_tls_is_open(server.tls));
        end_fini(&client);
        end_fini(&server);
        bas_tls_context_unref(hub);
        bas_tls_context_unref(other);
        world_fini(&world);
    }
}

/* Put to the trust list directly: what no library lets a peer show. */

static gnutls_x509_crt_t read_certificate(struct world *world, const char *name)
{
    static char pem[8192];
    gnutls_x509_crt_t c = NULL;
    gnutls_datum_t data = { (unsigned char *)pem,
                            (unsigned)world_read(world, name, pem, sizeof(pem)) };
    assert_int_equal(gnutls_x509_crt_init(&c), 0);
    assert_int_equal(gnutls_x509_crt_import(c, &data, GNUTLS_X509_FMT_PEM), 0);
    return c;
}

static void trust(struct world *world, struct bas_tls_trust *list, const char *name)
{
    static char pem[8192];
    struct bas_fault fault;
    gnutls_datum_t data = { (unsigned char *)pem,
                            (unsigned)world_read(world, name, pem, sizeof(pem)) };
    assert_int_equal(bas_tls_trust_add(list, name, data, &fault), BAS_OK);
}

static enum bas_tls_reason judge(const struct bas_tls_trust *list, gnutls_x509_crt_t c, int64_t now)
{
    return bas_tls_trust_judge(&(struct bas_tls_question){
        .trust = list, .certificate = c, .purposes = BAS_TLS_AS_CLIENT, .now = now });
}

static void dates_count_from_the_first_to_the_last_second(void **state)
{
    (void)state;
    struct world world;
    struct bas_tls_trust list = { .n = 0 };
    world_init(&world);
    world_issue_odd(
        &world,
        &(struct odd){ .name = "short", .not_before = clock_says, .not_after = clock_says + 10 });
    trust(&world, &list, "ca.pem");
    gnutls_x509_crt_t c = read_certificate(&world, "short.pem");
    assert_int_equal(judge(&list, c, clock_says - 1), BAS_TLS_NOT_YET_VALID);
    assert_int_equal(judge(&list, c, clock_says), BAS_TLS_ACCEPTED);
    assert_int_equal(judge(&list, c, clock_says + 10), BAS_TLS_ACCEPTED);
    assert_int_equal(judge(&list, c, clock_says + 11), BAS_TLS_EXPIRED);
    gnutls_x509_crt_deinit(c);
    bas_tls_trust_fini(&list);
    world_fini(&world);
}

/* bsc 7.4-08 */
static void an_expired_issuer_still_vouches(void **state)
{
    (void)state;
    struct world world;
    struct bas_tls_trust list = { .n = 0 };
    world_init(&world);
    world_issue_odd(&world, &(struct odd){ .name = "old-ca",
                                           .is_ca = true,
                                           .is_self_signed = true,
                                           .not_after = clock_says - HOUR });
    world_issue_odd(&world, &(struct odd){ .name = "leaf", .signer = "old-ca" });
    trust(&world, &list, "old-ca.pem");
    gnutls_x509_crt_t c = read_certificate(&world, "leaf.pem");
    assert_int_equal(judge(&list, c, clock_says), BAS_TLS_ACCEPTED);
    gnutls_x509_crt_deinit(c);
    bas_tls_trust_fini(&list);
    world_fini(&world);
}

/* bsc 7.4-06 7.5-06 */
static void two_issuers_of_one_name_are_both_tried(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    world_issue_odd(&world, &(struct odd){ .name = "twin-ca",
                                           .subject = "Site CA",
                                           .is_ca = true,
                                           .is_self_signed = true });
    world_issue_odd(&world, &(struct odd){ .name = "with-id" });
    world_issue_odd(&world, &(struct odd){ .name = "without-id", .has_no_key_id = true });
    static const char *const names[] = { "with-id.pem", "without-id.pem" };
    static const char *const orders[2][2] = { { "ca.pem", "twin-ca.pem" },
                                              { "twin-ca.pem", "ca.pem" } };
    for (size_t i = 0; i < 4; i++) {
        struct bas_tls_trust list = { .n = 0 };
        trust(&world, &list, orders[i / 2][0]);
        trust(&world, &list, orders[i / 2][1]);
        gnutls_x509_crt_t c = read_certificate(&world, names[i % 2]);
        assert_int_equal(judge(&list, c, clock_says), BAS_TLS_ACCEPTED);
        gnutls_x509_crt_deinit(c);
        bas_tls_trust_fini(&list);
    }
    world_fini(&world);
}

static void keys_are_taken_by_kind_size_and_usage(void **state)
{
    (void)state;
    static const struct {
        struct odd odd;
        enum bas_tls_reason reason;
    } rows[] = {
        { { .name = "p256" }, BAS_TLS_ACCEPTED },
        { { .name = "p384", .curve = GNUTLS_ECC_CURVE_SECP384R1 }, BAS_TLS_ACCEPTED },
        { { .name = "p521", .curve = GNUTLS_ECC_CURVE_SECP521R1 }, BAS_TLS_UNFIT_KEY },
        { { .name = "ed25519", .curve = GNUTLS_ECC_CURVE_ED25519 }, BAS_TLS_ACCEPTED },
        { { .name = "rsa", .rsa_bits = 3072, .rsa_exponent_octets = 3 }, BAS_TLS_ACCEPTED },
        { { .name = "rsa8", .rsa_bits = 8192, .rsa_exponent_octets = 8 }, BAS_TLS_ACCEPTED },
        { { .name = "rsa9", .rsa_bits = 8256, .rsa_exponent_octets = 3 }, BAS_TLS_UNFIT_KEY },
        { { .name = "e9", .rsa_bits = 3072, .rsa_exponent_octets = 9 }, BAS_TLS_UNFIT_KEY },
        { { .name = "sign", .key_usage = GNUTLS_KEY_DIGITAL_SIGNATURE }, BAS_TLS_ACCEPTED },
        { { .name = "cipher", .key_usage = GNUTLS_KEY_KEY_ENCIPHERMENT }, BAS_TLS_NOT_FOR_SIGNING },
        { { .name = "weak", .rsa_bits = 1024, .rsa_exponent_octets = 3 }, BAS_TLS_WEAK },
    };
    struct world world;
    struct bas_tls_trust list = { .n = 0 };
    world_init(&world);
    trust(&world, &list, "ca.pem");
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        char file[32];
        world_issue_odd(&world, &rows[i].odd);
        (void)snprintf(file, sizeof(file), "%s.pem", rows[i].odd.name);
        gnutls_x509_crt_t c = read_certificate(&world, file);
        assert_int_equal(judge(&list, c, clock_says), rows[i].reason);
        gnutls_x509_crt_deinit(c);
    }
    bas_tls_trust_fini(&list);
    world_fini(&world);
}

/* bsc 7.4-10 */
static void purposes_count_only_where_they_stand(void **state)
{
    (void)state;
    static const char *const any[] = { GNUTLS_KP_CODE_SIGNING, GNUTLS_KP_ANY, NULL };
    static const char *const client[] = { GNUTLS_KP_TLS_WWW_CLIENT, NULL };
    static const char *const both[] = { GNUTLS_KP_OCSP_SIGNING, GNUTLS_KP_TLS_WWW_CLIENT,
                                        GNUTLS_KP_TLS_WWW_SERVER, NULL };
    static const char *const other[] = { GNUTLS_KP_TIME_STAMPING, NULL };
    static const struct {
        struct odd odd;
        unsigned purposes;
    } rows[] = {
        { { .name = "silent" }, BAS_TLS_AS_CLIENT | BAS_TLS_AS_SERVER },
        { { .name = "any", .purposes = any }, BAS_TLS_AS_CLIENT | BAS_TLS_AS_SERVER },
        { { .name = "client", .purposes = client }, BAS_TLS_AS_CLIENT },
        { { .name = "both", .purposes = both }, BAS_TLS_AS_CLIENT | BAS_TLS_AS_SERVER },
        { { .name = "other", .purposes = other }, 0 },
    };
    struct world world;
    world_init(&world);
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        char file[32];
        world_issue_odd(&world, &rows[i].odd);
        (void)snprintf(file, sizeof(file), "%s.pem", rows[i].odd.name);
        gnutls_x509_crt_t c = read_certificate(&world, file);
        assert_int_equal(bas_tls_purposes(c), rows[i].purposes);
        gnutls_x509_crt_deinit(c);
    }
    world_fini(&world);
}

static void no_flipped_bit_makes_an_acceptable_certificate(void **state)
{
    (void)state;
    struct world world;
    struct bas_tls_trust list = { .n = 0 };
    world_init(&world);
    trust(&world, &list, "ca.pem");
    gnutls_x509_crt_t c = read_certificate(&world, "node.pem");
    gnutls_datum_t der = { NULL, 0 };
    assert_int_equal(gnutls_x509_crt_export2(c, GNUTLS_X509_FMT_DER, &der), 0);
    assert_int_equal(judge(&list, c, clock_says), BAS_TLS_ACCEPTED);
    gnutls_x509_crt_deinit(c);
    size_t imported = 0;
    for (unsigned i = 0; i < der.size; i += 3) {
        der.data[i] ^= (unsigned char)(1U << (i % 8));
        assert_int_equal(gnutls_x509_crt_init(&c), 0);
        if (gnutls_x509_crt_import(c, &der, GNUTLS_X509_FMT_DER) == 0) {
            imported++;
            assert_int_not_equal(judge(&list, c, clock_says), BAS_TLS_ACCEPTED);
        }
        gnutls_x509_crt_deinit(c);
        der.data[i] ^= (unsigned char)(1U << (i % 8));
    }
    assert_true(imported > 50);
    gnutls_free(der.data);
    bas_tls_trust_fini(&list);
    world_fini(&world);
}

static void an_issuer_file_must_hold_ca_certificates(void **state)
{
    (void)state;
    struct world world;
    struct bas_tls_trust list = { .n = 0 };
    struct bas_fault fault;
    char pem[8192];
    world_init(&world);
    gnutls_datum_t data = { (unsigned char *)pem,
                            (unsigned)world_read(&world, "node.pem", pem, sizeof(pem)) };
    assert_int_equal(bas_tls_trust_add(&list, "node.pem", data, &fault), BAS_ERR_CERTIFICATE);
    assert_contains(fault.text, "node.pem: CN=node cannot be an issuer");
    world_issue_odd(&world, &(struct odd){ .name = "no-sign",
                                           .is_ca = true,
                                           .is_self_signed = true,
                                           .key_usage = GNUTLS_KEY_DIGITAL_SIGNATURE });
    data.size = (unsigned)world_read(&world, "no-sign.pem", pem, sizeof(pem));
    assert_int_equal(bas_tls_trust_add(&list, "no-sign.pem", data, &fault), BAS_ERR_CERTIFICATE);
    assert_contains(fault.text, "keyCertSign");
    world_issue_odd(&world, &(struct odd){ .name = "v1-ca", .version = 1, .is_self_signed = true });
    data.size = (unsigned)world_read(&world, "v1-ca.pem", pem, sizeof(pem));
    assert_int_equal(bas_tls_trust_add(&list, "v1-ca.pem", data, &fault), BAS_ERR_CERTIFICATE);
    assert_int_equal(list.n, 0);
    bas_tls_trust_fini(&list);
    world_fini(&world);
}

/* The host check, only when asked for */

static void call_host(struct world *world, const char *server, const char *host, bool is_accepted)
{
    struct bas_tls_context *node = world_context(world, "node");
    struct bas_tls_context *hub = world_context(world, server);
    struct end client;
    struct end end;
    end_init(&client, node, BAS_TLS_CLIENT, host);
    end_init(&end, hub, BAS_TLS_SERVER, NULL);
    ends_shake(&client, &end, 0);
    if (bas_tls_is_open(client.tls) != is_accepted) {
        fail_msg("%s at %s: %s", server, host, bas_tls_fault(client.tls)->text);
    }
    if (!is_accepted) {
        const struct bas_fault *fault = bas_tls_fault(client.tls);
        assert_contains(fault->text, "name that was asked for");
        assert_contains(fault->text, host);
        assert_int_equal(fault->error_code, BAC_ERROR_CODE_TLS_SERVER_AUTHENTICATION_FAILED);
        assert_contains(bas_tls_fault(end.tls)->text, "alert 42 received");
    }
    end_fini(&client);
    end_fini(&end);
    bas_tls_context_unref(node);
    bas_tls_context_unref(hub);
}

/* bsc 7.4-09 */
static void a_host_is_looked_for_among_the_alternative_names_alone(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    static const char *const names[] = { "dns:hub.example", "ip:192.0.2.7", "ip:2001:db8::7" };
    struct bas_pki_device_request request = { .size = sizeof(request) };
    struct bas_pki_pair pair;
    struct bas_fault fault;
    request.directory = world.folder;
    request.name = "named.example";
    request.names = names;
    request.n_names = 3;
    assert_int_equal(bas_pki_issue(&world.t.env, &request, &pair, &fault), BAS_OK);
    call_host(&world, "named.example", NULL, true);
    call_host(&world, "named.example", "hub.example", true);
    call_host(&world, "named.example", "HUB.Example", true);
    call_host(&world, "named.example", "192.0.2.7", true);
    call_host(&world, "named.example", "2001:db8:0::7", true);
    call_host(&world, "named.example", "192.0.2.8", false);
    call_host(&world, "named.example", "2001:db8::8", false);
    call_host(&world, "named.example", "other.example", false);
    call_host(&world, "named.example", "named.example", false); /* its common name */
    call_host(&world, "hub", "hub", false);
    world_issue_odd(&world, &(struct odd){ .name = "plain.example" });
    call_host(&world, "plain.example", "plain.example", false);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_expired_certificate_is_refused_with_dates_and_clock),
        cmocka_unit_test(a_certificate_of_the_future_is_refused_with_dates_and_clock),
        cmocka_unit_test(a_certificate_of_an_unknown_issuer_is_refused),
        cmocka_unit_test(a_self_signed_certificate_is_refused),
        cmocka_unit_test(an_issuer_of_the_same_name_with_another_key_is_told_apart),
        cmocka_unit_test(a_signature_that_does_not_verify_is_refused),
        cmocka_unit_test(a_certificate_below_an_intermediate_is_refused),
        cmocka_unit_test(a_ca_certificate_does_not_pass_for_a_device),
        cmocka_unit_test(a_version_1_certificate_is_refused),
        cmocka_unit_test(an_unknown_critical_extension_is_refused),
        cmocka_unit_test(a_certificate_for_other_purposes_is_refused),
        cmocka_unit_test(a_certificate_for_one_role_is_refused_in_the_other),
        cmocka_unit_test(purposes_count_only_where_they_stand),
        cmocka_unit_test(a_sha1_signature_is_refused_as_too_weak),
        cmocka_unit_test(the_issuers_own_certificate_does_not_pass_for_a_device),
        cmocka_unit_test(a_monstrous_rsa_key_is_refused_before_it_is_used),
        cmocka_unit_test(a_device_may_use_other_strong_keys),
        cmocka_unit_test(keys_are_taken_by_kind_size_and_usage),
        cmocka_unit_test(dates_count_from_the_first_to_the_last_second),
        cmocka_unit_test(an_expired_issuer_still_vouches),
        cmocka_unit_test(two_issuers_of_one_name_are_both_tried),
        cmocka_unit_test(no_flipped_bit_makes_an_acceptable_certificate),
        cmocka_unit_test(an_issuer_file_must_hold_ca_certificates),
        cmocka_unit_test(a_host_is_looked_for_among_the_alternative_names_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
