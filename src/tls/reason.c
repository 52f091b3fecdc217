/* Owns the tables of refusals (bacnet-sc.md 7.6): reason, alert, BACnet code, sentence. */
#include "tls/reason.h"

#include "tls/identity.h"

#include <gnutls/gnutls.h>
#include <string.h>

/* What a sentence needs besides the name of the certificate. */
enum needs { NOTHING, ISSUER, NOT_AFTER, NOT_BEFORE, DETAIL, WHOLE_DETAIL };

struct row {
    enum bas_tls_kind kind;
    uint8_t alert;
    uint8_t own_code; /* SECURITY, for our own certificate */
    enum needs needs;
    bas_err err;
    const char *what;
    const char *mend;
};

#define CERTIFICATE    BAS_TLS_KIND_CERTIFICATE
#define AUTHENTICATION BAS_TLS_KIND_AUTHENTICATION
#define TLS            BAS_TLS_KIND_TLS
#define BAD            GNUTLS_A_BAD_CERTIFICATE
#define INVALID        BAC_ERROR_CODE_CERTIFICATE_INVALID
#define REFUSED        BAS_ERR_CERTIFICATE

static const struct row rows[BAS_TLS_REASONS] = {
    [BAS_TLS_EXPIRED] = { BAS_TLS_KIND_EXPIRED, GNUTLS_A_CERTIFICATE_EXPIRED,
                          BAC_ERROR_CODE_CERTIFICATE_EXPIRED, NOT_AFTER, REFUSED, "expired at",
                          "issue a new one, or set our clock" },
    [BAS_TLS_NOT_YET_VALID] = { BAS_TLS_KIND_EXPIRED, GNUTLS_A_CERTIFICATE_EXPIRED,
                                BAC_ERROR_CODE_CERTIFICATE_EXPIRED, NOT_BEFORE, REFUSED,
                                "is not valid before", "set our clock, or wait" },
    [BAS_TLS_UNKNOWN_ISSUER] = { AUTHENTICATION, GNUTLS_A_UNKNOWN_CA, INVALID, ISSUER, REFUSED,
                                 "was signed by none of our issuers but by",
                                 "issue it anew, or add that issuer" },
    [BAS_TLS_OTHER_ISSUER_KEY] = { AUTHENTICATION, GNUTLS_A_UNKNOWN_CA, INVALID, ISSUER, REFUSED,
                                   "was signed with another key than that of our issuer",
                                   "issue it anew, or add that issuer" },
    [BAS_TLS_BAD_SIGNATURE] = { CERTIFICATE, BAD, INVALID, ISSUER, REFUSED,
                                "is damaged or forged: its signature is not one of",
                                "issue it anew" },
    [BAS_TLS_REVOKED] = { BAS_TLS_KIND_REVOKED, GNUTLS_A_CERTIFICATE_REVOKED,
                          BAC_ERROR_CODE_CERTIFICATE_REVOKED, WHOLE_DETAIL, REFUSED, "was revoked",
                          "issue a new one" },
    [BAS_TLS_IS_ISSUER] = { CERTIFICATE, BAD, INVALID, NOTHING, REFUSED,
                            "is an issuer's own, not a device's", "issue one for the device" },
    [BAS_TLS_IS_CA] = { CERTIFICATE, BAD, INVALID, NOTHING, REFUSED,
                        "is one of a CA (CA:TRUE), not a device's", "issue one for the device" },
    [BAS_TLS_OLD_VERSION] = { CERTIFICATE, BAD, INVALID, NOTHING, REFUSED,
                              "is not of X.509 version 3", "issue it anew" },
    [BAS_TLS_WEAK] = { CERTIFICATE, BAD, INVALID, NOTHING, REFUSED,
                       "uses a key or signature that is too weak", "issue it anew with P-256" },
    [BAS_TLS_UNFIT_KEY] = { CERTIFICATE, GNUTLS_A_UNSUPPORTED_CERTIFICATE, INVALID, NOTHING,
                            REFUSED, "has a key of a kind or size that is not taken here",
                            "issue it anew with P-256" },
    [BAS_TLS_NOT_FOR_SIGNING] = { CERTIFICATE, GNUTLS_A_UNSUPPORTED_CERTIFICATE, INVALID, NOTHING,
                                  REFUSED, "has a key usage without digitalSignature",
                                  "issue it anew with it" },
    [BAS_TLS_OTHER_PURPOSE] = { CERTIFICATE, GNUTLS_A_UNSUPPORTED_CERTIFICATE, INVALID, DETAIL,
                                REFUSED, "has an extended key usage without",
                                "issue it anew with clientAuth and serverAuth" },
    [BAS_TLS_UNKNOWN_EXTENSION] = { CERTIFICATE, BAD, INVALID, NOTHING, REFUSED,
                                    "has a critical extension that nobody here knows",
                                    "issue it anew without" },
    [BAS_TLS_BEYOND_ISSUER] = { CERTIFICATE, BAD, INVALID, ISSUER, REFUSED,
                                "is not one that this issuer may sign:",
                                "that issuer lacks CA:TRUE or keyCertSign" },
    [BAS_TLS_UNFIT] = { CERTIFICATE, BAD, INVALID, NOTHING, REFUSED, "breaks the rules of X.509",
                        "issue it anew" },
    [BAS_TLS_OTHER_HOST] = { AUTHENTICATION, BAD, INVALID, DETAIL, REFUSED,
                             "does not carry the name that was asked for,",
                             "issue it with that name, or switch the host check off" },
    [BAS_TLS_NOT_ITS_KEY] = { AUTHENTICATION, GNUTLS_A_DECRYPT_ERROR,
                              BAC_ERROR_CODE_UNKNOWN_CERTIFICATE_KEY, NOTHING, REFUSED,
                              "was shown by somebody who does not hold its key",
                              "look who answers there, and at its key file" },
    [BAS_TLS_MALFORMED] = { CERTIFICATE, BAD, BAC_ERROR_CODE_CERTIFICATE_MALFORMED, NOTHING,
                            REFUSED, "cannot be decoded", "issue it anew" },
    [BAS_TLS_MISSING] = { AUTHENTICATION, GNUTLS_A_CERTIFICATE_REQUIRED, INVALID, NOTHING, REFUSED,
                          "showed no certificate", "give it one that our issuers signed" },
    [BAS_TLS_OLD_TLS] = { TLS, GNUTLS_A_PROTOCOL_VERSION, 0, NOTHING, BAS_ERR_TLS,
                          "does not speak TLS 1.3", "BACnet/SC needs it: update the peer" },
    [BAS_TLS_NOTHING_IN_COMMON] = { TLS, GNUTLS_A_HANDSHAKE_FAILURE, 0, NOTHING, BAS_ERR_TLS,
                                    "has no cipher suite, group or signature in common with us",
                                    "it needs AES-128-GCM, X25519 or P-256, ECDSA with P-256" },
    [BAS_TLS_TAMPERED] = { TLS, GNUTLS_A_BAD_RECORD_MAC, 0, NOTHING, BAS_ERR_TLS,
                           "sent a record that does not decrypt: it was changed on the way",
                           "look at what stands between" },
    [BAS_TLS_NOT_TLS] = { TLS, GNUTLS_A_UNEXPECTED_MESSAGE, 0, DETAIL, BAS_ERR_TLS,
                          "does not speak TLS; its first octets are", "is it plain HTTP?" },
    [BAS_TLS_RECORD_TOO_LONG] = { TLS, GNUTLS_A_RECORD_OVERFLOW, 0, NOTHING, BAS_ERR_TLS,
                                  "sent a record over 16,640 octets", "it breaks TLS 1.3" },
    [BAS_TLS_FLOOD] = { TLS, GNUTLS_A_ILLEGAL_PARAMETER, 0, NOTHING, BAS_ERR_TLS,
                        "sent over 65,536 octets of handshake", "no honest handshake is so long" },
    [BAS_TLS_CLOSED_EARLY] = { TLS, GNUTLS_A_CLOSE_NOTIFY, 0, NOTHING, BAS_ERR_TLS,
                               "closed in the middle of the handshake", "look at its log" },
    [BAS_TLS_NO_ROOM] = { TLS, GNUTLS_A_INTERNAL_ERROR, 0, NOTHING, BAS_ERR_NO_SPACE,
                          "could not be answered: the output buffer is full",
                          "send what is in it first" },
    [BAS_TLS_NO_MEMORY] = { TLS, GNUTLS_A_INTERNAL_ERROR, 0, NOTHING, BAS_ERR_NO_MEMORY,
                            "could not be served: out of memory", "serve fewer connections" },
    [BAS_TLS_OTHER] = { TLS, GNUTLS_A_INTERNAL_ERROR, 0, DETAIL, BAS_ERR_TLS,
                        "broke TLS:", "look at its log" },
};

