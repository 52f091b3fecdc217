/* Tests of client/file.c and client/range.c: what is long comes and goes in pieces. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "app/station.h"

#include "rt_pair.h"
#include "test_folder.h"

#include <string.h>

enum { FILE_OCTETS = 5000, RECORDS = 70, ITEMS = 90 };

/* A raw device with a file of octets, a file of records and a log. */
struct store {
    uint8_t octets[FILE_OCTETS * 2];
    size_t len;
    unsigned records; /* written so far */
    size_t most;      /* octets, records or items that it takes or gives at once; 0: any */
    unsigned emptied;
    uint32_t first; /* sequence number of the oldest item */
    bool refuses;   /* aborts what is more than most, else gives less */
};

static bool is_too_much(const struct store *s, uint64_t n)
{
    return s->most != 0 && n > s->most;
}

static void too_much(const struct bac_apdu *request, struct bas_buf *answer)
{
    rt_answer_abort(request, BAC_ABORT_SEGMENTATION_NOT_SUPPORTED, answer);
}

static void read_octets(struct store *s, const struct bac_apdu *request,
                        const struct bac_file_read *asked, struct bas_buf *answer)
{
    size_t start = (size_t)asked->start < s->len ? (size_t)asked->start : s->len;
    size_t n = s->len - start < asked->count ? s->len - start : (size_t)asked->count;
    struct bac_atomic_read_file_ack ack = { .end_of_file = start + n == s->len };
    ack.data.choice = BAC_FILE_STREAM;
    ack.data.as.stream = (struct bac_file_stream){ asked->start, { s->octets + start, n } };
    rt_answer_ack(request, &ack, answer);
}

static void read_records(const struct bac_apdu *request, const struct bac_file_read *asked,
                         struct bas_buf *answer)
{
    static const uint8_t letters[RECORDS] = { 'a', 'b', 'c' };
    struct bas_slice records[RECORDS];
    size_t n = 0;
    for (size_t i = (size_t)asked->start; i < RECORDS && n < asked->count; i++) {
        records[n++] = (struct bas_slice){ &letters[i], 1 };
    }
    struct bac_atomic_read_file_ack ack = { .end_of_file = (size_t)asked->start + n == RECORDS };
    ack.data.choice = BAC_FILE_RECORDS;
    ack.data.as.records = (struct bac_file_records){ asked->start, n, { records, n } };
    rt_answer_ack(request, &ack, answer);
}

static void serve_read(struct store *s, const struct bac_apdu *request, struct bas_buf *answer)
{
    const struct bac_atomic_read_file *asked = rt_request(request);
    bool by_record = asked->access.choice == BAC_FILE_RECORDS;
    const struct bac_file_read *what =
        by_record ? &asked->access.as.records : &asked->access.as.stream;
    if (is_too_much(s, what->count)) {
        too_much(request, answer);
    } else if (by_record) {
        read_records(request, what, answer);
    } else {
        read_octets(s, request, what, answer);
    }
}

static void serve_write(struct store *s, const struct bac_apdu *request, struct bas_buf *answer)
{
    const struct bac_atomic_write_file *asked = rt_request(request);
    struct bac_atomic_write_file_ack ack = { .choice = asked->data.choice };
    if (asked->data.choice == BAC_FILE_RECORDS) {
        assert_int_equal(asked->data.as.records.start, s->records);
        s->records += (unsigned)asked->data.as.records.records.n;
    } else if (is_too_much(s, asked->data.as.stream.data.len)) {
        too_much(request, answer);
        return;
    } else {
        const struct bac_file_stream *stream = &asked->data.as.stream;
        size_t start = stream->start < 0 ? s->len : (size_t)stream->start;
        assert_true(start + stream->data.len <= sizeof(s->octets));
        memcpy(s->octets + start, stream->data.data, stream->data.len);
        s->len = start + stream->data.len;
    }
    rt_answer_ack(request, &ack, answer);
}

