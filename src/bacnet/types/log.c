/* Owns the rows of log records (clause 21, used by 12.25, 12.27, 12.30, 12.1). */
#include "bacnet/rows.h"

#define S struct bac_log_datum
static const struct bac_field log_datum_fields[] = {
    [BAC_LOG_STATUS] = BAC_FIELD(S, as.status, "log-status", log_status, 0),
    [BAC_LOG_BOOLEAN] = BAC_FIELD(S, as.boolean, "boolean-value", boolean, 1),
    [BAC_LOG_REAL] = BAC_FIELD(S, as.real, "real-value", real, 2),
    [BAC_LOG_ENUMERATED] = BAC_FIELD(S, as.enumerated, "enumerated-value", enumerated, 3),
    [BAC_LOG_UNSIGNED] = BAC_FIELD(S, as.unsigned_integer, "unsigned-value", unsigned, 4),
    [BAC_LOG_INTEGER] = BAC_FIELD(S, as.integer, "integer-value", integer, 5),
    [BAC_LOG_BIT_STRING] = BAC_FIELD(S, as.bits, "bitstring-value", bit_string, 6),
    [BAC_LOG_NULL] = BAC_FIELD(S, as.null, "null-value", null, 7),
    [BAC_LOG_FAILURE] = BAC_FIELD(S, as.failure, "failure", error, 8),
    [BAC_LOG_TIME_CHANGE] = BAC_FIELD(S, as.time_change, "time-change", real, 9),
    [BAC_LOG_ANY] = BAC_FIELD(S, as.any, "any-value", any, 10),
};
BAC_CHOICE(log_datum, "BACnetLogRecord.log-datum", S, log_datum_fields)
#undef S

#define S struct bac_log_record
static const struct bac_field log_record_fields[] = {
    BAC_FIELD(S, time, "timestamp", date_time, 0),
    BAC_FIELD(S, datum, "log-datum", log_datum, 1),
    BAC_OPTIONAL(S, flags, "status-flags", status_flags, 2),
};
BAC_SEQUENCE(log_record, "BACnetLogRecord", S, log_record_fields)
#undef S

#define S struct bac_log_value
static const struct bac_field log_value_fields[] = {
    [BAC_LOG_VALUE_BOOLEAN] = BAC_FIELD(S, as.boolean, "boolean-value", boolean, 0),
    [BAC_LOG_VALUE_REAL] = BAC_FIELD(S, as.real, "real-value", real, 1),
    [BAC_LOG_VALUE_ENUMERATED] = BAC_FIELD(S, as.enumerated, "enumerated-value", enumerated, 2),
    [BAC_LOG_VALUE_UNSIGNED] = BAC_FIELD(S, as.unsigned_integer, "unsigned-value", unsigned, 3),
    [BAC_LOG_VALUE_INTEGER] = BAC_FIELD(S, as.integer, "integer-value", integer, 4),
    [BAC_LOG_VALUE_BIT_STRING] = BAC_FIELD(S, as.bits, "bitstring-value", bit_string, 5),
    [BAC_LOG_VALUE_NULL] = BAC_FIELD(S, as.null, "null-value", null, 6),
    [BAC_LOG_VALUE_FAILURE] = BAC_FIELD(S, as.failure, "failure", error, 7),
    [BAC_LOG_VALUE_ANY] = BAC_FIELD(S, as.any, "any-value", any, 8),
};
BAC_CHOICE(log_value, "BACnetLogData.log-data", S, log_value_fields)
#undef S

BAC_LIST(list_of_log_value, "SEQUENCE OF BACnetLogData.log-data", log_value)

#define S struct bac_log_data
static const struct bac_field log_data_fields[] = {
    [BAC_LOG_DATA_STATUS] = BAC_FIELD(S, as.status, "log-status", log_status, 0),
    [BAC_LOG_DATA_VALUES] = BAC_FIELD(S, as.values, "log-data", list_of_log_value, 1),
    [BAC_LOG_DATA_TIME_CHANGE] = BAC_FIELD(S, as.time_change, "time-change", real, 2),
};
BAC_CHOICE(log_data, "BACnetLogData", S, log_data_fields)
#undef S

#define S struct bac_log_multiple_record
static const struct bac_field log_multiple_record_fields[] = {
    BAC_FIELD(S, time, "timestamp", date_time, 0),
    BAC_FIELD(S, data, "log-data", log_data, 1),
};
BAC_SEQUENCE(log_multiple_record, "BACnetLogMultipleRecord", S, log_multiple_record_fields)
#undef S

#define S struct bac_event_log_datum
static const struct bac_field event_log_datum_fields[] = {
    [BAC_EVENT_LOG_STATUS] = BAC_FIELD(S, as.status, "log-status", log_status, 0),
    [BAC_EVENT_LOG_EVENT] = BAC_FIELD(S, as.event, "notification", event_notification, 1),
    [BAC_EVENT_LOG_TIME_CHANGE] = BAC_FIELD(S, as.time_change, "time-change", real, 2),
};
BAC_CHOICE(event_log_datum, "BACnetEventLogRecord.log-datum", S, event_log_datum_fields)
#undef S

#define S struct bac_event_log_record
static const struct bac_field event_log_record_fields[] = {
    BAC_FIELD(S, time, "timestamp", date_time, 0),
    BAC_FIELD(S, datum, "log-datum", event_log_datum, 1),
};
BAC_SEQUENCE(event_log_record, "BACnetEventLogRecord", S, event_log_record_fields)
#undef S

#define S struct bac_accumulator_record
static const struct bac_field accumulator_record_fields[] = {
    BAC_FIELD(S, time, "timestamp", date_time, 0),
    BAC_FIELD(S, present_value, "present-value", unsigned, 1),
    BAC_FIELD(S, accumulated, "accumulated-value", unsigned, 2),
    BAC_FIELD(S, status, "accumulator-status", accumulator_status, 3),
};
BAC_SEQUENCE(accumulator_record, "BACnetAccumulatorRecord", S, accumulator_record_fields)
#undef S
