/*
 * Owns the objects of a device: made once from the configuration in one piece of memory, found by
 * identifier and by name.
 */
#include "bacnet/objects/rows.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 16 };

/* The memory of everything. Without base it only counts, so the same code does both runs. */
struct pack {
    uint8_t *base;
    size_t used;
};

/* One run over the configuration. */
struct build {
    struct bac_database *db;
    const struct bac_server_config *config;
    struct pack pack;
    struct bas_fault *fault;
};

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

/* Copies */

static void *take(struct build *b, size_t len)
{
    size_t at = b->pack.used;
    b->pack.used += (len + ALIGN - 1) / ALIGN * ALIGN;
    return b->pack.base != NULL ? b->pack.base + at : NULL;
}

static void copy_octets(struct build *b, struct bas_slice octets, struct bas_slice *out)
{
    uint8_t *copy = take(b, octets.len + 1); /* so that an empty text has a place, too */
    if (copy != NULL && octets.len != 0) {
        memcpy(copy, octets.data, octets.len);
    }
    *out = (struct bas_slice){ copy, octets.len };
}

static bas_err wrong(const struct build *b, const struct bac_object_config *c, const char *why)
{
    const char *type = bac_object_type_name(c->type);
    return bas_fail(b->fault, BAS_ERR_INVALID, "object %s,%u (%.60s): %s",
                    type != NULL ? type : "of unknown type", (unsigned)c->instance,
                    c->name != NULL ? c->name : "without a name", why);
}

