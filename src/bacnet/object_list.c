/*
 * Owns lists and arrays by their elements: ranges of them for ReadRange (15.8), adding and removing
 * for AddListElement and RemoveListElement (15.1, 15.2).
 */
#include "bacnet/object.h"

#include <assert.h>
#include <string.h>

/* The octets that are free in an arena, as a buffer; keep tells the arena what was written. */
static void borrow(const struct bac_arena *arena, struct bas_buf *out)
{
    bas_buf_init(out, arena->data + arena->used, arena->cap - arena->used);
}

static bas_err keep(struct bac_arena *arena, const struct bas_buf *written, struct bas_slice *out,
                    struct bas_fault *fault)
{
    if (written->full) {
        return bas_fail_code(fault, BAS_ERR_NO_SPACE, BAC_ERROR_CLASS_RESOURCES,
                             BAC_ERROR_CODE_OUT_OF_MEMORY, "the list is too long");
    }
    *out = (struct bas_slice){ written->data, written->len };
    arena->used += written->len;
    return BAS_OK;
}

/* Ranges */

static bas_err count_all(struct bac_elements *range, struct bas_fault *fault)
{
    struct bas_slice in = range->all;
    while (in.len != 0) {
        struct bas_slice element;
        bas_err err = bac_next_value(range->row->type, &in, &element, NULL);
        if (err != BAS_OK) {
            return bas_fail_code(
                fault, BAS_ERR_INTERNAL, BAC_ERROR_CLASS_DEVICE, BAC_ERROR_CODE_OPERATIONAL_PROBLEM,
                "property %u has elements of another type", (unsigned)range->row->property);
        }
        range->n++;
    }
    range->left = range->all;
    range->at = 1;
    return BAS_OK;
}

/* A configured list is asked for once, as a whole. */
static bas_err range_configured(struct bac_elements *range, uint32_t property,
                                struct bac_arena *arena, struct bas_fault *fault)
{
    struct bas_buf out;
    borrow(arena, &out);
    bas_err err = bac_object_read(range->object, property, BAC_NO_INDEX, &out, fault);
    if (err == BAS_OK) {
        err = keep(arena, &out, &range->all, fault);
    }
    return err == BAS_OK ? count_all(range, fault) : err;
}

bas_err bac_object_range(const struct bac_object *object, uint32_t property, uint32_t index,
                         struct bac_arena *arena, struct bac_elements *range,
                         struct bas_fault *fault)
{
    *range = (struct bac_elements){ .object = object };
    bas_err err = bac_object_find_row(object, property, index, &range->row, fault);
    if (err != BAS_OK) {
        return err;
    }
    if (range->row->shape == BAC_SHAPE_SCALAR || index != BAC_NO_INDEX) {
        return bac_refuse(object, property, BAC_ERROR_CODE_PROPERTY_IS_NOT_A_LIST,
                          "it is no list and no array", fault);
    }
    if (bac_object_configured(object, property) != NULL) {
        return range_configured(range, property, arena, fault);
    }
    range->n = range->row->count(object);
    return BAS_OK;
}

bas_err bac_elements_read(struct bac_elements *range, uint32_t at, struct bas_buf *out,
                          struct bas_fault *fault)
{
    assert(at >= 1 && at <= range->n);
    if (range->all.data == NULL) {
        bac_row_add(range->object, range->row, at, out);
        return BAS_OK;
    }
    if (at < range->at) {
        range->left = range->all;
        range->at = 1;
    }
    struct bas_slice element = { NULL, 0 };
    while (range->at <= at) {
        bas_err err = bac_next_value(range->row->type, &range->left, &element, fault);
        if (err != BAS_OK) {
            return err;
        }
        range->at++;
    }
    bas_buf_add(out, element.data, element.len);
    return BAS_OK;
}

/* Changes */

/* Whether an element with these octets is in the list; *before gets where. */
static bool has_element(const struct bac_property_row *row, struct bas_slice list,
                        struct bas_slice element, size_t *before)
{
    struct bas_slice in = list;
    while (in.len != 0) {
        *before = list.len - in.len;
        struct bas_slice other;
        if (bac_next_value(row->type, &in, &other, NULL) != BAS_OK) {
            return false;
        }
        if (other.len == element.len && memcmp(other.data, element.data, element.len) == 0) {
            return true;
        }
    }
    return false;
}

