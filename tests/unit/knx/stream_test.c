#include "test_env.h"

#include "basalt/knx.h"

#include <string.h>

enum { CAP = 32 };

/* Two frames of 21 octets, one of 8, one of 40 (more than CAP), one of 16. */
#define FRAME_A "061004200015040251002900bce010fa092d010080"
#define FRAME_B "0610020800081521"
#define FRAME_C                                                                                    \
    "061009500028"                                                                                 \
    "00010000000000000000fa12345678affe000000000000000000000000000000000"                          \
    "0"
#define FRAME_D "06100207001015000801c0a8c80cc3b4"
#define STREAM  FRAME_A FRAME_B FRAME_C FRAME_D FRAME_A

static const char *const wanted[] = { FRAME_A, FRAME_B, FRAME_D, FRAME_A };

static void assert_frame(size_t n, struct bas_slice frame)
{
    assert_true(n < BAS_ARRAY_LEN(wanted));
    struct bas_slice octets = test_hex(wanted[n]);
    assert_int_equal(frame.len, octets.len);
    assert_memory_equal(frame.data, octets.data, octets.len);
}

/* Feeds one segment from memory of exactly its size; the count of frames goes on in *n. */
static bas_err feed(struct knx_stream *stream, struct bas_slice segment, size_t *n)
{
    uint8_t *copy = test_malloc(segment.len + 1);
    memcpy(copy, segment.data, segment.len);
    knx_stream_feed(stream, (struct bas_slice){ copy, segment.len });
    struct bas_slice frame;
    bas_err err = BAS_OK;
    while ((err = knx_stream_next(stream, &frame)) == BAS_OK) {
        assert_frame((*n)++, frame);
    }
    memset(copy, 0xEE, segment.len);
    test_free(copy);
    return err;
}

static void frames_come_out_whatever_the_segments_are(void **state)
{
    (void)state;
    struct bas_slice all = test_hex(STREAM);
    for (size_t size = 1; size <= all.len; size++) {
        uint8_t stash[CAP];
        struct knx_stream stream;
        knx_stream_init(&stream, stash, sizeof(stash));
        size_t n = 0;
        for (size_t at = 0; at < all.len; at += size) {
            size_t len = all.len - at < size ? all.len - at : size;
            assert_int_equal(feed(&stream, (struct bas_slice){ all.data + at, len }, &n),
                             BAS_ERR_AGAIN);
        }
        assert_int_equal(n, BAS_ARRAY_LEN(wanted));
        assert_int_equal(stream.skipped_frames, 1);
    }
}

static void frames_come_out_of_two_segments_cut_anywhere(void **state)
{
    (void)state;
    struct bas_slice all = test_hex(STREAM);
    for (size_t cut = 0; cut <= all.len; cut++) {
        uint8_t stash[CAP];
        struct knx_stream stream;
        knx_stream_init(&stream, stash, sizeof(stash));
        size_t n = 0;
        assert_int_equal(feed(&stream, (struct bas_slice){ all.data, cut }, &n), BAS_ERR_AGAIN);
        struct bas_slice rest = { all.data + cut, all.len - cut };
        assert_int_equal(feed(&stream, rest, &n), BAS_ERR_AGAIN);
        assert_int_equal(n, BAS_ARRAY_LEN(wanted));
    }
}

static void a_frame_of_just_the_capacity_is_not_skipped(void **state)
{
    (void)state;
    uint8_t stash[8];
    struct knx_stream stream;
    knx_stream_init(&stream, stash, sizeof(stash));
    struct bas_slice frame;
    knx_stream_feed(&stream, test_hex(FRAME_B));
    assert_int_equal(knx_stream_next(&stream, &frame), BAS_OK);
    assert_int_equal(knx_stream_next(&stream, &frame), BAS_ERR_AGAIN);
    assert_int_equal(frame.len, 0);
    assert_int_equal(stream.skipped_frames, 0);
    knx_stream_init(&stream, stash, 7);
    knx_stream_feed(&stream, test_hex(FRAME_B));
    assert_int_equal(knx_stream_next(&stream, &frame), BAS_ERR_AGAIN);
    assert_int_equal(stream.skipped_frames, 1);
}

static void a_bad_header_loses_the_stream_for_good(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "051002080008", "062002080008", "061102080008", "061002080005", "061002080000",
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(headers); i++) {
        uint8_t stash[CAP];
        struct knx_stream stream;
        knx_stream_init(&stream, stash, sizeof(stash));
        struct bas_slice frame;
        size_t n = 0;
        struct bas_slice header = test_hex(headers[i]);
        for (size_t at = 0; at + 1 < header.len; at++) {
            assert_int_equal(feed(&stream, (struct bas_slice){ header.data + at, 1 }, &n),
                             BAS_ERR_AGAIN);
        }
        knx_stream_feed(&stream, (struct bas_slice){ header.data + header.len - 1, 1 });
        assert_int_equal(knx_stream_next(&stream, &frame), BAS_ERR_MALFORMED);
        knx_stream_feed(&stream, test_hex(FRAME_A));
        assert_int_equal(knx_stream_next(&stream, &frame), BAS_ERR_MALFORMED);
        assert_int_equal(frame.len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_out_whatever_the_segments_are),
        cmocka_unit_test(frames_come_out_of_two_segments_cut_anywhere),
        cmocka_unit_test(a_frame_of_just_the_capacity_is_not_skipped),
        cmocka_unit_test(a_bad_header_loses_the_stream_for_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
