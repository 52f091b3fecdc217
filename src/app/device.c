/* Owns a device: a station whose objects come from settings, with the Network Port object of its
 * BACnet/SC port. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/device.h"
#include "app/device_direct.h"
#include "app/device_objects.h"
#include "tls/password.h"

#include <stdio.h>
#include <string.h>

enum { NAME_LEN = 64 };

/* The Network Port object, a row per property: its number, and how its value is made. */

static struct bac_value unsigned_value(uint64_t number)
{
    return (struct bac_value){ .tag = BAC_TAG_UNSIGNED, .as.unsigned_integer = number };
}

static struct bac_value text_value(const char *text)
{
    return (struct bac_value){ .tag = BAC_TAG_CHARACTER_STRING, .as.text = bac_text_from(text) };
}

static struct bac_value boolean_value(bool value)
{
    return (struct bac_value){ .tag = BAC_TAG_BOOLEAN, .as.boolean = value };
}

static uint32_t seconds(uint32_t ms, uint32_t standard_ms)
{
    return (ms == 0 ? standard_ms : ms) / 1000;
}

static bas_err put(const struct bac_value *value, struct bas_buf *out)
{
    return bac_encode(&bac_type_value, value, BAC_APPLICATION, out);
}

static bas_err get_mac(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    const struct device *device = ctx;
    (void)property;
    (void)index;
    struct bsc_vmac vmac = bas_station_vmac(device->station);
    const struct bac_value value = { .tag = BAC_TAG_OCTET_STRING,
                                     .as.octets = { vmac.octets, sizeof(vmac.octets) } };
    return put(&value, out);
}

/* bsc 9.1-11 */
static bas_err get_hub_state(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    const struct device *device = ctx;
    (void)property;
    (void)index;
    const struct bac_value value = { .tag = BAC_TAG_ENUMERATED,
                                     .as.unsigned_integer =
                                         bas_station_hub_state(device->station) };
    return put(&value, out);
}

enum { PORT_PROPERTIES = 14 };

static void port_properties(struct device *device,
                            struct bac_property_config properties[PORT_PROPERTIES])
{
    const struct bsc_node_config *node = &device->node;
    const struct bac_property_config rows[PORT_PROPERTIES] = {
        { .property = BAC_PROPERTY_MAC_ADDRESS, .get = get_mac, .ctx = device },
        { .property = BAC_PROPERTY_SC_HUB_CONNECTOR_STATE, .get = get_hub_state, .ctx = device },
        { .property = BAC_PROPERTY_MAX_BVLC_LENGTH_ACCEPTED,
          .value = unsigned_value(node->max_bvlc == 0 ? BSC_DEFAULT_BVLC : node->max_bvlc) },
        { .property = BAC_PROPERTY_MAX_NPDU_LENGTH_ACCEPTED,
          .value = unsigned_value(node->max_npdu == 0 ? BSC_DEFAULT_NPDU : node->max_npdu) },
        { .property = BAC_PROPERTY_SC_PRIMARY_HUB_URI, .value = text_value(device->primary_uri) },
        { .property = BAC_PROPERTY_SC_FAILOVER_HUB_URI, .value = text_value(device->failover_uri) },
        { .property = BAC_PROPERTY_SC_MINIMUM_RECONNECT_TIME,
          .value = unsigned_value(seconds(node->minimum_reconnect_ms, 10000)) },
        { .property = BAC_PROPERTY_SC_MAXIMUM_RECONNECT_TIME,
          .value = unsigned_value(seconds(node->maximum_reconnect_ms, 600000)) },
        { .property = BAC_PROPERTY_SC_CONNECT_WAIT_TIMEOUT,
          .value = unsigned_value(seconds(node->connect_wait_ms, 10000)) },
        { .property = BAC_PROPERTY_SC_DISCONNECT_WAIT_TIMEOUT,
          .value = unsigned_value(seconds(node->disconnect_wait_ms, 10000)) },
        { .property = BAC_PROPERTY_SC_HEARTBEAT_TIMEOUT,
          .value = unsigned_value(seconds(node->heartbeat_ms, 60000)) },
        { .property = BAC_PROPERTY_SC_HUB_FUNCTION_ENABLE,
          .value = boolean_value(device->host != NULL) },
        { .property = BAC_PROPERTY_SC_DIRECT_CONNECT_INITIATE_ENABLE,
          .value = boolean_value(node->direct_initiate) },
        { .property = BAC_PROPERTY_SC_DIRECT_CONNECT_ACCEPT_ENABLE,
          .value = boolean_value(node->direct_accept) },
    };
    memcpy(properties, rows, sizeof(rows));
}

/* Events */

static void take_server_event(struct device *device, const struct bac_server_event *event)
{
    device_values_take(device, event);
    if (event->kind == BAC_SERVER_TIME) {
        device_set_clock(device, event);
    }
}

