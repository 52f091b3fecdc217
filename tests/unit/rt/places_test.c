/* Tests of places.c: who has a place, and who gives way. */
#define _DEFAULT_SOURCE /* struct sockaddr_in6 */
#include "rt/places.h"

#include "test_env.h"

#include <arpa/inet.h>
#include <string.h>

static struct places_address of(const char *text)
{
    struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
    struct sockaddr_in four = { .sin_family = AF_INET };
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1) {
        return places_address((const struct sockaddr *)(const void *)&four);
    }
    assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
    return places_address((const struct sockaddr *)(const void *)&six);
}

static bool is_same(const char *a, const char *b)
{
    struct places_address first = of(a);
    struct places_address second = of(b);
    return memcmp(&first, &second, sizeof(first)) == 0;
}

static enum places_verdict take(struct places *places, const char *who, const char *crowded)
{
    struct places_address address = of(who);
    struct places_address found = { { 0 } };
    enum places_verdict verdict = places_take(places, &address, &found);
    if (verdict == PLACES_GIVE_WAY) {
        struct places_address expected = of(crowded);
        assert_memory_equal(&found, &expected, sizeof(found));
    }
    return verdict;
}

static void give_back(struct places *places, const char *who)
{
    struct places_address address = of(who);
    places_give_back(places, &address);
}

static void an_address_is_an_ipv4_address_or_the_first_half_of_an_ipv6_address(void **state)
{
    (void)state;
    assert_true(is_same("192.0.2.7", "::ffff:192.0.2.7"));
    assert_false(is_same("192.0.2.7", "192.0.2.8"));
    assert_false(is_same("::ffff:192.0.2.7", "::ffff:192.0.2.8"));
    assert_true(is_same("2001:db8:1:2::1", "2001:db8:1:2:ffff::7"));
    assert_false(is_same("2001:db8:1:2::1", "2001:db8:1:3::1"));
}

static void free_places_are_for_anybody(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct places *places = places_new(&t.env, 4, 1);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(take(places, "192.0.2.1", NULL), PLACES_TAKEN);
    }
    assert_int_equal(places_taken(places), 4);
    assert_int_equal(take(places, "192.0.2.1", NULL), PLACES_CROWDED);
    give_back(places, "192.0.2.1");
    assert_int_equal(take(places, "192.0.2.1", NULL), PLACES_TAKEN);
    places_free(places);
    test_env_check(&t);
}

static void who_has_most_gives_way_to_who_has_less_than_his_share(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct places *places = places_new(&t.env, 8, 2);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(take(places, "192.0.2.1", NULL), PLACES_TAKEN);
    }
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(take(places, "2001:db8::1", NULL), PLACES_TAKEN);
    }
    for (unsigned i = 0; i < 2; i++) { /* one after another, up to its share */
        assert_int_equal(take(places, "192.0.2.3", "192.0.2.1"), PLACES_GIVE_WAY);
        give_back(places, "192.0.2.1");
        assert_int_equal(take(places, "192.0.2.3", NULL), PLACES_TAKEN);
    }
    assert_int_equal(take(places, "192.0.2.3", NULL), PLACES_CROWDED);
    assert_int_equal(take(places, "2001:db8::9", NULL), PLACES_CROWDED); /* the same site */
    assert_int_equal(places_taken(places), 8);
    places_free(places);
    test_env_check(&t);
}

static void when_nobody_has_more_than_his_share_nobody_gives_way(void **state)
{
    (void)state;
    struct test_env t;
    static const char *const who[] = { "192.0.2.1", "192.0.2.2" };
    test_env_init(&t);
    struct places *places = places_new(&t.env, 4, 2);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(take(places, who[i % 2], NULL), PLACES_TAKEN);
    }
    assert_int_equal(take(places, "192.0.2.3", NULL), PLACES_FULL);
    places_free(places);
    test_env_check(&t);
}

static void the_share_is_an_eighth_and_8_at_least(void **state)
{
    (void)state;
    static const struct {
        uint32_t max, share;
    } rows[] = { { 512, 64 }, { 64, 8 }, { 24, 8 } };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        struct test_env t;
        uint32_t n = 0;
        test_env_init(&t);
        struct places *places = places_new(&t.env, rows[i].max, 0);
        while (take(places, "192.0.2.1", NULL) == PLACES_TAKEN) {
        }
        while (take(places, "192.0.2.2", "192.0.2.1") == PLACES_GIVE_WAY) {
            give_back(places, "192.0.2.1");
            assert_int_equal(take(places, "192.0.2.2", NULL), PLACES_TAKEN);
            n++;
        }
        assert_int_equal(n, rows[i].share);
        places_free(places);
        test_env_check(&t);
    }
}

static void without_places_nobody_comes(void **state)
{
    (void)state;
    struct test_env t;
    test_env_init(&t);
    struct places *places = places_new(&t.env, 0, 0);
    assert_int_equal(take(places, "192.0.2.1", NULL), PLACES_FULL);
    places_free(places);
    places_free(NULL);
    t.fail_at = t.allocations + 1;
    assert_null(places_new(&t.env, 4, 0));
    test_env_check(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_an_ipv4_address_or_the_first_half_of_an_ipv6_address),
        cmocka_unit_test(free_places_are_for_anybody),
        cmocka_unit_test(who_has_most_gives_way_to_who_has_less_than_his_share),
        cmocka_unit_test(when_nobody_has_more_than_his_share_nobody_gives_way),
        cmocka_unit_test(the_share_is_an_eighth_and_8_at_least),
        cmocka_unit_test(without_places_nobody_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
