/*
 * Owns reading C structs as the rows of their types say (clause 20.2), and what a peer is told when
 * it cannot be done (18.9).
 *
 * One tag is always read ahead (dec.head), so that OPTIONAL and CHOICE look at it before they take
 * it. A list grows at the front of the arena while its elements come in and moves to the back when
 * it is complete: so lists in lists need no counting beforehand.
 */
#include "bacnet/schema.h"
#include "bacnet/tag.h"

#include "basalt/error.h"

#include <assert.h>
#include <stdalign.h>
#include <string.h>

struct dec {
    struct rd r;
    struct bac_head head;   /* the tag read ahead */
    const uint8_t *head_at; /* where it began */
    struct bac_arena *arena;
    struct bas_fault *fault;
    const struct bac_type *type; /* the innermost SEQUENCE or CHOICE and its field, for messages */
    const struct bac_field *field;
    unsigned depth;
};

static bas_err fail(const struct dec *d, bas_err err, enum bac_error_code code, const char *what)
{
    if (d->type == NULL || d->field == NULL) {
        return bas_fail_code(d->fault, err, BAC_ERROR_CLASS_SERVICES, code, "%s", what);
    }
    return bas_fail_code(d->fault, err, BAC_ERROR_CLASS_SERVICES, code, "%s of %s: %s",
                         d->field->name, d->type->name, what);
}

/* Reads the next tag. */
static inline bas_err advance(struct dec *d)
{
    d->head_at = d->r.at;
    bas_err err = bac_head_next(&d->r, &d->head);
    return err == BAS_OK ? BAS_OK
                         : fail(d, err, BAC_ERROR_CODE_REJECT_INVALID_TAG,
                                err == BAS_ERR_TRUNCATED ? "the data ends within a tag"
                                                         : "there is no such tag");
}

static bool starts(const struct dec *d, const struct bac_type *type, int tag);

/* Whether the tag read ahead can begin an untagged constructed value. */
static bool starts_untagged(const struct dec *d, const struct bac_type *type)
{
    const struct bac_head *head = &d->head;
    if (type->kind == BAC_KIND_VALUE) {
        return head->kind == BAC_HEAD_APPLICATION && head->number <= BAC_TAG_OBJECT_IDENTIFIER;
    }
    if (type->kind == BAC_KIND_ANY) {
        return head->kind != BAC_HEAD_END && head->kind != BAC_HEAD_CLOSING;
    }
    if (type->kind == BAC_KIND_LIST) {
        return starts(d, type->element, BAC_APPLICATION);
    }
    for (size_t i = 0; i < type->n_fields; i++) {
        const struct bac_field *f = &type->fields[i];
        if (starts(d, f->type, f->tag)) {
            return true;
        }
        if (type->kind == BAC_KIND_SEQUENCE && !f->optional) {
            return false;
        }
    }
    return false;
}

/* Whether the tag read ahead can begin a value of type that wears tag. */
static inline bool starts(const struct dec *d, const struct bac_type *type, int tag)
{
    const struct bac_head *head = &d->head;
    bool is_primitive = bac_kind_is_primitive(type->kind);
    if (tag != BAC_APPLICATION) {
        return head->number == tag &&
               head->kind == (is_primitive ? BAC_HEAD_CONTEXT : BAC_HEAD_OPENING);
    }
    return is_primitive ? head->kind == BAC_HEAD_APPLICATION && head->number == (int)type->kind
                        : starts_untagged(d, type);
}

/* A value that must be there has another tag: says what a peer must hear. */
static bas_err refuse_head(const struct dec *d, int tag)
{
    const struct bac_head *head = &d->head;
    if (head->kind == BAC_HEAD_END) {
        return fail(d, BAS_ERR_TRUNCATED, BAC_ERROR_CODE_REJECT_MISSING_REQUIRED_PARAMETER,
                    "the data ends before it");
    }
    if (tag == BAC_APPLICATION && head->kind == BAC_HEAD_APPLICATION) {
        return fail(d, BAS_ERR_MALFORMED, BAC_ERROR_CODE_REJECT_INVALID_PARAMETER_DATA_TYPE,
                    "it has another data type");
    }
    bool is_context = head->kind == BAC_HEAD_CONTEXT || head->kind == BAC_HEAD_OPENING;
    if (is_context && head->number == tag) {
        return fail(d, BAS_ERR_MALFORMED, BAC_ERROR_CODE_REJECT_INVALID_TAG,
                    "primitive and constructed are confused");
    }
    return fail(d, BAS_ERR_MALFORMED, BAC_ERROR_CODE_REJECT_MISSING_REQUIRED_PARAMETER,
                "it is missing");
}

