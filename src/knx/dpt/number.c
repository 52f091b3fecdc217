/* Owns numbers: bits to the scaled value and its shortest text, and back. */
#include "knx/dpt/dpt.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLOAT16_INVALID = 0x7FFF, MAX_NUMBER = 48 };
static const uint32_t float32_invalid = 0x7FFFFFFF;

/* Floats */

double knx_float16_decode(uint16_t bits)
{
    int mantissa = (bits & 0x7FF) - ((bits & 0x8000) != 0 ? 0x800 : 0);
    int exponent = bits >> 11 & 0xF;
    return (double)mantissa * (double)(1 << exponent) / 100;
}

uint16_t knx_float16_encode(double value)
{
    int exponent = 0;
    double mantissa = round(value * 100);
    while (exponent < 15 && (mantissa < -2048 || mantissa > 2047)) {
        exponent++;
        mantissa = round(value * 100 / (double)(1 << exponent));
    }
    long m = lround(fmax(-2048, fmin(2047, mantissa)));
    return (uint16_t)((m < 0 ? 0x8000 : 0) | exponent << 11 | (m & 0x7FF));
}

static double float32_decode(uint64_t bits)
{
    uint32_t word = (uint32_t)bits;
    float value = 0;
    memcpy(&value, &word, sizeof(value));
    return (double)value;
}

static uint64_t float32_encode(double value)
{
    float narrow = (float)value;
    uint32_t word = 0;
    memcpy(&word, &narrow, sizeof(word));
    return word;
}

/* Bits and values */

static bool is_float(const struct knx_dpt_field *field)
{
    return field->kind == KNX_FIELD_FLOAT16 || field->kind == KNX_FIELD_FLOAT32;
}

static bool is_signed(const struct knx_dpt_field *field)
{
    return field->kind == KNX_FIELD_SIGNED || field->kind == KNX_FIELD_SIGNED_OR_INVALID;
}

static uint64_t mask_of(const struct knx_dpt_field *field)
{
    return field->width == 64 ? UINT64_MAX : (UINT64_C(1) << field->width) - 1;
}

/* Two's complement of the field's width, extended to 64 bits. */
static int64_t signed_of(const struct knx_dpt_field *field, uint64_t bits)
{
    uint64_t sign = UINT64_C(1) << (field->width - 1);
    uint64_t extended = (bits ^ sign) - sign;
    int64_t number = 0;
    memcpy(&number, &extended, sizeof(number));
    return number;
}

/* The number is the bits as they are: no scale, no offset, no fraction. */
static bool is_plain(const struct knx_dpt_field *field)
{
    bool has_scale = field->scale > 1 || field->scale < 1;
    bool has_offset = field->offset > 0 || field->offset < 0;
    return !is_float(field) && field->kind != KNX_FIELD_YEAR && !has_scale && !has_offset;
}

bool knx_number_is_invalid(const struct knx_dpt_field *field, uint64_t bits)
{
    switch (field->kind) {
    case KNX_FIELD_FLOAT16:
        return bits == FLOAT16_INVALID;
    case KNX_FIELD_FLOAT32:
        return bits == float32_invalid;
    case KNX_FIELD_SIGNED_OR_INVALID:
        return bits == mask_of(field) >> 1;
    default:
        return false;
    }
}

double knx_number_of(const struct knx_dpt_field *field, uint64_t bits)
{
    if (field->kind == KNX_FIELD_FLOAT16) {
        return knx_float16_decode((uint16_t)bits);
    }
    if (field->kind == KNX_FIELD_FLOAT32) {
        return float32_decode(bits);
    }
    if (field->kind == KNX_FIELD_YEAR) {
        return (double)bits + (bits >= 90 && bits < 100 ? 1900 : 2000);
    }
    const int64_t number = signed_of(field, bits);
    return (is_signed(field) ? (double)number : (double)bits) * field->scale + field->offset;
}

/* The nearest bits for a value inside the limits of the field. False: the width is too small. */
static bool bits_of(const struct knx_dpt_field *field, double value, uint64_t *bits)
{
    if (field->kind == KNX_FIELD_FLOAT16) {
        *bits = knx_float16_encode(value);
        return *bits != FLOAT16_INVALID;
    }
    if (field->kind == KNX_FIELD_FLOAT32) {
        *bits = float32_encode(value);
        return true;
    }
    if (field->kind == KNX_FIELD_YEAR) {
        *bits = (uint64_t)lround(value) % 100;
        return true;
    }
    double scaled = round((value - field->offset) / field->scale);
    double top = ldexp(1, is_signed(field) ? field->width - 1 : field->width);
    if (!(scaled >= (is_signed(field) ? -top : 0) && scaled < top)) {
        return false;
    }
    int64_t number = 0;
    uint64_t word = 0;
    if (is_signed(field)) {
        number = (int64_t)scaled;
        memcpy(&word, &number, sizeof(word));
    } else {
        word = (uint64_t)scaled;
    }
    *bits = word & mask_of(field);
    return !knx_number_is_invalid(field, *bits);
}

static bool is_inside(const struct knx_dpt_field *field, double value)
{
    double slack = is_float(field) ? 0 : field->scale / 1000; /* of the multiplication */
    return !(field->max > field->min) ||
           (value >= field->min - slack && value <= field->max + slack);
}

/* What is allowed: "-273 .. 670433.28 °C". */
static const char *limits_text(const struct knx_dpt_field *field, char *text, size_t cap)
{
    double low = field->min;
    double high = field->max;
    if (!(high > low)) {
        low = is_signed(field) ? knx_number_of(field, mask_of(field) / 2 + 1) : field->offset;
        high = knx_number_of(field, is_signed(field) ? mask_of(field) / 2 : mask_of(field));
    }
    (void)snprintf(text, cap, "%.15g .. %.15g%s%s", low, high, field->unit[0] != 0 ? " " : "",
                   field->unit);
    return text;
}

