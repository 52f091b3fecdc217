/*
 * Owns the server's transactions (clause 5.4.5): requests that arrive in segments, answers that
 * leave in segments, and answers kept for repetitions. What happens when is in the rows of tsm.c.
 */
#include "bacnet/server/tsm.h"

#include <assert.h>
#include <string.h>

enum {
    SHORT_ANSWER = 128,
    LISTS_PER_OCTET = 32, /* octets of decoded lists that an octet of a request may become */
    /* A kept answer is that of an earlier use of its invoke id when its client has come round. */
    MOST_BETWEEN = 192
};

/* One APDU on its way through the rows. */
struct step {
    struct bac_server *server;
    struct bac_responder *r;     /* NULL: there is none (any more) */
    struct bac_request *request; /* NULL: a timer */
    struct bac_client_key client;
    uint16_t heard; /* whole requests of the client */
    /* while a request is executed */
    struct bac_way way;
    struct bas_frame *frame; /* for a short answer, so that what is done can be confirmed */
};

static bas_err act(struct step *step, enum bac_responder_event event);

/* More segments than Max_Segments_Accepted tells: those of clients whose APDUs are small. */
static struct bac_segment_room room_of(struct bac_server *server)
{
    size_t least_part = BAC_MIN_APDU - BAC_REQUEST_SEGMENT_HEADER;
    return (struct bac_segment_room){ &server->env, &server->responders->memory,
                                      server->config.max_request,
                                      server->config.max_request / least_part + 1 };
}

/* Answers */

static bas_err send_head(struct bac_server *server, const struct bac_apdu_tx *to,
                         const struct bac_apdu *head)
{
    bas_err err =
        bac_apdu_queue_put(&server->tx, &server->env, to, head, (struct bas_slice){ NULL, 0 });
    server->stats.not_sent += err != BAS_OK;
    return err;
}

static bas_err send_segment_ack(struct bac_server *server, const struct bac_responder *r,
                                bool is_negative)
{
    const struct bac_apdu head = { .type = BAC_PDU_SEGMENT_ACK,
                                   .negative_ack = is_negative,
                                   .server = true,
                                   .invoke_id = r->invoke_id,
                                   .sequence = r->receiver.last,
                                   .window = r->receiver.window };
    return send_head(server, &r->to, &head);
}

static bas_err abort_client(struct step *step, uint8_t reason)
{
    struct bac_server *server = step->server;
    const struct bac_apdu head = { .type = BAC_PDU_ABORT,
                                   .server = true,
                                   .invoke_id = step->request->apdu.invoke_id,
                                   .reason = reason };
    server->stats.aborts++;
    if (step->r != NULL) {
        bac_responder_end(server, step->r);
        step->r = NULL;
    }
    return send_head(server, &step->client.to, &head);
}

static bas_err answer_again(struct step *step)
{
    struct bac_responder *r = step->r;
    r->kept.asked = step->server->now;
    const struct bas_slice octets = { r->kept.octets, r->kept.len };
    return bac_server_send(step->server, &r->to, octets);
}

/* Known again */

/* Services that leave the same behind however often they are executed. A client may use one invoke
 * id for everything, and somebody else may write in between: a repetition is executed again. All
 * others are not: what is private, what changes files and lists, what somebody reads. */
static bool is_repeatable(uint8_t service)
{
    static const uint8_t repeatable[] = {
        BAC_CONFIRMED_READ_PROPERTY,
        BAC_CONFIRMED_READ_PROPERTY_MULTIPLE,
        BAC_CONFIRMED_READ_RANGE,
        BAC_CONFIRMED_ATOMIC_READ_FILE,
        BAC_CONFIRMED_GET_ALARM_SUMMARY,
        BAC_CONFIRMED_GET_ENROLLMENT_SUMMARY,
        BAC_CONFIRMED_GET_EVENT_INFORMATION,
        BAC_CONFIRMED_AUDIT_LOG_QUERY,
        BAC_CONFIRMED_WRITE_PROPERTY,
        BAC_CONFIRMED_WRITE_PROPERTY_MULTIPLE,
        BAC_CONFIRMED_SUBSCRIBE_COV,
        BAC_CONFIRMED_SUBSCRIBE_COV_PROPERTY,
        BAC_CONFIRMED_SUBSCRIBE_COV_PROPERTY_MULTIPLE,
        BAC_CONFIRMED_ACKNOWLEDGE_ALARM,
        BAC_CONFIRMED_LIFE_SAFETY_OPERATION,
        BAC_CONFIRMED_DEVICE_COMMUNICATION_CONTROL,
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(repeatable); i++) {
        if (repeatable[i] == service) {
            return true;
        }
    }
    return false;
}

