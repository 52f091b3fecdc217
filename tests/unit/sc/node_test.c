/* node_link.c: a node and its hub connection: connecting, reconnecting, heartbeats, stopping
 * (spec 1.3, 4.2, 5.2, 5.4). */
#include "sc_node.h"

#include <stdio.h>
#include <string.h>

#define HELLO "22000100"
static const struct bas_slice no_options = { 0 };

/* Connecting. */

static void start_asks_for_a_link_to_its_hub_and_connects_with_hello(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    node_starts(&n);
    assert_int_equal(bsc_node_deadline(n.node), n.now + 10 * BAS_SECOND);
    assert_int_equal(bsc_node_max_npdu(n.node, NULL), 0);
    assert_int_equal(bsc_node_hub_state(n.node), 0);
    node_sends_nothing(&n);
    node_link_up(&n);
    bsc_link_id dirty;
    assert_true(bsc_node_next_dirty(n.node, &dirty));
    assert_int_equal(dirty, n.link);
    assert_false(bsc_node_next_dirty(n.node, &dirty));
    uint16_t id = node_sends(&n, "0602", HELLO NODE_SELF);
    node_gets_answer(&n, "0702", id, HELLO HUB_SELF "ffffef8f");
    struct bsc_node_event up = node_says(&n, BSC_NODE_UP);
    assert_memory_equal(&up.vmac, test_hex(HUB_SELF).data, 6);
    assert_memory_equal(&up.uuid, test_hex(HUB_SELF).data + 6, 16);
    assert_string_equal(up.uri, NODE_URI);
    assert_int_equal(bsc_node_hub_state(n.node), 1);
    assert_int_equal(bsc_node_max_npdu(n.node, NULL), 1497);
    node_says_nothing(&n);
    node_finish(&n);
}

static void hello_can_be_left_out_and_then_never_comes(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    n.config.no_hello = true;
    node_starts(&n);
    for (int i = 0; i < 3; i++) {
        node_link_up(&n);
        node_sends(&n, "0600", NODE_SELF);
        node_waits(&n); /* no answer */
        node_says(&n, BSC_NODE_LINK_CLOSE);
        node_link_down(&n);
        node_says(&n, BSC_NODE_RETRY);
        node_waits(&n);
        node_says(&n, BSC_NODE_LINK_OPEN);
    }
    node_finish(&n);
}

/* The ways in which a hub says that it does not know Hello. */
enum refusal { NAK_145, NAK_146, SILENCE, CLOSES, DISCONNECTS, REFUSALS };

static void hub_refuses(struct node_test *n, enum refusal how, uint16_t id)
{
    switch (how) {
    case NAK_145:
        node_gets_answer(n, "0000", id, "06010000070091");
        break;
    case NAK_146:
        node_gets_answer(n, "0000", id, "06012200070092");
        break;
    case SILENCE:
        node_waits(n);
        break;
    case CLOSES:
        node_link_breaks(n);
        return;
    case DISCONNECTS:
        node_gets_hex(n, "08000001");
        break;
    case REFUSALS:
        fail();
    }
    assert_int_equal(node_says(n, BSC_NODE_LINK_CLOSE).close_code, 1000);
    node_link_down(n);
}

