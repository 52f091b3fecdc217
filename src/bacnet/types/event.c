/* Owns the rows of what event notifications carry, by event type (clause 21, used by 13.3). */
#include "bacnet/rows.h"

#define S struct bac_property_states
static const struct bac_field property_states_fields[] = {
    [BAC_STATES_BOOLEAN] = BAC_FIELD(S, as.boolean, "boolean-value", boolean, 0),
    [BAC_STATES_BINARY] = BAC_FIELD(S, as.state, "binary-value", binary_pv, 1),
    [BAC_STATES_EVENT_TYPE] = BAC_FIELD(S, as.state, "event-type", event_type, 2),
    [BAC_STATES_POLARITY] = BAC_FIELD(S, as.state, "polarity", polarity, 3),
    [BAC_STATES_PROGRAM_CHANGE] = BAC_FIELD(S, as.state, "program-change", program_request, 4),
    [BAC_STATES_PROGRAM_STATE] = BAC_FIELD(S, as.state, "program-state", program_state, 5),
    [BAC_STATES_REASON_FOR_HALT] = BAC_FIELD(S, as.state, "reason-for-halt", program_error, 6),
    [BAC_STATES_RELIABILITY] = BAC_FIELD(S, as.state, "reliability", reliability, 7),
    [BAC_STATES_STATE] = BAC_FIELD(S, as.state, "state", event_state, 8),
    [BAC_STATES_SYSTEM_STATUS] = BAC_FIELD(S, as.state, "system-status", device_status, 9),
    [BAC_STATES_UNITS] = BAC_FIELD(S, as.state, "units", engineering_units, 10),
    [BAC_STATES_UNSIGNED] = BAC_FIELD(S, as.unsigned_integer, "unsigned-value", unsigned, 11),
    [BAC_STATES_LIFE_SAFETY_MODE] =
        BAC_FIELD(S, as.state, "life-safety-mode", life_safety_mode, 12),
    [BAC_STATES_LIFE_SAFETY_STATE] =
        BAC_FIELD(S, as.state, "life-safety-state", life_safety_state, 13),
    [BAC_STATES_RESTART_REASON] = BAC_FIELD(S, as.state, "restart-reason", restart_reason, 14),
    [BAC_STATES_DOOR_ALARM_STATE] =
        BAC_FIELD(S, as.state, "door-alarm-state", door_alarm_state, 15),
    [BAC_STATES_ACTION] = BAC_FIELD(S, as.state, "action", action, 16),
    [BAC_STATES_DOOR_SECURED_STATUS] =
        BAC_FIELD(S, as.state, "door-secured-status", door_secured_status, 17),
    [BAC_STATES_DOOR_STATUS] = BAC_FIELD(S, as.state, "door-status", door_status, 18),
    [BAC_STATES_DOOR_VALUE] = BAC_FIELD(S, as.state, "door-value", door_value, 19),
    [BAC_STATES_FILE_ACCESS_METHOD] =
        BAC_FIELD(S, as.state, "file-access-method", file_access_method, 20),
    [BAC_STATES_LOCK_STATUS] = BAC_FIELD(S, as.state, "lock-status", lock_status, 21),
    [BAC_STATES_LIFE_SAFETY_OPERATION] =
        BAC_FIELD(S, as.state, "life-safety-operation", life_safety_request, 22),
    [BAC_STATES_MAINTENANCE] = BAC_FIELD(S, as.state, "maintenance", maintenance, 23),
    [BAC_STATES_NODE_TYPE] = BAC_FIELD(S, as.state, "node-type", node_type, 24),
    [BAC_STATES_NOTIFY_TYPE] = BAC_FIELD(S, as.state, "notify-type", notify_type, 25),
    [BAC_STATES_SHED_STATE] = BAC_FIELD(S, as.state, "shed-state", shed_state, 27),
    [BAC_STATES_SILENCED_STATE] = BAC_FIELD(S, as.state, "silenced-state", silenced_state, 28),
    [BAC_STATES_ACCESS_EVENT] = BAC_FIELD(S, as.state, "access-event", access_event, 30),
    [BAC_STATES_ZONE_OCCUPANCY_STATE] =
        BAC_FIELD(S, as.state, "zone-occupancy-state", access_zone_occupancy_state, 31),
    [BAC_STATES_ACCESS_CREDENTIAL_DISABLE_REASON] = BAC_FIELD(
        S, as.state, "access-credential-disable-reason", access_credential_disable_reason, 32),
    [BAC_STATES_ACCESS_CREDENTIAL_DISABLE] =
        BAC_FIELD(S, as.state, "access-credential-disable", access_credential_disable, 33),
    [BAC_STATES_AUTHENTICATION_STATUS] =
        BAC_FIELD(S, as.state, "authentication-status", authentication_status, 34),
    [BAC_STATES_BACKUP_STATE] = BAC_FIELD(S, as.state, "backup-state", backup_state, 36),
    [BAC_STATES_WRITE_STATUS] = BAC_FIELD(S, as.state, "write-status", write_status, 37),
    [BAC_STATES_LIGHTING_IN_PROGRESS] =
        BAC_FIELD(S, as.state, "lighting-in-progress", lighting_in_progress, 38),
    [BAC_STATES_LIGHTING_OPERATION] =
        BAC_FIELD(S, as.state, "lighting-operation", lighting_operation, 39),
    [BAC_STATES_LIGHTING_TRANSITION] =
        BAC_FIELD(S, as.state, "lighting-transition", lighting_transition, 40),
    [BAC_STATES_INTEGER] = BAC_FIELD(S, as.integer, "integer-value", integer, 41),
    [BAC_STATES_BINARY_LIGHTING] =
        BAC_FIELD(S, as.state, "binary-lighting-value", binary_lighting_pv, 42),
    [BAC_STATES_TIMER_STATE] = BAC_FIELD(S, as.state, "timer-state", timer_state, 43),
    [BAC_STATES_TIMER_TRANSITION] =
        BAC_FIELD(S, as.state, "timer-transition", timer_transition, 44),
    [BAC_STATES_BACNET_IP_MODE] = BAC_FIELD(S, as.state, "bacnet-ip-mode", ip_mode, 45),
    [BAC_STATES_NETWORK_PORT_COMMAND] =
        BAC_FIELD(S, as.state, "network-port-command", network_port_command, 46),
    [BAC_STATES_NETWORK_TYPE] = BAC_FIELD(S, as.state, "network-type", network_type, 47),
    [BAC_STATES_NETWORK_NUMBER_QUALITY] =
        BAC_FIELD(S, as.state, "network-number-quality", network_number_quality, 48),
    [BAC_STATES_ESCALATOR_OPERATION_DIRECTION] =
        BAC_FIELD(S, as.state, "escalator-operation-direction", escalator_operation_direction, 49),
    [BAC_STATES_ESCALATOR_FAULT] = BAC_FIELD(S, as.state, "escalator-fault", escalator_fault, 50),
    [BAC_STATES_ESCALATOR_MODE] = BAC_FIELD(S, as.state, "escalator-mode", escalator_mode, 51),
    [BAC_STATES_LIFT_CAR_DIRECTION] =
        BAC_FIELD(S, as.state, "lift-car-direction", lift_car_direction, 52),
    [BAC_STATES_LIFT_CAR_DOOR_COMMAND] =
        BAC_FIELD(S, as.state, "lift-car-door-command", lift_car_door_command, 53),
    [BAC_STATES_LIFT_CAR_DRIVE_STATUS] =
        BAC_FIELD(S, as.state, "lift-car-drive-status", lift_car_drive_status, 54),
    [BAC_STATES_LIFT_CAR_MODE] = BAC_FIELD(S, as.state, "lift-car-mode", lift_car_mode, 55),
    [BAC_STATES_LIFT_GROUP_MODE] = BAC_FIELD(S, as.state, "lift-group-mode", lift_group_mode, 56),
    [BAC_STATES_LIFT_FAULT] = BAC_FIELD(S, as.state, "lift-fault", lift_fault, 57),
    [BAC_STATES_PROTOCOL_LEVEL] = BAC_FIELD(S, as.state, "protocol-level", protocol_level, 58),
    [BAC_STATES_AUDIT_LEVEL] = BAC_FIELD(S, as.state, "audit-level", audit_level, 59),
    [BAC_STATES_AUDIT_OPERATION] = BAC_FIELD(S, as.state, "audit-operation", audit_operation, 60),
    [BAC_STATES_EXTENDED] = BAC_FIELD(S, as.unsigned_integer, "extended-value", unsigned32, 63),
};
BAC_CHOICE(property_states, "BACnetPropertyStates", S, property_states_fields)
#undef S