/* FNV-1a. Whoever makes two requests of his own alike harms himself. */
static uint64_t digest_of(const struct bac_apdu *apdu)
{
    uint64_t digest = (0xCBF29CE484222325U ^ apdu->service) * 0x100000001B3U;
    for (size_t i = 0; i < apdu->body.len; i++) {
        digest = (digest ^ apdu->body.data[i]) * 0x100000001B3U;
    }
    return digest;
}

static void note(struct step *step)
{
    struct bac_responder *r = step->r;
    r->service = step->request->apdu.service;
    r->kept.digest = digest_of(&step->request->apdu);
    r->kept.asked = step->server->now;
    r->kept.heard = step->heard;
    r->kept.len = 0;
}

static bool is_repeated(const struct step *step)
{
    const struct bac_server_config *c = &step->server->config;
    const struct bac_responder *r = step->r;
    bas_time tries = c->retries + 1;
    bas_time retry_time = c->apdu_timeout_ms * BAS_MILLISECOND;
    retry_time += r->was_segmented ? tries * c->segment_timeout_ms * BAS_MILLISECOND : 0;
    return step->server->now - r->kept.asked <= tries * retry_time &&
           (uint16_t)(step->heard - r->kept.heard) < MOST_BETWEEN &&
           r->kept.digest == digest_of(&step->request->apdu);
}

/* Whether the answer that is kept is that to this request, and must not be made again. */
static bool is_answered(const struct step *step)
{
    return step->r->kept.len != 0 && !is_repeatable(step->request->apdu.service) &&
           is_repeated(step);
}

/* Execution */

void bac_server_let_request_go(struct bac_server *server)
{
    struct bac_responders *all = server->responders;
    const struct bac_segment_room room = { &server->env, &all->memory, 0, 0 };
    if (all->request.data != NULL) {
        bac_receiver_release(&all->request, &room);
    }
    if (all->scratch != NULL) {
        bas_release(&server->env, all->scratch, all->scratch_len);
        bas_budget_release(&all->memory, all->scratch_len);
        all->scratch = NULL;
        all->scratch_len = 0;
    }
}

/* Room for the decoded lists of a long request. One in a piece that is larger than what we
 * announce has to do with what there is. */
static bool find_room(struct bac_server *server, struct bac_request *request)
{
    struct bac_responders *all = server->responders;
    size_t len = request->apdu.body.len * LISTS_PER_OCTET;
    bool is_allowed =
        all->request.data != NULL || request->from->apdu.len <= server->config.max_apdu;
    if (len <= request->arena.cap || !is_allowed) {
        return true;
    }
    if (!bas_budget_charge(&all->memory, len)) {
        return false;
    }
    all->scratch = bas_alloc(&server->env, len);
    if (all->scratch == NULL) {
        bas_budget_release(&all->memory, len);
        return false;
    }
    all->scratch_len = len;
    bac_arena_init(&request->arena, all->scratch, len);
    return true;
}

/* The answer of a COMPLEX_ACK as the body of segments. */
static bool begin_segments(struct step *step)
{
    struct bac_server *server = step->server;
    struct bac_responder *r = step->r;
    struct bac_responders *all = server->responders;
    const struct bas_buf *out = step->request->out;
    size_t len = out->len - BAC_ACK_HEADER;
    if (r == NULL || !bas_budget_charge(&all->memory, len)) {
        return false;
    }
    r->body = bas_alloc(&server->env, len);
    if (r->body == NULL) {
        bas_budget_release(&all->memory, len);
        return false;
    }
    r->body_len = len;
    memcpy(r->body, out->data + BAC_ACK_HEADER, len);
    const struct bas_slice body = { r->body, len };
    bac_sender_begin(&r->sender, body, step->way.part, server->config.window);
    r->retries_left = server->config.retries;
    return true;
}

