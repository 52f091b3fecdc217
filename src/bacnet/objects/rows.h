/* What the rows of several object types share: the macros that write them and their functions. */
#ifndef BASALT_BACNET_OBJECTS_ROWS_H
#define BASALT_BACNET_OBJECTS_ROWS_H

#include "bacnet/object.h"

/* A row: property, type of an element, conformance, then the members that are not zero. Without get
 * the property comes from the configuration alone. */
#define BAC_ROW(id, element, conforms, ...)                                                        \
    {                                                                                              \
        .property = BAC_PROPERTY_##id, .type = &bac_type_##element,                                \
        .conformance = BAC_CONFORMS_##conforms, __VA_ARGS__                                        \
    }
#define BAC_CONFIGURED .get = NULL

/* Every object (clause 12.1). */
#define BAC_ROWS_OF_ALL                                                                            \
    BAC_ROW(OBJECT_IDENTIFIER, object_id, REQUIRED, .get = bac_get_id),                            \
        BAC_ROW(OBJECT_NAME, character_string, REQUIRED, .get = bac_get_name,                      \
                .set = bac_set_name),                                                              \
        BAC_ROW(OBJECT_TYPE, object_type, REQUIRED, .get = bac_get_type),                          \
        BAC_ROW(DESCRIPTION, character_string, OPTIONAL, .get = bac_get_description,               \
                .set = bac_set_description),                                                       \
        BAC_ROW(PROPERTY_LIST, property_identifier, REQUIRED, .shape = BAC_SHAPE_ARRAY,            \
                .count = bac_count_properties, .get = bac_get_property_at)

/* Objects that may fail: REQUIRED for the first family of types, OPTIONAL for the values of later
 * ones. */
#define BAC_ROWS_OF_HEALTH(conforms, service)                                                      \
    BAC_ROW(STATUS_FLAGS, status_flags, REQUIRED, .get = bac_get_status_flags),                    \
        BAC_ROW(EVENT_STATE, event_state, conforms, .get = bac_get_event_state),                   \
        BAC_ROW(RELIABILITY, reliability, OPTIONAL, .get = bac_get_reliability,                    \
                .may = bac_may_set_reliability, .set = bac_set_reliability),                       \
        BAC_ROW(OUT_OF_SERVICE, boolean, service, .get = bac_get_out_of_service,                   \
                .set = bac_set_out_of_service)
/* Every analog, binary and multi-state object: what says how well it does. */
#define BAC_ROWS_OF_STATE BAC_ROWS_OF_HEALTH(REQUIRED, REQUIRED)

#define BAC_ROW_OF_PRESENT(element, conforms)                                                      \
    BAC_ROW(PRESENT_VALUE, element, conforms, .add = bac_add_present, .may = bac_may_set_present,  \
            .set = bac_set_present)

/* The priority array (clause 19.2): REQUIRED for outputs, OPTIONAL for values. */
#define BAC_ROWS_OF_COMMAND(element, conforms)                                                     \
    BAC_ROW(PRIORITY_ARRAY, priority_value, conforms, .shape = BAC_SHAPE_ARRAY,                    \
            .has = bac_is_commandable, .count = bac_count_priorities, .add = bac_add_priority_at), \
        BAC_ROW(RELINQUISH_DEFAULT, element, conforms, .has = bac_is_commandable,                  \
                .add = bac_add_relinquish_default, .set = bac_set_relinquish_default),             \
        BAC_ROW(CURRENT_COMMAND_PRIORITY, optional_unsigned, conforms, .has = bac_is_commandable,  \
                .get = bac_get_current_priority)

/* Numbers: what they are measured in. */
#define BAC_ROWS_OF_NUMBER(element, increment)                                                     \
    BAC_ROW(UNITS, engineering_units, REQUIRED, .get = bac_get_units),                             \
        BAC_ROW(MIN_PRES_VALUE, element, OPTIONAL, .has = bac_has_range, .get = bac_get_min),      \
        BAC_ROW(MAX_PRES_VALUE, element, OPTIONAL, .has = bac_has_range, .get = bac_get_max),      \
        BAC_ROW(RESOLUTION, element, OPTIONAL, BAC_CONFIGURED),                                    \
        BAC_ROW(COV_INCREMENT, increment, OPTIONAL, .get = bac_get_increment,                      \
                .set = bac_set_increment)

/* What an object is made of that CreateObject makes; its type, instance and name come with it. */
#define BAC_CREATED(id, ...)                                                                       \
    static const struct bac_object_config id = { .commandable = true, __VA_ARGS__ };

