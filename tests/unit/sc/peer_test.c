/* The table of peers: who is remembered, who makes room, lists of URIs, when many unicasts are a
 * lot (spec 6.2, 6.3, 6.6). */
#include "sc/node.h"

#include "sc_node.h"

#include <stdio.h>
#include <string.h>

static const struct bas_slice no_options = { 0 };

static struct bsc_vmac numbered(unsigned n)
{
    return (struct bsc_vmac){ { 0xB2, 0, 0, 0, (uint8_t)(n >> 8), (uint8_t)n } };
}

static void send_to(struct node_test *n, unsigned peer)
{
    char vmac[13];
    (void)snprintf(vmac, sizeof(vmac), "b2000000%04x", peer);
    assert_int_equal(node_send(n, vmac, 3, no_options), BAS_OK);
    bsc_node_pop(n->node, n->link);
}

static bool is_known(const struct node_test *n, unsigned peer)
{
    struct bsc_vmac vmac = numbered(peer);
    struct bsc_peer found;
    return bsc_node_find_peer(n->node, &vmac, &found);
}

static void up_with_four_peers(struct node_test *n)
{
    node_begin(n);
    n->config.peers_max = 4;
    n->config.direct_initiate = true;
    node_goes_up(n);
}

static void whoever_is_sent_to_is_remembered_with_what_was_sent(void **state)
{
    (void)state;
    struct node_test n;
    struct bsc_peer peer;
    node_up(&n);
    assert_false(bsc_node_peer(n.node, 0, &peer));
    send_to(&n, 1);
    send_to(&n, 1);
    send_to(&n, 2);
    assert_int_equal(node_send(&n, "ffffffffffff", 3, no_options), BAS_OK);
    struct bsc_vmac vmac = numbered(1);
    assert_true(bsc_node_find_peer(n.node, &vmac, &peer));
    assert_int_equal(peer.sent_hub, 2);
    assert_int_equal(peer.sent_direct, 0);
    assert_false(peer.is_direct);
    assert_false(peer.has_advertisement);
    assert_int_equal(peer.resolution, BSC_UNRESOLVED);
    assert_string_equal(peer.uris, "");
    assert_int_equal(peer.direct_connection.state, BSC_NOT_CONNECTED);
    assert_true(bsc_node_peer(n.node, 1, &peer));
    assert_false(bsc_node_peer(n.node, 2, &peer)); /* all are no peer */
    node_finish(&n);
}

static void the_peer_that_was_unused_longest_makes_room(void **state)
{
    (void)state;
    struct node_test n;
    struct bsc_peer peer;
    up_with_four_peers(&n);
    for (unsigned i = 1; i <= 4; i++) {
        send_to(&n, i);
    }
    send_to(&n, 1);
    send_to(&n, 5);
    assert_true(is_known(&n, 1));
    assert_false(is_known(&n, 2));
    for (unsigned i = 3; i <= 5; i++) {
        assert_true(is_known(&n, i));
    }
    assert_false(bsc_node_peer(n.node, 4, &peer));
    node_finish(&n);
}

static void advertises(struct node_test *n, unsigned peer)
{
    char hex[64];
    (void)snprintf(hex, sizeof(hex), "04080031b2000000%04x0101164905d9", peer);
    node_gets_hex(n, hex);
    node_says(n, BSC_NODE_ADVERTISEMENT);
}

/* Anybody can send Advertisements, and a hub in any name. */
static void advertisements_nobody_asked_for_push_out_only_their_like(void **state)
{
    (void)state;
    struct node_test n;
    struct bsc_peer peer;
    up_with_four_peers(&n);
    advertises(&n, 0x101);
    for (unsigned i = 1; i <= 3; i++) {
        send_to(&n, i);
    }
    for (unsigned i = 0x102; i < 0x202; i++) {
        advertises(&n, i);
    }
    for (unsigned i = 1; i <= 3; i++) {
        assert_true(is_known(&n, i));
    }
    assert_true(is_known(&n, 0x201));
    assert_false(is_known(&n, 0x200));
    send_to(&n, 0x201); /* it is one of ours now */
    advertises(&n, 0x300);
    assert_false(is_known(&n, 0x300));
    advertises(&n, 1);
    const struct bsc_vmac first = numbered(1);
    assert_true(bsc_node_find_peer(n.node, &first, &peer));
    assert_true(peer.has_advertisement);
    send_to(&n, 4); /* 1 was heard last, but what counts is what we send */
    assert_false(is_known(&n, 1));
    node_finish(&n);
}

