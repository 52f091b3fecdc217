/* Owns tags and the contents of primitive values (clause 20.2). */
#include "bacnet/tag.h"

#include <assert.h>
#include <string.h>

_Static_assert((int)BAC_KIND_OBJECT_ID == (int)BAC_TAG_OBJECT_IDENTIFIER, "kinds are tags");
_Static_assert((int)BAC_KIND_REAL == (int)BAC_TAG_REAL, "kinds are tags");

enum { CLASS_CONTEXT = 0x08, EXTENDED_NUMBER = 15, OPENING = 6, CLOSING = 7, EXTENDED_LENGTH = 5 };

/* The length behind a length/value/type of 5 (20.2.1.3.1). */
static uint32_t read_length(struct rd *r)
{
    uint8_t first = rd_u8(r);
    return first == 255 ? rd_u32(r) : first == 254 ? rd_u16(r) : first;
}

bas_err bac_head_read(struct rd *r, struct bac_head *head)
{
    if (rd_left(r) == 0) {
        *head = (struct bac_head){ BAC_HEAD_END, 0, 0 };
        return r->err;
    }
    uint8_t first = rd_u8(r);
    uint32_t value = first & 7U;
    head->number = first >> 4;
    if (head->number == EXTENDED_NUMBER) {
        head->number = rd_u8(r);
        if (r->err == BAS_OK && head->number == 255) {
            return BAS_ERR_MALFORMED;
        }
    }
    head->len = value;
    if ((first & CLASS_CONTEXT) != 0) {
        head->kind = value == OPENING   ? BAC_HEAD_OPENING
                     : value == CLOSING ? BAC_HEAD_CLOSING
                                        : BAC_HEAD_CONTEXT;
    } else {
        head->kind = BAC_HEAD_APPLICATION;
        if (head->number == BAC_TAG_BOOLEAN) {
            return value <= 1 ? r->err : BAS_ERR_MALFORMED;
        }
        if (value > EXTENDED_LENGTH) {
            return BAS_ERR_MALFORMED;
        }
    }
    if (value == EXTENDED_LENGTH) {
        head->len = read_length(r);
    }
    return r->err;
}

size_t bac_head_write(const struct bac_head *head, uint8_t out[BAC_MAX_HEAD])
{
    assert(head->kind != BAC_HEAD_END && head->number != 255);
    uint32_t value = head->kind == BAC_HEAD_OPENING   ? OPENING
                     : head->kind == BAC_HEAD_CLOSING ? CLOSING
                     : head->len < EXTENDED_LENGTH    ? head->len
                                                      : EXTENDED_LENGTH;
    uint32_t first = value | (head->kind == BAC_HEAD_APPLICATION ? 0U : CLASS_CONTEXT);
    size_t n = 1;
    if (head->number < EXTENDED_NUMBER) {
        out[0] = (uint8_t)(first | (uint32_t)head->number << 4);
    } else {
        out[0] = (uint8_t)(first | (uint32_t)EXTENDED_NUMBER << 4);
        out[n++] = head->number;
    }
    if (value != EXTENDED_LENGTH) {
        return n;
    }
    size_t octets = head->len < 254 ? 1 : head->len <= UINT16_MAX ? 2 : 4;
    if (octets > 1) {
        out[n++] = octets == 2 ? 254 : 255;
    }
    while (octets-- > 0) {
        out[n++] = (uint8_t)(head->len >> (8 * octets));
    }
    return n;
}

void bac_head_add(struct bas_buf *out, enum bac_head_kind kind, uint8_t number, uint32_t len)
{
    uint8_t octets[BAC_MAX_HEAD];
    const struct bac_head head = { kind, number, len };
    bas_buf_add(out, octets, bac_head_write(&head, octets));
}

size_t bac_head_content(const struct bac_head *head)
{
    bool is_boolean = head->kind == BAC_HEAD_APPLICATION && head->number == BAC_TAG_BOOLEAN;
    bool is_primitive = head->kind == BAC_HEAD_APPLICATION || head->kind == BAC_HEAD_CONTEXT;
    return is_primitive && !is_boolean ? head->len : 0;
}

/* Reading contents */

/* An unsigned number of any length; leading zeros beyond what is needed are tolerated. */
static bas_err read_unsigned(struct rd *r, size_t len, uint64_t *out)
{
    if (len == 0) {
        return BAS_ERR_MALFORMED;
    }
    for (; len > sizeof(*out); len--) {
        if (rd_u8(r) != 0) {
            return BAS_ERR_TOO_LONG;
        }
        if (r->err != BAS_OK) {
            return r->err;
        }
    }
    *out = rd_uint(r, len);
    return r->err;
}

