/*
 * Owns the certificates of a device as File objects (clause 19.8.3, spec 7.5): what is read is what
 * the port uses or what was staged in its place; a request for a certificate with a new key, which
 * nobody can read.
 *
 * What is activated stands in a folder of its own beside the values file; the files of the
 * configuration are never touched.
 */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/device/port.h"

#include "rt/textfile.h"

#include "basalt/pki.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_INSTANCE = 4194296, PATH = 4096 };

static const struct {
    const char *name;    /* of the object */
    const char *setting; /* of the path in the store */
    const char *file;    /* its name in the folder, with the number of the activation behind it */
} rows[PORT_FILES] = {
    [PORT_CERTIFICATE] = { "Operational certificate", "port-certificate", "certificate" },
    [PORT_ISSUER_1] = { "Issuer certificate 1", "port-issuer-1", "issuer-1" },
    [PORT_ISSUER_2] = { "Issuer certificate 2", "port-issuer-2", "issuer-2" },
    [PORT_REQUEST] = { "Certificate signing request", NULL, NULL },
};
#define KEY_SETTING    "port-key"
#define NUMBER_SETTING "port-activations"

struct bac_object_id device_certificate_object(unsigned n)
{
    return (struct bac_object_id){ BAC_OBJECT_FILE, FIRST_INSTANCE + n };
}

/* Where they are. */

/* Not of PORT_REQUEST. */
static const char **place_of(struct device_port *p, unsigned n)
{
    return n == PORT_CERTIFICATE ? &p->tls.certificate_file
           : n == PORT_ISSUER_1  ? &p->tls.issuer_files[0]
                                 : &p->tls.issuer_files[1];
}

/* "FOLDER/device-1001.csr" */
static void name_of(const struct device *d, const char *ending, char path[PATH])
{
    (void)snprintf(path, PATH, "%s/device-%u.%s", d->port->folder, (unsigned)d->instance, ending);
}

static const char *path_of(const struct device *d, unsigned n, char request[PATH])
{
    if (n != PORT_REQUEST) {
        const char *path = *place_of(d->port, n);
        return path == NULL || strncmp(path, "pkcs11:", 7) == 0 ? NULL : path;
    }
    if (d->port->folder == NULL) {
        return NULL;
    }
    name_of(d, "csr", request);
    return request;
}

/* The label that RFC 7468 gives to a request, not the one of old tools. */
static void name_request(struct port_file *f)
{
    static const char old[] = "NEW CERTIFICATE REQUEST";
    const size_t len = sizeof(old) - 1;
    for (size_t at = 0; at + len <= f->len; at++) {
        if (memcmp(f->octets + at, old, len) == 0) {
            f->len -= 4;
            memmove(f->octets + at, f->octets + at + 4, f->len - at);
        }
    }
}

/* Takes the content of the file; one that is not there is empty. */
static void load(struct device *d, unsigned n)
{
    struct port_file *f = &d->port->files[n];
    struct bas_textfile file = { NULL, 0 };
    struct bas_fault unsaid = { 0 };
    char request[PATH];
    const char *path = path_of(d, n, request);
    f->len = 0;
    f->is_staged = false;
    if (path != NULL && bas_textfile_read(&d->env, path, PORT_FILE_MAX, &file, &unsaid) == BAS_OK) {
        memcpy(f->octets, file.text, file.len);
        f->len = file.len;
        bas_textfile_free(&d->env, &file);
    }
    if (n == PORT_REQUEST) {
        name_request(f);
    }
}

/* What the File objects do. bsc 7.5-01 7.5-03 */

static uint32_t file_size(void *ctx)
{
    const struct port_file *f = ctx;
    return (uint32_t)f->len;
}

static bas_err file_read(void *ctx, uint32_t start, uint32_t count, struct bas_buf *out,
                         struct bas_fault *fault)
{
    const struct port_file *f = ctx;
    size_t left = start < f->len ? f->len - start : 0;
    (void)fault;
    bas_buf_add(out, f->octets + (left == 0 ? 0 : start), count < left ? count : left);
    return BAS_OK;
}

static bas_err is_full(struct bas_fault *fault)
{
    return bas_fail_code(fault, BAS_ERR_NO_SPACE, BAC_ERROR_CLASS_OBJECT, BAC_ERROR_CODE_FILE_FULL,
                         "a certificate is not longer than %d octets", (int)PORT_FILE_MAX);
}

static bas_err file_write(void *ctx, uint32_t start, struct bas_slice data, struct bas_fault *fault)
{
    struct port_file *f = ctx;
    if (start > PORT_FILE_MAX || data.len > PORT_FILE_MAX - start) {
        return is_full(fault);
    }
    if (data.len != 0) {
        memcpy(f->octets + start, data.data, data.len);
    }
    f->len = start + data.len > f->len ? start + data.len : f->len;
    f->is_staged = true;
    return BAS_OK;
}

