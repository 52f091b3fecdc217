/* Owns the client engine as a whole: its table of states and events, its timers, and what its owner
 * says to it and gets from it (spec 1.5 to 1.8, 2.3 to 2.6). */
#include "knx/client/client.h"

#include <assert.h>
#include <string.h>

#define ROW(action, next_state)                                                                    \
    {                                                                                              \
        .act = action, .next = KNX_CLIENT_##next_state                                             \
    }

/* An empty cell: a frame is dropped, anything else means nothing. */
static const struct knx_client_rule rules[KNX_CLIENT_STATES][KNX_ON_EVENTS] = {
    [KNX_CLIENT_IDLE] = {
        [KNX_ON_OPEN] = ROW(knx_client_connect, CONNECT),
        [KNX_ON_OPEN_SECURE] = ROW(knx_session_start, SESSION),
        [KNX_ON_CLOSE] = ROW(knx_client_leave, IDLE),
        [KNX_ON_LOST] = ROW(knx_client_lose, IDLE),
    },
    [KNX_CLIENT_SESSION] = {
        [KNX_ON_SESSION_RESPONSE] = ROW(knx_session_respond, AUTHENTICATE),
        [KNX_ON_WAIT_EXPIRED] = ROW(knx_client_time_out, IDLE),
        [KNX_ON_CLOSE] = ROW(knx_client_leave, IDLE),
        [KNX_ON_LOST] = ROW(knx_client_lose, IDLE),
    },
    [KNX_CLIENT_AUTHENTICATE] = {
        [KNX_ON_AUTHENTICATED] = ROW(knx_session_authenticated, CONNECT),
        [KNX_ON_SESSION_END] = ROW(knx_session_ended, IDLE),
        [KNX_ON_WAIT_EXPIRED] = ROW(knx_client_time_out, IDLE),
        [KNX_ON_CLOSE] = ROW(knx_client_leave, IDLE),
        [KNX_ON_LOST] = ROW(knx_client_lose, IDLE),
    },
    [KNX_CLIENT_CONNECT] = {
        [KNX_ON_CONNECT_RESPONSE] = ROW(knx_client_connected, UP),
        [KNX_ON_SESSION_END] = ROW(knx_session_ended, IDLE),
        [KNX_ON_ANSWER] = ROW(knx_client_answer, CONNECT),
        [KNX_ON_WAIT_EXPIRED] = ROW(knx_client_time_out, IDLE),
        [KNX_ON_KEEPALIVE_DUE] = ROW(knx_session_keepalive, CONNECT),
        [KNX_ON_CLOSE] = ROW(knx_client_leave, IDLE),
        [KNX_ON_LOST] = ROW(knx_client_lose, IDLE),
    },
    [KNX_CLIENT_UP] = {
        [KNX_ON_SESSION_END] = ROW(knx_session_ended, IDLE),
        [KNX_ON_STATE_RESPONSE] = ROW(knx_client_alive, UP),
        [KNX_ON_DISCONNECT_REQUEST] = ROW(knx_client_thrown_out, IDLE),
        [KNX_ON_DATA] = ROW(knx_tunnel_data, UP),
        [KNX_ON_ACK] = ROW(knx_tunnel_acked, UP),
        [KNX_ON_ANSWER] = ROW(knx_client_answer, UP),
        [KNX_ON_HEARTBEAT_DUE] = ROW(knx_client_heartbeat, UP),
        [KNX_ON_KEEPALIVE_DUE] = ROW(knx_session_keepalive, UP),
        [KNX_ON_REQUEST_EXPIRED] = ROW(knx_tunnel_expired, UP),
        [KNX_ON_CLOSE] = ROW(knx_client_disconnect, DISCONNECT),
        [KNX_ON_LOST] = ROW(knx_client_lose, IDLE),
    },
    [KNX_CLIENT_DISCONNECT] = {
        [KNX_ON_SESSION_END] = ROW(knx_session_ended, IDLE),
        [KNX_ON_DISCONNECT_REQUEST] = ROW(knx_client_thrown_out, IDLE),
        [KNX_ON_DISCONNECT_RESPONSE] = ROW(knx_client_disconnected, IDLE),
        [KNX_ON_DATA] = ROW(knx_tunnel_data, DISCONNECT),
        [KNX_ON_ACK] = ROW(knx_tunnel_acked, DISCONNECT),
        [KNX_ON_ANSWER] = ROW(knx_client_answer, DISCONNECT),
        [KNX_ON_WAIT_EXPIRED] = ROW(knx_client_time_out, IDLE),
        [KNX_ON_LOST] = ROW(knx_client_lose, IDLE),
    },
};

