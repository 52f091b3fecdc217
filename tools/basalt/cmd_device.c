/* Owns `basalt device`: a device with objects that runs until it is told to stop. */
#include "basalt/app.h"

#include "built_in.h"
#include "device_events.h"
#include "service.h"
#include "settings.h"
#include "verbs.h"

struct device_options {
    struct settings_options settings;
    uint32_t instance;
    const char *direct_bind;
    struct bas_texts direct_uris;
    bool direct_initiate;
    bool forget_changes;
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
    { OPTION(struct device_options, "forget-changes", BOOL, forget_changes, 0, 0, NULL,
             "forget what was changed in the Network Port object", false, NULL),
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
                "disconnects in order and ends it; SIGHUP loads certificates anew. What is\n"
                "written to it is kept beside the state file (values-file). basalt config dump\n"
                "--section device prints a file to begin with. SSLKEYLOGFILE=FILE writes the\n"
                "keys of all sessions there, for debugging.",
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
    const struct settings_request *request; /* for a reload */
    struct device_events events;
};

static void stop(void *user)
{
    struct run *r = user;
    if (r->events.station != NULL) {
        bas_station_stop(r->events.station);
    }
}

/* SIGHUP: certificates and who is allowed, from the same file and options. */
static void reload(void *user)
{
    struct run *r = user;
    struct bas_reload what = { .kept = 0 };
    struct bas_fault fault = { 0 };
    if (r->events.station == NULL) {
        return;
    }
    struct bas_config *config = settings_read(r->request, &fault);
    bas_err err = fault.err;
    if (config != NULL) {
        err = bas_device_reload(r->events.station, bas_config_device(config), &what, &fault);
    }
    service_tell_reload(&r->service, &what, err == BAS_OK ? NULL : &fault);
    bas_config_free(config);
}

/* Life */

static int run(struct run *r, const struct bas_device_settings *settings)
{
    struct bas_fault fault = { 0 };
    r->events.instance = settings->instance;
    service_on_reload(&r->service, reload); /* first: whoever finds our lock may send SIGHUP */
    r->events.station =
        bas_device_start(r->service.loop, settings, NULL, device_events_tell, &r->events, &fault);
    if (r->events.station == NULL) {
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
    settings.forgets_changes = options.forget_changes;
    struct built_in objects;
    if (options.settings.config == NULL) {
        built_in_fill(&objects);
        settings.objects = objects.objects;
        settings.n_objects = BUILT_IN_OBJECTS;
    }
    struct run r = { .request = &request };
    r.events.service = &r.service;
    if (service_open(&r.service, tool, stop, &r, &status)) {
        status = run(&r, &settings);
        service_close(&r.service);
    }
    bas_config_free(config);
    return status;
}
