/* The hub connector: two hubs, and which of them carries the traffic (spec 4.1, 4.2, 9.4). */
#include "sc/connector.h"

#include "sc_node.h"

#include <string.h>

#define HELLO    "22000100"
#define B        "a20b0c0d0e0f"
#define SECOND   "f2000000000111111111111111111111111111111111"
#define HUB      "hub.bsc.bacnet.org"
#define PRIMARY  NODE_URI
#define FAILOVER NODE_FAILOVER_URI
static const struct bas_slice no_options = { 0 };

/* The table. */

struct cell {
    enum bsc_connector_state state;
    enum bsc_connector_event event;
    enum bsc_connector_action action;
    enum bsc_connector_state next;
};

/* Spec 4.2, row by row; "any" stands in every state that it can happen in. */
static const struct cell cells[] = {
    /* bsc 4.2-01 */
    { BSC_CONNECTOR_IDLE, BSC_CE_START, BSC_CA_BEGIN, BSC_TRY_PRIMARY },
    { BSC_TRY_PRIMARY, BSC_CE_PRIMARY_UP, BSC_CA_USE_PRIMARY, BSC_ON_PRIMARY },
    { BSC_TRY_PRIMARY, BSC_CE_PRIMARY_ENDED, BSC_CA_TELL_AND_TRY_FAILOVER, BSC_TRY_FAILOVER },
    { BSC_TRY_PRIMARY, BSC_CE_DUPLICATE, BSC_CA_RESTART, BSC_RESTARTING },
    { BSC_TRY_PRIMARY, BSC_CE_STOP, BSC_CA_STOP, BSC_STOPPING },
    { BSC_TRY_FAILOVER, BSC_CE_FAILOVER_UP, BSC_CA_USE_FAILOVER, BSC_ON_FAILOVER },
    { BSC_TRY_FAILOVER, BSC_CE_FAILOVER_ENDED, BSC_CA_WAIT, BSC_DELAY },
    { BSC_TRY_FAILOVER, BSC_CE_DUPLICATE, BSC_CA_RESTART, BSC_RESTARTING },
    { BSC_TRY_FAILOVER, BSC_CE_STOP, BSC_CA_STOP, BSC_STOPPING },
    { BSC_DELAY, BSC_CE_TIMER, BSC_CA_TRY_PRIMARY, BSC_TRY_PRIMARY },
    { BSC_DELAY, BSC_CE_STOP, BSC_CA_STOP, BSC_STOPPING },
    { BSC_ON_PRIMARY, BSC_CE_PRIMARY_ENDED, BSC_CA_TRY_PRIMARY, BSC_TRY_PRIMARY },
    { BSC_ON_PRIMARY, BSC_CE_PRIMARY_THROWN, BSC_CA_TRY_FAILOVER, BSC_TRY_FAILOVER },
    { BSC_ON_PRIMARY, BSC_CE_STOP, BSC_CA_STOP, BSC_STOPPING },
    { BSC_ON_FAILOVER, BSC_CE_TIMER, BSC_CA_TRY_PRIMARY, BSC_PROBING },
    { BSC_ON_FAILOVER, BSC_CE_FAILOVER_ENDED, BSC_CA_TRY_PRIMARY, BSC_TRY_PRIMARY },
    { BSC_ON_FAILOVER, BSC_CE_FAILOVER_THROWN, BSC_CA_WAIT, BSC_DELAY },
    { BSC_ON_FAILOVER, BSC_CE_STOP, BSC_CA_STOP, BSC_STOPPING },
    { BSC_PROBING, BSC_CE_PRIMARY_UP, BSC_CA_RETURN, BSC_ON_PRIMARY },
    { BSC_PROBING, BSC_CE_PRIMARY_ENDED, BSC_CA_PROBE_LATER, BSC_ON_FAILOVER },
    { BSC_PROBING, BSC_CE_FAILOVER_ENDED, BSC_CA_KEEP, BSC_TRY_PRIMARY },
    { BSC_PROBING, BSC_CE_FAILOVER_THROWN, BSC_CA_KEEP, BSC_TRY_PRIMARY },
    { BSC_PROBING, BSC_CE_DUPLICATE, BSC_CA_RESTART, BSC_RESTARTING },
    { BSC_PROBING, BSC_CE_STOP, BSC_CA_STOP, BSC_STOPPING },
    { BSC_RESTARTING, BSC_CE_QUIET, BSC_CA_TRY_PRIMARY, BSC_TRY_PRIMARY },
    { BSC_RESTARTING, BSC_CE_QUIET_AGAIN, BSC_CA_WAIT, BSC_DELAY },
    { BSC_RESTARTING, BSC_CE_STOP, BSC_CA_STOP, BSC_STOPPING },
    { BSC_STOPPING, BSC_CE_QUIET, BSC_CA_KEEP, BSC_CONNECTOR_IDLE },
    { BSC_STOPPING, BSC_CE_QUIET_AGAIN, BSC_CA_KEEP, BSC_CONNECTOR_IDLE },
};

