/*
 * Owns a node (AB.2, AB.5.2): its hub connector with reconnection, what it sends, and what is
 * delivered to it.
 *
 * One WebSocket to a hub at a time. A link is opened at the node's wish by its owner; the
 * connection's state machine is conn.c's.
 */
#include "basalt/sc.h"

#include "sc/conn.h"
#include "sc/outbox.h"
#include "sc/policy.h"
#include "sc/tokens.h"

#include <assert.h>
#include <string.h>

enum { EVENT_RING = 16, URI_MAX = 256, DETAILS_MAX = 80 };

enum connector_state {
    CONNECTOR_STOPPED,
    CONNECTOR_TRYING,
    CONNECTOR_DELAY,
    CONNECTOR_UP, /* the link was up; it may be on its way down */
    CONNECTOR_STOPPING
};

struct link {
    bsc_link_id id; /* 0: none */
    struct bsc_conn conn;
    struct bsc_queue queue;
    bool is_dirty;
};

struct bsc_node {
    struct bas_env env;
    struct bsc_node_config config;
    char primary_uri[URI_MAX];
    struct bsc_identity self;
    struct bsc_conn_times times;
    enum connector_state state;
    struct link link;
    bsc_link_id last_link;
    uint16_t first_id;
    bool hello;         /* for the next attempt (spec 1.3) */
    bool sent_hello;    /* in this attempt */
    bool plain_works;   /* the hub at this URI last took a Connect-Request without Hello */
    bool had_duplicate; /* our VMAC was refused since we were last up ... */
    bool at_once;       /* ... and the next attempt does not wait, this once */
    bas_time up_since;
    bas_time retry_at;
    bas_time delay;       /* the next one */
    struct bas_fault why; /* of the attempt or connection that ends; err BAS_OK: orderly */
    struct bsc_tokens tokens;
    struct bsc_outbox outbox;
    struct bsc_node_event ring[EVENT_RING];
    unsigned ring_first, ring_count;
};

static void set_default(uint32_t *value, uint32_t standard)
{
    if (*value == 0) {
        *value = standard;
    }
}

static void apply_defaults(struct bsc_node_config *c)
{
    c->max_bvlc = c->max_bvlc == 0 ? BSC_DEFAULT_BVLC : c->max_bvlc;
    c->max_npdu = c->max_npdu == 0 ? BSC_DEFAULT_NPDU : c->max_npdu;
    set_default(&c->connect_wait_ms, 10000);
    set_default(&c->disconnect_wait_ms, 10000);
    set_default(&c->heartbeat_ms, BSC_POLICY_HEARTBEAT_MS);
    set_default(&c->heartbeat_ack_ms, BSC_POLICY_HEARTBEAT_ACK_MS);
    set_default(&c->minimum_reconnect_ms, 10000);
    set_default(&c->maximum_reconnect_ms, 600000);
    set_default(&c->pending_max, 256 * 1024);
    set_default(&c->pending_entries, 256);
    if (c->minimum_reconnect_ms > c->maximum_reconnect_ms) {
        c->minimum_reconnect_ms = c->maximum_reconnect_ms;
    }
}

struct bsc_node *bsc_node_new(const struct bas_env *env, const struct bsc_node_config *config)
{
    if (config->primary_uri == NULL || strlen(config->primary_uri) >= URI_MAX) {
        return NULL;
    }
    struct bsc_node *node = bas_alloc(env, sizeof(*node));
    if (node == NULL) {
        return NULL;
    }
    node->env = *env;
    struct bsc_node_config *c = &node->config;
    memcpy(c, config, config->size < sizeof(*config) ? config->size : sizeof(*config));
    apply_defaults(c);
    memcpy(node->primary_uri, config->primary_uri, strlen(config->primary_uri) + 1);
    node->self = (struct bsc_identity){
        .vmac = c->vmac, .uuid = c->uuid, .max_bvlc = c->max_bvlc, .max_npdu = c->max_npdu
    };
    node->times = (struct bsc_conn_times){
        .connect_wait = c->connect_wait_ms * BAS_MILLISECOND,
        .disconnect_wait = c->disconnect_wait_ms * BAS_MILLISECOND,
        .heartbeat = c->heartbeat_ms * BAS_MILLISECOND,
        .heartbeat_ack = c->heartbeat_ack_ms * BAS_MILLISECOND,
    };
    node->hello = !c->no_hello;
    node->delay = c->minimum_reconnect_ms * BAS_MILLISECOND;
    node->retry_at = BAS_NEVER;
    env->random(env->ctx, (uint8_t *)&node->first_id, sizeof(node->first_id));
    bsc_queue_init(&node->link.queue);
    if (bsc_outbox_init(&node->outbox, &node->env, c->pending_entries, c->pending_max) != BAS_OK) {
        bas_release(env, node, sizeof(*node));
        return NULL;
    }
    return node;
}

