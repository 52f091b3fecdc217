/*
 * BACnet's numbers and their names (clause 21): enumerations and the bits of bit strings. Each is a
 * list of rows (member, number, the name as the standard spells it), from which come the C enum
 * here and the names of its struct bac_type (src/bacnet/types/enum.c). The long lists are in
 * enums/<name>.def. Errors are in error.h.
 */
#ifndef BASALT_BACNET_ENUM_H
#define BASALT_BACNET_ENUM_H

#define BAC_ENUM(member, number, text) BAC_OBJECT_##member = number,
enum bac_object_type {
#include "basalt/enums/object_type.def"
};
#undef BAC_ENUM

#define BAC_ENUM(member, number, text) BAC_PROPERTY_##member = number,
enum bac_property {
#include "basalt/enums/property.def"
};
#undef BAC_ENUM

#define BAC_ENUM(member, number, text) BAC_UNITS_##member = number,
enum bac_units {
#include "basalt/enums/units.def"
};
#undef BAC_ENUM

/* Choices of confirmed and unconfirmed services: struct bac_service has their rows. */
#define BAC_ENUM(member, number, text) BAC_CONFIRMED_##member = number,
enum bac_confirmed_service {
#include "basalt/enums/confirmed.def"
};
#undef BAC_ENUM

#define BAC_ENUM(member, number, text) BAC_UNCONFIRMED_##member = number,
enum bac_unconfirmed_service {
#include "basalt/enums/unconfirmed.def"
};
#undef BAC_ENUM

/* BACnetAbortReason */
#define BAC_ABORT_REASON_ROWS(ROW)                                                                 \
    ROW(OTHER, 0, "other")                                                                         \
    ROW(BUFFER_OVERFLOW, 1, "buffer-overflow")                                                     \
    ROW(INVALID_APDU_IN_THIS_STATE, 2, "invalid-apdu-in-this-state")                               \
    ROW(PREEMPTED_BY_HIGHER_PRIORITY_TASK, 3, "preempted-by-higher-priority-task")                 \
    ROW(SEGMENTATION_NOT_SUPPORTED, 4, "segmentation-not-supported")                               \
    ROW(SECURITY_ERROR, 5, "security-error")                                                       \
    ROW(INSUFFICIENT_SECURITY, 6, "insufficient-security")                                         \
    ROW(WINDOW_SIZE_OUT_OF_RANGE, 7, "window-size-out-of-range")                                   \
    ROW(APPLICATION_EXCEEDED_REPLY_TIME, 8, "application-exceeded-reply-time")                     \
    ROW(OUT_OF_RESOURCES, 9, "out-of-resources")                                                   \
    ROW(TSM_TIMEOUT, 10, "tsm-timeout")                                                            \
    ROW(APDU_TOO_LONG, 11, "apdu-too-long")