static bas_err refuse_content(const struct dec *d, bas_err err)
{
    if (err == BAS_ERR_TRUNCATED) {
        return fail(d, err, BAC_ERROR_CODE_REJECT_INVALID_TAG, "the data ends within it");
    }
    if (err == BAS_ERR_TOO_LONG) {
        return fail(d, BAS_ERR_MALFORMED, BAC_ERROR_CODE_REJECT_PARAMETER_OUT_OF_RANGE,
                    "it is out of range");
    }
    return fail(d, BAS_ERR_MALFORMED, BAC_ERROR_CODE_REJECT_INVALID_TAG, "its length is wrong");
}

static bas_err refuse_range(const struct dec *d, const struct bac_type *type)
{
    bool is_enumerated = type->kind == BAC_KIND_ENUMERATED;
    return fail(d, BAS_ERR_MALFORMED,
                is_enumerated ? BAC_ERROR_CODE_REJECT_UNDEFINED_ENUMERATION
                              : BAC_ERROR_CODE_REJECT_PARAMETER_OUT_OF_RANGE,
                "it is out of range");
}

static bas_err decode(struct dec *d, const struct bac_type *type, int tag, void *value);

static inline bas_err decode_primitive(struct dec *d, const struct bac_type *type, void *value)
{
    bas_err err = bac_content_read(&d->r, type->kind, &d->head, value);
    if (err != BAS_OK) {
        return refuse_content(d, err);
    }
    return bac_is_within(type, value) ? advance(d) : refuse_range(d, type);
}

static bas_err decode_value(struct dec *d, struct bac_value *value)
{
    value->tag = (enum bac_tag)d->head.number;
    uint32_t number = 0;
    bool is_enumerated = value->tag == BAC_TAG_ENUMERATED;
    bas_err err = bac_content_read(&d->r, (enum bac_kind)value->tag, &d->head,
                                   is_enumerated ? (void *)&number : (void *)&value->as);
    if (is_enumerated) {
        value->as.unsigned_integer = number;
    }
    return err == BAS_OK ? advance(d) : refuse_content(d, err);
}

/* Whether the tag read ahead is that of a field which is a primitive, or ANY in a context tag. */
static inline bool fits(const struct bac_head *head, const struct bac_field *f)
{
    if (f->type->kind == BAC_KIND_ANY) {
        return head->kind == BAC_HEAD_OPENING && head->number == f->tag;
    }
    return f->tag == BAC_APPLICATION
               ? head->kind == BAC_HEAD_APPLICATION && head->number == (int)f->type->kind
               : head->kind == BAC_HEAD_CONTEXT && head->number == f->tag;
}

/* Takes a field whose tag was read ahead, and that its type holds. */
static inline bool take_simple(struct rd *r, const struct bac_head *head, const struct bac_field *f,
                               void *member)
{
    return f->type->kind == BAC_KIND_ANY ? bac_any_quick(r, f->tag, member)
                                         : bac_content_quick(r, f->type->kind, head, member) &&
                                               bac_is_within(f->type, member);
}

/* Reads the fields from f on as long as they are simple, and gives the first that is not. What it
 * works with stands in registers. */
static const struct bac_field *decode_simple(struct dec *d, const struct bac_type *type,
                                             const struct bac_field *f, uint8_t *value)
{
    const struct bac_field *end = type->fields + type->n_fields;
    struct rd r = d->r;
    struct bac_head head = d->head;
    for (; f != end; f++) {
        bool is_simple = bac_kind_is_primitive(f->type->kind) ||
                         (f->type->kind == BAC_KIND_ANY && f->tag != BAC_APPLICATION);
        bool is_there = is_simple && fits(&head, f);
        if (is_simple && !is_there && f->optional) {
            continue;
        }
        struct rd ahead = r;
        struct bac_head next;
        if (!is_there || !take_simple(&ahead, &head, f, value + f->offset)) {
            break;
        }
        const uint8_t *head_at = ahead.at;
        if (!bac_head_quick(&ahead, &next)) {
            break;
        }
        if (f->optional) {
            *(bool *)(value + f->present_offset) = true;
        }
        r = ahead;
        head = next;
        d->head_at = head_at;
    }
    d->r.at = r.at;
    d->head = head;
    return f;
}

