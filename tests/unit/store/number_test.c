#include "test_env.h"

#include "store_fixture.h"

#include <pthread.h>

static struct bas_store *reopen(struct test_env *t, struct bas_store *store)
{
    bas_store_close(store);
    return store_open_in(t);
}

static void assert_block(struct bas_store_block block, uint64_t first, uint64_t count)
{
    if (block.first != first || block.count != count) {
        fail_msg("%llu + %llu, wanted %llu + %llu", (unsigned long long)block.first,
                 (unsigned long long)block.count, (unsigned long long)first,
                 (unsigned long long)count);
    }
}

static void blocks_follow_each_other_over_restarts(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    t.wall = 0;
    struct bas_store *store = store_open_in(&t);
    assert_block(store_reserve(store, &store_name, 0, 1000), 1, 1000);
    assert_block(store_reserve(store, &store_name, 1001, 10), 1001, 10);
    assert_block(store_reserve(store, &store_name, 500, 1), 1011, 1);
    store = reopen(&t, store);
    assert_block(store_reserve(store, &store_name, 0, 5), 1012, 5);
    assert_block(store_reserve(store, &store_name, 5000, 5), 5000, 5);
    assert_block(store_reserve(store, &store_name, 0, 5), 5005, 5);
    bas_store_close(store);
    test_env_check(&t);
}

static void names_count_for_themselves(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    t.wall = 0;
    static const struct bas_store_name names[] = {
        { "house", 0x110A }, { "house", 0x110B }, { "house/tool", 0x110A }, { "House", 0x110A }
    };
    struct bas_store *store = store_open_in(&t);
    for (unsigned round = 0; round < 3; round++) {
        for (size_t i = 0; i < BAS_ARRAY_LEN(names); i++) {
            assert_block(store_reserve(store, &names[i], 0, i + 1), 1 + round * (i + 1), i + 1);
        }
        store = reopen(&t, store);
    }
    bas_store_close(store);
    test_env_check(&t);
}

static void a_start_is_not_before_the_clock(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    t.wall = STORE_WALL;
    struct bas_store *store = store_open_in(&t);
    struct bas_store_block block = store_reserve(store, &store_name, 0, 10);
    assert_block(block, STORE_NUMBER, 10);
    assert_true(block.is_of_clock);
    block = store_reserve(store, &store_name, 0, 10); /* the clock stands still */
    assert_block(block, STORE_NUMBER + 10, 10);
    assert_false(block.is_of_clock);
    t.wall += 60 * BAS_SECOND;
    assert_block(store_reserve(store, &store_name, block.first + 10, 10), STORE_NUMBER + 20, 10);
    store = reopen(&t, store);
    assert_block(store_reserve(store, &store_name, 0, 10), STORE_NUMBER + 60000, 10);
    bas_store_close(store);
    test_env_check(&t);
}

static void a_clock_that_jumps_back_changes_nothing(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    t.wall = STORE_WALL;
    struct bas_store *store = store_open_in(&t);
    assert_block(store_reserve(store, &store_name, 0, 10), STORE_NUMBER, 10);
    static const int64_t walls[] = { STORE_WALL - 3600 * BAS_SECOND, 0, -1, INT64_MIN };
    for (size_t i = 0; i < BAS_ARRAY_LEN(walls); i++) {
        t.wall = walls[i];
        store = reopen(&t, store);
        assert_block(store_reserve(store, &store_name, 0, 10), STORE_NUMBER + 10 * (i + 1), 10);
    }
    bas_store_close(store);
    test_env_check(&t);
}

static void a_clock_that_was_never_set_is_not_believed(void **state)
{
    (void)state;
    struct test_env t;
    static const int64_t walls[] = { 1, 1735689599 }; /* the last second of 2024 */
    test_env_init(&t);
    struct bas_store *store = store_open_in(&t);
    for (size_t i = 0; i < BAS_ARRAY_LEN(walls); i++) {
        t.wall = walls[i] * BAS_SECOND;
        assert_block(store_reserve(store, &store_name, 0, 1), 1 + i, 1);
    }
    t.wall = INT64_C(1735689600) * BAS_SECOND;
    assert_block(store_reserve(store, &store_name, 0, 1), UINT64_C(220579200000), 1);
    bas_store_close(store);
    test_env_check(&t);
}

