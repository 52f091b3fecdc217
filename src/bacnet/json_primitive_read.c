/* Owns reading primitive values from JSON. */
#include "bacnet/json_primitive.h"
#include "bacnet/names.h"
#include "bacnet/schema.h"
#include "bacnet/value_text.h"

#include "basalt/bacnet_type.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WORD = 96 /* octets of a text that is a name, a date, an identifier ... */ };

/* Faults */

static void add_place(struct bas_buf *out, const struct bac_place *place)
{
    if (place == NULL) {
        return;
    }
    add_place(out, place->outer);
    if (place->name == NULL) {
        bas_buf_format(out, "[%zu]", place->at);
    } else {
        bas_buf_format(out, "%s%s", out->len == 0 ? "" : ".", place->name);
    }
}

bas_err bac_json_fail(const struct bac_json_reader *r, const char *format, ...)
{
    char where[160];
    char what[160];
    struct bas_buf place;
    va_list args;
    bas_buf_init(&place, where, sizeof(where));
    add_place(&place, r->place);
    va_start(args, format);
    (void)vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    return bas_fail(r->fault, BAS_ERR_INVALID, "%s%s%s", bas_buf_text(&place),
                    place.len == 0 ? "" : ": ", what);
}

bas_err bac_json_fail_no_space(const struct bac_json_reader *r)
{
    bas_err err = bac_json_fail(r, "there is no memory left for it");
    if (r->fault != NULL) {
        r->fault->err = BAS_ERR_NO_SPACE;
    }
    return err == BAS_OK ? BAS_OK : BAS_ERR_NO_SPACE;
}

static bas_err expected(const struct bac_json_reader *r, const char *what)
{
    return bac_json_fail(r, "expected %s", what);
}

/* Words */

/* A text without a NUL in it, short enough to be a word. */
static const char *word_of(const struct jv *json)
{
    if (jv_kind(json) != JV_TEXT) {
        return NULL;
    }
    struct bas_slice text = jv_text(json);
    bool is_word = text.len < MAX_WORD && strlen((const char *)text.data) == text.len;
    return is_word ? (const char *)text.data : NULL;
}

static bool starts_with(const char *text, const char *word)
{
    return text != NULL && strncmp(text, word, strlen(word)) == 0;
}

static void *take(const struct bac_json_reader *r, size_t len)
{
    return bac_arena_take(r->arena, len);
}

bas_err bac_json_read_hex(const struct bac_json_reader *r, const struct jv *json,
                          struct bas_slice *octets)
{
    if (jv_kind(json) != JV_TEXT) {
        return expected(r, "hex octets such as \"0a0b\"");
    }
    struct bas_slice text = jv_text(json);
    size_t len = text.len / 2;
    uint8_t *out = take(r, len);
    if (out == NULL) {
        return bac_json_fail_no_space(r);
    }
    bool is_whole = strlen((const char *)text.data) == text.len;
    if (!is_whole || bas_hex_decode((const char *)text.data, out, &len) != BAS_OK) {
        return expected(r, "hex octets such as \"0a0b\"");
    }
    *octets = (struct bas_slice){ out, len };
    return BAS_OK;
}

/* Numbers */

static bas_err read_unsigned(const struct bac_json_reader *r, const struct jv *json, uint64_t *out)
{
    const char *word = word_of(json);
    if (jv_kind(json) == JV_INTEGER && jv_integer(json) >= 0) {
        *out = (uint64_t)jv_integer(json);
        return BAS_OK;
    }
    if (word != NULL && bac_digits(word, strlen(word), UINT64_MAX, out)) {
        return BAS_OK;
    }
    return expected(r, "a whole number from 0 up");
}

static bas_err read_integer(const struct bac_json_reader *r, const struct jv *json, int64_t *out)
{
    if (jv_kind(json) != JV_INTEGER) {
        return expected(r, "a whole number");
    }
    *out = jv_integer(json);
    return BAS_OK;
}

