/* Owns `basalt hub`: a BACnet/SC hub that runs until it is told to stop. */
#include "basalt/app.h"

#include "device_events.h"
#include "service.h"
#include "settings.h"
#include "verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hub_options {
    struct settings_options settings;
    const char *bind;
};

static const struct option_row rows[] = {
    { OPTION(struct hub_options, "bind", BIND, bind, 0, 0, NULL,
             "where to listen; port 0 takes a free one", false, NULL),
      0,
      "ADDR:PORT",
      { NULL } },
    SETTINGS_OPTIONS(struct hub_options),
};

/* The verbs inside, a row each: name, another name, help, function, options, verbs inside. */
static const struct verb inner_rows[] = {
    { "hub reload", NULL, "let a running hub load its certificates anew", cmd_hub_reload,
      &hub_reload_options, NULL },
};
const struct verbs hub_verbs = { inner_rows, BAS_ARRAY_LEN(inner_rows) };

const struct verb_options hub_options = {
    .arguments = "",
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .size = sizeof(struct hub_options),
    .examples = "  basalt hub --bind 0.0.0.0:4443 --ca ca.pem --cert hub.pem --key hub.key \\\n"
                "             --state hub.state\n"
                "  basalt hub --config hub.yaml --json       events as JSON Lines\n"
                "  basalt hub --config hub.yaml --set max-connections=5000\n"
                "\n"
                "Prints a line when it listens, then one for everybody who joins or leaves.\n"
                "With a section device in the file the hub is a device too, in one process.\n"
                "SIGHUP, or basalt hub reload, loads certificates, issuers and revocation lists\n"
                "anew; who is still trusted stays connected.\n"
                "SIGTERM or Ctrl-C disconnects all nodes in order and ends it; the second one\n"
                "ends it at once. basalt config dump --section hub prints a file to begin with.\n"
                "SSLKEYLOGFILE=FILE writes the keys of all sessions there, for debugging.",
};

static const struct settings_row settings_rows[] = {
    { "bind",
      "bind",
      offsetof(struct hub_options, bind),
      1,
      SETTINGS_TEXTS,
      { "BACNET_SC_HUB_FUNCTION_BINDING" },
      SETTINGS_BINDING,
      NULL },
};

struct run {
    struct service service;
    const struct settings_request *request; /* for a reload */
    struct bas_config *config;
    struct bas_hub *hub;              /* NULL: not running (any more) */
    struct bsc_hub_counters counters; /* when it was told to stop */
    uint64_t refused;                 /* connections that never joined, whoever ended them */
    struct device_events device;      /* the hub's own, where the file has one */
};

/* Events */

static bool is_known(const struct bsc_uuid *uuid)
{
    static const struct bsc_uuid nobody = { { 0 } };
    return memcmp(uuid, &nobody, sizeof(nobody)) != 0;
}

/* What the engine calls an event, and how it is told. */
static const struct {
    const char *name;
    bool is_bounded; /* anybody can cause it at will */
} notices[] = {
    [BSC_HUB_ADMIT] = { NULL, false },     [BSC_HUB_JOINED] = { "joined", false },
    [BSC_HUB_LEFT] = { "left", false },    [BSC_HUB_FAULT] = { "fault", true },
    [BSC_HUB_CLOSE] = { "refused", true },
};

static const char *reason_of(const struct bas_hub_notice *notice)
{
    if (notice->kind == BSC_HUB_JOINED) {
        return notice->replaces ? "replaces its old connection" : NULL;
    }
    return service_reason(notice->fault);
}

