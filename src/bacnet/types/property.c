/* Owns the rows of what single properties are made of: recipients, references, schedules, control
 * (clauses 12 and 21). */
#include "bacnet/rows.h"

#define S struct bac_destination
static const struct bac_field destination_fields[] = {
    BAC_FIELD(S, valid_days, "valid-days", days_of_week, BAC_APPLICATION),
    BAC_FIELD(S, from, "from-time", time, BAC_APPLICATION),
    BAC_FIELD(S, to, "to-time", time, BAC_APPLICATION),
    BAC_FIELD(S, recipient, "recipient", recipient, BAC_APPLICATION),
    BAC_FIELD(S, process, "process-identifier", unsigned32, BAC_APPLICATION),
    BAC_FIELD(S, issue_confirmed, "issue-confirmed-notifications", boolean, BAC_APPLICATION),
    BAC_FIELD(S, transitions, "transitions", event_transition_bits, BAC_APPLICATION),
};
BAC_SEQUENCE(destination, "BACnetDestination", S, destination_fields)
#undef S

#define S struct bac_event_subscription
static const struct bac_field event_subscription_fields[] = {
    BAC_FIELD(S, recipient, "recipient", recipient, 0),
    BAC_FIELD(S, process, "process-identifier", unsigned32, 1),
    BAC_FIELD(S, issue_confirmed, "issue-confirmed-notifications", boolean, 2),
    BAC_FIELD(S, time_remaining, "time-remaining", unsigned, 3),
};
BAC_SEQUENCE(event_subscription, "BACnetEventNotificationSubscription", S,
             event_subscription_fields)
#undef S

#define S struct bac_address_binding
static const struct bac_field address_binding_fields[] = {
    BAC_FIELD(S, device, "device-identifier", object_id, BAC_APPLICATION),
    BAC_FIELD(S, address, "device-address", address, BAC_APPLICATION),
};
BAC_SEQUENCE(address_binding, "BACnetAddressBinding", S, address_binding_fields)
#undef S

#define S struct bac_vt_session
static const struct bac_field vt_session_fields[] = {
    BAC_FIELD(S, local, "local-vt-session-id", unsigned8, BAC_APPLICATION),
    BAC_FIELD(S, remote, "remote-vt-session-id", unsigned8, BAC_APPLICATION),
    BAC_FIELD(S, address, "remote-vt-address", address, BAC_APPLICATION),
};
BAC_SEQUENCE(vt_session, "BACnetVTSession", S, vt_session_fields)
#undef S

#define S struct bac_vmac_entry
static const struct bac_field vmac_entry_fields[] = {
    BAC_FIELD(S, vmac, "virtual-mac-address", octet_string, 0),
    BAC_FIELD(S, mac, "native-mac-address", octet_string, 1),
};
BAC_SEQUENCE(vmac_entry, "BACnetVMACEntry", S, vmac_entry_fields)
#undef S

#define S struct bac_port_permission
static const struct bac_field port_permission_fields[] = {
    BAC_FIELD(S, port, "port-id", unsigned8, 0),
    BAC_FIELD(S, enabled, "enabled", boolean, 1),
};
BAC_SEQUENCE(port_permission, "BACnetPortPermission", S, port_permission_fields)
#undef S

#define S struct bac_cov_multiple_subscription
static const struct bac_field cov_multiple_subscription_fields[] = {
    BAC_FIELD(S, recipient, "recipient", recipient_process, 0),
    BAC_FIELD(S, issue_confirmed, "issue-confirmed-notifications", boolean, 1),
    BAC_FIELD(S, time_remaining, "time-remaining", unsigned, 2),
    BAC_FIELD(S, max_delay, "max-notification-delay", unsigned, 3),
    BAC_FIELD(S, specs, "list-of-cov-subscription-specifications", list_of_cov_specification, 4),
};
BAC_SEQUENCE(cov_multiple_subscription, "BACnetCOVMultipleSubscription", S,
             cov_multiple_subscription_fields)
#undef S

#define S struct bac_value_source
static const struct bac_field value_source_fields[] = {
    [BAC_SOURCE_NONE] = BAC_FIELD(S, as.none, "none", null, 0),
    [BAC_SOURCE_OBJECT] = BAC_FIELD(S, as.object, "object", device_object_reference, 1),
    [BAC_SOURCE_ADDRESS] = BAC_FIELD(S, as.address, "address", address, 2),
};
BAC_CHOICE(value_source, "BACnetValueSource", S, value_source_fields)
#undef S

