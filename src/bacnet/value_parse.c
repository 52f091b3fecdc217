/* Owns reading values from a person's text. */
#include "bacnet/names.h"
#include "bacnet/schema.h"
#include "bacnet/tag.h"

#include "basalt/bacnet_enum.h"
#include "basalt/bacnet_type.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct parse {
    const struct bac_type *type; /* names and range; NULL: none */
    const char *text;
    struct bac_arena *arena;
};

static bool parse_boolean(const char *text, bool *out)
{
    static const char *const yes[] = { "true", "on", "yes", "1" };
    static const char *const no[] = { "false", "off", "no", "0" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(yes); i++) {
        bool is_yes = bac_same_name(yes[i], text, strlen(text));
        if (is_yes || bac_same_name(no[i], text, strlen(text))) {
            *out = is_yes;
            return true;
        }
    }
    return false;
}

static bool parse_integer(const char *text, int64_t *out)
{
    bool is_negative = *text == '-';
    const char *digits = is_negative || *text == '+' ? text + 1 : text;
    uint64_t most = (uint64_t)INT64_MAX + is_negative;
    uint64_t number = 0;
    if (!bac_digits(digits, strlen(digits), most, &number)) {
        return false;
    }
    *out = !is_negative ? (int64_t)number : number == 0 ? 0 : -(int64_t)(number - 1) - 1;
    return true;
}

static bool parse_double(const char *text, double *out)
{
    char *end = NULL;
    if (isspace((unsigned char)*text) || *text == 0) {
        return false;
    }
    errno = 0;
    *out = strtod(text, &end);
    bool is_too_big = errno == ERANGE && (*out > 1 || *out < -1);
    return *end == 0 && !is_too_big;
}

static bool parse_real(const char *text, float *out)
{
    char *end = NULL;
    if (isspace((unsigned char)*text) || *text == 0) {
        return false;
    }
    errno = 0;
    *out = strtof(text, &end);
    bool is_too_big = errno == ERANGE && (*out > 1 || *out < -1);
    return *end == 0 && !is_too_big;
}

static bool parse_octets(const struct parse *p, struct bas_slice *out)
{
    size_t len = strlen(p->text) / 2;
    uint8_t *octets = bac_arena_take(p->arena, len);
    if (octets == NULL || bas_hex_decode(p->text, octets, &len) != BAS_OK) {
        return false;
    }
    *out = (struct bas_slice){ octets, len };
    return true;
}

/* With quotes around it or without; inside quotes a backslash takes the next character as it is. */
static bool parse_text(const struct parse *p, struct bac_text *out)
{
    size_t len = strlen(p->text);
    bool is_quoted = len >= 2 && p->text[0] == '"' && p->text[len - 1] == '"';
    char *copy = bac_arena_take(p->arena, len);
    if (copy == NULL) {
        return false;
    }
    size_t n = 0;
    size_t end = is_quoted ? len - 1 : len;
    for (size_t i = is_quoted ? 1 : 0; i < end; i++) {
        if (is_quoted && p->text[i] == '\\' && i + 1 < end) {
            i++;
        }
        copy[n++] = p->text[i];
    }
    *out = (struct bac_text){ BAC_CHARSET_UTF8, { (const uint8_t *)copy, n } };
    return true;
}

static bool set_bit(struct bac_bits *bits, uint8_t *octets, uint32_t n)
{
    if (n >= bits->count) {
        return false;
    }
    octets[n / 8] = (uint8_t)(octets[n / 8] | 0x80U >> (n % 8));
    return true;
}

