/*
 * Owns what lasts of a device: what was written over the network and which objects came and went,
 * in a store beside the state file.
 *
 * Everything of a loop turn is one change of the store. It ends before the port sends what the turn
 * left to send, so that no acknowledgement leaves before what it acknowledges is kept.
 */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/device/device.h"

#include <stdio.h>
#include <string.h>

enum { PATH_LEN = 4096, PASSES = 3, TOLD_MAX = 10 };

#define REVISION      "database-revision"
#define CONFIGURATION "configuration"

/* What identifies the objects of the configuration: of types, instances and names. */
static uint64_t fingerprint(const struct bas_device_settings *settings)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (size_t i = 0; i < settings->n_objects; i++) {
        const struct bas_object_settings *o = &settings->objects[i];
        char text[320];
        int len = snprintf(text, sizeof(text), "%u,%u,%s\n", (unsigned)o->type,
                           (unsigned)o->instance, o->name == NULL ? "" : o->name);
        for (int n = 0; n < len && n < (int)sizeof(text) - 1; n++) {
            hash = (hash ^ (uint8_t)text[n]) * UINT64_C(1099511628211);
        }
    }
    return hash;
}

static void take_number(void *user, struct bas_slice octets)
{
    uint64_t number = 0;
    for (size_t i = 0; i < octets.len; i++) {
        number = number << 8 | octets.data[i];
    }
    *(uint64_t *)user = number;
}

static bas_err set_number(struct bas_store *store, const char *name, uint64_t number,
                          struct bas_fault *fault)
{
    uint8_t octets[8];
    for (size_t i = 0; i < sizeof(octets); i++) {
        octets[i] = (uint8_t)(number >> (56 - 8 * i));
    }
    return bas_values_set(store, name, (struct bas_slice){ octets, sizeof(octets) }, fault);
}

static bas_err count_revision(struct device *d, const struct bas_device_settings *settings,
                              struct bas_fault *fault)
{
    uint64_t kept = 0;
    uint64_t before = 0;
    const uint64_t now = fingerprint(settings);
    bas_err err = bas_values_get(d->store, REVISION, take_number, &kept, fault);
    err =
        err == BAS_OK ? bas_values_get(d->store, CONFIGURATION, take_number, &before, fault) : err;
    if (err != BAS_OK || before == now) {
        d->revision = (uint32_t)kept;
        return err;
    }
    d->revision = (uint32_t)kept + 1;
    err = bas_values_begin(d->store, fault);
    if (err == BAS_OK) {
        err = set_number(d->store, REVISION, d->revision, fault);
        err = err == BAS_OK ? set_number(d->store, CONFIGURATION, now, fault) : err;
        err = bas_values_end(d->store, err, fault);
    }
    return err;
}

/* Who has our values has our state file, and that one is told better. */
static bas_err tell_holder(const char *state_file, struct bas_fault *fault)
{
    struct bas_fault unsaid = { 0 };
    long process = 0;
    if (bas_state_holder(state_file, &process, &unsaid) != BAS_OK) {
        return fault->err;
    }
    return bas_fail(fault, BAS_ERR_IN_USE,
                    "%s: is in use by process %ld; stop that one or name another state file",
                    state_file, process);
}

bas_err device_values_open(struct device *d, const struct bas_device_settings *settings,
                           struct bas_fault *fault)
{
    char path[PATH_LEN];
    const char *file = settings->values_file;
    if (file == NULL && settings->state_file == NULL) {
        return BAS_OK;
    }
    if (file == NULL) {
        (void)snprintf(path, sizeof(path), "%s.values", settings->state_file);
        file = path;
    }
    d->values_file_len = strlen(file) + 1;
    d->values_file = bas_alloc(&d->env, d->values_file_len);
    if (d->values_file == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for the values of a device");
    }
    memcpy(d->values_file, file, d->values_file_len);
    const struct bas_store_config config = { .size = sizeof(config), .path = d->values_file };
    bas_err err = bas_values_open(&d->env, &config, settings->values_sync == BAS_VALUES_SYNC_FULL,
                                  &d->store, fault);
    if (err == BAS_ERR_BUSY && settings->state_file != NULL) {
        return tell_holder(settings->state_file, fault);
    }
    return err == BAS_OK ? count_revision(d, settings, fault) : err;
}

/* Restoring */

struct restoring {
    struct device *device;
    size_t left; /* that did not fit in this pass */
    size_t told;
    int pass;
};

static enum bac_server_event_kind kind_of(enum bas_value_kind kind)
{
    return kind == BAS_VALUE_CREATED   ? BAC_SERVER_CREATED
           : kind == BAS_VALUE_DELETED ? BAC_SERVER_DELETED
                                       : BAC_SERVER_WRITTEN;
}

static void tell_left(struct restoring *r, const struct bas_value *value,
                      const struct bas_fault *fault)
{
    char text[80];
    struct bas_buf out;
    const struct bas_env *env = &r->device->env;
    const char *property = bac_property_name(value->property);
    if (r->told++ >= TOLD_MAX) {
        return;
    }
    bas_buf_init(&out, text, sizeof(text));
    bac_object_id_text((struct bac_object_id){ value->type, value->instance }, &out);
    bas_log(env, BAS_LOG_WARNING, "%s %s was kept and does not fit any more: %s",
            bas_buf_text(&out),
            value->kind != BAS_VALUE_WRITTEN ? "(created or deleted)"
            : property != NULL               ? property
                                             : "property",
            fault->text[0] != 0 ? fault->text : bas_err_text(fault->err));
}