/* The log: items first .. first + ITEMS - 1, each an Unsigned of one octet. */
static void serve_range(struct store *s, const struct bac_apdu *request, struct bas_buf *answer)
{
    const struct bac_read_range *asked = rt_request(request);
    uint8_t items[2 * ITEMS];
    int64_t first = 0; /* position of the first one, from 0 */
    int64_t count = ITEMS;
    bool by_sequence = asked->has_range && asked->range.choice != BAC_RANGE_POSITION;
    if (asked->has_range && asked->range.choice == BAC_RANGE_TIME) {
        first = 10; /* whatever the time */
        count = asked->range.as.time.count;
    } else if (asked->has_range) {
        int64_t reference = (int64_t)asked->range.as.position.reference;
        count = asked->range.as.position.count;
        first = by_sequence ? reference - s->first : reference - 1;
    }
    if (s->refuses && (count > (int64_t)s->most || -count > (int64_t)s->most)) {
        too_much(request, answer);
        return;
    }
    int64_t most = s->most != 0 ? (int64_t)s->most : ITEMS;
    bool has_more = count > most || -count > most;
    count = count > most ? most : count < -most ? -most : count;
    int64_t end = count < 0 ? first + 1 : first + count;
    first = count < 0 ? end + count : first;
    first = first < 0 ? 0 : first;
    end = end > ITEMS ? ITEMS : end;
    size_t n = 0;
    for (int64_t i = first; i < end; i++) {
        items[n++] = 0x21;
        items[n++] = (uint8_t)i;
    }
    bool is_first = first == 0;
    bool is_last = end == ITEMS;
    uint8_t flags = (uint8_t)((is_first ? 0x80 : 0) | (is_last ? 0x40 : 0) | (has_more ? 0x20 : 0));
    const struct bac_read_range_ack ack = { .object = asked->object,
                                            .property = asked->property,
                                            .flags = { 3, { &flags, 1 } },
                                            .count = n / 2,
                                            .items = { items, n },
                                            .has_first = by_sequence && n != 0,
                                            .first = (uint64_t)first + s->first };
    rt_answer_ack(request, &ack, answer);
}

static void serve(struct rt_pair *p, const struct bac_apdu *request, struct bas_buf *answer)
{
    struct store *s = p->user;
    switch (request->service) {
    case BAC_CONFIRMED_ATOMIC_READ_FILE:
        serve_read(s, request, answer);
        break;
    case BAC_CONFIRMED_ATOMIC_WRITE_FILE:
        serve_write(s, request, answer);
        break;
    case BAC_CONFIRMED_READ_RANGE:
        serve_range(s, request, answer);
        break;
    case BAC_CONFIRMED_WRITE_PROPERTY:
        s->len = 0;
        s->emptied++;
        rt_answer_ack(request, NULL, answer);
        break;
    default:
        rt_answer_reject(request, BAC_REJECT_UNRECOGNIZED_SERVICE, answer);
        break;
    }
}

static void begin(struct rt_pair *p, struct store *s)
{
    memset(s, 0, sizeof(*s));
    rt_pair_begin_raw(p, serve);
    p->user = s;
    p->max_apdu = 480;
    rt_pair_start(p);
}

static void fill(struct store *s)
{
    s->len = FILE_OCTETS;
    for (size_t i = 0; i < s->len; i++) {
        s->octets[i] = (uint8_t)(i * 7);
    }
}

/* Files. */

static void on_piece(void *user, const struct bas_file_piece *piece)
{
    struct rt_pair *p = user;
    const struct store *s = p->user;
    assert_int_equal(piece->start, (int64_t)p->told.n);
    assert_memory_equal(piece->data.data, s->octets + piece->start, piece->data.len);
    p->told.n += (unsigned)piece->data.len;
    assert_int_equal(piece->is_end, p->told.n == s->len);
}

static void on_end(void *user, const struct bas_outcome *outcome)
{
    struct rt_pair *p = user;
    rt_told_end(&p->told, outcome);
}

