#include "base/map.h"
#include "test_env.h"

static struct bas_map_key number_key(uint32_t n)
{
    uint8_t octets[6] = { 2,         0, (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
                          (uint8_t)n };
    return bas_map_key(octets, sizeof(octets));
}

static void every_key_keeps_its_own_value_while_others_come_and_go(void **state)
{
    (void)state;
    enum { N = 1000 };
    struct test_env t;
    test_env_init(&t);
    struct bas_map map;
    assert_int_equal(bas_map_init(&map, &t.env, N), BAS_OK);
    size_t allocations = t.allocations;
    for (uint32_t i = 0; i < N; i++) {
        bas_map_set(&map, number_key(i), i);
    }
    for (uint32_t i = 0; i < N; i += 3) {
        bas_map_remove(&map, number_key(i));
        bas_map_remove(&map, number_key(i));
    }
    for (uint32_t i = 0; i < N; i++) {
        uint32_t value = UINT32_MAX;
        assert_int_equal(bas_map_get(&map, number_key(i), &value), i % 3 != 0);
        assert_true(i % 3 == 0 || value == i);
    }
    assert_int_equal(t.allocations, allocations);
    bas_map_fini(&map, &t.env);
    test_env_check(&t);
}

static void setting_a_key_again_replaces_its_value(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct bas_map map;
    assert_int_equal(bas_map_init(&map, &t.env, 1), BAS_OK);
    bas_map_set(&map, number_key(7), 1);
    bas_map_set(&map, number_key(7), 2);
    uint32_t value = 0;
    assert_true(bas_map_get(&map, number_key(7), &value));
    assert_int_equal(value, 2);
    assert_int_equal(map.count, 1);
    bas_map_fini(&map, &t.env);
}

static void keys_that_differ_in_one_octet_are_different_keys(void **state)
{
    (void)state;
    uint8_t a[16] = { 0 };
    uint8_t b[16] = { 0 };
    for (size_t i = 0; i < 16; i++) {
        b[i] = 1;
        struct bas_map_key x = bas_map_key(a, 16);
        struct bas_map_key y = bas_map_key(b, 16);
        assert_false(x.high == y.high && x.low == y.low);
        b[i] = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_keeps_its_own_value_while_others_come_and_go),
        cmocka_unit_test(setting_a_key_again_replaces_its_value),
        cmocka_unit_test(keys_that_differ_in_one_octet_are_different_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