void bsc_node_free(struct bsc_node *node)
{
    if (node == NULL) {
        return;
    }
    bsc_queue_clear(&node->outbox, &node->link.queue);
    bsc_outbox_fini(&node->outbox);
    struct bas_env env = node->env;
    bas_release(&env, node, sizeof(*node));
}

/* A place for one more event; the owner drains after each call, so the ring has room. */
static struct bsc_node_event *raise_event(struct bsc_node *node, enum bsc_node_event_kind kind)
{
    assert(node->ring_count < EVENT_RING);
    struct bsc_node_event *event = &node->ring[(node->ring_first + node->ring_count) % EVENT_RING];
    node->ring_count++;
    *event =
        (struct bsc_node_event){ .kind = kind, .link = node->link.id, .uri = node->primary_uri };
    return event;
}

bool bsc_node_next_event(struct bsc_node *node, struct bsc_node_event *event)
{
    if (node->ring_count == 0) {
        return false;
    }
    *event = node->ring[node->ring_first];
    node->ring_first = (node->ring_first + 1) % EVENT_RING;
    node->ring_count--;
    return true;
}

static void remember_why(struct bsc_node *node, const struct bas_fault *fault)
{
    if (fault != NULL && fault->err != BAS_OK && node->why.err == BAS_OK) {
        node->why = *fault;
    }
}

/* Output of the node's own making. */
static void send_own(struct bsc_node *node, const struct bas_buf *message)
{
    if (message->len == 0) {
        return;
    }
    const struct bsc_record_spec spec = { .head = { message->data, message->len } };
    uint32_t record = bsc_record_new(&node->outbox, &spec);
    if (record == BSC_NONE) {
        return;
    }
    node->link.is_dirty |= bsc_queue_put(&node->outbox, &node->link.queue, record) == BAS_OK;
    bsc_record_unref(&node->outbox, record);
}

/* Connecting. */

/* Whether there is a hub connection to send on. */
static bool is_up(const struct bsc_node *node)
{
    return node->link.conn.state == BSC_CONNECTED;
}

static void hub_is_up(struct bsc_node *node, bas_time now)
{
    node->state = CONNECTOR_UP;
    node->up_since = now;
    node->delay = node->config.minimum_reconnect_ms * BAS_MILLISECOND;
    node->plain_works = !node->sent_hello;
    node->had_duplicate = false;
    node->why.err = BAS_OK;
    node->self.hub_status = 1;
    struct bsc_node_event *event = raise_event(node, BSC_NODE_UP);
    event->vmac = node->link.conn.peer.vmac;
    event->uuid = node->link.conn.peer.uuid;
}

static void note_timeout(struct bsc_node *node, enum bsc_conn_state before)
{
    struct bas_fault fault = { 0 };
    const char *what = before == BSC_CONNECTED ? "the hub did not answer a heartbeat"
                       : before == BSC_AWAITING_WEBSOCKET
                           ? "the connection was not ready in time"
                           : "the hub did not answer Connect-Request";
    (void)bas_fail_code(&fault, BAS_ERR_TIMEOUT, BAC_ERROR_CLASS_COMMUNICATION,
                        BAC_ERROR_CODE_TIMEOUT, "%s", what);
    remember_why(node, &fault);
}

/*
 * The form of the next Connect-Request, after one without Connect-Accept (spec 1.3): the other one
 * where the hub did not take this one, which some say with silence or by closing (nak NULL); else
 * the one that it took last.
 */