static void a_hub_that_takes_no_hello_is_asked_without_it_and_that_is_remembered(void **state)
{
    (void)state;
    for (enum refusal how = NAK_145; how < REFUSALS; how++) {
        struct node_test n;
        node_begin(&n);
        node_starts(&n);
        node_link_up(&n);
        hub_refuses(&n, how, node_sends(&n, "0602", HELLO NODE_SELF));
        node_says(&n, BSC_NODE_RETRY);
        for (int i = 0; i < 2; i++) {
            node_waits(&n);
            node_says(&n, BSC_NODE_LINK_OPEN);
            node_link_up(&n);
            uint16_t id = node_sends(&n, "0600", NODE_SELF);
            node_gets_answer(&n, "0700", id, HUB_SELF "ffffef8f");
            node_says(&n, BSC_NODE_UP);
            node_link_breaks(&n);
            node_says(&n, BSC_NODE_DOWN);
            node_says(&n, BSC_NODE_RETRY);
        }
        node_waits(&n);
        node_says(&n, BSC_NODE_LINK_OPEN);
        node_link_up(&n);
        uint16_t id = node_sends(&n, "0600", NODE_SELF);
        node_gets_answer(&n, "0000", id, "06010000030000"); /* full: not about the form */
        node_says(&n, BSC_NODE_LINK_CLOSE);
        node_link_down(&n);
        node_says(&n, BSC_NODE_RETRY);
        node_waits(&n);
        node_says(&n, BSC_NODE_LINK_OPEN);
        node_link_up(&n);
        node_sends(&n, "0600", NODE_SELF);
        node_finish(&n);
    }
}

static void both_forms_take_turns_while_the_hub_says_nothing(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    node_starts(&n);
    for (int i = 0; i < 4; i++) {
        node_link_up(&n);
        node_sends(&n, i % 2 == 0 ? "0602" : "0600", i % 2 == 0 ? HELLO NODE_SELF : NODE_SELF);
        hub_refuses(&n, SILENCE, 0);
        node_says(&n, BSC_NODE_RETRY);
        node_waits(&n);
        node_says(&n, BSC_NODE_LINK_OPEN);
    }
    node_finish(&n);
}

static void a_hub_that_wants_hello_gets_it_back_after_a_try_without(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    node_starts(&n);
    node_link_up(&n);
    hub_refuses(&n, SILENCE, node_sends(&n, "0602", HELLO NODE_SELF));
    node_says(&n, BSC_NODE_RETRY);
    for (int i = 0; i < 2; i++) { /* refused for another reason: the form that is ours, or worked */
        node_waits(&n);
        node_says(&n, BSC_NODE_LINK_OPEN);
        node_link_up(&n);
        uint16_t id =
            i == 0 ? node_sends(&n, "0600", NODE_SELF) : node_sends(&n, "0602", HELLO NODE_SELF);
        node_gets_answer(&n, "0000", id, "06010000030000");
        node_says(&n, BSC_NODE_LINK_CLOSE);
        node_link_down(&n);
        assert_int_equal(node_says(&n, BSC_NODE_RETRY).fault.error_class,
                         BAC_ERROR_CLASS_RESOURCES);
    }
    node_finish(&n);
}

static void answers_with_wrong_ids_do_not_connect(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    node_starts(&n);
    node_link_up(&n);
    uint16_t id = node_sends(&n, "0602", HELLO NODE_SELF);
    node_gets_answer(&n, "0700", (uint16_t)(id + 1), HUB_SELF "ffffef8f");
    node_gets_answer(&n, "0000", (uint16_t)(id - 1), "06010000070097");
    node_says_nothing(&n);
    node_gets_answer(&n, "0700", id, HUB_SELF "ffffef8f");
    node_says(&n, BSC_NODE_UP);
    node_gets_answer(&n, "0700", id, "02000000000100000000000000000000000000000000ffffef8f");
    node_says_nothing(&n);
    node_sends_nothing(&n);
    node_finish(&n);
}

static void messages_before_connect_accept_are_dropped(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    node_starts(&n);
    node_link_up(&n);
    uint16_t id = node_sends(&n, "0602", HELLO NODE_SELF);
    node_gets_hex(&n, "01080010a20b0c0d0e0f01001008");
    node_says(&n, BSC_NODE_FAULT);
    node_gets_hex(&n, "0a000041");
    node_says(&n, BSC_NODE_FAULT);
    node_gets_answer(&n, "0700", id, HUB_SELF "ffffef"); /* cut off */
    node_says(&n, BSC_NODE_FAULT);
    node_sends_nothing(&n);
    assert_int_equal(node_send(&n, "020000000002", 4, no_options), BAS_ERR_CLOSED);
    node_finish(&n);
}

