/* Owns what a peer's alert means for us (bacnet-sc.md 7.6), as a sentence and a BACnet code. */
#include "tls/identity.h"
#include "tls/reason.h"

#include <gnutls/gnutls.h>
#include <string.h>

struct row {
    uint8_t alert;
    enum bas_tls_kind kind;
    const char *text;
};

/* What the peer said of our certificate. bsc 7.6-10 7.6-11 */
static const struct row certificate_rows[] = {
    { GNUTLS_A_BAD_CERTIFICATE, BAS_TLS_KIND_CERTIFICATE, "it holds it for bad or damaged" },
    { GNUTLS_A_UNSUPPORTED_CERTIFICATE, BAS_TLS_KIND_CERTIFICATE, "it does not take its kind" },
    { GNUTLS_A_CERTIFICATE_REVOKED, BAS_TLS_KIND_REVOKED, "it was revoked" },
    { GNUTLS_A_CERTIFICATE_EXPIRED, BAS_TLS_KIND_EXPIRED, "it has expired or is not valid yet" },
    { GNUTLS_A_CERTIFICATE_UNKNOWN, BAS_TLS_KIND_CERTIFICATE, "it gave no reason" },
    { GNUTLS_A_UNKNOWN_CA, BAS_TLS_KIND_AUTHENTICATION, "it does not know its issuer" },
    { GNUTLS_A_ACCESS_DENIED, BAS_TLS_KIND_AUTHENTICATION, "it gives this device no access" },
    { GNUTLS_A_CERTIFICATE_REQUIRED, BAS_TLS_KIND_AUTHENTICATION, "none has reached it" },
};

/* What the peer said of the connection. bsc 7.6-12 */
static const struct row connection_rows[] = {
    { GNUTLS_A_CLOSE_NOTIFY, BAS_TLS_KIND_TLS, "it closed" },
    { GNUTLS_A_UNEXPECTED_MESSAGE, BAS_TLS_KIND_TLS,
      "it did not expect what we sent; does it speak TLS on this port?" },
    { GNUTLS_A_BAD_RECORD_MAC, BAS_TLS_KIND_TLS,
      "a record of ours did not decrypt there: it was changed on the way" },
    { GNUTLS_A_RECORD_OVERFLOW, BAS_TLS_KIND_TLS, "a record was too long for it" },
    { GNUTLS_A_HANDSHAKE_FAILURE, BAS_TLS_KIND_TLS,
      "it has no cipher suite, group or signature in common with us (TLS 1.3, AES-GCM or ChaCha20, "
      "X25519 or P-256)" },
    { GNUTLS_A_ILLEGAL_PARAMETER, BAS_TLS_KIND_TLS, "it does not accept what we sent" },
    { GNUTLS_A_DECODE_ERROR, BAS_TLS_KIND_TLS, "it could not decode what we sent" },
    { GNUTLS_A_DECRYPT_ERROR, BAS_TLS_KIND_TLS,
      "it could not verify our signature: do our key and certificate belong together?" },
    { GNUTLS_A_PROTOCOL_VERSION, BAS_TLS_KIND_TLS,
      "it does not speak TLS 1.3, which BACnet/SC needs: update it" },
    { GNUTLS_A_INSUFFICIENT_SECURITY, BAS_TLS_KIND_TLS, "it wants stronger ciphers" },
    { GNUTLS_A_INTERNAL_ERROR, BAS_TLS_KIND_TLS, "it failed inside; look at its log" },
    { GNUTLS_A_MISSING_EXTENSION, BAS_TLS_KIND_TLS, "it misses a TLS extension" },
    { GNUTLS_A_UNRECOGNIZED_NAME, BAS_TLS_KIND_TLS, "it is not the host that we named" },
    { GNUTLS_A_NO_APPLICATION_PROTOCOL, BAS_TLS_KIND_TLS, "it wants another protocol (ALPN)" },
};

static const struct row *find(const struct row *rows, size_t n, unsigned alert)
{
    for (size_t i = 0; i < n; i++) {
        if (rows[i].alert == alert) {
            return &rows[i];
        }
    }
    return NULL;
}

static const char *name_of(enum bas_tls_role role)
{
    return role == BAS_TLS_CLIENT ? "the client" : "the server";
}

static enum bas_tls_role other(enum bas_tls_role role)
{
    return role == BAS_TLS_CLIENT ? BAS_TLS_SERVER : BAS_TLS_CLIENT;
}

static bas_err connection_fault(unsigned alert, enum bas_tls_role we, struct bas_fault *fault)
{
    const struct row *row = find(connection_rows, BAS_ARRAY_LEN(connection_rows), alert);
    const char *text =
        row != NULL ? row->text : gnutls_alert_get_name((gnutls_alert_description_t)alert);
    return bas_fail_code(fault, BAS_ERR_TLS, BAC_ERROR_CLASS_COMMUNICATION,
                         bas_tls_kind_code(BAS_TLS_KIND_TLS, we),
                         "%s ended the TLS connection (alert %u received): %s", name_of(other(we)),
                         alert, text != NULL ? text : "an unknown alert");
}

enum { NAME_CUT = 48 };

/* bsc 7.4-15 */
bas_err bas_tls_alert_fault(unsigned alert, enum bas_tls_role we,
                            const struct bas_tls_identity *ours, int64_t now,
                            struct bas_fault *fault)
{
    const struct row *row = find(certificate_rows, BAS_ARRAY_LEN(certificate_rows), alert);
    if (row == NULL) {
        return connection_fault(alert, we, fault);
    }
    char subject[NAME_CUT];
    char issuer[NAME_CUT];
    char from[BAS_TLS_TIME_TEXT];
    char to[BAS_TLS_TIME_TEXT];
    char clock[BAS_TLS_TIME_TEXT];
    bas_text_copy(subject, sizeof(subject),
                  (struct bas_slice){ (const uint8_t *)ours->subject, strlen(ours->subject) });
    bas_text_copy(issuer, sizeof(issuer),
                  (struct bas_slice){ (const uint8_t *)ours->issuer, strlen(ours->issuer) });
    unsigned code = bas_tls_kind_code(row->kind, we);
    if (row->kind == BAS_TLS_KIND_EXPIRED) {
        return bas_fail_code(
            fault, BAS_ERR_CERTIFICATE, BAC_ERROR_CLASS_COMMUNICATION, code,
            "%s refused our certificate %s (alert %u received): %s. Ours runs %s to %s; our clock "
            "says %s",
            name_of(other(we)), subject, alert, row->text,
            bas_tls_time_text(from, ours->not_before), bas_tls_time_text(to, ours->not_after),
            bas_tls_time_text(clock, now));
    }
    return bas_fail_code(fault, BAS_ERR_CERTIFICATE, BAC_ERROR_CLASS_COMMUNICATION, code,
                         "%s refused our certificate %s, issued by %s (alert %u received): %s; "
                         "look at its log",
                         name_of(other(we)), subject, issuer, alert, row->text);
}
