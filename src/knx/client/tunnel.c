/* Owns the data of the client engine's connection: one request on its way at a time, its
 * acknowledgement and repetition over UDP, its confirmation; what comes from the server (spec 1.6
 * to 1.8). */
#include "knx/client/client.h"

#include "wire/rd.h"

#include <assert.h>

enum { FEATURE_ADDRESS = 6 };

/* What a kind of connection sends its cEMI with. */
struct carriage {
    uint16_t request, ack;
    unsigned repeats; /* UDP: of a request that is not acknowledged */
};
static const struct carriage tunnel = { KNX_TUNNELLING_REQUEST, KNX_TUNNELLING_ACK, 1 };
static const struct carriage management = { KNX_DEVICE_CONFIGURATION_REQUEST,
                                            KNX_DEVICE_CONFIGURATION_ACK, 3 };

static const struct carriage *carriage_of(const struct knx_client *client)
{
    return client->config.connection == KNX_CONNECTION_TUNNEL ? &tunnel : &management;
}

/* Requests and what confirms them. */

static bool same_octets(struct bas_slice a, struct bas_slice b)
{
    return a.len == b.len && (a.len == 0 || bas_equal_secret(a.data, b.data, a.len));
}

/* The server fills in the source and may mend the control fields. */
static bool same_telegram(const struct knx_cemi *req, const struct knx_cemi *con)
{
    return req->destination == con->destination &&
           ((req->control2 ^ con->control2) & KNX_CONTROL2_GROUP) == 0 &&
           same_octets(req->tpdu, con->tpdu);
}

static bool same_property(const struct knx_cemi *req, const struct knx_cemi *con)
{
    return req->object_type == con->object_type && req->object_instance == con->object_instance &&
           req->property == con->property && req->start_index == con->start_index;
}

static bool any(const struct knx_cemi *req, const struct knx_cemi *con)
{
    (void)req;
    (void)con;
    return true;
}

static const struct exchange {
    uint8_t connection; /* enum knx_connection_type */
    uint8_t layer;      /* of a tunnel */
    uint8_t request;    /* message code */
    uint8_t con;        /* 0: none is awaited */
    bool (*matches)(const struct knx_cemi *req, const struct knx_cemi *con);
} exchanges[] = {
    { KNX_CONNECTION_TUNNEL, KNX_LAYER_LINK, KNX_L_DATA_REQ, KNX_L_DATA_CON, same_telegram },
    { KNX_CONNECTION_TUNNEL, KNX_LAYER_LINK, KNX_L_POLL_DATA_REQ, KNX_L_POLL_DATA_CON, any },
    { KNX_CONNECTION_TUNNEL, KNX_LAYER_RAW, KNX_L_RAW_REQ, KNX_L_RAW_CON, any },
    { KNX_CONNECTION_MANAGEMENT, 0, KNX_M_PROP_READ_REQ, KNX_M_PROP_READ_CON, same_property },
    { KNX_CONNECTION_MANAGEMENT, 0, KNX_M_PROP_WRITE_REQ, KNX_M_PROP_WRITE_CON, same_property },
    { KNX_CONNECTION_MANAGEMENT, 0, KNX_M_FUNC_PROP_COMMAND_REQ, KNX_M_FUNC_PROP_CON,
      same_property },
    { KNX_CONNECTION_MANAGEMENT, 0, KNX_M_FUNC_PROP_STATE_READ_REQ, KNX_M_FUNC_PROP_CON,
      same_property },
    { KNX_CONNECTION_MANAGEMENT, 0, KNX_M_RESET_REQ, 0, any },
    { KNX_CONNECTION_MANAGEMENT, 0, KNX_T_DATA_CONNECTED_REQ, 0, any },
    { KNX_CONNECTION_MANAGEMENT, 0, KNX_T_DATA_INDIVIDUAL_REQ, 0, any },
};

