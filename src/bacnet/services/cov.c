/* Owns the rows of the three kinds of COV subscriptions and of their notifications (13.1, 13.14 to
 * 13.18). */
#include "bacnet/rows.h"

#define S struct bac_subscribe_cov
static const struct bac_field subscribe_cov_fields[] = {
    BAC_FIELD(S, process, "subscriber-process-identifier", unsigned32, 0),
    BAC_FIELD(S, object, "monitored-object-identifier", object_id, 1),
    BAC_OPTIONAL(S, confirmed, "issue-confirmed-notifications", boolean, 2),
    BAC_OPTIONAL(S, lifetime, "lifetime", unsigned, 3),
};
BAC_SEQUENCE(subscribe_cov, "SubscribeCOV-Request", S, subscribe_cov_fields)
#undef S

#define S struct bac_cov_notification
static const struct bac_field cov_notification_fields[] = {
    BAC_FIELD(S, process, "subscriber-process-identifier", unsigned32, 0),
    BAC_FIELD(S, device, "initiating-device-identifier", object_id, 1),
    BAC_FIELD(S, object, "monitored-object-identifier", object_id, 2),
    BAC_FIELD(S, time_remaining, "time-remaining", unsigned, 3),
    BAC_FIELD(S, values, "list-of-values", list_of_property_value, 4),
};
BAC_SEQUENCE(cov_notification, "COVNotification-Request", S, cov_notification_fields)
#undef S

#define S struct bac_subscribe_cov_property
static const struct bac_field subscribe_cov_property_fields[] = {
    BAC_FIELD(S, process, "subscriber-process-identifier", unsigned32, 0),
    BAC_FIELD(S, object, "monitored-object-identifier", object_id, 1),
    BAC_OPTIONAL(S, confirmed, "issue-confirmed-notifications", boolean, 2),
    BAC_OPTIONAL(S, lifetime, "lifetime", unsigned, 3),
    BAC_FIELD(S, property, "monitored-property-identifier", property_reference, 4),
    BAC_OPTIONAL(S, increment, "cov-increment", real, 5),
};
BAC_SEQUENCE(subscribe_cov_property, "SubscribeCOVProperty-Request", S,
             subscribe_cov_property_fields)
#undef S

#define S struct bac_cov_reference
static const struct bac_field cov_reference_fields[] = {
    BAC_FIELD(S, property, "monitored-property", property_reference, 0),
    BAC_OPTIONAL(S, increment, "cov-increment", real, 1),
    BAC_FIELD(S, timestamped, "timestamped", boolean, 2),
};
BAC_SEQUENCE(cov_reference, "BACnetCOVMultipleSubscription.list-of-cov-references", S,
             cov_reference_fields)
#undef S

BAC_LIST(list_of_cov_reference, "SEQUENCE OF BACnetCOVMultipleSubscription.list-of-cov-references",
         cov_reference)

#define S struct bac_cov_specification
static const struct bac_field cov_specification_fields[] = {
    BAC_FIELD(S, object, "monitored-object-identifier", object_id, 0),
    BAC_FIELD(S, references, "list-of-cov-references", list_of_cov_reference, 1),
};
BAC_SEQUENCE(cov_specification,
             "BACnetCOVMultipleSubscription.list-of-cov-subscription-specifications", S,
             cov_specification_fields)
#undef S

BAC_LIST(list_of_cov_specification,
         "SEQUENCE OF BACnetCOVMultipleSubscription.list-of-cov-subscription-specifications",
         cov_specification)

#define S struct bac_subscribe_cov_property_multiple
static const struct bac_field subscribe_cov_property_multiple_fields[] = {
    BAC_FIELD(S, process, "subscriber-process-identifier", unsigned32, 0),
    BAC_OPTIONAL(S, confirmed, "issue-confirmed-notifications", boolean, 1),
    BAC_OPTIONAL(S, lifetime, "lifetime", unsigned, 2),
    BAC_OPTIONAL(S, max_delay, "max-notification-delay", unsigned, 3),
    BAC_FIELD(S, specs, "list-of-cov-subscription-specifications", list_of_cov_specification, 4),
};
BAC_SEQUENCE(subscribe_cov_property_multiple, "SubscribeCOVPropertyMultiple-Request", S,
             subscribe_cov_property_multiple_fields)
#undef S

#define S struct bac_failed_subscription
static const struct bac_field failed_subscription_fields[] = {
    BAC_FIELD(S, object, "monitored-object-identifier", object_id, 0),
    BAC_FIELD(S, property, "monitored-property-reference", property_reference, 1),
    BAC_FIELD(S, error, "error-type", error, 2),
};
BAC_SEQUENCE(failed_subscription, "SubscribeCOVPropertyMultiple-Error.first-failed-subscription", S,
             failed_subscription_fields)
#undef S

#define S struct bac_subscribe_cov_property_multiple_error
static const struct bac_field subscribe_cov_property_multiple_error_fields[] = {
    [BAC_SUBSCRIBE_ERROR] = BAC_FIELD(S, as.error, "error-type", error, 0),
    [BAC_SUBSCRIBE_FIRST_FAILED] =
        BAC_FIELD(S, as.first_failed, "first-failed-subscription", failed_subscription, 1),
};
BAC_CHOICE(subscribe_cov_property_multiple_error, "SubscribeCOVPropertyMultiple-Error", S,
           subscribe_cov_property_multiple_error_fields)
#undef S

#define S struct bac_cov_value
static const struct bac_field cov_value_fields[] = {
    BAC_FIELD(S, property, "property-identifier", property_identifier, 0),
    BAC_OPTIONAL(S, index, "property-array-index", unsigned, 1),
    BAC_FIELD(S, value, "property-value", any, 2),
    BAC_OPTIONAL(S, time, "time-of-change", time, 3),
};
BAC_SEQUENCE(cov_value, "COVNotificationMultiple-Request.list-of-values", S, cov_value_fields)
#undef S

BAC_LIST(list_of_cov_value, "SEQUENCE OF COVNotificationMultiple-Request.list-of-values", cov_value)

#define S struct bac_cov_object
static const struct bac_field cov_object_fields[] = {
    BAC_FIELD(S, object, "monitored-object-identifier", object_id, 0),
    BAC_FIELD(S, values, "list-of-values", list_of_cov_value, 1),
};
BAC_SEQUENCE(cov_object, "COVNotificationMultiple-Request.list-of-cov-notifications", S,
             cov_object_fields)
#undef S

BAC_LIST(list_of_cov_object,
         "SEQUENCE OF COVNotificationMultiple-Request.list-of-cov-notifications", cov_object)

#define S struct bac_cov_notification_multiple
static const struct bac_field cov_notification_multiple_fields[] = {
    BAC_FIELD(S, process, "subscriber-process-identifier", unsigned32, 0),
    BAC_FIELD(S, device, "initiating-device-identifier", object_id, 1),
    BAC_FIELD(S, time_remaining, "time-remaining", unsigned, 2),
    BAC_OPTIONAL(S, timestamp, "timestamp", date_time, 3),
    BAC_FIELD(S, notifications, "list-of-cov-notifications", list_of_cov_object, 4),
};
BAC_SEQUENCE(cov_notification_multiple, "COVNotificationMultiple-Request", S,
             cov_notification_multiple_fields)
#undef S