/* Services of the data connection: over UDP they go to its own endpoint. */
static bool is_data(uint16_t service)
{
    return service >= KNX_DEVICE_CONFIGURATION_REQUEST && service <= KNX_TUNNELLING_FEATURE_INFO;
}

/* The machine */

const struct knx_client_rule *knx_client_rule(enum knx_client_state state, enum knx_on event)
{
    assert(state < KNX_CLIENT_STATES && event < KNX_ON_EVENTS);
    return &rules[state][event];
}

bool knx_client_step(struct knx_client *client, enum knx_on event,
                     const struct knx_client_input *input)
{
    const struct knx_client_rule *rule = knx_client_rule(client->state, event);
    if (rule->act == NULL) {
        return false;
    }
    if (rule->act(client, input)) {
        client->state = rule->next;
    }
    return true;
}

void knx_client_arm(struct knx_client *client, enum knx_client_timer timer, uint32_t ms)
{
    client->timers[timer] = client->now + (bas_time)ms * BAS_MILLISECOND;
}

static void disarm_all(struct knx_client *client)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(client->timers); i++) {
        client->timers[i] = BAS_NEVER;
    }
}

/* Of what waits only this still has a meaning when the connection is over. */
static void keep_farewell(struct knx_client *client)
{
    struct knx_client_out out;
    for (unsigned n = client->n_out; n != 0 && knx_client_take(client, &out); n--) {
        if (out.service == KNX_DISCONNECT_REQUEST || out.service == KNX_DISCONNECT_RESPONSE) {
            knx_client_put(client, &out);
        }
    }
}

void knx_client_finish(struct knx_client *client)
{
    keep_farewell(client);
    if (client->session.is_keyed) {
        knx_client_put(client, &(struct knx_client_out){ .service = KNX_SESSION_STATUS,
                                                         .status = KNX_SESSION_CLOSE });
    }
    client->end.step = client->state;
    client->is_ending = true;
    client->state = KNX_CLIENT_IDLE;
    client->address = 0;
    client->datagram = (struct bas_slice){ NULL, 0 };
    knx_tunnel_reset(client);
    disarm_all(client);
}

/* Creation */

static void set_default(uint32_t *value, uint32_t standard)
{
    *value = *value != 0 ? *value : standard;
}

static void set_defaults(struct knx_client_config *c)
{
    if (c->connection == 0) {
        c->connection = KNX_CONNECTION_TUNNEL;
    }
    if (c->layer == 0) {
        c->layer = KNX_LAYER_LINK;
    }
    set_default(&c->session_response_ms, KNX_CLIENT_SESSION_RESPONSE_MS);
    set_default(&c->session_status_ms, KNX_CLIENT_SESSION_STATUS_MS);
    set_default(&c->connect_response_ms, KNX_CLIENT_CONNECT_RESPONSE_MS);
    set_default(&c->heartbeat_ms, KNX_CLIENT_HEARTBEAT_MS);
    set_default(&c->heartbeat_wait_ms, KNX_CLIENT_HEARTBEAT_WAIT_MS);
    set_default(&c->keepalive_ms, KNX_CLIENT_KEEPALIVE_MS);
    set_default(&c->ack_ms, c->connection == KNX_CONNECTION_TUNNEL ? KNX_CLIENT_ACK_MS
                                                                   : KNX_CLIENT_MANAGEMENT_ACK_MS);
    set_default(&c->confirm_ms, KNX_CLIENT_CONFIRM_MS);
    set_default(&c->disconnect_ms, KNX_CLIENT_DISCONNECT_MS);
    set_default(&c->queue, KNX_CLIENT_QUEUE);
}

static bool can_be(const struct knx_client_config *c)
{
    bool transport_is_good = c->transport == KNX_UDP || c->transport == KNX_TCP;
    bool type_is_good =
        c->connection == KNX_CONNECTION_TUNNEL || c->connection == KNX_CONNECTION_MANAGEMENT;
    bool layer_is_good =
        c->layer == KNX_LAYER_LINK || c->layer == KNX_LAYER_RAW || c->layer == KNX_LAYER_BUSMONITOR;
    bool session_is_good =
        !c->is_secure || (c->transport == KNX_TCP && c->user >= 1 && c->user <= 127);
    return transport_is_good && type_is_good && layer_is_good && session_is_good;
}

