/* Owns the judgement of certificates: of a peer that shakes hands, of one from a file, of our own,
 * and of the peer of an open session after the trust has changed. */
#include "tls/identity.h"
#include "tls/session.h"

#include <stdio.h>
#include <string.h>

bool bas_tls_context_issuer(const struct bas_tls_context *context, size_t n,
                            struct bas_tls_identity *issuer)
{
    if (n >= context->trust.n) {
        return false;
    }
    bas_tls_identity_fill(issuer, context->trust.issuers[n]);
    return true;
}

enum { SERIAL_CUT = 40 };

static void tell_revocation(const struct bas_tls_context *context, gnutls_x509_crt_t certificate,
                            struct bas_tls_verdict *verdict)
{
    char then[BAS_TLS_TIME_TEXT];
    const struct bas_tls_revoked *revoked =
        bas_tls_revocations_find(&context->revocations, certificate);
    if (revoked != NULL) {
        (void)snprintf(verdict->detail, sizeof(verdict->detail), "at %s (%s), serial %.*s, by %s",
                       bas_tls_time_text(then, revoked->row.at),
                       bas_tls_crl_reason(revoked->row.reason), SERIAL_CUT,
                       verdict->identity.serial, context->revocations.files[revoked->file]);
    }
}

static const char *purpose_word(unsigned purposes)
{
    return purposes == BAS_TLS_AS_CLIENT   ? "clientAuth"
           : purposes == BAS_TLS_AS_SERVER ? "serverAuth"
                                           : "clientAuth and serverAuth";
}

static bool ask(const struct bas_tls_context *context, const struct bas_tls_shown *shown,
                unsigned purposes, struct bas_tls_verdict *verdict)
{
    struct bas_tls_question question = { .trust = &context->trust,
                                         .revocations = &context->revocations,
                                         .certificate = shown->certificate,
                                         .purposes = purposes,
                                         .now = bas_tls_now(&context->env) };
    verdict->reason = bas_tls_trust_judge(&question);
    if (verdict->reason == BAS_TLS_ACCEPTED && shown->host[0] != 0 &&
        !bas_tls_host_matches(shown->certificate, shown->host)) {
        verdict->reason = BAS_TLS_OTHER_HOST;
    }
    if (verdict->reason == BAS_TLS_ACCEPTED) {
        return true;
    }
    verdict->detail[0] = 0;
    bas_tls_identity_fill(&verdict->identity, shown->certificate);
    if (verdict->reason == BAS_TLS_REVOKED) {
        tell_revocation(context, shown->certificate, verdict);
    } else {
        const char *text =
            verdict->reason == BAS_TLS_OTHER_HOST ? shown->host : purpose_word(purposes);
        (void)snprintf(verdict->detail, sizeof(verdict->detail), "%s", text);
    }
    return false;
}

bool bas_tls_context_judge(const struct bas_tls_context *context, const struct bas_tls_shown *shown,
                           struct bas_tls_verdict *verdict)
{
    unsigned purpose = shown->by == BAS_TLS_CLIENT ? BAS_TLS_AS_CLIENT : BAS_TLS_AS_SERVER;
    return ask(context, shown, purpose, verdict);
}

bool bas_tls_context_judge_own(const struct bas_tls_context *context, gnutls_x509_crt_t certificate,
                               struct bas_tls_verdict *verdict)
{
    return ask(context, &(struct bas_tls_shown){ .certificate = certificate, .host = "" },
               BAS_TLS_AS_CLIENT | BAS_TLS_AS_SERVER, verdict);
}

static bas_err judge(const struct bas_tls_context *context, const struct bas_tls_shown *shown,
                     struct bas_fault *fault)
{
    struct bas_tls_verdict verdict;
    if (bas_tls_context_judge(context, shown, &verdict)) {
        return BAS_OK;
    }
    return bas_tls_refusal_fault(&(struct bas_tls_refusal){ .reason = verdict.reason,
                                                            .peer = shown->by,
                                                            .identity = &verdict.identity,
                                                            .detail = verdict.detail,
                                                            .alert = BAS_TLS_NO_ALERT,
                                                            .now = bas_tls_now(&context->env) },
                                 fault);
}

/* PEM wherever there is some, else DER. */
static int import(gnutls_x509_crt_t certificate, struct bas_slice octets)
{
    gnutls_datum_t data = { (unsigned char *)(uintptr_t)octets.data, (unsigned)octets.len };
    int status = gnutls_x509_crt_import(certificate, &data, GNUTLS_X509_FMT_PEM);
    return status == GNUTLS_E_BASE64_UNEXPECTED_HEADER_ERROR
               ? gnutls_x509_crt_import(certificate, &data, GNUTLS_X509_FMT_DER)
               : status;
}

bas_err bas_tls_judge(const struct bas_tls_context *context, bool is_server,
                      struct bas_slice certificate, struct bas_tls_identity *identity,
                      struct bas_fault *fault)
{
    enum bas_tls_role peer = is_server ? BAS_TLS_SERVER : BAS_TLS_CLIENT;
    gnutls_x509_crt_t imported = NULL;
    if (identity != NULL) {
        *identity = (struct bas_tls_identity){ 0 };
    }
    if (gnutls_x509_crt_init(&imported) < 0) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "no memory to judge a certificate");
    }
    bas_err err = BAS_OK;
    if (import(imported, certificate) < 0) {
        err = bas_tls_refusal_fault(&(struct bas_tls_refusal){ .reason = BAS_TLS_MALFORMED,
                                                               .peer = peer,
                                                               .alert = BAS_TLS_NO_ALERT },
                                    fault);
    } else {
        if (identity != NULL) {
            bas_tls_identity_fill(identity, imported);
        }
        err = judge(context, &(struct bas_tls_shown){ imported, peer, "" }, fault);
    }
    gnutls_x509_crt_deinit(imported);
    return err;
}

/* bsc 7.4-13 */
bas_err bas_tls_recheck(struct bas_tls *tls, struct bas_tls_context *context,
                        struct bas_fault *fault)
{
    gnutls_x509_crt_t certificate = NULL;
    if (tls->state == BAS_TLS_HANDSHAKE) {
        bas_tls_context_unref(tls->judge);
        tls->judge = bas_tls_context_ref(context);
    }
    if (!bas_tls_peer_certificate(tls, &certificate)) {
        return BAS_OK;
    }
    enum bas_tls_role peer = tls->role == BAS_TLS_CLIENT ? BAS_TLS_SERVER : BAS_TLS_CLIENT;
    bas_err err = judge(context, &(struct bas_tls_shown){ certificate, peer, tls->host }, fault);
    gnutls_x509_crt_deinit(certificate);
    return err;
}
