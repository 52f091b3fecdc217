/* Owns bounded buffers: octets, text and hex appended to somebody's memory, never beyond it. */
#include "basalt/base.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void bas_buf_init(struct bas_buf *buf, void *memory, size_t cap)
{
    *buf = (struct bas_buf){ memory, cap, 0, false };
}

void bas_buf_add(struct bas_buf *buf, const void *octets, size_t len)
{
    if (buf->full || len > buf->cap - buf->len) {
        buf->full = true;
        return;
    }
    if (len != 0) {
        memcpy(buf->data + buf->len, octets, len);
        buf->len += len;
    }
}

void bas_buf_add_text(struct bas_buf *buf, const char *text)
{
    bas_buf_add(buf, text, strlen(text));
}

void bas_buf_add_hex(struct bas_buf *buf, struct bas_slice octets)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < octets.len; i++) {
        char pair[2] = { digits[octets.data[i] >> 4], digits[octets.data[i] & 15] };
        bas_buf_add(buf, pair, 2);
    }
}

void bas_buf_format(struct bas_buf *buf, const char *format, ...)
{
    if (buf->full) {
        return;
    }
    size_t room = buf->cap - buf->len;
    va_list args;
    va_start(args, format);
    int n = vsnprintf((char *)buf->data + buf->len, room, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= room) {
        buf->full = true;
        return;
    }
    buf->len += (size_t)n;
}

const char *bas_buf_text(struct bas_buf *buf)
{
    assert(buf->cap > 0);
    size_t end = buf->len < buf->cap ? buf->len : buf->cap - 1;
    buf->data[end] = 0;
    return (const char *)buf->data;
}
