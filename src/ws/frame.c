/* Owns the octets of a WebSocket frame: header, mask, close code and reason (RFC 6455 sections 5
 * and 7.4). */
#include "ws/frame.h"

#include <string.h>

enum {
    FIN = 0x80,
    RESERVED = 0x70,
    OPCODE = 0x0F,
    MASKED = 0x80,
    LENGTH = 0x7F,
    LENGTH_16 = 126, /* the length follows in 2 octets */
    LENGTH_64 = 127  /* the length follows in 8 octets */
};

const struct ws_problem_row *bas_ws_problem(enum ws_problem problem)
{
    static const struct ws_problem_row rows[] = {
#define WS_ROW(name, close, code, err, text)                                                       \
    [WS_##name] = { close, BAC_ERROR_CODE_##code, BAS_##err, text },
        WS_PROBLEMS(WS_ROW)
#undef WS_ROW
    };
    return &rows[problem];
}

static enum ws_problem check_start(uint8_t first, uint8_t second, bool to_server)
{
    uint8_t opcode = first & OPCODE;
    if ((first & RESERVED) != 0) {
        return WS_RESERVED_BITS;
    }
    if (opcode > WS_OP_BINARY && opcode < WS_OP_CLOSE) {
        return WS_DATA_OPCODE;
    }
    if (opcode > WS_OP_PONG) {
        return WS_CONTROL_OPCODE;
    }
    if (((second & MASKED) != 0) != to_server) {
        return to_server ? WS_NOT_MASKED : WS_MASKED;
    }
    if (ws_is_control(opcode) && (first & FIN) == 0) {
        return WS_CONTROL_FRAGMENT;
    }
    return ws_is_control(opcode) && (second & LENGTH) >= LENGTH_16 ? WS_CONTROL_LENGTH : WS_NONE;
}

static enum ws_problem read_length(struct rd *r, uint8_t second, uint64_t *len)
{
    *len = second & LENGTH;
    if (*len < LENGTH_16) {
        return WS_NONE;
    }
    bool is_short = *len == LENGTH_16;
    *len = rd_uint(r, is_short ? 2 : 8);
    if (r->err != BAS_OK) {
        return WS_NONE;
    }
    if (*len > INT64_MAX) {
        return WS_LENGTH_SIGN;
    }
    return *len < (is_short ? LENGTH_16 : 0x10000) ? WS_LENGTH_FORM : WS_NONE;
}

/* bsc 7.3-06 */
enum ws_problem bas_ws_frame_read(struct rd *r, bool to_server, struct ws_frame *frame)
{
    uint16_t start = rd_u16(r);
    uint8_t first = (uint8_t)(start >> 8);
    uint8_t second = (uint8_t)start;
    if (r->err != BAS_OK) {
        return WS_NONE;
    }
    enum ws_problem problem = check_start(first, second, to_server);
    if (problem == WS_NONE) {
        problem = read_length(r, second, &frame->len);
    }
    if (problem != WS_NONE) {
        return problem;
    }
    if (to_server) {
        struct bas_slice mask = rd_take(r, WS_MASK);
        if (mask.len == WS_MASK) {
            memcpy(frame->mask, mask.data, WS_MASK);
        }
    }
    frame->opcode = first & OPCODE;
    frame->fin = (first & FIN) != 0;
    return WS_NONE;
}

void bas_ws_header_write(uint8_t *at, enum ws_opcode opcode, size_t len, const uint8_t *mask)
{
    size_t more = ws_length_len(len);
    size_t field = more == 0 ? len : more == 2 ? LENGTH_16 : LENGTH_64;
    at[0] = (uint8_t)(FIN | (unsigned)opcode);
    at[1] = (uint8_t)((mask != NULL ? MASKED : 0) | field);
    for (size_t i = 0; i < more; i++) {
        at[2 + i] = (uint8_t)((uint64_t)len >> (8 * (more - 1 - i)));
    }
    if (mask != NULL) {
        memcpy(at + 2 + more, mask, WS_MASK);
    }
}

/* Whole words first. The compiler turns each memcpy into one load or store. bsc 7.3-06 */
void bas_ws_mask(uint8_t *octets, size_t len, uint8_t mask[WS_MASK])
{
    uint32_t narrow = 0;
    memcpy(&narrow, mask, sizeof(narrow));
    uint64_t wide = (uint64_t)narrow << 32 | narrow;
    uint8_t *at = octets;
    for (const uint8_t *end = octets + len / sizeof(wide) * sizeof(wide); at != end;
         at += sizeof(wide)) {
        uint64_t word = 0;
        memcpy(&word, at, sizeof(word));
        word ^= wide;
        memcpy(at, &word, sizeof(word));
    }
    if ((len & sizeof(narrow)) != 0) {
        uint32_t word = 0;
        memcpy(&word, at, sizeof(word));
        word ^= narrow;
        memcpy(at, &word, sizeof(word));
        at += sizeof(word);
    }
    size_t left = len % WS_MASK;
    if (left == 0) {
        return;
    }
    uint8_t turned[WS_MASK];
    for (size_t i = 0; i < WS_MASK; i++) {
        turned[i] = mask[(i + left) % WS_MASK];
    }
    for (size_t i = 0; i < left; i++) {
        at[i] ^= mask[i];
    }
    memcpy(mask, turned, WS_MASK);
}

/* bsc 11-40 */
bool bas_ws_close_code_is_sendable(uint16_t code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

/* One character: the count of octets that continue it and the smallest number that needs them. */
static bool utf8_character(struct rd *r)
{
    static const struct {
        uint8_t from;
        uint8_t to;
        uint8_t more;
        uint32_t least;
    } rows[] = {
        { 0x00, 0x7F, 0, 0 },
        { 0xC2, 0xDF, 1, 0x80 },
        { 0xE0, 0xEF, 2, 0x800 },
        { 0xF0, 0xF4, 3, 0x10000 },
    };
    uint8_t first = rd_u8(r);
    size_t row = 0;
    while (row < BAS_ARRAY_LEN(rows) && (first < rows[row].from || first > rows[row].to)) {
        row++;
    }
    if (row == BAS_ARRAY_LEN(rows)) {
        return false;
    }
    uint32_t number = rows[row].more == 0 ? first : first & (0x3FU >> rows[row].more);
    for (size_t i = 0; i < rows[row].more; i++) {
        uint8_t next = rd_u8(r);
        if ((next & 0xC0) != 0x80) {
            return false; /* also at the end, where rd gives 0 */
        }
        number = number << 6 | (next & 0x3FU);
    }
    bool is_surrogate = number >= 0xD800 && number <= 0xDFFF;
    return number >= rows[row].least && number <= 0x10FFFF && !is_surrogate;
}

bool bas_ws_is_utf8(struct bas_slice text)
{
    struct rd r = rd_init(text);
    while (rd_left(&r) > 0) {
        if (!utf8_character(&r)) {
            return false;
        }
    }
    return true;
}
