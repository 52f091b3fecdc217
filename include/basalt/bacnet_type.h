/*
 * BACnet's constructed data types and services as C structs, and the rows that describe them
 * (clause 21). Encode and decode any of them with bac_encode and bac_decode.
 *
 * Names: struct bac_<noun> is described by bac_type_<noun>. A member has_x says whether the
 * OPTIONAL x is there. A CHOICE has an enum of its alternatives. Beside every struct bac_list
 * stands its element.
 */
#ifndef BASALT_BACNET_TYPE_H
#define BASALT_BACNET_TYPE_H

#include "basalt/bacnet_value.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Every type has a row; a new one is added here, as a struct below, and in src/bacnet/types*.c or
 * src/bacnet/services. */
#define BAC_PRIMITIVE_TYPES(ROW)                                                                   \
    ROW(null)                                                                                      \
    ROW(boolean)                                                                                   \
    ROW(unsigned)                                                                                  \
    ROW(unsigned8)                                                                                 \
    ROW(unsigned16)                                                                                \
    ROW(unsigned32)                                                                                \
    ROW(instance) /* Unsigned 0 .. 4194303 */                                                      \
    ROW(priority) /* Unsigned 1 .. 16 */                                                           \
    ROW(vmac)     /* OCTET STRING of 6 */                                                          \
    ROW(uuid)     /* OCTET STRING of 16 */                                                         \
    ROW(integer)                                                                                   \
    ROW(real)                                                                                      \
    ROW(double)                                                                                    \
    ROW(octet_string)                                                                              \
    ROW(character_string)                                                                          \
    ROW(bit_string)                                                                                \
    ROW(enumerated)                                                                                \
    ROW(date)                                                                                      \
    ROW(time)                                                                                      \
    ROW(object_id)                                                                                 \
    ROW(value) /* any application-tagged primitive: struct bac_value */                            \
    ROW(any)   /* ABSTRACT-SYNTAX.&Type: struct bas_slice, raw */

#define BAC_ENUMERATED_TYPES(ROW)                                                                  \
    ROW(abort_reason)                                                                              \
    ROW(backup_state)                                                                              \
    ROW(binary_pv)                                                                                 \
    ROW(device_communication_state)                                                                \
    ROW(device_status)                                                                             \
    ROW(engineering_units)                                                                         \
    ROW(error_class)                                                                               \
    ROW(error_code)                                                                                \
    ROW(event_state)                                                                               \
    ROW(event_type)                                                                                \
    ROW(file_access_method)                                                                        \
    ROW(ip_mode)                                                                                   \
    ROW(network_number_quality)                                                                    \
    ROW(network_port_command)                                                                      \
    ROW(network_type)                                                                              \
    ROW(notify_type)                                                                               \
    ROW(object_type)                                                                               \
    ROW(polarity)                                                                                  \
    ROW(property_identifier)                                                                       \
    ROW(protocol_level)                                                                            \
    ROW(reinitialized_state)                                                                       \
    ROW(reject_reason)                                                                             \
    ROW(reliability)                                                                               \
    ROW(restart_reason)                                                                            \
    ROW(router_status)                                                                             \
    ROW(sc_connection_state)                                                                       \
    ROW(sc_hub_connector_state)                                                                    \
    ROW(segmentation)                                                                              \
    ROW(write_status)                                                                              \
    /* bit strings with names */                                                                   \
    ROW(event_transition_bits)                                                                     \
    ROW(limit_enable)                                                                              \
    ROW(object_types_supported)                                                                    \
    ROW(services_supported)                                                                        \
    ROW(status_flags)

