/* The HTTP/1.1 upgrade of RFC 6455 section 4, both roles: one request, one response, no body. */
#ifndef BASALT_WS_HANDSHAKE_H
#define BASALT_WS_HANDSHAKE_H

#include "basalt/ws.h"
#include "crypto/crypto.h"
#include "wire/rd.h"

enum { WS_KEY = 16, WS_MAX_SUBPROTOCOL = 256 };

/*
 * Finds the end of a request or response head: reads until the empty line and no further, or until
 * an octet that may not stand in a head at all (control characters, CR or LF alone). *state is 0 at
 * the first octet and is kept between calls.
 */
enum ws_scan { WS_SCAN_MORE, WS_SCAN_DONE, WS_SCAN_BAD };
enum ws_scan bas_ws_head_scan(uint8_t *state, struct rd *in);

/* Why a server refuses an upgrade: member, HTTP status, phrase, BACnet error code, more header
 * lines, text (the body of the answer). */
#define WS_ASK_UPGRADE "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
#define WS_RETRY_AFTER "Retry-After: 10\r\n"
#define WS_REFUSALS(ROW)                                                                           \
    ROW(NONE, 101, "Switching Protocols", SUCCESS, "", "")                                         \
    ROW(SYNTAX, 400, "Bad Request", HTTP_ERROR, "", "the request is not well-formed HTTP")         \
    ROW(LENGTH, 431, "Request Header Fields Too Large", HTTP_ERROR, "",                            \
        "the request head is longer than 4096 octets")                                             \
    ROW(METHOD, 405, "Method Not Allowed", HTTP_ERROR, "Allow: GET\r\n", "the method is not GET")  \
    ROW(VERSION, 505, "HTTP Version Not Supported", HTTP_ERROR, "", "the request is not HTTP/1.1") \
    ROW(TARGET, 400, "Bad Request", HTTP_ERROR, "",                                                \
        "the request target is neither a path nor an http URI")                                    \
    ROW(TWICE, 400, "Bad Request", HTTP_ERROR, "",                                                 \
        "a header that may stand once only stands twice")                                          \
    ROW(BODY, 400, "Bad Request", HTTP_ERROR, "", "the request announces a body")                  \
    ROW(HOST, 400, "Bad Request", HTTP_ERROR, "", "the Host header is missing or empty")           \
    ROW(NO_UPGRADE, 426, "Upgrade Required", HTTP_NO_UPGRADE, WS_ASK_UPGRADE,                      \
        "this is a WebSocket service, but Upgrade: websocket with Connection: Upgrade is missing") \
    ROW(WS_VERSION, 426, "Upgrade Required", HTTP_WEBSOCKET_HEADER_ERROR, WS_ASK_UPGRADE,          \
        "Sec-WebSocket-Version is not 13")                                                         \
    ROW(KEY, 400, "Bad Request", HTTP_WEBSOCKET_HEADER_ERROR, "",                                  \
        "Sec-WebSocket-Key is not base64 of 16 octets")                                            \
    ROW(SUBPROTOCOL, 400, "Bad Request", HTTP_WEBSOCKET_HEADER_ERROR, "",                          \
        "Sec-WebSocket-Protocol offers no subprotocol of this server")                             \
    ROW(UNAVAILABLE, 503, "Service Unavailable", HTTP_TEMPORARY_UNAVAILABLE, WS_RETRY_AFTER,       \
        "the server does not accept connections now")                                              \
    ROW(MEMORY, 503, "Service Unavailable", HTTP_TEMPORARY_UNAVAILABLE, WS_RETRY_AFTER,            \
        "the server is out of memory for requests")

enum ws_refusal {
#define WS_MEMBER(name, status, phrase, code, headers, text) WS_REFUSE_##name,
    WS_REFUSALS(WS_MEMBER)
#undef WS_MEMBER
};

struct ws_refusal_row {
    uint16_t status;
    uint16_t error_code;
    const char *phrase;
    const char *headers;
    const char *text;
};
const struct ws_refusal_row *bas_ws_refusal(enum ws_refusal refusal);

/* What a server keeps of a request that it accepts. */
struct ws_accepted {
    const char *subprotocol;      /* one of those that were given */
    uint8_t digest[BAS_SHA1_LEN]; /* the accept value before base64 */
};

/* Judges a whole request head (as bas_ws_head_scan found it). subprotocols: BAS_WS_MAX_SUBPROTOCOLS
 * texts, NULL where there is none. */
enum ws_refusal bas_ws_request_read(struct bas_slice head, const char *const *subprotocols,
                                    struct ws_accepted *accepted);
void bas_ws_response_write(struct bas_buf *out, const struct ws_accepted *accepted);
void bas_ws_refusal_write(struct bas_buf *out, enum ws_refusal refusal);

/* What a client asks for. */
struct ws_request {
    const char *host;
    const char *path;
    const char *subprotocol;
    const uint8_t *key; /* WS_KEY random octets */
};
/* True when the texts may stand in a request. */
bool bas_ws_request_is_valid(const struct ws_request *request);
bool bas_ws_subprotocol_is_valid(const char *text);
void bas_ws_request_write(struct bas_buf *out, const struct ws_request *request);
/*
 * Judges a whole response head. *status is what the server answered as soon as that is known, else
 * 0. BAS_OK: the connection is open. Else fault says why (bacnet-sc.md 7.6).
 */
bas_err bas_ws_response_read(struct bas_slice head, const struct ws_request *request,
                             uint16_t *status, struct bas_fault *fault);
/* False: what begins so is no HTTP response, whatever follows. */
bool bas_ws_may_be_response(struct bas_slice begin);
/* Fills fault for octets that cannot be a response head; begin is what came so far, is_long: too
 * much. */
bas_err bas_ws_response_bad(struct bas_slice begin, bool is_long, struct bas_fault *fault);

#endif
