/* Owns the rows of what Event Enrollments are configured with (clause 21, used by 12.12). */
#include "bacnet/rows.h"

BAC_LIST(list_of_bit_string, "SEQUENCE OF BIT STRING", bit_string)

BAC_LIST(list_of_character_string, "SEQUENCE OF CharacterString", character_string)

BAC_LIST(list_of_access_event, "SEQUENCE OF BACnetAccessEvent", access_event)

BAC_LIST(list_of_life_safety_state, "SEQUENCE OF BACnetLifeSafetyState", life_safety_state)

BAC_LIST(list_of_property_states, "SEQUENCE OF BACnetPropertyStates", property_states)

BAC_LIST(list_of_timer_state, "SEQUENCE OF BACnetTimerState", timer_state)

#define S struct bac_event_bitstring
static const struct bac_field event_bitstring_fields[] = {
    BAC_FIELD(S, delay, "time-delay", unsigned, 0),
    BAC_FIELD(S, mask, "bitmask", bit_string, 1),
    BAC_FIELD(S, values, "list-of-bitstring-values", list_of_bit_string, 2),
};
BAC_SEQUENCE(event_bitstring, "BACnetEventParameter.change-of-bitstring", S, event_bitstring_fields)
#undef S

#define S struct bac_event_states
static const struct bac_field event_states_fields[] = {
    BAC_FIELD(S, delay, "time-delay", unsigned, 0),
    BAC_FIELD(S, values, "list-of-values", list_of_property_states, 1),
};
BAC_SEQUENCE(event_states, "BACnetEventParameter.change-of-state", S, event_states_fields)
#undef S

#define S struct bac_changed_value
static const struct bac_field event_criteria_fields[] = {
    [BAC_CHANGED_BITS] = BAC_FIELD(S, as.bits, "bitmask", bit_string, 0),
    [BAC_CHANGED_VALUE] = BAC_FIELD(S, as.value, "referenced-property-increment", real, 1),
};
BAC_CHOICE(event_criteria, "BACnetEventParameter.change-of-value.cov-criteria", S,
           event_criteria_fields)
#undef S

#define S struct bac_event_value
static const struct bac_field event_value_fields[] = {
    BAC_FIELD(S, delay, "time-delay", unsigned, 0),
    BAC_FIELD(S, criteria, "cov-criteria", event_criteria, 1),
};
BAC_SEQUENCE(event_value, "BACnetEventParameter.change-of-value", S, event_value_fields)
#undef S

#define S struct bac_event_command_failure
static const struct bac_field event_command_failure_fields[] = {
    BAC_FIELD(S, delay, "time-delay", unsigned, 0),
    BAC_FIELD(S, feedback, "feedback-property-reference", device_object_property_reference, 1),
};
BAC_SEQUENCE(event_command_failure, "BACnetEventParameter.command-failure", S,
             event_command_failure_fields)
#undef S

#define S struct bac_event_floating_limit
static const struct bac_field event_floating_limit_fields[] = {
    BAC_FIELD(S, delay, "time-delay", unsigned, 0),
    BAC_FIELD(S, setpoint, "setpoint-reference", device_object_property_reference, 1),
    BAC_FIELD(S, low_diff, "low-diff-limit", real, 2),
    BAC_FIELD(S, high_diff, "high-diff-limit", real, 3),
    BAC_FIELD(S, deadband, "deadband", real, 4),
};
BAC_SEQUENCE(event_floating_limit, "BACnetEventParameter.floating-limit", S,
             event_floating_limit_fields)
#undef S

#define S struct bac_event_real_limits
static const struct bac_field event_real_limits_fields[] = {
    BAC_FIELD(S, delay, "time-delay", unsigned, 0),
    BAC_FIELD(S, low, "low-limit", real, 1),
    BAC_FIELD(S, high, "high-limit", real, 2),
    BAC_FIELD(S, deadband, "deadband", real, 3),
};
BAC_SEQUENCE(event_real_limits, "BACnetEventParameter.out-of-range", S, event_real_limits_fields)
#undef S

#define S struct bac_event_life_safety
static const struct bac_field event_life_safety_fields[] = {
    BAC_FIELD(S, delay, "time-delay", unsigned, 0),
    BAC_FIELD(S, life_safety_alarms, "list-of-life-safety-alarm-values", list_of_life_safety_state,
              1),
    BAC_FIELD(S, alarms, "list-of-alarm-values", list_of_life_safety_state, 2),
    BAC_FIELD(S, mode, "mode-property-reference", device_object_property_reference, 3),
};
BAC_SEQUENCE(event_life_safety, "BACnetEventParameter.change-of-life-safety", S,
             event_life_safety_fields)
