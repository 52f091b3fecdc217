/* Owns one field of a value, whatever its kind: check, number, text, JSON and back. */
#include "knx/dpt/dpt.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEP_CODES = 7, DIRECTION = 8 };

static bool is_number_kind(const struct knx_dpt_field *field)
{
    switch (field->kind) {
    case KNX_FIELD_UNSIGNED:
    case KNX_FIELD_SIGNED:
    case KNX_FIELD_SIGNED_OR_INVALID:
    case KNX_FIELD_FLOAT16:
    case KNX_FIELD_FLOAT32:
    case KNX_FIELD_YEAR:
        return true;
    default:
        return false;
    }
}

static uint64_t largest(const struct knx_dpt_field *field)
{
    return (uint64_t)field->max;
}

static const char *text_of(const struct knx_dpt_field *field, uint64_t bits)
{
    return field->texts != NULL && bits <= largest(field) ? field->texts[bits] : NULL;
}

static bas_err check_enum(const struct knx_dpt_at *at, uint64_t bits)
{
    bool is_known = at->field->texts != NULL ? text_of(at->field, bits) != NULL
                                             : (double)bits <= at->field->max;
    return is_known ? BAS_OK : knx_dpt_refuse(at, "%" PRIu64 " is reserved", bits);
}

static bas_err check_bcd(const struct knx_dpt_at *at, uint64_t bits)
{
    for (unsigned shift = 0; shift < at->field->width; shift += 4) {
        if ((bits >> shift & 0xF) > 9) {
            return knx_dpt_refuse(at, "%" PRIx64 " has digits above 9", bits);
        }
    }
    return BAS_OK;
}

bas_err knx_field_check(const struct knx_dpt_at *at, uint64_t bits)
{
    if (is_number_kind(at->field)) {
        return knx_number_check(at, bits);
    }
    switch (at->field->kind) {
    case KNX_FIELD_RESERVED:
        return bits == 0 ? BAS_OK : knx_dpt_refuse(at, "reserved bits are set");
    case KNX_FIELD_ENUM:
        return check_enum(at, bits);
    case KNX_FIELD_BCD:
        return check_bcd(at, bits);
    default:
        return BAS_OK;
    }
}

bool knx_field_number(const struct knx_dpt_field *field, uint64_t bits, double *number)
{
    if (field->kind != KNX_FIELD_ENUM && !is_number_kind(field)) {
        return false;
    }
    double value = knx_number_of(field, bits);
    if (knx_number_is_invalid(field, bits) || isnan(value)) {
        return false;
    }
    *number = value;
    return true;
}

static void add_step(const struct knx_dpt_field *field, uint64_t bits, struct bas_buf *out)
{
    if ((bits & STEP_CODES) == 0) {
        bas_buf_add_text(out, "stop");
    } else {
        bas_buf_format(out, "%s %u", field->texts[(bits & DIRECTION) != 0],
                       (unsigned)(bits & STEP_CODES));
    }
}

void knx_field_text(const struct knx_dpt_field *field, uint64_t bits, struct bas_buf *out)
{
    const char *text = field->kind == KNX_FIELD_ENUM ? text_of(field, bits) : NULL;
    if (knx_number_is_invalid(field, bits)) {
        bas_buf_add_text(out, "invalid");
    } else if (is_number_kind(field)) {
        knx_number_text(field, bits, out);
        bool has_unit = field->unit[0] != 0 && isfinite(knx_number_of(field, bits));
        bas_buf_format(out, "%s%s", has_unit ? " " : "", has_unit ? field->unit : "");
    } else if (field->kind == KNX_FIELD_STEP) {
        add_step(field, bits, out);
    } else if (field->kind == KNX_FIELD_BCD || field->kind == KNX_FIELD_HEX) {
        bas_buf_format(out, "%0*" PRIx64, field->width / 4, bits);
    } else if (text != NULL) {
        bas_buf_add_text(out, text);
    } else {
        bas_buf_format(out, "%" PRIu64, bits);
    }
}

/* JSON */

static void number_json(const struct knx_dpt_field *field, uint64_t bits, const char *key,
                        struct bas_json *json)
{
    double value = 0;
    char memory[64];
    struct bas_buf text;
    bas_buf_init(&text, memory, sizeof(memory));
    knx_number_text(field, bits, &text);
    const char *shortest = bas_buf_text(&text);
    if (!knx_field_number(field, bits, &value)) {
        bas_json_null(json, key);
    } else if (!isfinite(value)) {
        bas_json_real(json, key, value, 9);
    } else if (strpbrk(shortest, ".eE") != NULL) {
        bas_json_real(json, key, strtod(shortest, NULL), 17);
    } else {
        bas_json_signed(json, key, strtoll(shortest, NULL, 10));
    }
}

static void enum_json(const struct knx_dpt_field *field, uint64_t bits, bool inside,
                      const char *key, struct bas_json *json)
{
    const char *text = text_of(field, bits);
    if (field->width == 1) {
        bas_json_bool(json, key, bits != 0);
    } else if (inside && text != NULL) {
        bas_json_text(json, key, text);
    } else {
        bas_json_unsigned(json, key, bits);
    }
}

