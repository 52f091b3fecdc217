/*
 * BACnet's numbers and their names (clause 21), continued from bacnet_enum.h: access control,
 * lighting, lifts and escalators.
 */
#ifndef BASALT_BACNET_EQUIPMENT_ENUM_H
#define BASALT_BACNET_EQUIPMENT_ENUM_H

/* BACnetAccessAuthenticationFactorDisable */
#define BAC_ACCESS_AUTHENTICATION_FACTOR_DISABLE_ROWS(ROW)                                         \
    ROW(NONE, 0, "none")                                                                           \
    ROW(DISABLED, 1, "disabled")                                                                   \
    ROW(DISABLED_LOST, 2, "disabled-lost")                                                         \
    ROW(DISABLED_STOLEN, 3, "disabled-stolen")                                                     \
    ROW(DISABLED_DAMAGED, 4, "disabled-damaged")                                                   \
    ROW(DISABLED_DESTROYED, 5, "disabled-destroyed")

#define BAC_MEMBER(member, number, text) BAC_FACTOR_DISABLE_##member = number,
enum bac_access_authentication_factor_disable {
    BAC_ACCESS_AUTHENTICATION_FACTOR_DISABLE_ROWS(BAC_MEMBER)
};
#undef BAC_MEMBER

/* BACnetAccessCredentialDisable */
#define BAC_ACCESS_CREDENTIAL_DISABLE_ROWS(ROW)                                                    \
    ROW(NONE, 0, "none")                                                                           \
    ROW(DISABLE, 1, "disable")                                                                     \
    ROW(DISABLE_MANUAL, 2, "disable-manual")                                                       \
    ROW(DISABLE_LOCKOUT, 3, "disable-lockout")

