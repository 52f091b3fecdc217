/*
 * Owns the objects of a device: made from the configuration or by CreateObject, found by identifier
 * and by name, renamed and ended.
 */
#include "bacnet/build.h"
#include "bacnet/objects/rows.h"

#include "bacnet/segment.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct bac_object_class *const classes[] = {
#define BAC_OBJECT(id) &bac_class_##id,
#include "bacnet/objects.def"
#undef BAC_OBJECT
};

const struct bac_object_class *const *bac_classes(size_t *n)
{
    *n = BAS_ARRAY_LEN(classes);
    return classes;
}

const struct bac_object_class *bac_class_of(uint16_t object_type)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(classes); i++) {
        if (classes[i]->number == object_type) {
            return classes[i];
        }
    }
    return NULL;
}

/* Order */

static int compare_ids(struct bac_object_id a, struct bac_object_id b)
{
    uint64_t x = (uint64_t)a.type << 32 | a.instance;
    uint64_t y = (uint64_t)b.type << 32 | b.instance;
    return (x > y) - (x < y);
}

static int by_id(const void *a, const void *b)
{
    const struct bac_object *const *x = a;
    const struct bac_object *const *y = b;
    return compare_ids((*x)->id, (*y)->id);
}

static int compare_names(struct bas_slice a, struct bas_slice b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len == 0 ? 0 : memcmp(a.data, b.data, len);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_name(const void *a, const void *b)
{
    const struct bac_object *const *x = a;
    const struct bac_object *const *y = b;
    return compare_names((*x)->name, (*y)->name);
}

/* Where the identifier stands, or would. */
static size_t place_of_id(const struct bac_database *db, struct bac_object_id id)
{
    size_t low = 0;
    size_t high = db->n_objects;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_ids(db->objects[middle]->id, id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static size_t place_of_name(const struct bac_database *db, struct bas_slice name)
{
    size_t low = 0;
    size_t high = db->n_objects;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_names(db->by_name[middle]->name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct bac_object *bac_database_find(const struct bac_database *db, struct bac_object_id id)
{
    size_t at = place_of_id(db, id);
    return at < db->n_objects && compare_ids(db->objects[at]->id, id) == 0 ? db->objects[at] : NULL;
}

struct bac_object *bac_database_find_name(const struct bac_database *db, struct bas_slice name)
{
    size_t at = place_of_name(db, name);
    return at < db->n_objects && compare_names(db->by_name[at]->name, name) == 0 ? db->by_name[at]
                                                                                 : NULL;
}

/* Opens a gap at a place of a list of n, or closes one. */
static void open_gap(struct bac_object **list, size_t n, size_t at)
{
    memmove(&list[at + 1], &list[at], (n - at) * sizeof(struct bac_object *));
}

static void close_gap(struct bac_object **list, size_t n, size_t at)
{
    memmove(&list[at], &list[at + 1], (n - at - 1) * sizeof(struct bac_object *));
}

/* Creation */

/* The i-th object: the configuration's, and behind them the Device object. */
static struct bac_object_config config_at(const struct bac_server_config *config, size_t i)
{
    struct bac_object_config c = { 0 };
    if (i == config->n_objects) {
        c.type = BAC_OBJECT_DEVICE;
        c.instance = config->instance;
        c.name = config->name;
        c.description = config->description;
        c.properties = config->properties;
        c.n_properties = config->n_properties;
        return c;
    }
    size_t stride = config->object_size;
    const uint8_t *from = (const uint8_t *)config->objects + i * stride;
    memcpy(&c, from, stride < sizeof(c) ? stride : sizeof(c));
    return c;
}

static bas_err make_all(struct bac_database *db, const struct bac_server_config *config,
                        struct bas_fault *fault)
{
    for (size_t i = 0; i <= config->n_objects; i++) {
        const struct bac_object_config c = config_at(config, i);
        if (c.type == BAC_OBJECT_DEVICE && i != config->n_objects) {
            return bas_fail(fault, BAS_ERR_INVALID,
                            "object device,%u (%.60s): the Device object "
                            "has members of its own",
                            (unsigned)c.instance, c.name != NULL ? c.name : "without a name");
        }
        struct bac_object *object = bac_object_new(db, config, &c, fault);
        if (object == NULL) {
            return fault != NULL && fault->err != BAS_OK ? fault->err : BAS_ERR_INVALID;
        }
        db->objects[db->n_objects++] = object;
        db->device = object; /* the last one is */
    }
    return BAS_OK;
}

static bas_err twice(const struct bac_object *object, const char *what, struct bas_fault *fault)
{
    const char *type = bac_object_type_name(object->id.type);
    return bas_fail(fault, BAS_ERR_EXISTS, "two objects have the %s of %s,%u (%.*s)", what,
                    type != NULL ? type : "object", (unsigned)object->id.instance,
                    (int)object->name.len, (const char *)object->name.data);
}

/* Puts the objects in order; identifiers and names must differ (clause 12.1). */
static bas_err put_in_order(struct bac_database *db, struct bas_fault *fault)
{
    size_t n = db->n_objects;
    qsort(db->objects, n, sizeof(struct bac_object *), by_id);
    for (size_t i = 0; i < n; i++) {
        db->by_name[i] = db->objects[i];
        if (i > 0 && by_id(&db->objects[i - 1], &db->objects[i]) == 0) {
            return twice(db->objects[i], "identifier", fault);
        }
    }
    qsort(db->by_name, n, sizeof(struct bac_object *), by_name);
    for (size_t i = 1; i < n; i++) {
        if (by_name(&db->by_name[i - 1], &db->by_name[i]) == 0) {
            return twice(db->by_name[i], "name", fault);
        }
    }
    return BAS_OK;
}

static void fill_numbers(struct bac_database *db, const struct bac_server_config *config)
{
    static const uint8_t none[16];
    struct bac_device_info *info = &db->info;
    info->vendor = config->vendor;
    info->max_apdu = config->max_apdu;
    info->database_revision = config->database_revision;
    info->apdu_timeout_ms = config->apdu_timeout_ms;
    info->segment_timeout_ms = config->segment_timeout_ms;
    info->max_segments =
        config->max_request / (uint32_t)(config->max_apdu - BAC_REQUEST_SEGMENT_HEADER);
    info->retries = config->retries;
    info->has_uuid = memcmp(config->uuid, none, sizeof(none)) != 0;
    memcpy(info->uuid, config->uuid, sizeof(info->uuid));
    for (size_t i = 0; i < BAS_ARRAY_LEN(classes); i++) {
        unsigned bit = classes[i]->number;
        info->object_types[bit / 8] |= (uint8_t)(0x80U >> bit % 8);
    }
}

bas_err bac_database_init(struct bac_database *db, const struct bas_env *env,
                          const struct bac_server_config *config, struct bas_fault *fault)
{
    *db = (struct bac_database){ .env = *env };
    struct bas_fault local = { 0 };
    fault = fault != NULL ? fault : &local;
    size_t cap = config->n_objects + 1 + config->max_created;
    db->objects = bas_alloc(env, cap * sizeof(struct bac_object *));
    db->by_name = bas_alloc(env, cap * sizeof(struct bac_object *));
    db->cap = cap;
    db->max_created = config->max_created;
    if (db->objects == NULL || db->by_name == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "no memory for the objects");
    }
    fill_numbers(db, config);
    bas_err err = make_all(db, config, fault);
    return err == BAS_OK ? put_in_order(db, fault) : err;
}

void bac_database_fini(struct bac_database *db)
{
    for (size_t i = 0; i < db->n_objects; i++) {
        bac_object_free(db->objects[i]);
    }
    bas_release(&db->env, db->objects, db->cap * sizeof(struct bac_object *));
    bas_release(&db->env, db->by_name, db->cap * sizeof(struct bac_object *));
    *db = (struct bac_database){ 0 };
}

/* Changes */

/* What clients know of our objects is old now (12.11.40). */
static void revise(struct bac_database *db)
{
    db->info.database_revision++;
    bac_object_touch(db->device);
}

static bas_err refuse_object(struct bas_fault *fault, bas_err err, enum bac_error_code code,
                             struct bac_object_id id, const char *why)
{
    bool is_room = code == BAC_ERROR_CODE_NO_SPACE_FOR_OBJECT;
    const char *type = bac_object_type_name(id.type);
    return bas_fail_code(fault, err, is_room ? BAC_ERROR_CLASS_RESOURCES : BAC_ERROR_CLASS_OBJECT,
                         code, "%s,%u: %s", type != NULL ? type : "object", (unsigned)id.instance,
                         why);
}

/* The lowest instance from 1 on that is free. */
static uint32_t free_instance(const struct bac_database *db, uint16_t type)
{
    uint32_t instance = 1;
    size_t at = place_of_id(db, (struct bac_object_id){ type, instance });
    while (at < db->n_objects && db->objects[at]->id.type == type &&
           db->objects[at]->id.instance == instance) {
        at++;
        instance++;
    }
    return instance;
}

/* class: of id. */
static bas_err check_creation(const struct bac_database *db, struct bac_object_id id,
                              const struct bac_object_class *class, struct bas_fault *fault)
{
    if (class == NULL) {
        return refuse_object(fault, BAS_ERR_UNSUPPORTED, BAC_ERROR_CODE_UNSUPPORTED_OBJECT_TYPE, id,
                             "this object type is not supported");
    }
    if (class->created == NULL) {
        return refuse_object(fault, BAS_ERR_PERMISSION,
                             BAC_ERROR_CODE_DYNAMIC_CREATION_NOT_SUPPORTED, id,
                             "objects of this type come with the configuration");
    }
    if (bac_database_find(db, id) != NULL) {
        return refuse_object(fault, BAS_ERR_EXISTS, BAC_ERROR_CODE_OBJECT_IDENTIFIER_ALREADY_EXISTS,
                             id, "there is such an object already");
    }
    return db->n_created < db->max_created
               ? BAS_OK
               : refuse_object(fault, BAS_ERR_NO_SPACE, BAC_ERROR_CODE_NO_SPACE_FOR_OBJECT, id,
                               "there are as many objects as there may be");
}

/* text gets the name that was asked for, or one made of type and instance. */
static bas_err make_name(const struct bac_database *db, struct bac_object_id id,
                         struct bas_slice name, char text[BAC_MAX_NAME + 1],
                         struct bas_fault *fault)
{
    if (name.len > BAC_MAX_NAME || !bac_text_is_printable(name)) {
        return bas_fail_code(fault, BAS_ERR_INVALID, BAC_ERROR_CLASS_PROPERTY,
                             BAC_ERROR_CODE_VALUE_OUT_OF_RANGE,
                             "a name has printable characters, at most 255 octets of them");
    }
    if (name.len == 0) {
        (void)snprintf(text, BAC_MAX_NAME + 1, "%s-%u", bac_object_type_name(id.type),
                       (unsigned)id.instance);
    } else {
        memcpy(text, name.data, name.len);
        text[name.len] = 0;
    }
    const struct bas_slice whole = { (const uint8_t *)text, strlen(text) };
    return bac_database_find_name(db, whole) == NULL
               ? BAS_OK
               : bas_fail_code(fault, BAS_ERR_EXISTS, BAC_ERROR_CLASS_PROPERTY,
                               BAC_ERROR_CODE_DUPLICATE_NAME, "another object is called %s", text);
}

static void insert(struct bac_database *db, struct bac_object *object)
{
    size_t at = place_of_id(db, object->id);
    open_gap(db->objects, db->n_objects, at);
    db->objects[at] = object;
    at = place_of_name(db, object->name);
    open_gap(db->by_name, db->n_objects, at);
    db->by_name[at] = object;
    db->n_objects++;
}

bas_err bac_database_create(struct bac_database *db, struct bac_object_id id, struct bas_slice name,
                            struct bac_object **object, struct bas_fault *fault)
{
    id.instance = id.instance == BAC_WILDCARD_INSTANCE ? free_instance(db, id.type) : id.instance;
    const struct bac_object_class *class = bac_class_of(id.type);
    bas_err err = check_creation(db, id, class, fault);
    if (err != BAS_OK || class == NULL) { /* it was refused without */
        return err;
    }
    char text[BAC_MAX_NAME + 1] = "";
    err = make_name(db, id, name, text, fault);
    if (err != BAS_OK) {
        return err;
    }
    struct bac_object_config config = *class->created;
    config.type = id.type;
    config.instance = id.instance;
    config.name = text;
    struct bac_object *made = bac_object_new(db, NULL, &config, fault);
    if (made == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    made->deletable = true;
    made->is_created = true;
    insert(db, made);
    db->n_created++;
    revise(db);
    *object = made;
    return BAS_OK;
}

/* Takes it off the list of changes; that list is short, or it is about to be read. */
static void forget_changes(struct bac_database *db, const struct bac_object *object)
{
    struct bac_object *before = NULL;
    struct bac_object *at = db->changed;
    while (at != NULL && at != object) {
        before = at;
        at = at->next_changed != at ? at->next_changed : NULL;
    }
    if (at == NULL) {
        return;
    }
    bool is_last = at->next_changed == at;
    if (before == NULL) {
        db->changed = is_last ? NULL : at->next_changed;
    } else {
        before->next_changed = is_last ? before : at->next_changed;
    }
}

bas_err bac_database_delete(struct bac_database *db, struct bac_object *object,
                            struct bas_fault *fault)
{
    if (!object->deletable) {
        return refuse_object(fault, BAS_ERR_PERMISSION,
                             BAC_ERROR_CODE_OBJECT_DELETION_NOT_PERMITTED, object->id,
                             "this object stays");
    }
    if (db->ending != NULL) {
        db->ending(db->ending_ctx, object);
    }
    forget_changes(db, object);
    close_gap(db->objects, db->n_objects, place_of_id(db, object->id));
    close_gap(db->by_name, db->n_objects, place_of_name(db, object->name));
    db->n_objects--;
    db->n_created -= object->is_created;
    bac_object_free(object);
    revise(db);
    return BAS_OK;
}

bas_err bac_database_rename(struct bac_database *db, struct bac_object *object,
                            struct bas_slice name)
{
    assert(name.len > 0 && name.len <= BAC_MAX_NAME);
    const struct bac_object *other = bac_database_find_name(db, name);
    if (other != NULL) {
        return other == object ? BAS_OK : BAS_ERR_EXISTS;
    }
    close_gap(db->by_name, db->n_objects, place_of_name(db, object->name));
    db->n_objects--;
    size_t at = place_of_name(db, name);
    memcpy(object->name_room, name.data, name.len);
    object->name = (struct bas_slice){ object->name_room, name.len };
    open_gap(db->by_name, db->n_objects, at);
    db->by_name[at] = object;
    db->n_objects++;
    revise(db);
    return BAS_OK;
}

static void exchange_names(struct bac_database *db, struct bac_object *a, struct bac_object *b)
{
    uint8_t memory[BAC_MAX_NAME];
    const size_t len = a->name.len;
    const size_t at_a = place_of_name(db, a->name);
    const size_t at_b = place_of_name(db, b->name);
    db->by_name[at_a] = b;
    db->by_name[at_b] = a;
    memcpy(memory, a->name.data, len);
    memcpy(a->name_room, b->name.data, b->name.len);
    a->name = (struct bas_slice){ a->name_room, b->name.len };
    memcpy(b->name_room, memory, len);
    b->name = (struct bas_slice){ b->name_room, len };
    bac_object_touch(b);
    revise(db);
}

void bac_database_take_name(struct bac_database *db, struct bac_object *object,
                            struct bas_slice name)
{
    struct bac_object *other = bac_database_find_name(db, name);
    if (other != NULL && other != object) {
        exchange_names(db, object, other);
        return;
    }
    bas_err err = bac_database_rename(db, object, name);
    assert(err == BAS_OK);
    (void)err;
}
