/*
 * Owns the rules of BVLC-SC messages (AB.3.1.5, AB.5.3, AB.5.4): what is to be done with one, and
 * the NAK or answer that goes back. Driven by the rows of bvlc.def and one row for each role.
 */
#include "sc/bvlc.h"

#include "sc/policy.h"
#include "sc/vmac.h"
#include "wire/wr.h"

#include <assert.h>

#if defined(__GNUC__)
#define BSC_NOINLINE __attribute__((noinline))
#else
#define BSC_NOINLINE
#endif

/* Whether an address stands in the header of a message that is for us. */
enum presence { ANY, ABSENT, PRESENT };

struct address_rule {
    enum presence originating;
    enum presence destination;
};

struct role_rule {
    uint32_t functions; /* bit n: function n may come now; UINT32_MAX: any, unknown ones too */
    bool forwards;
    bool forwards_originating;
    bool forwards_any_broadcast;
    bool takes_broadcast;
    bool takes_destination;    /* also one that is not the broadcast VMAC */
    bool originating_is_route; /* an answer goes to Originating; else to the connection peer */
    bool naks_missing_address;
    bool takes_proprietary;
    struct address_rule addresses[BSC_SCOPES];
};

#define ONLY(function) (UINT32_C(1) << (function))

/* bsc 1.2-07 1.2-08 1.2-10 6.5-01 6.5-02 */
static const struct role_rule roles[] = {
    [BSC_ROLE_HUB] = { .functions = UINT32_MAX,
                       .forwards = true,
                       .forwards_originating = BSC_POLICY_HUB_FORWARDS_ORIGINATING,
                       .forwards_any_broadcast = BSC_POLICY_HUB_FORWARDS_ANY_BROADCAST,
                       .takes_broadcast = true,
                       .takes_destination = true,
                       .naks_missing_address = BSC_POLICY_HUB_NAKS_NO_DESTINATION,
                       .addresses = { [BSC_SCOPE_LOCAL] = { ABSENT, ABSENT },
                                      [BSC_SCOPE_ADDRESSED] = { ANY, PRESENT },
                                      [BSC_SCOPE_RESULT] = { ANY, ABSENT } } },
    [BSC_ROLE_NODE] = { .functions = UINT32_MAX,
                        .takes_broadcast = true,
                        .originating_is_route = true,
                        .naks_missing_address = BSC_POLICY_NODE_NAKS_NO_ORIGINATING,
                        .takes_proprietary = BSC_POLICY_PROPRIETARY_IS_DELIVERED,
                        .addresses = { [BSC_SCOPE_LOCAL] = { ABSENT, ABSENT },
                                       [BSC_SCOPE_ADDRESSED] = { PRESENT, ANY },
                                       [BSC_SCOPE_RESULT] = { ANY, ABSENT } } },
    [BSC_ROLE_DIRECT] = { .functions = UINT32_MAX,
                          .takes_destination = BSC_POLICY_DIRECT_TAKES_DESTINATION,
                          .takes_proprietary = BSC_POLICY_PROPRIETARY_IS_DELIVERED,
                          .addresses = { [BSC_SCOPE_LOCAL] = { ABSENT, ABSENT },
                                         [BSC_SCOPE_ADDRESSED] = { ABSENT, ANY },
                                         [BSC_SCOPE_RESULT] = { ABSENT, ANY } } },
    [BSC_ROLE_ACCEPTING] = { .functions = ONLY(BSC_CONNECT_REQUEST) | ONLY(BSC_DISCONNECT_REQUEST),
                             .takes_destination = true,
                             .addresses = { [BSC_SCOPE_LOCAL] = { ABSENT, ABSENT } } },
    [BSC_ROLE_INITIATING] = { .functions = ONLY(BSC_CONNECT_ACCEPT) | ONLY(BSC_BVLC_RESULT) |
                                           ONLY(BSC_DISCONNECT_REQUEST) | ONLY(BSC_DISCONNECT_ACK),
                              .takes_destination = true,
                              .addresses = { [BSC_SCOPE_LOCAL] = { ABSENT, ABSENT },
                                             [BSC_SCOPE_RESULT] = { ABSENT, ABSENT } } },
};

/* One message on its way through the checks. */
struct judgement {
    enum bsc_role role;
    const struct role_rule *rule;
    const struct bsc_row *row;
    struct bsc_message *message;
    struct bas_fault *fault;
    struct rd rest;
    bool broadcast;
    bool silent; /* no NAK, although the function is a request */
};

