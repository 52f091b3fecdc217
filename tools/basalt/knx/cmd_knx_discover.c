/* Owns `basalt knx discover`: the KNXnet/IP servers that a multicast reaches. */
#include "inquire.h"
#include "verbs.h"

#include "wire/rd.h"

#include <stdlib.h>
#include <string.h>

enum { TUNNELS_TEXT = 16, SERVICES_TEXT = 400 };

struct discover_options {
    struct inquire_options inquire;
    const char *interface;
};

static const struct option_row rows[] = {
    { OPTION(struct discover_options, "interface", TEXT, interface, 1, 15, NULL,
             "ask from this IPv4 address of ours alone", false, NULL),
      0,
      "ADDRESS",
      { NULL } },
    INQUIRE_TIMEOUT(struct discover_options),
};

const struct verb_options knx_discover_options = {
    .arguments = "",
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .size = sizeof(struct discover_options),
    .examples = "  basalt knx discover                          on all networks that we are on\n"
                "  basalt knx discover --interface 192.0.2.10   on one of them\n"
                "  basalt knx discover --timeout 1 --json\n"
                "\n"
                "Asks the multicast group 224.0.23.12 and tells, after --timeout, everybody who\n"
                "answered. Tunnels are told as free/all. Routers do not pass the question on:\n"
                "basalt knx describe HOST asks one server wherever it is.",
};

/* Words and members */

struct counts {
    bool is_told;
    uint64_t n, n_free;
};

static struct counts count_tunnels(const struct gateway *gateway)
{
    struct counts counts = { false, 0, 0 };
    struct bas_slice slots;
    struct gateway_tunnel tunnel;
    counts.is_told = gateway_tunnels(gateway, &slots);
    while (counts.is_told && gateway_next_tunnel(&slots, &tunnel)) {
        counts.n++;
        counts.n_free += tunnel.is_free ? 1 : 0;
    }
    return counts;
}

static bool is_secured(struct bas_slice secured, unsigned family)
{
    struct rd r = rd_init(secured);
    while (rd_left(&r) >= 2) {
        bool is_it = rd_u8(&r) == family;
        (void)rd_u8(&r);
        if (is_it) {
            return true;
        }
    }
    return false;
}

/* "core, tunnelling (secured)" */
static void put_services(const struct gateway *gateway, struct bas_buf *out)
{
    struct bas_slice families;
    struct bas_slice secured;
    (void)gateway_block(gateway, KNX_DIB_SUPP_SVC_FAMILIES, &families);
    (void)gateway_block(gateway, KNX_DIB_SECURED_SERVICE_FAMILIES, &secured);
    struct rd r = rd_init(families);
    const char *before = "";
    while (rd_left(&r) >= 2) {
        unsigned family = rd_u8(&r);
        (void)rd_u8(&r);
        bas_buf_format(out, "%s%s%s", before, knx_family_name(family),
                       is_secured(secured, family) ? " (secured)" : "");
        before = ", ";
    }
}

static void tell_text(struct out *out, const struct gateway *gateway)
{
    struct knx_device_info info = { 0 };
    char address[GATEWAY_ADDRESS];
    char individual[KNX_ADDRESS_TEXT];
    char serial[GATEWAY_SERIAL];
    char name[GATEWAY_NAME];
    char tunnels[TUNNELS_TEXT];
    char memory[SERVICES_TEXT];
    struct bas_buf free;
    struct bas_buf services;
    const struct counts counts = count_tunnels(gateway);
    (void)gateway_info(gateway, &info);
    bas_buf_init(&free, tunnels, sizeof(tunnels));
    bas_buf_init(&services, memory, sizeof(memory));
    bas_buf_format(&free, counts.is_told ? "%u/%u" : "-", (unsigned)counts.n_free,
                   (unsigned)counts.n);
    put_services(gateway, &services);
    out_line(out, "%-21s  %-9s  %-13s  %7s  %-24s  %s", gateway_address(gateway, address),
             knx_ia_text(info.address, individual), gateway_serial(&info, serial),
             bas_buf_text(&free), gateway_name(&info, name), bas_buf_text(&services));
}

