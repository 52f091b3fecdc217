/*
 * Owns the client engine (clause 5.4.4): requests and answers, and what they mean to the state of
 * their transaction. What happens then is in the rows of tsm.c.
 */
#include "bacnet/client/client.h"

#include "bacnet/apdu.h"

#include <assert.h>
#include <string.h>

enum {
    NO_RETRIES = UINT8_MAX,
    MORE_TX = 8, /* places in the queue beyond one per transaction */
    MOST_TRANSACTIONS = UINT16_MAX - 1
};

/* Creation */

static struct bac_client_config with_defaults(const struct bac_client_config *given)
{
    struct bac_client_config c = { 0 };
    if (given != NULL) {
        memcpy(&c, given, given->size < sizeof(c) ? given->size : sizeof(c));
    }
    c.size = sizeof(c);
    c.max_transactions = c.max_transactions != 0 ? c.max_transactions : 256;
    c.max_transactions =
        c.max_transactions < MOST_TRANSACTIONS ? c.max_transactions : MOST_TRANSACTIONS;
    c.apdu_timeout_ms = c.apdu_timeout_ms != 0 ? c.apdu_timeout_ms : 3000;
    c.retries = c.retries == 0 ? 3 : c.retries == NO_RETRIES ? 0 : c.retries;
    c.max_apdu = c.max_apdu != 0 ? c.max_apdu : BAC_MAX_APDU;
    c.segment_timeout_ms = c.segment_timeout_ms != 0 ? c.segment_timeout_ms : 2000;
    c.window = c.window != 0 ? c.window : 16;
    c.window = c.window < BAC_MAX_WINDOW ? c.window : BAC_MAX_WINDOW;
    c.max_answer = c.max_answer != 0 ? c.max_answer : 65536;
    c.max_memory = c.max_memory != 0 ? c.max_memory : 4U << 20;
    return c;
}

struct bac_client *bac_client_new(const struct bas_env *env, const struct bac_client_config *config)
{
    struct bac_client *client = bas_alloc(env, sizeof(*client));
    if (client == NULL) {
        return NULL;
    }
    client->env = *env;
    client->config = with_defaults(config);
    client->memory.max = client->config.max_memory;
    uint16_t n = client->config.max_transactions;
    if (bac_client_open_places(client) != BAS_OK ||
        bas_timers_init(&client->timers, &client->env, n) != BAS_OK ||
        bac_apdu_queue_init(&client->tx, &client->env, (size_t)n + MORE_TX) != BAS_OK) {
        bac_client_free(client);
        return NULL;
    }
    return client;
}

void bac_client_free(struct bac_client *client)
{
    if (client == NULL) {
        return;
    }
    struct bas_env env = client->env;
    struct bac_segment_room room = { &client->env, &client->memory, 0, 0 };
    bac_receiver_release(&client->fetched, &room);
    bac_client_close_places(client);
    bac_apdu_queue_fini(&client->tx, &env);
    bas_timers_fini(&client->timers, &env);
    bas_release(&env, client, sizeof(*client));
}

/* Requests */

/* The largest APDU of ours to that peer: more than 1476 only where ours is larger, too. */
static size_t most_of(const struct bac_client *client, const struct bac_call *call)
{
    size_t ours = client->config.max_apdu > BAC_MAX_APDU ? client->config.max_apdu : BAC_MAX_APDU;
    return call->max_apdu < ours ? call->max_apdu : ours;
}

/* Octets of a segment, 0 for a request in one piece. */
static bas_err divide(const struct bac_call *call, size_t most, size_t *part)
{
    *part = 0;
    if (most >= BAC_REQUEST_HEADER && call->parameters.len <= most - BAC_REQUEST_HEADER) {
        return BAS_OK;
    }
    bool takes_segments = call->segmentation == BAC_SEGMENTATION_SEGMENTED_BOTH ||
                          call->segmentation == BAC_SEGMENTATION_SEGMENTED_RECEIVE;
    if (!takes_segments || most <= BAC_REQUEST_SEGMENT_HEADER) {
        return BAS_ERR_TOO_LONG;
    }
    *part = most - BAC_REQUEST_SEGMENT_HEADER;
    size_t count = bac_segment_count(call->parameters.len, *part);
    return call->max_segments == 0 || count <= call->max_segments ? BAS_OK : BAS_ERR_TOO_LONG;
}

