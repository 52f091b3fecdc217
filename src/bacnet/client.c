/*
 * Owns the client engine (clause 5.4.4): confirmed transactions with invoke ids per peer, tries
 * and timeouts, and unconfirmed requests. What happens when is in the rows of tsm.c.
 */
#include "basalt/bacnet_client.h"

#include "bacnet/apdu_queue.h"
#include "bacnet/tsm.h"
#include "base/timer.h"

#include <assert.h>
#include <string.h>

enum {
    INVOKE_IDS = 256,
    NONE = UINT16_MAX,
    NO_RETRIES = UINT8_MAX,
    MORE_TX = 8, /* places in the queue beyond one per transaction */
    REQUEST_HEADER = 4
};

struct transaction {
    enum bac_tsm_state state;
    uint16_t chain; /* next with the same invoke id */
    uint16_t next;  /* next that is free, or done */
    uint16_t generation;
    uint8_t invoke_id;
    uint8_t service;
    uint8_t retries_left;
    bac_port_id port;
    struct bac_address peer;
    struct bac_apdu head;
    uint8_t *parameters; /* a copy, for further tries */
    size_t parameters_len;
    void *user;
    /* DONE: the outcome */
    enum bac_client_event_kind kind;
    uint8_t reason;
    struct bas_slice body;
};

struct bac_client {
    struct bas_env env;
    struct bac_client_config config;
    struct transaction *transactions; /* config.max_transactions */
    struct bas_timers timers;         /* an id is a place in transactions */
    struct bac_apdu_queue tx;
    uint16_t by_invoke_id[INVOKE_IDS]; /* heads of chains */
    uint16_t free_head;
    uint16_t done_head, done_tail;
    uint8_t last_invoke_id;
    struct bac_client_stats stats;
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
    c.apdu_timeout_ms = c.apdu_timeout_ms != 0 ? c.apdu_timeout_ms : 3000;
    c.retries = c.retries == 0 ? 3 : c.retries == NO_RETRIES ? 0 : c.retries;
    c.max_apdu = c.max_apdu != 0 ? c.max_apdu : BAC_MAX_APDU;
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
    uint16_t n = client->config.max_transactions;
    client->transactions = bas_alloc(env, n * sizeof(*client->transactions));
    if (client->transactions == NULL ||
        bas_timers_init(&client->timers, &client->env, n) != BAS_OK ||
        bac_apdu_queue_init(&client->tx, &client->env, (size_t)n + MORE_TX) != BAS_OK) {
        bac_client_free(client);
        return NULL;
    }
    memset(client->by_invoke_id, 0xFF, sizeof(client->by_invoke_id));
    client->done_head = NONE;
    client->done_tail = NONE;
    for (uint16_t i = 0; i < n; i++) {
        client->transactions[i].next = i + 1 < n ? (uint16_t)(i + 1) : NONE;
    }
    env->random(env->ctx, &client->last_invoke_id, 1);
    return client;
}

void bac_client_free(struct bac_client *client)
{
    if (client == NULL) {
        return;
    }
    uint16_t n = client->config.max_transactions;
    for (uint16_t i = 0; client->transactions != NULL && i < n; i++) {
        struct transaction *t = &client->transactions[i];
        bas_release(&client->env, t->parameters, t->parameters_len);
    }
    bac_apdu_queue_fini(&client->tx, &client->env);
    bas_timers_fini(&client->timers, &client->env);
    bas_release(&client->env, client->transactions, n * sizeof(*client->transactions));
    struct bas_env env = client->env;
    bas_release(&env, client, sizeof(*client));
}

/* Transactions: the places, their ids, their peers */

static uint16_t place_of(const struct bac_client *client, const struct transaction *t)
{
    return (uint16_t)(t - client->transactions);
}

static bac_request_id id_of(const struct bac_client *client, const struct transaction *t)
{
    return (bac_request_id)t->generation << 16 | (place_of(client, t) + 1U);
}