/* bsc 3.1-04 3.3-01 3.3-07 3.3-15 11-10 11-14 11-26 11-27 11-32 */
static bool is_in_transit(const struct role_rule *rule, const struct bsc_row *row,
                          const struct bsc_message *message)
{
    return message->has_destination && rule->forwards && row->scope != BSC_SCOPE_LOCAL;
}

/* bsc 3.3-09 */
static bool may_be_forwarded(const struct role_rule *rule, const struct bsc_row *row,
                             const struct bsc_message *message)
{
    return (row->broadcast || rule->forwards_any_broadcast || !bsc_message_is_broadcast(message)) &&
           (rule->forwards_originating || !message->has_originating);
}

/* bsc 11-25 */
static bas_err fail(const struct judgement *j, bas_err err, unsigned code, const char *what)
{
    return bas_fail_code(j->fault, err, BAC_ERROR_CLASS_COMMUNICATION, code, "%s (%02x): %s",
                         j->row->name, j->message->function, what);
}

/* bsc 2.2-16 5.2-11 5.3-08 */
static bas_err check_state(struct judgement *j)
{
    unsigned function = j->message->function;
    if (j->rule->functions == UINT32_MAX ||
        (function < BSC_FUNCTIONS && (j->rule->functions & ONLY(function)) != 0)) {
        return BAS_OK;
    }
    j->silent = true;
    return fail(j, BAS_ERR_STATE, BSC_POLICY_STATE_CODE, "not allowed before the connection is up");
}

/* Where an address that is cut off would have decided whether and where a NAK goes, none is sent.
 * bsc 2.2-02
 */
static bas_err check_whole_addresses(struct judgement *j)
{
    if (j->rest.err == BAS_OK) {
        return BAS_OK;
    }
    bool has_destination = (j->message->control & BSC_CONTROL_DESTINATION) != 0;
    j->silent = j->rule->originating_is_route || (has_destination && !j->rule->takes_destination);
    return fail(j, BAS_ERR_TRUNCATED, BAC_ERROR_CODE_MESSAGE_INCOMPLETE, "an address is cut off");
}

/* A message that a hub would send on, were it allowed to. */
static bas_err check_transit(struct judgement *j)
{
    if (!is_in_transit(j->rule, j->row, j->message)) {
        return BAS_OK;
    }
    j->silent = true;
    return fail(j, BAS_ERR_PROTOCOL, BSC_POLICY_ADDRESS_CODE, "a hub does not send that on");
}

/* Is it for us at all (AB.5.4)? bsc 1.2-09 6.5-02 */
static bas_err check_destination(struct judgement *j)
{
    if (!j->message->has_destination) {
        return BAS_OK;
    }
    if (j->broadcast && !(j->row->broadcast && j->rule->takes_broadcast)) {
        return fail(j, BAS_ERR_PROTOCOL, BSC_POLICY_ADDRESS_CODE, "it must not be broadcast");
    }
    if (!j->broadcast && !j->rule->takes_destination) {
        j->silent = true;
        return fail(j, BAS_ERR_PROTOCOL, BSC_POLICY_ADDRESS_CODE,
                    "it has a destination on its last way");
    }
    return BAS_OK;
}

/* A reserved VMAC as sender: an answer would be a broadcast, or go nowhere. */
static bas_err check_route(struct judgement *j)
{
    if (!j->rule->originating_is_route || !j->message->has_originating ||
        !bsc_vmac_is_reserved(&j->message->originating)) {
        return BAS_OK;
    }
    j->silent = true;
    return fail(j, BAS_ERR_PROTOCOL, BSC_POLICY_ADDRESS_CODE, "its sender is a reserved VMAC");
}

/* bsc 2.1-14 2.2-05 */
static bas_err check_function(struct judgement *j)
{
    return j->message->function < BSC_FUNCTIONS
               ? BAS_OK
               : fail(j, BAS_ERR_UNSUPPORTED, BAC_ERROR_CODE_BVLC_FUNCTION_UNKNOWN,
                      "no such function");
}

/* bsc 2.2-08 11-18 11-31 */
static bas_err check_reserved_bits(struct judgement *j)
{
    return (j->message->control & BSC_CONTROL_RESERVED) == 0
               ? BAS_OK
               : fail(j, BAS_ERR_PROTOCOL, BSC_POLICY_RESERVED_BITS_CODE,
                      "reserved control bits are set");
}

static bas_err check_lists(struct judgement *j)
{
    bas_err err = bsc_lists_read(&j->rest, j->message, j->fault);
    if (err == BAS_OK) {
        j->message->payload = rd_rest(&j->rest);
    }
    return err;
}