/* What we say that we accept (20.1.2.4, 20.1.2.5), and what we hold the server to. */
static void announce(const struct bac_client *client, struct bac_transaction *t, size_t way)
{
    const struct bac_client_config *c = &client->config;
    t->head.max_apdu = bac_max_apdu_announced(c->max_apdu < way ? c->max_apdu : way);
    size_t part = (size_t)t->head.max_apdu - BAC_ACK_SEGMENT_HEADER;
    t->head.max_segments = bac_segments_announced(c->max_answer / part);
    t->head.segmented_response_accepted = t->head.max_segments != 0;
    t->max_count = t->head.max_segments;
    if (t->max_count > 64) { /* any number; max_answer is the bound, and no segment is empty */
        t->max_count = c->max_answer;
    }
}

static bool copy_parameters(struct bac_client *client, struct bac_transaction *t,
                            struct bas_slice parameters)
{
    t->parameters = bas_alloc(&client->env, parameters.len);
    if (t->parameters == NULL) {
        return parameters.len == 0;
    }
    memcpy(t->parameters, parameters.data, parameters.len);
    t->parameters_len = parameters.len;
    return true;
}

static bas_err start(struct bac_client *client, const struct bac_call *call, size_t part,
                     bas_time now, bac_request_id *id)
{
    struct bac_transaction *t = bac_client_reserve(client, &call->to, call->port);
    if (t == NULL) {
        return BAS_ERR_BUSY;
    }
    if (!copy_parameters(client, t, call->parameters)) {
        return BAS_ERR_NO_MEMORY;
    }
    t->user = call->user;
    t->priority = call->priority;
    t->service = call->service;
    t->retries_left = client->config.retries;
    t->part = part;
    t->head = (struct bac_apdu){ .type = BAC_PDU_CONFIRMED_REQUEST,
                                 .invoke_id = t->invoke_id,
                                 .service = call->service };
    announce(client, t, call->max_apdu);
    bac_client_begin(client, t);
    enum bac_tsm_event event = part == 0 ? BAC_TSM_ON_REQUEST : BAC_TSM_ON_LONG_REQUEST;
    bas_err err = bac_client_act(client, t, event, NULL, now);
    if (err != BAS_OK) {
        (void)bac_client_act(client, t, BAC_TSM_ON_CANCEL, NULL, now);
        return err;
    }
    *id = bac_client_id_of(client, t);
    return BAS_OK;
}

bas_err bac_client_request(struct bac_client *client, const struct bac_call *call, bas_time now,
                           bac_request_id *id)
{
    assert(call->to.mac_len <= BAC_MAX_MAC);
    if (bac_address_is_broadcast(&call->to)) {
        return BAS_ERR_INVALID;
    }
    size_t part;
    bas_err err = divide(call, most_of(client, call), &part);
    if (err != BAS_OK) {
        return err;
    }
    if (bac_apdu_queue_is_full(&client->tx)) {
        return BAS_ERR_BUSY;
    }
    return start(client, call, part, now, id);
}

bas_err bac_client_unconfirmed(struct bac_client *client, const struct bac_address *to,
                               bac_port_id port, uint8_t service, struct bas_slice parameters)
{
    const struct bac_apdu head = { .type = BAC_PDU_UNCONFIRMED_REQUEST, .service = service };
    const struct bac_apdu_tx tx = { .to = *to, .port = port };
    return bac_apdu_queue_put(&client->tx, &client->env, &tx, &head, parameters);
}

void bac_client_cancel(struct bac_client *client, bac_request_id id)
{
    struct bac_transaction *t = bac_client_by_id(client, id);
    if (t != NULL) {
        (void)bac_client_act(client, t, BAC_TSM_ON_CANCEL, NULL, 0);
    }
}

/* Answers */

struct answer_row {
    bool is_answer;
    bool names_service; /* and it must be the one that was asked for */
    bool is_late;       /* comes after all segments of the request */
    enum bac_tsm_event event;
    enum bac_client_event_kind kind;
};
static const struct answer_row answers[] = {
    [BAC_PDU_CONFIRMED_REQUEST] = { 0 },
    [BAC_PDU_UNCONFIRMED_REQUEST] = { 0 },
    [BAC_PDU_SIMPLE_ACK] = { true, true, true, BAC_TSM_ON_SIMPLE_ACK, BAC_CLIENT_ACK },
    [BAC_PDU_COMPLEX_ACK] = { true, true, true, BAC_TSM_ON_COMPLEX_ACK, BAC_CLIENT_ACK },
    [BAC_PDU_SEGMENT_ACK] = { true, false, false, BAC_TSM_ON_STRAY_ACK, BAC_CLIENT_ACK },
    [BAC_PDU_ERROR] = { true, true, true, BAC_TSM_ON_ERROR, BAC_CLIENT_ERROR },
    [BAC_PDU_REJECT] = { true, false, true, BAC_TSM_ON_REJECT, BAC_CLIENT_REJECT },
    [BAC_PDU_ABORT] = { true, false, false, BAC_TSM_ON_ABORT, BAC_CLIENT_ABORT },
};

