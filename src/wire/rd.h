/*
 * The one reader: everything that looks at received octets does it through here.
 *
 * The first error sticks, later reads give zero; so a parser is straight lines and one check of
 * rd.err at its end. All integers on these wires are big-endian.
 */
#ifndef BASALT_WIRE_RD_H
#define BASALT_WIRE_RD_H

#include "basalt/base.h"

struct rd {
    const uint8_t *at;
    const uint8_t *end;
    bas_err err; /* BAS_OK or BAS_ERR_TRUNCATED */
};

static inline struct rd rd_init(struct bas_slice octets)
{
    struct rd r = { octets.data, octets.data, BAS_OK };
    if (octets.len != 0) {
        r.end = octets.data + octets.len;
    }
    return r;
}

static inline size_t rd_left(const struct rd *r)
{
    return (size_t)(r->end - r->at);
}

/* The next n octets, or an empty slice and the sticky error. */
static inline struct bas_slice rd_take(struct rd *r, size_t n)
{
    struct bas_slice s = { NULL, 0 };
    if (r->err != BAS_OK || rd_left(r) < n) {
        r->err = BAS_ERR_TRUNCATED;
        r->at = r->end;
        return s;
    }
    s.data = r->at;
    s.len = n;
    if (n != 0) {
        r->at += n;
    }
    return s;
}

/* All that is left. */
static inline struct bas_slice rd_rest(struct rd *r)
{
    return rd_take(r, rd_left(r));
}

/* The next octet without taking it, or -1 at the end. */
static inline int rd_peek(const struct rd *r)
{
    return r->at < r->end ? *r->at : -1;
}

/* Takes the octet that rd_peek has just shown. */
static inline void rd_pass(struct rd *r)
{
    r->at++;
}

static inline uint8_t rd_u8(struct rd *r)
{
    struct bas_slice s = rd_take(r, 1);
    return s.len == 1 ? s.data[0] : 0;
}

/* n octets (1 .. 8) as one unsigned number. */
static inline uint64_t rd_uint(struct rd *r, size_t n)
{
    struct bas_slice s = rd_take(r, n);
    uint64_t v = 0;
    for (size_t i = 0; i < s.len; i++) {
        v = v << 8 | s.data[i];
    }
    return v;
}

/* bsc 1.1-02 11-01 */
static inline uint16_t rd_u16(struct rd *r)
{
    return (uint16_t)rd_uint(r, 2);
}

static inline uint32_t rd_u32(struct rd *r)
{
    struct bas_slice s = rd_take(r, 4);
    return s.len != 4 ? 0
                      : (uint32_t)s.data[0] << 24 | (uint32_t)s.data[1] << 16 |
                            (uint32_t)s.data[2] << 8 | s.data[3]; /* one load to a compiler */
}

/* Copies n octets out; zeros when they are not there. */
static inline void rd_copy(struct rd *r, uint8_t *out, size_t n)
{
    struct bas_slice s = rd_take(r, n);
    for (size_t i = 0; i < n; i++) {
        out[i] = i < s.len ? s.data[i] : 0;
    }
}

#endif
