/* Tags and primitive contents (clause 20.2): what the table-driven codec is built on. */
#ifndef BASALT_BACNET_TAG_H
#define BASALT_BACNET_TAG_H

#include "basalt/bacnet_value.h"
#include "wire/rd.h"
#include "wire/wr.h"

#include <string.h>

enum bac_head_kind {
    BAC_HEAD_APPLICATION,
    BAC_HEAD_CONTEXT,
    BAC_HEAD_OPENING,
    BAC_HEAD_CLOSING,
    BAC_HEAD_END /* no octets left */
};

/* How deep constructed values may stand in each other, on the wire and in rows. */
enum { BAC_MAX_DEPTH = 16 };

/* The tag in front of a value. len: octets of content; of an application-tagged BOOLEAN its value
 * (no content follows). */
struct bac_head {
    enum bac_head_kind kind;
    uint8_t number;
    uint32_t len;
};

/* BAS_ERR_TRUNCATED, or BAS_ERR_MALFORMED for a tag that cannot be. Does not look at the content.
 */
bas_err bac_head_read(struct rd *r, struct bac_head *head);

/* As bac_head_read, for the tags that nearly all are: a number below 15 and a length below 5.
 * False: it is another one, and nothing was taken. Small enough to stand in the caller. */
static inline bool bac_head_quick(struct rd *r, struct bac_head *head)
{
    int peeked = rd_peek(r);
    uint32_t first = (uint32_t)peeked;
    uint32_t value = first & 7U;
    bool is_context = (first & 8U) != 0;
    bool is_usual = is_context ? value != 5 : value < 5 && first >> 4 != BAC_TAG_BOOLEAN;
    if (r->err != BAS_OK || (peeked >= 0 && (!is_usual || first >> 4 == 15))) {
        return false;
    }
    if (peeked < 0) {
        *head = (struct bac_head){ BAC_HEAD_END, 0, 0 };
        return true;
    }
    rd_pass(r);
    head->kind = !is_context ? BAC_HEAD_APPLICATION
                 : value < 6 ? BAC_HEAD_CONTEXT
                 : value < 7 ? BAC_HEAD_OPENING
                             : BAC_HEAD_CLOSING;
    head->number = (uint8_t)(first >> 4);
    head->len = value < 6 ? value : 0;
    return true;
}

static inline bas_err bac_head_next(struct rd *r, struct bac_head *head)
{
    return bac_head_quick(r, head) ? BAS_OK : bac_head_read(r, head);
}

enum { BAC_MAX_HEAD = 7 };
/* Writes a tag, returns its length. */
size_t bac_head_write(const struct bac_head *head, uint8_t out[BAC_MAX_HEAD]);
void bac_head_add(struct bas_buf *out, enum bac_head_kind kind, uint8_t number, uint32_t len);

/* Octets of content that follow a head (an application-tagged BOOLEAN has none). */
size_t bac_head_content(const struct bac_head *head);

/*
 * Takes the content of a primitive kind and stores it as the C type of that kind.
 * BAS_ERR_TRUNCATED; BAS_ERR_MALFORMED: no such length or form; BAS_ERR_TOO_LONG: a number that the
 * C type cannot hold.
 */
bas_err bac_content_read(struct rd *r, enum bac_kind kind, const struct bac_head *head, void *out);

/* As bac_content_read, for what most parameters are. False: it is something else, or it is wrong.
 */
static inline bool bac_content_quick(struct rd *r, enum bac_kind kind, const struct bac_head *head,
                                     void *out)
{
    if (rd_left(r) < head->len || head->len > 4) {
        return false;
    }
    if (kind == BAC_KIND_ENUMERATED || kind == BAC_KIND_UNSIGNED) {
        uint32_t number = head->len == 1 ? rd_u8(r) : (uint32_t)rd_uint(r, head->len);
        if (kind == BAC_KIND_ENUMERATED) {
            *(uint32_t *)out = number;
        } else {
            *(uint64_t *)out = number;
        }
        return head->len != 0;
    }
    if (head->len != 4 || (kind != BAC_KIND_OBJECT_ID && kind != BAC_KIND_REAL)) {
        return false;
    }
    uint32_t bits = rd_u32(r);
    if (kind == BAC_KIND_REAL) {
        memcpy(out, &bits, sizeof(bits));
    } else {
        *(struct bac_object_id *)out =
            (struct bac_object_id){ (uint16_t)(bits >> 22), bits & BAC_MAX_INSTANCE };
    }
    return true;
}

