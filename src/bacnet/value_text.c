/* Owns values as text for people. */
#include "bacnet/value_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const tag_names[] = { "null",   "boolean", "unsigned", "integer", "real",
                                         "double", "octets",  "text",     "bits",    "enumerated",
                                         "date",   "time",    "object" };

const char *bac_tag_name(unsigned tag)
{
    return tag < BAS_ARRAY_LEN(tag_names) ? tag_names[tag] : NULL;
}

bool bac_bit(const struct bac_bits *bits, size_t n)
{
    return n < bits->count && (bits->octets.data[n / 8] & (0x80U >> (n % 8))) != 0;
}

/* As few digits as read back the same number, from those on where nobody wants to read "1e+03". */
static void add_double(double value, struct bas_buf *out)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof(text), "%.*g", digits, value);
        double back = strtod(text, NULL);
        if (isnan(value) || memcmp(&back, &value, sizeof(back)) == 0) {
            break;
        }
    }
    bas_buf_add_text(out, text);
}

static void add_real(float value, struct bas_buf *out)
{
    char text[40];
    for (int digits = 6; digits <= 9; digits++) {
        (void)snprintf(text, sizeof(text), "%.*g", digits, (double)value);
        float back = strtof(text, NULL);
        if (isnan(value) || memcmp(&back, &value, sizeof(back)) == 0) {
            break;
        }
    }
    bas_buf_add_text(out, text);
}

/* In quotes; a quote and a backslash inside stand behind a backslash. */
static void add_text(const struct bac_text *text, struct bas_buf *out)
{
    bas_buf_add_text(out, "\"");
    size_t start = out->len;
    (void)bac_text_utf8(text, out);
    for (size_t i = start; i < out->len && !out->full; i++) {
        uint8_t c = out->data[i];
        if (c != '"' && c != '\\') {
            continue;
        }
        size_t behind = out->len - i;
        bas_buf_add_text(out, "\\"); /* room for one more */
        if (!out->full) {
            memmove(out->data + i + 1, out->data + i, behind);
            out->data[i] = '\\';
            i++;
        }
    }
    bas_buf_add_text(out, "\"");
}

void bac_bits_digits(const struct bac_bits *bits, struct bas_buf *out)
{
    for (size_t i = 0; i < bits->count; i++) {
        bas_buf_add_text(out, bac_bit(bits, i) ? "1" : "0");
    }
}

static void add_bits(const struct bac_type *type, const struct bac_bits *bits, struct bas_buf *out)
{
    if (type == NULL || type->n_names == 0) {
        bac_bits_digits(bits, out);
        return;
    }
    const char *separator = "{";
    for (size_t i = 0; i < bits->count; i++) {
        if (!bac_bit(bits, i)) {
            continue;
        }
        bas_buf_add_text(out, separator);
        separator = ",";
        const char *name = bac_enum_name(type, (uint32_t)i);
        if (name != NULL) {
            bas_buf_add_text(out, name);
        } else {
            bas_buf_format(out, "%zu", i);
        }
    }
    bas_buf_add_text(out, *separator == '{' ? "{}" : "}");
}

static void add_enumerated(const struct bac_type *type, uint64_t number, struct bas_buf *out)
{
    const char *name = type != NULL && type->n_names > 0 && number <= UINT32_MAX
                           ? bac_enum_name(type, (uint32_t)number)
                           : NULL;
    if (name != NULL) {
        bas_buf_add_text(out, name);
    } else {
        bas_buf_format(out, "%llu", (unsigned long long)number);
    }
}

void bac_value_text(const struct bac_type *type, const struct bac_value *value, struct bas_buf *out)
{
    switch (value->tag) {
    case BAC_TAG_NULL:
        bas_buf_add_text(out, "null");
        break;
    case BAC_TAG_BOOLEAN:
        bas_buf_add_text(out, value->as.boolean ? "true" : "false");
        break;
    case BAC_TAG_UNSIGNED:
        bas_buf_format(out, "%llu", (unsigned long long)value->as.unsigned_integer);
        break;
    case BAC_TAG_INTEGER:
        bas_buf_format(out, "%lld", (long long)value->as.integer);
        break;
    case BAC_TAG_REAL:
        add_real(value->as.real, out);
        break;
    case BAC_TAG_DOUBLE:
        add_double(value->as.real64, out);
        break;
    case BAC_TAG_OCTET_STRING:
        bas_buf_add_hex(out, value->as.octets);
        break;
    case BAC_TAG_CHARACTER_STRING:
        add_text(&value->as.text, out);
        break;
    case BAC_TAG_BIT_STRING:
        add_bits(type, &value->as.bits, out);
        break;
    case BAC_TAG_ENUMERATED:
        add_enumerated(type, value->as.unsigned_integer, out);
        break;
    case BAC_TAG_DATE:
        bac_date_text(value->as.date, out);
        break;
    case BAC_TAG_TIME:
        bac_time_text(value->as.time, out);
        break;
    case BAC_TAG_OBJECT_IDENTIFIER:
        bac_object_id_text(value->as.object, out);
        break;
    }
}
