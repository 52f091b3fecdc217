/* Owns the JSON writer: one text at a time into a bounded buffer. */
#include "basalt/base.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 32 };

void bas_json_init(struct bas_json *json, struct bas_buf *out)
{
    *json = (struct bas_json){ out, 0, 0 };
}

/* Length of the valid UTF-8 sequence at s (1 .. 4), or 0. */
static size_t utf8_sequence(const uint8_t *s, size_t left)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xC0 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    if (n == 0 || n > left || s[0] > 0xF4) {
        return 0;
    }
    uint32_t code = n == 1 ? s[0] : s[0] & (0x7FU >> n);
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return 0;
        }
        code = code << 6 | (s[i] & 0x3FU);
    }
    bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code < least[n] || code > 0x10FFFF || surrogate ? 0 : n;
}

static void add_string(struct bas_buf *out, struct bas_slice text)
{
    bas_buf_add_text(out, "\"");
    for (size_t i = 0; i < text.len;) {
        uint8_t c = text.data[i];
        size_t n = utf8_sequence(text.data + i, text.len - i);
        if (n == 0) {
            bas_buf_add_text(out, "\xEF\xBF\xBD");
            n = 1;
        } else if (c == '"' || c == '\\') {
            char escaped[2] = { '\\', (char)c };
            bas_buf_add(out, escaped, 2);
        } else if (c < 0x20 || c == 0x7F) {
            char escaped[8];
            (void)snprintf(escaped, sizeof(escaped), "\\u%04x", c);
            bas_buf_add_text(out, escaped);
        } else {
            bas_buf_add(out, text.data + i, n);
        }
        i += n;
    }
    bas_buf_add_text(out, "\"");
}

static struct bas_slice slice_of(const char *text)
{
    return (struct bas_slice){ (const uint8_t *)text, strlen(text) };
}

static void begin(struct bas_json *json, const char *key)
{
    uint32_t bit = UINT32_C(1) << json->depth;
    if ((json->has_item & bit) != 0) {
        bas_buf_add_text(json->out, ",");
    }
    if (json->depth > 0) {
        json->has_item |= bit;
    }
    if (key != NULL) {
        add_string(json->out, slice_of(key));
        bas_buf_add_text(json->out, ":");
    }
}

void bas_json_open(struct bas_json *json, const char *key, char bracket)
{
    begin(json, key);
    bas_buf_add(json->out, &bracket, 1);
    assert(json->depth + 1 < MAX_DEPTH);
    json->depth++;
    json->has_item &= ~(UINT32_C(1) << json->depth);
}

void bas_json_close(struct bas_json *json, char bracket)
{
    assert(json->depth > 0);
    json->depth--;
    bas_buf_add(json->out, &bracket, 1);
}

void bas_json_utf8(struct bas_json *json, const char *key, struct bas_slice text)
{
    begin(json, key);
    add_string(json->out, text);
}

void bas_json_text(struct bas_json *json, const char *key, const char *text)
{
    bas_json_utf8(json, key, slice_of(text));
}

void bas_json_hex(struct bas_json *json, const char *key, struct bas_slice octets)
{
    begin(json, key);
    bas_buf_add_text(json->out, "\"");
    bas_buf_add_hex(json->out, octets);
    bas_buf_add_text(json->out, "\"");
}

/* Through a stack text, so that the last octet of the buffer can be used too. */
static void add_number(struct bas_json *json, const char *key, const char *text)
{
    begin(json, key);
    bas_buf_add_text(json->out, text);
}

void bas_json_unsigned(struct bas_json *json, const char *key, uint64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    add_number(json, key, text);
}

void bas_json_signed(struct bas_json *json, const char *key, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%lld", (long long)value);
    add_number(json, key, text);
}

static bool reads_back(const char *text, double value, int precision)
{
    double back = strtod(text, NULL);
    if (precision <= 9) {
        float narrow = (float)back;
        float want = (float)value;
        return memcmp(&narrow, &want, sizeof(narrow)) == 0;
    }
    return memcmp(&back, &value, sizeof(back)) == 0;
}

/* The shortest text that reads back equal; is_whole_too: 65 may stand for 65.0. */
static void add_real(struct bas_json *json, const char *key, double value, int precision,
                     bool is_whole_too)
{
    if (!isfinite(value)) {
        bas_json_text(json, key, isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        return;
    }
    char text[40];
    /* Always exact enough for what people write; %g drops the zeros. */
    int digits = precision <= 9 ? 6 : 15;
    digits = digits < precision ? digits : precision;
    (void)snprintf(text, sizeof(text), "%.*g", digits, value);
    while (digits < precision && !reads_back(text, value, precision)) {
        digits++;
        (void)snprintf(text, sizeof(text), "%.*g", digits, value);
    }
    bool is_whole = text[strcspn(text, ".e")] == 0;
    add_number(json, key, text);
    if (is_whole && (!is_whole_too || strcmp(text, "-0") == 0)) {
        bas_buf_add_text(json->out, ".0"); /* a whole -0 would be 0 */
    }
}

void bas_json_real(struct bas_json *json, const char *key, double value, int precision)
{
    add_real(json, key, value, precision, true);
}

void bas_json_fraction(struct bas_json *json, const char *key, double value, int precision)
{
    add_real(json, key, value, precision, false);
}

void bas_json_bool(struct bas_json *json, const char *key, bool value)
{
    add_number(json, key, value ? "true" : "false");
}

void bas_json_null(struct bas_json *json, const char *key)
{
    add_number(json, key, "null");
}