static void a_file_is_read_in_pieces_that_fit_the_peer(void **state)
{
    (void)state;
    struct rt_pair p;
    struct store s;
    begin(&p, &s);
    fill(&s);
    struct bas_file_read what = { .file = 1, .piece = on_piece, .done = on_end, .user = &p };
    bas_read_file(p.client.station, &p.to, &what);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_OK);
    assert_int_equal(p.told.n, FILE_OCTETS);
    assert_int_equal(p.requests, (FILE_OCTETS + 455) / 456);
    p.told.n = 0;
    s.most = 100;
    bas_read_file(p.client.station, &p.to, &what);
    rt_pair_until(&p, 2);
    assert_int_equal(p.told.err, BAS_OK);
    assert_int_equal(p.told.n, FILE_OCTETS);
    rt_pair_end(&p);
}

static void on_count(void *user, const struct bas_file_piece *piece)
{
    struct rt_pair *p = user;
    p->told.n += (unsigned)piece->data.len;
}

static void no_more_is_read_than_was_asked_for(void **state)
{
    (void)state;
    struct rt_pair p;
    struct store s;
    begin(&p, &s);
    fill(&s);
    const struct bas_file_read what = {
        .file = 1, .start = 1000, .count = 600, .piece = on_count, .done = on_end, .user = &p
    };
    bas_read_file(p.client.station, &p.to, &what);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_OK);
    assert_int_equal(p.told.n, 600);
    assert_int_equal(p.requests, 2);
    rt_pair_end(&p);
}

static void records_come_one_by_one(void **state)
{
    (void)state;
    struct rt_pair p;
    struct store s;
    begin(&p, &s);
    s.most = 20;
    const struct bas_file_read what = {
        .file = 1, .by_record = true, .piece = on_count, .done = on_end, .user = &p
    };
    bas_read_file(p.client.station, &p.to, &what);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_OK);
    assert_int_equal(p.told.n, RECORDS);
    rt_pair_end(&p);
}

static void on_progress(void *user, uint64_t written, uint64_t total)
{
    struct rt_pair *p = user;
    assert_true(written > p->told.n && written <= total);
    p->told.n = (unsigned)written;
}

static void a_file_is_written_in_pieces_too(void **state)
{
    (void)state;
    struct rt_pair p;
    struct store s;
    static uint8_t octets[FILE_OCTETS];
    begin(&p, &s);
    fill(&s);
    memcpy(octets, s.octets, sizeof(octets));
    memset(s.octets, 0, sizeof(s.octets));
    s.most = 300;
    struct bas_file_write what = { .file = 1,
                                   .data = { octets, sizeof(octets) },
                                   .replaces = true,
                                   .progress = on_progress,
                                   .done = on_end,
                                   .user = &p };
    bas_write_file(p.client.station, &p.to, &what);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_OK);
    assert_int_equal(p.told.n, FILE_OCTETS);
    assert_int_equal(s.emptied, 1);
    assert_int_equal(s.len, FILE_OCTETS);
    assert_memory_equal(s.octets, octets, FILE_OCTETS);
    p.told.n = 0;
    what.replaces = false;
    what.start = -1;
    bas_write_file(p.client.station, &p.to, &what);
    rt_pair_until(&p, 2);
    assert_int_equal(p.told.err, BAS_OK);
    assert_int_equal(s.len, 2 * FILE_OCTETS);
    assert_memory_equal(s.octets + FILE_OCTETS, octets, FILE_OCTETS);
    rt_pair_end(&p);
}

static void records_are_written_as_many_as_fit(void **state)
{
    (void)state;
    struct rt_pair p;
    struct store s;
    static const uint8_t line[60] = "a line";
    struct bas_slice records[RECORDS];
    begin(&p, &s);
    for (size_t i = 0; i < RECORDS; i++) {
        records[i] = (struct bas_slice){ line, sizeof(line) };
    }
    const struct bas_file_write what = { .file = 1,
                                         .records = records,
                                         .n_records = RECORDS,
                                         .progress = on_progress,
                                         .done = on_end,
                                         .user = &p };
    bas_write_file(p.client.station, &p.to, &what);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_OK);
    assert_int_equal(s.records, RECORDS);
    assert_int_equal(p.requests, RECORDS / 6 + 1);
    rt_pair_end(&p);
}

static void on_progress_cancel(void *user, uint64_t written, uint64_t total)
{
    struct rt_pair *p = user;
    (void)total;
    p->told.n = (unsigned)written;
    bas_cancel(p->client.station, *(const bas_call_id *)p->client.user);
}