/* Whoever is refused leaves no trace. */
static void a_refused_connect_request_pushes_out_nobody(void **state)
{
    (void)state;
    struct node_test n;
    node_begin(&n);
    n.config.peers_max = 4;
    n.config.direct_accept = true;
    n.config.direct_max = 1;
    node_goes_up(&n);
    node_admits(&n, PEER_SELF);
    n.link = n.hub;
    for (unsigned i = 1; i <= 3; i++) {
        send_to(&n, i);
    }
    for (unsigned i = 0; i < 3; i++) {
        node_is_asked(&n, "b20000000101"
                          "c0b1b2b3b4b5b6b7b8b9babbbcbdbebf");
        assert_int_equal(bsc_node_admit(n.node, n.link, NULL, n.now), BAS_OK);
        node_says(&n, BSC_NODE_DIRECT_FAILED);
        node_says(&n, BSC_NODE_LINK_CLOSE);
        node_link_down(&n);
    }
    for (unsigned i = 1; i <= 3; i++) {
        assert_true(is_known(&n, i));
    }
    assert_false(is_known(&n, 0x101));
    node_finish(&n);
}

static void a_peer_that_was_set_stays_and_the_table_can_be_full_of_them(void **state)
{
    (void)state;
    struct node_test n;
    up_with_four_peers(&n);
    for (unsigned i = 1; i <= 4; i++) {
        struct bsc_vmac vmac = numbered(i);
        assert_int_equal(
            bsc_node_set_peer(n.node, &vmac, BSC_DIRECT_NEVER, i == 1 ? NULL : PEER_URI, n.now),
            BAS_OK);
    }
    struct bsc_vmac fifth = numbered(5);
    assert_int_equal(bsc_node_set_peer(n.node, &fifth, BSC_DIRECT_AUTO, NULL, n.now),
                     BAS_ERR_NO_SPACE);
    assert_int_equal(bsc_node_resolve(n.node, &fifth, n.now), BAS_ERR_NO_SPACE);
    assert_int_equal(bsc_node_connect_direct(n.node, &fifth, n.now), BAS_ERR_NO_SPACE);
    send_to(&n, 5); /* goes through the hub all the same */
    assert_false(is_known(&n, 5));
    assert_true(is_known(&n, 1));
    node_finish(&n);
}

static void what_is_set_for_a_peer_can_be_read_and_taken_back(void **state)
{
    (void)state;
    struct node_test n;
    struct bsc_peer peer;
    struct bsc_vmac vmac = numbered(1);
    char uris[1025];
    up_with_four_peers(&n);
    assert_int_equal(
        bsc_node_set_peer(n.node, &vmac, BSC_DIRECT_NEVER, "  wss://a/  wss://b/ ", n.now), BAS_OK);
    assert_true(bsc_node_find_peer(n.node, &vmac, &peer));
    assert_int_equal(peer.policy, BSC_DIRECT_NEVER);
    assert_string_equal(peer.uris, "wss://a/ wss://b/");
    assert_int_equal(peer.resolution, BSC_RESOLVED);
    assert_int_equal(peer.fresh_until, BAS_NEVER);
    assert_int_equal(bsc_node_set_peer(n.node, &vmac, BSC_DIRECT_AUTO, NULL, n.now), BAS_OK);
    assert_true(bsc_node_find_peer(n.node, &vmac, &peer));
    assert_int_equal(peer.policy, BSC_DIRECT_AUTO);
    assert_string_equal(peer.uris, "");
    assert_int_equal(peer.resolution, BSC_UNRESOLVED);
    memset(uris, 'a', 1024);
    uris[1024] = 0;
    assert_int_equal(bsc_node_set_peer(n.node, &vmac, BSC_DIRECT_AUTO, uris, n.now),
                     BAS_ERR_TOO_LONG);
    uris[1023] = 0;
    assert_int_equal(bsc_node_set_peer(n.node, &vmac, BSC_DIRECT_AUTO, uris, n.now), BAS_OK);
    memset(&vmac, 0xFF, sizeof(vmac));
    assert_int_equal(bsc_node_set_peer(n.node, &vmac, BSC_DIRECT_AUTO, NULL, n.now),
                     BAS_ERR_INVALID);
    node_finish(&n);
}

/* bsc 6.6-03 */
static void the_advertisement_of_a_peer_is_kept_and_its_limits_count(void **state)
{
    (void)state;
    struct node_test n;
    struct bsc_peer peer;
    struct bsc_vmac vmac = node_vmac(PEER_VMAC);
    node_up(&n);
    node_gets_hex(&n, "04080032" PEER_VMAC "0201020001e0"); /* 512 and 480 */
    node_says(&n, BSC_NODE_ADVERTISEMENT);
    assert_true(bsc_node_find_peer(n.node, &vmac, &peer));
    assert_true(peer.has_advertisement);
    assert_int_equal(peer.advertisement.hub_status, 2);
    assert_true(peer.advertisement.accept_direct);
    assert_int_equal(bsc_node_max_npdu(n.node, &vmac), 480);
    assert_int_equal(bsc_node_max_npdu(n.node, NULL), 1497);
    assert_int_equal(node_send(&n, PEER_VMAC, 480, no_options), BAS_OK);
    assert_int_equal(node_send(&n, PEER_VMAC, 481, no_options), BAS_ERR_TOO_LONG);
    assert_int_equal(bsc_node_counters(n.node)->dropped_too_long, 1);
    node_gets_hex(&n, "04080033" PEER_VMAC "000100640064"); /* the message, too: 100 */
    assert_int_equal(bsc_node_max_npdu(n.node, &vmac), 84);
    assert_int_equal(node_send(&n, PEER_VMAC, 84, no_options), BAS_OK);
    assert_int_equal(node_send(&n, PEER_VMAC, 85, no_options), BAS_ERR_TOO_LONG);
    assert_int_equal(node_send(&n, "ffffffffffff", 1497, no_options), BAS_OK);
    node_finish(&n);
}

