/* Owns writing values as JSON: of a type's rows, and of octets whose type nobody knows. */
#include "bacnet/json_primitive.h"
#include "bacnet/schema.h"
#include "bacnet/tag.h"

#include "basalt/bacnet_type.h"

#include <stdio.h>
#include <string.h>

enum { JSON_DEPTH = 30 /* of struct bas_json, less one for an object at the innermost */ };

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
        bac_json_value(value, json, key);
        break;
    case BAC_KIND_NULL:
    case BAC_KIND_BOOLEAN:
    case BAC_KIND_UNSIGNED:
    case BAC_KIND_INTEGER:
    case BAC_KIND_REAL:
    case BAC_KIND_DOUBLE:
    case BAC_KIND_OCTET_STRING:
    case BAC_KIND_CHARACTER_STRING:
    case BAC_KIND_BIT_STRING:
    case BAC_KIND_ENUMERATED:
    case BAC_KIND_DATE:
    case BAC_KIND_TIME:
    case BAC_KIND_OBJECT_ID:
        bac_json_primitive(type, value, json, key);
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
        bac_json_value(&value, json, NULL);
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
