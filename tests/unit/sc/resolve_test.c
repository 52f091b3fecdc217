/* resolve.c: Address-Resolution, its answers, and how long they count (spec 6.3, 11). */
#include "sc/policy.h"

#include "sc_node.h"

#include <string.h>

#define P        "a20b0c0d0e0f"
#define URIS_ONE "7773733a2f2f3139322e302e322e373a343434332f6463" /* PEER_URI */
#define URIS_TWO URIS_ONE "207773733a2f2f6168752d372e6578616d706c652e6e65742f6261636e65742d6463"
static const struct bas_slice no_options = { 0 };

static uint16_t asks(struct node_test *n)
{
    struct bsc_vmac peer = node_vmac(P);
    assert_int_equal(bsc_node_resolve(n->node, &peer, n->now), BAS_OK);
    node_says_nothing(n);
    return node_sends(n, "0204", P);
}

static struct bsc_peer the_peer(struct node_test *n)
{
    struct bsc_vmac vmac = node_vmac(P);
    struct bsc_peer peer;
    assert_true(bsc_node_find_peer(n->node, &vmac, &peer));
    return peer;
}

/* bsc 6.3-02 6.3-07 11-58 */
static void a_peer_is_asked_through_the_hub_and_its_uris_are_kept_for_a_time(void **state)
{
    (void)state;
    struct node_test n;
    node_up(&n); /* no direct connections are needed for it */
    uint16_t id = asks(&n);
    assert_int_equal(the_peer(&n).resolution, BSC_RESOLVING);
    node_gets_answer(&n, "0308", id, P URIS_TWO);
    struct bsc_node_event resolved = node_says(&n, BSC_NODE_RESOLVED);
    assert_int_equal(resolved.fault.err, BAS_OK);
    assert_string_equal(resolved.uris, PEER_URI " " PEER_URI2);
    assert_memory_equal(&resolved.vmac, test_hex(P).data, 6);
    node_says_nothing(&n);
    struct bsc_peer peer = the_peer(&n);
    assert_int_equal(peer.resolution, BSC_RESOLVED);
    assert_string_equal(peer.uris, PEER_URI " " PEER_URI2);
    assert_int_equal(peer.fresh_until, n.now + 600 * BAS_SECOND);
    assert_int_equal(bsc_node_counters(n.node)->resolutions, 1);
    assert_int_equal(bsc_node_deadline(n.node), n.now + 60 * BAS_SECOND); /* only the heartbeat */
    node_finish(&n);
}

static void an_empty_list_is_an_answer(void **state)
{
    (void)state;
    struct node_test n;
    node_up(&n);
    node_gets_answer(&n, "0308", asks(&n), P);
    struct bsc_node_event resolved = node_says(&n, BSC_NODE_RESOLVED);
    assert_int_equal(resolved.fault.err, BAS_OK);
    assert_string_equal(resolved.uris, "");
    node_finish(&n);
}

static void only_the_answer_of_the_peer_with_the_id_of_the_question_counts(void **state)
{
    (void)state;
    struct node_test n;
    node_up(&n);
    uint16_t id = asks(&n);
    node_gets_answer(&n, "0308", (uint16_t)(id + 1), P URIS_ONE);
    node_gets_answer(&n, "0308", id, "b20b0c0d0e0f" URIS_ONE);
    node_says_nothing(&n);
    assert_int_equal(bsc_node_counters(n.node)->dropped_rule, 2);
    node_gets_answer(&n, "0008", (uint16_t)(id + 1), P "0201000007002d"); /* about another one */
    node_says(&n, BSC_NODE_RESULT);
    node_gets_answer(&n, "0008", id, P "0101000007002d"); /* about another function */
    node_says(&n, BSC_NODE_RESULT);
    node_gets_answer(&n, "0308", id, P URIS_ONE);
    assert_string_equal(node_says(&n, BSC_NODE_RESOLVED).uris, PEER_URI);
    node_gets_answer(&n, "0308", id, P URIS_TWO); /* once */
    node_says_nothing(&n);
    assert_string_equal(the_peer(&n).uris, PEER_URI);
    node_finish(&n);
}

/* bsc 6.3-03 11-16 */
static void a_peer_that_answers_45_is_remembered_as_refusing(void **state)
{
    (void)state;
    struct node_test n;
    node_up(&n);
    node_gets_answer(&n, "0008", asks(&n), P "0201000007002d6e6f");
    struct bsc_node_event resolved = node_says(&n, BSC_NODE_RESOLVED);
    assert_int_equal(resolved.fault.error_code,
                     BAC_ERROR_CODE_OPTIONAL_FUNCTIONALITY_NOT_SUPPORTED);
    assert_string_equal(resolved.uris, "");
    node_says_nothing(&n);
    assert_int_equal(the_peer(&n).resolution, BSC_REFUSED);
    assert_int_equal(the_peer(&n).fresh_until, n.now + 3600 * BAS_SECOND);
    asks(&n); /* its owner may ask again whenever it likes */
    node_finish(&n);
}

