/* Owns writing C structs as the rows of their types say (clause 20.2). Strict: what a receiver
 * could refuse is refused here. */
#include "bacnet/schema.h"
#include "bacnet/tag.h"

#include <assert.h>
#include <string.h>

/* The number that a range speaks of: a value, or how long something is. */
static uint64_t measure(enum bac_kind kind, const void *value)
{
    switch (kind) {
    case BAC_KIND_UNSIGNED:
        return *(const uint64_t *)value;
    case BAC_KIND_ENUMERATED:
        return *(const uint32_t *)value;
    case BAC_KIND_OCTET_STRING:
        return ((const struct bas_slice *)value)->len;
    case BAC_KIND_CHARACTER_STRING:
        return ((const struct bac_text *)value)->octets.len;
    case BAC_KIND_BIT_STRING:
        return ((const struct bac_bits *)value)->count;
    case BAC_KIND_LIST:
        return ((const struct bac_list *)value)->n;
    case BAC_KIND_NULL:
    case BAC_KIND_BOOLEAN:
    case BAC_KIND_INTEGER:
    case BAC_KIND_REAL:
    case BAC_KIND_DOUBLE:
    case BAC_KIND_DATE:
    case BAC_KIND_TIME:
    case BAC_KIND_OBJECT_ID:
    case BAC_KIND_SEQUENCE:
    case BAC_KIND_CHOICE:
    case BAC_KIND_ANY:
    case BAC_KIND_VALUE:
        break;
    }
    return 0;
}

bool bac_in_range(const struct bac_type *type, const void *value)
{
    if (type->max == 0 && type->min == 0) {
        return true;
    }
    uint64_t n = measure(type->kind, value);
    return n >= type->min && (type->max == 0 || n <= type->max);
}

static bas_err encode(const struct bac_type *type, const void *value, int tag, struct bas_buf *out);

/* Octets that stand for themselves, between their tags; 0: not that simple. */
static inline size_t add_any_quick(const struct bas_buf *out, const struct bas_slice *raw, int tag)
{
    uint8_t *at =
        raw->len <= BAC_MAX_QUICK && tag < 15 && tag >= 0 ? wr_room(out, raw->len + 2) : NULL;
    struct rd r = rd_init(*raw);
    if (at == NULL || !bac_are_primitives(&r)) {
        return 0;
    }
    at[0] = (uint8_t)((uint32_t)tag << 4 | 0x0EU);
    if (raw->len != 0) {
        memcpy(at + 1, raw->data, raw->len);
    }
    at[1 + raw->len] = (uint8_t)((uint32_t)tag << 4 | 0x0FU);
    return raw->len + 2;
}

/* Writes the fields from f on as long as they are simple, and gives the first that is not. */
static const struct bac_field *encode_simple(const struct bac_type *type, const struct bac_field *f,
                                             const void *value, struct bas_buf *out)
{
    const struct bac_field *end = type->fields + type->n_fields;
    for (; f != end; f++) {
        if (!bac_is_present(value, f)) {
            continue;
        }
        const void *member = bac_member(value, f);
        size_t n = 0;
        if (f->type->kind == BAC_KIND_ANY) {
            n = add_any_quick(out, member, f->tag);
        } else if (bac_is_within(f->type, member)) {
            uint8_t *at = wr_room(out, BAC_QUICK_ROOM);
            n = at == NULL ? 0 : bac_primitive_quick(at, f->type->kind, member, f->tag);
        }
        if (n == 0) {
            break;
        }
        wr_take(out, n);
    }
    return f;
}

static bas_err encode_sequence(const struct bac_type *type, const void *value, struct bas_buf *out)
{
    const struct bac_field *end = type->fields + type->n_fields;
    const struct bac_field *f = encode_simple(type, type->fields, value, out);
    while (f != end) {
        bas_err err = encode(f->type, bac_member(value, f), f->tag, out);
        if (err != BAS_OK) {
            return err;
        }
        f = encode_simple(type, f + 1, value, out);
    }
    return BAS_OK;
}

static bas_err encode_list(const struct bac_type *type, const struct bac_list *list,
                           struct bas_buf *out)
{
    assert(list->items != NULL || list->n == 0);
    const uint8_t *item = list->items;
    for (size_t i = 0; i < list->n; i++) {
        bas_err err = encode(type->element, item, BAC_APPLICATION, out);
        if (err != BAS_OK) {
            return err;
        }
        item += type->element->size;
    }
    return BAS_OK;
}

static bas_err encode_any(const struct bas_slice *raw, struct bas_buf *out)
{
    struct rd r = rd_init(*raw);
    if (bac_skip_values(&r) != BAS_OK || rd_left(&r) != 0) {
        return BAS_ERR_INVALID;
    }
    wr_slice(out, *raw);
    return BAS_OK;
}

static bas_err encode_value(const struct bac_value *value, struct bas_buf *out)
{
    if (value->tag == BAC_TAG_ENUMERATED) {
        uint32_t number = (uint32_t)value->as.unsigned_integer;
        return value->as.unsigned_integer > UINT32_MAX
                   ? BAS_ERR_INVALID
                   : bac_primitive_add(out, BAC_KIND_ENUMERATED, &number, BAC_APPLICATION);
    }
    if (value->tag > BAC_TAG_OBJECT_IDENTIFIER) {
        return BAS_ERR_INVALID;
    }
    return bac_primitive_add(out, (enum bac_kind)value->tag, &value->as, BAC_APPLICATION);
}

static bas_err encode_constructed(const struct bac_type *type, const void *value,
                                  struct bas_buf *out)
{
    if (type->kind == BAC_KIND_SEQUENCE) {
        return encode_sequence(type, value, out);
    }
    if (type->kind == BAC_KIND_CHOICE) {
        const struct bac_field *f = bac_chosen(type, value);
        return f == NULL ? BAS_ERR_INVALID : encode(f->type, bac_member(value, f), f->tag, out);
    }
    if (type->kind == BAC_KIND_LIST) {
        return encode_list(type, value, out);
    }
    return type->kind == BAC_KIND_ANY ? encode_any(value, out) : encode_value(value, out);
}

static bas_err encode_tagged(const struct bac_type *type, const void *value, int tag,
                             struct bas_buf *out)
{
    if (!bac_is_within(type, value)) {
        return BAS_ERR_INVALID;
    }
    if (tag == BAC_APPLICATION) {
        return encode_constructed(type, value, out);
    }
    bac_edge_add(out, BAC_HEAD_OPENING, tag);
    bas_err err = encode_constructed(type, value, out);
    bac_edge_add(out, BAC_HEAD_CLOSING, tag);
    return err;
}

static inline bas_err encode(const struct bac_type *type, const void *value, int tag,
                             struct bas_buf *out)
{
    if (!bac_kind_is_primitive(type->kind)) {
        return encode_tagged(type, value, tag, out);
    }
    return bac_is_within(type, value) ? bac_primitive_add(out, type->kind, value, tag)
                                      : BAS_ERR_INVALID;
}

bas_err bac_encode(const struct bac_type *type, const void *value, int tag, struct bas_buf *out)
{
    assert(tag >= BAC_APPLICATION && tag < 255);
    size_t start = out->len;
    bas_err err = encode(type, value, tag, out);
    if (err == BAS_OK && out->full) {
        err = BAS_ERR_NO_SPACE;
    }
    if (err != BAS_OK) {
        out->len = start;
    }
    return err;
}