static void a_distrusted_clock_does_not_count(void **state)
{
    (void)state;
    struct test_env t;
    struct bas_store *store = NULL;
    const struct bas_store_config config = { .size = sizeof(config),
                                             .path = STORE_FILE,
                                             .distrusts_clock = true };
    test_env_init(&t);
    t.wall = STORE_WALL;
    assert_int_equal(bas_store_open(&t.env, &config, &store, NULL), BAS_OK);
    assert_block(store_reserve(store, &store_name, 0, 7), 1, 7);
    bas_store_close(store);
    test_env_check(&t);
}

static void the_last_number_is_the_last(void **state)
{
    (void)state;
    struct test_env t;
    struct bas_store_block block;
    struct bas_fault fault = { 0 };
    test_env_init(&t);
    struct bas_store *store = store_open_in(&t);
    assert_block(store_reserve(store, &store_name, BAS_STORE_LAST_NUMBER - 2, 1000),
                 BAS_STORE_LAST_NUMBER - 2, 3);
    store = reopen(&t, store);
    assert_int_equal(bas_store_reserve(store, &store_name, 0, 1, &block, &fault), BAS_ERR_STATE);
    assert_non_null(strstr(fault.text, "all sequence numbers of this sender are used"));
    const struct bas_store_name other = { "other", 1 };
    assert_int_equal(bas_store_reserve(store, &other, BAS_STORE_LAST_NUMBER + 1, 1, &block, &fault),
                     BAS_ERR_STATE);
    assert_block(store_reserve(store, &other, 7, UINT64_MAX), 7, BAS_STORE_LAST_NUMBER - 6);
    bas_store_close(store);
    test_env_check(&t);
}

static void names_and_counts_that_are_none_are_refused(void **state)
{
    (void)state;
    struct test_env t;
    struct bas_store_block block;
    char text[257] = "";
    memset(text, 'x', 256);
    const struct bas_store_name names[] = { { NULL, 1 }, { "", 1 }, { text, 1 } };
    test_env_init(&t);
    struct bas_store *store = store_open_in(&t);
    for (size_t i = 0; i < BAS_ARRAY_LEN(names); i++) {
        struct bas_store_peer *peers = NULL;
        const struct bas_store_peer peer = { 1, 1 };
        size_t n = 0;
        assert_int_equal(bas_store_reserve(store, &names[i], 0, 1, &block, NULL), BAS_ERR_INVALID);
        assert_int_equal(bas_store_record(store, &names[i], &peer, 1, NULL), BAS_ERR_INVALID);
        assert_int_equal(bas_store_peers(store, &names[i], &peers, &n, NULL), BAS_ERR_INVALID);
    }
    assert_int_equal(bas_store_reserve(store, &store_name, 0, 0, &block, NULL), BAS_ERR_INVALID);
    text[255] = 0;
    assert_block(store_reserve(store, &names[2], 5, 1), 5, 1);
    bas_store_close(store);
    test_env_check(&t);
}

static void peers_come_back_over_a_restart_and_never_fall(void **state)
{
    (void)state;
    struct test_env t;
    static const struct bas_store_peer first[] = { { 0x1105, 100 }, { 0x1101, 7 } };
    static const struct bas_store_peer second[] = { { 0x1105, 99 },
                                                    { 0x1101, 8 },
                                                    { 0xFFFF, BAS_STORE_LAST_NUMBER } };
    const struct bas_store_name other = { "other", 0x110A };
    struct bas_store_peer *peers = NULL;
    size_t n = 1;
    test_env_init(&t);
    struct bas_store *store = store_open_in(&t);
    assert_int_equal(bas_store_peers(store, &store_name, &peers, &n, NULL), BAS_OK);
    assert_null(peers);
    assert_int_equal(n, 0);
    assert_int_equal(bas_store_record(store, &store_name, first, 2, NULL), BAS_OK);
    assert_int_equal(bas_store_record(store, &other, first, 1, NULL), BAS_OK);
    assert_int_equal(bas_store_record(store, &store_name, second, 3, NULL), BAS_OK);
    assert_int_equal(bas_store_record(store, &store_name, NULL, 0, NULL), BAS_OK);
    store = reopen(&t, store);
    assert_int_equal(bas_store_peers(store, &store_name, &peers, &n, NULL), BAS_OK);
    assert_int_equal(n, 3);
    assert_int_equal(peers[0].address, 0x1101);
    assert_true(peers[0].last == 8 && peers[1].last == 100);
    assert_true(peers[2].address == 0xFFFF && peers[2].last == BAS_STORE_LAST_NUMBER);
    bas_release(&t.env, peers, n * sizeof(*peers));
    t.fail_at = t.allocations + 1;
    assert_int_equal(bas_store_peers(store, &store_name, &peers, &n, NULL), BAS_ERR_NO_MEMORY);
    assert_int_equal(n, 0);
    bas_store_close(store);
    test_env_check(&t);
}

