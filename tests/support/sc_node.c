#include "sc_node.h"

#include <string.h>

void node_begin(struct node_test *n)
{
    memset(n, 0, sizeof(*n));
    test_env_init(&n->t);
    test_env_init(&n->heap);
    n->config = (struct bsc_node_config){ .size = sizeof(n->config),
                                          .vmac = { { 0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC } },
                                          .primary_uri = NODE_URI };
    memcpy(n->config.uuid.octets, test_hex(NODE_UUID).data, sizeof(n->config.uuid.octets));
    n->now = 1000 * BAS_SECOND;
}

void node_starts(struct node_test *n)
{
    n->node = bsc_node_new(&n->t.env, &n->config);
    assert_non_null(n->node);
    bsc_node_start(n->node, n->now);
    node_says(n, BSC_NODE_LINK_OPEN);
    node_says_nothing(n);
}

void node_finish(struct node_test *n)
{
    bsc_node_free(n->node);
    bas_frame_unref(n->held);
    test_env_check(&n->t);
    test_env_check(&n->heap);
}

void node_joins(struct node_test *n, const char *limits)
{
    char rest[128] = HUB_SELF;
    struct bsc_tx tx;
    node_link_up(n);
    assert_true(bsc_node_peek(n->node, n->link, &tx));
    struct bsc_message request;
    assert_int_equal(bsc_decode(tx.head, &request, NULL), BAS_OK);
    assert_int_equal(request.function, BSC_CONNECT_REQUEST);
    bsc_node_pop(n->node, n->link);
    strncat(rest, limits, sizeof(rest) - strlen(rest) - 1);
    node_gets_answer(n, "0700", request.id, rest);
    node_says(n, BSC_NODE_UP);
    node_says_nothing(n);
    bsc_link_id dirty;
    (void)bsc_node_next_dirty(n->node, &dirty);
}

void node_up(struct node_test *n)
{
    node_begin(n);
    node_starts(n);
    node_joins(n, "ffffef8f");
}

void node_goes_up(struct node_test *n)
{
    node_starts(n);
    node_joins(n, "ffffef8f");
    n->hub = n->link;
}

void node_up_direct(struct node_test *n)
{
    node_begin(n);
    n->config.direct_initiate = true;
    n->config.direct_accept = true;
    n->config.direct_accept_uris = "wss://a/ wss://b/dc";
    node_goes_up(n);
}

struct bsc_vmac node_vmac(const char *hex)
{
    struct bsc_vmac vmac;
    assert_int_equal(bsc_vmac_parse(hex, &vmac), BAS_OK);
    return vmac;
}

static void is_direct(const struct bsc_node_event *event, const char *self)
{
    assert_memory_equal(&event->vmac, test_hex(self).data, 6);
    assert_memory_equal(&event->uuid, test_hex(self).data + 6, 16);
}

void node_gets_direct(struct node_test *n, const char *self, const char *limits)
{
    char rest[64] = "";
    node_link_up(n);
    uint16_t id = node_sends(n, "0602", "22000100" NODE_SELF);
    strncat(rest, self, sizeof(rest) - 1);
    strncat(rest, limits, sizeof(rest) - strlen(rest) - 1);
    node_gets_answer(n, "0700", id, rest);
    struct bsc_node_event up = node_says(n, BSC_NODE_DIRECT_UP);
    is_direct(&up, self);
    assert_int_equal(up.link, n->link);
    node_says_nothing(n);
}

bsc_link_id node_is_asked(struct node_test *n, const char *self)
{
    char rest[64] = "";
    assert_int_equal(bsc_node_accept(n->node, n->now, &n->link), BAS_OK);
    strncat(rest, self, sizeof(rest) - 1);
    strncat(rest, "164905d9", sizeof(rest) - strlen(rest) - 1);
    node_gets_answer(n, "0600", 7, rest);
    struct bsc_node_event ask = node_says(n, BSC_NODE_ADMIT);
    is_direct(&ask, self);
    assert_int_equal(ask.link, n->link);
    assert_string_equal(ask.uri, "");
    node_says_nothing(n);
    node_sends_nothing(n);
    return n->link;
}

