/* The table of subscriptions: what makes two of them different, and what becomes of their room. */
#include "bacnet/cov/cov.h"

#include "test_env.h"

#include <string.h>

enum { MAX = 50 };

struct table {
    struct test_env t;
    struct bac_cov cov;
    struct bac_database db;
    struct bac_object objects[2];
    struct bac_object *pointers[2];
};

static const struct bac_address ASKER = { 0, 6, { 0xB2, 0, 0, 0, 0, 9 } };

static void table_open(struct table *t)
{
    memset(t, 0, sizeof(*t));
    test_env_init(&t->t);
    const struct bac_server_config config = { .max_subscriptions = MAX, .max_lifetime_s = 100 };
    assert_int_equal(bac_cov_open(&t->cov, &t->t.env, &config), BAS_OK);
    for (uint32_t i = 0; i < 2; i++) {
        t->objects[i].id = (struct bac_object_id){ BAC_OBJECT_ANALOG_VALUE, i };
        t->objects[i].db = &t->db;
        t->pointers[i] = &t->objects[i];
    }
    t->db.objects = t->pointers;
    t->db.n_objects = 2;
}

static void table_close(struct table *t)
{
    bac_cov_close(&t->cov, &t->t.env);
    test_env_check(&t->t);
}

static uint32_t add(struct table *t, const struct bac_cov_key *key)
{
    uint32_t subscription = bac_cov_add_subscription(&t->cov, key);
    assert_true(subscription != 0);
    return bac_cov_add_monitor(&t->cov, subscription, &t->objects[key->object.instance], key);
}

static void every_part_of_a_key_makes_another_subscription(void **state)
{
    (void)state;
    struct table t;
    table_open(&t);
    struct bac_address other = ASKER;
    other.network = 7;
    uint32_t peer = bac_cov_add_peer(&t.cov, &ASKER, 0);
    uint32_t far = bac_cov_add_peer(&t.cov, &other, 0);
    const struct bac_object_id first = t.objects[0].id;
    const struct bac_object_id second = t.objects[1].id;
    const struct bac_cov_key keys[] = {
        { BAC_COV_OBJECT, false, peer, 1, first, 85, BAC_NO_INDEX },
        { BAC_COV_PROPERTY, false, peer, 1, first, 85, BAC_NO_INDEX },
        { BAC_COV_PROPERTY, false, peer, 1, first, 85, 0 },
        { BAC_COV_PROPERTY, false, peer, 1, first, 87, 0 },
        { BAC_COV_PROPERTY, false, peer, 1, second, 87, 0 },
        { BAC_COV_PROPERTY, false, peer, 2, second, 87, 0 },
        { BAC_COV_PROPERTY, false, far, 2, second, 87, 0 },
        { BAC_COV_MULTIPLE, false, far, 2, second, 87, 0 },
        { BAC_COV_MULTIPLE, true, far, 2, second, 87, 0 },
    };
    uint32_t at[BAS_ARRAY_LEN(keys)];
    for (size_t i = 0; i < BAS_ARRAY_LEN(keys); i++) {
        assert_int_equal(bac_cov_find_monitor(&t.cov, &keys[i]), 0);
        at[i] = add(&t, &keys[i]);
        assert_true(at[i] != 0);
    }
    for (size_t i = 0; i < BAS_ARRAY_LEN(keys); i++) {
        assert_int_equal(bac_cov_find_monitor(&t.cov, &keys[i]), at[i]);
    }
    assert_int_equal(bac_cov_find_multiple(&t.cov, &keys[7]), t.cov.monitors[at[7]].subscription);
    assert_int_equal(bac_cov_find_multiple(&t.cov, &keys[8]), t.cov.monitors[at[8]].subscription);
    for (size_t i = 0; i < BAS_ARRAY_LEN(keys); i++) {
        bac_cov_remove_monitor(&t.cov, &t.db, at[i]);
        assert_int_equal(bac_cov_find_monitor(&t.cov, &keys[i]), 0);
    }
    assert_int_equal(bac_cov_find_peer(&t.cov, &ASKER, 0), 0);
    assert_int_equal(t.cov.index.count, 0);
    table_close(&t);
}

static void addresses_and_ports_make_peers_of_their_own(void **state)
{
    (void)state;
    struct table t;
    table_open(&t);
    struct bac_address remote = { 5, 1, { 9 } };
    struct bac_address longer = { 5, 2, { 9, 0 } };
    uint32_t peers[] = { bac_cov_add_peer(&t.cov, &ASKER, 0), bac_cov_add_peer(&t.cov, &ASKER, 1),
                         bac_cov_add_peer(&t.cov, &remote, 0),
                         bac_cov_add_peer(&t.cov, &longer, 0) };
    assert_int_equal(bac_cov_find_peer(&t.cov, &ASKER, 0), peers[0]);
    assert_int_equal(bac_cov_find_peer(&t.cov, &ASKER, 1), peers[1]);
    assert_int_equal(bac_cov_find_peer(&t.cov, &remote, 0), peers[2]);
    assert_int_equal(bac_cov_find_peer(&t.cov, &longer, 0), peers[3]);
    for (size_t i = 0; i < BAS_ARRAY_LEN(peers); i++) {
        bac_cov_release_peer(&t.cov, peers[i]);
    }
    assert_int_equal(bac_cov_find_peer(&t.cov, &ASKER, 0), 0);
    table_close(&t);
}