static const struct exchange *exchange_of(const struct knx_client *client, uint8_t request)
{
    const struct knx_client_config *config = &client->config;
    for (size_t i = 0; i < BAS_ARRAY_LEN(exchanges); i++) {
        const struct exchange *row = &exchanges[i];
        if (row->request == request && row->connection == config->connection &&
            (row->layer == 0 || row->layer == config->layer)) {
            return row;
        }
    }
    return NULL;
}

static bool is_confirmation(uint8_t code)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(exchanges); i++) {
        if (exchanges[i].con == code) {
            return true;
        }
    }
    return false;
}

bas_err knx_tunnel_check(const struct knx_client *client, struct bas_slice cemi)
{
    struct knx_cemi c;
    bas_err err = knx_cemi_decode(cemi, &c, NULL);
    if (err != BAS_OK || cemi.len > KNX_MAX_CEMI || exchange_of(client, c.code) == NULL) {
        return BAS_ERR_MALFORMED;
    }
    return BAS_OK;
}

/* The request on its way: there must be one. */
static const struct knx_client_request *flying(const struct knx_client *client)
{
    assert(client->flight != KNX_FLIGHT_NONE && client->requests.count != 0);
    return &client->requests.slots[client->requests.first];
}

static struct bas_slice octets_of(const struct knx_client_request *request)
{
    return (struct bas_slice){ request->octets, request->len };
}

/* The exchange of the request on its way, and the request taken apart. NULL: there is none, or it
 * is a feature. */
static const struct exchange *exchange_flying(const struct knx_client *client,
                                              struct knx_cemi *cemi)
{
    if (client->flight == KNX_FLIGHT_NONE ||
        flying(client)->service != carriage_of(client)->request ||
        knx_cemi_decode(octets_of(flying(client)), cemi, NULL) != BAS_OK) {
        return NULL;
    }
    return exchange_of(client, cemi->code);
}

/* The life of a request. */

bool knx_tunnel_sends(uint16_t service)
{
    return service == KNX_TUNNELLING_REQUEST || service == KNX_DEVICE_CONFIGURATION_REQUEST ||
           service == KNX_TUNNELLING_FEATURE_GET || service == KNX_TUNNELLING_FEATURE_SET;
}

void knx_tunnel_reset(struct knx_client *client)
{
    client->flight = KNX_FLIGHT_NONE;
    client->send_sequence = client->recv_sequence = 0;
    client->timers[KNX_TIMER_REQUEST] = BAS_NEVER;
}

/* The request is done: event CONFIRMED or FAILED (fault), or nothing for a feature that was
 * answered. */
static void complete(struct knx_client *client, struct bas_slice cemi,
                     const struct bas_fault *fault)
{
    const struct knx_client_request *request = flying(client);
    const struct knx_client_event event = {
        .kind = fault != NULL ? KNX_CLIENT_EVENT_FAILED : KNX_CLIENT_EVENT_CONFIRMED,
        .id = request->id,
        .feature = request->feature,
        .cemi = cemi,
    };
    if (fault != NULL || request->id != 0) {
        knx_client_say(client, &event, fault);
    }
    if (client->flight == KNX_FLIGHT_ACK) { /* a repetition may be waiting; its number is used */
        knx_client_recall(client, request->service);
        client->send_sequence++;
    }
    knx_requests_pop(&client->requests);
    client->flight = KNX_FLIGHT_NONE;
    client->timers[KNX_TIMER_REQUEST] = BAS_NEVER;
}

static void put_request(struct knx_client *client, uint16_t service)
{
    knx_client_put(client, &(struct knx_client_out){ .service = service,
                                                     .channel = client->channel,
                                                     .sequence = client->send_sequence });
}

void knx_tunnel_pump(struct knx_client *client)
{
    const struct knx_client_request *request = knx_requests_first(&client->requests);
    /* What is not taken yet holds the next one back: no telegram ends in silence. */
    if (client->state != KNX_CLIENT_UP || request == NULL || client->flight != KNX_FLIGHT_NONE ||
        client->n_events != 0) {
        return;
    }
    client->flight = KNX_FLIGHT_WAITING;
    client->repeats = 0;
    client->ack_status = 0;
    put_request(client, request->service);
}