static void on_notice(void *user, const struct bas_hub_notice *notice)
{
    struct run *r = user;
    char vmac[BSC_VMAC_TEXT];
    char uuid[BSC_UUID_TEXT];
    bool has_name = is_known(notice->uuid);
    const struct field fields[] = {
        { .name = "vmac",
          .label = "VMAC ",
          .text = has_name ? bsc_vmac_text(notice->vmac, vmac) : NULL },
        { .name = "uuid",
          .label = "UUID ",
          .text = has_name ? bsc_uuid_text(notice->uuid, uuid) : NULL },
        { .name = "subject", .label = "certificate ", .text = notice->subject },
        { .name = "peer", .label = "at ", .text = notice->address },
        { .name = "reason", .label = "", .text = reason_of(notice) },
        { .name = "code", .text = service_code(notice->fault) },
    };
    const char *name = notices[notice->kind].name;
    r->refused += notice->kind == BSC_HUB_CLOSE ? 1 : 0;
    if (name != NULL) {
        (notices[notice->kind].is_bounded ? service_tell_bounded : service_tell)(
            &r->service, name, fields, BAS_ARRAY_LEN(fields));
    }
}

static void on_stopped(void *user)
{
    struct run *r = user;
    const struct bsc_hub_counters *c = &r->counters;
    uint64_t relayed = c->relayed_unicast + c->relayed_broadcast;
    uint64_t lost = c->dropped_pending_full + c->dropped_total_full + c->dropped_too_long;
    const struct field fields[] = {
        { .name = "joins", .label = "joins ", .number = &c->joins },
        { .name = "refused", .label = "refused ", .number = &r->refused },
        { .name = "relayed", .label = "messages relayed ", .number = &relayed },
        { .name = "dropped", .label = "dropped ", .number = &lost },
    };
    r->hub = NULL;
    service_tell(&r->service, "stopped", fields, BAS_ARRAY_LEN(fields));
}

static void stop_hub(void *user)
{
    struct run *r = user;
    if (r->hub != NULL) {
        r->counters = *bsc_hub_counters(bas_hub_engine(r->hub));
        bas_hub_stop(r->hub);
    }
}

/* The device leaves before its hub does. */
static void stop(void *user)
{
    struct run *r = user;
    if (r->device.station != NULL) {
        bas_station_stop(r->device.station);
    } else {
        stop_hub(r);
    }
}

/* The device's own connections: those that it accepted or opened besides the hub's. */
static void reload_device(struct run *r, const struct bas_device_settings *settings)
{
    struct bas_reload what = { .kept = 0 };
    struct bas_fault fault = { 0 };
    if (r->device.station == NULL) {
        return;
    }
    bas_err err = bas_device_reload(r->device.station, settings, &what, &fault);
    r->service.part = r->device.part;
    service_tell_reload(&r->service, &what, err == BAS_OK ? NULL : &fault);
    r->service.part = NULL;
}

/* SIGHUP: certificates and who is allowed, from the same file and options. */
static void reload(void *user)
{
    struct run *r = user;
    struct bas_reload what = { .kept = 0 };
    struct bas_fault fault = { 0 };
    if (r->hub == NULL) {
        return;
    }
    struct bas_config *config = settings_read(r->request, &fault);
    if (config == NULL) {
        service_tell_reload(&r->service, &what, &fault);
        return;
    }
    const struct bas_hub_settings *hub = bas_config_hub(config);
    const struct bas_tls_config *tls = hub->plaintext == BAS_PLAINTEXT_NO ? &hub->tls : NULL;
    bas_err err = bas_hub_reload(r->hub, tls, &hub->admission, &what, &fault);
    service_tell_reload(&r->service, &what, err == BAS_OK ? NULL : &fault);
    if (err == BAS_OK) {
        reload_device(r, bas_config_device(config));
    }
    bas_config_free(config);
}

/* "127.0.0.1:4443" or "[::1]:4443" as the first event of all. */
static void tell_listening(struct run *r)
{
    char vmac[BSC_VMAC_TEXT];
    char uuid[BSC_UUID_TEXT];
    char address[64] = "";
    const char *text = bas_hub_address(r->hub);
    const char *colon = strrchr(text, ':');
    uint64_t port = strtoull(colon + 1, NULL, 10);
    size_t len = (size_t)(colon - text);
    bool is_bracketed = text[0] == '[' && len >= 2;
    memcpy(address, text + is_bracketed, len - (is_bracketed ? 2 : 0));
    struct bsc_vmac our_vmac = bas_hub_vmac(r->hub);
    struct bsc_uuid our_uuid = bas_hub_uuid(r->hub);
    const struct field fields[] = {
        { .name = "address", .text = address },
        { .name = "port", .number = &port },
        { .label = "", .text = text },
        { .name = "vmac", .label = "VMAC ", .text = bsc_vmac_text(&our_vmac, vmac) },
        { .name = "uuid", .label = "UUID ", .text = bsc_uuid_text(&our_uuid, uuid) },
    };
    service_tell(&r->service, "listening", fields, BAS_ARRAY_LEN(fields));
}

