/* Owns character sets: CharacterStrings as UTF-8 (20.2.9). */
#include "bacnet/value_text.h"
#include "wire/rd.h"

#include <string.h>

enum { REPLACEMENT = 0xFFFD };

static bool is_scalar(uint32_t code)
{
    return code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

static void add_code(struct bas_buf *out, uint32_t code)
{
    if (code < 0x80) {
        const uint8_t one = (uint8_t)code;
        bas_buf_add(out, &one, 1);
        return;
    }
    size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    uint8_t octets[4] = { (uint8_t)((0xF0U << (3 - more)) | code >> (6 * more)) };
    for (size_t i = 1; i <= more; i++) {
        octets[i] = (uint8_t)(0x80U | ((code >> (6 * (more - i))) & 0x3FU));
    }
    bas_buf_add(out, octets, more + 1);
}

/* One code point of UTF-8, or REPLACEMENT and *known false after one octet. */
static uint32_t take_utf8(struct rd *r, bool *known)
{
    static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
    uint8_t first = rd_u8(r);
    if (first < 0x80) {
        return first;
    }
    size_t more = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    if (first < 0xC0 || first > 0xF4 || rd_left(r) < more) {
        *known = false;
        return REPLACEMENT;
    }
    struct rd ahead = *r;
    uint32_t code = first & (0x3FU >> more);
    bool is_valid = true;
    for (size_t i = 0; i < more; i++) {
        uint8_t c = rd_u8(&ahead);
        is_valid = is_valid && (c & 0xC0) == 0x80;
        code = code << 6 | (c & 0x3FU);
    }
    if (!is_valid || code < least[more] || !is_scalar(code)) {
        *known = false;
        return REPLACEMENT;
    }
    *r = ahead;
    return code;
}

/* UCS-2; a pair of surrogates is joined, since many senders mean UTF-16. */
static uint32_t take_ucs2(struct rd *r, bool *known)
{
    uint32_t code = rd_u16(r);
    struct rd ahead = *r;
    if (code >= 0xD800 && code <= 0xDBFF && rd_left(r) >= 2) {
        uint32_t low = rd_u16(&ahead);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            *r = ahead;
            return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    if (r->err != BAS_OK || !is_scalar(code)) {
        *known = false;
        return REPLACEMENT;
    }
    return code;
}

static uint32_t take_ucs4(struct rd *r, bool *known)
{
    uint32_t code = rd_u32(r);
    if (r->err != BAS_OK || !is_scalar(code)) {
        *known = false;
        return REPLACEMENT;
    }
    return code;
}

bool bac_text_utf8(const struct bac_text *text, struct bas_buf *out)
{
    struct rd r = rd_init(text->octets);
    if (text->charset == BAC_CHARSET_DBCS) {
        bas_buf_format(out, "dbcs-%u:", (unsigned)rd_u16(&r));
    } else if (text->charset == BAC_CHARSET_JIS_X_0208) {
        bas_buf_add_text(out, "jis-x-0208:");
    } else if (text->charset > BAC_CHARSET_LATIN1) {
        bas_buf_format(out, "charset-%u:", (unsigned)text->charset);
    }
    bool known = true;
    while (rd_left(&r) > 0) {
        if (text->charset == BAC_CHARSET_UTF8) {
            add_code(out, take_utf8(&r, &known));
        } else if (text->charset == BAC_CHARSET_UCS2) {
            add_code(out, take_ucs2(&r, &known));
        } else if (text->charset == BAC_CHARSET_UCS4) {
            add_code(out, take_ucs4(&r, &known));
        } else if (text->charset == BAC_CHARSET_LATIN1) {
            add_code(out, rd_u8(&r));
        } else {
            bas_buf_add_hex(out, rd_rest(&r));
        }
    }
    return known;
}

/* One code point in a character set; false: the set does not have it. */
static bool add_in_set(struct bas_buf *out, uint8_t charset, uint32_t code)
{
    const uint8_t octets[] = { (uint8_t)(code >> 24), (uint8_t)(code >> 16), (uint8_t)(code >> 8),
                               (uint8_t)code };
    if (charset == BAC_CHARSET_UTF8) {
        add_code(out, code);
    } else if (charset == BAC_CHARSET_UCS4) {
        bas_buf_add(out, octets, 4);
    } else if (charset == BAC_CHARSET_LATIN1) {
        bas_buf_add(out, octets + 3, 1);
        return code <= 0xFF;
    } else if (charset != BAC_CHARSET_UCS2) {
        return false;
    } else if (code <= 0xFFFF) {
        bas_buf_add(out, octets + 2, 2);
    } else {
        uint32_t high = 0xD800 + ((code - 0x10000) >> 10);
        uint32_t low = 0xDC00 + ((code - 0x10000) & 0x3FF);
        const uint8_t pair[] = { (uint8_t)(high >> 8), (uint8_t)high, (uint8_t)(low >> 8),
                                 (uint8_t)low };
        bas_buf_add(out, pair, sizeof(pair));
    }
    return true;
}

bool bac_charset_from_utf8(uint8_t charset, struct bas_slice utf8, struct bas_buf *out)
{
    struct rd r = rd_init(utf8);
    bool known = true;
    while (known && rd_left(&r) > 0) {
        uint32_t code = take_utf8(&r, &known);
        known = known && add_in_set(out, charset, code);
    }
    return known;
}

struct bac_text bac_text_from(const char *utf8)
{
    return (struct bac_text){ BAC_CHARSET_UTF8, { (const uint8_t *)utf8, strlen(utf8) } };
}
