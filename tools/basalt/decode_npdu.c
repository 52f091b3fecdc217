/* Owns what is told of NPDUs and APDUs (clauses 6 and 20). */
#include "basalt/bacnet.h"

#include "decode.h"

/* What is malformed stands there as it is. */
static void put_body(struct bas_slice body, struct bas_json *json)
{
    if (body.len != 0) {
        bas_json_hex(json, "body", body);
    }
}

/* A name where there is one, else the number. */
static void put_name(struct bas_json *json, const char *key, const char *name, unsigned number)
{
    if (name != NULL) {
        bas_json_text(json, key, name);
    } else {
        bas_json_unsigned(json, key, number);
    }
}

/* APDU */

static const char *pdu_name(unsigned type)
{
    static const char *const names[] = {
        [BAC_PDU_CONFIRMED_REQUEST] = "confirmed-request",
        [BAC_PDU_UNCONFIRMED_REQUEST] = "unconfirmed-request",
        [BAC_PDU_SIMPLE_ACK] = "simple-ack",
        [BAC_PDU_COMPLEX_ACK] = "complex-ack",
        [BAC_PDU_SEGMENT_ACK] = "segment-ack",
        [BAC_PDU_ERROR] = "error",
        [BAC_PDU_REJECT] = "reject",
        [BAC_PDU_ABORT] = "abort",
    };
    return type < BAS_ARRAY_LEN(names) ? names[type] : NULL;
}

static bool has_service(unsigned type)
{
    return type != BAC_PDU_SEGMENT_ACK && type != BAC_PDU_REJECT && type != BAC_PDU_ABORT;
}

/* The type of what follows the header; NULL: nothing, or nothing we know. */
static const struct bac_type *parameters_type(const struct bac_service *service,
                                              const struct bac_apdu *apdu)
{
    switch ((enum bac_pdu_type)apdu->type) {
    case BAC_PDU_CONFIRMED_REQUEST:
    case BAC_PDU_UNCONFIRMED_REQUEST:
        return service == NULL ? NULL : service->request;
    case BAC_PDU_COMPLEX_ACK:
        return service == NULL ? NULL : service->ack;
    case BAC_PDU_ERROR:
        return service == NULL ? &bac_type_error : service->error;
    case BAC_PDU_SIMPLE_ACK:
    case BAC_PDU_SEGMENT_ACK:
    case BAC_PDU_REJECT:
    case BAC_PDU_ABORT:
        break;
    }
    return NULL;
}

static void put_parameters(const struct decode_context *c, const struct bac_type *type,
                           const struct bac_apdu *apdu, struct bas_json *json)
{
    if (apdu->segmented || (type == NULL && apdu->body.len == 0)) {
        put_body(apdu->body, json); /* one segment tells nothing */
        return;
    }
    if (type == NULL) {
        (void)bac_json_any(apdu->body, json, "parameters");
        return;
    }
    struct bas_fault fault = { 0 };
    struct bac_arena arena;
    bac_arena_init(&arena, c->arena, DECODE_ARENA);
    void *value = bac_arena_take(&arena, type->size);
    if (value != NULL && bac_decode_all(type, apdu->body, value, &arena, &fault) == BAS_OK) {
        bac_json(type, value, json, "parameters");
        return;
    }
    put_body(apdu->body, json);
    decode_fault(&fault, json);
}

static void put_segment(const struct bac_apdu *apdu, struct bas_json *json)
{
    if (apdu->segmented || apdu->type == BAC_PDU_SEGMENT_ACK) {
        bas_json_unsigned(json, "sequence", apdu->sequence);
        bas_json_unsigned(json, "window", apdu->window);
    }
    if (apdu->segmented) {
        bas_json_bool(json, "more_follows", apdu->more_follows);
    }
    if (apdu->type == BAC_PDU_SEGMENT_ACK) {
        bas_json_bool(json, "negative", apdu->negative_ack);
    }
    if (apdu->type == BAC_PDU_SEGMENT_ACK || apdu->type == BAC_PDU_ABORT) {
        bas_json_bool(json, "server", apdu->server);
    }
}

static void put_request_limits(const struct bac_apdu *apdu, struct bas_json *json)
{
    if (apdu->type == BAC_PDU_CONFIRMED_REQUEST) {
        bas_json_unsigned(json, "max_segments", apdu->max_segments);
        bas_json_unsigned(json, "max_apdu", apdu->max_apdu);
        bas_json_bool(json, "segmented_response_accepted", apdu->segmented_response_accepted);
    }
}

