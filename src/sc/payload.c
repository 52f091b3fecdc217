/* Owns the payloads of BVLC-SC messages (AB.2): what they hold, their lengths, their values. */
#include "sc/bvlc.h"

#include "sc/vmac.h"
#include "wire/wr.h"

enum { RESULT_ACK = 0, RESULT_NAK = 1, RESULT_ACK_LEN = 2, RESULT_NAK_MIN = 7, HUB_STATUS_MAX = 2 };

/* bsc 2.2-02 */
static bas_err too_short(unsigned function, size_t len, struct bas_fault *fault)
{
    return bas_fail_code(
        fault, BAS_ERR_TRUNCATED, BAC_ERROR_CLASS_COMMUNICATION, BAC_ERROR_CODE_MESSAGE_INCOMPLETE,
        "the payload of a %s is cut off after %zu octets", bsc_function_name(function), len);
}

static bas_err too_long(unsigned function, size_t len, struct bas_fault *fault)
{
    return bas_fail_code(
        fault, BAS_ERR_TOO_LONG, BAC_ERROR_CLASS_COMMUNICATION, BAC_ERROR_CODE_UNEXPECTED_DATA,
        "a %s has %zu octets of payload, more than it may", bsc_function_name(function), len);
}

/* bsc 2.2-09 */
static bas_err bad_value(unsigned function, const char *what, struct bas_fault *fault)
{
    return bas_fail_code(fault, BAS_ERR_PROTOCOL, BAC_ERROR_CLASS_COMMUNICATION,
                         BAC_ERROR_CODE_PARAMETER_OUT_OF_RANGE, "%s of a %s is out of range", what,
                         bsc_function_name(function));
}

/* The length against the row of the function. bsc 2.2-03 2.2-04 11-20 11-39 */
static bas_err length_check(unsigned function, size_t len, struct bas_fault *fault)
{
    const struct bsc_row *row = bsc_row(function);
    if (len == 0 && row->payload_min != 0) {
        return bas_fail_code(fault, BAS_ERR_TRUNCATED, BAC_ERROR_CLASS_COMMUNICATION,
                             BAC_ERROR_CODE_PAYLOAD_EXPECTED, "a %s has no payload", row->name);
    }
    if (len < row->payload_min) {
        return too_short(function, len, fault);
    }
    return len > row->payload_max ? too_long(function, len, fault) : BAS_OK;
}

/* bsc 1.4-01 1.4-02 11-07 */
bas_err bsc_result_decode(struct bas_slice payload, struct bsc_result *result,
                          struct bas_fault *fault)
{
    *result = (struct bsc_result){ 0 };
    bas_err err = length_check(BSC_BVLC_RESULT, payload.len, fault);
    if (err != BAS_OK) {
        return err;
    }
    struct rd r = rd_init(payload);
    struct bsc_result read = { .result_for = rd_u8(&r) };
    read.result_code = rd_u8(&r);
    if (read.result_code > RESULT_NAK) {
        return bad_value(BSC_BVLC_RESULT, "the result code", fault);
    }
    if (read.result_code == RESULT_ACK && payload.len > RESULT_ACK_LEN) {
        return too_long(BSC_BVLC_RESULT, payload.len, fault);
    }
    if (read.result_code == RESULT_NAK) {
        if (payload.len < RESULT_NAK_MIN) {
            return too_short(BSC_BVLC_RESULT, payload.len, fault);
        }
        read.marker = rd_u8(&r);
        read.error_class = rd_u16(&r);
        read.error_code = rd_u16(&r);
        read.details = rd_rest(&r);
    }
    *result = read;
    return BAS_OK;
}

/* Connect-Request and Connect-Accept have one layout; function is for the words.
 * bsc 1.4-08 1.4-09 3.2-01 8.1-02 8.1-03 8.2-04 */
static bas_err connect_decode(unsigned function, struct bas_slice payload,
                              struct bsc_connect *connect, struct bas_fault *fault)
{
    *connect = (struct bsc_connect){ 0 };
    bas_err err = length_check(function, payload.len, fault);
    if (err != BAS_OK) {
        return err;
    }
    struct rd r = rd_init(payload);
    struct bsc_connect read = { 0 };
    (void)bsc_vmac_read(&r, &read.vmac);
    rd_copy(&r, read.uuid.octets, sizeof(read.uuid.octets));
    read.max_bvlc = rd_u16(&r);
    read.max_npdu = rd_u16(&r);
    if (bsc_vmac_is_reserved(&read.vmac)) {
        return bad_value(function, "the VMAC", fault);
    }
    *connect = read;
    return BAS_OK;
}

