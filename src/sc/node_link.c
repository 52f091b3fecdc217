/*
 * Owns the WebSockets of a node: their places, their connection state machines (conn.c), why each
 * of them ends, and which form of Connect-Request its other end takes.
 */
#include "sc/node.h"

#include <assert.h>

enum { DETAILS_MAX = 80, ID_STEP = 1000 };

/* Places. */

struct bsc_link *bsc_link_new(struct bsc_node *node, enum bsc_link_kind kind, bool initiating,
                              bas_time now)
{
    bool is_direct = kind == BSC_LINK_DIRECT;
    uint32_t at = is_direct ? (uint32_t)BSC_HUB_PLACES : (uint32_t)kind;
    uint32_t end = is_direct ? node->links_max : (uint32_t)BSC_HUB_PLACES;
    while (at < end && node->links[at].id != 0) {
        at += is_direct ? 1 : (uint32_t)BSC_HUBS;
    }
    if (at >= end) {
        return NULL;
    }
    struct bsc_link *link = &node->links[at];
    node->links_used = at < node->links_used ? node->links_used : at + 1;
    node->last_link = node->last_link == UINT32_MAX ? 1 : node->last_link + 1;
    node->first_id = (uint16_t)(node->first_id + ID_STEP);
    *link = (struct bsc_link){ .id = node->last_link, .kind = kind, .uri = "" };
    bsc_conn_init(&link->conn, initiating, node->first_id);
    bsc_queue_init(&link->queue);
    bsc_tokens_init(&link->tokens, now);
    return link;
}

void bsc_link_free(struct bsc_node *node, struct bsc_link *link)
{
    if (link->id == 0) {
        return; /* a place before the last one used, itself never in use: its queue is not one yet
                 */
    }
    (void)bsc_queue_clear(&node->outbox, &link->queue);
    link->id = 0;
    link->is_dirty = false;
    link->peer = NULL;
}

struct bsc_link *bsc_link_find(struct bsc_node *node, bsc_link_id id)
{
    for (uint32_t i = 0; i < node->links_used && id != 0; i++) {
        if (node->links[i].id == id) {
            return &node->links[i];
        }
    }
    return NULL;
}

bool bsc_link_any(const struct bsc_node *node)
{
    for (uint32_t i = 0; i < node->links_used; i++) {
        if (node->links[i].id != 0) {
            return true;
        }
    }
    return false;
}

void bsc_link_disconnect_all(struct bsc_node *node, const struct bsc_link *except, bas_time now)
{
    for (uint32_t i = 0; i < node->links_used; i++) {
        struct bsc_link *link = &node->links[i];
        if (link->id != 0 && link != except) {
            (void)bsc_link_local(node, link, BSC_EV_DISCONNECT, now);
        }
    }
}

/* Why it ends. */

void bsc_link_blame(struct bsc_link *link, const struct bas_fault *fault)
{
    if (fault != NULL && fault->err != BAS_OK && link->why.err == BAS_OK) {
        link->why = *fault;
    }
}

static const char *other_end(const struct bsc_link *link)
{
    return link->kind == BSC_LINK_DIRECT ? "the peer" : "the hub";
}

static void note_timeout(struct bsc_link *link, enum bsc_conn_state before)
{
    static const char *const whats[BSC_CONN_STATES] = {
        [BSC_AWAITING_WEBSOCKET] = "did not make the connection ready in time",
        [BSC_AWAITING_ACCEPT] = "did not answer Connect-Request",
        [BSC_AWAITING_REQUEST] = "did not send a Connect-Request in time",
        [BSC_CONNECTED] = "did not answer a heartbeat",
    };
    struct bas_fault fault = { 0 };
    const char *what = before == BSC_CONNECTED && !link->conn.initiating ? "was silent for too long"
                                                                         : whats[before];
    (void)bas_fail_code(&fault, BAS_ERR_TIMEOUT, BAC_ERROR_CLASS_COMMUNICATION,
                        BAC_ERROR_CODE_TIMEOUT, "%s %s", other_end(link), what);
    bsc_link_blame(link, &fault);
}

/* Hello. */

static struct bsc_hello *hello_of(struct bsc_node *node, const struct bsc_link *link)
{
    if (link->kind != BSC_LINK_DIRECT) {
        return &node->connector.lines[link->kind].hello;
    }
    return link->peer != NULL ? &link->peer->hello : NULL;
}

/*
 * The form of the next Connect-Request, after one without Connect-Accept (spec 1.3): the other one
 * where this one was not taken, which some say with silence or by closing (nak NULL); else the one
 * that was taken last. bsc 1.3-13
 */
static void choose_hello(struct bsc_node *node, const struct bsc_link *link,
                         const struct bsc_result *nak)
{
    struct bsc_hello *hello = hello_of(node, link);
    unsigned code = nak != NULL ? nak->error_code : BAC_ERROR_CODE_HEADER_NOT_UNDERSTOOD;
    bool not_taken = code == BAC_ERROR_CODE_HEADER_ENCODING_ERROR ||
                     code == BAC_ERROR_CODE_HEADER_NOT_UNDERSTOOD;
    if (hello != NULL && !node->config.no_hello && code != BAC_ERROR_CODE_NODE_DUPLICATE_VMAC) {
        hello->next = not_taken ? !hello->sent : !hello->plain_works;
    }
}

/* What is to be done about a refusal that does not go away by itself; "": nothing can be said. */
static const char *advice_on(const struct bsc_result *result)
{
    return result->error_code == BAC_ERROR_CODE_ACCESS_DENIED
               ? "; its log tells the rule: an allow list, or a UUID that must be the certificate's"
               : "";
}

