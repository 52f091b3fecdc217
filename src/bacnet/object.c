/* Owns reading and writing one property of one object by its rows (clauses 12, 15.5, 15.9). */
#include "bacnet/objects/rows.h"

#include <assert.h>
#include <stddef.h>

/* What the program is told beside the code for the peer. */
static bas_err err_of(enum bac_error_code code)
{
    if (code == BAC_ERROR_CODE_WRITE_ACCESS_DENIED) {
        return BAS_ERR_PERMISSION;
    }
    bool is_missing =
        code == BAC_ERROR_CODE_UNKNOWN_PROPERTY || code == BAC_ERROR_CODE_INVALID_ARRAY_INDEX;
    return is_missing ? BAS_ERR_NOT_FOUND : BAS_ERR_INVALID;
}

bas_err bac_refuse(const struct bac_object *object, uint32_t property, enum bac_error_code code,
                   const char *why, struct bas_fault *fault)
{
    if (fault == NULL) {
        return err_of(code);
    }
    const char *type = bac_object_type_name(object->id.type);
    const char *name = bac_property_name(property);
    return bas_fail_code(fault, err_of(code), BAC_ERROR_CLASS_PROPERTY, code, "%s,%u %s (%u): %s",
                         type != NULL ? type : "object", (unsigned)object->id.instance,
                         name != NULL ? name : "property", (unsigned)property, why);
}

uint32_t bac_index_of(bool has_index, uint64_t index)
{
    if (!has_index) {
        return BAC_NO_INDEX;
    }
    return index < BAC_NO_INDEX ? (uint32_t)index : BAC_NO_INDEX - 1;
}

/* Changes */

void bac_object_touch(struct bac_object *object)
{
    struct bac_database *db = object->db;
    if (object->next_changed == NULL) {
        object->next_changed = db->changed != NULL ? db->changed : object;
        db->changed = object;
    }
}

struct bac_object *bac_database_next_changed(struct bac_database *db)
{
    struct bac_object *object = db->changed;
    if (object != NULL) {
        db->changed = object->next_changed != object ? object->next_changed : NULL;
        object->next_changed = NULL;
    }
    return object;
}

/* Which rows */

static const struct bac_property_config *configured(const struct bac_object *object,
                                                    uint32_t property)
{
    for (size_t i = 0; i < object->n_properties; i++) {
        if (object->properties[i].property == property) {
            return &object->properties[i];
        }
    }
    return NULL;
}

bool bac_object_has(const struct bac_object *object, const struct bac_property_row *row)
{
    if (row->has != NULL) {
        return row->has(object);
    }
    return row->get != NULL || configured(object, row->property) != NULL;
}

const struct bac_property_row *bac_object_row(const struct bac_object *object, uint32_t property)
{
    const struct bac_object_class *class = object->class;
    for (size_t i = 0; i < class->n_rows; i++) {
        if (class->rows[i].property == property) {
            return bac_object_has(object, &class->rows[i]) ? &class->rows[i] : NULL;
        }
    }
    return NULL;
}

bool bac_row_is_listed(const struct bac_property_row *row)
{
    return row->property != BAC_PROPERTY_OBJECT_NAME && row->property != BAC_PROPERTY_OBJECT_TYPE &&
           row->property != BAC_PROPERTY_OBJECT_IDENTIFIER &&
           row->property != BAC_PROPERTY_PROPERTY_LIST;
}

/* Reading */

static bas_err unknown_property(const struct bac_object *object, uint32_t property,
                                struct bas_fault *fault)
{
    return bac_refuse(object, property, BAC_ERROR_CODE_UNKNOWN_PROPERTY,
                      "the object has no such property", fault);
}

static bas_err bad_index(const struct bac_object *object, uint32_t property,
                         struct bas_fault *fault)
{
    return bac_refuse(object, property, BAC_ERROR_CODE_INVALID_ARRAY_INDEX,
                      "the array has no such element", fault);
}

