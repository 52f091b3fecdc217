/* Owns values of characters (types 4, 16, 24, 28, 231, 234): ASCII, ISO 8859-1 and UTF-8. */
#include "knx/dpt/dpt.h"

#include "wire/rd.h"
#include "wire/wr.h"

enum { NO_CODE = -1 };

static bool is_variable(const struct knx_dpt *dpt)
{
    return dpt->size == KNX_DPT_ANY_LENGTH;
}

/* The octets before the first 0. */
static struct bas_slice content_of(struct bas_slice octets)
{
    struct rd r = rd_init(octets);
    struct bas_slice content = { octets.data, 0 };
    while (rd_left(&r) > 0 && rd_u8(&r) != 0) {
        content.len++;
    }
    return content;
}

/* The next code point of UTF-8, or NO_CODE. */
static int32_t take_utf8(struct rd *r)
{
    static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
    uint8_t first = rd_u8(r);
    if (first < 0x80) {
        return first;
    }
    size_t more = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    uint32_t code = first & (0x3FU >> more);
    bool is_valid = first >= 0xC2 && first <= 0xF4 && rd_left(r) >= more;
    for (size_t i = 0; is_valid && i < more; i++) {
        uint8_t next = rd_u8(r);
        is_valid = (next & 0xC0) == 0x80;
        code = code << 6 | (next & 0x3FU);
    }
    bool is_scalar = code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
    return is_valid && is_scalar && code >= least[more] ? (int32_t)code : NO_CODE;
}

static void put_utf8(struct bas_buf *out, int32_t code)
{
    uint32_t c = (uint32_t)code;
    if (c < 0x80) {
        wr_u8(out, (uint8_t)c);
        return;
    }
    unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    wr_u8(out, (uint8_t)(0xF0U << (3 - more) | c >> (6 * more)));
    while (more-- > 0) {
        wr_u8(out, (uint8_t)(0x80U | (c >> (6 * more) & 0x3F)));
    }
}

/* Octets to people */

static int32_t take_code(const struct knx_dpt *dpt, struct rd *r)
{
    return dpt->coding == KNX_CODING_UTF8 ? take_utf8(r) : rd_u8(r);
}

bas_err knx_string_check(const struct knx_dpt_at *at, struct bas_slice octets)
{
    struct bas_slice content = content_of(octets);
    if (is_variable(at->dpt) && content.len + 1 != octets.len) {
        return knx_dpt_refuse(at, "its only 0 must be its last octet; it has %zu octets, %s",
                              octets.len, content.len == octets.len ? "none is 0" : "more are 0");
    }
    struct rd r = rd_init(content);
    while (rd_left(&r) > 0) {
        size_t place = content.len - rd_left(&r);
        int32_t code = take_code(at->dpt, &r);
        if (code == NO_CODE) {
            return knx_dpt_refuse(at, "octet %zu is not UTF-8", place);
        }
        if (at->dpt->coding == KNX_CODING_ASCII && code > 0x7F) {
            return knx_dpt_refuse(at, "octet %zu is %02X, which is not ASCII", place,
                                  (unsigned)code);
        }
    }
    return BAS_OK;
}

void knx_string_utf8(const struct knx_dpt *dpt, struct bas_slice octets, bool is_escaped,
                     struct bas_buf *out)
{
    struct rd r = rd_init(content_of(octets));
    while (rd_left(&r) > 0) {
        int32_t code = take_code(dpt, &r);
        bool is_control = code < 0x20 || (code >= 0x7F && code < 0xA0);
        if (is_escaped && is_control) {
            bas_buf_format(out, "\\x%02X", (unsigned)code);
        } else if (is_escaped && code == '\\') {
            bas_buf_add_text(out, "\\\\");
        } else {
            put_utf8(out, code);
        }
    }
}

/* From people */

static int digit_of(int c)
{
    int lower = c | 0x20;
    return c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* What follows a backslash: another one, or xHH. */
static int32_t take_escape(struct rd *r)
{
    if (rd_peek(r) == '\\') {
        return rd_u8(r);
    }
    if (rd_left(r) < 3 || rd_u8(r) != 'x') {
        return NO_CODE;
    }
    int high = digit_of(rd_u8(r));
    int low = digit_of(rd_u8(r));
    return high < 0 || low < 0 ? NO_CODE : high << 4 | low;
}

static int32_t largest_code(const struct knx_dpt *dpt)
{
    return dpt->coding == KNX_CODING_ASCII  ? 0x7F
           : dpt->coding == KNX_CODING_UTF8 ? 0x10FFFF
                                            : 0xFF;
}

/* Writes the characters without their end. */
static bas_err put_text(const struct knx_dpt_at *at, struct knx_word text, struct bas_buf *out)
{
    struct rd r = rd_init((struct bas_slice){ (const uint8_t *)text.at, text.len });
    while (rd_left(&r) > 0) {
        int32_t code = take_utf8(&r);
        bool is_escape = code == '\\';
        code = is_escape ? take_escape(&r) : code;
        if (code == NO_CODE && is_escape) {
            return knx_dpt_refuse(at, "a backslash is written \\\\, any other character \\xHH");
        }
        if (code == NO_CODE || code == 0) {
            return knx_dpt_refuse(at, code == 0 ? "a character 0 would end it" : "it is not UTF-8");
        }
        if (code > largest_code(at->dpt)) {
            return knx_dpt_refuse(at, "U+%04X is not in %s", (unsigned)code,
                                  at->dpt->coding == KNX_CODING_ASCII ? "ASCII" : "ISO 8859-1");
        }
        if (at->dpt->coding == KNX_CODING_UTF8) {
            put_utf8(out, code);
        } else {
            wr_u8(out, (uint8_t)code);
        }
    }
    return BAS_OK;
}

bas_err knx_string_parse(const struct knx_dpt_at *at, struct knx_word text, struct bas_buf *out)
{
    uint8_t memory[KNX_DPT_MAX_SIZE];
    size_t most = is_variable(at->dpt) ? KNX_DPT_MAX_SIZE - 1 : at->dpt->size;
    struct bas_buf content;
    bas_buf_init(&content, memory, most);
    bas_err err = put_text(at, text, &content);
    if (err != BAS_OK) {
        return err;
    }
    if (content.full) {
        return knx_dpt_refuse(at, "it is longer than %zu octets", most);
    }
    bas_buf_add(out, content.data, content.len);
    size_t zeros = is_variable(at->dpt) ? 1 : at->dpt->size - content.len;
    for (size_t i = 0; i < zeros; i++) {
        wr_u8(out, 0);
    }
    return BAS_OK;
}
