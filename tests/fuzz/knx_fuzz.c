/*
 * Fuzz target of the KNX codec. The first octet chooses what the rest is: a KNXnet/IP frame as it
 * stands, one whose header is made to fit, cEMI, a TPDU, blocks, a TCP stream. Aborts where a
 * promise of basalt/knx.h is broken.
 */
#include "basalt/knx.h"
#include "fuzz.h"

#include <string.h>

enum { MAX_FRAME = 65535, STASH = 64 };

/* What encode made, and room for JSON. */
static uint8_t memory[MAX_FRAME];
static uint8_t again[MAX_FRAME];
static uint8_t told[1 << 22];

static struct bas_json begin(struct bas_buf *out)
{
    struct bas_json json;
    bas_buf_init(out, told, sizeof(told));
    bas_json_init(&json, out);
    bas_json_open(&json, NULL, '{');
    return json;
}

static void end(struct bas_json *json)
{
    bas_json_close(json, '}');
    FUZZ_CHECK(json->depth == 0 && !json->out->full);
}

static void check_same(const struct bas_buf *a, const struct bas_buf *b)
{
    FUZZ_CHECK(!a->full && !b->full && a->len == b->len);
    FUZZ_CHECK(memcmp(a->data, b->data, a->len) == 0);
}

/* What is accepted comes back in the same length; only reserved octets may differ, and once. */
static void fuzz_frame(struct bas_slice octets)
{
    struct knx_message message;
    struct bas_fault fault = { 0 };
    struct bas_buf out;
    struct bas_buf second;
    bas_err err = knx_message_decode(octets, &message, &fault);
    FUZZ_CHECK(err == fault.err);
    if (err != BAS_OK && err != BAS_ERR_UNSUPPORTED) {
        return;
    }
    bas_buf_init(&out, memory, sizeof(memory));
    knx_message_encode(&message, &out);
    FUZZ_CHECK(!out.full && out.len == octets.len);
    struct bas_json json = begin(&second);
    knx_message_json(&message, &json);
    end(&json);
    FUZZ_CHECK(knx_message_decode((struct bas_slice){ out.data, out.len }, &message, NULL) == err);
    bas_buf_init(&second, again, sizeof(again));
    knx_message_encode(&message, &second);
    check_same(&out, &second);
}

/* A header that fits is put in front: the first octet chooses the service. */
static void fuzz_body(struct bas_slice octets)
{
    static const uint16_t services[] = {
#define IP_SERVICE(number, ...) number,
#include "knx/ip.def"
#undef IP_SERVICE
    };
    static uint8_t frame[MAX_FRAME];
    if (octets.len == 0 || octets.len + KNX_IP_HEADER > sizeof(frame)) {
        return;
    }
    size_t total = octets.len - 1 + KNX_IP_HEADER;
    uint16_t service = services[octets.data[0] % BAS_ARRAY_LEN(services)];
    const uint8_t header[KNX_IP_HEADER] = { KNX_IP_HEADER,           KNX_IP_VERSION,
                                            (uint8_t)(service >> 8), (uint8_t)service,
                                            (uint8_t)(total >> 8),   (uint8_t)total };
    memcpy(frame, header, sizeof(header));
    memcpy(frame + sizeof(header), octets.data + 1, octets.len - 1);
    fuzz_frame((struct bas_slice){ frame, total });
}

static void fuzz_cemi(struct bas_slice octets)
{
    struct knx_cemi cemi;
    struct bas_fault fault = { 0 };
    struct bas_buf out;
    struct bas_buf second;
    bas_err err = knx_cemi_decode(octets, &cemi, &fault);
    FUZZ_CHECK(err == fault.err);
    if (err != BAS_OK && err != BAS_ERR_UNSUPPORTED) {
        return;
    }
    bas_buf_init(&out, memory, sizeof(memory));
    knx_cemi_encode(&cemi, &out);
    FUZZ_CHECK(!out.full && out.len == octets.len);
    struct bas_json json = begin(&second);
    knx_cemi_json(&cemi, &json);
    end(&json);
    FUZZ_CHECK(knx_cemi_decode((struct bas_slice){ out.data, out.len }, &cemi, NULL) == err);
    bas_buf_init(&second, again, sizeof(again));
    knx_cemi_encode(&cemi, &second);
    check_same(&out, &second);
}

