/* Owns writing primitive values as JSON. */
#include "bacnet/json_primitive.h"

#include "bacnet/tag.h"
#include "bacnet/value_text.h"

#include "basalt/bacnet_type.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_OCTETS = 3072 /* a text of another set than UTF-8, converted */ };

static void json_text(struct bas_json *json, const char *key, const struct bac_text *text)
{
    uint8_t memory[TEXT_OCTETS];
    struct bas_buf utf8;
    bas_buf_init(&utf8, memory, sizeof(memory));
    bool is_ours = text->charset == BAC_CHARSET_UTF8;
    bool is_known = bac_text_utf8(text, &utf8); /* looks at all of it, even where it does not fit */
    if (is_ours && is_known) {
        bas_json_utf8(json, key, text->octets);
        return;
    }
    bool has_text = text->charset >= BAC_CHARSET_UCS4 && is_known && !utf8.full;
    bas_json_open(json, key, '{');
    bas_json_unsigned(json, "charset", text->charset);
    if (has_text) {
        bas_json_utf8(json, "text", (struct bas_slice){ memory, utf8.len });
    } else {
        bas_json_hex(json, "octets", text->octets);
    }
    if (is_ours) {
        bas_json_utf8(json, "text", text->octets); /* for people: as well as it can be read */
    }
    bas_json_close(json, '}');
}

size_t bac_named_bits(const struct bac_type *type)
{
    size_t last = type->n_names == 0 ? 0 : type->names[type->n_names - 1].number + 1U;
    return last > type->min ? last : (size_t)type->min;
}

