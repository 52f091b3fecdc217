/*
 * A node under random calls: two hubs, direct connections of both kinds, messages that fit and that
 * do not, links that break, time that passes, memory that fails. What must hold always: the events
 * fit their ring, each link is opened and ended once, nothing is left in the end.
 */
#include "sc_node.h"

#include <string.h>

enum { CALLS = 200000, LINKS = 64, PEERS = 5 };

struct random_test {
    struct node_test n;
    struct test_env dice;
    bsc_link_id links[LINKS];
    bool closing[LINKS];
    size_t n_links;
    bsc_link_id asked;
    unsigned hub_state;
    uint64_t kinds[BSC_NODE_FAULT + 1];
};

static uint32_t roll(struct random_test *t, uint32_t below)
{
    uint32_t value;
    t->dice.env.random(t->dice.env.ctx, (uint8_t *)&value, sizeof(value));
    return value % below;
}

static struct bsc_vmac some_peer(struct random_test *t)
{
    return (struct bsc_vmac){ { (uint8_t)(roll(t, 2) != 0 ? 0x02 : 0xF2), 0, 0, 0, 0,
                                (uint8_t)roll(t, PEERS) } };
}

static size_t index_of(const struct random_test *t, bsc_link_id link)
{
    size_t i = 0;
    while (i < t->n_links && t->links[i] != link) {
        i++;
    }
    return i;
}

static void add_link(struct random_test *t, bsc_link_id link)
{
    assert_int_equal(index_of(t, link), t->n_links); /* an id is new */
    assert_true(t->n_links < LINKS);
    t->closing[t->n_links] = false;
    t->links[t->n_links++] = link;
}

static void drain(struct random_test *t)
{
    struct bsc_node_event event;
    while (bsc_node_next_event(t->n.node, &event)) {
        t->kinds[event.kind]++;
        if (event.kind == BSC_NODE_LINK_OPEN) {
            add_link(t, event.link);
        } else if (event.kind == BSC_NODE_LINK_CLOSE) {
            size_t i = index_of(t, event.link);
            assert_true(i < t->n_links && !t->closing[i]); /* once */
            t->closing[i] = true;
        } else if (event.kind == BSC_NODE_ADMIT) {
            t->asked = event.link;
        } else if (event.kind == BSC_NODE_UP) {
            assert_int_not_equal(event.hub_state, t->hub_state);
            t->hub_state = event.hub_state;
        } else if (event.kind == BSC_NODE_DOWN) {
            assert_int_not_equal(t->hub_state, 0);
            t->hub_state = 0;
        }
    }
    assert_int_equal(bsc_node_hub_state(t->n.node), t->hub_state);
}

static void give(struct random_test *t, bsc_link_id link, const struct bsc_message *message)
{
    uint8_t octets[256];
    struct bas_buf out;
    bas_buf_init(&out, octets, sizeof(octets));
    bsc_encode(message, &out);
    if (roll(t, 20) == 0 && out.len != 0) {
        octets[roll(t, (uint32_t)out.len)] ^= (uint8_t)(1U << roll(t, 8));
    }
    struct bas_frame *frame = bas_frame_new(&t->n.heap.env, 0, out.len);
    assert_non_null(frame);
    memcpy(bas_frame_put(frame, out.len), octets, out.len);
    const struct bas_window window = bas_frame_window(frame);
    (void)bsc_node_recv(t->n.node, link, &window, t->n.now);
    drain(t);
    assert_int_equal(frame->refs, 1);
    bas_frame_unref(frame);
}

static struct bas_slice connect_payload(struct random_test *t, uint8_t memory[26])
{
    struct bas_buf body;
    struct bsc_connect connect = { some_peer(t), { { 7 } }, 5705, 1497 };
    connect.uuid.octets[15] = (uint8_t)(connect.vmac.octets[5] + roll(t, 8) / 7);
    bas_buf_init(&body, memory, 26);
    bsc_connect_encode(&connect, &body);
    return (struct bas_slice){ memory, body.len };
}