/* "nan:" and the bits, as many hex digits as the type has. */
static bool read_nan(const char *word, size_t digits, uint64_t *bits)
{
    if (!starts_with(word, "nan:") || strlen(word) != 4 + digits) {
        return false;
    }
    char *end = NULL;
    *bits = strtoull(word + 4, &end, 16);
    return *end == 0;
}

static bool read_number(const struct jv *json, double *out)
{
    static const struct {
        const char *word;
        double value;
    } words[] = { { "NaN", (double)NAN },
                  { "Infinity", (double)INFINITY },
                  { "-Infinity", -(double)INFINITY } };
    const char *word = word_of(json);
    for (size_t i = 0; word != NULL && i < BAS_ARRAY_LEN(words); i++) {
        if (strcmp(word, words[i].word) == 0) {
            *out = words[i].value;
            return true;
        }
    }
    const int64_t whole = jv_integer(json); /* 0 for what is none */
    *out = jv_kind(json) == JV_INTEGER ? (double)whole : jv_real(json);
    return jv_kind(json) == JV_INTEGER || jv_kind(json) == JV_REAL;
}

static bas_err read_real(const struct bac_json_reader *r, const struct jv *json, void *out)
{
    double number = 0;
    uint64_t bits = 0;
    if (read_nan(word_of(json), 8, &bits)) {
        const uint32_t narrow = (uint32_t)bits;
        memcpy(out, &narrow, sizeof(narrow));
        return BAS_OK;
    }
    if (!read_number(json, &number)) {
        return expected(r, "a number such as 72.5");
    }
    const float real = (float)number;
    if (isinf(real) && !isinf(number)) {
        return bac_json_fail(r, "the number is too big for a REAL");
    }
    memcpy(out, &real, sizeof(real));
    return BAS_OK;
}

static bas_err read_double(const struct bac_json_reader *r, const struct jv *json, void *out)
{
    double number = 0;
    uint64_t bits = 0;
    if (read_nan(word_of(json), 16, &bits)) {
        memcpy(out, &bits, sizeof(bits));
        return BAS_OK;
    }
    if (!read_number(json, &number)) {
        return expected(r, "a number such as 72.5");
    }
    memcpy(out, &number, sizeof(number));
    return BAS_OK;
}

/* Enumerations. Object types and properties have short names too. */
static bool number_of(const struct bac_type *type, const char *word, uint32_t *number)
{
    uint32_t index = BAC_NO_INDEX;
    if (type->n_names > 0 && bac_enum_number(type, word, number)) {
        return true;
    }
    if (type == &bac_type_object_type) {
        return bac_object_type_parse(word, number);
    }
    return type == &bac_type_property_identifier && bac_property_parse(word, number, &index) &&
           index == BAC_NO_INDEX;
}

static bas_err read_enumerated(const struct bac_json_reader *r, const struct bac_type *type,
                               const struct jv *json, uint32_t *out)
{
    const char *word = word_of(json);
    if (word != NULL) {
        return number_of(type, word, out)
                   ? BAS_OK
                   : bac_json_fail(r, "%s has no name \"%s\"",
                                   type->name == NULL ? "this type" : type->name, word);
    }
    if (jv_kind(json) != JV_INTEGER || jv_integer(json) < 0 || jv_integer(json) > UINT32_MAX) {
        return expected(r, "a name or number of the enumeration");
    }
    *out = (uint32_t)jv_integer(json);
    return BAS_OK;
}

/* Texts */

static bas_err read_converted(const struct bac_json_reader *r, const struct jv *json,
                              struct bac_text *out)
{
    if (jv_kind(json) != JV_TEXT) {
        return expected(r, "a text");
    }
    struct bas_slice utf8 = jv_text(json);
    struct bas_buf buf;
    const size_t most = 4 * utf8.len;
    uint8_t *memory = take(r, most);
    if (memory == NULL) {
        return bac_json_fail_no_space(r);
    }
    bas_buf_init(&buf, memory, most);
    if (!bac_charset_from_utf8(out->charset, utf8, &buf)) {
        return bac_json_fail(r, "character set %u does not have this text", out->charset);
    }
    r->arena->used -= most - buf.len;
    out->octets = (struct bas_slice){ memory, buf.len };
    return BAS_OK;
}