/* bsc 1.2-08 1.2-10 2.2-08 11-41 */
static bas_err check_addresses(struct judgement *j)
{
    const struct address_rule *rule = &j->rule->addresses[j->row->scope];
    const struct bsc_message *message = j->message;
    if ((rule->originating == PRESENT && !message->has_originating) ||
        (rule->destination == PRESENT && !message->has_destination)) {
        j->silent = !j->rule->naks_missing_address;
        return fail(j, BAS_ERR_PROTOCOL, BSC_POLICY_ADDRESS_CODE, "an address is missing");
    }
    if ((rule->originating == ABSENT && message->has_originating) ||
        (rule->destination == ABSENT && message->has_destination)) {
        return fail(j, BAS_ERR_PROTOCOL, BSC_POLICY_ADDRESS_CODE, "it must not have that address");
    }
    return BAS_OK;
}

/* bsc 1.3-12 2.2-10 */
static bas_err check_data_options_allowed(struct judgement *j)
{
    return j->row->data_options || j->message->data_options.len == 0
               ? BAS_OK
               : fail(j, BAS_ERR_PROTOCOL, BAC_ERROR_CODE_INCONSISTENT_PARAMETERS,
                      "it must not have data options");
}

static bas_err check_options(struct judgement *j)
{
    bas_err err = bsc_dest_options_check(j->message->function, j->message->dest_options, j->fault);
    return err != BAS_OK ? err : bsc_data_options_check(j->message->data_options, j->fault);
}

static bas_err check_payload(struct judgement *j)
{
    return bsc_payload_check(j->message->function, j->message->payload, j->fault);
}

static bas_err check_proprietary(struct judgement *j)
{
    return j->message->function != BSC_PROPRIETARY_MESSAGE || j->rule->takes_proprietary
               ? BAS_OK
               : fail(j, BAS_ERR_UNSUPPORTED, BAC_ERROR_CODE_BVLC_PROPRIETARY_FUNCTION_UNKNOWN,
                      "not known here");
}

/* A NAK where the rules of NAKs allow one (AB.3.1.5). bsc 2.1-15 2.1-16 11-04 11-17 */
static enum bsc_action refuse(const struct judgement *j)
{
    if (j->silent || j->broadcast || !j->row->request) {
        return BSC_ACTION_DROP;
    }
    if (!j->rule->originating_is_route) {
        j->message->has_originating = false; /* not trusted: the NAK goes to the connection peer */
    }
    return BSC_ACTION_NAK;
}

/* bsc 2.2-19 */
static enum bsc_action judge(struct judgement *j)
{
    static bas_err (*const checks[])(struct judgement *) = {
        check_state,         check_whole_addresses,
        check_transit,       check_destination,
        check_route,         check_function,
        check_reserved_bits, check_lists,
        check_addresses,     check_data_options_allowed,
        check_options,       check_payload,
        check_proprietary,
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(checks); i++) {
        if (checks[i](j) != BAS_OK) {
            return refuse(j);
        }
    }
    bool late = j->message->function == BSC_CONNECT_REQUEST && j->role != BSC_ROLE_ACCEPTING;
    return j->row->answered && !late ? BSC_ACTION_ANSWER : BSC_ACTION_DELIVER;
}

/* Everything but the good message in transit; a call of its own keeps its stack off the hub's path.
 */
BSC_NOINLINE static enum bsc_action judge_fully(enum bsc_role role, struct rd rest,
                                                struct bsc_message *message,
                                                struct bas_fault *fault)
{
    struct judgement j = { .role = role,
                           .rule = &roles[role],
                           .row = bsc_row(message->function),
                           .message = message,
                           .fault = fault,
                           .rest = rest,
                           .broadcast = bsc_message_is_broadcast(message) };
    return judge(&j);
}

/* bsc 2.1-17 2.2-01 11-52 */
enum bsc_action bsc_judge(enum bsc_role role, struct bas_slice octets, struct bsc_message *message,
                          struct bas_fault *fault)
{
    struct rd r = rd_init(octets);
    *message = (struct bsc_message){ 0 };
    if (!bsc_fixed_read(&r, message)) {
        (void)bas_fail_code(fault, BAS_ERR_TRUNCATED, BAC_ERROR_CLASS_COMMUNICATION,
                            BSC_POLICY_SHORT_CODE, "a message of %zu octets", octets.len);
        return BSC_ACTION_DROP;
    }
    const struct bsc_row *row = bsc_row(message->function);
    (void)bsc_addresses_read(&r, message);
    if (is_in_transit(&roles[role], row, message) && may_be_forwarded(&roles[role], row, message)) {
        message->payload = rd_rest(&r);
        return BSC_ACTION_FORWARD;
    }
    return judge_fully(role, r, message, fault);
}

