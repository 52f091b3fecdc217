/* Owns how the events of a device look. */
#include "device_events.h"

#include "basalt/bacnet_type.h"

#include <stdio.h>
#include <string.h>

/* Hub */

static const char *role_of(const struct bas_station_event *event)
{
    return event->hub_state == 2 ? "failover" : "primary";
}

static void tell_up(struct device_events *d, const struct bas_station_event *event)
{
    char our_vmac[BSC_VMAC_TEXT];
    char our_uuid[BSC_UUID_TEXT];
    char vmac[BSC_VMAC_TEXT];
    char uuid[BSC_UUID_TEXT];
    struct bas_tls_identity hub = { .subject = "" };
    struct bsc_vmac vmac_now = bas_station_vmac(d->station);
    struct bsc_uuid uuid_now = bas_station_uuid(d->station);
    const uint64_t instance = d->instance;
    d->is_lost = false;
    (void)bas_port_peer(bas_station_port(d->station), &hub);
    const struct field fields[] = {
        { .name = "hub", .label = "", .text = event->uri },
        { .name = "role", .text = role_of(event) },
        { .label = "", .text = event->hub_state == 2 ? "the failover hub" : NULL },
        { .name = "instance", .label = "device ", .number = &instance },
        { .name = "vmac", .label = "VMAC ", .text = bsc_vmac_text(&vmac_now, our_vmac) },
        { .name = "uuid", .label = "UUID ", .text = bsc_uuid_text(&uuid_now, our_uuid) },
        { .name = "hub_vmac", .label = "hub VMAC ", .text = bsc_vmac_text(&event->vmac, vmac) },
        { .name = "hub_uuid", .label = "UUID ", .text = bsc_uuid_text(&event->uuid, uuid) },
        { .name = "hub_subject", .label = "certificate ", .text = hub.subject },
        { .name = "direct_address",
          .label = "direct connections at ",
          .text = bas_port_direct_address(bas_station_port(d->station)) },
    };
    service_tell(d->service, "connected", fields, BAS_ARRAY_LEN(fields));
}

static void tell_fault(struct device_events *d, const char *name,
                       const struct bas_station_event *event)
{
    const struct field fields[] = {
        { .name = "hub", .label = "", .text = event->uri },
        { .name = "role", .text = event->uri == NULL ? NULL : role_of(event) },
        { .name = "reason", .label = "", .text = service_reason(event->fault) },
        { .name = "code", .text = service_code(event->fault) },
    };
    service_tell_bounded(d->service, name, fields, BAS_ARRAY_LEN(fields));
}

static void tell_down(struct device_events *d, const struct bas_station_event *event)
{
    d->lost = *event->fault;
    d->is_lost = true;
    tell_fault(d, d->service->signal != 0 ? "disconnected" : "lost", event);
}

static void tell_retry(struct device_events *d, const struct bas_station_event *event)
{
    bool is_told = d->is_lost && strcmp(d->lost.text, event->fault->text) == 0;
    d->is_lost = false;
    if (!is_told) {
        tell_fault(d, "retry", event);
    }
}

static void tell_wrong(struct device_events *d, const struct bas_station_event *event)
{
    tell_fault(d, "fault", event);
}