#define S struct bac_optional_real
static const struct bac_field optional_real_fields[] = {
    [BAC_OPTIONAL_NULL] = BAC_FIELD(S, as.null, "null", null, BAC_APPLICATION),
    [BAC_OPTIONAL_VALUE] = BAC_FIELD(S, as.value, "real", real, BAC_APPLICATION),
};
BAC_CHOICE(optional_real, "BACnetOptionalREAL", S, optional_real_fields)
#undef S

#define S struct bac_optional_unsigned
static const struct bac_field optional_unsigned_fields[] = {
    [BAC_OPTIONAL_NULL] = BAC_FIELD(S, as.null, "null", null, BAC_APPLICATION),
    [BAC_OPTIONAL_VALUE] = BAC_FIELD(S, as.value, "unsigned", unsigned, BAC_APPLICATION),
};
BAC_CHOICE(optional_unsigned, "BACnetOptionalUnsigned", S, optional_unsigned_fields)
#undef S

#define S struct bac_optional_binary_pv
static const struct bac_field optional_binary_pv_fields[] = {
    [BAC_OPTIONAL_NULL] = BAC_FIELD(S, as.null, "null", null, BAC_APPLICATION),
    [BAC_OPTIONAL_VALUE] = BAC_FIELD(S, as.value, "binary-pv", binary_pv, BAC_APPLICATION),
};
BAC_CHOICE(optional_binary_pv, "BACnetOptionalBinaryPV", S, optional_binary_pv_fields)
#undef S

#define S struct bac_optional_text
static const struct bac_field optional_character_string_fields[] = {
    [BAC_OPTIONAL_NULL] = BAC_FIELD(S, as.null, "null", null, BAC_APPLICATION),
    [BAC_OPTIONAL_VALUE] =
        BAC_FIELD(S, as.value, "characterstring", character_string, BAC_APPLICATION),
};
BAC_CHOICE(optional_character_string, "BACnetOptionalCharacterString", S,
           optional_character_string_fields)
#undef S

#define S struct bac_optional_bits
static const struct bac_field optional_bit_string_fields[] = {
    [BAC_OPTIONAL_NULL] = BAC_FIELD(S, as.null, "null", null, BAC_APPLICATION),
    [BAC_OPTIONAL_VALUE] = BAC_FIELD(S, as.value, "bitstring", bit_string, BAC_APPLICATION),
};
BAC_CHOICE(optional_bit_string, "BACnetOptionalBitString", S, optional_bit_string_fields)
#undef S

#define S struct bac_optional_bits
static const struct bac_field optional_priority_filter_fields[] = {
    [BAC_OPTIONAL_NULL] = BAC_FIELD(S, as.null, "null", null, BAC_APPLICATION),
    [BAC_OPTIONAL_VALUE] = BAC_FIELD(S, as.value, "filter", priority_filter, BAC_APPLICATION),
};
BAC_CHOICE(optional_priority_filter, "BACnetOptionalPriorityFilter", S,
           optional_priority_filter_fields)
#undef S

#define S struct bac_client_cov
static const struct bac_field client_cov_fields[] = {
    [BAC_CLIENT_COV_INCREMENT] =
        BAC_FIELD(S, as.increment, "real-increment", real, BAC_APPLICATION),
    [BAC_CLIENT_COV_DEFAULT] =
        BAC_FIELD(S, as.by_default, "default-increment", null, BAC_APPLICATION),
};
BAC_CHOICE(client_cov, "BACnetClientCOV", S, client_cov_fields)
#undef S

#define S struct bac_process_selection
static const struct bac_field process_selection_fields[] = {
    [BAC_PROCESS_ONE] = BAC_FIELD(S, as.process, "process-identifier", unsigned32, BAC_APPLICATION),
    [BAC_PROCESS_NULL] = BAC_FIELD(S, as.null, "null-value", null, BAC_APPLICATION),
};
BAC_CHOICE(process_selection, "BACnetProcessIdSelection", S, process_selection_fields)
#undef S

#define S struct bac_object_selector
static const struct bac_field object_selector_fields[] = {
    [BAC_SELECT_NONE] = BAC_FIELD(S, as.none, "none", null, BAC_APPLICATION),
    [BAC_SELECT_OBJECT] = BAC_FIELD(S, as.object, "object", object_id, BAC_APPLICATION),
    [BAC_SELECT_TYPE] = BAC_FIELD(S, as.type, "object-type", object_type, BAC_APPLICATION),
};
BAC_CHOICE(object_selector, "BACnetObjectSelector", S, object_selector_fields)
#undef S

#define S struct bac_setpoint_reference
static const struct bac_field setpoint_reference_fields[] = {
    BAC_OPTIONAL(S, reference, "reference", object_property_reference, 0),
};
BAC_SEQUENCE(setpoint_reference, "BACnetSetpointReference", S, setpoint_reference_fields)
#undef S

