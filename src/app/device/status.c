/* Owns what the Network Port object of a device shows of connections and of its limits: read from
 * the living port (clause 12.56, spec 9.3 and 9.4). */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/device/port.h"

#include "app/hub.h"
#include "tls/address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IP_MAX = 16, LIST_MAX = 64 /* connections that are told; the newest ones */ };

/* Values */

bas_err device_put_value(const struct bac_value *value, struct bas_buf *out)
{
    return bac_encode(&bac_type_value, value, BAC_APPLICATION, out);
}

bas_err device_put_unsigned(uint64_t number, struct bas_buf *out)
{
    const struct bac_value value = { .tag = BAC_TAG_UNSIGNED, .as.unsigned_integer = number };
    return device_put_value(&value, out);
}

bas_err device_put_enumerated(uint64_t number, struct bas_buf *out)
{
    const struct bac_value value = { .tag = BAC_TAG_ENUMERATED, .as.unsigned_integer = number };
    return device_put_value(&value, out);
}

bas_err device_put_boolean(bool is_true, struct bas_buf *out)
{
    const struct bac_value value = { .tag = BAC_TAG_BOOLEAN, .as.boolean = is_true };
    return device_put_value(&value, out);
}

bas_err device_put_text(const char *text, struct bas_buf *out)
{
    const struct bac_value value = { .tag = BAC_TAG_CHARACTER_STRING,
                                     .as.text = bac_text_from(text) };
    return device_put_value(&value, out);
}

bas_err device_put_texts(const char *list, uint32_t index, struct bas_buf *out)
{
    uint32_t n = 0;
    for (const char *at = list; *at != 0;) {
        size_t len = strcspn(at, " ");
        const struct bac_value value = { .tag = BAC_TAG_CHARACTER_STRING,
                                         .as.text.octets = { (const uint8_t *)at, len } };
        n++;
        if (index == BAC_NO_INDEX || index == n) {
            bas_err err = device_put_value(&value, out);
            if (err != BAS_OK || index == n) {
                return err;
            }
        }
        at += len;
        at += strspn(at, " ");
    }
    return index == 0              ? device_put_unsigned(n, out)
           : index == BAC_NO_INDEX ? BAS_OK
                                   : BAS_ERR_NOT_FOUND;
}

/* Connections */

/* "192.0.2.7:4711" or "[2001:db8::7]:4711"; anything else is no address. */
static struct bac_host_n_port host_of(const char *address, uint8_t octets[IP_MAX])
{
    struct bac_host_n_port out = { .host.choice = BAC_HOST_NONE };
    char host[CONNECTION_ADDRESS];
    const char *colon = strrchr(address, ':');
    size_t len = colon == NULL ? 0 : (size_t)(colon - address);
    bool is_bracketed = len > 2 && address[0] == '[';
    if (len == 0 || len >= sizeof(host)) {
        return out;
    }
    memcpy(host, address + (is_bracketed ? 1 : 0), len);
    host[len - (is_bracketed ? 2 : 0)] = 0;
    size_t size = bas_tls_address_parse(host, octets);
    if (size != 0) {
        out.host.choice = BAC_HOST_IP;
        out.host.as.ip = (struct bas_slice){ octets, size };
    }
    out.port = strtoul(colon + 1, NULL, 10) & UINT16_MAX;
    return out;
}

/* What a fault tells a peer; faults of our own have no words of the standard. */
static struct bac_error_pair error_of(const struct bas_fault *fault)
{
    bool is_said = fault->error_class != 0 || fault->error_code != 0;
    return (struct bac_error_pair){ is_said ? fault->error_class : BAC_ERROR_CLASS_COMMUNICATION,
                                    is_said ? fault->error_code : BAC_ERROR_CODE_OTHER };
}

static bool is_known(const uint8_t *octets, size_t len)
{
    uint8_t any = 0;
    for (size_t i = 0; i < len; i++) {
        any |= octets[i];
    }
    return any != 0;
}

/* bsc 9.1-09 9.3-08 */
static bas_err get_hub_connection(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    struct device *d = ctx;
    struct bsc_connection_status status = { .state = BSC_NOT_CONNECTED };
    const bool failover = property == BAC_PROPERTY_SC_FAILOVER_HUB_CONNECTION_STATUS;
    (void)index;
    (void)bsc_node_hub_connection(bas_port_node(bas_station_port(d->station)), failover, &status);
    const bool has_error =
        status.fault.err != BAS_OK && status.state >= BSC_DISCONNECTED_WITH_ERRORS;
    const struct bac_sc_hub_connection value = {
        .state = (uint32_t)status.state,
        .connected = device_date_time(d, status.connected_at),
        .disconnected = device_date_time(d, status.disconnected_at),
        .has_error = has_error,
        .has_details = has_error,
        .error = error_of(&status.fault),
        .details = bac_text_from(status.fault.text),
    };
    return bac_encode(&bac_type_sc_hub_connection, &value, BAC_APPLICATION, out);
}

