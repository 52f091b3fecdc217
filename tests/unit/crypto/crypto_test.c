#include "test_env.h"

#include "crypto/crypto.h"

static void sha1_of_the_published_examples(void **state)
{
    (void)state;
    static const struct {
        const char *octets;
        const char *digest;
    } rows[] = {
        { "", "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
        { "616263", "a9993e364706816aba3e25717850c26c9cd0d89d" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        uint8_t digest[BAS_SHA1_LEN];
        bas_sha1(test_hex(rows[i].octets), digest);
        assert_memory_equal(digest, test_hex(rows[i].digest).data, sizeof(digest));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha1_of_the_published_examples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
