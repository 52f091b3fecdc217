#include "sc_node.h"

/* bsc 9.1-05 9.1-14 */
static void timers_that_are_set_count_at_once(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    n.config.minimum_reconnect_ms = 60000;
    n.config.maximum_reconnect_ms = 60000;
    const struct bsc_node_config timers = { .connect_wait_ms = 7000,
                                            .minimum_reconnect_ms = 100,
                                            .maximum_reconnect_ms = 300 };
    node_starts(&n);
    node_link_breaks(&n);
    (void)node_says(&n, BSC_NODE_RETRY);
    assert_int_equal(bsc_node_deadline(n.node) - n.now, 60 * BAS_SECOND);
    bsc_node_set_timers(n.node, &timers, n.now);
    assert_int_equal(bsc_node_deadline(n.node) - n.now, 300 * BAS_MILLISECOND);
    node_waits(&n);
    (void)node_says(&n, BSC_NODE_LINK_OPEN);
    assert_int_equal(bsc_node_deadline(n.node) - n.now, 7 * BAS_SECOND);
    node_finish(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_that_are_set_count_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