/* "{in-alarm,fault}", with the braces or without. */
static bool parse_bit_names(const struct parse *p, struct bac_bits *out)
{
    const struct bac_type *type = p->type;
    out->count = type->max != 0 ? type->max : type->names[type->n_names - 1].number + 1U;
    size_t len = (out->count + 7) / 8;
    uint8_t *octets = bac_arena_take(p->arena, len);
    if (octets == NULL) {
        return false;
    }
    out->octets = (struct bas_slice){ octets, len };
    const char *at = p->text + (*p->text == '{');
    while (*at != 0 && *at != '}') {
        size_t n = strcspn(at, ",}");
        uint32_t number = 0;
        uint64_t digits = 0;
        if (bac_digits(at, n, UINT32_MAX, &digits)) {
            number = (uint32_t)digits;
        } else if (!bac_enum_word(type, (struct bas_slice){ (const uint8_t *)at, n }, &number)) {
            return false;
        }
        if (!set_bit(out, octets, number)) {
            return false;
        }
        at += n + (at[n] == ',');
    }
    return *at == 0 || at[1] == 0;
}

static bool parse_bits(const struct parse *p, struct bac_bits *out)
{
    size_t count = strlen(p->text);
    bool has_names = p->type != NULL && p->type->n_names > 0;
    if (strspn(p->text, "01") != count || (count == 0 && has_names)) {
        return has_names && parse_bit_names(p, out);
    }
    uint8_t *octets = bac_arena_take(p->arena, (count + 7) / 8);
    if (octets == NULL) {
        return false;
    }
    *out = (struct bac_bits){ count, { octets, (count + 7) / 8 } };
    for (size_t i = 0; i < count; i++) {
        if (p->text[i] == '1') {
            (void)set_bit(out, octets, (uint32_t)i);
        }
    }
    return true;
}

static bool parse_enumerated(const struct parse *p, uint64_t *out)
{
    uint32_t number = 0;
    if (p->type != NULL && p->type->n_names > 0 && bac_enum_number(p->type, p->text, &number)) {
        *out = number;
        return true;
    }
    return bac_digits(p->text, strlen(p->text), UINT32_MAX, out);
}

static bool parse_kind(const struct parse *p, enum bac_tag tag, struct bac_value *value)
{
    value->tag = tag;
    switch (tag) {
    case BAC_TAG_NULL:
        return bac_same_name("null", p->text, strlen(p->text));
    case BAC_TAG_BOOLEAN:
        return parse_boolean(p->text, &value->as.boolean);
    case BAC_TAG_UNSIGNED:
        return bac_digits(p->text, strlen(p->text), UINT64_MAX, &value->as.unsigned_integer);
    case BAC_TAG_INTEGER:
        return parse_integer(p->text, &value->as.integer);
    case BAC_TAG_REAL:
        return parse_real(p->text, &value->as.real);
    case BAC_TAG_DOUBLE:
        return parse_double(p->text, &value->as.real64);
    case BAC_TAG_OCTET_STRING:
        return parse_octets(p, &value->as.octets);
    case BAC_TAG_CHARACTER_STRING:
        return parse_text(p, &value->as.text);
    case BAC_TAG_BIT_STRING:
        return parse_bits(p, &value->as.bits);
    case BAC_TAG_ENUMERATED:
        return parse_enumerated(p, &value->as.unsigned_integer);
    case BAC_TAG_DATE:
        return bac_date_parse(p->text, &value->as.date);
    case BAC_TAG_TIME:
        return bac_time_parse(p->text, &value->as.time);
    case BAC_TAG_OBJECT_IDENTIFIER:
        return bac_object_id_parse(p->text, &value->as.object);
    }
    return false;
}

/* What a text looks like, most special first. */
static bool guess(const struct parse *p, struct bac_value *value)
{
    size_t len = strlen(p->text);
    const struct parse binary = { &bac_type_binary_pv, p->text, p->arena };
    bool is_word = isalpha((unsigned char)*p->text) != 0;
    if (*p->text == '"') {
        return len >= 2 && p->text[len - 1] == '"' &&
               parse_kind(p, BAC_TAG_CHARACTER_STRING, value);
    }
    if (is_word) {
        return parse_kind(p, BAC_TAG_NULL, value) || parse_kind(p, BAC_TAG_BOOLEAN, value) ||
               parse_kind(&binary, BAC_TAG_ENUMERATED, value) ||
               parse_kind(p, BAC_TAG_OBJECT_IDENTIFIER, value);
    }
    return parse_kind(p, BAC_TAG_UNSIGNED, value) || parse_kind(p, BAC_TAG_INTEGER, value) ||
           parse_kind(p, BAC_TAG_REAL, value) || parse_kind(p, BAC_TAG_DATE, value) ||
           parse_kind(p, BAC_TAG_TIME, value) || parse_kind(p, BAC_TAG_OBJECT_IDENTIFIER, value);
}