static bas_err not_an_array(const struct bac_object *object, uint32_t property,
                            struct bas_fault *fault)
{
    return bac_refuse(object, property, BAC_ERROR_CODE_PROPERTY_IS_NOT_AN_ARRAY,
                      "an array index was given, but this is no array", fault);
}

/* A value that is too long for out leaves it full; that is not an error of the property. */
static void add_value(const struct bac_value *value, struct bas_buf *out)
{
    bas_err err = bac_encode(&bac_type_value, value, BAC_APPLICATION, out);
    assert(err == BAS_OK || err == BAS_ERR_NO_SPACE);
    out->full = out->full || err != BAS_OK;
}

static bas_err read_configured(const struct bac_object *object,
                               const struct bac_property_config *config, uint32_t index,
                               struct bas_buf *out, struct bas_fault *fault)
{
    if (config->get == NULL) {
        add_value(&config->value, out);
        return BAS_OK;
    }
    size_t before = out->len;
    bas_err err = config->get(config->ctx, config->property, index, out);
    if (err == BAS_OK || out->full) {
        return BAS_OK;
    }
    out->len = before;
    if (err == BAS_ERR_NOT_FOUND) {
        return bad_index(object, config->property, fault);
    }
    return bas_fail_code(fault, err, BAC_ERROR_CLASS_DEVICE, BAC_ERROR_CODE_OPERATIONAL_PROBLEM,
                         "property %u cannot be read now: %s", (unsigned)config->property,
                         bas_err_text(err));
}

static void read_elements(const struct bac_object *object, const struct bac_property_row *row,
                          struct bas_buf *out)
{
    uint32_t n = row->count(object);
    for (uint32_t at = 1; at <= n && !out->full; at++) {
        struct bac_value value = { 0 };
        row->get(object, at, &value);
        add_value(&value, out);
    }
}

static bas_err read_row(const struct bac_object *object, const struct bac_property_row *row,
                        uint32_t index, struct bas_buf *out, struct bas_fault *fault)
{
    if (row->shape != BAC_SHAPE_SCALAR && index == BAC_NO_INDEX) {
        read_elements(object, row, out);
        return BAS_OK;
    }
    struct bac_value value = { 0 };
    if (index == 0) {
        value.tag = BAC_TAG_UNSIGNED;
        value.as.unsigned_integer = row->count(object);
    } else if (index == BAC_NO_INDEX) {
        row->get(object, 0, &value);
    } else if (index > row->count(object)) {
        return bad_index(object, row->property, fault);
    } else {
        row->get(object, index, &value);
    }
    add_value(&value, out);
    return BAS_OK;
}

bas_err bac_object_read(const struct bac_object *object, uint32_t property, uint32_t index,
                        struct bas_buf *out, struct bas_fault *fault)
{
    const struct bac_property_row *row = bac_object_row(object, property);
    if (row == NULL) {
        return unknown_property(object, property, fault);
    }
    if (index != BAC_NO_INDEX && row->shape != BAC_SHAPE_ARRAY) {
        return not_an_array(object, property, fault);
    }
    const struct bac_property_config *config = configured(object, property);
    return config != NULL ? read_configured(object, config, index, out, fault)
                          : read_row(object, row, index, out, fault);
}

/* Writing */

static bool is_commandable(const struct bac_object *object, const struct bac_property_row *row)
{
    return object->command != NULL && row->property == BAC_PROPERTY_PRESENT_VALUE;
}

static bas_err not_writable(const struct bac_object *object, uint32_t property,
                            struct bas_fault *fault)
{
    return bac_refuse(object, property, BAC_ERROR_CODE_WRITE_ACCESS_DENIED, "it cannot be written",
                      fault);
}

