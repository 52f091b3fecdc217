/*
 * The content of File objects (12.13), for AtomicReadFile and AtomicWriteFile: octets, or records
 * that are lines without their newline.
 */
#ifndef BASALT_BACNET_FILE_H
#define BASALT_BACNET_FILE_H

#include "bacnet/object.h"

enum { BAC_DATE_TIME_LEN = 10 }; /* octets of an encoded BACnetDateTime */

struct bac_file {
    struct bas_slice type;
    bool by_record, read_only, archive;
    const struct bac_file_ops *ops; /* NULL: content */
    void *ctx;
    struct bac_room content;
    uint8_t modified[BAC_DATE_TIME_LEN];
};

bool bac_file_is_writable(const struct bac_object *object);
uint32_t bac_file_size(const struct bac_object *object);
/* Appends count octets from start on, fewer at the end. start is at most the size. */
bas_err bac_file_read(const struct bac_object *object, uint32_t start, uint32_t count,
                      struct bas_buf *out, struct bas_fault *fault);
/* start is at most the size. file-access-denied, file-full. */
bas_err bac_file_write(struct bac_object *object, uint32_t start, struct bas_slice data,
                       struct bas_fault *fault);
bas_err bac_file_resize(struct bac_object *object, uint32_t size, struct bas_fault *fault);

/* Of a file by records. */
uint32_t bac_file_count_records(const struct bac_object *object);
/* at: 0 .. count - 1. Borrows the file. */
struct bas_slice bac_file_record(const struct bac_object *object, uint32_t at);
/* The record that begins at an offset of the content; empty at its end. */
struct bas_slice bac_file_line(const struct bac_room *content, size_t offset);
/* Puts n records in the place of those from start on (at most the count), and behind the last one.
 * All or none. value-out-of-range: a record with a newline in it. */
bas_err bac_file_write_records(struct bac_object *object, uint32_t start,
                               const struct bas_slice *records, size_t n, struct bas_fault *fault);

#endif