static bas_err decode_sequence(struct dec *d, const struct bac_type *type, void *value)
{
    const struct bac_field *end = type->fields + type->n_fields;
    const struct bac_field *f = decode_simple(d, type, type->fields, value);
    for (; f != end; f = decode_simple(d, type, f + 1, value)) {
        if (f->optional) {
            if (!starts(d, f->type, f->tag)) {
                continue;
            }
            *(bool *)((uint8_t *)value + f->present_offset) = true;
        }
        d->type = type;
        d->field = f;
        bas_err err = decode(d, f->type, f->tag, (uint8_t *)value + f->offset);
        if (err != BAS_OK) {
            return err;
        }
    }
    return BAS_OK;
}

static bas_err decode_choice(struct dec *d, const struct bac_type *type, void *value)
{
    for (uint32_t i = 0; i < type->n_fields; i++) {
        const struct bac_field *f = &type->fields[i];
        if (starts(d, f->type, f->tag)) {
            *(uint32_t *)value = i;
            d->type = type;
            d->field = f;
            return decode(d, f->type, f->tag, (uint8_t *)value + f->offset);
        }
    }
    return refuse_head(d, BAC_APPLICATION);
}

static bas_err decode_any(struct dec *d, struct bas_slice *raw)
{
    struct rd r = { d->head_at, d->r.end, BAS_OK };
    const uint8_t *start = r.at;
    bas_err err = bac_skip_values(&r);
    if (err != BAS_OK) {
        return fail(d, err == BAS_ERR_TOO_LONG ? BAS_ERR_MALFORMED : err,
                    BAC_ERROR_CODE_REJECT_INVALID_TAG, "its tags do not fit each other");
    }
    *raw = (struct bas_slice){ start, (size_t)(r.at - start) };
    d->r = r;
    return advance(d);
}

static size_t padding(const uint8_t *at)
{
    const size_t align = alignof(max_align_t);
    return (align - (uintptr_t)at % align) % align;
}

/* Moves a complete list of len octets from start (at the front, aligned) to the back of the arena.
 */
static void *settle(struct bac_arena *arena, size_t start, size_t len)
{
    size_t end = arena->cap - len;
    end -= (uintptr_t)(arena->data + end) % alignof(max_align_t);
    assert(end >= start);
    arena->cap = end;
    return memmove(arena->data + end, arena->data + start, len);
}

static bas_err decode_list(struct dec *d, const struct bac_type *type, struct bac_list *list)
{
    struct bac_arena *arena = d->arena;
    const struct bac_type *outer_type = d->type;
    const struct bac_field *outer_field = d->field;
    const struct bac_type *element = type->element;
    size_t used = arena->used;
    size_t start = used + (arena->data == NULL ? 0 : padding(arena->data + used));
    bas_err err = BAS_OK;
    size_t n = 0;
    for (; err == BAS_OK && starts(d, element, BAC_APPLICATION); n++) {
        d->type = outer_type;
        d->field = outer_field;
        size_t at = start + n * element->size;
        if (at > arena->cap || element->size > arena->cap - at) {
            err = fail(d, BAS_ERR_NO_SPACE, BAC_ERROR_CODE_REJECT_TOO_MANY_ARGUMENTS,
                       "it has too many elements");
            break;
        }
        arena->used = at + element->size;
        memset(arena->data + at, 0, element->size);
        err = decode(d, element, BAC_APPLICATION, arena->data + at);
    }
    arena->used = used;
    if (err != BAS_OK) {
        return err;
    }
    list->n = n;
    list->items = n == 0 ? NULL : settle(arena, start, n * element->size);
    d->type = outer_type;
    d->field = outer_field;
    return bac_in_range(type, list) ? BAS_OK : refuse_range(d, type);
}

