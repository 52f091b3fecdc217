/* Owns the File object (12.13): its rows and its content. */
#include "bacnet/file.h"

#include "bacnet/build.h"
#include "bacnet/objects/rows.h"

#include <string.h>

enum { NEWLINE = '\n', CREATED_SIZE = 16384 };

static const struct bac_file_config created_file = { .max_size = CREATED_SIZE };
BAC_CREATED(created, .file = &created_file)

/* Creation */

static bas_err fill(struct bac_build *build, const struct bac_object_config *c,
                    struct bac_object *object)
{
    static const struct bac_file_config empty = { 0 };
    const struct bac_file_config *from = c->file != NULL ? c->file : &empty;
    if (from->ops != NULL && from->by_record) {
        return bac_build_wrong(build, c, "records are of a file with content, not with ops");
    }
    if (from->ops != NULL && (from->ops->size == NULL || from->ops->read == NULL)) {
        return bac_build_wrong(build, c, "the ops of a file have size and read");
    }
    if (from->content.len > UINT32_MAX ||
        (from->max_size != 0 && from->content.len > from->max_size)) {
        return bac_build_wrong(build, c, "the content is larger than max_size");
    }
    struct bac_file scratch;
    struct bac_file *file = bac_build_take(build, sizeof(*file));
    object->file = file;
    file = file != NULL ? file : &scratch;
    *file = (struct bac_file){ .by_record = from->by_record,
                               .read_only = from->read_only,
                               .ops = from->ops,
                               .ctx = from->ctx };
    uint32_t cap = from->max_size != 0 ? from->max_size : (uint32_t)from->content.len;
    if (from->ops == NULL) {
        bac_build_room(build, from->content, cap, &file->content);
    }
    memcpy(file->modified, BAC_NO_DATE_TIME, BAC_DATE_TIME_LEN);
    return bac_build_constant(build, c, from->type, &file->type);
}

/* Faults */

static bas_err fail(const struct bac_object *object, enum bac_error_class class,
                    enum bac_error_code code, const char *why, struct bas_fault *fault)
{
    return bas_fail_code(fault, BAS_ERR_INVALID, class, code, "file,%u: %s",
                         (unsigned)object->id.instance, why);
}

static bas_err full(const struct bac_object *object, struct bas_fault *fault)
{
    return fail(object, BAC_ERROR_CLASS_OBJECT, BAC_ERROR_CODE_FILE_FULL,
                "it would be larger than it may be", fault);
}

static bas_err check_writable(const struct bac_object *object, struct bas_fault *fault)
{
    return bac_file_is_writable(object)
               ? BAS_OK
               : fail(object, BAC_ERROR_CLASS_SERVICES, BAC_ERROR_CODE_FILE_ACCESS_DENIED,
                      "it is read-only", fault);
}

/* What ops said, with a class and a code. */
static bas_err outcome(const struct bac_object *object, bas_err err, const struct bas_fault *why,
                       struct bas_fault *fault)
{
    if (err == BAS_OK || (why->error_class == 0 && why->error_code == 0)) {
        return err == BAS_OK ? BAS_OK
                             : fail(object, BAC_ERROR_CLASS_DEVICE,
                                    BAC_ERROR_CODE_OPERATIONAL_PROBLEM, bas_err_text(err), fault);
    }
    if (fault != NULL) {
        *fault = *why;
    }
    return err;
}

/* Content */

bool bac_file_is_writable(const struct bac_object *object)
{
    const struct bac_file *file = object->file;
    return file->ops != NULL ? file->ops->write != NULL : !file->read_only;
}

uint32_t bac_file_size(const struct bac_object *object)
{
    const struct bac_file *file = object->file;
    return file->ops != NULL ? file->ops->size(file->ctx) : file->content.len;
}

bas_err bac_file_read(const struct bac_object *object, uint32_t start, uint32_t count,
                      struct bas_buf *out, struct bas_fault *fault)
{
    const struct bac_file *file = object->file;
    if (file->ops != NULL) {
        struct bas_fault why = { 0 };
        return outcome(object, file->ops->read(file->ctx, start, count, out, &why), &why, fault);
    }
    if (start < file->content.len) {
        uint32_t left = file->content.len - start;
        bas_buf_add(out, file->content.octets + start, count < left ? count : left);
    }
    return BAS_OK;
}

/* It is another one than what was saved (12.13.8, 12.13.9). */
static void note_change(struct bac_object *object)
{
    object->file->archive = false;
    bac_database_now(object->db, object->file->modified);
    bac_object_touch(object);
}