static void every_cell_is_what_the_standard_says_and_all_others_change_nothing(void **state)
{
    (void)state;
    size_t acting = 0;
    for (int s = 0; s < BSC_CONNECTOR_STATES; s++) {
        for (int e = 0; e < BSC_CONNECTOR_EVENTS; e++) {
            struct bsc_connector_rule rule =
                bsc_connector_rule((enum bsc_connector_state)s, (enum bsc_connector_event)e);
            struct cell wanted = { (enum bsc_connector_state)s, (enum bsc_connector_event)e,
                                   BSC_CA_NONE, (enum bsc_connector_state)s };
            for (size_t i = 0; i < BAS_ARRAY_LEN(cells); i++) {
                if ((int)cells[i].state == s && (int)cells[i].event == e) {
                    wanted = cells[i];
                }
            }
            assert_int_equal(rule.action, wanted.action);
            assert_int_equal(rule.next, wanted.next);
            acting += rule.action != BSC_CA_NONE;
        }
    }
    assert_int_equal(acting, BAS_ARRAY_LEN(cells));
}

/* Help. */

static void begin(struct node_test *n)
{
    node_begin(n);
    n->config.failover_uri = FAILOVER;
    n->config.minimum_reconnect_ms = 2000;
    n->config.maximum_reconnect_ms = 60000;
}

static void retries(struct node_test *n, unsigned hub_state)
{
    struct bsc_node_event event = node_says(n, BSC_NODE_RETRY);
    assert_int_equal(event.hub_state, hub_state);
    assert_string_equal(event.uri, hub_state == 1 ? PRIMARY : FAILOVER);
    assert_int_not_equal(event.fault.err, BAS_OK);
}

/* CONNECTED with the hub that is called self ("" for HUB_SELF). */
static struct bsc_node_event accepted(struct node_test *n, const char *self)
{
    char rest[64] = "";
    node_link_up(n);
    uint16_t id = node_sends(n, "0602", HELLO NODE_SELF); /* bsc 4.2-21 */
    strncat(rest, self, sizeof(rest) - 1);
    strncat(rest, "ffffef8f", sizeof(rest) - strlen(rest) - 1);
    node_gets_answer(n, "0700", id, rest);
    return node_says(n, BSC_NODE_UP);
}

/* From the start to the failover. Gives its link. */
static bsc_link_id on_failover(struct node_test *n)
{
    n->node = bsc_node_new(&n->t.env, &n->config);
    assert_non_null(n->node);
    bsc_node_start(n->node, n->now);
    node_opens(n, PRIMARY, HUB);
    node_link_breaks(n);
    retries(n, 1);
    bsc_link_id link = node_opens(n, FAILOVER, HUB);
    struct bsc_node_event up = accepted(n, SECOND);
    assert_int_equal(up.hub_state, 2);
    assert_string_equal(up.uri, FAILOVER);
    node_says_nothing(n);
    return link;
}

/* Lets the reconnect timer on the failover expire. Gives the link to the primary. */
static bsc_link_id probes(struct node_test *n)
{
    bas_time delay = bsc_node_deadline(n->node) - n->now;
    assert_in_range(delay, 2 * BAS_SECOND, 2400 * BAS_MILLISECOND);
    node_waits(n);
    return node_opens(n, PRIMARY, HUB);
}

