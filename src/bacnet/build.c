/* Owns how an object is made from its configuration, and the checks that all types share. */
#include "bacnet/build.h"

#include "bacnet/objects/rows.h"

#include <assert.h>
#include <string.h>

enum { ALIGN = 16 };

void *bac_build_take(struct bac_build *build, size_t len)
{
    size_t at = build->used;
    build->used += (len + ALIGN - 1) / ALIGN * ALIGN;
    return build->base != NULL ? memset(build->base + at, 0, len) : NULL;
}

void bac_build_room(struct bac_build *build, struct bas_slice octets, uint32_t cap,
                    struct bac_room *room)
{
    assert(octets.len <= cap);
    *room = (struct bac_room){ bac_build_take(build, cap), 0, cap };
    if (room->octets != NULL) {
        (void)bac_room_put(room, octets); /* there is room */
    }
}

bas_err bac_build_wrong(const struct bac_build *build, const struct bac_object_config *config,
                        const char *why)
{
    const char *type = bac_object_type_name(config->type);
    return bas_fail(build->fault, BAS_ERR_INVALID, "object %s,%u (%.60s): %s",
                    type != NULL ? type : "of unknown type", (unsigned)config->instance,
                    config->name != NULL ? config->name : "without a name", why);
}

bas_err bac_build_text(struct bac_build *build, const struct bac_object_config *config,
                       const char *text, uint32_t cap, struct bac_room *room)
{
    size_t len = text != NULL ? strlen(text) : 0;
    if (len > BAC_MAX_NAME) {
        return bac_build_wrong(build, config, "a text has more than 255 octets");
    }
    const struct bas_slice octets = { (const uint8_t *)text, len };
    bac_build_room(build, octets, len > cap ? (uint32_t)len : cap, room);
    return BAS_OK;
}

bas_err bac_build_constant(struct bac_build *build, const struct bac_object_config *config,
                           const char *text, struct bas_slice *out)
{
    *out = (struct bas_slice){ NULL, 0 };
    if (text == NULL) {
        return BAS_OK;
    }
    struct bac_room room;
    bas_err err = bac_build_text(build, config, text, 1, &room);
    if (err == BAS_OK) {
        *out = (struct bas_slice){ room.octets, strlen(text) };
    }
    return err;
}

/* Properties that come with the configuration */

static const struct bac_property_row *row_of(const struct bac_object_class *class,
                                             uint32_t property)
{
    assert(class != NULL); /* an unknown type was refused before */
    for (size_t i = 0; i < class->n_rows; i++) {
        if (class->rows[i].property == property) {
            return &class->rows[i];
        }
    }
    return NULL;
}

static bas_err check_property(const struct bac_build *build, const struct bac_object_config *c,
                              const struct bac_object_class *class,
                              const struct bac_property_config *p)
{
    const struct bac_property_row *row = row_of(class, p->property);
    bool is_ours = row != NULL && (row->get != NULL || row->add != NULL);
    if (row == NULL || (is_ours && !row->is_open)) {
        return bac_build_wrong(build, c,
                               "a property is configured that this object type does not take so");
    }
    if (p->get != NULL) {
        return BAS_OK;
    }
    if (row->shape != BAC_SHAPE_SCALAR || (unsigned)p->value.tag != (unsigned)row->type->kind) {
        return bac_build_wrong(build, c, "a configured property has the wrong data type");
    }
    uint8_t memory[2 * BAC_MAX_NAME];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    return bac_encode(&bac_type_value, &p->value, BAC_APPLICATION, &out) == BAS_OK
               ? BAS_OK
               : bac_build_wrong(build, c,
                                 "a configured property cannot be encoded or is too long");
}

static void copy_octets(struct bac_build *build, struct bas_slice *octets)
{
    struct bac_room room;
    bac_build_room(build, *octets, (uint32_t)octets->len, &room);
    octets->data = room.octets;
}