/* The server has it: over TCP when it was sent, over UDP when it is acknowledged. */
static void sent(struct knx_client *client)
{
    struct knx_cemi cemi;
    const struct exchange *exchange = exchange_flying(client, &cemi);
    client->send_sequence++;
    client->flight = KNX_FLIGHT_CONFIRM;
    if (exchange != NULL && exchange->con == 0) {
        complete(client, (struct bas_slice){ NULL, 0 }, NULL);
    } else {
        knx_client_arm(client, KNX_TIMER_REQUEST, client->config.confirm_ms);
    }
}

void knx_tunnel_taken(struct knx_client *client)
{
    if (!knx_client_is_udp(client)) {
        sent(client);
        return;
    }
    client->flight = KNX_FLIGHT_ACK;
    knx_client_arm(client, KNX_TIMER_REQUEST, client->config.ack_ms);
}

void knx_tunnel_fill(struct knx_client *client, struct knx_message *message, uint8_t *body)
{
    const struct knx_client_request *request = flying(client);
    struct knx_cemi cemi;
    message->payload = octets_of(request);
    message->feature = request->feature;
    if (exchange_flying(client, &cemi) != NULL && cemi.code == KNX_L_DATA_REQ && cemi.source == 0) {
        struct bas_buf out;
        cemi.source = client->address;
        bas_buf_init(&out, body, KNX_MAX_CEMI);
        knx_cemi_encode(&cemi, &out);
        message->payload = (struct bas_slice){ out.data, out.len };
    }
}

bool knx_tunnel_acked(struct knx_client *client, const struct knx_client_input *input)
{
    const struct knx_message *message = input->message;
    if (!knx_client_is_udp(client)) {
        return true; /* some send them over TCP; they mean nothing there (spec 1.7) */
    }
    if (message->service != carriage_of(client)->ack || client->flight != KNX_FLIGHT_ACK ||
        message->sequence != client->send_sequence) {
        knx_client_drop(client, "%s of sequence number %u, which is not awaited",
                        knx_service_name(message->service), message->sequence);
    } else if (message->status != KNX_E_NO_ERROR) {
        client->ack_status = message->status; /* repeated when its time has come */
    } else {
        knx_client_recall(client, flying(client)->service);
        sent(client);
    }
    return true;
}

/* Not acknowledged in time: once more, or the end of the connection. */
static bool repeat(struct knx_client *client)
{
    const struct carriage *carriage = carriage_of(client);
    if (client->repeats < carriage->repeats) {
        client->repeats++;
        put_request(client, flying(client)->service);
        knx_client_arm(client, KNX_TIMER_REQUEST, client->config.ack_ms);
        return true;
    }
    uint8_t status = client->ack_status;
    knx_end_set(client, BAS_ERR_TIMEOUT, false,
                "the interface did not acknowledge a request that was sent %u times%s%s: look at "
                "it and at the network",
                client->repeats + 1, status != 0 ? "; it answered " : "",
                status != 0 ? knx_status_name(status) : "");
    client->end.status = status;
    knx_client_abandon(client);
    return false;
}

bool knx_tunnel_expired(struct knx_client *client, const struct knx_client_input *input)
{
    (void)input;
    if (client->flight == KNX_FLIGHT_ACK) {
        return repeat(client);
    }
    struct bas_fault fault;
    if (flying(client)->id == 0) {
        (void)bas_fail(&fault, BAS_ERR_TIMEOUT,
                       "the interface did not answer for its feature %u: it may not know the "
                       "feature services",
                       flying(client)->feature);
    } else {
        (void)bas_fail(&fault, BAS_ERR_TIMEOUT,
                       "the interface did not confirm the telegram within %lu ms: it may not be on "
                       "the bus; look at its bus connection",
                       (unsigned long)client->config.confirm_ms);
    }
    complete(client, (struct bas_slice){ NULL, 0 }, &fault);
    return true;
}