static bas_err check_target(const struct bac_object *object, const struct bac_property_row *row,
                            const struct bac_write *write, struct bas_fault *fault)
{
    if (write->index != BAC_NO_INDEX && row->shape != BAC_SHAPE_ARRAY) {
        return not_an_array(object, write->property, fault);
    }
    const struct bac_property_config *config = configured(object, write->property);
    if (config != NULL) {
        return config->set != NULL ? BAS_OK : not_writable(object, write->property, fault);
    }
    if (write->index != BAC_NO_INDEX && row->count != NULL && write->index > row->count(object)) {
        return bad_index(object, write->property, fault);
    }
    return row->set != NULL ? BAS_OK : not_writable(object, write->property, fault);
}

/* Whether raw is values of the type of the row: one, or any number for all of a list or an array;
 * element 0 of an array is its size. */
static bool fits_type(const struct bac_property_row *row, uint32_t index, struct bas_slice raw)
{
    const struct bac_type *type = index == 0 ? &bac_type_unsigned : row->type;
    bool is_many = row->shape != BAC_SHAPE_SCALAR && index == BAC_NO_INDEX;
    do {
        union {
            max_align_t align;
            uint8_t octets[512];
        } value;
        assert(type->size <= sizeof(value));
        if (raw.len == 0) {
            return is_many;
        }
        if (bac_decode(type, &raw, BAC_APPLICATION, &value, NULL, NULL) != BAS_OK) {
            return false;
        }
    } while (is_many);
    return raw.len == 0;
}

/* The owner of a configured property keeps it himself, so it does not last here. */
static bas_err write_configured(struct bac_object *object, const struct bac_property_row *row,
                                const struct bac_property_config *config, struct bac_write *write,
                                struct bas_fault *fault)
{
    if (!fits_type(row, write->index, write->raw)) {
        return bac_refuse(object, write->property, BAC_ERROR_CODE_INVALID_DATA_TYPE,
                          "the value has another data type", fault);
    }
    struct bas_fault why = { 0 };
    bas_err err = config->set(config->ctx, write->property, write->index, write->raw, &why);
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

static bas_err write_row(struct bac_object *object, const struct bac_property_row *row,
                         struct bac_write *write, bool is_primitive, struct bas_fault *fault)
{
    bool is_null = write->value.tag == BAC_TAG_NULL;
    bool fits = is_null || (unsigned)write->value.tag == (unsigned)row->type->kind;
    if (!is_primitive || !fits) {
        return bac_refuse(object, write->property, BAC_ERROR_CODE_INVALID_DATA_TYPE,
                          "the value has another data type", fault);
    }
    bas_err err = row->set(object, write, fault);
    if (err == BAS_OK && (!is_null || write->priority != 0)) {
        write->is_change = true;
        write->lasts = true;
        bac_object_touch(object);
    }
    return err;
}

bas_err bac_object_write(struct bac_object *object, struct bac_write *write, struct bas_slice raw,
                         struct bas_fault *fault)
{
    const struct bac_property_row *row = bac_object_row(object, write->property);
    if (row == NULL) {
        return unknown_property(object, write->property, fault);
    }
    bas_err err = check_target(object, row, write, fault);
    if (err != BAS_OK) {
        return err;
    }
    write->raw = raw;
    struct bas_slice in = raw;
    bool is_primitive =
        bac_decode(&bac_type_value, &in, BAC_APPLICATION, &write->value, NULL, NULL) == BAS_OK &&
        in.len == 0;
    if (!is_primitive) {
        write->value = (struct bac_value){ 0 };
    }
    if (!is_commandable(object, row)) {
        write->priority = 0; /* 15.9.1.1.5: it means nothing here */
    }
    const struct bac_property_config *config = configured(object, write->property);
    return config != NULL ? write_configured(object, row, config, write, fault)
                          : write_row(object, row, write, is_primitive, fault);
}

bool bac_object_present(const struct bac_object *object, struct bac_value *value)
{
    *value = (struct bac_value){ 0 };
    if (object->class->level == BAC_TAG_NULL) {
        return false;
    }
    bac_put_level(object, object->present, value);
    return true;
}