static void through(struct node_test *n, bsc_link_id link)
{
    n->link = link;
}

static struct bsc_connection_status status_of(struct node_test *n, bool failover)
{
    struct bsc_connection_status status;
    assert_true(bsc_node_hub_connection(n->node, failover, &status));
    assert_string_equal(status.uri, failover ? FAILOVER : PRIMARY);
    return status;
}

/* Trying. */

/* bsc 4.2-01 4.2-02 4.2-03 */
static void the_primary_is_tried_first_and_used_when_it_is_there(void **state)
{
    (void)state;
    struct node_test n;
    begin(&n);
    node_starts(&n);
    struct bsc_node_event up = accepted(&n, HUB_SELF);
    assert_int_equal(up.hub_state, 1);
    assert_int_equal(bsc_node_hub_state(n.node), 1);
    node_says_nothing(&n);
    assert_int_equal(bsc_node_deadline(n.node), n.now + 60 * BAS_SECOND); /* a heartbeat alone */
    node_finish(&n);
}

/* bsc 4.2-04 4.2-05 4.2-06 11-11 */
static void the_failover_is_tried_when_the_primary_fails_and_used_when_it_is_there(void **state)
{
    (void)state;
    struct node_test n;
    begin(&n);
    on_failover(&n);
    assert_int_equal(bsc_node_hub_state(n.node), 2);
    assert_int_equal(bsc_node_counters(n.node)->failovers, 1);
    assert_int_equal(node_send(&n, B, 3, no_options), BAS_OK);
    node_sends(&n, "0104", B "010001");
    node_gets_hex(&n, "05080030" B);
    node_sends(&n, "0404", B "0200164905d9"); /* Advertisement: connected to failover */
    node_finish(&n);
}

/* bsc 4.2-07 4.2-08 4.2-17 11-43 */
static void when_both_fail_the_delay_begins_at_its_minimum_and_doubles(void **state)
{
    (void)state;
    struct node_test n;
    begin(&n);
    bas_time nominal = 2 * BAS_SECOND;
    n.node = bsc_node_new(&n.t.env, &n.config);
    bsc_node_start(n.node, n.now);
    for (int i = 0; i < 8; i++) {
        node_opens(&n, PRIMARY, HUB);
        node_link_breaks(&n);
        retries(&n, 1);
        node_opens(&n, FAILOVER, HUB);
        node_link_breaks(&n);
        retries(&n, 2);
        node_says_nothing(&n);
        assert_int_equal(bsc_node_hub_state(n.node), 0);
        bas_time delay = bsc_node_deadline(n.node) - n.now;
        assert_in_range(delay, nominal * 8 / 10, nominal * 12 / 10);
        assert_in_range(delay, 2 * BAS_SECOND, 60 * BAS_SECOND);
        nominal = nominal * 2 > 60 * BAS_SECOND ? 60 * BAS_SECOND : nominal * 2;
        node_waits(&n);
    }
    node_finish(&n);
}

/* bsc 4.1-04 4.2-05 */
static void without_a_failover_uri_its_attempt_counts_as_failed_and_is_not_told(void **state)
{
    (void)state;
    struct node_test n;
    struct bsc_connection_status status;
    begin(&n);
    n.config.failover_uri = NULL;
    node_starts(&n);
    assert_false(bsc_node_hub_connection(n.node, true, &status));
    assert_true(bsc_node_hub_connection(n.node, false, &status));
    node_link_breaks(&n);
    retries(&n, 1);
    node_says_nothing(&n);
    assert_in_range(bsc_node_deadline(n.node) - n.now, 2 * BAS_SECOND, 2400 * BAS_MILLISECOND);
    node_finish(&n);
}

