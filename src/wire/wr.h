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

static inline void wr_slice(struct bas_buf *buf, struct bas_slice s)
{
    bas_buf_add(buf, s.data, s.len);
}

#endif
