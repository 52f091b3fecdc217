/* Owns reading and writing files (clause 14), in pieces that fit one message of the peer. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include <string.h>

enum {
    READ_OCTETS = 24,  /* of an answer beside its octets */
    WRITE_OCTETS = 32, /* of a request beside them */
    RECORD_OCTETS = 5, /* of the tag of a record */
    SMALLEST = 16,
    MOST_RECORDS = 32 /* in one request */
};

/* Reading. */

struct read_call {
    struct call call;
    struct bas_file_read what; /* start: of the next piece */
    uint64_t left;
    uint32_t most; /* octets or records in one request */
    uint32_t asked;
};

static struct read_call *read_of(struct call *call)
{
    return (struct read_call *)call;
}

static const struct call_kind read_kind = { .size = sizeof(struct read_call) };

static void on_piece(struct call *call, const struct bas_outcome *outcome);

static void ask_piece(struct read_call *r)
{
    struct bac_atomic_read_file what = { .file = { BAC_OBJECT_FILE, r->what.file } };
    r->asked = r->left < r->most ? (uint32_t)r->left : r->most;
    const struct bac_file_read piece = { r->what.start, r->asked };
    what.access.choice = r->what.by_record ? BAC_FILE_RECORDS : BAC_FILE_STREAM;
    if (r->what.by_record) {
        what.access.as.records = piece;
    } else {
        what.access.as.stream = piece;
    }
    call_ask(&r->call, BAC_CONFIRMED_ATOMIC_READ_FILE, &what, NULL, on_piece);
}

static void tell_records(struct read_call *r, const struct bac_file_records *records, bool is_end)
{
    const struct bas_slice *items = records->records.items;
    for (size_t i = 0; i < records->records.n && !r->call.is_ended; i++) {
        const struct bas_file_piece piece = { r->what.start++, items[i],
                                              is_end && i + 1 == records->records.n };
        r->what.piece(r->call.user, &piece);
    }
}

static void tell_octets(struct read_call *r, const struct bac_file_stream *stream, bool is_end)
{
    const struct bas_file_piece piece = { r->what.start, stream->data, is_end };
    r->what.start += (int64_t)stream->data.len;
    r->what.piece(r->call.user, &piece);
}

static void take_piece(struct read_call *r, const struct bas_outcome *outcome)
{
    const struct bac_atomic_read_file_ack *ack = outcome->value;
    bool by_record = ack->data.choice == BAC_FILE_RECORDS;
    uint64_t n = by_record ? ack->data.as.records.records.n : ack->data.as.stream.data.len;
    struct bas_fault fault = { 0 };
    if (by_record != r->what.by_record || n > r->asked) {
        (void)call_fail(&r->call, &fault, BAS_ERR_PROTOCOL,
                        "what the device answered is not what was asked for");
        call_end_fault(&r->call, &fault);
        return;
    }
    r->left -= n;
    if (by_record) {
        tell_records(r, &ack->data.as.records, ack->end_of_file);
    } else {
        tell_octets(r, &ack->data.as.stream, ack->end_of_file);
    }
    if (r->call.is_ended) {
        return;
    }
    if (ack->end_of_file || n == 0 || r->left == 0) {
        call_end_ok(&r->call);
    } else {
        ask_piece(r);
    }
}

static void on_piece(struct call *call, const struct bas_outcome *outcome)
{
    struct read_call *r = read_of(call);
    if (outcome->err == BAS_OK) {
        take_piece(r, outcome);
    } else if (client_is_of_size(outcome->fault) && r->asked > 1) {
        r->most = r->asked / 2;
        ask_piece(r);
    } else {
        call_end(call, outcome);
    }
}

static uint32_t room(const struct call *call, uint32_t beside)
{
    size_t most = client_limits(call->station, call).max_apdu;
    return most > beside + SMALLEST ? (uint32_t)(most - beside) : SMALLEST;
}

static void begin_read(struct call *call)
{
    struct read_call *r = read_of(call);
    r->most = r->what.by_record ? MOST_RECORDS : room(call, READ_OCTETS);
    ask_piece(r);
}

bas_call_id bas_read_file(struct bas_station *s, const struct bas_peer_name *to,
                          const struct bas_file_read *what)
{
    struct bas_fault fault = { 0 };
    const struct call_begin begin = { &read_kind, to, what->done, what->user };
    struct call *call = call_new(s, &begin, &fault);
    if (call == NULL) {
        return call_refused(what->done, what->user, &fault);
    }
    read_of(call)->what = *what;
    read_of(call)->left = what->count != 0 ? what->count : UINT64_MAX;
    call_meet(call, begin_read);
    return call_begun(call);
}

/* Writing. */

struct write_call {
    struct call call;
    struct bas_file_write what;
    uint64_t written;
    uint32_t most; /* octets or records in one request */
    uint32_t asked;
};

