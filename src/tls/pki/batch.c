/* Owns issuing certificates to a whole list of devices: all or none, once, with a manifest. */
#include "basalt/pki.h"

#include "tls/describe.h"
#include "tls/file.h"
#include "tls/pki/devices.h"
#include "tls/pki/work.h"

#include <stdio.h>
#include <string.h>

enum { MANIFEST_LINE = 2 * BAS_PKI_PATH + 400, MANIFEST_HEAD = 100 };
static const char manifest_head[] = "name,serial,uuid,fingerprint,not_after,certificate_file,"
                                    "key_file\n";

/* One run. */
struct run {
    struct bas_pki_work work;
    struct bas_pki_devices devices;
    const struct bas_pki_batch_request *request;
    struct bas_pki_batch *batch;
};

static bas_err check(const struct bas_pki_batch_request *request, struct bas_fault *fault)
{
    bas_err err = bas_pki_directory_check(request->directory, fault);
    if (err == BAS_OK && request->file == NULL) {
        err = bas_fail(fault, BAS_ERR_INVALID, "no list of devices is named");
    }
    return err == BAS_OK ? bas_pki_days_check(request->days, fault) : err;
}

/* devices.csv: DIRECTORY/devices.manifest.csv. One that we did not write is respected. */
static bas_err find_manifest(struct run *run)
{
    char name[BAS_PKI_PATH];
    const char *slash = strrchr(run->request->file, '/');
    (void)snprintf(name, sizeof(name), "%s", slash != NULL ? slash + 1 : run->request->file);
    char *dot = strrchr(name, '.');
    if (dot != NULL && dot != name) {
        *dot = 0;
    }
    char *path = run->batch->manifest_file;
    bas_err err =
        bas_pki_path(path, run->request->directory, name, ".manifest.csv", run->work.fault);
    if (err != BAS_OK || !bas_tls_file_exists(path)) {
        return err;
    }
    struct bas_pki_text text;
    err = bas_pki_text_read(run->work.env, path, &text, run->work.fault);
    bool is_ours = err == BAS_OK && strncmp(text.text, manifest_head, strlen(manifest_head)) == 0;
    bas_pki_text_free(run->work.env, &text);
    if (err == BAS_OK && !is_ours) {
        err = bas_fail(run->work.fault, BAS_ERR_EXISTS,
                       "%s exists and is no manifest of ours: move it, or give the list another "
                       "name; nothing was changed",
                       path);
    }
    return err;
}

/* What is there already */

static void remember(struct bas_pki_device *device, const struct bas_pki_certificate *certificate)
{
    (void)snprintf(device->serial, sizeof(device->serial), "%s", certificate->serial);
    device->has_certified_uuid = certificate->has_uuid;
    memcpy(device->certified_uuid, certificate->uuid, sizeof(device->certified_uuid));
    memcpy(device->fingerprint, certificate->fingerprint, sizeof(device->fingerprint));
    device->not_after = certificate->not_after;
}

/* Whether the certificate has exactly the names of the row, in any order, and its UUID. */
static bool has_same_names(const struct bas_pki_device *device,
                           const struct bas_pki_certificate *certificate)
{
    size_t n = 0;
    for (size_t i = 0; i < certificate->n_names && i < BAS_PKI_NAMES; i++) {
        n += strncmp(certificate->names[i], "uri:", 4) != 0;
    }
    size_t n_found = 0;
    for (size_t i = 0; i < device->n_names; i++) {
        struct bas_pki_names wanted = { .n = 0 };
        struct bas_pki_certificate as_text = { .n_names = 0 };
        bool is_found = false;
        if (bas_pki_names_add(&wanted, device->names[i], NULL) != BAS_OK) {
            return false;
        }
        bas_pki_describe_name(&as_text, &wanted.items[0]);
        for (size_t k = 0; k < certificate->n_names && k < BAS_PKI_NAMES && !is_found; k++) {
            is_found = strcmp(certificate->names[k], as_text.names[0]) == 0;
        }
        n_found += is_found;
    }
    return n_found == device->n_names && n == device->n_names;
}