/* bsc 1.3-13 */
static void the_form_of_connect_request_is_remembered_for_each_hub(void **state)
{
    (void)state;
    struct node_test n;
    begin(&n);
    n.node = bsc_node_new(&n.t.env, &n.config);
    bsc_node_start(n.node, n.now);
    node_opens(&n, PRIMARY, HUB);
    node_link_up(&n);
    node_gets_answer(&n, "0000", node_sends(&n, "0602", HELLO NODE_SELF), "06012200070092");
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_link_down(&n);
    retries(&n, 1);
    node_opens(&n, FAILOVER, HUB);
    accepted(&n, SECOND); /* with Hello */
    probes(&n);
    node_link_up(&n);
    node_sends(&n, "0600", NODE_SELF); /* without */
    node_finish(&n);
}

/* Losing. */

/* bsc 4.2-09 4.2-19 */
static void a_lost_primary_is_tried_again_before_the_failover(void **state)
{
    (void)state;
    struct node_test n;
    begin(&n);
    node_starts(&n);
    accepted(&n, HUB_SELF);
    n.now += 2 * BAS_SECOND;
    node_link_breaks(&n);
    assert_string_equal(node_says(&n, BSC_NODE_DOWN).fault.text, "the link broke");
    assert_int_equal(bsc_node_hub_state(n.node), 0);
    assert_int_equal(node_send(&n, B, 3, no_options), BAS_ERR_CLOSED);
    assert_int_equal(bsc_node_counters(n.node)->dropped_no_connection, 1);
    node_opens(&n, PRIMARY, HUB);
    node_says_nothing(&n);
    node_link_breaks(&n);
    retries(&n, 1);
    node_opens(&n, FAILOVER, HUB);
    node_says_nothing(&n);
    node_finish(&n);
}

static void a_primary_that_throws_us_out_at_once_is_left_for_the_failover(void **state)
{
    (void)state;
    struct node_test n;
    begin(&n);
    node_starts(&n);
    accepted(&n, HUB_SELF);
    n.now += 2 * BAS_SECOND - 1;
    node_link_breaks(&n);
    node_says(&n, BSC_NODE_DOWN);
    node_opens(&n, FAILOVER, HUB);
    node_says_nothing(&n);
    accepted(&n, SECOND);
    n.now += BAS_SECOND;
    node_link_breaks(&n); /* and that one too: now it waits */
    node_says(&n, BSC_NODE_DOWN);
    retries(&n, 2);
    node_says_nothing(&n);
    assert_in_range(bsc_node_deadline(n.node) - n.now, 2 * BAS_SECOND, 5 * BAS_SECOND);
    node_waits(&n);
    node_opens(&n, PRIMARY, HUB);
    node_finish(&n);
}

/* bsc 4.2-11 */
static void a_lost_failover_leads_to_the_primary(void **state)
{
    (void)state;
    struct node_test n;
    begin(&n);
    n.config.minimum_reconnect_ms = 20000;
    on_failover(&n);
    n.config.minimum_reconnect_ms = 2000;
    n.now += 20 * BAS_SECOND - 1;
    node_gets_hex(&n, "0a000041");
    node_sends(&n, "0b00", "");
    n.now += 1;
    node_link_breaks(&n);
    assert_int_equal(node_says(&n, BSC_NODE_DOWN).hub_state, 2);
    node_opens(&n, PRIMARY, HUB);
    node_says_nothing(&n);
    assert_int_equal(bsc_node_hub_state(n.node), 0);
    node_finish(&n);
}

/* On the failover. */

/* bsc 4.2-10 4.2-18 11-23 11-43 */
static void while_the_primary_is_probed_traffic_goes_both_ways_through_the_failover(void **state)
{
    (void)state;
    struct node_test n;
    begin(&n);
    bsc_link_id failover = on_failover(&n);
    bsc_link_id primary = probes(&n);
    for (int i = 0; i < 2; i++) { /* before and after its WebSocket is open */
        through(&n, failover);
        assert_int_equal(node_send(&n, B, 3, no_options), BAS_OK);
        node_sends(&n, "0104", B "010001");
        node_gets_hex(&n, "01080010" B "01001008");
        assert_int_equal(node_says(&n, BSC_NODE_NPDU).npdu.len, 4);
        node_gets_hex(&n, "0a000041");
        node_sends(&n, "0b00", "");
        through(&n, primary);
        if (i == 0) {
            node_link_up(&n);
            node_sends(&n, "0602", HELLO NODE_SELF);
        }
    }
    assert_int_equal(bsc_node_max_npdu(n.node, NULL), 1497);
    node_finish(&n);
}