static void choose_hello(struct bsc_node *node, const struct bsc_result *nak)
{
    unsigned code = nak != NULL ? nak->error_code : BAC_ERROR_CODE_HEADER_NOT_UNDERSTOOD;
    bool not_taken = code == BAC_ERROR_CODE_HEADER_ENCODING_ERROR ||
                     code == BAC_ERROR_CODE_HEADER_NOT_UNDERSTOOD;
    if (!node->config.no_hello && code != BAC_ERROR_CODE_NODE_DUPLICATE_VMAC) {
        node->hello = not_taken ? !node->sent_hello : !node->plain_works;
    }
}

static void note_refusal(struct bsc_node *node, const struct bsc_message *message)
{
    struct bsc_result result;
    struct bas_fault fault = { 0 };
    if (message == NULL || bsc_result_decode(message->payload, &result, NULL) != BAS_OK) {
        return;
    }
    const char *name = bac_error_code_name(result.error_code);
    char details[DETAILS_MAX + 1];
    bas_text_copy(details, sizeof(details), result.details); /* the hub's own words */
    (void)bas_fail_code(&fault, BAS_ERR_REFUSED, result.error_class, result.error_code,
                        "the hub refused to connect us: %s (class %u, code %u)%s%s",
                        name != NULL ? name : "unknown code", result.error_class, result.error_code,
                        details[0] != 0 ? ": " : "", details);
    remember_why(node, &fault);
    choose_hello(node, &result);
    if (result.error_code == BAC_ERROR_CODE_NODE_DUPLICATE_VMAC) {
        node->at_once = !node->had_duplicate;
        node->had_duplicate = true;
        node->self.vmac = bsc_vmac_random(&node->env);
        raise_event(node, BSC_NODE_VMAC_CHANGED)->vmac = node->self.vmac;
    }
}

/* Runs one event through the connection's table and carries out what follows for the node. */
static unsigned step(struct bsc_node *node, const struct bsc_conn_input *input)
{
    uint8_t memory[BSC_STEP_REPLY];
    struct bsc_step result = { 0 };
    bas_buf_init(&result.reply, memory, sizeof(memory));
    enum bsc_conn_state before = (enum bsc_conn_state)node->link.conn.state;
    bsc_conn_step(&node->link.conn, input, &result);
    send_own(node, &result.reply);
    bool ends = before == BSC_AWAITING_ACCEPT && node->link.conn.state == BSC_IDLE;
    if (ends && input->event != BSC_EV_DISCONNECT && (result.outcome & BSC_OUT_REFUSED) == 0) {
        choose_hello(node, NULL);
    }
    if ((result.outcome & BSC_OUT_TIMEOUT) != 0) {
        note_timeout(node, before);
    }
    if ((result.outcome & BSC_OUT_REFUSED) != 0) {
        note_refusal(node, input->message);
    }
    if ((result.outcome & BSC_OUT_UP) != 0) {
        hub_is_up(node, input->now);
    }
    if ((result.outcome & BSC_OUT_DOWN) != 0) {
        node->self.hub_status = 0;
        raise_event(node, BSC_NODE_DOWN)->fault = node->why;
    }
    if ((result.outcome & BSC_OUT_CLOSE) != 0) {
        raise_event(node, BSC_NODE_LINK_CLOSE)->close_code = BSC_CLOSE_NORMAL;
    }
    return result.outcome;
}

static unsigned local_event(struct bsc_node *node, enum bsc_conn_event event, bas_time now)
{
    const struct bsc_conn_input input = {
        .event = event, .self = &node->self, .times = &node->times, .now = now
    };
    return step(node, &input);
}

static void try_hub(struct bsc_node *node, bas_time now)
{
    node->state = CONNECTOR_TRYING;
    node->retry_at = BAS_NEVER;
    node->why.err = BAS_OK;
    node->at_once = false;
    node->last_link = node->last_link == UINT32_MAX ? 1 : node->last_link + 1;
    node->link.id = node->last_link;
    node->first_id = (uint16_t)(node->first_id + 1000);
    bsc_conn_init(&node->link.conn, true, node->first_id);
    node->link.conn.hello = node->hello;
    node->sent_hello = node->hello;
    bsc_tokens_init(&node->tokens, now);
    (void)local_event(node, BSC_EV_START, now);
    raise_event(node, BSC_NODE_LINK_OPEN)->subprotocol = "hub.bsc.bacnet.org";
}

/* The delay before the next attempt, jittered within its bounds so that a thousand nodes do not
 * come back in step (AB.6.1). */
