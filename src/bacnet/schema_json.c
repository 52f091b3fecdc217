/* Owns values as JSON: of a type's rows, and of octets whose type nobody knows. */
#include "bacnet/schema.h"
#include "bacnet/tag.h"
#include "bacnet/value_text.h"

#include "basalt/bacnet_type.h"

#include <stdio.h>
#include <string.h>

enum {
    JSON_DEPTH = 30,   /* of struct bas_json, less one for an object at the innermost */
    TEXT_OCTETS = 3072 /* a text of another set than UTF-8, converted */
};

static void json_text(struct bas_json *json, const char *key, const struct bac_text *text)
{
    uint8_t memory[TEXT_OCTETS];
    struct bas_buf utf8;
    bas_buf_init(&utf8, memory, sizeof(memory));
    bool has_utf8 = text->charset != BAC_CHARSET_DBCS && text->charset != BAC_CHARSET_JIS_X_0208 &&
                    text->charset <= BAC_CHARSET_LATIN1;
    if (text->charset == BAC_CHARSET_UTF8) {
        bas_json_utf8(json, key, text->octets);
        return;
    }
    if (has_utf8) {
        (void)bac_text_utf8(text, &utf8);
        if (!utf8.full) {
            bas_json_utf8(json, key, (struct bas_slice){ memory, utf8.len });
            return;
        }
    }
    bas_json_open(json, key, '{');
    bas_json_unsigned(json, "charset", text->charset);
    bas_json_hex(json, "octets", text->octets);
    bas_json_close(json, '}');
}

static void json_bits(const struct bac_type *type, const struct bac_bits *bits,
                      struct bas_json *json, const char *key)
{
    if (type == NULL || type->n_names == 0) {
        char memory[257];
        struct bas_buf digits;
        bas_buf_init(&digits, memory, sizeof(memory));
        bac_bits_digits(bits, &digits);
        if (!digits.full) {
            bas_json_text(json, key, bas_buf_text(&digits));
            return;
        }
        bas_json_open(json, key, '{');
        bas_json_unsigned(json, "bits", bits->count);
        bas_json_hex(json, "octets", bits->octets);
        bas_json_close(json, '}');
        return;
    }
    bas_json_open(json, key, '[');
    for (size_t i = 0; i < bits->count; i++) {
        const char *name = bac_bit(bits, i) ? bac_enum_name(type, (uint32_t)i) : NULL;
        if (name != NULL) {
            bas_json_text(json, NULL, name);
        } else if (bac_bit(bits, i)) {
            bas_json_unsigned(json, NULL, i);
        }
    }
    bas_json_close(json, ']');
}

/* Dates, times and object identifiers: their text. */
static void json_short(enum bac_kind kind, const void *value, struct bas_json *json,
                       const char *key)
{
    char memory[64];
    struct bas_buf text;
    bas_buf_init(&text, memory, sizeof(memory));
    if (kind == BAC_KIND_DATE) {
        bac_date_text(*(const struct bac_date *)value, &text);
    } else if (kind == BAC_KIND_TIME) {
        bac_time_text(*(const struct bac_time *)value, &text);
    } else {
        bac_object_id_text(*(const struct bac_object_id *)value, &text);
    }
    bas_json_text(json, key, bas_buf_text(&text));
}

static void json_enumerated(const struct bac_type *type, uint32_t number, struct bas_json *json,
                            const char *key)
{
    const char *name = bac_enum_name(type, number);
    if (name != NULL) {
        bas_json_text(json, key, name);
    } else {
        bas_json_unsigned(json, key, number);
    }
}

