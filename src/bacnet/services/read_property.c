/* Owns the rows of ReadProperty (15.5). */
#include "bacnet/rows.h"

#define S struct bac_read_property
static const struct bac_field read_property_fields[] = {
    BAC_FIELD(S, object, "object-identifier", object_id, 0),
    BAC_FIELD(S, property, "property-identifier", property_identifier, 1),
    BAC_OPTIONAL(S, index, "property-array-index", unsigned, 2),
};
BAC_SEQUENCE(read_property, "ReadProperty-Request", S, read_property_fields)
#undef S

#define S struct bac_read_property_ack
static const struct bac_field read_property_ack_fields[] = {
    BAC_FIELD(S, object, "object-identifier", object_id, 0),
    BAC_FIELD(S, property, "property-identifier", property_identifier, 1),
    BAC_OPTIONAL(S, index, "property-array-index", unsigned, 2),
    BAC_FIELD(S, value, "property-value", any, 3),
};
BAC_SEQUENCE(read_property_ack, "ReadProperty-ACK", S, read_property_ack_fields)
#undef S
