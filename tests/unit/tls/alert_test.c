#include "raw.h"

#include "tls/reason.h"

#include <string.h>

static const int64_t clock_says = INT64_C(1767225600); /* 2026-01-01 */
enum { YEAR = 365 * 86400 };

static struct bas_tls_identity ours(void)
{
    struct bas_tls_identity identity = { .subject = "CN=node", .issuer = "CN=Site CA" };
    identity.not_before = clock_says - YEAR;
    identity.not_after = clock_says + YEAR;
    return identity;
}

/* bsc 7.6-10 7.6-11 */
static void an_alert_about_our_certificate_has_the_code_of_our_role(void **state)
{
    (void)state;
    static const struct {
        unsigned alert;
        unsigned client_code; /* a server's is one more */
        const char *part;
    } rows[] = {
        { 42, BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_ERROR, "bad or damaged" },
        { 43, BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_ERROR, "kind" },
        { 44, BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_REVOKED, "revoked" },
        { 45, BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_EXPIRED,
          "our clock says 2026-01-01T00:00:00Z" },
        { 46, BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_ERROR, "no reason" },
        { 48, BAC_ERROR_CODE_TLS_CLIENT_AUTHENTICATION_FAILED, "issued by CN=Site CA" },
        { 49, BAC_ERROR_CODE_TLS_CLIENT_AUTHENTICATION_FAILED, "no access" },
        { 116, BAC_ERROR_CODE_TLS_CLIENT_AUTHENTICATION_FAILED, "none has reached it" },
    };
    struct bas_tls_identity identity = ours();
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        for (unsigned role = BAS_TLS_CLIENT; role <= BAS_TLS_SERVER; role++) {
            struct bas_fault fault = { 0 };
            bas_err err = bas_tls_alert_fault(rows[i].alert, (enum bas_tls_role)role, &identity,
                                              clock_says, &fault);
            assert_int_equal(err, BAS_ERR_CERTIFICATE);
            assert_int_equal(fault.error_class, BAC_ERROR_CLASS_COMMUNICATION);
            assert_int_equal(fault.error_code,
                             rows[i].client_code + (role == BAS_TLS_SERVER ? 1 : 0));
            assert_contains(fault.text, rows[i].part);
            assert_contains(fault.text, "refused our certificate CN=node");
            assert_contains(fault.text, role == BAS_TLS_SERVER ? "the client" : "the server");
        }
    }
}

/* bsc 7.6-12 */
static void any_other_alert_is_a_tls_error(void **state)
{
    (void)state;
    struct bas_tls_identity identity = ours();
    for (unsigned alert = 0; alert < 256; alert++) {
        struct bas_fault fault = { 0 };
        bas_err err = bas_tls_alert_fault(alert, BAS_TLS_CLIENT, &identity, clock_says, &fault);
        bool is_certificate =
            (alert >= 42 && alert <= 46) || alert == 48 || alert == 49 || alert == 116;
        assert_int_equal(err, is_certificate ? BAS_ERR_CERTIFICATE : BAS_ERR_TLS);
        if (!is_certificate) {
            assert_int_equal(fault.error_code, BAC_ERROR_CODE_TLS_ERROR);
            assert_contains(fault.text, "the server ended the TLS connection");
        }
    }
}

static void the_longest_sentence_fits(void **state)
{
    (void)state;
    struct bas_tls_identity identity = ours();
    memset(identity.subject, 'S', sizeof(identity.subject) - 1);
    memset(identity.issuer, 'I', sizeof(identity.issuer) - 1);
    for (unsigned alert = 0; alert < 256; alert++) {
        struct bas_fault fault = { 0 };
        (void)bas_tls_alert_fault(alert, BAS_TLS_CLIENT, &identity, clock_says, &fault);
        assert_true(strlen(fault.text) < BAS_FAULT_TEXT - 1);
    }
}

/* Over a connection: one side's clock is wrong, both logs must say so. */