static struct transaction *by_id(struct bac_client *client, bac_request_id id)
{
    uint32_t place = (id & UINT16_MAX) - 1U;
    if (place >= client->config.max_transactions) {
        return NULL;
    }
    struct transaction *t = &client->transactions[place];
    return t->state != BAC_TSM_IDLE && id_of(client, t) == id ? t : NULL;
}

/* A remote peer is the same through whichever port its answer comes. */
static bool is_peer(const struct transaction *t, const struct bac_address *a, bac_port_id port)
{
    return bac_address_equal(&t->peer, a) && (a->network != 0 || t->port == port);
}

/* The open transaction with that peer and invoke id, or NULL. */
static struct transaction *find(struct bac_client *client, const struct bac_address *peer,
                                bac_port_id port, uint8_t invoke_id)
{
    for (uint16_t i = client->by_invoke_id[invoke_id]; i != NONE;) {
        struct transaction *t = &client->transactions[i];
        if (is_peer(t, peer, port)) {
            return t;
        }
        i = t->chain;
    }
    return NULL;
}

/* The ids go round, so that one is free as long as possible before it comes again. */
static bool next_invoke_id(struct bac_client *client, const struct bac_address *peer,
                           bac_port_id port, uint8_t *invoke_id)
{
    for (unsigned n = 1; n <= INVOKE_IDS; n++) {
        uint8_t candidate = (uint8_t)(client->last_invoke_id + n);
        if (find(client, peer, port, candidate) == NULL) {
            client->last_invoke_id = candidate;
            *invoke_id = candidate;
            return true;
        }
    }
    return false;
}

static void chain_in(struct bac_client *client, struct transaction *t)
{
    t->chain = client->by_invoke_id[t->invoke_id];
    client->by_invoke_id[t->invoke_id] = place_of(client, t);
}

static void chain_out(struct bac_client *client, const struct transaction *t)
{
    uint16_t place = place_of(client, t);
    uint16_t *link = &client->by_invoke_id[t->invoke_id];
    while (*link != place) {
        assert(*link != NONE);
        link = &client->transactions[*link].chain;
    }
    *link = t->chain;
}

static void done_in(struct bac_client *client, struct transaction *t)
{
    uint16_t place = place_of(client, t);
    t->next = NONE;
    if (client->done_tail == NONE) {
        client->done_head = place;
    } else {
        client->transactions[client->done_tail].next = place;
    }
    client->done_tail = place;
}

static void done_out(struct bac_client *client, const struct transaction *t)
{
    uint16_t place = place_of(client, t);
    uint16_t before = NONE;
    uint16_t *link = &client->done_head;
    while (*link != place) {
        assert(*link != NONE);
        before = *link;
        link = &client->transactions[*link].next;
    }
    *link = t->next;
    if (client->done_tail == place) {
        client->done_tail = before;
    }
}

/* The actions of the rows */

/* What goes with an event into its action. */
struct outcome {
    enum bac_client_event_kind kind;
    uint8_t reason;
    struct bas_slice body;
};

static bas_err send_request(struct bac_client *client, const struct transaction *t)
{
    const struct bac_apdu_tx tx = { .to = t->peer, .port = t->port, .expecting_reply = true };
    const struct bas_slice body = { t->parameters, t->parameters_len };
    return bac_apdu_queue_put(&client->tx, &client->env, &tx, &t->head, body);
}

/* What an open transaction holds goes back: its timer, its invoke id, the copy of its parameters.
 */
static void close_transaction(struct bac_client *client, struct transaction *t)
{
    bas_timers_disarm(&client->timers, place_of(client, t));
    chain_out(client, t);
    bas_release(&client->env, t->parameters, t->parameters_len);
    t->parameters = NULL;
    t->parameters_len = 0;
}

/* The transaction ends; its place stays taken until the event is fetched. */
static void report(struct bac_client *client, struct transaction *t, const struct outcome *outcome)
{
    close_transaction(client, t);
    t->kind = outcome->kind;
    t->reason = outcome->reason;
    t->body = outcome->body;
    done_in(client, t);
}