static void another_refusal_is_told_and_not_remembered(void **state)
{
    (void)state;
    struct node_test n;
    node_up(&n);
    node_gets_answer(&n, "0008", asks(&n), P "0201000007008f");
    assert_int_equal(node_says(&n, BSC_NODE_RESOLVED).fault.error_code,
                     BAC_ERROR_CODE_BVLC_FUNCTION_UNKNOWN);
    assert_int_equal(the_peer(&n).resolution, BSC_UNRESOLVED);
    node_finish(&n);
}

/* bsc 6.3-03 */
static void no_answer_ends_with_a_timeout(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    n.config.resolution_wait_ms = 3000;
    node_goes_up(&n);
    uint16_t id = asks(&n);
    assert_int_equal(bsc_node_deadline(n.node), n.now + 3 * BAS_SECOND);
    node_waits(&n);
    struct bsc_node_event resolved = node_says(&n, BSC_NODE_RESOLVED);
    assert_int_equal(resolved.fault.err, BAS_ERR_TIMEOUT);
    assert_string_equal(resolved.uris, "");
    node_gets_answer(&n, "0308", id, P URIS_ONE); /* too late */
    node_says_nothing(&n);
    assert_int_equal(the_peer(&n).resolution, BSC_UNRESOLVED);
    node_finish(&n);
}

static void two_questions_at_once_are_one(void **state)
{
    (void)state;
    struct node_test n;
    struct bsc_vmac peer = node_vmac(P);
    node_up(&n);
    uint16_t id = asks(&n);
    assert_int_equal(bsc_node_resolve(n.node, &peer, n.now), BAS_OK);
    node_sends_nothing(&n);
    node_gets_answer(&n, "0308", id, P URIS_ONE);
    node_says(&n, BSC_NODE_RESOLVED);
    node_says_nothing(&n);
    node_finish(&n);
}

static void uris_that_are_set_meanwhile_outlive_the_answer(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) { /* it answers, it does not */
        struct node_test n;
        struct bsc_vmac peer = node_vmac(P);
        node_up(&n);
        uint16_t id = asks(&n);
        assert_int_equal(bsc_node_set_peer(n.node, &peer, BSC_DIRECT_AUTO, PEER_URI2, n.now),
                         BAS_OK);
        if (i == 0) {
            node_gets_answer(&n, "0308", id, P URIS_ONE);
        } else {
            node_waits(&n);
        }
        struct bsc_node_event resolved = node_says(&n, BSC_NODE_RESOLVED);
        assert_string_equal(resolved.uris, i == 0 ? PEER_URI : "");
        assert_string_equal(the_peer(&n).uris, PEER_URI2);
        assert_int_equal(the_peer(&n).resolution, BSC_RESOLVED);
        node_finish(&n);
    }
}

static void a_question_of_the_owner_outlives_a_stop_and_one_of_the_node_does_not(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct node_test n;
        struct bsc_vmac peer = node_vmac(P);
        node_up_direct(&n);
        if (i == 0) {
            asks(&n);
        } else {
            assert_int_equal(bsc_node_connect_direct(n.node, &peer, n.now), BAS_OK);
        }
        bsc_node_stop(n.node, n.now);
        node_says(&n, BSC_NODE_DOWN);
        node_link_down(&n);
        assert_true(bsc_node_is_stopped(n.node));
        if (i == 0) {
            node_waits(&n);
            assert_int_equal(node_says(&n, BSC_NODE_RESOLVED).fault.err, BAS_ERR_TIMEOUT);
        }
        assert_int_equal(bsc_node_deadline(n.node), BAS_NEVER);
        node_says_nothing(&n);
        node_finish(&n);
    }
}

static void who_cannot_be_asked_is_an_error_at_once(void **state)
{
    (void)state;
    struct node_test n;
    struct bsc_vmac peer = node_vmac(P);
    struct bsc_vmac all = node_vmac("ffffffffffff");
    node_begin(&n);
    node_starts(&n);
    assert_int_equal(bsc_node_resolve(n.node, &peer, n.now), BAS_ERR_CLOSED);
    assert_int_equal(bsc_node_solicit(n.node, &peer, n.now), BAS_ERR_CLOSED);
    assert_int_equal(bsc_node_resolve(n.node, &all, n.now), BAS_ERR_INVALID);
    assert_int_equal(bsc_node_solicit(n.node, &all, n.now), BAS_ERR_INVALID);
    assert_int_equal(bsc_node_advertise(n.node, &all, n.now), BAS_ERR_INVALID);
    assert_int_equal(bsc_node_counters(n.node)->dropped_no_connection, 2);
    assert_int_equal(bsc_node_counters(n.node)->resolutions, 0);
    node_says_nothing(&n);
    node_finish(&n);
}

