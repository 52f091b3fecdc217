/*
 * The WebSocket engine (RFC 6455), both roles, binary messages only, sans I/O.
 *
 * Plain octets go in (what TLS gave), whole messages come out as windows into the block that they
 * arrived in; messages go out through bas_ws_write straight into the record buffer. The engine
 * holds memory only for a message that is not whole yet, charged to a shared budget.
 */
#ifndef BASALT_WS_H
#define BASALT_WS_H

#include "basalt/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum bas_ws_role { BAS_WS_CLIENT, BAS_WS_SERVER };

/* Close codes of RFC 6455 section 7.4.1 that we name. 1005 and 1006 are never sent. */
enum bas_ws_close {
    BAS_WS_CLOSE_NORMAL = 1000,
    BAS_WS_CLOSE_GOING_AWAY = 1001,
    BAS_WS_CLOSE_PROTOCOL_ERROR = 1002,
    BAS_WS_CLOSE_UNSUPPORTED_DATA = 1003,
    BAS_WS_CLOSE_NO_STATUS = 1005,
    BAS_WS_CLOSE_ABNORMAL = 1006,
    BAS_WS_CLOSE_INVALID_PAYLOAD = 1007,
    BAS_WS_CLOSE_POLICY = 1008,
    BAS_WS_CLOSE_TOO_BIG = 1009,
    BAS_WS_CLOSE_INTERNAL = 1011
};

enum {
    BAS_WS_MAX_SUBPROTOCOLS = 4,
    BAS_WS_MAX_UPGRADE = 4096, /* largest HTTP request or response head */
    BAS_WS_MAX_HEADER = 14,    /* largest frame header */
    BAS_WS_MAX_CONTROL = 2048  /* most octets that bas_ws_control appends in one call */
};

/*
 * Copied at creation, texts included by reference: they must outlive the engine.
 * Client: host ("name" or "name:port", as the Host header says), path ("/" when NULL) and exactly
 * one subprotocol. Server: the subprotocols that are accepted, matched to the letter; the first of
 * the client's list that is here wins.
 */
struct bas_ws_config {
    size_t size; /* sizeof(struct bas_ws_config) */
    enum bas_ws_role role;
    const char *host;
    const char *path;
    const char *subprotocols[BAS_WS_MAX_SUBPROTOCOLS]; /* NULL ends the list early */
    size_t max_message;            /* default 65535, at most 2^31 - 1; a longer message is skipped,
                                      see too_long */
    struct bas_budget *unfinished; /* bounds the memory of incomplete messages and heads; over it an
                                      engine closes with 1008 (a server that is not open: answers
                                      503). NULL: max_message per engine alone */
};

/*
 * Gives an engine, or NULL when memory is out or the config is wrong. A client has its request
 * ready at once (bas_ws_control).
 */
struct bas_ws;
BAS_API struct bas_ws *bas_ws_new(const struct bas_env *env, const struct bas_ws_config *config);
BAS_API void bas_ws_free(struct bas_ws *ws);

/*
 * Says that block->data[offset .. offset + len) arrived. The octets are unmasked in place, so the
 * block must have been written by its owner for this purpose alone. Borrows the block until
 * bas_ws_next has said false; then everything that is not whole has been copied and the block may
 * go, except for windows that somebody kept with a reference.
 *
 * Call bas_ws_next until it says false after every feed. BAS_ERR_STATE: the events of the feed
 * before are not drained. BAS_ERR_CLOSED: closed already; the octets are ignored. now is unused for
 * framing and stands for symmetry of the contract.
 */
BAS_API bas_err bas_ws_feed(struct bas_ws *ws, struct bas_frame *block, size_t offset, size_t len,
                            bas_time now);

enum bas_ws_event_kind {
    BAS_WS_EVENT_OPEN,     /* upgrade done; subprotocol says which */
    BAS_WS_EVENT_MESSAGE,  /* one whole binary message in window; len 0 is a message too */
    BAS_WS_EVENT_TOO_LONG, /* a message over max_message is being skipped; told once, as soon as a
                              header shows it; too_long is its length (at least); stays open */
    BAS_WS_EVENT_PONG,  /* the peer answered our ping; a pong that nobody asked for is no event */
    BAS_WS_EVENT_CLOSED /* over: send what bas_ws_control gives, then close the transport */
};