static bas_err wrong_element(struct bac_list_change *change, const struct bac_object *object,
                             uint32_t number, enum bac_error_code code, struct bas_fault *fault)
{
    change->first_failed = number;
    return bac_refuse(object, change->property, code, "an element cannot be taken", fault);
}

/* Adds or removes one element of the list that out holds. One that is there already stays the only
 * one. */
static enum bac_error_code change_one(const struct bac_property_row *row,
                                      const struct bac_list_change *change,
                                      struct bas_slice element, struct bas_buf *out)
{
    const struct bas_slice list = { out->data, out->len };
    size_t before = 0;
    bool is_there = has_element(row, list, element, &before);
    if (change->is_removal) {
        if (!is_there) {
            return BAC_ERROR_CODE_LIST_ELEMENT_NOT_FOUND;
        }
        size_t behind = before + element.len;
        memmove(out->data + before, out->data + behind, out->len - behind);
        out->len -= element.len;
    } else if (!is_there) {
        bas_buf_add(out, element.data, element.len);
        if (out->full) {
            return BAC_ERROR_CODE_NO_SPACE_TO_ADD_LIST_ELEMENT;
        }
    }
    return BAC_ERROR_CODE_SUCCESS;
}

/* Each element is looked for among all others: what one request may cost has a bound. */
enum { MAX_CHANGED = 256 };

static bas_err change_all(const struct bac_object *object, const struct bac_property_row *row,
                          struct bac_list_change *change, struct bas_buf *out,
                          struct bas_fault *fault)
{
    struct bas_slice in = change->elements;
    for (uint32_t number = 1; in.len != 0; number++) {
        struct bas_fault why = { 0 };
        struct bas_slice element;
        if (number > MAX_CHANGED) {
            return wrong_element(change, object, number, BAC_ERROR_CODE_OUT_OF_MEMORY, fault);
        }
        if (bac_next_value(row->type, &in, &element, &why) != BAS_OK) {
            return wrong_element(change, object, number, bac_wrong_value(row->type, &why), fault);
        }
        enum bac_error_code code = change_one(row, change, element, out);
        if (code != BAC_ERROR_CODE_SUCCESS) {
            return wrong_element(change, object, number, code, fault);
        }
    }
    return BAS_OK;
}

static bas_err find_list(const struct bac_object *object, const struct bac_list_change *change,
                         const struct bac_property_row **row, struct bas_fault *fault)
{
    bas_err err = bac_object_find_row(object, change->property, change->index, row, fault);
    if (err == BAS_OK && (*row)->shape != BAC_SHAPE_LIST) {
        return bac_refuse(object, change->property, BAC_ERROR_CODE_PROPERTY_IS_NOT_A_LIST,
                          "it is no list", fault);
    }
    return err;
}

bas_err bac_object_list_change(struct bac_object *object, struct bac_list_change *change,
                               struct bas_fault *fault)
{
    change->first_failed = 0;
    const struct bac_property_row *row;
    bas_err err = find_list(object, change, &row, fault);
    struct bas_buf out;
    borrow(change->arena, &out);
    if (err == BAS_OK) {
        err = bac_object_read(object, change->property, BAC_NO_INDEX, &out, fault);
    }
    if (err == BAS_OK) {
        err = change_all(object, row, change, &out, fault);
    }
    if (err == BAS_OK) {
        err = keep(change->arena, &out, &change->raw, fault);
    }
    if (err != BAS_OK) {
        return err;
    }
    struct bac_write write = { .property = change->property, .index = BAC_NO_INDEX };
    err = bac_object_write(object, &write, change->raw, fault);
    change->lasts = write.lasts;
    if (err != BAS_OK && fault != NULL && !change->is_removal &&
        fault->error_code == BAC_ERROR_CODE_NO_SPACE_TO_WRITE_PROPERTY) {
        return wrong_element(change, object, 0, BAC_ERROR_CODE_NO_SPACE_TO_ADD_LIST_ELEMENT, fault);
    }
    return err;
}
