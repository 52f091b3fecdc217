/* Owns the headers of the eight APDUs (clause 20.1). */
#include "bacnet/apdu.h"

#include "wire/rd.h"
#include "wire/wr.h"

#include <assert.h>
#include <string.h>

enum flag {
    FLAG_SEGMENTED = 0x08,
    FLAG_MORE_FOLLOWS = 0x04,
    FLAG_SEGMENTED_RESPONSE_ACCEPTED = 0x02,
    FLAG_NEGATIVE_ACK = 0x02,
    FLAG_SERVER = 0x01
};

enum { MORE_THAN_64 = 65 };

/* Codes of 20.1.2.4 and 20.1.2.5; the index is the code. */
static const uint8_t segments_of_code[] = { 0, 2, 4, 8, 16, 32, 64, MORE_THAN_64 };
static const uint16_t apdu_of_code[] = { 50, 128, 206, 480, 1024, 1476 };

static uint8_t segments_code(uint8_t max_segments)
{
    uint8_t code = 0;
    while (code + 1U < BAS_ARRAY_LEN(segments_of_code) &&
           segments_of_code[code + 1] <= max_segments) {
        code++;
    }
    return code;
}

/* The largest code that promises no more than max_apdu. */
static uint8_t apdu_code(uint16_t max_apdu)
{
    uint8_t code = 0;
    while (code + 1U < BAS_ARRAY_LEN(apdu_of_code) && apdu_of_code[code + 1] <= max_apdu) {
        code++;
    }
    return code;
}

static bas_err fail(struct bas_fault *fault, bas_err err, const char *text)
{
    return bas_fail_code(fault, err, BAC_ERROR_CLASS_COMMUNICATION,
                         err == BAS_ERR_TRUNCATED ? BAC_ERROR_CODE_MESSAGE_INCOMPLETE
                                                  : BAC_ERROR_CODE_MALFORMED_MESSAGE,
                         "APDU: %s", text);
}

static void read_segment(struct rd *r, struct bac_apdu *apdu)
{
    if (apdu->segmented) {
        apdu->sequence = rd_u8(r);
        apdu->window = rd_u8(r);
    }
}

static void read_confirmed(struct rd *r, struct bac_apdu *apdu, uint8_t first)
{
    apdu->segmented = (first & FLAG_SEGMENTED) != 0;
    apdu->more_follows = (first & FLAG_MORE_FOLLOWS) != 0;
    apdu->segmented_response_accepted = (first & FLAG_SEGMENTED_RESPONSE_ACCEPTED) != 0;
    uint8_t sizes = rd_u8(r);
    apdu->max_segments = segments_of_code[(sizes >> 4) & 7U];
    size_t code = sizes & 0x0FU;
    /* Codes 6 to 15 are reserved: whoever sends one takes at least the largest we know. */
    apdu->max_apdu = code < BAS_ARRAY_LEN(apdu_of_code) ? apdu_of_code[code] : BAC_MAX_APDU;
    apdu->invoke_id = rd_u8(r);
    read_segment(r, apdu);
    apdu->service = rd_u8(r);
    apdu->body = rd_rest(r);
}

static void read_complex_ack(struct rd *r, struct bac_apdu *apdu, uint8_t first)
{
    apdu->segmented = (first & FLAG_SEGMENTED) != 0;
    apdu->more_follows = (first & FLAG_MORE_FOLLOWS) != 0;
    apdu->invoke_id = rd_u8(r);
    read_segment(r, apdu);
    apdu->service = rd_u8(r);
    apdu->body = rd_rest(r);
}

static void read_segment_ack(struct rd *r, struct bac_apdu *apdu, uint8_t first)
{
    apdu->negative_ack = (first & FLAG_NEGATIVE_ACK) != 0;
    apdu->server = (first & FLAG_SERVER) != 0;
    apdu->invoke_id = rd_u8(r);
    apdu->sequence = rd_u8(r);
    apdu->window = rd_u8(r);
}

/* All but the first octet. */
static void read_body(struct rd *r, struct bac_apdu *apdu, uint8_t first)
{
    switch ((enum bac_pdu_type)apdu->type) {
    case BAC_PDU_CONFIRMED_REQUEST:
        read_confirmed(r, apdu, first);
        break;
    case BAC_PDU_UNCONFIRMED_REQUEST:
        apdu->service = rd_u8(r);
        apdu->body = rd_rest(r);
        break;
    case BAC_PDU_SIMPLE_ACK:
        apdu->invoke_id = rd_u8(r);
        apdu->service = rd_u8(r);
        break;
    case BAC_PDU_COMPLEX_ACK:
        read_complex_ack(r, apdu, first);
        break;
    case BAC_PDU_SEGMENT_ACK:
        read_segment_ack(r, apdu, first);
        break;
    case BAC_PDU_ERROR:
        apdu->invoke_id = rd_u8(r);
        apdu->service = rd_u8(r);
        apdu->body = rd_rest(r);
        break;
    case BAC_PDU_REJECT:
    case BAC_PDU_ABORT:
        apdu->server = apdu->type == BAC_PDU_ABORT && (first & FLAG_SERVER) != 0;
        apdu->invoke_id = rd_u8(r);
        apdu->reason = rd_u8(r);
        break;
    }
}

