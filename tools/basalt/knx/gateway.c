/* Owns what is gathered of a KNXnet/IP server's answers (spec 1.3). */
#include "gateway.h"

#include "out.h"
#include "wire/rd.h"

#include <stdio.h>
#include <string.h>

enum { SLOT_FREE = 1, SLOT_AUTHORISED = 2, SLOT_USABLE = 4, BLOCK_HEAD = 2, BUS_IS_LOST = 1 };

/* Blocks */

static bool find_block(struct bas_slice list, unsigned type, struct knx_block *block)
{
    while (knx_dib_next(&list, block)) {
        if (block->type == type) {
            return true;
        }
    }
    return false;
}

static struct bas_slice blocks_of(const struct gateway *gateway)
{
    const struct bas_slice blocks = { gateway->blocks, gateway->len };
    return blocks;
}

/* Those of list that are not in but, as long as there is room. */
static void add_blocks(struct bas_slice list, struct bas_slice but, struct bas_buf *out)
{
    struct knx_block block;
    struct knx_block known;
    while (knx_dib_next(&list, &block)) {
        if (!find_block(but, block.type, &known) &&
            block.data.len + BLOCK_HEAD <= out->cap - out->len) {
            knx_block_encode(block.type, block.data, out);
        }
    }
}

void gateway_add(struct gateway *gateway, const struct knx_message *message)
{
    static const struct bas_slice none = { NULL, 0 };
    uint8_t memory[sizeof(gateway->blocks)];
    struct bas_buf out;
    bool is_extended = message->service == KNX_SEARCH_RESPONSE_EXTENDED;
    bool comes_first = is_extended || gateway->len == 0;
    struct bas_slice first = comes_first ? message->payload : blocks_of(gateway);
    struct bas_slice second = comes_first ? blocks_of(gateway) : message->payload;
    bas_buf_init(&out, memory, sizeof(memory));
    add_blocks(first, none, &out);
    add_blocks(second, first, &out);
    memcpy(gateway->blocks, memory, out.len);
    gateway->len = out.len;
    gateway->is_extended = gateway->is_extended || is_extended;
}

void gateway_init(struct gateway *gateway, const struct knx_message *message,
                  const struct knx_endpoint *from)
{
    static const uint8_t nowhere[4] = { 0 };
    const struct knx_hpai *control = &message->control;
    *gateway = (struct gateway){ .endpoint = *from };
    if (control->protocol == KNX_UDP && control->port != 0 &&
        memcmp(control->address, nowhere, sizeof(nowhere)) != 0) {
        memcpy(gateway->endpoint.address, control->address, sizeof(control->address));
        gateway->endpoint.port = control->port;
    }
    gateway_add(gateway, message);
}

bool gateway_is_same(const struct gateway *one, const struct gateway *other)
{
    static const uint8_t none[KNX_SERIAL_LEN] = { 0 };
    struct knx_device_info a;
    struct knx_device_info b;
    if (gateway_info(one, &a) && gateway_info(other, &b) &&
        memcmp(a.serial, none, sizeof(none)) != 0) {
        return memcmp(a.serial, b.serial, sizeof(a.serial)) == 0;
    }
    return one->endpoint.port == other->endpoint.port &&
           memcmp(one->endpoint.address, other->endpoint.address, 4) == 0;
}

bool gateway_block(const struct gateway *gateway, unsigned type, struct bas_slice *data)
{
    struct knx_block block;
    bool is_there = find_block(blocks_of(gateway), type, &block);
    *data = is_there ? block.data : (struct bas_slice){ NULL, 0 };
    return is_there;
}

bool gateway_info(const struct gateway *gateway, struct knx_device_info *info)
{
    struct bas_slice data;
    return gateway_block(gateway, KNX_DIB_DEVICE_INFO, &data) &&
           knx_device_info_decode(data, info) == BAS_OK;
}

bool gateway_tunnels(const struct gateway *gateway, struct bas_slice *slots)
{
    if (!gateway_block(gateway, KNX_DIB_TUNNELLING_INFO, slots)) {
        return false;
    }
    struct rd r = rd_init(*slots);
    (void)rd_u16(&r); /* longest APDU */
    *slots = rd_rest(&r);
    return r.err == BAS_OK;
}

bool gateway_next_tunnel(struct bas_slice *slots, struct gateway_tunnel *tunnel)
{
    struct rd r = rd_init(*slots);
    tunnel->address = rd_u16(&r);
    unsigned status = rd_u16(&r);
    if (r.err != BAS_OK) {
        return false;
    }
    tunnel->is_free = (status & SLOT_FREE) != 0;
    tunnel->is_authorised = (status & SLOT_AUTHORISED) != 0;
    tunnel->is_usable = (status & SLOT_USABLE) != 0;
    *slots = rd_rest(&r);
    return true;
}