/* The text of the fault after a NAK 7/7 to Connect-Request with details. */
static struct bsc_node_event is_refused_with(struct node_test *n, const char *details)
{
    char rest[256];
    node_link_up(n);
    uint16_t id = node_sends(n, "0602", HELLO NODE_SELF);
    (void)snprintf(rest, sizeof(rest), "06010000070007%s", details);
    node_gets_answer(n, "0000", id, rest);
    node_says(n, BSC_NODE_LINK_CLOSE);
    node_link_down(n);
    return node_says(n, BSC_NODE_RETRY);
}

static void assert_ends_with(const char *text, const char *end)
{
    assert_true(strlen(text) >= strlen(end));
    assert_string_equal(text + strlen(text) - strlen(end), end);
}

static void what_the_hub_says_about_a_refusal_is_made_printable(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    node_starts(&n);
    struct bsc_node_event retry = is_refused_with(&n, "0a1b5b007fc29b2e");
    assert_ends_with(retry.fault.text, "(class 7, code 7): ??[????.");
    assert_null(strpbrk(retry.fault.text, "\n\x1b"));
    node_waits(&n);
    node_says(&n, BSC_NODE_LINK_OPEN);
    char details[2 + 4 * 50 + 1] = "78";
    char text[2 + 1 + 2 * 39 + 1] = ": x"; /* the 80th octet would be half a letter */
    for (int i = 0; i < 50; i++) {
        strcat(details, "c3a9");
        if (i < 39) {
            strcat(text, "\xc3\xa9");
        }
    }
    retry = is_refused_with(&n, details);
    assert_ends_with(retry.fault.text, text);
    node_finish(&n);
}

/* A VMAC that is in use. */

static uint16_t is_refused_with_151(struct node_test *n, const char *hello_and_vmac)
{
    char rest[100];
    (void)snprintf(rest, sizeof(rest), "%s" NODE_UUID "164905d9", hello_and_vmac);
    node_link_up(n);
    uint16_t id = node_sends(n, "0602", rest);
    node_gets_answer(n, "0000", id, "06010000070097");
    return id;
}

static void a_duplicate_vmac_is_replaced_and_the_next_attempt_follows_at_once(void **state)
{
    (void)state;
    struct node_test n;
    char text[BSC_VMAC_TEXT];
    char form[40];
    node_begin(&n);
    node_starts(&n);
    is_refused_with_151(&n, HELLO NODE_VMAC);
    struct bsc_node_event changed = node_says(&n, BSC_NODE_VMAC_CHANGED);
    node_says(&n, BSC_NODE_LINK_CLOSE);
    assert_int_equal(changed.vmac.octets[0] & 0x0F, 2); /* Random-48 */
    assert_memory_not_equal(&changed.vmac, test_hex(NODE_VMAC).data, 6);
    struct bsc_vmac now = bsc_node_vmac(n.node);
    assert_true(bsc_vmac_equal(&now, &changed.vmac));
    node_link_down(&n);
    node_says(&n, BSC_NODE_LINK_OPEN);

    bsc_vmac_text(&changed.vmac, text);
    (void)snprintf(form, sizeof(form), HELLO "%s", text);
    is_refused_with_151(&n, form); /* again: from now on it waits */
    node_says(&n, BSC_NODE_VMAC_CHANGED);
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_link_down(&n);
    struct bsc_node_event retry = node_says(&n, BSC_NODE_RETRY);
    assert_int_equal(retry.fault.error_code, BAC_ERROR_CODE_NODE_DUPLICATE_VMAC);
    node_waits(&n);
    node_says(&n, BSC_NODE_LINK_OPEN);
    node_finish(&n);
}

/* Reconnecting. */

