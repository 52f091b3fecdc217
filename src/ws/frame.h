/* Frame headers of RFC 6455 section 5.2, masking, and what may stand in a close frame. */
#ifndef BASALT_WS_FRAME_H
#define BASALT_WS_FRAME_H

#include "basalt/ws.h"
#include "wire/rd.h"

enum { WS_MAX_CONTROL_PAYLOAD = 125, WS_MAX_REASON = 123, WS_MASK = 4 };

enum ws_opcode {
    WS_OP_CONTINUATION = 0,
    WS_OP_TEXT = 1,
    WS_OP_BINARY = 2,
    WS_OP_CLOSE = 8,
    WS_OP_PING = 9,
    WS_OP_PONG = 10
};

/*
 * Why we fail a connection: member, close code that is sent, BACnet error code, err, text (also
 * sent as the reason, so at most 123 octets).
 */
#define WS_PROBLEMS(ROW)                                                                           \
    ROW(NONE, 1000, OTHER, OK, "")                                                                 \
    ROW(RESERVED_BITS, 1002, WEBSOCKET_PROTOCOL_ERROR, ERR_PROTOCOL,                               \
        "reserved bits of a frame are set, but no extension was agreed")                           \
    ROW(DATA_OPCODE, 1002, WEBSOCKET_PROTOCOL_ERROR, ERR_PROTOCOL,                                 \
        "a data frame has an unknown opcode")                                                      \
    ROW(CONTROL_OPCODE, 1002, WEBSOCKET_UNKNOWN_CONTROL_MESSAGE, ERR_PROTOCOL,                     \
        "a control frame has an unknown opcode")                                                   \
    ROW(NOT_MASKED, 1002, WEBSOCKET_PROTOCOL_ERROR, ERR_PROTOCOL,                                  \
        "a frame of the client is not masked")                                                     \
    ROW(MASKED, 1002, WEBSOCKET_PROTOCOL_ERROR, ERR_PROTOCOL, "a frame of the server is masked")   \
    ROW(CONTROL_FRAGMENT, 1002, WEBSOCKET_PROTOCOL_ERROR, ERR_PROTOCOL,                            \
        "a control frame is fragmented")                                                           \
    ROW(CONTROL_LENGTH, 1002, WEBSOCKET_PROTOCOL_ERROR, ERR_PROTOCOL,                              \
        "a control frame is longer than 125 octets")                                               \
    ROW(LENGTH_FORM, 1002, WEBSOCKET_PROTOCOL_ERROR, ERR_PROTOCOL,                                 \
        "a frame length is not written in its shortest form")                                      \
    ROW(LENGTH_SIGN, 1002, WEBSOCKET_PROTOCOL_ERROR, ERR_PROTOCOL,                                 \
        "a frame length has its highest bit set")                                                  \
    ROW(CONTINUATION, 1002, WEBSOCKET_PROTOCOL_ERROR, ERR_PROTOCOL,                                \
        "a continuation frame has no message to continue")                                         \
    ROW(INTERLEAVED, 1002, WEBSOCKET_PROTOCOL_ERROR, ERR_PROTOCOL,                                 \
        "a message begins before the one before it has ended")                                     \
    ROW(TEXT, 1003, WEBSOCKET_DATA_NOT_ACCEPTED, ERR_UNSUPPORTED,                                  \
        "a text message came; only binary messages are accepted")                                  \
    ROW(CLOSE_LENGTH, 1002, WEBSOCKET_PROTOCOL_ERROR, ERR_PROTOCOL,                                \
        "a close frame has half a close code")                                                     \
    ROW(CLOSE_CODE, 1002, WEBSOCKET_PROTOCOL_ERROR, ERR_PROTOCOL,                                  \
        "a close frame has a close code that must not be sent")                                    \
    ROW(CLOSE_REASON, 1007, WEBSOCKET_DATA_INCONSISTENT, ERR_MALFORMED,                            \
        "the reason in a close frame is not UTF-8")                                                \
    ROW(BUDGET, 1008, WEBSOCKET_DATA_AGAINST_POLICY, ERR_NO_SPACE,                                 \
        "the memory limit for unfinished messages is reached")                                     \
    ROW(MEMORY, 1011, WEBSOCKET_REQUEST_UNAVAILABLE, ERR_NO_MEMORY,                                \
        "out of memory for an unfinished message")

/* bsc 7.6-03 7.6-05 */
enum ws_problem {
#define WS_MEMBER(name, close, code, err, text) WS_##name,
    WS_PROBLEMS(WS_MEMBER)
#undef WS_MEMBER
};

struct ws_problem_row {
    uint16_t close_code;
    uint16_t error_code;
    bas_err err;
    const char *text;
};
const struct ws_problem_row *bas_ws_problem(enum ws_problem problem);

struct ws_frame {
    uint64_t len; /* below 2^63 */
    uint8_t mask[WS_MASK];
    uint8_t opcode;
    bool fin;
};

static inline bool ws_is_control(uint8_t opcode)
{
    return opcode >= WS_OP_CLOSE;
}

/*
 * Reads one frame header. WS_NONE with r->err set: more octets are needed, read again from the
 * first. A frame on its way to the server must be masked, one to the client must not.
 */
enum ws_problem bas_ws_frame_read(struct rd *r, bool to_server, struct ws_frame *frame);

/* Octets of the extended length field that len needs. */
static inline size_t ws_length_len(size_t len)
{
    return len < 126 ? 0 : len <= UINT16_MAX ? 2 : 8;
}

/* Octets of the header in front of a payload of len octets. */
static inline size_t ws_header_len(bool to_server, size_t len)
{
    return 2 + ws_length_len(len) + (to_server ? (size_t)WS_MASK : 0);
}

/* Writes a header of a single (FIN) frame, ws_header_len octets. mask is NULL on its way to the
 * client. */
void bas_ws_header_write(uint8_t *at, enum ws_opcode opcode, size_t len, const uint8_t *mask);

/* Masks or unmasks len octets in place and turns mask, so that the next octets can follow. */
void bas_ws_mask(uint8_t *octets, size_t len, uint8_t mask[WS_MASK]);

/* True when a close code may stand in a close frame (RFC 6455 section 7.4, IANA up to 1014). */
bool bas_ws_close_code_is_sendable(uint16_t code);
bool bas_ws_is_utf8(struct bas_slice text);

#endif