/* Why a certificate that is there is not what the row asks for, or NULL. */
static const char *difference(const struct run *run, const struct bas_pki_device *device,
                              const struct bas_pki_certificate *certificate)
{
    const struct bas_pki_issued *known = bas_pki_index_find(&run->work.index, certificate->serial);
    if (known == NULL) {
        return "is not in the index of this authority";
    }
    if (known->revoked != 0) {
        return "was revoked";
    }
    if (device->has_uuid &&
        (!certificate->has_uuid ||
         !bas_equal_secret(device->uuid, certificate->uuid, sizeof(device->uuid)))) {
        return "has another UUID";
    }
    return has_same_names(device, certificate) ? NULL : "has other names";
}

/* What stands in the way of a new certificate, so that it is told before any is made. */
static void look_at_new(struct run *run, const struct bas_pki_device *device)
{
    struct bas_fault *fault = run->work.fault;
    struct bas_fault why;
    unsigned days = device->days != 0 ? device->days : run->request->days;
    run->work.fault = &why;
    if (bas_pki_work_term(&run->work, days != 0 ? days : BAS_PKI_DEVICE_DAYS) != BAS_OK) {
        bas_pki_mistake(run->batch, device->line, "%.180s", why.text);
    }
    run->work.fault = fault;
    const struct bas_pki_issued *other =
        device->has_uuid ? bas_pki_index_find_uuid(&run->work.index, device->uuid, device->name,
                                                   bas_tls_now(run->work.env))
                         : NULL;
    if (other != NULL) {
        bas_pki_mistake(run->batch, device->line, "its UUID belongs to %s", other->name);
    }
}

static bas_err look_at(struct run *run, struct bas_pki_device *device)
{
    struct bas_pki_pair paths;
    struct bas_fault why;
    bas_err err = bas_pki_paths(&paths, run->request->directory, device->name, run->work.fault);
    if (err != BAS_OK) {
        return err;
    }
    if (!bas_tls_file_exists(paths.certificate_file)) {
        if (bas_tls_file_exists(paths.key_file)) {
            bas_pki_mistake(run->batch, device->line,
                            "%.120s is there without a certificate: move it away", paths.key_file);
        }
        look_at_new(run, device);
        return BAS_OK;
    }
    err = bas_pki_show(run->work.env, paths.certificate_file, &paths.certificate, &why);
    if (err == BAS_ERR_NO_MEMORY) {
        return bas_fail(run->work.fault, err, "%s", why.text);
    }
    const char *what = err == BAS_OK ? difference(run, device, &paths.certificate) : why.text;
    if (what != NULL) {
        bas_pki_mistake(run->batch, device->line,
                        "%.80s %.80s: move its files away, or correct the list",
                        paths.certificate_file, what);
    }
    device->is_present = true;
    remember(device, &paths.certificate);
    return BAS_OK;
}

static bas_err tell_mistakes(const struct run *run)
{
    const struct bas_pki_batch *batch = run->batch;
    if (batch->n_mistakes == 0) {
        return BAS_OK;
    }
    return bas_fail(run->work.fault, BAS_ERR_CONFIG,
                    "%.100s: %zu mistake%s (the first in line %u: %.60s...); nothing was made",
                    run->request->file, batch->n_mistakes, batch->n_mistakes == 1 ? "" : "s",
                    batch->mistakes[0].line, batch->mistakes[0].text);
}

static bas_err look_at_all(struct run *run)
{
    bas_err err = BAS_OK;
    for (size_t i = 0; i < run->devices.n && err == BAS_OK; i++) {
        struct bas_pki_device *device = &run->devices.items[i];
        err = look_at(run, device);
        run->batch->n_new += !device->is_present;
        device->days = device->days != 0 ? device->days : run->request->days;
    }
    run->batch->n = run->devices.n;
    return err == BAS_OK ? tell_mistakes(run) : err;
}