static void copy_value(struct bac_build *build, struct bac_value *value)
{
    if (value->tag == BAC_TAG_OCTET_STRING) {
        copy_octets(build, &value->as.octets);
    } else if (value->tag == BAC_TAG_CHARACTER_STRING) {
        copy_octets(build, &value->as.text.octets);
    } else if (value->tag == BAC_TAG_BIT_STRING) {
        copy_octets(build, &value->as.bits.octets);
    }
}

static bas_err copy_properties(struct bac_build *build, const struct bac_object_config *c,
                               struct bac_object *object)
{
    struct bac_property_config *copies = bac_build_take(build, c->n_properties * sizeof(*copies));
    for (size_t i = 0; i < c->n_properties; i++) {
        struct bac_property_config p = c->properties[i];
        bas_err err = check_property(build, c, object->class, &p);
        if (err != BAS_OK) {
            return err;
        }
        copy_value(build, &p.value);
        if (copies != NULL) {
            copies[i] = p;
        }
    }
    object->properties = copies;
    object->n_properties = c->n_properties;
    return BAS_OK;
}

/* One object */

static bas_err fill_names(struct bac_build *build, const struct bac_object_config *c,
                          struct bac_object *object)
{
    struct bac_room name;
    bas_err err = bac_build_text(build, c, c->name, BAC_MAX_NAME, &name);
    if (err != BAS_OK) {
        return err;
    }
    object->name = bac_room_slice(&name);
    object->name_room = name.octets;
    return bac_build_text(build, c, c->description, BAC_MAX_NAME, &object->description);
}

static bas_err check_common(const struct bac_build *build, const struct bac_object_config *c)
{
    if (bac_class_of(c->type) == NULL) {
        return bac_build_wrong(build, c, "this object type is not supported");
    }
    if (c->instance >= BAC_MAX_INSTANCE) {
        return bac_build_wrong(build, c, "the instance is above 4194302");
    }
    if (c->name == NULL || c->name[0] == 0) {
        return bac_build_wrong(build, c, "an object needs a name");
    }
    return BAS_OK;
}

/* Into memory of its own, or, while it only counts, into scratch. */
static bas_err build_object(struct bac_build *build, const struct bac_object_config *c,
                            struct bac_object *scratch)
{
    bas_err err = check_common(build, c);
    if (err != BAS_OK) {
        return err;
    }
    struct bac_object *object = bac_build_take(build, sizeof(*object));
    object = object != NULL ? object : scratch;
    *object = (struct bac_object){ .id = { c->type, c->instance },
                                   .class = bac_class_of(c->type),
                                   .db = build->db,
                                   .port = c->port,
                                   .deletable = c->deletable };
    err = fill_names(build, c, object);
    if (err == BAS_OK) {
        err = copy_properties(build, c, object);
    }
    if (err == BAS_OK && object->class->fill != NULL) {
        err = object->class->fill(build, c, object);
    }
    if (err == BAS_OK && object->class->level != NULL) {
        err = bac_fill_level(build, c, object);
    }
    return err;
}

struct bac_object *bac_object_new(struct bac_database *db, const struct bac_server_config *config,
                                  const struct bac_object_config *object, struct bas_fault *fault)
{
    struct bac_build build = { .db = db, .config = config, .fault = fault };
    struct bac_object scratch;
    if (build_object(&build, object, &scratch) != BAS_OK) {
        return NULL;
    }
    size_t len = build.used;
    build.base = bas_alloc(&db->env, len);
    build.used = 0;
    if (build.base == NULL) {
        (void)bas_fail_code(fault, BAS_ERR_NO_MEMORY, BAC_ERROR_CLASS_RESOURCES,
                            BAC_ERROR_CODE_NO_SPACE_FOR_OBJECT, "no memory for the objects");
        return NULL;
    }
    bas_err err = build_object(&build, object, &scratch);
    assert(err == BAS_OK && build.used == len);
    (void)err;
    struct bac_object *made = (struct bac_object *)(void *)build.base;
    made->memory_len = len;
    return made;
}

void bac_object_free(struct bac_object *object)
{
    if (object != NULL) {
        bas_release(&object->db->env, object, object->memory_len);
    }
}