#undef CERTIFICATE
#undef AUTHENTICATION
#undef TLS
#undef BAD
#undef INVALID
#undef REFUSED

/* bsc 7.6-09 */
static const uint8_t kind_codes[BAS_TLS_KINDS][2] = {
    [BAS_TLS_KIND_CERTIFICATE] = { BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_ERROR,
                                   BAC_ERROR_CODE_TLS_SERVER_CERTIFICATE_ERROR },
    [BAS_TLS_KIND_AUTHENTICATION] = { BAC_ERROR_CODE_TLS_CLIENT_AUTHENTICATION_FAILED,
                                      BAC_ERROR_CODE_TLS_SERVER_AUTHENTICATION_FAILED },
    [BAS_TLS_KIND_EXPIRED] = { BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_EXPIRED,
                               BAC_ERROR_CODE_TLS_SERVER_CERTIFICATE_EXPIRED },
    [BAS_TLS_KIND_REVOKED] = { BAC_ERROR_CODE_TLS_CLIENT_CERTIFICATE_REVOKED,
                               BAC_ERROR_CODE_TLS_SERVER_CERTIFICATE_REVOKED },
    [BAS_TLS_KIND_TLS] = { BAC_ERROR_CODE_TLS_ERROR, BAC_ERROR_CODE_TLS_ERROR },
};

