/* Owns the rows of Multi-state Input, Output and Value (clauses 12.18 to 12.20). */
#include "bacnet/build.h"
#include "bacnet/objects/rows.h"

#include <assert.h>

BAC_CREATED(created, .n_states = 16)

static bas_err fill(struct bac_build *build, const struct bac_object_config *c,
                    struct bac_object *object)
{
    object->n_states = c->n_states;
    if (c->n_states == 0) {
        return bac_build_wrong(build, c, "a multi-state object needs n_states");
    }
    if (c->state_text == NULL) {
        return BAS_OK;
    }
    object->state_text = bac_build_take(build, c->n_states * sizeof(*object->state_text));
    for (uint32_t i = 0; i < c->n_states; i++) {
        struct bac_room scratch;
        struct bac_room *room = object->state_text != NULL ? &object->state_text[i] : &scratch;
        bas_err err = c->state_text[i] != NULL
                          ? bac_build_text(build, c, c->state_text[i], BAC_STATE_TEXT_ROOM, room)
                          : bac_build_wrong(build, c, "a state text is missing");
        if (err != BAS_OK) {
            return err;
        }
    }
    return BAS_OK;
}

static void get_number_of_states(const struct bac_object *object, uint32_t at,
                                 struct bac_value *value)
{
    (void)at;
    bac_put_unsigned(value, object->n_states);
}

static bool has_state_text(const struct bac_object *object)
{
    return object->state_text != NULL;
}

static uint32_t count_states(const struct bac_object *object)
{
    return object->n_states;
}

static void get_state_text_at(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    assert(at >= 1 && at <= object->n_states);
    bac_put_text(value, bac_room_slice(&object->state_text[at - 1]));
}

/* All texts at once: written to draft rooms first, so that all are taken or none. */
static bas_err set_texts(struct bac_object *object, const struct bac_write *write, bool is_trial,
                         struct bas_fault *fault)
{
    struct bas_slice left = write->raw;
    uint32_t n = 0;
    for (; left.len != 0 && n < object->n_states; n++) {
        struct bac_write one = *write;
        uint8_t memory[BAC_MAX_NAME];
        bas_err err = bac_decode(&bac_type_value, &left, BAC_APPLICATION, &one.value, NULL, NULL);
        assert(err == BAS_OK); /* its type was looked at */
        struct bac_room trial = { memory, 0, object->state_text[n].cap };
        err = bac_set_text(object, &one, is_trial ? &trial : &object->state_text[n], fault);
        if (err != BAS_OK) {
            return err;
        }
    }
    return n == object->n_states && left.len == 0
               ? BAS_OK
               : bac_refuse(object, write->property, BAC_ERROR_CODE_VALUE_OUT_OF_RANGE,
                            "there are as many texts as states", fault);
}

static bas_err set_state_text(struct bac_object *object, const struct bac_write *write,
                              struct bas_fault *fault)
{
    if (write->index != BAC_NO_INDEX) {
        return bac_set_text(object, write, &object->state_text[write->index - 1], fault);
    }
    bas_err err = set_texts(object, write, true, fault);
    return err == BAS_OK ? set_texts(object, write, false, fault) : err;
}

#define MULTI_STATE_ROWS                                                                           \
    BAC_ROW(NUMBER_OF_STATES, unsigned, REQUIRED, .get = get_number_of_states),                    \
        BAC_ROW(STATE_TEXT, character_string, OPTIONAL, .shape = BAC_SHAPE_ARRAY,                  \
                .has = has_state_text, .count = count_states, .get = get_state_text_at,            \
                .set = set_state_text)

static const struct bac_property_row input_rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW_OF_PRESENT(unsigned, REQUIRED),
    BAC_ROW(DEVICE_TYPE, character_string, OPTIONAL, BAC_CONFIGURED),
    BAC_ROWS_OF_STATE,
    MULTI_STATE_ROWS,
};

static const struct bac_property_row output_rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW_OF_PRESENT(unsigned, WRITABLE),
    BAC_ROW(DEVICE_TYPE, character_string, OPTIONAL, BAC_CONFIGURED),
    BAC_ROWS_OF_STATE,
    MULTI_STATE_ROWS,
    BAC_ROWS_OF_COMMAND(unsigned, REQUIRED),
};

static const struct bac_property_row value_rows[] = {
    BAC_ROWS_OF_ALL,  BAC_ROW_OF_PRESENT(unsigned, REQUIRED),  BAC_ROWS_OF_STATE,
    MULTI_STATE_ROWS, BAC_ROWS_OF_COMMAND(unsigned, OPTIONAL),
};

const struct bac_object_class bac_class_multi_state_input = {
    .number = BAC_OBJECT_MULTI_STATE_INPUT,
    .role = BAC_ROLE_INPUT,
    .level = &bac_level_state,
    .rows = input_rows,
    .n_rows = BAS_ARRAY_LEN(input_rows),
    .fill = fill,
};
const struct bac_object_class bac_class_multi_state_output = {
    .number = BAC_OBJECT_MULTI_STATE_OUTPUT,
    .role = BAC_ROLE_OUTPUT,
    .level = &bac_level_state,
    .rows = output_rows,
    .n_rows = BAS_ARRAY_LEN(output_rows),
    .fill = fill,
};
const struct bac_object_class bac_class_multi_state_value = {
    .number = BAC_OBJECT_MULTI_STATE_VALUE,
    .role = BAC_ROLE_VALUE,
    .level = &bac_level_state,
    .rows = value_rows,
    .n_rows = BAS_ARRAY_LEN(value_rows),
    .fill = fill,
    .created = &created,
};