static bas_err check(const struct rd *r, const struct bac_apdu *apdu, struct bas_fault *fault)
{
    if (r->err != BAS_OK) {
        return fail(fault, r->err, "the header is cut off");
    }
    if (apdu->more_follows && !apdu->segmented) {
        return fail(fault, BAS_ERR_MALFORMED, "more segments of an unsegmented message");
    }
    return rd_left(r) == 0 ? BAS_OK : fail(fault, BAS_ERR_MALFORMED, "octets behind its end");
}

bas_err bac_apdu_decode(struct bas_slice octets, struct bac_apdu *apdu, struct bas_fault *fault)
{
    struct rd r = rd_init(octets);
    memset(apdu, 0, sizeof(*apdu));
    uint8_t first = rd_u8(&r);
    if (first >> 4 > BAC_PDU_ABORT) {
        return fail(fault, BAS_ERR_MALFORMED, "there is no such type");
    }
    apdu->type = first >> 4;
    read_body(&r, apdu, first);
    bas_err err = check(&r, apdu, fault);
    if (err != BAS_OK) {
        memset(apdu, 0, sizeof(*apdu));
    }
    return err;
}

uint8_t bac_segments_announced(size_t count)
{
    return segments_of_code[segments_code(count < MORE_THAN_64 ? (uint8_t)count : MORE_THAN_64)];
}

uint16_t bac_max_apdu_announced(size_t max_apdu)
{
    return apdu_of_code[apdu_code(max_apdu < BAC_MAX_APDU ? (uint16_t)max_apdu : BAC_MAX_APDU)];
}

static uint8_t first_octet(const struct bac_apdu *apdu)
{
    unsigned first = (unsigned)apdu->type << 4;
    enum bac_pdu_type type = (enum bac_pdu_type)apdu->type;
    if (type == BAC_PDU_CONFIRMED_REQUEST || type == BAC_PDU_COMPLEX_ACK) {
        first |= apdu->segmented ? FLAG_SEGMENTED : 0U;
        first |= apdu->more_follows ? FLAG_MORE_FOLLOWS : 0U;
    }
    if (type == BAC_PDU_CONFIRMED_REQUEST) {
        first |= apdu->segmented_response_accepted ? FLAG_SEGMENTED_RESPONSE_ACCEPTED : 0U;
    }
    if (type == BAC_PDU_SEGMENT_ACK) {
        first |= apdu->negative_ack ? FLAG_NEGATIVE_ACK : 0U;
    }
    if (type == BAC_PDU_SEGMENT_ACK || type == BAC_PDU_ABORT) {
        first |= apdu->server ? FLAG_SERVER : 0U;
    }
    return (uint8_t)first;
}

static void write_segment(const struct bac_apdu *apdu, struct bas_buf *out)
{
    if (apdu->segmented || apdu->type == BAC_PDU_SEGMENT_ACK) {
        wr_u8(out, apdu->sequence);
        wr_u8(out, apdu->window);
    }
}

void bac_apdu_encode_header(const struct bac_apdu *apdu, struct bas_buf *out)
{
    assert(apdu->type <= BAC_PDU_ABORT);
    wr_u8(out, first_octet(apdu));
    switch ((enum bac_pdu_type)apdu->type) {
    case BAC_PDU_CONFIRMED_REQUEST:
        wr_u8(out, (uint8_t)(segments_code(apdu->max_segments) << 4 | apdu_code(apdu->max_apdu)));
        wr_u8(out, apdu->invoke_id);
        write_segment(apdu, out);
        wr_u8(out, apdu->service);
        break;
    case BAC_PDU_UNCONFIRMED_REQUEST:
        wr_u8(out, apdu->service);
        break;
    case BAC_PDU_COMPLEX_ACK:
        wr_u8(out, apdu->invoke_id);
        write_segment(apdu, out);
        wr_u8(out, apdu->service);
        break;
    case BAC_PDU_SIMPLE_ACK:
    case BAC_PDU_ERROR:
        wr_u8(out, apdu->invoke_id);
        wr_u8(out, apdu->service);
        break;
    case BAC_PDU_SEGMENT_ACK:
        wr_u8(out, apdu->invoke_id);
        write_segment(apdu, out);
        break;
    case BAC_PDU_REJECT:
    case BAC_PDU_ABORT:
        wr_u8(out, apdu->invoke_id);
        wr_u8(out, apdu->reason);
        break;
    }
}

uint8_t bac_reject_reason(const struct bas_fault *fault)
{
    unsigned first = BAC_ERROR_CODE_REJECT_BUFFER_OVERFLOW; /* is reason 1 */
    unsigned last = BAC_ERROR_CODE_REJECT_UNRECOGNIZED_SERVICE;
    return fault->error_code >= first && fault->error_code <= last
               ? (uint8_t)(fault->error_code - first + 1)
               : (uint8_t)BAC_REJECT_OTHER;
}