static void fuzz_tpdu(struct bas_slice octets)
{
    struct knx_tpdu tpdu;
    struct bas_fault fault = { 0 };
    struct bas_buf out;
    bas_err err = knx_tpdu_decode(octets, &tpdu, &fault);
    FUZZ_CHECK(err == fault.err);
    if (err != BAS_OK) {
        return;
    }
    bas_buf_init(&out, memory, sizeof(memory));
    knx_tpdu_encode(&tpdu, &out);
    FUZZ_CHECK(!out.full && out.len == octets.len);
    FUZZ_CHECK(memcmp(out.data, octets.data, octets.len) == 0);
    err = knx_tpdu_json(&tpdu, NULL, NULL);
    struct bas_json json = begin(&out);
    FUZZ_CHECK(knx_tpdu_json(&tpdu, &json, NULL) == err);
    end(&json);
    struct knx_group_value value;
    if (knx_group_value_of(&tpdu, &value)) {
        FUZZ_CHECK(value.is_small ? value.octets.len == 1 : value.octets.len == tpdu.data.len);
    }
}

static void fuzz_blocks(struct bas_slice octets)
{
    struct knx_block block;
    struct knx_device_info info;
    struct bas_buf out;
    struct bas_json json = begin(&out);
    knx_dibs_json(octets, &json);
    end(&json);
    size_t left = octets.len;
    for (struct bas_slice list = octets; knx_dib_next(&list, &block); left = list.len) {
        FUZZ_CHECK(list.len + block.data.len + 2 == left);
        bas_buf_init(&out, memory, sizeof(memory));
        if (knx_device_info_decode(block.data, &info) == BAS_OK) {
            knx_device_info_encode(&info, &out);
            FUZZ_CHECK(!out.full && out.len == block.data.len + 2);
        }
    }
    left = octets.len;
    for (struct bas_slice list = octets; knx_srp_next(&list, &block); left = list.len) {
        FUZZ_CHECK(list.len + block.data.len + 2 == left);
    }
}

/* How many frames come out, octets of them, and a sum; segments of size octets. */
struct seen {
    size_t frames;
    uint64_t sum;
    uint64_t skipped;
    bool is_lost;
};

static struct seen stream_run(struct bas_slice octets, size_t size)
{
    uint8_t stash[STASH];
    struct knx_stream stream;
    struct seen seen = { 0 };
    knx_stream_init(&stream, stash, sizeof(stash));
    for (size_t at = 0; at < octets.len && !seen.is_lost; at += size) {
        size_t len = octets.len - at < size ? octets.len - at : size;
        struct bas_slice frame;
        bas_err err = BAS_OK;
        knx_stream_feed(&stream, (struct bas_slice){ octets.data + at, len });
        while ((err = knx_stream_next(&stream, &frame)) == BAS_OK) {
            FUZZ_CHECK(frame.len >= KNX_IP_HEADER && frame.len <= STASH);
            seen.frames++;
            for (size_t i = 0; i < frame.len; i++) {
                seen.sum = seen.sum * 31 + frame.data[i];
            }
        }
        FUZZ_CHECK(err == BAS_ERR_AGAIN || err == BAS_ERR_MALFORMED);
        seen.is_lost = err == BAS_ERR_MALFORMED;
    }
    seen.skipped = stream.skipped_frames;
    return seen;
}

/* The same octets give the same frames, whatever the segments are. Headers are made here, so that
 * there are frames at all: each octet of input is the length of one. */
static void fuzz_stream(struct bas_slice octets)
{
    static uint8_t stream[MAX_FRAME];
    size_t len = 0;
    for (size_t i = 1; i < octets.len && len + 256 + KNX_IP_HEADER < sizeof(stream); i++) {
        size_t body = octets.data[i];
        const uint8_t header[KNX_IP_HEADER] = { (uint8_t)(body == 255 ? 5 : KNX_IP_HEADER),
                                                KNX_IP_VERSION,
                                                4,
                                                0x20,
                                                (uint8_t)((body + KNX_IP_HEADER) >> 8),
                                                (uint8_t)(body + KNX_IP_HEADER) };
        memcpy(stream + len, header, sizeof(header));
        memset(stream + len + sizeof(header), (int)body, body);
        len += sizeof(header) + body;
    }
    struct bas_slice all = { stream, len };
    struct seen whole = stream_run(all, len + 1);
    struct seen cut = stream_run(all, octets.len == 0 ? 1 : octets.data[0] % 70 + 1U);
    FUZZ_CHECK(whole.frames == cut.frames && whole.sum == cut.sum);
    FUZZ_CHECK(whole.skipped == cut.skipped && whole.is_lost == cut.is_lost);
    (void)stream_run(octets, 7);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static void (*const targets[])(struct bas_slice) = { fuzz_frame, fuzz_body,   fuzz_cemi,
                                                         fuzz_tpdu,  fuzz_blocks, fuzz_stream };
    if (len == 0 || len > MAX_FRAME) {
        return 0;
    }
    targets[data[0] % BAS_ARRAY_LEN(targets)]((struct bas_slice){ data + 1, len - 1 });
    return 0;
}
