/* Owns the content of the files of a device's settings that can be written: what was written is
 * kept in the store, whole, once for each turn. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/device/device.h"

#include <stdio.h>
#include <string.h>

enum { NAME = 32 };

struct device_file {
    struct device *device;
    struct bac_file_config config;
    uint32_t instance;
    uint8_t *octets; /* config.max_size */
    size_t len;
    bool is_changed; /* and not kept yet */
};

struct device_files {
    struct device_file *items;
    size_t n, cap;
};

static uint32_t file_size(void *ctx)
{
    const struct device_file *f = ctx;
    return (uint32_t)f->len;
}

static bas_err file_read(void *ctx, uint32_t start, uint32_t count, struct bas_buf *out,
                         struct bas_fault *fault)
{
    const struct device_file *f = ctx;
    size_t left = start < f->len ? f->len - start : 0;
    (void)fault;
    if (left != 0) {
        bas_buf_add(out, f->octets + start, count < left ? count : left);
    }
    return BAS_OK;
}

static bas_err is_full(const struct device_file *f, struct bas_fault *fault)
{
    return bas_fail_code(fault, BAS_ERR_NO_SPACE, BAC_ERROR_CLASS_OBJECT, BAC_ERROR_CODE_FILE_FULL,
                         "the file has room for %u octets (max-size)",
                         (unsigned)f->config.max_size);
}

static void note(struct device_file *f)
{
    f->is_changed = device_values_change(f->device) != NULL;
}

static bas_err file_write(void *ctx, uint32_t start, struct bas_slice data, struct bas_fault *fault)
{
    struct device_file *f = ctx;
    if (start > f->config.max_size || data.len > f->config.max_size - start) {
        return is_full(f, fault);
    }
    if (data.len != 0) {
        memcpy(f->octets + start, data.data, data.len);
    }
    f->len = start + data.len > f->len ? start + data.len : f->len;
    note(f);
    return BAS_OK;
}

static bas_err file_resize(void *ctx, uint32_t size, struct bas_fault *fault)
{
    struct device_file *f = ctx;
    if (size > f->config.max_size) {
        return is_full(f, fault);
    }
    if (size > f->len) {
        memset(f->octets + f->len, 0, size - f->len);
    }
    f->len = size;
    note(f);
    return BAS_OK;
}

static const struct bac_file_ops ops = { file_size, file_read, file_write, file_resize };

/* The store */

static const char *setting_of(const struct device_file *f, char name[NAME])
{
    (void)snprintf(name, NAME, "file-%u", (unsigned)f->instance);
    return name;
}

static void take_content(void *user, struct bas_slice octets)
{
    struct device_file *f = user;
    if (octets.len <= f->config.max_size) {
        if (octets.len != 0) {
            memcpy(f->octets, octets.data, octets.len);
        }
        f->len = octets.len;
    } else {
        bas_log(&f->device->env, BAS_LOG_WARNING,
                "file,%u: what was kept is longer than max-size, and is left",
                (unsigned)f->instance);
    }
}

bas_err device_files_keep(struct device *d, struct bas_store *store, struct bas_fault *fault)
{
    bas_err err = BAS_OK;
    char name[NAME];
    for (size_t i = 0; d->files != NULL && i < d->files->n && err == BAS_OK; i++) {
        struct device_file *f = &d->files->items[i];
        if (f->is_changed) {
            err = bas_values_set(store, setting_of(f, name),
                                 (struct bas_slice){ f->octets, f->len }, fault);
            f->is_changed = false;
        }
    }
    return err;
}

/* Beginning and end */

static bool is_kept(const struct bac_object_config *object)
{
    return object->type == BAC_OBJECT_FILE && object->file != NULL && object->file->ops == NULL &&
           !object->file->read_only && !object->file->by_record;
}

static bas_err add(struct device *d, struct bac_object_config *object, struct bas_fault *fault)
{
    struct device_file *f = &d->files->items[d->files->n];
    const struct bac_file_config *from = object->file;
    char name[NAME];
    *f = (struct device_file){ .device = d, .config = *from, .instance = object->instance };
    f->octets = bas_alloc(&d->env, from->max_size);
    if (f->octets == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for file,%u",
                        (unsigned)f->instance);
    }
    d->files->n++;
    if (from->content.len != 0) {
        memcpy(f->octets, from->content.data, from->content.len);
    }
    f->len = from->content.len;
    f->config.content = (struct bas_slice){ NULL, 0 };
    f->config.ops = &ops;
    f->config.ctx = f;
    object->file = &f->config;
    return bas_values_get(d->store, setting_of(f, name), take_content, f, fault);
}

bas_err device_files_open(struct device *d, struct bac_object_config *objects, size_t n,
                          struct bas_fault *fault)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        kept += is_kept(&objects[i]) ? 1 : 0;
    }
    if (kept == 0 || d->store == NULL) {
        return BAS_OK;
    }
    d->files = bas_alloc(&d->env, sizeof(*d->files));
    if (d->files != NULL) {
        d->files->items = bas_alloc(&d->env, kept * sizeof(*d->files->items));
    }
    if (d->files == NULL || d->files->items == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for files");
    }
    d->files->cap = kept;
    bas_err err = BAS_OK;
    for (size_t i = 0; i < n && err == BAS_OK; i++) {
        err = is_kept(&objects[i]) ? add(d, &objects[i], fault) : BAS_OK;
    }
    return err;
}

void device_files_close(struct device *d)
{
    struct device_files *files = d->files;
    if (files == NULL) {
        return;
    }
    for (size_t i = 0; i < files->n; i++) {
        bas_release(&d->env, files->items[i].octets, files->items[i].config.max_size);
    }
    bas_release(&d->env, files->items, files->cap * sizeof(*files->items));
    bas_release(&d->env, files, sizeof(*files));
    d->files = NULL;
}
