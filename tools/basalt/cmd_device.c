/* Owns `basalt device`: a device with objects that runs until it is told to stop. */
#include "basalt/app.h"
#include "basalt/bacnet_type.h"

#include "built_in.h"
#include "service.h"
#include "settings.h"
#include "verbs.h"

#include <stdio.h>
#include <string.h>

struct device_options {
    struct settings_options settings;
    uint32_t instance;
    const char *direct_bind;
    struct bas_texts direct_uris;
    bool direct_initiate;
};

static const struct option_row rows[] = {
    { OPTION(struct device_options, "instance", UNSIGNED, instance, 0, 4194302, NULL,
             "instance number of the device", false, NULL),
      0,
      "N",
      { NULL } },
    { OPTION(struct device_options, "hub", URI, settings.common.hub, 1, 255, NULL, "URI of the hub",
             false, NULL),
      0,
      "URI",
      { NULL } },
    { OPTION(struct device_options, "failover-hub", URI, settings.common.failover_hub, 1, 255, NULL,
             "URI of the failover hub", false, NULL),
      0,
      "URI",
      { NULL } },
    { OPTION(struct device_options, "direct-bind", BIND, direct_bind, 0, 0, NULL,
             "where to accept direct connections", false, NULL),
      0,
      "ADDR:PORT",
      { NULL } },
    { OPTION(struct device_options, "direct-uri", URIS, direct_uris, 1, BAS_CONFIG_MAX_DIRECT_URIS,
             NULL, "URI to tell others of it, may be repeated", false, NULL),
      0,
      "URI",
      { NULL } },
    { OPTION(struct device_options, "direct-initiate", BOOL, direct_initiate, 0, 0, NULL,
             "open direct connections to other nodes", false, NULL),
      0,
      NULL,
      { NULL } },
    SETTINGS_OPTIONS(struct device_options),
};

const struct verb_options device_options = {
    .arguments = "",
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .size = sizeof(struct device_options),
    .examples = "  basalt device --instance 1001 --hub wss://hub.example:4443 --ca ca.pem \\\n"
                "                --cert d.pem --key d.key --state d.state\n"
                "  basalt device --config device.yaml --json       events as JSON Lines\n"
                "\n"
                "Without a configuration file it has one analog, binary and multi-state object\n"
                "of each kind: input, output and value. Prints a line when it is connected, and\n"
                "one for whatever happens then; it connects again by itself. SIGTERM or Ctrl-C\n"
                "disconnects in order and ends it. basalt config dump prints a file to begin\n"
                "with. SSLKEYLOGFILE=FILE writes the keys of all sessions there, for debugging.",
};

static const struct settings_row settings_rows[] = {
    { .option = "instance",
      .key = "instance",
      .offset = offsetof(struct device_options, instance),
      .kind = SETTINGS_NUMBER },
    { "hub",
      "hub-uri",
      offsetof(struct device_options, settings.common.hub),
      1,
      SETTINGS_TEXTS,
      { "BACNET_SC_PRIMARY_HUB_URI" },
      SETTINGS_AS_OPTION,
      NULL },
    { "failover-hub",
      "failover-uri",
      offsetof(struct device_options, settings.common.failover_hub),
      1,
      SETTINGS_TEXTS,
      { "BACNET_SC_FAILOVER_HUB_URI" },
      SETTINGS_AS_OPTION,
      NULL },
    { "direct-bind",
      "direct-bind",
      offsetof(struct device_options, direct_bind),
      1,
      SETTINGS_TEXTS,
      { "BACNET_SC_DIRECT_CONNECT_BINDING" },
      SETTINGS_BINDING,
      NULL },
    { "direct-uri",
      "direct-uris",
      offsetof(struct device_options, direct_uris),
      0,
      SETTINGS_LIST,
      { "BACNET_SC_DIRECT_CONNECT_ACCEPT_URLS" },
      SETTINGS_WORDS,
      NULL },
    { "direct-initiate",
      "direct-initiate",
      offsetof(struct device_options, direct_initiate),
      0,
      SETTINGS_FLAG,
      { "BACNET_SC_DIRECT_CONNECT_INITIATE" },
      SETTINGS_YES,
      "true" },
};

struct run {
    struct service service;
    struct bas_station *station; /* NULL: not running (any more) */
    uint32_t instance;
    struct bas_fault lost; /* why the connection went, until something else happens */
};

/* Events, a function each. */

static void tell_up(struct run *r, const struct bas_station_event *event)
{
    char our_vmac[BSC_VMAC_TEXT];
    char our_uuid[BSC_UUID_TEXT];
    char vmac[BSC_VMAC_TEXT];
    char uuid[BSC_UUID_TEXT];
    struct bas_tls_identity hub = { .subject = "" };
    struct bsc_vmac vmac_now = bas_station_vmac(r->station);
    struct bsc_uuid uuid_now = bas_station_uuid(r->station);
    const uint64_t instance = r->instance;
    (void)bas_station_peer(r->station, &hub);
    const struct field fields[] = {
        { .name = "hub", .label = "", .text = event->uri },
        { .name = "instance", .label = "device ", .number = &instance },
        { .name = "vmac", .label = "VMAC ", .text = bsc_vmac_text(&vmac_now, our_vmac) },
        { .name = "uuid", .label = "UUID ", .text = bsc_uuid_text(&uuid_now, our_uuid) },
        { .name = "hub_vmac", .label = "hub VMAC ", .text = bsc_vmac_text(&event->vmac, vmac) },
        { .name = "hub_uuid", .label = "UUID ", .text = bsc_uuid_text(&event->uuid, uuid) },
        { .name = "hub_subject", .label = "certificate ", .text = hub.subject },
    };
    service_tell(&r->service, "connected", fields, BAS_ARRAY_LEN(fields));
}

