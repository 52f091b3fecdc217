/* Owns the properties that all objects have, and those that say how well an object does. */
#include "bacnet/objects/rows.h"

#include <assert.h>

void bac_put_text(struct bac_value *value, struct bas_slice utf8)
{
    value->tag = BAC_TAG_CHARACTER_STRING;
    value->as.text = (struct bac_text){ BAC_CHARSET_UTF8, utf8 };
}

void bac_put_unsigned(struct bac_value *value, uint64_t number)
{
    value->tag = BAC_TAG_UNSIGNED;
    value->as.unsigned_integer = number;
}

void bac_put_enumerated(struct bac_value *value, uint32_t number)
{
    value->tag = BAC_TAG_ENUMERATED;
    value->as.unsigned_integer = number;
}

void bac_put_boolean(struct bac_value *value, bool is_true)
{
    value->tag = BAC_TAG_BOOLEAN;
    value->as.boolean = is_true;
}

void bac_get_id(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    value->tag = BAC_TAG_OBJECT_IDENTIFIER;
    value->as.object = object->id;
}

void bac_get_name(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_text(value, object->name);
}

void bac_get_type(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_enumerated(value, object->id.type);
}

bas_err bac_set_name(struct bac_object *object, const struct bac_write *write,
                     struct bas_fault *fault)
{
    uint8_t memory[BAC_MAX_NAME];
    struct bac_room name = { memory, 0, sizeof(memory) };
    bas_err err = bac_set_text(object, write, &name, fault);
    if (err != BAS_OK) {
        return err;
    }
    if (name.len == 0) { /* 12.1: at least one character */
        return bac_refuse(object, write->property, BAC_ERROR_CODE_VALUE_OUT_OF_RANGE,
                          "an object has a name", fault);
    }
    if (write->is_restored) {
        bac_database_take_name(object->db, object, bac_room_slice(&name));
        return BAS_OK;
    }
    return bac_database_rename(object->db, object, bac_room_slice(&name)) == BAS_OK
               ? BAS_OK
               : bac_refuse(object, write->property, BAC_ERROR_CODE_DUPLICATE_NAME,
                            "another object has this name", fault);
}

void bac_get_description(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_text(value, bac_room_slice(&object->description));
}

bas_err bac_set_description(struct bac_object *object, const struct bac_write *write,
                            struct bas_fault *fault)
{
    return bac_set_text(object, write, &object->description, fault);
}

uint32_t bac_count_properties(const struct bac_object *object)
{
    uint32_t n = 0;
    for (size_t i = 0; i < object->class->n_rows; i++) {
        const struct bac_property_row *row = &object->class->rows[i];
        n += bac_row_is_listed(row) && bac_object_has(object, row);
    }
    return n;
}

void bac_get_property_at(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    for (size_t i = 0; i < object->class->n_rows; i++) {
        const struct bac_property_row *row = &object->class->rows[i];
        if (bac_row_is_listed(row) && bac_object_has(object, row) && --at == 0) {
            bac_put_enumerated(value, row->property);
            return;
        }
    }
    assert(at == 0);
}

/* In alarm and overridden never are: there is no event reporting and no switch at the hardware. */
void bac_get_status_flags(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    static const uint8_t flags[2][2] = { { 0x00, 0x10 }, { 0x40, 0x50 } };
    (void)at;
    bool is_fault = object->reliability != BAC_RELIABILITY_NO_FAULT_DETECTED;
    const uint8_t *octet = &flags[is_fault ? 1 : 0][object->out_of_service ? 1 : 0];
    value->tag = BAC_TAG_BIT_STRING;
    value->as.bits = (struct bac_bits){ 4, { octet, 1 } };
}

void bac_get_event_state(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)object;
    (void)at;
    bac_put_enumerated(value, BAC_EVENT_STATE_NORMAL);
}

void bac_get_reliability(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_enumerated(value, object->reliability);
}

void bac_object_set_reliability(struct bac_object *object, uint32_t reliability)
{
    object->program_reliability = reliability;
    if (!object->out_of_service) {
        object->reliability = reliability;
    }
}

/* Out of service it can be written, for tests (12.2.10). */
bas_err bac_may_set_reliability(const struct bac_object *object, const struct bac_write *write,
                                struct bas_fault *fault)
{
    return object->out_of_service
               ? BAS_OK
               : bac_refuse(object, write->property, BAC_ERROR_CODE_WRITE_ACCESS_DENIED,
                            "the object is in service", fault);
}

bas_err bac_set_reliability(struct bac_object *object, const struct bac_write *write,
                            struct bas_fault *fault)
{
    if (write->value.as.unsigned_integer > UINT16_MAX) { /* proprietary ones end there */
        return bac_refuse(object, write->property, BAC_ERROR_CODE_VALUE_OUT_OF_RANGE,
                          "there is no such reliability", fault);
    }
    const uint32_t reliability = (uint32_t)write->value.as.unsigned_integer;
    if (write->by_program && !write->is_restored) {
        bac_object_set_reliability(object, reliability);
    } else {
        object->reliability = reliability;
    }
    return BAS_OK;
}

void bac_get_out_of_service(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_boolean(value, object->out_of_service);
}
