#include "tls/reason.h"

#include "world.h"

#include <gnutls/gnutls.h>
#include <string.h>

static const int64_t clock_says = INT64_C(1767225600); /* 2026-01-01 */

static struct bas_tls_identity somebody(void)
{
    struct bas_tls_identity identity = { .subject = "CN=node", .issuer = "CN=Site CA" };
    identity.not_before = clock_says - 60;
    identity.not_after = clock_says + 60;
    return identity;
}

static void every_reason_has_a_sentence_an_alert_and_a_code(void **state)
{
    (void)state;
    struct bas_tls_identity identity = somebody();
    for (unsigned i = BAS_TLS_ACCEPTED + 1; i < BAS_TLS_REASONS; i++) {
        struct bas_fault fault = { 0 };
        enum bas_tls_reason reason = (enum bas_tls_reason)i;
        struct bas_tls_refusal refusal = { .reason = reason,
                                           .peer = BAS_TLS_CLIENT,
                                           .identity = &identity,
                                           .detail = "DETAIL",
                                           .alert = bas_tls_reason_alert(reason),
                                           .now = clock_says };
        bas_err err = bas_tls_refusal_fault(&refusal, &fault);
        assert_int_not_equal(err, BAS_OK);
        assert_int_equal(fault.err, err);
        assert_contains(fault.text, "the client");
        assert_contains(fault.text, " sent); ");
        assert_in_range(fault.error_code, BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_ERROR,
                        BAC_ERROR_CODE_TLS_ERROR);
        bool is_client_code = fault.error_code % 2 == 0;
        assert_true(is_client_code);
        refusal.peer = BAS_TLS_SERVER;
        (void)bas_tls_refusal_fault(&refusal, &fault);
        assert_contains(fault.text, "the server");
    }
}

static void alerts_name_the_true_reason(void **state)
{
    (void)state;
    assert_int_equal(bas_tls_reason_alert(BAS_TLS_EXPIRED), 45);
    assert_int_equal(bas_tls_reason_alert(BAS_TLS_NOT_YET_VALID), 45);
    assert_int_equal(bas_tls_reason_alert(BAS_TLS_UNKNOWN_ISSUER), 48);
    assert_int_equal(bas_tls_reason_alert(BAS_TLS_BAD_SIGNATURE), 42);
    assert_int_equal(bas_tls_reason_alert(BAS_TLS_MISSING), 116);
    assert_int_equal(bas_tls_reason_alert(BAS_TLS_OLD_TLS), 70);
    assert_int_equal(bas_tls_reason_alert(BAS_TLS_TAMPERED), 20);
    assert_int_equal(bas_tls_reason_of(GNUTLS_E_CERTIFICATE_REQUIRED), BAS_TLS_MISSING);
    assert_int_equal(bas_tls_reason_of(GNUTLS_E_UNEXPECTED_PACKET), BAS_TLS_OTHER);
}

static void kinds_have_a_code_for_either_role(void **state)
{
    (void)state;
    assert_int_equal(bas_tls_kind_code(BAS_TLS_KIND_CERTIFICATE, BAS_TLS_CLIENT), 180);
    assert_int_equal(bas_tls_kind_code(BAS_TLS_KIND_CERTIFICATE, BAS_TLS_SERVER), 181);
    assert_int_equal(bas_tls_kind_code(BAS_TLS_KIND_AUTHENTICATION, BAS_TLS_CLIENT), 182);
    assert_int_equal(bas_tls_kind_code(BAS_TLS_KIND_AUTHENTICATION, BAS_TLS_SERVER), 183);
    assert_int_equal(bas_tls_kind_code(BAS_TLS_KIND_EXPIRED, BAS_TLS_CLIENT), 184);
    assert_int_equal(bas_tls_kind_code(BAS_TLS_KIND_EXPIRED, BAS_TLS_SERVER), 185);
    assert_int_equal(bas_tls_kind_code(BAS_TLS_KIND_REVOKED, BAS_TLS_CLIENT), 186);
    assert_int_equal(bas_tls_kind_code(BAS_TLS_KIND_REVOKED, BAS_TLS_SERVER), 187);
    assert_int_equal(bas_tls_kind_code(BAS_TLS_KIND_TLS, BAS_TLS_SERVER), 188);
}

/* What to do stands last: it must not be lost to a long name. */
static void the_longest_names_leave_room_for_what_to_do(void **state)
{
    (void)state;
    struct bas_tls_identity identity = somebody();
    char host[256] = { 0 };
    memset(identity.subject, 'S', sizeof(identity.subject) - 1);
    memset(identity.issuer, 'I', sizeof(identity.issuer) - 1);
    memset(host, 'H', sizeof(host) - 1);
    for (unsigned i = BAS_TLS_ACCEPTED + 1; i < BAS_TLS_REASONS; i++) {
        struct bas_fault fault = { 0 };
        struct bas_tls_refusal refusal = { .reason = (enum bas_tls_reason)i,
                                           .peer = BAS_TLS_SERVER,
                                           .identity = &identity,
                                           .detail = host,
                                           .alert = 116,
                                           .now = clock_says };
        (void)bas_tls_refusal_fault(&refusal, &fault);
        if (strstr(fault.text, "sent); ") == NULL) {
            fail_msg("cut: %s", fault.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reason_has_a_sentence_an_alert_and_a_code),
        cmocka_unit_test(alerts_name_the_true_reason),
        cmocka_unit_test(kinds_have_a_code_for_either_role),
        cmocka_unit_test(the_longest_names_leave_room_for_what_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
