/* What a hub takes and what it does not: lengths, identities of any pattern, options of other forms
 * (spec 1.3, 2.2, 8). */
#include "sc_peer.h"

#include "sc/conn.h"

#include <stdio.h>
#include <string.h>

#define BROADCAST "ffffffffffff"

static struct bsc_hub *small_hub(struct test_env *t)
{
    const struct bsc_hub_config config = { .size = sizeof(config),
                                           .vmac = peer_vmac(0xEE),
                                           .uuid = peer_uuid(0xEE),
                                           .max_bvlc = 5705,
                                           .max_npdu = 1497 };
    test_env_init(t);
    struct bsc_hub *hub = bsc_hub_new(&t->env, &config);
    assert_non_null(hub);
    return hub;
}

static void done(struct bsc_hub *hub, struct test_env *t)
{
    bsc_hub_free(hub);
    test_env_check(t);
}

/* A message of that function to peer 2, of len octets. */
static struct bas_slice message_of(uint8_t function, size_t len)
{
    static uint8_t octets[8192];
    assert_true(len <= sizeof(octets));
    memset(octets, 0x55, len);
    memcpy(octets, test_hex("01040007020000000002").data, 10);
    octets[0] = function;
    return (struct bas_slice){ octets, len };
}

/* bsc 2.2-14 2.1-19 */
static void what_is_longer_than_the_hub_takes_is_dropped_in_silence(void **state)
{
    (void)state;
    struct test_env t;
    struct bsc_hub *hub = small_hub(&t);
    bsc_conn_id from = peer_joins(hub, 1, 0);
    bsc_conn_id to = peer_joins(hub, 2, 0);
    peer_gives(hub, from, message_of(BSC_PROPRIETARY_MESSAGE, 5706), 0);
    peer_gets(hub, from, "");
    peer_gets(hub, to, "");
    hub_says_nothing(hub);
    assert_int_equal(bsc_hub_counters(hub)->dropped_over_limit, 1);
    bsc_hub_skipped(hub, from); /* it was over what the link keeps */
    bsc_hub_skipped(hub, 0);
    assert_int_equal(bsc_hub_counters(hub)->dropped_over_limit, 2);
    assert_int_equal(bsc_hub_counters(hub)->received, 4);
    peer_gives(hub, from, message_of(BSC_PROPRIETARY_MESSAGE, 5705), 0);
    struct bsc_tx tx;
    assert_true(bsc_hub_peek(hub, to, &tx));
    done(hub, &t);
}

/* bsc 11-38 */
static void the_npdu_limit_of_a_receiver_counts_for_npdus_alone(void **state)
{
    (void)state;
    struct test_env t;
    struct bsc_hub *hub = small_hub(&t);
    bsc_conn_id from = peer_joins(hub, 1, 0);
    bsc_conn_id to = peer_joins(hub, 2, 0); /* 5705 and 1497 */
    struct bsc_tx tx;
    peer_gives(hub, from, message_of(BSC_ENCAPSULATED_NPDU, 10 + 1498), 0);
    assert_false(bsc_hub_peek(hub, to, &tx));
    peer_gives(hub, from, message_of(BSC_PROPRIETARY_MESSAGE, 10 + 1498), 0);
    assert_true(bsc_hub_peek(hub, to, &tx));
    done(hub, &t);
}

/* Joins with that VMAC and UUID. */
static void joins_as(struct bsc_hub *hub, const char *identity)
{
    bsc_conn_id conn = 0;
    uint8_t octets[30];
    memcpy(octets, peer_connect_request(1).data, sizeof(octets));
    memcpy(octets + 4, test_hex(identity).data, 22);
    assert_int_equal(bsc_hub_open(hub, NULL, 0, &conn), BAS_OK);
    peer_gives(hub, conn, (struct bas_slice){ octets, sizeof(octets) }, 0);
    (void)hub_says(hub, BSC_HUB_ADMIT);
    assert_int_equal(bsc_hub_admit(hub, conn, NULL, 0), BAS_OK);
    assert_int_equal(hub_says(hub, BSC_HUB_JOINED).conn, conn);
}

/* bsc 8.1-03 8.2-04 */
static void a_peer_may_have_any_vmac_and_uuid_but_the_reserved_vmacs(void **state)
{
    (void)state;
    struct test_env t;
    struct bsc_hub *hub = small_hub(&t);
    joins_as(hub, "00000000000100000000000000000000000000000000");
    joins_as(hub, "fffffffffffeffffffffffffffffffffffffffffffff");
    joins_as(hub, "01005e00000111111111111111111111111111111111");
    done(hub, &t);
}