static void ensure_place(struct step *step)
{
    if (step->r == NULL) {
        step->r = bac_responder_take(step->server, &step->client);
    }
    if (step->r != NULL) {
        note(step);
        step->r->state = BAC_RESPONDER_AWAIT_RESPONSE;
    }
}

static bas_err answer_in_segments(struct step *step)
{
    ensure_place(step);
    if (!begin_segments(step)) {
        return step->r != NULL ? act(step, BAC_RESPONDER_ON_NO_MEMORY)
                               : abort_client(step, BAC_ABORT_OUT_OF_RESOURCES);
    }
    return act(step, BAC_RESPONDER_ON_LONG_ANSWER);
}

/* In the frame that is there, or in one that is large enough. */
static bas_err send_answer(struct step *step, struct bas_slice octets)
{
    struct bac_apdu_tx tx = step->client.to;
    uint8_t *room = bas_frame_put(step->frame, octets.len);
    if (room == NULL) {
        return bac_server_send(step->server, &tx, octets);
    }
    memcpy(room, octets.data, octets.len);
    tx.frame = bas_frame_ref(step->frame);
    bas_err err = bac_apdu_queue_put_frame(&step->server->tx, &tx);
    step->server->stats.not_sent += err != BAS_OK;
    return err;
}

/* Of a request in segments also for its last segment, should that come again. */
static bool is_to_be_kept(const struct step *step)
{
    bool was_segmented = step->r != NULL && step->r->was_segmented;
    return step->request->out->len <= BAC_KEPT_ANSWER &&
           (was_segmented || !is_repeatable(step->request->apdu.service));
}

static bas_err answer_whole(struct step *step, enum bac_outcome outcome)
{
    const struct bas_slice octets = { step->request->out->data, step->request->out->len };
    bool is_done = outcome == BAC_OUTCOME_SIMPLE_ACK || outcome == BAC_OUTCOME_COMPLEX_ACK ||
                   outcome == BAC_OUTCOME_ERROR;
    bas_err err = send_answer(step, octets);
    if (is_done && is_to_be_kept(step)) {
        ensure_place(step);
        bas_err kept = step->r != NULL ? act(step, BAC_RESPONDER_ON_KEPT_ANSWER) : BAS_OK;
        assert(kept == BAS_OK);
        (void)kept;
    } else if (step->r != NULL) {
        bas_err ended = act(step, BAC_RESPONDER_ON_ANSWER);
        assert(ended == BAS_OK);
        (void)ended;
    }
    return err;
}

/* Nothing is done that cannot be confirmed. */
static bas_err prepare(struct step *step)
{
    struct bac_server *server = step->server;
    bas_err err = BAS_ERR_BUSY;
    if (!bac_apdu_queue_is_full(&server->tx)) {
        step->frame = bas_frame_new(&server->env, BAS_HEADROOM, BAS_HEADROOM + SHORT_ANSWER);
        err = step->frame != NULL ? BAS_OK : BAS_ERR_NO_MEMORY;
    }
    if (err != BAS_OK) {
        server->stats.not_sent++;
        if (step->r != NULL) {
            bac_responder_end(server, step->r);
        }
    }
    return err;
}

static bas_err execute(struct step *step)
{
    struct bac_server *server = step->server;
    struct bac_request *request = step->request;
    struct bas_buf out = { 0 };
    if (step->r != NULL) {
        step->r->state = BAC_RESPONDER_AWAIT_RESPONSE;
        bac_responder_release(server, step->r);
    }
    if (!find_room(server, request)) {
        return abort_client(step, BAC_ABORT_OUT_OF_RESOURCES);
    }
    bas_err err = prepare(step);
    if (err != BAS_OK) {
        return err;
    }
    request->out = &out;
    step->way = bac_server_way(server, request);
    enum bac_outcome outcome = bac_server_execute(server, request, &step->way);
    bool is_long = outcome == BAC_OUTCOME_COMPLEX_ACK && out.len > step->way.whole;
    err = is_long ? answer_in_segments(step) : answer_whole(step, outcome);
    bas_frame_unref(step->frame);
    return err;
}

