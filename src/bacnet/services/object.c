/* Owns the rows of CreateObject, DeleteObject, AddListElement and RemoveListElement (15.1 to 15.4).
 */
#include "bacnet/rows.h"

#define S struct bac_create_specifier
static const struct bac_field create_specifier_fields[] = {
    [BAC_CREATE_TYPE] = BAC_FIELD(S, as.type, "object-type", object_type, 0),
    [BAC_CREATE_ID] = BAC_FIELD(S, as.id, "object-identifier", object_id, 1),
};
BAC_CHOICE(create_specifier, "CreateObject-Request.object-specifier", S, create_specifier_fields)
#undef S

#define S struct bac_create_object
static const struct bac_field create_object_fields[] = {
    BAC_FIELD(S, specifier, "object-specifier", create_specifier, 0),
    BAC_OPTIONAL(S, values, "list-of-initial-values", list_of_property_value, 1),
};
BAC_SEQUENCE(create_object, "CreateObject-Request", S, create_object_fields)
#undef S

#define S struct bac_create_object_ack
static const struct bac_field create_object_ack_fields[] = {
    BAC_FIELD(S, object, "object-identifier", object_id, BAC_APPLICATION),
};
BAC_SEQUENCE(create_object_ack, "CreateObject-ACK", S, create_object_ack_fields)
#undef S

#define S struct bac_create_object_error
static const struct bac_field create_object_error_fields[] = {
    BAC_FIELD(S, error, "error-type", error, 0),
    BAC_FIELD(S, first_failed, "first-failed-element-number", unsigned, 1),
};
BAC_SEQUENCE(create_object_error, "CreateObject-Error", S, create_object_error_fields)
#undef S

#define S struct bac_delete_object
static const struct bac_field delete_object_fields[] = {
    BAC_FIELD(S, object, "object-identifier", object_id, BAC_APPLICATION),
};
BAC_SEQUENCE(delete_object, "DeleteObject-Request", S, delete_object_fields)
#undef S

#define S struct bac_list_element
static const struct bac_field list_element_fields[] = {
    BAC_FIELD(S, object, "object-identifier", object_id, 0),
    BAC_FIELD(S, property, "property-identifier", property_identifier, 1),
    BAC_OPTIONAL(S, index, "property-array-index", unsigned, 2),
    BAC_FIELD(S, elements, "list-of-elements", any, 3),
};
BAC_SEQUENCE(list_element, "ChangeList-Request", S, list_element_fields)
#undef S

#define S struct bac_change_list_error
static const struct bac_field change_list_error_fields[] = {
    BAC_FIELD(S, error, "error-type", error, 0),
    BAC_FIELD(S, first_failed, "first-failed-element-number", unsigned, 1),
};
BAC_SEQUENCE(change_list_error, "ChangeList-Error", S, change_list_error_fields)
#undef S
