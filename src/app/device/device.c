/* Owns a device: a station whose objects come from settings, with the Network Port object of its
 * BACnet/SC port. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/device/objects.h"
#include "app/device/port.h"
#include "tls/password.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { NAME_LEN = 64 };

/* Events */

static void take_server_event(struct device *device, const struct bac_server_event *event)
{
    device_values_take(device, event);
    if (event->kind == BAC_SERVER_TIME) {
        device_set_clock(device, event);
    } else if (event->kind == BAC_SERVER_REINITIALIZE) {
        device_port_reinitialize(device, event);
    }
}

static void release(struct device *device)
{
    struct bas_env env = device->env;
    device_values_settle(device);
    device_simulation_stop(device);
    device_port_close(device);
    device_files_close(device);
    bas_store_close(device->store);
    bas_release(&env, device->values_file, device->values_file_len);
    bas_release(&env, device, sizeof(*device));
}

/* bsc 10.8-01 */
static void on_event(void *user, const struct bas_station_event *event)
{
    struct device *device = user;
    void (*told)(void *user, const struct bas_station_event *event) = device->event;
    void *told_user = device->user;
    if (event->kind == BAS_STATION_UP) {
        bas_station_announce(device->station);
    }
    if (event->kind != BAS_STATION_STOPPED) {
        device_port_event(device, event);
    }
    if (event->kind == BAS_STATION_SERVER) {
        take_server_event(device, event->server);
    }
    if (event->kind == BAS_STATION_STOPPED) {
        release(device);
    }
    if (told != NULL) {
        told(told_user, event);
    }
}

static void on_settled(void *user)
{
    device_values_settle(user);
}

static struct bas_station *open_station(struct bas_loop *loop,
                                        const struct bas_device_settings *settings,
                                        struct device *device, struct device_objects *d,
                                        struct bas_fault *fault)
{
    enum { NONE = 255 }; /* what the engines call no retries; their 0 is the default */
    struct bac_property_config properties[PORT_PROPERTIES_MAX];
    const struct bac_service_hook hook = { .service = BAC_CONFIRMED_REINITIALIZE_DEVICE,
                                           .confirmed = true,
                                           .serve = device_port_judge,
                                           .ctx = device };
    struct bac_property_config clock[DEVICE_CLOCK_PROPERTIES];
    struct bas_tls_password password = { .is_set = false };
    const struct bas_tls_config secret = { .size = sizeof(secret),
                                           .key_password_file = settings->password_file };
    char name[NAME_LEN];
    uint8_t retries = settings->apdu_retries == 0 ? NONE : settings->apdu_retries;
    if (device_objects_fill(&loop->env, settings, d, fault) != BAS_OK ||
        device_values_open(device, settings, fault) != BAS_OK ||
        device_files_open(device, d->objects, d->n, fault) != BAS_OK ||
        device_port_open(device, settings, fault) != BAS_OK ||
        bas_tls_password_read(&password, &loop->env, &secret, fault) != BAS_OK) {
        return NULL;
    }
    device_clock_properties(device, clock);
    const size_t n_properties = device_port_properties(device, properties);
    *device_objects_add(d) = (struct bac_object_config){ .type = BAC_OBJECT_NETWORK_PORT,
                                                         .instance = DEVICE_PORT_INSTANCE,
                                                         .name = "BACnet/SC port",
                                                         .properties = properties,
                                                         .n_properties = n_properties };
    for (unsigned n = 0; n < device->port->n_files; n++) {
        device_certificates_describe(device, n, device_objects_add(d));
    }
    (void)snprintf(name, sizeof(name), "basalt device %u", settings->instance);
    const struct bac_server_config server = {
        .size = sizeof(server),
        .object_size = sizeof(*d->objects),
        .objects = d->objects,
        .n_objects = d->n,
        .instance = settings->instance,
        .name = settings->name != NULL ? settings->name : name,
        .description = settings->description,
        .location = settings->location,
        .vendor_name = settings->vendor_name,
        .model_name = settings->model_name != NULL ? settings->model_name : "Basalt",
        .firmware_revision = BAS_VERSION,
        .application_software_version = BAS_VERSION,
        .vendor = settings->vendor_identifier,
        .apdu_timeout_ms = settings->apdu_timeout_ms,
        .retries = retries,
        .max_apdu = settings->max_apdu,
        .segment_timeout_ms = settings->segment_timeout_ms,
        .window = settings->window,
        .max_transactions = (uint16_t)settings->max_transactions,
        .max_request = settings->max_message,
        .max_answer = settings->max_message,
        .max_subscriptions = settings->max_subscriptions,
        .max_lifetime_s = settings->max_lifetime_ms / 1000,
        .max_created = settings->create_objects,
        .database_revision = device->revision,
        .properties = clock,
        .n_properties = DEVICE_CLOCK_PROPERTIES,
        .password = password.is_set ? password.text : NULL,
        .hooks = &hook,
        .n_hooks = 1,
    };
    struct bas_station_config config = { .size = sizeof(config),
                                         .apdu_timeout_ms = settings->apdu_timeout_ms,
                                         .apdu_retries = retries,
                                         .max_apdu = settings->max_apdu,
                                         .server = &server,
                                         .event = on_event,
                                         .user = device };
    device_port_config(device, &config.port);
    struct bas_station *station = station_open(loop, &config, fault);
    bas_tls_password_wipe(&password);
    return station;
}