static bas_time jittered(const struct bsc_node *node, bas_time delay)
{
    bas_time span = delay * BSC_POLICY_JITTER_PERCENT / 100;
    bas_time least = node->config.minimum_reconnect_ms * BAS_MILLISECOND;
    bas_time most = node->config.maximum_reconnect_ms * BAS_MILLISECOND;
    least = delay - span > least ? delay - span : least;
    most = delay + span < most ? delay + span : most;
    uint16_t random;
    node->env.random(node->env.ctx, (uint8_t *)&random, sizeof(random));
    return least + (most - least) * random / UINT16_MAX;
}

static void wait_and_retry(struct bsc_node *node, bas_time now)
{
    bas_time most = node->config.maximum_reconnect_ms * BAS_MILLISECOND;
    node->state = CONNECTOR_DELAY;
    node->retry_at = now + jittered(node, node->delay);
    node->delay = node->delay * 2 > most ? most : node->delay * 2;
    struct bsc_node_event *event = raise_event(node, BSC_NODE_RETRY);
    event->fault = node->why;
}

void bsc_node_start(struct bsc_node *node, bas_time now)
{
    if (node->state == CONNECTOR_STOPPED) {
        node->delay = node->config.minimum_reconnect_ms * BAS_MILLISECOND;
        node->had_duplicate = false;
        try_hub(node, now);
    }
}

void bsc_node_stop(struct bsc_node *node, bas_time now)
{
    bool has_link = node->link.id != 0;
    node->retry_at = BAS_NEVER;
    node->state = has_link ? CONNECTOR_STOPPING : CONNECTOR_STOPPED;
    if (has_link) {
        (void)local_event(node, BSC_EV_DISCONNECT, now);
    }
}

bool bsc_node_is_stopped(const struct bsc_node *node)
{
    return node->state == CONNECTOR_STOPPED;
}

static bool is_current(const struct bsc_node *node, bsc_link_id link)
{
    return link != 0 && link == node->link.id;
}

void bsc_node_link_up(struct bsc_node *node, bsc_link_id link, bas_time now)
{
    if (is_current(node, link)) {
        (void)local_event(node, BSC_EV_WEBSOCKET_OPEN, now);
    }
}

void bsc_node_link_down(struct bsc_node *node, bsc_link_id link, const struct bas_fault *reason,
                        bas_time now)
{
    if (!is_current(node, link)) {
        return;
    }
    remember_why(node, reason);
    bool was_up = node->state == CONNECTOR_UP;
    bas_time least = node->config.minimum_reconnect_ms * BAS_MILLISECOND;
    (void)local_event(node, BSC_EV_WEBSOCKET_CLOSED, now);
    bsc_queue_clear(&node->outbox, &node->link.queue);
    node->link.is_dirty = false;
    node->link.id = 0;
    if (node->state == CONNECTOR_STOPPING) {
        node->state = CONNECTOR_STOPPED;
    } else if (node->at_once || (was_up && now - node->up_since >= least)) {
        try_hub(node, now); /* the primary is retried at once (spec 4.2), unless it throws us out
                               again and again */
    } else {
        wait_and_retry(node, now);
    }
}

/* Receiving. */

static void refuse(struct bsc_node *node, const struct bsc_message *message,
                   const struct bas_fault *fault, bas_time now)
{
    uint8_t memory[BSC_STEP_REPLY];
    struct bas_buf reply;
    if (!bsc_tokens_spend(&node->tokens, now)) {
        return;
    }
    bas_buf_init(&reply, memory, sizeof(memory));
    bsc_nak(message, fault, false, &reply);
    send_own(node, &reply);
    raise_event(node, BSC_NODE_FAULT)->fault = *fault;
}

/* Address-Resolution and Advertisement-Solicitation: answered from what we are. */
static void answer(struct bsc_node *node, const struct bsc_message *message, bas_time now)
{
    uint8_t memory[BSC_STEP_REPLY];
    struct bas_buf reply;
    if (!bsc_tokens_spend(&node->tokens, now)) {
        return;
    }
    bas_buf_init(&reply, memory, sizeof(memory));
    bsc_answer(message, &node->self, node->link.conn.next_id++, &reply);
    if (!reply.full) {
        send_own(node, &reply);
    }
}