static bas_err read_enumerated(struct rd *r, size_t len, uint32_t *out)
{
    uint64_t number = 0;
    bas_err err = read_unsigned(r, len, &number);
    if (err == BAS_OK && number > UINT32_MAX) {
        return BAS_ERR_TOO_LONG;
    }
    *out = (uint32_t)number;
    return err;
}

/* Two's complement; sign octets beyond what is needed are tolerated. */
static bas_err read_signed(struct rd *r, size_t len, int64_t *out)
{
    int first = rd_peek(r);
    if (len == 0) {
        return BAS_ERR_MALFORMED;
    }
    uint8_t sign = first >= 0x80 ? 0xFF : 0;
    for (; len > sizeof(*out); len--) {
        if (rd_u8(r) != sign) {
            return BAS_ERR_TOO_LONG;
        }
        if (r->err != BAS_OK) {
            return r->err;
        }
        int next = rd_peek(r);
        if (len == sizeof(*out) + 1 && (next >= 0x80) != (sign != 0)) {
            return BAS_ERR_TOO_LONG;
        }
    }
    uint64_t bits = rd_uint(r, len);
    if (sign != 0 && len < sizeof(bits)) {
        bits |= UINT64_MAX << (8 * len);
    }
    memcpy(out, &bits, sizeof(bits));
    return r->err;
}

static bas_err read_text(struct rd *r, size_t len, struct bac_text *out)
{
    if (len == 0) {
        return BAS_ERR_MALFORMED;
    }
    struct rd inner = rd_init(rd_take(r, len));
    out->charset = rd_u8(&inner);
    out->octets = rd_rest(&inner);
    if (r->err != BAS_OK) {
        return r->err;
    }
    if (out->charset > BAC_CHARSET_LATIN1) {
        return BAS_ERR_TOO_LONG;
    }
    return out->charset == BAC_CHARSET_DBCS && out->octets.len < 2 ? BAS_ERR_MALFORMED : BAS_OK;
}

static bas_err read_bits(struct rd *r, size_t len, struct bac_bits *out)
{
    if (len == 0) {
        return BAS_ERR_MALFORMED;
    }
    struct rd inner = rd_init(rd_take(r, len));
    size_t unused = rd_u8(&inner);
    out->octets = rd_rest(&inner);
    if (r->err != BAS_OK) {
        return r->err;
    }
    if (unused > 7 || unused > 8 * out->octets.len) {
        return BAS_ERR_MALFORMED;
    }
    out->count = 8 * out->octets.len - unused;
    return BAS_OK;
}

static bas_err read_boolean(struct rd *r, const struct bac_head *head, bool *out)
{
    uint32_t value = head->len;
    if (head->kind != BAC_HEAD_APPLICATION) {
        if (head->len != 1) {
            return BAS_ERR_MALFORMED;
        }
        value = rd_u8(r);
    }
    *out = value == 1;
    return r->err != BAS_OK ? r->err : value <= 1 ? BAS_OK : BAS_ERR_TOO_LONG;
}

/* REAL, DOUBLE, Date, Time, object identifier: contents of a fixed length. */
static bas_err read_fixed(struct rd *r, enum bac_kind kind, size_t len, void *out)
{
    size_t want = kind == BAC_KIND_DOUBLE ? 8 : 4;
    if (len != want) {
        return BAS_ERR_MALFORMED;
    }
    uint64_t bits = rd_uint(r, len);
    uint32_t low = (uint32_t)bits;
    if (kind == BAC_KIND_DOUBLE) {
        memcpy(out, &bits, sizeof(bits));
    } else if (kind == BAC_KIND_REAL) {
        memcpy(out, &low, sizeof(low));
    } else if (kind == BAC_KIND_OBJECT_ID) {
        *(struct bac_object_id *)out =
            (struct bac_object_id){ (uint16_t)(low >> 22), low & BAC_MAX_INSTANCE };
    } else {
        const uint8_t octets[4] = { (uint8_t)(low >> 24), (uint8_t)(low >> 16), (uint8_t)(low >> 8),
                                    (uint8_t)low };
        memcpy(out, octets, sizeof(octets)); /* both structs are four octets in wire order */
    }
    return r->err;
}

