/* Owns cEMI messages (spec 3.1, 3.2): the rows of the message codes, decode, encode. */
#include "knx/cemi.h"

#include "wire/rd.h"
#include "wire/wr.h"

enum {
    CEMI_ANY = 65535,
    LENGTH_ESCAPE = 255,
    STANDARD_MAX = 15, /* L of a standard frame */
    TPDU_MAX = 255,
    FORMAT_MASK = 0x0F, /* of control 2: extended frame format */
    ELEMENTS_MAX = 15,
    START_MAX = 0xFFF
};

struct form {
    enum cemi_form name;
    bas_err (*read)(struct rd *r, struct knx_cemi *cemi);
    void (*write)(const struct knx_cemi *cemi, struct bas_buf *out);
};

struct row {
    uint8_t code;
    const char *name;
    const struct form *form;
    uint16_t min, max;           /* octets of data */
    uint16_t bare_min, bare_max; /* without elements */
};

/* Additional information: items of type, length, data. */

static bool additional_fits(struct bas_slice items)
{
    struct rd r = rd_init(items);
    while (rd_left(&r) != 0 && r.err == BAS_OK) {
        (void)rd_u8(&r);
        (void)rd_take(&r, rd_u8(&r));
    }
    return r.err == BAS_OK;
}

static bas_err additional_read(struct rd *r, struct knx_cemi *cemi)
{
    cemi->additional = rd_take(r, rd_u8(r));
    return r->err == BAS_OK && !additional_fits(cemi->additional) ? BAS_ERR_MALFORMED : r->err;
}

static void additional_write(const struct knx_cemi *cemi, struct bas_buf *out)
{
    if (cemi->additional.len > UINT8_MAX) {
        out->full = true;
        return;
    }
    wr_u8(out, (uint8_t)cemi->additional.len);
    wr_slice(out, cemi->additional);
}

/* L_Data */

static bas_err l_data_read(struct rd *r, struct knx_cemi *cemi)
{
    bas_err err = additional_read(r, cemi);
    if (err != BAS_OK) {
        return err;
    }
    cemi->control1 = rd_u8(r);
    cemi->control2 = rd_u8(r);
    cemi->source = rd_u16(r);
    cemi->destination = rd_u16(r);
    size_t length = rd_u8(r);
    if (r->err == BAS_OK && length == LENGTH_ESCAPE) {
        return BAS_ERR_MALFORMED;
    }
    cemi->tpdu = rd_take(r, length + 1);
    return r->err;
}

static void l_data_write(const struct knx_cemi *cemi, struct bas_buf *out)
{
    if (cemi->tpdu.len == 0 || cemi->tpdu.len > TPDU_MAX) {
        out->full = true;
        return;
    }
    size_t length = cemi->tpdu.len - 1;
    unsigned control1 = cemi->control1 & ~(unsigned)KNX_CONTROL1_STANDARD;
    control1 |= length <= STANDARD_MAX ? KNX_CONTROL1_STANDARD : 0;
    additional_write(cemi, out);
    wr_u8(out, (uint8_t)control1);
    wr_u8(out, cemi->control2);
    wr_u16(out, cemi->source);
    wr_u16(out, cemi->destination);
    wr_u8(out, (uint8_t)length);
    wr_slice(out, cemi->tpdu);
}

/* All others */

static bas_err body_read(struct rd *r, struct knx_cemi *cemi)
{
    cemi->data = rd_rest(r);
    return r->err;
}

static void body_write(const struct knx_cemi *cemi, struct bas_buf *out)
{
    wr_slice(out, cemi->data);
}

static bas_err raw_read(struct rd *r, struct knx_cemi *cemi)
{
    bas_err err = additional_read(r, cemi);
    return err == BAS_OK ? body_read(r, cemi) : err;
}

static void raw_write(const struct knx_cemi *cemi, struct bas_buf *out)
{
    additional_write(cemi, out);
    body_write(cemi, out);
}

static bas_err function_read(struct rd *r, struct knx_cemi *cemi)
{
    cemi->object_type = rd_u16(r);
    cemi->object_instance = rd_u8(r);
    cemi->property = rd_u8(r);
    return body_read(r, cemi);
}

static void function_write(const struct knx_cemi *cemi, struct bas_buf *out)
{
    wr_u16(out, cemi->object_type);
    wr_u8(out, cemi->object_instance);
    wr_u8(out, cemi->property);
    body_write(cemi, out);
}

static bas_err property_read(struct rd *r, struct knx_cemi *cemi)
{
    cemi->object_type = rd_u16(r);
    cemi->object_instance = rd_u8(r);
    cemi->property = rd_u8(r);
    unsigned range = rd_u16(r);
    cemi->elements = (uint8_t)(range >> 12);
    cemi->start_index = range & START_MAX;
    return body_read(r, cemi);
}

static void property_write(const struct knx_cemi *cemi, struct bas_buf *out)
{
    if (cemi->elements > ELEMENTS_MAX || cemi->start_index > START_MAX) {
        out->full = true;
        return;
    }
    wr_u16(out, cemi->object_type);
    wr_u8(out, cemi->object_instance);
    wr_u8(out, cemi->property);
    wr_u16(out, (uint16_t)(cemi->elements << 12 | cemi->start_index));
    body_write(cemi, out);
}

