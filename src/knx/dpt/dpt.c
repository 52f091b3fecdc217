/* Owns finding a datapoint type, and what callers ask of one: text, JSON, number and back. */
#include "basalt/knx_dpt.h"

#include "knx/dpt/dpt.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The longest text: 253 characters of ISO 8859-1, each \xHH. */
enum { MAX_TEXT = 1100 };

/* Finding a row */

static uint32_t key_of(uint16_t main, uint16_t sub)
{
    return (uint32_t)main << 16 | (uint16_t)(sub + 1U); /* the main type alone comes first */
}

const struct knx_dpt *knx_dpt_of(uint16_t main, uint16_t sub)
{
    uint32_t key = key_of(main, sub);
    size_t low = 0;
    size_t high = knx_dpt_row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct knx_dpt *row = &knx_dpt_rows[middle];
        uint32_t other = key_of(row->main, row->sub);
        if (other == key) {
            return row;
        }
        if (other < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

const struct knx_dpt *knx_dpt_row(size_t n)
{
    return n < knx_dpt_row_count ? &knx_dpt_rows[n] : NULL;
}

const struct knx_dpt *knx_dpt_find(const char *text)
{
    struct knx_word rest = knx_word_trim(knx_word_of(text));
    bool has_dash = knx_word_skip(&rest, "DPST-") || knx_word_skip(&rest, "DPT-");
    if (!has_dash && knx_word_skip(&rest, "DPT")) {
        rest = knx_word_trim(rest);
    }
    bool has_sub = memchr(rest.at, has_dash ? '-' : '.', rest.len) != NULL;
    struct knx_word first = knx_word_cut(&rest, has_dash ? '-' : '.');
    uint64_t main = 0;
    uint64_t sub = KNX_DPT_ANY;
    if (!knx_word_number(first, UINT16_MAX, &main) ||
        (has_sub && !knx_word_number(rest, KNX_DPT_ANY - 1, &sub))) {
        return NULL;
    }
    return knx_dpt_of((uint16_t)main, (uint16_t)sub);
}

const char *knx_dpt_id(const struct knx_dpt *dpt, char text[KNX_DPT_TEXT])
{
    if (dpt->sub == KNX_DPT_ANY) {
        (void)snprintf(text, KNX_DPT_TEXT, "%u", dpt->main);
    } else {
        (void)snprintf(text, KNX_DPT_TEXT, "%u.%03u", dpt->main, dpt->sub);
    }
    return text;
}

/* Values */

bas_err knx_dpt_refuse(const struct knx_dpt_at *at, const char *format, ...)
{
    char why[BAS_FAULT_TEXT];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(why, sizeof(why), format, arguments);
    va_end(arguments);
    char id[KNX_DPT_TEXT];
    bool is_part = at->field != NULL && at->dpt->fields != NULL && at->field->name[0] != 0;
    return bas_fail(at->fault, at->err, "%s %s%s%s: %s", knx_dpt_id(at->dpt, id), at->dpt->name,
                    is_part ? ", " : "", is_part ? at->field->name : "", why);
}

static bool is_string(const struct knx_dpt *dpt)
{
    return dpt->coding >= KNX_CODING_ASCII;
}

static bool is_time(const struct knx_dpt *dpt)
{
    return dpt->coding >= KNX_CODING_TIME && dpt->coding <= KNX_CODING_DATE_TIME;
}

static bas_err check_size(const struct knx_dpt_at *at, size_t len)
{
    if (at->dpt->size == KNX_DPT_ANY_LENGTH) {
        if (len < 1 || len > KNX_DPT_MAX_SIZE) {
            return knx_dpt_refuse(at, "a value has 1 .. %d octets, not %zu", KNX_DPT_MAX_SIZE, len);
        }
        return BAS_OK;
    }
    size_t wanted = at->dpt->size == 0 ? 1 : at->dpt->size;
    if (len != wanted) {
        return knx_dpt_refuse(at, "a value has %zu octet%s, not %zu", wanted,
                              wanted == 1 ? "" : "s", len);
    }
    return BAS_OK;
}

bas_err knx_dpt_octets(const struct knx_dpt *dpt, const struct knx_group_value *value,
                       struct bas_slice *octets, struct bas_fault *fault)
{
    struct knx_dpt_at at = { dpt, NULL, fault, BAS_ERR_MALFORMED };
    if (value->is_small && dpt->size != 0) {
        return knx_dpt_refuse(&at, "a value has octets of its own, it does not fit into the APCI");
    }
    if (!value->is_small && dpt->size == 0) {
        return knx_dpt_refuse(&at, "a value is in the 6 bits beside the APCI, not in %zu octets",
                              value->octets.len);
    }
    bas_err err = check_size(&at, value->octets.len);
    if (err == BAS_OK) {
        *octets = value->octets;
    }
    return err;
}

/* Everything but a string as checked fields. */
static bas_err decode(struct knx_dpt_at *at, struct bas_slice octets, struct knx_dpt_values *v)
{
    knx_values_init(at->dpt, v);
    bas_err err = check_size(at, octets.len);
    if (err == BAS_OK) {
        err = knx_values_decode(at, octets, v);
    }
    return err == BAS_OK && is_time(at->dpt) ? knx_time_check(at, v) : err;
}

static void add_text(const struct knx_dpt *dpt, const struct knx_dpt_values *v, struct bas_buf *out)
{
    if (is_time(dpt)) {
        knx_time_text(dpt, v, out);
    } else if (dpt->fields == NULL) {
        knx_field_text(&v->fields[0], v->bits[0], out);
    } else {
        knx_values_text(v, 0, false, out);
    }
}

static bas_err string_text(struct knx_dpt_at *at, struct bas_slice octets, struct bas_buf *out)
{
    bas_err err = check_size(at, octets.len);
    if (err == BAS_OK) {
        err = knx_string_check(at, octets);
    }
    if (err == BAS_OK) {
        knx_string_utf8(at->dpt, octets, true, out);
    }
    return err;
}

bas_err knx_dpt_text(const struct knx_dpt *dpt, struct bas_slice octets, struct bas_buf *out,
                     struct bas_fault *fault)
{
    struct knx_dpt_at at = { dpt, NULL, fault, BAS_ERR_MALFORMED };
    if (is_string(dpt)) {
        return string_text(&at, octets, out);
    }
    struct knx_dpt_values v;
    bas_err err = decode(&at, octets, &v);
    if (err == BAS_OK) {
        add_text(dpt, &v, out);
    }
    return err;
}

static void string_json(const struct knx_dpt *dpt, struct bas_slice octets, struct bas_json *json)
{
    char memory[MAX_TEXT];
    struct bas_buf plain;
    bas_buf_init(&plain, memory, sizeof(memory));
    knx_string_utf8(dpt, octets, false, &plain);
    bas_json_utf8(json, "value", (struct bas_slice){ plain.data, plain.len });
}

bas_err knx_dpt_json(const struct knx_dpt *dpt, struct bas_slice octets, struct bas_json *json,
                     struct bas_fault *fault)
{
    char memory[MAX_TEXT];
    struct bas_buf text;
    bas_buf_init(&text, memory, sizeof(memory));
    bas_err err = knx_dpt_text(dpt, octets, &text, fault);
    if (err != BAS_OK) {
        return err;
    }
    char id[KNX_DPT_TEXT];
    bas_json_text(json, "dpt", knx_dpt_id(dpt, id));
    struct knx_dpt_at at = { dpt, NULL, NULL, BAS_ERR_MALFORMED };
    struct knx_dpt_values v;
    if (is_string(dpt)) {
        string_json(dpt, octets, json);
    } else if (decode(&at, octets, &v) == BAS_OK) {
        knx_values_json(&v, json);
    }
    if (dpt->unit[0] != 0) {
        bas_json_text(json, "unit", dpt->unit);
    }
    bas_json_utf8(json, "text", (struct bas_slice){ text.data, text.len });
    return BAS_OK;
}

bool knx_dpt_number(const struct knx_dpt *dpt, struct bas_slice octets, double *number)
{
    if (is_string(dpt) || dpt->fields != NULL) {
        return false;
    }
    struct knx_dpt_at at = { dpt, NULL, NULL, BAS_ERR_MALFORMED };
    struct knx_dpt_values v;
    return decode(&at, octets, &v) == BAS_OK && knx_field_number(&v.fields[0], v.bits[0], number);
}

static bas_err parse_values(struct knx_dpt_at *at, struct knx_word text, struct knx_dpt_values *v)
{
    knx_values_init(at->dpt, v);
    if (is_time(at->dpt)) {
        return knx_time_parse(at, text, v);
    }
    if (at->dpt->fields == NULL) {
        at->field = &v->fields[0];
        return knx_field_parse(at, text, &v->bits[0]);
    }
    return knx_values_parse(at, text, v);
}

bas_err knx_dpt_parse(const struct knx_dpt *dpt, const char *text, struct bas_buf *out,
                      struct bas_fault *fault)
{
    struct knx_dpt_at at = { dpt, NULL, fault, BAS_ERR_INVALID };
    if (is_string(dpt)) {
        return knx_string_parse(&at, knx_word_of(text), out);
    }
    struct knx_dpt_values v;
    bas_err err = parse_values(&at, knx_word_trim(knx_word_of(text)), &v);
    if (err == BAS_OK) {
        knx_values_encode(dpt, &v, out);
    }
    return err;
}