static bool is_zero(const uint8_t *octets, size_t len)
{
    uint8_t any = 0;
    for (size_t i = 0; i < len; i++) {
        any |= octets[i];
    }
    return any == 0;
}

/* A serial number that is not zero: it keeps the key streams of both directions apart (spec 2.4).
 */
static void choose_serial(struct knx_client *client)
{
    uint8_t *serial = client->session.serial;
    memcpy(serial, client->config.serial, KNX_SERIAL_LEN);
    if (is_zero(serial, KNX_SERIAL_LEN)) {
        client->env.random(client->env.ctx, serial, KNX_SERIAL_LEN);
        serial[0] |= 1;
    }
}

struct knx_client *knx_client_new(const struct bas_env *env, const struct knx_client_config *config)
{
    struct knx_client_config c = { 0 };
    memcpy(&c, config, config->size < sizeof(c) ? config->size : sizeof(c));
    set_defaults(&c);
    struct knx_client *client = can_be(&c) ? bas_alloc(env, sizeof(*client)) : NULL;
    if (client == NULL) {
        bas_wipe(&c, sizeof(c));
        return NULL;
    }
    client->env = *env;
    client->config = c;
    bas_wipe(&c, sizeof(c));
    client->requests.cap = client->config.queue;
    client->requests.slots = bas_alloc(env, client->requests.cap * sizeof(*client->requests.slots));
    if (client->requests.slots == NULL) {
        knx_client_free(client);
        return NULL;
    }
    client->next_id = 1;
    client->drop_tokens = KNX_CLIENT_DROP_BURST;
    knx_stream_init(&client->stream, client->stash, sizeof(client->stash));
    choose_serial(client);
    disarm_all(client);
    return client;
}

void knx_client_free(struct knx_client *client)
{
    if (client == NULL) {
        return;
    }
    struct bas_env env = client->env;
    struct knx_client_requests *requests = &client->requests;
    if (requests->slots != NULL) {
        bas_wipe(requests->slots, requests->cap * sizeof(*requests->slots));
        bas_release(&env, requests->slots, requests->cap * sizeof(*requests->slots));
    }
    bas_wipe(client, sizeof(*client));
    bas_release(&env, client, sizeof(*client));
}

/* What the owner says */

static void discard_events(struct knx_client *client)
{
    struct knx_client_event event;
    while (knx_client_next_event(client, &event)) {
    }
}

void knx_client_set_local(struct knx_client *client, const struct knx_endpoint *local)
{
    client->config.local = *local;
}

void knx_client_open(struct knx_client *client, bas_time now)
{
    if (client->state != KNX_CLIENT_IDLE) {
        return;
    }
    discard_events(client);
    client->now = now;
    client->drop_refilled = now;
    client->is_over = false;
    client->n_out = 0;
    client->channel = 0;
    client->data = (struct knx_endpoint){ 0 };
    client->heartbeat_tries = 0;
    client->ask_len = 0;
    client->end = (struct knx_client_end){ 0 };
    knx_session_wipe(client);
    knx_stream_init(&client->stream, client->stash, sizeof(client->stash));
    (void)knx_client_step(client, client->config.is_secure ? KNX_ON_OPEN_SECURE : KNX_ON_OPEN,
                          &(struct knx_client_input){ 0 });
}

void knx_client_recv(struct knx_client *client, struct bas_slice octets, bas_time now)
{
    discard_events(client);
    client->now = now;
    if (client->state == KNX_CLIENT_IDLE) {
        return;
    }
    if (knx_client_is_udp(client)) {
        client->datagram = octets;
    } else {
        knx_stream_feed(&client->stream, octets);
    }
    knx_client_advance(client);
}

void knx_client_unopened(struct knx_client *client, const struct bas_fault *fault, bas_time now)
{
    if (client->state == KNX_CLIENT_IDLE && !client->is_ending) {
        client->is_over = false;
        knx_client_lost(client, fault, now);
    }
}

void knx_client_lost(struct knx_client *client, const struct bas_fault *fault, bas_time now)
{
    const struct knx_client_input input = { .fault = fault };
    client->now = now;
    if (!client->is_ending && !client->is_over) {
        (void)knx_client_step(client, KNX_ON_LOST, &input);
    }
}

void knx_client_close(struct knx_client *client, bas_time now)
{
    const struct knx_client_input input = { 0 };
    client->now = now;
    if (client->is_ending || (client->is_over && client->requests.count == 0)) {
        return;
    }
    if (client->state != KNX_CLIENT_DISCONNECT) {
        client->end = (struct knx_client_end){ 0 };
    }
    (void)knx_client_step(client, KNX_ON_CLOSE, &input);
}