bsc_link_id node_admits(struct node_test *n, const char *self)
{
    node_is_asked(n, self);
    assert_int_equal(bsc_node_admit(n->node, n->link, NULL, n->now), BAS_OK);
    struct bsc_node_event up = node_says(n, BSC_NODE_DIRECT_UP);
    is_direct(&up, self);
    assert_string_equal(up.uri, "");
    assert_int_equal(node_sends(n, "0700", NODE_SELF), 7);
    node_says_nothing(n);
    return n->link;
}

struct bsc_node_event node_says(struct node_test *n, enum bsc_node_event_kind kind)
{
    struct bsc_node_event event;
    assert_true(bsc_node_next_event(n->node, &event));
    assert_int_equal(event.kind, kind);
    if (kind == BSC_NODE_LINK_OPEN) {
        assert_string_equal(event.uri, NODE_URI);
        assert_string_equal(event.subprotocol, "hub.bsc.bacnet.org");
        assert_int_not_equal(event.link, 0);
        assert_int_not_equal(event.link, n->link);
        n->link = event.link;
    }
    return event;
}

bsc_link_id node_opens(struct node_test *n, const char *uri, const char *subprotocol)
{
    struct bsc_node_event event;
    assert_true(bsc_node_next_event(n->node, &event));
    assert_int_equal(event.kind, BSC_NODE_LINK_OPEN);
    assert_string_equal(event.uri, uri);
    assert_string_equal(event.subprotocol, subprotocol);
    assert_int_not_equal(event.link, 0);
    assert_int_not_equal(event.link, n->link);
    n->link = event.link;
    return event.link;
}

void node_says_nothing(struct node_test *n)
{
    struct bsc_node_event event;
    assert_false(bsc_node_next_event(n->node, &event));
}

uint16_t node_sends(struct node_test *n, const char *start, const char *rest)
{
    struct bas_slice first = test_hex(start);
    struct bas_slice last = test_hex(rest);
    uint8_t octets[8192];
    struct bas_buf whole;
    struct bsc_tx tx;
    assert_true(bsc_node_peek(n->node, n->link, &tx));
    bas_buf_init(&whole, octets, sizeof(octets));
    bas_buf_add(&whole, tx.head.data, tx.head.len);
    bas_buf_add(&whole, tx.rest.data, tx.rest.len);
    bsc_node_pop(n->node, n->link);
    assert_int_equal(first.len, 2);
    assert_int_equal(whole.len, 4 + last.len);
    assert_memory_equal(octets, first.data, 2);
    if (last.len != 0) {
        assert_memory_equal(octets + 4, last.data, last.len);
    }
    return (uint16_t)(octets[2] << 8 | octets[3]);
}

void node_sends_nothing(struct node_test *n)
{
    struct bsc_tx tx;
    assert_false(bsc_node_peek(n->node, n->link, &tx));
}

void node_gets(struct node_test *n, struct bas_slice octets)
{
    struct bas_frame *frame = bas_frame_new(&n->heap.env, 0, octets.len);
    assert_non_null(frame);
    bas_frame_unref(n->held);
    n->held = frame;
    if (octets.len != 0) {
        memcpy(bas_frame_put(frame, octets.len), octets.data, octets.len);
    }
    const struct bas_window window = bas_frame_window(frame);
    assert_int_equal(bsc_node_recv(n->node, n->link, &window, n->now), BAS_OK);
    assert_int_equal(frame->refs, 1);
}

void node_gets_hex(struct node_test *n, const char *hex)
{
    node_gets(n, test_hex(hex));
}