static bas_err file_resize(void *ctx, uint32_t size, struct bas_fault *fault)
{
    struct port_file *f = ctx;
    if (size > PORT_FILE_MAX) {
        return is_full(fault);
    }
    if (size > f->len) {
        memset(f->octets + f->len, 0, size - f->len);
    }
    f->len = size;
    f->is_staged = true;
    return BAS_OK;
}

static const struct bac_file_ops staged_ops = { file_size, file_read, file_write, file_resize };
static const struct bac_file_ops read_ops = { file_size, file_read, NULL, NULL };

/* Beginning and end */

/* Beside the values; NULL where nothing is kept. */
static bas_err name_folder(struct device *d, struct bas_fault *fault)
{
    static const char ending[] = ".certificates";
    size_t len = d->values_file == NULL ? 0 : strlen(d->values_file) + sizeof(ending);
    if (len == 0 || len > PATH - 64) {
        return BAS_OK;
    }
    char *folder = bas_keep_take(&d->port->keep, len);
    if (folder == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for certificates");
    }
    (void)snprintf(folder, len, "%s%s", d->values_file, ending);
    d->port->folder = folder;
    return BAS_OK;
}

bas_err device_certificates_open(struct device *d, struct bas_fault *fault)
{
    struct device_port *p = d->port;
    if (d->host != NULL || !p->has_tls) {
        return BAS_OK;
    }
    bas_err err = name_folder(d, fault);
    for (unsigned n = 0; n < PORT_FILES && err == BAS_OK; n++) {
        struct port_file *f = &p->files[n];
        f->octets = bas_alloc(&d->env, PORT_FILE_MAX);
        if (f->octets == NULL) {
            return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for certificates");
        }
        bool is_writable = n != PORT_REQUEST && p->folder != NULL;
        p->file_configs[n] = (struct bac_file_config){ .type = "application/x-pem-file",
                                                       .read_only = !is_writable,
                                                       .max_size = PORT_FILE_MAX,
                                                       .ops = is_writable ? &staged_ops : &read_ops,
                                                       .ctx = f };
        load(d, n);
        p->n_files = n + 1;
    }
    return err;
}

void device_certificates_close(struct device *d)
{
    for (unsigned n = 0; n < PORT_FILES; n++) {
        bas_release(&d->env, d->port->files[n].octets, PORT_FILE_MAX);
    }
}

void device_certificates_describe(struct device *d, unsigned n, struct bac_object_config *object)
{
    const struct bac_object_id id = device_certificate_object(n);
    *object = (struct bac_object_config){ .type = id.type,
                                          .instance = id.instance,
                                          .name = rows[n].name,
                                          .file = &d->port->file_configs[n] };
}

bool device_certificates_are_staged(const struct device *d)
{
    bool any = false;
    for (unsigned n = 0; n < d->port->n_files; n++) {
        any |= d->port->files[n].is_staged;
    }
    return any;
}

void device_certificates_discard(struct device *d)
{
    for (unsigned n = 0; n < d->port->n_files; n++) {
        if (d->port->files[n].is_staged) {
            load(d, n);
        }
    }
}

/* Checking */

static bas_err make_folder(const struct device *d, struct bas_fault *fault)
{
    const char *folder = d->port->folder;
    if (folder == NULL) {
        return bas_fail_code(fault, BAS_ERR_STATE, BAC_ERROR_CLASS_DEVICE,
                             BAC_ERROR_CODE_OPERATIONAL_PROBLEM,
                             "this device keeps nothing: give it a state-file or a values-file");
    }
    return mkdir(folder, 0700) == 0 || errno == EEXIST
               ? BAS_OK
               : bas_textfile_fail(fault, folder, "cannot be made", errno);
}

static bas_err write_file(const struct device *d, unsigned n, unsigned long number,
                          const char **path, struct bas_fault *fault)
{
    const struct port_file *f = &d->port->files[n];
    char name[PATH];
    (void)snprintf(name, sizeof(name), "%s/%s-%lu.pem", d->port->folder, rows[n].file, number);
    bas_err err = bas_textfile_replace(name, (struct bas_slice){ f->octets, f->len }, fault);
    if (err == BAS_OK && (*path == NULL || strcmp(*path, name) != 0)) {
        char *kept = bas_keep_take(&d->port->keep, strlen(name) + 1);
        if (kept == NULL) {
            return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for certificates");
        }
        memcpy(kept, name, strlen(name) + 1);
        *path = kept;
    }
    return err;
}