/* Answers */

/* The header of an answer: back to where message came from (AB.3.1.5).
 * bsc 1.2-05 1.2-06 1.2-11 1.2-12 11-43 */
static void reply_header(const struct bsc_message *message, unsigned function, uint16_t id,
                         struct bas_buf *out)
{
    struct bsc_message reply = { .function = (uint8_t)function, .id = id };
    if (message->has_originating && bsc_row(message->function)->scope != BSC_SCOPE_LOCAL) {
        reply.has_destination = true;
        reply.destination = message->originating;
    }
    bsc_encode(&reply, out);
}

/* bsc 2.1-18 11-05 11-15 */
void bsc_nak(const struct bsc_message *message, const struct bas_fault *fault, bool details,
             struct bas_buf *out)
{
    struct bsc_result result = { .result_for = message->function,
                                 .result_code = 1,
                                 .marker = fault->marker,
                                 .error_class = fault->error_class,
                                 .error_code = fault->error_code };
    if (details) {
        result.details = (struct bas_slice){ (const uint8_t *)fault->text, strlen(fault->text) };
    }
    reply_header(message, BSC_BVLC_RESULT, message->id, out);
    bsc_result_encode(&result, out);
}

static bool has_hello(const struct bsc_message *message)
{
    struct bas_slice list = message->dest_options;
    struct bsc_option option = { 0 };
    while (bsc_option_next(&list, &option)) {
        if (option.type == BSC_OPTION_HELLO) {
            return true;
        }
    }
    return false;
}

/* bsc 1.3-14 1.4-15 11-44 */
static void answer_connect(const struct bsc_message *message, const struct bsc_identity *self,
                           struct bas_buf *out)
{
    static const uint8_t hello[] = { BSC_OPTION_HAS_DATA | BSC_OPTION_HELLO, 0, 1,
                                     BSC_POLICY_HELLO_FLAGS };
    struct bsc_message accept = { .function = BSC_CONNECT_ACCEPT, .id = message->id };
    if (has_hello(message)) {
        accept.dest_options = (struct bas_slice){ hello, sizeof(hello) };
    }
    const struct bsc_connect connect = { self->vmac, self->uuid, self->max_bvlc, self->max_npdu };
    bsc_encode(&accept, out);
    bsc_connect_encode(&connect, out);
}

/* bsc 2.2-12 6.3-06 11-16 */
static void answer_resolution(const struct bsc_message *message, const struct bsc_identity *self,
                              struct bas_buf *out)
{
    if (!self->accept_direct) {
        const struct bas_fault fault = { .err = BAS_ERR_UNSUPPORTED,
                                         .error_class = BAC_ERROR_CLASS_COMMUNICATION,
                                         .error_code =
                                             BAC_ERROR_CODE_OPTIONAL_FUNCTIONALITY_NOT_SUPPORTED };
        bsc_nak(message, &fault, false, out);
        return;
    }
    reply_header(message, BSC_ADDRESS_RESOLUTION_ACK, message->id, out);
    bas_buf_add_text(out, self->uris != NULL ? self->uris : "");
}

/* bsc 1.1-06 1.4-16 6.6-01 */
static void answer_solicitation(const struct bsc_message *message, const struct bsc_identity *self,
                                uint16_t fresh_id, struct bas_buf *out)
{
    const struct bsc_advertisement advertisement = { self->hub_status, self->accept_direct,
                                                     self->max_bvlc, self->max_npdu };
    reply_header(message, BSC_ADVERTISEMENT, fresh_id, out);
    bsc_advertisement_encode(&advertisement, out);
}

void bsc_answer(const struct bsc_message *message, const struct bsc_identity *self,
                uint16_t fresh_id, struct bas_buf *out)
{
    assert(bsc_row(message->function)->answered);
    if (message->function == BSC_CONNECT_REQUEST) {
        answer_connect(message, self, out);
    } else if (message->function == BSC_ADDRESS_RESOLUTION) {
        answer_resolution(message, self, out);
    } else if (message->function == BSC_ADVERTISEMENT_SOLICITATION) {
        answer_solicitation(message, self, fresh_id, out);
    } else {
        /* Disconnect-ACK and Heartbeat-ACK: the next code, and nothing else. */
        reply_header(message, message->function + 1U, message->id, out);
    }
}
