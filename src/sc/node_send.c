/*
 * Owns what a node sends: the path of a message (spec 6.2), the limits of hub and peer, and its
 * record in the outbox.
 */
#include "sc/node.h"

#include "sc/vmac.h"
#include "wire/wr.h"

#include <assert.h>

/* The path. */

struct path {
    struct bsc_link *link;     /* NULL: there is none */
    struct bsc_peer_row *peer; /* NULL: a broadcast, or the table is full */
};

/* bsc 6.2-01 6.2-02 6.1-02 6.5-04 */
static struct path path_to(struct bsc_node *node, const struct bsc_vmac *to)
{
    struct path path = { node->connector.active, NULL };
    if (!bsc_vmac_is_broadcast(to)) {
        path.peer = bsc_peers_get(node, to);
        if (path.peer != NULL && path.peer->link != NULL) {
            path.link = path.peer->link;
        }
    }
    return path;
}

/* What a receiver takes: the hub or the peer by its Connect message, the peer by its Advertisement
 * (spec 1.4, 6.6). bsc 1.4-14 6.6-03 */
struct limits {
    size_t bvlc, npdu;
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static struct limits limits_of(const struct bsc_link *link, const struct bsc_peer_row *peer)
{
    struct limits limits = { link->conn.peer.max_bvlc, link->conn.peer.max_npdu };
    if (peer != NULL && peer->has_advertisement) {
        limits.bvlc = least(limits.bvlc, peer->advertisement.max_bvlc);
        limits.npdu = least(limits.npdu, peer->advertisement.max_npdu);
    }
    return limits;
}

size_t bsc_node_max_npdu(const struct bsc_node *node, const struct bsc_vmac *to)
{
    const struct bsc_peer_row *peer =
        to != NULL && !bsc_vmac_is_broadcast(to) ? bsc_peers_find(&node->peers, to) : NULL;
    const struct bsc_link *link =
        peer != NULL && peer->link != NULL ? peer->link : node->connector.active;
    if (link == NULL) {
        return 0;
    }
    struct limits limits = limits_of(link, peer);
    size_t max = limits.bvlc > BSC_MAX_HEADER ? limits.bvlc - (size_t)BSC_MAX_HEADER : 0;
    return least(least(limits.npdu, max), node->config.max_npdu);
}

/* The record. */

/* Octets in front of the frame that do not fit the head of a record are put in front of a copy of
 * it. NULL: no memory. */
static struct bas_frame *join(struct bsc_node *node, const struct bsc_message *message,
                              struct bas_slice rest)
{
    size_t len = BSC_MAX_HEADER + message->dest_options.len + message->data_options.len +
                 message->payload.len;
    struct bas_frame *joined = bas_frame_new(&node->env, 0, len + rest.len);
    if (joined != NULL) {
        struct bas_buf whole;
        bas_buf_init(&whole, joined->data, joined->cap);
        bsc_encode(message, &whole);
        bas_buf_add(&whole, rest.data, rest.len);
        assert(!whole.full);
        (void)bas_frame_put(joined, whole.len);
    }
    return joined;
}

static bas_err queue(struct bsc_node *node, struct bsc_link *link,
                     const struct bsc_record_spec *spec)
{
    size_t len = spec->head.len + spec->rest.len;
    bool has_room = bsc_link_has_room(node, link, len);
    uint32_t record = has_room ? bsc_record_new(&node->outbox, spec) : BSC_NONE;
    if (record == BSC_NONE) {
        return BAS_ERR_BUSY;
    }
    bas_err err = bsc_queue_put(&node->outbox, &link->queue, record);
    bsc_record_unref(&node->outbox, record);
    link->is_dirty |= err == BAS_OK;
    return err == BAS_OK ? BAS_OK : BAS_ERR_BUSY;
}

/* A record of header, options and payload, and of the frame behind them. */
static bas_err queue_message(struct bsc_node *node, struct bsc_link *link,
                             const struct bsc_message *message, struct bas_frame *frame)
{
    uint8_t memory[BSC_RECORD_HEAD];
    struct bas_buf head;
    struct bas_slice rest = { NULL, 0 };
    bas_buf_init(&head, memory, sizeof(memory));
    bsc_encode(message, &head);
    if (frame != NULL) {
        rest = bas_frame_slice(frame);
    }
    if (!head.full) {
        const struct bsc_record_spec spec = { { memory, head.len }, frame, rest, false };
        return queue(node, link, &spec);
    }
    struct bas_frame *joined = join(node, message, rest);
    if (joined == NULL) {
        return BAS_ERR_NO_MEMORY;
    }
    const struct bsc_record_spec spec = { .frame = joined, .rest = bas_frame_slice(joined) };
    bas_err err = queue(node, link, &spec);
    bas_frame_unref(joined);
    return err;
}

/* Sending. */

/* The limit of NPDUs is for nothing else. bsc 1.4-14 11-38 */
static bas_err check_limits(const struct path *path, const struct bsc_outgoing *out)
{
    struct limits limits = limits_of(path->link, path->peer);
    size_t payload = out->payload.len + (out->frame != NULL ? out->frame->len : 0);
    size_t len = BSC_MAX_HEADER + out->dest_options.len + out->data_options.len + payload;
    bool is_npdu = out->function == BSC_ENCAPSULATED_NPDU;
    return len > limits.bvlc || (is_npdu && payload > limits.npdu) ? BAS_ERR_TOO_LONG : BAS_OK;
}

/* bsc 1.1-07 1.2-01 1.2-02 1.2-07 11-13 */
static bas_err send_on(struct bsc_node *node, const struct path *path, struct bsc_outgoing *out)
{
    bool is_direct = path->link->kind == BSC_LINK_DIRECT;
    bas_err err = check_limits(path, out);
    if (err != BAS_OK) {
        return err;
    }
    out->id = path->link->conn.next_id++;
    const struct bsc_message message = { .function = out->function,
                                         .id = out->id,
                                         .has_destination = !is_direct,
                                         .destination = out->to,
                                         .dest_options = out->dest_options,
                                         .data_options = out->data_options,
                                         .payload = out->payload };
    return queue_message(node, path->link, &message, out->frame);
}

static void count_failure(struct bsc_node *node, bas_err err)
{
    if (err == BAS_ERR_CLOSED) {
        node->counters.dropped_no_connection++;
    } else if (err == BAS_ERR_TOO_LONG) {
        node->counters.dropped_too_long++;
    } else {
        node->counters.dropped_pending_full++;
    }
}

static void count_sent(struct bsc_node *node, const struct path *path,
                       const struct bsc_outgoing *out, bas_time now)
{
    bool is_npdu = out->function == BSC_ENCAPSULATED_NPDU;
    if (path->link->kind == BSC_LINK_DIRECT) {
        node->counters.sent_direct++;
        path->peer->sent_direct += is_npdu ? 1 : 0;
        return;
    }
    node->counters.sent_hub++;
    if (path->peer != NULL) {
        path->peer->sent_hub += is_npdu ? 1 : 0;
    }
    bool is_traffic = is_npdu || out->function == BSC_PROPRIETARY_MESSAGE;
    if (path->peer != NULL && is_traffic) {
        bsc_switch_consider(node, path->peer, now);
    }
}

/* bsc 4.2-19 */
bas_err bsc_node_send_out(struct bsc_node *node, struct bsc_outgoing *out, bas_time now)
{
    struct path path = path_to(node, &out->to);
    bas_err err = path.link != NULL ? send_on(node, &path, out) : BAS_ERR_CLOSED;
    if (err == BAS_OK) {
        count_sent(node, &path, out, now);
    } else {
        count_failure(node, err);
    }
    if (err == BAS_ERR_BUSY) {
        bsc_link_found_full(node, now);
    }
    return err;
}

bas_err bsc_node_send_back(struct bsc_node *node, struct bsc_link *link,
                           const struct bas_buf *message)
{
    if (message->full) {
        return BAS_ERR_TOO_LONG;
    }
    if (message->len <= BSC_RECORD_HEAD) {
        return bsc_link_send(node, link, message);
    }
    struct bas_frame *frame = bas_frame_new(&node->env, 0, message->len);
    if (frame == NULL) {
        node->counters.dropped_pending_full++;
        return BAS_ERR_NO_MEMORY;
    }
    struct bas_buf copy;
    bas_buf_init(&copy, frame->data, frame->cap);
    bas_buf_add(&copy, message->data, message->len);
    (void)bas_frame_put(frame, copy.len);
    const struct bsc_record_spec spec = { .frame = frame, .rest = bas_frame_slice(frame) };
    bas_err err = queue(node, link, &spec);
    bas_frame_unref(frame);
    uint64_t *counter =
        link->kind == BSC_LINK_DIRECT ? &node->counters.sent_direct : &node->counters.sent_hub;
    *(err == BAS_OK ? counter : &node->counters.dropped_pending_full) += 1;
    return err;
}

/* What the owner sends. */

/* bsc 10.1-01 */
bas_err bsc_node_send(struct bsc_node *node, const struct bsc_send *send, struct bas_frame *npdu,
                      bas_time now)
{
    struct bsc_outgoing out = { .to = send->to,
                                .function = BSC_ENCAPSULATED_NPDU,
                                .dest_options = send->dest_options,
                                .data_options = send->data_options,
                                .frame = npdu };
    bas_err err = bsc_node_send_out(node, &out, now);
    bas_frame_unref(npdu);
    return err;
}

bas_err bsc_node_send_proprietary(struct bsc_node *node, const struct bsc_send *send,
                                  const struct bsc_proprietary *message, bas_time now, uint16_t *id)
{
    uint8_t memory[3];
    struct bas_buf payload;
    struct bas_frame *data = NULL;
    if (send->data_options.len != 0) {
        return BAS_ERR_INVALID; /* spec 2.1: NPDUs alone may have them */
    }
    bas_buf_init(&payload, memory, sizeof(memory));
    wr_u16(&payload, message->vendor);
    wr_u8(&payload, message->function);
    if (message->data.len != 0) {
        data = bas_frame_new(&node->env, 0, message->data.len);
        if (data == NULL) {
            count_failure(node, BAS_ERR_NO_MEMORY);
            return BAS_ERR_NO_MEMORY;
        }
        struct bas_buf copy;
        bas_buf_init(&copy, data->data, data->cap);
        bas_buf_add(&copy, message->data.data, message->data.len);
        (void)bas_frame_put(data, copy.len);
    }
    struct bsc_outgoing out = { .to = send->to,
                                .function = BSC_PROPRIETARY_MESSAGE,
                                .dest_options = send->dest_options,
                                .payload = { memory, payload.len },
                                .frame = data };
    bas_err err = bsc_node_send_out(node, &out, now);
    bas_frame_unref(data);
    if (err == BAS_OK && id != NULL) {
        *id = out.id;
    }
    return err;
}

/* bsc 2.2-06 */
bas_err bsc_node_answer_proprietary(struct bsc_node *node, const struct bsc_node_event *message,
                                    const struct bas_fault *refusal, bas_time now)
{
    uint8_t memory[BSC_RECORD_HEAD];
    struct bas_buf reply;
    struct bsc_link *link = bsc_link_find(node, message->link);
    (void)now;
    if (message->broadcast) {
        return BAS_OK; /* spec 2.1: never answered */
    }
    if (link == NULL || link->conn.state != BSC_CONNECTED) {
        link = node->connector.active; /* the connection it came on is over */
    }
    if (link == NULL) {
        count_failure(node, BAS_ERR_CLOSED);
        return BAS_ERR_CLOSED;
    }
    const struct bsc_message header = { .function = BSC_BVLC_RESULT,
                                        .id = message->id,
                                        .has_destination = link->kind != BSC_LINK_DIRECT,
                                        .destination = message->vmac };
    struct bsc_result result = { .result_for = BSC_PROPRIETARY_MESSAGE };
    if (refusal != NULL) {
        result.result_code = 1;
        result.marker = refusal->marker;
        result.error_class = refusal->error_class;
        result.error_code = refusal->error_code;
    }
    bas_buf_init(&reply, memory, sizeof(memory));
    bsc_encode(&header, &reply);
    bsc_result_encode(&result, &reply);
    bas_err err = bsc_node_send_back(node, link, &reply);
    node->counters.naks += err == BAS_OK && refusal != NULL ? 1 : 0;
    return err;
}

/* An addressed message without payload or with a short one. */
static bas_err send_plain(struct bsc_node *node, const struct bsc_vmac *to, uint8_t function,
                          struct bas_slice payload, bas_time now)
{
    struct bsc_outgoing out = { .to = *to, .function = function, .payload = payload };
    return bsc_vmac_is_reserved(to) ? BAS_ERR_INVALID : bsc_node_send_out(node, &out, now);
}

bas_err bsc_node_solicit(struct bsc_node *node, const struct bsc_vmac *peer, bas_time now)
{
    return send_plain(node, peer, BSC_ADVERTISEMENT_SOLICITATION, (struct bas_slice){ NULL, 0 },
                      now);
}

/* bsc 6.6-02 */
bas_err bsc_node_advertise(struct bsc_node *node, const struct bsc_vmac *peer, bas_time now)
{
    uint8_t memory[6];
    struct bas_buf payload;
    const struct bsc_identity *self = &node->self;
    const struct bsc_advertisement advertisement = { self->hub_status, self->accept_direct,
                                                     self->max_bvlc, self->max_npdu };
    bas_buf_init(&payload, memory, sizeof(memory));
    bsc_advertisement_encode(&advertisement, &payload);
    return send_plain(node, peer, BSC_ADVERTISEMENT, (struct bas_slice){ memory, payload.len },
                      now);
}