void node_gets_answer(struct node_test *n, const char *start, uint16_t id, const char *rest)
{
    uint8_t octets[256];
    struct bas_buf whole;
    const uint8_t number[2] = { (uint8_t)(id >> 8), (uint8_t)id };
    bas_buf_init(&whole, octets, sizeof(octets));
    bas_buf_add(&whole, test_hex(start).data, 2);
    bas_buf_add(&whole, number, sizeof(number));
    bas_buf_add(&whole, test_hex(rest).data, test_hex(rest).len);
    assert_false(whole.full);
    node_gets(n, (struct bas_slice){ octets, whole.len });
}

void node_link_up(struct node_test *n)
{
    bsc_node_link_up(n->node, n->link, n->now);
}

void node_link_down(struct node_test *n)
{
    bsc_node_link_down(n->node, n->link, NULL, n->now);
}

void node_link_breaks(struct node_test *n)
{
    struct bas_fault reason = { 0 };
    (void)bas_fail_code(&reason, BAS_ERR_CLOSED, BAC_ERROR_CLASS_COMMUNICATION,
                        BAC_ERROR_CODE_WEBSOCKET_CLOSED_ABNORMALLY, "the link broke");
    bsc_node_link_down(n->node, n->link, &reason, n->now);
}

void node_waits(struct node_test *n)
{
    bas_time deadline = bsc_node_deadline(n->node);
    assert_int_not_equal(deadline, BAS_NEVER);
    assert_true(deadline >= n->now);
    bsc_node_tick(n->node, deadline - 1);
    node_says_nothing(n);
    n->now = deadline;
    bsc_node_tick(n->node, n->now);
}

bas_err node_send(struct node_test *n, const char *to, size_t len, struct bas_slice options)
{
    struct bsc_vmac vmac;
    struct bas_frame *npdu = bas_frame_new(&n->heap.env, BAS_HEADROOM, BAS_HEADROOM + len);
    assert_non_null(npdu);
    uint8_t *octets = bas_frame_put(npdu, len);
    for (size_t i = 0; i < len; i++) {
        octets[i] = i == 0 ? 1 : (uint8_t)(i - 1);
    }
    assert_int_equal(bsc_vmac_parse(to, &vmac), BAS_OK);
    return bsc_node_send(n->node, &(struct bsc_send){ .to = vmac, .data_options = options }, npdu,
                         n->now);
}

/* With the peer at PEER_URI. */

void node_through(struct node_test *n, bsc_link_id link)
{
    n->link = link;
}

struct bsc_peer node_peer(struct node_test *n)
{
    struct bsc_vmac vmac = node_vmac(PEER_VMAC);
    struct bsc_peer peer;
    assert_true(bsc_node_find_peer(n->node, &vmac, &peer));
    return peer;
}

void node_set_peer(struct node_test *n, enum bsc_direct_policy policy, const char *uris)
{
    struct bsc_vmac vmac = node_vmac(PEER_VMAC);
    assert_int_equal(bsc_node_set_peer(n->node, &vmac, policy, uris, n->now), BAS_OK);
}

bas_err node_connect_direct(struct node_test *n)
{
    struct bsc_vmac vmac = node_vmac(PEER_VMAC);
    return bsc_node_connect_direct(n->node, &vmac, n->now);
}

void node_unicasts_through_the_hub(struct node_test *n)
{
    node_through(n, n->hub);
    assert_int_equal(node_send(n, PEER_VMAC, 3, (struct bas_slice){ NULL, 0 }), BAS_OK);
    node_sends(n, "0104", PEER_VMAC "010001");
}

struct bsc_node_event node_fails_directly(struct node_test *n)
{
    struct bsc_node_event event = node_says(n, BSC_NODE_DIRECT_FAILED);
    assert_memory_equal(&event.vmac, test_hex(PEER_VMAC).data, 6);
    assert_int_not_equal(event.fault.err, BAS_OK);
    node_says_nothing(n);
    return event;
}