static void restore_one(void *user, const struct bas_value *value)
{
    struct restoring *r = user;
    struct bas_fault fault = { 0 };
    const struct bac_server_event event = { .kind = kind_of(value->kind),
                                            .object = { value->type, value->instance },
                                            .property = value->property,
                                            .index = value->index,
                                            .priority = value->priority,
                                            .raw = value->octets,
                                            .lasts = true };
    bool is_written = value->kind == BAS_VALUE_WRITTEN;
    if (!is_written && r->pass > 1) {
        return; /* objects come and go once */
    }
    bas_err err = bac_server_restore(bas_station_server(r->device->station), &event, &fault);
    if (err == BAS_OK || (value->kind == BAS_VALUE_DELETED && err == BAS_ERR_NOT_FOUND)) {
        return;
    }
    r->left += is_written ? 1 : 0;
    if (!is_written || r->pass == PASSES) {
        fault.err = err;
        tell_left(r, value, &fault);
    }
}

/* Giving back what was there is no change that counts (12.11.40). */
static void restore_revision(struct device *d)
{
    uint8_t memory[16];
    struct bas_buf out;
    struct bas_fault unsaid = { 0 };
    const struct bac_value value = { .tag = BAC_TAG_UNSIGNED, .as.unsigned_integer = d->revision };
    bas_buf_init(&out, memory, sizeof(memory));
    bas_err err = bac_encode(&bac_type_value, &value, BAC_APPLICATION, &out);
    const struct bac_server_event event = { .kind = BAC_SERVER_WRITTEN,
                                            .object = { BAC_OBJECT_DEVICE, d->instance },
                                            .property = BAC_PROPERTY_DATABASE_REVISION,
                                            .index = BAC_NO_INDEX,
                                            .raw = { memory, out.len },
                                            .lasts = true };
    if (err != BAS_OK ||
        bac_server_restore(bas_station_server(d->station), &event, &unsaid) != BAS_OK) {
        bas_log(&d->env, BAS_LOG_WARNING, "the database revision is not restored: %s", unsaid.text);
    }
}

/* A name may be free only when another object has got its own: so more than once. */
bas_err device_values_restore(struct device *d, struct bas_fault *fault)
{
    struct restoring r = { .device = d, .left = 1 };
    bas_err err = BAS_OK;
    while (d->store != NULL && r.pass < PASSES && r.left != 0 && err == BAS_OK) {
        r.left = 0;
        r.pass++;
        err = bas_values_each(d->store, restore_one, &r, fault);
    }
    if (d->store != NULL && err == BAS_OK) {
        restore_revision(d);
    }
    return err;
}

/* Keeping */

static void tell_failure(struct device *d, const struct bas_fault *fault)
{
    if (!d->has_failed) {
        bas_log(&d->env, BAS_LOG_ERROR, "what was written is not kept: %s", fault->text);
    }
    d->has_failed = true;
}

struct bas_store *device_values_change(struct device *d)
{
    struct bas_fault fault = { 0 };
    if (d->store != NULL && !d->is_changing) {
        d->is_changing = bas_values_begin(d->store, &fault) == BAS_OK;
        if (!d->is_changing) {
            tell_failure(d, &fault);
        }
    }
    return d->is_changing ? d->store : NULL;
}

void device_values_settle(struct device *d)
{
    struct bas_fault fault = { 0 };
    if (!d->is_changing) {
        return;
    }
    d->is_changing = false;
    bas_err err = device_files_keep(d, d->store, &fault);
    if (bas_values_end(d->store, err, &fault) == BAS_OK) {
        d->has_failed = false;
    } else {
        tell_failure(d, &fault);
    }
}

/* Only what the configuration has is remembered as deleted. */
static bas_err keep_deletion(struct bas_store *store, const struct bas_value *value,
                             struct bas_fault *fault)
{
    bool was_created = false;
    bas_err err = bas_values_forget(store, value->type, value->instance, &was_created, fault);
    return err == BAS_OK && !was_created ? bas_values_put(store, value, fault) : err;
}

static bas_err keep(struct bas_store *store, const struct bac_server_event *event,
                    struct bas_fault *fault)
{
    struct bas_value value = { .kind = BAS_VALUE_WRITTEN,
                               .type = event->object.type,
                               .instance = event->object.instance,
                               .property = event->property,
                               .index = event->index,
                               .priority = event->priority,
                               .octets = event->raw };
    if (event->kind == BAC_SERVER_DELETED) {
        value.kind = BAS_VALUE_DELETED;
        return keep_deletion(store, &value, fault);
    }
    if (event->kind == BAC_SERVER_CREATED) {
        value.kind = BAS_VALUE_CREATED;
    } else if (event->object.type == BAC_OBJECT_DEVICE &&
               event->property == BAC_PROPERTY_DATABASE_REVISION) {
        return set_number(store, REVISION, event->value.as.unsigned_integer, fault);
    }
    return bas_values_put(store, &value, fault);
}

void device_values_take(struct device *d, const struct bac_server_event *event)
{
    struct bas_fault fault = { 0 };
    bool lasts = event->kind == BAC_SERVER_WRITTEN
                     ? event->lasts
                     : event->kind == BAC_SERVER_CREATED || event->kind == BAC_SERVER_DELETED;
    /* Of files the content is kept, or of certificates what was activated, not its length. */
    lasts &= event->object.type != BAC_OBJECT_FILE || event->property != BAC_PROPERTY_FILE_SIZE ||
             event->kind != BAC_SERVER_WRITTEN;
    struct bas_store *store = lasts ? device_values_change(d) : NULL;
    if (store != NULL && keep(store, event, &fault) != BAS_OK) {
        tell_failure(d, &fault);
    }
}
