/* Owns the fields of KNXnet/IP frames (spec 1.2 to 2.3): how each form is read and written. */
#include "knx/ip.h"

#include "knx/block.h"
#include "wire/wr.h"

#include <string.h>

enum {
    HPAI_LEN = 8,
    CRI_HEAD = 2,
    CRI_TUNNEL = 4,
    CRI_TUNNEL_EXTENDED = 6,
    CRD_TUNNEL = 4,
    CRI_MAX = 255
};

struct ip_field {
    const struct ip_form *form;
    const char *name;
    uint16_t offset; /* of the member */
    uint8_t size;    /* of the member */
    uint8_t number;
};

/* What a row calls a form: a pair of functions. is_end as in ip_field_read. */
struct ip_form {
    bas_err (*read)(const struct ip_field *field, struct rd *r, struct knx_message *message,
                    bool *is_end);
    bool (*write)(const struct ip_field *field, const struct knx_message *message,
                  struct bas_buf *out);
};

/* Integer members of any size */

static void member_set(const struct ip_field *field, struct knx_message *message, uint64_t value)
{
    uint8_t value8 = (uint8_t)value;
    uint16_t value16 = (uint16_t)value;
    const void *from = field->size == 1   ? (const void *)&value8
                       : field->size == 2 ? (const void *)&value16
                                          : (const void *)&value;
    memcpy((uint8_t *)message + field->offset, from, field->size);
}

static uint64_t member_get(const struct ip_field *field, const struct knx_message *message)
{
    const uint8_t *at = (const uint8_t *)message + field->offset;
    uint16_t value16 = 0;
    uint64_t value = 0;
    if (field->size == sizeof(value)) {
        memcpy(&value, at, sizeof(value));
        return value;
    }
    if (field->size == sizeof(value16)) {
        memcpy(&value16, at, sizeof(value16));
        return value16;
    }
    return *at;
}

static bas_err number_read(const struct ip_field *field, struct rd *r, struct knx_message *message,
                           bool *is_end)
{
    (void)is_end;
    member_set(field, message, rd_uint(r, field->number));
    return r->err;
}

static bool number_write(const struct ip_field *field, const struct knx_message *message,
                         struct bas_buf *out)
{
    wr_uint(out, member_get(field, message), field->number);
    return true;
}

/* Arrays inside the message, slices that borrow */

static bas_err array_read(const struct ip_field *field, struct rd *r, struct knx_message *message,
                          bool *is_end)
{
    (void)is_end;
    rd_copy(r, (uint8_t *)message + field->offset, field->number);
    return r->err;
}

static bool array_write(const struct ip_field *field, const struct knx_message *message,
                        struct bas_buf *out)
{
    bas_buf_add(out, (const uint8_t *)message + field->offset, field->number);
    return true;
}

static void slice_set(const struct ip_field *field, struct knx_message *message,
                      struct bas_slice slice)
{
    memcpy((uint8_t *)message + field->offset, &slice, sizeof(slice));
}

static struct bas_slice slice_get(const struct ip_field *field, const struct knx_message *message)
{
    struct bas_slice slice;
    memcpy(&slice, (const uint8_t *)message + field->offset, sizeof(slice));
    return slice;
}

static bas_err octets_read(const struct ip_field *field, struct rd *r, struct knx_message *message,
                           bool *is_end)
{
    (void)is_end;
    slice_set(field, message, rd_take(r, field->number));
    return r->err;
}

/* A slice of another length than the wire's cannot be written. */
static bool octets_write(const struct ip_field *field, const struct knx_message *message,
                         struct bas_buf *out)
{
    struct bas_slice slice = slice_get(field, message);
    if (slice.len != field->number) {
        out->full = true;
    } else {
        wr_slice(out, slice);
    }
    return true;
}

static bas_err rest_read(const struct ip_field *field, struct rd *r, struct knx_message *message,
                         bool *is_end)
{
    (void)is_end;
    slice_set(field, message, rd_rest(r));
    return slice_get(field, message).len < field->number ? BAS_ERR_TRUNCATED : BAS_OK;
}

static bool rest_write(const struct ip_field *field, const struct knx_message *message,
                       struct bas_buf *out)
{
    wr_slice(out, slice_get(field, message));
    return true;
}

static bas_err encrypted_read(const struct ip_field *field, struct rd *r,
                              struct knx_message *message, bool *is_end)
{
    (void)is_end;
    if (rd_left(r) < (size_t)field->number + KNX_MAC_LEN) {
        return BAS_ERR_TRUNCATED;
    }
    slice_set(field, message, rd_take(r, rd_left(r) - KNX_MAC_LEN));
    return BAS_OK;
}

/* Blocks */

static bas_err dibs_read(const struct ip_field *field, struct rd *r, struct knx_message *message,
                         bool *is_end)
{
    bas_err err = rest_read(field, r, message, is_end);
    return err == BAS_OK && !knx_dibs_fit(slice_get(field, message)) ? BAS_ERR_MALFORMED : err;
}

