/* Owns what is told of description information blocks as JSON (spec 1.3). */
#include "knx/block.h"

#include "wire/rd.h"

#include <stdio.h>

enum { PAIR = 2, SLOT = 4, SLOT_FREE = 1, SLOT_AUTHORISED = 2, SLOT_USABLE = 4, BUS_IS_LOST = 1 };

/* A type of block: how long its data are, how it is told (members of an object, or of an array). */
struct row {
    uint8_t type;
    char bracket;
    uint8_t head; /* octets */
    uint8_t each; /* and then any number of these; 0: none */
    const char *key;
    void (*tell)(struct rd *r, struct bas_json *json);
};

static void tell_ipv4(struct rd *r, const char *key, struct bas_json *json)
{
    char text[16];
    uint8_t a[4];
    rd_copy(r, a, sizeof(a));
    (void)snprintf(text, sizeof(text), "%u.%u.%u.%u", a[0], a[1], a[2], a[3]);
    bas_json_text(json, key, text);
}

static void tell_address(struct rd *r, const char *key, struct bas_json *json)
{
    char text[KNX_ADDRESS_TEXT];
    bas_json_text(json, key, knx_ia_text(rd_u16(r), text));
}

static const char *medium_name(unsigned medium)
{
    static const struct {
        unsigned medium;
        const char *name;
    } names[] = { { 0x02, "TP1" }, { 0x04, "PL110" }, { 0x10, "RF" }, { 0x20, "IP" } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(names); i++) {
        if (names[i].medium == medium) {
            return names[i].name;
        }
    }
    return "unknown";
}

/* ISO-8859-1 as UTF-8, up to the first zero. */
static void tell_name(const char *name, struct bas_json *json)
{
    uint8_t memory[2 * KNX_NAME_LEN];
    struct bas_buf text;
    bas_buf_init(&text, memory, sizeof(memory));
    for (size_t i = 0; name[i] != '\0'; i++) {
        uint8_t c = (uint8_t)name[i];
        uint8_t pair[2] = { (uint8_t)(0xC0 | c >> 6), (uint8_t)(0x80 | (c & 0x3F)) };
        bas_buf_add(&text, c < 0x80 ? &c : pair, c < 0x80 ? 1 : 2);
    }
    bas_json_utf8(json, "name", (struct bas_slice){ text.data, text.len });
}

static void tell_device_info(struct rd *r, struct bas_json *json)
{
    char text[KNX_ADDRESS_TEXT];
    struct knx_device_info info;
    if (knx_device_info_decode(rd_rest(r), &info) != BAS_OK) {
        return;
    }
    struct rd multicast = rd_init((struct bas_slice){ info.multicast, sizeof(info.multicast) });
    tell_name(info.name, json);
    bas_json_text(json, "medium", medium_name(info.medium));
    bas_json_bool(json, "is_programming", info.is_programming);
    bas_json_text(json, "address", knx_ia_text(info.address, text));
    bas_json_unsigned(json, "installation", info.installation);
    bas_json_hex(json, "serial", (struct bas_slice){ info.serial, sizeof(info.serial) });
    tell_ipv4(&multicast, "multicast", json);
    bas_json_hex(json, "mac", (struct bas_slice){ info.mac, sizeof(info.mac) });
}

static void tell_families(struct rd *r, struct bas_json *json)
{
    while (rd_left(r) >= PAIR) {
        unsigned family = rd_u8(r);
        bas_json_open(json, NULL, '{');
        bas_json_unsigned(json, "family", family);
        bas_json_text(json, "name", knx_family_name(family));
        bas_json_unsigned(json, "version", rd_u8(r));
        bas_json_close(json, '}');
    }
}

static void tell_ip_config(struct rd *r, struct bas_json *json)
{
    tell_ipv4(r, "address", json);
    tell_ipv4(r, "mask", json);
    tell_ipv4(r, "gateway", json);
    bas_json_unsigned(json, "capabilities", rd_u8(r));
    bas_json_unsigned(json, "assignment", rd_u8(r));
}

static void tell_current_config(struct rd *r, struct bas_json *json)
{
    tell_ipv4(r, "address", json);
    tell_ipv4(r, "mask", json);
    tell_ipv4(r, "gateway", json);
    tell_ipv4(r, "dhcp_server", json);
    bas_json_unsigned(json, "assignment", rd_u8(r));
}

