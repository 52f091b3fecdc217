/* Owns the header of NPDUs (clause 6.2). */
#include "basalt/bacnet.h"
#include "wire/rd.h"
#include "wire/wr.h"

#include <assert.h>
#include <string.h>

enum control {
    CONTROL_NETWORK_MESSAGE = 0x80,
    CONTROL_DESTINATION = 0x20,
    CONTROL_SOURCE = 0x08,
    CONTROL_EXPECTING_REPLY = 0x04,
    CONTROL_PRIORITY = 0x03
};

bool bac_address_equal(const struct bac_address *a, const struct bac_address *b)
{
    return a->network == b->network && a->mac_len == b->mac_len &&
           memcmp(a->mac, b->mac, a->mac_len) == 0;
}

bool bac_address_is_broadcast(const struct bac_address *address)
{
    return address->network == BAC_BROADCAST_NETWORK || address->mac_len == 0;
}

static bas_err malformed(struct bas_fault *fault, const char *text)
{
    return bas_fail_code(fault, BAS_ERR_MALFORMED, BAC_ERROR_CLASS_COMMUNICATION,
                         BAC_ERROR_CODE_MALFORMED_MESSAGE, "NPDU: %s", text);
}

/* Network, length, MAC. False: a length that no MAC has. */
static bool read_address(struct rd *r, struct bac_address *address)
{
    address->network = rd_u16(r);
    address->mac_len = rd_u8(r);
    if (address->mac_len > BAC_MAX_MAC) {
        return false;
    }
    rd_copy(r, address->mac, address->mac_len);
    return true;
}

static bas_err read_addresses(struct rd *r, struct bac_npdu *npdu, struct bas_fault *fault)
{
    if (npdu->has_destination && !read_address(r, &npdu->destination)) {
        return malformed(fault, "the destination address is too long");
    }
    if (npdu->has_source && !read_address(r, &npdu->source)) {
        return malformed(fault, "the source address is too long");
    }
    npdu->hop_count = npdu->has_destination ? rd_u8(r) : 0;
    if (r->err != BAS_OK) {
        return BAS_OK; /* said once, at the end */
    }
    if (npdu->has_destination && npdu->destination.network == 0) {
        return malformed(fault, "destination network 0");
    }
    bool has_global_mac = npdu->has_destination && npdu->destination.mac_len != 0 &&
                          npdu->destination.network == BAC_BROADCAST_NETWORK;
    if (has_global_mac) {
        return malformed(fault, "the global broadcast has a destination address");
    }
    bool is_bad_source = npdu->source.network == 0 || npdu->source.mac_len == 0 ||
                         npdu->source.network == BAC_BROADCAST_NETWORK;
    return npdu->has_source && is_bad_source ? malformed(fault, "the source is no one device")
                                             : BAS_OK;
}

static bas_err read_npdu(struct rd *r, struct bac_npdu *npdu, struct bas_fault *fault)
{
    uint8_t version = rd_u8(r);
    uint8_t control = rd_u8(r); /* bits 6 and 4 are reserved: whoever sets them is let through */
    if (r->err == BAS_OK && version != BAC_NPDU_VERSION) {
        return malformed(fault, "another version than 1");
    }
    npdu->is_network_message = (control & CONTROL_NETWORK_MESSAGE) != 0;
    npdu->has_destination = (control & CONTROL_DESTINATION) != 0;
    npdu->has_source = (control & CONTROL_SOURCE) != 0;
    npdu->expecting_reply = (control & CONTROL_EXPECTING_REPLY) != 0;
    npdu->priority = control & CONTROL_PRIORITY;
    bas_err err = read_addresses(r, npdu, fault);
    if (err != BAS_OK) {
        return err;
    }
    if (npdu->is_network_message) {
        npdu->message_type = rd_u8(r);
        npdu->vendor = npdu->message_type >= BAC_NET_VENDOR_MESSAGE ? rd_u16(r) : 0;
    }
    npdu->body = rd_rest(r);
    return r->err == BAS_OK
               ? BAS_OK
               : bas_fail_code(fault, r->err, BAC_ERROR_CLASS_COMMUNICATION,
                               BAC_ERROR_CODE_MESSAGE_INCOMPLETE, "NPDU: the header is cut off");
}

/* bsc 10.2-01 */
bas_err bac_npdu_decode(struct bas_slice octets, struct bac_npdu *npdu, struct bas_fault *fault)
{
    struct rd r = rd_init(octets);
    memset(npdu, 0, sizeof(*npdu));
    bas_err err = read_npdu(&r, npdu, fault);
    if (err != BAS_OK) {
        memset(npdu, 0, sizeof(*npdu));
    }
    return err;
}

static void write_address(const struct bac_address *address, struct bas_buf *out)
{
    assert(address->mac_len <= BAC_MAX_MAC);
    wr_u16(out, address->network);
    wr_u8(out, address->mac_len);
    bas_buf_add(out, address->mac, address->mac_len);
}

void bac_npdu_encode_header(const struct bac_npdu *npdu, struct bas_buf *out)
{
    assert(npdu->priority <= CONTROL_PRIORITY);
    unsigned control = npdu->priority;
    control |= npdu->is_network_message ? CONTROL_NETWORK_MESSAGE : 0U;
    control |= npdu->has_destination ? CONTROL_DESTINATION : 0U;
    control |= npdu->has_source ? CONTROL_SOURCE : 0U;
    control |= npdu->expecting_reply ? CONTROL_EXPECTING_REPLY : 0U;
    wr_u8(out, BAC_NPDU_VERSION);
    wr_u8(out, (uint8_t)control);
    if (npdu->has_destination) {
        write_address(&npdu->destination, out);
    }
    if (npdu->has_source) {
        write_address(&npdu->source, out);
    }
    if (npdu->has_destination) {
        wr_u8(out, npdu->hop_count);
    }
    if (npdu->is_network_message) {
        wr_u8(out, npdu->message_type);
        if (npdu->message_type >= BAC_NET_VENDOR_MESSAGE) {
            wr_u16(out, npdu->vendor);
        }
    }
}