static bas_err write_content(struct bac_object *object, uint32_t start, struct bas_slice data,
                             struct bas_fault *fault)
{
    struct bac_room *content = &object->file->content;
    if (data.len > content->cap - start) {
        return full(object, fault);
    }
    if (data.len != 0) {
        memcpy(content->octets + start, data.data, data.len);
    }
    uint32_t end = start + (uint32_t)data.len;
    content->len = end > content->len ? end : content->len;
    return BAS_OK;
}

bas_err bac_file_write(struct bac_object *object, uint32_t start, struct bas_slice data,
                       struct bas_fault *fault)
{
    const struct bac_file *file = object->file;
    bas_err err = check_writable(object, fault);
    if (err == BAS_OK && start > bac_file_size(object)) {
        return fail(object, BAC_ERROR_CLASS_SERVICES, BAC_ERROR_CODE_INVALID_FILE_START_POSITION,
                    "the position lies behind its end", fault);
    }
    if (err == BAS_OK && file->ops != NULL) {
        struct bas_fault why = { 0 };
        err = outcome(object, file->ops->write(file->ctx, start, data, &why), &why, fault);
    } else if (err == BAS_OK) {
        err = write_content(object, start, data, fault);
    }
    if (err == BAS_OK) {
        note_change(object);
    }
    return err;
}

static bas_err resize_content(struct bac_object *object, uint32_t size, struct bas_fault *fault)
{
    struct bac_room *content = &object->file->content;
    if (size > content->cap) {
        return full(object, fault);
    }
    if (size > content->len) {
        memset(content->octets + content->len, 0, size - content->len);
    }
    content->len = size;
    return BAS_OK;
}

bas_err bac_file_resize(struct bac_object *object, uint32_t size, struct bas_fault *fault)
{
    const struct bac_file *file = object->file;
    bas_err err = check_writable(object, fault);
    if (err == BAS_OK && file->ops != NULL) {
        struct bas_fault why = { 0 };
        err = file->ops->resize != NULL ? file->ops->resize(file->ctx, size, &why)
                                        : BAS_ERR_UNSUPPORTED;
        err = outcome(object, err, &why, fault);
    } else if (err == BAS_OK) {
        err = resize_content(object, size, fault);
    }
    if (err == BAS_OK) {
        note_change(object);
    }
    return err;
}

/* Records */

/* Where record at begins; the length of the content when there are fewer. */
static uint32_t offset_of(const struct bac_room *content, uint32_t at)
{
    uint32_t offset = 0;
    for (; at > 0 && offset < content->len; at--) {
        const uint8_t *from = content->octets + offset;
        const uint8_t *end = memchr(from, NEWLINE, content->len - offset);
        offset = end != NULL ? (uint32_t)(end - content->octets) + 1 : content->len;
    }
    return offset;
}

uint32_t bac_file_count_records(const struct bac_object *object)
{
    const struct bac_room *content = &object->file->content;
    uint32_t n = 0;
    for (uint32_t i = 0; i < content->len; i++) {
        n += content->octets[i] == NEWLINE;
    }
    bool is_open = content->len != 0 && content->octets[content->len - 1] != NEWLINE;
    return n + is_open;
}

struct bas_slice bac_file_line(const struct bac_room *content, size_t offset)
{
    if (offset >= content->len) {
        return (struct bas_slice){ NULL, 0 };
    }
    const uint8_t *from = content->octets + offset;
    const uint8_t *end = memchr(from, NEWLINE, content->len - offset);
    return (struct bas_slice){ from, end != NULL ? (size_t)(end - from) : content->len - offset };
}

struct bas_slice bac_file_record(const struct bac_object *object, uint32_t at)
{
    const struct bac_room *content = &object->file->content;
    return bac_file_line(content, offset_of(content, at));
}

/* The room that the records take, each with a newline; false: one has a newline in it. */
static bool measure(const struct bas_slice *records, size_t n, size_t *len)
{
    *len = 0;
    for (size_t i = 0; i < n; i++) {
        if (records[i].len != 0 && memchr(records[i].data, NEWLINE, records[i].len) != NULL) {
            return false;
        }
        *len += records[i].len + 1;
    }
    return true;
}

static void put_records(struct bac_room *content, uint32_t at, const struct bas_slice *records,
                        size_t n)
{
    uint8_t *to = content->octets + at;
    for (size_t i = 0; i < n; i++) {
        if (records[i].len != 0) {
            memcpy(to, records[i].data, records[i].len);
        }
        to += records[i].len;
        *to++ = NEWLINE;
    }
}

