/* Owns every call into jansson: a text as a tree of values, bounded. */
#include "json/json.h"

#include <jansson.h>

#include <string.h>

/* Types are the parser's own: a value of ours is one of its. */
static const json_t *inner(const struct jv *value)
{
    return (const json_t *)(const void *)value;
}

static const struct jv *outer(const json_t *value)
{
    return (const struct jv *)(const void *)value;
}

/* The deepest nesting of brackets outside of strings: what the parser would go down to. */
static size_t depth_of(struct bas_slice text)
{
    size_t depth = 0;
    size_t most = 0;
    bool is_string = false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (is_string) {
            i += c == '\\';
            is_string = c != '"';
        } else if (c == '[' || c == '{') {
            depth++;
            most = depth > most ? depth : most;
        } else if (c == ']' || c == '}') {
            depth -= depth > 0;
        } else {
            is_string = c == '"';
        }
    }
    return most;
}

bas_err jv_read(struct bas_slice text, const struct jv_limits *limits, struct jv **document,
                struct bas_fault *fault)
{
    *document = NULL;
    if (text.len > limits->octets) {
        return bas_fail(fault, BAS_ERR_TOO_LONG, "JSON of more than %zu octets", limits->octets);
    }
    if (depth_of(text) > limits->depth) {
        return bas_fail(fault, BAS_ERR_TOO_LONG, "arrays and objects more than %zu deep",
                        limits->depth);
    }
    json_error_t error = { 0 };
    const char *octets = text.len == 0 ? "" : (const char *)text.data;
    json_t *root = json_loadb(octets, text.len,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (root == NULL) {
        return bas_fail(fault, BAS_ERR_MALFORMED, "line %d column %d: %s", error.line, error.column,
                        error.text);
    }
    *document = (struct jv *)(void *)root;
    return BAS_OK;
}

void jv_free(struct jv *document)
{
    json_decref((json_t *)(void *)document);
}

enum jv_kind jv_kind(const struct jv *value)
{
    switch (json_typeof(inner(value))) {
    case JSON_OBJECT:
        return JV_OBJECT;
    case JSON_ARRAY:
        return JV_ARRAY;
    case JSON_STRING:
        return JV_TEXT;
    case JSON_INTEGER:
        return JV_INTEGER;
    case JSON_REAL:
        return JV_REAL;
    case JSON_TRUE:
    case JSON_FALSE:
        return JV_BOOLEAN;
    case JSON_NULL:
        break;
    }
    return JV_NULL;
}

bool jv_boolean(const struct jv *value)
{
    return json_is_true(inner(value));
}

int64_t jv_integer(const struct jv *value)
{
    return json_integer_value(inner(value));
}

double jv_real(const struct jv *value)
{
    return json_real_value(inner(value));
}

struct bas_slice jv_text(const struct jv *value)
{
    return (struct bas_slice){ (const uint8_t *)json_string_value(inner(value)),
                               json_string_length(inner(value)) };
}

size_t jv_count(const struct jv *value)
{
    return json_is_array(inner(value)) ? json_array_size(inner(value))
                                       : json_object_size(inner(value));
}

const struct jv *jv_element(const struct jv *array, size_t at)
{
    return outer(json_array_get(inner(array), at));
}

const struct jv *jv_member(const struct jv *object, const char *name)
{
    return outer(json_object_get(inner(object), name));
}

const char *jv_next(const struct jv *object, const char *name)
{
    json_t *members = NULL; /* iterators want a value that they could change */
    const json_t *constant = inner(object);
    memcpy(&members, &constant, sizeof(members));
    void *at = name == NULL ? json_object_iter(members)
                            : json_object_iter_next(members, json_object_key_to_iter(name));
    return at == NULL ? NULL : json_object_iter_key(at);
}
