/* Owns index.csv: which certificates an authority issued, and which of them were revoked. */
#define _POSIX_C_SOURCE 200809L
#include "tls/pki/index.h"

#include "tls/file.h"
#include "tls/identity.h"
#include "tls/pki/csv.h"
#include "tls/pki/file.h"
#include "tls/pki/name.h"

#include <stdio.h>
#include <string.h>

enum { COLUMNS = 8, FIRST_CAP = 64, LINE_MAX_OCTETS = 400 };
static const char head[] = "serial,name,uuid,not_before,not_after,origin,revoked,reason\n";
static const char *const origins[] = { [BAS_PKI_ISSUED] = "issue",
                                       [BAS_PKI_SIGNED] = "sign",
                                       [BAS_PKI_RENEWED] = "renew",
                                       [BAS_PKI_FOUND] = "found" };

/* Memory */

static struct bas_pki_issued *add(const struct bas_env *env, struct bas_pki_index *index)
{
    if (index->n == index->cap) {
        size_t cap = index->cap == 0 ? FIRST_CAP : 2 * index->cap;
        struct bas_pki_issued *items = bas_alloc(env, cap * sizeof(*items));
        if (items == NULL) {
            return NULL;
        }
        if (index->n != 0) {
            memcpy(items, index->items, index->n * sizeof(*items));
        }
        bas_release(env, index->items, index->cap * sizeof(*items));
        index->items = items;
        index->cap = cap;
    }
    return &index->items[index->n++];
}

void bas_pki_index_free(const struct bas_env *env, struct bas_pki_index *index)
{
    bas_release(env, index->items, index->cap * sizeof(*index->items));
    *index = (struct bas_pki_index){ 0 };
}

/* Other authorities' numbers may begin with an octet 00, or be written without it. */
static const char *without_zeros(const char *serial)
{
    while (strncmp(serial, "00", 2) == 0 && serial[2] != 0) {
        serial += 2;
    }
    return serial;
}

struct bas_pki_issued *bas_pki_index_find(const struct bas_pki_index *index, const char *serial)
{
    serial = without_zeros(serial);
    for (size_t i = 0; i < index->n; i++) {
        if (strcmp(without_zeros(index->items[i].serial), serial) == 0) {
            return &index->items[i];
        }
    }
    return NULL;
}

const struct bas_pki_issued *bas_pki_index_find_uuid(const struct bas_pki_index *index,
                                                     const uint8_t uuid[16], const char *name,
                                                     int64_t now)
{
    for (size_t i = 0; i < index->n; i++) {
        const struct bas_pki_issued *item = &index->items[i];
        if (item->has_uuid && bas_equal_secret(item->uuid, uuid, sizeof(item->uuid)) &&
            item->revoked == 0 && item->not_after >= now && strcmp(item->name, name) != 0) {
            return item;
        }
    }
    return NULL;
}

