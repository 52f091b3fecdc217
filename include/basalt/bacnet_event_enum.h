/*
 * BACnet's numbers and their names (clause 21), continued from bacnet_enum.h: alarms and events,
 * life safety, logs, audits, programs, and the choices of single services.
 */
#ifndef BASALT_BACNET_EVENT_ENUM_H
#define BASALT_BACNET_EVENT_ENUM_H

/* BACnetAccumulatorRecord.accumulator-status */
#define BAC_ACCUMULATOR_STATUS_ROWS(ROW)                                                           \
    ROW(NORMAL, 0, "normal")                                                                       \
    ROW(STARTING, 1, "starting")                                                                   \
    ROW(RECOVERED, 2, "recovered")                                                                 \
    ROW(ABNORMAL, 3, "abnormal")                                                                   \
    ROW(FAILED, 4, "failed")

#define BAC_MEMBER(member, number, text) BAC_ACCUMULATOR_STATUS_##member = number,
enum bac_accumulator_status { BAC_ACCUMULATOR_STATUS_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* GetEnrollmentSummary-Request.acknowledgment-filter */
#define BAC_ACKNOWLEDGMENT_FILTER_ROWS(ROW)                                                        \
    ROW(ALL, 0, "all")                                                                             \
    ROW(ACKED, 1, "acked")                                                                         \
    ROW(NOT_ACKED, 2, "not-acked")

#define BAC_MEMBER(member, number, text) BAC_ACKNOWLEDGMENT_FILTER_##member = number,
enum bac_acknowledgment_filter { BAC_ACKNOWLEDGMENT_FILTER_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetAction */
#define BAC_ACTION_ROWS(ROW)                                                                       \
    ROW(DIRECT, 0, "direct")                                                                       \
    ROW(REVERSE, 1, "reverse")

#define BAC_MEMBER(member, number, text) BAC_ACTION_##member = number,
enum bac_action { BAC_ACTION_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetAuditLevel */
#define BAC_AUDIT_LEVEL_ROWS(ROW)                                                                  \
    ROW(NONE, 0, "none")                                                                           \
    ROW(AUDIT_ALL, 1, "audit-all")                                                                 \
    ROW(AUDIT_CONFIG, 2, "audit-config")                                                           \
    ROW(DEFAULT, 3, "default")

#define BAC_MEMBER(member, number, text) BAC_AUDIT_LEVEL_##member = number,
enum bac_audit_level { BAC_AUDIT_LEVEL_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetAuditOperation */
#define BAC_AUDIT_OPERATION_ROWS(ROW)                                                              \
    ROW(READ, 0, "read")                                                                           \
    ROW(WRITE, 1, "write")                                                                         \
    ROW(CREATE, 2, "create")                                                                       \
    ROW(DELETE, 3, "delete")                                                                       \
    ROW(LIFE_SAFETY, 4, "life-safety")                                                             \
    ROW(ACKNOWLEDGE_ALARM, 5, "acknowledge-alarm")                                                 \
    ROW(DEVICE_DISABLE_COMM, 6, "device-disable-comm")                                             \
    ROW(DEVICE_ENABLE_COMM, 7, "device-enable-comm")                                               \
    ROW(DEVICE_RESET, 8, "device-reset")                                                           \
    ROW(DEVICE_BACKUP, 9, "device-backup")                                                         \
    ROW(DEVICE_RESTORE, 10, "device-restore")                                                      \
    ROW(SUBSCRIPTION, 11, "subscription")                                                          \
    ROW(NOTIFICATION, 12, "notification")                                                          \
    ROW(AUDITING_FAILURE, 13, "auditing-failure")                                                  \
    ROW(NETWORK_CHANGES, 14, "network-changes")                                                    \
    ROW(GENERAL, 15, "general")

#define BAC_MEMBER(member, number, text) BAC_AUDIT_OPERATION_##member = number,
enum bac_audit_operation { BAC_AUDIT_OPERATION_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* GetEnrollmentSummary-Request.event-state-filter */
#define BAC_EVENT_STATE_FILTER_ROWS(ROW)                                                           \
    ROW(OFFNORMAL, 0, "offnormal")                                                                 \
    ROW(FAULT, 1, "fault")                                                                         \
    ROW(NORMAL, 2, "normal")                                                                       \
    ROW(ALL, 3, "all")                                                                             \
    ROW(ACTIVE, 4, "active")

#define BAC_MEMBER(member, number, text) BAC_EVENT_STATE_FILTER_##member = number,
enum bac_event_state_filter { BAC_EVENT_STATE_FILTER_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetFaultType */
#define BAC_FAULT_TYPE_ROWS(ROW)                                                                   \
    ROW(NONE, 0, "none")                                                                           \
    ROW(FAULT_CHARACTERSTRING, 1, "fault-characterstring")                                         \
    ROW(FAULT_EXTENDED, 2, "fault-extended")                                                       \
    ROW(FAULT_LIFE_SAFETY, 3, "fault-life-safety")                                                 \
    ROW(FAULT_STATE, 4, "fault-state")                                                             \
    ROW(FAULT_STATUS_FLAGS, 5, "fault-status-flags")                                               \
    ROW(FAULT_OUT_OF_RANGE, 6, "fault-out-of-range")                                               \
    ROW(FAULT_LISTED, 7, "fault-listed")

#define BAC_MEMBER(member, number, text) BAC_FAULT_TYPE_##member = number,
enum bac_fault_type { BAC_FAULT_TYPE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetLifeSafetyMode */
#define BAC_LIFE_SAFETY_MODE_ROWS(ROW)                                                             \
    ROW(OFF, 0, "off")                                                                             \
    ROW(ON, 1, "on")                                                                               \
    ROW(TEST, 2, "test")                                                                           \
    ROW(MANNED, 3, "manned")                                                                       \
    ROW(UNMANNED, 4, "unmanned")                                                                   \
    ROW(ARMED, 5, "armed")                                                                         \
    ROW(DISARMED, 6, "disarmed")                                                                   \
    ROW(PREARMED, 7, "prearmed")                                                                   \
    ROW(SLOW, 8, "slow")                                                                           \
    ROW(FAST, 9, "fast")                                                                           \
    ROW(DISCONNECTED, 10, "disconnected")                                                          \
    ROW(ENABLED, 11, "enabled")                                                                    \
    ROW(DISABLED, 12, "disabled")                                                                  \
    ROW(AUTOMATIC_RELEASE_DISABLED, 13, "automatic-release-disabled")                              \
    ROW(DEFAULT, 14, "default")                                                                    \
    ROW(ACTIVATED_OEO_ALARM, 15, "activated-oeo-alarm")                                            \
    ROW(ACTIVATED_OEO_EVACUATE, 16, "activated-oeo-evacuate")                                      \
    ROW(ACTIVATED_OEO_PHASE1_RECALL, 17, "activated-oeo-phase1-recall")                            \
    ROW(ACTIVATED_OEO_UNAVAILABLE, 18, "activated-oeo-unavailable")                                \
    ROW(DEACTIVATED, 19, "deactivated")

#define BAC_MEMBER(member, number, text) BAC_LIFE_SAFETY_MODE_##member = number,
enum bac_life_safety_mode { BAC_LIFE_SAFETY_MODE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetLifeSafetyOperation */
#define BAC_LIFE_SAFETY_REQUEST_ROWS(ROW)                                                          \
    ROW(NONE, 0, "none")                                                                           \
    ROW(SILENCE, 1, "silence")                                                                     \
    ROW(SILENCE_AUDIBLE, 2, "silence-audible")                                                     \
    ROW(SILENCE_VISUAL, 3, "silence-visual")                                                       \
    ROW(RESET, 4, "reset")                                                                         \
    ROW(RESET_ALARM, 5, "reset-alarm")                                                             \
    ROW(RESET_FAULT, 6, "reset-fault")                                                             \
    ROW(UNSILENCE, 7, "unsilence")                                                                 \
    ROW(UNSILENCE_AUDIBLE, 8, "unsilence-audible")                                                 \
    ROW(UNSILENCE_VISUAL, 9, "unsilence-visual")

#define BAC_MEMBER(member, number, text) BAC_LIFE_SAFETY_##member = number,
enum bac_life_safety_request { BAC_LIFE_SAFETY_REQUEST_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetLifeSafetyState */
#define BAC_LIFE_SAFETY_STATE_ROWS(ROW)                                                            \
    ROW(QUIET, 0, "quiet")                                                                         \
    ROW(PRE_ALARM, 1, "pre-alarm")                                                                 \
    ROW(ALARM, 2, "alarm")                                                                         \
    ROW(FAULT, 3, "fault")                                                                         \
    ROW(FAULT_PRE_ALARM, 4, "fault-pre-alarm")                                                     \
    ROW(FAULT_ALARM, 5, "fault-alarm")                                                             \
    ROW(NOT_READY, 6, "not-ready")                                                                 \
    ROW(ACTIVE, 7, "active")                                                                       \
    ROW(TAMPER, 8, "tamper")                                                                       \
    ROW(TEST_ALARM, 9, "test-alarm")                                                               \
    ROW(TEST_ACTIVE, 10, "test-active")                                                            \
    ROW(TEST_FAULT, 11, "test-fault")                                                              \
    ROW(TEST_FAULT_ALARM, 12, "test-fault-alarm")                                                  \
    ROW(HOLDUP, 13, "holdup")                                                                      \
    ROW(DURESS, 14, "duress")                                                                      \
    ROW(TAMPER_ALARM, 15, "tamper-alarm")                                                          \
    ROW(ABNORMAL, 16, "abnormal")                                                                  \
    ROW(EMERGENCY_POWER, 17, "emergency-power")                                                    \
    ROW(DELAYED, 18, "delayed")                                                                    \
    ROW(BLOCKED, 19, "blocked")                                                                    \
    ROW(LOCAL_ALARM, 20, "local-alarm")                                                            \
    ROW(GENERAL_ALARM, 21, "general-alarm")                                                        \
    ROW(SUPERVISORY, 22, "supervisory")                                                            \
    ROW(TEST_SUPERVISORY, 23, "test-supervisory")                                                  \
    ROW(NON_DEFAULT_MODE, 24, "non-default-mode")                                                  \
    ROW(OEO_UNAVAILABLE, 25, "oeo-unavailable")                                                    \
    ROW(OEO_ALARM, 26, "oeo-alarm")                                                                \
    ROW(OEO_PHASE1_RECALL, 27, "oeo-phase1-recall")                                                \
    ROW(OEO_EVACUATE, 28, "oeo-evacuate")                                                          \
    ROW(OEO_UNAFFECTED, 29, "oeo-unaffected")                                                      \
    ROW(TEST_OEO_UNAVAILABLE, 30, "test-oeo-unavailable")                                          \
    ROW(TEST_OEO_ALARM, 31, "test-oeo-alarm")                                                      \
    ROW(TEST_OEO_PHASE1_RECALL, 32, "test-oeo-phase1-recall")                                      \
    ROW(TEST_OEO_EVACUATE, 33, "test-oeo-evacuate")                                                \
    ROW(TEST_OEO_UNAFFECTED, 34, "test-oeo-unaffected")

#define BAC_MEMBER(member, number, text) BAC_LIFE_SAFETY_STATE_##member = number,
enum bac_life_safety_state { BAC_LIFE_SAFETY_STATE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetLoggingType */
#define BAC_LOGGING_TYPE_ROWS(ROW)                                                                 \
    ROW(POLLED, 0, "polled")                                                                       \
    ROW(COV, 1, "cov")                                                                             \
    ROW(TRIGGERED, 2, "triggered")

#define BAC_MEMBER(member, number, text) BAC_LOGGING_##member = number,
enum bac_logging_type { BAC_LOGGING_TYPE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetMaintenance */
#define BAC_MAINTENANCE_ROWS(ROW)                                                                  \
    ROW(NONE, 0, "none")                                                                           \
    ROW(PERIODIC_TEST, 1, "periodic-test")                                                         \
    ROW(NEED_SERVICE_OPERATIONAL, 2, "need-service-operational")                                   \
    ROW(NEED_SERVICE_INOPERATIVE, 3, "need-service-inoperative")

#define BAC_MEMBER(member, number, text) BAC_MAINTENANCE_##member = number,
enum bac_maintenance { BAC_MAINTENANCE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* TextMessage-Request.message-priority */
#define BAC_MESSAGE_PRIORITY_ROWS(ROW)                                                             \
    ROW(NORMAL, 0, "normal")                                                                       \
    ROW(URGENT, 1, "urgent")

#define BAC_MEMBER(member, number, text) BAC_MESSAGE_##member = number,
enum bac_message_priority { BAC_MESSAGE_PRIORITY_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetNodeType */
#define BAC_NODE_TYPE_ROWS(ROW)                                                                    \
    ROW(UNKNOWN, 0, "unknown")                                                                     \
    ROW(SYSTEM, 1, "system")                                                                       \
    ROW(NETWORK, 2, "network")                                                                     \
    ROW(DEVICE, 3, "device")                                                                       \
    ROW(ORGANIZATIONAL, 4, "organizational")                                                       \
    ROW(AREA, 5, "area")                                                                           \
    ROW(EQUIPMENT, 6, "equipment")                                                                 \
    ROW(POINT, 7, "point")                                                                         \
    ROW(COLLECTION, 8, "collection")                                                               \
    ROW(PROPERTY, 9, "property")                                                                   \
    ROW(FUNCTIONAL, 10, "functional")                                                              \
    ROW(OTHER, 11, "other")                                                                        \
    ROW(SUBSYSTEM, 12, "subsystem")                                                                \
    ROW(BUILDING, 13, "building")                                                                  \
    ROW(FLOOR, 14, "floor")                                                                        \
    ROW(SECTION, 15, "section")                                                                    \
    ROW(MODULE, 16, "module")                                                                      \
    ROW(TREE, 17, "tree")                                                                          \
    ROW(MEMBER, 18, "member")                                                                      \
    ROW(PROTOCOL, 19, "protocol")                                                                  \
    ROW(ROOM, 20, "room")                                                                          \
    ROW(ZONE, 21, "zone")

#define BAC_MEMBER(member, number, text) BAC_NODE_##member = number,
enum bac_node_type { BAC_NODE_TYPE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetProgramError */
#define BAC_PROGRAM_ERROR_ROWS(ROW)                                                                \
    ROW(NORMAL, 0, "normal")                                                                       \
    ROW(LOAD_FAILED, 1, "load-failed")                                                             \
    ROW(INTERNAL, 2, "internal")                                                                   \
    ROW(PROGRAM, 3, "program")                                                                     \
    ROW(OTHER, 4, "other")

#define BAC_MEMBER(member, number, text) BAC_PROGRAM_ERROR_##member = number,
enum bac_program_error { BAC_PROGRAM_ERROR_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetProgramRequest */
#define BAC_PROGRAM_REQUEST_ROWS(ROW)                                                              \
    ROW(READY, 0, "ready")                                                                         \
    ROW(LOAD, 1, "load")                                                                           \
    ROW(RUN, 2, "run")                                                                             \
    ROW(HALT, 3, "halt")                                                                           \
    ROW(RESTART, 4, "restart")                                                                     \
    ROW(UNLOAD, 5, "unload")

#define BAC_MEMBER(member, number, text) BAC_PROGRAM_REQUEST_##member = number,
enum bac_program_request { BAC_PROGRAM_REQUEST_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetProgramState */
#define BAC_PROGRAM_STATE_ROWS(ROW)                                                                \
    ROW(IDLE, 0, "idle")                                                                           \
    ROW(LOADING, 1, "loading")                                                                     \
    ROW(RUNNING, 2, "running")                                                                     \
    ROW(WAITING, 3, "waiting")                                                                     \
    ROW(HALTED, 4, "halted")                                                                       \
    ROW(UNLOADING, 5, "unloading")

#define BAC_MEMBER(member, number, text) BAC_PROGRAM_STATE_##member = number,
enum bac_program_state { BAC_PROGRAM_STATE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetRelationship */
#define BAC_RELATIONSHIP_ROWS(ROW)                                                                 \
    ROW(UNKNOWN, 0, "unknown")                                                                     \
    ROW(DEFAULT, 1, "default")                                                                     \
    ROW(CONTAINS, 2, "contains")                                                                   \
    ROW(CONTAINED_BY, 3, "contained-by")                                                           \
    ROW(USES, 4, "uses")                                                                           \
    ROW(USED_BY, 5, "used-by")                                                                     \
    ROW(COMMANDS, 6, "commands")                                                                   \
    ROW(COMMANDED_BY, 7, "commanded-by")                                                           \
    ROW(ADJUSTS, 8, "adjusts")                                                                     \
    ROW(ADJUSTED_BY, 9, "adjusted-by")                                                             \
    ROW(INGRESS, 10, "ingress")                                                                    \
    ROW(EGRESS, 11, "egress")                                                                      \
    ROW(SUPPLIES_AIR, 12, "supplies-air")                                                          \
    ROW(RECEIVES_AIR, 13, "receives-air")                                                          \
    ROW(SUPPLIES_HOT_AIR, 14, "supplies-hot-air")                                                  \
    ROW(RECEIVES_HOT_AIR, 15, "receives-hot-air")                                                  \
    ROW(SUPPLIES_COOL_AIR, 16, "supplies-cool-air")                                                \
    ROW(RECEIVES_COOL_AIR, 17, "receives-cool-air")                                                \
    ROW(SUPPLIES_POWER, 18, "supplies-power")                                                      \
    ROW(RECEIVES_POWER, 19, "receives-power")                                                      \
    ROW(SUPPLIES_GAS, 20, "supplies-gas")                                                          \
    ROW(RECEIVES_GAS, 21, "receives-gas")                                                          \
    ROW(SUPPLIES_WATER, 22, "supplies-water")                                                      \
    ROW(RECEIVES_WATER, 23, "receives-water")                                                      \
    ROW(SUPPLIES_HOT_WATER, 24, "supplies-hot-water")                                              \
    ROW(RECEIVES_HOT_WATER, 25, "receives-hot-water")                                              \
    ROW(SUPPLIES_COOL_WATER, 26, "supplies-cool-water")                                            \
    ROW(RECEIVES_COOL_WATER, 27, "receives-cool-water")                                            \
    ROW(SUPPLIES_STEAM, 28, "supplies-steam")                                                      \
    ROW(RECEIVES_STEAM, 29, "receives-steam")

#define BAC_MEMBER(member, number, text) BAC_RELATIONSHIP_##member = number,
enum bac_relationship { BAC_RELATIONSHIP_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetShedState */
#define BAC_SHED_STATE_ROWS(ROW)                                                                   \
    ROW(SHED_INACTIVE, 0, "shed-inactive")                                                         \
    ROW(SHED_REQUEST_PENDING, 1, "shed-request-pending")                                           \
    ROW(SHED_COMPLIANT, 2, "shed-compliant")                                                       \
    ROW(SHED_NON_COMPLIANT, 3, "shed-non-compliant")

#define BAC_MEMBER(member, number, text) BAC_SHED_##member = number,
enum bac_shed_state { BAC_SHED_STATE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetSilencedState */
#define BAC_SILENCED_STATE_ROWS(ROW)                                                               \
    ROW(UNSILENCED, 0, "unsilenced")                                                               \
    ROW(AUDIBLE_SILENCED, 1, "audible-silenced")                                                   \
    ROW(VISIBLE_SILENCED, 2, "visible-silenced")                                                   \
    ROW(ALL_SILENCED, 3, "all-silenced")

#define BAC_MEMBER(member, number, text) BAC_SILENCED_##member = number,
enum bac_silenced_state { BAC_SILENCED_STATE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetSuccessFilter */
#define BAC_SUCCESS_FILTER_ROWS(ROW)                                                               \
    ROW(ALL, 0, "all")                                                                             \
    ROW(SUCCESSES_ONLY, 1, "successes-only")                                                       \
    ROW(FAILURES_ONLY, 2, "failures-only")

#define BAC_MEMBER(member, number, text) BAC_SUCCESS_FILTER_##member = number,
enum bac_success_filter { BAC_SUCCESS_FILTER_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetTimerState */
#define BAC_TIMER_STATE_ROWS(ROW)                                                                  \
    ROW(IDLE, 0, "idle")                                                                           \
    ROW(RUNNING, 1, "running")                                                                     \
    ROW(EXPIRED, 2, "expired")

#define BAC_MEMBER(member, number, text) BAC_TIMER_##member = number,
enum bac_timer_state { BAC_TIMER_STATE_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetTimerTransition */
#define BAC_TIMER_TRANSITION_ROWS(ROW)                                                             \
    ROW(NONE, 0, "none")                                                                           \
    ROW(IDLE_TO_RUNNING, 1, "idle-to-running")                                                     \
    ROW(RUNNING_TO_IDLE, 2, "running-to-idle")                                                     \
    ROW(RUNNING_TO_RUNNING, 3, "running-to-running")                                               \
    ROW(RUNNING_TO_EXPIRED, 4, "running-to-expired")                                               \
    ROW(FORCED_TO_EXPIRED, 5, "forced-to-expired")                                                 \
    ROW(EXPIRED_TO_IDLE, 6, "expired-to-idle")                                                     \
    ROW(EXPIRED_TO_RUNNING, 7, "expired-to-running")

#define BAC_MEMBER(member, number, text) BAC_TIMER_TRANSITION_##member = number,
enum bac_timer_transition { BAC_TIMER_TRANSITION_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetVTClass */
#define BAC_VT_CLASS_ROWS(ROW)                                                                     \
    ROW(DEFAULT_TERMINAL, 0, "default-terminal")                                                   \
    ROW(ANSI_X3_64, 1, "ansi-x3-64")                                                               \
    ROW(DEC_VT52, 2, "dec-vt52")                                                                   \
    ROW(DEC_VT100, 3, "dec-vt100")                                                                 \
    ROW(DEC_VT220, 4, "dec-vt220")                                                                 \
    ROW(HP_700_94, 5, "hp-700-94")                                                                 \
    ROW(IBM_3130, 6, "ibm-3130")

#define BAC_MEMBER(member, number, text) BAC_VT_CLASS_##member = number,
enum bac_vt_class { BAC_VT_CLASS_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetAuditOperationFlags */
#define BAC_AUDIT_OPERATION_FLAGS_ROWS(ROW)                                                        \
    ROW(READ, 0, "read")                                                                           \
    ROW(WRITE, 1, "write")                                                                         \
    ROW(CREATE, 2, "create")                                                                       \
    ROW(DELETE, 3, "delete")                                                                       \
    ROW(LIFE_SAFETY, 4, "life-safety")                                                             \
    ROW(ACKNOWLEDGE_ALARM, 5, "acknowledge-alarm")                                                 \
    ROW(DEVICE_DISABLE_COMM, 6, "device-disable-comm")                                             \
    ROW(DEVICE_ENABLE_COMM, 7, "device-enable-comm")                                               \
    ROW(DEVICE_RESET, 8, "device-reset")                                                           \
    ROW(DEVICE_BACKUP, 9, "device-backup")                                                         \
    ROW(DEVICE_RESTORE, 10, "device-restore")                                                      \
    ROW(SUBSCRIPTION, 11, "subscription")                                                          \
    ROW(NOTIFICATION, 12, "notification")                                                          \
    ROW(AUDITING_FAILURE, 13, "auditing-failure")                                                  \
    ROW(NETWORK_CHANGES, 14, "network-changes")                                                    \
    ROW(GENERAL, 15, "general")

#define BAC_MEMBER(member, number, text) BAC_AUDITS_##member = number,
enum bac_audit_operation_flags { BAC_AUDIT_OPERATION_FLAGS_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetDaysOfWeek */
#define BAC_DAYS_OF_WEEK_ROWS(ROW)                                                                 \
    ROW(MONDAY, 0, "monday")                                                                       \
    ROW(TUESDAY, 1, "tuesday")                                                                     \
    ROW(WEDNESDAY, 2, "wednesday")                                                                 \
    ROW(THURSDAY, 3, "thursday")                                                                   \
    ROW(FRIDAY, 4, "friday")                                                                       \
    ROW(SATURDAY, 5, "saturday")                                                                   \
    ROW(SUNDAY, 6, "sunday")

#define BAC_MEMBER(member, number, text) BAC_DAY_##member = number,
enum bac_days_of_week { BAC_DAYS_OF_WEEK_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetLogStatus */
#define BAC_LOG_STATUS_ROWS(ROW)                                                                   \
    ROW(LOG_DISABLED, 0, "log-disabled")                                                           \
    ROW(BUFFER_PURGED, 1, "buffer-purged")                                                         \
    ROW(LOG_INTERRUPTED, 2, "log-interrupted")

#define BAC_MEMBER(member, number, text) BAC_LOG_##member = number,
enum bac_log_status { BAC_LOG_STATUS_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetPriorityFilter */
#define BAC_PRIORITY_FILTER_ROWS(ROW)                                                              \
    ROW(MANUAL_LIFE_SAFETY, 0, "manual-life-safety")                                               \
    ROW(AUTOMATIC_LIFE_SAFETY, 1, "automatic-life-safety")                                         \
    ROW(PRIORITY_3, 2, "priority-3")                                                               \
    ROW(PRIORITY_4, 3, "priority-4")                                                               \
    ROW(CRITICAL_EQUIPMENT_CONTROLS, 4, "critical-equipment-controls")                             \
    ROW(MINIMUM_ON_OFF, 5, "minimum-on-off")                                                       \
    ROW(PRIORITY_7, 6, "priority-7")                                                               \
    ROW(MANUAL_OPERATOR, 7, "manual-operator")                                                     \
    ROW(PRIORITY_9, 8, "priority-9")                                                               \
    ROW(PRIORITY_10, 9, "priority-10")                                                             \
    ROW(PRIORITY_11, 10, "priority-11")                                                            \
    ROW(PRIORITY_12, 11, "priority-12")                                                            \
    ROW(PRIORITY_13, 12, "priority-13")                                                            \
    ROW(PRIORITY_14, 13, "priority-14")                                                            \
    ROW(PRIORITY_15, 14, "priority-15")                                                            \
    ROW(PRIORITY_16, 15, "priority-16")

#define BAC_MEMBER(member, number, text) BAC_PRIORITY_FILTER_##member = number,
enum bac_priority_filter { BAC_PRIORITY_FILTER_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

/* BACnetResultFlags */
#define BAC_RESULT_FLAGS_ROWS(ROW)                                                                 \
    ROW(FIRST_ITEM, 0, "first-item")                                                               \
    ROW(LAST_ITEM, 1, "last-item")                                                                 \
    ROW(MORE_ITEMS, 2, "more-items")

#define BAC_MEMBER(member, number, text) BAC_RESULT_##member = number,
enum bac_result_flags { BAC_RESULT_FLAGS_ROWS(BAC_MEMBER) };
#undef BAC_MEMBER

#endif
