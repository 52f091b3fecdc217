/* Owns the enumerations and named bit strings of bacnet_enum.h. */
#include "bacnet/enum_rows.h"

#include "basalt/bacnet_enum.h"

/* The long lists */

#define BAC_ENUM(member, number, text) NAME(member, number, text)
static const struct bac_name object_type_names[] = {
#include "basalt/enums/object_type.def"
};
static const struct bac_name property_identifier_names[] = {
#include "basalt/enums/property.def"
};
static const struct bac_name engineering_units_names[] = {
#include "basalt/enums/units.def"
};
#undef BAC_ENUM

#define BAC_ERROR_CODE(member, number, text) NAME(member, number, text)
static const struct bac_name error_code_names[] = {
#include "basalt/error_code.def"
};
#undef BAC_ERROR_CODE

#define object_types_supported_names object_type_names
ENUMERATED(object_type, "BACnetObjectType", 1023)
ENUMERATED(property_identifier, "BACnetPropertyIdentifier", UINT32_MAX)
ENUMERATED(engineering_units, "BACnetEngineeringUnits", 65535)
ENUMERATED(error_code, "error-code", 65535)
BITS(object_types_supported, "BACnetObjectTypesSupported", 0, 0)

/* The short ones */

static const struct bac_name error_class_names[] = { BAC_ERROR_CLASSES(NAME) };
ENUMERATED(error_class, "error-class", 65535)

static const struct bac_name abort_reason_names[] = { BAC_ABORT_REASON_ROWS(NAME) };
ENUMERATED(abort_reason, "BACnetAbortReason", 255)

static const struct bac_name backup_state_names[] = { BAC_BACKUP_STATE_ROWS(NAME) };
ENUMERATED(backup_state, "BACnetBackupState", 6)

static const struct bac_name binary_pv_names[] = { BAC_BINARY_PV_ROWS(NAME) };
ENUMERATED(binary_pv, "BACnetBinaryPV", 1)

static const struct bac_name device_communication_state_names[] = {
    BAC_DEVICE_COMMUNICATION_STATE_ROWS(NAME)
};
ENUMERATED(device_communication_state, "enable-disable", 2)

static const struct bac_name device_status_names[] = { BAC_DEVICE_STATUS_ROWS(NAME) };
ENUMERATED(device_status, "BACnetDeviceStatus", 65535)

static const struct bac_name event_state_names[] = { BAC_EVENT_STATE_ROWS(NAME) };
ENUMERATED(event_state, "BACnetEventState", 65535)

static const struct bac_name event_type_names[] = { BAC_EVENT_TYPE_ROWS(NAME) };
ENUMERATED(event_type, "BACnetEventType", 65535)

static const struct bac_name file_access_method_names[] = { BAC_FILE_ACCESS_METHOD_ROWS(NAME) };
ENUMERATED(file_access_method, "BACnetFileAccessMethod", 1)

static const struct bac_name ip_mode_names[] = { BAC_IP_MODE_ROWS(NAME) };
ENUMERATED(ip_mode, "BACnetIPMode", 2)

/* bsc 9.2-03 */
static const struct bac_name network_number_quality_names[] = { BAC_NETWORK_NUMBER_QUALITY_ROWS(
    NAME) };
ENUMERATED(network_number_quality, "BACnetNetworkNumberQuality", 3)

/* bsc 9.2-05 11-50 */
static const struct bac_name network_port_command_names[] = { BAC_NETWORK_PORT_COMMAND_ROWS(NAME) };
ENUMERATED(network_port_command, "BACnetNetworkPortCommand", 255)

/* bsc 9.2-02 */
static const struct bac_name network_type_names[] = { BAC_NETWORK_TYPE_ROWS(NAME) };
ENUMERATED(network_type, "BACnetNetworkType", 255)

static const struct bac_name notify_type_names[] = { BAC_NOTIFY_TYPE_ROWS(NAME) };
ENUMERATED(notify_type, "BACnetNotifyType", 2)

static const struct bac_name polarity_names[] = { BAC_POLARITY_ROWS(NAME) };
ENUMERATED(polarity, "BACnetPolarity", 1)

/* bsc 9.2-03 */
static const struct bac_name protocol_level_names[] = { BAC_PROTOCOL_LEVEL_ROWS(NAME) };
ENUMERATED(protocol_level, "BACnetProtocolLevel", 3)

static const struct bac_name reinitialized_state_names[] = { BAC_REINITIALIZED_STATE_ROWS(NAME) };
ENUMERATED(reinitialized_state, "reinitialized-state-of-device", 7)

static const struct bac_name reject_reason_names[] = { BAC_REJECT_REASON_ROWS(NAME) };
ENUMERATED(reject_reason, "BACnetRejectReason", 255)

static const struct bac_name reliability_names[] = { BAC_RELIABILITY_ROWS(NAME) };
ENUMERATED(reliability, "BACnetReliability", 65535)

static const struct bac_name restart_reason_names[] = { BAC_RESTART_REASON_ROWS(NAME) };
ENUMERATED(restart_reason, "BACnetRestartReason", 255)

static const struct bac_name router_status_names[] = { BAC_ROUTER_STATUS_ROWS(NAME) };
ENUMERATED(router_status, "BACnetRouterStatus", 2)

/* bsc 9.2-01 */
static const struct bac_name sc_connection_state_names[] = { BAC_SC_CONNECTION_STATE_ROWS(NAME) };
ENUMERATED(sc_connection_state, "BACnetSCConnectionState", 3)

/* bsc 9.2-01 */
static const struct bac_name sc_hub_connector_state_names[] = { BAC_SC_HUB_CONNECTOR_STATE_ROWS(
    NAME) };
ENUMERATED(sc_hub_connector_state, "BACnetSCHubConnectorState", 2)

static const struct bac_name segmentation_names[] = { BAC_SEGMENTATION_ROWS(NAME) };
ENUMERATED(segmentation, "BACnetSegmentation", 3)

static const struct bac_name write_status_names[] = { BAC_WRITE_STATUS_ROWS(NAME) };
ENUMERATED(write_status, "BACnetWriteStatus", 3)

static const struct bac_name event_transition_bits_names[] = { BAC_EVENT_TRANSITION_BITS_ROWS(
    NAME) };
BITS(event_transition_bits, "BACnetEventTransitionBits", 3, 3)

static const struct bac_name limit_enable_names[] = { BAC_LIMIT_ENABLE_ROWS(NAME) };
BITS(limit_enable, "BACnetLimitEnable", 2, 2)

static const struct bac_name status_flags_names[] = { BAC_STATUS_FLAGS_ROWS(NAME) };
BITS(status_flags, "BACnetStatusFlags", 4, 4)

static const struct bac_name services_supported_names[] = { BAC_SERVICES_SUPPORTED_ROWS(NAME) };
BITS(services_supported, "BACnetServicesSupported", 0, 0)
