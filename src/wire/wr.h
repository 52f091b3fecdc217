/* The one writer: big-endian numbers into a bounded buffer. What does not fit sets buf->full. */
#ifndef BASALT_WIRE_WR_H
#define BASALT_WIRE_WR_H

#include "basalt/base.h"

/* The low n octets (1 .. 8) of v. */
static inline void wr_uint(struct bas_buf *buf, uint64_t v, size_t n)
{
    uint8_t octets[8] = { 0 };
    for (size_t i = 0; i < n; i++) {
        octets[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
    }
    bas_buf_add(buf, octets, n);
}

static inline void wr_u8(struct bas_buf *buf, uint8_t v)
{
    wr_uint(buf, v, 1);
}

/* bsc 1.1-02 11-01 */
static inline void wr_u16(struct bas_buf *buf, uint16_t v)
{
    wr_uint(buf, v, 2);
}

static inline void wr_u32(struct bas_buf *buf, uint32_t v)
{
    wr_uint(buf, v, 4);
}

/* Room for n octets that the caller fills from the front, or NULL, and nothing is said yet: it goes
 * by the functions above then. wr_take keeps as many of them as are good. */
static inline uint8_t *wr_room(const struct bas_buf *buf, size_t n)
{
    return buf->full || buf->cap - buf->len < n ? NULL : buf->data + buf->len;
}

/* The 8 octets of v. One by one: that is one store to a compiler. */
static inline void wr_big_endian(uint8_t *at, uint64_t v)
{
    at[0] = (uint8_t)(v >> 56);
    at[1] = (uint8_t)(v >> 48);
    at[2] = (uint8_t)(v >> 40);
    at[3] = (uint8_t)(v >> 32);
    at[4] = (uint8_t)(v >> 24);
    at[5] = (uint8_t)(v >> 16);
    at[6] = (uint8_t)(v >> 8);
    at[7] = (uint8_t)v;
}

static inline void wr_take(struct bas_buf *buf, size_t n)
{
    buf->len += n;
}

static inline void wr_slice(struct bas_buf *buf, struct bas_slice s)
{
    bas_buf_add(buf, s.data, s.len);
}

#endif
