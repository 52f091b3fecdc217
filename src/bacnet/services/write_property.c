/* Owns the rows of WriteProperty and WritePropertyMultiple (15.9, 15.10). */
#include "bacnet/rows.h"

#define S struct bac_write_property
static const struct bac_field write_property_fields[] = {
    BAC_FIELD(S, object, "object-identifier", object_id, 0),
    BAC_FIELD(S, property, "property-identifier", property_identifier, 1),
    BAC_OPTIONAL(S, index, "property-array-index", unsigned, 2),
    BAC_FIELD(S, value, "property-value", any, 3),
    BAC_OPTIONAL(S, priority, "priority", priority, 4),
};
BAC_SEQUENCE(write_property, "WriteProperty-Request", S, write_property_fields)
#undef S

#define S struct bac_write_access
static const struct bac_field write_access_fields[] = {
    BAC_FIELD(S, object, "object-identifier", object_id, 0),
    BAC_FIELD(S, values, "list-of-properties", list_of_property_value, 1),
};
BAC_SEQUENCE(write_access, "WriteAccessSpecification", S, write_access_fields)
#undef S
BAC_LIST(list_of_write_access, "SEQUENCE OF WriteAccessSpecification", write_access)

#define S struct bac_write_property_multiple
static const struct bac_field write_property_multiple_fields[] = {
    BAC_FIELD(S, specs, "list-of-write-access-specifications", list_of_write_access,
              BAC_APPLICATION),
};
BAC_SEQUENCE(write_property_multiple, "WritePropertyMultiple-Request", S,
             write_property_multiple_fields)
#undef S

#define S struct bac_write_property_multiple_error
static const struct bac_field write_property_multiple_error_fields[] = {
    BAC_FIELD(S, error, "error-type", error, 0),
    BAC_FIELD(S, first_failed, "first-failed-write-attempt", object_property_reference, 1),
};
BAC_SEQUENCE(write_property_multiple_error, "WritePropertyMultiple-Error", S,
             write_property_multiple_error_fields)
#undef S