/* The answer to the first message that waits on a link, most often a good one. */
static void answer(struct random_test *t, bsc_link_id link)
{
    uint8_t memory[26];
    struct bsc_tx tx;
    struct bsc_message sent;
    if (!bsc_node_peek(t->n.node, link, &tx) || bsc_decode(tx.head, &sent, NULL) != BAS_OK) {
        bsc_node_pop(t->n.node, link);
        return;
    }
    struct bsc_message reply = { .function = (uint8_t)(sent.function + 1), .id = sent.id };
    if (sent.has_destination) {
        reply.has_originating = true;
        reply.originating = sent.destination;
    }
    if (sent.function == BSC_CONNECT_REQUEST) {
        reply.payload = connect_payload(t, memory);
    }
    if (sent.function == BSC_ADDRESS_RESOLUTION) {
        static const char uris[] = "wss://a/ wss://b/";
        reply.payload = (struct bas_slice){ (const uint8_t *)uris, roll(t, 3) * 8 };
    }
    if (roll(t, 6) == 0) {
        static const uint8_t codes[] = { 45, 145, 146, 151, 0 };
        const uint8_t nak[] = { sent.function, 1, 0, 0, 7, 0, codes[roll(t, 5)] };
        memcpy(memory, nak, sizeof(nak));
        reply.function = BSC_BVLC_RESULT;
        reply.payload = (struct bas_slice){ memory, sizeof(nak) };
    }
    bsc_node_pop(t->n.node, link);
    give(t, link, &reply);
}

/* A message that nobody has asked for. */
static void say(struct random_test *t, bsc_link_id link)
{
    static const uint8_t advertisement[] = { 1, 1, 0x16, 0x49, 5, 0xD9 };
    uint8_t memory[26];
    struct bsc_message message = { .function = (uint8_t)roll(t, 14), .id = (uint16_t)roll(t, 9) };
    message.has_originating = roll(t, 2) == 0;
    message.originating = some_peer(t);
    if (message.function == BSC_CONNECT_REQUEST) {
        message.has_originating = false;
        message.payload = connect_payload(t, memory);
    } else if (message.function == BSC_ADVERTISEMENT) {
        message.payload = (struct bas_slice){ advertisement, sizeof(advertisement) };
    } else if (roll(t, 3) != 0) {
        message.payload = (struct bas_slice){ advertisement, roll(t, 7) };
    }
    give(t, link, &message);
}

static void send_something(struct random_test *t)
{
    static const uint8_t list[100] = { 0x3F, 0, 97, 1, 4, 7 };
    struct bsc_send send = { .to = some_peer(t) };
    struct bas_frame *npdu = bas_frame_new(&t->n.heap.env, 0, 20);
    assert_non_null(npdu);
    memset(bas_frame_put(npdu, 20), 1, 20);
    if (roll(t, 4) == 0) {
        send.data_options = (struct bas_slice){ list, sizeof(list) };
    }
    if (roll(t, 8) == 0) {
        memset(&send.to, 0xFF, sizeof(send.to));
    }
    bas_err err = bsc_node_send(t->n.node, &send, npdu, t->n.now);
    assert_true(err == BAS_OK || err == BAS_ERR_CLOSED || err == BAS_ERR_BUSY ||
                err == BAS_ERR_NO_MEMORY);
    drain(t);
}

static void end_link(struct random_test *t, size_t i)
{
    struct bas_fault why = { 0 };
    bsc_link_id link = t->links[i];
    (void)bas_fail(&why, BAS_ERR_CLOSED, "broken");
    t->links[i] = t->links[--t->n_links];
    t->closing[i] = t->closing[t->n_links];
    bsc_node_link_down(t->n.node, link, roll(t, 2) == 0 ? &why : NULL, t->n.now);
    drain(t);
}

static void pass_time(struct random_test *t)
{
    bas_time deadline = bsc_node_deadline(t->n.node);
    if (deadline != BAS_NEVER && deadline > t->n.now && roll(t, 3) != 0) {
        t->n.now = deadline;
    } else {
        t->n.now += (bas_time)roll(t, 3000) * BAS_MILLISECOND;
    }
    bsc_node_tick(t->n.node, t->n.now);
    drain(t);
}

