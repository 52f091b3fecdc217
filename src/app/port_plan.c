/* Owns what a port may connect to and listen on: TLS everywhere, plaintext where tests allow it. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/port.h"

#include <string.h>
#include <strings.h>

static const char plain_scheme[] = "ws://";

/* The host of "HOST:PORT/PATH" or "[HOST]:PORT", without brackets. */
static struct bas_slice host_of(const char *authority)
{
    bool is_bracketed = authority[0] == '[';
    const char *host = authority + (is_bracketed ? 1 : 0);
    return (struct bas_slice){ (const uint8_t *)host, strcspn(host, is_bracketed ? "]" : ":/?#") };
}

static bool is_text(struct bas_slice host, const char *text)
{
    return host.len == strlen(text) && strncasecmp((const char *)host.data, text, host.len) == 0;
}

/* Names but localhost may be anywhere: "127.example" too. */
static bool is_loopback(struct bas_slice host)
{
    static const char net[] = "127.";
    const size_t net_len = sizeof(net) - 1;
    if (is_text(host, "localhost") || is_text(host, "::1")) {
        return true;
    }
    if (host.len <= net_len || memcmp(host.data, net, net_len) != 0) {
        return false;
    }
    return strspn((const char *)host.data, "0123456789.") >= host.len;
}

static bas_err refuse_scheme(struct bas_fault *fault, const char *uri, const char *why)
{
    return bas_fail_code(fault, BAS_ERR_INVALID, BAC_ERROR_CLASS_COMMUNICATION,
                         BAC_ERROR_CODE_WEBSOCKET_SCHEME_NOT_SUPPORTED, "%s: %s", uri, why);
}

/* bsc 4.1-03 7.1-01 */
bas_err port_judge_uri(const struct port_plan *plan, const char *uri, bool *is_plain,
                       struct bas_fault *fault)
{
    const size_t scheme_len = sizeof(plain_scheme) - 1;
    *is_plain = strncmp(uri, plain_scheme, scheme_len) == 0;
    if (!*is_plain) {
        return plan->has_tls ? BAS_OK
                             : bas_fail(fault, BAS_ERR_CONFIG,
                                        "%s: this port has no certificate, and nobody is connected "
                                        "to without one; set certificate, key and ca",
                                        uri);
    }
    if (plan->plaintext == BAS_PLAINTEXT_NO) {
        return refuse_scheme(fault, uri,
                             "ws:// is not encrypted and nobody is known; use wss://, or allow "
                             "plaintext (--allow-plaintext) for a test");
    }
    if (plan->plaintext == BAS_PLAINTEXT_LOOPBACK && !is_loopback(host_of(uri + scheme_len))) {
        return refuse_scheme(fault, uri,
                             "plaintext is allowed on this machine only (127.0.0.1, [::1], "
                             "localhost); use wss://, or allow plaintext anywhere for a test");
    }
    return BAS_OK;
}

bas_err port_judge_bind(const struct port_plan *plan, const char *bind, struct bas_fault *fault)
{
    if (plan->has_tls) {
        return BAS_OK;
    }
    if (plan->plaintext == BAS_PLAINTEXT_NO) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "%s: direct connections need a certificate; set certificate, key and ca",
                        bind);
    }
    if (plan->plaintext == BAS_PLAINTEXT_LOOPBACK && !is_loopback(host_of(bind))) {
        return bas_fail(fault, BAS_ERR_CONFIG,
                        "%s: plaintext listens on this machine only (127.0.0.1, [::1]) unless it "
                        "is allowed anywhere",
                        bind);
    }
    return BAS_OK;
}

bool port_is_any_address(const char *address)
{
    struct bas_slice host = host_of(address);
    return is_text(host, "0.0.0.0") || is_text(host, "::");
}
