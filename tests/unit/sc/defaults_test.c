/* What hub and node do when nothing is set: the times of spec 5.5 and the limits of spec 1.4. */
#include "sc_node.h"
#include "sc_peer.h"

#include <string.h>

/* A hub with nothing set but who it is. */
static struct bsc_hub *plain_hub(struct test_env *t)
{
    const struct bsc_hub_config config = { .size = sizeof(config),
                                           .vmac = peer_vmac(0xEE),
                                           .uuid = peer_uuid(0xEE) };
    test_env_init(t);
    struct bsc_hub *hub = bsc_hub_new(&t->env, &config);
    assert_non_null(hub);
    return hub;
}

/* A node with nothing set but who it is and where its hub is. */
static void plain_node_starts(struct node_test *n)
{
    node_begin(n);
    n->config = (struct bsc_node_config){ .size = sizeof(n->config),
                                          .vmac = n->config.vmac,
                                          .uuid = n->config.uuid,
                                          .primary_uri = n->config.primary_uri };
    node_starts(n);
}

static void a_hub_waits_ten_seconds_for_a_connect_request(void **state)
{
    (void)state;
    struct test_env t;
    struct bsc_hub *hub = plain_hub(&t);
    bsc_conn_id conn = 0;
    assert_int_equal(bsc_hub_open(hub, NULL, 0, &conn), BAS_OK);
    assert_int_equal(bsc_hub_deadline(hub), 10 * BAS_SECOND);
    bsc_hub_free(hub);
    test_env_check(&t);
}

/* bsc 5.4-02 5.5-06 */
static void a_hub_bears_eleven_minutes_of_silence(void **state)
{
    (void)state;
    struct test_env t;
    struct bsc_hub *hub = plain_hub(&t);
    bsc_conn_id conn = peer_joins(hub, 1, 0);
    assert_int_equal(bsc_hub_deadline(hub), 660 * BAS_SECOND);
    bsc_hub_disconnect(hub, conn, 0);
    assert_int_equal(bsc_hub_deadline(hub), 10 * BAS_SECOND);
    bsc_hub_free(hub);
    test_env_check(&t);
}

static void a_hub_takes_the_largest_messages_and_tells_it(void **state)
{
    (void)state;
    struct test_env t;
    struct bsc_hub *hub = plain_hub(&t);
    bsc_conn_id conn = 0;
    struct bsc_tx tx;
    struct bsc_message message;
    struct bsc_connect accept;
    assert_int_equal(bsc_hub_open(hub, NULL, 0, &conn), BAS_OK);
    peer_gives(hub, conn, peer_connect_request(1), 0);
    (void)hub_says(hub, BSC_HUB_ADMIT);
    assert_int_equal(bsc_hub_admit(hub, conn, NULL, 0), BAS_OK);
    assert_true(bsc_hub_peek(hub, conn, &tx));
    assert_int_equal(bsc_decode(tx.head, &message, NULL), BAS_OK);
    assert_int_equal(bsc_connect_decode(message.payload, &accept, NULL), BAS_OK);
    assert_int_equal(accept.max_bvlc, 65535);
    assert_int_equal(accept.max_npdu, 61327);
    bsc_hub_free(hub);
    test_env_check(&t);
}

/* bsc 11-30 11-51 */
static void a_node_tells_5705_and_1497(void **state)
{
    (void)state;
    struct node_test n;
    plain_node_starts(&n);
    node_link_up(&n);
    (void)node_sends(&n, "0602", "22000100" NODE_VMAC NODE_UUID "164905d9");
    node_finish(&n);
}

/* bsc 5.5-01 5.5-04 */
static void a_node_waits_ten_seconds_to_connect_and_about_ten_to_try_again(void **state)
{
    (void)state;
    struct node_test n;
    plain_node_starts(&n);
    assert_int_equal(bsc_node_deadline(n.node), n.now + 10 * BAS_SECOND);
    node_link_breaks(&n);
    (void)node_says(&n, BSC_NODE_RETRY);
    bas_time delay = bsc_node_deadline(n.node) - n.now;
    assert_in_range(delay, 10 * BAS_SECOND, 12 * BAS_SECOND);
    for (int i = 0; i < 8; i++) {
        node_waits(&n);
        (void)node_says(&n, BSC_NODE_LINK_OPEN);
        node_link_breaks(&n);
        (void)node_says(&n, BSC_NODE_RETRY);
    }
    delay = bsc_node_deadline(n.node) - n.now;
    assert_in_range(delay, 480 * BAS_SECOND, 600 * BAS_SECOND);
    node_finish(&n);
}

/* bsc 5.5-03 5.5-05 11-42 */
static void a_node_sends_a_heartbeat_each_minute_and_waits_ten_seconds_for_its_answer(void **state)
{
    (void)state;
    struct node_test n;
    plain_node_starts(&n);
    node_joins(&n, "ffffef8f");
    assert_int_equal(bsc_node_deadline(n.node), n.now + 60 * BAS_SECOND);
    node_waits(&n);
    (void)node_sends(&n, "0a00", "");
    assert_int_equal(bsc_node_deadline(n.node), n.now + 10 * BAS_SECOND);
    node_waits(&n);
    (void)node_sends(&n, "0800", "");
    assert_int_equal(bsc_node_deadline(n.node), n.now + 10 * BAS_SECOND);
    node_finish(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hub_waits_ten_seconds_for_a_connect_request),
        cmocka_unit_test(a_hub_bears_eleven_minutes_of_silence),
        cmocka_unit_test(a_hub_takes_the_largest_messages_and_tells_it),
        cmocka_unit_test(a_node_tells_5705_and_1497),
        cmocka_unit_test(a_node_waits_ten_seconds_to_connect_and_about_ten_to_try_again),
        cmocka_unit_test(a_node_sends_a_heartbeat_each_minute_and_waits_ten_seconds_for_its_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
