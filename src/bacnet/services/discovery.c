/* Owns the rows of Who-Is, I-Am, Who-Has, I-Have, Who-Am-I and You-Are (16.9 to 16.11). */
#include "bacnet/rows.h"

#define S struct bac_who_is
static const struct bac_field who_is_fields[] = {
    BAC_OPTIONAL(S, low, "device-instance-range-low-limit", instance, 0),
    BAC_OPTIONAL(S, high, "device-instance-range-high-limit", instance, 1),
};
BAC_SEQUENCE(who_is, "Who-Is-Request", S, who_is_fields)
#undef S

#define S struct bac_i_am
static const struct bac_field i_am_fields[] = {
    BAC_FIELD(S, device, "i-am-device-identifier", object_id, BAC_APPLICATION),
    BAC_FIELD(S, max_apdu, "max-apdu-length-accepted", unsigned, BAC_APPLICATION),
    BAC_FIELD(S, segmentation, "segmentation-supported", segmentation, BAC_APPLICATION),
    BAC_FIELD(S, vendor, "vendor-id", unsigned16, BAC_APPLICATION),
};
BAC_SEQUENCE(i_am, "I-Am-Request", S, i_am_fields)
#undef S

#define S struct bac_who_has_object
static const struct bac_field who_has_object_fields[] = {
    [BAC_WHO_HAS_ID] = BAC_FIELD(S, as.id, "object-identifier", object_id, 2),
    [BAC_WHO_HAS_NAME] = BAC_FIELD(S, as.name, "object-name", character_string, 3),
};
BAC_CHOICE(who_has_object, "Who-Has-Request.object", S, who_has_object_fields)
#undef S

#define S struct bac_who_has
static const struct bac_field who_has_fields[] = {
    BAC_OPTIONAL(S, low, "device-instance-range-low-limit", instance, 0),
    BAC_OPTIONAL(S, high, "device-instance-range-high-limit", instance, 1),
    BAC_FIELD(S, object, "object", who_has_object, BAC_APPLICATION),
};
BAC_SEQUENCE(who_has, "Who-Has-Request", S, who_has_fields)
#undef S

#define S struct bac_i_have
static const struct bac_field i_have_fields[] = {
    BAC_FIELD(S, device, "device-identifier", object_id, BAC_APPLICATION),
    BAC_FIELD(S, object, "object-identifier", object_id, BAC_APPLICATION),
    BAC_FIELD(S, name, "object-name", character_string, BAC_APPLICATION),
};
BAC_SEQUENCE(i_have, "I-Have-Request", S, i_have_fields)
#undef S

#define S struct bac_who_am_i
static const struct bac_field who_am_i_fields[] = {
    BAC_FIELD(S, vendor, "vendor-id", unsigned16, BAC_APPLICATION),
    BAC_FIELD(S, model, "model-name", character_string, BAC_APPLICATION),
    BAC_FIELD(S, serial, "serial-number", character_string, BAC_APPLICATION),
};
BAC_SEQUENCE(who_am_i, "Who-Am-I-Request", S, who_am_i_fields)
#undef S

#define S struct bac_you_are
static const struct bac_field you_are_fields[] = {
    BAC_FIELD(S, vendor, "vendor-id", unsigned16, BAC_APPLICATION),
    BAC_FIELD(S, model, "model-name", character_string, BAC_APPLICATION),
    BAC_FIELD(S, serial, "serial-number", character_string, BAC_APPLICATION),
    BAC_OPTIONAL(S, device, "device-identifier", object_id, BAC_APPLICATION),
    BAC_OPTIONAL(S, mac, "device-mac-address", octet_string, BAC_APPLICATION),
};
BAC_SEQUENCE(you_are, "You-Are-Request", S, you_are_fields)
#undef S