/* The alternatives that notification and event parameters share. */
#define PRIMITIVE_PARAMETERS                                                                       \
    [BAC_PARAMETER_NULL] = BAC_FIELD(S, as.null, "null", null, BAC_APPLICATION),                   \
    [BAC_PARAMETER_REAL] = BAC_FIELD(S, as.real, "real", real, BAC_APPLICATION),                   \
    [BAC_PARAMETER_UNSIGNED] =                                                                     \
        BAC_FIELD(S, as.unsigned_integer, "unsigned", unsigned, BAC_APPLICATION),                  \
    [BAC_PARAMETER_BOOLEAN] = BAC_FIELD(S, as.boolean, "boolean", boolean, BAC_APPLICATION),       \
    [BAC_PARAMETER_INTEGER] = BAC_FIELD(S, as.integer, "integer", integer, BAC_APPLICATION),       \
    [BAC_PARAMETER_DOUBLE] = BAC_FIELD(S, as.real64, "double", double, BAC_APPLICATION),           \
    [BAC_PARAMETER_OCTET_STRING] =                                                                 \
        BAC_FIELD(S, as.octets, "octetstring", octet_string, BAC_APPLICATION),                     \
    [BAC_PARAMETER_CHARACTER_STRING] =                                                             \
        BAC_FIELD(S, as.text, "characterstring", character_string, BAC_APPLICATION),               \
    [BAC_PARAMETER_BIT_STRING] = BAC_FIELD(S, as.bits, "bitstring", bit_string, BAC_APPLICATION),  \
    [BAC_PARAMETER_ENUMERATED] =                                                                   \
        BAC_FIELD(S, as.enumerated, "enumerated", enumerated, BAC_APPLICATION),                    \
    [BAC_PARAMETER_DATE] = BAC_FIELD(S, as.date, "date", date, BAC_APPLICATION),                   \
    [BAC_PARAMETER_TIME] = BAC_FIELD(S, as.time, "time", time, BAC_APPLICATION),                   \
    [BAC_PARAMETER_OBJECT_ID] =                                                                    \
        BAC_FIELD(S, as.object, "objectidentifier", object_id, BAC_APPLICATION)