bas_err bsc_connect_decode(struct bas_slice payload, struct bsc_connect *connect,
                           struct bas_fault *fault)
{
    return connect_decode(BSC_CONNECT_REQUEST, payload, connect, fault);
}

/* bsc 1.4-06 11-09 */
bas_err bsc_advertisement_decode(struct bas_slice payload, struct bsc_advertisement *advertisement,
                                 struct bas_fault *fault)
{
    *advertisement = (struct bsc_advertisement){ 0 };
    bas_err err = length_check(BSC_ADVERTISEMENT, payload.len, fault);
    if (err != BAS_OK) {
        return err;
    }
    struct rd r = rd_init(payload);
    struct bsc_advertisement read = { .hub_status = rd_u8(&r) };
    unsigned accept_direct = rd_u8(&r);
    read.accept_direct = accept_direct == 1;
    read.max_bvlc = rd_u16(&r);
    read.max_npdu = rd_u16(&r);
    if (read.hub_status > HUB_STATUS_MAX) {
        return bad_value(BSC_ADVERTISEMENT, "the hub connection status", fault);
    }
    if (accept_direct > 1) {
        return bad_value(BSC_ADVERTISEMENT, "'accept direct connections'", fault);
    }
    *advertisement = read;
    return BAS_OK;
}

/* bsc 1.4-12 */
bas_err bsc_proprietary_decode(struct bas_slice payload, struct bsc_proprietary *proprietary,
                               struct bas_fault *fault)
{
    *proprietary = (struct bsc_proprietary){ 0 };
    bas_err err = length_check(BSC_PROPRIETARY_MESSAGE, payload.len, fault);
    if (err != BAS_OK) {
        return err;
    }
    struct rd r = rd_init(payload);
    proprietary->vendor = rd_u16(&r);
    proprietary->function = rd_u8(&r);
    proprietary->data = rd_rest(&r);
    return BAS_OK;
}

static bas_err result_check(unsigned function, struct bas_slice payload, struct bas_fault *fault)
{
    (void)function;
    struct bsc_result result;
    return bsc_result_decode(payload, &result, fault);
}

static bas_err connect_check(unsigned function, struct bas_slice payload, struct bas_fault *fault)
{
    struct bsc_connect connect;
    return connect_decode(function, payload, &connect, fault);
}

static bas_err advertisement_check(unsigned function, struct bas_slice payload,
                                   struct bas_fault *fault)
{
    (void)function;
    struct bsc_advertisement advertisement;
    return bsc_advertisement_decode(payload, &advertisement, fault);
}

bas_err bsc_payload_check(unsigned function, struct bas_slice payload, struct bas_fault *fault)
{
    /* The functions whose payload has more rules than a length. */
    static bas_err (*const checks[BSC_FUNCTIONS])(unsigned, struct bas_slice,
                                                  struct bas_fault *) = {
        [BSC_BVLC_RESULT] = result_check,
        [BSC_ADVERTISEMENT] = advertisement_check,
        [BSC_CONNECT_REQUEST] = connect_check,
        [BSC_CONNECT_ACCEPT] = connect_check,
    };
    if (function < BSC_FUNCTIONS && checks[function] != NULL) {
        return checks[function](function, payload, fault);
    }
    return length_check(function, payload.len, fault);
}

void bsc_result_encode(const struct bsc_result *result, struct bas_buf *out)
{
    wr_u8(out, result->result_for);
    wr_u8(out, result->result_code);
    if (result->result_code != RESULT_ACK) {
        wr_u8(out, result->marker);
        wr_u16(out, result->error_class);
        wr_u16(out, result->error_code);
        wr_slice(out, result->details);
    }
}

void bsc_connect_encode(const struct bsc_connect *connect, struct bas_buf *out)
{
    bas_buf_add(out, connect->vmac.octets, sizeof(connect->vmac.octets));
    bas_buf_add(out, connect->uuid.octets, sizeof(connect->uuid.octets));
    wr_u16(out, connect->max_bvlc);
    wr_u16(out, connect->max_npdu);
}

void bsc_advertisement_encode(const struct bsc_advertisement *advertisement, struct bas_buf *out)
{
    wr_u8(out, advertisement->hub_status);
    wr_u8(out, advertisement->accept_direct ? 1 : 0);
    wr_u16(out, advertisement->max_bvlc);
    wr_u16(out, advertisement->max_npdu);
}

void bsc_proprietary_encode(const struct bsc_proprietary *proprietary, struct bas_buf *out)
{
    wr_u16(out, proprietary->vendor);
    wr_u8(out, proprietary->function);
    wr_slice(out, proprietary->data);
}
