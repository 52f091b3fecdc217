/* A hub under random calls and random octets, with memory that fails now and then: its accounts
 * agree after every call. */
#include "sc_peer.h"

#include <string.h>

enum { CONNS = 12, CALLS = 20000 };

struct chaos {
    struct test_env t;    /* of the hub; its memory fails at times */
    struct test_env heap; /* of the blocks */
    struct test_env dice;
    struct bsc_hub *hub;
    bsc_conn_id conns[CONNS]; /* 0: free */
    unsigned joined;
    uint64_t popped;
    bas_time now;
};

static uint32_t roll(struct chaos *c, uint32_t below)
{
    uint32_t value;
    c->dice.env.random(c->dice.env.ctx, (uint8_t *)&value, sizeof(value));
    return value % below;
}

/* A message that has something right about it; the rest is noise. */
static size_t write_noise(struct chaos *c, uint8_t octets[80])
{
    bool is_npdu = roll(c, 3) != 0;
    size_t len = is_npdu ? 12 + roll(c, 60) : roll(c, 80);
    c->dice.env.random(c->dice.env.ctx, octets, 80);
    octets[0] = is_npdu ? BSC_ENCAPSULATED_NPDU : octets[0] % 0x0E;
    octets[1] = is_npdu ? 0x04 : octets[1] & (roll(c, 4) == 0 ? 0xFF : 0x0C);
    struct bsc_vmac to = peer_vmac((uint8_t)roll(c, 8));
    if (roll(c, 4) == 0) {
        memset(to.octets, 0xFF, sizeof(to.octets));
    }
    memcpy(octets + ((octets[1] & 8) != 0 ? 10 : 4), to.octets, sizeof(to.octets));
    return len;
}

static size_t write_request(struct chaos *c, uint8_t octets[80])
{
    struct bas_slice request = peer_connect_request((uint8_t)roll(c, 8));
    memcpy(octets, request.data, request.len);
    if (roll(c, 3) == 0) {
        memset(octets + 10, (int)roll(c, 8), 16); /* the UUID of somebody else */
    }
    return request.len - (roll(c, 8) == 0 ? 1 : 0);
}

static void receives(struct chaos *c, bsc_conn_id conn)
{
    uint8_t octets[80];
    size_t len = roll(c, 6) == 0 ? write_request(c, octets) : write_noise(c, octets);
    struct bas_frame *block = bas_frame_new(&c->heap.env, 0, len);
    assert_non_null(block);
    if (len != 0) {
        memcpy(bas_frame_put(block, len), octets, len);
    }
    const struct bas_window window = bas_frame_window(block);
    bas_err err = bsc_hub_recv(c->hub, conn, &window, c->now);
    assert_int_equal(err, conn == 0 ? BAS_ERR_NOT_FOUND : BAS_OK);
    if (roll(c, 2) == 0) {
        bsc_hub_turn_end(c->hub);
    }
    bas_frame_unref(block);
}

static void closes(struct chaos *c, bsc_conn_id *conn)
{
    struct bas_fault reason = { 0 };
    (void)bas_fail(&reason, BAS_ERR_CLOSED, "broken");
    bsc_hub_closed(c->hub, *conn, roll(c, 2) == 0 ? &reason : NULL, c->now);
    *conn = 0;
}

static void pops(struct chaos *c, bsc_conn_id conn)
{
    struct bsc_tx tx;
    c->popped += bsc_hub_peek(c->hub, conn, &tx) ? 1 : 0;
    bsc_hub_pop(c->hub, conn, c->now);
}

static void calls(struct chaos *c)
{
    bsc_conn_id *conn = &c->conns[roll(c, CONNS)];
    switch (roll(c, 20)) {
    case 0:
        c->now += (bas_time)roll(c, roll(c, 4) == 0 ? 10000 : 100) * BAS_MILLISECOND;
        bsc_hub_tick(c->hub, c->now);
        break;
    case 1:
        if (*conn != 0 && roll(c, 2) == 0) {
            closes(c, conn);
        }
        break;
    case 2:
        if (roll(c, 20) == 0) {
            bsc_hub_disconnect(c->hub, *conn, c->now); /* all of them, when it is 0 */
        }
        break;
    case 3:
        (void)bsc_hub_admit(c->hub, *conn, NULL, c->now);
        break;
    case 4:
        bsc_hub_charge_leftover(c->hub, *conn, roll(c, 3) * 3000, c->now);
        break;
    case 5:
        pops(c, *conn);
        break;
    case 6:
        bsc_hub_writable(c->hub, *conn, c->now);
        break;
    default:
        if (*conn == 0 && bsc_hub_open(c->hub, c, c->now, conn) != BAS_OK) {
            *conn = 0;
        }
        receives(c, *conn);
    }
}

