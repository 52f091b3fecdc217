/* Owns TPDUs (spec 3.3): transport control, APCI, group values. */
#include "knx/apdu.h"

#include "wire/rd.h"
#include "wire/wr.h"

#include <assert.h>

enum {
    APCI_BITS = 0x03, /* of the first octet: the high bits of the APCI */
    SEQUENCE_SHIFT = 2,
    SEQUENCE_MASK = 0x3C,
    SEQUENCE_MAX = 15,
    SMALL_MAX = 0x3F,
    APCI_MAX = 0x3FF
};

/* The kinds: octet & mask is value. Data kinds carry an APDU, all others are one octet. */
static const struct kind {
    uint8_t mask;
    uint8_t value;
    bool has_apdu;
    bool has_sequence;
    const char *name;
} kinds[] = {
    [KNX_T_DATA_GROUP] = { 0xFC, 0x00, true, false, "T_Data_Group" },
    [KNX_T_DATA_TAG_GROUP] = { 0xFC, 0x04, true, false, "T_Data_Tag_Group" },
    [KNX_T_DATA_CONNECTED] = { 0xC0, 0x40, true, true, "T_Data_Connected" },
    [KNX_T_CONNECT] = { 0xFF, 0x80, false, false, "T_Connect" },
    [KNX_T_DISCONNECT] = { 0xFF, 0x81, false, false, "T_Disconnect" },
    [KNX_T_ACK] = { 0xC3, 0xC2, false, true, "T_ACK" },
    [KNX_T_NAK] = { 0xC3, 0xC3, false, true, "T_NAK" },
};

static const struct kind *kind_find(uint8_t octet)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(kinds); i++) {
        if ((octet & kinds[i].mask) == kinds[i].value) {
            return &kinds[i];
        }
    }
    return NULL;
}

/* The second octet and what follows. */
static bas_err apdu_read(struct rd *r, uint8_t first, struct knx_tpdu *tpdu)
{
    unsigned apci = (first & (unsigned)APCI_BITS) << 8 | rd_u8(r);
    const struct apdu_service *service = apdu_service_find(apci);
    unsigned data_bits = service != NULL ? (1U << service->bits) - 1 : 0;
    tpdu->has_apdu = true;
    tpdu->apci = (uint16_t)(apci & ~data_bits);
    tpdu->small = (uint8_t)(apci & data_bits);
    if (r->err == BAS_OK) {
        tpdu->data = rd_rest(r);
    }
    return r->err;
}

bas_err knx_tpdu_decode(struct bas_slice octets, struct knx_tpdu *tpdu, struct bas_fault *fault)
{
    *tpdu = (struct knx_tpdu){ 0 };
    if (octets.len == 0) {
        return bas_fail(fault, BAS_ERR_TRUNCATED, "a TPDU has at least one octet");
    }
    struct rd r = rd_init(octets);
    uint8_t first = rd_u8(&r);
    const struct kind *kind = kind_find(first);
    if (kind == NULL) {
        return bas_fail(fault, BAS_ERR_MALFORMED, "%02X is no transport control octet", first);
    }
    struct knx_tpdu read = { .tpci = first, .kind = (uint8_t)(kind - kinds) };
    if (kind->has_sequence) {
        read.sequence = (uint8_t)((first & SEQUENCE_MASK) >> SEQUENCE_SHIFT);
    }
    if (kind->has_apdu) {
        read.tpci = first & (uint8_t)~APCI_BITS;
        if (apdu_read(&r, first, &read) != BAS_OK) {
            return bas_fail(fault, BAS_ERR_TRUNCATED, "%s ends inside its APCI", kind->name);
        }
    } else if (rd_left(&r) != 0) {
        return bas_fail(fault, BAS_ERR_TOO_LONG, "%s is one octet, here are %zu", kind->name,
                        octets.len);
    }
    *tpdu = read;
    return BAS_OK;
}

void knx_tpdu_encode(const struct knx_tpdu *tpdu, struct bas_buf *out)
{
    assert(tpdu->kind < BAS_ARRAY_LEN(kinds));
    const struct kind *kind = &kinds[tpdu->kind];
    unsigned apci = (unsigned)tpdu->apci | tpdu->small;
    if (tpdu->sequence > SEQUENCE_MAX || apci > APCI_MAX) {
        out->full = true;
        return;
    }
    unsigned first = kind->value;
    first |= kind->has_sequence ? (unsigned)tpdu->sequence << SEQUENCE_SHIFT : 0;
    if (!kind->has_apdu) {
        wr_u8(out, (uint8_t)first);
        return;
    }
    wr_u16(out, (uint16_t)(first << 8 | apci));
    wr_slice(out, tpdu->data);
}

bas_err knx_tpdu_json(const struct knx_tpdu *tpdu, struct bas_json *json, struct bas_fault *fault)
{
    assert(tpdu->kind < BAS_ARRAY_LEN(kinds));
    const struct kind *kind = &kinds[tpdu->kind];
    const struct apdu_service *service = apdu_service_find(tpdu->apci);
    bas_err err = BAS_OK;
    if (kind->has_apdu) {
        err = service != NULL
                  ? apdu_walk(service, tpdu, NULL, fault)
                  : bas_fail(fault, BAS_ERR_UNSUPPORTED, "the APCI %03X is not known", tpdu->apci);
    }
    if (json == NULL) {
        return err;
    }
    bas_json_text(json, "kind", kind->name);
    if (kind->has_sequence) {
        bas_json_unsigned(json, "transport_sequence", tpdu->sequence);
    }
    if (!kind->has_apdu) {
        return err;
    }
    bas_json_text(json, "service", service != NULL ? service->name : "unknown");
    bas_json_unsigned(json, "apci", tpdu->apci);
    if (err != BAS_OK) {
        bas_json_hex(json, "data", tpdu->data);
        return err;
    }
    return apdu_walk(service, tpdu, json, fault);
}

/* Group values */

static bool is_group_service(unsigned apci)
{
    return apci == KNX_GROUP_VALUE_READ || apci == KNX_GROUP_VALUE_RESPONSE ||
           apci == KNX_GROUP_VALUE_WRITE;
}

void knx_group_encode(unsigned apci, const struct knx_group_value *value, struct bas_buf *out)
{
    assert(is_group_service(apci));
    struct knx_tpdu tpdu = { .kind = KNX_T_DATA_GROUP, .apci = (uint16_t)apci };
    if (apci != KNX_GROUP_VALUE_READ && value->is_small) {
        struct rd r = rd_init(value->octets);
        tpdu.small = rd_u8(&r);
        out->full = out->full || value->octets.len != 1 || tpdu.small > SMALL_MAX;
    } else if (apci != KNX_GROUP_VALUE_READ) {
        tpdu.data = value->octets;
        out->full = out->full || value->octets.len == 0;
    }
    if (!out->full) {
        knx_tpdu_encode(&tpdu, out);
    }
}

bool knx_group_value_of(const struct knx_tpdu *tpdu, struct knx_group_value *value)
{
    bool is_group = tpdu->kind == KNX_T_DATA_GROUP || tpdu->kind == KNX_T_DATA_TAG_GROUP;
    if (!tpdu->has_apdu || !is_group || !is_group_service(tpdu->apci)) {
        return false;
    }
    *value = (struct knx_group_value){ .octets = tpdu->data };
    if (tpdu->apci != KNX_GROUP_VALUE_READ && tpdu->data.len == 0) {
        value->is_small = true;
        value->octets = (struct bas_slice){ &tpdu->small, 1 };
    }
    return true;
}
