/* Owns `basalt knx describe`: all that one KNXnet/IP server tells of itself. */
#include "inquire.h"
#include "verbs.h"

#include "wire/rd.h"

#include <stdio.h>
#include <string.h>

enum { LINE = 1600 };

struct describe_options {
    struct inquire_options inquire;
};

static const struct option_row option_rows[] = { INQUIRE_OPTIONS(struct describe_options) };

const struct verb_options knx_describe_options = {
    .arguments = "HOST[:PORT]",
    .min_arguments = 1,
    .max_arguments = 1,
    .rows = option_rows,
    .n = BAS_ARRAY_LEN(option_rows),
    .size = sizeof(struct describe_options),
    .examples = "  basalt knx describe 192.0.2.7\n"
                "  basalt knx describe 192.0.2.7 --tcp --json\n"
                "\n"
                "Asks for a description and, with an extended search, for all blocks that\n"
                "KNXnet/IP knows. What the server does not tell is left out.",
};

/* Blocks as lines */

static void put(struct out *out, const char *label, const char *text)
{
    out_line(out, "%-19s  %s", label, text);
}

static void put_ipv4(struct out *out, const char *label, struct rd *r)
{
    char text[16];
    uint8_t a[4];
    rd_copy(r, a, sizeof(a));
    (void)snprintf(text, sizeof(text), "%u.%u.%u.%u", a[0], a[1], a[2], a[3]);
    if (r->err == BAS_OK) {
        put(out, label, text);
    }
}

static void put_number(struct out *out, const char *label, unsigned number)
{
    char text[12];
    (void)snprintf(text, sizeof(text), "%u", number);
    put(out, label, text);
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

static void tell_info(struct out *out, struct bas_slice data)
{
    struct knx_device_info info;
    char text[GATEWAY_NAME];
    if (knx_device_info_decode(data, &info) != BAS_OK) {
        return;
    }
    const uint8_t *mac = info.mac;
    struct rd multicast = rd_init((struct bas_slice){ info.multicast, sizeof(info.multicast) });
    put(out, "name", gateway_name(&info, text));
    put(out, "individual address", knx_ia_text(info.address, text));
    put(out, "serial number", gateway_serial(&info, text));
    put(out, "medium", medium_name(info.medium));
    put(out, "programming mode", info.is_programming ? "on" : "off");
    (void)snprintf(text, sizeof(text), "%u, installation %u", info.installation >> 4,
                   info.installation & 0x0FU);
    put(out, "project", text);
    (void)snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
                   mac[3], mac[4], mac[5]);
    put(out, "MAC address", text);
    put_ipv4(out, "routing multicast", &multicast);
}

static void tell_families(struct out *out, const char *label, struct bas_slice data)
{
    char text[LINE];
    struct bas_buf line;
    bas_buf_init(&line, text, sizeof(text));
    gateway_families(data, &line);
    put(out, label, bas_buf_text(&line));
}

static void tell_services(struct out *out, struct bas_slice data)
{
    tell_families(out, "services", data);
}

static void tell_secured(struct out *out, struct bas_slice data)
{
    tell_families(out, "secured services", data);
}

static void tell_addresses(struct out *out, struct bas_slice data)
{
    char text[LINE];
    char address[KNX_ADDRESS_TEXT];
    struct bas_buf line;
    struct rd r = rd_init(data);
    bas_buf_init(&line, text, sizeof(text));
    while (rd_left(&r) >= 2) {
        bas_buf_format(&line, "%s%s", line.len == 0 ? "" : ", ", knx_ia_text(rd_u16(&r), address));
    }
    put(out, "addresses", bas_buf_text(&line));
}

static void tell_tunnelling(struct out *out, struct bas_slice data)
{
    char text[LINE];
    char address[KNX_ADDRESS_TEXT];
    struct gateway_tunnel tunnel;
    struct bas_buf line;
    struct rd r = rd_init(data);
    bas_buf_init(&line, text, sizeof(text));
    put_number(out, "longest APDU", rd_u16(&r));
    struct bas_slice slots = rd_rest(&r);
    while (gateway_next_tunnel(&slots, &tunnel)) {
        bas_buf_format(&line, "%s%s %s%s", line.len == 0 ? "" : ", ",
                       knx_ia_text(tunnel.address, address), tunnel.is_free ? "free" : "in use",
                       tunnel.is_usable ? "" : " (not usable)");
    }
    put(out, "tunnels", bas_buf_text(&line));
}