/* Requests */

static bas_err add_request(struct knx_client *client, const struct knx_client_request *head,
                           struct bas_slice octets)
{
    if (client->is_ending || client->state == KNX_CLIENT_DISCONNECT) {
        return BAS_ERR_STATE;
    }
    struct knx_client_request *request = knx_requests_add(&client->requests);
    if (request == NULL) {
        return BAS_ERR_BUSY;
    }
    request->id = head->id;
    request->service = head->service;
    request->feature = head->feature;
    request->len = (uint16_t)octets.len;
    if (octets.len != 0) {
        memcpy(request->octets, octets.data, octets.len);
    }
    if (head->id == 0 && octets.len % 2 != 0) {
        request->octets[request->len++] = 0; /* a value is of even length (spec 1.8) */
    }
    knx_tunnel_pump(client);
    return BAS_OK;
}

bas_err knx_client_send(struct knx_client *client, struct bas_slice cemi, bas_time now,
                        uint32_t *id)
{
    bool is_tunnel = client->config.connection == KNX_CONNECTION_TUNNEL;
    client->now = now;
    bas_err err = knx_tunnel_check(client, cemi);
    if (err != BAS_OK) {
        return err;
    }
    const struct knx_client_request head = {
        .id = client->next_id,
        .service = is_tunnel ? KNX_TUNNELLING_REQUEST : KNX_DEVICE_CONFIGURATION_REQUEST,
    };
    err = add_request(client, &head, cemi);
    if (err == BAS_OK) {
        *id = client->next_id;
        client->next_id = client->next_id == UINT32_MAX ? 1 : client->next_id + 1;
    }
    return err;
}

bas_err knx_client_feature(struct knx_client *client, uint8_t feature, struct bas_slice value,
                           bas_time now)
{
    client->now = now;
    if (client->config.connection != KNX_CONNECTION_TUNNEL) {
        return BAS_ERR_STATE;
    }
    if (value.len > KNX_CLIENT_FEATURE) {
        return BAS_ERR_TOO_LONG;
    }
    const struct knx_client_request head = {
        .service = value.len != 0 ? KNX_TUNNELLING_FEATURE_SET : KNX_TUNNELLING_FEATURE_GET,
        .feature = feature,
    };
    return add_request(client, &head, value);
}

bas_err knx_client_ask(struct knx_client *client, struct bas_slice frame, bas_time now)
{
    struct knx_message message;
    client->now = now;
    if (client->state != KNX_CLIENT_CONNECT && client->state != KNX_CLIENT_UP) {
        return BAS_ERR_STATE;
    }
    bas_err err = knx_message_decode(frame, &message, NULL);
    if (err != BAS_OK) {
        return err;
    }
    if (frame.len > sizeof(client->ask)) {
        return BAS_ERR_TOO_LONG;
    }
    if (knx_client_waits(client, 0)) {
        return BAS_ERR_BUSY;
    }
    memcpy(client->ask, frame.data, frame.len);
    client->ask_len = frame.len;
    knx_client_put(client, &(struct knx_client_out){ .service = 0 });
    return BAS_OK;
}

/* Time */

static const uint8_t timer_events[KNX_CLIENT_TIMERS] = {
    [KNX_TIMER_WAIT] = KNX_ON_WAIT_EXPIRED,
    [KNX_TIMER_HEARTBEAT] = KNX_ON_HEARTBEAT_DUE,
    [KNX_TIMER_KEEPALIVE] = KNX_ON_KEEPALIVE_DUE,
    [KNX_TIMER_REQUEST] = KNX_ON_REQUEST_EXPIRED,
};

void knx_client_tick(struct knx_client *client, bas_time now)
{
    const struct knx_client_input input = { 0 };
    client->now = now;
    for (size_t i = 0; i < BAS_ARRAY_LEN(client->timers); i++) {
        if (client->timers[i] <= now) {
            client->timers[i] = BAS_NEVER;
            (void)knx_client_step(client, (enum knx_on)timer_events[i], &input);
        }
    }
    knx_tunnel_pump(client);
}

bas_time knx_client_deadline(const struct knx_client *client)
{
    bas_time next = client->n_events != 0 || client->is_ending ? client->now : BAS_NEVER;
    for (size_t i = 0; i < BAS_ARRAY_LEN(client->timers); i++) {
        next = client->timers[i] < next ? client->timers[i] : next;
    }
    return next;
}

/* What the owner gets */