static void forget(struct bac_client *client, struct transaction *t)
{
    if (t->state == BAC_TSM_DONE) {
        done_out(client, t);
    } else {
        close_transaction(client, t);
    }
    t->next = client->free_head;
    client->free_head = place_of(client, t);
}

static void abort_segments(struct bac_client *client, const struct transaction *t)
{
    const struct bac_apdu head = { .type = BAC_PDU_ABORT,
                                   .invoke_id = t->invoke_id,
                                   .reason = BAC_ABORT_SEGMENTATION_NOT_SUPPORTED };
    const struct bac_apdu_tx tx = { .to = t->peer, .port = t->port };
    const struct bas_slice nothing = { NULL, 0 };
    if (bac_apdu_queue_put(&client->tx, &client->env, &tx, &head, nothing) != BAS_OK) {
        client->stats.not_sent++;
    }
}

static bas_err act(struct bac_client *client, struct transaction *t, enum bac_tsm_event event,
                   const struct outcome *outcome, bas_time now)
{
    const struct bac_tsm_rule *rule = bac_tsm_rule(t->state, event);
    bas_err err = BAS_OK;
    switch (rule->action) {
    case BAC_TSM_DROP:
        client->stats.dropped++;
        return BAS_OK;
    case BAC_TSM_SEND:
    case BAC_TSM_SEND_AGAIN:
        bas_timers_arm(&client->timers, place_of(client, t),
                       now + client->config.apdu_timeout_ms * BAS_MILLISECOND);
        err = send_request(client, t);
        client->stats.not_sent += err != BAS_OK;
        break;
    case BAC_TSM_ABORT_AND_REPORT:
        abort_segments(client, t);
        report(client, t, outcome);
        break;
    case BAC_TSM_REPORT:
        report(client, t, outcome);
        break;
    case BAC_TSM_FORGET:
        forget(client, t);
        break;
    }
    t->state = rule->next;
    return err;
}

/* Requests */

/* What we say that we accept: the largest size with a code of its own (20.1.2.5). */
static uint16_t announced(size_t max_apdu)
{
    static const uint16_t sizes[] = { 1476, 1024, 480, 206, 128, 50 };
    for (size_t i = 0; i < BAS_ARRAY_LEN(sizes); i++) {
        if (sizes[i] <= max_apdu) {
            return sizes[i];
        }
    }
    return BAC_MIN_APDU;
}

static void begin(struct bac_client *client, struct transaction *t, uint8_t service,
                  size_t max_apdu)
{
    size_t ours = client->config.max_apdu;
    t->generation++;
    t->service = service;
    t->retries_left = client->config.retries;
    t->head = (struct bac_apdu){ .type = BAC_PDU_CONFIRMED_REQUEST,
                                 .max_apdu = announced(ours < max_apdu ? ours : max_apdu),
                                 .invoke_id = t->invoke_id,
                                 .service = service };
    client->free_head = t->next;
    chain_in(client, t);
}

