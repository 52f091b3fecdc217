/*
 * BACnet's services (clauses 13 to 17) as C structs, and the register of their rows (clause 21).
 *
 * Names: struct bac_<service> is the request, struct bac_<service>_ack its answer, each described
 * by bac_type_<name>; a service that is both confirmed and unconfirmed has one of them.
 */
#ifndef BASALT_BACNET_SERVICE_H
#define BASALT_BACNET_SERVICE_H

#include "basalt/bacnet_event.h"
#include "basalt/bacnet_type.h"

#ifdef __cplusplus
extern "C" {
#endif

#define BAC_SERVICE_TYPES(ROW)                                                                     \
    ROW(acknowledge_alarm)                                                                         \
    ROW(alarm_summary)                                                                             \
    ROW(atomic_read_file)                                                                          \
    ROW(atomic_read_file_ack)                                                                      \
    ROW(atomic_write_file)                                                                         \
    ROW(atomic_write_file_ack)                                                                     \
    ROW(audit_log_query)                                                                           \
    ROW(audit_log_query_ack)                                                                       \
    ROW(audit_notification)                                                                        \
    ROW(change_list_error)                                                                         \
    ROW(channel_value)                                                                             \
    ROW(color_command)                                                                             \
    ROW(cov_notification)                                                                          \
    ROW(cov_notification_multiple)                                                                 \
    ROW(cov_object)                                                                                \
    ROW(cov_reference)                                                                             \
    ROW(cov_specification)                                                                         \
    ROW(cov_value)                                                                                 \
    ROW(create_object)                                                                             \
    ROW(create_object_ack)                                                                         \
    ROW(create_object_error)                                                                       \
    ROW(create_specifier)                                                                          \
    ROW(delete_object)                                                                             \
    ROW(device_communication_control)                                                              \
    ROW(enrollment_summary)                                                                        \
    ROW(event_summary)                                                                             \
    ROW(failed_subscription)                                                                       \
    ROW(file_data)                                                                                 \
    ROW(file_read_access)                                                                          \
    ROW(file_read_records)                                                                         \
    ROW(file_read_stream)                                                                          \
    ROW(file_records)                                                                              \
    ROW(file_returned)                                                                             \
    ROW(file_returned_records)                                                                     \
    ROW(file_stream)                                                                               \
    ROW(get_alarm_summary_ack)                                                                     \
    ROW(get_enrollment_summary)                                                                    \
    ROW(get_enrollment_summary_ack)                                                                \
    ROW(get_event_information)                                                                     \
    ROW(get_event_information_ack)                                                                 \
    ROW(group_channel_value)                                                                       \
    ROW(i_am)                                                                                      \
    ROW(i_have)                                                                                    \
    ROW(life_safety_operation)                                                                     \
    ROW(lighting_command)                                                                          \
    ROW(list_element)                                                                              \
    ROW(message_class)                                                                             \
    ROW(priority_span)                                                                             \
    ROW(private_transfer)                                                                          \
    ROW(private_transfer_ack)                                                                      \
    ROW(private_transfer_error)                                                                    \
    ROW(range)                                                                                     \
    ROW(range_position)                                                                            \
    ROW(range_sequence)                                                                            \
    ROW(range_time)                                                                                \
    ROW(read_access)                                                                               \
    ROW(read_access_result)                                                                        \
    ROW(read_outcome)                                                                              \
    ROW(read_property)                                                                             \
    ROW(read_property_ack)                                                                         \
    ROW(read_property_multiple)                                                                    \
    ROW(read_property_multiple_ack)                                                                \
    ROW(read_range)                                                                                \
    ROW(read_range_ack)                                                                            \
    ROW(read_result)                                                                               \
    ROW(reinitialize_device)                                                                       \
    ROW(subscribe_cov)                                                                             \
    ROW(subscribe_cov_property)                                                                    \
    ROW(subscribe_cov_property_multiple)                                                           \
    ROW(subscribe_cov_property_multiple_error)                                                     \
    ROW(text_message)                                                                              \
    ROW(time_synchronization)                                                                      \
    ROW(vt_close)                                                                                  \
    ROW(vt_close_error)                                                                            \
    ROW(vt_data)                                                                                   \
    ROW(vt_data_ack)                                                                               \
    ROW(vt_open)                                                                                   \
    ROW(vt_open_ack)                                                                               \
    ROW(who_am_i)                                                                                  \
    ROW(who_has)                                                                                   \
    ROW(who_has_object)                                                                            \
    ROW(who_is)                                                                                    \
    ROW(write_access)                                                                              \
    ROW(write_group)                                                                               \
    ROW(write_property)                                                                            \
    ROW(write_property_multiple)                                                                   \
    ROW(write_property_multiple_error)                                                             \
    ROW(xy_color)                                                                                  \
    ROW(you_are)                                                                                   \
    /* lists */                                                                                    \
    ROW(list_of_alarm_summary)                                                                     \
    ROW(list_of_cov_object)                                                                        \
    ROW(list_of_cov_reference)                                                                     \
    ROW(list_of_cov_specification)                                                                 \
    ROW(list_of_cov_value)                                                                         \
    ROW(list_of_enrollment_summary)                                                                \
    ROW(list_of_event_summary)                                                                     \
    ROW(list_of_group_channel_value)                                                               \
    ROW(list_of_read_access)                                                                       \
    ROW(list_of_read_access_result)                                                                \
    ROW(list_of_read_result)                                                                       \
    ROW(list_of_write_access)

BAC_SERVICE_TYPES(BAC_DECLARE)

/* A service: its parameters and its answer. request or ack NULL with is_coded: it has none (an
 * empty one, a SimpleACK); without is_coded we know only its name. */
struct bac_service {
    uint8_t choice;
    bool confirmed;
    bool is_coded;
    uint8_t supported_bit; /* in BACnetServicesSupported; 255: none */
    const char *name;      /* "read-property" */
    const struct bac_type *request;
    const struct bac_type *ack;
    const struct bac_type *error; /* of the Error PDU; BACnetError where nothing else is said */
};
/* NULL: not a service of this standard. */
BAS_API const struct bac_service *bac_service_find(bool confirmed, uint8_t choice);
BAS_API const struct bac_service *bac_services(size_t *n);

/* has_low and has_high come together; whoever gets one alone answers as for neither (16.10). */
struct bac_who_is {
    bool has_low, has_high;
    uint64_t low, high;
};
struct bac_i_am {
    struct bac_object_id device;
    uint64_t max_apdu;
    uint32_t segmentation;
    uint64_t vendor;
};
enum bac_who_has_choice { BAC_WHO_HAS_ID, BAC_WHO_HAS_NAME };
struct bac_who_has_object {
    uint32_t choice; /* enum bac_who_has_choice */
    union {
        struct bac_object_id id;
        struct bac_text name;
    } as;
};
struct bac_who_has {
    bool has_low, has_high;
    uint64_t low, high;
    struct bac_who_has_object object;
};
struct bac_i_have {
    struct bac_object_id device, object;
    struct bac_text name;
};

struct bac_read_property {
    struct bac_object_id object;
    uint32_t property;
    bool has_index;
    uint64_t index;
};
struct bac_read_property_ack {
    struct bac_object_id object;
    uint32_t property;
    bool has_index;
    uint64_t index;
    struct bas_slice value; /* raw */
};
struct bac_write_property {
    struct bac_object_id object;
    uint32_t property;
    bool has_index, has_priority;
    uint64_t index;
    struct bas_slice value; /* raw */
    uint64_t priority;      /* 1 .. 16 */
};

struct bac_read_access {
    struct bac_object_id object;
    struct bac_list properties; /* struct bac_property_reference */
};
struct bac_read_property_multiple {
    struct bac_list specs; /* struct bac_read_access */
};
enum bac_read_outcome_choice { BAC_READ_VALUE, BAC_READ_ERROR };
struct bac_read_outcome {
    uint32_t choice; /* enum bac_read_outcome_choice */
    union {
        struct bas_slice value; /* raw */
        struct bac_error_pair error;
    } as;
};
struct bac_read_result {
    uint32_t property;
    bool has_index;
    uint64_t index;
    struct bac_read_outcome outcome;
};
struct bac_read_access_result {
    struct bac_object_id object;
    struct bac_list results; /* struct bac_read_result */
};
struct bac_read_property_multiple_ack {
    struct bac_list results; /* struct bac_read_access_result */
};

struct bac_write_access {
    struct bac_object_id object;
    struct bac_list values; /* struct bac_property_value */
};
struct bac_write_property_multiple {
    struct bac_list specs; /* struct bac_write_access */
};
struct bac_write_property_multiple_error {
    struct bac_error_pair error;
    struct bac_object_property_reference first_failed;
};

struct bac_subscribe_cov {
    uint64_t process;
    struct bac_object_id object;
    bool has_confirmed, has_lifetime; /* neither: a cancellation */
    bool confirmed;
    uint64_t lifetime; /* s; 0 for ever */
};
/* Confirmed and unconfirmed. */
struct bac_cov_notification {
    uint64_t process;
    struct bac_object_id device, object;
    uint64_t time_remaining;
    struct bac_list values; /* struct bac_property_value */
};

/* Files (clause 14). Stream and record access share their structs. */
enum bac_file_access_choice { BAC_FILE_STREAM, BAC_FILE_RECORDS };
struct bac_file_read {
    int64_t start;
    uint64_t count;
};
struct bac_file_read_access {
    uint32_t choice; /* enum bac_file_access_choice */
    union {
        struct bac_file_read stream, records;
    } as;
};
struct bac_atomic_read_file {
    struct bac_object_id file;
    struct bac_file_read_access access;
};
struct bac_file_stream {
    int64_t start; /* writing: -1 appends */
    struct bas_slice data;
};
struct bac_file_records {
    int64_t start;
    uint64_t count;
    struct bac_list records; /* struct bas_slice */
};
struct bac_file_data {
    uint32_t choice; /* enum bac_file_access_choice */
    union {
        struct bac_file_stream stream;
        struct bac_file_records records;
    } as;
};
struct bac_atomic_read_file_ack {
    bool end_of_file;
    struct bac_file_data data;
};
struct bac_atomic_write_file {
    struct bac_object_id file;
    struct bac_file_data data;
};
struct bac_atomic_write_file_ack {
    uint32_t choice; /* enum bac_file_access_choice */
    union {
        int64_t stream, records; /* where it began */
    } as;
};

struct bac_device_communication_control {
    bool has_duration, has_password;
    uint64_t duration; /* minutes; absent: for ever */
    uint32_t state;
    struct bac_text password; /* 1 .. 20 characters */
};
struct bac_reinitialize_device {
    uint32_t state;
    bool has_password;
    struct bac_text password;
};
/* Local time and UTC. */
struct bac_time_synchronization {
    struct bac_date_time time;
};

/* SubscribeCOVProperty (13.15) */
struct bac_subscribe_cov_property {
    uint64_t process;
    struct bac_object_id object;
    bool has_confirmed, has_lifetime, has_increment; /* no confirmed, no lifetime: a cancellation */
    bool confirmed;
    uint64_t lifetime;
    struct bac_property_reference property;
    float increment;
};

/* SubscribeCOVPropertyMultiple (13.16). References and specifications are those of
 * BACnetCOVMultipleSubscription too. */
struct bac_cov_reference {
    struct bac_property_reference property;
    bool has_increment;
    float increment;
    bool timestamped;
};
struct bac_cov_specification {
    struct bac_object_id object;
    struct bac_list references; /* struct bac_cov_reference */
};
struct bac_subscribe_cov_property_multiple {
    uint64_t process;
    bool has_confirmed, has_lifetime, has_max_delay; /* no confirmed, no lifetime: a cancellation */
    bool confirmed;
    uint64_t lifetime, max_delay; /* s */
    struct bac_list specs;        /* struct bac_cov_specification */
};
struct bac_failed_subscription {
    struct bac_object_id object;
    struct bac_property_reference property;
    struct bac_error_pair error;
};
enum bac_subscribe_error_choice { BAC_SUBSCRIBE_ERROR, BAC_SUBSCRIBE_FIRST_FAILED };
struct bac_subscribe_cov_property_multiple_error {
    uint32_t choice; /* enum bac_subscribe_error_choice */
    union {
        struct bac_error_pair error;
        struct bac_failed_subscription first_failed;
    } as;
};

/* Confirmed and unconfirmed (13.17, 13.18). */
struct bac_cov_value {
    uint32_t property;
    bool has_index, has_time;
    uint64_t index;
    struct bas_slice value; /* raw */
    struct bac_time time;   /* of the change */
};
struct bac_cov_object {
    struct bac_object_id object;
    struct bac_list values; /* struct bac_cov_value */
};
struct bac_cov_notification_multiple {
    uint64_t process;
    struct bac_object_id device;
    uint64_t time_remaining;
    bool has_timestamp;
    struct bac_date_time timestamp;
    struct bac_list notifications; /* struct bac_cov_object */
};

/* ReadRange (15.8) */
struct bac_range_position {
    uint64_t reference;
    int64_t count; /* negative: backwards from the reference */
};
struct bac_range_time {
    struct bac_date_time reference;
    int64_t count;
};
enum bac_range_choice { BAC_RANGE_POSITION, BAC_RANGE_SEQUENCE, BAC_RANGE_TIME };
struct bac_range {
    uint32_t choice; /* enum bac_range_choice */
    union {
        struct bac_range_position position, sequence;
        struct bac_range_time time;
    } as;
};
struct bac_read_range {
    struct bac_object_id object;
    uint32_t property;
    bool has_index, has_range;
    uint64_t index;
    struct bac_range range;
};
struct bac_read_range_ack {
    struct bac_object_id object;
    uint32_t property;
    bool has_index, has_first;
    uint64_t index;
    struct bac_bits flags; /* enum bac_result_flags */
    uint64_t count;
    struct bas_slice items; /* raw: count values, one after another */
    uint64_t first;         /* the sequence number of the first one */
};

/* CreateObject and DeleteObject (15.3, 15.4) */
enum bac_create_choice { BAC_CREATE_TYPE, BAC_CREATE_ID };
struct bac_create_specifier {
    uint32_t choice; /* enum bac_create_choice */
    union {
        uint32_t type;
        struct bac_object_id id;
    } as;
};
struct bac_create_object {
    struct bac_create_specifier specifier;
    bool has_values;
    struct bac_list values; /* struct bac_property_value */
};
struct bac_create_object_ack {
    struct bac_object_id object;
};
struct bac_create_object_error {
    struct bac_error_pair error;
    uint64_t first_failed; /* of the initial values, from 1; 0: none of them */
};
struct bac_delete_object {
    struct bac_object_id object;
};

/* AddListElement and RemoveListElement (15.1, 15.2) */
struct bac_list_element {
    struct bac_object_id object;
    uint32_t property;
    bool has_index;
    uint64_t index;
    struct bas_slice elements; /* raw */
};
struct bac_change_list_error {
    struct bac_error_pair error;
    uint64_t first_failed; /* element, from 1; 0: none of them */
};

/* Alarms (13.5 to 13.13) */
struct bac_acknowledge_alarm {
    uint64_t process;
    struct bac_object_id object;
    uint32_t state;
    struct bac_time_stamp time_stamp; /* of the transition */
    struct bac_text source;
    struct bac_time_stamp time; /* of the acknowledgment */
};
struct bac_alarm_summary {
    struct bac_object_id object;
    uint32_t state;
    struct bac_bits acknowledged; /* enum bac_event_transition_bits */
};
/* GetAlarmSummary has no request. */
struct bac_get_alarm_summary_ack {
    struct bac_list summaries; /* struct bac_alarm_summary */
};
struct bac_priority_span {
    uint64_t min, max;
};
struct bac_get_enrollment_summary {
    uint32_t acknowledgment;
    bool has_enrollment, has_state, has_event_type, has_priority, has_notification_class;
    struct bac_recipient_process enrollment;
    uint32_t state; /* enum bac_event_state_filter */
    uint32_t event_type;
    struct bac_priority_span priority;
    uint64_t notification_class;
};
struct bac_enrollment_summary {
    struct bac_object_id object;
    uint32_t event_type, state;
    uint64_t priority;
    bool has_notification_class;
    uint64_t notification_class;
};
struct bac_get_enrollment_summary_ack {
    struct bac_list summaries; /* struct bac_enrollment_summary */
};
struct bac_get_event_information {
    bool has_last;
    struct bac_object_id last; /* received in the answer before */
};
struct bac_event_summary {
    struct bac_object_id object;
    uint32_t state;
    struct bac_bits acknowledged; /* enum bac_event_transition_bits */
    struct bac_list time_stamps;  /* 3 struct bac_time_stamp */
    uint32_t notify_type;
    struct bac_bits enabled;    /* enum bac_event_transition_bits */
    struct bac_list priorities; /* 3 uint64_t */
};
struct bac_get_event_information_ack {
    struct bac_list summaries; /* struct bac_event_summary */
    bool more;
};
struct bac_life_safety_operation {
    uint64_t process;
    struct bac_text source;
    uint32_t request; /* enum bac_life_safety_request */
    bool has_object;
    struct bac_object_id object;
};

/* Messages, private transfer, virtual terminals (16.2, 16.3, 16.5, 16.6, clause 17) */
enum bac_message_class_choice { BAC_MESSAGE_NUMERIC, BAC_MESSAGE_CHARACTER };
struct bac_message_class {
    uint32_t choice; /* enum bac_message_class_choice */
    union {
        uint64_t numeric;
        struct bac_text character;
    } as;
};
/* Confirmed and unconfirmed. */
struct bac_text_message {
    struct bac_object_id source;
    bool has_message_class;
    struct bac_message_class message_class;
    uint32_t priority; /* enum bac_message_priority */
    struct bac_text message;
};
/* Confirmed and unconfirmed. */
struct bac_private_transfer {
    uint64_t vendor, service;
    bool has_parameters;
    struct bas_slice parameters; /* raw */
};
struct bac_private_transfer_ack {
    uint64_t vendor, service;
    bool has_result;
    struct bas_slice result; /* raw */
};
struct bac_private_transfer_error {
    struct bac_error_pair error;
    uint64_t vendor, service;
    bool has_parameters;
    struct bas_slice parameters; /* raw */
};
struct bac_vt_open {
    uint32_t vt_class;
    uint64_t session; /* of the one who asks */
};
struct bac_vt_open_ack {
    uint64_t session; /* of the one who answers */
};
struct bac_vt_close {
    struct bac_list sessions; /* uint64_t, of the one who answers */
};
struct bac_vt_close_error {
    struct bac_error_pair error;
    bool has_sessions;
    struct bac_list sessions; /* uint64_t */
};
struct bac_vt_data {
    uint64_t session;
    struct bas_slice data;
    uint64_t flag; /* 0 and 1 in turn */
};
struct bac_vt_data_ack {
    bool all_accepted;
    bool has_accepted;
    uint64_t accepted; /* octets, when not all were */
};

/* Audits (13.19 to 13.21): confirmed and unconfirmed. */
struct bac_audit_notification {
    struct bac_list events; /* struct bac_audit_event */
};
struct bac_audit_log_query {
    struct bac_object_id log;
    struct bac_audit_query query;
    bool has_start;
    uint64_t start; /* sequence number */
    uint64_t count; /* at most so many records */
};
struct bac_audit_log_query_ack {
    struct bac_object_id log;
    struct bac_list records; /* struct bac_audit_log_result */
    bool no_more;
};

/* WriteGroup (15.11) */
struct bac_lighting_command {
    uint32_t operation;
    bool has_level, has_ramp_rate, has_step, has_fade_time, has_priority;
    float level, ramp_rate, step;
    uint64_t fade_time; /* ms */
    uint64_t priority;
};
struct bac_xy_color {
    float x, y;
};
struct bac_color_command {
    uint32_t operation;
    bool has_color, has_temperature, has_fade_time, has_ramp_rate, has_step;
    struct bac_xy_color color;
    uint64_t temperature; /* K */
    uint64_t fade_time;   /* ms */
    uint64_t ramp_rate, step;
};
enum bac_channel_value_choice {
    BAC_CHANNEL_NULL,
    BAC_CHANNEL_REAL,
    BAC_CHANNEL_ENUMERATED,
    BAC_CHANNEL_UNSIGNED,
    BAC_CHANNEL_BOOLEAN,
    BAC_CHANNEL_INTEGER,
    BAC_CHANNEL_DOUBLE,
    BAC_CHANNEL_TIME,
    BAC_CHANNEL_CHARACTER_STRING,
    BAC_CHANNEL_OCTET_STRING,
    BAC_CHANNEL_BIT_STRING,
    BAC_CHANNEL_DATE,
    BAC_CHANNEL_OBJECT_ID,
    BAC_CHANNEL_LIGHTING_COMMAND,
    BAC_CHANNEL_XY_COLOR,
    BAC_CHANNEL_COLOR_COMMAND
};
struct bac_channel_value {
    uint32_t choice; /* enum bac_channel_value_choice */
    union {
        uint8_t null;
        float real;
        uint32_t enumerated;
        uint64_t unsigned_integer;
        bool boolean;
        int64_t integer;
        double real64;
        struct bac_time time;
        struct bac_text text;
        struct bas_slice octets;
        struct bac_bits bits;
        struct bac_date date;
        struct bac_object_id object;
        struct bac_lighting_command lighting;
        struct bac_xy_color xy;
        struct bac_color_command color;
    } as;
};
struct bac_group_channel_value {
    uint64_t channel;
    bool has_priority;
    uint64_t priority; /* 1 .. 16, in place of the request's */
    struct bac_channel_value value;
};
struct bac_write_group {
    uint64_t group;
    uint64_t priority;       /* 1 .. 16 */
    struct bac_list changes; /* struct bac_group_channel_value */
    bool has_inhibit_delay;
    bool inhibit_delay;
};

/* Who-Am-I and You-Are (16.11) */
struct bac_who_am_i {
    uint64_t vendor;
    struct bac_text model, serial;
};
struct bac_you_are {
    uint64_t vendor;
    struct bac_text model, serial;
    bool has_device, has_mac;
    struct bac_object_id device;
    struct bas_slice mac;
};

#ifdef __cplusplus
}
#endif

#endif
