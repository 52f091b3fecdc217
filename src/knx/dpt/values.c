/* Owns the fields of a value together: taken off the octets, put back, as text and JSON. */
#include "knx/dpt/dpt.h"

#include "wire/rd.h"
#include "wire/wr.h"

#include <assert.h>
#include <string.h>

/* What a coding of one field is made of: kind and width of the field, reserved bits before it. */
static const struct {
    uint8_t kind;
    uint8_t width;
    uint8_t reserved;
} codings[] = {
    [KNX_CODING_BIT1] = { KNX_FIELD_ENUM, 1, 0 },
    [KNX_CODING_BIT2] = { KNX_FIELD_ENUM, 2, 0 },
    [KNX_CODING_BIT3] = { KNX_FIELD_ENUM, 3, 0 },
    [KNX_CODING_STEP] = { KNX_FIELD_STEP, 4, 0 },
    [KNX_CODING_U8] = { KNX_FIELD_UNSIGNED, 8, 0 },
    [KNX_CODING_S8] = { KNX_FIELD_SIGNED, 8, 0 },
    [KNX_CODING_U16] = { KNX_FIELD_UNSIGNED, 16, 0 },
    [KNX_CODING_S16] = { KNX_FIELD_SIGNED, 16, 0 },
    [KNX_CODING_S16_OR_INVALID] = { KNX_FIELD_SIGNED_OR_INVALID, 16, 0 },
    [KNX_CODING_U32] = { KNX_FIELD_UNSIGNED, 32, 0 },
    [KNX_CODING_S32] = { KNX_FIELD_SIGNED, 32, 0 },
    [KNX_CODING_S64] = { KNX_FIELD_SIGNED, 64, 0 },
    [KNX_CODING_FLOAT16] = { KNX_FIELD_FLOAT16, 16, 0 },
    [KNX_CODING_FLOAT32] = { KNX_FIELD_FLOAT32, 32, 0 },
    [KNX_CODING_ENUM8] = { KNX_FIELD_ENUM, 8, 0 },
    [KNX_CODING_SCENE] = { KNX_FIELD_UNSIGNED, 6, 2 },
};

void knx_values_init(const struct knx_dpt *dpt, struct knx_dpt_values *v)
{
    memset(v, 0, sizeof(*v));
    v->fields = dpt->fields;
    if (v->fields == NULL) {
        assert(dpt->coding < BAS_ARRAY_LEN(codings));
        v->single[0] = (struct knx_dpt_field){
            .name = "",
            .unit = dpt->unit,
            .kind = codings[dpt->coding].kind,
            .width = codings[dpt->coding].width,
            .scale = dpt->scale,
            .offset = dpt->coding == KNX_CODING_SCENE ? 1 : 0, /* 0 is shown as scene 1 */
            .min = dpt->min,
            .max = dpt->max,
            .texts = dpt->texts,
        };
        v->fields = v->single;
    }
    while (v->fields[v->n].kind != KNX_FIELD_END) {
        v->n++;
    }
    assert(v->n <= KNX_DPT_MAX_FIELDS);
}

/* Bits of the first octet that lie before the fields. */
static unsigned lead_of(const struct knx_dpt *dpt, const struct knx_dpt_values *v)
{
    unsigned width = 0;
    for (size_t i = 0; i < v->n; i++) {
        width += v->fields[i].width;
    }
    unsigned whole = dpt->size == 0 ? 8 : 8U * dpt->size;
    assert(width <= whole);
    return whole - width;
}

/* Fields are taken from the most significant bit of the first octet on. */
struct bit_reader {
    struct rd rd;
    uint64_t held;
    unsigned n; /* bits in held that were not taken */
};

static uint64_t take_bits(struct bit_reader *r, unsigned width)
{
    while (r->n < width) {
        r->held = r->held << 8 | rd_u8(&r->rd);
        r->n += 8;
    }
    r->n -= width;
    uint64_t mask = width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
    return r->held >> r->n & mask;
}

bool knx_values_has(const struct knx_dpt_values *v, size_t i)
{
    size_t valid = v->fields[i].valid;
    return valid == 0 ||
           (v->bits[valid - 1] != 0) == (v->fields[valid - 1].kind == KNX_FIELD_VALID);
}

