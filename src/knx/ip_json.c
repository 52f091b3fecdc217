/* Owns what is told of a KNXnet/IP frame as JSON: the fields of its row, and what lies in them. */
#include "knx/ip.h"

#include <stdio.h>

/* Tells one field. False: no field follows. */
typedef bool teller(const struct knx_message *message, struct bas_json *json);

/* Fields that are a number and nothing more: code of the field, member. */
#define NUMBERS(ROW)                                                                               \
    ROW(CHANNEL, channel)                                                                          \
    ROW(SEQUENCE, sequence)                                                                        \
    ROW(FEATURE, feature)                                                                          \
    ROW(RETURN_CODE, return_code)                                                                  \
    ROW(USER, user)                                                                                \
    ROW(DEVICE_STATE, device_state)                                                                \
    ROW(WAIT, wait_ms)                                                                             \
    ROW(BUSY_CONTROL, busy_control)                                                                \
    ROW(LOST, lost)                                                                                \
    ROW(SESSION, session)                                                                          \
    ROW(COUNTER, counter)

#define NUMBER_TELLER(code, member)                                                                \
    static bool tell_##member(const struct knx_message *message, struct bas_json *json)            \
    {                                                                                              \
        bas_json_unsigned(json, #member, message->member);                                         \
        return true;                                                                               \
    }
NUMBERS(NUMBER_TELLER)

static bool tell_status(const struct knx_message *message, struct bas_json *json)
{
    bool is_session = message->service == KNX_SESSION_STATUS;
    bas_json_unsigned(json, "status", message->status);
    bas_json_text(json, "status_name",
                  is_session ? knx_session_status_name(message->status)
                             : knx_status_name(message->status));
    return true;
}

static bool tell_serial(const struct knx_message *message, struct bas_json *json)
{
    bas_json_hex(json, "serial", (struct bas_slice){ message->serial, sizeof(message->serial) });
    return true;
}

static bool tell_tag(const struct knx_message *message, struct bas_json *json)
{
    uint8_t octets[2] = { (uint8_t)(message->tag >> 8), (uint8_t)message->tag };
    bas_json_hex(json, "tag", (struct bas_slice){ octets, sizeof(octets) });
    return true;
}

static bool tell_public_key(const struct knx_message *message, struct bas_json *json)
{
    bas_json_hex(json, "public_key", message->public_key);
    return true;
}

static bool tell_mac(const struct knx_message *message, struct bas_json *json)
{
    bas_json_hex(json, "mac", message->mac);
    return true;
}

/* Endpoints, what is asked for, what is granted */

static void tell_hpai(const char *key, const struct knx_hpai *hpai, struct bas_json *json)
{
    char address[16];
    const uint8_t *a = hpai->address;
    (void)snprintf(address, sizeof(address), "%u.%u.%u.%u", a[0], a[1], a[2], a[3]);
    bas_json_open(json, key, '{');
    bas_json_text(json, "protocol", hpai->protocol == KNX_TCP ? "tcp" : "udp");
    bas_json_text(json, "address", address);
    bas_json_unsigned(json, "port", hpai->port);
    bas_json_close(json, '}');
}

static bool tell_control(const struct knx_message *message, struct bas_json *json)
{
    tell_hpai("control", &message->control, json);
    return true;
}

static bool tell_data(const struct knx_message *message, struct bas_json *json)
{
    tell_hpai("data", &message->data, json);
    return true;
}

static const char *connection_name(unsigned type)
{
    static const char *const names[] = {
        [KNX_CONNECTION_MANAGEMENT] = "device management",
        [KNX_CONNECTION_TUNNEL] = "tunnel",
        [KNX_CONNECTION_REMOTE_LOGGING] = "remote logging",
        [KNX_CONNECTION_REMOTE_CONFIGURATION] = "remote configuration",
        [KNX_CONNECTION_OBJECT_SERVER] = "object server",
    };
    const char *name = type < BAS_ARRAY_LEN(names) ? names[type] : NULL;
    return name != NULL ? name : "unknown";
}

static void tell_connection(const struct knx_message *message, bool has_layer,
                            struct bas_json *json)
{
    char text[KNX_ADDRESS_TEXT];
    const struct knx_cri *cri = &message->cri;
    bas_json_open(json, "cri", '{');
    bas_json_unsigned(json, "type", cri->type);
    bas_json_text(json, "type_name", connection_name(cri->type));
    if (has_layer && cri->type == KNX_CONNECTION_TUNNEL) {
        bas_json_unsigned(json, "layer", cri->layer);
    }
    if (cri->has_address) {
        bas_json_text(json, "address", knx_ia_text(cri->address, text));
    }
    if (message->payload.len != 0) {
        bas_json_hex(json, "data", message->payload);
    }
    bas_json_close(json, '}');
}

static bool tell_cri(const struct knx_message *message, struct bas_json *json)
{
    tell_connection(message, true, json);
    return true;
}

static bool tell_crd(const struct knx_message *message, struct bas_json *json)
{
    tell_connection(message, false, json);
    return true;
}

/* Payloads */

static bool tell_payload(const struct knx_message *message, struct bas_json *json)
{
    bas_json_hex(json, "payload", message->payload);
    return true;
}

static bool tell_value(const struct knx_message *message, struct bas_json *json)
{
    bas_json_hex(json, "value", message->payload);
    return true;
}

/* A cEMI message that cannot be taken apart is left as octets. */
static bool tell_cemi(const struct knx_message *message, struct bas_json *json)
{
    struct knx_cemi cemi;
    (void)tell_payload(message, json);
    if (knx_cemi_decode(message->payload, &cemi, NULL) == BAS_OK) {
        bas_json_open(json, "cemi", '{');
        knx_cemi_json(&cemi, json);
        bas_json_close(json, '}');
    }
    return true;
}

static bool tell_dibs(const struct knx_message *message, struct bas_json *json)
{
    bas_json_open(json, "dibs", '{');
    knx_dibs_json(message->payload, json);
    bas_json_close(json, '}');
    return true;
}

static bool tell_srps(const struct knx_message *message, struct bas_json *json)
{
    struct bas_slice list = message->payload;
    struct knx_block block;
    bas_json_open(json, "srps", '[');
    while (knx_srp_next(&list, &block)) {
        bas_json_open(json, NULL, '{');
        bas_json_unsigned(json, "type", block.type);
        bas_json_bool(json, "mandatory", block.is_mandatory);
        bas_json_hex(json, "data", block.data);
        bas_json_close(json, '}');
    }
    bas_json_close(json, ']');
    return true;
}

/* Early ends, as in ip_field.c */

static bool tell_granted(const struct knx_message *message, struct bas_json *json)
{
    if (message->status != KNX_E_NO_ERROR && message->payload.len != 0) {
        (void)tell_payload(message, json);
    }
    return message->status == KNX_E_NO_ERROR;
}

static bool tell_free_session(const struct knx_message *message, struct bas_json *json)
{
    (void)json;
    return message->public_key.len != 0;
}

static bool tell_value_granted(const struct knx_message *message, struct bas_json *json)
{
    (void)json;
    return message->return_code == 0;
}

/* What is not here has no meaning: reserved octets, lengths. */
static teller *const tellers[IP_FIELDS] = {
#define NUMBER_ROW(code, member) [IP_##code] = tell_##member,
    NUMBERS(NUMBER_ROW)[IP_CONTROL] = tell_control,
    [IP_DATA] = tell_data,
    [IP_CRI] = tell_cri,
    [IP_CRD] = tell_crd,
    [IP_STATUS] = tell_status,
    [IP_SERIAL] = tell_serial,
    [IP_TAG] = tell_tag,
    [IP_PUBLIC_KEY] = tell_public_key,
    [IP_MAC] = tell_mac,
    [IP_CEMI] = tell_cemi,
    [IP_VALUE] = tell_value,
    [IP_BODY] = tell_payload,
    [IP_DIBS] = tell_dibs,
    [IP_SRPS] = tell_srps,
    [IP_ENCRYPTED] = tell_payload,
    [IP_IF_GRANTED] = tell_granted,
    [IP_IF_SESSION] = tell_free_session,
    [IP_IF_VALUE] = tell_value_granted,
};

void knx_message_json(const struct knx_message *message, struct bas_json *json)
{
    const struct ip_service *service = ip_service_find(message->service);
    bas_json_unsigned(json, "service", message->service);
    bas_json_text(json, "service_name", knx_service_name(message->service));
    if (service == NULL) {
        (void)tell_payload(message, json);
        return;
    }
    bool goes_on = true;
    for (const uint8_t *field = service->fields; *field != IP_END && goes_on; field++) {
        goes_on = tellers[*field] == NULL || tellers[*field](message, json);
    }
}