/* Words */

static const char *host_text(const struct gateway *gateway, char text[GATEWAY_ADDRESS])
{
    const uint8_t *a = gateway->endpoint.address;
    (void)snprintf(text, GATEWAY_ADDRESS, "%u.%u.%u.%u", a[0], a[1], a[2], a[3]);
    return text;
}

const char *gateway_address(const struct gateway *gateway, char text[GATEWAY_ADDRESS])
{
    size_t len = strlen(host_text(gateway, text));
    (void)snprintf(text + len, GATEWAY_ADDRESS - len, ":%u", gateway->endpoint.port);
    return text;
}

void gateway_json(const struct gateway *gateway, struct bas_json *json)
{
    char text[GATEWAY_ADDRESS];
    bas_json_text(json, "address", host_text(gateway, text));
    bas_json_unsigned(json, "port", gateway->endpoint.port);
}

const char *gateway_name(const struct knx_device_info *info, char text[GATEWAY_NAME])
{
    struct bas_buf out;
    bas_buf_init(&out, text, GATEWAY_NAME);
    for (size_t i = 0; info->name[i] != '\0'; i++) { /* ISO-8859-1 */
        uint8_t c = (uint8_t)info->name[i];
        const uint8_t pair[2] = { (uint8_t)(0xC0 | c >> 6), (uint8_t)(0x80 | (c & 0x3F)) };
        bas_buf_add(&out, c < 0x80 ? &c : pair, c < 0x80 ? 1 : 2);
    }
    (void)bas_buf_text(&out);
    out_tame(text);
    return text;
}

const char *gateway_serial(const struct knx_device_info *info, char text[GATEWAY_SERIAL])
{
    const uint8_t *s = info->serial;
    (void)snprintf(text, GATEWAY_SERIAL, "%02x%02x:%02x%02x%02x%02x", s[0], s[1], s[2], s[3], s[4],
                   s[5]);
    return text;
}

static void add_families(struct bas_slice data, bool has_versions, struct bas_buf *out)
{
    struct rd r = rd_init(data);
    const char *before = "";
    while (rd_left(&r) >= 2) {
        unsigned family = rd_u8(&r);
        unsigned version = rd_u8(&r);
        bas_buf_format(out, "%s%s", before, knx_family_name(family));
        if (has_versions) {
            bas_buf_format(out, " %u", version);
        }
        before = ", ";
    }
}

void gateway_families(struct bas_slice data, struct bas_buf *out)
{
    add_families(data, true, out);
}

void gateway_tell_device(const struct gateway *gateway, struct bas_buf *out)
{
    struct bas_slice families;
    struct knx_device_info info;
    char address[KNX_ADDRESS_TEXT];
    char name[GATEWAY_NAME];
    bool has_info = gateway_info(gateway, &info);
    if (has_info) {
        bas_buf_format(out, "%s%s%s", gateway_name(&info, name), info.name[0] != 0 ? ", " : "",
                       knx_ia_text(info.address, address));
    }
    if (gateway_block(gateway, KNX_DIB_SUPP_SVC_FAMILIES, &families)) {
        bas_buf_add_text(out, has_info ? ", " : "");
        gateway_families(families, out);
    }
}

static void tell_slots(struct bas_slice slots, struct bas_buf *out)
{
    struct gateway_tunnel tunnel;
    unsigned n = 0;
    unsigned n_free = 0;
    while (gateway_next_tunnel(&slots, &tunnel)) {
        n++;
        n_free += tunnel.is_free && tunnel.is_usable ? 1 : 0;
    }
    bas_buf_format(out, "; %u of %u tunnels %s free", n_free, n, n_free == 1 ? "is" : "are");
}

void gateway_tell_tunnels(const struct gateway *gateway, struct bas_buf *out)
{
    struct bas_slice data;
    if (gateway_block(gateway, KNX_DIB_SECURED_SERVICE_FAMILIES, &data)) {
        bas_buf_add_text(out, "KNX IP Secure for ");
        add_families(data, false, out);
    } else {
        bas_buf_add_text(out, "no KNX IP Secure");
    }
    if (gateway_tunnels(gateway, &data)) {
        tell_slots(data, out);
    }
    if (gateway_block(gateway, KNX_DIB_EXTENDED_DEVICE_INFO, &data)) {
        struct rd r = rd_init(data);
        bas_buf_add_text(out, (rd_u8(&r) & BUS_IS_LOST) != 0 ? "; its bus is not connected" : "");
    }
}
