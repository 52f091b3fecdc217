/* Owns nothing: the numbers of error classes and codes against the list of BACnet/SC, a second time
 * and from another side than error_code.def (spec 2.3). */
#include "test_env.h"

#include <string.h>

struct number {
    unsigned code;
    const char *name;
};

/* bsc 2.3-01 */
static void classes_and_general_codes_have_their_names(void **state)
{
    (void)state;
    static const char *const classes[] = { "device",   "object",   "property", "resources",
                                           "security", "services", "vt",       "communication" };
    static const struct number codes[] = {
        { 0, "other" },
        { 7, "inconsistent-parameters" },
        { 30, "timeout" },
        { 37, "value-out-of-range" },
        { 45, "optional-functionality-not-supported" },
        { 80, "parameter-out-of-range" },
        { 113, "message-too-long" },
    };
    for (unsigned i = 0; i < BAS_ARRAY_LEN(classes); i++) {
        assert_string_equal(bac_error_class_name(i), classes[i]);
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(codes); i++) {
        assert_string_equal(bac_error_code_name(codes[i].code), codes[i].name);
    }
}

/* bsc 2.3-02 2.3-03 */
static void the_codes_of_bacnet_sc_have_their_names(void **state)
{
    (void)state;
    static const char *const from_143[] = {
        "bvlc-function-unknown",
        "bvlc-proprietary-function-unknown",
        "header-encoding-error",
        "header-not-understood",
        "message-incomplete",
        "not-a-bacnet-sc-hub",
        "payload-expected",
        "unexpected-data",
        "node-duplicate-vmac",
        "http-unexpected-response-code",
        "http-no-upgrade",
        "http-resource-not-local",
        "http-proxy-authentication-failed",
        "http-response-timeout",
        "http-response-syntax-error",
        "http-response-value-error",
        "http-response-missing-header",
        "http-websocket-header-error",
        "http-upgrade-required",
        "http-upgrade-error",
        "http-temporary-unavailable",
        "http-not-a-server",
        "http-error",
        "websocket-scheme-not-supported",
        "websocket-unknown-control-message",
        "websocket-close-error",
        "websocket-closed-by-peer",
        "websocket-endpoint-leaves",
        "websocket-protocol-error",
        "websocket-data-not-accepted",
        "websocket-closed-abnormally",
        "websocket-data-inconsistent",
        "websocket-data-against-policy",
        "websocket-frame-too-long",
        "websocket-extension-missing",
        "websocket-request-unavailable",
        "websocket-error",
        "tls-client-certificate-error",
        "tls-server-certificate-error",
        "tls-client-authentication-failed",
        "tls-server-authentication-failed",
        "tls-client-certificate-expired",
        "tls-server-certificate-expired",
        "tls-client-certificate-revoked",
        "tls-server-certificate-revoked",
        "tls-error",
        "dns-unavailable",
        "dns-name-resolution-failed",
        "dns-resolver-failure",
        "dns-error",
        "tcp-connect-timeout",
        "tcp-connection-refused",
        "tcp-closed-by-local",
        "tcp-closed-other",
        "tcp-error",
        "ip-address-not-reachable",
        "ip-error",
        "certificate-expired",
        "certificate-invalid",
        "certificate-malformed",
        "certificate-revoked",
        "unknown-certificate-key",
        "referenced-port-in-error",
        "not-enabled",
    };
    for (unsigned i = 0; i < BAS_ARRAY_LEN(from_143); i++) {
        assert_string_equal(bac_error_code_name(143 + i), from_143[i]);
    }
    assert_int_equal(142 + BAS_ARRAY_LEN(from_143), 206);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_and_general_codes_have_their_names),
        cmocka_unit_test(the_codes_of_bacnet_sc_have_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