_Static_assert(sizeof(struct bac_date) == 4 && sizeof(struct bac_time) == 4, "wire order");

bas_err bac_content_read(struct rd *r, enum bac_kind kind, const struct bac_head *head, void *out)
{
    switch (kind) {
    case BAC_KIND_NULL:
        return head->len == 0 ? BAS_OK : BAS_ERR_MALFORMED;
    case BAC_KIND_BOOLEAN:
        return read_boolean(r, head, out);
    case BAC_KIND_UNSIGNED:
        return read_unsigned(r, head->len, out);
    case BAC_KIND_INTEGER:
        return read_signed(r, head->len, out);
    case BAC_KIND_OCTET_STRING:
        *(struct bas_slice *)out = rd_take(r, head->len);
        return r->err;
    case BAC_KIND_CHARACTER_STRING:
        return read_text(r, head->len, out);
    case BAC_KIND_BIT_STRING:
        return read_bits(r, head->len, out);
    case BAC_KIND_ENUMERATED:
        return read_enumerated(r, head->len, out);
    case BAC_KIND_REAL:
    case BAC_KIND_DOUBLE:
    case BAC_KIND_DATE:
    case BAC_KIND_TIME:
    case BAC_KIND_OBJECT_ID:
        return read_fixed(r, kind, head->len, out);
    case BAC_KIND_SEQUENCE:
    case BAC_KIND_CHOICE:
    case BAC_KIND_LIST:
    case BAC_KIND_ANY:
    case BAC_KIND_VALUE:
        break;
    }
    return BAS_ERR_INTERNAL;
}

/* Writing contents */

static void put(struct bac_content *c, uint64_t value, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        c->small[i] = (uint8_t)(value >> (8 * (n - 1 - i)));
    }
    c->n = n;
}

static void put_unsigned(struct bac_content *c, uint64_t value)
{
    size_t n = 1;
    while (n < sizeof(value) && value >> (8 * n) != 0) {
        n++;
    }
    put(c, value, n);
}

static void put_signed(struct bac_content *c, int64_t value)
{
    uint64_t bits = (uint64_t)value;
    uint64_t magnitude = value < 0 ? ~bits : bits; /* significant bits, less the sign */
    size_t n = 1;
    while (n < sizeof(bits) && magnitude >> (8 * n - 1) != 0) {
        n++;
    }
    put(c, bits, n);
}

static bas_err put_text(struct bac_content *c, const struct bac_text *text)
{
    bool has_no_page = text->charset == BAC_CHARSET_DBCS && text->octets.len < 2;
    if (text->charset > BAC_CHARSET_LATIN1 || has_no_page) {
        return BAS_ERR_INVALID;
    }
    put(c, text->charset, 1);
    c->rest = text->octets;
    return BAS_OK;
}

static bas_err put_bits(struct bac_content *c, const struct bac_bits *bits)
{
    size_t n = bits->count / 8 + (bits->count % 8 != 0);
    if (bits->octets.len < n) {
        return BAS_ERR_INVALID;
    }
    size_t unused = 8 * n - bits->count;
    put(c, unused, 1);
    if (n == 0) {
        return BAS_OK;
    }
    c->rest = (struct bas_slice){ bits->octets.data, n - 1 };
    c->has_tail = true;
    c->tail = (uint8_t)(bits->octets.data[n - 1] & (0xFFU << unused));
    return BAS_OK;
}

static bas_err put_object_id(struct bac_content *c, const struct bac_object_id *id)
{
    if (id->type > 1023 || id->instance > BAC_MAX_INSTANCE) {
        return BAS_ERR_INVALID;
    }
    put(c, (uint32_t)id->type << 22 | id->instance, 4);
    return BAS_OK;
}

static void put_real(struct bac_content *c, const float *value)
{
    uint32_t bits = 0;
    memcpy(&bits, value, sizeof(bits));
    put(c, bits, sizeof(bits));
}

static void put_double(struct bac_content *c, const double *value)
{
    uint64_t bits = 0;
    memcpy(&bits, value, sizeof(bits));
    put(c, bits, sizeof(bits));
}