/* The NAK to our Connect-Request. */
static void note_refusal(struct bsc_node *node, struct bsc_link *link,
                         const struct bsc_message *message)
{
    struct bsc_result result;
    struct bas_fault fault = { 0 };
    if (message == NULL || bsc_result_decode(message->payload, &result, NULL) != BAS_OK) {
        return;
    }
    const char *name = bac_error_code_name(result.error_code);
    char details[DETAILS_MAX + 1];
    bas_text_copy(details, sizeof(details), result.details); /* its own words */
    (void)bas_fail_code(&fault, BAS_ERR_REFUSED, result.error_class, result.error_code,
                        "%s refused to connect us: %s (class %u, code %u)%s%s%s", other_end(link),
                        name != NULL ? name : "unknown code", result.error_class, result.error_code,
                        details[0] != 0 ? ": " : "", details, advice_on(&result));
    bsc_link_blame(link, &fault);
    choose_hello(node, link, &result);
}

static bool is_duplicate(const struct bsc_link *link)
{
    return link->kind != BSC_LINK_DIRECT && link->why.err == BAS_ERR_REFUSED &&
           link->why.error_code == BAC_ERROR_CODE_NODE_DUPLICATE_VMAC;
}

/* Steps. */

bas_err bsc_link_send(struct bsc_node *node, struct bsc_link *link, const struct bas_buf *message)
{
    if (message->len == 0) {
        return BAS_OK;
    }
    const struct bsc_record_spec spec = { .head = { message->data, message->len } };
    bool has_room = bsc_link_has_own_room(node, link);
    uint32_t record = has_room ? bsc_record_new(&node->outbox, &spec) : BSC_NONE;
    if (record == BSC_NONE) {
        node->counters.dropped_pending_full++;
        return BAS_ERR_BUSY;
    }
    bool is_queued = bsc_queue_put(&node->outbox, &link->queue, record) == BAS_OK;
    bsc_record_unref(&node->outbox, record);
    link->is_dirty |= is_queued;
    uint64_t *counter =
        link->kind == BSC_LINK_DIRECT ? &node->counters.sent_direct : &node->counters.sent_hub;
    *(is_queued ? counter : &node->counters.dropped_pending_full) += 1;
    return is_queued ? BAS_OK : BAS_ERR_BUSY;
}

static void count_heartbeats(struct bsc_node *node, const struct bsc_conn_input *input,
                             enum bsc_conn_state before)
{
    if (before == BSC_CONNECTED && input->event == BSC_EV_HEARTBEAT_DUE) {
        node->counters.heartbeats++;
    }
    if (before == BSC_CONNECTED && input->event == BSC_EV_ACK_MISSING) {
        node->counters.heartbeats_missed++;
    }
}

static void link_is_up(struct bsc_node *node, struct bsc_link *link, bas_time now)
{
    struct bsc_hello *hello = hello_of(node, link);
    link->up_since = now;
    if (hello != NULL && link->conn.initiating) {
        hello->plain_works = !hello->sent;
    }
    if (link->kind == BSC_LINK_DIRECT) {
        bsc_switch_link_up(node, link, now);
    } else {
        bsc_connector_link_up(node, link, now);
    }
}

static void link_is_down(struct bsc_node *node, struct bsc_link *link, bas_time now)
{
    if (link->kind == BSC_LINK_DIRECT) {
        bsc_switch_link_down(node, link, now);
    } else {
        bsc_connector_link_down(node, link, now);
    }
}

unsigned bsc_link_step(struct bsc_node *node, struct bsc_link *link,
                       const struct bsc_conn_input *input)
{
    uint8_t memory[BSC_STEP_REPLY];
    struct bsc_step result = { 0 };
    bas_buf_init(&result.reply, memory, sizeof(memory));
    enum bsc_conn_state before = (enum bsc_conn_state)link->conn.state;
    bsc_conn_step(&link->conn, input, &result);
    (void)bsc_link_send(node, link, &result.reply);
    count_heartbeats(node, input, before);
    bool ends = before == BSC_AWAITING_ACCEPT && link->conn.state == BSC_IDLE;
    if (ends && input->event != BSC_EV_DISCONNECT && (result.outcome & BSC_OUT_REFUSED) == 0) {
        choose_hello(node, link, NULL);
    }
    if ((result.outcome & BSC_OUT_TIMEOUT) != 0) {
        note_timeout(link, before);
    }
    if ((result.outcome & BSC_OUT_REFUSED) != 0 && input->event == BSC_EV_NAK_CONNECT) {
        note_refusal(node, link, input->message);
    }
    if ((result.outcome & BSC_OUT_ADMIT) != 0) {
        bsc_switch_ask(node, link);
    }
    if ((result.outcome & BSC_OUT_UP) != 0) {
        link_is_up(node, link, input->now);
    }
    if ((result.outcome & BSC_OUT_DOWN) != 0) {
        link_is_down(node, link, input->now);
    }
    bool duplicate = ends && is_duplicate(link);
    if (duplicate) {
        bsc_connector_duplicate(node);
    }
    if ((result.outcome & BSC_OUT_CLOSE) != 0) {
        bsc_node_raise(node, BSC_NODE_LINK_CLOSE, link)->close_code = BSC_CLOSE_NORMAL;
    }
    if (duplicate) {
        bsc_connector_event(node, BSC_CE_DUPLICATE, input->now);
    }
    return result.outcome;
}

unsigned bsc_link_local(struct bsc_node *node, struct bsc_link *link, enum bsc_conn_event event,
                        bas_time now)
{
    const struct bsc_conn_input input = {
        .event = event, .self = &node->self, .times = &node->times, .now = now
    };
    return bsc_link_step(node, link, &input);
}