#define S struct bac_name_value
static const struct bac_field name_value_fields[] = {
    BAC_FIELD(S, name, "name", character_string, 0),
    BAC_OPTIONAL(S, value, "value", value, BAC_APPLICATION),
};
BAC_SEQUENCE(name_value, "BACnetNameValue", S, name_value_fields)
#undef S

BAC_LIST(list_of_name_value, "SEQUENCE OF BACnetNameValue", name_value)

#define S struct bac_name_value_collection
static const struct bac_field name_value_collection_fields[] = {
    BAC_FIELD(S, members, "members", list_of_name_value, 0),
};
BAC_SEQUENCE(name_value_collection, "BACnetNameValueCollection", S, name_value_collection_fields)
#undef S

#define S struct bac_time_value
static const struct bac_field time_value_fields[] = {
    BAC_FIELD(S, time, "time", time, BAC_APPLICATION),
    BAC_FIELD(S, value, "value", value, BAC_APPLICATION),
};
BAC_SEQUENCE(time_value, "BACnetTimeValue", S, time_value_fields)
#undef S

BAC_LIST(list_of_time_value, "SEQUENCE OF BACnetTimeValue", time_value)

#define S struct bac_daily_schedule
static const struct bac_field daily_schedule_fields[] = {
    BAC_FIELD(S, day, "day-schedule", list_of_time_value, 0),
};
BAC_SEQUENCE(daily_schedule, "BACnetDailySchedule", S, daily_schedule_fields)
#undef S

#define S struct bac_calendar_entry
static const struct bac_field calendar_entry_fields[] = {
    [BAC_CALENDAR_DATE] = BAC_FIELD(S, as.date, "date", date, 0),
    [BAC_CALENDAR_RANGE] = BAC_FIELD(S, as.range, "date-range", date_range, 1),
    [BAC_CALENDAR_WEEK_N_DAY] = BAC_FIELD(S, as.week_n_day, "weeknday", week_n_day, 2),
};
BAC_CHOICE(calendar_entry, "BACnetCalendarEntry", S, calendar_entry_fields)
#undef S

#define S struct bac_special_period
static const struct bac_field special_period_fields[] = {
    [BAC_PERIOD_ENTRY] = BAC_FIELD(S, as.entry, "calendar-entry", calendar_entry, 0),
    [BAC_PERIOD_CALENDAR] = BAC_FIELD(S, as.calendar, "calendar-reference", object_id, 1),
};
BAC_CHOICE(special_period, "BACnetSpecialEvent.period", S, special_period_fields)
#undef S

#define S struct bac_special_event
static const struct bac_field special_event_fields[] = {
    BAC_FIELD(S, period, "period", special_period, BAC_APPLICATION),
    BAC_FIELD(S, values, "list-of-time-values", list_of_time_value, 2),
    BAC_FIELD(S, priority, "event-priority", priority, 3),
};
BAC_SEQUENCE(special_event, "BACnetSpecialEvent", S, special_event_fields)
#undef S

#define S struct bac_action_command
static const struct bac_field action_command_fields[] = {
    BAC_OPTIONAL(S, device, "device-identifier", object_id, 0),
    BAC_FIELD(S, object, "object-identifier", object_id, 1),
    BAC_FIELD(S, property, "property-identifier", property_identifier, 2),
    BAC_OPTIONAL(S, index, "property-array-index", unsigned, 3),
    BAC_FIELD(S, value, "property-value", any, 4),
    BAC_OPTIONAL(S, priority, "priority", priority, 5),
    BAC_OPTIONAL(S, delay, "post-delay", unsigned, 6),
    BAC_FIELD(S, quit_on_failure, "quit-on-failure", boolean, 7),
    BAC_FIELD(S, successful, "write-successful", boolean, 8),
};
BAC_SEQUENCE(action_command, "BACnetActionCommand", S, action_command_fields)
#undef S

BAC_LIST(list_of_action_command, "SEQUENCE OF BACnetActionCommand", action_command)

#define S struct bac_action_list
static const struct bac_field action_list_fields[] = {
    BAC_FIELD(S, commands, "action", list_of_action_command, 0),
};
BAC_SEQUENCE(action_list, "BACnetActionList", S, action_list_fields)
#undef S

#define S struct bac_scale
static const struct bac_field scale_fields[] = {
    [BAC_SCALE_FLOAT] = BAC_FIELD(S, as.real, "float-scale", real, 0),
    [BAC_SCALE_INTEGER] = BAC_FIELD(S, as.integer, "integer-scale", integer, 1),
};
BAC_CHOICE(scale, "BACnetScale", S, scale_fields)
#undef S