static bas_err srps_read(const struct ip_field *field, struct rd *r, struct knx_message *message,
                         bool *is_end)
{
    bas_err err = rest_read(field, r, message, is_end);
    return err == BAS_OK && !knx_srps_fit(slice_get(field, message)) ? BAS_ERR_MALFORMED : err;
}

/* Octets without a member */

static bas_err reserved_read(const struct ip_field *field, struct rd *r,
                             struct knx_message *message, bool *is_end)
{
    (void)message, (void)is_end;
    (void)rd_take(r, field->number);
    return r->err;
}

static bas_err zero_read(const struct ip_field *field, struct rd *r, struct knx_message *message,
                         bool *is_end)
{
    (void)message, (void)is_end;
    uint64_t value = rd_uint(r, field->number);
    return r->err == BAS_OK && value != 0 ? BAS_ERR_MALFORMED : r->err;
}

static bool zero_write(const struct ip_field *field, const struct knx_message *message,
                       struct bas_buf *out)
{
    (void)message;
    wr_uint(out, 0, field->number);
    return true;
}

static bas_err length_read(const struct ip_field *field, struct rd *r, struct knx_message *message,
                           bool *is_end)
{
    (void)message, (void)is_end;
    uint8_t length = rd_u8(r);
    return r->err == BAS_OK && length != field->number ? BAS_ERR_MALFORMED : r->err;
}

static bool length_write(const struct ip_field *field, const struct knx_message *message,
                         struct bas_buf *out)
{
    (void)message;
    wr_u8(out, field->number);
    return true;
}

/* HPAI, CRI, CRD */

static bas_err hpai_read(const struct ip_field *field, struct rd *r, struct knx_message *message,
                         bool *is_end)
{
    (void)is_end;
    uint8_t length = rd_u8(r);
    struct knx_hpai hpai = { .protocol = rd_u8(r) };
    rd_copy(r, hpai.address, sizeof(hpai.address));
    hpai.port = rd_u16(r);
    if (r->err != BAS_OK) {
        return r->err;
    }
    if (length != HPAI_LEN || (hpai.protocol != KNX_UDP && hpai.protocol != KNX_TCP)) {
        return BAS_ERR_MALFORMED;
    }
    memcpy((uint8_t *)message + field->offset, &hpai, sizeof(hpai));
    return BAS_OK;
}

static bool hpai_write(const struct ip_field *field, const struct knx_message *message,
                       struct bas_buf *out)
{
    struct knx_hpai hpai;
    memcpy(&hpai, (const uint8_t *)message + field->offset, sizeof(hpai));
    wr_u8(out, HPAI_LEN);
    wr_u8(out, hpai.protocol);
    bas_buf_add(out, hpai.address, sizeof(hpai.address));
    wr_u16(out, hpai.port);
    return true;
}

/* Length and type of a CRI or CRD; *data is what the length covers behind them. */
static bas_err cri_head_read(struct rd *r, struct knx_cri *cri, struct bas_slice *data)
{
    size_t length = rd_u8(r);
    cri->type = rd_u8(r);
    if (r->err == BAS_OK && length < CRI_HEAD) {
        return BAS_ERR_MALFORMED;
    }
    *data = rd_take(r, r->err == BAS_OK ? length - CRI_HEAD : 0);
    return r->err;
}

/* What a type has that has no members in struct knx_cri goes into the payload. */
static bas_err cri_other_read(struct knx_message *message, struct bas_slice data)
{
    message->payload = data;
    bool is_bare = message->cri.type == KNX_CONNECTION_MANAGEMENT;
    return is_bare && data.len != 0 ? BAS_ERR_MALFORMED : BAS_OK;
}

static bas_err cri_read(const struct ip_field *field, struct rd *r, struct knx_message *message,
                        bool *is_end)
{
    (void)field, (void)is_end;
    struct knx_cri *cri = &message->cri;
    struct bas_slice data = { 0 };
    bas_err err = cri_head_read(r, cri, &data);
    if (err != BAS_OK) {
        return err;
    }
    if (cri->type != KNX_CONNECTION_TUNNEL) {
        return cri_other_read(message, data);
    }
    size_t length = data.len + CRI_HEAD;
    if (length != CRI_TUNNEL && length != CRI_TUNNEL_EXTENDED) {
        return BAS_ERR_MALFORMED;
    }
    struct rd inside = rd_init(data);
    cri->layer = rd_u8(&inside);
    (void)rd_u8(&inside);
    cri->has_address = length == CRI_TUNNEL_EXTENDED;
    cri->address = cri->has_address ? rd_u16(&inside) : 0;
    return inside.err;
}

static bas_err crd_read(const struct ip_field *field, struct rd *r, struct knx_message *message,
                        bool *is_end)
{
    (void)field, (void)is_end;
    struct knx_cri *cri = &message->cri;
    struct bas_slice data = { 0 };
    bas_err err = cri_head_read(r, cri, &data);
    if (err != BAS_OK) {
        return err;
    }
    if (cri->type != KNX_CONNECTION_TUNNEL) {
        return cri_other_read(message, data);
    }
    if (data.len + CRI_HEAD != CRD_TUNNEL) {
        return BAS_ERR_MALFORMED;
    }
    struct rd inside = rd_init(data);
    cri->has_address = true;
    cri->address = rd_u16(&inside);
    return inside.err;
}