/* Steps over primitives up to a closing tag and takes that too. False: something else is among
 * them. raw is what stands before the closing tag. */
static inline bool bac_any_quick(struct rd *r, int tag, struct bas_slice *raw)
{
    const uint8_t *start = r->at;
    for (;;) {
        const uint8_t *at = r->at;
        struct bac_head head;
        if (!bac_head_quick(r, &head) || head.kind == BAC_HEAD_OPENING ||
            head.kind == BAC_HEAD_END || rd_left(r) < head.len) {
            return false;
        }
        if (head.kind == BAC_HEAD_CLOSING) {
            raw->data = start;
            raw->len = (size_t)(at - start);
            return head.number == tag;
        }
        (void)rd_take(r, head.len);
    }
}

/* Content to write: small[0 .. n), then rest, then tail when has_tail. */
struct bac_content {
    uint8_t small[8];
    size_t n;
    struct bas_slice rest;
    bool has_tail;
    uint8_t tail;
};
/* BAS_ERR_INVALID when value cannot be encoded. */
bas_err bac_content_make(enum bac_kind kind, const void *value, struct bac_content *content);

/* Appends a primitive with its tag. tag: context tag number or BAC_APPLICATION. */
bas_err bac_primitive_add(struct bas_buf *out, enum bac_kind kind, const void *value, int tag);

/* Whether all that is left are a few primitives; false: it is more, or it is wrong. */
static inline bool bac_are_primitives(struct rd *r)
{
    for (;;) {
        struct bac_head head;
        if (!bac_head_quick(r, &head) || head.kind == BAC_HEAD_OPENING ||
            head.kind == BAC_HEAD_CLOSING || rd_left(r) < head.len) {
            return false;
        }
        if (head.kind == BAC_HEAD_END) {
            return true;
        }
        (void)rd_take(r, head.len);
    }
}

/* Raw octets beyond this are checked and copied by calls. */
enum { BAC_MAX_QUICK = 64 };
/* Octets that bac_primitive_quick may touch. */
enum { BAC_QUICK_ROOM = 2 + 8 };

/* As bac_primitive_add, for what most parameters are, into BAC_QUICK_ROOM octets. Gives how many of
 * them are used; 0: it is something else, or it is wrong. */
static inline uint32_t bac_primitive_quick(uint8_t *at, enum bac_kind kind, const void *value,
                                           int tag)
{
    uint64_t number = 0;
    uint32_t n = 4;
    if (kind == BAC_KIND_ENUMERATED || kind == BAC_KIND_UNSIGNED) {
        number = kind == BAC_KIND_UNSIGNED ? *(const uint64_t *)value : *(const uint32_t *)value;
        n = 8U - (uint32_t)__builtin_clzll(number | 1U) / 8U;
    } else if (kind == BAC_KIND_OBJECT_ID) {
        const struct bac_object_id *id = value;
        number = (uint32_t)id->type << 22 | id->instance;
        n = id->type > 1023 || id->instance > BAC_MAX_INSTANCE ? 0 : 4;
    } else if (kind == BAC_KIND_REAL) {
        uint32_t bits = 0;
        memcpy(&bits, value, sizeof(bits));
        number = bits;
    } else {
        return 0;
    }
    if (n == 0 || tag >= 15) {
        return 0;
    }
    uint32_t first = tag == BAC_APPLICATION ? (uint32_t)kind << 4 : (uint32_t)tag << 4 | 8U;
    at[0] = (uint8_t)(first | (n < 5 ? n : 5));
    at[1] = (uint8_t)n;
    wr_big_endian(at + 1 + (n >= 5), number << (64 - 8 * n));
    return 1U + (n >= 5) + n;
}

/* Appends an opening or a closing tag. */
static inline void bac_edge_add(struct bas_buf *out, enum bac_head_kind kind, int tag)
{
    uint8_t *at = tag < 15 ? wr_room(out, 1) : NULL;
    if (at == NULL) {
        bac_head_add(out, kind, (uint8_t)tag, 0);
        return;
    }
    at[0] = (uint8_t)((uint32_t)tag << 4 | (kind == BAC_HEAD_OPENING ? 0x0EU : 0x0FU));
    wr_take(out, 1);
}

/* The application tag of a primitive kind is its number (enum bac_kind and enum bac_tag agree). */
static inline bool bac_kind_is_primitive(enum bac_kind kind)
{
    return kind <= BAC_KIND_OBJECT_ID;
}

/* Steps over whole values until the end of r or a closing tag without its opening one, and leaves
 * that tag in place. */
bas_err bac_skip_values(struct rd *r);

#endif