static void delays_grow_with_jitter_between_their_bounds(void **state)
{
    (void)state;
    struct node_test n;
    bas_time seen[2][12];
    for (int run = 0; run < 2; run++) {
        node_begin(&n);
        n.t.seed += (uint64_t)run;
        n.config.minimum_reconnect_ms = 2000;
        n.config.maximum_reconnect_ms = 60000;
        node_starts(&n);
        bas_time nominal = 2 * BAS_SECOND;
        for (int i = 0; i < 12; i++) {
            node_link_breaks(&n);
            assert_int_equal(node_says(&n, BSC_NODE_RETRY).fault.err, BAS_ERR_CLOSED);
            bas_time delay = bsc_node_deadline(n.node) - n.now;
            assert_in_range(delay, 2 * BAS_SECOND, 60 * BAS_SECOND);
            assert_in_range(delay, nominal * 8 / 10, nominal * 12 / 10);
            nominal = nominal * 2 > 60 * BAS_SECOND ? 60 * BAS_SECOND : nominal * 2;
            seen[run][i] = delay;
            node_waits(&n);
            node_says(&n, BSC_NODE_LINK_OPEN);
        }
        node_finish(&n);
    }
    for (int i = 0; i < 12; i++) {
        assert_int_not_equal(seen[0][i], seen[1][i]); /* two nodes do not come back in step */
    }
}

/* bsc 4.1-01 4.1-02 */
static void equal_bounds_leave_no_room_for_jitter(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    n.config.minimum_reconnect_ms = 90000; /* over the maximum, which counts (spec 4.1) */
    n.config.maximum_reconnect_ms = 30000;
    node_starts(&n);
    node_link_breaks(&n);
    node_says(&n, BSC_NODE_RETRY);
    assert_int_equal(bsc_node_deadline(n.node), n.now + 30 * BAS_SECOND);
    node_finish(&n);
}

static void success_takes_the_delay_back_to_its_minimum(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    node_starts(&n);
    for (int i = 0; i < 5; i++) {
        node_link_breaks(&n);
        node_says(&n, BSC_NODE_RETRY);
        node_waits(&n);
        node_says(&n, BSC_NODE_LINK_OPEN);
    }
    node_joins(&n, "ffffef8f");
    node_link_breaks(&n);
    node_says(&n, BSC_NODE_DOWN);
    node_says(&n, BSC_NODE_RETRY);
    assert_in_range(bsc_node_deadline(n.node) - n.now, 10 * BAS_SECOND, 12 * BAS_SECOND);
    node_finish(&n);
}

static void a_lost_hub_is_retried_at_once_and_then_with_delay(void **state)
{
    (void)state;
    struct node_test n;
    node_up(&n);
    n.now += 10 * BAS_SECOND;
    node_link_breaks(&n);
    struct bsc_node_event down = node_says(&n, BSC_NODE_DOWN);
    assert_string_equal(down.fault.text, "the link broke");
    node_says(&n, BSC_NODE_LINK_OPEN);
    node_link_breaks(&n);
    node_says(&n, BSC_NODE_RETRY);
    node_says_nothing(&n);
    assert_in_range(bsc_node_deadline(n.node) - n.now, 10 * BAS_SECOND, 12 * BAS_SECOND);
    node_finish(&n);
}

static void a_node_that_is_thrown_out_again_and_again_waits_each_time(void **state)
{
    (void)state;
    struct node_test n;
    node_up(&n);
    for (int i = 0; i < 3; i++) {
        n.now += BAS_SECOND;
        node_gets_hex(&n, "08001234"); /* another device has our UUID, say */
        node_says(&n, BSC_NODE_DOWN);
        node_says(&n, BSC_NODE_LINK_CLOSE);
        node_sends(&n, "0900", "");
        node_link_down(&n);
        node_says(&n, BSC_NODE_RETRY);
        node_waits(&n);
        node_says(&n, BSC_NODE_LINK_OPEN);
        node_joins(&n, "ffffef8f");
    }
    node_finish(&n);
}

