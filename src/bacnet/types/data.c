/* Owns the rows of BACnet's common constructed types (clause 21). */
#include "bacnet/rows.h"

#define S struct bac_date_time
static const struct bac_field date_time_fields[] = {
    BAC_FIELD(S, date, "date", date, BAC_APPLICATION),
    BAC_FIELD(S, time, "time", time, BAC_APPLICATION),
};
BAC_SEQUENCE(date_time, "BACnetDateTime", S, date_time_fields)
#undef S

#define S struct bac_date_range
static const struct bac_field date_range_fields[] = {
    BAC_FIELD(S, start, "start-date", date, BAC_APPLICATION),
    BAC_FIELD(S, end, "end-date", date, BAC_APPLICATION),
};
BAC_SEQUENCE(date_range, "BACnetDateRange", S, date_range_fields)
#undef S

#define S struct bac_time_stamp
static const struct bac_field time_stamp_fields[] = {
    [BAC_TIME_STAMP_TIME] = BAC_FIELD(S, as.time, "time", time, 0),
    [BAC_TIME_STAMP_SEQUENCE] = BAC_FIELD(S, as.sequence, "sequence-number", unsigned16, 1),
    [BAC_TIME_STAMP_DATE_TIME] = BAC_FIELD(S, as.date_time, "datetime", date_time, 2),
};
BAC_CHOICE(time_stamp, "BACnetTimeStamp", S, time_stamp_fields)
#undef S

#define S struct bac_device_address
static const struct bac_field address_fields[] = {
    BAC_FIELD(S, network, "network-number", unsigned16, BAC_APPLICATION),
    BAC_FIELD(S, mac, "mac-address", octet_string, BAC_APPLICATION),
};
BAC_SEQUENCE(address, "BACnetAddress", S, address_fields)
#undef S

#define S struct bac_error_pair
static const struct bac_field error_fields[] = {
    BAC_FIELD(S, error_class, "error-class", error_class, BAC_APPLICATION),
    BAC_FIELD(S, error_code, "error-code", error_code, BAC_APPLICATION),
};
BAC_SEQUENCE(error, "Error", S, error_fields)
#undef S

#define S struct bac_property_reference
static const struct bac_field property_reference_fields[] = {
    BAC_FIELD(S, property, "property-identifier", property_identifier, 0),
    BAC_OPTIONAL(S, index, "property-array-index", unsigned, 1),
};
BAC_SEQUENCE(property_reference, "BACnetPropertyReference", S, property_reference_fields)
#undef S

#define S struct bac_object_property_reference
static const struct bac_field object_property_reference_fields[] = {
    BAC_FIELD(S, object, "object-identifier", object_id, 0),
    BAC_FIELD(S, property, "property-identifier", property_identifier, 1),
    BAC_OPTIONAL(S, index, "property-array-index", unsigned, 2),
};
BAC_SEQUENCE(object_property_reference, "BACnetObjectPropertyReference", S,
             object_property_reference_fields)
#undef S

#define S struct bac_device_object_property_reference
static const struct bac_field device_object_property_reference_fields[] = {
    BAC_FIELD(S, object, "object-identifier", object_id, 0),
    BAC_FIELD(S, property, "property-identifier", property_identifier, 1),
    BAC_OPTIONAL(S, index, "property-array-index", unsigned, 2),
    BAC_OPTIONAL(S, device, "device-identifier", object_id, 3),
};
BAC_SEQUENCE(device_object_property_reference, "BACnetDeviceObjectPropertyReference", S,
             device_object_property_reference_fields)
#undef S

#define S struct bac_property_value
static const struct bac_field property_value_fields[] = {
    BAC_FIELD(S, property, "property-identifier", property_identifier, 0),
    BAC_OPTIONAL(S, index, "property-array-index", unsigned, 1),
    BAC_FIELD(S, value, "value", any, 2),
    BAC_OPTIONAL(S, priority, "priority", priority, 3),
};
BAC_SEQUENCE(property_value, "BACnetPropertyValue", S, property_value_fields)
#undef S

