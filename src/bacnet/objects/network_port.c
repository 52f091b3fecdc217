/*
 * Owns the rows of the Network Port object (clause 12.56), those of a BACnet/SC port among them.
 * What a port is lies in the layers around us: the values come with the configuration, constant or
 * as getters that look at the living port.
 */
#include "bacnet/objects/rows.h"

static void get_level(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)object;
    (void)at;
    bac_put_enumerated(value, BAC_PROTOCOL_LEVEL_BACNET_APPLICATION);
}

static void get_no_changes(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)object;
    (void)at;
    bac_put_boolean(value, false);
}

/* bsc 9.1-01 */
static void get_network_type(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)object;
    (void)at;
    bac_put_enumerated(value, BAC_NETWORK_TYPE_SECURE_CONNECT);
}

static void get_zero(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)object;
    (void)at;
    bac_put_unsigned(value, 0);
}

static void get_quality(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)object;
    (void)at;
    bac_put_enumerated(value, BAC_NETWORK_NUMBER_UNKNOWN);
}

static void get_apdu_length(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_unsigned(value, object->db->info.max_apdu);
}

/* What we say when nobody knows better. */
#define OPEN(getter) .is_open = true, .get = getter

static const struct bac_property_row rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW(STATUS_FLAGS, status_flags, REQUIRED, .get = bac_get_status_flags),
    BAC_ROW(RELIABILITY, reliability, REQUIRED, .get = bac_get_reliability),
    BAC_ROW(OUT_OF_SERVICE, boolean, REQUIRED, .get = bac_get_out_of_service),
    BAC_ROW(NETWORK_TYPE, network_type, REQUIRED, OPEN(get_network_type)),
    BAC_ROW(PROTOCOL_LEVEL, protocol_level, REQUIRED, OPEN(get_level)),
    BAC_ROW(REFERENCE_PORT, unsigned, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(NETWORK_NUMBER, unsigned16, OPTIONAL, OPEN(get_zero)),
    BAC_ROW(NETWORK_NUMBER_QUALITY, network_number_quality, OPTIONAL, OPEN(get_quality)),
    BAC_ROW(CHANGES_PENDING, boolean, REQUIRED, OPEN(get_no_changes)),
    BAC_ROW(COMMAND, network_port_command, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(COMMAND_VALIDATION_RESULT, health, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(MAC_ADDRESS, octet_string, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(APDU_LENGTH, unsigned, OPTIONAL, OPEN(get_apdu_length)),
    BAC_ROW(LINK_SPEED, real, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(ROUTING_TABLE, router_entry, OPTIONAL, .shape = BAC_SHAPE_LIST),
    BAC_ROW(MAX_BVLC_LENGTH_ACCEPTED, unsigned, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(MAX_NPDU_LENGTH_ACCEPTED, unsigned, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(OPERATIONAL_CERTIFICATE_FILE, object_id, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(ISSUER_CERTIFICATE_FILES, object_id, OPTIONAL, .shape = BAC_SHAPE_ARRAY),
    BAC_ROW(CERTIFICATE_SIGNING_REQUEST_FILE, object_id, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(CURRENT_HEALTH, health, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(SC_PRIMARY_HUB_URI, character_string, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(SC_FAILOVER_HUB_URI, character_string, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(SC_MINIMUM_RECONNECT_TIME, unsigned, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(SC_MAXIMUM_RECONNECT_TIME, unsigned, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(SC_CONNECT_WAIT_TIMEOUT, unsigned, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(SC_DISCONNECT_WAIT_TIMEOUT, unsigned, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(SC_HEARTBEAT_TIMEOUT, unsigned, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(SC_HUB_CONNECTOR_STATE, sc_hub_connector_state, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(SC_PRIMARY_HUB_CONNECTION_STATUS, sc_hub_connection, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(SC_FAILOVER_HUB_CONNECTION_STATUS, sc_hub_connection, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(SC_HUB_FUNCTION_ENABLE, boolean, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(SC_HUB_FUNCTION_ACCEPT_URIS, character_string, OPTIONAL, .shape = BAC_SHAPE_ARRAY),
    BAC_ROW(SC_HUB_FUNCTION_BINDING, character_string, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(SC_HUB_FUNCTION_CONNECTION_STATUS, sc_hub_function_connection, OPTIONAL,
            .shape = BAC_SHAPE_LIST),
    BAC_ROW(SC_DIRECT_CONNECT_INITIATE_ENABLE, boolean, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(SC_DIRECT_CONNECT_ACCEPT_ENABLE, boolean, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(SC_DIRECT_CONNECT_ACCEPT_URIS, character_string, OPTIONAL, .shape = BAC_SHAPE_ARRAY),
    BAC_ROW(SC_DIRECT_CONNECT_BINDING, character_string, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(SC_DIRECT_CONNECT_CONNECTION_STATUS, sc_direct_connection, OPTIONAL,
            .shape = BAC_SHAPE_LIST),
    BAC_ROW(SC_FAILED_CONNECTION_REQUESTS, sc_failed_connection_request, OPTIONAL,
            .shape = BAC_SHAPE_LIST),
};

const struct bac_object_class bac_class_network_port = {
    .number = BAC_OBJECT_NETWORK_PORT,
    .role = BAC_ROLE_OTHER,
    .rows = rows,
    .n_rows = BAS_ARRAY_LEN(rows),
};
