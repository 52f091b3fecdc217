/* Owns the rows of ReadPropertyMultiple (15.7). */
#include "bacnet/rows.h"

#define S struct bac_read_access
static const struct bac_field read_access_fields[] = {
    BAC_FIELD(S, object, "object-identifier", object_id, 0),
    BAC_FIELD(S, properties, "list-of-property-references", list_of_property_reference, 1),
};
BAC_SEQUENCE(read_access, "ReadAccessSpecification", S, read_access_fields)
#undef S
BAC_LIST(list_of_read_access, "SEQUENCE OF ReadAccessSpecification", read_access)

#define S struct bac_read_property_multiple
static const struct bac_field read_property_multiple_fields[] = {
    BAC_FIELD(S, specs, "list-of-read-access-specifications", list_of_read_access, BAC_APPLICATION),
};
BAC_SEQUENCE(read_property_multiple, "ReadPropertyMultiple-Request", S,
             read_property_multiple_fields)
#undef S

#define S struct bac_read_outcome
static const struct bac_field read_outcome_fields[] = {
    [BAC_READ_VALUE] = BAC_FIELD(S, as.value, "property-value", any, 4),
    [BAC_READ_ERROR] = BAC_FIELD(S, as.error, "property-access-error", error, 5),
};
BAC_CHOICE(read_outcome, "ReadAccessResult.read-result", S, read_outcome_fields)
#undef S

#define S struct bac_read_result
static const struct bac_field read_result_fields[] = {
    BAC_FIELD(S, property, "property-identifier", property_identifier, 2),
    BAC_OPTIONAL(S, index, "property-array-index", unsigned, 3),
    BAC_FIELD(S, outcome, "read-result", read_outcome, BAC_APPLICATION),
};
BAC_SEQUENCE(read_result, "ReadAccessResult.list-of-results", S, read_result_fields)
#undef S
BAC_LIST(list_of_read_result, "SEQUENCE OF ReadAccessResult.list-of-results", read_result)

#define S struct bac_read_access_result
static const struct bac_field read_access_result_fields[] = {
    BAC_FIELD(S, object, "object-identifier", object_id, 0),
    BAC_FIELD(S, results, "list-of-results", list_of_read_result, 1),
};
BAC_SEQUENCE(read_access_result, "ReadAccessResult", S, read_access_result_fields)
#undef S
BAC_LIST(list_of_read_access_result, "SEQUENCE OF ReadAccessResult", read_access_result)

#define S struct bac_read_property_multiple_ack
static const struct bac_field read_property_multiple_ack_fields[] = {
    BAC_FIELD(S, results, "list-of-read-access-results", list_of_read_access_result,
              BAC_APPLICATION),
};
BAC_SEQUENCE(read_property_multiple_ack, "ReadPropertyMultiple-ACK", S,
             read_property_multiple_ack_fields)
#undef S
