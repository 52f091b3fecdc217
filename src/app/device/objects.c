/* Owns how the objects of a device's settings become those of its server. */
#include "app/device/objects.h"

#include "rt/object_value.h"
#include "rt/simulation.h"
#include "rt/textfile.h"

#include "basalt/bacnet_type.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_LEN = 64, RAW_LEN = 1200, DEFAULT_FILE = 65536, LOWEST_PRIORITY = 16 };

/* What the configuration of one object points to. */
struct object_memory {
    char name[NAME_LEN]; /* of an object without one: "analog-input 1" */
    uint8_t *raw;        /* RAW_LEN octets; NULL: none */
    struct bac_file_config file;
    struct bas_textfile content;
    struct bac_subordinate_config *subordinates;
    size_t n_subordinates;
};

static bas_err no_memory(struct bas_fault *fault)
{
    return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the objects");
}

static bool is_constant(const char *value)
{
    return value != NULL && !simulation_is_one(value);
}

/* A commandable object that has both: the value is what the lowest priority commands at first. */
static bool has_both(const struct bas_object_settings *from)
{
    return from->relinquish_default != NULL && is_constant(from->value);
}

static const char *initial_of(const struct bas_object_settings *from,
                              const struct object_kind *kind)
{
    bool is_text = kind->kind == OBJECT_OF_TEXT && from->value != NULL; /* "ramp it up" */
    bool is_plain = (is_text || is_constant(from->value)) && from->relinquish_default == NULL;
    return is_plain ? from->value : from->relinquish_default;
}

static bas_err encode(const struct bas_object_settings *from, const struct object_kind *kind,
                      const char *text, struct bas_buf *out, struct bas_fault *fault)
{
    char memory[160];
    struct bas_buf why;
    bas_buf_init(&why, memory, sizeof(memory));
    if (object_value_encode(kind, text, out, &why) != BAS_OK) {
        return bas_fail(fault, BAS_ERR_CONFIG, "%s %u: %s", kind->name, (unsigned)from->instance,
                        bas_buf_text(&why));
    }
    return BAS_OK;
}

static bas_err fill_value(const struct bas_env *env, const struct bas_object_settings *from,
                          const struct object_kind *kind, struct object_memory *m,
                          struct bac_object_config *to, struct bas_fault *fault)
{
    const char *text = initial_of(from, kind);
    struct bas_buf out;
    if (text == NULL || kind->value == NULL) {
        return BAS_OK;
    }
    m->raw = bas_alloc(env, RAW_LEN);
    if (m->raw == NULL) {
        return no_memory(fault);
    }
    bas_buf_init(&out, m->raw, RAW_LEN);
    bas_err err = encode(from, kind, text, &out, fault);
    struct bas_slice raw = { m->raw, out.len };
    if (err == BAS_OK && kind->kind == OBJECT_OF_DATE_TIME) {
        to->initial_raw = raw;
    } else if (err == BAS_OK) {
        err = bac_decode(&bac_type_value, &raw, BAC_APPLICATION, &to->initial, NULL, fault);
    }
    return err;
}

static void fill_states(const struct bas_object_settings *from, const struct object_kind *kind,
                        struct bac_object_config *to)
{
    if (kind->kind == OBJECT_MULTI_STATE) {
        to->n_states = from->states.n == 0 ? 2 : (uint32_t)from->states.n;
        to->state_text = from->states.n == 0 ? NULL : from->states.items;
    } else if (kind->kind == OBJECT_BINARY && from->states.n == 2) {
        to->inactive_text = from->states.items[0];
        to->active_text = from->states.items[1];
    }
}

static bas_err fill_numbers(const struct bas_object_settings *from, struct bac_object_config *to,
                            struct bas_fault *fault)
{
    to->has_range = from->min.is_set && from->max.is_set;
    to->min = from->min.value;
    to->max = from->max.value;
    to->cov_increment = from->cov_increment.value;
    to->has_units = from->units != NULL;
    if (to->has_units && !bac_enum_number(&bac_type_engineering_units, from->units, &to->units)) {
        return bas_fail(fault, BAS_ERR_CONFIG, "units '%s' are not BACnet engineering units",
                        from->units);
    }
    return BAS_OK;
}

static bas_err fill_file(const struct bas_env *env, const struct bas_object_settings *from,
                         struct object_memory *m, struct bac_object_config *to,
                         struct bas_fault *fault)
{
    uint64_t max = from->max_size;
    max = max == 0 || max > UINT32_MAX ? DEFAULT_FILE : max;
    m->file = (struct bac_file_config){ .type = from->file_type,
                                        .by_record = from->file_access == 1,
                                        .read_only = from->read_only,
                                        .max_size = (uint32_t)max };
    if (from->file != NULL) {
        bas_err err = bas_textfile_read(env, from->file, max, &m->content, fault);
        if (err != BAS_OK) {
            return err;
        }
        m->file.content = (struct bas_slice){ (const uint8_t *)m->content.text, m->content.len };
    }
    to->file = &m->file;
    return BAS_OK;
}

static void fill_class(const struct bas_object_settings *from, struct bac_object_config *to)
{
    for (size_t i = 0; i < from->priority.n && i < BAS_ARRAY_LEN(to->notify_priority); i++) {
        to->notify_priority[i] = (uint8_t)strtoul(from->priority.items[i], NULL, 10);
    }
    to->ack_required = from->ack_required;
}