static const struct form L_DATA = { CEMI_L_DATA, l_data_read, l_data_write };
static const struct form RAW = { CEMI_RAW, raw_read, raw_write };
static const struct form PROPERTY = { CEMI_PROPERTY, property_read, property_write };
static const struct form FUNCTION = { CEMI_FUNCTION, function_read, function_write };
static const struct form BODY = { CEMI_BODY, body_read, body_write };

static const struct row rows[] = {
#define CEMI_CODE(number, member, text, kind, least, most, bare_least, bare_most)                  \
    { KNX_##member, (text), &(kind), (least), (most), (bare_least), (bare_most) },
#include "knx/cemi.def"
#undef CEMI_CODE
};

#define CEMI_CODE(number, member, ...)                                                             \
    _Static_assert(KNX_##member == (number), "a row of cemi.def and its enumerator differ");
#include "knx/cemi.def"
#undef CEMI_CODE

static const struct row *row_find(unsigned code)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        if (rows[i].code == code) {
            return &rows[i];
        }
    }
    return NULL;
}

enum cemi_form cemi_form_of(unsigned code)
{
    const struct row *row = row_find(code);
    return row != NULL ? row->form->name : CEMI_BODY;
}

const char *knx_message_code_name(unsigned code)
{
    const struct row *row = row_find(code);
    return row != NULL ? row->name : "unknown";
}

static bas_err data_check(const struct row *row, const struct knx_cemi *cemi,
                          struct bas_fault *fault)
{
    bool is_bare = row->form->name == CEMI_PROPERTY && cemi->elements == 0;
    size_t min = is_bare ? row->bare_min : row->min;
    size_t max = is_bare ? row->bare_max : row->max;
    if (cemi->data.len < min) {
        return bas_fail(fault, BAS_ERR_TRUNCATED, "%s has %zu octets of data, it needs %zu",
                        row->name, cemi->data.len, min);
    }
    if (cemi->data.len > max) {
        return bas_fail(fault, BAS_ERR_TOO_LONG, "%s has %zu octets of data, at most %zu may be",
                        row->name, cemi->data.len, max);
    }
    return BAS_OK;
}

/* What stands behind the message code. */
static bas_err row_read(const struct row *row, struct rd *r, struct knx_cemi *cemi,
                        struct bas_fault *fault)
{
    bas_err err = row->form->read(r, cemi);
    if (err == BAS_ERR_TRUNCATED) {
        return bas_fail(fault, err, "%s ends too early", row->name);
    }
    if (err != BAS_OK) {
        return bas_fail(fault, err,
                        "%s has a length that is not allowed, or additional information "
                        "that does not fit its length",
                        row->name);
    }
    if (rd_left(r) != 0) {
        return bas_fail(fault, BAS_ERR_TOO_LONG, "%s has %zu octets behind its end", row->name,
                        rd_left(r));
    }
    return data_check(row, cemi, fault);
}

bas_err knx_cemi_decode(struct bas_slice octets, struct knx_cemi *cemi, struct bas_fault *fault)
{
    *cemi = (struct knx_cemi){ 0 };
    if (octets.len == 0) {
        return bas_fail(fault, BAS_ERR_TRUNCATED, "a cEMI message has at least one octet");
    }
    struct rd r = rd_init(octets);
    struct knx_cemi read = { .code = rd_u8(&r) };
    const struct row *row = row_find(read.code);
    if (row == NULL) {
        read.data = rd_rest(&r);
        *cemi = read;
        return bas_fail(fault, BAS_ERR_UNSUPPORTED, "the message code %02X is not known",
                        read.code);
    }
    bas_err err = row_read(row, &r, &read, fault);
    if (err != BAS_OK) {
        return err;
    }
    *cemi = read;
    if ((read.control2 & FORMAT_MASK) != 0) {
        return bas_fail(fault, BAS_ERR_UNSUPPORTED,
                        "the extended frame format %u (LTE or reserved) is not supported",
                        read.control2 & FORMAT_MASK);
    }
    return BAS_OK;
}

void knx_cemi_encode(const struct knx_cemi *cemi, struct bas_buf *out)
{
    const struct row *row = row_find(cemi->code);
    wr_u8(out, cemi->code);
    (row != NULL ? row->form : &BODY)->write(cemi, out);
}

bool knx_cemi_is_group(const struct knx_cemi *cemi)
{
    return cemi_form_of(cemi->code) == CEMI_L_DATA && (cemi->control2 & KNX_CONTROL2_GROUP) != 0 &&
           cemi->destination != 0;
}

struct knx_cemi knx_cemi_group(uint8_t code, knx_ia source, knx_ga ga, struct bas_slice tpdu)
{
    return (struct knx_cemi){ .code = code,
                              .control1 = KNX_DEFAULT_CONTROL1,
                              .control2 = KNX_DEFAULT_CONTROL2_GROUP,
                              .source = source,
                              .destination = ga,
                              .tpdu = tpdu };
}