/* All segments are there. */
static bas_err ack_and_execute(struct step *step)
{
    struct bac_server *server = step->server;
    struct bac_responder *r = step->r;
    struct bac_request *request = step->request;
    struct bac_responders *all = server->responders;
    bas_err err = send_segment_ack(server, r, false);
    if (err != BAS_OK) { /* the client repeats its last window */
        bac_responder_end(server, r);
        return err;
    }
    all->request = r->receiver;
    r->receiver.data = NULL;
    r->receiver.cap = 0;
    request->apdu.segmented = false;
    request->apdu.more_follows = false;
    request->apdu.body = (struct bas_slice){ all->request.data, all->request.len };
    step->heard = bac_responders_hear(all, &step->client);
    if (is_answered(step)) {
        bas_timers_disarm(&all->timers, bac_responder_place(all, r));
        r->state = BAC_RESPONDER_KEPT;
        bac_responder_keep(all, r);
        return answer_again(step);
    }
    r->was_segmented = true;
    r->kept.last = r->receiver.last;
    r->kept.was_single = r->receiver.count == 1;
    return execute(step);
}

/* The rows */

static void begin_sending(struct step *step)
{
    bac_responder_sending_in(step->server->responders, step->r);
}

static void keep(struct step *step)
{
    struct bac_responder *r = step->r;
    const struct bas_buf *out = step->request->out;
    r->kept.len = (uint8_t)out->len;
    memcpy(r->kept.octets, out->data, out->len);
    bac_responder_keep(step->server->responders, r);
}

/* The client stopped in the middle of a request. If it was a repetition, the next one may come. */
static void give_up(struct step *step)
{
    struct bac_responder *r = step->r;
    if (r->kept.len == 0) {
        bac_responder_end(step->server, r);
        return;
    }
    bac_responder_release(step->server, r);
    r->state = BAC_RESPONDER_KEPT;
    bac_responder_keep(step->server->responders, r);
}

static bas_err carry_out(struct step *step, const struct bac_responder_rule *rule)
{
    struct bac_responder *r = step->r;
    switch (rule->action) {
    case BAC_RESPONDER_DROP:
    case BAC_RESPONDER_WAIT:
        break;
    case BAC_RESPONDER_EXECUTE:
        return execute(step);
    case BAC_RESPONDER_ACK:
    case BAC_RESPONDER_NEGATIVE_ACK:
        return send_segment_ack(step->server, r, rule->action == BAC_RESPONDER_NEGATIVE_ACK);
    case BAC_RESPONDER_ACK_AND_EXECUTE:
        return ack_and_execute(step);
    case BAC_RESPONDER_KEEP:
        keep(step);
        break;
    case BAC_RESPONDER_ACK_AND_ANSWER_AGAIN:
        r->receiver.last = r->kept.last;
        (void)send_segment_ack(step->server, r, false); /* counted there */
        return answer_again(step);
    case BAC_RESPONDER_ANSWER_AGAIN:
        return answer_again(step);
    case BAC_RESPONDER_SEND_WINDOW:
        r->retries_left = step->server->config.retries;
        begin_sending(step);
        break;
    case BAC_RESPONDER_REPEAT:
        bac_sender_again(&r->sender);
        begin_sending(step);
        break;
    case BAC_RESPONDER_SEND_FIRST:
        begin_sending(step);
        break;
    case BAC_RESPONDER_GIVE_UP:
        give_up(step);
        break;
    case BAC_RESPONDER_END:
        bac_responder_end(step->server, r);
        break;
    case BAC_RESPONDER_ABORT:
        return abort_client(step, rule->reason);
    }
    return BAS_OK;
}

static bool is_waiting(enum bac_responder_state state)
{
    return state == BAC_RESPONDER_SEGMENTED_REQUEST || state == BAC_RESPONDER_SEGMENTED_RESPONSE;
}