static void a_websocket_that_is_not_ready_in_time_is_given_up(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    node_starts(&n);
    node_waits(&n);
    node_says(&n, BSC_NODE_LINK_CLOSE);
    assert_int_equal(bsc_node_deadline(n.node), BAS_NEVER); /* the link's end is its owner's */
    node_link_up(&n);                                       /* too late */
    node_sends_nothing(&n);
    node_link_down(&n);
    struct bsc_node_event retry = node_says(&n, BSC_NODE_RETRY);
    assert_int_equal(retry.fault.error_code, BAC_ERROR_CODE_TIMEOUT);
    node_finish(&n);
}

static void what_an_old_link_says_is_not_heard(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    node_starts(&n);
    bsc_link_id old = n.link;
    node_link_breaks(&n);
    node_says(&n, BSC_NODE_RETRY);
    const struct bas_window none = { 0 };
    assert_int_equal(bsc_node_recv(n.node, old, &none, n.now), BAS_ERR_NOT_FOUND);
    node_waits(&n);
    node_says(&n, BSC_NODE_LINK_OPEN);
    bsc_node_link_up(n.node, old, n.now);
    bsc_node_link_down(n.node, old, NULL, n.now);
    bsc_node_link_down(n.node, 0, NULL, n.now);
    assert_int_equal(bsc_node_recv(n.node, old, &none, n.now), BAS_ERR_NOT_FOUND);
    struct bsc_tx tx;
    assert_false(bsc_node_peek(n.node, old, &tx));
    node_says_nothing(&n);
    node_joins(&n, "ffffef8f");
    node_finish(&n);
}

/* Heartbeats (5.4). */

static void a_heartbeat_goes_out_after_silence_and_its_answer_goes_on(void **state)
{
    (void)state;
    struct node_test n;
    node_up(&n);
    n.now += 30 * BAS_SECOND;
    node_gets_hex(&n, "0a000041");
    node_sends(&n, "0b00", "");
    assert_int_equal(bsc_node_deadline(n.node), n.now + 60 * BAS_SECOND);
    node_waits(&n);
    uint16_t first = node_sends(&n, "0a00", "");
    assert_int_equal(bsc_node_deadline(n.node), n.now + 10 * BAS_SECOND);
    n.now += 9 * BAS_SECOND;
    node_gets_answer(&n, "0b00", first, "");
    assert_int_equal(bsc_node_deadline(n.node), n.now + 60 * BAS_SECOND);
    node_waits(&n);
    uint16_t second = node_sends(&n, "0a00", "");
    assert_int_equal(second, (uint16_t)(first + 1));
    node_gets_answer(&n, "0000", second, "0a010000070096"); /* also life */
    assert_int_equal(bsc_node_deadline(n.node), n.now + 60 * BAS_SECOND);
    node_says_nothing(&n);
    node_finish(&n);
}

static void a_malformed_message_is_no_sign_of_life(void **state)
{
    (void)state;
    struct node_test n;
    node_up(&n);
    bas_time deadline = bsc_node_deadline(n.node);
    n.now += 30 * BAS_SECOND;
    node_gets_hex(&n, "0a000041ff");
    node_says(&n, BSC_NODE_FAULT);
    node_gets_hex(&n, "0b0000");
    node_says(&n, BSC_NODE_FAULT);
    assert_int_equal(bsc_node_deadline(n.node), deadline);
    node_finish(&n);
}

