/* Owns the rows of audit notifications and of queries of an audit log (13.19 to 13.21, 19.6). */
#include "bacnet/rows.h"

#define S struct bac_audit_event
static const struct bac_field audit_event_fields[] = {
    BAC_OPTIONAL(S, source_time, "source-timestamp", time_stamp, 0),
    BAC_OPTIONAL(S, target_time, "target-timestamp", time_stamp, 1),
    BAC_FIELD(S, source, "source-device", recipient, 2),
    BAC_OPTIONAL(S, source_object, "source-object", object_id, 3),
    BAC_FIELD(S, operation, "operation", audit_operation, 4),
    BAC_OPTIONAL(S, source_comment, "source-comment", character_string, 5),
    BAC_OPTIONAL(S, target_comment, "target-comment", character_string, 6),
    BAC_OPTIONAL(S, invoke_id, "invoke-id", unsigned8, 7),
    BAC_OPTIONAL(S, source_user, "source-user-id", unsigned16, 8),
    BAC_OPTIONAL(S, source_role, "source-user-role", unsigned8, 9),
    BAC_FIELD(S, target, "target-device", recipient, 10),
    BAC_OPTIONAL(S, target_object, "target-object", object_id, 11),
    BAC_OPTIONAL(S, target_property, "target-property", property_reference, 12),
    BAC_OPTIONAL(S, target_priority, "target-priority", priority, 13),
    BAC_OPTIONAL(S, target_value, "target-value", any, 14),
    BAC_OPTIONAL(S, current_value, "current-value", any, 15),
    BAC_OPTIONAL(S, result, "result", error, 16),
};
BAC_SEQUENCE(audit_event, "BACnetAuditNotification", S, audit_event_fields)
#undef S

BAC_LIST(list_of_audit_event, "SEQUENCE OF BACnetAuditNotification", audit_event)

#define S struct bac_audit_notification
static const struct bac_field audit_notification_fields[] = {
    BAC_FIELD(S, events, "notifications", list_of_audit_event, 0),
};
BAC_SEQUENCE(audit_notification, "AuditNotification-Request", S, audit_notification_fields)
#undef S

#define S struct bac_audit_datum
static const struct bac_field audit_datum_fields[] = {
    [BAC_AUDIT_STATUS] = BAC_FIELD(S, as.status, "log-status", log_status, 0),
    [BAC_AUDIT_EVENT] = BAC_FIELD(S, as.event, "audit-notification", audit_event, 1),
    [BAC_AUDIT_TIME_CHANGE] = BAC_FIELD(S, as.time_change, "time-change", real, 2),
};
BAC_CHOICE(audit_datum, "BACnetAuditLogRecord.log-datum", S, audit_datum_fields)
#undef S

#define S struct bac_audit_log_record
static const struct bac_field audit_log_record_fields[] = {
    BAC_FIELD(S, time, "timestamp", date_time, 0),
    BAC_FIELD(S, datum, "log-datum", audit_datum, 1),
};
BAC_SEQUENCE(audit_log_record, "BACnetAuditLogRecord", S, audit_log_record_fields)
#undef S

#define S struct bac_audit_log_result
static const struct bac_field audit_log_result_fields[] = {
    BAC_FIELD(S, sequence, "sequence-number", unsigned, 0),
    BAC_FIELD(S, record, "log-record", audit_log_record, 1),
};
BAC_SEQUENCE(audit_log_result, "BACnetAuditLogRecordResult", S, audit_log_result_fields)
#undef S

BAC_LIST(list_of_audit_log_result, "SEQUENCE OF BACnetAuditLogRecordResult", audit_log_result)

#define S struct bac_audit_by_target
static const struct bac_field audit_by_target_fields[] = {
    BAC_FIELD(S, device, "target-device-identifier", object_id, 0),
    BAC_OPTIONAL(S, address, "target-device-address", address, 1),
    BAC_OPTIONAL(S, object, "target-object-identifier", object_id, 2),
    BAC_OPTIONAL(S, property, "target-property-identifier", property_identifier, 3),
    BAC_OPTIONAL(S, index, "target-array-index", unsigned, 4),
    BAC_OPTIONAL(S, priority, "target-priority", priority, 5),
    BAC_OPTIONAL(S, operations, "operations", audit_operation_flags, 6),
    BAC_FIELD(S, successful, "successful-actions-only", success_filter, 7),
};
BAC_SEQUENCE(audit_by_target, "BACnetAuditLogQueryParameters.by-target", S, audit_by_target_fields)
#undef S

#define S struct bac_audit_by_source
static const struct bac_field audit_by_source_fields[] = {
    BAC_FIELD(S, device, "source-device-identifier", object_id, 0),
    BAC_OPTIONAL(S, address, "source-device-address", address, 1),
    BAC_OPTIONAL(S, object, "source-object-identifier", object_id, 2),
    BAC_OPTIONAL(S, operations, "operations", audit_operation_flags, 3),
    BAC_FIELD(S, successful, "successful-actions-only", success_filter, 4),
};
BAC_SEQUENCE(audit_by_source, "BACnetAuditLogQueryParameters.by-source", S, audit_by_source_fields)
#undef S

#define S struct bac_audit_query
static const struct bac_field audit_query_fields[] = {
    [BAC_AUDIT_BY_TARGET] = BAC_FIELD(S, as.target, "by-target", audit_by_target, 0),
    [BAC_AUDIT_BY_SOURCE] = BAC_FIELD(S, as.source, "by-source", audit_by_source, 1),
};
BAC_CHOICE(audit_query, "BACnetAuditLogQueryParameters", S, audit_query_fields)
#undef S

#define S struct bac_audit_log_query
static const struct bac_field audit_log_query_fields[] = {
    BAC_FIELD(S, log, "audit-log", object_id, 0),
    BAC_FIELD(S, query, "query-parameters", audit_query, 1),
    BAC_OPTIONAL(S, start, "start-at-sequence-number", unsigned, 2),
    BAC_FIELD(S, count, "requested-count", unsigned16, 3),
};
BAC_SEQUENCE(audit_log_query, "AuditLogQuery-Request", S, audit_log_query_fields)
#undef S

#define S struct bac_audit_log_query_ack
static const struct bac_field audit_log_query_ack_fields[] = {
    BAC_FIELD(S, log, "audit-log", object_id, 0),
    BAC_FIELD(S, records, "records", list_of_audit_log_result, 1),
    BAC_FIELD(S, no_more, "no-more-items", boolean, 2),
};
BAC_SEQUENCE(audit_log_query_ack, "AuditLogQuery-ACK", S, audit_log_query_ack_fields)
#undef S
