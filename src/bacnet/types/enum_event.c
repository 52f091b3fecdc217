/* Owns the enumerations and named bit strings of bacnet_event_enum.h: those of alarms and events,
 * life safety, logs, audits and programs. */
#include "bacnet/enum_rows.h"

#include "basalt/bacnet_event_enum.h"

static const struct bac_name accumulator_status_names[] = { BAC_ACCUMULATOR_STATUS_ROWS(NAME) };
ENUMERATED(accumulator_status, "BACnetAccumulatorRecord.accumulator-status", 4)

static const struct bac_name acknowledgment_filter_names[] = { BAC_ACKNOWLEDGMENT_FILTER_ROWS(
    NAME) };
ENUMERATED(acknowledgment_filter, "GetEnrollmentSummary-Request.acknowledgment-filter", 2)

static const struct bac_name action_names[] = { BAC_ACTION_ROWS(NAME) };
ENUMERATED(action, "BACnetAction", 1)

static const struct bac_name audit_level_names[] = { BAC_AUDIT_LEVEL_ROWS(NAME) };
ENUMERATED(audit_level, "BACnetAuditLevel", 255)

static const struct bac_name audit_operation_names[] = { BAC_AUDIT_OPERATION_ROWS(NAME) };
ENUMERATED(audit_operation, "BACnetAuditOperation", 63)

static const struct bac_name event_state_filter_names[] = { BAC_EVENT_STATE_FILTER_ROWS(NAME) };
ENUMERATED(event_state_filter, "GetEnrollmentSummary-Request.event-state-filter", 4)

static const struct bac_name fault_type_names[] = { BAC_FAULT_TYPE_ROWS(NAME) };
ENUMERATED(fault_type, "BACnetFaultType", 7)

static const struct bac_name life_safety_mode_names[] = { BAC_LIFE_SAFETY_MODE_ROWS(NAME) };
ENUMERATED(life_safety_mode, "BACnetLifeSafetyMode", 65535)

static const struct bac_name life_safety_request_names[] = { BAC_LIFE_SAFETY_REQUEST_ROWS(NAME) };
ENUMERATED(life_safety_request, "BACnetLifeSafetyOperation", 65535)

static const struct bac_name life_safety_state_names[] = { BAC_LIFE_SAFETY_STATE_ROWS(NAME) };
ENUMERATED(life_safety_state, "BACnetLifeSafetyState", 65535)

static const struct bac_name logging_type_names[] = { BAC_LOGGING_TYPE_ROWS(NAME) };
ENUMERATED(logging_type, "BACnetLoggingType", 255)

static const struct bac_name maintenance_names[] = { BAC_MAINTENANCE_ROWS(NAME) };
ENUMERATED(maintenance, "BACnetMaintenance", 65535)

static const struct bac_name message_priority_names[] = { BAC_MESSAGE_PRIORITY_ROWS(NAME) };
ENUMERATED(message_priority, "TextMessage-Request.message-priority", 1)

static const struct bac_name node_type_names[] = { BAC_NODE_TYPE_ROWS(NAME) };
ENUMERATED(node_type, "BACnetNodeType", 21)

static const struct bac_name program_error_names[] = { BAC_PROGRAM_ERROR_ROWS(NAME) };
ENUMERATED(program_error, "BACnetProgramError", 65535)

static const struct bac_name program_request_names[] = { BAC_PROGRAM_REQUEST_ROWS(NAME) };
ENUMERATED(program_request, "BACnetProgramRequest", 5)

static const struct bac_name program_state_names[] = { BAC_PROGRAM_STATE_ROWS(NAME) };
ENUMERATED(program_state, "BACnetProgramState", 5)

static const struct bac_name relationship_names[] = { BAC_RELATIONSHIP_ROWS(NAME) };
ENUMERATED(relationship, "BACnetRelationship", 65535)

static const struct bac_name shed_state_names[] = { BAC_SHED_STATE_ROWS(NAME) };
ENUMERATED(shed_state, "BACnetShedState", 3)

static const struct bac_name silenced_state_names[] = { BAC_SILENCED_STATE_ROWS(NAME) };
ENUMERATED(silenced_state, "BACnetSilencedState", 65535)

static const struct bac_name success_filter_names[] = { BAC_SUCCESS_FILTER_ROWS(NAME) };
ENUMERATED(success_filter, "BACnetSuccessFilter", 2)

static const struct bac_name timer_state_names[] = { BAC_TIMER_STATE_ROWS(NAME) };
ENUMERATED(timer_state, "BACnetTimerState", 2)

static const struct bac_name timer_transition_names[] = { BAC_TIMER_TRANSITION_ROWS(NAME) };
ENUMERATED(timer_transition, "BACnetTimerTransition", 7)

static const struct bac_name vt_class_names[] = { BAC_VT_CLASS_ROWS(NAME) };
ENUMERATED(vt_class, "BACnetVTClass", 65535)

static const struct bac_name audit_operation_flags_names[] = { BAC_AUDIT_OPERATION_FLAGS_ROWS(
    NAME) };
BITS(audit_operation_flags, "BACnetAuditOperationFlags", 16, 64)

static const struct bac_name days_of_week_names[] = { BAC_DAYS_OF_WEEK_ROWS(NAME) };
BITS(days_of_week, "BACnetDaysOfWeek", 7, 7)

static const struct bac_name log_status_names[] = { BAC_LOG_STATUS_ROWS(NAME) };
BITS(log_status, "BACnetLogStatus", 3, 3)

static const struct bac_name priority_filter_names[] = { BAC_PRIORITY_FILTER_ROWS(NAME) };
BITS(priority_filter, "BACnetPriorityFilter", 16, 16)

static const struct bac_name result_flags_names[] = { BAC_RESULT_FLAGS_ROWS(NAME) };
BITS(result_flags, "BACnetResultFlags", 3, 3)