unsigned bas_tls_kind_code(enum bas_tls_kind kind, enum bas_tls_role shown_by)
{
    return kind_codes[kind][shown_by == BAS_TLS_SERVER];
}

unsigned bas_tls_reason_alert(enum bas_tls_reason reason)
{
    return rows[reason].alert;
}

/* Names in a sentence are cut, so that what to do still fits. */
enum { NAME_CUT = 44 };

static void add_cut(struct bas_buf *text, const char *name)
{
    char cut[NAME_CUT];
    bas_text_copy(cut, sizeof(cut), (struct bas_slice){ (const uint8_t *)name, strlen(name) });
    bas_buf_format(text, " %s%s", cut, strlen(cut) < strlen(name) ? "..." : "");
}

/* As much of a long text as leaves room for what follows: the alert, and what to do. */
static void add_whole(struct bas_buf *text, const char *detail, const char *mend)
{
    static const char alert[] = " ... (alert 123 sent); ";
    size_t follows = sizeof(alert) + strlen(mend);
    size_t room = text->cap - text->len;
    size_t most = room > follows ? room - follows : 0;
    bas_buf_format(text, " %.*s%s", (int)most, detail, strlen(detail) > most ? "..." : "");
}

static void add_times(struct bas_buf *text, int64_t limit, int64_t now)
{
    char then[BAS_TLS_TIME_TEXT];
    char clock[BAS_TLS_TIME_TEXT];
    bas_buf_format(text, " %s; our clock says %s", bas_tls_time_text(then, limit),
                   bas_tls_time_text(clock, now));
}

static void add_need(struct bas_buf *text, const struct row *row,
                     const struct bas_tls_refusal *refusal)
{
    const struct bas_tls_identity *identity = refusal->identity;
    switch (row->needs) {
    case NOTHING:
        break;
    case DETAIL:
        add_cut(text, refusal->detail != NULL ? refusal->detail : "");
        break;
    case WHOLE_DETAIL:
        add_whole(text, refusal->detail != NULL ? refusal->detail : "", row->mend);
        break;
    case ISSUER:
        add_cut(text, identity->issuer);
        break;
    case NOT_AFTER:
        add_times(text, identity->not_after, refusal->now);
        break;
    case NOT_BEFORE:
        add_times(text, identity->not_before, refusal->now);
        break;
    }
}

static bool is_about_certificate(enum bas_tls_reason reason)
{
    return reason <= BAS_TLS_MALFORMED;
}