static void a_peer_that_is_released_twice_is_free_once(void **state)
{
    (void)state;
    struct table t;
    table_open(&t);
    uint32_t last = 0;
    for (bac_port_id port = 0; port < MAX + BAC_COV_CALLS; port++) {
        last = bac_cov_add_peer(&t.cov, &ASKER, port);
        assert_true(last != 0);
    }
    /* his only subscription finds no room for its monitor, and whoever asked lets him go, too */
    bac_cov_release_peer(&t.cov, last);
    bac_cov_release_peer(&t.cov, last);
    assert_int_equal(bac_cov_add_peer(&t.cov, &ASKER, 200), last);
    assert_int_equal(bac_cov_add_peer(&t.cov, &ASKER, 201), 0);
    table_close(&t);
}

static void room_that_was_given_back_is_used_again(void **state)
{
    (void)state;
    struct table t;
    table_open(&t);
    for (int round = 0; round < 5; round++) {
        uint32_t peer = bac_cov_add_peer(&t.cov, &ASKER, 0);
        struct bac_cov_key key = { BAC_COV_PROPERTY, false, peer, 0, t.objects[1].id, 85, 0 };
        for (key.process = 0; key.process < MAX; key.process++) {
            assert_true(add(&t, &key) != 0);
        }
        assert_int_equal(bac_cov_n_free(&t.cov), 0);
        assert_int_equal(bac_cov_add_subscription(&t.cov, &key), 0);
        while (t.objects[1].monitors.first != 0) {
            bac_cov_remove_monitor(&t.cov, &t.db, t.objects[1].monitors.last);
        }
        assert_int_equal(bac_cov_n_free(&t.cov), MAX);
        assert_int_equal(t.cov.n_active[0], 0);
        assert_int_equal(t.cov.index.count, 0);
    }
    table_close(&t);
}

static void a_subscription_of_many_ends_with_its_last_monitor(void **state)
{
    (void)state;
    struct table t;
    table_open(&t);
    uint32_t peer = bac_cov_add_peer(&t.cov, &ASKER, 0);
    struct bac_cov_key key = { BAC_COV_MULTIPLE, true, peer, 3, t.objects[0].id, 85, 0 };
    uint32_t subscription = bac_cov_add_subscription(&t.cov, &key);
    for (key.index = 0; key.index < 10; key.index++) {
        uint32_t at = bac_cov_add_monitor(&t.cov, subscription, &t.objects[0], &key);
        bac_cov_set_due(&t.cov, at, 0);
    }
    assert_int_equal(bac_cov_next_confirmed(&t.cov), subscription);
    for (key.index = 0; key.index < 9; key.index++) {
        bac_cov_remove_monitor(&t.cov, &t.db, bac_cov_find_monitor(&t.cov, &key));
        assert_int_equal(bac_cov_find_multiple(&t.cov, &key), subscription);
    }
    bac_cov_remove_subscription(&t.cov, &t.db, subscription);
    assert_int_equal(bac_cov_find_multiple(&t.cov, &key), 0);
    assert_int_equal(bac_cov_next_confirmed(&t.cov), 0);
    assert_int_equal(t.objects[0].monitors.first, 0);
    assert_int_equal(bac_cov_n_free(&t.cov), MAX);
    table_close(&t);
}

static void calls_are_bounded_and_their_ids_differ(void **state)
{
    (void)state;
    struct table t;
    table_open(&t);
    uint32_t ids[MAX];
    size_t n = 0;
    for (uint8_t i = 0; i < MAX; i++) {
        struct bac_address address = { 1, 1, { (uint8_t)(i / 10) } };
        uint32_t peer = bac_cov_find_peer(&t.cov, &address, 0);
        peer = peer != 0 ? peer : bac_cov_add_peer(&t.cov, &address, 0);
        struct bac_cov_key key = { BAC_COV_PROPERTY, false, peer, i, t.objects[0].id, 85, 0 };
        uint32_t at = add(&t, &key);
        t.cov.subscriptions[t.cov.monitors[at].subscription].confirmed = true;
        bac_cov_set_due(&t.cov, at, 0);
    }
    for (uint32_t at; (at = bac_cov_next_confirmed(&t.cov)) != 0; n++) {
        bac_cov_clear_due(&t.cov, t.cov.subscriptions[at].due.first);
        ids[n] = bac_cov_begin_call(&t.cov, at);
        for (size_t k = 0; k < n; k++) {
            assert_true(ids[k] != ids[n]);
        }
    }
    assert_int_equal(n, MAX / 10 * BAC_COV_PEER_CALLS);
    for (size_t i = 0; i < n; i++) {
        assert_true(bac_cov_end_call(&t.cov, ids[i], true) != 0);
        assert_int_equal(bac_cov_end_call(&t.cov, ids[i], true), 0);
    }
    for (n = 0; bac_cov_next_confirmed(&t.cov) != 0; n++) {
        (void)bac_cov_begin_call(&t.cov, bac_cov_next_confirmed(&t.cov));
    }
    assert_int_equal(n, MAX / 10 * (10 - BAC_COV_PEER_CALLS));
    table_close(&t);
}

static void memory_that_fails_leaves_nothing(void **state)
{
    (void)state;
    const struct bac_server_config config = { .max_subscriptions = MAX, .max_lifetime_s = 100 };
    for (size_t k = 1; k <= 3; k++) {
        struct test_env t;
        test_env_init(&t);
        t.fail_at = k;
        struct bac_cov cov;
        assert_int_equal(bac_cov_open(&cov, &t.env, &config), BAS_ERR_NO_MEMORY);
        bac_cov_close(&cov, &t.env);
        test_env_check(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_of_a_key_makes_another_subscription),
        cmocka_unit_test(addresses_and_ports_make_peers_of_their_own),
        cmocka_unit_test(a_peer_that_is_released_twice_is_free_once),
        cmocka_unit_test(room_that_was_given_back_is_used_again),
        cmocka_unit_test(a_subscription_of_many_ends_with_its_last_monitor),
        cmocka_unit_test(calls_are_bounded_and_their_ids_differ),
        cmocka_unit_test(memory_that_fails_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