static void json_set_bits(const struct bac_type *type, const struct bac_bits *bits,
                          struct bas_json *json, const char *key)
{
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

/* Digits, while they are few. */
static bool has_digits(const struct bac_bits *bits)
{
    return bits->count <= 256;
}

static void json_bits(const struct bac_type *type, const struct bac_bits *bits,
                      struct bas_json *json, const char *key)
{
    bool has_names = type != NULL && type->n_names > 0;
    if (has_names && bits->count == bac_named_bits(type)) {
        json_set_bits(type, bits, json, key);
    } else if (has_names) {
        bas_json_open(json, key, '{');
        bas_json_unsigned(json, "bits", bits->count);
        json_set_bits(type, bits, json, "set");
        bas_json_close(json, '}');
    } else if (has_digits(bits)) {
        char memory[257];
        struct bas_buf digits;
        bas_buf_init(&digits, memory, sizeof(memory));
        bac_bits_digits(bits, &digits);
        bas_json_text(json, key, bas_buf_text(&digits));
    } else {
        bas_json_open(json, key, '{');
        bas_json_unsigned(json, "bits", bits->count);
        bas_json_hex(json, "octets", bits->octets);
        bas_json_close(json, '}');
    }
}

/* Octets of a date or time that no text says. */
static void json_odd(struct bas_json *json, const char *key, const void *four)
{
    char memory[32];
    struct bas_buf text;
    bas_buf_init(&text, memory, sizeof(memory));
    bas_buf_add_text(&text, "octets:");
    bas_buf_add_hex(&text, (struct bas_slice){ four, 4 });
    bas_json_text(json, key, bas_buf_text(&text));
}

static void json_date(struct bas_json *json, const char *key, struct bac_date date)
{
    char memory[32];
    struct bas_buf text;
    struct bac_date back = { 0 };
    bas_buf_init(&text, memory, sizeof(memory));
    bac_date_text(date, &text);
    if (bac_date_parse(bas_buf_text(&text), &back) && memcmp(&back, &date, sizeof(date)) == 0) {
        bas_json_text(json, key, bas_buf_text(&text));
    } else {
        json_odd(json, key, &date);
    }
}

static void json_time(struct bas_json *json, const char *key, struct bac_time time)
{
    char memory[32];
    struct bas_buf text;
    struct bac_time back = { 0 };
    bas_buf_init(&text, memory, sizeof(memory));
    bac_time_text(time, &text);
    if (bac_time_parse(bas_buf_text(&text), &back) && memcmp(&back, &time, sizeof(time)) == 0) {
        bas_json_text(json, key, bas_buf_text(&text));
    } else {
        json_odd(json, key, &time);
    }
}

static void json_object_id(struct bas_json *json, const char *key, struct bac_object_id id)
{
    char memory[64];
    struct bas_buf text;
    bas_buf_init(&text, memory, sizeof(memory));
    bac_object_id_text(id, &text);
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

/* What JSON's readers keep whole is a number, more is a text of digits. */
static void json_unsigned(struct bas_json *json, const char *key, uint64_t number)
{
    char text[24];
    if (number <= INT64_MAX) {
        bas_json_unsigned(json, key, number);
        return;
    }
    (void)snprintf(text, sizeof(text), "%" PRIu64, number);
    bas_json_text(json, key, text);
}

/* NaN as JSON writers spell it, others with what else they say. */
static void json_nan(struct bas_json *json, const char *key, uint64_t bits, int digits)
{
    char text[24];
    uint64_t usual = digits == 8 ? UINT64_C(0x7FC00000) : UINT64_C(0x7FF8000000000000);
    (void)snprintf(text, sizeof(text), "nan:%0*" PRIx64, digits, bits);
    bas_json_text(json, key, bits == usual ? "NaN" : text);
}

static void json_real(struct bas_json *json, const char *key, const void *value, bool is_known)
{
    float real = 0;
    uint32_t bits = 0;
    memcpy(&real, value, sizeof(real));
    memcpy(&bits, value, sizeof(bits));
    if (isnan(real)) {
        json_nan(json, key, bits, 8);
    } else if (is_known) {
        bas_json_real(json, key, (double)real, 9);
    } else {
        bas_json_fraction(json, key, (double)real, 9);
    }
}

static void json_double(struct bas_json *json, const char *key, const void *value)
{
    double real = 0;
    uint64_t bits = 0;
    memcpy(&real, value, sizeof(real));
    memcpy(&bits, value, sizeof(bits));
    if (isnan(real)) {
        json_nan(json, key, bits, 16);
    } else {
        bas_json_real(json, key, real, 17);
    }
}

void bac_json_primitive(const struct bac_type *type, const void *value, struct bas_json *json,
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
        json_unsigned(json, key, *(const uint64_t *)value);
        break;
    case BAC_KIND_INTEGER:
        bas_json_signed(json, key, *(const int64_t *)value);
        break;
    case BAC_KIND_REAL:
        json_real(json, key, value, true);
        break;
    case BAC_KIND_DOUBLE:
        json_double(json, key, value);
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
        json_date(json, key, *(const struct bac_date *)value);
        break;
    case BAC_KIND_TIME:
        json_time(json, key, *(const struct bac_time *)value);
        break;
    case BAC_KIND_OBJECT_ID:
        json_object_id(json, key, *(const struct bac_object_id *)value);
        break;
    case BAC_KIND_SEQUENCE:
    case BAC_KIND_CHOICE:
    case BAC_KIND_LIST:
    case BAC_KIND_ANY:
    case BAC_KIND_VALUE:
        break;
    }
}

/* Whether the JSON of a value says by itself of which kind it is. */
static bool speaks_for_itself(const struct bac_value *value)
{
    switch (value->tag) {
    case BAC_TAG_NULL:
    case BAC_TAG_BOOLEAN:
    case BAC_TAG_CHARACTER_STRING:
        return true;
    case BAC_TAG_UNSIGNED:
        return value->as.unsigned_integer <= INT64_MAX;
    case BAC_TAG_INTEGER:
        return value->as.integer < 0;
    case BAC_TAG_REAL:
        return isfinite(value->as.real);
    case BAC_TAG_BIT_STRING:
        return !has_digits(&value->as.bits);
    case BAC_TAG_DOUBLE:
    case BAC_TAG_OCTET_STRING:
    case BAC_TAG_ENUMERATED:
    case BAC_TAG_DATE:
    case BAC_TAG_TIME:
    case BAC_TAG_OBJECT_IDENTIFIER:
        break;
    }
    return false;
}

void bac_json_value(const struct bac_value *value, struct bas_json *json, const char *key)
{
    const struct bac_type plain = { .kind = (enum bac_kind)value->tag };
    bool is_alone = speaks_for_itself(value);
    const char *kind = bac_tag_name(value->tag);
    if (kind == NULL) {
        return;
    }
    if (!is_alone) {
        bas_json_open(json, key, '{');
    }
    const char *name = is_alone ? key : kind;
    if (value->tag == BAC_TAG_ENUMERATED) {
        bas_json_unsigned(json, name, value->as.unsigned_integer);
    } else if (value->tag == BAC_TAG_REAL) {
        json_real(json, name, &value->as.real, !is_alone);
    } else {
        bac_json_primitive(&plain, &value->as, json, name);
    }
    if (!is_alone) {
        bas_json_close(json, '}');
    }
}
