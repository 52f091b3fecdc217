/* Owns which properties an object has, and reading one of them by its row (clauses 12, 15.5). */
#include "bacnet/object.h"

#include <assert.h>
#include <string.h>

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

/* The class that clause 18 has a code in. */
static enum bac_error_class class_of(enum bac_error_code code)
{
    static const struct {
        enum bac_error_code code;
        enum bac_error_class class;
    } others[] = {
        { BAC_ERROR_CODE_NO_SPACE_TO_WRITE_PROPERTY, BAC_ERROR_CLASS_RESOURCES },
        { BAC_ERROR_CODE_NO_SPACE_TO_ADD_LIST_ELEMENT, BAC_ERROR_CLASS_RESOURCES },
        { BAC_ERROR_CODE_OUT_OF_MEMORY, BAC_ERROR_CLASS_RESOURCES },
        { BAC_ERROR_CODE_PROPERTY_IS_NOT_A_LIST, BAC_ERROR_CLASS_SERVICES },
        { BAC_ERROR_CODE_LIST_ELEMENT_NOT_FOUND, BAC_ERROR_CLASS_SERVICES },
        { BAC_ERROR_CODE_PARAMETER_OUT_OF_RANGE, BAC_ERROR_CLASS_SERVICES },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(others); i++) {
        if (others[i].code == code) {
            return others[i].class;
        }
    }
    return BAC_ERROR_CLASS_PROPERTY;
}

bas_err bac_refuse(const struct bac_object *object, uint32_t property, enum bac_error_code code,
                   const char *why, struct bas_fault *fault)
{
    if (fault == NULL) {
        return err_of(code);
    }
    const char *type = bac_object_type_name(object->id.type);
    const char *name = bac_property_name(property);
    return bas_fail_code(fault, err_of(code), class_of(code), code, "%s,%u %s (%u): %s",
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

bool bac_room_put(struct bac_room *room, struct bas_slice octets)
{
    if (octets.len > room->cap) {
        return false;
    }
    if (octets.len != 0) {
        memmove(room->octets, octets.data, octets.len);
    }
    room->len = (uint32_t)octets.len;
    return true;
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

const struct bac_property_config *bac_object_configured(const struct bac_object *object,
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
    return row->get != NULL || row->add != NULL ||
           bac_object_configured(object, row->property) != NULL;
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

bas_err bac_refuse_index(const struct bac_object *object, uint32_t property,
                         struct bas_fault *fault)
{
    return bac_refuse(object, property, BAC_ERROR_CODE_INVALID_ARRAY_INDEX,
                      "the array has no such element", fault);
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
        return bac_refuse_index(object, config->property, fault);
    }
    return bas_fail_code(fault, err, BAC_ERROR_CLASS_DEVICE, BAC_ERROR_CODE_OPERATIONAL_PROBLEM,
                         "property %u cannot be read now: %s", (unsigned)config->property,
                         bas_err_text(err));
}

void bac_row_add(const struct bac_object *object, const struct bac_property_row *row, uint32_t at,
                 struct bas_buf *out)
{
    if (row->add != NULL) {
        row->add(object, at, out);
        return;
    }
    struct bac_value value = { 0 };
    row->get(object, at, &value);
    add_value(&value, out);
}

static bas_err read_row(const struct bac_object *object, const struct bac_property_row *row,
                        uint32_t index, struct bas_buf *out, struct bas_fault *fault)
{
    if (row->shape == BAC_SHAPE_SCALAR) {
        bac_row_add(object, row, 0, out);
        return BAS_OK;
    }
    uint32_t n = row->count(object);
    if (index == 0) {
        const struct bac_value size = { .tag = BAC_TAG_UNSIGNED, .as.unsigned_integer = n };
        add_value(&size, out);
    } else if (index == BAC_NO_INDEX) {
        for (uint32_t at = 1; at <= n && !out->full; at++) {
            bac_row_add(object, row, at, out);
        }
    } else if (index <= n) {
        bac_row_add(object, row, index, out);
    } else {
        return bac_refuse_index(object, row->property, fault);
    }
    return BAS_OK;
}

bas_err bac_object_find_row(const struct bac_object *object, uint32_t property, uint32_t index,
                            const struct bac_property_row **row, struct bas_fault *fault)
{
    *row = bac_object_row(object, property);
    if (*row == NULL) {
        return bac_refuse(object, property, BAC_ERROR_CODE_UNKNOWN_PROPERTY,
                          "the object has no such property", fault);
    }
    return index == BAC_NO_INDEX || (*row)->shape == BAC_SHAPE_ARRAY
               ? BAS_OK
               : bac_refuse(object, property, BAC_ERROR_CODE_PROPERTY_IS_NOT_AN_ARRAY,
                            "an array index was given, but this is no array", fault);
}

bas_err bac_object_read(const struct bac_object *object, uint32_t property, uint32_t index,
                        struct bas_buf *out, struct bas_fault *fault)
{
    const struct bac_property_row *row;
    bas_err err = bac_object_find_row(object, property, index, &row, fault);
    if (err != BAS_OK) {
        return err;
    }
    const struct bac_property_config *config = bac_object_configured(object, property);
    return config != NULL ? read_configured(object, config, index, out, fault)
                          : read_row(object, row, index, out, fault);
}
