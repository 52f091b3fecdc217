/* Owns the rows of event notifications, of the summaries of alarms and of what answers them (13.5
 * to 13.13). */
#include "bacnet/rows.h"

#define S struct bac_event_notification
static const struct bac_field event_notification_fields[] = {
    BAC_FIELD(S, process, "process-identifier", unsigned32, 0),
    BAC_FIELD(S, device, "initiating-device-identifier", object_id, 1),
    BAC_FIELD(S, object, "event-object-identifier", object_id, 2),
    BAC_FIELD(S, time_stamp, "timestamp", time_stamp, 3),
    BAC_FIELD(S, notification_class, "notification-class", unsigned, 4),
    BAC_FIELD(S, priority, "priority", unsigned8, 5),
    BAC_FIELD(S, event_type, "event-type", event_type, 6),
    BAC_OPTIONAL(S, message, "message-text", character_string, 7),
    BAC_FIELD(S, notify_type, "notify-type", notify_type, 8),
    BAC_OPTIONAL(S, ack_required, "ack-required", boolean, 9),
    BAC_OPTIONAL(S, from_state, "from-state", event_state, 10),
    BAC_FIELD(S, to_state, "to-state", event_state, 11),
    BAC_OPTIONAL(S, values, "event-values", notification_parameters, 12),
};
BAC_SEQUENCE(event_notification, "EventNotification-Request", S, event_notification_fields)
#undef S

#define S struct bac_acknowledge_alarm
static const struct bac_field acknowledge_alarm_fields[] = {
    BAC_FIELD(S, process, "acknowledging-process-identifier", unsigned32, 0),
    BAC_FIELD(S, object, "event-object-identifier", object_id, 1),
    BAC_FIELD(S, state, "event-state-acknowledged", event_state, 2),
    BAC_FIELD(S, time_stamp, "timestamp", time_stamp, 3),
    BAC_FIELD(S, source, "acknowledgment-source", character_string, 4),
    BAC_FIELD(S, time, "time-of-acknowledgment", time_stamp, 5),
};
BAC_SEQUENCE(acknowledge_alarm, "AcknowledgeAlarm-Request", S, acknowledge_alarm_fields)
#undef S

#define S struct bac_alarm_summary
static const struct bac_field alarm_summary_fields[] = {
    BAC_FIELD(S, object, "object-identifier", object_id, BAC_APPLICATION),
    BAC_FIELD(S, state, "alarm-state", event_state, BAC_APPLICATION),
    BAC_FIELD(S, acknowledged, "acknowledged-transitions", event_transition_bits, BAC_APPLICATION),
};
BAC_SEQUENCE(alarm_summary, "GetAlarmSummary-ACK.summary", S, alarm_summary_fields)
#undef S

BAC_LIST(list_of_alarm_summary, "SEQUENCE OF GetAlarmSummary-ACK.summary", alarm_summary)

#define S struct bac_get_alarm_summary_ack
static const struct bac_field get_alarm_summary_ack_fields[] = {
    BAC_FIELD(S, summaries, "list-of-alarm-summaries", list_of_alarm_summary, BAC_APPLICATION),
};
BAC_SEQUENCE(get_alarm_summary_ack, "GetAlarmSummary-ACK", S, get_alarm_summary_ack_fields)
#undef S

#define S struct bac_priority_span
static const struct bac_field priority_span_fields[] = {
    BAC_FIELD(S, min, "min-priority", unsigned8, 0),
    BAC_FIELD(S, max, "max-priority", unsigned8, 1),
};
BAC_SEQUENCE(priority_span, "GetEnrollmentSummary-Request.priority-filter", S, priority_span_fields)
#undef S