/* Making */

static bas_err stage(struct run *run, const struct bas_pki_pair *paths,
                     struct bas_pki_certificate *certificate)
{
    gnutls_datum_t pem = { NULL, 0 };
    gnutls_datum_t key = { NULL, 0 };
    bas_err err = bas_pki_work_pem(&run->work, &pem, certificate);
    if (err != BAS_OK) {
        return err;
    }
    err = bas_pki_work_key_pem(&run->work, run->request->key_password, &key);
    if (err == BAS_OK) {
        err = bas_pki_file_stage(paths->key_file, key, 0600, run->work.fault);
    }
    if (err == BAS_OK) {
        err = bas_pki_file_stage(paths->certificate_file, pem, 0644, run->work.fault);
    }
    bas_pki_key_pem_free(&key);
    gnutls_free(pem.data);
    return err;
}

static bas_err make(struct run *run, struct bas_pki_device *device)
{
    struct bas_pki_pair paths;
    struct bas_pki_device_request one = { .size = sizeof(one) };
    one.directory = run->request->directory;
    one.name = device->name;
    one.names = device->names;
    one.n_names = device->n_names;
    one.days = device->days;
    one.uuid = device->has_uuid ? device->uuid : NULL;
    bas_err err = bas_pki_paths(&paths, one.directory, one.name, run->work.fault);
    if (err == BAS_OK) {
        err = bas_pki_device_make(&run->work, &one);
    }
    if (err == BAS_OK) {
        err = stage(run, &paths, &paths.certificate);
    }
    if (err == BAS_OK) {
        remember(device, &paths.certificate);
        err = bas_pki_index_add(run->work.env, &run->work.index, device->name, &paths.certificate,
                                BAS_PKI_ISSUED);
    }
    return err == BAS_ERR_NO_MEMORY
               ? bas_fail(run->work.fault, err, "no memory for the certificate of %s", one.name)
               : err;
}

static bas_err make_all(struct run *run)
{
    bas_err err = BAS_OK;
    size_t done = 0;
    for (size_t i = 0; i < run->devices.n && err == BAS_OK; i++) {
        if (!run->devices.items[i].is_present) {
            err = make(run, &run->devices.items[i]);
            done += err == BAS_OK;
            if (run->request->progress != NULL && err == BAS_OK) {
                run->request->progress(run->request->progress_ctx, done, run->batch->n_new);
            }
        }
    }
    return err;
}

/* Every pair by settle, or away. */
static bas_err finish(const struct run *run, bool is_good)
{
    bas_err err = BAS_OK;
    for (size_t i = 0; i < run->devices.n; i++) {
        const struct bas_pki_device *device = &run->devices.items[i];
        struct bas_pki_pair paths;
        if (device->is_present ||
            bas_pki_paths(&paths, run->request->directory, device->name, NULL) != BAS_OK) {
            continue;
        }
        if (is_good && err == BAS_OK) {
            err = bas_pki_file_settle(paths.key_file, run->work.fault);
        }
        if (is_good && err == BAS_OK) {
            err = bas_pki_file_settle(paths.certificate_file, run->work.fault);
        }
        if (!is_good || err != BAS_OK) {
            bas_pki_file_unstage(paths.key_file);
            bas_pki_file_unstage(paths.certificate_file);
        }
    }
    return err;
}

/* The manifest */

