/*
 * Fuzz target of the BVLC-SC codec and its rules. The first octet chooses the role, the rest is the
 * message. Aborts where a promise of basalt/sc.h is broken.
 */
#include "basalt/sc.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void promise(bool kept)
{
    if (!kept) {
        abort();
    }
}

static bool encodes_to(const struct bsc_message *message, struct bas_slice octets)
{
    static uint8_t memory[BSC_MAX_BVLC];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    bsc_encode(message, &out);
    return !out.full && out.len == octets.len &&
           (octets.len == 0 || memcmp(out.data, octets.data, octets.len) == 0);
}

/* Every decoder, also where the function is another one. */
static void decode_payloads(struct bas_slice payload)
{
    struct bas_fault fault = { 0 };
    struct bsc_result result;
    struct bsc_connect connect;
    struct bsc_advertisement advertisement;
    struct bsc_proprietary proprietary;
    promise((bsc_result_decode(payload, &result, &fault) == BAS_OK) == (fault.err == BAS_OK));
    fault.err = BAS_OK;
    promise((bsc_connect_decode(payload, &connect, &fault) == BAS_OK) == (fault.err == BAS_OK));
    fault.err = BAS_OK;
    promise((bsc_advertisement_decode(payload, &advertisement, &fault) == BAS_OK) ==
            (fault.err == BAS_OK));
    fault.err = BAS_OK;
    promise((bsc_proprietary_decode(payload, &proprietary, &fault) == BAS_OK) ==
            (fault.err == BAS_OK));
}

/* Whole messages come out, and none goes to everybody. */
static void check_reply(const struct bas_buf *out)
{
    struct bsc_message reply;
    promise(!out->full);
    promise(bsc_decode((struct bas_slice){ out->data, out->len }, &reply, NULL) == BAS_OK);
    promise(!reply.has_originating);
    promise(!reply.has_destination || !bsc_vmac_is_reserved(&reply.destination));
}

static void check_action(enum bsc_action action, struct bas_slice octets,
                         const struct bsc_message *message, const struct bas_fault *fault)
{
    static const struct bsc_identity self = { .vmac = { { 2 } }, .uris = "wss://a" };
    static const struct bsc_vmac origin = { { 2, 1 } };
    uint8_t memory[512];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    promise((fault->err == BAS_OK) == (action != BSC_ACTION_NAK && action != BSC_ACTION_DROP));
    switch (action) {
    case BSC_ACTION_DELIVER:
        promise(encodes_to(message, octets));
        break;
    case BSC_ACTION_FORWARD: {
        struct bas_slice rest;
        size_t head = bsc_forward_header(octets, message, &origin, memory, &rest);
        promise(head <= BSC_MAX_HEADER && rest.len <= octets.len);
        break;
    }
    case BSC_ACTION_ANSWER:
        promise(encodes_to(message, octets));
        bsc_answer(message, &self, 1, &out);
        check_reply(&out);
        break;
    case BSC_ACTION_NAK:
        bsc_nak(message, fault, true, &out);
        check_reply(&out);
        break;
    case BSC_ACTION_DROP:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len == 0 || len > BSC_MAX_BVLC) {
        return 0;
    }
    struct bas_slice octets = { data + 1, len - 1 };
    struct bsc_message message;
    struct bas_fault fault = { 0 };
    if (bsc_decode(octets, &message, &fault) == BAS_OK) {
        promise(fault.err == BAS_OK && encodes_to(&message, octets));
        decode_payloads(message.payload);
    } else {
        promise(fault.err != BAS_OK);
    }
    fault = (struct bas_fault){ 0 };
    enum bsc_role role = (enum bsc_role)(data[0] % (BSC_ROLE_INITIATING + 1));
    enum bsc_action action = bsc_judge(role, octets, &message, &fault);
    check_action(action, octets, &message, &fault);
    return 0;
}
