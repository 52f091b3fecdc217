/* Owns the enumerations and named bit strings of bacnet_equipment_enum.h: those of access control,
 * lighting, lifts and escalators. */
#include "bacnet/enum_rows.h"

#include "basalt/bacnet_equipment_enum.h"

static const struct bac_name access_authentication_factor_disable_names[] = {
    BAC_ACCESS_AUTHENTICATION_FACTOR_DISABLE_ROWS(NAME)
};
ENUMERATED(access_authentication_factor_disable, "BACnetAccessAuthenticationFactorDisable", 65535)

static const struct bac_name access_credential_disable_names[] = {
    BAC_ACCESS_CREDENTIAL_DISABLE_ROWS(NAME)
};
ENUMERATED(access_credential_disable, "BACnetAccessCredentialDisable", 65535)

static const struct bac_name access_credential_disable_reason_names[] = {
    BAC_ACCESS_CREDENTIAL_DISABLE_REASON_ROWS(NAME)
};
ENUMERATED(access_credential_disable_reason, "BACnetAccessCredentialDisableReason", 65535)

#define BAC_ENUM(member, number, text) NAME(member, number, text)
static const struct bac_name access_event_names[] = {
#include "basalt/enums/access_event.def"
};
#undef BAC_ENUM
ENUMERATED(access_event, "BACnetAccessEvent", 65535)

static const struct bac_name access_passback_mode_names[] = { BAC_ACCESS_PASSBACK_MODE_ROWS(NAME) };
ENUMERATED(access_passback_mode, "BACnetAccessPassbackMode", 2)

static const struct bac_name access_rule_location_names[] = { BAC_ACCESS_RULE_LOCATION_ROWS(NAME) };
ENUMERATED(access_rule_location, "BACnetAccessRule.location-specifier", 1)

static const struct bac_name access_rule_time_names[] = { BAC_ACCESS_RULE_TIME_ROWS(NAME) };
ENUMERATED(access_rule_time, "BACnetAccessRule.time-range-specifier", 1)

static const struct bac_name access_user_type_names[] = { BAC_ACCESS_USER_TYPE_ROWS(NAME) };
ENUMERATED(access_user_type, "BACnetAccessUserType", 65535)

static const struct bac_name access_zone_occupancy_state_names[] = {
    BAC_ACCESS_ZONE_OCCUPANCY_STATE_ROWS(NAME)
};
ENUMERATED(access_zone_occupancy_state, "BACnetAccessZoneOccupancyState", 65535)

static const struct bac_name authentication_factor_type_names[] = {
    BAC_AUTHENTICATION_FACTOR_TYPE_ROWS(NAME)
};
ENUMERATED(authentication_factor_type, "BACnetAuthenticationFactorType", 24)

static const struct bac_name authentication_status_names[] = { BAC_AUTHENTICATION_STATUS_ROWS(
    NAME) };
ENUMERATED(authentication_status, "BACnetAuthenticationStatus", 6)

static const struct bac_name authorization_exemption_names[] = { BAC_AUTHORIZATION_EXEMPTION_ROWS(
    NAME) };
ENUMERATED(authorization_exemption, "BACnetAuthorizationExemption", 255)

static const struct bac_name authorization_mode_names[] = { BAC_AUTHORIZATION_MODE_ROWS(NAME) };
ENUMERATED(authorization_mode, "BACnetAuthorizationMode", 65535)

static const struct bac_name binary_lighting_pv_names[] = { BAC_BINARY_LIGHTING_PV_ROWS(NAME) };
ENUMERATED(binary_lighting_pv, "BACnetBinaryLightingPV", 255)

static const struct bac_name color_in_progress_names[] = { BAC_COLOR_IN_PROGRESS_ROWS(NAME) };
ENUMERATED(color_in_progress, "BACnetColorOperationInProgress", 4)