/* bsc 7.4-15 */
static void a_client_learns_at_its_first_read_that_its_certificate_expired(void **state)
{
    (void)state;
    struct link link;
    link_init(&link);
    link.server_env.wall += (int64_t)2 * YEAR * BAS_SECOND;
    ends_shake(&link.client, &link.server, 0);
    const struct bas_fault *server = bas_tls_fault(link.server.tls);
    const struct bas_fault *client = bas_tls_fault(link.client.tls);
    assert_int_equal(client->err, BAS_ERR_CERTIFICATE);
    assert_int_equal(link.client.err, BAS_ERR_CERTIFICATE);
    assert_int_equal(client->error_code, BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_EXPIRED);
    assert_contains(client->text, "the server refused our certificate CN=node (alert 45 received)");
    assert_contains(client->text, "2027-01-01T00:00:00Z; our clock says 2026-01-01T00:00:00Z");
    assert_contains(server->text, "the client's certificate CN=node expired at 2027-01-01");
    assert_contains(server->text, "our clock says 2028-01-01T00:00:00Z");
    assert_int_equal(server->error_code, BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_EXPIRED);
    link_fini(&link);
}

static void a_server_learns_that_its_certificate_is_not_valid_yet(void **state)
{
    (void)state;
    struct link link;
    link_init(&link);
    link.client_env.wall -= (int64_t)3 * YEAR * BAS_SECOND;
    ends_shake(&link.client, &link.server, 0);
    const struct bas_fault *server = bas_tls_fault(link.server.tls);
    const struct bas_fault *client = bas_tls_fault(link.client.tls);
    assert_int_equal(client->error_code, BAC_ERROR_CODE_TLS_SERVER_CERTIFICATE_EXPIRED);
    assert_contains(client->text, "the server's certificate CN=hub is not valid before 2025-12-31");
    assert_contains(client->text, "our clock says 2023-01-02T00:00:00Z");
    assert_int_equal(server->error_code, BAC_ERROR_CODE_TLS_SERVER_CERTIFICATE_EXPIRED);
    assert_contains(server->text, "the client refused our certificate CN=hub (alert 45 received)");
    link_fini(&link);
}

static void a_client_learns_that_the_server_does_not_know_its_issuer(void **state)
{
    (void)state;
    struct world world;
    struct end client;
    struct end server;
    world_init(&world);
    world_issue_odd(&world,
                    &(struct odd){ .name = "other-ca", .is_ca = true, .is_self_signed = true });
    world_issue_odd(&world, &(struct odd){ .name = "guest", .signer = "other-ca" });
    const char *const both[2] = { "ca.pem", "other-ca.pem" };
    struct bas_tls_context *guest = world_context_of(&world, &world.t.env, "guest", both);
    struct bas_tls_context *hub = world_context(&world, "hub");
    end_init(&client, guest, BAS_TLS_CLIENT, NULL);
    end_init(&server, hub, BAS_TLS_SERVER, NULL);
    ends_shake(&client, &server, 0);
    assert_contains(bas_tls_fault(client.tls)->text,
                    "refused our certificate CN=guest, issued by CN=other-ca (alert 48 received)");
    assert_int_equal(bas_tls_fault(client.tls)->error_code,
                     BAC_ERROR_CODE_TLS_CLIENT_AUTHENTICATION_FAILED);
    assert_contains(bas_tls_fault(server.tls)->text, "none of our issuers but by CN=other-ca");
    end_fini(&client);
    end_fini(&server);
    bas_tls_context_unref(guest);
    bas_tls_context_unref(hub);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_alert_about_our_certificate_has_the_code_of_our_role),
        cmocka_unit_test(any_other_alert_is_a_tls_error),
        cmocka_unit_test(the_longest_sentence_fits),
        cmocka_unit_test(a_client_learns_at_its_first_read_that_its_certificate_expired),
        cmocka_unit_test(a_server_learns_that_its_certificate_is_not_valid_yet),
        cmocka_unit_test(a_client_learns_that_the_server_does_not_know_its_issuer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