void knx_field_json(const struct knx_dpt_field *field, uint64_t bits, bool inside, const char *key,
                    struct bas_json *json)
{
    if (is_number_kind(field)) {
        number_json(field, bits, key, json);
    } else if (field->kind == KNX_FIELD_ENUM) {
        enum_json(field, bits, inside, key, json);
    } else if (field->kind == KNX_FIELD_FLAG || field->kind == KNX_FIELD_CLEAR) {
        bas_json_bool(json, key, (bits != 0) == (field->kind == KNX_FIELD_FLAG));
    } else if (field->kind == KNX_FIELD_STEP) {
        bas_json_open(json, key, '{');
        bas_json_text(json, "direction", field->texts[(bits & DIRECTION) != 0]);
        bas_json_unsigned(json, "step", bits & STEP_CODES);
        bas_json_close(json, '}');
    } else {
        char memory[24];
        struct bas_buf text;
        bas_buf_init(&text, memory, sizeof(memory));
        knx_field_text(field, bits, &text);
        bas_json_text(json, key, bas_buf_text(&text));
    }
}

/* From a person */

/* "off, on" or "0 .. 255": what an enumeration takes. */
static bas_err refuse_enum(const struct knx_dpt_at *at, struct knx_word word)
{
    char memory[BAS_FAULT_TEXT];
    struct bas_buf list;
    bas_buf_init(&list, memory, sizeof(memory));
    for (uint64_t n = 0; at->field->texts != NULL && n <= largest(at->field); n++) {
        if (at->field->texts[n] != NULL) {
            bas_buf_format(&list, "%s%s", list.len != 0 ? ", " : "", at->field->texts[n]);
        }
    }
    if (at->field->texts == NULL) {
        bas_buf_format(&list, "0 .. %" PRIu64, largest(at->field));
    }
    return knx_dpt_refuse(at, "\"%.*s\" is none of: %s", (int)(word.len < 40 ? word.len : 40),
                          word.at, bas_buf_text(&list));
}

static bas_err parse_enum(const struct knx_dpt_at *at, struct knx_word word, uint64_t *bits)
{
    const struct knx_dpt_field *field = at->field;
    for (uint64_t n = largest(field) + 1; field->texts != NULL && n-- > 0;) {
        if (field->texts[n] != NULL && knx_word_is(word, field->texts[n])) {
            *bits = n;
            return BAS_OK;
        }
    }
    if (field->width == 1 && (knx_word_is(word, "true") || knx_word_is(word, "on"))) {
        *bits = 1;
        return BAS_OK;
    }
    if (field->width == 1 && (knx_word_is(word, "false") || knx_word_is(word, "off"))) {
        *bits = 0;
        return BAS_OK;
    }
    bool is_number = knx_word_number(word, largest(field), bits);
    bool is_known = is_number && (field->texts == NULL || text_of(field, *bits) != NULL);
    return is_known ? BAS_OK : refuse_enum(at, word);
}

static bas_err parse_step(const struct knx_dpt_at *at, struct knx_word word, uint64_t *bits)
{
    if (knx_word_is(word, "stop") || knx_word_is(word, "break")) {
        *bits = 0;
        return BAS_OK;
    }
    for (unsigned direction = 0; direction < 2; direction++) {
        struct knx_word rest = word;
        uint64_t code = 1; /* the whole way */
        if (knx_word_skip(&rest, at->field->texts[direction]) &&
            (rest.len == 0 || knx_word_number(knx_word_trim(rest), STEP_CODES, &code))) {
            *bits = direction * (unsigned)DIRECTION | code;
            return BAS_OK;
        }
    }
    return knx_dpt_refuse(at, "\"%.*s\" is neither stop nor %s or %s with a step 1 .. 7",
                          (int)(word.len < 40 ? word.len : 40), word.at, at->field->texts[0],
                          at->field->texts[1]);
}

/* Exactly the digits of the width. */
static bas_err parse_digits(const struct knx_dpt_at *at, struct knx_word word, uint64_t *bits)
{
    unsigned base = at->field->kind == KNX_FIELD_BCD ? 10 : 16;
    uint64_t value = 0;
    bool is_good = word.len == at->field->width / 4U;
    for (size_t i = 0; is_good && i < word.len; i++) {
        char c = word.at[i];
        char lower = (char)(c | 0x20);
        unsigned digit = c >= '0' && c <= '9'           ? (unsigned)(c - '0')
                         : lower >= 'a' && lower <= 'f' ? (unsigned)(lower - 'a') + 10
                                                        : base;
        is_good = digit < base;
        value = value << 4 | (digit & 0xF);
    }
    if (!is_good) {
        return knx_dpt_refuse(at, "it is written as %d %s", at->field->width / 4,
                              base == 10 ? "digits" : "hexadecimal digits");
    }
    *bits = value;
    return BAS_OK;
}

bas_err knx_field_parse(const struct knx_dpt_at *at, struct knx_word word, uint64_t *bits)
{
    switch (at->field->kind) {
    case KNX_FIELD_ENUM:
        return parse_enum(at, word, bits);
    case KNX_FIELD_STEP:
        return parse_step(at, word, bits);
    case KNX_FIELD_BCD:
    case KNX_FIELD_HEX:
        return parse_digits(at, word, bits);
    default:
        return knx_number_parse(at, word, bits);
    }
}