/* bsc 4.2-13 4.2-17 */
static void a_probe_that_fails_is_repeated_with_growing_delay(void **state)
{
    (void)state;
    struct node_test n;
    begin(&n);
    on_failover(&n);
    bas_time nominal = 2 * BAS_SECOND;
    for (int i = 0; i < 3; i++) {
        bas_time delay = bsc_node_deadline(n.node) - n.now;
        assert_in_range(delay, nominal * 8 / 10, nominal * 12 / 10);
        node_waits(&n);
        node_opens(&n, PRIMARY, HUB);
        node_says_nothing(&n);
        node_link_breaks(&n);
        retries(&n, 1);
        node_says_nothing(&n);
        assert_int_equal(bsc_node_hub_state(n.node), 2);
        nominal *= 2;
    }
    node_waits(&n);
    node_opens(&n, PRIMARY, HUB);
    accepted(&n, HUB_SELF); /* success: back to the minimum */
    n.now += BAS_SECOND;
    node_link_breaks(&n);
    node_says(&n, BSC_NODE_DOWN);
    node_finish(&n);
}

/* bsc 4.2-14 */
static void when_the_failover_is_lost_while_probing_the_attempt_goes_on(void **state)
{
    (void)state;
    struct node_test n;
    begin(&n);
    bsc_link_id failover = on_failover(&n);
    bsc_link_id primary = probes(&n);
    through(&n, failover);
    node_link_breaks(&n);
    node_says(&n, BSC_NODE_DOWN);
    node_says_nothing(&n); /* no second link to the primary */
    assert_int_equal(bsc_node_hub_state(n.node), 0);
    through(&n, primary);
    assert_int_equal(accepted(&n, HUB_SELF).hub_state, 1);
    node_says_nothing(&n);
    node_finish(&n);
}

/* Returning. */

/* bsc 4.2-12 4.2-20 */
static void the_return_to_the_primary_loses_nothing_of_ours(void **state)
{
    (void)state;
    struct node_test n;
    begin(&n);
    bsc_link_id failover = on_failover(&n);
    bsc_link_id primary = probes(&n);
    assert_int_equal(node_send(&n, B, 3, no_options), BAS_OK); /* waits on the failover's link */
    assert_int_equal(node_send(&n, B, 4, no_options), BAS_OK);
    struct bsc_node_event up = accepted(&n, HUB_SELF);
    assert_int_equal(up.hub_state, 1);
    node_says_nothing(&n); /* no DOWN between */
    assert_int_equal(bsc_node_hub_state(n.node), 1);
    assert_int_equal(bsc_node_counters(n.node)->returns, 1);
    assert_int_equal(node_send(&n, B, 5, no_options), BAS_OK);
    node_sends(&n, "0104", B "0100010203");

    through(&n, failover);
    node_sends(&n, "0104", B "010001");
    node_sends(&n, "0104", B "01000102");
    uint16_t id = node_sends(&n, "0800", ""); /* behind all that waited */
    node_sends_nothing(&n);
    node_gets_hex(&n, "01080010" B "01001008");
    assert_int_equal(node_says(&n, BSC_NODE_NPDU).link, failover);
    node_gets_hex(&n, "05080030" B); /* it could not be answered any more */
    node_gets_hex(&n, "0a000041");
    node_sends_nothing(&n);
    node_says_nothing(&n);
    node_gets_answer(&n, "0900", id, "");
    assert_int_equal(node_says(&n, BSC_NODE_LINK_CLOSE).close_code, 1000);
    node_link_down(&n);
    node_says_nothing(&n);
    through(&n, primary);
    node_gets_hex(&n, "01080011" B "01001008");
    node_says(&n, BSC_NODE_NPDU);
    node_finish(&n);
}