#undef S

#define S struct bac_event_extended
static const struct bac_field event_extended_fields[] = {
    BAC_FIELD(S, vendor, "vendor-id", unsigned16, 0),
    BAC_FIELD(S, type, "extended-event-type", unsigned, 1),
    BAC_FIELD(S, parameters, "parameters", list_of_parameter_reference, 2),
};
BAC_SEQUENCE(event_extended, "BACnetEventParameter.extended", S, event_extended_fields)
#undef S

#define S struct bac_event_buffer_ready
static const struct bac_field event_buffer_ready_fields[] = {
    BAC_FIELD(S, threshold, "notification-threshold", unsigned, 0),
    BAC_FIELD(S, previous, "previous-notification-count", unsigned32, 1),
};
BAC_SEQUENCE(event_buffer_ready, "BACnetEventParameter.buffer-ready", S, event_buffer_ready_fields)
#undef S

#define S struct bac_event_unsigned_range
static const struct bac_field event_unsigned_range_fields[] = {
    BAC_FIELD(S, delay, "time-delay", unsigned, 0),
    BAC_FIELD(S, low, "low-limit", unsigned, 1),
    BAC_FIELD(S, high, "high-limit", unsigned, 2),
};
BAC_SEQUENCE(event_unsigned_range, "BACnetEventParameter.unsigned-range", S,
             event_unsigned_range_fields)
#undef S

#define S struct bac_event_access
static const struct bac_field event_access_fields[] = {
    BAC_FIELD(S, events, "list-of-access-events", list_of_access_event, 0),
    BAC_FIELD(S, time, "access-event-time-reference", device_object_property_reference, 1),
};
BAC_SEQUENCE(event_access, "BACnetEventParameter.access-event", S, event_access_fields)
#undef S

#define S struct bac_event_double_limits
static const struct bac_field event_double_limits_fields[] = {
    BAC_FIELD(S, delay, "time-delay", unsigned, 0),
    BAC_FIELD(S, low, "low-limit", double, 1),
    BAC_FIELD(S, high, "high-limit", double, 2),
    BAC_FIELD(S, deadband, "deadband", double, 3),
};
BAC_SEQUENCE(event_double_limits, "BACnetEventParameter.double-out-of-range", S,
             event_double_limits_fields)
#undef S

#define S struct bac_event_signed_limits
static const struct bac_field event_signed_limits_fields[] = {
    BAC_FIELD(S, delay, "time-delay", unsigned, 0),
    BAC_FIELD(S, low, "low-limit", integer, 1),
    BAC_FIELD(S, high, "high-limit", integer, 2),
    BAC_FIELD(S, deadband, "deadband", unsigned, 3),
};
BAC_SEQUENCE(event_signed_limits, "BACnetEventParameter.signed-out-of-range", S,
             event_signed_limits_fields)
#undef S

#define S struct bac_event_unsigned_limits
static const struct bac_field event_unsigned_limits_fields[] = {
    BAC_FIELD(S, delay, "time-delay", unsigned, 0),
    BAC_FIELD(S, low, "low-limit", unsigned, 1),
    BAC_FIELD(S, high, "high-limit", unsigned, 2),
    BAC_FIELD(S, deadband, "deadband", unsigned, 3),
};
BAC_SEQUENCE(event_unsigned_limits, "BACnetEventParameter.unsigned-out-of-range", S,
             event_unsigned_limits_fields)
#undef S

#define S struct bac_event_characterstring
static const struct bac_field event_characterstring_fields[] = {
    BAC_FIELD(S, delay, "time-delay", unsigned, 0),
    BAC_FIELD(S, alarms, "list-of-alarm-values", list_of_character_string, 1),
};
BAC_SEQUENCE(event_characterstring, "BACnetEventParameter.change-of-characterstring", S,
             event_characterstring_fields)
#undef S

#define S struct bac_event_status_flags
static const struct bac_field event_status_flags_fields[] = {
    BAC_FIELD(S, delay, "time-delay", unsigned, 0),
    BAC_FIELD(S, flags, "selected-flags", status_flags, 1),
};
BAC_SEQUENCE(event_status_flags, "BACnetEventParameter.change-of-status-flags", S,
             event_status_flags_fields)
