/* Owns the words for the description information blocks of a server (spec 1.3). */
#include "knx_blocks.h"

#include "wire/rd.h"

enum { SLOT = 4, SLOT_FREE = 1, SLOT_USABLE = 4, BUS_IS_LOST = 1, LATIN_1_HIGH = 0x80 };

static bool find(struct bas_slice list, uint8_t type, struct knx_block *block)
{
    while (knx_dib_next(&list, block)) {
        if (block->type == type) {
            return true;
        }
    }
    return false;
}

/* ISO-8859-1 as UTF-8, on one line. */
static void add_name(const char *name, struct bas_buf *out)
{
    for (; *name != 0; name++) {
        uint8_t c = (uint8_t)*name;
        if (c >= LATIN_1_HIGH + 0x20) {
            const uint8_t octets[] = { (uint8_t)(0xC0 | c >> 6), (uint8_t)(0x80 | (c & 0x3F)) };
            bas_buf_add(out, octets, sizeof(octets));
        } else {
            bas_buf_format(out, "%c", c < 0x20 || c >= 0x7F ? '?' : c);
        }
    }
}

/* "core 2, tunnelling 2": pairs of a family and its version, or the families alone. */
static void add_families(struct bas_slice data, bool has_versions, struct bas_buf *out)
{
    struct rd r = rd_init(data);
    const char *between = "";
    while (rd_left(&r) >= 2) {
        uint8_t family = rd_u8(&r);
        uint8_t version = rd_u8(&r);
        bas_buf_format(out, "%s%s", between, knx_family_name(family));
        if (has_versions) {
            bas_buf_format(out, " %u", version);
        }
        between = ", ";
    }
}

void knx_blocks_device(struct bas_slice blocks, struct bas_buf *out)
{
    struct knx_block block;
    struct knx_device_info info;
    char address[KNX_ADDRESS_TEXT];
    if (find(blocks, KNX_DIB_DEVICE_INFO, &block) &&
        knx_device_info_decode(block.data, &info) == BAS_OK) {
        if (info.name[0] != 0) {
            add_name(info.name, out);
            bas_buf_add_text(out, ", ");
        }
        bas_buf_format(out, "%s", knx_ia_text(info.address, address));
    }
    if (find(blocks, KNX_DIB_SUPP_SVC_FAMILIES, &block)) {
        bas_buf_add_text(out, out->len != 0 ? ", " : "");
        add_families(block.data, true, out);
    }
}

static void add_slots(struct bas_slice data, struct bas_buf *out)
{
    struct rd r = rd_init(data);
    unsigned n = 0;
    unsigned n_free = 0;
    (void)rd_u16(&r); /* the longest APDU */
    while (rd_left(&r) >= SLOT) {
        (void)rd_u16(&r);
        unsigned status = rd_u16(&r);
        n++;
        n_free += (status & SLOT_FREE) != 0 && (status & SLOT_USABLE) != 0 ? 1 : 0;
    }
    bas_buf_format(out, "%u of %u tunnels %s free", n_free, n, n_free == 1 ? "is" : "are");
}

void knx_blocks_tunnels(struct bas_slice blocks, struct bas_buf *out)
{
    struct knx_block block;
    if (find(blocks, KNX_DIB_SECURED_SERVICE_FAMILIES, &block)) {
        bas_buf_add_text(out, "KNX IP Secure for ");
        add_families(block.data, false, out);
    } else {
        bas_buf_add_text(out, "no KNX IP Secure");
    }
    if (find(blocks, KNX_DIB_TUNNELLING_INFO, &block)) {
        bas_buf_add_text(out, "; ");
        add_slots(block.data, out);
    }
    if (find(blocks, KNX_DIB_EXTENDED_DEVICE_INFO, &block) && block.data.len != 0 &&
        (block.data.data[0] & BUS_IS_LOST) != 0) {
        bas_buf_add_text(out, "; its bus is not connected");
    }
}