#define S struct bac_parameter
static const struct bac_field parameter_value_fields[] = {
    PRIMITIVE_PARAMETERS,
    [BAC_PARAMETER_OTHER] =
        BAC_FIELD(S, as.property, "property-value", device_object_property_value, 0),
};
BAC_CHOICE(parameter_value, "BACnetNotificationParameters.extended.parameters", S,
           parameter_value_fields)
#undef S

BAC_LIST(list_of_parameter_value, "SEQUENCE OF BACnetNotificationParameters.extended.parameters",
         parameter_value)

#define S struct bac_parameter
static const struct bac_field parameter_reference_fields[] = {
    PRIMITIVE_PARAMETERS,
    [BAC_PARAMETER_OTHER] =
        BAC_FIELD(S, as.reference, "reference", device_object_property_reference, 0),
};
BAC_CHOICE(parameter_reference, "BACnetEventParameter.extended.parameters", S,
           parameter_reference_fields)
#undef S

BAC_LIST(list_of_parameter_reference, "SEQUENCE OF BACnetEventParameter.extended.parameters",
         parameter_reference)

#define S struct bac_notify_bitstring
static const struct bac_field notify_bitstring_fields[] = {
    BAC_FIELD(S, referenced, "referenced-bitstring", bit_string, 0),
    BAC_FIELD(S, flags, "status-flags", status_flags, 1),
};
BAC_SEQUENCE(notify_bitstring, "BACnetNotificationParameters.change-of-bitstring", S,
             notify_bitstring_fields)