static void a_missing_heartbeat_answer_takes_the_hub_down_and_back(void **state)
{
    (void)state;
    struct node_test n;
    node_up(&n);
    node_waits(&n);
    node_sends(&n, "0a00", "");
    node_waits(&n);
    struct bsc_node_event down = node_says(&n, BSC_NODE_DOWN);
    assert_int_equal(down.fault.error_code, BAC_ERROR_CODE_TIMEOUT);
    bsc_link_id old = n.link;
    node_says(&n, BSC_NODE_LINK_OPEN); /* the end of the old link is not waited for */
    bsc_link_id fresh = n.link;
    n.link = old;
    node_sends(&n, "0800", "");
    assert_int_equal(bsc_node_hub_state(n.node), 0);
    assert_int_equal(bsc_node_max_npdu(n.node, NULL), 0);
    assert_int_equal(node_send(&n, "020000000002", 4, no_options), BAS_ERR_CLOSED);
    node_gets_hex(&n, "01080010a20b0c0d0e0f01001008"); /* nor is anything delivered */
    node_says_nothing(&n);
    n.link = fresh;
    node_joins(&n, "ffffef8f");
    n.link = old;
    node_waits(&n); /* the Disconnect-ACK does not come either */
    assert_int_equal(node_says(&n, BSC_NODE_LINK_CLOSE).link, old);
    node_link_down(&n);
    node_says_nothing(&n);
    assert_int_equal(bsc_node_hub_state(n.node), 1);
    node_finish(&n);
}

/* Stopping. */

static void stop_disconnects_and_waits_for_the_acknowledgement(void **state)
{
    (void)state;
    struct node_test n;
    node_up(&n);
    bsc_node_stop(n.node, n.now);
    assert_int_equal(node_says(&n, BSC_NODE_DOWN).fault.err, BAS_OK);
    node_says_nothing(&n);
    assert_false(bsc_node_is_stopped(n.node));
    uint16_t id = node_sends(&n, "0800", "");
    bsc_node_stop(n.node, n.now); /* once is enough */
    node_sends_nothing(&n);
    node_gets_hex(&n, "08004321"); /* crossing */
    node_sends(&n, "0900", "");
    node_says_nothing(&n);
    node_gets_answer(&n, "0900", id, "");
    assert_int_equal(node_says(&n, BSC_NODE_LINK_CLOSE).close_code, 1000);
    assert_false(bsc_node_is_stopped(n.node));
    node_link_down(&n);
    node_says_nothing(&n);
    assert_true(bsc_node_is_stopped(n.node));
    assert_int_equal(bsc_node_deadline(n.node), BAS_NEVER);
    node_finish(&n);
}

static void a_stop_without_answer_ends_with_disconnect_wait(void **state)
{
    (void)state;
    struct node_test n;
    node_up(&n);
    bsc_node_stop(n.node, n.now);
    node_says(&n, BSC_NODE_DOWN);
    assert_int_equal(bsc_node_deadline(n.node), n.now + 10 * BAS_SECOND);
    node_waits(&n);
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_link_down(&n);
    assert_true(bsc_node_is_stopped(n.node));
    node_finish(&n);
}

static void stop_ends_an_attempt_or_a_delay_without_a_word(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    node_starts(&n);
    bsc_node_stop(n.node, n.now); /* before the WebSocket is open */
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_link_down(&n);
    assert_true(bsc_node_is_stopped(n.node));
    bsc_node_start(n.node, n.now);
    node_says(&n, BSC_NODE_LINK_OPEN);
    node_link_up(&n);
    uint16_t id = node_sends(&n, "0602", HELLO NODE_SELF);
    bsc_node_stop(n.node, n.now); /* before Connect-Accept */
    node_says(&n, BSC_NODE_LINK_CLOSE);
    node_gets_answer(&n, "0700", id, HUB_SELF "ffffef8f");
    node_says_nothing(&n);
    node_link_down(&n);
    assert_true(bsc_node_is_stopped(n.node));
    bsc_node_start(n.node, n.now);
    node_says(&n, BSC_NODE_LINK_OPEN);
    node_link_up(&n);
    node_sends(&n, "0602", HELLO NODE_SELF); /* our stop says nothing about Hello */
    node_link_breaks(&n);
    node_says(&n, BSC_NODE_RETRY);
    bsc_node_stop(n.node, n.now); /* while it waits */
    assert_true(bsc_node_is_stopped(n.node));
    bsc_node_tick(n.node, n.now + 1000 * BAS_SECOND);
    node_says_nothing(&n);
    bsc_node_start(n.node, n.now);
    node_says(&n, BSC_NODE_LINK_OPEN);
    node_link_breaks(&n);
    node_says(&n, BSC_NODE_RETRY);
    assert_true(bsc_node_deadline(n.node) <= n.now + 12 * BAS_SECOND); /* a fresh start */
    node_finish(&n);
}

