/* Owns reading values from JSON, as the rows of their types say: what bac_json writes comes back
 * the same. */
#include "bacnet/json_primitive.h"
#include "bacnet/schema.h"
#include "bacnet/tag.h"

#include "basalt/bacnet_type.h"

#include <string.h>

static const struct jv_limits limits = { .octets = (size_t)1 << 20, .depth = 32 };

static bas_err read_json(const struct bac_json_reader *r, const struct bac_type *type,
                         const struct jv *json, void *value);

static const struct bac_field *field_of(const struct bac_type *type, const char *name)
{
    for (size_t i = 0; i < type->n_fields; i++) {
        if (strcmp(type->fields[i].name, name) == 0) {
            return &type->fields[i];
        }
    }
    return NULL;
}

static bas_err refuse_strangers(const struct bac_json_reader *r, const struct bac_type *type,
                                const struct jv *object)
{
    const char *name = jv_next(object, NULL);
    for (; name != NULL; name = jv_next(object, name)) {
        if (field_of(type, name) == NULL) {
            return bac_json_fail(r, "%s has no \"%s\"", type->name, name);
        }
    }
    return BAS_OK;
}

static bas_err read_sequence(const struct bac_json_reader *r, const struct bac_type *type,
                             const struct jv *json, void *value)
{
    if (jv_kind(json) != JV_OBJECT) {
        return bac_json_fail(r, "expected an object, %s", type->name);
    }
    bas_err err = refuse_strangers(r, type, json);
    for (size_t i = 0; err == BAS_OK && i < type->n_fields; i++) {
        const struct bac_field *f = &type->fields[i];
        const struct jv *member = jv_member(json, f->name);
        const struct bac_place place = { r->place, f->name, 0 };
        const struct bac_json_reader at = { r->arena, r->fault, &place };
        if (member == NULL && !f->optional) {
            return bac_json_fail(&at, "it is missing");
        }
        if (f->optional) {
            *(bool *)((uint8_t *)value + f->present_offset) = member != NULL;
        }
        if (member != NULL) {
            err = read_json(&at, f->type, member, (uint8_t *)value + f->offset);
        }
    }
    return err;
}

static bas_err read_choice(const struct bac_json_reader *r, const struct bac_type *type,
                           const struct jv *json, void *value)
{
    if (jv_kind(json) != JV_OBJECT || jv_count(json) != 1) {
        return bac_json_fail(r, "expected an object with one member, %s", type->name);
    }
    const char *name = jv_next(json, NULL);
    const struct bac_field *f = field_of(type, name);
    if (f == NULL) {
        return bac_json_fail(r, "%s has no \"%s\"", type->name, name);
    }
    const struct bac_place place = { r->place, f->name, 0 };
    const struct bac_json_reader at = { r->arena, r->fault, &place };
    *(uint32_t *)value = (uint32_t)(f - type->fields);
    return read_json(&at, f->type, jv_member(json, name), (uint8_t *)value + f->offset);
}

static bas_err read_list(const struct bac_json_reader *r, const struct bac_type *type,
                         const struct jv *json, struct bac_list *list)
{
    if (jv_kind(json) != JV_ARRAY) {
        return bac_json_fail(r, "expected an array");
    }
    const size_t n = jv_count(json);
    const size_t size = type->element->size;
    uint8_t *items = n == 0 ? NULL : bac_arena_take(r->arena, n * size);
    if (items == NULL && n != 0) {
        return bac_json_fail_no_space(r);
    }
    *list = (struct bac_list){ items, n };
    struct bac_place place = { r->place, NULL, 0 };
    const struct bac_json_reader at = { r->arena, r->fault, &place };
    bas_err err = BAS_OK;
    for (; err == BAS_OK && place.at < n; place.at++) {
        err = read_json(&at, type->element, jv_element(json, place.at), items + place.at * size);
    }
    return err != BAS_OK || bac_in_range(type, list)
               ? err
               : bac_json_fail(r, "%s cannot have %zu elements", type->name, n);
}

/* Octets whose type nobody knows */

/* Where they are put together, and memory that every value uses anew. */
struct raw_writer {
    struct bas_buf *out;
    struct bac_arena scratch;
};

static bas_err add_items(const struct bac_json_reader *r, const struct jv *array,
                         struct raw_writer *w);