static void tell_vmac(struct device_events *d, const struct bas_station_event *event)
{
    char vmac[BSC_VMAC_TEXT];
    const struct field fields[] = {
        { .name = "vmac", .label = "", .text = bsc_vmac_text(&event->vmac, vmac) },
        { .name = "reason", .label = "", .text = "the hub has another node with our old one" },
    };
    service_tell(d->service, "new_vmac", fields, BAS_ARRAY_LEN(fields));
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

/* What the server tells, a row for each kind: its name, and what it says besides object and source.
 */

struct server_line {
    struct device_events *d;
    const struct bac_server_event *event;
    struct field fields[8];
    size_t n;
};

static void add(struct server_line *line, struct field field)
{
    line->fields[line->n++] = field;
}

static void tell_line(struct server_line *line, const char *name)
{
    char octets[80];
    struct bas_buf from;
    bas_buf_init(&from, octets, sizeof(octets));
    add(line, (struct field){ .name = "from",
                              .label = "from ",
                              .text = line->event->from.mac_len == 0
                                          ? NULL
                                          : address_text(&line->event->from, &from) });
    service_tell(line->d->service, name, line->fields, line->n);
}

static const char *object_text(const struct bac_server_event *event, struct bas_buf *out)
{
    bac_object_id_text(event->object, out);
    return bas_buf_text(out);
}

static void tell_write(struct server_line *line)
{
    const struct bac_server_event *write = line->event;
    char octets[80];
    char hex[130];
    char number[16];
    struct bas_buf object;
    struct bas_buf raw;
    bas_buf_init(&object, octets, sizeof(octets));
    bas_buf_init(&raw, hex, sizeof(hex));
    (void)snprintf(number, sizeof(number), "%u", write->property);
    const char *property = bac_property_name(write->property);
    const uint64_t priority = write->priority;
    const uint64_t index = write->index;
    bool is_primitive = write->value.tag != BAC_TAG_NULL || write->priority != 0;
    bas_buf_add_hex(&raw, write->raw);
    add(line, (struct field){ .name = "object", .label = "", .text = object_text(write, &object) });
    add(line, (struct field){
                  .name = "property", .label = "", .text = property != NULL ? property : number });
    add(line, (struct field){ .name = "index",
                              .label = "element ",
                              .number = write->index == BAC_NO_INDEX ? NULL : &index });
    add(line, (struct field){ .name = "value",
                              .label = "",
                              .value = is_primitive ? &write->value : NULL,
                              .type = bac_property_type(write->object.type, write->property) });
    add(line, (struct field){ .name = "octets",
                              .label = "octets ",
                              .text = is_primitive ? NULL : bas_buf_text(&raw) });
    add(line, (struct field){ .name = "priority",
                              .label = "priority ",
                              .number = write->priority == 0 ? NULL : &priority });
    tell_line(line, "write");
}

static void tell_object(struct server_line *line)
{
    char octets[80];
    struct bas_buf object;
    bas_buf_init(&object, octets, sizeof(octets));
    add(line,
        (struct field){ .name = "object", .label = "", .text = object_text(line->event, &object) });
    tell_line(line, line->event->kind == BAC_SERVER_CREATED ? "created" : "deleted");
}

static void tell_time(struct server_line *line)
{
    char octets[64];
    struct bas_buf text;
    bas_buf_init(&text, octets, sizeof(octets));
    bac_date_text(line->event->date_time.date, &text);
    bas_buf_add_text(&text, " ");
    bac_time_text(line->event->date_time.time, &text);
    add(line, (struct field){ .name = "clock", .label = "", .text = bas_buf_text(&text) });
    add(line, (struct field){
                  .name = "zone", .label = "", .text = line->event->is_utc ? "utc" : "local" });
    tell_line(line, "time");
}

static void tell_state(struct server_line *line, const char *name, const struct bac_type *type)
{
    const uint64_t minutes = line->event->minutes;
    const struct bac_value state = { .tag = BAC_TAG_ENUMERATED,
                                     .as.unsigned_integer = line->event->state };
    add(line, (struct field){ .name = "state", .label = "", .value = &state, .type = type });
    add(line, (struct field){ .name = "minutes",
                              .label = "minutes ",
                              .number = minutes == 0 ? NULL : &minutes });
    tell_line(line, name);
}

static void tell_communication(struct server_line *line)
{
    tell_state(line, "communication", &bac_type_device_communication_state);
}

static void tell_reinitialize(struct server_line *line)
{
    tell_state(line, "reinitialize", &bac_type_reinitialized_state);
}

static void (*const server_rows[])(struct server_line *line) = {
    [BAC_SERVER_WRITTEN] = tell_write,
    [BAC_SERVER_CREATED] = tell_object,
    [BAC_SERVER_DELETED] = tell_object,
    [BAC_SERVER_TIME] = tell_time,
    [BAC_SERVER_COMMUNICATION] = tell_communication,
    [BAC_SERVER_REINITIALIZE] = tell_reinitialize,
};

static void tell_server(struct device_events *d, const struct bas_station_event *event)
{
    struct server_line line = { .d = d, .event = event->server };
    if (event->server->kind < BAS_ARRAY_LEN(server_rows)) {
        server_rows[event->server->kind](&line);
    }
}

/* Peers */

static bool is_known(const struct bsc_uuid *uuid)
{
    static const struct bsc_uuid nobody = { { 0 } };
    return !bsc_uuid_equal(uuid, &nobody);
}

/* A direct connection came, went or failed. */
static void tell_direct(struct device_events *d, const char *name,
                        const struct bsc_node_event *event)
{
    static const struct bsc_vmac nobody = { { 0 } };
    char vmac[BSC_VMAC_TEXT];
    char uuid[BSC_UUID_TEXT];
    bool is_ours = event->uri != NULL && event->uri[0] != 0;
    bool is_up = event->kind == BSC_NODE_DIRECT_UP;
    const struct field fields[] = {
        { .name = "peer_vmac",
          .label = "VMAC ",
          .text =
              bsc_vmac_equal(&event->vmac, &nobody) ? NULL : bsc_vmac_text(&event->vmac, vmac) },
        { .name = "peer_uuid",
          .label = "UUID ",
          .text = is_known(&event->uuid) ? bsc_uuid_text(&event->uuid, uuid) : NULL },
        { .name = "direction", .label = "", .text = is_ours ? "opened" : "accepted" },
        { .name = "uri", .label = "", .text = event->uri },
        { .name = "reason", .label = "", .text = is_up ? NULL : service_reason(&event->fault) },
        { .name = "code", .text = is_up ? NULL : service_code(&event->fault) },
    };
    service_tell_bounded(d->service, name, fields, BAS_ARRAY_LEN(fields));
}

static void tell_resolved(struct device_events *d, const char *name,
                          const struct bsc_node_event *event)
{
    char vmac[BSC_VMAC_TEXT];
    bool is_good = event->fault.err == BAS_OK;
    bool has_uris = is_good && event->uris != NULL && event->uris[0] != 0;
    const struct field fields[] = {
        { .name = "peer_vmac", .label = "VMAC ", .text = bsc_vmac_text(&event->vmac, vmac) },
        { .name = "uris", .label = "", .text = has_uris ? event->uris : NULL },
        { .label = "", .text = is_good && !has_uris ? "it tells no URIs" : NULL },
        { .name = "reason", .label = "", .text = is_good ? NULL : service_reason(&event->fault) },
        { .name = "code", .text = is_good ? NULL : service_code(&event->fault) },
    };
    service_tell_bounded(d->service, is_good ? name : "unresolved", fields, BAS_ARRAY_LEN(fields));
}

static void tell_advertisement(struct device_events *d, const char *name,
                               const struct bsc_node_event *event)
{
    static const char *const hubs[] = { "none", "primary", "failover" };
    char vmac[BSC_VMAC_TEXT];
    const struct bsc_advertisement *a = &event->advertisement;
    const uint64_t max_bvlc = a->max_bvlc;
    const uint64_t max_npdu = a->max_npdu;
    const struct bac_value direct = { .tag = BAC_TAG_BOOLEAN, .as.boolean = a->accept_direct };
    const struct field fields[] = {
        { .name = "peer_vmac", .label = "VMAC ", .text = bsc_vmac_text(&event->vmac, vmac) },
        { .name = "connected_to",
          .label = "hub ",
          .text = a->hub_status < BAS_ARRAY_LEN(hubs) ? hubs[a->hub_status] : NULL },
        { .name = "direct", .value = &direct },
        { .label = "direct connections ", .text = a->accept_direct ? "accepted" : "not accepted" },
        { .name = "max_bvlc", .label = "BVLC ", .number = &max_bvlc },
        { .name = "max_npdu", .label = "NPDU ", .number = &max_npdu },
    };
    service_tell_bounded(d->service, name, fields, BAS_ARRAY_LEN(fields));
}

static void tell_proprietary(struct device_events *d, const char *name,
                             const struct bsc_node_event *event)
{
    char vmac[BSC_VMAC_TEXT];
    const uint64_t vendor = event->proprietary.vendor;
    const uint64_t function = event->proprietary.function;
    const uint64_t octets = event->proprietary.data.len;
    const struct field fields[] = {
        { .name = "peer_vmac", .label = "VMAC ", .text = bsc_vmac_text(&event->vmac, vmac) },
        { .name = "vendor", .label = "vendor ", .number = &vendor },
        { .name = "function", .label = "function ", .number = &function },
        { .name = "length", .label = "octets ", .number = &octets },
    };
    service_tell_bounded(d->service, name, fields, BAS_ARRAY_LEN(fields));
}

/* Events of the node: what they are called, and who tells them. (What was refused comes as a fault
 * too, and is told as such.) */
static const struct {
    enum bsc_node_event_kind kind;
    const char *name;
    void (*tell)(struct device_events *d, const char *name, const struct bsc_node_event *event);
} node_rows[] = {
    { BSC_NODE_DIRECT_UP, "direct_connected", tell_direct },
    { BSC_NODE_DIRECT_DOWN, "direct_lost", tell_direct },
    { BSC_NODE_DIRECT_FAILED, "direct_failed", tell_direct },
    { BSC_NODE_RESOLVED, "resolved", tell_resolved },
    { BSC_NODE_ADVERTISEMENT, "advertised", tell_advertisement },
    { BSC_NODE_PROPRIETARY, "proprietary", tell_proprietary },
};

static void tell_node(struct device_events *d, const struct bas_station_event *event)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(node_rows); i++) {
        if (node_rows[i].kind == event->node->kind) {
            node_rows[i].tell(d, node_rows[i].name, event->node);
        }
    }
}

/* All */

static void tell_stopped(struct device_events *d, const struct bas_station_event *event)
{
    (void)event;
    d->station = NULL;
    service_tell(d->service, "stopped", NULL, 0);
}

static void (*const told[])(struct device_events *d, const struct bas_station_event *event) = {
    [BAS_STATION_UP] = tell_up,           [BAS_STATION_DOWN] = tell_down,
    [BAS_STATION_RETRY] = tell_retry,     [BAS_STATION_NODE] = tell_node,
    [BAS_STATION_VMAC] = tell_vmac,       [BAS_STATION_FAULT] = tell_wrong,
    [BAS_STATION_SERVER] = tell_server,   [BAS_STATION_REQUEST] = NULL,
    [BAS_STATION_STOPPED] = tell_stopped,
};

void device_events_tell(void *user, const struct bas_station_event *event)
{
    struct device_events *d = user;
    if (told[event->kind] == NULL) {
        return;
    }
    d->service->part = d->part;
    told[event->kind](d, event);
    d->service->part = NULL;
    if (event->kind == BAS_STATION_STOPPED && d->stopped != NULL) {
        d->stopped(d->user);
    }
}