bas_err bas_tls_refusal_fault(const struct bas_tls_refusal *refusal, struct bas_fault *fault)
{
    const struct row *row = &rows[refusal->reason];
    char octets[BAS_FAULT_TEXT];
    struct bas_buf text;
    bas_buf_init(&text, octets, sizeof(octets));
    bas_buf_add_text(&text, refusal->peer == BAS_TLS_CLIENT ? "the client" : "the server");
    if (is_about_certificate(refusal->reason)) {
        bas_buf_add_text(&text, "'s certificate");
        if (refusal->identity != NULL) {
            add_cut(&text, refusal->identity->subject);
        }
    }
    bas_buf_format(&text, " %s", row->what);
    add_need(&text, row, refusal);
    if (refusal->alert != BAS_TLS_NO_ALERT) {
        bas_buf_format(&text, " (alert %u sent)", refusal->alert);
    }
    bas_buf_format(&text, "; %s", row->mend);
    return bas_fail_code(fault, row->err, BAC_ERROR_CLASS_COMMUNICATION,
                         bas_tls_kind_code(row->kind, refusal->peer), "%s", bas_buf_text(&text));
}

bas_err bas_tls_own_fault(const struct bas_tls_refusal *refusal, const char *file,
                          struct bas_fault *fault)
{
    const struct row *row = &rows[refusal->reason];
    char octets[BAS_FAULT_TEXT];
    struct bas_buf text;
    bas_buf_init(&text, octets, sizeof(octets));
    bas_buf_format(&text, "our certificate %.80s:", file);
    if (refusal->identity != NULL) {
        add_cut(&text, refusal->identity->subject);
    } else {
        bas_buf_add_text(&text, " it");
    }
    bas_buf_format(&text, " %s", row->what);
    add_need(&text, row, refusal);
    bas_buf_format(&text, "; %s", row->mend);
    return bas_fail_code(fault, row->err, BAC_ERROR_CLASS_SECURITY, row->own_code, "%s",
                         bas_buf_text(&text));
}

enum bas_tls_reason bas_tls_reason_of(int library_error)
{
    static const struct {
        int error;
        enum bas_tls_reason reason;
    } errors[] = {
        { GNUTLS_E_CERTIFICATE_REQUIRED, BAS_TLS_MISSING },
        { GNUTLS_E_NO_CERTIFICATE_FOUND, BAS_TLS_MISSING },
        { GNUTLS_E_PK_SIG_VERIFY_FAILED, BAS_TLS_NOT_ITS_KEY },
        { GNUTLS_E_KEY_USAGE_VIOLATION, BAS_TLS_NOT_FOR_SIGNING },
        { GNUTLS_E_ASN1_ELEMENT_NOT_FOUND, BAS_TLS_MALFORMED },
        { GNUTLS_E_ASN1_IDENTIFIER_NOT_FOUND, BAS_TLS_MALFORMED },
        { GNUTLS_E_ASN1_DER_ERROR, BAS_TLS_MALFORMED },
        { GNUTLS_E_ASN1_VALUE_NOT_FOUND, BAS_TLS_MALFORMED },
        { GNUTLS_E_ASN1_GENERIC_ERROR, BAS_TLS_MALFORMED },
        { GNUTLS_E_ASN1_VALUE_NOT_VALID, BAS_TLS_MALFORMED },
        { GNUTLS_E_ASN1_TAG_ERROR, BAS_TLS_MALFORMED },
        { GNUTLS_E_ASN1_TAG_IMPLICIT, BAS_TLS_MALFORMED },
        { GNUTLS_E_ASN1_TYPE_ANY_ERROR, BAS_TLS_MALFORMED },
        { GNUTLS_E_ASN1_SYNTAX_ERROR, BAS_TLS_MALFORMED },
        { GNUTLS_E_ASN1_DER_OVERFLOW, BAS_TLS_MALFORMED },
        { GNUTLS_E_UNSUPPORTED_VERSION_PACKET, BAS_TLS_OLD_TLS },
        { GNUTLS_E_NO_CIPHER_SUITES, BAS_TLS_NOTHING_IN_COMMON },
        { GNUTLS_E_NO_COMMON_KEY_SHARE, BAS_TLS_NOTHING_IN_COMMON },
        { GNUTLS_E_DECRYPTION_FAILED, BAS_TLS_TAMPERED },
        { GNUTLS_E_RECORD_OVERFLOW, BAS_TLS_RECORD_TOO_LONG },
        { GNUTLS_E_SESSION_EOF, BAS_TLS_CLOSED_EARLY },
        { GNUTLS_E_PREMATURE_TERMINATION, BAS_TLS_CLOSED_EARLY },
        { GNUTLS_E_MEMORY_ERROR, BAS_TLS_NO_MEMORY },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(errors); i++) {
        if (errors[i].error == library_error) {
            return errors[i].reason;
        }
    }
    return BAS_TLS_OTHER;
}
