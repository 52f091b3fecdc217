/* Owns reading hex text. */
#include "basalt/base.h"

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_separator(char c)
{
    return c == ' ' || c == ':' || c == '\t' || c == '\n' || c == '\r';
}

bas_err bas_hex_decode(const char *text, uint8_t *out, size_t *len)
{
    size_t cap = *len;
    size_t n = 0;
    for (const char *p = text; *p != 0;) {
        if (is_separator(*p)) {
            p++;
            continue;
        }
        int high = digit(p[0]);
        int low = high < 0 ? -1 : digit(p[1]);
        if (low < 0) {
            return BAS_ERR_MALFORMED;
        }
        if (n == cap) {
            return BAS_ERR_TOO_LONG;
        }
        out[n++] = (uint8_t)(high << 4 | low);
        p += 2;
    }
    *len = n;
    return BAS_OK;
}
