/* Owns the rows of SubscribeCOV and of COV notifications (13.1, 13.14). */
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
