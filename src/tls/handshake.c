/* Owns what is watched of a handshake: the peer's hello, its certificate, the keys. */
#define _POSIX_C_SOURCE 200809L
#include "tls/hello.h"
#include "tls/identity.h"
#include "tls/session.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static enum bas_tls_role peer_of(const struct bas_tls *tls)
{
    return tls->role == BAS_TLS_CLIENT ? BAS_TLS_SERVER : BAS_TLS_CLIENT;
}

void bas_tls_condemn(struct bas_tls *tls, const struct bas_tls_refusal *refusal)
{
    struct bas_tls_refusal full = *refusal;
    full.peer = peer_of(tls);
    full.now = bas_tls_now(&tls->context->env);
    if (full.alert == 0) {
        full.alert = bas_tls_reason_alert(full.reason);
    }
    tls->state = BAS_TLS_DEAD;
    tls->in = tls->record = (struct bas_slice){ NULL, 0 };
    tls->alert = (uint8_t)full.alert;
    (void)bas_tls_refusal_fault(&full, &tls->fault);
}

static int import_der(gnutls_x509_crt_t *certificate, gnutls_datum_t der)
{
    int status = gnutls_x509_crt_init(certificate);
    if (status < 0) {
        return status;
    }
    status = gnutls_x509_crt_import(*certificate, &der, GNUTLS_X509_FMT_DER);
    if (status < 0) {
        gnutls_x509_crt_deinit(*certificate);
    }
    return status;
}

bool bas_tls_peer_certificate(const struct bas_tls *tls, gnutls_x509_crt_t *certificate)
{
    unsigned n = 0;
    const gnutls_datum_t *list = gnutls_certificate_get_peers(tls->session, &n);
    return list != NULL && n != 0 && import_der(certificate, list[0]) >= 0;
}

bool bas_tls_peer(const struct bas_tls *tls, struct bas_tls_identity *identity)
{
    gnutls_x509_crt_t certificate = NULL;
    if (tls->refused != NULL) {
        *identity = *tls->refused;
        return true;
    }
    if (!bas_tls_peer_certificate(tls, &certificate)) {
        return false;
    }
    bas_tls_identity_fill(identity, certificate);
    gnutls_x509_crt_deinit(certificate);
    return true;
}

/* Messages, before the library acts on them */

/* By itself the library answers an older client with handshake_failure; RFC 8446 asks for
 * protocol_version. */
static int on_hello(struct bas_tls *tls, const gnutls_datum_t *message)
{
    struct bas_tls_hello hello = { 0 };
    int status = bas_tls_hello_read(&hello, peer_of(tls), message);
    if (status < 0) {
        return status;
    }
    tls->record_limit = (uint16_t)hello.record_limit;
    bool is_old = tls->role == BAS_TLS_SERVER && !hello.has_tls13;
    return is_old ? GNUTLS_E_UNSUPPORTED_VERSION_PACKET : 0;
}

static void remember(struct bas_tls *tls, const struct bas_tls_identity *identity)
{
    tls->refused = bas_alloc(&tls->context->env, sizeof(*tls->refused));
    if (tls->refused != NULL) {
        *tls->refused = *identity;
    }
}

/* The library verifies the peer's signature before it asks on_certificate; a stranger's key must
 * not make that take minutes. */
static int on_leaf(struct bas_tls *tls, const gnutls_datum_t *message)
{
    gnutls_datum_t der = { NULL, 0 };
    gnutls_x509_crt_t certificate = NULL;
    if (!bas_tls_hello_leaf(message, &der)) {
        return 0;
    }
    int status = import_der(&certificate, der);
    if (status < 0) {
        return status;
    }
    enum bas_tls_reason reason = bas_tls_key_judge(certificate);
    if (reason != BAS_TLS_ACCEPTED) {
        struct bas_tls_identity identity;
        bas_tls_identity_fill(&identity, certificate);
        bas_tls_condemn(tls, &(struct bas_tls_refusal){ .reason = reason, .identity = &identity });
        remember(tls, &identity);
    }
    gnutls_x509_crt_deinit(certificate);
    return reason == BAS_TLS_ACCEPTED ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

static int on_message(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                      const gnutls_datum_t *message)
{
    struct bas_tls *tls = gnutls_session_get_ptr(session);
    unsigned hello = tls->role == BAS_TLS_SERVER ? GNUTLS_HANDSHAKE_CLIENT_HELLO
                                                 : GNUTLS_HANDSHAKE_ENCRYPTED_EXTENSIONS;
    (void)when;
    if (incoming == 0 || tls->state != BAS_TLS_HANDSHAKE) {
        return 0;
    }
    if (type == hello) {
        return on_hello(tls, message);
    }
    return type == GNUTLS_HANDSHAKE_CERTIFICATE_PKT ? on_leaf(tls, message) : 0;
}

/* The peer's certificate */

/* Called when the peer has proven that it holds the key. Only the first certificate counts: what
 * else was sent cannot help it. */
static int on_certificate(gnutls_session_t session)
{
    struct bas_tls *tls = gnutls_session_get_ptr(session);
    gnutls_x509_crt_t certificate = NULL;
    if (!bas_tls_peer_certificate(tls, &certificate)) {
        bas_tls_condemn(tls, &(struct bas_tls_refusal){ .reason = BAS_TLS_MALFORMED });
        return GNUTLS_E_CERTIFICATE_ERROR;
    }
    const struct bas_tls_context *context = tls->judge != NULL ? tls->judge : tls->context;
    struct bas_tls_shown shown = { certificate, peer_of(tls), tls->host };
    struct bas_tls_verdict verdict;
    bool accepted = bas_tls_context_judge(context, &shown, &verdict);
    if (!accepted) {
        bas_tls_condemn(tls, &(struct bas_tls_refusal){ .reason = verdict.reason,
                                                        .identity = &verdict.identity,
                                                        .detail = verdict.detail });
    }
    gnutls_x509_crt_deinit(certificate);
    return accepted ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

/* The keys */

/* One line of the NSS key log. The library calls this for the five secrets of a handshake; what
 * KeyUpdates bring follows from them. */
static int on_key(gnutls_session_t session, const char *label, const gnutls_datum_t *secret)
{
    const struct bas_tls *tls = gnutls_session_get_ptr(session);
    if (tls->context->keylog < 0) {
        return 0;
    }
    gnutls_datum_t client = { NULL, 0 };
    gnutls_session_get_random(session, &client, NULL);
    char line[512];
    struct bas_buf out;
    bas_buf_init(&out, line, sizeof(line));
    bas_buf_format(&out, "%s ", label);
    bas_buf_add_hex(&out, (struct bas_slice){ client.data, client.size });
    bas_buf_add_text(&out, " ");
    bas_buf_add_hex(&out, (struct bas_slice){ secret->data, secret->size });
    bas_buf_add_text(&out, "\n");
    if (!out.full && write(tls->context->keylog, line, out.len) != (ssize_t)out.len) {
        bas_log(&tls->context->env, BAS_LOG_WARNING, "the key log lacks a line: %s",
                strerror(errno));
    }
    bas_wipe(line, sizeof(line));
    return 0;
}

void bas_tls_handshake_watch(struct bas_tls *tls)
{
    gnutls_handshake_set_hook_function(tls->session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_PRE,
                                       on_message);
    gnutls_session_set_verify_function(tls->session, on_certificate);
    /* always: the library's own function would obey SSLKEYLOGFILE */
    gnutls_session_set_keylog_function(tls->session, on_key);
}
