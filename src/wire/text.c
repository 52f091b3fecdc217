/* Owns what a peer's text looks like to people: nothing in it moves a cursor or ends a line. */
#include "basalt/base.h"

#include "wire/rd.h"

void bas_text_copy(char *out, size_t cap, struct bas_slice text)
{
    size_t len = text.len < cap ? text.len : cap - 1;
    struct rd r = rd_init(text);
    uint8_t before = 0;
    for (size_t i = 0; i < len; i++) {
        uint8_t c = rd_u8(&r);
        bool is_c1 = before == 0xC2 && c >= 0x80 && c < 0xA0;
        out[i] = c < 0x20 || c == 0x7F || is_c1 ? '?' : (char)c;
        if (is_c1) { /* U+0080 .. U+009F: terminals obey some of them */
            out[i - 1] = '?';
        }
        before = c;
    }
    int behind = rd_peek(&r);
    while (len > 0 && behind >= 0x80 && behind < 0xC0) { /* inside a UTF-8 character */
        behind = (uint8_t)out[--len];
    }
    out[len] = 0;
}