/* Abort and SegmentACK go both ways; only a server's are answers. */
static bool is_from_client(const struct bac_apdu *apdu)
{
    return (apdu->type == BAC_PDU_ABORT || apdu->type == BAC_PDU_SEGMENT_ACK) && !apdu->server;
}

static enum bac_tsm_event event_of_ack(struct bac_client *client, struct bac_transaction *t,
                                       const struct bac_apdu *ack)
{
    if (t->state != BAC_TSM_SEGMENTED_REQUEST) {
        return BAC_TSM_ON_STRAY_ACK;
    }
    if (!bac_window_is_good(ack->window)) {
        return BAC_TSM_ON_BAD_WINDOW;
    }
    enum bac_sender_result result = bac_sender_ack(&t->sender, ack);
    bool is_new = result == BAC_SENDER_NEW || result == BAC_SENDER_FINAL;
    client->stats.repeated += !is_new || ack->negative_ack;
    return bac_tsm_event_of_ack(result);
}

/* Takes the segment, where it can be taken. */
static enum bac_tsm_event event_of_segment(struct bac_client *client, struct bac_transaction *t,
                                           const struct bac_apdu *apdu)
{
    const struct bac_segment_room room = bac_client_room(client, t);
    if (!bac_window_is_good(apdu->window)) {
        return BAC_TSM_ON_BAD_WINDOW;
    }
    enum bac_receiver_result result;
    if (t->state == BAC_TSM_SEGMENTED_CONFIRMATION) {
        result = bac_receiver_take(&t->receiver, apdu, &room);
    } else if (apdu->sequence == 0) {
        result = bac_receiver_begin(&t->receiver, apdu, client->config.window, &room);
    } else {
        return BAC_TSM_ON_STRAY_SEGMENT;
    }
    bool is_new =
        result == BAC_RECEIVER_KEPT || result == BAC_RECEIVER_GROUP || result == BAC_RECEIVER_LAST;
    client->stats.segments += is_new;
    client->stats.repeated += !is_new;
    return bac_tsm_event_of_segment(result);
}

static enum bac_tsm_event event_of(struct bac_client *client, struct bac_transaction *t,
                                   const struct bac_apdu *apdu)
{
    const struct answer_row *row = &answers[apdu->type];
    bool is_early = t->state == BAC_TSM_SEGMENTED_REQUEST && !bac_sender_is_through(&t->sender);
    if (is_early && row->is_late) {
        return BAC_TSM_ON_EARLY_ANSWER;
    }
    if (apdu->type == BAC_PDU_SEGMENT_ACK) {
        return event_of_ack(client, t, apdu);
    }
    return apdu->segmented ? event_of_segment(client, t, apdu) : row->event;
}

/* 5.4.4.1: segments and their acknowledgements of a transaction that we do not know. */
static void refuse_stray(struct bac_client *client, const struct bac_apdu_tx *to,
                         const struct bac_apdu *apdu)
{
    bool is_ack = apdu->type == BAC_PDU_SEGMENT_ACK && apdu->server;
    client->stats.unmatched++;
    if (is_ack || (apdu->type == BAC_PDU_COMPLEX_ACK && apdu->segmented)) {
        const struct bac_tsm_rule *rule =
            bac_tsm_rule(BAC_TSM_IDLE, is_ack ? BAC_TSM_ON_STRAY_ACK : BAC_TSM_ON_STRAY_SEGMENT);
        bac_client_abort(client, to, apdu->invoke_id, rule->reason);
    }
}

bas_err bac_client_recv(struct bac_client *client, const struct bac_address *from, bac_port_id port,
                        struct bas_slice octets, bas_time now)
{
    bac_client_let_bodies_go(client);
    struct bac_apdu apdu;
    struct bas_fault fault = { 0 };
    bas_err err = bac_apdu_decode(octets, &apdu, &fault);
    if (err != BAS_OK) {
        client->stats.malformed++;
        return err;
    }
    const struct answer_row *row = &answers[apdu.type];
    struct bac_transaction *t = row->is_answer && !is_from_client(&apdu)
                                    ? bac_client_find(client, from, port, apdu.invoke_id)
                                    : NULL;
    if (t == NULL) {
        const struct bac_apdu_tx to = { .to = *from, .port = port };
        refuse_stray(client, &to, &apdu);
        return BAS_OK;
    }
    if (row->names_service && apdu.service != t->service) {
        client->stats.unmatched++;
        return BAS_OK;
    }
    const struct bac_client_outcome outcome = { .kind = row->kind,
                                                .reason = apdu.reason,
                                                .body = apdu.body };
    return bac_client_act(client, t, event_of(client, t, &apdu), &outcome, now);
}