/* bsc 6.6-01 6.6-02 */
static void a_solicitation_and_an_advertisement_unasked_go_through_the_hub(void **state)
{
    (void)state;
    struct node_test n;
    struct bsc_vmac peer = node_vmac(P);
    node_up_direct(&n);
    assert_int_equal(bsc_node_solicit(n.node, &peer, n.now), BAS_OK);
    node_sends(&n, "0504", P);
    node_gets_hex(&n, "04080033" P "010116490599");
    assert_true(node_says(&n, BSC_NODE_ADVERTISEMENT).advertisement.accept_direct);
    assert_int_equal(bsc_node_advertise(n.node, &peer, n.now), BAS_OK);
    node_sends(&n, "0404", P "0101164905d9"); /* bsc 11-46 */
    node_finish(&n);
}

/* bsc 11-46 */
static void initiating_alone_does_not_advertise_that_we_accept(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    n.config.direct_initiate = true;
    node_goes_up(&n);
    node_gets_hex(&n, "05080030" P);
    node_sends(&n, "0404", P "0100164905d9");
    node_gets_hex(&n, "02080031" P);
    node_sends(&n, "0004", P "0201000007002d");
    assert_int_equal(bsc_node_counters(n.node)->naks, 1);
    node_finish(&n);
}

/* bsc 6.3-06 */
static void address_resolution_is_answered_with_the_configured_uris(void **state)
{
    (void)state;
    struct node_test n;
    node_up_direct(&n);
    node_gets_hex(&n, "02080020" P);
    assert_int_equal(node_sends(&n, "0304", P "7773733a2f2f612f207773733a2f2f622f6463"), 0x20);
    node_finish(&n);
    node_begin(&n);
    n.config.direct_accept = true;
    node_goes_up(&n);
    node_gets_hex(&n, "02080020" P);
    assert_int_equal(node_sends(&n, "0304", P), 0x20);
    node_finish(&n);
}

static void configured_uris_of_the_greatest_length_fit_the_answer(void **state)
{
    (void)state;
    struct node_test n;
    char uris[1025];
    struct bsc_tx tx;
    memset(uris, 'u', sizeof(uris) - 1);
    uris[1024] = 0;
    node_begin(&n);
    n.config.direct_accept = true;
    n.config.direct_accept_uris = uris;
    assert_null(bsc_node_new(&n.t.env, &n.config));
    uris[1023] = 0;
    node_goes_up(&n);
    node_gets_hex(&n, "02080020" P);
    assert_true(bsc_node_peek(n.node, n.link, &tx));
    assert_int_equal(tx.head.len + tx.rest.len, 10 + 1023);
    bsc_node_pop(n.node, n.link);
    n.t.allocations = 0;
    n.t.fail_at = 1; /* no memory: no answer, and counted */
    node_gets_hex(&n, "02080021" P);
    node_sends_nothing(&n);
    assert_int_equal(bsc_node_counters(n.node)->dropped_pending_full, 1);
    assert_int_equal(node_send(&n, P, 3, no_options), BAS_OK);
    node_finish(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peer_is_asked_through_the_hub_and_its_uris_are_kept_for_a_time),
        cmocka_unit_test(an_empty_list_is_an_answer),
        cmocka_unit_test(only_the_answer_of_the_peer_with_the_id_of_the_question_counts),
        cmocka_unit_test(a_peer_that_answers_45_is_remembered_as_refusing),
        cmocka_unit_test(another_refusal_is_told_and_not_remembered),
        cmocka_unit_test(no_answer_ends_with_a_timeout),
        cmocka_unit_test(two_questions_at_once_are_one),
        cmocka_unit_test(uris_that_are_set_meanwhile_outlive_the_answer),
        cmocka_unit_test(a_question_of_the_owner_outlives_a_stop_and_one_of_the_node_does_not),
        cmocka_unit_test(who_cannot_be_asked_is_an_error_at_once),
        cmocka_unit_test(a_solicitation_and_an_advertisement_unasked_go_through_the_hub),
        cmocka_unit_test(initiating_alone_does_not_advertise_that_we_accept),
        cmocka_unit_test(address_resolution_is_answered_with_the_configured_uris),
        cmocka_unit_test(configured_uris_of_the_greatest_length_fit_the_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