static const struct bac_name color_operation_names[] = { BAC_COLOR_OPERATION_ROWS(NAME) };
ENUMERATED(color_operation, "BACnetColorOperation", 6)

static const struct bac_name color_transition_names[] = { BAC_COLOR_TRANSITION_ROWS(NAME) };
ENUMERATED(color_transition, "BACnetColorTransition", 2)

static const struct bac_name door_alarm_state_names[] = { BAC_DOOR_ALARM_STATE_ROWS(NAME) };
ENUMERATED(door_alarm_state, "BACnetDoorAlarmState", 65535)

static const struct bac_name door_secured_status_names[] = { BAC_DOOR_SECURED_STATUS_ROWS(NAME) };
ENUMERATED(door_secured_status, "BACnetDoorSecuredStatus", 2)

static const struct bac_name door_status_names[] = { BAC_DOOR_STATUS_ROWS(NAME) };
ENUMERATED(door_status, "BACnetDoorStatus", 65535)

static const struct bac_name door_value_names[] = { BAC_DOOR_VALUE_ROWS(NAME) };
ENUMERATED(door_value, "BACnetDoorValue", 3)

static const struct bac_name escalator_fault_names[] = { BAC_ESCALATOR_FAULT_ROWS(NAME) };
ENUMERATED(escalator_fault, "BACnetEscalatorFault", 65535)

static const struct bac_name escalator_mode_names[] = { BAC_ESCALATOR_MODE_ROWS(NAME) };
ENUMERATED(escalator_mode, "BACnetEscalatorMode", 65535)

static const struct bac_name escalator_operation_direction_names[] = {
    BAC_ESCALATOR_OPERATION_DIRECTION_ROWS(NAME)
};
ENUMERATED(escalator_operation_direction, "BACnetEscalatorOperationDirection", 65535)

static const struct bac_name lift_car_direction_names[] = { BAC_LIFT_CAR_DIRECTION_ROWS(NAME) };
ENUMERATED(lift_car_direction, "BACnetLiftCarDirection", 65535)

static const struct bac_name lift_car_door_command_names[] = { BAC_LIFT_CAR_DOOR_COMMAND_ROWS(
    NAME) };
ENUMERATED(lift_car_door_command, "BACnetLiftCarDoorCommand", 2)

static const struct bac_name lift_car_drive_status_names[] = { BAC_LIFT_CAR_DRIVE_STATUS_ROWS(
    NAME) };
ENUMERATED(lift_car_drive_status, "BACnetLiftCarDriveStatus", 65535)

static const struct bac_name lift_car_mode_names[] = { BAC_LIFT_CAR_MODE_ROWS(NAME) };
ENUMERATED(lift_car_mode, "BACnetLiftCarMode", 65535)

static const struct bac_name lift_fault_names[] = { BAC_LIFT_FAULT_ROWS(NAME) };
ENUMERATED(lift_fault, "BACnetLiftFault", 65535)

static const struct bac_name lift_group_mode_names[] = { BAC_LIFT_GROUP_MODE_ROWS(NAME) };
ENUMERATED(lift_group_mode, "BACnetLiftGroupMode", 6)

static const struct bac_name lighting_in_progress_names[] = { BAC_LIGHTING_IN_PROGRESS_ROWS(NAME) };
ENUMERATED(lighting_in_progress, "BACnetLightingInProgress", 5)

static const struct bac_name lighting_operation_names[] = { BAC_LIGHTING_OPERATION_ROWS(NAME) };
ENUMERATED(lighting_operation, "BACnetLightingOperation", 65535)

static const struct bac_name lighting_transition_names[] = { BAC_LIGHTING_TRANSITION_ROWS(NAME) };
ENUMERATED(lighting_transition, "BACnetLightingTransition", 255)

static const struct bac_name lock_status_names[] = { BAC_LOCK_STATUS_ROWS(NAME) };
ENUMERATED(lock_status, "BACnetLockStatus", 4)
