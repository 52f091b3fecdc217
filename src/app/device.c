/* Owns a device: a station whose objects come from settings, with the Network Port object of its
 * BACnet/SC port. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/device_direct.h"
#include "app/station.h"

#include <stdio.h>
#include <string.h>

enum { NAME_LEN = 64, PORT_INSTANCE = 1 };

/* What the getters of the Network Port object look at; lives as long as the station. */
struct device {
    struct bas_env env;
    struct bas_station *station; /* NULL until it is started */
    void (*event)(void *user, const struct bas_station_event *event);
    void *user;
    struct bsc_node_config node;
    struct bas_hub *host; /* NULL: none in this process */
    char primary_uri[256];
    char failover_uri[256];
};

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

/* Objects of the settings. */

/* What kind of value an object type has: one row each. */
struct kind_row {
    uint32_t type;
    enum bac_tag tag;
    const char *name; /* of an object without one: "analog-input 1" */
};

static const struct kind_row kinds[] = {
    { BAC_OBJECT_ANALOG_INPUT, BAC_TAG_REAL, "analog-input" },
    { BAC_OBJECT_ANALOG_OUTPUT, BAC_TAG_REAL, "analog-output" },
    { BAC_OBJECT_ANALOG_VALUE, BAC_TAG_REAL, "analog-value" },
    { BAC_OBJECT_BINARY_INPUT, BAC_TAG_ENUMERATED, "binary-input" },
    { BAC_OBJECT_BINARY_OUTPUT, BAC_TAG_ENUMERATED, "binary-output" },
    { BAC_OBJECT_BINARY_VALUE, BAC_TAG_ENUMERATED, "binary-value" },
    { BAC_OBJECT_MULTI_STATE_INPUT, BAC_TAG_UNSIGNED, "multi-state-input" },
    { BAC_OBJECT_MULTI_STATE_OUTPUT, BAC_TAG_UNSIGNED, "multi-state-output" },
    { BAC_OBJECT_MULTI_STATE_VALUE, BAC_TAG_UNSIGNED, "multi-state-value" },
};

static const struct kind_row *kind_of(uint32_t type)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(kinds); i++) {
        if (kinds[i].type == type) {
            return &kinds[i];
        }
    }
    return NULL;
}

static struct bac_value value_of(const struct bas_number *number, enum bac_tag tag)
{
    struct bac_value value = { .tag = number->is_set ? tag : BAC_TAG_NULL };
    if (number->is_set && tag == BAC_TAG_REAL) {
        value.as.real = (float)number->value;
    } else if (number->is_set) {
        value.as.unsigned_integer = (uint64_t)number->value;
    }
    return value;
}

/* A commandable object that has both: the value is what the lowest priority commands at first. */
static bool has_both(const struct bas_object_settings *from)
{
    return from->relinquish_default.is_set && from->value.is_set;
}

static struct bac_value initial_value(const struct bas_object_settings *from, enum bac_tag tag)
{
    bool is_plain = from->value.is_set && !has_both(from);
    return value_of(is_plain ? &from->value : &from->relinquish_default, tag);
}

static void command_values(const struct device *device, const struct bas_device_settings *settings)
{
    enum { LOWEST_PRIORITY = 16 };
    struct bac_server *server = bas_station_server(device->station);
    for (size_t i = 0; i < settings->n_objects; i++) {
        const struct bas_object_settings *from = &settings->objects[i];
        const struct kind_row *kind = kind_of(from->type);
        if (kind == NULL || !has_both(from)) {
            continue;
        }
        const struct bac_value value = value_of(&from->value, kind->tag);
        const struct bac_object_id id = { from->type, from->instance };
        bas_err err = bac_server_set(server, id, &value, LOWEST_PRIORITY);
        if (err != BAS_OK) {
            bas_log(&device->env, BAS_LOG_WARNING, "%s %u: the value is not set: %s", kind->name,
                    from->instance, bas_err_text(err));
        }
    }
}