bool bas_pki_index_key_is_elsewhere(const struct bas_pki_index *index, const char *name)
{
    for (size_t i = 0; i < index->n; i++) {
        if (index->items[i].origin == BAS_PKI_SIGNED && strcmp(index->items[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

bas_err bas_pki_index_add(const struct bas_env *env, struct bas_pki_index *index, const char *name,
                          const struct bas_pki_certificate *certificate, enum bas_pki_origin origin)
{
    struct bas_pki_issued *item = add(env, index);
    if (item == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    *item = (struct bas_pki_issued){ .has_uuid = certificate->has_uuid,
                                     .not_before = certificate->not_before,
                                     .not_after = certificate->not_after,
                                     .origin = origin };
    (void)snprintf(item->serial, sizeof(item->serial), "%s", certificate->serial);
    (void)snprintf(item->name, sizeof(item->name), "%s", name);
    memcpy(item->uuid, certificate->uuid, sizeof(item->uuid));
    return BAS_OK;
}

/* Reading */

/* Days since 1970 of a day in the Gregorian calendar; the year begins in March. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719468;
}

/* "2026-01-01T00:00:00Z". False: it is none. */
static bool read_time(const char *text, int64_t *seconds)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:ddZ";
    int64_t fields[6] = { 0 };
    size_t field = 0;
    for (size_t i = 0; i < sizeof(shape); i++) {
        if (shape[i] != 'd' ? text[i] != shape[i] : text[i] < '0' || text[i] > '9') {
            return false;
        }
        if (shape[i] == 'd') {
            fields[field] = fields[field] * 10 + (text[i] - '0');
        } else {
            field++;
        }
    }
    *seconds = days_of(fields[0], fields[1], fields[2]) * 86400 + fields[3] * 3600 +
               fields[4] * 60 + fields[5];
    return fields[0] >= 1 && fields[1] >= 1 && fields[1] <= 12 && fields[2] >= 1 && fields[2] <= 31;
}

static bool read_uuid(const char *text, struct bas_pki_issued *item)
{
    char urn[BAS_PKI_UUID_URN];
    item->has_uuid = text[0] != 0;
    if (!item->has_uuid) {
        return true;
    }
    int n = snprintf(urn, sizeof(urn), "urn:uuid:%s", text);
    return n == BAS_PKI_UUID_URN - 1 &&
           bas_tls_uuid_parse((struct bas_slice){ (const uint8_t *)urn, (size_t)n }, item->uuid);
}

static bool read_origin(const char *text, struct bas_pki_issued *item)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(origins); i++) {
        if (strcmp(text, origins[i]) == 0) {
            item->origin = (enum bas_pki_origin)i;
            return true;
        }
    }
    return false;
}

/* The name of the column that cannot be read, or NULL. */
static const char *read_item(const struct bas_pki_csv *csv, struct bas_pki_issued *item)
{
    static const char digits[] = "0123456789abcdef";
    size_t len = strlen(csv->cells[0]);
    if (len == 0 || len >= sizeof(item->serial) || strspn(csv->cells[0], digits) != len) {
        return "serial";
    }
    (void)snprintf(item->serial, sizeof(item->serial), "%s", csv->cells[0]);
    if (bas_pki_name_check(csv->cells[1], NULL) != BAS_OK) {
        return "name";
    }
    (void)snprintf(item->name, sizeof(item->name), "%s", csv->cells[1]);
    if (!read_uuid(csv->cells[2], item)) {
        return "uuid";
    }
    if (!read_time(csv->cells[3], &item->not_before)) {
        return "not_before";
    }
    if (!read_time(csv->cells[4], &item->not_after)) {
        return "not_after";
    }
    if (!read_origin(csv->cells[5], item)) {
        return "origin";
    }
    if (csv->cells[6][0] != 0 && !read_time(csv->cells[6], &item->revoked)) {
        return "revoked";
    }
    return item->revoked != 0 && !bas_pki_reason_find(csv->cells[7], &item->reason) ? "reason"
                                                                                    : NULL;
}

static bas_err read_all(const struct bas_env *env, const char *path, char *text,
                        struct bas_pki_index *index, struct bas_fault *fault)
{
    struct bas_pki_csv csv;
    const char *why = NULL;
    bas_pki_csv_init(&csv, text);
    bas_err err = bas_pki_csv_next(&csv, &why); /* the names of the columns */
    while (err == BAS_OK) {
        err = bas_pki_csv_next(&csv, &why);
        if (err != BAS_OK) {
            break;
        }
        struct bas_pki_issued item = { .revoked = 0 };
        why = csv.n == COLUMNS ? read_item(&csv, &item) : "number of values";
        struct bas_pki_issued *added = why == NULL ? add(env, index) : NULL;
        if (added != NULL) {
            *added = item;
        }
        err = why != NULL ? BAS_ERR_MALFORMED : added == NULL ? BAS_ERR_NO_MEMORY : BAS_OK;
    }
    if (err == BAS_ERR_MALFORMED) {
        return bas_fail(fault, err,
                        "%s:%u: cannot be read (%s): put the file back from a backup, or move it "
                        "away; then one is made of the certificates in the folder",
                        path, csv.line, why);
    }
    return err == BAS_ERR_CLOSED ? BAS_OK : bas_fail(fault, err, "no memory to read %s", path);
}

bas_err bas_pki_index_load(const struct bas_env *env, const char *directory,
                           struct bas_pki_index *index, bool *is_missing, struct bas_fault *fault)
{
    char path[BAS_PKI_PATH];
    struct bas_pki_text text;
    *index = (struct bas_pki_index){ 0 };
    bas_err err = bas_pki_path(path, directory, "index", ".csv", fault);
    *is_missing = err == BAS_OK && !bas_tls_file_exists(path);
    if (err != BAS_OK || *is_missing) {
        return err;
    }
    err = bas_pki_text_read(env, path, &text, fault);
    if (err == BAS_OK) {
        err = read_all(env, path, text.text, index, fault);
        bas_pki_text_free(env, &text);
    }
    return err;
}

/* Writing */

static void write_item(struct bas_buf *out, const struct bas_pki_issued *item)
{
    char urn[BAS_PKI_UUID_URN];
    char time[BAS_TLS_TIME_TEXT];
    bas_pki_csv_add(out, true, item->serial);
    bas_pki_csv_add(out, false, item->name);
    bas_pki_csv_add(out, false,
                    item->has_uuid ? bas_pki_uuid_urn(urn, item->uuid) + strlen("urn:uuid:") : "");
    bas_pki_csv_add(out, false, bas_tls_time_text(time, item->not_before));
    bas_pki_csv_add(out, false, bas_tls_time_text(time, item->not_after));
    bas_pki_csv_add(out, false, origins[item->origin]);
    bool is_revoked = item->revoked != 0;
    bas_pki_csv_add(out, false, is_revoked ? bas_tls_time_text(time, item->revoked) : "");
    bas_pki_csv_add(out, false, is_revoked ? bas_pki_reason_name(item->reason) : "");
    bas_buf_add_text(out, "\n");
}

bas_err bas_pki_index_save(const struct bas_env *env, const char *directory,
                           const struct bas_pki_index *index, struct bas_fault *fault)
{
    char path[BAS_PKI_PATH];
    bas_err err = bas_pki_path(path, directory, "index", ".csv", fault);
    if (err != BAS_OK) {
        return err;
    }
    size_t cap = sizeof(head) + index->n * LINE_MAX_OCTETS;
    char *memory = bas_alloc(env, cap);
    if (memory == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "no memory to write %s", path);
    }
    struct bas_buf out;
    bas_buf_init(&out, memory, cap);
    bas_buf_add_text(&out, head);
    for (size_t i = 0; i < index->n; i++) {
        write_item(&out, &index->items[i]);
    }
    err = bas_pki_file_replace(path, (gnutls_datum_t){ out.data, (unsigned)out.len }, 0644, fault);
    bas_release(env, memory, cap);
    return err;
}

/* What is in the folder */

/* By names and key identifiers; a signature is not looked at, for nobody is trusted by this. */
static bool is_of(const struct bas_pki_certificate *certificate,
                  const struct bas_pki_certificate *authority)
{
    return !certificate->is_ca && strcmp(certificate->issuer, authority->subject) == 0 &&
           (certificate->authority_key_id[0] == 0 ||
            strcmp(certificate->authority_key_id, authority->subject_key_id) == 0);
}

static bas_err adopt(const struct bas_env *env, const struct bas_pki_list *list,
                     struct bas_pki_index *index)
{
    bas_err err = BAS_OK;
    if (list->n == 0 || strcmp(list->entries[0].name, "ca") != 0) {
        return BAS_OK;
    }
    for (size_t i = 1; i < list->n && err == BAS_OK; i++) {
        const struct bas_pki_entry *entry = &list->entries[i];
        if (entry->err == BAS_OK && bas_pki_name_check(entry->name, NULL) == BAS_OK &&
            is_of(&entry->certificate, &list->entries[0].certificate) &&
            bas_pki_index_find(index, entry->certificate.serial) == NULL) {
            err = bas_pki_index_add(env, index, entry->name, &entry->certificate, BAS_PKI_FOUND);
        }
    }
    return err;
}

bas_err bas_pki_index_adopt(const struct bas_env *env, const char *directory,
                            struct bas_pki_index *index, struct bas_fault *fault)
{
    struct bas_pki_list list;
    bas_err err = bas_pki_list(env, directory, &list, fault);
    if (err != BAS_OK) {
        return err;
    }
    err = adopt(env, &list, index);
    bas_pki_list_free(env, &list);
    return err == BAS_OK ? BAS_OK
                         : bas_fail(fault, err, "no memory for the index of %s", directory);
}