/* {"tag":n,"octets":"..."} or {"tag":n,"items":[...]} */
static bas_err add_tagged(const struct bac_json_reader *r, const struct jv *json,
                          struct raw_writer *w)
{
    const struct jv *tag = jv_member(json, "tag");
    const struct jv *octets = jv_member(json, "octets");
    const struct jv *items = jv_member(json, "items");
    if (jv_kind(tag) != JV_INTEGER || jv_integer(tag) < 0 || jv_integer(tag) > 254 ||
        jv_count(json) != 2 || (octets == NULL && items == NULL)) {
        return bac_json_fail(r, "expected {\"tag\":0 .. 254,\"octets\":...} or \"items\"");
    }
    const uint8_t number = (uint8_t)jv_integer(tag);
    if (octets != NULL) {
        struct bac_arena scratch = w->scratch;
        const struct bac_json_reader inner = { &scratch, r->fault, r->place };
        struct bas_slice content = { NULL, 0 };
        bas_err err = bac_json_read_hex(&inner, octets, &content);
        if (err == BAS_OK) {
            bac_head_add(w->out, BAC_HEAD_CONTEXT, number, (uint32_t)content.len);
            bas_buf_add(w->out, content.data, content.len);
        }
        return err;
    }
    if (jv_kind(items) != JV_ARRAY) {
        return bac_json_fail(r, "expected an array of items");
    }
    bac_head_add(w->out, BAC_HEAD_OPENING, number, 0);
    bas_err err = add_items(r, items, w);
    bac_head_add(w->out, BAC_HEAD_CLOSING, number, 0);
    return err;
}

static bas_err add_item(const struct bac_json_reader *r, const struct jv *json,
                        struct raw_writer *w)
{
    if (jv_kind(json) == JV_OBJECT && jv_member(json, "tag") != NULL) {
        return add_tagged(r, json, w);
    }
    struct bac_arena scratch = w->scratch;
    const struct bac_json_reader inner = { &scratch, r->fault, r->place };
    struct bac_value value;
    bas_err err = bac_json_read_value(&inner, json, &value);
    if (err == BAS_OK) {
        err = bac_encode(&bac_type_value, &value, BAC_APPLICATION, w->out);
        err = err == BAS_ERR_INVALID ? bac_json_fail(r, "this value cannot be encoded") : BAS_OK;
    }
    return err;
}

static bas_err add_items(const struct bac_json_reader *r, const struct jv *array,
                         struct raw_writer *w)
{
    struct bac_place place = { r->place, NULL, 0 };
    const struct bac_json_reader at = { r->arena, r->fault, &place };
    bas_err err = BAS_OK;
    for (; err == BAS_OK && place.at < jv_count(array); place.at++) {
        err = add_item(&at, jv_element(array, place.at), w);
    }
    return err;
}

/* An array of values, one value alone, or the octets as they are. */
static bas_err read_any(const struct bac_json_reader *r, const struct jv *json,
                        struct bas_slice *raw)
{
    if (jv_kind(json) == JV_TEXT) {
        return bac_json_read_hex(r, json, raw);
    }
    const size_t half = (r->arena->cap - r->arena->used) / 2;
    uint8_t *memory = bac_arena_take(r->arena, half);
    if (memory == NULL) {
        return bac_json_fail_no_space(r);
    }
    struct bas_buf out;
    bas_buf_init(&out, memory, half);
    struct raw_writer w = { &out, *r->arena };
    bas_err err = jv_kind(json) == JV_ARRAY ? add_items(r, json, &w) : add_item(r, json, &w);
    if (err == BAS_OK && out.full) {
        err = bac_json_fail_no_space(r);
    }
    r->arena->used -= half - out.len;
    *raw = (struct bas_slice){ memory, out.len };
    return err;
}

static bas_err read_json(const struct bac_json_reader *r, const struct bac_type *type,
                         const struct jv *json, void *value)
{
    if (bac_kind_is_primitive(type->kind)) {
        return bac_json_read_primitive(r, type, json, value);
    }
    if (type->kind == BAC_KIND_SEQUENCE) {
        return read_sequence(r, type, json, value);
    }
    if (type->kind == BAC_KIND_CHOICE) {
        return read_choice(r, type, json, value);
    }
    if (type->kind == BAC_KIND_LIST) {
        return read_list(r, type, json, value);
    }
    return type->kind == BAC_KIND_ANY ? read_any(r, json, value)
                                      : bac_json_read_value(r, json, value);
}

bas_err bac_json_read(const struct bac_type *type, struct bas_slice text, void *value,
                      struct bac_arena *arena, struct bas_fault *fault)
{
    const struct bac_arena before = *arena;
    const struct bac_json_reader r = { arena, fault, NULL };
    struct jv *document = NULL;
    memset(value, 0, type->size);
    bas_err err = jv_read(text, &limits, &document, fault);
    if (err == BAS_OK) {
        err = read_json(&r, type, document, value);
    }
    jv_free(document);
    if (err != BAS_OK) {
        memset(value, 0, type->size);
        *arena = before;
    }
    return err;
}
