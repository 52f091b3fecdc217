/* Owns what is told of a BVLC-SC message: fields, action, reply (Annex AB). */
#include "decode.h"

#include "wire/rd.h"

#include <string.h>

static const char *const err_names[] = {
#define ERR_NAME(name, status, text) #name,
    BAS_ERRORS(ERR_NAME)
#undef ERR_NAME
};

/* The standard's name of the code in the spelling of the test vectors ("HEADER_NOT_UNDERSTOOD"),
 * else our own ("NOT_FOUND"). */
static const char *error_name(const struct bas_fault *fault, char name[64])
{
    const char *code = fault->error_code == 0 ? NULL : bac_error_code_name(fault->error_code);
    if (code == NULL) {
        return err_names[fault->err] + strlen("ERR_");
    }
    size_t n = 0;
    for (; code[n] != 0 && n < 63; n++) {
        char c = code[n];
        name[n] = c == '-' ? '_' : c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    name[n] = 0;
    return name;
}

void decode_fault(const struct bas_fault *fault, struct bas_json *json)
{
    char name[64];
    if (fault->err == BAS_OK) {
        return;
    }
    bas_json_text(json, "error", error_name(fault, name));
    if (fault->text[0] != 0) {
        bas_json_text(json, "reason", fault->text);
    }
}

/* Fields */

static void put_vmac(struct bas_json *json, const char *key, bool is_there,
                     const struct bsc_vmac *vmac)
{
    if (is_there) {
        bas_json_hex(json, key, (struct bas_slice){ vmac->octets, sizeof(vmac->octets) });
    } else {
        bas_json_null(json, key);
    }
}

static void put_options(struct bas_json *json, const char *key, struct bas_slice list)
{
    struct bsc_option option;
    bas_json_open(json, key, '[');
    while (bsc_option_next(&list, &option)) {
        bool has_data = (option.marker & BSC_OPTION_HAS_DATA) != 0;
        bas_json_open(json, NULL, '{');
        bas_json_hex(json, "marker", (struct bas_slice){ &option.marker, 1 });
        bas_json_unsigned(json, "type", option.type);
        bas_json_bool(json, "bit6", (option.marker & BSC_OPTION_BIT6) != 0);
        bas_json_bool(json, "has_data", has_data);
        bas_json_bool(json, "more", (option.marker & BSC_OPTION_MORE) != 0);
        if (has_data) {
            bas_json_hex(json, "data", option.data);
        } else {
            bas_json_null(json, "data");
        }
        bas_json_close(json, '}');
    }
    bas_json_close(json, ']');
}

static bool put_result(const struct decode_context *c, struct bas_slice payload,
                       struct bas_json *json)
{
    (void)c;
    struct bsc_result result;
    if (bsc_result_decode(payload, &result, NULL) != BAS_OK) {
        return false;
    }
    bas_json_unsigned(json, "result_for", result.result_for);
    bas_json_unsigned(json, "result_code", result.result_code);
    if (result.result_code == 1) {
        bas_json_unsigned(json, "error_header_marker", result.marker);
        bas_json_unsigned(json, "error_class", result.error_class);
        bas_json_unsigned(json, "error_code", result.error_code);
        bas_json_utf8(json, "details", result.details);
    }
    return true;
}

static bool put_npdu(const struct decode_context *c, struct bas_slice payload,
                     struct bas_json *json)
{
    if (payload.len == 0) {
        return false;
    }
    bas_json_hex(json, "npdu", payload);
    bas_json_open(json, "network", '{');
    (void)decode_npdu(c, payload, json);
    bas_json_close(json, '}');
    return true;
}

static bool put_uris(const struct decode_context *c, struct bas_slice payload,
                     struct bas_json *json)
{
    (void)c;
    bas_json_open(json, "uris", '[');
    while (payload.len != 0) {
        const uint8_t *space = memchr(payload.data, ' ', payload.len);
        size_t len = space == NULL ? payload.len : (size_t)(space - payload.data);
        bas_json_utf8(json, NULL, (struct bas_slice){ payload.data, len });
        size_t used = space == NULL ? len : len + 1;
        payload.data += used;
        payload.len -= used;
    }
    bas_json_close(json, ']');
    return true;
}

static bool put_advertisement(const struct decode_context *c, struct bas_slice payload,
                              struct bas_json *json)
{
    (void)c;
    struct bsc_advertisement a;
    if (bsc_advertisement_decode(payload, &a, NULL) != BAS_OK) {
        return false;
    }
    bas_json_unsigned(json, "hub_status", a.hub_status);
    bas_json_unsigned(json, "accept_direct", a.accept_direct ? 1 : 0);
    bas_json_unsigned(json, "max_bvlc", a.max_bvlc);
    bas_json_unsigned(json, "max_npdu", a.max_npdu);
    return true;
}

static bool put_connect(const struct decode_context *c, struct bas_slice payload,
                        struct bas_json *json)
{
    (void)c;
    struct bsc_connect connect;
    if (bsc_connect_decode(payload, &connect, NULL) != BAS_OK) {
        return false;
    }
    put_vmac(json, "vmac", true, &connect.vmac);
    bas_json_hex(json, "uuid",
                 (struct bas_slice){ connect.uuid.octets, sizeof(connect.uuid.octets) });
    bas_json_unsigned(json, "max_bvlc", connect.max_bvlc);
    bas_json_unsigned(json, "max_npdu", connect.max_npdu);
    return true;
}

static bool put_proprietary(const struct decode_context *c, struct bas_slice payload,
                            struct bas_json *json)
{
    (void)c;
    struct bsc_proprietary p;
    if (bsc_proprietary_decode(payload, &p, NULL) != BAS_OK) {
        return false;
    }
    bas_json_unsigned(json, "vendor", p.vendor);
    bas_json_unsigned(json, "proprietary_function", p.function);
    bas_json_hex(json, "data", p.data);
    return true;
}

static void put_payload(const struct decode_context *c, unsigned function, struct bas_slice payload,
                        struct bas_json *json)
{
    static bool (*const payloads[])(const struct decode_context *, struct bas_slice,
                                    struct bas_json *) = {
        [BSC_BVLC_RESULT] = put_result,
        [BSC_ENCAPSULATED_NPDU] = put_npdu,
        [BSC_ADDRESS_RESOLUTION_ACK] = put_uris,
        [BSC_ADVERTISEMENT] = put_advertisement,
        [BSC_CONNECT_REQUEST] = put_connect,
        [BSC_CONNECT_ACCEPT] = put_connect,
        [BSC_PROPRIETARY_MESSAGE] = put_proprietary,
    };
    bool is_known = function < BAS_ARRAY_LEN(payloads) && payloads[function] != NULL;
    if (!(is_known && payloads[function](c, payload, json)) && payload.len != 0) {
        bas_json_hex(json, "payload", payload);
    }
}

static void put_fields(const struct decode_context *c, struct bas_slice octets,
                       struct bas_json *json)
{
    struct bsc_message message;
    bas_err err = bsc_decode(octets, &message, NULL);
    if (octets.len >= 4) {
        bas_json_unsigned(json, "function", message.function);
        bas_json_text(json, "function_name", bsc_function_name(message.function));
        bas_json_unsigned(json, "message_id", message.id);
    }
    if (err == BAS_OK) {
        put_vmac(json, "originating", message.has_originating, &message.originating);
        put_vmac(json, "destination", message.has_destination, &message.destination);
        put_options(json, "dest_options", message.dest_options);
        put_options(json, "data_options", message.data_options);
        put_payload(c, message.function, message.payload, json);
    }
}

/* Action */

static enum bsc_role role_of(const struct decode_context *c, struct bas_slice octets)
{
    switch (c->role) {
    case DECODE_HUB:
        return BSC_ROLE_HUB;
    case DECODE_NODE:
        return BSC_ROLE_NODE;
    case DECODE_DIRECT:
        return BSC_ROLE_DIRECT;
    case DECODE_UNCONNECTED:
        break;
    }
    struct rd r = rd_init(octets);
    return rd_peek(&r) == BSC_CONNECT_REQUEST ? BSC_ROLE_ACCEPTING : BSC_ROLE_INITIATING;
}

/* Limits as a hub has them by default, or as a node. */
static struct bsc_identity identity_of(const struct decode_context *c)
{
    bool is_hub = c->role == DECODE_HUB || c->role == DECODE_UNCONNECTED;
    struct bsc_identity self = { .vmac = c->self, .uuid = c->uuid };
    self.max_bvlc = is_hub ? BSC_MAX_BVLC : BSC_DEFAULT_BVLC;
    self.max_npdu = is_hub ? BSC_MAX_NPDU : BSC_DEFAULT_NPDU;
    self.hub_status = c->role == DECODE_NODE ? 1 : 0;
    return self;
}

static bool is_connected(const struct decode_context *c, const struct bsc_vmac *vmac)
{
    if (bsc_vmac_is_broadcast(vmac)) {
        return true;
    }
    if (bsc_vmac_is_reserved(vmac) || bsc_vmac_equal(vmac, &c->peer)) {
        return false; /* nobody, or back to its sender (spec 3.3) */
    }
    for (size_t i = 0; i < c->n_connected; i++) {
        if (bsc_vmac_equal(vmac, &c->connected[i])) {
            return true;
        }
    }
    return c->connected == NULL;
}

/* A Connect-Request with our VMAC and another UUID (AB.6.2.3). */
static bool is_duplicate(const struct decode_context *c, const struct bsc_message *message)
{
    struct bsc_connect connect;
    return message->function == BSC_CONNECT_REQUEST &&
           bsc_connect_decode(message->payload, &connect, NULL) == BAS_OK &&
           bsc_vmac_equal(&connect.vmac, &c->self) && !bsc_uuid_equal(&connect.uuid, &c->uuid);
}

static enum bsc_action drop_unforwardable(const struct decode_context *c,
                                          const struct bsc_message *message, size_t len,
                                          struct bas_fault *fault)
{
    if (!is_connected(c, &message->destination)) {
        (void)bas_fail(fault, BAS_ERR_NOT_FOUND, "nobody is connected with the destination VMAC");
        return BSC_ACTION_DROP;
    }
    bool grows = bsc_vmac_is_broadcast(&message->destination) && !message->has_originating;
    if (len + (grows ? sizeof(message->originating.octets) : 0) > BSC_MAX_BVLC) {
        (void)bas_fail_code(fault, BAS_ERR_TOO_LONG, BAC_ERROR_CLASS_COMMUNICATION,
                            BAC_ERROR_CODE_MESSAGE_TOO_LONG,
                            "too long for its receivers with its sender added");
        return BSC_ACTION_DROP;
    }
    return BSC_ACTION_FORWARD;
}

/* bsc_judge, and what the engines add to it from what they know of connections. */
static enum bsc_action judge(const struct decode_context *c, struct bas_slice octets,
                             struct bsc_message *message, struct bas_fault *fault)
{
    enum bsc_action action = bsc_judge(role_of(c, octets), octets, message, fault);
    if (action == BSC_ACTION_FORWARD) {
        return drop_unforwardable(c, message, octets.len, fault);
    }
    if (action == BSC_ACTION_ANSWER && is_duplicate(c, message)) {
        (void)bas_fail_code(fault, BAS_ERR_PROTOCOL, BAC_ERROR_CLASS_COMMUNICATION,
                            BAC_ERROR_CODE_NODE_DUPLICATE_VMAC, "it has our VMAC and another UUID");
        return BSC_ACTION_NAK;
    }
    if (action == BSC_ACTION_ANSWER && message->function == BSC_ADDRESS_RESOLUTION) {
        (void)bas_fail_code(fault, BAS_ERR_UNSUPPORTED, BAC_ERROR_CLASS_COMMUNICATION,
                            BAC_ERROR_CODE_OPTIONAL_FUNCTIONALITY_NOT_SUPPORTED,
                            "we do not accept direct connections");
        return BSC_ACTION_NAK;
    }
    if (action == BSC_ACTION_DELIVER && message->function == BSC_PROPRIETARY_MESSAGE) {
        (void)bas_fail_code(fault, BAS_ERR_UNSUPPORTED, BAC_ERROR_CLASS_COMMUNICATION,
                            BAC_ERROR_CODE_BVLC_PROPRIETARY_FUNCTION_UNKNOWN,
                            "the program's own nodes have no proprietary functions; the engine "
                            "hands it to its owner");
        return BSC_ACTION_DROP;
    }
    return action;
}

static void put_forward(const struct decode_context *c, struct bas_slice octets,
                        const struct bsc_message *message, struct bas_json *json)
{
    uint8_t head[BSC_MAX_HEADER];
    struct bas_slice rest;
    struct bas_buf out;
    size_t len = bsc_forward_header(octets, message, &c->peer, head, &rest);
    bas_buf_init(&out, c->scratch, DECODE_SCRATCH);
    bas_buf_add(&out, head, len);
    bas_buf_add(&out, rest.data, rest.len);
    bas_json_hex(json, "forward", (struct bas_slice){ out.data, out.len });
}

static void put_reply(struct decode_context *c, enum bsc_action action,
                      const struct bsc_message *message, const struct bas_fault *fault,
                      struct bas_json *json)
{
    struct bas_buf out;
    bas_buf_init(&out, c->scratch, DECODE_SCRATCH);
    if (action == BSC_ACTION_NAK) {
        bsc_nak(message, fault, false, &out);
    } else {
        struct bsc_identity self = identity_of(c);
        bsc_answer(message, &self, c->next_id, &out);
        bool is_fresh = message->function == BSC_ADVERTISEMENT_SOLICITATION;
        c->next_id = (uint16_t)(c->next_id + (is_fresh ? 1U : 0U));
    }
    bas_json_hex(json, "reply", (struct bas_slice){ out.data, out.len });
}

void decode_bvlc(struct decode_context *context, struct bas_slice octets, struct bas_json *json)
{
    static const char *const names[] = {
        [BSC_ACTION_DELIVER] = "deliver", [BSC_ACTION_FORWARD] = "forward",
        [BSC_ACTION_ANSWER] = "answer",   [BSC_ACTION_NAK] = "nak",
        [BSC_ACTION_DROP] = "drop",
    };
    struct bsc_message message = { 0 };
    struct bas_fault fault = { 0 };
    put_fields(context, octets, json);
    enum bsc_action action = judge(context, octets, &message, &fault);
    bas_json_text(json, "action", names[action]);
    if (action == BSC_ACTION_FORWARD) {
        put_forward(context, octets, &message, json);
    } else if (action == BSC_ACTION_ANSWER || action == BSC_ACTION_NAK) {
        put_reply(context, action, &message, &fault, json);
    }
    decode_fault(&fault, json);
}