static void json_value(const struct bac_value *value, struct bas_json *json, const char *key)
{
    static const struct bac_type untyped[] = {
#define UNTYPED(n) [n] = { .kind = (enum bac_kind)(n) }
        UNTYPED(0), UNTYPED(1), UNTYPED(2), UNTYPED(3),  UNTYPED(4),  UNTYPED(5),  UNTYPED(6),
        UNTYPED(7), UNTYPED(8), UNTYPED(9), UNTYPED(10), UNTYPED(11), UNTYPED(12),
#undef UNTYPED
    };
    if (value->tag == BAC_TAG_ENUMERATED) {
        bas_json_unsigned(json, key, value->as.unsigned_integer);
    } else if (value->tag <= BAC_TAG_OBJECT_IDENTIFIER) {
        bac_json(&untyped[value->tag], &value->as, json, key);
    }
}

static void json_sequence(const struct bac_type *type, const void *value, struct bas_json *json,
                          const char *key)
{
    bas_json_open(json, key, '{');
    for (size_t i = 0; i < type->n_fields; i++) {
        const struct bac_field *f = &type->fields[i];
        if (bac_is_present(value, f)) {
            bac_json(f->type, bac_member(value, f), json, f->name);
        }
    }
    bas_json_close(json, '}');
}

static void json_choice(const struct bac_type *type, const void *value, struct bas_json *json,
                        const char *key)
{
    const struct bac_field *f = bac_chosen(type, value);
    bas_json_open(json, key, '{');
    if (f != NULL) {
        bac_json(f->type, bac_member(value, f), json, f->name);
    }
    bas_json_close(json, '}');
}

static void json_list(const struct bac_type *type, const struct bac_list *list,
                      struct bas_json *json, const char *key)
{
    const uint8_t *item = list->items;
    bas_json_open(json, key, '[');
    for (size_t i = 0; i < list->n; i++) {
        bac_json(type->element, item, json, NULL);
        item += type->element->size;
    }
    bas_json_close(json, ']');
}

void bac_json(const struct bac_type *type, const void *value, struct bas_json *json,
              const char *key)
{
    switch (type->kind) {
    case BAC_KIND_NULL:
        bas_json_null(json, key);
        break;
    case BAC_KIND_BOOLEAN:
        bas_json_bool(json, key, *(const bool *)value);
        break;
    case BAC_KIND_UNSIGNED:
        bas_json_unsigned(json, key, *(const uint64_t *)value);
        break;
    case BAC_KIND_INTEGER:
        bas_json_signed(json, key, *(const int64_t *)value);
        break;
    case BAC_KIND_REAL:
        bas_json_real(json, key, (double)*(const float *)value, 9);
        break;
    case BAC_KIND_DOUBLE:
        bas_json_real(json, key, *(const double *)value, 17);
        break;
    case BAC_KIND_OCTET_STRING:
        bas_json_hex(json, key, *(const struct bas_slice *)value);
        break;
    case BAC_KIND_CHARACTER_STRING:
        json_text(json, key, value);
        break;
    case BAC_KIND_BIT_STRING:
        json_bits(type, value, json, key);
        break;
    case BAC_KIND_ENUMERATED:
        json_enumerated(type, *(const uint32_t *)value, json, key);
        break;
    case BAC_KIND_DATE:
    case BAC_KIND_TIME:
    case BAC_KIND_OBJECT_ID:
        json_short(type->kind, value, json, key);
        break;
    case BAC_KIND_SEQUENCE:
        json_sequence(type, value, json, key);
        break;
    case BAC_KIND_CHOICE:
        json_choice(type, value, json, key);
        break;
    case BAC_KIND_LIST:
        json_list(type, value, json, key);
        break;
    case BAC_KIND_ANY:
        (void)bac_json_any(*(const struct bas_slice *)value, json, key);
        break;
    case BAC_KIND_VALUE:
        json_value(value, json, key);
        break;
    }
}

/* Octets without a known type */