static bool copy_parameters(struct bac_client *client, struct transaction *t,
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

bas_err bac_client_request(struct bac_client *client, const struct bac_call *call, bas_time now,
                           bac_request_id *id)
{
    assert(call->to.mac_len <= BAC_MAX_MAC);
    if (bac_address_is_broadcast(&call->to)) {
        return BAS_ERR_INVALID;
    }
    size_t most = call->max_apdu < BAC_MAX_APDU ? call->max_apdu : BAC_MAX_APDU;
    if (most < REQUEST_HEADER || call->parameters.len > most - REQUEST_HEADER) {
        return BAS_ERR_TOO_LONG;
    }
    uint8_t invoke_id = 0;
    if (client->free_head == NONE || bac_apdu_queue_is_full(&client->tx) ||
        !next_invoke_id(client, &call->to, call->port, &invoke_id)) {
        return BAS_ERR_BUSY;
    }
    struct transaction *t = &client->transactions[client->free_head];
    if (!copy_parameters(client, t, call->parameters)) {
        return BAS_ERR_NO_MEMORY;
    }
    t->peer = call->to;
    t->port = call->port;
    t->user = call->user;
    t->invoke_id = invoke_id;
    begin(client, t, call->service, call->max_apdu);
    bas_err err = act(client, t, BAC_TSM_ON_REQUEST, NULL, now);
    if (err != BAS_OK) {
        (void)act(client, t, BAC_TSM_ON_CANCEL, NULL, now);
        return err;
    }
    *id = id_of(client, t);
    return BAS_OK;
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
    struct transaction *t = by_id(client, id);
    if (t != NULL) {
        (void)act(client, t, BAC_TSM_ON_CANCEL, NULL, 0);
    }
}

/* Answers */

/* Octets of an event that was not fetched in time are gone (they were borrowed). */
static void let_bodies_go(struct bac_client *client)
{
    for (uint16_t i = client->done_head; i != NONE; i = client->transactions[i].next) {
        client->transactions[i].body = (struct bas_slice){ NULL, 0 };
    }
}

struct answer_row {
    bool is_answer;
    bool names_service; /* and it must be the one that was asked for */
    enum bac_tsm_event event;
    enum bac_client_event_kind kind;
};
static const struct answer_row answers[] = {
    [BAC_PDU_CONFIRMED_REQUEST] = { 0 },
    [BAC_PDU_UNCONFIRMED_REQUEST] = { 0 },
    [BAC_PDU_SIMPLE_ACK] = { true, true, BAC_TSM_ON_SIMPLE_ACK, BAC_CLIENT_ACK },
    [BAC_PDU_COMPLEX_ACK] = { true, true, BAC_TSM_ON_COMPLEX_ACK, BAC_CLIENT_ACK },
    [BAC_PDU_SEGMENT_ACK] = { true, false, BAC_TSM_ON_SEGMENT_ACK, BAC_CLIENT_ACK },
    [BAC_PDU_ERROR] = { true, true, BAC_TSM_ON_ERROR, BAC_CLIENT_ERROR },
    [BAC_PDU_REJECT] = { true, false, BAC_TSM_ON_REJECT, BAC_CLIENT_REJECT },
    [BAC_PDU_ABORT] = { true, false, BAC_TSM_ON_ABORT, BAC_CLIENT_ABORT },
};

/* Abort and SegmentACK go both ways; only a server's are answers. */
static bool is_from_client(const struct bac_apdu *apdu)
{
    return (apdu->type == BAC_PDU_ABORT || apdu->type == BAC_PDU_SEGMENT_ACK) && !apdu->server;
}

bas_err bac_client_recv(struct bac_client *client, const struct bac_address *from, bac_port_id port,
                        struct bas_slice octets, bas_time now)
{
    let_bodies_go(client);
    struct bac_apdu apdu;
    struct bas_fault fault = { 0 };
    bas_err err = bac_apdu_decode(octets, &apdu, &fault);
    if (err != BAS_OK) {
        client->stats.malformed++;
        return err;
    }
    const struct answer_row *row = &answers[apdu.type];
    struct transaction *t =
        row->is_answer && !is_from_client(&apdu) ? find(client, from, port, apdu.invoke_id) : NULL;
    if (t == NULL || (row->names_service && apdu.service != t->service)) {
        client->stats.unmatched++;
        return BAS_OK;
    }
    struct outcome outcome = { row->kind, apdu.reason, apdu.body };
    enum bac_tsm_event event = row->event;
    if (apdu.type == BAC_PDU_COMPLEX_ACK && apdu.segmented) {
        event = BAC_TSM_ON_SEGMENT;
        outcome =
            (struct outcome){ BAC_CLIENT_ABORT, BAC_ABORT_SEGMENTATION_NOT_SUPPORTED, { NULL, 0 } };
    }
    return act(client, t, event, &outcome, now);
}

void bac_client_unreachable(struct bac_client *client, uint16_t network, uint8_t reason,
                            bas_time now)
{
    const struct outcome outcome = { .kind = BAC_CLIENT_UNREACHABLE, .reason = reason };
    for (uint16_t i = 0; network != 0 && i < client->config.max_transactions; i++) {
        struct transaction *t = &client->transactions[i];
        if (t->state == BAC_TSM_AWAIT_CONFIRMATION && t->peer.network == network) {
            (void)act(client, t, BAC_TSM_ON_UNREACHABLE, &outcome, now);
        }
    }
}

/* Events */

static const char *known(const char *name)
{
    return name != NULL ? name : "unknown";
}

/* The class and code stand alone, or in some services' errors as their member [0] (clause 21). */
static void read_error(struct bas_slice body, struct bas_fault *fault)
{
    struct bac_error_pair error = { 0 };
    struct bas_slice in = body;
    struct bas_slice in_0 = body;
    if (bac_decode(&bac_type_error, &in, BAC_APPLICATION, &error, NULL, NULL) != BAS_OK &&
        bac_decode(&bac_type_error, &in_0, 0, &error, NULL, NULL) != BAS_OK) {
        (void)bas_fail_code(fault, BAS_ERR_REMOTE, BAC_ERROR_CLASS_SERVICES, BAC_ERROR_CODE_OTHER,
                            "the device answered with an error that cannot be read");
        return;
    }
    (void)bas_fail_code(fault, BAS_ERR_REMOTE, error.error_class, error.error_code,
                        "the device answered with error %s: %s (%u:%u)",
                        known(bac_error_class_name(error.error_class)),
                        known(bac_error_code_name(error.error_code)), error.error_class,
                        error.error_code);
}

static void describe(const struct bac_client *client, struct bac_client_event *e)
{
    unsigned reason = e->reason;
    switch (e->kind) {
    case BAC_CLIENT_ACK:
        break;
    case BAC_CLIENT_ERROR:
        read_error(e->body, &e->fault);
        break;
    case BAC_CLIENT_REJECT:
        (void)bas_fail(&e->fault, BAS_ERR_REMOTE, "the device rejected the request: %s (%u)",
                       known(bac_enum_name(&bac_type_reject_reason, reason)), reason);
        break;
    case BAC_CLIENT_ABORT:
        (void)bas_fail(&e->fault, BAS_ERR_REMOTE, "the request was aborted: %s (%u)",
                       known(bac_enum_name(&bac_type_abort_reason, reason)), reason);
        break;
    case BAC_CLIENT_TIMEOUT:
        (void)bas_fail(&e->fault, BAS_ERR_TIMEOUT, "no answer to %u tries of %u ms",
                       client->config.retries + 1U, (unsigned)client->config.apdu_timeout_ms);
        break;
    case BAC_CLIENT_UNREACHABLE:
        (void)bas_fail(&e->fault, BAS_ERR_UNREACHABLE,
                       "network %u cannot be reached (reason %u of the network layer)",
                       (unsigned)e->from.network, reason);
        break;
    }
}

bool bac_client_next_event(struct bac_client *client, struct bac_client_event *event)
{
    if (client->done_head == NONE) {
        return false;
    }
    struct transaction *t = &client->transactions[client->done_head];
    *event = (struct bac_client_event){ .kind = t->kind,
                                        .id = id_of(client, t),
                                        .user = t->user,
                                        .from = t->peer,
                                        .service = t->service,
                                        .reason = t->reason,
                                        .body = t->body };
    describe(client, event);
    (void)act(client, t, BAC_TSM_ON_FETCHED, NULL, 0);
    return true;
}

bool bac_client_next_tx(struct bac_client *client, struct bac_apdu_tx *tx)
{
    return bac_apdu_queue_take(&client->tx, tx);
}

void bac_client_tick(struct bac_client *client, bas_time now)
{
    let_bodies_go(client);
    const struct outcome outcome = { .kind = BAC_CLIENT_TIMEOUT };
    uint32_t place = 0;
    while (bas_timers_expire(&client->timers, now, &place)) {
        struct transaction *t = &client->transactions[place];
        if (t->retries_left == 0) {
            (void)act(client, t, BAC_TSM_ON_LAST_TIMEOUT, &outcome, now);
            continue;
        }
        t->retries_left--;
        /* without memory or room this try is lost, as one on the wire may be */
        (void)act(client, t, BAC_TSM_ON_TIMEOUT, &outcome, now);
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