static bas_err act(struct step *step, enum bac_responder_event event)
{
    struct bac_server *server = step->server;
    enum bac_responder_state state = step->r != NULL ? step->r->state : BAC_RESPONDER_IDLE;
    const struct bac_responder_rule *rule = bac_responder_rule(state, event);
    if (rule->action == BAC_RESPONDER_DROP) {
        server->stats.ignored++;
        return BAS_OK;
    }
    struct bac_responders *all = server->responders;
    if (state == BAC_RESPONDER_KEPT && rule->next != BAC_RESPONDER_KEPT &&
        rule->next != BAC_RESPONDER_IDLE) { /* ending does it, too */
        bac_responder_unkeep(all, step->r);
        step->r->state = BAC_RESPONDER_IDLE;
    }
    bool is_executed = rule->next == BAC_RESPONDER_AWAIT_RESPONSE;
    if (step->r != NULL && !is_executed && rule->next != BAC_RESPONDER_IDLE) {
        uint32_t place = bac_responder_place(all, step->r);
        bas_time wait = server->config.segment_timeout_ms * BAS_MILLISECOND;
        wait *= rule->next == BAC_RESPONDER_SEGMENTED_REQUEST ? 4 : 1;
        bas_timers_arm(&all->timers, place,
                       is_waiting(rule->next) ? server->now + wait : BAS_NEVER);
        step->r->state = rule->next;
    }
    return carry_out(step, rule);
}

/* Requests in one piece */

static enum bac_responder_event event_of_request(const struct step *step)
{
    enum bac_responder_state state = step->r->state;
    bool is_known = state == BAC_RESPONDER_KEPT
                        ? is_answered(step)
                        : state == BAC_RESPONDER_SEGMENTED_RESPONSE && is_repeated(step);
    return is_known ? BAC_RESPONDER_ON_REPEATED : BAC_RESPONDER_ON_REQUEST;
}

static bas_err take_whole(struct step *step)
{
    step->heard = bac_responders_hear(step->server->responders, &step->client);
    if (step->r == NULL) {
        return execute(step);
    }
    enum bac_responder_event event = event_of_request(step);
    step->r->was_segmented = step->r->was_segmented && event == BAC_RESPONDER_ON_REPEATED;
    return act(step, event);
}

/* Segments */

static enum bac_responder_event take_first(struct step *step)
{
    struct bac_server *server = step->server;
    const struct bac_segment_room room = room_of(server);
    const struct bac_apdu *apdu = &step->request->apdu;
    if (step->r == NULL) {
        step->r = bac_responder_take(server, &step->client);
        if (step->r == NULL) {
            return BAC_RESPONDER_ON_NO_MEMORY;
        }
    }
    step->r->service = apdu->service;
    return bac_responder_event_of_segment(
        bac_receiver_begin(&step->r->receiver, apdu, server->config.window, &room));
}

static enum bac_responder_event event_of_segment(struct step *step)
{
    struct bac_responder *r = step->r;
    const struct bac_apdu *apdu = &step->request->apdu;
    const struct bac_segment_room room = room_of(step->server);
    enum bac_responder_event stray =
        apdu->more_follows ? BAC_RESPONDER_ON_STRAY_SEGMENT : BAC_RESPONDER_ON_STRAY_LAST;
    if (r != NULL && r->state == BAC_RESPONDER_SEGMENTED_RESPONSE) {
        return BAC_RESPONDER_ON_SEGMENT;
    }
    if (!bac_window_is_good(apdu->window)) {
        return BAC_RESPONDER_ON_BAD_WINDOW;
    }
    if (r != NULL && r->state == BAC_RESPONDER_SEGMENTED_REQUEST) {
        return r->service != apdu->service
                   ? stray
                   : bac_responder_event_of_segment(bac_receiver_take(&r->receiver, apdu, &room));
    }
    bool is_known = r != NULL && r->was_segmented && r->service == apdu->service;
    if (is_known && !r->kept.was_single && apdu->sequence == r->kept.last && !apdu->more_follows) {
        return BAC_RESPONDER_ON_STRAY_LAST;
    }
    if (apdu->sequence == 0) {
        return take_first(step);
    }
    return r != NULL ? BAC_RESPONDER_ON_STRAY_SEGMENT : stray; /* none of what is kept */
}

static void count(struct bac_server *server, enum bac_responder_event event)
{
    bool is_new = event == BAC_RESPONDER_ON_SEGMENT || event == BAC_RESPONDER_ON_LAST_SEGMENT ||
                  event == BAC_RESPONDER_ON_SEGMENT_OF_GROUP;
    server->stats.segments += is_new;
    server->stats.repeated += !is_new;
}