static void release(struct device *device)
{
    struct bas_env env = device->env;
    device_values_settle(device);
    device_simulation_stop(device);
    bas_store_close(device->store);
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

/* What is done about single peers. */
static bas_err set_peers(struct bas_station *station, const struct bas_texts *items,
                         struct bas_fault *fault)
{
    struct bsc_node *node = bas_port_node(bas_station_port(station));
    for (size_t i = 0; i < items->n; i++) {
        struct direct_peer peer;
        bas_err err = direct_peer_read(items->items[i], &peer, fault);
        if (err != BAS_OK) {
            return err;
        }
        err = bsc_node_set_peer(node, &peer.vmac, peer.policy, peer.uris[0] == 0 ? NULL : peer.uris,
                                loop_now());
        if (err != BAS_OK) {
            return bas_fail(fault, err, "direct-peers: %s: %s", items->items[i], bas_err_text(err));
        }
    }
    return BAS_OK;
}

static struct bas_station *open_station(struct bas_loop *loop,
                                        const struct bas_device_settings *settings,
                                        struct device *device, struct device_objects *d,
                                        struct bas_fault *fault)
{
    enum { NONE = 255 }; /* what the engines call no retries; their 0 is the default */
    struct bac_property_config properties[PORT_PROPERTIES];
    struct bac_property_config clock[DEVICE_CLOCK_PROPERTIES];
    struct bas_tls_password password = { .is_set = false };
    const struct bas_tls_config secret = { .size = sizeof(secret),
                                           .key_password_file = settings->password_file };
    uint32_t revision = 0;
    char name[NAME_LEN];
    uint8_t retries = settings->apdu_retries == 0 ? NONE : settings->apdu_retries;
    if (device_objects_fill(&loop->env, settings, d, fault) != BAS_OK ||
        device_values_open(device, settings, &revision, fault) != BAS_OK ||
        bas_tls_password_read(&password, &loop->env, &secret, fault) != BAS_OK) {
        return NULL;
    }
    device_clock_properties(device, clock);
    port_properties(device, properties);
    *device_objects_add(d) = (struct bac_object_config){ .type = BAC_OBJECT_NETWORK_PORT,
                                                         .instance = DEVICE_PORT_INSTANCE,
                                                         .name = "BACnet/SC port",
                                                         .properties = properties,
                                                         .n_properties = PORT_PROPERTIES };
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
        .database_revision = revision,
        .properties = clock,
        .n_properties = DEVICE_CLOCK_PROPERTIES,
        .password = password.is_set ? password.text : NULL,
    };
    const struct bas_station_config config = { .size = sizeof(config),
                                               .port.node = &device->node,
                                               .port.tls = &settings->tls,
                                               .port.state_file = settings->state_file,
                                               .port.host = device->host,
                                               .port.direct_bind = settings->direct_bind,
                                               .port.admission = &settings->admission,
                                               .port.plaintext =
                                                   (enum bas_plaintext)settings->plaintext,
                                               .apdu_timeout_ms = settings->apdu_timeout_ms,
                                               .apdu_retries = retries,
                                               .server = &server,
                                               .event = on_event,
                                               .user = device };
    struct bas_station *station = station_open(loop, &config, fault);
    bas_tls_password_wipe(&password);
    return station;
}

static void copy_uri(char out[256], const char *uri)
{
    (void)snprintf(out, 256, "%s", uri != NULL ? uri : "");
}

/* What the node is told, and what is shown of it. */
static void fill(struct device *device, const struct bas_device_settings *settings,
                 const struct direct_uris *uris)
{
    struct bsc_node_config *node = &device->node;
    *node = settings->engine;
    node->direct_accept &= settings->direct_bind != NULL;
    if (uris->text != NULL) {
        node->direct_accept_uris = uris->text;
    }
    if (node->primary_uri == NULL && device->host != NULL) {
        node->primary_uri = bas_hub_uri(device->host);
    }
    copy_uri(device->primary_uri, node->primary_uri);
    copy_uri(device->failover_uri, node->failover_uri);
}

static struct bas_station *open_all(struct bas_loop *loop,
                                    const struct bas_device_settings *settings,
                                    struct device *device, struct bas_fault *fault)
{
    struct device_objects d = { .env = loop->env };
    struct direct_uris uris = { NULL, 0 };
    struct bas_station *station = NULL;
    if (direct_uris_join(&loop->env, &settings->direct_uris, &uris, fault) == BAS_OK) {
        fill(device, settings, &uris);
        station = open_station(loop, settings, device, &d, fault);
    }
    if (station != NULL && set_peers(station, &settings->direct_peers, fault) != BAS_OK) {
        station_discard(station);
        station = NULL;
    }
    device_objects_release(&d);
    direct_uris_release(&loop->env, &uris);
    device->node.direct_accept_uris = NULL; /* read above */
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
