/* Who is let into a hub, and what its owner is asked (spec 3.2, AB.6.2.3). */
#include "sc_hub.h"
#include "sc_peer.h"

#include <string.h>

#define HUB_VMAC "e21122334455"

/* bsc 1.4-09 1.4-15 2.1-07 3.2-05 5.3-02 */
static void connect_accept_carries_our_identity_and_the_id_of_the_request(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id a = 0;
    assert_int_equal(bsc_hub_open(f.hub, &f, 0, &a), BAS_OK);
    peer_gives(f.hub, a, peer_connect_request(1), 0);
    struct bsc_hub_event event = hub_says(f.hub, BSC_HUB_ADMIT);
    assert_ptr_equal(event.user, &f);
    peer_gets(f.hub, a, "");
    assert_int_equal(bsc_hub_admit(f.hub, a, NULL, 0), BAS_OK);
    peer_gets(f.hub, a, "07000001" HUB_VMAC "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaffffef8f");
    sc_hub_finish(&f);
}

static void hello_is_answered_with_hello(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id a = 0;
    assert_int_equal(bsc_hub_open(f.hub, NULL, 0, &a), BAS_OK);
    peer_gives_hex(f.hub, a, "060200022200010002000000000101010101010101010101010101010101164905d9",
                   0);
    hub_says(f.hub, BSC_HUB_ADMIT);
    assert_int_equal(bsc_hub_admit(f.hub, a, NULL, 0), BAS_OK);
    peer_gets(f.hub, a, "0702000222000100" HUB_VMAC "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaffffef8f");
    sc_hub_finish(&f);
}

/* Sends the Connect-Request of peer n with the UUID of peer u. */
static bsc_conn_id request(struct sc_hub *f, uint8_t n, uint8_t u, bas_time now)
{
    bsc_conn_id conn = 0;
    uint8_t octets[30];
    assert_int_equal(bsc_hub_open(f->hub, NULL, now, &conn), BAS_OK);
    memcpy(octets, peer_connect_request(n).data, sizeof(octets));
    memset(octets + 10, u, 16);
    peer_gives(f->hub, conn, (struct bas_slice){ octets, sizeof(octets) }, now);
    hub_says(f->hub, BSC_HUB_ADMIT);
    assert_int_equal(bsc_hub_admit(f->hub, conn, NULL, now), BAS_OK);
    return conn;
}

/* bsc 2.2-13 3.2-04 5.3-04 11-15 */
static void a_vmac_in_use_by_another_device_is_refused_with_151(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id old = peer_joins(f.hub, 1, 0);
    bsc_conn_id conn = request(&f, 1, 9, 0);
    struct bsc_hub_event event = hub_says(f.hub, BSC_HUB_CLOSE);
    assert_int_equal(event.conn, conn);
    assert_int_equal(event.close_code, 1000);
    assert_int_equal(event.fault.error_code, BAC_ERROR_CODE_NODE_DUPLICATE_VMAC);
    peer_gets(f.hub, conn, "0000000106010000070097");
    assert_int_equal(bsc_hub_connected(f.hub), 1);
    peer_gets(f.hub, old, "");
    sc_hub_finish(&f);
}

static void the_hubs_own_vmac_is_refused_to_another_device(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_begin(&f);
    f.config.vmac = peer_vmac(1);
    sc_hub_start(&f);
    bsc_conn_id conn = request(&f, 1, 9, 0);
    peer_gets(f.hub, conn, "0000000106010000070097");
    hub_says(f.hub, BSC_HUB_CLOSE);
    bsc_conn_id host = request(&f, 1, 0xAA, 0); /* the device that hosts the hub may have it */
    assert_int_equal(hub_says(f.hub, BSC_HUB_JOINED).conn, host);
    sc_hub_finish(&f);
}

/* bsc 3.2-02 5.3-03 11-12 11-28 */
static void the_same_uuid_coming_back_replaces_its_old_connection(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id other = peer_joins(f.hub, 2, 0);
    bsc_conn_id old = peer_joins(f.hub, 1, 0);
    bsc_conn_id conn = request(&f, 1, 1, 0);
    struct bsc_hub_event left = hub_says(f.hub, BSC_HUB_LEFT);
    assert_int_equal(left.conn, old);
    struct bsc_hub_event joined = hub_says(f.hub, BSC_HUB_JOINED);
    assert_int_equal(joined.conn, conn);
    assert_true(joined.replaces);
    assert_int_equal(bsc_hub_connected(f.hub), 2);
    struct bsc_tx tx;
    assert_true(bsc_hub_peek(f.hub, old, &tx));
    assert_int_equal(tx.head.data[0], BSC_DISCONNECT_REQUEST);
    bsc_hub_pop(f.hub, old, 0);
    peer_gives_hex(f.hub, old, "0104001402000000000201001008",
                   0); /* it sources no traffic any more */
    peer_gets(f.hub, other, "");
    peer_gives_hex(f.hub, other, "0104001502000000000101001008", 0);
    peer_gets(f.hub, old, "");
    bsc_hub_pop(f.hub, conn, 0);
    peer_gets(f.hub, conn, "0108001502000000000201001008");
    sc_hub_finish(&f);
}

