#include "test_env.h"

#include <string.h>

static void secrets_are_equal_only_in_every_octet(void **state)
{
    (void)state;
    uint8_t a[32] = { 1, 2, 3 };
    uint8_t b[32] = { 1, 2, 3 };
    assert_true(bas_equal_secret(a, b, sizeof(a)));
    assert_true(bas_equal_secret(a, b, 0));
    for (size_t i = 0; i < sizeof(a); i++) {
        b[i] ^= 0x80;
        assert_false(bas_equal_secret(a, b, sizeof(a)));
        b[i] ^= 0x80;
    }
}

static void a_wipe_leaves_zeros_and_stops_at_its_length(void **state)
{
    (void)state;
    uint8_t octets[4] = { 1, 2, 3, 4 };
    bas_wipe(octets, 3);
    assert_memory_equal(octets, "\0\0\0\4", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_equal_only_in_every_octet),
        cmocka_unit_test(a_wipe_leaves_zeros_and_stops_at_its_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