bas_err bac_file_write_records(struct bac_object *object, uint32_t start,
                               const struct bas_slice *records, size_t n, struct bas_fault *fault)
{
    struct bac_room *content = &object->file->content;
    bas_err err = check_writable(object, fault);
    if (err != BAS_OK) {
        return err;
    }
    size_t len;
    if (!measure(records, n, &len)) {
        return fail(object, BAC_ERROR_CLASS_PROPERTY, BAC_ERROR_CODE_VALUE_OUT_OF_RANGE,
                    "a record has a newline in it", fault);
    }
    uint32_t from = offset_of(content, start);
    uint32_t to = n > UINT32_MAX - start ? content->len : offset_of(content, start + (uint32_t)n);
    bool is_open = from == content->len && from != 0 && content->octets[from - 1] != NEWLINE;
    size_t size = content->len - (to - from) + len + is_open;
    if (len > content->cap || size > content->cap) {
        return full(object, fault);
    }
    uint32_t at = from + is_open;
    memmove(content->octets + at + len, content->octets + to, content->len - to);
    if (is_open) {
        content->octets[from] = NEWLINE;
    }
    put_records(content, at, records, n);
    content->len = (uint32_t)size;
    note_change(object);
    return BAS_OK;
}

/* Rows */

static void get_type(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_text(value, object->file->type);
}

static void get_size(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_unsigned(value, bac_file_size(object));
}

static bas_err may_write(const struct bac_object *object, const struct bac_write *write,
                         struct bas_fault *fault)
{
    return bac_file_is_writable(object)
               ? BAS_OK
               : bac_refuse(object, write->property, BAC_ERROR_CODE_WRITE_ACCESS_DENIED,
                            "the file is read-only", fault);
}

/* 12.13.6: cut, extended, or emptied; records can only be emptied. */
static bas_err set_size(struct bac_object *object, const struct bac_write *write,
                        struct bas_fault *fault)
{
    uint64_t size = write->value.as.unsigned_integer;
    if (size == bac_file_size(object)) {
        return BAS_OK;
    }
    bool is_possible = size <= UINT32_MAX && (size == 0 || !object->file->by_record);
    if (!is_possible) {
        return bac_refuse(object, write->property, BAC_ERROR_CODE_VALUE_OUT_OF_RANGE,
                          "the file cannot have that size", fault);
    }
    return bac_file_resize(object, (uint32_t)size, fault);
}

static void add_modified(const struct bac_object *object, uint32_t at, struct bas_buf *out)
{
    (void)at;
    bas_buf_add(out, object->file->modified, BAC_DATE_TIME_LEN);
}

static void get_archive(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_boolean(value, object->file->archive);
}

static bas_err set_archive(struct bac_object *object, const struct bac_write *write,
                           struct bas_fault *fault)
{
    (void)fault;
    object->file->archive = write->value.as.boolean;
    return BAS_OK;
}

static void get_read_only(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_boolean(value, !bac_file_is_writable(object));
}

static void get_method(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_enumerated(value, object->file->by_record ? BAC_FILE_ACCESS_METHOD_RECORD_ACCESS
                                                      : BAC_FILE_ACCESS_METHOD_STREAM_ACCESS);
}

static bool is_by_record(const struct bac_object *object)
{
    return object->file->by_record;
}

static void get_record_count(const struct bac_object *object, uint32_t at, struct bac_value *value)
{
    (void)at;
    bac_put_unsigned(value, bac_file_count_records(object));
}

static const struct bac_property_row rows[] = {
    BAC_ROWS_OF_ALL,
    BAC_ROW(FILE_TYPE, character_string, REQUIRED, .get = get_type),
    BAC_ROW(FILE_SIZE, unsigned, REQUIRED, .get = get_size, .may = may_write, .set = set_size),
    BAC_ROW(MODIFICATION_DATE, date_time, REQUIRED, .add = add_modified),
    BAC_ROW(ARCHIVE, boolean, WRITABLE, .get = get_archive, .set = set_archive),
    BAC_ROW(READ_ONLY, boolean, REQUIRED, .get = get_read_only),
    BAC_ROW(FILE_ACCESS_METHOD, file_access_method, REQUIRED, .get = get_method),
    BAC_ROW(RECORD_COUNT, unsigned, OPTIONAL, .has = is_by_record, .get = get_record_count),
};

const struct bac_object_class bac_class_file = {
    .number = BAC_OBJECT_FILE,
    .role = BAC_ROLE_OTHER,
    .rows = rows,
    .n_rows = BAS_ARRAY_LEN(rows),
    .fill = fill,
    .created = &created,
};