/* bsc 3.2-03 */
static void a_returning_device_cannot_take_the_vmac_of_a_third(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id old = peer_joins(f.hub, 1, 0);
    peer_joins(f.hub, 2, 0);
    bsc_conn_id conn = request(&f, 2, 1, 0);
    peer_gets(f.hub, conn, "0000000106010000070097");
    peer_gives_hex(f.hub, old, "0a000041", 0); /* the old connection lives on */
    peer_gets(f.hub, old, "0b000041");
    sc_hub_finish(&f);
}

/* bsc 3.2-06 */
static void a_full_hub_refuses_newcomers_but_lets_a_known_device_return(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_begin(&f);
    f.config.max_connections = 2;
    sc_hub_start(&f);
    peer_joins(f.hub, 1, 0);
    peer_joins(f.hub, 2, 0);
    bsc_conn_id third = request(&f, 3, 3, 0);
    peer_gets(f.hub, third, "0000000106010000030000");
    hub_says(f.hub, BSC_HUB_CLOSE);
    request(&f, 2, 2, 0);
    assert_int_equal(bsc_hub_connected(f.hub), 2);
    assert_int_equal(bsc_hub_counters(f.hub)->replaced, 1);
    sc_hub_finish(&f);
}

/* bsc 3.2-07 */
static void the_owner_can_refuse_with_a_reason_of_its_own(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id conn = 0;
    struct bas_fault refusal = { 0 };
    (void)bas_fail_code(&refusal, BAS_ERR_REFUSED, BAC_ERROR_CLASS_SECURITY,
                        BAC_ERROR_CODE_ACCESS_DENIED, "not on the list");
    assert_int_equal(bsc_hub_open(f.hub, NULL, 0, &conn), BAS_OK);
    peer_gives(f.hub, conn, peer_connect_request(1), 0);
    hub_says(f.hub, BSC_HUB_ADMIT);
    assert_int_equal(bsc_hub_admit(f.hub, conn, &refusal, 0), BAS_OK);
    peer_gets(f.hub, conn, "0000000106010000040055");
    assert_int_equal(bsc_hub_admit(f.hub, conn, NULL, 0), BAS_ERR_STATE);
    assert_string_equal(hub_says(f.hub, BSC_HUB_CLOSE).fault.text, "not on the list");
    sc_hub_finish(&f);
}

/* bsc 5.3-05 */
static void a_malformed_connect_request_is_answered_and_may_be_mended_twice(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    bsc_conn_id conn = 0;
    assert_int_equal(bsc_hub_open(f.hub, NULL, 0, &conn), BAS_OK);
    for (int i = 0; i < 3; i++) {
        hub_says_nothing(f.hub);
        peer_gives_hex(f.hub, conn, "06000073123456789abc", 0);
        peer_gets(f.hub, conn, "0000007306010000070093");
        if (i < 2) {
            hub_says(f.hub, BSC_HUB_FAULT);
        }
    }
    hub_says(f.hub, BSC_HUB_CLOSE);
    sc_hub_finish(&f);
}

static void a_new_vmac_of_the_hub_is_told_and_guarded(void **state)
{
    (void)state;
    struct sc_hub f;
    sc_hub_setup(&f);
    const struct bsc_vmac vmac = peer_vmac(9);
    bsc_hub_set_vmac(f.hub, &vmac);
    bsc_conn_id a = 0;
    assert_int_equal(bsc_hub_open(f.hub, NULL, 0, &a), BAS_OK);
    peer_gives(f.hub, a, peer_connect_request(9), 0);
    hub_says(f.hub, BSC_HUB_ADMIT);
    assert_int_equal(bsc_hub_admit(f.hub, a, NULL, 0), BAS_OK);
    peer_gets(f.hub, a, "0000000106010000070097");
    assert_int_equal(bsc_hub_open(f.hub, NULL, 0, &a), BAS_OK);
    peer_gives(f.hub, a, peer_connect_request(1), 0);
    hub_says(f.hub, BSC_HUB_CLOSE);
    hub_says(f.hub, BSC_HUB_ADMIT);
    assert_int_equal(bsc_hub_admit(f.hub, a, NULL, 0), BAS_OK);
    peer_gets(f.hub, a, "07000001020000000009aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaffffef8f");
    sc_hub_finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connect_accept_carries_our_identity_and_the_id_of_the_request),
        cmocka_unit_test(hello_is_answered_with_hello),
        cmocka_unit_test(a_vmac_in_use_by_another_device_is_refused_with_151),
        cmocka_unit_test(the_hubs_own_vmac_is_refused_to_another_device),
        cmocka_unit_test(the_same_uuid_coming_back_replaces_its_old_connection),
        cmocka_unit_test(a_returning_device_cannot_take_the_vmac_of_a_third),
        cmocka_unit_test(a_full_hub_refuses_newcomers_but_lets_a_known_device_return),
        cmocka_unit_test(the_owner_can_refuse_with_a_reason_of_its_own),
        cmocka_unit_test(a_malformed_connect_request_is_answered_and_may_be_mended_twice),
        cmocka_unit_test(a_new_vmac_of_the_hub_is_told_and_guarded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
