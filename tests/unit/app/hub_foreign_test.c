/* The three foreign kinds of node of sc/hub_foreign_test, over TLS and real sockets on one hub. */
#define _DEFAULT_SOURCE /* what libuv's header needs of the C library */
#include "rt_hub.h"
#include "test_folder.h"

#include <stdio.h>
#include <string.h>

#define NPDU   "01001008"
#define LIMITS "164905d9"

/* Leaves Originating away; writes its own VMAC there; insists on Hello. */
enum { BARE = 1, STAMPED = 2, GREETING = 3, KINDS = 3 };

static const struct {
    const char *request; /* with VMAC 02:00:00:00:00:0n and UUID n, as BARE .. GREETING */
    const char *accept;  /* before the hub's VMAC */
    const char *unicast; /* to the next kind, with its number behind */
    const char *broadcast;
} kinds[KINDS + 1] = {
    [BARE] = { "06000001 020000000001 01010101010101010101010101010101" LIMITS, "07000001",
               "01040012 0200000000", "01040013 ffffffffffff" },
    [STAMPED] = { "06000000 020000000002 02020202020202020202020202020202" LIMITS, "07000000",
                  "010c0000 020000000002 0200000000", "010c0000 020000000002 ffffffffffff" },
    [GREETING] = { "06020003 22000100 020000000003 03030303030303030303030303030303" LIMITS,
                   "07020003 22000100", "01040032 0200000000", "01040033 ffffffffffff" },
};

static bool begins_with(const struct rt_peer *peer, const char *hex)
{
    struct bas_slice octets = test_hex(hex);
    return peer->last_len >= octets.len && memcmp(peer->last, octets.data, octets.len) == 0;
}

/* As the ones who insist do: without Hello in its Connect-Accept they hang up. */
static void insist(struct rt_peer *peer, struct bas_slice octets)
{
    bool is_accept = octets.len > 0 && octets.data[0] == BSC_CONNECT_ACCEPT;
    if (is_accept && (octets.data[1] & 0x02) == 0) {
        rt_peer_close(peer, BAS_WS_CLOSE_PROTOCOL_ERROR);
    }
}

static struct rt_peer *joins(struct rt_hub *h, unsigned kind)
{
    const struct rt_peer_config config = { .level = RT_WS,
                                           .message = kind == GREETING ? insist : NULL };
    struct rt_peer *peer = rt_hub_join(h, kind, &config);
    unsigned before = h->joined;
    rt_peer_send(peer, test_hex(kinds[kind].request));
    rt_until(&h->w, &h->joined, before + 1);
    rt_until(&h->w, &peer->messages, 1);
    assert_true(begins_with(peer, kinds[kind].accept));
    return peer;
}

static void nodes_of_three_kinds_join_and_speak_with_each_other(void **state)
{
    (void)state;
    static struct rt_hub h;
    char sent[64];
    char got[64];
    rt_hub_run(&h);
    for (unsigned kind = BARE; kind <= GREETING; kind++) {
        (void)joins(&h, kind);
    }
    for (unsigned from = BARE; from <= GREETING; from++) {
        const unsigned to = from % KINDS + 1;
        unsigned before = h.peers[to].messages;
        (void)snprintf(sent, sizeof(sent), "%s%02x" NPDU, kinds[from].unicast, to);
        rt_peer_send(&h.peers[from], test_hex(sent));
        rt_until(&h.w, &h.peers[to].messages, before + 1);
        (void)snprintf(got, sizeof(got), "0108%.4s 0200000000%02x" NPDU, kinds[from].unicast + 4,
                       from);
        assert_true(begins_with(&h.peers[to], got));
        unsigned heard[KINDS + 1] = { 0 };
        for (unsigned k = BARE; k <= GREETING; k++) {
            heard[k] = h.peers[k].messages;
        }
        (void)snprintf(sent, sizeof(sent), "%s" NPDU, kinds[from].broadcast);
        (void)snprintf(got, sizeof(got), "010c%.4s 0200000000%02x ffffffffffff" NPDU,
                       kinds[from].broadcast + 4, from);
        rt_peer_send(&h.peers[from], test_hex(sent));
        for (unsigned k = BARE; k <= GREETING; k++) {
            rt_until(&h.w, &h.peers[k].messages, heard[k] + (k == from ? 0 : 1));
            assert_true(k == from || begins_with(&h.peers[k], got));
        }
        assert_int_equal(h.peers[from].messages, heard[from]);
    }
    assert_int_equal(rt_hub_counters(&h)->naks, 0);
    assert_int_equal(h.left + h.faults, 0);
    rt_hub_end(&h);
}

static void a_node_that_insists_on_hello_stays_and_leaves_in_order(void **state)
{
    (void)state;
    static struct rt_hub h;
    rt_hub_run(&h);
    struct rt_peer *peer = joins(&h, GREETING);
    rt_peer_send(peer, test_hex("0a000077"));
    rt_until(&h.w, &peer->messages, 2);
    assert_true(begins_with(peer, "0b000077"));
    rt_peer_send(peer, test_hex("08000078"));
    rt_until(&h.w, &peer->ended, 1);
    assert_true(begins_with(peer, "09000078"));
    assert_int_equal(peer->close_code, BAS_WS_CLOSE_NORMAL);
    rt_hub_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_of_three_kinds_join_and_speak_with_each_other),
        cmocka_unit_test(a_node_that_insists_on_hello_stays_and_leaves_in_order),
    };
    return cmocka_run_group_tests(tests, rt_certificates, test_folder_leave);
}