#define BAC_CONSTRUCTED_TYPES(ROW)                                                                 \
    ROW(address)                                                                                   \
    ROW(bdt_entry)                                                                                 \
    ROW(cov_subscription)                                                                          \
    ROW(date_range)                                                                                \
    ROW(date_time)                                                                                 \
    ROW(device_object_property_reference)                                                          \
    ROW(error)                                                                                     \
    ROW(fdt_entry)                                                                                 \
    ROW(health)                                                                                    \
    ROW(host_address)                                                                              \
    ROW(host_n_port)                                                                               \
    ROW(object_property_reference)                                                                 \
    ROW(priority_array)                                                                            \
    ROW(priority_value)                                                                            \
    ROW(property_reference)                                                                        \
    ROW(property_value)                                                                            \
    ROW(recipient)                                                                                 \
    ROW(recipient_process)                                                                         \
    ROW(router_entry)                                                                              \
    ROW(sc_direct_connection)                                                                      \
    ROW(sc_failed_connection_request)                                                              \
    ROW(sc_hub_connection)                                                                         \
    ROW(sc_hub_function_connection)                                                                \
    ROW(time_stamp)                                                                                \
    /* lists */                                                                                    \
    ROW(list_of_object_id)                                                                         \
    ROW(list_of_octet_string)                                                                      \
    ROW(list_of_property_reference)                                                                \
    ROW(list_of_property_value)                                                                    \
    ROW(list_of_read_access)                                                                       \
    ROW(list_of_read_access_result)                                                                \
    ROW(list_of_read_result)                                                                       \
    ROW(list_of_write_access)

#define BAC_SERVICE_TYPES(ROW)                                                                     \
    ROW(atomic_read_file)                                                                          \
    ROW(atomic_read_file_ack)                                                                      \
    ROW(atomic_write_file)                                                                         \
    ROW(atomic_write_file_ack)                                                                     \
    ROW(cov_notification)                                                                          \
    ROW(device_communication_control)                                                              \
    ROW(file_data)                                                                                 \
    ROW(file_read)                                                                                 \
    ROW(file_read_access)                                                                          \
    ROW(file_records)                                                                              \
    ROW(file_stream)                                                                               \
    ROW(i_am)                                                                                      \
    ROW(i_have)                                                                                    \
    ROW(read_access)                                                                               \
    ROW(read_access_result)                                                                        \
    ROW(read_outcome)                                                                              \
    ROW(read_property)                                                                             \
    ROW(read_property_ack)                                                                         \
    ROW(read_property_multiple)                                                                    \
    ROW(read_property_multiple_ack)                                                                \
    ROW(read_result)                                                                               \
    ROW(reinitialize_device)                                                                       \
    ROW(subscribe_cov)                                                                             \
    ROW(time_synchronization)                                                                      \
    ROW(who_has)                                                                                   \
    ROW(who_has_object)                                                                            \
    ROW(who_is)                                                                                    \
    ROW(write_access)                                                                              \
    ROW(write_property)                                                                            \
    ROW(write_property_multiple)                                                                   \
    ROW(write_property_multiple_error)

#define BAC_TYPES(ROW)                                                                             \
    BAC_PRIMITIVE_TYPES(ROW)                                                                       \
    BAC_ENUMERATED_TYPES(ROW)                                                                      \
    BAC_CONSTRUCTED_TYPES(ROW)                                                                     \
    BAC_SERVICE_TYPES(ROW)

#define BAC_DECLARE(id) BAS_API extern const struct bac_type bac_type_##id;
BAC_TYPES(BAC_DECLARE)
#undef BAC_DECLARE

/* All of them, *n many, and one by the standard's name ("BACnetTimeStamp") or NULL. */
BAS_API const struct bac_type *const *bac_types(size_t *n);
BAS_API const struct bac_type *bac_type_find(const char *name);

/* Data types */

struct bac_date_time {
    struct bac_date date;
    struct bac_time time;
};
struct bac_date_range {
    struct bac_date start, end;
};

enum bac_time_stamp_choice {
    BAC_TIME_STAMP_TIME,
    BAC_TIME_STAMP_SEQUENCE,
    BAC_TIME_STAMP_DATE_TIME
};
struct bac_time_stamp {
    uint32_t choice; /* enum bac_time_stamp_choice */
    union {
        struct bac_time time;
        uint64_t sequence; /* 0 .. 65535 */
        struct bac_date_time date_time;
    } as;
};

/* BACnetAddress: network 0 is the local network; no MAC is a broadcast. */
struct bac_device_address {
    uint64_t network;
    struct bas_slice mac;
};

enum bac_host_choice { BAC_HOST_NONE, BAC_HOST_IP, BAC_HOST_NAME };
struct bac_host_address {
    uint32_t choice; /* enum bac_host_choice */
    union {
        uint8_t none;
        struct bas_slice ip; /* 4 or 16 octets */
        struct bac_text name;
    } as;
};
struct bac_host_n_port {
    struct bac_host_address host;
    uint64_t port;
};

