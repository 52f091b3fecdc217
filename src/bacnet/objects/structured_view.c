/* Owns the Structured View object (12.29): a node of a tree of objects. */
#include "bacnet/build.h"
#include "bacnet/objects/rows.h"

#include <assert.h>

struct subordinate {
    struct bac_device_object_reference reference;
    struct bas_slice annotation;
};
struct view {
    uint32_t node_type;
    bool has_annotations;
    uint32_t n;
    struct subordinate *subordinates;
};

static const struct view *view_of(const struct bac_object *object)
{
    return object->own;
}

BAC_CREATED(created, .node_type = BAC_NODE_UNKNOWN)

static bas_err fill_subordinate(struct bac_build *build, const struct bac_object_config *c,
                                const struct bac_subordinate_config *from, struct subordinate *to)
{
    if (from->device != UINT32_MAX && from->device >= BAC_MAX_INSTANCE) {
        return bac_build_wrong(build, c, "the device of a subordinate is above 4194302");
    }
    *to = (struct subordinate){
        .reference = { .has_device = from->device != UINT32_MAX,
                       .device = { BAC_OBJECT_DEVICE, from->device },
                       .object = from->object },
    };
    return bac_build_constant(build, c, from->annotation, &to->annotation);
}

static bas_err fill(struct bac_build *build, const struct bac_object_config *c,
                    struct bac_object *object)
{
    struct view scratch;
    struct view *view = bac_build_take(build, sizeof(*view));
    object->own = view;
    view = view != NULL ? view : &scratch;
    *view = (struct view){ .node_type = c->node_type, .n = (uint32_t)c->n_subordinates };
    view->subordinates = bac_build_take(build, c->n_subordinates * sizeof(*view->subordinates));
    for (size_t i = 0; i < c->n_subordinates; i++) {
        struct subordinate one;
        bas_err err = fill_subordinate(build, c, &c->subordinates[i], &one);
        if (err != BAS_OK) {
            return err;
        }
        view->has_annotations = view->has_annotations || c->subordinates[i].annotation != NULL;
        if (view->subordinates != NULL) {
            view->subordinates[i] = one;
        }
    }
    return bac_enum_name(&bac_type_node_type, c->node_type) != NULL
               ? BAS_OK
               : bac_build_wrong(build, c, "there is no such node_type");
}

static void get_node_type(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_enumerated(value, view_of(object)->node_type);
}

static uint32_t count_subordinates(const struct bac_object *object)
{
    return view_of(object)->n;
}

static void add_subordinate_at(const struct bac_object *object, uint32_t at, struct bas_buf *out)
{
    assert(at >= 1 && at <= view_of(object)->n);
    bas_err err =
        bac_encode(&bac_type_device_object_reference,
                   &view_of(object)->subordinates[at - 1].reference, BAC_APPLICATION, out);
    out->full = out->full || err != BAS_OK;
}

static bool has_annotations(const struct bac_object *object)
{
    return view_of(object)->has_annotations;
}

static void get_annotation_at(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    assert(at >= 1 && at <= view_of(object)->n);
    bac_put_text(value, view_of(object)->subordinates[at - 1].annotation);
}

static const struct bac_property_row rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW(NODE_TYPE, node_type, REQUIRED, .get = get_node_type),
    BAC_ROW(NODE_SUBTYPE, character_string, OPTIONAL, BAC_CONFIGURED),
    BAC_ROW(SUBORDINATE_LIST, device_object_reference, REQUIRED, .shape = BAC_SHAPE_ARRAY,
            .count = count_subordinates, .add = add_subordinate_at),
    BAC_ROW(SUBORDINATE_ANNOTATIONS, character_string, OPTIONAL, .shape = BAC_SHAPE_ARRAY,
            .has = has_annotations, .count = count_subordinates, .get = get_annotation_at),
};

const struct bac_object_class bac_class_structured_view = {
    .number = BAC_OBJECT_STRUCTURED_VIEW,
    .role = BAC_ROLE_OTHER,
    .rows = rows,
    .n_rows = BAS_ARRAY_LEN(rows),
    .fill = fill,
    .created = &created,
};