bool decode_apdu(const struct decode_context *context, struct bas_slice octets,
                 struct bas_json *json)
{
    struct bac_apdu apdu;
    struct bas_fault fault = { 0 };
    if (bac_apdu_decode(octets, &apdu, &fault) != BAS_OK) {
        put_body(octets, json);
        decode_fault(&fault, json);
        return false;
    }
    put_name(json, "type", pdu_name(apdu.type), apdu.type);
    if (apdu.type != BAC_PDU_UNCONFIRMED_REQUEST) {
        bas_json_unsigned(json, "invoke_id", apdu.invoke_id);
    }
    put_request_limits(&apdu, json);
    put_segment(&apdu, json);
    const struct bac_service *service = NULL;
    if (has_service(apdu.type)) {
        service = bac_service_find(apdu.type != BAC_PDU_UNCONFIRMED_REQUEST, apdu.service);
        bas_json_unsigned(json, "service_choice", apdu.service);
        if (service != NULL) {
            bas_json_text(json, "service", service->name);
        }
    }
    if (apdu.type == BAC_PDU_REJECT) {
        put_name(json, "reject_reason", bac_enum_name(&bac_type_reject_reason, apdu.reason),
                 apdu.reason);
    }
    if (apdu.type == BAC_PDU_ABORT) {
        put_name(json, "abort_reason", bac_enum_name(&bac_type_abort_reason, apdu.reason),
                 apdu.reason);
    }
    put_parameters(context, parameters_type(service, &apdu), &apdu, json);
    return true;
}

/* NPDU */

static const char *network_message_name(unsigned type)
{
    static const char *const names[] = {
        [BAC_NET_WHO_IS_ROUTER] = "who-is-router-to-network",
        [BAC_NET_I_AM_ROUTER] = "i-am-router-to-network",
        [BAC_NET_I_COULD_BE_ROUTER] = "i-could-be-router-to-network",
        [BAC_NET_REJECT_MESSAGE] = "reject-message-to-network",
        [BAC_NET_ROUTER_BUSY] = "router-busy-to-network",
        [BAC_NET_ROUTER_AVAILABLE] = "router-available-to-network",
        [BAC_NET_INITIALIZE_ROUTING_TABLE] = "initialize-routing-table",
        [BAC_NET_INITIALIZE_ROUTING_TABLE_ACK] = "initialize-routing-table-ack",
        [BAC_NET_ESTABLISH_CONNECTION] = "establish-connection-to-network",
        [BAC_NET_DISCONNECT_CONNECTION] = "disconnect-connection-to-network",
        [BAC_NET_WHAT_IS_NETWORK_NUMBER] = "what-is-network-number",
        [BAC_NET_NETWORK_NUMBER_IS] = "network-number-is",
    };
    return type < BAS_ARRAY_LEN(names) ? names[type] : NULL;
}

static void put_address(struct bas_json *json, const char *key, const struct bac_address *address)
{
    bas_json_open(json, key, '{');
    bas_json_unsigned(json, "network", address->network);
    bas_json_hex(json, "mac", (struct bas_slice){ address->mac, address->mac_len });
    bas_json_close(json, '}');
}

bool decode_npdu(const struct decode_context *context, struct bas_slice octets,
                 struct bas_json *json)
{
    static const char *const priorities[] = { "normal", "urgent", "critical-equipment",
                                              "life-safety" };
    struct bac_npdu npdu;
    struct bas_fault fault = { 0 };
    if (bac_npdu_decode(octets, &npdu, &fault) != BAS_OK) {
        put_body(octets, json);
        decode_fault(&fault, json);
        return false;
    }
    bas_json_text(json, "priority", priorities[npdu.priority & 3]);
    bas_json_bool(json, "expecting_reply", npdu.expecting_reply);
    if (npdu.has_destination) {
        put_address(json, "destination", &npdu.destination);
        bas_json_unsigned(json, "hop_count", npdu.hop_count);
    }
    if (npdu.has_source) {
        put_address(json, "source", &npdu.source);
    }
    if (!npdu.is_network_message) {
        bas_json_open(json, "application", '{');
        bool good = decode_apdu(context, npdu.body, json);
        bas_json_close(json, '}');
        return good;
    }
    put_name(json, "network_message", network_message_name(npdu.message_type), npdu.message_type);
    if (npdu.message_type >= BAC_NET_VENDOR_MESSAGE) {
        bas_json_unsigned(json, "vendor", npdu.vendor);
    }
    put_body(npdu.body, json);
    return true;
}