static void add_line(struct bas_buf *out, const char *directory,
                     const struct bas_pki_device *device)
{
    struct bas_pki_pair paths;
    char urn[BAS_PKI_UUID_URN];
    char time[BAS_TLS_TIME_TEXT];
    char hex[2 * sizeof(device->fingerprint) + 1];
    struct bas_buf fingerprint;
    if (bas_pki_paths(&paths, directory, device->name, NULL) != BAS_OK) {
        return; /* it was possible when the certificate was made */
    }
    bas_buf_init(&fingerprint, hex, sizeof(hex));
    bas_buf_add_hex(&fingerprint,
                    (struct bas_slice){ device->fingerprint, sizeof(device->fingerprint) });
    const char *uuid = device->has_certified_uuid
                           ? bas_pki_uuid_urn(urn, device->certified_uuid) + strlen("urn:uuid:")
                           : "";
    bool has_key = bas_tls_file_exists(paths.key_file);
    const char *const cells[] = { device->name,
                                  device->serial,
                                  uuid,
                                  bas_buf_text(&fingerprint),
                                  bas_tls_time_text(time, device->not_after),
                                  paths.certificate_file,
                                  has_key ? paths.key_file : "" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(cells); i++) {
        bas_pki_csv_add(out, i == 0, cells[i]);
    }
    bas_buf_add_text(out, "\n");
}

static bas_err write_manifest(const struct run *run)
{
    const struct bas_env *env = run->work.env;
    const char *path = run->batch->manifest_file;
    struct bas_pki_text old = { .text = NULL };
    size_t cap = MANIFEST_HEAD + run->devices.n * MANIFEST_LINE;
    char *memory = bas_alloc(env, cap);
    if (memory == NULL) {
        return bas_fail(run->work.fault, BAS_ERR_NO_MEMORY, "no memory to write %s", path);
    }
    struct bas_buf out;
    bas_buf_init(&out, memory, cap);
    bas_buf_add_text(&out, manifest_head);
    for (size_t i = 0; i < run->devices.n; i++) {
        add_line(&out, run->request->directory, &run->devices.items[i]);
    }
    bool is_same = bas_tls_file_exists(path) &&
                   bas_pki_text_read(env, path, &old, NULL) == BAS_OK &&
                   strcmp(old.text, bas_buf_text(&out)) == 0;
    bas_pki_text_free(env, &old);
    bas_err err = is_same
                      ? BAS_OK
                      : bas_pki_file_replace(path, (gnutls_datum_t){ out.data, (unsigned)out.len },
                                             0644, run->work.fault);
    bas_release(env, memory, cap);
    return err;
}

/* The index is on the disk before the first certificate is in place: all are on the disk by then.
 */
static bas_err make_new(struct run *run)
{
    bas_err err = make_all(run);
    if (err == BAS_OK) {
        err = bas_pki_file_sync(run->request->directory, run->work.fault);
    }
    if (err == BAS_OK) {
        err = bas_pki_index_save(run->work.env, run->request->directory, &run->work.index,
                                 run->work.fault);
    }
    bas_err last = finish(run, err == BAS_OK);
    return err == BAS_OK ? last : err;
}

static bas_err run_all(struct run *run)
{
    bas_err err = find_manifest(run);
    if (err == BAS_OK) {
        err = bas_pki_work_open(&run->work, run->request->ca_password);
    }
    if (err == BAS_OK) {
        err = bas_pki_devices_read(&run->devices, run->request->file, run->work.fault);
    }
    if (err == BAS_OK) {
        err = look_at_all(run);
    }
    if (err == BAS_OK && run->batch->n_new != 0) {
        err = make_new(run);
    }
    return err == BAS_OK ? write_manifest(run) : err;
}

bas_err bas_pki_issue_list(const struct bas_env *env, const struct bas_pki_batch_request *request,
                           struct bas_pki_batch *batch, struct bas_fault *fault)
{
    struct bas_pki_batch_request known = { 0 };
    memcpy(&known, request, request->size < sizeof(known) ? request->size : sizeof(known));
    memset(batch, 0, sizeof(*batch));
    struct run run = { .request = &known, .batch = batch };
    run.devices = (struct bas_pki_devices){ .env = env, .told = batch };
    bas_pki_work_init(&run.work, env, known.directory, fault);
    bas_err err = check(&known, fault);
    if (err == BAS_OK) {
        err = run_all(&run);
    }
    bas_pki_devices_free(&run.devices);
    bas_pki_work_fini(&run.work);
    return err;
}
