/* Owns the rows of WriteGroup and of what it writes to channels (15.11). */
#include "bacnet/rows.h"

#define S struct bac_lighting_command
static const struct bac_field lighting_command_fields[] = {
    BAC_FIELD(S, operation, "operation", lighting_operation, 0),
    BAC_OPTIONAL(S, level, "target-level", real, 1),
    BAC_OPTIONAL(S, ramp_rate, "ramp-rate", real, 2),
    BAC_OPTIONAL(S, step, "step-increment", real, 3),
    BAC_OPTIONAL(S, fade_time, "fade-time", fade_time, 4),
    BAC_OPTIONAL(S, priority, "priority", priority, 5),
};
BAC_SEQUENCE(lighting_command, "BACnetLightingCommand", S, lighting_command_fields)
#undef S

#define S struct bac_xy_color
static const struct bac_field xy_color_fields[] = {
    BAC_FIELD(S, x, "x-coordinate", real, BAC_APPLICATION),
    BAC_FIELD(S, y, "y-coordinate", real, BAC_APPLICATION),
};
BAC_SEQUENCE(xy_color, "BACnetxyColor", S, xy_color_fields)
#undef S

#define S struct bac_color_command
static const struct bac_field color_command_fields[] = {
    BAC_FIELD(S, operation, "operation", color_operation, 0),
    BAC_OPTIONAL(S, color, "target-color", xy_color, 1),
    BAC_OPTIONAL(S, temperature, "target-color-temperature", unsigned, 2),
    BAC_OPTIONAL(S, fade_time, "fade-time", fade_time, 3),
    BAC_OPTIONAL(S, ramp_rate, "ramp-rate", ramp_rate, 4),
    BAC_OPTIONAL(S, step, "step-increment", ramp_rate, 5),
};
BAC_SEQUENCE(color_command, "BACnetColorCommand", S, color_command_fields)
#undef S

#define S struct bac_channel_value
static const struct bac_field channel_value_fields[] = {
    [BAC_CHANNEL_NULL] = BAC_FIELD(S, as.null, "null", null, BAC_APPLICATION),
    [BAC_CHANNEL_REAL] = BAC_FIELD(S, as.real, "real", real, BAC_APPLICATION),
    [BAC_CHANNEL_ENUMERATED] =
        BAC_FIELD(S, as.enumerated, "enumerated", enumerated, BAC_APPLICATION),
    [BAC_CHANNEL_UNSIGNED] =
        BAC_FIELD(S, as.unsigned_integer, "unsigned", unsigned, BAC_APPLICATION),
    [BAC_CHANNEL_BOOLEAN] = BAC_FIELD(S, as.boolean, "boolean", boolean, BAC_APPLICATION),
    [BAC_CHANNEL_INTEGER] = BAC_FIELD(S, as.integer, "integer", integer, BAC_APPLICATION),
    [BAC_CHANNEL_DOUBLE] = BAC_FIELD(S, as.real64, "double", double, BAC_APPLICATION),
    [BAC_CHANNEL_TIME] = BAC_FIELD(S, as.time, "time", time, BAC_APPLICATION),
    [BAC_CHANNEL_CHARACTER_STRING] =
        BAC_FIELD(S, as.text, "characterstring", character_string, BAC_APPLICATION),
    [BAC_CHANNEL_OCTET_STRING] =
        BAC_FIELD(S, as.octets, "octetstring", octet_string, BAC_APPLICATION),
    [BAC_CHANNEL_BIT_STRING] = BAC_FIELD(S, as.bits, "bitstring", bit_string, BAC_APPLICATION),
    [BAC_CHANNEL_DATE] = BAC_FIELD(S, as.date, "date", date, BAC_APPLICATION),
    [BAC_CHANNEL_OBJECT_ID] =
        BAC_FIELD(S, as.object, "objectidentifier", object_id, BAC_APPLICATION),
    [BAC_CHANNEL_LIGHTING_COMMAND] =
        BAC_FIELD(S, as.lighting, "lighting-command", lighting_command, 0),
    [BAC_CHANNEL_XY_COLOR] = BAC_FIELD(S, as.xy, "xy-color", xy_color, 1),
    [BAC_CHANNEL_COLOR_COMMAND] = BAC_FIELD(S, as.color, "color-command", color_command, 2),
};
BAC_CHOICE(channel_value, "BACnetChannelValue", S, channel_value_fields)
#undef S

#define S struct bac_group_channel_value
static const struct bac_field group_channel_value_fields[] = {
    BAC_FIELD(S, channel, "channel", unsigned16, 0),
    BAC_OPTIONAL(S, priority, "overriding-priority", priority, 1),
    BAC_FIELD(S, value, "value", channel_value, BAC_APPLICATION),
};
BAC_SEQUENCE(group_channel_value, "BACnetGroupChannelValue", S, group_channel_value_fields)
#undef S

BAC_LIST(list_of_group_channel_value, "SEQUENCE OF BACnetGroupChannelValue", group_channel_value)

#define S struct bac_write_group
static const struct bac_field write_group_fields[] = {
    BAC_FIELD(S, group, "group-number", unsigned32, 0),
    BAC_FIELD(S, priority, "write-priority", priority, 1),
    BAC_FIELD(S, changes, "change-list", list_of_group_channel_value, 2),
    BAC_OPTIONAL(S, inhibit_delay, "inhibit-delay", boolean, 3),
};
BAC_SEQUENCE(write_group, "WriteGroup-Request", S, write_group_fields)
#undef S