static void cri_other_write(const struct knx_message *message, struct bas_buf *out)
{
    if (message->payload.len + CRI_HEAD > CRI_MAX) {
        out->full = true;
        return;
    }
    wr_u8(out, (uint8_t)(message->payload.len + CRI_HEAD));
    wr_u8(out, message->cri.type);
    wr_slice(out, message->payload);
}

static bool cri_write(const struct ip_field *field, const struct knx_message *message,
                      struct bas_buf *out)
{
    (void)field;
    const struct knx_cri *cri = &message->cri;
    if (cri->type != KNX_CONNECTION_TUNNEL) {
        cri_other_write(message, out);
        return true;
    }
    wr_u8(out, cri->has_address ? CRI_TUNNEL_EXTENDED : CRI_TUNNEL);
    wr_u8(out, cri->type);
    wr_u8(out, cri->layer);
    wr_u8(out, 0);
    if (cri->has_address) {
        wr_u16(out, cri->address);
    }
    return true;
}

static bool crd_write(const struct ip_field *field, const struct knx_message *message,
                      struct bas_buf *out)
{
    (void)field;
    if (message->cri.type != KNX_CONNECTION_TUNNEL) {
        cri_other_write(message, out);
        return true;
    }
    wr_u8(out, CRD_TUNNEL);
    wr_u8(out, message->cri.type);
    wr_u16(out, message->cri.address);
    return true;
}

/* Early ends */

/* A CONNECT_RESPONSE with an error ends here; some devices send an endpoint and a CRD all the same,
 * with whatever in them. */
static bas_err granted_read(const struct ip_field *field, struct rd *r, struct knx_message *message,
                            bool *is_end)
{
    if (message->status == KNX_E_NO_ERROR) {
        return BAS_OK;
    }
    *is_end = true;
    return rest_read(field, r, message, is_end);
}

static bool granted_write(const struct ip_field *field, const struct knx_message *message,
                          struct bas_buf *out)
{
    if (message->status != KNX_E_NO_ERROR) {
        wr_slice(out, slice_get(field, message));
        return false;
    }
    return true;
}

/* A SESSION_RESPONSE of 8 octets with session 0 says that no session is free (spec 2.3). */
static bas_err session_read(const struct ip_field *field, struct rd *r, struct knx_message *message,
                            bool *is_end)
{
    (void)field;
    *is_end = message->session == 0 && rd_left(r) == 0;
    return BAS_OK;
}

static bool session_write(const struct ip_field *field, const struct knx_message *message,
                          struct bas_buf *out)
{
    (void)field, (void)out;
    return message->session != 0 || message->public_key.len != 0;
}

/* A refused feature has no value. */
static bas_err value_read(const struct ip_field *field, struct rd *r, struct knx_message *message,
                          bool *is_end)
{
    (void)field, (void)r;
    *is_end = message->return_code != 0;
    return BAS_OK;
}

static bool value_write(const struct ip_field *field, const struct knx_message *message,
                        struct bas_buf *out)
{
    (void)field, (void)out;
    return message->return_code == 0;
}

static const struct ip_form NUMBER = { number_read, number_write };
static const struct ip_form ARRAY = { array_read, array_write };
static const struct ip_form OCTETS = { octets_read, octets_write };
static const struct ip_form REST = { rest_read, rest_write };
static const struct ip_form ENCRYPTED = { encrypted_read, rest_write };
static const struct ip_form DIBS = { dibs_read, rest_write };
static const struct ip_form SRPS = { srps_read, rest_write };
static const struct ip_form RESERVED = { reserved_read, zero_write };
static const struct ip_form ZERO = { zero_read, zero_write };
static const struct ip_form LENGTH = { length_read, length_write };
static const struct ip_form HPAI = { hpai_read, hpai_write };
static const struct ip_form CRI = { cri_read, cri_write };
static const struct ip_form CRD = { crd_read, crd_write };
static const struct ip_form IF_GRANTED = { granted_read, granted_write };
static const struct ip_form IF_SESSION = { session_read, session_write };
static const struct ip_form IF_VALUE = { value_read, value_write };

static const struct ip_field fields[IP_FIELDS] = {
#define IP_FIELD(code, kind, member, count, words)                                                 \
    [IP_##code] = { &(kind), (words), offsetof(struct knx_message, member),                        \
                    sizeof(((struct knx_message *)0)->member), (count) },
#include "knx/ip_field.def"
#undef IP_FIELD
};

bas_err ip_field_read(unsigned code, struct rd *r, struct knx_message *message, bool *is_end)
{
    return fields[code].form->read(&fields[code], r, message, is_end);
}

bool ip_field_write(unsigned code, const struct knx_message *message, struct bas_buf *out)
{
    return fields[code].form->write(&fields[code], message, out);
}

const char *ip_field_name(unsigned code)
{
    return fields[code].name;
}
