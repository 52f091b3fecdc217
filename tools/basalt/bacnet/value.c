/* Owns how values of properties look: by the type that the property has, else by their tags. */
#include "value.h"

#include "out.h"

enum { LONGEST_TEXT = 4096 };

const struct bac_type *value_type(const struct target_property *of)
{
    return of->index == 0 ? &bac_type_unsigned : bac_property_type(of->object.type, of->property);
}

static bool is_constructed(const struct bac_type *type)
{
    return type != NULL && type->kind > BAC_KIND_OBJECT_ID && type->kind != BAC_KIND_VALUE;
}

/* Arrays and lists: their values stand in a JSON array also where there is only one. */
static bool is_plural(const struct target_property *of)
{
    return of->index == BAC_NO_INDEX &&
           bac_property_shape(of->object.type, of->property) != BAC_SHAPE_SCALAR;
}

/* One of the values: a primitive, or a constructed one of that type. */
struct item {
    const struct bac_type *type; /* of a primitive: its names, or NULL */
    const void *constructed;     /* NULL: primitive */
    struct bac_value primitive;
};

/* Elements of a priority array are named like the Present_Value that they command. */
static const struct bac_type *names_for(const struct target_property *of, enum bac_tag tag)
{
    const struct bac_type *type = value_type(of);
    if (of->property == BAC_PROPERTY_PRIORITY_ARRAY && of->index != 0) {
        type = bac_property_type(of->object.type, BAC_PROPERTY_PRESENT_VALUE);
    }
    return type != NULL && (unsigned)type->kind == (unsigned)tag ? type : NULL;
}

static bool take_constructed(const struct value *v, struct bas_slice *raw, struct item *item)
{
    const struct bac_type *type = value_type(&v->of);
    void *memory = is_constructed(type) ? bac_arena_take(v->arena, type->size) : NULL;
    if (memory == NULL ||
        bac_decode(type, raw, BAC_APPLICATION, memory, v->arena, NULL) != BAS_OK) {
        return false;
    }
    *item = (struct item){ .type = type, .constructed = memory };
    return true;
}

static bool take_primitive(const struct value *v, struct bas_slice *raw, struct item *item)
{
    struct item read = { 0 };
    if (bac_decode(&bac_type_value, raw, BAC_APPLICATION, &read.primitive, NULL, NULL) != BAS_OK) {
        return false;
    }
    read.type = names_for(&v->of, read.primitive.tag);
    *item = read;
    return true;
}

/* Takes one value off raw. A CHOICE that is a primitive (of a priority array) is shown as that. */
static bool take(const struct value *v, struct bas_slice *raw, struct item *item)
{
    const struct bac_type *type = value_type(&v->of);
    bool primitive_first = type == NULL || type->kind == BAC_KIND_CHOICE;
    return (primitive_first && take_primitive(v, raw, item)) || take_constructed(v, raw, item) ||
           take_primitive(v, raw, item);
}

/* How many values there are; 0 with *is_good false: they cannot be decoded. */
static size_t count(const struct value *v, struct item *first, bool *is_good)
{
    struct bas_slice raw = v->raw;
    struct item item = { 0 };
    const struct bac_arena before = *v->arena;
    size_t n = 0;
    *is_good = true;
    while (raw.len != 0 && *is_good) {
        *v->arena = before;
        *is_good = take(v, &raw, &item);
        *first = n == 0 ? item : *first;
        n++;
    }
    *v->arena = before;
    return *is_good ? n : 0;
}

/* JSON */

/* A text as text, whatever its set, as far as that can be: who reads it does not care. */
static void text_json(const struct bac_value *value, struct bas_json *json, const char *key)
{
    char memory[LONGEST_TEXT];
    struct bas_buf out;
    const struct bac_text *text = &value->as.text;
    bool is_unicode = text->charset != BAC_CHARSET_DBCS && text->charset != BAC_CHARSET_JIS_X_0208;
    bas_buf_init(&out, memory, sizeof(memory));
    if (is_unicode && bac_text_utf8(text, &out) && !out.full) {
        bas_json_utf8(json, key, (struct bas_slice){ out.data, out.len });
    } else {
        bac_json(&bac_type_character_string, text, json, key);
    }
}

