/* Owns the services that read: ReadProperty (15.5) and ReadPropertyMultiple (15.7). */
#include "bacnet/server/server.h"

#include "bacnet/tag.h"

static void add_unsigned(uint64_t value, int tag, struct bas_buf *out)
{
    bac_server_add(out, &bac_type_unsigned, &value, tag);
}

/* 15.5.1.3: an index that was asked for stands in the answer, too. */
static void add_index(uint32_t index, int tag, struct bas_buf *out)
{
    if (index != BAC_NO_INDEX) {
        add_unsigned(index, tag, out);
    }
}

enum bac_outcome bac_serve_read_property(struct bac_server *server, struct bac_request *request)
{
    struct bac_read_property asked;
    if (bac_decode_all(&bac_type_read_property, request->apdu.body, &asked, &request->arena,
                       &request->fault) != BAS_OK) {
        return BAC_OUTCOME_MALFORMED;
    }
    const struct bac_object *object = bac_server_find(server, asked.object, true, request);
    if (object == NULL) {
        return BAC_OUTCOME_ERROR;
    }
    uint32_t index = bac_index_of(asked.has_index, asked.index);
    struct bas_buf *out = request->out;
    bac_server_add(out, &bac_type_object_id, &object->id, 0);
    add_unsigned(asked.property, 1, out);
    add_index(index, 2, out);
    bac_head_add(out, BAC_HEAD_OPENING, 3, 0);
    if (bac_object_read(object, asked.property, index, out, &request->fault) != BAS_OK) {
        return BAC_OUTCOME_ERROR;
    }
    bac_head_add(out, BAC_HEAD_CLOSING, 3, 0);
    return BAC_OUTCOME_COMPLEX_ACK;
}

/* One property reference on its way into the answer. */
struct reading {
    const struct bac_object *object; /* NULL: fault says why */
    uint32_t property;
    uint32_t index;
};

static void add_result(const struct reading *r, struct bas_fault *fault, struct bas_buf *out)
{
    add_unsigned(r->property, 2, out);
    add_index(r->index, 3, out);
    size_t before = out->len;
    bac_head_add(out, BAC_HEAD_OPENING, 4, 0);
    if (r->object != NULL &&
        bac_object_read(r->object, r->property, r->index, out, fault) == BAS_OK) {
        bac_head_add(out, BAC_HEAD_CLOSING, 4, 0);
        return;
    }
    out->len = before;
    const struct bac_error_pair error = { fault->error_class, fault->error_code };
    bac_server_add(out, &bac_type_error, &error, 5);
}

static bool is_special(uint32_t property)
{
    return property == BAC_PROPERTY_ALL || property == BAC_PROPERTY_REQUIRED ||
           property == BAC_PROPERTY_OPTIONAL;
}

static bool is_meant(uint32_t special, const struct bac_property_row *row)
{
    bool is_optional = row->conformance == BAC_CONFORMS_OPTIONAL;
    return row->property != BAC_PROPERTY_PROPERTY_LIST &&
           (special == BAC_PROPERTY_ALL || is_optional == (special == BAC_PROPERTY_OPTIONAL));
}

/* ALL, REQUIRED and OPTIONAL stand for rows (15.7.3.1.2). */
static void add_special(const struct bac_object *object, uint32_t special, struct bas_fault *fault,
                        struct bas_buf *out)
{
    for (size_t i = 0; i < object->class->n_rows && !out->full; i++) {
        const struct bac_property_row *row = &object->class->rows[i];
        if (is_meant(special, row) && bac_object_has(object, row)) {
            const struct reading r = { object, row->property, BAC_NO_INDEX };
            add_result(&r, fault, out);
        }
    }
}

static void add_object(struct bac_server *server, struct bac_request *request,
                       const struct bac_read_access *spec)
{
    const struct bac_object *object = bac_server_find(server, spec->object, true, request);
    struct bas_buf *out = request->out;
    bac_server_add(out, &bac_type_object_id, object != NULL ? &object->id : &spec->object, 0);
    bac_head_add(out, BAC_HEAD_OPENING, 1, 0);
    const struct bac_property_reference *refs = spec->properties.items;
    for (size_t i = 0; i < spec->properties.n && !out->full; i++) {
        uint32_t index = bac_index_of(refs[i].has_index, refs[i].index);
        const struct reading r = { object, refs[i].property, index };
        if (object != NULL && is_special(r.property)) {
            add_special(object, r.property, &request->fault, out);
        } else {
            add_result(&r, &request->fault, out);
        }
    }
    bac_head_add(out, BAC_HEAD_CLOSING, 1, 0);
}

/* What the codec lets pass: nothing asked of an object or of none (15.7.1.1 wants one of each at
 * least), and an index of ALL, which is no array. */
static bool is_consistent(const struct bac_read_property_multiple *asked, uint8_t *reason)
{
    const struct bac_read_access *specs = asked->specs.items;
    *reason = BAC_REJECT_MISSING_REQUIRED_PARAMETER;
    bool is_any = asked->specs.n != 0;
    for (size_t i = 0; i < asked->specs.n && is_any; i++) {
        is_any = specs[i].properties.n != 0;
        const struct bac_property_reference *refs = specs[i].properties.items;
        for (size_t k = 0; k < specs[i].properties.n; k++) {
            if (is_special(refs[k].property) && refs[k].has_index) {
                *reason = BAC_REJECT_INCONSISTENT_PARAMETERS;
                return false;
            }
        }
    }
    return is_any;
}

enum bac_outcome bac_serve_read_property_multiple(struct bac_server *server,
                                                  struct bac_request *request)
{
    struct bac_read_property_multiple asked;
    if (bac_decode_all(&bac_type_read_property_multiple, request->apdu.body, &asked,
                       &request->arena, &request->fault) != BAS_OK) {
        return BAC_OUTCOME_MALFORMED;
    }
    if (!is_consistent(&asked, &request->reason)) {
        return BAC_OUTCOME_REJECT;
    }
    const struct bac_read_access *specs = asked.specs.items;
    for (size_t i = 0; i < asked.specs.n && !request->out->full; i++) {
        add_object(server, request, &specs[i]);
    }
    return BAC_OUTCOME_COMPLEX_ACK;
}