#define S struct bac_prescale
static const struct bac_field prescale_fields[] = {
    BAC_FIELD(S, multiplier, "multiplier", unsigned, 0),
    BAC_FIELD(S, modulo_divide, "modulo-divide", unsigned, 1),
};
BAC_SEQUENCE(prescale, "BACnetPrescale", S, prescale_fields)
#undef S

#define S struct bac_shed_level
static const struct bac_field shed_level_fields[] = {
    [BAC_SHED_PERCENT] = BAC_FIELD(S, as.percent, "percent", unsigned, 0),
    [BAC_SHED_LEVEL] = BAC_FIELD(S, as.level, "level", unsigned, 1),
    [BAC_SHED_AMOUNT] = BAC_FIELD(S, as.amount, "amount", real, 2),
};
BAC_CHOICE(shed_level, "BACnetShedLevel", S, shed_level_fields)
#undef S

#define S struct bac_stage_limit
static const struct bac_field stage_limit_fields[] = {
    BAC_FIELD(S, limit, "limit", real, BAC_APPLICATION),
    BAC_FIELD(S, values, "values", bit_string, BAC_APPLICATION),
    BAC_FIELD(S, deadband, "deadband", real, BAC_APPLICATION),
};
BAC_SEQUENCE(stage_limit, "BACnetStageLimitValue", S, stage_limit_fields)
#undef S

#define S struct bac_timer_change
static const struct bac_field timer_change_fields[] = {
    [BAC_TIMER_CHANGE_NULL] = BAC_FIELD(S, as.null, "null", null, BAC_APPLICATION),
    [BAC_TIMER_CHANGE_BOOLEAN] = BAC_FIELD(S, as.boolean, "boolean", boolean, BAC_APPLICATION),
    [BAC_TIMER_CHANGE_UNSIGNED] =
        BAC_FIELD(S, as.unsigned_integer, "unsigned", unsigned, BAC_APPLICATION),
    [BAC_TIMER_CHANGE_INTEGER] = BAC_FIELD(S, as.integer, "integer", integer, BAC_APPLICATION),
    [BAC_TIMER_CHANGE_REAL] = BAC_FIELD(S, as.real, "real", real, BAC_APPLICATION),
    [BAC_TIMER_CHANGE_DOUBLE] = BAC_FIELD(S, as.real64, "double", double, BAC_APPLICATION),
    [BAC_TIMER_CHANGE_OCTET_STRING] =
        BAC_FIELD(S, as.octets, "octetstring", octet_string, BAC_APPLICATION),
    [BAC_TIMER_CHANGE_CHARACTER_STRING] =
        BAC_FIELD(S, as.text, "characterstring", character_string, BAC_APPLICATION),
    [BAC_TIMER_CHANGE_BIT_STRING] = BAC_FIELD(S, as.bits, "bitstring", bit_string, BAC_APPLICATION),
    [BAC_TIMER_CHANGE_ENUMERATED] =
        BAC_FIELD(S, as.enumerated, "enumerated", enumerated, BAC_APPLICATION),
    [BAC_TIMER_CHANGE_DATE] = BAC_FIELD(S, as.date, "date", date, BAC_APPLICATION),
    [BAC_TIMER_CHANGE_TIME] = BAC_FIELD(S, as.time, "time", time, BAC_APPLICATION),
    [BAC_TIMER_CHANGE_OBJECT_ID] =
        BAC_FIELD(S, as.object, "objectidentifier", object_id, BAC_APPLICATION),
    [BAC_TIMER_CHANGE_NO_VALUE] = BAC_FIELD(S, as.no_value, "no-value", null, 0),
    [BAC_TIMER_CHANGE_CONSTRUCTED] = BAC_FIELD(S, as.constructed, "constructed-value", any, 1),
    [BAC_TIMER_CHANGE_DATE_TIME] = BAC_FIELD(S, as.date_time, "datetime", date_time, 2),
    [BAC_TIMER_CHANGE_LIGHTING_COMMAND] =
        BAC_FIELD(S, as.lighting, "lighting-command", lighting_command, 3),
};
BAC_CHOICE(timer_change, "BACnetTimerStateChangeValue", S, timer_change_fields)
#undef S

#define S struct bac_property_access_result
static const struct bac_field property_access_result_fields[] = {
    BAC_FIELD(S, object, "object-identifier", object_id, 0),
    BAC_FIELD(S, property, "property-identifier", property_identifier, 1),
    BAC_OPTIONAL(S, index, "property-array-index", unsigned, 2),
    BAC_OPTIONAL(S, device, "device-identifier", object_id, 3),
    BAC_FIELD(S, result, "access-result", read_outcome, BAC_APPLICATION),
};
BAC_SEQUENCE(property_access_result, "BACnetPropertyAccessResult", S, property_access_result_fields)
#undef S