static void drains(struct chaos *c)
{
    struct bsc_hub_event event;
    bsc_conn_id conn;
    void *user;
    while (bsc_hub_next_event(c->hub, &event)) {
        c->joined += event.kind == BSC_HUB_JOINED;
        c->joined -= event.kind == BSC_HUB_LEFT;
        if (event.kind == BSC_HUB_ADMIT && roll(c, 2) == 0) {
            assert_int_equal(bsc_hub_admit(c->hub, event.conn, NULL, c->now), BAS_OK);
        }
        for (size_t i = 0; event.kind == BSC_HUB_CLOSE && i < CONNS; i++) {
            if (c->conns[i] == event.conn && roll(c, 2) == 0) {
                closes(c, &c->conns[i]);
            }
        }
    }
    while (bsc_hub_next_dirty(c->hub, &conn, &user)) {
        struct bsc_tx tx;
        while (roll(c, 3) != 0 && bsc_hub_peek(c->hub, conn, &tx)) {
            pops(c, conn);
        }
    }
    assert_int_equal(bsc_hub_connected(c->hub), c->joined);
}

static uint64_t pending_of_each(const struct chaos *c)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < CONNS; i++) {
        sum += c->conns[i] != 0 ? bsc_hub_pending(c->hub, c->conns[i]) : 0;
    }
    return sum;
}

/* What sc.h says of the counters: nothing is lost without a reason. */
static void accounts_agree(const struct chaos *c)
{
    const struct bsc_hub_counters *n = bsc_hub_counters(c->hub);
    assert_int_equal(n->received, n->relayed_unicast + n->relayed_broadcast + n->handled +
                                      n->dropped_rule + n->dropped_state + n->dropped_over_limit +
                                      n->dropped_unknown_destination + n->dropped_to_self);
    assert_in_range(n->deliveries + n->own - n->dropped_closed - c->popped, 0,
                    bsc_hub_pending(c->hub, 0));
}

/* All that reaches one destination, or is said to have been dropped on the way. */
static uint64_t destinations(const struct bsc_hub_counters *n)
{
    return n->deliveries + n->dropped_too_long + n->dropped_pending_full + n->dropped_total_full;
}

/* bsc 3.3-12 */
static void whatever_is_called_and_arrives_the_accounts_agree(void **state)
{
    (void)state;
    struct chaos c = { 0 };
    const struct bsc_hub_config config = { .size = sizeof(config),
                                           .vmac = { { 0xE2, 0x11, 0x22, 0x33, 0x44, 0x55 } },
                                           .uuid = { { 0xAA } },
                                           .max_connections = 5,
                                           .silence_limit_ms = 15000,
                                           .stall_limit_ms = 5000,
                                           .pending_total_max = 20000,
                                           .pending_entries = 128 };
    test_env_init(&c.t);
    test_env_init(&c.heap);
    test_env_init(&c.dice);
    c.hub = bsc_hub_new(&c.t.env, &config);
    assert_non_null(c.hub);
    size_t base = c.t.live;
    for (int i = 0; i < CALLS; i++) {
        c.t.fail_at = roll(&c, 8) == 0 ? 1 : 0;
        calls(&c);
        drains(&c);
        accounts_agree(&c);
        assert_int_equal(bsc_hub_pending(c.hub, 0), pending_of_each(&c));
        assert_true(bsc_hub_deadline(c.hub) == BAS_NEVER || bsc_hub_connected(c.hub) > 0 ||
                    bsc_hub_deadline(c.hub) <= c.now + 15 * BAS_SECOND);
    }
    const struct bsc_hub_counters *counters = bsc_hub_counters(c.hub);
    assert_true(counters->joins > 100 && counters->replaced > 10 && counters->refused > 10);
    assert_true(counters->deliveries > 100 && counters->stalled > 0 && counters->silent > 0);
    for (size_t i = 0; i < CONNS; i++) {
        if (c.conns[i] != 0) {
            closes(&c, &c.conns[i]);
        }
    }
    drains(&c);
    bsc_hub_turn_end(c.hub);
    assert_int_equal(counters->deliveries + counters->own, counters->dropped_closed + c.popped);
    assert_true(destinations(counters) >= counters->relayed_unicast);
    assert_int_equal(bsc_hub_pending(c.hub, 0), 0);
    assert_int_equal(bsc_hub_connected(c.hub), 0);
    assert_int_equal(bsc_hub_deadline(c.hub), BAS_NEVER);
    assert_int_equal(c.t.live, base);
    assert_int_equal(c.heap.live, 0);
    bsc_hub_free(c.hub);
    test_env_check(&c.t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_is_called_and_arrives_the_accounts_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