#undef S

#define S struct bac_notify_state
static const struct bac_field notify_state_fields[] = {
    BAC_FIELD(S, state, "new-state", property_states, 0),
    BAC_FIELD(S, flags, "status-flags", status_flags, 1),
};
BAC_SEQUENCE(notify_state, "BACnetNotificationParameters.change-of-state", S, notify_state_fields)
#undef S

#define S struct bac_changed_value
static const struct bac_field changed_value_fields[] = {
    [BAC_CHANGED_BITS] = BAC_FIELD(S, as.bits, "changed-bits", bit_string, 0),
    [BAC_CHANGED_VALUE] = BAC_FIELD(S, as.value, "changed-value", real, 1),
};
BAC_CHOICE(changed_value, "BACnetNotificationParameters.change-of-value.new-value", S,
           changed_value_fields)
#undef S

#define S struct bac_notify_value
static const struct bac_field notify_value_fields[] = {
    BAC_FIELD(S, value, "new-value", changed_value, 0),
    BAC_FIELD(S, flags, "status-flags", status_flags, 1),
};
BAC_SEQUENCE(notify_value, "BACnetNotificationParameters.change-of-value", S, notify_value_fields)
#undef S

#define S struct bac_notify_command_failure
static const struct bac_field notify_command_failure_fields[] = {
    BAC_FIELD(S, command, "command-value", any, 0),
    BAC_FIELD(S, flags, "status-flags", status_flags, 1),
    BAC_FIELD(S, feedback, "feedback-value", any, 2),
};
BAC_SEQUENCE(notify_command_failure, "BACnetNotificationParameters.command-failure", S,
             notify_command_failure_fields)
#undef S

#define S struct bac_notify_floating_limit
static const struct bac_field notify_floating_limit_fields[] = {
    BAC_FIELD(S, reference, "reference-value", real, 0),
    BAC_FIELD(S, flags, "status-flags", status_flags, 1),
    BAC_FIELD(S, setpoint, "setpoint-value", real, 2),
    BAC_FIELD(S, error_limit, "error-limit", real, 3),
};
BAC_SEQUENCE(notify_floating_limit, "BACnetNotificationParameters.floating-limit", S,
             notify_floating_limit_fields)
#undef S

#define S struct bac_notify_out_of_range
static const struct bac_field notify_out_of_range_fields[] = {
    BAC_FIELD(S, exceeding, "exceeding-value", real, 0),
    BAC_FIELD(S, flags, "status-flags", status_flags, 1),
    BAC_FIELD(S, deadband, "deadband", real, 2),
    BAC_FIELD(S, exceeded_limit, "exceeded-limit", real, 3),
};
BAC_SEQUENCE(notify_out_of_range, "BACnetNotificationParameters.out-of-range", S,
             notify_out_of_range_fields)
#undef S

#define S struct bac_notify_life_safety
static const struct bac_field notify_life_safety_fields[] = {
    BAC_FIELD(S, state, "new-state", life_safety_state, 0),
    BAC_FIELD(S, mode, "new-mode", life_safety_mode, 1),
    BAC_FIELD(S, flags, "status-flags", status_flags, 2),
    BAC_FIELD(S, operation, "operation-expected", life_safety_request, 3),
};
BAC_SEQUENCE(notify_life_safety, "BACnetNotificationParameters.change-of-life-safety", S,
             notify_life_safety_fields)
#undef S

#define S struct bac_notify_extended
static const struct bac_field notify_extended_fields[] = {
    BAC_FIELD(S, vendor, "vendor-id", unsigned16, 0),
    BAC_FIELD(S, event_type, "extended-event-type", unsigned, 1),
    BAC_FIELD(S, parameters, "parameters", list_of_parameter_value, 2),
};
BAC_SEQUENCE(notify_extended, "BACnetNotificationParameters.extended", S, notify_extended_fields)
#undef S

