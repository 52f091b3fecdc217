#include "vector.h"

#include "knx/ccm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *text_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_string(value) ? json_string_value(value) : NULL;
}

bool has(const json_t *object, const char *key)
{
    return json_object_get(object, key) != NULL;
}

bool is(const json_t *object, const char *key, const char *text)
{
    const char *value = text_of(object, key);
    return value != NULL && strcmp(value, text) == 0;
}

struct bas_slice hex_of(const json_t *object, const char *key)
{
    const char *text = text_of(object, key);
    if (text == NULL) {
        fail_msg("no %s", key);
    }
    return test_hex(text);
}

uint64_t number_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_integer(value)) {
        return (uint64_t)json_integer_value(value);
    }
    const char *text = text_of(object, key);
    assert_non_null(text);
    return strtoull(text, NULL, 16);
}

struct knx_key key_of(const json_t *object, const char *name)
{
    struct knx_key key;
    struct bas_slice octets = hex_of(object, name);
    assert_int_equal(octets.len, sizeof(key.octets));
    memcpy(key.octets, octets.data, sizeof(key.octets));
    return key;
}

struct knx_cipher cipher_of(const json_t *object, const char *name)
{
    struct knx_key key = key_of(object, name);
    struct knx_cipher cipher;
    knx_cipher_init(&cipher, &key);
    return cipher;
}

void assert_octets(const struct vector *v, struct bas_slice is, struct bas_slice wanted)
{
    if (is.len != wanted.len || (is.len != 0 && memcmp(is.data, wanted.data, is.len) != 0)) {
        char text[400];
        struct bas_buf buf;
        bas_buf_init(&buf, text, sizeof(text));
        bas_buf_add_text(&buf, "is ");
        bas_buf_add_hex(&buf, is);
        bas_buf_add_text(&buf, ", wanted ");
        bas_buf_add_hex(&buf, wanted);
        fail_msg("%s: %s", v->id, bas_buf_text(&buf));
    }
}

void assert_is(const struct vector *v, const void *octets, size_t len, const char *key)
{
    assert_octets(v, (struct bas_slice){ octets, len }, hex_of(v->expect, key));
}

void assert_buf(const struct vector *v, const struct bas_buf *buf, const char *key)
{
    assert_false(buf->full);
    assert_is(v, buf->data, buf->len, key);
}

void check_mac(const struct vector *v, const char *key, struct bas_slice payload)
{
    if (!has(v->input, "b0") || !has(v->input, "additional_data")) {
        return;
    }
    struct knx_cipher cipher = cipher_of(v->input, key);
    struct knx_ccm ccm = { .cipher = &cipher };
    memcpy(ccm.b0, hex_of(v->input, "b0").data, sizeof(ccm.b0));
    struct bas_slice associated = hex_of(v->input, "additional_data");
    uint8_t mac[KNX_BLOCK_LEN];
    knx_ccm_mac(&ccm, &associated, 1, payload, mac);
    bool is_short = has(v->expect, "cbc_mac4");
    assert_is(v, mac, is_short ? 4 : sizeof(mac), is_short ? "cbc_mac4" : "cbc_mac");
}

json_t *load_vectors(void)
{
    const char *folder = getenv("BASALT_VECTORS");
    assert_non_null(folder);
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/knx-vectors.json", folder);
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);
    if (root == NULL) {
        fail_msg("%s: %s", path, error.text);
    }
    return root;
}

void check_group(void **state)
{
    const struct vector_group *group = *state;
    json_t *root = load_vectors();
    size_t n = 0;
    size_t i = 0;
    const json_t *row = NULL;
    json_array_foreach(json_object_get(root, "vectors"), i, row)
    {
        if (!is(row, "group", group->name)) {
            continue;
        }
        const struct vector v = { text_of(row, "id"), json_object_get(row, "input"),
                                  json_object_get(row, "expect") };
        print_message("# %s\n", v.id);
        group->check(&v);
        n++;
    }
    json_decref(root);
    assert_int_equal(n, group->count);
}
