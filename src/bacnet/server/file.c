/* Owns AtomicReadFile (14.1) and AtomicWriteFile (14.2). */
#include "bacnet/server/server.h"

#include "bacnet/file.h"
#include "bacnet/tag.h"

enum { APPEND = -1 };

static bool refuse(struct bac_request *request, enum bac_error_code code)
{
    (void)bac_server_refuse(request, BAC_ERROR_CLASS_SERVICES, code);
    return false;
}

/* The File object, if it has octets or records as the request takes it to have. */
static struct bac_object *find_file(struct bac_server *server, struct bac_request *request,
                                    struct bac_object_id id, bool by_record)
{
    struct bac_object *object = bac_server_find(server, id, false, request);
    if (object != NULL && object->file == NULL) {
        (void)refuse(request, BAC_ERROR_CODE_INCONSISTENT_OBJECT_TYPE);
        return NULL;
    }
    if (object != NULL && object->file->by_record != by_record) {
        (void)refuse(request, BAC_ERROR_CODE_INVALID_FILE_ACCESS_METHOD);
        return NULL;
    }
    return object;
}

/* Positions are 0 .. size. */
static bool check_start(struct bac_request *request, int64_t start, uint32_t size)
{
    return (start >= 0 && start <= size) ||
           refuse(request, BAC_ERROR_CODE_INVALID_FILE_START_POSITION);
}

/* Reading */

/* An answer is whole or it is none: what a peer asks for must fit (14.1.1.3.1). */
static enum bac_outcome read_stream(const struct bac_object *object, struct bac_request *request,
                                    const struct bac_file_read *asked)
{
    uint32_t size = bac_file_size(object);
    if (!check_start(request, asked->start, size)) {
        return BAC_OUTCOME_ERROR;
    }
    uint32_t start = (uint32_t)asked->start;
    uint32_t count = asked->count < size - start ? (uint32_t)asked->count : size - start;
    size_t room = request->out->cap - request->out->len;
    uint8_t *memory = count <= room ? bac_arena_take(&request->arena, count) : NULL;
    if (memory == NULL) {
        request->out->full = true;
        return BAC_OUTCOME_COMPLEX_ACK;
    }
    struct bas_buf content;
    bas_buf_init(&content, memory, count);
    if (bac_file_read(object, start, count, &content, &request->fault) != BAS_OK) {
        return BAC_OUTCOME_ERROR;
    }
    const struct bac_atomic_read_file_ack ack = {
        .end_of_file = start + content.len >= size,
        .data = { .choice = BAC_FILE_STREAM,
                  .as.stream = { asked->start, { content.data, content.len } } }
    };
    return bac_server_answer(request, &bac_type_atomic_read_file_ack, &ack);
}

/* One record behind another, without looking for each from the beginning. */
static void add_records(const struct bac_object *object, uint32_t start, uint32_t count,
                        struct bas_buf *out)
{
    struct bas_slice record = { NULL, 0 };
    const struct bac_room *content = &object->file->content;
    for (uint32_t i = 0; i < count && !out->full; i++) {
        if (i == 0) {
            record = bac_file_record(object, start);
        } else {
            record =
                bac_file_line(content, (size_t)(record.data - content->octets) + record.len + 1);
        }
        bac_server_add(out, &bac_type_octet_string, &record, BAC_APPLICATION);
    }
}

static enum bac_outcome read_records(const struct bac_object *object, struct bac_request *request,
                                     const struct bac_file_read *asked)
{
    uint32_t n = bac_file_count_records(object);
    if (!check_start(request, asked->start, n)) {
        return BAC_OUTCOME_ERROR;
    }
    uint32_t start = (uint32_t)asked->start;
    uint64_t count = asked->count < n - start ? asked->count : n - start;
    const bool is_end = start + count == n;
    struct bas_buf *out = request->out;
    bac_server_add(out, &bac_type_boolean, &is_end, BAC_APPLICATION);
    bac_head_add(out, BAC_HEAD_OPENING, BAC_FILE_RECORDS, 0);
    bac_server_add(out, &bac_type_integer, &asked->start, BAC_APPLICATION);
    bac_server_add(out, &bac_type_unsigned, &count, BAC_APPLICATION);
    add_records(object, start, (uint32_t)count, out);
    bac_head_add(out, BAC_HEAD_CLOSING, BAC_FILE_RECORDS, 0);
    return BAC_OUTCOME_COMPLEX_ACK;
}