/* The staged files under a number, and a configuration that names them. Number 0 is for checks. */
static bas_err stage(struct device *d, unsigned long number, struct bas_tls_config *tls,
                     struct bas_fault *fault)
{
    struct bas_tls_config kept = d->port->tls;
    bas_err err = make_folder(d, fault);
    for (unsigned n = 0; n < PORT_REQUEST && err == BAS_OK; n++) {
        const char **place = place_of(d->port, n);
        const char *path = number == 0 ? d->port->checked[n] : NULL;
        if (!d->port->files[n].is_staged) {
            continue;
        }
        err = write_file(d, n, number, &path, fault);
        if (number == 0) {
            d->port->checked[n] = path;
        }
        *place = err == BAS_OK ? path : *place;
    }
    *tls = d->port->tls;
    d->port->tls = kept;
    return err;
}

static bas_err try(const struct device *d, const struct bas_tls_config *tls,
                   struct bas_fault *fault)
{
    struct bas_tls_context *context = bas_tls_context_new(&d->env, tls, fault);
    bas_tls_context_unref(context);
    return context == NULL ? fault->err : BAS_OK;
}

static void use_key(struct bas_tls_config *tls, const char *key)
{
    tls->key_file = key;
    tls->key_password = NULL; /* our keys have none */
    tls->key_password_file = NULL;
    tls->key_password_variable = NULL;
    tls->key_password_credential = NULL;
}

static bas_err no_issuer(struct bas_fault *fault)
{
    return bas_fail_code(fault, BAS_ERR_CONFIG, BAC_ERROR_CLASS_SECURITY,
                         BAC_ERROR_CODE_CERTIFICATE_INVALID, "no issuer certificate would remain");
}

/* bsc 7.5-05 */
static bas_err check(struct device *d, const struct bas_tls_config *tls, bool *takes_new_key,
                     struct bas_fault *fault)
{
    char key[PATH];
    struct bas_tls_config with_key = *tls;
    *takes_new_key = false;
    bas_err err = try(d, tls, fault);
    if (err == BAS_OK || fault->error_code != BAC_ERROR_CODE_UNKNOWN_CERTIFICATE_KEY) {
        bool has_code = fault->error_class != 0 || fault->error_code != 0;
        return err == BAS_OK || has_code ? err : no_issuer(fault);
    }
    name_of(d, "key", key);
    use_key(&with_key, key);
    struct bas_fault second = { 0 };
    if (access(key, R_OK) == 0 && try(d, &with_key, &second) == BAS_OK) {
        *takes_new_key = true;
        return BAS_OK;
    }
    return err;
}

bas_err device_certificates_validate(struct device *d, struct bas_fault *fault)
{
    struct bas_tls_config tls;
    bool takes_new_key;
    if (!device_certificates_are_staged(d)) {
        return BAS_OK;
    }
    bas_err err = stage(d, 0, &tls, fault);
    return err == BAS_OK ? check(d, &tls, &takes_new_key, fault) : err;
}

/* Activation */

static void take_number(void *user, struct bas_slice octets)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%.*s", (int)(octets.len < 20 ? octets.len : 20),
                   (const char *)octets.data);
    *(unsigned long *)user = strtoul(text, NULL, 10);
}

static bas_err keep_path(struct bas_store *store, const char *setting, const char *path,
                         struct bas_fault *fault)
{
    return bas_values_set(store, setting, (struct bas_slice){ (const uint8_t *)path, strlen(path) },
                          fault);
}

/* The pending key gets the number of its certificate. */
static bas_err promote_key(struct device *d, struct bas_store *store, unsigned long number,
                           struct bas_tls_config *tls, struct bas_fault *fault)
{
    char pending[PATH];
    char name[PATH];
    name_of(d, "key", pending);
    (void)snprintf(name, sizeof(name), "%s/key-%lu.pem", d->port->folder, number);
    char *kept = bas_keep_take(&d->port->keep, strlen(name) + 1);
    if (kept == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "out of memory for certificates");
    }
    memcpy(kept, name, strlen(name) + 1);
    if (rename(pending, name) != 0) {
        return bas_textfile_fail(fault, pending, "cannot be renamed", errno);
    }
    use_key(tls, kept);
    return keep_path(store, KEY_SETTING, kept, fault);
}