static void tell_extended(struct out *out, struct bas_slice data)
{
    char text[8];
    struct rd r = rd_init(data);
    bool is_lost = (rd_u8(&r) & 1) != 0;
    (void)rd_u8(&r);
    (void)rd_u16(&r); /* told with the tunnels */
    (void)snprintf(text, sizeof(text), "%04x", rd_u16(&r));
    if (r.err == BAS_OK) {
        put(out, "bus", is_lost ? "not connected" : "connected");
        put(out, "mask", text);
    }
}

static void tell_ip(struct out *out, struct bas_slice data)
{
    struct rd r = rd_init(data);
    put_ipv4(out, "configured address", &r);
    put_ipv4(out, "configured mask", &r);
    put_ipv4(out, "configured gateway", &r);
}

static void tell_current_ip(struct out *out, struct bas_slice data)
{
    struct rd r = rd_init(data);
    put_ipv4(out, "current address", &r);
    put_ipv4(out, "current mask", &r);
    put_ipv4(out, "current gateway", &r);
    put_ipv4(out, "DHCP server", &r);
}

static void tell_manufacturer(struct out *out, struct bas_slice data)
{
    struct rd r = rd_init(data);
    unsigned number = rd_u16(&r);
    if (r.err == BAS_OK) {
        put_number(out, "manufacturer", number);
    }
}

static const struct row {
    unsigned type;
    void (*tell)(struct out *out, struct bas_slice data);
} rows[] = {
    { KNX_DIB_DEVICE_INFO, tell_info },
    { KNX_DIB_MFR_DATA, tell_manufacturer },
    { KNX_DIB_SUPP_SVC_FAMILIES, tell_services },
    { KNX_DIB_SECURED_SERVICE_FAMILIES, tell_secured },
    { KNX_DIB_KNX_ADDRESSES, tell_addresses },
    { KNX_DIB_TUNNELLING_INFO, tell_tunnelling },
    { KNX_DIB_EXTENDED_DEVICE_INFO, tell_extended },
    { KNX_DIB_IP_CONFIG, tell_ip },
    { KNX_DIB_CURRENT_CONFIG, tell_current_ip },
};

static bool has_row(unsigned type)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        if (rows[i].type == type) {
            return true;
        }
    }
    return false;
}

static void tell_others(struct out *out, const struct gateway *gateway)
{
    struct bas_slice list = { gateway->blocks, gateway->len };
    struct knx_block block;
    char label[20];
    char text[2 * UINT8_MAX + 1];
    while (knx_dib_next(&list, &block)) {
        struct bas_buf line;
        if (!has_row(block.type)) {
            bas_buf_init(&line, text, sizeof(text));
            bas_buf_add_hex(&line, block.data);
            (void)snprintf(label, sizeof(label), "block %02x", block.type);
            put(out, label, bas_buf_text(&line));
        }
    }
}

static void tell(struct out *out, const struct gateway *gateway)
{
    char address[GATEWAY_ADDRESS];
    struct bas_slice data;
    if (out->json) {
        struct bas_json *json = out_begin(out);
        gateway_json(gateway, json);
        knx_dibs_json((struct bas_slice){ gateway->blocks, gateway->len }, json);
        out_end(out);
        return;
    }
    put(out, "address", gateway_address(gateway, address));
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        if (gateway_block(gateway, rows[i].type, &data)) {
            rows[i].tell(out, data);
        }
    }
    tell_others(out, gateway);
}

int cmd_knx_describe(struct tool *tool, int argc, char **argv)
{
    struct describe_options options;
    struct arguments arguments;
    struct inquired inquired = { 0 };
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (inquire_one(tool, &options.inquire, arguments.items[0], &inquired, &status)) {
        tell(&tool->out, &inquired.gateways[0]);
    }
    inquire_free(tool, &inquired);
    return status;
}
