/*
 * What BACnet's alarms and events carry (clauses 13 and 21): notification parameters, what
 * the algorithms are configured with, the states they speak of, audits. Their services are in
 * bacnet_service.h.
 */
#ifndef BASALT_BACNET_EVENT_H
#define BASALT_BACNET_EVENT_H

#include "basalt/bacnet_type.h"

#ifdef __cplusplus
extern "C" {
#endif

#define BAC_EVENT_TYPES(ROW)                                                                       \
    ROW(audit_by_source)                                                                           \
    ROW(audit_by_target)                                                                           \
    ROW(audit_datum)                                                                               \
    ROW(audit_event)                                                                               \
    ROW(audit_log_record)                                                                          \
    ROW(audit_log_result)                                                                          \
    ROW(audit_query)                                                                               \
    ROW(authentication_factor)                                                                     \
    ROW(changed_value)                                                                             \
    ROW(discrete_value)                                                                            \
    ROW(event_access)                                                                              \
    ROW(event_bitstring)                                                                           \
    ROW(event_buffer_ready)                                                                        \
    ROW(event_characterstring)                                                                     \
    ROW(event_command_failure)                                                                     \
    ROW(event_criteria)                                                                            \
    ROW(event_discrete_value)                                                                      \
    ROW(event_double_limits)                                                                       \
    ROW(event_extended)                                                                            \
    ROW(event_floating_limit)                                                                      \
    ROW(event_life_safety)                                                                         \
    ROW(event_notification)                                                                        \
    ROW(event_parameter)                                                                           \
    ROW(event_real_limits)                                                                         \
    ROW(event_signed_limits)                                                                       \
    ROW(event_states)                                                                              \
    ROW(event_status_flags)                                                                        \
    ROW(event_timer)                                                                               \
    ROW(event_unsigned_limits)                                                                     \
    ROW(event_unsigned_range)                                                                      \
    ROW(event_value)                                                                               \
    ROW(fault_characterstring)                                                                     \
    ROW(fault_extended)                                                                            \
    ROW(fault_life_safety)                                                                         \
    ROW(fault_listed)                                                                              \
    ROW(fault_out_of_range)                                                                        \
    ROW(fault_parameter)                                                                           \
    ROW(fault_state)                                                                               \
    ROW(fault_status_flags)                                                                        \
    ROW(normal_value)                                                                              \
    ROW(notification_parameters)                                                                   \
    ROW(notify_access)                                                                             \
    ROW(notify_bitstring)                                                                          \
    ROW(notify_buffer_ready)                                                                       \
    ROW(notify_characterstring)                                                                    \
    ROW(notify_command_failure)                                                                    \
    ROW(notify_discrete_value)                                                                     \
    ROW(notify_double_out_of_range)                                                                \
    ROW(notify_extended)                                                                           \
    ROW(notify_floating_limit)                                                                     \
    ROW(notify_life_safety)                                                                        \
    ROW(notify_out_of_range)                                                                       \
    ROW(notify_reliability)                                                                        \
    ROW(notify_signed_out_of_range)                                                                \
    ROW(notify_state)                                                                              \
    ROW(notify_status_flags)                                                                       \
    ROW(notify_timer)                                                                              \
    ROW(notify_unsigned_out_of_range)                                                              \
    ROW(notify_unsigned_range)                                                                     \
    ROW(notify_value)                                                                              \
    ROW(parameter_reference)                                                                       \
    ROW(parameter_value)                                                                           \
    ROW(property_states)                                                                           \
    ROW(list_of_access_event)                                                                      \
    ROW(list_of_audit_event)                                                                       \
    ROW(list_of_audit_log_result)                                                                  \
    ROW(list_of_bit_string)                                                                        \
    ROW(list_of_character_string)                                                                  \
    ROW(list_of_life_safety_state)                                                                 \
    ROW(list_of_parameter_reference)                                                               \
    ROW(list_of_parameter_value)                                                                   \
    ROW(list_of_property_states)                                                                   \
    ROW(list_of_timer_state)

BAC_EVENT_TYPES(BAC_DECLARE)

/* BACnetPropertyStates: which enumeration stands in as.state; three alternatives are no
 * enumerations. */
enum bac_property_states_choice {
    BAC_STATES_BOOLEAN,
    BAC_STATES_BINARY,
    BAC_STATES_EVENT_TYPE,
    BAC_STATES_POLARITY,
    BAC_STATES_PROGRAM_CHANGE,
    BAC_STATES_PROGRAM_STATE,
    BAC_STATES_REASON_FOR_HALT,
    BAC_STATES_RELIABILITY,
    BAC_STATES_STATE,
    BAC_STATES_SYSTEM_STATUS,
    BAC_STATES_UNITS,
    BAC_STATES_UNSIGNED,
    BAC_STATES_LIFE_SAFETY_MODE,
    BAC_STATES_LIFE_SAFETY_STATE,
    BAC_STATES_RESTART_REASON,
    BAC_STATES_DOOR_ALARM_STATE,
    BAC_STATES_ACTION,
    BAC_STATES_DOOR_SECURED_STATUS,
    BAC_STATES_DOOR_STATUS,
    BAC_STATES_DOOR_VALUE,
    BAC_STATES_FILE_ACCESS_METHOD,
    BAC_STATES_LOCK_STATUS,
    BAC_STATES_LIFE_SAFETY_OPERATION,
    BAC_STATES_MAINTENANCE,
    BAC_STATES_NODE_TYPE,
    BAC_STATES_NOTIFY_TYPE,
    BAC_STATES_SHED_STATE,
    BAC_STATES_SILENCED_STATE,
    BAC_STATES_ACCESS_EVENT,
    BAC_STATES_ZONE_OCCUPANCY_STATE,
    BAC_STATES_ACCESS_CREDENTIAL_DISABLE_REASON,
    BAC_STATES_ACCESS_CREDENTIAL_DISABLE,
    BAC_STATES_AUTHENTICATION_STATUS,
    BAC_STATES_BACKUP_STATE,
    BAC_STATES_WRITE_STATUS,
    BAC_STATES_LIGHTING_IN_PROGRESS,
    BAC_STATES_LIGHTING_OPERATION,
    BAC_STATES_LIGHTING_TRANSITION,
    BAC_STATES_INTEGER,
    BAC_STATES_BINARY_LIGHTING,
    BAC_STATES_TIMER_STATE,
    BAC_STATES_TIMER_TRANSITION,
    BAC_STATES_BACNET_IP_MODE,
    BAC_STATES_NETWORK_PORT_COMMAND,
    BAC_STATES_NETWORK_TYPE,
    BAC_STATES_NETWORK_NUMBER_QUALITY,
    BAC_STATES_ESCALATOR_OPERATION_DIRECTION,
    BAC_STATES_ESCALATOR_FAULT,
    BAC_STATES_ESCALATOR_MODE,
    BAC_STATES_LIFT_CAR_DIRECTION,
    BAC_STATES_LIFT_CAR_DOOR_COMMAND,
    BAC_STATES_LIFT_CAR_DRIVE_STATUS,
    BAC_STATES_LIFT_CAR_MODE,
    BAC_STATES_LIFT_GROUP_MODE,
    BAC_STATES_LIFT_FAULT,
    BAC_STATES_PROTOCOL_LEVEL,
    BAC_STATES_AUDIT_LEVEL,
    BAC_STATES_AUDIT_OPERATION,
    BAC_STATES_EXTENDED
};
struct bac_property_states {
    uint32_t choice; /* enum bac_property_states_choice */
    union {
        bool boolean;
        uint32_t state; /* of the enumeration that the choice names */
        uint64_t unsigned_integer;
        int64_t integer;
    } as;
};

/* A parameter of an extended event or fault: a primitive, or what stands for itself. */
enum bac_parameter_choice {
    BAC_PARAMETER_NULL,
    BAC_PARAMETER_REAL,
    BAC_PARAMETER_UNSIGNED,
    BAC_PARAMETER_BOOLEAN,
    BAC_PARAMETER_INTEGER,
    BAC_PARAMETER_DOUBLE,
    BAC_PARAMETER_OCTET_STRING,
    BAC_PARAMETER_CHARACTER_STRING,
    BAC_PARAMETER_BIT_STRING,
    BAC_PARAMETER_ENUMERATED,
    BAC_PARAMETER_DATE,
    BAC_PARAMETER_TIME,
    BAC_PARAMETER_OBJECT_ID,
    BAC_PARAMETER_OTHER /* a property: its value in a notification, where it is in a configuration
                         */
};
struct bac_parameter {
    uint32_t choice; /* enum bac_parameter_choice */
    union {
        uint8_t null;
        float real;
        uint64_t unsigned_integer;
        bool boolean;
        int64_t integer;
        double real64;
        struct bas_slice octets;
        struct bac_text text;
        struct bac_bits bits;
        uint32_t enumerated;
        struct bac_date date;
        struct bac_time time;
        struct bac_object_id object;
        struct bac_device_object_property_value property;
        struct bac_device_object_property_reference reference;
    } as;
};

/* Notification parameters (13.3), by event type */

struct bac_notify_bitstring {
    struct bac_bits referenced, flags;
};
struct bac_notify_state {
    struct bac_property_states state;
    struct bac_bits flags;
};
enum bac_changed_value_choice { BAC_CHANGED_BITS, BAC_CHANGED_VALUE };
struct bac_changed_value {
    uint32_t choice; /* enum bac_changed_value_choice */
    union {
        struct bac_bits bits;
        float value;
    } as;
};
struct bac_notify_value {
    struct bac_changed_value value;
    struct bac_bits flags;
};
struct bac_notify_command_failure {
    struct bas_slice command; /* raw */
    struct bac_bits flags;
    struct bas_slice feedback; /* raw */
};
struct bac_notify_floating_limit {
    float reference;
    struct bac_bits flags;
    float setpoint, error_limit;
};
struct bac_notify_out_of_range {
    float exceeding;
    struct bac_bits flags;
    float deadband, exceeded_limit;
};
struct bac_notify_life_safety {
    uint32_t state, mode;
    struct bac_bits flags;
    uint32_t operation;
};
struct bac_notify_extended {
    uint64_t vendor, event_type;
    struct bac_list parameters; /* struct bac_parameter */
};
struct bac_notify_buffer_ready {
    struct bac_device_object_property_reference buffer;
    uint64_t previous, current;
};
struct bac_notify_unsigned_range {
    uint64_t exceeding;
    struct bac_bits flags;
    uint64_t exceeded_limit;
};
struct bac_authentication_factor {
    uint32_t format;
    uint64_t format_class;
    struct bas_slice value;
};
struct bac_notify_access {
    uint32_t event;
    struct bac_bits flags;
    uint64_t tag;
    struct bac_time_stamp time;
    struct bac_device_object_reference credential;
    bool has_factor;
    struct bac_authentication_factor factor;
};
struct bac_notify_double_out_of_range {
    double exceeding;
    struct bac_bits flags;
    double deadband, exceeded_limit;
};
struct bac_notify_signed_out_of_range {
    int64_t exceeding;
    struct bac_bits flags;
    uint64_t deadband;
    int64_t exceeded_limit;
};
struct bac_notify_unsigned_out_of_range {
    uint64_t exceeding;
    struct bac_bits flags;
    uint64_t deadband, exceeded_limit;
};
struct bac_notify_characterstring {
    struct bac_text changed;
    struct bac_bits flags;
    struct bac_text alarm;
};
struct bac_notify_status_flags {
    bool has_present_value;
    struct bas_slice present_value; /* raw */
    struct bac_bits referenced;
};
struct bac_notify_reliability {
    uint32_t reliability;
    struct bac_bits flags;
    struct bac_list values; /* struct bac_property_value */
};
enum bac_discrete_value_choice {
    BAC_DISCRETE_BOOLEAN,
    BAC_DISCRETE_UNSIGNED,
    BAC_DISCRETE_INTEGER,
    BAC_DISCRETE_ENUMERATED,
    BAC_DISCRETE_CHARACTER_STRING,
    BAC_DISCRETE_OCTET_STRING,
    BAC_DISCRETE_DATE,
    BAC_DISCRETE_TIME,
    BAC_DISCRETE_OBJECT_ID,
    BAC_DISCRETE_DATE_TIME
};
struct bac_discrete_value {
    uint32_t choice; /* enum bac_discrete_value_choice */
    union {
        bool boolean;
        uint64_t unsigned_integer;
        int64_t integer;
        uint32_t enumerated;
        struct bac_text text;
        struct bas_slice octets;
        struct bac_date date;
        struct bac_time time;
        struct bac_object_id object;
        struct bac_date_time date_time;
    } as;
};
struct bac_notify_discrete_value {
    struct bac_discrete_value value;
    struct bac_bits flags;
};
struct bac_notify_timer {
    uint32_t state;
    struct bac_bits flags;
    struct bac_date_time updated;
    bool has_transition, has_initial_timeout, has_expiration;
    uint32_t transition;
    uint64_t initial_timeout;
    struct bac_date_time expiration;
};

enum bac_notification_choice {
    BAC_NOTIFY_BITSTRING,
    BAC_NOTIFY_STATE,
    BAC_NOTIFY_VALUE,
    BAC_NOTIFY_COMMAND_FAILURE,
    BAC_NOTIFY_FLOATING_LIMIT,
    BAC_NOTIFY_OUT_OF_RANGE,
    BAC_NOTIFY_COMPLEX,
    BAC_NOTIFY_LIFE_SAFETY,
    BAC_NOTIFY_EXTENDED,
    BAC_NOTIFY_BUFFER_READY,
    BAC_NOTIFY_UNSIGNED_RANGE,
    BAC_NOTIFY_ACCESS,
    BAC_NOTIFY_DOUBLE_OUT_OF_RANGE,
    BAC_NOTIFY_SIGNED_OUT_OF_RANGE,
    BAC_NOTIFY_UNSIGNED_OUT_OF_RANGE,
    BAC_NOTIFY_CHARACTERSTRING,
    BAC_NOTIFY_STATUS_FLAGS,
    BAC_NOTIFY_RELIABILITY,
    BAC_NOTIFY_DISCRETE_VALUE,
    BAC_NOTIFY_TIMER
};
struct bac_notification_parameters {
    uint32_t choice; /* enum bac_notification_choice */
    union {
        struct bac_notify_bitstring bitstring;
        struct bac_notify_state state;
        struct bac_notify_value value;
        struct bac_notify_command_failure command_failure;
        struct bac_notify_floating_limit floating_limit;
        struct bac_notify_out_of_range out_of_range;
        struct bac_list complex; /* struct bac_property_value: vendors' events */
        struct bac_notify_life_safety life_safety;
        struct bac_notify_extended extended;
        struct bac_notify_buffer_ready buffer_ready;
        struct bac_notify_unsigned_range unsigned_range;
        struct bac_notify_access access;
        struct bac_notify_double_out_of_range double_out_of_range;
        struct bac_notify_signed_out_of_range signed_out_of_range;
        struct bac_notify_unsigned_out_of_range unsigned_out_of_range;
        struct bac_notify_characterstring characterstring;
        struct bac_notify_status_flags status_flags;
        struct bac_notify_reliability reliability;
        struct bac_notify_discrete_value discrete_value;
        struct bac_notify_timer timer;
    } as;
};

/* Confirmed and unconfirmed (13.8, 13.9). */
struct bac_event_notification {
    uint64_t process;
    struct bac_object_id device, object;
    struct bac_time_stamp time_stamp;
    uint64_t notification_class;
    uint64_t priority; /* 0 .. 255 */
    uint32_t event_type;
    bool has_message, has_ack_required, has_from_state, has_values;
    struct bac_text message;
    uint32_t notify_type;
    bool ack_required;
    uint32_t from_state, to_state;
    struct bac_notification_parameters values;
};

/* Event parameters (12.12) and fault parameters, by algorithm: what Event Enrollments are
 * configured with. Delays are seconds. */

struct bac_event_bitstring {
    uint64_t delay;
    struct bac_bits mask;
    struct bac_list values; /* struct bac_bits */
};
struct bac_event_states {
    uint64_t delay;
    struct bac_list values; /* struct bac_property_states */
};
struct bac_event_value {
    uint64_t delay;
    struct bac_changed_value criteria;
};
struct bac_event_command_failure {
    uint64_t delay;
    struct bac_device_object_property_reference feedback;
};
struct bac_event_floating_limit {
    uint64_t delay;
    struct bac_device_object_property_reference setpoint;
    float low_diff, high_diff, deadband;
};
struct bac_event_real_limits {
    uint64_t delay;
    float low, high, deadband;
};
struct bac_event_life_safety {
    uint64_t delay;
    struct bac_list life_safety_alarms, alarms; /* uint32_t, enum bac_life_safety_state */
    struct bac_device_object_property_reference mode;
};
/* Of an extended event or fault. */
struct bac_event_extended {
    uint64_t vendor, type;
    struct bac_list parameters; /* struct bac_parameter */
};
struct bac_event_buffer_ready {
    uint64_t threshold, previous;
};
struct bac_event_unsigned_range {
    uint64_t delay, low, high;
};
struct bac_event_access {
    struct bac_list events; /* uint32_t, enum bac_access_event */
    struct bac_device_object_property_reference time;
};
struct bac_event_double_limits {
    uint64_t delay;
    double low, high, deadband;
};
struct bac_event_signed_limits {
    uint64_t delay;
    int64_t low, high;
    uint64_t deadband;
};
struct bac_event_unsigned_limits {
    uint64_t delay, low, high, deadband;
};
struct bac_event_characterstring {
    uint64_t delay;
    struct bac_list alarms; /* struct bac_text */
};
struct bac_event_status_flags {
    uint64_t delay;
    struct bac_bits flags;
};
struct bac_event_discrete_value {
    uint64_t delay;
};
struct bac_event_timer {
    uint64_t delay;
    struct bac_list alarms; /* uint32_t, enum bac_timer_state */
    struct bac_device_object_property_reference updated;
};
enum bac_event_parameter_choice {
    BAC_EVENT_BITSTRING,
    BAC_EVENT_STATES,
    BAC_EVENT_VALUE,
    BAC_EVENT_COMMAND_FAILURE,
    BAC_EVENT_FLOATING_LIMIT,
    BAC_EVENT_OUT_OF_RANGE,
    BAC_EVENT_LIFE_SAFETY,
    BAC_EVENT_EXTENDED,
    BAC_EVENT_BUFFER_READY,
    BAC_EVENT_UNSIGNED_RANGE,
    BAC_EVENT_ACCESS,
    BAC_EVENT_DOUBLE_OUT_OF_RANGE,
    BAC_EVENT_SIGNED_OUT_OF_RANGE,
    BAC_EVENT_UNSIGNED_OUT_OF_RANGE,
    BAC_EVENT_CHARACTERSTRING,
    BAC_EVENT_STATUS_FLAGS,
    BAC_EVENT_NONE,
    BAC_EVENT_DISCRETE_VALUE,
    BAC_EVENT_TIMER
};
struct bac_event_parameter {
    uint32_t choice; /* enum bac_event_parameter_choice */
    union {
        struct bac_event_bitstring bitstring;
        struct bac_event_states states;
        struct bac_event_value value;
        struct bac_event_command_failure command_failure;
        struct bac_event_floating_limit floating_limit;
        struct bac_event_real_limits out_of_range;
        struct bac_event_life_safety life_safety;
        struct bac_event_extended extended;
        struct bac_event_buffer_ready buffer_ready;
        struct bac_event_unsigned_range unsigned_range;
        struct bac_event_access access;
        struct bac_event_double_limits double_out_of_range;
        struct bac_event_signed_limits signed_out_of_range;
        struct bac_event_unsigned_limits unsigned_out_of_range;
        struct bac_event_characterstring characterstring;
        struct bac_event_status_flags status_flags;
        uint8_t none;
        struct bac_event_discrete_value discrete_value;
        struct bac_event_timer timer;
    } as;
};

struct bac_fault_life_safety {
    struct bac_list values; /* uint32_t, enum bac_life_safety_state */
    struct bac_device_object_property_reference mode;
};
/* Faults that are configured with one list: of struct bac_text or struct bac_property_states. */
struct bac_fault_values {
    struct bac_list values;
};
/* Faults that another property decides. */
struct bac_fault_reference {
    struct bac_device_object_property_reference reference;
};
enum bac_normal_value_choice {
    BAC_NORMAL_REAL,
    BAC_NORMAL_UNSIGNED,
    BAC_NORMAL_DOUBLE,
    BAC_NORMAL_INTEGER
};
struct bac_normal_value {
    uint32_t choice; /* enum bac_normal_value_choice */
    union {
        float real;
        uint64_t unsigned_integer;
        double real64;
        int64_t integer;
    } as;
};
struct bac_fault_out_of_range {
    struct bac_normal_value min, max;
};
enum bac_fault_parameter_choice {
    BAC_FAULT_NONE,
    BAC_FAULT_CHARACTERSTRING,
    BAC_FAULT_EXTENDED,
    BAC_FAULT_LIFE_SAFETY,
    BAC_FAULT_STATE,
    BAC_FAULT_STATUS_FLAGS,
    BAC_FAULT_OUT_OF_RANGE,
    BAC_FAULT_LISTED
};
struct bac_fault_parameter {
    uint32_t choice; /* enum bac_fault_parameter_choice */
    union {
        uint8_t none;
        struct bac_fault_values characterstring;
        struct bac_event_extended extended;
        struct bac_fault_life_safety life_safety;
        struct bac_fault_values state;
        struct bac_fault_reference status_flags;
        struct bac_fault_out_of_range out_of_range;
        struct bac_fault_reference listed;
    } as;
};

/* Audits (clause 19.6) */

/* BACnetAuditNotification: one operation that was carried out, or refused. */
struct bac_audit_event {
    bool has_source_time, has_target_time, has_source_object, has_source_comment,
        has_target_comment, has_invoke_id, has_source_user, has_source_role, has_target_object,
        has_target_property, has_target_priority, has_target_value, has_current_value, has_result;
    struct bac_time_stamp source_time, target_time;
    struct bac_recipient source;
    struct bac_object_id source_object;
    uint32_t operation;
    struct bac_text source_comment, target_comment;
    uint64_t invoke_id;
    uint64_t source_user, source_role;
    struct bac_recipient target;
    struct bac_object_id target_object;
    struct bac_property_reference target_property;
    uint64_t target_priority;                     /* 1 .. 16 */
    struct bas_slice target_value, current_value; /* raw */
    struct bac_error_pair result;
};
enum bac_audit_datum_choice { BAC_AUDIT_STATUS, BAC_AUDIT_EVENT, BAC_AUDIT_TIME_CHANGE };
struct bac_audit_datum {
    uint32_t choice; /* enum bac_audit_datum_choice */
    union {
        struct bac_bits status;
        struct bac_audit_event event;
        float time_change; /* s */
    } as;
};
struct bac_audit_log_record {
    struct bac_date_time time;
    struct bac_audit_datum datum;
};
struct bac_audit_log_result {
    uint64_t sequence;
    struct bac_audit_log_record record;
};
struct bac_audit_by_target {
    struct bac_object_id device;
    bool has_address, has_object, has_property, has_index, has_priority, has_operations;
    struct bac_device_address address;
    struct bac_object_id object;
    uint32_t property;
    uint64_t index, priority;
    struct bac_bits operations;
    uint32_t successful;
};
struct bac_audit_by_source {
    struct bac_object_id device;
    bool has_address, has_object, has_operations;
    struct bac_device_address address;
    struct bac_object_id object;
    struct bac_bits operations;
    uint32_t successful;
};
enum bac_audit_query_choice { BAC_AUDIT_BY_TARGET, BAC_AUDIT_BY_SOURCE };
struct bac_audit_query {
    uint32_t choice; /* enum bac_audit_query_choice */
    union {
        struct bac_audit_by_target target;
        struct bac_audit_by_source source;
    } as;
};

#ifdef __cplusplus
}
#endif

#endif
