/* Owns the rows of the constructed types of Network Port objects (clause 21, used by 12.56). */
#include "bacnet/rows.h"

#define S struct bac_host_address
static const struct bac_field host_address_fields[] = {
    [BAC_HOST_NONE] = BAC_FIELD(S, as.none, "none", null, 0),
    [BAC_HOST_IP] = BAC_FIELD(S, as.ip, "ip-address", octet_string, 1),
    [BAC_HOST_NAME] = BAC_FIELD(S, as.name, "name", character_string, 2),
};
BAC_CHOICE(host_address, "BACnetHostAddress", S, host_address_fields)
#undef S

#define S struct bac_host_n_port
/* bsc 9.3-05 */
static const struct bac_field host_n_port_fields[] = {
    BAC_FIELD(S, host, "host", host_address, 0),
    BAC_FIELD(S, port, "port", unsigned16, 1),
};
BAC_SEQUENCE(host_n_port, "BACnetHostNPort", S, host_n_port_fields)
#undef S

#define S struct bac_health
/* bsc 9.3-06 */
static const struct bac_field health_fields[] = {
    BAC_FIELD(S, time, "timestamp", date_time, 0),
    BAC_FIELD(S, result, "result", error, 1),
    BAC_OPTIONAL(S, property, "property", property_identifier, 2),
    BAC_OPTIONAL(S, details, "details", character_string, 3),
};
BAC_SEQUENCE(health, "BACnetHealth", S, health_fields)
#undef S

#define S struct bac_router_entry
/* bsc 9.3-07 */
static const struct bac_field router_entry_fields[] = {
    BAC_FIELD(S, network, "network-number", unsigned16, 0),
    BAC_FIELD(S, mac, "mac-address", octet_string, 1),
    BAC_FIELD(S, status, "status", router_status, 2),
    BAC_OPTIONAL(S, performance, "performance-index", unsigned8, 3),
};
BAC_SEQUENCE(router_entry, "BACnetRouterEntry", S, router_entry_fields)
#undef S

#define S struct bac_bdt_entry
static const struct bac_field bdt_entry_fields[] = {
    BAC_FIELD(S, address, "bbmd-address", host_n_port, 0),
    BAC_OPTIONAL(S, mask, "broadcast-mask", octet_string, 1),
};
BAC_SEQUENCE(bdt_entry, "BACnetBDTEntry", S, bdt_entry_fields)
#undef S

#define S struct bac_fdt_entry
static const struct bac_field fdt_entry_fields[] = {
    BAC_FIELD(S, address, "bacnetip-address", octet_string, 0),
    BAC_FIELD(S, time_to_live, "time-to-live", unsigned16, 1),
    BAC_FIELD(S, remaining, "remaining-time-to-live", unsigned16, 2),
};
BAC_SEQUENCE(fdt_entry, "BACnetFDTEntry", S, fdt_entry_fields)
#undef S

#define S struct bac_sc_hub_connection
/* bsc 9.3-01 11-49 */
static const struct bac_field sc_hub_connection_fields[] = {
    BAC_FIELD(S, state, "connection-state", sc_connection_state, 0),
    BAC_FIELD(S, connected, "connect-timestamp", date_time, 1),
    BAC_FIELD(S, disconnected, "disconnect-timestamp", date_time, 2),
    BAC_OPTIONAL(S, error, "error", error, 3),
    BAC_OPTIONAL(S, details, "error-details", character_string, 4),
};
BAC_SEQUENCE(sc_hub_connection, "BACnetSCHubConnection", S, sc_hub_connection_fields)
#undef S

#define S struct bac_sc_hub_function_connection
/* bsc 9.3-02 */
static const struct bac_field sc_hub_function_connection_fields[] = {
    BAC_FIELD(S, state, "connection-state", sc_connection_state, 0),
    BAC_FIELD(S, connected, "connect-timestamp", date_time, 1),
    BAC_FIELD(S, disconnected, "disconnect-timestamp", date_time, 2),
    BAC_FIELD(S, peer, "peer-address", host_n_port, 3),
    BAC_FIELD(S, vmac, "peer-vmac", vmac, 4),
    BAC_FIELD(S, uuid, "peer-uuid", uuid, 5),
    BAC_OPTIONAL(S, error, "error", error, 6),
    BAC_OPTIONAL(S, details, "error-details", character_string, 7),
};
BAC_SEQUENCE(sc_hub_function_connection, "BACnetSCHubFunctionConnection", S,
             sc_hub_function_connection_fields)
#undef S

#define S struct bac_sc_direct_connection
/* bsc 9.3-03 */
static const struct bac_field sc_direct_connection_fields[] = {
    BAC_FIELD(S, uri, "uri", character_string, 0),
    BAC_FIELD(S, state, "connection-state", sc_connection_state, 1),
    BAC_FIELD(S, connected, "connect-timestamp", date_time, 2),
    BAC_FIELD(S, disconnected, "disconnect-timestamp", date_time, 3),
    BAC_OPTIONAL(S, peer, "peer-address", host_n_port, 4),
    BAC_OPTIONAL(S, vmac, "peer-vmac", vmac, 5),
    BAC_OPTIONAL(S, uuid, "peer-uuid", uuid, 6),
    BAC_OPTIONAL(S, error, "error", error, 7),
    BAC_OPTIONAL(S, details, "error-details", character_string, 8),
};
BAC_SEQUENCE(sc_direct_connection, "BACnetSCDirectConnection", S, sc_direct_connection_fields)
#undef S

#define S struct bac_sc_failed_connection_request
/* bsc 9.3-04 */
static const struct bac_field sc_failed_connection_request_fields[] = {
    BAC_FIELD(S, time, "timestamp", date_time, 0),
    BAC_FIELD(S, peer, "peer-address", host_n_port, 1),
    BAC_OPTIONAL(S, vmac, "peer-vmac", vmac, 2),
    BAC_OPTIONAL(S, uuid, "peer-uuid", uuid, 3),
    BAC_FIELD(S, error, "error", error, 4),
    BAC_OPTIONAL(S, details, "error-details", character_string, 5),
};
BAC_SEQUENCE(sc_failed_connection_request, "BACnetSCFailedConnectionRequest", S,
             sc_failed_connection_request_fields)
#undef S