static void tell_addresses(struct rd *r, struct bas_json *json)
{
    while (rd_left(r) >= PAIR) {
        tell_address(r, NULL, json);
    }
}

static void tell_tunnelling(struct rd *r, struct bas_json *json)
{
    bas_json_unsigned(json, "max_apdu", rd_u16(r));
    bas_json_open(json, "tunnels", '[');
    while (rd_left(r) >= SLOT) {
        bas_json_open(json, NULL, '{');
        tell_address(r, "address", json);
        unsigned status = rd_u16(r);
        bas_json_bool(json, "is_free", (status & SLOT_FREE) != 0);
        bas_json_bool(json, "is_authorised", (status & SLOT_AUTHORISED) != 0);
        bas_json_bool(json, "is_usable", (status & SLOT_USABLE) != 0);
        bas_json_close(json, '}');
    }
    bas_json_close(json, ']');
}

static void tell_extended_info(struct rd *r, struct bas_json *json)
{
    bas_json_bool(json, "is_connected", (rd_u8(r) & BUS_IS_LOST) == 0);
    (void)rd_u8(r);
    bas_json_unsigned(json, "max_apdu", rd_u16(r));
    bas_json_hex(json, "mask", rd_take(r, 2));
}

static void tell_manufacturer(struct rd *r, struct bas_json *json)
{
    bas_json_unsigned(json, "manufacturer", rd_u16(r));
    bas_json_hex(json, "data", rd_rest(r));
}

static const struct row rows[] = {
    { KNX_DIB_DEVICE_INFO, '{', 52, 0, "device_info", tell_device_info },
    { KNX_DIB_SUPP_SVC_FAMILIES, '[', 0, PAIR, "families", tell_families },
    { KNX_DIB_IP_CONFIG, '{', 14, 0, "ip_config", tell_ip_config },
    { KNX_DIB_CURRENT_CONFIG, '{', 18, 0, "current_config", tell_current_config },
    { KNX_DIB_KNX_ADDRESSES, '[', 0, PAIR, "addresses", tell_addresses },
    { KNX_DIB_SECURED_SERVICE_FAMILIES, '[', 0, PAIR, "secured_families", tell_families },
    { KNX_DIB_TUNNELLING_INFO, '{', 2, SLOT, "tunnelling", tell_tunnelling },
    { KNX_DIB_EXTENDED_DEVICE_INFO, '{', 6, 0, "extended_info", tell_extended_info },
    { KNX_DIB_MFR_DATA, '{', 2, 1, "manufacturer_data", tell_manufacturer },
};

static bool row_fits(const struct row *row, size_t len)
{
    return len >= row->head &&
           (row->each == 0 ? len == row->head : (len - row->head) % row->each == 0);
}

/* The first block of a row's type whose length is right. */
static bool row_block(const struct row *row, struct bas_slice list, struct knx_block *block)
{
    while (knx_dib_next(&list, block)) {
        if (block->type == row->type && row_fits(row, block->data.len)) {
            return true;
        }
    }
    return false;
}

/* True when a row told this block of list. */
static bool is_told(struct bas_slice list, const struct knx_block *block)
{
    struct knx_block told;
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        if (rows[i].type == block->type) {
            return row_block(&rows[i], list, &told) && told.data.data == block->data.data;
        }
    }
    return false;
}

/* Blocks that no row has told: of other types or lengths, and those of which there are two. */
static void tell_others(struct bas_slice list, struct bas_json *json)
{
    struct knx_block block;
    bool is_open = false;
    for (struct bas_slice rest = list; knx_dib_next(&rest, &block);) {
        if (is_told(list, &block)) {
            continue;
        }
        if (!is_open) {
            bas_json_open(json, "others", '[');
            is_open = true;
        }
        bas_json_open(json, NULL, '{');
        bas_json_unsigned(json, "type", block.type);
        bas_json_hex(json, "data", block.data);
        bas_json_close(json, '}');
    }
    if (is_open) {
        bas_json_close(json, ']');
    }
}

void knx_dibs_json(struct bas_slice list, struct bas_json *json)
{
    struct knx_block block;
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        if (row_block(&rows[i], list, &block)) {
            struct rd r = rd_init(block.data);
            bas_json_open(json, rows[i].key, rows[i].bracket);
            rows[i].tell(&r, json);
            bas_json_close(json, rows[i].bracket == '{' ? '}' : ']');
        }
    }
    tell_others(list, json);
}
