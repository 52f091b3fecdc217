/* Owns the rows of Binary Input, Binary Output and Binary Value (clauses 12.6 to 12.8). */
#include "bacnet/build.h"
#include "bacnet/objects/rows.h"

BAC_CREATED(created, .inactive_text = "inactive", .active_text = "active")

static bas_err fill(struct bac_build *build, const struct bac_object_config *c,
                    struct bac_object *object)
{
    object->is_reverse = c->is_reverse;
    if ((c->inactive_text == NULL) != (c->active_text == NULL)) {
        return bac_build_wrong(build, c, "inactive_text and active_text come together");
    }
    if (c->inactive_text == NULL) {
        return BAS_OK;
    }
    bas_err err =
        bac_build_text(build, c, c->inactive_text, BAC_STATE_TEXT_ROOM, &object->inactive_text);
    return err == BAS_OK
               ? bac_build_text(build, c, c->active_text, BAC_STATE_TEXT_ROOM, &object->active_text)
               : err;
}

static void get_polarity(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_enumerated(value, object->is_reverse ? BAC_POLARITY_REVERSE : BAC_POLARITY_NORMAL);
}

static bool has_texts(const struct bac_object *object)
{
    return object->active_text.octets != NULL;
}

static void get_inactive_text(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_text(value, bac_room_slice(&object->inactive_text));
}

static void get_active_text(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_text(value, bac_room_slice(&object->active_text));
}

static bas_err set_inactive_text(struct bac_object *object, const struct bac_write *write,
                                 struct bas_fault *fault)
{
    return bac_set_text(object, write, &object->inactive_text, fault);
}

static bas_err set_active_text(struct bac_object *object, const struct bac_write *write,
                               struct bas_fault *fault)
{
    return bac_set_text(object, write, &object->active_text, fault);
}

#define BINARY_ROWS                                                                                \
    BAC_ROW(INACTIVE_TEXT, character_string, OPTIONAL, .has = has_texts, .get = get_inactive_text, \
            .set = set_inactive_text),                                                             \
        BAC_ROW(ACTIVE_TEXT, character_string, OPTIONAL, .has = has_texts, .get = get_active_text, \
                .set = set_active_text)

static const struct bac_property_row input_rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW_OF_PRESENT(binary_pv, REQUIRED),
    BAC_ROW(DEVICE_TYPE, character_string, OPTIONAL, BAC_CONFIGURED),
    BAC_ROWS_OF_STATE,
    BAC_ROW(POLARITY, polarity, REQUIRED, .get = get_polarity),
    BINARY_ROWS,
};

static const struct bac_property_row output_rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW_OF_PRESENT(binary_pv, WRITABLE),
    BAC_ROW(DEVICE_TYPE, character_string, OPTIONAL, BAC_CONFIGURED),
    BAC_ROWS_OF_STATE,
    BAC_ROW(POLARITY, polarity, REQUIRED, .get = get_polarity),
    BINARY_ROWS,
    BAC_ROWS_OF_COMMAND(binary_pv, REQUIRED),
};

static const struct bac_property_row value_rows[] = {
    BAC_ROWS_OF_ALL, BAC_ROW_OF_PRESENT(binary_pv, REQUIRED),  BAC_ROWS_OF_STATE,
    BINARY_ROWS,     BAC_ROWS_OF_COMMAND(binary_pv, OPTIONAL),
};

const struct bac_object_class bac_class_binary_input = {
    .number = BAC_OBJECT_BINARY_INPUT,
    .role = BAC_ROLE_INPUT,
    .level = &bac_level_binary,
    .rows = input_rows,
    .n_rows = BAS_ARRAY_LEN(input_rows),
    .fill = fill,
};
const struct bac_object_class bac_class_binary_output = {
    .number = BAC_OBJECT_BINARY_OUTPUT,
    .role = BAC_ROLE_OUTPUT,
    .level = &bac_level_binary,
    .rows = output_rows,
    .n_rows = BAS_ARRAY_LEN(output_rows),
    .fill = fill,
};
const struct bac_object_class bac_class_binary_value = {
    .number = BAC_OBJECT_BINARY_VALUE,
    .role = BAC_ROLE_VALUE,
    .level = &bac_level_binary,
    .rows = value_rows,
    .n_rows = BAS_ARRAY_LEN(value_rows),
    .fill = fill,
    .created = &created,
};