#define S struct bac_get_enrollment_summary
static const struct bac_field get_enrollment_summary_fields[] = {
    BAC_FIELD(S, acknowledgment, "acknowledgment-filter", acknowledgment_filter, 0),
    BAC_OPTIONAL(S, enrollment, "enrollment-filter", recipient_process, 1),
    BAC_OPTIONAL(S, state, "event-state-filter", event_state_filter, 2),
    BAC_OPTIONAL(S, event_type, "event-type-filter", event_type, 3),
    BAC_OPTIONAL(S, priority, "priority-filter", priority_span, 4),
    BAC_OPTIONAL(S, notification_class, "notification-class-filter", unsigned, 5),
};
BAC_SEQUENCE(get_enrollment_summary, "GetEnrollmentSummary-Request", S,
             get_enrollment_summary_fields)
#undef S

#define S struct bac_enrollment_summary
static const struct bac_field enrollment_summary_fields[] = {
    BAC_FIELD(S, object, "object-identifier", object_id, BAC_APPLICATION),
    BAC_FIELD(S, event_type, "event-type", event_type, BAC_APPLICATION),
    BAC_FIELD(S, state, "event-state", event_state, BAC_APPLICATION),
    BAC_FIELD(S, priority, "priority", unsigned8, BAC_APPLICATION),
    BAC_OPTIONAL(S, notification_class, "notification-class", unsigned, BAC_APPLICATION),
};
BAC_SEQUENCE(enrollment_summary, "GetEnrollmentSummary-ACK.summary", S, enrollment_summary_fields)
#undef S

BAC_LIST(list_of_enrollment_summary, "SEQUENCE OF GetEnrollmentSummary-ACK.summary",
         enrollment_summary)

#define S struct bac_get_enrollment_summary_ack
static const struct bac_field get_enrollment_summary_ack_fields[] = {
    BAC_FIELD(S, summaries, "list-of-enrollment-summaries", list_of_enrollment_summary,
              BAC_APPLICATION),
};
BAC_SEQUENCE(get_enrollment_summary_ack, "GetEnrollmentSummary-ACK", S,
             get_enrollment_summary_ack_fields)
#undef S

#define S struct bac_get_event_information
static const struct bac_field get_event_information_fields[] = {
    BAC_OPTIONAL(S, last, "last-received-object-identifier", object_id, 0),
};
BAC_SEQUENCE(get_event_information, "GetEventInformation-Request", S, get_event_information_fields)
#undef S

#define S struct bac_event_summary
static const struct bac_field event_summary_fields[] = {
    BAC_FIELD(S, object, "object-identifier", object_id, 0),
    BAC_FIELD(S, state, "event-state", event_state, 1),
    BAC_FIELD(S, acknowledged, "acknowledged-transitions", event_transition_bits, 2),
    BAC_FIELD(S, time_stamps, "event-timestamps", three_time_stamps, 3),
    BAC_FIELD(S, notify_type, "notify-type", notify_type, 4),
    BAC_FIELD(S, enabled, "event-enable", event_transition_bits, 5),
    BAC_FIELD(S, priorities, "event-priorities", three_priorities, 6),
};
BAC_SEQUENCE(event_summary, "GetEventInformation-ACK.list-of-event-summaries", S,
             event_summary_fields)
#undef S

BAC_LIST(list_of_event_summary, "SEQUENCE OF GetEventInformation-ACK.list-of-event-summaries",
         event_summary)

#define S struct bac_get_event_information_ack
static const struct bac_field get_event_information_ack_fields[] = {
    BAC_FIELD(S, summaries, "list-of-event-summaries", list_of_event_summary, 0),
    BAC_FIELD(S, more, "more-events", boolean, 1),
};
BAC_SEQUENCE(get_event_information_ack, "GetEventInformation-ACK", S,
             get_event_information_ack_fields)
#undef S

#define S struct bac_life_safety_operation
static const struct bac_field life_safety_operation_fields[] = {
    BAC_FIELD(S, process, "requesting-process-identifier", unsigned32, 0),
    BAC_FIELD(S, source, "requesting-source", character_string, 1),
    BAC_FIELD(S, request, "request", life_safety_request, 2),
    BAC_OPTIONAL(S, object, "object-identifier", object_id, 3),
};
BAC_SEQUENCE(life_safety_operation, "LifeSafetyOperation-Request", S, life_safety_operation_fields)
#undef S