#undef S

#define S struct bac_event_discrete_value
static const struct bac_field event_discrete_value_fields[] = {
    BAC_FIELD(S, delay, "time-delay", unsigned, 0),
};
BAC_SEQUENCE(event_discrete_value, "BACnetEventParameter.change-of-discrete-value", S,
             event_discrete_value_fields)
#undef S

#define S struct bac_event_timer
static const struct bac_field event_timer_fields[] = {
    BAC_FIELD(S, delay, "time-delay", unsigned, 0),
    BAC_FIELD(S, alarms, "alarm-values", list_of_timer_state, 1),
    BAC_FIELD(S, updated, "update-time-reference", device_object_property_reference, 2),
};
BAC_SEQUENCE(event_timer, "BACnetEventParameter.change-of-timer", S, event_timer_fields)
#undef S

#define S struct bac_event_parameter
static const struct bac_field event_parameter_fields[] = {
    [BAC_EVENT_BITSTRING] = BAC_FIELD(S, as.bitstring, "change-of-bitstring", event_bitstring, 0),
    [BAC_EVENT_STATES] = BAC_FIELD(S, as.states, "change-of-state", event_states, 1),
    [BAC_EVENT_VALUE] = BAC_FIELD(S, as.value, "change-of-value", event_value, 2),
    [BAC_EVENT_COMMAND_FAILURE] =
        BAC_FIELD(S, as.command_failure, "command-failure", event_command_failure, 3),
    [BAC_EVENT_FLOATING_LIMIT] =
        BAC_FIELD(S, as.floating_limit, "floating-limit", event_floating_limit, 4),
    [BAC_EVENT_OUT_OF_RANGE] = BAC_FIELD(S, as.out_of_range, "out-of-range", event_real_limits, 5),
    [BAC_EVENT_LIFE_SAFETY] =
        BAC_FIELD(S, as.life_safety, "change-of-life-safety", event_life_safety, 8),
    [BAC_EVENT_EXTENDED] = BAC_FIELD(S, as.extended, "extended", event_extended, 9),
    [BAC_EVENT_BUFFER_READY] =
        BAC_FIELD(S, as.buffer_ready, "buffer-ready", event_buffer_ready, 10),
    [BAC_EVENT_UNSIGNED_RANGE] =
        BAC_FIELD(S, as.unsigned_range, "unsigned-range", event_unsigned_range, 11),
    [BAC_EVENT_ACCESS] = BAC_FIELD(S, as.access, "access-event", event_access, 13),
    [BAC_EVENT_DOUBLE_OUT_OF_RANGE] =
        BAC_FIELD(S, as.double_out_of_range, "double-out-of-range", event_double_limits, 14),
    [BAC_EVENT_SIGNED_OUT_OF_RANGE] =
        BAC_FIELD(S, as.signed_out_of_range, "signed-out-of-range", event_signed_limits, 15),
    [BAC_EVENT_UNSIGNED_OUT_OF_RANGE] =
        BAC_FIELD(S, as.unsigned_out_of_range, "unsigned-out-of-range", event_unsigned_limits, 16),
    [BAC_EVENT_CHARACTERSTRING] =
        BAC_FIELD(S, as.characterstring, "change-of-characterstring", event_characterstring, 17),
    [BAC_EVENT_STATUS_FLAGS] =
        BAC_FIELD(S, as.status_flags, "change-of-status-flags", event_status_flags, 18),
    [BAC_EVENT_NONE] = BAC_FIELD(S, as.none, "none", null, 20),
    [BAC_EVENT_DISCRETE_VALUE] =
        BAC_FIELD(S, as.discrete_value, "change-of-discrete-value", event_discrete_value, 21),
    [BAC_EVENT_TIMER] = BAC_FIELD(S, as.timer, "change-of-timer", event_timer, 22),
};
BAC_CHOICE(event_parameter, "BACnetEventParameter", S, event_parameter_fields)
#undef S

#define S struct bac_fault_values
static const struct bac_field fault_characterstring_fields[] = {
    BAC_FIELD(S, values, "list-of-fault-values", list_of_character_string, 0),
};
BAC_SEQUENCE(fault_characterstring, "BACnetFaultParameter.fault-characterstring", S,
             fault_characterstring_fields)
#undef S

