/* Owns the cut of a TCP stream into KNXnet/IP frames, whatever its segments are (spec 1.7). */
#include "basalt/knx.h"

#include <assert.h>
#include <string.h>

void knx_stream_init(struct knx_stream *stream, uint8_t *stash, size_t cap)
{
    assert(cap >= KNX_IP_HEADER);
    *stream = (struct knx_stream){ .stash = stash, .cap = cap };
}

void knx_stream_feed(struct knx_stream *stream, struct bas_slice octets)
{
    assert(stream->input.len == 0 || stream->is_lost);
    stream->input = octets;
}

/* The first n octets of the input, taken off it. */
static struct bas_slice input_take(struct knx_stream *stream, size_t n)
{
    struct bas_slice taken = { stream->input.data, n };
    if (n != 0) {
        stream->input.data += n;
        stream->input.len -= n;
    }
    return taken;
}

/* Moves input into the stash until it holds wanted octets; false: there are not so many yet. */
static bool stash_fill(struct knx_stream *stream, size_t wanted)
{
    size_t missing = wanted > stream->len ? wanted - stream->len : 0;
    size_t n = missing < stream->input.len ? missing : stream->input.len;
    if (n != 0) {
        struct bas_slice taken = input_take(stream, n);
        memcpy(stream->stash + stream->len, taken.data, n);
        stream->len += n;
    }
    return n == missing;
}

/* True when the frame that is being skipped lies behind us. */
static bool skip(struct knx_stream *stream)
{
    size_t n = stream->skip < stream->input.len ? stream->skip : stream->input.len;
    (void)input_take(stream, n);
    stream->skip -= n;
    return stream->skip == 0;
}

/* One attempt: BAS_OK with an empty frame means that one was skipped, try again. */
static bas_err attempt(struct knx_stream *stream, struct bas_slice *frame)
{
    bool is_stashed = stream->len != 0;
    if (is_stashed && !stash_fill(stream, KNX_IP_HEADER)) {
        return BAS_ERR_AGAIN;
    }
    struct bas_slice head = { stream->stash, stream->len };
    size_t total = 0;
    bas_err err = knx_frame_length(is_stashed ? head : stream->input, &total);
    if (err == BAS_ERR_AGAIN) {
        (void)stash_fill(stream, stream->input.len);
        return err;
    }
    if (err != BAS_OK) {
        stream->is_lost = true;
        return err;
    }
    if (total > stream->cap) {
        stream->skipped_frames++;
        stream->skip = total - stream->len;
        stream->len = 0;
        return BAS_OK;
    }
    if (!is_stashed && total <= stream->input.len) {
        *frame = input_take(stream, total);
        return BAS_OK;
    }
    if (!stash_fill(stream, total)) {
        return BAS_ERR_AGAIN;
    }
    *frame = (struct bas_slice){ stream->stash, total };
    stream->len = 0;
    return BAS_OK;
}

bas_err knx_stream_next(struct knx_stream *stream, struct bas_slice *frame)
{
    *frame = (struct bas_slice){ 0 };
    bas_err err = stream->is_lost ? BAS_ERR_MALFORMED : BAS_OK;
    while (err == BAS_OK && frame->len == 0) {
        err = skip(stream) ? attempt(stream, frame) : BAS_ERR_AGAIN;
    }
    return err;
}