#define BAC_MEMBER(member, number, text) BAC_ABORT_##member = number,
enum bac_abort_reason { BAC_ABORT_REASON_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetBackupState */
#define BAC_BACKUP_STATE_ROWS(ROW)                                                                 \
    ROW(IDLE, 0, "idle")                                                                           \
    ROW(PREPARING_FOR_BACKUP, 1, "preparing-for-backup")                                           \
    ROW(PREPARING_FOR_RESTORE, 2, "preparing-for-restore")                                         \
    ROW(PERFORMING_A_BACKUP, 3, "performing-a-backup")                                             \
    ROW(PERFORMING_A_RESTORE, 4, "performing-a-restore")                                           \
    ROW(BACKUP_FAILURE, 5, "backup-failure")                                                       \
    ROW(RESTORE_FAILURE, 6, "restore-failure")

#define BAC_MEMBER(member, number, text) BAC_BACKUP_STATE_##member = number,
enum bac_backup_state { BAC_BACKUP_STATE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetBinaryPV */
#define BAC_BINARY_PV_ROWS(ROW)                                                                    \
    ROW(INACTIVE, 0, "inactive")                                                                   \
    ROW(ACTIVE, 1, "active")

#define BAC_MEMBER(member, number, text) BAC_BINARY_##member = number,
enum bac_binary_pv { BAC_BINARY_PV_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* enable-disable */
#define BAC_DEVICE_COMMUNICATION_STATE_ROWS(ROW)                                                   \
    ROW(ENABLE, 0, "enable")                                                                       \
    ROW(DISABLE, 1, "disable")                                                                     \
    ROW(DISABLE_INITIATION, 2, "disable-initiation")

#define BAC_MEMBER(member, number, text) BAC_COMMUNICATION_##member = number,
enum bac_device_communication_state { BAC_DEVICE_COMMUNICATION_STATE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetDeviceStatus */
#define BAC_DEVICE_STATUS_ROWS(ROW)                                                                \
    ROW(OPERATIONAL, 0, "operational")                                                             \
    ROW(OPERATIONAL_READ_ONLY, 1, "operational-read-only")                                         \
    ROW(DOWNLOAD_REQUIRED, 2, "download-required")                                                 \
    ROW(DOWNLOAD_IN_PROGRESS, 3, "download-in-progress")                                           \
    ROW(NON_OPERATIONAL, 4, "non-operational")                                                     \
    ROW(BACKUP_IN_PROGRESS, 5, "backup-in-progress")

#define BAC_MEMBER(member, number, text) BAC_DEVICE_STATUS_##member = number,
enum bac_device_status { BAC_DEVICE_STATUS_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetEventState */
#define BAC_EVENT_STATE_ROWS(ROW)                                                                  \
    ROW(NORMAL, 0, "normal")                                                                       \
    ROW(FAULT, 1, "fault")                                                                         \
    ROW(OFFNORMAL, 2, "offnormal")                                                                 \
    ROW(HIGH_LIMIT, 3, "high-limit")                                                               \
    ROW(LOW_LIMIT, 4, "low-limit")                                                                 \
    ROW(LIFE_SAFETY_ALARM, 5, "life-safety-alarm")

#define BAC_MEMBER(member, number, text) BAC_EVENT_STATE_##member = number,
enum bac_event_state { BAC_EVENT_STATE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetEventType */
#define BAC_EVENT_TYPE_ROWS(ROW)                                                                   \
    ROW(CHANGE_OF_BITSTRING, 0, "change-of-bitstring")                                             \
    ROW(CHANGE_OF_STATE, 1, "change-of-state")                                                     \
    ROW(CHANGE_OF_VALUE, 2, "change-of-value")                                                     \
    ROW(COMMAND_FAILURE, 3, "command-failure")                                                     \
    ROW(FLOATING_LIMIT, 4, "floating-limit")                                                       \
    ROW(OUT_OF_RANGE, 5, "out-of-range")                                                           \
    ROW(CHANGE_OF_LIFE_SAFETY, 8, "change-of-life-safety")                                         \
    ROW(EXTENDED, 9, "extended")                                                                   \
    ROW(BUFFER_READY, 10, "buffer-ready")                                                          \
    ROW(UNSIGNED_RANGE, 11, "unsigned-range")                                                      \
    ROW(ACCESS_EVENT, 13, "access-event")                                                          \
    ROW(DOUBLE_OUT_OF_RANGE, 14, "double-out-of-range")                                            \
    ROW(SIGNED_OUT_OF_RANGE, 15, "signed-out-of-range")                                            \
    ROW(UNSIGNED_OUT_OF_RANGE, 16, "unsigned-out-of-range")                                        \
    ROW(CHANGE_OF_CHARACTERSTRING, 17, "change-of-characterstring")                                \
    ROW(CHANGE_OF_STATUS_FLAGS, 18, "change-of-status-flags")                                      \
    ROW(CHANGE_OF_RELIABILITY, 19, "change-of-reliability")                                        \
    ROW(NONE, 20, "none")                                                                          \
    ROW(CHANGE_OF_DISCRETE_VALUE, 21, "change-of-discrete-value")                                  \
    ROW(CHANGE_OF_TIMER, 22, "change-of-timer")

#define BAC_MEMBER(member, number, text) BAC_EVENT_TYPE_##member = number,
enum bac_event_type { BAC_EVENT_TYPE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetFileAccessMethod */
#define BAC_FILE_ACCESS_METHOD_ROWS(ROW)                                                           \
    ROW(RECORD_ACCESS, 0, "record-access")                                                         \
    ROW(STREAM_ACCESS, 1, "stream-access")

#define BAC_MEMBER(member, number, text) BAC_FILE_ACCESS_METHOD_##member = number,
enum bac_file_access_method { BAC_FILE_ACCESS_METHOD_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetIPMode */
#define BAC_IP_MODE_ROWS(ROW)                                                                      \
    ROW(NORMAL, 0, "normal")                                                                       \
    ROW(FOREIGN, 1, "foreign")                                                                     \
    ROW(BBMD, 2, "bbmd")

#define BAC_MEMBER(member, number, text) BAC_IP_MODE_##member = number,
enum bac_ip_mode { BAC_IP_MODE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetNetworkNumberQuality */
#define BAC_NETWORK_NUMBER_QUALITY_ROWS(ROW)                                                       \
    ROW(UNKNOWN, 0, "unknown")                                                                     \
    ROW(LEARNED, 1, "learned")                                                                     \
    ROW(LEARNED_CONFIGURED, 2, "learned-configured")                                               \
    ROW(CONFIGURED, 3, "configured")

#define BAC_MEMBER(member, number, text) BAC_NETWORK_NUMBER_##member = number,
enum bac_network_number_quality { BAC_NETWORK_NUMBER_QUALITY_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetNetworkPortCommand */
#define BAC_NETWORK_PORT_COMMAND_ROWS(ROW)                                                         \
    ROW(IDLE, 0, "idle")                                                                           \
    ROW(DISCARD_CHANGES, 1, "discard-changes")                                                     \
    ROW(RENEW_FD_REGISTRATION, 2, "renew-fd-registration")                                         \
    ROW(RESTART_SUBORDINATE_DISCOVERY, 3, "restart-subordinate-discovery")                         \
    ROW(RENEW_DHCP, 4, "renew-dhcp")                                                               \
    ROW(RESTART_AUTONEGOTIATION, 5, "restart-autonegotiation")                                     \
    ROW(DISCONNECT, 6, "disconnect")                                                               \
    ROW(RESTART_PORT, 7, "restart-port")                                                           \
    ROW(RESTART_DEVICE_DISCOVERY, 8, "restart-device-discovery")                                   \
    ROW(GENERATE_CSR_FILE, 9, "generate-csr-file")                                                 \
    ROW(VALIDATE_CHANGES, 10, "validate-changes")

#define BAC_MEMBER(member, number, text) BAC_PORT_COMMAND_##member = number,
enum bac_network_port_command { BAC_NETWORK_PORT_COMMAND_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetNetworkType */
#define BAC_NETWORK_TYPE_ROWS(ROW)                                                                 \
    ROW(ETHERNET, 0, "ethernet")                                                                   \
    ROW(ARCNET, 1, "arcnet")                                                                       \
    ROW(MSTP, 2, "mstp")                                                                           \
    ROW(PTP, 3, "ptp")                                                                             \
    ROW(LONTALK, 4, "lontalk")                                                                     \
    ROW(IPV4, 5, "ipv4")                                                                           \
    ROW(ZIGBEE, 6, "zigbee")                                                                       \
    ROW(VIRTUAL, 7, "virtual")                                                                     \
    ROW(IPV6, 9, "ipv6")                                                                           \
    ROW(SERIAL, 10, "serial")                                                                      \
    ROW(SECURE_CONNECT, 11, "secure-connect")

#define BAC_MEMBER(member, number, text) BAC_NETWORK_TYPE_##member = number,
enum bac_network_type { BAC_NETWORK_TYPE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetNotifyType */
#define BAC_NOTIFY_TYPE_ROWS(ROW)                                                                  \
    ROW(ALARM, 0, "alarm")                                                                         \
    ROW(EVENT, 1, "event")                                                                         \
    ROW(ACK_NOTIFICATION, 2, "ack-notification")

#define BAC_MEMBER(member, number, text) BAC_NOTIFY_TYPE_##member = number,
enum bac_notify_type { BAC_NOTIFY_TYPE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetPolarity */
#define BAC_POLARITY_ROWS(ROW)                                                                     \
    ROW(NORMAL, 0, "normal")                                                                       \
    ROW(REVERSE, 1, "reverse")

#define BAC_MEMBER(member, number, text) BAC_POLARITY_##member = number,
enum bac_polarity { BAC_POLARITY_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetProtocolLevel */
#define BAC_PROTOCOL_LEVEL_ROWS(ROW)                                                               \
    ROW(PHYSICAL, 0, "physical")                                                                   \
    ROW(PROTOCOL, 1, "protocol")                                                                   \
    ROW(BACNET_APPLICATION, 2, "bacnet-application")                                               \
    ROW(NON_BACNET_APPLICATION, 3, "non-bacnet-application")

#define BAC_MEMBER(member, number, text) BAC_PROTOCOL_LEVEL_##member = number,
enum bac_protocol_level { BAC_PROTOCOL_LEVEL_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* reinitialized-state-of-device */
#define BAC_REINITIALIZED_STATE_ROWS(ROW)                                                          \
    ROW(COLDSTART, 0, "coldstart")                                                                 \
    ROW(WARMSTART, 1, "warmstart")                                                                 \
    ROW(START_BACKUP, 2, "start-backup")                                                           \
    ROW(END_BACKUP, 3, "end-backup")                                                               \
    ROW(START_RESTORE, 4, "start-restore")                                                         \
    ROW(END_RESTORE, 5, "end-restore")                                                             \
    ROW(ABORT_RESTORE, 6, "abort-restore")                                                         \
    ROW(ACTIVATE_CHANGES, 7, "activate-changes")

#define BAC_MEMBER(member, number, text) BAC_REINITIALIZE_##member = number,
enum bac_reinitialized_state { BAC_REINITIALIZED_STATE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetRejectReason */
#define BAC_REJECT_REASON_ROWS(ROW)                                                                \
    ROW(OTHER, 0, "other")                                                                         \
    ROW(BUFFER_OVERFLOW, 1, "buffer-overflow")                                                     \
    ROW(INCONSISTENT_PARAMETERS, 2, "inconsistent-parameters")                                     \
    ROW(INVALID_PARAMETER_DATA_TYPE, 3, "invalid-parameter-data-type")                             \
    ROW(INVALID_TAG, 4, "invalid-tag")                                                             \
    ROW(MISSING_REQUIRED_PARAMETER, 5, "missing-required-parameter")                               \
    ROW(PARAMETER_OUT_OF_RANGE, 6, "parameter-out-of-range")                                       \
    ROW(TOO_MANY_ARGUMENTS, 7, "too-many-arguments")                                               \
    ROW(UNDEFINED_ENUMERATION, 8, "undefined-enumeration")                                         \
    ROW(UNRECOGNIZED_SERVICE, 9, "unrecognized-service")

#define BAC_MEMBER(member, number, text) BAC_REJECT_##member = number,
enum bac_reject_reason { BAC_REJECT_REASON_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetReliability */
#define BAC_RELIABILITY_ROWS(ROW)                                                                  \
    ROW(NO_FAULT_DETECTED, 0, "no-fault-detected")                                                 \
    ROW(NO_SENSOR, 1, "no-sensor")                                                                 \
    ROW(OVER_RANGE, 2, "over-range")                                                               \
    ROW(UNDER_RANGE, 3, "under-range")                                                             \
    ROW(OPEN_LOOP, 4, "open-loop")                                                                 \
    ROW(SHORTED_LOOP, 5, "shorted-loop")                                                           \
    ROW(NO_OUTPUT, 6, "no-output")                                                                 \
    ROW(UNRELIABLE_OTHER, 7, "unreliable-other")                                                   \
    ROW(PROCESS_ERROR, 8, "process-error")                                                         \
    ROW(MULTI_STATE_FAULT, 9, "multi-state-fault")                                                 \
    ROW(CONFIGURATION_ERROR, 10, "configuration-error")                                            \
    ROW(COMMUNICATION_FAILURE, 12, "communication-failure")                                        \
    ROW(MEMBER_FAULT, 13, "member-fault")                                                          \
    ROW(MONITORED_OBJECT_FAULT, 14, "monitored-object-fault")                                      \
    ROW(TRIPPED, 15, "tripped")                                                                    \
    ROW(LAMP_FAILURE, 16, "lamp-failure")                                                          \
    ROW(ACTIVATION_FAILURE, 17, "activation-failure")                                              \
    ROW(RENEW_DHCP_FAILURE, 18, "renew-dhcp-failure")                                              \
    ROW(RENEW_FD_REGISTRATION_FAILURE, 19, "renew-fd-registration-failure")                        \
    ROW(RESTART_AUTO_NEGOTIATION_FAILURE, 20, "restart-auto-negotiation-failure")                  \
    ROW(RESTART_FAILURE, 21, "restart-failure")                                                    \
    ROW(PROPRIETARY_COMMAND_FAILURE, 22, "proprietary-command-failure")                            \
    ROW(FAULTS_LISTED, 23, "faults-listed")                                                        \
    ROW(REFERENCED_OBJECT_FAULT, 24, "referenced-object-fault")                                    \
    ROW(MULTI_STATE_OUT_OF_RANGE, 25, "multi-state-out-of-range")

#define BAC_MEMBER(member, number, text) BAC_RELIABILITY_##member = number,
enum bac_reliability { BAC_RELIABILITY_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetRestartReason */
#define BAC_RESTART_REASON_ROWS(ROW)                                                               \
    ROW(UNKNOWN, 0, "unknown")                                                                     \
    ROW(COLDSTART, 1, "coldstart")                                                                 \
    ROW(WARMSTART, 2, "warmstart")                                                                 \
    ROW(DETECTED_POWER_LOST, 3, "detected-power-lost")                                             \
    ROW(DETECTED_POWERED_OFF, 4, "detected-powered-off")                                           \
    ROW(HARDWARE_WATCHDOG, 5, "hardware-watchdog")                                                 \
    ROW(SOFTWARE_WATCHDOG, 6, "software-watchdog")                                                 \
    ROW(SUSPENDED, 7, "suspended")                                                                 \
    ROW(ACTIVATE_CHANGES, 8, "activate-changes")

#define BAC_MEMBER(member, number, text) BAC_RESTART_REASON_##member = number,
enum bac_restart_reason { BAC_RESTART_REASON_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetRouterStatus */
#define BAC_ROUTER_STATUS_ROWS(ROW)                                                                \
    ROW(AVAILABLE, 0, "available")                                                                 \
    ROW(BUSY, 1, "busy")                                                                           \
    ROW(DISCONNECTED, 2, "disconnected")

#define BAC_MEMBER(member, number, text) BAC_ROUTER_STATUS_##member = number,
enum bac_router_status { BAC_ROUTER_STATUS_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetSCConnectionState */
#define BAC_SC_CONNECTION_STATE_ROWS(ROW)                                                          \
    ROW(NOT_CONNECTED, 0, "not-connected")                                                         \
    ROW(CONNECTED, 1, "connected")                                                                 \
    ROW(DISCONNECTED_WITH_ERRORS, 2, "disconnected-with-errors")                                   \
    ROW(FAILED_TO_CONNECT, 3, "failed-to-connect")

#define BAC_MEMBER(member, number, text) BAC_SC_CONNECTION_##member = number,
enum bac_sc_connection_state { BAC_SC_CONNECTION_STATE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetSCHubConnectorState */
#define BAC_SC_HUB_CONNECTOR_STATE_ROWS(ROW)                                                       \
    ROW(NO_HUB_CONNECTION, 0, "no-hub-connection")                                                 \
    ROW(CONNECTED_TO_PRIMARY, 1, "connected-to-primary")                                           \
    ROW(CONNECTED_TO_FAILOVER, 2, "connected-to-failover")

#define BAC_MEMBER(member, number, text) BAC_SC_HUB_CONNECTOR_##member = number,
enum bac_sc_hub_connector_state { BAC_SC_HUB_CONNECTOR_STATE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetSegmentation */
#define BAC_SEGMENTATION_ROWS(ROW)                                                                 \
    ROW(SEGMENTED_BOTH, 0, "segmented-both")                                                       \
    ROW(SEGMENTED_TRANSMIT, 1, "segmented-transmit")                                               \
    ROW(SEGMENTED_RECEIVE, 2, "segmented-receive")                                                 \
    ROW(NO_SEGMENTATION, 3, "no-segmentation")

#define BAC_MEMBER(member, number, text) BAC_SEGMENTATION_##member = number,
enum bac_segmentation { BAC_SEGMENTATION_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetWriteStatus */
#define BAC_WRITE_STATUS_ROWS(ROW)                                                                 \
    ROW(IDLE, 0, "idle")                                                                           \
    ROW(IN_PROGRESS, 1, "in-progress")                                                             \
    ROW(SUCCESSFUL, 2, "successful")                                                               \
    ROW(FAILED, 3, "failed")

#define BAC_MEMBER(member, number, text) BAC_WRITE_STATUS_##member = number,
enum bac_write_status { BAC_WRITE_STATUS_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetEventTransitionBits */
#define BAC_EVENT_TRANSITION_BITS_ROWS(ROW)                                                        \
    ROW(TO_OFFNORMAL, 0, "to-offnormal")                                                           \
    ROW(TO_FAULT, 1, "to-fault")                                                                   \
    ROW(TO_NORMAL, 2, "to-normal")

#define BAC_MEMBER(member, number, text) BAC_TRANSITION_##member = number,
enum bac_event_transition_bits { BAC_EVENT_TRANSITION_BITS_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetLimitEnable */
#define BAC_LIMIT_ENABLE_ROWS(ROW)                                                                 \
    ROW(LOW_LIMIT_ENABLE, 0, "low-limit-enable")                                                   \
    ROW(HIGH_LIMIT_ENABLE, 1, "high-limit-enable")

#define BAC_MEMBER(member, number, text) BAC_LIMIT_##member = number,
enum bac_limit_enable { BAC_LIMIT_ENABLE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetStatusFlags */
#define BAC_STATUS_FLAGS_ROWS(ROW)                                                                 \
    ROW(IN_ALARM, 0, "in-alarm")                                                                   \
    ROW(FAULT, 1, "fault")                                                                         \
    ROW(OVERRIDDEN, 2, "overridden")                                                               \
    ROW(OUT_OF_SERVICE, 3, "out-of-service")

#define BAC_MEMBER(member, number, text) BAC_STATUS_##member = number,
enum bac_status_flags { BAC_STATUS_FLAGS_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetServicesSupported */
#define BAC_SERVICES_SUPPORTED_ROWS(ROW)                                                           \
    ROW(ACKNOWLEDGE_ALARM, 0, "acknowledge-alarm")                                                 \
    ROW(CONFIRMED_COV_NOTIFICATION, 1, "confirmed-cov-notification")                               \
    ROW(CONFIRMED_EVENT_NOTIFICATION, 2, "confirmed-event-notification")                           \
    ROW(GET_ALARM_SUMMARY, 3, "get-alarm-summary")                                                 \
    ROW(GET_ENROLLMENT_SUMMARY, 4, "get-enrollment-summary")                                       \
    ROW(SUBSCRIBE_COV, 5, "subscribe-cov")                                                         \
    ROW(ATOMIC_READ_FILE, 6, "atomic-read-file")                                                   \
    ROW(ATOMIC_WRITE_FILE, 7, "atomic-write-file")                                                 \
    ROW(ADD_LIST_ELEMENT, 8, "add-list-element")                                                   \
    ROW(REMOVE_LIST_ELEMENT, 9, "remove-list-element")                                             \
    ROW(CREATE_OBJECT, 10, "create-object")                                                        \
    ROW(DELETE_OBJECT, 11, "delete-object")                                                        \
    ROW(READ_PROPERTY, 12, "read-property")                                                        \
    ROW(READ_PROPERTY_CONDITIONAL, 13, "read-property-conditional")                                \
    ROW(READ_PROPERTY_MULTIPLE, 14, "read-property-multiple")                                      \
    ROW(WRITE_PROPERTY, 15, "write-property")                                                      \
    ROW(WRITE_PROPERTY_MULTIPLE, 16, "write-property-multiple")                                    \
    ROW(DEVICE_COMMUNICATION_CONTROL, 17, "device-communication-control")                          \
    ROW(CONFIRMED_PRIVATE_TRANSFER, 18, "confirmed-private-transfer")                              \
    ROW(CONFIRMED_TEXT_MESSAGE, 19, "confirmed-text-message")                                      \
    ROW(REINITIALIZE_DEVICE, 20, "reinitialize-device")                                            \
    ROW(VT_OPEN, 21, "vt-open")                                                                    \
    ROW(VT_CLOSE, 22, "vt-close")                                                                  \
    ROW(VT_DATA, 23, "vt-data")                                                                    \
    ROW(AUTHENTICATE, 24, "authenticate")                                                          \
    ROW(REQUEST_KEY, 25, "request-key")                                                            \
    ROW(I_AM, 26, "i-am")                                                                          \
    ROW(I_HAVE, 27, "i-have")                                                                      \
    ROW(UNCONFIRMED_COV_NOTIFICATION, 28, "unconfirmed-cov-notification")                          \
    ROW(UNCONFIRMED_EVENT_NOTIFICATION, 29, "unconfirmed-event-notification")                      \
    ROW(UNCONFIRMED_PRIVATE_TRANSFER, 30, "unconfirmed-private-transfer")                          \
    ROW(UNCONFIRMED_TEXT_MESSAGE, 31, "unconfirmed-text-message")                                  \
    ROW(TIME_SYNCHRONIZATION, 32, "time-synchronization")                                          \
    ROW(WHO_HAS, 33, "who-has")                                                                    \
    ROW(WHO_IS, 34, "who-is")                                                                      \
    ROW(READ_RANGE, 35, "read-range")                                                              \
    ROW(UTC_TIME_SYNCHRONIZATION, 36, "utc-time-synchronization")                                  \
    ROW(LIFE_SAFETY_OPERATION, 37, "life-safety-operation")                                        \
    ROW(SUBSCRIBE_COV_PROPERTY, 38, "subscribe-cov-property")                                      \
    ROW(GET_EVENT_INFORMATION, 39, "get-event-information")                                        \
    ROW(WRITE_GROUP, 40, "write-group")                                                            \
    ROW(SUBSCRIBE_COV_PROPERTY_MULTIPLE, 41, "subscribe-cov-property-multiple")                    \
    ROW(CONFIRMED_COV_NOTIFICATION_MULTIPLE, 42, "confirmed-cov-notification-multiple")            \
    ROW(UNCONFIRMED_COV_NOTIFICATION_MULTIPLE, 43, "unconfirmed-cov-notification-multiple")        \
    ROW(CONFIRMED_AUDIT_NOTIFICATION, 44, "confirmed-audit-notification")                          \
    ROW(AUDIT_LOG_QUERY, 45, "audit-log-query")                                                    \
    ROW(UNCONFIRMED_AUDIT_NOTIFICATION, 46, "unconfirmed-audit-notification")                      \
    ROW(WHO_AM_I, 47, "who-am-i")                                                                  \
    ROW(YOU_ARE, 48, "you-are")

#define BAC_MEMBER(member, number, text) BAC_SUPPORTS_##member = number,
enum bac_services_supported { BAC_SERVICES_SUPPORTED_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

#endif