void bac_client_unreachable(struct bac_client *client, uint16_t network, uint8_t reason,
                            bas_time now)
{
    const struct bac_client_outcome outcome = { .kind = BAC_CLIENT_UNREACHABLE, .reason = reason };
    for (uint16_t i = 0; network != 0 && i < client->config.max_transactions; i++) {
        struct bac_transaction *t = &client->transactions[i];
        if (t->state != BAC_TSM_IDLE && t->state != BAC_TSM_DONE && t->peer.network == network) {
            (void)bac_client_act(client, t, BAC_TSM_ON_UNREACHABLE, &outcome, now);
        }
    }
}

/* Events */

bool bac_client_next_event(struct bac_client *client, struct bac_client_event *event)
{
    if (client->done_head == BAC_NO_PLACE) {
        return false;
    }
    struct bac_transaction *t = &client->transactions[client->done_head];
    *event = (struct bac_client_event){ .kind = t->kind,
                                        .id = bac_client_id_of(client, t),
                                        .user = t->user,
                                        .from = t->peer,
                                        .service = t->service,
                                        .reason = t->reason,
                                        .is_ours = t->is_ours,
                                        .body = t->body };
    bac_client_describe(client, event);
    if (t->receiver.data != NULL) { /* one at most since the last recv */
        assert(client->fetched.data == NULL);
        client->fetched = t->receiver;
        t->receiver = (struct bac_segment_receiver){ 0 };
    }
    (void)bac_client_act(client, t, BAC_TSM_ON_FETCHED, NULL, 0);
    return true;
}

/* A segment of those transactions that have any, in turns. One without memory is lost, as one on
 * the wire may be. */
static bool next_segment(struct bac_client *client, struct bac_apdu_tx *tx)
{
    struct bac_transaction *t;
    while ((t = bac_client_sending_out(client)) != NULL) {
        if (!bac_sender_has_next(&t->sender)) {
            continue;
        }
        struct bac_apdu head = t->head;
        bac_sender_next(&t->sender, &head);
        if (bac_sender_has_next(&t->sender)) {
            bac_client_sending_in(client, t);
        }
        *tx = (struct bac_apdu_tx){ .to = t->peer,
                                    .port = t->port,
                                    .priority = t->priority,
                                    .expecting_reply = true,
                                    .frame = bac_apdu_frame(&client->env, &head, head.body) };
        if (tx->frame != NULL) {
            client->stats.segments++;
            return true;
        }
        client->stats.not_sent++;
    }
    return false;
}

bool bac_client_next_tx(struct bac_client *client, struct bac_apdu_tx *tx)
{
    return bac_apdu_queue_take(&client->tx, tx) || next_segment(client, tx);
}

/* Time */

static enum bac_tsm_event event_of_timeout(struct bac_transaction *t)
{
    uint8_t none = 0;
    uint8_t *left = t->state == BAC_TSM_SEGMENTED_REQUEST    ? &t->segment_retries_left
                    : t->state == BAC_TSM_AWAIT_CONFIRMATION ? &t->retries_left
                                                             : &none;
    if (*left == 0) {
        return BAC_TSM_ON_LAST_TIMEOUT;
    }
    (*left)--;
    return t->part != 0 ? BAC_TSM_ON_LONG_TIMEOUT : BAC_TSM_ON_TIMEOUT;
}

void bac_client_tick(struct bac_client *client, bas_time now)
{
    bac_client_let_bodies_go(client);
    uint32_t place = 0;
    while (bas_timers_expire(&client->timers, now, &place)) {
        struct bac_transaction *t = &client->transactions[place];
        struct bac_client_outcome outcome = { .kind = BAC_CLIENT_TIMEOUT };
        if (t->state == BAC_TSM_SEGMENTED_CONFIRMATION) { /* the server was there */
            outcome = (struct bac_client_outcome){ .kind = BAC_CLIENT_ABORT,
                                                   .reason = BAC_ABORT_TSM_TIMEOUT,
                                                   .is_ours = true };
        }
        /* without memory or room a try is lost, as one on the wire may be */
        (void)bac_client_act(client, t, event_of_timeout(t), &outcome, now);
    }
}

bas_time bac_client_deadline(const struct bac_client *client)
{
    return bas_timers_next(&client->timers);
}

const struct bac_client_stats *bac_client_stats(const struct bac_client *client)
{
    return &client->stats;
}
