/*
 * What single properties are made of (clauses 12 and 21): schedules, logs, references to other
 * objects, who is to be told what; and the register of all types.
 */
#ifndef BASALT_BACNET_PROPERTY_H
#define BASALT_BACNET_PROPERTY_H

#include "basalt/bacnet_event.h"
#include "basalt/bacnet_service.h"
#include "basalt/bacnet_type.h"

#ifdef __cplusplus
extern "C" {
#endif

#define BAC_PROPERTY_TYPES(ROW)                                                                    \
    ROW(access_rule)                                                                               \
    ROW(accumulator_record)                                                                        \
    ROW(action_command)                                                                            \
    ROW(action_list)                                                                               \
    ROW(address_binding)                                                                           \
    ROW(assigned_access_rights)                                                                    \
    ROW(assigned_landing_calls)                                                                    \
    ROW(authentication_policy)                                                                     \
    ROW(calendar_entry)                                                                            \
    ROW(car_call_list)                                                                             \
    ROW(client_cov)                                                                                \
    ROW(cov_multiple_subscription)                                                                 \
    ROW(credential_factor)                                                                         \
    ROW(daily_schedule)                                                                            \
    ROW(destination)                                                                               \
    ROW(event_log_datum)                                                                           \
    ROW(event_log_record)                                                                          \
    ROW(event_subscription)                                                                        \
    ROW(factor_format)                                                                             \
    ROW(landing_call)                                                                              \
    ROW(landing_call_status)                                                                       \
    ROW(landing_command)                                                                           \
    ROW(landing_door)                                                                              \
    ROW(landing_door_status)                                                                       \
    ROW(log_data)                                                                                  \
    ROW(log_datum)                                                                                 \
    ROW(log_multiple_record)                                                                       \
    ROW(log_record)                                                                                \
    ROW(log_value)                                                                                 \
    ROW(name_value)                                                                                \
    ROW(name_value_collection)                                                                     \
    ROW(object_selector)                                                                           \
    ROW(optional_binary_pv)                                                                        \
    ROW(optional_bit_string)                                                                       \
    ROW(optional_character_string)                                                                 \
    ROW(optional_priority_filter)                                                                  \
    ROW(optional_real)                                                                             \
    ROW(optional_unsigned)                                                                         \
    ROW(policy_input)                                                                              \
    ROW(port_permission)                                                                           \
    ROW(prescale)                                                                                  \
    ROW(process_selection)                                                                         \
    ROW(property_access_result)                                                                    \
    ROW(scale)                                                                                     \
    ROW(setpoint_reference)                                                                        \
    ROW(shed_level)                                                                                \
    ROW(special_event)                                                                             \
    ROW(special_period)                                                                            \
    ROW(stage_limit)                                                                               \
    ROW(time_value)                                                                                \
    ROW(timer_change)                                                                              \
    ROW(value_source)                                                                              \
    ROW(vmac_entry)                                                                                \
    ROW(vt_session)                                                                                \
    ROW(list_of_action_command)                                                                    \
    ROW(list_of_landing_call)                                                                      \
    ROW(list_of_landing_door)                                                                      \
    ROW(list_of_log_value)                                                                         \
    ROW(list_of_name_value)                                                                        \
    ROW(list_of_policy_input)                                                                      \
    ROW(list_of_time_value)

/* All types that there are. */
#define BAC_TYPES(ROW)                                                                             \
    BAC_PRIMITIVE_TYPES(ROW)                                                                       \
    BAC_ENUMERATED_TYPES(ROW)                                                                      \
    BAC_CONSTRUCTED_TYPES(ROW)                                                                     \
    BAC_EVENT_TYPES(ROW)                                                                           \
    BAC_SERVICE_TYPES(ROW)                                                                         \
    BAC_PROPERTY_TYPES(ROW)

BAC_PROPERTY_TYPES(BAC_DECLARE)

/* Recipients and devices */

/* Recipient_List of a Notification Class. */
struct bac_destination {
    struct bac_bits valid_days; /* enum bac_days_of_week */
    struct bac_time from, to;
    struct bac_recipient recipient;
    uint64_t process;
    bool issue_confirmed;
    struct bac_bits transitions; /* enum bac_event_transition_bits */
};
struct bac_event_subscription {
    struct bac_recipient recipient;
    uint64_t process;
    bool issue_confirmed;
    uint64_t time_remaining;
};
struct bac_address_binding {
    struct bac_object_id device;
    struct bac_device_address address;
};
struct bac_vt_session {
    uint64_t local, remote;
    struct bac_device_address address;
};
struct bac_vmac_entry {
    struct bas_slice vmac, mac;
};
struct bac_port_permission {
    uint64_t port;
    bool enabled;
};
struct bac_cov_multiple_subscription {
    struct bac_recipient_process recipient;
    bool issue_confirmed;
    uint64_t time_remaining, max_delay;
    struct bac_list specs; /* struct bac_cov_specification */
};
enum bac_value_source_choice { BAC_SOURCE_NONE, BAC_SOURCE_OBJECT, BAC_SOURCE_ADDRESS };
struct bac_value_source {
    uint32_t choice; /* enum bac_value_source_choice */
    union {
        uint8_t none;
        struct bac_device_object_reference object;
        struct bac_device_address address;
    } as;
};

/* What may be absent: BACnetOptionalREAL and its like. */

enum bac_optional_choice { BAC_OPTIONAL_NULL, BAC_OPTIONAL_VALUE };
struct bac_optional_real {
    uint32_t choice; /* enum bac_optional_choice */
    union {
        uint8_t null;
        float value;
    } as;
};
struct bac_optional_unsigned {
    uint32_t choice; /* enum bac_optional_choice */
    union {
        uint8_t null;
        uint64_t value;
    } as;
};
struct bac_optional_binary_pv {
    uint32_t choice; /* enum bac_optional_choice */
    union {
        uint8_t null;
        uint32_t value;
    } as;
};
struct bac_optional_text {
    uint32_t choice; /* enum bac_optional_choice */
    union {
        uint8_t null;
        struct bac_text value;
    } as;
};
struct bac_optional_bits {
    uint32_t choice; /* enum bac_optional_choice */
    union {
        uint8_t null;
        struct bac_bits value;
    } as;
};
enum bac_client_cov_choice { BAC_CLIENT_COV_INCREMENT, BAC_CLIENT_COV_DEFAULT };
struct bac_client_cov {
    uint32_t choice; /* enum bac_client_cov_choice */
    union {
        float increment;
        uint8_t by_default;
    } as;
};
enum bac_process_selection_choice { BAC_PROCESS_ONE, BAC_PROCESS_NULL };
struct bac_process_selection {
    uint32_t choice; /* enum bac_process_selection_choice */
    union {
        uint64_t process;
        uint8_t null;
    } as;
};
enum bac_object_selector_choice { BAC_SELECT_NONE, BAC_SELECT_OBJECT, BAC_SELECT_TYPE };
struct bac_object_selector {
    uint32_t choice; /* enum bac_object_selector_choice */
    union {
        uint8_t none;
        struct bac_object_id object;
        uint32_t type;
    } as;
};
struct bac_setpoint_reference {
    bool has_reference;
    struct bac_object_property_reference reference;
};

/* Tags of objects. A value of two parts (BACnetDateTime) is not among what value can hold. */
struct bac_name_value {
    struct bac_text name;
    bool has_value;
    struct bac_value value;
};
struct bac_name_value_collection {
    struct bac_list members; /* struct bac_name_value */
};

/* Schedules and calendars */

struct bac_time_value {
    struct bac_time time;
    struct bac_value value;
};
struct bac_daily_schedule {
    struct bac_list day; /* struct bac_time_value */
};
enum bac_calendar_entry_choice { BAC_CALENDAR_DATE, BAC_CALENDAR_RANGE, BAC_CALENDAR_WEEK_N_DAY };
struct bac_calendar_entry {
    uint32_t choice; /* enum bac_calendar_entry_choice */
    union {
        struct bac_date date;
        struct bac_date_range range;
        struct bas_slice week_n_day; /* 3 octets: month, week of the month, day of the week */
    } as;
};
enum bac_special_period_choice { BAC_PERIOD_ENTRY, BAC_PERIOD_CALENDAR };
struct bac_special_period {
    uint32_t choice; /* enum bac_special_period_choice */
    union {
        struct bac_calendar_entry entry;
        struct bac_object_id calendar;
    } as;
};
struct bac_special_event {
    struct bac_special_period period;
    struct bac_list values; /* struct bac_time_value */
    uint64_t priority;      /* 1 .. 16 */
};

/* Logs */

enum bac_log_datum_choice {
    BAC_LOG_STATUS,
    BAC_LOG_BOOLEAN,
    BAC_LOG_REAL,
    BAC_LOG_ENUMERATED,
    BAC_LOG_UNSIGNED,
    BAC_LOG_INTEGER,
    BAC_LOG_BIT_STRING,
    BAC_LOG_NULL,
    BAC_LOG_FAILURE,
    BAC_LOG_TIME_CHANGE,
    BAC_LOG_ANY
};
struct bac_log_datum {
    uint32_t choice; /* enum bac_log_datum_choice */
    union {
        struct bac_bits status;
        bool boolean;
        float real;
        uint32_t enumerated;
        uint64_t unsigned_integer;
        int64_t integer;
        struct bac_bits bits;
        uint8_t null;
        struct bac_error_pair failure;
        float time_change;    /* s */
        struct bas_slice any; /* raw */
    } as;
};
struct bac_log_record {
    struct bac_date_time time;
    struct bac_log_datum datum;
    bool has_flags;
    struct bac_bits flags;
};
/* One of the values of a Trend Log Multiple: the choices of bac_log_datum without status and time
 * change, in the same order. */
enum bac_log_value_choice {
    BAC_LOG_VALUE_BOOLEAN,
    BAC_LOG_VALUE_REAL,
    BAC_LOG_VALUE_ENUMERATED,
    BAC_LOG_VALUE_UNSIGNED,
    BAC_LOG_VALUE_INTEGER,
    BAC_LOG_VALUE_BIT_STRING,
    BAC_LOG_VALUE_NULL,
    BAC_LOG_VALUE_FAILURE,
    BAC_LOG_VALUE_ANY
};
struct bac_log_value {
    uint32_t choice; /* enum bac_log_value_choice */
    union {
        bool boolean;
        float real;
        uint32_t enumerated;
        uint64_t unsigned_integer;
        int64_t integer;
        struct bac_bits bits;
        uint8_t null;
        struct bac_error_pair failure;
        struct bas_slice any; /* raw */
    } as;
};
enum bac_log_data_choice { BAC_LOG_DATA_STATUS, BAC_LOG_DATA_VALUES, BAC_LOG_DATA_TIME_CHANGE };
struct bac_log_data {
    uint32_t choice; /* enum bac_log_data_choice */
    union {
        struct bac_bits status;
        struct bac_list values; /* struct bac_log_value */
        float time_change;      /* s */
    } as;
};
struct bac_log_multiple_record {
    struct bac_date_time time;
    struct bac_log_data data;
};
enum bac_event_log_choice { BAC_EVENT_LOG_STATUS, BAC_EVENT_LOG_EVENT, BAC_EVENT_LOG_TIME_CHANGE };
struct bac_event_log_datum {
    uint32_t choice; /* enum bac_event_log_choice */
    union {
        struct bac_bits status;
        struct bac_event_notification event;
        float time_change; /* s */
    } as;
};
struct bac_event_log_record {
    struct bac_date_time time;
    struct bac_event_log_datum datum;
};
struct bac_accumulator_record {
    struct bac_date_time time;
    uint64_t present_value, accumulated;
    uint32_t status;
};

/* Control */

struct bac_action_command {
    bool has_device, has_index, has_priority, has_delay;
    struct bac_object_id device, object;
    uint32_t property;
    uint64_t index;
    struct bas_slice value; /* raw */
    uint64_t priority;      /* 1 .. 16 */
    uint64_t delay;         /* s */
    bool quit_on_failure, successful;
};
struct bac_action_list {
    struct bac_list commands; /* struct bac_action_command */
};
enum bac_scale_choice { BAC_SCALE_FLOAT, BAC_SCALE_INTEGER };
struct bac_scale {
    uint32_t choice; /* enum bac_scale_choice */
    union {
        float real;
        int64_t integer;
    } as;
};
struct bac_prescale {
    uint64_t multiplier, modulo_divide;
};
enum bac_shed_level_choice { BAC_SHED_PERCENT, BAC_SHED_LEVEL, BAC_SHED_AMOUNT };
struct bac_shed_level {
    uint32_t choice; /* enum bac_shed_level_choice */
    union {
        uint64_t percent, level;
        float amount;
    } as;
};
struct bac_stage_limit {
    float limit;
    struct bac_bits values;
    float deadband;
};
enum bac_timer_change_choice {
    BAC_TIMER_CHANGE_NULL,
    BAC_TIMER_CHANGE_BOOLEAN,
    BAC_TIMER_CHANGE_UNSIGNED,
    BAC_TIMER_CHANGE_INTEGER,
    BAC_TIMER_CHANGE_REAL,
    BAC_TIMER_CHANGE_DOUBLE,
    BAC_TIMER_CHANGE_OCTET_STRING,
    BAC_TIMER_CHANGE_CHARACTER_STRING,
    BAC_TIMER_CHANGE_BIT_STRING,
    BAC_TIMER_CHANGE_ENUMERATED,
    BAC_TIMER_CHANGE_DATE,
    BAC_TIMER_CHANGE_TIME,
    BAC_TIMER_CHANGE_OBJECT_ID,
    BAC_TIMER_CHANGE_NO_VALUE,
    BAC_TIMER_CHANGE_CONSTRUCTED,
    BAC_TIMER_CHANGE_DATE_TIME,
    BAC_TIMER_CHANGE_LIGHTING_COMMAND
};
struct bac_timer_change {
    uint32_t choice; /* enum bac_timer_change_choice */
    union {
        uint8_t null, no_value;
        bool boolean;
        uint64_t unsigned_integer;
        int64_t integer;
        float real;
        double real64;
        struct bas_slice octets;
        struct bac_text text;
        struct bac_bits bits;
        uint32_t enumerated;
        struct bac_date date;
        struct bac_time time;
        struct bac_object_id object;
        struct bas_slice constructed; /* raw */
        struct bac_date_time date_time;
        struct bac_lighting_command lighting;
    } as;
};
/* An element of the Present_Value of a Global Group. */
struct bac_property_access_result {
    struct bac_object_id object;
    uint32_t property;
    bool has_index, has_device;
    uint64_t index;
    struct bac_object_id device;
    struct bac_read_outcome result;
};

/* Access control */

struct bac_assigned_access_rights {
    struct bac_device_object_reference reference;
    bool enable;
};
struct bac_access_rule {
    uint32_t time_range_specifier; /* enum bac_access_rule_time */
    bool has_time_range, has_location;
    struct bac_device_object_property_reference time_range;
    uint32_t location_specifier; /* enum bac_access_rule_location */
    struct bac_device_object_reference location;
    bool enable;
};
struct bac_credential_factor {
    uint32_t disable;
    struct bac_authentication_factor factor;
};
struct bac_factor_format {
    uint32_t format;
    bool has_vendor, has_vendor_format;
    uint64_t vendor, vendor_format;
};
struct bac_policy_input {
    struct bac_device_object_reference input;
    uint64_t index;
};
struct bac_authentication_policy {
    struct bac_list inputs; /* struct bac_policy_input */
    bool order_enforced;
    uint64_t timeout;
};

/* Lifts */

struct bac_landing_call {
    uint64_t floor;
    uint32_t direction;
};
struct bac_assigned_landing_calls {
    struct bac_list calls; /* struct bac_landing_call */
};
enum bac_landing_command_choice { BAC_LANDING_DIRECTION, BAC_LANDING_DESTINATION };
struct bac_landing_command {
    uint32_t choice; /* enum bac_landing_command_choice */
    union {
        uint32_t direction;
        uint64_t destination;
    } as;
};
struct bac_landing_call_status {
    uint64_t floor;
    struct bac_landing_command command;
    bool has_text;
    struct bac_text text;
};
struct bac_landing_door {
    uint64_t floor;
    uint32_t status;
};
struct bac_landing_door_status {
    struct bac_list doors; /* struct bac_landing_door */
};
struct bac_car_call_list {
    struct bac_list floors; /* uint64_t */
};

#ifdef __cplusplus
}
#endif

#endif