/* What comes from the server. */

static void confirm(struct knx_client *client, const struct knx_cemi *con, struct bas_slice octets)
{
    struct knx_cemi req;
    struct bas_fault fault;
    const struct exchange *exchange = exchange_flying(client, &req);
    if (exchange == NULL || client->flight == KNX_FLIGHT_WAITING || exchange->con != con->code ||
        !exchange->matches(&req, con)) {
        knx_client_drop(client, "%s that confirms no request of ours (any more)",
                        knx_message_code_name(con->code));
    } else if (con->code == KNX_L_DATA_CON && (con->control1 & KNX_CONTROL1_ERROR) != 0) {
        (void)bas_fail(&fault, BAS_ERR_REMOTE,
                       "no device acknowledged the telegram on the bus (negative L_Data.con): is "
                       "there one for this address, and has it power?");
        complete(client, octets, &fault);
    } else {
        complete(client, octets, NULL);
    }
}

static void take_cemi(struct knx_client *client, struct bas_slice octets)
{
    struct knx_cemi cemi;
    struct bas_fault fault;
    if (knx_cemi_decode(octets, &cemi, &fault) != BAS_OK) {
        knx_client_drop(client, "cEMI from the interface: %s", fault.text);
    } else if (is_confirmation(cemi.code)) {
        confirm(client, &cemi, octets);
    } else {
        const struct knx_client_event event = { .kind = KNX_CLIENT_EVENT_TELEGRAM, .cemi = octets };
        knx_client_say(client, &event, NULL);
    }
}

static void take_feature(struct knx_client *client, const struct knx_message *message)
{
    if (message->service == KNX_TUNNELLING_FEATURE_RESPONSE) {
        if (client->flight == KNX_FLIGHT_NONE || client->flight == KNX_FLIGHT_WAITING ||
            flying(client)->id != 0 || flying(client)->feature != message->feature) {
            knx_client_drop(client,
                            "TUNNELLING_FEATURE_RESPONSE for feature %u, which is not "
                            "awaited",
                            message->feature);
            return;
        }
        complete(client, (struct bas_slice){ NULL, 0 }, NULL);
    }
    struct rd value = rd_init(message->payload);
    knx_ia address = rd_u16(&value);
    if (message->feature == FEATURE_ADDRESS && message->return_code == 0 && value.err == BAS_OK) {
        client->address = address; /* the server has given the tunnel another one */
    }
    const struct knx_client_event event = { .kind = KNX_CLIENT_EVENT_FEATURE,
                                            .feature = message->feature,
                                            .return_code = message->return_code,
                                            .cemi = message->payload };
    knx_client_say(client, &event, NULL);
}

/* UDP: spec 1.6. True when the frame is the next one; a repeated one is only acknowledged. */
static bool is_next(struct knx_client *client, const struct knx_message *message)
{
    uint8_t ahead = (uint8_t)(message->sequence - client->recv_sequence);
    if (ahead != 0 && ahead != UINT8_MAX) {
        knx_client_drop(client, "%s with sequence number %u where %u comes next",
                        knx_service_name(message->service), message->sequence,
                        client->recv_sequence);
        return false;
    }
    knx_client_put(client, &(struct knx_client_out){ .service = carriage_of(client)->ack,
                                                     .channel = client->channel,
                                                     .sequence = message->sequence });
    if (ahead != 0) {
        return false;
    }
    client->recv_sequence++;
    return true;
}

bool knx_tunnel_data(struct knx_client *client, const struct knx_client_input *input)
{
    const struct knx_message *message = input->message;
    if (knx_client_is_udp(client) && !is_next(client, message)) {
        return true;
    }
    if (message->service == carriage_of(client)->request) {
        take_cemi(client, message->payload);
    } else if (carriage_of(client) == &tunnel) {
        take_feature(client, message);
    }
    return true;
}