static bas_err fill_view(const struct bas_env *env, const struct bas_object_settings *from,
                         struct object_memory *m, struct bac_object_config *to,
                         struct bas_fault *fault)
{
    size_t n = from->subordinates.n;
    to->node_type = from->node_type == UINT16_MAX ? 0 : from->node_type;
    if (n == 0) {
        return BAS_OK;
    }
    m->subordinates = bas_alloc(env, n * sizeof(*m->subordinates));
    if (m->subordinates == NULL) {
        return no_memory(fault);
    }
    m->n_subordinates = n;
    for (size_t i = 0; i < n; i++) {
        struct object_subordinate item;
        if (!object_subordinate_read(from->subordinates.items[i], &item)) {
            return bas_fail(fault, BAS_ERR_CONFIG, "subordinates: '%s' names no object",
                            from->subordinates.items[i]);
        }
        m->subordinates[i] = (struct bac_subordinate_config){ .object = item.object,
                                                              .device = item.device,
                                                              .annotation = item.annotation };
    }
    to->subordinates = m->subordinates;
    to->n_subordinates = n;
    return BAS_OK;
}

static bas_err fill_kind(const struct bas_env *env, const struct bas_object_settings *from,
                         const struct object_kind *kind, struct object_memory *m,
                         struct bac_object_config *to, struct bas_fault *fault)
{
    if (kind->kind == OBJECT_IS_FILE) {
        return fill_file(env, from, m, to, fault);
    }
    if (kind->kind == OBJECT_IS_VIEW) {
        return fill_view(env, from, m, to, fault);
    }
    if (kind->kind == OBJECT_IS_CLASS) {
        fill_class(from, to);
        return BAS_OK;
    }
    fill_states(from, kind, to);
    bas_err err = fill_numbers(from, to, fault);
    return err == BAS_OK ? fill_value(env, from, kind, m, to, fault) : err;
}

static bas_err fill_one(const struct bas_env *env, const struct bas_object_settings *from,
                        struct object_memory *m, struct bac_object_config *to,
                        struct bas_fault *fault)
{
    const struct object_kind *kind = object_kind_of(from->type);
    if (kind == NULL) {
        return bas_fail(fault, BAS_ERR_CONFIG, "object type %u is not one that a device can have",
                        from->type);
    }
    (void)snprintf(m->name, sizeof(m->name), "%s %u", kind->name, (unsigned)from->instance);
    *to = (struct bac_object_config){ .type = from->type,
                                      .instance = from->instance,
                                      .name = from->name != NULL ? from->name : m->name,
                                      .description = from->description,
                                      .commandable = from->commandable,
                                      .writable = !from->commandable && !from->read_only,
                                      .deletable = from->deletable };
    return fill_kind(env, from, kind, m, to, fault);
}

bas_err device_objects_fill(const struct bas_env *env, const struct bas_device_settings *settings,
                            struct device_objects *o, struct bas_fault *fault)
{
    *o = (struct device_objects){ .env = *env };
    o->objects = bas_alloc(env, (settings->n_objects + DEVICE_EXTRA_OBJECTS) * sizeof(*o->objects));
    o->memory = bas_alloc(env, settings->n_objects * sizeof(*o->memory));
    o->cap = o->objects == NULL ? 0 : settings->n_objects + DEVICE_EXTRA_OBJECTS;
    o->n_memory = o->memory == NULL ? 0 : settings->n_objects;
    if (o->objects == NULL || (o->memory == NULL && settings->n_objects != 0)) {
        return no_memory(fault);
    }
    for (; o->n < settings->n_objects; o->n++) {
        bas_err err =
            fill_one(env, &settings->objects[o->n], &o->memory[o->n], &o->objects[o->n], fault);
        if (err != BAS_OK) {
            return err;
        }
    }
    return BAS_OK;
}

struct bac_object_config *device_objects_add(struct device_objects *o)
{
    return o->n < o->cap ? &o->objects[o->n++] : NULL;
}

void device_objects_release(struct device_objects *o)
{
    for (size_t i = 0; i < o->n_memory; i++) {
        struct object_memory *m = &o->memory[i];
        bas_release(&o->env, m->raw, RAW_LEN);
        bas_textfile_free(&o->env, &m->content);
        bas_release(&o->env, m->subordinates, m->n_subordinates * sizeof(*m->subordinates));
    }
    bas_release(&o->env, o->memory, o->n_memory * sizeof(*o->memory));
    bas_release(&o->env, o->objects, o->cap * sizeof(*o->objects));
    *o = (struct device_objects){ .env = o->env };
}

static bas_err command(const struct bas_object_settings *from, const struct object_kind *kind,
                       struct bac_server *server)
{
    uint8_t memory[RAW_LEN];
    struct bas_buf out;
    struct bas_fault unsaid = { 0 };
    struct bac_value value;
    bas_buf_init(&out, memory, sizeof(memory));
    bas_err err = encode(from, kind, from->value, &out, &unsaid);
    struct bas_slice raw = { memory, out.len };
    err = err == BAS_OK ? bac_decode(&bac_type_value, &raw, BAC_APPLICATION, &value, NULL, &unsaid)
                        : err;
    const struct bac_object_id id = { from->type, from->instance };
    return err == BAS_OK ? bac_server_set(server, id, &value, LOWEST_PRIORITY) : err;
}

void device_objects_command(const struct bas_env *env, const struct bas_device_settings *settings,
                            struct bac_server *server)
{
    for (size_t i = 0; i < settings->n_objects; i++) {
        const struct bas_object_settings *from = &settings->objects[i];
        const struct object_kind *kind = object_kind_of(from->type);
        if (kind == NULL || kind->value == NULL || !has_both(from)) {
            continue;
        }
        bas_err err = command(from, kind, server);
        if (err != BAS_OK) {
            bas_log(env, BAS_LOG_WARNING, "%s %u: the value is not set: %s", kind->name,
                    (unsigned)from->instance, bas_err_text(err));
        }
    }
}