/* Lists of URIs: what is copied of a received one. */
static void a_received_list_is_copied_in_whole_printable_uris(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "", "" },
        { "wss://a/", "wss://a/" },
        { "wss://a/ wss://b/", "wss://a/ wss://b/" },
        { "  wss://a/   wss://b/ ", "wss://a/ wss://b/" },
        { "wss://a/\n wss://b/ \x1b[31m wss://c/\x7f caf\xc3\xa9", "wss://b/" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        char out[BSC_URIS_MAX];
        bsc_uris_copy(out, (struct bas_slice){ (const uint8_t *)rows[i][0], strlen(rows[i][0]) });
        assert_string_equal(out, rows[i][1]);
    }
    char text[1200];
    char out[BSC_URIS_MAX];
    memset(text, 'u', sizeof(text));
    text[600] = ' ';
    bsc_uris_copy(out, (struct bas_slice){ (const uint8_t *)text, sizeof(text) });
    assert_int_equal(strlen(out), 600); /* the second is not cut but left out */
    text[600] = 'u';
    bsc_uris_copy(out, (struct bas_slice){ (const uint8_t *)text, 1023 });
    assert_int_equal(strlen(out), 1023);
    bsc_uris_copy(out, (struct bas_slice){ (const uint8_t *)text, 1024 });
    assert_string_equal(out, "");
}

/* bsc 6.3-02 */
static void a_list_is_split_at_its_spaces_and_what_does_not_fit_is_passed_over(void **state)
{
    (void)state;
    char list[400] = "wss://a/ ";
    char uri[BSC_URI_MAX];
    size_t at = 0;
    memset(list + strlen(list), 'x', BSC_URI_MAX);
    memcpy(list + strlen(list), " wss://b/", sizeof(" wss://b/"));
    assert_true(bsc_uris_next(list, &at, uri));
    assert_string_equal(uri, "wss://a/");
    assert_true(bsc_uris_next(list, &at, uri));
    assert_string_equal(uri, "wss://b/");
    assert_false(bsc_uris_next(list, &at, uri));
    at = 0;
    assert_false(bsc_uris_next("", &at, uri));
    assert_false(bsc_uris_next("   ", &at, uri));
}

static void a_list_can_be_cut_behind_so_many_uris(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        unsigned n;
        const char *cut;
    } rows[] = { { "", 2, "" },
                 { "a", 2, "a" },
                 { "a bc", 2, "a bc" },
                 { "a bc d", 2, "a bc" },
                 { " a  bc  d", 2, " a  bc" },
                 { "a bc d", 0, "" } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        char list[16];
        (void)snprintf(list, sizeof(list), "%s", rows[i].list);
        bsc_uris_cut(list, rows[i].n);
        assert_string_equal(list, rows[i].cut);
    }
}

static void five_unicasts_within_ten_seconds_are_many(void **state)
{
    (void)state;
    struct bsc_peer_row row = { 0 };
    for (int i = 0; i < 20; i++) { /* four in ten seconds, all the time */
        assert_false(bsc_peer_is_busy(&row, i * 2501 * BAS_MILLISECOND));
    }
    struct bsc_peer_row other = { 0 };
    for (int i = 0; i < 4; i++) {
        assert_false(bsc_peer_is_busy(&other, i * 2500 * BAS_MILLISECOND));
    }
    assert_true(bsc_peer_is_busy(&other, 10 * BAS_SECOND));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_is_sent_to_is_remembered_with_what_was_sent),
        cmocka_unit_test(the_peer_that_was_unused_longest_makes_room),
        cmocka_unit_test(advertisements_nobody_asked_for_push_out_only_their_like),
        cmocka_unit_test(a_refused_connect_request_pushes_out_nobody),
        cmocka_unit_test(a_peer_that_was_set_stays_and_the_table_can_be_full_of_them),
        cmocka_unit_test(what_is_set_for_a_peer_can_be_read_and_taken_back),
        cmocka_unit_test(the_advertisement_of_a_peer_is_kept_and_its_limits_count),
        cmocka_unit_test(a_received_list_is_copied_in_whole_printable_uris),
        cmocka_unit_test(a_list_is_split_at_its_spaces_and_what_does_not_fit_is_passed_over),
        cmocka_unit_test(a_list_can_be_cut_behind_so_many_uris),
        cmocka_unit_test(five_unicasts_within_ten_seconds_are_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
