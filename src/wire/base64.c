/* Owns base64 in both directions (RFC 4648 section 4). */
#include "wire/base64.h"

#include "wire/rd.h"
#include "wire/wr.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void bas_base64_encode(struct bas_buf *out, struct bas_slice octets)
{
    struct rd r = rd_init(octets);
    while (rd_left(&r) > 0) {
        size_t n = rd_left(&r) < 3 ? rd_left(&r) : 3;
        uint32_t group = (uint32_t)(rd_uint(&r, n) << (8 * (3 - n)));
        char text[4] = { '=', '=', '=', '=' };
        for (size_t i = 0; i <= n; i++) {
            text[i] = alphabet[group >> (18 - 6 * i) & 63];
        }
        bas_buf_add(out, text, sizeof(text));
    }
}

/* The six bits of a character, or -1. */
static int sextet(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Reads four characters as n octets in the upper bits of *group. 0: malformed. */
static size_t read_group(struct rd *r, uint32_t *group)
{
    size_t n = 0;
    *group = 0;
    for (; n < 4 && rd_peek(r) != '='; n++) {
        int bits = sextet(rd_u8(r));
        if (bits < 0) {
            return 0;
        }
        *group |= (uint32_t)bits << (18 - 6 * n);
    }
    for (size_t i = n; i < 4; i++) {
        if (rd_u8(r) != '=') {
            return 0;
        }
    }
    if (n < 2 || (n < 4 && rd_left(r) != 0)) {
        return 0;
    }
    uint32_t behind = UINT32_C(0xFFFFFF) >> (8 * (n - 1));
    return (*group & behind) != 0 ? 0 : n - 1;
}

bas_err bas_base64_decode(struct bas_slice text, uint8_t *out, size_t *len)
{
    if (text.len % 4 != 0) {
        return BAS_ERR_MALFORMED;
    }
    struct rd r = rd_init(text);
    struct bas_buf buf;
    bas_buf_init(&buf, out, *len);
    while (rd_left(&r) > 0) {
        uint32_t group = 0;
        size_t n = read_group(&r, &group);
        if (n == 0) {
            return BAS_ERR_MALFORMED;
        }
        wr_uint(&buf, group >> (8 * (3 - n)), n);
    }
    if (buf.full) {
        return BAS_ERR_TOO_LONG;
    }
    *len = buf.len;
    return BAS_OK;
}