#define S struct bac_notify_buffer_ready
static const struct bac_field notify_buffer_ready_fields[] = {
    BAC_FIELD(S, buffer, "buffer-property", device_object_property_reference, 0),
    BAC_FIELD(S, previous, "previous-notification", unsigned32, 1),
    BAC_FIELD(S, current, "current-notification", unsigned32, 2),
};
BAC_SEQUENCE(notify_buffer_ready, "BACnetNotificationParameters.buffer-ready", S,
             notify_buffer_ready_fields)
#undef S

#define S struct bac_notify_unsigned_range
static const struct bac_field notify_unsigned_range_fields[] = {
    BAC_FIELD(S, exceeding, "exceeding-value", unsigned, 0),
    BAC_FIELD(S, flags, "status-flags", status_flags, 1),
    BAC_FIELD(S, exceeded_limit, "exceeded-limit", unsigned, 2),
};
BAC_SEQUENCE(notify_unsigned_range, "BACnetNotificationParameters.unsigned-range", S,
             notify_unsigned_range_fields)
#undef S

#define S struct bac_authentication_factor
static const struct bac_field authentication_factor_fields[] = {
    BAC_FIELD(S, format, "format-type", authentication_factor_type, 0),
    BAC_FIELD(S, format_class, "format-class", unsigned, 1),
    BAC_FIELD(S, value, "value", octet_string, 2),
};
BAC_SEQUENCE(authentication_factor, "BACnetAuthenticationFactor", S, authentication_factor_fields)
#undef S

#define S struct bac_notify_access
static const struct bac_field notify_access_fields[] = {
    BAC_FIELD(S, event, "access-event", access_event, 0),
    BAC_FIELD(S, flags, "status-flags", status_flags, 1),
    BAC_FIELD(S, tag, "access-event-tag", unsigned, 2),
    BAC_FIELD(S, time, "access-event-time", time_stamp, 3),
    BAC_FIELD(S, credential, "access-credential", device_object_reference, 4),
    BAC_OPTIONAL(S, factor, "authentication-factor", authentication_factor, 5),
};
BAC_SEQUENCE(notify_access, "BACnetNotificationParameters.access-event", S, notify_access_fields)
#undef S

#define S struct bac_notify_double_out_of_range
static const struct bac_field notify_double_out_of_range_fields[] = {
    BAC_FIELD(S, exceeding, "exceeding-value", double, 0),
    BAC_FIELD(S, flags, "status-flags", status_flags, 1),
    BAC_FIELD(S, deadband, "deadband", double, 2),
    BAC_FIELD(S, exceeded_limit, "exceeded-limit", double, 3),
};
BAC_SEQUENCE(notify_double_out_of_range, "BACnetNotificationParameters.double-out-of-range", S,
             notify_double_out_of_range_fields)
#undef S

#define S struct bac_notify_signed_out_of_range
static const struct bac_field notify_signed_out_of_range_fields[] = {
    BAC_FIELD(S, exceeding, "exceeding-value", integer, 0),
    BAC_FIELD(S, flags, "status-flags", status_flags, 1),
    BAC_FIELD(S, deadband, "deadband", unsigned, 2),
    BAC_FIELD(S, exceeded_limit, "exceeded-limit", integer, 3),
};
BAC_SEQUENCE(notify_signed_out_of_range, "BACnetNotificationParameters.signed-out-of-range", S,
             notify_signed_out_of_range_fields)
#undef S

#define S struct bac_notify_unsigned_out_of_range
static const struct bac_field notify_unsigned_out_of_range_fields[] = {
    BAC_FIELD(S, exceeding, "exceeding-value", unsigned, 0),
    BAC_FIELD(S, flags, "status-flags", status_flags, 1),
    BAC_FIELD(S, deadband, "deadband", unsigned, 2),
    BAC_FIELD(S, exceeded_limit, "exceeded-limit", unsigned, 3),
};
BAC_SEQUENCE(notify_unsigned_out_of_range, "BACnetNotificationParameters.unsigned-out-of-range", S,
             notify_unsigned_out_of_range_fields)
