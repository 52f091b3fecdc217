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

static void sha256_of_the_published_examples(void **state)
{
    (void)state;
    static const struct {
        const char *octets;
        const char *digest;
    } rows[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "616263", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        uint8_t digest[BAS_SHA256_LEN];
        bas_sha256(test_hex(rows[i].octets), digest);
        assert_memory_equal(digest, test_hex(rows[i].digest).data, sizeof(digest));
    }
}

static void sha256_does_not_depend_on_the_parts(void **state)
{
    (void)state;
    uint8_t octets[200] = { 1, 2, 3 };
    uint8_t whole[BAS_SHA256_LEN];
    uint8_t digest[BAS_SHA256_LEN];
    bas_sha256((struct bas_slice){ octets, sizeof(octets) }, whole);
    struct bas_sha256_parts parts;
    bas_sha256_init(&parts);
    for (size_t cut = 0; cut <= sizeof(octets); cut += 7) { /* each run finds it ready again */
        bas_sha256_add(&parts, (struct bas_slice){ octets, cut });
        bas_sha256_add(&parts, (struct bas_slice){ octets + cut, sizeof(octets) - cut });
        bas_sha256_end(&parts, digest);
        assert_memory_equal(digest, whole, sizeof(digest));
    }
}

/* RFC 7914 section 11 publishes PBKDF2-HMAC-SHA-256 of "passwd", "salt". */
static void pbkdf2_of_the_published_example(void **state)
{
    (void)state;
    uint8_t key[64];
    bas_pbkdf2_sha256(test_hex("706173737764"), test_hex("73616c74"), 1, key, sizeof(key));
    assert_memory_equal(key,
                        test_hex("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
                                 "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783")
                            .data,
                        sizeof(key));
}

/* FIPS 197 appendix C.1. */
static void aes_block_of_the_standard(void **state)
{
    (void)state;
    struct bas_aes128 aes;
    uint8_t out[BAS_AES_BLOCK];
    bas_aes128_init(&aes, test_hex("000102030405060708090a0b0c0d0e0f").data);
    bas_aes128_encrypt(&aes, test_hex("00112233445566778899aabbccddeeff").data, out, sizeof(out));
    assert_memory_equal(out, test_hex("69c4e0d86a7b0430d8cdb78070b4c55a").data, sizeof(out));
}

/* SP 800-38A F.2.1, two blocks. */
static void cbc_of_the_standard_and_back(void **state)
{
    (void)state;
    const uint8_t *key = test_hex("2b7e151628aed2a6abf7158809cf4f3c").data;
    const uint8_t *iv = test_hex("000102030405060708090a0b0c0d0e0f").data;
    struct bas_slice plain =
        test_hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
    struct bas_slice cipher =
        test_hex("7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2");
    uint8_t out[32];
    bas_aes128_cbc_encrypt(key, iv, plain.data, out, sizeof(out));
    assert_memory_equal(out, cipher.data, sizeof(out));
    bas_aes128_cbc_decrypt(key, iv, out, out, sizeof(out));
    assert_memory_equal(out, plain.data, sizeof(out));
}

/* The worked example of 03_08_09, annex A. */
static void x25519_of_the_published_example(void **state)
{
    (void)state;
    const uint8_t *client =
        test_hex("b8fabd62665d8b9e8a9d8b1f4bca42c8c2789a6110f50e9dd785b3ede883f378").data;
    const uint8_t *server =
        test_hex("bdf099909923143ef0a5de0b3be3687bc5bd3cf5f9e6f901699cd870ec1ff824").data;
    uint8_t out[BAS_X25519_LEN];
    bas_x25519_public(client, out);
    assert_memory_equal(
        out, test_hex("0aa227b4fd7a32319ba9960ac036ce0e5c4507b5ae55161f1078b1dcfb3cb631").data, 32);
    assert_true(bas_x25519(client, server, out));
    assert_memory_equal(
        out, test_hex("d801525217618f0da90a4ff22148aee0ff4c19b430e8081223ffe99c81a98b05").data, 32);
}

static void x25519_refuses_a_peer_of_low_order(void **state)
{
    (void)state;
    static const uint8_t zero[BAS_X25519_LEN];
    uint8_t one[BAS_X25519_LEN] = { 1 };
    uint8_t key[BAS_X25519_LEN] = { 7 };
    uint8_t shared[BAS_X25519_LEN];
    assert_false(bas_x25519(key, zero, shared));
    assert_false(bas_x25519(key, one, shared));
    assert_memory_equal(shared, zero, sizeof(shared));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha1_of_the_published_examples),
        cmocka_unit_test(sha256_of_the_published_examples),
        cmocka_unit_test(sha256_does_not_depend_on_the_parts),
        cmocka_unit_test(pbkdf2_of_the_published_example),
        cmocka_unit_test(aes_block_of_the_standard),
        cmocka_unit_test(cbc_of_the_standard_and_back),
        cmocka_unit_test(x25519_of_the_published_example),
        cmocka_unit_test(x25519_refuses_a_peer_of_low_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
