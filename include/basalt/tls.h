/*
 * The TLS seam: TLS 1.3 with mutual certificates as BACnet/SC wants it (Annex AB.7.4), sans I/O.
 *
 * A context holds credentials and trust; a session is one connection. Cipher octets go in, plain
 * octets come out into the caller's block; what must be sent is appended to the caller's buffer.
 * The policy is fixed: TLS 1.3 only; the peer always shows a certificate that one of the configured
 * issuers signed directly; no system trust, no tickets, no host-name check unless asked for.
 *
 * All of it works by itself, without hub or node: one call makes a context, which serves clients
 * and servers alike, and one call judges a certificate by it.
 *
 * EXAMPLE
 *     struct bas_tls_config config = { .size = sizeof(config) };
 *     struct bas_fault fault;
 *     config.issuer_files[0] = "ca.pem";
 *     config.crl_files[0] = "ca.crl";
 *     config.certificate_file = "hub.pem";
 *     config.key_file = "hub.key";
 *     config.key_password_credential = "hub-key";
 *     struct bas_tls_context *context = bas_tls_context_new(env, &config, &fault);
 *     if (context == NULL || bas_tls_judge(context, false, pem, NULL, &fault) != BAS_OK) {
 *         puts(fault.text);
 *     }
 *     struct bas_tls *accepted = bas_tls_new(context, BAS_TLS_SERVER, NULL, &out);
 *     struct bas_tls *calling = bas_tls_new(context, BAS_TLS_CLIENT, NULL, &other_out);
 *     bas_tls_context_unref(context);
 */
#ifndef BASALT_TLS_H
#define BASALT_TLS_H

#include "basalt/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    BAS_TLS_MAX_ISSUERS = 8,
    BAS_TLS_MAX_CRLS = 8,
    BAS_TLS_RECORD = 16384,
    BAS_TLS_RECORD_OVERHEAD = 22
};

enum bas_tls_role { BAS_TLS_CLIENT, BAS_TLS_SERVER };

/*
 * Where the material is. Files are PEM; an issuer file may hold several certificates (an empty one
 * is an unused slot), a CRL file several lists. certificate_file and key_file may be pkcs11: URIs;
 * only then are the token modules of the machine loaded. All texts are read at creation only.
 * keylog: append NSS key log lines to this file (default: none; the caller decides about
 * SSLKEYLOGFILE and says so loudly).
 *
 * Every list must be signed by one of the issuers. One that should have been replaced by now still
 * revokes, with a warning to env->log. An issuer without a list revokes nobody.
 *
 * The password of an encrypted key, or the PIN of a token, comes from one of the four: the text
 * itself (the caller wipes it), the first line of a file that only its owner may read, the
 * environment variable of that name, the systemd credential of that name. At most one may be set.
 * A PIN is tried once, and not at all when the token says that it would lock itself.
 */
struct bas_tls_config {
    size_t size; /* sizeof(struct bas_tls_config) */
    const char *issuer_files[BAS_TLS_MAX_ISSUERS];
    const char *certificate_file;
    const char *key_file;
    const char *keylog_file;
    const char *crl_files[BAS_TLS_MAX_CRLS];
    const char *key_password;
    const char *key_password_file;
    const char *key_password_variable;
    const char *key_password_credential;
};

/*
 * Loads and checks the material. NULL with fault filled (file, why, what to do) when something is
 * missing, unreadable, malformed, readable by others (a key), does not belong together, has
 * expired, was revoked, is not signed by one of our issuers, or is for no role of TLS. Clears
 * SSLKEYLOGFILE from the environment's effect on the library: only config->keylog_file writes keys.
 * Reference counted: every session holds one.
 */
struct bas_tls_context;
BAS_API struct bas_tls_context *bas_tls_context_new(const struct bas_env *env,
                                                    const struct bas_tls_config *config,
                                                    struct bas_fault *fault);
BAS_API void bas_tls_context_unref(struct bas_tls_context *context);

/* What a certificate says about itself. Texts are terminated and cut to fit; times are seconds
 * since 1970. */
struct bas_tls_identity {
    char subject[256]; /* RFC 4514: CN=...,O=... */
    char issuer[256];
    char serial[48]; /* hex */
    int64_t not_before;
    int64_t not_after;
    bool has_uuid; /* a subject alternative name urn:uuid:... */
    uint8_t uuid[16];
};
/* Our own certificate's. */
BAS_API void bas_tls_context_identity(const struct bas_tls_context *context,
                                      struct bas_tls_identity *identity);
/* The n-th issuer that we trust, from 0 on. False: there are not so many. */
BAS_API bool bas_tls_context_issuer(const struct bas_tls_context *context, size_t n,
                                    struct bas_tls_identity *issuer);