/* {"charset":4,"text":"..."} or {"charset":1,"octets":"..."} */
static bas_err read_charset(const struct bac_json_reader *r, const struct jv *json,
                            struct bac_text *out)
{
    const struct jv *charset = jv_member(json, "charset");
    const struct jv *octets = jv_member(json, "octets");
    const struct jv *text = jv_member(json, "text");
    bool is_set = charset != NULL && jv_kind(charset) == JV_INTEGER && jv_integer(charset) >= 0 &&
                  jv_integer(charset) <= BAC_CHARSET_LATIN1;
    bool has_all = jv_count(json) == 1U + (octets != NULL) + (text != NULL);
    if (!is_set || !has_all || (octets == NULL && text == NULL)) {
        return expected(r, "a text, or {\"charset\":0 .. 5,\"text\":...} or \"octets\"");
    }
    out->charset = (uint8_t)jv_integer(charset);
    return octets != NULL ? bac_json_read_hex(r, octets, &out->octets)
                          : read_converted(r, text, out);
}

static bas_err read_text(const struct bac_json_reader *r, const struct jv *json,
                         struct bac_text *out)
{
    out->charset = BAC_CHARSET_UTF8;
    if (jv_kind(json) == JV_OBJECT) {
        return read_charset(r, json, out);
    }
    if (jv_kind(json) != JV_TEXT) {
        return expected(r, "a text");
    }
    struct bas_slice utf8 = jv_text(json);
    uint8_t *copy = take(r, utf8.len);
    if (copy == NULL) {
        return bac_json_fail_no_space(r);
    }
    if (utf8.len != 0) {
        memcpy(copy, utf8.data, utf8.len);
    }
    out->octets = (struct bas_slice){ copy, utf8.len };
    return BAS_OK;
}

/* Bit strings */

static bas_err new_bits(const struct bac_json_reader *r, uint64_t count, struct bac_bits *out,
                        uint8_t **octets)
{
    const size_t len = (size_t)(count / 8 + (count % 8 != 0));
    *octets = take(r, len);
    if (*octets == NULL) {
        return bac_json_fail_no_space(r);
    }
    *out = (struct bac_bits){ (size_t)count, { *octets, len } };
    return BAS_OK;
}

static bas_err read_set(const struct bac_json_reader *r, const struct bac_type *type,
                        const struct jv *json, struct bac_bits *bits)
{
    struct bac_place place = { r->place, NULL, 0 };
    const struct bac_json_reader at = { r->arena, r->fault, &place };
    const size_t count = bits->count;
    uint8_t *octets = NULL;
    bas_err err = new_bits(r, count, bits, &octets);
    for (; err == BAS_OK && place.at < jv_count(json); place.at++) {
        uint32_t bit = 0;
        err = read_enumerated(&at, type, jv_element(json, place.at), &bit);
        if (err == BAS_OK && bit >= count) {
            return bac_json_fail(&at, "there are %zu bits", count);
        }
        if (err == BAS_OK) {
            octets[bit / 8] = (uint8_t)(octets[bit / 8] | 0x80U >> (bit % 8));
        }
    }
    return err;
}