/* bsc 5.5-02 */
static void a_failover_that_does_not_acknowledge_is_closed_after_disconnect_wait(void **state)
{
    (void)state;
    struct node_test n;
    begin(&n);
    bsc_link_id failover = on_failover(&n);
    probes(&n);
    accepted(&n, HUB_SELF);
    assert_int_equal(bsc_node_deadline(n.node), n.now + 10 * BAS_SECOND);
    node_waits(&n);
    assert_int_equal(node_says(&n, BSC_NODE_LINK_CLOSE).link, failover);
    node_says_nothing(&n);
    node_finish(&n);
}

static void a_failover_that_is_still_being_left_can_be_tried_again(void **state)
{
    (void)state;
    struct node_test n;
    begin(&n);
    bsc_link_id failover = on_failover(&n);
    bsc_link_id primary = probes(&n);
    accepted(&n, HUB_SELF);
    n.now += 2 * BAS_SECOND;
    node_link_breaks(&n); /* the primary is lost again, before the failover has acknowledged */
    node_says(&n, BSC_NODE_DOWN);
    node_opens(&n, PRIMARY, HUB);
    assert_int_not_equal(n.link, primary);
    node_link_breaks(&n);
    retries(&n, 1);
    bsc_link_id fresh = node_opens(&n, FAILOVER, HUB);
    assert_int_not_equal(fresh, failover);
    assert_int_equal(accepted(&n, SECOND).hub_state, 2);
    assert_int_equal(bsc_node_counters(n.node)->failovers, 2);
    through(&n, failover);
    node_sends(&n, "0800", "");
    node_link_breaks(&n); /* the end of the old one concerns nobody */
    node_says_nothing(&n);
    assert_int_equal(bsc_node_hub_state(n.node), 2);
    assert_int_equal(status_of(&n, true).state, BSC_IS_CONNECTED);
    node_finish(&n);
}

/* A duplicate VMAC. */

/* bsc 4.2-15 8.1-04 8.1-05 5.2-05 */
static void a_duplicate_vmac_at_the_primary_ends_the_failover_in_order_first(void **state)
{
    (void)state;
    struct node_test n;
    begin(&n);
    bsc_link_id failover = on_failover(&n);
    bsc_link_id primary = probes(&n);
    node_link_up(&n);
    node_gets_answer(&n, "0000", node_sends(&n, "0602", HELLO NODE_SELF), "06010000070097");
    struct bsc_node_event changed = node_says(&n, BSC_NODE_VMAC_CHANGED);
    assert_int_equal(changed.vmac.octets[0] & 0x0F, 2);
    assert_int_equal(node_says(&n, BSC_NODE_LINK_CLOSE).link, primary);
    assert_int_equal(node_says(&n, BSC_NODE_DOWN).hub_state, 2);
    node_says_nothing(&n);
    node_link_down(&n);
    node_says_nothing(&n); /* not before all is quiet */
    through(&n, failover);
    node_gets_answer(&n, "0900", node_sends(&n, "0800", ""), "");
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_link_down(&n);
    node_opens(&n, PRIMARY, HUB);
    node_says_nothing(&n);
    node_link_up(&n);
    struct bsc_tx tx;
    assert_true(bsc_node_peek(n.node, n.link, &tx));
    assert_memory_equal(tx.head.data + 8, changed.vmac.octets, 6);
    node_finish(&n);
}

static void a_duplicate_vmac_at_the_failover_starts_at_the_primary_again(void **state)
{
    (void)state;
    struct node_test n;
    begin(&n);
    n.node = bsc_node_new(&n.t.env, &n.config);
    bsc_node_start(n.node, n.now);
    node_opens(&n, PRIMARY, HUB);
    node_link_breaks(&n);
    retries(&n, 1);
    node_opens(&n, FAILOVER, HUB);
    node_link_up(&n);
    node_gets_answer(&n, "0000", node_sends(&n, "0602", HELLO NODE_SELF), "06010000070097");
    node_says(&n, BSC_NODE_VMAC_CHANGED);
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_link_down(&n);
    node_opens(&n, PRIMARY, HUB);
    node_finish(&n);
}

/* Stopping. */