static void tell_services_json(const struct gateway *gateway, struct bas_json *json)
{
    struct bas_slice families;
    struct bas_slice secured;
    (void)gateway_block(gateway, KNX_DIB_SUPP_SVC_FAMILIES, &families);
    (void)gateway_block(gateway, KNX_DIB_SECURED_SERVICE_FAMILIES, &secured);
    struct rd r = rd_init(families);
    bas_json_open(json, "services", '[');
    while (rd_left(&r) >= 2) {
        unsigned family = rd_u8(&r);
        bas_json_open(json, NULL, '{');
        bas_json_text(json, "name", knx_family_name(family));
        bas_json_unsigned(json, "family", family);
        bas_json_unsigned(json, "version", rd_u8(&r));
        bas_json_bool(json, "is_secured", is_secured(secured, family));
        bas_json_close(json, '}');
    }
    bas_json_close(json, ']');
}

static void tell_json(struct out *out, const struct gateway *gateway)
{
    struct knx_device_info info = { 0 };
    char name[GATEWAY_NAME];
    char individual[KNX_ADDRESS_TEXT];
    const struct counts counts = count_tunnels(gateway);
    struct bas_json *json = out_begin(out);
    gateway_json(gateway, json);
    if (gateway_info(gateway, &info)) {
        bas_json_text(json, "name", gateway_name(&info, name));
        bas_json_text(json, "individual_address", knx_ia_text(info.address, individual));
        bas_json_hex(json, "serial", (struct bas_slice){ info.serial, sizeof(info.serial) });
    }
    tell_services_json(gateway, json);
    if (counts.is_told) {
        bas_json_unsigned(json, "tunnels", counts.n);
        bas_json_unsigned(json, "tunnels_free", counts.n_free);
    }
    out_end(out);
}

static int by_endpoint(const void *a, const void *b)
{
    const struct gateway *one = a;
    const struct gateway *other = b;
    int order =
        memcmp(one->endpoint.address, other->endpoint.address, sizeof(one->endpoint.address));
    return order != 0 ? order : one->endpoint.port - other->endpoint.port;
}

static int tell_all(struct tool *tool, const struct discover_options *options,
                    const struct inquired *inquired)
{
    struct out *out = &tool->out;
    if (inquired->n == 0) {
        struct bas_fault fault = { 0 };
        (void)bas_fail(&fault, BAS_ERR_TIMEOUT,
                       "nobody answered in %.3g s; --timeout waits longer, basalt knx describe "
                       "HOST asks a server that multicast does not reach",
                       (double)options->inquire.timeout_ms / 1000);
        return out_fail(out, tool->verb->name, &fault);
    }
    qsort(inquired->gateways, inquired->n, sizeof(inquired->gateways[0]), by_endpoint);
    if (!out->json) {
        out_line(out, "%-21s  %-9s  %-13s  %7s  %-24s  %s", "address", "host", "serial", "tunnels",
                 "name", "services");
    }
    for (size_t i = 0; i < inquired->n; i++) {
        (out->json ? tell_json : tell_text)(out, &inquired->gateways[i]);
    }
    return 0;
}

int cmd_knx_discover(struct tool *tool, int argc, char **argv)
{
    struct discover_options options;
    struct arguments arguments;
    struct inquired inquired;
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    const struct bas_knx_inquiry_config config = {
        .transport = KNX_UDP,
        .interface = options.interface,
        .requests = BAS_KNX_SEARCH | BAS_KNX_SEARCH_EXTENDED,
        .wait_ms = options.inquire.timeout_ms,
    };
    if (inquire(tool, &config, &inquired, &status)) {
        status = tell_all(tool, &options, &inquired);
    }
    inquire_free(tool, &inquired);
    return status;
}