#undef S

#define S struct bac_notify_characterstring
static const struct bac_field notify_characterstring_fields[] = {
    BAC_FIELD(S, changed, "changed-value", character_string, 0),
    BAC_FIELD(S, flags, "status-flags", status_flags, 1),
    BAC_FIELD(S, alarm, "alarm-value", character_string, 2),
};
BAC_SEQUENCE(notify_characterstring, "BACnetNotificationParameters.change-of-characterstring", S,
             notify_characterstring_fields)
#undef S

#define S struct bac_notify_status_flags
static const struct bac_field notify_status_flags_fields[] = {
    BAC_OPTIONAL(S, present_value, "present-value", any, 0),
    BAC_FIELD(S, referenced, "referenced-flags", status_flags, 1),
};
BAC_SEQUENCE(notify_status_flags, "BACnetNotificationParameters.change-of-status-flags", S,
             notify_status_flags_fields)
#undef S

#define S struct bac_notify_reliability
static const struct bac_field notify_reliability_fields[] = {
    BAC_FIELD(S, reliability, "reliability", reliability, 0),
    BAC_FIELD(S, flags, "status-flags", status_flags, 1),
    BAC_FIELD(S, values, "property-values", list_of_property_value, 2),
};
BAC_SEQUENCE(notify_reliability, "BACnetNotificationParameters.change-of-reliability", S,
             notify_reliability_fields)
#undef S

#define S struct bac_discrete_value
static const struct bac_field discrete_value_fields[] = {
    [BAC_DISCRETE_BOOLEAN] = BAC_FIELD(S, as.boolean, "boolean", boolean, BAC_APPLICATION),
    [BAC_DISCRETE_UNSIGNED] =
        BAC_FIELD(S, as.unsigned_integer, "unsigned", unsigned, BAC_APPLICATION),
    [BAC_DISCRETE_INTEGER] = BAC_FIELD(S, as.integer, "integer", integer, BAC_APPLICATION),
    [BAC_DISCRETE_ENUMERATED] =
        BAC_FIELD(S, as.enumerated, "enumerated", enumerated, BAC_APPLICATION),
    [BAC_DISCRETE_CHARACTER_STRING] =
        BAC_FIELD(S, as.text, "characterstring", character_string, BAC_APPLICATION),
    [BAC_DISCRETE_OCTET_STRING] =
        BAC_FIELD(S, as.octets, "octetstring", octet_string, BAC_APPLICATION),
    [BAC_DISCRETE_DATE] = BAC_FIELD(S, as.date, "date", date, BAC_APPLICATION),
    [BAC_DISCRETE_TIME] = BAC_FIELD(S, as.time, "time", time, BAC_APPLICATION),
    [BAC_DISCRETE_OBJECT_ID] =
        BAC_FIELD(S, as.object, "objectidentifier", object_id, BAC_APPLICATION),
    [BAC_DISCRETE_DATE_TIME] = BAC_FIELD(S, as.date_time, "datetime", date_time, 0),
};
BAC_CHOICE(discrete_value, "BACnetNotificationParameters.change-of-discrete-value.new-value", S,
           discrete_value_fields)
#undef S

#define S struct bac_notify_discrete_value
static const struct bac_field notify_discrete_value_fields[] = {
    BAC_FIELD(S, value, "new-value", discrete_value, 0),
    BAC_FIELD(S, flags, "status-flags", status_flags, 1),
};
BAC_SEQUENCE(notify_discrete_value, "BACnetNotificationParameters.change-of-discrete-value", S,
             notify_discrete_value_fields)
#undef S