/* The struct of bac_type_error. */
struct bac_error_pair {
    uint32_t error_class;
    uint32_t error_code;
};

struct bac_property_reference {
    uint32_t property;
    bool has_index;
    uint64_t index;
};
struct bac_object_property_reference {
    struct bac_object_id object;
    uint32_t property;
    bool has_index;
    uint64_t index;
};
struct bac_device_object_property_reference {
    struct bac_object_id object;
    uint32_t property;
    bool has_index, has_device;
    uint64_t index;
    struct bac_object_id device;
};
struct bac_property_value {
    uint32_t property;
    bool has_index, has_priority;
    uint64_t index;
    struct bas_slice value; /* raw */
    uint64_t priority;
};

enum bac_priority_value_choice {
    BAC_PRIORITY_NULL,
    BAC_PRIORITY_REAL,
    BAC_PRIORITY_ENUMERATED,
    BAC_PRIORITY_UNSIGNED,
    BAC_PRIORITY_BOOLEAN,
    BAC_PRIORITY_INTEGER,
    BAC_PRIORITY_DOUBLE,
    BAC_PRIORITY_TIME,
    BAC_PRIORITY_CHARACTER_STRING,
    BAC_PRIORITY_OCTET_STRING,
    BAC_PRIORITY_BIT_STRING,
    BAC_PRIORITY_DATE,
    BAC_PRIORITY_OBJECT_ID,
    BAC_PRIORITY_CONSTRUCTED,
    BAC_PRIORITY_DATE_TIME
};
/* bac_type_priority_array is a struct bac_list of 16 of these. */
struct bac_priority_value {
    uint32_t choice; /* enum bac_priority_value_choice */
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
        struct bas_slice constructed; /* raw */
        struct bac_date_time date_time;
    } as;
};

enum bac_recipient_choice { BAC_RECIPIENT_DEVICE, BAC_RECIPIENT_ADDRESS };
struct bac_recipient {
    uint32_t choice; /* enum bac_recipient_choice */
    union {
        struct bac_object_id device;
        struct bac_device_address address;
    } as;
};
struct bac_recipient_process {
    struct bac_recipient recipient;
    uint64_t process;
};
struct bac_cov_subscription {
    struct bac_recipient_process recipient;
    struct bac_object_property_reference monitored;
    bool issue_confirmed;
    bool has_increment;
    uint64_t time_remaining;
    float increment;
};

/* Network Port (clause 12.56) */

struct bac_health {
    struct bac_date_time time;
    struct bac_error_pair result;
    bool has_property, has_details;
    uint32_t property;
    struct bac_text details;
};
struct bac_router_entry {
    uint64_t network;
    struct bas_slice mac;
    uint32_t status;
    bool has_performance;
    uint64_t performance;
};
struct bac_bdt_entry {
    struct bac_host_n_port address;
    bool has_mask;
    struct bas_slice mask;
};
struct bac_fdt_entry {
    struct bas_slice address; /* 6 octets: IPv4 and UDP port */
    uint64_t time_to_live;
    uint64_t remaining;
};
struct bac_sc_hub_connection {
    uint32_t state;
    struct bac_date_time connected, disconnected;
    bool has_error, has_details;
    struct bac_error_pair error;
    struct bac_text details;
};
struct bac_sc_hub_function_connection {
    uint32_t state;
    struct bac_date_time connected, disconnected;
    struct bac_host_n_port peer;
    struct bas_slice vmac; /* 6 octets */
    struct bas_slice uuid; /* 16 octets */
    bool has_error, has_details;
    struct bac_error_pair error;
    struct bac_text details;
};
struct bac_sc_direct_connection {
    struct bac_text uri; /* empty: the peer connected */
    uint32_t state;
    struct bac_date_time connected, disconnected;
    bool has_peer, has_vmac, has_uuid, has_error, has_details;
    struct bac_host_n_port peer;
    struct bas_slice vmac;
    struct bas_slice uuid;
    struct bac_error_pair error;
    struct bac_text details;
};
struct bac_sc_failed_connection_request {
    struct bac_date_time time;
    struct bac_host_n_port peer;
    bool has_vmac, has_uuid, has_details;
    struct bas_slice vmac;
    struct bas_slice uuid;
    struct bac_error_pair error;
    struct bac_text details;
};

/* Services (clauses 13 to 16) */

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

#ifdef __cplusplus
}
#endif

#endif
