/* Keys: the standard's own numbers (03_08_09, Annex A), agreement, refusal of low-order points. */
#include "test_env.h"

#include "basalt/knx_secure.h"

#include <string.h>

static struct bas_slice text(const char *s)
{
    return (struct bas_slice){ (const uint8_t *)s, strlen(s) };
}

static void assert_key(const struct knx_key *key, const char *hex)
{
    assert_memory_equal(key->octets, test_hex(hex).data, sizeof(key->octets));
}

static void passwords_give_the_keys_of_the_standard(void **state)
{
    (void)state;
    struct knx_key key;
    knx_device_key(text("trustme"), &key);
    assert_key(&key, "e158e4012047bd6cc41aafbc5c04c1fc");
    knx_user_key(text("secret"), &key);
    assert_key(&key, "03fcedb66660251ec81a1a716901696a");
    knx_keyring_key(text("pwd"), &key);
    assert_key(&key, "c9596c2a178d798683d29aa4526d6099");
}

static void an_empty_password_is_one(void **state)
{
    (void)state;
    struct knx_key key;
    knx_user_key((struct bas_slice){ NULL, 0 }, &key);
    assert_key(&key, "e9c304b914a35175fd7d1c673ab52fe1");
}

/* Spec 8, row 22: nothing is replaced and nothing recoded. */
static void passwords_are_the_octets_that_they_are(void **state)
{
    (void)state;
    struct knx_key key;
    knx_user_key(text("M\xFC"
                      "ller-7"),
                 &key); /* ISO-8859-1 */
    assert_key(&key, "b0cf361f111f4de78a0b736bbb275eeb");
    knx_keyring_key(text("M\xC3\xBC"
                         "ller-7"),
                    &key); /* UTF-8 */
    assert_key(&key, "04a3ee1f225e6c55394cb52e3a6cd9e6");
}

static void both_halves_agree_on_the_session_key_of_the_standard(void **state)
{
    (void)state;
    struct knx_key_pair client;
    memcpy(client.private_key,
           test_hex("b8fabd62665d8b9e8a9d8b1f4bca42c8c2789a6110f50e9dd785b3ede883f378").data, 32);
    struct knx_key_pair server;
    memcpy(server.private_key,
           test_hex("68c1744813f4e65cf10cca671caa1336a796b4ac40cc5cf2655674225c1e5264").data, 32);
    struct bas_slice x =
        test_hex("0aa227b4fd7a32319ba9960ac036ce0e5c4507b5ae55161f1078b1dcfb3cb631");
    struct bas_slice y =
        test_hex("bdf099909923143ef0a5de0b3be3687bc5bd3cf5f9e6f901699cd870ec1ff824");
    struct knx_key key;
    assert_true(knx_agree(&client, y.data, &key));
    assert_key(&key, "289426c2912535ba98279a4d1843c487");
    assert_true(knx_agree(&server, x.data, &key));
    assert_key(&key, "289426c2912535ba98279a4d1843c487");
}

static void agreement_wipes_the_private_half(void **state)
{
    (void)state;
    static const uint8_t zero[KNX_PUBLIC_KEY_LEN];
    struct test_env env;
    test_env_init(&env);
    struct knx_key_pair a;
    struct knx_key_pair b;
    knx_key_pair_make(&env.env, &a);
    knx_key_pair_make(&env.env, &b);
    struct knx_key key;
    struct knx_key same;
    assert_true(knx_agree(&a, b.public_key, &key));
    assert_memory_equal(a.private_key, zero, sizeof(zero));
    assert_true(knx_agree(&b, a.public_key, &same));
    assert_memory_equal(key.octets, same.octets, sizeof(key.octets));
    test_env_check(&env);
}

static void no_two_pairs_are_the_same(void **state)
{
    (void)state;
    struct test_env env;
    test_env_init(&env);
    struct knx_key_pair a;
    struct knx_key_pair b;
    knx_key_pair_make(&env.env, &a);
    knx_key_pair_make(&env.env, &b);
    assert_memory_not_equal(a.private_key, b.private_key, sizeof(a.private_key));
    assert_memory_not_equal(a.public_key, b.public_key, sizeof(a.public_key));
}

static void a_peer_of_low_order_is_refused_and_leaves_no_key(void **state)
{
    (void)state;
    static const uint8_t zero[KNX_PUBLIC_KEY_LEN];
    static const uint8_t one[KNX_PUBLIC_KEY_LEN] = { 1 };
    struct test_env env;
    test_env_init(&env);
    const uint8_t *peers[] = { zero, one };
    for (size_t i = 0; i < BAS_ARRAY_LEN(peers); i++) {
        struct knx_key_pair pair;
        knx_key_pair_make(&env.env, &pair);
        struct knx_key key = { { 1 } };
        assert_false(knx_agree(&pair, peers[i], &key));
        assert_memory_equal(key.octets, zero, sizeof(key.octets));
        assert_memory_equal(pair.private_key, zero, sizeof(zero));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passwords_give_the_keys_of_the_standard),
        cmocka_unit_test(an_empty_password_is_one),
        cmocka_unit_test(passwords_are_the_octets_that_they_are),
        cmocka_unit_test(both_halves_agree_on_the_session_key_of_the_standard),
        cmocka_unit_test(agreement_wipes_the_private_half),
        cmocka_unit_test(no_two_pairs_are_the_same),
        cmocka_unit_test(a_peer_of_low_order_is_refused_and_leaves_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