/* The last events: FAILED for every request, then DOWN. */
static void say_last(struct knx_client *client)
{
    const struct bas_fault *why = &client->end.fault;
    const struct knx_client_request *request = knx_requests_first(&client->requests);
    struct knx_client_event event = { .kind = KNX_CLIENT_EVENT_DOWN,
                                      .step = client->end.step,
                                      .status = client->end.status,
                                      .is_permanent = client->end.is_permanent };
    if (request == NULL) {
        client->is_ending = false;
        if (!client->is_over) {
            client->is_over = true;
            knx_client_say(client, &event, why);
        }
        return;
    }
    struct bas_fault fault;
    event = (struct knx_client_event){ .kind = KNX_CLIENT_EVENT_FAILED,
                                       .id = request->id,
                                       .feature = request->feature };
    (void)bas_fail(&fault, why->err != BAS_OK ? why->err : BAS_ERR_CLOSED,
                   "not confirmed before the end of the connection: %s",
                   why->err != BAS_OK ? why->text : "it was closed by us");
    knx_client_say(client, &event, &fault);
    knx_requests_pop(&client->requests);
}

static void give_event(struct knx_client *client, struct knx_client_event *event)
{
    const struct bas_fault *fault = &client->faults[client->event_first];
    *event = client->events[client->event_first];
    if (fault->err != BAS_OK || fault->text[0] != 0) {
        client->given_fault = *fault;
    } else {
        knx_fault_clear(&client->given_fault);
    }
    event->fault = &client->given_fault;
    client->n_events--;
    client->event_first = client->n_events == 0 ? 0 : (client->event_first + 1) % KNX_CLIENT_EVENTS;
}

bool knx_client_next_event(struct knx_client *client, struct knx_client_event *event)
{
    if (client->n_events == 0 && !client->is_ending) {
        knx_client_advance(client);
    }
    while (client->n_events == 0 && client->is_ending) {
        say_last(client);
    }
    if (client->n_events == 0) {
        return false;
    }
    give_event(client, event);
    return true;
}

/* A frame of ours as octets, not wrapped. The codec takes what the service has. */
static size_t encode(struct knx_client *client, const struct knx_client_out *item)
{
    const struct knx_client_config *config = &client->config;
    uint8_t body[KNX_MAX_CEMI];
    struct bas_buf out;
    bas_buf_init(&out, client->plain, sizeof(client->plain));
    if (item->service == 0) {
        bas_buf_add(&out, client->ask, client->ask_len);
        return out.len;
    }
    struct knx_message message = {
        .service = item->service,
        .control = { .protocol = (uint8_t)config->transport },
        .cri = { .type = (uint8_t)config->connection,
                 .layer = (uint8_t)config->layer,
                 .has_address = config->connection == KNX_CONNECTION_TUNNEL && config->address != 0,
                 .address = config->address },
        .channel = item->channel,
        .sequence = item->sequence,
        .status = item->status,
        .user = config->user,
        .public_key = { client->session.pair.public_key, KNX_PUBLIC_KEY_LEN },
        .mac = { client->session.mac, KNX_MAC_LEN },
    };
    if (knx_client_is_udp(client)) {
        memcpy(message.control.address, config->local.address, sizeof(config->local.address));
        message.control.port = config->local.port;
    }
    message.data = message.control;
    if (knx_tunnel_sends(item->service)) {
        knx_tunnel_fill(client, &message, body);
    }
    knx_message_encode(&message, &out);
    bas_wipe(body, sizeof(body));
    assert(!out.full);
    return out.len;
}

bool knx_client_next_frame(struct knx_client *client, struct bas_slice *frame,
                           struct knx_endpoint *to)
{
    struct knx_client_out item;
    if (!knx_client_take(client, &item)) {
        if (client->state == KNX_CLIENT_IDLE) {
            knx_session_wipe(client);
        }
        return false;
    }
    size_t len = encode(client, &item);
    *frame = (struct bas_slice){ client->plain, len };
    *to = is_data(item.service) ? client->data : (struct knx_endpoint){ 0 };
    if (client->config.is_secure && item.service != KNX_SESSION_REQUEST &&
        !knx_session_seal(client, len, frame)) {
        return false;
    }
    if (knx_tunnel_sends(item.service)) {
        knx_tunnel_taken(client);
    }
    return true;
}

enum knx_client_state knx_client_state(const struct knx_client *client)
{
    return client->state;
}

knx_ia knx_client_address(const struct knx_client *client)
{
    return client->address;
}

uint64_t knx_client_dropped(const struct knx_client *client)
{
    return client->dropped;
}