static bas_err put_direct(const struct device *d, const struct bsc_peer *peer, struct bas_buf *out)
{
    const struct bsc_connection_status *status = &peer->direct_connection;
    const bool has_error =
        status->fault.err != BAS_OK && status->state >= BSC_DISCONNECTED_WITH_ERRORS;
    const struct bac_sc_direct_connection value = {
        .uri = bac_text_from(status->uri == NULL ? "" : status->uri),
        .state = (uint32_t)status->state,
        .connected = device_date_time(d, status->connected_at),
        .disconnected = device_date_time(d, status->disconnected_at),
        .has_vmac = true,
        .vmac = { peer->vmac.octets, sizeof(peer->vmac.octets) },
        .has_uuid = is_known(status->uuid.octets, sizeof(status->uuid.octets)),
        .uuid = { status->uuid.octets, sizeof(status->uuid.octets) },
        .has_error = has_error,
        .has_details = has_error,
        .error = error_of(&status->fault),
        .details = bac_text_from(status->fault.text),
    };
    return bac_encode(&bac_type_sc_direct_connection, &value, BAC_APPLICATION, out);
}

/* bsc 9.1-07 */
static bas_err get_direct_connections(void *ctx, uint32_t property, uint32_t index,
                                      struct bas_buf *out)
{
    struct device *d = ctx;
    const struct bsc_node *node = bas_port_node(bas_station_port(d->station));
    struct bsc_peer peer;
    bas_err err = BAS_OK;
    unsigned told = 0;
    (void)property;
    (void)index;
    for (size_t n = 0; err == BAS_OK && told < LIST_MAX && bsc_node_peer(node, n, &peer); n++) {
        const struct bsc_connection_status *status = &peer.direct_connection;
        if (status->state != BSC_NOT_CONNECTED || status->connected_at != 0 ||
            status->disconnected_at != 0) {
            err = put_direct(d, &peer, out);
            told++;
        }
    }
    return err;
}

static bas_err put_hub_member(const struct device *d, const struct connection_record *r,
                              enum bsc_connection_state state, struct bas_buf *out)
{
    uint8_t ip[IP_MAX];
    const struct bac_sc_hub_function_connection value = {
        .state = (uint32_t)state,
        .connected = device_date_time(d, r->connected_at),
        .disconnected = device_date_time(d, r->ended_at),
        .peer = host_of(r->address, ip),
        .vmac = { r->vmac.octets, sizeof(r->vmac.octets) },
        .uuid = { r->uuid.octets, sizeof(r->uuid.octets) },
        .has_error = r->has_failed,
        .has_details = r->has_failed,
        .error = { r->error_class, r->error_code },
        .details = bac_text_from(r->details),
    };
    return bac_encode(&bac_type_sc_hub_function_connection, &value, BAC_APPLICATION, out);
}

/* Those that are there, then those that went. bsc 9.1-13 */
static bas_err get_hub_members(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    struct device *d = ctx;
    const struct bsc_hub *engine = bas_hub_engine(d->host);
    struct bsc_hub_member member;
    bas_err err = BAS_OK;
    (void)property;
    (void)index;
    for (uint32_t n = 0; err == BAS_OK && n < LIST_MAX && bsc_hub_member(engine, n, &member); n++) {
        struct connection_record r = { .connected_at = member.connected_at,
                                       .vmac = member.peer.vmac,
                                       .uuid = member.peer.uuid };
        (void)snprintf(r.address, sizeof(r.address), "%s", link_address(member.user));
        err = put_hub_member(d, &r, BSC_IS_CONNECTED, out);
    }
    const struct connection_record *r = connection_log_at(hub_ended(d->host), 0);
    for (uint32_t i = 0; err == BAS_OK && r != NULL;
         r = connection_log_at(hub_ended(d->host), ++i)) {
        err = put_hub_member(d, r, r->has_failed ? BSC_DISCONNECTED_WITH_ERRORS : BSC_NOT_CONNECTED,
                             out);
    }
    return err;
}

static bas_err put_failures(const struct device *d, const struct connection_log *log,
                            struct bas_buf *out)
{
    bas_err err = BAS_OK;
    const struct connection_record *r = connection_log_at(log, 0);
    for (uint32_t i = 0; err == BAS_OK && r != NULL; r = connection_log_at(log, ++i)) {
        uint8_t ip[IP_MAX];
        const struct bac_sc_failed_connection_request value = {
            .time = device_date_time(d, r->ended_at),
            .peer = host_of(r->address, ip),
            .has_vmac = is_known(r->vmac.octets, sizeof(r->vmac.octets)),
            .vmac = { r->vmac.octets, sizeof(r->vmac.octets) },
            .has_uuid = is_known(r->uuid.octets, sizeof(r->uuid.octets)),
            .uuid = { r->uuid.octets, sizeof(r->uuid.octets) },
            .error = { r->error_class, r->error_code },
            .has_details = r->details[0] != 0,
            .details = bac_text_from(r->details),
        };
        err = bac_encode(&bac_type_sc_failed_connection_request, &value, BAC_APPLICATION, out);
    }
    return err;
}