/* {"bits":n,"set":[...]} or {"bits":n,"octets":"..."} */
static bas_err read_long_bits(const struct bac_json_reader *r, const struct bac_type *type,
                              const struct jv *json, struct bac_bits *out)
{
    const struct jv *bits = jv_member(json, "bits");
    const struct jv *set = jv_member(json, "set");
    const struct jv *octets = jv_member(json, "octets");
    enum { MOST = 1 << 20 };
    if (bits == NULL || jv_kind(bits) != JV_INTEGER || jv_integer(bits) < 0 ||
        jv_integer(bits) > MOST || jv_count(json) != 2 || (set == NULL && octets == NULL)) {
        return expected(r, "bits: an array, digits, or {\"bits\":n,\"set\":[...]} or \"octets\"");
    }
    out->count = (size_t)jv_integer(bits);
    if (set != NULL) {
        return jv_kind(set) == JV_ARRAY ? read_set(r, type, set, out) : expected(r, "an array");
    }
    bas_err err = bac_json_read_hex(r, octets, &out->octets);
    if (err == BAS_OK && out->octets.len != out->count / 8 + (out->count % 8 != 0)) {
        return bac_json_fail(r, "%zu octets do not hold %zu bits", out->octets.len, out->count);
    }
    return err;
}

static bas_err read_digits(const struct bac_json_reader *r, struct bas_slice digits,
                           struct bac_bits *out)
{
    uint8_t *octets = NULL;
    bas_err err = new_bits(r, digits.len, out, &octets);
    for (size_t i = 0; err == BAS_OK && i < digits.len; i++) {
        if (digits.data[i] != '0' && digits.data[i] != '1') {
            return expected(r, "bits such as \"0110\"");
        }
        if (digits.data[i] == '1') {
            octets[i / 8] = (uint8_t)(octets[i / 8] | 0x80U >> (i % 8));
        }
    }
    return err;
}

static bas_err read_bits(const struct bac_json_reader *r, const struct bac_type *type,
                         const struct jv *json, struct bac_bits *out)
{
    switch (jv_kind(json)) {
    case JV_TEXT:
        return read_digits(r, jv_text(json), out);
    case JV_OBJECT:
        return read_long_bits(r, type, json, out);
    case JV_ARRAY:
        out->count = bac_named_bits(type);
        return type->n_names > 0 ? read_set(r, type, json, out)
                                 : expected(r, "bits such as \"0110\"");
    case JV_NULL:
    case JV_BOOLEAN:
    case JV_INTEGER:
    case JV_REAL:
        break;
    }
    return expected(r, type->n_names > 0 ? "an array of the bits that are set"
                                         : "bits such as \"0110\"");
}

/* Dates, times, object identifiers */

static bool read_four(const char *word, void *out)
{
    uint8_t octets[4];
    size_t len = sizeof(octets);
    if (!starts_with(word, "octets:") || bas_hex_decode(word + 7, octets, &len) != BAS_OK ||
        len != sizeof(octets)) {
        return false;
    }
    memcpy(out, octets, sizeof(octets));
    return true;
}

static bas_err read_word(const struct bac_json_reader *r, enum bac_kind kind, const struct jv *json,
                         void *out)
{
    const char *word = word_of(json);
    if (kind == BAC_KIND_OBJECT_ID) {
        return word != NULL && bac_object_id_parse(word, out)
                   ? BAS_OK
                   : expected(r, "an object identifier such as \"analog-input,1\" or \"ai,1\"");
    }
    if (read_four(word, out)) {
        return BAS_OK;
    }
    if (kind == BAC_KIND_DATE) {
        return word != NULL && bac_date_parse(word, out)
                   ? BAS_OK
                   : expected(r, "a date such as \"2026-10-12\" or \"*-12-25\"");
    }
    return word != NULL && bac_time_parse(word, out)
               ? BAS_OK
               : expected(r, "a time such as \"13:30\" or \"13:30:00.00\"");
}

