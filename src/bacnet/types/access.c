/* Owns the rows of what properties of access control and of lifts are made of (clauses 12 and 21).
 */
#include "bacnet/rows.h"

#define S struct bac_assigned_access_rights
static const struct bac_field assigned_access_rights_fields[] = {
    BAC_FIELD(S, reference, "assigned-access-rights", device_object_reference, 0),
    BAC_FIELD(S, enable, "enable", boolean, 1),
};
BAC_SEQUENCE(assigned_access_rights, "BACnetAssignedAccessRights", S, assigned_access_rights_fields)
#undef S

#define S struct bac_access_rule
static const struct bac_field access_rule_fields[] = {
    BAC_FIELD(S, time_range_specifier, "time-range-specifier", access_rule_time, 0),
    BAC_OPTIONAL(S, time_range, "time-range", device_object_property_reference, 1),
    BAC_FIELD(S, location_specifier, "location-specifier", access_rule_location, 2),
    BAC_OPTIONAL(S, location, "location", device_object_reference, 3),
    BAC_FIELD(S, enable, "enable", boolean, 4),
};
BAC_SEQUENCE(access_rule, "BACnetAccessRule", S, access_rule_fields)
#undef S

#define S struct bac_credential_factor
static const struct bac_field credential_factor_fields[] = {
    BAC_FIELD(S, disable, "disable", access_authentication_factor_disable, 0),
    BAC_FIELD(S, factor, "authentication-factor", authentication_factor, 1),
};
BAC_SEQUENCE(credential_factor, "BACnetCredentialAuthenticationFactor", S, credential_factor_fields)
#undef S

#define S struct bac_factor_format
static const struct bac_field factor_format_fields[] = {
    BAC_FIELD(S, format, "format-type", authentication_factor_type, 0),
    BAC_OPTIONAL(S, vendor, "vendor-id", unsigned16, 1),
    BAC_OPTIONAL(S, vendor_format, "vendor-format", unsigned16, 2),
};
BAC_SEQUENCE(factor_format, "BACnetAuthenticationFactorFormat", S, factor_format_fields)
#undef S

#define S struct bac_policy_input
static const struct bac_field policy_input_fields[] = {
    BAC_FIELD(S, input, "credential-data-input", device_object_reference, 0),
    BAC_FIELD(S, index, "index", unsigned, 1),
};
BAC_SEQUENCE(policy_input, "BACnetAuthenticationPolicy.policy", S, policy_input_fields)
#undef S

BAC_LIST(list_of_policy_input, "SEQUENCE OF BACnetAuthenticationPolicy.policy", policy_input)

#define S struct bac_authentication_policy
static const struct bac_field authentication_policy_fields[] = {
    BAC_FIELD(S, inputs, "policy", list_of_policy_input, 0),
    BAC_FIELD(S, order_enforced, "order-enforced", boolean, 1),
    BAC_FIELD(S, timeout, "timeout", unsigned, 2),
};
BAC_SEQUENCE(authentication_policy, "BACnetAuthenticationPolicy", S, authentication_policy_fields)
#undef S

#define S struct bac_landing_call
static const struct bac_field landing_call_fields[] = {
    BAC_FIELD(S, floor, "floor-number", unsigned8, 0),
    BAC_FIELD(S, direction, "direction", lift_car_direction, 1),
};
BAC_SEQUENCE(landing_call, "BACnetAssignedLandingCalls.landing-calls", S, landing_call_fields)
#undef S

BAC_LIST(list_of_landing_call, "SEQUENCE OF BACnetAssignedLandingCalls.landing-calls", landing_call)

#define S struct bac_assigned_landing_calls
static const struct bac_field assigned_landing_calls_fields[] = {
    BAC_FIELD(S, calls, "landing-calls", list_of_landing_call, 0),
};
BAC_SEQUENCE(assigned_landing_calls, "BACnetAssignedLandingCalls", S, assigned_landing_calls_fields)
#undef S

#define S struct bac_landing_command
static const struct bac_field landing_command_fields[] = {
    [BAC_LANDING_DIRECTION] = BAC_FIELD(S, as.direction, "direction", lift_car_direction, 1),
    [BAC_LANDING_DESTINATION] = BAC_FIELD(S, as.destination, "destination", unsigned8, 2),
};
BAC_CHOICE(landing_command, "BACnetLandingCallStatus.command", S, landing_command_fields)
#undef S

#define S struct bac_landing_call_status
static const struct bac_field landing_call_status_fields[] = {
    BAC_FIELD(S, floor, "floor-number", unsigned8, 0),
    BAC_FIELD(S, command, "command", landing_command, BAC_APPLICATION),
    BAC_OPTIONAL(S, text, "floor-text", character_string, 3),
};
BAC_SEQUENCE(landing_call_status, "BACnetLandingCallStatus", S, landing_call_status_fields)
#undef S

#define S struct bac_landing_door
static const struct bac_field landing_door_fields[] = {
    BAC_FIELD(S, floor, "floor-number", unsigned8, 0),
    BAC_FIELD(S, status, "door-status", door_status, 1),
};
BAC_SEQUENCE(landing_door, "BACnetLandingDoorStatus.landing-doors", S, landing_door_fields)
#undef S

BAC_LIST(list_of_landing_door, "SEQUENCE OF BACnetLandingDoorStatus.landing-doors", landing_door)

#define S struct bac_landing_door_status
static const struct bac_field landing_door_status_fields[] = {
    BAC_FIELD(S, doors, "landing-doors", list_of_landing_door, 0),
};
BAC_SEQUENCE(landing_door_status, "BACnetLandingDoorStatus", S, landing_door_status_fields)
#undef S

#define S struct bac_car_call_list
static const struct bac_field car_call_list_fields[] = {
    BAC_FIELD(S, floors, "floor-numbers", list_of_unsigned8, 0),
};
BAC_SEQUENCE(car_call_list, "BACnetLiftCarCallList", S, car_call_list_fields)
#undef S
