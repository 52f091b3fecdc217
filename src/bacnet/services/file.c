/* Owns the rows of AtomicReadFile and AtomicWriteFile (14.1, 14.2). */
#include "bacnet/rows.h"

#define S struct bac_file_read
static const struct bac_field file_read_stream_fields[] = {
    BAC_FIELD(S, start, "file-start-position", integer, BAC_APPLICATION),
    BAC_FIELD(S, count, "requested-octet-count", unsigned, BAC_APPLICATION),
};
BAC_SEQUENCE(file_read_stream, "AtomicReadFile-Request.stream-access", S, file_read_stream_fields)

static const struct bac_field file_read_records_fields[] = {
    BAC_FIELD(S, start, "file-start-record", integer, BAC_APPLICATION),
    BAC_FIELD(S, count, "requested-record-count", unsigned, BAC_APPLICATION),
};
BAC_SEQUENCE(file_read_records, "AtomicReadFile-Request.record-access", S, file_read_records_fields)
#undef S

#define S struct bac_file_read_access
static const struct bac_field file_read_access_fields[] = {
    [BAC_FILE_STREAM] = BAC_FIELD(S, as.stream, "stream-access", file_read_stream, 0),
    [BAC_FILE_RECORDS] = BAC_FIELD(S, as.records, "record-access", file_read_records, 1),
};
BAC_CHOICE(file_read_access, "AtomicReadFile-Request.access-method", S, file_read_access_fields)
#undef S

#define S struct bac_atomic_read_file
static const struct bac_field atomic_read_file_fields[] = {
    BAC_FIELD(S, file, "file-identifier", object_id, BAC_APPLICATION),
    BAC_FIELD(S, access, "access-method", file_read_access, BAC_APPLICATION),
};
BAC_SEQUENCE(atomic_read_file, "AtomicReadFile-Request", S, atomic_read_file_fields)
#undef S

/* What an AtomicReadFile answers with and an AtomicWriteFile brings is the same but for a name. */
#define S struct bac_file_stream
static const struct bac_field file_stream_fields[] = {
    BAC_FIELD(S, start, "file-start-position", integer, BAC_APPLICATION),
    BAC_FIELD(S, data, "file-data", octet_string, BAC_APPLICATION),
};
BAC_SEQUENCE(file_stream, "AtomicFile.stream-access", S, file_stream_fields)
#undef S

BAC_LIST(list_of_octet_string, "SEQUENCE OF OCTET STRING", octet_string)

#define S struct bac_file_records
static const struct bac_field file_records_fields[] = {
    BAC_FIELD(S, start, "file-start-record", integer, BAC_APPLICATION),
    BAC_FIELD(S, count, "record-count", unsigned, BAC_APPLICATION),
    BAC_FIELD(S, records, "file-record-data", list_of_octet_string, BAC_APPLICATION),
};
BAC_SEQUENCE(file_records, "AtomicWriteFile-Request.record-access", S, file_records_fields)
#undef S

#define S struct bac_file_records
static const struct bac_field file_returned_records_fields[] = {
    BAC_FIELD(S, start, "file-start-record", integer, BAC_APPLICATION),
    BAC_FIELD(S, count, "returned-record-count", unsigned, BAC_APPLICATION),
    BAC_FIELD(S, records, "file-record-data", list_of_octet_string, BAC_APPLICATION),
};
BAC_SEQUENCE(file_returned_records, "AtomicReadFile-ACK.record-access", S,
             file_returned_records_fields)
#undef S

#define S struct bac_file_data
static const struct bac_field file_returned_fields[] = {
    [BAC_FILE_STREAM] = BAC_FIELD(S, as.stream, "stream-access", file_stream, 0),
    [BAC_FILE_RECORDS] = BAC_FIELD(S, as.records, "record-access", file_returned_records, 1),
};
BAC_CHOICE(file_returned, "AtomicReadFile-ACK.access-method", S, file_returned_fields)
#undef S

#define S struct bac_file_data
static const struct bac_field file_data_fields[] = {
    [BAC_FILE_STREAM] = BAC_FIELD(S, as.stream, "stream-access", file_stream, 0),
    [BAC_FILE_RECORDS] = BAC_FIELD(S, as.records, "record-access", file_records, 1),
};
BAC_CHOICE(file_data, "AtomicWriteFile-Request.access-method", S, file_data_fields)
#undef S

#define S struct bac_atomic_read_file_ack
static const struct bac_field atomic_read_file_ack_fields[] = {
    BAC_FIELD(S, end_of_file, "end-of-file", boolean, BAC_APPLICATION),
    BAC_FIELD(S, data, "access-method", file_returned, BAC_APPLICATION),
};
BAC_SEQUENCE(atomic_read_file_ack, "AtomicReadFile-ACK", S, atomic_read_file_ack_fields)
#undef S

#define S struct bac_atomic_write_file
static const struct bac_field atomic_write_file_fields[] = {
    BAC_FIELD(S, file, "file-identifier", object_id, BAC_APPLICATION),
    BAC_FIELD(S, data, "access-method", file_data, BAC_APPLICATION),
};
BAC_SEQUENCE(atomic_write_file, "AtomicWriteFile-Request", S, atomic_write_file_fields)
#undef S

#define S struct bac_atomic_write_file_ack
static const struct bac_field atomic_write_file_ack_fields[] = {
    [BAC_FILE_STREAM] = BAC_FIELD(S, as.stream, "file-start-position", integer, 0),
    [BAC_FILE_RECORDS] = BAC_FIELD(S, as.records, "file-start-record", integer, 1),
};
BAC_CHOICE(atomic_write_file_ack, "AtomicWriteFile-ACK", S, atomic_write_file_ack_fields)
#undef S