static void deliver_npdu(struct bsc_node *node, const struct bsc_message *message)
{
    if (message->payload.len > node->config.max_npdu) {
        return; /* spec 2.2 row 15: silently */
    }
    struct bsc_node_event *event = raise_event(node, BSC_NODE_NPDU);
    event->vmac = message->originating;
    event->broadcast = message->has_destination;
    event->npdu = message->payload;
    event->data_options = message->data_options;
}

/* A valid message for us. Its payload was judged, so the decoders cannot fail. */
static void deliver(struct bsc_node *node, const struct bsc_message *message)
{
    struct bsc_node_event *event;
    bas_err err = BAS_OK;
    switch (message->function) {
    case BSC_ENCAPSULATED_NPDU:
        deliver_npdu(node, message);
        return;
    case BSC_BVLC_RESULT:
        event = raise_event(node, BSC_NODE_RESULT);
        err = bsc_result_decode(message->payload, &event->result, NULL);
        break;
    case BSC_ADVERTISEMENT:
        event = raise_event(node, BSC_NODE_ADVERTISEMENT);
        err = bsc_advertisement_decode(message->payload, &event->advertisement, NULL);
        break;
    case BSC_PROPRIETARY_MESSAGE:
        event = raise_event(node, BSC_NODE_PROPRIETARY);
        err = bsc_proprietary_decode(message->payload, &event->proprietary, NULL);
        break;
    default:
        return;
    }
    assert(err == BAS_OK);
    event->vmac = message->originating;
    event->broadcast = message->has_destination;
}

static void valid_message(struct bsc_node *node, const struct bsc_message *message,
                          enum bsc_action action, bas_time now)
{
    const struct bsc_conn_input input = { .event = bsc_conn_classify(&node->link.conn, message),
                                          .message = message,
                                          .self = &node->self,
                                          .times = &node->times,
                                          .now = now };
    node->link.conn.last_received = now;
    if ((step(node, &input) & BSC_OUT_DELIVER) == 0) {
        return;
    }
    if (action == BSC_ACTION_ANSWER) {
        answer(node, message, now);
    } else {
        deliver(node, message);
    }
}

bas_err bsc_node_recv(struct bsc_node *node, bsc_link_id link, const struct bas_window *window,
                      bas_time now)
{
    if (!is_current(node, link)) {
        return BAS_ERR_NOT_FOUND;
    }
    if (window->len > node->config.max_bvlc) {
        return BAS_OK; /* spec 2.2 row 14: silently */
    }
    bool connected =
        node->link.conn.state == BSC_CONNECTED || node->link.conn.state == BSC_DISCONNECTING;
    struct bsc_message message;
    struct bas_fault fault = { 0 };
    enum bsc_action action = bsc_judge(connected ? BSC_ROLE_NODE : BSC_ROLE_INITIATING,
                                       bas_window_slice(window), &message, &fault);
    switch (action) {
    case BSC_ACTION_DELIVER:
    case BSC_ACTION_ANSWER:
        valid_message(node, &message, action, now);
        break;
    case BSC_ACTION_NAK:
        if (node->link.conn.state == BSC_CONNECTED) {
            refuse(node, &message, &fault, now);
        }
        break;
    case BSC_ACTION_DROP:
        if (fault.err != BAS_OK && bsc_tokens_spend(&node->tokens, now)) {
            raise_event(node, BSC_NODE_FAULT)->fault = fault;
        }
        break;
    case BSC_ACTION_FORWARD: /* the hub's alone */
        break;
    }
    return BAS_OK;
}

/* Sending. */

size_t bsc_node_max_npdu(const struct bsc_node *node, const struct bsc_vmac *to)
{
    (void)to;
    if (!is_up(node)) {
        return 0;
    }
    const struct bsc_connect *hub = &node->link.conn.peer;
    size_t max = hub->max_bvlc > BSC_MAX_HEADER ? hub->max_bvlc - (size_t)BSC_MAX_HEADER : 0;
    max = hub->max_npdu < max ? hub->max_npdu : max;
    return node->config.max_npdu < max ? node->config.max_npdu : max;
}

/* A record of header, options and NPDU; long options do not fit the head and are put in front of a
 * copy. */