/* bsc 3.2-01 8.1-02 */
static void a_reserved_vmac_is_no_identity(void **state)
{
    (void)state;
    static const char *const vmacs[] = { "000000000000", BROADCAST };
    for (size_t i = 0; i < BAS_ARRAY_LEN(vmacs); i++) {
        struct test_env t;
        struct bsc_hub *hub = small_hub(&t);
        bsc_conn_id conn = 0;
        uint8_t octets[30];
        memcpy(octets, peer_connect_request(1).data, sizeof(octets));
        memcpy(octets + 4, test_hex(vmacs[i]).data, 6);
        assert_int_equal(bsc_hub_open(hub, NULL, 0, &conn), BAS_OK);
        peer_gives(hub, conn, (struct bas_slice){ octets, sizeof(octets) }, 0);
        peer_gets(hub, conn, "0000000106010000070050");
        assert_int_equal(bsc_hub_connected(hub), 0);
        done(hub, &t);
    }
}

/* bsc 3.1-03 */
static void what_is_for_a_node_of_another_hub_goes_nowhere(void **state)
{
    (void)state;
    struct test_env t;
    struct test_env u;
    struct bsc_hub *primary = small_hub(&t);
    struct bsc_hub *failover = small_hub(&u);
    bsc_conn_id from = peer_joins(primary, 1, 0);
    bsc_conn_id to = peer_joins(failover, 2, 0);
    peer_gives_hex(primary, from, "0104000702000000000201001008", 0);
    peer_gives_hex(primary, from, "01040008" BROADCAST "01001008", 0);
    peer_gets(primary, from, "");
    peer_gets(failover, to, "");
    assert_int_equal(bsc_hub_counters(primary)->dropped_unknown_destination, 1);
    assert_int_equal(bsc_hub_counters(failover)->received, 1); /* its Connect-Request */
    done(primary, &t);
    done(failover, &u);
}

/* bsc 2.2-18 */
static void a_nak_of_our_request_counts_whatever_its_code(void **state)
{
    (void)state;
    static const char *const naks[] = { "00000001060100000700",
                                        "00000001060100000900" }; /* classes 7 and 9 */
    static const char *const codes[] = { "07", "50", "91" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(naks); i++) {
        for (size_t n = 0; n < BAS_ARRAY_LEN(codes); n++) {
            char hex[32];
            struct bsc_message nak;
            struct bsc_conn conn;
            bsc_conn_init(&conn, true, 0);
            conn.state = BSC_AWAITING_ACCEPT;
            conn.sent_id = 1;
            (void)snprintf(hex, sizeof(hex), "%s%s", naks[i], codes[n]);
            assert_int_equal(bsc_judge(BSC_ROLE_INITIATING, test_hex(hex), &nak, NULL),
                             BSC_ACTION_DELIVER);
            assert_int_equal(bsc_conn_classify(&conn, &nak), BSC_EV_NAK_CONNECT);
        }
    }
}

/* bsc 11-56 */
static void secure_path_is_taken_with_and_without_its_bit_6(void **state)
{
    (void)state;
    static const char *const frames[] = { "01090001123456789abc4101001008",
                                          "01090001123456789abc0101001008" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(frames); i++) {
        struct bsc_message message;
        struct bsc_option option = { 0 };
        assert_int_equal(bsc_judge(BSC_ROLE_NODE, test_hex(frames[i]), &message, NULL),
                         BSC_ACTION_DELIVER);
        assert_true(bsc_option_next(&message.data_options, &option));
        assert_int_equal(option.type, BSC_OPTION_SECURE_PATH);
        assert_int_equal(message.payload.len, 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_longer_than_the_hub_takes_is_dropped_in_silence),
        cmocka_unit_test(the_npdu_limit_of_a_receiver_counts_for_npdus_alone),
        cmocka_unit_test(a_peer_may_have_any_vmac_and_uuid_but_the_reserved_vmacs),
        cmocka_unit_test(a_reserved_vmac_is_no_identity),
        cmocka_unit_test(what_is_for_a_node_of_another_hub_goes_nowhere),
        cmocka_unit_test(a_nak_of_our_request_counts_whatever_its_code),
        cmocka_unit_test(secure_path_is_taken_with_and_without_its_bit_6),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
