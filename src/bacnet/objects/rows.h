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
        BAC_ROW(OBJECT_NAME, character_string, REQUIRED, .get = bac_get_name),                     \
        BAC_ROW(OBJECT_TYPE, object_type, REQUIRED, .get = bac_get_type),                          \
        BAC_ROW(DESCRIPTION, character_string, OPTIONAL, .has = bac_has_description,               \
                .get = bac_get_description),                                                       \
        BAC_ROW(PROPERTY_LIST, property_identifier, REQUIRED, .shape = BAC_SHAPE_ARRAY,            \
                .count = bac_count_properties, .get = bac_get_property_at)

/* Every object with Present_Value: what says how well it does. */
#define BAC_ROWS_OF_STATE                                                                          \
    BAC_ROW(STATUS_FLAGS, status_flags, REQUIRED, .get = bac_get_status_flags),                    \
        BAC_ROW(EVENT_STATE, event_state, REQUIRED, .get = bac_get_event_state),                   \
        BAC_ROW(RELIABILITY, reliability, OPTIONAL, .get = bac_get_reliability,                    \
                .set = bac_set_reliability),                                                       \
        BAC_ROW(OUT_OF_SERVICE, boolean, WRITABLE, .get = bac_get_out_of_service,                  \
                .set = bac_set_out_of_service)

/* The priority array (clause 19.2): REQUIRED for outputs, OPTIONAL for values. */
#define BAC_ROWS_OF_COMMAND(element, conforms)                                                     \
    BAC_ROW(PRIORITY_ARRAY, priority_value, conforms, .shape = BAC_SHAPE_ARRAY,                    \
            .has = bac_is_commandable, .count = bac_count_priorities, .get = bac_get_priority_at), \
        BAC_ROW(RELINQUISH_DEFAULT, element, conforms, .has = bac_is_commandable,                  \
                .get = bac_get_relinquish_default),                                                \
        BAC_ROW(CURRENT_COMMAND_PRIORITY, optional_unsigned, conforms, .has = bac_is_commandable,  \
                .get = bac_get_current_priority)

/* common.c */
void bac_get_id(const struct bac_object *object, uint32_t at, struct bac_value *value);
void bac_get_name(const struct bac_object *object, uint32_t at, struct bac_value *value);
void bac_get_type(const struct bac_object *object, uint32_t at, struct bac_value *value);
bool bac_has_description(const struct bac_object *object);
void bac_get_description(const struct bac_object *object, uint32_t at, struct bac_value *value);
uint32_t bac_count_properties(const struct bac_object *object);
void bac_get_property_at(const struct bac_object *object, uint32_t at, struct bac_value *value);
void bac_get_status_flags(const struct bac_object *object, uint32_t at, struct bac_value *value);
void bac_get_event_state(const struct bac_object *object, uint32_t at, struct bac_value *value);
void bac_get_reliability(const struct bac_object *object, uint32_t at, struct bac_value *value);
bas_err bac_set_reliability(struct bac_object *object, const struct bac_write *write,
                            struct bas_fault *fault);
void bac_get_out_of_service(const struct bac_object *object, uint32_t at, struct bac_value *value);

/* Small makers of values. */
void bac_put_text(struct bac_value *value, struct bas_slice utf8);
void bac_put_unsigned(struct bac_value *value, uint64_t number);
void bac_put_enumerated(struct bac_value *value, uint32_t number);
void bac_put_boolean(struct bac_value *value, bool is_true);
void bac_put_real(struct bac_value *value, float real);

/* level.c */

/* Whether a value has the kind of the object and lies in its range: SUCCESS or what is wrong. */
enum bac_error_code bac_level_check(const struct bac_object *object, const struct bac_value *value);
union bac_level bac_level_of(const struct bac_object *object, const struct bac_value *value);
void bac_put_level(const struct bac_object *object, union bac_level level, struct bac_value *value);
/* The program's value; priority 1 .. 16 for a commandable one. */
bas_err bac_level_set(struct bac_object *object, const struct bac_value *value, uint8_t priority);
void bac_get_present(const struct bac_object *object, uint32_t at, struct bac_value *value);
bas_err bac_set_present(struct bac_object *object, const struct bac_write *write,
                        struct bas_fault *fault);
bas_err bac_set_out_of_service(struct bac_object *object, const struct bac_write *write,
                               struct bas_fault *fault);
bool bac_is_commandable(const struct bac_object *object);
uint32_t bac_count_priorities(const struct bac_object *object);
void bac_get_priority_at(const struct bac_object *object, uint32_t at, struct bac_value *value);
void bac_get_relinquish_default(const struct bac_object *object, uint32_t at,
                                struct bac_value *value);
void bac_get_current_priority(const struct bac_object *object, uint32_t at,
                              struct bac_value *value);

#endif