/* bsc 9.1-08 9.4-02 */
static bas_err get_failures(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    struct device *d = ctx;
    (void)property;
    (void)index;
    bas_err err = put_failures(d, &bas_station_port(d->station)->failed, out);
    return err == BAS_OK && d->host != NULL ? put_failures(d, hub_failed(d->host), out) : err;
}

/* Whoever has read it may empty it. */
static bas_err set_failures(void *ctx, uint32_t property, uint32_t index, struct bas_slice raw,
                            struct bas_fault *fault)
{
    struct device *d = ctx;
    (void)property;
    (void)index;
    if (raw.len != 0) {
        return bas_fail_code(fault, BAS_ERR_PERMISSION, BAC_ERROR_CLASS_PROPERTY,
                             BAC_ERROR_CODE_WRITE_ACCESS_DENIED, "the list can only be emptied");
    }
    connection_log_clear(&bas_station_port(d->station)->failed);
    if (d->host != NULL) {
        connection_log_clear(hub_failed(d->host));
    }
    return BAS_OK;
}

/* States and limits */

/* bsc 9.1-11 */
static bas_err get_hub_state(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    const struct device *d = ctx;
    (void)property;
    (void)index;
    return device_put_enumerated(bas_station_hub_state(d->station), out);
}

/* bsc 9.1-02 */
static bas_err get_limit(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    const struct device *d = ctx;
    const uint16_t bvlc = d->node.max_bvlc == 0 ? BSC_DEFAULT_BVLC : d->node.max_bvlc;
    const uint16_t npdu = d->node.max_npdu == 0 ? BSC_DEFAULT_NPDU : d->node.max_npdu;
    (void)index;
    return device_put_unsigned(property == BAC_PROPERTY_MAX_BVLC_LENGTH_ACCEPTED ? bvlc : npdu,
                               out);
}

/* bsc 9.1-16 */
static bas_err get_network_number(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    const struct device *d = ctx;
    enum bac_network_number_quality quality;
    const uint16_t number = bac_net_port_network(d->station->net, d->station->port, &quality);
    (void)index;
    return property == BAC_PROPERTY_NETWORK_NUMBER ? device_put_unsigned(number, out)
                                                   : device_put_enumerated(quality, out);
}

/* bsc 9.1-12 */
static bas_err get_hub_function(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    const struct device *d = ctx;
    if (property == BAC_PROPERTY_SC_HUB_FUNCTION_ENABLE) {
        return device_put_boolean(d->host != NULL, out);
    }
    if (property == BAC_PROPERTY_SC_HUB_FUNCTION_BINDING) {
        return device_put_text(d->host == NULL ? "" : bas_hub_address(d->host), out);
    }
    const bool is_any = d->host != NULL && port_is_any_address(bas_hub_address(d->host));
    return device_put_texts(d->host == NULL || is_any ? "" : bas_hub_uri(d->host), index, out);
}

const struct port_row device_status_rows[] = {
    { .property = BAC_PROPERTY_SC_HUB_CONNECTOR_STATE, .get = get_hub_state },
    { .property = BAC_PROPERTY_SC_PRIMARY_HUB_CONNECTION_STATUS, .get = get_hub_connection },
    { .property = BAC_PROPERTY_SC_FAILOVER_HUB_CONNECTION_STATUS, .get = get_hub_connection },
    { .property = BAC_PROPERTY_SC_DIRECT_CONNECT_CONNECTION_STATUS, .get = get_direct_connections },
    { .property = BAC_PROPERTY_SC_FAILED_CONNECTION_REQUESTS,
      .get = get_failures,
      .set = set_failures },
    { .property = BAC_PROPERTY_MAX_BVLC_LENGTH_ACCEPTED, .get = get_limit },
    { .property = BAC_PROPERTY_MAX_NPDU_LENGTH_ACCEPTED, .get = get_limit },
    { .property = BAC_PROPERTY_NETWORK_NUMBER, .get = get_network_number },
    { .property = BAC_PROPERTY_NETWORK_NUMBER_QUALITY, .get = get_network_number },
    { .property = BAC_PROPERTY_SC_HUB_FUNCTION_ENABLE, .get = get_hub_function },
    { .property = BAC_PROPERTY_SC_HUB_FUNCTION_BINDING, .get = get_hub_function },
    { .property = BAC_PROPERTY_SC_HUB_FUNCTION_ACCEPT_URIS, .get = get_hub_function },
    { .property = BAC_PROPERTY_SC_HUB_FUNCTION_CONNECTION_STATUS,
      .get = get_hub_members,
      .is_only_hosted = true },
};
const size_t device_status_n_rows = BAS_ARRAY_LEN(device_status_rows);