static const char *expectation(enum bac_tag tag)
{
    static const char *const words[] = {
        [BAC_TAG_NULL] = "null",
        [BAC_TAG_BOOLEAN] = "true or false",
        [BAC_TAG_UNSIGNED] = "a whole number from 0 up",
        [BAC_TAG_INTEGER] = "a whole number",
        [BAC_TAG_REAL] = "a number such as 72.5",
        [BAC_TAG_DOUBLE] = "a number such as 72.5",
        [BAC_TAG_OCTET_STRING] = "hex octets such as 0a0b",
        [BAC_TAG_CHARACTER_STRING] = "a text",
        [BAC_TAG_BIT_STRING] = "bits such as 0110 or {name,name}",
        [BAC_TAG_ENUMERATED] = "a name or number of the enumeration",
        [BAC_TAG_DATE] = "a date such as 2026-10-12 or *-12-25",
        [BAC_TAG_TIME] = "a time such as 13:30 or 13:30:00.00",
        [BAC_TAG_OBJECT_IDENTIFIER] = "an object identifier such as ai,1",
    };
    return words[tag];
}

/* "real:72": the tag that stands in front, or -1; *rest is what follows. */
static int prefix(const char *text, const char **rest)
{
    size_t n = strcspn(text, ":");
    for (unsigned tag = BAC_TAG_BOOLEAN; text[n] == ':' && bac_tag_name(tag) != NULL; tag++) {
        if (bac_same_name(bac_tag_name(tag), text, n)) {
            *rest = text + n + 1;
            return (int)tag;
        }
    }
    return -1;
}

/* A name or a number in the range of the type. */
static bool is_allowed(const struct bac_type *type, const struct bac_value *value)
{
    if (value->tag == BAC_TAG_ENUMERATED) {
        uint32_t number = (uint32_t)value->as.unsigned_integer;
        return bac_in_range(type, &number);
    }
    return bac_in_range(type, &value->as);
}

bas_err bac_value_parse(const struct bac_type *type, const char *text, struct bac_arena *arena,
                        struct bac_value *value, struct bas_fault *fault)
{
    struct bac_value v = { 0 };
    bool is_text = type != NULL && type->kind == BAC_KIND_CHARACTER_STRING;
    struct parse p = { type, text, arena };
    int tag = is_text ? BAC_TAG_CHARACTER_STRING : prefix(text, &p.text);
    if (tag < 0 && parse_kind(&p, BAC_TAG_NULL, &v)) {
        *value = v; /* relinquishes whatever the type */
        return BAS_OK;
    }
    if (tag < 0 && type != NULL && bac_kind_is_primitive(type->kind)) {
        tag = (int)type->kind;
    }
    if (type != NULL && tag != (int)type->kind) {
        p.type = NULL; /* somebody insists on another kind */
    }
    if (tag < 0 && !guess(&p, &v)) {
        return bas_fail(fault, BAS_ERR_INVALID,
                        "'%s' is no value; put a text in quotes, or its kind in front (real:%s)",
                        text, text);
    }
    if (tag >= 0 && !parse_kind(&p, (enum bac_tag)tag, &v)) {
        return bas_fail(fault, BAS_ERR_INVALID, "'%s' is not %s", text,
                        expectation((enum bac_tag)tag));
    }
    if (tag >= 0 && p.type != NULL && !is_allowed(p.type, &v)) {
        return bas_fail(fault, BAS_ERR_INVALID, "'%s' is out of range of %s", text, p.type->name);
    }
    *value = v;
    return BAS_OK;
}