/* Reads the content behind an application tag. */
static bool read_value(struct rd *r, const struct bac_head *head, struct bac_value *value)
{
    if (head->number > BAC_TAG_OBJECT_IDENTIFIER) {
        return false;
    }
    value->tag = (enum bac_tag)head->number;
    enum bac_kind kind =
        value->tag == BAC_TAG_ENUMERATED ? BAC_KIND_UNSIGNED : (enum bac_kind)head->number;
    return bac_content_read(r, kind, head, &value->as) == BAS_OK;
}

/* Whether all of raw can be written, no deeper than levels. */
static bool is_printable(struct bas_slice raw, unsigned levels)
{
    struct rd r = rd_init(raw);
    if (bac_skip_values(&r) != BAS_OK || rd_left(&r) != 0) {
        return false;
    }
    unsigned depth = 0;
    r = rd_init(raw);
    while (rd_left(&r) > 0) {
        struct bac_head head;
        struct bac_value value;
        if (bac_head_read(&r, &head) != BAS_OK) {
            return false;
        }
        depth += head.kind == BAC_HEAD_OPENING;
        depth -= head.kind == BAC_HEAD_CLOSING;
        if (head.kind == BAC_HEAD_CONTEXT) {
            (void)rd_take(&r, head.len);
        } else if (head.kind == BAC_HEAD_APPLICATION && !read_value(&r, &head, &value)) {
            return false;
        }
        if (2 * depth > levels) {
            return false;
        }
    }
    return true;
}

/* One value, or the end of a constructed one. raw was found printable. */
static void json_item(struct rd *r, struct bas_json *json)
{
    struct bac_head head;
    struct bac_value value;
    if (bac_head_read(r, &head) != BAS_OK) {
        return;
    }
    if (head.kind == BAC_HEAD_OPENING) {
        bas_json_open(json, NULL, '{');
        bas_json_unsigned(json, "tag", head.number);
        bas_json_open(json, "items", '[');
    } else if (head.kind == BAC_HEAD_CLOSING) {
        bas_json_close(json, ']');
        bas_json_close(json, '}');
    } else if (head.kind == BAC_HEAD_CONTEXT) {
        bas_json_open(json, NULL, '{');
        bas_json_unsigned(json, "tag", head.number);
        bas_json_hex(json, "octets", rd_take(r, head.len));
        bas_json_close(json, '}');
    } else if (read_value(r, &head, &value)) {
        json_value(&value, json, NULL);
    }
}

bool bac_json_any(struct bas_slice raw, struct bas_json *json, const char *key)
{
    if (json->depth + 2 > JSON_DEPTH || !is_printable(raw, JSON_DEPTH - 2 - json->depth)) {
        bas_json_hex(json, key, raw);
        return false;
    }
    struct rd r = rd_init(raw);
    bas_json_open(json, key, '[');
    while (rd_left(&r) > 0) {
        json_item(&r, json);
    }
    bas_json_close(json, ']');
    return true;
}

static bool is_all_of(const struct bac_type *type, struct bas_slice raw, void *value,
                      struct bac_arena *arena)
{
    const struct bac_arena before = *arena;
    while (raw.len != 0) {
        if (bac_decode(type, &raw, BAC_APPLICATION, value, arena, NULL) != BAS_OK) {
            return false;
        }
        *arena = before;
    }
    return true;
}

bool bac_json_typed(const struct bac_type *type, struct bas_slice raw, struct bac_arena *arena,
                    struct bas_json *json, const char *key)
{
    const struct bac_arena before = *arena;
    void *value = type == NULL ? NULL : bac_arena_take(arena, type->size);
    if (value == NULL || !is_all_of(type, raw, value, arena)) {
        *arena = before;
        return bac_json_any(raw, json, key);
    }
    const struct bac_arena inner = *arena;
    bas_json_open(json, key, '[');
    while (raw.len != 0 && bac_decode(type, &raw, BAC_APPLICATION, value, arena, NULL) == BAS_OK) {
        bac_json(type, value, json, NULL);
        *arena = inner;
    }
    bas_json_close(json, ']');
    *arena = before;
    return true;
}