bas_err device_certificates_activate(struct device *d, struct bas_store *store,
                                     struct bas_fault *fault)
{
    struct bas_tls_config tls = d->port->tls;
    unsigned long number = 0;
    bool takes_new_key = false;
    char text[24];
    if (!device_certificates_are_staged(d)) {
        return BAS_OK;
    }
    if (store == NULL) {
        return bas_fail(fault, BAS_ERR_IO, "they cannot be kept");
    }
    bas_err err = bas_values_get(store, NUMBER_SETTING, take_number, &number, fault);
    number++;
    (void)snprintf(text, sizeof(text), "%lu", number);
    err = err == BAS_OK ? stage(d, number, &tls, fault) : err;
    err = err == BAS_OK ? check(d, &tls, &takes_new_key, fault) : err;
    err = err == BAS_OK && takes_new_key ? promote_key(d, store, number, &tls, fault) : err;
    err = err == BAS_OK ? keep_path(store, NUMBER_SETTING, text, fault) : err;
    for (unsigned n = 0; n < PORT_REQUEST && err == BAS_OK; n++) {
        if (d->port->files[n].is_staged) {
            const struct bas_tls_config before = d->port->tls;
            d->port->tls = tls;
            err = keep_path(store, rows[n].setting, *place_of(d->port, n), fault);
            d->port->tls = before;
        }
    }
    if (err == BAS_OK) {
        d->port->tls = tls;
        d->port->is_changed = true;
        for (unsigned n = 0; n < PORT_REQUEST; n++) {
            d->port->files[n].is_staged = false;
        }
    }
    return err;
}

/* What was activated before this start. */

struct recalled {
    struct device *device;
    const char **place;
    bool any;
};

static void take_path(void *user, struct bas_slice octets)
{
    struct recalled *r = user;
    char *kept = bas_keep_take(&r->device->port->keep, octets.len + 1);
    if (kept != NULL && octets.len != 0) {
        memcpy(kept, octets.data, octets.len);
        *r->place = kept;
        r->any = true;
    }
}

bas_err device_certificates_recall(struct device *d, bool *any, struct bas_fault *fault)
{
    struct device_port *p = d->port;
    const char *key = NULL;
    struct recalled r = { .device = d };
    bas_err err = BAS_OK;
    if (d->host != NULL || !p->has_tls) {
        return BAS_OK;
    }
    for (unsigned n = 0; n < PORT_REQUEST && err == BAS_OK; n++) {
        r.place = place_of(p, n);
        err = bas_values_get(d->store, rows[n].setting, take_path, &r, fault);
    }
    r.place = &key;
    err = err == BAS_OK ? bas_values_get(d->store, KEY_SETTING, take_path, &r, fault) : err;
    if (key != NULL) {
        use_key(&p->tls, key);
    }
    p->is_changed = r.any;
    *any |= r.any;
    return err;
}

bas_err device_certificates_forget(struct bas_store *store, struct bas_fault *fault)
{
    static const struct bas_slice none = { NULL, 0 };
    bas_err err = bas_values_set(store, KEY_SETTING, none, fault);
    for (unsigned n = 0; n < PORT_REQUEST && err == BAS_OK; n++) {
        err = bas_values_set(store, rows[n].setting, none, fault);
    }
    return err;
}

/* Requests */

/* The names of the certificate that we have are asked for again. */
bas_err device_certificates_request(struct device *d, struct bas_fault *fault)
{
    struct bas_pki_certificate now = { .n_names = 0 };
    struct bas_pki_csr made;
    struct bas_fault why = { 0 };
    const char *names[BAS_PKI_NAMES];
    const struct bsc_uuid uuid = bas_station_uuid(d->station);
    char name[BAS_PKI_DEVICE_NAME];
    char path[PATH];
    (void)snprintf(name, sizeof(name), "device-%u", (unsigned)d->instance);
    struct bas_pki_csr_request request = { .size = sizeof(request),
                                           .directory = d->port->folder,
                                           .name = name,
                                           .names = names,
                                           .uuid = uuid.octets };
    bas_err err = d->port->n_files == 0 ? BAS_ERR_STATE : make_folder(d, &why);
    if (err == BAS_OK &&
        bas_pki_show(&d->env, d->port->tls.certificate_file, &now, &why) == BAS_OK) {
        for (size_t i = 0; i < now.n_names && i < BAS_PKI_NAMES; i++) {
            if (strncmp(now.names[i], "dns:", 4) == 0 || strncmp(now.names[i], "ip:", 3) == 0) {
                names[request.n_names++] = now.names[i];
            }
        }
    }
    if (err == BAS_OK) {
        name_of(d, "key", path);
        (void)unlink(path); /* of a request that led to nothing */
        name_of(d, "csr", path);
        (void)unlink(path);
        err = bas_pki_request(&d->env, &request, &made, &why);
    }
    if (err != BAS_OK) {
        return bas_fail_code(fault, err, BAC_ERROR_CLASS_DEVICE, BAC_ERROR_CODE_OPERATIONAL_PROBLEM,
                             "no request was made: %s", why.text);
    }
    load(d, PORT_REQUEST);
    return BAS_OK;
}