/* kind.c: what values a Present_Value has */
#define BAC_LEVEL(id) extern const struct bac_level_kind bac_level_##id;
BAC_LEVEL(real)
BAC_LEVEL(double)
BAC_LEVEL(integer)
BAC_LEVEL(unsigned)
BAC_LEVEL(binary)
BAC_LEVEL(state)
BAC_LEVEL(text)
BAC_LEVEL(octets)
BAC_LEVEL(bits)
BAC_LEVEL(date)
BAC_LEVEL(time)
BAC_LEVEL(date_time)
BAC_LEVEL(date_pattern)
BAC_LEVEL(time_pattern)
BAC_LEVEL(date_time_pattern)
#undef BAC_LEVEL
/* A number as a value of the numeric type, cut to its range; and back. */
void bac_put_number(const struct bac_type *type, double number, struct bac_value *value);
double bac_number_of(const struct bac_value *value);

/* number.c */
bas_err bac_fill_number(struct bac_build *build, const struct bac_object_config *config,
                        struct bac_object *object);
void bac_get_units(const struct bac_object *object, uint32_t at, struct bac_value *value);
bool bac_has_range(const struct bac_object *object);
void bac_get_min(const struct bac_object *object, uint32_t at, struct bac_value *value);
void bac_get_max(const struct bac_object *object, uint32_t at, struct bac_value *value);
void bac_get_increment(const struct bac_object *object, uint32_t at, struct bac_value *value);
bas_err bac_set_increment(struct bac_object *object, const struct bac_write *write,
                          struct bas_fault *fault);

/* common.c */
void bac_get_id(const struct bac_object *object, uint32_t at, struct bac_value *value);
void bac_get_name(const struct bac_object *object, uint32_t at, struct bac_value *value);
bas_err bac_set_name(struct bac_object *object, const struct bac_write *write,
                     struct bas_fault *fault);
void bac_get_type(const struct bac_object *object, uint32_t at, struct bac_value *value);
void bac_get_description(const struct bac_object *object, uint32_t at, struct bac_value *value);
bas_err bac_set_description(struct bac_object *object, const struct bac_write *write,
                            struct bas_fault *fault);
uint32_t bac_count_properties(const struct bac_object *object);
void bac_get_property_at(const struct bac_object *object, uint32_t at, struct bac_value *value);
void bac_get_status_flags(const struct bac_object *object, uint32_t at, struct bac_value *value);
void bac_get_event_state(const struct bac_object *object, uint32_t at, struct bac_value *value);
void bac_get_reliability(const struct bac_object *object, uint32_t at, struct bac_value *value);
bas_err bac_may_set_reliability(const struct bac_object *object, const struct bac_write *write,
                                struct bas_fault *fault);
bas_err bac_set_reliability(struct bac_object *object, const struct bac_write *write,
                            struct bas_fault *fault);
void bac_get_out_of_service(const struct bac_object *object, uint32_t at, struct bac_value *value);

/* An unspecified BACnetDateTime, encoded. */
#define BAC_NO_DATE_TIME "\xA4\xFF\xFF\xFF\xFF\xB4\xFF\xFF\xFF\xFF"

/* Small makers of values. */
void bac_put_text(struct bac_value *value, struct bas_slice utf8);
void bac_put_unsigned(struct bac_value *value, uint64_t number);
void bac_put_enumerated(struct bac_value *value, uint32_t number);
void bac_put_boolean(struct bac_value *value, bool is_true);

/* text.c: texts are kept in UTF-8, whatever they were written in */

enum { BAC_STATE_TEXT_ROOM = 64 }; /* octets of Active_Text, Inactive_Text and State_Text */
bool bac_text_is_printable(struct bas_slice utf8);
/* Puts the written text into its room: character-set-not-supported, value-out-of-range (not
 * printable), no-space-to-write-property. */
bas_err bac_set_text(const struct bac_object *object, const struct bac_write *write,
                     struct bac_room *room, struct bas_fault *fault);

/* level.c */

/* The program's value; priority 1 .. 16 for a commandable one. */
bas_err bac_level_set(struct bac_object *object, const struct bac_value *value, uint8_t priority);
bas_err bac_fill_level(struct bac_build *build, const struct bac_object_config *config,
                       struct bac_object *object);
void bac_add_present(const struct bac_object *object, uint32_t at, struct bas_buf *out);
bas_err bac_may_set_present(const struct bac_object *object, const struct bac_write *write,
                            struct bas_fault *fault);
bas_err bac_set_present(struct bac_object *object, const struct bac_write *write,
                        struct bas_fault *fault);
bas_err bac_set_out_of_service(struct bac_object *object, const struct bac_write *write,
                               struct bas_fault *fault);
bool bac_is_commandable(const struct bac_object *object);
uint32_t bac_count_priorities(const struct bac_object *object);
void bac_add_priority_at(const struct bac_object *object, uint32_t at, struct bas_buf *out);
void bac_add_relinquish_default(const struct bac_object *object, uint32_t at, struct bas_buf *out);
bas_err bac_set_relinquish_default(struct bac_object *object, const struct bac_write *write,
                                   struct bas_fault *fault);
void bac_get_current_priority(const struct bac_object *object, uint32_t at,
                              struct bac_value *value);

#endif