static bas_err take_segment(struct step *step)
{
    enum bac_responder_event event = event_of_segment(step);
    count(step->server, event);
    return act(step, event);
}

/* From server.c */

static struct step step_of(struct bac_server *server, struct bac_request *request)
{
    const struct bac_responders *all = server->responders;
    struct step step = { .server = server,
                         .request = request,
                         .client = bac_responders_key(all, request) };
    step.r = bac_responder_find(all, &step.client);
    return step;
}

bas_err bac_server_confirmed(struct bac_server *server, struct bac_request *request)
{
    if (request->from->broadcast) { /* 5.4.5.1 */
        server->stats.ignored++;
        return BAS_OK;
    }
    if (bac_apdu_queue_is_full(&server->tx)) {
        server->stats.not_sent++;
        return BAS_ERR_BUSY;
    }
    struct step step = step_of(server, request);
    return request->apdu.segmented ? take_segment(&step) : take_whole(&step);
}

bas_err bac_server_segment_ack(struct bac_server *server, struct bac_request *request)
{
    const struct bac_apdu *ack = &request->apdu;
    if (request->from->broadcast) {
        server->stats.ignored++;
        return BAS_OK;
    }
    struct step step = step_of(server, request);
    if (step.r == NULL || step.r->state != BAC_RESPONDER_SEGMENTED_RESPONSE) {
        return act(&step, BAC_RESPONDER_ON_STRAY_ACK);
    }
    if (!bac_window_is_good(ack->window)) {
        return act(&step, BAC_RESPONDER_ON_BAD_WINDOW);
    }
    enum bac_sender_result result = bac_sender_ack(&step.r->sender, ack);
    bool is_new = result == BAC_SENDER_NEW || result == BAC_SENDER_FINAL;
    server->stats.repeated += !is_new || ack->negative_ack;
    return act(&step, bac_responder_event_of_ack(result));
}

void bac_server_aborted(struct bac_server *server, struct bac_request *request)
{
    struct step step = step_of(server, request);
    (void)act(&step, BAC_RESPONDER_ON_ABORT);
}

/* A segment of those transactions that have any, in turns. One without memory is lost, as one on
 * the wire may be. */
bool bac_server_next_segment(struct bac_server *server, struct bac_apdu_tx *tx)
{
    struct bac_responders *all = server->responders;
    struct bac_responder *r;
    while ((r = bac_responder_sending_out(all)) != NULL) {
        if (!bac_sender_has_next(&r->sender)) {
            continue;
        }
        struct bac_apdu head = { .type = BAC_PDU_COMPLEX_ACK,
                                 .invoke_id = r->invoke_id,
                                 .service = r->service };
        bac_sender_next(&r->sender, &head);
        if (bac_sender_has_next(&r->sender)) {
            bac_responder_sending_in(all, r);
        }
        *tx = r->to;
        tx->expecting_reply = true;
        tx->frame = bac_apdu_frame(&server->env, &head, head.body);
        if (tx->frame != NULL) {
            server->stats.segments++;
            return true;
        }
        server->stats.not_sent++;
    }
    return false;
}

/* The part */

static bas_err open_part(struct bac_server *server, const struct bac_server_config *config,
                         struct bas_fault *fault)
{
    (void)config;
    return bac_responders_open(server) == BAS_OK
               ? BAS_OK
               : bas_fail(fault, BAS_ERR_NO_MEMORY, "no memory for the server's transactions");
}

static void tick(struct bac_server *server, bas_time now)
{
    struct bac_responders *all = server->responders;
    uint32_t place = 0;
    while (bas_timers_expire(&all->timers, now, &place)) {
        struct step step = { .server = server, .r = &all->places[place] };
        bool is_retried =
            step.r->state == BAC_RESPONDER_SEGMENTED_RESPONSE && step.r->retries_left != 0;
        step.r->retries_left = (uint8_t)(step.r->retries_left - is_retried);
        (void)act(&step, is_retried ? BAC_RESPONDER_ON_TIMEOUT : BAC_RESPONDER_ON_LAST_TIMEOUT);
    }
}

static bas_time deadline(const struct bac_server *server)
{
    return bas_timers_next(&server->responders->timers);
}

const struct bac_server_part bac_server_transactions = { open_part, bac_responders_close, tick,
                                                         deadline };