static struct write_call *write_of(struct call *call)
{
    return (struct write_call *)call;
}

static const struct call_kind write_kind = { .size = sizeof(struct write_call) };

static uint64_t total(const struct write_call *w)
{
    return w->what.records != NULL ? w->what.n_records : w->what.data.len;
}

static void on_written(struct call *call, const struct bas_outcome *outcome);

/* As many records as fit, one at least. */
static uint32_t records_that_fit(const struct write_call *w)
{
    size_t octets = 0;
    size_t most = room(&w->call, WRITE_OCTETS);
    uint32_t n = 0;
    for (size_t i = (size_t)w->written; i < w->what.n_records && n < w->most; i++, n++) {
        octets += w->what.records[i].len + RECORD_OCTETS;
        if (n != 0 && octets > most) {
            break;
        }
    }
    return n;
}

static int64_t start_of(const struct write_call *w)
{
    return w->what.start < 0 ? -1 : w->what.start + (int64_t)w->written;
}

static void send_octets(struct write_call *w)
{
    uint64_t left = total(w) - w->written;
    struct bac_atomic_write_file what = { .file = { BAC_OBJECT_FILE, w->what.file } };
    w->asked = left < w->most ? (uint32_t)left : w->most;
    what.data.choice = BAC_FILE_STREAM;
    what.data.as.stream.start = start_of(w);
    what.data.as.stream.data =
        (struct bas_slice){ w->asked != 0 ? w->what.data.data + w->written : NULL, w->asked };
    call_ask(&w->call, BAC_CONFIRMED_ATOMIC_WRITE_FILE, &what, NULL, on_written);
}

static void send_records(struct write_call *w)
{
    struct bas_slice records[MOST_RECORDS];
    struct bac_atomic_write_file what = { .file = { BAC_OBJECT_FILE, w->what.file } };
    w->asked = records_that_fit(w);
    memcpy(records, w->what.records + w->written, w->asked * sizeof(records[0]));
    what.data.choice = BAC_FILE_RECORDS;
    what.data.as.records.start = start_of(w);
    what.data.as.records.count = w->asked;
    what.data.as.records.records = (struct bac_list){ records, w->asked };
    call_ask(&w->call, BAC_CONFIRMED_ATOMIC_WRITE_FILE, &what, NULL, on_written);
}

static void send_piece(struct write_call *w)
{
    if (w->what.records != NULL) {
        send_records(w);
    } else {
        send_octets(w);
    }
}

static void on_written(struct call *call, const struct bas_outcome *outcome)
{
    struct write_call *w = write_of(call);
    if (outcome->err != BAS_OK && client_is_of_size(outcome->fault) && w->asked > 1) {
        w->most = w->asked / 2;
        send_piece(w);
        return;
    }
    if (outcome->err != BAS_OK) {
        call_end(call, outcome);
        return;
    }
    w->written += w->asked;
    if (w->what.progress != NULL) {
        w->what.progress(call->user, w->written, total(w));
    }
    if (call->is_ended) {
        return;
    }
    if (w->written == total(w)) {
        call_end_ok(call);
    } else {
        send_piece(w);
    }
}

static void on_emptied(struct call *call, const struct bas_outcome *outcome)
{
    if (outcome->err != BAS_OK) {
        call_end(call, outcome);
    } else if (total(write_of(call)) == 0) {
        call_end_ok(call);
    } else {
        send_piece(write_of(call));
    }
}

static void empty_file(struct write_call *w)
{
    static const uint8_t zero[] = { 0x21, 0 }; /* Unsigned */
    const struct bas_property of = { { BAC_OBJECT_FILE, w->what.file },
                                     w->what.records != NULL ? BAC_PROPERTY_RECORD_COUNT
                                                             : BAC_PROPERTY_FILE_SIZE,
                                     BAC_NO_INDEX };
    const struct bac_write_property parameters = { .object = of.object,
                                                   .property = of.property,
                                                   .value = { zero, sizeof(zero) } };
    call_ask(&w->call, BAC_CONFIRMED_WRITE_PROPERTY, &parameters, &of, on_emptied);
}

static void begin_write(struct call *call)
{
    struct write_call *w = write_of(call);
    w->most = w->what.records != NULL ? MOST_RECORDS : room(call, WRITE_OCTETS);
    if (w->what.replaces) {
        empty_file(w);
    } else {
        send_piece(w);
    }
}

bas_call_id bas_write_file(struct bas_station *s, const struct bas_peer_name *to,
                           const struct bas_file_write *what)
{
    struct bas_fault fault = { 0 };
    const struct call_begin begin = { &write_kind, to, what->done, what->user };
    struct call *call = call_new(s, &begin, &fault);
    if (call == NULL) {
        return call_refused(what->done, what->user, &fault);
    }
    write_of(call)->what = *what;
    call_meet(call, begin_write);
    return call_begun(call);
}