enum bac_outcome bac_serve_atomic_read_file(struct bac_server *server, struct bac_request *request)
{
    struct bac_atomic_read_file asked;
    if (bac_decode_all(&bac_type_atomic_read_file, request->apdu.body, &asked, &request->arena,
                       &request->fault) != BAS_OK) {
        return BAC_OUTCOME_MALFORMED;
    }
    bool by_record = asked.access.choice == BAC_FILE_RECORDS;
    const struct bac_object *object = find_file(server, request, asked.file, by_record);
    if (object == NULL) {
        return BAC_OUTCOME_ERROR;
    }
    return by_record ? read_records(object, request, &asked.access.as.records)
                     : read_stream(object, request, &asked.access.as.stream);
}

/* Writing */

/* Where to begin, 0 .. end; false: nowhere. */
static bool place(struct bac_request *request, const struct bac_object *object, int64_t *start,
                  uint32_t end)
{
    if (!bac_file_is_writable(object)) {
        return refuse(request, BAC_ERROR_CODE_FILE_ACCESS_DENIED);
    }
    if (*start == APPEND) {
        *start = end;
    }
    return check_start(request, *start, end);
}

static bool write_stream(struct bac_object *object, struct bac_request *request,
                         struct bac_file_stream *data)
{
    return place(request, object, &data->start, bac_file_size(object)) &&
           bac_file_write(object, (uint32_t)data->start, data->data, &request->fault) == BAS_OK;
}

static bool write_records(struct bac_object *object, struct bac_request *request,
                          struct bac_file_records *data)
{
    return place(request, object, &data->start, bac_file_count_records(object)) &&
           bac_file_write_records(object, (uint32_t)data->start, data->records.items,
                                  data->records.n, &request->fault) == BAS_OK;
}

/* The program hears that there is another content by the size. */
static void tell(struct bac_server *server, struct bac_request *request,
                 const struct bac_object *object)
{
    enum { MOST = 8 }; /* octets of an encoded size */
    const uint64_t size = bac_file_size(object);
    struct bas_buf raw;
    uint8_t *memory = bac_arena_take(&request->arena, MOST);
    bas_buf_init(&raw, memory, memory != NULL ? MOST : 0);
    bac_server_add(&raw, &bac_type_unsigned, &size, BAC_APPLICATION);
    const struct bac_write write = { .property = BAC_PROPERTY_FILE_SIZE,
                                     .index = BAC_NO_INDEX,
                                     .raw = { raw.data, raw.len },
                                     .value = { .tag = BAC_TAG_UNSIGNED,
                                                .as.unsigned_integer = size },
                                     .is_change = true };
    bac_server_tell(server, request, object, &write);
}

enum bac_outcome bac_serve_atomic_write_file(struct bac_server *server, struct bac_request *request)
{
    struct bac_atomic_write_file asked;
    if (bac_decode_all(&bac_type_atomic_write_file, request->apdu.body, &asked, &request->arena,
                       &request->fault) != BAS_OK) {
        return BAC_OUTCOME_MALFORMED;
    }
    bool by_record = asked.data.choice == BAC_FILE_RECORDS;
    struct bac_file_records *records = &asked.data.as.records;
    if (by_record && records->count != records->records.n) {
        request->reason = BAC_REJECT_INCONSISTENT_PARAMETERS;
        return BAC_OUTCOME_REJECT;
    }
    if (bac_server_event_room(server) == 0) {
        return bac_server_overloaded(request);
    }
    struct bac_object *object = find_file(server, request, asked.file, by_record);
    if (object == NULL || (by_record ? !write_records(object, request, records)
                                     : !write_stream(object, request, &asked.data.as.stream))) {
        return BAC_OUTCOME_ERROR;
    }
    tell(server, request, object);
    struct bac_atomic_write_file_ack ack = { .choice = asked.data.choice };
    if (by_record) {
        ack.as.records = records->start;
    } else {
        ack.as.stream = asked.data.as.stream.start;
    }
    return bac_server_answer(request, &bac_type_atomic_write_file_ack, &ack);
}