#define S struct bac_notify_timer
static const struct bac_field notify_timer_fields[] = {
    BAC_FIELD(S, state, "new-state", timer_state, 0),
    BAC_FIELD(S, flags, "status-flags", status_flags, 1),
    BAC_FIELD(S, updated, "update-time", date_time, 2),
    BAC_OPTIONAL(S, transition, "last-state-change", timer_transition, 3),
    BAC_OPTIONAL(S, initial_timeout, "initial-timeout", unsigned, 4),
    BAC_OPTIONAL(S, expiration, "expiration-time", date_time, 5),
};
BAC_SEQUENCE(notify_timer, "BACnetNotificationParameters.change-of-timer", S, notify_timer_fields)
#undef S

#define S struct bac_notification_parameters
static const struct bac_field notification_parameters_fields[] = {
    [BAC_NOTIFY_BITSTRING] = BAC_FIELD(S, as.bitstring, "change-of-bitstring", notify_bitstring, 0),
    [BAC_NOTIFY_STATE] = BAC_FIELD(S, as.state, "change-of-state", notify_state, 1),
    [BAC_NOTIFY_VALUE] = BAC_FIELD(S, as.value, "change-of-value", notify_value, 2),
    [BAC_NOTIFY_COMMAND_FAILURE] =
        BAC_FIELD(S, as.command_failure, "command-failure", notify_command_failure, 3),
    [BAC_NOTIFY_FLOATING_LIMIT] =
        BAC_FIELD(S, as.floating_limit, "floating-limit", notify_floating_limit, 4),
    [BAC_NOTIFY_OUT_OF_RANGE] =
        BAC_FIELD(S, as.out_of_range, "out-of-range", notify_out_of_range, 5),
    [BAC_NOTIFY_COMPLEX] =
        BAC_FIELD(S, as.complex, "complex-event-type", list_of_property_value, 6),
    [BAC_NOTIFY_LIFE_SAFETY] =
        BAC_FIELD(S, as.life_safety, "change-of-life-safety", notify_life_safety, 8),
    [BAC_NOTIFY_EXTENDED] = BAC_FIELD(S, as.extended, "extended", notify_extended, 9),
    [BAC_NOTIFY_BUFFER_READY] =
        BAC_FIELD(S, as.buffer_ready, "buffer-ready", notify_buffer_ready, 10),
    [BAC_NOTIFY_UNSIGNED_RANGE] =
        BAC_FIELD(S, as.unsigned_range, "unsigned-range", notify_unsigned_range, 11),
    [BAC_NOTIFY_ACCESS] = BAC_FIELD(S, as.access, "access-event", notify_access, 13),
    [BAC_NOTIFY_DOUBLE_OUT_OF_RANGE] =
        BAC_FIELD(S, as.double_out_of_range, "double-out-of-range", notify_double_out_of_range, 14),
    [BAC_NOTIFY_SIGNED_OUT_OF_RANGE] =
        BAC_FIELD(S, as.signed_out_of_range, "signed-out-of-range", notify_signed_out_of_range, 15),
    [BAC_NOTIFY_UNSIGNED_OUT_OF_RANGE] = BAC_FIELD(
        S, as.unsigned_out_of_range, "unsigned-out-of-range", notify_unsigned_out_of_range, 16),
    [BAC_NOTIFY_CHARACTERSTRING] =
        BAC_FIELD(S, as.characterstring, "change-of-characterstring", notify_characterstring, 17),
    [BAC_NOTIFY_STATUS_FLAGS] =
        BAC_FIELD(S, as.status_flags, "change-of-status-flags", notify_status_flags, 18),
    [BAC_NOTIFY_RELIABILITY] =
        BAC_FIELD(S, as.reliability, "change-of-reliability", notify_reliability, 19),
    [BAC_NOTIFY_DISCRETE_VALUE] =
        BAC_FIELD(S, as.discrete_value, "change-of-discrete-value", notify_discrete_value, 21),
    [BAC_NOTIFY_TIMER] = BAC_FIELD(S, as.timer, "change-of-timer", notify_timer, 22),
};
BAC_CHOICE(notification_parameters, "BACnetNotificationParameters", S,
           notification_parameters_fields)
#undef S
