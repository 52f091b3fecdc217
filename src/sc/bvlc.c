/* Owns the BVLC-SC codec (AB.2): the rows of the functions, header, whole messages. */
#include "sc/bvlc.h"

#include "sc/policy.h"
#include "sc/vmac.h"
#include "wire/wr.h"

#include <assert.h>

/* bsc 1.1-05 2.1-14 */
const struct bsc_row bsc_rows[BSC_FUNCTIONS + 1] = {
#define BSC_FUNCTION(code, member, text, bound, cast, ask, reply, data, min, max)                  \
    [BSC_##member] = { .name = (text),                                                             \
                       .scope = BSC_SCOPE_##bound,                                                 \
                       .broadcast = (cast),                                                        \
                       .request = (ask),                                                           \
                       .answered = (reply),                                                        \
                       .data_options = (data),                                                     \
                       .payload_min = (min),                                                       \
                       .payload_max = (max) },
#include "sc/bvlc.def"
#undef BSC_FUNCTION
    [BSC_FUNCTIONS] = { .name = "unknown",
                        .scope = BSC_SCOPE_ADDRESSED,
                        .broadcast = true,
                        .request = true,
                        .data_options = true,
                        .payload_max = BSC_ANY_LENGTH },
};

#define BSC_FUNCTION(code, member, ...)                                                            \
    _Static_assert(BSC_##member == (code), "a row of bvlc.def and its enumerator differ");
#include "sc/bvlc.def"
#undef BSC_FUNCTION

const char *bsc_function_name(unsigned function)
{
    return bsc_row(function)->name;
}

/* bsc 1.1-03 11-35 */
bas_err bsc_decode(struct bas_slice octets, struct bsc_message *message, struct bas_fault *fault)
{
    struct rd r = rd_init(octets);
    *message = (struct bsc_message){ 0 };
    if (!bsc_fixed_read(&r, message) || !bsc_addresses_read(&r, message)) {
        return bas_fail_code(fault, BAS_ERR_TRUNCATED, BAC_ERROR_CLASS_COMMUNICATION,
                             BAC_ERROR_CODE_MESSAGE_INCOMPLETE,
                             "the header of a message of %zu octets is cut off", octets.len);
    }
    bas_err err = bsc_lists_read(&r, message, fault);
    if (err == BAS_OK) {
        message->payload = rd_rest(&r);
    }
    return err;
}

/* bsc 1.1-03 1.1-04 11-34 11-35 */
void bsc_encode(const struct bsc_message *message, struct bas_buf *out)
{
    unsigned control = message->control & BSC_CONTROL_RESERVED;
    control |= message->has_originating ? BSC_CONTROL_ORIGINATING : 0;
    control |= message->has_destination ? BSC_CONTROL_DESTINATION : 0;
    control |= message->dest_options.len != 0 ? BSC_CONTROL_DEST_OPTIONS : 0;
    control |= message->data_options.len != 0 ? BSC_CONTROL_DATA_OPTIONS : 0;
    wr_u8(out, message->function);
    wr_u8(out, (uint8_t)control);
    wr_u16(out, message->id);
    if (message->has_originating) {
        bas_buf_add(out, message->originating.octets, sizeof(message->originating.octets));
    }
    if (message->has_destination) {
        bas_buf_add(out, message->destination.octets, sizeof(message->destination.octets));
    }
    wr_slice(out, message->dest_options);
    wr_slice(out, message->data_options);
    wr_slice(out, message->payload);
}

/* bsc 1.2-03 1.2-04 1.3-03 3.3-02 3.3-03 3.3-06 3.3-08 11-03 */
size_t bsc_forward_header(struct bas_slice octets, const struct bsc_message *message,
                          const struct bsc_vmac *origin, uint8_t head[BSC_MAX_HEADER],
                          struct bas_slice *rest)
{
    struct rd r = rd_init(octets);
    struct bas_slice fixed = rd_take(&r, 4);
    (void)rd_take(&r, message->has_originating ? 2 * sizeof(*origin) : sizeof(*origin));
    *rest = rd_rest(&r);
    assert(message->has_destination && r.err == BAS_OK);
    memcpy(head, fixed.data, 4);
    memcpy(head + 4, origin->octets, sizeof(origin->octets));
    if (!bsc_message_is_broadcast(message)) {
        head[1] = (uint8_t)((head[1] & ~BSC_CONTROL_DESTINATION) | BSC_CONTROL_ORIGINATING);
        return 10;
    }
    head[1] |= BSC_CONTROL_ORIGINATING;
    memcpy(head + 10, message->destination.octets, sizeof(message->destination.octets));
    return 16;
}