struct bas_ws_event {
    enum bas_ws_event_kind kind;
    const char *subprotocol; /* OPEN: one of the config's texts */
    struct bas_window
        window; /* MESSAGE: frame is borrowed until the next call of bas_ws_next or bas_ws_feed */
    uint64_t too_long;
    uint16_t close_code;    /* CLOSED: what the peer sent (or 1005), or what we send; 1006 where no
                               close frame was seen */
    bool by_peer;           /* CLOSED: the peer began */
    struct bas_fault fault; /* CLOSED: why, error class and code as in bacnet-sc.md 7.6; err is
                               BAS_OK only where we began and the peer answered (or nothing was
                               open). A close by the peer, also with 1000, is BAS_ERR_CLOSED: the
                               layer above knows whether it was expected */
    uint16_t http_status;   /* CLOSED before OPEN, client: what the server answered, else 0 */
};

/* The next thing that happened. False: nothing more until the next feed. To be asked after
 * bas_ws_eof and bas_ws_close too. Nothing comes after CLOSED. */
BAS_API bool bas_ws_next(struct bas_ws *ws, struct bas_ws_event *event);

/* True when bas_ws_control has something to append: the upgrade request or response, a pong, a
 * close frame. */
BAS_API bool bas_ws_has_control(const struct bas_ws *ws);
/* Appends it. Needs at most BAS_WS_MAX_CONTROL octets of room; what does not fit stays for the next
 * call. */
BAS_API void bas_ws_control(struct bas_ws *ws, struct bas_buf *out);

/* Octets that a message of len octets takes on the wire. */
BAS_API size_t bas_ws_frame_len(const struct bas_ws *ws, size_t len);
/*
 * Appends one binary message made of head and rest (either may be empty): header, one copy, masked
 * when we are the client. An upgrade response that bas_ws_control has not given yet goes in front.
 * BAS_ERR_NO_SPACE: does not fit, nothing written. BAS_ERR_STATE: not open, or closing.
 */
BAS_API BAS_MUST_USE bas_err bas_ws_write(struct bas_ws *ws, struct bas_buf *out,
                                          struct bas_slice head, struct bas_slice rest);

/* Server, before OPEN: whether a good request is answered with HTTP 503 and Retry-After instead.
 * What was said last counts when the request is whole. */
BAS_API void bas_ws_set_unavailable(struct bas_ws *ws, bool is_unavailable);
/* Starts the closing handshake (once): a close frame with code follows by bas_ws_control. Before
 * OPEN a server answers HTTP 503 instead and a client says nothing; CLOSED follows at once. code:
 * one that may be sent (1000-1003, 1007-1014, 3000-4999), or 1005 for an empty close frame. reason:
 * UTF-8, cut at 123 octets, may be NULL. */
BAS_API void bas_ws_close(struct bas_ws *ws, uint16_t code, const char *reason);
/* Queues a ping (the newest wins). */
BAS_API void bas_ws_ping(struct bas_ws *ws);
/* The transport ended. Yields CLOSED (1006) if the closing handshake is not complete. */
BAS_API void bas_ws_eof(struct bas_ws *ws);

/* True between OPEN and the first close frame in either direction. */
BAS_API bool bas_ws_is_open(const struct bas_ws *ws);
/* True when a frame or a message has begun to arrive and is not whole, whether memory is held for
 * it or not: half a header, empty fragments, a message that is being skipped. */
BAS_API bool bas_ws_is_midway(const struct bas_ws *ws);
/* Memory held for an unfinished message or head now, in octets, bookkeeping included; this is what
 * the budget is charged. */
BAS_API size_t bas_ws_unfinished(const struct bas_ws *ws);

#ifdef __cplusplus
}
#endif

#endif
