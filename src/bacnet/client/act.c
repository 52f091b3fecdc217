/* Owns the actions of the requester's rows (clause 5.4.4): what is sent, what is reported. */
#include "bacnet/client/client.h"

struct bac_segment_room bac_client_room(struct bac_client *client, const struct bac_transaction *t)
{
    return (struct bac_segment_room){ &client->env, &client->memory, client->config.max_answer,
                                      t->max_count };
}

void bac_client_let_bodies_go(struct bac_client *client)
{
    struct bac_segment_room room = { &client->env, &client->memory, 0, 0 };
    bac_receiver_release(&client->fetched, &room);
    for (uint16_t i = client->done_head; i != BAC_NO_PLACE; i = client->transactions[i].next) {
        struct bac_transaction *t = &client->transactions[i];
        t->body = (struct bas_slice){ NULL, 0 };
        bac_receiver_release(&t->receiver, &room);
    }
}

static struct bac_apdu_tx to_peer(const struct bac_transaction *t)
{
    return (struct bac_apdu_tx){ .to = t->peer, .port = t->port, .priority = t->priority };
}

static void put(struct bac_client *client, const struct bac_apdu_tx *tx,
                const struct bac_apdu *head)
{
    const struct bas_slice nothing = { NULL, 0 };
    if (bac_apdu_queue_put(&client->tx, &client->env, tx, head, nothing) != BAS_OK) {
        client->stats.not_sent++;
    }
}

void bac_client_abort(struct bac_client *client, const struct bac_apdu_tx *tx, uint8_t invoke_id,
                      uint8_t reason)
{
    const struct bac_apdu head = { .type = BAC_PDU_ABORT,
                                   .invoke_id = invoke_id,
                                   .reason = reason };
    put(client, tx, &head);
}

static void abort_peer(struct bac_client *client, const struct bac_transaction *t, uint8_t reason)
{
    const struct bac_apdu_tx tx = to_peer(t);
    bac_client_abort(client, &tx, t->invoke_id, reason);
}

static void put_segment_ack(struct bac_client *client, const struct bac_transaction *t,
                            bool is_negative)
{
    const struct bac_apdu head = { .type = BAC_PDU_SEGMENT_ACK,
                                   .negative_ack = is_negative,
                                   .invoke_id = t->invoke_id,
                                   .sequence = t->receiver.last,
                                   .window = t->receiver.window };
    const struct bac_apdu_tx tx = to_peer(t);
    put(client, &tx, &head);
}

static bas_err send_whole(struct bac_client *client, const struct bac_transaction *t)
{
    struct bac_apdu_tx tx = to_peer(t);
    tx.expecting_reply = true;
    const struct bas_slice body = { t->parameters, t->parameters_len };
    bas_err err = bac_apdu_queue_put(&client->tx, &client->env, &tx, &t->head, body);
    client->stats.not_sent += err != BAS_OK;
    return err;
}

static void send_first(struct bac_client *client, struct bac_transaction *t)
{
    const struct bas_slice body = { t->parameters, t->parameters_len };
    t->segment_retries_left = client->config.retries;
    bac_sender_begin(&t->sender, body, t->part, client->config.window);
    bac_client_sending_in(client, t);
}

/* The transaction ends; its place stays taken until the event is fetched. */
static void report(struct bac_client *client, struct bac_transaction *t,
                   const struct bac_client_outcome *outcome)
{
    bac_client_close(client, t);
    t->kind = outcome->kind;
    t->reason = outcome->reason;
    t->is_ours = outcome->is_ours;
    t->body = outcome->body;
    if (t->state == BAC_TSM_SEGMENTED_CONFIRMATION && outcome->kind != BAC_CLIENT_ACK) {
        struct bac_segment_room room = bac_client_room(client, t);
        bac_receiver_release(&t->receiver, &room);
    }
    bac_client_done_in(client, t);
}