static bas_err queue_npdu(struct bsc_node *node, const struct bsc_message *message,
                          struct bas_frame *npdu)
{
    uint8_t memory[BSC_RECORD_HEAD];
    struct bas_buf head;
    bas_buf_init(&head, memory, sizeof(memory));
    bsc_encode(message, &head);
    struct bsc_record_spec spec = { .head = { memory, head.len },
                                    .frame = npdu,
                                    .rest = bas_frame_slice(npdu) };
    struct bas_frame *joined = NULL;
    if (head.full) {
        size_t len = BSC_MAX_HEADER + message->data_options.len;
        struct bas_buf whole;
        joined = bas_frame_new(&node->env, 0, len + npdu->len);
        if (joined == NULL) {
            return BAS_ERR_NO_MEMORY;
        }
        bas_buf_init(&whole, joined->data, joined->cap);
        bsc_encode(message, &whole);
        bas_buf_add(&whole, spec.rest.data, spec.rest.len);
        (void)bas_frame_put(joined, whole.len);
        spec = (struct bsc_record_spec){ .frame = joined, .rest = bas_frame_slice(joined) };
    }
    size_t len = spec.head.len + spec.rest.len;
    bool has_room = bsc_outbox_has_room(&node->outbox, len);
    uint32_t record = has_room ? bsc_record_new(&node->outbox, &spec) : BSC_NONE;
    bas_frame_unref(joined);
    if (record == BSC_NONE) {
        return BAS_ERR_BUSY;
    }
    bas_err err = bsc_queue_put(&node->outbox, &node->link.queue, record);
    bsc_record_unref(&node->outbox, record);
    return err == BAS_OK ? BAS_OK : BAS_ERR_BUSY;
}

static bas_err send_npdu(struct bsc_node *node, const struct bsc_vmac *to, struct bas_frame *npdu,
                         struct bas_slice data_options)
{
    if (!is_up(node)) {
        return BAS_ERR_CLOSED;
    }
    size_t len = BSC_MAX_HEADER + data_options.len + npdu->len;
    if (npdu->len > node->link.conn.peer.max_npdu || len > node->link.conn.peer.max_bvlc) {
        return BAS_ERR_TOO_LONG;
    }
    const struct bsc_message message = { .function = BSC_ENCAPSULATED_NPDU,
                                         .id = node->link.conn.next_id++,
                                         .has_destination = true,
                                         .destination = *to,
                                         .data_options = data_options };
    bas_err err = queue_npdu(node, &message, npdu);
    node->link.is_dirty |= err == BAS_OK;
    return err;
}

bas_err bsc_node_send(struct bsc_node *node, const struct bsc_send *send, struct bas_frame *npdu,
                      bas_time now)
{
    (void)now;
    bas_err err = send_npdu(node, &send->to, npdu, send->data_options);
    bas_frame_unref(npdu);
    return err;
}

bool bsc_node_next_dirty(struct bsc_node *node, bsc_link_id *link)
{
    bool is_dirty = node->link.is_dirty && node->link.id != 0;
    node->link.is_dirty = false;
    *link = node->link.id;
    return is_dirty;
}

bool bsc_node_peek(struct bsc_node *node, bsc_link_id link, struct bsc_tx *tx)
{
    return is_current(node, link) && bsc_queue_peek(&node->outbox, &node->link.queue, tx);
}

void bsc_node_pop(struct bsc_node *node, bsc_link_id link)
{
    if (is_current(node, link) && node->link.queue.messages != 0) {
        bsc_queue_pop(&node->outbox, &node->link.queue);
    }
}

/* Time. */

void bsc_node_tick(struct bsc_node *node, bas_time now)
{
    enum bsc_conn_event event;
    if (node->state == CONNECTOR_DELAY && node->retry_at <= now) {
        try_hub(node, now);
    } else if (node->link.id != 0 && bsc_conn_due(&node->link.conn, &node->times, now, &event)) {
        (void)local_event(node, event, now);
    }
}

bas_time bsc_node_deadline(const struct bsc_node *node)
{
    if (node->link.id == 0) {
        return node->retry_at;
    }
    return bsc_conn_deadline(&node->link.conn, &node->times);
}

unsigned bsc_node_hub_state(const struct bsc_node *node)
{
    return is_up(node) ? 1 : 0;
}

struct bsc_vmac bsc_node_vmac(const struct bsc_node *node)
{
    return node->self.vmac;
}
