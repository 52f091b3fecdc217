/* Owns the rows of ReadRange (15.8). */
#include "bacnet/rows.h"

#define S struct bac_range_position
static const struct bac_field range_position_fields[] = {
    BAC_FIELD(S, reference, "reference-index", unsigned, BAC_APPLICATION),
    BAC_FIELD(S, count, "count", integer, BAC_APPLICATION),
};
BAC_SEQUENCE(range_position, "ReadRange-Request.by-position", S, range_position_fields)
#undef S

#define S struct bac_range_position
static const struct bac_field range_sequence_fields[] = {
    BAC_FIELD(S, reference, "reference-sequence-number", unsigned, BAC_APPLICATION),
    BAC_FIELD(S, count, "count", integer, BAC_APPLICATION),
};
BAC_SEQUENCE(range_sequence, "ReadRange-Request.by-sequence-number", S, range_sequence_fields)
#undef S

#define S struct bac_range_time
static const struct bac_field range_time_fields[] = {
    BAC_FIELD(S, reference, "reference-time", date_time, BAC_APPLICATION),
    BAC_FIELD(S, count, "count", integer, BAC_APPLICATION),
};
BAC_SEQUENCE(range_time, "ReadRange-Request.by-time", S, range_time_fields)
#undef S

#define S struct bac_range
static const struct bac_field range_fields[] = {
    [BAC_RANGE_POSITION] = BAC_FIELD(S, as.position, "by-position", range_position, 3),
    [BAC_RANGE_SEQUENCE] = BAC_FIELD(S, as.sequence, "by-sequence-number", range_sequence, 6),
    [BAC_RANGE_TIME] = BAC_FIELD(S, as.time, "by-time", range_time, 7),
};
BAC_CHOICE(range, "ReadRange-Request.range", S, range_fields)
#undef S

#define S struct bac_read_range
static const struct bac_field read_range_fields[] = {
    BAC_FIELD(S, object, "object-identifier", object_id, 0),
    BAC_FIELD(S, property, "property-identifier", property_identifier, 1),
    BAC_OPTIONAL(S, index, "property-array-index", unsigned, 2),
    BAC_OPTIONAL(S, range, "range", range, BAC_APPLICATION),
};
BAC_SEQUENCE(read_range, "ReadRange-Request", S, read_range_fields)
#undef S

#define S struct bac_read_range_ack
static const struct bac_field read_range_ack_fields[] = {
    BAC_FIELD(S, object, "object-identifier", object_id, 0),
    BAC_FIELD(S, property, "property-identifier", property_identifier, 1),
    BAC_OPTIONAL(S, index, "property-array-index", unsigned, 2),
    BAC_FIELD(S, flags, "result-flags", result_flags, 3),
    BAC_FIELD(S, count, "item-count", unsigned, 4),
    BAC_FIELD(S, items, "item-data", any, 5),
    BAC_OPTIONAL(S, first, "first-sequence-number", unsigned32, 6),
};
BAC_SEQUENCE(read_range_ack, "ReadRange-ACK", S, read_range_ack_fields)
#undef S