static bas_err read_kind(const struct bac_json_reader *r, const struct bac_type *type,
                         const struct jv *json, void *value)
{
    switch (type->kind) {
    case BAC_KIND_NULL:
        return jv_kind(json) == JV_NULL ? BAS_OK : expected(r, "null");
    case BAC_KIND_BOOLEAN:
        *(bool *)value = jv_kind(json) == JV_BOOLEAN && jv_boolean(json);
        return jv_kind(json) == JV_BOOLEAN ? BAS_OK : expected(r, "true or false");
    case BAC_KIND_UNSIGNED:
        return read_unsigned(r, json, value);
    case BAC_KIND_INTEGER:
        return read_integer(r, json, value);
    case BAC_KIND_REAL:
        return read_real(r, json, value);
    case BAC_KIND_DOUBLE:
        return read_double(r, json, value);
    case BAC_KIND_OCTET_STRING:
        return bac_json_read_hex(r, json, value);
    case BAC_KIND_CHARACTER_STRING:
        return read_text(r, json, value);
    case BAC_KIND_BIT_STRING:
        return read_bits(r, type, json, value);
    case BAC_KIND_ENUMERATED:
        return read_enumerated(r, type, json, value);
    case BAC_KIND_DATE:
    case BAC_KIND_TIME:
    case BAC_KIND_OBJECT_ID:
        return read_word(r, type->kind, json, value);
    case BAC_KIND_SEQUENCE:
    case BAC_KIND_CHOICE:
    case BAC_KIND_LIST:
    case BAC_KIND_ANY:
    case BAC_KIND_VALUE:
        break;
    }
    return BAS_ERR_INTERNAL;
}

bas_err bac_json_read_primitive(const struct bac_json_reader *r, const struct bac_type *type,
                                const struct jv *json, void *value)
{
    bas_err err = read_kind(r, type, json, value);
    if (err != BAS_OK || bac_in_range(type, value)) {
        return err;
    }
    return bac_json_fail(r, "out of range for %s", type->name);
}

/* Values that say of which kind they are */

/* {"real":72}: the kind, and what stands under it; -1: it is none of these. */
static int kind_of(const struct jv *json, const struct jv **inner)
{
    const char *name = jv_count(json) == 1 ? jv_next(json, NULL) : NULL;
    for (unsigned tag = 0; name != NULL && bac_tag_name(tag) != NULL; tag++) {
        if (strcmp(name, bac_tag_name(tag)) == 0) {
            *inner = jv_member(json, name);
            return (int)tag;
        }
    }
    if (jv_member(json, "charset") != NULL || jv_member(json, "bits") != NULL) {
        *inner = json;
        return jv_member(json, "charset") != NULL ? BAC_TAG_CHARACTER_STRING : BAC_TAG_BIT_STRING;
    }
    return -1;
}

static int plain_kind(const struct jv *json)
{
    switch (jv_kind(json)) {
    case JV_NULL:
        return BAC_TAG_NULL;
    case JV_BOOLEAN:
        return BAC_TAG_BOOLEAN;
    case JV_INTEGER:
        return jv_integer(json) < 0 ? BAC_TAG_INTEGER : BAC_TAG_UNSIGNED;
    case JV_REAL:
        return BAC_TAG_REAL;
    case JV_TEXT:
        return BAC_TAG_CHARACTER_STRING;
    case JV_ARRAY:
    case JV_OBJECT:
        break;
    }
    return -1;
}

bas_err bac_json_read_value(const struct bac_json_reader *r, const struct jv *json,
                            struct bac_value *value)
{
    const struct jv *inner = json;
    int tag = jv_kind(json) == JV_OBJECT ? kind_of(json, &inner) : plain_kind(json);
    if (tag < 0) {
        return expected(r, "a value such as 72.5, \"text\", {\"enumerated\":1}, {\"date\":...}");
    }
    const struct bac_type plain = { .name = bac_tag_name((unsigned)tag),
                                    .kind = (enum bac_kind)tag };
    *value = (struct bac_value){ .tag = (enum bac_tag)tag };
    if (tag != BAC_TAG_ENUMERATED) {
        return bac_json_read_primitive(r, &plain, inner, &value->as);
    }
    uint32_t number = 0;
    bas_err err = bac_json_read_primitive(r, &plain, inner, &number);
    value->as.unsigned_integer = number;
    return err;
}