static void report_abort(struct bac_client *client, struct bac_transaction *t, uint8_t reason)
{
    const struct bac_client_outcome outcome = { .kind = BAC_CLIENT_ABORT,
                                                .reason = reason,
                                                .is_ours = true };
    struct bac_segment_room room = bac_client_room(client, t);
    abort_peer(client, t, reason);
    bac_receiver_release(&t->receiver, &room);
    report(client, t, &outcome);
}

static void report_segments(struct bac_client *client, struct bac_transaction *t)
{
    const struct bac_client_outcome outcome = { .kind = BAC_CLIENT_ACK,
                                                .body = { t->receiver.data, t->receiver.len } };
    put_segment_ack(client, t, false);
    report(client, t, &outcome);
}

static void forget(struct bac_client *client, struct bac_transaction *t)
{
    struct bac_segment_room room = bac_client_room(client, t);
    if (t->state == BAC_TSM_DONE) {
        bac_client_done_out(client, t);
    } else {
        bac_client_close(client, t);
    }
    bac_receiver_release(&t->receiver, &room);
    bac_client_free_place(client, t);
}

static bas_time wait_of(const struct bac_client *client, enum bac_tsm_state state)
{
    const struct bac_client_config *c = &client->config;
    switch (state) {
    case BAC_TSM_SEGMENTED_REQUEST:
        return c->segment_timeout_ms * BAS_MILLISECOND;
    case BAC_TSM_AWAIT_CONFIRMATION:
        return c->apdu_timeout_ms * BAS_MILLISECOND;
    case BAC_TSM_SEGMENTED_CONFIRMATION: /* 5.4.4.4: four times T_seg */
        return 4 * (c->segment_timeout_ms * BAS_MILLISECOND);
    case BAC_TSM_IDLE:
    case BAC_TSM_DONE:
    case BAC_TSM_STATES:
        break;
    }
    return 0;
}

/* All but the empty cell. */
static bas_err carry_out(struct bac_client *client, struct bac_transaction *t,
                         const struct bac_tsm_rule *rule, const struct bac_client_outcome *outcome)
{
    switch (rule->action) {
    case BAC_TSM_SEND:
        return send_whole(client, t);
    case BAC_TSM_SEND_FIRST:
        send_first(client, t);
        break;
    case BAC_TSM_REPEAT:
        bac_sender_again(&t->sender);
        bac_client_sending_in(client, t);
        break;
    case BAC_TSM_SEND_WINDOW:
        t->segment_retries_left = client->config.retries;
        bac_client_sending_in(client, t);
        break;
    case BAC_TSM_ACK:
    case BAC_TSM_NEGATIVE_ACK:
        put_segment_ack(client, t, rule->action == BAC_TSM_NEGATIVE_ACK);
        break;
    case BAC_TSM_ACK_AND_REPORT:
        report_segments(client, t);
        break;
    case BAC_TSM_REPORT:
        report(client, t, outcome);
        break;
    case BAC_TSM_ABORT_AND_REPORT:
        report_abort(client, t, rule->reason);
        break;
    case BAC_TSM_ABORT_AND_FORGET:
        abort_peer(client, t, rule->reason);
        forget(client, t);
        break;
    case BAC_TSM_FORGET:
        forget(client, t);
        break;
    case BAC_TSM_DROP:
    case BAC_TSM_ABORT:
    case BAC_TSM_WAIT:
        break;
    }
    return BAS_OK;
}

bas_err bac_client_act(struct bac_client *client, struct bac_transaction *t,
                       enum bac_tsm_event event, const struct bac_client_outcome *outcome,
                       bas_time now)
{
    const struct bac_tsm_rule *rule = bac_tsm_rule(t->state, event);
    if (rule->action == BAC_TSM_DROP) {
        client->stats.dropped++;
        return BAS_OK;
    }
    bas_err err = carry_out(client, t, rule, outcome);
    t->state = rule->next;
    if (rule->next != BAC_TSM_IDLE && rule->next != BAC_TSM_DONE) {
        bas_timers_arm(&client->timers, bac_client_place_of(client, t),
                       now + wait_of(client, rule->next));
    }
    return err;
}