/* Life */

/* The hub's own device. False: it cannot start; *status is the exit status. */
static bool start_device(struct run *r, int *status)
{
    struct bas_fault fault = { 0 };
    struct bas_device_settings *settings = bas_config_device(r->config);
    const char *state_file = bas_config_hub(r->config)->state_file;
    char values_file[4096];
    if (!bas_config_has(r->config, BAS_SECTION_DEVICE)) {
        return true;
    }
    if (settings->values_file == NULL && state_file != NULL) {
        (void)snprintf(values_file, sizeof(values_file), "%s.values", state_file);
        settings->values_file = values_file; /* the device's own file beside the hub's */
    }
    r->device.service = &r->service;
    r->device.part = "device";
    r->device.stopped = stop_hub;
    r->device.user = r;
    r->device.instance = settings->instance;
    r->device.station =
        bas_device_start(r->service.loop, settings, r->hub, device_events_tell, &r->device, &fault);
    if (settings->values_file == values_file) {
        settings->values_file = NULL;
    }
    if (r->device.station == NULL) {
        *status = out_fail(&r->service.tool->out, "hub", &fault);
    }
    return r->device.station != NULL;
}

static int run(struct run *r)
{
    struct bas_fault fault = { 0 };
    const struct bas_hub_settings *settings = bas_config_hub(r->config);
    const struct bas_hub_callbacks callbacks = { on_notice, on_stopped, r };
    uint32_t max = settings->engine.max_connections;
    int status = 0;
    /* Those who are not admitted yet, and a few for us. */
    service_raise_files(r->service.tool, (uint64_t)max + max / 16 + 1024);
    service_on_reload(&r->service, reload); /* first: whoever finds our lock may send SIGHUP */
    r->hub = bas_hub_start(r->service.loop, settings, &callbacks, &fault);
    if (r->hub == NULL) {
        return out_fail(&r->service.tool->out, "hub", &fault);
    }
    tell_listening(r);
    if (!start_device(r, &status)) {
        stop_hub(r);
        (void)service_run(&r->service);
        return status;
    }
    return service_run(&r->service);
}

/* The hub's own device must be whole too. False: told; *status is the exit status. */
static bool check_device(struct tool *tool, const char *file, const struct bas_config *config,
                         int *status)
{
    struct bas_fault wrong = { 0 };
    struct bas_fault fault = { 0 };
    if (!bas_config_has(config, BAS_SECTION_DEVICE) ||
        bas_config_check(config, BAS_SECTION_DEVICE, &wrong) == BAS_OK) {
        return true;
    }
    (void)bas_fail(&fault, wrong.err, "%s: %s; or remove the section device, for a hub alone", file,
                   wrong.text);
    *status = out_fail(&tool->out, "hub", &fault);
    return false;
}

int cmd_hub(struct tool *tool, int argc, char **argv)
{
    struct hub_options options;
    struct arguments arguments;
    int status = 0;
    if (verbs_run_inner(tool, argc, argv, &status)) {
        return status;
    }
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    const struct settings_request request = { .tool = tool,
                                              .section = BAS_SECTION_HUB,
                                              .options = &options.settings,
                                              .rows = settings_rows,
                                              .n = BAS_ARRAY_LEN(settings_rows) };
    struct run r = { .request = &request, .config = settings_load(&request, &status) };
    if (r.config == NULL) {
        return status;
    }
    if (check_device(tool, options.settings.config, r.config, &status) &&
        service_open(&r.service, tool, stop, &r, &status)) {
        status = run(&r);
        service_close(&r.service);
    }
    bas_config_free(r.config);
    return status;
}