/* bsc 4.2-16 */
static void stop_disconnects_from_both_hubs_and_waits_for_both(void **state)
{
    (void)state;
    struct node_test n;
    begin(&n);
    bsc_link_id failover = on_failover(&n);
    bsc_link_id primary = probes(&n);
    accepted(&n, HUB_SELF);
    bsc_node_stop(n.node, n.now);
    assert_int_equal(node_says(&n, BSC_NODE_DOWN).hub_state, 1);
    node_gets_answer(&n, "0900", node_sends(&n, "0800", ""), "");
    assert_int_equal(node_says(&n, BSC_NODE_LINK_CLOSE).link, primary);
    node_link_down(&n);
    assert_false(bsc_node_is_stopped(n.node));
    through(&n, failover);
    node_gets_answer(&n, "0900", node_sends(&n, "0800", ""), "");
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_link_down(&n);
    node_says_nothing(&n);
    assert_true(bsc_node_is_stopped(n.node));
    assert_int_equal(bsc_node_deadline(n.node), BAS_NEVER);
    bsc_node_start(n.node, n.now); /* and from the beginning */
    node_opens(&n, PRIMARY, HUB);
    bsc_node_start(n.node, n.now);
    node_says_nothing(&n);
    node_finish(&n);
}

static void stop_while_probing_ends_the_attempt_and_the_failover(void **state)
{
    (void)state;
    struct node_test n;
    begin(&n);
    bsc_link_id failover = on_failover(&n);
    bsc_link_id primary = probes(&n);
    bsc_node_stop(n.node, n.now);
    assert_int_equal(node_says(&n, BSC_NODE_LINK_CLOSE).link, primary);
    assert_int_equal(node_says(&n, BSC_NODE_DOWN).link, failover);
    node_link_down(&n);
    bsc_node_stop(n.node, n.now); /* twice is once */
    node_says_nothing(&n);
    through(&n, failover);
    node_link_breaks(&n);
    node_says_nothing(&n);
    assert_true(bsc_node_is_stopped(n.node));
    node_finish(&n);
}

/* Status. */

/* bsc 4.2-22 9.4-01 */
static void the_status_of_each_hub_connection_tells_state_times_and_error(void **state)
{
    (void)state;
    struct node_test n;
    begin(&n);
    bsc_link_id failover = on_failover(&n);
    int64_t joined_at = n.t.wall;
    struct bsc_connection_status status = status_of(&n, false);
    assert_int_equal(status.state, BSC_FAILED_TO_CONNECT);
    assert_int_equal(status.fault.error_code, BAC_ERROR_CODE_WEBSOCKET_CLOSED_ABNORMALLY);
    assert_int_equal(status.connected_at, 0);
    assert_int_equal(status.disconnected_at, 0);
    status = status_of(&n, true);
    assert_int_equal(status.state, BSC_IS_CONNECTED);
    assert_int_equal(status.connected_at, joined_at);
    assert_int_equal(status.disconnected_at, 0);
    assert_int_equal(status.fault.err, BAS_OK);
    assert_memory_equal(&status.vmac, test_hex(SECOND).data, 6);
    assert_memory_equal(&status.uuid, test_hex(SECOND).data + 6, 16);
    probes(&n);
    n.t.wall += 7000000;
    accepted(&n, HUB_SELF);
    status = status_of(&n, false);
    assert_int_equal(status.state, BSC_IS_CONNECTED);
    assert_int_equal(status.connected_at, joined_at + 7000000);
    assert_int_equal(status.fault.err, BAS_OK);
    status = status_of(&n, true); /* left in order */
    assert_int_equal(status.state, BSC_NOT_CONNECTED);
    assert_int_equal(status.connected_at, joined_at);
    assert_int_equal(status.disconnected_at, joined_at + 7000000);
    assert_int_equal(status.fault.err, BAS_OK);
    n.t.wall += 1000000;
    node_link_breaks(&n);
    node_says(&n, BSC_NODE_DOWN);
    status = status_of(&n, false);
    assert_int_equal(status.state, BSC_DISCONNECTED_WITH_ERRORS);
    assert_int_equal(status.disconnected_at, joined_at + 8000000);
    assert_string_equal(status.fault.text, "the link broke");
    through(&n, failover);
    node_finish(&n);
}