bas_err bac_content_make(enum bac_kind kind, const void *value, struct bac_content *content)
{
    content->n = 0;
    content->rest = (struct bas_slice){ NULL, 0 };
    content->has_tail = false;
    switch (kind) {
    case BAC_KIND_NULL:
        break;
    case BAC_KIND_BOOLEAN:
        put(content, *(const bool *)value, 1);
        break;
    case BAC_KIND_UNSIGNED:
        put_unsigned(content, *(const uint64_t *)value);
        break;
    case BAC_KIND_ENUMERATED:
        put_unsigned(content, *(const uint32_t *)value);
        break;
    case BAC_KIND_INTEGER:
        put_signed(content, *(const int64_t *)value);
        break;
    case BAC_KIND_REAL:
        put_real(content, value);
        break;
    case BAC_KIND_DOUBLE:
        put_double(content, value);
        break;
    case BAC_KIND_OCTET_STRING:
        content->rest = *(const struct bas_slice *)value;
        break;
    case BAC_KIND_CHARACTER_STRING:
        return put_text(content, value);
    case BAC_KIND_BIT_STRING:
        return put_bits(content, value);
    case BAC_KIND_DATE:
    case BAC_KIND_TIME:
        memcpy(content->small, value, 4);
        content->n = 4;
        break;
    case BAC_KIND_OBJECT_ID:
        return put_object_id(content, value);
    case BAC_KIND_SEQUENCE:
    case BAC_KIND_CHOICE:
    case BAC_KIND_LIST:
    case BAC_KIND_ANY:
    case BAC_KIND_VALUE:
        return BAS_ERR_INTERNAL;
    }
    return BAS_OK;
}

bas_err bac_primitive_add(struct bas_buf *out, enum bac_kind kind, const void *value, int tag)
{
    struct bac_content c;
    bas_err err = bac_content_make(kind, value, &c);
    if (err != BAS_OK) {
        return err;
    }
    size_t len = c.n + c.rest.len + c.has_tail;
    if (len > UINT32_MAX) {
        return BAS_ERR_INVALID;
    }
    struct bac_head head = { BAC_HEAD_CONTEXT, (uint8_t)tag, (uint32_t)len };
    if (tag == BAC_APPLICATION) {
        head.kind = BAC_HEAD_APPLICATION;
        head.number = (uint8_t)kind;
        if (kind == BAC_KIND_BOOLEAN) {
            head.len = c.small[0];
            c.n = 0;
        }
    }
    uint8_t octets[BAC_MAX_HEAD + sizeof(c.small)];
    size_t n = bac_head_write(&head, octets);
    memcpy(octets + n, c.small, sizeof(c.small));
    bas_buf_add(out, octets, n + c.n);
    if (c.rest.len != 0) {
        bas_buf_add(out, c.rest.data, c.rest.len);
    }
    if (c.has_tail) {
        bas_buf_add(out, &c.tail, 1);
    }
    return BAS_OK;
}

static bas_err skip_nested(struct rd *r)
{
    uint8_t open[BAC_MAX_DEPTH] = { 0 };
    size_t depth = 0;
    for (;;) {
        struct bac_head head = { BAC_HEAD_END, 0, 0 };
        struct rd before = *r;
        bas_err err = bac_head_read(r, &head);
        if (err != BAS_OK) {
            return err;
        }
        if (head.kind == BAC_HEAD_END) {
            return depth == 0 ? BAS_OK : BAS_ERR_TRUNCATED;
        }
        if (head.kind == BAC_HEAD_CLOSING) {
            if (depth == 0) {
                *r = before;
                return BAS_OK;
            }
            if (open[--depth] != head.number) {
                return BAS_ERR_MALFORMED;
            }
        } else if (head.kind == BAC_HEAD_OPENING) {
            if (depth == BAC_MAX_DEPTH) {
                return BAS_ERR_TOO_LONG;
            }
            open[depth++] = head.number;
        } else {
            (void)rd_take(r, bac_head_content(&head));
        }
        if (r->err != BAS_OK) {
            return r->err;
        }
    }
}

/* Most are a few primitives: they need no memory of what is open. */
bas_err bac_skip_values(struct rd *r)
{
    for (;;) {
        const struct rd before = *r;
        struct bac_head head = { BAC_HEAD_END, 0, 0 };
        bas_err err = bac_head_next(r, &head);
        if (err != BAS_OK || head.kind == BAC_HEAD_END) {
            return err;
        }
        if (head.kind == BAC_HEAD_OPENING || head.kind == BAC_HEAD_CLOSING) {
            *r = before;
            return head.kind == BAC_HEAD_CLOSING ? BAS_OK : skip_nested(r);
        }
        (void)rd_take(r, bac_head_content(&head));
        if (r->err != BAS_OK) {
            return r->err;
        }
    }
}