static void wish(struct random_test *t)
{
    static const enum bsc_direct_policy policies[] = { BSC_DIRECT_AUTO, BSC_DIRECT_NEVER,
                                                       BSC_DIRECT_ALWAYS };
    struct bsc_vmac peer = some_peer(t);
    const char *uris = roll(t, 2) == 0 ? "wss://c/ wss://d/" : NULL;
    bsc_link_id link;
    bas_err err = BAS_OK;
    switch (roll(t, 9)) {
    case 0:
        err = bsc_node_connect_direct(t->n.node, &peer, t->n.now);
        break;
    case 1:
        err = bsc_node_disconnect_direct(t->n.node, &peer, t->n.now);
        break;
    case 2:
        err = bsc_node_resolve(t->n.node, &peer, t->n.now);
        break;
    case 3:
        err = bsc_node_set_peer(t->n.node, &peer, policies[roll(t, 3)], uris, t->n.now);
        break;
    case 4:
    case 5:
        if (bsc_node_accept(t->n.node, t->n.now, &link) == BAS_OK) {
            add_link(t, link);
        }
        break;
    case 6:
    case 7:
        err = bsc_node_admit(t->n.node, t->asked, NULL, t->n.now);
        break;
    default:
        if (roll(t, 20) == 0) {
            bsc_node_stop(t->n.node, t->n.now);
        }
        break;
    }
    assert_int_not_equal(err, BAS_ERR_INTERNAL);
    drain(t);
}

static void one_call(struct random_test *t)
{
    size_t i = t->n_links != 0 ? roll(t, (uint32_t)t->n_links) : 0;
    t->n.t.fail_at = roll(t, 30) == 0 ? t->n.t.allocations + 1 : 0;
    if (bsc_node_is_stopped(t->n.node)) {
        bsc_node_start(t->n.node, t->n.now);
        drain(t);
    }
    uint32_t what = roll(t, 100);
    if (what < 15) {
        pass_time(t);
    } else if (what < 30) {
        wish(t);
    } else if (what < 45) {
        send_something(t);
    } else if (t->n_links == 0) {
        return;
    } else if (t->closing[i] || what < 48) {
        end_link(t, i);
    } else if (what < 60) {
        bsc_node_link_up(t->n.node, t->links[i], t->n.now);
        drain(t);
    } else if (what < 85) {
        answer(t, t->links[i]);
    } else {
        say(t, t->links[i]);
    }
}

static void whatever_happens_its_events_and_links_stay_in_order(void **state)
{
    (void)state;
    static struct random_test t;
    memset(&t, 0, sizeof(t));
    node_begin(&t.n);
    test_env_init(&t.dice);
    t.n.config.failover_uri = NODE_FAILOVER_URI;
    t.n.config.minimum_reconnect_ms = 2000;
    t.n.config.maximum_reconnect_ms = 8000;
    t.n.config.direct_initiate = true;
    t.n.config.direct_accept = true;
    t.n.config.direct_max = 3;
    t.n.config.peers_max = 6;
    t.n.config.direct_retry_ms = 3000;
    t.n.config.direct_refused_ms = 9000;
    t.n.config.pending_entries = 40;
    t.n.node = bsc_node_new(&t.n.t.env, &t.n.config);
    assert_non_null(t.n.node);
    for (int i = 0; i < CALLS; i++) {
        one_call(&t);
    }
    t.n.t.fail_at = 0;
    bsc_node_stop(t.n.node, t.n.now);
    drain(&t);
    while (t.n_links != 0) {
        end_link(&t, 0);
    }
    assert_true(bsc_node_is_stopped(t.n.node));
    for (int kind = 0; kind <= BSC_NODE_FAULT; kind++) {
        assert_int_not_equal(t.kinds[kind], 0); /* all of them have happened */
    }
    node_finish(&t.n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_happens_its_events_and_links_stay_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