bas_err knx_number_check(const struct knx_dpt_at *at, uint64_t bits)
{
    double value = knx_number_of(at->field, bits);
    if (knx_number_is_invalid(at->field, bits) || !isfinite(value) || is_inside(at->field, value)) {
        return BAS_OK;
    }
    char limits[80];
    return knx_dpt_refuse(at, "%.15g is outside %s", value,
                          limits_text(at->field, limits, sizeof(limits)));
}

/* Text */

/* As few decimals as give the same bits again. */
static void add_decimals(const struct knx_dpt_field *field, uint64_t bits, struct bas_buf *out)
{
    double value = knx_number_of(field, bits);
    char text[MAX_NUMBER];
    for (int decimals = 0; decimals <= 9; decimals++) {
        (void)snprintf(text, sizeof(text), "%.*f", decimals, value);
        uint64_t back = ~bits;
        if (bits_of(field, strtod(text, NULL), &back) && back == bits) {
            break;
        }
    }
    bas_buf_add_text(out, text);
}

void knx_number_text(const struct knx_dpt_field *field, uint64_t bits, struct bas_buf *out)
{
    double value = knx_number_of(field, bits);
    if (is_plain(field) && is_signed(field)) {
        bas_buf_format(out, "%" PRId64, signed_of(field, bits));
    } else if (is_plain(field)) {
        bas_buf_format(out, "%" PRIu64, bits);
    } else if (!is_float(field)) {
        add_decimals(field, bits, out);
    } else if (!isfinite(value)) {
        bas_buf_add_text(out, isnan(value) ? "NaN" : value > 0 ? "inf" : "-inf");
    } else { /* JSON's way to write a number is the shortest, and what people write */
        struct bas_json json;
        bas_json_init(&json, out);
        bas_json_real(&json, NULL, value, field->kind == KNX_FIELD_FLOAT16 ? 17 : 9);
    }
}

/* Words for what is no number. */
static bool parse_special(const struct knx_dpt_field *field, struct knx_word word, uint64_t *bits)
{
    static const struct {
        const char *text;
        uint32_t bits;
    } floats[] = {
        { "nan", 0x7FC00000 },
        { "inf", 0x7F800000 },
        { "-inf", 0xFF800000 },
    };
    if (knx_word_is(word, "invalid")) {
        *bits = field->kind == KNX_FIELD_FLOAT32 ? float32_invalid : mask_of(field) >> 1;
        return knx_number_is_invalid(field, *bits);
    }
    for (size_t i = 0; field->kind == KNX_FIELD_FLOAT32 && i < BAS_ARRAY_LEN(floats); i++) {
        if (knx_word_is(word, floats[i].text)) {
            *bits = floats[i].bits;
            return true;
        }
    }
    return false;
}

static size_t number_len(struct knx_word word)
{
    size_t n = 0;
    while (n < word.len && word.at[n] != 0 && strchr("+-.0123456789", word.at[n]) != NULL) {
        n++;
    }
    size_t e = n;
    if (n > 0 && e < word.len && (word.at[e] == 'e' || word.at[e] == 'E')) {
        e++;
        e += e < word.len && (word.at[e] == '+' || word.at[e] == '-') ? 1 : 0;
        size_t digits = e;
        while (e < word.len && word.at[e] >= '0' && word.at[e] <= '9') {
            e++;
        }
        n = e > digits ? e : n;
    }
    return n;
}

/* Reads a decimal number to its end; a whole one of 64 bits, which a double cannot hold, is in
 * *bits. */
static bool read_number(const struct knx_dpt_field *field, const char *text, double *value,
                        uint64_t *bits, bool *is_whole)
{
    char *end = NULL;
    *value = strtod(text, &end);
    if (end == text || *end != 0 || !isfinite(*value)) {
        return false;
    }
    errno = 0;
    long long whole = strtoll(text, &end, 10);
    *is_whole = *end == 0 && errno == 0 && field->width == 64 && is_plain(field);
    if (*is_whole) {
        memcpy(bits, &whole, sizeof(*bits));
    }
    return true;
}

bas_err knx_number_parse(const struct knx_dpt_at *at, struct knx_word word, uint64_t *bits)
{
    const struct knx_dpt_field *field = at->field;
    if (parse_special(field, word, bits)) {
        return BAS_OK;
    }
    char limits[80];
    (void)limits_text(field, limits, sizeof(limits));
    char text[MAX_NUMBER];
    size_t len = number_len(word);
    struct knx_word unit = knx_word_trim((struct knx_word){ word.at + len, word.len - len });
    double value = 0;
    bool is_whole = false;
    if (len == 0 || len >= sizeof(text) || (unit.len != 0 && !knx_word_is(unit, field->unit))) {
        return knx_dpt_refuse(at, "\"%.*s\" is no number; allowed is %s",
                              (int)(word.len < 80 ? word.len : 80), word.at, limits);
    }
    memcpy(text, word.at, len);
    text[len] = 0;
    if (!read_number(field, text, &value, bits, &is_whole)) {
        return knx_dpt_refuse(at, "\"%s\" is no number; allowed is %s", text, limits);
    }
    if (!is_inside(field, value) || (!is_whole && !bits_of(field, value, bits))) {
        return knx_dpt_refuse(at, "%s is outside %s", text, limits);
    }
    return BAS_OK;
}