#define BAC_MEMBER(member, number, text) BAC_CREDENTIAL_DISABLE_##member = number,
enum bac_access_credential_disable { BAC_ACCESS_CREDENTIAL_DISABLE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetAccessCredentialDisableReason */
#define BAC_ACCESS_CREDENTIAL_DISABLE_REASON_ROWS(ROW)                                             \
    ROW(DISABLED, 0, "disabled")                                                                   \
    ROW(DISABLED_NEEDS_PROVISIONING, 1, "disabled-needs-provisioning")                             \
    ROW(DISABLED_UNASSIGNED, 2, "disabled-unassigned")                                             \
    ROW(DISABLED_NOT_YET_ACTIVE, 3, "disabled-not-yet-active")                                     \
    ROW(DISABLED_EXPIRED, 4, "disabled-expired")                                                   \
    ROW(DISABLED_LOCKOUT, 5, "disabled-lockout")                                                   \
    ROW(DISABLED_MAX_DAYS, 6, "disabled-max-days")                                                 \
    ROW(DISABLED_MAX_USES, 7, "disabled-max-uses")                                                 \
    ROW(DISABLED_INACTIVITY, 8, "disabled-inactivity")                                             \
    ROW(DISABLED_MANUAL, 9, "disabled-manual")

#define BAC_MEMBER(member, number, text) BAC_CREDENTIAL_REASON_##member = number,
enum bac_access_credential_disable_reason { BAC_ACCESS_CREDENTIAL_DISABLE_REASON_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetAccessEvent */
#define BAC_ENUM(member, number, text) BAC_ACCESS_EVENT_##member = number,
enum bac_access_event {
#include "basalt/enums/access_event.def"
};
#undef BAC_ENUM

/* BACnetAccessPassbackMode */
#define BAC_ACCESS_PASSBACK_MODE_ROWS(ROW)                                                         \
    ROW(PASSBACK_OFF, 0, "passback-off")                                                           \
    ROW(HARD_PASSBACK, 1, "hard-passback")                                                         \
    ROW(SOFT_PASSBACK, 2, "soft-passback")

#define BAC_MEMBER(member, number, text) BAC_PASSBACK_##member = number,
enum bac_access_passback_mode { BAC_ACCESS_PASSBACK_MODE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetAccessRule.location-specifier */
#define BAC_ACCESS_RULE_LOCATION_ROWS(ROW)                                                         \
    ROW(SPECIFIED, 0, "specified")                                                                 \
    ROW(ALL, 1, "all")

#define BAC_MEMBER(member, number, text) BAC_RULE_LOCATION_##member = number,
enum bac_access_rule_location { BAC_ACCESS_RULE_LOCATION_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetAccessRule.time-range-specifier */
#define BAC_ACCESS_RULE_TIME_ROWS(ROW)                                                             \
    ROW(SPECIFIED, 0, "specified")                                                                 \
    ROW(ALWAYS, 1, "always")

#define BAC_MEMBER(member, number, text) BAC_RULE_TIME_##member = number,
enum bac_access_rule_time { BAC_ACCESS_RULE_TIME_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetAccessUserType */
#define BAC_ACCESS_USER_TYPE_ROWS(ROW)                                                             \
    ROW(ASSET, 0, "asset")                                                                         \
    ROW(GROUP, 1, "group")                                                                         \
    ROW(PERSON, 2, "person")

#define BAC_MEMBER(member, number, text) BAC_USER_TYPE_##member = number,
enum bac_access_user_type { BAC_ACCESS_USER_TYPE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetAccessZoneOccupancyState */
#define BAC_ACCESS_ZONE_OCCUPANCY_STATE_ROWS(ROW)                                                  \
    ROW(NORMAL, 0, "normal")                                                                       \
    ROW(BELOW_LOWER_LIMIT, 1, "below-lower-limit")                                                 \
    ROW(AT_LOWER_LIMIT, 2, "at-lower-limit")                                                       \
    ROW(AT_UPPER_LIMIT, 3, "at-upper-limit")                                                       \
    ROW(ABOVE_UPPER_LIMIT, 4, "above-upper-limit")                                                 \
    ROW(DISABLED, 5, "disabled")                                                                   \
    ROW(NOT_SUPPORTED, 6, "not-supported")

#define BAC_MEMBER(member, number, text) BAC_OCCUPANCY_##member = number,
enum bac_access_zone_occupancy_state { BAC_ACCESS_ZONE_OCCUPANCY_STATE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetAuthenticationFactorType */
#define BAC_AUTHENTICATION_FACTOR_TYPE_ROWS(ROW)                                                   \
    ROW(UNDEFINED, 0, "undefined")                                                                 \
    ROW(ERROR, 1, "error")                                                                         \
    ROW(CUSTOM, 2, "custom")                                                                       \
    ROW(SIMPLE_NUMBER16, 3, "simple-number16")                                                     \
    ROW(SIMPLE_NUMBER32, 4, "simple-number32")                                                     \
    ROW(SIMPLE_NUMBER56, 5, "simple-number56")                                                     \
    ROW(SIMPLE_ALPHA_NUMERIC, 6, "simple-alpha-numeric")                                           \
    ROW(ABA_TRACK2, 7, "aba-track2")                                                               \
    ROW(WIEGAND26, 8, "wiegand26")                                                                 \
    ROW(WIEGAND37, 9, "wiegand37")                                                                 \
    ROW(WIEGAND37_FACILITY, 10, "wiegand37-facility")                                              \
    ROW(FACILITY16_CARD32, 11, "facility16-card32")                                                \
    ROW(FACILITY32_CARD32, 12, "facility32-card32")                                                \
    ROW(FASC_N, 13, "fasc-n")                                                                      \
    ROW(FASC_N_BCD, 14, "fasc-n-bcd")                                                              \
    ROW(FASC_N_LARGE, 15, "fasc-n-large")                                                          \
    ROW(FASC_N_LARGE_BCD, 16, "fasc-n-large-bcd")                                                  \
    ROW(GSA75, 17, "gsa75")                                                                        \
    ROW(CHUID, 18, "chuid")                                                                        \
    ROW(CHUID_FULL, 19, "chuid-full")                                                              \
    ROW(GUID, 20, "guid")                                                                          \
    ROW(CBEFF_A, 21, "cbeff-a")                                                                    \
    ROW(CBEFF_B, 22, "cbeff-b")                                                                    \
    ROW(CBEFF_C, 23, "cbeff-c")                                                                    \
    ROW(USER_PASSWORD, 24, "user-password")

#define BAC_MEMBER(member, number, text) BAC_FACTOR_TYPE_##member = number,
enum bac_authentication_factor_type { BAC_AUTHENTICATION_FACTOR_TYPE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetAuthenticationStatus */
#define BAC_AUTHENTICATION_STATUS_ROWS(ROW)                                                        \
    ROW(NOT_READY, 0, "not-ready")                                                                 \
    ROW(READY, 1, "ready")                                                                         \
    ROW(DISABLED, 2, "disabled")                                                                   \
    ROW(WAITING_FOR_AUTHENTICATION_FACTOR, 3, "waiting-for-authentication-factor")                 \
    ROW(WAITING_FOR_ACCOMPANIMENT, 4, "waiting-for-accompaniment")                                 \
    ROW(WAITING_FOR_VERIFICATION, 5, "waiting-for-verification")                                   \
    ROW(IN_PROGRESS, 6, "in-progress")

#define BAC_MEMBER(member, number, text) BAC_AUTHENTICATION_STATUS_##member = number,
enum bac_authentication_status { BAC_AUTHENTICATION_STATUS_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetAuthorizationExemption */
#define BAC_AUTHORIZATION_EXEMPTION_ROWS(ROW)                                                      \
    ROW(PASSBACK, 0, "passback")                                                                   \
    ROW(OCCUPANCY_CHECK, 1, "occupancy-check")                                                     \
    ROW(ACCESS_RIGHTS, 2, "access-rights")                                                         \
    ROW(LOCKOUT, 3, "lockout")                                                                     \
    ROW(DENY, 4, "deny")                                                                           \
    ROW(VERIFICATION, 5, "verification")                                                           \
    ROW(AUTHORIZATION_DELAY, 6, "authorization-delay")

#define BAC_MEMBER(member, number, text) BAC_EXEMPTION_##member = number,
enum bac_authorization_exemption { BAC_AUTHORIZATION_EXEMPTION_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetAuthorizationMode */
#define BAC_AUTHORIZATION_MODE_ROWS(ROW)                                                           \
    ROW(AUTHORIZE, 0, "authorize")                                                                 \
    ROW(GRANT_ACTIVE, 1, "grant-active")                                                           \
    ROW(DENY_ALL, 2, "deny-all")                                                                   \
    ROW(VERIFICATION_REQUIRED, 3, "verification-required")                                         \
    ROW(AUTHORIZATION_DELAYED, 4, "authorization-delayed")                                         \
    ROW(NONE, 5, "none")

#define BAC_MEMBER(member, number, text) BAC_AUTHORIZATION_##member = number,
enum bac_authorization_mode { BAC_AUTHORIZATION_MODE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetBinaryLightingPV */
#define BAC_BINARY_LIGHTING_PV_ROWS(ROW)                                                           \
    ROW(OFF, 0, "off")                                                                             \
    ROW(ON, 1, "on")                                                                               \
    ROW(WARN, 2, "warn")                                                                           \
    ROW(WARN_OFF, 3, "warn-off")                                                                   \
    ROW(WARN_RELINQUISH, 4, "warn-relinquish")                                                     \
    ROW(STOP, 5, "stop")                                                                           \
    ROW(TOGGLE, 6, "toggle")

#define BAC_MEMBER(member, number, text) BAC_BINARY_LIGHTING_##member = number,
enum bac_binary_lighting_pv { BAC_BINARY_LIGHTING_PV_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetColorOperationInProgress */
#define BAC_COLOR_IN_PROGRESS_ROWS(ROW)                                                            \
    ROW(IDLE, 0, "idle")                                                                           \
    ROW(FADE_ACTIVE, 1, "fade-active")                                                             \
    ROW(RAMP_ACTIVE, 2, "ramp-active")                                                             \
    ROW(NOT_CONTROLLED, 3, "not-controlled")                                                       \
    ROW(OTHER, 4, "other")

#define BAC_MEMBER(member, number, text) BAC_COLOR_##member = number,
enum bac_color_in_progress { BAC_COLOR_IN_PROGRESS_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetColorOperation */
#define BAC_COLOR_OPERATION_ROWS(ROW)                                                              \
    ROW(NONE, 0, "none")                                                                           \
    ROW(FADE_TO_COLOR, 1, "fade-to-color")                                                         \
    ROW(FADE_TO_CCT, 2, "fade-to-cct")                                                             \
    ROW(RAMP_TO_CCT, 3, "ramp-to-cct")                                                             \
    ROW(STEP_UP_CCT, 4, "step-up-cct")                                                             \
    ROW(STEP_DOWN_CCT, 5, "step-down-cct")                                                         \
    ROW(STOP, 6, "stop")

#define BAC_MEMBER(member, number, text) BAC_COLOR_OPERATION_##member = number,
enum bac_color_operation { BAC_COLOR_OPERATION_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetColorTransition */
#define BAC_COLOR_TRANSITION_ROWS(ROW)                                                             \
    ROW(NONE, 0, "none")                                                                           \
    ROW(FADE, 1, "fade")                                                                           \
    ROW(RAMP, 2, "ramp")

#define BAC_MEMBER(member, number, text) BAC_COLOR_TRANSITION_##member = number,
enum bac_color_transition { BAC_COLOR_TRANSITION_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetDoorAlarmState */
#define BAC_DOOR_ALARM_STATE_ROWS(ROW)                                                             \
    ROW(NORMAL, 0, "normal")                                                                       \
    ROW(ALARM, 1, "alarm")                                                                         \
    ROW(DOOR_OPEN_TOO_LONG, 2, "door-open-too-long")                                               \
    ROW(FORCED_OPEN, 3, "forced-open")                                                             \
    ROW(TAMPER, 4, "tamper")                                                                       \
    ROW(DOOR_FAULT, 5, "door-fault")                                                               \
    ROW(LOCK_DOWN, 6, "lock-down")                                                                 \
    ROW(FREE_ACCESS, 7, "free-access")                                                             \
    ROW(EGRESS_OPEN, 8, "egress-open")

#define BAC_MEMBER(member, number, text) BAC_DOOR_ALARM_##member = number,
enum bac_door_alarm_state { BAC_DOOR_ALARM_STATE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetDoorSecuredStatus */
#define BAC_DOOR_SECURED_STATUS_ROWS(ROW)                                                          \
    ROW(SECURED, 0, "secured")                                                                     \
    ROW(UNSECURED, 1, "unsecured")                                                                 \
    ROW(UNKNOWN, 2, "unknown")

#define BAC_MEMBER(member, number, text) BAC_DOOR_SECURED_##member = number,
enum bac_door_secured_status { BAC_DOOR_SECURED_STATUS_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetDoorStatus */
#define BAC_DOOR_STATUS_ROWS(ROW)                                                                  \
    ROW(CLOSED, 0, "closed")                                                                       \
    ROW(OPENED, 1, "opened")                                                                       \
    ROW(UNKNOWN, 2, "unknown")                                                                     \
    ROW(DOOR_FAULT, 3, "door-fault")                                                               \
    ROW(UNUSED, 4, "unused")                                                                       \
    ROW(NONE, 5, "none")                                                                           \
    ROW(CLOSING, 6, "closing")                                                                     \
    ROW(OPENING, 7, "opening")                                                                     \
    ROW(SAFETY_LOCKED, 8, "safety-locked")                                                         \
    ROW(LIMITED_OPENED, 9, "limited-opened")

#define BAC_MEMBER(member, number, text) BAC_DOOR_STATUS_##member = number,
enum bac_door_status { BAC_DOOR_STATUS_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetDoorValue */
#define BAC_DOOR_VALUE_ROWS(ROW)                                                                   \
    ROW(LOCK, 0, "lock")                                                                           \
    ROW(UNLOCK, 1, "unlock")                                                                       \
    ROW(PULSE_UNLOCK, 2, "pulse-unlock")                                                           \
    ROW(EXTENDED_PULSE_UNLOCK, 3, "extended-pulse-unlock")

#define BAC_MEMBER(member, number, text) BAC_DOOR_VALUE_##member = number,
enum bac_door_value { BAC_DOOR_VALUE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetEscalatorFault */
#define BAC_ESCALATOR_FAULT_ROWS(ROW)                                                              \
    ROW(CONTROLLER_FAULT, 0, "controller-fault")                                                   \
    ROW(DRIVE_AND_MOTOR_FAULT, 1, "drive-and-motor-fault")                                         \
    ROW(MECHANICAL_COMPONENT_FAULT, 2, "mechanical-component-fault")                               \
    ROW(OVERSPEED_FAULT, 3, "overspeed-fault")                                                     \
    ROW(POWER_SUPPLY_FAULT, 4, "power-supply-fault")                                               \
    ROW(SAFETY_DEVICE_FAULT, 5, "safety-device-fault")                                             \
    ROW(CONTROLLER_SUPPLY_FAULT, 6, "controller-supply-fault")                                     \
    ROW(DRIVE_TEMPERATURE_EXCEEDED, 7, "drive-temperature-exceeded")                               \
    ROW(COMB_PLATE_FAULT, 8, "comb-plate-fault")

#define BAC_MEMBER(member, number, text) BAC_ESCALATOR_FAULT_##member = number,
enum bac_escalator_fault { BAC_ESCALATOR_FAULT_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetEscalatorMode */
#define BAC_ESCALATOR_MODE_ROWS(ROW)                                                               \
    ROW(UNKNOWN, 0, "unknown")                                                                     \
    ROW(STOP, 1, "stop")                                                                           \
    ROW(UP, 2, "up")                                                                               \
    ROW(DOWN, 3, "down")                                                                           \
    ROW(INSPECTION, 4, "inspection")                                                               \
    ROW(OUT_OF_SERVICE, 5, "out-of-service")

#define BAC_MEMBER(member, number, text) BAC_ESCALATOR_MODE_##member = number,
enum bac_escalator_mode { BAC_ESCALATOR_MODE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetEscalatorOperationDirection */
#define BAC_ESCALATOR_OPERATION_DIRECTION_ROWS(ROW)                                                \
    ROW(UNKNOWN, 0, "unknown")                                                                     \
    ROW(STOPPED, 1, "stopped")                                                                     \
    ROW(UP_RATED_SPEED, 2, "up-rated-speed")                                                       \
    ROW(UP_REDUCED_SPEED, 3, "up-reduced-speed")                                                   \
    ROW(DOWN_RATED_SPEED, 4, "down-rated-speed")                                                   \
    ROW(DOWN_REDUCED_SPEED, 5, "down-reduced-speed")

#define BAC_MEMBER(member, number, text) BAC_ESCALATOR_DIRECTION_##member = number,
enum bac_escalator_operation_direction { BAC_ESCALATOR_OPERATION_DIRECTION_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetLiftCarDirection */
#define BAC_LIFT_CAR_DIRECTION_ROWS(ROW)                                                           \
    ROW(UNKNOWN, 0, "unknown")                                                                     \
    ROW(NONE, 1, "none")                                                                           \
    ROW(STOPPED, 2, "stopped")                                                                     \
    ROW(UP, 3, "up")                                                                               \
    ROW(DOWN, 4, "down")                                                                           \
    ROW(UP_AND_DOWN, 5, "up-and-down")

#define BAC_MEMBER(member, number, text) BAC_LIFT_DIRECTION_##member = number,
enum bac_lift_car_direction { BAC_LIFT_CAR_DIRECTION_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetLiftCarDoorCommand */
#define BAC_LIFT_CAR_DOOR_COMMAND_ROWS(ROW)                                                        \
    ROW(NONE, 0, "none")                                                                           \
    ROW(OPEN, 1, "open")                                                                           \
    ROW(CLOSE, 2, "close")

#define BAC_MEMBER(member, number, text) BAC_LIFT_DOOR_##member = number,
enum bac_lift_car_door_command { BAC_LIFT_CAR_DOOR_COMMAND_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetLiftCarDriveStatus */
#define BAC_LIFT_CAR_DRIVE_STATUS_ROWS(ROW)                                                        \
    ROW(UNKNOWN, 0, "unknown")                                                                     \
    ROW(STATIONARY, 1, "stationary")                                                               \
    ROW(BRAKING, 2, "braking")                                                                     \
    ROW(ACCELERATE, 3, "accelerate")                                                               \
    ROW(DECELERATE, 4, "decelerate")                                                               \
    ROW(RATED_SPEED, 5, "rated-speed")                                                             \
    ROW(SINGLE_FLOOR_JUMP, 6, "single-floor-jump")                                                 \
    ROW(TWO_FLOOR_JUMP, 7, "two-floor-jump")                                                       \
    ROW(THREE_FLOOR_JUMP, 8, "three-floor-jump")                                                   \
    ROW(MULTI_FLOOR_JUMP, 9, "multi-floor-jump")

#define BAC_MEMBER(member, number, text) BAC_LIFT_DRIVE_##member = number,
enum bac_lift_car_drive_status { BAC_LIFT_CAR_DRIVE_STATUS_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetLiftCarMode */
#define BAC_LIFT_CAR_MODE_ROWS(ROW)                                                                \
    ROW(UNKNOWN, 0, "unknown")                                                                     \
    ROW(NORMAL, 1, "normal")                                                                       \
    ROW(VIP, 2, "vip")                                                                             \
    ROW(HOMING, 3, "homing")                                                                       \
    ROW(PARKING, 4, "parking")                                                                     \
    ROW(ATTENDANT_CONTROL, 5, "attendant-control")                                                 \
    ROW(FIREFIGHTER_CONTROL, 6, "firefighter-control")                                             \
    ROW(EMERGENCY_POWER, 7, "emergency-power")                                                     \
    ROW(INSPECTION, 8, "inspection")                                                               \
    ROW(CABINET_RECALL, 9, "cabinet-recall")                                                       \
    ROW(EARTHQUAKE_OPERATION, 10, "earthquake-operation")                                          \
    ROW(FIRE_OPERATION, 11, "fire-operation")                                                      \
    ROW(OUT_OF_SERVICE, 12, "out-of-service")                                                      \
    ROW(OCCUPANT_EVACUATION, 13, "occupant-evacuation")

#define BAC_MEMBER(member, number, text) BAC_LIFT_MODE_##member = number,
enum bac_lift_car_mode { BAC_LIFT_CAR_MODE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetLiftFault */
#define BAC_LIFT_FAULT_ROWS(ROW)                                                                   \
    ROW(CONTROLLER_FAULT, 0, "controller-fault")                                                   \
    ROW(DRIVE_AND_MOTOR_FAULT, 1, "drive-and-motor-fault")                                         \
    ROW(GOVERNOR_AND_SAFETY_GEAR_FAULT, 2, "governor-and-safety-gear-fault")                       \
    ROW(LIFT_SHAFT_DEVICE_FAULT, 3, "lift-shaft-device-fault")                                     \
    ROW(POWER_SUPPLY_FAULT, 4, "power-supply-fault")                                               \
    ROW(SAFETY_INTERLOCK_FAULT, 5, "safety-interlock-fault")                                       \
    ROW(DOOR_CLOSING_FAULT, 6, "door-closing-fault")                                               \
    ROW(DOOR_OPENING_FAULT, 7, "door-opening-fault")                                               \
    ROW(CAR_STOPPED_OUTSIDE_LANDING_ZONE, 8, "car-stopped-outside-landing-zone")                   \
    ROW(CALL_BUTTON_STUCK, 9, "call-button-stuck")                                                 \
    ROW(START_FAILURE, 10, "start-failure")                                                        \
    ROW(CONTROLLER_SUPPLY_FAULT, 11, "controller-supply-fault")                                    \
    ROW(SELF_TEST_FAILURE, 12, "self-test-failure")                                                \
    ROW(RUNTIME_LIMIT_EXCEEDED, 13, "runtime-limit-exceeded")                                      \
    ROW(POSITION_LOST, 14, "position-lost")                                                        \
    ROW(DRIVE_TEMPERATURE_EXCEEDED, 15, "drive-temperature-exceeded")                              \
    ROW(LOAD_MEASUREMENT_FAULT, 16, "load-measurement-fault")

#define BAC_MEMBER(member, number, text) BAC_LIFT_FAULT_##member = number,
enum bac_lift_fault { BAC_LIFT_FAULT_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetLiftGroupMode */
#define BAC_LIFT_GROUP_MODE_ROWS(ROW)                                                              \
    ROW(UNKNOWN, 0, "unknown")                                                                     \
    ROW(NORMAL, 1, "normal")                                                                       \
    ROW(DOWN_PEAK, 2, "down-peak")                                                                 \
    ROW(TWO_WAY, 3, "two-way")                                                                     \
    ROW(FOUR_WAY, 4, "four-way")                                                                   \
    ROW(EMERGENCY_POWER, 5, "emergency-power")                                                     \
    ROW(UP_PEAK, 6, "up-peak")

#define BAC_MEMBER(member, number, text) BAC_LIFT_GROUP_##member = number,
enum bac_lift_group_mode { BAC_LIFT_GROUP_MODE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetLightingInProgress */
#define BAC_LIGHTING_IN_PROGRESS_ROWS(ROW)                                                         \
    ROW(IDLE, 0, "idle")                                                                           \
    ROW(FADE_ACTIVE, 1, "fade-active")                                                             \
    ROW(RAMP_ACTIVE, 2, "ramp-active")                                                             \
    ROW(NOT_CONTROLLED, 3, "not-controlled")                                                       \
    ROW(OTHER, 4, "other")                                                                         \
    ROW(TRIM_ACTIVE, 5, "trim-active")

#define BAC_MEMBER(member, number, text) BAC_LIGHTING_##member = number,
enum bac_lighting_in_progress { BAC_LIGHTING_IN_PROGRESS_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetLightingOperation */
#define BAC_LIGHTING_OPERATION_ROWS(ROW)                                                           \
    ROW(NONE, 0, "none")                                                                           \
    ROW(FADE_TO, 1, "fade-to")                                                                     \
    ROW(RAMP_TO, 2, "ramp-to")                                                                     \
    ROW(STEP_UP, 3, "step-up")                                                                     \
    ROW(STEP_DOWN, 4, "step-down")                                                                 \
    ROW(STEP_ON, 5, "step-on")                                                                     \
    ROW(STEP_OFF, 6, "step-off")                                                                   \
    ROW(WARN, 7, "warn")                                                                           \
    ROW(WARN_OFF, 8, "warn-off")                                                                   \
    ROW(WARN_RELINQUISH, 9, "warn-relinquish")                                                     \
    ROW(STOP, 10, "stop")                                                                          \
    ROW(RESTORE_ON, 11, "restore-on")                                                              \
    ROW(DEFAULT_ON, 12, "default-on")                                                              \
    ROW(TOGGLE_RESTORE, 13, "toggle-restore")                                                      \
    ROW(TOGGLE_DEFAULT, 14, "toggle-default")

#define BAC_MEMBER(member, number, text) BAC_LIGHTING_OPERATION_##member = number,
enum bac_lighting_operation { BAC_LIGHTING_OPERATION_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetLightingTransition */
#define BAC_LIGHTING_TRANSITION_ROWS(ROW)                                                          \
    ROW(NONE, 0, "none")                                                                           \
    ROW(FADE, 1, "fade")                                                                           \
    ROW(RAMP, 2, "ramp")

#define BAC_MEMBER(member, number, text) BAC_LIGHTING_TRANSITION_##member = number,
enum bac_lighting_transition { BAC_LIGHTING_TRANSITION_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetLockStatus */
#define BAC_LOCK_STATUS_ROWS(ROW)                                                                  \
    ROW(LOCKED, 0, "locked")                                                                       \
    ROW(UNLOCKED, 1, "unlocked")                                                                   \
    ROW(LOCK_FAULT, 2, "lock-fault")                                                               \
    ROW(UNUSED, 3, "unused")                                                                       \
    ROW(UNKNOWN, 4, "unknown")

#define BAC_MEMBER(member, number, text) BAC_LOCK_STATUS_##member = number,
enum bac_lock_status { BAC_LOCK_STATUS_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

#endif