#define S struct bac_priority_value
static const struct bac_field priority_value_fields[] = {
    [BAC_PRIORITY_NULL] = BAC_FIELD(S, as.null, "null", null, BAC_APPLICATION),
    [BAC_PRIORITY_REAL] = BAC_FIELD(S, as.real, "real", real, BAC_APPLICATION),
    [BAC_PRIORITY_ENUMERATED] =
        BAC_FIELD(S, as.enumerated, "enumerated", enumerated, BAC_APPLICATION),
    [BAC_PRIORITY_UNSIGNED] =
        BAC_FIELD(S, as.unsigned_integer, "unsigned", unsigned, BAC_APPLICATION),
    [BAC_PRIORITY_BOOLEAN] = BAC_FIELD(S, as.boolean, "boolean", boolean, BAC_APPLICATION),
    [BAC_PRIORITY_INTEGER] = BAC_FIELD(S, as.integer, "integer", integer, BAC_APPLICATION),
    [BAC_PRIORITY_DOUBLE] = BAC_FIELD(S, as.real64, "double", double, BAC_APPLICATION),
    [BAC_PRIORITY_TIME] = BAC_FIELD(S, as.time, "time", time, BAC_APPLICATION),
    [BAC_PRIORITY_CHARACTER_STRING] =
        BAC_FIELD(S, as.text, "characterstring", character_string, BAC_APPLICATION),
    [BAC_PRIORITY_OCTET_STRING] =
        BAC_FIELD(S, as.octets, "octetstring", octet_string, BAC_APPLICATION),
    [BAC_PRIORITY_BIT_STRING] = BAC_FIELD(S, as.bits, "bitstring", bit_string, BAC_APPLICATION),
    [BAC_PRIORITY_DATE] = BAC_FIELD(S, as.date, "date", date, BAC_APPLICATION),
    [BAC_PRIORITY_OBJECT_ID] =
        BAC_FIELD(S, as.object, "objectidentifier", object_id, BAC_APPLICATION),
    [BAC_PRIORITY_CONSTRUCTED] = BAC_FIELD(S, as.constructed, "constructed-value", any, 0),
    [BAC_PRIORITY_DATE_TIME] = BAC_FIELD(S, as.date_time, "datetime", date_time, 1),
};
BAC_CHOICE(priority_value, "BACnetPriorityValue", S, priority_value_fields)
#undef S

const struct bac_type bac_type_priority_array = { .name = "BACnetPriorityArray",
                                                  .kind = BAC_KIND_LIST,
                                                  .size = sizeof(struct bac_list),
                                                  .element = &bac_type_priority_value,
                                                  .min = 16,
                                                  .max = 16 };

#define S struct bac_recipient
static const struct bac_field recipient_fields[] = {
    [BAC_RECIPIENT_DEVICE] = BAC_FIELD(S, as.device, "device", object_id, 0),
    [BAC_RECIPIENT_ADDRESS] = BAC_FIELD(S, as.address, "address", address, 1),
};
BAC_CHOICE(recipient, "BACnetRecipient", S, recipient_fields)
#undef S

#define S struct bac_recipient_process
static const struct bac_field recipient_process_fields[] = {
    BAC_FIELD(S, recipient, "recipient", recipient, 0),
    BAC_FIELD(S, process, "process-identifier", unsigned32, 1),
};
BAC_SEQUENCE(recipient_process, "BACnetRecipientProcess", S, recipient_process_fields)
#undef S

#define S struct bac_cov_subscription
static const struct bac_field cov_subscription_fields[] = {
    BAC_FIELD(S, recipient, "recipient", recipient_process, 0),
    BAC_FIELD(S, monitored, "monitored-property-reference", object_property_reference, 1),
    BAC_FIELD(S, issue_confirmed, "issue-confirmed-notifications", boolean, 2),
    BAC_FIELD(S, time_remaining, "time-remaining", unsigned, 3),
    BAC_OPTIONAL(S, increment, "cov-increment", real, 4),
};
BAC_SEQUENCE(cov_subscription, "BACnetCOVSubscription", S, cov_subscription_fields)
#undef S

BAC_LIST(list_of_object_id, "SEQUENCE OF BACnetObjectIdentifier", object_id)
BAC_LIST(list_of_property_reference, "SEQUENCE OF BACnetPropertyReference", property_reference)
BAC_LIST(list_of_property_value, "SEQUENCE OF BACnetPropertyValue", property_value)

#define S struct bac_device_object_reference
static const struct bac_field device_object_reference_fields[] = {
    BAC_OPTIONAL(S, device, "device-identifier", object_id, 0),
    BAC_FIELD(S, object, "object-identifier", object_id, 1),
};
BAC_SEQUENCE(device_object_reference, "BACnetDeviceObjectReference", S,
             device_object_reference_fields)
#undef S

#define S struct bac_device_object_property_value
static const struct bac_field device_object_property_value_fields[] = {
    BAC_FIELD(S, device, "device-identifier", object_id, 0),
    BAC_FIELD(S, object, "object-identifier", object_id, 1),
    BAC_FIELD(S, property, "property-identifier", property_identifier, 2),
    BAC_OPTIONAL(S, index, "property-array-index", unsigned, 3),
    BAC_FIELD(S, value, "property-value", any, 4),
};
BAC_SEQUENCE(device_object_property_value, "BACnetDeviceObjectPropertyValue", S,
             device_object_property_value_fields)
#undef S

BAC_LIST(list_of_unsigned8, "SEQUENCE OF Unsigned8", unsigned8)

BAC_ARRAY(three_time_stamps, "SEQUENCE SIZE (3) OF BACnetTimeStamp", time_stamp, 3)

BAC_ARRAY(three_priorities, "SEQUENCE SIZE (3) OF Unsigned", unsigned, 3)