/*
 * Judges one certificate (PEM or DER) as a session would judge the peer's, by our issuers, CRLs and
 * clock; is_server: the peer is the server. identity (may be NULL) is filled as far as the
 * certificate can be read. BAS_ERR_CERTIFICATE with the failing rule, the subject, the dates, our
 * clock and what to do.
 */
BAS_API BAS_MUST_USE bas_err bas_tls_judge(const struct bas_tls_context *context, bool is_server,
                                           struct bas_slice certificate,
                                           struct bas_tls_identity *identity,
                                           struct bas_fault *fault);

/*
 * One session. out receives everything that must go to the peer, at any call below; it must have
 * room for BAS_TLS_RECORD + BAS_TLS_RECORD_OVERHEAD octets when one is made (one flight of a
 * handshake fits). It is borrowed for the session's life and may be moved with bas_tls_set_out.
 * host: the name to check and send as SNI, or NULL for none (client). A client starts by itself:
 * call bas_tls_read once with no input.
 */
struct bas_tls;
BAS_API struct bas_tls *bas_tls_new(struct bas_tls_context *context, enum bas_tls_role role,
                                    const char *host, struct bas_buf *out);
BAS_API void bas_tls_free(struct bas_tls *tls);
BAS_API void bas_tls_set_out(struct bas_tls *tls, struct bas_buf *out);

/*
 * Says that len cipher octets arrived. Borrows them until bas_tls_read has answered BAS_ERR_AGAIN
 * (or a final error): whole records are used in place, the tail of an unfinished one is kept in a
 * stash of its exact size. During the handshake at most 65,536 octets are accepted. BAS_ERR_STATE:
 * the input of the feed before is not used up.
 */
BAS_API bas_err bas_tls_feed(struct bas_tls *tls, const uint8_t *cipher, size_t len);

/*
 * Drives the handshake, then opens one record into plain (cap at least BAS_TLS_RECORD).
 * BAS_OK: *len > 0 octets; call again. BAS_ERR_AGAIN: nothing more until the next feed
 * (bas_tls_is_open says whether the handshake is done). BAS_ERR_CLOSED: the peer sent close_notify;
 * we may still seal. Any other: fatal, see bas_tls_fault; the alert that names the true reason
 * stands in out.
 */
BAS_API BAS_MUST_USE bas_err bas_tls_read(struct bas_tls *tls, uint8_t *plain, size_t cap,
                                          size_t *len);

/*
 * Seals plain (1 .. BAS_TLS_RECORD octets) as one record into out, or as several of
 * bas_tls_record_limit, each with BAS_TLS_RECORD_OVERHEAD octets more. BAS_ERR_NO_SPACE: out lacks
 * room (27 octets are asked for at least), nothing of plain is sealed; what stands in out, perhaps
 * the answer to a KeyUpdate, is to be sent first. BAS_ERR_STATE: the handshake is not done.
 * BAS_ERR_CLOSED: after bas_tls_close.
 */
BAS_API BAS_MUST_USE bas_err bas_tls_seal(struct bas_tls *tls, const uint8_t *plain, size_t len);
/* The most plain octets that one record to this peer takes: BAS_TLS_RECORD unless it asked for
 * less. */
BAS_API size_t bas_tls_record_limit(const struct bas_tls *tls);

/* Appends close_notify (once; 24 octets, nothing happens without room for them). Reading stays
 * possible. */
BAS_API void bas_tls_close(struct bas_tls *tls);

BAS_API bool bas_tls_is_open(const struct bas_tls *tls);
/* The reason of a fatal error: a plain sentence (peer subject, dates, our clock, what to do) and
 * the BACnet code of bacnet-sc.md 7.6. The alert sent or received is named in it. Borrowed for the
 * session's life. */
BAS_API const struct bas_fault *bas_tls_fault(const struct bas_tls *tls);
/* The peer's certificate, also one that was refused. False: none was shown yet. */
BAS_API bool bas_tls_peer(const struct bas_tls *tls, struct bas_tls_identity *identity);
/* Whether the peer of a session would be let in by another context too (after a reload). As
 * bas_tls_judge, with the session's host. A handshake that is not done is judged by that context
 * from now on; BAS_OK where no peer has shown itself yet. */
BAS_API BAS_MUST_USE bas_err bas_tls_recheck(struct bas_tls *tls, struct bas_tls_context *context,
                                             struct bas_fault *fault);
/* Octets held in the stash of an unfinished record. */
BAS_API size_t bas_tls_unfinished(const struct bas_tls *tls);

#ifdef __cplusplus
}
#endif

#endif
