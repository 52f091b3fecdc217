/* Owns the rows of DeviceCommunicationControl, ReinitializeDevice and time synchronization (16.1,
 * 16.4, 16.7, 16.8). */
#include "bacnet/rows.h"

#define S struct bac_device_communication_control
static const struct bac_field device_communication_control_fields[] = {
    BAC_OPTIONAL(S, duration, "time-duration", unsigned16, 0),
    BAC_FIELD(S, state, "enable-disable", device_communication_state, 1),
    BAC_OPTIONAL(S, password, "password", character_string, 2),
};
BAC_SEQUENCE(device_communication_control, "DeviceCommunicationControl-Request", S,
             device_communication_control_fields)
#undef S

#define S struct bac_reinitialize_device
static const struct bac_field reinitialize_device_fields[] = {
    BAC_FIELD(S, state, "reinitialized-state-of-device", reinitialized_state, 0),
    BAC_OPTIONAL(S, password, "password", character_string, 1),
};
BAC_SEQUENCE(reinitialize_device, "ReinitializeDevice-Request", S, reinitialize_device_fields)
#undef S

#define S struct bac_time_synchronization
static const struct bac_field time_synchronization_fields[] = {
    BAC_FIELD(S, time, "time", date_time, BAC_APPLICATION),
};
BAC_SEQUENCE(time_synchronization, "TimeSynchronization-Request", S, time_synchronization_fields)
#undef S