static void describe_states(const struct bas_object_settings *from, enum bac_tag tag,
                            struct bac_object_config *to)
{
    if (tag == BAC_TAG_UNSIGNED) {
        to->n_states = from->states.n == 0 ? 2 : (uint32_t)from->states.n;
        to->state_text = from->states.n == 0 ? NULL : from->states.items;
    } else if (tag == BAC_TAG_ENUMERATED && from->states.n == 2) {
        to->inactive_text = from->states.items[0];
        to->active_text = from->states.items[1];
    }
}

static bas_err describe(const struct bas_object_settings *from, struct bac_object_config *to,
                        char name[NAME_LEN], struct bas_fault *fault)
{
    const struct kind_row *kind = kind_of(from->type);
    if (kind == NULL) {
        return bas_fail(fault, BAS_ERR_CONFIG, "object type %u is not one that a device can have",
                        from->type);
    }
    (void)snprintf(name, NAME_LEN, "%s %u", kind->name, from->instance);
    *to = (struct bac_object_config){ .type = from->type,
                                      .instance = from->instance,
                                      .name = from->name != NULL ? from->name : name,
                                      .description = from->description,
                                      .initial = initial_value(from, kind->tag),
                                      .commandable = from->commandable,
                                      .writable = !from->commandable };
    describe_states(from, kind->tag, to);
    to->has_units = from->units != NULL;
    if (to->has_units && !bac_enum_number(&bac_type_engineering_units, from->units, &to->units)) {
        return bas_fail(fault, BAS_ERR_CONFIG, "units '%s' are not BACnet engineering units",
                        from->units);
    }
    return BAS_OK;
}

/* Memory for the description of all objects, needed during the start only. */
struct description {
    struct bac_object_config *objects;
    char (*names)[NAME_LEN];
    size_t n;
};

static void forget(const struct bas_env *env, struct description *d)
{
    bas_release(env, d->objects, d->n * sizeof(*d->objects));
    bas_release(env, d->names, d->n * sizeof(*d->names));
}

static bas_err describe_all(const struct bas_env *env, const struct bas_device_settings *settings,
                            struct description *d, struct bas_fault *fault)
{
    d->n = settings->n_objects + 1;
    d->objects = bas_alloc(env, d->n * sizeof(*d->objects));
    d->names = bas_alloc(env, d->n * sizeof(*d->names));
    if (d->objects == NULL || d->names == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the objects");
    }
    for (size_t i = 0; i < settings->n_objects; i++) {
        bas_err err = describe(&settings->objects[i], &d->objects[i], d->names[i], fault);
        if (err != BAS_OK) {
            return err;
        }
    }
    return BAS_OK;
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
    if (event->kind == BAS_STATION_STOPPED) {
        struct bas_env env = device->env;
        bas_release(&env, device, sizeof(*device));
    }
    if (told != NULL) {
        told(told_user, event);
    }
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
                                        struct device *device, struct description *d,
                                        struct bas_fault *fault)
{
    enum { NONE = 255 }; /* what the engines call no retries; their 0 is the default */
    struct bac_property_config properties[PORT_PROPERTIES];
    char name[NAME_LEN];
    uint8_t retries = settings->apdu_retries == 0 ? NONE : settings->apdu_retries;
    if (describe_all(&loop->env, settings, d, fault) != BAS_OK) {
        return NULL;
    }
    port_properties(device, properties);
    d->objects[settings->n_objects] = (struct bac_object_config){ .type = BAC_OBJECT_NETWORK_PORT,
                                                                  .instance = PORT_INSTANCE,
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
        .vendor_name = "",
        .model_name = "Basalt",
        .firmware_revision = BAS_VERSION,
        .application_software_version = BAS_VERSION,
        .vendor = settings->vendor_identifier,
        .apdu_timeout_ms = settings->apdu_timeout_ms,
        .retries = retries,
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
    return station_open(loop, &config, fault);
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
    struct description d = { 0 };
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
    forget(&loop->env, &d);
    direct_uris_release(&loop->env, &uris);
    device->node.direct_accept_uris = NULL; /* read above */
    return station;
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
    device->host = host;
    device->event = event;
    device->user = user;
    struct bas_station *station = open_all(loop, settings, device, fault);
    if (station == NULL) {
        bas_release(&loop->env, device, sizeof(*device));
        return NULL;
    }
    device->station = station;
    command_values(device, settings);
    station_begin(station);
    return station;
}
