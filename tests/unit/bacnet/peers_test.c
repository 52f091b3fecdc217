/* Tests of peers.c: what I-Am told, found again; bounded. */
#include "test_env.h"

#include "basalt/bacnet_client.h"

#include <string.h>

static struct bac_address address_of(uint32_t number)
{
    return (struct bac_address){ .mac_len = 6,
                                 .mac = { 2, 0, 0, 0, (uint8_t)(number >> 8), (uint8_t)number } };
}

static void hear(struct bac_peers *peers, uint32_t instance, uint32_t address, bas_time now)
{
    const struct bac_i_am i_am = {
        { BAC_OBJECT_DEVICE, instance }, 480, BAC_SEGMENTATION_NO_SEGMENTATION, 7
    };
    const struct bac_address from = address_of(address);
    bac_peers_heard(peers, &i_am, &from, 1, now);
}

static uint32_t at(const struct bac_peers *peers, uint32_t number)
{
    const struct bac_address address = address_of(number);
    const struct bac_peer *peer = bac_peers_at(peers, &address, 1);
    return peer != NULL ? peer->instance : 0;
}

static void a_device_is_found_by_instance_and_by_address(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct bac_peers *peers = bac_peers_new(&t.env, 8);
    hear(peers, 10, 1, 5);
    const struct bac_peer *peer = bac_peers_find(peers, 10);
    assert_non_null(peer);
    assert_int_equal(peer->max_apdu, 480);
    assert_int_equal(peer->segmentation, BAC_SEGMENTATION_NO_SEGMENTATION);
    assert_int_equal(peer->vendor, 7);
    assert_int_equal(peer->heard, 5);
    assert_int_equal(peer->port, 1);
    assert_int_equal(at(peers, 1), 10);
    assert_null(bac_peers_find(peers, 11));
    assert_int_equal(at(peers, 2), 0);
    const struct bac_address address = address_of(1);
    assert_null(bac_peers_at(peers, &address, 2)); /* another network */
    bac_peers_free(peers);
    test_env_check(&t);
}

static void a_device_that_moved_is_where_it_is_now(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct bac_peers *peers = bac_peers_new(&t.env, 8);
    hear(peers, 10, 1, 0);
    bac_peers_set_max_segments(peers, 10, 4);
    hear(peers, 10, 2, 0);
    assert_int_equal(at(peers, 1), 0);
    assert_int_equal(at(peers, 2), 10);
    assert_int_equal(bac_peers_find(peers, 10)->max_segments, 4);
    assert_null(bac_peers_nth(peers, 1));
    bac_peers_free(peers);
    test_env_check(&t);
}

static void an_address_that_tells_another_device_forgets_the_old_one(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct bac_peers *peers = bac_peers_new(&t.env, 8);
    hear(peers, 10, 1, 0);
    hear(peers, 11, 1, 0);
    assert_null(bac_peers_find(peers, 10));
    assert_int_equal(at(peers, 1), 11);
    bac_peers_free(peers);
    test_env_check(&t);
}

static void the_one_heard_longest_ago_gives_way(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct bac_peers *peers = bac_peers_new(&t.env, 3);
    hear(peers, 10, 1, 0);
    hear(peers, 11, 2, 1);
    hear(peers, 12, 3, 2);
    hear(peers, 10, 1, 3); /* again */
    hear(peers, 13, 4, 4);
    assert_null(bac_peers_find(peers, 11));
    assert_int_equal(at(peers, 2), 0);
    assert_non_null(bac_peers_find(peers, 10));
    hear(peers, 14, 5, 5);
    assert_null(bac_peers_find(peers, 12));
    bac_peers_free(peers);
    test_env_check(&t);
}

static void peers_stand_in_the_order_of_instances(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct bac_peers *peers = bac_peers_new(&t.env, 8);
    static const uint32_t instances[] = { 5, 1, 4194302, 3, 2 };
    for (uint32_t i = 0; i < BAS_ARRAY_LEN(instances); i++) {
        hear(peers, instances[i], i, 0);
    }
    bac_peers_forget(peers, 3);
    bac_peers_forget(peers, 99);
    assert_int_equal(bac_peers_nth(peers, 0)->instance, 1);
    assert_int_equal(bac_peers_nth(peers, 1)->instance, 2);
    assert_int_equal(bac_peers_nth(peers, 2)->instance, 5);
    assert_int_equal(bac_peers_nth(peers, 3)->instance, 4194302);
    assert_null(bac_peers_nth(peers, 4));
    bac_peers_free(peers);
    test_env_check(&t);
}

static void thousands_come_and_go(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    enum { MANY = 5000, CAP = 1000 };
    struct bac_peers *peers = bac_peers_new(&t.env, CAP);
    for (uint32_t i = 1; i <= MANY; i++) {
        hear(peers, i * 7919 % 65521, i, i);
    }
    for (uint32_t i = 1; i <= MANY; i++) {
        assert_int_equal(at(peers, i), i > MANY - CAP ? i * 7919 % 65521 : 0);
    }
    for (size_t i = 1; i < CAP; i++) {
        assert_true(bac_peers_nth(peers, i - 1)->instance < bac_peers_nth(peers, i)->instance);
    }
    bac_peers_free(peers);
    test_env_check(&t);
}

static void no_memory_is_no_peers(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    for (unsigned k = 1; k <= 4; k++) {
        t.fail_at = t.allocations + k;
        assert_null(bac_peers_new(&t.env, 8));
    }
    t.fail_at = 0;
    test_env_check(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_is_found_by_instance_and_by_address),
        cmocka_unit_test(a_device_that_moved_is_where_it_is_now),
        cmocka_unit_test(an_address_that_tells_another_device_forgets_the_old_one),
        cmocka_unit_test(the_one_heard_longest_ago_gives_way),
        cmocka_unit_test(peers_stand_in_the_order_of_instances),
        cmocka_unit_test(thousands_come_and_go),
        cmocka_unit_test(no_memory_is_no_peers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