#define S struct bac_event_extended
static const struct bac_field fault_extended_fields[] = {
    BAC_FIELD(S, vendor, "vendor-id", unsigned16, 0),
    BAC_FIELD(S, type, "extended-fault-type", unsigned, 1),
    BAC_FIELD(S, parameters, "parameters", list_of_parameter_reference, 2),
};
BAC_SEQUENCE(fault_extended, "BACnetFaultParameter.fault-extended", S, fault_extended_fields)
#undef S

#define S struct bac_fault_life_safety
static const struct bac_field fault_life_safety_fields[] = {
    BAC_FIELD(S, values, "list-of-fault-values", list_of_life_safety_state, 0),
    BAC_FIELD(S, mode, "mode-property-reference", device_object_property_reference, 1),
};
BAC_SEQUENCE(fault_life_safety, "BACnetFaultParameter.fault-life-safety", S,
             fault_life_safety_fields)
#undef S

#define S struct bac_fault_values
static const struct bac_field fault_state_fields[] = {
    BAC_FIELD(S, values, "list-of-fault-values", list_of_property_states, 0),
};
BAC_SEQUENCE(fault_state, "BACnetFaultParameter.fault-state", S, fault_state_fields)
#undef S

#define S struct bac_fault_reference
static const struct bac_field fault_status_flags_fields[] = {
    BAC_FIELD(S, reference, "status-flags-reference", device_object_property_reference, 0),
};
BAC_SEQUENCE(fault_status_flags, "BACnetFaultParameter.fault-status-flags", S,
             fault_status_flags_fields)
#undef S

#define S struct bac_normal_value
static const struct bac_field normal_value_fields[] = {
    [BAC_NORMAL_REAL] = BAC_FIELD(S, as.real, "real", real, BAC_APPLICATION),
    [BAC_NORMAL_UNSIGNED] =
        BAC_FIELD(S, as.unsigned_integer, "unsigned", unsigned, BAC_APPLICATION),
    [BAC_NORMAL_DOUBLE] = BAC_FIELD(S, as.real64, "double", double, BAC_APPLICATION),
    [BAC_NORMAL_INTEGER] = BAC_FIELD(S, as.integer, "integer", integer, BAC_APPLICATION),
};
BAC_CHOICE(normal_value, "BACnetFaultParameter.fault-out-of-range.normal-value", S,
           normal_value_fields)
#undef S

#define S struct bac_fault_out_of_range
static const struct bac_field fault_out_of_range_fields[] = {
    BAC_FIELD(S, min, "min-normal-value", normal_value, 0),
    BAC_FIELD(S, max, "max-normal-value", normal_value, 1),
};
BAC_SEQUENCE(fault_out_of_range, "BACnetFaultParameter.fault-out-of-range", S,
             fault_out_of_range_fields)
#undef S

#define S struct bac_fault_reference
static const struct bac_field fault_listed_fields[] = {
    BAC_FIELD(S, reference, "fault-list-reference", device_object_property_reference, 0),
};
BAC_SEQUENCE(fault_listed, "BACnetFaultParameter.fault-listed", S, fault_listed_fields)
#undef S

#define S struct bac_fault_parameter
static const struct bac_field fault_parameter_fields[] = {
    [BAC_FAULT_NONE] = BAC_FIELD(S, as.none, "none", null, 0),
    [BAC_FAULT_CHARACTERSTRING] =
        BAC_FIELD(S, as.characterstring, "fault-characterstring", fault_characterstring, 1),
    [BAC_FAULT_EXTENDED] = BAC_FIELD(S, as.extended, "fault-extended", fault_extended, 2),
    [BAC_FAULT_LIFE_SAFETY] =
        BAC_FIELD(S, as.life_safety, "fault-life-safety", fault_life_safety, 3),
    [BAC_FAULT_STATE] = BAC_FIELD(S, as.state, "fault-state", fault_state, 4),
    [BAC_FAULT_STATUS_FLAGS] =
        BAC_FIELD(S, as.status_flags, "fault-status-flags", fault_status_flags, 5),
    [BAC_FAULT_OUT_OF_RANGE] =
        BAC_FIELD(S, as.out_of_range, "fault-out-of-range", fault_out_of_range, 6),
    [BAC_FAULT_LISTED] = BAC_FIELD(S, as.listed, "fault-listed", fault_listed, 7),
};
BAC_CHOICE(fault_parameter, "BACnetFaultParameter", S, fault_parameter_fields)
#undef S