static void item_json(const struct item *item, struct bas_json *json, const char *key)
{
    const struct bac_value *value = &item->primitive;
    if (item->constructed != NULL) {
        bac_json(item->type, item->constructed, json, key);
    } else if (value->tag == BAC_TAG_CHARACTER_STRING) {
        text_json(value, json, key);
    } else if (item->type == NULL && value->tag == BAC_TAG_ENUMERATED) {
        bas_json_unsigned(json, key, value->as.unsigned_integer);
    } else if (item->type == NULL) {
        bac_json(&bac_type_value, value, json, key);
    } else if (item->type->kind == BAC_KIND_ENUMERATED) {
        uint32_t number = (uint32_t)value->as.unsigned_integer;
        bac_json(item->type, &number, json, key);
    } else {
        bac_json(item->type, &value->as, json, key);
    }
}

static const char *type_name(const struct value *v, const struct item *first, size_t n)
{
    const struct bac_type *declared = value_type(&v->of);
    if (is_constructed(declared) && (n != 1 || first->constructed != NULL || is_plural(&v->of))) {
        return declared->name;
    }
    if (n != 0) {
        return bac_tag_name(first->primitive.tag);
    }
    return declared != NULL ? bac_tag_name((unsigned)declared->kind) : NULL;
}

static void write_json(const struct value *v, bool is_plural_too, struct bas_json *json)
{
    const struct bac_arena before = *v->arena;
    struct bas_slice raw = v->raw;
    struct item item = { 0 };
    bool is_good = false;
    size_t n = count(v, &item, &is_good);
    const char *type = type_name(v, &item, n);
    if (!is_good) {
        (void)bac_json_any(v->raw, json, "value");
        return;
    }
    bool is_array = n != 1 || (is_plural_too && is_plural(&v->of));
    if (is_array) {
        bas_json_open(json, "value", '[');
    }
    while (raw.len != 0 && take(v, &raw, &item)) {
        item_json(&item, json, is_array ? NULL : "value");
        *v->arena = before;
    }
    if (is_array) {
        bas_json_close(json, ']');
    }
    if (type != NULL) {
        bas_json_text(json, "type", type);
    }
}

void value_json(const struct value *v, struct bas_json *json)
{
    write_json(v, true, json);
}

void value_item_json(const struct value *v, struct bas_json *json)
{
    write_json(v, false, json);
}

bool value_cut(struct value *v, struct bas_slice *rest)
{
    const struct bac_arena before = *v->arena;
    struct bas_slice raw = v->raw;
    struct item item = { 0 };
    bool good = take(v, &raw, &item) && raw.len < v->raw.len;
    *v->arena = before;
    if (good) {
        v->raw.len -= raw.len;
        *rest = raw;
    }
    return good;
}

/* Text */

void value_tame(struct bas_buf *out, size_t from)
{
    if (out->data != NULL && bas_buf_text(out) != NULL && from < out->len) {
        out_tame((char *)out->data + from);
    }
}

static void item_text(const struct item *item, struct bas_buf *out)
{
    struct bas_json json;
    size_t from = out->len;
    if (item->constructed == NULL) {
        bac_value_text(item->type, &item->primitive, out);
        value_tame(out, from);
        return;
    }
    bas_json_init(&json, out);
    bac_json(item->type, item->constructed, &json, NULL);
}

void value_text(const struct value *v, const char *separator, struct bas_buf *out)
{
    const struct bac_arena before = *v->arena;
    struct bas_slice raw = v->raw;
    struct item item = { 0 };
    bool is_good = false;
    size_t n = count(v, &item, &is_good);
    if (!is_good) {
        struct bas_json json;
        bas_json_init(&json, out);
        (void)bac_json_any(v->raw, &json, NULL);
        return;
    }
    for (size_t i = 0; i < n && take(v, &raw, &item); i++) {
        bas_buf_add_text(out, i == 0 ? "" : separator);
        item_text(&item, out);
        *v->arena = before;
    }
}
