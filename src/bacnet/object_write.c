/*
 * Owns writing one property of one object by its row (15.9), and changing the elements of a list
 * (15.1, 15.2). What is wrong is found before anything has changed.
 */
#include "bacnet/object.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

/* Types */

enum bac_error_code bac_wrong_value(const struct bac_type *type, const struct bas_fault *fault)
{
    if (type->kind == BAC_KIND_CHARACTER_STRING &&
        fault->error_code == BAC_ERROR_CODE_REJECT_PARAMETER_OUT_OF_RANGE) {
        return BAC_ERROR_CODE_CHARACTER_SET_NOT_SUPPORTED; /* nothing else is out of range in it */
    }
    bool is_known_type = fault->error_code == BAC_ERROR_CODE_REJECT_UNDEFINED_ENUMERATION ||
                         fault->error_code == BAC_ERROR_CODE_REJECT_PARAMETER_OUT_OF_RANGE;
    return is_known_type ? BAC_ERROR_CODE_VALUE_OUT_OF_RANGE : BAC_ERROR_CODE_INVALID_DATA_TYPE;
}

bas_err bac_next_value(const struct bac_type *type, struct bas_slice *in, struct bas_slice *element,
                       struct bas_fault *fault)
{
    union {
        max_align_t align;
        uint8_t octets[512];
    } value;
    uint8_t memory[1024]; /* for lists in it */
    struct bac_arena arena;
    bac_arena_init(&arena, memory, sizeof(memory));
    assert(type->size <= sizeof(value));
    const struct bas_slice before = *in;
    bas_err err = bac_decode(type, in, BAC_APPLICATION, &value, &arena, fault);
    *element = (struct bas_slice){ before.data, before.len - in->len };
    return err;
}

/* Whether raw is values of the type of the row: one, or any number for all of a list or an array;
 * element 0 of an array is its size. */
static enum bac_error_code check_type(const struct bac_property_row *row, uint32_t index,
                                      struct bas_slice raw)
{
    const struct bac_type *type = index == 0 ? &bac_type_unsigned : row->type;
    bool is_many = row->shape != BAC_SHAPE_SCALAR && index == BAC_NO_INDEX;
    struct bas_fault fault = { 0 };
    bool is_first = true;
    while (is_many ? raw.len != 0 : is_first) {
        struct bas_slice element;
        if (bac_next_value(type, &raw, &element, &fault) != BAS_OK) {
            return bac_wrong_value(type, &fault);
        }
        is_first = false;
    }
    return raw.len == 0 ? BAC_ERROR_CODE_SUCCESS : BAC_ERROR_CODE_INVALID_DATA_TYPE;
}

/* Writing */

static bas_err not_writable(const struct bac_object *object, uint32_t property,
                            struct bas_fault *fault)
{
    return bac_refuse(object, property, BAC_ERROR_CODE_WRITE_ACCESS_DENIED, "it cannot be written",
                      fault);
}

static bas_err check_target(const struct bac_object *object, const struct bac_property_row *row,
                            const struct bac_write *write, struct bas_fault *fault)
{
    const struct bac_property_config *config = bac_object_configured(object, write->property);
    if (config != NULL) {
        return config->set != NULL ? BAS_OK : not_writable(object, write->property, fault);
    }
    if (write->index != BAC_NO_INDEX && row->count != NULL && write->index > row->count(object)) {
        return bac_refuse_index(object, write->property, fault);
    }
    bool is_writable = row->set != NULL && write->index != 0; /* our arrays keep their size */
    if (!is_writable || (row->by_program_only && !write->by_program)) {
        return not_writable(object, write->property, fault);
    }
    return row->may == NULL || write->by_program ? BAS_OK : row->may(object, write, fault);
}

static bas_err check_write(const struct bac_object *object, const struct bac_property_row *row,
                           const struct bac_write *write, struct bas_fault *fault)
{
    enum bac_error_code code = check_type(row, write->index, write->raw);
    return code == BAC_ERROR_CODE_SUCCESS
               ? BAS_OK
               : bac_refuse(object, write->property, code,
                            "the value has another data type, or the type has no such value",
                            fault);
}

/* Its owner keeps a configured property himself, so it does not last here. */
static bas_err write_configured(struct bac_object *object, const struct bac_property_row *row,
                                struct bac_write *write, bool is_null, struct bas_fault *fault)
{
    const struct bac_property_config *config = bac_object_configured(object, write->property);
    bas_err err = check_write(object, row, write, is_null ? NULL : fault);
    if (err != BAS_OK) {
        return is_null ? BAS_OK : err; /* as write_row */
    }
    struct bas_fault why = { 0 };
    err = config->set(config->ctx, write->property, write->index, write->raw, &why);
    if (err == BAS_OK) {
        write->is_change = true;
        bac_object_touch(object);
        return BAS_OK;
    }
    if (why.error_class == 0 && why.error_code == 0) {
        return not_writable(object, write->property, fault);
    }
    if (fault != NULL) {
        *fault = why;
    }
    return err;
}

/* A NULL relinquishes what is commandable, and changes nothing elsewhere (15.9.2). */
static bas_err write_row(struct bac_object *object, const struct bac_property_row *row,
                         struct bac_write *write, bool is_null, struct bas_fault *fault)
{
    if (is_null && write->priority == 0) {
        return BAS_OK;
    }
    bool was_out_of_service = object->out_of_service;
    bas_err err = is_null ? BAS_OK : check_write(object, row, write, fault);
    if (err == BAS_OK) {
        err = row->set(object, write, fault);
    }
    if (err == BAS_OK) {
        write->is_change = true;
        /* to be out of service still must not stand behind what was written since */
        write->lasts = row->property != BAC_PROPERTY_OUT_OF_SERVICE || !was_out_of_service ||
                       !object->out_of_service;
        bac_object_touch(object);
    }
    return err;
}

static bool is_commandable(const struct bac_object *object, uint32_t property)
{
    return property == BAC_PROPERTY_PRESENT_VALUE && object->level != NULL &&
           object->level->slots != NULL;
}

bas_err bac_object_write(struct bac_object *object, struct bac_write *write, struct bas_slice raw,
                         struct bas_fault *fault)
{
    write->raw = raw;
    bool is_primitive = bac_decode_all(&bac_type_value, raw, &write->value, NULL, NULL) == BAS_OK;
    if (!is_commandable(object, write->property)) {
        write->priority = 0; /* 15.9.1.1.5: it means nothing here */
    }
    const struct bac_property_row *row;
    bas_err err = bac_object_find_row(object, write->property, write->index, &row, fault);
    if (err == BAS_OK) {
        err = check_target(object, row, write, fault);
    }
    if (err != BAS_OK) {
        return err;
    }
    bool is_null = is_primitive && write->value.tag == BAC_TAG_NULL;
    return bac_object_configured(object, write->property) != NULL
               ? write_configured(object, row, write, is_null, fault)
               : write_row(object, row, write, is_null, fault);
}
