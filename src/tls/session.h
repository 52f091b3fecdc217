/* The inside of a session, for the two files that own it: session.c and handshake.c. */
#ifndef BASALT_TLS_SESSION_H
#define BASALT_TLS_SESSION_H

#include "tls/context.h"

enum bas_tls_state { BAS_TLS_HANDSHAKE, BAS_TLS_OPEN, BAS_TLS_PEER_CLOSED, BAS_TLS_DEAD };

struct bas_tls {
    struct bas_tls_context *context;
    struct bas_tls_context *judge; /* whose trust counts since a reload amid the handshake */
    gnutls_session_t session;
    enum bas_tls_role role;
    enum bas_tls_state state;
    bool started; /* a client that has not sent its hello works without input */
    bool closed;  /* close_notify is sent */
    bool no_room; /* something did not fit into out */
    struct bas_buf *out;
    struct bas_slice in;     /* borrowed, not used yet */
    struct bas_slice record; /* the whole record that the library reads now */
    uint8_t *stash;          /* the beginning of a record, or one that came in pieces */
    size_t stash_len;
    uint32_t quiet; /* octets since the last application data */
    uint16_t record_limit;
    uint8_t alert;                    /* the one that says why it is dead */
    struct bas_tls_identity *refused; /* a peer that the library never saw, or NULL */
    struct bas_fault fault;
    char host[]; /* empty: none */
};

/* Kills the session with a fault that names the peer and our clock. The alert is not sent yet. */
void bas_tls_condemn(struct bas_tls *tls, const struct bas_tls_refusal *refusal);

/* The certificate that the peer showed, to be freed. False: none that can be read, as yet. */
bool bas_tls_peer_certificate(const struct bas_tls *tls, gnutls_x509_crt_t *certificate);

/* Puts our eyes on the handshake: messages, the peer's certificate, the keys. */
void bas_tls_handshake_watch(struct bas_tls *tls);

#endif