bas_err knx_values_decode(struct knx_dpt_at *at, struct bas_slice octets, struct knx_dpt_values *v)
{
    struct bit_reader r = { rd_init(octets), 0, 0 };
    if (take_bits(&r, lead_of(at->dpt, v)) != 0) {
        return knx_dpt_refuse(at, "bits are set that the type does not have");
    }
    for (size_t i = 0; i < v->n; i++) {
        v->bits[i] = take_bits(&r, v->fields[i].width);
    }
    if (r.rd.err != BAS_OK) {
        return knx_dpt_refuse(at, "the value ends too early");
    }
    bas_err err = BAS_OK;
    for (size_t i = 0; i < v->n && err == BAS_OK; i++) {
        at->field = &v->fields[i];
        err = knx_values_has(v, i) ? knx_field_check(at, v->bits[i]) : BAS_OK;
    }
    at->field = NULL;
    return err;
}

struct bit_writer {
    struct bas_buf *out;
    uint8_t held;
    unsigned n;
};

static void put_bits(struct bit_writer *w, uint64_t bits, unsigned width)
{
    for (unsigned i = width; i-- > 0;) {
        w->held = (uint8_t)((unsigned)w->held << 1 | (unsigned)(bits >> i & 1));
        if (++w->n == 8) {
            wr_u8(w->out, w->held);
            w->n = 0;
        }
    }
}

void knx_values_encode(const struct knx_dpt *dpt, const struct knx_dpt_values *v,
                       struct bas_buf *out)
{
    struct bit_writer w = { out, 0, 0 };
    put_bits(&w, 0, lead_of(dpt, v));
    for (size_t i = 0; i < v->n; i++) {
        put_bits(&w, v->bits[i], v->fields[i].width);
    }
}

/* Text */

static bool is_flag(const struct knx_dpt_field *field)
{
    return field->kind == KNX_FIELD_FLAG || field->kind == KNX_FIELD_CLEAR;
}

/* A part that people see. */
static bool is_part(const struct knx_dpt_field *field)
{
    return field->kind != KNX_FIELD_RESERVED && field->kind != KNX_FIELD_VALID &&
           field->kind != KNX_FIELD_INVALID;
}

/* What a flag says: NULL when it is silent. */
static const char *flag_text(const struct knx_dpt_field *field, uint64_t bits)
{
    if (field->texts != NULL) {
        return field->texts[bits];
    }
    return (bits != 0) == (field->kind == KNX_FIELD_FLAG) ? field->name : NULL;
}

void knx_values_text(const struct knx_dpt_values *v, size_t first, bool has_part,
                     struct bas_buf *out)
{
    for (size_t i = first; i < v->n; i++) {
        const struct knx_dpt_field *field = &v->fields[i];
        const char *flag = is_flag(field) ? flag_text(field, v->bits[i]) : "";
        if (!is_part(field) || !knx_values_has(v, i) || flag == NULL) {
            continue;
        }
        bas_buf_add_text(out, has_part ? ", " : "");
        has_part = true;
        if (is_flag(field)) {
            bas_buf_add_text(out, flag);
        } else {
            bas_buf_format(out, "%s%s", field->name, field->name[0] != 0 ? " " : "");
            knx_field_text(field, v->bits[i], out);
        }
    }
    bas_buf_add_text(out, has_part ? "" : "none");
}

/* JSON */

static const char *key_of(const struct knx_dpt_field *field, char key[40])
{
    if (field->name[0] == 0) {
        return "value";
    }
    size_t i = 0;
    for (; field->name[i] != 0 && i + 1 < 40; i++) {
        key[i] = field->name[i] == ' ' ? '_' : field->name[i];
    }
    key[i] = 0;
    return key;
}

void knx_values_json(const struct knx_dpt_values *v, struct bas_json *json)
{
    if (v->fields == v->single) {
        knx_field_json(&v->fields[0], v->bits[0], false, "value", json);
        return;
    }
    bas_json_open(json, "value", '{');
    for (size_t i = 0; i < v->n; i++) {
        char memory[40];
        const char *key = key_of(&v->fields[i], memory);
        if (is_part(&v->fields[i]) && !knx_values_has(v, i)) {
            bas_json_null(json, key);
        } else if (is_part(&v->fields[i])) {
            knx_field_json(&v->fields[i], v->bits[i], true, key, json);
        }
    }
    bas_json_close(json, '}');
}

/* From a person */

/* "red 255", "red: 255", "red=255": takes the name off. False: it is not the name of the field. */
static bool skip_name(const struct knx_dpt_field *field, struct knx_word *part)
{
    struct knx_word rest = *part;
    bool is_named = field->name[0] != 0 && knx_word_skip(&rest, field->name) && rest.len > 0 &&
                    (rest.at[0] == ' ' || rest.at[0] == '=' || rest.at[0] == ':');
    if (!is_named) {
        return false;
    }
    *part = knx_word_trim(rest);
    if (knx_word_skip(part, "=") || knx_word_skip(part, ":")) {
        *part = knx_word_trim(*part);
    }
    return true;
}