/* Creation. */

static void no_memory_at_any_point_of_creation_gives_null_and_leaks_nothing(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    for (size_t k = 1;; k++) {
        n.t.allocations = 0;
        n.t.fail_at = k;
        n.node = bsc_node_new(&n.t.env, &n.config);
        if (n.node != NULL) {
            break;
        }
        test_env_check(&n.t);
        assert_true(k < 10);
    }
    node_finish(&n);
}

static void a_uri_that_is_missing_or_too_long_makes_no_node(void **state)
{
    (void)state;
    struct node_test n;
    char uri[257];
    memset(uri, 'a', sizeof(uri) - 1);
    uri[256] = 0;
    node_begin(&n);
    n.config.primary_uri = NULL;
    assert_null(bsc_node_new(&n.t.env, &n.config));
    n.config.primary_uri = uri;
    assert_null(bsc_node_new(&n.t.env, &n.config));
    uri[255] = 0;
    n.node = bsc_node_new(&n.t.env, &n.config);
    assert_non_null(n.node);
    memset(uri, 'b', 255); /* it was copied */
    bsc_node_start(n.node, 0);
    struct bsc_node_event event;
    assert_true(bsc_node_next_event(n.node, &event));
    assert_int_equal(event.uri[254], 'a');
    node_finish(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start_asks_for_a_link_to_its_hub_and_connects_with_hello),
        cmocka_unit_test(hello_can_be_left_out_and_then_never_comes),
        cmocka_unit_test(a_hub_that_takes_no_hello_is_asked_without_it_and_that_is_remembered),
        cmocka_unit_test(both_forms_take_turns_while_the_hub_says_nothing),
        cmocka_unit_test(a_hub_that_wants_hello_gets_it_back_after_a_try_without),
        cmocka_unit_test(answers_with_wrong_ids_do_not_connect),
        cmocka_unit_test(messages_before_connect_accept_are_dropped),
        cmocka_unit_test(what_the_hub_says_about_a_refusal_is_made_printable),
        cmocka_unit_test(a_duplicate_vmac_is_replaced_and_the_next_attempt_follows_at_once),
        cmocka_unit_test(delays_grow_with_jitter_between_their_bounds),
        cmocka_unit_test(equal_bounds_leave_no_room_for_jitter),
        cmocka_unit_test(success_takes_the_delay_back_to_its_minimum),
        cmocka_unit_test(a_lost_hub_is_retried_at_once_and_then_with_delay),
        cmocka_unit_test(a_node_that_is_thrown_out_again_and_again_waits_each_time),
        cmocka_unit_test(a_websocket_that_is_not_ready_in_time_is_given_up),
        cmocka_unit_test(what_an_old_link_says_is_not_heard),
        cmocka_unit_test(a_heartbeat_goes_out_after_silence_and_its_answer_goes_on),
        cmocka_unit_test(a_malformed_message_is_no_sign_of_life),
        cmocka_unit_test(a_missing_heartbeat_answer_takes_the_hub_down_and_back),
        cmocka_unit_test(stop_disconnects_and_waits_for_the_acknowledgement),
        cmocka_unit_test(a_stop_without_answer_ends_with_disconnect_wait),
        cmocka_unit_test(stop_ends_an_attempt_or_a_delay_without_a_word),
        cmocka_unit_test(no_memory_at_any_point_of_creation_gives_null_and_leaks_nothing),
        cmocka_unit_test(a_uri_that_is_missing_or_too_long_makes_no_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