static void a_batch_is_kept_whole_or_not_at_all(void **state)
{
    (void)state;
    struct test_env t;
    static const struct bas_store_peer bad[] = { { 1, 1 }, { 2, BAS_STORE_LAST_NUMBER + 1 } };
    struct bas_store_peer *peers = NULL;
    size_t n = 0;
    test_env_init(&t);
    struct bas_store *store = store_open_in(&t);
    assert_int_equal(bas_store_record(store, &store_name, bad, 2, NULL), BAS_ERR_INVALID);
    assert_int_equal(bas_store_peers(store, &store_name, &peers, &n, NULL), BAS_OK);
    assert_int_equal(n, 0);
    bas_store_close(store);
    test_env_check(&t);
}

static void two_stores_of_one_file_never_give_a_number_twice(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    t.wall = 0;
    struct bas_store *stores[2] = { store_open_in(&t), store_open_in(&t) };
    for (unsigned i = 0; i < 20; i++) {
        assert_block(store_reserve(stores[i & 1], &store_name, 0, 3), 1 + 3 * i, 3);
    }
    bas_store_close(stores[0]);
    bas_store_close(stores[1]);
    test_env_check(&t);
}

enum { THREADS = 4, BLOCKS = 40 };
struct worker {
    struct bas_store *store;
    pthread_t thread;
    uint64_t firsts[BLOCKS];
    bas_err err;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    for (unsigned i = 0; i < BLOCKS && w->err == BAS_OK; i++) {
        struct bas_store_block block;
        const struct bas_store_peer peer = { 1, i };
        w->err = bas_store_reserve(w->store, &store_name, 1, 10, &block, NULL);
        w->firsts[i] = block.first;
        w->err =
            w->err == BAS_OK ? bas_store_record(w->store, &store_name, &peer, 1, NULL) : w->err;
    }
    return NULL;
}

static void threads_of_one_store_get_blocks_of_their_own(void **state)
{
    (void)state;
    struct test_env t;
    struct worker workers[THREADS] = { 0 };
    bool seen[THREADS * BLOCKS] = { false };
    test_env_init(&t);
    struct bas_store *store = store_open_in(&t);
    for (size_t i = 0; i < THREADS; i++) {
        workers[i].store = store;
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_int_equal(workers[i].err, BAS_OK);
        for (size_t k = 0; k < BLOCKS; k++) {
            uint64_t which = (workers[i].firsts[k] - 1) / 10;
            assert_true(which < THREADS * BLOCKS && !seen[which]);
            seen[which] = true;
        }
    }
    bas_store_close(store);
    test_env_check(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(blocks_follow_each_other_over_restarts, store_remove),
        cmocka_unit_test_teardown(names_count_for_themselves, store_remove),
        cmocka_unit_test_teardown(a_start_is_not_before_the_clock, store_remove),
        cmocka_unit_test_teardown(a_clock_that_jumps_back_changes_nothing, store_remove),
        cmocka_unit_test_teardown(a_clock_that_was_never_set_is_not_believed, store_remove),
        cmocka_unit_test_teardown(a_distrusted_clock_does_not_count, store_remove),
        cmocka_unit_test_teardown(the_last_number_is_the_last, store_remove),
        cmocka_unit_test_teardown(names_and_counts_that_are_none_are_refused, store_remove),
        cmocka_unit_test_teardown(peers_come_back_over_a_restart_and_never_fall, store_remove),
        cmocka_unit_test_teardown(a_batch_is_kept_whole_or_not_at_all, store_remove),
        cmocka_unit_test_teardown(two_stores_of_one_file_never_give_a_number_twice, store_remove),
        cmocka_unit_test_teardown(threads_of_one_store_get_blocks_of_their_own, store_remove),
    };
    return cmocka_run_group_tests(tests, test_folder_enter, test_folder_leave);
}