static void tell_fault(struct run *r, const char *name, const struct bas_station_event *event)
{
    const struct field fields[] = {
        { .name = "hub", .label = "", .text = event->uri },
        { .name = "reason", .label = "", .text = service_reason(event->fault) },
        { .name = "code", .text = service_code(event->fault) },
    };
    service_tell_bounded(&r->service, name, fields, BAS_ARRAY_LEN(fields));
}

static void tell_down(struct run *r, const struct bas_station_event *event)
{
    r->lost = *event->fault;
    tell_fault(r, r->service.signal != 0 ? "disconnected" : "lost", event);
}

static void tell_retry(struct run *r, const struct bas_station_event *event)
{
    bool is_told = r->lost.err != BAS_OK && strcmp(r->lost.text, event->fault->text) == 0;
    r->lost.err = BAS_OK;
    if (!is_told) {
        tell_fault(r, "retry", event);
    }
}

static void tell_wrong(struct run *r, const struct bas_station_event *event)
{
    tell_fault(r, "fault", event);
}

static void tell_vmac(struct run *r, const struct bas_station_event *event)
{
    char vmac[BSC_VMAC_TEXT];
    const struct field fields[] = {
        { .name = "vmac", .label = "", .text = bsc_vmac_text(&event->vmac, vmac) },
        { .name = "reason", .label = "", .text = "the hub has another node with our old one" },
    };
    service_tell(&r->service, "new_vmac", fields, BAS_ARRAY_LEN(fields));
}

/* "22:34:56:78:9a:bc", with "network 5, " in front for a node behind a router. */
static const char *address_text(const struct bac_address *address, struct bas_buf *out)
{
    if (address->network != 0) {
        bas_buf_format(out, "network %u, ", address->network);
    }
    for (size_t i = 0; i < address->mac_len; i++) {
        bas_buf_format(out, "%s%02x", i == 0 ? "" : ":", address->mac[i]);
    }
    return bas_buf_text(out);
}

static void tell_write(struct run *r, const struct bas_station_event *event)
{
    const struct bac_server_event *write = event->write;
    char octets[2][80];
    struct bas_buf object;
    struct bas_buf from;
    char number[16];
    bas_buf_init(&object, octets[0], sizeof(octets[0]));
    bas_buf_init(&from, octets[1], sizeof(octets[1]));
    (void)snprintf(number, sizeof(number), "%u", write->property);
    bac_object_id_text(write->object, &object);
    const char *property = bac_property_name(write->property);
    const struct bac_type *type = bac_property_type(write->object.type, write->property);
    const uint64_t priority = write->priority;
    const struct field fields[] = {
        { .name = "object", .label = "", .text = bas_buf_text(&object) },
        { .name = "property", .label = "", .text = property != NULL ? property : number },
        { .name = "value", .label = "", .value = &write->value, .type = type },
        { .name = "priority",
          .label = "priority ",
          .number = write->priority == 0 ? NULL : &priority },
        { .name = "from", .label = "from ", .text = address_text(&write->from, &from) },
    };
    service_tell(&r->service, "write", fields, BAS_ARRAY_LEN(fields));
}

static void tell_stopped(struct run *r, const struct bas_station_event *event)
{
    (void)event;
    r->station = NULL;
    service_tell(&r->service, "stopped", NULL, 0);
}

static void (*const told[])(struct run *r, const struct bas_station_event *event) = {
    [BAS_STATION_UP] = tell_up,       [BAS_STATION_DOWN] = tell_down,
    [BAS_STATION_RETRY] = tell_retry, [BAS_STATION_VMAC] = tell_vmac,
    [BAS_STATION_FAULT] = tell_wrong, [BAS_STATION_WRITE] = tell_write,
    [BAS_STATION_REQUEST] = NULL,     [BAS_STATION_STOPPED] = tell_stopped,
};

static void on_event(void *user, const struct bas_station_event *event)
{
    if (told[event->kind] != NULL) {
        told[event->kind](user, event);
    }
}

static void stop(void *user)
{
    struct run *r = user;
    if (r->station != NULL) {
        bas_station_stop(r->station);
    }
}

/* Life */

static int run(struct run *r, const struct bas_device_settings *settings)
{
    struct bas_fault fault = { 0 };
    r->instance = settings->instance;
    r->station = bas_device_start(r->service.loop, settings, NULL, on_event, r, &fault);
    if (r->station == NULL) {
        return out_fail(&r->service.tool->out, "device", &fault);
    }
    return service_run(&r->service);
}

int cmd_device(struct tool *tool, int argc, char **argv)
{
    struct device_options options;
    struct arguments arguments;
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    const struct settings_request request = { .tool = tool,
                                              .section = BAS_SECTION_DEVICE,
                                              .options = &options.settings,
                                              .rows = settings_rows,
                                              .n = BAS_ARRAY_LEN(settings_rows) };
    struct bas_config *config = settings_load(&request, &status);
    if (config == NULL) {
        return status;
    }
    struct bas_device_settings settings = *bas_config_device(config);
    struct built_in objects;
    if (options.settings.config == NULL) {
        built_in_fill(&objects);
        settings.objects = objects.objects;
        settings.n_objects = BUILT_IN_OBJECTS;
    }
    struct run r = { .station = NULL };
    if (service_open(&r.service, tool, stop, &r, &status)) {
        status = run(&r, &settings);
        service_close(&r.service);
    }
    bas_config_free(config);
    return status;
}
