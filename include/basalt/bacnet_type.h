/*
 * BACnet's constructed data types as C structs, and the rows that describe them (clause 21).
 * Encode and decode any of them with bac_encode and bac_decode. What alarms and events carry is in
 * bacnet_event.h, services are in bacnet_service.h, what single properties are made of is in
 * bacnet_property.h.
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
    ROW(instance)   /* Unsigned 0 .. 4194303 */                                                    \
    ROW(flag)       /* Unsigned 0 .. 1 */                                                          \
    ROW(fade_time)  /* Unsigned 100 .. 86400000 */                                                 \
    ROW(ramp_rate)  /* Unsigned 1 .. 30000 */                                                      \
    ROW(priority)   /* Unsigned 1 .. 16 */                                                         \
    ROW(week_n_day) /* OCTET STRING of 3 */                                                        \
    ROW(vmac)       /* OCTET STRING of 6 */                                                        \
    ROW(uuid)       /* OCTET STRING of 16 */                                                       \
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
    ROW(access_authentication_factor_disable)                                                      \
    ROW(access_credential_disable)                                                                 \
    ROW(access_credential_disable_reason)                                                          \
    ROW(access_event)                                                                              \
    ROW(access_passback_mode)                                                                      \
    ROW(access_rule_location)                                                                      \
    ROW(access_rule_time)                                                                          \
    ROW(access_user_type)                                                                          \
    ROW(access_zone_occupancy_state)                                                               \
    ROW(accumulator_status)                                                                        \
    ROW(acknowledgment_filter)                                                                     \
    ROW(action)                                                                                    \
    ROW(audit_level)                                                                               \
    ROW(audit_operation)                                                                           \
    ROW(authentication_factor_type)                                                                \
    ROW(authentication_status)                                                                     \
    ROW(authorization_exemption)                                                                   \
    ROW(authorization_mode)                                                                        \
    ROW(backup_state)                                                                              \
    ROW(binary_lighting_pv)                                                                        \
    ROW(binary_pv)                                                                                 \
    ROW(color_in_progress)                                                                         \
    ROW(color_operation)                                                                           \
    ROW(color_transition)                                                                          \
    ROW(device_communication_state)                                                                \
    ROW(device_status)                                                                             \
    ROW(door_alarm_state)                                                                          \
    ROW(door_secured_status)                                                                       \
    ROW(door_status)                                                                               \
    ROW(door_value)                                                                                \
    ROW(engineering_units)                                                                         \
    ROW(error_class)                                                                               \
    ROW(error_code)                                                                                \
    ROW(escalator_fault)                                                                           \
    ROW(escalator_mode)                                                                            \
    ROW(escalator_operation_direction)                                                             \
    ROW(event_state)                                                                               \
    ROW(event_state_filter)                                                                        \
    ROW(event_type)                                                                                \
    ROW(fault_type)                                                                                \
    ROW(file_access_method)                                                                        \
    ROW(ip_mode)                                                                                   \
    ROW(life_safety_mode)                                                                          \
    ROW(life_safety_request)                                                                       \
    ROW(life_safety_state)                                                                         \
    ROW(lift_car_direction)                                                                        \
    ROW(lift_car_door_command)                                                                     \
    ROW(lift_car_drive_status)                                                                     \
    ROW(lift_car_mode)                                                                             \
    ROW(lift_fault)                                                                                \
    ROW(lift_group_mode)                                                                           \
    ROW(lighting_in_progress)                                                                      \
    ROW(lighting_operation)                                                                        \
    ROW(lighting_transition)                                                                       \
    ROW(lock_status)                                                                               \
    ROW(logging_type)                                                                              \
    ROW(maintenance)                                                                               \
    ROW(message_priority)                                                                          \
    ROW(network_number_quality)                                                                    \
    ROW(network_port_command)                                                                      \
    ROW(network_type)                                                                              \
    ROW(node_type)                                                                                 \
    ROW(notify_type)                                                                               \
    ROW(object_type)                                                                               \
    ROW(polarity)                                                                                  \
    ROW(program_error)                                                                             \
    ROW(program_request)                                                                           \
    ROW(program_state)                                                                             \
    ROW(property_identifier)                                                                       \
    ROW(protocol_level)                                                                            \
    ROW(reinitialized_state)                                                                       \
    ROW(reject_reason)                                                                             \
    ROW(relationship)                                                                              \
    ROW(reliability)                                                                               \
    ROW(restart_reason)                                                                            \
    ROW(router_status)                                                                             \
    ROW(sc_connection_state)                                                                       \
    ROW(sc_hub_connector_state)                                                                    \
    ROW(segmentation)                                                                              \
    ROW(shed_state)                                                                                \
    ROW(silenced_state)                                                                            \
    ROW(success_filter)                                                                            \
    ROW(timer_state)                                                                               \
    ROW(timer_transition)                                                                          \
    ROW(vt_class)                                                                                  \
    ROW(write_status)                                                                              \
    /* bit strings with names */                                                                   \
    ROW(audit_operation_flags)                                                                     \
    ROW(days_of_week)                                                                              \
    ROW(event_transition_bits)                                                                     \
    ROW(limit_enable)                                                                              \
    ROW(log_status)                                                                                \
    ROW(object_types_supported)                                                                    \
    ROW(priority_filter)                                                                           \
    ROW(result_flags)                                                                              \
    ROW(services_supported)                                                                        \
    ROW(status_flags)

#define BAC_CONSTRUCTED_TYPES(ROW)                                                                 \
    ROW(address)                                                                                   \
    ROW(bdt_entry)                                                                                 \
    ROW(cov_subscription)                                                                          \
    ROW(date_range)                                                                                \
    ROW(date_time)                                                                                 \
    ROW(device_object_property_reference)                                                          \
    ROW(device_object_property_value)                                                              \
    ROW(device_object_reference)                                                                   \
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
    ROW(list_of_unsigned8)                                                                         \
    ROW(three_time_stamps)                                                                         \
    ROW(three_priorities)

/* The headers that go on from here declare theirs with it too. */
#define BAC_DECLARE(id) BAS_API extern const struct bac_type bac_type_##id;
BAC_PRIMITIVE_TYPES(BAC_DECLARE)
BAC_ENUMERATED_TYPES(BAC_DECLARE)
BAC_CONSTRUCTED_TYPES(BAC_DECLARE)

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
struct bac_device_object_reference {
    bool has_device;
    struct bac_object_id device, object;
};
struct bac_device_object_property_value {
    struct bac_object_id device, object;
    uint32_t property;
    bool has_index;
    uint64_t index;
    struct bas_slice value; /* raw */
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

#ifdef __cplusplus
}
#endif

#endif