static struct bas_station *open_all(struct bas_loop *loop,
                                    const struct bas_device_settings *settings,
                                    struct device *device, struct bas_fault *fault)
{
    struct device_objects d = { .env = loop->env };
    struct bas_station *station = open_station(loop, settings, device, &d, fault);
    if (station != NULL &&
        device_port_set_peers(device, bas_port_node(bas_station_port(station)), fault) != BAS_OK) {
        station_discard(station);
        station = NULL;
    }
    device_objects_release(&d);
    return station;
}

/* Values are given back before anybody can ask for them. */
static bas_err begin(struct device *device, const struct bas_device_settings *settings,
                     struct bas_fault *fault)
{
    device_objects_command(&device->env, settings, bas_station_server(device->station));
    bas_err err = device_values_restore(device, fault);
    return err == BAS_OK ? device_simulation_start(device, settings, fault) : err;
}

struct bas_station *
bas_device_start(struct bas_loop *loop, const struct bas_device_settings *settings,
                 struct bas_hub *host,
                 void (*event)(void *user, const struct bas_station_event *event), void *user,
                 struct bas_fault *fault)
{
    struct device *device = bas_alloc(&loop->env, sizeof(*device));
    if (device == NULL) {
        (void)bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for a device");
        return NULL;
    }
    device->env = loop->env;
    device->loop = loop;
    device->host = host;
    device->instance = settings->instance;
    device->event = event;
    device->user = user;
    device->station = open_all(loop, settings, device, fault);
    if (device->station != NULL && begin(device, settings, fault) != BAS_OK) {
        station_discard(device->station);
        device->station = NULL;
    }
    if (device->station == NULL) {
        release(device);
        return NULL;
    }
    device->station->settled = on_settled;
    device->station->settled_user = device;
    struct bas_station *station = device->station;
    station_begin(station);
    return station;
}

bas_err bas_device_reload(struct bas_station *station, const struct bas_device_settings *settings,
                          struct bas_reload *what, struct bas_fault *fault)
{
    assert(station->config.event == on_event);
    struct device *device = station->config.user;
    const struct device_port *port = device->port;
    const bool is_own = port->is_changed || device->host != NULL; /* a host's is not read */
    const bool has_any =
        device->host != NULL ? port->has_tls : settings->tls.certificate_file != NULL;
    const struct bas_tls_config *tls = !has_any ? NULL : is_own ? &port->tls : &settings->tls;
    bas_err err =
        bas_port_reload(bas_station_port(station), tls, &settings->admission, what, fault);
    return err == BAS_OK ? device_port_take(device, settings, fault) : err;
}