static void a_file_can_be_cancelled_between_pieces(void **state)
{
    (void)state;
    struct rt_pair p;
    struct store s;
    static const uint8_t octets[FILE_OCTETS];
    bas_call_id id = 0;
    begin(&p, &s);
    p.client.user = &id;
    const struct bas_file_write what = { .file = 1,
                                         .data = { octets, sizeof(octets) },
                                         .progress = on_progress_cancel,
                                         .done = on_end,
                                         .user = &p };
    id = bas_write_file(p.client.station, &p.to, &what);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_ERR_INTERRUPTED);
    assert_int_equal(p.requests, 1);
    rt_pair_end(&p);
    assert_int_equal(p.told.ended, 1);
}

/* Ranges. */

static void on_items(void *user, const struct bas_range_piece *piece)
{
    struct rt_pair *p = user;
    for (size_t i = 0; i < piece->n; i++) {
        assert_int_equal(piece->items.data[2 * i], 0x21);
        if (i == 0 || i + 1 == piece->n) {
            rt_told_add(&p->told, "%u", piece->items.data[2 * i + 1]);
        }
    }
    if (piece->has_sequence) {
        rt_told_add(&p->told, "#%u", (unsigned)piece->sequence);
    }
    if (piece->is_last) {
        rt_told_add(&p->told, "end");
    }
}

static void reads_range(struct store *s, const struct bas_range *range, const char *told)
{
    struct rt_pair p;
    struct store device;
    struct bas_range what = *range;
    begin(&p, &device);
    device = *s;
    what.of =
        (struct bas_property){ { BAC_OBJECT_TREND_LOG, 1 }, BAC_PROPERTY_LOG_BUFFER, BAC_NO_INDEX };
    what.piece = on_items;
    what.done = on_end;
    what.user = &p;
    bas_read_range(p.client.station, &p.to, &what);
    rt_pair_until(&p, 1);
    assert_int_equal(p.told.err, BAS_OK);
    assert_string_equal(p.told.text, told);
    rt_pair_end(&p);
}

static void a_log_is_read_to_its_end(void **state)
{
    (void)state;
    static const struct {
        struct bas_range range;
        size_t most;
        bool refuses;
        const char *told;
    } rows[] = {
        { { .by = BAS_RANGE_ALL }, 0, false, "0 89 end" },
        { { .by = BAS_RANGE_ALL }, 40, false, "0 39 40 79 80 89 end" },
        { { .by = BAS_RANGE_ALL }, 40, true, "0 31 32 63 64 89 end" },
        { { .by = BAS_RANGE_POSITION, .first = 80 }, 40, false, "79 89 end" },
        { { .by = BAS_RANGE_POSITION, .first = 11, .count = 50 }, 40, false, "10 49 50 59 end" },
        { { .by = BAS_RANGE_POSITION, .first = 20, .count = -5 }, 0, false, "15 19 end" },
        { { .by = BAS_RANGE_POSITION, .first = 30, .count = -100 }, 20, false, "10 29 0 9 end" },
        { { .by = BAS_RANGE_SEQUENCE, .first = 1000 + 70 }, 0, false, "70 89 #1070 end" },
        { { .by = BAS_RANGE_SEQUENCE, .first = 1030, .count = -25 },
          20,
          false,
          "11 30 #1011 6 10 #1006 end" },
        { { .by = BAS_RANGE_TIME, .count = 30 }, 20, false, "10 29 #1010 30 39 #1030 end" },
        { { .by = BAS_RANGE_POSITION, .first = 91 }, 0, false, "end" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct store s = { .first = 1000, .most = rows[i].most, .refuses = rows[i].refuses };
        reads_range(&s, &rows[i].range, rows[i].told);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_in_pieces_that_fit_the_peer),
        cmocka_unit_test(no_more_is_read_than_was_asked_for),
        cmocka_unit_test(records_come_one_by_one),
        cmocka_unit_test(a_file_is_written_in_pieces_too),
        cmocka_unit_test(records_are_written_as_many_as_fit),
        cmocka_unit_test(a_file_can_be_cancelled_between_pieces),
        cmocka_unit_test(a_log_is_read_to_its_end),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