/* NULL stays an empty slice without data. */
static bas_err copy_text(struct build *b, const struct bac_object_config *c, const char *text,
                         struct bas_slice *out)
{
    *out = (struct bas_slice){ NULL, 0 };
    if (text == NULL) {
        return BAS_OK;
    }
    size_t len = strlen(text);
    if (len > BAC_MAX_NAME) {
        return wrong(b, c, "a text has more than 255 octets");
    }
    copy_octets(b, (struct bas_slice){ (const uint8_t *)text, len }, out);
    return BAS_OK;
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

static bas_err check_property(const struct build *b, const struct bac_object_config *c,
                              const struct bac_object_class *class,
                              const struct bac_property_config *p)
{
    const struct bac_property_row *row = row_of(class, p->property);
    if (row == NULL || (row->get != NULL && !row->is_open)) {
        return wrong(b, c, "a property is configured that this object type does not take so");
    }
    if (p->get != NULL) {
        return BAS_OK;
    }
    if (row->shape != BAC_SHAPE_SCALAR || (unsigned)p->value.tag != (unsigned)row->type->kind) {
        return wrong(b, c, "a configured property has the wrong data type");
    }
    uint8_t memory[2 * BAC_MAX_NAME];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    return bac_encode(&bac_type_value, &p->value, BAC_APPLICATION, &out) == BAS_OK
               ? BAS_OK
               : wrong(b, c, "a configured property cannot be encoded or is too long");
}

static void copy_value(struct build *b, struct bac_value *value)
{
    if (value->tag == BAC_TAG_OCTET_STRING) {
        copy_octets(b, value->as.octets, &value->as.octets);
    } else if (value->tag == BAC_TAG_CHARACTER_STRING) {
        copy_octets(b, value->as.text.octets, &value->as.text.octets);
    } else if (value->tag == BAC_TAG_BIT_STRING) {
        copy_octets(b, value->as.bits.octets, &value->as.bits.octets);
    }
}

static bas_err copy_properties(struct build *b, const struct bac_object_config *c,
                               struct bac_object *object)
{
    struct bac_property_config *copies = take(b, c->n_properties * sizeof(*copies));
    for (size_t i = 0; i < c->n_properties; i++) {
        struct bac_property_config p = c->properties[i];
        bas_err err = check_property(b, c, object->class, &p);
        if (err != BAS_OK) {
            return err;
        }
        copy_value(b, &p.value);
        if (copies != NULL) {
            copies[i] = p;
        }
    }
    object->properties = copies;
    object->n_properties = c->n_properties;
    return BAS_OK;
}

/* One object */

static bas_err fill_states(struct build *b, const struct bac_object_config *c,
                           struct bac_object *object)
{
    object->n_states = c->n_states;
    if (c->n_states == 0) {
        return wrong(b, c, "a multi-state object needs n_states");
    }
    struct bas_slice *texts = NULL;
    if (c->state_text != NULL) {
        texts = take(b, c->n_states * sizeof(*texts));
    }
    for (uint32_t i = 0; c->state_text != NULL && i < c->n_states; i++) {
        struct bas_slice text = { NULL, 0 };
        bas_err err = c->state_text[i] != NULL ? copy_text(b, c, c->state_text[i], &text)
                                               : wrong(b, c, "a state text is missing");
        if (err != BAS_OK) {
            return err;
        }
        if (texts != NULL) {
            texts[i] = text;
        }
    }
    object->state_text = texts;
    return BAS_OK;
}

static bas_err fill_kind(struct build *b, const struct bac_object_config *c,
                         struct bac_object *object)
{
    object->units = c->has_units ? c->units : (uint32_t)BAC_UNITS_NO_UNITS;
    object->has_range = c->has_range;
    object->min = (float)c->min;
    object->max = (float)c->max;
    object->cov_increment = (float)c->cov_increment;
    object->is_reverse = c->is_reverse;
    if (c->has_range && !(c->min <= c->max)) {
        return wrong(b, c, "min is above max");
    }
    if (!isfinite(c->cov_increment) || c->cov_increment < 0) {
        return wrong(b, c, "cov_increment is below 0");
    }
    if ((c->inactive_text == NULL) != (c->active_text == NULL)) {
        return wrong(b, c, "inactive_text and active_text come together");
    }
    bas_err err = copy_text(b, c, c->inactive_text, &object->inactive_text);
    if (err == BAS_OK) {
        err = copy_text(b, c, c->active_text, &object->active_text);
    }
    if (err == BAS_OK && object->class->level == BAC_TAG_UNSIGNED) {
        err = fill_states(b, c, object);
    }
    return err;
}

static bas_err fill_level(struct build *b, const struct bac_object_config *c,
                          struct bac_object *object)
{
    enum bac_tag kind = object->class->level;
    bool is_commandable = object->class->role == BAC_ROLE_OUTPUT ||
                          (object->class->role == BAC_ROLE_VALUE && c->commandable);
    if (is_commandable) {
        struct bac_command *command = take(b, sizeof(*command));
        object->command = command;
    }
    object->writable = object->class->role == BAC_ROLE_VALUE && c->writable;
    struct bac_value initial = c->initial;
    if (initial.tag == BAC_TAG_NULL) {
        initial.tag = kind;
        initial.as.unsigned_integer = kind == BAC_TAG_UNSIGNED ? 1 : 0;
        if (kind == BAC_TAG_REAL) {
            initial.as.real = c->has_range && c->min > 0 ? (float)c->min : 0;
        }
    }
    if (bac_level_check(object, &initial) != BAC_ERROR_CODE_SUCCESS) {
        return wrong(b, c, "the initial value has the wrong data type or is out of range");
    }
    object->program = bac_level_of(object, &initial);
    object->present = object->program;
    if (object->command != NULL) {
        object->command->relinquish_default = object->program;
    }
    return BAS_OK;
}

static bas_err fill_object(struct build *b, const struct bac_object_config *c,
                           struct bac_object *object)
{
    *object = (struct bac_object){
        .id = { c->type, c->instance }, .class = bac_class_of(c->type), .db = b->db, .port = c->port
    };
    if (object->class == NULL) {
        return wrong(b, c, "this object type is not supported");
    }
    if (c->instance >= BAC_MAX_INSTANCE) {
        return wrong(b, c, "the instance is above 4194302");
    }
    if (c->name == NULL || c->name[0] == 0) {
        return wrong(b, c, "an object needs a name");
    }
    bas_err err = copy_text(b, c, c->name, &object->name);
    if (err == BAS_OK) {
        err = copy_text(b, c, c->description, &object->description);
    }
    if (err == BAS_OK) {
        err = copy_properties(b, c, object);
    }
    if (err == BAS_OK && object->class->level != BAC_TAG_NULL) {
        err = fill_kind(b, c, object);
        err = err == BAS_OK ? fill_level(b, c, object) : err;
    }
    return err;
}

/* All of them */

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

static bas_err fill_info(struct build *b)
{
    const struct bac_server_config *config = b->config;
    struct bac_device_info *info = &b->db->info;
    const struct bac_object_config device = config_at(config, config->n_objects);
    const struct {
        const char *from;
        struct bas_slice *to;
    } texts[] = {
        { config->location, &info->location },
        { config->vendor_name, &info->vendor_name },
        { config->model_name, &info->model_name },
        { config->firmware_revision, &info->firmware_revision },
        { config->application_software_version, &info->application_software_version },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        bas_err err = copy_text(b, &device, texts[i].from, texts[i].to);
        if (err != BAS_OK) {
            return err;
        }
    }
    return BAS_OK;
}

static bas_err run(struct build *b)
{
    size_t n = b->config->n_objects + 1;
    b->db->n_objects = n;
    b->db->objects = take(b, n * sizeof(struct bac_object *));
    b->db->by_name = take(b, n * sizeof(struct bac_object *));
    for (size_t i = 0; i < n; i++) {
        struct bac_object scratch;
        struct bac_object *object = take(b, sizeof(*object));
        if (object != NULL) {
            b->db->objects[i] = object;
        } else {
            object = &scratch;
        }
        const struct bac_object_config c = config_at(b->config, i);
        if (c.type == BAC_OBJECT_DEVICE && i != b->config->n_objects) {
            return wrong(b, &c, "the Device object has members of its own");
        }
        bas_err err = fill_object(b, &c, object);
        if (err != BAS_OK) {
            return err;
        }
    }
    return fill_info(b);
}

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
    *db = (struct bac_database){ 0 };
    struct build b = { db, config, { NULL, 0 }, fault };
    bas_err err = run(&b);
    if (err != BAS_OK) {
        return err;
    }
    db->memory_len = b.pack.used;
    db->memory = bas_alloc(env, db->memory_len);
    if (db->memory == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "no memory for the objects");
    }
    b.pack = (struct pack){ db->memory, 0 };
    err = run(&b);
    assert(err == BAS_OK && b.pack.used == db->memory_len);
    fill_numbers(db, config);
    err = put_in_order(db, fault);
    db->device =
        bac_database_find(db, (struct bac_object_id){ BAC_OBJECT_DEVICE, config->instance });
    return err;
}

void bac_database_fini(struct bac_database *db, const struct bas_env *env)
{
    bas_release(env, db->memory, db->memory_len);
    *db = (struct bac_database){ 0 };
}

struct bac_object *bac_database_find(const struct bac_database *db, struct bac_object_id id)
{
    size_t low = 0;
    size_t high = db->n_objects;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_ids(db->objects[middle]->id, id);
        if (order == 0) {
            return db->objects[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

struct bac_object *bac_database_find_name(const struct bac_database *db, struct bas_slice name)
{
    size_t low = 0;
    size_t high = db->n_objects;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_names(db->by_name[middle]->name, name);
        if (order == 0) {
            return db->by_name[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}
