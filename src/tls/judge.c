/* Owns the judgement of certificates outside a handshake: one from a file, and the peer of an open
 * session after the trust has changed. */
#include "tls/identity.h"
#include "tls/session.h"

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

enum bas_tls_reason bas_tls_context_judge(const struct bas_tls_context *context,
                                          gnutls_x509_crt_t certificate, const char *host)
{
    int64_t now = bas_tls_now(&context->env);
    enum bas_tls_reason reason = bas_tls_trust_judge(&context->trust, certificate, now);
    if (reason == BAS_TLS_ACCEPTED && host[0] != 0 && !bas_tls_host_matches(certificate, host)) {
        return BAS_TLS_OTHER_HOST;
    }
    return reason;
}

static bas_err judge(const struct bas_tls_context *context, enum bas_tls_role peer,
                     gnutls_x509_crt_t certificate, const char *host, struct bas_fault *fault)
{
    struct bas_tls_identity identity;
    struct bas_tls_refusal refusal = { .reason = bas_tls_context_judge(context, certificate, host),
                                       .peer = peer,
                                       .identity = &identity,
                                       .detail = host,
                                       .alert = BAS_TLS_NO_ALERT,
                                       .now = bas_tls_now(&context->env) };
    if (refusal.reason == BAS_TLS_ACCEPTED) {
        return BAS_OK;
    }
    bas_tls_identity_fill(&identity, certificate);
    return bas_tls_refusal_fault(&refusal, fault);
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
        err = judge(context, peer, imported, "", fault);
    }
    gnutls_x509_crt_deinit(imported);
    return err;
}

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
    bas_err err = judge(context, peer, certificate, tls->host, fault);
    gnutls_x509_crt_deinit(certificate);
    return err;
}