static bas_err decode_untagged(struct dec *d, const struct bac_type *type, void *value)
{
    if (type->kind == BAC_KIND_SEQUENCE) {
        return decode_sequence(d, type, value);
    }
    if (type->kind == BAC_KIND_CHOICE) {
        return decode_choice(d, type, value);
    }
    if (type->kind == BAC_KIND_LIST) {
        return decode_list(d, type, value);
    }
    if (type->kind == BAC_KIND_ANY) {
        return decode_any(d, value);
    }
    return starts(d, type, BAC_APPLICATION) ? decode_value(d, value)
                                            : refuse_head(d, BAC_APPLICATION);
}

static bas_err decode_closing(struct dec *d, int tag)
{
    if (d->head.kind == BAC_HEAD_END) {
        return fail(d, BAS_ERR_TRUNCATED, BAC_ERROR_CODE_REJECT_INVALID_TAG,
                    "its closing tag is missing");
    }
    if (d->head.kind != BAC_HEAD_CLOSING) {
        return fail(d, BAS_ERR_MALFORMED, BAC_ERROR_CODE_REJECT_TOO_MANY_ARGUMENTS,
                    "more follows than belongs here");
    }
    if (d->head.number != tag) {
        return fail(d, BAS_ERR_MALFORMED, BAC_ERROR_CODE_REJECT_INVALID_TAG,
                    "another closing tag stands at its end");
    }
    return advance(d);
}

/* A constructed value between an opening and a closing tag. */
static bas_err decode_tagged(struct dec *d, const struct bac_type *type, int tag, void *value)
{
    const struct bac_type *outer_type = d->type;
    const struct bac_field *outer_field = d->field;
    bas_err err = starts(d, type, tag) ? advance(d) : refuse_head(d, tag);
    if (err == BAS_OK) {
        err = decode_untagged(d, type, value);
    }
    if (err != BAS_OK) {
        return err;
    }
    d->type = outer_type;
    d->field = outer_field;
    return decode_closing(d, tag);
}

static bas_err decode(struct dec *d, const struct bac_type *type, int tag, void *value)
{
    if (bac_kind_is_primitive(type->kind)) {
        return starts(d, type, tag) ? decode_primitive(d, type, value) : refuse_head(d, tag);
    }
    if (d->depth == BAC_MAX_DEPTH) {
        return fail(d, BAS_ERR_MALFORMED, BAC_ERROR_CODE_REJECT_INVALID_TAG, "nested too deep");
    }
    d->depth++;
    bas_err err = tag == BAC_APPLICATION ? decode_untagged(d, type, value)
                                         : decode_tagged(d, type, tag, value);
    d->depth--;
    return err;
}

bas_err bac_decode(const struct bac_type *type, struct bas_slice *in, int tag, void *value,
                   struct bac_arena *arena, struct bas_fault *fault)
{
    assert(tag >= BAC_APPLICATION && tag < 255);
    struct bac_arena none = { NULL, 0, 0 };
    struct dec d = { .r = rd_init(*in), .arena = arena == NULL ? &none : arena, .fault = fault };
    const struct bac_arena before = *d.arena;
    memset(value, 0, type->size);
    bas_err err = advance(&d);
    if (err == BAS_OK) {
        err = decode(&d, type, tag, value);
    }
    if (err != BAS_OK) {
        memset(value, 0, type->size);
        *d.arena = before;
        return err;
    }
    *in = (struct bas_slice){ d.head_at, (size_t)(d.r.end - d.head_at) };
    return BAS_OK;
}

bas_err bac_decode_all(const struct bac_type *type, struct bas_slice in, void *value,
                       struct bac_arena *arena, struct bas_fault *fault)
{
    bas_err err = bac_decode(type, &in, BAC_APPLICATION, value, arena, fault);
    if (err == BAS_OK && in.len != 0) {
        memset(value, 0, type->size);
        err = bas_fail_code(fault, BAS_ERR_MALFORMED, BAC_ERROR_CLASS_SERVICES,
                            BAC_ERROR_CODE_REJECT_TOO_MANY_ARGUMENTS,
                            "%s: more follows than belongs there", type->name);
    }
    return err;
}