static void a_hub_that_closes_before_connect_accept_has_failed_with_a_reason(void **state)
{
    (void)state;
    struct node_test n;
    begin(&n);
    node_starts(&n);
    node_link_up(&n);
    node_link_down(&n); /* in order, and yet no connection */
    retries(&n, 1);
    struct bsc_connection_status status = status_of(&n, false);
    assert_int_equal(status.state, BSC_FAILED_TO_CONNECT);
    assert_int_equal(status.fault.error_code, BAC_ERROR_CODE_WEBSOCKET_CLOSED_BY_PEER);
    node_opens(&n, FAILOVER, HUB);
    bsc_node_stop(n.node, n.now);
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_link_down(&n);
    assert_int_equal(status_of(&n, true).state, BSC_NOT_CONNECTED); /* we did not want it */
    node_finish(&n);
}

/* bsc 5.4-03 11-12 11-22 */
static void a_failover_without_heartbeat_answers_is_left_and_counted(void **state)
{
    (void)state;
    struct node_test n;
    begin(&n);
    n.config.maximum_reconnect_ms = 600000;
    n.config.minimum_reconnect_ms = 70000;
    bsc_link_id failover = on_failover(&n);
    node_waits(&n);
    uint16_t heartbeat = node_sends(&n, "0a00", "");
    node_waits(&n);
    struct bsc_node_event down = node_says(&n, BSC_NODE_DOWN);
    assert_int_equal(down.fault.error_code, BAC_ERROR_CODE_TIMEOUT);
    node_opens(&n, PRIMARY, HUB); /* at once: its end may take long */
    through(&n, failover);
    assert_int_not_equal(node_sends(&n, "0800", ""), heartbeat);
    assert_int_equal(bsc_node_counters(n.node)->heartbeats, 1);
    assert_int_equal(bsc_node_counters(n.node)->heartbeats_missed, 1);
    assert_int_equal(status_of(&n, true).state, BSC_DISCONNECTED_WITH_ERRORS);
    node_finish(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_is_what_the_standard_says_and_all_others_change_nothing),
        cmocka_unit_test(the_primary_is_tried_first_and_used_when_it_is_there),
        cmocka_unit_test(the_failover_is_tried_when_the_primary_fails_and_used_when_it_is_there),
        cmocka_unit_test(when_both_fail_the_delay_begins_at_its_minimum_and_doubles),
        cmocka_unit_test(without_a_failover_uri_its_attempt_counts_as_failed_and_is_not_told),
        cmocka_unit_test(the_form_of_connect_request_is_remembered_for_each_hub),
        cmocka_unit_test(a_lost_primary_is_tried_again_before_the_failover),
        cmocka_unit_test(a_primary_that_throws_us_out_at_once_is_left_for_the_failover),
        cmocka_unit_test(a_lost_failover_leads_to_the_primary),
        cmocka_unit_test(while_the_primary_is_probed_traffic_goes_both_ways_through_the_failover),
        cmocka_unit_test(a_probe_that_fails_is_repeated_with_growing_delay),
        cmocka_unit_test(when_the_failover_is_lost_while_probing_the_attempt_goes_on),
        cmocka_unit_test(the_return_to_the_primary_loses_nothing_of_ours),
        cmocka_unit_test(a_failover_that_does_not_acknowledge_is_closed_after_disconnect_wait),
        cmocka_unit_test(a_failover_that_is_still_being_left_can_be_tried_again),
        cmocka_unit_test(a_duplicate_vmac_at_the_primary_ends_the_failover_in_order_first),
        cmocka_unit_test(a_duplicate_vmac_at_the_failover_starts_at_the_primary_again),
        cmocka_unit_test(stop_disconnects_from_both_hubs_and_waits_for_both),
        cmocka_unit_test(stop_while_probing_ends_the_attempt_and_the_failover),
        cmocka_unit_test(the_status_of_each_hub_connection_tells_state_times_and_error),
        cmocka_unit_test(a_hub_that_closes_before_connect_accept_has_failed_with_a_reason),
        cmocka_unit_test(a_failover_without_heartbeat_answers_is_left_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