static bool take_flag(const struct knx_dpt_field *field, struct knx_word part, uint64_t *bits)
{
    for (uint64_t bit = 0; bit < 2; bit++) {
        const char *text = flag_text(field, bit);
        if (text != NULL && knx_word_is(part, text)) {
            *bits = bit;
            return true;
        }
    }
    return false;
}

/* How well a part fits to a field: the length of its name, 1 when a field without a name knows the
 * value, 0 when it does not fit. */
static size_t fit_of(const struct knx_dpt_at *at, const struct knx_dpt_field *field,
                     struct knx_word part)
{
    struct knx_dpt_at quiet = { at->dpt, field, NULL, at->err };
    uint64_t bits = 0;
    if (field->name[0] == 0) {
        return knx_field_parse(&quiet, part, &bits) == BAS_OK;
    }
    return skip_name(field, &part) ? strlen(field->name) : 0;
}

/* The field that a part names, or that knows its text; the longest name counts ("test" begins
 * "test start"). n: there is none. */
static size_t find_field(const struct knx_dpt_at *at, struct knx_word part,
                         const struct knx_dpt_values *v)
{
    size_t best = v->n;
    size_t best_fit = 0;
    for (size_t i = 0; i < v->n; i++) {
        const struct knx_dpt_field *field = &v->fields[i];
        uint64_t bits = 0;
        if (!is_part(field) || v->is_given[i]) {
            continue;
        }
        if (is_flag(field) && take_flag(field, part, &bits)) {
            return i;
        }
        size_t fit = is_flag(field) ? 0 : fit_of(at, field, part);
        if (fit > best_fit) {
            best_fit = fit;
            best = i;
        }
    }
    return best;
}

static size_t next_value(const struct knx_dpt_values *v)
{
    size_t i = 0;
    while (i < v->n && (v->is_given[i] || !is_part(&v->fields[i]) || is_flag(&v->fields[i]))) {
        i++;
    }
    return i;
}

static bas_err parse_part(struct knx_dpt_at *at, struct knx_word part, struct knx_dpt_values *v)
{
    size_t i = find_field(at, part, v);
    i = i < v->n ? i : next_value(v);
    if (i == v->n) {
        at->field = NULL;
        return knx_dpt_refuse(at, "\"%.*s\" is no part of it", (int)(part.len < 60 ? part.len : 60),
                              part.at);
    }
    at->field = &v->fields[i];
    v->is_given[i] = true;
    if (is_flag(at->field)) {
        (void)take_flag(at->field, part, &v->bits[i]);
        return BAS_OK;
    }
    (void)skip_name(at->field, &part);
    return knx_field_parse(at, part, &v->bits[i]);
}

/* Says of a field's validity what was given; parts that are always there must be. */
static bas_err complete(struct knx_dpt_at *at, struct knx_dpt_values *v)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct knx_dpt_field *field = &v->fields[i];
        if (field->kind == KNX_FIELD_CLEAR && !v->is_given[i]) {
            v->bits[i] = 1;
        }
        if (field->valid != 0 && v->is_given[i]) {
            v->is_given[field->valid - 1] = true;
        }
    }
    for (size_t i = 0; i < v->n; i++) {
        const struct knx_dpt_field *field = &v->fields[i];
        bool is_wanted = field->valid == 0 ? !is_flag(field) : v->is_given[field->valid - 1];
        if (is_part(field) && is_wanted && !v->is_given[i]) {
            at->field = field;
            return knx_dpt_refuse(at, "it is missing");
        }
        if (field->kind == KNX_FIELD_VALID || field->kind == KNX_FIELD_INVALID) {
            v->bits[i] = v->is_given[i] == (field->kind == KNX_FIELD_VALID);
        }
    }
    return BAS_OK;
}

bas_err knx_values_parse(struct knx_dpt_at *at, struct knx_word text, struct knx_dpt_values *v)
{
    bas_err err = BAS_OK;
    struct knx_word rest = knx_word_is(text, "none") ? (struct knx_word){ text.at, 0 } : text;
    while (rest.len > 0 && err == BAS_OK) {
        err = parse_part(at, knx_word_trim(knx_word_cut(&rest, ',')), v);
    }
    return err == BAS_OK ? complete(at, v) : err;
}
